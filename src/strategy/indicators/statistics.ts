import {
  FilteredSource,
  Indicator,
  type IndicatorInput,
  type Source,
  checkPeriod,
  legend,
  paneOf,
  reader,
} from './indicator.ts'
import { MeanDeviation, MovingCovariance, MovingVariance, PercentChange } from './window.ts'

/**
 * Variance of the newest `period` values about their mean: that of the population (divided by `period`). Has a value
 * from bar `period` on.
 *
 * @throws RangeError when `period` is not a whole number above 1
 * @example
 * spread = this.indicator(variance(20))
 */
export function variance(period: number, source: Source = 'close'): Indicator {
  checkPeriod('variance period', period, 2)
  const window = new MovingVariance(period)
  return new FilteredSource(legend('Variance', [period], source), 'Variance', source, {
    add: (number) => (Number.isNaN(window.add(number)) ? NaN : window.variance),
  })
}

/**
 * Standard deviation of the newest `period` values: that of the population (divided by `period`). Has a value from
 * bar `period` on.
 *
 * @throws RangeError when `period` is not a whole number above 1
 * @example
 * spread = this.indicator(standardDeviation(20))
 */
export function standardDeviation(period: number, source: Source = 'close'): Indicator {
  checkPeriod('standardDeviation period', period, 2)
  const window = new MovingVariance(period)
  return new FilteredSource(legend('SD', [period], source), 'SD', source, {
    add: (number) => (Number.isNaN(window.add(number)) ? NaN : Math.sqrt(window.variance)),
  })
}

/**
 * Z-score: by how many population standard deviations the value differs from the mean of the newest `period`. Has a
 * value from bar `period` on; 0 in a window of equal values.
 *
 * @throws RangeError when `period` is not a whole number above 1
 * @example
 * zScore = this.indicator(zScore(20))
 * if (this.zScore.value < -2) await this.buy(bar.instrument, 10)
 */
export function zScore(period: number, source: Source = 'close'): Indicator {
  checkPeriod('zScore period', period, 2)
  const window = new MovingVariance(period)
  return new FilteredSource(legend('Z', [period], source), 'Z', source, {
    add(number) {
      const away = number - window.add(number)
      return window.variance === 0 ? away * 0 : away / Math.sqrt(window.variance)
    },
  })
}

/**
 * Mean deviation: the mean distance of the newest `period` values from their mean. Has a value from bar `period` on.
 * Each update looks at the whole window.
 *
 * @throws RangeError when `period` is not a whole number above 1
 * @example
 * spread = this.indicator(meanDeviation(20))
 */
export function meanDeviation(period: number, source: Source = 'close'): Indicator {
  checkPeriod('meanDeviation period', period, 2)
  return new FilteredSource(legend('MD', [period], source), 'MD', source, new MeanDeviation(period))
}

/** What `linearRegression` gives: its `value` is where the line ends, on the newest bar. */
export class LinearRegression extends Indicator {
  readonly #read: (bar: IndicatorInput) => number
  readonly #values: Float64Array
  readonly #spread: number
  readonly #variance: MovingVariance
  #slot = 0
  // As in the moving windows: distances from a number near the window, and fresh sums that replace the running ones.
  #origin = NaN
  #sum = NaN
  #weighted = NaN
  #freshOrigin = 0
  #freshSum = 0
  #freshWeighted = 0
  #slope = NaN

  constructor(period: number, source: Source) {
    checkPeriod('linearRegression period', period, 2)
    super(legend('LR', [period], source), paneOf(source))
    this.#read = reader(source)
    this.#values = new Float64Array(period)
    this.#spread = (period * (period * period - 1)) / 12
    this.#variance = new MovingVariance(period)
  }

  /** Change of the line per bar. */
  get slope(): number {
    return this.#slope
  }

  /** Share of the variance that the line explains, 0 to 1; NaN in a window of equal values. */
  get rSquared(): number {
    const { variance } = this.#variance
    if (variance === 0) return NaN
    return (this.#slope * this.#slope * this.#spread) / (variance * this.#values.length)
  }

  override update(bar: IndicatorInput): void {
    const number = this.#read(bar)
    if (number !== number) return this.newest.take(NaN)
    const values = this.#values
    const size = values.length
    const slot = this.#slot
    const oldest = values[slot]!
    values[slot] = number
    if (slot === 0) this.#freshOrigin = number
    this.#freshSum += number - this.#freshOrigin
    this.#freshWeighted += (slot + 1) * (number - this.#freshOrigin)
    if (slot + 1 < size) {
      this.#slot = slot + 1
      this.#weighted += size * (number - this.#origin) - this.#sum
      this.#sum += number - oldest
    } else {
      this.#slot = 0
      this.#origin = this.#freshOrigin
      this.#sum = this.#freshSum
      this.#weighted = this.#freshWeighted
      this.#freshSum = this.#freshWeighted = 0
    }
    const mean = this.#variance.add(number)
    this.#slope = (this.#weighted - ((size + 1) / 2) * this.#sum) / this.#spread
    this.newest.take(mean + (this.#slope * (size - 1)) / 2)
  }
}

/**
 * Linear regression: the straight line of least squares through the newest `period` values, one bar apart. `value` is
 * where it ends on the newest bar; `slope` and `rSquared` are numbers beside it. Has a value from bar `period` on.
 *
 * @throws RangeError when `period` is not a whole number above 1
 * @example
 * line = this.indicator(linearRegression(14))
 * if (this.line.slope > 0 && this.line.rSquared > 0.8) await this.buy(bar.instrument, 10)
 */
export function linearRegression(period = 14, source: Source = 'close'): LinearRegression {
  return new LinearRegression(period, source)
}

/** An indicator of two sources that come bar by bar in pairs. */
class Paired extends Indicator {
  readonly #first: (bar: IndicatorInput) => number
  readonly #second: (bar: IndicatorInput) => number
  readonly #combine: (first: number, second: number) => number

  constructor(
    name: string,
    pane: string,
    first: Source,
    second: Source,
    combine: (first: number, second: number) => number,
  ) {
    super(name, pane)
    this.#first = reader(first)
    this.#second = reader(second)
    this.#combine = combine
  }

  override update(bar: IndicatorInput): void {
    this.newest.take(this.#combine(this.#first(bar), this.#second(bar)))
  }
}

/**
 * Pearson's correlation, -1 to 1, of the newest `period` values with those of another series: an indicator (`sma(1)` of
 * another instrument gives its close) or a function. Has a value from bar `period` on; none while either series does
 * not move. The other series must be up to date on each bar, so feed the correlation the bars of the instrument that
 * comes later in the run: the other way round each close meets the other's of the bar before.
 *
 * @throws RangeError when `period` is not a whole number above 1
 * @example
 * first = this.indicator(sma(1), this.instruments()[0])
 * together = this.indicator(correlation(20, this.first), this.instruments()[1])
 */
export function correlation(period: number, other: Source, source: Source = 'close'): Indicator {
  checkPeriod('correlation period', period, 2)
  const window = new MovingCovariance(period)
  return new Paired(
    legend('Correlation', [period], source),
    'Correlation',
    source,
    other,
    (first, second) => window.add(first, second) / Math.sqrt(window.varianceX * window.varianceY),
  )
}

/**
 * Beta: covariance of the newest `period` one-bar returns of `source` with those of a market, divided by the variance of
 * the market's. Each is a field of the bar, an indicator (`sma(1)` of another instrument gives its close) or a function.
 * Has a value from bar `period` + 1 on; none while the market does not move. Feed it the bars of the instrument that
 * comes later in the run, as `correlation`.
 *
 * @throws RangeError when `period` is not a whole number above 1
 * @see William Sharpe, "Capital Asset Prices", The Journal of Finance, 1964
 * @example
 * stock = this.indicator(sma(1), this.instruments()[0])
 * sensitivity = this.indicator(beta(50, 'close', this.stock), this.instruments()[1])
 */
export function beta(period: number, market: Source, source: Source = 'close'): Indicator {
  checkPeriod('beta period', period, 2)
  const window = new MovingCovariance(period)
  const own = new PercentChange(1)
  const theirs = new PercentChange(1)
  return new Paired(
    legend('Beta', [period], source),
    'Beta',
    source,
    market,
    (first, second) => window.add(own.add(first), theirs.add(second)) / window.varianceY,
  )
}
