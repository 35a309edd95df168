import { power } from '#market'

/*
 * Figures of a series of returns: simple returns per period as fractions. Definitions follow the field's most common
 * ones: sample deviation (n - 1), ratios scaled by the root of periods per year, no risk-free rate.
 */

/** Microseconds of a day. */
export const DAY = 86_400e6

/** Arithmetic mean; NaN of nothing. */
export function mean(values: Float64Array): number {
  let sum = 0
  for (const value of values) sum += value
  return sum / values.length
}

/** Sample standard deviation, with n - 1; NaN of fewer than two. A spread that is only rounding is 0. */
export function deviation(values: Float64Array): number {
  if (values.length < 2) return NaN
  const centre = mean(values)
  let sum = 0
  for (const value of values) sum += (value - centre) * (value - centre)
  const result = Math.sqrt(sum / (values.length - 1))
  return result <= 1e-14 * Math.abs(centre) ? 0 : result
}

/** Standard deviation of a year's return, were periods independent. */
export function volatility(returns: Float64Array, periodsPerYear: number): number {
  return deviation(returns) * Math.sqrt(periodsPerYear)
}

/** Mean over deviation, per year (Sharpe 1994, risk-free rate 0); NaN when returns do not vary. */
export function sharpe(returns: Float64Array, periodsPerYear: number): number {
  const spread = deviation(returns)
  return spread > 0 ? (mean(returns) / spread) * Math.sqrt(periodsPerYear) : NaN
}

/**
 * Mean over downside deviation, per year (Sortino and Price 1994, target 0). The downside deviation is the root of the
 * mean square of losing returns over all returns. Infinity without a losing period, NaN with neither gain nor loss.
 */
export function sortino(returns: Float64Array, periodsPerYear: number): number {
  if (returns.length < 2) return NaN
  let squares = 0
  for (const value of returns) if (value < 0) squares += value * value
  return (mean(returns) / Math.sqrt(squares / returns.length)) * Math.sqrt(periodsPerYear)
}

/** Yearly growth that makes `ratio` in that many years; NaN when the ratio is negative or no time passes. */
export function annualGrowth(ratio: number, years: number): number {
  return years > 0 ? power(ratio, 1 / years) - 1 : NaN
}

/** How far a value lies below its peak so far. */
export interface Drawdown {
  /** Per value, zero or negative, as a fraction of the peak. */
  readonly fall: Float64Array
  /** The largest fall as a fraction of its peak, zero or positive. */
  readonly largest: number
  /** The longest time from a peak until it is reached again or the series ends, in the unit of `time`. */
  readonly longest: number
}

/** Falls of a series from its peaks; `start` is the peak before the first value, so that a first loss counts. */
export function drawdown(values: Float64Array, time: Float64Array, start: number): Drawdown {
  const fall = new Float64Array(values.length)
  let peak = start
  let peakTime = time[0] ?? 0
  let largest = 0
  let longest = 0
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!
    const under = peakTime
    if (value >= peak) {
      peak = value
      peakTime = time[i]!
    }
    if (value < peak || fall[i - 1]! < 0) longest = Math.max(longest, time[i]! - under)
    const depth = value / peak - 1
    fall[i] = depth
    if (-depth > largest) largest = -depth
  }
  return { fall, largest, longest }
}

/** The last value of every UTC day that has one, and the days, counted from 1970. */
export function dailyValues(
  time: Float64Array,
  values: Float64Array,
): { days: Float64Array; values: Float64Array } {
  const days: number[] = []
  const lasts: number[] = []
  let day = NaN
  for (let i = 0; i < time.length; i++) {
    if (!(time[i]! < (day + 1) * DAY)) {
      day = Math.floor(time[i]! / DAY)
      days.push(day)
      lasts.push(values[i]!)
    } else lasts[lasts.length - 1] = values[i]!
  }
  return { days: Float64Array.from(days), values: Float64Array.from(lasts) }
}

/**
 * Returns from each value to the next: one fewer than values. Where the first is not `start`, what there was before them,
 * its own return comes first, so that all together lead from `start` to the last value. From a value of zero or below there
 * is none: NaN.
 */
export function returnsOf(values: Float64Array, start = values[0]): Float64Array {
  const first = values.length === 0 || values[0] === start ? 1 : 0
  const returns = new Float64Array(Math.max(0, values.length - first))
  for (let i = 0; i < returns.length; i++) {
    const before = i + first > 0 ? values[i + first - 1]! : start!
    returns[i] = before > 0 ? values[i + first]! / before - 1 : NaN
  }
  return returns
}

/**
 * How many of a series' periods make a year, told from its days, counted from 1970. Daily series: 252 where there is
 * no weekend, 365 where there are Saturdays, 313 where there are Sundays alone (currencies, whose week opens on Sunday
 * evening UTC). Else 52, 12, 4 or 1 where the median distance is about that, or what it is.
 */
export function periodsPerYear(days: Float64Array): number {
  if (days.length < 2) return NaN
  const distances = new Float64Array(days.length - 1)
  for (let i = 0; i < distances.length; i++) distances[i] = days[i + 1]! - days[i]!
  const median = distances.sort()[distances.length >> 1]!
  if (median <= 1) {
    // 1970-01-01 was a Thursday.
    const weekday = (day: number) => (day + 4) % 7
    return days.some((day) => weekday(day) === 6) ? 365 : days.some((day) => weekday(day) === 0) ? 313 : 252
  }
  for (const [count, from, to] of [
    [52, 6, 8],
    [12, 27, 32],
    [4, 89, 93],
    [1, 360, 370],
  ] as const)
    if (median >= from && median <= to) return count
  return 365.25 / median
}
