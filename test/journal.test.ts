import { describe, expect, test } from 'vitest'
import { DataService, journalFile, type JournalFormat } from '#session'
import { parquetMetadataAsync, parquetReadObjects } from 'hyparquet'
import {
  createRun,
  engineVersion,
  journalEntries,
  type JournalEntry,
  replay,
  RequestKind,
  type RunRecord,
  verify,
} from '#engine'
import {
  type BarEvent,
  BarStrategy,
  Instrument,
  Order,
  type OrderEvent,
  Side,
  Strategy,
  type Trade,
  type TradeEvent,
} from 'outcry'
import { breathe, dataSet, market, play, series, settings } from './market.ts'

const synthetic = {
  id: 'synthetic',
  name: 'Synthetic',
  provenance: 'made',
  instruments: [],
  synthetic: { seed: 3, seconds: 120, agents: 60, barSeconds: 10, latency: 50_000 },
}

class Buys extends BarStrategy {
  async onBar({ target: { instrument, close } }: BarEvent) {
    if (close === 10) await this.buy(instrument, 5)
    if (close === 12) await this.sell(instrument, 2, { price: 13 })
    if (close === 13) await this.closeAll()
  }
}
const rising = market(10, 11, 12, [12, 14, 12, 13], 14, 15)

describe('a journal', () => {
  test('says what was asked for, and after which move of the market', async () => {
    const { journal } = await play(Buys, rising)
    const { requests, orders } = journal
    expect(
      [...requests.move].map((move, i) => [move, requests.kind[i], orders.volume[requests.order[i]!]]),
    ).toEqual([
      [1, RequestKind.NEW, 5],
      [4, RequestKind.NEW, 2],
      [6, RequestKind.NEW, 3],
    ])
  })

  test('has an order of its own for one that an earlier run named and never sent', async () => {
    const instrument = new Instrument({ name: 'A', lotSize: 1 })
    let waitedFor: Order | undefined
    class Waits extends BarStrategy {
      async onBar({ target: bar }: BarEvent) {
        if (bar.close !== 11) return
        await this.buy(bar.instrument, 1)
        waitedFor ??= new Order({ instrument: bar.instrument, side: Side.BUY, volume: 7 })
        if (waitedFor.instrument === bar.instrument) await this.sell(bar.instrument, 1, { after: waitedFor })
        else await this.newOrder(waitedFor)
      }
    }
    const data = dataSet(series(instrument, [10, 11, 12, 13]))
    const first = await play(Waits, data)
    expect([...first.journal.orders.volume]).toEqual([1, 7, 1])
    const second = await play(Waits, data)
    expect([...second.journal.orders.volume]).toEqual([1, 7])
    for (const record of [first, second]) expect(verify(record, data).agrees).toBe(true)
  })

  test('has what closeAll, cancelAll and target asked for in their stead', async () => {
    class Wholesale extends BarStrategy {
      async onBar({ target: { instrument, close } }: BarEvent) {
        if (close === 10) await this.target(instrument, 0.5)
        if (close === 11) for (const price of [20, 21]) await this.sell(instrument, 1, { price })
        if (close === 12) await this.cancelAll()
        if (close === 13) await this.sell(instrument, 1, { price: 30 })
        if (close === 14) await this.closeAll()
      }
    }
    const record = await play(Wholesale, rising)
    const { NEW, CANCEL } = RequestKind
    expect([...record.journal.requests.kind]).toEqual([NEW, NEW, NEW, CANCEL, CANCEL, NEW, CANCEL, NEW])
    expect(verify(record, rising)).toEqual({ agrees: true })
  })

  test('makes the same run again, with the same digest, while no code of the strategy is called', async () => {
    let calls = 0
    class Counts extends Buys {
      override onBar(event: BarEvent) {
        calls++
        return super.onBar(event)
      }
    }
    const record = await play(Counts, rising)
    const before = calls
    const again = replay(record.journal, rising, record.settings)
    expect(calls).toBe(before)
    expect(again.digest).toBe(record.digest)
    for (const name of [
      'orders',
      'fills',
      'changes',
      'steps',
      'equity',
      'refusals',
      'rules',
      'bars',
    ] as const)
      expect(again[name]).toEqual(record[name])
  })

  test('keeps what the strategy said its fills cost', async () => {
    class Prices extends Buys {
      override slippage(trade: Trade) {
        return trade.volume * 0.01
      }
      override transactionCost() {
        return this.trades().length + 1
      }
    }
    const record = await play(Prices, rising)
    expect([...record.journal.costs.answer]).toEqual([0.05, 1, 2, 0.03, 3])
    expect(verify(record, rising)).toEqual({ agrees: true })
  })

  test('has orders of instruments and exchanges that are not there, and orders that were never sent or sent twice', async () => {
    class Odd extends BarStrategy {
      async onBar({ target: { instrument, close } }: BarEvent) {
        if (close !== 10) return
        const stranger = new Instrument({ name: 'NOPE' })
        await this.newOrder({ instrument: stranger, side: Side.BUY, volume: 1 })
        await this.buy(instrument, 1, { exchange: 'nowhere' })
        const unsent = new Order({ instrument, side: Side.SELL, volume: 1, price: 14 })
        await this.cancelOrder(unsent)
        await this.changeOrder(unsent, { volume: 2 })
        const twin = new Order({ instrument, side: Side.SELL, volume: 1, price: 13.5, pair: unsent })
        await this.buy(instrument, 5)
        await this.newOrder(twin)
        await this.newOrder(twin)
        await this.newOrder(unsent)
      }
    }
    const record = await play(Odd, rising)
    expect(record.refusals.map(({ code }) => code)).toEqual([
      'UNKNOWN_INSTRUMENT',
      'UNKNOWN_EXCHANGE',
      'UNKNOWN_ORDER',
      'UNKNOWN_ORDER',
      'DUPLICATE_ORDER',
    ])
    expect(record.journal.names).toEqual(['NOPE', 'nowhere'])
    expect(verify(record, rising)).toEqual({ agrees: true })
  })

  test('comes to the same where jobs ask between the events of a market that makes itself', async () => {
    class Jobs extends Strategy {
      async onStart() {
        this.periodic(() => this.quote(), { seconds: 0.7 })
        this.periodic(() => {}, { seconds: 0.3 })
      }
      async quote() {
        await this.cancelAll()
        const [instrument] = this.instruments() as [Instrument]
        const book = this.book(instrument)!
        if (!(book.mid > 0)) return
        await this.buy(instrument, 2, { price: book.bestBid })
        await this.sell(instrument, 2, { price: book.bestAsk })
        if (this.now() % 7 === 0) await this.sell(instrument, 1, { trail: 0.05 })
      }
      async onTrade({ target: trade }: TradeEvent) {
        if (trade.myOrder && trade.volume > 1) await this.target(trade.instrument, 0.1)
      }
      onExit() {
        return this.closeAll().then(() => {})
      }
    }
    const record = await play(Jobs, synthetic, { cash: 1e6 })
    expect(record.fills.time.length).toBeGreaterThan(10)
    expect(verify(record, synthetic)).toEqual({ agrees: true })
  })

  test('keeps what is asked at the start, at the end, after the end and by what nobody waited for', async () => {
    class Ends extends BarStrategy {
      async onStart() {
        await this.buy(this.instruments()[0]!, 3)
      }
      onBar({ target: { instrument } }: BarEvent) {
        void this.buy(instrument, 1).then(() => this.sell(instrument, 1))
      }
      async onExit() {
        await null
        await this.closeAll()
      }
      async onSold({ target: { instrument } }: TradeEvent) {
        await this.buy(instrument, 1, { price: 1 })
      }
      async onCanceled({ target }: OrderEvent) {
        await this.cancelOrder(target)
      }
    }
    const record = await play(Ends, rising)
    expect(record.refusals.at(-1)!.code).toBe('RUN_ENDED')
    expect(verify(record, rising)).toEqual({ agrees: true })
  })

  test('keeps what the strategy refused itself, outside its hours', async () => {
    class Office extends BarStrategy {
      onStart() {
        this.restrictTradingHours({ start: '09:00', end: '17:00' })
        this.periodic(() => this.buy(this.instruments()[0]!, 1).then(() => {}), { hours: 5 })
      }
      onBar() {}
    }
    const record = await play(Office, rising)
    expect(record.refusals.map(({ code }) => code)).toContain('OUTSIDE_HOURS')
    expect(record.fills.time.length).toBeGreaterThan(3)
    expect(verify(record, rising)).toEqual({ agrees: true })
  })

  test('on two instruments with days of their own comes to the same', async () => {
    const data = dataSet(series({ name: 'A' }, [5, 6, 7, 8]), series({ name: 'B' }, [9, 8, 7, 6], 2))
    class Pairs extends BarStrategy {
      async onBar({ target: { instrument, close } }: BarEvent) {
        await this.bracket(
          { instrument, side: Side.BUY, volume: 1 },
          { stop: close * 0.9, target: close * 1.1 },
        )
      }
    }
    expect(verify(await play(Pairs, data), data)).toEqual({ agrees: true })
  })
})

describe('a result that was made up does not agree with its journal', () => {
  const forged = async (forge: (record: RunRecord) => Partial<RunRecord>) => {
    const run = createRun({ strategy: Buys, data: rising, settings: settings() })
    await run.complete(breathe)
    const record = run.record()
    return verify({ ...record, ...forge(record) }, rising)
  }

  test.each<[string, (record: RunRecord) => Partial<RunRecord>, string]>([
    [
      'a better price',
      ({ fills }) => ({
        fills: { ...fills, price: fills.price.map((price, i) => (i === 2 ? price + 1 : price)) },
      }),
      'Fill 3: the result says price 15; its requests come to 14.',
    ],
    [
      'a fill that was not',
      ({ fills }) =>
        ({
          fills: Object.fromEntries(
            Object.entries(fills).map(([name, column]) => [name, column.slice(0, 2)]),
          ),
        }) as unknown as Partial<RunRecord>,
      'The result has 2 fills; its requests come to 3.',
    ],
    [
      'a finer curve',
      ({ equity }) => ({
        equity: { ...equity, value: equity.value.map((value, i) => value + (i === 5 ? 1 : 0)) },
      }),
      'Value 6: the result says value 10014; its requests come to 10013.',
    ],
    [
      'another digest',
      () => ({ digest: 'a'.repeat(64) }),
      'It says that its digest is aaaaaaaaaaaa; its requests come to',
    ],
    ['fewer bars', () => ({ bars: 5 }), 'It says that 5 bars were read; its requests come to 6.'],
    [
      'a request that was left out',
      ({ journal: { requests, ...journal } }) => ({
        journal: {
          ...journal,
          requests: {
            ...requests,
            move: requests.move.slice(0, 2),
            time: requests.time.slice(0, 2),
          },
        },
      }),
      'The result has 3 orders; its requests come to 2.',
    ],
    [
      'a request at a place that there is not',
      ({ journal }) => ({
        journal: { ...journal, requests: { ...journal.requests, move: new Int32Array([1, 4, 700]) } },
      }),
      'Its requests are none that a run could have had: Request 3 of 3 was written down for a place in the run that there is not.',
    ],
    [
      'a volume that no order has',
      ({ journal }) => ({
        journal: { ...journal, orders: { ...journal.orders, volume: journal.orders.volume.map(() => -1) } },
      }),
      'Its requests are none that a run could have had: Order volume is -1; expected a finite number above zero. To sell, give side: Side.SELL and a positive volume.',
    ],
  ])('%s', async (_, forge, difference) => {
    const verdict = await forged(forge)
    expect(verdict.agrees).toBe(false)
    if (!verdict.agrees) expect(verdict.difference.startsWith(difference), verdict.difference).toBe(true)
  })
})

describe('the service that checks results', () => {
  const walk = 'random-walk:4'
  const nothing = () => Promise.reject(new Error('no files'))
  const made = async (service: DataService) => {
    class Often extends BarStrategy {
      async onBar({ target: { instrument, open, close } }: BarEvent) {
        await this.target(instrument, close > open ? 0.5 : 0)
      }
    }
    const run = createRun({ strategy: Often, data: await service.load(walk), settings: settings() })
    await run.complete(breathe)
    return run.record()
  }

  test('lets other questions go first, and gives an earlier check up for a newer one', async () => {
    let clock = 0
    const pauses: (() => void)[] = []
    const pace = {
      now: () => (clock += 5),
      breathe: () => new Promise<void>((resolve) => pauses.push(resolve)),
    }
    const service = new DataService(nothing, undefined, pace)
    const record = await made(service)
    const first = service.verify(record, walk)
    await expect.poll(() => pauses.length).toBe(1)
    const second = service.verify(record, walk)
    await expect.poll(() => pauses.length).toBe(2)
    const goOn = setInterval(() => pauses.splice(0).forEach((resume) => resume()))
    await expect(first).rejects.toThrow('A newer result is being checked instead.')
    expect(await second).toEqual({ agrees: true })
    clearInterval(goOn)
  })

  test('gives up what takes longer than anybody waits', async () => {
    let clock = 0
    const service = new DataService(nothing, undefined, {
      now: () => (clock += 20_000),
      breathe: async () => {},
    })
    const record = await made(service)
    await expect(service.verify(record, walk)).rejects.toThrow('Checking it took more than 60 seconds.')
  })
})

describe('a journal as a file', () => {
  const written = async (format: JournalFormat) => {
    const record = await play(Buys, rising)
    const pieces: Uint8Array[] = []
    for await (const piece of journalFile(record, rising, format)) pieces.push(piece)
    return Buffer.concat(pieces)
  }

  test('has every event and decision in its order, one JSON text a line', async () => {
    const [head, ...entries] = (await written('jsonl'))
      .toString()
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as JournalEntry)
    const end = entries.pop()
    expect(head).toMatchObject({
      journal: 1,
      engine: engineVersion,
      settings: settings(),
      data: [{ id: 'test', bars: 6 }],
      instruments: [{ name: 'X', lotSize: 1 }],
      strategies: [{ handlers: ['onBar'], ownCosts: false, cash: 10_000 }],
    })
    const { digest } = await play(Buys, rising)
    expect(end).toEqual({ end: 'complete', moves: entries.at(-1)!.move + 1, lines: entries.length, digest })
    expect(entries.slice(0, 6).map(({ move, event, price, close }) => [move, event, price ?? close])).toEqual(
      [
        [1, 'BAR', 10],
        [1, 'NEW ORDER', undefined],
        [1, 'ORDER', undefined],
        [2, 'MY FILL', 11],
        [2, 'FILLED', undefined],
        [3, 'BAR', 11],
      ],
    )
    expect(entries[1]).toEqual({
      move: 1,
      time: Date.UTC(2024, 0, 1),
      event: 'NEW ORDER',
      strategy: 0,
      handler: 'onBar',
      instrument: 'X',
      order: 1,
      side: 'buy',
      type: 'MARKET',
      volume: 5,
      named: 0,
    })
    expect(entries[3]).toMatchObject({ order: 1, side: 'buy', volume: 5, fee: 0, slippage: 0, rule: 'open' })
    expect(entries.filter(({ event }) => event === 'BAR').length).toBe(6)
  })

  test('tells of every order what kind it is, of a change what it asked for, and where a trailing stop goes', async () => {
    class Kinds extends BarStrategy {
      #exit: Order | undefined
      async onBar({ target: { instrument, close } }: BarEvent) {
        if (close === 10) {
          const entry = new Order({ instrument, side: Side.BUY, volume: 5, flag: 'FILL_OR_KILL' })
          await this.newOrder(entry)
          await this.sell(instrument, 1, { price: 30, after: entry, display: 0.5 })
          this.#exit = new Order({ instrument, side: Side.SELL, volume: 2, trail: 3 })
          await this.newOrder(this.#exit)
          await this.sell(instrument, 1, { price: 31, hidden: true, pair: this.#exit })
        }
        if (close === 12) await this.changeOrder(this.#exit!, { volume: 1 })
        if (close === 15) await this.kill('enough')
      }
    }
    const entries = [...journalEntries(await play(Kinds, rising), rising)]
    const of = (event: string) => entries.filter((entry) => entry.event === event)
    expect(of('NEW ORDER')).toMatchObject([
      { order: 1, flag: 'FILL_OR_KILL' },
      { order: 2, price: 30, display: 0.5, after: 1 },
      { order: 3, type: 'STOP', trail: 3 },
      { order: 4, price: 31, hidden: true, pair: 3 },
    ])
    expect(of('NEW ORDER')[2]).not.toHaveProperty('stopPrice')
    expect(of('CHANGE ORDER')).toMatchObject([{ order: 3, volume: 1 }])
    expect(of('TRAILED').map(({ order, stopPrice }) => [order, stopPrice])).toEqual([
      [3, 8],
      [3, 9],
      [3, 11],
      [3, 12],
    ])
    expect(of('KILL').length).toBe(1)
  })

  test('is the same as a table in Parquet', async () => {
    const [head, ...lines] = (await written('jsonl')).toString().trimEnd().split('\n')
    const end = lines.pop()
    const bytes = await written('parquet')
    const file = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength)
    const { key_value_metadata: metadata } = await parquetMetadataAsync(file)
    expect(metadata).toEqual([
      { key: 'outcry.head', value: head },
      { key: 'outcry.end', value: end },
    ])
    const rows = await parquetReadObjects({ file })
    expect(rows.length).toBe(lines.length)
    rows.forEach((row, i) => {
      const filled = Object.entries(row).filter(([, value]) => value !== undefined && value !== null)
      expect(Object.fromEntries(filled)).toEqual(JSON.parse(lines[i]!))
    })
  })

  test('leaves out more than a million jobs, which the log says where it begins', async () => {
    class Hurries extends BarStrategy {
      calls = 0
      onStart() {
        this.every(50, () => void this.calls++)
      }
      onBar() {}
      onExit() {
        this.log(this.calls)
      }
    }
    // Bars a day apart: 50 ms go into one 1,728,000 times, and the last is at the bar itself.
    const { journal, lines } = await play(Hurries, market(10, 10))
    expect(lines).toEqual([
      'The journal has 1,000,000 jobs: those that follow are left out of it.',
      '1727999',
    ])
    expect(journal.asides.kind).toHaveLength(1_000_002)
    expect(journal.texts).toEqual(lines)
  })

  test('has the jobs that were due, the lines of the log and what a cost function said, each at its place', async () => {
    class Tells extends BarStrategy {
      override onStart() {
        this.every('12h', () => this.log('half a day', this.orders().length))
      }
      async onBar({ target: { instrument, close } }: BarEvent) {
        if (close === 10) await this.buy(instrument, 2)
        if (close !== 11) return
        this.log.warn('before', close)
        await this.buy(instrument, 1)
        this.log('after')
        await this.kill('enough')
      }
      transactionCost() {
        return 0.25
      }
    }
    const record = await play(Tells, rising)
    const entries = [...journalEntries(record, rising)]
    const told = ['LOG', 'TIMER', 'COST', 'BAR', 'NEW ORDER', 'KILL', 'MY FILL']
    const secondDay = entries.filter(
      ({ time, event }) => time === Date.UTC(2024, 0, 2) && told.includes(event),
    )
    expect(secondDay.map(({ event, level, text, answer }) => [event, level ?? answer, text])).toEqual([
      ['COST', undefined, undefined],
      ['COST', 0.25, undefined],
      ['MY FILL', undefined, undefined],
      ['BAR', undefined, undefined],
      ['LOG', 'warn', 'before 11'],
      ['NEW ORDER', undefined, undefined],
      ['LOG', 'info', 'after'],
      ['KILL', undefined, undefined],
      ['TIMER', undefined, undefined],
      ['LOG', 'info', 'half a day 1'],
    ])
    expect(entries.filter(({ event }) => event === 'TIMER')).toHaveLength(9)
    expect(verify(record, rising)).toEqual({ agrees: true })
  })

  test('of a market that makes itself has its trades as far as the strategy listened', async () => {
    class Listens extends Strategy {
      onTrade() {}
      onOpen() {}
    }
    const record = await play(Listens, synthetic)
    const events = [...journalEntries(record, synthetic)].map(({ event }) => event)
    for (const event of ['BAR', 'TRADE', 'OPEN', 'CANCEL']) expect(events).toContain(event)
  })
})
