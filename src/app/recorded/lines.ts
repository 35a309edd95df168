/** Bytes that are taken from a file at a time. */
const piece = 1 << 20
/** Letters after which a line without an end is given away as it is. */
const longest = 1 << 20

/** The bytes of a file in pieces. */
export async function* pieces(file: Blob): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < file.size; at += piece)
    yield new Uint8Array(await file.slice(at, at + piece).arrayBuffer())
}

/** The lines of a file that are not empty, some at a time, each time with the bytes that have been read. */
export async function* linesOf(
  file: Blob,
): AsyncGenerator<{ readonly lines: readonly string[]; readonly bytes: number }> {
  const decoder = new TextDecoder()
  let rest = ''
  let bytes = 0
  for await (const part of pieces(file)) {
    bytes += part.length
    const lines = (rest + decoder.decode(part, { stream: true })).split(/\r?\n/)
    rest = lines.pop()!
    if (rest.length > longest) lines.push(rest.slice(0, longest))
    if (rest.length > longest) rest = ''
    yield { lines: lines.filter(notEmpty), bytes }
  }
  const last = rest + decoder.decode()
  if (notEmpty(last)) yield { lines: [last], bytes }
}

const notEmpty = (line: string) => line.trim() !== ''
