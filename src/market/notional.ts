import type { Instrument } from './instrument.ts'
import { type Order, stateOf } from './order.ts'
import { Side } from './vocabulary.ts'

/** How far below the price known of the market the risk rules count what an order by notional may come to: it buys more the lower prices are. */
const margin = 0.05

/**
 * Money that an order by notional has not spent or raised yet, in the instrument's currency; NaN where it goes by volume. A sale
 * counts as raised what it would have without slippage, so that it never sells more than its money is worth on the market.
 */
export function moneyLeft(order: Order): number {
  const { notional } = order
  if (notional !== notional) return NaN
  const { paid, slipped } = stateOf(order)
  return Math.max(0, notional - (paid + slipped) * order.instrument.multiplier)
}

/** Whole lots that money pays for at a price. */
export function lotsFor(money: number, price: number, instrument: Instrument): number {
  return price > 0 ? instrument.roundDown(money / (price * instrument.multiplier)) : 0
}

/**
 * The price at which an order is counted that has none of its own: the last one, and for an order by notional 5 % less than that
 * or than the best price on the other side of the book, if lower, so that it counts as more units; a sale has its protection below that, where it has one, since it can come to no more.
 */
export function countedPrice(order: Order, last: number): number {
  const { notional, protectionPrice, side } = order
  if (notional !== notional) return last
  const { opposite } = stateOf(order)
  const known = opposite > 0 ? Math.min(opposite, last) : last
  const low = known * (1 - margin)
  // No fill is below the protection, wherever the book is.
  return side === Side.SELL && protectionPrice > low ? Math.min(protectionPrice, last) : low
}

/** The volume that an order is counted as at a price: that which it has left, or what its money pays for, in whole lots or not. */
export function countedVolume(order: Order, price: number): number {
  const money = moneyLeft(order)
  return money === money ? money / (price * order.instrument.multiplier) : order.remaining
}

/**
 * The most that an order by notional may come to, whatever its money pays for when it trades: the whole lots that the rules counted when
 * they let it pass; Infinity where none of them goes by units.
 */
export function mostVolume(order: Order): number {
  const { asked, bounded } = stateOf(order)
  return bounded ? order.instrument.roundDown(asked) : Infinity
}

/** Whether a price is worse than an order's protection lets it trade at. */
export function beyondProtection({ side, protectionPrice }: Order, price: number): boolean {
  return side === Side.BUY ? price > protectionPrice : price < protectionPrice
}
