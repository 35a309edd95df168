import type { LiveBook } from './live-book.ts'
import type { MarketTape } from './market-tape.ts'
import {
  type BarColumns,
  type BookView,
  EventType,
  type Instrument,
  type Order,
  type Refusal,
  RefusalCode,
} from '#market'

/** What `next` found. */
export const MarketStep = {
  /** Nothing is left. */
  END: 0,
  /** Part or all of one of our orders traded. */
  FILL: 1,
  /** The exchange took one of our orders back. */
  CANCEL: 2,
  /** A bar is complete. */
  BAR: 3,
  /** All that bears this time stamp has happened: time to value the account. */
  MARK: 4,
  /** The market traded. */
  TRADE: 5,
  /** Something happened to an order in the book, ours or another's: `event` says what. */
  ORDER: 6,
  /** What the book shows has changed. */
  BOOK: 7,
  /** One of our orders has reached the exchange and works there. */
  RECEIVED: 8,
  /**
   * A request of ours has reached the exchange and was refused: `refusal` says why, `event` what it was
   * (REJECTED an order, CANCEL or CHANGE).
   */
  REJECTED: 9,
  /** Trading was halted, or goes on: `event` says which. */
  PHASE: 10,
  /** One of our orders has the terms that were asked for: `volume` is what may still trade, `price` its price. */
  CHANGED: 11,
  /** Nothing more happens up to the bound. */
  PAUSE: 12,
} as const
export type MarketStep = (typeof MarketStep)[keyof typeof MarketStep]

/** Details of the newest step. One object is reused for all steps: read it before the next. */
export interface MarketDetail {
  /** Microseconds UTC. */
  time: number
  /** Index into the exchange's instruments. */
  instrument: number
  /** Row in the instrument's bars. */
  row: number
  /** Whether a BAR step is the last of its stamp, so that no MARK follows it. */
  complete: boolean
  /** Whether a BAR step is the last of its stamp, but orders can still fill at its close before a MARK. */
  closes: boolean
  /** The order that filled or was taken back. */
  order: Order | undefined
  /** Price per unit of a fill, slippage included. */
  price: number
  /** How much worse than the market's price that is, per unit. */
  slippage: number
  /** Volume of a fill; the account may afford less. */
  volume: number
  /** Whether a fill was at the open of its bar, so that all of the bar comes after it. */
  atOpen: boolean
  /** Price that what is held is valued at after a fill that does not move it, one between two orders of the run; else NaN. */
  valuedAt: number
  /** Whether the fill of the other of two own orders that have traded with each other comes next: what the accounts are worth is known then. */
  halfTold: boolean
  /** Whether our order waited in the market and another took it. */
  maker: boolean
  /** Whether a fill leaves an order by notional with money that pays for no more. */
  spent: boolean
  /** Name of the fill rule, or the reason of a cancel. */
  rule: string
  /** What an ORDER or PHASE step was. */
  event: EventType
  /** Number of the order in the book that an ORDER step is about. */
  bookOrder: number
  /** Side of an order in the book, or of the taker of a trade: 1 buys, -1 sells, 0 where the data do not tell. */
  side: 1 | -1 | 0
  refusal: Refusal | undefined
}

/** Details before the first step. */
export function noDetail(): MarketDetail {
  return {
    time: NaN,
    instrument: 0,
    row: -1,
    complete: false,
    closes: false,
    order: undefined,
    price: NaN,
    slippage: 0,
    volume: 0,
    atOpen: false,
    valuedAt: NaN,
    halfTold: false,
    maker: false,
    spent: false,
    rule: '',
    event: EventType.BAR,
    bookOrder: 0,
    side: 0,
    refusal: undefined,
  }
}

/** What a market that the run made showed of its books at the end of every bar. */
export interface BookColumns {
  /** Prices per side that were kept. */
  readonly levels: number
  /** Row by row, best price first: the level `j` of row `i` is at `i * levels + j`. NaN where a side is shorter. */
  readonly bidPrice: Float64Array
  readonly bidVolume: Float64Array
  readonly askPrice: Float64Array
  readonly askVolume: Float64Array
  /** The strategy's own orders that rested then, one after the other. */
  readonly ownRow: Int32Array
  /** Id of the order. */
  readonly ownOrder: Int32Array
  /** 1 buys, -1 sells. */
  readonly ownSide: Int8Array
  readonly ownPrice: Float64Array
  /** What of it may still trade. */
  readonly ownVolume: Float64Array
  /** Volume shown at its price that trades before it. */
  readonly ownAhead: Float64Array
  /** What of it the book shows: less than its volume of an iceberg, 0 of a hidden order, before which all shown at its price trades. */
  readonly ownShown: Float64Array
}

/** Which steps somebody listens to; the others need not be given. */
export interface Interest {
  readonly trades: boolean
  readonly orders: boolean
  readonly book: boolean
}

/** Microseconds that a request takes to an exchange that has a delay, where nothing else is asked for. */
export const usualLatency = 1000

/** @throws RangeError where a delay is not one that an exchange can have */
export function checkLatency(what: string, latency: number): void {
  if (!(Number.isInteger(latency) && latency >= 0 && latency <= 60e6))
    throw new RangeError(`${what}: latency is ${latency}; expected whole microseconds up to a minute`)
}

/** What a working order is to be: all three are given, those that stay too. */
export interface Terms {
  readonly volume: number
  /** NaN where the type has none. */
  readonly price: number
  readonly stopPrice: number
}

/** How the bars of an instrument are stamped. */
export interface BarStamps {
  /** Whether a stamp is where a bar begins or where it ends. */
  readonly at: 'open' | 'close'
  /** Microseconds between two bars at the least; 0 where that is not known. */
  readonly interval: number
  /** Whether all stamps are midnights UTC: dates without a time of day. */
  readonly dates: boolean
}

/** Where orders meet a market. It moves one step at a time, and only when asked: nothing here knows a clock. */
export interface Exchange {
  readonly name: string
  readonly instruments: readonly Instrument[]
  /** Bars it will give in all. */
  readonly bars: number
  /** Microseconds of what comes next; Infinity when nothing does. */
  readonly nextTime: number
  readonly detail: Readonly<MarketDetail>
  /** Whether an order works as soon as it was submitted; else a RECEIVED or REJECTED step tells later. */
  readonly immediate: boolean
  /** Whether a fill has happened on a market that others see, so that nothing of it can be taken back. */
  readonly binding: boolean
  /** Whether it ends the other order of a pair itself, together with the fill; else whoever sent them takes it back. */
  readonly holdsPairs?: boolean
  /** Whether END was given, where a market that was halted takes orders again: they trade as `settle` says. */
  readonly isOver?: boolean
  /** Told once, before the first step. */
  listen(interest: Interest): void
  /** How the bars of an instrument are stamped; where it is left out, at their end, and the time between them is not known. */
  stamps?(instrument: number): BarStamps
  /** The columns that the rows of an instrument's bars point into. */
  columns(instrument: number): BarColumns
  /** Writes down what an instrument's book shows from now on; left out where no book is made here. */
  tape?(instrument: number): MarketTape | undefined
  /**
   * Looks at an instrument's book from now on, in place of whatever was looked at before; left out where there is none.
   *
   * @param every microseconds of market time between two pictures
   */
  live?(instrument: number, every: number): LiveBook | undefined
  /** What each instrument's book showed at the end of every bar; empty where there are no books. */
  bookColumns(): BookColumns[]
  /** Last price of an instrument, NaN before the first. */
  lastPrice(instrument: number): number
  /** When that price was made, microseconds UTC; NaN before the first. */
  lastTime(instrument: number): number
  /**
   * Takes the next step in time and says what it was.
   *
   * @param bound microseconds up to which the caller wants to go; what is later is left for the next call
   */
  next(bound: number): MarketStep
  /**
   * Of an immediate exchange the next of what happens to orders at the stamp that comes, before its bars are told; END once
   * these are next.
   */
  beforeBars?(): MarketStep
  /**
   * Takes an order that was given at `time`, microseconds; it can trade only on what comes later: given before the
   * stamp that is being worked through, still on its bar. A refusal leaves nothing behind.
   *
   * @param last last price that the account of the order knows, NaN before the first: between the fills on a bar nobody has
   * been told its close. An exchange that others see too has a better one
   */
  submit(order: Order, time: number, last: number): Refusal | undefined
  /**
   * Why an order can be neither taken back nor changed now, though it works: a bar is under way on which it may have filled.
   * Left out where there is no such time.
   */
  underWay?(order: Order, time: number): Refusal | undefined
  /** Takes an order back, or asks the exchange to: then a CANCEL step follows. False when it does not work here any more. */
  cancel(order: Order, time: number): boolean
  /** Alters a working order. A refusal leaves it as it was. `last` is as of `submit`. */
  change(order: Order, terms: Terms, time: number, last: number): Refusal | undefined
  /** What can be seen of an instrument's book; undefined where there is none. */
  book(instrument: number, levels: number): BookView | undefined
  /**
   * After the last step: lets market orders that were given after it trade at the last price, or with the last book, because
   * nothing follows at which they could. Returns what becomes of them, then END.
   */
  settle(): MarketStep
}

/** Refuses prices between two ticks. */
export function offTick(
  order: Order,
  terms: { readonly price: number; readonly stopPrice: number },
): Refusal | undefined {
  const { tickSize } = order.instrument
  if (tickSize === 0) return undefined
  return (
    offTickAt('price', terms.price, order) ??
    offTickAt('stopPrice', terms.stopPrice, order) ??
    offTickAt('protectionPrice', order.protectionPrice, order)
  )
}

/**
 * Why bars do not take a price: all of theirs lie above zero, so none of them could mean one below. A trailing stop may
 * start there, since it comes up.
 */
export function belowZero(
  order: Order,
  terms: { readonly price: number; readonly stopPrice: number },
): Refusal | undefined {
  const what = terms.price < 0 ? 'price' : terms.stopPrice < 0 && !(order.trail > 0) ? 'stopPrice' : undefined
  if (what === undefined) return undefined
  return {
    code: RefusalCode.OUT_OF_RANGE,
    reason: `The ${what} ${terms[what]} is below zero, and ${order.instrument.name} trades above it.`,
    numbers: { [what]: terms[what], lowest: 0 },
  }
}

function offTickAt(
  what: 'price' | 'stopPrice' | 'protectionPrice',
  price: number,
  { instrument }: Order,
): Refusal | undefined {
  const { tickSize, name } = instrument
  const ticks = price / tickSize
  // Written so that NaN, no price at all, is none between two ticks.
  if (!(Math.abs(ticks - Math.round(ticks)) > 1e-6)) return undefined
  return {
    code: RefusalCode.OFF_TICK,
    reason: `The ${what} ${price} is not a multiple of the tick ${tickSize} of ${name}.`,
    numbers: { [what]: price, tickSize },
  }
}
