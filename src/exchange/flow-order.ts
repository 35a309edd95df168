/** How the times of a recording lie that are not in order. */
export interface FlowDisorder {
  /** Lines that are earlier than the one before them, and their numbers, the first few. */
  readonly count: number
  readonly lines: readonly number[]
  /** Whether each of them has only changed places with the line before it. */
  readonly neighbours: boolean
}

/** Numbers of lines that are kept. */
const kept = 5

/**
 * Looks at how far the times of a recording are from their order.
 *
 * @param times of its lines with the number of each, as they stand; those that are NaN are passed over
 */
export function flowDisorder(times: Iterable<readonly [line: number, time: number]>): FlowDisorder {
  const lines: number[] = []
  let count = 0
  let neighbours = true
  // Of the line before, and of the latest among those before that.
  let before = -Infinity
  let beforeThat = -Infinity
  let lineBefore = 0
  for (const [line, time] of times) {
    if (Number.isNaN(time)) continue
    // Where only neighbours change places, nothing is earlier than what stands two lines above it.
    if (time < beforeThat) neighbours = false
    if (time < before) {
      count++
      if (lines.length < kept) lines.push(line)
      if (line !== lineBefore + 1) neighbours = false
    }
    beforeThat = Math.max(beforeThat, before)
    before = time
    lineBefore = line
  }
  return { count, lines, neighbours }
}
