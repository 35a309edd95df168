import { BUY, SELL } from '#book'
import type { Desk } from './desk.ts'
import { Pareto } from './streams.ts'

/** Orders that one trader may have resting. */
const most = 2
const size = new Pareto(1.5)
const distance = new Pareto(0.9)
/** Farthest from the best price that an order is placed, ticks. */
const farthest = 400

/**
 * Traders without an opinion: they buy or sell by chance, rest orders near the best price or inside the spread, take
 * orders back, and now and then trade at once. Sizes and distances have power-law tails, as in order books (J.-P. Bouchaud,
 * M. Mézard, M. Potters, Quantitative Finance 2, 2002). None takes much more than it sees at the best price (J. D. Farmer
 * et al., Quantitative Finance 4, 2004), and more of them join the side that takes than oppose it. They look more often at a market that moves.
 */
export class NoiseTraders {
  readonly first: number
  /** Mean pause between two looks in an ordinary moment, microseconds. */
  readonly pause: number
  readonly liquidity: number
  /** Ids of resting orders, `most` places for each trader; 0 for none. */
  readonly resting: Int32Array

  constructor(first: number, count: number, rate: number, liquidity: number) {
    this.first = first
    this.pause = 1e6 / rate
    this.liquidity = liquidity
    this.resting = new Int32Array(most * count)
  }

  wake(desk: Desk, agent: number): void {
    const { streams } = desk
    const two = desk.look(agent)
    desk.sleep(agent, (this.pause * streams.exponential(agent)) / desk.attention)
    const side = streams.integer(agent) & 1
    if (desk.collecting[desk.instrument[agent]] === 1) return this.collect(desk, agent, side)
    const choice = streams.uniform(agent)
    const spread = two ? desk.ask - desk.bid : 0
    // A wide spread makes people wait rather than pay it.
    const hurry = spread > 0 ? 0.05 * Math.min(1, 4 / spread) : 0
    if (choice < hurry) {
      // Some follow the crowd.
      const crowd = streams.uniform(agent) < 0.5 + 0.45 * desk.flow ? BUY : SELL
      const shown = crowd === BUY ? desk.askSize : desk.bidSize
      desk.market(agent, crowd, Math.min(this.size(desk, agent, 5), shown + 80))
      return
    }
    const base = most * (agent - this.first)
    if (choice > 0.42) {
      const from = streams.integer(agent) % most
      for (let i = 0; i < most; i++) {
        const place = base + ((from + i) % most)
        if (this.resting[place] === 0) continue
        desk.cancel(agent, this.resting[place])
        this.resting[place] = 0
        return
      }
      return
    }
    for (let place = base; place < base + most; place++)
      if (this.resting[place] === 0) {
        this.rest(desk, agent, side, place)
        return
      }
  }

  /** An order that rests before the market opens. */
  open(desk: Desk, agent: number): void {
    desk.look(agent)
    const base = most * (agent - this.first)
    for (let place = base; place < base + 2; place++)
      this.rest(desk, agent, desk.streams.integer(agent) & 1, place)
  }

  report(agent: number, id: number, left: number): void {
    if (left > 0) return
    const base = most * (agent - this.first)
    for (let place = base; place < base + most; place++)
      if (this.resting[place] === id) this.resting[place] = 0
  }

  rest(desk: Desk, agent: number, side: number, place: number): void {
    const { streams } = desk
    const sign = side === BUY ? 1 : -1
    const own = side === BUY ? desk.bid : desk.ask
    const other = side === BUY ? desk.ask : desk.bid
    const scale = 2 + 2 * desk.usual[desk.instrument[agent]] + 6 * desk.motion
    const away = Math.min(farthest, Math.floor(scale * (streams.pareto(agent, distance) - 1)))
    let price: number
    if (own === 0) price = Math.round(desk.mid) - sign * (2 + away)
    else if (other !== 0 && sign * (other - own) > 2 && streams.uniform(agent) < 0.3)
      price = own + sign * (1 + Math.floor(streams.uniform(agent) * (sign * (other - own) - 1)))
    else price = own - sign * away
    this.resting[place] = desk.limit(agent, side, price, this.size(desk, agent, 2.5 * this.liquidity))
  }

  /** While orders are collected: limits around the last price known, some at any price. */
  collect(desk: Desk, agent: number, side: number): void {
    const { streams } = desk
    const base = most * (agent - this.first)
    if (streams.uniform(agent) < 0.1) {
      desk.market(agent, side, this.size(desk, agent, 5))
      return
    }
    if (this.resting[base] !== 0) return
    const spread = 6 * desk.usual[desk.instrument[agent]]
    const sign = side === BUY ? 1 : -1
    const price = Math.round(desk.mid + spread * (streams.normal(agent) - 0.5 * sign))
    this.resting[base] = desk.limit(agent, side, price, this.size(desk, agent, 2.5 * this.liquidity))
  }

  size(desk: Desk, agent: number, scale: number): number {
    return Math.max(1, Math.min(2000, Math.floor(scale * desk.streams.pareto(agent, size))))
  }
}
