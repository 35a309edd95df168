/** Where lines are drawn: the size of the drawing, and the values at its bottom and at its top. */
export interface Plane {
  readonly width: number
  readonly height: number
  readonly low: number
  readonly high: number
  /** What stays free below the lowest and above the highest. */
  readonly free?: number
}

/** The lowest and highest of several columns; NaN where there are no numbers. */
export function span(...columns: readonly Float64Array[]): { readonly low: number; readonly high: number } {
  let low = Infinity
  let high = -Infinity
  for (const column of columns)
    for (const value of column) {
      if (value < low) low = value
      if (value > high) high = value
    }
  return low <= high ? { low, high } : { low: NaN, high: NaN }
}

/** How far below the top of the drawing a value lies; in its middle where there is but one. */
export function depthOf(value: number, { height, low, high, free = 0 }: Plane): number {
  return high > low ? free + (1 - (value - low) / (high - low)) * (height - 2 * free) : height / 2
}

/** A line through points as the path of an SVG; empty where there are none. */
export function pathThrough(points: Iterable<readonly [x: number, y: number]>): string {
  const written = Array.from(points, ([x, y]) => `${x.toFixed(1)} ${y.toFixed(1)}`)
  return written.length > 0 ? `M${written.join('L')}` : ''
}

/** A column as a small line from its own low to its own high, thinned to the points that its width can show. */
export function smallLine(values: Float64Array, width: number, height: number, reach = width): string {
  const plane = { width, height, ...span(values), free: 3 }
  const step = Math.max(1, Math.floor(values.length / width))
  const points: [number, number][] = []
  for (let row = 0; row < values.length; row += step)
    points.push([(row / Math.max(1, values.length - 1)) * reach, depthOf(values[row]!, plane)])
  return pathThrough(points)
}
