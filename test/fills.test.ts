import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { report, Timeline } from '#analysis'
import type { DataSet } from '#data'
import { type RunSettings, verify } from '#engine'
import { commissionOf, costExamples, type Costs, slippageOf } from '#exchange'
import type { InstrumentSpec } from '#market'
import {
  type BarEvent,
  BarStrategy,
  type OrderEvent,
  OrderFlag,
  type OrderRequest,
  Side,
  type Trade,
} from 'outcry'
import { type Candle, dataSet, fills, market, play, series } from './market.ts'

/** Sends the given orders on the first bar. */
function sends(...requests: Omit<OrderRequest, 'instrument'>[]) {
  return class extends BarStrategy {
    sent = false
    async onBar({ target: { instrument } }: BarEvent) {
      if (this.sent) return
      this.sent = true
      for (const request of requests) await this.newOrder({ ...request, instrument })
    }
  }
}

const { BUY: buy, SELL: sell } = Side
const rich = { cash: 1e9 }
const free: Costs = { commission: 0, slippage: 0 }

/** Bars of `X`, each a candle and its volume. */
function traded(rows: readonly (readonly [Candle, number])[], spec: Partial<InstrumentSpec> = {}): DataSet {
  const one = series(
    { name: 'X', lotSize: 1, ...spec },
    rows.map(([candle]) => candle),
  )
  return dataSet({ ...one, bars: { ...one.bars, volume: Float64Array.from(rows, ([, volume]) => volume) } })
}

/** What becomes of orders that are given on a first bar at 10: the fills, then how the orders ended. */
async function outcome(
  requests: readonly Omit<OrderRequest, 'instrument'>[],
  rows: readonly (readonly [Candle, number])[],
  changes: Partial<RunSettings> = {},
) {
  const record = await play(sends(...requests), traded([[10, 1000], ...rows]), { ...rich, ...changes })
  return [...fills(record).map((fill) => fill.replace(' X', '')), ...[...record.orders.status].map(statusOf)]
}
const statusOf = (status: number) => ['new', 'open', 'filled', 'cancelled', 'rejected'][status]!

describe("a bar's volume", () => {
  test('bounds what a market order gets in it; the rest fills at the opens that follow', async () => {
    expect(
      await outcome(
        [{ side: buy, volume: 100 }],
        [
          [11, 60],
          [12, 30],
          [13, 50],
        ],
      ),
    ).toEqual([
      'buy 60 at 11 on 1 by open, volume share',
      'buy 30 at 12 on 2 by open, volume share',
      'buy 10 at 13 on 3 by open',
      'filled',
    ])
  })

  test('is shared by all our orders on it, stops before limits', async () => {
    expect(
      await outcome(
        [
          { side: sell, volume: 40, price: 12 },
          { side: sell, volume: 40, stopPrice: 8 },
        ],
        [
          [[10, 13, 7, 10], 50],
          [[10, 13, 9, 10], 50],
        ],
      ),
    ).toEqual([
      'sell 40 at 8 on 1 by stop',
      'sell 10 at 12 on 1 by limit, volume share',
      'sell 30 at 12 on 2 by limit',
      'filled',
      'filled',
    ])
  })

  test('goes to the limit whose price is reached first, whichever was sent first', async () => {
    const buys = [92, 95].map((price) => ({ side: buy, volume: 10, price: price / 10 }))
    const sells = [10.8, 10.5].map((price) => ({ side: sell, volume: 10, price }))
    const row = [[10, 11, 9, 10], 10] as const
    expect((await outcome(buys, [row]))[0]).toBe('buy 10 at 9.5 on 1 by limit')
    expect((await outcome(sells, [row]))[0]).toBe('sell 10 at 10.5 on 1 by limit')
    const same = [9.5, 9.5].map((price, i) => ({ side: buy, volume: 10 + i, price }))
    expect(await outcome(same, [row])).toEqual(['buy 10 at 9.5 on 1 by limit', 'filled', 'cancelled'])
  })

  test('goes to the stop that is reached first, and to what fills at the open before either', async () => {
    const stops = [10.9, 10.5].map((stopPrice) => ({ side: buy, volume: 10, stopPrice }))
    const row = [[10, 11, 9, 10], 10] as const
    expect(await outcome(stops, [row, [12, 100]])).toEqual([
      'buy 10 at 10.5 on 1 by stop',
      'buy 10 at 12 on 2 by stop carried over',
      'filled',
      'filled',
    ])
    expect((await outcome([...stops, { side: buy, volume: 10, price: 10 }], [row]))[0]).toBe(
      'buy 10 at 10 on 1 by limit at open',
    )
  })

  test('goes to a stop before a limit, wherever they lie', async () => {
    const row = [[10, 12, 8, 10], 10] as const
    const stop = { side: buy, volume: 10, stopPrice: 11 }
    const limit = { side: sell, volume: 10, price: 10.5 }
    expect((await outcome([stop, limit], [row]))[0]).toBe('buy 10 at 11 on 1 by stop')
    expect((await outcome([{ side: buy, volume: 10, price: 9.9 }, stop], [row]))[0]).toBe(
      'buy 10 at 11 on 1 by stop',
    )
  })

  test('goes to the nearer of two stops around the open, or of two limits', async () => {
    const row = [[10, 12, 8, 10], 10] as const
    const first = async (...requests: Parameters<typeof outcome>[0]) => (await outcome(requests, [row]))[0]
    const [above, below] = [
      { side: buy, volume: 10, stopPrice: 11.5 },
      { side: sell, volume: 10, stopPrice: 9 },
    ]
    expect(await first(above, below)).toBe('sell 10 at 9 on 1 by stop')
    expect(await first(below, above)).toBe('sell 10 at 9 on 1 by stop')
    expect(await first({ side: sell, volume: 10, price: 11.5 }, { side: buy, volume: 10, price: 9 })).toBe(
      'buy 10 at 9 on 1 by limit',
    )
    // As near as each other: in the order they were sent.
    expect(await first({ ...above, stopPrice: 11 }, below)).toBe('buy 10 at 11 on 1 by stop')
    expect(await first(below, { ...above, stopPrice: 11 })).toBe('sell 10 at 9 on 1 by stop')
  })

  test('is had by several instruments in the same turns: stops before limits, the nearer, then as they were sent', async () => {
    class Both extends BarStrategy {
      async onBar() {
        if (this.pastOrders().length > 0) return
        const [x, y] = this.instruments()
        await this.buy(x!, 1, { price: 9 })
        await this.buy(y!, 1, { price: 9 })
        await this.buy(x!, 1, { price: 9.5 })
        await this.buy(y!, 1, { stopPrice: 11 })
      }
    }
    const rows: Candle[] = [10, [10, 12, 8, 10]]
    const data = dataSet(series({ name: 'X', lotSize: 1 }, rows), series({ name: 'Y', lotSize: 1 }, rows))
    expect(fills(await play(Both, data, rich)).map((fill) => fill.replace(/ on 1 by.*/, ''))).toEqual([
      'buy 1 Y at 11',
      'buy 1 X at 9.5',
      'buy 1 X at 9',
      'buy 1 Y at 9',
    ])
  })

  test('leaves of a stop order a market order', async () => {
    expect(
      await outcome(
        [{ side: sell, volume: 50, stopPrice: 8 }],
        [
          [[10, 10, 7, 9], 20],
          [[9, 12, 9, 12], 100],
        ],
      ),
    ).toEqual(['sell 20 at 8 on 1 by stop, volume share', 'sell 30 at 9 on 2 by stop carried over', 'filled'])
  })

  test('counts only in part where a share is asked for, in whole lots', async () => {
    const bars = { volumeShare: 0.25 }
    expect(
      await outcome(
        [{ side: buy, volume: 40 }],
        [
          [11, 103],
          [12, 103],
        ],
        { bars },
      ),
    ).toEqual(['buy 25 at 11 on 1 by open, volume share', 'buy 15 at 12 on 2 by open', 'filled'])
  })

  test('that is nothing on one bar trades nothing there, and nowhere limits nothing', async () => {
    expect(
      await outcome(
        [{ side: buy, volume: 40 }],
        [
          [11, 0],
          [12, 40],
        ],
      ),
    ).toEqual(['buy 40 at 12 on 2 by open', 'filled'])
    const none = traded([
      [10, 0],
      [11, 0],
    ])
    expect(fills(await play(sends({ side: buy, volume: 1e6 }), none, rich))).toEqual([
      'buy 1000000 X at 11 on 1 by open',
    ])
  })

  test('is not known before the first bar that has one, whatever comes later', async () => {
    const requests = [{ side: buy, volume: 5 }]
    const early = [
      [10, 0],
      [11, 0],
    ] as const
    for (const later of [[], [[12, 0]], [[12, 30]]] as const) {
      const record = await play(sends(...requests), traded([...early, ...later]), rich)
      expect(fills(record)).toEqual(['buy 5 X at 11 on 1 by open'])
    }
    // After it none means that nothing traded.
    const record = await play(
      sends(...requests),
      traded([
        [10, 30],
        [11, 0],
        [12, 30],
      ]),
      rich,
    )
    expect(fills(record)).toEqual(['buy 5 X at 12 on 2 by open'])
  })

  test('does not matter where that is asked for', async () => {
    expect(await outcome([{ side: buy, volume: 5000 }], [[11, 10]], { bars: { volumeShare: null } })).toEqual(
      ['buy 5000 at 11 on 1 by open', 'filled'],
    )
  })

  test('also bounds what fills at the close of the signal, and after the last bar', async () => {
    const rows = [
      [10, 30],
      [11, 30],
    ] as const
    const record = await play(sends({ side: buy, volume: 50 }), traded(rows), { ...rich, fill: 'same-close' })
    expect(fills(record)).toEqual([
      'buy 30 X at 10 on 0 by close, volume share',
      'buy 20 X at 11 on 1 by open',
    ])
    class Leaves extends BarStrategy {
      onBar() {}
      async onExit() {
        await this.sell(this.instruments()[0]!, 50)
      }
    }
    const left = await play(Leaves, traded(rows), rich)
    expect(fills(left)).toEqual(['sell 30 X at 11 on 1 by last close, volume share'])
    expect(statusOf(left.orders.status[0]!)).toBe('cancelled')
  })
})

describe('a flag on bars', () => {
  test('fill-or-kill fills whole in its one bar or not at all', async () => {
    const flag = OrderFlag.FILL_OR_KILL
    expect(
      await outcome(
        [{ side: buy, volume: 50, flag }],
        [
          [11, 40],
          [11, 100],
        ],
      ),
    ).toEqual(['cancelled'])
    expect(await outcome([{ side: buy, volume: 40, flag }], [[11, 40]])).toEqual([
      'buy 40 at 11 on 1 by open',
      'filled',
    ])
    expect(
      await outcome(
        [{ side: buy, volume: 1, price: 9, flag }],
        [
          [10, 10],
          [8, 10],
        ],
      ),
    ).toEqual(['cancelled'])
  })

  test('immediate-or-cancel keeps what its one bar gives', async () => {
    const flag = OrderFlag.IMMEDIATE_OR_CANCEL
    expect(
      await outcome(
        [{ side: buy, volume: 50, flag }],
        [
          [11, 40],
          [11, 100],
        ],
      ),
    ).toEqual(['buy 40 at 11 on 1 by open, volume share', 'cancelled'])
  })

  test('all-or-none waits for a bar that is large enough', async () => {
    const flag = OrderFlag.ALL_OR_NONE
    expect(
      await outcome(
        [{ side: buy, volume: 50, flag }],
        [
          [11, 40],
          [12, 49],
          [13, 50],
        ],
      ),
    ).toEqual(['buy 50 at 13 on 3 by open', 'filled'])
    expect(
      await outcome(
        [{ side: sell, volume: 50, stopPrice: 9, flag }],
        [
          [[10, 10, 8, 10], 40],
          [[12, 13, 11, 12], 60],
        ],
      ),
    ).toEqual(['sell 50 at 12 on 2 by stop carried over', 'filled'])
  })

  test('day ends with the day of the first bar that it met: on daily bars after one', async () => {
    const flag = OrderFlag.DAY
    expect(
      await outcome(
        [{ side: buy, volume: 5, price: 9, flag }],
        [
          [10, 100],
          [[10, 10, 8, 9], 100],
        ],
      ),
    ).toEqual(['cancelled'])
    expect(await outcome([{ side: buy, volume: 5, price: 9, flag }], [[[10, 10, 8, 9], 100]])).toEqual([
      'buy 5 at 9 on 1 by limit',
      'filled',
    ])
  })

  test("day is the instrument's own, not that of UTC", async () => {
    const hours = (timeZone: string, ...candles: Candle[]) => {
      const one = series({ name: 'X', lotSize: 1, timeZone }, candles)
      // 22:00, 23:00, 00:00 and 01:00 UTC.
      const time = Float64Array.from(candles, (_, i) => Date.UTC(2024, 0, 2, 22 + i) * 1000)
      return dataSet({ ...one, bars: { ...one.bars, time } })
    }
    const request = { side: buy, volume: 5, price: 9, flag: OrderFlag.DAY }
    const candles: Candle[] = [10, 10, [10, 10, 8, 9], 10]
    expect(fills(await play(sends(request), hours('UTC', ...candles)))).toEqual([])
    expect(fills(await play(sends(request), hours('Australia/Sydney', ...candles)))).toEqual([
      'buy 5 X at 9 on 2 by limit',
    ])
  })

  test('post-only is refused where it would trade at the last price', async () => {
    const flag = OrderFlag.POST_ONLY
    expect(await outcome([{ side: buy, volume: 5, price: 10, flag }], [[10, 100]])).toEqual(['rejected'])
    expect(await outcome([{ side: buy, volume: 5, price: 9, flag }], [[[10, 10, 8, 9], 100]])).toEqual([
      'buy 5 at 9 on 1 by limit',
      'filled',
    ])
  })
})

describe('a post-only stop-limit order', () => {
  const flag = OrderFlag.POST_ONLY
  const low = { side: buy, volume: 1, stopPrice: 12, price: 11, flag }
  const high = { ...low, price: 13 }

  const rows = (...candles: Candle[]) => candles.map((candle) => [candle, 100] as const)

  test('is not refused for what its limit would do before it triggers', async () => {
    expect(await outcome([high], rows([10, 11, 9, 10]))).toEqual(['cancelled'])
    expect(await outcome([{ ...high, side: sell, stopPrice: 8, price: 7 }], [])).toEqual(['cancelled'])
  })

  test('is taken back when it triggers and would trade, at its stop price or at an open beyond it', async () => {
    expect(await outcome([high], rows([10, 12, 9, 12], [12, 14, 8, 9]))).toEqual(['cancelled'])
    expect(await outcome([high], rows([13, 14, 12, 13], [12, 14, 8, 9]))).toEqual(['cancelled'])
  })

  test('rests when it triggers and would not trade, and is filled by a later bar', async () => {
    expect(await outcome([low], rows([10, 12, 9, 12], [12, 12, 10, 11]))).toEqual([
      'buy 1 at 11 on 2 by stop limit',
      'filled',
    ])
    expect(await outcome([high], rows([14, 15, 14, 14], [14, 14, 12, 13]))).toEqual([
      'buy 1 at 13 on 2 by stop limit',
      'filled',
    ])
  })

  test('does the same on an order book', async () => {
    const on = async (away: number) => {
      class Sends extends BarStrategy {
        async onBar({ target: { instrument, close } }: BarEvent) {
          if (this.pastOrders().length > 0) return
          const stopPrice = Math.round(close * 100 - 50) / 100
          const price = stopPrice + away
          await this.newOrder({ instrument, side: buy, volume: 1, flag, stopPrice, price })
        }
        onRejected() {
          this.log('refused')
        }
        onCanceled({ target }: OrderEvent) {
          // At the close all are.
          if (this.now() % 60_000 !== 0) this.log('taken back', target.filled)
        }
      }
      const synthetic = { seed: 2, seconds: 60, agents: 60, barSeconds: 10 }
      return (await play(Sends, { ...market(), instruments: [], synthetic }, rich)).lines
    }
    expect(await on(2)).toEqual(['taken back 0'])
    expect(await on(-10)).toEqual([])
  })
})

describe('a limit order that the bar only touches', () => {
  test('fills where that is asked for, by a rule that says so', async () => {
    const request = { side: buy, volume: 1, price: 9 }
    const rows = [[[10, 10, 9, 10], 100]] as const
    expect(await outcome([request], rows)).toEqual(['cancelled'])
    expect(await outcome([request], rows, { bars: { limits: 'touch' } })).toEqual([
      'buy 1 at 9 on 1 by limit touched',
      'filled',
    ])
    expect(
      await outcome([{ side: sell, volume: 1, price: 11 }], [[[10, 11, 9, 10], 100]], {
        bars: { limits: 'touch' },
      }),
    ).toEqual(['sell 1 at 11 on 1 by limit touched', 'filled'])
  })
})

test('what is entered inside a bar is not closed by that bar, even where the volume cut the entry', async () => {
  class Brackets extends BarStrategy {
    sent = false
    async onBar({ target: { instrument } }: BarEvent) {
      if (this.sent) return
      this.sent = true
      await this.bracket({ instrument, side: buy, volume: 50, price: 9 }, { stop: 8, target: 12 })
    }
  }
  const data = traded([
    [10, 1000],
    [[10, 13, 7, 10], 30],
    [[8.5, 13, 7, 8.5], 100],
    [[9, 13, 7, 9], 100],
  ])
  expect(fills(await play(Brackets, data, rich))).toEqual([
    'buy 30 X at 9 on 1 by limit, volume share',
    'buy 20 X at 8.5 on 2 by limit at open',
    // The entry was complete at the open, so that the rest of the bar comes after it.
    'sell 50 X at 8 on 2 by stop',
  ])
})

describe('slippage', () => {
  const bought = async (costs: Partial<Costs>, spec: Partial<InstrumentSpec> = {}, side: Side = buy) => {
    const data = traded(
      [
        [100, 1000],
        [200, 1000],
      ],
      spec,
    )
    const record = await play(sends({ side, volume: 1 }), data, { ...rich, costs: { ...free, ...costs } })
    return [record.fills.price[0], record.fills.slippage[0]]
  }

  test('is a fraction, an amount of price, or ticks, and they add up', async () => {
    expect(await bought({ slippage: 0.01 })).toEqual([202, 2])
    expect(await bought({ slippagePrice: 0.5 })).toEqual([200.5, 0.5])
    expect(await bought({ slippagePrice: 0.5 }, {}, sell)).toEqual([199.5, 0.5])
    expect(await bought({ slippageTicks: 3 }, { tickSize: 0.25 })).toEqual([200.75, 0.75])
    expect(await bought({ slippageTicks: 2 })).toEqual([200.02, 0.02])
    expect(await bought({ slippage: 0.01, slippagePrice: 1, slippageTicks: 1 }, { tickSize: 0.5 })).toEqual([
      203.5, 3.5,
    ])
  })

  test('never sells for nothing or less', async () => {
    const [price] = await bought({ slippagePrice: 1000 }, {}, sell)
    expect(price).toBeCloseTo(2, 9)
    expect(slippageOf({ ...free, slippagePrice: 5 }, 0.01, 0)).toBeCloseTo(0.0099, 12)
  })

  test('is not paid by a limit order, whatever its form', async () => {
    const data = traded([
      [10, 100],
      [[10, 10, 8, 9], 100],
    ])
    const costs = { ...free, slippage: 0.01, slippagePrice: 1, slippageTicks: 4 }
    expect(fills(await play(sends({ side: buy, volume: 1, price: 9 }), data, { costs }))).toEqual([
      'buy 1 X at 9 on 1 by limit',
    ])
  })
})

describe('a commission', () => {
  /** Fees of a buy of 100 at 10, in as many fills as there are rows. */
  const fees = async (costs: Partial<Costs>, ...volumes: number[]) => {
    const rows = volumes.map((volume) => [10, volume] as const)
    const record = await play(sends({ side: buy, volume: 100 }), traded([[10, 1000], ...rows]), {
      ...rich,
      costs: { ...free, ...costs },
    })
    return [...record.fills.fee].map((fee) => Number(fee.toFixed(9)))
  }

  test('is a fraction of the value, an amount for each order, or one for each share', async () => {
    expect(await fees({ commission: 0.001 }, 100)).toEqual([1])
    expect(await fees({ commissionPerOrder: 5 }, 100)).toEqual([5])
    expect(await fees({ commissionPerUnit: 0.005 }, 100)).toEqual([0.5])
    expect(await fees({ commission: 0.001, commissionPerOrder: 5, commissionPerUnit: 0.005 }, 100)).toEqual([
      6.5,
    ])
  })

  test('has a least and a most for the whole order, not for each fill', async () => {
    const perShare = { commissionPerUnit: 0.005, leastCommission: 1, mostCommission: 0.05 }
    expect(await fees(perShare, 100)).toEqual([1])
    // 50 and 50: half of them pay the least already.
    expect(await fees(perShare, 50, 50)).toEqual([1, 0])
    expect(await fees({ ...perShare, commissionPerUnit: 0.03 }, 20, 30, 50)).toEqual([1, 0.5, 1.5])
    expect(await fees({ commissionPerUnit: 5, mostCommission: 0.01 }, 100)).toEqual([10])
    expect(await fees({ commissionPerOrder: 5 }, 40, 60)).toEqual([5, 0])
  })

  // The three examples that stand beside the prices at the source, and the one of its footnote.
  test.each([
    [100, 25, 1],
    [1000, 25, 5],
    [1000, 0.25, 2.5],
    [10, 0.2, 0.02],
  ])('for %i shares at %f comes to what the example of a broker says: %f', (volume, price, fee) => {
    const [{ costs }] = costExamples as [(typeof costExamples)[0]]
    expect(commissionOf({ ...free, ...costs }, { taken: volume * price, made: 0, volume })).toBeCloseTo(
      fee,
      9,
    )
  })

  test('is that of a maker where a limit order fills inside a bar, and a taker’s at the open and for stops', async () => {
    const costs = { ...free, commission: 0.002, makerCommission: -0.001 }
    const data = traded([
      [10, 100],
      [[10, 12, 8, 10], 100],
      [[7, 12, 6, 10], 100],
    ])
    const strategy = sends(
      { side: buy, volume: 10, price: 9 },
      { side: buy, volume: 10, price: 7.5 },
      { side: buy, volume: 10, stopPrice: 11 },
    )
    const record = await play(strategy, data, { costs })
    expect(fills(record).map((fill, i) => `${fill}: ${Number(record.fills.fee[i]!.toFixed(9))}`)).toEqual([
      'buy 10 X at 11 on 1 by stop: 0.22',
      'buy 10 X at 9 on 1 by limit: -0.09',
      'buy 10 X at 7 on 2 by limit at open: 0.14',
    ])
  })

  test('is the maker’s on the synthetic market for who waited, and the taker’s for who came', async () => {
    class Both extends BarStrategy {
      async onBar({ target: { instrument } }: BarEvent) {
        const { bestBid } = this.book(instrument)!
        if (this.pastOrders().length > 20) return
        await this.buy(instrument, 1, { price: bestBid })
        await this.sell(instrument, 1)
      }
    }
    const data = {
      ...{ id: 's', name: 'S', provenance: 'made', instruments: [] },
      synthetic: { seed: 3, seconds: 120, agents: 60, barSeconds: 5 },
    }
    const costs = { ...free, commission: 0.002, makerCommission: -0.001 }
    const record = await play(Both, data, { costs, ...rich })
    const { price, volume, fee, rule } = record.fills
    expect(new Set(record.rules)).toEqual(new Set(['book, taking', 'book, making']))
    price.forEach((paid, i) => {
      const rate = record.rules[rule[i]!] === 'book, making' ? -0.001 : 0.002
      expect(fee[i]).toBeCloseTo(paid * volume[i]! * rate, 9)
    })
  })

  test.each<Partial<Costs>>([
    { commissionPerOrder: 20 },
    { commissionPerUnit: 0.5 },
    { leastCommission: 30 },
    { commission: 0.01, commissionPerOrder: 7, commissionPerUnit: 0.1, leastCommission: 12 },
    { commission: 0.001, makerCommission: 0.02 },
  ])('of %j leaves an account that buys all it can without debt', async (costs) => {
    class All extends BarStrategy {
      async onBar({ target: { instrument } }: BarEvent) {
        await this.target(instrument, 1)
      }
    }
    const data = traded([
      [10, 1e6],
      [10, 1e6],
      [10.5, 1e6],
      [9, 1e6],
    ])
    const record = await play(All, data, { costs: { ...free, ...costs } })
    expect(record.fills.volume[0]).toBeGreaterThan(0)
    for (const cash of record.equity.cash) expect(cash).toBeGreaterThanOrEqual(-1e-6)
  })

  test('grows with what is traded and never leaves its bounds, whatever its parts', () => {
    const money = fc.double({ min: 0, max: 1e4, noNaN: true })
    const rate = fc.double({ min: 0, max: 0.1, noNaN: true })
    fc.assert(
      fc.property(
        fc.record({
          commission: rate,
          commissionPerOrder: money,
          commissionPerUnit: money,
          leastCommission: money,
          mostCommission: rate,
        }),
        fc.array(fc.tuple(fc.boolean(), fc.double({ min: 0.01, max: 1e3, noNaN: true })), { minLength: 1 }),
        (parts, pieces) => {
          const costs = { ...parts, slippage: 0 }
          let [taken, made, volume, before] = [0, 0, 0, 0]
          for (const [maker, size] of pieces) {
            if (maker) made += size * 7
            else taken += size * 7
            volume += size
            const fee = commissionOf(costs, { taken, made, volume })
            expect(fee).toBeGreaterThanOrEqual(before - 1e-9)
            const most = costs.mostCommission * (taken + made)
            expect(fee).toBeLessThanOrEqual(most + 1e-9)
            expect(fee).toBeGreaterThanOrEqual(Math.min(most, costs.leastCommission) - 1e-9)
            before = fee
          }
        },
      ),
    )
  })
})

test.each<[Partial<RunSettings>, RegExp]>([
  [{ costs: { ...free, commission: 1 } }, /Setting commission is 1; expected a fraction from 0 up to 1/],
  [{ costs: { ...free, slippageTicks: -1 } }, /Setting slippageTicks is -1; expected a number from 0 to/],
  [{ costs: { ...free, makerCommission: NaN } }, /Setting makerCommission is NaN/],
  [{ costs: { ...free, fee: 1 } as Costs }, /Setting fee is 1; there is no such cost/],
  [{ bars: { volumeShare: 0 } }, /Setting volumeShare is 0; expected a fraction above 0, at most 1/],
  [{ bars: { volumeShare: 1.5 } }, /Setting volumeShare is 1.5/],
  [{ bars: { limits: 'best' as 'touch' } }, /Setting limits is 'best'; expected 'through' or 'touch'/],
])('a run is not begun with %j', async (changes, message) => {
  await expect(play(sends(), traded([[10, 1]]), changes)).rejects.toThrow(message)
})

test('nobody sees a book on bars: an order that hides itself, or a part, is matched as a whole', async () => {
  const asks = (shown: { display?: number; hidden?: boolean }) =>
    class extends BarStrategy {
      async onBar({ target: { instrument } }: BarEvent) {
        if (this.pastOrders().length === 0) await this.buy(instrument, 50, { price: 9, ...shown })
      }
    }
  const data = market(10, [10, 10, 8, 9], 9)
  const plain = await play(asks({}), data)
  for (const shown of [{ display: 5 }, { hidden: true }]) {
    const record = await play(asks(shown), data)
    expect(fills(record)).toEqual(['buy 50 X at 9 on 1 by limit'])
    expect(record.digest).toBe(plain.digest)
  }
})

describe('what is held', () => {
  const slips: Partial<RunSettings> = { ...rich, cash: 10_000, costs: { commission: 0, slippage: 0.01 } }
  const close = 100.1
  const data = market(close, close, close)
  /** Buys at a bar, or in the end, and writes what it is worth whenever it trades. */
  class Buys extends BarStrategy {
    buysAt = this.input('at', 1)
    async onBar({ target: { instrument } }: BarEvent) {
      if (this.priceHistory(instrument, 10).length === this.buysAt) await this.buy(instrument, 10)
    }
    onTraded() {
      this.log(this.position(this.instruments()[0]!).lastPrice)
    }
    async onExit() {
      if (this.buysAt > 3) await this.buy(this.instruments()[0]!, 10)
    }
  }
  test.each<[how: string, Partial<RunSettings>, slippage: number]>([
    ['at the last close of a bar', { fill: 'same-close', inputs: { at: 3 } }, 0.01],
    ['at the close of a bar', { fill: 'same-close', inputs: { at: 1 } }, 0.01],
    ['at the next open', { inputs: { at: 1 } }, 0.01],
    ['after the last bar', { inputs: { at: 4 } }, 0.01],
  ])('%s is worth what the market says, not what we paid', async (_, changes, slippage) => {
    const record = await play(Buys, data, { ...slips, ...changes })
    expect(record.fills.price[0]).toBeCloseTo(close * (1 + slippage), 10)
    expect(record.equity.value.at(-1)).toBe(record.equity.cash.at(-1)! + 10 * close)
    expect(Number(record.lines[0])).toBeCloseTo(close, 10)
    const { account, all } = report(record, data)
    expect(account.finalEquity).toBeCloseTo(10_000 + all.openProfit, 8)
    const timeline = new Timeline(record, data)
    const { account: standing } = timeline.standing(timeline.length - 1)
    expect(standing.equity).toBeCloseTo(account.finalEquity, 8)
    expect(verify(record, data)).toEqual({ agrees: true })
  })

  test('with slippage of its own is worth what the market says', async () => {
    class Costly extends Buys {
      override slippage = (fill: Trade) => fill.price * 0.02
    }
    const record = await play(Costly, data, { ...slips, fill: 'same-close', inputs: { at: 3 } })
    expect(record.fills.price[0]).toBeCloseTo(close * 1.02, 10)
    expect(record.equity.value.at(-1)).toBe(record.equity.cash.at(-1)! + 10 * close)
  })
})

describe('what an account cannot take of a fill', () => {
  /** Bars of a volume of 10 that gap from 100 to 300. */
  const gap = (() => {
    const { instrument, bars } = series({ name: 'X', lotSize: 1 }, [100, 300, 300])
    return dataSet({ instrument, bars: { ...bars, volume: new Float64Array(3).fill(10) } })
  })()

  test('has not traded, so that the volume of its bar is there for other orders', async () => {
    const orders = sends({ side: Side.BUY, volume: 8 }, { side: Side.SELL, volume: 6 })
    const record = await play(orders, gap, { cash: 900 })
    expect(fills(record)).toEqual(['buy 3 X at 300 on 1 by open', 'sell 6 X at 300 on 1 by open'])
  })

  test('uses up nothing where it is all of it', async () => {
    const orders = sends(
      { side: Side.BUY, volume: 6 },
      { side: Side.BUY, volume: 3 },
      { side: Side.SELL, volume: 4 },
    )
    const record = await play(orders, gap, { cash: 900, leverage: 2 })
    expect(fills(record)).toEqual(['buy 6 X at 300 on 1 by open', 'sell 4 X at 300 on 1 by open'])
  })
})
