import { Gunzip, Unzip, UnzipInflate } from 'fflate'

/** Bytes of a file as they come. */
export type Chunks = AsyncIterable<Uint8Array> | Iterable<Uint8Array>

/** One file out of what was given: the file itself, or what a zip or gzip file holds. */
export interface Entry {
  /** Name without folders; undefined where nothing names it. */
  readonly name: string | undefined
  /** What it was wrapped in, outermost first. */
  readonly packed: readonly string[]
  /** The bytes. They must be read to their end, or left by `return`, before the next entry is asked for. */
  readonly chunks: AsyncGenerator<Uint8Array>
}

/** A packed file that cannot be unpacked. */
export class UnpackError extends Error {}

/** Compressed bytes that are unpacked at a time: 16 KB become at most 16 MB. */
const step = 1 << 14
const deepest = 3

/** The files in what was given, each to be read before the next. */
export async function* entries(
  source: Chunks,
  name: string | undefined,
  packed: readonly string[] = [],
): AsyncGenerator<Entry> {
  const { head, chunks } = await peek(source)
  if (packed.length < deepest && head[0] === 0x1f && head[1] === 0x8b)
    yield* entries(gunzip(chunks), name?.replace(/\.gz$/i, ''), [...packed, 'gzip'])
  else if (
    packed.length < deepest &&
    head[0] === 0x50 &&
    head[1] === 0x4b &&
    head[2] === 3 &&
    head[3] === 4
  ) {
    for await (const file of unzip(chunks)) yield* entries(file.chunks, file.name, [...packed, 'zip'])
  } else yield { name, packed, chunks }
}

/** The first bytes, and all chunks from the start. */
async function peek(source: Chunks): Promise<{ head: Uint8Array; chunks: AsyncGenerator<Uint8Array> }> {
  const iterator = toGenerator(source)
  const held: Uint8Array[] = []
  let size = 0
  while (size < 4) {
    const { done, value } = await iterator.next()
    if (done) break
    if (value.length > 0) held.push(value)
    size += value.length
  }
  return { head: concat(held, Math.min(size, 1 << 16)), chunks: resume() }
  async function* resume() {
    try {
      yield* held
      held.length = 0
      yield* iterator
    } finally {
      await iterator.return(undefined)
    }
  }
}

async function* toGenerator(source: Chunks): AsyncGenerator<Uint8Array> {
  yield* source
}

/** Chunks in one piece. */
export function concat(chunks: readonly Uint8Array[], limit = Infinity): Uint8Array {
  const size = Math.min(
    limit,
    chunks.reduce((sum, chunk) => sum + chunk.length, 0),
  )
  if (chunks.length === 1 && chunks[0]!.length === size) return chunks[0]!
  const all = new Uint8Array(size)
  let at = 0
  for (const chunk of chunks) {
    const part = chunk.subarray(0, size - at)
    all.set(part, at)
    at += part.length
    if (at === size) break
  }
  return all
}

async function* gunzip(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const ready: Uint8Array[] = []
  const inflate = new Gunzip((data) => void ready.push(data))
  const push = (data: Uint8Array, last: boolean) => {
    try {
      inflate.push(data, last)
    } catch (error) {
      throw new UnpackError(
        `The gzip file is damaged: ${error instanceof Error ? error.message : String(error)}.`,
      )
    }
  }
  for await (const chunk of chunks)
    for (let at = 0; at < chunk.length; at += step) {
      push(chunk.subarray(at, at + step), false)
      yield* ready.splice(0)
    }
  push(new Uint8Array(0), true)
  yield* ready.splice(0)
}

async function* unzip(
  chunks: AsyncIterable<Uint8Array>,
): AsyncGenerator<{ name: string; chunks: AsyncGenerator<Uint8Array> }> {
  interface Part {
    name: string
    ready: Uint8Array[]
    ended: boolean
    error?: string
  }
  const parts: Part[] = []
  let names = 0
  const archive = new Unzip((file) => {
    names++
    const name = file.name.replace(/^.*\//, '')
    // Folders, and what macOS adds.
    if (name === '' || name.startsWith('.') || file.name.startsWith('__MACOSX/')) return
    const part: Part = { name: file.name, ready: [], ended: false }
    parts.push(part)
    file.ondata = (error, data, final) => {
      if (error) part.error = error.message
      else if (data.length > 0) part.ready.push(data)
      if (final || error) part.ended = true
    }
    try {
      file.start()
    } catch {
      part.error = 'it is packed in a way that is not supported'
      part.ended = true
    }
  })
  archive.register(UnzipInflate)
  const input = chunks[Symbol.asyncIterator]()
  let rest: Uint8Array | undefined
  let at = 0
  let over = false
  /** Pushes the next piece; false when there is none. */
  const advance = async (): Promise<boolean> => {
    if (over) return false
    while (!rest || at >= rest.length) {
      const { done, value } = await input.next()
      if (done) {
        over = true
        try {
          archive.push(new Uint8Array(0), true)
        } catch {
          // What is missing shows in the parts that have not ended.
        }
        for (const part of parts)
          if (!part.ended) {
            part.ended = true
            part.error ??= 'the file ends too early'
          }
        return false
      }
      rest = value
      at = 0
    }
    try {
      archive.push(rest.subarray(at, at + step), false)
    } catch (error) {
      throw new UnpackError(
        `The zip file is damaged: ${error instanceof Error ? error.message : String(error)}.`,
      )
    }
    at += step
    return true
  }
  async function* read(part: Part): AsyncGenerator<Uint8Array> {
    for (;;) {
      yield* part.ready.splice(0)
      if (part.error !== undefined) throw new UnpackError(`${part.name} cannot be unpacked: ${part.error}.`)
      if (part.ended) return
      await advance()
    }
  }
  for (;;) {
    const part = parts.shift()
    if (part) {
      const chunks = read(part)
      yield { name: part.name, chunks }
      // Whatever was not asked for is let go.
      while (!part.ended) {
        await advance()
        part.ready.length = 0
      }
    } else if (!(await advance())) {
      if (parts.length > 0) continue
      if (names === 0) throw new UnpackError('The zip file is damaged or holds no files.')
      return
    }
  }
}
