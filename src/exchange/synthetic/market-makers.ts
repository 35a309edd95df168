import { BUY, SELL } from '#book'
import type { Desk } from './desk.ts'

/** Prices at which a maker quotes, on each side. */
const depth = 4

/**
 * Traders who quote both sides and live off the spread. They quote around the midpoint, moved against their inventory
 * and with the flow of orders, wider when the market moves, and replace what was hit when they look next.
 */
export class MarketMakers {
  readonly first: number
  readonly pause: number
  /** Lots at each price. */
  readonly lots: number
  /** Lots held that move the quotes by one half-spread. */
  readonly comfort: number
  /** Factor on the distance of its quotes, from 0.8 to 2. */
  readonly width: Float64Array
  readonly inventory: Float64Array
  /** Ids of the quotes: bids from the best, then asks; 0 for none. */
  readonly ids: Int32Array
  readonly prices: Int32Array
  /** Lots open in each quote, as far as the maker has heard. */
  readonly left: Float64Array

  constructor(first: number, count: number, rate: number, liquidity: number, desk: Desk) {
    this.width = Float64Array.from({ length: count }, (_, i) => 0.8 + 1.2 * desk.streams.uniform(first + i))
    this.first = first
    this.pause = 1e6 / rate
    this.lots = Math.max(1, Math.round(12 * liquidity))
    this.comfort = 10 * this.lots
    this.inventory = new Float64Array(count)
    this.ids = new Int32Array(2 * depth * count)
    this.prices = new Int32Array(2 * depth * count)
    this.left = new Float64Array(2 * depth * count)
  }

  wake(desk: Desk, agent: number): void {
    const { streams } = desk
    desk.sleep(agent, this.pause * (0.5 + streams.uniform(agent)))
    if (desk.collecting[desk.instrument[agent]] === 1) return
    desk.look(agent)
    const maker = agent - this.first
    const held = this.inventory[maker] / this.comfort
    const half = this.width[maker] * (0.5 + 0.15 * desk.usual[desk.instrument[agent]] + 2.2 * desk.motion)
    const centre = desk.mid + 1.6 * half * desk.flow - half * Math.max(-4, Math.min(4, held))
    const step = Math.max(1, Math.round(half))
    const bid = Math.floor(centre - half)
    const ask = Math.max(bid + 1, Math.ceil(centre + half))
    // The side that makes room goes first, so that a maker does not meet its own quotes.
    const from = this.prices[2 * depth * maker]
    if (bid > from) {
      this.quote(desk, agent, SELL, ask, step)
      this.quote(desk, agent, BUY, bid, -step)
    } else {
      this.quote(desk, agent, BUY, bid, -step)
      this.quote(desk, agent, SELL, ask, step)
    }
  }

  report(agent: number, id: number, traded: number, left: number): void {
    const maker = agent - this.first
    this.inventory[maker] += traded
    const base = 2 * depth * maker
    for (let place = base; place < base + 2 * depth; place++)
      if (this.ids[place] === id) {
        this.left[place] = left
        if (left === 0) this.ids[place] = 0
        return
      }
  }

  quote(desk: Desk, agent: number, side: number, best: number, step: number): void {
    const base = (2 * (agent - this.first) + side) * depth
    for (let i = 0; i < depth; i++) {
      const place = base + i
      const price = best + i * step
      const id = this.ids[place]
      if (id !== 0 && this.left[place] >= 0.3 * this.lots) {
        if (this.prices[place] === price) continue
        desk.move(agent, id, price)
      } else {
        if (id !== 0) desk.cancel(agent, id)
        this.ids[place] = desk.limit(agent, side, price, this.lots)
        this.left[place] = this.lots
      }
      this.prices[place] = price
    }
  }
}
