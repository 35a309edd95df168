import { bench, describe, expect } from 'vitest'
import { Timeline } from '#analysis'
import { type BarEvent, BarStrategy } from 'outcry'
import { workload } from './workload.ts'
import { run } from '../market.ts'

/** Trades at every second bar, so that every bar brings about two things that happen to orders. */
class Busy extends BarStrategy {
  #bar = 0
  override onBar({ target: { instrument } }: BarEvent): void {
    const turn = this.#bar++ % 4
    if (turn === 0) void this.buy(instrument, 1)
    if (turn === 2) void this.sell(instrument, 1)
  }
}

const data = {
  id: 'w',
  name: 'W',
  provenance: '',
  instruments: [{ instrument: { name: 'W', lotSize: 1 }, bars: workload(40_000) }],
}
const costs = { commission: 0, slippage: 0 }
const settings = { cash: 1_000_000, costs, fill: 'next-open', seed: 1, leverage: 1, inputs: {} } as const
const record = await run({ strategy: Busy, data, settings })
const timeline = new Timeline(record, data)
const { length } = timeline
expect(length).toBeGreaterThanOrEqual(99_000)
// The account right before the last moment is that of the equity curve.
expect(timeline.standing(length - 1).account.equity).toBeCloseTo(record.equity.value.at(-1)!, 6)

describe(`a run of ${length} moments`, () => {
  bench('made ready to be stepped through', () => void new Timeline(record, data))
  let at = length - 1
  bench('a step back, from the end', () => {
    timeline.standing(at)
    at = at > length - 1000 ? at - 1 : length - 1
  })
  bench('the first drawdown of 50 %, which never comes', () => {
    timeline.find({ kind: 'drawdown', below: 0.5 }, 0, 1)
  })
})
