import { describe, expect, test } from 'vitest'
import { type BarEvent, BarStrategy, type Exits, OrderFlag, type OrderRequest, Side } from 'outcry'
import { type Candle, fills, market, play } from './market.ts'

/** Sends one bracket on the first bar and writes down what becomes of its orders. */
function bracket(exits: Exits, entry: Partial<OrderRequest> = {}) {
  return class extends BarStrategy {
    async onBar({ target: { instrument } }: BarEvent) {
      if (this.pastOrders().length === 0)
        await this.bracket({ instrument, side: Side.BUY, volume: 2, ...entry }, exits)
    }
    onExit() {
      this.log(
        this.pastOrders()
          .map(({ status, filled }) => `${status} ${filled}`)
          .join(', '),
      )
    }
  }
}
const after = async (strategy: ReturnType<typeof bracket>, ...candles: Candle[]) => {
  const record = await play(strategy, market(10, ...candles))
  return [...fills(record), ...record.lines]
}

describe('a bracket', () => {
  const both = bracket({ stop: 9, target: 12 })

  test('that reaches its target is done, and its stop is taken back', async () => {
    expect(await after(both, 10, [10, 13, 10, 12], [12, 12, 5, 5])).toEqual([
      'buy 2 X at 10 on 1 by open',
      'sell 2 X at 12 on 2 by limit',
      'FILLED 2, CANCELLED 0, FILLED 2',
    ])
  })

  test('that reaches its stop is done, and its target is taken back', async () => {
    expect(await after(both, 10, [10, 11, 8, 10], 20)).toEqual([
      'buy 2 X at 10 on 1 by open',
      'sell 2 X at 9 on 2 by stop',
      'FILLED 2, FILLED 2, CANCELLED 0',
    ])
  })

  test('can end on the bar it began on when it began at the open', async () => {
    expect(await after(both, [10, 11, 8, 10])).toEqual([
      'buy 2 X at 10 on 1 by open',
      'sell 2 X at 9 on 1 by stop',
      'FILLED 2, FILLED 2, CANCELLED 0',
    ])
  })

  test('that meets stop and target in one bar takes the stop', async () => {
    expect(await after(both, 10, [10, 13, 8, 10])).toContain('sell 2 X at 9 on 2 by stop')
  })

  test('that began inside a bar is not ended by prices that may have come before', async () => {
    const limited = bracket({ stop: 8, target: 12 }, { price: 9.5 })
    expect(await after(limited, [10, 13, 7, 10], [10, 11, 7.5, 10])).toEqual([
      'buy 2 X at 9.5 on 1 by limit',
      'sell 2 X at 8 on 2 by stop',
      'FILLED 2, FILLED 2, CANCELLED 0',
    ])
  })

  test('whose entry is never reached leaves nothing behind', async () => {
    const far = bracket({ stop: 1, target: 20 }, { price: 2 })
    expect(await after(far, 10, 25, [10, 10, 3, 10])).toEqual(['OPEN 0, OPEN 0, OPEN 0'])
  })

  test('whose entry is taken back takes its exits with it', async () => {
    class Regrets extends BarStrategy {
      async onBar({ target: { instrument, close } }: BarEvent) {
        if (close === 10)
          await this.bracket({ instrument, side: Side.BUY, volume: 1, price: 5 }, { stop: 4, target: 6 })
        if (close === 11) await this.cancelOrder(this.orders()[0]!)
        this.log(this.orders().length)
      }
    }
    expect((await play(Regrets, market(10, 11))).lines).toEqual(['3', '0'])
  })

  test('whose entry was cut to what the account can pay exits with that much', async () => {
    const all = bracket({ stop: 15 }, { volume: 1000 })
    expect(await after(all, 20, [20, 20, 10, 12])).toEqual([
      'buy 500 X at 20 on 1 by open',
      'sell 500 X at 15 on 2 by stop',
      'CANCELLED 500, FILLED 500',
    ])
  })

  test('can be changed while its entry waits, as it was sent: the exits need no money of their own', async () => {
    class Changes extends BarStrategy {
      async onBar({ target: { instrument } }: BarEvent) {
        if (this.pastOrders().length > 0) return
        const entry = { instrument, side: Side.BUY, volume: 100, price: 90 }
        const { stop, target } = await this.bracket(entry, { trail: 10, target: 110 })
        const further = await this.changeOrder(target!.order!, { price: 130 })
        const smaller = await this.changeOrder(stop!.order!, { volume: 99 })
        this.log(further.accepted, target!.order!.price, smaller.accepted, stop!.order!.volume)
      }
    }
    expect((await play(Changes, market(100, 100), { cash: 9100 })).lines).toEqual(['true 130 true 99'])
  })

  test('leaves no trace in buying power when its entry was cut and its exit goes at the market', async () => {
    class Cuts extends BarStrategy {
      async onBar({ target: { instrument, close } }: BarEvent) {
        if (this.pastOrders().length === 0) {
          const entry = await this.buy(instrument, 100)
          await this.sell(instrument, 100, { after: entry.order })
        } else if (close === 100 && this.position(instrument).size === 0) {
          const answer = await this.buy(instrument, 120)
          this.log(answer.accepted ? 'accepted' : answer.code)
        }
      }
    }
    // 120 cost 12,000 of 10,000: what was cut from the exit must not count as being sold.
    expect((await play(Cuts, market(100, 200, 200, 100))).lines).toEqual(['INSUFFICIENT_FUNDS'])
  })

  test('whose exit is refused when its turn comes takes what waits for that exit with it', async () => {
    class Chain extends BarStrategy {
      async onBar({ target: { instrument, close } }: BarEvent) {
        if (this.pastOrders().length === 0) {
          const entry = await this.buy(instrument, 1)
          const { order: after } = await this.sell(instrument, 1, {
            after: entry.order,
            price: 9,
            flag: OrderFlag.POST_ONLY,
          })
          await this.buy(instrument, 1, { after })
        } else if (close === 11) this.log(this.orders().length)
      }
    }
    expect((await play(Chain, market(10, 10, 11))).lines).toEqual(['0'])
  })

  test('on the short side is the mirror of one on the long', async () => {
    const short = bracket({ stop: 11, target: 8 }, { side: Side.SELL })
    expect(await after(short, 10, [10, 10.5, 7, 8])).toEqual([
      'sell 2 X at 10 on 1 by open',
      'buy 2 X at 8 on 2 by limit',
      'FILLED 2, CANCELLED 0, FILLED 2',
    ])
  })
})

describe('a trailing stop', () => {
  test('rises with the highs of finished bars and never falls', async () => {
    const trailing = bracket({ trail: 2 })
    expect(await after(trailing, 10, [10, 14, 10, 13], [13, 13, 12.5, 13], [13, 13, 11, 11])).toEqual([
      'buy 2 X at 10 on 1 by open',
      'sell 2 X at 12 on 4 by stop',
      'FILLED 2, FILLED 2',
    ])
  })

  test('starts from the price of the entry, and does not use a high of the bar it stops on', async () => {
    expect(await after(bracket({ trail: 2 }), [10, 15, 7, 15])).toEqual([
      'buy 2 X at 10 on 1 by open',
      'sell 2 X at 8 on 1 by stop',
      'FILLED 2, FILLED 2',
    ])
  })

  test('over a short falls with the lows', async () => {
    const trailing = bracket({ trail: 2 }, { side: Side.SELL })
    expect(await after(trailing, 10, [10, 10, 5, 6], [6, 8, 6, 8])).toEqual([
      'sell 2 X at 10 on 1 by open',
      'buy 2 X at 7 on 3 by stop',
      'FILLED 2, FILLED 2',
    ])
  })
})

test('a field of a trail that nobody knows is refused by its name, as one of the exits is', async () => {
  class Misspelt extends BarStrategy {
    onBar({ target: { instrument } }: BarEvent) {
      const bracket = (exits: object) =>
        this.bracket({ instrument, side: Side.BUY, volume: 1 }, exits as { stop: number })
      for (const exits of [{ trail: { percent: 2, form: 5 } }, { trial: 2 }])
        try {
          void bracket(exits)
        } catch (error) {
          this.log((error as Error).message)
        }
    }
  }
  expect((await play(Misspelt, market(10))).lines).toEqual([
    "bracket: trail has a field 'form'; expected only percent",
    "bracket: there is no field 'trial'; expected only stop, target, trail",
  ])
})
