import { writtenDay } from '../format.ts'
import { depthOf, pathThrough } from '../kit/line.ts'
import type { Snapshot } from './snapshot.ts'

const minute = 60_000
const day = 86_400_000

/** When a snapshot was made, as people say it: `just now`, `12 minutes ago`, `14:03`, `2026-03-01 14:03`. */
export function momentInWords({ time }: Pick<Snapshot, 'time'>, now: number): string {
  const passed = now - time
  if (passed < minute) return 'just now'
  if (passed < 2 * minute) return 'a minute ago'
  if (passed < 60 * minute) return `${Math.floor(passed / minute)} minutes ago`
  const at = new Date(time)
  // Swedish writes ISO 8601 dates.
  const clock = at.toLocaleTimeString('sv-SE', { hour: '2-digit', minute: '2-digit' })
  return passed < day && new Date(now).getDate() === at.getDate()
    ? `today ${clock}`
    : `${writtenDay(time)} ${clock}`
}

/** When a snapshot was made, to the second: what tells two runs of one minute apart. */
export function momentExactly({ time }: Pick<Snapshot, 'time'>, now: number): string {
  const clock = new Date(time).toLocaleTimeString('sv-SE')
  return now - time < day ? clock : `${writtenDay(time)} ${clock}`
}

/** A thumbnail as the path of an SVG of the given size. */
export function thumbnailPath(points: Uint8Array, width: number, height: number): string {
  const last = Math.max(1, points.length - 1)
  const plane = { width, height, low: 0, high: 255, free: 2 }
  return pathThrough(Array.from(points, (value, index) => [(index / last) * width, depthOf(value, plane)]))
}
