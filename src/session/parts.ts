import type { RunRecord, SeatRecord } from '#engine'
import { allFinite, check, type Column, column, isRecord, list, named, text, whole } from './check.ts'
import type { Fields } from './check.ts'
import { declarations, inputsOf } from './declared.ts'

/** Currencies beside the account's that balances may be in. */
const mostCurrencies = 100

/** What one of several strategies left behind, as it travels; its name and its cash are known where it arrives. */
export type Part = Omit<SeatRecord, 'name' | 'cash' | 'digest'> & { readonly digest: string }

/** What travels of a strategy's record. */
export function partOf({ inputs, declarations, plots, equity, currencies, digest }: RunRecord): Part {
  const { value, cash } = equity
  const others = currencies && { others: currencies.map((currency) => currency.cash) }
  return { inputs, declarations, plots, curve: { value, cash, ...others }, digest }
}

/** The head of a part; its columns are added to `columns`. */
export function packPart({ inputs, declarations, plots, curve, digest }: Part, columns: Column[]): object {
  const { value, cash, others = [] } = curve
  columns.push(value, cash, ...plots.map(({ values }) => values), ...others)
  const lines = plots.map(({ name, pane, instrument }) => ({ name, pane, instrument }))
  return { inputs, declarations, plots: lines, others: others.length, digest }
}

/**
 * Reads a part that is not to be believed. That its lines are as long as what they stand beside, and its balances in as many
 * currencies as there are, is for the reader of the record, which follows.
 *
 * @param rows most rows of a column
 * @param lines most lines that it draws
 */
export function readPart(fields: Fields, columns: readonly unknown[], rows: number, lines: number): Part {
  const curve = {
    value: column(columns, 0, Float64Array, rows),
    cash: column(columns, 1, Float64Array, rows),
  }
  const plots = list(fields, 'plots', lines).map((plot, at) => {
    check(isRecord(plot), 'a plot', plot)
    return {
      name: named(plot, 'name'),
      pane: named(plot, 'pane'),
      instrument: whole(plot, 'instrument', Number.MAX_SAFE_INTEGER),
      values: column(columns, 2 + at, Float64Array, rows),
    }
  })
  const others = Array.from({ length: whole(fields, 'others', mostCurrencies) }, (_, at) =>
    column(columns, 2 + plots.length + at, Float64Array, rows),
  )
  for (const values of [curve.value, curve.cash, ...others]) allFinite('equity', values)
  const count = 2 + plots.length + others.length
  check(columns.length === count, `${count} columns`, columns.length)
  const digest = text(fields, 'digest', 64)
  check(/^[0-9a-f]{64}$/.test(digest), 'a digest of 64 hexadecimal digits', digest)
  const declared = declarations(fields)
  const withOthers = others.length > 0 ? { ...curve, others } : curve
  return { inputs: inputsOf(fields, declared), declarations: declared, plots, curve: withOthers, digest }
}
