import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type DataSet, type RecordedFlow } from '#data'
import { journalEntries, type RunSettings, verify } from '#engine'
import { catalogued, lobsterTime, readLobster } from '#exchange'
import {
  type BarEvent,
  BarStrategy,
  Instrument,
  Order,
  OrderFlag,
  type OrderRequest,
  OrderType,
  type RejectionEvent,
  SelfTrade,
  Side,
  type Trade,
} from 'outcry'
import {
  type Candle,
  dataSet,
  fills,
  market,
  play,
  recordedMessages,
  run,
  series,
  settings,
} from './market.ts'

const { BUY: buy, SELL: sell } = Side
type Asked = Omit<OrderRequest, 'instrument'>

/** Sends orders bar by bar, and writes at the end what became of them. */
const sends = (...bars: readonly (readonly Asked[])[]) =>
  class extends BarStrategy {
    seen = 0
    async onBar({ target: { instrument } }: BarEvent) {
      for (const request of bars[this.seen++] ?? []) await this.newOrder({ ...request, instrument })
    }
    onRejected({ target: { code, reason } }: RejectionEvent) {
      this.log(code, reason)
    }
    onExit() {
      for (const { status, filled, volume, price } of this.pastOrders())
        this.log(`${status} ${filled} of ${volume}${price > 0 ? ` at ${price}` : ''}`)
    }
  }

/** Bars of so much volume each. */
function thin(volume: number, ...candles: Candle[]): DataSet {
  const { instrument, bars } = series({ name: 'X', lotSize: 1 }, candles)
  return dataSet({ instrument, bars: { ...bars, volume: new Float64Array(candles.length).fill(volume) } })
}

/** Fills and what was written of the orders; the run has to come out of its journal again. */
async function outcome(data: DataSet, changes: Partial<RunSettings>, ...bars: Asked[][]) {
  const record = await play(sends(...bars), data, changes)
  expect(verify(record, data)).toEqual({ agrees: true })
  return [...fills(record).map((text) => text.replace(/ X at| on \d+/g, '')), ...record.lines]
}

describe('a market order by notional on bars', () => {
  test('trades as many whole lots as its money pays for at the price of the fill', async () => {
    expect(await outcome(market(100, 100, 90), {}, [{ side: buy, notional: 1050 }])).toEqual([
      'buy 10 100 by open',
      'FILLED 10 of 10',
    ])
    // Sized by 100 when it was sent, it buys more at 80 and less at 130.
    for (const [open, volume] of [
      [80, 13],
      [130, 8],
    ])
      expect(await outcome(market(100, open!), {}, [{ side: buy, notional: 1050 }])).toEqual([
        `buy ${volume} ${open} by open`,
        `FILLED ${volume} of ${volume}`,
      ])
  })

  test('counts the slippage, that of the settings and that of its own', async () => {
    const costs = { commission: 0, slippage: 0.05 }
    expect(await outcome(market(100, 100), { costs }, [{ side: buy, notional: 1000 }])).toEqual([
      'buy 9 105 by open',
      'FILLED 9 of 9',
    ])
    class Slips extends sends([{ side: buy, notional: 1000 }], [{ side: sell, notional: 1000 }]) {
      slippage({ price }: Trade) {
        return price * 0.2
      }
    }
    const record = await play(Slips, market(100, 100, 100, 100))
    expect(fills(record)).toEqual(['buy 8 X at 120 on 1 by open', 'sell 10 X at 80 on 2 by open'])
    expect(record.lines).toEqual(['FILLED 8 of 8', 'FILLED 10 of 10'])
    expect(verify(record, market(100, 100, 100, 100))).toEqual({ agrees: true })
  })

  test('never sells more than its money is worth on the market, however far the fills slip', async () => {
    for (const [costs, volume] of [
      [undefined, Infinity],
      [{ commission: 0, slippage: 0.9 }, Infinity],
      [undefined, 4],
    ] as const) {
      class Slips extends sends([{ side: sell, notional: 1000 }]) {
        slippage = costs ? undefined : () => 99.99
      }
      const data =
        volume === Infinity ? market(100, 100, 100, 100) : thin(volume, 100, 100, 100, 100, 100, 100)
      const record = await play(Slips as never, data, costs && { costs })
      expect(record.fills.volume.reduce((sum, each) => sum + each, 0)).toBe(10)
      expect(record.lines).toEqual(['FILLED 10 of 10'])
      expect(verify(record, data)).toEqual({ agrees: true })
    }
  })

  test('sells no more than the account can carry by the market, with or without a notional', async () => {
    for (const again of [{ notional: 4500 }, { volume: 45 }]) {
      class Slips extends sends([
        { side: sell, volume: 50 },
        { side: sell, ...again },
      ]) {
        slippage() {
          return 50
        }
      }
      const data = market(100, 100, 100)
      const record = await play(Slips, data)
      const sold = record.fills.volume.reduce((sum, each) => sum + each, 0)
      // The first costs 2500 of 10,000 and ties up 5000: at 100 there is room for 25.
      expect(sold).toBe(75)
      expect(verify(record, data)).toEqual({ agrees: true })
    }
  })

  test('counts what a unit of price is worth', async () => {
    const data = dataSet(series({ name: 'X', lotSize: 1, multiplier: 5 }, [10, 10]))
    expect(await outcome(data, {}, [{ side: buy, notional: 1040 }])).toEqual([
      'buy 20 10 by open',
      'FILLED 20 of 20',
    ])
  })

  test('spends at the next open what a bar has no volume for', async () => {
    expect(await outcome(thin(6, 100, 100, 50, 50), {}, [{ side: buy, notional: 1050 }])).toEqual([
      'buy 6 100 by open, volume share',
      'buy 6 50 by open, volume share',
      'buy 3 50 by open',
      'FILLED 15 of 15',
    ])
  })

  test('that trades at once or not at all leaves the rest of its money', async () => {
    const order = { side: buy, notional: 1050, flag: OrderFlag.IMMEDIATE_OR_CANCEL }
    expect(await outcome(thin(6, 100, 100, 50), {}, [order])).toEqual([
      'buy 6 100 by open, volume share',
      'CANCELLED 6 of 10',
    ])
  })

  test('ends without a fill where the price has run away from its money', async () => {
    expect(await outcome(market(100, 200, 90), {}, [{ side: buy, notional: 150 }])).toEqual([
      'CANCELLED 0 of 1',
    ])
  })

  test('is cut to what the account can carry, like any other', async () => {
    const [fill, refused, end] = await outcome(market(100, 100), { cash: 1000, leverage: 1 }, [
      { side: buy, notional: 700 },
      { side: sell, volume: 1 },
    ])
    expect([fill, refused, end]).toEqual(['buy 7 100 by open', 'sell 1 100 by open', 'FILLED 7 of 7'])
  })

  test('trades at the close and after the end alike', async () => {
    expect(await outcome(market(100, 90), { fill: 'same-close' }, [{ side: buy, notional: 1000 }])).toEqual([
      'buy 10 100 by close',
      'FILLED 10 of 10',
    ])
    class Last extends BarStrategy {
      onBar() {}
      onExit() {
        return this.newOrder({ instrument: this.instruments()[0]!, side: buy, notional: 1000 }).then(() => {})
      }
    }
    expect(fills(await play(Last, market(100, 90)))).toEqual(['buy 11 X at 90 on 1 by last close'])
  })
})

describe('the risk rules take an order by notional', () => {
  const refusal = async (risk: RunSettings['risk'], order: Asked, more: Partial<RunSettings> = {}) =>
    (await outcome(market(100, 100), { risk, ...more }, [order]))
      .map((line) => line.split(' ')[0])
      .filter((word) => /^[A-Z_]+$/.test(word!))

  test('for worth all of its money', async () => {
    expect(await refusal({ maxOrderValue: 1000 }, { side: buy, notional: 1000 })).toEqual(['FILLED'])
    expect(await refusal({ maxOrderValue: 999 }, { side: buy, notional: 1000 })).toEqual([
      'ORDER_TOO_LARGE',
      'REJECTED',
    ])
  })

  test('for what it would buy 5 % below the last price, and never clip it', async () => {
    const order = { side: buy, notional: 950 }
    expect(await refusal({ maxPosition: 10 }, order)).toEqual(['FILLED'])
    expect(await refusal({ maxPosition: 9, excess: 'clip' }, order)).toEqual(['POSITION_LIMIT', 'REJECTED'])
    // A sale can come to no more than at its protection.
    const sale = { side: sell, notional: 980 }
    expect(await refusal({ maxPosition: 10 }, sale)).toEqual(['POSITION_LIMIT', 'REJECTED'])
    expect(await refusal({ maxPosition: 10 }, { ...sale, protectionPrice: 98 })).toEqual(['FILLED'])
  })

  test('for what it would buy from a book that has left the last price', async () => {
    const messages = [
      [1, 1, 1, 10, 109, 1],
      [2, 1, 3, 30, 110, -1],
      [4, 4, 3, 30, 110, -1],
      [5, 3, 1, 10, 109, 1],
      [6, 1, 7, 500, 50, -1],
      [7, 1, 8, 500, 49, 1],
      [50, 1, 999, 1, 9, 1],
    ].map(([second, type, id, size, price, side]) =>
      [second, type, id, size, price! * 10_000, side].join(','),
    )
    const data = recordedMessages(messages)
    const at10 = async (side: Side, notional: number, maxPosition: number) => {
      class Sends extends BarStrategy {
        onBar() {}
        onStart() {
          const instrument = this.instruments()[0]!
          this.at(async () => void (await this.newOrder({ instrument, side, notional })), {
            ...{ hour: 0, minute: 0, second: 10 },
          })
        }
        onRejected({ target: { code } }: RejectionEvent) {
          this.log(code)
        }
      }
      const record = await play(Sends, data, { risk: { maxPosition } })
      expect(verify(record, data)).toEqual({ agrees: true })
      return [...fills(record).map((text) => text.replace(/ X at| on .*/g, '')), ...record.lines]
    }
    expect(await at10(buy, 1000, 10)).toEqual(['POSITION_LIMIT'])
    expect(await at10(buy, 1000, 21)).toEqual(['POSITION_LIMIT'])
    expect(await at10(buy, 1000, 22)).toEqual(['buy 20 50'])
    expect(await at10(sell, 980, 10)).toEqual(['POSITION_LIMIT'])
    expect(await at10(sell, 980, 22)).toEqual(['sell 20 49'])
  })

  test('for the buying power that its money is, reserved until it trades', async () => {
    const cash = { cash: 1000 }
    expect(await refusal(undefined, { side: buy, notional: 1000 }, cash)).toEqual(['FILLED'])
    expect(await refusal(undefined, { side: buy, notional: 1001 }, cash)).toEqual([
      'INSUFFICIENT_FUNDS',
      'REJECTED',
    ])
    const both = (volume: number) =>
      outcome(market(100, 100), cash, [
        { side: buy, notional: 550 },
        { side: buy, volume },
      ])
    expect((await both(4)).slice(0, 2)).toEqual(['buy 5 100 by open', 'buy 4 100 by open'])
    expect((await both(5))[1]).toMatch(/^INSUFFICIENT_FUNDS/)
    const rule = { risk: { buyingPower: true }, ...cash }
    expect(await refusal({ buyingPower: true }, { side: buy, notional: 1001 }, rule)).toEqual([
      'INSUFFICIENT_FUNDS',
      'REJECTED',
    ])
  })

  test('for what its money adds to what is held, which is worth the last price', async () => {
    const rules: RunSettings['risk'][] = [
      { maxGross: 10_500 },
      { maxNet: 10_500 },
      { maxShareOfFunds: 0.525 },
      { maxLeverage: 0.525 },
    ]
    for (const risk of rules) {
      const beside = (notional: number) =>
        outcome(
          market(100, 100, 100),
          { risk: risk!, cash: 20_000 },
          [{ side: buy, volume: 100 }],
          [{ side: buy, notional }],
        ).then((lines) => [risk, lines.at(-1)])
      expect(await beside(500)).toEqual([risk, 'FILLED 5 of 5'])
      expect(await beside(501)).toEqual([risk, 'REJECTED 0 of 5'])
    }
    const bought = async (notional: number) =>
      (
        await outcome(
          market(100, 100, 100),
          { risk: { buyingPower: true } },
          [{ side: buy, volume: 50 }],
          [{ side: buy, notional }],
        )
      ).at(-1)
    expect(await bought(5000)).toBe('FILLED 50 of 50')
    expect(await bought(5100)).toBe('REJECTED 0 of 51')
    // A sale that turns the position counts what it opens by its money.
    const turned = (notional: number) =>
      outcome(
        market(100, 100, 100),
        { risk: { maxGross: 1000 } },
        [{ side: buy, volume: 5 }],
        [{ side: sell, notional }],
      ).then((lines) => lines.at(-1))
    expect(await turned(1475)).toBe('FILLED 14 of 14')
    expect(await turned(1476)).toBe('REJECTED 0 of 14')
  })

  test('for as many units as they counted, however far the book falls while it is on its way', async () => {
    const messages = [
      [1, 1, 1, 10, 109, 1],
      [2, 1, 3, 30, 110, -1],
      [20, 3, 3, 30, 110, -1],
      [21, 3, 1, 10, 109, 1],
      [22, 1, 7, 500, 50, -1],
      [23, 1, 8, 500, 49, 1],
      [50, 1, 999, 1, 9, 1],
    ].map(([second, type, id, size, price, side]) =>
      [second, type, id, size, price! * 10_000, side].join(','),
    )
    const data = recordedMessages(messages, { latency: 10e6 })
    const late = async (side: Side, notional: number, risk: RunSettings['risk']) => {
      class Sends extends BarStrategy {
        onBar() {}
        onStart() {
          const instrument = this.instruments()[0]!
          const at = (second: number, act: () => Promise<unknown>) =>
            this.at(async () => void (await act()), { hour: 0, minute: 0, second })
          if (side === sell) at(3, () => this.newOrder({ instrument, side: buy, volume: 10 }))
          at(15, () => this.newOrder({ instrument, side, notional }))
        }
        onExit() {
          for (const { status, filled } of this.pastOrders()) this.log(status, filled)
        }
      }
      const record = await play(Sends, data, { ...(risk && { risk }) })
      expect(verify(record, data)).toEqual({ agrees: true })
      const why = record.refusals.map(({ code, numbers }) => `${code} ${numbers['filled']}`)
      return [...fills(record).map((text) => text.replace(/ X at| on .*/g, '')), ...record.lines, ...why]
    }
    expect(await late(buy, 1000, undefined)).toEqual(['buy 20 50', 'FILLED 20'])
    // 1000 at 5 % below the last price of 109.5.
    expect(await late(buy, 1000, { maxPosition: 10 })).toEqual([
      ...['buy 9 50', 'CANCELLED 9', 'POSITION_LIMIT 9'],
    ])
    expect(await late(buy, 1000, { maxOrderVolume: 10 })).toContain('buy 9 50')
    const sold = ['buy 10 110', 'sell 9 49', 'FILLED 10', 'CANCELLED 9', 'POSITION_LIMIT 9']
    expect(await late(sell, 1000, { longOnly: true })).toEqual(sold)
    expect(await late(sell, 1000, { shortable: {} })).toEqual(sold)
    // What goes by money needs no bound: it is worth no more.
    expect(await late(buy, 1000, { maxGross: 1001 })).toEqual(['buy 20 50', 'FILLED 20'])
    // On bars a fill is cut when it comes.
    const order = { side: buy, notional: 950 }
    expect((await outcome(market(100, 50), { risk: { maxOrderVolume: 10 } }, [order]))[0]).toBe(
      'buy 10 50 by open',
    )
  })

  test('for the same as one for as much money', async () => {
    expect(
      await outcome(
        market(100, 101, 101),
        { risk: { duplicateSeconds: 1e6 } },
        [{ side: buy, notional: 300 }],
        [
          { side: buy, notional: 300 },
          { side: buy, notional: 400 },
        ],
      ),
    ).toEqual([
      'buy 2 101 by open',
      'buy 3 101 by open',
      expect.stringMatching(/^DUPLICATE_ORDER/),
      ...['FILLED 2 of 2', 'REJECTED 0 of 2', 'FILLED 3 of 3'],
    ])
  })

  test('and where there is no price, or not one lot is to be had, it is refused', async () => {
    class Early extends sends([{ side: buy, notional: 50 }]) {
      async onStart() {
        const { accepted, ...more } = await this.newOrder({
          instrument: this.instruments()[0]!,
          ...{ side: buy, notional: 500 },
        })
        this.log(accepted, 'code' in more && more.code)
      }
    }
    const { lines } = await play(Early, market(100, 100))
    expect(lines.map((line) => line.slice(0, 30))).toEqual([
      'false NO_MARKET',
      'NO_MARKET X has no price above',
      'OFF_LOT A notional of 50 does ',
      ...['REJECTED 0 of 0', 'REJECTED 0 of 0'],
    ])
  })
})

describe('a market order with protection on bars', () => {
  test('fills at an open that is no worse, and ends at one that is', async () => {
    const order = { side: buy, volume: 5, protectionPrice: 101 }
    expect(await outcome(market(100, 101), {}, [order])).toEqual(['buy 5 101 by open', 'FILLED 5 of 5'])
    expect(await outcome(market(100, [102, 102, 99, 100]), {}, [order])).toEqual(['CANCELLED 0 of 5'])
    const sale = { side: sell, volume: 5, protectionPrice: 99 }
    expect(await outcome(market(100, 99), {}, [sale])).toEqual(['sell 5 99 by open', 'FILLED 5 of 5'])
    expect(await outcome(market(100, 98.5), {}, [sale])).toEqual(['CANCELLED 0 of 5'])
  })

  test('counts the slippage, and takes back what the bar has no volume for', async () => {
    const costs = { commission: 0, slippage: 0.02 }
    const order = { side: buy, volume: 5, protectionPrice: 101 }
    expect(await outcome(market(100, 100), { costs }, [order])).toEqual(['CANCELLED 0 of 5'])
    expect(await outcome(thin(3, 100, 100, 100), {}, [order])).toEqual([
      'buy 3 100 by open, volume share',
      'CANCELLED 3 of 5',
    ])
    class Slips extends sends([order]) {
      slippage() {
        return 2
      }
    }
    expect((await play(Slips, market(100, 100, 100))).lines).toEqual(['CANCELLED 0 of 5'])
  })

  test('may spend money within it', async () => {
    const order = { side: buy, notional: 505, protectionPrice: 101 }
    expect(await outcome(market(100, 101), {}, [order])).toEqual(['buy 5 101 by open', 'FILLED 5 of 5'])
  })
})

describe('a market-to-limit order on bars', () => {
  const order = { side: buy, volume: 10, toLimit: true }

  test('is a limit order at the open that it traded at, with what the bar had no volume for', async () => {
    const costs = { commission: 0, slippage: 0.01 }
    expect(
      await outcome(thin(6, 100, [100, 101, 99, 100], [103, 104, 102, 103], [101, 102, 99, 101]), { costs }, [
        order,
      ]),
    ).toEqual(['buy 6 101 by open, volume share', 'buy 4 100 by limit', 'FILLED 10 of 10 at 100'])
  })

  test('that fills whole was a market order', async () => {
    expect(await outcome(market(100, 105), {}, [order])).toEqual(['buy 10 105 by open', 'FILLED 10 of 10'])
  })

  test('can be changed once it rests', async () => {
    class Changes extends sends([order]) {
      override async onBar(event: BarEvent) {
        await super.onBar(event)
        const [resting] = this.orders()
        if (this.seen === 2) await this.changeOrder(resting!, { price: 98, volume: 9 })
      }
    }
    const data = thin(6, 100, 100, [100, 100, 99, 100], [100, 100, 97, 100], 100)
    const record = await play(Changes, data)
    expect(fills(record)).toEqual([
      'buy 6 X at 100 on 1 by open, volume share',
      'buy 3 X at 98 on 3 by limit',
    ])
    expect(record.lines).toEqual(['FILLED 9 of 9 at 98'])
    expect(verify(record, data)).toEqual({ agrees: true })
  })
})

type Message = readonly [second: number, type: number, id: number, size: number, price: number, side: 1 | -1]

/** 10 and 20 are bid at 10.00, 30 is offered at 10.02 and 40 at 10.03; then nothing happens until the last second. */
function recording(changes: Partial<RecordedFlow> = {}): DataSet {
  const messages: Message[] = [
    [1, 1, 1, 10, 10, 1],
    [2, 1, 2, 20, 10, 1],
    [3, 1, 3, 30, 10.02, -1],
    [4, 1, 4, 40, 10.03, -1],
    [5, 1, 5, 1, 10.01, 1],
    [6, 4, 5, 1, 10.01, 1],
    [58, 1, 6, 1, 9.9, 1],
  ]
  const lines = messages.map(([second, type, id, size, price, side]) =>
    [second, type, id, size, Math.round(price * 10_000), side].join(','),
  )
  return {
    ...{ id: 'recording', name: 'Recording', provenance: 'made for a test', instruments: [] },
    recorded: {
      instrument: { name: 'X', exchange: 'venue', tickSize: 0.01, lotSize: 1 },
      priceStep: 0.0001,
      start: lobsterTime(lines[0]!, 0),
      end: lobsterTime(lines.at(-1)!, 0),
      latency: 0,
      messages: [...readLobster({ messages: lines, midnight: 0 })],
      ...changes,
    },
  }
}

/** Sends orders ten seconds apart on the recorded book, and tells what became of them. */
async function onBook(...requests: Asked[]): Promise<string[]> {
  class Sends extends BarStrategy {
    onBar() {}
    onStart() {
      const [instrument] = this.instruments()
      for (const [i, request] of requests.entries())
        this.at(async () => void (await this.newOrder({ ...request, instrument: instrument! })), {
          ...{ hour: 0, minute: 0, second: 10 * (i + 1) },
        })
      this.at(
        () => {
          for (const { status, filled, volume, price } of this.pastOrders())
            this.log(`${status} ${filled} of ${volume}${price > 0 ? ` at ${price}` : ''}`)
        },
        { hour: 0, minute: 0, second: 57 },
      )
    }
    onRejected({ target: { code } }: RejectionEvent) {
      this.log(code)
    }
  }
  const data = recording()
  const record = await play(Sends, data, { cash: 1e6 })
  expect(verify(record, data)).toEqual({ agrees: true })
  return [...fills(record).map((text) => text.replace(/ X at| on \d+|replay, /g, '')), ...record.lines]
}

describe('on recorded orders', () => {
  test('a market order by notional takes price by price what its money pays for', async () => {
    expect(await onBook({ side: buy, notional: 501 })).toEqual([
      'buy 30 10.02 by taking',
      'buy 19 10.03 by taking',
      'FILLED 49 of 49',
    ])
    expect(await onBook({ side: sell, notional: 150 })).toEqual([
      ...['sell 10 10 by taking', 'sell 5 10 by taking', 'FILLED 15 of 15'],
    ])
    expect((await onBook({ side: sell, notional: 400 })).at(-1)).toMatch(/^CANCELLED 30 of/)
  })

  test('one with protection takes what is within it', async () => {
    expect(await onBook({ side: buy, volume: 50, protectionPrice: 10.02 })).toEqual([
      'buy 30 10.02 by taking',
      'CANCELLED 30 of 50',
    ])
    expect(await onBook({ side: buy, notional: 700, protectionPrice: 10.02 })).toEqual([
      'buy 30 10.02 by taking',
      expect.stringMatching(/^CANCELLED 30 of/),
    ])
  })

  test('market-to-limit takes the best price and rests there', async () => {
    expect(await onBook({ side: buy, volume: 50, toLimit: true })).toEqual([
      'buy 30 10.02 by taking',
      'OPEN 30 of 50 at 10.02',
    ])
  })

  const resting = { side: buy, volume: 5, price: 10.01 }
  const coming = (selfTrade?: SelfTrade) =>
    onBook(resting, { side: sell, volume: 8, ...(selfTrade && { selfTrade }) })

  test('an order that comes to one of the same account does what its rule says', async () => {
    const newest = ['OPEN 0 of 5 at 10.01', 'CANCELLED 0 of 8']
    expect(await coming()).toEqual(newest)
    expect(await coming(SelfTrade.CANCEL_NEWEST)).toEqual(newest)
    expect(await coming(SelfTrade.CANCEL_OLDEST)).toEqual([
      'sell 8 10 by taking',
      ...['CANCELLED 0 of 5 at 10.01', 'FILLED 8 of 8'],
    ])
    expect(await coming(SelfTrade.CANCEL_BOTH)).toEqual(['CANCELLED 0 of 5 at 10.01', 'CANCELLED 0 of 8'])
    expect(await coming(SelfTrade.NONE)).toEqual([
      'sell 5 10.01 by taking',
      'buy 5 10.01 by taken by an own order',
      'sell 3 10 by taking',
      ...['FILLED 5 of 5 at 10.01', 'FILLED 8 of 8'],
    ])
  })

  test('so it is where the one that rests is hidden', async () => {
    const of = (selfTrade: SelfTrade) =>
      onBook({ ...resting, hidden: true }, { side: sell, volume: 8, selfTrade }).then((lines) =>
        lines.slice(-2),
      )
    expect(await of(SelfTrade.CANCEL_OLDEST)).toEqual(['CANCELLED 0 of 5 at 10.01', 'FILLED 8 of 8'])
    expect(await of(SelfTrade.CANCEL_BOTH)).toEqual(['CANCELLED 0 of 5 at 10.01', 'CANCELLED 0 of 8'])
    expect(await of(SelfTrade.NONE)).toEqual(['FILLED 5 of 5 at 10.01', 'FILLED 8 of 8'])
    expect(await of(SelfTrade.CANCEL_NEWEST)).toEqual(['OPEN 0 of 5 at 10.01', 'CANCELLED 0 of 8'])
  })

  test('and after the end with the last book', async () => {
    const last = async (request: Asked) => {
      class Last extends BarStrategy {
        onBar() {}
        onExit() {
          return this.newOrder({ instrument: this.instruments()[0]!, ...request }).then(() => {})
        }
      }
      const data = recording()
      const record = await play(Last, data, { cash: 1e6 })
      expect(verify(record, data)).toEqual({ agrees: true })
      return fills(record).map((text) => text.replace(/ X at| on \d+| by last book/g, ''))
    }
    expect(await last({ side: buy, notional: 501 })).toEqual(['buy 30 10.02', 'buy 19 10.03'])
    expect(await last({ side: buy, volume: 50, protectionPrice: 10.02 })).toEqual(['buy 30 10.02'])
    expect(await last({ side: buy, volume: 50, toLimit: true })).toEqual(['buy 30 10.02'])
  })
})

describe('whatever market orders are sent', () => {
  const synthetic = (seed: number): DataSet => ({
    ...{ id: 'synthetic', name: 'Synthetic', provenance: 'made while it runs', instruments: [] },
    synthetic: { seed, seconds: 60, agents: 60, barSeconds: 5 },
  })
  const candle: fc.Arbitrary<Candle> = fc
    .tuple(fc.integer({ min: 90, max: 110 }), fc.integer({ min: 90, max: 110 }), fc.nat(4), fc.nat(4))
    .map(([open, close, up, down]) => [open, Math.max(open, close) + up, Math.min(open, close) - down, close])
  const request = fc.record({
    side: fc.constantFrom(buy, sell),
    how: fc.nat(4),
    size: fc.integer({ min: 1, max: 300 }),
    near: fc.integer({ min: -4, max: 4 }),
    selfTrade: fc.constantFrom(undefined, ...Object.values(SelfTrade)),
  })
  type Wanted = typeof request extends fc.Arbitrary<infer Value> ? Value : never
  type Plan = readonly (readonly Wanted[])[]

  const sendsWhatever = (plan: Plan) =>
    class extends BarStrategy {
      step = 0
      async onBar({ target: { instrument, close } }: BarEvent) {
        const tick = instrument.tickSize || 1
        for (const { side, how, size, near, selfTrade } of plan[this.step++] ?? []) {
          const price = Math.round(close / tick + near) * tick
          const common = { instrument, side, ...(selfTrade && { selfTrade }) }
          if (how === 0) await this.newOrder({ ...common, notional: size * close })
          else if (how === 1) await this.newOrder({ ...common, volume: size, protectionPrice: price })
          else if (how === 2) await this.newOrder({ ...common, volume: size, toLimit: true })
          else if (how === 3)
            await this.newOrder({ ...common, notional: size * close, protectionPrice: price })
          else await this.newOrder({ ...common, volume: size, price })
        }
      }
      onExit() {
        for (const order of this.pastOrders()) this.check(order)
      }
      check(order: Order) {
        const trades = this.trades().filter(({ myOrder }) => myOrder === order)
        const money = trades.reduce((sum, { price, volume }) => sum + price * volume, 0)
        const filled = trades.reduce((sum, { volume }) => sum + volume, 0)
        const sign = order.side === buy ? 1 : -1
        const worst = trades.map(({ price }) => sign * price).sort((a, b) => b - a)[0] ?? -Infinity
        const wrong =
          money > order.notional * (1 + 1e-9)
            ? 'more money than it had'
            : order.notional > 0 && order.status === 'FILLED' && order.volume !== filled
              ? 'not done with all it traded'
              : worst > sign * order.protectionPrice + 1e-9
                ? 'beyond its protection'
                : order.toLimit && order.price > 0 && worst > sign * order.price + 1e-9
                  ? 'worse than its first price'
                  : undefined
        if (wrong) throw new Error(`${String(order)}: ${wrong}`)
      }
    }

  const plans = fc.array(fc.array(request, { maxLength: 3 }), { maxLength: 12, size: 'max' })
  const both = async (data: DataSet, plan: Plan, changes: Partial<RunSettings>) => {
    const asked = {
      strategy: sendsWhatever(plan),
      data,
      settings: settings({ cash: 30_000, leverage: 3, ...changes }),
    }
    const record = await run(asked)
    expect(verify(record, data)).toEqual({ agrees: true })
    expect((await run(asked)).digest).toBe(record.digest)
    return record
  }

  test('on bars none spends more than it has, trades beyond its protection or gets lost', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(candle, { minLength: 3, maxLength: 14 }), plans, async (candles, plan) => {
        await both(thin(150, ...candles), plan, {})
      }),
      { numRuns: 150, seed: 20_261_120 },
    )
  }, 60_000)

  test('on a synthetic market neither, and its journal tells what was asked', async () => {
    const asked = new Set<string>()
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 1000 }), plans, async (seed, plan) => {
        const data = synthetic(seed)
        const record = await both(data, plan, { cash: 1e7 })
        for (const entry of journalEntries(record, data))
          if (entry.event === 'NEW ORDER')
            for (const name of ['notional', 'protectionPrice', 'toLimit', 'selfTrade'] as const)
              if (entry[name] !== undefined) asked.add(name)
      }),
      { numRuns: 25, seed: 20_261_120 },
    )
    expect([...asked].sort()).toEqual(['notional', 'protectionPrice', 'selfTrade', 'toLimit'])
  }, 120_000)

  test('on recorded orders neither', async () => {
    const data = await catalogued('recorded-orders', () => Promise.reject(new Error('there is no file')))
    await fc.assert(
      fc.asyncProperty(plans, async (plan) => void (await both(data, plan, { cash: 1e7 }))),
      { numRuns: 8, seed: 20_261_120 },
    )
  }, 120_000)

  test('strategies of one run are one account to self-trade prevention', async () => {
    const at = (second: number, request: Asked) =>
      class extends BarStrategy {
        onBar() {}
        onStart() {
          const send = async () => {
            await this.newOrder({ ...request, instrument: this.instruments()[0]! })
          }
          this.at(send, { hour: 0, minute: 0, second })
        }
        onExit() {
          for (const { status, filled } of this.pastOrders()) this.log(`${status} ${filled}`)
        }
      }
    const of = async (selfTrade: SelfTrade) => {
      const lines: string[] = []
      await run({
        strategies: [
          { strategy: at(10, { side: buy, volume: 5, price: 10.01 }) },
          { strategy: at(20, { side: sell, volume: 5, selfTrade }) },
        ],
        data: recording(),
        settings: settings({ cash: 1e6 }),
        log: ({ text, strategy }) => void lines.push(`${strategy} ${text}`),
      })
      return lines
    }
    // What works at the end is taken back after onExit.
    expect(await of(SelfTrade.CANCEL_NEWEST)).toEqual(['0 CANCELLED 0', '1 CANCELLED 0'])
    expect(await of(SelfTrade.CANCEL_OLDEST)).toEqual(['0 CANCELLED 0', '1 FILLED 5'])
    expect(await of(SelfTrade.CANCEL_BOTH)).toEqual(['0 CANCELLED 0', '1 CANCELLED 0'])
    expect(await of(SelfTrade.NONE)).toEqual(['0 FILLED 5', '1 FILLED 5'])
  })
})

describe('a market order that makes no sense', () => {
  const instrument = new Instrument({ name: 'X' })
  const made = (request: Partial<OrderRequest>) => () => new Order({ instrument, side: buy, ...request })
  test.each([
    [{}, 'Order volume is undefined; expected a finite number above zero'],
    [{ notional: 0 }, 'Order notional is 0; expected a finite amount of money above zero'],
    [{ notional: 5, volume: 5 }, 'Order notional is 5 with a volume of 5; expected one of the two'],
    [{ notional: 5, price: 5 }, 'Order notional is 5 on a LIMIT order; expected a market order'],
    [{ notional: 5, flag: OrderFlag.FILL_OR_KILL }, 'with the flag FILL_OR_KILL'],
    [{ notional: 5, reduceOnly: true }, 'with reduceOnly'],
    [{ notional: 5, toLimit: true }, 'with toLimit'],
    [
      { volume: 1, protectionPrice: NaN },
      'Order protectionPrice is NaN on a MARKET order; expected a finite price',
    ],
    [{ volume: 1, price: 5, protectionPrice: 5 }, 'Order protectionPrice is 5 on a LIMIT order'],
    [{ volume: 1, toLimit: 1 as never }, 'Order toLimit is 1; expected true or false'],
    [
      { volume: 1, toLimit: true, price: 4 },
      'Order toLimit is true on a LIMIT order; expected one of the two: only a market order',
    ],
    [
      { volume: 1, toLimit: true, protectionPrice: 4 },
      'Order toLimit is true with a protectionPrice of 4; expected one of the two: the first price',
    ],
    [
      { volume: 1, toLimit: true, flag: OrderFlag.IMMEDIATE_OR_CANCEL },
      'Order toLimit is true with the flag IMMEDIATE_OR_CANCEL; expected one of the two: what is left',
    ],
    [
      { volume: 1, selfTrade: 'cancel' as never },
      "Order selfTrade is 'cancel'; expected one of NONE, CANCEL_NEWEST",
    ],
  ] satisfies [Partial<OrderRequest>, string][])('%o is refused', (request, message) => {
    expect(made(request)).toThrow(message)
  })

  test('is refused off the ticks, and in a bracket or beside a volume', async () => {
    const data = dataSet(series({ name: 'X', tickSize: 0.5, lotSize: 1 }, [100, 100]))
    expect((await outcome(data, {}, [{ side: buy, volume: 1, protectionPrice: 100.2 }]))[0]).toMatch(
      /^OFF_TICK The protectionPrice 100.2 is not a multiple of the tick 0.5/,
    )
    class Wrong extends BarStrategy {
      onBar({ target: { instrument } }: BarEvent) {
        const attempts = [
          () => this.bracket({ instrument, side: buy, notional: 500 }, { stop: 90 }),
          () => this.buy(instrument, 1, { notional: 5 } as object),
          async () => {
            const { order } = await this.newOrder({ instrument, side: buy, notional: 500 })
            await this.changeOrder(order!, { volume: 3 })
          },
        ]
        for (const attempt of attempts)
          try {
            void attempt().catch(({ message }: Error) => this.log(message))
          } catch (error) {
            this.log((error as Error).message)
          }
      }
    }
    const { lines } = await play(Wrong, market(100))
    expect(lines.join('\n')).toContain('bracket: the entry goes by a notional of 500; expected a volume')
    expect(lines.join('\n')).toContain("buy: the options have a field 'notional'")
    expect(lines.join('\n')).toContain('changeOrder: volume is 3 on a MARKET order; expected only a cancel')
    expect(OrderType.MARKET).toBe('MARKET')
  })
})

test('what only some orders have is written only with these', () => {
  const instrument = new Instrument({ name: 'X', lotSize: 1 })
  const written = (request: Partial<OrderRequest>) =>
    JSON.parse(
      JSON.stringify(new Order({ instrument, side: Side.BUY, ...request } as OrderRequest)),
    ) as object
  expect(written({ notional: 500, protectionPrice: 12 })).toMatchObject({
    notional: 500,
    protectionPrice: 12,
  })
  expect(written({ volume: 5, toLimit: true })).toMatchObject({ volume: 5, toLimit: true })
  for (const name of ['notional', 'protectionPrice', 'toLimit'])
    expect(written({ volume: 5 })).not.toHaveProperty(name)
})
