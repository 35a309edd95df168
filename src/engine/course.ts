import {
  type BookColumns,
  type Exchange,
  exchangeFor,
  type LiveBook,
  makesBars,
  type MarketDetail,
  MarketStep,
  type MarketTape,
  type Terms,
  WatchedExchange,
} from '#exchange'
import { type DataSet, type InstrumentData, whenTold } from '#data'
import {
  type BarColumns,
  EventType,
  type Instrument,
  type Order,
  OrderType,
  Side,
  TradingType,
} from '#market'
import { accountCurrency, type Exposed, Rates, type RiskMarket, type RiskView, valueAtRisk } from '#trading'
import { Handler } from './handlers.ts'
import { Curves } from './curves.ts'
import type { Curve } from './joint-record.ts'
import { type Audience, Ledger, type Surroundings } from './ledger.ts'
import type { CourseRecord, RunSettings } from './record.ts'
import { RiskDesk } from './risk-desk.ts'
import { Register } from './register.ts'

/** A book that shows nothing. */
const noBook: BookColumns = {
  levels: 0,
  bidPrice: new Float64Array(),
  bidVolume: new Float64Array(),
  askPrice: new Float64Array(),
  askVolume: new Float64Array(),
  ownRow: new Int32Array(),
  ownOrder: new Int32Array(),
  ownSide: new Int8Array(),
  ownPrice: new Float64Array(),
  ownVolume: new Float64Array(),
  ownAhead: new Float64Array(),
  ownShown: new Float64Array(),
}

/** The data sets of a run, one per exchange. */
export function dataSets(data: DataSet | readonly DataSet[]): readonly DataSet[] {
  if (Array.isArray(data)) return data as readonly DataSet[]
  const set = data as DataSet
  return set.exchanges ?? [set]
}

/**
 * All of a run that is not a strategy: its exchanges as one stream of moves in the order of time, the clock, and the
 * accounts that follow. Between two moves nothing changes but by requests, so the number of the move says exactly when
 * a request was made.
 *
 * Where exchanges have events at the same time, the first of them in the list goes first.
 */
export class Course implements Surroundings, RiskMarket {
  /** Bars to read in all. */
  readonly total: number
  readonly immediate: boolean
  readonly exchanges: readonly Exchange[]
  readonly instruments: readonly Instrument[]
  readonly indexOf: ReadonlyMap<Instrument, number>
  readonly #exchangeOf: Exchange[] = []
  /** Index of the first instrument of each exchange. */
  readonly #offset: readonly number[]
  /** Newest row of each instrument's bars; -1 before the first. */
  readonly #row: Int32Array
  /** By instrument, 1 where its market is halted. */
  readonly #halted: Uint8Array
  /** The risk rules at work. */
  readonly desk: RiskDesk
  readonly #settings: RunSettings
  /** Whether the run makes its own market. */
  readonly #generated: boolean

  /** What has become of orders so far: not to be written to. */
  readonly register: Register
  /** Currency of the accounts. */
  readonly currency: string
  /** What the currencies of the run are worth now; undefined where all is in one. */
  readonly rates: Rates | undefined
  readonly #ledgers: Ledger[] = []
  readonly #curves: Curves

  #time = NaN
  #bars = 0
  #moves = 0
  /** Number of the exchange whose time stamp is being worked through; -1 between stamps. */
  #exchange = -1
  /** Numbers of the exchanges that have bars of that stamp, where there are several. */
  readonly #sharing: number[] = []
  /** How many of them have filled what fills before any of their bars is told, and how many have told their bars. */
  #filled = 0
  #told = 0
  /** The exchange of the newest move, and which of the run's instruments that is about. */
  #mover: Exchange
  #index = 0

  /**
   * @param data one data set per exchange
   * @throws RangeError where two exchanges have the same name, a setting is not what it can be, or the rate of a currency
   * is missing
   */
  constructor(data: readonly DataSet[], settings: RunSettings) {
    this.#settings = settings
    this.#generated = data.some(makesBars)
    const watches = settings.tradingType === TradingType.SIMULATION
    const onBars = data.filter((set) => !makesBars(set))
    const told = whenTold(
      onBars.flatMap((set) => set.instruments),
      this.#generated,
    )
    let placed = 0
    this.exchanges = data.map((set) => {
      const tag = data.length > 1 ? set.id : undefined
      const from = placed
      if (!makesBars(set)) placed += set.instruments.length
      const own = { ...told, instruments: told.instruments.slice(from, placed) }
      const exchange = exchangeFor(set, settings, tag, own)
      return watches ? new WatchedExchange(exchange) : exchange
    })
    for (const [i, { name }] of this.exchanges.entries())
      if (this.exchanges.findIndex((other) => other.name === name) < i)
        throw new RangeError(
          `Two exchanges of the run are called '${name}'; give each data set an id, or its instruments an exchange, of its own`,
        )
    const instruments: Instrument[] = []
    const indexOf = new Map<Instrument, number>()
    this.#offset = this.exchanges.map((exchange) => {
      const offset = instruments.length
      for (const instrument of exchange.instruments) {
        indexOf.set(instrument, instruments.length)
        this.#exchangeOf.push(exchange)
        instruments.push(instrument)
      }
      return offset
    })
    this.instruments = Object.freeze(instruments)
    this.indexOf = indexOf
    this.total = this.exchanges.reduce((sum, { bars }) => sum + bars, 0)
    this.immediate = this.exchanges.every(({ immediate }) => immediate)
    this.#mover = this.exchanges[this.#earliest()]!
    this.#time = this.#mover.nextTime
    this.#row = new Int32Array(instruments.length).fill(-1)
    this.#halted = new Uint8Array(instruments.length)
    this.currency = accountCurrency(instruments, settings.money)
    this.rates = Rates.of(instruments, settings.money)
    this.#curves = new Curves(this.total, this.rates)
    this.register = new Register(this.rates !== undefined, () => this.#bars / this.total)
    this.desk = new RiskDesk(this, settings)
  }

  /** Writes down what the book of an instrument shows from now on; undefined where none is made here. */
  tape(instrument: number): MarketTape | undefined {
    const exchange = this.#exchangeOf[instrument]
    return exchange?.tape?.(instrument - this.#offset[this.exchanges.indexOf(exchange)]!)
  }

  /** Looks at the book of an instrument from now on: see `Exchange.live`. */
  live(instrument: number, every: number): LiveBook | undefined {
    const exchange = this.#exchangeOf[instrument]
    return exchange?.live?.(this.#localOf(instrument), every)
  }

  /** Engine time, microseconds UTC. */
  get time(): number {
    return this.#time
  }
  /** Bars read so far, over all instruments. */
  get bars(): number {
    return this.#bars
  }
  /** Moves of the market so far; its end counts as one. */
  get moves(): number {
    return this.#moves
  }
  /** Whether no time stamp is being worked through. */
  get between(): boolean {
    return this.#exchange < 0
  }
  /** Microseconds of what comes next; Infinity when nothing does. */
  get nextTime(): number {
    return this.exchanges[this.#earliest()]!.nextTime
  }
  /** The newest move: read it before the next. */
  get detail(): Readonly<MarketDetail> {
    return this.#mover.detail
  }
  /** Instrument of the newest move. */
  get index(): number {
    return this.#index
  }
  /** Exchange of the newest move. */
  get mover(): Exchange {
    return this.#mover
  }
  get equityLength(): number {
    return this.#curves.length
  }
  /** Times of the equity curves; valid up to `equityLength`. */
  get equityTime(): Float64Array {
    return this.#curves.time
  }
  /** What the accounts were worth together; valid up to `equityLength`. */
  get equityValue(): Float64Array {
    return this.#curves.value
  }

  /** How much an account risks as it is now. */
  risk(ledger: Ledger): RiskView {
    const { portfolio } = this.value(ledger)
    const { equity, grossExposure, netExposure } = portfolio.view()
    const peak = this.#curves.peakOf(this.#ledgers.indexOf(ledger))
    const exposed: Exposed[] = []
    for (let i = 0; i < portfolio.heldCount; i++) {
      const index = portfolio.heldAt(i)
      const { close } = this.#exchangeOf[index]!.columns(this.#localOf(index))
      exposed.push({ value: portfolio.position(index).marketValue, close, row: this.#row[index]! })
    }
    this.#exposeMoney(portfolio, exposed)
    return {
      ...ledger.riskView(),
      grossExposure,
      netExposure,
      leverage: grossExposure / equity,
      drawdown: Math.max(0, 1 - equity / Math.max(peak, equity)),
      valueAtRisk: valueAtRisk(exposed),
    }
  }

  /** Opens an account with an amount of cash. All are opened before the first move. */
  open(audience: Audience, cash: number): Ledger {
    const ledger = new Ledger(this, audience, { ...this.#settings, cash }, this.#ledgers.length)
    this.#ledgers.push(ledger)
    this.#curves.open(ledger.portfolio, cash)
    return ledger
  }

  /** Tells the exchanges, once, before the first move, what anybody wants to hear. */
  listen(hears: (handler: Handler) => boolean): void {
    const { onTrade, onOpen, onFill, onCancel, onChange, onOrder, onBook } = Handler
    const interest = {
      trades: hears(onTrade),
      orders: [onOpen, onFill, onCancel, onChange, onOrder].some(hears),
      book: hears(onBook),
    }
    for (const exchange of this.exchanges) exchange.listen(interest)
  }

  exchangeOf(index: number): Exchange {
    return this.#exchangeOf[index]!
  }

  /** Newest row of an instrument's bars; -1 before the first. */
  rowOf(index: number): number {
    return this.#row[index]!
  }

  isHalted(index: number): boolean {
    return this.#halted[index] === 1 && !this.#exchangeOf[index]!.isOver
  }

  isBinding(index: number): boolean {
    return this.#exchangeOf[index]!.binding
  }

  bestOpposite(index: number, side: Side): number {
    const book = this.#exchangeOf[index]!.book(this.#localOf(index), 1)
    return (side === Side.BUY ? book?.bestAsk : book?.bestBid) ?? NaN
  }

  priceTime(index: number): number {
    return this.#exchangeOf[index]!.lastTime(this.#localOf(index))
  }

  /** Gives a ledger the last prices of markets that go on between two bars. */
  value(ledger: Ledger): Ledger {
    for (let i = 0; i < this.exchanges.length; i++) {
      const exchange = this.exchanges[i]!
      if (exchange.immediate) continue
      for (let j = 0; j < exchange.instruments.length; j++)
        ledger.portfolio.mark(this.#offset[i]! + j, exchange.lastPrice(j))
    }
    if (this.rates) this.#updateRates(this.rates)
    return ledger
  }

  valueAll(): void {
    for (let i = 0; i < this.#ledgers.length; i++) this.value(this.#ledgers[i]!)
  }

  /** Moves the clock on to a time before the market's next event. */
  wait(time: number): void {
    this.desk.stir()
    this.#time = Math.max(this.#time, time)
  }

  /**
   * Takes the market's next step, and books it.
   *
   * @param bound microseconds beyond which an exchange that can wait is not to go: PAUSE then, which is no move
   */
  move(bound = Infinity): MarketStep {
    this.desk.stir()
    if (this.#exchange < 0) this.#begin()
    const step = this.#filled < this.#sharing.length ? this.#fillShared(bound) : this.#next(bound)
    const number = this.#exchange
    const exchange = this.#mover
    const { detail } = exchange
    if (step === MarketStep.PAUSE) {
      this.#exchange = -1
      return step
    }
    this.#moves++
    if (step === MarketStep.END) {
      // Each is told that nothing follows, so that it trades what comes now at its last price.
      for (const other of this.exchanges) if (other !== exchange) other.next(Infinity)
      this.desk.end()
      return step
    }
    this.#time = detail.time
    this.#index = this.#offset[number]! + detail.instrument
    switch (step) {
      case MarketStep.BAR: {
        this.#row[this.#index] = detail.row
        this.#bars++
        const close = exchange.columns(detail.instrument).close[detail.row]!
        for (let i = 0; i < this.#ledgers.length; i++) this.#ledgers[i]!.portfolio.mark(this.#index, close)
        this.rates?.mark(this.#index, close)
        // Nothing that a handler does about a bar changes what the account is worth at its close.
        if (detail.complete) this.#completeStamp()
        else if (detail.closes) this.desk.watch()
        break
      }
      case MarketStep.MARK:
        this.#completeStamp()
        break
      case MarketStep.TRADE:
        for (let i = 0; i < this.#ledgers.length; i++)
          this.#ledgers[i]!.portfolio.mark(this.#index, detail.price)
        break
      case MarketStep.PHASE:
        this.#halted[this.#index] = Number(detail.event === EventType.HALT)
        break
      case MarketStep.ORDER:
      case MarketStep.BOOK:
        break
      default:
        this.#follow(step, detail.order!, detail)
    }
    return step
  }

  /** Begins the next stamp. Exchanges made of bars that have the same one go through it together. */
  #begin(): void {
    const first = this.#earliest()
    this.#exchange = first
    if (this.exchanges.length === 1) return
    const { nextTime, immediate } = this.exchanges[first]!
    if (nextTime === Infinity || !immediate) return
    for (const [number, { nextTime: time, immediate }] of this.exchanges.entries())
      if (time === nextTime && immediate) this.#sharing.push(number)
    if (this.#sharing.length === 1) this.#sharing.length = 0
  }

  #next(bound: number): MarketStep {
    const exchange = this.exchanges[this.#exchange]!
    if (exchange !== this.#mover) this.#mover = exchange
    return exchange.next(exchange.immediate ? Infinity : this.#bound(bound))
  }

  /** The next step of a stamp that several exchanges share: all that fills, so that no close is known at an open, then the bars. */
  #fillShared(bound: number): MarketStep {
    for (; this.#filled < this.#sharing.length; this.#filled++) {
      this.#exchange = this.#sharing[this.#filled]!
      this.#mover = this.exchanges[this.#exchange]!
      const step = this.#mover.beforeBars?.() ?? MarketStep.END
      if (step !== MarketStep.END) return step
    }
    this.#exchange = this.#sharing[0]!
    return this.#next(bound)
  }

  /** Lets the ledger of an order follow what has become of it. */
  #follow(step: MarketStep, order: Order, detail: Readonly<MarketDetail>): void {
    const owner = this.#ownerOf(order)
    const ledger = this.#ledgers[owner]!
    switch (step) {
      case MarketStep.FILL:
        if (this.rates) this.#updateRates(this.rates)
        this.#curves.wake(owner)
        ledger.fill(order, detail)
        break
      case MarketStep.RECEIVED:
        ledger.received(order)
        break
      case MarketStep.REJECTED:
        ledger.rejected(order, detail.refusal!, detail.event)
        break
      case MarketStep.CHANGED:
        ledger.changed(order, changeOf(order, detail))
        break
      case MarketStep.CANCEL:
        if (detail.rule === 'BUDGET_SPENT') ledger.spent(order)
        else if (detail.rule === 'MOST_TRADED') ledger.bounded(order)
        else ledger.takeBack(order)
        break
    }
  }

  #completeStamp(): void {
    this.#mark()
    this.desk.mark(this.#curves)
    this.#exchange = -1
    if (this.#sharing.length === 0) return
    if (++this.#told < this.#sharing.length) this.#exchange = this.#sharing[this.#told]!
    else this.#sharing.length = this.#filled = this.#told = 0
  }

  /** After the end of the market: no further order is taken. */
  close(): void {
    for (const ledger of this.#ledgers) ledger.close()
  }

  /** Lets one more thing become of the orders that were sent at the end. END, which is 0, when nothing is left. */
  settle(): MarketStep {
    this.desk.stir()
    for (const exchange of this.exchanges) {
      const step = exchange.settle()
      if (step === MarketStep.END) continue
      this.#moves++
      this.#mover = exchange
      this.#follow(step, exchange.detail.order!, exchange.detail)
      return step
    }
    return MarketStep.END
  }

  /** Cancels what still works, values the accounts a last time and checks them. */
  finish(): void {
    for (const ledger of this.#ledgers) ledger.cancelRest()
    if (this.equityLength > 0) this.#mark()
    this.#curves.close()
    for (const ledger of this.#ledgers) ledger.portfolio.verify()
  }

  /** What the accounts together and the market left behind. */
  record(): CourseRecord {
    const { owners, ...registered } = this.register.snapshot()
    const currencies = this.#curves.currencies()
    return {
      instruments: this.instruments.map((instrument) => ({ ...instrument })),
      ...registered,
      ...(this.#ledgers.length > 1 ? { owners } : {}),
      equity: this.#curves.together(),
      ...(currencies ? { currencies } : {}),
      bars: this.#bars,
      market: this.#market(),
      books: this.#books(),
    }
  }

  /** What each account was worth, by the rows of the equity curve. */
  curves(): Curve[] {
    return this.#curves.parts()
  }

  /** The bars of the instruments, as many as were read, where the run made them; empty where the data set has them. */
  #market(): InstrumentData[] {
    if (!this.#generated) return []
    return this.instruments.map((instrument, index) => {
      const exchange = this.#exchangeOf[index]!
      const bars = exchange.columns(exchange.instruments.indexOf(instrument))
      return { instrument: { ...instrument }, bars: this.#whole(bars, this.#row[index]! + 1) }
    })
  }

  /** The first rows of bars; of a market that goes on, the bar under way is none yet. */
  #whole(bars: BarColumns, rows: number): BarColumns {
    if (rows === bars.time.length) return bars
    const { time, open, high, low, close, volume } = bars
    return {
      time: time.slice(0, rows),
      open: open.slice(0, rows),
      high: high.slice(0, rows),
      low: low.slice(0, rows),
      close: close.slice(0, rows),
      volume: volume.slice(0, rows),
    }
  }

  /** Index of an instrument in its own exchange. */
  #localOf(index: number): number {
    return this.#exchangeOf[index]!.instruments.indexOf(this.instruments[index]!)
  }

  /** By instrument; of one that has no book in a run where others have, a book without levels. */
  #books(): BookColumns[] {
    const books = this.exchanges.map((exchange) => exchange.bookColumns())
    if (books.every(({ length }) => length === 0)) return []
    return books.flatMap((own, i) =>
      own.length > 0 ? own : this.exchanges[i]!.instruments.map(() => noBook),
    )
  }

  /** Place of the strategy that sent an order. */
  #ownerOf(order: Order): number {
    return this.register.owners.columns.strategy[order.id - 1]!
  }

  /** Number of the exchange whose next event comes first; the first of them where times are equal. */
  #earliest(): number {
    let earliest = 0
    for (let i = 1; i < this.exchanges.length; i++)
      if (this.exchanges[i]!.nextTime < this.exchanges[earliest]!.nextTime) earliest = i
    return earliest
  }

  /** How far an exchange may go before another one is due. */
  #bound(bound: number): number {
    let least = bound
    for (let i = 0; i < this.exchanges.length; i++) {
      if (i === this.#exchange) continue
      const { nextTime } = this.exchanges[i]!
      // Of equal times the first exchange's goes first; times are whole microseconds.
      least = Math.min(least, i < this.#exchange ? nextTime - 1 : nextTime)
    }
    return least
  }

  /** Takes the rates of pairs whose market goes on between bars; those on bars are told with their bars. */
  #updateRates(rates: Rates): void {
    for (let place = 1; place <= rates.others.length; place++) {
      const pair = rates.pairAt(place)
      if (!pair || this.#exchangeOf[pair.instrument]!.immediate) continue
      const price = this.#exchangeOf[pair.instrument]!.lastPrice(this.#localOf(pair.instrument))
      rates.mark(pair.instrument, price)
    }
  }

  /** Adds what is at risk by the rates of pairs: cash and positions in the currency of each. */
  #exposeMoney(portfolio: Ledger['portfolio'], exposed: Exposed[]): void {
    const { rates } = this
    for (let place = 1; rates && place <= rates.others.length; place++) {
      const pair = rates.pairAt(place)
      if (!pair) continue
      let value = rates.worth(place, portfolio.cashAt(place))
      for (let i = 0; i < portfolio.heldCount; i++) {
        const index = portfolio.heldAt(i)
        if (rates.placeOf(index) === place) value += portfolio.position(index).marketValue
      }
      const { instrument, inverse } = pair
      const { close } = this.#exchangeOf[instrument]!.columns(this.#localOf(instrument))
      if (value !== 0) exposed.push({ value, close, row: this.#row[instrument]!, inverse })
    }
  }

  /** Values the accounts. */
  #mark(): void {
    if (this.rates) this.#updateRates(this.rates)
    this.#curves.mark(this)
  }
}

/** The terms of an order that an exchange has changed, from what it told of them. */
function changeOf(order: Order, { volume, price }: Readonly<MarketDetail>): Terms {
  const stop = order.type === OrderType.STOP
  return {
    volume: order.filled + volume,
    price: stop ? order.price : price,
    stopPrice: stop ? price : order.stopPrice,
  }
}
