import { BUY, SELL } from '#book'
import type { Desk } from './desk.ts'

/**
 * Traders who follow the market: each keeps a fast and a slow moving average of the midpoint, holds lots in the
 * direction in which the fast one has left the slow one behind, and none while they are close.
 */
export class MomentumTraders {
  readonly first: number
  readonly pause: number
  readonly fast: Float64Array
  readonly slow: Float64Array
  /** Time over which the fast average forgets, seconds; the slow one takes five times as long. */
  readonly memory: Float64Array
  readonly looked: Float64Array
  readonly inventory: Float64Array
  readonly lots: Float64Array

  constructor(first: number, count: number, rate: number, desk: Desk) {
    this.first = first
    this.pause = 1e6 / rate
    this.fast = new Float64Array(count)
    this.slow = new Float64Array(count)
    this.memory = Float64Array.from({ length: count }, (_, i) => 10 + 50 * desk.streams.uniform(first + i))
    this.looked = new Float64Array(count)
    this.inventory = new Float64Array(count)
    this.lots = Float64Array.from(
      { length: count },
      (_, i) => 20 + Math.floor(60 * desk.streams.uniform(first + i)),
    )
  }

  wake(desk: Desk, agent: number): void {
    const { streams } = desk
    const trader = agent - this.first
    const two = desk.look(agent)
    desk.sleep(agent, (this.pause * streams.exponential(agent)) / desk.attention)
    if (desk.collecting[desk.instrument[agent]] === 1) return
    if (this.looked[trader] === 0) this.fast[trader] = this.slow[trader] = desk.mid
    const seconds = this.looked[trader] === 0 ? 0 : (desk.time - this.looked[trader]) / 1e6
    this.looked[trader] = desk.time
    const memory = this.memory[trader]
    this.fast[trader] += (desk.mid - this.fast[trader]) * (seconds / (seconds + memory))
    this.slow[trader] += (desk.mid - this.slow[trader]) * (seconds / (seconds + 5 * memory))
    if (!two) return
    const lead = this.fast[trader] - this.slow[trader]
    // What the value alone does over such a time is no trend.
    const ordinary = 1 + 0.7 * desk.usual[desk.instrument[agent]] * Math.sqrt(2 * memory)
    const held = this.inventory[trader]
    const trend = Math.abs(lead) > ordinary ? Math.sign(lead) : 0
    // An old position is kept until the averages meet again.
    const target = trend !== 0 ? trend * this.lots[trader] : held * lead > 0 ? held : 0
    const wanted = target - held
    if (wanted === 0) return
    const side = wanted > 0 ? BUY : SELL
    desk.market(agent, side, Math.min(Math.abs(wanted), 15))
  }

  report(agent: number, bought: number): void {
    this.inventory[agent - this.first] += bought
  }
}
