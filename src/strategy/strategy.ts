import {
  type Acknowledgement,
  type Bar,
  type BarEvent,
  type BookEvent,
  type BookView,
  type DataEvent,
  type ErrorEvent,
  type Event,
  Instrument,
  type InstrumentType,
  isAtMarket,
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
import type { Balance, PortfolioView, Position, RiskChange, RiskView } from '#trading'
import { attach, BarSeries, type BarSeriesOptions, feederOf } from './bar-series.ts'
import {
  checkByVolume,
  checkChanges,
  checkFields,
  checkFilter,
  checkInstrument,
  checkOrder,
  checkOrderOptions,
  checkSent,
  checkType,
  checkWhole,
  isBag,
  show,
} from './checks.ts'
import { hostOfNewStrategy, type LogLevel, type StrategyHost } from './host.ts'
import { Indicator } from './indicators/index.ts'
import type { Duration, Job, JobCallback, TimeOfDay } from './schedule.ts'
import { declare, type InputValue, type NumberInput, type PlainInput } from './inputs.ts'
import { Store } from './store.ts'
import { ExitRoutine, TradingHours, type TradingHoursOptions } from './trading-hours.ts'
import { Unready } from './unready.ts'

/** What a handler may return. The engine waits for a promise before anything else happens. */
export type Handled = void | Promise<void>

/**
 * Trading was halted or goes on: by the market, where the target is the instrument, or by the risk rules, where it says
 * which state they have come to and why. `target instanceof Instrument` tells the two apart.
 */
export type HaltEvent = Event<Instrument | RiskChange>

/** An order's particulars beyond instrument, side and volume. */
export type OrderOptions = Partial<Omit<OrderRequest, 'instrument' | 'side' | 'volume' | 'notional'>>

/** What ends a position that a bracket begins. */
export interface Exits {
  /** Price of a stop order. */
  readonly stop?: number
  /** Price of a limit order. */
  readonly target?: number
  /** Distance in price at which the stop follows the market, or `{ percent }` of the price. */
  readonly trail?: OrderRequest['trail']
}

/** The answers to a bracket's orders; absent where none was asked for, or the entry was refused. */
export interface BracketAnswers {
  /** The answer to the order that enters. */
  readonly entry: Acknowledgement
  /** The answer to the stop; absent where none was asked for or the entry was refused. */
  readonly stop?: Acknowledgement
  /** The answer to the target; absent where none was asked for or the entry was refused. */
  readonly target?: Acknowledgement
}

/** Money and positions in one place, as they are now. A copy: later fills do not change it. */
export interface Account {
  /** Currency that its money is told in. */
  readonly currency: string
  /** Of all currencies together, at the rates of now. */
  readonly cash: number
  /** Cash and positions at their last prices. */
  readonly equity: number
  /**
   * The cash by currencies, the account's own first, and what each is worth in it. In others there is cash only where
   * nothing is exchanged when an order fills.
   */
  readonly balances: readonly Balance[]
  /** Tags of the exchanges that it trades on. */
  readonly exchanges: readonly string[]
  /** What is held, in the order of the instruments. */
  readonly positions: readonly Position[]
}

/** Indicators that a run feeds: whatever else fed them would spoil their values. */
const fed = new WeakSet<Indicator>()

/** Writes to the run's log with the engine's time. Call it directly, or with a level. */
export interface Log {
  /**
   * The same as `info`.
   *
   * @example
   * this.log('equity', this.portfolio().equity)
   */
  (...values: unknown[]): void
  /**
   * For what matters only while a strategy is being written.
   *
   * @example
   * this.log.debug('fast', this.fast.value)
   */
  debug(...values: unknown[]): void
  /**
   * For what happened.
   *
   * @example
   * this.log.info('rebalanced')
   */
  info(...values: unknown[]): void
  /**
   * For what should not have happened, but can.
   *
   * @example
   * if (!answer.accepted) this.log.warn(answer.reason)
   */
  warn(...values: unknown[]): void
  /**
   * For what went wrong.
   *
   * @example
   * this.log.error('no price for', instrument.name)
   */
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
  readonly #unready = new Unready(this.#host)
  #endOfDay: Job | undefined

  /**
   * Writes to the run's log, with the engine's time.
   *
   * @example
   * this.log('crossed at', bar.close)
   * this.log.warn(answer.reason)
   */
  readonly log: Log = makeLog(this.#host)

  /**
   * A small memory for this run: values by name, kept as copies.
   *
   * @example
   * this.store.set('losses', this.store.get('losses', 0) + 1)
   */
  readonly store: Store = new Store()

  /**
   * A trade printed: the market's, or one of your own, with `trade.myOrder` set. On bars, one per close. Required, but for a
   * `BarStrategy`.
   *
   * @example
   * onTrade({ target: trade }: TradeEvent) {
   *   if (!trade.myOrder) this.log(trade.price, trade.volume)
   * }
   */
  abstract onTrade(event: TradeEvent): Handled
  /**
   * A bar is complete. Orders that are sent here trade on what comes after it.
   *
   * @example
   * async onBar({ target: bar }: BarEvent) {
   *   if (bar.close > bar.open) await this.buy(bar.instrument, 10)
   * }
   */
  onBar?(event: BarEvent): Handled
  /**
   * What an instrument's book shows has changed. Only where there is a book: not on bars.
   *
   * @example
   * onBook({ target: book }: BookEvent) {
   *   this.log(book.bestBid, book.bestAsk)
   * }
   */
  onBook?(event: BookEvent): Handled
  /**
   * An order came to rest in the book, anybody's; on bars, one of yours.
   *
   * @example
   * onOpen({ target: order }: MarketOrderEvent) {
   *   if (order.myOrder) this.log('rests at', order.price)
   * }
   */
  onOpen?(event: MarketOrderEvent): Handled
  /**
   * An order in the book has traded whole. `onOrder` follows.
   *
   * @example
   * onFill({ target: order }: MarketOrderEvent) {
   *   this.log(order.id, 'is gone')
   * }
   */
  onFill?(event: MarketOrderEvent): Handled
  /**
   * An order in the book was taken back. `onOrder` follows.
   *
   * @example
   * onCancel({ target: order }: MarketOrderEvent) {
   *   this.log(order.volume, 'less at', order.price)
   * }
   */
  onCancel?(event: MarketOrderEvent): Handled
  /**
   * An order in the book changed: it traded in part, or its owner altered it. `onOrder` follows.
   *
   * @example
   * onChange({ target: order }: MarketOrderEvent) {
   *   this.log(order.id, 'has left', order.volume)
   * }
   */
  onChange?(event: MarketOrderEvent): Handled
  /**
   * Anything happened to an order in the book: called after `onOpen`, `onFill`, `onCancel` and `onChange`.
   *
   * @example
   * onOrder({ type, target: order }: MarketOrderEvent) {
   *   if (type === EventType.OPEN) this.log(order.side, order.price)
   * }
   */
  onOrder?(event: MarketOrderEvent): Handled
  /**
   * The data set has more of a bar than prices and volume, such as an adjusted close. Told before the bar.
   *
   * @example
   * onData({ target: data }: DataEvent) {
   *   this.adjusted = data.value('adjusted close')
   * }
   */
  onData?(event: DataEvent): Handled
  /**
   * The market of an instrument was halted, or a risk rule halted you or lets you only reduce.
   *
   * @example
   * onHalt({ target }: HaltEvent) {
   *   this.log.warn(target instanceof Instrument ? target.name : target.state)
   * }
   */
  onHalt?(event: HaltEvent): Handled
  /**
   * The market of an instrument goes on, or the risk rules let everything pass again.
   *
   * @example
   * onContinue({ target }: HaltEvent) {
   *   this.log(target instanceof Instrument ? target.name : target.state)
   * }
   */
  onContinue?(event: HaltEvent): Handled
  /**
   * Before the first market event, which waits until this is done: the place to subscribe and to schedule.
   *
   * @example
   * onStart() {
   *   this.every('1h', () => this.cancelAll())
   * }
   */
  onStart?(event: Event<undefined>): Handled
  /**
   * After the last market event. It is waited for; market orders sent here trade when it is done, on bars at the last close
   * (rule `last close`), on a market with a book with what the book showed at the end (rule `last book`), without a delay. Other
   * orders find no market any more. When something has failed and there is no `onError` that goes on, it is called at that
   * point of the run, and what is sent then is taken back.
   *
   * @example
   * async onExit() {
   *   await this.closeAll()
   * }
   */
  onExit?(event: Event<undefined>): Handled
  /**
   * An order of yours works at its exchange.
   *
   * @example
   * onReceived({ target: order }: OrderEvent) {
   *   this.log(order.id, 'was received')
   * }
   */
  onReceived?(event: OrderEvent): Handled
  /**
   * An order of yours bought. Called before `onTraded`.
   *
   * @example
   * async onBought({ target: trade }: TradeEvent) {
   *   await this.sell(trade.instrument, trade.volume, { stopPrice: trade.price * 0.95 })
   * }
   */
  onBought?(event: TradeEvent): Handled
  /**
   * An order of yours sold. Called before `onTraded`.
   *
   * @example
   * onSold({ target: trade }: TradeEvent) {
   *   this.log('sold at', trade.price)
   * }
   */
  onSold?(event: TradeEvent): Handled
  /**
   * An order of yours traded. Called after `onBought` or `onSold`.
   *
   * @example
   * onTraded({ target: trade }: TradeEvent) {
   *   this.log(trade.side, trade.volume, trade.price, trade.rule)
   * }
   */
  onTraded?(event: TradeEvent): Handled
  /**
   * A request of yours was refused: a new order, a cancel or a change, as `kind` says. An order whose cancel or change was
   * refused works on.
   *
   * @example
   * onRejected({ target: { kind, code, reason, order } }: RejectionEvent) {
   *   this.log.warn(kind, order.id, code, reason)
   * }
   */
  onRejected?(event: RejectionEvent): Handled
  /**
   * An order of yours was taken back, by you or by the exchange.
   *
   * @example
   * onCanceled({ target: order }: OrderEvent) {
   *   this.log(order.remaining, 'did not trade')
   * }
   */
  onCanceled?(event: OrderEvent): Handled
  /**
   * Something of yours failed: a handler, a cost function, an indicator or a scheduled job threw, or a promise was rejected that
   * nobody handles, which is told at the next rest of the run but one. Write this to go on; without it the run stops there,
   * and `onExit` is called. A fill whose cost function threw costs what the settings say, and an indicator has no value at
   * a bar at which it threw.
   *
   * @example
   * onError({ target: { handler, error } }: ErrorEvent) {
   *   this.log.error(handler, error)
   * }
   */
  onError?(event: ErrorEvent): Handled

  /**
   * How much worse than the market's price each unit of a fill is, in price; write it to replace the slippage of the
   * settings. As that, it is for market and stop orders on bars: limit and stop-limit orders keep their price, and on a market
   * with a book the fills have the book's. Called once per such fill, before `transactionCost`, with the price before slippage.
   *
   * @example
   * slippage(trade: Trade) {
   *   return 0.01 + trade.volume * 1e-6
   * }
   */
  slippage?(trade: Trade): number

  /**
   * The commission of a fill, in the instrument's currency; write it to replace the commission of the settings. Called once per
   * fill, with the price after slippage. Below zero is a rebate.
   *
   * @example
   * transactionCost(trade: Trade) {
   *   return Math.max(1, trade.volume * 0.005)
   * }
   */
  transactionCost?(trade: Trade): number

  /**
   * The class name.
   *
   * @example
   * this.log(this.name())
   */
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
   * Keeps an indicator up to date with the bars of an instrument, or with the longer bars of a series, and draws it on
   * the chart. It is fed before your handlers see the bar. Its value is NaN until it is warm: every comparison with it
   * is false then, and an order that is sent after such a value was read is told in the log once. Ask `ready` first.
   *
   * @param source the run's first instrument when left out
   * @example
   * fast = this.indicator(sma(10))
   * slow = this.indicator(sma(30))
   * trend = this.indicator(ema(50), this.bars('1d'))
   * onBar() {
   *   if (this.fast.crossedAbove(this.slow)) …
   * }
   */
  indicator<T extends Indicator>(indicator: T, source?: Instrument | BarSeries): T {
    if (!(indicator instanceof Indicator))
      throw new TypeError(`indicator: found ${show(indicator)}; expected one such as sma(20)`)
    if (fed.has(indicator))
      throw new TypeError(
        `indicator: ${indicator.name} was given before, and would take every bar twice; expected a new one, such as another sma(20)`,
      )
    if (source instanceof BarSeries) this.#host.indicator(attach(source, indicator), source.instrument)
    else {
      if (source !== undefined) checkInstrument('indicator', source)
      this.#host.indicator(indicator, source)
    }
    fed.add(indicator)
    this.#unready.watch(indicator)
    return indicator
  }

  /**
   * Longer bars of an instrument, such as hours from minutes: only those that are complete, kept up to date while the
   * run goes on. Indicators can be fed with them, and a handler can be told of each.
   *
   * @param instrument the run's first instrument when left out
   * @param interval a text such as `'15m'`, `'1h'`, `'1d'` or `'1w'`, or milliseconds; not shorter than the bars of the run
   * @throws RangeError for an interval that neither divides a day nor is made of whole days
   * @example
   * hours = this.bars('1h')
   * average = this.indicator(sma(20), this.hours)
   * days = this.bars(this.instruments()[0]!, '1d', { session: { open: '09:30', close: '16:00' } })
   */
  bars(interval: string | number, options?: BarSeriesOptions): BarSeries
  bars(instrument: Instrument, interval: string | number, options?: BarSeriesOptions): BarSeries
  bars(
    first: Instrument | string | number,
    second?: string | number | BarSeriesOptions,
    third?: BarSeriesOptions,
  ): BarSeries {
    const isFirst = typeof first === 'string' || typeof first === 'number'
    const instrument = isFirst ? this.#first() : first
    checkInstrument('bars', instrument)
    const [interval, options = {}] = isFirst
      ? [first, second as BarSeriesOptions | undefined]
      : [second as string | number, third]
    const host = this.#host
    const series = new BarSeries(instrument, interval, options, host.stamps(instrument), (job) =>
      host.call(job),
    )
    host.indicator(feederOf(series), instrument)
    return series
  }

  /**
   * Sends an order. The answer says whether it was accepted; when it was not, it has a code, a reason and the
   * numbers that decided. On a market with a book an accepted order is on its way: `onReceived` or `onRejected` tells
   * when it arrives.
   *
   * @example
   * const answer = await this.newOrder({ instrument: bar.instrument, side: Side.BUY, volume: 10, price: 99.5 })
   * if (!answer.accepted) this.log.warn(answer.reason)
   * await this.newOrder({ instrument: bar.instrument, side: Side.BUY, notional: 5_000 })
   */
  newOrder(order: Order | OrderRequest): Promise<Acknowledgement> {
    return this.#send('newOrder', checkOrder('newOrder', order))
  }

  #send(method: string, order: Order | OrderRequest): Promise<Acknowledgement> {
    const answer = this.#host.newOrder(method, order)
    this.#unready.tell(answer)
    return this.#host.answer(answer)
  }

  /**
   * Buys a volume of an instrument at the market, or as the options say. `this.newOrder` also buys for an amount of money.
   *
   * @example
   * await this.buy(bar.instrument, 10)
   * await this.buy(bar.instrument, 10, { protectionPrice: bar.close * 1.01 })
   * await this.buy(bar.instrument, 10, { price: bar.close * 0.99 })
   */
  buy(instrument: Instrument, volume: number, options?: OrderOptions): Promise<Acknowledgement> {
    checkOrderOptions('buy', options)
    return this.#send('buy', { instrument, volume, side: Side.BUY, ...options })
  }

  /**
   * Sells a volume of an instrument at the market, or as the options say. Selling more than is held goes short.
   *
   * @example
   * await this.sell(bar.instrument, 10, { stopPrice: bar.low })
   */
  sell(instrument: Instrument, volume: number, options?: OrderOptions): Promise<Acknowledgement> {
    checkOrderOptions('sell', options)
    return this.#send('sell', { instrument, volume, side: Side.SELL, ...options })
  }

  /**
   * Sends an entry together with what is to end it: a stop, a target, or both, of which one cancels the other. They
   * work once the entry has filled, for what it filled.
   *
   * @param entry the order to begin with
   * @param exits `stop` and `target` are prices; `trail` is the distance of a stop that follows the market, such as 2 or `{ percent: 3 }`
   * @returns the answers; exits are not sent when the entry was refused
   * @example
   * await this.bracket(
   *   { instrument: bar.instrument, side: Side.BUY, volume: 10 },
   *   { stop: bar.close * 0.96, target: bar.close * 1.06 },
   * )
   */
  bracket(entry: Order | OrderRequest, exits: Exits): Promise<BracketAnswers> {
    checkByVolume('bracket', checkOrder('bracket', entry))
    checkExits(exits)
    checkSides(entry, exits)
    return this.#host.answer(this.#bracket(entry, exits))
  }

  #bracket(entry: Order | OrderRequest, exits: Exits): BracketAnswers {
    const answer = this.#host.newOrder('bracket', entry)
    this.#unready.tell(answer)
    if (!answer.accepted) return { entry: answer }
    const { order } = answer
    const { instrument, volume } = order
    const side = order.side === Side.BUY ? Side.SELL : Side.BUY
    const rest = { instrument, side, volume, after: order }
    const stop =
      exits.stop === undefined && exits.trail === undefined
        ? undefined
        : this.#host.newOrder('bracket', { ...rest, stopPrice: exits.stop, trail: exits.trail })
    const pair = stop?.accepted ? stop.order : undefined
    const target =
      exits.target === undefined
        ? undefined
        : this.#host.newOrder('bracket', { ...rest, price: exits.target, pair })
    return { entry: answer, stop, target }
  }

  /**
   * Takes a working order back. Not accepted when it is finished already.
   *
   * @example
   * const [order] = this.orders(bar.instrument)
   * if (order) await this.cancelOrder(order)
   */
  cancelOrder(order: Order): Promise<Acknowledgement> {
    checkSent('cancelOrder', order)
    return this.#host.answer(this.#host.cancelOrder('cancelOrder', order))
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
    checkSent('changeOrder', order)
    checkChanges('changeOrder', order, changes)
    return this.#host.answer(this.#host.changeOrder(order, changes))
  }

  /**
   * Takes all working orders back, or those of one instrument.
   *
   * @returns one answer per order, none when there was nothing to cancel
   * @example
   * await this.cancelAll(bar.instrument)
   */
  cancelAll(instrument?: Instrument): Promise<Acknowledgement[]> {
    this.#checkFilter('cancelAll', instrument)
    return this.#host.answer(
      this.orders(instrument).map((order) => this.#host.cancelOrder('cancelAll', order)),
    )
  }

  /**
   * Takes all working orders back and closes all positions at the market, long and short; or those of one instrument.
   *
   * @returns one answer per closing order
   * @example
   * if (this.portfolio().equity < 9_000) await this.closeAll()
   */
  closeAll(instrument?: Instrument): Promise<Acknowledgement[]> {
    this.#checkFilter('closeAll', instrument)
    for (const order of this.orders(instrument)) this.#host.cancelOrder('closeAll', order)
    // A market order that is on its way to an exchange trades before the cancel arrives.
    const coming = this.orders(instrument).filter(isAtMarket)
    const answers = this.positions(instrument)
      .map(({ instrument, size }) => ({
        instrument,
        size: coming
          .filter((order) => order.instrument === instrument)
          .reduce((sum, { side, remaining }) => sum + (side === Side.BUY ? remaining : -remaining), size),
      }))
      .filter(({ size }) => size !== 0)
      .map(({ instrument, size }) =>
        this.#host.newOrder('closeAll', {
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
    checkInstrument('target', instrument)
    if (typeof fraction !== 'number' || !Number.isFinite(fraction))
      throw new RangeError(
        `target: the fraction is ${show(fraction)}; expected a finite number such as 0.5. NaN often comes from an indicator that is not ready yet.`,
      )
    const answer = this.#host.target(instrument, fraction)
    this.#unready.tell(answer)
    return this.#host.answer(answer)
  }

  /**
   * Your working orders, oldest first. What is given narrows the list, together.
   *
   * @param exchange tag of an exchange, one of `this.exchanges()`
   * @example
   * const bids = this.orders(bar.instrument, undefined, Side.BUY)
   */
  orders(instrument?: Instrument, exchange?: string, side?: Side): Order[] {
    this.#checkFilter('orders', instrument, exchange, side)
    return this.#host.orders({ instrument, exchange, side })
  }

  /**
   * All the orders you have sent, oldest first: working, filled, cancelled and refused ones.
   *
   * @example
   * const refused = this.pastOrders().filter(({ status }) => status === OrderStatus.REJECTED)
   */
  pastOrders(instrument?: Instrument, exchange?: string, side?: Side): Order[] {
    this.#checkFilter('pastOrders', instrument, exchange, side)
    return this.#host.pastOrders({ instrument, exchange, side })
  }

  /**
   * Your own trades, oldest first; `side` is that of your order, whoever came to whom.
   *
   * @example
   * const bought = this.trades(bar.instrument, undefined, Side.BUY).reduce((sum, { volume }) => sum + volume, 0)
   */
  trades(instrument?: Instrument, exchange?: string, side?: Side): Trade[] {
    this.#checkFilter('trades', instrument, exchange, side)
    return this.#host.trades({ instrument, exchange, side })
  }

  /**
   * Your positions in every instrument that you have traded; a closed one stays, with size 0. `Side.BUY` narrows to
   * those that are long, `Side.SELL` to those that are short.
   *
   * @example
   * const longs = this.positions(undefined, undefined, Side.BUY)
   */
  positions(instrument?: Instrument, exchange?: string, side?: Side): Position[] {
    this.#checkFilter('positions', instrument, exchange, side)
    return this.#host.positions({ instrument, exchange, side })
  }

  /**
   * Your position in an instrument; its size is 0 when there is none.
   *
   * @example
   * if (this.position(bar.instrument).size === 0) …
   */
  position(instrument: Instrument): Position {
    checkInstrument('position', instrument)
    this.#host.known('position', instrument)
    return this.#host.position(instrument)
  }

  /**
   * The newest bars of an instrument up to now, oldest first; none that is not complete.
   *
   * @param instrument the run's first instrument when left out
   * @param count how many at the most
   * @example
   * const closes = this.priceHistory(bar.instrument, 20).map(({ close }) => close)
   */
  priceHistory(instrument: Instrument = this.#first(), count = 100): Bar[] {
    checkInstrument('priceHistory', instrument)
    if (count !== Infinity) checkWhole('priceHistory', 'count', count, 0, Number.MAX_SAFE_INTEGER)
    return this.#host.priceHistory(instrument, count)
  }

  /**
   * Cash, equity and exposure as they are now.
   *
   * @example
   * const { cash, equity } = this.portfolio()
   */
  portfolio(): PortfolioView {
    return this.#host.portfolio()
  }

  /**
   * How much is at risk, what the risk rules allow and how much of that is used.
   *
   * @example
   * const { drawdown, valueAtRisk, limits } = this.risk()
   * if (drawdown > 0.05) await this.target(bar.instrument, 0.5)
   * for (const { rule, used, limit } of limits) this.log(rule, used, 'of', limit)
   */
  risk(): RiskView {
    return this.#host.risk()
  }

  /**
   * The kill switch: takes back all that works, closes all positions at the market, and halts for the rest of the run.
   * Orders are refused from now on; the log says when nothing is left.
   *
   * @param reason for the log
   * @example
   * if (this.risk().valueAtRisk > 0.1 * this.portfolio().equity) await this.kill('too much at risk')
   */
  kill(reason = 'The strategy pulled its kill switch.'): Promise<void> {
    if (typeof reason !== 'string')
      throw new TypeError(`kill: the reason is ${show(reason)}; expected a text`)
    this.#host.kill(reason.slice(0, 500))
    return this.#host.answer(undefined)
  }

  /**
   * The accounts that the run trades with: one, which all its exchanges share.
   *
   * @example
   * const [account] = this.accounts()
   * this.log(account.currency, account.cash, account.positions.length)
   * for (const { currency, cash, rate } of account.balances) this.log(cash, currency, 'at', rate)
   */
  accounts(): [Account] {
    const { cash, equity } = this.portfolio()
    const balances = this.#host.balances()
    const { currency } = balances[0]!
    return [{ currency, cash, equity, balances, exchanges: this.exchanges(), positions: this.positions() }]
  }

  /**
   * What an amount of money is worth in another currency at the rates of now: those of the settings, or the last prices of
   * the run's currency pairs that have been told. NaN before there is a rate. Nothing is exchanged.
   *
   * @param from currency of the amount, such as that of an instrument
   * @param to currency of the account when left out
   * @example
   * const { close, instrument } = bar
   * const volume = instrument.roundDown(1000 / this.convert(close, instrument.currency))
   */
  convert(amount: number, from: string, to?: string): number {
    if (typeof amount !== 'number')
      throw new TypeError(`convert: the amount is ${show(amount)}; expected a number`)
    const balances = this.#host.balances()
    const rateOf = (what: string, code: unknown) => {
      const found = balances.find(({ currency }) => currency === code)
      if (!found)
        throw new RangeError(
          `convert: the currency ${what} is ${show(code)}; expected one of this run: ${balances.map(({ currency }) => currency).join(', ')}`,
        )
      return found.rate
    }
    const rate = rateOf('from', from)
    if (to === undefined) return amount * rate
    return from === to ? amount : (amount * rate) / rateOf('to', to)
  }

  /**
   * The instruments of this run, in the order of the data set; narrowed to a type or an exchange where one is given.
   *
   * @example
   * const [first, second] = this.instruments()
   * const shares = this.instruments(InstrumentType.EQUITY)
   */
  instruments(type?: InstrumentType, exchange?: string): readonly Instrument[] {
    checkType('instruments', type)
    checkFilter('instruments', undefined, exchange, undefined)
    const all = this.#host.instruments()
    if (type === undefined && exchange === undefined) return all
    return all.filter(
      (instrument) =>
        (type === undefined || instrument.type === type) &&
        (exchange === undefined || instrument.exchange === exchange),
    )
  }

  /**
   * Tags of the exchanges of this run; of those that trade a type of instrument where one is given.
   *
   * @example
   * for (const exchange of this.exchanges()) this.log(exchange, this.instruments(undefined, exchange).length)
   */
  exchanges(type?: InstrumentType): readonly string[] {
    checkType('exchanges', type)
    const all = this.#host.exchanges()
    if (type === undefined) return all
    return all.filter((exchange) => this.instruments(type, exchange).length > 0)
  }

  /**
   * The instruments of this run by name, in capitals or not: the one of that name, or else those whose names contain
   * the text. Given an instrument, its namesakes: the same thing on the other exchanges, and itself.
   *
   * @example
   * const [apple] = this.lookup('AAPL')
   */
  lookup(name: string | Instrument, exchange?: string): readonly Instrument[] {
    checkFilter('lookup', undefined, exchange, undefined)
    const here = this.instruments(undefined, exchange)
    if (name instanceof Instrument) return here.filter((other) => other.name === name.name)
    if (typeof name !== 'string' || name === '')
      throw new TypeError(
        `lookup: the name is ${show(name)}; expected a text such as 'AAPL', or an instrument`,
      )
    const wanted = name.toUpperCase()
    const named = here.filter((instrument) => instrument.name.toUpperCase() === wanted)
    return named.length > 0
      ? named
      : here.filter((instrument) => instrument.name.toUpperCase().includes(wanted))
  }

  /**
   * What the order book of an instrument shows now, best prices first; undefined where there is no book, as on bars.
   *
   * @param levels prices per side
   * @example
   * const book = this.book(bar.instrument, 5)
   * if (book) this.log(book.bestBid, book.bestAsk)
   */
  book(instrument: Instrument, levels = 10): BookView | undefined {
    checkInstrument('book', instrument)
    checkWhole('book', 'levels', levels, 1, 100_000)
    return this.#host.book(instrument, levels)
  }

  /**
   * Asks for the events of an instrument. Before the first call you get those of all; from then on only those of the
   * instruments asked for. Your own orders are always told.
   *
   * @example
   * onStart() {
   *   this.subscribe(this.instruments()[0]!)
   * }
   */
  subscribe(instrument: Instrument): void {
    checkInstrument('subscribe', instrument)
    this.#host.subscribe(instrument)
  }

  /**
   * Takes orders only within certain hours of the day, on the clock of a zone. Outside of them orders are refused with
   * `OUTSIDE_HOURS`, but for what only closes a position. At the end working orders can be taken back and positions
   * closed; called again, the new hours take the place of the old ones.
   *
   * The end is a moment like that of `at`: on bars a market order of that moment trades at the next open, so choose one
   * that still has a bar after it.
   *
   * @example
   * onStart() {
   *   this.restrictTradingHours({
   *     start: '09:35',
   *     end: '15:55',
   *     days: 'MON-FRI',
   *     timeZone: 'America/New_York',
   *     onEndOfDay: ExitRoutine.CLOSE_ALL,
   *   })
   * }
   */
  restrictTradingHours(options: TradingHoursOptions): void {
    const hours = new TradingHours(options, this.#zone())
    this.#endOfDay?.stop()
    this.#endOfDay = undefined
    this.#host.restrict((order) =>
      hours.refuse(order, this.now(), this.#host.position(order.instrument).size),
    )
    if (hours.onEndOfDay === ExitRoutine.NONE) return
    const close = hours.onEndOfDay === ExitRoutine.CLOSE_ALL
    const time = {
      hour: Math.floor(hours.end / 3_600_000) % 24,
      minute: Math.floor(hours.end / 60_000) % 60,
      second: Math.floor(hours.end / 1000) % 60,
      timeZone: hours.timeZone,
    }
    this.#endOfDay = this.at(async () => void (await (close ? this.closeAll() : this.cancelAll())), time)
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
    return this.#host.schedule.cron(
      this.now(),
      pattern,
      callback,
      timeZone === undefined ? this.#zone() : timeZone,
    )
  }

  #checkFilter(method: string, instrument?: Instrument, exchange?: string, side?: Side): void {
    checkFilter(method, instrument, exchange, side)
    if (instrument !== undefined) this.#host.known(method, instrument)
  }

  #zone(): string {
    return this.#first().timeZone
  }

  #first(): Instrument {
    return this.#host.instruments()[0]!
  }

  /**
   * The engine's time, milliseconds since 1970 UTC: that of the event being handled. It never goes back.
   *
   * @example
   * const hour = new Date(this.now()).getUTCHours()
   */
  now(): number {
    return this.#host.now()
  }

  /**
   * What kind of run this is.
   *
   * @example
   * if (this.tradingType() === TradingType.BACKTEST) this.log('history')
   */
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
  /**
   * Not called, unless you write your own: the engine sees that it is the one given here.
   *
   * @example
   * onTrade({ target: trade }: TradeEvent) {
   *   this.log(trade.price)
   * }
   */
  onTrade(): void {}

  /**
   * A bar is complete. Orders that are sent here trade on what comes after it.
   *
   * @example
   * async onBar({ target: bar }: BarEvent) {
   *   if (bar.close > bar.open) await this.buy(bar.instrument, 10)
   * }
   */
  abstract override onBar(event: BarEvent): Handled
}

/** @throws TypeError or RangeError naming what of a bracket's exits cannot be meant */
function checkExits(exits: Exits): void {
  if (!isBag(exits))
    throw new TypeError(
      `bracket: the exits are ${show(exits)}; expected some such as { stop: 95, target: 110 }`,
    )
  checkFields('bracket', exits, ['stop', 'target', 'trail'])
  if (exits.stop === undefined && exits.target === undefined && exits.trail === undefined)
    throw new TypeError(
      'bracket: the exits name none; expected stop, target or trail. this.newOrder sends an entry alone',
    )
  for (const name of ['stop', 'target'] as const)
    if (exits[name] !== undefined && !Number.isFinite(exits[name]))
      throw new RangeError(`bracket: ${name} is ${show(exits[name])}; expected a finite price`)
  const { trail } = exits
  if (isBag(trail)) checkFields('bracket', trail, ['percent'], 'trail')
  const isTrail =
    typeof trail === 'object' && trail !== null
      ? typeof trail.percent === 'number' && trail.percent > 0 && trail.percent < 100
      : trail === undefined || (typeof trail === 'number' && trail > 0 && trail < Infinity)
  if (!isTrail)
    throw new RangeError(
      `bracket: trail is ${show(trail)}; expected a distance above zero, or a { percent } above 0 and below 100`,
    )
}

/**
 * A stop lies below a long and its target above; above and below a short. An entry at a limit trades there or better,
 * so its stop has to lie beyond the limit.
 *
 * @throws RangeError
 */
function checkSides({ side, price, type }: Order | OrderRequest, { stop = NaN, target = NaN }: Exits): void {
  const sign = side === Side.SELL ? -1 : 1
  const [below, above] = sign > 0 ? ['below', 'above'] : ['above', 'below']
  const who = sign > 0 ? 'a long' : 'a short'
  if (sign * (target - stop) <= 0)
    throw new RangeError(
      `bracket: the stop is ${stop} and the target ${target}; expected a stop ${below} and a target ${above} ${who}`,
    )
  const limit = type === undefined || type === OrderType.LIMIT ? price : undefined
  if (limit !== undefined && sign * (limit - stop) <= 0)
    throw new RangeError(
      `bracket: the stop is ${stop} with an entry at ${limit}; expected one ${below} it, where ${who} begins to lose`,
    )
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
