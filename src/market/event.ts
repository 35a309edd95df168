import type { Bar } from './bar.ts'
import type { Data } from './data.ts'
import type { BookView, MarketOrder } from './book-view.ts'
import type { Order } from './order.ts'
import type { Trade } from './trade.ts'
import type { EventType, RefusalCode } from './vocabulary.ts'

/** What a handler is given: what happened, and to what. It cannot be altered. */
export class Event<Target = unknown> {
  readonly #type: EventType
  readonly #target: Target

  constructor(type: EventType, target: Target) {
    this.#type = type
    this.#target = target
  }

  /** What happened. */
  get type(): EventType {
    return this.#type
  }
  /** To what it happened: a bar, a trade, an order. */
  get target(): Target {
    return this.#target
  }
}

/** A request that the risk layer or the exchange did not accept. */
export interface Refusal {
  /** Why, as a name to compare with: `RefusalCode.INSUFFICIENT_FUNDS`. */
  readonly code: RefusalCode
  /** One sentence for a person. */
  readonly reason: string
  /** The numbers that decided, by name. */
  readonly numbers: Readonly<Record<string, number>>
}

/** An order that a rule let pass only in part. */
export interface Clip extends Refusal {
  /** Volume that was asked for. */
  readonly asked: number
  /** Volume that was accepted, which is the order's now. */
  readonly given: number
}

/**
 * The answer to an order request. Test `accepted`: an object is always truthy. On bars what is accepted works. On a market with
 * a book it was accepted by the risk rules and the account and is on its way; `onReceived` or `onRejected` tells what the
 * exchange says of it, and a refused order no longer counts among `orders()` then.
 */
export type Acknowledgement =
  | { readonly accepted: true; readonly order: Order; readonly clip?: Clip }
  | ({ readonly accepted: false; readonly order: Order | undefined } & Refusal)

/** A refused request as an event's target: an order that was not accepted, or a cancel or change that came too late. */
export interface Rejection extends Refusal {
  /** What was asked for and refused. */
  readonly kind: 'order' | 'cancel' | 'change'
  /** The order that was to be sent, cancelled or changed. */
  readonly order: Order
}

/** A failure of the strategy, as `onError` sees it. */
export interface HandlerError {
  /**
   * What failed: the handler that threw, such as `onBar`, or `slippage`, `transactionCost`, `indicator`, `scheduled job`; `promise`
   * for one that was rejected and that nobody handled.
   */
  readonly handler: string
  /** What was thrown, mostly an Error. */
  readonly error: unknown
}

/** A trade has printed; `target` is the trade. */
export type TradeEvent = Event<Trade>
/** A bar has closed; `target` is the bar. */
export type BarEvent = Event<Bar>
/** The data set has more of a bar than prices; `target` is what. */
export type DataEvent = Event<Data>
/** One of the strategy's own orders has changed; `target` is the order. */
export type OrderEvent = Event<Order>
/** Something happened to an order in the book; `target` is how it stands now. */
export type MarketOrderEvent = Event<MarketOrder>
/** What a book shows has changed; `target` is what it shows now. */
export type BookEvent = Event<BookView>
/** A request was refused; `target` says which and why. */
export type RejectionEvent = Event<Rejection>
/** A handler has thrown; `target` says which handler and what. */
export type ErrorEvent = Event<HandlerError>
