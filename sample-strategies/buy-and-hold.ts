/**
 * Buy and hold
 *
 * Invests nearly all of its cash once and never sells: what
 * every other strategy has to beat.
 *
 * It is written against trades rather than bars, as the shortest
 * strategy that can be: one handler, one order. The answer to an
 * order says whether it was accepted, and why not when it was
 * not.
 */
import { Order, OrderType, Side, Strategy, type TradeEvent } from 'outcry'

export default class BuyAndHold extends Strategy {
  async onTrade({ target: trade }: TradeEvent) {
    // No past trades and no working orders: this is the beginning.
    if (this.orders(trade.instrument).length > 0 || this.trades(trade.instrument).length > 0) return
    const order = new Order({
      instrument: trade.instrument,
      side: Side.BUY,
      type: OrderType.MARKET,
      // A little is left for costs and for an open above this close.
      volume: trade.instrument.roundDown((this.portfolio().cash * 0.98) / trade.price),
    })
    const answer = await this.newOrder(order)
    if (!answer.accepted) this.log.warn(answer.reason)
  }

  onBought({ target: trade }: TradeEvent) {
    const [price, fee] = [trade.price.toFixed(2), trade.transactionCost.toFixed(2)]
    this.log(`bought ${trade.volume} at ${price} for a fee of ${fee}`)
  }
}
