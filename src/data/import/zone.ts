import { Temporal } from 'temporal-polyfill'
import { readOffset } from './times.ts'

/** What the change of clocks did to times that were told in a zone. */
export interface ZoneReport {
  /** Rows whose local time happened twice, when clocks went back. */
  readonly ambiguous: { readonly count: number; readonly rows: ArrayLike<number> }
  /** Rows whose local time never was, when clocks went forward. */
  readonly skipped: { readonly count: number; readonly rows: ArrayLike<number> }
}

/** Whether a zone is known: an IANA name, or an offset such as `+01:00`. */
export function isZone(zone: string): boolean {
  if (/^[+-]/.test(zone)) return !Number.isNaN(readOffset(zone))
  try {
    Temporal.Instant.fromEpochMilliseconds(0).toZonedDateTimeISO(zone)
    return true
  } catch {
    return false
  }
}

/** Offsets of a zone from UTC, and the moments at which they change, over a stretch of time. All in microseconds. */
export class Offsets {
  /** Instants from which each offset holds; the first is before all. */
  readonly from: number[] = [-Infinity]
  readonly offset: number[] = []

  constructor(zone: string, first: number, last: number) {
    if (/^[+-]/.test(zone)) {
      this.offset.push(readOffset(zone) * 60e6)
      return
    }
    let at = Temporal.Instant.fromEpochMilliseconds(
      Math.floor(first / 1000) - 2 * 86_400_000,
    ).toZonedDateTimeISO(zone)
    this.offset.push(at.offsetNanoseconds / 1000)
    const end = last / 1000 + 2 * 86_400_000
    for (;;) {
      const next = at.getTimeZoneTransition('next')
      if (!next || next.epochMilliseconds > end) return
      this.from.push(next.epochMilliseconds * 1000)
      this.offset.push(next.offsetNanoseconds / 1000)
      at = next
    }
  }

  /** Offset that holds at an instant. */
  at(utc: number): number {
    let period = this.from.length - 1
    while (period > 0 && utc < this.from[period]!) period--
    return this.offset[period]!
  }

  /** The instant at which the clock shows a local time; the first of two, and the next where it never does. */
  utc(local: number): number {
    for (let period = 0; period < this.from.length; period++) {
      const utc = local - this.offset[period]!
      if (period + 1 === this.from.length || utc < this.from[period + 1]!)
        return Math.max(utc, this.from[period]!)
    }
    return local
  }
}

/**
 * Turns clock times of a zone into UTC, in place; both in microseconds. A time that happened twice is taken for the
 * first of the two, unless the bar before it is not earlier than that: then it is the second. A time that never was
 * is moved on by the hour that was left out.
 */
export function toUtc(times: Float64Array, zone: string): ZoneReport {
  const ambiguous = { count: 0, rows: [] as number[] }
  const skipped = { count: 0, rows: [] as number[] }
  const report = { ambiguous, skipped }
  if (times.length === 0 || zone === 'UTC') return report
  let first = Infinity
  let last = -Infinity
  for (const time of times) {
    if (time < first) first = time
    if (time > last) last = time
  }
  const { from, offset } = new Offsets(zone, first, last)
  let at = 0
  let before = -Infinity
  let step = NaN
  for (let row = 0; row < times.length; row++) {
    const local = times[row]!
    // The period that the time falls into if its own offset is taken off.
    while (at + 1 < from.length && local - offset[at + 1]! >= from[at + 1]!) at++
    while (at > 0 && local - offset[at]! < from[at]!) at--
    let utc = local - offset[at]!
    // The period before still ran on the clock: the time happened in both.
    if (at > 0 && local - offset[at - 1]! < from[at]!) {
      const earlier = local - offset[at - 1]!
      ambiguous.count++
      ambiguous.rows.push(row)
      // Nor is it the first where only the second keeps the distance between bars.
      if (earlier > before && !(utc - before === step && earlier - before !== step)) utc = earlier
    } else if (at + 1 < from.length && utc >= from[at + 1]!) {
      // Neither period has it.
      skipped.count++
      skipped.rows.push(row)
    }
    times[row] = utc
    step = utc - before
    before = utc
  }
  return report
}
