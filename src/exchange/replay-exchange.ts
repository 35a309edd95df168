import { BUY, SELL } from '#book'
import { type FlowBlock, FlowKind, type RecordedFlow } from '#data'
import {
  type BarColumns,
  type BookView,
  EventType,
  Instrument,
  lotsPerUnit,
  mostVolume,
  type Order,
  OrderType,
  type Refusal,
  Side,
  stateOf,
  trailOf,
} from '#market'
import { BookRecord } from './book-record.ts'
import { refusalOf } from './book-refusal.ts'
import { viewOf } from './book-view.ts'
import {
  type BookColumns,
  checkLatency,
  type Exchange,
  type Interest,
  type MarketDetail,
  MarketStep,
  offTick,
  type Terms,
  usualLatency,
} from './exchange.ts'
import { LastBook } from './last-book.ts'
import { LiveBook, liveLimits, newest } from './live-book.ts'
import { Pairs } from './pairs.ts'
import { type OwnTerms, ReplayBook, type ReplayBookListener, ReplayRule } from './replay-book.ts'
import { flowGrid } from './shape.ts'
import { Steps, cancelReasons, requestEvents } from './steps.ts'
import { TradeBars } from './trade-bars.ts'

/** A request of ours on its way. */
interface Sent {
  /** Microseconds at which it arrives. */
  readonly time: number
  readonly order: Order
  /** Terms of a new order or a change; undefined asks for it to be taken back. */
  readonly terms: OwnTerms | undefined
  readonly isNew: boolean
  /** The other of its pair when it was sent: by the time that it arrives that one may be a pair with a third. */
  readonly pair: Order | undefined
}

/**
 * A recorded order flow as an exchange: every order and trade of the recording happens again at its time, and orders of the
 * strategy stand among them, one delay after they were sent. `ReplayBook` states how they fill, under which conditions and
 * with which bias. The messages are read as time goes on and forgotten.
 *
 * What the recording does at a microsecond comes before requests that arrive at it. Bars are made of the recorded trades,
 * stamped with their end, on a grid from midnight UTC; a bar without a trade repeats the last price. No slippage is added,
 * and nothing of a fill is taken back.
 */
export class ReplayExchange implements Exchange {
  readonly name: string
  readonly instruments: readonly Instrument[]
  readonly bars: number
  readonly immediate = false
  readonly binding = true
  readonly holdsPairs = true

  readonly #instrument: Instrument
  readonly #replay: ReplayBook
  readonly #blocks: Iterator<FlowBlock>
  #block: FlowBlock | undefined
  #message = 0
  /** Number of the newest message of the recording, for what it throws. */
  #read = 0
  #time = NaN
  readonly #end: number
  readonly #latency: number
  readonly #stepsPerUnit: number
  /** A tick of the instrument in steps of the recording. */
  readonly #tick: number
  readonly #lotsPerUnit: number
  readonly #bars: TradeBars
  readonly #record: BookRecord
  /** Microseconds. */
  readonly #origin: number
  readonly #barLength: number
  #row = 0
  /** Whether the bar under way was told and its row is not marked yet. */
  #told = false
  #interest: Interest = { trades: false, orders: false, book: false }

  /** What has happened and nobody has been given yet. */
  readonly #steps = new Steps()
  #bookChanged = false
  /** In the order in which they arrive: all take the same time. */
  readonly #requests: Sent[] = []
  /** Orders that are at the exchange or on their way. */
  readonly #sent = new Set<Order>()
  readonly #pairs = new Pairs()
  /** Where orders trade that come when all is over; undefined before. */
  #lastBook: LastBook | undefined
  #live: LiveBook | undefined

  /** @param tag name of the exchange where the recording has none */
  constructor(flow: RecordedFlow, tag?: string) {
    const { latency = usualLatency } = flow
    checkLatency('Recorded orders', latency)
    const { rows, origin, barLength } = flowGrid(flow)
    this.#instrument = new Instrument({ ...flow.instrument, exchange: flow.instrument.exchange ?? tag })
    this.instruments = [this.#instrument]
    this.name = this.#instrument.exchange
    this.bars = rows
    this.#latency = latency
    this.#origin = origin
    this.#barLength = barLength
    this.#time = flow.start
    this.#end = flow.end
    this.#stepsPerUnit = lotsPerUnit(flow.priceStep)
    this.#tick = Math.max(1, Math.round(this.#instrument.tickSize * this.#stepsPerUnit))
    this.#lotsPerUnit = lotsPerUnit(this.#instrument.lotSize)
    this.#replay = new ReplayBook(this.#listener())
    this.#blocks = flow.messages[Symbol.iterator]()
    this.#nextBlock()
    this.#bars = new TradeBars(rows, this.#start() / this.#stepsPerUnit, flow.start)
    this.#record = new BookRecord(rows, this.#stepsPerUnit, this.#lotsPerUnit)
  }

  get isOver(): boolean {
    return this.#lastBook !== undefined
  }

  get detail(): Readonly<MarketDetail> {
    return this.#steps.detail
  }

  get nextTime(): number {
    if (this.#steps.isWaiting || this.#told) return this.#steps.detail.time
    return this.#row < this.bars ? Math.min(this.#messageTime(), this.#arrival(), this.#barEnd()) : Infinity
  }

  columns(): BarColumns {
    return this.#bars.columns
  }

  lastPrice(): number {
    return this.#bars.last
  }

  lastTime(): number {
    return this.#bars.lastTime
  }

  listen(interest: Interest): void {
    this.#interest = interest
  }

  next(bound: number): MarketStep {
    for (;;) {
      const step = this.#steps.take()
      if (step !== MarketStep.END) return step
      if (this.#told) {
        this.#told = false
        this.#row++
        this.#bars.next()
        return MarketStep.MARK
      }
      if (this.#row >= this.bars) {
        this.#lastBook ??= new LastBook(
          (instrument) => this.book(instrument, Infinity),
          () => this.lastPrice(),
        )
        return MarketStep.END
      }
      const message = this.#messageTime()
      const arrival = this.#arrival()
      const barEnd = this.#barEnd()
      if (Math.min(message, arrival, barEnd) > bound) return MarketStep.PAUSE
      // What happens at the very end of a bar belongs to it.
      if (Math.min(message, arrival) > barEnd) {
        if (this.#row === this.bars - 1 && this.#replay.works) this.#replay.endDay()
        else return this.#tellBar(barEnd)
      } else if (message <= arrival) this.#happen()
      else this.#arrive()
      if (this.#live && this.#time >= this.#live.due) this.#live.picture()
      if (this.#bookChanged && this.#interest.book) this.#put(MarketStep.BOOK)
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
    this.#sent.add(order)
    this.#send(order, this.#terms(order.remaining, order), true, time)
    return undefined
  }

  cancel(order: Order, time: number): boolean {
    if (this.#lastBook) {
      this.#lastBook.withdraw(order)
      return false
    }
    if (!this.#sent.has(order)) return false
    this.#send(order, undefined, false, time)
    return true
  }

  change(order: Order, terms: Terms, time: number): Refusal | undefined {
    const refusal = offTick(order, terms) ?? this.#lastBook?.refuseChange(order)
    if (refusal || !this.#sent.has(order)) return refusal
    this.#send(order, this.#terms(terms.volume, terms), false, time)
    return undefined
  }

  book(_: number, levels: number): BookView {
    return viewOf(this.#replay.book, levels, {
      instrument: this.#instrument,
      time: this.#time,
      ticksPerUnit: this.#stepsPerUnit,
      lotsPerUnit: this.#lotsPerUnit,
    })
  }

  live(instrument: number, every: number): LiveBook {
    const time = () => this.#time
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
        columns: this.columns(),
        record: (pictures) => new BookRecord(pictures, this.#stepsPerUnit, this.#lotsPerUnit),
        keep: (record, row) => this.#keep(record, row, liveLimits.own),
      },
      every,
    ))
  }

  bookColumns(): BookColumns[] {
    return [this.#record.columns()]
  }

  settle(): MarketStep {
    const { time } = this.#steps.own
    if (!this.#steps.isWaiting) this.#lastBook?.settle(this.#steps, time, this.#row - 1)
    return this.#steps.take()
  }

  // ---------------------------------------------------------------- the recording

  #messageTime(): number {
    return this.#block ? this.#block.time[this.#message]! : Infinity
  }

  #nextBlock(): void {
    do {
      const { done, value } = this.#blocks.next() as IteratorResult<FlowBlock, undefined>
      this.#block = done ? undefined : value
    } while (this.#block?.length === 0)
    this.#message = 0
    const time = this.#messageTime()
    if (this.#block && (time < this.#time || this.#block.time[this.#block.length - 1]! > this.#end))
      throw new RangeError(
        `Recorded orders: after ${this.#read} messages a block lies outside the recording's times, or before the block it follows`,
      )
  }

  /** Lets the next message happen, with what leaves the book by it. */
  #happen(): void {
    do {
      const { time, kind, id, side, price, size, length } = this.#block!
      const row = this.#message++
      this.#read++
      this.#time = time[row]!
      this.#replay.take(kind[row] as FlowKind, id[row]!, side[row]! > 0 ? BUY : SELL, price[row]!, size[row]!)
      if (this.#message === length) this.#nextBlock()
    } while (belongs(this.#block?.kind[this.#message]))
    this.#replay.settle()
    this.#bookChanged = true
  }

  /** Where the price starts: between the first quotes of the recording, or at the first of them. */
  #start(): number {
    let [bid, ask] = [NaN, NaN]
    const { length = 0, time, kind, side, price } = this.#block ?? {}
    for (let i = 0; i < length && time![i] === time![0]; i++) {
      if (kind![i] !== FlowKind.OPEN && kind![i] !== FlowKind.APPEAR) continue
      if (side![i]! > 0) bid = Number.isNaN(bid) ? price![i]! : Math.max(bid, price![i]!)
      else ask = Number.isNaN(ask) ? price![i]! : Math.min(ask, price![i]!)
    }
    const mid = (bid + ask) / 2
    return [mid, bid, ask, price?.[0] ?? NaN].find((candidate) => !Number.isNaN(candidate)) ?? NaN
  }

  #barEnd(): number {
    return Math.min(this.#origin + (this.#row + 1) * this.#barLength, this.#end)
  }

  #tellBar(time: number): MarketStep {
    const { own } = this.#steps
    this.#told = true
    this.#time = own.time = time
    this.#bars.stamp(time)
    this.#keep(this.#record, this.#row)
    own.row = this.#row
    return this.#steps.takeOwn(MarketStep.BAR)
  }

  /** Writes down what the book shows now, our orders in it. */
  #keep(record: BookRecord, row: number, most = Infinity): void {
    const { book, shown } = this.#replay
    const hidden = this.#replay.hidden().slice(-most)
    record.keep(row, book, newest(shown, most), hidden, (number) => this.#replay.openOf(number))
  }

  // ---------------------------------------------------------------- our requests

  #arrival(): number {
    return this.#requests[0]?.time ?? Infinity
  }

  #send(order: Order, terms: OwnTerms | undefined, isNew: boolean, time: number): void {
    const arrival = Math.max(time, this.#time) + this.#latency
    this.#requests.push({ time: arrival, order, terms, isNew, pair: this.#pairs.of(order) })
  }

  #arrive(): void {
    const { time, order, terms, isNew, pair } = this.#requests.shift()!
    this.#time = time
    if (!terms) this.#replay.cancel(order)
    else if (isNew) this.#submit(order, terms, pair)
    else this.#replay.change(order, terms)
  }

  #submit(order: Order, terms: OwnTerms, pair: Order | undefined): void {
    const display = order.display > 0 ? Math.round(order.display * this.#lotsPerUnit) : Infinity
    const trail = trailOf(order) < 0 ? trailOf(order) : Math.round(order.trail * this.#stepsPerUnit)
    const { notional, protectionPrice, instrument } = order
    const units = (notional / instrument.multiplier) * this.#stepsPerUnit * this.#lotsPerUnit
    this.#replay.submit(order, terms, {
      ...{ trail, tick: this.#tick, display, pair },
      money: Math.floor(units * (1 + 1e-12)),
      most: mostVolume(order) * this.#lotsPerUnit,
      bound: Math.round(protectionPrice * this.#stepsPerUnit),
    })
  }

  #terms(volume: number, { price, stopPrice }: { readonly price: number; readonly stopPrice: number }) {
    return {
      lots: Math.round(volume * this.#lotsPerUnit),
      price: Math.round(price * this.#stepsPerUnit),
      stopPrice: Math.round(stopPrice * this.#stepsPerUnit),
    }
  }

  // ---------------------------------------------------------------- what happens

  #listener(): ReplayBookListener {
    return {
      trade: (price, lots, taker) => {
        const [at, volume] = [price / this.#stepsPerUnit, lots / this.#lotsPerUnit]
        this.#bars.add(at, volume, this.#time)
        this.#live?.trade(this.#time, at, volume, taker === null ? 0 : taker === SELL ? -1 : 1, 0)
        if (!this.#interest.trades) return
        const step = this.#put(MarketStep.TRADE)
        step.price = at
        step.volume = volume
        step.side = taker === null ? 0 : taker === SELL ? -1 : 1
      },
      shown: (event, id, order, side, price, left) => {
        this.#bookChanged = true
        if (!this.#interest.orders || order?.hidden) return
        const step = this.#put(MarketStep.ORDER, order)
        step.event = EventType[event]
        step.bookOrder = id
        step.side = side === SELL ? -1 : 1
        step.price = price / this.#stepsPerUnit
        step.volume = left / this.#lotsPerUnit
      },
      halt: (halted) => {
        this.#put(MarketStep.PHASE).event = halted ? EventType.HALT : EventType.CONTINUE
      },
      received: (order) => {
        this.#put(MarketStep.RECEIVED, order)
      },
      filled: (order, price, lots, rule, spent, among) => {
        const step = this.#put(MarketStep.FILL, order)
        step.price = price / this.#stepsPerUnit
        step.volume = lots / this.#lotsPerUnit
        step.maker = rule !== ReplayRule.TAKING
        step.spent = spent
        if (among) step.valuedAt = this.#bars.last
        step.halfTold = among && !step.maker
        const side = order.side === Side.BUY ? 1 : -1
        this.#live?.trade(this.#time, step.price, step.volume, step.maker ? -side : side, side)
        step.rule = rule
      },
      cancelled: (order, reason) => {
        this.#put(MarketStep.CANCEL, order).rule = cancelReasons[reason]
      },
      changed: (order, lots, price) => {
        const step = this.#put(MarketStep.CHANGED, order)
        step.volume = lots / this.#lotsPerUnit
        step.price = price / this.#stepsPerUnit
      },
      rejected: (order, request, code, found, bound) => {
        const step = this.#put(MarketStep.REJECTED, order)
        step.event = requestEvents[request]
        step.refusal = refusalOf(order, { code, found, bound, ticksPerUnit: this.#stepsPerUnit })
      },
      trailed: (order, stopPrice) => {
        stateOf(order).stopPrice = stopPrice / this.#stepsPerUnit
      },
    }
  }

  #put(kind: MarketStep, order?: Order): MarketDetail {
    return this.#steps.put(kind, this.#time, 0, this.#row, order)
  }
}

/** Whether a message tells more of what the one before it told. */
const belongs = (kind: number | undefined) => kind === FlowKind.EXECUTE || kind === FlowKind.APPEAR
