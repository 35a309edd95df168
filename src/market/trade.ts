import type { Instrument } from './instrument.ts'
import type { Order } from './order.ts'
import type { Side } from './vocabulary.ts'

/** What a trade is made of; `time` in microseconds. */
export interface TradeParts {
  readonly id: number
  readonly instrument: Instrument
  readonly side: Side | undefined
  readonly price: number
  readonly volume: number
  readonly time: number
  readonly myOrder?: Order
  readonly slippage?: number
  readonly transactionCost?: number
  readonly rule?: string
}

/** A trade that printed on the market. When it filled one of the strategy's own orders, `myOrder` is that order. */
export class Trade {
  readonly #parts: TradeParts

  constructor(parts: TradeParts) {
    this.#parts = parts
  }

  /** Running number, from 1: of the strategy's own trades, or of the market's. */
  get id(): number {
    return this.#parts.id
  }
  /** What was traded. */
  get instrument(): Instrument {
    return this.#parts.instrument
  }
  /** The tag of the exchange on which it was traded. */
  get exchange(): string {
    return this.#parts.instrument.exchange
  }
  /** The side of the strategy's own order when `myOrder` is given, else the taker's; undefined where the data does not tell. */
  get side(): Side | undefined {
    return this.#parts.side
  }
  /** Price per unit, slippage included. */
  get price(): number {
    return this.#parts.price
  }
  /** How much, in units of the instrument; above 0. */
  get volume(): number {
    return this.#parts.volume
  }
  /** Milliseconds since 1970 UTC. */
  get time(): number {
    return this.#parts.time / 1000
  }
  /** The strategy's own order that this trade filled, in part or whole. */
  get myOrder(): Order | undefined {
    return this.#parts.myOrder
  }
  /** How much worse than the market's price each unit was filled, in price; 0 for market data. */
  get slippage(): number {
    return this.#parts.slippage ?? 0
  }
  /** Commission in the instrument's currency; 0 for market data. */
  get transactionCost(): number {
    return this.#parts.transactionCost ?? 0
  }
  /** Name of the fill rule that made this fill; absent for market data. */
  get rule(): string | undefined {
    return this.#parts.rule
  }

  toJSON() {
    const { id, instrument, side, price, volume, time, slippage, transactionCost } = this
    return { id, instrument: instrument.name, side, price, volume, time, slippage, transactionCost }
  }
  toString(): string {
    return `Trade ${this.side ?? ''} ${this.volume} ${this.instrument.name} at ${this.price} ${new Date(this.time).toISOString()}`
  }
}
