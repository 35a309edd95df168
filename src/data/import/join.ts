import { joinTables, mapTable } from '../price-table.ts'
import type { ImportedInstrument, ImportResult } from './import.ts'
import type { Layout } from './layout.ts'

/** An instrument out of one file or, where several hold parts of it, out of all of them. */
export interface JoinedInstrument extends ImportedInstrument {
  /** What its first file was read by. */
  readonly layout: Layout
  /** Which of the files it comes from, by their number. */
  readonly files: readonly number[]
}

/**
 * The instruments of several files. Files that hold bars of one length of one instrument, such as one file for each month, make one table: sorted by
 * time, bars of one time in the order of the files. Files that could not be read are passed over.
 */
export function joinFiles(results: readonly (ImportResult | undefined)[]): readonly JoinedInstrument[] {
  const groups = new Map<string, JoinedInstrument[]>()
  for (const [file, result] of results.entries()) {
    const layout = result?.layout
    if (!result || !layout) continue
    for (const instrument of result.instruments) {
      const key = `${instrument.trades ? 'trades' : instrument.interval} ${instrument.symbol}`
      const group = groups.get(key)
      const one = { ...instrument, layout, files: [file] }
      if (group) group.push(one)
      else groups.set(key, [one])
    }
  }
  return [...groups.values()].map(joinInstruments)
}

function joinInstruments(parts: readonly JoinedInstrument[]): JoinedInstrument {
  const [only] = parts
  if (parts.length === 1) return only!
  // By their first bars, so that parts that follow one another need no sorting.
  const ordered = [...parts].sort((a, b) => a.bars.time[0]! - b.bars.time[0]!)
  const first = ordered[0]!
  const last = ordered.reduce((a, b) => (b.last.t >= a.last.t ? b : a))
  const table = joinTables(ordered)
  const { time } = table.bars
  let sorted = true
  for (let row = 1; row < time.length && sorted; row++) sorted = time[row]! >= time[row - 1]!
  const order = sorted
    ? undefined
    : Uint32Array.from(time, (_, row) => row).sort((a, b) => time[a]! - time[b]! || a - b)
  const sum = (count: (part: JoinedInstrument) => number) =>
    ordered.reduce((total, part) => total + count(part), 0)
  // Rows of one part are other rows of the whole.
  let places: Uint32Array | undefined
  if (order) {
    places = new Uint32Array(time.length)
    for (let row = 0; row < order.length; row++) places[order[row]!] = row
  }
  const rowsOf = (pick: (part: JoinedInstrument) => ArrayLike<number>) => {
    const rows: number[] = []
    let before = 0
    for (const part of ordered) {
      for (const row of Array.from(pick(part))) rows.push(places ? places[before + row]! : before + row)
      before += part.bars.time.length
    }
    return places ? rows.sort((a, b) => a - b) : rows
  }
  const missingVolumes = sum((part) => part.missingVolumes)
  const every = ({ bars }: JoinedInstrument) => Array.from(bars.time, (_, row) => row)
  return {
    ...first,
    ...(order ? mapTable(table, (column) => Float64Array.from(order, (row) => column[row]!)) : table),
    missingVolumes,
    missingRows: Uint32Array.from(
      missingVolumes < time.length
        ? rowsOf((part) => (part.missingVolumes === part.bars.time.length ? every(part) : part.missingRows))
        : [],
    ),
    first: first.first,
    last: last.last,
    outOfOrder: {
      count: sum(({ outOfOrder }) => outOfOrder.count),
      rows: Uint32Array.from(rowsOf(({ outOfOrder }) => outOfOrder.rows)),
    },
    clockChanges: {
      ambiguous: {
        count: sum(({ clockChanges }) => clockChanges.ambiguous.count),
        rows: rowsOf(({ clockChanges }) => clockChanges.ambiguous.rows),
      },
      skipped: {
        count: sum(({ clockChanges }) => clockChanges.skipped.count),
        rows: rowsOf(({ clockChanges }) => clockChanges.skipped.rows),
      },
    },
    files: parts.flatMap(({ files }) => files),
  }
}
