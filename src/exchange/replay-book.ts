import { BUY, CancelReason, type OrderBook, Refused, Request, SELL } from '#book'
import { FlowKind } from '#data'
import { type Order, OrderFlag, OrderType, SelfTrade, Side } from '#market'
import type { HiddenOwn } from './book-record.ts'
import { ToldBook } from './told-book.ts'

/** Numbers from here up are our own orders in the book. */
const firstOwn = 2 ** 50

/** How one of our orders came to trade in a recording: the names of the fill rules. */
export const ReplayRule = {
  TAKING: 'replay, taking',
  QUEUE: 'replay, queue reached',
  THROUGH: 'replay, traded through',
  CROSSED: 'replay, crossed by an order',
  OWN: 'replay, taken by an own order',
} as const
export type ReplayRule = (typeof ReplayRule)[keyof typeof ReplayRule]

/** Hears what happens in the book. Prices in steps of the recording, sizes in lots, sides as the book's own door writes them. */
export interface ReplayBookListener {
  /** A trade of the recording; `taker` is null where nobody took. */
  trade(price: number, lots: number, taker: number | null): void
  /** What became of an order that the book shows, ours or another's; `left` is what it still shows. */
  shown(
    event: 'OPEN' | 'CHANGE' | 'FILL' | 'CANCEL',
    id: number,
    order: Order | undefined,
    side: number,
    price: number,
    left: number,
  ): void
  halt(halted: boolean): void
  received(order: Order): void
  /**
   * @param spent whether no money is left of an order by notional
   * @param among whether another order of ours was on the other side
   */
  filled(order: Order, price: number, lots: number, rule: ReplayRule, spent: boolean, among: boolean): void
  cancelled(order: Order, reason: CancelReason): void
  changed(order: Order, lots: number, price: number): void
  rejected(order: Order, request: Request, code: Refused, found: number, bound: number): void
  /** A trailing stop moved. */
  trailed(order: Order, stopPrice: number): void
}

/** Terms of one of our orders in the steps of the book; NaN where it has none. */
export interface OwnTerms {
  /** Lots in all, those that have filled included. */
  readonly lots: number
  readonly price: number
  readonly stopPrice: number
}

/** What few of our orders have. */
export interface OwnParticulars {
  /** Steps at which it follows the market; below zero, a percentage of the price; NaN where it does not. */
  readonly trail?: number
  /** Steps that a tick of the instrument is; 1 where it is left out. */
  readonly tick?: number
  /** Lots that it shows at a time; all where it is left out. */
  readonly display?: number
  /** The other of its pair, whether it has arrived or not. */
  readonly pair?: Order | undefined
  /** Money in steps times lots that it goes by instead of lots; NaN where it does not. */
  readonly money?: number
  /** Lots that it may come to by its money. */
  readonly most?: number
  /** Worst price that it may trade at as a market order; NaN where there is none. */
  readonly bound?: number
}

/** What an order of ours reaches on the other side. */
interface Reached {
  readonly id: number
  /** Set where it is ours. */
  readonly mine: Own | undefined
  readonly price: number
  readonly lots: number
}

interface Own {
  readonly order: Order
  readonly side: number
  readonly trail: number
  readonly tick: number
  /** Lots that it shows at a time; Infinity where it shows all. */
  readonly display: number
  /** Set too when the other comes after it. */
  pair: Order | undefined
  /** Its number in the book; another each time that it goes to the end of a queue. */
  id: number
  /** Waits for its stop price. */
  armed: boolean
  /** Stands in the displayed book. */
  shown: boolean
  price: number
  stopPrice: number
  left: number
  /** Money that is left of an order by notional, NaN of others; while it has some, `left` is Infinity. */
  money: number
  /** Lots that it may still come to by its money. */
  most: number
  readonly bound: number
  /** What of `left` stands in the displayed book. */
  slice: number
  filled: number
}

/**
 * A recorded book with orders of ours in it: the fill model of replays.
 *
 * The recording goes on as it was; nobody in it reacts to us. Our orders stand in its queues where they would have stood,
 * so what is ahead of them is known order by order. They trade when
 *
 * - they arrive and meet shown orders of the other side (`replay, taking`), best first, at these orders' prices. What we
 *   took is gone from the book for as long as these orders would have been there, and cannot be taken twice.
 * - the recording trades at their price with an order that stands behind them (`replay, queue reached`): whoever took would
 *   have met ours first. A trade with an order of unknown age counts as one ahead of ours, as do orders that come into
 *   sight at our price from outside the recorded levels. A trade with a hidden order at our price reaches ours only where
 *   nothing shown is ahead.
 * - the recording trades at a price beyond theirs (`replay, traded through`).
 * - an order of the recording arrives at or through their price (`replay, crossed by an order`), which it could do only
 *   because ours was not there.
 *
 * An iceberg of ours stands in a queue with what it shows. Each part that has traded there is followed by the next, at the
 * end of the queue; a trade beyond its price, or an order that comes to rest through it, would have met all of it.
 *
 * A hidden order of ours stands behind all that is shown at its price. Trades at its price reach it only where nothing is
 * shown there and the recording says that the trade was with a hidden order, which counts as behind ours.
 *
 * - another order of the same account takes them (`replay, taken by an own order`), where its rule of self-trade prevention lets it.
 *   Nobody in the recording has paid that price: it triggers no stops, makes no bar, and what is held is valued as before.
 *
 * The three before the last fill at our price, for no more than that trade or order was for, shared by price and then by time.
 * Of a pair the first fill of one, in part too, ends the other at once, as does the trigger of one that is a stop; what
 * arrives after the other has traded is ended on arrival. So what a message offers never goes to both.
 *
 * Auctions fill nothing of ours. All-or-none orders are not shown, stand behind all that is, and need one trade or order
 * that is large enough.
 *
 * Conditions: our orders are small against what the recording trades; whoever took would have done so with our order
 * there. Bias: optimistic, growing with our size. Those behind us in the queue trade as recorded although we were served
 * in their place, nobody steps in front of our orders or away from them, and what we take leaves no mark on the price
 * beyond the orders we took. Pessimistic where an order of unknown age stands at our price, and in auctions.
 */
export class ReplayBook {
  readonly #listener: ReplayBookListener
  readonly #told = new ToldBook()
  /** Ours that work, in the order in which they came. */
  #own: Own[] = []
  /** Ours in the displayed book, by their numbers in it. */
  readonly #shown = new Map<number, Order>()
  /** Recorded orders of which we took something: what they have left in the recording, and what we took. */
  readonly #taken = new Map<number, { left: number; taken: number }>()
  #nextOwn = firstOwn
  #last = NaN
  /** Whether our stops have not heard of the newest trade yet. */
  #printed = false
  #halted = false
  /** Lots that we hold, negative when short. */
  #held = 0
  /** Ours that have traded, in part too. */
  readonly #traded = new WeakSet<Order>()

  constructor(listener: ReplayBookListener) {
    this.#listener = listener
  }

  /** The recorded orders less what we took, and our own. Not to be altered. */
  get book(): OrderBook {
    return this.#told.book
  }

  /** Price of the recording's newest trade, NaN before the first. */
  get last(): number {
    return this.#last
  }

  /** Whether any order of ours works. */
  get works(): boolean {
    return this.#own.length > 0
  }

  /** Our orders that stand in the displayed book, by their numbers in it. */
  get shown(): ReadonlyMap<number, Order> {
    return this.#shown
  }

  /** Lots of one of them that may still trade: more than the book shows where it is an iceberg. */
  openOf(number: number): number {
    return this.#own.find(({ id, shown }) => shown && id === number)?.left ?? 0
  }

  /** Our orders that rest where nobody sees them. */
  hidden(): HiddenOwn[] {
    return this.#own
      .filter(({ order, armed }) => order.hidden && !armed)
      .map(({ order, price, left }) => ({ order, price, lots: left }))
  }

  /** Applies a message of the recording; `settle` follows when what a trade traded with has been told too. */
  take(kind: FlowKind, id: number, side: number, price: number, size: number): void {
    switch (kind) {
      case FlowKind.OPEN:
      case FlowKind.APPEAR:
        this.#told.makeRoom()
        if (!this.#told.rest(id, side, price, size)) return
        if (kind === FlowKind.APPEAR) this.#stepBack(side, price)
        this.#listener.shown('OPEN', id, undefined, side, price, size)
        this.#cross(id, side, price)
        break
      case FlowKind.CANCEL:
      case FlowKind.EXECUTE:
        this.#leave(id, side, price, size, kind === FlowKind.EXECUTE)
        break
      case FlowKind.TRADE:
      case FlowKind.HIDDEN:
        this.#listener.trade(price, size, side ^ 1)
        this.#serve(side, price, size, kind === FlowKind.TRADE ? id : undefined)
        this.#print(price)
        break
      case FlowKind.CROSS:
        this.#listener.trade(price, size, null)
        this.#print(price)
        break
      case FlowKind.HALT:
      case FlowKind.RESUME:
        this.#halted = kind === FlowKind.HALT
        this.#listener.halt(this.#halted)
        break
    }
  }

  /** One of our orders has arrived. */
  submit(order: Order, { lots, price, stopPrice }: OwnTerms, particulars: OwnParticulars = {}): void {
    const {
      trail = NaN,
      tick = 1,
      display = Infinity,
      pair,
      money = NaN,
      most = Infinity,
      bound = NaN,
    } = particulars
    const own: Own = {
      order,
      side: order.side === Side.BUY ? BUY : SELL,
      trail,
      tick,
      display,
      pair,
      id: this.#nextOwn++,
      armed: false,
      shown: false,
      price,
      stopPrice,
      left: money === money ? Infinity : lots,
      money,
      most,
      bound,
      slice: 0,
      filled: 0,
    }
    const reject = (code: Refused, found: number, bound: number) =>
      this.#listener.rejected(order, Request.ADD, code, found, bound)
    if (this.#halted) return reject(Refused.HALTED, NaN, NaN)
    const stops = order.type === OrderType.STOP || order.type === OrderType.STOP_LIMIT
    if (order.reduceOnly && this.#most(own) === 0) return reject(Refused.NOT_REDUCING, this.#held, 0)
    if (order.flag === OrderFlag.POST_ONLY && !stops && this.#wouldTrade(own))
      return reject(Refused.WOULD_TRADE, price, this.#best(own.side ^ 1))
    this.#own.push(own)
    const other = pair && this.#own.find((other) => other.order === pair)
    if (other) other.pair = order
    this.#listener.received(order)
    // What it was to be a pair with has traded on the way here.
    if (pair && this.#traded.has(pair)) return this.#end(own, CancelReason.OTHER_OF_PAIR)
    if (!stops) this.#enter(own)
    else if (this.#reached(own)) this.#trigger(own)
    else own.armed = true
  }

  /** A request to take an order of ours back has arrived. */
  cancel(order: Order): void {
    const own = this.#own.find((other) => other.order === order)
    if (own) this.#end(own, CancelReason.REQUESTED)
    else this.#listener.rejected(order, Request.CANCEL, Refused.ORDER_FINISHED, NaN, NaN)
  }

  /** A request to alter an order of ours has arrived: less keeps its place, more or another price goes to the end. */
  change(order: Order, { lots, price: asked, stopPrice }: OwnTerms): void {
    const own = this.#own.find((other) => other.order === order)
    // What is left of a market-to-limit order has got its price while the request was on its way.
    const price = own?.order.toLimit && asked !== asked ? own.price : asked
    if (!own || this.#halted)
      return this.#listener.rejected(
        order,
        Request.CHANGE,
        own ? Refused.HALTED : Refused.ORDER_FINISHED,
        NaN,
        NaN,
      )
    const left = lots - own.filled
    if (left <= 0) return this.#end(own, CancelReason.AMENDED)
    const rests = own.shown || (order.hidden && !own.armed)
    const keepsPlace = rests && left <= own.left && price === own.price
    own.left = left
    own.price = price
    own.stopPrice = stopPrice
    this.#listener.changed(order, left, order.type === OrderType.STOP ? stopPrice : price)
    if (own.armed) {
      if (this.#reached(own)) this.#trigger(own)
    } else if (keepsPlace) {
      // What it does not show goes first.
      const slice = Math.min(own.slice, left)
      if (slice < own.slice) this.book.reduce(own.id, own.slice - slice)
      own.slice = slice
      this.#listener.shown('CHANGE', own.id, order, own.side, price, slice)
    } else {
      this.#hide(own)
      this.#enter(own)
    }
  }

  /** Lets a trade that was told set off our stops, now that what it traded with has left the book. */
  settle(): void {
    if (!this.#printed) return
    this.#printed = false
    const price = this.#last
    // Those that the first of them sets off may end others.
    for (const own of this.#own.filter((other) => other.armed)) {
      if (!own.armed) continue
      if (this.#reached(own)) this.#trigger(own)
      else if (own.trail === own.trail) {
        const steps = own.trail > 0 ? own.trail : this.#stepsOf(price, own)
        const follows = own.side === SELL ? price - steps : price + steps
        if (!beyond(own.side ^ 1, own.stopPrice, follows)) continue
        own.stopPrice = follows
        this.#listener.trailed(own.order, follows)
      }
    }
  }

  /** The recording is over: what still works of ours is taken back. */
  endDay(): void {
    for (const own of [...this.#own]) this.#end(own, CancelReason.DAY_ENDED)
  }

  // ---------------------------------------------------------------- the recording

  /** Takes lots of a recorded order off the book, as far as we have not taken them before. */
  #leave(id: number, side: number, price: number, lots: number, traded: boolean): void {
    const open = this.book.open(id)
    let left = Math.max(0, open - lots)
    const touched = this.#taken.get(id)
    if (touched) {
      touched.left -= lots
      left = Math.max(0, Math.min(open, touched.left - touched.taken))
      if (touched.left <= 0) this.#taken.delete(id)
    }
    if (left === open) return
    this.book.reduce(id, open - left)
    this.#tellShown(id, side, price, left, traded)
  }

  #tellShown(id: number, side: number, price: number, left: number, traded: boolean): void {
    const event = left > 0 ? 'CHANGE' : traded ? 'FILL' : 'CANCEL'
    this.#listener.shown(event, id, undefined, side, price, left)
  }

  /** Orders of unknown age count as older than ours: ours at their price go behind them. */
  #stepBack(side: number, price: number): void {
    for (const own of this.#own) {
      if (!own.shown || own.side !== side || own.price !== price) continue
      this.#hide(own)
      this.#show(own)
    }
  }

  /** Lets an order that has just come to rest trade with those of ours that it would have met. */
  #cross(id: number, side: number, price: number): void {
    for (const own of this.#resting(side ^ 1)) {
      if (beyond(own.side, own.price, price)) return
      const offered = this.book.open(id)
      if (offered === 0) return
      const lots = this.#part(own, offered)
      if (lots === 0) continue
      this.#takeFrom(id, side, price, lots)
      this.#fill(own, own.price, lots, ReplayRule.CROSSED)
      // What is left of one that only reduces has nothing to reduce, and would stand against the order that came.
      if (own.left > 0 && this.#most(own) === 0) this.#end(own, CancelReason.POSITION_CLOSED)
    }
  }

  /** Shares a recorded trade on a side among our orders that come before what it traded with. */
  #serve(side: number, price: number, size: number, maker: number | undefined): void {
    let offered = size
    for (const own of this.#resting(side)) {
      if (offered === 0 || beyond(side, own.price, price)) return
      const through = own.price !== price
      if (!through && !this.#isBefore(own, price, maker)) continue
      const lots = this.#part(own, through || !own.shown ? offered : Math.min(offered, own.slice))
      offered -= lots
      if (lots > 0) this.#fill(own, own.price, lots, through ? ReplayRule.THROUGH : ReplayRule.QUEUE)
    }
  }

  /** Whether an order of ours comes before the shown order of a trade at its price, or before all that is not shown. */
  #isBefore(own: Own, price: number, maker: number | undefined): boolean {
    const { book } = this
    if (!own.shown) {
      const { bid, ask } = book.levelAt(price)
      return maker === undefined && (own.side === BUY ? bid : ask) === null
    }
    const ahead = book.ahead(own.id)!.quantity
    if (maker === undefined) return ahead === 0
    // Of two at one price the first has less ahead. A maker that the book does not have is of unknown age.
    return ahead < (book.ahead(maker)?.quantity ?? 0)
  }

  #print(price: number): void {
    this.#last = price
    this.#printed = true
  }

  // ---------------------------------------------------------------- our orders

  /** Ours that rest on a side, best price first, then in the order in which they came to their prices. */
  #resting(side: number): Own[] {
    const found: Own[] = []
    for (const own of this.#own) if (own.side === side && !own.armed) found.push(own)
    if (found.length > 1)
      found.sort((a, b) => (side === BUY ? b.price - a.price : a.price - b.price) || a.id - b.id)
    return found
  }

  /** What an order of ours takes of what is offered: an all-or-none order all that it wants, or nothing. */
  #part(own: Own, offered: number): number {
    const most = this.#most(own)
    if (most === 0 && own.left > 0) this.#end(own, CancelReason.POSITION_CLOSED)
    return own.order.flag === OrderFlag.ALL_OR_NONE && offered < own.left
      ? 0
      : Math.min(own.left, offered, most)
  }

  /** Lots that an order of ours may still trade: one that only reduces no more than would make us flat. */
  #most({ order, side, left: open }: Own, left = open, held = this.#held): number {
    return order.reduceOnly ? Math.min(left, Math.max(0, side === SELL ? held : -held)) : left
  }

  #reached({ side, stopPrice }: Own): boolean {
    return side === BUY ? this.#last >= stopPrice : this.#last <= stopPrice
  }

  /** The steps that a percentage of a price is: whole ticks, at least one. */
  #stepsOf(price: number, { trail, tick }: Own): number {
    return Math.max(1, Math.floor((Math.abs(price) * -trail) / 100 / tick)) * tick
  }

  #trigger(own: Own): void {
    own.armed = false
    if (own.pair) this.#endPair(own)
    this.#enter(own)
  }

  /** Lets an order of ours that is in force take what it meets, and rest with what is left where it may. */
  #enter(own: Own): void {
    const { order, side } = own
    const { flag } = order
    // What is left of a market-to-limit order has a price.
    const market =
      own.price !== own.price && (order.type === OrderType.MARKET || order.type === OrderType.STOP)
    const bound = market ? own.bound : own.price
    if (flag === OrderFlag.POST_ONLY && this.#wouldTrade(own)) return this.#end(own, CancelReason.WOULD_TRADE)
    if (own.pair && this.#meetsPair(own, bound)) this.#endPair(own)
    if (this.#most(own) === 0) return this.#end(own, CancelReason.POSITION_CLOSED)
    const { makers, meetsOwn, spent } = this.#reachable(own, bound)
    const within = makers.reduce((sum, { lots }) => sum + lots, 0)
    const whole = flag === OrderFlag.FILL_OR_KILL || flag === OrderFlag.ALL_OR_NONE
    if (whole && within < own.left) {
      if (market || flag === OrderFlag.FILL_OR_KILL) this.#end(own, CancelReason.NOT_FILLABLE)
      return
    }
    for (const { id, mine, price, lots } of makers) {
      if (mine) {
        if (order.selfTrade === SelfTrade.NONE) this.#tradeWithOwn(own, mine, price, lots)
        else this.#end(mine, CancelReason.SELF_TRADE)
        continue
      }
      this.#takeFrom(id, side ^ 1, price, lots)
      this.#fill(own, price, lots, ReplayRule.TAKING)
    }
    if (own.left === 0 || !this.#own.includes(own)) return
    if (this.#most(own) === 0) this.#end(own, CancelReason.POSITION_CLOSED)
    else if (meetsOwn) {
      if (order.selfTrade === SelfTrade.CANCEL_BOTH) this.#end(meetsOwn, CancelReason.SELF_TRADE)
      this.#end(own, CancelReason.SELF_TRADE)
    } else if (spent) this.#end(own, own.most > 0 ? CancelReason.BUDGET_SPENT : CancelReason.MOST_TRADED)
    else if (market && !(order.toLimit && own.filled > 0)) this.#end(own, CancelReason.NO_LIQUIDITY)
    else if (flag === OrderFlag.IMMEDIATE_OR_CANCEL) this.#end(own, CancelReason.IMMEDIATE_ONLY)
    else {
      if (market) own.price = makers.find(({ lots }) => lots > 0)!.price
      // A new number in either case: it is the last of ours at its price.
      if (order.hidden) own.id = this.#nextOwn++
      else this.#show(own)
      this.#listener.shown('OPEN', own.id, order, side, own.price, own.shown ? own.slice : own.left)
    }
  }

  /**
   * What an order of ours can trade with on the other side, best first: recorded orders, and ours where self-trade prevention
   * lets it go on past them. `meetsOwn` is the one of ours that ends it: a shown one in its place, a hidden one after all that
   * is shown at its price. `spent` says that its money pays for no more, or that it may come to no more.
   */
  #reachable(own: Own, bound: number) {
    const { selfTrade, toLimit } = own.order
    const makers: Reached[] = []
    let wanted = this.#most(own)
    let { left, money, most } = own
    /** What we shall hold by then: a trade between two of ours leaves it as it is. */
    let held = this.#held
    /** Ours that will have been ended by then, as the other of their pair will have traded. */
    const ended = new Set<Order>()
    let meetsOwn: Own | undefined
    let spent = false
    const stops = selfTrade !== SelfTrade.NONE && selfTrade !== SelfTrade.CANCEL_OLDEST
    /** Takes what it can of an order. Gives whether it may look for another. */
    const reach = (id: number, price: number, open: number, mine: Own | undefined): boolean => {
      if (wanted === 0 || spent || beyond(own.side, bound, price)) return false
      if (mine && ended.has(mine.order)) return true
      if (mine && stops) {
        meetsOwn = mine
        return false
      }
      if (money === money) wanted = Math.min(lotsWithin(money, price), most)
      if (wanted === 0) {
        spent = true
        return false
      }
      // One that is taken back takes nothing of the order that comes. Of two of ours neither brings the other nearer to flat:
      // where both have something to reduce they trade until one of them is done, as on the book of a venue.
      const barred = mine && (selfTrade === SelfTrade.CANCEL_OLDEST || this.#most(mine, open, held) === 0)
      const lots = barred ? 0 : Math.min(mine && money !== money ? left : wanted, open)
      makers.push({ id, mine, price, lots })
      if (lots > 0 && toLimit && own.price !== own.price) bound = price
      left -= lots
      if (!mine) held += own.side === BUY ? lots : -lots
      else if (lots > 0 && mine.pair) ended.add(mine.pair)
      wanted = money === money ? wanted - lots : this.#most(own, left, held)
      money -= lots * price
      most -= lots
      if (money === money) spent = wanted === 0
      return true
    }
    const other = own.side === BUY ? Side.SELL : Side.BUY
    const unseen = this.#resting(own.side ^ 1).filter(({ order }) => order.hidden)
    /** Ours that are hidden and come before a price: they stand behind all that is shown at their own. */
    const unseenBefore = (price: number): boolean => {
      while (unseen.length > 0 && beyond(own.side, unseen[0]!.price, price)) {
        const mine = unseen.shift()!
        if (!reach(mine.id, mine.price, mine.left, mine)) return false
      }
      return true
    }
    // Both begin with the best order of the other side.
    let goesOn = true
    for (const { id, side, price, open } of own.side === BUY ? this.book : this.book.everything()) {
      if (side !== other) break
      goesOn = unseenBefore(price!)
      if (!goesOn) break
      const mine = this.#shown.has(id) ? this.#own.find((one) => one.shown && one.id === id) : undefined
      goesOn = reach(id, price!, mine ? Math.max(open, mine.left) : open, mine)
      if (!goesOn) break
    }
    if (goesOn) unseenBefore(own.side === BUY ? Infinity : -Infinity)
    return { makers, meetsOwn, spent }
  }

  /** An order of ours takes one of ours that rests. */
  #tradeWithOwn(own: Own, mine: Own, price: number, lots: number): void {
    if (lots === 0) return this.#end(mine, CancelReason.POSITION_CLOSED)
    this.#fill(own, price, lots, ReplayRule.TAKING, true)
    this.#fill(mine, price, lots, ReplayRule.OWN, true)
  }

  /** Whether the other of its pair rests where an order of ours would come to trade with it: that it never does. */
  #meetsPair(own: Own, bound: number): boolean {
    const other = this.#own.find(({ order }) => order === own.pair)
    return (
      other !== undefined && other.side !== own.side && !other.armed && !beyond(own.side, bound, other.price)
    )
  }

  #wouldTrade({ order, side, price }: Own): boolean {
    return (
      order.type === OrderType.MARKET ||
      order.type === OrderType.STOP ||
      !(Number.isNaN(this.#best(side ^ 1)) || beyond(side, price, this.#best(side ^ 1)))
    )
  }

  /** Best price of a side that an order would trade at: of what is shown, and of ours that nobody sees. */
  #best(side: number): number {
    const { bid, ask } = this.book.topOfBook()
    let best = (side === BUY ? bid : ask)?.price ?? NaN
    for (const { order, armed, side: of, price } of this.#own)
      if (order.hidden && !armed && of === side && !(side === BUY ? best >= price : best <= price))
        best = price
    return best
  }

  /** We take lots of a recorded order. */
  #takeFrom(id: number, side: number, price: number, lots: number): void {
    const open = this.book.open(id)
    const touched = this.#taken.get(id)
    if (touched) touched.taken += lots
    else this.#taken.set(id, { left: open, taken: lots })
    this.book.reduce(id, lots)
    this.#tellShown(id, side, price, open - lots, true)
  }

  #fill(own: Own, price: number, lots: number, rule: ReplayRule, among = false): void {
    own.left -= lots
    own.filled += lots
    own.money -= lots * price
    own.most -= lots
    const spent = own.money === 0
    if (spent) own.left = 0
    this.#held += own.side === BUY ? lots : -lots
    if (own.shown) {
      const shown = Math.min(lots, own.slice)
      this.book.reduce(own.id, shown)
      own.slice -= shown
    }
    this.#listener.filled(own.order, price, lots, rule, spent, among)
    this.#traded.add(own.order)
    if (own.pair) this.#endPair(own)
    const { id, order, side, left } = own
    const open = own.shown ? own.slice : lotsOf(own)
    if (own.shown || rule === ReplayRule.TAKING)
      this.#listener.shown(
        left > 0 && (open > 0 || !own.shown) ? 'CHANGE' : 'FILL',
        id,
        order,
        side,
        price,
        open,
      )
    if (left === 0) this.#forget(own)
    else if (own.shown && own.slice === 0) this.#showNext(own)
  }

  /** Shows the next part of an iceberg, at the end of the queue: an order of its own to whoever watches the book. */
  #showNext(own: Own): void {
    this.#shown.delete(own.id)
    this.#show(own)
    if (own.shown) this.#listener.shown('OPEN', own.id, own.order, own.side, own.price, own.slice)
  }

  #end(own: Own, reason: CancelReason): void {
    const { id, order, side, price, stopPrice } = own
    const left = own.shown ? own.slice : lotsOf(own)
    this.#hide(own)
    this.#forget(own)
    const at = Number.isNaN(price) ? stopPrice : price
    this.#listener.shown('CANCEL', id, order, side, at, left)
    this.#listener.cancelled(order, reason)
  }

  /** Ends what works of the other order of a pair. */
  #endPair({ pair }: Own): void {
    const other = this.#own.find(({ order }) => order === pair)
    if (other) this.#end(other, CancelReason.OTHER_OF_PAIR)
  }

  #show(own: Own): void {
    own.id = this.#nextOwn++
    own.slice = Math.min(own.display, own.left)
    own.shown = this.#told.rest(own.id, own.side, own.price, own.slice)
    if (own.shown) this.#shown.set(own.id, own.order)
  }

  #hide(own: Own): void {
    if (!own.shown) return
    this.book.cancel(own.id)
    this.#shown.delete(own.id)
    own.shown = false
  }

  #forget(own: Own): void {
    own.armed = false
    own.left = 0
    this.#shown.delete(own.id)
    this.#own.splice(this.#own.indexOf(own), 1)
  }
}

/** Lots that an order may still trade, 0 of one by notional, which has none. */
const lotsOf = ({ left }: Own): number => (left === Infinity ? 0 : left)

/** Lots that money pays for. */
function lotsWithin(money: number, price: number): number {
  const lots = Math.floor(money / price)
  return lots * price > money ? lots - 1 : lots
}

/** Whether a price lies beyond what an order of a side would pay or take; a bound of NaN bounds nothing. */
function beyond(side: number, bound: number, price: number): boolean {
  return side === BUY ? price > bound : price < bound
}
