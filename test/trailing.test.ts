import { describe, expect, test } from 'vitest'
import { type DataSet, randomWalk } from '#data'
import { journalEntries, verify } from '#engine'
import { catalogued } from '#exchange'
import { Instrument } from '#market'
import { type BarEvent, BarStrategy, Order, OrderType, Side } from 'outcry'
import { type Candle, dataSet, fills, market, play, series } from './market.ts'

const synthetic: DataSet = {
  id: 'synthetic',
  name: 'Synthetic',
  provenance: 'made while it runs',
  instruments: [],
  synthetic: { seed: 5, preset: 'volatile', seconds: 600, agents: 80, barSeconds: 5 },
}

/** Buys on the first bar, with a stop that follows at a percentage. */
const follows = (percent: number, side: Side = Side.BUY) =>
  class extends BarStrategy {
    async onBar({ target: { instrument } }: BarEvent) {
      if (this.pastOrders().length > 0) return
      await this.bracket({ instrument, side, volume: 1 }, { trail: { percent } })
    }
  }

describe('a stop that trails by per cent', () => {
  test('stands that part of the best price away, and more the higher that is', async () => {
    const data = market(
      100,
      [100, 100, 100, 100],
      [100, 200, 185, 190],
      [190, 190, 181, 185],
      [185, 185, 170, 170],
    )
    const record = await play(follows(10), data)
    expect(fills(record)).toEqual(['buy 1 X at 100 on 1 by open', 'sell 1 X at 180 on 4 by stop'])
    expect(verify(record, data)).toEqual({ agrees: true })
  })

  test('begins at its entry, whatever the bar had reached before that', async () => {
    class Dip extends BarStrategy {
      async onBar({ target: { instrument, close } }: BarEvent) {
        if (this.pastOrders().length + this.orders().length > 0 || close !== 100) return
        const entry = new Order({ instrument, side: Side.BUY, volume: 1, price: 95 })
        await this.newOrder(entry)
        await this.sell(instrument, 1, { trail: 5, after: entry })
      }
    }
    const record = await play(Dip, market(100, [100, 110, 94, 96], [96, 96, 94, 95], [95, 95, 88, 88]))
    expect(fills(record)).toEqual(['buy 1 X at 95 on 1 by limit', 'sell 1 X at 91 on 3 by stop'])
  })

  test('is not pulled by a bar that was over when it was sent, whichever instrument is told first', async () => {
    class Late extends BarStrategy {
      async onBar({ target: { instrument, close } }: BarEvent) {
        if (close === 100) await this.buy(instrument, 1)
        if (close === 96) await this.sell(instrument, 1, { trail: { percent: 10 } })
      }
    }
    const bars: Candle[] = [100, [100, 120, 95, 96], [96, 96, 90, 90], [90, 90, 80, 80]]
    const both = dataSet(series({ name: 'A', lotSize: 1 }, bars), series({ name: 'B', lotSize: 1 }, bars))
    const sold = fills(await play(Late, both)).filter((fill) => fill.startsWith('sell'))
    expect(sold.map((fill) => /at ([\d.]+) on (\d+)/.exec(fill)?.[1])).toEqual(['86.4', '86.4'])
  })

  test('follows down over a short', async () => {
    const data = market(100, [100, 100, 100, 100], [100, 100, 50, 52], [52, 54, 52, 54], [54, 60, 54, 60])
    expect(fills(await play(follows(10, Side.SELL), data))).toEqual([
      'sell 1 X at 100 on 1 by open',
      'buy 1 X at 55 on 4 by stop',
    ])
  })

  test('keeps to whole ticks, and to one at least', async () => {
    const one = series({ name: 'X', lotSize: 1, tickSize: 1 }, [
      100,
      [100, 139, 139, 139],
      [139, 139, 120, 120],
    ])
    expect(fills(await play(follows(10), dataSet(one)))).toEqual([
      'buy 1 X at 100 on 1 by open',
      'sell 1 X at 126 on 2 by stop',
    ])
    const narrow = series({ name: 'X', lotSize: 1, tickSize: 1 }, [100, 139, [139, 139, 120, 120]])
    expect(fills(await play(follows(0.01), dataSet(narrow)))[1]).toBe('sell 1 X at 138 on 2 by stop')
  })

  test.each([
    ['a synthetic market', async () => synthetic],
    [
      'recorded orders',
      () => catalogued('recorded-orders', () => Promise.reject(new Error('there is no file'))),
    ],
  ] as const)('on %s never falls back, stays that far behind, and ends what it guards', async (_, dataOf) => {
    class Trails extends BarStrategy {
      stop: Order | undefined
      best = 0
      level = 0
      moved = 0
      done = 0
      async onBar({ target: { instrument } }: BarEvent) {
        const { stop } = this
        if (stop?.status === 'OPEN' && stop.stopPrice > 0) {
          if (stop.stopPrice < this.level) throw new Error(`${stop} fell from ${this.level}`)
          if (this.level > 0 && stop.stopPrice > this.level) this.moved++
          this.level = stop.stopPrice
        }
        if (stop?.status === 'FILLED') this.done++
        if (this.position(instrument).size !== 0 || this.orders(instrument).length > 0) return
        this.level = 0
        const exits = { trail: { percent: 0.05 } }
        const answers = await this.bracket({ instrument, side: Side.BUY, volume: 2 }, exits)
        this.stop = answers.stop?.order
      }
      onExit() {
        this.log(this.moved > 3, this.done > 3)
      }
    }
    const data = await dataOf()
    const record = await play(Trails, data, { cash: 1e6 })
    expect(record.lines).toEqual(['true true'])
    expect(verify(record, data)).toEqual({ agrees: true })
  })

  test('says so in the journal, and is refused where it cannot be', async () => {
    const data = randomWalk({ bars: 30, seed: 2 })
    const record = await play(follows(3), data)
    const orders = [...journalEntries(record, data)].filter(({ event }) => event === 'NEW ORDER')
    expect(orders[1]).toMatchObject({ type: 'STOP', trailPercent: 3 })
    expect(orders[1]).not.toHaveProperty('trail')
    const request = { instrument: new Instrument({ name: 'X' }), side: Side.SELL, volume: 1 }
    const order = new Order({ ...request, trail: { percent: 2.5 } })
    expect([order.type, order.trail, order.trailPercent]).toEqual([OrderType.STOP, NaN, 2.5])
    expect(() => new Order({ ...request, trail: { percent: 2, step: 1 } as { percent: number } })).toThrow(
      "Order trail has a field 'step'; expected only percent",
    )
    for (const percent of [0, 100, NaN, '2' as never])
      expect(() => new Order({ ...request, trail: { percent } })).toThrow(
        /trail\.percent is .*; expected a number above 0 and below 100/,
      )
    expect(() => new Order({ ...request, type: OrderType.LIMIT, price: 1, trail: { percent: 2 } })).toThrow(
      /trail is an object on a LIMIT order/,
    )
  })
})
