/// <reference path="../src/app/virtual.d.ts" />
import { describe, expect, test } from 'vitest'
import { entries } from 'virtual:reference'
import type { DataSet } from '#data'
import { type BarEvent, BarStrategy, Instrument, Order, Side, sma } from 'outcry'
import { market, play } from './market.ts'

/** Every public method of a strategy but its handlers, which the author writes. */
const methods = entries
  .find(({ name }) => name === 'Strategy')!
  .members.filter(({ kind, name }) => kind === 'method' && !/^on[A-Z]/.test(name))
  .map(({ name }) => name)
  .filter((name) => !['toString', 'toJSON', 'slippage', 'transactionCost'].includes(name))

const cycle: Record<string, unknown> = {}
cycle['itself'] = cycle

/** An order and an instrument of a run that is over. */
async function ofAnotherRun(): Promise<readonly [Order, Instrument]> {
  const found: [Order, Instrument][] = []
  class Before extends BarStrategy {
    async onBar({ target: { instrument } }: BarEvent) {
      found.push([(await this.buy(instrument, 1)).order!, instrument])
    }
  }
  await play(Before, market(10))
  return found[0]!
}

/** Values that somebody without types might give for anything, by what they are. */
function absurd(order: Order, instrument: Instrument): readonly (readonly [string, unknown])[] {
  const request = { instrument, side: Side.BUY, volume: 1 }
  return [
    ['undefined', undefined],
    ['null', null],
    ['NaN', NaN],
    ['Infinity', -Infinity],
    ['an empty text', ''],
    ['a text', 'absurd'],
    ['true', true],
    ['an empty object', {}],
    ['an empty list', []],
    ['a list', [1, 'a', null]],
    ['a Symbol', Symbol('absurd')],
    ['a bigint', 1n],
    ['a function', () => 5],
    ['a class', class {}],
    ['an object of nothing', Object.create(null)],
    ['a cycle', cycle],
    ['a Date that is none', new Date(NaN)],
    ['a Proxy', new Proxy({}, {})],
    ['a Proxy of an order', new Proxy(order, {})],
    ['an heir of an order', Object.create(order)],
    ['no order but of its class', Object.create(Order.prototype)],
    ['an order of another run', order],
    ['an instrument of another run', instrument],
    ['an instrument of nobody', new Instrument({ name: 'none' })],
    ['no instrument but of its class', Object.create(Instrument.prototype)],
    ['a request with a foreign instrument', request],
    ['a Map', new Map([['volume', 1]])],
    ['a typed array', new Float64Array(2)],
  ]
}

/** What the language itself says of values that nobody looked at. */
const bare =
  /Cannot (?:read|convert|mix|destructure|set|access|assign)|is not (?:a function|iterable|a constructor|an object|extensible)|private member|Invalid time|circular|^undefined is not|Reduce of empty/i

/** Methods that take nothing and answer all the same, and arguments that may be anything. */
const takesNothing = ['name', 'portfolio', 'risk', 'accounts', 'now', 'tradingType']

interface Outcome {
  readonly call: string
  /** `threw`, `refused` or `took`. */
  readonly came: string
  readonly said: string
}

/** All that comes of a method that is given absurd values for its arguments, with right ones before. */
async function outcomesOf(method: string, data: DataSet): Promise<Outcome[]> {
  const [foreignOrder, foreignInstrument] = await ofAnotherRun()
  const outcomes: Outcome[] = []
  class Asks extends BarStrategy {
    asked = false
    async onBar({ target: { instrument, close } }: BarEvent) {
      if (this.asked) return
      this.asked = true
      const right: Readonly<Record<string, readonly unknown[]>> = {
        newOrder: [{ instrument, side: Side.BUY, volume: 1, price: 1 }],
        buy: [instrument, 1, { price: 1 }],
        sell: [instrument, 1, { price: close * 5 }],
        bracket: [{ instrument, side: Side.BUY, volume: 1, price: 2 }, { stop: 1 }],
        changeOrder: [(await this.buy(instrument, 1, { price: 1 })).order, { volume: 2 }],
        input: ['absurd', 5, {}],
        bars: [instrument, '1w', {}],
        convert: [1, 'USD', 'USD'],
        restrictTradingHours: [{ start: '09:00', end: '10:00' }],
        periodic: [() => {}, { hours: 1 }],
        at: [() => {}, { hour: 1 }],
        every: ['1d', () => {}],
        cron: ['0 0 * * *', () => {}, 'UTC'],
        target: [instrument, 0.5],
        priceHistory: [instrument, 3],
        book: [instrument, 3],
        indicator: [sma(3), instrument],
        kill: ['enough'],
        lookup: ['X', undefined],
        instruments: [undefined, undefined],
        ...Object.fromEntries(
          ['orders', 'pastOrders', 'trades', 'positions'].map((name) => [
            name,
            [instrument, undefined, Side.BUY],
          ]),
        ),
      }
      // All others take one.
      const given = right[method] ?? [instrument]
      for (let place = 0; place < Math.max(1, given.length); place++)
        for (const [what, value] of absurd(foreignOrder, foreignInstrument)) {
          const args = [...given.slice(0, place), value]
          const call = `${method}(${[...given.slice(0, place).map(() => '…'), what].join(', ')})`
          try {
            const answer: unknown = await (
              this as unknown as Record<string, (...args: unknown[]) => unknown>
            )[method]!(...args)
            const { accepted, code, reason } = (answer ?? {}) as Record<string, unknown>
            outcomes.push(
              accepted === false
                ? { call, came: 'refused', said: `${String(code)}: ${String(reason)}` }
                : { call, came: 'took', said: '' },
            )
          } catch (error) {
            const { message } = error as Error
            const typed = error instanceof TypeError || error instanceof RangeError
            outcomes.push({ call, came: typed ? 'threw' : 'threw untyped', said: message })
          }
          await this.cancelAll()
        }
    }
  }
  await play(Asks, data)
  return outcomes
}

const synthetic: DataSet = {
  id: 'synthetic',
  name: 'Synthetic',
  provenance: 'made while it runs',
  instruments: [],
  synthetic: { seed: 3, seconds: 8, agents: 20, barSeconds: 4 },
}

describe.each([
  ['bars', market(10, 11)],
  ['a book', synthetic],
])('on %s, values that nobody could mean', (_, data) => {
  test.each(methods)('given to %s are never answered by the language itself', async (method) => {
    const outcomes = await outcomesOf(method, data)
    expect(outcomes.length).toBeGreaterThan(20)
    for (const { call, came, said } of outcomes) {
      expect(`${call} ${came} ${said}`).not.toMatch(bare)
      expect(`${call} ${came}`).not.toMatch(/untyped/)
      if (came === 'threw') {
        expect(said, call).toMatch(/expected|cannot be kept/)
        expect(said, call).toMatch(new RegExp(`^(?:${method}|Input)\\b`))
      }
    }
  })
})

/** Objects that name nothing, where all of an object's fields can be left out. */
const nothingNamed = [
  'undefined',
  'an empty object',
  'an object of nothing',
  'a Proxy',
  'no instrument but of its class',
]
const leftOut = ['undefined']
const texts = ['undefined', 'an empty text', 'a text']
const functions = ['a function', 'a class']
const query = [leftOut, texts, leftOut]

/** What methods take all the same, by argument. A tag that no exchange has finds nothing; a function may be called. */
const meant: Readonly<Record<string, readonly (readonly string[])[]>> = {
  ...{ bars: [[], [], nothingNamed], buy: [[], [], nothingNamed], sell: [[], [], nothingNamed] },
  ...{ orders: query, pastOrders: query, trades: query, positions: query },
  ...{ cancelAll: [leftOut], closeAll: [leftOut], priceHistory: [leftOut, leftOut], exchanges: [leftOut] },
  ...{ kill: [texts], convert: [[], [], leftOut], instruments: [leftOut, texts], book: [[], leftOut] },
  // Of an instrument it finds those of the same name.
  lookup: [
    ['a text', 'an instrument of another run', 'an instrument of nobody', 'no instrument but of its class'],
    texts,
  ],
  ...{ input: [[], [], []], indicator: [[], leftOut] },
  ...{ periodic: [functions], every: [[], functions], cron: [[], functions, leftOut] },
  at: [functions, nothingNamed.slice(1)],
}

test.each(methods.filter((name) => !takesNothing.includes(name)))(
  'what nobody could mean is taken by %s only where it means something',
  async (method) => {
    const taken = (await outcomesOf(method, market(10, 11))).filter(({ came }) => came === 'took')
    const expected = (meant[method] ?? []).flatMap((values, place) =>
      values.map((value) => `${method}(${[...Array(place).fill('…'), value].join(', ')})`),
    )
    expect(taken.map(({ call }) => call).filter((call) => !expected.includes(call))).toEqual([])
  },
)
