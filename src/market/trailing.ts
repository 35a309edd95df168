import type { Order } from './order.ts'
import { trailOf } from './order.ts'
import { Side } from './vocabulary.ts'

/**
 * Where a stop order that follows the market stands when that is at `price`; NaN where it follows nothing. A percentage is of
 * the price, and where the instrument has ticks in whole ones, rounded down, at least one: as the order book has it.
 */
export function trailingStop(order: Order, price: number): number {
  const trail = trailOf(order)
  const { tickSize } = order.instrument
  const exact = trail > 0 ? trail : (Math.abs(price) * -trail) / 100
  // A price in ticks may lie a hair below the whole number that it is.
  const distance =
    trail > 0 || tickSize === 0 ? exact : Math.max(1, Math.floor(exact / tickSize + 1e-6)) * tickSize
  return order.side === Side.SELL ? price - distance : price + distance
}
