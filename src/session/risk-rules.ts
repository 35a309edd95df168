import * as v from 'valibot'
import { DailyHours } from '#market'
import { mostRate, mostSeconds, type RiskRules, type RuleSet } from '#trading'
import { zoneName } from './file-facts.ts'
import {
  byName,
  fields,
  listOf,
  oneOf,
  readAs,
  type Schema,
  text,
  whole,
  within,
  yesOrNo,
} from './untrusted.ts'

/** A schema for every field of a type: one that is added to the type is missed here by the compiler. */
type EveryField<Type> = { readonly [Name in keyof Type]-?: Schema<Type[Name]> }

const amount = v.optional(within(0, 1e15))
const fraction = v.optional(within(0, 1))
const seconds = within(0, mostSeconds, ' seconds')
const rate = v.optional(fields({ most: whole(0, mostRate), seconds: within(0.001, mostSeconds, ' seconds') }))
const instrument = text(100, { least: 1 })

const fits = (make: () => unknown) => {
  try {
    make()
    return true
  } catch {
    return false
  }
}
const clockTime = v.custom<string>(
  (value) => typeof value === 'string' && /^([01]?\d|2[0-3]):[0-5]\d$|^24:00$/.test(value),
  "a time of day such as '09:30'",
)
const weekdays = v.custom<string>(
  (value) =>
    typeof value === 'string' &&
    value.length <= 40 &&
    fits(() => new DailyHours('', { start: '00:00', end: '24:00', days: value }, 'UTC')),
  "days such as 'MON-FRI' or 'MON,WED'",
)
const hours = v.pipe(
  fields({ start: clockTime, end: clockTime, days: v.optional(weekdays) }),
  v.check(({ start, end }) => start !== end, 'a start and an end that differ'),
)

const ruleSet = {
  maxOrderVolume: amount,
  maxOrderValue: amount,
  maxPosition: amount,
  maxGross: amount,
  maxNet: amount,
  maxShareOfFunds: fraction,
  buyingPower: v.optional(yesOrNo),
  maxLeverage: v.optional(within(0, 1000)),
  priceBand: fraction,
  orderRate: rate,
  messageRate: rate,
  duplicateSeconds: v.optional(seconds),
  noSelfTrade: v.optional(yesOrNo),
  restricted: v.optional(listOf(instrument, 1000)),
  hours: v.optional(hours),
  longOnly: v.optional(yesOrNo),
  shortable: v.optional(byName(instrument, within(0, 1e15), 1000)),
  staleSeconds: v.optional(seconds),
  maxDailyLoss: fraction,
  maxDrawdown: fraction,
  equityStop: v.optional(fields({ gain: within(0, 1e6), giveBack: within(0, 1) })),
  lossStreak: v.optional(fields({ losses: whole(1, 1e6), seconds })),
  maxOpenOrders: v.optional(whole(0, 1e6)),
  steps: v.optional(oneOf(['refuse', 'round'])),
  excess: v.optional(oneOf(['clip', 'refuse'])),
  timeZone: v.optional(zoneName),
} satisfies EveryField<RuleSet>

/** Risk rules as they may come from anywhere. */
export const riskSchema: Schema<RiskRules> = fields({
  ...ruleSet,
  perStrategy: v.optional(fields(ruleSet)),
} satisfies EveryField<RiskRules>)

/**
 * Reads risk rules from untrusted JSON.
 *
 * @throws Unreadable saying of each misfit where it is, what was found and what was expected
 */
export const readRisk = (value: unknown): RiskRules => readAs(riskSchema, value, 'risk')
