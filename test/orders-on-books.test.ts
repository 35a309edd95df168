import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { DataSet } from '#data'
import { type RiskRules, type RunRecord, StepKind, verify } from '#engine'
import { lobsterTime, readLobster } from '#exchange'
import {
  type BarEvent,
  type BookEvent,
  type Instrument,
  Order,
  OrderFlag,
  type OrderRequest,
  type RejectionEvent,
  SelfTrade,
  Side,
  Strategy,
  type TradeEvent,
} from 'outcry'
import { run, settings } from './market.ts'
import { lobsterFile } from './recordings.ts'

/** One request; numbers become what they ask for when its turn comes. */
const request = fc.record({
  kind: fc.nat(15),
  sells: fc.boolean(),
  size: fc.integer({ min: 1, max: 60 }),
  near: fc.integer({ min: -4, max: 4 }),
  other: fc.nat(5),
  bare: fc.boolean(),
})
type Wanted = typeof request extends fc.Arbitrary<infer Value> ? Value : never
const plans = fc.array(fc.array(request, { minLength: 1, maxLength: 3 }), {
  minLength: 5,
  maxLength: 60,
  size: 'max',
})

const rules = Object.values(SelfTrade)
/** Every way of trading among recorded orders. */
const replayRules = [
  'replay, taking',
  'replay, queue reached',
  'replay, traded through',
  'replay, crossed by an order',
  'replay, taken by an own order',
]
const flags = [
  OrderFlag.NONE,
  OrderFlag.IMMEDIATE_OR_CANCEL,
  OrderFlag.FILL_OR_KILL,
  OrderFlag.ALL_OR_NONE,
  OrderFlag.POST_ONLY,
]

/** Sends the steps of a plan a fraction of a second apart, and looks at the book whenever it changes. */
const sends = (plan: readonly (readonly Wanted[])[], every: number, calm: boolean, seen: Set<string>) =>
  class extends Strategy {
    step = 0
    faults: string[] = []
    onStart() {
      this.every(every, () => this.next())
    }
    onTrade({ target: { myOrder } }: TradeEvent) {
      if (myOrder) seen.add(myOrder.side)
    }
    onBar(_: BarEvent) {}
    onRejected({ target: { code } }: RejectionEvent) {
      seen.add(code)
    }
    onBook({ target: { bestBid, bestAsk, bids, asks } }: BookEvent) {
      if (bestBid >= bestAsk) throw new Error(`the book is crossed: ${bestBid} is bid and ${bestAsk} asked`)
      for (const { volume } of [...bids, ...asks])
        if (!(volume > 0)) throw new Error('a level without volume')
    }
    async next() {
      const [instrument] = this.instruments() as [Instrument]
      for (const wanted of plan[this.step++] ?? []) await this.send(instrument, wanted)
    }
    async send(instrument: Instrument, { kind, sells, size, near, other, bare }: Wanted) {
      const tick = instrument.tickSize
      const { bestBid, bestAsk } = this.book(instrument)!
      const side = sells ? Side.SELL : Side.BUY
      const base = [sells ? bestBid : bestAsk, bestAsk, bestBid].find((price) => price > 0)
      if (base === undefined) return
      const price = Math.max(2, Math.round(base / tick) + near) * tick
      const known = this.pastOrders(instrument)
      const some: Order | undefined = known[known.length - 1 - other]
      const open = some?.status === 'OPEN' ? some : undefined
      const rule = bare ? {} : { selfTrade: rules[other % rules.length]! }
      const ask = (more: Partial<OrderRequest>) =>
        this.newOrder({ instrument, side, volume: size, ...rule, ...more })
      if (kind === 0) await ask({})
      else if (kind === 1) await ask({ price, flag: flags[other % flags.length]! })
      else if (kind === 2) await ask({ price, reduceOnly: true })
      else if (kind === 3) await ask({ price, display: Math.max(1, size >> 2) })
      else if (kind === 4) await ask({ price, hidden: true })
      else if (kind === 5) await ask({ volume: undefined, notional: size * base })
      else if (kind === 6) await ask({ volume: undefined, notional: size * base, protectionPrice: price })
      else if (kind === 7) await ask({ protectionPrice: price })
      else if (kind === 8) await ask({ toLimit: true, reduceOnly: near > 2 })
      else if (kind === 9) await ask({ stopPrice: price, reduceOnly: near > 2 })
      else if (kind === 10) await ask({ stopPrice: price, price: price + (other - 2) * tick })
      else if (kind === 11) await ask({ trail: Math.max(1, other) * tick })
      else if (kind === 12) await ask({ price, selfTrade: SelfTrade.NONE })
      else if (calm) await ask({ reduceOnly: true })
      else if (kind === 13 && open) await this.cancelOrder(open)
      else if (kind === 14 && open && Number.isNaN(open.notional))
        await this.changeOrder(open, { volume: size, ...(bare && open.price > 0 ? { price } : {}) })
      else if (kind === 15 && open) await ask({ price, pair: open })
    }
    onExit() {
      for (const order of this.pastOrders()) {
        seen.add(order.selfTrade ?? 'own rule of the market')
        const fault = this.faultOf(order)
        if (fault) throw new Error(`${String(order)}: ${fault}`)
      }
    }
    faultOf(order: Order): string | undefined {
      const { notional, protectionPrice, toLimit, price, pair, filled } = order
      const trades = this.trades().filter(({ myOrder }) => myOrder === order)
      const money = trades.reduce((sum, { price, volume }) => sum + price * volume, 0)
      const volume = trades.reduce((sum, { volume }) => sum + volume, 0)
      const sign = order.side === Side.BUY ? 1 : -1
      const worst = trades.reduce((most, { price }) => Math.max(most, sign * price), -Infinity)
      if (Math.abs(volume - filled) > 1e-9) return `has ${filled} and not the ${volume} that it traded`
      if (money > notional * (1 + 1e-9)) return 'more money than it had'
      if (worst > sign * protectionPrice + 1e-9) return 'beyond its protection'
      if (toLimit && price > 0 && calm && worst > sign * price + 1e-9) return 'worse than its first price'
      if (calm && price > 0 && worst > sign * price + 1e-9) return 'beyond its limit'
      if (pair && pair.filled > 0 && filled > 0) return 'both of a pair have traded'
      return undefined
    }
  }

/** What must hold of the record: positions within the rule, orders that only reduce do so, and all is accounted for. */
function check({ orders, fills, steps }: RunRecord, most: number, reducing: ReadonlySet<number>) {
  let held = 0
  const filled = new Float64Array(orders.time.length)
  const pairs = (i: number) =>
    i >= 0 &&
    i + 1 < fills.time.length &&
    fills.time[i] === fills.time[i + 1] &&
    fills.price[i] === fills.price[i + 1] &&
    fills.volume[i] === fills.volume[i + 1] &&
    fills.side[i] === -fills.side[i + 1]!
  for (let step = 0; step < steps.kind.length; step++) {
    if (steps.kind[step] !== StepKind.FILL) continue
    const i = steps.row[step]!
    const row = fills.order[i]! - 1
    const before = held
    held += fills.side[i]! * fills.volume[i]!
    filled[row]! += fills.volume[i]!
    // Of a trade between two own orders the second half brings back what the first did.
    if (pairs(i) || pairs(i - 1)) continue
    expect(Math.abs(held) <= most + 1e-9 || Math.abs(held) < Math.abs(before)).toBe(true)
    if (reducing.has(row)) {
      expect(Math.abs(held)).toBeLessThan(Math.abs(before))
      expect(held * before).toBeGreaterThanOrEqual(0)
    }
  }
  orders.filled.forEach((volume, row) => expect(volume).toBeCloseTo(filled[row]!, 9))
}

async function holds(
  data: DataSet,
  plan: readonly (readonly Wanted[])[],
  every: number,
  calm: boolean,
  seen: Set<string>,
) {
  const reducing = new Set<number>()
  class Sends extends sends(plan, every, calm, seen) {
    override onExit() {
      for (const { id, reduceOnly } of this.pastOrders()) if (reduceOnly) reducing.add(id - 1)
      super.onExit()
    }
  }
  const most = calm ? 80 : Infinity
  const risk: RiskRules = calm ? { maxPosition: most, excess: 'refuse' } : {}
  const asked = { strategy: Sends, data, settings: settings({ cash: 1e7, leverage: 10, risk }) }
  const record = await run(asked)
  check(record, most, reducing)
  for (const rule of record.rules) seen.add(rule)
  for (const { code } of record.refusals) seen.add(code)
  expect(verify(record, data)).toEqual({ agrees: true })
}

const synthetic = (seed: number, latency: number, thin: boolean): DataSet => ({
  ...{ id: 'synthetic', name: 'Synthetic', provenance: 'made while it runs', instruments: [] },
  synthetic: {
    seed,
    seconds: 15,
    agents: 40,
    barSeconds: 3,
    latency,
    ...(thin ? { preset: 'thin' as const } : {}),
  },
})

const files = new Map<number, ReturnType<typeof lobsterFile>>()
function recorded(seed: number, latency: number): DataSet {
  const file = files.get(seed) ?? lobsterFile(3, 1_500, seed, 0.01)
  files.set(seed, file)
  const [messages, rows] = [file.map(([message]) => message), file.map(([, row]) => row)]
  return {
    ...{ id: 'recorded', name: 'Recorded', provenance: 'made', instruments: [] },
    recorded: {
      ...{ instrument: { name: 'X', exchange: 'replay', tickSize: 0.0001, lotSize: 1 }, priceStep: 0.0001 },
      ...{
        start: lobsterTime(messages[0]!, 0),
        end: lobsterTime(messages.at(-1)!, 0),
        barSeconds: 1,
        latency,
      },
      messages: [...readLobster({ messages, rows, midnight: 0 })],
    },
  }
}

const limit = 120_000

test(
  'whatever orders meet on a synthetic market, its book is never crossed, and no limit, rule or lot is lost',
  async () => {
    const seen = new Set<string>()
    await fc.assert(
      fc.asyncProperty(
        plans,
        fc.nat(500),
        fc.constantFrom(0, 1000, 400_000),
        fc.boolean(),
        fc.boolean(),
        (plan, seed, latency, thin, calm) => holds(synthetic(seed, latency, thin), plan, 200, calm, seen),
      ),
      { numRuns: 30, endOnFailure: true, seed: 20_261_121 },
    )
    console.log([...seen])
  },
  limit,
)

test(
  'nor on recorded orders',
  async () => {
    const seen = new Set<string>()
    await fc.assert(
      fc.asyncProperty(
        plans,
        fc.integer({ min: 1, max: 5 }),
        fc.constantFrom(0, 1000, 300_000),
        fc.boolean(),
        (plan, seed, latency, calm) => holds(recorded(seed, latency), plan, 50, calm, seen),
      ),
      { numRuns: 30, endOnFailure: true, seed: 20_261_121 },
    )
    console.log([...seen])
  },
  limit,
)
