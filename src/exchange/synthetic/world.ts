import {
  type BookListener,
  type BookOrder,
  BUY,
  CancelReason,
  type ChangeReason,
  OrderBook,
  Phase,
  type Refused,
  type Request,
  SELL,
} from '#book'
import { InstrumentType, type InstrumentSpec, OrderType, Side } from '#market'
import { Desk } from './desk.ts'
import { duplicate } from './duplicate.ts'
import { Executors } from './executors.ts'
import { InformedTraders } from './informed-traders.ts'
import { MarketMakers } from './market-makers.ts'
import { Message, Messages } from './messages.ts'
import { MomentumTraders } from './momentum-traders.ts'
import { News, newsStep } from './news.ts'
import { NoiseTraders } from './noise-traders.ts'
import {
  type AgentKind,
  agentKinds,
  syntheticLimits,
  syntheticSettings,
  type SyntheticOptions,
  type SyntheticSettings,
} from './options.ts'
import { OutsideQuotes } from './outside-quotes.ts'
import { Pulse } from './pulse.ts'
import { Streams } from './streams.ts'
import { Tape } from './tape.ts'
import { ValueTraders } from './value-traders.ts'

/**
 * Receives what happens in a synthetic market: what a `BookListener` is told, the instrument first. `world.time` is then the time of
 * the event. It may send requests, since these arrive later, and must not otherwise alter the world.
 */
export type WorldListener = {
  [Event in keyof BookListener]: (instrument: number, ...event: Parameters<BookListener[Event]>) => void
}

/** An order from the outside; the world numbers it. */
export type OutsideOrder = Omit<BookOrder, 'id'>

const newsPause = newsStep * 1e6

/** First number of each kind of agent, and one past the last. */
type Ranges = readonly number[]

/** Everything that changes, apart from the books. */
interface State {
  readonly desk: Desk
  readonly news: News
  readonly pulse: Pulse
  readonly noise: NoiseTraders
  readonly value: ValueTraders
  readonly momentum: MomentumTraders
  readonly makers: MarketMakers
  readonly informed: InformedTraders
  readonly executors: Executors
  readonly checksum: Checksum
  messages: number
}

/**
 * A market of agents on order books, alone or with a trader from outside. It is moved one message at a time; all that
 * happens is decided by the options and by what the outside sends, to the last bit. Prices are ticks, quantities lots,
 * times whole microseconds UTC.
 *
 * @throws RangeError when an option is out of bounds
 * @example
 * const world = new SyntheticWorld({ preset: 'volatile', seed: 7 })
 * world.advance(world.sessionStart + 60e6)
 * const id = world.submit(0, { side: Side.BUY, type: OrderType.MARKET, quantity: 100 }, 500)
 */
export class SyntheticWorld {
  readonly settings: SyntheticSettings
  /** Exchange tag `synthetic`; names such as those of aat's synthetic exchange. */
  readonly instruments: readonly InstrumentSpec[]
  readonly #ranges: Ranges
  readonly #listener: WorldListener | undefined
  readonly #books: readonly OrderBook[]
  readonly #ears: readonly Ear[]
  readonly #state: State
  /** Microseconds. */
  readonly #programStart: number

  /** A new market; or, given a world, its copy as `fork` makes it. */
  constructor(options: SyntheticOptions | SyntheticWorld = {}, listener?: WorldListener) {
    this.#listener = listener
    if (options instanceof SyntheticWorld) {
      this.settings = options.settings
      this.instruments = options.instruments
      this.#ranges = options.#ranges
      this.#state = duplicate(options.#state)
    } else {
      this.settings = syntheticSettings(options)
      this.#ranges = ranges(this.settings)
      const made = create(this.settings, this.#ranges)
      this.instruments = made.instruments
      this.#state = made.state
    }
    const { program, seconds, sessionStart } = this.settings
    this.#programStart = program ? sessionStart + Math.round(program.start * seconds * 1e6) : Infinity
    const { desk, checksum } = this.#state
    this.#ears = this.instruments.map((_, i) => new Ear(i, desk, checksum, this.#ranges[1], listener))
    this.#books =
      options instanceof SyntheticWorld
        ? options.#books.map((book, i) => book.clone(this.#ears[i]))
        : this.#ears.map(
            (ear) =>
              new OrderBook({ listener: ear, selfTrade: this.settings.selfTrade, ownPrints: 'unseen' }),
          )
  }

  /** Microseconds of the newest message that was processed; of the session's start before the first. */
  get time(): number {
    return this.#state.desk.time
  }

  /** Microseconds of the next message; Infinity when nothing will happen any more. */
  get nextTime(): number {
    return this.#state.desk.messages.nextTime
  }

  get sessionStart(): number {
    return this.settings.sessionStart
  }

  /** When the market closes: our orders that still work are cancelled and nothing trades any more. */
  get sessionEnd(): number {
    return this.settings.sessionStart + this.settings.seconds * 1e6
  }

  /** Messages processed so far. */
  get messages(): number {
    return this.#state.messages
  }

  /** Events of the books so far. */
  get events(): number {
    return this.#books.reduce((sum, book) => sum + book.sequence, 0)
  }

  /** The book of an instrument, to look at; requests go through the world. */
  book(instrument: number): OrderBook {
    return this.#books[this.#known(instrument)]
  }

  /** What an instrument is worth, in ticks. Nobody in the market knows it: for analysis. */
  trueValue(instrument: number): number {
    return this.#state.news.worth[this.#known(instrument)]
  }

  /** Whether an order was sent by the outside. */
  isOutside(instrument: number, id: number): boolean {
    return this.sender(instrument, id) === 'outside'
  }

  /** Who sent an order: the kind of agent, `outside`, or null for a number not given yet. For analysis; traders do not see it. */
  sender(instrument: number, id: number): AgentKind | 'outside' | null {
    const { newest, owners } = this.#state.desk
    if (!(id > 0 && id <= newest[this.#known(instrument)])) return null
    const owner = owners[instrument][id]
    return owner === 0 ? 'outside' : agentKinds[this.#ranges.findIndex((first) => owner <= first) - 1]
  }

  /** 16 hexadecimal digits that depend on every event so far and its time. */
  digest(): string {
    return this.#state.checksum.text()
  }

  /** An independent copy of the whole world. Without other requests it goes on exactly as this one. */
  fork(listener?: WorldListener): SyntheticWorld {
    return new SyntheticWorld(this, listener)
  }

  /** Tells another listener of one instrument too: from now on, and after the world's own. */
  tellToo(instrument: number, listener: WorldListener): void {
    this.#ears[instrument]!.tellToo(listener)
  }

  /** Processes one message. False when there was none. */
  step(): boolean {
    const state = this.#state
    const { desk } = state
    const { messages } = desk
    if (messages.length === 0) return false
    const time = messages.nextTime
    const slot = messages.take()
    desk.time = time
    state.messages++
    if (slot < this.#ranges[agentKinds.length]) {
      this.#wake(slot)
      return true
    }
    const instrument = messages.instrument[slot]
    const book = this.#books[instrument]
    const id = messages.id[slot]
    switch (messages.kind[slot]) {
      case Message.LIMIT:
        book.limit(id, messages.side[slot], messages.price[slot], messages.quantity[slot])
        break
      case Message.MARKET:
        this.#market(instrument, id, messages.side[slot], messages.quantity[slot])
        break
      case Message.CANCEL:
        book.cancel(id)
        break
      case Message.CHANGE:
        book.change(
          id,
          given(messages.quantity[slot]),
          given(messages.price[slot]),
          given(messages.extra[slot]),
        )
        break
      case Message.ADD:
        this.#add(instrument, messages.order[slot] as BookOrder)
        messages.order[slot] = undefined
        break
      case Message.REPORT:
        this.#report(messages.agent[slot], id, messages.quantity[slot], messages.extra[slot])
        messages.release(slot)
        return true
      case Message.NEWS:
        state.news.step(
          instrument,
          this.settings,
          time,
          desk.streams,
          this.#ranges[agentKinds.length] + instrument,
        )
        desk.jumpTime[instrument] = state.news.jumpTime[instrument]
        desk.jumpKnown[instrument] = state.news.jumpKnown[instrument]
        desk.jumpWorth[instrument] = state.news.after(instrument)
        state.pulse.step(instrument)
        this.#record(instrument)
        messages.send(time + newsPause, slot)
        return true
      case Message.CALLING:
        desk.collecting[instrument] = 1
        book.callAuction()
        break
      case Message.OPENING:
        desk.collecting[instrument] = 0
        book.resume(Math.round(state.news.start[instrument]))
        break
      case Message.CLOSING:
        messages.release(slot)
        this.#close()
        return true
    }
    messages.release(slot)
    this.#seen(instrument)
    return true
  }

  /** Processes every message up to and at a time. */
  advance(until: number): void {
    const { messages } = this.#state.desk
    while (messages.length > 0 && messages.nextTime <= until) this.step()
  }

  /**
   * Sends an order at `time` (not before the newest message), which meets the book `latency` microseconds later: its events, a refusal among them,
   * come then. Gives its id.
   */
  submit(instrument: number, order: OutsideOrder, latency: number, time: number = this.time): number {
    const arrival = this.#arrival(instrument, latency, time)
    const id = this.#state.desk.number(instrument, 0)
    const slot = this.#post(instrument, Message.ADD, id)
    this.#state.desk.messages.order[slot] = { ...order, id }
    this.#state.desk.messages.send(arrival, slot)
    return id
  }

  /** Asks for an order of the outside to be taken back. */
  cancel(instrument: number, id: number, latency: number, time: number = this.time): void {
    const arrival = this.#arrival(instrument, latency, time)
    this.#own(instrument, id)
    this.#state.desk.messages.send(arrival, this.#post(instrument, Message.CANCEL, id))
  }

  /** Asks for an order of the outside to be altered, as `OrderBook.change` does. What is left out stays. */
  change(
    instrument: number,
    id: number,
    terms: { readonly quantity?: number; readonly price?: number; readonly stopPrice?: number },
    latency: number,
    time: number = this.time,
  ): void {
    const arrival = this.#arrival(instrument, latency, time)
    this.#own(instrument, id)
    const slot = this.#post(instrument, Message.CHANGE, id)
    const { messages } = this.#state.desk
    messages.quantity[slot] = terms.quantity ?? NaN
    messages.price[slot] = terms.price ?? NaN
    messages.extra[slot] = terms.stopPrice ?? NaN
    messages.send(arrival, slot)
  }

  /** Lets a market order of an agent in, with protection where an order of the outside is far away. */
  #market(instrument: number, id: number, side: number, quantity: number): void {
    const book = this.#books[instrument]
    const cap = this.#state.desk.outside[instrument].bound(book, side)
    if (Number.isNaN(cap)) book.market(id, side, quantity)
    else book.add({ id, side: side === BUY ? Side.BUY : Side.SELL, type: OrderType.MARKET, quantity, cap })
  }

  /** Lets an order in; one whose pair has traded before it came is ended at the door, one whose pair is gone comes alone. */
  #add(instrument: number, order: BookOrder): void {
    const book = this.#books[instrument]
    const { id, pairWith, quantity = 0, owner, reduceOnly } = order
    // From here on its trades tell the book what it holds.
    if (reduceOnly && owner && book.position(owner) === null)
      book.setPosition(owner, this.#state.desk.held[instrument])
    if (pairWith === undefined) book.add(order)
    else if (this.#state.desk.traded[instrument][pairWith] === 1)
      this.#ears[instrument].cancel(book.sequence, id, CancelReason.OTHER_OF_PAIR, quantity)
    else book.add(book.find(pairWith) ? order : { ...order, pairWith: undefined })
  }

  #known(instrument: number): number {
    if (!(Number.isInteger(instrument) && instrument >= 0 && instrument < this.instruments.length))
      throw new RangeError(
        `Synthetic market: instrument is ${instrument}; expected a whole number from 0 to ${this.instruments.length - 1}`,
      )
    return instrument
  }

  #own(instrument: number, id: number): void {
    if (this.isOutside(instrument, id)) return
    throw new RangeError(
      `Synthetic market: ${id} is no order of the outside on ${this.instruments[instrument].name}; expected an id that submit gave`,
    )
  }

  #arrival(instrument: number, latency: number, time: number): number {
    this.#known(instrument)
    if (!(Number.isSafeInteger(latency) && latency >= 0))
      throw new RangeError(`Synthetic market: latency is ${latency}; expected whole microseconds from 0 up`)
    if (!(Number.isSafeInteger(time) && time >= this.time))
      throw new RangeError(
        `Synthetic market: a request is sent at ${time}; expected whole microseconds not before the newest message, ${this.time}`,
      )
    return time + latency
  }

  #post(instrument: number, kind: number, id: number): number {
    const { messages } = this.#state.desk
    const slot = messages.allocate()
    messages.kind[slot] = kind
    messages.agent[slot] = -1
    messages.instrument[slot] = instrument
    messages.id[slot] = id
    return slot
  }

  #wake(agent: number): void {
    const state = this.#state
    const { desk } = state
    const ranges = this.#ranges
    if (agent < ranges[1]) state.noise.wake(desk, agent)
    else if (agent < ranges[2]) state.value.wake(desk, agent)
    else if (agent < ranges[3]) state.momentum.wake(desk, agent)
    else if (agent < ranges[4]) state.makers.wake(desk, agent)
    else if (agent < ranges[5]) state.informed.wake(desk, agent)
    else state.executors.wake(desk, agent, this.settings.program, this.#programStart)
  }

  #report(agent: number, id: number, bought: number, left: number): void {
    const state = this.#state
    const ranges = this.#ranges
    if (agent < ranges[1]) state.noise.report(agent, id, left)
    else if (agent < ranges[2]) state.value.report(agent, id, bought, left)
    else if (agent < ranges[3]) state.momentum.report(agent, bought)
    else if (agent < ranges[4]) state.makers.report(agent, id, bought, left)
    else if (agent < ranges[5]) state.informed.report(agent, bought)
    else state.executors.report(agent, id, bought, left)
  }

  /** After an instrument's book was asked for something: writes down what all can see, if that is now different. */
  #seen(instrument: number): void {
    const ear = this.#ears[instrument]
    if (ear.takerSign !== 0) {
      this.#state.pulse.taken(instrument, ear.takerSign)
      ear.takerSign = 0
    }
    this.#record(instrument)
  }

  #record(instrument: number): void {
    const { desk, pulse, news } = this.#state
    const tape = desk.tapes[instrument]
    const book = this.#books[instrument]
    const at = tape.write(desk.time, syntheticLimits.latency * 2)
    const outside = desk.outside[instrument]
    if (desk.collecting[instrument] === 0) outside.look(book)
    else outside.forget()
    const { bid, ask } = outside
    if (bid > 0 && ask > 0) pulse.mid[instrument] = (bid + ask) / 2
    tape.bid[at] = bid
    tape.ask[at] = ask
    tape.bidSize[at] = outside.bidSize
    tape.askSize[at] = outside.askSize
    tape.mid[at] = pulse.mid[instrument]
    tape.flow[at] = pulse.flow[instrument]
    tape.attention[at] = pulse.attention[instrument]
    tape.motion[at] = pulse.motion[instrument]
    tape.worth[at] = news.worth[instrument]
  }

  #close(): void {
    const state = this.#state
    state.desk.messages.keepOutside()
    this.#books.forEach((book, instrument) => {
      if (book.phase === Phase.AUCTION) book.resume(Math.round(state.news.start[instrument]))
      const ours: number[] = []
      for (const { id } of book.everything()) if (this.isOutside(instrument, id)) ours.push(id)
      for (const id of ours) if (book.find(id)) book.cancel(id)
      book.halt()
    })
  }
}

/** Listens to one book for the world: adds to the checksum, sends reports to agents and passes everything on. */
class Ear implements BookListener {
  readonly #instrument: number
  readonly #desk: Desk
  readonly #checksum: Checksum
  /** One past the last noise trader. */
  readonly #noise: number
  #out: WorldListener | undefined
  /** 1 after a buyer took, -1 after a seller did. */
  takerSign = 0

  constructor(instrument: number, desk: Desk, checksum: Checksum, noise: number, out?: WorldListener) {
    this.#instrument = instrument
    this.#desk = desk
    this.#checksum = checksum
    this.#noise = noise
    this.#out = out
  }

  /** Tells another listener too, after the one that there is. */
  tellToo(other: WorldListener): void {
    this.#out = this.#out ? both(this.#out, other) : other
  }

  #sum(sequence: number, kind: number, id: number, a: number, b: number, c: number): void {
    this.#checksum.add(this.#desk.time, sequence, (this.#instrument << 4) | kind, id, a, b, c)
  }

  open(sequence: number, id: number, side: number, price: number, quantity: number, shown: number): void {
    this.#sum(sequence, side, id, price, quantity, shown)
    if (shown > 0 && this.#desk.owners[this.#instrument][id] === 0 && price === price)
      this.#desk.outside[this.#instrument].show(id, side, price, shown)
    this.#out?.open(this.#instrument, sequence, id, side, price, quantity, shown)
  }

  trade(
    sequence: number,
    maker: number,
    taker: number,
    takerSide: number,
    price: number,
    quantity: number,
    makerLeft: number,
    takerLeft: number,
    queueLeft: number,
  ): void {
    const desk = this.#desk
    const instrument = this.#instrument
    this.#sum(sequence, 2 + takerSide, maker, taker, price, quantity)
    const owners = desk.owners[instrument]
    const bought = takerSide === BUY ? quantity : -quantity
    const collected = desk.collecting[instrument] === 1
    const among = owners[maker] === 0 && owners[taker] === 0
    if (owners[maker] !== 0) desk.report(owners[maker] - 1, maker, -bought, makerLeft)
    else {
      desk.traded[instrument][maker] = 1
      desk.outside[instrument].traded(maker, quantity)
      desk.held[instrument] -= bought
    }
    if (owners[taker] === 0) {
      desk.traded[instrument][taker] = 1
      desk.outside[instrument].traded(taker, quantity)
      desk.held[instrument] += bought
    }
    // A noise trader does not ask what became of an order that traded at once.
    else if (owners[taker] > this.#noise || collected)
      desk.report(owners[taker] - 1, taker, bought, takerLeft)
    if (!collected && !among) this.takerSign = takerSide === BUY ? 1 : -1
    this.#out?.trade(
      instrument,
      sequence,
      maker,
      taker,
      takerSide,
      price,
      quantity,
      makerLeft,
      takerLeft,
      queueLeft,
    )
  }

  fill(sequence: number, id: number): void {
    this.#sum(sequence, 4, id, 0, 0, 0)
    this.#desk.outside[this.#instrument].gone(id)
    this.#out?.fill(this.#instrument, sequence, id)
  }

  change(
    sequence: number,
    id: number,
    reason: ChangeReason,
    price: number,
    quantity: number,
    shown: number,
  ): void {
    this.#sum(sequence, 5, id, price, quantity, shown * 16 + reason)
    this.#desk.outside[this.#instrument].alter(id, price, shown)
    this.#out?.change(this.#instrument, sequence, id, reason, price, quantity, shown)
  }

  cancel(sequence: number, id: number, reason: CancelReason, quantity: number): void {
    this.#sum(sequence, 6, id, reason, quantity, 0)
    this.#desk.outside[this.#instrument].gone(id)
    this.#out?.cancel(this.#instrument, sequence, id, reason, quantity)
  }

  reject(sequence: number, request: Request, id: number, code: Refused, found: number, bound: number): void {
    this.#sum(sequence, 7, id, request * 64 + code, found, bound)
    this.#out?.reject(this.#instrument, sequence, request, id, code, found, bound)
  }

  trigger(sequence: number, id: number, stopPrice: number, last: number): void {
    this.#sum(sequence, 8, id, stopPrice, last, 0)
    this.#out?.trigger(this.#instrument, sequence, id, stopPrice, last)
  }

  phase(sequence: number, phase: Phase, price: number, quantity: number): void {
    this.#sum(sequence, 9, phase, price, quantity, 0)
    this.#out?.phase(this.#instrument, sequence, phase, price, quantity)
  }
}

function both(first: WorldListener, then: WorldListener): WorldListener {
  return {
    open: (...event) => {
      first.open(...event)
      then.open(...event)
    },
    trade: (...event) => {
      first.trade(...event)
      then.trade(...event)
    },
    fill: (...event) => {
      first.fill(...event)
      then.fill(...event)
    },
    change: (...event) => {
      first.change(...event)
      then.change(...event)
    },
    cancel: (...event) => {
      first.cancel(...event)
      then.cancel(...event)
    },
    reject: (...event) => {
      first.reject(...event)
      then.reject(...event)
    },
    trigger: (...event) => {
      first.trigger(...event)
      then.trigger(...event)
    },
    phase: (...event) => {
      first.phase(...event)
      then.phase(...event)
    },
  }
}

/** A running checksum of 64 bits: two multiplicative hashes in the manner of FNV-1a over 32-bit words, each word turned by the state. */
class Checksum {
  low = 0x811c9dc5 | 0
  high = 0x2b5a1e77

  add(time: number, sequence: number, kind: number, id: number, a: number, b: number, c: number): void {
    let { low, high } = this
    low = Math.imul(low ^ time, 0x01000193)
    high = Math.imul(high ^ (time / 4294967296), 0x9e3779b1)
    low = Math.imul(low ^ (low >>> 15) ^ sequence, 0x01000193)
    high = Math.imul(high ^ (high >>> 16) ^ kind, 0x9e3779b1)
    low = Math.imul(low ^ id, 0x01000193)
    high = Math.imul(high ^ (high >>> 15) ^ a, 0x9e3779b1)
    low = Math.imul(low ^ (low >>> 13) ^ b, 0x01000193)
    high = Math.imul(high ^ low, 0x9e3779b1)
    this.low = Math.imul(low ^ (low >>> 16) ^ c, 0x85ebca6b)
    this.high = high ^ (high >>> 13)
  }

  text(): string {
    const part = (word: number) => (word >>> 0).toString(16).padStart(8, '0')
    return part(this.high) + part(this.low)
  }
}

/** Agents are numbered kind by kind, and within a kind handed out to the instruments in turn. */
function ranges(settings: SyntheticSettings): Ranges {
  const { agents, instruments, shares } = settings
  const counts = agentKinds.map((kind) => {
    if (kind === 'noise' || shares[kind] === 0) return 0
    const each = Math.max(kind === 'maker' ? 2 : 1, Math.round((shares[kind] * agents) / instruments))
    return each * instruments
  })
  counts[0] = agents - counts.reduce((sum, count) => sum + count, 0)
  let first = 0
  return [0, ...counts.map((count) => (first += count))]
}

function create(
  settings: SyntheticSettings,
  ranges: Ranges,
): { instruments: InstrumentSpec[]; state: State } {
  const { instruments: count, sessionStart, tick, rates, liquidity } = settings
  const agents = ranges[agentKinds.length]
  const streams = new Streams(agents + count + 1, settings.seed)
  const setup = agents + count
  const letters = (most: number) =>
    Array.from({ length: 1 + (streams.integer(setup) % most) }, () =>
      String.fromCharCode(65 + (streams.integer(setup) % 26)),
    ).join('')
  const names = new Set<string>()
  while (names.size < count) names.add(`${letters(4)}.${letters(2)}`)
  const starts = Float64Array.from({ length: count }, () => {
    const drawn = 80 + 40 * streams.uniform(setup)
    return Math.round((Number.isNaN(settings.startPrice) ? drawn : settings.startPrice) / tick)
  })

  const instrument = new Int32Array(agents)
  const latency = new Int32Array(agents)
  const pauses = new Float64Array(agents)
  agentKinds.forEach((kind, k) => {
    for (let agent = ranges[k]; agent < ranges[k + 1]; agent++) {
      instrument[agent] = (agent - ranges[k]) % count
      latency[agent] = Math.max(1, Math.round(settings.latency[kind] * (0.5 + streams.uniform(agent))))
      pauses[agent] = (1e6 / rates[kind]) * streams.uniform(agent)
    }
  })
  const messages = new Messages(agents)
  const tapes = Array.from(starts, () => new Tape())
  const usual = starts.map((start) => (start * settings.volatility) / 60)
  const outside = Array.from(starts, (start, i) => new OutsideQuotes(start, usual[i]))
  const desk = new Desk(sessionStart, instrument, latency, count, { streams, messages, tapes, outside })
  const news = new News(settings, starts, streams, agents)
  desk.usual.set(usual)
  // Mean absolute value of a normal variable is 0.8 standard deviations; the midpoint moves in half ticks, which adds to it.
  const pulse = new Pulse(
    starts,
    usual.map((second) => 0.2 + 0.8 * second * Math.sqrt(newsStep)),
  )
  const post = (kind: number, time: number, of: number) => {
    const slot = messages.allocate()
    messages.kind[slot] = kind
    messages.agent[slot] = -1
    messages.instrument[slot] = of
    messages.send(time, slot)
  }
  for (let i = 0; i < count; i++) {
    if (settings.auction > 0) {
      post(Message.CALLING, sessionStart, i)
      post(Message.OPENING, sessionStart + settings.auction * 1e6, i)
    }
    post(Message.NEWS, sessionStart, i)
  }
  post(Message.CLOSING, sessionStart + settings.seconds * 1e6, 0)
  const noise = new NoiseTraders(0, ranges[1], rates.noise, liquidity)
  const value = new ValueTraders(ranges[1], ranges[2] - ranges[1], rates.value, desk)
  const momentum = new MomentumTraders(ranges[2], ranges[3] - ranges[2], rates.momentum, desk)
  const makers = new MarketMakers(ranges[3], ranges[4] - ranges[3], rates.maker, liquidity, desk)
  const informed = new InformedTraders(ranges[4], ranges[5] - ranges[4], rates.informed)
  const executors = new Executors(
    ranges[5],
    ranges[6] - ranges[5],
    rates.executor,
    count,
    settings.program !== null,
  )
  for (let i = 0; i < count; i++) {
    const at = tapes[i].write(sessionStart, 0)
    tapes[i].mid[at] = starts[i]
    tapes[i].worth[at] = news.worth[i]
    tapes[i].attention[at] = 1
    tapes[i].motion[at] = pulse.motion[i]
  }
  for (let agent = 0; agent < agents; agent++) desk.sleep(agent, pauses[agent])
  if (settings.auction === 0) for (let agent = 0; agent < ranges[1]; agent++) noise.open(desk, agent)
  const instruments = Array.from(names, (name): InstrumentSpec => ({
    name,
    type: InstrumentType.EQUITY,
    exchange: 'synthetic',
    tickSize: tick,
    lotSize: 1,
  }))
  return {
    instruments,
    state: {
      desk,
      news,
      pulse,
      noise,
      value,
      momentum,
      makers,
      informed,
      executors,
      checksum: new Checksum(),
      messages: 0,
    },
  }
}

const given = (value: number) => (Number.isNaN(value) ? undefined : value)
