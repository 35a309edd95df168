import { type BarFill, FillMoment } from './fills.ts'

/** What becomes of an order on its bar, and what its turn there depends on. */
export interface Turn {
  /** Index of its instrument. */
  readonly instrument: number
  /** Number of the order among those that began to work on the exchange. */
  readonly entry: number
  /** Open of the bar. */
  readonly open: number
  /** Undefined where the order ends on the bar without a fill. */
  readonly fill: BarFill | undefined
}

/** Prices are as far from the open as each other when the difference is less than this fraction of it. */
const sameDistance = 1e-9

/**
 * Puts what becomes of orders on the bars of one time into the order in which it happens: who comes first has the volume of
 * the bar, the cash, and takes back the other of a pair.
 *
 * 1. What fills at the open, as it was entered.
 * 2. Inside the bar, on each side of the open the nearer price first, whatever kind of order stands there: the market cannot
 *    reach the farther one without passing it. Equal prices as they were entered. Bias: none.
 * 3. Between the two sides, where the bar does not tell which its path came to first: a stop before a limit, so that a position loses
 *    before it gains. Bias: pessimistic. Of two stops, or two limits, neither is the worse for everybody, and the nearer
 *    comes first, then the one entered first. Bias: none that has a direction, but the path may have been the other.
 * 4. Of several instruments, whose paths nobody knows beside each other, stops have their turns before limits, and then
 *    what was entered first.
 * 5. What ends without a fill.
 */
export function inTurn<T extends Turn>(turns: readonly T[]): T[] {
  const entered = [...turns].sort((a, b) => momentOf(a) - momentOf(b) || a.entry - b.entry)
  const paths = new Map<number, T[]>()
  for (const turn of entered) {
    if (!isInside(turn)) continue
    const path = paths.get(turn.instrument)
    if (path) path.push(turn)
    else paths.set(turn.instrument, [turn])
  }
  // Each instrument keeps its places among the others, and fills them by its own path.
  const next = new Map<number, Iterator<T, undefined>>()
  for (const [instrument, path] of paths) next.set(instrument, alongPath(path))
  return entered.map((turn) => (isInside(turn) ? (next.get(turn.instrument)!.next().value as T) : turn))
}

const momentOf = ({ fill }: Turn): number => fill?.moment ?? FillMoment.LIMIT + 1

const isInside = ({ fill }: Turn): boolean => fill !== undefined && fill.moment !== FillMoment.OPEN

const distance = ({ fill, open }: Turn): number => Math.abs(fill!.price - open)

/** What happens inside the bar of one instrument, both sides of its open. */
function* alongPath<T extends Turn>(turns: readonly T[]): Generator<T, undefined> {
  const isAbove = ({ fill, open }: T) => fill!.price > open
  const nearer = (a: T, b: T) => distance(a) - distance(b) || a.entry - b.entry
  const above = turns.filter(isAbove).sort(nearer)
  const below = turns.filter((turn) => !isAbove(turn)).sort(nearer)
  let up = 0
  let down = 0
  while (up < above.length && down < below.length)
    yield isFirst(above[up]!, below[down]!) ? above[up++]! : below[down++]!
  yield* above.slice(up)
  yield* below.slice(down)
  return undefined
}

/** Whether one of two on different sides of the open is taken for what happened first. */
function isFirst(one: Turn, other: Turn): boolean {
  if (one.fill!.moment !== other.fill!.moment) return one.fill!.moment < other.fill!.moment
  const farther = distance(one) - distance(other)
  return Math.abs(farther) <= sameDistance * one.open ? one.entry < other.entry : farther < 0
}
