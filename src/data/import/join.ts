import type { BarColumns } from '#market'
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
      const key = `${instrument.interval} ${instrument.symbol}`
      const group = groups.get(key)
      const one = { ...instrument, layout, files: [file] }
      if (group) group.push(one)
      else groups.set(key, [one])
    }
  }
  return [...groups.values()].map(joinTables)
}

function joinTables(parts: readonly JoinedInstrument[]): JoinedInstrument {
  const [only] = parts
  if (parts.length === 1) return only!
  // By their first bars, so that parts that follow one another need no sorting.
  const ordered = [...parts].sort((a, b) => a.bars.time[0]! - b.bars.time[0]!)
  const first = ordered[0]!
  const last = ordered.reduce((a, b) => (b.last.t >= a.last.t ? b : a))
  const time = strung(ordered.map(({ bars }) => bars.time))
  let sorted = true
  for (let row = 1; row < time.length && sorted; row++) sorted = time[row]! >= time[row - 1]!
  const order = sorted
    ? undefined
    : Uint32Array.from(time, (_, row) => row).sort((a, b) => time[a]! - time[b]! || a - b)
  const join = (pick: (part: JoinedInstrument) => Float64Array) => {
    const column = strung(ordered.map(pick))
    return order ? Float64Array.from(order, (row) => column[row]!) : column
  }
  const bars: BarColumns = {
    time: join(({ bars }) => bars.time),
    open: join(({ bars }) => bars.open),
    high: join(({ bars }) => bars.high),
    low: join(({ bars }) => bars.low),
    close: join(({ bars }) => bars.close),
    volume: join(({ bars }) => bars.volume),
  }
  const none = ({ bars }: JoinedInstrument) => new Float64Array(bars.time.length).fill(NaN)
  const sum = (count: (part: JoinedInstrument) => number) =>
    ordered.reduce((total, part) => total + count(part), 0)
  // Rows of one part are other rows of the whole; their numbers are no longer told.
  return {
    ...first,
    bars,
    ...(ordered.some(({ adjustedClose }) => adjustedClose)
      ? { adjustedClose: join((part) => part.adjustedClose ?? none(part)) }
      : {}),
    missingVolumes: sum(({ missingVolumes }) => missingVolumes),
    first: first.first,
    last: last.last,
    outOfOrder: { count: sum(({ outOfOrder }) => outOfOrder.count), rows: [] },
    clockChanges: {
      ambiguous: { count: sum(({ clockChanges }) => clockChanges.ambiguous.count), rows: [] },
      skipped: { count: sum(({ clockChanges }) => clockChanges.skipped.count), rows: [] },
    },
    files: parts.flatMap(({ files }) => files),
  }
}

function strung(parts: readonly Float64Array[]): Float64Array {
  const all = new Float64Array(parts.reduce((sum, { length }) => sum + length, 0))
  let at = 0
  for (const part of parts) {
    all.set(part, at)
    at += part.length
  }
  return all
}
