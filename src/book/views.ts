import { OrderType, Side } from '#market'
import type { Levels } from './levels.ts'
import { flags, Trait, types } from './orders.ts'
import type { BookState } from './state.ts'
import type { Level, OrderView } from './vocabulary.ts'

/** What an order in a slot looks like from outside. */
export function orderView(state: BookState, slot: number): OrderView {
  const { levels, orders, owners } = state
  const traits = orders.traits[slot]!
  const type = types[(traits & Trait.TYPE) >> 1]!
  const level = orders.level[slot]!
  const here = levels.price[level]!
  const isStop = type === OrderType.STOP || type === OrderType.STOP_LIMIT
  const open = state.left(slot)
  const quantity = orders.totalOf(slot)
  return {
    id: orders.idOf(slot),
    owner: owners.id[orders.ownerOf(slot)]!,
    side: (levels.ladder[level]! & 1) === Number(isStop) ? Side.BUY : Side.SELL,
    type,
    flag: flags[(traits & Trait.FLAG) >> 3]!,
    price: type === OrderType.LIMIT ? here : type === OrderType.STOP_LIMIT ? orders.limit[slot >> 1]! : null,
    stopPrice: isStop ? here : null,
    quantity,
    filled: quantity - open,
    open,
    shown: state.shown(slot),
  }
}

/** What a level shows; null for level 0, which is none. */
export function levelView(levels: Levels, level: number): Level | null {
  if (level === 0) return null
  const { price, quantity, count } = levels
  return { price: price[level]!, quantity: quantity[level]!, orders: count[level]! }
}

/** Up to `count` levels that a side shows, best first. */
export function sideView(levels: Levels, side: number, count: number): Level[] {
  const found: Level[] = []
  for (let level = levels.best[side]!; level !== 0 && found.length < count; level = levels.worse[level]!)
    found.push(levelView(levels, level)!)
  return found
}
