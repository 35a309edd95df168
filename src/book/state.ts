import { priceBound } from './far-prices.ts'
import { finished, IndexOfIds } from './index-of-ids.ts'
import { costs, Ladder, Levels, type LevelsImage } from './levels.ts'
import { mostLots, owned, special, tracked, Trait, type OrdersImage } from './orders.ts'
import { Owners, type OwnersImage } from './owners.ts'
import {
  BUY,
  CancelReason,
  ChangeReason,
  Phase,
  type BookListener,
  type BookOptions,
  type Refused,
  type Request,
} from './vocabulary.ts'

/** Rules of self-trade prevention, at the place of their number. */
export const selfTradeRules = ['none', 'cancel-newest', 'cancel-oldest', 'cancel-both'] as const
export const CANCEL_NEWEST = 1
export const CANCEL_OLDEST = 2
export const CANCEL_BOTH = 3

/** The order that is entering: on its way through the opposite ladder, perhaps to its own. */
export class Entering {
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
  /** Lots that it may still trade by notional. */
  most = mostLots
  display = 0
  partner = 0
  /** Place of its rule in `selfTradeRules`. */
  selfTrade = 0
  traded = false
  /** Whether it has traded at a price that stops see. */
  printed = false
  /** Why it must not go on, -1 while it may. */
  stopped = -1
}

/**
 * What a book consists of, and every step that keeps its parts true to one another: an order that ends, shrinks, is paired or replenished
 * does so here, and here every event but a plain trade's is told. What happens in which order is decided by those who hold it: `OrderBook` on
 * the short path, `Matching`, `Stops` and `CallAuction`.
 */
export class BookState {
  listener: BookListener = silent
  /** Whether the listener hears every event. */
  all = false
  /** Whether it hears at least the trades. */
  tape = false
  aat = false
  proRata = false
  /** Place of the rule in `selfTradeRules`. */
  selfTrade = 0
  rejectReached = false
  /** Whether a trade between two orders of one owner makes no price. */
  ownUnseen = false
  lowest = 0

  readonly levels = new Levels()
  readonly orders = this.levels.orders
  readonly ids = new IndexOfIds()
  readonly owners = new Owners(this.orders)
  readonly entering = new Entering()

  /** Number of the last event. */
  sequence = 0
  phase: Phase = Phase.CONTINUOUS
  /** Price of the last trade, NaN before the first. */
  last = NaN
  /** First price that the operation under way has printed, `last` is its last. Meaningful while `startled`. */
  firstPrint = NaN
  /** Prints from `calmLow` to `calmHigh` reach no stop and pull none: no more than that need be asked after a print. `Stops` finds them. */
  calmLow = -Infinity
  calmHigh = Infinity
  /** Whether the operation under way has printed beyond that. */
  startled = false
  /** What plain matching cannot handle: special resting orders, pro-rata allocation, positions to keep. */
  complications = 0
  /** What keeps every order from the short path: allocation pro rata, a phase that is not continuous trading. */
  barred = 0
  /** Stops armed and all-or-none orders entered so far. */
  entries = 0
  /** All-or-none orders in order of entry; exchange profile only. */
  waiting: number[] = []
  /** Whether what they await, `Levels.awaited`, may be put too high: the keenest has left. */
  isKeenestStale = false
  /** Trailing stops in order of arming. */
  trailing: number[] = []

  /** Takes up its options, and goes on where an image was taken. Throws on options that are not known. */
  begin(options: BookOptions, image?: BookImage): void {
    const events = options.listener ? (options.events ?? 'all') : 'none'
    this.listener = options.listener ?? silent
    this.all = events === 'all'
    this.tape = events !== 'none'
    this.aat = options.profile === 'aat'
    this.proRata = options.allocation === 'pro-rata'
    this.selfTrade = selfTradeRules.indexOf(options.selfTrade ?? 'none')
    this.ownUnseen = options.ownPrints === 'unseen'
    this.rejectReached = options.reachedStop === 'reject'
    this.lowest = options.lowestPrice ?? 0
    if (!(Number.isSafeInteger(this.lowest) && Math.abs(this.lowest) < priceBound))
      throw new RangeError(
        `lowestPrice is ${this.lowest}; expected a whole number of ticks within ${priceBound} of zero`,
      )
    oneOf('profile', options.profile, ['exchange', 'aat'])
    oneOf('allocation', options.allocation, ['price-time', 'pro-rata'])
    oneOf('selfTrade', options.selfTrade, selfTradeRules)
    oneOf('ownPrints', options.ownPrints, ['seen', 'unseen'])
    oneOf('reachedStop', options.reachedStop, ['trigger', 'reject'])
    oneOf('events', options.events, ['none', 'tape', 'all'])
    if (image) this.#load(image)
    else if (this.proRata) this.complications = this.barred = 1
  }

  #load(image: BookImage): void {
    this.orders.load(image.orders)
    this.levels.load(image.levels)
    this.ids.load(image.ids)
    this.owners.load(image.owners)
    const state = image.state
    this.sequence = state[0]!
    this.phase = state[1] as Phase
    this.last = state[2]!
    this.complications = state[3]!
    this.entries = state[4]!
    this.barred = state[5]!
    this.waiting = [...image.waiting]
    for (const slot of image.waiting)
      this.await(this.orders.traits[slot]! & Trait.SELL, this.orders.limit[slot >> 1]!)
    this.trailing = [...image.trailing]
    this.watchPrints()
  }

  /** The whole state as typed arrays. */
  save(): BookImage {
    const { sequence, phase, last, complications, entries, barred } = this
    return {
      version: 2,
      state: Float64Array.of(sequence, phase, last, complications, entries, barred),
      orders: this.orders.save(),
      levels: this.levels.save(),
      ids: this.ids.save(),
      owners: this.owners.save(),
      waiting: Int32Array.from(this.waiting),
      trailing: Int32Array.from(this.trailing),
    }
  }

  /** Whether an operation has set nothing off: it printed nothing that a stop minds, and no waiting order has anything within reach. */
  isQuiet(): boolean {
    return !this.startled && !this.levels.beckons
  }

  /** Notes a print. */
  print(price: number): void {
    this.last = price
    if (price < this.calmLow || price > this.calmHigh) this.startled = true
  }

  /** Lets the next print be looked at, whatever its price: stops have come, or stand elsewhere. */
  watchPrints(): void {
    this.calmLow = Infinity
    this.calmHigh = -Infinity
  }

  /** An order that waits would trade at up to this cost. */
  await(side: number, cost: number): void {
    const { awaited } = this.levels
    awaited[side ^ 1] = awaited[(side ^ 1) + 2] = Math.max(awaited[side ^ 1]!, cost)
    this.levels.beckons = true
  }

  /** Whether the best order shown on the other side costs no more than so much. */
  meets(side: number, cost: number): boolean {
    return this.levels.cost[side ^ 1]! <= cost
  }

  /** Forgets an order that is in no queue any more. */
  release(slot: number): void {
    const orders = this.orders
    if (orders.traits[slot]! > 1) this.forget(slot)
    this.ids.set(orders.idOf(slot), finished)
    orders.free(slot)
  }

  /** Enters an order, of which `open` lots may trade now, at the end of a queue. Gives its slot. */
  place(
    id: number,
    owner: number,
    ladder: number,
    price: number,
    traits: number,
    open: number,
    total: number,
  ): number {
    const orders = this.orders
    const slot = orders.allocate()
    orders.setId(slot, id)
    orders.setTotal(slot, total)
    orders.open[slot >> 1] = open
    orders.traits[slot] = traits
    if (traits > 1 || owner !== 0) orders.extend(slot)
    this.ids.set(id, slot)
    this.levels.append(ladder, price, slot)
    if (owner !== 0) this.#own(slot, owner)
    return slot
  }

  #own(slot: number, owner: number): void {
    const { traits, owner: owners } = this.orders
    owners[slot] = owner
    traits[slot] = traits[slot]! | (Number.isNaN(this.owners.position[owner]!) ? owned : owned | tracked)
    this.owners.add(owner, slot)
  }

  /** Of a shown and a hidden level of one side, the one that trades first. */
  earlier(side: number, lit: number, dark: number): number {
    if (lit === 0 || dark === 0) return lit + dark
    const [shown, hidden] = [this.levels.price[lit]!, this.levels.price[dark]!]
    return (side === BUY ? hidden > shown : hidden < shown) ? dark : lit
  }

  /** Shows an iceberg's next slice at the end of the queue. */
  replenish(slot: number, level: number, price: number): void {
    const orders = this.orders
    const levels = this.levels
    const slice = Math.min(orders.display[slot >> 1]!, orders.reserve[slot >> 1]!)
    orders.open[slot >> 1] = slice
    orders.reserve[slot >> 1] = orders.reserve[slot >> 1]! - slice
    levels.quantity[level] = levels.quantity[level]! + slice
    levels.reserve[level] = levels.reserve[level]! - slice
    levels.requeue(slot)
    this.changed(slot, ChangeReason.REPLENISHED)
  }

  /** Lots of an order that may still trade, those of an iceberg that are not shown included. */
  left(slot: number): number {
    return this.orders.open[slot >> 1]! + this.orders.reserveOf(slot)
  }

  /** Lots of it that the ladder shows. */
  shown(slot: number): number {
    return this.levels.ladder[this.orders.level[slot]!]! <= Ladder.ASKS ? this.orders.open[slot >> 1]! : 0
  }

  /** Lots that stand at a price, shown or not. */
  heldAt(ladder: number, price: number): number {
    const level = this.levels.find(ladder, price)
    return level === 0 ? 0 : this.levels.quantity[level]! + this.levels.reserve[level]!
  }

  /** Takes an order out of its queue. */
  unqueue(slot: number): void {
    const reserve = this.orders.reserveOf(slot)
    if (reserve !== 0) {
      const level = this.orders.level[slot]!
      this.levels.reserve[level] = this.levels.reserve[level]! - reserve
    }
    this.levels.remove(slot)
  }

  /** Ends an order that is in a queue. */
  cancelSlot(slot: number, reason: CancelReason): void {
    const id = this.orders.idOf(slot)
    const left = this.left(slot)
    if (this.entering.partner === slot) this.entering.partner = 0
    this.unqueue(slot)
    this.release(slot)
    this.cancelled(id, reason, left)
  }

  /** Takes lots off an order that keeps its place: from what is not shown first. */
  shrink(slot: number, by: number): void {
    const orders = this.orders
    const levels = this.levels
    const level = orders.level[slot]!
    const unseen = Math.min(by, orders.reserveOf(slot))
    orders.setTotal(slot, orders.totalOf(slot) - by)
    orders.open[slot >> 1] = orders.open[slot >> 1]! - (by - unseen)
    if (unseen !== 0) {
      orders.reserve[slot >> 1] = orders.reserve[slot >> 1]! - unseen
      levels.reserve[level] = levels.reserve[level]! - unseen
    }
    levels.quantity[level] = levels.quantity[level]! - (by - unseen)
    this.changed(slot, ChangeReason.REQUESTED)
  }

  /** An all-or-none order that rests waits until it can trade whole. */
  wait(slot: number, side: number, price: number): void {
    const { orders } = this
    orders.extendWaiting(slot)
    orders.entry[slot >> 1] = ++this.entries
    orders.limit[slot >> 1] = costs(side, price)
    this.waiting.push(slot)
    this.await(side, costs(side, price))
  }

  /** Undoes what an order that is not plain set up beside its queue. A free slot has no traits (but perhaps a side) and no reserve. */
  forget(slot: number): void {
    const { traits, owner, reserve, limit } = this.orders
    const trait = traits[slot]!
    if ((trait & owned) !== 0) this.owners.remove(owner[slot]!, slot)
    reserve[slot >> 1] = 0
    if ((trait & special) !== 0) {
      this.complications--
      if ((trait & Trait.FLAG) === Trait.ALL_OR_NONE && !this.aat) {
        this.waiting.splice(this.waiting.indexOf(slot), 1)
        if (limit[slot >> 1]! === this.levels.awaited[(trait & Trait.SELL) ^ 1]!) this.isKeenestStale = true
      }
    }
    const type = trait & Trait.TYPE
    if ((type === Trait.STOP || type === Trait.STOP_LIMIT) && (trait & Trait.TRIGGERED) === 0)
      this.disarm(slot)
    if ((trait & Trait.PAIRED) !== 0) this.unpair(slot)
    traits[slot] = 0
  }

  /** Makes two orders one-cancels-other. */
  pair(one: number, other: number): void {
    this.orders.extend(Math.max(one, other))
    const { partner, traits, level } = this.orders
    partner[one] = other
    partner[other] = one
    for (const slot of [one, other]) {
      traits[slot] = traits[slot]! | Trait.PAIRED
      if (this.levels.ladder[level[slot]!]! > Ladder.DARK_ASKS || (traits[slot]! & special) !== 0) continue
      traits[slot] = traits[slot]! | special
      this.complications++
    }
  }

  /** Parts a pair. Gives the other of the two. */
  unpair(slot: number): number {
    const { partner, traits } = this.orders
    const other = partner[slot]!
    traits[slot] = traits[slot]! & ~Trait.PAIRED
    traits[other] = traits[other]! & ~Trait.PAIRED
    return other
  }

  /** Ends the other of a pair. */
  cancelOther(slot: number): void {
    this.cancelSlot(this.unpair(slot), CancelReason.OTHER_OF_PAIR)
  }

  /** A stop waits no more. */
  disarm(slot: number): void {
    if ((this.orders.traits[slot]! & Trait.TRAILING) !== 0)
      this.trailing.splice(this.trailing.indexOf(slot), 1)
  }

  /** Best price shown on a side, NaN where there is none. */
  bestPrice(side: number): number {
    const level = this.levels.best[side]!
    return level === 0 ? NaN : this.levels.price[level]!
  }

  /** Outside continuous trading no order is plain. `price` and `quantity` are those of an uncrossing. */
  setPhase(phase: Phase, price: number, quantity: number): void {
    this.barred += Number(phase !== Phase.CONTINUOUS) - Number(this.phase !== Phase.CONTINUOUS)
    this.phase = phase
    this.sequence++
    if (this.all === true) this.listener.phase(this.sequence, phase, price, quantity)
  }

  // ---------------------------------------------------------------- what is told

  /** An order came to rest. */
  opened(id: number, side: number, price: number, quantity: number, shown: number): void {
    const sequence = ++this.sequence
    if (this.all === true) this.listener.open(sequence, id, side, price, quantity, shown)
  }

  /** One match. */
  traded(
    maker: number,
    taker: number,
    side: number,
    price: number,
    quantity: number,
    makerLeft: number,
    takerLeft: number,
    queueLeft: number,
  ): void {
    const sequence = ++this.sequence
    if (this.tape === true)
      this.listener.trade(sequence, maker, taker, side, price, quantity, makerLeft, takerLeft, queueLeft)
  }

  /** An order has traded whole. */
  filled(id: number): void {
    const sequence = ++this.sequence
    if (this.all === true) this.listener.fill(sequence, id)
  }

  /** An order is on other terms. */
  told(id: number, reason: ChangeReason, price: number, quantity: number, shown: number): void {
    const sequence = ++this.sequence
    if (this.all === true) this.listener.change(sequence, id, reason, price, quantity, shown)
  }

  /** An order in a queue is on other terms: tells them as they stand now. */
  changed(slot: number, reason: ChangeReason): void {
    const level = this.orders.level[slot]!
    const isMarket = this.levels.ladder[level]! >= Ladder.MARKET_BUYS
    const price = isMarket ? NaN : this.levels.price[level]!
    this.told(this.orders.idOf(slot), reason, price, this.left(slot), this.shown(slot))
  }

  /** A print reached a stop. */
  triggered(id: number, stopPrice: number, last: number): void {
    const sequence = ++this.sequence
    if (this.all === true) this.listener.trigger(sequence, id, stopPrice, last)
  }

  /** An order ended with so much of it not traded. */
  cancelled(id: number, reason: CancelReason, quantity: number): void {
    this.sequence++
    if (this.all === true) this.listener.cancel(this.sequence, id, reason, quantity)
  }

  /** A request was refused. Gives its code. */
  reject(request: Request, id: number, code: Refused, found: number, bound: number): Refused {
    this.sequence++
    if (this.all === true) this.listener.reject(this.sequence, request, id, code, found, bound)
    return code
  }
}

/** The whole state of a book as typed arrays, fit for `postMessage` and for `new OrderBook(options, image)`. */
export interface BookImage {
  readonly version: 2
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
