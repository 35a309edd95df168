import type { Finding, Stretch } from '#data'

/** A stretch on the strip and the finding that it belongs to. */
export interface Mark extends Stretch {
  readonly check: Finding['check']
}

/** All places of some findings, in the order of time. */
export function marksOf(findings: readonly Pick<Finding, 'check' | 'ranges'>[]): readonly Mark[] {
  return findings
    .flatMap(({ check, ranges }) => ranges.map((range) => ({ ...range, check })))
    .sort((a, b) => a.from - b.from || a.firstRow - b.firstRow)
}

/** Units across the strip, whatever its width on the screen. */
export const across = 1000
/** The least width of a mark in pixels: a single bar among millions has to be seen. */
const leastPixels = 2

/** Where a time lies across the strip. */
export function place(time: number, from: number, to: number): number {
  return to > from ? ((time - from) / (to - from)) * across : across / 2
}

/**
 * The outline of stretches on a lane, as the `d` of an SVG path that is `across` wide and shown in so many pixels. Those that would touch are drawn
 * as one, so that no path has more parts than the strip has room for.
 */
export function outline(
  ranges: readonly Pick<Stretch, 'from' | 'to'>[],
  from: number,
  to: number,
  height: number,
  pixels: number,
): string {
  const least = Math.min(across, (leastPixels / Math.max(1, pixels)) * across)
  let path = ''
  let start = NaN
  let end = NaN
  const draw = () => {
    if (!Number.isNaN(start))
      path += `M${start.toFixed(1)} 0H${end.toFixed(1)}V${height}H${start.toFixed(1)}Z`
  }
  for (const range of ranges) {
    let left = place(range.from, from, to)
    let right = place(range.to, from, to)
    if (right - left < least) {
      left = Math.min(Math.max(0, (left + right - least) / 2), across - least)
      right = left + least
    }
    if (left <= end) end = Math.max(end, right)
    else {
      draw()
      start = left
      end = right
    }
  }
  draw()
  return path
}

/** The mark that lies nearest to a place across the strip, if one is near enough to be meant. */
export function nearest(
  marks: readonly Mark[],
  at: number,
  from: number,
  to: number,
  reach = 12,
): Mark | undefined {
  let best: Mark | undefined
  let distance = reach
  for (const mark of marks) {
    const left = place(mark.from, from, to)
    const right = place(mark.to, from, to)
    const off = at < left ? left - at : at > right ? at - right : 0
    // Of two that are as near, the narrower is harder to meet.
    if (off < distance || (off === distance && best && mark.to - mark.from < best.to - best.from)) {
      best = mark
      distance = off
    }
  }
  return best
}
