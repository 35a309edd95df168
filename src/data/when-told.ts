import type { InstrumentData } from './data-set.ts'

const HOUR = 3600e6
const DAY = 24 * HOUR

/** Bars that follow the calendar: the least and the greatest time from one to the next, and how long one may be. */
const calendarBars: readonly (readonly [least: number, most: number, longest: number])[] = [
  [DAY - HOUR, DAY + HOUR, DAY],
  [6 * DAY - HOUR, 7 * DAY + HOUR, 7 * DAY],
  [28 * DAY - HOUR, 31 * DAY + HOUR, 31 * DAY],
  [88 * DAY, 93 * DAY, 92 * DAY],
  [360 * DAY, 367 * DAY, 366 * DAY],
]

/** So few bars may be those of days with days between them missing. */
const few = 6

/** When the bars of an instrument come in a run. */
export interface Told {
  /** By row, microseconds UTC: the place of the bar in the run's course. The bars' own stamps where they come with these. */
  readonly time: Float64Array
  /** By row, when the bar opens, where an order may be sent while it is under way; undefined where none can. */
  readonly opens: Float64Array | undefined
}

/** When the bars of a run come. */
export interface WhenTold {
  readonly instruments: readonly Told[]
  /** What is told at a time was known so many microseconds after it, since bars are stamped with their opening. */
  readonly ahead: number
}

type Bars = Pick<InstrumentData, 'bars' | 'stamped'>

/**
 * When the bars of a run come, so that none is told before it has ended.
 *
 * Where all bars have one length and are stamped alike they come at their stamps. A bar that is stamped when it opens is
 * told then, whole, which is right as long as orders trade at the next open. Where lengths differ, a bar comes at its
 * stamp and as much later as it ends later after its stamp than the shortest do: a daily bar comes together with the last
 * hourly one of its day, and beside a market that goes on between bars at its end.
 *
 * Nothing says how long a bar is, so it is taken from the times between bars: that of more than half of them, or else the least. A
 * day, week, month, quarter or year follows the calendar, with the hour that a change of the clock adds. A bar ends where
 * the next one begins, or after that length. Of bars that come without a time of day the day is that of UTC. One bar alone is as
 * long as the longest of the others.
 *
 * @param instruments of all exchanges of the run that are made of bars
 * @param beside whether markets that go on between bars are in the run too
 */
export function whenTold(instruments: readonly Bars[], beside: boolean): WhenTold {
  const plain = {
    instruments: instruments.map(({ bars: { time } }) => ({ time, opens: undefined })),
    ahead: 0,
  }
  if (instruments.length === 0 || (instruments.length === 1 && !beside)) return plain
  const known = instruments.map(({ bars }) => lengthOf(bars.time))
  const longest = Math.max(0, ...known)
  const lengths = known.map((length) => length || longest)
  const shortest = beside ? 0 : Math.min(...lengths)
  // A date without a time of day names the day, whatever its source calls it.
  const isClose = instruments.map(
    ({ bars, stamped }, i) =>
      stamped === 'close' && !(lengths[i]! >= DAY && bars.time.every((stamp) => stamp % DAY === 0)),
  )
  const offsets = lengths.map((length, i) => (isClose[i] ? 0 : length))
  const ahead = beside ? 0 : Math.min(...offsets)
  if (offsets.every((offset) => offset === ahead) && lengths.every((length) => length === shortest))
    return plain
  return {
    instruments: instruments.map(({ bars: { time } }, i) => {
      const length = lengths[i]!
      const longer = length > shortest
      if (isClose[i]) return { time, opens: longer ? openings(time, length) : undefined }
      return {
        time: offsets[i]! > ahead ? places(time, length, ahead) : time,
        opens: longer ? time : undefined,
      }
    }),
    ahead,
  }
}

/** Microseconds that the bars with these stamps are long; 0 where nothing says so. */
function lengthOf(time: Float64Array): number {
  if (time.length < 2) return 0
  let least = Infinity
  // What more than half of them are, if anything, outlives being crossed off against the others.
  let common = 0
  let votes = 0
  for (let row = 1; row < time.length; row++) {
    const gap = time[row]! - time[row - 1]!
    if (gap < least) least = gap
    if (votes === 0) common = gap
    votes += gap === common ? 1 : -1
  }
  let count = 0
  for (let row = 1; row < time.length; row++) if (time[row]! - time[row - 1]! === common) count++
  const gap = 2 * count > time.length - 1 ? common : least
  if (time.length < few && gap > DAY && gap < 6 * DAY - HOUR && gap % DAY === 0) return DAY
  return calendarBars.find(([from, to]) => gap >= from && gap <= to)?.[2] ?? gap
}

/** Where bars that are stamped when they open come: at their ends, less what others are told ahead. */
function places(time: Float64Array, length: number, ahead: number): Float64Array {
  const grid = Math.min(length, DAY)
  // Stamps that follow a clock that changes: a bar may be an hour longer.
  const shifts = length > HOUR && time.some((stamp) => (stamp - time[0]!) % grid !== 0)
  const most = length > HOUR ? length + HOUR : length
  return time.map((stamp, row) => {
    const next = time[row + 1] ?? Infinity
    const end = next <= stamp + most ? next : stamp + (shifts ? most : length)
    return Math.max(stamp, end - ahead)
  })
}

/** When bars open that are stamped at their ends: not before the one before them has ended. */
function openings(time: Float64Array, length: number): Float64Array {
  return time.map((stamp, row) => Math.max(stamp - length, time[row - 1] ?? -Infinity))
}
