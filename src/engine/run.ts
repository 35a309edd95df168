import {
  type Exchange,
  HistoricalExchange,
  type MarketDetail,
  MarketStep,
  SyntheticExchange,
} from '#exchange'
import type { DataSet, InstrumentData } from '#data'
import {
  Bar,
  Event,
  EventType,
  type HandlerError,
  type Instrument,
  Trade,
  TradingType,
  MarketOrder,
  type Order,
  OrderType,
  type Refusal,
  Side,
} from '#market'
import {
  construct,
  type Indicator,
  type InputDeclaration,
  type InputValue,
  type JobCallback,
  problemWith,
  Schedule,
  type Strategy,
  type StrategyHost,
} from '#strategy'
import { digest } from './digest.ts'
import {
  bookHandler,
  Handler,
  type HandlerFunction,
  handlerNames,
  handlersOf,
  scheduledJob,
} from './handlers.ts'
import { Ledger } from './ledger.ts'
import { formatLog, type LogEntry } from './log.ts'
import type { PlotColumns, RunRecord, RunSettings } from './record.ts'
import { StrategyError } from './strategy-error.ts'

/** Version of the engine: it changes whenever the same run could come out differently. */
export const engineVersion = '0.1.0'

/** Prices per side that `onBook` is given. */
const bookLevels = 10

/** Lines that a strategy may draw, and letters in the name of one or of its pane. */
const mostPlots = 64
const longestName = 200

/** Inputs that a strategy may declare. */
const mostInputs = 100

/**
 * Turns of the promise queue that must pass without a request before a handler that has made one counts as over. What it
 * called and did not await goes on one turn after each answer, and up to three later for every function in between:
 * seven are enough for two functions that nobody waits for, one within the other.
 */
const quietTurns = 7

/** What a run is made of. */
export interface RunOptions {
  /** The class, not an object of it: the run makes the object. */
  readonly strategy: new () => Strategy
  readonly data: DataSet
  readonly settings: RunSettings
  /** Told of every line the strategy writes. */
  readonly log?: (entry: LogEntry) => void
}

const Stage = { START: 0, MARKET: 1, EXIT: 2, SETTLE: 3, DONE: 4 } as const
type Stage = (typeof Stage)[keyof typeof Stage]

/** An indicator that is kept up to date, and where the values of its lines go. */
interface Watched {
  readonly indicator: Indicator
  readonly lines: readonly { readonly value: number }[]
  readonly values: readonly Float64Array[]
}

/**
 * One strategy on one data set, from its first event to its last.
 *
 * All that happens stands in one queue, and a handler finishes before the next is called: a result depends on the
 * inputs alone, not on timing. The engine waits only where a handler returns a promise.
 */
export class Run {
  /** Bars to read in all. */
  readonly total: number

  readonly #exchanges: readonly Exchange[]
  readonly #instruments: readonly Instrument[]
  readonly #indexOf = new Map<Instrument, number>()
  readonly #exchangeOf: Exchange[] = []
  /** Index of the first instrument of each exchange. */
  readonly #offset: readonly number[]
  /** Newest row of each instrument's bars; -1 before the first. */
  readonly #row: Int32Array
  readonly #settings: RunSettings
  /** Whether the run makes its own market. */
  readonly #generated: boolean
  readonly #log: ((entry: LogEntry) => void) | undefined
  readonly #ledger: Ledger
  readonly #strategy: Strategy
  #handlers: readonly (HandlerFunction | undefined)[] = []
  readonly #declarations: InputDeclaration[] = []
  readonly #inputs = new Map<string, InputValue>()
  readonly #watched: Watched[][]
  readonly #plots: PlotColumns[] = []
  readonly #schedule = new Schedule()
  #subscribed: Set<number> | undefined
  /** What the strategy asks of its own orders. */
  #ownRule: ((order: Order) => Refusal | undefined) | undefined
  #hasOwnCosts = false
  /** The cost function of the strategy that is being asked about a fill. */
  #pricing: 'slippage' | 'transactionCost' | undefined

  #stage: Stage = Stage.START
  #bars = 0
  #tradeNumber = 0
  #time: number
  /** Number of the exchange whose time stamp is being worked through; -1 between stamps. */
  #exchange = -1

  /** Handler calls that are due, from `#due` to `#dueEnd`: numbers of the handlers and their events. Slots are used again. */
  readonly #dueHandlers: (Handler | typeof scheduledJob)[] = []
  readonly #dueEvents: (Event | JobCallback | undefined)[] = []
  #due = 0
  #dueEnd = 0
  /** The handler whose promise is being waited for. */
  #waiting: Handler | typeof scheduledJob = Handler.onStart
  #busy = false
  /** Whether a handler is being called or waited for: only then can requests be sent. */
  #handling = false
  /** Requests so far that were answered with a promise, and those before the handler that is being called. */
  #requests = 0
  #requestsBefore = 0
  #failure: StrategyError | undefined

  readonly #equityTime: Float64Array
  readonly #equityValue: Float64Array
  readonly #equityCash: Float64Array
  #equityLength = 0

  /**
   * @throws StrategyError when making the strategy throws
   * @throws RangeError when a setting or an input is not what it can be
   */
  constructor({ strategy, data, settings, log }: RunOptions) {
    checkSettings(settings)
    this.#settings = settings
    this.#generated = data.synthetic !== undefined
    this.#log = log
    const { fill, costs } = settings
    this.#exchanges = [
      data.synthetic
        ? new SyntheticExchange(data.synthetic)
        : new HistoricalExchange({ instruments: data.instruments, fill, slippage: costs.slippage }),
    ]
    const instruments: Instrument[] = []
    this.#offset = this.#exchanges.map((exchange) => {
      const offset = instruments.length
      for (const instrument of exchange.instruments) {
        this.#indexOf.set(instrument, instruments.length)
        this.#exchangeOf.push(exchange)
        instruments.push(instrument)
      }
      return offset
    })
    this.#instruments = Object.freeze(instruments)
    this.total = this.#exchanges.reduce((sum, { bars }) => sum + bars, 0)
    this.#time = this.#exchanges[this.#earliest()]!.nextTime
    this.#row = new Int32Array(instruments.length).fill(-1)
    this.#equityTime = new Float64Array(this.total)
    this.#equityValue = new Float64Array(this.total)
    this.#equityCash = new Float64Array(this.total)
    this.#watched = instruments.map(() => [])
    this.#ledger = this.#makeLedger()
    try {
      this.#strategy = construct(this.#makeHost(), () => new strategy())
      this.#handlers = handlersOf(this.#strategy)
      const { slippage, transactionCost } = this.#strategy
      this.#hasOwnCosts = slippage !== undefined || transactionCost !== undefined
    } catch (error) {
      throw new StrategyError('constructor', 0, NaN, error)
    }
    const hears = (...wanted: Handler[]) => wanted.some((handler) => this.#handlers[handler] !== undefined)
    const { onTrade, onOpen, onFill, onCancel, onChange, onOrder, onBook } = Handler
    for (const exchange of this.#exchanges)
      exchange.listen({
        trades: hears(onTrade),
        orders: hears(onOpen, onFill, onCancel, onChange, onOrder),
        book: hears(onBook),
      })
    const unknown = Object.keys(settings.inputs).filter((name) => !this.#inputs.has(name))
    if (unknown.length > 0)
      throw new RangeError(
        `Unknown input '${unknown.join("', '")}'; the strategy declares ${[...this.#inputs.keys()].join(', ') || 'none'}`,
      )
  }

  /** The inputs that the strategy declares. */
  get declarations(): readonly InputDeclaration[] {
    return this.#declarations
  }
  /** Bars read so far, over all instruments. */
  get bars(): number {
    return this.#bars
  }
  /** Engine time, microseconds UTC. */
  get time(): number {
    return this.#time
  }
  get finished(): boolean {
    return this.#stage === Stage.DONE
  }
  /** Rows of the equity curve so far. */
  get equityLength(): number {
    return this.#equityLength
  }
  /** Times of the equity curve, microseconds UTC; valid up to `equityLength`. Not to be written to. */
  get equityTime(): Float64Array {
    return this.#equityTime
  }
  /** Values of the equity curve; valid up to `equityLength`. Not to be written to. */
  get equityValue(): Float64Array {
    return this.#equityValue
  }

  /**
   * Goes on, reading up to `limit` more bars.
   *
   * @returns whether the run is finished; a promise of it where a handler made the engine wait
   * @throws StrategyError, or rejects with it, when a handler throws and the strategy has no `onError`
   */
  advance(limit = Infinity): boolean | Promise<boolean> {
    if (this.#busy) throw new Error('The run is advancing already; wait for the promise it returned')
    if (this.#failure) throw this.#failure
    const until = this.#bars + limit
    const result = this.#work(until)
    return typeof result === 'boolean' ? result : this.#workAndWait(result, until)
  }

  /**
   * What the run left behind.
   *
   * @throws Error when it is not finished
   */
  record(): RunRecord {
    if (this.#stage !== Stage.DONE)
      throw new Error(
        `The run has read ${this.#bars} of ${this.total} bars; its record is complete only at the end`,
      )
    const length = this.#equityLength
    const { orders, fills, changes, refusals, steps, rules } = this.#ledger
    const record = {
      engine: engineVersion,
      settings: this.#settings,
      inputs: Object.fromEntries(this.#inputs),
      declarations: [...this.#declarations],
      instruments: this.#instruments.map((instrument) => ({ ...instrument })),
      rules: [...rules],
      orders: orders.snapshot(),
      fills: fills.snapshot(),
      changes: changes.snapshot(),
      refusals: [...refusals],
      steps: steps.snapshot(),
      equity: {
        time: this.#equityTime.slice(0, length),
        value: this.#equityValue.slice(0, length),
        cash: this.#equityCash.slice(0, length),
      },
      bars: this.#bars,
      market: this.#generated ? this.#market() : [],
      books: this.#exchanges.flatMap((exchange) => exchange.bookColumns()),
      plots: [...this.#plots],
    }
    return { ...record, digest: digest(record) }
  }

  #market(): InstrumentData[] {
    return this.#instruments.map((instrument, index) => {
      const exchange = this.#exchangeOf[index]!
      return {
        instrument: { ...instrument },
        bars: exchange.columns(exchange.instruments.indexOf(instrument)),
      }
    })
  }

  async #workAndWait(pending: PromiseLike<unknown>, until: number): Promise<boolean> {
    this.#busy = true
    try {
      for (;;) {
        try {
          await pending
        } catch (error) {
          this.#fail(this.#waiting, error)
        }
        if (this.#requests !== this.#requestsBefore) await this.#quiet()
        this.#handling = false
        const result = this.#work(until)
        if (typeof result === 'boolean') return result
        pending = result
      }
    } finally {
      this.#busy = false
    }
  }

  /** Delivers what is due and moves the market, until a handler makes it wait, `until` bars are read, or all is done. */
  #work(until: number): boolean | PromiseLike<unknown> {
    for (;;) {
      while (this.#due < this.#dueEnd) {
        const pending = this.#deliver()
        if (pending !== undefined) return pending
      }
      this.#due = 0
      this.#dueEnd = 0
      switch (this.#stage) {
        case Stage.START:
          this.#stage = Stage.MARKET
          this.#send(Handler.onStart, EventType.START, undefined)
          break
        case Stage.MARKET:
          if (this.#exchange < 0) {
            if (this.#bars >= until) return false
            this.#exchange = this.#earliest()
            if (this.#takeJob(this.#exchanges[this.#exchange]!.nextTime)) {
              this.#exchange = -1
              break
            }
          }
          this.#moveMarket()
          break
        case Stage.EXIT:
          this.#stage = Stage.SETTLE
          this.#send(Handler.onExit, EventType.EXIT, undefined)
          break
        case Stage.SETTLE:
          this.#ledger.close()
          if (!this.#settle()) this.#finish()
          break
        case Stage.DONE:
          return true
      }
    }
  }

  #deliver(): PromiseLike<unknown> | undefined {
    const number = this.#dueHandlers[this.#due]!
    const event = this.#dueEvents[this.#due]!
    this.#dueEvents[this.#due++] = undefined
    this.#handling = true
    this.#requestsBefore = this.#requests
    try {
      const result =
        number === scheduledJob
          ? (event as unknown as JobCallback)(this.#time / 1000)
          : this.#handlers[number]!.call(this.#strategy, event as Event<never>)
      if (result !== undefined && isPromiseLike(result)) {
        this.#waiting = number
        return result
      }
    } catch (error) {
      this.#fail(number, error)
    }
    if (this.#requests !== this.#requestsBefore) return answered
    this.#handling = false
    return undefined
  }

  /** Lets what a handler called without waiting for it go on with the answers it got, until it asks nothing more. */
  async #quiet(): Promise<void> {
    for (let turns = 0, known = this.#requests; turns < quietTurns; turns++) {
      await undefined
      if (this.#requests === known) continue
      known = this.#requests
      turns = 0
    }
  }

  /** What the strategy's own cost function says of a fill; undefined where it has none. */
  #cost(name: 'slippage' | 'transactionCost', fill: Trade): number | undefined {
    if (typeof this.#strategy[name] !== 'function') return undefined
    const least = name === 'slippage' ? 0 : -Infinity
    this.#pricing = name
    try {
      const cost = this.#strategy[name](fill)
      if (typeof cost === 'number' && cost >= least && cost < Infinity && cost > -Infinity) return cost
      throw new RangeError(
        `${name} gave ${String(cost)} for ${fill.toString()}; expected a finite number${least === 0 ? ' of at least 0' : ''}`,
      )
    } catch (error) {
      this.#failure = new StrategyError(name, this.#bars, this.#time, error)
      throw this.#failure
    } finally {
      this.#pricing = undefined
    }
  }

  #send(handler: Handler, type: EventType, target: unknown): void {
    if (this.#handlers[handler] === undefined) return
    this.#dueHandlers[this.#dueEnd] = handler
    this.#dueEvents[this.#dueEnd++] = new Event(type, target)
  }

  #fail(handler: Handler | typeof scheduledJob, error: unknown): void {
    const name = handler === scheduledJob ? 'scheduled job' : handlerNames[handler]
    if (handler !== Handler.onError && this.#handlers[Handler.onError] !== undefined) {
      const target: HandlerError = { handler: name, error }
      this.#send(Handler.onError, EventType.ERROR, target)
      return
    }
    this.#failure = new StrategyError(name, this.#bars, this.#time, error)
    throw this.#failure
  }

  /**
   * Puts a job that is due before the market's next event into the queue and moves the clock there. After the last
   * event nothing is due any more.
   */
  #takeJob(nextTime: number): boolean {
    const due = this.#schedule.due * 1000
    if (!(due < nextTime) || nextTime === Infinity) return false
    this.#time = Math.max(this.#time, due)
    this.#dueHandlers[this.#dueEnd] = scheduledJob
    this.#dueEvents[this.#dueEnd++] = this.#schedule.take()
    return true
  }

  /** Number of the exchange whose next event comes first; the first of them where times are equal. */
  #earliest(): number {
    let earliest = 0
    for (let i = 1; i < this.#exchanges.length; i++)
      if (this.#exchanges[i]!.nextTime < this.#exchanges[earliest]!.nextTime) earliest = i
    return earliest
  }

  #moveMarket(): void {
    const exchange = this.#exchanges[this.#exchange]!
    const step = exchange.next(exchange.immediate ? Infinity : this.#bound())
    const { detail } = exchange
    if (step !== MarketStep.END && step !== MarketStep.PAUSE) this.#time = detail.time
    switch (step) {
      case MarketStep.BAR:
        this.#readBar(exchange)
        // Nothing that a handler does about a bar changes what the account is worth at its close.
        if (!detail.complete) break
        this.#mark()
        this.#exchange = -1
        break
      case MarketStep.MARK:
        this.#mark()
        this.#exchange = -1
        break
      case MarketStep.FILL:
        this.#ledger.fill(detail.order!, detail)
        break
      case MarketStep.TRADE:
        this.#readTrade(detail)
        break
      case MarketStep.ORDER:
        this.#readOrder(detail)
        break
      case MarketStep.BOOK:
        this.#readBook(exchange)
        break
      case MarketStep.RECEIVED:
        this.#ledger.received(detail.order!)
        break
      case MarketStep.REJECTED:
        this.#ledger.rejected(detail.order!, detail.refusal!, detail.event)
        break
      case MarketStep.CHANGED:
        this.#readChange(detail)
        break
      case MarketStep.PAUSE:
        this.#exchange = -1
        break
      case MarketStep.PHASE:
        this.#readPhase(detail)
        break
      case MarketStep.CANCEL:
        this.#ledger.takeBack(detail.order!)
        break
      case MarketStep.END:
        this.#stage = Stage.EXIT
        break
    }
  }

  #readBar(exchange: Exchange): void {
    const { instrument: local, row } = exchange.detail
    const index = this.#offset[this.#exchange]! + local
    const instrument = this.#instruments[index]!
    const columns = exchange.columns(local)
    this.#row[index] = row
    this.#bars++
    this.#ledger.portfolio.mark(index, columns.close[row]!)
    const bar = new Bar(instrument, columns, row)
    const watched = this.#watched[index]!
    for (let i = 0; i < watched.length; i++) {
      const { indicator, lines, values } = watched[i]!
      try {
        indicator.update(bar)
      } catch (error) {
        this.#failure = new StrategyError('indicator', this.#bars, this.#time, error)
        throw this.#failure
      }
      for (let j = 0; j < values.length; j++) values[j]![row] = lines[j]!.value
    }
    if (this.#subscribed !== undefined && !this.#subscribed.has(index)) return
    // Bars of a market that goes on between them are made of trades that were told already.
    if (exchange.immediate && this.#handlers[Handler.onTrade] !== undefined) {
      const parts = {
        id: ++this.#tradeNumber,
        instrument,
        side: undefined,
        price: columns.close[row]!,
        volume: columns.volume[row]!,
        time: this.#time,
      }
      this.#send(Handler.onTrade, EventType.TRADE, new Trade(parts))
    }
    this.#send(Handler.onBar, EventType.BAR, bar)
  }

  /** A trade of others: those of the strategy's own orders are told with their fills. */
  #readTrade({ instrument: local, side, price, volume }: MarketDetail): void {
    const index = this.#offset[this.#exchange]! + local
    this.#ledger.portfolio.mark(index, price)
    if (this.#isDeaf(Handler.onTrade, index)) return
    const parts = {
      id: ++this.#tradeNumber,
      instrument: this.#instruments[index]!,
      side: sideOf(side),
      price,
      volume,
      time: this.#time,
    }
    this.#send(Handler.onTrade, EventType.TRADE, new Trade(parts))
  }

  #readOrder(detail: MarketDetail): void {
    const index = this.#offset[this.#exchange]! + detail.instrument
    const handler = bookHandler(detail.event)
    if (this.#isDeaf(handler, index) && this.#isDeaf(Handler.onOrder, index)) return
    const target = new MarketOrder(
      detail.bookOrder,
      this.#instruments[index]!,
      detail.side > 0 ? Side.BUY : Side.SELL,
      detail.price,
      detail.volume,
      detail.order,
    )
    this.#send(handler, detail.event, target)
    this.#send(Handler.onOrder, detail.event, target)
  }

  #readBook(exchange: Exchange): void {
    const { instrument: local } = exchange.detail
    if (this.#isDeaf(Handler.onBook, this.#offset[this.#exchange]! + local)) return
    this.#send(Handler.onBook, EventType.BOOK, exchange.book(local, bookLevels))
  }

  #readChange({ order, volume, price }: MarketDetail): void {
    const { filled, type, price: oldPrice, stopPrice } = order!
    const stop = type === OrderType.STOP
    this.#ledger.changed(order!, {
      volume: filled + volume,
      price: stop ? oldPrice : price,
      stopPrice: stop ? price : stopPrice,
    })
  }

  /** How far an exchange may go before something else is due: a job, or another exchange's next event. */
  #bound(): number {
    let bound = this.#schedule.due * 1000
    for (let i = 0; i < this.#exchanges.length; i++)
      if (i !== this.#exchange) bound = Math.min(bound, this.#exchanges[i]!.nextTime)
    return bound
  }

  #readPhase({ instrument: local, event }: MarketDetail): void {
    const index = this.#offset[this.#exchange]! + local
    const handler = event === EventType.HALT ? Handler.onHalt : Handler.onContinue
    if (!this.#isDeaf(handler, index)) this.#send(handler, event, this.#instruments[index])
  }

  /** Whether the strategy has no such handler, or did not subscribe to the instrument. */
  #isDeaf(handler: Handler, index: number): boolean {
    return (
      this.#handlers[handler] === undefined ||
      (this.#subscribed !== undefined && !this.#subscribed.has(index))
    )
  }

  #mark(): void {
    let row = this.#equityLength
    if (row > 0 && this.#equityTime[row - 1] === this.#time) row--
    this.#equityTime[row] = this.#time
    this.#equityValue[row] = this.#ledger.portfolio.equity
    this.#equityCash[row] = this.#ledger.portfolio.cash
    this.#equityLength = row + 1
  }

  /** Lets what was sent at the end trade at the last price. False when nothing is left to do. */
  #settle(): boolean {
    for (const exchange of this.#exchanges)
      if (exchange.settle() === MarketStep.FILL) {
        this.#ledger.fill(exchange.detail.order!, exchange.detail)
        return true
      }
    return false
  }

  #finish(): void {
    this.#ledger.cancelRest()
    if (this.#equityLength > 0) this.#mark()
    this.#ledger.portfolio.verify()
    this.#stage = Stage.DONE
  }

  /**
   * Index of an instrument of this run.
   *
   * @throws RangeError when it is not one
   */
  #known(method: string, instrument: Instrument): number {
    const index = this.#indexOf.get(instrument)
    if (index === undefined)
      throw new RangeError(
        `${method}: ${String(instrument)} is not an instrument of this run; it has ${this.#instruments.join(', ')}`,
      )
    return index
  }

  #watch(indicator: Indicator, instrument: Instrument | undefined): void {
    const index = instrument === undefined ? 0 : this.#known('indicator', instrument)
    const { lines } = indicator
    if (this.#plots.length + lines.length > mostPlots)
      throw new RangeError(`A strategy may draw ${mostPlots} lines; ${indicator.name} would be more`)
    for (const { name, pane } of lines)
      for (const [what, text] of Object.entries({ name, pane }))
        if (typeof text !== 'string' || text === '' || text.length > longestName)
          throw new RangeError(
            `An indicator's ${what} is ${typeof text === 'string' ? `${text.length} letters long` : `of type ${typeof text}`}; expected a text of 1 to ${longestName}`,
          )
    const exchange = this.#exchangeOf[index]!
    const rows = exchange.columns(exchange.instruments.indexOf(this.#instruments[index]!)).time.length
    const values = lines.map(({ name, pane }) => {
      const plot = { name, pane, instrument: index, values: new Float64Array(rows).fill(NaN) }
      this.#plots.push(plot)
      return plot.values
    })
    this.#watched[index]!.push({ indicator, lines, values })
  }

  #declare(declaration: InputDeclaration): InputValue {
    const { name } = declaration
    if (this.#inputs.has(name))
      throw new RangeError(`Input '${name}' is declared twice; give each its own name`)
    if (this.#declarations.length >= mostInputs)
      throw new RangeError(`A strategy may declare ${mostInputs} inputs; '${name}' would be one more`)
    const { inputs } = this.#settings
    const value = (Object.hasOwn(inputs, name) ? inputs[name] : undefined) ?? declaration.value
    const problem = problemWith(declaration, value)
    if (problem) throw new RangeError(problem)
    this.#declarations.push(declaration)
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
    if (!this.#handling)
      throw new Error(
        `${method} was called when no handler was running. Await it, and what leads to it, in the handler, or schedule it`,
      )
    this.#requests++
    return this.#valued()
  }

  /** The ledger with the last prices of markets that go on between two bars. */
  #valued(): Ledger {
    for (let i = 0; i < this.#exchanges.length; i++) {
      const exchange = this.#exchanges[i]!
      if (exchange.immediate) continue
      for (let j = 0; j < exchange.instruments.length; j++)
        this.#ledger.portfolio.mark(this.#offset[i]! + j, exchange.lastPrice(j))
    }
    return this.#ledger
  }

  #makeLedger(): Ledger {
    const run = this
    return new Ledger(
      {
        instruments: this.#instruments,
        indexOf: this.#indexOf,
        exchangeOf: (index) => this.#exchangeOf[index]!,
        rowOf: (index) => this.#row[index]!,
        get time() {
          return run.#time
        },
        get bars() {
          return run.#bars
        },
        send: (handler, type, target) => this.#send(handler, type, target),
        cost: (name, fill) => this.#cost(name, fill),
        get hasOwnCosts() {
          return run.#hasOwnCosts
        },
        hears: (handler) => this.#handlers[handler] !== undefined,
        object: (order) => this.#ownRule?.(order),
      },
      this.#settings,
    )
  }

  #makeHost(): StrategyHost {
    const ledger = this.#ledger
    return {
      input: (declaration) => this.#declare(declaration),
      indicator: (indicator, instrument) => this.#watch(indicator, instrument),
      newOrder: (request) => this.#desk('newOrder').newOrder(request),
      cancelOrder: (order) => this.#desk('cancelOrder').cancelOrder(order),
      changeOrder: (order, terms) => this.#desk('changeOrder').changeOrder(order, terms),
      target: (instrument, fraction) => this.#desk('target').target(instrument, fraction),
      orders: (filter) => ledger.openOrders(filter),
      pastOrders: (filter) => ledger.pastOrders(filter),
      trades: (filter) => ledger.trades(filter),
      positions: (filter) => this.#valued().positions(filter),
      position: (instrument) => this.#valued().position(instrument),
      priceHistory: (instrument, count) => {
        const index = this.#known('priceHistory', instrument)
        const exchange = this.#exchangeOf[index]!
        const columns = exchange.columns(exchange.instruments.indexOf(instrument))
        const end = this.#row[index]! + 1
        const start = Math.max(0, end - Math.floor(count))
        const bars: Bar[] = []
        for (let row = start; row < end; row++) bars.push(new Bar(instrument, columns, row))
        return bars
      },
      portfolio: () => this.#valued().portfolio.view(),
      instruments: () => this.#instruments,
      exchanges: () => this.#exchanges.map(({ name }) => name),
      book: (instrument, levels) => {
        const index = this.#known('book', instrument)
        const exchange = this.#exchangeOf[index]!
        return exchange.book(exchange.instruments.indexOf(instrument), levels)
      },
      subscribe: (instrument) => {
        const index = this.#known('subscribe', instrument)
        this.#subscribed = (this.#subscribed ?? new Set()).add(index)
      },
      restrict: (rule) => void (this.#ownRule = rule),
      answer: (answer) => {
        this.#requests++
        return Promise.resolve(answer)
      },
      schedule: this.#schedule,
      now: () => this.#time / 1000,
      tradingType: () => TradingType.BACKTEST,
      log: (level, values) =>
        this.#log?.({
          level,
          time: this.#bars === 0 ? NaN : this.#time,
          bar: this.#bars,
          text: formatLog(values),
        }),
    }
  }
}

/** A run, ready to advance. See `Run`. */
export function createRun(options: RunOptions): Run {
  return new Run(options)
}

/** Runs a strategy from start to end. */
export async function run(options: RunOptions): Promise<RunRecord> {
  const run = new Run(options)
  await run.advance()
  return run.record()
}

/** The answers to a handler's requests are there at once. */
const answered = Promise.resolve()

function sideOf(sign: number): Side | undefined {
  return sign > 0 ? Side.BUY : sign < 0 ? Side.SELL : undefined
}

function isPromiseLike(value: unknown): value is PromiseLike<unknown> {
  return (
    typeof value === 'object' && value !== null && typeof (value as { then?: unknown }).then === 'function'
  )
}

function checkSettings({ cash, costs, fill, leverage, seed }: RunSettings): void {
  const check = (name: string, value: number, fits: boolean, expected: string) => {
    if (!fits) throw new RangeError(`Setting ${name} is ${value}; expected ${expected}`)
  }
  check('cash', cash, cash > 0 && cash < Infinity, 'a finite amount above zero')
  const { commission, slippage } = costs
  check('commission', commission, commission >= 0 && commission < 1, 'a fraction from 0 up to 1')
  check('slippage', slippage, slippage >= 0 && slippage < 1, 'a fraction from 0 up to 1')
  check('leverage', leverage, leverage > 0 && leverage <= 1000, 'a number above 0, at most 1000')
  check(
    'seed',
    seed,
    Number.isInteger(seed) && seed >= 0 && seed < 2 ** 32,
    'a whole number from 0 to 2^32 - 1',
  )
  if (fill !== 'next-open' && fill !== 'same-close')
    throw new RangeError(`Setting fill is '${String(fill)}'; expected 'next-open' or 'same-close'`)
}
