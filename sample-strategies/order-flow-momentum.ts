/**
 * Order-flow momentum
 *
 * Follows the side that takes more on a market with an order
 * book, until the flow turns.
 *
 * Every trade of such a market has a taker. When
 * buyers have been taking clearly more than sellers, large
 * orders may be at work that are not finished yet; this strategy
 * joins them with a market order and pays the spread.
 */
import { Side, Strategy, type Trade, type TradeEvent } from 'outcry'

export default class OrderFlowMomentum extends Strategy {
  memory = this.input('memory', 60, { min: 5, max: 600, step: 5, unit: 'trades', hint: 'Trades that count' })
  threshold = this.input('threshold', 0.5, {
    min: 0.1,
    max: 0.95,
    step: 0.05,
    hint: 'Imbalance that starts a trade',
  })
  stake = this.input('stake', 0.5, { min: 0.05, max: 1, step: 0.05, hint: 'Share of the account' })

  fee = this.input('fee', 0.001, {
    min: 0,
    max: 0.01,
    step: 0.001,
    unit: '$/share',
    hint: 'Replaces the commission',
  })

  transactionCost(trade: Trade) {
    return trade.volume * this.fee
  }

  /** From -1, all sellers, to 1, all buyers. */
  imbalance = 0

  async onTrade({ target: trade }: TradeEvent) {
    if (trade.myOrder || trade.side === undefined) return
    const sign = trade.side === Side.BUY ? 1 : -1
    this.imbalance += (sign - this.imbalance) / this.memory
    if (this.orders(trade.instrument).length > 0) return
    const { size } = this.position(trade.instrument)
    if (size === 0 && Math.abs(this.imbalance) > this.threshold)
      await this.target(trade.instrument, Math.sign(this.imbalance) * this.stake)
    else if (size !== 0 && size * this.imbalance < 0) await this.closeAll(trade.instrument)
  }
}
