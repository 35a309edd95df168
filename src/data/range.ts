import type { BarColumns } from '#market'
import type { DataSet } from './data-set.ts'

/** A stretch of time, microseconds UTC, both ends included. */
export interface TimeRange {
  readonly from: number
  readonly to: number
}

/** The id of a data set cut to a stretch of time, such as `aapl+from-1388534400000000+to-1483228799999999`. */
export function inRange(id: string, { from, to }: TimeRange): string {
  const words = [...(from > -Infinity ? [`from-${from}`] : []), ...(to < Infinity ? [`to-${to}`] : [])]
  return [readRange(id).id, ...words].join('+')
}

/** The id of a data set without the stretch that it is cut to, and the stretch; undefined where it is whole. */
export function readRange(id: string): { readonly id: string; readonly range?: TimeRange } {
  let from = -Infinity
  let to = Infinity
  const whole = id.replace(/\+(from|to)-(-?\d{1,16})(?![^+])/g, (_, end: string, time: string) => {
    if (end === 'from') from = Number(time)
    else to = Number(time)
    return ''
  })
  return whole === id ? { id } : { id: whole, range: { from, to } }
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
    ...(bars.real && { real: bars.real.slice(start, end) }),
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
  const times = instruments.flatMap(({ bars: { time } }) =>
    time.length > 0 ? [time[0]!, time[time.length - 1]!] : [],
  )
  const day = (time: number) => new Date(time / 1000).toISOString().slice(0, 10)
  const stretch = `${day(Math.min(...times))} to ${day(Math.max(...times))}`
  return {
    ...data,
    name: `${data.name}, ${stretch}`,
    provenance: `${data.provenance} Cut to ${stretch}.`,
    instruments,
  }
}

function rowsBetween(time: Float64Array, from: number, to: number): readonly [start: number, end: number] {
  let start = 0
  let end = time.length
  while (start < end && time[start]! < from) start++
  while (end > start && time[end - 1]! > to) end--
  return [start, end]
}
