import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  type BarEvent,
  BarStrategy,
  type DataEvent,
  ExitRoutine,
  InstrumentType,
  type RejectionEvent,
  Side,
  type Strategy,
  type TradeEvent,
} from 'outcry'
import { ZoneClock } from '#market'
import { dataSet, fills, market, play, series } from './market.ts'

const two = dataSet(
  series({ name: 'AAA', exchange: 'east', lotSize: 1 }, [10, 11, 12]),
  series({ name: 'AAB', exchange: 'east', lotSize: 1, type: InstrumentType.FUTURE }, [20, 21, 22]),
)

/** Runs what is written for the first bar alone and gives the lines it wrote. */
async function once(does: (strategy: Strategy, event: BarEvent) => unknown, data = market(10, 11, 12)) {
  class Once extends BarStrategy {
    done = false
    async onBar(event: BarEvent) {
      if (this.done) return
      this.done = true
      await does(this, event)
    }
  }
  return (await play(Once, data)).lines
}

describe('queries', () => {
  test('instruments are narrowed by type and exchange, exchanges by type', async () => {
    const lines = await once((s) => {
      s.log(s.instruments().length, s.instruments(InstrumentType.FUTURE), s.instruments(undefined, 'west'))
      s.log(s.exchanges(), s.exchanges(InstrumentType.FUTURE), s.exchanges(InstrumentType.BOND))
    }, two)
    expect(lines).toEqual(['2 [AAB] []', "['east'] ['east'] []"])
  })

  test('lookup finds a name in any case, else the names that contain it, else nothing', async () => {
    const lines = await once((s, { target: { instrument } }) => {
      s.log(s.lookup('aab'), s.lookup('AA'), s.lookup('B'), s.lookup('Z'), s.lookup(instrument))
    }, two)
    expect(lines).toEqual(['[AAB] [AAA, AAB] [AAB] [] [AAA]'])
  })

  test('the account has the money and the positions of the run', async () => {
    class Buys extends BarStrategy {
      async onBar({ target: { instrument, close } }: BarEvent) {
        if (close === 10) await this.buy(instrument, 100)
        const [{ currency, cash, equity, exchanges, positions }] = this.accounts()
        this.log(
          currency,
          cash,
          equity,
          exchanges,
          positions.map(({ size }) => size),
        )
      }
    }
    expect((await play(Buys, market(10, 11, 12))).lines).toEqual([
      "USD 10000 10000 ['historical'] []",
      "USD 8900 10000 ['historical'] [100]",
      "USD 8900 10100 ['historical'] [100]",
    ])
  })

  test('orders, trades and positions are narrowed by instrument, exchange and side together', async () => {
    class Trades extends BarStrategy {
      async onBar({ target: { instrument, close } }: BarEvent) {
        const [a, b] = this.instruments() as [typeof instrument, typeof instrument]
        if (close === 10) {
          await this.buy(a, 2)
          await this.sell(b, 3)
          await this.buy(a, 1, { price: 1 })
          await this.sell(a, 1, { price: 90 })
        }
        if (close !== 22) return
        const count = (list: readonly unknown[]) => list.length
        this.log(
          [this.orders(a), this.orders(b), this.orders(a, 'east', Side.SELL), this.orders(a, 'west')].map(
            count,
          ),
          [this.pastOrders(), this.pastOrders(a, undefined, Side.BUY)].map(count),
          [this.trades(a), this.trades(undefined, 'east', Side.SELL)].map(count),
          this.positions(undefined, undefined, Side.BUY).map(({ size }) => size),
          this.positions(undefined, 'east', Side.SELL).map(({ size }) => size),
        )
      }
    }
    expect((await play(Trades, two)).lines).toEqual(['[2, 0, 1, 0] [4, 2] [1, 1] [2] [-3]'])
  })

  test('past orders have what was refused, and it is no working order any more', async () => {
    const lines = await once(async (s, { target: { instrument } }) => {
      const answer = await s.buy(instrument, 1e9)
      s.log(answer.accepted, s.orders().length, s.pastOrders()[0]!.status)
    })
    expect(lines).toEqual(['false 0 REJECTED'])
  })
})

describe('the store', () => {
  test('gives copies: changing what was set or got changes nothing in it', async () => {
    const lines = await once(({ store, log }) => {
      const value = { prices: [1, 2] }
      store.set('a', value)
      value.prices.push(3)
      store.get<typeof value>('a')!.prices.push(4)
      log(store.get('a'), store.get('b'), store.get('b', 7), store.keys())
      store.set('a', undefined)
      log(store.get('a'), store.keys())
    })
    expect(lines).toEqual(["{ prices: [1, 2] } undefined 7 ['a']", 'undefined []'])
  })

  test('begins empty with every run and refuses what would make it large', async () => {
    const fill: Parameters<typeof once>[0] = ({ store, log }) => {
      log(store.keys().length)
      for (let i = 0; ; i++) store.set(`key ${i}`, 'x'.repeat(1000))
    }
    await expect(once(fill)).rejects.toThrow(/'key 255' the store would hold 256512 letters/)
    await expect(once(fill)).rejects.toThrow(/'key 255'/)
    await expect(
      once(({ store }) => {
        for (let i = 0; ; i++) store.set(`key ${i}`, i)
      }),
    ).rejects.toThrow("store.set: 'key 1000' would be one name more than 1000")
  })
})

describe('a note on an order', () => {
  test('is a copy that nobody can alter, stays with the order and its trades, and is in the record', async () => {
    const note = { why: 'breakout', levels: [1, 2] }
    class Notes extends BarStrategy {
      async onBar({ target: { instrument, close } }: BarEvent) {
        if (close === 10) await this.buy(instrument, 1, { note })
        if (close === 11) await this.sell(instrument, 1)
        note.levels.push(3)
      }
      onTraded({ target: { myOrder } }: TradeEvent) {
        const kept = myOrder!.note as typeof note | undefined
        try {
          kept?.levels.push(4)
        } catch {
          this.log('frozen')
        }
        this.log(kept)
      }
    }
    const { lines, notes } = await play(Notes, market(10, 11, 12))
    expect(lines).toEqual(['frozen', "{ why: 'breakout', levels: [1, 2] }", 'undefined'])
    expect(notes).toEqual([{ order: 1, note: '{"why":"breakout","levels":[1,2]}' }])
  })

  test('leaves no trace where there is none, and no other digest where there is one', async () => {
    const noted = (note: unknown) =>
      class extends BarStrategy {
        async onBar({ target: { instrument } }: BarEvent) {
          await this.buy(instrument, 1, { note })
        }
      }
    const plain = await play(noted(undefined), market(10, 11))
    const other = await play(noted('why'), market(10, 11))
    expect('notes' in plain).toBe(false)
    expect(other.notes).toHaveLength(2)
    expect(other.digest).toBe(plain.digest)
  })

  test('is kept for ten thousand orders of a run', async () => {
    class Many extends BarStrategy {
      onBar({ target: { instrument } }: BarEvent) {
        for (let i = 0; i < 5001; i++) void this.buy(instrument, 1, { price: 1, note: i })
        void this.cancelAll()
      }
    }
    const { notes } = await play(Many, market(10, 10))
    expect([notes!.length, notes!.at(-1)]).toEqual([10_000, { order: 10_000, note: '4998' }])
  })
})

/** Bars of one price every half hour of New York's sessions from Monday 2024-03-04 on, over the change of clocks. */
function halfHours(days: number) {
  const zone = new ZoneClock('test', 'America/New_York')
  const times: number[] = []
  for (let day = 0; day < days; day++)
    for (let minute = 570; minute < 960; minute += 30) {
      const local = Date.UTC(2024, 2, 4 + day) + minute * 60_000
      if (![0, 6].includes(new Date(local).getUTCDay())) times.push(zone.utc(local, local + 86_400_000))
    }
  const flat = () => new Float64Array(times.length).fill(10)
  return dataSet({
    instrument: { name: 'X', lotSize: 1, timeZone: 'America/New_York' },
    bars: {
      time: Float64Array.from(times, (time) => time * 1000),
      ...{ open: flat(), high: flat(), low: flat(), close: flat(), volume: flat() },
    },
  })
}
const inNewYork = (time: number) =>
  new Date(time).toLocaleString('sv-SE', { timeZone: 'America/New_York' }).slice(5, 16)

describe('restricted trading hours', () => {
  class Restricted extends BarStrategy {
    onStart() {
      this.restrictTradingHours({
        start: '10:00',
        end: '15:00',
        days: 'MON-FRI',
        onEndOfDay: ExitRoutine.CLOSE_ALL,
      })
    }
    async onBar({ target: bar }: BarEvent) {
      const clock = inNewYork(bar.time).slice(6)
      if (clock === '09:30' || clock === '15:30' || clock === '10:30') {
        await this.buy(bar.instrument, 2)
        await this.buy(bar.instrument, 1, { price: 1 })
      }
    }
    onRejected({ target }: RejectionEvent) {
      if (target.order.price !== 1) this.log(inNewYork(this.now()), target.code)
    }
    onTraded({ target: trade }: TradeEvent) {
      this.log(inNewYork(trade.time), trade.side, trade.volume, this.position(trade.instrument).size)
    }
    onCanceled() {
      this.log(inNewYork(this.now()), 'cancelled')
    }
  }

  test('refuse orders outside, take them inside, and close at the end, before and after clocks change', async () => {
    const record = await play(Restricted, halfHours(8))
    const day = (date: string) => [
      `${date} 09:30 OUTSIDE_HOURS`,
      `${date} 11:00 BUY 2 2`,
      `${date} 15:00 cancelled`,
      `${date} 15:30 SELL 2 0`,
      `${date} 15:30 OUTSIDE_HOURS`,
    ]
    // The job at 15:00 comes after the bar stamped then, so that what it sends trades at the next open.
    expect(record.lines.slice(0, 5)).toEqual(day('03-04'))
    expect(record.lines.slice(-5)).toEqual(day('03-11'))
    expect(record.lines).toHaveLength(6 * 5)
    expect(record.refusals[0]!.reason).toBe(
      'It is MON 09:30 in America/New_York; this strategy trades from 10:00 to 15:00. Outside of it only what closes a position is taken.',
    )
  })

  test('let what only closes a position pass at any time, and nothing more', async () => {
    class Closes extends BarStrategy {
      onStart() {
        this.restrictTradingHours({ start: '09:30', end: '10:00' })
      }
      async onBar({ target: { instrument, time } }: BarEvent) {
        const clock = inNewYork(time).slice(6)
        if (clock === '09:30') await this.buy(instrument, 5)
        if (clock !== '11:00') return
        const more = await this.sell(instrument, 6)
        const less = await this.sell(instrument, 5)
        this.log(more.accepted, less.accepted)
      }
    }
    const record = await play(Closes, halfHours(1))
    expect(record.lines).toEqual(['false true'])
    expect(fills(record)).toHaveLength(2)
  })

  test('that end before they start go over midnight', async () => {
    class Overnight extends BarStrategy {
      onStart() {
        this.restrictTradingHours({ start: '15:00', end: '10:00' })
      }
      async onBar({ target: { instrument, time } }: BarEvent) {
        const { accepted } = await this.buy(instrument, 1)
        this.log(inNewYork(time).slice(6), accepted)
      }
    }
    expect((await play(Overnight, halfHours(1))).lines).toEqual(
      ['09:30', '10:00', '10:30', '11:00', '11:30', '12:00', '12:30', '13:00', '13:30', '14:00', '14:30']
        .map((time, i) => `${time} ${i === 0}`)
        .concat('15:00 true', '15:30 true'),
    )
  })

  test('also hold for target and the entry of a bracket, and new hours take the place of the old', async () => {
    const lines = await once(async (s, { target: { instrument } }) => {
      s.restrictTradingHours({ start: '01:00', end: '02:00' })
      const target = await s.target(instrument, 0.5)
      const { entry, stop } = await s.bracket({ instrument, side: Side.BUY, volume: 1 }, { stop: 5 })
      s.restrictTradingHours({ start: '00:00', end: '01:00' })
      const late = await s.buy(instrument, 1)
      s.log(target?.accepted, entry.accepted, stop, late.accepted)
    })
    expect(lines).toEqual(['false false undefined true'])
  })
})

describe('the clock of a zone', () => {
  const zones = [
    'UTC',
    'America/New_York',
    'Europe/London',
    'Asia/Kolkata',
    'Australia/Lord_Howe',
    'Africa/Cairo',
  ]

  test('shows what the platform’s own calendar shows, at any moment', () => {
    const moments = fc.integer({ min: Date.UTC(1990, 0), max: Date.UTC(2040, 0) })
    fc.assert(
      fc.property(fc.constantFrom(...zones), moments, (zone, time) => {
        const shown = new Date(time).toLocaleString('sv-SE', { timeZone: zone })
        const local = new ZoneClock('test', zone).local(time)
        expect(new Date(local).toISOString().slice(0, 19).replace('T', ' ')).toBe(shown)
      }),
      { numRuns: 300 },
    )
  })

  test('tells the hours that come twice apart, and finds the moment of what it shows', () => {
    const clock = new ZoneClock('test', 'America/New_York')
    const first = Date.UTC(2024, 10, 3, 5, 30)
    const second = first + 3_600_000
    expect([clock.offset(first), clock.offset(second)]).toEqual([-4 * 3_600_000, -5 * 3_600_000])
    const one = Date.UTC(2024, 10, 3, 1)
    expect(clock.utc(one, first)).toBe(Date.UTC(2024, 10, 3, 5))
    expect(clock.utc(one, second)).toBe(Date.UTC(2024, 10, 3, 6))
    // 23 and 25 hours after midnight of the days on which clocks change.
    expect(clock.utc(Date.UTC(2024, 2, 10), Date.UTC(2024, 2, 10, 12))).toBe(Date.UTC(2024, 2, 10, 5))
    expect(clock.utc(Date.UTC(2024, 10, 3), second)).toBe(Date.UTC(2024, 10, 3, 4))
  })
})

describe('a wrong argument is refused with the method, the value and what was expected', () => {
  const never = undefined as never
  const cases: readonly [string, (s: Strategy, event: BarEvent) => unknown, RegExp][] = [
    ['newOrder', (s) => s.newOrder(never), /newOrder: the order is undefined; expected an Order or/],
    ['newOrder', (s) => s.newOrder('buy' as never), /newOrder: the order is 'buy'; expected an Order or/],
    [
      'buy',
      (s) => s.buy('AAPL' as never, 1),
      /buy: instrument is 'AAPL'; expected one such as bar.instrument/,
    ],
    ['buy', (s, { target }) => s.buy(target.instrument, NaN), /buy: volume is NaN; expected.*indicator/],
    ['sell', (s, { target }) => s.sell(target.instrument, -1), /sell: volume is -1; expected.*Side.SELL/],
    ['sell', (s, { target }) => s.sell(target.instrument, '5' as never), /sell: volume is '5'; expected/],
    [
      'buy',
      (s, { target }) => s.buy(target.instrument, 1, { price: NaN }),
      /buy: price is NaN on a LIMIT order; expected a finite number/,
    ],
    [
      'bracket',
      (s, { target }) => s.bracket({ instrument: target.instrument, side: Side.BUY, volume: 1 }, never),
      /bracket: the exits are undefined; expected/,
    ],
    [
      'bracket',
      (s, { target }) =>
        s.bracket({ instrument: target.instrument, side: Side.BUY, volume: 1 }, { stop: NaN }),
      /bracket: stop is NaN; expected a finite price/,
    ],
    [
      'bracket',
      (s, { target }) =>
        s.bracket({ instrument: target.instrument, side: Side.BUY, volume: 1 }, { trail: -1 }),
      /bracket: trail is -1; expected a distance above zero/,
    ],
    [
      'buy',
      (s, { target }) => s.buy(target.instrument, 1, { note: 'x'.repeat(499) }),
      /buy: note is 501 letters of JSON; expected at most 500/,
    ],
    [
      'sell',
      (s, { target }) => s.sell(target.instrument, 1, { note: { at: NaN } }),
      /sell: note cannot be kept: it holds NaN\. Expected what JSON can say/,
    ],
    ['cancelOrder', (s) => s.cancelOrder(7 as never), /cancelOrder: the order is 7; expected one such as/],
    ['changeOrder', (s) => s.changeOrder(never, {}), /changeOrder: the order is undefined; expected one/],
    [
      'cancelAll',
      (s) => s.cancelAll('X' as never),
      /cancelAll: the instrument is 'X'; expected.*lookup\('X'\)/,
    ],
    ['closeAll', (s) => s.closeAll(null as never), /closeAll: the instrument is null; expected/],
    ['target', (s) => s.target(never, 1), /target: the instrument is undefined; expected/],
    ['target', (s, { target }) => s.target(target.instrument, NaN), /target: the fraction is NaN.*indicator/],
    ['orders', (s) => s.orders('X' as never), /orders: the instrument is 'X'; expected/],
    ['pastOrders', (s) => s.pastOrders(never, 5 as never), /pastOrders: the exchange is 5; expected its tag/],
    ['trades', (s) => s.trades(never, never, 'buy' as never), /trades: the side is 'buy'; expected Side.BUY/],
    [
      'positions',
      (s) => s.positions(never, never, 1 as never),
      /positions: the side is 1; expected Side.BUY/,
    ],
    ['position', (s) => s.position(never), /position: the instrument is undefined; expected/],
    [
      'priceHistory',
      (s) => s.priceHistory({} as never),
      /priceHistory: the instrument is an object; expected/,
    ],
    ['priceHistory', (s) => s.priceHistory(never, -1), /priceHistory: count is -1; expected a whole number/],
    [
      'priceHistory',
      (s) => s.priceHistory(never, NaN),
      /priceHistory: count is NaN; expected a whole number/,
    ],
    ['lookup', (s) => s.lookup(never), /lookup: the name is undefined; expected a text such as 'AAPL'/],
    ['lookup', (s) => s.lookup('X', 3 as never), /lookup: the exchange is 3; expected its tag/],
    [
      'instruments',
      (s) => s.instruments('SHARE' as never),
      /instruments: the type is 'SHARE'; expected one of/,
    ],
    ['exchanges', (s) => s.exchanges(2 as never), /exchanges: the type is 2; expected one of EQUITY, INDEX/],
    ['book', (s) => s.book(never), /book: the instrument is undefined; expected/],
    [
      'book',
      (s, { target }) => s.book(target.instrument, 0),
      /book: levels is 0; expected a whole number from 1/,
    ],
    ['subscribe', (s) => s.subscribe('X' as never), /subscribe: the instrument is 'X'; expected/],
    ['store.get', (s) => s.store.get(never), /store.get: the name is undefined; expected a text of 1 to 100/],
    ['store.set', (s) => s.store.set('', 1), /store.set: the name is ''; expected a text of 1 to 100/],
    ['store.set', (s) => s.store.set('a', NaN), /store.set: the value of 'a' cannot be kept: it holds NaN/],
    ['store.set', (s) => s.store.set('a', [() => 1]), /value of 'a' cannot be kept: it holds a function/],
    ['store.set', (s) => s.store.set('a', 1n), /value of 'a' cannot be kept: .*BigInt/],
    ['input', (s) => s.input('', 1), /Input name is ''; expected a word such as 'fast'/],
    ['input', (s) => s.input('a', 5, { max: 4 }), /Input 'a' is 5; expected at most 4/],
    ['indicator', (s) => s.indicator(20 as never), /indicator: found 20; expected one such as sma\(20\)/],
    [
      'periodic',
      (s) => s.periodic(() => {}, never),
      /periodic: the time between calls is undefined; expected/,
    ],
    ['at', (s) => s.at(() => {}, never), /at: the time of day is undefined; expected/],
    ['at', (s) => s.at(never, { hour: 1 }), /at: the callback is undefined; expected a function/],
    ['every', (s) => s.every('soon', () => {}), /every: the interval is 'soon'; expected/],
    ['cron', (s) => s.cron(5 as never, () => {}), /cron: the text is 5; expected one such as/],
    [
      'restrictTradingHours',
      (s) => s.restrictTradingHours(never),
      /restrictTradingHours: found undefined; expected hours such as/,
    ],
    [
      'restrictTradingHours',
      (s) => s.restrictTradingHours({ start: '9', end: '10:00' }),
      /restrictTradingHours: start is '9'; expected a time of day such as '09:30'/,
    ],
    [
      'restrictTradingHours',
      (s) => s.restrictTradingHours({ start: '09:00', end: '25:00' }),
      /restrictTradingHours: end is '25:00'; expected a time of day/,
    ],
    [
      'restrictTradingHours',
      (s) => s.restrictTradingHours({ start: '09:00', end: '10:00', timeZone: 'Mars/Phobos' }),
      /restrictTradingHours: there is no time zone 'Mars\/Phobos'; expected/,
    ],
    [
      'restrictTradingHours',
      (s) => s.restrictTradingHours({ start: '09:00', end: '10:00', days: 'weekdays' }),
      /restrictTradingHours: days is 'weekdays'; expected names such as 'MON-FRI'/,
    ],
    [
      'restrictTradingHours',
      (s) => s.restrictTradingHours({ start: '09:00', end: '10:00', onEndOfDay: 'SELL' as never }),
      /restrictTradingHours: onEndOfDay is 'SELL'; expected ExitRoutine.NONE/,
    ],
  ]

  test.each(cases)('%s', async (_, does, message) => {
    await expect(once(does)).rejects.toThrow(message)
  })

  test('and the strategy that catches it goes on as if it had not been', async () => {
    const lines = await once(async (s, event) => {
      for (const [, does] of cases)
        try {
          await does(s, event)
        } catch {
          continue
        }
      const { accepted } = await s.buy(event.target.instrument, 1)
      s.log(accepted, s.pastOrders().length)
    })
    expect(lines).toEqual(['true 1'])
  })
})

describe('what a data set has beside prices', () => {
  const data = dataSet(
    { ...series({ name: 'A' }, [10, 11]), columns: { 'adjusted close': Float64Array.of(5, NaN) } },
    series({ name: 'B' }, [20, 21]),
  )
  class Hears extends BarStrategy {
    onData({ type, target: beside }: DataEvent) {
      this.log(
        type,
        beside.instrument,
        beside.names,
        beside.value('adjusted close'),
        beside.value('toString'),
      )
    }
    onBar({ target: bar }: BarEvent) {
      this.log('bar', bar.instrument, bar.close)
    }
  }

  test('is told before the bar it belongs to, and only for instruments that have it', async () => {
    expect((await play(Hears, data)).lines).toEqual([
      "DATA A ['adjusted close'] 5 NaN",
      'bar A 10',
      'bar B 20',
      "DATA A ['adjusted close'] NaN NaN",
      'bar A 11',
      'bar B 21',
    ])
  })

  test('is not told of an instrument that was not subscribed to', async () => {
    class OnlyB extends Hears {
      onStart() {
        this.subscribe(this.instruments()[1]!)
      }
    }
    expect((await play(OnlyB, data)).lines).toEqual(['bar B 20', 'bar B 21'])
  })
})
