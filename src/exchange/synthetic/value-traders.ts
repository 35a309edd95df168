import { BUY, SELL } from '#book'
import type { Desk } from './desk.ts'
import { Pareto } from './streams.ts'

const size = new Pareto(2)
/** Seconds over which a holding comes to be taken for granted. */
const digestion = 600

/**
 * Traders with an opinion of what the instrument is worth. Each sees the hidden value with an error of its own, weighs
 * what it sees against what it believed (a Kalman filter in one dimension), and wants to hold more, the cheaper it finds the market.
 * Far from its opinion it trades at once, near it it waits with a limit order.
 */
export class ValueTraders {
  readonly first: number
  readonly pause: number
  /** Opinion in ticks, NaN before the first, and its variance. */
  readonly opinion: Float64Array
  readonly variance: Float64Array
  /** When it was formed, microseconds. */
  readonly formed: Float64Array
  /** Standard deviation of what it sees, and the difference that makes it trade at once; both in the value's deviation over a second. */
  readonly blur: Float64Array
  readonly patience: Float64Array
  /** Lots bought lately (negative when sold) that make it want less; it gets used to them in some minutes. */
  readonly burden: Float64Array
  readonly resting: Int32Array

  constructor(first: number, count: number, rate: number, desk: Desk) {
    this.first = first
    this.pause = 1e6 / rate
    this.opinion = new Float64Array(count).fill(NaN)
    this.variance = new Float64Array(count)
    this.formed = new Float64Array(count)
    this.blur = Float64Array.from({ length: count }, (_, i) => 1.5 + 4 * desk.streams.uniform(first + i))
    this.patience = Float64Array.from({ length: count }, (_, i) => 1 + 3 * desk.streams.uniform(first + i))
    this.burden = new Float64Array(count)
    this.resting = new Int32Array(count)
  }

  wake(desk: Desk, agent: number): void {
    const { streams } = desk
    const trader = agent - this.first
    const two = desk.look(agent)
    desk.sleep(agent, (this.pause * streams.exponential(agent)) / desk.attention)
    const opinion = this.think(desk, agent, trader)
    const id = this.resting[trader]
    const unit = Math.max(0.2, desk.usual[desk.instrument[agent]])
    if (desk.collecting[desk.instrument[agent]] === 1) {
      if (id !== 0) desk.cancel(agent, id)
      const side = streams.integer(agent) & 1
      const shade = (side === BUY ? -1 : 1) * unit * streams.uniform(agent)
      this.resting[trader] = desk.limit(agent, side, Math.round(opinion + shade), this.lots(desk, agent))
      return
    }
    if (id !== 0) {
      desk.cancel(agent, id)
      this.resting[trader] = 0
    }
    if (!two) return
    const patience = unit * this.patience[trader]
    const edge = opinion - desk.mid
    // Holdings in proportion, so that what was bought low is given back when the market comes home.
    const wanted = Math.max(-200, Math.min(200, edge / patience)) * 60 - this.burden[trader]
    if (Math.abs(wanted) < 10) return
    const side = wanted > 0 ? BUY : SELL
    const sign = wanted > 0 ? 1 : -1
    const lots = Math.min(
      Math.ceil(Math.abs(wanted)),
      Math.ceil(this.lots(desk, agent) * (1 + Math.abs(edge) / patience / 4)),
    )
    const other = side === BUY ? desk.ask : desk.bid
    const own = side === BUY ? desk.bid : desk.ask
    if (sign * (opinion - other) > patience) {
      this.resting[trader] = desk.limit(agent, side, sign * Math.floor(sign * opinion - patience), lots)
      return
    }
    const price = Math.floor(sign * opinion - patience)
    this.resting[trader] = desk.limit(agent, side, sign * Math.min(sign * own, price), lots)
  }

  report(agent: number, id: number, bought: number, left: number): void {
    const trader = agent - this.first
    this.burden[trader] += bought
    if (left === 0 && this.resting[trader] === id) this.resting[trader] = 0
  }

  /** Forms the opinion anew. */
  think(desk: Desk, agent: number, trader: number): number {
    const unit = Math.max(0.2, desk.usual[desk.instrument[agent]])
    const blur = unit * this.blur[trader]
    const seen = desk.worth(agent) + blur * desk.streams.normal(agent)
    const seconds = (desk.time - this.formed[trader]) / 1e6
    this.formed[trader] = desk.time
    this.burden[trader] *= digestion / (digestion + seconds)
    if (Number.isNaN(this.opinion[trader])) {
      this.variance[trader] = blur * blur
      return (this.opinion[trader] = seen)
    }
    const before = this.variance[trader] + unit * unit * seconds
    const gain = before / (before + blur * blur)
    this.variance[trader] = (1 - gain) * before
    return (this.opinion[trader] += gain * (seen - this.opinion[trader]))
  }

  lots(desk: Desk, agent: number): number {
    return Math.min(300, Math.floor(8 * desk.streams.pareto(agent, size)))
  }
}
