import type { BarColumns } from '#market'
import { daysIn, daysSince1970, decode, pair, parseDecimal } from './bytes.ts'
import type { InstrumentData } from './data-set.ts'

/** What is wrong with a line of a file, in words. */
export interface CsvProblem {
  /** Counted from 1, as editors do; the header is line 1. */
  readonly line: number
  /** What was found, what was expected, and the likely mend. */
  readonly reason: string
}

/** Bars, or the reasons why there are none. A file with a single problem gives no bars. */
export type CsvResult =
  | { readonly ok: true; readonly data: InstrumentData; readonly notes: readonly string[] }
  | {
      readonly ok: false
      /** The first twenty, by line. */
      readonly problems: readonly CsvProblem[]
      /** How many there are in all. */
      readonly total: number
    }

/** What a reader of files is told beside the bytes. */
export interface CsvOptions {
  /** Name of the instrument; `CSV` when left out. */
  readonly symbol?: string
}

/**
 * Reads a CSV file with a header that names a time (`date`, `time`, `timestamp` or `datetime`) and `open`, `high`,
 * `low`, `close` and perhaps `volume`, in any order and case. Other columns are ignored and named in the notes.
 * Times are ISO dates, ISO date-times, or seconds, milliseconds or microseconds since 1970; a date is midnight UTC.
 * Nothing is repaired and no row is left out: whatever is wrong is a problem with its line.
 */
export function parseCsv(file: Uint8Array | string, options: CsvOptions = {}): CsvResult {
  const reader = new CsvReader(options)
  reader.push(typeof file === 'string' ? Uint8Array.from(file, (char) => char.charCodeAt(0)) : file)
  return reader.end()
}

const shownProblems = 20
const prices = ['open', 'high', 'low', 'close'] as const
const times = ['date', 'time', 'timestamp', 'datetime']
const expectedHeader = 'date,open,high,low,close,volume'

/**
 * How far open or close may lie outside high and low, relative to the price: adjusted prices carry rounding of this
 * order. Such a bar is kept as it stands.
 */
const tolerance = 1e-9

const COMMA = 44
const NEWLINE = 10
const RETURN = 13
const QUOTE = 34

/** The same as `parseCsv` for a file that arrives in pieces, of any size and cut anywhere. */
export class CsvReader {
  readonly #symbol: string
  readonly #problems: CsvProblem[] = []
  readonly #disorder: CsvProblem[] = []
  #total = 0
  #descending = 0
  /** Bytes of a line whose end has not arrived. */
  #rest = new Uint8Array(0)
  #line = 0
  /** Line of a blank row; one that no row follows is the end of the file. */
  #blank = 0
  #header: string[] | undefined
  #unreadable = false
  #notes: string[] = []
  /** Field numbers of time, open, high, low, close, volume; -1 where there is none. */
  #fields = new Int32Array(6).fill(-1)
  #starts = new Int32Array(0)
  #ends = new Int32Array(0)
  #columns = Array.from({ length: 6 }, () => new Float64Array(1024))
  #rows = 0
  /** Line of the last row whose time could be read, and that time. */
  #lastLine = 0
  #lastTime = -Infinity
  #form: TimeForm = TimeForm.NONE

  constructor(options: CsvOptions = {}) {
    this.#symbol = options.symbol ?? 'CSV'
  }

  /** Takes the next bytes of the file. They are not kept. */
  push(bytes: Uint8Array): void {
    let start = 0
    if (this.#rest.length > 0) {
      const cut = bytes.indexOf(NEWLINE)
      const line = new Uint8Array(this.#rest.length + (cut < 0 ? bytes.length : cut))
      line.set(this.#rest)
      line.set(cut < 0 ? bytes : bytes.subarray(0, cut), this.#rest.length)
      if (cut < 0) {
        this.#rest = line
        return
      }
      this.#rest = new Uint8Array(0)
      this.#read(line, 0, line.length)
      start = cut + 1
    }
    for (let end; !this.#unreadable && (end = bytes.indexOf(NEWLINE, start)) >= 0; start = end + 1)
      this.#read(bytes, start, end)
    // A copy, which the slice of a Node buffer would not be.
    this.#rest = new Uint8Array(bytes.subarray(start))
  }

  /** The bars, once all bytes were given. */
  end(): CsvResult {
    if (this.#rest.length > 0 && !this.#unreadable) this.#read(this.#rest, 0, this.#rest.length)
    if (this.#header === undefined && !this.#unreadable)
      this.#problem(1, `The file is empty; expected a header such as ${expectedHeader} and rows below it.`)
    else if (this.#rows === 0 && this.#total === 0)
      this.#problem(this.#line, 'There are no rows below the header; expected one row for each bar.')
    if (this.#descending > 1 && this.#descending === this.#rows - 1) {
      this.#total -= this.#descending
      this.#problem(3, 'The rows run from newest to oldest; sort them oldest first.')
    } else this.#problems.push(...this.#disorder)
    if (this.#total > 0) {
      const problems = this.#problems.sort((a, b) => a.line - b.line).slice(0, shownProblems)
      return { ok: false, problems, total: this.#total }
    }
    const [time, open, high, low, close, volume] = this.#columns.map((column) => column.slice(0, this.#rows))
    const bars = { time, open, high, low, close, volume } as BarColumns
    return { ok: true, data: { instrument: { name: this.#symbol }, bars }, notes: this.#notes }
  }

  #problem(line: number, reason: string): void {
    this.#total++
    if (this.#problems.length < shownProblems) this.#problems.push({ line, reason })
  }

  #read(bytes: Uint8Array, start: number, end: number): void {
    this.#line++
    if (end > start && bytes[end - 1] === RETURN) end--
    if (end === start) {
      if (this.#blank === 0) this.#blank = this.#line
      return
    }
    if (this.#blank > 0) {
      this.#problem(this.#blank, 'This line is empty, and rows follow it; delete it.')
      this.#blank = 0
    }
    if (this.#header === undefined) this.#readHeader(bytes, start, end)
    else this.#readRow(bytes, start, end)
  }

  #readHeader(bytes: Uint8Array, start: number, end: number): void {
    const refuse = (reason: string) => {
      this.#unreadable = true
      this.#problem(this.#line, reason)
    }
    if ((bytes[start] === 0xff && bytes[start + 1] === 0xfe) || bytes.subarray(start, end).includes(0))
      return refuse('This is not UTF-8 text; if it is a spreadsheet, save it as CSV (UTF-8).')
    // The three bytes that some programs put before UTF-8 text.
    if (bytes[start] === 0xef && bytes[start + 1] === 0xbb && bytes[start + 2] === 0xbf) start += 3
    const text = decode(bytes, start, end)
    const header = text.split(',').map((name) => name.trim().replace(/^"(.*)"$/, '$1'))
    this.#header = header
    const names = header.map((name) => name.trim().toLowerCase())
    if (names.length === 1 && /[;\t|]/.test(text))
      return refuse(
        `The header is '${show(text)}'; expected commas between columns. Save the file with commas.`,
      )
    if (names.every((name) => /\d/.test(name) && /^[\d.:TZ+/ -]+$/i.test(name)))
      return refuse(
        `The first line holds values; expected a header. Put a line that names the columns above it, such as ${expectedHeader}.`,
      )
    const timeFields = names.flatMap((name, field) => (times.includes(name) ? [field] : []))
    if (timeFields.length === 0)
      return refuse(
        `No column is named date, time or timestamp; found ${list(header)}. Rename the column that holds the time.`,
      )
    if (timeFields.length > 1)
      return refuse(
        `Several columns could be the time: ${list(timeFields.map((field) => header[field]!))}. Join them into one, or rename those that are not.`,
      )
    this.#fields[0] = timeFields[0]!
    for (const [index, name] of [...prices, 'volume'].entries()) {
      const found = names.indexOf(name)
      if (found !== names.lastIndexOf(name)) return refuse(`Two columns are named ${name}; keep one of them.`)
      if (found < 0 && name !== 'volume') {
        const near = header.find((other) => other.toLowerCase().includes(name))
        return refuse(
          `No column is named ${name}; found ${list(header)}. ` +
            (near
              ? `Rename '${near}' to ${name} if it is that.`
              : 'Rename the column that holds it, or add it.'),
        )
      }
      this.#fields[index + 1] = found
    }
    this.#starts = new Int32Array(names.length)
    this.#ends = new Int32Array(names.length)
    const ignored = header.filter((_, field) => !this.#fields.includes(field))
    if (ignored.length > 0)
      this.#notes.push(`Ignored ${ignored.length === 1 ? 'column' : 'columns'}: ${list(ignored)}.`)
    if (this.#fields[5]! < 0) this.#notes.push('There is no column volume; every volume is 0.')
  }

  #readRow(bytes: Uint8Array, start: number, end: number): void {
    const starts = this.#starts
    const ends = this.#ends
    const width = starts.length
    let field = 0
    let from = start
    for (let i = start; i <= end; i++)
      if (i === end || bytes[i] === COMMA) {
        if (field < width) {
          starts[field] = from
          ends[field] = i
        }
        field++
        from = i + 1
      }
    if (field !== width) {
      const quoted = bytes.subarray(start, end).includes(QUOTE)
      const mend = quoted
        ? 'Commas inside quotes are not read; write numbers without them.'
        : 'Complete the row, or delete it.'
      this.#problem(this.#line, `This row has ${field} fields where the header has ${width}. ${mend}`)
      return
    }
    for (let i = 0; i < width; i++) {
      while (starts[i]! < ends[i]! && isPadding(bytes[starts[i]!]!)) starts[i]!++
      while (starts[i]! < ends[i]! && isPadding(bytes[ends[i]! - 1]!)) ends[i]!--
    }

    const row = this.#rows
    if (row === this.#columns[0]!.length) this.#grow()
    const time = this.#readTime(bytes)
    this.#columns[0]![row] = time
    let readable = true
    for (let column = 1; column < 6; column++) {
      const at = this.#fields[column]!
      if (at < 0) continue
      const value = parseDecimal(bytes, starts[at]!, ends[at]!)
      this.#columns[column]![row] = value
      if (column === 5 ? !(value >= 0 && value < Infinity) : !(value > 0 && value < Infinity)) {
        readable = false
        this.#refuseNumber(column, value, decode(bytes, starts[at]!, ends[at]!))
      }
    }
    if (readable) this.#checkPrices(row)
    this.#rows++
  }

  #grow(): void {
    this.#columns = this.#columns.map((column) => {
      const larger = new Float64Array(column.length * 2)
      larger.set(column)
      return larger
    })
  }

  #readTime(bytes: Uint8Array): number {
    const start = this.#starts[this.#fields[0]!]!
    const end = this.#ends[this.#fields[0]!]!
    const time = parseTime(bytes, start, end)
    if (Number.isNaN(time)) {
      this.#problem(this.#line, timeProblem(decode(bytes, start, end)))
      return time
    }
    if (this.#form === TimeForm.NONE) {
      this.#form = timeForm
      if (timeForm === TimeForm.LOCAL) this.#notes.push('Times without a zone were read as UTC.')
    } else if (this.#form !== timeForm) {
      const text = decode(bytes, start, end)
      this.#problem(
        this.#line,
        `The time '${show(text)}' is ${formNames[timeForm]} where the rows above have ${formNames[this.#form]}. Write all times in one way.`,
      )
      return time
    }
    if (time <= this.#lastTime) {
      const text = show(decode(bytes, start, end))
      const reason =
        time === this.#lastTime
          ? `The time ${text} is that of line ${this.#lastLine} too; keep one of the two rows.`
          : `The time ${text} lies before that of line ${this.#lastLine}; sort the rows oldest first.`
      if (time < this.#lastTime) this.#descending++
      this.#total++
      if (this.#disorder.length < shownProblems) this.#disorder.push({ line: this.#line, reason })
    }
    this.#lastTime = time
    this.#lastLine = this.#line
    return time
  }

  #refuseNumber(column: number, value: number, text: string): void {
    const name = this.#header![this.#fields[column]!]!
    const found = text === '' ? 'empty' : `'${show(text)}'`
    const missing = text === '' || /^(null|nan|n\/?a|none|-)$/i.test(text)
    const reason = missing
      ? `${name} is ${found}; expected a number. Delete the row, or get the missing value from the source.`
      : Number.isNaN(value)
        ? `${name} is ${found}; expected a number such as 1234.5, without currency sign or thousands separator.`
        : column === 5
          ? `${name} is ${found}; expected a finite number, zero or above.`
          : `${name} is ${found}; expected a finite price above zero. Correct it from the source, or delete the row.`
    this.#problem(this.#line, reason)
  }

  #checkPrices(row: number): void {
    const [, opens, highs, lows, closes] = this.#columns as [
      Float64Array,
      Float64Array,
      Float64Array,
      Float64Array,
      Float64Array,
    ]
    const open = opens[row]!
    const high = highs[row]!
    const low = lows[row]!
    const close = closes[row]!
    const slack = high * tolerance
    const say = (what: string) =>
      this.#problem(
        this.#line,
        `${what}. Correct it from the source, or swap the columns if they are mixed up.`,
      )
    if (high < low) say(`high ${high} is below low ${low}`)
    else if (open > high + slack) say(`open ${open} is above high ${high}`)
    else if (open < low - slack) say(`open ${open} is below low ${low}`)
    else if (close > high + slack) say(`close ${close} is above high ${high}`)
    else if (close < low - slack) say(`close ${close} is below low ${low}`)
  }
}

const isPadding = (byte: number) => byte === 32 || byte === QUOTE || byte === 9
const show = (text: string) => (text.length > 60 ? `${text.slice(0, 60)}…` : text)
const list = (names: readonly string[]) =>
  show(names.map((name) => (name === '' ? '(no name)' : name)).join(', '))

const TimeForm = {
  NONE: 0,
  DATE: 1,
  LOCAL: 2,
  ZONED: 3,
  SECONDS: 4,
  MILLISECONDS: 5,
  MICROSECONDS: 6,
} as const
type TimeForm = (typeof TimeForm)[keyof typeof TimeForm]
const formNames = [
  'no time',
  'a date',
  'a date and time without a zone',
  'a date and time with a zone',
  'seconds since 1970',
  'milliseconds since 1970',
  'microseconds since 1970',
]

/** How the time that was parsed last is written; beside the result of `parseTime`, so that a row allocates nothing. */
let timeForm: TimeForm = TimeForm.NONE

/** Microseconds since 1970 UTC; NaN where the text is no time. Digits below a microsecond are dropped. */
function parseTime(bytes: Uint8Array, start: number, end: number): number {
  if (bytes[start + 4] !== 45) return parseEpoch(bytes, start, end)
  const year = pair(bytes, start, end) * 100 + pair(bytes, start + 2, end)
  const month = pair(bytes, start + 5, end)
  const day = pair(bytes, start + 8, end)
  if (bytes[start + 7] !== 45 || !(month >= 1 && month <= 12 && day >= 1 && day <= daysIn(year, month)))
    return NaN
  const midnight = daysSince1970(year, month, day) * 86_400e6
  let at = start + 10
  if (at === end) {
    timeForm = TimeForm.DATE
    return midnight
  }
  if (bytes[at] !== 84 && bytes[at] !== 116 && bytes[at] !== 32) return NaN
  const hour = pair(bytes, at + 1, end)
  const minute = pair(bytes, at + 4, end)
  if (bytes[at + 3] !== 58 || !(hour <= 23 && minute <= 59)) return NaN
  let time = midnight + hour * 3600e6 + minute * 60e6
  at += 6
  if (at < end && bytes[at] === 58) {
    const second = pair(bytes, at + 1, end)
    if (!(second <= 59)) return NaN
    time += second * 1e6
    at += 3
    if (at < end && bytes[at] === 46) {
      const from = ++at
      for (let unit = 100_000; at < end; at++) {
        const digit = bytes[at]! - 48
        if (!(digit >= 0 && digit <= 9)) break
        if (unit >= 1) time += digit * unit
        unit /= 10
      }
      if (at === from) return NaN
    }
  }
  if (at === end) {
    timeForm = TimeForm.LOCAL
    return time
  }
  timeForm = TimeForm.ZONED
  if (bytes[at] === 90 || bytes[at] === 122) return at + 1 === end ? time : NaN
  const sign = bytes[at] === 43 ? 1 : bytes[at] === 45 ? -1 : NaN
  const offsetHour = pair(bytes, at + 1, end)
  at += 3
  let offsetMinute = 0
  if (at < end) {
    if (bytes[at] === 58) at++
    offsetMinute = pair(bytes, at, end)
    at += 2
  }
  if (at !== end || !(offsetHour <= 23 && offsetMinute <= 59)) return NaN
  return time - sign * (offsetHour * 3600e6 + offsetMinute * 60e6)
}

/** A count since 1970 in the unit that puts it between 1973 and 5138. */
function parseEpoch(bytes: Uint8Array, start: number, end: number): number {
  const value = parseDecimal(bytes, start, end)
  if (!(value >= 1e8 && value < 1e17)) return NaN
  timeForm = value < 1e11 ? TimeForm.SECONDS : value < 1e14 ? TimeForm.MILLISECONDS : TimeForm.MICROSECONDS
  return Math.round(value * (value < 1e11 ? 1e6 : value < 1e14 ? 1e3 : 1))
}

function timeProblem(text: string): string {
  const expected = 'expected 2020-01-31, 2020-01-31T09:30:00Z, or seconds or milliseconds since 1970'
  const compact = /^(\d{4})(\d\d)(\d\d)$/.exec(text)
  if (text === '') return `The time is empty; ${expected}. Delete the row, or fill it in.`
  if (compact)
    return `The time is '${text}'; ${expected}. Write it with dashes: ${compact[1]}-${compact[2]}-${compact[3]}.`
  if (/^\d{1,2}[/.-]\d{1,2}[/.-]\d{2,4}/.test(text))
    return `The time is '${show(text)}'; ${expected}. Day and month cannot be told apart; write the year first.`
  if (/^\d{4}-\d\d-\d\d$/.test(text))
    return `The time is '${text}', which is no day of the calendar; ${expected}.`
  return `The time is '${show(text)}'; ${expected}. Write the times that way.`
}
