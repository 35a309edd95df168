import type { Instrument } from './instrument.ts'
import type { Order } from './order.ts'
import type { Side } from './vocabulary.ts'

/** One price of an order book, as decimals. */
export interface BookLevel {
  readonly price: number
  /** Volume shown at this price. */
  readonly volume: number
  /** Orders shown at this price. */
  readonly orders: number
}

/** What can be seen of an instrument's order book at one moment: a copy, best prices first. */
export interface BookView {
  readonly instrument: Instrument
  /** Milliseconds since 1970 UTC. */
  readonly time: number
  readonly bids: readonly BookLevel[]
  readonly asks: readonly BookLevel[]
  /** Highest bid and lowest ask, NaN where that side is empty. */
  readonly bestBid: number
  readonly bestAsk: number
  /** Halfway between them, NaN where a side is empty. */
  readonly mid: number
  /** Their distance, NaN where a side is empty. */
  readonly spread: number
}

/** An order in the market's book, anybody's, at the moment something happened to it. */
export interface MarketOrder {
  /** The exchange's number of it. */
  readonly id: number
  readonly instrument: Instrument
  readonly side: Side
  /** Limit price, or the stop price of a stop that waits. */
  readonly price: number
  /** Volume that may still trade. */
  readonly volume: number
  /** The strategy's own order that it is, if it is one. */
  readonly myOrder: Order | undefined
}
