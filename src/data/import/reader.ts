import { Papa } from './papa.ts'
import { daysIn, daysSince1970, decodeText, powersOfTen } from '../bytes.ts'
import type { Layout } from './layout.ts'
import { missing, type NumberForm, readNumber } from './numbers.ts'
import { Table } from './table.ts'
import { type DateOrder, found, pad, readClock, readTime, type TimeForm } from './times.ts'

/** A row that gave no bar. */
export interface SkippedRow {
  /** Counted from 1, as editors do. */
  readonly line: number
  /** What was found and what was expected. */
  readonly reason: string
  /** The row as it stands, at most 200 letters of it. */
  readonly text: string
}

/** How many skipped rows are kept; all are counted. */
const keptRows = 10_000

/** What a field of a row is for, as small numbers for the loop over bytes. */
const Use = {
  NONE: 0,
  OPEN: 1,
  HIGH: 2,
  LOW: 3,
  CLOSE: 4,
  VOLUME: 5,
  ADJUSTED: 6,
  TIME: 7,
  CLOCK: 8,
  SYMBOL: 9,
} as const
const useOf: Readonly<Record<string, number>> = {
  open: Use.OPEN,
  high: Use.HIGH,
  low: Use.LOW,
  close: Use.CLOSE,
  volume: Use.VOLUME,
  adjustedClose: Use.ADJUSTED,
  time: Use.TIME,
  date: Use.TIME,
  clock: Use.CLOCK,
  symbol: Use.SYMBOL,
}

/** How quotes stand in a record: as they should, never closed, or closed in the middle of a field. */
const Quoting = { PLAIN: 0, OPEN: 1, WRONG: 2 } as const
type Quoting = (typeof Quoting)[keyof typeof Quoting]

const NEWLINE = 10
const RETURN = 13
const QUOTE = 34

/** One instrument's fields in a row of a wide table. */
interface Group {
  readonly symbol: string
  readonly open: number
  readonly high: number
  readonly low: number
  readonly close: number
  readonly volume: number
  readonly adjustedClose: number
}

/**
 * Rows of a file to columns. A row that is written plainly is read from its bytes; one that is not (quotes, marks
 * between thousands, words for missing values, too few fields) is cut by Papa Parse and read as text. Both ways give
 * the same columns for a row that both can read, so that nothing depends on which way a row went.
 */
export class RowReader {
  readonly tables = new Map<string, Table>()
  readonly skipped: SkippedRow[] = []
  skippedCount = 0
  /** Whether a row showed which of day and month comes first, where the first rows did not. */
  orderProven = false
  /** Rows in which the source has no volume. */
  missingVolumes = 0

  readonly #layout: Layout
  readonly #numbers: NumberForm
  #time: TimeForm
  readonly #width: number
  readonly #uses: Uint8Array
  readonly #groups: readonly Group[]
  readonly #symbolColumn: number
  readonly #timeColumn: number
  readonly #clockColumn: number
  readonly #delimiter: number
  readonly #scale: number
  readonly #adjusted: boolean
  readonly #direct: boolean
  readonly #newline: number
  readonly #orderOpen: boolean
  /** Lines to leave out before the first row. */
  #left: number
  #line = 0
  #rest = new Uint8Array(0)
  #values = new Float64Array(7)
  #zoned: boolean | undefined
  /** How many lines in a row go by way of text once one has to. */
  #slowRun = 1

  /** `direct`: whether rows may be read from their bytes. */
  constructor(layout: Layout, options: { readonly newline?: number; readonly direct?: boolean } = {}) {
    const columns = layout.columns.value
    this.#layout = layout
    this.#numbers = layout.numbers.value
    this.#time = layout.time.value
    this.#width = columns.length
    this.#uses = Uint8Array.from(columns, ({ role }) => useOf[role] ?? Use.NONE)
    const column = (role: string, symbol?: string) =>
      columns.findIndex((other) => other.role === role && other.symbol === symbol)
    this.#timeColumn = Math.max(column('time'), column('date'))
    this.#clockColumn = column('clock')
    this.#symbolColumn = column('symbol')
    const symbols = [...new Set(columns.map(({ symbol }) => symbol))].filter(
      (symbol) => column('close', symbol) >= 0,
    )
    this.#groups = symbols.map((symbol) => ({
      symbol: symbol ?? layout.symbol.value,
      open: column('open', symbol),
      high: column('high', symbol),
      low: column('low', symbol),
      close: column('close', symbol),
      volume: column('volume', symbol),
      adjustedClose: column('adjustedClose', symbol),
    }))
    this.#adjusted = columns.some(({ role }) => role === 'adjustedClose')
    this.#delimiter = layout.delimiter.value.charCodeAt(0)
    this.#scale = layout.scale.value
    this.#left = layout.preamble.value + layout.headerRows.value
    this.#newline = options.newline ?? NEWLINE
    this.#orderOpen = layout.questions.some(({ about }) => about === 'dateOrder')
    const { form } = this.#time
    const [group] = this.#groups
    this.#direct =
      options.direct !== false &&
      this.#groups.length === 1 &&
      columns.every(({ symbol }) => symbol === undefined) &&
      group!.open >= 0 === group!.high >= 0 &&
      group!.open >= 0 === group!.low >= 0 &&
      (form === 'epoch' || form === 'calendar') &&
      this.#newline === NEWLINE
  }

  /** Takes the next bytes. They are not kept, but for a line that is not whole. */
  push(bytes: Uint8Array): void {
    let data = bytes
    if (this.#rest.length > 0) {
      // Only the line that was cut is put together, unless a quote goes on behind it.
      const cut = bytes.indexOf(this.#newline) + 1
      const line = joined(this.#rest, cut === 0 ? bytes : bytes.subarray(0, cut))
      this.#rest = line
      if (cut === 0) {
        if (line.length > longestLine) this.#dropLine()
        return
      }
      const stop = this.#read(line, line.length, false)
      data = bytes.subarray(cut)
      if (stop < line.length) data = joined(line.subarray(stop), data)
    }
    const end = data.lastIndexOf(this.#newline) + 1
    const stop = this.#read(data, end, false)
    this.#rest = new Uint8Array(data.subarray(stop))
    if (end === 0 && this.#rest.length > longestLine) this.#dropLine()
  }

  #dropLine(): void {
    this.#rest = new Uint8Array(0)
    this.#line++
    this.#left = Math.max(0, this.#left - 1)
    this.#skip(this.#line, 'The line is longer than a million letters; expected one bar a line.', '')
  }

  /** Reads what is left. */
  end(): void {
    if (this.#rest.length === 0) return
    const data = new Uint8Array(this.#rest.length + 1)
    data.set(this.#rest)
    data[this.#rest.length] = this.#newline
    this.#rest = new Uint8Array(0)
    this.#read(data, data.length, true)
  }

  /** Reads whole lines up to `end` and gives where it stopped: before a line whose quote is still open, if there is one. */
  #read(data: Uint8Array, end: number, last: boolean): number {
    let at = 0
    while (this.#left > 0 && at < end) {
      at = data.indexOf(this.#newline, at) + 1
      this.#left--
      this.#line++
    }
    while (at < end) {
      if (this.#direct) {
        const before = at
        at = this.#readDirect(data, at, end)
        if (at >= end) break
        if (at > before) this.#slowRun = 1
      }
      const stop = this.#readText(data, at, end, last)
      if (stop === at) break
      at = stop
      this.#slowRun = Math.min(this.#slowRun * 2, 8192)
    }
    return at
  }

  /** Reads rows from their bytes up to the first that is not plain, and gives where that begins. */
  #readDirect(data: Uint8Array, start: number, end: number): number {
    const uses = this.#uses
    const width = this.#width
    const delimiter = this.#delimiter
    const values = this.#values
    const [group] = this.#groups
    const closeOnly = group!.open < 0
    const hasVolume = group!.volume >= 0
    const decimalMark = this.#numbers.decimal === ',' ? 44 : 46
    const scale = this.#scale
    const epoch = this.#time.form === 'epoch'
    const unit = this.#time.form === 'epoch' ? this.#time.unit : 's'
    const order: DateOrder = this.#time.form === 'calendar' ? this.#time.order : 'ymd'
    const multiple = unit === 's' ? 1e6 : unit === 'ms' ? 1e3 : 1
    const clockDigits = this.#layout.clockDigits
    const hasClockColumn = this.#clockColumn >= 0
    const bySymbol = this.#symbolColumn >= 0
    let table = bySymbol ? undefined : this.#table(group!.symbol)
    let symbolStart = 0
    let symbolEnd = 0
    let known: Table | undefined
    let knownStart = 0
    let knownEnd = 0
    // The day of the row before: most rows share it.
    let lastYear = 0
    let lastMonth = 0
    let lastDay = 0
    let lastMidnight = 0
    let p = start
    let row = start
    let zoned = this.#zoned

    rows: while (p < end) {
      row = p
      let rowZoned = epoch
      let clock = 0
      let time = 0
      for (let field = 0; field < width; field++) {
        const use = uses[field]!
        let c = data[p]!
        if (use === Use.NONE) {
          while (c !== delimiter && c !== NEWLINE && c !== RETURN && c !== QUOTE) c = data[++p]!
        } else if (use <= Use.ADJUSTED) {
          let negative = false
          if (c === 45) {
            negative = true
            c = data[++p]!
          }
          const from = p
          let mantissa = 0
          let digit = c - 48
          while (digit >= 0 && digit <= 9) {
            mantissa = mantissa * 10 + digit
            digit = data[++p]! - 48
          }
          let digits = p - from
          let decimals = 0
          c = data[p]!
          if (c === decimalMark) {
            const point = ++p
            digit = data[p]! - 48
            while (digit >= 0 && digit <= 9) {
              mantissa = mantissa * 10 + digit
              digit = data[++p]! - 48
            }
            decimals = p - point
            digits += decimals
            c = data[p]!
          }
          // Both are exact below these bounds, so that one division rounds correctly (W. Clinger, PLDI 1990).
          if (digits === 0 || mantissa > 9007199254740991 || decimals > 22) break rows
          let value = decimals === 0 ? mantissa : mantissa / powersOfTen[decimals]!
          if (negative) value = -value
          values[use] = value
        } else if (use === Use.TIME) {
          const from = p
          let number = 0
          let digit = c - 48
          while (digit >= 0 && digit <= 9) {
            number = number * 10 + digit
            digit = data[++p]! - 48
          }
          const length = p - from
          if (epoch) {
            if (length === 0) break rows
            if (unit === 'ns') {
              // Nineteen digits are more than a double holds: the last three are left out, not rounded.
              if (length < 4) break rows
              number = 0
              for (let i = from; i < p - 3; i++) number = number * 10 + (data[i]! - 48)
              time = number
            } else time = number * multiple
            if (time > 1e16) break rows
            if (data[p] === 46) {
              while (data[++p] === 48);
              if (data[p]! >= 49 && data[p]! <= 57) break rows
            }
          } else {
            let year: number
            let month: number
            let day: number
            if (length === 8) {
              year = Math.trunc(number / 10_000)
              month = Math.trunc(number / 100) % 100
              day = number % 100
            } else {
              const mark = data[p]!
              if (mark !== 45 && mark !== 47 && mark !== 46) break rows
              const second = p + 1
              let middle = 0
              digit = data[++p]! - 48
              while (digit >= 0 && digit <= 9) {
                middle = middle * 10 + digit
                digit = data[++p]! - 48
              }
              const middleLength = p - second
              if (data[p] !== mark || middleLength < 1 || middleLength > 2) break rows
              const third = p + 1
              let last = 0
              digit = data[++p]! - 48
              while (digit >= 0 && digit <= 9) {
                last = last * 10 + digit
                digit = data[++p]! - 48
              }
              const lastLength = p - third
              if (length === 4 && lastLength >= 1 && lastLength <= 2) {
                year = number
                month = middle
                day = last
              } else if (order !== 'ymd' && length >= 1 && length <= 2 && lastLength === 4) {
                year = last
                month = order === 'mdy' ? number : middle
                day = order === 'mdy' ? middle : number
              } else break rows
            }
            if (year !== lastYear || month !== lastMonth || day !== lastDay) {
              if (!(
                year >= 1600 &&
                year < 2286 &&
                month >= 1 &&
                month <= 12 &&
                day >= 1 &&
                day <= daysIn(year, month)
              ))
                break rows
              lastYear = year
              lastMonth = month
              lastDay = day
              if (day > 12) this.orderProven = true
              lastMidnight = daysSince1970(year, month, day) * 86_400e6
            }
            time = lastMidnight
          }
          c = data[p]!
          if (!epoch && (c === 84 || c === 32)) {
            // Hours and minutes, perhaps seconds and their fractions, perhaps a zone.
            const colon = data[p + 3] === 58
            const digits = colon ? 1 : 0
            const h1 = data[p + 1]! - 48
            const h2 = data[p + 2]! - 48
            const m1 = data[p + 3 + digits]! - 48
            const m2 = data[p + 4 + digits]! - 48
            if (
              (!colon && length !== 8) ||
              !(h1 >= 0 && h1 <= 2 && h2 >= 0 && h2 <= 9 && m1 >= 0 && m1 <= 5 && m2 >= 0 && m2 <= 9)
            )
              break rows
            const hour = h1 * 10 + h2
            if (hour > 23) break rows
            time += hour * 3600e6 + (m1 * 10 + m2) * 60e6
            p += 5 + digits
            c = data[p]!
            if (!colon && c >= 48 && c <= 57) {
              const s1 = c - 48
              const s2 = data[p + 1]! - 48
              if (!(s1 <= 5 && s2 >= 0 && s2 <= 9)) break rows
              time += (s1 * 10 + s2) * 1e6
              p += 2
              c = data[p]!
            } else if (c === 58) {
              const s1 = data[p + 1]! - 48
              const s2 = data[p + 2]! - 48
              if (!(s1 >= 0 && s1 <= 5 && s2 >= 0 && s2 <= 9)) break rows
              time += (s1 * 10 + s2) * 1e6
              p += 3
              c = data[p]!
              if (c === 46) {
                let part = 100_000
                let digit = data[++p]! - 48
                if (!(digit >= 0 && digit <= 9)) break rows
                const from = p
                while (digit >= 0 && digit <= 9) {
                  if (part >= 1) time += digit * part
                  part /= 10
                  digit = data[++p]! - 48
                }
                if (p - from > 9) break rows
                c = data[p]!
              }
            }
            if (c === 90) {
              rowZoned = true
              c = data[++p]!
            } else if (c === 43 || c === 45) {
              const o1 = data[p + 1]! - 48
              const o2 = data[p + 2]! - 48
              if (!(o1 >= 0 && o1 <= 1 && o2 >= 0 && o2 <= 9)) break rows
              const colon = data[p + 3] === 58 ? 1 : 0
              const n1 = data[p + 3 + colon]! - 48
              const n2 = data[p + 4 + colon]! - 48
              if (!(n1 >= 0 && n1 <= 5 && n2 >= 0 && n2 <= 9)) break rows
              const offset = (o1 * 10 + o2) * 3600e6 + (n1 * 10 + n2) * 60e6
              if (offset > 18 * 3600e6) break rows
              time += c === 43 ? -offset : offset
              rowZoned = true
              p += 5 + colon
              c = data[p]!
            }
          }
        } else if (use === Use.CLOCK) {
          const from = p
          let number = 0
          let digit = c - 48
          while (digit >= 0 && digit <= 9) {
            number = number * 10 + digit
            digit = data[++p]! - 48
          }
          c = data[p]!
          let hour: number
          let minute: number
          let second = 0
          if (clockDigits > 0) {
            if (p === from || p - from > clockDigits) break rows
            if (clockDigits === 6) {
              second = number % 100
              number = Math.trunc(number / 100)
            }
            hour = Math.trunc(number / 100)
            minute = number % 100
          } else {
            if (c !== 58 || p === from || p - from > 2) break rows
            hour = number
            const m1 = data[p + 1]! - 48
            const m2 = data[p + 2]! - 48
            if (!(m1 >= 0 && m1 <= 9 && m2 >= 0 && m2 <= 9)) break rows
            minute = m1 * 10 + m2
            p += 3
            c = data[p]!
            if (c === 58) {
              const s1 = data[p + 1]! - 48
              const s2 = data[p + 2]! - 48
              if (!(s1 >= 0 && s1 <= 9 && s2 >= 0 && s2 <= 9)) break rows
              second = s1 * 10 + s2
              p += 3
              c = data[p]!
            }
          }
          if (hour > 23 || minute > 59 || second > 59) break rows
          clock = hour * 3600e6 + minute * 60e6 + second * 1e6
        } else {
          symbolStart = p
          while (c !== delimiter && c !== NEWLINE && c !== RETURN && c !== QUOTE) c = data[++p]!
          symbolEnd = p
          if (symbolEnd === symbolStart) break rows
        }
        if (field < width - 1) {
          if (c !== delimiter) break rows
          p++
        } else if (c === RETURN) {
          if (data[p + 1] !== NEWLINE) break rows
          p += 2
        } else if (c === NEWLINE) p++
        else break rows
      }
      if (zoned === undefined) zoned = rowZoned
      else if (zoned !== rowZoned) break
      if (bySymbol) {
        const size = symbolEnd - symbolStart
        let same = known !== undefined && size === knownEnd - knownStart
        for (let i = 0; same && i < size; i++) same = data[symbolStart + i] === data[knownStart + i]
        if (!same) {
          const symbol = decodeText(data.subarray(symbolStart, symbolEnd)).trim()
          if (symbol === '' || this.#tooMany(symbol)) break
          known = this.#table(symbol)
          knownStart = symbolStart
          knownEnd = symbolEnd
        }
        table = known
      }
      if (hasClockColumn) time += clock
      values[0] = time
      if (closeOnly) values[1] = values[2] = values[3] = values[4]!
      if (!hasVolume) values[5] = NaN
      if (scale !== 1) {
        values[1]! /= scale
        values[2]! /= scale
        values[3]! /= scale
        values[4]! /= scale
        values[6]! /= scale
      }
      const { used } = table!
      if (used === table!.capacity) table!.add(values)
      else {
        const { block } = table!
        block[0]![used] = time
        block[1]![used] = values[1]!
        block[2]![used] = values[2]!
        block[3]![used] = values[3]!
        block[4]![used] = values[4]!
        block[5]![used] = values[5]!
        if (this.#adjusted) block[6]![used] = values[6]!
        table!.used = used + 1
      }
      this.#line++
      if (!hasVolume) this.missingVolumes++
      row = p
    }
    this.#zoned = zoned
    return row
  }

  /** Reads some lines by way of text and gives where the next begins; `start` when a quote is still open at the end. */
  #readText(data: Uint8Array, start: number, end: number, last: boolean): number {
    const run = this.#direct ? this.#slowRun : 8192
    const newline = this.#newline
    let at = start
    const spans: number[] = []
    const quoting: Quoting[] = []
    while (at < end && quoting.length < run) {
      const record = this.#scan(data, at, end)
      // The rest of the record may still come.
      if (record.quoting === Quoting.OPEN && !last && record.lines < longestRecord) break
      const whole = record.quoting === Quoting.PLAIN
      const stop = whole ? record.stop : data.indexOf(newline, at) + 1
      spans.push(at, stop, whole ? record.lines : 1)
      quoting.push(record.quoting)
      at = stop
    }
    const records = quoting.length
    const texts: string[] = []
    for (let i = 0; i < records; i++) {
      const from = spans[i * 3]!
      let to = spans[i * 3 + 1]! - 1
      if (to > from && data[to - 1] === RETURN) to--
      const text = decodeText(data.subarray(from, to))
      texts.push(text.includes('\r') ? text.replaceAll('\r\n', '\n').replaceAll('\r', '\n') : text)
    }
    const delimiter = this.#layout.delimiter.value
    const parse = (text: string) =>
      Papa.parse<string[]>(text, { delimiter, newline: '\n', quoteChar: '"' }).data
    const plain = texts.filter((_, i) => quoting[i] === Quoting.PLAIN)
    let rows = parse(plain.join('\n'))
    if (rows.length !== plain.length) rows = plain.map((text) => parse(text)[0] ?? [''])
    let next = 0
    for (let i = 0; i < records; i++) {
      const line = this.#line + 1
      this.#line += spans[i * 3 + 2]!
      if (quoting[i] === Quoting.OPEN) this.#skip(line, 'A quote is opened and not closed.', texts[i]!)
      else if (quoting[i] === Quoting.WRONG) this.addRow(texts[i]!.split(delimiter), line, texts[i]!)
      else this.addRow(rows[next++]!, line, texts[i]!)
    }
    return at
  }

  /** Finds where a record ends: at the end of its line, or of a later one if a field in quotes goes on there. */
  #scan(data: Uint8Array, start: number, end: number): { stop: number; lines: number; quoting: Quoting } {
    const newline = this.#newline
    const delimiter = this.#delimiter
    let at = start
    let lines = 1
    let fieldStart = true
    while (at < end) {
      const c = data[at]!
      if (fieldStart && c === QUOTE) {
        for (at++; ; at++) {
          if (at >= end) return { stop: at, lines, quoting: Quoting.OPEN }
          if (data[at] === QUOTE) {
            if (data[at + 1] !== QUOTE) break
            at++
          } else if (data[at] === newline && ++lines > longestRecord)
            return { stop: at, lines, quoting: Quoting.OPEN }
        }
        at++
        while (data[at] === 32) at++
        const after = data[at]
        if (after !== delimiter && after !== newline && after !== RETURN)
          return { stop: at, lines, quoting: Quoting.WRONG }
        fieldStart = false
        continue
      }
      at++
      if (c === newline) return { stop: at, lines, quoting: Quoting.PLAIN }
      fieldStart = c === delimiter
    }
    return { stop: at, lines, quoting: Quoting.PLAIN }
  }

  /** Takes a row as cells. `text` is what it is shown as if it gives no bar. */
  addRow(cells: readonly string[], line: number, text?: string): void {
    if (cells.every((cell) => cell.trim() === '')) return
    const shown = () => text ?? cells.join(this.#layout.delimiter.value)
    const width = this.#width
    if (cells.length !== width) {
      const extra = cells.slice(width)
      if (cells.length < width || extra.some((cell) => cell.trim() !== '')) {
        this.#skip(
          line,
          `This row has ${cells.length} ${cells.length === 1 ? 'field' : 'fields'}; the others have ${width}.`,
          shown(),
        )
        return
      }
    }
    const timeText = cells[this.#timeColumn]!
    let time = readTime(timeText, this.#time)
    if (Number.isNaN(time) && this.#orderOpen && this.#turnOrder(timeText))
      time = readTime(timeText, this.#time)
    let zoned = found.zoned
    if (this.#orderOpen && !this.orderProven && this.#time.form === 'calendar') {
      const other = this.#time.order === 'dmy' ? 'mdy' : 'dmy'
      if (!Number.isNaN(time) && Number.isNaN(readTime(timeText, { form: 'calendar', order: other })))
        this.orderProven = true
    }
    if (Number.isNaN(time)) {
      this.#skip(
        line,
        timeText.trim() === ''
          ? 'The time is empty.'
          : `'${show(timeText)}' is no time such as those of the other rows.`,
        shown(),
      )
      return
    }
    if (this.#clockColumn >= 0) {
      const clockText = cells[this.#clockColumn]!
      const clock = readClock(pad(clockText, this.#layout.clockDigits))
      if (Number.isNaN(clock)) {
        this.#skip(line, `'${show(clockText)}' is no time of day.`, shown())
        return
      }
      zoned ||= found.zoned
      time += clock
    }
    if (this.#zoned === undefined) this.#zoned = zoned
    else if (this.#zoned !== zoned) {
      this.#skip(
        line,
        `The time ${show(timeText)} ${zoned ? 'has' : 'has no'} zone, unlike those of the rows before.`,
        shown(),
      )
      return
    }
    let symbol: string | undefined
    if (this.#symbolColumn >= 0) {
      symbol = cells[this.#symbolColumn]!.trim()
      if (symbol === '') {
        this.#skip(line, 'The name of the instrument is empty.', shown())
        return
      }
      if (this.#tooMany(symbol)) {
        this.#skip(
          line,
          `'${show(symbol)}' is one instrument too many; ${mostInstruments} were read.`,
          shown(),
        )
        return
      }
    }
    let problem = ''
    let added = 0
    for (const group of this.#groups) {
      const reason = this.#readPrices(cells, group)
      if (reason !== undefined) {
        problem ||= reason
        continue
      }
      this.#values[0] = time
      if (Number.isNaN(this.#values[5]!)) this.missingVolumes++
      this.#table(symbol ?? group.symbol).add(this.#values)
      added++
    }
    // In a wide table an instrument may have no price yet.
    if (added === 0) this.#skip(line, problem, shown())
  }

  /** Fills the values of a row but its time; a reason if it has no bar. */
  #readPrices(cells: readonly string[], group: Group): string | undefined {
    const values = this.#values
    const close = readNumber(cells[group.close]!, this.#numbers)
    const read = (column: number, name: string, field: number): string | undefined => {
      const value = column < 0 ? close : readNumber(cells[column]!, this.#numbers)
      if (value === missing)
        return `The ${name} is ${cells[column < 0 ? group.close : column]!.trim() === '' ? 'empty' : `'${cells[column < 0 ? group.close : column]!.trim()}'`}: the source has no price there.`
      if (!Number.isFinite(value))
        return `The ${name} is '${show(cells[column < 0 ? group.close : column]!)}'; expected a number.`
      values[field] = this.#scale === 1 ? value : value / this.#scale
      return undefined
    }
    const reason =
      read(group.close, 'close', 4) ??
      read(group.open, 'open', 1) ??
      read(group.high, 'high', 2) ??
      read(group.low, 'low', 3)
    if (reason !== undefined) return reason
    values[5] = NaN
    values[6] = NaN
    if (group.volume >= 0) {
      const volume = readNumber(cells[group.volume]!, this.#numbers)
      if (volume !== missing) {
        if (!Number.isFinite(volume))
          return `The volume is '${show(cells[group.volume]!)}'; expected a number.`
        values[5] = volume
      }
    }
    if (group.adjustedClose >= 0) {
      const adjusted = readNumber(cells[group.adjustedClose]!, this.#numbers)
      if (adjusted !== missing) values[6] = this.#scale === 1 ? adjusted : adjusted / this.#scale
    }
    return undefined
  }

  /** If a date can only be read with day and month exchanged, and so far nothing told them apart, exchanges them in all rows. */
  #turnOrder(text: string): boolean {
    if (this.orderProven || this.#zoned === true || this.#time.form !== 'calendar') return false
    const order: DateOrder = this.#time.order === 'dmy' ? 'mdy' : 'dmy'
    if (Number.isNaN(readTime(text, { form: 'calendar', order }))) return false
    this.orderProven = true
    this.#time = { form: 'calendar', order }
    for (const table of this.tables.values())
      table.mapTimes((time) => {
        const day = Math.floor(time / 86_400e6)
        const date = new Date(day * 86_400_000)
        const turned = daysSince1970(date.getUTCFullYear(), date.getUTCDate(), date.getUTCMonth() + 1)
        return turned * 86_400e6 + (time - day * 86_400e6)
      })
    return true
  }

  #tooMany(symbol: string): boolean {
    return this.tables.size >= mostInstruments && !this.tables.has(symbol)
  }

  #table(symbol: string): Table {
    let table = this.tables.get(symbol)
    if (!table) {
      table = new Table(symbol, this.#adjusted)
      this.tables.set(symbol, table)
    }
    return table
  }

  #skip(line: number, reason: string, text: string): void {
    this.skippedCount++
    if (this.skipped.length < keptRows) this.skipped.push({ line, reason, text: text.slice(0, 200) })
  }
}

function joined(a: Uint8Array, b: Uint8Array): Uint8Array<ArrayBuffer> {
  const all = new Uint8Array(a.length + b.length)
  all.set(a)
  all.set(b, a.length)
  return all
}

/** Bytes beyond which a line is taken for something else than a bar. */
const longestLine = 1 << 20
/** Instruments of one file; a column with more different names holds something else. */
const mostInstruments = 20_000
/** Lines that a quoted field may span. */
const longestRecord = 20
const show = (text: string) => (text.trim().length > 40 ? `${text.trim().slice(0, 40)}…` : text.trim())
