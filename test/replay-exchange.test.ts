import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { OrderBook, type BookListener } from '#book'
import { type DataSet, type FlowBlock, FlowKind, type RecordedFlow } from '#data'
import { verify } from '#engine'
import {
  lobsterTime,
  operationsHead,
  operationTime,
  readLobster,
  readOperations,
  recordFlow,
} from '#exchange'
import {
  type BarEvent,
  BarStrategy,
  type BookEvent,
  type MarketOrderEvent,
  type Order,
  type OrderEvent,
  type OrderRequest,
  type RejectionEvent,
  Side,
  Strategy,
  type TradeEvent,
} from 'outcry'
import { run, seededFlow } from './bench/order-flow.ts'
import { fills, play, recordedMessages } from './market.ts'
import { lobsterFile } from './recordings.ts'

/** A message: second, type, order, size, price in dollars, side of the resting order. */
type Message = readonly [
  second: number,
  type: number,
  id: number,
  size: number,
  price: number,
  side: 'bid' | 'ask' | 'none',
]

const line = ([second, type, id, size, price, side]: Message) =>
  [second, type, id, size, type === 7 ? price : Math.round(price * 10_000), side === 'bid' ? 1 : -1].join(',')

/** A data set of recorded messages, on 1970-01-01, of a minute. Requests arrive at once. */
function recording(messages: readonly Message[], changes: Partial<RecordedFlow> = {}): DataSet {
  return recordedMessages(messages.map(line), changes)
}

type Plan = readonly (readonly [second: number, request: Omit<OrderRequest, 'instrument'> | 'cancel'])[]

/** Sends orders at seconds of the recording, and writes what becomes of them. */
function sends(...plan: Plan): new () => Strategy {
  return class extends Strategy {
    #order: Order | undefined
    onTrade() {}
    onStart() {
      const [instrument] = this.instruments()
      for (const [second, request] of plan)
        this.at(
          async () => {
            if (request === 'cancel') await this.cancelOrder(this.#order!)
            else this.#order = (await this.newOrder({ ...request, instrument: instrument! })).order
          },
          { hour: 0, minute: 0, second },
        )
    }
    onRejected({ target: { kind, code } }: RejectionEvent) {
      this.log(`${kind} ${code}`)
    }
    onCanceled({ target }: OrderEvent) {
      // At the end everything is.
      if (this.now() < 50_000) this.log(`cancelled with ${target.filled} filled`)
    }
  }
}

const { BUY: buy, SELL: sell } = Side
const rich = { cash: 1e9 }

/** What plans do on messages: fills as `12s buy 5 at 10.01 by queue reached`, then what was written. */
async function outcome(messages: readonly Message[], ...plan: Plan): Promise<string[]> {
  const record = await play(sends(...plan), recording(messages), rich)
  return [
    ...fills(record).map(
      (text, i) =>
        `${record.fills.time[i]! / 1e6}s ${text.replace(/ X at (.*) on \d+ by replay, /, ' at $1 by ')}`,
    ),
    ...record.lines,
  ]
}

/** 10 and 20 are bid at 10.00, 30 is offered at 10.02 and 40 at 10.03. */
const book: Message[] = [
  [1, 1, 1, 10, 10, 'bid'],
  [2, 1, 2, 20, 10, 'bid'],
  [3, 1, 3, 30, 10.02, 'ask'],
  [4, 1, 4, 40, 10.03, 'ask'],
]
const close: Message = [50, 1, 999, 1, 9, 'bid']

describe('an order that takes', () => {
  test('pays the prices of the orders shown, best first', async () => {
    expect(await outcome([...book, close], [5, { side: buy, volume: 50 }])).toEqual([
      '5s buy 30 at 10.02 by taking',
      '5s buy 20 at 10.03 by taking',
    ])
  })

  test('does not find again what it took, until other orders come', async () => {
    const later: Message = [10, 1, 5, 7, 10.02, 'ask']
    expect(
      await outcome(
        [...book, later, close],
        [5, { side: buy, volume: 30 }],
        [6, { side: buy, volume: 1 }],
        [11, { side: buy, volume: 8 }],
      ),
    ).toEqual([
      '5s buy 30 at 10.02 by taking',
      '6s buy 1 at 10.03 by taking',
      '11s buy 7 at 10.02 by taking',
      '11s buy 1 at 10.03 by taking',
    ])
  })

  test('leaves a recorded order what the recording leaves it, less what was taken', async () => {
    // 30 were offered, 10 of them taken by us; the recording trades 15 of them: 5 are left.
    const traded: Message = [7, 4, 3, 15, 10.02, 'ask']
    expect(
      await outcome([...book, traded, close], [5, { side: buy, volume: 10 }], [8, { side: buy, volume: 6 }]),
    ).toEqual(['5s buy 10 at 10.02 by taking', '8s buy 5 at 10.02 by taking', '8s buy 1 at 10.03 by taking'])
  })

  test('ends with what the book cannot give, or rests with it where it has a price', async () => {
    expect(await outcome([...book, close], [5, { side: buy, volume: 80 }])).toEqual([
      '5s buy 30 at 10.02 by taking',
      '5s buy 40 at 10.03 by taking',
      'cancelled with 70 filled',
    ])
    // An order that arrives later meets the rest of it.
    const seller: Message = [9, 1, 6, 8, 10.02, 'ask']
    expect(await outcome([...book, seller, close], [5, { side: buy, volume: 35, price: 10.02 }])).toEqual([
      '5s buy 30 at 10.02 by taking',
      '9s buy 5 at 10.02 by crossed by an order',
    ])
  })
})

describe('an order that rests', () => {
  const joins: Plan = [[5, { side: buy, volume: 5, price: 10 }]]
  const trade = (second: number, id: number, size: number): Message => [second, 4, id, size, 10, 'bid']

  test('waits until all that stood before it has traded', async () => {
    const behind: Message = [6, 1, 7, 9, 10, 'bid']
    const trades = [trade(10, 1, 10), trade(11, 2, 20), trade(12, 7, 3), trade(13, 7, 4)]
    expect(await outcome([...book, behind, ...trades, close], ...joins)).toEqual([
      '12s buy 3 at 10 by queue reached',
      '13s buy 2 at 10 by queue reached',
    ])
  })

  test('gets its own part of what a seller of ten trades, and rests with what is left (PF-05)', async () => {
    const messages: Message[] = [
      [1, 1, 1, 8, 10, 'bid'],
      [3, 1, 3, 30, 10.02, 'ask'],
      [6, 1, 7, 2, 10, 'bid'],
      [10, 4, 1, 8, 10, 'bid'],
      [10, 4, 7, 2, 10, 'bid'],
    ]
    class Watches extends sends(...joins) {
      override onTrade() {}
      onBought({ target: { volume, myOrder, instrument } }: TradeEvent) {
        this.log(`bought ${volume}, holds ${this.position(instrument).size}`)
        this.log(`${myOrder!.status} with ${myOrder!.filled} of ${myOrder!.volume}`)
      }
    }
    const { lines } = await play(Watches, recording([...messages, close]), rich)
    expect(lines).toEqual(['bought 2, holds 2', 'OPEN with 2 of 5'])
  })

  test('moves up when an order before it is taken back, and not when one behind it is', async () => {
    const behind: Message = [6, 1, 7, 9, 10, 'bid']
    const last: Message = [7, 1, 8, 9, 10, 'bid']
    const first: Message = [8, 3, 1, 10, 10, 'bid']
    const other: Message = [8, 3, 7, 9, 10, 'bid']
    // The recorded taker meets order 2 in both cases; ours is behind it.
    expect(await outcome([...book, behind, last, first, trade(10, 2, 20), close], ...joins)).toEqual([])
    expect(
      await outcome(
        [...book, behind, last, first, other, trade(10, 2, 20), trade(11, 8, 9), close],
        ...joins,
      ),
    ).toEqual(['11s buy 5 at 10 by queue reached'])
  })

  test('is filled whole at its price when the market trades beyond it', async () => {
    const lower: Message = [6, 1, 7, 100, 9.99, 'bid']
    expect(await outcome([...book, lower, [10, 4, 7, 3, 9.99, 'bid'], close], ...joins)).toEqual([
      '10s buy 3 at 10 by traded through',
    ])
  })

  test('shares a trade with others of ours by price and then by time, and no more than the trade', async () => {
    const better: Plan = [
      [5, { side: buy, volume: 5, price: 10.01 }],
      [6, { side: buy, volume: 5, price: 10.01 }],
      [7, { side: buy, volume: 5, price: 10 }],
    ]
    expect(await outcome([...book, trade(10, 1, 8), close], ...better)).toEqual([
      '10s buy 5 at 10.01 by traded through',
      '10s buy 3 at 10.01 by traded through',
    ])
  })

  test('meets an order that arrives through its price, for what that order is for', async () => {
    const seller: Message = [10, 1, 7, 3, 10.01, 'ask']
    expect(await outcome([...book, seller, close], [5, { side: buy, volume: 5, price: 10.01 }])).toEqual([
      '10s buy 3 at 10.01 by crossed by an order',
    ])
  })

  test('comes before hidden orders at its price only where nothing shown is ahead of it, and before those beyond it', async () => {
    const hidden = (price: number): Message => [10, 5, 0, 4, price, 'bid']
    expect(await outcome([...book, hidden(10), close], ...joins)).toEqual([])
    const gone: Message[] = [
      [8, 3, 1, 10, 10, 'bid'],
      [8, 3, 2, 20, 10, 'bid'],
    ]
    expect(await outcome([...book, ...gone, hidden(10), close], ...joins)).toEqual([
      '10s buy 4 at 10 by queue reached',
    ])
    expect(await outcome([...book, hidden(9.995), close], ...joins)).toEqual([
      '10s buy 4 at 10 by traded through',
    ])
  })

  test('is not served by an auction', async () => {
    expect(await outcome([...book, [10, 6, 0, 500, 9.5, 'none'], close], ...joins)).toEqual([])
  })

  test('stands behind orders of unknown age: those seeded from the book file, and makers it does not know', async () => {
    expect(await outcome([...book, trade(10, 555, 50), close], ...joins)).toEqual([])
    const rows = ['100200,5,100000,9', '100200,5,100000,9', '100200,5,100000,4', '100200,5,0,0']
    const lines = [
      [1, 1, 1, 5, 10.02, 'ask'],
      [2, 5, 0, 1, 10.01, 'ask'],
      [10, 4, 77, 5, 10, 'bid'],
      [12, 4, 78, 4, 10, 'bid'],
    ] as const
    const data = recording(lines, {
      messages: [...readLobster({ messages: lines.map(line), rows, midnight: 0 })],
    })
    const record = await play(sends([5, { side: buy, volume: 5, price: 10 }]), data, rich)
    expect(fills(record)).toEqual([])
  })

  test('can be taken back; when the cancel arrives too late it is refused', async () => {
    expect(await outcome([...book, trade(40, 1, 10), close], joins[0]!, [10, 'cancel'])).toEqual([
      'cancelled with 0 filled',
    ])
    const data = recording([...book, [10, 4, 2, 20, 9.99, 'bid'], close], { latency: 2e6 })
    // Sent at 9 s, there at 11 s; the trade was at 10 s.
    const record = await play(sends([5, { side: buy, volume: 5, price: 10 }], [9, 'cancel']), data, rich)
    expect(record.lines).toEqual(['cancel ORDER_FINISHED'])
    expect([...record.fills.volume]).toEqual([5])
  })

  test('is taken back when the recording ends', async () => {
    const record = await play(sends(...joins), recording([...book, close]), rich)
    expect([...record.orders.ended]).toEqual([50e6])
    expect(record.market[0]!.bars.time.at(-1)).toBe(50e6)
  })
})

describe('flags and stops', () => {
  test('fill-or-kill takes all or nothing, immediate-or-cancel what there is', async () => {
    const price = 10.02
    expect(
      await outcome([...book, close], [5, { side: buy, volume: 31, price, flag: 'FILL_OR_KILL' }]),
    ).toEqual(['cancelled with 0 filled'])
    expect(
      await outcome([...book, close], [5, { side: buy, volume: 30, price, flag: 'FILL_OR_KILL' }]),
    ).toEqual(['5s buy 30 at 10.02 by taking'])
    expect(
      await outcome([...book, close], [5, { side: buy, volume: 31, price, flag: 'IMMEDIATE_OR_CANCEL' }]),
    ).toEqual(['5s buy 30 at 10.02 by taking', 'cancelled with 30 filled'])
  })

  test('post-only is refused where it would trade, and rests elsewhere', async () => {
    const flag = 'POST_ONLY'
    expect(await outcome([...book, close], [5, { side: buy, volume: 1, price: 10.02, flag }])).toEqual([
      'order WOULD_TRADE',
    ])
    const through: Message = [9, 4, 1, 1, 10, 'bid']
    expect(
      await outcome([...book, through, close], [5, { side: buy, volume: 1, price: 10.01, flag }]),
    ).toEqual(['9s buy 1 at 10.01 by traded through'])
  })

  test('all-or-none waits for one trade or order that is large enough', async () => {
    const plan: Plan = [[5, { side: buy, volume: 6, price: 10.01, flag: 'ALL_OR_NONE' }]]
    const sellers: Message[] = [
      [10, 1, 7, 5, 10.01, 'ask'],
      [11, 3, 7, 5, 10.01, 'ask'],
      [12, 4, 1, 4, 10, 'bid'],
      [13, 4, 2, 6, 10, 'bid'],
    ]
    expect(await outcome([...book, ...sellers, close], ...plan)).toEqual([
      '13s buy 6 at 10.01 by traded through',
    ])
  })

  test('a stop becomes a market order at the first trade at or through its price, a stop-limit a limit order', async () => {
    const higher: Message = [9, 4, 3, 10, 10.02, 'ask']
    const lower: Message = [8, 4, 1, 1, 10, 'bid']
    expect(
      await outcome([...book, lower, higher, close], [5, { side: buy, volume: 35, stopPrice: 10.01 }]),
    ).toEqual(['9s buy 20 at 10.02 by taking', '9s buy 15 at 10.03 by taking'])
    expect(
      await outcome(
        [...book, lower, higher, close],
        [5, { side: buy, volume: 35, stopPrice: 10.01, price: 10.02 }],
      ),
    ).toEqual(['9s buy 20 at 10.02 by taking'])
  })

  test('a trailing stop follows the trades up and sells when they come back', async () => {
    const trades: Message[] = [
      [6, 4, 3, 1, 10.02, 'ask'],
      [8, 4, 4, 1, 10.03, 'ask'],
      [9, 4, 3, 1, 10.02, 'ask'],
      [11, 5, 0, 1, 10.01, 'ask'],
    ]
    expect(await outcome([...book, ...trades, close], [7, { side: sell, volume: 3, trail: 0.02 }])).toEqual([
      '11s sell 3 at 10 by taking',
    ])
  })

  test('nothing is accepted while trading is halted (EN-21)', async () => {
    const halts: Message[] = [
      [6, 7, 0, 0, -1, 'ask'],
      [20, 7, 0, 0, 1, 'ask'],
    ]
    expect(
      await outcome(
        [...book, ...halts, close],
        [7, { side: buy, volume: 1 }],
        [21, { side: buy, volume: 1 }],
      ),
    ).toEqual(['21s buy 1 at 10.02 by taking', 'order HALTED'])
  })

  test('ours do not trade with each other: what would is taken back', async () => {
    expect(
      await outcome(
        [...book, close],
        [5, { side: sell, volume: 5, price: 10.01 }],
        [6, { side: buy, volume: 2 }],
      ),
    ).toEqual(['cancelled with 0 filled'])
  })
})

/** The book's orders at the end of a flow, as `id@price` by side and place. */
function shown(blocks: readonly FlowBlock[]): Map<number, string> {
  const orders = new Map<number, { side: number; price: number; left: number }>()
  for (const { length, kind, id, side, price, size } of blocks)
    for (let i = 0; i < length; i++) {
      const known = orders.get(id[i]!)
      if (kind[i] === FlowKind.OPEN || kind[i] === FlowKind.APPEAR) {
        if (known) throw new Error(`order ${id[i]} comes twice`)
        orders.set(id[i]!, { side: side[i]!, price: price[i]!, left: size[i]! })
      } else if (kind[i] === FlowKind.CANCEL || kind[i] === FlowKind.EXECUTE) {
        if (!known || size[i]! > known.left || side[i] !== known.side || price[i] !== known.price)
          throw new Error(`${size[i]} of ${id[i]} leave, which has ${known?.left}`)
        known.left -= size[i]!
        if (known.left === 0) orders.delete(id[i]!)
      }
    }
  return new Map([...orders].map(([id, { side, price, left }]) => [id, `${side} ${price} ${left}`]))
}

describe('a file of operations', () => {
  /** A seeded market as operations, and the book that they leave. */
  function operations(seed: number) {
    const lines = ['{"op":"book","tick":0.01,"lot":1,"symbol":"ACME"}']
    const made = new OrderBook()
    const told = new Proxy(made, {
      get: (target, name) =>
        ({
          limit: (id: number, side: number, price: number, quantity: number) => {
            lines.push(
              JSON.stringify({
                ...{ time: lines.length, op: 'add', id, side: side ? 'SELL' : 'BUY' },
                ...{ price: price / 100, quantity },
              }),
            )
            return target.limit(id, side, price, quantity)
          },
          market: (id: number, side: number, quantity: number) => {
            lines.push(
              JSON.stringify({
                time: lines.length,
                op: 'add',
                id,
                side: side ? 'S' : 'B',
                type: 'M',
                quantity,
              }),
            )
            return target.market(id, side, quantity)
          },
          reduce: (id: number, by: number) => {
            const { quantity } = target.find(id)!
            lines.push(JSON.stringify({ time: lines.length, op: 'change', id, quantity: quantity - by }))
            return target.reduce(id, by)
          },
          cancel: (id: number) => {
            lines.push(JSON.stringify({ time: lines.length, op: 'cancel', id }))
            return target.cancel(id)
          },
        })[name as 'limit'] ?? (Reflect.get(target, name, target) as () => void).bind(target),
    })
    run(told, seededFlow('small', 3000, 120, seed, 40))
    return { lines, made }
  }

  test('becomes the flow of what its book shows, whatever the operations', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1000 }), (seed) => {
        const { lines, made } = operations(seed)
        const left = new Map(
          [...made].map(({ id, side, price, open }) => [id, `${side === 'BUY' ? 1 : -1} ${price} ${open}`]),
        )
        expect(lines.length).toBeGreaterThan(1000)
        expect(new Map([...shown([...readOperations(lines)])].sort())).toEqual(new Map([...left].sort()))
      }),
      { numRuns: 10 },
    )
  })

  test('shows the part of an iceberg that is shown, and hidden orders only when they trade', () => {
    const kinds = Object.fromEntries(Object.entries(FlowKind).map(([name, number]) => [number, name]))
    const said = [
      ...readOperations([
        '{"op":"book","tick":0.0001,"lot":1}',
        '{"op":"add","time":1,"id":1,"side":"SELL","price":10,"quantity":25,"display":10}',
        '{"op":"add","time":2,"id":2,"side":"SELL","price":9,"quantity":5,"hidden":true}',
        '{"op":"add","time":"1970-01-01T00:00:00.003Z","id":3,"side":"BUY","quantity":17}',
        '{"op":"change","time":4,"id":1,"quantity":20}',
        '{"op":"halt","time":5}',
        '{"op":"resume","time":6}',
      ]),
    ].flatMap(({ length, time, kind, id, price, size }) =>
      Array.from(
        { length },
        (_, i) => `${time[i]} ${kinds[kind[i]!]} ${id[i]} ${size[i]}@${price[i]! / 10_000}`,
      ),
    )
    expect(said).toEqual([
      '1000 OPEN 1 10@10',
      '3000 HIDDEN 0 5@9',
      '3000 TRADE 1 10@10',
      '3000 EXECUTE 1 10@10',
      // The next part goes to the end of the queue: there it is another order.
      `3000 OPEN ${2 ** 45} 10@10`,
      `3000 TRADE ${2 ** 45} 2@10`,
      `3000 EXECUTE ${2 ** 45} 2@10`,
      '5000 HALT 0 0@0',
      '6000 RESUME 0 0@0',
    ])
  })

  test('says which line is no operation, has no time or goes back', () => {
    const read = (...lines: string[]) => [...readOperations(lines)]
    expect(() => read('{"op":"cancel","id":1}')).toThrow('Line 1 has no time')
    expect(() => read('{"op":"halt","time":5}', '{"op":"resume","time":4}')).toThrow(
      'Line 2 is at 1970-01-01T00:00:00.004Z, earlier than',
    )
    expect(() => read('[]')).toThrow("Line 1 is '[]'")
    expect(() => read('{"op":"fly","time":1}')).toThrow('Line 1 has op "fly"')
    expect(operationTime('{"time":1.5}')).toBe(1500)
    expect(operationsHead('{"op":"book","tick":0.25,"lot":5,"symbol":"ES"}')).toEqual({
      symbol: 'ES',
      tick: 0.25,
      lot: 5,
    })
  })
})

describe('a strategy on a recording', () => {
  /** A seeded market of three levels with its book file, which begins in mid-session. */
  function recorded(changes: Partial<RecordedFlow> = {}): DataSet {
    const file = lobsterFile(3, 1_500)
    const messages = file.map(([message]) => message)
    return {
      ...recording([book[0]!]),
      recorded: {
        ...recording([book[0]!]).recorded!,
        start: lobsterTime(messages[0]!, 0),
        end: lobsterTime(messages.at(-1)!, 0),
        barSeconds: 1,
        messages: [...readLobster({ messages, rows: file.map(([, row]) => row), midnight: 0 })],
        ...changes,
      },
    }
  }

  test('that only watches sees the recorded book after every message, and every trade', async () => {
    const file = lobsterFile(3, 1_500)
    const rows = new Map<number, string>()
    for (const [message, row] of file) rows.set(lobsterTime(message, 0) / 1000, row)
    class Watches extends Strategy {
      seen = 0
      volume = 0
      onTrade({ target }: TradeEvent) {
        this.volume += target.volume
      }
      last: BookEvent['target'] | undefined
      onBook({ target }: BookEvent) {
        // The newest of a moment is what the row shows: levels that come into sight are told one by one.
        if (this.last && target.time > this.last.time) this.check(this.last)
        this.last = target
      }
      check({ time, bids, asks }: BookEvent['target']) {
        const cells = rows.get(time)!.split(',').map(Number)
        for (let i = 0; i < 3; i++)
          for (const [level, at] of [
            [asks[i], 4 * i],
            [bids[i], 4 * i + 2],
          ] as const)
            if (level && (level.price !== cells[at]! / 10_000 || level.volume !== cells[at + 1]))
              throw new Error(`${time} ${JSON.stringify(level)} ${cells.join()}`)
        this.seen++
      }
      onExit() {
        this.log(this.seen, this.volume)
      }
    }
    const trades = file.filter(([message]) => message.split(',')[1] === '4')
    const volume = trades.reduce((sum, [message]) => sum + Number(message.split(',')[3]), 0)
    const record = await play(Watches, recorded())
    expect(record.lines).toEqual([`${rows.size - 1} ${volume}`])
    const [{ bars }] = record.market as [(typeof record.market)[0]]
    expect(bars.volume.reduce((sum, size) => sum + size, 0)).toBe(volume)
    expect(record.books[0]!.bidPrice[0]! < record.books[0]!.askPrice[0]!).toBe(true)
  })

  /** Quotes on both sides and takes now and then. */
  class Busy extends Strategy {
    turn = 0
    onTrade() {}
    async onBook({ target: { instrument, bestBid, bestAsk, bids, asks } }: BookEvent) {
      if (bestBid >= bestAsk) throw new Error(`crossed: ${bestBid} and ${bestAsk}`)
      if ([...bids, ...asks].some(({ volume }) => volume <= 0)) throw new Error('an empty level is shown')
      if (++this.turn % 7 !== 0 || !(bestAsk - bestBid > 0)) return
      const mine = this.orders()
      if (mine.length > 6) await this.cancelOrder(mine[this.turn % mine.length]!)
      const price = [bestBid, bestAsk, bestBid + 0.0001, bestAsk - 0.0001][this.turn % 4]!
      await this.newOrder({
        ...{ instrument, side: this.turn % 3 ? Side.BUY : Side.SELL, volume: 1 + (this.turn % 40) },
        ...(this.turn % 5 === 0 ? {} : { price }),
      })
    }
    onOrder({ target }: MarketOrderEvent) {
      if (target.myOrder && target.volume > target.myOrder.volume) throw new Error('more than was sent')
    }
    onBar(_: BarEvent) {}
  }
  const loose = { instrument: { name: 'X', exchange: 'venue', tickSize: 0.0001, lotSize: 1 } }

  test('comes to the same end again, with every way of trading met and never a crossed book', async () => {
    const first = await play(Busy, recorded(loose), rich)
    expect([...first.rules].sort()).toEqual([
      'replay, crossed by an order',
      'replay, queue reached',
      'replay, taking',
      'replay, traded through',
    ])
    expect((await play(Busy, recorded(loose), rich)).digest).toBe(first.digest)
    expect((await play(Busy, recorded({ ...loose, latency: 5_000 }), rich)).digest).not.toBe(first.digest)
  })

  test('never gets more from a moment than the recording trades or shows there', async () => {
    const record = await play(Busy, recorded(loose), rich)
    const file = lobsterFile(3, 1_500)
    /** At each time: what traded or came to rest, and what the other messages of that time were for. */
    const offered = new Map<number, number>()
    for (const [message] of file) {
      const [, , , size] = message.split(',').map(Number) as [number, number, number, number]
      const time = lobsterTime(message, 0)
      offered.set(time, (offered.get(time) ?? 0) + size)
    }
    const got = new Map<number, number>()
    const { time, volume, rule } = record.fills
    time.forEach((at, i) => {
      if (record.rules[rule[i]!] !== 'replay, taking') got.set(at, (got.get(at) ?? 0) + volume[i]!)
    })
    expect(got.size).toBeGreaterThan(50)
    for (const [at, volume] of got) expect(volume).toBeLessThanOrEqual(offered.get(at)!)
  })

  test('can be given a recording of any length: what has ended is forgotten', () => {
    function* endless(): Generator<string> {
      for (let i = 0; i < 500_000; i++) {
        yield `${34_200 + i / 1000},1,${2 * i + 1},5,${100_000 + (i % 50)},1`
        yield `${34_200 + i / 1000},3,${2 * i + 1},5,${100_000 + (i % 50)},1`
      }
    }
    let messages = 0
    for (const { length } of readLobster({ messages: endless(), midnight: 0 })) messages += length
    expect(messages).toBe(1_000_000)
  })
})

test.each([
  [{ barSeconds: 0 }, /a bar is 0 seconds; expected whole seconds from 1/],
  [{ latency: -1 }, /latency is -1/],
  [{ end: 0 }, /they begin at 1000000 and end at 0/],
  [{ barSeconds: 1, end: 1e15 }, /bars of 1 seconds would be \d+; expected at most/],
])('a recording cannot be run with %o', async (changes, message) => {
  await expect(play(sends(), recording(book, changes))).rejects.toThrow(message)
})

describe('an iceberg', () => {
  /** Ours is alone at 10.01 at first; order 5 comes behind it, and all that trades there is with order 5. */
  const behind: Message[] = [
    ...book,
    [6, 1, 5, 15, 10.01, 'bid'],
    [8, 4, 5, 4, 10.01, 'bid'],
    [9, 4, 5, 8, 10.01, 'bid'],
    [10, 4, 5, 3, 10.01, 'bid'],
    [11, 4, 1, 10, 10, 'bid'],
    close,
  ]

  test('trades what it shows, and its next part stands behind what came meanwhile', async () => {
    expect(await outcome(behind, [5, { side: buy, volume: 30, price: 10.01 }])).toEqual([
      '8s buy 4 at 10.01 by queue reached',
      '9s buy 8 at 10.01 by queue reached',
      '10s buy 3 at 10.01 by queue reached',
      '11s buy 10 at 10.01 by traded through',
    ])
    expect(await outcome(behind, [5, { side: buy, volume: 30, price: 10.01, display: 10 }])).toEqual([
      '8s buy 4 at 10.01 by queue reached',
      '9s buy 6 at 10.01 by queue reached',
      '11s buy 10 at 10.01 by traded through',
    ])
  })

  test('shows the book one part at a time, each an order of its own there', async () => {
    class Watches extends Strategy {
      onTrade() {}
      onStart() {
        const [instrument] = this.instruments()
        this.at(() => void this.buy(instrument!, 30, { price: 10.01, display: 10 }), {
          hour: 0,
          minute: 0,
          second: 5,
        })
      }
      onOrder({ type, target: { myOrder, volume } }: MarketOrderEvent) {
        if (myOrder) this.log(type, volume, 'shown of', myOrder.remaining)
      }
      onBook({ target: book }: BookEvent) {
        if (book.bestBid === 10.01) this.log('bid', book.bids[0]!.volume)
      }
    }
    const record = await play(Watches, recording(behind), rich)
    expect(record.lines.slice(0, 4)).toEqual([
      'OPEN 10 shown of 30',
      'bid 10',
      'bid 25',
      'CHANGE 6 shown of 26',
    ])
    expect(record.lines).toContain('FILL 0 shown of 20')
    expect(record.lines).toContain('OPEN 10 shown of 20')
    expect(verify(record, recording(behind))).toEqual({ agrees: true })
  })

  test('that is made smaller shows what is left of it, and keeps its place', async () => {
    const messages: Message[] = [...book, [6, 1, 5, 15, 10.01, 'bid'], [20, 4, 5, 12, 10.01, 'bid'], close]
    class Shrinks extends Strategy {
      #order: Order | undefined
      onTrade() {}
      onStart() {
        const [instrument] = this.instruments()
        const at = (second: number, job: () => Promise<unknown>) =>
          this.at(async () => void (await job()), { hour: 0, minute: 0, second })
        at(5, async () => {
          this.#order = (await this.buy(instrument!, 30, { price: 10.01, display: 10 })).order
        })
        at(8, () => this.changeOrder(this.#order!, { volume: 12 }))
        at(9, () => this.changeOrder(this.#order!, { volume: 7 }))
        at(10, async () => this.log(this.book(instrument!)!.bids[0]!.volume))
      }
    }
    const record = await play(Shrinks, recording(messages), rich)
    expect(record.lines).toEqual(['22'])
    expect([...record.fills.volume]).toEqual([7])
  })
})

describe('a hidden order', () => {
  const hidden = { side: buy, volume: 8, price: 10, hidden: true } as const

  test('lets all that is shown at its price trade first, and trades where nothing shown is left', async () => {
    const messages: Message[] = [
      ...book,
      // Came after ours, and is shown.
      [6, 1, 5, 15, 10, 'bid'],
      [8, 4, 1, 10, 10, 'bid'],
      [9, 4, 2, 20, 10, 'bid'],
      [10, 4, 5, 15, 10, 'bid'],
      [11, 5, 0, 6, 10, 'bid'],
      close,
    ]
    expect(await outcome(messages, [5, { ...hidden, hidden: false }])).toEqual([
      '10s buy 8 at 10 by queue reached',
    ])
    expect(await outcome(messages, [5, hidden])).toEqual(['11s buy 6 at 10 by queue reached'])
  })

  test('trades with what goes through its price, and with an order that would have met it', async () => {
    expect(await outcome([...book, [8, 5, 0, 3, 9.99, 'bid'], close], [5, hidden])).toEqual([
      '8s buy 3 at 10 by traded through',
    ])
    const between = { ...hidden, price: 10.01 }
    expect(await outcome([...book, [8, 1, 5, 4, 10.01, 'ask'], close], [5, between])).toEqual([
      '8s buy 4 at 10.01 by crossed by an order',
    ])
  })

  test("is in nobody's sight, and takes what it meets like any other", async () => {
    class Watches extends Strategy {
      onTrade() {}
      onStart() {
        const [instrument] = this.instruments()
        const at = (second: number, job: () => Promise<unknown>) =>
          this.at(async () => void (await job()), { hour: 0, minute: 0, second })
        at(5, () => this.buy(instrument!, 40, { price: 10.02, hidden: true }))
        at(6, async () => this.log(this.book(instrument!)!.bestBid))
      }
      onOrder({ type, target: { myOrder } }: MarketOrderEvent) {
        if (myOrder) this.log(type)
      }
    }
    const data = recording([...book, close])
    const record = await play(Watches, data, rich)
    expect(record.lines).toEqual(['10'])
    expect(fills(record)).toEqual(['buy 30 X at 10.02 on 0 by replay, taking'])
    expect(verify(record, data)).toEqual({ agrees: true })
    const [{ ownShown, ownAhead, ownVolume, ownPrice }] = record.books as [(typeof record.books)[0]]
    expect([ownShown[0], ownAhead[0], ownVolume[0], ownPrice[0]]).toEqual([0, 0, 10, 10.02])
  })

  test('ends an order of our own that would trade with it', async () => {
    const own = { side: sell, volume: 50, price: 9.98 } as const
    expect(await outcome([...book, close], [5, { ...hidden, price: 9.99 }], [6, own])).toEqual([
      '6s sell 10 at 10 by taking',
      '6s sell 20 at 10 by taking',
      'cancelled with 30 filled',
    ])
  })

  test('is met by a post-only order of ours too, which is refused as on a book', async () => {
    const own = { side: sell, volume: 5, price: 10.01, flag: 'POST_ONLY' } as const
    const meets = (price: number) =>
      outcome([...book, close], [5, { ...hidden, price: 10.01 }], [6, { ...own, price }])
    expect(await meets(10.01)).toEqual(['order WOULD_TRADE'])
    expect(await meets(10.02)).toEqual([])
  })

  test('that is made smaller keeps its place among ours, at another price it loses it', async () => {
    class Two extends Strategy {
      onTrade() {}
      onStart() {
        const [instrument] = this.instruments()
        const orders: Order[] = []
        const at = (second: number, job: () => Promise<unknown>) =>
          this.at(async () => void (await job()), { hour: 0, minute: 0, second })
        const add = (price: number) => async () =>
          orders.push((await this.buy(instrument!, 8, { price, hidden: true })).order!)
        at(5, add(9.99))
        at(5, add(9.99))
        at(6, () => this.changeOrder(orders[0]!, { volume: 5 }))
        at(20, () => this.changeOrder(orders[0]!, { price: 9.98 }))
        at(21, () => this.changeOrder(orders[0]!, { price: 9.99 }))
      }
    }
    const record = await play(
      Two,
      recording([...book, [8, 5, 0, 2, 9.99, 'bid'], [30, 5, 0, 2, 9.99, 'bid'], close]),
      rich,
    )
    expect([...record.fills.order]).toEqual([1, 2])
  })
})

test('what a recording did is taken down for its statistics', () => {
  const rows: readonly (readonly [
    second: number,
    kind: FlowKind,
    id: number,
    side: 1 | -1,
    price: number,
    lots: number,
  ])[] = [
    [0, FlowKind.OPEN, 1, 1, 1000, 5],
    [0, FlowKind.OPEN, 2, -1, 1002, 3],
    [0, FlowKind.OPEN, 3, -1, 1004, 9],
    // One buyer takes 3 of one order and 1 of the next.
    [2.5, FlowKind.TRADE, 2, -1, 1002, 3],
    [2.5, FlowKind.EXECUTE, 2, -1, 1002, 3],
    [2.5, FlowKind.TRADE, 3, -1, 1004, 1],
    [2.5, FlowKind.EXECUTE, 3, -1, 1004, 1],
    [3.5, FlowKind.HALT, 0, 1, 0, 0],
    [7.5, FlowKind.RESUME, 0, 1, 0, 0],
    [8.5, FlowKind.CANCEL, 3, -1, 1004, 1],
  ]
  const column = (of: number) => Float64Array.from(rows, (row) => row[of]!)
  const block: FlowBlock = {
    length: rows.length,
    time: column(0).map((second) => second * 1e6),
    kind: Uint8Array.from(column(1)),
    id: column(2),
    side: Int8Array.from(column(3)),
    price: column(4),
    size: column(5),
  }
  const flow = {
    instrument: { name: 'X', tickSize: 0.02 },
    priceStep: 0.01,
    start: 0,
    end: 8.5e6,
    messages: [block],
  }
  const { mid, spread, sign, quantity, impact, depth } = recordFlow(flow)
  // In ticks, at the seconds 1, 2 and 3, and after the halt at 8.
  expect([...mid]).toEqual([500.5, 500.5, 501, 501])
  expect([...spread]).toEqual([1, 1, 2, 2])
  expect([[...sign], [...quantity], [...impact]]).toEqual([[1], [4], [0.5]])
  expect(depth[0]).toBe(5 + 8)
})
