import { ChangeReason, type OrderBook, Phase, type SelfTradeRule } from '#book'
import type { SyntheticRequest } from '#data'
import {
  type BarColumns,
  type BookView,
  EventType,
  Instrument,
  lotsPerUnit,
  moneyLeft,
  mostVolume,
  type Order,
  OrderStatus,
  OrderType,
  type Refusal,
  type SelfTrade,
  stateOf,
  trailOf,
} from '#market'
import { BookRecord, type HiddenOwn } from './book-record.ts'
import { refusalOf } from './book-refusal.ts'
import { viewOf } from './book-view.ts'
import {
  type BarStamps,
  type BookColumns,
  type Exchange,
  type Interest,
  checkLatency,
  type MarketDetail,
  MarketStep,
  offTick,
  type Terms,
  usualLatency,
} from './exchange.ts'
import { LastBook } from './last-book.ts'
import { LiveBook, liveLimits, newest } from './live-book.ts'
import { MarketTape } from './market-tape.ts'
import { Pairs } from './pairs.ts'
import { shapeOf, usualBar, worldOf } from './shape.ts'
import { cancelReasons, requestEvents, Steps } from './steps.ts'
import { SyntheticWorld, type WorldListener } from './synthetic/world.ts'
import { TradeBars } from './trade-bars.ts'

/**
 * A synthetic market as an exchange. Orders arrive at the book after a delay, trade there against the agents and move
 * the market; what happens to them comes back at the moment it happens. Bars are made of the trades, stamped with
 * their end; a bar without a trade repeats the last price.
 *
 * Fills are those of the book: no slippage is added, and nothing of them can be taken back.
 *
 * A trade between two orders of the run, of one strategy or of two, fills both and stands on the tape, but nobody else has paid
 * its price: the last price, at which accounts are valued and risk rules count, stays what it was, and no bar has that
 * trade's price or volume. It triggers no stop and pulls none that trails, nor do the agents count it as a buyer or a seller. Venues let
 * any print trigger, but forbid such trades and take them back. Bias: pessimistic for none; one who would try what a wash
 * trade sets off finds that it sets off nothing. What an order that comes does to an own one is its rule of self-trade prevention.
 */
export class SyntheticExchange implements Exchange {
  readonly name: string
  readonly instruments: readonly Instrument[]
  readonly bars: number
  readonly immediate = false
  readonly binding = true
  readonly holdsPairs = true

  readonly #world: SyntheticWorld
  readonly #latency: number
  readonly #ticksPerUnit: Float64Array
  readonly #lotsPerUnit: Float64Array
  readonly #made: readonly TradeBars[]
  readonly #records: readonly BookRecord[]
  /** Microseconds. */
  readonly #barLength: number
  readonly #rows: number
  /** Rows of bars that are complete. */
  #row = 0
  /** Instruments of the row under way that have been told. */
  #told = 0
  #interest: Interest = { trades: false, orders: false, book: false }

  /** What the world has told and nobody has been given yet. */
  readonly #steps = new Steps()
  #bookChanged = false
  /** Instrument of the newest event. */
  #changed = 0

  /** Our orders by their numbers in each instrument's book, and the other way round. */
  readonly #ours: readonly Map<number, Order>[]
  readonly #numbers = new Map<Order, number>()
  readonly #pairs = new Pairs()
  /** Where orders trade that come when all is over; undefined before. */
  #lastBook: LastBook | undefined
  #live: LiveBook | undefined
  /** Sides and prices in ticks of each instrument's orders by number: kept only while somebody listens to orders. */
  readonly #sides: Int8Array[]
  readonly #prices: Float64Array[]
  /** Orders that have arrived, or ended before they did. */
  readonly #arrived = new Set<Order>()

  constructor(request: SyntheticRequest, tag = 'synthetic') {
    this.name = tag
    const { latency = usualLatency, barSeconds = usualBar, symbol } = request
    checkLatency('Synthetic market', latency)
    this.#rows = shapeOf({ id: '', name: '', provenance: '', instruments: [], synthetic: request }).rows
    this.#world = new SyntheticWorld(worldOf(request), this.#listener())
    this.#latency = latency
    this.#barLength = barSeconds * 1e6
    const { instruments } = this.#world
    const named = (name: string, i: number) =>
      symbol === undefined ? name : instruments.length > 1 ? `${symbol}${i + 1}` : symbol
    this.instruments = instruments.map(
      (spec, i) => new Instrument({ ...spec, name: named(spec.name, i), exchange: this.name }),
    )
    this.bars = this.#rows * this.instruments.length
    this.#ticksPerUnit = Float64Array.from(this.instruments, ({ tickSize }) => lotsPerUnit(tickSize))
    this.#lotsPerUnit = Float64Array.from(this.instruments, ({ lotSize }) => lotsPerUnit(lotSize))
    this.#ours = this.instruments.map(() => new Map())
    this.#sides = this.instruments.map(() => new Int8Array(1024))
    this.#prices = this.instruments.map(() => new Float64Array(1024))
    this.#made = this.instruments.map((_, i) => new TradeBars(this.#rows, this.#start(i), this.#world.time))
    this.#records = this.instruments.map(
      (_, i) => new BookRecord(this.#rows, this.#ticksPerUnit[i]!, this.#lotsPerUnit[i]!),
    )
  }

  get isOver(): boolean {
    return this.#lastBook !== undefined
  }

  get detail(): Readonly<MarketDetail> {
    return this.#steps.detail
  }

  get nextTime(): number {
    if (this.#steps.isWaiting || this.#told > 0) return this.#steps.detail.time
    return this.#row < this.#rows ? Math.min(this.#world.nextTime, this.#barEnd()) : Infinity
  }

  columns(instrument: number): BarColumns {
    return this.#made[instrument]!.columns
  }

  stamps(): BarStamps {
    return { at: 'close', interval: this.#barLength, dates: false }
  }

  lastPrice(instrument: number): number {
    return this.#made[instrument]!.last
  }

  lastTime(instrument: number): number {
    return this.#made[instrument]!.lastTime
  }

  listen(interest: Interest): void {
    this.#interest = interest
  }

  next(bound: number): MarketStep {
    for (;;) {
      const step = this.#steps.take()
      if (step !== MarketStep.END) return step
      if (this.#told > 0) return this.#tellBar()
      if (this.#row >= this.#rows) {
        this.#lastBook ??= new LastBook(
          (instrument) => this.book(instrument, Infinity),
          (instrument) => this.lastPrice(instrument),
        )
        return MarketStep.END
      }
      const time = this.#world.nextTime
      const barEnd = this.#barEnd()
      if (Math.min(time, barEnd) > bound) return MarketStep.PAUSE
      // What happens at the very end of a bar belongs to it.
      if (time > barEnd) {
        this.#steps.own.time = barEnd
        return this.#tellBar()
      }
      this.#world.step()
      if (this.#live && this.#world.time >= this.#live.due) this.#live.picture()
      if (this.#bookChanged && this.#interest.book) this.#put(MarketStep.BOOK, this.#changed)
      this.#bookChanged = false
    }
  }

  submit(order: Order, time: number): Refusal | undefined {
    const refusal = offTick(order, order) ?? this.#pairs.enter(order)
    if (refusal) return refusal
    if (this.#lastBook) {
      this.#lastBook.enter(order, this.instruments.indexOf(order.instrument))
      return undefined
    }
    const other = this.#pairs.of(order)
    const instrument = this.instruments.indexOf(order.instrument)
    const trail = trailOf(order)
    const number = this.#world.submit(
      instrument,
      {
        owner: 1,
        side: order.side,
        type: order.type,
        flag: order.flag,
        ...this.#size(instrument, order),
        price: this.#ticks(instrument, order.price),
        stopPrice: this.#ticks(instrument, order.stopPrice),
        trail: trail > 0 ? this.#ticks(instrument, trail) : undefined,
        trailPercent: trail < 0 ? -trail : undefined,
        display: order.display > 0 ? Math.round(order.display * this.#lotsPerUnit[instrument]!) : undefined,
        hidden: order.hidden,
        reduceOnly: order.reduceOnly,
        cap: this.#ticks(instrument, order.protectionPrice),
        toLimit: order.toLimit,
        selfTrade: order.selfTrade && selfTradeRules[order.selfTrade],
        pairWith: other && this.#numbers.get(other),
      },
      this.#latency,
      Math.max(time, this.#world.time),
    )
    this.#ours[instrument]!.set(number, order)
    this.#numbers.set(order, number)
    return undefined
  }

  cancel(order: Order, time: number): boolean {
    if (this.#lastBook) {
      this.#lastBook.withdraw(order)
      return false
    }
    const number = this.#numbers.get(order)
    if (number === undefined) return false
    const instrument = this.instruments.indexOf(order.instrument)
    this.#world.cancel(instrument, number, this.#latency, Math.max(time, this.#world.time))
    return true
  }

  change(order: Order, { volume, price, stopPrice }: Terms, time: number): Refusal | undefined {
    const refusal = offTick(order, { price, stopPrice }) ?? this.#lastBook?.refuseChange(order)
    const number = this.#numbers.get(order)
    if (refusal || number === undefined) return refusal
    const instrument = this.instruments.indexOf(order.instrument)
    const terms = {
      quantity: Math.round(volume * this.#lotsPerUnit[instrument]!),
      price: order.type === OrderType.STOP ? undefined : this.#ticks(instrument, price),
      stopPrice: this.#ticks(instrument, stopPrice),
    }
    this.#world.change(instrument, number, terms, this.#latency, Math.max(time, this.#world.time))
    return undefined
  }

  book(instrument: number, levels: number): BookView {
    return viewOf(this.#world.book(instrument), levels, {
      instrument: this.instruments[instrument]!,
      time: this.#world.time,
      ticksPerUnit: this.#ticksPerUnit[instrument]!,
      lotsPerUnit: this.#lotsPerUnit[instrument]!,
    })
  }

  tape(instrument: number): MarketTape {
    const ours = this.#ours[instrument]!
    const step = 1 / this.#ticksPerUnit[instrument]!
    return new MarketTape(this.#world, instrument, step, (number) => ours.get(number)?.id)
  }

  live(instrument: number, every: number): LiveBook {
    const time = () => Math.max(this.#world.time, this.#steps.own.time || 0)
    const rows = () => this.#row
    return (this.#live = new LiveBook(
      {
        instrument,
        get time() {
          return time()
        },
        get rows() {
          return rows()
        },
        columns: this.columns(instrument),
        record: (pictures) =>
          new BookRecord(pictures, this.#ticksPerUnit[instrument]!, this.#lotsPerUnit[instrument]!),
        keep: (record, row) => {
          const book = this.#world.book(instrument)
          const working = newest(this.#working(instrument), liveLimits.own)
          record.keep(row, book, working, hiddenOf(book, working))
        },
      },
      every,
    ))
  }

  bookColumns(): BookColumns[] {
    return this.#records.map((record) => record.columns())
  }

  settle(): MarketStep {
    const { time } = this.#steps.own
    if (!this.#steps.isWaiting) this.#lastBook?.settle(this.#steps, time, this.#row - 1)
    return this.#steps.take()
  }

  #barEnd(): number {
    const end = this.#world.sessionStart + (this.#row + 1) * this.#barLength
    return Math.min(end, this.#world.sessionEnd)
  }

  /** Tells the bars of a row one by one, then that the row is complete. */
  #tellBar(): MarketStep {
    if (this.#told < this.instruments.length) {
      const { own } = this.#steps
      const instrument = this.#told++
      this.#made[instrument]!.stamp(own.time)
      const book = this.#world.book(instrument)
      const working = this.#working(instrument)
      this.#records[instrument]!.keep(this.#row, book, working, hiddenOf(book, working))
      own.instrument = instrument
      own.row = this.#row
      return this.#steps.takeOwn(MarketStep.BAR)
    }
    this.#told = 0
    this.#row++
    for (const bars of this.#made) bars.next()
    return MarketStep.MARK
  }

  /** Where an instrument's price starts: between its first quotes, or at its first one-sided quote. */
  #start(instrument: number): number {
    const { bid, ask } = this.#world.book(instrument).topOfBook()
    const prices = [bid, ask].flatMap((level) => (level ? [level.price] : []))
    const ticks =
      prices.length > 0 ? prices.reduce((a, b) => a + b) / prices.length : this.#world.trueValue(instrument)
    return Math.round(ticks) / this.#ticksPerUnit[instrument]!
  }

  /** How much an order asks for: lots, or money in ticks times lots. */
  #size(instrument: number, order: Order) {
    const lots = this.#lotsPerUnit[instrument]!
    const money = moneyLeft(order)
    if (money !== money) return { quantity: Math.round(order.remaining * lots) }
    const units = (money / order.instrument.multiplier) * this.#ticksPerUnit[instrument]! * lots
    const most = mostVolume(order)
    return {
      notional: Math.floor(units * (1 + 1e-12)),
      most: most < Infinity ? Math.round(most * lots) : undefined,
    }
  }

  #ticks(instrument: number, price: number): number | undefined {
    return Number.isNaN(price) ? undefined : Math.round(price * this.#ticksPerUnit[instrument]!)
  }

  /** Hears the world. The world's books must not be asked from in here. */
  #listener(): WorldListener {
    return {
      open: (instrument, _sequence, id, side, price, quantity) => {
        this.#seen(instrument)
        const order = this.#arrive(instrument, id)
        if (!this.#interest.orders) return
        this.#remember(instrument, id, side, price)
        this.#putOrder(EventType.OPEN, instrument, id, order, side, price, quantity)
      },
      trade: (instrument, _sequence, maker, taker, takerSide, ticks, lots, makerLeft, takerLeft) => {
        this.#seen(instrument)
        const price = ticks / this.#ticksPerUnit[instrument]!
        const volume = lots / this.#lotsPerUnit[instrument]!
        const made = this.#arrive(instrument, maker)
        const taken = this.#arrive(instrument, taker)
        const bars = this.#made[instrument]!
        const among = made !== undefined && taken !== undefined
        if (!among) bars.add(price, volume, this.#world.time)
        const valuedAt = among ? bars.last : NaN
        if (this.#live?.instrument === instrument) {
          const side = takerSide === 0 ? 1 : -1
          this.#live.trade(this.#world.time, price, volume, side, taken ? side : made ? -side : 0)
        }
        if (taken) {
          const step = this.#putFill(instrument, taken, price, volume, taking, takerLeft === 0)
          step.valuedAt = valuedAt
          step.halfTold = among
        }
        if (made) this.#putFill(instrument, made, price, volume, making, false).valuedAt = valuedAt
        if (!made && !taken && this.#interest.trades) {
          const step = this.#put(MarketStep.TRADE, instrument)
          step.price = price
          step.volume = volume
          step.side = takerSide === 0 ? 1 : -1
        }
        if (!this.#interest.orders) return
        this.#remember(instrument, taker, takerSide, ticks)
        if (makerLeft > 0) this.#putKnown(EventType.CHANGE, instrument, maker, made, makerLeft)
      },
      fill: (instrument, _sequence, id) => {
        this.#seen(instrument)
        if (this.#interest.orders)
          this.#putKnown(EventType.FILL, instrument, id, this.#our(instrument, id), 0)
      },
      change: (instrument, _sequence, id, reason, price, quantity) => {
        this.#seen(instrument)
        const order = this.#arrive(instrument, id)
        if (order && reason === ChangeReason.REQUESTED) {
          const step = this.#put(MarketStep.CHANGED, instrument, order)
          step.price = price / this.#ticksPerUnit[instrument]!
          step.volume = quantity / this.#lotsPerUnit[instrument]!
        }
        if (order && reason === ChangeReason.TRAILED)
          stateOf(order).stopPrice = price / this.#ticksPerUnit[instrument]!
        if (!this.#interest.orders) return
        const side = this.#sides[instrument]![id] ?? 0
        this.#remember(instrument, id, side, price)
        this.#putOrder(EventType.CHANGE, instrument, id, order, side, price, quantity)
      },
      cancel: (instrument, _sequence, id, reason, quantity) => {
        this.#seen(instrument)
        const order = this.#arrive(instrument, id)
        if (this.#interest.orders) this.#putKnown(EventType.CANCEL, instrument, id, order, quantity)
        if (order) this.#put(MarketStep.CANCEL, instrument, order).rule = cancelReasons[reason]
      },
      reject: (instrument, _sequence, request, id, code, found, bound) => {
        const order = this.#our(instrument, id)
        if (!order) return
        const step = this.#put(MarketStep.REJECTED, instrument, order)
        step.event = requestEvents[request]
        step.refusal = refusalOf(order, {
          code,
          found,
          bound,
          ticksPerUnit: this.#ticksPerUnit[instrument]!,
        })
      },
      trigger: (instrument) => this.#seen(instrument),
      phase: (instrument, _sequence, phase) => {
        this.#seen(instrument)
        if (phase === Phase.AUCTION) return
        const step = this.#put(MarketStep.PHASE, instrument)
        step.event = phase === Phase.HALTED ? EventType.HALT : EventType.CONTINUE
      },
    }
  }

  /** Our orders that may still work, by their numbers. */
  #working(instrument: number): Map<number, Order> {
    const ours = this.#ours[instrument]!
    return new Map([...ours].filter(([, order]) => order.status === OrderStatus.OPEN))
  }

  #our(instrument: number, id: number): Order | undefined {
    return this.#ours[instrument]!.get(id)
  }

  #remember(instrument: number, id: number, side: number, price: number): void {
    if (id >= this.#sides[instrument]!.length) {
      const size = Math.max(2 * this.#sides[instrument]!.length, id + 1)
      const sides = new Int8Array(size)
      const prices = new Float64Array(size)
      sides.set(this.#sides[instrument]!)
      prices.set(this.#prices[instrument]!)
      this.#sides[instrument] = sides
      this.#prices[instrument] = prices
    }
    this.#sides[instrument]![id] = side
    this.#prices[instrument]![id] = price
  }

  #seen(instrument: number): void {
    this.#bookChanged = true
    this.#changed = instrument
  }

  /** Our order of a number, if it is ours; the first time something happens to it, it has arrived. */
  #arrive(instrument: number, id: number): Order | undefined {
    const ours = this.#ours[instrument]!
    // Nearly all of what happens is about orders of others.
    if (ours.size === 0) return undefined
    const order = ours.get(id)
    if (order && !this.#arrived.has(order)) {
      this.#arrived.add(order)
      this.#put(MarketStep.RECEIVED, instrument, order)
    }
    return order
  }

  #put(kind: MarketStep, instrument: number, order?: Order): MarketDetail {
    return this.#steps.put(kind, this.#world.time, instrument, this.#row, order)
  }

  #putFill(
    instrument: number,
    order: Order,
    price: number,
    volume: number,
    rule: string,
    spent: boolean,
  ): MarketDetail {
    const step = this.#put(MarketStep.FILL, instrument, order)
    step.price = price
    step.volume = volume
    step.maker = rule === making
    step.rule = rule
    step.spent = spent
    return step
  }

  /** @param lots what may still trade */
  #putOrder(
    event: EventType,
    instrument: number,
    id: number,
    order: Order | undefined,
    side: number,
    price: number,
    lots: number,
  ): void {
    if (order?.hidden) return
    const step = this.#put(MarketStep.ORDER, instrument, order)
    step.event = event
    step.bookOrder = id
    step.side = side === 1 ? -1 : 1
    step.price = price / this.#ticksPerUnit[instrument]!
    step.volume = lots / this.#lotsPerUnit[instrument]!
  }

  /** Of an order whose side and price are those that it was seen with last. */
  #putKnown(event: EventType, instrument: number, id: number, order: Order | undefined, lots: number): void {
    const side = this.#sides[instrument]![id]!
    this.#putOrder(event, instrument, id, order, side, this.#prices[instrument]![id]!, lots)
  }
}

/** Our orders that rest where nobody sees them. */
function hiddenOf(book: OrderBook, working: ReadonlyMap<number, Order>): HiddenOwn[] {
  const found: HiddenOwn[] = []
  for (const [number, order] of working) {
    const resting = order.hidden ? book.find(number) : null
    if (resting?.stopPrice === null) found.push({ order, price: resting.price!, lots: resting.open })
  }
  return found
}

/** What the book calls the rules of self-trade prevention. */
const selfTradeRules: Readonly<Record<SelfTrade, SelfTradeRule>> = {
  NONE: 'none',
  CANCEL_NEWEST: 'cancel-newest',
  CANCEL_OLDEST: 'cancel-oldest',
  CANCEL_BOTH: 'cancel-both',
}

/** The fill rules: our order took what rested, or rested and was taken. */
const taking = 'book, taking'
const making = 'book, making'
