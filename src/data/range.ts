import type { BarColumns } from '#market'
import type { DataSet } from './data-set.ts'

/** A stretch of time, microseconds UTC, both ends included. */
export interface TimeRange {
  readonly from: number
  readonly to: number
}

/** The bars from one time to another, both included. */
export function between(bars: BarColumns, from: number, to: number): BarColumns {
  const [start, end] = rowsBetween(bars.time, from, to)
  return {
    time: bars.time.slice(start, end),
    open: bars.open.slice(start, end),
    high: bars.high.slice(start, end),
    low: bars.low.slice(start, end),
    close: bars.close.slice(start, end),
    volume: bars.volume.slice(start, end),
  }
}

/**
 * The data set with only the bars of a stretch of time. What it has beside prices is cut alike.
 *
 * @throws RangeError where the run makes the bars, or where none lies in the stretch
 */
export function cutTo(data: DataSet, { from, to }: TimeRange): DataSet {
  if (data.synthetic || data.recorded)
    throw new RangeError(`${data.name} makes its bars while it runs; a range cuts only bars that are there`)
  const instruments = data.instruments.map((instrument) => {
    const [start, end] = rowsBetween(instrument.bars.time, from, to)
    const { columns } = instrument
    return {
      ...instrument,
      bars: between(instrument.bars, from, to),
      ...(columns && {
        columns: Object.fromEntries(
          Object.entries(columns).map(([name, column]) => [name, column.slice(start, end)]),
        ),
      }),
    }
  })
  if (instruments.every(({ bars }) => bars.time.length === 0))
    throw new RangeError(`${data.name} has no bars between the two ends of the range`)
  return { ...data, instruments }
}

function rowsBetween(time: Float64Array, from: number, to: number): readonly [start: number, end: number] {
  let start = 0
  let end = time.length
  while (start < end && time[start]! < from) start++
  while (end > start && time[end - 1]! > to) end--
  return [start, end]
}
