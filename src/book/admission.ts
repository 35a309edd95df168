import { OrderType } from '#market'
import { priceBound } from './far-prices.ts'
import { finished } from './index-of-ids.ts'
import { fewLots, isTerse, mostLots, mostOrders, Trait } from './orders.ts'
import type { BookState } from './state.ts'
import { BUY, Phase, Refused, Request, SELL, type BookOrder } from './vocabulary.ts'

/** What is refused at the door, the book unchanged. Each check gives 0, or the code that it has told the listener. */
export class Admission {
  readonly #state: BookState

  constructor(state: BookState) {
    this.#state = state
  }

  mayPair(slot: number, owner: number): boolean {
    const state = this.#state
    const traits = state.orders.traits[slot]!
    const flag = traits & Trait.FLAG
    return (
      state.orders.owner[slot] === owner &&
      (traits & (Trait.PAIRED | Trait.ICEBERG)) === 0 &&
      (traits & Trait.TYPE) !== Trait.MARKET &&
      !isTerse(flag) &&
      flag !== Trait.ALL_OR_NONE
    )
  }

  refuseUnknown(request: Request, id: number, slot: number): Refused {
    return this.#state.reject(
      request,
      id,
      slot === finished ? Refused.ORDER_FINISHED : Refused.UNKNOWN_ORDER,
      id,
      NaN,
    )
  }

  refuseNew(id: number, side: number, quantity: number, owner: number): Refused {
    const state = this.#state
    const known = state.ids.get(id)
    if (known !== 0) return state.reject(Request.ADD, id, Refused.DUPLICATE_ORDER, id, NaN)
    if (id >>> 0 !== id && !(Number.isSafeInteger(id) && id >= 0))
      return state.reject(Request.ADD, id, Refused.OUT_OF_RANGE, id, Number.MAX_SAFE_INTEGER)
    if (owner >>> 0 !== owner && !(Number.isSafeInteger(owner) && owner >= 0))
      return state.reject(Request.ADD, id, Refused.OUT_OF_RANGE, owner, Number.MAX_SAFE_INTEGER)
    if (side !== BUY && side !== SELL) return state.reject(Request.ADD, id, Refused.CONTRADICTORY, side, SELL)
    if ((quantity | 0) === quantity && quantity > 0) return 0
    if (!(Number.isInteger(quantity) && quantity > 0))
      return state.reject(Request.ADD, id, Refused.OFF_LOT, quantity, NaN)
    if (quantity > mostLots) return state.reject(Request.ADD, id, Refused.OUT_OF_RANGE, quantity, mostLots)
    return 0
  }

  refusePrice(id: number, request: Request, price: number): Refused {
    const state = this.#state
    if ((price | 0) === price && price >= state.lowest) return 0
    if (!Number.isInteger(price)) return state.reject(request, id, Refused.OFF_TICK, price, NaN)
    if (price < state.lowest) return state.reject(request, id, Refused.OUT_OF_RANGE, price, state.lowest)
    if (price >= priceBound) return state.reject(request, id, Refused.OUT_OF_RANGE, price, priceBound - 1)
    return 0
  }

  refusePhase(id: number): Refused {
    const state = this.#state
    return state.phase === Phase.HALTED ? state.reject(Request.ADD, id, Refused.HALTED, NaN, NaN) : 0
  }

  /** Refuses an order for which there is no room: too many live, or more lots at its price than stay exact. */
  refuseCrowd(id: number, ladder: number, price: number, quantity: number): Refused {
    const state = this.#state
    if (state.orders.live >= mostOrders)
      return state.reject(Request.ADD, id, Refused.TOO_MANY_ORDERS, state.orders.live, mostOrders)
    if (quantity > fewLots && state.heldAt(ladder, price) + quantity > mostLots)
      return state.reject(Request.ADD, id, Refused.OUT_OF_RANGE, quantity, mostLots)
    return 0
  }
}

/** Whether two terms of an order exclude each other. */
export function contradicts(order: BookOrder, flag: number, lowest: number): boolean {
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
export function fitsAuction(order: BookOrder, flag: number): boolean {
  return (
    (flag === 0 || flag === Trait.DAY) &&
    !order.toLimit &&
    order.notional === undefined &&
    order.cap === undefined
  )
}
