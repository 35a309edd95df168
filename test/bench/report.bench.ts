import { bench, describe, expect } from 'vitest'
import { report } from '#analysis'
import { parseCsv } from '#data'
import { type BarEvent, BarStrategy, sma } from 'outcry'
import { workload } from './workload.ts'
import { run } from '../market.ts'

class Crossover extends BarStrategy {
  fast = this.indicator(sma(10))
  slow = this.indicator(sma(20))

  override onBar({ target: bar }: BarEvent): void {
    const { size } = this.position(bar.instrument)
    if (this.fast.value > this.slow.value && size === 0) void this.buy(bar.instrument, 1)
    if (this.fast.value < this.slow.value && size > 0) void this.sell(bar.instrument, 1)
  }
}

const bars = workload(1_000_000)
const data = {
  id: 'w',
  name: 'W',
  provenance: '',
  instruments: [{ instrument: { name: 'W', lotSize: 1 }, bars }],
}
const record = await run({
  strategy: Crossover,
  data,
  settings: {
    cash: 1_000_000,
    costs: { commission: 0.002, slippage: 0 },
    fill: 'next-open',
    seed: 1,
    leverage: 1,
    inputs: {},
  },
})
const { all, account } = report(record, data)
expect([all.trades, account.finalEquity.toFixed(6)]).toEqual([27_376, '990007.469531'])

const columns = [bars.open, bars.high, bars.low, bars.close, bars.volume]
const csv = new TextEncoder().encode(
  'time,open,high,low,close,volume\n' +
    Array.from(bars.time, (time, row) => [time / 1000, ...columns.map((column) => column[row])].join()).join(
      '\n',
    ),
)

describe('1,000,000 one-minute bars', () => {
  bench('report on 27,376 round trips', () => void report(record, data))
  bench(
    `CSV of ${Math.round(csv.length / 1e6)} MB into columns`,
    () => {
      const result = parseCsv(csv)
      if (!result.ok || result.data.bars.close.at(-1) !== bars.close.at(-1)) throw new Error('read wrongly')
    },
    { iterations: 3 },
  )
})
