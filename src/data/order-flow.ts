import type { InstrumentSpec } from '#market'

/** What a message of a recorded order flow says. */
export const FlowKind = {
  /** An order came to rest in the book, behind all others at its price. */
  OPEN: 1,
  /** An order of unknown age came into sight: it rested before the recording began, or outside the levels that it shows. */
  APPEAR: 2,
  /** `size` of an order was taken back; all of it when nothing is left. */
  CANCEL: 3,
  /** `size` of an order has traded: follows the TRADE that says so. */
  EXECUTE: 4,
  /** A trade with the shown order `id`, which rested on `side`. */
  TRADE: 5,
  /** A trade with an order that was not shown and rested on `side`. */
  HIDDEN: 6,
  /** A trade of an auction, in which nobody took. */
  CROSS: 7,
  /** Trading was halted. */
  HALT: 8,
  /** Trading goes on. */
  RESUME: 9,
} as const
export type FlowKind = (typeof FlowKind)[keyof typeof FlowKind]

/** Some messages of a recorded order flow, one row each. What a kind has no use for is 0. */
export interface FlowBlock {
  /** Rows there are; the columns may be longer. */
  readonly length: number
  /** Microseconds UTC, never falling. */
  readonly time: Float64Array
  /** A `FlowKind`. */
  readonly kind: Uint8Array
  /** Number of the order. */
  readonly id: Float64Array
  /** Side of the order that rests or rested: 1 buys, -1 sells. */
  readonly side: Int8Array
  /** In steps of the flow's `priceStep`. */
  readonly price: Float64Array
  /** In lots of the instrument. */
  readonly size: Float64Array
}

/** Everything that happened to the orders of one instrument's book, as its exchange recorded it. */
export interface RecordedFlow {
  readonly instrument: InstrumentSpec
  /** What one unit of a message's price is worth: 0.0001 in LOBSTER files. */
  readonly priceStep: number
  /** Microseconds UTC of the first and of the last message. */
  readonly start: number
  readonly end: number
  /** Seconds of a bar that is made of its trades; 10 where it is left out. */
  readonly barSeconds?: number
  /** Microseconds that a strategy's request takes to the exchange; 1000 where it is left out. */
  readonly latency?: number
  /** The messages in their order, from the first each time it is asked. An array of blocks, or a reader of a file of any length. */
  readonly messages: Iterable<FlowBlock>
}

/** Whether a line is a message in the LOBSTER layout: seconds, type 1 to 7, order, size, price in ten-thousandths, side. */
export const isLobsterMessage = (line: string): boolean =>
  /^\d+(\.\d+)?,[1-7],\d+,\d+,-?\d+,-?1\s*$/.test(line)
