import type { MarketRecording } from '#exchange'
import { log } from '#market'

/** One property that real markets share, as found in a market. */
export interface StylisedFact {
  readonly name: string
  /** How it was measured, for a person. */
  readonly measure: string
  readonly value: number
  /** From where to where a market is like a real one, both ends included. */
  readonly band: readonly [least: number, most: number]
  readonly passes: boolean
}

/** Seconds over which returns are taken. */
const horizon = 10

/**
 * Holds a market against what is known of real ones (R. Cont, "Empirical properties of asset returns: stylized facts and
 * statistical issues", Quantitative Finance 1, 2001; J.-P. Bouchaud, J. D. Farmer, F. Lillo, "How markets slowly digest changes in
 * supply and demand", 2009). The bands leave room for the noise of some hours of one market: over four hours the kurtosis of
 * independent normal returns has a standard error of 0.13, and the autocorrelations that are averaged here one of 0.01 (volatility in a
 * minute), 0.004 (volatility over ten) and 0.004 (signs), so a random walk with signs by chance stays below all of these. A value that cannot be taken is NaN and fails.
 *
 * @throws RangeError when the recording's step does not divide the 10 seconds of the returns
 */
export function stylisedFacts(recording: MarketRecording): StylisedFact[] {
  const every = horizon / recording.step
  if (!Number.isInteger(every))
    throw new RangeError(
      `The recording's step is ${recording.step} s; expected a part of ${horizon} s: 1, 2, 5 or 10`,
    )
  const mids = recording.mid.filter((_, i) => i % every === 0)
  const returns = mids.slice(1).map((mid, i) => log(mid / mids[i]))
  const absolute = returns.map(Math.abs)
  const linear = autocorrelation(returns, 30)
  const clustering = autocorrelation(absolute, 60)
  const signs = autocorrelation(Float64Array.from(recording.sign), 200)
  const spreads = recording.spread.filter((spread) => !Number.isNaN(spread))
  const { depth } = recording
  const deepest = Number.isNaN(depth[0]) ? NaN : depth.indexOf(Math.max(...depth))
  const fact = (name: string, measure: string, value: number, least: number, most: number): StylisedFact => ({
    name,
    measure,
    value,
    band: [least, most],
    passes: value >= least && value <= most,
  })
  return [
    fact(
      'Fat tails',
      `excess kurtosis of returns over ${horizon} s (normal: 0)`,
      excessKurtosis(returns),
      1.5,
      60,
    ),
    fact(
      'Returns do not predict returns',
      `mean |autocorrelation| of returns over ${horizon} s at lags 2 to 10`,
      mean(linear.slice(1, 10).map(Math.abs)),
      0,
      0.08,
    ),
    fact(
      'nor on average over longer times',
      `mean autocorrelation of returns over ${horizon} s at lags 1 to 30`,
      mean(linear),
      -0.03,
      0.03,
    ),
    fact(
      'Volatility comes in clusters',
      `mean autocorrelation of absolute returns over ${horizon} s at lags 1 to 6 (one minute)`,
      mean(clustering.slice(0, 6)),
      0.05,
      0.6,
    ),
    fact(
      'that last',
      `the same at lags 13 to 60 (two to ten minutes)`,
      mean(clustering.slice(12, 60)),
      0.01,
      0.4,
    ),
    fact(
      'Orders are followed by orders of their side',
      'autocorrelation of the signs of takers at lag 1',
      signs[0],
      0.1,
      0.7,
    ),
    fact(
      'for a long time',
      'mean autocorrelation of the signs of takers at lags 20 to 100',
      mean(signs.slice(19, 100)),
      0.01,
      0.4,
    ),
    fact('The spread is a few ticks', 'mean spread in ticks', mean(spreads), 1.05, 8),
    fact(
      'and varies',
      'standard deviation of the spread by its mean',
      Math.sqrt(mean(spreads.map((spread) => spread * spread)) - mean(spreads) ** 2) / mean(spreads),
      0.15,
      1.5,
    ),
    fact(
      'The book is deepest behind the best price',
      'ticks from the best price to the deepest',
      deepest,
      1,
      15,
    ),
    fact(
      'and thin far away',
      'lots at 30 to 39 ticks from the best price by lots at the deepest',
      mean(depth.slice(30, 40)) / depth[deepest],
      0.001,
      0.4,
    ),
    fact(
      'Impact grows slower than size',
      'exponent of the mean move of the midpoint with the size of the order that caused it',
      impactExponent(recording),
      0.1,
      0.9,
    ),
  ]
}

/** Returns that say something: those between the prices of an hour. */
const fewReturns = 3600 / horizon - 1

/** Why the figures of a short recording mean nothing, as sentences; undefined for one that is long enough. */
export function tooShort({ mid, step }: MarketRecording): string | undefined {
  const returns = Math.max(0, Math.ceil(mid.length / (horizon / step)) - 1)
  if (returns >= fewReturns) return undefined
  const why =
    returns < 2
      ? 'nothing can be told of so few'
      : `of as many independent normal returns the kurtosis is off by ${Math.sqrt(24 / returns).toFixed(2)} and each autocorrelation by ${(1 / Math.sqrt(returns)).toFixed(2)} by chance alone (one standard error), as far as the bands are wide`
  return `These figures mean nothing: there ${returns === 1 ? 'is only 1 return' : `are only ${returns} returns`} over ${horizon} s; ${why}. At least ${fewReturns} are needed, as an hour of continuous trading gives; four hours to be sure.`
}

/** Autocorrelation at lags 1, 2, … of a series. */
export function autocorrelation(series: Float64Array, lags: number): Float64Array {
  const centre = mean(series)
  let variance = 0
  for (const value of series) variance += (value - centre) ** 2
  return Float64Array.from({ length: lags }, (_, i) => {
    let sum = 0
    for (let t = i + 1; t < series.length; t++) sum += (series[t] - centre) * (series[t - i - 1] - centre)
    return sum / variance
  })
}

/** Fourth central moment by the square of the second, less 3: 0 for a normal distribution. Not corrected for the size of the sample. */
function excessKurtosis(series: Float64Array): number {
  const centre = mean(series)
  let second = 0
  let fourth = 0
  for (const value of series) {
    const square = (value - centre) ** 2
    second += square
    fourth += square * square
  }
  return (fourth * series.length) / (second * second) - 3
}

/**
 * Slope of the logarithm of mean impact against that of mean size, over classes of size that are each twice the one
 * before and hold at least 30 orders; each class counts by its orders. NaN with fewer than 3 classes.
 */
function impactExponent({ quantity, impact }: MarketRecording): number {
  const classes = new Map<number, { count: number; size: number; moved: number }>()
  quantity.forEach((size, i) => {
    const key = 31 - Math.clz32(size)
    const found = classes.get(key) ?? { count: 0, size: 0, moved: 0 }
    found.count++
    found.size += size
    found.moved += impact[i]
    classes.set(key, found)
  })
  const points = [...classes.values()]
    .filter(({ count, moved }) => count >= 30 && moved > 0)
    .map(({ count, size, moved }) => ({ weight: count, x: log(size / count), y: log(moved / count) }))
  if (points.length < 3) return NaN
  const total = points.reduce((sum, { weight }) => sum + weight, 0)
  const x = points.reduce((sum, point) => sum + point.weight * point.x, 0) / total
  const y = points.reduce((sum, point) => sum + point.weight * point.y, 0) / total
  const covariance = points.reduce((sum, point) => sum + point.weight * (point.x - x) * (point.y - y), 0)
  return covariance / points.reduce((sum, point) => sum + point.weight * (point.x - x) ** 2, 0)
}

function mean(values: Float64Array): number {
  let sum = 0
  for (const value of values) sum += value
  return sum / values.length
}
