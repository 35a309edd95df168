import { describe, expect, test } from 'vitest'
import type { DataSet } from '#data'
import type { RiskRules } from '#engine'
import {
  type Acknowledgement,
  type BarEvent,
  BarStrategy,
  type Instrument,
  OrderFlag,
  type OrderRequest,
  Side,
} from 'outcry'
import { type Candle, dataSet, fills, market, play, series } from './market.ts'

type Ask = Omit<OrderRequest, 'instrument' | 'side'> & { readonly on?: string }
/** What a strategy does on a bar; `x` is the first instrument. */
type Act = (this: Script, x: Instrument) => unknown

/** Does one thing per bar, and writes what became of each order: `ok`, `given 50`, or the code of the refusal. */
abstract class Script extends BarStrategy {
  abstract acts: readonly Act[]
  bar = 0
  async onBar({ target: { instrument } }: BarEvent) {
    if (instrument === this.instruments()[0]) await this.acts[this.bar++]?.call(this, instrument)
  }
  async ask(side: Side, { on, ...rest }: Ask) {
    const instrument = this.instruments().find(({ name }) => name === (on ?? 'X'))!
    const answer = await this.newOrder({ ...rest, instrument, side })
    this.log(outcome(answer))
    return answer
  }
  long(volume: number, rest: Partial<Ask> = {}) {
    return this.ask(Side.BUY, { volume, ...rest })
  }
  short(volume: number, rest: Partial<Ask> = {}) {
    return this.ask(Side.SELL, { volume, ...rest })
  }
}

const outcome = (answer: Acknowledgement) =>
  !answer.accepted ? answer.code : answer.clip ? `given ${answer.clip.given}` : 'ok'

const script = (...acts: Act[]) =>
  class extends Script {
    acts = acts
  }

/** Runs what a strategy does on ten bars at 10, or on other bars, under some rules. */
const under = (risk: RiskRules, data: DataSet | readonly Candle[], ...acts: Act[]) =>
  play(script(...acts), Array.isArray(data) ? market(...(data as Candle[])) : (data as DataSet), {
    risk,
    leverage: 10,
  })

const flat = new Array<number>(10).fill(10)
const two = dataSet(
  series({ name: 'X', lotSize: 1, tickSize: 0.5 }, flat),
  series({ name: 'Y', lotSize: 1 }, new Array<number>(10).fill(20)),
)

/** What became of the orders of one bar, the second: all instruments have a price then. */
async function asked(risk: RiskRules, act: Act, data: DataSet | readonly Candle[] = flat) {
  return (await under(risk, data, () => undefined, act)).lines
}

describe('an order just within a rule passes, and one just beyond it does not:', () => {
  test('most units of an order', async () => {
    expect(
      await asked({ maxOrderVolume: 100 }, async function () {
        await this.long(100)
        await this.long(101)
      }),
    ).toEqual(['ok', 'given 100'])
  })

  test('most money of an order, at the last price or its own', async () => {
    expect(
      await asked({ maxOrderValue: 1000 }, async function () {
        await this.long(100)
        await this.long(101)
        await this.long(125, { price: 8 })
        await this.long(126, { price: 8 })
      }),
    ).toEqual(['ok', 'given 100', 'ok', 'given 125'])
  })

  test('most units of a position, working orders included', async () => {
    expect(
      await asked({ maxPosition: 100 }, async function () {
        await this.long(60)
        await this.long(40, { price: 9 })
        await this.long(1)
        await this.short(160)
        await this.short(1)
      }),
    ).toEqual(['ok', 'ok', 'POSITION_LIMIT', 'ok', 'POSITION_LIMIT'])
  })

  test('gross exposure over all instruments', async () => {
    const rules = { maxGross: 1000 }
    const act: Act = async function () {
      await this.long(50)
      await this.short(25, { on: 'Y' })
      await this.short(1, { on: 'Y' })
    }
    expect(await asked(rules, act, two)).toEqual(['ok', 'ok', 'GROSS_EXPOSURE'])
    expect(await asked({ maxGross: 999 }, act, two)).toEqual(['ok', 'given 24', 'GROSS_EXPOSURE'])
  })

  test('net exposure, for which a short makes room', async () => {
    expect(
      await asked(
        { maxNet: 500 },
        async function () {
          await this.long(50)
          await this.long(1)
          await this.short(25, { on: 'Y' })
          await this.long(51)
          await this.short(51, { on: 'Y' })
        },
        two,
      ),
    ).toEqual(['ok', 'NET_EXPOSURE', 'ok', 'given 50', 'given 50'])
  })

  test('share of funds', async () => {
    expect(
      await asked({ maxShareOfFunds: 0.5 }, async function () {
        await this.long(500)
        await this.long(1)
      }),
    ).toEqual(['ok', 'SHARE_OF_FUNDS'])
  })

  test('leverage', async () => {
    expect(
      await asked({ maxLeverage: 2, excess: 'refuse' }, async function () {
        await this.long(2001)
        await this.long(2000)
        await this.long(1)
      }),
    ).toEqual(['LEVERAGE', 'ok', 'LEVERAGE'])
  })

  test('buying power, of which orders in another instrument have taken their part', async () => {
    const act: Act = async function () {
      await this.long(500, { price: 9 })
      await this.long(276, { on: 'Y' })
    }
    const plain = await play(
      script(() => undefined, act),
      two,
    )
    expect(plain.lines).toEqual(['ok', 'ok'])
    const held = await play(
      script(() => undefined, act),
      two,
      { risk: { buyingPower: true } },
    )
    expect(held.lines).toEqual(['ok', 'given 275'])
    const costs = { commission: 0.01, slippage: 0 }
    const paid = await play(
      script(() => undefined, act),
      two,
      { risk: { buyingPower: true }, costs },
    )
    // 4,500 are tied up at 9, and 5,500 are left for Y at 20.20 each.
    expect(paid.lines).toEqual(['ok', 'given 272'])
  })

  test('a limit in the band around the last price', async () => {
    expect(
      await asked({ priceBand: 0.1 }, async function () {
        await this.long(1, { price: 11 })
        await this.long(1, { price: 11.01 })
        await this.short(1, { price: 9 })
        await this.short(1, { price: 8.99 })
        await this.long(1, { price: 1 })
        await this.long(1, { stopPrice: 20, price: 22 })
        await this.long(1, { stopPrice: 20, price: 22.01 })
      }),
    ).toEqual(['ok', 'PRICE_BAND', 'ok', 'PRICE_BAND', 'ok', 'ok', 'PRICE_BAND'])
  })

  test('orders in a stretch of the market’s time, of which refused ones are none', async () => {
    const day = 86_400
    const record = await under(
      { orderRate: { most: 2, seconds: 2 * day }, maxOrderVolume: 5, excess: 'refuse' },
      flat,
      async function () {
        await this.long(6)
        await this.long(1)
      },
      function () {
        return this.long(2)
      },
      async function () {
        await this.long(3)
        await this.long(4)
      },
    )
    // The first is two days old on the third bar, and one more has its place.
    expect(record.lines).toEqual(['ORDER_TOO_LARGE', 'ok', 'ok', 'ok', 'ORDER_RATE'])
  })

  test('messages, among which cancels and refusals count; cancels are never refused', async () => {
    expect(
      await asked(
        { messageRate: { most: 3, seconds: 1 }, maxOrderVolume: 5, excess: 'refuse' },
        async function () {
          const first = await this.long(1, { price: 9 })
          await this.long(6)
          if (first.order) this.log((await this.changeOrder(first.order, { price: 8 })).accepted)
          await this.long(2)
          if (first.order) this.log((await this.cancelOrder(first.order)).accepted)
        },
      ),
    ).toEqual(['ok', 'ORDER_TOO_LARGE', 'true', 'MESSAGE_RATE', 'true'])
  })

  test('the same order twice within some seconds', async () => {
    const day = 86_400
    const once: Act = function () {
      return this.long(5, { price: 9 })
    }
    const twice: Act = async function () {
      await this.long(5, { price: 9 })
      await this.long(6, { price: 9 })
      await this.long(5, { price: 9.5 })
    }
    expect((await under({ duplicateSeconds: day }, flat, once, twice)).lines).toEqual([
      'ok',
      'DUPLICATE_ORDER',
      'ok',
      'ok',
    ])
    expect((await under({ duplicateSeconds: day - 1 }, flat, once, once)).lines).toEqual(['ok', 'ok'])
  })

  test('an order that could trade with one of its own account', async () => {
    expect(
      await asked({ noSelfTrade: true }, async function () {
        await this.short(5, { price: 12 })
        await this.long(5, { price: 11.99 })
        await this.long(5, { price: 12 })
        await this.long(5)
        await this.long(5, { stopPrice: 11 })
        await this.short(5)
      }),
    ).toEqual(['ok', 'ok', 'SELF_TRADE', 'SELF_TRADE', 'SELF_TRADE', 'SELF_TRADE'])
  })

  test('an instrument that may only be closed', async () => {
    expect(
      await asked(
        { restricted: ['Y'] },
        async function () {
          await this.long(1)
          await this.long(1, { on: 'Y' })
        },
        two,
      ),
    ).toEqual(['ok', 'RESTRICTED'])
  })

  test('hours on the clock of a zone, also when its clocks change', async () => {
    const open: Act = function () {
      return this.long(1)
    }
    const at = (...times: string[]) => {
      const data = market(...times.map(() => 10))
      data.instruments[0]!.bars.time.set(times.map((time) => Date.parse(time) * 1000))
      return data
    }
    const rules = { hours: { start: '09:30', end: '16:00', days: 'MON-FRI' }, timeZone: 'America/New_York' }
    // A Friday in winter, and the Monday after the clocks went forward.
    const winter = at('2024-03-08T14:29Z', '2024-03-08T14:30Z', '2024-03-08T20:59Z', '2024-03-08T21:00Z')
    const summer = at(
      '2024-03-09T15:00Z',
      '2024-03-11T13:29Z',
      '2024-03-11T13:30Z',
      '2024-03-11T19:59Z',
      '2024-03-11T20:00Z',
    )
    expect((await under(rules, winter, open, open, open, open)).lines).toEqual([
      'OUTSIDE_HOURS',
      'ok',
      'ok',
      'OUTSIDE_HOURS',
    ])
    expect((await under(rules, summer, open, open, open, open, open)).lines).toEqual([
      'OUTSIDE_HOURS',
      'OUTSIDE_HOURS',
      'ok',
      'ok',
      'OUTSIDE_HOURS',
    ])
  })

  test('no more is sold than is held', async () => {
    const record = await under(
      { longOnly: true },
      flat,
      function () {
        return this.long(10)
      },
      async function () {
        await this.short(4, { price: 12 })
        await this.short(7)
        await this.short(1)
      },
    )
    expect(record.lines).toEqual(['ok', 'ok', 'given 6', 'SHORT_NOT_ALLOWED'])
  })

  test('what can be borrowed to go short', async () => {
    const act: Act = async function () {
      await this.short(101)
      await this.short(1)
      await this.short(1, { on: 'Y' })
    }
    expect(await asked({ shortable: { X: 100 } }, act, two)).toEqual([
      'given 100',
      'SHORT_NOT_AVAILABLE',
      'SHORT_NOT_AVAILABLE',
    ])
  })

  test('a price that is not too old', async () => {
    const late = dataSet(series({ name: 'X', lotSize: 1 }, flat), series({ name: 'Y', lotSize: 1 }, [20, 20]))
    const act: Act = function () {
      return this.long(1, { on: 'Y' })
    }
    const rules = { staleSeconds: 2 * 86_400 }
    expect((await under(rules, late, () => undefined, act, act, act, act)).lines).toEqual([
      'ok',
      'ok',
      'ok',
      'STALE_DATA',
    ])
  })

  test('orders that work at a time', async () => {
    expect(
      await asked({ maxOpenOrders: 2 }, async function () {
        for (const price of [7, 8, 9]) await this.long(1, { price })
      }),
    ).toEqual(['ok', 'ok', 'TOO_MANY_ORDERS'])
  })

  test('lots and ticks, which a rule can round instead: volumes down, prices to where they trade later', async () => {
    const act: Act = async function () {
      await this.long(1.7)
      await this.long(2, { price: 8.7 })
      await this.short(2, { price: 11.2 })
      await this.short(2, { stopPrice: 8.7 })
      await this.long(0.7)
    }
    expect(await asked({}, act, two)).toEqual(['OFF_LOT', 'OFF_TICK', 'OFF_TICK', 'OFF_TICK', 'OFF_LOT'])
    const record = await under({ steps: 'round' }, two, () => undefined, act)
    expect(record.lines).toEqual(['given 1', 'ok', 'ok', 'ok', 'OFF_LOT'])
    expect([...record.orders.price].slice(0, 3)).toEqual([NaN, 8.5, 11.5])
    expect(record.orders.stopPrice[3]).toBe(8.5)
    expect(record.refusals.map(({ kind, code }) => `${kind} ${code}`)).toEqual([
      'clip OFF_LOT',
      'clip OFF_TICK',
      'clip OFF_TICK',
      'clip OFF_TICK',
      'undefined OFF_LOT',
    ])
  })
})

describe('of lots as small as those of a crypto-currency', () => {
  const coin = dataSet(series({ name: 'X', lotSize: 1e-8 }, flat))

  test.each<readonly [string, RiskRules, number]>([
    ['units of an order', { maxOrderVolume: 50 }, 50],
    ['money of an order', { maxOrderValue: 333 }, 33.3],
    ['a position', { maxPosition: 50 }, 50],
    ['gross exposure', { maxGross: 700 }, 70],
    ['net exposure', { maxNet: 700 }, 70],
    ['the share of funds', { maxShareOfFunds: 0.01 }, 10],
    ['leverage', { maxLeverage: 0.01 }, 10],
  ])('not one more than the limit passes: %s', async (_, rules, most) => {
    const lines = await asked(
      rules,
      async function () {
        await this.long(most + 1e-8)
        await this.long(most + 20)
      },
      coin,
    )
    const onlyOne = ['maxPosition', 'maxGross', 'maxNet', 'maxShareOfFunds', 'maxLeverage'].some(
      (name) => name in rules,
    )
    expect(lines[0]).toBe(`given ${most}`)
    expect(lines[1]).toMatch(onlyOne ? /^[A-Z_]+$/ : `given ${most}`)
  })

  test('one who may only hold longs never sells a lot more than there is', async () => {
    const lines = await asked(
      { longOnly: true },
      async function () {
        await this.long(10)
        await this.short(10.00000001)
        await this.short(0.00000001)
      },
      coin,
    )
    expect(lines).toEqual(['ok', 'given 10', 'SHORT_NOT_ALLOWED'])
  })
})

test('new terms of a working order are asked about like an order, without it, and are never clipped', async () => {
  expect(
    await asked(
      { maxPosition: 100, priceBand: 0.1, messageRate: { most: 5, seconds: 1 } },
      async function () {
        const { order } = await this.long(50, { price: 9 })
        for (const changes of [{ volume: 101 }, { price: 11.01 }, { volume: 100, price: 11 }, {}, {}])
          this.log(outcome(await this.changeOrder(order!, changes)))
      },
    ),
  ).toEqual(['ok', 'POSITION_LIMIT', 'PRICE_BAND', 'ok', 'ok', 'MESSAGE_RATE'])
})

describe('what a rule did', () => {
  test('is in the answer and in the record, with the numbers that decided', async () => {
    const record = await under({ maxPosition: 100 }, flat, function () {
      return this.long(150)
    })
    expect(record.orders.volume[0]).toBe(100)
    expect(fills(record)).toEqual(['buy 100 X at 10 on 1 by open'])
    expect(record.refusals).toEqual([
      {
        kind: 'clip',
        order: 1,
        time: record.orders.time[0],
        bar: 1,
        code: 'POSITION_LIMIT',
        reason: 'Buying 150 X would make the position 150 units; it may be 100. 100 of 150 were taken.',
        numbers: { held: 0, working: 0, volume: 150, limit: 100, asked: 150, given: 100 },
      },
    ])
  })

  test('is a refusal where an order is to fill whole or not at all, or where the rules say so', async () => {
    const all: Act = function () {
      return this.long(150, { price: 10, flag: OrderFlag.FILL_OR_KILL })
    }
    expect(await asked({ maxPosition: 100 }, all)).toEqual(['POSITION_LIMIT'])
    const some: Act = function () {
      return this.long(150)
    }
    expect(await asked({ maxPosition: 100, excess: 'refuse' }, some)).toEqual(['POSITION_LIMIT'])
  })

  test('leaves the digest as it was where no rule had anything to say', async () => {
    const act: Act = function () {
      return this.long(150)
    }
    const free = await under({}, flat, act)
    expect((await under({ maxPosition: 150, longOnly: true, maxDrawdown: 0.5 }, flat, act)).digest).toBe(
      free.digest,
    )
    expect((await under({ maxPosition: 149 }, flat, act)).digest).not.toBe(free.digest)
  })

  test('rules that cannot be meant are refused before the run, with what was found', async () => {
    await expect(under({ maxDrawdown: 10 }, flat)).rejects.toThrow(
      'Setting risk.maxDrawdown is 10; expected a number from 0 to 1',
    )
    await expect(under({ perStrategy: { orderRate: { most: 1.5, seconds: 1 } } }, flat)).rejects.toThrow(
      'Setting risk.perStrategy.orderRate.most is 1.5; expected a whole number up to 100000',
    )
    await expect(under({ hours: { start: '9', end: '16:00' } }, flat)).rejects.toThrow(
      "risk.hours: start is '9'; expected a time of day such as '09:30'",
    )
  })
})

describe('funds of 1,000', () => {
  const on = (share: number, ...acts: Act[]) =>
    play(script(...acts), market(5, 5, 5, 5, 5), { cash: 1000, risk: { maxShareOfFunds: share } })

  test('of which all may be used: an order beyond them is clipped, the next refused, and a sale makes room again (RK-01)', async () => {
    const record = await on(
      1,
      function () {
        return this.long(100)
      },
      function () {
        return this.long(200)
      },
      async function () {
        await this.long(1)
        await this.short(50)
        await this.long(50)
      },
    )
    expect(record.lines).toEqual(['ok', 'given 100', 'SHARE_OF_FUNDS', 'ok', 'ok'])
  })

  test('of which half may be used: an order for 600 is given 500 (RK-02)', async () => {
    const record = await on(0.5, function () {
      return this.long(120)
    })
    expect(record.lines).toEqual(['given 100'])
    expect(record.refusals[0]!.numbers).toMatchObject({ asked: 120, given: 100, limit: 500, value: 600 })
  })
})

test('what only closes passes every rule about size', async () => {
  const record = await under(
    {
      maxOrderVolume: 10,
      maxOrderValue: 100,
      maxPosition: 10,
      maxGross: 100,
      maxNet: 100,
      maxShareOfFunds: 0.01,
      maxLeverage: 1,
      buyingPower: true,
      maxOpenOrders: 1,
      restricted: ['Z'],
    },
    [10, 10, 50, 50, 50, 50],
    function () {
      return this.long(10)
    },
    () => undefined,
    // Five times what the rules allow is held now.
    async function () {
      await this.long(1)
      await this.short(10)
    },
  )
  expect(record.lines).toEqual(
    ['ok', 'TOO_MANY_ORDERS', 'ok'].map((line, i) => (i === 1 ? 'POSITION_LIMIT' : line)),
  )
})

describe('a bracket under rules about positions', () => {
  const risk = { maxPosition: 10, longOnly: true, noSelfTrade: true, priceBand: 0.2, maxOrderVolume: 10 }

  test('works whole: the two exits count as one, and only once the entry has filled', async () => {
    class Brackets extends BarStrategy {
      async onBar({ target: { instrument } }: BarEvent) {
        if (this.pastOrders().length > 0) return
        const { entry, stop, target } = await this.bracket(
          { instrument, side: Side.BUY, volume: 12 },
          { stop: 8, target: 12 },
        )
        this.log(...[entry, stop!, target!].map(outcome))
      }
    }
    for (const [last, closing] of [
      [7, 'sell 10 X at 7 on 2 by stop, open'],
      [13, 'sell 10 X at 13 on 2 by limit, open'],
    ] as const) {
      const record = await play(Brackets, market(10, 10, last, last, last), { risk })
      expect(record.lines).toEqual(['given 10 ok ok'])
      expect(fills(record).map((fill) => fill.replace(/ by .*/, ''))).toEqual([
        'buy 10 X at 10 on 1',
        closing.replace(/ by .*/, ''),
      ])
    }
  })

  test('can have its exits changed while both work', async () => {
    class Changes extends BarStrategy {
      async onBar({ target: { instrument } }: BarEvent) {
        if (this.pastOrders().length === 0)
          await this.bracket({ instrument, side: Side.BUY, volume: 10 }, { stop: 8, target: 12 })
        for (const order of this.orders()) {
          const changes = order.stopPrice > 0 ? { stopPrice: 9 } : { price: 11 }
          if (order.type !== 'MARKET') this.log(outcome(await this.changeOrder(order, changes)))
        }
      }
    }
    const record = await play(Changes, market(10, 10, 10), { risk })
    expect(record.lines.slice(-4)).toEqual(['ok', 'ok', 'ok', 'ok'])
  })

  test('that would leave in two parts may, but not with more than it entered with', async () => {
    class Parts extends BarStrategy {
      async onBar({ target: { instrument } }: BarEvent) {
        if (this.pastOrders().length > 0) return
        const entry = await this.buy(instrument, 10)
        if (!entry.accepted) return
        for (const price of [11, 12, 13]) await this.sell(instrument, 5, { after: entry.order, price })
      }
    }
    const record = await play(Parts, market(10, 10, 14, 14), { risk: { longOnly: true } })
    expect(
      fills(record)
        .slice(1)
        .map((fill) => fill.split(' on')[0]),
    ).toEqual(['sell 5 X at 14', 'sell 5 X at 14'])
    expect(record.refusals.map(({ code }) => code)).toEqual(['SHORT_NOT_ALLOWED'])
  })

  test('has a stop that trails, which no rule about size holds up', async () => {
    class Trails extends BarStrategy {
      async onBar({ target: { instrument } }: BarEvent) {
        if (this.pastOrders().length === 0)
          await this.bracket({ instrument, side: Side.BUY, volume: 10 }, { trail: 1 })
      }
    }
    const record = await play(Trails, market(10, 10, 15, 13, 13), {
      risk: { ...risk, maxGross: 100, maxOrderValue: 100 },
    })
    expect(fills(record).map((fill) => fill.split(' on')[0])).toEqual(['buy 10 X at 10', 'sell 10 X at 13'])
  })
})
