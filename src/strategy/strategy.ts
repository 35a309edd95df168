import {
  type Acknowledgement,
  type Bar,
  type BarEvent,
  type BookEvent,
  type BookView,
  type ErrorEvent,
  type Event,
  type Instrument,
  type MarketOrderEvent,
  type Order,
  type OrderEvent,
  type OrderRequest,
  OrderType,
  type RejectionEvent,
  Side,
  type Trade,
  type TradeEvent,
  type TradingType,
} from '#market'
import type { PortfolioView, Position } from '#trading'
import { type Filter, hostOfNewStrategy, type LogLevel, type StrategyHost } from './host.ts'
import type { Indicator } from './indicators/index.ts'
import type { Duration, Job, JobCallback, TimeOfDay } from './schedule.ts'
import { declare, type InputValue, type NumberInput, type PlainInput } from './inputs.ts'

/** What a handler may return. The engine waits for a promise before anything else happens. */
export type Handled = void | Promise<void>

/** An order's particulars beyond instrument, side and volume. */
export type OrderOptions = Partial<Omit<OrderRequest, 'instrument' | 'side' | 'volume'>>

/** What ends a position that a bracket begins. */
export interface Exits {
  /** Price of a stop order. */
  readonly stop?: number
  /** Price of a limit order. */
  readonly target?: number
  /** Distance in price at which the stop follows the market. */
  readonly trail?: number
}

/** The answers to a bracket's orders; absent where none was asked for, or the entry was refused. */
export interface BracketAnswers {
  readonly entry: Acknowledgement
  readonly stop?: Acknowledgement
  readonly target?: Acknowledgement
}

/** Writes to the run's log with the engine's time. Call it directly, or with a level. */
export interface Log {
  (...values: unknown[]): void
  debug(...values: unknown[]): void
  info(...values: unknown[]): void
  warn(...values: unknown[]): void
  error(...values: unknown[]): void
}

/**
 * What you extend. Only `onTrade` is required; every other handler is called when you write it.
 *
 * A handler is told of one event at a time and finishes, also when it is `async`, before the next event happens.
 * Orders given in a handler fill on what the market does later, never on what the handler was told.
 *
 * @example
 * export default class BuyAndHold extends Strategy {
 *   async onTrade({ target: trade }: TradeEvent) {
 *     if (this.orders(trade.instrument).length === 0 && this.trades(trade.instrument).length === 0)
 *       await this.newOrder({ instrument: trade.instrument, side: Side.BUY, volume: 10 })
 *   }
 * }
 */
export abstract class Strategy {
  readonly #host: StrategyHost = hostOfNewStrategy()

  /** Writes to the run's log: `this.log('crossed at', price)`, or `this.log.warn(…)`. */
  readonly log: Log = makeLog(this.#host)

  /** A trade printed: the market's, or one of your own, with `trade.myOrder` set. On bars, one per close. */
  abstract onTrade(event: TradeEvent): Handled
  /** A bar is complete. */
  onBar?(event: BarEvent): Handled
  /** What an instrument's book shows has changed. Only where there is a book: not on bars. */
  onBook?(event: BookEvent): Handled
  /** An order came to rest in the book, anybody's; on bars, one of yours. */
  onOpen?(event: MarketOrderEvent): Handled
  /** An order in the book has traded whole. */
  onFill?(event: MarketOrderEvent): Handled
  /** An order in the book was taken back. */
  onCancel?(event: MarketOrderEvent): Handled
  /** An order in the book changed: it traded in part, or its owner altered it. */
  onChange?(event: MarketOrderEvent): Handled
  /** After each of the four before. */
  onOrder?(event: MarketOrderEvent): Handled
  /** Trading in an instrument was halted. */
  onHalt?(event: Event<Instrument>): Handled
  /** Trading in an instrument goes on. */
  onContinue?(event: Event<Instrument>): Handled
  /** Before the first market event. */
  onStart?(event: Event<undefined>): Handled
  /** After the last market event; market orders sent here trade at the last price. */
  onExit?(event: Event<undefined>): Handled
  /** An order of yours was accepted. */
  onReceived?(event: OrderEvent): Handled
  /** An order of yours bought. Called before `onTraded`. */
  onBought?(event: TradeEvent): Handled
  /** An order of yours sold. Called before `onTraded`. */
  onSold?(event: TradeEvent): Handled
  /** An order of yours traded, after `onBought` or `onSold`. */
  onTraded?(event: TradeEvent): Handled
  /** A request of yours was refused: `event.target` has the code, the reason and the numbers. */
  onRejected?(event: RejectionEvent): Handled
  /** An order of yours was taken back, by you or by the exchange. */
  onCanceled?(event: OrderEvent): Handled
  /** A handler of yours threw. Write this to go on; without it the run stops there. */
  onError?(event: ErrorEvent): Handled

  /**
   * How much worse than the market's price each unit of a fill is, in price; write it to replace the slippage of the
   * settings. Called once per fill on bars, before `transactionCost`, with the price before slippage.
   *
   * @example
   * slippage(trade: Trade) {
   *   return 0.01 + trade.volume * 1e-6
   * }
   */
  slippage?(trade: Trade): number

  /**
   * The commission of a fill, in account currency; write it to replace the commission of the settings. Called once per
   * fill, with the price after slippage. Below zero is a rebate.
   *
   * @example
   * transactionCost(trade: Trade) {
   *   return Math.max(1, trade.volume * 0.005)
   * }
   */
  transactionCost?(trade: Trade): number

  /** The class name. */
  name(): string {
    return this.constructor.name
  }

  /**
   * Declares a value that the user can set: a number with its limits, a switch, or a text to choose.
   * It appears on the Inputs form, and a slider of it runs the strategy again while it is dragged.
   *
   * @param name as the form and the command line call it
   * @param value the default
   * @returns the value to use in this run
   * @example
   * fast = this.input('fast', 10, { min: 2, max: 50, step: 1 })
   * exitAtMean = this.input('exit at mean', true)
   * side = this.input('side', 'both', { choices: ['long', 'short', 'both'] })
   */
  input(name: string, value: number, options?: NumberInput): number
  input(name: string, value: boolean, options?: Omit<PlainInput, 'choices'>): boolean
  input<const Value extends string>(
    name: string,
    value: NoInfer<Value>,
    options: PlainInput<Value> & { choices: readonly Value[] },
  ): Value
  input(name: string, value: string, options?: PlainInput): string
  input(name: string, value: InputValue, options: NumberInput & PlainInput = {}): InputValue {
    return this.#host.input(declare(name, value, options))
  }

  /**
   * Keeps an indicator up to date with the bars of an instrument and draws it on the chart. It is fed before your
   * handlers see the bar, and its value is NaN until it is warm.
   *
   * @param instrument the run's first instrument when left out
   * @example
   * fast = this.indicator(sma(10))
   * slow = this.indicator(sma(30))
   * onBar() {
   *   if (this.fast.crossedAbove(this.slow)) …
   * }
   */
  indicator<T extends Indicator>(indicator: T, instrument?: Instrument): T {
    this.#host.indicator(indicator, instrument)
    return indicator
  }

  /**
   * Sends an order. The answer says whether it was accepted; when it was not, it has a code, a reason and the
   * numbers that decided.
   *
   * @example
   * const answer = await this.newOrder({ instrument: bar.instrument, side: Side.BUY, volume: 10, price: 99.5 })
   * if (!answer.accepted) this.log.warn(answer.reason)
   */
  newOrder(order: Order | OrderRequest): Promise<Acknowledgement> {
    return this.#host.answer(this.#host.newOrder(order))
  }

  /**
   * Buys a volume of an instrument at the market, or as the options say.
   *
   * @example
   * await this.buy(bar.instrument, 10)
   * await this.buy(bar.instrument, 10, { price: bar.close * 0.99 })
   */
  buy(instrument: Instrument, volume: number, options?: OrderOptions): Promise<Acknowledgement> {
    return this.newOrder({ ...options, instrument, volume, side: Side.BUY })
  }

  /**
   * Sells a volume of an instrument at the market, or as the options say. Selling more than is held goes short.
   *
   * @example
   * await this.sell(bar.instrument, 10, { stopPrice: bar.low })
   */
  sell(instrument: Instrument, volume: number, options?: OrderOptions): Promise<Acknowledgement> {
    return this.newOrder({ ...options, instrument, volume, side: Side.SELL })
  }

  /**
   * Sends an entry together with what is to end it: a stop, a target, or both, of which one cancels the other. They
   * work once the entry has filled, for what it filled.
   *
   * @param entry the order to begin with
   * @param exits `stop` and `target` are prices; `trail` is the distance of a stop that follows the market
   * @returns the answers; exits are not sent when the entry was refused
   * @example
   * await this.bracket(
   *   { instrument: bar.instrument, side: Side.BUY, volume: 10 },
   *   { stop: bar.close * 0.96, target: bar.close * 1.06 },
   * )
   */
  async bracket(entry: Order | OrderRequest, exits: Exits): Promise<BracketAnswers> {
    const answer = this.#host.newOrder(entry)
    if (!answer.accepted) return { entry: answer }
    const { order } = answer
    const { instrument, volume } = order
    const side = order.side === Side.BUY ? Side.SELL : Side.BUY
    const rest = { instrument, side, volume, after: order }
    const stop =
      exits.stop === undefined && exits.trail === undefined
        ? undefined
        : this.#host.newOrder({ ...rest, stopPrice: exits.stop, trail: exits.trail })
    const pair = stop?.accepted ? stop.order : undefined
    const target =
      exits.target === undefined ? undefined : this.#host.newOrder({ ...rest, price: exits.target, pair })
    return { entry: answer, stop, target }
  }

  /** Takes a working order back. Not accepted when it is finished already. */
  cancelOrder(order: Order): Promise<Acknowledgement> {
    return this.#host.answer(this.#host.cancelOrder(order))
  }

  /**
   * Alters a working order; what is left out stays. Fewer at the same price keep the place in the queue, more or
   * another price lose it.
   *
   * @example
   * await this.changeOrder(order, { stopPrice: bar.low })
   */
  changeOrder(
    order: Order,
    changes: { readonly volume?: number; readonly price?: number; readonly stopPrice?: number },
  ): Promise<Acknowledgement> {
    return this.#host.answer(this.#host.changeOrder(order, changes))
  }

  /**
   * Takes all working orders back, or those of one instrument.
   *
   * @returns one answer per order, none when there was nothing to cancel
   */
  cancelAll(instrument?: Instrument): Promise<Acknowledgement[]> {
    return this.#host.answer(this.orders(instrument).map((order) => this.#host.cancelOrder(order)))
  }

  /**
   * Takes all working orders back and closes all positions at the market, long and short; or those of one instrument.
   *
   * @returns one answer per closing order
   */
  closeAll(instrument?: Instrument): Promise<Acknowledgement[]> {
    for (const order of this.orders(instrument)) this.#host.cancelOrder(order)
    // A market order that is on its way to an exchange trades before the cancel arrives.
    const coming = this.orders(instrument).filter(({ type }) => type === OrderType.MARKET)
    const answers = this.positions(instrument)
      .map(({ instrument, size }) => ({
        instrument,
        size: coming
          .filter((order) => order.instrument === instrument)
          .reduce((sum, { side, remaining }) => sum + (side === Side.BUY ? remaining : -remaining), size),
      }))
      .filter(({ size }) => size !== 0)
      .map(({ instrument, size }) =>
        this.#host.newOrder({
          instrument,
          side: size > 0 ? Side.SELL : Side.BUY,
          volume: Math.abs(size),
        }),
      )
    return this.#host.answer(answers)
  }

  /**
   * Trades at the market towards a position worth a fraction of the account's equity at the last price: 0.5 is half of
   * it long, -0.5 half of it short, 0 flat. Whole lots, rounded towards zero; market orders that still work towards an
   * earlier target of the instrument are taken back first.
   *
   * @returns the order's answer, or undefined when nothing needed to be done
   * @example
   * await this.target(bar.instrument, 0.95)
   */
  target(instrument: Instrument, fraction: number): Promise<Acknowledgement | undefined> {
    if (typeof fraction !== 'number' || !Number.isFinite(fraction))
      throw new RangeError(
        `target: the fraction is ${String(fraction)}; expected a finite number such as 0.5. NaN often comes from an indicator that is not ready yet.`,
      )
    return this.#host.answer(this.#host.target(instrument, fraction))
  }

  /** Your working orders, oldest first. */
  orders(instrument?: Instrument, exchange?: string, side?: Side): Order[] {
    return this.#host.orders({ instrument, exchange, side })
  }

  /** All your orders that were accepted, oldest first, working ones included. */
  pastOrders(instrument?: Instrument, exchange?: string, side?: Side): Order[] {
    return this.#host.pastOrders({ instrument, exchange, side })
  }

  /** Your own trades, oldest first; `side` is that of your order. */
  trades(instrument?: Instrument, exchange?: string, side?: Side): Trade[] {
    return this.#host.trades({ instrument, exchange, side })
  }

  /** Your positions in every instrument that you have traded; a closed one stays, with size 0. */
  positions(instrument?: Instrument, exchange?: string, side?: Side): Position[] {
    return this.#host.positions({ instrument, exchange, side })
  }

  /**
   * Your position in an instrument; its size is 0 when there is none.
   *
   * @example
   * if (this.position(bar.instrument).size === 0) …
   */
  position(instrument: Instrument): Position {
    return this.#host.position(instrument)
  }

  /**
   * The newest bars of an instrument up to now, oldest first; none that is not complete.
   *
   * @param count how many at the most
   * @example
   * const closes = this.priceHistory(bar.instrument, 20).map(({ close }) => close)
   */
  priceHistory(instrument: Instrument, count = 100): Bar[] {
    return this.#host.priceHistory(instrument, count)
  }

  /** Cash, equity and exposure as they are now. */
  portfolio(): PortfolioView {
    return this.#host.portfolio()
  }

  /** The instruments of this run. */
  instruments(): readonly Instrument[] {
    return this.#host.instruments()
  }

  /** Tags of the exchanges of this run. */
  exchanges(): readonly string[] {
    return this.#host.exchanges()
  }

  /**
   * What the order book of an instrument shows now, best prices first; undefined where there is no book, as on bars.
   *
   * @param levels prices per side
   */
  book(instrument: Instrument, levels = 10): BookView | undefined {
    return this.#host.book(instrument, levels)
  }

  /** Asks for the events of an instrument. Before the first call you get those of all. */
  subscribe(instrument: Instrument): void {
    this.#host.subscribe(instrument)
  }

  /**
   * Calls a function again and again after a length of time, counted exactly from now. What lies between two market
   * events happens between them, in order.
   *
   * @param callback given the time of the call, milliseconds since 1970 UTC; the engine waits for its promise
   * @example
   * onStart() {
   *   this.periodic(() => this.log(this.portfolio().equity), { hours: 1 })
   * }
   */
  periodic(callback: JobCallback, duration: Duration): Job {
    return this.#host.schedule.periodic(this.now(), callback, duration)
  }

  /**
   * Calls a function whenever a clock shows a time of day; a part that is left out matches every value, the second
   * only 0. Days on which clocks change are minded.
   *
   * @example
   * this.at(() => this.closeAll(), { hour: 15, minute: 55, timeZone: 'America/New_York' })
   */
  at(callback: JobCallback, time: TimeOfDay): Job {
    return this.#host.schedule.at(this.now(), callback, time, this.#zone())
  }

  /**
   * Calls a function at every multiple of an interval since 1970 UTC: `'15m'` is at :00, :15, :30 and :45.
   *
   * @param interval milliseconds, or a text such as `'30s'`, `'15m'`, `'1h'`, `'1d'`
   * @example
   * this.every('1h', () => this.cancelAll())
   */
  every(interval: number | string, callback: JobCallback): Job {
    return this.#host.schedule.every(this.now(), interval, callback)
  }

  /**
   * Calls a function by a cron text: minute, hour, day of month, month, day of week; six fields begin with the second.
   *
   * @param timeZone the zone of the run's first instrument when left out
   * @example
   * this.cron('0 16 * * MON-FRI', () => this.closeAll(), 'America/New_York')
   */
  cron(pattern: string, callback: JobCallback, timeZone?: string): Job {
    return this.#host.schedule.cron(this.now(), pattern, callback, timeZone ?? this.#zone())
  }

  #zone(): string {
    return this.instruments()[0]?.timeZone ?? 'UTC'
  }

  /** The engine's time, milliseconds since 1970 UTC: that of the event being handled. It never goes back. */
  now(): number {
    return this.#host.now()
  }

  /** What kind of run this is. */
  tradingType(): TradingType {
    return this.#host.tradingType()
  }
}

/**
 * A strategy that looks at bars only.
 *
 * @example
 * export default class UpDays extends BarStrategy {
 *   async onBar({ target: bar }: BarEvent) {
 *     await this.target(bar.instrument, bar.close > bar.open ? 1 : 0)
 *   }
 * }
 */
export abstract class BarStrategy extends Strategy {
  /** Not called: the engine sees that it is the one given here. */
  onTrade(): void {}

  abstract override onBar(event: BarEvent): Handled
}

function makeLog(host: StrategyHost): Log {
  const at =
    (level: LogLevel) =>
    (...values: unknown[]) =>
      host.log(level, values)
  return Object.assign(at('info'), {
    debug: at('debug'),
    info: at('info'),
    warn: at('warn'),
    error: at('error'),
  })
}
