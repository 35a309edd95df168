import {
  Indicator,
  type IndicatorInput,
  type Source,
  checkPeriod,
  legend,
  paneOf,
  reader,
} from './indicator.ts'
import { type Smoothing, exponential } from './smoothing.ts'
import { MovingSum } from './window.ts'

/**
 * Simple moving average: the mean of the newest `period` values. Has a value from bar `period` on. Its moving sum
 * is exact on prices that are multiples of a power of two, and rounding never builds up on others.
 *
 * @throws RangeError when `period` is not a whole number above zero
 * @example
 * const average = this.indicator(sma(20), 'GOOG')
 * if (bar.close > average.value) ...
 */
export function sma(period: number, source: Source = 'close'): Indicator {
  return new SimpleMovingAverage(period, source)
}

class SimpleMovingAverage extends Indicator {
  readonly #period: number
  readonly #read: (bar: IndicatorInput) => number
  readonly #sum: MovingSum

  constructor(period: number, source: Source) {
    checkPeriod('sma period', period)
    super(legend('SMA', [period], source), paneOf(source))
    this.#period = period
    this.#read = reader(source)
    this.#sum = new MovingSum(period)
  }

  override update(bar: IndicatorInput): void {
    this.advance(this.#sum.add(this.#read(bar)) / this.#period)
  }
}

/**
 * Exponential moving average: each bar moves it by 2 / (period + 1) of its distance to the new value. Seeded with
 * the simple average of the first `period` values, so it has a value from bar `period` on.
 *
 * @throws RangeError when `period` is not a whole number above zero
 * @example
 * const fast = this.indicator(ema(12), 'GOOG')
 * if (fast.crossedAbove(slow)) await this.buy('GOOG', 10)
 */
export function ema(period: number, source: Source = 'close'): Indicator {
  checkPeriod('ema period', period)
  return new Smoothed(legend('EMA', [period], source), source, exponential(period))
}

class Smoothed extends Indicator {
  readonly #read: (bar: IndicatorInput) => number
  readonly #smoothing: Smoothing

  constructor(name: string, source: Source, smoothing: Smoothing) {
    super(name, paneOf(source))
    this.#read = reader(source)
    this.#smoothing = smoothing
  }

  override update(bar: IndicatorInput): void {
    this.advance(this.#smoothing.add(this.#read(bar)))
  }
}
