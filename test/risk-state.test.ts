import { describe, expect, test } from 'vitest'
import type { DataSet } from '#data'
import { createRun, type RiskRules, type RunSettings, verify } from '#engine'
import {
  type BarEvent,
  BarStrategy,
  type BookEvent,
  type HaltEvent,
  Instrument,
  type RiskChange,
  Side,
  Strategy,
  type TradeEvent,
} from 'outcry'
import {
  breathe,
  type Candle,
  dataSet,
  fills,
  market,
  play,
  recordedMessages,
  series,
  settings,
} from './market.ts'

/** Writes what the rules decided, and buys or sells so much on each bar: 0 for nothing. */
const trades = (...volumes: number[]) =>
  class extends BarStrategy {
    bar = 0
    async onBar({ target: { instrument } }: BarEvent) {
      const volume = volumes[this.bar++] ?? 0
      if (volume === 0) return
      const answer = await (volume > 0 ? this.buy(instrument, volume) : this.sell(instrument, -volume))
      if (!answer.accepted) this.log(answer.code)
    }
    onHalt({ target }: HaltEvent) {
      const { state, code } = target as RiskChange
      this.log(state, code)
    }
    onContinue({ target }: HaltEvent) {
      this.log((target as RiskChange).state)
    }
  }

const under = (
  risk: RiskRules,
  candles: readonly Candle[],
  volumes: readonly number[],
  changes: Partial<RunSettings> = {},
) => play(trades(...volumes), market(...candles), { cash: 1000, risk, ...changes })

/** Bars of half a day each, so that every second one begins a day. */
function halfDays(...candles: Candle[]): DataSet {
  const data = market(...candles)
  const { time } = data.instruments[0]!.bars
  for (let i = 0; i < time.length; i++) time[i] = time[0]! + i * 43_200e6
  return data
}

describe('a drawdown', () => {
  test('of the limit is allowed, and one beyond it closes everything for good (RK-03)', async () => {
    const risk = { maxDrawdown: 0.1 }
    // 100 shares bought at 10: at 9 the equity is 900, at 8.99 it is 899.
    const within = await under(risk, [10, 10, 9, 9, 9], [100])
    expect(within.lines).toEqual([])
    const beyond = await under(risk, [10, 10, 8.99, 8.99, 20, 20], [100, 0, 0, 1, 1])
    expect(beyond.lines).toEqual(['HALTED DRAWDOWN', 'HALTED', 'HALTED'])
    expect(fills(beyond)).toEqual(['buy 100 X at 10 on 1 by open', 'sell 100 X at 8.99 on 3 by open'])
    expect(beyond.refusals.map(({ kind, code }) => [kind, code])).toEqual([
      ['state', 'DRAWDOWN'],
      ['state', 'DRAWDOWN'],
      [undefined, 'HALTED'],
      [undefined, 'HALTED'],
    ])
    expect(beyond.refusals[0]).toMatchObject({
      order: 0,
      bar: 3,
      reason:
        'Halted: all is being closed. The equity fell from 1000 to 899, by 10.1 %; a drawdown of 10 % is allowed.',
      numbers: { equity: 899, peak: 1000, limit: 0.1 },
    })
    expect(beyond.refusals[1]).toMatchObject({ numbers: { orders: 0, positions: 0 } })
    expect(beyond.refusals[2]!.reason).toMatch(/^Trading is halted\. The equity fell from 1000 to 899/)
  })

  test('is counted from the highest value, not from the start', async () => {
    const rising = await under({ maxDrawdown: 0.1 }, [10, 10, 20, 17.9, 17.9], [100])
    expect(rising.lines).toEqual(['HALTED DRAWDOWN'])
  })

  test('takes back what works, also what waits for another order', async () => {
    class Bracketed extends BarStrategy {
      async onBar({ target: { instrument } }: BarEvent) {
        if (this.pastOrders().length > 0) return
        await this.bracket({ instrument, side: Side.BUY, volume: 90 }, { stop: 1, target: 99 })
        await this.bracket({ instrument, side: Side.BUY, volume: 10, price: 2 }, { stop: 1, target: 99 })
      }
      onCanceled() {
        this.log('taken back')
      }
    }
    const record = await play(Bracketed, market(10, 10, 8, 8, 8), { cash: 1000, risk: { maxDrawdown: 0.1 } })
    expect(record.lines).toHaveLength(5)
    expect(fills(record)).toEqual(['buy 90 X at 10 on 1 by open', 'sell 90 X at 8 on 3 by open'])
  })

  test('on the last bar is closed at its close', async () => {
    const record = await under({ maxDrawdown: 0.1 }, [10, 10, 8], [100])
    expect(fills(record)).toEqual(['buy 100 X at 10 on 1 by open', 'sell 100 X at 8 on 2 by last close'])
    expect(record.refusals.at(-1)).toMatchObject({ numbers: { orders: 0, positions: 0 } })
  })

  test('closes at the close that it is about where orders fill at it, whether anybody asks for something there or not', async () => {
    class Asks extends BarStrategy {
      buys = this.input('asks', false)
      async onBar({ target: { instrument } }: BarEvent) {
        const bars = this.priceHistory(instrument, 10).length
        if (bars === 1) await this.buy(instrument, instrument.name === 'X' ? 50 : 40)
        if (bars === 3 && this.buys) await this.buy(instrument, 1)
      }
    }
    const prices: readonly Candle[] = [10, 10, [10, 10, 8, 8], 9, 9]
    for (const data of [
      market(...prices),
      dataSet(series({ name: 'X' }, prices), series({ name: 'Y' }, prices)),
    ])
      for (const rules of [{ maxDrawdown: 0.05 }, { perStrategy: { maxDrawdown: 0.05 } }])
        for (const asks of [false, true]) {
          const record = await play(Asks, data, {
            ...{ cash: 1000, fill: 'same-close', risk: rules, inputs: { asks } },
          })
          expect(fills(record).filter((fill) => fill.startsWith('sell'))).toEqual(
            data.instruments.map(
              ({ instrument: { name } }) => `sell ${name === 'X' ? 50 : 40} ${name} at 8 on 2 by close`,
            ),
          )
          expect(verify(record, data)).toEqual({ agrees: true })
        }
  })

  test('that only a fill at a close brings about closes at the next open', async () => {
    class Buys extends BarStrategy {
      async onBar({ target: { instrument } }: BarEvent) {
        if (this.pastOrders().length === 0) await this.buy(instrument, 50)
      }
    }
    const record = await play(Buys, market(10, 10, 9, 9), {
      ...{ cash: 1000, fill: 'same-close', risk: { maxDrawdown: 0.05 } },
      costs: { commission: 0.2, slippage: 0 },
    })
    expect(fills(record)).toEqual(['buy 50 X at 10 on 0 by close', 'sell 50 X at 10 on 1 by open'])
  })

  test('of one strategy is a rule of its own', async () => {
    const record = await under({ perStrategy: { maxDrawdown: 0.1 } }, [10, 10, 8.99, 8.99], [100])
    expect(record.lines).toEqual(['HALTED DRAWDOWN'])
  })
})

test('a day’s loss of the limit is allowed, and one beyond it is not', async () => {
  const risk = { maxDailyLoss: 0.05 }
  // 100 shares of 10 are worth 1,000 when the second day begins: 950 is the limit.
  const on = (price: number) =>
    play(trades(100), halfDays(10, 10, price, price, price, price), { cash: 1000, risk })
  expect((await on(9.5)).lines).toEqual([])
  expect((await on(9.49)).lines).toEqual(['HALTED DAILY_LOSS', 'ACTIVE'])
})

test('a day’s loss beyond the limit closes everything until the next day', async () => {
  const data = halfDays(10, 10, 9.4, 9.4, 9.4, 9.4, 8.9, 8.9)
  const record = await play(trades(100, 0, 0, 1, 50), data, { cash: 1000, risk: { maxDailyLoss: 0.05 } })
  // The fall from 1,000 to 940 is on the second day; the third begins with 940.
  expect(record.lines).toEqual(['HALTED DAILY_LOSS', 'HALTED', 'ACTIVE'])
  expect(fills(record)).toEqual([
    'buy 100 X at 10 on 1 by open',
    'sell 100 X at 9.4 on 3 by open',
    'buy 50 X at 9.4 on 5 by open',
  ])
})

test('an equity stop lets a profit be given back only in part', async () => {
  const risk = { equityStop: { gain: 0.5, giveBack: 0.5 } }
  // A profit of 400 is not enough to arm it; of 600 half may go again.
  expect((await under(risk, [10, 10, 14, 10, 10], [100])).lines).toEqual([])
  expect((await under(risk, [10, 10, 16, 13, 13], [100])).lines).toEqual([])
  expect((await under(risk, [10, 10, 16, 12.99, 12.99], [100])).lines).toEqual(['HALTED EQUITY_STOP'])
})

test('a losing streak pauses for its time, and only what reduces is accepted meanwhile', async () => {
  const day = 86_400
  const risk = { lossStreak: { losses: 2, seconds: 2 * day } }
  const record = await under(
    risk,
    // Bought at 10 and sold at 9, bought at 9 and sold at 8: two losses, the second on the sixth bar.
    [10, 10, 9, 9, 8, 8, 8, 8, 8],
    [10, -10, 10, -10, 0, 10, 10, 10],
  )
  expect(record.lines).toEqual(['REDUCING LOSS_STREAK', 'NOT_REDUCING', 'ACTIVE'])
  expect(fills(record).length).toBeGreaterThan(4)
  const won = await under(risk, [10, 10, 9, 9, 11, 11, 10, 10], [10, -10, 10, -10, 10, -10])
  expect(won.lines).toEqual([])
})

test('leverage that prices carry beyond the limit lets only what reduces pass, until it is back', async () => {
  // 150 short at 10 with 1,000: at 12 they are worth 1,800 against an equity of 700.
  const record = await under({ maxLeverage: 2 }, [10, 10, 12, 12, 12, 12, 12], [-150, 0, -1, 60, 0, -1], {
    leverage: 10,
  })
  expect(record.lines).toEqual(['REDUCING LEVERAGE', 'NOT_REDUCING', 'ACTIVE'])
})

describe('the kill switch', () => {
  class Kills extends BarStrategy {
    seen = 0
    async onBar({ target: { instrument } }: BarEvent) {
      this.seen++
      if (this.seen === 1) await this.buy(instrument, 10)
      if (this.seen === 2) {
        await this.buy(instrument, 10, { price: 5 })
        await this.bracket({ instrument, side: Side.SELL, volume: 30, price: 15 }, { stop: 20 })
      }
      if (this.seen === 3) {
        await this.kill('enough')
        this.log(this.risk().state, this.orders().length)
      }
      if (this.seen > 3) this.log((await this.buy(instrument, 1)).accepted, this.risk().reason)
    }
    onHalt({ target }: HaltEvent) {
      if (!(target instanceof Instrument)) this.log(target.code, target.reason)
    }
  }

  test('takes back all that works, closes what is held, and lets nothing pass any more', async () => {
    const record = await play(Kills, market(10, 10, 10, 10, 10))
    expect(record.lines).toEqual(['HALTED 1', 'KILLED enough', 'false enough', 'false enough'])
    expect(fills(record)).toEqual(['buy 10 X at 10 on 1 by open', 'sell 10 X at 10 on 3 by open'])
    expect(record.refusals.filter(({ kind }) => kind === 'state')).toMatchObject([
      { code: 'KILLED', bar: 3 },
      { code: 'KILLED', bar: 3, numbers: { orders: 0, positions: 0 } },
    ])
  })

  test('comes to the same from the journal, without the strategy’s code', async () => {
    const data = market(10, 10, 10, 10, 10)
    expect(verify(await play(Kills, data), data)).toEqual({ agrees: true })
  })

  test('leaves nothing on a market where cancels take their time and orders fill meanwhile', async () => {
    class Quotes extends Strategy {
      killed = false
      onTrade(_: TradeEvent) {}
      async onBook({ target: { instrument, bestBid, bestAsk, time } }: BookEvent) {
        if (this.killed || Number.isNaN(bestBid + bestAsk)) return
        if (time - this.start > 30_000) {
          this.killed = true
          await this.kill()
          return
        }
        if (this.orders().length >= 6) return void (await this.cancelOrder(this.orders()[0]!))
        await this.buy(instrument, 100, { price: bestBid })
        await this.sell(instrument, 100, { price: bestAsk })
        if (this.orders().length < 4) await this.buy(instrument, 30)
      }
      start = NaN
      onStart() {
        this.start = this.now()
      }
      async onExit() {
        this.log(
          this.orders().length,
          this.positions()
            .map(({ size }) => size)
            .join(),
          this.trades().length > 10,
        )
        this.log((await this.buy(this.instruments()[0]!, 1)).accepted)
      }
    }
    for (const seed of [1, 2, 3]) {
      const data: DataSet = {
        id: 'synthetic',
        name: 'Synthetic',
        provenance: 'made while it runs',
        instruments: [],
        synthetic: { seed, seconds: 60, agents: 60, barSeconds: 5, latency: 200_000 },
      }
      const record = await play(Quotes, data, { cash: 1e7 })
      expect(record.lines).toEqual(['0 0 true', 'false'])
      const flat = record.refusals.findLast(({ kind }) => kind === 'state')!
      expect(flat.numbers).toEqual({ orders: 0, positions: 0 })
      expect(Math.max(...record.fills.time)).toBeLessThanOrEqual(flat.time)
      expect(verify(record, data)).toEqual({ agrees: true })
    }
  })
})

test('while the market of an instrument is halted orders are refused at once, and both ends of it are told', async () => {
  class Trades extends Strategy {
    onTrade() {}
    async say(what: string) {
      const answer = await this.buy(this.instruments()[0]!, 1)
      this.log(what, answer.accepted ? 'accepted' : answer.code)
    }
    onHalt({ target }: HaltEvent) {
      return this.say(`halt of ${target instanceof Instrument ? target.name : target.code}`)
    }
    onContinue() {
      return this.say('goes on')
    }
  }
  // Price in 1/10,000 of a dollar: an offer, a halt from second 10 to 20, and another offer.
  const lines = ['1.0,1,1,10,100000,-1', '10.0,7,0,0,-1,-1', '20.0,7,0,0,1,-1', '30.0,1,2,10,100100,-1']
  const data = recordedMessages(lines)
  const { lines: said, ...record } = await play(Trades, data, { cash: 1e7 })
  expect(said.slice(0, 2)).toEqual(['halt of X HALTED', 'goes on accepted'])
  expect(verify(record, data)).toEqual({ agrees: true })
})

describe('what a strategy can know of its risk', () => {
  test('exposure, drawdown, the limits and how much of them is used', async () => {
    class Asks extends BarStrategy {
      bar = 0
      async onBar({ target: { instrument } }: BarEvent) {
        if (this.bar++ === 0) await this.sell(instrument, 50)
        if (this.bar !== 3) return
        const { valueAtRisk, limits, ...rest } = this.risk()
        this.log(rest, valueAtRisk)
        for (const { rule, scope, used, limit } of limits) this.log(rule, scope, used, limit)
      }
    }
    const record = await play(Asks, market(10, 10, 12), {
      cash: 1000,
      risk: { maxPosition: 100, maxDrawdown: 0.5, perStrategy: { maxLeverage: 2 } },
    })
    expect(record.lines[0]).toContain('grossExposure: 600')
    expect(record.lines[0]).toContain('netExposure: -600')
    expect(record.lines[0]).toContain("state: 'ACTIVE'")
    expect(record.lines[0]).toMatch(/drawdown: 0.0999.* NaN$/)
    expect(record.lines.slice(1)).toEqual([
      'maxPosition account 50 100',
      `maxDrawdown account ${1 - 900 / 1000} 0.5`,
      `maxLeverage strategy ${600 / 900} 2`,
    ])
  })

  test('the loss that the bars so far would have kept below 19 times in 20', async () => {
    class Asks extends BarStrategy {
      bar = 0
      async onBar({ target: { instrument } }: BarEvent) {
        if (this.bar++ === 0) await this.buy(instrument, 10)
        this.log(this.risk().valueAtRisk)
      }
    }
    // Up and down by turns, once in twenty by much: that one is just beyond.
    const prices = [100]
    for (let i = 1; i <= 40; i++)
      prices.push(
        i === 7 || i === 31 ? prices.at(-1)! * 0.8 : i % 2 ? prices.at(-1)! * 0.98 : prices.at(-1)! * 1.02,
      )
    const record = await play(Asks, market(...prices), { cash: 10_000 })
    const values = record.lines.map(Number)
    expect(values.slice(0, 20)).toEqual([0, ...new Array<number>(19).fill(NaN)])
    expect(values[40]).toBeCloseTo(0.02 * 10 * prices[40]!, 9)
  })
})

describe('every path of a few bars', () => {
  const steps = [1.02, 0.97, 0.88] as const
  const plans = [
    [50, 50, 0, -100, 50, 50],
    [-50, -50, 100, 0, -50, 100],
    [100, -200, 200, -200, 200, -200],
    [0, 100, 0, 0, 0, -30],
  ]
  const risk: RiskRules = {
    maxDrawdown: 0.2,
    maxDailyLoss: 0.05,
    lossStreak: { losses: 2, seconds: 86_400 },
    maxLeverage: 1.5,
  }

  test('of half a day each keeps to the states and to what they let pass', async () => {
    const seen = new Set<string>()
    for (let path = 0; path < 3 ** 5; path++) {
      const prices = [10, 10]
      for (let rest = path, i = 0; i < 5; i++, rest = Math.floor(rest / 3))
        prices.push(prices.at(-1)! * steps[rest % 3]!)
      for (const plan of plans) {
        let state = 'ACTIVE'
        class Watches extends BarStrategy {
          bar = 0
          async onBar({ target: { instrument } }: BarEvent) {
            const before = this.risk().state
            if (before !== state) throw new Error(`${before} was not told after ${state}`)
            const volume = plan[this.bar++] ?? 0
            if (volume === 0) return
            const held = this.position(instrument).size
            const pending = this.orders().reduce(
              (sum, { side, remaining }) => sum + (side === 'BUY' ? remaining : -remaining),
              0,
            )
            const answer = await (volume > 0 ? this.buy(instrument, volume) : this.sell(instrument, -volume))
            const given = answer.accepted ? answer.order.volume : 0
            const after = held + pending + Math.sign(volume) * given
            if (state === 'HALTED' && given > 0) throw new Error('an order passed a halt')
            if (state === 'REDUCING' && given > 0 && Math.abs(after) > Math.abs(held + pending))
              throw new Error('an order that opens passed')
          }
          change({ state: next, previous, code }: RiskChange) {
            if (previous !== state || next === previous)
              throw new Error(`${state} became ${next} after ${previous}`)
            seen.add(`${previous} ${next} ${code}`)
            state = next
          }
          onHalt({ target }: HaltEvent) {
            this.change(target as RiskChange)
          }
          onContinue({ target }: HaltEvent) {
            this.change(target as RiskChange)
          }
        }
        const record = await play(Watches, halfDays(...prices), { cash: 1000, leverage: 3, risk })
        const told = record.refusals.filter(({ kind }) => kind === 'state')
        // Once a drawdown is there nothing trades beyond what closes, and it is never lifted.
        const drawdown = told.find(({ code }) => code === 'DRAWDOWN')
        let peak = 1000
        let deepest = 0
        for (const value of record.equity.value) {
          peak = Math.max(peak, value)
          deepest = Math.max(deepest, 1 - value / peak)
        }
        if (deepest > 0.2 + 1e-9) expect(drawdown).toBeDefined()
        if (drawdown) {
          expect(state).toBe('HALTED')
          const size = record.fills.side.reduce((sum, side, i) => sum + side * record.fills.volume[i]!, 0)
          expect(size).toBe(0)
          expect(told.at(-1)!.numbers).toEqual({ orders: 0, positions: 0 })
        }
      }
    }
    expect([...seen].sort()).toEqual([
      'ACTIVE HALTED DAILY_LOSS',
      'ACTIVE HALTED DRAWDOWN',
      'ACTIVE REDUCING LEVERAGE',
      'ACTIVE REDUCING LOSS_STREAK',
      'HALTED ACTIVE DAILY_LOSS',
      'HALTED REDUCING LOSS_STREAK',
      'REDUCING ACTIVE LEVERAGE',
      'REDUCING ACTIVE LOSS_STREAK',
      'REDUCING HALTED DAILY_LOSS',
      'REDUCING HALTED DRAWDOWN',
    ])
  }, 60_000)
})

describe('several strategies on one account', () => {
  class Buys extends BarStrategy {
    bar = 0
    async onBar({ target: { instrument } }: BarEvent) {
      if (this.bar++ > 0) return
      const answer = await this.buy(instrument, 60)
      this.log(answer.accepted ? (answer.clip?.given ?? 60) : answer.code)
    }
    onHalt({ target }: HaltEvent) {
      this.log((target as RiskChange).code)
    }
  }
  const together = async (risk: RiskRules, prices: readonly number[]) => {
    const lines: string[] = []
    const run = createRun({
      strategies: [{ strategy: Buys }, { strategy: Buys }],
      data: market(...prices),
      settings: settings({ cash: 2000, risk }),
      log: ({ strategy, text }) => void lines.push(`${strategy} ${text}`),
    })
    await run.complete(breathe)
    return { lines, record: run.record() }
  }

  test('share the limits of the account, each in its turn, and have those of a strategy for themselves', async () => {
    expect((await together({ maxPosition: 100 }, [10, 10, 10])).lines).toEqual(['0 60', '1 40'])
    expect((await together({ perStrategy: { maxPosition: 50 } }, [10, 10, 10])).lines).toEqual([
      '0 50',
      '1 50',
    ])
  })

  test('are all closed when the account has lost too much', async () => {
    // 120 shares at 10 of 2,000: at 8 the account has lost 240.
    const { lines, record } = await together({ maxDrawdown: 0.1 }, [10, 10, 8, 8])
    expect(lines).toEqual(['0 60', '1 60', '0 DRAWDOWN', '1 DRAWDOWN'])
    expect(record.equity.cash.at(-1)).toBe(1760)
  })
})
