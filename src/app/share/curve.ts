import { depthOf, pathThrough, type Plane } from '../kit/line.ts'

/**
 * A column as the path of an SVG, its rows evenly over the width. Each pixel column shows the least and the greatest of its
 * rows, so that no peak is lost to thinning.
 */
export function pathOf(values: Float64Array, plane: Plane): string {
  const { width, low, high } = plane
  const count = values.length
  if (count === 0 || !(high >= low)) return ''
  const x = (row: number) => (count > 1 ? row / (count - 1) : 0.5) * width
  const points: [number, number][] = []
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
      points.push([x(row), depthOf(values[row]!, plane)])
  }
  return pathThrough(points)
}
