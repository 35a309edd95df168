import { log } from '#market'
import {
  type Filter,
  FilteredSource,
  Indicator,
  type IndicatorInput,
  MultiLineIndicator,
  type Source,
  checkPeriod,
  legend,
  reader,
  take,
} from './indicator.ts'
import { Smoothing, exponential, following, wilder } from './smoothing.ts'
import {
  Change,
  Delay,
  MeanDeviation,
  MovingMaximum,
  MovingMean,
  MovingMinimum,
  MovingRank,
  MovingSum,
  PercentChange,
  Window,
  placeBetween,
} from './window.ts'

/**
 * Relative strength index, 0 to 100: the share of gains in the gains and losses between values, both smoothed by
 * Wilder's method and seeded with the mean of the first `period` changes. Has a value from bar `period` + 1 on;
 * 50 when there was neither gain nor loss.
 *
 * @throws RangeError when `period` is not a whole number above zero
 * @see J. Welles Wilder, "New Concepts in Technical Trading Systems", 1978
 * @example
 * strength = this.indicator(rsi(14))
 * if (this.strength.crossedBelow(30)) await this.buy(bar.instrument, 10)
 */
export function rsi(period = 14, source: Source = 'close'): Indicator {
  checkPeriod('rsi period', period)
  return new FilteredSource(legend('RSI', [period], source), 'RSI', source, new RelativeStrength(period))
}

class RelativeStrength implements Filter {
  readonly #gain: Smoothing
  readonly #loss: Smoothing
  #last = NaN

  constructor(period: number) {
    this.#gain = wilder(period)
    this.#loss = wilder(period)
  }

  add(number: number): number {
    if (number !== number) return number
    const change = number - this.#last
    this.#last = number
    if (change !== change) return NaN
    const gain = this.#gain.add(change > 0 ? change : 0)
    const loss = this.#loss.add(change < 0 ? -change : 0)
    return gain + loss === 0 ? 50 : (100 * gain) / (gain + loss)
  }
}

/** What `macd`, `ppo` and `pvo` give. Its own `value` is that of `line`. */
export class Macd extends MultiLineIndicator {
  /** Fast average less slow average; in percent of the slow one for `ppo` and `pvo`. */
  readonly line = this.draw()
  /** Exponential average of the line. */
  readonly signal = this.draw('signal')
  /** Line less signal. */
  readonly histogram = this.draw('histogram')
  readonly #read: (bar: IndicatorInput) => number
  readonly #fast: Smoothing
  readonly #slow: Smoothing
  readonly #smooth: Smoothing
  readonly #percent: boolean

  constructor(title: string, fast: number, slow: number, signal: number, source: Source, percent: boolean) {
    const factory = title.toLowerCase()
    checkPeriod(`${factory} fast period`, fast)
    checkPeriod(`${factory} slow period`, slow, fast + 1)
    checkPeriod(`${factory} signal period`, signal)
    super(legend(title, [fast, slow, signal], source, title === 'PVO' ? 'volume' : 'close'), title)
    this.#read = reader(source)
    this.#fast = exponential(fast)
    this.#slow = exponential(slow)
    this.#smooth = exponential(signal)
    this.#percent = percent
  }

  override update(bar: IndicatorInput): void {
    const number = this.#read(bar)
    const slow = this.#slow.add(number)
    const difference = this.#fast.add(number) - slow
    const line = this.#percent ? (100 * difference) / slow : difference
    const signal = this.#smooth.add(line)
    this.newest.take(line)
    take(this.line, line)
    take(this.signal, signal)
    take(this.histogram, line - signal)
  }
}

/**
 * Moving average convergence divergence: `line` is the fast less the slow exponential average, `signal` an
 * exponential average of the line, `histogram` their difference. Every average is seeded with a simple one: the
 * line has a value from bar `slow` on, the signal from bar `slow` + `signal` - 1 on.
 *
 * @throws RangeError when a period is not a whole number above zero or `slow` is not longer than `fast`
 * @see Gerald Appel, "The Moving Average Convergence-Divergence Trading Method", 1979
 * @example
 * trend = this.indicator(macd(12, 26, 9))
 * if (this.trend.line.crossedAbove(this.trend.signal)) await this.buy(bar.instrument, 10)
 */
export function macd(fast = 12, slow = 26, signal = 9, source: Source = 'close'): Macd {
  return new Macd('MACD', fast, slow, signal, source, false)
}

/**
 * Percentage price oscillator: `macd` in percent of the slow average, so that dear and cheap instruments compare.
 *
 * @throws RangeError when a period is not a whole number above zero or `slow` is not longer than `fast`
 * @example
 * trend = this.indicator(ppo(12, 26, 9))
 */
export function ppo(fast = 12, slow = 26, signal = 9, source: Source = 'close'): Macd {
  return new Macd('PPO', fast, slow, signal, source, true)
}

/**
 * Percentage volume oscillator: `ppo` of the volume.
 *
 * @throws RangeError when a period is not a whole number above zero or `slow` is not longer than `fast`
 * @example
 * pvo = this.indicator(pvo())
 * if (this.pvo.histogram.value > 0) await this.buy(bar.instrument, 10)
 */
export function pvo(fast = 12, slow = 26, signal = 9): Macd {
  return new Macd('PVO', fast, slow, signal, 'volume', true)
}

/** What `stochastic` and `stochasticRsi` give. Its own `value` is that of `k`. */
export class Stochastic extends MultiLineIndicator {
  /** Where the close stands in the range, 0 to 100, smoothed. */
  readonly k = this.draw('%K')
  /** Simple average of `k`. */
  readonly d = this.draw('%D')
  readonly #place: (bar: IndicatorInput) => number
  readonly #smooth: MovingMean
  readonly #signal: MovingMean

  constructor(
    name: string,
    pane: string,
    place: (bar: IndicatorInput) => number,
    smoothing: number,
    signal: number,
  ) {
    super(name, pane)
    this.#place = place
    this.#smooth = new MovingMean(smoothing)
    this.#signal = new MovingMean(signal)
  }

  /** The J of KDJ: 3 K - 2 D. */
  get j(): number {
    return 3 * this.k.value - 2 * this.d.value
  }

  override update(bar: IndicatorInput): void {
    const k = this.#smooth.add(this.#place(bar))
    this.newest.take(k)
    take(this.k, k)
    take(this.d, this.#signal.add(k))
  }
}

/**
 * Stochastic oscillator, 0 to 100: where the close stands between the lowest low and the highest high of `period`
 * bars; `k` is its simple average over `smoothing` bars (1 for the fast version), `d` that of `k` over `signal` bars.
 * `k` has a value from bar `period` + `smoothing` - 1 on. A close in a range of nothing stands at 50.
 *
 * @throws RangeError when a period is not a whole number above zero
 * @see George Lane, "Lane's Stochastics", Technical Analysis of Stocks & Commodities, 1984
 * @example
 * oscillator = this.indicator(stochastic(14, 3, 3))
 * if (this.oscillator.k.crossedAbove(this.oscillator.d) && this.oscillator.d.value < 20) await this.buy(bar.instrument, 10)
 */
export function stochastic(period = 14, smoothing = 3, signal = 3): Stochastic {
  checkPeriod('stochastic period', period)
  checkPeriod('stochastic smoothing', smoothing)
  checkPeriod('stochastic signal', signal)
  const range = new RangePlace(period)
  const name = legend('Stoch', [period, smoothing, signal])
  return new Stochastic(name, 'Stoch', (bar) => range.add(bar), smoothing, signal)
}

/** Where the close stands between the lowest low and the highest high of `period` bars, 0 to 100. */
class RangePlace {
  readonly #high: MovingMaximum
  readonly #low: MovingMinimum

  constructor(period: number) {
    this.#high = new MovingMaximum(period)
    this.#low = new MovingMinimum(period)
  }

  add(bar: IndicatorInput): number {
    return placeBetween(this.#low.add(bar.low), this.#high.add(bar.high), bar.close)
  }
}

/**
 * Stochastic of the relative strength index, 0 to 100: where `rsi(rsiPeriod)` stands between its extremes over
 * `period` bars; `k` and `d` are smoothed as in `stochastic`. `k` has a value from bar
 * `rsiPeriod` + `period` + `smoothing` - 1 on.
 *
 * @throws RangeError when a period is not a whole number above zero
 * @see Tushar Chande and Stanley Kroll, "The New Technical Trader", 1994
 * @example
 * oscillator = this.indicator(stochasticRsi())
 * if (this.oscillator.k.crossedAbove(20)) await this.buy(bar.instrument, 10)
 */
export function stochasticRsi(
  rsiPeriod = 14,
  period = 14,
  smoothing = 1,
  signal = 3,
  source: Source = 'close',
): Stochastic {
  checkPeriod('stochasticRsi rsiPeriod', rsiPeriod)
  checkPeriod('stochasticRsi period', period)
  checkPeriod('stochasticRsi smoothing', smoothing)
  checkPeriod('stochasticRsi signal', signal)
  const read = reader(source)
  const strength = new RelativeStrength(rsiPeriod)
  const rank = new MovingRank(period)
  const name = legend('StochRSI', [rsiPeriod, period, smoothing, signal], source)
  return new Stochastic(name, 'StochRSI', (bar) => rank.add(strength.add(read(bar))), smoothing, signal)
}

/**
 * Williams %R, -100 to 0: how far the close lies below the highest high of `period` bars, in percent of the range.
 * Has a value from bar `period` on; -50 in a range of nothing.
 *
 * @throws RangeError when `period` is not a whole number above zero
 * @see Larry Williams, "How I Made One Million Dollars Last Year Trading Commodities", 1973
 * @example
 * williamsR = this.indicator(williamsR(14))
 * if (this.williamsR.value < -80) await this.buy(bar.instrument, 10)
 */
export function williamsR(period = 14): Indicator {
  return new WilliamsR(period)
}

class WilliamsR extends Indicator {
  readonly #place: RangePlace

  constructor(period: number) {
    checkPeriod('williamsR period', period)
    super(legend('%R', [period]), '%R')
    this.#place = new RangePlace(period)
  }

  override update(bar: IndicatorInput): void {
    this.newest.take(this.#place.add(bar) - 100)
  }
}

/**
 * Commodity channel index: distance of the typical price, (high + low + close) / 3, from its simple average, in
 * units of 0.015 times its mean deviation. Has a value from bar `period` on; 0 in a market that does not move.
 *
 * @throws RangeError when `period` is not a whole number above zero
 * @see Donald Lambert, "Commodity Channel Index", Commodities, 1980
 * @example
 * cci = this.indicator(cci(20))
 * if (this.cci.crossedAbove(100)) await this.buy(bar.instrument, 10)
 */
export function cci(period = 20, source: Source = 'hlc3'): Indicator {
  checkPeriod('cci period', period)
  const mean = new MovingMean(period)
  const deviation = new MeanDeviation(period)
  return new FilteredSource(legend('CCI', [period], source, 'hlc3'), 'CCI', source, {
    add(number) {
      const away = number - mean.add(number)
      const scale = 0.015 * deviation.add(number)
      return scale === 0 ? 0 : away / scale
    },
  })
}

/**
 * Rate of change: percent by which the value differs from that of `period` bars before. Has a value from bar
 * `period` + 1 on; none where the earlier value is 0.
 *
 * @throws RangeError when `period` is not a whole number above zero
 * @example
 * roc = this.indicator(roc(10))
 * if (this.roc.value > 5) await this.buy(bar.instrument, 10)
 */
export function roc(period = 10, source: Source = 'close'): Indicator {
  checkPeriod('roc period', period)
  return new FilteredSource(legend('ROC', [period], source), 'ROC', source, new PercentChange(period))
}

/**
 * Momentum: the value less that of `period` bars before. Has a value from bar `period` + 1 on.
 *
 * @throws RangeError when `period` is not a whole number above zero
 * @example
 * momentum = this.indicator(momentum(10))
 * if (this.momentum.crossedAbove(0)) await this.buy(bar.instrument, 10)
 */
export function momentum(period = 10, source: Source = 'close'): Indicator {
  checkPeriod('momentum period', period)
  const delay = new Delay(period)
  return new FilteredSource(legend('Momentum', [period], source), 'Momentum', source, {
    add: (number) => number - delay.add(number),
  })
}

/**
 * TRIX: percent change from bar to bar of a threefold exponential average. The first average is seeded with the
 * simple one, each of the others with the first value of the one before: there is a value from bar `period` + 1 on.
 *
 * @throws RangeError when `period` is not a whole number above zero
 * @see Jack Hutson, "Good TRIX", Technical Analysis of Stocks & Commodities, 1983
 * @example
 * trix = this.indicator(trix(14))
 * if (this.trix.crossedAbove(0)) await this.buy(bar.instrument, 10)
 */
export function trix(period = 14, source: Source = 'close'): Indicator {
  checkPeriod('trix period', period)
  const first = exponential(period)
  const second = following(period)
  const third = following(period)
  const change = new PercentChange(1)
  return new FilteredSource(legend('TRIX', [period], source), 'TRIX', source, {
    add: (number) => change.add(third.add(second.add(first.add(number)))),
  })
}

/**
 * Chande momentum oscillator, -100 to 100: gains less losses between values in percent of both, summed over `period`
 * changes. Has a value from bar `period` + 1 on; 0 when there was neither gain nor loss.
 *
 * @throws RangeError when `period` is not a whole number above zero
 * @see Tushar Chande and Stanley Kroll, "The New Technical Trader", 1994
 * @example
 * cmo = this.indicator(cmo(14))
 * if (this.cmo.value < -50) await this.buy(bar.instrument, 10)
 */
export function cmo(period = 14, source: Source = 'close'): Indicator {
  checkPeriod('cmo period', period)
  const change = new Change()
  const net = new MovingSum(period)
  const gross = new MovingSum(period)
  return new FilteredSource(legend('CMO', [period], source), 'CMO', source, {
    add(number) {
      const moved = change.add(number)
      const up = net.add(moved)
      const all = gross.add(Math.abs(moved))
      return all === 0 ? 0 : (100 * up) / all
    },
  })
}

/**
 * Ultimate oscillator, 0 to 100: how much of the true range was bought (close above the low or the close before),
 * summed over three windows that weigh 4, 2 and 1. Has a value from bar `long` + 1 on.
 *
 * @throws RangeError when the periods are not whole numbers above zero, each longer than the last
 * @see Larry Williams, "The Ultimate Oscillator", Technical Analysis of Stocks & Commodities, 1985
 * @example
 * ultimateOscillator = this.indicator(ultimateOscillator())
 * if (this.ultimateOscillator.value < 30) await this.buy(bar.instrument, 10)
 */
export function ultimateOscillator(short = 7, middle = 14, long = 28): Indicator {
  return new UltimateOscillator(short, middle, long)
}

class UltimateOscillator extends Indicator {
  readonly #short: BoughtShare
  readonly #middle: BoughtShare
  readonly #long: BoughtShare
  #lastClose = NaN

  constructor(short: number, middle: number, long: number) {
    checkPeriod('ultimateOscillator short period', short)
    checkPeriod('ultimateOscillator middle period', middle, short + 1)
    checkPeriod('ultimateOscillator long period', long, middle + 1)
    super(legend('UO', [short, middle, long]), 'UO')
    this.#short = new BoughtShare(short)
    this.#middle = new BoughtShare(middle)
    this.#long = new BoughtShare(long)
  }

  override update(bar: IndicatorInput): void {
    const low = Math.min(bar.low, this.#lastClose)
    const bought = bar.close - low
    const range = Math.max(bar.high, this.#lastClose) - low
    this.#lastClose = bar.close
    const short = this.#short.add(bought, range)
    const middle = this.#middle.add(bought, range)
    this.newest.take((100 * (4 * short + 2 * middle + this.#long.add(bought, range))) / 7)
  }
}

/** Buying pressure over a window as a fraction of the true range; one half where there was no range. */
class BoughtShare {
  readonly #bought: MovingSum
  readonly #range: MovingSum

  constructor(period: number) {
    this.#bought = new MovingSum(period)
    this.#range = new MovingSum(period)
  }

  add(bought: number, range: number): number {
    const part = this.#bought.add(bought)
    const whole = this.#range.add(range)
    return whole === 0 ? 0.5 : part / whole
  }
}

/**
 * Awesome oscillator: the simple average of the bars' middles, (high + low) / 2, over `fast` bars less that over
 * `slow` bars. Has a value from bar `slow` on.
 *
 * @throws RangeError when a period is not a whole number above zero or `slow` is not longer than `fast`
 * @see Bill Williams, "New Trading Dimensions", 1998
 * @example
 * awesomeOscillator = this.indicator(awesomeOscillator())
 * if (this.awesomeOscillator.crossedAbove(0)) await this.buy(bar.instrument, 10)
 */
export function awesomeOscillator(fast = 5, slow = 34): Indicator {
  checkPeriod('awesomeOscillator fast period', fast)
  checkPeriod('awesomeOscillator slow period', slow, fast + 1)
  const quick = new MovingMean(fast)
  const lazy = new MovingMean(slow)
  return new FilteredSource(legend('AO', [fast, slow]), 'AO', 'hl2', {
    add: (number) => quick.add(number) - lazy.add(number),
  })
}

/** What an oscillator with a signal line gives. Its own `value` is that of `line`. */
export class SignalledOscillator extends MultiLineIndicator {
  /** The oscillator itself; the `value` of the indicator. */
  readonly line = this.draw()
  /** The average of the line, or the line one bar earlier for `fisher`. */
  readonly signal = this.draw('signal')
  readonly #oscillate: (bar: IndicatorInput) => number
  readonly #smooth: Filter

  constructor(name: string, pane: string, oscillate: (bar: IndicatorInput) => number, smooth: Filter) {
    super(name, pane)
    this.#oscillate = oscillate
    this.#smooth = smooth
  }

  override update(bar: IndicatorInput): void {
    const line = this.#oscillate(bar)
    this.newest.take(line)
    take(this.line, line)
    take(this.signal, this.#smooth.add(line))
  }
}

/**
 * True strength index, -100 to 100: changes between values, averaged exponentially over `long` and again over
 * `short` bars, in percent of the sizes of the changes averaged likewise. Every average is seeded with a simple one:
 * there is a value from bar `long` + `short` on; 0 in a market that does not move.
 *
 * @throws RangeError when a period is not a whole number above zero
 * @see William Blau, "True Strength Index", Technical Analysis of Stocks & Commodities, 1991
 * @example
 * strength = this.indicator(tsi(25, 13, 7))
 * if (this.strength.line.crossedAbove(this.strength.signal)) await this.buy(bar.instrument, 10)
 */
export function tsi(long = 25, short = 13, signal = 7, source: Source = 'close'): SignalledOscillator {
  checkPeriod('tsi long period', long)
  checkPeriod('tsi short period', short)
  checkPeriod('tsi signal period', signal)
  const read = reader(source)
  const change = new Change()
  const net = new TwiceSmoothed(exponential(long), exponential(short))
  const gross = new TwiceSmoothed(exponential(long), exponential(short))
  const oscillate = (bar: IndicatorInput) => {
    const moved = change.add(read(bar))
    const up = net.add(moved)
    const all = gross.add(Math.abs(moved))
    return all === 0 ? 0 : (100 * up) / all
  }
  return new SignalledOscillator(
    legend('TSI', [long, short, signal], source),
    'TSI',
    oscillate,
    exponential(signal),
  )
}

class TwiceSmoothed implements Filter {
  readonly #once: Smoothing
  readonly #twice: Smoothing

  constructor(once: Smoothing, twice: Smoothing) {
    this.#once = once
    this.#twice = twice
  }

  add(number: number): number {
    return this.#twice.add(this.#once.add(number))
  }
}

/**
 * Stochastic momentum index, -100 to 100: distance of the close from the middle of the range of `period` bars, in
 * percent of half that range, both averaged exponentially twice. Each average begins with the first value it is
 * given, so there is a value from bar `period` on; 0 in a range of nothing.
 *
 * @throws RangeError when a period is not a whole number above zero
 * @see William Blau, "Stochastic Momentum", Technical Analysis of Stocks & Commodities, 1993
 * @example
 * oscillator = this.indicator(smi(13, 25, 2, 3))
 * if (this.oscillator.line.crossedAbove(this.oscillator.signal)) await this.buy(bar.instrument, 10)
 */
export function smi(period = 13, first = 25, second = 2, signal = 3): SignalledOscillator {
  checkPeriod('smi period', period)
  checkPeriod('smi first smoothing', first)
  checkPeriod('smi second smoothing', second)
  checkPeriod('smi signal period', signal)
  const high = new MovingMaximum(period)
  const low = new MovingMinimum(period)
  const away = new TwiceSmoothed(following(first), following(second))
  const range = new TwiceSmoothed(following(first), following(second))
  const oscillate = (bar: IndicatorInput) => {
    const highest = high.add(bar.high)
    const lowest = low.add(bar.low)
    const distance = away.add(bar.close - (highest + lowest) / 2)
    const width = range.add(highest - lowest)
    return width === 0 ? 0 : (200 * distance) / width
  }
  return new SignalledOscillator(
    legend('SMI', [period, first, second, signal]),
    'SMI',
    oscillate,
    following(signal),
  )
}

/**
 * Fisher transform: where the value stands in the range of `period` values, from -1 to 1, smoothed, and stretched by
 * (1/2) ln((1 + x) / (1 - x)) so that turning points become sharp. `signal` is the line one bar earlier. Starts
 * at 0 on the first bar; until `period` bars the range is that of the bars there are.
 *
 * @throws RangeError when `period` is not a whole number above zero
 * @see John Ehlers, "Using the Fisher Transform", Technical Analysis of Stocks & Commodities, 2002
 * @example
 * turn = this.indicator(fisher(10))
 * if (this.turn.line.crossedAbove(this.turn.signal)) await this.buy(bar.instrument, 10)
 */
export function fisher(period = 10, source: Source = 'hl2'): SignalledOscillator {
  checkPeriod('fisher period', period)
  const read = reader(source)
  const filter = new FisherTransform(period)
  const name = legend('Fisher', [period], source, 'hl2')
  return new SignalledOscillator(name, 'Fisher', (bar) => filter.add(read(bar)), new Delay(1))
}

class FisherTransform implements Filter {
  readonly #high: MovingMaximum
  readonly #low: MovingMinimum
  #place = 0
  #level = 0

  constructor(period: number) {
    this.#high = new MovingMaximum(period)
    this.#low = new MovingMinimum(period)
  }

  add(number: number): number {
    if (number !== number) return number
    this.#high.add(number)
    this.#low.add(number)
    const highest = this.#high.soFar
    const lowest = this.#low.soFar
    const centred = placeBetween(lowest, highest, number) / 100 - 0.5
    const place = highest === lowest ? 0 : 0.66 * centred + 0.67 * this.#place
    this.#place = place > 0.99 ? 0.999 : place < -0.99 ? -0.999 : place
    return (this.#level = 0.5 * log((1 + this.#place) / (1 - this.#place)) + 0.5 * this.#level)
  }
}

/**
 * Schaff trend cycle, 0 to 100: where the difference of two exponential averages, `fast` and `slow`, stands between
 * its extremes over `cycle` bars, averaged over 3. This is the single pass that Stock.Indicators computes; Schaff's
 * own version takes the stochastic a second time. Has a value from bar `slow` + `cycle` + 1 on.
 *
 * @throws RangeError when a period is not a whole number above zero or `slow` is not longer than `fast`
 * @see Doug Schaff, 1999
 * @example
 * stc = this.indicator(stc(10, 23, 50))
 * if (this.stc.crossedAbove(25)) await this.buy(bar.instrument, 10)
 */
export function stc(cycle = 10, fast = 23, slow = 50, source: Source = 'close'): Indicator {
  checkPeriod('stc cycle', cycle)
  checkPeriod('stc fast period', fast)
  checkPeriod('stc slow period', slow, fast + 1)
  const quick = exponential(fast)
  const lazy = exponential(slow)
  const rank = new MovingRank(cycle)
  const smooth = new MovingMean(3)
  return new FilteredSource(legend('STC', [cycle, fast, slow], source), 'STC', source, {
    add: (number) => smooth.add(rank.add(quick.add(number) - lazy.add(number))),
  })
}

/**
 * Detrended price oscillator: the value `period` / 2 + 1 bars ago (rounded down) less the simple average of the newest
 * `period` values, which is centred near that bar. Charts draw it that many bars back; here it stands on the bar
 * where it becomes known. Has a value from bar `period` on.
 *
 * @throws RangeError when `period` is not a whole number above 2
 * @example
 * cycle = this.indicator(dpo(20))
 */
export function dpo(period = 20, source: Source = 'close'): Indicator {
  checkPeriod('dpo period', period, 3)
  const mean = new MovingMean(period)
  const delay = new Delay(Math.floor(period / 2) + 1)
  return new FilteredSource(legend('DPO', [period], source), 'DPO', source, {
    add: (number) => delay.add(number) - mean.add(number),
  })
}

/**
 * Balance of power, -1 to 1: close less open as a fraction of high less low, averaged over `period` bars. A bar
 * without a range counts 0. Has a value from bar `period` on.
 *
 * @throws RangeError when `period` is not a whole number above zero
 * @see Igor Livshin, "Balance Of Market Power", Technical Analysis of Stocks & Commodities, 2001
 * @example
 * balanceOfPower = this.indicator(balanceOfPower(14))
 * if (this.balanceOfPower.crossedAbove(0)) await this.buy(bar.instrument, 10)
 */
export function balanceOfPower(period = 14): Indicator {
  checkPeriod('balanceOfPower period', period)
  const power = ({ open, high, low, close }: IndicatorInput) =>
    high === low ? 0 : (close - open) / (high - low)
  return new FilteredSource(legend('BOP', [period]), 'BOP', power, new MovingMean(period))
}

/** What `elderRay` gives. Its own `value` is that of `bull`. */
export class ElderRay extends MultiLineIndicator {
  /** High less average. */
  readonly bull = this.draw('bull power')
  /** Low less average. */
  readonly bear = this.draw('bear power')
  readonly #average: Smoothing

  constructor(period: number) {
    checkPeriod('elderRay period', period)
    super(legend('Elder Ray', [period]), 'Elder Ray')
    this.#average = exponential(period)
  }

  override update(bar: IndicatorInput): void {
    const average = this.#average.add(bar.close)
    this.newest.take(bar.high - average)
    take(this.bull, bar.high - average)
    take(this.bear, bar.low - average)
  }
}

/**
 * Elder ray: how far the high (`bull`) and the low (`bear`) lie above the exponential average of the close. Has
 * values from bar `period` on.
 *
 * @throws RangeError when `period` is not a whole number above zero
 * @see Alexander Elder, "Trading for a Living", 1993
 * @example
 * ray = this.indicator(elderRay(13))
 * if (this.ray.bear.value < 0 && this.ray.bear.value > this.ray.bear.previous) await this.buy(bar.instrument, 10)
 */
export function elderRay(period = 13): ElderRay {
  return new ElderRay(period)
}

/**
 * Connors RSI, 0 to 100: the mean of the relative strength index of the close, of that of the streak (how many
 * closes in a row rose, or as a negative number fell), and of the percentage of the last `rank` one-bar changes that were
 * smaller than today's. Has a value once all three have.
 *
 * @throws RangeError when a period is not a whole number above zero
 * @see Larry Connors and Cesar Alvarez, "An Introduction to ConnorsRSI", 2012
 * @example
 * connorsRsi = this.indicator(connorsRsi(3, 2, 100))
 * if (this.connorsRsi.value < 10) await this.buy(bar.instrument, 10)
 */
export function connorsRsi(period = 3, streak = 2, rank = 100, source: Source = 'close'): Indicator {
  checkPeriod('connorsRsi period', period)
  checkPeriod('connorsRsi streak period', streak)
  checkPeriod('connorsRsi rank period', rank)
  const name = legend('CRSI', [period, streak, rank], source)
  return new FilteredSource(name, 'CRSI', source, new ConnorsStrength(period, streak, rank))
}

class ConnorsStrength implements Filter {
  readonly #price: RelativeStrength
  readonly #streakStrength: RelativeStrength
  readonly #percent = new PercentChange(1)
  readonly #changes: Window
  readonly #rank: number
  #streak = 0
  #last = NaN

  constructor(period: number, streak: number, rank: number) {
    this.#price = new RelativeStrength(period)
    this.#streakStrength = new RelativeStrength(streak)
    this.#changes = new Window(rank + 1)
    this.#rank = rank
  }

  add(number: number): number {
    if (number !== number) return number
    if (number > this.#last) this.#streak = Math.max(this.#streak, 0) + 1
    else if (number < this.#last) this.#streak = Math.min(this.#streak, 0) - 1
    else this.#streak = 0
    this.#last = number
    const strengths = this.#price.add(number) + this.#streakStrength.add(this.#streak)
    const change = this.#percent.add(number)
    if (change !== change || !this.#changes.push(change)) return NaN
    let smaller = 0
    for (let i = 0; i < this.#rank; i++) if (this.#changes.at(i) < change) smaller++
    return (strengths + (100 * smaller) / this.#rank) / 3
  }
}

/**
 * Price momentum oscillator: ten times the one-bar percent change averaged with weight 2 / `first`, averaged again
 * with weight 2 / `second`; the signal is an exponential average. Every average is seeded with the simple one, so there
 * is a value from bar `first` + `second` on.
 *
 * @throws RangeError when a period is not a whole number above 1
 * @see Carl Swenlin, DecisionPoint
 * @example
 * oscillator = this.indicator(pmo(35, 20, 10))
 * if (this.oscillator.line.crossedAbove(this.oscillator.signal)) await this.buy(bar.instrument, 10)
 */
export function pmo(first = 35, second = 20, signal = 10, source: Source = 'close'): SignalledOscillator {
  checkPeriod('pmo first smoothing', first, 2)
  checkPeriod('pmo second smoothing', second, 2)
  checkPeriod('pmo signal period', signal)
  const read = reader(source)
  const change = new PercentChange(1)
  const once = new Smoothing(first, 2 / first)
  const twice = new Smoothing(second, 2 / second)
  const oscillate = (bar: IndicatorInput) => twice.add(10 * once.add(change.add(read(bar))))
  return new SignalledOscillator(
    legend('PMO', [first, second, signal], source),
    'PMO',
    oscillate,
    exponential(signal),
  )
}
