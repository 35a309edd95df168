import {
  Indicator,
  type IndicatorInput,
  Line,
  MultiLineIndicator,
  type Source,
  checkNumber,
  checkPeriod,
  legend,
  paneOf,
  reader,
} from './indicator.ts'
import { type Smoothing, wilder } from './smoothing.ts'
import { MovingVariance } from './window.ts'

/**
 * Largest of high less low and the distances of high and low from the close before.
 * NaN on the first bar, where `lastClose` is NaN.
 */
export function trueRange(bar: IndicatorInput, lastClose: number): number {
  return Math.max(bar.high, lastClose) - Math.min(bar.low, lastClose)
}

/**
 * Average true range: the true range smoothed by Wilder's method, seeded with the mean of the first `period` of
 * them. The first bar has no close before it and so no true range: there is a value from bar `period` + 1 on.
 *
 * @throws RangeError when `period` is not a whole number above zero
 * @see J. Welles Wilder, "New Concepts in Technical Trading Systems", 1978
 * @example
 * const range = this.indicator(atr(14), 'GOOG')
 * const stopPrice = bar.close - 2 * range.value
 */
export function atr(period = 14): Indicator {
  return new AverageTrueRange(period)
}

class AverageTrueRange extends Indicator {
  readonly #average: Smoothing
  #lastClose = NaN

  constructor(period: number) {
    checkPeriod('atr period', period)
    super(legend('ATR', [period]), 'ATR')
    this.#average = wilder(period)
  }

  override update(bar: IndicatorInput): void {
    this.advance(this.#average.add(trueRange(bar, this.#lastClose)))
    this.#lastClose = bar.close
  }
}

/** What `bollinger` gives. Its own `value` is that of `middle`. */
export class BollingerBands extends MultiLineIndicator {
  readonly #read: (bar: IndicatorInput) => number
  readonly #deviations: number
  readonly #window: MovingVariance
  readonly #upper: Line
  readonly #middle: Line
  readonly #lower: Line
  #percentB = NaN
  #width = NaN

  constructor(period: number, deviations: number, source: Source) {
    checkPeriod('bollinger period', period, 2)
    checkNumber('bollinger deviations', deviations, 0)
    const name = legend('BB', [period, deviations], source)
    const pane = paneOf(source)
    super(name, pane)
    this.#read = reader(source)
    this.#deviations = deviations
    this.#window = new MovingVariance(period)
    this.#upper = new Line(`${name} upper`, pane)
    this.#middle = new Line(`${name} middle`, pane)
    this.#lower = new Line(`${name} lower`, pane)
    this.draw([this.#upper, this.#middle, this.#lower])
  }

  get upper(): Indicator {
    return this.#upper
  }
  /** The simple moving average. */
  get middle(): Indicator {
    return this.#middle
  }
  get lower(): Indicator {
    return this.#lower
  }
  /** Where the newest value lies between the bands: 0 at the lower, 1 at the upper. NaN while they touch. */
  get percentB(): number {
    return this.#percentB
  }
  /** Distance between the bands as a fraction of the middle. */
  get width(): number {
    return this.#width
  }

  override update(bar: IndicatorInput): void {
    const value = this.#read(bar)
    const window = this.#window
    const middle = window.add(value)
    const away = this.#deviations * Math.sqrt(window.variance)
    const upper = middle + away
    const lower = middle - away
    this.advance(middle)
    this.#upper.take(upper)
    this.#middle.take(middle)
    this.#lower.take(lower)
    this.#percentB = upper > lower ? (value - lower) / (upper - lower) : NaN
    this.#width = (upper - lower) / middle
  }
}

/**
 * Bollinger bands: a simple moving average, and `deviations` population standard deviations (divided by
 * `period`, not `period` - 1) above and below it. Has values from bar `period` on.
 *
 * @throws RangeError when `period` is not a whole number of at least 2 or `deviations` is negative
 * @see John Bollinger, "Bollinger on Bollinger Bands", 2001
 * @example
 * const bands = this.indicator(bollinger(20, 2), 'GOOG')
 * if (bar.close < bands.lower.value) await this.buy('GOOG', 10)
 */
export function bollinger(period = 20, deviations = 2, source: Source = 'close'): BollingerBands {
  return new BollingerBands(period, deviations, source)
}
