/** Where a line chart lies and what it spans. */
export interface Plane {
  readonly width: number
  readonly height: number
  readonly low: number
  readonly high: number
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

/**
 * A column as the path of an SVG, its rows evenly over the width. Each pixel column shows the least and the greatest of its
 * rows, so that no peak is lost to thinning.
 */
export function pathOf(values: Float64Array, { width, height, low, high }: Plane): string {
  const count = values.length
  if (count === 0 || !(high >= low)) return ''
  const x = (row: number) => ((count > 1 ? row / (count - 1) : 0.5) * width).toFixed(1)
  const y = (value: number) =>
    (high > low ? (1 - (value - low) / (high - low)) * height : height / 2).toFixed(1)
  const points: string[] = []
  const step = Math.max(1, count / width)
  for (let start = 0; start < count; start += step) {
    const from = Math.floor(start)
    const to = Math.min(count, Math.max(from + 1, Math.floor(start + step)))
    let least = from
    let greatest = from
    for (let row = from; row < to; row++) {
      if (values[row]! < values[least]!) least = row
      if (values[row]! > values[greatest]!) greatest = row
    }
    for (const row of [...new Set([Math.min(least, greatest), Math.max(least, greatest), to - 1])].sort(
      (a, b) => a - b,
    ))
      points.push(`${x(row)} ${y(values[row]!)}`)
  }
  return `M${points.join('L')}`
}
