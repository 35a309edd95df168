import { type Order, OrderFlag, type Refusal, RefusalCode, SelfTrade, stateOf, trailOf } from '#market'
import type { Terms } from '#exchange'
import type { LogLevel } from '#strategy'
import { type Column, firstCapacity, Table } from './columns.ts'
import type { Course } from './course.ts'
import { orderTypes } from './ledger.ts'

/** What a strategy asked for. */
export const RequestKind = { NEW: 0, CANCEL: 1, CHANGE: 2, KILL: 3 } as const
export type RequestKind = (typeof RequestKind)[keyof typeof RequestKind]

/** `JournalOrders.flag` is an index into these. */
export const orderFlags: readonly OrderFlag[] = Object.values(OrderFlag)

/** `JournalRequests.objection` is an index into these, and one more. */
export const refusalCodes: readonly RefusalCode[] = Object.values(RefusalCode)

/** Bits of `JournalOrders.hidden`. */
export const OrderMark = {
  HIDDEN: 1,
  REDUCE_ONLY: 2,
  TO_LIMIT: 4,
  /** Three bits: one more than the index of its `selfTrade` among `selfTrades`; 0 where it has none. */
  SELF_TRADE: 8,
  NOTIONAL: 64,
} as const

/** See `OrderMark.SELF_TRADE`. */
export const selfTrades: readonly SelfTrade[] = Object.values(SelfTrade)

/** What an order says of self-trade prevention, from its marks; undefined where it says nothing. */
export const selfTradeOf = (marks: number): SelfTrade | undefined =>
  selfTrades[((marks / OrderMark.SELF_TRADE) & 7) - 1]

/** Requests in the order in which they were made. Columns of equal length. */
export interface JournalRequests {
  /** Moves that the market had made: what stands in the stream of events before the request. */
  readonly move: Int32Array
  /** Microseconds UTC: that of the move, or of the scheduled job that asked. */
  readonly time: Float64Array
  /** Place of the strategy in the run. */
  readonly strategy: Int32Array
  /** Number of the handler that asked, -1 a scheduled job. It tells people; nothing depends on it. */
  readonly handler: Int8Array
  /** A `RequestKind`. */
  readonly kind: Uint8Array
  /** Row of the order in the journal's orders; -1 where the kind is KILL; `-1 - id` where the risk rules made the order. */
  readonly order: Int32Array
  /** Where a rule of the strategy's own refused the order, one more than the index of its code; else 0. */
  readonly objection: Uint8Array
}

/** What stands in a journal beside requests: that a scheduled job was due, or a line of the log, by its level. */
export const AsideKind = { JOB: 0, DEBUG: 1, INFO: 2, WARN: 3, ERROR: 4 } as const
export type AsideKind = (typeof AsideKind)[keyof typeof AsideKind]

/** Jobs that were due and lines that were written, in their order. Nothing of the run depends on them. Columns of equal length. */
export interface JournalAsides {
  /** Moves that the market had made. */
  readonly move: Int32Array
  /** Microseconds UTC. */
  readonly time: Float64Array
  /** Place of the strategy in the run. */
  readonly strategy: Int32Array
  /** An `AsideKind`. */
  readonly kind: Uint8Array
  /** Requests that had been made: with the move, the exact place. */
  readonly request: Int32Array
  /** Index into the journal's texts; -1 of a job. */
  readonly text: Int32Array
}

/** Orders as their author made them, before anything became of them; in the order in which requests first named them. */
export interface JournalOrders {
  /** Index into the run's instruments; below zero, `-1 - index` into the journal's names: one that the run does not have. */
  readonly instrument: Int32Array
  /** 1 buys, -1 sells. */
  readonly side: Int8Array
  /** Index into `orderTypes`. */
  readonly type: Uint8Array
  /** Index into `orderFlags`. */
  readonly flag: Uint8Array
  /** Money where `hidden` says that it goes by notional. */
  readonly volume: Float64Array
  /** Of a market order its protection price. NaN where there is none, as in the next three. */
  readonly price: Float64Array
  readonly stopPrice: Float64Array
  /** Below zero: a percentage. */
  readonly trail: Float64Array
  readonly display: Float64Array
  /** What it is beside, as bits: see `OrderMark`. */
  readonly hidden: Uint8Array
  /** The order to wait for, and the one to be a pair with; -1 for none, `-1 - id` for one that the risk rules made, else an earlier row. */
  readonly after: Int32Array
  readonly pair: Int32Array
  /** Index into the journal's names of an exchange that is not the instrument's own; -1 for its own. */
  readonly exchange: Int32Array
}

/** Terms that were asked for, one row per request of the kind CHANGE; NaN where the type has none. */
export interface JournalTerms {
  readonly volume: Float64Array
  readonly price: Float64Array
  readonly stopPrice: Float64Array
}

/** What the engine has to know of a strategy without its code. */
export interface JournalStrategy {
  /** Numbers of the handlers that it has: an exchange tells no more than is listened to. */
  readonly handlers: readonly number[]
  /** Whether its own cost functions are asked about fills. */
  readonly ownCosts: boolean
  /** Cash that it began with. */
  readonly cash: number
}

/**
 * Every decision of the strategies of a run, with its exact place in the stream of events. Together with the data and
 * the settings it makes the same run again without any of the strategies' code: see `replay`.
 */
export interface Journal {
  readonly strategies: readonly JournalStrategy[]
  readonly requests: JournalRequests
  readonly orders: JournalOrders
  readonly terms: JournalTerms
  /** What the strategies' own cost functions answered, in the order in which they were asked; NaN where there was none. */
  readonly costs: { readonly answer: Float64Array }
  readonly asides: JournalAsides
  /** Names of instruments and exchanges that the run does not have. */
  readonly names: readonly string[]
  /** What the log has, each text once for lines that follow one another. */
  readonly texts: readonly string[]
  /** Moves of the market up to which it is complete. */
  readonly moves: number
}

/** Rows of a journal that a run has been asked for so far, whether or not they were taken from it. */
export interface JournalSize {
  readonly requests: number
  readonly orders: number
  readonly costs: number
}

/** Letters that are kept of a name that the run does not know, and how many such names. */
const longestName = 200
const mostNames = 100

/** Lines of the log that are kept, as many as the log itself has, and jobs. */
const mostLines = 10_000
const mostJobs = 1_000_000
/** UTF-16 units that are kept of a line. */
const longestText = 2000

const kindOfLevel = {
  debug: AsideKind.DEBUG,
  info: AsideKind.INFO,
  warn: AsideKind.WARN,
  error: AsideKind.ERROR,
} as const satisfies Record<LogLevel, AsideKind>

/** Writes a journal while a run goes on. */
export class Recorder {
  readonly #course: Course
  readonly #strategies: (() => JournalStrategy)[] = []
  /** Orders that were named before they were sent: in requests to cancel them, or by orders that wait for them. */
  readonly #unsent: Order[] = []
  readonly #names: string[] = []
  readonly #requests: Table<JournalRequests>
  readonly #orders: Table<JournalOrders>
  readonly #terms: Table<JournalTerms>
  readonly #costs: Table<Journal['costs']>
  readonly #asides: Table<JournalAsides>
  /** Texts that were not taken yet. */
  #texts: string[] = []
  #lines = 0
  #jobs = 0
  /** What was taken: rows, and names and texts. */
  #taken = { requests: 0, orders: 0, costs: 0, names: 0, texts: 0 }

  constructor(course: Course) {
    this.#course = course
    const { register } = course
    this.#requests = register.table({
      move: new Int32Array(firstCapacity),
      time: new Float64Array(firstCapacity),
      strategy: new Int32Array(firstCapacity),
      handler: new Int8Array(firstCapacity),
      kind: new Uint8Array(firstCapacity),
      order: new Int32Array(firstCapacity),
      objection: new Uint8Array(firstCapacity),
    })
    this.#orders = register.table({
      instrument: new Int32Array(firstCapacity),
      side: new Int8Array(firstCapacity),
      type: new Uint8Array(firstCapacity),
      flag: new Uint8Array(firstCapacity),
      volume: new Float64Array(firstCapacity),
      price: new Float64Array(firstCapacity),
      stopPrice: new Float64Array(firstCapacity),
      trail: new Float64Array(firstCapacity),
      display: new Float64Array(firstCapacity),
      hidden: new Uint8Array(firstCapacity),
      after: new Int32Array(firstCapacity),
      pair: new Int32Array(firstCapacity),
      exchange: new Int32Array(firstCapacity),
    })
    this.#terms = register.table({
      volume: new Float64Array(firstCapacity),
      price: new Float64Array(firstCapacity),
      stopPrice: new Float64Array(firstCapacity),
    })
    this.#costs = register.table({ answer: new Float64Array(firstCapacity) })
    this.#asides = register.table({
      move: new Int32Array(firstCapacity),
      time: new Float64Array(firstCapacity),
      strategy: new Int32Array(firstCapacity),
      kind: new Uint8Array(firstCapacity),
      request: new Int32Array(firstCapacity),
      text: new Int32Array(firstCapacity),
    })
  }

  /** Rows that were not taken yet. */
  get waiting(): number {
    return (
      this.#requests.length +
      this.#orders.length +
      this.#terms.length +
      this.#costs.length +
      this.#asides.length
    )
  }

  get size(): JournalSize {
    const { requests, orders, costs } = this.#taken
    return {
      requests: requests + this.#requests.length,
      orders: orders + this.#orders.length,
      costs: costs + this.#costs.length,
    }
  }

  /** Whether another line of the log is kept. */
  get hasRoom(): boolean {
    return this.#lines < mostLines
  }

  /** Adds a strategy; what is known of it is asked for when the journal is complete. */
  admit(describe: () => JournalStrategy): void {
    this.#strategies.push(describe)
  }

  /** Enters a request that is about to be made. An order that no request has named yet is as its author made it. */
  enter(strategy: number, handler: number, kind: RequestKind, order: Order | undefined, terms?: Terms): void {
    const named = order ? this.#name(order, kind === RequestKind.NEW) : -1
    const row = this.#requests.add()
    const { columns } = this.#requests
    columns.move[row] = this.#course.moves
    columns.time[row] = this.#course.time
    columns.strategy[row] = strategy
    columns.handler[row] = handler
    columns.kind[row] = kind
    columns.order[row] = named
    if (!terms) return
    const change = this.#terms.add()
    this.#terms.columns.volume[change] = terms.volume
    this.#terms.columns.price[change] = terms.price
    this.#terms.columns.stopPrice[change] = terms.stopPrice
  }

  /** Enters that a rule of the strategy's own refuses the order that is being sent. */
  objected({ code }: Refusal): void {
    this.#requests.columns.objection[this.#requests.length - 1] = 1 + refusalCodes.indexOf(code)
  }

  /** Enters what a cost function answered, undefined where there is none. */
  answered(cost: number | undefined): void {
    const row = this.#costs.add()
    this.#costs.columns.answer[row] = cost ?? NaN
  }

  /**
   * Enters that a scheduled job is due.
   *
   * @returns what is to be said in the log where it is the first of those that are left out
   */
  due(strategy: number): string | undefined {
    if (this.#jobs++ < mostJobs) this.#add(strategy, AsideKind.JOB, -1)
    else if (this.#jobs === mostJobs + 1)
      return 'The journal has 1,000,000 jobs: those that follow are left out of it.'
    return undefined
  }

  /** Enters a line of the log; once there are as many as the log has, that there are more. */
  wrote(strategy: number, level: LogLevel, text: string): void {
    if (this.#lines > mostLines) return
    if (this.#lines++ < mostLines) this.#write(strategy, kindOfLevel[level], text.slice(0, longestText))
    else this.#write(strategy, AsideKind.WARN, 'The log is full: lines that follow are left out.')
  }

  /** What was entered and not taken yet: a whole journal where nothing was. */
  journal(): Journal {
    return this.#journal((table) => table.snapshot())
  }

  /**
   * The part of the journal that was not taken yet, which is no longer kept here. Rows point into the whole of all parts,
   * but for the strategies, which each part has.
   */
  take(): Journal {
    const { requests, orders, costs } = this.size
    const part = this.#journal((table) => table.take())
    this.#taken = {
      ...{ requests, orders, costs },
      names: this.#names.length,
      texts: this.#taken.texts + this.#texts.length,
    }
    this.#texts = []
    return part
  }

  #journal(rows: <Row extends Record<keyof Row, Column>>(table: Table<Row>) => Row): Journal {
    return {
      strategies: this.#strategies.map((describe) => describe()),
      requests: rows(this.#requests),
      orders: rows(this.#orders),
      terms: rows(this.#terms),
      costs: rows(this.#costs),
      asides: rows(this.#asides),
      names: this.#names.slice(this.#taken.names),
      texts: [...this.#texts],
      moves: this.#course.moves,
    }
  }

  #write(strategy: number, kind: AsideKind, text: string): void {
    if (this.#texts.at(-1) !== text) this.#texts.push(text)
    this.#add(strategy, kind, this.#taken.texts + this.#texts.length - 1)
  }

  #add(strategy: number, kind: AsideKind, text: number): void {
    const row = this.#asides.add()
    const { columns } = this.#asides
    columns.move[row] = this.#course.moves
    columns.time[row] = this.#course.time
    columns.strategy[row] = strategy
    columns.kind[row] = kind
    columns.request[row] = this.#taken.requests + this.#requests.length
    columns.text[row] = text
  }

  /** @param isSent whether this is the request that sends it */
  #name(order: Order, isSent: boolean): number {
    const state = stateOf(order)
    if (state.forced) return -1 - order.id
    const { journalRow, id } = state
    // The row may be another journal's: of an order that was named in an earlier run but never sent.
    if (journalRow >= 0 && (this.#course.register.byId[id - 1] === order || this.#unsent.includes(order)))
      return journalRow
    const after = order.after ? this.#name(order.after, false) : -1
    const pair = order.pair ? this.#name(order.pair, false) : -1
    const { instrument } = order
    const row = this.#orders.add()
    const { columns } = this.#orders
    columns.instrument[row] = this.#course.indexOf.get(instrument) ?? -1 - this.#text(instrument.name)
    columns.side[row] = order.side === 'BUY' ? 1 : -1
    columns.type[row] = orderTypes.indexOf(order.type)
    columns.flag[row] = orderFlags.indexOf(order.flag)
    const { notional, protectionPrice } = order
    columns.volume[row] = notional > 0 ? notional : order.volume
    columns.price[row] = Number.isNaN(protectionPrice) ? order.price : protectionPrice
    columns.stopPrice[row] = order.stopPrice
    columns.trail[row] = trailOf(order)
    columns.display[row] = order.display
    columns.hidden[row] = marksOf(order)
    columns.after[row] = after
    columns.pair[row] = pair
    columns.exchange[row] = order.exchange === instrument.exchange ? -1 : this.#text(order.exchange)
    if (!isSent) this.#unsent.push(order)
    return (state.journalRow = this.#taken.orders + row)
  }

  #text(name: unknown): number {
    const text = String(name).slice(0, longestName)
    const known = this.#names.indexOf(text)
    if (known >= 0) return known
    return this.#names.length < mostNames ? this.#names.push(text) - 1 : 0
  }
}

function marksOf({ hidden, reduceOnly, toLimit, selfTrade, notional }: Order): number {
  return (
    (hidden ? OrderMark.HIDDEN : 0) |
    (reduceOnly ? OrderMark.REDUCE_ONLY : 0) |
    (toLimit ? OrderMark.TO_LIMIT : 0) |
    (selfTrade === undefined ? 0 : (selfTrades.indexOf(selfTrade) + 1) * OrderMark.SELF_TRADE) |
    (notional > 0 ? OrderMark.NOTIONAL : 0)
  )
}
