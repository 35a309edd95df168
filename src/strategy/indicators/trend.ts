import {
  Indicator,
  type IndicatorInput,
  MultiLineIndicator,
  checkNumber,
  checkPeriod,
  legend,
  take,
} from './indicator.ts'
import { type Smoothing, wilder } from './smoothing.ts'
import { TrueRange } from './volatility.ts'
import { Delay, MovingMaximum, MovingMinimum, MovingSum } from './window.ts'

/** What `adx` gives. Its own `value` is that of `adx`. */
export class DirectionalMovement extends MultiLineIndicator {
  /** Strength of the trend whichever way it goes, 0 to 100. */
  readonly adx = this.draw()
  /** Upward movement in percent of the true range, +DI. */
  readonly plus = this.draw('+DI')
  /** Downward movement in percent of the true range, -DI. */
  readonly minus = this.draw('-DI')
  readonly #range = new TrueRange()
  readonly #averageRange: Smoothing
  readonly #up: Smoothing
  readonly #down: Smoothing
  readonly #average: Smoothing
  readonly #earlier: Delay
  #lastHigh = NaN
  #lastLow = NaN
  #dx = NaN
  #adxr = NaN

  constructor(period: number) {
    checkPeriod('adx period', period)
    super(legend('ADX', [period]), 'ADX')
    this.#averageRange = wilder(period)
    this.#up = wilder(period)
    this.#down = wilder(period)
    this.#average = wilder(period)
    this.#earlier = new Delay(period)
  }

  /** The directional index before it is averaged. */
  get dx(): number {
    return this.#dx
  }
  /** Mean of the newest `adx` and that of `period` bars before. */
  get adxr(): number {
    return this.#adxr
  }

  override update(bar: IndicatorInput): void {
    const rise = bar.high - this.#lastHigh
    const fall = this.#lastLow - bar.low
    this.#lastHigh = bar.high
    this.#lastLow = bar.low
    const range = this.#averageRange.add(this.#range.add(bar))
    // Times 0 rather than 0: on the first bar, which has none before it, NaN stays NaN.
    const up = this.#up.add(rise > fall && rise > 0 ? rise : rise * 0)
    const down = this.#down.add(fall > rise && fall > 0 ? fall : fall * 0)
    const plus = range === 0 ? 0 : (100 * up) / range
    const minus = range === 0 ? 0 : (100 * down) / range
    const dx = plus + minus === 0 ? 0 : (100 * Math.abs(plus - minus)) / (plus + minus)
    const adx = this.#average.add(dx)
    this.#dx = dx
    this.#adxr = (adx + this.#earlier.add(adx)) / 2
    this.newest.take(adx)
    take(this.adx, adx)
    take(this.plus, plus)
    take(this.minus, minus)
  }
}

/**
 * Average directional index with its directional indicators, all smoothed by Wilder's method and seeded with simple
 * averages: `plus` and `minus` have values from bar `period` + 1 on, `adx` from bar 2 `period` on.
 *
 * @throws RangeError when `period` is not a whole number above zero
 * @see J. Welles Wilder, "New Concepts in Technical Trading Systems", 1978
 * @example
 * trend = this.indicator(adx(14))
 * if (this.trend.value > 25 && this.trend.plus.crossedAbove(this.trend.minus)) await this.buy(bar.instrument, 10)
 */
export function adx(period = 14): DirectionalMovement {
  return new DirectionalMovement(period)
}

/** What `aroon` gives. Its own `value` is that of `oscillator`. */
export class Aroon extends MultiLineIndicator {
  /** 100 when the highest high of the window is new, 0 when it is about to leave. */
  readonly up = this.draw('up')
  /** 100 when the lowest low of the window is new, 0 when it is about to leave. */
  readonly down = this.draw('down')
  /** Up less down. */
  readonly oscillator = this.draw('oscillator')
  readonly #period: number
  readonly #high: MovingMaximum
  readonly #low: MovingMinimum

  constructor(period: number) {
    checkPeriod('aroon period', period)
    super(legend('Aroon', [period]), 'Aroon')
    this.#period = period
    this.#high = new MovingMaximum(period + 1)
    this.#low = new MovingMinimum(period + 1)
  }

  override update(bar: IndicatorInput): void {
    const period = this.#period
    const highest = this.#high.add(bar.high)
    const lowest = this.#low.add(bar.low)
    const warm = highest === highest && lowest === lowest
    const up = warm ? (100 * (period - this.#high.age)) / period : NaN
    const down = warm ? (100 * (period - this.#low.age)) / period : NaN
    this.newest.take(up - down)
    take(this.up, up)
    take(this.down, down)
    take(this.oscillator, up - down)
  }
}

/**
 * Aroon: how recent the highest high (`up`) and the lowest low (`down`) of this bar and the `period` before it are,
 * 0 to 100, of equal ones the oldest. Has values from bar `period` + 1 on.
 *
 * @throws RangeError when `period` is not a whole number above zero
 * @see Tushar Chande, "A Time Price Oscillator", Technical Analysis of Stocks & Commodities, 1995
 * @example
 * aroon = this.indicator(aroon(25))
 * if (this.aroon.oscillator.crossedAbove(0)) await this.buy(bar.instrument, 10)
 */
export function aroon(period = 25): Aroon {
  return new Aroon(period)
}

/**
 * Parabolic stop and reverse: a stop that moves towards the extreme price of a trend by a fraction that grows by `step`
 * with each new extreme, up to `most`, and jumps to the other side when touched. The first trend is taken to go up;
 * because that is a guess, there is no value before the bar after the first reversal.
 *
 * @throws RangeError when `step` or `most` is not above zero or `most` is below `step`
 * @see J. Welles Wilder, "New Concepts in Technical Trading Systems", 1978
 * @example
 * stop = this.indicator(parabolicSar(0.02, 0.2))
 * if (bar.close < this.stop.value) await this.closeAll()
 */
export function parabolicSar(step = 0.02, most = 0.2): ParabolicSar {
  return new ParabolicSar(step, most)
}

/** What `parabolicSar` gives. */
export class ParabolicSar extends Indicator {
  readonly #step: number
  readonly #most: number
  #rising = true
  #reversals = 0
  #reversed = false
  #stop = NaN
  #extreme = NaN
  #fraction: number
  #lastHigh = NaN
  #lastLow = NaN
  #highBefore = NaN
  #lowBefore = NaN

  constructor(step: number, most: number) {
    checkNumber('parabolicSar step', step, 1e-6)
    checkNumber('parabolicSar most', most, step)
    super(legend('SAR', [step, most]), 'price')
    this.#step = step
    this.#most = most
    this.#fraction = step
  }

  /** Whether the stop lies below the price, as for a long position; false while there is no value. */
  get rising(): boolean {
    return this.ready && this.#rising
  }
  /** Whether the stop lies above the price, as for a short position; false while there is no value. */
  get falling(): boolean {
    return this.ready && !this.#rising
  }
  /** Whether the newest bar touched the stop. */
  get reversed(): boolean {
    return this.#reversed
  }

  override update(bar: IndicatorInput): void {
    const { high, low } = bar
    const warm = this.#reversals > 0
    if (this.#extreme !== this.#extreme) {
      this.#stop = low
      this.#extreme = high
    } else this.#move(high, low)
    this.#highBefore = this.#lastHigh
    this.#lowBefore = this.#lastLow
    this.#lastHigh = high
    this.#lastLow = low
    this.newest.take(warm ? this.#stop : NaN)
  }

  #move(high: number, low: number): void {
    const rising = this.#rising
    let stop = this.#stop + this.#fraction * (this.#extreme - this.#stop)
    // The stop never enters the range of the two bars before.
    if (this.#lowBefore === this.#lowBefore)
      stop = rising
        ? Math.min(stop, this.#lastLow, this.#lowBefore)
        : Math.max(stop, this.#lastHigh, this.#highBefore)
    this.#reversed = rising ? low < stop : high > stop
    if (this.#reversed) {
      stop = this.#extreme
      this.#rising = !rising
      this.#extreme = rising ? low : high
      this.#fraction = this.#step
      this.#reversals++
    } else if (rising ? high > this.#extreme : low < this.#extreme) {
      this.#extreme = rising ? high : low
      this.#fraction = Math.min(this.#fraction + this.#step, this.#most)
    }
    this.#stop = stop
  }
}

/** What `supertrend` gives. Its own `value` is the line in force; on each bar one of `upper` and `lower` is NaN. */
export class Supertrend extends MultiLineIndicator {
  /** The line while the trend is down: resistance above the price. */
  readonly upper = this.draw('upper')
  /** The line while the trend is up: support below the price. */
  readonly lower = this.draw('lower')
  readonly #range = new TrueRange()
  readonly #averageRange: Smoothing
  readonly #ranges: number
  #rising = true
  #upperBand = NaN
  #lowerBand = NaN
  #lastClose = NaN

  constructor(period: number, ranges: number) {
    checkPeriod('supertrend period', period)
    checkNumber('supertrend ranges', ranges, 0)
    super(legend('Supertrend', [period, ranges]), 'price')
    this.#averageRange = wilder(period)
    this.#ranges = ranges
  }

  /** Whether one of the two lines has a value: there is never more than one. */
  override get ready(): boolean {
    return !Number.isNaN(this.value)
  }
  /** Whether the trend is up; false while there is no value. */
  get rising(): boolean {
    return this.ready && this.#rising
  }
  /** Whether the trend is down; false while there is no value. */
  get falling(): boolean {
    return this.ready && !this.#rising
  }

  override update(bar: IndicatorInput): void {
    const { close } = bar
    const middle = (bar.high + bar.low) / 2
    const away = this.#ranges * this.#averageRange.add(this.#range.add(bar))
    const upper = middle + away
    const lower = middle - away
    const first = this.#upperBand !== this.#upperBand
    if (first) this.#rising = close >= middle
    if (first || upper < this.#upperBand || this.#lastClose > this.#upperBand) this.#upperBand = upper
    if (first || lower > this.#lowerBand || this.#lastClose < this.#lowerBand) this.#lowerBand = lower
    this.#lastClose = close
    if (away === away) this.#rising = close > (this.#rising ? this.#lowerBand : this.#upperBand)
    this.newest.take(this.#rising ? this.#lowerBand : this.#upperBand)
    take(this.upper, this.#rising ? NaN : this.#upperBand)
    take(this.lower, this.#rising ? this.#lowerBand : NaN)
  }
}

/**
 * Supertrend: the middle of the bar plus or minus `ranges` average true ranges (Wilder's, over `period` bars), moved
 * only towards the price until a close passes it, when it changes sides. Has a value from bar `period` + 1 on; that
 * bar's trend is up when its close is not below its middle.
 *
 * @throws RangeError when `period` is not a whole number above zero or `ranges` is negative
 * @see Olivier Seban
 * @example
 * trend = this.indicator(supertrend(10, 3))
 * if (this.trend.rising) await this.buy(bar.instrument, 10)
 */
export function supertrend(period = 10, ranges = 3): Supertrend {
  return new Supertrend(period, ranges)
}

/** What `ichimoku` gives. Its own `value` is that of `conversion`. */
export class Ichimoku extends MultiLineIndicator {
  /** Tenkan-sen: middle of the range of the short window. */
  readonly conversion = this.draw('conversion')
  /** Kijun-sen: middle of the range of the medium window. */
  readonly base = this.draw('base')
  /** Senkou span A: mean of conversion and base as of `base` bars ago, one edge of today's cloud. */
  readonly spanA = this.draw('span A')
  /** Senkou span B: middle of the range of the long window as of `base` bars ago, the other edge. */
  readonly spanB = this.draw('span B')
  readonly #short: RangeMiddle
  readonly #medium: RangeMiddle
  readonly #long: RangeMiddle
  readonly #aheadA: Delay
  readonly #aheadB: Delay

  constructor(conversion: number, base: number, span: number) {
    checkPeriod('ichimoku conversion period', conversion)
    checkPeriod('ichimoku base period', base)
    checkPeriod('ichimoku span period', span)
    super(legend('Ichimoku', [conversion, base, span]), 'price')
    this.#short = new RangeMiddle(conversion)
    this.#medium = new RangeMiddle(base)
    this.#long = new RangeMiddle(span)
    this.#aheadA = new Delay(base)
    this.#aheadB = new Delay(base)
  }

  override update(bar: IndicatorInput): void {
    const conversion = this.#short.add(bar)
    const base = this.#medium.add(bar)
    this.newest.take(conversion)
    take(this.conversion, conversion)
    take(this.base, base)
    take(this.spanA, this.#aheadA.add((conversion + base) / 2))
    take(this.spanB, this.#aheadB.add(this.#long.add(bar)))
  }
}

/** Middle between the highest high and the lowest low of a window. */
class RangeMiddle {
  readonly #high: MovingMaximum
  readonly #low: MovingMinimum

  constructor(period: number) {
    this.#high = new MovingMaximum(period)
    this.#low = new MovingMinimum(period)
  }

  add(bar: IndicatorInput): number {
    return (this.#high.add(bar.high) + this.#low.add(bar.low)) / 2
  }
}

/**
 * Ichimoku cloud: middles of the ranges of three windows, the spans shifted `base` bars ahead. `spanA` and `spanB`
 * are the cloud on the newest bar, made of figures `base` bars old. The lagging span (chikou) is left out: it is the
 * close drawn `base` bars back, so on past bars it shows what was not known then; compare the close with that of
 * `base` bars ago instead.
 *
 * @throws RangeError when a period is not a whole number above zero
 * @see Goichi Hosoda, 1969
 * @example
 * cloud = this.indicator(ichimoku(9, 26, 52))
 * if (bar.close > Math.max(this.cloud.spanA.value, this.cloud.spanB.value)) await this.buy(bar.instrument, 10)
 */
export function ichimoku(conversion = 9, base = 26, span = 52): Ichimoku {
  return new Ichimoku(conversion, base, span)
}

/** What `vortex` gives. Its own `value` is that of `plus`. */
export class Vortex extends MultiLineIndicator {
  /** Distances of highs from the lows before, as a fraction of the true range. */
  readonly plus = this.draw('+VI')
  /** Distances of lows from the highs before, as a fraction of the true range. */
  readonly minus = this.draw('-VI')
  readonly #range = new TrueRange()
  readonly #ranges: MovingSum
  readonly #up: MovingSum
  readonly #down: MovingSum
  #lastHigh = NaN
  #lastLow = NaN

  constructor(period: number) {
    checkPeriod('vortex period', period)
    super(legend('Vortex', [period]), 'Vortex')
    this.#ranges = new MovingSum(period)
    this.#up = new MovingSum(period)
    this.#down = new MovingSum(period)
  }

  override update(bar: IndicatorInput): void {
    const range = this.#ranges.add(this.#range.add(bar))
    const plus = this.#up.add(Math.abs(bar.high - this.#lastLow)) / range
    const minus = this.#down.add(Math.abs(bar.low - this.#lastHigh)) / range
    this.#lastHigh = bar.high
    this.#lastLow = bar.low
    this.newest.take(plus)
    take(this.plus, plus)
    take(this.minus, minus)
  }
}

/**
 * Vortex: how far each high lies from the low before (`plus`) and each low from the high before (`minus`), summed
 * over `period` bars and divided by the sum of true ranges. Has values from bar `period` + 1 on.
 *
 * @throws RangeError when `period` is not a whole number above zero
 * @see Etienne Botes and Douglas Siepman, "The Vortex Indicator", Technical Analysis of Stocks & Commodities, 2010
 * @example
 * whirl = this.indicator(vortex(14))
 * if (this.whirl.plus.crossedAbove(this.whirl.minus)) await this.buy(bar.instrument, 10)
 */
export function vortex(period = 14): Vortex {
  return new Vortex(period)
}
