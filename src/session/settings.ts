import * as v from 'valibot'
import type { SyntheticRequest } from '#data'
import type { InputValue, RunSettings } from '#engine'
import { costBounds, syntheticLimits } from '#exchange'
import { TradingType } from '#market'
import { moneyBounds } from '#trading'
import { riskSchema } from './risk-rules.ts'
import { byName, fields, oneOf, readAs, type Schema, text, whole, within } from './untrusted.ts'

/** A schema for every field of a type: one that is added to the type is missed here by the compiler. */
type EveryField<Type> = { readonly [Name in keyof Type]-?: Schema<Type[Name]> }

const seed = whole(0, 2 ** 32 - 1)

/** A value of an input; whether the strategy has such an input, and takes such a value, is for the run to say. */
const inputValue = v.custom<InputValue>(
  (value) =>
    typeof value === 'boolean' ||
    (typeof value === 'number' && Number.isFinite(value)) ||
    (typeof value === 'string' && value.length <= 2000),
  'a number, true, false, or a text of at most 2000 letters',
)

/** Values of inputs by their names. */
export const inputsSchema: Schema<Readonly<Record<string, InputValue>>> = byName(
  text(60, { least: 1, pattern: /^[\p{L}_][\p{L}\p{N}_ -]*$/u, words: 'a word such as fast' }),
  inputValue,
  100,
)

/** The same of a run that was made, by whatever names its strategy declares. */
export const ranInputsSchema: Schema<Readonly<Record<string, InputValue>>> = byName(
  text(200),
  inputValue,
  100,
)

const cost = (name: keyof typeof costBounds) => within(...costBounds[name])

const bars = fields({
  limits: v.optional(oneOf(['through', 'touch'])),
  volumeShare: v.optional(v.nullable(within(0.0001, 1))),
} satisfies EveryField<Required<RunSettings>['bars']>)

/** Code of a currency. */
const currencyCode = text(12, { least: 1, pattern: /^[\p{L}\p{N}]+$/u, words: 'a code such as EUR' })

const money = fields({
  currency: v.optional(currencyCode),
  rates: v.optional(byName(currencyCode, within(...moneyBounds.rate), 100)),
  exchange: v.optional(oneOf(['at-fill', 'never'])),
  cost: v.optional(within(...moneyBounds.cost)),
} satisfies EveryField<Required<RunSettings>['money']>)

const costEntries = {
  commission: cost('commission'),
  slippage: cost('slippage'),
  makerCommission: v.optional(cost('makerCommission')),
  commissionPerOrder: v.optional(cost('commissionPerOrder')),
  commissionPerUnit: v.optional(cost('commissionPerUnit')),
  leastCommission: v.optional(cost('leastCommission')),
  mostCommission: v.optional(cost('mostCommission')),
  slippagePrice: v.optional(cost('slippagePrice')),
  slippageTicks: v.optional(cost('slippageTicks')),
} satisfies EveryField<RunSettings['costs']>

const settingEntries = {
  cash: within(1, 1e12),
  money: v.optional(money),
  costs: fields(costEntries),
  fill: oneOf(['next-open', 'same-close']),
  bars: v.optional(bars),
  seed,
  leverage: within(1, 100),
  tradingType: v.optional(oneOf(Object.values(TradingType))),
  risk: v.optional(riskSchema),
  inputs: inputsSchema,
} satisfies EveryField<RunSettings>

/**
 * The settings of a run as they may come from anywhere. A field that is not known is refused, not dropped: without it
 * the run would not be the one that was meant.
 */
export const settingsSchema: Schema<RunSettings> = fields(settingEntries)

/** Settings as a journal has them: whatever the engine ran with, also what nobody is offered. `checkSettings` has the bounds. */
export const ranSettingsSchema: Schema<RunSettings> = fields({
  ...settingEntries,
  cash: within(0, Number.MAX_VALUE),
  costs: fields({ ...costEntries, commission: within(0, 1), slippage: within(0, 1) }),
  leverage: within(0, 1000),
  inputs: ranInputsSchema,
})

/** Settings where nobody says otherwise; the trading type is a back-test, and there are no risk rules. */
const usual = {
  cash: 10_000,
  costs: { commission: 0.001, slippage: 0 },
  fill: 'next-open',
  seed: 1,
  leverage: 1,
} as const satisfies Partial<RunSettings>

/** The settings without the inputs, each of which may be left out: it is then the usual one. */
export const optionalSettings = {
  cash: v.optional(settingEntries.cash, usual.cash),
  money: settingEntries.money,
  costs: v.optional(
    fields({
      ...costEntries,
      commission: v.optional(costEntries.commission, usual.costs.commission),
      slippage: v.optional(costEntries.slippage, usual.costs.slippage),
    }),
    {},
  ),
  fill: v.optional(settingEntries.fill, usual.fill),
  bars: settingEntries.bars,
  seed: v.optional(seed, usual.seed),
  leverage: v.optional(settingEntries.leverage, usual.leverage),
  tradingType: settingEntries.tradingType,
  risk: settingEntries.risk,
} satisfies EveryField<Omit<RunSettings, 'inputs'>>

/**
 * Reads the settings of a run from untrusted JSON.
 *
 * @throws Unreadable saying of each misfit where it is, what was found and what was expected
 */
export const readSettings = (value: unknown): RunSettings => readAs(settingsSchema, value, 'settings')

/** Name of an instrument. */
export const symbol = text(40, {
  least: 1,
  pattern: /^[\p{L}\p{N}][\p{L}\p{N}._/-]*$/u,
  words: 'a name such as ACME',
})

const ofKind = (least: number, most: number) => v.optional(within(least, most))
const delay = v.optional(whole(2, syntheticLimits.latency, ' microseconds'))

/** A field for every kind of agents but noise traders. */
const byKind = <Field>(field: () => Field) => ({
  value: field(),
  momentum: field(),
  maker: field(),
  informed: field(),
  executor: field(),
})
const shares = byKind(() => ofKind(...syntheticLimits.share))

/** A request for a synthetic market. Only its numbers' own bounds; whether all of them together can be had is for the exchange to say. */
export const marketSchema: Schema<SyntheticRequest> = fields({
  preset: v.optional(text(40, { least: 1, pattern: /^[a-z-]+$/, words: 'a name such as calm' })),
  symbol: v.optional(symbol),
  seed: v.optional(seed),
  instruments: v.optional(whole(1, syntheticLimits.instruments)),
  seconds: v.optional(whole(1, syntheticLimits.seconds)),
  agents: v.optional(whole(1, syntheticLimits.agents)),
  barSeconds: v.optional(whole(1, syntheticLimits.seconds)),
  latency: v.optional(whole(0, 60e6, ' microseconds')),
  sessionStart: v.optional(whole(0, syntheticLimits.sessionStart, ' microseconds since 1970')),
  auction: v.optional(whole(0, syntheticLimits.seconds)),
  tick: v.optional(within(...syntheticLimits.tick)),
  startPrice: v.optional(within(1e-4, 1e8)),
  drift: v.optional(within(...syntheticLimits.drift)),
  volatility: v.optional(within(...syntheticLimits.volatility)),
  liquidity: v.optional(within(...syntheticLimits.liquidity)),
  shares: v.optional(fields(shares)),
  rates: v.optional(
    fields({ noise: ofKind(...syntheticLimits.rate), ...byKind(() => ofKind(...syntheticLimits.rate)) }),
  ),
  agentLatency: v.optional(fields({ noise: delay, ...byKind(() => delay) })),
} satisfies EveryField<SyntheticRequest>)

/**
 * Reads a request for a synthetic market from untrusted JSON.
 *
 * @throws Unreadable saying of each misfit where it is, what was found and what was expected
 */
export const readMarket = (value: unknown): SyntheticRequest => readAs(marketSchema, value, 'market')
