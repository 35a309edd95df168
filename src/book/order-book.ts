import { OrderType, Side } from '#market'
import { Admission, capOf, flagOf, isStop, mostSlices } from './admission.ts'
import type { Clearing } from './auction.ts'
import { CallAuction } from './call-auction.ts'
import { priceBound } from './far-prices.ts'
import { finished } from './index-of-ids.ts'
import { costs, Ladder, placeOf } from './levels.ts'
import { Matching } from './matching.ts'
import { fewLots, internal, mostLots, mostOrders, special, tracked, Trait, types } from './orders.ts'
import { BookState, selfTradeRules, type BookImage } from './state.ts'
import { Stops } from './stops.ts'
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
import { levelView, orderView, sideView } from './views.ts'

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
  readonly #state = new BookState()
  readonly #matching = new Matching(this.#state)
  readonly #stops = new Stops(this.#state, this.#matching)
  readonly #auction = new CallAuction(this.#state, this.#matching)
  readonly #admission = new Admission(this.#state)

  constructor(options: BookOptions = {}, image?: BookImage) {
    this.#options = options
    this.#state.begin(options, image)
  }

  // ---------------------------------------------------------------- requests

  /** A plain limit order: trades what it can at `price` or better, rests with what is left. The fastest way in. */
  limit(id: number, side: number, price: number, quantity: number, owner = 0): Refused {
    const state = this.#state
    const { levels, ids } = state
    const { orders } = levels
    const { near } = ids
    const cost = (price ^ (0 - side)) + side // the same as `costs(side, price)`, without a branch or a minus zero
    // Most orders join a queue that is there, and that is all. Whatever is rarer goes another way and does not come back here: so the
    // compiler reads what it needs of the book once, as nothing in between can have changed it.
    const joins =
      (side & 1) === side &&
      (quantity & (fewLots - 1)) === quantity &&
      quantity !== 0 &&
      (price | 0) === price &&
      owner === 0 &&
      (id & (near.length - 1)) === id &&
      near[id] === 0 &&
      state.barred === 0 &&
      levels.cost[side ^ 1]! > cost &&
      levels.cost[(side ^ 1) + 2]! > cost
    const level = joins ? levels.window[placeOf(side, price)]! : 0
    const slot = orders.spare
    if (level === 0 || slot === 0 || levels.price[level] !== price)
      return this.#limitAnywhere(id, side, price, quantity, owner)
    orders.spare = orders.next[slot]!
    orders.live++
    orders.id[slot] = id
    orders.total[slot] = quantity
    orders.open[slot >> 1] = quantity
    near[id] = slot
    levels.enqueue(level, slot)
    state.opened(id, side, price, quantity, quantity)
    return state.isQuiet() ? 0 : this.#stops.settle()
  }

  /** A plain limit order that may trade, or open a level. */
  #limitAnywhere(id: number, side: number, price: number, quantity: number, owner: number): Refused {
    const state = this.#state
    const levels = state.levels
    const cost = (price ^ (0 - side)) + side
    // What almost every order passes at a glance is looked at in full only where it does not.
    const fine =
      (side & 1) === side &&
      (quantity & (fewLots - 1)) === quantity &&
      quantity !== 0 &&
      (price | 0) === price &&
      price >= state.lowest &&
      owner === 0 &&
      state.ids.isFree(id) &&
      state.orders.live < mostOrders &&
      state.barred === 0 &&
      levels.cost[(side ^ 1) + 2]! > cost
    if (!fine) return this.#limitInFull(id, side, price, quantity, owner)
    let left = quantity
    if (levels.cost[side ^ 1]! <= cost) {
      left = this.#sweep(id, side, 0, cost, quantity)
      if (left === 0 || levels.cost[side ^ 1]! <= cost)
        return this.#goOn(id, side, 0, 0, price, quantity, left)
    }
    const orders = state.orders
    const slot = orders.allocate()
    orders.id[slot] = id
    orders.total[slot] = quantity
    orders.open[slot >> 1] = left
    state.ids.set(id, slot)
    levels.enqueue(levels.find(side, price) || levels.create(side, price), slot)
    state.opened(id, side, price, left, left)
    return state.isQuiet() ? 0 : this.#stops.settle()
  }

  #limitInFull(id: number, side: number, price: number, quantity: number, owner: number): Refused {
    const state = this.#state
    const refused =
      this.#admission.refuseNew(id, side, quantity, owner) ||
      this.#admission.refusePrice(id, Request.ADD, price) ||
      this.#admission.refusePhase(id) ||
      this.#admission.refuseCrowd(id, side, price, quantity)
    if (refused !== 0) return refused
    const account = owner === 0 ? 0 : state.owners.enter(owner)
    const cost = costs(side, price)
    const left = this.#sweepShown(id, side, account, cost, quantity)
    if (left === 0 || !this.#isPlain(account, side, cost) || state.meets(side, cost))
      return this.#goOn(id, side, account, 0, price, quantity, left)
    this.#restPlain(id, side, price, left, quantity, account)
    return state.isQuiet() ? 0 : this.#stops.settle()
  }

  /** A plain market order: trades what it can, the rest is cancelled. */
  market(id: number, side: number, quantity: number, owner = 0): Refused {
    const state = this.#state
    const fine =
      (side & 1) === side &&
      (quantity | 0) === quantity &&
      quantity > 0 &&
      owner === 0 &&
      state.ids.isFree(id) &&
      state.barred === 0
    if (!fine) return this.#marketInFull(id, side, quantity, owner)
    const left = this.#sweepShown(id, side, 0, priceBound, quantity)
    return this.#goOn(id, side, 0, Trait.MARKET, 0, quantity, left)
  }

  #marketInFull(id: number, side: number, quantity: number, owner: number): Refused {
    const state = this.#state
    const refused = this.#admission.refuseNew(id, side, quantity, owner) || this.#admission.refusePhase(id)
    if (refused !== 0) return refused
    if (state.phase === Phase.AUCTION) {
      const crowd = this.#admission.refuseCrowd(id, Ladder.MARKET_BUYS + side, 0, quantity)
      if (crowd !== 0) return crowd
    }
    const account = owner === 0 ? 0 : state.owners.enter(owner)
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
    const state = this.#state
    if (left === 0) state.ids.set(id, finished)
    else {
      const entering = this.#matching.prepare(id, side, owner, type, quantity)
      entering.left = left
      entering.traded = entering.printed = left !== quantity
      if (type === 0) entering.price = entering.bound = price
      this.#matching.enter(entering)
    }
    return state.isQuiet() ? 0 : this.#stops.settle()
  }

  /** Any order. */
  add(order: BookOrder): Refused {
    const state = this.#state
    const { id, display, notional } = order
    const refused = this.#admission.refuseTerms(order)
    if (refused !== 0) return refused
    const side = order.side === Side.BUY ? BUY : SELL
    const account = state.owners.enter(order.owner ?? 0)
    const partner = order.pairWith === undefined ? 0 : state.ids.get(order.pairWith)
    const untimely = this.#admission.refuseTies(order, side, account, partner)
    if (untimely !== 0) return untimely
    const quantity = notional ?? order.quantity!
    const iceberg = display !== undefined && display < quantity
    const flag = flagOf(order)
    const traits =
      (types.indexOf(order.type) << 1) |
      flag |
      (iceberg ? Trait.ICEBERG : 0) |
      (order.hidden ? Trait.HIDDEN : 0) |
      (order.reduceOnly ? Trait.REDUCE_ONLY : 0) |
      (order.selfTrade === undefined ? 0 : (selfTradeRules.indexOf(order.selfTrade) + 1) << 17)
    const slice = iceberg ? display : 0
    if (isStop(order)) return this.#addStop(order, side, account, traits, slice, partner)

    const limited = order.type === OrderType.LIMIT
    const price = limited ? order.price! : 0
    if (flag === Trait.POST_ONLY && state.phase === Phase.CONTINUOUS && this.#matching.crosses(side, price))
      return state.reject(Request.ADD, id, Refused.WOULD_TRADE, price, state.bestPrice(side ^ 1))
    if (limited || state.phase === Phase.AUCTION) {
      const ladder = !limited ? Ladder.MARKET_BUYS + side : order.hidden ? side + 2 : side
      const crowd = this.#admission.refuseCrowd(id, ladder, price, quantity)
      if (crowd !== 0) return crowd
    }
    const more = (notional === undefined ? 0 : Trait.NOTIONAL) | (order.toLimit ? Trait.TO_LIMIT : 0)
    const entering = this.#matching.prepare(id, side, account, traits | more, notional ? 0 : quantity)
    entering.price = price
    entering.bound = (limited ? price : capOf(order)) ?? entering.bound
    entering.budget = notional ?? 0
    entering.most = order.most ?? mostLots
    entering.display = slice
    entering.partner = partner
    this.#matching.enter(entering)
    return state.isQuiet() ? 0 : this.#stops.settle()
  }

  #addStop(
    order: BookOrder,
    side: number,
    account: number,
    traits: number,
    display: number,
    partner: number,
  ): Refused {
    const state = this.#state
    const { id, trail, trailPercent } = order
    const quantity = order.quantity!
    const distance = trail ?? -(trailPercent ?? 0)
    const stopPrice = order.stopPrice ?? this.#stops.behind(side, state.last, distance)
    if (Number.isNaN(stopPrice)) return state.reject(Request.ADD, id, Refused.NO_MARKET, NaN, NaN)
    const off = this.#admission.refusePrice(id, Request.ADD, stopPrice)
    if (off !== 0) return off
    const reached = state.phase === Phase.CONTINUOUS && this.#stops.reached(side, stopPrice)
    if (reached && state.rejectReached)
      return state.reject(Request.ADD, id, Refused.WOULD_TRIGGER, stopPrice, state.last)
    const crowd = this.#admission.refuseCrowd(id, Ladder.SELL_STOPS + (side ^ 1), stopPrice, quantity)
    if (crowd !== 0) return crowd
    const limit = order.type === OrderType.STOP_LIMIT ? order.price! : 0
    const kind = traits | side | (distance === 0 ? 0 : Trait.TRAILING)
    const slot = this.#stops.arm(id, account, kind, stopPrice, quantity, limit, display, distance)
    if (partner !== 0) state.pair(slot, partner)
    if (reached) this.#stops.fire([slot], state.last)
    return this.#stops.settle()
  }

  /** Takes an order back. */
  cancel(id: number): Refused {
    const state = this.#state
    const { levels, ids } = state
    const { orders } = levels
    const { near } = ids
    const slot = (id & (near.length - 1)) === id ? near[id]! : 0
    if (slot <= 0 || orders.traits[slot]! > 1) return this.#cancelAny(id)
    const level = orders.level[slot]!
    if (levels.count[level] === 1) return this.#cancelAny(id)
    levels.leave(level, slot)
    near[id] = finished
    orders.free(slot)
    state.cancelled(id, CancelReason.REQUESTED, orders.open[slot >> 1]!)
    return state.isQuiet() ? 0 : this.#stops.settle()
  }

  /** Takes back an order that is not plain, or the last at its price. */
  #cancelAny(id: number): Refused {
    const state = this.#state
    const slot = state.ids.get(id)
    if (slot <= 0) return this.#admission.refuseUnknown(Request.CANCEL, id, slot)
    state.cancelSlot(slot, CancelReason.REQUESTED)
    return state.isQuiet() ? 0 : this.#stops.settle()
  }

  /** Takes `by` lots off an order's open quantity; it keeps its place. All of it is a cancel. */
  reduce(id: number, by: number): Refused {
    const state = this.#state
    const slot = state.ids.get(id)
    if (slot <= 0) return this.#admission.refuseUnknown(Request.CHANGE, id, slot)
    if (!(Number.isSafeInteger(by) && by > 0))
      return state.reject(Request.CHANGE, id, Refused.OFF_LOT, by, NaN)
    if (state.phase === Phase.HALTED) return state.reject(Request.CHANGE, id, Refused.HALTED, NaN, NaN)
    const left = state.left(slot)
    if (by > left) return state.reject(Request.CHANGE, id, Refused.OUT_OF_RANGE, by, left)
    if (by === left) state.cancelSlot(slot, CancelReason.AMENDED)
    else state.shrink(slot, by)
    return state.isQuiet() ? 0 : this.#stops.settle()
  }

  /**
   * Alters an order. `quantity` counts what has traded already. Less keeps the place in the queue; more, or a new price,
   * loses it: the order enters anew and may trade. What is left out stays.
   */
  change(id: number, quantity?: number, price?: number, stopPrice?: number): Refused {
    const state = this.#state
    const slot = state.ids.get(id)
    if (slot <= 0) return this.#admission.refuseUnknown(Request.CHANGE, id, slot)
    const o = state.orders
    const traits = o.traits[slot]!
    const type = traits & Trait.TYPE
    const total = o.totalOf(slot)
    const left = state.left(slot)
    const wanted = quantity ?? total
    if (!(Number.isSafeInteger(wanted) && wanted > 0))
      return state.reject(Request.CHANGE, id, Refused.OFF_LOT, wanted, NaN)
    if (wanted > mostLots) return state.reject(Request.CHANGE, id, Refused.OUT_OF_RANGE, wanted, mostLots)
    if (wanted < total - left)
      return state.reject(Request.CHANGE, id, Refused.OUT_OF_RANGE, wanted, total - left)
    const slice = (traits & Trait.ICEBERG) !== 0 ? o.display[slot >> 1]! : wanted
    if (slice * mostSlices < wanted)
      return state.reject(Request.CHANGE, id, Refused.OUT_OF_RANGE, wanted, slice * mostSlices)
    const isStop = type === Trait.STOP || type === Trait.STOP_LIMIT
    if (
      (price !== undefined && (type === Trait.STOP || type === Trait.MARKET)) ||
      (stopPrice !== undefined && !isStop)
    )
      return state.reject(Request.CHANGE, id, Refused.CONTRADICTORY, NaN, NaN)
    if (price !== undefined) {
      const off = this.#admission.refusePrice(id, Request.CHANGE, price)
      if (off !== 0) return off
    }
    if (stopPrice !== undefined) {
      const off = this.#admission.refusePrice(id, Request.CHANGE, stopPrice)
      if (off !== 0) return off
    }
    if (state.phase === Phase.HALTED) return state.reject(Request.CHANGE, id, Refused.HALTED, NaN, NaN)
    if (wanted === total - left) {
      state.cancelSlot(slot, CancelReason.AMENDED)
      if (!state.isQuiet()) this.#stops.settle()
      return 0
    }
    const level = o.level[slot]!
    const here = state.levels.price[level]!
    const limit = isStop ? o.limit[slot >> 1]! : here
    const stays = wanted <= total && (price ?? limit) === limit && (!isStop || (stopPrice ?? here) === here)
    if (stays) {
      state.shrink(slot, total - wanted)
      if (!state.isQuiet()) this.#stops.settle()
      return 0
    }
    const ladder = state.levels.ladder[level]!
    const target = (isStop ? stopPrice : price) ?? here
    const more = wanted - (total - left)
    if (more > fewLots && state.heldAt(ladder, target) + more > mostLots)
      return state.reject(Request.CHANGE, id, Refused.OUT_OF_RANGE, wanted, mostLots)
    return isStop
      ? this.#stops.rearm(slot, wanted, price ?? limit, target)
      : this.#reenter(slot, wanted, target)
  }

  /** Takes back every order of an owner, oldest entry first. Gives how many there were. */
  massCancel(owner: number): number {
    const state = this.#state
    const account = state.owners.find(owner)
    if (account === 0) return 0
    let count = 0
    for (let slot = state.owners.first(account); slot !== 0; slot = state.owners.first(account), count++)
      state.cancelSlot(slot, CancelReason.REQUESTED)
    if (!state.isQuiet()) this.#stops.settle()
    return count
  }

  /** Ends the day: day orders are cancelled, ladder by ladder, best first. Gives how many there were. */
  endDay(): number {
    const state = this.#state
    const { next, traits } = state.orders
    const day: number[] = []
    for (let ladder = 0; ladder <= Ladder.MARKET_SELLS; ladder++)
      for (let level = state.levels.best[ladder]!; level !== 0; level = state.levels.worse[level]!)
        for (let slot = state.levels.head[level]!; slot !== 0; slot = next[slot]!)
          if ((traits[slot]! & Trait.FLAG) === Trait.DAY) day.push(slot)
    for (const slot of day) state.cancelSlot(slot, CancelReason.DAY_ENDED)
    if (!state.isQuiet()) this.#stops.settle()
    return day.length
  }

  /** Tells the book what an owner holds, in lots, negative when short. From then on his trades move it. */
  setPosition(owner: number, lots: number): Refused {
    const state = this.#state
    if (!(Number.isSafeInteger(owner) && owner > 0)) return Refused.OUT_OF_RANGE
    if (!Number.isSafeInteger(lots)) return Refused.OFF_LOT
    const account = state.owners.enter(owner)
    if (Number.isNaN(state.owners.position[account]!)) {
      state.complications++
      const { traits, ownerNext } = state.orders
      for (let slot = state.owners.first(account); slot !== 0; slot = ownerNext[slot]!)
        traits[slot] = traits[slot]! | tracked
    }
    state.owners.position[account] = lots
    return 0
  }

  /** What an owner holds; null where the book was not told. */
  position(owner: number): number | null {
    const state = this.#state
    const position = state.owners.position[state.owners.find(owner)]!
    return Number.isNaN(position) ? null : position
  }

  // ---------------------------------------------------------------- phases

  get phase(): Phase {
    return this.#state.phase
  }

  /** Stops trading: until `resume` nothing but cancels is accepted. */
  halt(): void {
    this.#state.setPhase(Phase.HALTED, NaN, 0)
  }

  /** Calls an auction: orders collect, without trading, until `resume`. */
  callAuction(): void {
    this.#state.setPhase(Phase.AUCTION, NaN, 0)
  }

  /**
   * Back to continuous trading. What an auction collected is uncrossed first: at the price of maximum volume, then
   * minimum surplus, then nearest to `reference`, for which the last trade's price stands in.
   */
  resume(reference: number = this.#state.last): void {
    if (this.#state.phase === Phase.CONTINUOUS) return
    this.#auction.uncross(reference)
    this.#stops.settle()
  }

  /** What an auction would do now; null where nothing would trade. */
  indicative(reference: number = this.#state.last): Clearing | null {
    return this.#auction.indicative(reference)
  }

  // ---------------------------------------------------------------- questions

  /** Price of the last trade; null before the first. */
  get last(): number | null {
    const { last } = this.#state
    return Number.isNaN(last) ? null : last
  }

  /** Number of the last event. */
  get sequence(): number {
    return this.#state.sequence
  }

  /** Orders that live: resting, shown or not, and armed. */
  get size(): number {
    return this.#state.orders.live
  }

  /** Lots of an order that may still trade; 0 where it does not live. */
  open(id: number): number {
    const slot = this.#state.ids.get(id)
    if (slot <= 0) return 0
    const left = this.#state.left(slot)
    // A double of the column is handed out as a word where it is one: that needs no box.
    return (left | 0) === left ? left | 0 : left
  }

  /** An order that lives, null otherwise. */
  find(id: number): OrderView | null {
    const state = this.#state
    const slot = state.ids.get(id)
    return slot > 0 ? orderView(state, slot) : null
  }

  /** What stands before an order at its price: orders and lots shown; null where it is not on the displayed ladder. */
  ahead(id: number): { orders: number; quantity: number } | null {
    const state = this.#state
    const slot = state.ids.get(id)
    if (slot <= 0) return null
    const { level, prev, open } = state.orders
    if (state.levels.ladder[level[slot]!]! > Ladder.ASKS) return null
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
    const state = this.#state
    const [bid, ask] = [state.levels.best[Ladder.BIDS]!, state.levels.best[Ladder.ASKS]!]
    return bid === 0 || ask === 0 ? null : state.levels.price[ask]! - state.levels.price[bid]!
  }

  /** The bid and the ask that are `index` levels from the best; null where there are not so many. */
  level(index: number): { bid: Level | null; ask: Level | null } {
    const state = this.#state
    const at = (side: number) => {
      let level = state.levels.best[side]!
      for (let i = 0; i < index && level !== 0; i++) level = state.levels.worse[level]!
      return levelView(state.levels, level)
    }
    return { bid: at(BUY), ask: at(SELL) }
  }

  /** What is shown at a price; null for a side where nothing is. */
  levelAt(price: number): { bid: Level | null; ask: Level | null } {
    const state = this.#state
    const at = (side: number) =>
      levelView(state.levels, Number.isSafeInteger(price) ? state.levels.find(side, price) : 0)
    return { bid: at(BUY), ask: at(SELL) }
  }

  /** Up to `count` levels of each side, best first. */
  levels(count = Infinity): { bids: Level[]; asks: Level[] } {
    const state = this.#state
    return { bids: sideView(state.levels, BUY, count), asks: sideView(state.levels, SELL, count) }
  }

  /** The best `count` bids, best first; null stands for each one that is absent. */
  bids(count: number): (Level | null)[] {
    return padded(sideView(this.#state.levels, BUY, count), count)
  }

  /** The best `count` asks, best first; null stands for each one that is absent. */
  asks(count: number): (Level | null)[] {
    return padded(sideView(this.#state.levels, SELL, count), count)
  }

  /** Writes up to `prices.length` levels of a side, best first, into arrays of the caller. Gives how many there were. */
  depth(side: number, prices: Float64Array, quantities: Float64Array): number {
    const state = this.#state
    let count = 0
    for (
      let level = state.levels.best[side]!;
      level !== 0 && count < prices.length;
      level = state.levels.worse[level]!, count++
    ) {
      prices[count] = state.levels.price[level]!
      quantities[count] = state.levels.quantity[level]!
    }
    return count
  }

  /** The orders shown: asks from the lowest price up, then bids from the lowest price up, as in aat; by time within a price. */
  *[Symbol.iterator](): IterableIterator<OrderView> {
    const state = this.#state
    const { worse, better, best, head } = state.levels
    const { next } = state.orders
    for (let level = best[Ladder.ASKS]!; level !== 0; level = worse[level]!)
      for (let slot = head[level]!; slot !== 0; slot = next[slot]!) yield orderView(state, slot)
    let lowest = best[Ladder.BIDS]!
    while (lowest !== 0 && worse[lowest]! !== 0) lowest = worse[lowest]!
    for (let level = lowest; level !== 0; level = better[level]!)
      for (let slot = head[level]!; slot !== 0; slot = next[slot]!) yield orderView(state, slot)
  }

  /** Every order that lives, ladder by ladder: bids, asks, hidden bids, hidden asks, sell stops, buy stops, auction market orders; best first. */
  *everything(): IterableIterator<OrderView> {
    const state = this.#state
    for (let ladder = 0; ladder <= Ladder.MARKET_SELLS; ladder++)
      for (let level = state.levels.best[ladder]!; level !== 0; level = state.levels.worse[level]!)
        for (let slot = state.levels.head[level]!; slot !== 0; slot = state.orders.next[slot]!)
          yield orderView(state, slot)
  }

  /** The book's whole state as typed arrays, which can be transferred. */
  snapshot(): BookImage {
    return this.#state.save()
  }

  /** A book that goes on exactly as this one would, with another listener or none. */
  clone(listener?: BookListener): OrderBook {
    return new OrderBook({ ...this.#options, listener }, this.snapshot())
  }

  // ---------------------------------------------------------------- the short path

  /** Whether a plain order of this owner that may cost so much can go the short path to its end: nothing hidden is in reach, no position moves. */
  #isPlain(owner: number, side: number, cost: number): boolean {
    return this.#isFree(owner) && this.#state.levels.cost[(side ^ 1) + 2]! > cost
  }

  /** Whether plain orders of an owner may set out on the short path. */
  #isFree(owner: number): boolean {
    const state = this.#state
    return state.barred === 0 && (owner === 0 || Number.isNaN(state.owners.position[owner]!))
  }

  /** Trades a plain order with what is shown, as far as nothing hidden comes before it. Gives what is left of it. */
  #sweepShown(id: number, side: number, owner: number, cost: number, quantity: number): number {
    const state = this.#state
    const best = state.levels.cost[side ^ 1]!
    return this.#isFree(owner) && best <= cost && best <= state.levels.cost[(side ^ 1) + 2]!
      ? this.#sweep(id, side, owner, cost, quantity)
      : quantity
  }

  /** Trades a plain order, which meets the best price, until it meets an order that needs more care. Gives what is left of it. */
  #sweep(id: number, side: number, owner: number, cost: number, quantity: number): number {
    const state = this.#state
    const { levels, orders } = state
    // Found here and not by the callers: a double that is no word would be boxed to be handed over.
    const reach = Math.min(cost, levels.cost[(side ^ 1) + 2]!)
    const { open: opens, next: nexts, traits: kinds } = orders
    let level = levels.best[side ^ 1]!
    let left = quantity
    const prevents = owner !== 0 && (state.selfTrade !== 0 || state.ownUnseen)
    state.firstPrint = levels.price[level]!
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
          state.traded(orders.idOf(maker), id, side, price, left, open - left, 0, queue)
          left = 0
          break
        }
        const next = nexts[maker]!
        const makerId = orders.idOf(maker)
        left -= open
        queue -= open
        count--
        if (traits > 1) state.forget(maker)
        state.ids.set(makerId, finished)
        orders.free(maker)
        state.traded(makerId, id, side, price, open, 0, left, queue)
        state.filled(makerId)
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
      if (left !== before) state.print(price)
      if (left === 0) {
        state.filled(id)
        return 0
      }
      if (guarded || levels.cost[side ^ 1]! > reach) return left
    }
  }

  #restPlain(id: number, side: number, price: number, left: number, total: number, owner: number): void {
    const state = this.#state
    state.place(id, owner, side, price, 0, left, total)
    state.opened(id, side, price, left, left)
  }

  /** Takes a queued order off and lets it enter anew with other terms. */
  #reenter(slot: number, total: number, price: number): Refused {
    const state = this.#state
    const orders = state.orders
    const id = orders.idOf(slot)
    const traits = orders.traits[slot]! & ~(internal | Trait.PAIRED | Trait.SELL)
    const side = state.levels.ladder[orders.level[slot]!]! & 1
    const isMarket = (traits & Trait.TYPE) === Trait.MARKET
    if (
      (traits & Trait.FLAG) === Trait.POST_ONLY &&
      state.phase === Phase.CONTINUOUS &&
      this.#matching.crosses(side, price)
    )
      return state.reject(Request.CHANGE, id, Refused.WOULD_TRADE, price, state.bestPrice(side ^ 1))
    const left = total - (orders.totalOf(slot) - state.left(slot))
    const entering = this.#matching.prepare(id, side, orders.ownerOf(slot), traits, left)
    entering.total = total
    if ((traits & Trait.ICEBERG) !== 0) entering.display = orders.display[slot >> 1]!
    if (!isMarket) entering.price = entering.bound = price
    if ((orders.traits[slot]! & Trait.PAIRED) !== 0) entering.partner = orders.partner[slot]!
    state.unqueue(slot)
    state.release(slot)
    state.told(id, ChangeReason.REQUESTED, isMarket ? NaN : price, left, 0)
    this.#matching.enter(entering)
    return state.isQuiet() ? 0 : this.#stops.settle()
  }
}

/** Levels that are filled up with nulls; who asks for more, as with Infinity, gets those that there are. */
const mostPadding = 100_000

function padded(levels: readonly Level[], count: number): (Level | null)[] {
  const length = count <= mostPadding ? count : levels.length
  return Array.from({ length }, (_, i) => levels[i] ?? null)
}
