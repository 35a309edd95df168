import { isTimeLike } from './cells.ts'
import { guess } from './guess.ts'
import type { Guess } from './layout.ts'
import { numberLike } from './numbers.ts'
import { Papa } from './papa.ts'

/** Whether bytes are UTF-8, but for a letter that is cut at their end. */
export function isUtf8(bytes: Uint8Array): boolean {
  for (let i = 0; i < bytes.length; i++) {
    const byte = bytes[i]!
    if (byte < 0x80) continue
    const more = byte >= 0xf0 ? 3 : byte >= 0xe0 ? 2 : byte >= 0xc2 ? 1 : 0
    if (more === 0 || byte > 0xf4) return false
    // The sample may cut the last letter.
    for (let k = 1; k <= more && i + k < bytes.length; k++) if ((bytes[i + k]! & 0xc0) !== 0x80) return false
    i += more
  }
  return true
}

/** Lines as cells. A line whose quotes do not pair is split plainly, so that it swallows none of the others. */
export function splitLines(lines: readonly string[], delimiter: string): string[][] {
  const paired = lines.filter((line) => (line.split('"').length & 1) === 1)
  const { data } = Papa.parse<string[]>(paired.join('\n'), { delimiter, newline: '\n' })
  if (data.length === paired.length && paired.length === lines.length) return data
  return lines.map((line) => line.split(delimiter).map((cell) => cell.replace(/^"(.*)"$/, '$1')))
}

const delimiterNames: Readonly<Record<string, string>> = {
  ',': 'commas',
  ';': 'semicolons',
  '\t': 'tabs',
  '|': 'bars',
  ' ': 'spaces',
}

/** The mark that cuts most lines into the same number of cells that are times and numbers. */
export function findDelimiter(lines: readonly string[]): Guess<string> | undefined {
  const sample = lines.filter((line) => line.trim() !== '').slice(0, 120)
  let best: { delimiter: string; score: number; width: number } | undefined
  for (const delimiter of [',', ';', '\t', '|', ' ']) {
    const rows = splitLines(sample, delimiter)
    const counts = new Map<number, number>()
    for (const row of rows) counts.set(row.length, (counts.get(row.length) ?? 0) + 1)
    const [width, share] = [...counts].reduce((a, b) =>
      b[1] > a[1] || (b[1] === a[1] && b[0] > a[0]) ? b : a,
    )
    if (width < 2) continue
    let known = 0
    let cells = 0
    for (const row of rows)
      if (row.length === width)
        for (const cell of row) {
          cells++
          if (numberLike(cell) !== 'no' || isTimeLike(cell)) known++
        }
    // Spaces also stand inside times and names.
    const score =
      (share / rows.length) * (0.1 + known / cells) * (delimiter === ' ' ? 0.5 : 1) +
      Math.min(width, 20) * 1e-3
    if (!best || score > best.score) best = { delimiter, score, width }
  }
  if (!best) return undefined
  return guess(
    best.delimiter,
    Math.min(0.99, best.score),
    `${delimiterNames[best.delimiter]} cut the lines into ${best.width} fields`,
  )
}
