import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { report, Timeline } from '#analysis'
import { createRun, journalEntries, replay, type RunRecord, type RunSettings, verify } from '#engine'
import { Instrument, type InstrumentSpec, InstrumentType } from '#market'
import { Portfolio, Rates } from '#trading'
import { pack, partOf, Reader, readSettings } from '#session'
import { type BarEvent, BarStrategy, Side, Strategy } from 'outcry'
import { breathe, type Candle, dataSet, fills, play, series, settings } from './market.ts'
import { readRecord } from './reading.ts'

const sap: InstrumentSpec = { name: 'SAP', currency: 'EUR', lotSize: 1 }
const apple: InstrumentSpec = { name: 'AAPL', currency: 'USD', lotSize: 1 }
const eurUsd: InstrumentSpec = { name: 'EURUSD', currency: 'USD', type: InstrumentType.PAIR }
const dollars = { money: { currency: 'USD' } } satisfies Partial<RunSettings>

/** An account in USD that trades SAP: a number is a rate of the euro, a pair is a fill of so many at a price. */
function account(
  money: RunSettings['money'],
  ...steps: (number | readonly [volume: number, price: number, fee?: number])[]
): Portfolio {
  const instruments = [new Instrument(sap), new Instrument(eurUsd)]
  const rates = Rates.of(instruments, { currency: 'USD', ...money })!
  const portfolio = new Portfolio(instruments, 10_000, rates)
  for (const step of steps) {
    if (typeof step === 'number') rates.mark(1, step)
    else portfolio.fill(0, step[0], step[1], step[2] ?? 0)
    portfolio.verify()
  }
  return portfolio
}

describe('a share in euros in an account in dollars', () => {
  test('earns what it brings at the rate of the exit less what it cost at the rate of the entry', () => {
    const portfolio = account({}, 1.1, [10, 100], 1.2, [-10, 110])
    expect(portfolio.position(0).realizedPnl).toBeCloseTo(10 * 110 * 1.2 - 10 * 100 * 1.1, 9)
    expect(portfolio.cash).toBeCloseTo(10_220, 9)
    expect(portfolio.balances()).toEqual([
      { currency: 'USD', cash: expect.closeTo(10_220, 9) as number, rate: 1 },
      { currency: 'EUR', cash: 0, rate: 1.2 },
    ])
  })

  test('earns without exchange what it earns in euros: 100 of them, which are 120 dollars', () => {
    const portfolio = account({ exchange: 'never' }, 1.1, [10, 100], 1.2, [-10, 110])
    expect(portfolio.position(0).realizedPnl).toBeCloseTo(120, 9)
    expect(portfolio.cash).toBeCloseTo(10_120, 9)
    expect(portfolio.balances()).toEqual([
      { currency: 'USD', cash: 10_000, rate: 1 },
      { currency: 'EUR', cash: 100, rate: 1.2 },
    ])
    expect(account({ exchange: 'never' }, 1.1, [10, 100]).balances()![1]!.cash).toBe(-1000)
  })

  test('keeps exposed to the rate what it has earned and left in euros', () => {
    const view = account({ exchange: 'never' }, 1.1, [10, 100], 1.2, [-10, 110], 1.3).view()
    expect(view).toMatchObject({ realizedPnl: expect.closeTo(120, 9) as number })
    expect(view.currencyPnl).toBeCloseTo(10, 9)
    expect(view.equity).toBeCloseTo(10_130, 9)
  })

  test('gains while it is held when the euro rises and its price stays', () => {
    const held = account({}, 1.1, [10, 100], 1.2)
    expect(held.position(0)).toMatchObject({ averagePrice: 100, lastPrice: 100 })
    expect(held.position(0).unrealizedPnl).toBeCloseTo(100, 9)
    expect(held.position(0).marketValue).toBeCloseTo(1200, 9)
    expect(held.equity).toBeCloseTo(10_100, 9)
    expect(account({ exchange: 'never' }, 1.1, [10, 100], 1.2).equity).toBeCloseTo(10_000, 9)
  })

  test('loses as a short when the euro rises', () => {
    const portfolio = account({}, 1.1, [-10, 100], 1.2)
    expect(portfolio.position(0).unrealizedPnl).toBeCloseTo(-100, 9)
    expect(portfolio.view()).toMatchObject({
      grossExposure: expect.closeTo(1200, 9) as number,
      netExposure: expect.closeTo(-1200, 9) as number,
    })
    const closed = account({}, 1.1, [-10, 100], 1.2, [10, 90])
    expect(closed.position(0).realizedPnl).toBeCloseTo(10 * 100 * 1.1 - 10 * 90 * 1.2, 9)
  })

  test('turned over from long to short begins anew at the price and the rate of that fill', () => {
    const portfolio = account({}, 1.1, [10, 100], 1.2, [-15, 110], 1.3)
    expect(portfolio.position(0).realizedPnl).toBeCloseTo(220, 9)
    expect(portfolio.position(0)).toMatchObject({ size: -5, averagePrice: 110 })
    expect(portfolio.position(0).unrealizedPnl).toBeCloseTo(5 * 110 * (1.2 - 1.3), 9)
  })

  test('bought in two parts has cost the average of what both cost in dollars', () => {
    const portfolio = account({}, 1, [10, 100], 1.5, [10, 100], [-10, 100])
    expect(portfolio.position(0).realizedPnl).toBeCloseTo(10 * 100 * 1.5 - 10 * 100 * 1.25, 9)
  })

  test('pays its fees in euros', () => {
    const portfolio = account({}, 1.1, [10, 100, 5], 1.2, [-10, 100, 5])
    expect(portfolio.position(0).fees).toBeCloseTo(5 * 1.1 + 5 * 1.2, 9)
    expect(portfolio.equity).toBeCloseTo(10_000 - 1005 * 1.1 + 995 * 1.2, 9)
  })

  test('pays for exchanging a fraction of what is exchanged, its fees included', () => {
    const portfolio = account({ cost: 0.01 }, 1.1, [10, 100, 5], [-10, 100, 5])
    const cost = 0.01 * (1005 + 995) * 1.1
    expect(portfolio.view().fees).toBeCloseTo(10 * 1.1 + cost, 9)
    expect(portfolio.equity).toBeCloseTo(10_000 - 11 - cost, 9)
  })

  test('can be bought for what the account has and exchanging leaves, to the last cent', () => {
    const portfolio = account({ cost: 0.01 }, 1.25)
    const funds = { leverage: 1, commission: 0.002, perOrder: 3 }
    const volume = portfolio.affordable(0, 1, 100, funds)
    expect((volume * 100 * 1.002 + 3) * 1.25 * 1.01).toBeCloseTo(10_000, 6)
    const whole = Math.floor(volume)
    portfolio.fill(0, whole, 100, whole * 100 * 0.002 + 3)
    portfolio.verify()
    expect(portfolio.cash).toBeGreaterThanOrEqual(0)
    expect(portfolio.affordable(0, 1, 100, funds)).toBeLessThan(1)
  })
})

describe('where a rate comes from', () => {
  const rate = (spec: InstrumentSpec, price: number, currency = 'USD') => {
    const rates = Rates.of([sap, spec], { currency })!
    rates.mark(1, price)
    return rates.of(0)
  }

  test('a pair may be written with a mark between its codes', () => {
    for (const name of ['EURUSD', 'EUR/USD', 'EUR-USD', 'EUR_USD', 'EUR.USD', 'eurusd', 'EURUSD=X'])
      expect(rate({ ...eurUsd, name }, 1.25), name).toBe(1.25)
  })

  test('a pair whose base is the currency of the account is turned round', () => {
    expect(rate({ name: 'USDEUR', currency: 'EUR' }, 0.8)).toBe(1.25)
    const yen = { name: 'SONY', currency: 'JPY' }
    const rates = Rates.of([yen, { name: 'USDJPY', currency: 'JPY' }], { currency: 'USD' })!
    rates.mark(1, 160)
    expect(rates.of(0)).toBe(1 / 160)
  })

  test('before the first price of the pair there is none', () => {
    expect(Rates.of([sap, eurUsd], dollars.money)!.of(0)).toBeNaN()
  })

  test('the first of several pairs goes before the others, and a rate of the settings before all', () => {
    const pairs = [sap, { name: 'USDEUR', currency: 'EUR' }, eurUsd]
    const first = Rates.of(pairs, dollars.money)!
    first.mark(1, 0.5)
    first.mark(2, 3)
    expect(first.of(0)).toBe(2)
    const given = Rates.of(pairs, { currency: 'USD', rates: { EUR: 1.08 } })!
    given.mark(1, 0.5)
    expect(given.of(0)).toBe(1.08)
  })

  test('a run in one currency needs none, whatever the settings say of others', () => {
    expect(Rates.of([apple, eurUsd])).toBeUndefined()
    expect(Rates.of([apple], { rates: { EUR: 2 } })).toBeUndefined()
  })

  test('a currency without a rate is refused with what is missing and how to give it', () => {
    expect(() => Rates.of([apple, sap])).toThrow(
      'SAP is in EUR, the account in USD, and nothing says what EUR is worth. Add the pair EURUSD to the run',
    )
    expect(() => Rates.of([apple, sap])).toThrow('--rate EUR=NUMBER')
    expect(() => Rates.of([sap, apple])).toThrow('AAPL is in USD, the account in EUR')
  })

  test('a pair that is said to be in another currency than its second gives none, and that is told', () => {
    expect(() => Rates.of([apple, { name: 'SONY', currency: 'JPY' }, { name: 'USDJPY' }])).toThrow(
      "The instrument USDJPY would give it, but its own currency is said to be USD; a pair's is the second of its codes, JPY",
    )
  })

  test('two pairs are not combined to a third rate', () => {
    const pound = { name: 'BP', currency: 'GBP' }
    expect(() => Rates.of([apple, eurUsd, pound, { name: 'EURGBP', currency: 'GBP' }])).toThrow(
      'BP is in GBP, the account in USD, and nothing says what GBP is worth',
    )
  })

  test('pence are no pounds', () => {
    const pence = { name: 'BP', currency: 'GBp' }
    expect(() => Rates.of([apple, pence, { name: 'GBPUSD', currency: 'USD' }])).toThrow('GBp')
  })

  test("a rate of the account's own currency is refused", () => {
    expect(() => Rates.of([apple, sap], { rates: { USD: 2, EUR: 1 } })).toThrow(
      "Setting money.rates.USD is 2, but USD is the account's own currency",
    )
  })
})

/** SAP at 100, 100, 110, 110 while the euro goes from 1.1 to 1.2. */
const shares = (pair: readonly Candle[] = [1.1, 1.1, 1.2, 1.2], firstDay = 0) =>
  dataSet(series(sap, [100, 100, 110, 110]), series(eurUsd, pair, firstDay))

class BuyThenSell extends BarStrategy {
  override async onBar({ target: bar }: BarEvent) {
    if (bar.instrument.name !== 'SAP') return
    const { size } = this.position(bar.instrument)
    if (size === 0 && bar.close === 100) await this.buy(bar.instrument, 10)
    else if (size > 0 && bar.close === 110) await this.sell(bar.instrument, size)
  }
}

describe('a run in two currencies', () => {
  test('exchanges at the last close of the pair that was told before the fill', async () => {
    const record = await play(BuyThenSell, shares(), dollars)
    // The order is given before the pair's first bar is told, so it is refused; the next one fills a day later.
    expect(record.refusals.map(({ code }) => code)).toEqual(['NO_RATE'])
    expect(record.refusals[0]!.reason).toBe(
      'SAP is in EUR, and EURUSD, which tells what that is worth in USD, has had no price yet; send the order after its first bar, or give a rate in the settings.',
    )
    expect(fills(record)).toEqual(['buy 10 SAP at 110 on 2 by open', 'sell 10 SAP at 110 on 3 by open'])
    // The open of the third day comes before its close of 1.2.
    expect([...record.fills.rate!]).toEqual([1.1, 1.2])
    expect(record.equity.value.at(-1)).toBeCloseTo(10_000 + 1100 * (1.2 - 1.1), 9)
  })

  test('leaves the rate and the balance of every other currency beside its equity', async () => {
    const money = { currency: 'USD', exchange: 'never' } as const
    const record = await play(BuyThenSell, shares(), { money })
    expect(record.currencies).toEqual([
      {
        currency: 'EUR',
        rate: Float64Array.of(1.1, 1.1, 1.2, 1.2),
        cash: Float64Array.of(0, 0, -1100, 0),
      },
    ])
    expect([...record.equity.cash]).toEqual([10_000, 10_000, 10_000 - 1100 * 1.2, 10_000])
  })

  test('is in the currency of its first instrument where nobody says otherwise', async () => {
    const record = await play(BuyThenSell, dataSet(series(sap, [100, 100, 110, 110])))
    expect(record.currencies).toBeUndefined()
    expect(record.fills.rate).toBeUndefined()
    const data = dataSet(series(sap, [100, 100, 110, 110]), series(apple, [50, 50, 50, 50]))
    const given = await play(BuyThenSell, data, { money: { rates: { USD: 0.9 } } })
    expect(given.currencies).toMatchObject([{ currency: 'USD' }])
  })

  test('is refused before it begins where a rate is missing', () => {
    const data = dataSet(series(apple, [50]), series(sap, [100]))
    expect(() => createRun({ strategy: BuyThenSell, data, settings: settings() })).toThrow(
      'nothing says what EUR is worth',
    )
  })

  test('tells a strategy what it has in which currency, and what that is worth as far as it can know', async () => {
    class Ask extends BarStrategy {
      override async onBar({ target: bar }: BarEvent) {
        if (bar.instrument.name === 'SAP') await this.buy(bar.instrument, 1)
        const [{ currency, balances }] = this.accounts()
        const worth = this.convert(bar.close, bar.instrument.currency)
        this.log(
          bar.instrument.name,
          currency,
          JSON.stringify(balances),
          worth,
          this.convert(12, 'USD', 'EUR'),
        )
      }
    }
    const money = { currency: 'USD', exchange: 'never' } as const
    const { lines } = await play(Ask, dataSet(series(sap, [100, 100]), series(eurUsd, [1.2, 1.5])), { money })
    const balances = (cash: number, rate: number | null) =>
      `[{"currency":"USD","cash":10000,"rate":1},{"currency":"EUR","cash":${cash},"rate":${rate}}]`
    expect(lines).toEqual([
      `SAP USD ${balances(0, null)} NaN NaN`,
      `EURUSD USD ${balances(0, 1.2)} 1.2 10`,
      `SAP USD ${balances(0, 1.2)} 120 10`,
      `EURUSD USD ${balances(0, 1.5)} 1.5 8`,
    ])
  })

  test('takes a fixed rate from its settings from the beginning on', async () => {
    const data = dataSet(series(sap, [100, 100, 110, 110]))
    const record = await play(BuyThenSell, data, { money: { currency: 'USD', rates: { EUR: 2 } } })
    expect([...record.fills.rate!]).toEqual([2, 2])
    expect(record.equity.value.at(-1)).toBe(10_200)
  })

  test('lets an account buy only what it can pay for in its own currency', async () => {
    class All extends BarStrategy {
      override async onBar({ target: bar }: BarEvent) {
        if (bar.instrument.name === 'SAP') this.log((await this.buy(bar.instrument, 51)).accepted)
        if (bar.instrument.name === 'SAP') this.log((await this.buy(bar.instrument, 50)).accepted)
      }
    }
    const data = dataSet(series(sap, [100]))
    const record = await play(All, data, { money: { currency: 'USD', rates: { EUR: 2 } } })
    expect(record.lines).toEqual(['false', 'true'])
    expect(record.refusals[0]).toMatchObject({ code: 'INSUFFICIENT_FUNDS', numbers: { available: 50 } })
  })

  test('aims at a fraction of the equity in its own currency', async () => {
    class Half extends BarStrategy {
      override async onBar({ target: bar }: BarEvent) {
        await this.target(bar.instrument, 0.5)
      }
    }
    const data = dataSet(series(sap, [100, 100]))
    const record = await play(Half, data, { money: { currency: 'USD', rates: { EUR: 2 } } })
    expect(fills(record)[0]).toBe('buy 25 SAP at 100 on 1 by open')
  })

  test('measures every limit of money in its own currency', async () => {
    class Buy extends BarStrategy {
      override async onBar({ target: bar }: BarEvent) {
        const answer = await this.buy(bar.instrument, 30)
        this.log(
          answer.accepted && 'clip' in answer ? answer.order.volume : answer.accepted ? 'whole' : answer.code,
        )
      }
    }
    const data = dataSet(series(sap, [100]))
    const money = { currency: 'USD', rates: { EUR: 2 } }
    for (const [rule, limit] of [
      ['maxOrderValue', 4000],
      ['maxGross', 4000],
      ['maxNet', 4000],
      ['maxShareOfFunds', 0.4],
      ['maxLeverage', 0.4],
    ] as const) {
      const { lines } = await play(Buy, data, { money, risk: { [rule]: limit } })
      expect(lines, rule).toEqual(['20'])
    }
    const { lines } = await play(Buy, data, { money, cash: 4000, risk: { buyingPower: true } })
    expect(lines).toEqual(['20'])
  })

  test('halts at a drawdown that the rate alone has made', async () => {
    class Hold extends BarStrategy {
      override async onBar({ target: bar }: BarEvent) {
        if (bar.instrument.name === 'SAP') await this.target(bar.instrument, 1)
      }
    }
    const data = dataSet(series(eurUsd, [1, 1, 1, 0.8, 0.8]), series(sap, [100, 100, 100, 100, 100]))
    const record = await play(Hold, data, { ...dollars, risk: { maxDrawdown: 0.1 } })
    expect(record.refusals.some(({ code }) => code === 'DRAWDOWN')).toBe(true)
    expect(fills(record).at(-1)).toBe('sell 100 SAP at 100 on 4 by open')
  })

  test('counts the rate of a pair into the value at risk', async () => {
    class Ask extends BarStrategy {
      override async onBar({ target: bar }: BarEvent) {
        if (bar.instrument.name === 'SAP') await this.target(bar.instrument, 1)
        this.log(this.risk().valueAtRisk)
      }
    }
    const swings = Array.from({ length: 40 }, (_, day) => (day % 2 === 0 ? 1 : 0.9))
    const data = dataSet(
      series(eurUsd, swings),
      series(
        sap,
        swings.map(() => 100),
      ),
    )
    const record = await play(Ask, data, { ...dollars, leverage: 2 })
    const equity = record.equity.value.at(-1)!
    // The share itself has never moved; the euro loses a tenth every other day.
    expect(Number(record.lines.at(-1)) / equity).toBeCloseTo(0.1, 1)
  })
})

/** Trades anything by its own chance. */
class Anything extends Strategy {
  readonly bold = this.input('bold', 3, { min: 1, max: 10 })

  override onTrade() {}

  onBar() {
    if (Math.random() < 0.3) return
    const side = Math.random() < 0.5 ? Side.BUY : Side.SELL
    const instruments = this.instruments()
    const instrument = instruments[Math.floor(Math.random() * instruments.length)]!
    const volume = instrument.roundDown(1 + Math.floor(Math.random() * this.bold * 10))
    void this.newOrder({ instrument, side, volume })
  }
}

const walk = fc.array(fc.integer({ min: 50, max: 200 }), { minLength: 12, maxLength: 12 })

test('whatever is traded at whatever rates, nothing is lost on the way, and the journal comes to the same', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.record({
        prices: walk,
        others: walk,
        rates: walk,
        seed: fc.integer({ min: 0, max: 1000 }),
        never: fc.boolean(),
        cost: fc.constantFrom(0, 0.01),
      }),
      async ({ prices, others, rates, seed, never, cost }) => {
        const data = dataSet(
          series(
            eurUsd,
            rates.map((rate) => rate / 100),
          ),
          series(sap, prices),
          series(apple, others),
          series(
            { name: 'SONY', currency: 'JPY' },
            prices.map((price) => price * 100),
          ),
          series({ name: 'USD/JPY', currency: 'JPY' }, others),
        )
        const money = never ? ({ currency: 'USD', exchange: 'never' } as const) : { currency: 'USD', cost }
        const changes = { money, seed, leverage: 3, costs: { commission: 0.001, slippage: 0.001 } }
        const record = await seeded(data, changes)
        const again = await seeded(data, changes)
        expect(again.digest).toBe(record.digest)
        expect(replay(record.journal, data, record.settings).digest).toBe(record.digest)
        expect(verify(record, data)).toEqual({ agrees: true })
        const { all, account } = report(record, data)
        // Trades are paired first in first out, the account has an average cost: together they are the same.
        const gained = account.finalEquity - record.settings.cash
        if (!never) expect(all.netProfit + all.openProfit).toBeCloseTo(gained, 4)
        if (!never)
          for (const { cash } of record.currencies!) expect(cash.every((value) => value === 0)).toBe(true)
      },
    ),
    { numRuns: 25 },
  )
})

async function seeded(data: ReturnType<typeof dataSet>, changes: Partial<RunSettings>): Promise<RunRecord> {
  const { seed } = settings(changes)
  const random = Math.random
  let state = seed + 1
  Math.random = () => (state = (state * 16_807) % 2_147_483_647) / 2_147_483_647
  try {
    return await play(Anything, data, changes)
  } finally {
    Math.random = random
  }
}

test('the journal tells the rate of every fill', async () => {
  const record = await play(BuyThenSell, shares(), dollars)
  const entries = [...journalEntries(record, shares())].filter(({ event }) => event === 'MY FILL')
  expect(entries.map(({ rate }) => rate)).toEqual([1.1, 1.2])
})

test('a record whose rate was made up does not agree with its journal', async () => {
  const record = await play(BuyThenSell, shares(), dollars)
  const rate = record.fills.rate!.map((value) => value * 1.01)
  const verdict = verify({ ...record, fills: { ...record.fills, rate } }, shares())
  expect(verdict).toMatchObject({ agrees: false })
  expect((verdict as { difference: string }).difference).toContain('Fill 1: the result says rate')
})

test('the accounts of several strategies add up in every currency', async () => {
  const data = shares()
  const run = createRun({
    strategies: [{ strategy: BuyThenSell }, { strategy: BuyThenSell, share: 0.25 }],
    data,
    settings: settings({ money: { currency: 'USD', exchange: 'never' } }),
  })
  await run.complete(breathe)
  const record = run.record()
  const [first, second] = record.strategies!
  for (const row of record.equity.value.keys()) {
    const parts = [first!, second!]
    const sum = (pick: (part: RunRecord) => number) => parts.reduce((total, part) => total + pick(part), 0)
    expect(sum(({ equity }) => equity.value[row]!)).toBeCloseTo(record.equity.value[row]!, 9)
    expect(sum(({ currencies }) => currencies![0]!.cash[row]!)).toBeCloseTo(
      record.currencies![0]!.cash[row]!,
      9,
    )
  }
  expect(record.currencies![0]!.cash[2]).toBe(-2200)
  expect(first!.fills.rate).toHaveLength(2)
})

describe('the report of a run in two currencies', () => {
  /** The euro is told before the share. */
  const known = (rates: readonly number[] = [1.1, 1.1, 1.2, 1.2]) =>
    dataSet(series(eurUsd, rates), series(sap, [100, 100, 110, 110]))

  test('has the profit of a trade at the rates of its entry and its exit', async () => {
    const record = await play(BuyThenSell, known(), dollars)
    const { trades, all, account } = report(record, known())
    expect(trades.pnl[0]).toBeCloseTo(10 * 110 * 1.2 - 10 * 100 * 1.1, 9)
    expect([trades.entryPrice[0], trades.exitPrice[0]]).toEqual([100, 110])
    expect([trades.entryRate![0], trades.exitRate![0]]).toEqual([1.1, 1.2])
    expect(trades.return[0]).toBeCloseTo(220 / 1100, 9)
    expect(all.netProfit).toBeCloseTo(220, 9)
    expect(account.finalEquity).toBeCloseTo(10_220, 9)
    expect(account.turnover).toBeCloseTo((1100 + 1320) / (record.equity.value.reduce((a, b) => a + b) / 4), 9)
  })

  test('has the profit in euros at the rate of the exit where nothing is exchanged', async () => {
    const record = await play(BuyThenSell, known(), { money: { currency: 'USD', exchange: 'never' } })
    const { trades } = report(record, known())
    expect(trades.pnl[0]).toBeCloseTo(120, 9)
    expect(trades.return[0]).toBeCloseTo(0.1, 9)
  })

  test('counts what exchanging has cost among the fees', async () => {
    const money = { currency: 'USD', cost: 0.01 }
    const costs = { commission: 0.001, slippage: 0.001 }
    const record = await play(BuyThenSell, known(), { money, costs })
    const { account, all } = report(record, known())
    const [paid, got] = [10 * 100.1 * 1.001, 10 * 109.89 * 0.999]
    expect(account.fees).toBeCloseTo(1.001 * 1.1 + 1.0989 * 1.2 + 0.01 * (paid * 1.1 + got * 1.2), 9)
    expect(account.slippage).toBeCloseTo(10 * 0.1 * 1.1 + 10 * 0.11 * 1.2, 9)
    expect(all.fees).toBeCloseTo(account.fees, 9)
    expect(all.netProfit).toBeCloseTo(account.finalEquity - 10_000, 9)
  })

  test('compares with holding the shares, not the pair that only tells a rate', async () => {
    const { buyAndHold } = report(await play(BuyThenSell, known(), dollars), known())
    // Ninety shares at 110 dollars each leave 100.
    expect([...buyAndHold].map((value) => Math.round(value * 1e6) / 1e6)).toEqual([
      10_000,
      10_000,
      100 + 90 * 110 * 1.2,
      100 + 90 * 110 * 1.2,
    ])
    const never = await play(BuyThenSell, known(), { money: { currency: 'USD', exchange: 'never' } })
    expect(report(never, known()).buyAndHold.at(-1)).toBeCloseTo(10_000 + 90 * 10 * 1.2, 6)
  })

  test('holds a share from when its currency has a rate', async () => {
    const data = dataSet(series(sap, [50, 100, 100, 100]), series(eurUsd, [1, 1], 2))
    const { buyAndHold } = report(await play(BuyThenSell, data, dollars), data)
    expect([...buyAndHold]).toEqual([10_000, 10_000, 10_000, 10_000])
  })

  test('steps through the account as the strategy saw it', async () => {
    for (const exchange of ['at-fill', 'never'] as const) {
      const seen: string[] = []
      class Look extends BuyThenSell {
        override async onBar(event: BarEvent) {
          seen.push(JSON.stringify([this.portfolio(), this.accounts()[0].balances]))
          await super.onBar(event)
        }
      }
      const record = await play(Look, known([1.1, 1.3, 1.2, 1.5]), { money: { currency: 'USD', exchange } })
      const timeline = new Timeline(record, known([1.1, 1.3, 1.2, 1.5]))
      let at = -1
      for (const view of seen) {
        at = timeline.find({ kind: 'bar' }, at, 1)!
        const { account, balances } = timeline.standing(at)
        expect(JSON.stringify([account, balances])).toBe(view)
      }
    }
  })
})

describe('what comes out of the sandbox', () => {
  const money = { currency: 'USD', exchange: 'never' } as const
  const read = async (change: (record: Record<string, any>) => void = () => {}) => {
    const { lines: _, ...record } = await play(BuyThenSell, shares(), { money })
    const copy = structuredClone(record)
    change(copy)
    const reader = new Reader({ data: shares(), settings: record.settings })
    reader.read({ head: JSON.stringify({ type: 'started', declarations: [], total: 8 }), columns: [] })
    reader.read(pack({ type: 'refusals', rows: record.refusals }))
    return { record, message: () => readRecord(reader, copy) }
  }

  test('has the rates and the balances of the run', async () => {
    const { record, message } = await read()
    const { currencies, fills } = (message() as { record: RunRecord }).record
    expect(currencies).toEqual(record.currencies)
    expect(fills).toEqual(record.fills)
  })

  test.each<[string, (record: Record<string, any>) => void]>([
    ['no rates', (r) => delete r['fills'].rate],
    ['a rate below zero', (r) => (r['fills'].rate[0] = -1)],
    ['a rate that is none', (r) => (r['fills'].rate[0] = NaN)],
    ['a rate too few', (r) => (r['fills'].rate = new Float64Array(1).fill(1))],
    ['no balances', (r) => (r['currencies'] = [])],
    ['a balance without end', (r) => (r['currencies'][0].cash[0] = Infinity)],
    ['a rate of nothing', (r) => (r['currencies'][0].rate[1] = 0)],
    ['a balance too few', (r) => (r['currencies'][0].cash = new Float64Array(3))],
  ])('is refused with %s', async (_, change) => {
    const { message } = await read(change)
    expect(message).toThrow(
      /^The strategy's worker sent what no run sends: expected .*(rate|balance|column|number)/is,
    )
  })
})

test('each of several strategies comes out of the sandbox with its balances', async () => {
  const names = ['one', 'two']
  const strategies = names.map((name) => ({ name, strategy: BuyThenSell, inputs: {} }))
  const asked = settings({ money: { currency: 'USD', exchange: 'never' } })
  const run = createRun({ strategies, data: shares(), settings: asked })
  await run.complete(breathe)
  const record = run.record()
  const read = (change: (parts: Record<string, any>[]) => void) => {
    const parts = structuredClone(record.strategies!.map(partOf))
    change(parts)
    const reader = new Reader({ data: shares(), settings: asked, strategies })
    const started = { type: 'started', declarations: [], strategies: [[], []], total: 8 }
    reader.read({ head: JSON.stringify(started), columns: [] })
    reader.read(pack({ type: 'refusals', rows: record.refusals }))
    for (const part of parts) reader.read(pack({ type: 'part', part }))
    return readRecord(reader, structuredClone(record))
  }
  expect(read(() => {})).toEqual({ type: 'finished', record })
  expect(record.strategies![0]!.currencies![0]!.cash).toContain(-1100)
  const refused = 'balances of every strategy in every currency'
  expect(() => read(([part]) => delete part!['curve'].others)).toThrow(refused)
  expect(() => read(([part]) => (part!['curve'].others = [new Float64Array(3)]))).toThrow(refused)
  expect(() => read(([part]) => part!['curve'].others[0].fill(NaN))).toThrow('finite equity values')
})

test('every fill of a long run is recorded with its rate', async () => {
  class Turns extends BarStrategy {
    async onBar({ target: { instrument } }: BarEvent) {
      if (this.position(instrument).size === 0) await this.buy(instrument, 1)
      else await this.closeAll(instrument)
    }
  }
  const closes = Array.from({ length: 300 }, () => 100)
  const { fills: filled } = await play(Turns, dataSet(series(sap, closes)), {
    money: { currency: 'USD', rates: { EUR: 1.1 } },
  })
  expect(filled.time.length).toBeGreaterThan(256)
  expect(new Set(filled.rate)).toEqual(new Set([1.1]))
})

test('made-up balances of one of several strategies are found', async () => {
  const strategies = ['one', 'two'].map((name) => ({ name, strategy: BuyThenSell, inputs: {} }))
  const asked = settings({ money: { currency: 'USD', exchange: 'never' } })
  const run = createRun({ strategies, data: shares(), settings: asked })
  await run.complete(breathe)
  const claimed = structuredClone(run.record())
  expect(verify(claimed, shares())).toEqual({ agrees: true })
  claimed.strategies![0]!.currencies![0]!.cash.fill(1e9)
  expect(verify(claimed, shares())).toMatchObject({
    agrees: false,
    difference: expect.stringMatching(/^Of one, balance in EUR/) as string,
  })
})

test('settings from outside are held against what money can be', () => {
  const given = (money: unknown) => () => readSettings({ ...settings(), money })
  const whole = { currency: 'EUR', rates: { USD: 0.92, GBp: 0.0118 }, exchange: 'at-fill', cost: 0.002 }
  expect(given(whole)().money).toEqual(whole)
  expect(given({})().money).toEqual({})
  expect(given({ currency: 'E UR' })).toThrow('a code such as EUR')
  expect(given({ rates: { USD: 0 } })).toThrow('0')
  expect(given({ rates: { U$D: 1 } })).toThrow('a code such as EUR')
  expect(given({ exchange: 'daily' })).toThrow('daily')
  expect(given({ cost: 0.6 })).toThrow('0.6')
  expect(given({ spread: 1 })).toThrow('spread')
  const run = (money: RunSettings['money']) => () =>
    createRun({ strategy: BuyThenSell, data: shares(), settings: settings({ money: money! }) })
  expect(run({ currency: 'USD', rates: { EUR: -1 } })).toThrow('Setting money.rates.EUR is -1')
  expect(run({ currency: 'USD', cost: NaN })).toThrow('Setting money.cost is NaN')
  expect(run({ currency: 'USD', exchange: 'never', cost: 0.01 })).toThrow(
    "nothing is exchanged where money.exchange is 'never'",
  )
})
