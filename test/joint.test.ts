import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { report } from '#analysis'
import type { DataSet } from '#data'
import {
  createRun,
  dataOf,
  type JointRunOptions,
  type LogEntry,
  type RunOptions,
  type RunSettings,
  verify,
} from '#engine'
import { type BarEvent, BarStrategy, type Order, sma, Strategy, type TradeEvent } from 'outcry'
import { breathe, dataSet, market, play, series, settings } from './market.ts'
import { candle, sends, steps } from './random-strategy.ts'

async function together(
  options: Omit<JointRunOptions, 'settings'> & Partial<Pick<JointRunOptions, 'settings'>>,
) {
  const lines: string[] = []
  const log = ({ strategy, text }: LogEntry) => void lines.push(`${strategy ?? ''} ${text}`)
  const run = createRun({ settings: settings(), log, ...options })
  await run.complete(breathe)
  return { ...run.record(), lines }
}

/** One strategy on several exchanges. */
async function alone(
  strategy: RunOptions['strategy'],
  data: readonly DataSet[],
  changes: Partial<RunSettings> = {},
) {
  const run = createRun({ strategy, data, settings: settings(changes) })
  await run.complete(breathe)
  return run.record()
}

/** Daily data under an id of its own. */
const named = (id: string, ...args: Parameters<typeof series>): DataSet => ({
  ...dataSet(series(...args)),
  id,
})

describe('several exchanges', () => {
  test('give all that they have, in the order of time, and of equal times the first exchange first (EN-08)', async () => {
    const three = named('three', { name: 'A' }, [1, 2, 3], 10)
    const fifty = named(
      'fifty',
      { name: 'B' },
      Array.from({ length: 50 }, (_, i) => 100 + i),
    )
    class Hears extends Strategy {
      onTrade({ target }: TradeEvent) {
        this.log(`${target.exchange}/${target.instrument.name} ${target.price}`)
      }
    }
    const lines: string[] = []
    const run = createRun({
      strategy: Hears,
      data: [three, fifty],
      settings: settings(),
      log: ({ text }) => void lines.push(text),
    })
    await run.complete(breathe)
    expect(lines.length).toBe(53)
    expect(lines.slice(8, 17)).toEqual([
      'fifty/B 108',
      'fifty/B 109',
      'three/A 1',
      'fifty/B 110',
      'three/A 2',
      'fifty/B 111',
      'three/A 3',
      'fifty/B 112',
      'fifty/B 113',
    ])
  })

  test('with bars of one stamp fill what fills there before any of these bars is told, however they are listed', async () => {
    // A day's close of one cannot take an order off the same day's open of the other.
    class TakesBack extends BarStrategy {
      async onBar({ target: bar }: BarEvent) {
        const [b] = this.instruments().filter(({ name }) => name === 'B')
        if (bar.instrument === b) {
          if (this.pastOrders(b).length === 0 && this.orders(b).length === 0) await this.buy(b, 1)
        } else for (const order of this.orders(b!)) await this.cancelOrder(order)
      }
    }
    const a = named('a', { name: 'A' }, [10, 9, 8])
    const b = named('b', { name: 'B' }, [20, 21, 22])
    for (const [data, isFirst] of [
      [[a, b], false],
      [[b, a], true],
    ] as const) {
      const record = await alone(TakesBack, data)
      const filled = Array.from(record.fills.time, (time, i) => [time, record.fills.price[i]])
      // Listed second, B's order is sent after A's bar of that day; listed first, A's bar takes it back at once.
      expect(filled).toEqual(isFirst ? [] : [[b.instruments[0]!.bars.time[1], 21]])
    }
  })

  test('exchange money at the rate that was told before the bars of the stamp, wherever the pair is listed', async () => {
    class Buys extends BarStrategy {
      seen = 0
      onBar({ target: { instrument } }: BarEvent) {
        if (instrument.name === 'SAP' && ++this.seen === 2) void this.buy(instrument, 10)
      }
    }
    const pair = named('fx', { name: 'EURUSD', type: 'CURRENCY', currency: 'USD' }, [
      1.1,
      [1.1, 1.2, 1.1, 1.2],
      1.2,
    ])
    const share = named('xetra', { name: 'SAP', currency: 'EUR', lotSize: 1 }, [100, 101, 102])
    const money = { currency: 'USD' }
    const of = async (data: DataSet[]) => {
      const record = await alone(Buys, data, { money })
      return record.equity.cash.at(-1)
    }
    expect(await of([pair, share])).toBeCloseTo(10_000 - 1020 * 1.2, 6)
    expect(await of([share, pair])).toBeCloseTo(10_000 - 1020 * 1.2, 6)
  })

  test('let orders of the end trade on each at its last price', async () => {
    class Both extends BarStrategy {
      async onBar({ target: { instrument } }: BarEvent) {
        if (this.position(instrument).size === 0 && this.pastOrders(instrument).length === 0)
          await this.buy(instrument, 2)
      }
      async onExit() {
        await this.closeAll()
      }
    }
    const data = [named('one', { name: 'A' }, [5, 6, 7]), named('two', { name: 'A' }, [9, 8, 7, 6])]
    const run = createRun({ strategy: Both, data, settings: settings() })
    await run.complete(breathe)
    const record = run.record()
    expect([...record.fills.price]).toEqual([6, 8, 7, 6])
    expect(record.rules).toEqual(['open', 'last close'])
    expect(record.instruments.map(({ exchange }) => exchange)).toEqual(['one', 'two'])
    expect(verify(record, data)).toEqual({ agrees: true })
  })

  test('of one name are refused', () => {
    const data = [named('one', { name: 'A' }, [5]), named('one', { name: 'B' }, [5])]
    class Idle extends BarStrategy {
      onBar() {}
    }
    expect(() => createRun({ strategy: Idle, data, settings: settings() })).toThrow(
      "Two exchanges of the run are called 'one'; give each data set an id, or its instruments an exchange, of its own",
    )
  })
})

class Buyer extends BarStrategy {
  volume = this.input('volume', 3)
  async onBar({ target: { instrument } }: BarEvent) {
    if (this.pastOrders().length === 0) await this.buy(instrument, this.volume)
  }
}
class Seller extends BarStrategy {
  async onBar({ target: { instrument } }: BarEvent) {
    if (this.pastOrders().length === 0) await this.sell(instrument, 1)
  }
}

describe('several strategies', () => {
  test('have positions of their own that add up to those of the account (PF-07)', async () => {
    const data = market(10, 11, 12)
    const record = await together({
      strategies: [{ strategy: Buyer }, { strategy: Seller, name: 'short' }],
      data,
    })
    const [a, b] = record.strategies!
    expect([a!.name, b!.name]).toEqual(['Buyer', 'short'])
    expect([a!, b!].map(({ fills }) => [...fills.side].map((side, i) => side * fills.volume[i]!))).toEqual([
      [3],
      [-1],
    ])
    const { trades, all } = report(record, data)
    expect(all.openTrades).toBe(2)
    // What one bought and the other sold is no trade.
    expect([[...trades.strategy!], [...trades.size], [...trades.entryOrder]]).toEqual([
      [0, 1],
      [3, 1],
      [1, 2],
    ])
    expect([...record.owners!.orders]).toEqual([0, 1])
    for (const column of ['value', 'cash'] as const)
      record.equity[column].forEach((value, row) =>
        expect(value).toBeCloseTo(a!.equity[column][row]! + b!.equity[column][row]!, 9),
      )
    expect(record.equity.value.at(-1)).toBe(10_000 + 3 - 1)
    expect([a!.settings.cash, b!.settings.cash]).toEqual([5000, 5000])
  })

  test('have trades that are together those of the account, in the order of their exits', async () => {
    class Flips extends BarStrategy {
      period = this.input('period', 2)
      #bars = 0
      async onBar({ target: { instrument } }: BarEvent) {
        if (++this.#bars % this.period > 0) return
        if (this.position(instrument).size > 0) await this.closeAll(instrument)
        else await this.buy(instrument, this.period)
      }
    }
    const data = market(...Array.from({ length: 40 }, (_, i) => 100 + ((i * 7) % 13)))
    const record = await together({
      strategies: [2, 3, 5].map((period) => ({
        strategy: Flips,
        name: `${period}`,
        inputs: { period },
      })),
      data,
    })
    const { trades, all, account } = report(record, data)
    const parts = record.strategies!.map((part) => report(part, data))
    const sum = (of: (part: (typeof parts)[number]) => number) =>
      parts.reduce((sum, part) => sum + of(part), 0)
    expect(all.trades).toBe(sum(({ all }) => all.trades))
    expect(all.netProfit + all.openProfit).toBeCloseTo(
      sum(({ all }) => all.netProfit + all.openProfit),
      9,
    )
    expect(account.finalEquity).toBeCloseTo(
      sum(({ account }) => account.finalEquity),
      9,
    )
    expect(account.fees).toBeCloseTo(
      sum(({ account }) => account.fees),
      9,
    )
    const closed = [...trades.exitTime].filter((time) => !Number.isNaN(time))
    expect(closed).toEqual([...closed].sort((a, b) => a - b))
    // Every trade is of the strategy that sent its orders.
    trades.entryOrder.forEach((order, row) =>
      expect(record.owners!.orders[order - 1]).toBe(trades.strategy![row]),
    )
  })

  test('are told of an event one after the other, each whole before the next event', async () => {
    class Tells extends BarStrategy {
      async onBar({ target }: BarEvent) {
        this.log('in', target.close)
        await new Promise((resolve) => setTimeout(resolve, 1))
        this.log('out', target.close)
      }
    }
    const { lines } = await together({
      strategies: [{ strategy: Tells }, { strategy: Tells }],
      data: market(10, 11),
    })
    expect(lines).toEqual([
      '0 in 10',
      '0 out 10',
      '1 in 10',
      '1 out 10',
      '0 in 11',
      '0 out 11',
      '1 in 11',
      '1 out 11',
    ])
  })

  test('begin with the shares that are asked for, and have inputs of their own', async () => {
    const record = await together({
      strategies: [
        { strategy: Buyer, share: 0.7, inputs: { volume: 4 } },
        { strategy: Buyer },
        { strategy: Buyer, inputs: { volume: 5 } },
      ],
      data: market(10, 11),
    })
    expect(
      record.strategies!.map(({ name, settings, inputs }) => [name, Math.round(settings.cash), inputs]),
    ).toEqual([
      ['Buyer', 7000, { volume: 4 }],
      ['Buyer 2', 1500, { volume: 3 }],
      ['Buyer 3', 1500, { volume: 5 }],
    ])
  })

  test('hear only what they subscribed to, and only of orders of their own', async () => {
    const data = dataSet(series({ name: 'A' }, [1, 2, 3]), series({ name: 'B' }, [3, 4, 5]))
    class OnlyB extends Strategy {
      onStart() {
        this.subscribe(this.instruments()[1]!)
      }
      onTrade({ target }: TradeEvent) {
        this.log(target.instrument.name, target.price, target.myOrder !== undefined)
      }
      onOpen = () => this.log('a foreign order')
    }
    const { lines } = await together({ strategies: [{ strategy: Buyer }, { strategy: OnlyB }], data })
    expect(lines).toEqual(['1 B 3 false', '1 B 4 false', '1 B 5 false'])
  })

  test('cannot touch each other: not the orders, and not the account while it is not their turn', async () => {
    const orders: Order[] = []
    let other: BarStrategy | undefined
    class Victim extends BarStrategy {
      async onBar({ target: { instrument, close } }: BarEvent) {
        other = this
        if (close !== 10) return
        const answer = await this.buy(instrument, 1, { price: 5 })
        orders.push(answer.order!)
      }
    }
    class Meddler extends BarStrategy {
      async onBar({ target: { instrument, close } }: BarEvent) {
        if (close !== 11) return
        const [order] = orders
        const tries = [
          () => this.cancelOrder(order!),
          () => this.changeOrder(order!, { volume: 2 }),
          () => this.sell(instrument, 1, { after: order }),
          () => other!.sell(instrument, 1),
        ]
        for (const attempt of tries)
          try {
            await attempt()
          } catch (error) {
            this.log((error as Error).message)
          }
      }
    }
    const { lines, orders: asked } = await together({
      strategies: [{ strategy: Victim }, { strategy: Meddler }],
      data: market(10, 11, 12),
    })
    expect(lines).toEqual([
      '1 cancelOrder: order 1 was sent by another strategy or in another run; expected one of this.orders()',
      '1 changeOrder: order 1 was sent by another strategy or in another run; expected one of this.orders()',
      '1 sell: order 1 was sent by another strategy or in another run; expected one of this.orders()',
      '1 sell was called when no handler was running. Await it, and what leads to it, in the handler, or schedule it',
    ])
    expect(asked.time.length).toBe(1)
  })

  test('are told of the same bar, and none of them can write over it for the others', async () => {
    const bars: unknown[] = []
    class Vandal extends BarStrategy {
      onBar(event: BarEvent) {
        bars.push(event.target)
        for (const part of [event.target, event]) {
          Reflect.defineProperty(part, 'close', { get: () => 1e9 })
          Reflect.defineProperty(part, 'target', { get: () => undefined })
          Reflect.setPrototypeOf(part, null)
        }
      }
    }
    class Reader extends BarStrategy {
      mean = this.indicator(sma(2))
      onBar({ target: bar }: BarEvent) {
        bars.push(bar)
        this.log(bar.close, this.mean.value)
      }
    }
    const { lines } = await together({
      strategies: [{ strategy: Vandal }, { strategy: Reader }],
      data: dataSet(series({ name: 'A' }, [1, 2, 4])),
    })
    expect(lines).toEqual(['1 1 NaN', '1 2 1.5', '1 4 3'])
    expect(bars[0]).toBe(bars[1])
    expect(bars[0]).not.toBe(bars[2])
  })

  test('one of which is alone has the digest that it has by itself', async () => {
    const data = market(10, 11, 12, 13)
    const record = await together({ strategies: [{ strategy: Buyer, inputs: { volume: 2 } }], data })
    expect(record.digest).toBe((await play(Buyer, data, { inputs: { volume: 2 } })).digest)
    expect(record.strategies).toBeUndefined()
  })

  test('whose orders came in another order have another digest together, and the same each', async () => {
    const one = { strategy: Buyer, inputs: { volume: 2 } }
    const other = { strategy: Buyer, inputs: { volume: 3 } }
    const data = market(10, 11, 12, 13)
    const record = await together({ strategies: [one, other], data })
    const turned = await together({ strategies: [other, one], data })
    expect(turned.strategies!.map(({ digest }) => digest).reverse()).toEqual(
      record.strategies!.map(({ digest }) => digest),
    )
    expect(turned.digest).not.toBe(record.digest)
    expect((await together({ strategies: [one, other], data })).digest).toBe(record.digest)
  })

  test('are worth at every moment what each would be alone, while it holds nothing too', async () => {
    class Visits extends BarStrategy {
      enters = this.input('enters', 1)
      onBar({ target: { instrument } }: BarEvent) {
        const held = this.position(instrument).size > 0
        const past = this.pastOrders(instrument).length
        const [bar] = this.priceHistory(instrument, 1)
        if (!held && bar!.volume % 7 === this.enters) void this.buy(instrument, 1)
        else if (held && past % 2 === 1 && bar!.volume % 3 === 0) void this.sell(instrument, 1)
      }
    }
    const closes = Array.from({ length: 40 }, (_, i) => 50 + ((i * 17) % 23))
    const data = dataSet({
      ...series({ name: 'A' }, closes),
      bars: { ...series({ name: 'A' }, closes).bars, volume: Float64Array.from(closes, (_, i) => 100 + i) },
    })
    for (const fill of ['next-open', 'same-close'] as const) {
      const inputs = [{ enters: 1 }, { enters: 4 }, { enters: 9 }]
      const joint = createRun({
        strategies: inputs.map((inputs) => ({ strategy: Visits, inputs })),
        data,
        settings: { ...settings(), fill, cash: 3000 },
      })
      const alone = inputs.map((inputs) =>
        createRun({ strategy: Visits, data, settings: { ...settings(), fill, cash: 1000, inputs } }),
      )
      for (let over = false; !over;) {
        over = joint.toRest() === true
        const parts = joint.soFar().strategies!
        for (const [i, run] of alone.entries()) {
          run.toRest()
          const { equity } = run.soFar()
          expect(parts[i]!.equity).toEqual(equity)
        }
      }
      expect(joint.record().fills.order.length).toBeGreaterThan(8)
      const after = joint.record().equity.value.at(-1)!
      expect(joint.record().strategies!.reduce((sum, { equity }) => sum + equity.value.at(-1)!, 0)).toBe(
        after,
      )
    }
  })

  test('that fail stop the run with their error', async () => {
    class Throws extends BarStrategy {
      onBar() {
        throw new Error('no')
      }
    }
    await expect(
      together({ strategies: [{ strategy: Buyer }, { strategy: Throws }], data: market(1) }),
    ).rejects.toThrow('no')
  })

  test.each<[string, Omit<JointRunOptions, 'settings' | 'data'>, string]>([
    ['none at all', { strategies: [] }, 'The run has 0 strategies; expected 1 to 1000'],
    [
      'two of one name',
      {
        strategies: [
          { strategy: Buyer, name: 'x' },
          { strategy: Buyer, name: 'x' },
        ],
      },
      "Two strategies are called 'x'; give each a name of its own",
    ],
    [
      'shares beyond the whole',
      {
        strategies: [
          { strategy: Buyer, share: 0.7 },
          { strategy: Buyer, share: 0.7 },
        ],
      },
      'The shares of the cash come to 1.4; expected 1',
    ],
    [
      'a share that leaves nothing',
      { strategies: [{ strategy: Buyer, share: 1 }, { strategy: Buyer }] },
      'The shares of the cash come to 1; expected less than 1, which leaves something for the others',
    ],
    [
      'a share of nothing',
      { strategies: [{ strategy: Buyer, share: 0 }, { strategy: Buyer }] },
      'A share of the cash is 0; expected a fraction above 0 and at most 1',
    ],
  ])('that cannot be are refused: %s', async (_, options, message) => {
    await expect(together({ ...options, data: market(1) })).rejects.toThrow(message)
  })

  test('on bars do each what it would do alone, whatever is asked for, and the journal comes to all of it', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(steps, { minLength: 2, maxLength: 4 }),
        fc.array(candle, { minLength: 1, maxLength: 14, size: 'max' }),
        fc.array(candle, { maxLength: 9, size: 'max' }),
        fc.boolean(),
        async (asked, first, second, apart) => {
          const [x, y] = [
            series({ name: 'X', lotSize: 1 }, first),
            series({ name: 'Y', lotSize: 1 }, second, 2),
          ]
          const data = apart
            ? [
                { ...dataSet(x), id: 'x' },
                { ...dataSet(y), id: 'y' },
              ]
            : dataSet(x, y)
          const one = settings({ cash: 1000, costs: { commission: 0.01, slippage: 0.02 } })
          const all = { ...one, cash: 1000 * asked.length }
          const record = await together({
            strategies: asked.map((steps) => ({
              strategy: sends(steps),
              name: String(asked.indexOf(steps)),
            })),
            data,
            settings: all,
          })
          for (const [i, steps] of asked.entries()) {
            const alone = createRun({ strategy: sends(steps), data, settings: one })
            await alone.complete(breathe)
            expect(record.strategies![i]!.digest).toBe(alone.record().digest)
          }
          expect(verify(record, data)).toEqual({ agrees: true })
        },
      ),
      { numRuns: 60 },
    )
  }, 120_000)

  test('on bars and on a market that makes itself come to the same again, from the journal too', async () => {
    const synthetic = { seed: 5, seconds: 60, agents: 40, barSeconds: 5, latency: 20_000 }
    const made = { id: 'made', name: 'Made', provenance: '', instruments: [], synthetic }
    const daily = series({ name: 'X' }, [10, 12, 11, 13, 12, 14])
    const time = daily.bars.time.map((_, i) => Date.UTC(2024, 0, 2, 14, 30, 7 * i) * 1000)
    const bars = dataSet({ ...daily, bars: { ...daily.bars, time } })
    class Quotes extends Strategy {
      async onStart() {
        this.periodic(() => this.quote(), { seconds: 1.3 })
      }
      async quote() {
        await this.cancelAll()
        const made = this.instruments().find(({ exchange }) => exchange === 'made')!
        const book = this.book(made)!
        if (book.mid > 0) await this.buy(made, 1, { price: book.bestBid })
      }
      async onTrade({ target: { instrument, myOrder } }: TradeEvent) {
        if (myOrder) await this.target(instrument, 0.05)
      }
    }
    const data = [bars, made]
    const options = {
      strategies: [{ strategy: Quotes }, { strategy: Buyer }, { strategy: Quotes }],
      data,
      settings: settings({ cash: 1e6 }),
    }
    const record = await together(options)
    expect(record.strategies!.map(({ fills }) => fills.time.length > 0)).toEqual([true, true, true])
    expect((await together(options)).digest).toBe(record.digest)
    expect(verify(record, data)).toEqual({ agrees: true })
    expect(report(record, dataOf(record, { ...bars, instruments: [] })).account.finalEquity).toBe(
      record.equity.value.at(-1),
    )
    expect(new Set(record.books[1]!.ownOrder).size).toBeGreaterThan(5)
    expect(record.books[0]!.levels).toBe(0)
  })
})
