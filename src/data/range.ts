import type { BarColumns } from '#market'
import { inRange, type TimeRange } from './address.ts'
import type { DataSet } from './data-set.ts'
import { joined } from './joint.ts'

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
    ...(bars.real && { real: bars.real.slice(start, end) }),
  }
}

/**
 * The data set with only the bars of a stretch of time. What it has beside prices is cut alike.
 *
 * @throws RangeError where the run makes the bars, or where none lies in the stretch
 */
export function cutTo(data: DataSet, range: TimeRange): DataSet {
  if (data.synthetic || data.recorded)
    throw new RangeError(`${data.name} makes its bars while it runs; a range cuts only bars that are there`)
  const cut = data.exchanges
    ? joined(
        data.id,
        data.exchanges.map((set) => ({ ...set, ...instrumentsWithin(set, range) })),
      )
    : { ...data, ...instrumentsWithin(data, range) }
  const times = cut.instruments.flatMap(({ bars: { time } }) =>
    time.length > 0 ? [time[0]!, time[time.length - 1]!] : [],
  )
  const day = (time: number) => new Date(time / 1000).toISOString().slice(0, 10)
  const stretch = `${day(Math.min(...times))} to ${day(Math.max(...times))}`
  return {
    ...cut,
    id: inRange(data.id, range),
    name: `${data.name}, ${stretch}`,
    provenance: `${data.provenance} Cut to ${stretch}.`,
  }
}

function instrumentsWithin(data: DataSet, { from, to }: TimeRange): Pick<DataSet, 'instruments'> {
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
  return { instruments }
}

function rowsBetween(time: Float64Array, from: number, to: number): readonly [start: number, end: number] {
  let start = 0
  let end = time.length
  while (start < end && time[start]! < from) start++
  while (end > start && time[end - 1]! > to) end--
  return [start, end]
}
