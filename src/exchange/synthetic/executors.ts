import { BUY, SELL } from '#book'
import type { Desk } from './desk.ts'
import type { SellProgram } from './options.ts'
import { Pareto } from './streams.ts'

/** Parent orders have a tail exponent near 1.5 (B. Tóth et al., J. Economic Dynamics and Control 51, 2015), from which the long memory of order signs follows (F. Lillo, S. Mike, J. D. Farmer, Physical Review E 71, 2005). */
const parent = new Pareto(1.5)
const smallest = 150
const largest = 4_000

/**
 * Traders who work orders that are larger than the market. A parent order is cut into small market orders, or
 * waits as an iceberg at the best price of its side, with a market order now and then.
 * One of them may have a program to sell, whatever the price.
 */
export class Executors {
  readonly first: number
  readonly pause: number
  /** Lots still to do; 0 while there is no order. */
  readonly left: Float64Array
  readonly side: Int32Array
  /** Mean seconds between two pieces of the present order. */
  readonly pace: Float64Array
  /** Id of the iceberg; 0 for none. */
  readonly iceberg: Int32Array
  readonly patient: Uint8Array
  /** Price of the iceberg, ticks. */
  readonly price: Float64Array
  /** 1 for the one with the program, until it starts; then 2. */
  readonly program: Uint8Array

  constructor(first: number, count: number, rate: number, instruments: number, program: boolean) {
    this.first = first
    this.pause = 1e6 / rate
    this.left = new Float64Array(count)
    this.side = new Int32Array(count)
    this.pace = new Float64Array(count)
    this.iceberg = new Int32Array(count)
    this.patient = new Uint8Array(count)
    this.price = new Float64Array(count)
    this.program = new Uint8Array(count)
    if (program) this.program.fill(1, 0, instruments)
  }

  wake(desk: Desk, agent: number, program: SellProgram | null, programStart: number): void {
    const { streams } = desk
    const trader = agent - this.first
    const two = desk.look(agent)
    if (this.program[trader] !== 0 && program)
      return this.sell(desk, agent, trader, two, program, programStart)
    if (this.left[trader] <= 0) {
      if (this.iceberg[trader] !== 0) this.withdraw(desk, agent, trader)
      // Between two orders: a quarter of a minute to several minutes.
      if (this.pace[trader] !== 0) {
        this.pace[trader] = 0
        desk.sleep(agent, 60e6 * streams.exponential(agent))
        return
      }
      this.begin(desk, agent, trader)
    }
    desk.sleep(agent, this.pace[trader] * this.pause * streams.exponential(agent))
    if (!two || desk.collecting[desk.instrument[agent]] === 1) return
    const side = this.side[trader]
    const own = side === BUY ? desk.bid : desk.ask
    if (this.patient[trader] === 1 && streams.uniform(agent) < 0.7) {
      if (this.iceberg[trader] === 0) {
        this.price[trader] = own
        this.iceberg[trader] = desk.iceberg(agent, side, own, this.left[trader], 20)
      } else if (Math.abs(own - this.price[trader]) > 1) {
        this.price[trader] = own
        desk.move(agent, this.iceberg[trader], own)
      }
      return
    }
    if (this.iceberg[trader] !== 0) this.withdraw(desk, agent, trader)
    this.take(desk, agent, trader, 12)
  }

  report(agent: number, id: number, bought: number, left: number): void {
    const trader = agent - this.first
    this.left[trader] -= Math.abs(bought)
    if (left === 0 && this.iceberg[trader] === id) this.iceberg[trader] = 0
  }

  begin(desk: Desk, agent: number, trader: number): void {
    const { streams } = desk
    const lots = Math.min(largest, Math.floor(smallest * streams.pareto(agent, parent)))
    this.left[trader] = lots
    this.side[trader] = streams.integer(agent) & 1
    // Some are in a hurry, others are not.
    this.pace[trader] = 0.2 + 0.7 * streams.exponential(agent)
    this.patient[trader] = streams.uniform(agent) < 0.3 ? 1 : 0
  }

  take(desk: Desk, agent: number, trader: number, piece: number): void {
    const side = this.side[trader]
    const lots = Math.min(this.left[trader], Math.ceil(piece * (0.5 + desk.streams.uniform(agent))))
    if (lots >= 1) desk.market(agent, side, lots)
  }

  withdraw(desk: Desk, agent: number, trader: number): void {
    desk.cancel(agent, this.iceberg[trader])
    this.iceberg[trader] = 0
  }

  /** The program: even pieces at an even pace, sent again for as long as there is something left. */
  sell(desk: Desk, agent: number, trader: number, two: boolean, program: SellProgram, start: number): void {
    if (this.program[trader] === 1) {
      if (desk.time < start) return desk.sleep(agent, start - desk.time)
      this.program[trader] = 2
      this.side[trader] = SELL
      this.left[trader] = program.lots
    }
    if (this.left[trader] <= 0) {
      this.program[trader] = 0
      this.pace[trader] = 1
      return desk.sleep(agent, 60e6)
    }
    desk.sleep(agent, 1e6)
    const lots = Math.min(this.left[trader], Math.ceil(program.lots / program.seconds))
    if (two) desk.market(agent, SELL, lots)
  }
}
