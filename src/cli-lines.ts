import { closeSync, fstatSync, openSync, readSync } from 'node:fs'
import { basename } from 'node:path'
import { Gunzip, Unzip, UnzipInflate } from 'fflate'
import { type RecordingLayout, recordingLayout, recordingLimits } from '#exchange'
import { UsageError } from './cli-usage.ts'

/** Bytes that are read at a time, and packed bytes that are unpacked at a time: 16 KB become at most 16 MB. */
const pieceBytes = 1 << 20
const packedBytes = 1 << 14
/** Lines, and bytes of a file within a zip file, by which a layout is told. */
const headLines = 20
const headBytes = 1 << 14

const messages: readonly RecordingLayout[] = ['lobster', 'operations']

/**
 * Cuts text into lines as its bytes come: UTF-8 or, where it begins with the mark of that, UTF-16. Of a line that is longer
 * than a recording's lines may be it keeps some letters more than that, so that who reads it sees that it is too long.
 */
export class LineCutter {
  #decoder: TextDecoder | undefined
  #rest = ''

  /** The lines that end in a piece. */
  cut(piece: Uint8Array): string[] {
    this.#decoder ??= new TextDecoder(encodingOf(piece))
    return this.#lines(this.#decoder.decode(piece, { stream: true }))
  }

  /** What is left when nothing more comes. */
  end(): string[] {
    const lines = this.#lines(`${this.#decoder?.decode() ?? ''}\n`)
    return lines.at(-1) === '' ? lines.slice(0, -1) : lines
  }

  #lines(more: string): string[] {
    let text = this.#rest + more
    // The second half of a line's end may still come.
    const held = text.endsWith('\r') ? '\r' : ''
    if (held) text = text.slice(0, -1)
    const lines = text.split(/\r\n|\n|\r/)
    this.#rest = lines.pop()!.slice(0, recordingLimits.line + 1) + held
    return lines
  }
}

function encodingOf([a, b]: Uint8Array): string {
  if (a === 0xff && b === 0xfe) return 'utf-16le'
  return a === 0xfe && b === 0xff ? 'utf-16be' : 'utf-8'
}

/**
 * The lines of a file of any length, empty ones too, read piece by piece. What gzip or zip packed is unpacked on the way; of
 * several files in a zip file the first of one of the layouts is taken.
 *
 * @throws UsageError where a packed file is damaged
 */
export function* linesOf(path: string, layouts = messages): Generator<string> {
  const cutter = new LineCutter()
  for (const piece of unpacked(path, layouts)) yield* cutter.cut(piece)
  yield* cutter.end()
}

/** The lines of what comes in, packed by gzip or not. */
export async function* linesOfInput(input: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const cutter = new LineCutter()
  let unpack: Unpack | undefined
  for await (const piece of input) {
    unpack ??= isGzip(piece) ? gunzipper('Standard input') : (plain) => [plain]
    for (const part of unpack(piece, false)) yield* cutter.cut(part)
  }
  for (const part of unpack?.(new Uint8Array(0), true) ?? []) yield* cutter.cut(part)
  yield* cutter.end()
}

/** What the beginning of a file shows. */
export interface Head {
  readonly layout: RecordingLayout | undefined
  /** Its first lines that are not empty. */
  readonly first: readonly string[]
}

/** The first lines of a file, and the layout that they have. */
export function headOf(path: string): Head {
  const first: string[] = []
  for (const line of linesOf(path)) if (line.trim() !== '' && first.push(line) === headLines) break
  return { first, layout: recordingLayout(first) }
}

/** The last line of a file that is not empty; a packed file is gone through for it. */
export function lastLine(path: string): string | undefined {
  const [start] = piecesOf(path)
  if (start === undefined) return undefined
  let last: string | undefined
  if (isGzip(start) || isZip(start) || encodingOf(start) !== 'utf-8') {
    for (const line of linesOf(path)) if (line.trim() !== '') last = line
    return last
  }
  const file = openSync(path, 'r')
  try {
    const { size } = fstatSync(file)
    // The longest line that may be, in letters of four bytes, and some that may be empty behind it.
    const end = new Uint8Array(Math.min(size, 8 * recordingLimits.line))
    readSync(file, end, 0, end.length, size - end.length)
    const lines = new TextDecoder().decode(end).split(/\r\n|\n|\r/)
    return lines.findLast((line) => line.trim() !== '')
  } finally {
    closeSync(file)
  }
}

// What is packed

const isGzip = (start: Uint8Array) => start[0] === 0x1f && start[1] === 0x8b
const isZip = (start: Uint8Array) =>
  start[0] === 0x50 && start[1] === 0x4b && start[2] === 3 && start[3] === 4

/** The bytes of a file as they stand on the disk. */
function* piecesOf(path: string): Generator<Uint8Array> {
  const file = openSync(path, 'r')
  try {
    for (;;) {
      const piece = new Uint8Array(pieceBytes)
      const read = readSync(file, piece)
      if (read === 0) return
      yield piece.subarray(0, read)
    }
  } finally {
    closeSync(file)
  }
}

/** The bytes of a file, or of what is packed in it. */
function* unpacked(path: string, layouts: readonly RecordingLayout[]): Generator<Uint8Array> {
  let unpack: Unpack | undefined
  let first = true
  for (const piece of piecesOf(path)) {
    if (first && isZip(piece)) return yield* unzipped(path, chosenIn(path, layouts))
    if (first && isGzip(piece)) unpack = gunzipper(path)
    first = false
    if (unpack) yield* unpack(piece, false)
    else yield piece
  }
  if (unpack) yield* unpack(new Uint8Array(0), true)
}

type Unpack = (piece: Uint8Array, last: boolean) => Iterable<Uint8Array>

const damaged = (name: string, kind: string, error: unknown) =>
  new UsageError(
    `${name}: this ${kind} file is damaged or cut off (${error instanceof Error ? error.message : String(error)}); fetch it anew.`,
  )

function gunzipper(name: string): Unpack {
  const ready: Uint8Array[] = []
  const gunzip = new Gunzip((piece) => void ready.push(piece))
  return function* (piece, last) {
    for (let at = 0; at < piece.length || last; at += packedBytes) {
      try {
        gunzip.push(piece.subarray(at, at + packedBytes), last)
      } catch (error) {
        throw damaged(name, 'gzip', error)
      }
      yield* ready.splice(0)
      if (last) return
    }
  }
}

/** A file in a zip file, with what has been unpacked of it and not been taken. */
interface Packed {
  readonly name: string
  readonly ready: Uint8Array[]
  ended: boolean
}

/** Goes through a zip file and shows, after each piece of it, the files that have been met. */
function* zipped(path: string): Generator<readonly Packed[]> {
  const files: Packed[] = []
  let problem: unknown
  const unzip = new Unzip((file) => {
    const packed: Packed = { name: file.name, ready: [], ended: false }
    const shown = basename(file.name)
    if (!(file.name.endsWith('/') || shown.startsWith('.') || file.name.startsWith('__MACOSX/')))
      files.push(packed)
    file.ondata = (error, piece, last) => {
      problem ??= error
      if (piece) packed.ready.push(piece)
      packed.ended = last
    }
    file.start()
  })
  unzip.register(UnzipInflate)
  for (const piece of piecesOf(path))
    for (let at = 0; at < piece.length; at += packedBytes) {
      try {
        unzip.push(piece.subarray(at, at + packedBytes), false)
      } catch (error) {
        problem ??= error
      }
      if (problem) throw damaged(path, 'zip', problem)
      yield files
    }
  if (files.length === 0) throw damaged(path, 'zip', new Error('it holds no file'))
  if (!files.every(({ ended }) => ended)) throw damaged(path, 'zip', new Error('it ends too early'))
}

/** The place of the file in a zip file that has one of some layouts; of the first where none has. */
function chosenIn(path: string, layouts: readonly RecordingLayout[]): number {
  const heads: Uint8Array[] = []
  for (const files of zipped(path))
    for (const [place, { ready, ended }] of files.entries()) {
      const pieces = ready.splice(0)
      const known = heads[place]?.length ?? 0
      if (known >= headBytes || (heads[place] && pieces.length === 0 && !ended)) continue
      const head = Buffer.concat([heads[place] ?? new Uint8Array(0), ...pieces]).subarray(0, headBytes)
      heads[place] = head
      if (head.length < headBytes && !ended) continue
      const cutter = new LineCutter()
      const lines = [...cutter.cut(head), ...(ended ? cutter.end() : [])]
      const layout = recordingLayout(lines)
      if (layout !== undefined && layouts.includes(layout)) return place
    }
  return 0
}

function* unzipped(path: string, place: number): Generator<Uint8Array> {
  for (const files of zipped(path))
    for (const [at, { ready, ended }] of files.entries()) {
      const pieces = ready.splice(0)
      if (at !== place) continue
      yield* pieces
      if (ended) return
    }
}
