import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Timeline } from '#analysis'
import { type BarEvent, BarStrategy, OrderType, type PortfolioView, Side, sma } from 'outcry'
import { type Candle, dataSet, market, play, series } from './market.ts'

const words = (timeline: Timeline) =>
  Array.from({ length: timeline.length }, (_, index) => {
    const { kind, row, bars } = timeline.moment(index)
    return `${kind} ${row} after ${bars}`
  })

/** Buys at the first bar with a limit that it moves, and sells what it got. */
class Moves extends BarStrategy {
  #bars = 0
  average = this.indicator(sma(2))
  async onBar({ target: { instrument } }: BarEvent) {
    this.#bars++
    if (this.#bars === 1) {
      const limit = { instrument, side: Side.BUY, type: OrderType.LIMIT, volume: 10 }
      const { order } = await this.newOrder({ ...limit, price: 5 })
      await this.changeOrder(order!, { price: 9 })
    }
    if (this.#bars === 3) await this.sell(instrument, 10)
  }
}
const moving = market(10, [10, 10, 8, 8], [8, 12, 8, 12], 6)

test('a run is a row of moments: bars, and what happened to orders between them', async () => {
  const record = await play(Moves, moving)
  const timeline = new Timeline(record, moving)
  expect(words(timeline)).toEqual([
    'bar 0 after 1',
    'order 0 after 1',
    'change 0 after 1',
    'fill 0 after 1',
    'end 0 after 1',
    'bar 1 after 2',
    'bar 2 after 3',
    'order 1 after 3',
    'fill 1 after 3',
    'end 1 after 3',
    'bar 3 after 4',
  ])
})

test('at every moment stand the account, its orders with the terms of then, and the lines that were drawn', async () => {
  const record = await play(Moves, moving)
  const timeline = new Timeline(record, moving)
  const asked = timeline.standing(1)
  expect(asked.working).toMatchObject([{ id: 1, side: Side.BUY, volume: 10, filled: 0, price: 5 }])
  expect(asked.plots).toEqual([{ name: 'SMA 2', instrument: 0, value: NaN }])
  expect(timeline.standing(2).working).toMatchObject([{ id: 1, price: 9 }])
  expect(timeline.standing(3).working, 'what is filled works no longer').toEqual([])
  const rose = timeline.standing(6)
  expect(rose.working).toEqual([])
  expect(rose.positions).toMatchObject([{ size: 10, averagePrice: 9, lastPrice: 12, unrealizedPnl: 30 }])
  expect(rose.account).toMatchObject({ cash: 9910, equity: 10_030 })
  expect(rose.plots).toMatchObject([{ value: 10 }])
  // Sold at the next open, 6: what came later is not part of the moment before.
  expect(timeline.standing(7).account.equity).toBe(10_030)
  expect(timeline.standing(8).account).toMatchObject({ cash: 9970, equity: 9970 })
  expect(timeline.standing(10).drawdown).toBeCloseTo(9970 / 10_030 - 1, 12)
})

test('at a fill at the open the drawdown is that of the equity then, and the bar has not been told', async () => {
  class Buys extends BarStrategy {
    #asked = false
    async onBar({ target: { instrument } }: BarEvent) {
      if (!this.#asked) await this.buy(instrument, 100)
      this.#asked = true
    }
  }
  // Bought at 10 and a commission of 1 %; the bar then falls by a half.
  const falling = market(10, [10, 10, 5, 5], 6)
  const record = await play(Buys, falling, { costs: { commission: 0.01, slippage: 0 } })
  const timeline = new Timeline(record, falling)
  const [monday, tuesday] = falling.instruments[0]!.bars.time
  const fill = timeline.standing(timeline.find({ kind: 'fill' }, 0, 1)!)
  expect(fill).toMatchObject({ told: monday, moment: { time: tuesday }, account: { equity: 9990 } })
  expect(fill.drawdown).toBeCloseTo(-0.001, 12)
  const bar = timeline.standing(timeline.find({ kind: 'bar' }, fill.moment.bars + 1, 1)!)
  expect(bar).toMatchObject({ told: tuesday, account: { equity: 9490 } })
  expect(bar.drawdown).toBeCloseTo(-0.051, 12)
})

test('moments are found in both directions, and none past the ends', async () => {
  const timeline = new Timeline(await play(Moves, moving), moving)
  expect(timeline.find({ kind: 'fill' }, 0, 1)).toBe(3)
  expect(timeline.find({ kind: 'fill' }, 3, 1)).toBe(8)
  expect(timeline.find({ kind: 'fill' }, 8, 1)).toBeUndefined()
  expect(timeline.find({ kind: 'fill' }, 8, -1)).toBe(3)
  expect(timeline.find({ kind: 'bar' }, 0, 1)).toBe(5)
  expect(timeline.find({ kind: 'bar' }, 8, 1)).toBe(10)
  expect(timeline.find({ kind: 'bar' }, 8, -1)).toBe(6)
  expect(timeline.find({ kind: 'bar' }, 10, 1)).toBeUndefined()
  expect(timeline.find({ kind: 'bar' }, 0, -1)).toBeUndefined()
  expect(timeline.find({ kind: 'flat' }, 0, 1)).toBe(8)
  expect(timeline.find({ kind: 'drawdown', below: 0.005 }, 0, 1)).toBe(10)
  expect(timeline.find({ kind: 'drawdown', below: 0.5 }, 0, 1)).toBeUndefined()
  expect(timeline.find({ kind: 'order-from', places: new Set([1]) }, 0, 1)).toBe(7)
  expect(timeline.find({ kind: 'of-order', order: 0 }, 1, 1)).toBe(2)
  expect(timeline.find({ kind: 'of-order', order: 1 }, 3, 1)).toBe(7)
  expect(timeline.find({ kind: 'of-order', order: 0 }, 4, 1)).toBeUndefined()
  expect(timeline.find({ kind: 'time', at: moving.instruments[0]!.bars.time[2]! }, 0, 1)).toBe(7)
  expect(() => timeline.moment(11)).toThrow('Moment 11 of a run that has 11')
})

const terms = ({
  id,
  volume,
  filled,
  price,
}: {
  id: number
  volume: number
  filled: number
  price: number
}) => `${id}: ${filled} of ${volume} at ${price}`

test('at any moment stands what the strategy itself saw then, on any market, with any orders', async () => {
  const price = fc.integer({ min: 5, max: 15 })
  const candle = fc.tuple(price, price, price, price).map((prices): Candle => {
    const [open, high, low, close] = [prices[0], Math.max(...prices), Math.min(...prices), prices[3]]
    return [open, high, low, close]
  })
  const candles = fc.array(candle, { minLength: 3, maxLength: 25 })
  const wishes = fc.array(
    fc.record({ side: fc.constantFrom(Side.BUY, Side.SELL), volume: fc.integer({ min: 1, max: 30 }), price }),
    { minLength: 3, maxLength: 25 },
  )
  await fc.assert(
    fc.asyncProperty(candles, candles, wishes, async (first, second, plan) => {
      const seen: { number: number; account: PortfolioView; working: string[] }[] = []
      const sold: PortfolioView[] = []
      let bars = 0
      class Any extends BarStrategy {
        async onBar({ target: { instrument } }: BarEvent) {
          seen.push({
            number: ++bars,
            account: this.portfolio(),
            working: this.orders().map(terms),
          })
          const wish = plan[bars % plan.length]!
          const [working] = this.orders()
          if (working?.type === OrderType.LIMIT && bars % 4 === 0)
            await this.changeOrder(working, { price: wish.price })
          else if (working && bars % 5 === 0) await this.cancelOrder(working)
          else
            await this.newOrder({
              instrument,
              ...wish,
              ...(bars % 3 ? { type: OrderType.LIMIT } : { price: undefined }),
            })
        }
        onTraded() {
          sold.push(this.portfolio())
        }
      }
      const spec = (name: string) => ({ name, lotSize: 1 })
      const data = dataSet(series(spec('A'), first), series(spec('B'), second, 2))
      const record = await play(Any, data, { cash: 3000, leverage: 2 })
      const timeline = new Timeline(record, data)
      const moments = Array.from({ length: timeline.length }, (_, index) => timeline.moment(index))
      for (let i = 1; i < moments.length; i++)
        expect(!(moments[i]!.time < moments[i - 1]!.time), 'time goes forward').toBe(true)
      const told = moments.flatMap(({ kind }, index) => (kind === 'bar' ? [index] : []))
      for (const { number, account, working } of seen) {
        const standing = timeline.standing(told[number - 1]!)
        expect(standing.account).toEqual(account)
        expect(standing.working.map(terms)).toEqual(working)
      }
      const filled = moments.flatMap(({ kind }, index) => (kind === 'fill' ? [index] : []))
      sold.forEach((account, fill) => expect(timeline.standing(filled[fill]!).account).toEqual(account))
    }),
    { numRuns: 100 },
  )
})
