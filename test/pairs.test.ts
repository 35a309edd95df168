import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type DataSet, type FlowBlock, randomWalk, type SyntheticRequest } from '#data'
import { createRun, type RunRecord, verify } from '#engine'
import { lobsterTime, readLobster } from '#exchange'
import {
  type BarEvent,
  BarStrategy,
  type Instrument,
  type Order,
  OrderFlag,
  type OrderRequest,
  type RejectionEvent,
  SelfTrade,
  Side,
  Strategy,
  type TradeEvent,
} from 'outcry'
import { breathe, fills, play, recordedMessages, settings } from './market.ts'
import { lobsterFile } from './recordings.ts'

const synthetic = (changes: SyntheticRequest = {}): DataSet => ({
  id: 'synthetic',
  name: 'Synthetic',
  provenance: 'made while it runs',
  instruments: [],
  synthetic: { seed: 1, seconds: 120, agents: 60, barSeconds: 10, ...changes },
})
const onTick = (price: number) => Math.round(price * 100) / 100

/** Recorded orders of three levels a side, a hundred a second. */
function recorded(seed: number): DataSet {
  const lines = lobsterFile(3, 150, seed, 0.01).map(([message]) => message)
  const start = lobsterTime(lines[0]!, 0)
  const messages: FlowBlock[] = [...readLobster({ messages: lines, midnight: 0 })]
  const instrument = { name: 'X', exchange: 'venue', tickSize: 0.0001, lotSize: 1 }
  const end = lobsterTime(lines.at(-1)!, 0)
  const flow = { instrument, priceStep: 0.0001, start, end, latency: 1000, barSeconds: 1, messages }
  return {
    id: 'recording',
    name: 'Recording',
    provenance: 'made for a test',
    instruments: [],
    recorded: flow,
  }
}

/** One pair that a strategy asks for on a bar: what each is, how far from the price in ticks, and how much of it. */
type Asked = readonly [side: number, first: Leg, second: Leg, late: boolean]
type Leg = readonly [kind: number, away: number, volume: number]

const leg: fc.Arbitrary<Leg> = fc.tuple(
  fc.nat(4),
  fc.integer({ min: -4, max: 4 }),
  fc.integer({ min: 1, max: 60 }),
)
const asked: fc.Arbitrary<Asked> = fc.tuple(fc.nat(3), leg, leg, fc.boolean())

/** Sends pairs, both at once or the second a bar later, and holds them against what has filled. */
const pairsOf = (plan: readonly Asked[]) =>
  class extends BarStrategy {
    bar = 0
    later: (() => Promise<void>) | undefined
    readonly pairs: [Order, Order][] = []
    async onBar({ target: { instrument, close } }: BarEvent) {
      await this.later?.()
      this.later = undefined
      const asked = plan[this.bar++]
      if (!asked) return
      const [sides, one, two, late] = asked
      const tick = instrument.tickSize || 0.5
      const first = await this.send(instrument, close, tick, sides & 1, one)
      if (!first) return
      const other = async () => {
        const second = await this.send(instrument, close, tick, sides >> 1, two, first)
        if (second) this.pairs.push([first, second])
      }
      if (late) this.later = other
      else await other()
    }
    async send(
      instrument: Instrument,
      close: number,
      tick: number,
      side: number,
      leg: Leg,
      pair?: Order,
    ): Promise<Order | undefined> {
      const [kind, away, size] = leg
      const price = Math.max(1, Math.round(close / tick) + away) * tick
      const volume = size * Math.max(1, instrument.lotSize)
      const flags = { flag: [OrderFlag.NONE, OrderFlag.POST_ONLY, OrderFlag.IMMEDIATE_OR_CANCEL][size % 3]! }
      const more: Partial<OrderRequest> = [
        { price, ...flags },
        { stopPrice: price },
        { stopPrice: price, price: price + tick },
        { trail: size % 2 === 0 ? { percent: (1 + Math.abs(away)) / 100 } : (1 + Math.abs(away)) * tick },
        {},
      ][kind]!
      const ask = { instrument, side: side === 1 ? Side.BUY : Side.SELL, volume, ...more }
      const answer = await this.newOrder(pair ? { ...ask, pair } : ask)
      return answer.accepted ? answer.order : undefined
    }
    onExit() {
      for (const [one, other] of this.pairs) {
        if (one.filled > 0 && other.filled > 0) throw new Error(`Both have filled: ${one}, ${other}`)
        if (one.filled > 0 || other.filled > 0) this.log('filled')
      }
    }
  }

const markets: readonly [string, (seed: number) => DataSet, runs: number][] = [
  ['bars', (seed) => randomWalk({ bars: 40, seed }), 30],
  ['a synthetic market', (seed) => synthetic({ seed, agents: 30 + (seed % 60) }), 25],
  ['recorded orders', (seed) => recorded(1 + (seed % 20)), 15],
]

describe.each(markets)('on %s', (_, dataOf, runs) => {
  test('whatever a pair is made of and whenever its orders arrive, one of them at most fills', async () => {
    let filled = 0
    await fc.assert(
      fc.asyncProperty(fc.nat(1000), fc.array(asked, { minLength: 8, maxLength: 30 }), async (seed, plan) => {
        const data = dataOf(seed)
        const lines: string[] = []
        const options = { data, settings: settings({ cash: 10_000_000 }) }
        const run = createRun({ ...options, strategy: pairsOf(plan), log: ({ text }) => lines.push(text) })
        await run.complete(breathe)
        filled += lines.length
        expect(verify(run.record(), data)).toEqual({ agrees: true })
      }),
      { numRuns: runs, seed: 7, endOnFailure: true },
    )
    expect(filled).toBeGreaterThan(20)
  })
})

describe('two limit orders that the market would both take at once', () => {
  class Twice extends BarStrategy {
    bar = 0
    rejected: string[] = []
    async onBar({ target: { instrument, close } }: BarEvent) {
      if (++this.bar !== 3) return
      const { order: pair } = await this.sell(instrument, 5, { price: onTick(close * 0.99) })
      await this.sell(instrument, 5, { price: onTick(close * 0.98), pair: pair! })
    }
    onRejected({ target: { kind, code } }: RejectionEvent) {
      this.log(kind, code)
    }
    onExit() {
      const [one, other] = this.pastOrders() as [Order, Order]
      this.log(one.status, one.filled, other.status, other.filled)
      this.log(this.position(one.instrument).size)
    }
  }

  test.each([
    ['bars', randomWalk({ bars: 10, seed: 3 })],
    ['a synthetic market', synthetic()],
    ['recorded orders', recorded(3)],
  ])('on %s sell once, and nothing has to be refused', async (_, data) => {
    expect((await play(Twice, data, { cash: 100_000 })).lines).toEqual(['FILLED 5 CANCELLED 0', '-5'])
  })
})

test('a recorded trade through both orders of a pair fills the one that comes first', async () => {
  const lines = [
    [34200, 1, 1, 100, 1_000_000, 1],
    [34200, 1, 2, 10, 1_001_000, -1],
    [34200, 1, 3, 50, 1_005_000, -1],
    [34210, 4, 2, 10, 1_001_000, -1],
    [34220, 4, 3, 20, 1_005_000, -1],
    [34230, 4, 3, 20, 1_005_000, -1],
  ].map((fields) => fields.join(','))
  class Sells extends Strategy {
    async onTrade({ target: { price, myOrder } }: TradeEvent) {
      if (myOrder || price !== 100.1) return
      const [instrument] = this.instruments()
      const { order } = await this.sell(instrument!, 5, { price: 100.3 })
      await this.sell(instrument!, 5, { price: 100.2, pair: order! })
    }
  }
  const record = await play(Sells, recordedMessages(lines))
  expect(fills(record)).toEqual(['sell 5 X at 100.2 on 1 by replay, traded through'])
})

test('an order whose pair has traded already is refused, on every exchange', async () => {
  class Late extends BarStrategy {
    first: Order | undefined
    async onBar({ target: { instrument } }: BarEvent) {
      if (!this.first) this.first = (await this.buy(instrument, 1)).order
      else if (this.first.filled > 0) {
        const answer = await this.sell(instrument, 1, { stopPrice: 1, pair: this.first })
        this.log(answer.accepted || `${answer.code} ${answer.reason}`)
      }
    }
  }
  for (const data of [randomWalk({ bars: 3, seed: 1 }), synthetic({ seconds: 30 })])
    expect((await play(Late, data)).lines[0]).toBe(
      'ORDER_FINISHED The order to be a pair with, 1, is FILLED.',
    )
})

test('what a book cannot hold as a pair is refused with the order that does not fit', async () => {
  class Odd extends BarStrategy {
    bar = 0
    async onBar({ target: { instrument, close } }: BarEvent) {
      if (this.bar++ > 0) return
      const { order: pair } = await this.sell(instrument, 5, { price: onTick(close * 1.2) })
      for (const more of [{}, { price: onTick(close * 1.3), display: 1 }]) {
        const answer = await this.sell(instrument, 5, { ...more, pair: pair! })
        this.log(answer.accepted || answer.reason)
      }
      await this.sell(instrument, 5, { stopPrice: onTick(close * 0.8), pair: pair! })
      const third = await this.sell(instrument, 5, { stopPrice: onTick(close * 0.8), pair: pair! })
      this.log(third.accepted || third.reason)
    }
  }
  expect((await play(Odd, synthetic(), { cash: 100_000 })).lines).toEqual([
    'A MARKET order cannot be one of a pair on an order book; expected limit, stop or stop-limit orders that may wait and show all of their volume.',
    'A LIMIT order with a display cannot be one of a pair on an order book; expected limit, stop or stop-limit orders that may wait and show all of their volume.',
    'Order 1 is a pair with order 4 already; on an order book a pair is two orders.',
  ])
})

/** Offers 30 at 10.02, of which 2 trade at second 20; ours of 10 comes at second 7 to ours of 5 at 10.01. */
const offered = ['1,1,1,10,100000,1', '2,1,3,30,100200,-1', '20,1,7,3,99900,1', '21,4,3,2,100200,-1']

test.each([
  // The pair rests on, and the recorded trade beyond its price is for 2.
  ['a fill-or-kill order that only both would fill fills nothing', 10.01, OrderFlag.FILL_OR_KILL, ['sell 2']],
  ['an all-or-none order takes the rest elsewhere', undefined, OrderFlag.ALL_OR_NONE, undefined],
  ['a limit order takes the rest elsewhere before it rests', 10.02, undefined, undefined],
  ['a market order takes the rest elsewhere', undefined, undefined, undefined],
])('of a pair that an own order meets one trades: %s', async (_, price, flag, expected) => {
  let spread = NaN
  class Meets extends Strategy {
    one: Order | undefined
    onTrade() {}
    onStart() {
      const [instrument] = this.instruments() as [Instrument]
      const sell = (pair?: Order) =>
        this.newOrder({ instrument, side: Side.SELL, volume: 5, price: 10.01, ...(pair && { pair }) })
      const terms = { ...(price && { price }), ...(flag && { flag }) }
      const jobs: [number, () => unknown][] = [
        [5, async () => (this.one = (await sell()).order)],
        [6, () => sell(this.one)],
        [
          7,
          () =>
            this.newOrder({ instrument, side: Side.BUY, volume: 10, selfTrade: SelfTrade.NONE, ...terms }),
        ],
        [8, () => (spread = this.book(instrument)!.spread!)],
      ]
      for (const [second, job] of jobs) this.at(job as () => void, { hour: 0, minute: 0, second })
    }
  }
  const record = await play(Meets, recordedMessages([...offered, '50,1,999,1,90000,1']), { cash: 1e6 })
  expect(spread).toBeGreaterThan(0)
  expect(fills(record).map((text) => text.split(' ').slice(0, 2).join(' '))).toEqual(
    expected ?? ['buy 5', 'sell 5', 'buy 5'],
  )
})

/** Buys 3 at second 5, offers 5 that only reduce at second 6, and sends `terms` at second 7. */
const reduces = (terms: Partial<OrderRequest>, look: (strategy: Strategy, instrument: Instrument) => void) =>
  class extends Strategy {
    onTrade() {}
    onStart() {
      const [instrument] = this.instruments() as [Instrument]
      const send = (request: Partial<OrderRequest>) =>
        this.newOrder({ instrument, side: Side.BUY, volume: 5, ...request })
      const jobs: [number, () => unknown][] = [
        [5, () => send({ volume: 3 })],
        [6, () => send({ side: Side.SELL, price: 10.01, reduceOnly: true })],
        [7, () => terms.volume && send({ selfTrade: SelfTrade.NONE, ...terms })],
        [40, () => look(this, instrument)],
      ]
      for (const [second, job] of jobs) this.at(job as () => void, { hour: 0, minute: 0, second })
    }
  }
const volumes = (record: RunRecord) => fills(record).map((text) => text.split(' ').slice(0, 2).join(' '))

test.each([
  // 3 are held before and after every trade between the two, so all of the 5 reduce, as on the book of a venue.
  ['a fill-or-kill order fills', { volume: 5, price: 10.01, flag: OrderFlag.FILL_OR_KILL }, []],
  ['a market order takes no worse price before it', { volume: 5 }, []],
  ['a larger market order takes the rest elsewhere', { volume: 7 }, ['buy 2']],
  [
    'a larger limit order rests with what is left, and the book is not crossed',
    { volume: 9, price: 10.01 },
    [],
  ],
])('an own order that only reduces gives to an own one all that it has: %s', async (_, terms, more) => {
  let spread = NaN
  const Meets = reduces(terms, (strategy, instrument) => (spread = strategy.book(instrument)!.spread!))
  const data = recordedMessages([...offered.slice(0, 2), '50,1,999,1,90000,1'])
  const record = await play(Meets, data, { cash: 1e6 })
  expect(volumes(record)).toEqual(['buy 3', 'buy 5', 'sell 5', ...more])
  expect(spread).toBeGreaterThan(0)
  expect(verify(record, data)).toEqual({ agrees: true })
})

test('an own order that only reduces is taken back when a recorded one that would have met it has made the account flat', async () => {
  let seen: unknown
  const Meets = reduces({}, (strategy, instrument) => {
    const { bestBid, bestAsk } = strategy.book(instrument)!
    seen = [bestBid, bestAsk, ...strategy.orders(), strategy.position(instrument).size]
  })
  const messages = [...offered.slice(0, 2), '30,1,8,10,100100,1', '50,1,999,1,90000,1']
  const record = await play(Meets, recordedMessages(messages), { cash: 1e6 })
  expect(volumes(record)).toEqual(['buy 3', 'sell 3'])
  expect(seen).toEqual([10.01, 10.02, 0])
})

test('a recorded book values what is held by the recording, not by a trade between two own orders', async () => {
  const worth: number[] = []
  class Meets extends Strategy {
    onTrade() {
      worth.push(this.portfolio().equity)
    }
    onStart() {
      const [instrument] = this.instruments() as [Instrument]
      const send = (request: Partial<OrderRequest>) =>
        this.newOrder({ instrument, side: Side.BUY, volume: 5, ...request })
      const jobs: [number, () => unknown][] = [
        [25, () => send({ volume: 3 })],
        [26, () => send({ side: Side.SELL, price: 500 })],
        [27, () => send({ price: 500, selfTrade: SelfTrade.NONE, volume: 40 })],
      ]
      for (const [second, job] of jobs) this.at(job as () => void, { hour: 0, minute: 0, second })
    }
  }
  const record = await play(Meets, recordedMessages([...offered, '50,1,999,1,90000,1']), {
    cash: 1e6,
    risk: { maxDrawdown: 0.0001 },
  })
  expect(volumes(record)).toEqual(['buy 3', 'buy 25', 'buy 5', 'sell 5'])
  expect(record.refusals).toEqual([])
  // What the recording has traded at, whatever the two paid each other: half of the trade is with oneself at a loss.
  expect(worth.map((money) => Math.round(money)).filter((money) => Math.abs(money - 1e6) > 3000)).toEqual([])
})

test('a pair is the two that it was when the order was sent, though a third asks for one of them on its way', async () => {
  class Third extends Strategy {
    onTrade() {}
    onStart() {
      const [instrument] = this.instruments() as [Instrument]
      const sent: Order[] = []
      const send = async (request: Partial<OrderRequest>) => {
        const { order } = await this.newOrder({ instrument, side: Side.BUY, volume: 5, ...request })
        sent.push(order!)
      }
      const jobs: [number, () => unknown][] = [
        [5, () => send({})],
        [12, () => send({ price: 10.02, pair: sent[0]! })],
        // The first has traded by now, and the second is still on its way.
        [18, () => send({ price: 9.5, pair: sent[1]! })],
      ]
      for (const [second, job] of jobs) this.at(job as () => void, { hour: 0, minute: 0, second })
    }
    onExit() {
      this.log(
        this.pastOrders()
          .map(({ status, filled }) => `${status} ${filled}`)
          .join(', '),
      )
    }
  }
  const messages = [...offered.slice(0, 2), '50,1,999,1,90000,1']
  const { lines } = await play(Third, recordedMessages(messages, { latency: 10e6 }), { cash: 1e6 })
  expect(lines).toEqual(['FILLED 5, CANCELLED 0, CANCELLED 0'])
})
