import type { BarColumns } from '#market'
import type { ImportedInstrument } from './import/import.ts'
import { mapTable, type PriceTable } from './price-table.ts'

/** Columns that a repair works on. Its result is a new table; the one it was given stays as it is. */
export type Repairable = PriceTable

/** What was done to a table: kept with the data set, so that everybody can see it and the step can be taken back. */
export interface RepairRecord {
  readonly repair: string
  /** Rows that it removed, changed or added. */
  readonly count: number
  /** In words, such as `3 later bars of a time that was there already were left out`. */
  readonly text: string
  /** Times of the first twenty of those rows, in milliseconds since 1970 UTC. */
  readonly times: readonly number[]
}

/** A new table and what was done. */
export interface Repaired extends Repairable {
  readonly record: RepairRecord
  /** Rows of the table before that are in the new one; all where it is left out. */
  readonly kept?: Uint32Array
}

/** An instrument with a repaired table: what is noted of its rows moves with them. */
export function withRepair<Instrument extends ImportedInstrument>(
  instrument: Instrument,
  { bars, adjustedClose, kept }: Repaired,
): Instrument {
  const table = { ...instrument, bars, ...(adjustedClose ? { adjustedClose } : {}) }
  if (!kept) return table
  const places = new Map<number, number>()
  kept.forEach((row, place) => places.set(row, place))
  const moved = (rows: ArrayLike<number>) =>
    Uint32Array.from(Array.from(rows).flatMap((row) => places.get(row) ?? []))
  const noted = ({ rows }: { readonly rows: ArrayLike<number> }) => {
    const left = moved(rows)
    return { count: left.length, rows: left }
  }
  const { ambiguous, skipped } = instrument.clockChanges
  const missingRows = moved(instrument.missingRows)
  const none = instrument.missingVolumes === instrument.bars.time.length
  return {
    ...table,
    missingVolumes: none ? bars.time.length : missingRows.length,
    missingRows,
    outOfOrder: noted(instrument.outOfOrder),
    clockChanges: { ambiguous: noted(ambiguous), skipped: noted(skipped) },
  }
}

const shown = 20

function without(
  table: Repairable,
  drop: (row: number) => boolean,
  repair: string,
  text: (count: number) => string,
): Repaired {
  const { bars } = table
  const kept: number[] = []
  const times: number[] = []
  for (let row = 0; row < bars.time.length; row++) {
    if (!drop(row)) kept.push(row)
    else if (times.length < shown) times.push(bars.time[row]! / 1000)
  }
  const count = bars.time.length - kept.length
  const pick = (column: Float64Array) => Float64Array.from(kept, (row) => column[row]!)
  return {
    ...mapTable(table, pick),
    ...(count > 0 ? { kept: Uint32Array.from(kept) } : {}),
    record: { repair, count, text: text(count), times },
  }
}

const were = (count: number) => (count === 1 ? 'bar was' : 'bars were')

/** Of bars with the same time, keeps the first that the file has. */
export const keepFirst = (table: Repairable): Repaired =>
  without(
    table,
    (row) => row > 0 && table.bars.time[row] === table.bars.time[row - 1],
    'keep-first',
    (count) => `${count} later ${were(count)} left out whose time was there already`,
  )

/** Of bars with the same time, keeps the last that the file has. */
export const keepLast = (table: Repairable): Repaired =>
  without(
    table,
    (row) => row + 1 < table.bars.time.length && table.bars.time[row] === table.bars.time[row + 1],
    'keep-last',
    (count) => `${count} earlier ${were(count)} left out whose time comes again`,
  )

/**
 * Leaves out bars that cannot be: a price of zero or below, a high below the low, an open or close outside both, a volume
 * below zero.
 */
export function dropImpossible(table: Repairable): Repaired {
  const { open, high, low, close, volume } = table.bars
  const impossible = (row: number) => {
    const [o, h, l, c] = [open[row]!, high[row]!, low[row]!, close[row]!]
    const slack = Math.abs(h) * 1e-6
    return (
      volume[row]! < 0 ||
      !(o > 0 && h > 0 && l > 0 && c > 0) ||
      h < l ||
      Math.max(o, c) > h + slack ||
      Math.min(o, c) < l - slack
    )
  }
  return without(
    table,
    impossible,
    'drop-impossible',
    (count) => `${count} ${were(count)} left out whose prices or volume cannot be`,
  )
}

/** Raises highs and lowers lows so that they enclose open and close, and exchanges a high and a low that are the wrong way round. */
export function widenRange(table: Repairable): Repaired {
  const { open, high, low, close, time } = table.bars
  const times: number[] = []
  let count = 0
  const higher = high.slice()
  const lower = low.slice()
  for (let row = 0; row < high.length; row++) {
    const top = Math.max(open[row]!, high[row]!, low[row]!, close[row]!)
    const bottom = Math.min(open[row]!, high[row]!, low[row]!, close[row]!)
    if (top === high[row] && bottom === low[row]) continue
    higher[row] = top
    lower[row] = bottom
    count++
    if (times.length < shown) times.push(time[row]! / 1000)
  }
  return {
    ...table,
    bars: { ...table.bars, high: higher, low: lower },
    record: {
      repair: 'widen-range',
      count,
      text: `high and low of ${count} ${count === 1 ? 'bar' : 'bars'} were set to the highest and lowest of its four prices`,
      times,
    },
  }
}

/**
 * Prices as holders of the adjusted close earned them: open, high, low and close times adjusted close over close, the
 * volume divided by it. Meant for a view; rows without an adjusted close stay as they are.
 */
export function adjusted({ bars, adjustedClose }: Repairable): BarColumns {
  if (!adjustedClose) return bars
  const factor = (row: number) => {
    const ratio = adjustedClose[row]! / bars.close[row]!
    return ratio > 0 && ratio < Infinity ? ratio : 1
  }
  const scaled = (column: Float64Array) => column.map((value, row) => value * factor(row))
  return {
    time: bars.time,
    open: scaled(bars.open),
    high: scaled(bars.high),
    low: scaled(bars.low),
    close: bars.close.map((value, row) => (factor(row) === 1 ? value : adjustedClose[row]!)),
    volume: bars.volume.map((value, row) => value / factor(row)),
  }
}

/** Repairs that need nothing but the table, by the names that the command line takes. */
export const repairs: Readonly<
  Record<string, { readonly text: string; readonly apply: (table: Repairable) => Repaired }>
> = {
  'keep-first': { text: 'of bars with the same time, keep the first', apply: keepFirst },
  'keep-last': { text: 'of bars with the same time, keep the last', apply: keepLast },
  'drop-impossible': { text: 'leave out bars whose prices or volume cannot be', apply: dropImpossible },
  'widen-range': { text: 'set high and low so that they enclose open and close', apply: widenRange },
}
