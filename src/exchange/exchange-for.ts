import type { DataSet, WhenTold } from '#data'
import type { Exchange } from './exchange.ts'
import type { Costs } from './costs.ts'
import type { BarRules, FillRule } from './fills.ts'
import { HistoricalExchange } from './historical.ts'
import { ReplayExchange } from './replay-exchange.ts'
import { SyntheticExchange } from './synthetic-exchange.ts'

/** How orders fill on bars; markets with a book of their own have no use for it. */
export interface BarFills {
  readonly fill: FillRule
  readonly costs: Costs
  readonly bars?: BarRules | undefined
}

/**
 * The exchange that a data set stands for.
 *
 * @param tag what it is called where the data do not say; the usual name when left out
 * @param told when its bars come; at their stamps when left out
 * @throws RangeError when it asks for a market that cannot be made
 */
export function exchangeFor(
  { instruments, synthetic, recorded }: DataSet,
  { fill, costs, bars }: BarFills,
  tag?: string,
  told?: WhenTold,
): Exchange {
  if (synthetic) return new SyntheticExchange(synthetic, tag)
  if (recorded) return new ReplayExchange(recorded, tag)
  return new HistoricalExchange({ instruments, fill, costs, rules: bars, tag, told })
}
