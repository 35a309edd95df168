import { describe, expect, test } from 'vitest'
import { report } from '#analysis'
import { type DataSet, randomWalk } from '#data'
import { dataOf, verify } from '#engine'
import { catalogued } from '#exchange'
import { type BarEvent, BarStrategy, type RejectionEvent, type TradeEvent } from 'outcry'
import { play } from './market.ts'

const synthetic: DataSet = {
  id: 'synthetic',
  name: 'Synthetic',
  provenance: 'made while it runs',
  instruments: [],
  synthetic: { seed: 4, seconds: 60, agents: 80, barSeconds: 10, instruments: 2 },
}

/** Holds a volume and gives it back when all is over. */
const holds = (volume: number, close = (strategy: BarStrategy): Promise<unknown> => strategy.closeAll()) =>
  class extends BarStrategy {
    seen = 0
    async onBar({ target: { instrument } }: BarEvent) {
      if (this.seen++ === 0) await this.buy(instrument, volume)
    }
    async onExit() {
      await close(this)
    }
    onRejected({ target: { kind, code } }: RejectionEvent) {
      this.log(kind, code)
    }
    onTraded({ target: { side, volume, rule, instrument } }: TradeEvent) {
      this.log(side, volume, rule, 'now', this.position(instrument).size)
    }
  }

const recorded = () => catalogued('recorded-orders', () => Promise.reject(new Error('there is no file')))

describe('orders that are sent in onExit', () => {
  test.each([
    ['bars', async () => randomWalk({ bars: 10, seed: 3 }), 'open', 'last close'],
    ['a synthetic market', async () => synthetic, 'book, taking', 'last book'],
    ['recorded orders', recorded, 'replay, taking', 'last book'],
  ] as const)('on %s close what is held, and the fill says how', async (_, dataOf, first, last) => {
    const data = await dataOf()
    const record = await play(holds(1), data, { cash: 100_000 })
    expect(record.lines).toEqual([`BUY 1 ${first} now 1`, `SELL 1 ${last} now 0`])
    expect(verify(record, data)).toEqual({ agrees: true })
  })

  test('go through the prices that the book showed at its end, each for no more than that, and once only', async () => {
    class Sells extends BarStrategy {
      onBar() {}
      async onExit() {
        const [instrument] = this.instruments()
        const { bids } = this.book(instrument!, 3)!
        this.log(bids.map(({ price, volume }) => `${volume} at ${price}`).join(', '))
        const [one, two, three] = bids.map(({ volume }) => volume)
        await this.sell(instrument!, one! + two!)
        await this.sell(instrument!, three!)
      }
    }
    const record = await play(Sells, synthetic, { cash: 1e9, leverage: 10 })
    const { price, volume, bar } = record.fills
    expect([...price].map((at, i) => `${volume[i]} at ${at}`).join(', ')).toBe(record.lines[0])
    expect([...bar]).toEqual([5, 5, 5])
    expect(verify(record, synthetic)).toEqual({ agrees: true })
  })

  test('leave what is held worth the last price, however deep they went into the book', async () => {
    class Buys extends BarStrategy {
      onBar() {}
      async onExit() {
        const [instrument] = this.instruments()
        const { asks } = this.book(instrument!, 1000)!
        await this.buy(
          instrument!,
          asks.reduce((sum, { volume }) => sum + volume, 0),
        )
      }
    }
    const record = await play(Buys, synthetic, { cash: 1e9, leverage: 10 })
    const { price, volume } = record.fills
    expect(price.at(-1)).toBeGreaterThan(price[0]!)
    const bars = dataOf(record, synthetic).instruments[0]!.bars
    const last = bars.close.at(-1)!
    const worth = Array.from(price, (at, i) => volume[i]! * (last - at)).reduce((sum, one) => sum + one)
    expect(worth).toBeLessThan(0)
    expect(record.equity.value.at(-1)).toBeCloseTo(1e9 + worth, 4)
    const { account, all } = report(record, synthetic)
    expect(account.finalEquity - 1e9).toBeCloseTo(all.openProfit, 4)
  })

  test('are taken back where the book does not hold so much', async () => {
    class Sells extends BarStrategy {
      shown = 0
      onBar() {}
      async onExit() {
        const [instrument] = this.instruments()
        this.shown = this.book(instrument!, 1000)!.bids.reduce((sum, { volume }) => sum + volume, 0)
        await this.sell(instrument!, this.shown + 7)
      }
      onCanceled() {
        const [order] = this.pastOrders()
        this.log(order!.filled === this.shown, order!.remaining)
      }
    }
    const record = await play(Sells, synthetic, { cash: 1e9, leverage: 10 })
    expect(record.lines).toEqual(['true 7'])
  })

  test('can be taken back and cannot be altered, and other types find no market', async () => {
    const close = async (strategy: BarStrategy) => {
      const [instrument] = strategy.instruments()
      const { order } = await strategy.sell(instrument!, 1)
      strategy.log(await strategy.changeOrder(order!, { volume: 2 }).then((answer) => answer.accepted))
      await strategy.cancelOrder(order!)
      const limit = await strategy.sell(instrument!, 1, { price: 1 })
      strategy.log(order!.status, limit.order!.status)
    }
    const record = await play(holds(1, close), synthetic, { cash: 100_000 })
    expect(record.lines).toEqual(['BUY 1 book, taking now 1', 'false', 'CANCELLED OPEN', 'change HALTED'])
    expect(record.orders.status.at(-1)).toBe(3)
    expect(verify(record, synthetic)).toEqual({ agrees: true })
  })

  test('settle on bars and on a book in one run', async () => {
    class Both extends BarStrategy {
      sent = new Set<string>()
      async onBar({ target: { instrument } }: BarEvent) {
        if (this.sent.has(instrument.name)) return
        this.sent.add(instrument.name)
        await this.buy(instrument, 1)
      }
      async onExit() {
        await this.closeAll()
      }
      onSold({ target: { rule } }: TradeEvent) {
        this.log(rule)
      }
    }
    const bars = randomWalk({ bars: 10, seed: 3 })
    const data = { ...bars, exchanges: [bars, synthetic] }
    const record = await play(Both, data, { cash: 100_000 })
    expect(record.lines.toSorted()).toEqual(['last book', 'last book', 'last close'])
    expect(verify(record, data)).toEqual({ agrees: true })
  })
})
