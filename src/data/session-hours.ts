import { dateOf, daysIn, daysSince1970 } from './bytes.ts'
import { type Calendar, sessionOf, weekdayOf } from './calendar.ts'

/** Opening and closing of a session: minutes since midnight of its day. One that opens on the evening before has a negative opening. */
export type Session = readonly [open: number, close: number]

/** A day whose session is not that of its weekday. */
export interface SpecialDay {
  /** Counted from 1970-01-01. */
  readonly day: number
  /** Null where the day has no session. */
  readonly session: Session | null
}

/** When an instrument trades, written down by somebody: plain data, as it is kept with the instrument. */
export interface SessionHours {
  /** IANA name of the zone that the hours are told in. */
  readonly zone: string
  /** By day of the week, Sunday first; null on days without a session. */
  readonly week: readonly (Session | null)[]
  /** Holidays, half days and sessions out of turn, in the order of their days. */
  readonly special: readonly SpecialDay[]
}

/** Id of every calendar that somebody wrote down. */
export const ownHours = 'own'

const DAY = 1440

/** The calendar of hours that somebody wrote down. */
export function calendarFrom({ zone, week, special }: SessionHours): Calendar {
  const days = new Map(special.map(({ day, session }) => [day, session ?? 0]))
  return {
    id: ownHours,
    name: wordsOf({ zone, week, special }),
    zone,
    week: week.map((session) => session ?? undefined),
    exception: (day) => days.get(day),
    bySession: true,
  }
}

/**
 * The hours of a calendar as a start for one's own: its week, and the days from one to another, both counted from
 * 1970-01-01, that differ. Sessions that a calendar cuts at midnight, as those of the forex week, become whole.
 */
export function hoursOf(calendar: Calendar, first: number, last: number): SessionHours {
  const { week, zone, dayStartsBefore = 0 } = calendar
  const whole = (day: number): Session | null => {
    const session = sessionOf(calendar, day)
    if (dayStartsBefore === 0 || !session) return session ?? null
    // A trading day that begins on the evening before ends when the next one would.
    const weekday = week[weekdayOf(day)]
    return weekday && weekday[0] === 0
      ? [-dayStartsBefore, Math.min(session[1], DAY - dayStartsBefore)]
      : null
  }
  // 1970-01-04 was a Sunday; no calendar has a holiday in that week.
  const usual = Array.from({ length: 7 }, (_, weekday) => whole(3 + weekday))
  const special: SpecialDay[] = []
  for (let day = first; day <= last; day++) {
    const session = whole(day)
    const expected = usual[weekdayOf(day)] ?? null
    if (session?.[0] !== expected?.[0] || session?.[1] !== expected?.[1]) special.push({ day, session })
  }
  return { zone, week: usual, special }
}

const names = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat']

/** A time of day as `09:30`, `24:00` at its end; an opening on the evening before is told by its clock alone. */
export function clockText(minute: number): string {
  const of = minute < 0 ? minute + DAY : minute
  return `${String(Math.floor(of / 60)).padStart(2, '0')}:${String(of % 60).padStart(2, '0')}`
}

/** A day as `2024-12-24`. */
function dayText(day: number): string {
  const { year, month, day: date } = dateOf(day)
  return `${String(year).padStart(4, '0')}-${String(month).padStart(2, '0')}-${String(date).padStart(2, '0')}`
}

/** A session as `09:30-16:00`; one that opens on the evening before has its opening after its closing: `17:00-16:00`. */
export const sessionText = ([open, close]: Session): string => `${clockText(open)}-${clockText(close)}`

/** The week in a few words: `Mon to Fri 09:30-16:00, New York, 12 special days`. */
function wordsOf({ zone, week, special }: SessionHours): string {
  const groups: { from: number; to: number; text: string }[] = []
  for (const weekday of [1, 2, 3, 4, 5, 6, 0]) {
    const session = week[weekday]
    if (!session) continue
    const text = sessionText(session)
    const last = groups[groups.length - 1]
    if (last && last.text === text && (last.to + 1) % 7 === weekday) last.to = weekday
    else groups.push({ from: weekday, to: weekday, text })
  }
  return [
    ...groups.map(({ from, to, text }) => `${names[from]}${to === from ? '' : ` to ${names[to]}`} ${text}`),
    zone.replace(/^.*\//, '').replaceAll('_', ' '),
    ...(special.length > 0 ? [`${special.length} special ${special.length === 1 ? 'day' : 'days'}`] : []),
  ].join(', ')
}

/** A value that was read, or what is wrong with its text and what would be right. */
export type Reading<Value> = { readonly value: Value } | { readonly problem: string }

/** Reads a time of day such as `9:30` or `24:00`, as minutes since midnight. */
function readClockText(text: string): Reading<number> {
  const match = /^\s*(\d{1,2})(?::(\d\d))?\s*$/.exec(text)
  const minute = match ? Number(match[1]) * 60 + Number(match[2] ?? 0) : NaN
  if (!match || Number(match[2] ?? 0) > 59 || minute > DAY)
    return { problem: `'${text.trim()}' is no time of day; expected one such as 09:30.` }
  return { value: minute }
}

/**
 * Reads the session between two times of day. One that ends when or before it begins runs over midnight: it opens on the
 * evening before, as those of futures do, and belongs to the day on which it closes.
 */
export function readSession(from: string, to: string): Reading<Session> {
  const open = readClockText(from)
  if ('problem' in open) return open
  const close = readClockText(to)
  if ('problem' in close) return close
  if (close.value === 0 && open.value > 0) return { value: [open.value, DAY] }
  if (open.value === DAY) return { value: [0, close.value] }
  return { value: close.value > open.value ? [open.value, close.value] : [open.value - DAY, close.value] }
}

/** Special days as one line each: `2024-12-25 closed`, `2024-12-24 09:30-13:00`. */
export const specialText = (special: readonly SpecialDay[]): string =>
  special.map(({ day, session }) => `${dayText(day)} ${session ? sessionText(session) : 'closed'}`).join('\n')

/** Special days that are read of one text, so many at most. */
const mostSpecialDays = 5000

/** Reads special days, one a line; a day alone is closed, and of a day told twice the later line holds. */
export function readSpecial(text: string): Reading<readonly SpecialDay[]> {
  const days = new Map<number, SpecialDay>()
  for (const [at, line] of text.split(/\r\n|\n|\r/).entries()) {
    if (line.trim() === '') continue
    const where = `Line ${at + 1}`
    const match = /^\s*(\d{4})-(\d\d?)-(\d\d?)(?:[\s,;]+(.*?))?\s*$/.exec(line)
    if (!match)
      return {
        problem: `${where}: '${line.trim().slice(0, 40)}' begins with no day; expected a line such as 2024-12-25 closed.`,
      }
    const [year, month, date] = [Number(match[1]), Number(match[2]), Number(match[3])]
    if (month < 1 || month > 12 || date < 1 || date > daysIn(year, month))
      return { problem: `${where}: there is no ${match[1]}-${match[2]}-${match[3]}.` }
    const day = daysSince1970(year, month, date)
    const rest = (match[4] ?? '').trim()
    let session: Session | null = null
    if (rest !== '' && !/^closed$/i.test(rest)) {
      const hours = /^([\d:]+)\s*(?:-|–|to)\s*([\d:]+)$/.exec(rest)
      if (!hours)
        return {
          problem: `${where}: '${rest.slice(0, 40)}' tells no hours; expected closed, or hours such as 09:30-13:00.`,
        }
      const read = readSession(hours[1]!, hours[2]!)
      if ('problem' in read) return { problem: `${where}: ${read.problem}` }
      session = read.value
    }
    days.set(day, { day, session })
    if (days.size > mostSpecialDays)
      return {
        problem: `${where}: there are more than ${mostSpecialDays} days; leave out those beyond the data.`,
      }
  }
  return { value: [...days.values()].sort((a, b) => a.day - b.day) }
}

/** Whether a value from anywhere is hours that could have been written down here; the zone may be any text. */
export function isSessionHours(found: unknown): found is SessionHours {
  const { zone, week, special } = (found ?? {}) as Partial<SessionHours>
  const whole = (value: unknown, least: number, most: number) =>
    Number.isInteger(value) && (value as number) >= least && (value as number) <= most
  const isSession = (value: unknown) =>
    value === null ||
    (Array.isArray(value) &&
      value.length === 2 &&
      whole(value[0], -DAY, DAY) &&
      whole(value[1], Math.max(0, value[0] as number), Math.min(DAY, (value[0] as number) + DAY)))
  return (
    typeof zone === 'string' &&
    zone.length <= 60 &&
    Array.isArray(week) &&
    week.length === 7 &&
    week.every(isSession) &&
    Array.isArray(special) &&
    special.length <= mostSpecialDays &&
    special.every(
      (one: Partial<SpecialDay> | null) => whole(one?.day, -200_000, 200_000) && isSession(one?.session),
    ) &&
    problemWithHours({ week, special }) === undefined
  )
}

/** What is wrong with hours as a whole; undefined where they can be kept. */
export function problemWithHours({ week, special }: Omit<SessionHours, 'zone'>): string | undefined {
  if (week.every((session) => session === null) && special.every(({ session }) => session === null))
    return 'No day has a session; tick the days on which it trades.'
  const all = (day: number) => special.find((other) => other.day === day)?.session
  for (let weekday = 0; weekday < 7; weekday++) {
    const today = week[weekday]
    const next = week[(weekday + 1) % 7]
    if (today && next && next[0] < 0 && next[0] + DAY < today[1])
      return `The session of ${names[(weekday + 1) % 7]} opens at ${clockText(next[0])} on ${names[weekday]}, before that of ${names[weekday]} closes at ${clockText(today[1])}.`
  }
  for (const { day, session } of special) {
    const before = all(day - 1) === undefined ? week[weekdayOf(day - 1)] : all(day - 1)
    if (session && before && session[0] < 0 && session[0] + DAY < before[1])
      return `The session of ${dayText(day)} opens before that of the day before closes.`
  }
  return undefined
}
