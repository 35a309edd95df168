import {
  type Acknowledgement,
  Bar,
  Event,
  type EventType,
  type Instrument,
  isOrder,
  type Order,
  orderFor,
  type OrderRequest,
  type Refusal,
  type Trade,
  type TradingType,
} from '#market'
import {
  construct,
  figureOf,
  type Indicator,
  type InputDeclaration,
  type InputValue,
  problemWith,
  Schedule,
  type Strategy,
  type StrategyHost,
} from '#strategy'
import { Answer } from './answer.ts'
import type { CallQueue } from './call-queue.ts'
import type { Course } from './course.ts'
import { checkCost } from './costs.ts'
import { Handler, type HandlerFunction, handlersOf, orderHandlers, scheduledJob } from './handlers.ts'
import { type Recorder, RequestKind } from './journal.ts'
import type { Audience, Ledger } from './ledger.ts'
import { formatLog, type LogEntry } from './log.ts'
import type { PlotColumns } from './record.ts'
import { StrategyError } from './strategy-error.ts'

/** Lines that a strategy may draw, and letters in the name of one or of its pane. */
const mostPlots = 64
const longestName = 200

/** The line of an indicator that draws none. */
const noLine: Line = { figure: { value: NaN }, values: new Float64Array() }

/** Bars of an exchange that does not say how they are stamped are those of trades, stamped with their end. */
const unknownStamps = { at: 'close', interval: 0, dates: false } as const

/** Inputs that a strategy may declare. */
const mostInputs = 100

/** Whose turn it is: only while one of its handlers is called or waited for can a strategy send requests. */
export interface Turn {
  readonly seat: Seat | undefined
  readonly handler: Handler | typeof scheduledJob
  /** Number of the call, from 1. */
  readonly number: number
  /** Requests so far. */
  requests: number
  /** How often so far somebody asked for an answer to one. */
  heard: number
}

/** What a seat is made of. */
export interface SeatOptions {
  /** Place among the strategies of the run. */
  readonly number: number
  /** Cash that it begins with. */
  readonly cash: number
  readonly strategy: new () => Strategy
  readonly inputs: Readonly<Record<string, InputValue>>
  readonly course: Course
  readonly recorder: Recorder
  readonly turn: Turn
  readonly tradingType: TradingType
  /** The run's queue. */
  readonly queue: CallQueue
  /** Called whenever its next job may be another, or at another time. */
  readonly rescheduled: () => void
  /** Called where something of the strategy fails that is no handler. */
  readonly failed: (seat: Seat, what: string, error: unknown) => void
  readonly log: ((entry: LogEntry) => void) | undefined
  readonly trace: ((order: number, stack: string) => void) | undefined
}

/** What has the newest value of an indicator's line, and the column that it goes to. */
interface Line {
  readonly figure: { readonly value: number }
  readonly values: Float64Array
}

/**
 * An indicator that is kept up to date, and its lines. The first line, of most the only one, stands here and the next
 * indicator hangs on: of a hundred strategies each look into a list is a wait for memory, at every bar.
 */
interface Watched extends Line {
  readonly indicator: Indicator
  readonly others: readonly Line[] | undefined
  next: Watched | undefined
}

/**
 * One strategy's place in a run: its object, handlers, inputs, indicators and jobs, its account, and the door through
 * which its requests go out, each entered into the journal on its way.
 */
export class Seat implements Audience {
  readonly ledger: Ledger
  readonly strategy: Strategy
  readonly schedule: Schedule
  /** The inputs that the strategy declares. */
  readonly declarations: InputDeclaration[] = []
  readonly plots: PlotColumns[] = []

  readonly #options: SeatOptions
  readonly #queue: CallQueue
  readonly #course: Course
  #handlers: readonly (HandlerFunction | undefined)[] = []
  readonly #inputs = new Map<string, InputValue>()
  /** By instrument, the first of the indicators that follow it. */
  readonly #watched: (Watched | undefined)[]
  #subscribed: Set<number> | undefined
  /** What the strategy asks of its own orders. */
  #ownRule: ((order: Order) => Refusal | undefined) | undefined
  #hasOwnCosts = false
  #followsOrders = false
  /** Whether a bar comes to nothing but its indicators and `onBar`. */
  #takesOnlyBars = true
  /** The cost function that is being asked about a fill. */
  #pricing: 'slippage' | 'transactionCost' | undefined

  /**
   * @throws StrategyError when making the strategy throws
   * @throws RangeError when an input is not what it can be
   */
  constructor(options: SeatOptions) {
    this.#options = options
    this.#queue = options.queue
    this.schedule = new Schedule(options.rescheduled)
    const { course, recorder, strategy, inputs, cash } = options
    this.#course = course
    this.#watched = course.instruments.map(() => undefined)
    this.ledger = course.open(this, cash)
    recorder.admit(() => ({
      handlers: this.#handlers.flatMap((handler, number) => (handler ? [number] : [])),
      ownCosts: this.#hasOwnCosts,
      cash,
    }))
    try {
      this.strategy = construct(this.#makeHost(), () => new strategy())
      this.#handlers = handlersOf(this.strategy)
      const { slippage, transactionCost } = this.strategy
      this.#takesOnlyBars &&=
        this.hears(Handler.onBar) &&
        // An indicator that throws at a bar is told before that bar is.
        ![Handler.onTrade, Handler.onData, Handler.onError].some((handler) => this.hears(handler))
      this.#hasOwnCosts = slippage !== undefined || transactionCost !== undefined
      this.#followsOrders = orderHandlers.some((handler) => this.hears(handler))
    } catch (error) {
      throw new StrategyError('constructor', 0, NaN, error)
    }
    const unknown = Object.keys(inputs).filter((name) => !this.#inputs.has(name))
    if (unknown.length > 0)
      throw new RangeError(
        `Unknown input '${unknown.join("', '")}'; the strategy declares ${[...this.#inputs.keys()].join(', ') || 'none'}`,
      )
  }

  /** Place among the strategies of the run. */
  get number(): number {
    return this.#options.number
  }

  /** Every declared input with its value. */
  get inputs(): Record<string, InputValue> {
    return Object.fromEntries(this.#inputs)
  }

  hears(handler: Handler): boolean {
    return this.#handlers[handler] !== undefined
  }

  get followsOrders(): boolean {
    return this.#followsOrders
  }

  get hasOwnCosts(): boolean {
    return this.#hasOwnCosts
  }

  send(handler: Handler, type: EventType, target: unknown): void {
    if (this.#handlers[handler] === undefined) return
    this.#queue.add(this, handler, new Event(type, target))
  }

  /** Whether a bar of an instrument comes to nothing but its indicators and `onBar`, so that both can be left until then. */
  takesOnlyBars(index: number): boolean {
    return this.#takesOnlyBars && (this.#subscribed === undefined || this.#subscribed.has(index))
  }

  /** Writes to the strategy's log. */
  say(level: LogEntry['level'], text: string): void {
    const { time, bars } = this.#course
    const { recorder, number, log } = this.#options
    recorder.wrote(number, level, text)
    log?.({ level, time: bars === 0 ? NaN : time, bar: bars, text })
  }

  /** Calls a handler. */
  call(handler: Handler, event: Event): unknown {
    return this.#handlers[handler]!.call(this.strategy, event as Event<never>)
  }

  /** Whether there is no such handler, or the instrument is not subscribed to. */
  isDeaf(handler: Handler, index: number): boolean {
    return (
      this.#handlers[handler] === undefined ||
      (this.#subscribed !== undefined && !this.#subscribed.has(index))
    )
  }

  object(order: Order): Refusal | undefined {
    const refusal = this.#ownRule?.(order)
    if (refusal) this.#options.recorder.objected(refusal)
    return refusal
  }

  cost(name: 'slippage' | 'transactionCost', fill: Trade): number | undefined {
    let cost: number | undefined
    this.#pricing = name
    try {
      const { strategy } = this
      if (typeof strategy[name] === 'function') cost = checkCost(name, strategy[name](fill), fill)
    } catch (error) {
      // The fill has happened: it costs what the settings say.
      this.#options.failed(this, name, error)
    } finally {
      this.#pricing = undefined
    }
    this.#options.recorder.answered(cost)
    return cost
  }

  /** Feeds the indicators of an instrument with its newest bar. */
  update(index: number, bar: Bar, row: number): void {
    for (let watched = this.#watched[index]; watched !== undefined; watched = watched.next) {
      try {
        watched.indicator.update(bar)
      } catch (error) {
        // It has no value at this bar.
        this.#options.failed(this, 'indicator', error)
        continue
      }
      watched.values[row] = watched.figure.value
      const { others } = watched
      if (others === undefined) continue
      for (let i = 0; i < others.length; i++) others[i]!.values[row] = others[i]!.figure.value
    }
  }

  /**
   * Index of an instrument of this run.
   *
   * @throws RangeError when it is not one
   */
  #known(method: string, instrument: Instrument): number {
    const index = this.#course.indexOf.get(instrument)
    if (index === undefined)
      throw new RangeError(
        `${method}: ${String(instrument)} is not an instrument of this run; expected one of ${this.#course.instruments.join(', ')}`,
      )
    return index
  }

  #watch(indicator: Indicator, instrument: Instrument | undefined): void {
    const index = instrument === undefined ? 0 : this.#known('indicator', instrument)
    const { lines } = indicator
    if (this.plots.length + lines.length > mostPlots)
      throw new RangeError(`A strategy may draw ${mostPlots} lines; ${indicator.name} would be more`)
    for (const { name, pane } of lines)
      for (const [what, text] of Object.entries({ name, pane }))
        if (typeof text !== 'string' || text === '' || text.length > longestName)
          throw new RangeError(
            `An indicator's ${what} is ${typeof text === 'string' ? `${text.length} letters long` : `of type ${typeof text}`}; expected a text of 1 to ${longestName}`,
          )
    const rows = this.#columns(index).time.length
    const [first = noLine, ...others] = lines.map((line): Line => {
      const { name, pane } = line
      const values = new Float64Array(rows).fill(NaN)
      this.plots.push({ name, pane, instrument: index, values })
      return { figure: figureOf(line), values }
    })
    const watched: Watched = {
      indicator,
      figure: first.figure,
      values: first.values,
      others: others.length > 0 ? others : undefined,
      next: undefined,
    }
    let last = this.#watched[index]
    while (last?.next) last = last.next
    if (last) last.next = watched
    else this.#watched[index] = watched
  }

  #columns(index: number) {
    const exchange = this.#course.exchangeOf(index)
    return exchange.columns(exchange.instruments.indexOf(this.#course.instruments[index]!))
  }

  #declare(declaration: InputDeclaration): InputValue {
    const { name } = declaration
    if (this.#handlers.length > 0)
      throw new RangeError(
        `input: '${name}' is declared while the run is under way; expected a field of the strategy, such as fast = this.input('fast', 10)`,
      )
    if (this.#inputs.has(name))
      throw new RangeError(`Input '${name}' is declared twice; give each its own name`)
    if (this.declarations.length >= mostInputs)
      throw new RangeError(`A strategy may declare ${mostInputs} inputs; '${name}' would be one more`)
    const { inputs } = this.#options
    const value = (Object.hasOwn(inputs, name) ? inputs[name] : undefined) ?? declaration.value
    const problem = problemWith(declaration, value)
    if (problem) throw new RangeError(problem)
    this.declarations.push(declaration)
    this.#inputs.set(name, value)
    return value
  }

  /** The ledger, once the strategy is made: a constructor has nobody yet who could be told what became of its orders. */
  #desk(method: string): Ledger {
    if (this.#handlers.length === 0)
      throw new Error(`${method} was called while the strategy is being made; send orders from onStart on`)
    if (this.#pricing)
      throw new Error(
        `${method} was called in ${this.#pricing}, in the middle of a fill; do it in onTraded, which follows`,
      )
    const { turn } = this.#options
    if (turn.seat !== this)
      throw new Error(
        `${method} was called when no handler was running. Await it, and what leads to it, in the handler, or schedule it`,
      )
    turn.requests++
    return this.#course.value(this.ledger)
  }

  #enter(kind: RequestKind, order: Order | undefined, terms?: Parameters<Recorder['enter']>[4]): void {
    const { recorder, number, turn } = this.#options
    recorder.enter(number, turn.handler, kind, order, terms)
  }

  #newOrder(method: string, request: Order | OrderRequest): Acknowledgement {
    const ledger = this.#desk(method)
    const order = isOrder(request) ? request : orderFor(method, request)
    const { after, pair } = order
    ledger.checkOwn(method, order)
    if (after) ledger.checkOwn(method, after)
    if (pair) ledger.checkOwn(method, pair)
    this.#enter(RequestKind.NEW, order)
    const answer = ledger.newOrder(order)
    this.#options.trace?.(order.id, new Error().stack ?? '')
    return answer
  }

  #cancelOrder(method: string, order: Order): Acknowledgement {
    const ledger = this.#desk(method)
    ledger.checkOwn(method, order)
    this.#enter(RequestKind.CANCEL, order)
    return ledger.cancelOrder(order)
  }

  #makeHost(): StrategyHost {
    const course = this.#course
    const { ledger } = this
    const { tradingType, turn, log, recorder } = this.#options
    const desk = {
      newOrder: (request: OrderRequest) => this.#newOrder('target', request),
      cancelOrder: (order: Order) => this.#cancelOrder('target', order),
    }
    return {
      newOrder: (method, request) => this.#newOrder(method, request),
      cancelOrder: (method, order) => this.#cancelOrder(method, order),
      input: (declaration) => this.#declare(declaration),
      indicator: (indicator, instrument) => this.#watch(indicator, instrument),
      changeOrder: (order, changes) => {
        const ledger = this.#desk('changeOrder')
        ledger.checkOwn('changeOrder', order)
        const terms = ledger.termsOf(order, changes)
        this.#enter(RequestKind.CHANGE, order, terms)
        return ledger.changeOrder(order, terms)
      },
      target: (instrument, fraction) => this.#desk('target').target(instrument, fraction, desk),
      orders: (filter) => ledger.openOrders(filter),
      pastOrders: (filter) => ledger.pastOrders(filter),
      trades: (filter) => ledger.trades(filter),
      positions: (filter) => course.value(ledger).positions(filter),
      position: (instrument) => course.value(ledger).position(instrument),
      known: (method, instrument) => void this.#known(method, instrument),
      priceHistory: (instrument, count) => {
        const index = this.#known('priceHistory', instrument)
        const columns = this.#columns(index)
        const end = course.rowOf(index) + 1
        const start = Math.max(0, end - Math.floor(count))
        const bars: Bar[] = []
        for (let row = start; row < end; row++) bars.push(new Bar(instrument, columns, row))
        return bars
      },
      portfolio: () => course.value(ledger).portfolio.view(),
      balances: () => {
        const { portfolio } = course.value(ledger)
        return portfolio.balances() ?? [{ currency: course.currency, cash: portfolio.cash, rate: 1 }]
      },
      instruments: () => course.instruments,
      exchanges: () => course.exchanges.map(({ name }) => name),
      book: (instrument, levels) => {
        const exchange = course.exchangeOf(this.#known('book', instrument))
        return exchange.book(exchange.instruments.indexOf(instrument), levels)
      },
      subscribe: (instrument) => {
        const index = this.#known('subscribe', instrument)
        this.#subscribed = (this.#subscribed ?? new Set()).add(index)
      },
      risk: () => course.risk(ledger),
      kill: (reason) => {
        const ledger = this.#desk('kill')
        this.#enter(RequestKind.KILL, undefined)
        ledger.kill(reason)
      },
      restrict: (rule) => void (this.#ownRule = rule),
      answer: (answer) => new Answer(answer, turn),
      stamps: (instrument) => {
        // Its longer bars call what is to be called before `onBar`.
        this.#takesOnlyBars = false
        const exchange = course.exchangeOf(this.#known('bars', instrument))
        return exchange.stamps?.(exchange.instruments.indexOf(instrument)) ?? unknownStamps
      },
      schedule: this.schedule,
      call: (job) => this.#queue.add(this, scheduledJob, job),
      turn: () => turn.number,
      now: () => course.time / 1000,
      tradingType: () => tradingType,
      log: (level, values) => {
        if (log || recorder.hasRoom) this.say(level, formatLog(values))
      },
    }
  }
}
