import { show } from '../checks.ts'

/** Spans of the calendar that figures may start afresh with, in UTC; weeks begin on Monday. */
export type CalendarSpan = 'day' | 'week' | 'month'

/**
 * Number of the day, week or month that a time lies in: equal within a span, rising from one to the next.
 *
 * @param time milliseconds since 1970 UTC
 * @see Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms", for the months
 */
export function spanNumber(time: number, span: CalendarSpan): number {
  const day = Math.floor(time / 86_400_000)
  if (span === 'day') return day
  if (span === 'week') return Math.floor((day + 3) / 7)
  // Years of 12 months that begin in March, so that the leap day comes last; eras of 400 years.
  const sinceEras = day + 719_468
  const era = Math.floor(sinceEras / 146_097)
  const dayOfEra = sinceEras - era * 146_097
  const yearOfEra = Math.floor(
    (dayOfEra -
      Math.floor(dayOfEra / 1460) +
      Math.floor(dayOfEra / 36_524) -
      Math.floor(dayOfEra / 146_096)) /
      365,
  )
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100))
  return (era * 400 + yearOfEra) * 12 + Math.floor((5 * dayOfYear + 2) / 153)
}

/**
 * Refuses what is no span.
 *
 * @throws RangeError
 */
export function checkSpan(what: string, span: string, allowed: readonly string[]): void {
  if (!allowed.includes(span))
    throw new RangeError(`${what} is ${show(span)}; expected one of ${allowed.join(', ')}`)
}
