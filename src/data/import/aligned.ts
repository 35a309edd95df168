import { isTimeLike } from './cells.ts'
import { numberLike } from './numbers.ts'

const SPACE = 0x20
const TAB = 0x09
const LINE_FEED = 0x0a
const RETURN = 0x0d

/**
 * How many spaces at least set the columns of a table apart that is written to be read by eye, its columns filled up with
 * spaces; undefined for text that is no such table. Two, where that cuts the lines alike: single ones may then stand
 * inside times and names.
 *
 * @param lines the first lines of the text, whole
 */
export function spacesBetween(lines: readonly string[]): 1 | 2 | undefined {
  const filled = lines.filter((line) => line.trim() !== '').slice(0, 120)
  if (filled.length < 2) return undefined
  const padded = filled.filter((line) => / {2}/.test(line.trim())).length
  // A table that is set apart by marks may be filled up as well.
  if (padded < filled.length * 0.5 || filled.some((line) => /[;\t|]/.test(line))) return undefined
  for (const least of [2, 1] as const) {
    const rows = filled.map((line) => line.trim().split(least === 2 ? / {2,}/ : / +/))
    const width = rows.at(-1)!.length
    const alike = rows.filter((row) => row.length === width)
    if (width < 3 || alike.length < rows.length * 0.9) continue
    const last = alike.at(-1)!
    if (last.filter((cell) => numberLike(cell) !== 'no' || isTimeLike(cell)).length * 2 >= width) return least
  }
  return undefined
}

/** The same table with a tab between its columns; lines stay lines. */
export async function* withTabs(
  chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  least: 1 | 2,
): AsyncGenerator<Uint8Array> {
  let spaces = 0
  let begun = false
  for await (const chunk of chunks) {
    // A space may wait from the chunk before.
    const out = new Uint8Array(chunk.length + 1)
    let size = 0
    for (const byte of chunk) {
      if (byte === SPACE) {
        spaces++
        continue
      }
      const ends = byte === LINE_FEED || byte === RETURN
      // Spaces before the first column and after the last set nothing apart.
      if (spaces > 0 && begun && !ends) out[size++] = spaces >= least ? TAB : SPACE
      spaces = 0
      begun = !ends
      out[size++] = byte
    }
    yield out.subarray(0, size)
  }
}
