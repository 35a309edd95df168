/**
 * Market maker
 *
 * Quotes both sides of a market with an order book and earns the
 * spread while its inventory stays small.
 *
 * It runs on the synthetic market and on recorded orders. One bid
 * and one ask rest around the middle, both moved against what it
 * holds: long, it quotes lower to sell sooner. Others who know
 * more than it does trade when its quotes are wrong, which is
 * what the spread has to pay for.
 */
import { type BarEvent, BarStrategy, type BookView, OrderFlag, Side, type Trade } from 'outcry'

export default class MarketMaker extends BarStrategy {
  size = this.input('size', 5, { min: 1, max: 100, step: 1, unit: 'shares', hint: 'Volume of each quote' })
  width = this.input('width', 1, {
    min: 1,
    max: 20,
    step: 1,
    unit: 'ticks',
    hint: 'Distance from the middle',
  })
  most = this.input('inventory', 50, { min: 5, max: 500, step: 5, unit: 'shares', hint: 'Most it holds' })
  pause = this.input('pause', 2, { min: 1, max: 30, step: 1, unit: 's', hint: 'Time between two looks' })

  fee = this.input('fee', 0.001, {
    min: -0.003,
    max: 0.01,
    step: 0.001,
    unit: '$/share',
    hint: 'Replaces the commission',
  })

  /**
   * Charged for each share instead of the commission of the settings, alike whether it waited or took: a percentage of the
   * price would be many spreads. Venues that pay those who wait have a fee below zero.
   */
  transactionCost(trade: Trade) {
    return trade.volume * this.fee
  }

  onStart() {
    this.periodic(() => this.quote(), { seconds: this.pause })
  }

  onBar({ target: bar }: BarEvent) {
    if (!this.book(bar.instrument))
      throw new Error(
        'This strategy needs data with an order book, and bars have none: choose the synthetic market or recorded orders.',
      )
  }

  async quote() {
    for (const instrument of this.instruments()) {
      const book = this.book(instrument, 1)
      if (!book || Number.isNaN(book.mid)) continue
      const held = this.position(instrument).size
      await this.keep(
        book,
        Side.BUY,
        held + this.size <= this.most ? this.price(book, Side.BUY, held) : undefined,
      )
      await this.keep(
        book,
        Side.SELL,
        held - this.size >= -this.most ? this.price(book, Side.SELL, held) : undefined,
      )
    }
  }

  /** Where a side should rest: a distance from the middle, moved by up to the same distance against the inventory. */
  price(book: BookView, side: Side, held: number): number {
    const { tickSize } = book.instrument
    const middle = book.mid / tickSize - (held / this.most) * this.width
    const ticks = side === Side.BUY ? Math.floor(middle - this.width) : Math.ceil(middle + this.width)
    return ticks * tickSize
  }

  /** Leaves a quote that is right, and replaces one that is not. */
  async keep(book: BookView, side: Side, price: number | undefined) {
    const [resting] = this.orders(book.instrument, undefined, side)
    if (resting && price !== undefined && Math.abs(resting.price - price) < book.instrument.tickSize / 2)
      return
    if (resting) await this.cancelOrder(resting)
    else if (price !== undefined)
      await this.newOrder({
        instrument: book.instrument,
        side,
        volume: this.size,
        price,
        flag: OrderFlag.POST_ONLY,
      })
  }
}
