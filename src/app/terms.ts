import type { DataSet, RecordedFlow, SyntheticRequest } from '#data'
import type { BarRules, FillRule, RunRecord } from '#engine'
import { commissionOf } from '#exchange'
import { number, percent } from './format.ts'
import type { Terms } from './run.ts'

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

/** When a bar fills a limit order after its open, and where that errs. */
export const limitRules: readonly {
  readonly id: Required<BarRules>['limits']
  readonly name: string
  readonly bias: string
}[] = [
  {
    id: 'through',
    name: 'Traded through',
    bias: 'When the bar trades beyond their price. Pessimistic at the touch: others may have been first in the queue.',
  },
  {
    id: 'touch',
    name: 'Touched',
    bias: 'As soon as the bar reaches their price. Optimistic: it takes the order for the first in the queue.',
  },
]

/**
 * Costs and fills of a run in one sentence or a few.
 *
 * @param record of a run on these terms, which shows whether the strategy takes a commission of its own
 */
export function assumptions(
  { fill, costs, bars }: Pick<Terms, 'fill' | 'costs' | 'bars'>,
  venue?: SyntheticRequest | RecordedFlow,
  record?: RunRecord,
): string {
  if (venue)
    return `Orders reach the order book after ${latencyInWords(venue)} and trade there. ${'messages' in venue ? `${noReaction}. ` : ''}${bookCostsInWords(costs, record)}.`
  const when =
    fill === 'next-open'
      ? "Market orders fill at the next bar's open."
      : 'Market orders fill at the close that gave the signal, which is optimistic.'
  const finer = barRulesInWords(bars).map((words) => `${words[0]!.toUpperCase()}${words.slice(1)}.`)
  return [when, ...finer, `${costsInWords(costs, record)}.`].join(' ')
}

/** Rules of fills on bars that differ from the usual ones, each in a few words. */
export function barRulesInWords({ limits, volumeShare = 1 }: BarRules = {}): string[] {
  return [
    ...(limits === 'touch' ? ['limit orders fill at a touch, which is optimistic'] : []),
    ...(volumeShare === null
      ? ['fills of any volume, which is optimistic']
      : volumeShare < 1
        ? [`at most ${short(volumeShare)} of a bar's volume`]
        : []),
  ]
}

/** How many forms of cost are in use beside the two fractions. */
export const otherCosts = ({ commission, slippage, ...others }: Terms['costs']): number =>
  Object.values(others).filter((value) => value !== undefined).length

/** Such as `Commission 0.1 %, slippage 0.05 %`. */
export function costsInWords(costs: Terms['costs'], record?: RunRecord): string {
  const { slippage, slippagePrice = 0, slippageTicks = 0 } = costs
  const own = record && ownCommission(record)
  if (!own && Object.values(costs).every((value) => value === undefined || value === 0))
    return 'No costs are taken, which is optimistic'
  const slips = [
    ...(slippage > 0 || slippagePrice + slippageTicks === 0 ? [short(slippage)] : []),
    ...(slippagePrice > 0 ? [`${amount(slippagePrice)} in price`] : []),
    ...(slippageTicks > 0 ? [`${amount(slippageTicks)} ${slippageTicks === 1 ? 'tick' : 'ticks'}`] : []),
  ]
  return `Commission ${own ? setByStrategy : commissionInWords(costs)}, slippage ${slips.join(' and ')}`
}

/** As {@link costsInWords}, where orders trade on an order book: what they pay there is the book's, not a setting. */
export function bookCostsInWords(costs: Terms['costs'], record?: RunRecord): string {
  const fee = record && ownCommission(record) ? setByStrategy : commissionInWords(costs)
  return `Commission ${fee}, slippage from the book`
}

const setByStrategy = 'set by the strategy'

function commissionInWords(costs: Terms['costs']): string {
  const {
    commission,
    makerCommission,
    commissionPerUnit,
    commissionPerOrder,
    leastCommission,
    mostCommission,
  } = costs
  const part = (value: number | undefined, words: (value: number) => string) =>
    value === undefined ? [] : [words(value)]
  const parts = [
    ...part(commissionPerUnit, (value) => `${amount(value)} a unit`),
    ...part(commissionPerOrder, (value) => `${amount(value)} an order`),
  ]
  const bounds = [
    ...part(leastCommission, (value) => `at least ${amount(value)}`),
    ...part(mostCommission, (value) => `at most ${short(value)} of its value`),
  ]
  const fraction =
    makerCommission === undefined
      ? commission > 0 || parts.length === 0
        ? [short(commission)]
        : []
      : [`${short(commission)} (makers ${short(makerCommission)})`]
  return [[...fraction, ...parts].join(' and '), ...bounds].join(', ')
}

/** Whether a strategy took another commission than the settings have: then its first fill shows it. */
function ownCommission({ fills, settings }: RunRecord): boolean {
  if (fills.price.length === 0) return false
  const [price, volume] = [fills.price[0]!, fills.volume[0]!]
  const value = price * volume
  const usual = [
    { taken: value, made: 0, volume },
    { taken: 0, made: value, volume },
  ].map((traded) => commissionOf(settings.costs, traded))
  return usual.every((fee) => Math.abs(fills.fee[0]! - fee) > 1e-6 * Math.max(1, fee))
}

/** What a result on recorded orders says wherever it is shown. */
export const noReaction = 'Recorded orders do not react to yours'

/** How long a request takes to the exchange; 1 ms where nothing was asked for. */
export const latencyInWords = ({ latency = 1000 }: { readonly latency?: number }) =>
  `${number(latency / 1000, 3, false)}\u202fms`

/** A number in as many digits as it has. */
const amount = (value: number) => number(value, 6, false)
const short = (fraction: number) => percent(fraction, false, decimals(fraction))

/** As few decimals as the percentage needs, up to four. */
function decimals(fraction: number): number {
  const digits = (fraction * 100).toFixed(4).replace(/0+$/, '')
  return digits.length - digits.indexOf('.') - 1
}

/** Whether any bar of a data set has a volume; without instruments nothing is known yet. */
export const hasVolumes = ({ instruments }: DataSet): boolean =>
  instruments.length === 0 || instruments.some(({ bars }) => bars.volume.some((volume) => volume > 0))
