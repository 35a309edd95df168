import { type BarFill, FillMoment } from './fills.ts'

/** What becomes of an order on its bar, and what its turn there depends on. */
export interface Turn {
  /** Number of the order among those that began to work on the exchange. */
  readonly entry: number
  /** Open of the bar. */
  readonly open: number
  /** Undefined where the order ends on the bar without a fill. */
  readonly fill: BarFill | undefined
}

/**
 * Puts what becomes of orders on the bars of one time into the order in which it happens: who comes first has the volume of
 * the bar, the cash, and takes back the other of a pair. Whatever other orders there are, two keep their turns, so that strategies
 * do beside one another what they would do alone.
 *
 * 1. What fills at the open, as it was entered.
 * 2. Stops inside the bar, then limits: a bar does not tell whether it went up or down first, and so a position loses before
 *    it gains. Bias: pessimistic, also where a limit stands before a stop on one side of the open.
 * 3. Of stops, and of limits, the one whose price is nearer to the open, as a fraction of it; then the one entered first. On one
 *    side of the open that is sure: the market cannot reach the farther one without passing the nearer. Of two on different sides, or
 *    on different instruments, neither is the worse for everybody, and the path may have been the other.
 * 4. What ends without a fill.
 */
export function inTurn<T extends Turn>(turns: readonly T[]): T[] {
  return [...turns].sort(
    (a, b) => momentOf(a) - momentOf(b) || distance(a) - distance(b) || a.entry - b.entry,
  )
}

const momentOf = ({ fill }: Turn): number => fill?.moment ?? FillMoment.LIMIT + 1

/** From the open, in thousand-millionths of it: rounded, since 10.1 and 9.9 are as far from 10 as each other. */
function distance({ fill, open }: Turn): number {
  if (!fill || fill.moment === FillMoment.OPEN) return 0
  return Math.round((Math.abs(fill.price - open) / open) * 1e9)
}
