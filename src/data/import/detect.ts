import { decodeText } from '../bytes.ts'
import { isLobsterMessage } from '../order-flow.ts'
import { hasClock, isDataRow, isTimeLike, most, type TimeKind, timeKind } from './cells.ts'
import { formatOf } from './formats.ts'
import { guess, legible, show, told } from './guess.ts'
import type { Circumstances, Column, Guess, Layout, Overrides, Question, Unreadable } from './layout.ts'
import { findDelimiter, isUtf8, splitLines } from './lines.ts'
import { lettersOf, type Role, rolesOf } from './names.ts'
import { findNumberForm } from './number-form.ts'
import { missing, numberLike, readNumber } from './numbers.ts'
import { isPrice, priceOrder, wideNames } from './price-columns.ts'
import { findTimeForm, stampOf, usualStep } from './time-form.ts'
import { found, pad, readClock, readTime } from './times.ts'
import { rowKind } from './trades.ts'
import { findZone } from './zone-guess.ts'

/** Bars that a person would call many: beyond them a sample settles nothing more. */
const sampleRows = 2000
/** Characters of a line that is cut by the end of the sample, from which on it is no row. */
const longestLine = 100_000

/** The headers of the trades of a run, as the page saves them. */
const ownTrades = /^side,(instrument,)?size,entered,left,entry,exit,/

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
  const cut = !circumstances.whole && lines.length > 1 ? lines.pop()! : ''
  if (cut.length > longestLine)
    return {
      problem: `Line ${lines.length + 1} goes on for more than ${cut.length.toLocaleString('en-US')} characters: '${show(cut.slice(0, 60))}'. Expected a line for each bar; perhaps something else than line breaks sets the rows apart.`,
    }
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
    delimiter: circumstances.aligned
      ? { ...delimiter, reason: delimiter.reason.replace(/^tabs/, 'runs of spaces') }
      : delimiter,
    quoted: guess(quoted, 1, quoted ? 'fields stand in double quotes' : 'no field stands in quotes'),
  })
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
    (rows[first - 1]!.some((cell) => isTimeLike(cell)) || isMisdated(rows[first - 1]!, rows[first]!))
  )
    first--
  // Between the names and the first row are rows as well, whatever stands in place of their time.
  const below = first
  while (
    first > 0 &&
    rows[first - 1]!.length === rows[below]!.length &&
    !isHeaderRow(rows[first - 1]!, rows[below]!.length) &&
    rows[first - 1]!.some((cell) => numberLike(cell) === 'number')
  )
    first--
  if (first === 0 || matches(rows[first - 1]!) === 0 || !isHeaderRow(rows[first - 1]!, rows[below]!.length))
    first = below
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
  if (named && ownTrades.test(names.map(lettersOf).join(',')))
    return {
      problem:
        'This is a list of trades that Outcry has exported, not prices: it tells when a strategy entered and left. Drop the file of prices that the strategy ran on; the trades are there again once it has run.',
    }
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
          ? 'These are recorded orders (LOBSTER messages), not prices. On the command line outcry book shows the book that they make, and outcry run STRATEGY.ts --data runs a strategy on them, each with this file.'
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
          // A bar has a handful of numbers; more columns than that are more instruments.
          const byValues =
            numeric.length >= 4 && numeric.length <= 12 && unknown ? inferPrices(numeric) : undefined
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
        ? `a column names the instrument, ${legible([...different][0]!)}`
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
              : `${preamble === 1 ? '1 line comes' : `${preamble} lines come`} before the table`,
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

/** Name of an instrument after a file: without folder and endings, in upper case. */
function nameOf(file: string | undefined): string {
  if (file === undefined) return 'CSV'
  const base = file
    .replace(/^.*[\\/]/, '')
    .replace(/(\.(gz|zip|csv|tsv|txt|json|jsonl|ndjson|parquet|prn|asc|dat))+$/i, '')
  return (base || 'CSV').toUpperCase()
}

function isHeaderRow(row: readonly string[], width: number): boolean {
  const filled = row.filter((cell) => cell.trim() !== '')
  if (filled.length === 0 || row.length < Math.max(2, width - 2)) return false
  if (filled.length === 1 && row.length < 2) return false
  return filled.filter((cell) => numberLike(cell) === 'number').length <= filled.length * 0.4
}

/** Whether a row has its time written as the row below it has, and yet no such day or time of day exists. */
function isMisdated(row: readonly string[], below: readonly string[]): boolean {
  const form = (cell: string) =>
    cell
      .trim()
      .replace(/\d/g, '0')
      .replace(/\p{L}+/gu, 'a')
  return below.some(
    (cell, at) =>
      isTimeLike(cell, true) &&
      !isTimeLike(row[at]!, true) &&
      /\d/.test(cell) &&
      form(row[at]!) === form(cell),
  )
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
