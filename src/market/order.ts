import { finestLot, Instrument } from './instrument.ts'
import { frozenJson, jsonText } from './json.ts'
import { OrderPage, OrderState } from './order-state.ts'
import { show } from './show.ts'
import { OrderFlag, OrderStatus, OrderType, SelfTrade, Side } from './vocabulary.ts'

/** What an author asks for. Prices and volumes are decimals. */
export interface OrderRequest {
  /** What is to be traded, such as `bar.instrument`. */
  readonly instrument: Instrument
  /** Whether to buy or to sell. */
  readonly side: Side
  /**
   * Above zero; direction is the side's business. Kept to 8 decimals where the instrument has no lot size of its own. Left out
   * only where `notional` says how much it is to trade.
   */
  readonly volume?: number
  /**
   * Money that a market order is to spend, or to raise, instead of a volume: in the instrument's currency, before commissions.
   * It trades as many whole lots as that pays for at the prices it gets, and is done when the rest pays for no more. On bars
   * that is at the price of the fill, slippage included, and for a sale without: slippage makes it raise less, not sell more. What a bar has no volume for it spends at the next open. Bias there: none
   * beyond that of a market order. Not with reduce-only, `after`, `toLimit` or a flag that wants it whole. Until it trades,
   * `order.volume` tells what it would be at the last price, and the risk rules take it for worth all of its money and for
   * as many units as that pays for 5 % below the last price, or below the best price on the other side of the book when it is
   * sent, if that is lower; too much is refused, never clipped. Where a rule goes by units, it trades no more of them than that on
   * a market with a book, however far that falls while the order is on its way: the rest of it is taken back.
   */
  readonly notional?: number
  /** `MARKET` when left out, `LIMIT` when only a price is given and `STOP` when only a stop price is. */
  readonly type?: OrderType
  /** Limit price; market and stop orders take no notice of it. */
  readonly price?: number
  /**
   * Worst price that a market order may trade at, a market order with protection: it pays no more, or takes no less, and what
   * it cannot have within that is taken back at once. On bars it fills at the open, slippage included, where that is no worse, as far
   * as the bar has volume; otherwise nothing of it fills. Bias there: pessimistic where the bar comes back within the protection
   * after its open. Not with `toLimit`.
   */
  readonly protectionPrice?: number
  /**
   * Makes a market order market-to-limit: it trades at the best price there is and no worse, and what is left rests as a limit order
   * at the price that it traded at, which `order.price` then tells. Where nobody is there it is taken back. On bars it trades
   * at the open, and what the bar has no volume for rests at that open, without the slippage. Bias there: optimistic where
   * the best price would not have had all of the volume, pessimistic for the rest. Without a flag, or day.
   */
  readonly toLimit?: boolean
  /** Trigger price of stop and stop-limit orders. */
  readonly stopPrice?: number
  /** Time in force and conditions; `OrderFlag.NONE` when left out. */
  readonly flag?: OrderFlag
  /**
   * Makes a stop order follow the market at this distance in price: up under a long, down over a short, never back.
   * Without a `stopPrice` it starts at that distance from the last price. `{ percent: 2 }` is a distance of 2 % of the price,
   * which grows and shrinks with it; where there are ticks in whole ones, rounded down. On bars it follows the high, or the low
   * over a short, of complete bars.
   */
  readonly trail?: number | { readonly percent: number }
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
  /**
   * Only ever makes the position smaller: it trades no further than to flat, and what is left of it is taken back when it would
   * trade and there is nothing to reduce. Refused where there is nothing to reduce when it comes to the exchange: give
   * `after` to an order that is to end a position which there is not yet. Not together with `display` or the flag
   * all-or-none. On a market with a book the exchange goes by what the account holds there, of several strategies together.
   */
  readonly reduceOnly?: boolean
  /**
   * What happens when it comes to an order that rests of the same account, which all strategies of a run share: on a market with
   * a book, where the rule of the order that comes decides, also of a stop when it triggers. Left out, the newest is cancelled. On bars
   * orders never meet one another: there is nothing to prevent, and the field does nothing. To refuse such orders before they
   * are sent is the risk rule `noSelfTrade`.
   */
  readonly selfTrade?: SelfTrade
  /** Works only once this order has filled, for what it filled; is taken back when it ends without a fill. */
  readonly after?: Order
  /**
   * One cancels the other: when either trades, in part too, what works of the other is taken back. On bars that is done before
   * anything else fills; on an order book the exchange does it together with the fill, and also where one of the two is a stop
   * that triggers, so that nothing trades both. If the other has traded by the time that this order arrives, this one is
   * cancelled on arrival. A pair on a book is two orders that may wait: limit, stop or stop-limit.
   */
  readonly pair?: Order
  /** Tag of the exchange to send to; the instrument's own when left out. */
  readonly exchange?: string
  /** A small JSON value, at most 500 letters, that is kept with the order and shown with its trades: why it was sent, say. */
  readonly note?: unknown
}

/** What few orders have; those that have none of it share one. */
interface Particulars {
  /** Distance in price; below zero, a percentage of the price. NaN where there is none, as in the next. */
  readonly trail: number
  readonly display: number
  readonly hidden: boolean
  readonly reduceOnly: boolean
  readonly notional: number
  readonly protectionPrice: number
  readonly toLimit: boolean
  readonly selfTrade: SelfTrade | undefined
  readonly after: Order | undefined
  readonly pair: Order | undefined
  /** Undefined for the instrument's own. */
  readonly exchange: string | undefined
  readonly note: unknown
}

const plain: Particulars = {
  ...{ trail: NaN, display: NaN, hidden: false, reduceOnly: false },
  ...{ notional: NaN, protectionPrice: NaN, toLimit: false, selfTrade: undefined },
  ...{ after: undefined, pair: undefined, exchange: undefined, note: undefined },
}

/** Where the next order's changing part goes. */
let page = new OrderPage()

/** The engine's hand on an order's changing part. Not exported to authors. */
export let stateOf: (order: Order) => OrderState

/** Index of an order's instrument in the run that it was sent in: what of its changing part is asked most often. */
export let placeOf: (order: Order) => number

/** Whether a value is an order, and no Proxy or heir of one, which has nothing of it. Not exported to authors. */
export let isOrder: (value: unknown) => value is Order

/** Name of the method whose order is being made, for what is wrong with it. */
let maker: string | undefined

/** An order that a method makes of what its author gave: errors name the method. Not exported to authors. */
export function orderFor(method: string, request: OrderRequest): Order {
  maker = method
  try {
    return new Order(request)
  } finally {
    maker = undefined
  }
}

/** How an order follows the market: a distance in price; below zero, a percentage of the price; NaN where it does not. */
export let trailOf: (order: Order) => number

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
  readonly #particulars: Particulars
  readonly #page: OrderPage
  readonly #row: number

  static {
    isOrder = (value): value is Order => value instanceof Order && #page in value
    stateOf = (order) => new OrderState(order.#page, order.#row)
    placeOf = (order) => order.#page.instrument[order.#row]!
    trailOf = (order) => order.#particulars.trail
  }

  constructor(request: OrderRequest) {
    if (new.target !== Order)
      throw new TypeError(
        `Order cannot be extended by ${new.target.name || 'a class'}; expected plain orders, with what you want to remember in order.note`,
      )
    if (typeof request !== 'object' || request === null)
      throw new TypeError(
        `${maker ? `${maker}: the order` : 'Order'} is made from ${show(request)}; expected { instrument, side, volume }`,
      )
    if (request instanceof Order)
      throw new TypeError(
        `${who()} what it is made from is an order, or a copy or Proxy of one; expected { instrument, side, volume }, or to send the order itself`,
      )
    for (const name in request)
      // Every request has these three: compared with names it is much quicker than looked up among all.
      if (name !== 'instrument' && name !== 'side' && name !== 'volume' && !requestFields.has(name))
        throw new TypeError(
          `${who()} has a field ${show(name)}; expected only ${[...requestFields].join(', ')}`,
        )
    // Read once each: a getter could say something else the next time.
    const { instrument, side, volume, after, pair, exchange, note } = request
    const {
      price: limit,
      stopPrice: trigger,
      trail: distance,
      display: shown,
      hidden = false,
      reduceOnly = false,
      notional,
      protectionPrice,
      toLimit = false,
      selfTrade,
    } = request
    const { type = typeFor(limit, trigger, distance), flag = OrderFlag.NONE } = request
    if (!(instrument instanceof Instrument))
      throw new TypeError(`${who()} instrument is ${show(instrument)}; expected one such as bar.instrument`)
    if (side !== Side.BUY && side !== Side.SELL)
      throw new TypeError(`${who()} side is ${show(side)}; expected Side.BUY or Side.SELL`)
    if (notional === undefined) checkVolume(volume)
    // What most orders are is compared, not looked up.
    if (type !== OrderType.MARKET && !orderTypes.has(type))
      throw new TypeError(
        `${who()} type is ${show(type)}; expected one of ${Object.keys(OrderType).join(', ')}`,
      )
    if (flag !== OrderFlag.NONE && !orderFlags.has(flag))
      throw new TypeError(
        `${who()} flag is ${show(flag)}; expected one of ${Object.keys(OrderFlag).join(', ')}`,
      )
    const needsPrice = type === OrderType.LIMIT || type === OrderType.STOP_LIMIT
    const needsStop = type === OrderType.STOP || type === OrderType.STOP_LIMIT
    const startsLater = distance !== undefined && trigger === undefined
    checkPrice('price', limit, type, needsPrice)
    checkPrice('stopPrice', trigger, type, needsStop && !startsLater)
    const trail = trailFrom(distance, type)
    const lasts = needsPrice && (flag === OrderFlag.NONE || flag === OrderFlag.POST_ONLY)
    if (shown !== undefined && !(lasts && isAmount(shown)))
      throw new RangeError(
        `${who()} display is ${show(shown)} on ${kindOf(type, flag)}; expected a finite volume above zero, on an order with a limit price that may rest`,
      )
    if (typeof hidden !== 'boolean')
      throw new TypeError(`${who()} hidden is ${show(hidden)}; expected true or false`)
    if (hidden && !lasts)
      throw new RangeError(
        `${who()} hidden is true on ${kindOf(type, flag)}; expected an order with a limit price that may rest`,
      )
    if (hidden && shown !== undefined)
      throw new RangeError(
        `${who()} hidden is true with a display of ${show(shown)}; expected one of the two: a hidden order shows nothing`,
      )
    if (typeof reduceOnly !== 'boolean')
      throw new TypeError(`${who()} reduceOnly is ${show(reduceOnly)}; expected true or false`)
    if (reduceOnly && (shown !== undefined || flag === OrderFlag.ALL_OR_NONE))
      throw new RangeError(
        `${who()} reduceOnly is true on ${kindOf(type, flag)}${shown === undefined ? '' : ' with a display'}; expected an order without a display that may fill in part`,
      )
    const isMarket = type === OrderType.MARKET
    if (notional !== undefined) checkNotional(notional, { volume, type, flag, reduceOnly, toLimit, after })
    if (protectionPrice !== undefined && !(isMarket && Number.isFinite(protectionPrice)))
      throw new RangeError(
        `${who()} protectionPrice is ${show(protectionPrice)} on ${kindOf(type, flag)}; expected a finite price, on a market order`,
      )
    if (typeof toLimit !== 'boolean')
      throw new TypeError(`${who()} toLimit is ${show(toLimit)}; expected true or false`)
    if (toLimit) checkToLimit({ type, flag, protectionPrice })
    if (selfTrade !== undefined && !selfTrades.has(selfTrade))
      throw new TypeError(
        `${who()} selfTrade is ${show(selfTrade)}; expected one of ${Object.keys(SelfTrade).join(', ')}`,
      )
    checkRelated('after', after, instrument)
    checkRelated('pair', pair, instrument)
    if (exchange !== undefined && typeof exchange !== 'string')
      throw new TypeError(`${who()} exchange is ${show(exchange)}; expected its tag, a text`)
    // What its type does not use it does not have.
    const price = needsPrice ? limit! : NaN
    const stopPrice = needsStop ? (trigger ?? NaN) : NaN
    const display = shown ?? NaN
    this.#instrument = instrument
    this.#side = side
    this.#type = type
    this.#flag = flag
    const isPlain =
      distance === undefined &&
      shown === undefined &&
      !hidden &&
      !reduceOnly &&
      notional === undefined &&
      protectionPrice === undefined &&
      !toLimit &&
      selfTrade === undefined &&
      after === undefined &&
      pair === undefined &&
      exchange === undefined &&
      note === undefined
    this.#particulars = isPlain
      ? plain
      : {
          trail,
          display,
          hidden,
          reduceOnly,
          notional: notional ?? NaN,
          protectionPrice: protectionPrice ?? NaN,
          toLimit,
          selfTrade,
          after,
          pair,
          exchange,
          note: note === undefined ? undefined : noteOf(note),
        }
    if (page.isFull) page = new OrderPage()
    this.#page = page
    // What an order by notional comes to is known when it is sent.
    const asked = notional === undefined ? volume! : 0
    this.#row = page.add(
      instrument.lotSize === finestLot && asked > 0 ? Math.max(finestLot, toEightDecimals(asked)) : asked,
      price,
      stopPrice,
    )
    // The engine reads what the author could otherwise define anew.
    Object.freeze(this)
  }

  /** Number given when the order was accepted, from 1 up; 0 before. */
  get id(): number {
    return this.#page.id[this.#row]!
  }
  /** What is to be traded. */
  get instrument(): Instrument {
    return this.#instrument
  }
  /** Tag of the exchange that it is sent to. */
  get exchange(): string {
    return this.#particulars.exchange ?? this.#instrument.exchange
  }
  /** Whether it buys or sells. */
  get side(): Side {
    return this.#side
  }
  /** How it meets the market. */
  get type(): OrderType {
    return this.#type
  }
  /** Time in force and conditions. */
  get flag(): OrderFlag {
    return this.#flag
  }
  /**
   * What was asked for in all, in units of the instrument, as the last change left it. Of an order by `notional` what has filled
   * and what the rest would be at the last price that it met; 0 before it is sent.
   */
  get volume(): number {
    return this.#page.volume[this.#row]!
  }
  /** Limit price, NaN where the type has none; of a market-to-limit order what the rest of it stands at, NaN before. */
  get price(): number {
    return this.#page.price[this.#row]!
  }
  /** Distance in price at which it follows the market, NaN where it does not, or by per cent. */
  get trail(): number {
    const { trail } = this.#particulars
    return trail > 0 ? trail : NaN
  }
  /** Per cent of the price at which it follows the market, NaN where it does not, or at a fixed distance. */
  get trailPercent(): number {
    const { trail } = this.#particulars
    return trail < 0 ? -trail : NaN
  }
  /** Volume that the book shows of it at a time, NaN where it shows all. */
  get display(): number {
    return this.#particulars.display
  }
  /** Whether the book shows nothing of it. */
  get hidden(): boolean {
    return this.#particulars.hidden
  }
  /** Whether it only ever makes the position smaller. */
  get reduceOnly(): boolean {
    return this.#particulars.reduceOnly
  }
  /** Money that it is to spend or to raise, NaN where it goes by volume. */
  get notional(): number {
    return this.#particulars.notional
  }
  /** Worst price that it may trade at as a market order, NaN where there is none. */
  get protectionPrice(): number {
    return this.#particulars.protectionPrice
  }
  /** Whether it is market-to-limit. */
  get toLimit(): boolean {
    return this.#particulars.toLimit
  }
  /** What happens when it comes to an order of the same account; undefined where that is left to the market. */
  get selfTrade(): SelfTrade | undefined {
    return this.#particulars.selfTrade
  }
  /** The order whose fill it waits for. */
  get after(): Order | undefined {
    return this.#particulars.after
  }
  /** The order it is a pair with, as given: the other one of the two does not name it. */
  get pair(): Order | undefined {
    return this.#particulars.pair
  }
  /** Trigger price, NaN where the type has none. It moves with the market where the order trails. */
  get stopPrice(): number {
    return this.#page.stopPrice[this.#row]!
  }
  /** A copy of the note that it was made with, which cannot be altered; undefined where there is none. */
  get note(): unknown {
    return this.#particulars.note
  }
  /** Where it is in its life, now. */
  get status(): OrderStatus {
    return this.#page.statusAt(this.#row)
  }
  /** Volume filled so far. */
  get filled(): number {
    return this.#page.filled[this.#row]!
  }
  /** Volume not filled yet, whether or not the order still works. */
  get remaining(): number {
    return this.#page.volume[this.#row]! - this.#page.filled[this.#row]!
  }
  /** Volume-weighted price of the fills, NaN before the first. */
  get averagePrice(): number {
    const { filled } = this
    return filled > 0 ? this.#page.paid[this.#row]! / filled : NaN
  }
  /** When it was accepted, milliseconds since 1970 UTC; NaN before. */
  get time(): number {
    return this.#page.time[this.#row]! / 1000
  }

  toJSON() {
    const { id, instrument, side, type, flag, volume, price, stopPrice, status, filled } = this
    const { notional, protectionPrice, toLimit } = this
    return {
      ...{ id, instrument: instrument.name, side, type, flag, volume, price, stopPrice, status, filled },
      ...(Number.isNaN(notional) ? {} : { notional }),
      ...(Number.isNaN(protectionPrice) ? {} : { protectionPrice }),
      ...(toLimit ? { toLimit } : {}),
    }
  }
  toString(): string {
    const at = Number.isFinite(this.price) ? ` at ${this.price}` : ''
    const stop = Number.isFinite(this.stopPrice) ? ` stop ${this.stopPrice}` : ''
    return `Order ${this.id} ${this.side} ${this.volume} ${this.instrument.name} ${this.type}${at}${stop} ${this.status} filled ${this.filled}`
  }
}

/** What an order can be made from. */
const requestFields: ReadonlySet<string> = new Set(
  Object.keys({
    instrument: true,
    side: true,
    volume: true,
    notional: true,
    type: true,
    price: true,
    protectionPrice: true,
    toLimit: true,
    stopPrice: true,
    flag: true,
    trail: true,
    display: true,
    hidden: true,
    reduceOnly: true,
    selfTrade: true,
    after: true,
    pair: true,
    exchange: true,
    note: true,
  } satisfies Record<keyof OrderRequest, true>),
)
const orderTypes: ReadonlySet<string> = new Set(Object.keys(OrderType))
const orderFlags: ReadonlySet<string> = new Set(Object.keys(OrderFlag))
const selfTrades: ReadonlySet<string> = new Set(Object.keys(SelfTrade))

/**
 * Whether an order is at the market: a market order that does not rest. What is left of a market-to-limit order that has traded
 * is a limit order at its price.
 */
export const isAtMarket = (order: Order): boolean =>
  order.type === OrderType.MARKET && order.price !== order.price

/** A finite number above zero. */
function isAmount(value: unknown): value is number {
  return typeof value === 'number' && value > 0 && value < Infinity
}

/** Who made the order, for what is wrong with it. Asked only then. */
const who = (): string => (maker === undefined ? 'Order' : `${maker}:`)

const kindOf = (type: OrderType, flag: OrderFlag): string =>
  `a ${type} order${flag === OrderFlag.NONE ? '' : ` with the flag ${flag}`}`

function typeFor(price: unknown, stopPrice: unknown, trail: unknown): OrderType {
  if (stopPrice !== undefined || trail !== undefined)
    return price !== undefined ? OrderType.STOP_LIMIT : OrderType.STOP
  return price !== undefined ? OrderType.LIMIT : OrderType.MARKET
}

function checkVolume(volume: unknown): void {
  if (!isAmount(volume))
    throw new RangeError(
      `${who()} volume is ${show(volume)}; expected a finite number above zero. ` +
        (Number.isNaN(volume)
          ? 'NaN often comes from an indicator that is not ready yet.'
          : 'To sell, give side: Side.SELL and a positive volume.'),
    )
}

/** Refuses money for an order that cannot go by it. */
function checkNotional(
  notional: unknown,
  { volume, type, flag, reduceOnly, toLimit, after }: Partial<OrderRequest>,
): void {
  if (volume !== undefined)
    throw new RangeError(
      `${who()} notional is ${show(notional)} with a volume of ${show(volume)}; expected one of the two`,
    )
  if (!isAmount(notional))
    throw new RangeError(
      `${who()} notional is ${show(notional)}; expected a finite amount of money above zero. To sell for it, give side: Side.SELL.`,
    )
  const against = [
    type === OrderType.MARKET ? undefined : `on a ${type} order`,
    flag === OrderFlag.FILL_OR_KILL || flag === OrderFlag.ALL_OR_NONE ? `with the flag ${flag}` : undefined,
    reduceOnly ? 'with reduceOnly' : undefined,
    toLimit ? 'with toLimit' : undefined,
    after === undefined ? undefined : 'with after',
  ].find((word) => word !== undefined)
  if (against)
    throw new RangeError(
      `${who()} notional is ${show(notional)} ${against}; expected a market order that may fill in part, that depends on no other order and no position`,
    )
}

/** Refuses to make a limit order of what does not trade at the best price first and wait then, saying what forbids it. */
function checkToLimit({ type, flag, protectionPrice }: Partial<OrderRequest>): void {
  const against =
    type !== OrderType.MARKET
      ? `on a ${type} order; expected one of the two: only a market order, which has no price, becomes a limit order`
      : flag !== OrderFlag.NONE && flag !== OrderFlag.DAY
        ? `with the flag ${flag}; expected one of the two: what is left of it is to rest, which that flag forbids and DAY allows`
        : protectionPrice !== undefined
          ? `with a protectionPrice of ${show(protectionPrice)}; expected one of the two: the first price that it trades at bounds it already`
          : undefined
  if (against) throw new RangeError(`${who()} toLimit is true ${against}`)
}

function checkPrice(name: string, price: unknown, type: OrderType, needed: boolean): void {
  if (price === undefined ? needed : !Number.isFinite(price))
    throw new RangeError(
      `${who()} ${name} is ${show(price)} on a ${type} order; expected a finite number${needed ? '' : ', or none'}`,
    )
}

/** A trail as it is kept; what was given may be altered afterwards. */
function trailFrom(trail: OrderRequest['trail'], type: OrderType): number {
  if (trail === undefined) return NaN
  if (typeof trail === 'object' && trail !== null)
    for (const name in trail)
      if (name !== 'percent')
        throw new TypeError(`${who()} trail has a field ${show(name)}; expected only percent`)
  if (type === OrderType.STOP) {
    if (typeof trail === 'number' && trail > 0 && trail < Infinity) return trail
    const percent: unknown = typeof trail === 'object' && trail !== null ? trail.percent : undefined
    if (typeof percent === 'number' && percent > 0 && percent < 100) return -percent
    if (percent !== undefined)
      throw new RangeError(
        `${who()} trail.percent is ${show(percent)}; expected a number above 0 and below 100`,
      )
  }
  throw new RangeError(
    `${who()} trail is ${show(trail)} on a ${type} order; expected a finite distance above zero, or { percent }, on a stop order`,
  )
}

function checkRelated(name: string, order: unknown, instrument: Instrument): void {
  if (order !== undefined && !(isOrder(order) && order.instrument === instrument))
    throw new TypeError(`${who()} ${name} is ${show(order)}; expected an order of the same instrument`)
}

/** Letters of a note as JSON. */
const longestNote = 500

function noteOf(value: unknown): unknown {
  const text = jsonText(`${who()} note`, value)
  if (text.length > longestNote)
    throw new RangeError(
      `${who()} note is ${text.length} letters of JSON; expected at most ${longestNote}. Keep more in this.store or in fields of the strategy.`,
    )
  return frozenJson(text)
}

/** Numbers from 2^53 / 10^8 on have fewer decimals than that themselves. */
function toEightDecimals(volume: number): number {
  return volume * 1e8 < Number.MAX_SAFE_INTEGER ? Math.round(volume * 1e8) / 1e8 : volume
}
