import fc from 'fast-check'
import { createRun, orderStatuses, orderTypes, type RunRecord } from '#engine'
import {
  type Acknowledgement,
  type BarEvent,
  BarStrategy,
  type Instrument,
  type Order,
  OrderFlag,
  type OrderRequest,
  Side,
} from 'outcry'
import { expect, test } from 'vitest'
import { type Candle, dataSet, series, settings } from './market.ts'

/** One request of a random strategy: numbers are turned into what they ask for when their turn comes. */
type Request = readonly [kind: number, what: number, size: number, near: number, other: number]

const request = fc.tuple(
  fc.nat(11),
  fc.nat(3),
  fc.integer({ min: 1, max: 40 }),
  fc.integer({ min: -6, max: 6 }),
  fc.nat(5),
)
const flags = Object.values(OrderFlag)

/** Sends what a list says, one step of it at every handler call. */
function sends(steps: readonly (readonly Request[])[]) {
  return class extends BarStrategy {
    step = 0
    override onStart() {
      this.periodic(() => this.next(), { hours: 31 })
      return this.next()
    }
    onBar({ target }: BarEvent) {
      return this.next(target.instrument)
    }
    onReceived() {
      return this.next()
    }
    onTraded() {
      return this.next()
    }
    onCanceled() {
      return this.next()
    }
    onRejected() {}
    onExit() {
      return this.next()
    }
    async next(of = this.instruments()[this.step % this.instruments().length]!) {
      for (const order of this.orders())
        if (order.after && order.after.status !== 'OPEN' && order.after.filled === 0)
          throw new Error(`${order} waits for ${order.after}`)
      for (const request of steps[this.step++] ?? []) await this.send(of, ...request)
    }
    async send(instrument: Instrument, ...[kind, what, size, near, other]: Request): Promise<void> {
      const side = what % 2 === 0 ? Side.BUY : Side.SELL
      const tick = instrument.tickSize || 1
      const base = this.priceHistory(instrument, 1)[0]?.close ?? 10
      const price = Math.max(1, Math.round(base / tick) + near) * tick
      const volume = size * Math.max(1, instrument.lotSize)
      const known = this.pastOrders(instrument)
      const some: Order | undefined = known[known.length - 1 - other]
      const send = (more: Partial<OrderRequest>): Promise<Acknowledgement> =>
        this.newOrder({ instrument, side, volume, ...more })
      if (kind === 0) await send({})
      else if (kind === 1) await send({ price, flag: flags[what]! })
      else if (kind === 2) await send({ stopPrice: price })
      else if (kind === 3) await send({ stopPrice: price, price: Math.max(1, price - what * tick) })
      else if (kind === 4) await send({ trail: size * tick })
      else if (kind === 5)
        await this.bracket(
          { instrument, side, volume, ...(what > 1 ? { price } : {}) },
          { stop: price - 2 * tick, target: price + 2 * tick, ...(size > 30 ? { trail: 3 * tick } : {}) },
        )
      else if (kind === 6 && some) await this.cancelOrder(some)
      else if (kind === 7 && some)
        await this.changeOrder(some, { volume, ...(what > 1 ? {} : some.price > 0 ? { price } : {}) })
      else if (kind === 8) await this.target(instrument, near / 4)
      else if (kind === 9) await this.closeAll(what > 1 ? instrument : undefined)
      else if (kind === 10) await send({ after: some, price })
      else if (kind === 11) await send({ pair: some, stopPrice: price, flag: flags[what]! })
    }
  }
}

/** What must hold of any run, whatever was asked for. */
function check({ orders, fills, equity }: RunRecord) {
  const filled = new Float64Array(orders.time.length)
  for (let i = 0; i < fills.time.length; i++) {
    const row = fills.order[i]! - 1
    filled[row]! += fills.volume[i]!
    expect(fills.volume[i]).toBeGreaterThan(0)
    expect(fills.side[i]).toBe(orders.side[row])
    expect(fills.time[i]).toBeGreaterThanOrEqual(orders.time[row]!)
    expect(fills.time[i]).toBeLessThanOrEqual(orders.ended[row]!)
    if (orderTypes[orders.type[row]!] === 'LIMIT' && orders.status[row] === 2)
      expect(fills.side[i]! * (fills.price[i]! - orders.price[row]!)).toBeLessThanOrEqual(1e-9)
    if (fills.bar[i]! < orders.bar[row]!) throw new Error('filled on a bar that was over when it was given')
  }
  for (let row = 0; row < filled.length; row++) {
    const status = orderStatuses[orders.status[row]!]!
    expect(orders.filled[row]).toBeCloseTo(filled[row]!, 6)
    expect(orders.filled[row]).toBeLessThanOrEqual(orders.volume[row]! * (1 + 1e-9))
    expect(['FILLED', 'CANCELLED', 'REJECTED']).toContain(status)
    expect(status === 'FILLED').toBe(orders.filled[row]! >= orders.volume[row]! * (1 - 1e-9))
    if (status === 'REJECTED') expect(filled[row]).toBe(0)
  }
  for (const value of equity.value) expect(Number.isFinite(value)).toBe(true)
}

async function play(
  steps: readonly (readonly Request[])[],
  options: Omit<Parameters<typeof createRun>[0], 'strategy'>,
  slice: number,
) {
  const run = createRun({ ...options, strategy: sends(steps) })
  while (!(await run.advance(slice)));
  return run.record()
}

const steps = fc.array(fc.array(request, { maxLength: 3, size: 'max' }), { maxLength: 60, size: 'max' })
const candle: fc.Arbitrary<Candle> = fc
  .tuple(fc.integer({ min: 4, max: 20 }), fc.integer({ min: 4, max: 20 }), fc.nat(3), fc.nat(3))
  .map(([open, close, up, down]) => [open, Math.max(open, close) + up, Math.min(open, close) - down, close])

test('whatever is asked for on bars, nothing fills before it was given and all volumes add up', async () => {
  await fc.assert(
    fc.asyncProperty(
      steps,
      fc.array(candle, { maxLength: 16, size: 'max' }),
      fc.array(candle, { maxLength: 10, size: 'max' }),
      fc.record({
        lotSize: fc.constantFrom(1, 0.01, 5, 1e-8),
        multiplier: fc.constantFrom(1, 50, 0.1),
        tickSize: fc.constantFrom(0, 1),
      }),
      fc.record({
        fill: fc.constantFrom('next-open' as const, 'same-close' as const),
        leverage: fc.constantFrom(1, 4, 0.5),
        cash: fc.constantFrom(100, 10_000),
        costs: fc.constantFrom({ commission: 0, slippage: 0 }, { commission: 0.01, slippage: 0.02 }),
      }),
      async (steps, first, second, spec, changes) => {
        const data = dataSet(
          series({ name: 'X', ...spec }, first),
          series({ name: 'Y', ...spec, lotSize: 1 }, second, 2),
        )
        const options = { data, settings: settings(changes) }
        const record = await play(steps, options, Infinity)
        check(record)
        expect((await play(steps, options, 1)).digest).toBe(record.digest)
      },
    ),
    { numRuns: 250 },
  )
}, 240_000)

test('whatever is asked for on a synthetic market, all volumes add up and the same run comes again', async () => {
  await fc.assert(
    fc.asyncProperty(
      steps,
      fc.constantFrom(0, 1000, 5_000_000, 60_000_000),
      fc.nat(1000),
      async (steps, latency, seed) => {
        const synthetic = { seed, seconds: 20, agents: 30, barSeconds: 2, latency }
        const data = { id: 's', name: 'S', provenance: 'made', instruments: [], synthetic }
        const options = { data, settings: settings({ cash: 1e6, leverage: 4 }) }
        const record = await play(steps, options, Infinity)
        check(record)
        expect((await play(steps, options, 1)).digest).toBe(record.digest)
      },
    ),
    { numRuns: 60 },
  )
}, 240_000)
