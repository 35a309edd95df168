/**
 * A hundred strategies on one stream against a hundred runs of one; what a run of a million bars holds in memory, rules
 * and journal on; and what it takes to make it again from its journal. Both ways of running a hundred must come to the
 * same digests before anything is timed, and they take turns.
 */
import { createRun, type Run, verify } from '#engine'
import { type BarEvent, BarStrategy, sma } from 'outcry'
import { workload } from './workload.ts'
import { breathe } from '../market.ts'

class Crossover extends BarStrategy {
  fast = this.indicator(sma(this.input('fast', 10)))
  slow = this.indicator(sma(this.input('slow', 20)))
  onBar({ target: { instrument } }: BarEvent) {
    if (this.fast.crossedAbove(this.slow)) void this.buy(instrument, 1)
    else if (this.fast.crossedBelow(this.slow) && this.position(instrument).size > 0)
      void this.sell(instrument, 1)
  }
}

const settings = {
  cash: 10_000,
  costs: { commission: 0.002, slippage: 0 },
  fill: 'next-open' as const,
  seed: 1,
  leverage: 1,
  inputs: {},
}
const dataOf = (count: number) => ({
  id: 'bench',
  name: 'bench',
  provenance: '',
  instruments: [{ instrument: { name: 'W', lotSize: 1 }, bars: workload(count) }],
})

const data = dataOf(10_000)
const hundred = Array.from({ length: 100 }, (_, i) => ({ fast: 3 + (i % 10), slow: 20 + i }))
// The run before is kept until the next is over: with the last run V8 collects the shapes of its objects, and throws away
// what it has optimized for them. So every run would be a first one.
let kept: Run | undefined
const together = async () => {
  const run = createRun({
    strategies: hundred.map((inputs) => ({ strategy: Crossover, inputs })),
    data,
    settings: { ...settings, cash: 100 * settings.cash },
  })
  await run.complete(breathe)
  kept = run
  return run.record()
}
const alone = async () => {
  const records = []
  for (const inputs of hundred) {
    const run = createRun({ strategy: Crossover, data, settings: { ...settings, inputs } })
    await run.complete(breathe)
    kept = run
    records.push(run.record())
  }
  return records
}
const joint = await together()
for (const [i, { digest }] of (await alone()).entries())
  if (joint.strategies![i]!.digest !== digest)
    throw new Error(`Strategy ${i} does something else beside others`)

/** Milliseconds of the processor that some work takes in this process. */
async function time(work: () => unknown): Promise<number> {
  globalThis.gc?.()
  const start = process.cpuUsage()
  await work()
  const { user, system } = process.cpuUsage(start)
  return (user + system) / 1000
}

let jointly = Infinity
let singly = Infinity
for (let i = 0; i < 5; i++) {
  jointly = Math.min(jointly, await time(together))
  singly = Math.min(singly, await time(alone))
}
console.log(
  `100 strategies on 10000 bars: together ${jointly.toFixed(0)} ms, one by one ${singly.toFixed(0)} ms, a ratio of ${(jointly / singly).toFixed(2)}`,
)

const million = dataOf(1_000_000)
globalThis.gc?.()
const held = () => {
  globalThis.gc?.()
  const { heapUsed, arrayBuffers } = process.memoryUsage()
  return (heapUsed + arrayBuffers) / 2 ** 20
}
const before = held()
const run = createRun({
  strategy: Crossover,
  data: million,
  settings: { ...settings, risk: { maxDrawdown: 0.9 } },
})
await run.complete(breathe)
const record = run.record()
const after = held()
let replayed = Infinity
for (let i = 0; i < 3; i++)
  replayed = Math.min(
    replayed,
    await time(() => {
      if (!verify(record, million).agrees) throw new Error('The journal comes to something else')
    }),
  )
console.log(
  `${run.bars} bars: ${before.toFixed(0)} MB with the data alone, the run and its record ${(after - before).toFixed(0)} MB more; made again from the journal in ${replayed.toFixed(0)} ms`,
)
