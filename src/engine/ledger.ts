import { type Costs, type Exchange, fixedSlippage, type Terms } from '#exchange'
import {
  type Acknowledgement,
  EventType,
  type Instrument,
  isAtMarket,
  lotsPerUnit,
  hairOf,
  MarketOrder,
  Order,
  orderFor,
  type OrderRequest,
  OrderStatus,
  OrderType,
  placeOf,
  type Refusal,
  RefusalCode,
  roughly,
  Side,
  stateOf,
  Trade,
  TradingType,
  trailingStop,
  trailOf,
} from '#market'
import type { Filter } from '#strategy'
import {
  Commissions,
  type Funds,
  fundsOf,
  Portfolio,
  type Position,
  type Rates,
  refuseDisplay,
  Risk,
} from '#trading'
import {
  boundReached,
  notChangeable,
  reservedVolume,
  resize,
  sizeByNotional,
  withinTerms,
} from './by-notional.ts'
import { firstCapacity, type Table } from './columns.ts'
import { checkConserved } from './conservation.ts'
import { bookHandler, Handler } from './handlers.ts'
import { type OrderNote, type RefusalEntry, type RunSettings, StepKind } from './record.ts'
import type { RiskDesk, RiskSeat } from './risk-desk.ts'
import type { Register } from './register.ts'

/** `OrderColumns.type` is an index into these. */
export const orderTypes: readonly OrderType[] = [
  OrderType.MARKET,
  OrderType.LIMIT,
  OrderType.STOP,
  OrderType.STOP_LIMIT,
]

/** `OrderColumns.status` is an index into these. */
export const orderStatuses: readonly OrderStatus[] = [
  OrderStatus.NEW,
  OrderStatus.OPEN,
  OrderStatus.FILLED,
  OrderStatus.CANCELLED,
  OrderStatus.REJECTED,
]

const openStatus = orderStatuses.indexOf(OrderStatus.OPEN)

/** Notes of orders that are kept. */
export const mostNotes = 10_000

/** Refusals that are kept with their numbers; later ones are still counted among the orders. */
const mostRefusals = 10_000

/** The other side of an account: whoever sends its orders, and is told what becomes of them. */
export interface Audience {
  /** Whether there is a handler that could be told. */
  hears(handler: Handler): boolean
  /** Whether there is any that could be told of its own orders. */
  readonly followsOrders: boolean
  /** Puts a handler call into the queue. */
  send(handler: Handler, type: EventType, target: unknown): void
  /** Whether there is a cost function that wants to be asked. */
  readonly hasOwnCosts: boolean
  /** What the cost function says of a fill; undefined where there is none. */
  cost(name: 'slippage' | 'transactionCost', fill: Trade): number | undefined
  /** What a rule of the strategy's own says against an order. */
  object(order: Order): Refusal | undefined
}

/** What the ledger needs to know of the run around it. */
export interface Surroundings {
  readonly instruments: readonly Instrument[]
  readonly indexOf: ReadonlyMap<Instrument, number>
  exchangeOf(index: number): Exchange
  /** Newest row of an instrument's bars; -1 before the first. */
  rowOf(index: number): number
  /** Microseconds UTC. */
  readonly time: number
  /** Bars read so far. */
  readonly bars: number
  /** Whether no time stamp is being worked through. */
  readonly between: boolean
  /** Whether the market of an instrument is halted. */
  isHalted(index: number): boolean
  /** Best price that an order of that side could trade at now; NaN where there is no book, or nothing in it. */
  bestOpposite(index: number, side: Side): number
  readonly desk: RiskDesk
  readonly register: Register
  /** What the currencies of the run are worth; undefined where all is in one. */
  readonly rates: Rates | undefined
}

/** Where requests go out that are made of others, so that each is entered into the journal. */
export interface Desk {
  newOrder(request: OrderRequest): Acknowledgement
  cancelOrder(order: Order): Acknowledgement
}

/** A fill as the exchange offers it. */
export interface Offer {
  readonly row: number
  readonly price: number
  readonly slippage: number
  readonly volume: number
  readonly rule: string
  readonly atOpen: boolean
  /** Price that what is held is valued at after it, where that is not its own; else NaN. */
  readonly valuedAt: number
  /** Whether the other half of a trade between two own orders comes next. */
  readonly halfTold: boolean
  readonly maker: boolean
  /** Whether what is left of the money of an order by notional pays for no more. */
  readonly spent: boolean
}

/** The orders, trades and account of one strategy: every request passes here on its way out, every fill on its way in. */
export class Ledger {
  readonly portfolio: Portfolio
  /** Notes of its orders, which are numbered here as this strategy asked for them. */
  readonly notes: OrderNote[] = []

  readonly #around: Surroundings
  readonly #audience: Audience
  readonly #risk: Risk
  readonly #seat: RiskSeat
  readonly #funds: Funds
  readonly #costs: Costs
  readonly #commissions: Commissions
  readonly #open: Order[] = []
  readonly #register: Register
  /** Place of the strategy in the run. */
  readonly #strategy: number
  /** Ids of all orders that the strategy asked for, refused ones too, and the rows of its fills; in order of time. */
  readonly #asked: Table<{ readonly id: Int32Array }>
  readonly #filled: Table<{ readonly row: Int32Array }>
  readonly #traded = new Set<number>()
  /** Signed volume of the working market orders, per instrument. */
  readonly #pending: Float64Array
  readonly #watchesOnly: boolean
  #closed = false

  /** @param strategy place of the strategy in the run */
  constructor(around: Surroundings, audience: Audience, settings: RunSettings, strategy: number) {
    this.#register = around.register
    this.#asked = around.register.table({ id: new Int32Array(firstCapacity) })
    this.#filled = around.register.table({ row: new Int32Array(firstCapacity) })
    this.#strategy = strategy
    this.#around = around
    this.#audience = audience
    this.#costs = settings.costs
    this.#watchesOnly = settings.tradingType === TradingType.SIMULATION
    this.#funds = fundsOf(settings.leverage, settings.costs)
    this.#commissions = new Commissions(settings.costs)
    this.#pending = new Float64Array(around.instruments.length)
    this.portfolio = new Portfolio(around.instruments, settings.cash, around.rates)
    this.#risk = new Risk(this.portfolio, this.#funds, !settings.risk?.buyingPower)
    this.#seat = around.desk.join(
      {
        portfolio: this.portfolio,
        open: this.#open,
        withdraw: (order) => this.#withdraw(order),
        close: (index, volume) => this.#close(index, volume),
        note: (entry, order) => this.#note(order, entry),
        tell: (handler, type, target) => audience.send(handler, type, target),
      },
      settings.cash,
    )
  }

  /** From here on every new order is refused: the run is over. */
  close(): void {
    this.#closed = true
  }

  /** Cancels what still works, without telling anybody: nobody is there any more. */
  cancelRest(): void {
    for (const order of [...this.#open]) {
      this.#exchangeOf(order).cancel(order, this.#around.time)
      this.#end(order, OrderStatus.CANCELLED)
    }
  }

  /** Orders of the strategy that work, without a copy: not to be altered. */
  get open(): readonly Order[] {
    return this.#open
  }

  /** The order of an id, whoever made it; undefined where there is none. */
  order(id: number): Order | undefined {
    return this.#register.byId[id - 1]
  }

  /** Whether an order was sent from here. */
  owns(order: Order): boolean {
    const { byId, owners } = this.#register
    return byId[order.id - 1] === order && owners.columns.strategy[order.id - 1] === this.#strategy
  }

  /**
   * Refuses an order that another strategy or another run has sent.
   *
   * @throws TypeError
   */
  checkOwn(method: string, order: Order): void {
    if (order.id !== 0 && !this.owns(order))
      throw new TypeError(
        `${method}: order ${order.id} was sent by another strategy or in another run; expected one of this.orders()`,
      )
  }

  newOrder(order: Order): Acknowledgement {
    this.#seat.prepare()
    const answer = this.#newOrder(order)
    this.#seat.requested()
    return answer
  }

  #newOrder(order: Order): Acknowledgement {
    if (order.status !== OrderStatus.NEW)
      return this.#refuse('order', order, {
        code: RefusalCode.DUPLICATE_ORDER,
        reason: `Order ${order.id} was sent before. Make a new Order for every request.`,
        numbers: { order: order.id },
      })
    const index = this.#around.indexOf.get(order.instrument)
    this.#enter(order, index)
    const refusal = this.#admit(order, index)
    if (refusal) {
      this.#end(order, OrderStatus.REJECTED)
      return this.#refuse('order', order, refusal)
    }
    this.#seat.accepted()
    this.#work(order)
    const { clip } = this.#seat
    return clip ? { accepted: true, order, clip } : { accepted: true, order }
  }

  #work(order: Order): void {
    stateOf(order).status = OrderStatus.OPEN
    this.#open.push(order)
    this.#count(order, 1)
    if (!this.#exchangeOf(order).immediate) return
    this.received(order)
    this.#tellBook(order, EventType.OPEN)
  }

  /** Closes a position past all rules. */
  #close(index: number, volume: number): Order {
    const instrument = this.#around.instruments[index]!
    const side = volume > 0 ? Side.BUY : Side.SELL
    const order = new Order({ instrument, side, volume: Math.abs(volume) })
    stateOf(order).forced = true
    this.#enter(order, index)
    const refusal = this.#submit(order, this.#around.time, NaN)
    if (refusal) {
      this.#end(order, OrderStatus.REJECTED)
      this.#refuse('order', order, refusal)
    } else this.#work(order)
    return order
  }

  /** Tells that an order works at its exchange. */
  received(order: Order): void {
    if (this.#audience.followsOrders) this.#audience.send(Handler.onReceived, EventType.RECEIVED, order)
  }

  /** Tells that an exchange refused a request when it arrived there; an order that is refused has ended. */
  rejected(order: Order, refusal: Refusal, request: EventType = EventType.REJECTED): void {
    if (request === EventType.REJECTED) this.#end(order, OrderStatus.REJECTED)
    else if (request === EventType.CANCEL) stateOf(order).leaving = false
    else stateOf(order).asked = 0
    const kind = request === EventType.CANCEL ? 'cancel' : request === EventType.CHANGE ? 'change' : 'order'
    this.#refuse(kind, order, refusal)
    if (request === EventType.REJECTED) this.#follow(order, false, NaN)
    this.#seat.goOn(false)
  }

  cancelOrder(order: Order): Acknowledgement {
    this.#seat.requested()
    const refusal = notWorking(order) ?? forced(order) ?? this.#underWay(order)
    if (refusal) return this.#refuse('cancel', order, refusal)
    this.#withdraw(order)
    return { accepted: true, order }
  }

  /**
   * What the terms of an order would be after a change.
   *
   * @throws as `Order`, where there could be no such order
   */
  termsOf(order: Order, changes: Partial<Terms>): Terms {
    const { volume = order.volume, price = order.price, stopPrice = order.stopPrice } = changes
    return changed(order, { volume, price, stopPrice })
  }

  /** See `Strategy.changeOrder`. */
  changeOrder(order: Order, asked: Terms): Acknowledgement {
    this.#seat.prepare()
    const answer = this.#changeOrder(order, asked)
    this.#seat.requested()
    return answer
  }

  #changeOrder(order: Order, asked: Terms): Acknowledgement {
    const terms = changed(order, asked)
    const refusal =
      notWorking(order) ??
      forced(order) ??
      this.#underWay(order) ??
      notChangeable(order) ??
      (terms.volume <= order.filled
        ? {
            code: RefusalCode.OFF_LOT,
            reason: `Order ${order.id} has filled ${order.filled} already; its volume can only be changed to more than that.`,
            numbers: { volume: asked.volume, filled: order.filled },
          }
        : this.#recheck(order, terms))
    if (refusal) return this.#refuse('change', order, refusal)
    // What still waits for another order has not been sent anywhere.
    if (this.#exchangeOf(order).immediate || order.after?.status === OrderStatus.OPEN)
      this.changed(order, terms)
    else countDearest(order, terms)
    return { accepted: true, order }
  }

  /** Gives an order its new terms, now that they hold. */
  changed(order: Order, { volume, price, stopPrice }: Terms): void {
    this.#count(order, -1)
    const state = stateOf(order)
    const columns = this.#register.orders.columns
    const row = order.id - 1
    this.#keepTerms(order)
    if (volume >= state.asked) state.asked = 0
    if (price >= state.dearestPrice) state.dearestPrice = 0
    if (stopPrice >= state.dearestStop) state.dearestStop = 0
    state.volume = columns.volume[row] = volume
    state.price = columns.price[row] = price
    state.stopPrice = columns.stopPrice[row] = stopPrice
    checkConserved(order, OrderStatus.OPEN)
    this.#count(order, 1)
    this.#tellBook(order, EventType.CHANGE)
  }

  /** See `Strategy.kill`. */
  kill(reason: string): void {
    this.#seat.kill(reason)
  }

  /** What the risk rules have to say of the account as it is now. */
  riskView(): ReturnType<RiskSeat['view']> {
    return this.#seat.view()
  }

  /** See `Strategy.target`. */
  target(instrument: Instrument, fraction: number, desk: Desk): Acknowledgement | undefined {
    const index = this.#around.indexOf.get(instrument)
    const price = index === undefined ? NaN : this.portfolio.lastPrice(index)
    if (index === undefined || !(price > 0))
      return {
        accepted: false,
        order: undefined,
        code: index === undefined ? RefusalCode.UNKNOWN_INSTRUMENT : RefusalCode.NO_MARKET,
        reason:
          index === undefined
            ? unknownInstrument(instrument, this.#around.instruments)
            : `${instrument.name} has no price yet that a target could be valued at.`,
        numbers: { fraction },
      }
    const refusal = this.#withoutRate(instrument, index)
    if (refusal) return { accepted: false, order: undefined, ...refusal }
    const { immediate } = this.#around.exchangeOf(index)
    for (const order of this.openOrders({ instrument }))
      if (isAtMarket(order) && (immediate || order.after?.status === OrderStatus.OPEN))
        desk.cancelOrder(order)
    // What is on its way to an exchange trades before a cancel could arrive: it counts as done.
    const size = this.portfolio.size(index) + (immediate ? 0 : this.#pending[index]!)
    const wanted = (fraction * this.portfolio.equity) / this.portfolio.unitValue(index)
    const change = Math.sign(wanted) * instrument.roundDown(Math.abs(wanted)) - size
    if (change === 0) return undefined
    const sign = change > 0 ? 1 : -1
    const fillPrice =
      price * (1 + sign * this.#costs.slippage) + sign * fixedSlippage(this.#costs, instrument.tickSize)
    // A sale is margined at the market, however little it brings.
    const worst = Math.max(price, fillPrice)
    const affordable = this.portfolio.affordable(index, sign, worst, this.#funds, this.#pending)
    const volume = instrument.roundDown(Math.min(Math.abs(change), affordable))
    if (volume === 0) return undefined
    return desk.newOrder({ instrument, side: sign > 0 ? Side.BUY : Side.SELL, volume })
  }

  /** Books what the exchange offers, as far as the account can carry it; what it cannot is taken back. */
  fill(order: Order, offer: Offer): void {
    const { price: offered, slippage: given, rule, atOpen, maker, row } = offer
    const { instrument } = order
    const index = placeOf(order)
    const sign = order.side === Side.BUY ? 1 : -1
    const own = this.#audience.hasOwnCosts
    const { binding, immediate } = this.#around.exchangeOf(index)
    const market = offered - sign * given
    const valuedAt = Number.isNaN(offer.valuedAt) ? market : offer.valuedAt
    const slips = own && !binding && takesAnyPrice(order)
    const slippage = slips
      ? (this.#ownCost('slippage', order, market, 0, offer.volume, rule) ?? given)
      : given
    const price = slips ? market + sign * slippage : offered
    // At a price of the strategy's own making less may be within its terms.
    const most = binding || !slips ? offer.volume : withinTerms(order, price, market, offer.volume)
    const affordable = binding ? Infinity : this.#affordable(index, sign, price, slips ? market : offered)
    const reducible = order.reduceOnly && !binding ? this.#reducible(order, index) : Infinity
    const allowed = binding ? Infinity : Math.min(reducible, this.#seat.mostOfFill(order, index))
    const carried = Math.min(affordable, allowed)
    const fits = most <= affordable * (1 + 1e-9) && most <= allowed + hairOf(allowed, instrument.lotSize)
    const volume = fits ? most : instrument.roundDown(carried)
    const before = this.portfolio.size(index)
    if (volume > 0) {
      const fee =
        (own ? this.#ownCost('transactionCost', order, price, slippage, volume, rule) : undefined) ??
        this.#commissions.charge(order, volume * price * instrument.multiplier, volume, maker)
      // After its bar was told what is held is worth its close, to the last bit.
      const closed = immediate && this.#around.rowOf(index) === row
      this.portfolio.fill(index, sign * volume, price, fee, closed ? this.#lastPrice(index) : valuedAt)
      this.portfolio.verify()
      this.#book(order, index, offer, price, slippage, volume, fee, market)
    }
    if (most === 0 && order.notional > 0 && order.filled > 0) this.#finish(order)
    else if ((volume < most && carried === reducible) || most === 0) this.#takeBack(order)
    else if (volume < most)
      this.#takeBack(order, {
        code: allowed < affordable ? RefusalCode.POSITION_LIMIT : RefusalCode.INSUFFICIENT_FUNDS,
        reason: `At ${roughly(price)} the ${allowed < affordable ? 'rules let through' : 'account could carry'} ${volume > 0 ? volume : 'none'} of ${most} ${instrument.name}; the ${volume > 0 ? 'rest' : 'order'} was taken back.`,
        numbers: { offered: most, filled: volume, price, equity: this.portfolio.equity },
      })
    else if (order.status === OrderStatus.OPEN && order.toLimit && isAtMarket(order))
      this.#restAt(order, market)
    this.#follow(order, atOpen, price)
    this.#seat.filled(index, before, !offer.halfTold)
  }

  /**
   * The volume that the account can carry of a fill: what it holds, and what it opens by a sale, is worth what the market says,
   * not what slippage makes of it; what it closes brings the price of the fill.
   */
  #affordable(index: number, sign: 1 | -1, price: number, market: number): number {
    const held = sign * this.portfolio.size(index) < 0 ? price : market
    return this.portfolio.affordable(index, sign, Math.max(price, market), this.#funds, undefined, held)
  }

  /** What the strategy's own cost function says of a fill that is about to be booked; undefined where it has none. */
  #ownCost(
    name: 'slippage' | 'transactionCost',
    order: Order,
    price: number,
    slippage: number,
    volume: number,
    rule: string,
  ): number | undefined {
    const { instrument, side } = order
    const { time } = this.#around
    const id = this.#filled.length + 1
    const fill = new Trade({ id, instrument, side, price, volume, time, myOrder: order, slippage, rule })
    return this.#audience.cost(name, fill)
  }

  /** Ends an order that was cancelled, or that the exchange or the account cannot carry on with. */
  takeBack(order: Order): void {
    this.#takeBack(order)
    this.#follow(order, false, NaN)
    this.#seat.goOn(false)
  }

  /** Ends an order by notional whose money pays for no more: it is done where it has traded. */
  spent(order: Order): void {
    if (order.filled === 0) return this.takeBack(order)
    this.#finish(order)
    this.#follow(order, false, NaN)
    this.#seat.goOn(false)
  }

  /** Ends an order by notional that has come to as many units as the rules counted it as. */
  bounded(order: Order): void {
    this.#takeBack(order, boundReached(order))
    this.#follow(order, false, NaN)
    this.#seat.goOn(false)
  }

  /** Lets what is left of a market-to-limit order be a limit order. */
  #restAt(order: Order, price: number): void {
    this.#count(order, -1)
    this.#keepTerms(order)
    stateOf(order).price = price
    this.#register.orders.columns.price[order.id - 1] = price
    this.#tellBook(order, EventType.CHANGE)
  }

  /** An order by notional is done: what it has traded was all of it. */
  #finish(order: Order): void {
    this.#count(order, -1)
    stateOf(order).volume = order.filled
    this.#register.orders.columns.volume[order.id - 1] = order.filled
    this.#end(order, OrderStatus.FILLED)
  }

  openOrders(filter: Filter): Order[] {
    return this.#open.filter((order) => matches(order, filter))
  }

  pastOrders(filter: Filter): Order[] {
    const { id } = this.#asked.columns
    const orders: Order[] = []
    for (let place = 0; place < this.#asked.length; place++) {
      const order = this.#register.byId[id[place]! - 1]!
      if (matches(order, filter)) orders.push(order)
    }
    return orders
  }

  trades(filter: Filter): Trade[] {
    const trades: Trade[] = []
    for (let place = 0; place < this.#filled.length; place++) {
      const trade = this.#trade(place)
      if (matches(trade, filter)) trades.push(trade)
    }
    return trades
  }

  positions(filter: Filter): Position[] {
    return [...this.#traded]
      .map((index) => this.portfolio.position(index))
      .filter(({ instrument, size }) => {
        const side = size > 0 ? Side.BUY : size < 0 ? Side.SELL : undefined
        return matches({ instrument, exchange: instrument.exchange, side }, filter)
      })
  }

  position(instrument: Instrument): Position {
    const index = this.#around.indexOf.get(instrument)
    if (index === undefined) throw new RangeError(unknownInstrument(instrument, this.#around.instruments))
    return this.portfolio.position(index)
  }

  #takeBack(order: Order, refusal?: Refusal): void {
    if (refusal) this.#note(order, refusal)
    this.#end(order, OrderStatus.CANCELLED)
    this.#tellBook(order, EventType.CANCEL)
    this.#audience.send(Handler.onCanceled, EventType.CANCELED, order)
  }

  #enter(order: Order, index: number | undefined): void {
    const { time } = this.#around
    const register = this.#register
    const row = register.orders.add()
    // Added before the columns are read: they are replaced when they grow.
    const owner = register.owners.add()
    register.owners.columns.strategy[owner] = this.#strategy
    const columns = register.orders.columns
    columns.time[row] = time
    columns.bar[row] = index === undefined ? -1 : this.#around.rowOf(index)
    columns.instrument[row] = index ?? -1
    columns.side[row] = order.side === Side.BUY ? 1 : -1
    columns.type[row] = orderTypes.indexOf(order.type)
    columns.volume[row] = order.volume
    columns.price[row] = order.price
    columns.stopPrice[row] = order.stopPrice
    columns.status[row] = openStatus
    columns.ended[row] = NaN
    this.#step(StepKind.ORDER, row)
    const state = stateOf(order)
    const id = register.byId.push(order)
    state.id = id
    const place = this.#asked.add()
    this.#asked.columns.id[place] = id
    if (order.note !== undefined && this.notes.length < mostNotes)
      this.notes.push({ order: this.#asked.length, note: JSON.stringify(order.note) })
    state.time = time
    state.instrument = index ?? -1
  }

  /** Passes an order through the gate and on to its exchange. */
  #admit(order: Order, index: number | undefined): Refusal | undefined {
    if (this.#closed)
      return {
        code: RefusalCode.RUN_ENDED,
        reason: 'The run has ended: nothing trades any more. The last orders can be sent in onExit.',
        numbers: {},
      }
    if (this.#watchesOnly)
      return {
        code: RefusalCode.ORDER_ENTRY_BLOCKED,
        reason: 'This run is a simulation: it watches the market, and no order of it goes anywhere.',
        numbers: {},
      }
    if (index === undefined)
      return {
        code: RefusalCode.UNKNOWN_INSTRUMENT,
        reason: unknownInstrument(order.instrument, this.#around.instruments),
        numbers: {},
      }
    const exchange = this.#around.exchangeOf(index)
    if (order.exchange !== order.instrument.exchange)
      return {
        code: RefusalCode.UNKNOWN_EXCHANGE,
        reason: `${order.instrument.name} does not trade on '${order.exchange}'; it trades on '${exchange.name}'.`,
        numbers: {},
      }
    const refusal =
      endedPair(order) ??
      (this.#around.isHalted(index) ? haltedMarket(order) : undefined) ??
      this.#withoutRate(order.instrument, index) ??
      this.#size(order, index) ??
      refuseDisplay(order) ??
      this.#audience.object(order) ??
      this.#pass(order, index) ??
      this.#risk.check(order, index, this.#open, this.#pending)
    if (refusal) return refusal
    const { after, pair } = order
    if (pair && pair.filled > 0)
      return {
        code: RefusalCode.ORDER_FINISHED,
        reason: `Order ${pair.id}, which this one is to be a pair with, has traded already: one of the two is enough.`,
        numbers: { order: pair.id, filled: pair.filled },
      }
    if (after && after.status !== OrderStatus.FILLED) {
      if (after.status === OrderStatus.OPEN) {
        stateOf(order).waits = true
        return undefined
      }
      return {
        code: RefusalCode.ORDER_FINISHED,
        reason: `The order to wait for, ${after.id}, is ${after.status}.`,
        numbers: { order: after.id },
      }
    }
    // What is sent before the first bar may trade on it; where the market goes on between bars, nothing is sent back in time.
    const early = exchange.immediate && this.#around.bars === 0 && this.#around.between
    return this.#submit(order, early ? -Infinity : this.#around.time, NaN)
  }

  /** Why nothing can be traded yet in the currency of an instrument. */
  #withoutRate({ name, currency }: Instrument, index: number): Refusal | undefined {
    const { rates } = this.#around
    if (!rates || !Number.isNaN(rates.of(index))) return undefined
    const pair = this.#around.instruments[rates.pairAt(rates.placeOf(index))!.instrument]!
    return {
      code: RefusalCode.NO_RATE,
      reason: `${name} is in ${currency}, and ${pair.name}, which tells what that is worth in ${rates.account}, has had no price yet; send the order after its first bar, or give a rate in the settings.`,
      numbers: {},
    }
  }

  /** Asks the rules about a new order, which may let it pass in part or round it. */
  #pass(order: Order, index: number): Refusal | undefined {
    const refusal = this.#seat.admit(order, index)
    const row = order.id - 1
    const { volume, price, stopPrice } = this.#register.orders.columns
    volume[row] = order.volume
    price[row] = order.price
    stopPrice[row] = order.stopPrice
    return refusal
  }

  /** Volume that an order may trade before the position is flat. */
  #reducible({ side }: Order, index: number): number {
    const size = this.portfolio.size(index)
    return Math.max(0, side === Side.SELL ? size : -size)
  }

  /** Passes an order on to its exchange; a trailing stop starts from a price, or from the last one. */
  #submit(order: Order, time: number, price: number): Refusal | undefined {
    const state = stateOf(order)
    const index = state.instrument
    // A market that goes on between bars says so itself, when the order has come there.
    if (order.reduceOnly && this.#around.exchangeOf(index).immediate && this.#reducible(order, index) === 0)
      return {
        code: RefusalCode.NOT_REDUCING,
        reason: `The order may only reduce a position, and there is none in ${order.instrument.name} on the other side.`,
        numbers: { size: this.portfolio.size(index) },
      }
    const trail = trailOf(order)
    if (trail === trail && Number.isNaN(state.stopPrice)) {
      const from = Number.isNaN(price) ? this.#lastPrice(index) : price
      if (Number.isNaN(from))
        return {
          code: RefusalCode.NO_MARKET,
          reason: `${order.instrument.name} has no price yet that a stop could trail; give a stopPrice to start from.`,
          numbers: trail > 0 ? { trail } : { percent: -trail },
        }
      state.stopPrice = trailingStop(order, from)
      this.#register.orders.columns.stopPrice[order.id - 1] = state.stopPrice
    }
    return this.#around.exchangeOf(index).submit(order, time, this.portfolio.lastPrice(index))
  }

  /** The last price that is known of an instrument: on bars that of the portfolio, which knows no bar before its time. */
  #lastPrice(index: number): number {
    const exchange = this.#around.exchangeOf(index)
    if (exchange.immediate) return this.portfolio.lastPrice(index)
    return exchange.lastPrice(exchange.instruments.indexOf(this.#around.instruments[index]!))
  }

  #size(order: Order, index: number): Refusal | undefined {
    if (Number.isNaN(order.notional)) return undefined
    return sizeByNotional(order, this.#lastPrice(index), this.#around.bestOpposite(index, order.side))
  }

  /** Lets what waits for an order, or is a pair with it, follow what has become of it. */
  #follow(order: Order, atOpen: boolean, price: number): void {
    if (this.#open.length === 0) return
    const traded = order.filled > 0
    for (const other of this.#open.filter((other) => other !== order)) {
      if (traded && (other.pair === order || order.pair === other)) this.#part(other)
      // What the lines before took back has ended, and what followed it too.
      if (other.status !== OrderStatus.OPEN) continue
      if (other.after !== order || order.status === OrderStatus.OPEN) continue
      if (!traded) this.#withdraw(other)
      else {
        // An entry that was cut short is left again with what it got.
        if (other.volume > order.filled) this.#resize(other, order.filled)
        // After a fill at the open all of the bar is still to come; inside a bar only the next one surely is.
        const time = atOpen ? this.#around.time - 1 : this.#around.time
        const refusal = this.#begin(other) ?? this.#submit(other, time, price)
        if (refusal) this.rejected(other, refusal)
      }
    }
  }

  /** Takes back an order whose pair has traded, where its exchange has not done so together with the fill. */
  #part(other: Order): void {
    if (!this.#exchangeOf(other).holdsPairs || stateOf(other).waits) this.#withdraw(other)
  }

  /** Asks the rules about an order that begins to work, which may let it do so in part. */
  #begin(order: Order): Refusal | undefined {
    const asked = order.volume
    stateOf(order).waits = false
    const refusal = this.#seat.begin(order, placeOf(order))
    const given = order.volume
    if (given === asked) return refusal
    stateOf(order).volume = asked
    this.#resize(order, given)
    return refusal
  }

  /** Why an order cannot be cancelled or changed before a bar is over. */
  #underWay(order: Order): Refusal | undefined {
    return this.#exchangeOf(order).underWay?.(order, this.#around.time)
  }

  #withdraw(order: Order): void {
    if (order.status !== OrderStatus.OPEN) return
    const exchange = this.#exchangeOf(order)
    // What still waits for another order has not been sent anywhere.
    if (!exchange.cancel(order, this.#around.time) || exchange.immediate) this.takeBack(order)
    else stateOf(order).leaving = true
  }

  #resize(order: Order, volume: number): void {
    this.#count(order, -1)
    this.#keepTerms(order)
    stateOf(order).volume = volume
    this.#register.orders.columns.volume[order.id - 1] = volume
    checkConserved(order, OrderStatus.OPEN)
    this.#count(order, 1)
  }

  /** Enters a fill that the account has booked: what of the offer it took, at what cost. */
  #book(
    order: Order,
    index: number,
    { row, rule, spent }: Offer,
    price: number,
    slippage: number,
    volume: number,
    fee: number,
    market: number,
  ): void {
    const { time } = this.#around
    this.#count(order, -1)
    const state = stateOf(order)
    // In whole lots, so that fills of 0.1 and 0.2 complete an order of 0.3.
    const perUnit = lotsPerUnit(order.instrument.lotSize)
    state.filled = Math.round((state.filled + volume) * perUnit) / perUnit
    state.paid += price * volume
    const counted = Math.max(price, market)
    if (order.notional > 0) state.slipped += (counted - price) * volume
    resize(order, counted, !spent && this.#exchangeOf(order).binding)
    this.#register.orders.columns.volume[order.id - 1] = state.volume
    this.#register.orders.columns.filled[order.id - 1] = state.filled
    // What has filled whole is checked when it ends.
    if (order.remaining > 0) checkConserved(order, OrderStatus.OPEN)
    this.#count(order, 1)
    const buys = order.side === Side.BUY
    const fillRow = this.#register.fills.add()
    const { columns } = this.#register.fills
    columns.time[fillRow] = time
    columns.bar[fillRow] = row
    columns.order[fillRow] = order.id
    columns.instrument[fillRow] = index
    columns.side[fillRow] = buys ? 1 : -1
    columns.price[fillRow] = price
    columns.volume[fillRow] = volume
    columns.fee[fillRow] = fee
    columns.slippage[fillRow] = slippage
    columns.rule[fillRow] = this.#ruleNumber(rule)
    const { rates } = this.#register
    if (rates) {
      // First the row: its columns may be others afterwards.
      const rateRow = rates.add()
      rates.columns.rate[rateRow] = this.portfolio.rate(index)
    }
    this.#step(StepKind.FILL, fillRow)
    if (order.remaining <= 0) this.#end(order, OrderStatus.FILLED)
    this.#traded.add(index)
    const place = this.#filled.add()
    this.#filled.columns.row[place] = fillRow
    this.#tellFill(order, place)
  }

  #tellFill(order: Order, place: number): void {
    const audience = this.#audience
    if (!audience.followsOrders) return
    const buys = order.side === Side.BUY
    const tell = buys ? Handler.onBought : Handler.onSold
    const type = buys ? EventType.BOUGHT : EventType.SOLD
    const heard = audience.hears(Handler.onTrade) || audience.hears(tell) || audience.hears(Handler.onTraded)
    const trade = heard ? this.#trade(place) : undefined
    audience.send(Handler.onTrade, EventType.TRADE, trade)
    this.#tellBook(order, order.remaining > 0 ? EventType.CHANGE : EventType.FILL)
    audience.send(tell, type, trade)
    audience.send(Handler.onTraded, type, trade)
  }

  /** Where there is no book that would tell, an order of ours is all the book there is. */
  #tellBook(order: Order, type: EventType): void {
    const audience = this.#audience
    if (!audience.followsOrders) return
    const handler = bookHandler(type)
    if ((!audience.hears(handler) && !audience.hears(Handler.onOrder)) || !this.#exchangeOf(order).immediate)
      return
    const { id, instrument, side, remaining } = order
    const price = Number.isFinite(order.price) ? order.price : order.stopPrice
    const target = new MarketOrder(id, instrument, side, price, remaining, order)
    audience.send(handler, type, target)
    audience.send(Handler.onOrder, type, target)
  }

  /** A fill as a strategy sees it; its number is its place among the strategy's own trades, from 1. */
  #trade(place: number): Trade {
    const { fills, byId, rules } = this.#register
    const { time, order: id, price, volume, fee, slippage, rule } = fills.columns
    const row = this.#filled.columns.row[place]!
    const order = byId[id[row]! - 1]!
    return new Trade({
      id: place + 1,
      instrument: order.instrument,
      side: order.side,
      price: price[row]!,
      volume: volume[row]!,
      time: time[row]!,
      myOrder: order,
      slippage: slippage[row]!,
      transactionCost: fee[row]!,
      rule: rules[rule[row]!]!,
    })
  }

  #ruleNumber(rule: string): number {
    const { rules } = this.#register
    const number = rules.indexOf(rule)
    return number >= 0 ? number : rules.push(rule) - 1
  }

  /** Adds what is left of a market order to what is pending, or takes it off. */
  #count(order: Order, times: 1 | -1): void {
    if (!isAtMarket(order)) return
    const volume = reservedVolume(order)
    this.#pending[placeOf(order)]! += times * (order.side === Side.BUY ? volume : -volume)
  }

  /** Asks the gate and the exchange about new terms of a working order, as if it were not there. */
  #recheck(order: Order, terms: Order): Refusal | undefined {
    const index = placeOf(order)
    const others = this.#open.filter((other) => other !== order)
    this.#count(order, -1)
    const refusal =
      this.#seat.recheck(order, terms, index) ?? this.#risk.check(terms, index, others, this.#pending)
    this.#count(order, 1)
    const last = this.portfolio.lastPrice(index)
    return refusal ?? this.#exchangeOf(order).change(order, terms, this.#around.time, last)
  }

  #end(order: Order, status: OrderStatus): void {
    checkConserved(order, status)
    if (order.status === OrderStatus.OPEN) this.#count(order, -1)
    this.#commissions.end(order)
    stateOf(order).status = status
    // Most often it is the only one: taking the last one off is much cheaper than closing a gap.
    if (this.#open.at(-1) === order) this.#open.pop()
    else if (this.#open.includes(order)) this.#open.splice(this.#open.indexOf(order), 1)
    const { columns } = this.#register.orders
    columns.status[order.id - 1] = orderStatuses.indexOf(status)
    columns.ended[order.id - 1] = this.#around.time
    this.#step(StepKind.END, order.id - 1)
  }

  #refuse(kind: 'order' | 'cancel' | 'change', order: Order, refusal: Refusal): Acknowledgement {
    this.#note(order, refusal)
    this.#audience.send(Handler.onRejected, EventType.REJECTED, { kind, order, ...refusal })
    return { accepted: false, order, ...refusal }
  }

  #note(order: Order | undefined, entry: Refusal | Omit<RefusalEntry, 'order' | 'time' | 'bar'>): void {
    const { refusals, refused } = this.#register
    if (refusals.length >= mostRefusals) return
    const { time, bars } = this.#around
    this.#step(StepKind.REFUSAL, refusals.length)
    const owner = refused.add()
    refused.columns.strategy[owner] = this.#strategy
    const { code, reason, numbers } = entry
    const kind = 'kind' in entry && entry.kind ? { kind: entry.kind } : {}
    // Its author has the answer, and may write to it.
    refusals.push({ ...kind, order: order?.id ?? 0, time, bar: bars, code, reason, numbers: { ...numbers } })
  }

  /** Enters into the journal what has just happened. */
  #step(kind: StepKind, tableRow: number): void {
    this.#register.steps.add(kind, tableRow, this.#around.bars)
  }

  /** Keeps the terms of an order that is about to get others. */
  #keepTerms({ id, volume, price, stopPrice }: Order): void {
    const { changes } = this.#register
    const row = changes.add()
    const { columns } = changes
    columns.order[row] = id
    columns.volume[row] = volume
    columns.price[row] = price
    columns.stopPrice[row] = stopPrice
    this.#step(StepKind.CHANGE, row)
  }

  #exchangeOf(order: Order): Exchange {
    return this.#around.exchangeOf(placeOf(order))
  }
}

function matches(
  item: { readonly instrument: Instrument; readonly exchange: string; readonly side?: Side | undefined },
  { instrument, exchange, side }: Filter,
): boolean {
  return (
    (instrument === undefined || item.instrument === instrument) &&
    (exchange === undefined || item.exchange === exchange) &&
    (side === undefined || item.side === side)
  )
}

/** An order as it would be after a change. Made only for what it checks: the terms have to be those of an order that can be. */
function changed(order: Order, { volume, price, stopPrice }: Terms): Order {
  const { instrument, side, flag, selfTrade } = order
  // What rests of a market-to-limit order is a limit order.
  const type = order.type === OrderType.MARKET && !isAtMarket(order) ? OrderType.LIMIT : order.type
  return orderFor('changeOrder', {
    ...{ instrument, side, type, flag, volume, selfTrade },
    protectionPrice: Number.isNaN(order.protectionPrice) ? undefined : order.protectionPrice,
    toLimit: order.toLimit && type === OrderType.MARKET,
    price: Number.isNaN(order.price) ? undefined : price,
    stopPrice: Number.isNaN(order.stopPrice) && Number.isNaN(stopPrice) ? undefined : stopPrice,
    trail: trailRequested(trailOf(order)),
    display: order.display > 0 ? order.display : undefined,
    hidden: order.hidden,
    reduceOnly: order.reduceOnly,
    after: order.after,
    pair: order.pair,
  })
}

/** A trail as `trailOf` gives it, as it is asked for. */
export const trailRequested = (trail: number): OrderRequest['trail'] =>
  trail > 0 ? trail : trail < 0 ? { percent: -trail } : undefined

/** Until terms on their way to an exchange hold, or do not, the rules count whichever are larger and dearer. */
function countDearest(order: Order, { volume, price, stopPrice }: Terms): void {
  const state = stateOf(order)
  state.asked = Math.max(state.asked, volume)
  if (price > state.dearestPrice) state.dearestPrice = price
  if (stopPrice > state.dearestStop) state.dearestStop = stopPrice
}

/** Whether an order fills at whatever price there is, so that slippage is due on bars: a limit keeps its price. */
const takesAnyPrice = (order: Order): boolean => isAtMarket(order) || order.type === OrderType.STOP

/** Why an order cannot be cancelled or changed any more, or yet. */
function notWorking(order: Order): Refusal | undefined {
  if (order.status === OrderStatus.OPEN) return undefined
  const { id, status, filled } = order
  return id === 0
    ? {
        code: RefusalCode.UNKNOWN_ORDER,
        reason: 'This order was never sent, so there is nothing to cancel or change.',
        numbers: {},
      }
    : {
        code: RefusalCode.ORDER_FINISHED,
        reason: `Order ${id} is ${status} already.`,
        numbers: { order: id, filled },
      }
}

/** Why an order is not the strategy's to take back or to change. */
const forced = (order: Order): Refusal | undefined =>
  stateOf(order).forced
    ? {
        code: RefusalCode.HALTED,
        reason: `Order ${order.id} closes a position for the risk rules; only they can take it back.`,
        numbers: { order: order.id },
      }
    : undefined

/** Why an order cannot be one of a pair: the other can no longer take it back, nor be taken back by it. */
function endedPair({ pair }: Order): Refusal | undefined {
  if (pair === undefined || pair.status === OrderStatus.OPEN || pair.status === OrderStatus.NEW)
    return undefined
  return {
    code: RefusalCode.ORDER_FINISHED,
    reason: `The order to be a pair with, ${pair.id}, is ${pair.status}.`,
    numbers: { order: pair.id },
  }
}

const haltedMarket = ({ instrument }: Order): Refusal => ({
  code: RefusalCode.HALTED,
  reason: `The market of ${instrument.name} is halted; onContinue tells when it goes on.`,
  numbers: {},
})

function unknownInstrument(instrument: Instrument, known: readonly Instrument[]): string {
  return `${String(instrument)} is not an instrument of this run. Use one of this.instruments(), or the one of the event: ${known.slice(0, 20).join(', ')}.`
}
