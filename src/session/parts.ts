import type { SeatRecord } from '#engine'
import { allFinite, check, type Column, column, isRecord, list, named, text, whole } from './check.ts'
import type { Fields } from './check.ts'
import { declarations, inputsOf } from './declared.ts'

/** What one of several strategies left behind, as it travels; its name and its cash are known where it arrives. */
export type Part = Omit<SeatRecord, 'name' | 'cash' | 'digest'> & { readonly digest: string }

/** The head of a part; its columns are added to `columns`. */
export function packPart({ inputs, declarations, plots, curve, digest }: Part, columns: Column[]): object {
  columns.push(curve.value, curve.cash, ...plots.map(({ values }) => values))
  const lines = plots.map(({ name, pane, instrument }) => ({ name, pane, instrument }))
  return { inputs, declarations, plots: lines, digest }
}

/**
 * Reads a part that is not to be believed. That its lines are as long as what they stand beside is for the reader of the
 * record, which follows.
 *
 * @param rows most rows of a column
 * @param lines most lines that it draws
 */
export function readPart(fields: Fields, columns: readonly unknown[], rows: number, lines: number): Part {
  const curve = {
    value: column(columns, 0, Float64Array, rows),
    cash: column(columns, 1, Float64Array, rows),
  }
  for (const values of [curve.value, curve.cash]) allFinite('equity', values)
  const plots = list(fields, 'plots', lines).map((plot, at) => {
    check(isRecord(plot), 'a plot', plot)
    return {
      name: named(plot, 'name'),
      pane: named(plot, 'pane'),
      instrument: whole(plot, 'instrument', Number.MAX_SAFE_INTEGER),
      values: column(columns, 2 + at, Float64Array, rows),
    }
  })
  check(columns.length === 2 + plots.length, `${2 + plots.length} columns`, columns.length)
  const digest = text(fields, 'digest', 64)
  check(/^[0-9a-f]{64}$/.test(digest), 'a digest of 64 hexadecimal digits', digest)
  const declared = declarations(fields)
  return { inputs: inputsOf(fields, declared), declarations: declared, plots, curve, digest }
}
