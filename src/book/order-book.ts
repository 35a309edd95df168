import { OrderFlag, OrderType, Side } from '#market'
import { clearing, type Clearing, type Interest } from './auction.ts'
import { priceBound } from './far-prices.ts'
import { IndexOfIds } from './index-of-ids.ts'
import { costs, Ladder, Levels, type LevelsImage } from './levels.ts'
import { Trait, mostOrders, type OrdersImage } from './orders.ts'
import { Owners, reducible, type OwnersImage } from './owners.ts'
import {
  BUY,
  CancelReason,
  ChangeReason,
  Phase,
  Refused,
  Request,
  SELL,
  type BookListener,
  type BookOptions,
  type BookOrder,
  type Level,
  type OrderView,
} from './vocabulary.ts'

/** Largest quantity of one order, in lots. */
export const mostLots = 2 ** 52
/** Quantities below this are so small that even `mostOrders` of them at one price stay exact. */
const fewLots = 2 ** 28

/** Most slices an iceberg may come in: without a bound one trade of a large order could take for ever. */
const mostSlices = 1000

/** The slot noted for the id of an order that has ended. */
const finished = -1

/** Set on an order resting on a price ladder that plain matching cannot treat as a plain limit order. */
const special = 1 << 14
/** Set on an order that has an owner. */
const owned = 1 << 15
/** Set on an order whose owner's position the book keeps. */
const tracked = 1 << 16
/** Traits that are about where an order is rather than what was asked for. */
const internal = special | owned | tracked

const flags: readonly OrderFlag[] = [
  OrderFlag.NONE,
  OrderFlag.FILL_OR_KILL,
  OrderFlag.ALL_OR_NONE,
  OrderFlag.IMMEDIATE_OR_CANCEL,
  OrderFlag.POST_ONLY,
  OrderFlag.DAY,
]
const types: readonly OrderType[] = [OrderType.LIMIT, OrderType.MARKET, OrderType.STOP, OrderType.STOP_LIMIT]
const selfTradeRules = ['none', 'cancel-newest', 'cancel-oldest', 'cancel-both'] as const
const CANCEL_NEWEST = 1
const CANCEL_OLDEST = 2
const CANCEL_BOTH = 3

/** The order that is entering: on its way through the opposite ladder, perhaps to its own. */
class Entering {
  id = 0
  side = 0
  owner = 0
  traits = 0
  /** Limit price of a limit order. */
  price = 0
  /** Worst price it may trade at. */
  bound = 0
  left = 0
  total = 0
  /** Money left of a market order by notional. */
  budget = 0
  display = 0
  partner = 0
  traded = false
  /** Why it must not go on, -1 while it may. */
  stopped = -1
}

/**
 * A limit order book: price-time (or pro-rata) matching in whole ticks and lots. What is asked of it is done, or refused with a
 * code and nothing changed; it never throws over an order. Everything that happens reaches the listener in causal order.
 *
 * @example
 * const book = new OrderBook({ listener })
 * book.limit(1, SELL, 10_050, 3)
 * book.limit(2, BUY, 10_051, 2) // listener.trade: maker 1, taker 2, price 10_050, quantity 2
 * book.topOfBook() // { bid: null, ask: { price: 10050, quantity: 1, orders: 1 } }
 */
export class OrderBook {
  readonly #options: BookOptions
  readonly #listener: BookListener
  readonly #all: boolean
  readonly #tape: boolean
  readonly #aat: boolean
  readonly #proRata: boolean
  readonly #selfTrade: number
  readonly #rejectReached: boolean
  readonly #lowest: number

  readonly #levels = new Levels()
  readonly #orders = this.#levels.orders
  readonly #ids = new IndexOfIds()
  readonly #owners: Owners
  readonly #entering = new Entering()

  #sequence = 0
  #phase: Phase = Phase.CONTINUOUS
  #last = NaN
  /** First and last price that the operation under way has printed; meaningful while something watches prints. */
  #firstPrint = NaN
  /** What plain matching cannot handle: special resting orders, pro-rata allocation, positions to keep. */
  #complications = 0
  /** What keeps every order from the short path: allocation pro rata, a phase that is not continuous trading. */
  #barred = 0
  /** Armed stops and waiting all-or-none orders: while there are none, an operation ends with its own trades. */
  #watchers = 0
  #entries = 0
  /** All-or-none orders in order of entry; exchange profile only. */
  #waiting: number[] = []
  /** Whether one of them may trade now, as it was when `Levels.leads` stood at `#beckonedAt`; -1 where that has to be found anew. */
  #beckoned = false
  #beckonedAt = -1
  /** Most that a waiting buyer, and a waiting seller, would have it cost; -Infinity where there is none. */
  readonly #keenest = new Float64Array(2)
  /** Trailing stops in order of arming. */
  #trailing: number[] = []
  /** Since the last of them was armed all have seen prints from here to there: another in between pulls none. */
  #trailedLow = Infinity
  #trailedHigh = -Infinity
  /** Triggered stops whose turn has not come; empty between operations. */
  readonly #pending: number[] = []

  constructor(options: BookOptions = {}, image?: BookImage) {
    this.#options = options
    const events = options.listener ? (options.events ?? 'all') : 'none'
    this.#listener = options.listener ?? silent
    this.#all = events === 'all'
    this.#tape = events !== 'none'
    this.#aat = options.profile === 'aat'
    this.#proRata = options.allocation === 'pro-rata'
    this.#selfTrade = selfTradeRules.indexOf(options.selfTrade ?? 'none')
    this.#rejectReached = options.reachedStop === 'reject'
    this.#lowest = options.lowestPrice ?? 0
    this.#owners = new Owners(this.#orders, image?.owners)
    if (!(Number.isSafeInteger(this.#lowest) && Math.abs(this.#lowest) < priceBound))
      throw new RangeError(
        `lowestPrice is ${this.#lowest}; expected a whole number of ticks within ${priceBound} of zero`,
      )
    oneOf('profile', options.profile, ['exchange', 'aat'])
    oneOf('allocation', options.allocation, ['price-time', 'pro-rata'])
    oneOf('selfTrade', options.selfTrade, selfTradeRules)
    oneOf('reachedStop', options.reachedStop, ['trigger', 'reject'])
    oneOf('events', options.events, ['none', 'tape', 'all'])
    if (!image) {
      if (this.#proRata) this.#complications = this.#barred = 1
      return
    }
    this.#orders.load(image.orders)
    this.#levels.load(image.levels)
    this.#ids.load(image.ids)
    const state = image.state
    this.#sequence = state[0]!
    this.#phase = state[1] as Phase
    this.#last = state[2]!
    this.#complications = state[3]!
    this.#watchers = state[4]!
    this.#entries = state[5]!
    this.#barred = state[6]!
    this.#waiting = [...image.waiting]
    this.#trailing = [...image.trailing]
  }

  // ---------------------------------------------------------------- requests

  /** A plain limit order: trades what it can at `price` or better, rests with what is left. The fastest way in. */
  limit(id: number, side: number, price: number, quantity: number, owner = 0): Refused {
    const levels = this.#levels
    const cost = (price ^ -side) + side // the same as `costs(side, price)`, without a branch
    // What almost every order passes at a glance is looked at in full only where it does not.
    const fine =
      (side & 1) === side &&
      (quantity & (fewLots - 1)) === quantity &&
      quantity !== 0 &&
      (price | 0) === price &&
      price >= this.#lowest &&
      owner === 0 &&
      this.#ids.isFree(id) &&
      this.#orders.live < mostOrders &&
      this.#barred === 0 &&
      levels.cost[(side ^ 1) + 2]! > cost
    if (!fine) return this.#limitInFull(id, side, price, quantity, owner)
    let left = quantity
    if (levels.cost[side ^ 1]! <= cost) {
      left = this.#sweep(id, side, 0, cost, quantity)
      if (left === 0 || levels.cost[side ^ 1]! <= cost)
        return this.#goOn(id, side, 0, 0, price, quantity, left)
    }
    const orders = this.#orders
    const slot = orders.allocate()
    orders.id[slot] = id
    orders.total[slot] = quantity
    orders.open[slot >> 1] = left
    this.#ids.set(id, slot)
    levels.append(side, price, slot)
    const sequence = ++this.#sequence
    if (this.#all === true) this.#listener.open(sequence, id, side, price, left, left)
    return this.#watchers === 0 ? 0 : this.#settle()
  }

  #limitInFull(id: number, side: number, price: number, quantity: number, owner: number): Refused {
    const refused =
      this.#refuseNew(id, side, quantity, owner) ||
      this.#refusePrice(id, Request.ADD, price) ||
      this.#refusePhase(id) ||
      this.#refuseCrowd(id, side, price, quantity)
    if (refused !== 0) return refused
    const account = owner === 0 ? 0 : this.#owners.enter(owner)
    const cost = costs(side, price)
    const left = this.#sweepShown(id, side, account, cost, quantity)
    if (left === 0 || !this.#isPlain(account, side, cost) || this.#meets(side, cost))
      return this.#goOn(id, side, account, 0, price, quantity, left)
    this.#restPlain(id, side, price, left, quantity, account)
    return this.#watchers === 0 ? 0 : this.#settle()
  }

  /** A plain market order: trades what it can, the rest is cancelled. */
  market(id: number, side: number, quantity: number, owner = 0): Refused {
    const fine =
      (side & 1) === side &&
      (quantity | 0) === quantity &&
      quantity > 0 &&
      owner === 0 &&
      this.#ids.isFree(id) &&
      this.#barred === 0
    if (!fine) return this.#marketInFull(id, side, quantity, owner)
    const left = this.#sweepShown(id, side, 0, priceBound, quantity)
    return this.#goOn(id, side, 0, Trait.MARKET, 0, quantity, left)
  }

  #marketInFull(id: number, side: number, quantity: number, owner: number): Refused {
    const refused = this.#refuseNew(id, side, quantity, owner) || this.#refusePhase(id)
    if (refused !== 0) return refused
    if (this.#phase === Phase.AUCTION) {
      const crowd = this.#refuseCrowd(id, Ladder.MARKET_BUYS + side, 0, quantity)
      if (crowd !== 0) return crowd
    }
    const account = owner === 0 ? 0 : this.#owners.enter(owner)
    const left = this.#sweepShown(id, side, account, priceBound, quantity)
    return this.#goOn(id, side, account, Trait.MARKET, 0, quantity, left)
  }

  /** Goes on with a plain limit or market order of which so much is left, on the long way unless nothing is. */
  #goOn(
    id: number,
    side: number,
    owner: number,
    type: number,
    price: number,
    quantity: number,
    left: number,
  ): Refused {
    if (left === 0) this.#ids.set(id, finished)
    else {
      const entering = this.#prepare(id, side, owner, type, quantity)
      entering.left = left
      entering.traded = left !== quantity
      if (type === 0) entering.price = entering.bound = price
      this.#enter(entering)
    }
    return this.#watchers === 0 ? 0 : this.#settle()
  }

  /** Any order. */
  add(order: BookOrder): Refused {
    const { id, owner = 0, notional, cap, display, trail, trailPercent } = order
    const side = order.side === Side.BUY ? BUY : SELL
    const type = types.indexOf(order.type)
    const flagIndex = flags.indexOf(order.flag ?? OrderFlag.NONE)
    if (type < 0 || flagIndex < 0 || (order.side !== Side.BUY && order.side !== Side.SELL))
      return this.#reject(Request.ADD, id, Refused.CONTRADICTORY, NaN, NaN)
    const flag = flagIndex << 3
    const isMarket = order.type === OrderType.MARKET
    const isStop = order.type === OrderType.STOP || order.type === OrderType.STOP_LIMIT
    const hasLimit = order.type === OrderType.LIMIT || order.type === OrderType.STOP_LIMIT
    const trails = trail !== undefined || trailPercent !== undefined

    const byNotional = notional !== undefined
    const quantity = byNotional ? notional : (order.quantity ?? NaN)
    const refused = this.#refuseNew(id, side, quantity, owner)
    if (refused !== 0) return refused
    if (contradicts(order, flag, this.#lowest))
      return this.#reject(Request.ADD, id, Refused.CONTRADICTORY, NaN, NaN)

    const price = hasLimit ? (order.price ?? NaN) : 0
    if (hasLimit) {
      const off = this.#refusePrice(id, Request.ADD, price)
      if (off !== 0) return off
    }
    let bound = hasLimit ? price : side === BUY ? Infinity : -Infinity
    const marketCap = isMarket
      ? (cap ?? (isTerse(flag) || flag === Trait.ALL_OR_NONE ? order.price : undefined))
      : undefined
    if (marketCap !== undefined) {
      const off = this.#refusePrice(id, Request.ADD, marketCap)
      if (off !== 0) return off
      bound = marketCap
    }
    if (display !== undefined && !(Number.isSafeInteger(display) && display > 0))
      return this.#reject(Request.ADD, id, Refused.OFF_LOT, display, NaN)
    if (display !== undefined && display * mostSlices < quantity)
      return this.#reject(Request.ADD, id, Refused.OUT_OF_RANGE, display, quantity / mostSlices)
    if (trail !== undefined && !(Number.isSafeInteger(trail) && trail > 0))
      return this.#reject(Request.ADD, id, Refused.OFF_TICK, trail, NaN)
    if (trailPercent !== undefined && !(trailPercent > 0 && trailPercent < 100))
      return this.#reject(Request.ADD, id, Refused.OUT_OF_RANGE, trailPercent, 100)
    if (isStop && (order.stopPrice !== undefined || !trails)) {
      const off = this.#refusePrice(id, Request.ADD, order.stopPrice ?? NaN)
      if (off !== 0) return off
    }
    const late = this.#refusePhase(id)
    if (late !== 0) return late
    if (this.#phase === Phase.AUCTION && !isStop && !fitsAuction(order, flag))
      return this.#reject(Request.ADD, id, Refused.HALTED, NaN, NaN)

    const account = this.#owners.enter(owner)
    let partner = 0
    if (order.pairWith !== undefined) {
      partner = this.#ids.get(order.pairWith)
      if (partner <= 0)
        return this.#reject(
          Request.ADD,
          id,
          partner === 0 ? Refused.UNKNOWN_ORDER : Refused.ORDER_FINISHED,
          order.pairWith,
          NaN,
        )
      if (!this.#mayPair(partner, account))
        return this.#reject(Request.ADD, id, Refused.CONTRADICTORY, order.pairWith, NaN)
    }
    if (order.reduceOnly && this.#owners.reducible(account, side) === 0)
      return this.#reject(Request.ADD, id, Refused.NOT_REDUCING, this.#owners.position[account]!, 0)
    const iceberg = display !== undefined && display < quantity

    if (isStop) {
      const distance = trail ?? -(trailPercent ?? 0)
      const stopPrice = order.stopPrice ?? this.#behind(side, this.#last, distance)
      if (Number.isNaN(stopPrice)) return this.#reject(Request.ADD, id, Refused.NO_MARKET, NaN, NaN)
      const off = this.#refusePrice(id, Request.ADD, stopPrice)
      if (off !== 0) return off
      const reached = this.#phase === Phase.CONTINUOUS && this.#reached(side, stopPrice)
      if (reached && this.#rejectReached)
        return this.#reject(Request.ADD, id, Refused.WOULD_TRIGGER, stopPrice, this.#last)
      const crowd = this.#refuseCrowd(id, Ladder.SELL_STOPS + (side ^ 1), stopPrice, quantity)
      if (crowd !== 0) return crowd
      const traits =
        side |
        (type << 1) |
        flag |
        (iceberg ? Trait.ICEBERG : 0) |
        (order.hidden ? Trait.HIDDEN : 0) |
        (order.reduceOnly ? Trait.REDUCE_ONLY : 0) |
        (trails ? Trait.TRAILING : 0)
      const slot = this.#arm(id, account, traits, stopPrice, quantity, price, iceberg ? display : 0, distance)
      if (partner !== 0) this.#pair(slot, partner)
      if (reached) this.#fire([slot], this.#last)
      return this.#settle()
    }

    if (flag === Trait.POST_ONLY && this.#phase === Phase.CONTINUOUS && this.#crosses(side, price))
      return this.#reject(Request.ADD, id, Refused.WOULD_TRADE, price, this.#bestPrice(side ^ 1))
    if (hasLimit || this.#phase === Phase.AUCTION) {
      const ladder = !hasLimit ? Ladder.MARKET_BUYS + side : order.hidden ? side + 2 : side
      const crowd = this.#refuseCrowd(id, ladder, price, quantity)
      if (crowd !== 0) return crowd
    }
    const traits =
      (type << 1) |
      flag |
      (iceberg ? Trait.ICEBERG : 0) |
      (order.hidden ? Trait.HIDDEN : 0) |
      (order.reduceOnly ? Trait.REDUCE_ONLY : 0) |
      (byNotional ? Trait.NOTIONAL : 0) |
      (order.toLimit ? Trait.TO_LIMIT : 0)
    const entering = this.#prepare(id, side, account, traits, byNotional ? 0 : quantity)
    entering.price = price
    entering.bound = bound
    entering.budget = byNotional ? notional : 0
    entering.display = iceberg ? display : 0
    entering.partner = partner
    this.#enter(entering)
    return this.#watchers === 0 ? 0 : this.#settle()
  }

  /** Takes an order back. */
  cancel(id: number): Refused {
    const slot = this.#ids.get(id)
    if (slot <= 0) return this.#refuseUnknown(Request.CANCEL, id, slot)
    const orders = this.#orders
    if (orders.traits[slot]! > 1) this.#cancelSlot(slot, CancelReason.REQUESTED)
    else {
      const left = orders.open[slot >> 1]!
      this.#levels.remove(slot)
      this.#ids.set(id, finished)
      orders.free(slot)
      this.#cancelled(id, CancelReason.REQUESTED, left)
    }
    return this.#watchers === 0 ? 0 : this.#settle()
  }

  /** Takes `by` lots off an order's open quantity; it keeps its place. All of it is a cancel. */
  reduce(id: number, by: number): Refused {
    const slot = this.#ids.get(id)
    if (slot <= 0) return this.#refuseUnknown(Request.CHANGE, id, slot)
    if (!(Number.isSafeInteger(by) && by > 0))
      return this.#reject(Request.CHANGE, id, Refused.OFF_LOT, by, NaN)
    if (this.#phase === Phase.HALTED) return this.#reject(Request.CHANGE, id, Refused.HALTED, NaN, NaN)
    const left = this.#left(slot)
    if (by > left) return this.#reject(Request.CHANGE, id, Refused.OUT_OF_RANGE, by, left)
    if (by === left) this.#cancelSlot(slot, CancelReason.AMENDED)
    else this.#shrink(slot, by)
    return this.#watchers === 0 ? 0 : this.#settle()
  }

  /**
   * Alters an order. `quantity` counts what has traded already. Less keeps the place in the queue; more, or a new price,
   * loses it: the order enters anew and may trade. What is left out stays.
   */
  change(id: number, quantity?: number, price?: number, stopPrice?: number): Refused {
    const slot = this.#ids.get(id)
    if (slot <= 0) return this.#refuseUnknown(Request.CHANGE, id, slot)
    const o = this.#orders
    const traits = o.traits[slot]!
    const type = traits & Trait.TYPE
    const total = o.totalOf(slot)
    const left = this.#left(slot)
    const wanted = quantity ?? total
    if (!(Number.isSafeInteger(wanted) && wanted > 0))
      return this.#reject(Request.CHANGE, id, Refused.OFF_LOT, wanted, NaN)
    if (wanted > mostLots) return this.#reject(Request.CHANGE, id, Refused.OUT_OF_RANGE, wanted, mostLots)
    if (wanted < total - left)
      return this.#reject(Request.CHANGE, id, Refused.OUT_OF_RANGE, wanted, total - left)
    const slice = (traits & Trait.ICEBERG) !== 0 ? o.display[slot >> 1]! : wanted
    if (slice * mostSlices < wanted)
      return this.#reject(Request.CHANGE, id, Refused.OUT_OF_RANGE, wanted, slice * mostSlices)
    const isStop = type === Trait.STOP || type === Trait.STOP_LIMIT
    if (
      (price !== undefined && (type === Trait.STOP || type === Trait.MARKET)) ||
      (stopPrice !== undefined && !isStop)
    )
      return this.#reject(Request.CHANGE, id, Refused.CONTRADICTORY, NaN, NaN)
    if (price !== undefined) {
      const off = this.#refusePrice(id, Request.CHANGE, price)
      if (off !== 0) return off
    }
    if (stopPrice !== undefined) {
      const off = this.#refusePrice(id, Request.CHANGE, stopPrice)
      if (off !== 0) return off
    }
    if (this.#phase === Phase.HALTED) return this.#reject(Request.CHANGE, id, Refused.HALTED, NaN, NaN)
    if (wanted === total - left) {
      this.#cancelSlot(slot, CancelReason.AMENDED)
      if (this.#watchers !== 0) this.#settle()
      return 0
    }
    const level = o.level[slot]!
    const here = this.#levels.price[level]!
    const limit = isStop ? o.limit[slot >> 1]! : here
    const stays = wanted <= total && (price ?? limit) === limit && (!isStop || (stopPrice ?? here) === here)
    if (stays) {
      this.#shrink(slot, total - wanted)
      if (this.#watchers !== 0) this.#settle()
      return 0
    }
    const ladder = this.#levels.ladder[level]!
    const target = (isStop ? stopPrice : price) ?? here
    const more = wanted - (total - left)
    if (more > fewLots && this.#heldAt(ladder, target) + more > mostLots)
      return this.#reject(Request.CHANGE, id, Refused.OUT_OF_RANGE, wanted, mostLots)
    return isStop ? this.#rearm(slot, wanted, price ?? limit, target) : this.#reenter(slot, wanted, target)
  }

  /** Takes back every order of an owner, oldest entry first. Gives how many there were. */
  massCancel(owner: number): number {
    const account = this.#owners.find(owner)
    if (account === 0) return 0
    let count = 0
    for (let slot = this.#owners.first(account); slot !== 0; slot = this.#owners.first(account), count++)
      this.#cancelSlot(slot, CancelReason.REQUESTED)
    if (this.#watchers !== 0) this.#settle()
    return count
  }

  /** Ends the day: day orders are cancelled, ladder by ladder, best first. Gives how many there were. */
  endDay(): number {
    const { next, traits } = this.#orders
    const day: number[] = []
    for (let ladder = 0; ladder <= Ladder.MARKET_SELLS; ladder++)
      for (let level = this.#levels.best[ladder]!; level !== 0; level = this.#levels.worse[level]!)
        for (let slot = this.#levels.head[level]!; slot !== 0; slot = next[slot]!)
          if ((traits[slot]! & Trait.FLAG) === Trait.DAY) day.push(slot)
    for (const slot of day) this.#cancelSlot(slot, CancelReason.DAY_ENDED)
    if (this.#watchers !== 0) this.#settle()
    return day.length
  }

  /** Tells the book what an owner holds, in lots, negative when short. From then on his trades move it. */
  setPosition(owner: number, lots: number): Refused {
    if (!(Number.isSafeInteger(owner) && owner > 0)) return Refused.OUT_OF_RANGE
    if (!Number.isSafeInteger(lots)) return Refused.OFF_LOT
    const account = this.#owners.enter(owner)
    if (Number.isNaN(this.#owners.position[account]!)) {
      this.#complications++
      const { traits, ownerNext } = this.#orders
      for (let slot = this.#owners.first(account); slot !== 0; slot = ownerNext[slot]!)
        traits[slot] = traits[slot]! | tracked
    }
    this.#owners.position[account] = lots
    return 0
  }

  /** What an owner holds; null where the book was not told. */
  position(owner: number): number | null {
    const position = this.#owners.position[this.#owners.find(owner)]!
    return Number.isNaN(position) ? null : position
  }

  // ---------------------------------------------------------------- phases

  get phase(): Phase {
    return this.#phase
  }

  /** Stops trading: until `resume` nothing but cancels is accepted. */
  halt(): void {
    this.#setPhase(Phase.HALTED)
    this.#phased(NaN, 0)
  }

  /** Calls an auction: orders collect, without trading, until `resume`. */
  callAuction(): void {
    this.#setPhase(Phase.AUCTION)
    this.#phased(NaN, 0)
  }

  /**
   * Back to continuous trading. What an auction collected is uncrossed first: at the price of maximum volume, then
   * minimum surplus, then nearest to `reference`, for which the last trade's price stands in.
   */
  resume(reference: number = this.#last): void {
    if (this.#phase === Phase.CONTINUOUS) return
    this.#uncross(reference)
    this.#settle()
  }

  /** What an auction would do now; null where nothing would trade. */
  indicative(reference: number = this.#last): Clearing | null {
    const near = Number.isSafeInteger(reference) ? reference : NaN
    return clearing(this.#interest(BUY), this.#interest(SELL), near, this.#lowest, priceBound - 1)
  }

  // ---------------------------------------------------------------- questions

  /** Price of the last trade; null before the first. */
  get last(): number | null {
    return Number.isNaN(this.#last) ? null : this.#last
  }

  /** Number of the last event. */
  get sequence(): number {
    return this.#sequence
  }

  /** Orders that live: resting, shown or not, and armed. */
  get size(): number {
    return this.#orders.live
  }

  /** Lots of an order that may still trade; 0 where it does not live. */
  open(id: number): number {
    const slot = this.#ids.get(id)
    if (slot <= 0) return 0
    return this.#left(slot)
  }

  /** An order that lives, null otherwise. */
  find(id: number): OrderView | null {
    const slot = this.#ids.get(id)
    return slot > 0 ? this.#view(slot) : null
  }

  /** What stands before an order at its price: orders and lots shown; null where it is not on the displayed ladder. */
  ahead(id: number): { orders: number; quantity: number } | null {
    const slot = this.#ids.get(id)
    if (slot <= 0) return null
    const { level, prev, open } = this.#orders
    if (this.#levels.ladder[level[slot]!]! > Ladder.ASKS) return null
    let orders = 0
    let quantity = 0
    for (let before = prev[slot]!; before !== 0; before = prev[before]!) {
      orders++
      quantity += open[before >> 1]!
    }
    return { orders, quantity }
  }

  /** Best bid and ask; null for a side where nothing is shown. */
  topOfBook(): { bid: Level | null; ask: Level | null } {
    return this.level(0)
  }

  /** Best ask less best bid, in ticks; null where a side is absent. */
  spread(): number | null {
    const [bid, ask] = [this.#levels.best[Ladder.BIDS]!, this.#levels.best[Ladder.ASKS]!]
    return bid === 0 || ask === 0 ? null : this.#levels.price[ask]! - this.#levels.price[bid]!
  }

  /** The bid and the ask that are `index` levels from the best; null where there are not so many. */
  level(index: number): { bid: Level | null; ask: Level | null } {
    const at = (side: number) => {
      let level = this.#levels.best[side]!
      for (let i = 0; i < index && level !== 0; i++) level = this.#levels.worse[level]!
      return this.#levelView(level)
    }
    return { bid: at(BUY), ask: at(SELL) }
  }

  /** What is shown at a price; null for a side where nothing is. */
  levelAt(price: number): { bid: Level | null; ask: Level | null } {
    const at = (side: number) =>
      this.#levelView(Number.isSafeInteger(price) ? this.#levels.find(side, price) : 0)
    return { bid: at(BUY), ask: at(SELL) }
  }

  /** Up to `count` levels of each side, best first. */
  levels(count = Infinity): { bids: Level[]; asks: Level[] } {
    return { bids: this.#side(BUY, count), asks: this.#side(SELL, count) }
  }

  /** The best `count` bids, best first; null stands for each one that is absent. */
  bids(count: number): (Level | null)[] {
    return padded(this.#side(BUY, count), count)
  }

  /** The best `count` asks, best first; null stands for each one that is absent. */
  asks(count: number): (Level | null)[] {
    return padded(this.#side(SELL, count), count)
  }

  /** Writes up to `prices.length` levels of a side, best first, into arrays of the caller. Gives how many there were. */
  depth(side: number, prices: Float64Array, quantities: Float64Array): number {
    let count = 0
    for (
      let level = this.#levels.best[side]!;
      level !== 0 && count < prices.length;
      level = this.#levels.worse[level]!, count++
    ) {
      prices[count] = this.#levels.price[level]!
      quantities[count] = this.#levels.quantity[level]!
    }
    return count
  }

  /** The orders shown: asks from the lowest price up, then bids from the lowest price up, as in aat; by time within a price. */
  *[Symbol.iterator](): IterableIterator<OrderView> {
    const { worse, better, best, head } = this.#levels
    const { next } = this.#orders
    for (let level = best[Ladder.ASKS]!; level !== 0; level = worse[level]!)
      for (let slot = head[level]!; slot !== 0; slot = next[slot]!) yield this.#view(slot)
    let lowest = best[Ladder.BIDS]!
    while (lowest !== 0 && worse[lowest]! !== 0) lowest = worse[lowest]!
    for (let level = lowest; level !== 0; level = better[level]!)
      for (let slot = head[level]!; slot !== 0; slot = next[slot]!) yield this.#view(slot)
  }

  /** Every order that lives, ladder by ladder: bids, asks, hidden bids, hidden asks, sell stops, buy stops, auction market orders; best first. */
  *everything(): IterableIterator<OrderView> {
    for (let ladder = 0; ladder <= Ladder.MARKET_SELLS; ladder++)
      for (let level = this.#levels.best[ladder]!; level !== 0; level = this.#levels.worse[level]!)
        for (let slot = this.#levels.head[level]!; slot !== 0; slot = this.#orders.next[slot]!)
          yield this.#view(slot)
  }

  /** The book's whole state as typed arrays, which can be transferred. */
  snapshot(): BookImage {
    return {
      version: 1,
      state: Float64Array.of(
        this.#sequence,
        this.#phase,
        this.#last,
        this.#complications,
        this.#watchers,
        this.#entries,
        this.#barred,
      ),
      orders: this.#orders.save(),
      levels: this.#levels.save(),
      ids: this.#ids.save(),
      owners: this.#owners.save(),
      waiting: Int32Array.from(this.#waiting),
      trailing: Int32Array.from(this.#trailing),
    }
  }

  /** A book that goes on exactly as this one would, with another listener or none. */
  clone(listener?: BookListener): OrderBook {
    return new OrderBook({ ...this.#options, listener }, this.snapshot())
  }

  // ---------------------------------------------------------------- plain matching

  /** Whether a plain order of this owner that may cost so much can go the short path to its end: nothing hidden is in reach, no position moves. */
  #isPlain(owner: number, side: number, cost: number): boolean {
    return this.#isFree(owner) && this.#levels.cost[(side ^ 1) + 2]! > cost
  }

  /** Whether plain orders of an owner may set out on the short path. */
  #isFree(owner: number): boolean {
    return this.#barred === 0 && (owner === 0 || Number.isNaN(this.#owners.position[owner]!))
  }

  /** Trades a plain order with what is shown, as far as nothing hidden comes before it. Gives what is left of it. */
  #sweepShown(id: number, side: number, owner: number, cost: number, quantity: number): number {
    const hidden = this.#levels.cost[(side ^ 1) + 2]!
    const reach = hidden < cost ? hidden : cost
    return this.#isFree(owner) && this.#meets(side, reach)
      ? this.#sweep(id, side, owner, reach, quantity)
      : quantity
  }

  /** Whether the best order shown on the other side costs no more than so much. */
  #meets(side: number, cost: number): boolean {
    return this.#levels.cost[side ^ 1]! <= cost
  }

  /** Trades a plain order, which meets the best price, until it meets an order that needs more care. Gives what is left of it. */
  #sweep(id: number, side: number, owner: number, cost: number, quantity: number): number {
    const levels = this.#levels
    const orders = this.#orders
    const { open: opens, next: nexts, traits: kinds } = orders
    let level = levels.best[side ^ 1]!
    let left = quantity
    const all = this.#all
    const listener = this.#listener
    const prevents = owner !== 0 && this.#selfTrade !== 0
    for (;;) {
      const price = levels.price[level]!
      let queue = levels.quantity[level]!
      let maker = levels.head[level]!
      let count = levels.count[level]!
      const before = left
      let guarded = false
      do {
        const traits = kinds[maker]!
        if (traits > 1) {
          guarded = (traits & (special | tracked)) !== 0 || (prevents && orders.owner[maker] === owner)
          if (guarded) break
        }
        const open = opens[maker >> 1]!
        if (open > left) {
          opens[maker >> 1] = open - left
          queue -= left
          this.#traded(orders.idOf(maker), id, side, price, left, open - left, 0, queue)
          left = 0
          break
        }
        const next = nexts[maker]!
        const makerId = orders.idOf(maker)
        left -= open
        queue -= open
        count--
        if (traits > 1) this.#forget(maker)
        this.#ids.set(makerId, finished)
        orders.free(maker)
        this.#traded(makerId, id, side, price, open, 0, left, queue)
        if (all === true) listener.fill(++this.#sequence, makerId)
        else this.#sequence++
        maker = next
      } while (left !== 0 && maker !== 0)
      levels.quantity[level] = queue
      levels.count[level] = count
      if (maker !== 0) {
        levels.head[level] = maker
        orders.prev[maker] = 0
      } else {
        const worse = levels.worse[level]!
        levels.drop(level)
        level = worse
      }
      if (left !== before) {
        if (Number.isNaN(this.#firstPrint)) this.#firstPrint = price
        this.#last = price
      }
      if (left === 0) {
        if (all === true) listener.fill(++this.#sequence, id)
        else this.#sequence++
        return 0
      }
      if (guarded || levels.cost[side ^ 1]! > cost) return left
    }
  }

  #restPlain(id: number, side: number, price: number, left: number, total: number, owner: number): void {
    const orders = this.#orders
    const slot = orders.allocate()
    orders.setId(slot, id)
    orders.open[slot >> 1] = left
    orders.setTotal(slot, total)
    this.#ids.set(id, slot)
    this.#levels.append(side, price, slot)
    if (owner !== 0) this.#own(slot, owner)
    if (this.#all === true) this.#listener.open(++this.#sequence, id, side, price, left, left)
    else this.#sequence++
  }

  /** Forgets an order that is in no queue any more. */
  #release(slot: number): void {
    const orders = this.#orders
    if (orders.traits[slot]! > 1) this.#forget(slot)
    this.#ids.set(orders.idOf(slot), finished)
    orders.free(slot)
  }

  #own(slot: number, owner: number): void {
    const { traits, owner: owners } = this.#orders
    owners[slot] = owner
    traits[slot] = traits[slot]! | (Number.isNaN(this.#owners.position[owner]!) ? owned : owned | tracked)
    this.#owners.add(owner, slot)
  }

  #traded(
    maker: number,
    taker: number,
    side: number,
    price: number,
    quantity: number,
    makerLeft: number,
    takerLeft: number,
    queueLeft: number,
  ): void {
    const sequence = ++this.#sequence
    if (this.#tape === true)
      this.#listener.trade(sequence, maker, taker, side, price, quantity, makerLeft, takerLeft, queueLeft)
  }

  // ---------------------------------------------------------------- any order

  #prepare(id: number, side: number, owner: number, traits: number, quantity: number): Entering {
    const entering = this.#entering
    entering.id = id
    entering.side = side
    entering.owner = owner
    entering.traits = traits | side
    entering.price = 0
    entering.bound = side === BUY ? Infinity : -Infinity
    entering.left = quantity
    entering.total = quantity
    entering.budget = 0
    entering.display = 0
    entering.partner = 0
    entering.traded = false
    entering.stopped = -1
    return entering
  }

  /** Lets an order trade by its flag, and rest where it may. */
  #enter(entering: Entering): void {
    if (this.#phase === Phase.AUCTION) return this.#rest(entering)
    const { id, side, traits } = entering
    const flag = traits & Trait.FLAG
    const isLimit = (traits & Trait.TYPE) === 0
    if (flag === Trait.FILL_OR_KILL || flag === Trait.ALL_OR_NONE || (this.#aat && isTerse(flag))) {
      const crosses = !isLimit || this.#crosses(side, entering.price)
      if (!crosses && (this.#aat || flag === Trait.ALL_OR_NONE)) return this.#rest(entering)
      if (flag !== Trait.IMMEDIATE_OR_CANCEL && !this.#fillable(entering))
        return this.#finish(entering, CancelReason.NOT_FILLABLE)
    }
    this.#match(entering)
    if ((traits & Trait.NOTIONAL) !== 0) {
      if (entering.budget === 0) this.#ids.set(id, finished)
      else if (entering.stopped >= 0) this.#finish(entering, entering.stopped as CancelReason)
      else this.#finish(entering, entering.left === 0 ? CancelReason.BUDGET_SPENT : CancelReason.NO_LIQUIDITY)
      return
    }
    if (entering.left === 0) this.#ids.set(id, finished)
    else if (entering.stopped >= 0) this.#finish(entering, entering.stopped as CancelReason)
    else if ((traits & Trait.REDUCE_ONLY) !== 0 && this.#owners.reducible(entering.owner, side) === 0)
      this.#finish(entering, CancelReason.POSITION_CLOSED)
    else if (!isLimit) {
      if ((traits & Trait.TO_LIMIT) === 0 || !entering.traded)
        this.#finish(entering, CancelReason.NO_LIQUIDITY)
      else {
        entering.traits &= ~(Trait.TYPE | Trait.TO_LIMIT)
        this.#rest(entering)
      }
    } else if (flag === Trait.IMMEDIATE_OR_CANCEL) this.#finish(entering, CancelReason.IMMEDIATE_ONLY)
    else this.#rest(entering)
  }

  #finish(entering: Entering, reason: CancelReason): void {
    this.#ids.set(entering.id, finished)
    this.#cancelled(entering.id, reason, (entering.traits & Trait.NOTIONAL) !== 0 ? 0 : entering.left)
  }

  #cancelled(id: number, reason: CancelReason, quantity: number): void {
    this.#sequence++
    if (this.#all === true) this.#listener.cancel(this.#sequence, id, reason, quantity)
  }

  /** Trades an order against whatever rests on the other side: shown before hidden at one price. */
  #match(entering: Entering): void {
    const levels = this.#levels
    const opposite = entering.side ^ 1
    let skippedLit = 0
    let skippedDark = 0
    for (;;) {
      const lit = skippedLit === 0 ? levels.best[opposite]! : levels.worse[skippedLit]!
      const dark = skippedDark === 0 ? levels.best[opposite + 2]! : levels.worse[skippedDark]!
      const level = this.#earlier(opposite, lit, dark)
      if (level === 0) return
      const price = levels.price[level]!
      if (entering.side === BUY ? price > entering.bound : price < entering.bound) return
      if ((entering.traits & Trait.NOTIONAL) !== 0) {
        entering.left = affordable(entering.budget, price)
        if (entering.left === 0) return
      }
      const survives = this.#matchLevel(entering, level, price)
      if (entering.stopped >= 0) return
      if (entering.left === 0 && (survives || entering.budget === 0)) return
      if (survives) {
        if (level === lit) skippedLit = level
        else skippedDark = level
      }
    }
  }

  /** Of a shown and a hidden level of one side, the one that trades first. */
  #earlier(side: number, lit: number, dark: number): number {
    if (lit === 0 || dark === 0) return lit + dark
    const [shown, hidden] = [this.#levels.price[lit]!, this.#levels.price[dark]!]
    return (side === BUY ? hidden > shown : hidden < shown) ? dark : lit
  }

  /** Trades against one level. Gives whether the level is still there, holding only orders that cannot trade with this one. */
  #matchLevel(entering: Entering, level: number, price: number): boolean {
    const orders = this.#orders
    const levels = this.#levels
    const { owner, side } = entering
    const prevents = owner !== 0 && this.#selfTrade !== 0
    const reduces = (entering.traits & Trait.REDUCE_ONLY) !== 0
    if (this.#proRata && levels.ladder[level]! <= Ladder.ASKS) {
      if (entering.partner !== 0 && orders.level[entering.partner] === level)
        this.#cancelSlot(entering.partner, CancelReason.OTHER_OF_PAIR)
      if (levels.count[level] !== 0 && prevents && this.#preventAt(entering, level)) return true
      if (levels.count[level] === 0) return false
      this.#share(entering, level, price)
    }
    let maker = levels.head[level]!
    while (maker !== 0 && entering.left !== 0) {
      const traits = orders.traits[maker]!
      if (maker === entering.partner || (prevents && orders.owner[maker] === owner)) {
        const next = orders.next[maker]!
        const last = levels.count[level] === 1
        if (maker === entering.partner) this.#cancelSlot(maker, CancelReason.OTHER_OF_PAIR)
        else {
          if (this.#selfTrade !== CANCEL_OLDEST) entering.stopped = CancelReason.SELF_TRADE
          if (this.#selfTrade === CANCEL_NEWEST) return true
          this.#cancelSlot(maker, CancelReason.SELF_TRADE)
          if (this.#selfTrade === CANCEL_BOTH) return !last
        }
        if (last) return false
        maker = next
        continue
      }
      let quantity = orders.open[maker >> 1]!
      if (quantity > entering.left) quantity = entering.left
      if ((traits & special) !== 0) {
        const flag = traits & Trait.FLAG
        if (
          (flag === Trait.ALL_OR_NONE || (this.#aat && flag === Trait.FILL_OR_KILL)) &&
          orders.open[maker >> 1]! > quantity
        ) {
          const next = orders.next[maker]!
          if (this.#aat) {
            const last = levels.count[level] === 1
            this.#cancelSlot(maker, CancelReason.NOT_FILLABLE)
            if (last) return false
          }
          maker = next
          continue
        }
        if ((traits & Trait.REDUCE_ONLY) !== 0) {
          const most = this.#owners.reducible(orders.owner[maker]!, side ^ 1)
          if (most === 0) {
            const next = orders.next[maker]!
            const last = levels.count[level] === 1
            this.#cancelSlot(maker, CancelReason.POSITION_CLOSED)
            if (last) return false
            maker = next
            continue
          }
          if (quantity > most) quantity = most
        }
      }
      if (reduces) {
        const most = this.#owners.reducible(owner, side)
        if (most === 0) {
          entering.stopped = CancelReason.POSITION_CLOSED
          return true
        }
        if (quantity > most) quantity = most
      }
      this.#hit(entering, maker, level, price, quantity)
      if (orders.open[maker >> 1] !== 0) {
        if ((traits & special) === 0 || (traits & Trait.FLAG) !== Trait.IMMEDIATE_OR_CANCEL) continue
        const next = orders.next[maker]!
        const last = levels.count[level] === 1
        this.#cancelSlot(maker, CancelReason.IMMEDIATE_ONLY)
        if (last) return false
        maker = next
      } else if (orders.reserve[maker >> 1] !== 0) {
        const next = orders.next[maker]!
        this.#replenish(maker, level, price)
        maker = next === 0 ? maker : next
      } else {
        const next = orders.next[maker]!
        const last = levels.count[level] === 1
        levels.remove(maker)
        this.#release(maker)
        if (last) return false
        maker = next
      }
    }
    return true
  }

  /** One match. The maker stays in its queue even when nothing of it is left. */
  #hit(entering: Entering, maker: number, level: number, price: number, quantity: number): void {
    const orders = this.#orders
    const levels = this.#levels
    const { id, side } = entering
    const open = orders.open[maker >> 1]! - quantity
    orders.open[maker >> 1] = open
    levels.quantity[level] = levels.quantity[level]! - quantity
    entering.left -= quantity
    const traits = orders.traits[maker]!
    const makerId = orders.idOf(maker)
    const makerLeft = (traits & Trait.ICEBERG) === 0 ? open : open + orders.reserve[maker >> 1]!
    let takerLeft = entering.left
    if ((entering.traits & Trait.NOTIONAL) !== 0) takerLeft = entering.budget -= quantity * price
    if (!entering.traded) {
      entering.traded = true
      this.#firstPrint = price
      if ((entering.traits & Trait.TO_LIMIT) !== 0) entering.price = entering.bound = price
    }
    this.#last = price
    const shown = levels.ladder[level]! <= Ladder.ASKS ? levels.quantity[level]! : 0
    this.#traded(makerId, id, side, price, quantity, makerLeft, takerLeft, shown)
    if (makerLeft === 0) {
      this.#sequence++
      if (this.#all === true) this.#listener.fill(this.#sequence, makerId)
    }
    if (takerLeft === 0) {
      this.#sequence++
      if (this.#all === true) this.#listener.fill(this.#sequence, id)
    }
    const makerOwner = orders.owner[maker]!
    const { position } = this.#owners
    const bought = side === BUY ? quantity : -quantity
    if (makerOwner !== 0) position[makerOwner] = position[makerOwner]! - bought
    if (entering.owner !== 0) position[entering.owner] = position[entering.owner]! + bought
    if ((traits & Trait.PAIRED) !== 0) this.#cancelOther(maker)
    if (entering.partner !== 0) this.#cancelSlot(entering.partner, CancelReason.OTHER_OF_PAIR)
  }

  /** Pro rata: each plain order at the level gets its part of the taker, rounded down. What rounding leaves goes by time. */
  #share(entering: Entering, level: number, price: number): void {
    const { next, open, traits } = this.#orders
    let taker = entering.left
    if ((entering.traits & Trait.REDUCE_ONLY) !== 0)
      taker = Math.min(taker, this.#owners.reducible(entering.owner, entering.side))
    let sum = 0
    for (let maker = this.#levels.head[level]!; maker !== 0; maker = next[maker]!)
      if (shares(traits[maker]!)) sum += open[maker >> 1]!
    if (taker >= sum) return
    for (let maker = this.#levels.head[level]!; maker !== 0; maker = next[maker]!) {
      if (!shares(traits[maker]!)) continue
      const part = portion(taker, open[maker >> 1]!, sum)
      if (part !== 0) this.#hit(entering, maker, level, price, part)
    }
  }

  /** Pro rata: self-trade prevention looks at the whole level before anything trades there. Gives whether the taker must stop. */
  #preventAt(entering: Entering, level: number): boolean {
    const { next, owner } = this.#orders
    let maker = this.#levels.head[level]!
    for (let left = this.#levels.count[level]!; left > 0; left--) {
      const following = next[maker]!
      if (owner[maker] === entering.owner) {
        if (this.#selfTrade !== CANCEL_OLDEST) entering.stopped = CancelReason.SELF_TRADE
        if (this.#selfTrade === CANCEL_NEWEST) return true
        this.#cancelSlot(maker, CancelReason.SELF_TRADE)
        if (this.#selfTrade === CANCEL_BOTH) return true
      }
      maker = following
    }
    return false
  }

  /**
   * Whether an order can trade whole at once, found by walking the other side as matching would, changing nothing. In the aat profile
   * flagged orders too large for what is left are taken off on the way, and an all-or-none order needs one maker.
   */
  #fillable(entering: Entering): boolean {
    const { side, owner, bound } = entering
    const orders = this.#orders
    const levels = this.#levels
    const opposite = side ^ 1
    const prevents = owner !== 0 && this.#selfTrade !== 0
    let left = entering.left
    if (this.#complications === 0 && !prevents) {
      for (let level = levels.best[opposite]!; level !== 0 && left > 0; level = levels.worse[level]!) {
        const price = levels.price[level]!
        if (side === BUY ? price > bound : price < bound) break
        if (this.#aat && (entering.traits & Trait.FLAG) === Trait.ALL_OR_NONE)
          return orders.open[levels.head[level]! >> 1]! >= left
        left -= levels.quantity[level]!
      }
      return left <= 0
    }
    const positions = new Map<number, number>()
    /** Whose pair has traded. */
    const usedUp = new Set<number>()
    const positionOf = (account: number) => positions.get(account) ?? this.#owners.position[account]!
    const take = (maker: number, available: number) => {
      while (available > 0 && left > 0) {
        let quantity = Math.min(available, left)
        const account = orders.owner[maker]!
        if ((orders.traits[maker]! & Trait.REDUCE_ONLY) !== 0)
          quantity = Math.min(quantity, reducible(positionOf(account), opposite))
        if ((entering.traits & Trait.REDUCE_ONLY) !== 0)
          quantity = Math.min(quantity, reducible(positionOf(owner), side))
        if (quantity === 0) return
        const bought = side === BUY ? quantity : -quantity
        positions.set(account, positionOf(account) - bought)
        positions.set(owner, positionOf(owner) + bought)
        left -= quantity
        available -= quantity
        const pair = (orders.traits[maker]! & Trait.PAIRED) !== 0 ? orders.partner[maker]! : 0
        if (pair !== 0) usedUp.add(pair)
      }
    }
    const killed: number[] = []
    let single = this.#aat && (entering.traits & Trait.FLAG) === Trait.ALL_OR_NONE
    let lit = levels.best[opposite]!
    let dark = levels.best[opposite + 2]!
    walk: while (left > 0) {
      const level = this.#earlier(opposite, lit, dark)
      if (level === 0) break
      const price = levels.price[level]!
      if (side === BUY ? price > bound : price < bound) break
      if (level === lit) lit = levels.worse[level]!
      else dark = levels.worse[level]!
      const stops = prevents && this.#selfTrade !== CANCEL_OLDEST
      if (stops && this.#proRata && levels.ladder[level]! <= Ladder.ASKS)
        for (let maker = levels.head[level]!; maker !== 0; maker = orders.next[maker]!)
          if (orders.owner[maker] === owner) break walk
      for (let maker = levels.head[level]!; maker !== 0 && left > 0; maker = orders.next[maker]!) {
        if (prevents && orders.owner[maker] === owner) {
          if (stops) break walk
          continue
        }
        const traits = orders.traits[maker]!
        const flag = (traits & special) === 0 ? 0 : traits & Trait.FLAG
        if (flag === Trait.ALL_OR_NONE || (this.#aat && flag === Trait.FILL_OR_KILL)) {
          if (orders.open[maker >> 1]! > left) {
            if (this.#aat) killed.push(maker)
            continue
          }
        }
        if (usedUp.has(maker)) continue
        const before = left
        take(maker, orders.open[maker >> 1]!)
        if (single && left !== before) {
          if (left > 0) break walk
          single = false
        }
      }
      if (levels.reserve[level] !== 0)
        for (let maker = levels.head[level]!; maker !== 0 && left > 0; maker = orders.next[maker]!)
          if (!(prevents && orders.owner[maker] === owner)) take(maker, orders.reserve[maker >> 1]!)
    }
    for (const maker of killed) this.#cancelSlot(maker, CancelReason.NOT_FILLABLE)
    return left === 0
  }

  /** Whether an order at `price` would meet one that trades: all-or-none orders out of sight do not count. */
  #crosses(side: number, price: number): boolean {
    const levels = this.#levels
    const opposite = side ^ 1
    const reaches = (level: number) =>
      level !== 0 && (side === BUY ? price >= levels.price[level]! : price <= levels.price[level]!)
    if (reaches(levels.best[opposite]!)) return true
    for (let level = levels.best[opposite + 2]!; reaches(level); level = levels.worse[level]!)
      for (let slot = levels.head[level]!; slot !== 0; slot = this.#orders.next[slot]!)
        if (this.#aat || (this.#orders.traits[slot]! & Trait.FLAG) !== Trait.ALL_OR_NONE) return true
    return false
  }

  /** Puts what is left of an order into its queue. */
  #rest(entering: Entering): void {
    const orders = this.#orders
    const levels = this.#levels
    const { id, side, owner, left, display } = entering
    let { traits, price } = entering
    const flag = traits & Trait.FLAG
    const isMarket = (traits & Trait.TYPE) === Trait.MARKET
    const dark = (traits & Trait.HIDDEN) !== 0
    const ladder = isMarket ? Ladder.MARKET_BUYS + side : dark ? side + 2 : side
    if (isMarket) price = 0
    if (left > fewLots && this.#heldAt(ladder, price) + left > mostLots)
      return this.#finish(entering, CancelReason.NO_ROOM)
    if (!dark && this.#phase === Phase.CONTINUOUS) this.#clear(side, price)
    const iceberg = (traits & Trait.ICEBERG) !== 0
    const needsCare = isTerse(flag) || flag === Trait.ALL_OR_NONE
    if (!isMarket && (dark || needsCare || iceberg || (traits & Trait.REDUCE_ONLY) !== 0)) {
      traits |= special
      this.#complications++
    }
    const slot = orders.allocate()
    const slice = iceberg ? Math.min(display, left) : left
    orders.setId(slot, id)
    orders.open[slot >> 1] = slice
    orders.traits[slot] = traits
    orders.setTotal(slot, entering.total)
    this.#ids.set(id, slot)
    levels.append(ladder, price, slot)
    if (iceberg) {
      const level = orders.level[slot]!
      orders.reserve[slot >> 1] = left - slice
      orders.display[slot >> 1] = display
      levels.reserve[level] = levels.reserve[level]! + left - slice
    }
    if (owner !== 0) this.#own(slot, owner)
    if (flag === Trait.ALL_OR_NONE && !this.#aat) {
      orders.entry[slot >> 1] = ++this.#entries
      this.#waiting.push(slot)
      this.#beckonedAt = -1
      this.#watchers++
      this.#firstPrint = NaN
    }
    if (entering.partner !== 0) this.#pair(slot, entering.partner)
    this.#sequence++
    if (this.#all === true)
      this.#listener.open(
        this.#sequence,
        id,
        side,
        isMarket ? NaN : price,
        left,
        ladder <= Ladder.ASKS ? slice : 0,
      )
  }

  /** Before an order is shown at `price`: what it met there and could not trade with leaves the displayed ladder. */
  #clear(side: number, price: number): void {
    const levels = this.#levels
    for (;;) {
      const level = levels.best[side ^ 1]!
      if (level === 0 || (side === BUY ? levels.price[level]! > price : levels.price[level]! < price)) return
      this.#withdraw(levels.head[level]!)
    }
  }

  /** Takes an all-or-none order out of sight; where flagged orders may not be skipped (aat) it is cancelled. */
  #withdraw(slot: number): void {
    if (this.#aat) return this.#cancelSlot(slot, CancelReason.NOT_FILLABLE)
    const orders = this.#orders
    const price = this.#levels.price[orders.level[slot]!]!
    this.#levels.remove(slot)
    this.#levels.append((orders.traits[slot]! & Trait.SELL) + 2, price, slot)
    this.#changed(slot, ChangeReason.WITHDRAWN)
  }

  /** Shows an iceberg's next slice at the end of the queue. */
  #replenish(slot: number, level: number, price: number): void {
    const orders = this.#orders
    const levels = this.#levels
    const slice = Math.min(orders.display[slot >> 1]!, orders.reserve[slot >> 1]!)
    orders.open[slot >> 1] = slice
    orders.reserve[slot >> 1] = orders.reserve[slot >> 1]! - slice
    levels.quantity[level] = levels.quantity[level]! + slice
    levels.reserve[level] = levels.reserve[level]! - slice
    levels.requeue(slot)
    this.#changed(slot, ChangeReason.REPLENISHED)
  }

  #changed(slot: number, reason: ChangeReason): void {
    this.#sequence++
    if (this.#all === false) return
    const { level } = this.#orders
    const isMarket = this.#levels.ladder[level[slot]!]! >= Ladder.MARKET_BUYS
    const price = isMarket ? NaN : this.#levels.price[level[slot]!]!
    this.#listener.change(
      this.#sequence,
      this.#orders.idOf(slot),
      reason,
      price,
      this.#left(slot),
      this.#shown(slot),
    )
  }

  #left(slot: number): number {
    const { open, reserve, traits } = this.#orders
    return (traits[slot]! & Trait.ICEBERG) === 0 ? open[slot >> 1]! : open[slot >> 1]! + reserve[slot >> 1]!
  }

  #shown(slot: number): number {
    return this.#levels.ladder[this.#orders.level[slot]!]! <= Ladder.ASKS ? this.#orders.open[slot >> 1]! : 0
  }

  #heldAt(ladder: number, price: number): number {
    const level = this.#levels.find(ladder, price)
    return level === 0 ? 0 : this.#levels.quantity[level]! + this.#levels.reserve[level]!
  }

  /** Takes an order out of its queue. */
  #unqueue(slot: number): void {
    const reserve = this.#orders.reserve[slot >> 1]!
    if (reserve !== 0) {
      const level = this.#orders.level[slot]!
      this.#levels.reserve[level] = this.#levels.reserve[level]! - reserve
    }
    this.#levels.remove(slot)
  }

  #cancelSlot(slot: number, reason: CancelReason): void {
    const id = this.#orders.idOf(slot)
    const left = this.#left(slot)
    if (this.#entering.partner === slot) this.#entering.partner = 0
    this.#unqueue(slot)
    this.#release(slot)
    this.#cancelled(id, reason, left)
  }

  /** Takes lots off an order that keeps its place: from what is not shown first. */
  #shrink(slot: number, by: number): void {
    const orders = this.#orders
    const levels = this.#levels
    const level = orders.level[slot]!
    if (orders.traits[slot]! <= 1) {
      const left = orders.open[slot >> 1]! - by
      orders.open[slot >> 1] = left
      orders.setTotal(slot, orders.totalOf(slot) - by)
      levels.quantity[level] = levels.quantity[level]! - by
      const sequence = ++this.#sequence
      if (this.#all === true)
        this.#listener.change(
          sequence,
          orders.idOf(slot),
          ChangeReason.REQUESTED,
          levels.price[level]!,
          left,
          left,
        )
      return
    }
    const unseen = Math.min(by, orders.reserve[slot >> 1]!)
    orders.setTotal(slot, orders.totalOf(slot) - by)
    orders.reserve[slot >> 1] = orders.reserve[slot >> 1]! - unseen
    orders.open[slot >> 1] = orders.open[slot >> 1]! - (by - unseen)
    levels.reserve[level] = levels.reserve[level]! - unseen
    levels.quantity[level] = levels.quantity[level]! - (by - unseen)
    this.#changed(slot, ChangeReason.REQUESTED)
  }

  /** Undoes what an order that is not plain set up beside its queue. A free slot has no traits (but perhaps a side), no owner and no reserve. */
  #forget(slot: number): void {
    const { traits, owner, reserve } = this.#orders
    const trait = traits[slot]!
    if ((trait & owned) !== 0) {
      this.#owners.remove(owner[slot]!, slot)
      owner[slot] = 0
    }
    reserve[slot >> 1] = 0
    if ((trait & special) !== 0) {
      this.#complications--
      if ((trait & Trait.FLAG) === Trait.ALL_OR_NONE && !this.#aat) {
        this.#waiting.splice(this.#waiting.indexOf(slot), 1)
        this.#beckonedAt = -1
        this.#watchers--
      }
    }
    const type = trait & Trait.TYPE
    if ((type === Trait.STOP || type === Trait.STOP_LIMIT) && (trait & Trait.TRIGGERED) === 0)
      this.#disarm(slot)
    if ((trait & Trait.PAIRED) !== 0) this.#unpair(slot)
    traits[slot] = 0
  }

  /** Takes a queued order off and lets it enter anew with other terms. */
  #reenter(slot: number, total: number, price: number): Refused {
    const orders = this.#orders
    const id = orders.idOf(slot)
    const traits = orders.traits[slot]! & ~(internal | Trait.PAIRED | Trait.SELL)
    const side = this.#levels.ladder[orders.level[slot]!]! & 1
    const isMarket = (traits & Trait.TYPE) === Trait.MARKET
    if (
      (traits & Trait.FLAG) === Trait.POST_ONLY &&
      this.#phase === Phase.CONTINUOUS &&
      this.#crosses(side, price)
    )
      return this.#reject(Request.CHANGE, id, Refused.WOULD_TRADE, price, this.#bestPrice(side ^ 1))
    const left = total - (orders.totalOf(slot) - this.#left(slot))
    const entering = this.#prepare(id, side, orders.owner[slot]!, traits, left)
    entering.total = total
    entering.display = orders.display[slot >> 1]!
    if (!isMarket) entering.price = entering.bound = price
    if ((orders.traits[slot]! & Trait.PAIRED) !== 0) entering.partner = orders.partner[slot]!
    this.#unqueue(slot)
    this.#release(slot)
    this.#sequence++
    if (this.#all === true)
      this.#listener.change(this.#sequence, id, ChangeReason.REQUESTED, isMarket ? NaN : price, left, 0)
    this.#enter(entering)
    return this.#watchers === 0 ? 0 : this.#settle()
  }

  // ---------------------------------------------------------------- pairs

  #mayPair(slot: number, owner: number): boolean {
    const traits = this.#orders.traits[slot]!
    const flag = traits & Trait.FLAG
    return (
      this.#orders.owner[slot] === owner &&
      (traits & (Trait.PAIRED | Trait.ICEBERG)) === 0 &&
      (traits & Trait.TYPE) !== Trait.MARKET &&
      !isTerse(flag) &&
      flag !== Trait.ALL_OR_NONE
    )
  }

  #pair(one: number, other: number): void {
    const { partner, traits, level } = this.#orders
    partner[one] = other
    partner[other] = one
    for (const slot of [one, other]) {
      traits[slot] = traits[slot]! | Trait.PAIRED
      if (this.#levels.ladder[level[slot]!]! > Ladder.DARK_ASKS || (traits[slot]! & special) !== 0) continue
      traits[slot] = traits[slot]! | special
      this.#complications++
    }
  }

  #unpair(slot: number): number {
    const { partner, traits } = this.#orders
    const other = partner[slot]!
    traits[slot] = traits[slot]! & ~Trait.PAIRED
    traits[other] = traits[other]! & ~Trait.PAIRED
    return other
  }

  #cancelOther(slot: number): void {
    this.#cancelSlot(this.#unpair(slot), CancelReason.OTHER_OF_PAIR)
  }

  // ---------------------------------------------------------------- stops

  /** Puts a stop into its queue, to wait for a print. */
  #arm(
    id: number,
    owner: number,
    traits: number,
    stopPrice: number,
    quantity: number,
    limit: number,
    display: number,
    trail: number,
  ): number {
    const orders = this.#orders
    const slot = orders.allocate()
    const side = traits & Trait.SELL
    orders.setId(slot, id)
    orders.open[slot >> 1] = quantity
    orders.traits[slot] = traits
    orders.setTotal(slot, quantity)
    orders.display[slot >> 1] = display
    orders.limit[slot >> 1] = limit
    orders.trail[slot >> 1] = trail
    orders.entry[slot >> 1] = ++this.#entries
    this.#ids.set(id, slot)
    this.#levels.append(Ladder.SELL_STOPS + (side ^ 1), stopPrice, slot)
    if (owner !== 0) this.#own(slot, owner)
    if ((traits & Trait.TRAILING) !== 0) this.#trail(slot)
    this.#watchers++
    this.#firstPrint = NaN
    this.#sequence++
    if (this.#all === true) this.#listener.open(this.#sequence, id, side, stopPrice, quantity, 0)
    return slot
  }

  #trail(slot: number): void {
    this.#trailing.push(slot)
    this.#trailedLow = Infinity
    this.#trailedHigh = -Infinity
  }

  #disarm(slot: number): void {
    this.#watchers--
    if ((this.#orders.traits[slot]! & Trait.TRAILING) !== 0)
      this.#trailing.splice(this.#trailing.indexOf(slot), 1)
  }

  /** Gives a stop other terms and the last place among the stops. */
  #rearm(slot: number, total: number, limit: number, stopPrice: number): Refused {
    const orders = this.#orders
    const traits = orders.traits[slot]!
    const side = traits & Trait.SELL
    const moved = stopPrice !== this.#levels.price[orders.level[slot]!]!
    const reached = moved && this.#phase === Phase.CONTINUOUS && this.#reached(side, stopPrice)
    if (reached && this.#rejectReached)
      return this.#reject(Request.CHANGE, orders.idOf(slot), Refused.WOULD_TRIGGER, stopPrice, this.#last)
    this.#levels.remove(slot)
    orders.open[slot >> 1] = total
    orders.setTotal(slot, total)
    orders.limit[slot >> 1] = limit
    orders.entry[slot >> 1] = ++this.#entries
    this.#levels.append(Ladder.SELL_STOPS + (side ^ 1), stopPrice, slot)
    const owner = orders.owner[slot]!
    if (owner !== 0) {
      this.#owners.remove(owner, slot)
      this.#owners.add(owner, slot)
    }
    if ((traits & Trait.TRAILING) !== 0) {
      this.#trailing.splice(this.#trailing.indexOf(slot), 1)
      this.#trail(slot)
    }
    this.#changed(slot, ChangeReason.REQUESTED)
    if (reached) this.#fire([slot], this.#last)
    return this.#settle()
  }

  /** Whether the market is at or through a stop price already: by the last print, or before any, by a touch beyond it. */
  #reached(side: number, stopPrice: number): boolean {
    const last = this.#last
    if (!Number.isNaN(last)) return side === BUY ? last >= stopPrice : last <= stopPrice
    const touch = this.#bestPrice(side ^ 1)
    return side === BUY ? touch > stopPrice : touch < stopPrice
  }

  /** Where a trailing stop stands when the market is at `price`. A percentage counts whole ticks, at least one. */
  #behind(side: number, price: number, trail: number): number {
    const distance = trail > 0 ? trail : Math.max(1, Math.floor((Math.abs(price) * -trail) / 100))
    return side === BUY ? price + distance : price - distance
  }

  /** Best price shown on a side, NaN where there is none. */
  #bestPrice(side: number): number {
    const level = this.#levels.best[side]!
    return level === 0 ? NaN : this.#levels.price[level]!
  }

  /** Carries out what an operation's prints and new orders set off, until nothing more follows. */
  #settle(): 0 {
    const idle =
      Number.isNaN(this.#firstPrint) &&
      this.#pending.length === 0 &&
      (this.#waiting.length === 0 || !this.#beckons())
    if (!idle && this.#phase === Phase.CONTINUOUS) this.#unwind()
    return 0
  }

  #unwind(): void {
    for (;;) {
      if (!Number.isNaN(this.#firstPrint)) {
        const first = this.#firstPrint
        this.#firstPrint = NaN
        if (this.#stirs(first) || this.#stirs(this.#last)) this.#watch(first, this.#last)
      }
      if (this.#pending.length !== 0) this.#activate(this.#pending.shift()!)
      else if (this.#waiting.length === 0 || !this.#beckons() || !this.#fillWaiting()) return
    }
  }

  /** Whether a print at `price` reaches a stop or may pull a trailing one. */
  #stirs(price: number): boolean {
    const { cost } = this.#levels
    if (cost[Ladder.SELL_STOPS]! <= -price || cost[Ladder.BUY_STOPS]! <= price) return true
    return this.#trailing.length !== 0 && !(price >= this.#trailedLow && price <= this.#trailedHigh)
  }

  /** Shows a run of prints, which moved one way from `first` to `last`, to the stops. */
  #watch(first: number, last: number): void {
    const fired: number[] = []
    this.#gather(first, fired)
    if (this.#trailing.length !== 0) this.#trailTo(first)
    if (last !== first) {
      this.#gather(last, fired)
      if (this.#trailing.length !== 0) this.#trailTo(last)
    }
    if (fired.length === 0) return
    const { entry } = this.#orders
    fired.sort((a, b) => entry[a >> 1]! - entry[b >> 1]!)
    this.#fire(fired, last)
  }

  /** Marks the stops that a print at `price` reaches. */
  #gather(price: number, fired: number[]): void {
    const levels = this.#levels
    const { next, traits } = this.#orders
    for (const ladder of [Ladder.SELL_STOPS, Ladder.BUY_STOPS])
      for (let level = levels.best[ladder]!; level !== 0; level = levels.worse[level]!) {
        if (ladder === Ladder.SELL_STOPS ? levels.price[level]! < price : levels.price[level]! > price) break
        for (let slot = levels.head[level]!; slot !== 0; slot = next[slot]!) {
          if ((traits[slot]! & Trait.TRIGGERED) !== 0) continue
          traits[slot] = traits[slot]! | Trait.TRIGGERED
          fired.push(slot)
        }
      }
  }

  /** Pulls trailing stops after a print. */
  #trailTo(price: number): void {
    this.#trailedLow = Math.min(price, this.#trailedLow)
    this.#trailedHigh = Math.max(price, this.#trailedHigh)
    const orders = this.#orders
    const levels = this.#levels
    for (const slot of this.#trailing) {
      const traits = orders.traits[slot]!
      if ((traits & Trait.TRIGGERED) !== 0) continue
      const side = traits & Trait.SELL
      const from = levels.price[orders.level[slot]!]!
      const to = this.#behind(side, price, orders.trail[slot >> 1]!)
      if (side === BUY ? to >= from : to <= from) continue
      levels.remove(slot)
      levels.append(Ladder.SELL_STOPS + (side ^ 1), to, slot)
      const limit = orders.limit[slot >> 1]! + to - from
      orders.limit[slot >> 1] = Math.min(Math.max(limit, this.#lowest), priceBound - 1)
      this.#changed(slot, ChangeReason.TRAILED)
    }
  }

  /** Triggers stops: they leave their queue and wait for their turn to enter. */
  #fire(slots: readonly number[], last: number): void {
    const orders = this.#orders
    const levels = this.#levels
    for (const slot of slots) {
      if (orders.level[slot] === 0) continue // the other of its pair went first
      const stopPrice = levels.price[orders.level[slot]!]!
      levels.remove(slot)
      this.#disarm(slot)
      orders.traits[slot] = orders.traits[slot]! | Trait.TRIGGERED
      this.#sequence++
      if (this.#all === true) this.#listener.trigger(this.#sequence, orders.idOf(slot), stopPrice, last)
      if ((orders.traits[slot]! & Trait.PAIRED) !== 0) this.#cancelOther(slot)
      this.#pending.push(slot)
    }
  }

  /** Lets a triggered stop enter as the market or limit order it has become. */
  #activate(slot: number): void {
    const orders = this.#orders
    const traits = orders.traits[slot]! & ~(Trait.TRIGGERED | Trait.TRAILING | Trait.PAIRED | internal)
    const side = traits & Trait.SELL
    const isLimit = (traits & Trait.TYPE) === Trait.STOP_LIMIT
    const entering = this.#prepare(
      orders.idOf(slot),
      side,
      orders.owner[slot]!,
      (traits & ~Trait.TYPE) | (isLimit ? 0 : Trait.MARKET),
      orders.open[slot >> 1]!,
    )
    entering.total = orders.totalOf(slot)
    entering.display = orders.display[slot >> 1]!
    if (isLimit) entering.price = entering.bound = orders.limit[slot >> 1]!
    this.#release(slot)
    const flag = traits & Trait.FLAG
    if ((traits & Trait.REDUCE_ONLY) !== 0 && this.#owners.reducible(entering.owner, side) === 0)
      this.#finish(entering, CancelReason.POSITION_CLOSED)
    else if (flag === Trait.POST_ONLY && this.#crosses(side, entering.price))
      this.#finish(entering, CancelReason.WOULD_TRADE)
    else this.#enter(entering)
  }

  /** Whether an order of the other side is within reach of a waiting one: found anew only when a best price or a waiting order has changed. */
  #beckons(): boolean {
    return this.#beckonedAt === this.#levels.leads ? this.#beckoned : this.#lookAround()
  }

  #lookAround(): boolean {
    const { cost, ladder, leads, price } = this.#levels
    if (this.#beckonedAt === -1) {
      this.#keenest.fill(-Infinity)
      for (const slot of this.#waiting) {
        const level = this.#orders.level[slot]!
        const side = ladder[level]! & 1
        this.#keenest[side] = Math.max(this.#keenest[side]!, costs(side, price[level]!))
      }
    }
    const buyer = this.#keenest[BUY]!
    const seller = this.#keenest[SELL]!
    this.#beckonedAt = leads
    this.#beckoned =
      cost[Ladder.ASKS]! <= buyer ||
      cost[Ladder.DARK_ASKS]! <= buyer ||
      cost[Ladder.BIDS]! <= seller ||
      cost[Ladder.DARK_BIDS]! <= seller
    return this.#beckoned
  }

  /** Fills the first waiting all-or-none order that can trade whole now. Gives whether there was one. */
  #fillWaiting(): boolean {
    const orders = this.#orders
    const levels = this.#levels
    for (const slot of this.#waiting) {
      const side = orders.traits[slot]! & Trait.SELL
      const price = levels.price[orders.level[slot]!]!
      const level = this.#earlier(side ^ 1, levels.best[side ^ 1]!, levels.best[(side ^ 1) + 2]!)
      if (level === 0 || (side === BUY ? levels.price[level]! > price : levels.price[level]! < price))
        continue
      const traits = orders.traits[slot]! & ~internal
      const entering = this.#prepare(
        orders.idOf(slot),
        side,
        orders.owner[slot]!,
        traits,
        orders.open[slot >> 1]!,
      )
      entering.price = entering.bound = price
      if (!this.#fillable(entering)) continue
      this.#unqueue(slot)
      this.#release(slot)
      this.#match(entering)
      return true
    }
    return false
  }

  // ---------------------------------------------------------------- auction

  /** What a side wants in an auction; orders that must trade whole or at once take no part. */
  #interest(side: number): Interest {
    const orders = this.#orders
    const levels = this.#levels
    const wanted = new Map<number, number>()
    for (const ladder of [side, side + 2])
      for (let level = levels.best[ladder]!; level !== 0; level = levels.worse[level]!) {
        let quantity = 0
        for (let slot = levels.head[level]!; slot !== 0; slot = orders.next[slot]!)
          if (auctions(orders.traits[slot]!)) quantity += this.#left(slot)
        const price = levels.price[level]!
        if (quantity !== 0) wanted.set(price, (wanted.get(price) ?? 0) + quantity)
      }
    const price = [...wanted.keys()].sort((a, b) => (side === BUY ? b - a : a - b))
    const market = levels.best[Ladder.MARKET_BUYS + side]!
    return {
      price,
      quantity: price.map((at) => wanted.get(at)!),
      market: market === 0 ? 0 : levels.quantity[market]!,
    }
  }

  #uncross(reference: number): void {
    const levels = this.#levels
    const first = this.indicative(reference)
    this.#setPhase(Phase.CONTINUOUS)
    this.#phased(first?.price ?? NaN, first?.volume ?? 0)
    this.#firstPrint = NaN
    // Orders that end without trading (a position is closed) can leave the ladder crossed, so look again.
    for (let now = first; now; now = this.indicative(reference)) this.#trade(now.price)
    for (const ladder of [Ladder.MARKET_BUYS, Ladder.MARKET_SELLS])
      while (levels.best[ladder]! !== 0)
        this.#cancelSlot(levels.head[levels.best[ladder]!]!, CancelReason.AUCTION_ENDED)
    for (;;) {
      const [bid, ask] = [levels.best[Ladder.BIDS]!, levels.best[Ladder.ASKS]!]
      if (bid === 0 || ask === 0 || levels.price[bid]! < levels.price[ask]!) return
      this.#withdraw(this.#abstaining(bid) || this.#abstaining(ask))
    }
  }

  /** First order of a level that takes no part in auctions. */
  #abstaining(level: number): number {
    const { next, traits } = this.#orders
    let slot = this.#levels.head[level]!
    while (slot !== 0 && auctions(traits[slot]!)) slot = next[slot]!
    return slot
  }

  /** Trades everything that can trade at one price: market orders, then by price, shown before hidden, then by time. */
  #trade(price: number): void {
    const orders = this.#orders
    const levels = this.#levels
    for (;;) {
      const buy = this.#foremost(BUY, price)
      const sell = this.#foremost(SELL, price)
      if (buy === 0 || sell === 0) return
      if ((orders.traits[buy]! & Trait.PAIRED) !== 0 && orders.partner[buy] === sell) {
        this.#cancelSlot(sell, CancelReason.OTHER_OF_PAIR)
        continue
      }
      let quantity = Math.min(orders.open[buy >> 1]!, orders.open[sell >> 1]!)
      let closed = 0
      for (const [slot, side] of [
        [buy, BUY],
        [sell, SELL],
      ] as const) {
        if ((orders.traits[slot]! & Trait.REDUCE_ONLY) === 0) continue
        const most = this.#owners.reducible(orders.owner[slot]!, side)
        if (most === 0) closed = slot
        quantity = Math.min(quantity, most)
        if (closed !== 0) break
      }
      if (closed !== 0) {
        this.#cancelSlot(closed, CancelReason.POSITION_CLOSED)
        continue
      }
      this.#cross(buy, sell, price, quantity)
    }
  }

  /** The order of a side that trades next at an auction price, 0 where none does. */
  #foremost(side: number, price: number): number {
    const levels = this.#levels
    const market = levels.best[Ladder.MARKET_BUYS + side]!
    if (market !== 0) return levels.head[market]!
    let lit = levels.best[side]!
    let dark = levels.best[side + 2]!
    for (;;) {
      const level = this.#earlier(side, lit, dark)
      if (level === 0 || (side === BUY ? levels.price[level]! < price : levels.price[level]! > price))
        return 0
      for (let slot = levels.head[level]!; slot !== 0; slot = this.#orders.next[slot]!)
        if (auctions(this.#orders.traits[slot]!)) return slot
      if (level === lit) lit = levels.worse[level]!
      else dark = levels.worse[level]!
    }
  }

  /** One match of an auction. */
  #cross(buy: number, sell: number, price: number, quantity: number): void {
    const orders = this.#orders
    const levels = this.#levels
    const { position } = this.#owners
    if (Number.isNaN(this.#firstPrint)) this.#firstPrint = price
    this.#last = price
    for (const slot of [buy, sell]) {
      orders.open[slot >> 1] = orders.open[slot >> 1]! - quantity
      const level = orders.level[slot]!
      levels.quantity[level] = levels.quantity[level]! - quantity
      const owner = orders.owner[slot]!
      if (owner !== 0) position[owner] = position[owner]! + (slot === buy ? quantity : -quantity)
    }
    const sellLevel = orders.level[sell]!
    const queue = levels.ladder[sellLevel]! <= Ladder.ASKS ? levels.quantity[sellLevel]! : 0
    this.#traded(
      orders.idOf(sell),
      orders.idOf(buy),
      BUY,
      price,
      quantity,
      this.#left(sell),
      this.#left(buy),
      queue,
    )
    for (const slot of [sell, buy])
      if (this.#left(slot) === 0) {
        this.#sequence++
        if (this.#all === true) this.#listener.fill(this.#sequence, orders.idOf(slot))
      }
    for (const slot of [sell, buy]) if ((orders.traits[slot]! & Trait.PAIRED) !== 0) this.#cancelOther(slot)
    for (const slot of [sell, buy]) {
      if (orders.open[slot >> 1] !== 0) continue
      const level = orders.level[slot]!
      if (orders.reserve[slot >> 1] !== 0) this.#replenish(slot, level, levels.price[level]!)
      else {
        levels.remove(slot)
        this.#release(slot)
      }
    }
  }

  /** Outside continuous trading no order is plain. */
  #setPhase(phase: Phase): void {
    this.#barred += Number(phase !== Phase.CONTINUOUS) - Number(this.#phase !== Phase.CONTINUOUS)
    this.#phase = phase
  }

  #phased(price: number, quantity: number): void {
    this.#sequence++
    if (this.#all === true) this.#listener.phase(this.#sequence, this.#phase, price, quantity)
  }

  // ---------------------------------------------------------------- refusals

  #reject(request: Request, id: number, code: Refused, found: number, bound: number): Refused {
    this.#sequence++
    if (this.#all === true) this.#listener.reject(this.#sequence, request, id, code, found, bound)
    return code
  }

  #refuseUnknown(request: Request, id: number, slot: number): Refused {
    return this.#reject(
      request,
      id,
      slot === finished ? Refused.ORDER_FINISHED : Refused.UNKNOWN_ORDER,
      id,
      NaN,
    )
  }

  #refuseNew(id: number, side: number, quantity: number, owner: number): Refused {
    const known = this.#ids.get(id)
    if (known !== 0) return this.#reject(Request.ADD, id, Refused.DUPLICATE_ORDER, id, NaN)
    if (id >>> 0 !== id && !(Number.isSafeInteger(id) && id >= 0))
      return this.#reject(Request.ADD, id, Refused.OUT_OF_RANGE, id, Number.MAX_SAFE_INTEGER)
    if (owner >>> 0 !== owner && !(Number.isSafeInteger(owner) && owner >= 0))
      return this.#reject(Request.ADD, id, Refused.OUT_OF_RANGE, owner, Number.MAX_SAFE_INTEGER)
    if (side !== BUY && side !== SELL) return this.#reject(Request.ADD, id, Refused.CONTRADICTORY, side, SELL)
    if ((quantity | 0) === quantity && quantity > 0) return 0
    if (!(Number.isInteger(quantity) && quantity > 0))
      return this.#reject(Request.ADD, id, Refused.OFF_LOT, quantity, NaN)
    if (quantity > mostLots) return this.#reject(Request.ADD, id, Refused.OUT_OF_RANGE, quantity, mostLots)
    return 0
  }

  #refusePrice(id: number, request: Request, price: number): Refused {
    if ((price | 0) === price && price >= this.#lowest) return 0
    if (!Number.isInteger(price)) return this.#reject(request, id, Refused.OFF_TICK, price, NaN)
    if (price < this.#lowest) return this.#reject(request, id, Refused.OUT_OF_RANGE, price, this.#lowest)
    if (price >= priceBound) return this.#reject(request, id, Refused.OUT_OF_RANGE, price, priceBound - 1)
    return 0
  }

  #refusePhase(id: number): Refused {
    return this.#phase === Phase.HALTED ? this.#reject(Request.ADD, id, Refused.HALTED, NaN, NaN) : 0
  }

  /** Refuses an order for which there is no room: too many live, or more lots at its price than stay exact. */
  #refuseCrowd(id: number, ladder: number, price: number, quantity: number): Refused {
    if (this.#orders.live >= mostOrders)
      return this.#reject(Request.ADD, id, Refused.TOO_MANY_ORDERS, this.#orders.live, mostOrders)
    if (quantity > fewLots && this.#heldAt(ladder, price) + quantity > mostLots)
      return this.#reject(Request.ADD, id, Refused.OUT_OF_RANGE, quantity, mostLots)
    return 0
  }

  // ---------------------------------------------------------------- views

  #view(slot: number): OrderView {
    const o = this.#orders
    const traits = o.traits[slot]!
    const type = types[(traits & Trait.TYPE) >> 1]!
    const here = this.#levels.price[o.level[slot]!]!
    const isStop = type === OrderType.STOP || type === OrderType.STOP_LIMIT
    const left = this.#left(slot)
    return {
      id: o.idOf(slot),
      owner: this.#owners.id[o.owner[slot]!]!,
      side: (this.#levels.ladder[o.level[slot]!]! & 1) === Number(isStop) ? Side.BUY : Side.SELL,
      type,
      flag: flags[(traits & Trait.FLAG) >> 3]!,
      price: type === OrderType.LIMIT ? here : type === OrderType.STOP_LIMIT ? o.limit[slot >> 1]! : null,
      stopPrice: isStop ? here : null,
      quantity: o.totalOf(slot),
      filled: o.totalOf(slot) - left,
      open: left,
      shown: this.#shown(slot),
    }
  }

  #levelView(level: number): Level | null {
    if (level === 0) return null
    const { price, quantity, count } = this.#levels
    return { price: price[level]!, quantity: quantity[level]!, orders: count[level]! }
  }

  #side(side: number, count: number): Level[] {
    const found: Level[] = []
    for (
      let level = this.#levels.best[side]!;
      level !== 0 && found.length < count;
      level = this.#levels.worse[level]!
    )
      found.push(this.#levelView(level)!)
    return found
  }
}

/** The whole state of a book as typed arrays, fit for `postMessage` and for `new OrderBook(options, image)`. */
export interface BookImage {
  readonly version: 1
  readonly state: Float64Array
  readonly orders: OrdersImage
  readonly levels: LevelsImage
  readonly ids: { near: Int32Array; far: Float64Array }
  readonly owners: OwnersImage
  readonly waiting: Int32Array
  readonly trailing: Int32Array
}

/** Options may come from a file: what is not known is told, not taken for the default. */
function oneOf(option: string, found: string | undefined, known: readonly string[]): void {
  if (found !== undefined && !known.includes(found))
    throw new TypeError(`${option} is '${found}'; expected one of ${known.join(', ')}`)
}

/** Hears nothing. */
const silent: BookListener = {
  open() {},
  trade() {},
  fill() {},
  change() {},
  cancel() {},
  reject() {},
  trigger() {},
  phase() {},
}

/** Fill-or-kill and immediate-or-cancel: over within the moment, outside the aat profile. */
const isTerse = (flag: number) => flag === Trait.FILL_OR_KILL || flag === Trait.IMMEDIATE_OR_CANCEL

/** Whether an order takes part in auctions. */
function auctions(traits: number): boolean {
  const flag = traits & Trait.FLAG
  return !isTerse(flag) && flag !== Trait.ALL_OR_NONE
}

/** Whether a maker is given a pro-rata part; the others are served by time. */
const shares = (traits: number) =>
  (traits & (Trait.REDUCE_ONLY | Trait.PAIRED)) === 0 && ((traits & special) === 0 || auctions(traits))

/** `taker * open / sum` rounded down, exact also where the product is beyond safe integers. */
function portion(taker: number, open: number, sum: number): number {
  const product = taker * open
  return product <= Number.MAX_SAFE_INTEGER
    ? Math.floor(product / sum)
    : Number((BigInt(taker) * BigInt(open)) / BigInt(sum))
}

/** Lots that a sum of money pays for. */
function affordable(budget: number, price: number): number {
  if (price === 0) return mostLots
  const lots = Math.floor(budget / price)
  return lots * price > budget ? lots - 1 : lots
}

function padded(levels: readonly Level[], count: number): (Level | null)[] {
  return Array.from({ length: count }, (_, i) => levels[i] ?? null)
}

/** Whether two terms of an order exclude each other. */
function contradicts(order: BookOrder, flag: number, lowest: number): boolean {
  const { type, notional, cap, toLimit, display, hidden, reduceOnly, trail, trailPercent, pairWith } = order
  const isMarket = type === OrderType.MARKET
  const isStop = type === OrderType.STOP || type === OrderType.STOP_LIMIT
  const hasLimit = type === OrderType.LIMIT || type === OrderType.STOP_LIMIT
  const trails = trail !== undefined || trailPercent !== undefined
  const lasts = flag === 0 || flag === Trait.DAY || flag === Trait.POST_ONLY
  if (!isMarket && (notional !== undefined || cap !== undefined || toLimit)) return true
  if (!hasLimit && (flag === Trait.POST_ONLY || display !== undefined || hidden)) return true
  if (toLimit && (notional !== undefined || cap !== undefined || !lasts)) return true
  if (
    notional !== undefined &&
    (order.quantity !== undefined ||
      reduceOnly ||
      lowest < 0 ||
      flag === Trait.FILL_OR_KILL ||
      flag === Trait.ALL_OR_NONE)
  )
    return true
  if ((display !== undefined || hidden || pairWith !== undefined) && !lasts) return true
  if (display !== undefined && (hidden || reduceOnly || pairWith !== undefined)) return true
  if (reduceOnly && (!order.owner || flag === Trait.ALL_OR_NONE)) return true
  if (pairWith !== undefined && isMarket) return true
  if (trails && (!isStop || (trail !== undefined && trailPercent !== undefined))) return true
  return trails && type === OrderType.STOP_LIMIT && order.stopPrice === undefined
}

/** Whether an order may be given while an auction collects: it must be able to wait. */
function fitsAuction(order: BookOrder, flag: number): boolean {
  return (
    (flag === 0 || flag === Trait.DAY) &&
    !order.toLimit &&
    order.notional === undefined &&
    order.cap === undefined
  )
}
