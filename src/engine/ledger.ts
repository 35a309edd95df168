import type { Costs, Exchange } from '#exchange'
import {
  type Acknowledgement,
  EventType,
  type Instrument,
  Order,
  type OrderRequest,
  OrderStatus,
  OrderType,
  type Refusal,
  RefusalCode,
  Side,
  stateOf,
  Trade,
} from '#market'
import type { Filter } from '#strategy'
import { type Funds, Portfolio, type Position, Risk } from '#trading'
import { FillJournal, OrderJournal } from './columns.ts'
import { Handler } from './handlers.ts'
import type { RefusalEntry, RunSettings } from './record.ts'

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

/** Refusals that are kept with their numbers; later ones are still counted among the orders. */
const mostRefusals = 10_000

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
  /** Puts a handler call into the queue. */
  send(handler: Handler, type: EventType, target: unknown): void
  /** The next number of a trade. */
  nextTrade(): number
}

/** A fill as the exchange offers it. */
export interface Offer {
  readonly row: number
  readonly price: number
  readonly slippage: number
  readonly volume: number
  readonly rule: string
}

/** The orders, trades and account of one strategy: every request passes here on its way out, every fill on its way in. */
export class Ledger {
  readonly portfolio: Portfolio
  readonly orders = new OrderJournal()
  readonly fills = new FillJournal()
  readonly refusals: RefusalEntry[] = []
  /** Names of the fill rules met so far; `FillColumns.rule` points into it. */
  readonly rules: string[] = []

  readonly #around: Surroundings
  readonly #risk: Risk
  readonly #funds: Funds
  readonly #costs: Costs
  readonly #open: Order[] = []
  readonly #past: Order[] = []
  readonly #trades: Trade[] = []
  readonly #traded = new Set<number>()
  #closed = false

  constructor(around: Surroundings, settings: RunSettings) {
    this.#around = around
    this.#costs = settings.costs
    this.#funds = { leverage: settings.leverage, commission: settings.costs.commission }
    this.portfolio = new Portfolio(around.instruments, settings.cash)
    this.#risk = new Risk(this.portfolio, this.#funds)
  }

  /** From here on every new order is refused: the run is over. */
  close(): void {
    this.#closed = true
  }

  /** Cancels what still works, without telling anybody: nobody is there any more. */
  cancelRest(): void {
    for (const order of [...this.#open]) {
      this.#exchangeOf(order).cancel(order)
      this.#end(order, OrderStatus.CANCELLED)
    }
  }

  newOrder(request: Order | OrderRequest): Acknowledgement {
    const order = request instanceof Order ? request : new Order(request)
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
    stateOf(order).status = OrderStatus.OPEN
    this.#open.push(order)
    this.#past.push(order)
    this.#around.send(Handler.onReceived, EventType.RECEIVED, order)
    return { accepted: true, order }
  }

  cancelOrder(order: Order): Acknowledgement {
    if (!(order instanceof Order))
      throw new TypeError('cancelOrder needs an order such as one of this.orders()')
    if (order.id === 0)
      return this.#refuse('cancel', order, {
        code: RefusalCode.UNKNOWN_ORDER,
        reason: 'This order was never accepted, so there is nothing to take back.',
        numbers: { order: order.id },
      })
    if (order.status !== OrderStatus.OPEN)
      return this.#refuse('cancel', order, {
        code: RefusalCode.ORDER_FINISHED,
        reason: `Order ${order.id} is ${order.status} already.`,
        numbers: { order: order.id, filled: order.filled },
      })
    this.#exchangeOf(order).cancel(order)
    this.takeBack(order)
    return { accepted: true, order }
  }

  /** See `Strategy.target`. */
  target(instrument: Instrument, fraction: number): Acknowledgement | undefined {
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
    for (const order of this.openOrders({ instrument }))
      if (order.type === OrderType.MARKET) this.cancelOrder(order)
    const size = this.portfolio.size(index)
    const wanted = (fraction * this.portfolio.equity) / (price * instrument.multiplier)
    const change = Math.sign(wanted) * instrument.roundDown(Math.abs(wanted)) - size
    if (change === 0) return undefined
    const sign = change > 0 ? 1 : -1
    const fillPrice = price * (1 + sign * this.#costs.slippage)
    const affordable = this.portfolio.affordable(index, sign, fillPrice, this.#funds)
    const volume = instrument.roundDown(Math.min(Math.abs(change), affordable))
    if (volume === 0) return undefined
    return this.newOrder({ instrument, side: sign > 0 ? Side.BUY : Side.SELL, volume })
  }

  /** Books what the exchange offers, as far as the account can carry it; what it cannot is taken back. */
  fill(order: Order, offer: Offer): void {
    const { instrument } = order
    const index = this.#around.indexOf.get(instrument)!
    const sign = order.side === Side.BUY ? 1 : -1
    const { price } = offer
    const affordable = this.portfolio.affordable(index, sign, price, this.#funds)
    const volume = offer.volume <= affordable * (1 + 1e-9) ? offer.volume : instrument.roundDown(affordable)
    if (volume > 0) {
      const fee = volume * price * instrument.multiplier * this.#funds.commission
      this.portfolio.fill(index, sign * volume, price, fee)
      this.portfolio.verify()
      this.#book(order, index, { ...offer, volume }, fee)
    }
    if (volume < offer.volume)
      this.takeBack(order, {
        code: RefusalCode.INSUFFICIENT_FUNDS,
        reason: `At ${price} the account could carry ${volume} of ${offer.volume} ${instrument.name}; the rest was taken back.`,
        numbers: { offered: offer.volume, filled: volume, price, equity: this.portfolio.equity },
      })
  }

  /** Ends an order that was cancelled, or that the exchange or the account cannot carry on with. */
  takeBack(order: Order, refusal?: Refusal): void {
    if (refusal) this.#note(order, refusal)
    this.#end(order, OrderStatus.CANCELLED)
    this.#around.send(Handler.onCanceled, EventType.CANCELED, order)
  }

  openOrders(filter: Filter): Order[] {
    return this.#open.filter((order) => matches(order, filter))
  }

  pastOrders(filter: Filter): Order[] {
    return this.#past.filter((order) => matches(order, filter))
  }

  trades(filter: Filter): Trade[] {
    return this.#trades.filter((trade) => matches(trade, filter))
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

  #enter(order: Order, index: number | undefined): void {
    const { time } = this.#around
    const journal = this.orders
    const state = stateOf(order)
    state.id = journal.time.push(time)
    state.time = time
    journal.bar.push(index === undefined ? -1 : this.#around.rowOf(index))
    journal.instrument.push(index ?? -1)
    journal.side.push(order.side === Side.BUY ? 1 : -1)
    journal.type.push(orderTypes.indexOf(order.type))
    journal.volume.push(order.volume)
    journal.price.push(order.price)
    journal.stopPrice.push(order.stopPrice)
    journal.filled.push(0)
    journal.status.push(orderStatuses.indexOf(OrderStatus.OPEN))
    journal.ended.push(NaN)
  }

  /** Passes an order through the gate and on to its exchange. */
  #admit(order: Order, index: number | undefined): Refusal | undefined {
    if (this.#closed)
      return {
        code: RefusalCode.RUN_ENDED,
        reason: 'The run has ended: nothing trades any more. The last orders can be sent in onExit.',
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
    return (
      this.#risk.check(order, index, this.#open) ??
      // What is sent before the first bar may trade on it.
      exchange.submit(order, this.#around.bars === 0 ? -Infinity : this.#around.time)
    )
  }

  #book(order: Order, index: number, { row, price, slippage, rule, volume }: Offer, fee: number): void {
    const { time } = this.#around
    const buys = order.side === Side.BUY
    const state = stateOf(order)
    state.filled += volume
    state.paid += price * volume
    this.orders.filled[order.id - 1] = state.filled
    if (order.remaining <= 0) this.#end(order, OrderStatus.FILLED)
    let ruleNumber = this.rules.indexOf(rule)
    if (ruleNumber < 0) ruleNumber = this.rules.push(rule) - 1
    const journal = this.fills
    journal.time.push(time)
    journal.bar.push(row)
    journal.order.push(order.id)
    journal.instrument.push(index)
    journal.side.push(buys ? 1 : -1)
    journal.price.push(price)
    journal.volume.push(volume)
    journal.fee.push(fee)
    journal.slippage.push(slippage)
    journal.rule.push(ruleNumber)
    const trade = new Trade({
      id: this.#around.nextTrade(),
      instrument: order.instrument,
      side: order.side,
      price,
      volume,
      time,
      myOrder: order,
      slippage,
      transactionCost: fee,
      rule,
    })
    this.#trades.push(trade)
    this.#traded.add(index)
    this.#around.send(Handler.onTrade, EventType.TRADE, trade)
    const type = buys ? EventType.BOUGHT : EventType.SOLD
    this.#around.send(buys ? Handler.onBought : Handler.onSold, type, trade)
    this.#around.send(Handler.onTraded, type, trade)
  }

  #end(order: Order, status: OrderStatus): void {
    stateOf(order).status = status
    const index = this.#open.indexOf(order)
    if (index >= 0) this.#open.splice(index, 1)
    this.orders.status[order.id - 1] = orderStatuses.indexOf(status)
    this.orders.ended[order.id - 1] = this.#around.time
  }

  #refuse(kind: 'order' | 'cancel', order: Order, refusal: Refusal): Acknowledgement {
    this.#note(order, refusal)
    this.#around.send(Handler.onRejected, EventType.REJECTED, { kind, order, ...refusal })
    return { accepted: false, order, ...refusal }
  }

  #note(order: Order, { code, reason, numbers }: Refusal): void {
    if (this.refusals.length >= mostRefusals) return
    const { time, bars } = this.#around
    this.refusals.push({ order: order.id, time, bar: bars, code, reason, numbers })
  }

  #exchangeOf(order: Order): Exchange {
    return this.#around.exchangeOf(this.#around.indexOf.get(order.instrument)!)
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

function unknownInstrument(instrument: Instrument, known: readonly Instrument[]): string {
  return `${String(instrument)} is not an instrument of this run. Use one of this.instruments(), or the one of the event: ${known.slice(0, 20).join(', ')}.`
}
