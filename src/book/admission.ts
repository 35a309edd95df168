import { OrderFlag, OrderType, Side } from '#market'
import { priceBound } from './far-prices.ts'
import { finished } from './index-of-ids.ts'
import { fewLots, flags, isTerse, mostLots, mostOrders, Trait, types } from './orders.ts'
import { type BookState, selfTradeRules } from './state.ts'
import { BUY, Phase, Refused, Request, SELL, type BookOrder } from './vocabulary.ts'

/** Most slices an iceberg may come in: without a bound one trade of a large order could take for ever. */
export const mostSlices = 1000

/** What is refused at the door, the book unchanged. Each check gives 0, or the code that it has told the listener. */
export class Admission {
  readonly #state: BookState

  constructor(state: BookState) {
    this.#state = state
  }

  /** Refuses an id that no order lives under; `slot` is what the index of ids has for it. */
  refuseUnknown(request: Request, id: number, slot: number): Refused {
    return this.#state.reject(
      request,
      id,
      slot === finished ? Refused.ORDER_FINISHED : Refused.UNKNOWN_ORDER,
      id,
      NaN,
    )
  }

  /** Refuses what is wrong with any new order: its id, owner, side or quantity. */
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

  /** Refuses a price off the ticks or out of range. */
  refusePrice(id: number, request: Request, price: number): Refused {
    const state = this.#state
    if ((price | 0) === price && price >= state.lowest) return 0
    if (!Number.isInteger(price)) return state.reject(request, id, Refused.OFF_TICK, price, NaN)
    if (price < state.lowest) return state.reject(request, id, Refused.OUT_OF_RANGE, price, state.lowest)
    if (price >= priceBound) return state.reject(request, id, Refused.OUT_OF_RANGE, price, priceBound - 1)
    return 0
  }

  /** Refuses a new order while trading is halted. */
  refusePhase(id: number): Refused {
    const state = this.#state
    return state.phase === Phase.HALTED ? state.reject(Request.ADD, id, Refused.HALTED, NaN, NaN) : 0
  }

  /** Refuses an order whose terms are wrong by themselves or against one another, or that the phase does not take. */
  refuseTerms(order: BookOrder): Refused {
    const state = this.#state
    const { id, owner = 0, display, side, trail, trailPercent } = order
    const flag = flagOf(order)
    if (types.indexOf(order.type) < 0 || flag < 0 || (side !== Side.BUY && side !== Side.SELL))
      return state.reject(Request.ADD, id, Refused.CONTRADICTORY, NaN, NaN)
    const quantity = order.notional ?? order.quantity ?? NaN
    const refused = this.refuseNew(id, side === Side.BUY ? BUY : SELL, quantity, owner)
    if (refused !== 0) return refused
    if (contradictionOf(order, state.lowest) !== undefined)
      return state.reject(Request.ADD, id, Refused.CONTRADICTORY, NaN, NaN)
    const price = hasLimit(order) ? (order.price ?? NaN) : capOf(order)
    const off = price === undefined ? 0 : this.refusePrice(id, Request.ADD, price)
    if (off !== 0) return off
    const { most } = order
    if (most !== undefined && !(Number.isSafeInteger(most) && most > 0))
      return state.reject(Request.ADD, id, Refused.OFF_LOT, most, NaN)
    if (display !== undefined && !(Number.isSafeInteger(display) && display > 0))
      return state.reject(Request.ADD, id, Refused.OFF_LOT, display, NaN)
    if (display !== undefined && display * mostSlices < quantity)
      return state.reject(Request.ADD, id, Refused.OUT_OF_RANGE, display, quantity / mostSlices)
    if (trail !== undefined && !(Number.isSafeInteger(trail) && trail > 0))
      return state.reject(Request.ADD, id, Refused.OFF_TICK, trail, NaN)
    if (trailPercent !== undefined && !(trailPercent > 0 && trailPercent < 100))
      return state.reject(Request.ADD, id, Refused.OUT_OF_RANGE, trailPercent, 100)
    const trails = trail !== undefined || trailPercent !== undefined
    if (isStop(order) && (order.stopPrice !== undefined || !trails)) {
      const off = this.refusePrice(id, Request.ADD, order.stopPrice ?? NaN)
      if (off !== 0) return off
    }
    const late = this.refusePhase(id)
    if (late !== 0) return late
    return state.phase === Phase.AUCTION && !isStop(order) && !fitsAuction(order, flag)
      ? state.reject(Request.ADD, id, Refused.HALTED, NaN, NaN)
      : 0
  }

  /** Refuses an order that hangs on another, or on its owner's position, where that is not as it must be. */
  refuseTies(order: BookOrder, side: number, account: number, partner: number): Refused {
    const state = this.#state
    const { id, pairWith, reduceOnly } = order
    if (pairWith !== undefined) {
      if (partner <= 0) {
        const code = partner === 0 ? Refused.UNKNOWN_ORDER : Refused.ORDER_FINISHED
        return state.reject(Request.ADD, id, code, pairWith, NaN)
      }
      if (!this.#mayPair(partner, account))
        return state.reject(Request.ADD, id, Refused.CONTRADICTORY, pairWith, NaN)
    }
    return reduceOnly && state.owners.reducible(account, side) === 0
      ? state.reject(Request.ADD, id, Refused.NOT_REDUCING, state.owners.position[account]!, 0)
      : 0
  }

  #mayPair(slot: number, owner: number): boolean {
    const state = this.#state
    const traits = state.orders.traits[slot]!
    const flag = traits & Trait.FLAG
    return (
      state.orders.ownerOf(slot) === owner &&
      (traits & (Trait.PAIRED | Trait.ICEBERG)) === 0 &&
      (traits & Trait.TYPE) !== Trait.MARKET &&
      !isTerse(flag) &&
      flag !== Trait.ALL_OR_NONE
    )
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

/** An order's flag as traits; below 0 where it is none that is known. */
export const flagOf = (order: BookOrder) => flags.indexOf(order.flag ?? OrderFlag.NONE) << 3

/** Whether an order waits for a stop price. */
export const isStop = ({ type }: BookOrder) => type === OrderType.STOP || type === OrderType.STOP_LIMIT

const hasLimit = ({ type }: BookOrder) => type === OrderType.LIMIT || type === OrderType.STOP_LIMIT

/** Worst price that a market order may trade at; undefined where it says none. */
export function capOf(order: BookOrder): number | undefined {
  if (order.type !== OrderType.MARKET) return undefined
  const flag = flagOf(order)
  return order.cap ?? (isTerse(flag) || flag === Trait.ALL_OR_NONE ? order.price : undefined)
}

/** Terms of an order that exclude one another, and the rule that says so. */
export interface Contradiction {
  readonly terms: readonly (keyof BookOrder)[]
  readonly rule: string
}

/** What of an order excludes something else of it; undefined where all of it can be meant. `lowest` is that of the book's prices. */
export function contradictionOf(order: BookOrder, lowest: number): Contradiction | undefined {
  const { type, notional, cap, toLimit, display, hidden, reduceOnly, trail, trailPercent, pairWith } = order
  const flag = flagOf(order)
  const isMarket = type === OrderType.MARKET
  const lasts = flag === 0 || flag === Trait.DAY || flag === Trait.POST_ONLY
  const wholly = flag === Trait.FILL_OR_KILL || flag === Trait.ALL_OR_NONE
  if (order.selfTrade !== undefined && selfTradeRules.indexOf(order.selfTrade) < 0)
    return clash(`its rule is one of ${selfTradeRules.join(', ')}`, 'selfTrade')
  if (!isMarket) {
    if (notional !== undefined) return clash('only a MARKET order has a notional', 'notional', 'type')
    if (cap !== undefined) return clash('only a MARKET order has a cap', 'cap', 'type')
    if (toLimit) return clash('only a MARKET order becomes a limit order', 'toLimit', 'type')
  }
  if (order.most !== undefined && notional === undefined)
    return clash('an order with a quantity trades no more than that', 'most', 'quantity')
  if (!hasLimit(order)) {
    if (flag === Trait.POST_ONLY) return clash('only an order with a limit is POST_ONLY', 'flag', 'type')
    if (display !== undefined) return clash('only an order with a limit shows a part', 'display', 'type')
    if (hidden) return clash('only an order with a limit is hidden', 'hidden', 'type')
  }
  if (toLimit) {
    if (notional !== undefined) return clash('what is left of a notional cannot rest', 'toLimit', 'notional')
    if (cap !== undefined)
      return clash('it trades at the best price only, whatever the cap', 'toLimit', 'cap')
    if (!lasts) return clash('what is left is to rest, which the flag forbids', 'toLimit', 'flag')
  }
  if (notional !== undefined) {
    if (order.quantity !== undefined)
      return clash('an order has a quantity or a notional', 'notional', 'quantity')
    if (reduceOnly) return clash('what reduces has a quantity', 'notional', 'reduceOnly')
    if (lowest < 0) return clash('a book with prices below zero takes no notional', 'notional')
    if (wholly) return clash('a notional has no quantity to fill as a whole', 'notional', 'flag')
  }
  if (!lasts) {
    const never = 'an order with this flag does not rest among the others'
    if (display !== undefined) return clash(never, 'display', 'flag')
    if (hidden) return clash(never, 'hidden', 'flag')
    if (pairWith !== undefined) return clash(never, 'pairWith', 'flag')
  }
  if (display !== undefined) {
    if (hidden) return clash('an order shows a part or nothing', 'display', 'hidden')
    if (reduceOnly) return clash('what reduces is shown whole', 'display', 'reduceOnly')
    if (pairWith !== undefined) return clash('an order of a pair is shown whole', 'display', 'pairWith')
  }
  if (reduceOnly) {
    if (!order.owner) return clash("a position is its owner's, and 0 is nobody", 'reduceOnly', 'owner')
    if (flag === Trait.ALL_OR_NONE)
      return clash('what reduces may be cut to the position', 'reduceOnly', 'flag')
  }
  if (pairWith !== undefined && isMarket) return clash('a MARKET order is in no pair', 'pairWith', 'type')
  if (trail === undefined && trailPercent === undefined) return undefined
  const trails = trail === undefined ? 'trailPercent' : 'trail'
  if (!isStop(order)) return clash('only a stop trails', trails, 'type')
  if (trail !== undefined && trailPercent !== undefined)
    return clash('a stop trails by a distance or by per cent', 'trail', 'trailPercent')
  return type === OrderType.STOP_LIMIT && order.stopPrice === undefined
    ? clash('a STOP_LIMIT that trails needs a stop price to begin with', trails, 'stopPrice')
    : undefined
}

const clash = (rule: string, ...terms: readonly (keyof BookOrder)[]): Contradiction => ({ terms, rule })

/** Whether an order may be given while an auction collects: it must be able to wait. */
function fitsAuction(order: BookOrder, flag: number): boolean {
  return (
    (flag === 0 || flag === Trait.DAY) &&
    !order.toLimit &&
    order.notional === undefined &&
    order.cap === undefined
  )
}
