import { describe, expect, test } from 'vitest'
import { type BarEvent, BarStrategy, Order, OrderFlag, type OrderRequest, Side, Strategy } from 'outcry'
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

const buy = Side.BUY
const sell = Side.SELL
const filled = async (request: Omit<OrderRequest, 'instrument'>, ...candles: Candle[]) =>
  fills(await play(sends(request), market(10, ...candles)))

describe('a market order', () => {
  test('fills at the open of the bar after the one it was given on', async () => {
    expect(await filled({ side: buy, volume: 2 }, [11, 12, 9, 10], 13)).toEqual([
      'buy 2 X at 11 on 1 by open',
    ])
  })

  test('given on the last bar never fills', async () => {
    const record = await play(sends({ side: buy, volume: 2 }), market(10))
    expect(fills(record)).toEqual([])
    expect(record.orders.status[0]).toBe(3)
  })

  test('pays the slippage on top of the open when it buys, and gets less when it sells', async () => {
    const costs = { commission: 0, slippage: 0.01 }
    const run = (side: Side) => play(sends({ side, volume: 1 }), market(100, 200), { costs })
    expect(fills(await run(buy))).toEqual(['buy 1 X at 202 on 1 by open'])
    expect(fills(await run(sell))).toEqual(['sell 1 X at 198 on 1 by open'])
  })

  test('fills at the close it was given on where that rule is chosen', async () => {
    const record = await play(sends({ side: buy, volume: 2 }), market([9, 12, 8, 10], 50), {
      fill: 'same-close',
    })
    expect(fills(record)).toEqual(['buy 2 X at 10 on 0 by close'])
  })
})

describe('a limit order', () => {
  test('fills at its price when the bar trades through it', async () => {
    expect(await filled({ side: buy, volume: 1, price: 9 }, [10, 10, 8, 9])).toEqual([
      'buy 1 X at 9 on 1 by limit',
    ])
    expect(await filled({ side: sell, volume: 1, price: 11 }, [10, 12, 9, 10])).toEqual([
      'sell 1 X at 11 on 1 by limit',
    ])
  })

  test('does not fill where the bar only touches its price', async () => {
    expect(await filled({ side: buy, volume: 1, price: 9 }, [10, 10, 9, 9])).toEqual([])
  })

  test('fills at the open where that is better than its price', async () => {
    expect(await filled({ side: buy, volume: 1, price: 9 }, [8, 10, 7, 9])).toEqual([
      'buy 1 X at 8 on 1 by limit at open',
    ])
  })

  test('rests until a later bar reaches it', async () => {
    expect(await filled({ side: buy, volume: 1, price: 9 }, 10, 10, [10, 10, 8, 9])).toEqual([
      'buy 1 X at 9 on 3 by limit',
    ])
  })

  test('pays no slippage: its price is a promise', async () => {
    const record = await play(sends({ side: buy, volume: 1, price: 9 }), market(10, [10, 10, 8, 9]), {
      costs: { commission: 0, slippage: 0.01 },
    })
    expect(fills(record)).toEqual(['buy 1 X at 9 on 1 by limit'])
  })

  test('that must fill at once or not at all is gone after one bar', async () => {
    for (const flag of [OrderFlag.IMMEDIATE_OR_CANCEL, OrderFlag.FILL_OR_KILL]) {
      const record = await play(
        sends({ side: buy, volume: 1, price: 9, flag }),
        market(10, 10, [10, 10, 8, 9]),
      )
      expect(fills(record)).toEqual([])
      expect(record.orders.ended[0]).toBe(Date.UTC(2024, 0, 2) * 1000)
    }
  })

  test('that must not take liquidity is refused when it would', async () => {
    const request = { side: buy, volume: 1, price: 10, flag: OrderFlag.POST_ONLY }
    expect((await play(sends(request), market(10, 10))).refusals).toMatchObject([
      { code: 'WOULD_TRADE', numbers: { price: 10, last: 10 } },
    ])
  })
})

describe('a stop order', () => {
  test('fills at its price when the bar reaches it', async () => {
    expect(await filled({ side: buy, volume: 1, stopPrice: 11 }, [10, 11, 9, 10])).toEqual([
      'buy 1 X at 11 on 1 by stop',
    ])
    expect(await filled({ side: sell, volume: 1, stopPrice: 9 }, [10, 11, 8, 10])).toEqual([
      'sell 1 X at 9 on 1 by stop',
    ])
  })

  test('fills at the open when the market jumps over it', async () => {
    expect(await filled({ side: sell, volume: 1, stopPrice: 9 }, [7, 8, 6, 7])).toEqual([
      'sell 1 X at 7 on 1 by stop at open',
    ])
  })

  test('with a limit on the far side of it fills at the stop price', async () => {
    expect(await filled({ side: buy, volume: 1, stopPrice: 11, price: 12 }, [10, 13, 9, 10])).toEqual([
      'buy 1 X at 11 on 1 by stop limit',
    ])
  })

  test('with a limit that the jump leaves behind waits for the price to come back', async () => {
    expect(
      await filled({ side: buy, volume: 1, stopPrice: 11, price: 12 }, [14, 15, 13, 14], [13, 13, 11, 12]),
    ).toEqual(['buy 1 X at 12 on 2 by stop limit'])
  })

  test('is taken before a target that the same bar also reaches: the worse of the two paths', async () => {
    class Bracket extends Strategy {
      onTrade() {}
      async onStart() {
        await this.buy(this.instruments()[0]!, 1)
      }
      async onBought() {
        const [instrument] = this.instruments()
        await this.sell(instrument!, 1, { price: 12 })
        await this.sell(instrument!, 1, { stopPrice: 8 })
      }
      async onSold() {
        await this.cancelAll()
      }
    }
    expect(fills(await play(Bracket, market(10, [10, 13, 7, 10])))).toEqual([
      'buy 1 X at 10 on 0 by open',
      'sell 1 X at 8 on 1 by stop',
    ])
  })
})

test('an order that is changed while a bar trades meets its next bar by its new terms', async () => {
  class Moves extends BarStrategy {
    async onBar({ target: { instrument } }: BarEvent) {
      if (this.pastOrders().length > 0) return
      await this.buy(instrument, 1, { price: 9.5 })
      await this.buy(instrument, 2, { price: 9 })
    }
    async onTraded() {
      for (const order of this.orders()) if (order.price === 9) await this.changeOrder(order, { price: 5 })
    }
  }
  expect(fills(await play(Moves, market(10, [10, 10, 8, 8], [8, 8, 6, 7], [7, 7, 4, 5])))).toEqual([
    'buy 1 X at 9.5 on 1 by limit',
    'buy 2 X at 5 on 3 by limit',
  ])
})

test('bars of several instruments with one stamp: every open comes before every close', async () => {
  const data = dataSet(
    series({ name: 'A', lotSize: 1 }, [10, 11, 12]),
    series({ name: 'B', lotSize: 1 }, [20, 21, 22]),
  )
  class FollowA extends BarStrategy {
    async onBar({ target: bar }: BarEvent) {
      const b = this.instruments()[1]!
      if (bar.instrument.name === 'A' && bar.close === 11) await this.buy(b, 1)
    }
  }
  // A's close of 11 is known at the end of day 1, so B's open of day 1 is out of reach.
  expect(fills(await play(FollowA, data))).toEqual(['buy 1 B at 22 on 2 by open'])
})

test('an order for an instrument without a bar today waits for its next bar', async () => {
  const data = dataSet(
    series({ name: 'A', lotSize: 1 }, [10, 10, 10]),
    series({ name: 'B', lotSize: 1 }, [20], 2),
  )
  class BuyBoth extends BarStrategy {
    async onBar({ target: bar }: BarEvent) {
      if (bar.close === 10 && this.pastOrders().length === 0) await this.buy(this.instruments()[1]!, 1)
    }
  }
  expect(fills(await play(BuyBoth, data))).toEqual(['buy 1 B at 20 on 0 by open'])
})

test('a price off the tick is refused with the tick', async () => {
  const data = dataSet(series({ name: 'X', lotSize: 1, tickSize: 0.25 }, [10, 10]))
  const record = await play(sends({ side: buy, volume: 1, price: 9.9 }), data)
  expect(record.refusals).toMatchObject([{ code: 'OFF_TICK', numbers: { price: 9.9, tickSize: 0.25 } }])
})

describe('an order that cannot be meant is a mistake and throws', () => {
  test.each([
    [
      'an instrument that is none',
      { instrument: 'AAPL', side: buy, volume: 1 },
      /instrument is 'AAPL'; expected one/,
    ],
    ['no side', { volume: 1 }, /side is undefined; expected Side.BUY or Side.SELL/],
    ['a volume of zero', { side: buy, volume: 0 }, /volume is 0; expected a finite number above zero/],
    ['a negative volume', { side: buy, volume: -1 }, /To sell, give side: Side.SELL/],
    ['a volume of NaN', { side: buy, volume: NaN }, /NaN often comes from an indicator/],
    [
      'a limit price of Infinity',
      { side: buy, volume: 1, type: 'LIMIT', price: Infinity },
      /price is Infinity on a LIMIT order; expected a finite number/,
    ],
    [
      'a stop without its price',
      { side: buy, volume: 1, type: 'STOP' },
      /stopPrice is undefined on a STOP order; expected a finite number/,
    ],
    [
      'a type that does not exist',
      { side: buy, volume: 1, type: 'LIMT' },
      /type is 'LIMT'; expected one of MARKET/,
    ],
    [
      'a flag that does not exist',
      { side: buy, volume: 1, flag: 'GTC' },
      /flag is 'GTC'; expected one of NONE/,
    ],
  ])('%s', async (_, request, message) => {
    class Mistaken extends BarStrategy {
      onBar({ target: bar }: BarEvent) {
        new Order({ instrument: bar.instrument, ...request } as never)
      }
    }
    await expect(play(Mistaken, market(10))).rejects.toThrow(message)
  })
})
