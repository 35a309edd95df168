import {
  type Calendar,
  calendars,
  type Finding,
  loadImporter,
  mapTable,
  type Overrides,
  type SessionHours,
} from '#data'
import type { InstrumentSpec } from '#market'
import type { Recording } from '../recorded/recorded-set.ts'
import { importedPrefix, type StoredTable, type View } from './view.ts'

/** A file that a data set was read from. */
export interface Source {
  readonly name: string
  readonly bytes: number
  /** What wrote it, as far as its columns tell. */
  readonly format: string
  /** What it was read by: label, finding and reason, of guesses and of answers alike. */
  readonly readAs: readonly { readonly label: string; readonly value: string; readonly reason: string }[]
  /** What was said of how to read it; absent of those that were read before answers were kept. */
  readonly answers?: Overrides
}

/** What is kept of a row that gave no bar. */
export interface LeftOut {
  readonly file: string
  readonly line: number
  readonly reason: string
  readonly text: string
}

/** A finding as it is kept: what the bars do not tell again, such as how they stood in the file, with its places. */
export type KeptFinding = Pick<Finding, 'check' | 'count' | 'text'> & Partial<Finding>

/** One instrument of a data set: everything but its bars. */
export interface SetInstrument {
  readonly spec: InstrumentSpec
  /** Id of the calendar that its sessions keep to; `own` where `hours` has it. */
  readonly calendar: string
  /** Hours and holidays that somebody wrote down. */
  readonly hours?: SessionHours
  /** What its rows come to where they are single trades, of which a view makes bars. */
  readonly trades?: { readonly volume: number; readonly money: number }
  /** Microseconds from bar to bar; null for fewer than two bars. */
  readonly interval: number | null
  /** Whether a bar carries the time of its opening or of its close. */
  readonly stamped: 'open' | 'close'
  readonly rows: number
  /** Times of the first and the last bar, microseconds UTC. */
  readonly from: number
  readonly to: number
  /** Time of the first bar of each chunk: the index by which a range of time is read without the rest. */
  readonly starts: readonly number[]
  /** Whether there are adjusted closes beside the bars. */
  readonly adjusted: boolean
  /** Bars without volume in the source. */
  readonly missingVolumes: number
  /** What was found odd before any repair. */
  readonly findings: readonly KeptFinding[]
}

/** A data set of the library: everything but its bars. */
export interface ImportedSet {
  /** `imported:` and 64 hexadecimal digits of its content. */
  readonly id: string
  readonly name: string
  readonly tags: readonly string[]
  readonly instruments: readonly SetInstrument[]
  /** Of all instruments. */
  readonly rows: number
  /** Microseconds UTC. */
  readonly from: number
  readonly to: number
  /** Of its columns. */
  readonly bytes: number
  readonly sources: readonly Source[]
  /** One sentence on what it is. */
  readonly summary: string
  /** How it is run unless something else is asked for. */
  readonly view: View
  readonly leftOut: { readonly count: number; readonly rows: readonly LeftOut[] }
  /** Whether it is only held by this page, since the browser keeps nothing more for it. */
  readonly visit?: boolean
  /** When it was imported, and when it was last run on; milliseconds since 1970 UTC. */
  readonly created: number
  readonly used: number
  /** Where it is recorded orders: then it has no instruments with bars, and `rows` are messages. */
  readonly recording?: Recording
}

/** The calendar of an instrument; undefined for one of a name that is not known. */
export async function calendarOf({
  calendar,
  hours,
}: Pick<SetInstrument, 'calendar' | 'hours'>): Promise<Calendar | undefined> {
  if (hours) return (await loadImporter()).calendarFrom(hours)
  return Object.values(calendars).find(({ id }) => id === calendar)
}

/** Whether a finding is about the file and cannot be made again from the bars. */
export function ofTheFile(
  check: KeptFinding['check'],
  one: Pick<SetInstrument, 'missingVolumes' | 'rows'>,
): boolean {
  const partly = one.missingVolumes > 0 && one.missingVolumes < one.rows
  return fileChecks.includes(check) || (check === 'zeroVolume' && partly)
}
const fileChecks: readonly KeptFinding['check'][] = [
  'outOfOrder',
  'ambiguousTimes',
  'skippedTimes',
  'missingVolume',
]

/** Findings as they are kept: whole only where the bars do not tell them again. */
export function keptFindings(
  findings: readonly Finding[],
  one: Pick<SetInstrument, 'missingVolumes' | 'rows'>,
): readonly KeptFinding[] {
  return findings.map((finding) => {
    const { check, count, text } = finding
    return ofTheFile(check, one) ? finding : { check, count, text }
  })
}

/** An instrument that is about to be stored. */
export interface NewInstrument extends Omit<SetInstrument, 'rows' | 'from' | 'to' | 'starts' | 'adjusted'> {
  readonly table: StoredTable
}

/** A data set that is about to be stored. */
export interface NewSet extends Pick<
  ImportedSet,
  'name' | 'tags' | 'sources' | 'summary' | 'view' | 'leftOut'
> {
  readonly instruments: readonly NewInstrument[]
}

/** Rows of a chunk. */
export const chunkRows = 65_536
/** Rows that gave no bar and are kept with a data set; all are counted. */
export const keptLeftOut = 1000

/** Columns of a table by their names, the adjusted closes last and only where there are some. */
export function columnsOf({
  bars,
  adjustedClose,
}: StoredTable): readonly (readonly [string, Float64Array])[] {
  const { time, open, high, low, close, volume } = bars
  const all: (readonly [string, Float64Array])[] = [
    ['time', time],
    ['open', open],
    ['high', high],
    ['low', low],
    ['close', close],
    ['volume', volume],
  ]
  return adjustedClose ? [...all, ['adjustedClose', adjustedClose]] : all
}

/**
 * The id of a data set's content: SHA-256 over the digests of its columns, taken in chunks, instrument after instrument.
 * Numbers are hashed as the little-endian bytes they are kept in. No name counts, neither of a file nor of an
 * instrument, so the same prices are recognised wherever they come from.
 */
export async function contentId(tables: readonly StoredTable[]): Promise<string> {
  const lines = ['bars']
  for (const table of tables) {
    lines.push(String(table.bars.time.length))
    for (const [name, column] of columnsOf(table)) {
      const digests: string[] = []
      for (let row = 0; row < column.length; row += chunkRows)
        digests.push(await sha256(column.slice(row, row + chunkRows)))
      lines.push(`${name} ${digests.join(' ')}`)
    }
  }
  return importedPrefix + (await sha256(new TextEncoder().encode(lines.join('\n'))))
}

/** The digest of a column's bytes in 64 hexadecimal digits. */
export async function sha256(part: Float64Array<ArrayBuffer> | Uint8Array<ArrayBuffer>): Promise<string> {
  const bytes = new Uint8Array(part.buffer, part.byteOffset, part.byteLength)
  const hex = (digest: Uint8Array) =>
    Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('')
  // The browser's own is ten times as fast, and missing where the page was not served over HTTPS.
  const native = (globalThis as { crypto?: { subtle?: SubtleCrypto } }).crypto?.subtle
  if (native) return hex(new Uint8Array(await native.digest('SHA-256', bytes)))
  const { sha256: ours } = await import('@noble/hashes/sha2.js')
  return hex(ours(bytes))
}

/** Everything of a new data set but its bars. */
export async function entryOf(set: NewSet): Promise<ImportedSet> {
  const instruments = set.instruments.map(factsOf)
  const columns = (one: SetInstrument) => (one.adjusted ? 7 : 6)
  const least = (a: number, b: number) => (b < a ? b : a)
  const now = Date.now()
  return {
    id: await contentId(set.instruments.map(({ table }) => table)),
    name: set.name,
    tags: set.tags,
    instruments,
    rows: instruments.reduce((sum, { rows }) => sum + rows, 0),
    from: instruments.map(({ from }) => from).reduce(least, Infinity),
    to: -instruments.map(({ to }) => -to).reduce(least, Infinity),
    bytes: instruments.reduce((sum, one) => sum + one.rows * columns(one) * 8, 0),
    sources: set.sources,
    summary: set.summary,
    view: set.view,
    leftOut: { count: set.leftOut.count, rows: set.leftOut.rows.slice(0, keptLeftOut) },
    created: now,
    used: now,
  }
}

/** What of a table there is to tell without its bars. */
export function factsOf({ table, ...known }: NewInstrument): SetInstrument {
  const { time } = table.bars
  const rows = time.length
  return {
    ...known,
    rows,
    from: rows > 0 ? time[0]! : NaN,
    to: rows > 0 ? time[rows - 1]! : NaN,
    starts: Array.from({ length: Math.ceil(rows / chunkRows) }, (_, chunk) => time[chunk * chunkRows]!),
    adjusted: table.adjustedClose !== undefined,
  }
}

/** The parts of a table's columns that make a chunk, copied out of them. */
export function chunkOf(table: StoredTable, chunk: number): StoredTable {
  const part = (column: Float64Array) => column.slice(chunk * chunkRows, (chunk + 1) * chunkRows)
  return mapTable(table, part)
}
