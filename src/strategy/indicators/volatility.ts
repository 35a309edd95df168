import { log } from '#market'
import {
  type Filter,
  FilteredSource,
  Indicator,
  type IndicatorInput,
  MultiLineIndicator,
  type Source,
  checkNumber,
  checkPeriod,
  legend,
  paneOf,
  reader,
  take,
} from './indicator.ts'
import { type Smoothing, exponential, wilder } from './smoothing.ts'
import { MovingMaximum, MovingMinimum, MovingSum, MovingVariance, Window } from './window.ts'

/** High or the close before, whichever is higher, less low or the close before, whichever is lower. */
export class TrueRange {
  #lastClose = NaN

  /** NaN on the first bar. */
  add(bar: IndicatorInput): number {
    const range = Math.max(bar.high, this.#lastClose) - Math.min(bar.low, this.#lastClose)
    this.#lastClose = bar.close
    return range
  }
}

/** An indicator of one value that is a filter over the true range. */
class FilteredRange extends Indicator {
  readonly #range = new TrueRange()
  readonly #filter: Filter

  constructor(name: string, pane: string, filter: Filter) {
    super(name, pane)
    this.#filter = filter
  }

  override update(bar: IndicatorInput): void {
    this.newest.take(this.#filter.add(this.#range.add(bar)))
  }
}

/**
 * True range: the largest of high less low and the distances of high and low from the close before. The first bar
 * has no close before it, so there is a value from the second bar on.
 *
 * @see J. Welles Wilder, "New Concepts in Technical Trading Systems", 1978
 * @example
 * range = this.indicator(trueRange())
 */
export function trueRange(): Indicator {
  return new FilteredRange('TR', 'ATR', { add: (range) => range })
}

/**
 * Average true range: the true range smoothed by Wilder's method, seeded with the mean of the first `period` of
 * them. The first bar has no close before it and so no true range: there is a value from bar `period` + 1 on.
 *
 * @throws RangeError when `period` is not a whole number above zero
 * @see J. Welles Wilder, "New Concepts in Technical Trading Systems", 1978
 * @example
 * range = this.indicator(atr(14))
 * const stopPrice = bar.close - 2 * this.range.value
 */
export function atr(period = 14): Indicator {
  checkPeriod('atr period', period)
  return new FilteredRange(legend('ATR', [period]), 'ATR', wilder(period))
}

/** An upper and a lower line about a middle one. Its own `value` is that of `middle`. */
export abstract class Bands extends MultiLineIndicator {
  /** The band above. */
  readonly upper = this.draw('upper')
  /** What both lie around; the `value` of the indicator. */
  readonly middle = this.draw('middle')
  /** The band below. */
  readonly lower = this.draw('lower')

  /** Distance between the bands as a fraction of the middle. */
  get width(): number {
    return (this.upper.value - this.lower.value) / this.middle.value
  }

  protected move(upper: number, middle: number, lower: number): void {
    this.newest.take(middle)
    take(this.upper, upper)
    take(this.middle, middle)
    take(this.lower, lower)
  }
}

/** What `bollinger` gives. Its own `value` is that of `middle`, the simple moving average. */
export class BollingerBands extends Bands {
  readonly #read: (bar: IndicatorInput) => number
  readonly #deviations: number
  readonly #window: MovingVariance
  #newestInput = NaN

  constructor(period: number, deviations: number, source: Source) {
    checkPeriod('bollinger period', period, 2)
    checkNumber('bollinger deviations', deviations, 0)
    super(legend('BB', [period, deviations], source), paneOf(source))
    this.#read = reader(source)
    this.#deviations = deviations
    this.#window = new MovingVariance(period)
  }

  /** Where the newest value lies between the bands: 0 at the lower, 1 at the upper. NaN while they touch. */
  get percentB(): number {
    const lower = this.lower.value
    const width = this.upper.value - lower
    return width > 0 ? (this.#newestInput - lower) / width : NaN
  }

  override update(bar: IndicatorInput): void {
    const number = this.#read(bar)
    const middle = this.#window.add(number)
    const away = this.#deviations * Math.sqrt(this.#window.variance)
    this.#newestInput = number
    this.move(middle + away, middle, middle - away)
  }
}

/**
 * Bollinger bands: a simple moving average, and `deviations` population standard deviations (divided by
 * `period`, not `period` - 1) above and below it. Has values from bar `period` on.
 *
 * @throws RangeError when `period` is not a whole number of at least 2 or `deviations` is negative
 * @see John Bollinger, "Bollinger on Bollinger Bands", 2001
 * @example
 * bands = this.indicator(bollinger(20, 2))
 * if (bar.close < this.bands.lower.value) await this.buy(bar.instrument, 10)
 */
export function bollinger(period = 20, deviations = 2, source: Source = 'close'): BollingerBands {
  return new BollingerBands(period, deviations, source)
}

class KeltnerChannel extends Bands {
  readonly #average: Smoothing
  readonly #range = new TrueRange()
  readonly #averageRange: Smoothing
  readonly #ranges: number

  constructor(period: number, ranges: number, rangePeriod: number) {
    checkPeriod('keltner period', period)
    checkNumber('keltner ranges', ranges, 0)
    checkPeriod('keltner rangePeriod', rangePeriod)
    super(legend('KC', [period, ranges, rangePeriod]), 'price')
    this.#average = exponential(period)
    this.#averageRange = wilder(rangePeriod)
    this.#ranges = ranges
  }

  override update(bar: IndicatorInput): void {
    const middle = this.#average.add(bar.close)
    const away = this.#ranges * this.#averageRange.add(this.#range.add(bar))
    this.move(middle + away, away === away ? middle : NaN, middle - away)
  }
}

/**
 * Keltner channel: an exponential average of the close, and `ranges` average true ranges (Wilder's, over
 * `rangePeriod` bars) above and below it. Has values from the later of bars `period` and `rangePeriod` + 1 on.
 *
 * @throws RangeError when a period is not a whole number above zero or `ranges` is negative
 * @see Chester Keltner, "How to Make Money in Commodities", 1960; in this form Linda Raschke
 * @example
 * channel = this.indicator(keltner(20, 2, 10))
 * if (bar.close > this.channel.upper.value) await this.buy(bar.instrument, 10)
 */
export function keltner(period = 20, ranges = 2, rangePeriod = 10): Bands {
  return new KeltnerChannel(period, ranges, rangePeriod)
}

class DonchianChannel extends Bands {
  readonly #high: MovingMaximum
  readonly #low: MovingMinimum
  #highest = NaN
  #lowest = NaN

  constructor(period: number) {
    checkPeriod('donchian period', period)
    super(legend('DC', [period]), 'price')
    this.#high = new MovingMaximum(period)
    this.#low = new MovingMinimum(period)
  }

  override update(bar: IndicatorInput): void {
    this.move(this.#highest, (this.#highest + this.#lowest) / 2, this.#lowest)
    this.#highest = this.#high.add(bar.high)
    this.#lowest = this.#low.add(bar.low)
  }
}

/**
 * Donchian channel: the highest high and the lowest low of the `period` bars before this one, and their middle. The
 * newest bar itself is left out, so that its close can lie outside; for a window that includes it use `highest` and
 * `lowest`. Has values from bar `period` + 1 on.
 *
 * @throws RangeError when `period` is not a whole number above zero
 * @see Richard Donchian's four-week rule, 1960
 * @example
 * channel = this.indicator(donchian(20))
 * if (bar.close > this.channel.upper.value) await this.buy(bar.instrument, 10)
 */
export function donchian(period = 20): Bands {
  return new DonchianChannel(period)
}

/** What `chandelier` gives. Its own `value` is that of `long`. */
export class ChandelierExit extends MultiLineIndicator {
  /** Stop of a long position: highest high less so many average true ranges. */
  readonly long = this.draw('long')
  /** Stop of a short position: lowest low plus so many average true ranges. */
  readonly short = this.draw('short')
  readonly #high: MovingMaximum
  readonly #low: MovingMinimum
  readonly #range = new TrueRange()
  readonly #averageRange: Smoothing
  readonly #ranges: number

  constructor(period: number, ranges: number) {
    checkPeriod('chandelier period', period)
    checkNumber('chandelier ranges', ranges, 0)
    super(legend('Chandelier', [period, ranges]), 'price')
    this.#high = new MovingMaximum(period)
    this.#low = new MovingMinimum(period)
    this.#averageRange = wilder(period)
    this.#ranges = ranges
  }

  override update(bar: IndicatorInput): void {
    const away = this.#ranges * this.#averageRange.add(this.#range.add(bar))
    const long = this.#high.add(bar.high) - away
    this.newest.take(long)
    take(this.long, long)
    take(this.short, this.#low.add(bar.low) + away)
  }
}

/**
 * Chandelier exit: stops that hang `ranges` average true ranges (Wilder's) below the highest high and above the
 * lowest low of `period` bars, the newest included. Has values from bar `period` + 1 on.
 *
 * @throws RangeError when `period` is not a whole number above zero or `ranges` is negative
 * @see Chuck LeBeau, in Alexander Elder, "Come Into My Trading Room", 2002
 * @example
 * exit = this.indicator(chandelier(22, 3))
 * if (bar.close < this.exit.long.value) await this.closeAll()
 */
export function chandelier(period = 22, ranges = 3): ChandelierExit {
  return new ChandelierExit(period, ranges)
}

/**
 * Choppiness index, 0 to 100: the logarithm of the way travelled (the sum of `period` true ranges) over the ground
 * covered (highest less lowest, gaps included), in percent of the logarithm of `period`. High in a market that goes
 * nowhere, low in a trend. Has a value from bar `period` + 1 on.
 *
 * @throws RangeError when `period` is not a whole number of at least 2
 * @see E. W. Dreiss
 * @example
 * choppiness = this.indicator(choppiness(14))
 * if (this.choppiness.value < 38.2) await this.buy(bar.instrument, 10)
 */
export function choppiness(period = 14): Indicator {
  return new Choppiness(period)
}

class Choppiness extends Indicator {
  readonly #high: MovingMaximum
  readonly #low: MovingMinimum
  readonly #travelled: MovingSum
  readonly #scale: number
  #lastClose = NaN

  constructor(period: number) {
    checkPeriod('choppiness period', period, 2)
    super(legend('CHOP', [period]), 'CHOP')
    this.#high = new MovingMaximum(period)
    this.#low = new MovingMinimum(period)
    this.#travelled = new MovingSum(period)
    this.#scale = 100 / log(period)
  }

  override update(bar: IndicatorInput): void {
    const high = Math.max(bar.high, this.#lastClose)
    const low = Math.min(bar.low, this.#lastClose)
    this.#lastClose = bar.close
    const covered = this.#high.add(high) - this.#low.add(low)
    this.newest.take(this.#scale * log(this.#travelled.add(high - low) / covered))
  }
}

/**
 * Ulcer index: the root of the mean square of the drawdowns, in percent, of the newest `period` values, each measured
 * from the highest value of the window up to it. Has a value from bar `period` on. Each update looks at the whole window.
 *
 * @throws RangeError when `period` is not a whole number above zero
 * @see Peter Martin and Byron McCann, "The Investor's Guide to Fidelity Funds", 1989
 * @example
 * pain = this.indicator(ulcerIndex(14))
 */
export function ulcerIndex(period = 14, source: Source = 'close'): Indicator {
  checkPeriod('ulcerIndex period', period)
  const window = new Window(period)
  return new FilteredSource(legend('UI', [period], source), 'UI', source, {
    add(number) {
      if (Number.isNaN(number) || !window.push(number)) return NaN
      let peak = -Infinity
      let squares = 0
      for (let i = 0; i < period; i++) {
        peak = Math.max(peak, window.at(i))
        const drawdown = (100 * (window.at(i) - peak)) / peak
        squares += drawdown * drawdown
      }
      return Math.sqrt(squares / period)
    },
  })
}

/**
 * Mass index: the sum over `period` bars of an exponential average of high less low divided by the exponential average
 * of that average, both over `smoothing` bars and seeded with simple ones. It bulges when ranges widen.
 * Has a value from bar 2 `smoothing` + `period` - 2 on.
 *
 * @throws RangeError when a period is not a whole number above zero
 * @see Donald Dorsey, "The Mass Index", Technical Analysis of Stocks & Commodities, 1992
 * @example
 * massIndex = this.indicator(massIndex(25, 9))
 * if (this.massIndex.crossedBelow(26.5)) await this.closeAll()
 */
export function massIndex(period = 25, smoothing = 9): Indicator {
  checkPeriod('massIndex period', period)
  checkPeriod('massIndex smoothing', smoothing)
  const once = exponential(smoothing)
  const twice = exponential(smoothing)
  const sum = new MovingSum(period)
  return new FilteredSource(legend('MI', [period, smoothing]), 'MI', ({ high, low }) => high - low, {
    add(range) {
      const average = once.add(range)
      return sum.add(average / twice.add(average))
    },
  })
}
