import { BUY, type OrderBook, SELL } from '#book'

/** Levels that are looked through for an order of an agent: no more of them are the outside's alone in earnest. */
const deepest = 64

/** Part of the price, ticks, and deviations of the value over a second, the largest of which an order of the outside may be away. */
const near = { part: 0.01, ticks: 20, deviations: 4 }

/** How many times as far a market order of an agent follows orders of the outside. */
const follows = 5

/**
 * What agents make of the orders that come from outside. One quote cannot tell them what the market is: where nobody but the outside
 * quotes a side, and far from where the agents last stood on both, the side counts as empty. They go on from the midpoint that they knew,
 * as a market maker does who keeps a price of his own and strikes stub quotes from what he reads. Their market orders go out with
 * protection: of the outside's orders they take none more than five times as far away, which is 5 % as a rule, the width
 * of the band around large American shares (Limit Up-Limit Down Plan, Tier 1).
 *
 * A book in which only agents have orders, or the outside has orders among or near theirs, is believed as it is. Bias: against a strategy
 * that would draw the agents away with orders that stand alone, which people follow for a while; and one that waits far
 * below the market for a crash gets what is sold only once the agents quote that low.
 */
export class OutsideQuotes {
  /** Where the agents stood when they last quoted both sides: the middle, in ticks. */
  middle: number
  readonly reach: number
  /** Orders of the outside that are shown or may be: side, price, lots shown. */
  readonly orders = new Map<number, { side: number; price: number; shown: number }>()
  /** Of each side, lots of the outside at each price. */
  readonly lots = [new Map<number, number>(), new Map<number, number>()]
  /** What `look` found, 0 where there is nothing: prices in ticks and lots. */
  bid = 0
  ask = 0
  bidSize = 0
  askSize = 0
  readonly bestPrice = new Float64Array(1)
  readonly bestSize = new Float64Array(1)
  /** Levels from the best, as many as it took so far to find an order of an agent. */
  prices = new Float64Array(8)
  sizes = new Float64Array(8)

  /** @param deviation of the value over a second, ticks */
  constructor(start: number, deviation: number) {
    this.middle = start
    this.reach = Math.max(near.ticks, near.part * start, near.deviations * deviation)
  }

  /** An order of the outside is shown with so many lots, at another price than before or not. */
  show(id: number, side: number, price: number, shown: number): void {
    const known = this.orders.get(id)
    if (known) this.count(known.side, known.price, -known.shown)
    this.orders.set(id, { side, price, shown })
    this.count(side, price, shown)
  }

  /** The same of an order that may never have been shown. */
  alter(id: number, price: number, shown: number): void {
    if (this.orders.size === 0) return
    const known = this.orders.get(id)
    if (known) this.show(id, known.side, price, shown)
  }

  traded(id: number, lots: number): void {
    const known = this.orders.get(id)
    if (known) this.show(id, known.side, known.price, Math.max(0, known.shown - lots))
  }

  gone(id: number): void {
    if (this.orders.size === 0) return
    const known = this.orders.get(id)
    if (!known) return
    this.count(known.side, known.price, -known.shown)
    this.orders.delete(id)
  }

  count(side: number, price: number, by: number): void {
    const lots = (this.lots[side]!.get(price) ?? 0) + by
    if (lots > 0) this.lots[side]!.set(price, lots)
    else this.lots[side]!.delete(price)
  }

  /** Nothing is to be seen. */
  forget(): void {
    this.bid = this.bidSize = this.ask = this.askSize = 0
  }

  /** Reads the best prices that the agents believe into the fields. */
  look(book: OrderBook): void {
    const { bestPrice, bestSize } = this
    this.forget()
    if (book.depth(BUY, bestPrice, bestSize) > 0) {
      this.bid = bestPrice[0]!
      this.bidSize = bestSize[0]!
    }
    if (book.depth(SELL, bestPrice, bestSize) > 0) {
      this.ask = bestPrice[0]!
      this.askSize = bestSize[0]!
    }
    if (this.lots[BUY]!.size + this.lots[SELL]!.size === 0) {
      if (this.bid > 0 && this.ask > 0) this.middle = (this.bid + this.ask) / 2
      return
    }
    const bids = this.backed(book, BUY)
    const bid = bids < 0 ? 0 : this.prices[bids]!
    const bidSize = bids < 0 ? 0 : this.sizes[bids]!
    const asks = this.backed(book, SELL)
    const ask = asks < 0 ? 0 : this.prices[asks]!
    const askSize = asks < 0 ? 0 : this.sizes[asks]!
    if (bid > 0 && ask > 0) this.middle = (bid + ask) / 2
    if (Math.abs(this.bid - this.middle) > this.reach) {
      this.bid = bid
      this.bidSize = bidSize
    }
    if (Math.abs(this.ask - this.middle) > this.reach) {
      this.ask = ask
      this.askSize = askSize
    }
  }

  /** Place among `prices` of the best price of a side at which an agent has an order; -1 where none has. */
  backed(book: OrderBook, side: number): number {
    for (;;) {
      const { prices, sizes } = this
      const found = book.depth(side, prices, sizes)
      for (let i = 0; i < found; i++) if (sizes[i]! > (this.lots[side]!.get(prices[i]!) ?? 0)) return i
      if (found < prices.length || prices.length >= deepest) return -1
      this.prices = new Float64Array(8 * prices.length)
      this.sizes = new Float64Array(8 * prices.length)
    }
  }

  /**
   * Worst price that a market order of an agent takes; NaN where it takes any, as no order of the outside stands too far away.
   *
   * @param side of the order
   */
  bound(book: OrderBook, side: number): number {
    const others = this.lots[side ^ 1]!
    if (others.size === 0) return NaN
    const sign = side === BUY ? 1 : -1
    const far = follows * this.reach
    const edge = side === BUY ? Math.floor(this.middle + far) : Math.ceil(this.middle - far)
    let isFar = false
    for (const price of others.keys()) if (sign * (price - edge) > 0) isFar = true
    if (!isFar) return NaN
    const agents = this.backed(book, side ^ 1)
    const worst = agents < 0 ? edge : sign * Math.max(sign * edge, sign * this.prices[agents]!)
    return Math.max(1, worst)
  }
}
