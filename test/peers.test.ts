import { existsSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { type BarEvent, BarStrategy, Side, sma } from 'outcry'
import { report } from '#analysis'
import { bundledData } from '#data'
import { run } from './market.ts'

const file = '../shared/conformance/peer-runs-aapl.json'

interface PeerRun {
  final_value: number
  final_cash: number
  position_size: number
  fills: { date: string; side: 'buy' | 'sell'; size: number; price: number; comm: number }[]
  closed_trades: { open: string; close: string; pnl: number; pnlcomm: number }[]
  max_drawdown_pct: number
  won: number
  lost: number
}

/** backtrader's SmaX in our words: in at a close that crosses above its average, out at one that crosses below. */
class SmaCross extends BarStrategy {
  volume = this.input('volume', 1)
  average = this.indicator(sma(15))
  side = 0

  async onBar({ target: bar }: BarEvent) {
    const side = Math.sign(bar.close - this.average.value)
    const crossed = this.side !== 0 && side === -this.side
    if (side === 1 || side === -1) this.side = side
    if (!crossed) return
    const { size } = this.position(bar.instrument)
    if (side > 0 && size === 0) await this.buy(bar.instrument, this.volume)
    if (side < 0 && size > 0) await this.sell(bar.instrument, size)
  }
}

const day = (time: number) => new Date(time / 1000).toISOString().slice(0, 10)

test.skipIf(!existsSync(file)).each([
  ['smax15_aapl_stock', 10_000, 0, 1],
  ['smax15_aapl_comm0.1pct_size10', 100_000, 0.001, 10],
])(
  'backtrader and we agree on every fill, trade and figure of %s (skipped where ../shared is absent)',
  async (name, cash, commission, volume) => {
    const peers = JSON.parse(readFileSync(file, 'utf8')) as { backtrader: { cases: Record<string, PeerRun> } }
    const peer = peers.backtrader.cases[name]!
    const data = await bundledData(
      'aapl',
      async (path) => new Uint8Array(readFileSync(`node_modules/${path}`)),
    )
    const record = await run({
      strategy: SmaCross,
      data,
      settings: {
        cash,
        costs: { commission, slippage: 0 },
        fill: 'next-open',
        seed: 1,
        leverage: 1,
        inputs: { volume },
      },
    })
    const { fills } = record
    expect(
      peer.fills.map((_, i) => [
        day(fills.time[i]!),
        fills.side[i],
        fills.volume[i],
        fills.price[i]!.toFixed(9),
      ]),
    ).toEqual(
      peer.fills.map(({ date, side, size, price }) => [
        date,
        side === 'buy' ? 1 : -1,
        Math.abs(size),
        price.toFixed(9),
      ]),
    )
    for (const [i, { comm }] of peer.fills.entries()) expect(fills.fee[i]).toBeCloseTo(comm, 9)

    const { trades, all, account } = report(record, data)
    expect(all.trades).toBe(peer.closed_trades.length)
    for (const [i, trade] of peer.closed_trades.entries()) {
      expect([day(trades.entryTime[i]!), day(trades.exitTime[i]!)]).toEqual([trade.open, trade.close])
      expect(trades.pnl[i]).toBeCloseTo(trade.pnlcomm, 8)
      expect(trades.pnl[i]! + trades.fees[i]!).toBeCloseTo(trade.pnl, 8)
    }
    expect(all.winRate).toBeCloseTo(peer.won / (peer.won + peer.lost), 12)
    expect(all.openTrades).toBe(1)
    expect(trades.size.at(-1)).toBe(peer.position_size)
    expect(account.finalEquity).toBeCloseTo(peer.final_value, 6)
    expect(record.equity.cash.at(-1)).toBeCloseTo(peer.final_cash, 6)
    expect(100 * account.maxDrawdown).toBeCloseTo(peer.max_drawdown_pct, 8)
  },
)

interface BacktestingTrade {
  Size: number
  EntryTime: string
  ExitTime: string
  EntryPrice: number
  ExitPrice: number
  PnL: number
}

/** backtesting.py's BracketLong in our words: whenever flat and idle, ten units with a stop 4 % below and a target 6 % above. */
class BracketLong extends BarStrategy {
  seen = 0

  async onBar({ target: { instrument, close } }: BarEvent) {
    // That engine asks for the first time on the second bar.
    if (++this.seen === 1 || this.position(instrument).size !== 0 || this.orders().length > 0) return
    const entry = { instrument, side: Side.BUY, volume: 10 }
    await this.bracket(entry, { stop: close * (1 - 0.04), target: close * (1 + 0.06) })
  }

  async onExit() {
    await this.closeAll()
  }
}

test.skipIf(!existsSync(file))(
  'backtesting.py and we agree on every trade of a bracket (skipped where ../shared is absent)',
  async () => {
    const peers = JSON.parse(readFileSync(file, 'utf8')) as Record<
      string,
      {
        cases: Record<string, { trades: BacktestingTrade[]; stats: Record<string, number> }>
      }
    >
    const peer = peers['backtesting.py']!.cases['aapl_bracketlong']!
    const data = await bundledData(
      'aapl',
      async (path) => new Uint8Array(readFileSync(`node_modules/${path}`)),
    )
    const record = await run({
      strategy: BracketLong,
      data,
      settings: {
        cash: 10_000,
        costs: { commission: 0, slippage: 0 },
        fill: 'next-open',
        seed: 1,
        leverage: 1,
        inputs: {},
      },
    })
    const { trades, account } = report(record, data)
    const ours = [...trades.size].map((size, i) => [
      size,
      day(trades.entryTime[i]!),
      day(trades.exitTime[i]!),
      trades.entryPrice[i]!.toFixed(8),
      trades.exitPrice[i]!.toFixed(8),
    ])
    const theirs = peer.trades.map(({ Size, EntryTime, ExitTime, EntryPrice, ExitPrice }) => [
      Size,
      EntryTime.slice(0, 10),
      ExitTime.slice(0, 10),
      EntryPrice.toFixed(8),
      ExitPrice.toFixed(8),
    ])
    expect(ours.length).toBe(109)
    expect(ours.slice(0, -1)).toEqual(theirs.slice(0, -1))
    // What is open at the end that engine closes at the last open, ours at the last close.
    expect(ours.at(-1)!.slice(0, 4)).toEqual(theirs.at(-1)!.slice(0, 4))
    expect(theirs.at(-1)![4]).toBe(data.instruments[0]!.bars.open.at(-1)!.toFixed(8))
    expect(ours.at(-1)![4]).toBe(data.instruments[0]!.bars.close.at(-1)!.toFixed(8))
    expect(100 * account.maxDrawdown).toBeCloseTo(-peer.stats['Max. Drawdown [%]']!, 9)
  },
)
