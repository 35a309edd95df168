import { DailyHours, type HoursOfDay, ZoneClock } from '#market'

/** At most so many in any so many seconds of the engine's time. */
export interface Rate {
  readonly most: number
  readonly seconds: number
}

/**
 * Rules for what may be traded, as plain data. All are optional; without any, an account is held only to its leverage.
 *
 * Volumes are in units of an instrument, money is in account currency, fractions are fractions: 0.1 is 10 %. What only
 * closes a position passes every rule about size. An order is worth the most that it can come to: a buy limit at its price,
 * a sell limit at its price or the last one, whichever is higher, a stop at its stop price, or at its limit if that is
 * higher. At the last price count market orders, stops that it has reached already, and what is held; on an order book
 * what trades at once counts at the best price on the other side, if that is higher.
 */
export interface RuleSet {
  /** Most units that one order may have. */
  readonly maxOrderVolume?: number
  /** Most money that one order may be worth. */
  readonly maxOrderValue?: number
  /** Most units of one instrument, long or short, with all that works filled. */
  readonly maxPosition?: number
  /** Most money that all positions together may be worth, without regard to direction and with all that works filled. */
  readonly maxGross?: number
  /** Most money that long positions may be worth more than short ones, or the other way round. */
  readonly maxNet?: number
  /**
   * Most that positions and working orders may be worth, as a fraction of the equity. What aat's risk called NONE, PARTIAL
   * and FULL: an order passes, is clipped to what is left (`clip` of the answer), or is refused with `SHARE_OF_FUNDS`.
   */
  readonly maxShareOfFunds?: number
  /** Whether every working order of every instrument ties up what it needs, with its commission, before it fills. */
  readonly buyingPower?: boolean
  /**
   * Most that positions and working orders may be worth, as a multiple of the equity. Where prices carry an account
   * beyond it, only what reduces is accepted until it is back.
   */
  readonly maxLeverage?: number
  /** How much worse than the last price a limit may be, as a fraction of it. */
  readonly priceBand?: number
  /** Orders that are accepted. */
  readonly orderRate?: Rate
  /** Orders, changes and cancels, refused ones too. Cancels count and are never refused. */
  readonly messageRate?: Rate
  /** Seconds within which the same order is not taken twice. */
  readonly duplicateSeconds?: number
  /** Whether an order is refused that could trade with one of its own account. */
  readonly noSelfTrade?: boolean
  /** Names of instruments that may only be closed. */
  readonly restricted?: readonly string[]
  /** When orders are accepted, on the clock of `timeZone`; what closes is always. */
  readonly hours?: HoursOfDay
  /** Whether more may be sold than is held. */
  readonly longOnly?: boolean
  /** Units of each instrument that can be borrowed to go short; none of those that are not named. */
  readonly shortable?: Readonly<Record<string, number>>
  /** Seconds after which a last price is too old to trade on. */
  readonly staleSeconds?: number
  /** Loss since the day began, as a fraction of the equity then, at which all is closed until the next day. */
  readonly maxDailyLoss?: number
  /** Fall from the highest equity, as a fraction of it, at which all is closed for good. */
  readonly maxDrawdown?: number
  /** Once a profit has reached `gain`, all is closed for good when `giveBack` of it is lost again. Both are fractions: of the equity at the start, and of the highest profit. */
  readonly equityStop?: { readonly gain: number; readonly giveBack: number }
  /** Losing trades in a row after which only what reduces is accepted for some seconds. */
  readonly lossStreak?: { readonly losses: number; readonly seconds: number }
  /** Most orders that may work at a time. */
  readonly maxOpenOrders?: number
  /** What happens to volumes between two lots and prices between two ticks: refused when left out. */
  readonly steps?: 'refuse' | 'round'
  /** What happens to an order that is too large: it is clipped to what fits when left out. */
  readonly excess?: 'clip' | 'refuse'
  /** IANA name of the zone of the days and hours; that of the first instrument when left out. */
  readonly timeZone?: string
}

/** Rules of the whole account, and others that hold for each strategy by itself. See `RuleSet`. */
export interface RiskRules extends RuleSet {
  readonly perStrategy?: RuleSet
}

/** Name of a rule. */
export type RuleName = Exclude<keyof RuleSet, 'excess' | 'timeZone'>

/** What an account or a strategy may do at the moment. */
export const RiskState = {
  /** Everything that the rules let pass. */
  ACTIVE: 'ACTIVE',
  /** Only what makes a position smaller. */
  REDUCING: 'REDUCING',
  /** Nothing. */
  HALTED: 'HALTED',
} as const
export type RiskState = (typeof RiskState)[keyof typeof RiskState]

const fractions = ['maxShareOfFunds', 'priceBand', 'maxDailyLoss', 'maxDrawdown'] as const
const amounts = ['maxOrderVolume', 'maxOrderValue', 'maxPosition', 'maxGross', 'maxNet'] as const

/**
 * Checks rules that come from code.
 *
 * @throws RangeError naming the first that is not what it can be
 */
export function checkRules(rules: RiskRules, path = 'risk'): void {
  const check = (name: string, value: unknown, fits: boolean, expected: string) => {
    if (value !== undefined && !fits)
      throw new RangeError(`Setting ${path}.${name} is ${JSON.stringify(value)}; expected ${expected}`)
  }
  const number = (name: string, value: unknown, least: number, most: number) =>
    check(
      name,
      value,
      typeof value === 'number' && value >= least && value <= most,
      `a number from ${least} to ${most}`,
    )
  for (const name of amounts) number(name, rules[name], 0, 1e15)
  for (const name of fractions) number(name, rules[name], 0, 1)
  number('maxLeverage', rules.maxLeverage, 0, 1000)
  number('duplicateSeconds', rules.duplicateSeconds, 0, mostSeconds)
  number('staleSeconds', rules.staleSeconds, 0, mostSeconds)
  number('maxOpenOrders', rules.maxOpenOrders, 0, 1e6)
  for (const name of ['orderRate', 'messageRate'] as const) {
    const rate = rules[name]
    if (!rate) continue
    check(
      `${name}.most`,
      rate.most,
      Number.isInteger(rate.most) && rate.most >= 0 && rate.most <= mostRate,
      `a whole number up to ${mostRate}`,
    )
    number(`${name}.seconds`, rate.seconds, 0.001, mostSeconds)
  }
  if (rules.equityStop) {
    number('equityStop.gain', rules.equityStop.gain, 0, 1e6)
    number('equityStop.giveBack', rules.equityStop.giveBack, 0, 1)
  }
  if (rules.lossStreak) {
    const { losses, seconds } = rules.lossStreak
    check(
      'lossStreak.losses',
      losses,
      Number.isInteger(losses) && losses >= 1,
      'a whole number of at least 1',
    )
    number('lossStreak.seconds', seconds, 0, mostSeconds)
  }
  if (rules.timeZone !== undefined) new ZoneClock(`${path}.timeZone`, rules.timeZone)
  if (rules.hours) new DailyHours(`${path}.hours`, rules.hours, 'UTC')
  for (const [name, volume] of Object.entries(rules.shortable ?? {}))
    number(`shortable.${name}`, volume, 0, 1e15)
  check('steps', rules.steps, rules.steps === 'refuse' || rules.steps === 'round', "'refuse' or 'round'")
  check('excess', rules.excess, rules.excess === 'clip' || rules.excess === 'refuse', "'clip' or 'refuse'")
  if (rules.perStrategy) checkRules(rules.perStrategy, `${path}.perStrategy`)
}

/** Longest time that a rule looks back or waits: ten years. */
export const mostSeconds = 315_360_000
/** Most that a rate counts up to. */
export const mostRate = 100_000
