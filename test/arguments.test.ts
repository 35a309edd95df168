/// <reference path="../src/app/virtual.d.ts" />
import { describe, expect, test } from 'vitest'
import { entries } from 'virtual:reference'
import * as outcry from 'outcry'
import {
  type Acknowledgement,
  BarSeries,
  BarStrategy,
  Indicator,
  Instrument,
  Order,
  Side,
  sma,
  Store,
} from 'outcry'
import { dataSet, play, series } from './market.ts'

/** A call with something wrong in it, and what the error has to say: what was found, after the name of the method. */
type Wrong = readonly [call: (strategy: Probe, instrument: Instrument) => unknown, found: RegExp]

/** A strategy as somebody calls it who has no types. */
type Untyped = Record<string, (...args: never[]) => unknown>
type Probe = Record<string, (...args: unknown[]) => unknown> & {
  readonly store: Untyped
  readonly log: Untyped
}

const callback = () => {}
const order = { side: Side.BUY, volume: 1 }

/** Every wrong use of every method, by class and method. A method that takes nothing, or whatever it is given, has none. */
const table: Readonly<Record<string, readonly Wrong[]>> = {
  'Strategy.name': [],
  'Strategy.portfolio': [],
  'Strategy.risk': [],
  'Strategy.accounts': [],
  'Strategy.now': [],
  'Strategy.tradingType': [],
  'Store.keys': [],
  'Job.stop': [],
  // Whatever is written to the log is shown.
  'Log.()': [],
  'Log.debug': [],
  'Log.info': [],
  'Log.warn': [],
  'Log.error': [],
  // These the author writes; what they return is checked where the fill is made.
  'Strategy.slippage': [],
  'Strategy.transactionCost': [],
  // The engine calls it, with bars.
  'Indicator.update': [],
  'Strategy.input': [
    [(s) => s['input']!(7, 1), /name is 7/],
    [(s) => s['input']!('', 1), /name is ''/],
    [(s) => s['input']!('a', NaN), /'a'.*NaN/],
    [(s) => s['input']!('a', {}), /'a'.*object/],
    [(s) => s['input']!('a', 5, { min: 9 }), /'a'.*5/],
    [(s) => s['input']!('a', 5, { min: 9, max: 3 }), /'a'.*9/],
    [(s) => s['input']!('a', 5, { step: 0 }), /'a'.*0/],
    [(s) => s['input']!('a', 'x', { choices: ['y'] }), /'a'.*'x'/],
    [(s) => s['input']!('a', 'x', { choices: [] }), /'a'/],
    [(s) => s['input']!('a', 5, 7), /options are 7/],
    [(s) => s['input']!('a', 5, { mim: 7 }), /'mim'/],
    [(s) => s['input']!('a', 5), /'a' is declared while the run is under way/],
  ],
  'Strategy.indicator': [
    [(s) => s['indicator']!(7), /found 7/],
    [(s) => s['indicator']!(sma(3), 'A'), /instrument is 'A'/],
    [
      (s) => {
        const average = sma(3)
        s['indicator']!(average)
        return s['indicator']!(average, s['bars']!('1w'))
      },
      /SMA 3 was given before/,
    ],
  ],
  'Strategy.bars': [
    [(s) => s['bars']!({}, '1d'), /instrument is an object/],
    [(s, i) => s['bars']!(i), /interval is undefined/],
    [(s) => s['bars']!('1q'), /interval is '1q'/],
    [(s) => s['bars']!(NaN), /interval is NaN/],
    [(s) => s['bars']!('7h'), /interval is '7h'/],
    [(s) => s['bars']!('1d', 7), /options are 7/],
    [(s) => s['bars']!('1d', { sesion: {} }), /'sesion'; expected only timeZone, session/],
    [(s) => s['bars']!('1d', { session: 'day' }), /session is 'day'/],
    [(s) => s['bars']!('1d', { session: { from: '9:00' } }), /'from'; expected only open, close/],
    [(s) => s['bars']!('1d', { session: { open: '9', close: '16:00' } }), /'9'/],
  ],
  'Strategy.convert': [
    [(s) => s['convert']!('5', 'USD'), /amount is '5'/],
    [(s) => s['convert']!(5), /currency from is undefined.*USD/],
    [(s) => s['convert']!(5, 'usd'), /currency from is 'usd'/],
    [(s) => s['convert']!(5, 'USD', 7), /currency to is 7/],
  ],
  'Strategy.newOrder': [
    [(s) => s['newOrder']!(undefined), /order is undefined/],
    [(s) => s['newOrder']!('buy'), /order is 'buy'/],
    [(s) => s['newOrder']!({ ...order, instrument: 'A' }), /instrument.*'A'/],
    [(s, i) => s['newOrder']!({ instrument: i, side: 'buy', volume: 1 }), /side is 'buy'/],
    [(s, i) => s['newOrder']!({ instrument: i, side: Side.BUY, volume: -1 }), /volume is -1/],
    [(s, i) => s['newOrder']!({ instrument: i, side: Side.BUY, volume: '1' }), /volume is '1'/],
    [(s, i) => s['newOrder']!({ ...order, instrument: i, price: NaN }), /price.*NaN/],
    [(s, i) => s['newOrder']!({ ...order, instrument: i, type: 'LIMIT' }), /price.*undefined/],
    [(s, i) => s['newOrder']!({ ...order, instrument: i, type: 'limit' }), /type is 'limit'/],
    [(s, i) => s['newOrder']!({ ...order, instrument: i, flag: 'x' }), /flag is 'x'/],
    [(s, i) => s['newOrder']!({ ...order, instrument: i, stopPrice: Infinity }), /stopPrice.*Infinity/],
    [(s, i) => s['newOrder']!({ ...order, instrument: i, trail: -1 }), /trail is -1/],
    [(s, i) => s['newOrder']!({ ...order, instrument: i, after: 3 }), /after is 3/],
    [(s, i) => s['newOrder']!({ ...order, instrument: i, pair: {} }), /pair is an object/],
    [(s, i) => s['newOrder']!({ ...order, instrument: i, exchange: 7 }), /exchange is 7/],
    [(s, i) => s['newOrder']!({ ...order, instrument: i, note: 'x'.repeat(600) }), /602 letters/],
    [(s, i) => s['newOrder']!({ ...order, instrument: i, note: callback }), /note/],
    [(s, i) => s['newOrder']!({ ...order, instrument: i, price: 5, display: 0 }), /display is 0/],
    [(s, i) => s['newOrder']!({ ...order, instrument: i, price: 5, display: NaN }), /display is NaN/],
    [(s, i) => s['newOrder']!({ ...order, instrument: i, display: 1 }), /display is 1 on a MARKET order/],
    [(s, i) => s['newOrder']!({ ...order, instrument: i, type: 'MARKET', price: 'x' }), /price is 'x'/],
    [(s, i) => s['newOrder']!({ ...order, instrument: i, type: 'MARKET', price: NaN }), /price is NaN/],
    [
      (s, i) => s['newOrder']!({ ...order, instrument: i, type: 'STOP', stopPrice: {} }),
      /stopPrice is an obj/,
    ],
    [(s, i) => s['newOrder']!({ ...order, instrument: i, type: 'MARKET', stopPrice: {} }), /stopPrice is an/],
    [(s, i) => s['newOrder']!({ ...order, instrument: i, trail: true }), /trail is true/],
    [(s, i) => s['newOrder']!({ ...order, instrument: i, volume: 1n }), /volume is 1n/],
    [(s, i) => s['newOrder']!({ ...order, instrument: i, limit: 3 }), /a field 'limit'/],
    [(s, i) => s['newOrder']!({ ...order, instrument: i, price: -5 }), /price -5 is below zero/],
    [(s, i) => s['newOrder']!({ ...order, instrument: i, stopPrice: -5 }), /stopPrice -5 is below zero/],
    [(s, i) => s['newOrder']!(new Proxy(new Order({ ...order, instrument: i }), {})), /copy or Proxy/],
    [(s, i) => s['newOrder']!(Object.create(new Order({ ...order, instrument: i }))), /copy or Proxy/],
    [(s, i) => s['newOrder']!({ ...order, instrument: i, price: 5, display: 2 }), /shows 2 of only 1/],
    [(s, i) => s['newOrder']!({ ...order, instrument: i, price: 5, hidden: 'yes' }), /hidden is 'yes'/],
    [(s, i) => s['newOrder']!({ ...order, instrument: i, hidden: true }), /hidden is true on a MARKET order/],
    [
      (s, i) =>
        s['newOrder']!({ ...order, instrument: i, price: 5, hidden: true, flag: 'IMMEDIATE_OR_CANCEL' }),
      /hidden is true on a LIMIT order with the flag IMMEDIATE_OR_CANCEL/,
    ],
    [
      (s, i) => s['newOrder']!({ ...order, instrument: i, price: 5, hidden: true, display: 1 }),
      /hidden is true with a display of 1/,
    ],
  ],
  'Strategy.buy': [
    [(s) => s['buy']!('A', 1), /'A'/],
    [(s, i) => s['buy']!(i), /volume is undefined/],
    [(s, i) => s['buy']!(i, NaN), /volume is NaN/],
    [(s, i) => s['buy']!(i, 0), /volume is 0/],
    [(s, i) => s['buy']!(i, 1, 95), /options are 95/],
    [(s, i) => s['buy']!(i, 1, { price: '95' }), /price.*'95'/],
    [(s, i) => s['buy']!(i, 1, { side: 'SELL' }), /a field 'side'/],
    [(s, i) => s['buy']!(i, 1, { volume: 5 }), /a field 'volume'/],
    [(s, i) => s['buy']!(i, 1, { limit: 95 }), /a field 'limit'/],
  ],
  'Strategy.sell': [
    [(s) => s['sell']!(null, 1), /null/],
    [(s, i) => s['sell']!(i, Infinity), /volume is Infinity/],
    [(s, i) => s['sell']!(i, -2), /volume is -2/],
    [(s, i) => s['sell']!(i, 1, 'limit'), /options are 'limit'/],
    [(s, i) => s['sell']!(i, 1, { instrument: i }), /a field 'instrument'/],
  ],
  'Strategy.bracket': [
    [(s) => s['bracket']!(undefined, { stop: 1 }), /order is undefined/],
    [(s, i) => s['bracket']!({ ...order, instrument: i }), /exits are undefined/],
    [(s, i) => s['bracket']!({ ...order, instrument: i }, { stop: NaN }), /stop is NaN/],
    [(s, i) => s['bracket']!({ ...order, instrument: i }, { target: '9' }), /target is '9'/],
    [(s, i) => s['bracket']!({ ...order, instrument: i }, { trail: 0 }), /trail is 0/],
    [(s, i) => s['bracket']!({ ...order, instrument: i }, { trail: true }), /trail is true/],
    [(s, i) => s['bracket']!({ ...order, instrument: i }, {}), /name none/],
    [(s, i) => s['bracket']!({ ...order, instrument: i }, { stopp: 5 }), /'stopp'/],
    [
      (s, i) => s['bracket']!({ ...order, instrument: i }, { stop: 9, target: 5 }),
      /stop is 9 and the target 5/,
    ],
    [
      (s, i) => s['bracket']!({ instrument: i, side: Side.SELL, volume: 1 }, { stop: 5, target: 9 }),
      /stop is 5 and the target 9; expected a stop above and a target below a short/,
    ],
    [
      (s, i) => s['bracket']!({ ...order, instrument: i, price: 5 }, { stop: 6 }),
      /stop is 6 with an entry at 5/,
    ],
    [(s, i) => s['bracket']!({ ...order, instrument: i, volume: 0 }, { stop: 6 }), /volume is 0/],
  ],
  'Strategy.cancelOrder': [
    [(s) => s['cancelOrder']!(7), /order is 7/],
    [(s) => s['cancelOrder']!(undefined), /order is undefined/],
    [
      (s, i) => s['cancelOrder']!(new Proxy(new Order({ ...order, instrument: i }), {})),
      /order is an object/,
    ],
    [(s) => s['cancelOrder']!(Object.create(Order.prototype)), /order is an object/],
    [(s, i) => s['cancelOrder']!(new Order({ ...order, instrument: i })), /never sent/],
  ],
  'Strategy.changeOrder': [
    [(s) => s['changeOrder']!({}, { volume: 1 }), /order is an object/],
    [(s, i) => s['changeOrder']!(new Order({ ...order, instrument: i }), undefined), /changes are undefined/],
    [(s, i) => s['changeOrder']!(new Order({ ...order, instrument: i }), { volume: NaN }), /volume is NaN/],
    [
      (s, i) => s['changeOrder']!(new Order({ ...order, instrument: i, price: 9 }), { price: 'x' }),
      /price.*'x'/,
    ],
    [(s, i) => s['changeOrder']!(new Order({ ...order, instrument: i }), { volume: 2 }), /never sent/],
    [(s, i) => s['changeOrder']!(new Order({ ...order, instrument: i }), []), /changes are a list of 0/],
    [(s, i) => s['changeOrder']!(new Order({ ...order, instrument: i }), { limit: 2 }), /'limit'/],
    [
      (s, i) => s['changeOrder']!(new Order({ ...order, instrument: i, price: 9 }), { stopPrice: 5 }),
      /stopPrice is 5 on a LIMIT order; expected only volume and price/,
    ],
    [
      (s, i) => s['changeOrder']!(new Order({ ...order, instrument: i }), { price: 5 }),
      /price is 5 on a MARKET order; expected only volume/,
    ],
    [
      (s, i) => s['changeOrder']!(new Order({ ...order, instrument: i, stopPrice: 9 }), { price: 5 }),
      /price is 5 on a STOP order; expected only volume and stopPrice/,
    ],
    [
      async (s, i) => {
        const { order: sent } = (await s['sell']!(i, 1, { price: 99 })) as Acknowledgement
        return s['changeOrder']!(sent, { price: -1 })
      },
      /price -1 is below zero/,
    ],
  ],
  'Strategy.cancelAll': [[(s) => s['cancelAll']!('A'), /instrument is 'A'/]],
  'Strategy.closeAll': [[(s) => s['closeAll']!(3), /instrument is 3/]],
  'Strategy.target': [
    [(s) => s['target']!(undefined, 1), /instrument is undefined/],
    [(s, i) => s['target']!(i), /fraction is undefined/],
    [(s, i) => s['target']!(i, NaN), /fraction is NaN/],
    [(s, i) => s['target']!(i, '0.5'), /fraction is '0.5'/],
  ],
  ...Object.fromEntries(
    ['orders', 'pastOrders', 'trades', 'positions'].map((name): [string, readonly Wrong[]] => [
      `Strategy.${name}`,
      [
        [(s) => s[name]!('A'), /instrument is 'A'/],
        [(s) => s[name]!(undefined, 7), /exchange is 7/],
        [(s) => s[name]!(undefined, undefined, 'buy'), /side is 'buy'/],
      ],
    ]),
  ),
  'Strategy.position': [
    [(s) => s['position']!(), /instrument is undefined/],
    [(s) => s['position']!({ name: 'A' }), /instrument is an object/],
    [(s) => s['position']!(new Instrument({ name: 'B' })), /position: B is not an instrument of this run/],
  ],
  'Strategy.priceHistory': [
    [(s) => s['priceHistory']!(5), /instrument is 5/],
    [(s, i) => s['priceHistory']!(i, -1), /count is -1/],
    [(s, i) => s['priceHistory']!(i, 1.5), /count is 1.5/],
    [(s, i) => s['priceHistory']!(i, 'all'), /count is 'all'/],
  ],
  'Strategy.kill': [[(s) => s['kill']!({}), /reason is an object/]],
  'Strategy.instruments': [
    [(s) => s['instruments']!('SHARE'), /type is 'SHARE'/],
    [(s) => s['instruments']!(undefined, 7), /exchange is 7/],
  ],
  'Strategy.exchanges': [[(s) => s['exchanges']!(7), /type is 7/]],
  'Strategy.lookup': [
    [(s) => s['lookup']!(), /name is undefined/],
    [(s) => s['lookup']!(''), /name is ''/],
    [(s) => s['lookup']!('A', 7), /exchange is 7/],
  ],
  'Strategy.book': [
    [(s) => s['book']!('A'), /instrument is 'A'/],
    [(s, i) => s['book']!(i, 0), /levels is 0/],
    [(s, i) => s['book']!(i, NaN), /levels is NaN/],
  ],
  'Strategy.subscribe': [[(s) => s['subscribe']!('A'), /instrument is 'A'/]],
  'Strategy.restrictTradingHours': [
    [(s) => s['restrictTradingHours']!(), /found undefined/],
    [(s) => s['restrictTradingHours']!({ start: '9', end: '16:00' }), /'9'/],
    [(s) => s['restrictTradingHours']!({ start: '09:00', end: '09:00' }), /09:00/],
    [
      (s) => s['restrictTradingHours']!({ start: '09:00', end: '16:00', zone: 'UTC' }),
      /'zone'; expected only start, end, days, timeZone, onEndOfDay/,
    ],
    [(s) => s['restrictTradingHours']!({ start: '09:00', end: '16:00', days: 'ANY' }), /'ANY'/],
    [(s) => s['restrictTradingHours']!({ start: '09:00', end: '16:00', timeZone: 'Mars' }), /'Mars'/],
    [(s) => s['restrictTradingHours']!({ start: '09:00', end: '16:00', onEndOfDay: 'SELL' }), /'SELL'/],
  ],
  'Strategy.periodic': [
    [(s) => s['periodic']!(7, { hours: 1 }), /callback is 7/],
    [(s) => s['periodic']!(callback), /undefined/],
    [(s) => s['periodic']!(callback, {}), /0 ms/],
    [(s) => s['periodic']!(callback, { hours: -1 }), /hours is -1/],
    [(s) => s['periodic']!(callback, { weeks: 1 }), /weeks is 1/],
    [(s) => s['periodic']!(callback, { toString: 1 }), /toString is 1/],
  ],
  'Strategy.at': [
    [(s) => s['at']!('x', { hour: 9 }), /callback is 'x'/],
    [(s) => s['at']!(callback), /undefined/],
    [(s) => s['at']!(callback, { hour: 24 }), /hour is 24/],
    [(s) => s['at']!(callback, { minute: 1.5 }), /minute is 1.5/],
    [(s) => s['at']!(callback, { hours: 9 }), /hours/],
    [(s) => s['at']!(callback, { hour: 9, timeZone: 'Mars' }), /Mars/],
  ],
  'Strategy.every': [
    [(s) => s['every']!('1q', callback), /'1q'/],
    [(s) => s['every']!(-5, callback), /-5/],
    [(s) => s['every']!(undefined, callback), /undefined/],
    [(s) => s['every']!('1h'), /callback is undefined/],
  ],
  'Strategy.cron': [
    [(s) => s['cron']!(7, callback), /7/],
    [(s) => s['cron']!('x y z', callback), /'x y z'/],
    [(s) => s['cron']!('0 9 * * *'), /callback is undefined/],
    [(s) => s['cron']!('0 9 * * *', callback, 'Mars'), /Mars/],
    [(s) => s['cron']!('0 9 * * *', callback, 5), /time zone 5/],
    [(s) => s['cron']!('* * *', callback), /'\* \* \*'/],
  ],
  'Store.get': [
    [({ store }) => store['get']!(), /name is undefined/],
    [({ store }) => store['get']!('' as never), /name is ''/],
  ],
  'Store.set': [
    [({ store }) => store['set']!(7 as never), /name is 7/],
    [({ store }) => store['set']!('a' as never, NaN as never), /NaN/],
    [({ store }) => store['set']!('a' as never, callback as never), /'a'.*function/],
    [({ store }) => store['set']!('a' as never, 'x'.repeat(300_000) as never), /300002 letters/],
  ],
  'BarSeries.at': [
    [(s) => (s['bars']!('1w') as Untyped)['at']!(), /place is undefined/],
    [(s) => (s['bars']!('1w') as Untyped)['at']!(1.5 as never), /place is 1.5/],
  ],
  'BarSeries.latest': [
    [(s) => (s['bars']!('1w') as Untyped)['latest']!(), /count is undefined/],
    [(s) => (s['bars']!('1w') as Untyped)['latest']!(-1 as never), /count is -1/],
  ],
  'Data.value': [],
  'Instrument.roundDown': [
    [(_, i) => i.roundDown('5' as never), /volume is '5'/],
    [(_, i) => i.roundDown(undefined as never), /volume is undefined/],
  ],
  'Indicator.crossedAbove': [
    [() => sma(3).crossedAbove(undefined as never), /undefined/],
    [() => sma(3).crossedAbove('7' as never), /'7'/],
  ],
  'Indicator.crossedBelow': [[() => sma(3).crossedBelow({} as never), /an object/]],
}

/** Names of classes and methods whose wrong use the table has to have. */
const methods = entries.flatMap((entry) =>
  entry.members
    .filter(
      ({ kind, name }) =>
        kind === 'method' && !/^on[A-Z]/.test(name) && name !== 'toString' && name !== 'toJSON',
    )
    .map(({ name }) => `${entry.name}.${name}`),
)

/** What came of calls made in `onStart`, where a run is under way. */
async function outcomes(calls: readonly Wrong[]): Promise<string[]> {
  const found: string[] = []
  class Asks extends BarStrategy {
    async onStart() {
      const [instrument] = this.instruments() as [Instrument]
      for (const [call] of calls)
        try {
          const answer: unknown = await call(this as unknown as Probe, instrument)
          const { accepted, reason, code } = (answer ?? {}) as Partial<
            Acknowledgement & { reason: string; code: string }
          >
          found.push(accepted === false ? `refused ${code}: ${reason}` : `returned ${String(answer)}`)
        } catch (error) {
          const typed = error instanceof TypeError || error instanceof RangeError
          found.push(`${typed ? '' : 'untyped '}${(error as Error).message}`)
        }
    }
    onBar() {}
  }
  await play(Asks, dataSet(series({ name: 'A' }, [1, 2, 3])))
  return found
}

describe('a wrong argument', () => {
  test('of every public method is in the table', () => {
    expect(methods.filter((name) => !Object.hasOwn(table, name))).toEqual([])
    expect(Object.keys(table).filter((name) => !methods.includes(name))).toEqual([])
  })

  const wrong = Object.entries(table).filter(([, calls]) => calls.length > 0)
  test.each(wrong)(
    'of %s is answered with its name, what was found and what was expected',
    async (name, calls) => {
      const said = await outcomes(calls)
      const method = name.split('.')[1]!
      for (const [i, [call, found]] of calls.entries()) {
        const text = said[i]!
        expect(text, String(call)).toMatch(found)
        expect(text, String(call)).not.toMatch(
          /^(?:untyped|returned)|Cannot read|is not a function|not iterable/,
        )
        if (!text.startsWith('refused')) {
          expect(text, String(call)).toMatch(/expected|expect|cannot|needs|at most/)
          expect(text, String(call)).toMatch(new RegExp(`\\b(?:${method}|Input)\\b`))
        }
      }
    },
  )
})

describe('a wrong setting of an indicator', () => {
  const factories = entries.filter(({ kind }) => kind === 'function')
  const values: Readonly<Record<string, readonly unknown[]>> = {
    number: [NaN, -1, Infinity, '5', null, {}],
    Source: ['clos', 7, null, {}],
    CalendarSpan: ['fortnight', 7, null],
    "'start' | CalendarSpan": ['fortnight', 7, null],
  }
  const right: Readonly<Record<string, unknown>> = { number: 20, Source: 'close' }

  test('is one of a type that this test knows, for all of them', () => {
    expect(factories.length).toBeGreaterThan(40)
    const types = factories.flatMap(({ signature }) => parametersOf(signature).map(({ type }) => type))
    expect([...new Set(types)].filter((type) => !Object.hasOwn(values, type))).toEqual([])
  })

  test.each(
    factories
      .filter(({ signature }) => parametersOf(signature).length > 0)
      .map(({ name, signature }) => [name, signature]),
  )('%s is refused with what was found and what was expected', (name, signature) => {
    const make = (outcry as unknown as Record<string, (...args: unknown[]) => unknown>)[name]!
    const parameters = parametersOf(signature)
    for (const [at, { type, name: parameter }] of parameters.entries())
      for (const value of values[type]!) {
        const args = parameters.map(({ type, required }, i) =>
          i === at ? value : required ? right[type] : undefined,
        )
        const what = `${name}, ${parameter} ${JSON.stringify(value) ?? String(value)}`
        let said: unknown
        try {
          said = make(...args)
        } catch (error) {
          said = error
        }
        expect(said instanceof RangeError || said instanceof TypeError, what).toBe(true)
        const { message } = said as Error
        expect(message, what).toMatch(/expected/)
        expect(message, what).toContain(typeof value === 'object' && value ? 'object' : String(value))
      }
  })
})

/** The parameters of a function, from its signature. */
function parametersOf(signature: string) {
  const [, list = ''] = /\(([^)]*)\)/.exec(signature) ?? []
  return list
    .split(',')
    .map((part) => part.trim())
    .filter(Boolean)
    .map((part) => {
      const [, name = '', optional, type = ''] = /^(\w+)(\?)?:\s*(.*)$/.exec(part) ?? []
      return { name, type, required: optional === undefined }
    })
}
