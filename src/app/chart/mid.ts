import type { BookColumns } from '#exchange'

/** Halfway between the best bid and the best ask at the end of every bar; NaN where a side was empty. */
export function midOf({ bidPrice, askPrice, levels }: BookColumns): Float64Array {
  return Float64Array.from(
    { length: bidPrice.length / levels },
    (_, row) => (bidPrice[row * levels]! + askPrice[row * levels]!) / 2,
  )
}
