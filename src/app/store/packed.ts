import * as v from 'valibot'
import { calendars, isSessionHours, ownHours, type SessionHours } from '#data'
import { type InstrumentSpec, InstrumentType } from '#market'
import { fields, listOf, oneOf, readAs, type Schema, text, whole, within, yesOrNo } from '#session'
import { chunkRows, columnsOf, contentId, type ImportedSet, type NewInstrument } from './imported-set.ts'
import type { StoredTable } from './view.ts'

/** One instrument of packed prices: what is said of it, and how many rows of the columns are its. */
interface PackedInstrument {
  readonly spec: InstrumentSpec
  readonly calendar: string
  readonly hours?: SessionHours
  readonly trades?: { readonly volume: number; readonly money: number }
  readonly interval: number | null
  readonly stamped: 'open' | 'close'
  readonly missingVolumes: number
  readonly rows: number
  readonly adjusted: boolean
}

/** The bars of a data set as a text, as a file of ours may carry them. */
export interface PackedPrices {
  readonly summary: string
  readonly instruments: readonly PackedInstrument[]
  /**
   * Base64 of deflate-raw of the columns one after the other, instrument by instrument, in the order of `columnsOf`: of
   * each the lowest bytes of all its 64-bit floats, then the next. Bytes of one rank are alike, so they pack well.
   */
  readonly columns: string
}

/** Bytes of packed columns that a file carries. */
export const mostPacked = 2_000_000
/** Rows that it may unpack to, of all instruments. */
const mostRows = 1_000_000
const mostInstruments = 200

const name = text(60, { least: 1, pattern: /^[^\p{C}\p{Zl}\p{Zp}]+$/u, words: 'without control characters' })
const step = within(0, 1e12)
const specEntries = {
  name,
  type: v.optional(oneOf(Object.values(InstrumentType))),
  exchange: v.optional(name),
  currency: v.optional(name),
  tickSize: v.optional(step),
  lotSize: v.optional(within(1e-12, 1e12)),
  multiplier: v.optional(within(1e-12, 1e12)),
  timeZone: v.optional(v.custom<string>(isZone, 'the name of a time zone such as America/New_York')),
} satisfies { readonly [Name in keyof Required<InstrumentSpec>]: Schema<InstrumentSpec[Name]> }

function isZone(found: unknown): boolean {
  if (typeof found !== 'string' || found.length > 60) return false
  try {
    return new Intl.DateTimeFormat('en', { timeZone: found }).resolvedOptions().timeZone !== ''
  } catch {
    return false
  }
}

const isOwnHours = (found: unknown): found is SessionHours => isSessionHours(found) && isZone(found.zone)

/** Packed prices as they may come from anywhere. */
export const packedSchema: Schema<PackedPrices> = fields({
  summary: text(300),
  instruments: listOf(
    fields({
      spec: fields(specEntries),
      calendar: oneOf([...Object.values(calendars).map(({ id }) => id), ownHours]),
      hours: v.optional(v.custom<SessionHours>(isOwnHours, 'hours by weekday, and days that differ')),
      trades: v.optional(fields({ volume: within(0, 1e300), money: within(-1e300, 1e300) })),
      interval: v.nullable(within(1, 1e18)),
      stamped: oneOf(['open', 'close']),
      missingVolumes: whole(0, mostRows),
      rows: whole(1, mostRows),
      adjusted: yesOrNo,
    }),
    mostInstruments,
    1,
  ),
  columns: text(Math.ceil(mostPacked / 3) * 4, { pattern: /^[A-Za-z0-9+/]*={0,2}$/, words: 'in base64' }),
})

/** A data set packed; undefined where it, or what is said of its instruments, takes more than a file carries. */
export async function packed(
  { summary, instruments }: Pick<ImportedSet, 'summary' | 'instruments'>,
  tables: readonly StoredTable[],
): Promise<PackedPrices | undefined> {
  const rows = instruments.reduce((sum, { rows }) => sum + rows, 0)
  if (rows > mostRows || instruments.length > mostInstruments) return undefined
  const planes = tables.flatMap((table) => columnsOf(table).map(([, column]) => planesOf(column)))
  const stream = new Blob(planes).stream().pipeThrough(new CompressionStream('deflate-raw'))
  const bytes = new Uint8Array(await new Response(stream).arrayBuffer())
  if (bytes.length > mostPacked) return undefined
  const prices: PackedPrices = {
    summary: summary.slice(0, 300),
    instruments: instruments.map(
      ({
        spec,
        calendar,
        hours,
        trades,
        interval,
        stamped,
        missingVolumes,
        rows,
        adjusted,
      }): PackedInstrument => ({
        spec,
        calendar,
        ...(hours && { hours }),
        ...(trades && { trades: { volume: trades.volume, money: trades.money } }),
        interval,
        stamped,
        missingVolumes,
        rows,
        adjusted,
      }),
    ),
    columns: base64(bytes),
  }
  // Hours of many special days may be more than a reader takes.
  try {
    return readAs(packedSchema, prices, 'prices')
  } catch {
    return undefined
  }
}

/**
 * The instruments that were packed, with their bars.
 *
 * @param id what their content comes to
 * @throws RangeError where they are not whole, are no bars, or are others than those of the id
 */
export async function unpacked(prices: PackedPrices, id: string): Promise<readonly NewInstrument[]> {
  const rows = prices.instruments.reduce((sum, { rows }) => sum + rows, 0)
  if (rows > mostRows)
    throw new RangeError(
      `the prices have ${rows} rows; a file carries at most ${mostRows.toLocaleString('en')}`,
    )
  const sizes = prices.instruments.flatMap(({ rows, adjusted }) => Array<number>(adjusted ? 7 : 6).fill(rows))
  const bytes = await inflated(prices.columns, 8 * sizes.reduce((sum, rows) => sum + rows, 0))
  let at = 0
  const columns = sizes.map((rows) => columnOf(bytes.subarray(at, (at += 8 * rows)), rows))
  let next = 0
  const instruments = prices.instruments.map(({ rows: _, adjusted, ...known }): NewInstrument => {
    const [time, open, high, low, close, volume] = columns.slice(next, (next += 6)) as [
      Float64Array,
      Float64Array,
      Float64Array,
      Float64Array,
      Float64Array,
      Float64Array,
    ]
    const bars = { time, open, high, low, close, volume }
    requireBars(known.spec.name, bars)
    return { ...known, findings: [], table: adjusted ? { bars, adjustedClose: columns[next++]! } : { bars } }
  })
  if ((await contentId(instruments.map(({ table }) => table))) !== id)
    throw new RangeError('the prices in it are not those that it names: they were changed on their way')
  return instruments
}

function requireBars(name: string, { time, open, high, low, close, volume }: StoredTable['bars']): void {
  const fits = (column: Float64Array, most: number) => column.every((value) => Math.abs(value) <= most)
  if (
    !time.every(
      (moment, row) => Number.isInteger(moment) && Math.abs(moment) < 253e15 && !(moment < time[row - 1]!),
    )
  )
    throw new RangeError(`the bars of ${name} have times that are none, or that go backwards`)
  if (![open, high, low, close].every((column) => fits(column, 1e15)) || !fits(volume, 1e18))
    throw new RangeError(
      `the bars of ${name} have prices or volumes that are no numbers, or beyond any market`,
    )
}

function planesOf(column: Float64Array): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(column.buffer, column.byteOffset, column.byteLength)
  const planes = new Uint8Array(bytes.length)
  for (let rank = 0, to = 0; rank < 8; rank++)
    for (let from = rank; from < bytes.length; from += 8) planes[to++] = bytes[from]!
  return planes
}

function columnOf(planes: Uint8Array, rows: number): Float64Array<ArrayBuffer> {
  const column = new Float64Array(rows)
  const bytes = new Uint8Array(column.buffer)
  for (let rank = 0, from = 0; rank < 8; rank++)
    for (let to = rank; to < bytes.length; to += 8) bytes[to] = planes[from++]!
  return column
}

/** Just so many bytes; what would unpack to more is given up as soon as it does. */
async function inflated(columns: string, length: number): Promise<Uint8Array> {
  const broken = () =>
    new RangeError('the prices in it are not whole: they were cut off or changed on their way')
  let packed: Uint8Array<ArrayBuffer>
  try {
    packed = Uint8Array.from(atob(columns), (letter) => letter.charCodeAt(0))
  } catch {
    throw broken()
  }
  const bytes = new Uint8Array(length)
  let filled = 0
  let at = 0
  // In small pieces, since one piece may unpack to a thousand times its size before there is a chance to stop.
  const pieces = new ReadableStream<Uint8Array<ArrayBuffer>>({
    pull(controller) {
      if (at >= packed.length) return controller.close()
      controller.enqueue(packed.subarray(at, (at += chunkRows)))
    },
  })
  const unpacking = new DecompressionStream('deflate-raw') as TransformStream<Uint8Array, Uint8Array>
  const reader = pieces.pipeThrough(unpacking).getReader()
  try {
    for (let part = await reader.read(); !part.done; part = await reader.read()) {
      if (filled + part.value.length > length) throw broken()
      bytes.set(part.value, filled)
      filled += part.value.length
    }
  } catch {
    void reader.cancel().catch(() => {})
    throw broken()
  }
  if (filled !== length) throw broken()
  return bytes
}

function base64(bytes: Uint8Array): string {
  let binary = ''
  for (let at = 0; at < bytes.length; at += 8192)
    binary += String.fromCharCode(...bytes.subarray(at, at + 8192))
  return btoa(binary)
}
