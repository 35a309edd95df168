import { dateOf, daysSince1970 } from './bytes.ts'

/** When an instrument trades. Clock times are minutes since midnight in `zone`. */
export interface Calendar {
  /** Stable name in settings. */
  readonly id: string
  /** For people. */
  readonly name: string
  /** IANA name of the zone that its hours are told in. */
  readonly zone: string
  /**
   * Opening and closing minute by day of the week, Sunday first; undefined on days without a session. A session that
   * opens on the evening before has a negative opening, and belongs to the day on which it closes.
   */
  readonly week: readonly (readonly [open: number, close: number] | undefined)[]
  /**
   * The minute at which a day closes early, 0 for a day without a session, both its minutes where it has hours of its own;
   * undefined for an ordinary day. A day is counted from 1970-01-01.
   */
  readonly exception?: (day: number) => number | readonly [open: number, close: number] | undefined
  /** Minutes before midnight at which a trading day begins: those of the forex week begin at 17:00 of the day before. */
  readonly dayStartsBefore?: number
  /** Whether hours are not known: then only days without any bar, and bars missing between two of one day, are gaps. */
  readonly hoursUnknown?: boolean
  /** Whether bars that are joined begin with the session of their own day, and end with it. */
  readonly bySession?: boolean
}

const dayLong = [0, 1440] as const
const weekdays = (hours: readonly [number, number]) => [
  undefined,
  hours,
  hours,
  hours,
  hours,
  hours,
  undefined,
]

/** Calendars that come with the program. */
export const calendars: Readonly<Record<'always' | 'usEquities' | 'forex' | 'weekdays', Calendar>> = {
  always: {
    id: '24/7',
    name: 'around the clock, every day',
    zone: 'UTC',
    week: Array.from({ length: 7 }, () => dayLong),
  },
  usEquities: {
    id: 'us-equities',
    name: 'US exchanges, 9:30 to 16:00 in New York, with their holidays',
    zone: 'America/New_York',
    week: weekdays([570, 960]),
    exception: usException,
  },
  forex: {
    id: 'forex',
    name: 'the forex week, Sunday 17:00 to Friday 17:00 in New York',
    zone: 'America/New_York',
    dayStartsBefore: 420,
    week: [[1020, 1440], dayLong, dayLong, dayLong, dayLong, [0, 1020], undefined],
  },
  weekdays: {
    id: 'weekdays',
    name: 'Monday to Friday',
    zone: 'UTC',
    week: weekdays([0, 1440]),
    hoursUnknown: true,
  },
}

/** Day of the week of a day counted from 1970-01-01, Sunday 0. */
export const weekdayOf = (day: number): number => (((day + 4) % 7) + 7) % 7

/** Whether a calendar has a session on a day. */
export function isTradingDay(calendar: Calendar, day: number): boolean {
  return sessionOf(calendar, day) !== undefined
}

/** Opening and closing minute of a day's session in the calendar's zone; undefined where it has none. */
export function sessionOf(
  calendar: Calendar,
  day: number,
): readonly [open: number, close: number] | undefined {
  const exception = calendar.exception?.(day)
  if (exception === 0) return undefined
  if (typeof exception === 'object') return exception
  const hours = calendar.week[weekdayOf(day)]
  return hours && exception !== undefined ? [hours[0], exception] : hours
}

/** Easter Sunday of a year (Meeus, Astronomical Algorithms, chapter 8). */
function easter(year: number): number {
  const a = year % 19
  const b = Math.floor(year / 100)
  const c = year % 100
  const d = Math.floor(b / 4)
  const e = b % 4
  const f = Math.floor((b + 8) / 25)
  const g = Math.floor((b - f + 1) / 3)
  const h = (19 * a + b - d - g + 15) % 30
  const i = Math.floor(c / 4)
  const k = c % 4
  const l = (32 + 2 * e + 2 * i - h - k) % 7
  const m = Math.floor((a + 11 * h + 22 * l) / 451)
  const month = Math.floor((h + l - 7 * m + 114) / 31)
  return daysSince1970(year, month, ((h + l - 7 * m + 114) % 31) + 1)
}

/** Days on which the New York Stock Exchange stayed closed for once, from its list of special closings since 1985. */
const usClosings = new Set(
  [
    [1985, 9, 27],
    [1994, 4, 27],
    [2001, 9, 11],
    [2001, 9, 12],
    [2001, 9, 13],
    [2001, 9, 14],
    [2004, 6, 11],
    [2007, 1, 2],
    [2012, 10, 29],
    [2012, 10, 30],
    [2018, 12, 5],
    [2025, 1, 9],
  ].map(([year, month, day]) => daysSince1970(year!, month!, day!)),
)

const years = new Map<number, ReadonlyMap<number, number>>()

/** Holidays and early closings of the New York Stock Exchange by the rules that hold since 1998 (and before, but for election days). */
function usException(day: number): number | undefined {
  if (usClosings.has(day)) return 0
  const { year } = dateOf(day)
  let known = years.get(year)
  if (!known) years.set(year, (known = usYear(year)))
  return known.get(day)
}

function usYear(year: number): ReadonlyMap<number, number> {
  const days = new Map<number, number>()
  const nth = (month: number, weekday: number, n: number) => {
    const first = daysSince1970(year, month, 1)
    return first + ((weekday - weekdayOf(first) + 7) % 7) + (n - 1) * 7
  }
  /** A holiday on a Saturday is kept on Friday, one on a Sunday on Monday. */
  const kept = (day: number) => day + (weekdayOf(day) === 6 ? -1 : weekdayOf(day) === 0 ? 1 : 0)
  const newYear = daysSince1970(year, 1, 1)
  // New Year's Day on a Saturday is not made up for: the Friday ends the business year.
  if (weekdayOf(newYear) !== 6) days.set(kept(newYear), 0)
  if (year >= 1998) days.set(nth(1, 1, 3), 0)
  days.set(year >= 1971 ? nth(2, 1, 3) : kept(daysSince1970(year, 2, 22)), 0)
  days.set(easter(year) - 2, 0)
  const lastMonday = daysSince1970(year, 5, 31) - ((weekdayOf(daysSince1970(year, 5, 31)) + 6) % 7)
  days.set(year >= 1971 ? lastMonday : kept(daysSince1970(year, 5, 30)), 0)
  if (year >= 2022) days.set(kept(daysSince1970(year, 6, 19)), 0)
  const independence = daysSince1970(year, 7, 4)
  days.set(kept(independence), 0)
  days.set(nth(9, 1, 1), 0)
  const thanksgiving = nth(11, 4, 4)
  days.set(thanksgiving, 0)
  const christmas = daysSince1970(year, 12, 25)
  days.set(kept(christmas), 0)
  // Trading ends at 13:00 on the day after Thanksgiving, and before Independence Day and Christmas on ordinary days.
  const early = 13 * 60
  if (year >= 1992) days.set(thanksgiving + 1, early)
  for (const eve of [independence - 1, christmas - 1])
    if (year >= 1995 && weekdayOf(eve) >= 1 && weekdayOf(eve) <= 4 && !days.has(eve)) days.set(eve, early)
  return days
}
