import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { report, Timeline } from '#analysis'
import { type DataSet, joined, whenTold } from '#data'
import { verify } from '#engine'
import type { InstrumentSpec } from '#market'
import {
  type Acknowledgement,
  type BarEvent,
  BarStrategy,
  type Instrument,
  type Order,
  OrderType,
  type PortfolioView,
  RefusalCode,
  Side,
  sma,
} from 'outcry'
import { Axis } from '../src/app/chart/axis.ts'
import { type Candle, dataSet, fills, play, recordedMessages, run, series, settings } from './market.ts'

const HOUR = 3600e6
const DAY = 24 * HOUR
const start = Date.UTC(2024, 0, 1) * 1000

/** Bars at times of their own. */
function bars(
  spec: InstrumentSpec,
  times: readonly number[],
  candles: readonly Candle[] = times.map(() => 10),
) {
  const made = series({ lotSize: 1, ...spec }, candles)
  return { ...made, bars: { ...made.bars, time: Float64Array.from(times) } }
}
const hours = (count: number, from = start) => Array.from({ length: count }, (_, i) => from + i * HOUR)
const days = (count: number, from = start) => Array.from({ length: count }, (_, i) => from + i * DAY)
const iso = (time: number) => new Date(time / 1000).toISOString().slice(0, 16)
const told = (...sets: Parameters<typeof whenTold>[0][number][]) =>
  whenTold(sets, false).instruments.map(({ time }) => [...time].map(iso))

/** Two days of hours, which rise by one each, and of days; H is told first. */
const mixed = (): DataSet =>
  dataSet(
    bars(
      { name: 'H' },
      hours(72),
      Array.from({ length: 72 }, (_, i) => 100 + i),
    ),
    bars({ name: 'D' }, days(3), [
      [50, 60, 40, 55],
      [56, 66, 46, 61],
      [62, 72, 52, 67],
    ]),
  )

describe('bars of several lengths come', () => {
  test('when they have ended: a day together with its last hour, after it, and nothing of it is known before', async () => {
    const seen: string[] = []
    class Listens extends BarStrategy {
      average = this.indicator(sma(1), this.instruments()[1]!)
      onBar({ target: bar }: BarEvent) {
        const daily = this.instruments()[1]!
        if (bar.instrument === daily) seen.push(`${iso(bar.time * 1000)} told ${iso(this.now() * 1000)}`)
        else if ([122, 123, 124, 146, 147].includes(bar.close))
          seen.push(
            `${bar.close}: ${this.priceHistory(daily).length} ${this.average.value} ${this.position(daily).lastPrice}`,
          )
      }
    }
    const data = mixed()
    const record = await play(Listens, data)
    expect(seen).toEqual([
      '122: 0 NaN NaN',
      '123: 0 NaN NaN',
      '2024-01-01T00:00 told 2024-01-01T23:00',
      '124: 1 55 55',
      '146: 1 55 55',
      '147: 1 55 55',
      '2024-01-02T00:00 told 2024-01-02T23:00',
      '2024-01-03T00:00 told 2024-01-03T23:00',
    ])
    expect(record.equity.time.length).toBe(72)
    expect(verify(record, data)).toEqual({ agrees: true })
    // The chart has a row for each of these times, and the day stands where it was told.
    const axis = new Axis(data, 1, 'UTC')
    expect([...axis.time]).toEqual([...record.equity.time])
    expect([...axis.rowOfBar]).toEqual([23, 47, 71])
  })

  test('whichever exchange they are of', async () => {
    const seen: string[] = []
    class Listens extends BarStrategy {
      onBar({ target: bar }: BarEvent) {
        if (bar.instrument.name === 'D') seen.push(iso(this.now() * 1000))
      }
    }
    const [hourly, daily] = mixed().instruments
    const one = { ...dataSet(daily!), id: 'first' }
    const other = { ...dataSet(hourly!), id: 'second' }
    await play(Listens, joined('both', [one, other]))
    expect(seen).toEqual(['2024-01-01T23:00', '2024-01-02T23:00', '2024-01-03T23:00'])
  })

  test('beside a market that goes on between bars at their ends', async () => {
    const seen: string[] = []
    class Listens extends BarStrategy {
      onBar({ target: bar }: BarEvent) {
        if (bar.instrument.name === 'H') seen.push(iso(this.now() * 1000))
      }
    }
    const venue = {
      ...recordedMessages(['36000.0,1,1,100,100000,1', '43200.0,1,2,100,110000,-1']),
      id: 'venue',
    }
    const shares = { ...dataSet(bars({ name: 'H' }, hours(4, 9 * HOUR))), id: 'shares' }
    await run({ strategy: Listens, data: [shares, venue], settings: settings() })
    expect(seen).toEqual(['10:00', '11:00', '12:00', '13:00'].map((at) => `1970-01-01T${at}`))
  })
})

describe('on a bar that is longer than others of the run an order', () => {
  /** Calls something once the hours have reached a price. */
  const at = (plan: Record<number, (strategy: BarStrategy, daily: Instrument) => unknown>) =>
    class extends BarStrategy {
      async onBar({ target: bar }: BarEvent) {
        if (bar.instrument.name === 'H') await plan[bar.close]?.(this, this.instruments()[1]!)
      }
    }
  const said = (answer: Acknowledgement) => (answer.accepted ? 'true' : answer.code)
  const buy = (instrument: Instrument) => ({ instrument, side: Side.BUY, type: OrderType.MARKET, volume: 1 })

  test('that was sent while it was under way waits for the next, and has filled when that has ended', async () => {
    const record = await play(at({ 112: (s, daily) => s.newOrder(buy(daily)) }), mixed())
    expect(fills(record)).toEqual(['buy 1 D at 56 on 1 by open'])
    expect(iso(record.fills.time[0]!)).toBe('2024-01-02T23:00')
  })

  test('that was sent at its open fills there, as one from before the run does on the first', async () => {
    const record = await play(at({ 123: (s, daily) => s.newOrder(buy(daily)) }), mixed())
    expect(fills(record)).toEqual(['buy 1 D at 56 on 1 by open'])
    class AtStart extends BarStrategy {
      async onStart() {
        await this.newOrder(buy(this.instruments()[1]!))
      }
      onBar() {}
    }
    expect(fills(await play(AtStart, mixed()))).toEqual(['buy 1 D at 50 on 0 by open'])
  })

  test('can be taken back or changed until it opens, and not before it has ended', async () => {
    let order: Order
    const answers: string[] = []
    const limit = (daily: Instrument) => ({ ...buy(daily), type: OrderType.LIMIT, price: 30 })
    const plan = {
      110: async (s: BarStrategy, daily: Instrument) => (order = (await s.newOrder(limit(daily))).order!),
      // Under way is a bar that it does not enter.
      111: async (s: BarStrategy) =>
        answers.push(String((await s.changeOrder(order, { price: 31 })).accepted)),
      123: async (s: BarStrategy) =>
        answers.push(String((await s.changeOrder(order, { price: 32 })).accepted)),
      124: async (s: BarStrategy) => {
        const cancel = await s.cancelOrder(order)
        const change = await s.changeOrder(order, { price: 33 })
        answers.push(...[cancel, change].map(said))
      },
      147: async (s: BarStrategy) => answers.push(String((await s.cancelOrder(order)).accepted)),
    }
    const data = mixed()
    const record = await play(at(plan), data)
    const late = RefusalCode.ORDER_FINISHED
    // The day is told after the hour at whose end it ends, and is over by then.
    expect(answers).toEqual(['true', 'true', late, late, 'true'])
    expect(record.refusals[0]!.reason).toBe(
      'Order 1 may have filled on the bar of D that is under way, which is told when it has ended, since the run has shorter bars too; cancel or change it then.',
    )
    expect(verify(record, data)).toEqual({ agrees: true })
  })

  test('that follows a fill at its open has the whole bar to come', async () => {
    const record = await play(
      at({
        110: async (s, daily) => {
          const { order } = await s.newOrder(buy(daily))
          const stop = { ...buy(daily), side: Side.SELL, type: OrderType.STOP, stopPrice: 48 }
          await s.newOrder({ ...stop, after: order! })
        },
      }),
      mixed(),
    )
    expect(fills(record)).toEqual(['buy 1 D at 56 on 1 by open', 'sell 1 D at 48 on 1 by stop'])
  })
})

test('a daily rate of exchange beside hourly shares is used only when its day has ended', async () => {
  class Buys extends BarStrategy {
    async onBar({ target: bar }: BarEvent) {
      if (bar.instrument.name === 'H' && bar.close === 125) await this.buy(bar.instrument, 1)
    }
  }
  const data = dataSet(
    bars(
      { name: 'H', currency: 'EUR' },
      hours(72),
      Array.from({ length: 72 }, (_, i) => 100 + i),
    ),
    bars({ name: 'EURUSD', currency: 'USD' }, days(3), [
      [1.1, 1.2, 1, 1.15],
      [1.2, 1.3, 1.1, 1.25],
      [1.3, 1.4, 1.2, 1.35],
    ]),
  )
  const record = await play(Buys, data, { money: { currency: 'USD' } })
  expect(record.fills.rate![0]).toBe(1.15)
  const close = record.equity.time.indexOf(start + 46 * HOUR)
  expect(record.equity.value[close]).toBeCloseTo(10_000 + (146 - 126) * 1.15, 9)
  expect(record.equity.value[close + 1]).toBeCloseTo(10_000 - 126 * 1.15 + 147 * 1.25, 9)
})

describe('the end of a bar is known', () => {
  test('of days over weekends and missing days: it is that of the day', () => {
    const week = [0, 1, 2, 3, 4, 7, 8, 10, 11].map((day) => start + day * DAY)
    const [, daily] = told(bars({ name: 'H' }, hours(300)), bars({ name: 'D' }, week))
    expect(daily).toEqual(week.map((time) => iso(time + 23 * HOUR)))
  })

  test('of days beside the hours of a session: after its last', () => {
    const session = days(5).flatMap((day) => hours(7, day + 9.5 * HOUR))
    // Half a day on the third.
    session.splice(17, 4)
    const [hourly, daily] = told(bars({ name: 'H' }, session), bars({ name: 'D' }, days(5)))
    expect(hourly).toEqual(session.map(iso))
    expect(daily).toEqual(days(5).map((time) => iso(time + 23 * HOUR)))
  })

  test('of months of several lengths, the last of which has none after it', () => {
    const months = [0, 1, 2, 3].map((month) => Date.UTC(2024, month, 1) * 1000)
    const [, monthly] = told(bars({ name: 'D' }, days(130)), bars({ name: 'M' }, months))
    expect(monthly).toEqual(['2024-01-31T00:00', '2024-02-29T00:00', '2024-03-31T00:00', '2024-05-01T00:00'])
  })

  test('of days that begin at the midnight of a zone, when its clock is changed', () => {
    // New York: 2024-03-10 has 23 hours, 2024-11-03 has 25.
    const local = ['2024-03-09T05', '2024-03-10T05', '2024-03-11T04', '2024-03-12T04', '2024-11-02T04']
    local.push('2024-11-03T04', '2024-11-04T05', '2024-11-05T05')
    const stamps = local.map((text) => Date.parse(`${text}:00Z`) * 1000)
    const [, daily] = told(bars({ name: 'H' }, hours(7500, stamps[0])), bars({ name: 'D' }, stamps))
    expect(daily!.slice(0, 3)).toEqual(['2024-03-10T04:00', '2024-03-11T03:00', '2024-03-12T03:00'])
    expect(daily!.slice(4, 7)).toEqual(['2024-11-03T03:00', '2024-11-04T04:00', '2024-11-05T04:00'])
  })

  test('of bars that are stamped with it', () => {
    const closes = { ...bars({ name: 'C' }, hours(5, start + HOUR)), stamped: 'close' as const }
    const [open, close] = told(bars({ name: 'O' }, hours(5)), closes)
    expect(open).toEqual(close)
    expect(close![0]).toBe('2024-01-01T01:00')
  })

  test('of one bar alone, which is as long as the longest of the others', () => {
    const [, , one] = told(
      bars({ name: 'H' }, hours(72)),
      bars({ name: 'D' }, days(3)),
      bars({ name: 'O' }, [start + DAY]),
    )
    expect(one).toEqual(['2024-01-02T23:00'])
  })
})

const lengths = [60e6, 300e6, HOUR, 4 * HOUR, DAY, 7 * DAY]
/** Bars of a length with some missing, of which most follow one another. */
const gappy = (length: number) =>
  fc
    .array(fc.constantFrom(1, 1, 1, 1, 1, 2, 3), { minLength: 8, maxLength: 40 })
    .filter((gaps) => gaps.filter((gap) => gap === 1).length * 2 > gaps.length)
    .map((gaps) => {
      const times = [start]
      for (const gap of gaps) times.push(times.at(-1)! + gap * length)
      return times
    })

test('bars that all have one length come at their stamps, whatever is missing', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...lengths).chain((length) => fc.array(gappy(length), { minLength: 1, maxLength: 4 })),
      (all) => {
        const sets = all.map((times, i) => bars({ name: `I${i}` }, times))
        for (const [i, { time, opens }] of whenTold(sets, false).instruments.entries()) {
          expect(time).toBe(sets[i]!.bars.time)
          expect(opens).toBeUndefined()
        }
      },
    ),
  )
})

test('bars of any lengths come in the order of their ends, none before its own', () => {
  const any = fc.constantFrom(...lengths).chain((length) => gappy(length).map((times) => ({ length, times })))
  fc.assert(
    fc.property(fc.array(any, { minLength: 2, maxLength: 4 }), (all) => {
      const sets = all.map(({ times }, i) => bars({ name: `I${i}` }, times))
      const shortest = Math.min(...all.map(({ length }) => length))
      const { instruments } = whenTold(sets, false)
      for (const [i, { length, times }] of all.entries())
        expect([...instruments[i]!.time]).toEqual(times.map((stamp) => stamp + length - shortest))
    }),
  )
})

test('with any orders on bars of several lengths no fill is at a price from before it was sent, and all that looks back agrees', async () => {
  const request = fc.record({
    hour: fc.nat(70),
    daily: fc.boolean(),
    kind: fc.constantFrom('buy', 'sell', 'limit', 'stop', 'cancel'),
    off: fc.integer({ min: -15, max: 15 }),
  })
  await fc.assert(
    fc.asyncProperty(fc.array(request, { maxLength: 25 }), async (requests) => {
      const seen: PortfolioView[] = []
      class Any extends BarStrategy {
        #hours = 0
        async onBar({ target: bar }: BarEvent) {
          seen.push(this.portfolio())
          if (bar.instrument.name === 'H') {
            for (const { hour, daily, kind, off } of requests) {
              if (hour !== this.#hours) continue
              const instrument = this.instruments()[Number(daily)]!
              const market = { instrument, side: off > 0 ? Side.BUY : Side.SELL, volume: 1 }
              const price = (daily ? 60 : 140) + off
              if (kind === 'buy') await this.buy(instrument, 1)
              else if (kind === 'sell') await this.sell(instrument, 1)
              else if (kind === 'limit') await this.newOrder({ ...market, type: OrderType.LIMIT, price })
              else if (kind === 'stop')
                await this.newOrder({ ...market, type: OrderType.STOP, stopPrice: price })
              else for (const order of this.orders()) await this.cancelOrder(order)
            }
            this.#hours++
          }
        }
      }
      const data = mixed()
      const record = await play(Any, data)
      const { fills: rows, orders } = record
      for (let i = 0; i < rows.time.length; i++) {
        const opened = data.instruments[rows.instrument[i]!]!.bars.time[rows.bar[i]!]!
        expect(opened).toBeGreaterThanOrEqual(orders.time[rows.order[i]! - 1]! + HOUR)
        expect(rows.time[i]).toBeGreaterThanOrEqual(opened)
      }
      expect(verify(record, data)).toEqual({ agrees: true })
      const timeline = new Timeline(record, data)
      for (let index = 0; index < timeline.length; index++) {
        const { kind, bars } = timeline.moment(index)
        if (kind !== 'bar') continue
        const { account } = timeline.standing(index)
        expect(account.cash).toBeCloseTo(seen[bars - 1]!.cash, 6)
        expect(account.equity).toBeCloseTo(seen[bars - 1]!.equity, 6)
      }
      expect(report(record, data).buyAndHold.length).toBe(record.equity.time.length)
    }),
    { numRuns: 40 },
  )
})
