import { exp } from '#market'
import {
  type Filter,
  FilteredSource,
  Indicator,
  type IndicatorInput,
  type Source,
  checkNumber,
  checkPeriod,
  legend,
  paneOf,
  reader,
} from './indicator.ts'
import { type Smoothing, exponential, following, wilder } from './smoothing.ts'
import { Delay, MovingSum, WeightedMean, Window } from './window.ts'

/**
 * Simple moving average: the mean of the newest `period` values. Has a value from bar `period` on. Its moving sum
 * is exact on prices that are multiples of a power of two, and rounding never builds up on others.
 *
 * @throws RangeError when `period` is not a whole number above zero
 * @example
 * average = this.indicator(sma(20))
 * if (bar.close > this.average.value) await this.buy(bar.instrument, 10)
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
    this.newest.take(this.#sum.add(this.#read(bar)) / this.#period)
  }
}

/**
 * Exponential moving average: each bar moves it by 2 / (period + 1) of its distance to the new value. Seeded with
 * the simple average of the first `period` values, so it has a value from bar `period` on.
 *
 * @throws RangeError when `period` is not a whole number above zero
 * @example
 * fast = this.indicator(ema(12))
 * if (this.fast.crossedAbove(this.slow)) await this.buy(bar.instrument, 10)
 */
export function ema(period: number, source: Source = 'close'): Indicator {
  checkPeriod('ema period', period)
  return new SmoothedAverage(legend('EMA', [period], source), source, exponential(period))
}

/**
 * Smoothed moving average, also called RMA or Wilder's average: each bar moves it by 1 / period of its distance to
 * the new value. Seeded with the simple average of the first `period` values, so it has a value from bar `period` on.
 *
 * @throws RangeError when `period` is not a whole number above zero
 * @see J. Welles Wilder, "New Concepts in Technical Trading Systems", 1978
 * @example
 * trend = this.indicator(smma(14))
 */
export function smma(period: number, source: Source = 'close'): Indicator {
  checkPeriod('smma period', period)
  return new SmoothedAverage(legend('SMMA', [period], source), source, wilder(period))
}

class SmoothedAverage extends Indicator {
  readonly #read: (bar: IndicatorInput) => number
  readonly #smoothing: Smoothing

  constructor(name: string, source: Source, smoothing: Smoothing) {
    super(name, paneOf(source))
    this.#read = reader(source)
    this.#smoothing = smoothing
  }

  override update(bar: IndicatorInput): void {
    this.newest.take(this.#smoothing.add(this.#read(bar)))
  }
}

/**
 * Weighted moving average: the mean of the newest `period` values, the oldest counted once and the newest `period`
 * times. Has a value from bar `period` on.
 *
 * @throws RangeError when `period` is not a whole number above zero
 * @example
 * average = this.indicator(wma(14))
 */
export function wma(period: number, source: Source = 'close'): Indicator {
  checkPeriod('wma period', period)
  return average('WMA', [period], source, new WeightedMean(period))
}

/**
 * Hull moving average: the weighted average, over the root of `period` bars, of twice the weighted average of half
 * the period less that of the whole; half and root rounded down. Has a value from bar `period` + root - 1 on.
 *
 * @throws RangeError when `period` is not a whole number of at least 2
 * @see Alan Hull, "Hull Moving Average", 2005
 * @example
 * average = this.indicator(hma(14))
 */
export function hma(period: number, source: Source = 'close'): Indicator {
  checkPeriod('hma period', period, 2)
  const half = new WeightedMean(Math.floor(period / 2))
  const whole = new WeightedMean(period)
  const smooth = new WeightedMean(Math.floor(Math.sqrt(period)))
  return average('HMA', [period], source, {
    add: (number) => smooth.add(2 * half.add(number) - whole.add(number)),
  })
}

/**
 * Double exponential moving average: twice an exponential average less the exponential average of it. The first is
 * seeded with the simple average of `period` values, the second with the first: there is a value from bar `period` on.
 *
 * @throws RangeError when `period` is not a whole number above zero
 * @see Patrick Mulloy, "Smoothing data with faster moving averages", Technical Analysis of Stocks & Commodities, 1994
 * @example
 * average = this.indicator(dema(14))
 */
export function dema(period: number, source: Source = 'close'): Indicator {
  checkPeriod('dema period', period)
  const first = exponential(period)
  const second = following(period)
  return average('DEMA', [period], source, {
    add(number) {
      const once = first.add(number)
      return 2 * once - second.add(once)
    },
  })
}

/**
 * Triple exponential moving average: with e1 an exponential average, e2 that of e1 and e3 that of e2, it is
 * 3 e1 - 3 e2 + e3. Seeded like `dema`: there is a value from bar `period` on.
 *
 * @throws RangeError when `period` is not a whole number above zero
 * @see Patrick Mulloy, "Smoothing data with faster moving averages", Technical Analysis of Stocks & Commodities, 1994
 * @example
 * average = this.indicator(tema(20))
 */
export function tema(period: number, source: Source = 'close'): Indicator {
  checkPeriod('tema period', period)
  const first = exponential(period)
  const second = following(period)
  const third = following(period)
  return average('TEMA', [period], source, {
    add(number) {
      const once = first.add(number)
      const twice = second.add(once)
      return 3 * once - 3 * twice + third.add(twice)
    },
  })
}

/**
 * Tillson's T3: six exponential averages one over the other, combined so that `volume`, from 0 to 1, sets how hard
 * it turns. Each is seeded with the first value, so it has a value from the first bar on, of little worth before
 * some six periods.
 *
 * @throws RangeError when `period` is not a whole number above zero or `volume` not between 0 and 1
 * @see Tim Tillson, "Better Moving Averages", Technical Analysis of Stocks & Commodities, 1998
 * @example
 * average = this.indicator(t3(5, 0.7))
 */
export function t3(period = 5, volume = 0.7, source: Source = 'close'): Indicator {
  checkPeriod('t3 period', period)
  checkNumber('t3 volume', volume, 0, 1)
  const chain = Array.from({ length: 6 }, () => following(period))
  const square = volume * volume
  const cube = square * volume
  const c3 = 1 + 3 * volume + cube + 3 * square
  const c4 = -6 * square - 3 * volume - 3 * cube
  const c5 = 3 * square + 3 * cube
  return average('T3', [period, volume], source, {
    add(number) {
      const e3 = chain[2]!.add(chain[1]!.add(chain[0]!.add(number)))
      const e4 = chain[3]!.add(e3)
      const e5 = chain[4]!.add(e4)
      return c3 * e3 + c4 * e4 + c5 * e5 - cube * chain[5]!.add(e5)
    },
  })
}

/**
 * Zero-lag exponential moving average: an exponential average of each value plus its change over the lag of that
 * average, (period - 1) / 2 bars rounded down. Has a value from bar `period` + lag on.
 *
 * @throws RangeError when `period` is not a whole number of at least 3
 * @see John Ehlers and Ric Way, "Zero Lag (well, almost)", 2010
 * @example
 * average = this.indicator(zlema(20))
 */
export function zlema(period: number, source: Source = 'close'): Indicator {
  checkPeriod('zlema period', period, 3)
  const delay = new Delay(Math.floor((period - 1) / 2))
  const smoothing = exponential(period)
  return average('ZLEMA', [period], source, {
    add: (number) => smoothing.add(2 * number - delay.add(number)),
  })
}

/**
 * Arnaud Legoux moving average: the newest `period` values weighted by a bell curve whose peak lies at `offset` of the
 * window (1 is the newest end) and whose width is `period` / `sigma`. Has a value from bar `period` on.
 *
 * @throws RangeError when `period` is not a whole number above 1, `offset` not between 0 and 1 or `sigma` not above 0
 * @see Arnaud Legoux and Dimitris Kouzis-Loukas, 2009
 * @example
 * average = this.indicator(alma(9, 0.85, 6))
 */
export function alma(period = 9, offset = 0.85, sigma = 6, source: Source = 'close'): Indicator {
  checkPeriod('alma period', period, 2)
  checkNumber('alma offset', offset, 0, 1)
  checkNumber('alma sigma', sigma, 1e-6)
  const peak = offset * (period - 1)
  const width = period / sigma
  const weights = Float64Array.from({ length: period }, (_, i) => {
    const away = (i - peak) / width
    return exp((-away * away) / 2)
  })
  const total = weights.reduce((a, b) => a + b)
  const window = new Window(period)
  return average('ALMA', [period, offset, sigma], source, {
    add(number) {
      if (Number.isNaN(number) || !window.push(number)) return NaN
      let sum = 0
      for (let i = 0; i < period; i++) sum += weights[i]! * window.at(i)
      return sum / total
    },
  })
}

/**
 * Kaufman's adaptive moving average: an exponential average whose weight goes from that of `slow` bars in a market
 * that gets nowhere to that of `fast` bars in one that runs straight, by the square of the efficiency ratio. Starts
 * at value number `period` as that value.
 *
 * @throws RangeError when a period is not a whole number above zero or `slow` is not longer than `fast`
 * @see Perry Kaufman, "Smarter Trading", 1995
 * @example
 * average = this.indicator(kama(10, 2, 30))
 */
export function kama(period = 10, fast = 2, slow = 30, source: Source = 'close'): Indicator {
  checkPeriod('kama period', period)
  checkPeriod('kama fast period', fast)
  checkPeriod('kama slow period', slow, fast + 1)
  return average('KAMA', [period, fast, slow], source, new KaufmanAverage(period, fast, slow))
}

class KaufmanAverage implements Filter {
  readonly #efficiency: Efficiency
  readonly #fastest: number
  readonly #slowest: number
  #missing: number
  #level = NaN

  constructor(period: number, fast: number, slow: number) {
    this.#efficiency = new Efficiency(period)
    this.#fastest = 2 / (fast + 1)
    this.#slowest = 2 / (slow + 1)
    this.#missing = period
  }

  add(number: number): number {
    if (number !== number) return number
    const efficiency = this.#efficiency.add(number)
    if (this.#missing > 0) return --this.#missing === 0 ? (this.#level = number) : NaN
    const root = efficiency * (this.#fastest - this.#slowest) + this.#slowest
    return (this.#level += root * root * (number - this.#level))
  }
}

/**
 * Kaufman's efficiency ratio: the change over `period` bars as a fraction of the way travelled bar by bar; 1 in a
 * straight run, 0 where it came back to the start or did not move. Has a value from bar `period` + 1 on.
 *
 * @throws RangeError when `period` is not a whole number above zero
 * @see Perry Kaufman, "Smarter Trading", 1995
 * @example
 * efficiencyRatio = this.indicator(efficiencyRatio(10))
 * if (this.efficiencyRatio.value > 0.5) await this.buy(bar.instrument, 10)
 */
export function efficiencyRatio(period = 10, source: Source = 'close'): Indicator {
  checkPeriod('efficiencyRatio period', period)
  return new FilteredSource(legend('ER', [period], source), 'ER', source, new Efficiency(period))
}

class Efficiency implements Filter {
  readonly #start: Delay
  readonly #travelled: MovingSum
  #last = NaN

  constructor(period: number) {
    this.#start = new Delay(period)
    this.#travelled = new MovingSum(period)
  }

  add(number: number): number {
    if (number !== number) return number
    const travelled = this.#travelled.add(Math.abs(number - this.#last))
    const change = Math.abs(number - this.#start.add(number))
    this.#last = number
    return travelled === 0 ? 0 : change / travelled
  }
}

/**
 * Volume-weighted moving average: price times volume over the newest `period` bars, divided by their volume. Has a
 * value from bar `period` on; none while nothing traded.
 *
 * @throws RangeError when `period` is not a whole number above zero
 * @example
 * average = this.indicator(vwma(14))
 */
export function vwma(period: number, source: Source = 'close'): Indicator {
  return new VolumeWeightedAverage(period, source)
}

class VolumeWeightedAverage extends Indicator {
  readonly #read: (bar: IndicatorInput) => number
  readonly #paid: MovingSum
  readonly #volume: MovingSum

  constructor(period: number, source: Source) {
    checkPeriod('vwma period', period)
    super(legend('VWMA', [period], source), paneOf(source))
    this.#read = reader(source)
    this.#paid = new MovingSum(period)
    this.#volume = new MovingSum(period)
  }

  override update(bar: IndicatorInput): void {
    const paid = this.#read(bar) * bar.volume
    this.newest.take(this.#paid.add(paid) / this.#volume.add(paid === paid ? bar.volume : NaN))
  }
}

function average(name: string, settings: readonly number[], source: Source, filter: Filter): Indicator {
  return new FilteredSource(legend(name, settings, source), paneOf(source), source, filter)
}
