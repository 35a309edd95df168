/**
 * Cost averaging
 *
 * Invests the same amount again and again on a market with an
 * order book, and sells once it has gained enough.
 *
 * It runs on the synthetic market and on recorded orders. Every
 * order is for an amount of money and names the most that it
 * pays, so that a thin book costs no more than that. What it
 * holds is offered at a profit; a buy never meets that offer.
 * Where it loses too much it takes the best price, and what that
 * does not take rests there.
 */
import { type BarEvent, BarStrategy, type Instrument, SelfTrade, Side, type Trade } from 'outcry'

export default class CostAveraging extends BarStrategy {
  amount = this.input('amount', 500, { min: 100, max: 5000, step: 100, unit: '$', hint: 'For each purchase' })
  pause = this.input('pause', 30, { min: 1, max: 300, step: 1, unit: 's', hint: 'Time between purchases' })
  bound = this.input('bound', 2, {
    min: 0,
    max: 50,
    step: 1,
    unit: 'ticks',
    hint: 'Most it pays above the best offer',
  })
  gain = this.input('gain', 0.2, {
    min: 0.05,
    max: 5,
    step: 0.05,
    unit: '%',
    hint: 'Profit at which it sells',
  })
  loss = this.input('loss', 0.3, {
    min: 0.05,
    max: 5,
    step: 0.05,
    unit: '%',
    hint: 'Loss at which it gives up',
  })

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

  onStart() {
    this.periodic(
      async () => {
        for (const instrument of this.instruments()) await this.look(instrument)
      },
      { seconds: this.pause },
    )
  }

  onBar({ target: bar }: BarEvent) {
    if (!this.book(bar.instrument))
      throw new Error(
        'This strategy needs data with an order book, and bars have none: choose the synthetic market or recorded orders.',
      )
  }

  async look(instrument: Instrument) {
    const book = this.book(instrument, 1)
    if (!book || Number.isNaN(book.mid)) return
    const { size, averagePrice } = this.position(instrument)
    const [offer] = this.orders(instrument, undefined, Side.SELL)
    // What is left of a sale at a loss goes first.
    if (offer?.toLimit) return
    if (size > 0 && book.bestBid < averagePrice * (1 - this.loss / 100)) {
      if (offer) await this.cancelOrder(offer)
      else await this.sell(instrument, size, { toLimit: true, reduceOnly: true })
      return
    }
    if (size > 0) {
      const ticks = Math.ceil((averagePrice * (1 + this.gain / 100)) / instrument.tickSize - 1e-9)
      const price = ticks * instrument.tickSize
      if (!offer) await this.sell(instrument, size, { price })
      else if (offer.remaining !== size || Math.abs(offer.price - price) > instrument.tickSize / 2)
        await this.changeOrder(offer, { volume: offer.filled + size, price })
    }
    if (this.portfolio().cash < this.amount) return
    await this.newOrder({
      instrument,
      side: Side.BUY,
      notional: this.amount,
      protectionPrice: book.bestAsk + this.bound * instrument.tickSize,
      selfTrade: SelfTrade.CANCEL_OLDEST,
    })
  }
}
