/** One position as the value at risk looks at it. */
export interface Exposed {
  /** Signed money that it is worth. */
  readonly value: number
  /** Closes of its instrument, and the row of the newest that is known. */
  readonly close: Float64Array
  readonly row: number
  /** Whether the value follows one over the close, as money does in a pair quoted the other way round. */
  readonly inverse?: boolean
}

/** Bars that the value at risk looks back, and how many it needs at least. */
const longest = 250
const fewest = 20
const confidence = 0.95

/**
 * Value at risk by historical simulation: the loss over one bar that the positions as they are now would have kept
 * below on 95 % of the last 250 bars (at least 20). Bars are counted back from the newest of each instrument. What is held
 * in another currency is exposed to its pair besides; that both move at once multiplies to a little more, which is left out.
 *
 * Bias: it knows no loss that has not happened in those bars, and takes all of them as equally likely now.
 *
 * @returns money, at least 0; NaN where there are too few bars
 */
export function valueAtRisk(positions: readonly Exposed[]): number {
  if (positions.length === 0) return 0
  const bars = Math.min(longest, ...positions.map(({ row }) => row))
  if (bars < fewest) return NaN
  const losses = new Float64Array(bars)
  for (const { value, close, row, inverse } of positions)
    for (let back = 0; back < bars; back++) {
      const [now, before] = [close[row - back]!, close[row - back - 1]!]
      losses[back]! -= value * ((inverse ? before / now : now / before) - 1)
    }
  losses.sort()
  return Math.max(0, losses[Math.ceil(confidence * bars) - 1]!)
}
