import { nearest } from '#session'

/** A question that names the candidate nearest to what was typed; empty when none is near. */
export function meant(typed: string, candidates: readonly string[]): string {
  const near = nearest(typed, candidates)
  return near === undefined ? '' : ` Did you mean ${near}?`
}

export const instant = (time: number) =>
  new Date(time / 1000).toISOString().replace('T00:00:00.000Z', '').replace('.000Z', 'Z')
export const count = (value: number) => value.toLocaleString('en-US')

/** A count with what is counted: `1 row`, `1,200 rows`. */
export const counted = (value: number, one: string, many = `${one}s`) =>
  `${count(value)} ${value === 1 ? one : many}`

/** Names as a sentence lists them. */
export const listed = (names: readonly string[]) =>
  names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} and ${names.at(-1)!}`

export function decimals(value: number, digits: number): string {
  if (Number.isNaN(value)) return '-'
  if (!Number.isFinite(value)) return value > 0 ? 'infinite' : '-infinite'
  // A value that rounds to zero has no sign.
  const rounded = Number(value.toFixed(digits)) === 0 ? 0 : value
  return rounded.toLocaleString('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits })
}

export const money = (value: number) => decimals(value, 2)
export const percent = (fraction: number) =>
  Number.isFinite(fraction) ? `${decimals(fraction * 100, 1)} %` : decimals(fraction, 0)

/** Rows of cells: the first column to the left, the others to the right. */
export function table(rows: readonly (readonly string[])[]): string {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)))
  return rows
    .map((row) =>
      row
        .map((cell, column) => (column === 0 ? cell.padEnd(widths[0]!) : cell.padStart(widths[column]! + 3)))
        .join('')
        .trimEnd(),
    )
    .join('\n')
}

/** Options with what they do, one a line. */
export const optionLines = (all: Readonly<Record<string, readonly [string, string]>>) =>
  Object.entries(all)
    .map(([name, [value, text]]) => `  ${`--${name} ${value} `.padEnd(24)}${text}`)
    .join('\n')

/** A message that may quote a file or a program: what a terminal would carry out instead of showing it is spelled out. */
export const visible = (text: string) =>
  text.replace(/[\0-\x08\x0b-\x1f\x7f-\x9f]/g, (letter) => `\\u{${letter.codePointAt(0)!.toString(16)}}`)
