import type { RunRecord } from '#engine'
import { volume } from '../format.ts'
import type { Result } from '../run.ts'

/** What one strategy of a run came to, or all of them. */
export interface PartFigures {
  readonly name: string
  /** Cash at the start, and its fraction of the account's. */
  readonly cash: number
  readonly share: number
  readonly equity: number
  readonly profit: number
  readonly return: number
  readonly drawdown: number
  /** Open ones included. */
  readonly trades: number
  readonly fees: number
  /** What is held at the end, such as `12 AAPL`; empty for nothing. */
  readonly open: string
}

/** The figures of every strategy, which add up to those of the account but for its drawdown. */
export function partFigures({ record, report, together }: Pick<Result, 'record' | 'report' | 'together'>): {
  readonly parts: readonly PartFigures[]
  readonly account: PartFigures
} {
  const of = (name: string, run: RunRecord, { account, all }: Result['report']): PartFigures => ({
    name,
    cash: run.settings.cash,
    share: run.settings.cash / record.settings.cash,
    equity: account.finalEquity,
    profit: account.finalEquity - account.startEquity,
    return: account.totalReturn,
    drawdown: account.maxDrawdown,
    trades: all.trades + all.openTrades,
    fees: account.fees,
    open: heldAtEnd(run),
  })
  return {
    parts: (record.strategies ?? []).map((part, place) => of(part.name, part, together!.parts[place]!)),
    account: of('Account', record, report),
  }
}

/** What a run holds at its end: a sum of its fills. */
function heldAtEnd({ fills, instruments }: RunRecord): string {
  const sizes = instruments.map(() => 0)
  for (let row = 0; row < fills.time.length; row++)
    sizes[fills.instrument[row]!]! += fills.side[row]! * fills.volume[row]!
  return sizes
    .flatMap((size, at) => {
      // Less than half a lot is the rounding of sums of lots.
      const { lotSize = 1e-8, name } = instruments[at]!
      return Math.abs(size) < lotSize / 2 ? [] : [`${volume(size)} ${name}`]
    })
    .join(', ')
}

/** Points of a line, at most `most`, by the places of their rows. */
export function thinned(length: number, most: number): number[] {
  if (length <= most) return Array.from({ length }, (_, row) => row)
  return Array.from({ length: most }, (_, at) => Math.round((at / (most - 1)) * (length - 1)))
}
