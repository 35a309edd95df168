import { type DataSet, whenTold } from '#data'
import { writing } from '../writing.svelte.ts'
import { Zone } from './zone.ts'

const DAY = 86_400_000

/**
 * The horizontal axis: one row for every distinct time at which a run on the data set is told of bars, whichever instrument
 * they belong to. Account values have these times; a bar of the shown instrument has a row of its own among them.
 */
export class Axis {
  /** Microseconds UTC, rising. */
  readonly time: Float64Array
  /** Row on the axis of each bar of the shown instrument. */
  readonly rowOfBar: Int32Array
  /** Bar of the shown instrument at each row, -1 where it has none. */
  readonly barOfRow: Int32Array
  /** Whether every bar stands for a day, so that a date says all. */
  readonly daily: boolean
  readonly #zone: Zone
  readonly #seconds: boolean
  readonly #style: Intl.DateTimeFormat | undefined

  constructor(data: DataSet, instrument: number, zoneName: string) {
    const told = whenTold(data.instruments, false).instruments
    this.time = union(told.map(({ time }) => time))
    const own = told[instrument]?.time ?? new Float64Array(0)
    this.rowOfBar = new Int32Array(own.length)
    this.barOfRow = new Int32Array(this.time.length).fill(-1)
    for (let row = 0, bar = 0; bar < own.length; row++)
      if (this.time[row] === own[bar]) {
        this.rowOfBar[bar] = row
        this.barOfRow[row] = bar++
      }
    const zone = new Zone(zoneName)
    const isMidnight = (of: Zone) => this.time.every((time) => of.local(time / 1000) % DAY === 0)
    const utc = new Zone('UTC')
    const utcDays = isMidnight(utc)
    this.daily = utcDays || (this.time.length < 50_000 && isMidnight(zone))
    this.#zone = utcDays ? utc : zone
    this.#seconds = !wholeMinutes(this.time)
    // Read here also where ISO dates need no locale: another choice makes another axis, and so everything is drawn anew.
    const { dates, locale } = writing
    if (dates === 'locale')
      this.#style = new Intl.DateTimeFormat(locale, {
        timeZone: 'UTC',
        dateStyle: 'short',
        ...(!this.daily && { timeStyle: this.#seconds ? 'medium' : 'short' }),
      })
  }

  get length(): number {
    return this.time.length
  }
  /** The zone that labels are told in; dates of daily bars need none. */
  get zone(): string {
    return this.#zone.name
  }

  /** Milliseconds of the wall clock in the zone at a row. */
  local(row: number): number {
    return this.#zone.local(this.time[row]! / 1000)
  }

  /** `2018-03-22`, with the time of day where bars are shorter than a day. */
  label(row: number): string {
    return row >= 0 && row < this.time.length ? this.labelOf(this.time[row]!) : ''
  }

  /** As {@link label}, of any time in microseconds. */
  labelOf(time: number): string {
    const local = new Date(this.#zone.local(time / 1000))
    if (this.#style) return this.#style.format(local)
    const text = local.toISOString()
    return this.daily ? text.slice(0, 10) : `${text.slice(0, 10)} ${text.slice(11, this.#seconds ? 19 : 16)}`
  }

  /** The row at or before a time, -1 before the first. */
  rowAt(time: number): number {
    let low = 0
    let high = this.time.length
    while (low < high) {
      const middle = (low + high) >> 1
      if (this.time[middle]! <= time) low = middle + 1
      else high = middle
    }
    return low - 1
  }
}

function wholeMinutes(times: Float64Array): boolean {
  for (let i = 0; i < times.length; i++) {
    // Ten times as fast as a remainder of numbers of this size.
    const minutes = times[i]! / 60e6
    if (Math.floor(minutes) !== minutes) return false
  }
  return true
}

function union(columns: readonly Float64Array[]): Float64Array {
  if (columns.length === 1) return columns[0]!
  const merged = new Float64Array(columns.reduce((sum, column) => sum + column.length, 0))
  let end = 0
  for (const column of columns) {
    merged.set(column, end)
    end += column.length
  }
  merged.sort()
  let kept = 0
  for (let i = 0; i < end; i++) if (i === 0 || merged[i] !== merged[i - 1]) merged[kept++] = merged[i]!
  return merged.slice(0, kept)
}
