import { RefusalCode, Side, type OrderFlag, type OrderType } from '#market'

/** Sides as the book's own door writes them: 0 buys, 1 sells. `side ^ 1` is the other side. */
export const BUY = 0
export const SELL = 1

/** Why a request was refused, as the number a listener and a caller receive; `refusalCodes[number]` is its name. 0 is no refusal. */
export const Refused = {
  NO: 0,
  DUPLICATE_ORDER: 1,
  UNKNOWN_ORDER: 2,
  ORDER_FINISHED: 3,
  OFF_LOT: 4,
  OFF_TICK: 5,
  OUT_OF_RANGE: 6,
  CONTRADICTORY: 7,
  WOULD_TRADE: 8,
  WOULD_TRIGGER: 9,
  NOT_REDUCING: 10,
  HALTED: 11,
  NO_MARKET: 12,
  TOO_MANY_ORDERS: 13,
} as const
export type Refused = (typeof Refused)[keyof typeof Refused]

/** The vocabulary's name of each number of `Refused`; the entry at 0 is never given. */
export const refusalCodes: readonly RefusalCode[] = [
  RefusalCode.NO_MARKET,
  RefusalCode.DUPLICATE_ORDER,
  RefusalCode.UNKNOWN_ORDER,
  RefusalCode.ORDER_FINISHED,
  RefusalCode.OFF_LOT,
  RefusalCode.OFF_TICK,
  RefusalCode.OUT_OF_RANGE,
  RefusalCode.CONTRADICTORY,
  RefusalCode.WOULD_TRADE,
  RefusalCode.WOULD_TRIGGER,
  RefusalCode.NOT_REDUCING,
  RefusalCode.HALTED,
  RefusalCode.NO_MARKET,
  RefusalCode.TOO_MANY_ORDERS,
]

/** What was asked for when a request was refused. */
export const Request = { ADD: 0, CANCEL: 1, CHANGE: 2 } as const
export type Request = (typeof Request)[keyof typeof Request]

/** Why an order, or what was left of it, was taken off. */
export const CancelReason = {
  /** Its owner asked. */
  REQUESTED: 0,
  /** A market order met no (more) orders within its price cap. */
  NO_LIQUIDITY: 1,
  /** Immediate-or-cancel: the part that did not trade at once. */
  IMMEDIATE_ONLY: 2,
  /** Fill-or-kill or all-or-none that could not fill whole. */
  NOT_FILLABLE: 3,
  /** Self-trade prevention. */
  SELF_TRADE: 4,
  /** The other order of its one-cancels-other pair traded or was triggered. */
  OTHER_OF_PAIR: 5,
  /** A reduce-only order whose owner has no position left to reduce. */
  POSITION_CLOSED: 6,
  /** A change took its quantity down to what had traded already. */
  AMENDED: 7,
  /** A day order at the end of the day. */
  DAY_ENDED: 8,
  /** A triggered post-only order that would have traded at once. */
  WOULD_TRADE: 9,
  /** A market order by notional whose rest does not pay for one more lot. */
  BUDGET_SPENT: 10,
  /** A market order that an auction left unfilled. */
  AUCTION_ENDED: 11,
  /** There are more lots at its price than can be counted exactly. */
  NO_ROOM: 12,
  /** A market order by notional that has traded as many lots as it may. */
  MOST_TRADED: 13,
} as const
export type CancelReason = (typeof CancelReason)[keyof typeof CancelReason]

/** Why a working order's terms are now different. */
export const ChangeReason = {
  /** Its owner asked. */
  REQUESTED: 0,
  /** An iceberg showed its next slice, at the end of the queue. */
  REPLENISHED: 1,
  /** A trailing stop followed the market; `price` is its new stop price. */
  TRAILED: 2,
  /** An all-or-none order left the displayed ladder because an order of the other side came to rest at or through its price. */
  WITHDRAWN: 3,
} as const
export type ChangeReason = (typeof ChangeReason)[keyof typeof ChangeReason]

/** What the book is doing with the orders it is given. */
export const Phase = {
  /** Orders trade as they come. */
  CONTINUOUS: 0,
  /** Nothing but cancels is accepted. */
  HALTED: 1,
  /** Orders collect for one uncrossing; the ladder may be crossed. */
  AUCTION: 2,
} as const
export type Phase = (typeof Phase)[keyof typeof Phase]

/**
 * Receives what happens in the book, in causal order, as plain numbers: nothing is allocated. `sequence` rises by one with every event.
 * Prices are ticks, quantities lots, sides 0 (buy) and 1 (sell). The listener must not call the book.
 */
export interface BookListener {
  /** An order came to rest: `quantity` is what may still trade and `shown` what the ladder shows of it. An armed stop shows 0 and its stop price. */
  open(sequence: number, id: number, side: number, price: number, quantity: number, shown: number): void
  /**
   * One match. `makerLeft` and `takerLeft` are what the two may still trade, hidden parts included (the money left, for a
   * market order by notional); `queueLeft` is what the ladder still shows at that price. In an auction nobody takes:
   * the buyer stands as taker.
   */
  trade(
    sequence: number,
    maker: number,
    taker: number,
    takerSide: number,
    price: number,
    quantity: number,
    makerLeft: number,
    takerLeft: number,
    queueLeft: number,
  ): void
  /** An order has traded whole. */
  fill(sequence: number, id: number): void
  /** A working order's terms changed. */
  change(
    sequence: number,
    id: number,
    reason: ChangeReason,
    price: number,
    quantity: number,
    shown: number,
  ): void
  /** An order ended with `quantity` not traded (0 for a market order by notional). */
  cancel(sequence: number, id: number, reason: CancelReason, quantity: number): void
  /** A request was refused and the book is as it was. `found` is the number that decided and `bound` what it was held against, NaN where none. */
  reject(sequence: number, request: Request, id: number, code: Refused, found: number, bound: number): void
  /** A print reached a stop: it will now trade or rest as what it is underneath. `last` is that print. */
  trigger(sequence: number, id: number, stopPrice: number, last: number): void
  /** Trading was halted, resumed, or an auction was called or uncrossed at `price` with `quantity` (NaN and 0 where none). */
  phase(sequence: number, phase: Phase, price: number, quantity: number): void
}

/** What happens when an owner would trade with himself: the order that comes is ended, the one that rests, both, or none. */
export type SelfTradeRule = 'none' | 'cancel-newest' | 'cancel-oldest' | 'cancel-both'

/** What an order may be given to `OrderBook.add` with. Prices in ticks, quantities in lots: whole numbers. */
export interface BookOrder {
  /** A whole number from 0 up, never used before in this book. Small running numbers are the fastest. */
  readonly id: number
  /** Who sends it: a whole number from 1 up; 0 or none is nobody in particular, who never trades with himself. */
  readonly owner?: number
  readonly side: Side
  readonly type: OrderType
  /** Lots. Left out by a market order by `notional`. */
  readonly quantity?: number
  /** Limit of limit and stop-limit orders. A flagged market order takes it for its cap, as aat does; otherwise market and stop orders ignore it. */
  readonly price?: number
  /** Stop price of stop orders. A trailing stop without one starts its distance away from the last trade. */
  readonly stopPrice?: number
  readonly flag?: OrderFlag
  /** Worst price a market order may trade at. */
  readonly cap?: number
  /** Market order: money to spend or to raise, in ticks times lots, instead of a quantity. */
  readonly notional?: number
  /** Lots that a market order by notional trades at most, whatever its money pays for. */
  readonly most?: number
  /** Market order that trades at the best price only; the rest becomes a limit order at that price. */
  readonly toLimit?: boolean
  /** Iceberg: lots shown at a time. */
  readonly display?: number
  /** Not shown at all; trades after everything shown at its price. */
  readonly hidden?: boolean
  /** Never trades more than its owner's position, which the book must have been told. */
  readonly reduceOnly?: boolean
  /** Trailing stop: distance in ticks. */
  readonly trail?: number
  /** Trailing stop: distance in per cent of the best print since. */
  readonly trailPercent?: number
  /** One-cancels-other: id of a working order of the same owner, not paired yet. */
  readonly pairWith?: number
  /** What happens when it comes to an order of its owner, whenever it enters; as the book has it where left out. */
  readonly selfTrade?: SelfTradeRule
}

/** How a book behaves. Everything has a default: the rules of a continuous exchange, price-time priority and no listener. */
export interface BookOptions {
  /** `exchange`: fill-or-kill and immediate-or-cancel orders never rest. `aat`: flagged limit orders that cross nothing rest with their flag. */
  readonly profile?: 'exchange' | 'aat'
  /** How a taker is shared among the orders at one price: by time, or in proportion to their size with the rest by time. */
  readonly allocation?: 'price-time' | 'pro-rata'
  /** What happens when an owner would trade with himself. */
  readonly selfTrade?: SelfTradeRule
  /** Whether stops see a trade between two orders of one owner: `seen` unless told otherwise, as on venues; else no price has been made by it. */
  readonly ownPrints?: 'seen' | 'unseen'
  /** What happens to a stop whose price the market has reached already when it arrives. */
  readonly reachedStop?: 'trigger' | 'reject'
  /** Lowest price accepted, in ticks: 0 unless told otherwise; negative for spreads. */
  readonly lowestPrice?: number
  readonly listener?: BookListener
  /** Which events reach the listener: all of them, trades only (`tape`), or none. */
  readonly events?: 'none' | 'tape' | 'all'
}

/** What an order looks like from outside; a copy, not changed by what happens later. */
export interface OrderView {
  readonly id: number
  /** 0 where none was given. */
  readonly owner: number
  readonly side: Side
  readonly type: OrderType
  readonly flag: OrderFlag
  /** Limit price, null where it has none. */
  readonly price: number | null
  /** Stop price while the stop is armed, else null. */
  readonly stopPrice: number | null
  /** Lots asked for, changes included. */
  readonly quantity: number
  readonly filled: number
  /** Lots that may still trade. */
  readonly open: number
  /** Lots of it that the ladder shows. */
  readonly shown: number
}

/** One price of the ladder. */
export interface Level {
  readonly price: number
  /** Lots shown. */
  readonly quantity: number
  /** Orders shown. */
  readonly orders: number
}
