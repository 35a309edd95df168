import type { SyntheticRequest } from '#data'
import type { FillRule, RunRecord } from '#engine'
import { number, percent } from './format.ts'
import type { Terms } from './playground.svelte.ts'

/** The fill rules in words: what a market order gets, and where that errs. */
export const fillRules: readonly { readonly id: FillRule; readonly name: string; readonly bias: string }[] = [
  {
    id: 'next-open',
    name: 'Next open',
    bias: "At the next bar's open. No look-ahead; optimistic only for orders that are large against the bar's volume.",
  },
  {
    id: 'same-close',
    name: 'Same close',
    bias: 'At the close that gave the signal. Optimistic: nobody can trade at a price that is known only once it is past. For comparison with other tools.',
  },
]

/** Costs and fills of a run in one sentence. */
export function assumptions(
  { fill, costs }: Pick<Terms, 'fill' | 'costs'>,
  market?: SyntheticRequest,
): string {
  if (market)
    return `Orders reach the order book after ${latencyInWords(market)} and trade there. ${bookCostsInWords(costs)}.`
  const when =
    fill === 'next-open'
      ? "Market orders fill at the next bar's open."
      : 'Market orders fill at the close that gave the signal, which is optimistic.'
  return `${when} ${costsInWords(costs)}.`
}

/** Such as `Commission 0.1 %, slippage 0.05 %`. */
export function costsInWords({ commission, slippage }: Terms['costs']): string {
  if (commission === 0 && slippage === 0) return 'No costs are taken, which is optimistic'
  return `Commission ${short(commission)}, slippage ${short(slippage)}`
}

/** As {@link costsInWords}, where orders trade on an order book: what they pay there is the book's, not a setting. */
export function bookCostsInWords({ commission }: Terms['costs'], record?: RunRecord): string {
  const fee = record && ownCommission(record) ? 'set by the strategy' : short(commission)
  return `Commission ${fee}, slippage from the book`
}

/** Whether a strategy took another commission than the settings have: then its first fill shows it. */
function ownCommission({ fills, settings }: RunRecord): boolean {
  if (fills.price.length === 0) return false
  const usual = fills.price[0]! * fills.volume[0]! * settings.costs.commission
  return Math.abs(fills.fee[0]! - usual) > 1e-6 * Math.max(1, usual)
}

/** How long a request takes to the exchange; 1 ms where nothing was asked for. */
export const latencyInWords = ({ latency = 1000 }: SyntheticRequest) =>
  `${number(latency / 1000, 3, false)}\u202fms`

/** Names of the synthetic markets. */
export const presetNames: Readonly<Record<string, string>> = {
  calm: 'Calm',
  trending: 'Trending',
  volatile: 'Volatile',
  thin: 'Thin',
  'flash-crash': 'Flash crash',
  'opening-auction': 'Opening auction',
}

/** Name of a request's preset. */
export const presetName = ({ preset = 'calm' }: SyntheticRequest) => presetNames[preset] ?? preset

const short = (fraction: number) => percent(fraction, false, decimals(fraction))

/** As few decimals as the percentage needs, up to four. */
function decimals(fraction: number): number {
  const digits = (fraction * 100).toFixed(4).replace(/0+$/, '')
  return digits.length - digits.indexOf('.') - 1
}
