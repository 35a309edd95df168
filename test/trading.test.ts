import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { verify } from '#engine'
import { Instrument } from '#market'
import { Portfolio } from '#trading'
import { type BarEvent, BarStrategy, Side, type Trade } from 'outcry'
import { dataSet, fills, market, play, series } from './market.ts'

const x = new Instrument({ name: 'X', lotSize: 1 })

/** An account of 1,000 that has traded: `[signed volume, price]` books a fill, a number is a price of the market. */
function account(...steps: (number | readonly [number, number])[]): Portfolio {
  const portfolio = new Portfolio([x], 1000)
  for (const step of steps) {
    if (typeof step === 'number') portfolio.mark(0, step)
    else portfolio.fill(0, step[0], step[1], 0)
    portfolio.verify()
  }
  return portfolio
}

describe('profit at average cost', () => {
  test('a position closed in two steps realises each step against the average (PF-01)', () => {
    expect(account([2, 10], 11).position(0)).toMatchObject({ size: 2, averagePrice: 10, unrealizedPnl: 2 })
    expect(account([2, 10], [-1, 12]).position(0)).toMatchObject({
      size: 1,
      averagePrice: 10,
      realizedPnl: 2,
    })
    expect(account([2, 10], [-1, 12], 13).position(0)).toMatchObject({ unrealizedPnl: 3 })
    expect(account([2, 10], [-1, 12], [-1, 14]).position(0)).toMatchObject({
      size: 0,
      realizedPnl: 6,
      unrealizedPnl: 0,
    })
  })

  test('selling from flat is a short, which loses as the price rises (PF-02)', () => {
    expect(account([-2, 10], 12).position(0)).toMatchObject({ size: -2, unrealizedPnl: -4 })
  })

  test('selling more than is held realises the long and opens a short at the price of the fill (PF-03)', () => {
    expect(account([2, 10], [-5, 12], 15).position(0)).toMatchObject({
      size: -3,
      averagePrice: 12,
      realizedPnl: 4,
      unrealizedPnl: -9,
    })
  })

  test('buying more moves the average (PF-04)', () => {
    expect(account([1, 10], [3, 20], 30).position(0)).toMatchObject({
      size: 4,
      averagePrice: 17.5,
      unrealizedPnl: 50,
    })
  })

  test('partial fills add up (PF-06)', () => {
    expect(account([2, 10], [3, 10]).position(0)).toMatchObject({ size: 5, averagePrice: 10 })
  })

  test('a position of fractions that was closed is exactly flat', () => {
    const fine = new Instrument({ name: 'BTC' })
    const portfolio = new Portfolio([fine], 1000)
    for (const volume of [0.1, 0.2, -0.3]) portfolio.fill(0, volume, 10, 0)
    expect(portfolio.size(0)).toBe(0)
    expect(portfolio.equity).toBeCloseTo(1000, 9)
  })
})

test('whatever is traded at whatever price, cash and positions are worth the start and the profit', () => {
  const trade = fc.tuple(
    fc.integer({ min: -50, max: 50 }).filter((volume) => volume !== 0),
    fc.integer({ min: 1, max: 100_000 }).map((cents) => cents / 100),
    fc.integer({ min: 0, max: 500 }).map((cents) => cents / 100),
  )
  fc.assert(
    fc.property(fc.array(trade, { maxLength: 60 }), (trades) => {
      const portfolio = new Portfolio([x], 1000)
      let held = 0
      for (const [volume, price, fee] of trades) {
        portfolio.fill(0, volume, price, fee)
        portfolio.verify()
        held += volume
      }
      const { size, realizedPnl, unrealizedPnl, fees } = portfolio.position(0)
      expect(size).toBe(held)
      expect(portfolio.equity).toBeCloseTo(1000 + realizedPnl + unrealizedPnl - fees, 4)
    }),
  )
})

describe('the gate', () => {
  const asks = (volume: number, side: Side = Side.BUY) =>
    class extends BarStrategy {
      asked = false
      async onBar({ target: { instrument } }: BarEvent) {
        if (this.asked) return
        this.asked = true
        const answer = await this.newOrder({ instrument, side, volume })
        if (!answer.accepted) this.log(answer.code)
      }
    }

  test('accepts what the account can just pay for, and refuses one lot more with the numbers', async () => {
    expect((await play(asks(1000), market(10, 10))).lines).toEqual([])
    const refused = await play(asks(1001), market(10, 10))
    expect(refused.lines).toEqual(['INSUFFICIENT_FUNDS'])
    expect(refused.refusals).toMatchObject([
      { order: 1, numbers: { volume: 1001, price: 10, available: 1000, equity: 10_000, leverage: 1 } },
    ])
    expect(refused.orders.status[0]).toBe(4)
  })

  test('counts the commission as money that is needed', async () => {
    const costs = { commission: 0.001, slippage: 0 }
    expect((await play(asks(1000), market(10, 10), { costs })).lines).toEqual(['INSUFFICIENT_FUNDS'])
    expect((await play(asks(999), market(10, 10), { costs })).lines).toEqual([])
  })

  test('lets twice as much pass with a leverage of two', async () => {
    expect((await play(asks(2000), market(10, 10), { leverage: 2 })).lines).toEqual([])
    expect((await play(asks(2001), market(10, 10), { leverage: 2 })).lines).toEqual(['INSUFFICIENT_FUNDS'])
  })

  test('holds shorts to the same measure as longs', async () => {
    expect((await play(asks(1000, Side.SELL), market(10, 10))).lines).toEqual([])
    expect((await play(asks(1001, Side.SELL), market(10, 10))).lines).toEqual(['INSUFFICIENT_FUNDS'])
  })

  test('refuses a part of a lot and says what would do', async () => {
    const record = await play(asks(1.5), market(10, 10))
    expect(record.refusals).toMatchObject([{ code: 'OFF_LOT', numbers: { volume: 1.5, lotSize: 1 } }])
    expect(record.refusals[0]!.reason).toContain('gives 1')
  })

  test('says what the account can carry in whole lots and round prices, and keeps the exact numbers', async () => {
    const { refusals } = await play(asks(1001), market(63.408573123, 63.408573123))
    expect(refusals[0]!.reason).toBe(
      'Buying 1001 X at 63.40857 needs more than the account can carry: 157 after costs.',
    )
    expect(refusals[0]!.numbers).toMatchObject({ price: 63.408573123, available: 10_000 / 63.408573123 })
  })

  test('counts what works already', async () => {
    class Twice extends BarStrategy {
      async onBar({ target: { instrument } }: BarEvent) {
        for (const volume of [600, 600]) {
          const answer = await this.newOrder({ instrument, side: Side.BUY, volume, price: 5 })
          this.log(answer.accepted)
          await this.newOrder({ instrument, side: Side.BUY, volume: 600 })
        }
      }
    }
    const { lines, refusals } = await play(Twice, market(10))
    expect(lines).toEqual(['true', 'true'])
    // 600 at 10 leave room for 400: neither the second market order nor one beside what rests fits.
    expect(refusals.map(({ order }) => order)).toEqual([2, 4])
  })

  test('closing is always allowed, also for an account that lost everything', async () => {
    class ShortSqueezed extends BarStrategy {
      async onBar({ target: bar }: BarEvent) {
        const { size } = this.position(bar.instrument)
        if (bar.close === 10) await this.sell(bar.instrument, 1000)
        if (size < 0) await this.closeAll()
      }
    }
    const record = await play(ShortSqueezed, market(10, [10, 10, 10, 30], 30))
    expect(fills(record)).toEqual(['sell 1000 X at 10 on 1 by open', 'buy 1000 X at 30 on 2 by open'])
    expect(record.equity.value.at(-1)).toBe(-10_000)
  })

  test('a fill that the account cannot pay any more is cut to what it can, and says so', async () => {
    const record = await play(asks(1000), market(10, 20))
    expect(fills(record)).toEqual(['buy 500 X at 20 on 1 by open'])
    expect(record.refusals).toMatchObject([
      { code: 'INSUFFICIENT_FUNDS', numbers: { offered: 1000, filled: 500, price: 20 } },
    ])
    expect(record.orders.status[0]).toBe(3)
    expect(record.equity.cash.at(-1)).toBe(0)
  })
})

describe('a target', () => {
  const targets = (...fractions: number[]) =>
    class extends BarStrategy {
      seen = 0
      async onBar({ target: { instrument } }: BarEvent) {
        const fraction = fractions[this.seen++]
        if (fraction !== undefined) await this.target(instrument, fraction)
      }
    }

  test('buys and sells towards a share of the equity, in whole lots, rounded towards zero', async () => {
    expect(fills(await play(targets(0.5, 0.25, -0.5, 0), market(3, 3, 3, 3, 3)))).toEqual([
      'buy 1666 X at 3 on 1 by open',
      'sell 833 X at 3 on 2 by open',
      'sell 2499 X at 3 on 3 by open',
      'buy 1666 X at 3 on 4 by open',
    ])
  })

  test('of everything leaves room for the costs instead of being refused', async () => {
    const record = await play(targets(1), market(10, 10), { costs: { commission: 0.01, slippage: 0.01 } })
    expect(record.refusals).toEqual([])
    expect(fills(record)).toEqual(['buy 980 X at 10.1 on 1 by open'])
  })

  test('replaces the one before it that has not filled yet', async () => {
    class Changes extends BarStrategy {
      async onBar({ target: { instrument } }: BarEvent) {
        await this.target(instrument, 1)
        await this.target(instrument, 0.5)
      }
    }
    expect(fills(await play(Changes, market(10, 10)))).toEqual(['buy 500 X at 10 on 1 by open'])
  })

  test('of two instruments sells the one to pay for the other at the same open', async () => {
    const data = dataSet(
      series({ name: 'A', lotSize: 1 }, [10, 10, 10, 10]),
      series({ name: 'B', lotSize: 1 }, [20, 20, 20, 20]),
    )
    class Switch extends BarStrategy {
      days = 0
      async onBar({ target: bar }: BarEvent) {
        const [a, b] = this.instruments()
        if (bar.instrument !== b) return
        if (this.days++ === 0) await this.target(a!, 1)
        else {
          await this.target(a!, 0)
          await this.target(b!, 1)
        }
      }
    }
    const record = await play(Switch, data)
    expect(fills(record)).toEqual([
      'buy 1000 A at 10 on 1 by open',
      'sell 1000 A at 10 on 2 by open',
      'buy 500 B at 20 on 2 by open',
    ])
    expect(record.refusals).toEqual([])
  })
})

test('commission is taken from the value of every fill, slippage included', async () => {
  class Buyer extends BarStrategy {
    async onBar({ target: { instrument } }: BarEvent) {
      if (this.pastOrders().length === 0) await this.buy(instrument, 10)
    }
  }
  const record = await play(Buyer, market(100, 100), { costs: { commission: 0.001, slippage: 0.0001 } })
  expect(record.fills.price[0]).toBeCloseTo(100.01, 10)
  expect(record.fills.fee[0]).toBeCloseTo(1.0001, 10)
  expect(record.equity.cash.at(-1)).toBeCloseTo(10_000 - 1001.1001, 8)
})

describe('a strategy with costs of its own', () => {
  class OwnCosts extends BarStrategy {
    asked: string[] = []
    async onBar({ target: { instrument } }: BarEvent) {
      if (this.pastOrders().length === 0) await this.buy(instrument, 10)
    }
    slippage(trade: Trade) {
      this.asked.push(`slippage at ${trade.price}`)
      return 0.01
    }
    transactionCost(trade: Trade) {
      this.asked.push(`cost at ${trade.price}`)
      return trade.price * trade.volume * 0.001
    }
    onExit() {
      this.log(this.asked)
    }
  }

  test('is asked once per fill, for the slippage first, and the settings give way (TC-01)', async () => {
    const record = await play(OwnCosts, market(100, 100), {
      costs: { commission: 0.5, slippage: 0.5 },
      leverage: 9,
    })
    expect(record.lines).toEqual(["['slippage at 100', 'cost at 100.01']"])
    expect(record.fills.fee[0]).toBeCloseTo(1.0001, 12)
    expect(record.equity.cash.at(-1)).toBeCloseTo(10_000 - 1001.1001, 9)
  })

  test('cannot take back or alter the order whose fill is being priced', async () => {
    class Meddles extends OwnCosts {
      override transactionCost(trade: Trade) {
        void this.cancelOrder(trade.myOrder!)
        return 0
      }
    }
    await expect(play(Meddles, market(100, 100))).rejects.toMatchObject({
      handler: 'transactionCost',
      message:
        'cancelOrder was called in transactionCost, in the middle of a fill; do it in onTraded, which follows',
    })
  })

  test('slip market and stop orders on bars, once each, and leave limits their price', async () => {
    class Slips extends BarStrategy {
      asked: string[] = []
      override slippage({ myOrder, price }: Trade) {
        this.asked.push(`${myOrder!.type} at ${price}`)
        return 1
      }
      override transactionCost({ myOrder, price }: Trade) {
        this.asked.push(`cost of ${myOrder!.type} at ${price}`)
        return 0
      }
      async onBar({ target: { instrument } }: BarEvent) {
        if (this.pastOrders().length > 0) return
        await this.buy(instrument, 1)
        await this.buy(instrument, 1, { price: 99 })
        await this.buy(instrument, 1, { stopPrice: 101 })
        await this.buy(instrument, 1, { stopPrice: 101, price: 102 })
      }
      onExit() {
        this.log(this.asked.join(', '))
      }
    }
    const record = await play(Slips, market(100, [100, 103, 97, 100]), {
      costs: { commission: 0, slippage: 0.01 },
    })
    expect(fills(record)).toEqual([
      'buy 1 X at 101 on 1 by open',
      'buy 1 X at 102 on 1 by stop',
      'buy 1 X at 101 on 1 by stop limit',
      'buy 1 X at 99 on 1 by limit',
    ])
    expect([...record.fills.slippage]).toEqual([1, 1, 0, 0])
    expect(record.lines).toEqual([
      'MARKET at 100, cost of MARKET at 101, STOP at 101, cost of STOP at 102, cost of STOP_LIMIT at 101, cost of LIMIT at 99',
    ])
    expect(verify(record, market(100, [100, 103, 97, 100]))).toEqual({ agrees: true })
  })

  test('take no slippage on a market with a book, whose fills are what they are', async () => {
    class Takes extends BarStrategy {
      override slippage(): number {
        throw new Error('asked for slippage')
      }
      override transactionCost({ slippage }: Trade) {
        return 1 + slippage
      }
      async onBar({ target: { instrument, close } }: BarEvent) {
        if (this.pastOrders().length > 0) return
        await this.buy(instrument, 1)
        await this.buy(instrument, 1, { price: Math.round(close * 110) / 100 })
      }
    }
    const synthetic = { seed: 1, seconds: 30, agents: 60, barSeconds: 10 }
    const data = { ...market(), instruments: [], synthetic }
    const record = await play(Takes, data)
    expect([...record.fills.slippage]).toEqual([0, 0])
    expect([...record.fills.fee]).toEqual([1, 1])
    expect(verify(record, data)).toEqual({ agrees: true })
  })

  test('that gives nonsense ends the run with what it gave', async () => {
    class Nonsense extends OwnCosts {
      override slippage() {
        return NaN
      }
    }
    await expect(play(Nonsense, market(100, 100))).rejects.toMatchObject({
      handler: 'slippage',
      message: expect.stringContaining('slippage gave NaN for Trade BUY 10 X at 100'),
    })
  })
})
