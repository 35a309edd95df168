import type { Diagnostic } from '#compile'
import type { RunRecord } from '#engine'
import { number } from './format.ts'
import type { Result } from './run.ts'

/** A message about a place in the strategy, perhaps with the moment of the run at which it arose. */
export interface Problem extends Omit<Diagnostic, 'source'> {
  readonly source: Diagnostic['source'] | 'orders'
  /** Microseconds UTC; NaN before the first bar. */
  readonly time?: number
  /** Bars read when it happened. */
  readonly bar?: number
}

/** The refused requests of a run, one problem per reason with how often and when first. */
export function refusals(result: Pick<Result, 'record'>, file: string): Problem[] {
  const first = new Map<string, { entry: RunRecord['refusals'][number]; count: number }>()
  for (const entry of result.record.refusals) {
    // What the rules decided about the account is no problem of an order.
    if (entry.kind === 'state') continue
    const known = first.get(entry.code)
    if (known) known.count++
    else first.set(entry.code, { entry, count: 1 })
  }
  return [...first.values()].map(({ entry, count }) => ({
    file,
    line: 0,
    column: 0,
    length: 1,
    message: count === 1 ? entry.reason : `${entry.reason} The first of ${number(count)} like it.`,
    severity: 'warning',
    source: 'orders',
    bar: entry.bar,
    time: entry.time,
  }))
}
