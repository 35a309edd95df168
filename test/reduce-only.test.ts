import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type DataSet, randomWalk } from '#data'
import { journalEntries, verify } from '#engine'
import { catalogued } from '#exchange'
import { Instrument } from '#market'
import {
  type BarEvent,
  BarStrategy,
  Order,
  OrderFlag,
  type OrderRequest,
  type RejectionEvent,
  Side,
} from 'outcry'
import { fills, market, play } from './market.ts'

const { BUY: buy, SELL: sell } = Side
const synthetic = (seed = 5): DataSet => ({
  id: 'synthetic',
  name: 'Synthetic',
  provenance: 'made while it runs',
  instruments: [],
  synthetic: { seed, preset: 'volatile', seconds: 200, agents: 60, barSeconds: 5 },
})
const recorded = () => catalogued('recorded-orders', () => Promise.reject(new Error('there is no file')))

/** Sends orders bar by bar. */
const sends = (...bars: readonly (readonly Omit<OrderRequest, 'instrument'>[])[]) =>
  class extends BarStrategy {
    seen = 0
    async onBar({ target: { instrument } }: BarEvent) {
      for (const request of bars[this.seen++] ?? []) await this.newOrder({ ...request, instrument })
    }
    onRejected({ target: { code } }: RejectionEvent) {
      this.log(code)
    }
    onExit() {
      this.log(
        this.pastOrders()
          .map(({ status, filled }) => `${status} ${filled}`)
          .join(', '),
      )
    }
  }

describe('an order that only reduces, on bars', () => {
  test('trades to flat and no further, and its rest is taken back', async () => {
    const record = await play(
      sends([{ side: buy, volume: 3 }], [{ side: sell, volume: 5, reduceOnly: true }]),
      market(10, 10, 11, 12),
    )
    expect(fills(record)).toEqual(['buy 3 X at 10 on 1 by open', 'sell 3 X at 11 on 2 by open'])
    expect(record.lines).toEqual(['FILLED 3, CANCELLED 3'])
    expect(record.refusals).toEqual([])
  })

  test('is refused where there is nothing to reduce, and on the side that would add', async () => {
    const request = { side: sell, volume: 1, reduceOnly: true }
    expect((await play(sends([request]), market(10, 10))).lines).toEqual(['NOT_REDUCING', 'REJECTED 0'])
    const adds = sends([{ side: buy, volume: 1 }], [{ side: buy, volume: 1, reduceOnly: true }])
    expect((await play(adds, market(10, 10, 10))).lines).toEqual(['NOT_REDUCING', 'FILLED 1, REJECTED 0'])
  })

  test('that waits in the market is taken back when it would trade and the position has gone', async () => {
    const plan = sends(
      [{ side: buy, volume: 2 }],
      [
        { side: sell, volume: 2 },
        { side: sell, volume: 2, price: 12, reduceOnly: true },
      ],
    )
    const record = await play(plan, market(10, 10, 10, [10, 14, 10, 10]), { leverage: 4 })
    expect(record.lines).toEqual(['FILLED 2, FILLED 2, CANCELLED 0'])
  })

  test('needs no funds, however much it asks for', async () => {
    const plan = sends(
      [{ side: buy, volume: 1 }],
      [{ side: sell, volume: 1e6, stopPrice: 9, reduceOnly: true }],
    )
    expect(fills(await play(plan, market(10, 10, 9, 9)))[1]).toBe('sell 1 X at 9 on 2 by stop at open')
  })

  test('covers a short', async () => {
    const plan = sends([{ side: sell, volume: 2 }], [{ side: buy, volume: 9, price: 10, reduceOnly: true }])
    expect(fills(await play(plan, market(10, 10, 9, 9)))).toEqual([
      'sell 2 X at 10 on 1 by open',
      'buy 2 X at 9 on 2 by limit at open',
    ])
  })
})

describe.each([
  ['bars', async (seed: number) => randomWalk({ bars: 40, seed }), 25],
  ['a synthetic market', async (seed: number) => synthetic(seed), 20],
  ['recorded orders', recorded, 3],
] as const)('on %s', (_, dataOf, runs) => {
  test('whatever works beside it, it never opens a position and never turns one', async () => {
    const leg = fc.tuple(
      fc.nat(5),
      fc.integer({ min: -5, max: 5 }),
      fc.integer({ min: 1, max: 9 }),
      fc.boolean(),
    )
    let reduced = 0
    await fc.assert(
      fc.asyncProperty(fc.nat(1000), fc.array(leg, { minLength: 20, maxLength: 40 }), async (seed, plan) => {
        const data = await dataOf(seed)
        class Mixes extends BarStrategy {
          seen = 0
          held = 0
          async onBar({ target: { instrument, close } }: BarEvent) {
            const legs = plan.slice((2 * this.seen) % plan.length).slice(0, 2)
            this.seen++
            for (const [kind, away, volume, reduceOnly] of legs) {
              const tick = instrument.tickSize || 0.5
              const price = Math.round(close / tick + away) * tick
              const side = kind % 2 === 0 ? buy : sell
              const more = [{}, { price }, { stopPrice: price }][kind % 3]!
              await this.newOrder({ instrument, side, volume, ...more, reduceOnly })
            }
          }
          onTraded({
            target: { side, volume, myOrder },
          }: {
            target: { side: Side | undefined; volume: number; myOrder: Order | undefined }
          }) {
            const before = this.held
            this.held += side === buy ? volume : -volume
            if (!myOrder!.reduceOnly) return
            this.log('reduced')
            if (Math.sign(this.held) === -Math.sign(before) || Math.abs(this.held) >= Math.abs(before))
              throw new Error(`${myOrder} took ${before} to ${this.held}`)
          }
        }
        const record = await play(Mixes, data, { cash: 1e7 })
        reduced += record.lines.length
        expect(verify(record, data)).toEqual({ agrees: true })
      }),
      { numRuns: runs, seed: 3, endOnFailure: true },
    )
    expect(reduced).toBeGreaterThan(10)
  })
})

test('an order book refuses it on arrival where there is nothing to reduce', async () => {
  const plan = sends([{ side: sell, volume: 1, reduceOnly: true }])
  expect((await play(plan, synthetic())).lines).toEqual(['NOT_REDUCING', 'REJECTED 0'])
})

test('it is told in the journal, and refused with a display or all-or-none', async () => {
  const data = randomWalk({ bars: 10, seed: 2 })
  const plan = sends([{ side: buy, volume: 1 }], [{ side: sell, volume: 1, reduceOnly: true }])
  const record = await play(plan, data)
  const asked = [...journalEntries(record, data)].filter(({ event }) => event === 'NEW ORDER')
  expect(asked.map(({ reduceOnly }) => reduceOnly)).toEqual([undefined, true])
  const request = {
    instrument: new Instrument({ name: 'X' }),
    side: sell,
    volume: 4,
    price: 1,
    reduceOnly: true,
  }
  expect(new Order(request).reduceOnly).toBe(true)
  expect(() => new Order({ ...request, display: 1 })).toThrow(
    /reduceOnly is true on a LIMIT order with a display/,
  )
  expect(() => new Order({ ...request, flag: OrderFlag.ALL_OR_NONE })).toThrow(
    /reduceOnly is true on a LIMIT order/,
  )
  expect(() => new Order({ ...request, reduceOnly: 1 as never })).toThrow(
    /reduceOnly is 1; expected true or false/,
  )
})
