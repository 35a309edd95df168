/** Which way an order or a trade goes. */
export const Side = { BUY: 'BUY', SELL: 'SELL' } as const
export type Side = (typeof Side)[keyof typeof Side]

/** How an order meets the market. A stop order becomes a market order, a stop-limit order a limit order, once its stop price trades. */
export const OrderType = {
  MARKET: 'MARKET',
  LIMIT: 'LIMIT',
  STOP: 'STOP',
  STOP_LIMIT: 'STOP_LIMIT',
} as const
export type OrderType = (typeof OrderType)[keyof typeof OrderType]

/** Time in force and execution conditions. `NONE` rests until it is filled or cancelled. */
export const OrderFlag = {
  NONE: 'NONE',
  FILL_OR_KILL: 'FILL_OR_KILL',
  ALL_OR_NONE: 'ALL_OR_NONE',
  IMMEDIATE_OR_CANCEL: 'IMMEDIATE_OR_CANCEL',
  POST_ONLY: 'POST_ONLY',
  DAY: 'DAY',
} as const
export type OrderFlag = (typeof OrderFlag)[keyof typeof OrderFlag]

/** Where an order is in its life. Every order ends as exactly one of FILLED, CANCELLED or REJECTED. */
export const OrderStatus = {
  /** Made, not sent. */
  NEW: 'NEW',
  /** Accepted and working; part of it may be filled. */
  OPEN: 'OPEN',
  FILLED: 'FILLED',
  CANCELLED: 'CANCELLED',
  REJECTED: 'REJECTED',
} as const
export type OrderStatus = (typeof OrderStatus)[keyof typeof OrderStatus]

/** What an event says happened. The last six concern the strategy's own orders only. */
export const EventType = {
  TRADE: 'TRADE',
  BAR: 'BAR',
  BOOK: 'BOOK',
  OPEN: 'OPEN',
  FILL: 'FILL',
  CANCEL: 'CANCEL',
  CHANGE: 'CHANGE',
  DATA: 'DATA',
  ERROR: 'ERROR',
  HALT: 'HALT',
  CONTINUE: 'CONTINUE',
  START: 'START',
  EXIT: 'EXIT',
  BOUGHT: 'BOUGHT',
  SOLD: 'SOLD',
  RECEIVED: 'RECEIVED',
  REJECTED: 'REJECTED',
  CANCELED: 'CANCELED',
} as const
export type EventType = (typeof EventType)[keyof typeof EventType]

/**
 * What a run is: history replayed, data that are watched with order entry blocked, a broker's test venue, or real orders.
 * There is no adapter to a venue yet, so the last two are refused.
 */
export const TradingType = {
  BACKTEST: 'BACKTEST',
  SIMULATION: 'SIMULATION',
  SANDBOX: 'SANDBOX',
  LIVE: 'LIVE',
} as const
export type TradingType = (typeof TradingType)[keyof typeof TradingType]

/** What kind of thing an instrument is. */
export const InstrumentType = {
  EQUITY: 'EQUITY',
  INDEX: 'INDEX',
  CURRENCY: 'CURRENCY',
  PAIR: 'PAIR',
  FUTURE: 'FUTURE',
  OPTION: 'OPTION',
  BOND: 'BOND',
  COMMODITY: 'COMMODITY',
  MUTUALFUND: 'MUTUALFUND',
  SPREAD: 'SPREAD',
  OTHER: 'OTHER',
} as const
export type InstrumentType = (typeof InstrumentType)[keyof typeof InstrumentType]

/** Why a request was refused. A refusal also carries a sentence and the numbers that decided it. */
export const RefusalCode = {
  UNKNOWN_INSTRUMENT: 'UNKNOWN_INSTRUMENT',
  UNKNOWN_EXCHANGE: 'UNKNOWN_EXCHANGE',
  UNKNOWN_ORDER: 'UNKNOWN_ORDER',
  ORDER_FINISHED: 'ORDER_FINISHED',
  DUPLICATE_ORDER: 'DUPLICATE_ORDER',
  NO_MARKET: 'NO_MARKET',
  OFF_LOT: 'OFF_LOT',
  OFF_TICK: 'OFF_TICK',
  INSUFFICIENT_FUNDS: 'INSUFFICIENT_FUNDS',
  SHORT_NOT_ALLOWED: 'SHORT_NOT_ALLOWED',
  TOO_MANY_ORDERS: 'TOO_MANY_ORDERS',
  /** Beyond what the book can hold exactly, or below what it accepts. */
  OUT_OF_RANGE: 'OUT_OF_RANGE',
  /** Two terms of the order exclude each other. */
  CONTRADICTORY: 'CONTRADICTORY',
  WOULD_TRADE: 'WOULD_TRADE',
  WOULD_TRIGGER: 'WOULD_TRIGGER',
  NOT_REDUCING: 'NOT_REDUCING',
  NOT_FILLABLE: 'NOT_FILLABLE',
  /** The market of the instrument is halted, or the risk rules have halted the account. */
  HALTED: 'HALTED',
  /** The strategy or a rule restricted the trading hours, and this is not within them. */
  OUTSIDE_HOURS: 'OUTSIDE_HOURS',
  ORDER_TOO_LARGE: 'ORDER_TOO_LARGE',
  POSITION_LIMIT: 'POSITION_LIMIT',
  GROSS_EXPOSURE: 'GROSS_EXPOSURE',
  NET_EXPOSURE: 'NET_EXPOSURE',
  SHARE_OF_FUNDS: 'SHARE_OF_FUNDS',
  LEVERAGE: 'LEVERAGE',
  PRICE_BAND: 'PRICE_BAND',
  ORDER_RATE: 'ORDER_RATE',
  MESSAGE_RATE: 'MESSAGE_RATE',
  SELF_TRADE: 'SELF_TRADE',
  RESTRICTED: 'RESTRICTED',
  SHORT_NOT_AVAILABLE: 'SHORT_NOT_AVAILABLE',
  STALE_DATA: 'STALE_DATA',
  DAILY_LOSS: 'DAILY_LOSS',
  DRAWDOWN: 'DRAWDOWN',
  EQUITY_STOP: 'EQUITY_STOP',
  LOSS_STREAK: 'LOSS_STREAK',
  /** The strategy pulled its kill switch. */
  KILLED: 'KILLED',
  /** The run only watches: see `TradingType.SIMULATION`. */
  ORDER_ENTRY_BLOCKED: 'ORDER_ENTRY_BLOCKED',
  RUN_ENDED: 'RUN_ENDED',
  /** The currency of the instrument has no rate yet: its pair had no bar. */
  NO_RATE: 'NO_RATE',
} as const
export type RefusalCode = (typeof RefusalCode)[keyof typeof RefusalCode]
