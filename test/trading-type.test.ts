import { describe, expect, test, vi } from 'vitest'
import { createRun, type RunSettings, verify } from '#engine'
import { HistoricalExchange, SyntheticExchange, WatchedExchange } from '#exchange'
import { type BarEvent, BarStrategy, Side, type RejectionEvent, TradingType } from 'outcry'
import { market, play, settings } from './market.ts'

class Tries extends BarStrategy {
  async onStart() {
    this.log(this.tradingType())
  }
  async onBar({ target: { instrument, close } }: BarEvent) {
    if (close !== 10) return
    await this.buy(instrument, 1)
    await this.bracket({ instrument, side: Side.BUY, volume: 1 }, { stop: 5 })
    await this.target(instrument, 0.5)
    await this.closeAll()
    await this.cancelAll()
  }
  onRejected({ target }: RejectionEvent) {
    this.log(target.code)
  }
}

describe('a simulation', () => {
  test('watches the market and refuses every order, with a reason (EN-20)', async () => {
    const record = await play(Tries, market(10, 11, 12), { tradingType: TradingType.SIMULATION })
    expect(record.lines).toEqual([
      'SIMULATION',
      'ORDER_ENTRY_BLOCKED',
      'ORDER_ENTRY_BLOCKED',
      'ORDER_ENTRY_BLOCKED',
    ])
    expect(record.refusals[0]!.reason).toBe(
      'This run is a simulation: it watches the market, and no order of it goes anywhere.',
    )
    expect(record.fills.time.length).toBe(0)
    expect(new Set(record.equity.value)).toEqual(new Set([10_000]))
    expect(verify(record, market(10, 11, 12))).toEqual({ agrees: true })
  })

  test.each([
    ['bars', market(10, 11, 12), HistoricalExchange.prototype],
    [
      'a market with a book',
      {
        ...market(),
        synthetic: { seed: 2, seconds: 30, agents: 20, barSeconds: 5 },
      },
      SyntheticExchange.prototype,
    ],
  ] as const)('never asks an exchange of %s for anything', async (_, data, exchange) => {
    const asked = [vi.spyOn(exchange, 'submit'), vi.spyOn(exchange, 'cancel'), vi.spyOn(exchange, 'change')]
    class Always extends BarStrategy {
      async onStart() {
        await this.buy(this.instruments()[0]!, 1)
      }
      async onBar({ target: { instrument } }: BarEvent) {
        await this.buy(instrument, 1, { price: 1 })
        await this.cancelAll()
        await this.target(instrument, 1)
      }
      async onExit() {
        await this.closeAll()
      }
    }
    const record = await play(Always, data, { tradingType: TradingType.SIMULATION })
    expect(record.orders.time.length).toBeGreaterThan(3)
    for (const spy of asked) {
      expect(spy).not.toHaveBeenCalled()
      spy.mockRestore()
    }
  })

  test('stands behind an exchange that takes no order even if one came (EN-20)', () => {
    const [{ instrument, bars }] = market(10).instruments as [ReturnType<typeof market>['instruments'][0]]
    const watched = new WatchedExchange(
      new HistoricalExchange({
        instruments: [{ instrument, bars }],
        fill: 'next-open',
        costs: { commission: 0, slippage: 0 },
      }),
    )
    for (const ask of [() => watched.submit(), () => watched.cancel(), () => watched.change()])
      expect(ask).toThrow('to historical in a run that only watches it: a fault of the engine')
  })
})

test('a back-test is what a run is when nothing is said', async () => {
  const { lines, refusals } = await play(Tries, market(10, 11))
  expect([lines, refusals]).toEqual([['BACKTEST'], []])
})

test.each<[RunSettings['tradingType'], string]>([
  [
    TradingType.SANDBOX,
    'Setting tradingType is SANDBOX, and there is no adapter to a venue yet; use BACKTEST',
  ],
  [TradingType.LIVE, 'Setting tradingType is LIVE, and there is no adapter to a venue yet; use BACKTEST'],
  ['PAPER' as TradingType, "Setting tradingType is 'PAPER'; expected BACKTEST, SIMULATION, SANDBOX, LIVE"],
])('a run of the type %s is refused', (tradingType, message) => {
  const making = () => createRun({ strategy: Tries, data: market(10), settings: settings({ tradingType }) })
  expect(making).toThrow(message)
  // So that nobody looks for the mistake in the strategy.
  expect(making).toThrow(expect.objectContaining({ name: 'SettingsError' }))
})
