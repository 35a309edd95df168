import { finestLot, Instrument } from './instrument.ts'
import { frozenJson, jsonText } from './json.ts'
import { OrderFlag, OrderStatus, OrderType, Side } from './vocabulary.ts'

/** What an author asks for. Prices and volumes are decimals. */
export interface OrderRequest {
  readonly instrument: Instrument
  readonly side: Side
  /** Above zero; direction is the side's business. Kept to 8 decimals where the instrument has no lot size of its own. */
  readonly volume: number
  /** `MARKET` when left out, `LIMIT` when only a price is given and `STOP` when only a stop price is. */
  readonly type?: OrderType
  /** Limit price; ignored by market and stop orders. */
  readonly price?: number
  /** Trigger price of stop and stop-limit orders. */
  readonly stopPrice?: number
  readonly flag?: OrderFlag
  /**
   * Makes a stop order follow the market at this distance in price: up under a long, down over a short, never back.
   * Without a `stopPrice` it starts at that distance from the last price.
   */
  readonly trail?: number
  /**
   * Volume that the book shows of a resting order at a time, an iceberg: when it has traded, the next part is shown at the end
   * of the queue. Only of orders with a limit price and without a flag, or post-only. On bars nobody sees a book: the whole
   * volume is matched, as without it.
   */
  readonly display?: number
  /**
   * Keeps a resting order out of everybody's sight: the book shows nothing of it, and all that is shown at its price trades
   * before it. Only of orders with a limit price and without a flag, or post-only, and not together with `display`. On bars
   * nobody sees a book: it is matched as without it.
   */
  readonly hidden?: boolean
  /** Works only once this order has filled, for what it filled; is taken back when it ends without a fill. */
  readonly after?: Order
  /** One cancels the other: when either trades, what works of the other is taken back. */
  readonly pair?: Order
  /** Tag of the exchange to send to; the instrument's own when left out. */
  readonly exchange?: string
  /** A small JSON value, at most 500 letters, that is kept with the order and shown with its trades: why it was sent, say. */
  readonly note?: unknown
}

/** The part of an order that changes; only the engine holds it. */
export interface OrderState {
  id: number
  status: OrderStatus
  volume: number
  price: number
  stopPrice: number
  filled: number
  /** Sum of price times volume over the fills. */
  paid: number
  /** Microseconds, when the order was accepted. */
  time: number
  /** Whether a request to take it back is on its way to the exchange. */
  leaving: boolean
  /** Whether it waits for another order and does not work yet. */
  waits: boolean
  /** Whether the risk rules sent it, not its strategy. */
  forced: boolean
  /** Volume that a change on its way to the exchange asks for; 0 where there is none. */
  asked: number
  /** Index of its instrument in the run that it was sent in; -1 before, and where the run does not have it. */
  instrument: number
  /** Its row in the journal that named it last; -1 before. */
  journalRow: number
}

/** The engine's hand on an order's changing part. Not exported to authors. */
export let stateOf: (order: Order) => OrderState

/**
 * An order. Make one with `new Order({ instrument, side, volume })` and send it with `this.newOrder(order)`;
 * the same object then tells its `status` and how much of it is `filled`. Nothing on it can be assigned:
 * to alter a working order use `this.changeOrder`, to take it back `this.cancelOrder`.
 *
 * @throws RangeError when the volume is not above zero or a price is missing or not finite
 * @example
 * const order = new Order({ instrument: bar.instrument, side: Side.BUY, volume: 10, type: OrderType.LIMIT, price: 99.5 })
 * await this.newOrder(order)
 */
export class Order {
  readonly #instrument: Instrument
  readonly #side: Side
  readonly #type: OrderType
  readonly #flag: OrderFlag
  readonly #trail: number
  readonly #display: number
  readonly #hidden: boolean
  readonly #after: Order | undefined
  readonly #pair: Order | undefined
  readonly #exchange: string
  readonly #note: unknown
  readonly #state: OrderState

  static {
    stateOf = (order) => order.#state
  }

  constructor(request: OrderRequest) {
    if (new.target !== Order)
      throw new TypeError(
        `Order cannot be extended by ${new.target.name || 'a class'}; expected plain orders, with what you want to remember in order.note`,
      )
    if (typeof request !== 'object' || request === null)
      throw new TypeError(`Order is made from ${show(request)}; expected { instrument, side, volume }`)
    for (const name in request)
      if (!Object.hasOwn(requestFields, name))
        throw new TypeError(
          `Order has a field ${show(name)}; expected only ${Object.keys(requestFields).join(', ')}`,
        )
    const { instrument, side, volume } = request
    if (!(instrument instanceof Instrument))
      throw new TypeError(`Order needs an instrument such as bar.instrument; found ${show(instrument)}`)
    if (side !== Side.BUY && side !== Side.SELL)
      throw new TypeError(`Order side is ${show(side)}; expected Side.BUY or Side.SELL`)
    if (!(typeof volume === 'number' && volume > 0 && volume < Infinity))
      throw new RangeError(
        `Order volume is ${show(volume)}; expected a finite number above zero. ` +
          (Number.isNaN(volume)
            ? 'NaN often comes from an indicator that is not ready yet.'
            : 'To sell, give side: Side.SELL and a positive volume.'),
      )
    const type =
      request.type ??
      (request.stopPrice !== undefined || request.trail !== undefined
        ? request.price !== undefined
          ? OrderType.STOP_LIMIT
          : OrderType.STOP
        : request.price !== undefined
          ? OrderType.LIMIT
          : OrderType.MARKET)
    if (!Object.hasOwn(OrderType, type))
      throw new TypeError(`Order type is ${show(type)}; expected one of ${Object.keys(OrderType).join(', ')}`)
    const flag = request.flag ?? OrderFlag.NONE
    if (!Object.hasOwn(OrderFlag, flag))
      throw new TypeError(`Order flag is ${show(flag)}; expected one of ${Object.keys(OrderFlag).join(', ')}`)
    const needsPrice = type === OrderType.LIMIT || type === OrderType.STOP_LIMIT
    const needsStop = type === OrderType.STOP || type === OrderType.STOP_LIMIT
    const price = request.price ?? NaN
    const stopPrice = request.stopPrice ?? NaN
    if (needsPrice && !Number.isFinite(price))
      throw new RangeError(`A ${type} order needs a finite price; found ${show(request.price)}`)
    const trail = request.trail ?? NaN
    if (request.trail !== undefined && !(type === OrderType.STOP && trail > 0 && trail < Infinity))
      throw new RangeError(
        `Order trail is ${show(request.trail)} on a ${type} order; expected a finite distance above zero on a stop order`,
      )
    const display = request.display ?? NaN
    const hidden = request.hidden ?? false
    const lasts = needsPrice && (flag === OrderFlag.NONE || flag === OrderFlag.POST_ONLY)
    const kind = `a ${type} order${flag === OrderFlag.NONE ? '' : ` with the flag ${flag}`}`
    if (
      request.display !== undefined &&
      !(lasts && typeof display === 'number' && display > 0 && display < Infinity)
    )
      throw new RangeError(
        `Order display is ${show(request.display)} on ${kind}; expected a finite volume above zero, on an order with a limit price that may rest`,
      )
    if (typeof hidden !== 'boolean')
      throw new TypeError(`Order hidden is ${show(hidden)}; expected true or false`)
    if (hidden && !lasts)
      throw new RangeError(
        `Order hidden is true on ${kind}; expected an order with a limit price that may rest`,
      )
    if (hidden && request.display !== undefined)
      throw new RangeError(
        `Order hidden is true with a display of ${show(request.display)}; expected one of the two: a hidden order shows nothing`,
      )
    const startsLater = request.trail !== undefined && request.stopPrice === undefined
    if (needsStop && !startsLater && !Number.isFinite(stopPrice))
      throw new RangeError(`A ${type} order needs a finite stopPrice; found ${show(request.stopPrice)}`)
    checkRelated('after', request.after, instrument)
    checkRelated('pair', request.pair, instrument)
    if (request.exchange !== undefined && typeof request.exchange !== 'string')
      throw new TypeError(`Order exchange is ${show(request.exchange)}; expected its tag, a text`)
    this.#instrument = instrument
    this.#side = side
    this.#type = type
    this.#flag = flag
    this.#trail = trail
    this.#display = display
    this.#hidden = hidden
    this.#after = request.after
    this.#pair = request.pair
    this.#exchange = request.exchange ?? instrument.exchange
    this.#note = request.note === undefined ? undefined : noteOf(request.note)
    this.#state = {
      id: 0,
      status: OrderStatus.NEW,
      volume: instrument.lotSize === finestLot ? Math.max(finestLot, toEightDecimals(volume)) : volume,
      price,
      stopPrice,
      filled: 0,
      paid: 0,
      time: NaN,
      leaving: false,
      waits: false,
      forced: false,
      asked: 0,
      instrument: -1,
      journalRow: -1,
    }
    // The engine reads what the author could otherwise define anew.
    Object.freeze(this)
  }

  /** Number given when the order was accepted, from 1 up; 0 before. */
  get id(): number {
    return this.#state.id
  }
  get instrument(): Instrument {
    return this.#instrument
  }
  get exchange(): string {
    return this.#exchange
  }
  get side(): Side {
    return this.#side
  }
  get type(): OrderType {
    return this.#type
  }
  get flag(): OrderFlag {
    return this.#flag
  }
  get volume(): number {
    return this.#state.volume
  }
  /** Limit price, NaN where the type has none. */
  get price(): number {
    return this.#state.price
  }
  /** Distance at which it follows the market, NaN where it does not. */
  get trail(): number {
    return this.#trail
  }
  /** Volume that the book shows of it at a time, NaN where it shows all. */
  get display(): number {
    return this.#display
  }
  /** Whether the book shows nothing of it. */
  get hidden(): boolean {
    return this.#hidden
  }
  /** The order whose fill it waits for. */
  get after(): Order | undefined {
    return this.#after
  }
  /** The order it is a pair with, as given: the other one of the two does not name it. */
  get pair(): Order | undefined {
    return this.#pair
  }
  /** Trigger price, NaN where the type has none. It moves with the market where the order trails. */
  get stopPrice(): number {
    return this.#state.stopPrice
  }
  /** A copy of the note that it was made with, which cannot be altered; undefined where there is none. */
  get note(): unknown {
    return this.#note
  }
  get status(): OrderStatus {
    return this.#state.status
  }
  /** Volume filled so far. */
  get filled(): number {
    return this.#state.filled
  }
  /** Volume not filled yet, whether or not the order still works. */
  get remaining(): number {
    return this.#state.volume - this.#state.filled
  }
  /** Volume-weighted price of the fills, NaN before the first. */
  get averagePrice(): number {
    return this.#state.filled > 0 ? this.#state.paid / this.#state.filled : NaN
  }
  /** When it was accepted, milliseconds since 1970 UTC; NaN before. */
  get time(): number {
    return this.#state.time / 1000
  }

  toJSON() {
    const { id, instrument, side, type, flag, volume, price, stopPrice, status, filled } = this
    return { id, instrument: instrument.name, side, type, flag, volume, price, stopPrice, status, filled }
  }
  toString(): string {
    const at = Number.isFinite(this.price) ? ` at ${this.price}` : ''
    const stop = Number.isFinite(this.stopPrice) ? ` stop ${this.stopPrice}` : ''
    return `Order ${this.id} ${this.side} ${this.volume} ${this.instrument.name} ${this.type}${at}${stop} ${this.status} filled ${this.filled}`
  }
}

/** What an order can be made from. */
const requestFields: Readonly<Record<keyof OrderRequest, true>> = {
  instrument: true,
  side: true,
  volume: true,
  type: true,
  price: true,
  stopPrice: true,
  flag: true,
  trail: true,
  display: true,
  hidden: true,
  after: true,
  pair: true,
  exchange: true,
  note: true,
}

function checkRelated(name: string, order: unknown, instrument: Instrument): void {
  if (order !== undefined && !(order instanceof Order && order.instrument === instrument))
    throw new TypeError(`Order ${name} is ${show(order)}; expected an order of the same instrument`)
}

/** Letters of a note as JSON. */
const longestNote = 500

function noteOf(value: unknown): unknown {
  const text = jsonText('Order note', value)
  if (text.length > longestNote)
    throw new RangeError(
      `Order note is ${text.length} letters of JSON; expected at most ${longestNote}. Keep more in this.store or in fields of the strategy.`,
    )
  return frozenJson(text)
}

/** Numbers from 2^53 / 10^8 on have fewer decimals than that themselves. */
function toEightDecimals(volume: number): number {
  return volume * 1e8 < Number.MAX_SAFE_INTEGER ? Math.round(volume * 1e8) / 1e8 : volume
}

function show(value: unknown): string {
  return typeof value === 'string'
    ? `'${value.slice(0, 80)}'`
    : typeof value === 'object' && value
      ? 'an object'
      : String(value)
}
