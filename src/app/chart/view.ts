/** What is on screen: rows as real numbers, row `r` taking the room from `r` to `r + 1`. */
export interface Span {
  readonly from: number
  readonly to: number
}

/** The least rows that a screen shows. */
const FEWEST = 8
/** Room that may be left free beside the whole of the data, as a part of it. */
const MARGIN = 0.03

/** The nearest span that keeps half a screen of data in sight and is neither too near nor too far. */
export function clamp(span: Span, rows: number): Span {
  const width = Math.min(Math.max(span.to - span.from, FEWEST), Math.max(FEWEST, rows * (1 + 2 * MARGIN)))
  const room = Math.min(width / 2, Math.max(0, rows - width) / 2 + rows * MARGIN)
  const middle = (span.from + span.to) / 2
  const from = Math.max(-room, Math.min(middle - width / 2, rows - width + room))
  return { from, to: from + width }
}

/** All rows, with a little room at the right. */
export const whole = (rows: number): Span => clamp({ from: -rows * 0.005, to: rows * 1.02 + 0.5 }, rows)

/** A span `factor` times as wide with the row `about` staying where it is. */
export const zoomed = ({ from, to }: Span, factor: number, about: number): Span => ({
  from: about - (about - from) * factor,
  to: about + (to - about) * factor,
})

/** The span after rows have come at the end: all where all were shown, else the rows of before. */
export const grown = (span: Span, before: number, rows: number): Span =>
  span.to - span.from < before ? span : whole(rows)

/**
 * The span moved so far that the rows `from` to `to` are seen with some of what is around them; the same span where they
 * are already, or where there is nothing around them.
 */
export function brought(span: Span, from: number, to: number, rows: number): Span {
  const width = span.to - span.from
  const least = span.from <= 0 ? 0 : span.from + width * 0.05
  const most = span.to >= rows ? rows : span.to - width * 0.05
  if (from >= least && to + 1 <= most) return span
  const next = Math.max(width, (to - from + 1) * 1.4)
  const middle = (from + to + 1) / 2
  return { from: middle - next / 2, to: middle + next / 2 }
}

/** Rows to hand to the chart at once for every level: enough that panning seldom needs more. */
export interface Window {
  /** Two to this power rows a point. */
  readonly level: number
  /** Rows, multiples of the group size; `to` not included. */
  readonly from: number
  readonly to: number
}

/**
 * The window for a span on a screen of `width` pixels: one row a point as long as a row has a pixel, and a
 * screen's width of rows on either side.
 */
export function windowFor(span: Span, rows: number, width: number): Window {
  const room = Math.max(width, 200)
  const length = span.to - span.from
  let level = 0
  while (Math.min(length, rows) / 2 ** level > room) level++
  const group = 2 ** level
  const from = Math.max(0, Math.floor((span.from - length) / group) * group)
  const to = Math.min(Math.ceil(rows / group) * group, Math.ceil((span.to + length) / group) * group)
  return { level, from: Math.min(from, to), to }
}

/** Whether a window still serves a span: the level that is wanted, and rows for all that is on screen. */
export function serves(window: Window, span: Span, rows: number, width: number): boolean {
  return (
    windowFor(span, rows, width).level === window.level &&
    (window.from <= span.from || window.from === 0) &&
    (window.to >= span.to || window.to >= rows)
  )
}
