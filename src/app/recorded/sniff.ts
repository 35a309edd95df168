import { recordingLayout } from '#exchange'

/** Bytes by which a file is told apart. */
const sniffed = 1 << 14

/** Whether there are recorded orders among some files: messages of an exchange, or operations, rather than prices. */
export async function hasRecordedOrders(files: readonly Blob[]): Promise<boolean> {
  for (const file of files) {
    const layout = await layoutOf(file).catch(() => undefined)
    if (layout === 'lobster' || layout === 'operations') return true
  }
  return false
}

/** The layout of a file of recorded orders, packed or not; undefined for any other file. */
async function layoutOf(file: Blob): Promise<ReturnType<typeof recordingLayout>> {
  const head = new Uint8Array(await file.slice(0, sniffed).arrayBuffer())
  // The first file in a zip is named before it comes; what is within shows when it is unpacked.
  if (head[0] === 0x50 && head[1] === 0x4b)
    return /_(message|orderbook)_\d+\.csv/.test(new TextDecoder('latin1').decode(head.subarray(0, 512)))
      ? 'lobster'
      : undefined
  return recordingLayout(firstLines(head[0] === 0x1f && head[1] === 0x8b ? await gunzipped(file) : head))
}

/** The lines of the first bytes of a file, the last of which may be cut and is left out where there are others. */
export function firstLines(head: Uint8Array): string[] {
  const lines = new TextDecoder().decode(head).split(/\r?\n/)
  return head.length < sniffed || lines.length === 1 ? lines : lines.slice(0, -1)
}

/** The first bytes that a gzip file unpacks to. */
async function gunzipped(file: Blob): Promise<Uint8Array> {
  const reader = file.stream().pipeThrough(new DecompressionStream('gzip')).getReader()
  try {
    const { value } = await reader.read()
    return (value ?? new Uint8Array()).subarray(0, sniffed)
  } finally {
    void reader.cancel().catch(() => {})
  }
}
