import { BUY, SELL } from '#book'
import type { Desk } from './desk.ts'

/** Most lots that one of them takes on a piece of news. */
const most = 400

/**
 * Traders who learn of a jump of the hidden value before it happens. They take what is offered on the right side of the
 * value to come, and give the position back in small pieces once the news is out.
 */
export class InformedTraders {
  readonly first: number
  readonly pause: number
  readonly inventory: Float64Array

  constructor(first: number, count: number, rate: number) {
    this.first = first
    this.pause = 1e6 / rate
    this.inventory = new Float64Array(count)
  }

  wake(desk: Desk, agent: number): void {
    const { streams } = desk
    const trader = agent - this.first
    const instrument = desk.instrument[agent]
    const two = desk.look(agent)
    desk.sleep(agent, this.pause * (0.5 + streams.uniform(agent)))
    if (!two || desk.collecting[instrument] === 1) return
    const held = this.inventory[trader]
    const known =
      desk.time - desk.latency[agent] >= desk.jumpKnown[instrument] && desk.time < desk.jumpTime[instrument]
    if (known) {
      const worth = desk.jumpWorth[instrument]
      const side = worth > desk.mid ? BUY : SELL
      const profit = side === BUY ? worth - desk.ask : desk.bid - worth
      const room = side === BUY ? most - held : most + held
      if (profit < 1 || room < 1) return
      desk.limit(agent, side, side === BUY ? desk.ask : desk.bid, Math.min(room, 30))
      return
    }
    if (held === 0 || streams.uniform(agent) > 0.1) return
    desk.market(agent, held > 0 ? SELL : BUY, Math.min(Math.abs(held), 10))
  }

  report(agent: number, bought: number): void {
    this.inventory[agent - this.first] += bought
  }
}
