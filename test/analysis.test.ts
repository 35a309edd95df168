import { existsSync, readFileSync } from 'node:fs'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  annualGrowth,
  drawdown,
  lasting,
  metricDescriptions,
  periodsPerYear,
  report,
  returnsOf,
  sharpe,
  sortino,
  volatility,
} from '#analysis'
import type { DataSet } from '#data'
import type { RunRecord } from '#engine'
import type { Costs } from '#exchange'
import { buffersOf, DataService } from '#session'
import { verdict } from '../src/analysis/verdict.ts'

const DAY = 86_400e6
const MONDAY = Date.UTC(2024, 0, 1) * 1000

interface Fill {
  /** Its place in the list, from 1, when left out. */
  order?: number
  bar: number
  side: 1 | -1
  volume: number
  price?: number
  fee?: number
  slippage?: number
  rule?: string
}

/** Bars a day apart whose open is the close before, and whose high and low are the given distance beyond both. */
function market(closes: number[], reach = 0): DataSet {
  const close = Float64Array.from(closes)
  const open = Float64Array.from(closes, (_, i) => closes[i - 1] ?? closes[0]!)
  return {
    id: 'test',
    name: 'test',
    provenance: '',
    instruments: [
      {
        instrument: { name: 'X', lotSize: 1 },
        bars: {
          time: close.map((_, i) => MONDAY + i * DAY),
          open,
          high: close.map((value, i) => Math.max(value, open[i]!) + reach),
          low: close.map((value, i) => Math.min(value, open[i]!) - reach),
          close,
          volume: new Float64Array(close.length),
        },
      },
    ],
  }
}

/** The record of a run that made these fills, by default at the open of their bars and without costs. */
function record(
  data: DataSet,
  fills: Fill[],
  options: { cash?: number; commission?: number; slippage?: number } = {},
): RunRecord {
  const { cash = 1000, commission = 0, slippage = 0 } = options
  const { bars, instrument } = data.instruments[0]!
  const rules = [...new Set(fills.map(({ rule }) => rule ?? 'open'))]
  const column = (value: (fill: Fill) => number) => Float64Array.from(fills, value)
  const price = column((fill) => fill.price ?? bars.open[fill.bar]!)
  let position = 0
  let money = cash
  let next = 0
  const cashes = new Float64Array(bars.time.length)
  const value = bars.close.map((close, row) => {
    for (; next < fills.length && fills[next]!.bar <= row; next++) {
      const { side, volume, fee = 0 } = fills[next]!
      position += side * volume
      money -= side * volume * price[next]! + fee
    }
    cashes[row] = money
    return money + position * close
  })
  return {
    engine: 'test',
    settings: {
      cash,
      costs: { commission, slippage },
      fill: 'next-open',
      seed: 1,
      leverage: 1,
      inputs: {},
    },
    inputs: {},
    declarations: [],
    instruments: [instrument],
    rules,
    orders: {} as RunRecord['orders'],
    fills: {
      time: column(({ bar }) => bars.time[bar]!),
      bar: Int32Array.from(fills, ({ bar }) => bar),
      order: Int32Array.from(fills, ({ order }, i) => order ?? i + 1),
      instrument: new Int32Array(fills.length),
      side: Int8Array.from(fills, ({ side }) => side),
      price,
      volume: column(({ volume }) => volume),
      fee: column(({ fee }) => fee ?? 0),
      slippage: column(({ slippage }) => slippage ?? 0),
      rule: Uint8Array.from(fills, ({ rule }) => rules.indexOf(rule ?? 'open')),
    },
    changes: {} as RunRecord['changes'],
    journal: {} as RunRecord['journal'],
    refusals: [],
    steps: {} as RunRecord['steps'],
    equity: { time: bars.time, value, cash: cashes },
    bars: bars.time.length,
    market: [],
    books: [],
    plots: [],
    digest: '',
  }
}

function reportOf(closes: number[], fills: Fill[], options = {}) {
  const data = market(closes)
  return report(record(data, fills, options), data)
}

const rising = [10, 11, 12, 13, 14, 15]

test('what a run still holds that has read half of its data is worth what it was then', () => {
  const data = market(rising)
  const half = record(data, [{ bar: 1, side: 1, volume: 10 }])
  const cut = (column: Float64Array) => column.slice(0, 3)
  const { time, value, cash } = half.equity
  const { trades, all } = report(
    { ...half, bars: 3, equity: { time: cut(time), value: cut(value), cash: cut(cash) } },
    data,
  )
  expect([...trades.exitBar]).toEqual([2])
  expect([...trades.exitPrice]).toEqual([12])
  expect(all.openProfit).toBe(20)
})

test('a purchase and a sale of the same volume are one trade, its fees taken off', () => {
  const { trades, all, short } = reportOf(rising, [
    { bar: 1, side: 1, volume: 10, fee: 1 },
    { bar: 3, side: -1, volume: 10, fee: 2 },
  ])
  expect([...trades.size, ...trades.entryPrice, ...trades.exitPrice, ...trades.fees, ...trades.pnl]).toEqual([
    10, 10, 12, 3, 17,
  ])
  expect([...trades.entryBar, ...trades.exitBar, ...trades.entryOrder, ...trades.exitOrder]).toEqual([
    1, 3, 1, 2,
  ])
  expect(trades.return[0]).toBeCloseTo(0.17, 12)
  expect([all.trades, all.winRate, all.netProfit, all.profitFactor, all.averageBars]).toEqual([
    1,
    1,
    17,
    Infinity,
    2,
  ])
  expect([short.trades, short.winRate, short.profitFactor]).toEqual([0, NaN, NaN])
})

test('what one order entered and one order left is one trade, however many orders of others each met', () => {
  const { trades, all } = reportOf(rising, [
    { bar: 1, side: 1, volume: 6, price: 10, fee: 6, order: 1 },
    { bar: 1, side: 1, volume: 4, price: 10.5, fee: 4, order: 1 },
    { bar: 3, side: -1, volume: 5, price: 12, fee: 5, order: 2 },
    { bar: 3, side: -1, volume: 3, price: 11, fee: 3, order: 2 },
    { bar: 4, side: -1, volume: 1, price: 11, fee: 1, order: 3 },
  ])
  expect([...trades.size]).toEqual([8, 1, 1])
  expect(trades.entryPrice[0]).toBeCloseTo((6 * 10 + 2 * 10.5) / 8, 12)
  expect(trades.exitPrice[0]).toBeCloseTo((5 * 12 + 3 * 11) / 8, 12)
  expect(trades.pnl[0]).toBeCloseTo(5 * 12 + 3 * 11 - 6 * 10 - 2 * 10.5 - 16, 12)
  expect(trades.fees[0]).toBe(16)
  expect(trades.return[0]).toBeCloseTo(trades.pnl[0]! / 81, 12)
  expect([...trades.exitOrder]).toEqual([2, 3, 0])
  expect([all.trades, all.openTrades]).toEqual([2, 1])
})

test('a sale closes the oldest volume first and shares fees by volume', () => {
  const { trades } = reportOf(rising, [
    { bar: 1, side: 1, volume: 10, fee: 10 },
    { bar: 2, side: 1, volume: 10, fee: 20 },
    { bar: 4, side: -1, volume: 15, fee: 30 },
  ])
  expect([...trades.size]).toEqual([10, 5, 5])
  expect([...trades.entryPrice]).toEqual([10, 11, 11])
  expect([...trades.fees]).toEqual([10 + 20, 10 + 10, 10])
  expect([...trades.pnl]).toEqual([3 * 10 - 30, 2 * 5 - 20, 4 * 5 - 10])
  expect([...trades.exitTime]).toEqual([MONDAY + 4 * DAY, MONDAY + 4 * DAY, NaN])
  expect([...trades.exitPrice]).toEqual([13, 13, 15])
  expect([...trades.exitOrder]).toEqual([3, 3, 0])
  expect([...trades.exitBar]).toEqual([4, 4, 5])
})

test('a sale of more than is held closes it and opens a short', () => {
  const { trades, long, short } = reportOf(rising, [
    { bar: 1, side: 1, volume: 10 },
    { bar: 3, side: -1, volume: 30, fee: 3 },
    { bar: 5, side: 1, volume: 20 },
  ])
  expect([...trades.side]).toEqual([1, -1])
  expect([...trades.size]).toEqual([10, 20])
  expect([...trades.pnl]).toEqual([2 * 10 - 1, -2 * 20 - 2])
  expect([long.netProfit, short.netProfit, short.largestLoss, short.winRate]).toEqual([19, -42, -42, 0])
})

test('tenths that do not add up exactly in binary still close a position', () => {
  const data = market(rising)
  const fine = {
    ...data,
    instruments: [{ ...data.instruments[0]!, instrument: { name: 'X', lotSize: 0.1 } }],
  }
  const run = record(fine, [
    { bar: 1, side: 1, volume: 0.1 },
    { bar: 2, side: 1, volume: 0.2 },
    { bar: 3, side: -1, volume: 0.3 },
  ])
  const { all, account } = report(run, fine)
  expect([all.trades, all.openTrades]).toEqual([2, 0])
  expect(account.exposure).toBe(2 / 6)
})

test('whatever is traded, results of all trades add up to the change of the account', () => {
  const fill = fc.record({
    bar: fc.nat(199),
    side: fc.constantFrom(1 as const, -1 as const),
    volume: fc.integer({ min: 1, max: 50 }),
    fee: fc.integer({ min: 0, max: 5 }),
  })
  const closes = fc.array(fc.integer({ min: 1, max: 100 }), { minLength: 200, maxLength: 200 })
  fc.assert(
    fc.property(closes, fc.array(fill, { maxLength: 60 }), (prices, fills) => {
      fills.sort((a, b) => a.bar - b.bar)
      const { trades, account, all, long, short } = reportOf(prices, fills, { cash: 1e6 })
      const sum = trades.pnl.reduce((total, pnl) => total + pnl, 0)
      expect(sum).toBeCloseTo(account.finalEquity - 1e6, 6)
      expect(all.netProfit + all.openProfit).toBeCloseTo(sum, 6)
      expect(all.fees).toBeCloseTo(account.fees, 6)
      expect(long.trades + short.trades).toBe(all.trades)
      const open = trades.size.reduce(
        (total, size, i) => total + (isNaN(trades.exitTime[i]!) ? trades.side[i]! * size : 0),
        0,
      )
      expect(open).toBe(fills.reduce((total, { side, volume }) => total + side * volume, 0))
    }),
  )
})

test('worst and best are what a walk over the bars finds, however long the trade', () => {
  const closes = Array.from({ length: 10_000 }, (_, i) => 1000 + ((i * 7919) % 613))
  const data = market(closes, 0.5)
  const { bars } = data.instruments[0]!
  fc.assert(
    fc.property(fc.nat(9_999), fc.nat(9_999), fc.constantFrom(1 as const, -1 as const), (a, b, side) => {
      const [from, to] = a < b ? [a, b] : [b, a]
      const { trades } = report(
        record(data, [
          { bar: from, side, volume: 2 },
          { bar: to, side: side > 0 ? -1 : 1, volume: 2 },
        ]),
        data,
      )
      const lows = [...bars.low.subarray(from, to), bars.open[to]!]
      const highs = [...bars.high.subarray(from, to), bars.open[to]!]
      const entry = bars.open[from]!
      const [worst, best] =
        side > 0
          ? [Math.min(...lows) - entry, Math.max(...highs) - entry]
          : [entry - Math.max(...highs), entry - Math.min(...lows)]
      expect([trades.worst[0], trades.best[0]]).toEqual([Math.min(0, worst) * 2, Math.max(0, best) * 2])
    }),
    { numRuns: 60 },
  )
})

test('the bar of a fill at the close counts at the exit and not at the entry', () => {
  const data = market([10, 10, 10, 10], 5)
  const at = (rule: string) =>
    report(
      record(data, [
        { bar: 1, side: 1, volume: 1, price: 10, rule },
        { bar: 1, side: -1, volume: 1, price: 10, rule },
      ]),
      data,
    ).trades.worst[0]
  expect([at('close'), at('open'), at('limit')]).toEqual([0, 0, 0])
  const closing = report(
    record(data, [
      { bar: 1, side: 1, volume: 1, price: 10, rule: 'close' },
      { bar: 2, side: -1, volume: 1, price: 10, rule: 'close' },
    ]),
    data,
  )
  expect([closing.trades.worst[0], closing.trades.best[0]]).toEqual([-5, 5])
})

test('a time below a day is told in hours, and one below an hour in minutes', () => {
  const told = (days: number) => Object.values(lasting(days)).join(' ')
  expect([756.4, 1.4, 0.99, 0.5, 0.03, 1 / 1440, 0].map(told)).toEqual([
    '756 day',
    '1 day',
    '1 day',
    '12 hour',
    '43 minute',
    '1 minute',
    '0 day',
  ])
})

test('a drawdown starts at the starting cash and lasts until the peak is reached again', () => {
  const { account, drawdown: falls } = reportOf(
    [10, 8, 10, 12, 9, 11, 12, 11],
    [{ bar: 0, side: 1, volume: 100 }],
  )
  expect(falls[1]).toBeCloseTo(-0.2, 12)
  expect(falls[4]).toBeCloseTo(-0.25, 12)
  expect(account.maxDrawdown).toBeCloseTo(0.25, 12)
  expect(account.maxDrawdownDays).toBe(3)
  expect(drawdown(Float64Array.of(9), Float64Array.of(0), 10).largest).toBeCloseTo(0.1, 12)
})

test('buy and hold pays slippage and commission, in whole lots', () => {
  const { account, buyAndHold } = reportOf([10, 11, 12, 20], [], {
    cash: 105,
    commission: 0.01,
    slippage: 0.01,
  })
  // 10 units at 10.1 cost 101 and 1.01 of commission; 2.99 stay in cash.
  expect(buyAndHold[0]).toBeCloseTo(102.99, 10)
  expect(buyAndHold[3]).toBeCloseTo(202.99, 10)
  expect(account.buyAndHoldReturn).toBeCloseTo(202.99 / 105 - 1, 12)
  expect(account.buyAndHoldMaxDrawdown).toBeCloseTo(1 - 102.99 / 105, 12)
})

test('buy and hold pays every form of cost that a run can have', () => {
  const held = (costs: Partial<Costs>, { book = false } = {}) => {
    const data = market([10, 20])
    const { settings, ...rest } = record(data, [], { cash: 1000 })
    const books = [{ levels: 5 }] as unknown as RunRecord['books']
    const all = { commission: 0, slippage: 0, ...costs }
    const run = { ...rest, settings: { ...settings, costs: all }, ...(book && { books }) }
    return report(run, data).buyAndHold[1]
  }
  expect(held({})).toBe(2000)
  // 99 units at 10, and 10 of cash that pay 5.
  expect(held({ commissionPerOrder: 5 })).toBe(99 * 20 + 10 - 5)
  expect(held({ slippagePrice: 0.25 })).toBe(97 * 20 + 1000 - 97 * 10.25)
  expect(held({ slippageTicks: 100 })).toBe(90 * 20 + 1000 - 90 * 11)
  expect(held({ commission: 0.01, leastCommission: 200 })).toBe(80 * 20)
  expect(held({ commissionPerUnit: 1, mostCommission: 0.01 })).toBeCloseTo(99 * 20 + 1000 - 99 * 10.1, 9)
  expect(held({ leastCommission: 2000 })).toBe(1000)
  // On a book it buys what it would on bars without slippage.
  expect(held({ slippage: 0.05, slippageTicks: 100 }, { book: true })).toBe(2000)
  expect(held({ slippage: 0.05, commission: 0.01 }, { book: true })).toBe(held({ commission: 0.01 }))
})

test('buy and hold of a cash that a lot divides buys the last lot too', () => {
  const data = market([1, 1, 2])
  const fine = {
    ...data,
    instruments: [{ ...data.instruments[0]!, instrument: { name: 'X', lotSize: 0.1 } }],
  }
  expect(report(record(fine, [], { cash: 100 }), fine).account.buyAndHoldReturn).toBeCloseTo(1, 10)
})

test('costs, turnover and exposure are counted', () => {
  const { account } = reportOf(
    [10, 10, 10, 10],
    [
      { bar: 1, side: 1, volume: 100, fee: 1, slippage: 0.5 },
      { bar: 3, side: -1, volume: 100, fee: 1, slippage: 0.25 },
    ],
  )
  expect([account.fees, account.slippage, account.exposure]).toEqual([2, 75, 0.5])
  expect(account.turnover).toBeCloseTo(2000 / ((1000 + 999 + 999 + 998) / 4), 12)
})

test('a year of a market is told from its days', () => {
  const days = (keep: (day: number) => boolean, count = 400) =>
    Float64Array.from(Array.from({ length: count }, (_, i) => 19_723 + i).filter(keep))
  const weekday = (day: number) => (day + 4) % 7
  expect(periodsPerYear(days(() => true))).toBe(365)
  expect(periodsPerYear(days((day) => weekday(day) % 6 !== 0))).toBe(252)
  expect(periodsPerYear(days((day) => weekday(day) !== 6))).toBe(313)
  expect(periodsPerYear(days((day) => weekday(day) === 5))).toBe(52)
  expect(periodsPerYear(days((day) => new Date(day * 86_400_000).getUTCDate() === 1))).toBe(12)
  expect(periodsPerYear(days((day) => day % 10 === 0))).toBeCloseTo(36.525, 10)
  expect(periodsPerYear(Float64Array.of(1))).toBeNaN()
})

test('figures that mean nothing are absent rather than zero', () => {
  const { account, all } = reportOf(rising, [])
  expect([account.sharpe, account.sortino, account.calmar, account.annualReturn]).toEqual([
    NaN,
    NaN,
    NaN,
    NaN,
  ])
  expect([all.winRate, all.profitFactor, all.averageTrade, all.payoff, all.averageBars]).toEqual([
    NaN,
    NaN,
    NaN,
    NaN,
    NaN,
  ])
  expect([account.totalReturn, account.volatility, account.maxDrawdown, account.exposure]).toEqual([
    0, 0, 0, 0,
  ])
})

test('what the first day lost counts in the ratios as it does in the return', () => {
  const data = market([50, 50.5, 50, 50.5])
  data.instruments[0]!.bars.open[0] = 100
  const { account } = report(record(data, [{ bar: 0, side: 1, volume: 9 }]), data)
  // 1000, 550, 554.5, 550, 554.5
  const returns = [-0.45, 4.5 / 550, -4.5 / 554.5, 4.5 / 550]
  const centre = returns.reduce((sum, one) => sum + one) / 4
  const spread = Math.sqrt(returns.reduce((sum, one) => sum + (one - centre) ** 2, 0) / 3)
  expect(account.periodsPerYear).toBe(252)
  expect(account.volatility).toBeCloseTo(spread * Math.sqrt(252), 10)
  expect(account.sharpe).toBeCloseTo((centre / spread) * Math.sqrt(252), 10)
  expect(account.sharpe).toBeLessThan(-5)
  const grown = returnsOf(Float64Array.of(550, 554.5, 550, 554.5), 1000).reduce(
    (all, one) => all * (1 + one),
    1,
  )
  expect(grown - 1).toBeCloseTo(account.totalReturn, 12)
  // A first day on which nothing happened is no return of 0.
  expect([...returnsOf(Float64Array.of(1000, 1100), 1000)]).toEqual([1100 / 1000 - 1])
  expect([...returnsOf(new Float64Array(0), 1000)]).toEqual([])
})

test('an account below zero has no ratios, since a return needs something to be had on', () => {
  const { account, verdict } = reportOf([10, 20, 25, 30], [{ bar: 0, side: -1, volume: 100 }])
  expect([account.finalEquity, account.totalReturn, account.maxDrawdown]).toEqual([-1000, -2, 2])
  expect([account.sharpe, account.sortino, account.volatility, account.annualReturn]).toEqual([
    NaN,
    NaN,
    NaN,
    NaN,
  ])
  expect(verdict).toMatch(/^Loses more than it had: the account lost 200 % without closing a trade/)
})

test('two instruments are held half and half, each from its own first bar', () => {
  const late = market([10, 10, 10, 10])
  const bars = market([20, 30]).instruments[0]!.bars
  const second = {
    instrument: { name: 'Y', lotSize: 1, multiplier: 5 },
    bars: { ...bars, time: bars.time.map((time) => time + 2 * DAY) },
  }
  const both = { ...late, instruments: [late.instruments[0]!, second] }
  const run = { ...record(late, []), instruments: both.instruments.map(({ instrument }) => instrument) }
  // 50 of X at 10, and from the third day 5 of Y at 20 with 5 units of money a point.
  expect([...report(run, both).buyAndHold]).toEqual([1000, 1000, 1000, 1000 + 5 * 10 * 5])
})

test('the verdict where a figure is none says so and names no figure', () => {
  expect(reportOf([], []).verdict).toBe('There is nothing to judge: the data has no bars.')
  const settings = record(market(rising), []).settings
  const { account, all } = reportOf(rising, [
    { bar: 0, side: 1, volume: 10 },
    { bar: 5, side: -1, volume: 10 },
  ])
  const without = { ...account, buyAndHoldReturn: NaN }
  expect(verdict(without, all, settings)).toBe(
    'It gained 4 % in one closed trade with no costs counted; nothing had a price to hold it against.',
  )
  expect(verdict(without, { ...all, trades: 0, openTrades: 0 }, settings)).toBe(
    'It never traded: the cash stayed as it was while nothing had a price with no costs counted.',
  )
  expect(verdict({ ...without, totalReturn: -1 }, all, settings)).toBe(
    'Loses everything: the account lost 100 % in one closed trade, while nothing had a price with no costs counted.',
  )
  expect(verdict({ ...account, totalReturn: NaN }, all, settings)).toMatch(/^There is nothing to judge/)
})

test('growth per year counts calendar years', () => {
  const closes = Array.from({ length: 732 }, (_, i) => 100 + i / 2)
  const { account } = reportOf(closes, [{ bar: 0, side: 1, volume: 10 }])
  expect(account.totalReturn).toBeCloseTo(3.655, 12)
  expect(account.annualReturn).toBeCloseTo(4.655 ** (365.25 / 731) - 1, 12)
  expect(account.periodsPerYear).toBe(365)
})

test.each([
  [
    [10, 20],
    [],
    {},
    'It never traded: the cash stayed as it was while buy and hold gained 100 % with no costs counted.',
  ],
  [
    [10, 11],
    [{ bar: 0, side: 1, volume: 100 }],
    {},
    'Does the same as buy and hold with no costs counted: it gained 10 % without closing a trade, buy and hold gained 10 %.',
  ],
  [
    [10, 12, 15],
    [
      { bar: 0, side: 1, volume: 50 },
      { bar: 2, side: -1, volume: 50 },
    ],
    { commission: 1e-9 },
    'Loses to buy and hold by 39 points after costs: it gained 10 % in one closed trade, buy and hold gained 49 %.',
  ],
  [
    [10, 8, 10, 20],
    [
      { bar: 0, side: 1, volume: 50 },
      { bar: 1, side: -1, volume: 50, price: 8 },
      { bar: 2, side: 1, volume: 40, price: 10 },
    ],
    {},
    'Loses to buy and hold by 70 points with no costs counted: it gained 30 % (one closed trade lost 10 %, one still open gained 40 %), buy and hold gained 100 %.',
  ],
  [
    [10, 8, 5],
    [
      { bar: 0, side: 1, volume: 50 },
      { bar: 2, side: -1, volume: 50 },
    ],
    { slippage: 1e-9 },
    'Beats buy and hold by 40 points after costs: it lost 10 % in one closed trade, buy and hold lost 50 %.',
  ],
  [
    [10, 0.01, 0.01],
    [
      { bar: 0, side: 1, volume: 100 },
      { bar: 2, side: -1, volume: 100 },
    ],
    {},
    'Loses everything: the account lost 100 % in one closed trade, while buy and hold lost 100 % with no costs counted.',
  ],
])('the verdict on %j is a modest sentence', (closes, fills, costs, sentence) => {
  expect(reportOf(closes, fills as Fill[], costs).verdict).toBe(sentence)
})

test('every figure of a report is described', () => {
  const { account, all } = reportOf(rising, [])
  expect(Object.keys(metricDescriptions.account)).toEqual(Object.keys(account))
  expect(Object.keys(metricDescriptions.trades)).toEqual(Object.keys(all))
})

test('a report on other data than the run is refused', () => {
  const data = market(rising)
  const other = {
    ...data,
    id: 'other',
    instruments: [{ ...data.instruments[0]!, instrument: { name: 'Y' } }],
  }
  expect(() => report(record(data, []), other)).toThrow(
    "The run traded X, which data set 'other' does not have",
  )
})

const vectorFile = '../shared/vectors/metrics-empyrical.json'

interface Vectors {
  series: Record<string, { values: (number | string)[] }>
  tests: { test: string; cases: unknown[][] }[]
}

test.skipIf(!existsSync(vectorFile))(
  'the ratios are those that empyrical computes, to 8 decimals (skipped where ../shared is absent)',
  () => {
    const vectors = JSON.parse(readFileSync(vectorFile, 'utf8')) as Vectors
    const perYear = { daily: 252, weekly: 52, monthly: 12, yearly: 1 }
    let checked = 0
    /** Runs the cases whose first argument is a named series and whose risk-free or required return is zero. */
    const check = (
      name: string,
      ours: (returns: Float64Array, periodsPerYear: number, periods: number) => number,
    ) => {
      for (const [series, ...rest] of vectors.tests.find(({ test: other }) => other === name)!.cases) {
        const key = (series as { series?: string }).series
        const values = key === undefined ? undefined : vectors.series[key]!.values
        if (!values) continue
        if (
          rest
            .slice(0, -1)
            .some((value) => typeof value === 'object' || (typeof value === 'number' && value !== 0))
        )
          continue
        // A ratio over no variation at all is infinite there and absent here.
        if (name === 'test_sharpe_ratio' && key === 'flat_line_1') continue
        const period = rest.find(
          (value) => typeof value === 'string' && value in perYear,
        ) as keyof typeof perYear
        const numbers = Float64Array.from(values.filter((value) => typeof value === 'number'))
        const expected = Number(rest.at(-1))
        const actual = ours(numbers, perYear[period ?? 'daily'], values.length)
        checked++
        if (Number.isFinite(expected)) expect(actual, `${name} ${key}`).toBeCloseTo(expected, 8)
        else expect(actual, `${name} ${key}`).toBe(expected)
      }
    }
    const grown = (returns: Float64Array) => returns.reduce((value, r) => value * (1 + r), 1)
    const fall = (returns: Float64Array) => {
      let value = 1
      const values = returns.map((r) => (value *= 1 + r))
      return drawdown(values, values, 1).largest
    }
    check('test_sharpe_ratio', sharpe)
    check('test_sortino', sortino)
    check('test_annual_volatility', volatility)
    check('test_cagr', (returns, perYear, periods) =>
      periods === 0 ? NaN : annualGrowth(grown(returns), periods / perYear),
    )
    check('test_annual_ret', (returns, perYear, periods) => annualGrowth(grown(returns), periods / perYear))
    check('test_calmar', (returns, perYear, periods) =>
      fall(returns) > 0 ? annualGrowth(grown(returns), periods / perYear) / fall(returns) : NaN,
    )
    check('test_max_drawdown', (returns) => (returns.length === 0 ? NaN : -fall(returns)))
    const line = Float64Array.from(vectors.series['pos_line']!.values.map(Number))
    expect(returnsOf(line)[1]).toBe(1)
    expect(checked).toBeGreaterThan(25)
  },
)

test('a report can be had by the id of its data, and its columns moved without a copy', async () => {
  const service = new DataService(async (file) => new Uint8Array(readFileSync(`node_modules/${file}`)))
  const data = await service.load('aapl')
  expect(await service.load('aapl')).toBe(data)
  const run = record(data, [{ bar: 1, side: 1, volume: 10 }])
  const moved = structuredClone(run, { transfer: buffersOf(run) })
  expect([run.equity.value.length, moved.equity.value.length]).toEqual([0, 1260])
  const result = await service.report(moved, 'aapl')
  expect(result.report.all.openTrades).toBe(1)
  expect(result.record).toBe(moved)
  expect(structuredClone(result, { transfer: buffersOf(result) }).report.drawdown.length).toBe(1260)
})

test('a file that could not be read is asked for again', async () => {
  let calls = 0
  const service = new DataService(async (file) => {
    if (calls++ === 0) throw new Error('offline')
    return new Uint8Array(readFileSync(`node_modules/${file}`))
  })
  await expect(service.load('aapl')).rejects.toThrow('offline')
  expect((await service.load('aapl')).id).toBe('aapl')
})
