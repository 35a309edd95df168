import { OrderType, Side } from '#market'
import { type BookOrder } from '#book'
import { Message, type Messages } from './messages.ts'
import type { OutsideQuotes } from './outside-quotes.ts'
import type { Streams } from './streams.ts'
import type { Tape } from './tape.ts'

/**
 * All that an agent can do: see its market as late as its wire makes it, and send requests that arrive as late. What
 * `look` found stands in the fields until the next look.
 */
export class Desk {
  time: number
  readonly streams: Streams
  readonly messages: Messages
  readonly tapes: readonly Tape[]
  /** Instrument of each agent. */
  readonly instrument: Int32Array
  /** Microseconds each way. */
  readonly latency: Int32Array
  /** For each instrument, who sent each order: the agent's number + 1, or 0 for the outside. */
  readonly owners: Int32Array[]
  /** For each instrument, 1 for every order of the outside that has traded. */
  readonly traded: Uint8Array[]
  /** For each instrument, lots that the outside holds, negative when short. */
  readonly held: Float64Array
  /** For each instrument, what agents make of the orders of the outside. */
  readonly outside: readonly OutsideQuotes[]
  /** Newest order of each instrument; ids start at 1. */
  readonly newest: Int32Array
  /** 1 while an instrument's orders are being collected. */
  readonly collecting: Uint8Array
  /** When an instrument's hidden value jumps next, what it will then be, and since when that is known to some. */
  readonly jumpTime: Float64Array
  readonly jumpWorth: Float64Array
  readonly jumpKnown: Float64Array
  /** Standard deviation of an instrument's value over a second, ticks. */
  readonly usual: Float64Array

  bid = 0
  ask = 0
  bidSize = 0
  askSize = 0
  mid = 0
  flow = 0
  attention = 1
  motion = 0

  constructor(
    time: number,
    instrument: Int32Array,
    latency: Int32Array,
    instruments: number,
    shared: {
      streams: Streams
      messages: Messages
      tapes: readonly Tape[]
      outside: readonly OutsideQuotes[]
    },
  ) {
    this.time = time
    this.instrument = instrument
    this.latency = latency
    this.streams = shared.streams
    this.messages = shared.messages
    this.tapes = shared.tapes
    this.outside = shared.outside
    this.owners = Array.from({ length: instruments }, () => new Int32Array(4096))
    this.traded = Array.from({ length: instruments }, () => new Uint8Array(4096))
    this.held = new Float64Array(instruments)
    this.newest = new Int32Array(instruments)
    this.collecting = new Uint8Array(instruments)
    this.jumpTime = new Float64Array(instruments)
    this.jumpWorth = new Float64Array(instruments)
    this.jumpKnown = new Float64Array(instruments)
    this.usual = new Float64Array(instruments)
  }

  /** Looks at the market as it was one delay ago. False where a side was empty. */
  look(agent: number): boolean {
    const tape = this.tapes[this.instrument[agent]]
    const at = tape.at(this.time - this.latency[agent])
    this.bid = tape.bid[at]
    this.ask = tape.ask[at]
    this.bidSize = tape.bidSize[at]
    this.askSize = tape.askSize[at]
    this.mid = tape.mid[at]
    this.flow = tape.flow[at]
    this.attention = tape.attention[at]
    this.motion = tape.motion[at]
    return this.bid > 0 && this.ask > 0
  }

  /** The hidden value as it was one delay ago, which only an opinion is formed of. */
  worth(agent: number): number {
    const tape = this.tapes[this.instrument[agent]]
    return tape.worth[tape.at(this.time - this.latency[agent])]
  }

  /** Looks again after a while, in microseconds. */
  sleep(agent: number, pause: number): void {
    this.messages.send(this.time + Math.max(1, Math.round(pause)), agent)
  }

  limit(agent: number, side: number, price: number, quantity: number): number {
    const slot = this.prepare(Message.LIMIT, agent)
    this.messages.side[slot] = side
    this.messages.price[slot] = price < 1 ? 1 : price
    this.messages.quantity[slot] = quantity
    return this.give(slot, agent)
  }

  market(agent: number, side: number, quantity: number): number {
    const slot = this.prepare(Message.MARKET, agent)
    this.messages.side[slot] = side
    this.messages.quantity[slot] = quantity
    return this.give(slot, agent)
  }

  iceberg(agent: number, side: number, price: number, quantity: number, display: number): number {
    const slot = this.prepare(Message.ADD, agent)
    const order: BookOrder = {
      id: this.newest[this.instrument[agent]] + 1,
      side: side === 0 ? Side.BUY : Side.SELL,
      type: OrderType.LIMIT,
      price: Math.max(1, price),
      quantity,
      display,
    }
    this.messages.order[slot] = order
    this.messages.quantity[slot] = quantity
    return this.give(slot, agent)
  }

  cancel(agent: number, id: number): void {
    const slot = this.prepare(Message.CANCEL, agent)
    this.messages.id[slot] = id
    this.post(slot, agent)
  }

  /** Moves an order to another price; it loses its place. */
  move(agent: number, id: number, price: number): void {
    const slot = this.prepare(Message.CHANGE, agent)
    this.messages.id[slot] = id
    this.messages.price[slot] = price < 1 ? 1 : price
    this.messages.quantity[slot] = NaN
    this.messages.extra[slot] = NaN
    this.post(slot, agent)
  }

  /** The number of the next order on an instrument, noted as sent by `owner` (an agent's number + 1, or 0). */
  number(instrument: number, owner: number): number {
    const id = ++this.newest[instrument]
    let owners = this.owners[instrument]
    if (id >= owners.length) {
      const grown = new Int32Array(2 * owners.length)
      grown.set(owners)
      owners = this.owners[instrument] = grown
      const traded = new Uint8Array(grown.length)
      traded.set(this.traded[instrument])
      this.traded[instrument] = traded
    }
    owners[id] = owner
    return id
  }

  /** Tells an agent, one delay from now, that an order of its own traded: lots bought (negative when sold) and lots left. */
  report(agent: number, id: number, bought: number, left: number): void {
    const slot = this.prepare(Message.REPORT, agent)
    this.messages.id[slot] = id
    this.messages.quantity[slot] = bought
    this.messages.extra[slot] = left
    this.post(slot, agent)
  }

  prepare(kind: number, agent: number): number {
    const slot = this.messages.allocate()
    this.messages.kind[slot] = kind
    this.messages.agent[slot] = agent
    this.messages.instrument[slot] = this.instrument[agent]
    return slot
  }

  give(slot: number, agent: number): number {
    const id = this.number(this.instrument[agent], agent + 1)
    this.messages.id[slot] = id
    this.post(slot, agent)
    return id
  }

  post(slot: number, agent: number): void {
    this.messages.send(this.time + this.latency[agent], slot)
  }
}
