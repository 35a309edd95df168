import { daysIn, daysSince1970 } from '../bytes.ts'

/** Which of day, month and year comes first in a date of numbers. */
export type DateOrder = 'ymd' | 'dmy' | 'mdy'

/** What an epoch count counts. */
export type EpochUnit = 's' | 'ms' | 'us' | 'ns'

/**
 * How times are written: a count since 1970; a date of a calendar, perhaps with a time of day; or the day count of
 * spreadsheets, which is 25,569 on 1970-01-01.
 */
export type TimeForm =
  | { readonly form: 'epoch'; readonly unit: EpochUnit }
  | { readonly form: 'calendar'; readonly order: DateOrder }
  | { readonly form: 'serial' }
  /** Milliseconds since the midnight of a day that the rows do not tell; the day is counted from 1970-01-01. */
  | { readonly form: 'midnight'; readonly day: number }

/** Microseconds in one of each unit; nanoseconds are divided instead. */
const microsecondsIn: Readonly<Record<EpochUnit, number>> = { s: 1e6, ms: 1e3, us: 1, ns: 1e-3 }

/** One date, time or both, as read. Microseconds since 1970, in UTC where `zoned`, else on the clock of its place. */
export interface ReadTime {
  time: number
  /** Whether the text says how far it is from UTC; a count since 1970 does. */
  zoned: boolean
  /** Minutes east of UTC where the text tells. */
  offset: number
  /** Whether it has a time of day. */
  clock: boolean
  /** IANA name of a zone that stands behind the time; the time is then on the clock of that place. */
  place: string
}

/** What the last successful call of `readTime` found beside the time: reused, so that a row allocates little. */
export const found: Omit<ReadTime, 'time'> = { zoned: false, offset: 0, clock: false, place: '' }

/**
 * Month names by their first letters, without accents, in the languages that price files are written in: English,
 * German, French, Spanish, Italian, Portuguese, Dutch, Polish, Turkish, Russian, Swedish, Danish.
 */
const monthNames: readonly (readonly string[])[] = [
  ['jan', 'ene', 'gen', 'sty', 'oca', 'янв'],
  ['feb', 'fev', 'lut', 'sub', 'фев'],
  ['mar', 'maerz', 'mrz', 'mrt', 'maa', 'мар'],
  ['apr', 'abr', 'avr', 'kwi', 'nis', 'апр'],
  ['may', 'mai', 'mag', 'mei', 'maj', 'май', 'мая'],
  ['jun', 'juin', 'giu', 'cze', 'haz', 'июн'],
  ['jul', 'juil', 'lug', 'lip', 'tem', 'июл'],
  ['aug', 'ago', 'aou', 'sie', 'авг'],
  ['sep', 'set', 'wrz', 'eyl', 'сен'],
  ['oct', 'okt', 'ott', 'out', 'paz', 'eki', 'окт'],
  ['nov', 'lis', 'kas', 'ноя'],
  ['dec', 'dez', 'dic', 'gru', 'ara', 'дек'],
]

/** Letters in lower case, without accents. */
export const plain = (text: string): string =>
  text
    .toLowerCase()
    .replace(/ł/g, 'l')
    .normalize('NFD')
    .replace(/(?!\u0306)[\u0300-\u036f]/g, '')
    .normalize('NFC')

/** 1 to 12, or 0 where the word is no month. */
function monthOf(word: string): number {
  const letters = plain(word).replace(/\.$/, '')
  // French juin and juillet, and Spanish marzo and mayo, differ after the third letter only.
  if (/^jui(n|l)/.test(letters)) return letters[3] === 'n' ? 6 : 7
  for (let month = 0; month < 12; month++)
    for (const name of monthNames[month]!) if (letters.startsWith(name)) return month + 1
  return 0
}

/** Hours east of UTC of the zone letters that files carry; those with two meanings are left out. */
const zoneLetters: Readonly<Record<string, number>> = {
  z: 0,
  utc: 0,
  gmt: 0,
  est: -5,
  edt: -4,
  cst: -6,
  cdt: -5,
  mst: -7,
  mdt: -6,
  pst: -8,
  pdt: -7,
  cet: 1,
  cest: 2,
  eet: 2,
  eest: 3,
  msk: 3,
  jst: 9,
  kst: 9,
  hkt: 8,
  sgt: 8,
  aest: 10,
  aedt: 11,
}

const numbersYearFirst = /^(\d{4})([-/.年])(\d{1,2})[-/.月](\d{1,2})日?(?:[T\s,_]+|-(?=\d\d:)|$)(.*)$/i
const numbersYearLast = /^(\d{1,2})([-/. ])(\d{1,2})\2(\d{4}|\d{2})(?:[T\s,_]+|$)(.*)$/i
const compact = /^(\d{4})(\d\d)(\d\d)(?:[T\s,_-]+|$|(?=(?:\d{4}|\d{6}|\d{9})$))(.*)$/i
const monthOnly = /^(\d{4})[-/](\d{1,2})$/
const dayMonthYear =
  /^(\d{1,2})(?:st|nd|rd|th)?[-\s./]*(?:de\s+|of\s+)?(\p{L}{3,}\.?)[-\s./,]*(?:de\s+)?(\d{4}|\d{2})(?:[T\s,:_]+|$)(.*)$/iu
const monthDayYear =
  /^(\p{L}{3,}\.?)[-\s./]*(\d{1,2})(?:st|nd|rd|th)?[-\s./,]+(\d{4}|\d{2}(?!:))(?:[T\s,_]+|$)(.*)$/iu
const monthDayTimeYear = /^(\p{L}{3,})\s+(\d{1,2})\s+([\d:.]+)\s+(\d{4})$/u
const yearMonthDay = /^(\d{4})[-\s./](\p{L}{3,}\.?)[-\s./](\d{1,2})(?:[T\s,_]+|$)(.*)$/iu
const monthYear = /^(\p{L}{3,}\.?)[-\s./,']*(\d{4})$/iu
const weekday = /^\p{L}{2,}\.?,?\s+(?=\p{L}|\d)/u
const clockText = /^(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,:](\d{1,9}))?)?\s*([ap]\.?\s?m\.?)?\s*(.*)$/i
const clockCompact = /^(\d{2})(\d{2})(?:(\d{2})\.?(\d{3})?)?\s*([a-z+-].*)?$/i
const clockHour = /^(\d{1,2})[-\s]?([ap]m)$/i
const offsetText = /^(?:gmt|utc|z)?\s*([+-])(\d{1,2}):?(\d{2})?(?::?\d{2})?\s*(?:\[.*\]|\([^)]*\))?$/i

/**
 * Microseconds since 1970 of a text in the given form, NaN where it is none; `found` tells what else it says. Digits
 * below a microsecond are dropped.
 */
export function readTime(text: string, how: TimeForm): number {
  found.zoned = false
  found.offset = 0
  found.clock = false
  found.place = ''
  const trimmed = text.trim()
  if (trimmed === '') return NaN
  if (how.form === 'epoch') return readEpoch(trimmed, how.unit)
  if (how.form === 'serial') return readSerial(trimmed)
  if (how.form === 'midnight') {
    found.clock = true
    return /^\d{1,8}$/.test(trimmed) && Number(trimmed) <= 86_400_000
      ? how.day * 86_400e6 + Number(trimmed) * 1000
      : NaN
  }
  return readCalendar(trimmed, how.order)
}

/** A count since 1970. Whole numbers of any length are read by their digits: a double does not hold nanoseconds. */
function readEpoch(text: string, unit: EpochUnit): number {
  if (!/^[+-]?\d+(\.\d*)?(e\+?\d+)?$/i.test(text)) return NaN
  found.zoned = true
  found.clock = true
  const whole = /^([+-]?\d+)(\.0*)?$/.exec(text)?.[1]
  const value =
    unit === 'ns' ? (whole ? Number(whole.slice(0, -3)) : Math.floor(Number(text) / 1000)) : Number(text)
  const time = unit === 'ns' ? value : Math.round(value * microsecondsIn[unit])
  return Math.abs(time) <= latest ? time : NaN
}

/** 2286-11-20, before which seconds have ten digits: a count beyond it is in another unit. */
const latest = 1e16

function readSerial(text: string): number {
  const value = Number(text.replace(',', '.'))
  if (!(value > 10_000 && value < 100_000)) return NaN
  const seconds = Math.round((value - 25_569) * 86_400)
  found.clock = seconds % 86_400 !== 0
  return seconds * 1e6
}

function readCalendar(text: string, order: DateOrder): number {
  let match: RegExpExecArray | null
  if ((match = numbersYearFirst.exec(text)))
    return join(Number(match[1]), Number(match[3]), Number(match[4]), match[5]!)
  if ((match = compact.exec(text)))
    return join(Number(match[1]), Number(match[2]), Number(match[3]), match[4]!)
  if ((match = numbersYearLast.exec(text))) {
    const [, a, , b, c, rest] = match
    if (order === 'ymd') return c!.length === 2 ? join(fullYear(a!), Number(b), Number(c), rest!) : NaN
    const [day, month] = order === 'dmy' ? [a, b] : [b, a]
    return join(fullYear(c!), Number(month), Number(day), rest!)
  }
  if ((match = /^(\d\d)(\d\d)(\d\d)$/.exec(text))) {
    const [, a, b, c] = match
    if (order === 'ymd') return join(fullYear(a!), Number(b), Number(c), '')
    return order === 'dmy'
      ? join(fullYear(c!), Number(b), Number(a), '')
      : join(fullYear(c!), Number(a), Number(b), '')
  }
  if ((match = monthOnly.exec(text))) return join(Number(match[1]), Number(match[2]), 1, '')
  return readWords(text) ?? readWords(text.replace(weekday, '')) ?? NaN
}

function readWords(text: string): number | undefined {
  let match: RegExpExecArray | null
  const month = (word: string | undefined) => monthOf(word ?? '')
  if ((match = dayMonthYear.exec(text)) && month(match[2]))
    return join(fullYear(match[3]!), month(match[2]), Number(match[1]), match[4]!)
  if ((match = monthDayTimeYear.exec(text)) && month(match[1]))
    return join(Number(match[4]), month(match[1]), Number(match[2]), match[3]!)
  if ((match = monthDayYear.exec(text)) && month(match[1]))
    return join(fullYear(match[3]!), month(match[1]), Number(match[2]), match[4]!)
  if ((match = yearMonthDay.exec(text)) && month(match[2]))
    return join(Number(match[1]), month(match[2]), Number(match[3]), match[4]!)
  if ((match = monthYear.exec(text)) && month(match[1])) return join(Number(match[2]), month(match[1]), 1, '')
  return undefined
}

/** Two digits stand for 1970 to 2069, as POSIX reads them but for one year. */
const fullYear = (digits: string) =>
  digits.length === 2 ? Number(digits) + (Number(digits) < 70 ? 2000 : 1900) : Number(digits)

function join(year: number, month: number, day: number, rest: string): number {
  if (!(year >= 1600 && year < 2286 && month >= 1 && month <= 12 && day >= 1 && day <= daysIn(year, month)))
    return NaN
  const midnight = daysSince1970(year, month, day) * 86_400e6
  if (rest.trim() === '') return midnight
  const clock = readClock(rest)
  return midnight + clock
}

/** Microseconds since midnight of a time of day, less its offset from UTC where it tells one; NaN where it is none. */
export function readClock(text: string): number {
  const trimmed = text.trim()
  let match = clockText.exec(trimmed)
  let half: string | undefined
  let zone: string | undefined
  let hour: number
  let minute = 0
  let second = 0
  let fraction = ''
  if (match) {
    hour = Number(match[1])
    minute = Number(match[2])
    second = Number(match[3] ?? 0)
    fraction = match[4] ?? ''
    half = match[5]
    zone = match[6]
  } else if ((match = clockHour.exec(trimmed))) {
    hour = Number(match[1])
    half = match[2]
  } else if ((match = clockCompact.exec(trimmed))) {
    hour = Number(match[1])
    minute = Number(match[2])
    second = Number(match[3] ?? 0)
    fraction = match[4] ?? ''
    zone = match[5]
  } else return NaN
  if (half) {
    if (hour < 1 || hour > 12) return NaN
    hour = (hour % 12) + (/^p/i.test(half) ? 12 : 0)
  }
  if (!(hour < 24 || (hour === 24 && minute === 0 && second === 0)) || minute > 59 || second > 59) return NaN
  found.clock = true
  const time = hour * 3600e6 + minute * 60e6 + second * 1e6 + Number(fraction.slice(0, 6).padEnd(6, '0'))
  if (!zone) return time
  if (/^[A-Z][A-Za-z]+\/[A-Za-z_/]+$/.test(zone.trim())) {
    found.place = zone.trim()
    return time
  }
  const offset = readOffset(zone)
  if (Number.isNaN(offset)) return NaN
  found.zoned = true
  found.offset = offset
  return time - offset * 60e6
}

/** Minutes east of UTC; NaN where the text tells none. */
export function readOffset(text: string): number {
  const letters = zoneLetters[text.trim().toLowerCase()]
  if (letters !== undefined) return letters * 60
  const match = offsetText.exec(text.trim())
  if (!match) return NaN
  const minutes = Number(match[2]) * 60 + Number(match[3] ?? 0)
  return minutes > 18 * 60 ? NaN : match[1] === '-' ? -minutes : minutes
}

/** The digits of a time of day with the zeros that were lost in front. */
export const pad = (text: string, digits: number) => (digits === 0 ? text : text.trim().padStart(digits, '0'))
