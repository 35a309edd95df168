import type { Instrument } from './instrument.ts'
import type { Order } from './order.ts'
import type { Side } from './vocabulary.ts'

/** One price of an order book, as decimals. */
export interface BookLevel {
  /** In the instrument's currency. */
  readonly price: number
  /** Volume shown at this price. */
  readonly volume: number
  /** Orders shown at this price. */
  readonly orders: number
}

/** What can be seen of an instrument's order book at one moment: a copy, best prices first. */
export interface BookView {
  /** Whose book it is. */
  readonly instrument: Instrument
  /** Milliseconds since 1970 UTC. */
  readonly time: number
  /** What would buy, the highest price first; empty where nobody does. */
  readonly bids: readonly BookLevel[]
  /** What would sell, the lowest price first; empty where nobody does. */
  readonly asks: readonly BookLevel[]
  /** Highest bid, NaN where there is none. */
  readonly bestBid: number
  /** Lowest ask, NaN where there is none. */
  readonly bestAsk: number
  /** Halfway between them, NaN where a side is empty. */
  readonly mid: number
  /** Their distance, NaN where a side is empty. */
  readonly spread: number
}

/** An order in the market's book, anybody's, at the moment something happened to it. It never changes. */
export class MarketOrder {
  readonly #id: number
  readonly #instrument: Instrument
  readonly #side: Side
  readonly #price: number
  readonly #volume: number
  readonly #myOrder: Order | undefined

  constructor(
    id: number,
    instrument: Instrument,
    side: Side,
    price: number,
    volume: number,
    myOrder: Order | undefined,
  ) {
    this.#id = id
    this.#instrument = instrument
    this.#side = side
    this.#price = price
    this.#volume = volume
    this.#myOrder = myOrder
  }

  /** The exchange's number of it. */
  get id(): number {
    return this.#id
  }
  /** In whose book it is. */
  get instrument(): Instrument {
    return this.#instrument
  }
  /** Whether it buys or sells. */
  get side(): Side {
    return this.#side
  }
  /** Limit price, or the stop price of a stop that waits. */
  get price(): number {
    return this.#price
  }
  /** Volume that may still trade. */
  get volume(): number {
    return this.#volume
  }
  /** The strategy's own order that it is, if it is one. */
  get myOrder(): Order | undefined {
    return this.#myOrder
  }

  toString(): string {
    return `Order ${this.#id} in the book ${this.#side} ${this.#volume} ${this.#instrument.name} at ${this.#price}`
  }
}
