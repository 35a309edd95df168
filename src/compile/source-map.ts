import type { Position } from './diagnostic.ts'

/** The script line at which a program's code starts: line 1 holds the engine. */
export const FIRST_LINE = 2

/** Name of the source-map namespace that an author's files have inside the compiler. */
export const NAMESPACE = 'strategy'

/**
 * The place in the author's files that an error came from, or `undefined` where its stack names none: the topmost frame
 * that lies in the program and not in the engine.
 *
 * Reads the three formats in use: V8 `at onBar (strategy.js:3:7)`, Gecko `onBar@strategy.js:3:2` and WebKit
 * `onBar@blob:null/<uuid>:3:6`. `map` is the program's source map; `firstLine` the script line its code starts at.
 */
export function locate(stack: string, map: string, firstLine = FIRST_LINE): Position | undefined {
  let decoded: Decoded | undefined
  for (const frame of stack.split('\n')) {
    const match = /(?:^|[\s(@])(?:strategy\.js|blob:[^\s()]*):(\d+):(\d+)\)?\s*$/.exec(frame)
    if (!match) continue
    const line = Number(match[1]) - firstLine
    const column = Number(match[2]) - 1
    if (line < 0) continue
    decoded ??= decode(map)
    const position = original(decoded, line, column)
    if (position) return position
  }
  return undefined
}

/**
 * Where a handler begins in a script, as a line of a stack that `locate` takes: the best there is for what was thrown and is
 * no Error, since only those know their place. Empty where the script has no such handler, or more than one.
 *
 * @param firstLine the script line at which the program starts
 */
export function frameOfHandler(script: string, handler: string, firstLine = 1): string {
  if (!/^(?:on[A-Z]\w*|slippage|transactionCost)$/.test(handler)) return ''
  const begins = new RegExp(`^\\s*(?:async\\s+)?${handler}\\s*(?:\\(|=[^=])`)
  const lines = script.split('\n')
  const places = lines.flatMap((line, i) => (i + 1 >= firstLine && begins.test(line) ? [i] : []))
  return places.length === 1 ? `strategy.js:${places[0]! + 1}:${lines[places[0]!]!.search(/\S/) + 1}` : ''
}

/** One of several programs in a script. */
export interface PlacedProgram {
  readonly map: string
  /** The script line at which its code starts. */
  readonly firstLine: number
}

/**
 * As `locate`, in a script of several programs: also which of them it is.
 *
 * @param programs in the order of their lines
 */
export function locateAmong(
  stack: string,
  programs: readonly PlacedProgram[],
): { readonly program: number; readonly position: Position } | undefined {
  for (const frame of stack.split('\n')) {
    const line = Number(/:(\d+):\d+\)?\s*$/.exec(frame)?.[1])
    const program = programs.findLastIndex(({ firstLine }) => firstLine <= line)
    if (program < 0) continue
    const { map, firstLine } = programs[program]!
    const position = locate(frame, map, firstLine)
    if (position) return { program, position }
  }
  return undefined
}

/** The source map of a script of several programs, as an index of theirs: https://tc39.es/ecma426/#sec-index-source-map */
export function mapOfScripts(programs: readonly PlacedProgram[]): string {
  const sections = programs.map(({ map, firstLine }) => ({
    offset: { line: firstLine - 1, column: 0 },
    map: JSON.parse(map) as unknown,
  }))
  return JSON.stringify({ version: 3, sections })
}

/** A program's source map for the script that the program is part of, in which its code starts at `firstLine`. */
export function mapOfScript(map: string, firstLine = FIRST_LINE): string {
  const parsed = JSON.parse(map) as { mappings: string }
  return JSON.stringify({ ...parsed, mappings: ';'.repeat(firstLine - 1) + parsed.mappings })
}

interface Decoded {
  readonly sources: readonly string[]
  /** Per generated line: segments of column, source, line, column, all from 0, in order of the generated column. */
  readonly lines: readonly (readonly (readonly [number, number, number, number])[])[]
}

function original(map: Decoded, line: number, column: number): Position | undefined {
  const segments = map.lines[line]
  if (!segments?.length) return undefined
  const [, source, row, start] = segments.findLast(([generated]) => generated <= column) ?? segments[0]!
  const name = map.sources[source]
  // What the compiler itself added, such as the names of `outcry`, lies in other namespaces.
  return name?.startsWith(`${NAMESPACE}:`)
    ? { file: name.slice(NAMESPACE.length + 1), line: row + 1, column: start + 1 }
    : undefined
}

/** Reads a source map of version 3: https://tc39.es/ecma426/ */
function decode(text: string): Decoded {
  const { sources, mappings } = JSON.parse(text) as { sources: string[]; mappings: string }
  let source = 0
  let row = 0
  let start = 0
  const lines = mappings.split(';').map((line) => {
    let generated = 0
    const segments: [number, number, number, number][] = []
    for (const segment of line ? line.split(',') : []) {
      const fields = vlq(segment)
      generated += fields[0]!
      if (fields.length < 4) continue
      source += fields[1]!
      row += fields[2]!
      start += fields[3]!
      segments.push([generated, source, row, start])
    }
    return segments
  })
  return { sources, lines }
}

const digits = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'

/** Base64 VLQ: groups of five bits, least first, the sixth bit says that more follow; the lowest bit of the value is its sign. */
function vlq(text: string): number[] {
  const values: number[] = []
  let value = 0
  let shift = 0
  for (const char of text) {
    const digit = digits.indexOf(char)
    value += (digit & 31) << shift
    shift += 5
    if (digit & 32) continue
    values.push(value & 1 ? -(value >> 1) : value >> 1)
    value = shift = 0
  }
  return values
}
