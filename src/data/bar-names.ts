import type { BarRule, Interval } from './resample.ts'

const longIntervals = ['day', 'week', 'month', 'year'] as const
const shortInterval = /^([1-9]\d{0,3})([smh])$/
const tradeBars = /^(ticks|volume|dollars)-(\d{1,12}(?:p\d{1,8})?)$/

/** Names of bars, for people who mistyped one. */
export const barNames =
  '5m, 4h, day, week, month or year, or of single trades ticks-500, volume-1000 or dollars-50000'

/**
 * The rule of bars that a name stands for: `5m`, `4h`, `day`, `week`, `month`, `year`, or of trades `ticks-500`,
 * `volume-0p5` and `dollars-50000`, with a `p` for the decimal point, so that a name fits into an address. Undefined
 * where it is no such name.
 */
export function barRule(name: string): BarRule | undefined {
  const interval = intervalNamed(name)
  if (interval !== undefined) return { by: 'time', interval }
  const match = tradeBars.exec(name)
  const size = match ? Number(match[2]!.replace('p', '.')) : 0
  if (!match || !(size > 0)) return undefined
  if (match[1] === 'volume') return { by: 'volume', volume: size }
  if (match[1] === 'dollars') return { by: 'dollars', amount: size }
  return Number.isInteger(size) ? { by: 'ticks', count: size } : undefined
}

/** The interval that a name stands for; undefined where it is none that bars can be joined to. */
export function intervalNamed(name: string): Interval | undefined {
  const long = longIntervals.find((long) => long === name)
  if (long) return long
  const match = shortInterval.exec(name)
  const size = match ? Number(match[1]) * { s: 1e6, m: 60e6, h: 3600e6 }[match[2] as 's' | 'm' | 'h'] : NaN
  return 86_400e6 % size === 0 ? size : undefined
}

/** The length of bars that are so many microseconds apart, as filling takes it: months and years differ. */
export function intervalOfBars(microseconds: number | null): Interval | undefined {
  if (microseconds === null) return undefined
  if (microseconds < 28 * 86_400e6) return microseconds === 86_400e6 ? 'day' : microseconds
  return microseconds < 300 * 86_400e6 ? 'month' : 'year'
}
