import type { RiskRules } from '#engine'

/** Rules that the table of the form has; `hours`, `restricted` and `shortable` have fields of their own. */
type NumericRule = Exclude<
  keyof RiskRules,
  'hours' | 'restricted' | 'shortable' | 'steps' | 'excess' | 'timeZone' | 'perStrategy'
>

/** One number of a rule; `factor` times its value is shown. */
export interface RiskPart {
  /** Name within the rule; empty where the rule is a number. */
  readonly key: string
  readonly label: string
  readonly unit: string
  readonly factor?: number
  readonly min?: number
  readonly max: number
  readonly step?: number
  readonly start: number
}
export interface RiskRow {
  readonly name: NumericRule
  readonly label: string
  readonly hint: string
  /** None where the rule is only on or off. */
  readonly parts: readonly RiskPart[]
}
const one = (part: Omit<RiskPart, 'key' | 'label'> & { label?: string }): readonly RiskPart[] => [
  { key: '', label: '', ...part },
]
const share = (start: number) => one({ unit: '%', factor: 100, max: 100, start })
const rate = (most: number, seconds: number): readonly RiskPart[] => [
  { key: 'most', label: 'at most', unit: '', max: 100_000, step: 1, start: most },
  { key: 'seconds', label: 'in', unit: 's', min: 0.001, max: 315_360_000, start: seconds },
]
const seconds = (start: number) => one({ unit: 's', max: 315_360_000, start })

/** The rules that are numbers, or on or off, as they stand in the form; those of hours and of names come after them. */
export function riskGroups(
  currency: string,
): readonly { readonly title: string; readonly rows: readonly RiskRow[] }[] {
  const money = (start: number) => one({ unit: currency, max: 1e15, start })
  return [
    {
      title: 'One order',
      rows: [
        {
          name: 'maxOrderVolume',
          label: 'Size',
          hint: 'Most units that an order may have.',
          parts: one({ unit: 'units', max: 1e15, start: 100 }),
        },
        { name: 'maxOrderValue', label: 'Value', hint: 'Most that it may be worth.', parts: money(5000) },
        {
          name: 'priceBand',
          label: 'Price band',
          hint: 'How much worse than the last price its limit may be.',
          parts: share(0.05),
        },
      ],
    },
    {
      title: 'Positions',
      rows: [
        {
          name: 'maxPosition',
          label: 'Position',
          hint: 'Most units of an instrument, long or short, with all working orders filled.',
          parts: one({ unit: 'units', max: 1e15, start: 100 }),
        },
        {
          name: 'maxShareOfFunds',
          label: 'Share of funds',
          hint: 'Most of the equity that positions and working orders may be worth.',
          parts: share(0.5),
        },
        {
          name: 'maxLeverage',
          label: 'Leverage',
          hint: 'As a multiple of the equity. Beyond it only what reduces is accepted.',
          parts: one({ unit: '×', max: 1000, start: 1 }),
        },
        {
          name: 'maxGross',
          label: 'Gross exposure',
          hint: 'Longs and shorts added up.',
          parts: money(10_000),
        },
        { name: 'maxNet', label: 'Net exposure', hint: 'Longs less shorts, either way.', parts: money(5000) },
        {
          name: 'buyingPower',
          label: 'Buying power',
          hint: 'Working orders of all instruments tie up what they need, with commission.',
          parts: [],
        },
        { name: 'longOnly', label: 'Long only', hint: 'No more is sold than is held.', parts: [] },
      ],
    },
    {
      title: 'Losses',
      rows: [
        {
          name: 'maxDrawdown',
          label: 'Drawdown',
          hint: 'Beyond this fall from the highest equity all is closed for good.',
          parts: share(0.2),
        },
        {
          name: 'maxDailyLoss',
          label: 'Loss of a day',
          hint: 'Beyond it all is closed until the next day.',
          parts: share(0.03),
        },
        {
          name: 'equityStop',
          label: 'Equity stop',
          hint: 'Once a profit was made, all is closed when too much of it is lost again.',
          parts: [
            { key: 'gain', label: 'after a profit of', unit: '%', factor: 100, max: 1e8, start: 0.1 },
            { key: 'giveBack', label: 'give back', unit: '%', factor: 100, max: 100, start: 0.5 },
          ],
        },
        {
          name: 'lossStreak',
          label: 'Losing streak',
          hint: 'After so many losing trades in a row only what reduces is accepted for a while.',
          parts: [
            { key: 'losses', label: 'after', unit: 'losses', min: 1, max: 1e6, step: 1, start: 3 },
            {
              key: 'seconds',
              label: 'pause',
              unit: 'days',
              factor: 1 / 86_400,
              max: 3650,
              start: 5 * 86_400,
            },
          ],
        },
      ],
    },
    {
      title: 'Pace',
      rows: [
        {
          name: 'maxOpenOrders',
          label: 'Open orders',
          hint: 'Most that may work at a time.',
          parts: one({ unit: 'orders', max: 1e6, step: 1, start: 20 }),
        },
        {
          name: 'orderRate',
          label: 'Orders',
          hint: 'Accepted ones, on the market’s clock.',
          parts: rate(10, 60),
        },
        {
          name: 'messageRate',
          label: 'Messages',
          hint: 'Orders, changes and cancels; cancels always pass.',
          parts: rate(100, 60),
        },
        {
          name: 'duplicateSeconds',
          label: 'Duplicates',
          hint: 'The same order is not taken again within this time.',
          parts: seconds(1),
        },
        {
          name: 'staleSeconds',
          label: 'Stale prices',
          hint: 'No order on a last price that is older.',
          parts: seconds(60),
        },
        {
          name: 'noSelfTrade',
          label: 'No self-trade',
          hint: 'No order that could trade with one of your own.',
          parts: [],
        },
      ],
    },
  ]
}

/** What somebody takes who wants some rules without choosing. */
export const cautious: RiskRules = {
  maxShareOfFunds: 1,
  priceBand: 0.05,
  maxDailyLoss: 0.03,
  maxDrawdown: 0.2,
  maxOpenOrders: 50,
}

/** A rule as it is once it is turned on. */
export function startOf({ parts }: RiskRow): unknown {
  const first = parts[0]
  if (first === undefined) return true
  return first.key === '' ? first.start : Object.fromEntries(parts.map(({ key, start }) => [key, start]))
}
