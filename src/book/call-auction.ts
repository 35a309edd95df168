import { clearing, type Clearing, type Interest } from './auction.ts'
import { priceBound } from './far-prices.ts'
import { Ladder } from './levels.ts'
import type { Matching } from './matching.ts'
import { auctions, Trait } from './orders.ts'
import type { BookState } from './state.ts'
import { BUY, CancelReason, Phase, SELL } from './vocabulary.ts'

/** The call auction: what collected trades at one price, the rest is left in order for continuous trading. */
export class CallAuction {
  readonly #state: BookState
  readonly #matching: Matching

  constructor(state: BookState, matching: Matching) {
    this.#state = state
    this.#matching = matching
  }

  /** What an auction would do now; null where nothing would trade. */
  indicative(reference: number): Clearing | null {
    const near = Number.isSafeInteger(reference) ? reference : NaN
    return clearing(this.#interest(BUY), this.#interest(SELL), near, this.#state.lowest, priceBound - 1)
  }

  /** What a side wants in an auction; orders that must trade whole or at once take no part. */
  #interest(side: number): Interest {
    const state = this.#state
    const { levels, orders } = state
    const wanted = new Map<number, number>()
    for (const ladder of [side, side + 2])
      for (let level = levels.best[ladder]!; level !== 0; level = levels.worse[level]!) {
        let quantity = 0
        for (let slot = levels.head[level]!; slot !== 0; slot = orders.next[slot]!)
          if (auctions(orders.traits[slot]!)) quantity += state.left(slot)
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

  /** Goes over to continuous trading: uncrosses what was collected, and ends what cannot stand in a ladder that must not be crossed. */
  uncross(reference: number): void {
    const state = this.#state
    const levels = state.levels
    const first = this.indicative(reference)
    state.setPhase(Phase.CONTINUOUS, first?.price ?? NaN, first?.volume ?? 0)
    state.firstPrint = NaN
    // Orders that end without trading (a position is closed) can leave the ladder crossed, so look again.
    for (let now = first; now; now = this.indicative(reference)) this.#trade(now.price)
    for (const ladder of [Ladder.MARKET_BUYS, Ladder.MARKET_SELLS])
      while (levels.best[ladder]! !== 0)
        state.cancelSlot(levels.head[levels.best[ladder]!]!, CancelReason.AUCTION_ENDED)
    for (;;) {
      const [bid, ask] = [levels.best[Ladder.BIDS]!, levels.best[Ladder.ASKS]!]
      if (bid === 0 || ask === 0 || levels.price[bid]! < levels.price[ask]!) return
      this.#matching.withdraw(this.#abstaining(bid) || this.#abstaining(ask))
    }
  }

  /** First order of a level that takes no part in auctions. */
  #abstaining(level: number): number {
    const state = this.#state
    const { next, traits } = state.orders
    let slot = state.levels.head[level]!
    while (slot !== 0 && auctions(traits[slot]!)) slot = next[slot]!
    return slot
  }

  /** Trades everything that can trade at one price: market orders, then by price, shown before hidden, then by time. */
  #trade(price: number): void {
    const state = this.#state
    const { orders } = state
    for (;;) {
      const buy = this.#foremost(BUY, price)
      const sell = this.#foremost(SELL, price)
      if (buy === 0 || sell === 0) return
      if ((orders.traits[buy]! & Trait.PAIRED) !== 0 && orders.partner[buy] === sell) {
        state.cancelSlot(sell, CancelReason.OTHER_OF_PAIR)
        continue
      }
      let quantity = Math.min(orders.open[buy >> 1]!, orders.open[sell >> 1]!)
      let closed = 0
      for (const [slot, side] of [
        [buy, BUY],
        [sell, SELL],
      ] as const) {
        if ((orders.traits[slot]! & Trait.REDUCE_ONLY) === 0) continue
        const most = state.owners.reducible(orders.owner[slot]!, side)
        if (most === 0) closed = slot
        quantity = Math.min(quantity, most)
        if (closed !== 0) break
      }
      if (closed !== 0) {
        state.cancelSlot(closed, CancelReason.POSITION_CLOSED)
        continue
      }
      this.#cross(buy, sell, price, quantity)
    }
  }

  /** The order of a side that trades next at an auction price, 0 where none does. */
  #foremost(side: number, price: number): number {
    const state = this.#state
    const levels = state.levels
    const market = levels.best[Ladder.MARKET_BUYS + side]!
    if (market !== 0) return levels.head[market]!
    let lit = levels.best[side]!
    let dark = levels.best[side + 2]!
    for (;;) {
      const level = state.earlier(side, lit, dark)
      if (level === 0 || (side === BUY ? levels.price[level]! < price : levels.price[level]! > price))
        return 0
      for (let slot = levels.head[level]!; slot !== 0; slot = state.orders.next[slot]!)
        if (auctions(state.orders.traits[slot]!)) return slot
      if (level === lit) lit = levels.worse[level]!
      else dark = levels.worse[level]!
    }
  }

  /** One match of an auction. */
  #cross(buy: number, sell: number, price: number, quantity: number): void {
    const state = this.#state
    const { levels, orders } = state
    const { position } = state.owners
    if (Number.isNaN(state.firstPrint)) state.firstPrint = price
    state.print(price)
    for (const slot of [buy, sell]) {
      orders.open[slot >> 1] = orders.open[slot >> 1]! - quantity
      const level = orders.level[slot]!
      levels.quantity[level] = levels.quantity[level]! - quantity
      const owner = orders.ownerOf(slot)
      if (owner !== 0) position[owner] = position[owner]! + (slot === buy ? quantity : -quantity)
    }
    const sellLevel = orders.level[sell]!
    const queue = levels.ladder[sellLevel]! <= Ladder.ASKS ? levels.quantity[sellLevel]! : 0
    state.traded(
      orders.idOf(sell),
      orders.idOf(buy),
      BUY,
      price,
      quantity,
      state.left(sell),
      state.left(buy),
      queue,
    )
    for (const slot of [sell, buy]) if (state.left(slot) === 0) state.filled(orders.idOf(slot))
    for (const slot of [sell, buy]) if ((orders.traits[slot]! & Trait.PAIRED) !== 0) state.cancelOther(slot)
    for (const slot of [sell, buy]) {
      if (orders.open[slot >> 1] !== 0) continue
      const level = orders.level[slot]!
      if (orders.reserveOf(slot) !== 0) state.replenish(slot, level, levels.price[level]!)
      else {
        levels.remove(slot)
        state.release(slot)
      }
    }
  }
}
