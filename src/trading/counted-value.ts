import { countedPrice, type Order, OrderType, Side, stateOf, trailingStop } from '#market'

/** The higher of two prices, either of which may be absent. */
const higher = (a: number, b: number) => (b > a || a !== a ? b : a)

/**
 * The price that an order counts at wherever a rule goes by money: the most that a unit of it can come to.
 *
 * - A buy limit counts at its price, also where the market is below it: so much may it pay where the offers are thin, and so
 *   the credit checks of brokers and exchanges have it.
 * - A sell limit counts at its price, or at the market's where that is higher: there it trades, however low its own.
 * - A stop that the last price has reached is a market order, or with a limit a limit order. One that it has not reached
 *   counts at its stop price, or at its limit if that is higher. One that trails stands at its distance from the last
 *   price until it has a stop price.
 * - What goes by an amount of money counts as `countedPrice` has it.
 *
 * While a change is on its way to the exchange the dearer terms count. Bias: none of this is a promise. A market that
 * opens elsewhere, or jumps over a stop, makes the fill worth more or less.
 *
 * @param last the last price; NaN before the first
 * @param market the last price, or the best one on the other side of the book where that is higher
 * @returns NaN where the order has no price and there is no market
 */
export function priceCounted(order: Order, last: number, market = last): number {
  const { type, side, notional } = order
  if (notional === notional) return countedPrice(order, last)
  const { dearestPrice, dearestStop } = stateOf(order)
  const buys = side === Side.BUY
  const price = dearestPrice > order.price ? dearestPrice : order.price
  if (type === OrderType.STOP || type === OrderType.STOP_LIMIT) {
    const own = Number.isNaN(order.stopPrice) ? trailingStop(order, last) : order.stopPrice
    const stop = dearestStop > own ? dearestStop : own
    const reached = buys ? last >= stop : last <= stop
    if (!reached) return higher(stop, price)
  }
  if (price !== price) return market
  return buys ? price : higher(price, market)
}
