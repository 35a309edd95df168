import { priceBound } from './far-prices.ts'
import { Ladder } from './levels.ts'
import type { Matching } from './matching.ts'
import { internal, Trait } from './orders.ts'
import type { BookState } from './state.ts'
import { BUY, CancelReason, ChangeReason, Phase, Refused, Request, SELL } from './vocabulary.ts'

/** What waits for the market: stops for a print at or through their price, all-or-none orders for enough of the other side. */
export class Stops {
  readonly #state: BookState
  readonly #matching: Matching
  /** Triggered stops whose turn has not come; empty between operations. */
  readonly #pending: number[] = []
  /** Since the last trailing stop was armed all have seen prints from here to there: another in between pulls none. */
  #trailedLow = Infinity
  #trailedHigh = -Infinity

  constructor(state: BookState, matching: Matching) {
    this.#state = state
    this.#matching = matching
  }

  /** Puts a stop into its queue, to wait for a print. */
  arm(
    id: number,
    owner: number,
    traits: number,
    stopPrice: number,
    quantity: number,
    limit: number,
    display: number,
    trail: number,
  ): number {
    const state = this.#state
    const orders = state.orders
    const side = traits & Trait.SELL
    const ladder = Ladder.SELL_STOPS + (side ^ 1)
    const slot = state.place(id, owner, ladder, stopPrice, traits, quantity, quantity)
    orders.extendWaiting(slot)
    orders.display[slot >> 1] = display
    orders.limit[slot >> 1] = limit
    orders.trail[slot >> 1] = trail
    orders.entry[slot >> 1] = ++state.entries
    if ((traits & Trait.TRAILING) !== 0) this.#trail(slot)
    state.watchPrints()
    state.opened(id, side, stopPrice, quantity, 0)
    return slot
  }

  #trail(slot: number): void {
    this.#state.trailing.push(slot)
    this.#trailedLow = Infinity
    this.#trailedHigh = -Infinity
  }

  /** Gives a stop other terms and the last place among the stops. */
  rearm(slot: number, total: number, limit: number, stopPrice: number): Refused {
    const state = this.#state
    const orders = state.orders
    const traits = orders.traits[slot]!
    const side = traits & Trait.SELL
    const moved = stopPrice !== state.levels.price[orders.level[slot]!]!
    const reached = moved && state.phase === Phase.CONTINUOUS && this.reached(side, stopPrice)
    if (reached && state.rejectReached)
      return state.reject(Request.CHANGE, orders.idOf(slot), Refused.WOULD_TRIGGER, stopPrice, state.last)
    state.levels.remove(slot)
    orders.open[slot >> 1] = total
    orders.setTotal(slot, total)
    orders.limit[slot >> 1] = limit
    orders.entry[slot >> 1] = ++state.entries
    state.levels.append(Ladder.SELL_STOPS + (side ^ 1), stopPrice, slot)
    const owner = orders.ownerOf(slot)
    if (owner !== 0) {
      state.owners.remove(owner, slot)
      state.owners.add(owner, slot)
    }
    if ((traits & Trait.TRAILING) !== 0) {
      state.trailing.splice(state.trailing.indexOf(slot), 1)
      this.#trail(slot)
    }
    state.watchPrints()
    state.changed(slot, ChangeReason.REQUESTED)
    if (reached) this.fire([slot], state.last)
    return this.settle()
  }

  /** Whether the market is at or through a stop price already: by the last print, or before any, by a touch beyond it. */
  reached(side: number, stopPrice: number): boolean {
    const state = this.#state
    const last = state.last
    if (!Number.isNaN(last)) return side === BUY ? last >= stopPrice : last <= stopPrice
    const touch = state.bestPrice(side ^ 1)
    return side === BUY ? touch > stopPrice : touch < stopPrice
  }

  /** Where a trailing stop stands when the market is at `price`. A percentage counts whole ticks, at least one. */
  behind(side: number, price: number, trail: number): number {
    const distance = trail > 0 ? trail : Math.max(1, Math.floor((Math.abs(price) * -trail) / 100))
    return side === BUY ? price + distance : price - distance
  }

  /** Carries out what an operation's prints and new orders set off, until nothing more follows: most often nothing. */
  settle(): 0 {
    if (this.#state.phase === Phase.CONTINUOUS && !this.#isCalm()) this.#unwind()
    return 0
  }

  /** Whether no print moved a stop and no waiting order is within reach. Such prints are seen by this. */
  #isCalm(): boolean {
    return this.#pending.length === 0 && !this.#isStirred() && !this.#beckons()
  }

  #unwind(): void {
    const state = this.#state
    for (;;) {
      if (this.#isStirred()) {
        state.startled = false
        this.#watch(state.firstPrint, state.last)
      }
      if (this.#pending.length !== 0) this.#activate(this.#pending.shift()!)
      else if (!this.#beckons() || !this.#fillWaiting()) return
    }
  }

  /** Whether prints have reached a stop, or may pull a trailing one. Where they have not, such prints set off nothing more. */
  #isStirred(): boolean {
    const state = this.#state
    if (!state.startled) return false
    const { cost } = state.levels
    const trails = state.trailing.length !== 0
    const low = Math.max(1 - cost[Ladder.SELL_STOPS]!, trails ? this.#trailedLow : -Infinity)
    const high = Math.min(cost[Ladder.BUY_STOPS]! - 1, trails ? this.#trailedHigh : Infinity)
    state.calmLow = low
    state.calmHigh = high
    const { firstPrint, last } = state
    state.startled = firstPrint < low || firstPrint > high || last < low || last > high
    return state.startled
  }

  /** Shows a run of prints, which moved one way from `first` to `last`, to the stops. */
  #watch(first: number, last: number): void {
    const state = this.#state
    state.watchPrints()
    const fired: number[] = []
    this.#gather(first, fired)
    if (state.trailing.length !== 0) this.#trailTo(first)
    if (last !== first) {
      this.#gather(last, fired)
      if (state.trailing.length !== 0) this.#trailTo(last)
    }
    if (fired.length === 0) return
    const { entry } = state.orders
    fired.sort((a, b) => entry[a >> 1]! - entry[b >> 1]!)
    this.fire(fired, last)
  }

  /** Marks the stops that a print at `price` reaches. */
  #gather(price: number, fired: number[]): void {
    const state = this.#state
    const levels = state.levels
    const { next, traits } = state.orders
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
    const state = this.#state
    this.#trailedLow = Math.min(price, this.#trailedLow)
    this.#trailedHigh = Math.max(price, this.#trailedHigh)
    const { levels, orders } = state
    for (const slot of state.trailing) {
      const traits = orders.traits[slot]!
      if ((traits & Trait.TRIGGERED) !== 0) continue
      const side = traits & Trait.SELL
      const from = levels.price[orders.level[slot]!]!
      const to = this.behind(side, price, orders.trail[slot >> 1]!)
      if (side === BUY ? to >= from : to <= from) continue
      levels.remove(slot)
      levels.append(Ladder.SELL_STOPS + (side ^ 1), to, slot)
      const limit = orders.limit[slot >> 1]! + to - from
      orders.limit[slot >> 1] = Math.min(Math.max(limit, state.lowest), priceBound - 1)
      state.changed(slot, ChangeReason.TRAILED)
    }
  }

  /** Triggers stops: they leave their queue and wait for their turn to enter. */
  fire(slots: readonly number[], last: number): void {
    const state = this.#state
    const { levels, orders } = state
    for (const slot of slots) {
      if (orders.level[slot] === 0) continue // the other of its pair went first
      const stopPrice = levels.price[orders.level[slot]!]!
      levels.remove(slot)
      state.disarm(slot)
      orders.traits[slot] = orders.traits[slot]! | Trait.TRIGGERED
      state.triggered(orders.idOf(slot), stopPrice, last)
      if ((orders.traits[slot]! & Trait.PAIRED) !== 0) {
        const other = orders.partner[slot]!
        // Marked by the same print, it would pass for one that is disarmed.
        if ((orders.traits[other]! & Trait.TRIGGERED) !== 0) state.disarm(other)
        state.cancelOther(slot)
      }
      this.#pending.push(slot)
    }
  }

  /** Lets a triggered stop enter as the market or limit order it has become. */
  #activate(slot: number): void {
    const state = this.#state
    const orders = state.orders
    const traits = orders.traits[slot]! & ~(Trait.TRIGGERED | Trait.TRAILING | Trait.PAIRED | internal)
    const side = traits & Trait.SELL
    const isLimit = (traits & Trait.TYPE) === Trait.STOP_LIMIT
    const entering = this.#matching.prepare(
      orders.idOf(slot),
      side,
      orders.ownerOf(slot),
      (traits & ~Trait.TYPE) | (isLimit ? 0 : Trait.MARKET),
      orders.open[slot >> 1]!,
    )
    entering.total = orders.totalOf(slot)
    entering.display = orders.display[slot >> 1]!
    if (isLimit) entering.price = entering.bound = orders.limit[slot >> 1]!
    state.release(slot)
    const flag = traits & Trait.FLAG
    if ((traits & Trait.REDUCE_ONLY) !== 0 && state.owners.reducible(entering.owner, side) === 0)
      this.#matching.finish(entering, CancelReason.POSITION_CLOSED)
    else if (flag === Trait.POST_ONLY && this.#matching.crosses(side, entering.price))
      this.#matching.finish(entering, CancelReason.WOULD_TRADE)
    else this.#matching.enter(entering)
  }

  /** Whether an order of the other side is within reach of a waiting one: looked at only after a best price has come so near. */
  #beckons(): boolean {
    const { levels } = this.#state
    if (levels.beckons && this.#isWithinReach() && this.#state.isKeenestStale) this.#refreshAwaited()
    return levels.beckons
  }

  #refreshAwaited(): void {
    const state = this.#state
    const { traits, limit } = state.orders
    state.isKeenestStale = false
    state.levels.awaited.fill(-Infinity)
    for (const slot of state.waiting) state.await(traits[slot]! & Trait.SELL, limit[slot >> 1]!)
    this.#isWithinReach()
  }

  #isWithinReach(): boolean {
    const { awaited, cost } = this.#state.levels
    return (this.#state.levels.beckons =
      cost[Ladder.BIDS]! <= awaited[Ladder.BIDS]! ||
      cost[Ladder.ASKS]! <= awaited[Ladder.ASKS]! ||
      cost[Ladder.DARK_BIDS]! <= awaited[Ladder.DARK_BIDS]! ||
      cost[Ladder.DARK_ASKS]! <= awaited[Ladder.DARK_ASKS]!)
  }

  /** Fills the first waiting all-or-none order that can trade whole now. Gives whether there was one. */
  #fillWaiting(): boolean {
    const state = this.#state
    const { levels, orders } = state
    for (const slot of state.waiting) {
      const side = orders.traits[slot]! & Trait.SELL
      const price = levels.price[orders.level[slot]!]!
      const level = state.earlier(side ^ 1, levels.best[side ^ 1]!, levels.best[(side ^ 1) + 2]!)
      if (level === 0 || (side === BUY ? levels.price[level]! > price : levels.price[level]! < price))
        continue
      const traits = orders.traits[slot]! & ~internal
      const entering = this.#matching.prepare(
        orders.idOf(slot),
        side,
        orders.ownerOf(slot),
        traits,
        orders.open[slot >> 1]!,
      )
      entering.price = entering.bound = price
      if (!this.#matching.fillable(entering)) continue
      state.unqueue(slot)
      state.release(slot)
      this.#matching.match(entering)
      return true
    }
    return false
  }
}
