import type { BarRules, Costs, FillRule, RunRecord } from '#engine'
import { costBounds, isPlain, usualTick } from '#exchange'
import { UsageError } from './cli-usage.ts'

/** Options of `outcry run` for costs beside the two fractions, and for fills on bars. */
export const costOptions = {
  maker: ['FRACTION', 'commission of those who wait and are taken; below 0 is a rebate'],
  'per-order': ['MONEY', 'commission for each order that trades'],
  'per-unit': ['MONEY', 'commission for each share or other unit'],
  'least-commission': ['MONEY', 'least commission of an order that trades'],
  'most-commission': ['FRACTION', 'most commission of an order, of its value; goes before the least'],
  'slippage-price': ['PRICE', 'slippage as an amount of price, beside the fraction'],
  'slippage-ticks': ['NUMBER', `slippage in ticks, ${usualTick} where the data say none`],
  limits: ['WHEN', 'limit orders on bars fill when traded through, or on touch; the second is optimistic'],
  'volume-share': ['FRACTION', "of a bar's volume that all orders may trade; none for no limit (1)"],
} as const
export type CostOption = keyof typeof costOptions

const fields = {
  maker: 'makerCommission',
  'per-order': 'commissionPerOrder',
  'per-unit': 'commissionPerUnit',
  'least-commission': 'leastCommission',
  'most-commission': 'mostCommission',
  'slippage-price': 'slippagePrice',
  'slippage-ticks': 'slippageTicks',
} as const satisfies Partial<Record<CostOption, keyof Costs>>

function number(given: ReadonlyMap<string, string>, option: CostOption, least: number, most: number): number {
  const text = given.get(option)!
  const value = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text) ? Number(text) : NaN
  if (!(value >= least && value <= most))
    throw new UsageError(`--${option} is '${text}'; expected a number from ${least} to ${most}`)
  return value
}

/** The costs that were asked for beside the two fractions. */
export function costsOf(given: ReadonlyMap<string, string>): Partial<Costs> {
  const costs: Partial<Record<keyof Costs, number>> = {}
  for (const [option, name] of Object.entries(fields) as [keyof typeof fields, keyof Costs][])
    if (given.has(option)) costs[name] = number(given, option, ...costBounds[name])
  return costs
}

/** The rules of fills on bars that were asked for; undefined where none were. */
export function barRulesOf(given: ReadonlyMap<string, string>): BarRules | undefined {
  const limits = given.get('limits')
  if (limits !== undefined && limits !== 'through' && limits !== 'touch')
    throw new UsageError(`--limits is '${limits}'; expected through or touch`)
  const share = given.get('volume-share')
  if (limits === undefined && share === undefined) return undefined
  return {
    ...(limits === undefined ? {} : { limits }),
    ...(share === undefined
      ? {}
      : { volumeShare: share === 'none' ? null : number(given, 'volume-share', 0.0001, 1) }),
  }
}

/** A fraction as a percentage, in as many digits as it has. */
const percent = (fraction: number) => `${Number((fraction * 100).toPrecision(12))} %`

/** What is taken from the fills, apart from slippage. */
export function commissionWords(costs: Costs): string {
  if (isPlain(costs)) return `commission ${percent(costs.commission)}`
  const {
    commission,
    makerCommission,
    commissionPerOrder,
    commissionPerUnit,
    leastCommission,
    mostCommission,
  } = costs
  const part = (value: number | undefined, words: (value: number) => string) =>
    value === undefined ? [] : [words(value)]
  const parts = [
    ...(commission > 0 || makerCommission !== undefined
      ? [percent(commission) + (makerCommission === undefined ? '' : ' for takers')]
      : []),
    ...part(makerCommission, (value) => `${percent(value)} for makers`),
    ...part(commissionPerUnit, (value) => `${value} a unit`),
    ...part(commissionPerOrder, (value) => `${value} an order`),
  ]
  const bounds = [
    ...part(leastCommission, (value) => `at least ${value}`),
    ...part(mostCommission, (value) => `at most ${percent(value)} of an order's value`),
  ]
  return `commission ${[parts.join(' and ') || 'none', ...bounds].join(', ')}`
}

/** What is taken from the fills, slippage included. */
export function costWords(costs: Costs): string {
  const usual = isPlain(costs) && !costs.slippagePrice && !costs.slippageTicks
  return `${commissionWords(costs)}${usual ? ', ' : '; '}${slippageWords(costs)}${usual ? ' of each fill' : ''}`
}

/** What was taken from the fills of a run on bars. */
export function barCostWords(record: RunRecord): string {
  const { costs } = record.settings
  const own = ownCommission(record)
  if (own === 'all') return `${ownWords(record)}; ${slippageWords(costs)} unless the strategy sets its own`
  return own === 'none' ? costWords(costs) : `${costWords(costs)}, unless the strategy sets its own`
}

/** What was taken from the fills of a run on a book. */
export function bookCostWords(record: RunRecord): string {
  const own = ownCommission(record)
  const words = own === 'all' ? ownWords(record) : `${commissionWords(record.settings.costs)} of each fill`
  return `${words}${own === 'some' ? ' unless the strategy sets its own' : ''}; slippage is the book's`
}

const ownWords = ({ fills, strategies, currencies }: RunRecord) => {
  const value = fills.price.reduce((sum, price, row) => sum + price * fills.volume[row]!, 0)
  const fees = fills.fee.reduce((sum, fee) => sum + fee, 0)
  const whole =
    value > 0 && !currencies
      ? `: ${Number(((fees / value) * 100).toPrecision(3))} % of all fills together`
      : ''
  return `commission set by the ${strategies ? 'strategies' : 'strategy'}${whole}`
}

/** Whether the fills of a run were charged what the strategy's own functions say: none, all, or perhaps some of them. */
function ownCommission({ fills, settings, journal }: RunRecord): 'none' | 'some' | 'all' {
  if (!journal?.strategies.some(({ ownCosts }) => ownCosts)) return 'none'
  const { costs } = settings
  if (!isPlain(costs) || fills.price.length === 0) return 'some'
  const others = fills.fee.filter((fee, row) => {
    const usual = costs.commission * fills.price[row]! * fills.volume[row]!
    return Math.abs(fee - usual) > 1e-6 * Math.max(1, usual)
  }).length
  return others === fills.price.length ? 'all' : 'some'
}

/** By how much orders fill worse that take any price. */
function slippageWords({ slippage, slippagePrice, slippageTicks }: Costs): string {
  const parts = [
    ...(slippage > 0 || !(slippagePrice || slippageTicks) ? [percent(slippage)] : []),
    ...(slippagePrice ? [`${slippagePrice} in price`] : []),
    ...(slippageTicks ? [`${slippageTicks} ${slippageTicks === 1 ? 'tick' : 'ticks'}`] : []),
  ]
  return `slippage ${parts.join(' and ')}`
}

const fillWords: Readonly<Record<FillRule, string>> = {
  'next-open': "market orders fill at the next bar's open",
  'same-close': 'market orders fill at the close they were decided on: optimistic, nobody can act on it',
}

/** How orders fill on bars, by settings that differ from the usual ones and by data without volume. */
export function barFillWords(fill: FillRule, bars: BarRules | undefined, hasVolume: boolean): string {
  const { limits, volumeShare = 1 } = bars ?? {}
  return [
    fillWords[fill],
    ...(limits === 'touch' ? ['limit orders where a bar only touches their price: optimistic'] : []),
    ...(!hasVolume
      ? ['the data have no volume, which limits nothing']
      : volumeShare === null
        ? ["whatever a bar's volume: optimistic"]
        : volumeShare < 1
          ? [`up to ${percent(volumeShare)} of a bar's volume`]
          : []),
  ].join('; ')
}
