import { type Order, type Refusal, RefusalCode, Side } from '#market'
import { show } from './checks.ts'
import { clockText, timeOfDay, ZoneClock } from './zone-clock.ts'

/** What happens at the end of a strategy's trading hours. */
export const ExitRoutine = {
  /** Working orders and positions stay. */
  NONE: 'NONE',
  /** Working orders are taken back. */
  CANCEL_ALL: 'CANCEL_ALL',
  /** Working orders are taken back and positions closed at the market. */
  CLOSE_ALL: 'CLOSE_ALL',
} as const
export type ExitRoutine = (typeof ExitRoutine)[keyof typeof ExitRoutine]

/** When a strategy trades. */
export interface TradingHoursOptions {
  /** The first moment of the day at which orders are taken, such as `'09:35'`. */
  readonly start: string
  /** The moment from which on none are taken, such as `'15:55'`. Before `start` it lies on the next day. */
  readonly end: string
  /** IANA name such as `America/New_York`; the zone of the run's first instrument when left out. */
  readonly timeZone?: string
  /** Days on which the hours begin, such as `'MON-FRI'` or `'MON,WED'`; every day when left out. */
  readonly days?: string
  /** `ExitRoutine.NONE` when left out. */
  readonly onEndOfDay?: ExitRoutine
}

const DAY = 86_400_000
const dayNames = ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT']
const method = 'restrictTradingHours'

/** The hours of a day in which a strategy trades, on the clock of a zone. */
export class TradingHours {
  readonly onEndOfDay: ExitRoutine
  readonly timeZone: string
  /** Milliseconds since midnight. */
  readonly end: number
  readonly #start: number
  readonly #days: ReadonlySet<number>
  readonly #clock: ZoneClock

  /** @throws TypeError or RangeError naming what cannot be meant */
  constructor(options: TradingHoursOptions, zone: string) {
    if (typeof options !== 'object' || options === null)
      throw new TypeError(
        `${method}: found ${show(options)}; expected hours such as { start: '09:35', end: '15:55' }`,
      )
    const { start, end, timeZone = zone, days = 'SUN-SAT', onEndOfDay = ExitRoutine.NONE } = options
    this.#start = timeOfDay(method, 'start', start)
    this.end = timeOfDay(method, 'end', end)
    if (this.#start === this.end)
      throw new RangeError(`${method}: start and end are both '${start}'; expected two times`)
    if (!Object.hasOwn(ExitRoutine, onEndOfDay))
      throw new TypeError(
        `${method}: onEndOfDay is ${show(onEndOfDay)}; expected ExitRoutine.${Object.keys(ExitRoutine).join(', ExitRoutine.')}`,
      )
    this.#days = readDays(days)
    this.#clock = new ZoneClock(method, timeZone)
    this.timeZone = timeZone
    this.onEndOfDay = onEndOfDay
  }

  /** Whether a moment, milliseconds since 1970 UTC, lies within the hours. */
  isOpen(time: number): boolean {
    const local = this.#clock.local(time)
    const day = Math.floor(local / DAY)
    const clock = local - day * DAY
    if (this.#start < this.end) return clock >= this.#start && clock < this.end && this.#begins(day)
    return (clock >= this.#start && this.#begins(day)) || (clock < this.end && this.#begins(day - 1))
  }

  /**
   * Why an order is not taken at a moment; undefined where it is. What only makes a position smaller is always taken.
   *
   * @param size signed volume held of the order's instrument
   */
  refuse(order: Order, time: number, size: number): Refusal | undefined {
    if (this.isOpen(time)) return undefined
    const { after, side, volume } = order
    if (after !== undefined && after.side !== side && volume <= after.volume) return undefined
    if (side === (size > 0 ? Side.SELL : Side.BUY) && volume <= Math.abs(size)) return undefined
    const local = this.#clock.local(time)
    const clock = ((local % DAY) + DAY) % DAY
    const daily =
      time % DAY === 0
        ? ' Midnight UTC is where daily bars are stamped, which have no time of day to restrict.'
        : ''
    return {
      code: RefusalCode.OUTSIDE_HOURS,
      reason: `It is ${dayNames[weekday(Math.floor(local / DAY))]} ${clockText(clock)} in ${this.timeZone}; this strategy trades from ${clockText(this.#start)} to ${clockText(this.end)}. Outside of it only what closes a position is taken.${daily}`,
      numbers: {
        minute: Math.floor(clock / 60_000),
        start: this.#start / 60_000,
        end: this.end / 60_000,
        volume,
        position: size,
      },
    }
  }

  #begins(day: number): boolean {
    return this.#days.has(weekday(day))
  }
}

/** Sunday 0. The first of 1970 was a Thursday. */
function weekday(day: number): number {
  return (((day + 4) % 7) + 7) % 7
}

function readDays(text: string): ReadonlySet<number> {
  const days = new Set<number>()
  for (const part of String(text).toUpperCase().split(',')) {
    const [from, to = from] = part
      .trim()
      .split('-')
      .map((name) => dayNames.indexOf(name))
    if (from === undefined || from < 0 || to! < 0)
      throw new RangeError(
        `${method}: days is ${show(text)}; expected names such as 'MON-FRI' or 'MON,WED,FRI'`,
      )
    for (let day = from; ; day = (day + 1) % 7) {
      days.add(day)
      if (day === to) break
    }
  }
  return days
}
