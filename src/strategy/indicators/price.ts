import { type CalendarSpan, checkSpan, spanNumber } from './calendar.ts'
import {
  FilteredSource,
  Indicator,
  type IndicatorInput,
  MultiLineIndicator,
  type Source,
  checkPeriod,
  legend,
  paneOf,
  take,
} from './indicator.ts'
import { MovingMaximum, MovingMinimum, Window } from './window.ts'

/**
 * Highest value of the newest `period` bars, the newest included; the high unless another source is given. Has a value
 * from bar `period` on.
 *
 * @throws RangeError when `period` is not a whole number above zero
 * @example
 * top = this.indicator(highest(20))
 * if (bar.high === this.top.value) await this.buy(bar.instrument, 10)
 */
export function highest(period: number, source: Source = 'high'): Indicator {
  checkPeriod('highest period', period)
  const name = legend('Highest', [period], source, 'high')
  return new FilteredSource(name, paneOf(source), source, new MovingMaximum(period))
}

/**
 * Lowest value of the newest `period` bars, the newest included; the low unless another source is given. Has a value
 * from bar `period` on.
 *
 * @throws RangeError when `period` is not a whole number above zero
 * @example
 * bottom = this.indicator(lowest(20))
 */
export function lowest(period: number, source: Source = 'low'): Indicator {
  checkPeriod('lowest period', period)
  const name = legend('Lowest', [period], source, 'low')
  return new FilteredSource(name, paneOf(source), source, new MovingMinimum(period))
}

/** What `heikinAshi` gives. Its own `value` is that of `close`. */
export class HeikinAshi extends MultiLineIndicator {
  /** Halfway between open and close of the Heikin-Ashi bar before. */
  readonly open = this.draw('open')
  /** Highest of the bar's high and the open and close here. */
  readonly high = this.draw('high')
  /** Lowest of the bar's low and the open and close here. */
  readonly low = this.draw('low')
  /** Mean of the bar's four prices; the `value` of the indicator. */
  readonly close = this.draw('close')

  constructor() {
    super('Heikin-Ashi', 'price')
  }

  override update(bar: IndicatorInput): void {
    const first = !this.close.ready
    const open = first ? (bar.open + bar.close) / 2 : (this.open.value + this.close.value) / 2
    const close = (bar.open + bar.high + bar.low + bar.close) / 4
    this.newest.take(close)
    take(this.open, open)
    take(this.high, Math.max(bar.high, open, close))
    take(this.low, Math.min(bar.low, open, close))
    take(this.close, close)
  }
}

/**
 * Heikin-Ashi candles: the close is the mean of the bar's four prices, the open the middle of the candle before (of
 * the bar itself for the first), high and low reach over both. Has values from the first bar on. No one trades at
 * these prices.
 *
 * @example
 * candle = this.indicator(heikinAshi())
 * if (this.candle.close.crossedAbove(this.candle.open)) await this.buy(bar.instrument, 10)
 */
export function heikinAshi(): HeikinAshi {
  return new HeikinAshi()
}

/** What `pivotPoints` gives. Its own `value` is that of `pivot`. */
export class PivotPoints extends MultiLineIndicator {
  /** Mean of high, low and close of the span before. */
  readonly pivot = this.draw()
  /** First resistance: twice the pivot less the low. */
  readonly r1 = this.draw('R1')
  /** Second resistance: the pivot and the range of the span above it. */
  readonly r2 = this.draw('R2')
  /** Third resistance: the high and twice the distance from low to pivot above it. */
  readonly r3 = this.draw('R3')
  /** First support: twice the pivot less the high. */
  readonly s1 = this.draw('S1')
  /** Second support: the pivot less the range of the span. */
  readonly s2 = this.draw('S2')
  /** Third support: the low less twice the distance from pivot to high. */
  readonly s3 = this.draw('S3')
  readonly #span: CalendarSpan
  #spanNumber = NaN
  #high = NaN
  #low = NaN
  #close = NaN
  #pivot = NaN
  #lastHigh = NaN
  #lastLow = NaN

  constructor(span: CalendarSpan) {
    checkSpan('pivotPoints span', span, ['day', 'week', 'month'])
    super(`Pivot ${span}`, 'price')
    this.#span = span
  }

  override update(bar: IndicatorInput): void {
    const number = spanNumber(bar.time, this.#span)
    if (number === this.#spanNumber) {
      this.#high = Math.max(this.#high, bar.high)
      this.#low = Math.min(this.#low, bar.low)
    } else {
      this.#pivot = (this.#high + this.#low + this.#close) / 3
      this.#lastHigh = this.#high
      this.#lastLow = this.#low
      this.#spanNumber = number
      this.#high = bar.high
      this.#low = bar.low
    }
    this.#close = bar.close
    const pivot = this.#pivot
    const high = this.#lastHigh
    const low = this.#lastLow
    this.newest.take(pivot)
    take(this.pivot, pivot)
    take(this.r1, 2 * pivot - low)
    take(this.r2, pivot + (high - low))
    take(this.r3, high + 2 * (pivot - low))
    take(this.s1, 2 * pivot - high)
    take(this.s2, pivot - (high - low))
    take(this.s3, low - 2 * (high - pivot))
  }
}

/**
 * Pivot points, the standard (floor trader's) ones: the pivot is the mean of high, low and close of the day, week or
 * month before, in UTC and weeks from Monday; resistances and supports lie about it. Has values once a span has ended.
 *
 * @throws RangeError when `span` is none of those
 * @example
 * levels = this.indicator(pivotPoints('day'))
 * if (bar.close > this.levels.r1.value) await this.buy(bar.instrument, 10)
 */
export function pivotPoints(span: CalendarSpan = 'day'): PivotPoints {
  return new PivotPoints(span)
}

/** What `fractal` gives. Its own `value` is that of `up`. */
export class Fractal extends MultiLineIndicator {
  /** The newest peak: a high above those of the bars on either side. */
  readonly up = this.draw('up')
  /** The newest trough: a low below those of the bars on either side. */
  readonly down = this.draw('down')
  readonly #wing: number
  readonly #highs: Window
  readonly #lows: Window
  #peak = NaN
  #trough = NaN

  constructor(wing: number) {
    checkPeriod('fractal wing', wing)
    super(legend('Fractal', [wing]), 'price')
    this.#wing = wing
    this.#highs = new Window(2 * wing + 1)
    this.#lows = new Window(2 * wing + 1)
  }

  override update(bar: IndicatorInput): void {
    const full = this.#highs.push(bar.high)
    this.#lows.push(bar.low)
    if (full) {
      const wing = this.#wing
      const high = this.#highs.at(wing)
      const low = this.#lows.at(wing)
      let peak = true
      let trough = true
      for (let i = 0; i <= 2 * wing; i++) {
        if (i === wing) continue
        if (this.#highs.at(i) >= high) peak = false
        if (this.#lows.at(i) <= low) trough = false
      }
      if (peak) this.#peak = high
      if (trough) this.#trough = low
    }
    this.newest.take(this.#peak)
    take(this.up, this.#peak)
    take(this.down, this.#trough)
  }
}

/**
 * Williams fractals: the newest high above, and the newest low below, those of the `wing` bars before and the `wing`
 * bars after. It is known only `wing` bars later and stands here from that bar on, until the next one.
 *
 * @throws RangeError when `wing` is not a whole number above zero
 * @see Bill Williams, "Trading Chaos", 1995
 * @example
 * peaks = this.indicator(fractal(2))
 * if (bar.close > this.peaks.up.value) await this.buy(bar.instrument, 10)
 */
export function fractal(wing = 2): Fractal {
  return new Fractal(wing)
}
