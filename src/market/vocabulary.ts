/** Which way an order or a trade goes. */
export const Side = {
  /** Gets what is traded and pays for it. */
  BUY: 'BUY',
  /** Gives what is traded and is paid for it. */
  SELL: 'SELL',
} as const
export type Side = (typeof Side)[keyof typeof Side]

/** How an order meets the market. A stop order becomes a market order, a stop-limit order a limit order, once its stop price trades. */
export const OrderType = {
  /** Trades at once at what the market offers; on bars at the open of the next one. */
  MARKET: 'MARKET',
  /** Trades at its `price` or better, and rests until it can. */
  LIMIT: 'LIMIT',
  /** Waits until its `stopPrice` trades, and is a market order from then on. */
  STOP: 'STOP',
  /** Waits until its `stopPrice` trades, and is a limit order at its `price` from then on. */
  STOP_LIMIT: 'STOP_LIMIT',
} as const
export type OrderType = (typeof OrderType)[keyof typeof OrderType]

/** Time in force and execution conditions. `NONE` rests until it is filled or cancelled. */
export const OrderFlag = {
  /** Rests until it is filled or cancelled. */
  NONE: 'NONE',
  /** All of it at once, or nothing. */
  FILL_OR_KILL: 'FILL_OR_KILL',
  /** All of it in one go or nothing, and it waits until that can be. */
  ALL_OR_NONE: 'ALL_OR_NONE',
  /** What can trade at once; the rest is taken back. */
  IMMEDIATE_OR_CANCEL: 'IMMEDIATE_OR_CANCEL',
  /** Only rests: it is refused where it would trade at once. */
  POST_ONLY: 'POST_ONLY',
  /** Is taken back at the end of the trading day. */
  DAY: 'DAY',
} as const
export type OrderFlag = (typeof OrderFlag)[keyof typeof OrderFlag]

/**
 * What happens when an order that comes would trade with one of the same account that rests: by FIX the self-match or
 * self-trade prevention instruction. The account is that of the run: strategies beside one another are one owner.
 */
export const SelfTrade = {
  /** Nothing: the two trade with each other. */
  NONE: 'NONE',
  /** The order that comes is taken back with what it has not traded yet. */
  CANCEL_NEWEST: 'CANCEL_NEWEST',
  /** The order that rests is taken back, and the one that comes goes on. */
  CANCEL_OLDEST: 'CANCEL_OLDEST',
  /** Both are taken back. */
  CANCEL_BOTH: 'CANCEL_BOTH',
} as const
export type SelfTrade = (typeof SelfTrade)[keyof typeof SelfTrade]

/** Where an order is in its life. Every order ends as exactly one of FILLED, CANCELLED or REJECTED. */
export const OrderStatus = {
  /** Made, not sent. */
  NEW: 'NEW',
  /** Accepted and working; part of it may be filled. */
  OPEN: 'OPEN',
  /** All of it has traded. */
  FILLED: 'FILLED',
  /** Taken back with what was not filled: by the strategy, by its terms, or at the end of the run. */
  CANCELLED: 'CANCELLED',
  /** Not accepted; nothing of it has traded. */
  REJECTED: 'REJECTED',
} as const
export type OrderStatus = (typeof OrderStatus)[keyof typeof OrderStatus]

/** What an event says happened. The last six concern the strategy's own orders only. */
export const EventType = {
  /** A trade has printed: `onTrade`. */
  TRADE: 'TRADE',
  /** A bar has closed: `onBar`. */
  BAR: 'BAR',
  /** What an order book shows has changed: `onBook`. */
  BOOK: 'BOOK',
  /** An order rests in the book: `onOpen`. */
  OPEN: 'OPEN',
  /** An order of the book has been filled whole: `onFill`. */
  FILL: 'FILL',
  /** An order has left the book without a fill: `onCancel`. */
  CANCEL: 'CANCEL',
  /** An order of the book has other terms, or a part of it has traded: `onChange`. */
  CHANGE: 'CHANGE',
  /** The data set has more of a bar than prices: `onData`. */
  DATA: 'DATA',
  /** A handler, or something else of the strategy, has failed: `onError`. */
  ERROR: 'ERROR',
  /** Trading was halted, or only what reduces is accepted: `onHalt`. */
  HALT: 'HALT',
  /** Trading goes on: `onContinue`. */
  CONTINUE: 'CONTINUE',
  /** The run begins: `onStart`. */
  START: 'START',
  /** The run ends: `onExit`. */
  EXIT: 'EXIT',
  /** One of the own orders has bought: `onBought`. */
  BOUGHT: 'BOUGHT',
  /** One of the own orders has sold: `onSold`. */
  SOLD: 'SOLD',
  /** The exchange has one of the own orders: `onReceived`. */
  RECEIVED: 'RECEIVED',
  /** One of the own requests was refused: `onRejected`. */
  REJECTED: 'REJECTED',
  /** One of the own orders was taken back: `onCanceled`. */
  CANCELED: 'CANCELED',
} as const
export type EventType = (typeof EventType)[keyof typeof EventType]

/**
 * What a run is: history replayed, data that are watched with order entry blocked, a broker's test venue, or real orders.
 * There is no adapter to a venue yet, so the last two are refused.
 */
export const TradingType = {
  /** History, or a market that is made, is replayed; orders trade against it. */
  BACKTEST: 'BACKTEST',
  /** Data are watched, and every order is refused with `ORDER_ENTRY_BLOCKED`. */
  SIMULATION: 'SIMULATION',
  /** A test venue of a broker; refused, since there is no adapter yet. */
  SANDBOX: 'SANDBOX',
  /** Real orders; refused, since there is no adapter yet. */
  LIVE: 'LIVE',
} as const
export type TradingType = (typeof TradingType)[keyof typeof TradingType]

/** What kind of thing an instrument is. */
export const InstrumentType = {
  /** A share or a fund that trades like one. */
  EQUITY: 'EQUITY',
  /** An index, which cannot be held itself. */
  INDEX: 'INDEX',
  /** A single currency. */
  CURRENCY: 'CURRENCY',
  /** One currency or crypto asset in another, such as EURUSD. */
  PAIR: 'PAIR',
  /** A futures contract. */
  FUTURE: 'FUTURE',
  /** An option contract. */
  OPTION: 'OPTION',
  /** A bond. */
  BOND: 'BOND',
  /** A commodity. */
  COMMODITY: 'COMMODITY',
  /** A fund that is bought from its issuer. */
  MUTUALFUND: 'MUTUALFUND',
  /** The difference of several instruments that trades as one. */
  SPREAD: 'SPREAD',
  /** Anything else. */
  OTHER: 'OTHER',
} as const
export type InstrumentType = (typeof InstrumentType)[keyof typeof InstrumentType]

/** Why a request was refused. A refusal also carries a sentence and the numbers that decided it. */
export const RefusalCode = {
  /** The run does not have the instrument. */
  UNKNOWN_INSTRUMENT: 'UNKNOWN_INSTRUMENT',
  /** The instrument does not trade on the exchange that was named. */
  UNKNOWN_EXCHANGE: 'UNKNOWN_EXCHANGE',
  /** No order of that number, or of this object, was sent. */
  UNKNOWN_ORDER: 'UNKNOWN_ORDER',
  /** The order has been filled, cancelled or rejected already, or may have filled on a bar under way: the cancel or change came too late. */
  ORDER_FINISHED: 'ORDER_FINISHED',
  /** The same order was sent before, or one like it just now; see `reason`. */
  DUPLICATE_ORDER: 'DUPLICATE_ORDER',
  /** There is no price yet that a target could be valued at or a stop could trail. */
  NO_MARKET: 'NO_MARKET',
  /** The volume is not a whole number of lots, `lotSize` of the instrument. */
  OFF_LOT: 'OFF_LOT',
  /** The price is not a whole number of ticks, `tickSize` of the instrument. */
  OFF_TICK: 'OFF_TICK',
  /** The account cannot pay for it, open orders counted. */
  INSUFFICIENT_FUNDS: 'INSUFFICIENT_FUNDS',
  /** It would make the position negative, and the account or a rule is long only. */
  SHORT_NOT_ALLOWED: 'SHORT_NOT_ALLOWED',
  /** As many orders work already as may. */
  TOO_MANY_ORDERS: 'TOO_MANY_ORDERS',
  /** Beyond what the book can hold exactly, or below what it accepts. */
  OUT_OF_RANGE: 'OUT_OF_RANGE',
  /** Two terms of the order exclude each other. */
  CONTRADICTORY: 'CONTRADICTORY',
  /** A post-only order would have traded at once. */
  WOULD_TRADE: 'WOULD_TRADE',
  /** The market has reached the stop price already. */
  WOULD_TRIGGER: 'WOULD_TRIGGER',
  /** Only what makes a position smaller is accepted now. */
  NOT_REDUCING: 'NOT_REDUCING',
  /** It cannot be filled whole at once. No exchange here refuses for that: such orders end as cancelled. */
  NOT_FILLABLE: 'NOT_FILLABLE',
  /** The market of the instrument is halted, or the risk rules have halted the account. */
  HALTED: 'HALTED',
  /** The strategy or a rule restricted the trading hours, and this is not within them. */
  OUTSIDE_HOURS: 'OUTSIDE_HOURS',
  /** Volume or value of the order is above the rule for one order. */
  ORDER_TOO_LARGE: 'ORDER_TOO_LARGE',
  /** The position would become larger than the rule allows. */
  POSITION_LIMIT: 'POSITION_LIMIT',
  /** The value of all positions, without their directions, would be above the rule. */
  GROSS_EXPOSURE: 'GROSS_EXPOSURE',
  /** The value of the positions, shorts negative, would be above the rule. */
  NET_EXPOSURE: 'NET_EXPOSURE',
  /** The position would be a larger share of the equity than the rule allows. */
  SHARE_OF_FUNDS: 'SHARE_OF_FUNDS',
  /** The positions would be more times the equity than the leverage allows. */
  LEVERAGE: 'LEVERAGE',
  /** The limit price lies too far from the last price. */
  PRICE_BAND: 'PRICE_BAND',
  /** Too many orders in the time that the rule gives. */
  ORDER_RATE: 'ORDER_RATE',
  /** Too many requests of any kind in the time that the rule gives; cancels are still taken. */
  MESSAGE_RATE: 'MESSAGE_RATE',
  /** It would trade with another order of the same account. */
  SELF_TRADE: 'SELF_TRADE',
  /** The instrument is on the restricted list: positions in it may only be closed. */
  RESTRICTED: 'RESTRICTED',
  /** There is not so much of it to borrow for a short. */
  SHORT_NOT_AVAILABLE: 'SHORT_NOT_AVAILABLE',
  /** The last price is older than the rule allows, or there is none. */
  STALE_DATA: 'STALE_DATA',
  /** The day has lost as much as the rule allows. */
  DAILY_LOSS: 'DAILY_LOSS',
  /** The account has fallen as far from its peak as the rule allows. */
  DRAWDOWN: 'DRAWDOWN',
  /** As much of the profit has been given back as the rule allows. */
  EQUITY_STOP: 'EQUITY_STOP',
  /** So many trades in a row have lost that trading pauses. */
  LOSS_STREAK: 'LOSS_STREAK',
  /** The strategy pulled its kill switch. */
  KILLED: 'KILLED',
  /** The run only watches: see `TradingType.SIMULATION`. */
  ORDER_ENTRY_BLOCKED: 'ORDER_ENTRY_BLOCKED',
  /** The run is over; the last orders can be sent in `onExit`. */
  RUN_ENDED: 'RUN_ENDED',
  /** The currency of the instrument has no rate yet: its pair had no bar. */
  NO_RATE: 'NO_RATE',
} as const
export type RefusalCode = (typeof RefusalCode)[keyof typeof RefusalCode]
