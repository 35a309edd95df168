import { Ladder } from './levels.ts'
import { auctions, fewLots, isTerse, mostLots, special, Trait } from './orders.ts'
import { reducible } from './owners.ts'
import { finished } from './index-of-ids.ts'
import { CANCEL_BOTH, CANCEL_NEWEST, CANCEL_OLDEST, type BookState, type Entering } from './state.ts'
import { BUY, CancelReason, ChangeReason, Phase } from './vocabulary.ts'

/** Stands for the next order of a level that is no more. */
const gone = -1

/** The long way of an order into the book: any type, any flag, either allocation, against whatever rests there. */
export class Matching {
  readonly #state: BookState

  constructor(state: BookState) {
    this.#state = state
  }

  prepare(id: number, side: number, owner: number, traits: number, quantity: number): Entering {
    const entering = this.#state.entering
    entering.id = id
    entering.side = side
    entering.owner = owner
    entering.traits = traits | side
    entering.price = 0
    entering.bound = side === BUY ? Infinity : -Infinity
    entering.left = quantity
    entering.total = quantity
    entering.budget = 0
    entering.most = mostLots
    entering.display = 0
    entering.partner = 0
    const own = (traits & Trait.SELF_TRADE) >> 17
    entering.selfTrade = own === 0 ? this.#state.selfTrade : own - 1
    entering.traded = false
    entering.printed = false
    entering.stopped = -1
    return entering
  }

  /** Lets an order trade by its flag, and rest where it may. */
  enter(entering: Entering): void {
    const state = this.#state
    if (state.phase === Phase.AUCTION) return this.#rest(entering)
    const { id, side, traits } = entering
    const flag = traits & Trait.FLAG
    const isLimit = (traits & Trait.TYPE) === 0
    if (flag === Trait.FILL_OR_KILL || flag === Trait.ALL_OR_NONE || (state.aat && isTerse(flag))) {
      const crosses = !isLimit || this.crosses(side, entering.price)
      if (!crosses && (state.aat || flag === Trait.ALL_OR_NONE)) return this.#rest(entering)
      if (flag !== Trait.IMMEDIATE_OR_CANCEL && !this.fillable(entering))
        return this.finish(entering, CancelReason.NOT_FILLABLE)
    }
    this.match(entering)
    if ((traits & Trait.NOTIONAL) !== 0) {
      if (entering.budget === 0) state.ids.set(id, finished)
      else if (entering.stopped >= 0) this.finish(entering, entering.stopped as CancelReason)
      else if (entering.most === 0) this.finish(entering, CancelReason.MOST_TRADED)
      else this.finish(entering, entering.left === 0 ? CancelReason.BUDGET_SPENT : CancelReason.NO_LIQUIDITY)
      return
    }
    if (entering.left === 0) state.ids.set(id, finished)
    else if (entering.stopped >= 0) this.finish(entering, entering.stopped as CancelReason)
    else if ((traits & Trait.REDUCE_ONLY) !== 0 && state.owners.reducible(entering.owner, side) === 0)
      this.finish(entering, CancelReason.POSITION_CLOSED)
    else if (!isLimit) {
      if ((traits & Trait.TO_LIMIT) === 0 || !entering.traded)
        this.finish(entering, CancelReason.NO_LIQUIDITY)
      else {
        entering.traits &= ~(Trait.TYPE | Trait.TO_LIMIT)
        this.#rest(entering)
      }
    } else if (flag === Trait.IMMEDIATE_OR_CANCEL) this.finish(entering, CancelReason.IMMEDIATE_ONLY)
    else this.#rest(entering)
  }

  finish(entering: Entering, reason: CancelReason): void {
    const state = this.#state
    state.ids.set(entering.id, finished)
    state.cancelled(entering.id, reason, (entering.traits & Trait.NOTIONAL) !== 0 ? 0 : entering.left)
  }

  /** Trades an order against whatever rests on the other side: shown before hidden at one price. */
  match(entering: Entering): void {
    const state = this.#state
    const levels = state.levels
    const opposite = entering.side ^ 1
    let skippedLit = 0
    let skippedDark = 0
    for (;;) {
      const lit = skippedLit === 0 ? levels.best[opposite]! : levels.worse[skippedLit]!
      const dark = skippedDark === 0 ? levels.best[opposite + 2]! : levels.worse[skippedDark]!
      const level = state.earlier(opposite, lit, dark)
      if (level === 0) return
      const price = levels.price[level]!
      if (entering.side === BUY ? price > entering.bound : price < entering.bound) return
      if ((entering.traits & Trait.NOTIONAL) !== 0) {
        entering.left = Math.min(affordable(entering.budget, price), entering.most)
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

  /** Trades against one level. Gives whether the level is still there, holding only orders that cannot trade with this one. */
  #matchLevel(entering: Entering, level: number, price: number): boolean {
    const state = this.#state
    const { levels, orders } = state
    const { owner, side } = entering
    const prevents = owner !== 0 && entering.selfTrade !== 0
    const reduces = (entering.traits & Trait.REDUCE_ONLY) !== 0
    if (state.proRata && levels.ladder[level]! <= Ladder.ASKS) {
      if (entering.partner !== 0 && orders.level[entering.partner] === level)
        state.cancelSlot(entering.partner, CancelReason.OTHER_OF_PAIR)
      if (levels.count[level] !== 0 && prevents && this.#preventAt(entering, level)) return true
      if (levels.count[level] === 0) return false
      this.#share(entering, level, price)
    }
    let maker = levels.head[level]!
    while (maker !== 0 && entering.left !== 0) {
      const traits = orders.traits[maker]!
      if (maker === entering.partner || (prevents && orders.ownerOf(maker) === owner)) {
        if (maker === entering.partner) maker = this.#expel(maker, CancelReason.OTHER_OF_PAIR)
        else {
          if (entering.selfTrade !== CANCEL_OLDEST) entering.stopped = CancelReason.SELF_TRADE
          if (entering.selfTrade === CANCEL_NEWEST) return true
          maker = this.#expel(maker, CancelReason.SELF_TRADE)
          if (entering.selfTrade === CANCEL_BOTH) return maker !== gone
        }
        if (maker === gone) return false
        continue
      }
      let quantity = orders.open[maker >> 1]!
      if (quantity > entering.left) quantity = entering.left
      if ((traits & special) !== 0) {
        const flag = traits & Trait.FLAG
        if (
          (flag === Trait.ALL_OR_NONE || (state.aat && flag === Trait.FILL_OR_KILL)) &&
          orders.open[maker >> 1]! > quantity
        ) {
          maker = state.aat ? this.#expel(maker, CancelReason.NOT_FILLABLE) : orders.next[maker]!
          if (maker === gone) return false
          continue
        }
        if ((traits & Trait.REDUCE_ONLY) !== 0) {
          const most = state.owners.reducible(orders.owner[maker]!, side ^ 1)
          if (most === 0) {
            maker = this.#expel(maker, CancelReason.POSITION_CLOSED)
            if (maker === gone) return false
            continue
          }
          if (quantity > most) quantity = most
        }
      }
      if (reduces) {
        const most = state.owners.reducible(owner, side)
        if (most === 0) {
          entering.stopped = CancelReason.POSITION_CLOSED
          return true
        }
        if (quantity > most) quantity = most
      }
      this.#hit(entering, maker, level, price, quantity)
      if (orders.open[maker >> 1] !== 0) {
        if ((traits & special) === 0 || (traits & Trait.FLAG) !== Trait.IMMEDIATE_OR_CANCEL) continue
        maker = this.#expel(maker, CancelReason.IMMEDIATE_ONLY)
        if (maker === gone) return false
      } else if (orders.reserveOf(maker) !== 0) {
        const next = orders.next[maker]!
        state.replenish(maker, level, price)
        maker = next === 0 ? maker : next
      } else {
        const next = orders.next[maker]!
        const last = levels.count[level] === 1
        levels.remove(maker)
        state.release(maker)
        if (last) return false
        maker = next
      }
    }
    return true
  }

  /** Ends an order in a queue. Gives the one behind it, 0 behind the last, `gone` where its level went with it. */
  #expel(maker: number, reason: CancelReason): number {
    const { levels, orders } = this.#state
    const next = orders.next[maker]!
    const alone = levels.count[orders.level[maker]!] === 1
    this.#state.cancelSlot(maker, reason)
    return alone ? gone : next
  }

  /** One match. The maker stays in its queue even when nothing of it is left. */
  #hit(entering: Entering, maker: number, level: number, price: number, quantity: number): void {
    const state = this.#state
    const { levels, orders } = state
    const { id, side } = entering
    const open = orders.open[maker >> 1]! - quantity
    orders.open[maker >> 1] = open
    levels.quantity[level] = levels.quantity[level]! - quantity
    entering.left -= quantity
    const traits = orders.traits[maker]!
    const makerId = orders.idOf(maker)
    const makerLeft = open + orders.reserveOf(maker)
    let takerLeft = entering.left
    if ((entering.traits & Trait.NOTIONAL) !== 0) {
      takerLeft = entering.budget -= quantity * price
      entering.most -= quantity
    }
    if (!entering.traded) {
      entering.traded = true
      if ((entering.traits & Trait.TO_LIMIT) !== 0) entering.price = entering.bound = price
    }
    const makerOwner = orders.ownerOf(maker)
    if (!(state.ownUnseen && makerOwner !== 0 && makerOwner === entering.owner)) {
      if (!entering.printed) state.firstPrint = price
      entering.printed = true
      state.print(price)
    }
    const shown = levels.ladder[level]! <= Ladder.ASKS ? levels.quantity[level]! : 0
    state.traded(makerId, id, side, price, quantity, makerLeft, takerLeft, shown)
    if (makerLeft === 0) state.filled(makerId)
    if (takerLeft === 0) state.filled(id)
    const { position } = state.owners
    const bought = side === BUY ? quantity : -quantity
    if (makerOwner !== 0) position[makerOwner] = position[makerOwner]! - bought
    if (entering.owner !== 0) position[entering.owner] = position[entering.owner]! + bought
    if ((traits & Trait.PAIRED) !== 0) state.cancelOther(maker)
    if (entering.partner !== 0) state.cancelSlot(entering.partner, CancelReason.OTHER_OF_PAIR)
  }

  /** Pro rata: each plain order at the level gets its part of the taker, rounded down. What rounding leaves goes by time. */
  #share(entering: Entering, level: number, price: number): void {
    const state = this.#state
    const { next, open, traits } = state.orders
    let taker = entering.left
    if ((entering.traits & Trait.REDUCE_ONLY) !== 0)
      taker = Math.min(taker, state.owners.reducible(entering.owner, entering.side))
    let sum = 0
    for (let maker = state.levels.head[level]!; maker !== 0; maker = next[maker]!)
      if (shares(traits[maker]!)) sum += open[maker >> 1]!
    if (taker >= sum) return
    for (let maker = state.levels.head[level]!; maker !== 0; maker = next[maker]!) {
      if (!shares(traits[maker]!)) continue
      const part = portion(taker, open[maker >> 1]!, sum)
      if (part !== 0) this.#hit(entering, maker, level, price, part)
    }
  }

  /** Pro rata: self-trade prevention looks at the whole level before anything trades there. Gives whether the taker must stop. */
  #preventAt(entering: Entering, level: number): boolean {
    const state = this.#state
    const { next } = state.orders
    let maker = state.levels.head[level]!
    for (let left = state.levels.count[level]!; left > 0; left--) {
      const following = next[maker]!
      if (state.orders.ownerOf(maker) === entering.owner) {
        if (entering.selfTrade !== CANCEL_OLDEST) entering.stopped = CancelReason.SELF_TRADE
        if (entering.selfTrade === CANCEL_NEWEST) return true
        state.cancelSlot(maker, CancelReason.SELF_TRADE)
        if (entering.selfTrade === CANCEL_BOTH) return true
      }
      maker = following
    }
    return false
  }

  /**
   * Whether an order can trade whole at once, found by walking the other side as matching would, changing nothing. In the aat profile
   * flagged orders too large for what is left are taken off on the way, and an all-or-none order needs one maker.
   */
  fillable(entering: Entering): boolean {
    const state = this.#state
    const { side, owner, bound } = entering
    const { levels, orders } = state
    const opposite = side ^ 1
    const prevents = owner !== 0 && entering.selfTrade !== 0
    let left = entering.left
    if (state.complications === 0 && !prevents) {
      for (let level = levels.best[opposite]!; level !== 0 && left > 0; level = levels.worse[level]!) {
        const price = levels.price[level]!
        if (side === BUY ? price > bound : price < bound) break
        if (state.aat && (entering.traits & Trait.FLAG) === Trait.ALL_OR_NONE)
          return orders.open[levels.head[level]! >> 1]! >= left
        left -= levels.quantity[level]!
      }
      return left <= 0
    }
    const positions = new Map<number, number>()
    /** Whose pair has traded. */
    const usedUp = new Set<number>()
    const positionOf = (account: number) => positions.get(account) ?? state.owners.position[account]!
    const take = (maker: number, available: number) => {
      while (available > 0 && left > 0) {
        let quantity = Math.min(available, left)
        const account = orders.ownerOf(maker)
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
    let single = state.aat && (entering.traits & Trait.FLAG) === Trait.ALL_OR_NONE
    let lit = levels.best[opposite]!
    let dark = levels.best[opposite + 2]!
    walk: while (left > 0) {
      const level = state.earlier(opposite, lit, dark)
      if (level === 0) break
      const price = levels.price[level]!
      if (side === BUY ? price > bound : price < bound) break
      if (level === lit) lit = levels.worse[level]!
      else dark = levels.worse[level]!
      const stops = prevents && entering.selfTrade !== CANCEL_OLDEST
      if (stops && state.proRata && levels.ladder[level]! <= Ladder.ASKS)
        for (let maker = levels.head[level]!; maker !== 0; maker = orders.next[maker]!)
          if (orders.ownerOf(maker) === owner) break walk
      for (let maker = levels.head[level]!; maker !== 0 && left > 0; maker = orders.next[maker]!) {
        if (prevents && orders.ownerOf(maker) === owner) {
          if (stops) break walk
          continue
        }
        const traits = orders.traits[maker]!
        const flag = (traits & special) === 0 ? 0 : traits & Trait.FLAG
        if (flag === Trait.ALL_OR_NONE || (state.aat && flag === Trait.FILL_OR_KILL)) {
          if (orders.open[maker >> 1]! > left) {
            if (state.aat) killed.push(maker)
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
          if (!(prevents && orders.ownerOf(maker) === owner)) take(maker, orders.reserveOf(maker))
    }
    for (const maker of killed) state.cancelSlot(maker, CancelReason.NOT_FILLABLE)
    return left === 0
  }

  /** Whether an order at `price` would meet one that trades: all-or-none orders out of sight do not count. */
  crosses(side: number, price: number): boolean {
    const state = this.#state
    const levels = state.levels
    const opposite = side ^ 1
    const reaches = (level: number) =>
      level !== 0 && (side === BUY ? price >= levels.price[level]! : price <= levels.price[level]!)
    if (reaches(levels.best[opposite]!)) return true
    for (let level = levels.best[opposite + 2]!; reaches(level); level = levels.worse[level]!)
      for (let slot = levels.head[level]!; slot !== 0; slot = state.orders.next[slot]!)
        if (state.aat || (state.orders.traits[slot]! & Trait.FLAG) !== Trait.ALL_OR_NONE) return true
    return false
  }

  /** Puts what is left of an order into its queue. */
  #rest(entering: Entering): void {
    const state = this.#state
    const { levels, orders } = state
    const { id, side, owner, left, display } = entering
    let { traits, price } = entering
    const flag = traits & Trait.FLAG
    const isMarket = (traits & Trait.TYPE) === Trait.MARKET
    const dark = (traits & Trait.HIDDEN) !== 0
    const ladder = isMarket ? Ladder.MARKET_BUYS + side : dark ? side + 2 : side
    if (isMarket) price = 0
    if (left > fewLots && state.heldAt(ladder, price) + left > mostLots)
      return this.finish(entering, CancelReason.NO_ROOM)
    if (!dark && state.phase === Phase.CONTINUOUS) this.#clear(side, price)
    const iceberg = (traits & Trait.ICEBERG) !== 0
    const needsCare = isTerse(flag) || flag === Trait.ALL_OR_NONE
    if (!isMarket && (dark || needsCare || iceberg || (traits & Trait.REDUCE_ONLY) !== 0)) {
      traits |= special
      state.complications++
    }
    const slice = iceberg ? Math.min(display, left) : left
    const slot = state.place(id, owner, ladder, price, traits, slice, entering.total)
    if (iceberg) {
      const level = orders.level[slot]!
      orders.reserve[slot >> 1] = left - slice
      orders.display[slot >> 1] = display
      levels.reserve[level] = levels.reserve[level]! + left - slice
    }
    if (flag === Trait.ALL_OR_NONE && !state.aat) state.wait(slot, side, price)
    if (entering.partner !== 0) state.pair(slot, entering.partner)
    state.opened(id, side, isMarket ? NaN : price, left, ladder <= Ladder.ASKS ? slice : 0)
  }

  /** Before an order is shown at `price`: what it met there and could not trade with leaves the displayed ladder. */
  #clear(side: number, price: number): void {
    const levels = this.#state.levels
    for (;;) {
      const level = levels.best[side ^ 1]!
      if (level === 0 || (side === BUY ? levels.price[level]! > price : levels.price[level]! < price)) return
      this.withdraw(levels.head[level]!)
    }
  }

  /** Takes an all-or-none order out of sight; where flagged orders may not be skipped (aat) it is cancelled. */
  withdraw(slot: number): void {
    const state = this.#state
    if (state.aat) return state.cancelSlot(slot, CancelReason.NOT_FILLABLE)
    const orders = state.orders
    const price = state.levels.price[orders.level[slot]!]!
    state.levels.remove(slot)
    state.levels.append((orders.traits[slot]! & Trait.SELL) + 2, price, slot)
    state.changed(slot, ChangeReason.WITHDRAWN)
  }
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
