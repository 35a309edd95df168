import {
  Indicator,
  type IndicatorInput,
  Line,
  MultiLineIndicator,
  type Source,
  checkPeriod,
  legend,
  reader,
} from './indicator.ts'
import { type Smoothing, exponential, wilder } from './smoothing.ts'

/**
 * Relative strength index, 0 to 100: the share of gains in the gains and losses between values, both smoothed by
 * Wilder's method and seeded with the mean of the first `period` changes. Has a value from bar `period` + 1 on;
 * 50 when there was neither gain nor loss.
 *
 * @throws RangeError when `period` is not a whole number above zero
 * @see J. Welles Wilder, "New Concepts in Technical Trading Systems", 1978
 * @example
 * const strength = this.indicator(rsi(14), 'GOOG')
 * if (strength.crossedBelow(30)) await this.buy('GOOG', 10)
 */
export function rsi(period = 14, source: Source = 'close'): Indicator {
  return new RelativeStrengthIndex(period, source)
}

class RelativeStrengthIndex extends Indicator {
  readonly #read: (bar: IndicatorInput) => number
  readonly #gain: Smoothing
  readonly #loss: Smoothing
  #last = NaN

  constructor(period: number, source: Source) {
    checkPeriod('rsi period', period)
    super(legend('RSI', [period], source), 'RSI')
    this.#read = reader(source)
    this.#gain = wilder(period)
    this.#loss = wilder(period)
  }

  override update(bar: IndicatorInput): void {
    const value = this.#read(bar)
    const change = value - this.#last
    if (value === value) this.#last = value
    const gain = this.#gain.add(change > 0 ? change : change * 0)
    const loss = this.#loss.add(change < 0 ? -change : change * 0)
    const both = gain + loss
    this.advance(both === 0 ? 50 : (100 * gain) / both)
  }
}

/** What `macd` gives. Its own `value` is that of `line`. */
export class Macd extends MultiLineIndicator {
  readonly #read: (bar: IndicatorInput) => number
  readonly #fastAverage: Smoothing
  readonly #slowAverage: Smoothing
  readonly #signalAverage: Smoothing
  readonly #line: Line
  readonly #signal: Line
  readonly #histogram: Line

  constructor(fast: number, slow: number, signal: number, source: Source) {
    checkPeriod('macd fast period', fast)
    checkPeriod('macd slow period', slow, fast + 1)
    checkPeriod('macd signal period', signal)
    const name = legend('MACD', [fast, slow, signal], source)
    super(name, 'MACD')
    this.#read = reader(source)
    this.#fastAverage = exponential(fast)
    this.#slowAverage = exponential(slow)
    this.#signalAverage = exponential(signal)
    this.#line = new Line(name, 'MACD')
    this.#signal = new Line(`${name} signal`, 'MACD')
    this.#histogram = new Line(`${name} histogram`, 'MACD')
    this.draw([this.#line, this.#signal, this.#histogram])
  }

  /** Fast average less slow average. */
  get line(): Indicator {
    return this.#line
  }
  /** Exponential average of the line. */
  get signal(): Indicator {
    return this.#signal
  }
  /** Line less signal. */
  get histogram(): Indicator {
    return this.#histogram
  }

  override update(bar: IndicatorInput): void {
    const value = this.#read(bar)
    const line = this.#fastAverage.add(value) - this.#slowAverage.add(value)
    const signal = this.#signalAverage.add(line)
    this.advance(line)
    this.#line.take(line)
    this.#signal.take(signal)
    this.#histogram.take(line - signal)
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
 * const trend = this.indicator(macd(12, 26, 9), 'GOOG')
 * if (trend.line.crossedAbove(trend.signal)) await this.buy('GOOG', 10)
 */
export function macd(fast = 12, slow = 26, signal = 9, source: Source = 'close'): Macd {
  return new Macd(fast, slow, signal, source)
}
