import type { BarColumns } from '#market'
import { decodeText, encodeText } from '../bytes.ts'
import { spacesBetween, withTabs } from './aligned.ts'
import { detectCells, detectText, type Given } from './detect.ts'
import { legible } from './guess.ts'
import { jsonTable } from './json.ts'
import type { Layout, Overrides, Question, Unreadable } from './layout.ts'
import { RowReader, type SkippedRow } from './reader.ts'
import type { Table } from './table.ts'
import { usualStep } from './time-form.ts'
import { type Chunks, concat, entries, type Entry, UnpackError } from './unpack.ts'
import { isZone, toUtc, type ZoneReport } from './zone.ts'

/** How an import is told what to do besides the bytes. */
export interface ImportOptions extends Overrides {
  /** Name of the file; an instrument is named after it where nothing else names it. */
  readonly name?: string
  /** Called now and then with the bytes read so far. */
  readonly onProgress?: (bytes: number) => void
  /** The import ends with `ImportCancelled` soon after `aborted` becomes true; an `AbortSignal` fits. */
  readonly signal?: { readonly aborted: boolean }
  /** Whether plain rows may be read from their bytes; the same columns come out either way. */
  readonly direct?: boolean
}

/** A bar in plain numbers, as `outcry import --json` prints it. */
export interface CanonicalBar {
  /** Milliseconds since 1970 UTC of the bar's time as stamped. */
  readonly t: number
  readonly open: number
  readonly high: number
  readonly low: number
  readonly close: number
  /** Null where the source has none. */
  readonly volume: number | null
}

/** Bars of one instrument as a file has them: oldest first, times not falling, and perhaps repeated. */
export interface ImportedInstrument {
  readonly symbol: string
  /** Whether its rows are single trades: all four prices of each are that of the trade, and several may have one time. */
  readonly trades: boolean
  /** Volumes that the source does not have are zero; `missingVolumes` counts them. */
  readonly bars: BarColumns
  /** Closing prices adjusted for splits and dividends, where the file has a column of them; NaN where a row has none. */
  readonly adjustedClose?: Float64Array
  readonly missingVolumes: number
  /** Their rows, where other rows have a volume; empty where none has. */
  readonly missingRows: Uint32Array
  /** Microseconds from bar to bar, as most bars are apart; null for fewer than two bars and for trades. */
  readonly interval: number | null
  readonly first: CanonicalBar
  readonly last: CanonicalBar
  /** Rows of the table that stood behind a later one in the file. The table is sorted. */
  readonly outOfOrder: { readonly count: number; readonly rows: Uint32Array }
  readonly clockChanges: ZoneReport
}

/** What came of a file. */
export interface ImportResult {
  /** What wrote the file, or a description of it. */
  readonly format: string
  readonly instruments: readonly ImportedInstrument[]
  /** Rows that gave no bar, the first ten thousand. */
  readonly skipped: readonly SkippedRow[]
  readonly skippedCount: number
  readonly questions: readonly Question[]
  /** What the bars were read by; undefined where the file could not be read. */
  readonly layout: Layout | undefined
  /** Why there are no bars, or not all. */
  readonly problems: readonly string[]
}

/** What `importBars` throws when it was told to stop. */
export class ImportCancelled extends Error {
  constructor() {
    super('The import was cancelled.')
    this.name = 'ImportCancelled'
  }
}

/** Bytes that a layout is concluded from. */
const sampleSize = 1 << 18

/**
 * Reads a file of bars: CSV in any of its ways, JSON or Parquet, also in gzip or zip. CSV is read as it comes: no more
 * of it is held than the sample that its layout is concluded from, and the columns. JSON and Parquet are read whole.
 *
 * Nothing is repaired. Rows that give no bar are told with their line; bars that look wrong stay as they are. The only
 * thing done to a table is that it is sorted by time.
 *
 * @throws ImportCancelled when the signal says so, and what the source throws; never because of what the bytes are
 */
export async function importBars(source: Chunks, options: ImportOptions = {}): Promise<ImportResult> {
  const results: ImportResult[] = []
  let bytes = 0
  async function* counted(): AsyncGenerator<Uint8Array> {
    for await (const chunk of source) {
      if (options.signal?.aborted) throw new ImportCancelled()
      yield chunk
      bytes += chunk.length
      options.onProgress?.(bytes)
    }
  }
  if (options.zone !== undefined && !isZone(options.zone))
    return failure(
      `There is no time zone '${options.zone}'; expected a name such as America/New_York or an offset such as +01:00.`,
    )
  try {
    for await (const entry of entries(counted(), options.name)) {
      if (entry.packed.includes('zip') && /^(\[Content_Types\]\.xml|xl\/|_rels\/)/.test(entry.name ?? ''))
        return failure('This is an Excel workbook; save the sheet as CSV.')
      results.push(await importEntry(entry, options))
    }
  } catch (error) {
    if (!(error instanceof UnpackError)) throw error
    results.push(failure(error.message))
  }
  if (options.signal?.aborted) throw new ImportCancelled()
  return select(results.length === 1 ? results[0]! : merge(results), options.symbol)
}

/** The layout of a file, from its first bytes: at best 256 KB of it. */
export async function detect(
  sample: Uint8Array,
  options: ImportOptions & { readonly whole?: boolean } = {},
): Promise<Layout | Unreadable> {
  try {
    for await (const entry of entries([sample], options.name)) {
      const opened = await open(entry, options.delimiter)
      await opened.rest.return(undefined)
      const unlike = foreign(opened.sample)
      if (unlike) return { problem: unlike }
      const container = containerOf(opened.sample)
      if (container === 'csv') return conclude(opened, entry, options, options.whole ?? false)
      if (!options.whole) return { problem: 'A file of this kind can only be read whole.' }
      const table = await readTable(opened.sample, container)
      return typeof table === 'string' ? { problem: table } : layoutOf(table, opened.sample, options, entry)
    }
  } catch (error) {
    if (!(error instanceof UnpackError)) throw error
    return { problem: error.message }
  }
  return { problem: 'The file is empty; expected rows of prices.' }
}

const failure = (problem: string): ImportResult => ({
  format: 'unknown',
  instruments: [],
  skipped: [],
  skippedCount: 0,
  questions: [],
  layout: undefined,
  problems: [problem],
})

/** What several files of one archive come to. */
function merge(results: readonly ImportResult[]): ImportResult {
  if (results.length === 0) return failure('There is no file in it.')
  const read = results.filter(({ instruments }) => instruments.length > 0)
  const [first] = read.length > 0 ? read : results
  return {
    format: [...new Set((read.length > 0 ? read : results).map(({ format }) => format))].join(', '),
    instruments: read.flatMap(({ instruments }) => instruments),
    skipped: results.flatMap(({ skipped }) => skipped),
    skippedCount: results.reduce((sum, { skippedCount }) => sum + skippedCount, 0),
    questions: read
      .flatMap(({ questions }) => questions)
      .filter((question, at, all) => all.findIndex(({ about }) => about === question.about) === at),
    layout: first!.layout,
    problems: results.flatMap(({ problems }) => problems),
  }
}

/** Only the instrument that was asked for, where a file names several. */
function select(result: ImportResult, symbol: string | undefined): ImportResult {
  if (symbol === undefined || result.instruments.length === 0) return result
  const names = result.instruments.map((instrument) => instrument.symbol)
  const instruments = result.instruments.filter((instrument) => instrument.symbol === symbol)
  if (instruments.length > 0) return { ...result, instruments }
  if (names.length === 1) return { ...result, instruments: [{ ...result.instruments[0]!, symbol }] }
  return {
    ...result,
    instruments: [],
    problems: [
      `The file has no instrument '${symbol}'; it has ${names.slice(0, 20).join(', ')}${names.length > 20 ? ` and ${names.length - 20} more` : ''}.`,
    ],
  }
}

interface Opened {
  readonly sample: Uint8Array
  /** What comes after the sample. */
  readonly rest: AsyncGenerator<Uint8Array>
  /** Whether nothing does. */
  readonly whole: boolean
  /** Whether its columns were set apart by runs of spaces, for which it has tabs now. */
  readonly aligned?: boolean
}

/** Reads the first part of an entry, as UTF-8 where it is text, its columns set apart by a mark. */
async function open(entry: Entry, delimiter: string | undefined): Promise<Opened> {
  const opened = await begin(entry)
  if (delimiter !== undefined || containerOf(opened.sample) !== 'csv') return opened
  const lines = decodeText(opened.sample.subarray(0, 1 << 14)).split(/\r\n|\n|\r/)
  if (lines.length > 2) lines.pop()
  const least = spacesBetween(lines)
  if (least === undefined) return opened
  // The spaces at the end of the sample may go on behind it.
  const { sample } = opened
  const cut = opened.whole ? sample.length : Math.max(sample.lastIndexOf(0x0a), sample.lastIndexOf(0x0d)) + 1
  const tabbed: Uint8Array[] = []
  for await (const part of withTabs([sample.subarray(0, cut)], least)) tabbed.push(part)
  return {
    sample: concat(tabbed),
    rest: withTabs(chain(sample.subarray(cut), opened.rest), least),
    whole: opened.whole,
    aligned: true,
  }
}

async function* chain(first: Uint8Array, rest: AsyncGenerator<Uint8Array>): AsyncGenerator<Uint8Array> {
  yield first
  yield* rest
}

async function begin(entry: Entry): Promise<Opened> {
  const rest = toUtf8(entry.chunks)
  const held: Uint8Array[] = []
  let size = 0
  while (size < sampleSize) {
    const { done, value } = await rest.next()
    if (done) return { sample: concat(held), rest, whole: true }
    held.push(value)
    size += value.length
  }
  return { sample: concat(held), rest, whole: false }
}

/** The layout of a text file from its first part, however large the pieces are that it comes in. */
function conclude(
  { sample, whole, aligned }: Opened,
  entry: Entry,
  options: ImportOptions,
  complete: boolean,
): Layout | Unreadable {
  const part = sample.length > sampleSize * 2 ? sample.subarray(0, sampleSize) : sample
  return detectText(part, options, {
    name: entry.name,
    packed: entry.packed,
    ...(aligned && { aligned }),
    whole: complete && whole && part === sample,
  })
}

/** What a file is by its first bytes. */
function containerOf(sample: Uint8Array): Layout['container'] {
  if (sample[0] === 0x50 && sample[1] === 0x41 && sample[2] === 0x52 && sample[3] === 0x31) return 'parquet'
  let at = sample[0] === 0xef && sample[1] === 0xbb && sample[2] === 0xbf ? 3 : 0
  while (at < sample.length && sample[at]! <= 32) at++
  return sample[at] === 0x7b || sample[at] === 0x5b ? 'json' : 'csv'
}

/** Rows of cells of a file that has to be read whole. */
async function readTable(
  bytes: Uint8Array,
  container: Layout['container'],
): Promise<{ rows: string[][]; named: boolean; lines?: readonly number[] } | string> {
  if (container === 'json') return jsonTable(decodeText(bytes[0] === 0xef ? bytes.subarray(3) : bytes))
  // Few files are Parquet, and its reader is large.
  const { parquetTable } = await import('./parquet.ts')
  const rows = await parquetTable(bytes)
  return typeof rows === 'string' ? rows : { rows, named: true }
}

function layoutOf(
  table: { rows: string[][]; named: boolean },
  bytes: Uint8Array,
  options: ImportOptions,
  entry: Entry,
): Layout | Unreadable {
  const certain = <T>(value: T) => ({ value, confidence: 1, reason: 'the first bytes say so' })
  const given: Given = {
    container: containerOf(bytes),
    byteOrderMark: false,
    encoding: certain('UTF-8' as const),
    delimiter: certain(','),
    quoted: certain(false),
  }
  const circumstances = { name: entry.name, packed: entry.packed, whole: true }
  return detectCells(
    table.rows.slice(0, 4000),
    { headerRows: table.named ? 1 : 0, preamble: 0, ...options },
    circumstances,
    given,
  )
}

/** Imports a file that has to be read whole. */
async function importTable(bytes: Uint8Array, entry: Entry, options: ImportOptions): Promise<ImportResult> {
  const table = await readTable(bytes, containerOf(bytes))
  if (typeof table === 'string') return failure(table)
  const layout = layoutOf(table, bytes, options, entry)
  if ('problem' in layout) return failure(layout.problem)
  const reader = new RowReader(layout)
  const start = layout.preamble.value + layout.headerRows.value
  for (let row = start; row < table.rows.length; row++)
    reader.addRow(table.rows[row]!, table.lines?.[row] ?? row + 1)
  return finish(reader, layout)
}

/** Imports one file: the one that was given, or one out of an archive. */
async function importEntry(entry: Entry, options: ImportOptions): Promise<ImportResult> {
  const opened = await open(entry, options.delimiter)
  const { sample, rest } = opened
  const say = (problem: string) =>
    failure(entry.packed.includes('zip') && entry.name ? `${entry.name}: ${problem}` : problem)
  const unlike = foreign(sample)
  if (!unlike && containerOf(sample) !== 'csv') {
    const held = [sample]
    for await (const chunk of rest) held.push(chunk)
    return importTable(concat(held), entry, options)
  }
  const layout = unlike ? { problem: unlike } : conclude(opened, entry, options, true)
  if ('problem' in layout) {
    await rest.return(undefined)
    return say(layout.problem)
  }
  const newline = sample.includes(10) || !sample.includes(13) ? 10 : 13
  const reader = new RowReader(layout, { newline, direct: options.direct })
  reader.push(layout.byteOrderMark ? sample.subarray(3) : sample)
  for await (const chunk of rest) reader.push(chunk)
  reader.end()
  return finish(reader, layout)
}

/** What a file is that holds no text, in words; undefined for text. */
function foreign(sample: Uint8Array): string | undefined {
  const starts = (...bytes: number[]) => bytes.every((byte, at) => sample[at] === byte)
  if (sample.length === 0) return 'The file is empty; expected rows of prices.'
  if (containerOf(sample) === 'parquet') return undefined
  if (starts(0xd0, 0xcf, 0x11, 0xe0)) return 'This is an old Excel workbook; save the sheet as CSV.'
  if (starts(0x25, 0x50, 0x44, 0x46)) return 'This is a PDF document; expected a table of prices such as CSV.'
  if (starts(0x42, 0x5a, 0x68))
    return 'This file is packed with bzip2; unpack it first, or pack it with gzip or zip.'
  if (starts(0xfd, 0x37, 0x7a, 0x58, 0x5a))
    return 'This file is packed with xz; unpack it first, or pack it with gzip or zip.'
  if (starts(0x28, 0xb5, 0x2f, 0xfd))
    return 'This file is packed with zstd; unpack it first, or pack it with gzip or zip.'
  if (starts(0x37, 0x7a, 0xbc, 0xaf))
    return 'This file is packed with 7z; unpack it first, or pack it with gzip or zip.'
  if (starts(0x89, 0x48, 0x44, 0x46)) return 'This is an HDF5 file; expected a table of prices such as CSV.'
  const head = String.fromCharCode(...sample.subarray(0, 300))
    .trimStart()
    .toLowerCase()
  if (/^<(!doctype html|html|head|body|\?xml)/.test(head))
    return 'This is a web page and no table of prices; the download may have failed or need a login.'
  const start = sample.subarray(0, 4096)
  let odd = 0
  for (const byte of start) if (byte < 9 || (byte > 13 && byte < 32 && byte !== 26 && byte !== 27)) odd++
  if (odd > start.length * 0.02)
    return 'This is no text; expected a table of prices such as CSV. If it is a spreadsheet, save it as CSV.'
  return undefined
}

/** UTF-16, which some Windows programs write, as UTF-8; everything else as it is. */
async function* toUtf8(chunks: AsyncGenerator<Uint8Array>): AsyncGenerator<Uint8Array> {
  let little: boolean | undefined
  let odd = -1
  let high = ''
  // Four bytes tell; what comes before them is held.
  let start: Uint8Array[] | undefined = []
  const decide = (): Uint8Array => {
    const head = concat(start!)
    start = undefined
    const [a, b, c, d] = head
    if (a === 0xff && b === 0xfe) little = true
    else if (a === 0xfe && b === 0xff) little = false
    else if (a! > 0 && b === 0 && c! > 0 && d === 0) little = true
    else if (a === 0 && b! > 0 && c === 0 && d! > 0) little = false
    return head
  }
  async function* whole() {
    for await (const chunk of chunks) {
      if (start === undefined) yield chunk
      else {
        start.push(chunk)
        if (start.reduce((sum, part) => sum + part.length, 0) >= 4) yield decide()
      }
    }
    if (start !== undefined) yield decide()
  }
  for await (const chunk of whole()) {
    if (little === undefined) {
      yield chunk
      continue
    }
    const bytes = odd < 0 ? chunk : concat([Uint8Array.of(odd), chunk])
    odd = bytes.length % 2 === 1 ? bytes[bytes.length - 1]! : -1
    let text = high
    high = ''
    for (let i = 0; i + 1 < bytes.length; i += 2) {
      const unit = little ? bytes[i]! | (bytes[i + 1]! << 8) : (bytes[i]! << 8) | bytes[i + 1]!
      text += String.fromCharCode(unit)
    }
    const last = text.charCodeAt(text.length - 1)
    if (last >= 0xd800 && last < 0xdc00) {
      high = text.slice(-1)
      text = text.slice(0, -1)
    }
    yield encodeText(text)
  }
}

/** Tables to instruments: oldest first, in UTC. */
function finish(reader: RowReader, layout: Layout): ImportResult {
  const instruments: ImportedInstrument[] = []
  for (const [symbol, table] of reader.tables) {
    if (table.rows > 0) instruments.push(instrumentOf(table, layout))
    reader.tables.delete(symbol)
  }
  const questions = reader.orderProven
    ? layout.questions.filter(({ about }) => about !== 'dateOrder')
    : layout.questions
  const problems: string[] = []
  if (instruments.length === 0)
    problems.push(
      `No row could be read as a bar; ${reader.skippedCount} were skipped${reader.skipped[0] ? `, the first because: ${reader.skipped[0].reason}` : ''}`,
    )
  return {
    format: layout.format,
    instruments,
    skipped: reader.skipped,
    skippedCount: reader.skippedCount,
    questions,
    layout,
    problems,
  }
}

function instrumentOf(table: Table, layout: Layout): ImportedInstrument {
  const time = table.take('time')
  const size = time.length
  let falls = 0
  let rises = 0
  for (let row = 1; row < size; row++) {
    if (time[row]! < time[row - 1]!) falls++
    else if (time[row]! > time[row - 1]!) rises++
  }
  const reversed = falls > rises
  if (reversed) time.reverse()
  const zone = layout.zone.value
  const local =
    layout.time.value.form !== 'epoch' &&
    zone !== null &&
    zone !== 'UTC' &&
    !layout.days &&
    layout.zone.confidence === 1 &&
    isZone(zone)
  const clockChanges = local
    ? toUtc(time, zone)
    : { ambiguous: { count: 0, rows: [] }, skipped: { count: 0, rows: [] } }

  let latest = -Infinity
  let behind = 0
  for (let row = 0; row < size; row++) {
    const at = time[row]!
    if (at < latest) behind++
    else latest = at
  }
  let sorted: Uint32Array | undefined
  const late = new Uint32Array(behind)
  if (behind > 0) {
    const wasLate = new Uint8Array(size)
    latest = -Infinity
    for (let row = 0; row < size; row++) {
      const at = time[row]!
      if (at < latest) wasLate[row] = 1
      else latest = at
    }
    const rows = Uint32Array.from({ length: size }, (_, row) => row)
    // Rows of one time keep their order.
    rows.sort((a, b) => time[a]! - time[b]! || a - b)
    sorted = rows
    let found = 0
    for (let row = 0; row < size; row++) if (wasLate[rows[row]!] === 1) late[found++] = row
  }
  /** Rows of the file as rows of the sorted table. */
  const placed = ({ count, rows }: ZoneReport['ambiguous']) => {
    if (!sorted || count === 0) return { count, rows }
    const noted = new Set(Array.from(rows))
    const places: number[] = []
    for (let row = 0; row < size; row++) if (noted.has(sorted[row]!)) places.push(row)
    return { count, rows: places }
  }
  const arranged = (column: Float64Array<ArrayBuffer>, turn: boolean) => {
    if (turn && reversed) column.reverse()
    return sorted ? Float64Array.from(sorted, (row) => column[row]!) : column
  }
  const take = (field: Parameters<Table['take']>[0]) => arranged(table.take(field), true)
  const bars = {
    time: arranged(time, false),
    open: take('open'),
    high: take('high'),
    low: take('low'),
    close: take('close'),
    volume: take('volume'),
  }
  // Interactive Brokers writes -1 for the volume of quotes, of which there is none.
  if (bars.volume.every((volume) => volume === -1)) bars.volume.fill(NaN)
  const canonical = (row: number): CanonicalBar => ({
    t: bars.time[row]! / 1000,
    open: bars.open[row]!,
    high: bars.high[row]!,
    low: bars.low[row]!,
    close: bars.close[row]!,
    volume: Number.isNaN(bars.volume[row]!) ? null : bars.volume[row]!,
  })
  const first = canonical(0)
  const last = canonical(size - 1)
  const { volume } = bars
  let missingVolumes = 0
  for (let row = 0; row < size; row++) if (Number.isNaN(volume[row]!)) missingVolumes++
  const missingRows = new Uint32Array(missingVolumes < size ? missingVolumes : 0)
  let missed = 0
  for (let row = 0; row < size && missingVolumes > 0; row++)
    if (Number.isNaN(volume[row]!)) {
      volume[row] = 0
      missingRows[missed++] = row
    }
  const trades = layout.rows.value === 'trades'
  const adjusted = layout.columns.value.some(({ role }) => role === 'adjustedClose')
    ? take('adjustedClose')
    : undefined
  return {
    symbol: legible(table.symbol),
    trades,
    bars,
    ...(adjusted ? { adjustedClose: adjusted } : {}),
    missingVolumes,
    missingRows,
    interval: trades ? null : intervalOf(bars.time),
    first,
    last,
    outOfOrder: { count: behind, rows: late },
    clockChanges: { ambiguous: placed(clockChanges.ambiguous), skipped: placed(clockChanges.skipped) },
  }
}

/** The distance that most bars are apart, in microseconds; 30 days for months, null where no two times differ. */
function intervalOf(time: Float64Array): number | null {
  const steps = new Map<number, number>()
  const add = (step: number, count: number) => {
    const known = steps.get(step)
    if (known !== undefined) steps.set(step, known + count)
    else if (steps.size < 10_000) steps.set(step, count)
  }
  // Runs of equal steps are counted before they are looked up.
  let run = 0
  let last = NaN
  for (let row = 1; row < time.length; row++) {
    const step = time[row]! - time[row - 1]!
    if (step === last) run++
    else {
      if (last > 0) add(last, run)
      last = step
      run = 1
    }
  }
  if (last > 0) add(last, run)
  return usualStep(steps)
}
