/** Hue of a figure; its sign says the same. */
export type Tone = 'gain' | 'loss' | 'muted' | 'warn' | 'error' | undefined

/** One column of a table. Rows are numbers: the table never holds the data itself. */
export interface Column {
  readonly id: string
  readonly label: string
  /** Explains the heading where its words are not enough. */
  readonly help?: string
  /** Least width in pixels, 72 when left out; what is left over is shared in proportion. */
  readonly width?: number
  /** Right-aligned, and sorted largest first on the first press. */
  readonly numeric?: boolean
  /** What rows are ordered by and what a copy holds. */
  readonly value: (row: number) => number | string
  /** What is shown; `value` when left out. */
  readonly text?: (row: number) => string
  readonly tone?: (row: number) => Tone
  /** Left out of the table, where it says nothing that is not plain there; a copy has it. */
  readonly onlyCopied?: boolean
}

/** Order of a table's rows. */
export interface Sort {
  readonly column: string
  readonly descending: boolean
}

/** The given rows in the order asked for; NaN always last, ties in the order given. */
export function sorted(rows: readonly number[], columns: readonly Column[], sort?: Sort): readonly number[] {
  const column = columns.find((candidate) => candidate.id === sort?.column)
  if (!column || !sort) return rows
  const direction = sort.descending ? -1 : 1
  const keyed = rows.map((row) => ({ row, key: column.value(row) }))
  const missing = (key: number | string) => typeof key === 'number' && Number.isNaN(key)
  keyed.sort((a, b) => {
    if (missing(a.key) || missing(b.key)) return Number(missing(a.key)) - Number(missing(b.key))
    return a.key < b.key ? -direction : a.key > b.key ? direction : 0
  })
  return keyed.map(({ row }) => row)
}

/**
 * The rows as comma-separated text with a heading, CRLF line ends as RFC 4180 has them. Numbers are written in
 * full with a point; text that a spreadsheet would take for a formula is led by an apostrophe.
 */
export function csv(rows: readonly number[], columns: readonly Column[]): string {
  const cell = (value: number | string) => {
    if (typeof value === 'number') return Number.isFinite(value) ? String(value) : ''
    const safe = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value
    return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
  }
  return [
    columns.map((column) => cell(column.label)),
    ...rows.map((row) => columns.map((column) => cell(column.value(row)))),
  ]
    .map((cells) => cells.join(',') + '\r\n')
    .join('')
}
