import { expect, test } from 'vitest'
import { run } from '#engine'
import { BarStrategy, type BarEvent, Side, sma } from 'outcry'
import { handWritten, workload } from './bench/workload.ts'

class Crossover extends BarStrategy {
  fast = this.indicator(sma(10))
  slow = this.indicator(sma(20))

  async onBar({ target: bar }: BarEvent) {
    const { size } = this.position(bar.instrument)
    if (this.fast.value > this.slow.value && size === 0)
      await this.newOrder({ instrument: bar.instrument, side: Side.BUY, volume: 1 })
    if (this.fast.value < this.slow.value && size > 0)
      await this.newOrder({ instrument: bar.instrument, side: Side.SELL, volume: 1 })
  }
}

test('the crossover of the shared workload comes to the published trades and equity', async () => {
  const bars = workload(10_000)
  const record = await run({
    strategy: Crossover,
    data: {
      id: 'w',
      name: 'W',
      provenance: '',
      instruments: [{ instrument: { name: 'W', lotSize: 1 }, bars }],
    },
    settings: {
      cash: 1_000_000,
      costs: { commission: 0.002, slippage: 0 },
      fill: 'next-open',
      seed: 1,
      leverage: 1,
      inputs: {},
    },
  })
  expect(record.fills.side.filter((side) => side < 0).length).toBe(261)
  expect(record.equity.value.at(-1)).toBeCloseTo(999890.684969, 6)
  expect([...record.equity.value]).toEqual([...handWritten(bars, 1_000_000, 0.002).equity])
})
