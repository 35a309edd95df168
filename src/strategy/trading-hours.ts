import { DailyHours, type HoursOfDay, type Order, type Refusal, RefusalCode, Side } from '#market'
import { checkFields, isBag, show } from './checks.ts'

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
export interface TradingHoursOptions extends HoursOfDay {
  /** IANA name such as `America/New_York`; the zone of the run's first instrument when left out. */
  readonly timeZone?: string
  /** `ExitRoutine.NONE` when left out. */
  readonly onEndOfDay?: ExitRoutine
}

const method = 'restrictTradingHours'

/** The hours of a day in which a strategy trades, on the clock of a zone. */
export class TradingHours {
  readonly onEndOfDay: ExitRoutine
  readonly #hours: DailyHours

  /** @throws TypeError or RangeError naming what cannot be meant */
  constructor(options: TradingHoursOptions, zone: string) {
    if (!isBag(options))
      throw new TypeError(
        `${method}: found ${show(options)}; expected hours such as { start: '09:35', end: '15:55' }`,
      )
    checkFields(method, options, ['start', 'end', 'days', 'timeZone', 'onEndOfDay'])
    const { timeZone = zone, onEndOfDay = ExitRoutine.NONE } = options
    if (!(typeof onEndOfDay === 'string' && Object.hasOwn(ExitRoutine, onEndOfDay)))
      throw new TypeError(
        `${method}: onEndOfDay is ${show(onEndOfDay)}; expected ExitRoutine.${Object.keys(ExitRoutine).join(', ExitRoutine.')}`,
      )
    this.#hours = new DailyHours(method, options, timeZone)
    this.onEndOfDay = onEndOfDay
  }

  get timeZone(): string {
    return this.#hours.timeZone
  }
  /** Milliseconds since midnight. */
  get end(): number {
    return this.#hours.end
  }

  /** Whether a moment, milliseconds since 1970 UTC, lies within the hours. */
  isOpen(time: number): boolean {
    return this.#hours.isOpen(time)
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
    const { words, numbers } = this.#hours.tell(time, 'this strategy trades')
    return {
      code: RefusalCode.OUTSIDE_HOURS,
      reason: words,
      numbers: { ...numbers, volume, position: size },
    }
  }
}
