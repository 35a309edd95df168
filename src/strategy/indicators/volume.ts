import { type CalendarSpan, checkSpan, spanNumber } from './calendar.ts'
import {
  checkNumber,
  type Filter,
  Indicator,
  type IndicatorInput,
  MultiLineIndicator,
  type Source,
  checkPeriod,
  legend,
  paneOf,
  reader,
  take,
} from './indicator.ts'
import { type Smoothing, exponential } from './smoothing.ts'
import { Change, MovingMean, MovingSum } from './window.ts'

/** An indicator of one value that is a filter over a figure worked out from the bars. */
class FilteredFlow extends Indicator {
  readonly #flow: { add(bar: IndicatorInput): number }
  readonly #filter: Filter

  constructor(name: string, pane: string, flow: { add(bar: IndicatorInput): number }, filter: Filter) {
    super(name, pane)
    this.#flow = flow
    this.#filter = filter
  }

  override update(bar: IndicatorInput): void {
    this.newest.take(this.#filter.add(this.#flow.add(bar)))
  }
}

/**
 * On-balance volume: the running sum of volume, added on a higher close and taken away on a lower one. Starts at 0.
 *
 * @see Joseph Granville, "Granville's New Key to Stock Market Profits", 1963
 * @example
 * balance = this.indicator(obv())
 */
export function obv(): Indicator {
  return new OnBalanceVolume()
}

class OnBalanceVolume extends Indicator {
  #lastClose = NaN
  #sum = 0

  constructor() {
    super('OBV', 'OBV')
  }

  override update(bar: IndicatorInput): void {
    const { close } = bar
    if (close > this.#lastClose) this.#sum += bar.volume
    else if (close < this.#lastClose) this.#sum -= bar.volume
    this.#lastClose = close
    this.newest.take(this.#sum)
  }
}

/** Volume times where the close lies in the bar, from -1 at the low to 1 at the high; 0 for a bar without a range. */
function moneyFlow(bar: IndicatorInput): number {
  const { high, low, close } = bar
  return high === low ? 0 : ((close - low - (high - close)) / (high - low)) * bar.volume
}

/** Running sum of the money flow. */
class Accumulation {
  #sum = 0

  add(bar: IndicatorInput): number {
    return (this.#sum += moneyFlow(bar))
  }
}

/**
 * Accumulation/distribution line: the running sum of volume times where the close lies in the bar, from -1 at the
 * low to 1 at the high. Has a value from the first bar on.
 *
 * @see Marc Chaikin
 * @example
 * accumulation = this.indicator(adl())
 */
export function adl(): Indicator {
  return new FilteredFlow('ADL', 'ADL', new Accumulation(), { add: (number) => number })
}

/**
 * Chaikin oscillator: exponential average of the accumulation/distribution line over `fast` bars less that over
 * `slow` bars, both seeded with simple averages. Has a value from bar `slow` on.
 *
 * @throws RangeError when a period is not a whole number above zero or `slow` is not longer than `fast`
 * @see Marc Chaikin
 * @example
 * chaikinOscillator = this.indicator(chaikinOscillator(3, 10))
 * if (this.chaikinOscillator.crossedAbove(0)) await this.buy(bar.instrument, 10)
 */
export function chaikinOscillator(fast = 3, slow = 10): Indicator {
  checkPeriod('chaikinOscillator fast period', fast)
  checkPeriod('chaikinOscillator slow period', slow, fast + 1)
  const quick = exponential(fast)
  const lazy = exponential(slow)
  return new FilteredFlow(legend('CO', [fast, slow]), 'CO', new Accumulation(), {
    add: (number) => quick.add(number) - lazy.add(number),
  })
}

/**
 * Chaikin money flow, -1 to 1: volume times where the close lies in the bar, summed over `period` bars and divided by
 * their volume. Has a value from bar `period` on; 0 while nothing traded.
 *
 * @throws RangeError when `period` is not a whole number above zero
 * @see Marc Chaikin
 * @example
 * chaikinMoneyFlow = this.indicator(chaikinMoneyFlow(20))
 * if (this.chaikinMoneyFlow.value > 0.1) await this.buy(bar.instrument, 10)
 */
export function chaikinMoneyFlow(period = 20): Indicator {
  return new ChaikinMoneyFlow(period)
}

class ChaikinMoneyFlow extends Indicator {
  readonly #flow: MovingSum
  readonly #volume: MovingSum

  constructor(period: number) {
    checkPeriod('chaikinMoneyFlow period', period)
    super(legend('CMF', [period]), 'CMF')
    this.#flow = new MovingSum(period)
    this.#volume = new MovingSum(period)
  }

  override update(bar: IndicatorInput): void {
    const flow = this.#flow.add(moneyFlow(bar))
    const volume = this.#volume.add(bar.volume)
    this.newest.take(volume === 0 ? 0 : flow / volume)
  }
}

/**
 * Money flow index, 0 to 100: typical price times volume of the bars whose typical price, (high + low + close) / 3,
 * rose, in percent of those where it rose or fell, over `period` bars. Has a value from bar `period` + 1 on; 50 where
 * it neither rose nor fell.
 *
 * @throws RangeError when `period` is not a whole number above zero
 * @see Gene Quong and Avrum Soudack, "Volume-Weighted RSI", Technical Analysis of Stocks & Commodities, 1989
 * @example
 * mfi = this.indicator(mfi(14))
 * if (this.mfi.value < 20) await this.buy(bar.instrument, 10)
 */
export function mfi(period = 14): Indicator {
  return new MoneyFlowIndex(period)
}

class MoneyFlowIndex extends Indicator {
  readonly #rising: MovingSum
  readonly #falling: MovingSum
  #lastPrice = NaN

  constructor(period: number) {
    checkPeriod('mfi period', period)
    super(legend('MFI', [period]), 'MFI')
    this.#rising = new MovingSum(period)
    this.#falling = new MovingSum(period)
  }

  override update(bar: IndicatorInput): void {
    const price = (bar.high + bar.low + bar.close) / 3
    const flow = price * bar.volume
    const change = price - this.#lastPrice
    this.#lastPrice = price
    if (change !== change) return this.newest.take(NaN)
    const rising = this.#rising.add(change > 0 ? flow : 0)
    const falling = this.#falling.add(change < 0 ? flow : 0)
    const both = rising + falling
    this.newest.take(both === 0 ? 50 : (100 * rising) / both)
  }
}

/**
 * Force index: change of the close times volume, averaged exponentially over `period` changes and seeded with the
 * simple average. Has a value from bar `period` + 1 on.
 *
 * @throws RangeError when `period` is not a whole number above zero
 * @see Alexander Elder, "Trading for a Living", 1993
 * @example
 * forceIndex = this.indicator(forceIndex(13))
 * if (this.forceIndex.crossedAbove(0)) await this.buy(bar.instrument, 10)
 */
export function forceIndex(period = 13): Indicator {
  checkPeriod('forceIndex period', period)
  const change = new Change()
  const force = { add: (bar: IndicatorInput) => change.add(bar.close) * bar.volume }
  return new FilteredFlow(legend('Force', [period]), 'Force', force, exponential(period))
}

/**
 * Volume-weighted average price: price times volume divided by volume, since the first bar or, with `'day'`, `'week'`
 * or `'month'`, since the calendar span in UTC began (weeks on Monday). The price of a bar is (high + low + close) / 3
 * unless another source is given. Has a value from the first bar with volume on.
 *
 * @throws RangeError when `since` is none of those
 * @example
 * average = this.indicator(vwap('day'))
 * if (bar.close < this.average.value) await this.buy(bar.instrument, 10)
 */
export function vwap(since: 'start' | CalendarSpan = 'start', source: Source = 'hlc3'): Indicator {
  return new VolumeWeightedPrice(since, source)
}

class VolumeWeightedPrice extends Indicator {
  readonly #read: (bar: IndicatorInput) => number
  readonly #since: 'start' | CalendarSpan
  #span = NaN
  #paid = 0
  #volume = 0

  constructor(since: 'start' | CalendarSpan, source: Source) {
    checkSpan('vwap since', since, ['start', 'day', 'week', 'month'])
    const name = since === 'start' ? 'VWAP' : `VWAP ${since}`
    super(legend(name, [], source, 'hlc3'), paneOf(source))
    this.#read = reader(source)
    this.#since = since
  }

  override update(bar: IndicatorInput): void {
    if (this.#since !== 'start') {
      const span = spanNumber(bar.time, this.#since)
      if (span !== this.#span) this.#paid = this.#volume = 0
      this.#span = span
    }
    const price = this.#read(bar)
    if (price !== price) return this.newest.take(NaN)
    this.#paid += price * bar.volume
    this.#volume += bar.volume
    this.newest.take(this.#paid / this.#volume)
  }
}

/** What `klinger` gives. Its own `value` is that of `line`. */
export class Klinger extends MultiLineIndicator {
  /** Fast less slow average of the volume force. */
  readonly line = this.draw()
  /** Exponential average of the line. */
  readonly signal = this.draw('signal')
  readonly #fast: Smoothing
  readonly #slow: Smoothing
  readonly #smooth: Smoothing
  #lastSum = NaN
  #lastTrend = 0
  #lastRange = 0
  #cumulative = NaN
  #force = 0

  constructor(fast: number, slow: number, signal: number) {
    checkPeriod('klinger fast period', fast)
    checkPeriod('klinger slow period', slow, fast + 1)
    checkPeriod('klinger signal period', signal)
    super(legend('KVO', [fast, slow, signal]), 'KVO')
    this.#fast = exponential(fast)
    this.#slow = exponential(slow)
    this.#smooth = exponential(signal)
  }

  override update(bar: IndicatorInput): void {
    const force = this.#volumeForce(bar)
    const line = this.#fast.add(force) - this.#slow.add(force)
    this.newest.take(line)
    take(this.line, line)
    take(this.signal, this.#smooth.add(line))
  }

  /** NaN on the first two bars, which only set the trend and the range. */
  #volumeForce(bar: IndicatorInput): number {
    const sum = bar.high + bar.low + bar.close
    const range = bar.high - bar.low
    const trend = sum > this.#lastSum ? 1 : -1
    const second = this.#cumulative !== this.#cumulative && this.#lastSum === this.#lastSum
    const warm = this.#cumulative === this.#cumulative
    if (second) this.#cumulative = 0
    else if (warm) this.#cumulative = (trend === this.#lastTrend ? this.#cumulative : this.#lastRange) + range
    this.#lastSum = sum
    this.#lastTrend = trend
    this.#lastRange = range
    if (!warm) return NaN
    const cumulative = this.#cumulative
    if (cumulative === range || bar.volume === 0) this.#force = 0
    else if (range === 0) this.#force = 200 * bar.volume * trend
    else if (cumulative !== 0) this.#force = bar.volume * Math.abs(2 * (range / cumulative - 1)) * trend * 100
    return this.#force
  }
}

/**
 * Klinger volume oscillator: exponential average over `fast` less that over `slow` bars of the volume force, which is
 * volume signed by whether high + low + close rose and scaled by how the bar's range compares with the ranges since
 * that sign began. Averages are seeded with simple ones; the force starts on the third bar, so `line` has a value
 * from bar `slow` + 2 on.
 *
 * @throws RangeError when a period is not a whole number above zero or `slow` is not longer than `fast`
 * @see Stephen Klinger, "Identifying Trends With Volume Analysis", Technical Analysis of Stocks & Commodities, 1997
 * @example
 * volume = this.indicator(klinger(34, 55, 13))
 * if (this.volume.line.crossedAbove(this.volume.signal)) await this.buy(bar.instrument, 10)
 */
export function klinger(fast = 34, slow = 55, signal = 13): Klinger {
  return new Klinger(fast, slow, signal)
}

/**
 * Ease of movement: how far the bar's middle moved, times its range, divided by its volume in units of `unit`; the
 * simple average over `period` bars. Has a value from bar `period` + 1 on; a bar without volume counts 0.
 *
 * @throws RangeError when `period` is not a whole number above zero
 * @see Richard Arms, "Volume Cycles in the Stock Market", 1983
 * @example
 * easeOfMovement = this.indicator(easeOfMovement(14))
 * if (this.easeOfMovement.crossedAbove(0)) await this.buy(bar.instrument, 10)
 */
export function easeOfMovement(period = 14, unit = 100_000_000): Indicator {
  checkPeriod('easeOfMovement period', period)
  checkNumber('easeOfMovement unit', unit, 1e-9)
  const change = new Change()
  const ease = {
    add(bar: IndicatorInput) {
      const moved = change.add((bar.high + bar.low) / 2)
      return bar.volume === 0 ? moved * 0 : (moved * (bar.high - bar.low) * unit) / bar.volume
    },
  }
  return new FilteredFlow(legend('EMV', [period]), 'EMV', ease, new MovingMean(period))
}

/**
 * Volume price trend: the running sum of volume times the relative change of the close. Has a value from the second bar on.
 *
 * @example
 * trend = this.indicator(volumePriceTrend())
 */
export function volumePriceTrend(): Indicator {
  return new VolumePriceTrend()
}

class VolumePriceTrend extends Indicator {
  #lastClose = NaN
  #sum = 0

  constructor() {
    super('VPT', 'VPT')
  }

  override update(bar: IndicatorInput): void {
    const flow = ((bar.close - this.#lastClose) / this.#lastClose) * bar.volume
    this.#lastClose = bar.close
    if (flow === flow) this.#sum += flow
    this.newest.take(flow === flow ? this.#sum : NaN)
  }
}
