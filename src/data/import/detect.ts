import { Papa } from './papa.ts'
import { decodeText } from '../bytes.ts'
import { isLobsterMessage } from '../order-flow.ts'
import { formatOf } from './formats.ts'
import type { Column, Guess, Layout, Overrides, Question, Unreadable } from './layout.ts'
import { lettersOf, type Role, rolesOf } from './names.ts'
import { missing, type NumberForm, numberLike, readNumber } from './numbers.ts'
import {
  type DateOrder,
  type EpochUnit,
  found,
  microsecondsIn,
  readClock,
  readTime,
  type TimeForm,
} from './times.ts'
import { rowKind } from './trades.ts'

/** What is known of a file besides its bytes. */
export interface Circumstances {
  /** Name of the file, from which an instrument may be named. */
  readonly name?: string
  /** Whether the sample is the whole file. */
  readonly whole?: boolean
  readonly packed?: readonly string[]
}

const guess = <T>(value: T, confidence: number, reason: string): Guess<T> => ({ value, confidence, reason })
const told = <T>(value: T): Guess<T> => guess(value, 1, 'you said so')

/** Bars that a person would call many: beyond them a sample settles nothing more. */
const sampleRows = 2000

/** The layout of a text file, from its first part: at least a few lines, at best 256 KB. */
export function detectText(
  bytes: Uint8Array,
  overrides: Overrides = {},
  circumstances: Circumstances = {},
): Layout | Unreadable {
  const byteOrderMark = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf
  const text = decodeText(byteOrderMark ? bytes.subarray(3) : bytes)
  const valid = isUtf8(bytes)
  let lines = text.split(/\r\n|\n|\r/)
  // The last line may be cut.
  if (!circumstances.whole && lines.length > 1) lines.pop()
  lines = lines.slice(0, sampleRows)
  while (lines.length > 0 && lines[lines.length - 1]!.trim() === '') lines.pop()
  if (lines.length === 0) return { problem: 'The file is empty; expected rows of prices.' }

  const delimiter = overrides.delimiter === undefined ? findDelimiter(lines) : told(overrides.delimiter)
  if (!delimiter)
    return {
      problem: `No columns were found: the lines look like '${show(lines.find((line) => line.trim() !== '') ?? '')}'. Expected rows with a time and prices, separated by commas, semicolons or tabs.`,
    }
  const rows = splitLines(lines, delimiter.value)
  const quoted = lines.some((line) => line.includes('"'))
  return detectCells(rows, overrides, circumstances, {
    container: 'csv',
    byteOrderMark,
    encoding: valid
      ? guess(
          'UTF-8',
          byteOrderMark ? 1 : 0.95,
          byteOrderMark ? 'its byte order mark' : 'the bytes are valid UTF-8',
        )
      : guess('Windows-1252', 0.7, 'some bytes are not valid UTF-8'),
    delimiter,
    quoted: guess(quoted, 1, quoted ? 'fields stand in double quotes' : 'no field stands in quotes'),
  })
}

const show = (text: string) => (text.length > 60 ? `${text.slice(0, 60)}…` : text)

function isUtf8(bytes: Uint8Array): boolean {
  for (let i = 0; i < bytes.length; i++) {
    const byte = bytes[i]!
    if (byte < 0x80) continue
    const more = byte >= 0xf0 ? 3 : byte >= 0xe0 ? 2 : byte >= 0xc2 ? 1 : 0
    if (more === 0 || byte > 0xf4) return false
    // The sample may cut the last letter.
    for (let k = 1; k <= more && i + k < bytes.length; k++) if ((bytes[i + k]! & 0xc0) !== 0x80) return false
    i += more
  }
  return true
}

/** Lines as cells. A line whose quotes do not pair is split plainly, so that it swallows none of the others. */
function splitLines(lines: readonly string[], delimiter: string): string[][] {
  const paired = lines.filter((line) => (line.split('"').length & 1) === 1)
  const { data } = Papa.parse<string[]>(paired.join('\n'), { delimiter, newline: '\n' })
  if (data.length === paired.length && paired.length === lines.length) return data
  return lines.map((line) => line.split(delimiter).map((cell) => cell.replace(/^"(.*)"$/, '$1')))
}

const delimiterNames: Readonly<Record<string, string>> = {
  ',': 'commas',
  ';': 'semicolons',
  '\t': 'tabs',
  '|': 'bars',
  ' ': 'spaces',
}

/** The mark that cuts most lines into the same number of cells that are times and numbers. */
function findDelimiter(lines: readonly string[]): Guess<string> | undefined {
  const sample = lines.filter((line) => line.trim() !== '').slice(0, 120)
  let best: { delimiter: string; score: number; width: number } | undefined
  for (const delimiter of [',', ';', '\t', '|', ' ']) {
    const rows = splitLines(sample, delimiter)
    const counts = new Map<number, number>()
    for (const row of rows) counts.set(row.length, (counts.get(row.length) ?? 0) + 1)
    const [width, share] = [...counts].reduce((a, b) =>
      b[1] > a[1] || (b[1] === a[1] && b[0] > a[0]) ? b : a,
    )
    if (width < 2) continue
    let known = 0
    let cells = 0
    for (const row of rows)
      if (row.length === width)
        for (const cell of row) {
          cells++
          if (numberLike(cell) !== 'no' || isTimeLike(cell)) known++
        }
    // Spaces also stand inside times and names.
    const score =
      (share / rows.length) * (0.1 + known / cells) * (delimiter === ' ' ? 0.5 : 1) +
      Math.min(width, 20) * 1e-3
    if (!best || score > best.score) best = { delimiter, score, width }
  }
  if (!best) return undefined
  return guess(
    best.delimiter,
    Math.min(0.99, best.score),
    `${delimiterNames[best.delimiter]} cut the lines into ${best.width} fields`,
  )
}

/** A date in some form; counts and dates of digits alone only where `digits` allows them. */
function isTimeLike(cell: string, digits = false): boolean {
  const text = cell.trim()
  if (text.length < 6 || text.length > 60 || !/\d/.test(text)) return false
  if (/^[+-]?[\d.,\s]+$/.test(text) && !/^\d{1,4}[./]\d{1,2}[./]\d{1,4}$/.test(text))
    return digits && (isCompactDate(text) || isEpoch(text) || /^\d{8}[ ]\d{4,9}$/.test(text))
  return orders.some((order) => !Number.isNaN(readTime(text, { form: 'calendar', order })))
}

const orders: readonly DateOrder[] = ['mdy', 'dmy', 'ymd']
const isCompactDate = (text: string) =>
  /^(?:1[6-9]|2[01])\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])(?:\d{4}|\d{6})?$/.test(text)
const isEpoch = (text: string) =>
  /^[+]?\d{9,19}(?:\.\d+)?$/.test(text) || /^\d(?:\.\d+)?e\+?\d\d?$/i.test(text)

/** How many of some cells must be readable for their column to be: a few that are not do not unmake it. */
const most = (count: number) => (count < 3 ? count : Math.min(count * 0.7, count - 1))

/** How the values of a column are times, if they are. */
type TimeKind = 'epoch' | 'compact' | 'calendar' | 'clock' | 'serial' | 'midnight'

function timeKind(values: readonly string[], named: boolean): TimeKind | undefined {
  const texts = values.map((value) => value.trim()).filter((value) => value !== '')
  if (texts.length === 0) return undefined
  // A few unreadable cells do not unmake a column of times.
  const mostly = (test: (text: string) => boolean) => {
    let count = 0
    for (const text of texts) if (test(text)) count++
    return count >= most(texts.length)
  }
  if (mostly(isCompactDate)) return 'compact'
  if (mostly(isEpoch)) return 'epoch'
  if (mostly((text) => /^\d{1,2}:\d\d/.test(text) && !Number.isNaN(readClock(text)))) return 'clock'
  if (mostly((text) => isTimeLike(text, true))) return 'calendar'
  if (named && mostly((text) => /^\d{5}([.,]\d+)?$/.test(text) && Number(text.replace(',', '.')) > 20_000))
    return 'serial'
  if (named && mostly((text) => /^\d{6}$/.test(text))) return 'calendar'
  if (named && mostly((text) => /^\d{4}$/.test(text) && Number(text) >= 1700 && Number(text) < 2200))
    return 'calendar'
  return undefined
}

/** What a source of cells knows beforehand. */
export interface Given {
  readonly container: Layout['container']
  readonly byteOrderMark: boolean
  readonly encoding: Layout['encoding']
  readonly delimiter: Layout['delimiter']
  readonly quoted: Layout['quoted']
}

/** The layout of rows of cells, the header among them. */
export function detectCells(
  rows: readonly (readonly string[])[],
  overrides: Overrides,
  circumstances: Circumstances,
  given: Given,
): Layout | Unreadable {
  const questions: Question[] = []

  // Where the rows begin
  const widths = new Map<number, number>()
  for (const row of rows) if (row.length > 1) widths.set(row.length, (widths.get(row.length) ?? 0) + 1)
  if (widths.size === 0)
    return { problem: 'No row has more than one field; expected a time and prices in each.' }
  const [common] = [...widths].reduce((a, b) => (b[1] > a[1] ? b : a))
  let first = rows.findIndex((row) => Math.abs(row.length - common) <= 1 && isDataRow(row))
  if (first < 0)
    first = rows.findIndex((row) => row.length > 1 && row.every((cell) => numberLike(cell) === 'number'))
  if (first < 0)
    first = rows.findIndex(
      (row, at) => at > 0 && row.length > 1 && row.some((cell) => numberLike(cell) === 'number'),
    )
  if (first < 0) {
    const header = rows.find((row) => row.length > 1)!
    const names = header.filter((cell) => rolesOf(cell).length > 0)
    return {
      problem:
        names.length >= 2
          ? `There is a header (${show(header.join(', '))}), and no row below it has a time and a price.`
          : `No row has a time and a price; the first line is '${show(rows[0]!.join(given.delimiter.value))}'.`,
    }
  }
  // Rows above that have a time, and words or marks in place of prices, are rows too.
  while (
    first > 0 &&
    rows[first - 1]!.length === rows[first]!.length &&
    rows[first - 1]!.some((cell) => isTimeLike(cell))
  )
    first--
  const width = rows[first]!.length === common ? common : rows[first]!.length
  let headerRows = 0
  while (
    first - headerRows > 0 &&
    headerRows < 3 &&
    isHeaderRow(rows[first - headerRows - 1]!, width) &&
    (headerRows === 0 || isStackedHeader(rows, first - headerRows))
  )
    headerRows++
  if (overrides.headerRows !== undefined) headerRows = overrides.headerRows
  let preamble = Math.max(0, first - headerRows)
  if (overrides.preamble !== undefined) {
    preamble = overrides.preamble
    first = preamble + headerRows
  }
  const header = rows.slice(preamble, preamble + headerRows)
  const body = rows.slice(first).filter((row) => row.length === width)
  if (body.length === 0)
    return { problem: 'There are no rows below the header; expected one row for each bar.' }
  const columnValues = (column: number, limit = 300) => body.slice(0, limit).map((row) => row[column] ?? '')

  // Names
  const nameRow = header.reduce<readonly string[] | undefined>(
    (best, row) => (!best || matches(row) > matches(best) ? row : best),
    undefined,
  )
  let names = nameRow ? [...nameRow] : Array.from({ length: width }, () => '')
  let named = nameRow !== undefined
  let shifted = ''
  if (named && names.length === width - 1) {
    // The header may leave out the name of the time of day, of a row number in front, or an empty field at the end.
    const at = columnValues(width - 1, 50).every((cell) => cell.trim() === '')
      ? width - 1
      : timeKind(columnValues(1), true) === 'clock' && timeKind(columnValues(0), true) !== 'clock'
        ? 1
        : 0
    names.splice(at, 0, '')
    shifted =
      at === 1
        ? 'the header does not name the time of day in the second field'
        : 'the header names one field less than the rows have'
  }
  while (names.length < width) names.push('')
  names = names.slice(0, width).map((name) => name.trim())
  const symbolRow = header.find((row) => row !== nameRow && isSymbolRow(row))
  const indexName = header.find((row) => row !== nameRow && row !== symbolRow)?.[0]?.trim()
  if (indexName && rolesOf(indexName).some(({ role }) => role === 'date' || role === 'time'))
    names[0] = indexName

  // Time
  const roles: Role[] = Array.from({ length: width }, () => 'ignored')
  const symbols: (string | undefined)[] = Array.from({ length: width }, () => undefined)
  const forced = overrides.columns ?? {}
  const mayBe = (column: number, role: Role) => rolesOf(names[column]!).find((entry) => entry.role === role)
  const timeNamed = (column: number) =>
    mayBe(column, 'time') ?? mayBe(column, 'date') ?? mayBe(column, 'clock')
  const kinds = Array.from({ length: width }, (_, column): TimeKind | undefined => {
    const kind = timeKind(columnValues(column), timeNamed(column) !== undefined)
    // A column of another name may look like a count since 1970; a written date is one in any case.
    const other = rolesOf(names[column]!).length > 0 && !timeNamed(column)
    return other && kind !== 'calendar' ? undefined : kind
  })
  // Lean writes the minutes of a day as milliseconds since its midnight, and the day into the name of the file.
  const midnights = columnValues(0).map((cell) => cell.trim())
  if (
    !named &&
    !kinds.some((kind) => kind !== undefined) &&
    width >= 6 &&
    midnights.every(
      (cell, at) =>
        /^\d{1,8}$/.test(cell) &&
        Number(cell) <= 86_400_000 &&
        Number(cell) % 1000 === 0 &&
        (at === 0 || Number(cell) > Number(midnights[at - 1])),
    )
  )
    kinds[0] = 'midnight'
  const datings = kinds
    .map((kind, column) => ({ kind, column, rank: datingRank(column) }))
    .filter(({ kind }) => kind !== undefined && kind !== 'clock')
    .sort((a, b) => a.rank - b.rank || a.column - b.column)
  function datingRank(column: number): number {
    const kind = kinds[column]
    const name =
      mayBe(column, 'time')?.rank ?? (mayBe(column, 'date') ? 1 : named && names[column] !== '' ? 60 : 50)
    // A count since 1970 says its zone; a date without a time of day says least.
    const unnamed = named && !timeNamed(column)
    return name + (kind === 'epoch' ? (unnamed && names[column] !== '' ? 20 : -20) : 0) + (unnamed ? 100 : 0)
  }
  const forcedTime = Object.entries(forced).find(([, role]) => role === 'time' || role === 'date')?.[0]
  const timeColumn = forcedTime === undefined ? datings[0]?.column : Number(forcedTime)
  if (timeColumn === undefined)
    return {
      problem: named
        ? `No column holds a time; the columns are ${show(names.filter(Boolean).join(', '))}.`
        : isLobsterMessage(body[0]!.join(','))
          ? 'These are recorded orders (LOBSTER messages), not prices. On the command line a strategy runs on them: outcry run FILE.ts --data, with this file.'
          : `No column holds a time; the first row is '${show(body[0]!.join(given.delimiter.value))}'.`,
    }
  const kind = kinds[timeColumn] ?? timeKind(columnValues(timeColumn), true) ?? 'calendar'
  roles[timeColumn] = 'time'
  const dateOnly = kind !== 'epoch' && columnValues(timeColumn).every((cell) => !hasClock(cell))
  let clockDigits = 0
  if (dateOnly) {
    const clocks = Array.from({ length: width }, (_, column) => column).filter((column) => {
      if (column === timeColumn) return false
      if (forced[column] === 'clock' || kinds[column] === 'clock') return true
      return mayBe(column, 'clock') && columnValues(column).every((cell) => /^\d{1,9}$/.test(cell.trim()))
    })
    const clock = clocks.find((column) => forced[column] === 'clock') ?? clocks[0]
    if (clock !== undefined) {
      roles[timeColumn] = 'date'
      roles[clock] = 'clock'
      if (kinds[clock] !== 'clock')
        clockDigits = columnValues(clock).some((cell) => cell.trim().length > 4) ? 6 : 4
    }
  }

  // Numbers
  const numbers = findNumberForm(body, roles, given.delimiter.value, overrides, questions)

  // Prices
  const timeTaken = (column: number) => roles[column] !== 'ignored'
  const assign = (role: Role, accept: (column: number) => boolean = () => true) => {
    let best: { column: number; rank: number } | undefined
    for (let column = 0; column < width; column++) {
      if (timeTaken(column) || !accept(column)) continue
      const entry = mayBe(column, role)
      if (entry && (!best || entry.rank < best.rank)) best = { column, rank: entry.rank }
    }
    if (best) roles[best.column] = role
    return best !== undefined
  }
  const isNumeric = (column: number) => {
    let readable = 0
    let filled = 0
    for (const cell of columnValues(column, 100)) {
      const like = numberLike(cell)
      if (like === 'missing') continue
      filled++
      if (like === 'number') readable++
    }
    return filled === 0 || readable >= most(filled)
  }
  const isText = (column: number) => columnValues(column, 100).some((cell) => numberLike(cell) === 'no')
  let shape: Guess<'rows' | 'symbols' | 'wide'> = guess('rows', 0.9, 'each row is one bar of one instrument')
  let columnsReason = named ? 'the names in the header' : 'the order and the values, since there is no header'
  let sure = named ? 0.97 : 0.8
  let constantSymbol: string | undefined

  if (symbolRow && named) {
    const labels = names.map((_, column) => (column === timeColumn ? '' : (symbolRow[column]?.trim() ?? '')))
    const different = new Set(labels.filter(Boolean))
    for (let column = 0; column < width; column++) {
      if (timeTaken(column) || labels[column] === '') continue
      const role = rolesOf(names[column]!).find((entry) => isPrice(entry.role))?.role
      if (!role) continue
      const taken = roles.some((other, at) => other === role && symbols[at] === labels[column])
      if (!taken) roles[column] = role
      symbols[column] = labels[column]
    }
    if (different.size === 1) {
      constantSymbol = [...different][0]
      symbols.fill(undefined)
    } else shape = guess('wide', 0.95, `the header names ${different.size} instruments side by side`)
  } else if (named) {
    for (const role of ['open', 'high', 'low', 'close', 'adjustedClose', 'volume', 'period'] as const)
      assign(role, (column) => role === 'period' || isNumeric(column))
    // Two columns of one name, or a volume in ticks beside one that is always zero.
    const volume = roles.indexOf('volume')
    if (volume >= 0 && columnValues(volume).every((cell) => Number(cell) === 0)) {
      const other = names.findIndex(
        (_, column) => !timeTaken(column) && mayBe(column, 'volume') && isNumeric(column),
      )
      if (other >= 0 && columnValues(other).some((cell) => Number(cell) > 0)) {
        roles[volume] = 'ignored'
        roles[other] = 'volume'
      }
    }
    assign(
      'symbol',
      (column) => isText(column) || columnValues(column, 100).every((cell) => /^\d{4,6}$/.test(cell.trim())),
    )
    // Codes such as 600519 are digits, and numbers are not their names.
    if (!roles.includes('close') && roles.includes('adjustedClose'))
      roles[roles.indexOf('adjustedClose')] = 'close'
    if (!roles.includes('close') || (!roles.includes('open') && wideNames(names).groups > 0)) {
      const wide = wideNames(names)
      if (wide.groups > 0) {
        for (let column = 0; column < width; column++) {
          const entry = wide.columns[column]
          if (!entry || column === timeColumn || roles[column] === 'clock') continue
          if (roles.some((other, at) => other === entry.role && symbols[at] === entry.symbol)) continue
          roles[column] = entry.role
          symbols[column] = entry.symbol
        }
        if (wide.groups === 1) {
          constantSymbol = symbols.find((symbol) => symbol !== undefined)
          symbols.fill(undefined)
        } else shape = guess('wide', 0.9, `the names of the columns carry ${wide.groups} instruments`)
      } else {
        const priced = roles.includes('open') || roles.includes('high') || roles.includes('low')
        const numeric = names
          .map((_, column) => column)
          .filter((column) => !priced && !timeTaken(column) && isNumeric(column))
        const unknown = names.every((name, column) => timeTaken(column) || rolesOf(name).length === 0)
        if (numeric.length > 0 && numeric.every((column) => names[column] !== '')) {
          const byValues = numeric.length >= 4 && unknown ? inferPrices(numeric) : undefined
          if (byValues && body.length >= 3) {
            columnsReason = 'the values, since the names in the header are not known'
            sure = 0.5
            askColumns()
          } else {
            for (const column of numeric) {
              roles[column] = 'close'
              symbols[column] = names[column]!
            }
            if (numeric.length === 1) {
              constantSymbol = names[numeric[0]!]
              symbols.fill(undefined)
            } else
              shape = guess(
                'wide',
                0.8,
                `every column but the time is named after an instrument, ${numeric.length} in all`,
              )
          }
        } else if (numeric.length > 0) inferPrices(numeric)
      }
    }
  } else {
    for (let column = 0; column < width; column++)
      if (
        !timeTaken(column) &&
        kinds[column] === undefined &&
        isText(column) &&
        !isNumeric(column) &&
        !roles.includes('symbol')
      ) {
        const cells = columnValues(column, 100)
        if (
          cells.every((cell) => /^[\p{L}^][\p{L}\d.^=/_:-]{0,20}$/u.test(cell.trim()) && cell.trim() !== '')
        )
          roles[column] = 'symbol'
      }
    const numeric = names
      .map((_, column) => column)
      .filter((column) => {
        if (timeTaken(column)) return false
        if (kinds[column] !== undefined && kinds[column] === kind) return false
        return isNumeric(column)
      })
    inferPrices(numeric)
  }
  function askColumns() {
    questions.push({
      about: 'columns',
      text: `The header's names (${show(names.join(', '))}) are not known; the columns were told apart by their values. Is that right?`,
      options: [],
      assumed: roles.join(','),
    })
  }
  /** Which of the first numeric columns are open, high, low and close, and which after them is the volume. */
  function inferPrices(numeric: readonly number[]): boolean {
    if (numeric.length === 0) return false
    if (numeric.length < 4) {
      roles[numeric[0]!] = 'close'
      if (numeric[1] !== undefined) roles[numeric[1]] = 'volume'
      return true
    }
    const four = numeric.slice(0, 4)
    const values = body
      .slice(0, 300)
      .map((row) => numeric.map((column) => readNumber(row[column] ?? '', numbers.value)))
      .filter((row): row is number[] => row.every((value) => value !== missing && !Number.isNaN(value)))
    const order = priceOrder(values)
    four.forEach((column, at) => (roles[column] = order[at]!))
    let volume = numeric[4]
    // Some add the average price of the bar before the volume.
    const high = order.indexOf('high')
    const low = order.indexOf('low')
    if (
      numeric.length > 5 &&
      values.length >= 3 &&
      values.every((row) => row[4]! >= row[low]! && row[4]! <= row[high]!)
    )
      volume = numeric[5]
    if (volume !== undefined) roles[volume] = 'volume'
    return true
  }
  for (const [column, role] of Object.entries(forced)) {
    if (role !== 'ignored' && role !== 'symbol')
      roles.forEach((other, at) => {
        if (other === role && !(at in forced) && symbols[at] === symbols[Number(column)])
          roles[at] = 'ignored'
      })
    if (Number(column) < width) roles[Number(column)] = role
  }
  if (!roles.includes('close'))
    return {
      problem: `No column holds closing prices; the columns are ${show(names.filter(Boolean).join(', ') || body[0]!.join(', '))}.`,
    }
  const symbolColumn = roles.indexOf('symbol')
  if (symbolColumn >= 0) {
    const different = new Set(columnValues(symbolColumn, sampleRows).map((cell) => cell.trim()))
    shape = guess(
      'symbols',
      0.95,
      different.size === 1
        ? `a column names the instrument, ${[...different][0]}`
        : `a column names the instrument, ${different.size} of them in the first rows`,
    )
    // A name beside a code says nothing more, and one of another name in each row is no instrument.
  }

  // How times are written
  const time = findTimeForm(
    kind,
    body.map((row) => row[timeColumn] ?? ''),
    overrides,
    questions,
    circumstances,
  )
  const clockColumn = roles.indexOf('clock')
  const times: number[] = []
  const offsets = new Set<number>()
  const clocks = new Set<number>()
  const places = new Set<string>()
  let zoned = 0
  const seen = new Map<string, number>()
  let forward = 0
  let backward = 0
  const steps = new Map<number, number>()
  let still = 0
  for (const row of body) {
    let value = readTime(row[timeColumn] ?? '', time.value)
    if (Number.isNaN(value)) continue
    let isZoned = found.zoned
    let offset = found.offset
    if (clockColumn >= 0) {
      const clock = readClock(pad(row[clockColumn] ?? '', clockDigits))
      if (Number.isNaN(clock)) continue
      value += clock
      isZoned ||= found.zoned
      if (found.zoned) offset = found.offset
    }
    if (found.place !== '') places.add(found.place)
    if (isZoned) {
      zoned++
      offsets.add(offset)
    }
    clocks.add((((value + offset * 60e6) % 86_400e6) + 86_400e6) % 86_400e6)
    times.push(value)
    const key = symbolColumn < 0 ? '' : (row[symbolColumn] ?? '')
    const last = seen.get(key)
    if (last !== undefined) {
      if (value > last) forward++
      else if (value < last) backward++
      const step = Math.abs(value - last)
      if (step > 0) steps.set(step, (steps.get(step) ?? 0) + 1)
      else still++
    }
    seen.set(key, value)
  }
  if (times.length === 0)
    return {
      problem: `The times could not be read; the first is '${show(body[0]![timeColumn] ?? '')}'.`,
    }
  const interval = usualStep(steps)
  const days =
    time.value.form !== 'epoch' &&
    zoned === 0 &&
    clocks.size === 1 &&
    (dateOnly && clockColumn < 0
      ? true
      : clocks.has(0) && (interval === null || interval >= 86_400e6) && times.length > 0) &&
    (clocks.has(0) || (interval ?? 0) >= 86_400e6)
  const sameClock = clocks.size === 1 && interval !== null && interval >= 86_400e6
  const format = formatOf({
    names,
    named,
    body,
    roles,
    delimiter: given.delimiter.value,
    kind,
    clockDigits,
    symbolRow,
    container: given.container,
  })
  const zone = findZone({
    zoned: zoned > 0,
    places,
    offsets,
    times,
    days,
    sameClock,
    names: [names[timeColumn]!, clockColumn >= 0 ? names[clockColumn]! : ''],
    sample: body[0]![timeColumn]! + (clockColumn >= 0 ? ` ${body[0]![clockColumn]}` : ''),
    interval,
    suggested: format.zone,
    overrides,
    questions,
    epoch: time.value.form === 'epoch',
  })
  const kindOfRows = rowKind({
    names,
    roles,
    shape: shape.value,
    days,
    steps,
    still,
    overrides,
    questions,
  })
  const order: Layout['order'] =
    forward > 0 && backward === 0
      ? guess('oldest first', 0.98, 'the times rise from row to row')
      : backward > 0 && forward === 0
        ? guess('newest first', 0.98, 'the times fall from row to row')
        : forward + backward === 0
          ? guess('oldest first', 0.5, 'there are too few rows to tell')
          : backward > forward
            ? guess('newest first', 0.8, 'most times fall from row to row')
            : guess(
                backward > forward * 0.05 ? 'mixed' : 'oldest first',
                0.8,
                'most times rise from row to row',
              )

  const columns = names.map<Column>((name, column) =>
    symbols[column] === undefined
      ? { name, role: roles[column]! }
      : { name, role: roles[column]!, symbol: symbols[column]! },
  )
  return {
    format: format.name,
    packed: circumstances.packed ?? [],
    ...given,
    numbers,
    preamble:
      overrides.preamble === undefined
        ? guess(
            preamble,
            0.95,
            preamble === 0
              ? 'the first line belongs to the table'
              : `${preamble} lines come before the table`,
          )
        : told(preamble),
    headerRows:
      overrides.headerRows === undefined
        ? guess(
            headerRows,
            0.95,
            headerRows === 0
              ? 'the first line holds values'
              : shifted || 'a line of names stands above the values',
          )
        : told(headerRows),
    columns: overrides.columns ? told(columns) : guess(columns, sure, columnsReason),
    shape,
    rows: kindOfRows,
    time,
    clockDigits,
    days,
    zone,
    order,
    interval: guess(
      interval,
      interval === null ? 0 : 0.9,
      interval === null ? 'there are too few rows to tell' : 'the usual distance between two rows',
    ),
    stamped: overrides.stamped ? told(overrides.stamped) : stampOf(names[timeColumn]!, times, interval, days),
    scale:
      overrides.scale === undefined
        ? format.scale === 1
          ? guess(1, 0.95, 'the prices stand as they are')
          : guess(format.scale, 0.85, format.scaleReason)
        : told(overrides.scale),
    symbol:
      overrides.symbol !== undefined
        ? told(overrides.symbol)
        : constantSymbol !== undefined
          ? guess(constantSymbol, 0.95, 'the header names it')
          : guess(
              nameOf(circumstances.name),
              0.5,
              circumstances.name === undefined ? 'nothing names the instrument' : 'the name of the file',
            ),
    questions,
    firstRows: body.slice(0, 5),
  }

  function matches(row: readonly string[]): number {
    return row.reduce((sum, cell) => sum + (rolesOf(cell).some(({ role }) => isPrice(role)) ? 1 : 0), 0)
  }
  function isSymbolRow(row: readonly string[]): boolean {
    const cells = row.slice(1).filter((cell) => cell.trim() !== '')
    return (
      cells.length >= Math.min(2, row.length - 1) &&
      cells.every((cell) => numberLike(cell) === 'no' && !rolesOf(cell).some(({ role }) => isPrice(role)))
    )
  }
}

const isPrice = (role: Role) =>
  role === 'open' ||
  role === 'high' ||
  role === 'low' ||
  role === 'close' ||
  role === 'volume' ||
  role === 'adjustedClose'

/** The digits of a time of day with the zeros that were lost in front. */
export const pad = (text: string, digits: number) => (digits === 0 ? text : text.trim().padStart(digits, '0'))

/** Name of an instrument after a file: without folder and endings, in upper case. */
function nameOf(file: string | undefined): string {
  if (file === undefined) return 'CSV'
  const base = file
    .replace(/^.*[\\/]/, '')
    .replace(/(\.(gz|zip|csv|tsv|txt|json|jsonl|ndjson|parquet|prn|asc|dat))+$/i, '')
  return (base || 'CSV').toUpperCase()
}

const hasClock = (cell: string) => {
  const text = cell.trim()
  if (/:/.test(text) || /[ap]m\b/i.test(text)) return true
  return (
    /^\d{12}(\d\d)?$/.test(text) ||
    /^\d{8}[T _-]\d{4,}/.test(text) ||
    (/^\d{5}[.,]\d+$/.test(text) && !/^\d{5}[.,]0+$/.test(text))
  )
}

function isDataRow(row: readonly string[]): boolean {
  if (!row.some((cell) => isTimeLike(cell, true) || /^\d{5}([.,]\d+)?$/.test(cell.trim()))) return false
  return (
    row.filter((cell) => numberLike(cell) === 'number').length >=
    (row.some((cell) => isTimeLike(cell)) ? 1 : 2)
  )
}

function isHeaderRow(row: readonly string[], width: number): boolean {
  const filled = row.filter((cell) => cell.trim() !== '')
  if (filled.length === 0 || row.length < Math.max(2, width - 2)) return false
  if (filled.length === 1 && row.length < 2) return false
  return filled.filter((cell) => numberLike(cell) === 'number').length <= filled.length * 0.4
}

/** Whether the row above another header row belongs to it: names of instruments or of prices above names. */
function isStackedHeader(rows: readonly (readonly string[])[], below: number): boolean {
  const lower = rows[below]!
  const upper = rows[below - 1]!
  if (upper.length !== lower.length) return false
  // An index name alone, or prices above instruments, or instruments above prices.
  const priced = (row: readonly string[]) =>
    row.slice(1).some((cell) => rolesOf(cell).some(({ role }) => isPrice(role)))
  const lowerEmpty = lower.slice(1).every((cell) => cell.trim() === '')
  return lowerEmpty || priced(lower) !== priced(upper)
}

/** Names that carry an instrument beside the role of their column, as `AAPL_Open`, `Close MSFT` or `('High', 'SPY')`. */
function wideNames(names: readonly string[]): {
  groups: number
  columns: readonly ({ role: Role; symbol: string } | undefined)[]
} {
  const columns = names.map((name) => {
    const tokens = name
      .split(/[\s,()'"|:]+|[_.](?=[\p{L}^])|(?<=[\p{L}\d])[_](?=\d)/u)
      .filter((token) => token !== '')
    if (tokens.length < 2) return undefined
    for (const [at, rest] of [
      [tokens.length - 1, 1],
      [0, -1],
    ] as const) {
      const role = rolesOf(tokens[at]!).find((entry) => isPrice(entry.role) && entry.rank < 12)?.role
      const before = at > 0 ? tokens[at - 1] : undefined
      const adjusted = role === 'close' && (/^adj/i.test(before ?? '') || /^adj/i.test(tokens[0]!))
      if (role && rest) {
        const others = tokens.filter((token, index) => index !== at && !/^adj(usted)?$/i.test(token))
        if (others.length > 0)
          return { role: adjusted ? ('adjustedClose' as const) : role, symbol: others.join('.') }
      }
    }
    return undefined
  })
  const closes = columns.filter((entry) => entry?.role === 'close' || entry?.role === 'adjustedClose')
  return { groups: new Set(closes.map((entry) => entry!.symbol)).size, columns }
}

const permutations: readonly (readonly Role[])[] = (() => {
  const all: Role[][] = []
  const four: Role[] = ['open', 'high', 'low', 'close']
  const extend = (done: Role[]) => {
    if (done.length === 4) all.push(done)
    else for (const role of four) if (!done.includes(role)) extend([...done, role])
  }
  extend([])
  return all
})()

/** Orders that exchanges and vendors write besides open, high, low, close, and that only values tell from it. */
const otherOrders: readonly (readonly Role[])[] = [
  ['open', 'close', 'high', 'low'],
  ['low', 'high', 'open', 'close'],
  ['close', 'open', 'high', 'low'],
  ['close', 'high', 'low', 'open'],
  ['high', 'low', 'open', 'close'],
]

/**
 * The order of four price columns: open, high, low, close unless highs and lows contradict it. What highs and lows
 * leave open, which of two is the open and which the close, is settled by each open being near the close before.
 */
function priceOrder(rows: readonly (readonly number[])[]): readonly Role[] {
  const standard = permutations[0]!
  const judge = (order: readonly Role[]) => {
    const [open, high, low, close] = standard.map((role) => order.indexOf(role)) as [
      number,
      number,
      number,
      number,
    ]
    let wrong = 0
    let jump = 0
    let backJump = 0
    rows.forEach((row, at) => {
      const top = Math.max(row[open]!, row[close]!, row[low]!)
      if (row[high]! < top || row[low]! > Math.min(row[open]!, row[close]!)) wrong++
      if (at === 0) return
      const scale = Math.abs(row[close]!) || 1
      jump += Math.abs(row[open]! - rows[at - 1]![close]!) / scale
      // Newest first, the close before is in the row below.
      backJump += Math.abs(rows[at - 1]![open]! - row[close]!) / scale
    })
    return { order, fits: wrong <= rows.length * 0.02, jump: Math.min(jump, backJump) }
  }
  const usual = judge(standard)
  const known = [usual, ...otherOrders.map(judge)].filter(({ fits }) => fits)
  const fitting = known.length > 0 ? known : permutations.map(judge).filter(({ fits }) => fits)
  if (fitting.length === 0) return standard
  const nearest = fitting.reduce((a, b) => (b.jump < a.jump ? b : a))
  // Few rows, or a small difference, do not speak against the usual order.
  if (usual.fits && (rows.length < 20 || nearest.jump > usual.jump / 2)) return standard
  return nearest.order
}

/** Marks of decimals and thousands, from all cells that are numbers. */
function findNumberForm(
  body: readonly (readonly string[])[],
  roles: readonly Role[],
  delimiter: string,
  overrides: Overrides,
  questions: Question[],
): Guess<NumberForm> {
  let decimalComma = 0
  let decimalPoint = 0
  let groupComma = 0
  let groupPoint = 0
  let openPoint = 0
  let spaces = 0
  let apostrophes = 0
  let openComma = 0
  let example = ''
  const width = roles.length
  for (const row of body.slice(0, 1000))
    for (let column = 0; column < width; column++) {
      if (roles[column] !== 'ignored') continue
      const cell = (row[column] ?? '').trim()
      if (!/[.,'’ \u00a0\u202f]/.test(cell) || numberLike(cell) !== 'number') continue
      if (/\d[\s\u00a0\u202f]\d{3}/.test(cell)) spaces++
      if (/\d['’]\d{3}/.test(cell)) apostrophes++
      const comma = cell.lastIndexOf(',')
      const point = cell.lastIndexOf('.')
      if (comma >= 0 && point >= 0) {
        if (comma > point) {
          decimalComma++
          groupPoint++
        } else {
          decimalPoint++
          groupComma++
        }
      } else if (comma >= 0) {
        if (cell.indexOf(',') !== comma) groupComma++
        else if (/(?:^|\D)[1-9]\d{0,2},\d{3}(?!\d)/.test(cell)) {
          openComma++
          example ||= cell
        } else decimalComma++
      } else if (point >= 0) {
        if (cell.indexOf('.') !== point) groupPoint++
        else if (/(?:^|\D)[1-9]\d{0,2}\.\d{3}(?!\d)/.test(cell)) openPoint++
        else decimalPoint++
      }
    }
  const thousandsOf = (decimal: '.' | ','): NumberForm['thousands'] =>
    spaces > 0
      ? ' '
      : apostrophes > 0
        ? "'"
        : decimal === '.'
          ? groupComma + openComma > 0
            ? ','
            : ''
          : groupPoint + openPoint > 0 || delimiter !== ','
            ? '.'
            : ''
  const form = (decimal: '.' | ','): NumberForm => ({
    decimal,
    thousands: overrides.thousands ?? thousandsOf(decimal),
  })
  if (overrides.decimal) return told(form(overrides.decimal))
  if (decimalComma > decimalPoint)
    return guess(form(','), 0.97, 'numbers such as 13,2835 have a comma before the decimals')
  if (decimalPoint > 0 || groupComma > 0)
    return guess(
      form('.'),
      0.97,
      groupComma + openComma > 0
        ? 'a comma separates thousands, a point the decimals'
        : 'a point separates the decimals',
    )
  if (openComma > 0) {
    const assumed = delimiter === ',' ? '.' : ','
    questions.push({
      about: 'decimal',
      text: `Is ${example} a number above a thousand, or one with three decimals?`,
      options: [
        { value: ',', label: `three decimals: ${example.replace(',', '.')}` },
        { value: '.', label: `above a thousand: ${example.replace(',', '')}` },
      ],
      assumed,
    })
    return guess(form(assumed), 0.5, `numbers such as ${example} can be read both ways`)
  }
  return guess(form('.'), 0.9, 'no number has a decimal comma')
}

function findTimeForm(
  kind: TimeKind,
  cells: readonly string[],
  overrides: Overrides,
  questions: Question[],
  { whole, name }: Circumstances,
): Guess<TimeForm> {
  if (kind === 'serial')
    return guess({ form: 'serial' }, 0.8, 'the times are the day numbers of a spreadsheet')
  if (kind === 'midnight') {
    const digits = /(?:^|\D)((?:19|20)\d{6})(?:\D|$)/.exec(name ?? '')?.[1]
    const midnight = digits === undefined ? NaN : readTime(digits, { form: 'calendar', order: 'ymd' })
    if (Number.isNaN(midnight))
      questions.push({
        about: 'columns',
        text: `The first column counts milliseconds since midnight, as ${cells[0]} does, and nothing tells of which day; name the file after it, such as 20131007_trade.csv.`,
        options: [],
        assumed: '1970-01-01',
      })
    return guess(
      { form: 'midnight', day: Number.isNaN(midnight) ? 0 : midnight / 86_400e6 },
      Number.isNaN(midnight) ? 0.3 : 0.85,
      Number.isNaN(midnight)
        ? 'milliseconds since midnight of a day that is not told'
        : 'milliseconds since midnight of the day in the name of the file',
    )
  }
  if (kind === 'epoch') {
    if (overrides.epochUnit) return told({ form: 'epoch', unit: overrides.epochUnit })
    const values = cells
      .map((cell) => Number(cell.trim()))
      .filter((value) => value > 0)
      .sort((a, b) => a - b)
    const middle = values[values.length >> 1] ?? 0
    const unit: EpochUnit = middle < 1e11 ? 's' : middle < 1e14 ? 'ms' : middle < 1e17 ? 'us' : 'ns'
    const named = { s: 'seconds', ms: 'milliseconds', us: 'microseconds', ns: 'nanoseconds' }[unit]
    return guess(
      { form: 'epoch', unit },
      0.97,
      `counts of ${String(Math.trunc(middle)).length} digits are ${named} since 1970; in another unit the years would be out of reach`,
    )
  }
  if (overrides.dateOrder) return told({ form: 'calendar', order: overrides.dateOrder })
  if (cells.every((cell) => /^\s*\d{6}\s*$/.test(cell))) {
    const ranked = (['ymd', 'dmy', 'mdy'] as const)
      .map((order) => ({ order, times: cells.map((cell) => readTime(cell, { form: 'calendar', order })) }))
      .map(({ order, times }) => ({
        order,
        score: times.filter(Number.isNaN).length * 1e24 + disorder(times).score,
      }))
      .reduce((a, b) => (b.score < a.score ? b : a))
    return guess(
      { form: 'calendar', order: ranked.order },
      0.7,
      'so read, the dates of six digits lie closest together',
    )
  }
  if (cells.every((cell) => /^\s*(?:1[6-9]|2[01])\d\d/.test(cell)))
    return guess({ form: 'calendar', order: 'ymd' }, 0.99, 'the year comes first')
  // Dates that both orders read, each in its own way, decide nothing but by their distances.
  const read = (order: DateOrder) => cells.map((cell) => readTime(cell, { form: 'calendar', order }))
  const mdy = read('mdy')
  const dmy = read('dmy')
  const fails = (times: readonly number[]) => times.reduce((sum, time) => sum + Number(Number.isNaN(time)), 0)
  const same = cells.every(
    (_, at) => mdy[at] === dmy[at] || (Number.isNaN(mdy[at]!) && Number.isNaN(dmy[at]!)),
  )
  if (same) {
    if (fails(mdy) > cells.length / 2)
      return guess({ form: 'calendar', order: 'ymd' }, 0.7, 'the dates can only be read with the year first')
    if (fails(read('ymd')) <= fails(mdy))
      return guess({ form: 'calendar', order: 'ymd' }, 0.99, 'the year comes first, or the month is a word')
    // The fourth of April is the same either way; the days after it are not.
    const order: DateOrder = /^\d{1,2}\.\d{1,2}\.\d/.test(cells[0]!.trim()) ? 'dmy' : 'mdy'
    if (order === 'mdy' && !whole)
      questions.push({
        about: 'dateOrder',
        text: `The dates begin with ${cells[0]!.trim()}: does the day or the month come first?`,
        options: [
          { value: 'mdy', label: 'month first' },
          { value: 'dmy', label: 'day first' },
        ],
        assumed: order,
      })
    return guess({ form: 'calendar', order }, 0.6, 'day and month are the same number')
  }
  const example = cells.find(
    (cell, at) => !Number.isNaN(mdy[at]!) && !Number.isNaN(dmy[at]!) && mdy[at] !== dmy[at],
  )
  const impossible = (times: readonly number[]) => cells.find((_, at) => Number.isNaN(times[at]!))
  if (fails(dmy) !== fails(mdy)) {
    const order: DateOrder = fails(dmy) < fails(mdy) ? 'dmy' : 'mdy'
    const proof = impossible(order === 'dmy' ? mdy : dmy)
    return guess(
      { form: 'calendar', order },
      0.98,
      order === 'dmy'
        ? `${proof} can only be read with the day first`
        : `${proof} can only be read with the month first`,
    )
  }
  const dotted = /^\d{1,2}\.\d{1,2}\.\d/.test(example?.trim() ?? '')
  const turns = { mdy: disorder(mdy), dmy: disorder(dmy) }
  const better: DateOrder =
    turns.mdy.score < turns.dmy.score
      ? 'mdy'
      : turns.dmy.score < turns.mdy.score
        ? 'dmy'
        : dotted
          ? 'dmy'
          : 'mdy'
  const worse: DateOrder = better === 'mdy' ? 'dmy' : 'mdy'
  const words = { mdy: 'month first', dmy: 'day first', ymd: 'year first' }
  if (turns[worse].turns > turns[better].turns + 2)
    return guess(
      { form: 'calendar', order: better },
      0.9,
      `read with the ${words[better]} the times keep their order, read with the ${words[worse]} they do not`,
    )
  if (dotted) return guess({ form: 'calendar', order: 'dmy' }, 0.9, 'dates with points have the day first')
  questions.push({
    about: 'dateOrder',
    text: `Is ${example?.trim()} ${spoken(mdy[cells.indexOf(example!)]!)} or ${spoken(dmy[cells.indexOf(example!)]!)}?`,
    options: [
      { value: 'mdy', label: `month first: ${spoken(mdy[cells.indexOf(example!)]!)}` },
      { value: 'dmy', label: `day first: ${spoken(dmy[cells.indexOf(example!)]!)}` },
    ],
    assumed: better,
  })
  return guess(
    { form: 'calendar', order: better },
    0.55,
    turns.mdy.score === turns.dmy.score
      ? 'nothing tells day and month apart'
      : `read with the ${words[better]} the bars lie closer together`,
  )
}

const monthWords = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
]

/** A day as people write it: 2 January 2020. */
function spoken(time: number): string {
  const date = new Date(time / 1000)
  return `${date.getUTCDate()} ${monthWords[date.getUTCMonth()]} ${date.getUTCFullYear()}`
}

/** How often times change direction, and how far they travel in all. */
function disorder(times: readonly number[]): { turns: number; score: number } {
  let rises = 0
  let falls = 0
  let travel = 0
  for (let i = 1; i < times.length; i++) {
    const step = times[i]! - times[i - 1]!
    if (step > 0) rises++
    else if (step < 0) falls++
    if (!Number.isNaN(step)) travel += Math.abs(step)
  }
  const turns = Math.min(rises, falls)
  return { turns, score: turns * 1e18 + travel }
}

/** The most frequent distance; for months, whose lengths differ, the distances from 28 to 31 days count as one. */
export function usualStep(steps: ReadonlyMap<number, number>): number | null {
  const day = 86_400e6
  let best: number | null = null
  let most = 0
  let months = 0
  for (const [step, count] of steps) {
    if (step >= 28 * day && step <= 31 * day) months += count
    if (count > most || (count === most && best !== null && step < best)) {
      most = count
      best = step
    }
  }
  // Few rows of days around a weekend or a holiday.
  if (steps.size < 10 && most < 3 && best !== null && best > day && best <= 4 * day && best % day === 0)
    return day
  return months > most || (best !== null && best >= 28 * day && best <= 31 * day) ? 30 * day : best
}

function stampOf(
  name: string,
  times: readonly number[],
  interval: number | null,
  days: boolean,
): Guess<'open' | 'close'> {
  const letters = lettersOf(name)
  if (/^(open|start)|windowstart|begin/.test(letters))
    return guess('open', 0.97, `the column is named ${name}`)
  if (/^(close|end)time|timeclose/.test(letters)) return guess('close', 0.97, `the column is named ${name}`)
  if (days || interval === null || interval >= 86_400e6)
    return guess('open', 0.6, 'a day stands for its whole session')
  // A session that opens at a full or half hour is stamped there by its open, one interval later by its close.
  const firsts = new Map<number, number>()
  let day = NaN
  for (const time of [...times].sort((a, b) => a - b)) {
    const today = Math.floor(time / 86_400e6)
    if (today !== day && !Number.isNaN(day)) firsts.set(time % 1800e6, (firsts.get(time % 1800e6) ?? 0) + 1)
    day = today
  }
  const first = Math.min(...times) % 1800e6
  const late = [...firsts].reduce((sum, [rest, count]) => sum + (rest === interval % 1800e6 ? count : 0), 0)
  const all = [...firsts.values()].reduce((sum, count) => sum + count, 0)
  if (interval < 1800e6 && (all > 0 ? late > all / 2 : first === interval))
    return guess('close', 0.7, 'the first bar of a session is one interval after the half hour')
  return guess('open', 0.7, 'most sources stamp a bar when it opens')
}

interface ZoneEvidence {
  readonly zoned: boolean
  /** IANA names that stand behind the times. */
  readonly places: ReadonlySet<string>
  readonly offsets: ReadonlySet<number>
  readonly times: readonly number[]
  readonly days: boolean
  readonly sameClock: boolean
  readonly names: readonly string[]
  readonly sample: string
  readonly interval: number | null
  readonly suggested: string | undefined
  readonly overrides: Overrides
  readonly questions: Question[]
  readonly epoch: boolean
}

function findZone(evidence: ZoneEvidence): Guess<string | null> {
  const { overrides, questions, times, days, names, suggested } = evidence
  if (evidence.epoch) return guess('UTC', 1, 'counts since 1970 are in UTC')
  if (evidence.zoned) {
    const offsets = [...evidence.offsets].sort((a, b) => a - b)
    if (offsets.length === 1 && offsets[0] === 0) return guess('UTC', 1, 'the times say that they are UTC')
    const pair = offsets.join(',')
    const zones: Readonly<Record<string, string>> = {
      '-300,-240': 'America/New_York',
      '-300': 'America/New_York',
      '-240': 'America/New_York',
      '-360,-300': 'America/Chicago',
      '0,60': 'Europe/London',
      '60,120': 'Europe/Berlin',
      '330': 'Asia/Kolkata',
      '540': 'Asia/Tokyo',
      '480': 'Asia/Hong_Kong',
    }
    const zone = zones[pair]
    return guess(
      zone ?? offsetName(offsets[0]!),
      zone ? 0.8 : 0.6,
      `the times say how far they are from UTC: ${offsets.map(offsetName).join(' and ')}`,
    )
  }
  if (overrides.zone !== undefined) return told(overrides.zone)
  if (evidence.places.size === 1) return guess([...evidence.places][0]!, 1, 'the times name it')
  const words = names.join(' ').toLowerCase()
  if (/utc|gmt|zulu/.test(words))
    return guess('UTC', 0.95, `the column is named ${names.filter(Boolean).join(' ')}`)
  if (/\b(est|edt|et|eastern|new.?york)\b/.test(words))
    return guess('America/New_York', 0.85, `the column is named ${names.filter(Boolean).join(' ')}`)
  if (days || evidence.sameClock)
    return suggested
      ? guess(suggested, 0.6, 'files like this tell the time of that place')
      : guess(null, 0.9, 'the times are days of a calendar')
  const session = likelySession(times, evidence.interval)
  const likely = suggested ?? session?.zone
  const reason = suggested ? 'files like this tell the time of that place' : session?.reason
  questions.push({
    about: 'zone',
    text: `Which time zone is ${evidence.sample.trim()} told in? The file does not say.${likely ? ` It looks like ${likely}: ${reason}.` : ''}`,
    options: [
      ...new Set([...(likely ? [likely] : []), 'UTC', 'America/New_York', 'Europe/London', 'Europe/Berlin']),
    ].map((value) => ({
      value,
      label: value === 'UTC' ? 'UTC' : value.replace(/^.*\//, '').replace('_', ' '),
    })),
    assumed: 'UTC',
  })
  return guess(null, 0.3, 'the times carry no zone; they were taken as UTC')
}

/** Minutes east of UTC as `+01:00`. */
export function offsetName(minutes: number): string {
  const size = Math.abs(minutes)
  return `${minutes < 0 ? '-' : '+'}${String(Math.trunc(size / 60)).padStart(2, '0')}:${String(size % 60).padStart(2, '0')}`
}

/** The place whose exchange hours the clock times keep to. */
function likelySession(
  times: readonly number[],
  interval: number | null,
): { zone: string; reason: string } | undefined {
  if (interval === null || interval > 3600e6 || times.length < 2) return undefined
  const clocks = times.map((time) => (((time % 86_400e6) + 86_400e6) % 86_400e6) / 60e6)
  const first = Math.min(...clocks)
  const last = Math.max(...clocks)
  const span = (hour: number, minute: number) => hour * 60 + minute
  if (first >= span(9, 30) && first <= span(9, 31) && last <= span(16, 0))
    return { zone: 'America/New_York', reason: 'the bars lie between 9:30 and 16:00' }
  if (first >= span(9, 15) && first <= span(9, 16) && last <= span(15, 30))
    return { zone: 'Asia/Kolkata', reason: 'the bars lie between 9:15 and 15:30' }
  if (first >= span(8, 0) && first <= span(8, 1) && last <= span(16, 30) && last > span(15, 0))
    return { zone: 'Europe/London', reason: 'the bars lie between 8:00 and 16:30' }
  if (first >= span(9, 0) && first <= span(9, 5) && last <= span(17, 40) && last > span(16, 30))
    return { zone: 'Europe/Berlin', reason: 'the bars lie between 9:00 and 17:30' }
  return undefined
}
