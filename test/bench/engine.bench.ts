/**
 * The engine against a hand-written loop over the same typed arrays: SMA 10 over SMA 20, one unit, fills at the next
 * open, 0.2 % a side, equity at every bar. Both must come to the published figures before anything is timed. The two
 * take turns, and the best of each counts: what other programs take away is not theirs.
 */
import { createRun } from '#engine'
import { type BarEvent, BarStrategy, Side, sma } from 'outcry'
import { handWritten, workload } from './workload.ts'
import { breathe } from '../market.ts'

class Crossover extends BarStrategy {
  fast = this.indicator(sma(10))
  slow = this.indicator(sma(20))
  long = false

  onBar({ target: { instrument } }: BarEvent) {
    const fast = this.fast.value
    const slow = this.slow.value
    if (fast > slow && !this.long) {
      this.long = true
      void this.newOrder({ instrument, side: Side.BUY, volume: 1 })
    } else if (fast < slow && this.long) {
      this.long = false
      void this.newOrder({ instrument, side: Side.SELL, volume: 1 })
    }
  }
}

class Plain extends BarStrategy {
  above = 0
  onBar({ target: bar }: BarEvent) {
    if (bar.close > 100) this.above++
  }
}

class Async extends BarStrategy {
  above = 0
  async onBar({ target: bar }: BarEvent) {
    if (bar.close > 100) this.above++
  }
}

const published: Record<number, [trades: number, equity: number]> = {
  10_000: [261, 999890.684969],
  100_000: [2720, 998817.907125],
  1_000_000: [27376, 990007.469531],
}
const cash = 1_000_000
const commission = 0.002
const settings = {
  cash,
  costs: { commission, slippage: 0 },
  fill: 'next-open' as const,
  seed: 1,
  leverage: 1,
  inputs: {},
}

/** Ten rules that look at every order, and three of them at the account after every bar; none of them is reached. */
const risk = {
  maxOrderVolume: 10,
  maxPosition: 10,
  maxGross: 1e6,
  maxLeverage: 1,
  priceBand: 0.1,
  orderRate: { most: 100, seconds: 60 },
  duplicateSeconds: 1,
  longOnly: true,
  maxDailyLoss: 0.5,
  maxDrawdown: 0.5,
}

/** Milliseconds that some work takes. */
function time(work: () => unknown): number {
  const start = performance.now()
  work()
  return performance.now() - start
}

async function timeAsync(work: () => unknown): Promise<number> {
  const start = performance.now()
  await work()
  return performance.now() - start
}

for (const [count, [trades, equity]] of Object.entries(published)) {
  const bars = workload(Number(count))
  const data = {
    id: 'bench',
    name: 'bench',
    provenance: '',
    instruments: [{ instrument: { name: 'W', lotSize: 1 }, bars }],
  }
  const engine = async (rules = {}) => {
    const run = createRun({ strategy: Crossover, data, settings: { ...settings, ...rules } })
    await run.complete(breathe)
    return run
  }
  const record = (await engine()).record()
  if ((await engine({ risk })).record().digest !== record.digest)
    throw new Error('Rules that are never reached changed the run')
  const loop = handWritten(bars, cash, commission)
  const sells = record.fills.side.filter((side) => side < 0).length
  for (const [who, found, value] of [
    ['loop', loop.trades, loop.equity.at(-1)!],
    ['engine', sells, record.equity.value.at(-1)!],
  ] as const)
    if (found !== trades || Math.abs(value - equity) > 1e-6)
      throw new Error(`${who}: ${found} trades and ${value}; expected ${trades} and ${equity}`)
  let byHand = Infinity
  let byEngine = Infinity
  let withRules = Infinity
  let withRecord = Infinity
  // The run before is kept until the next is over: with the last run V8 collects the shapes of its objects, and throws
  // away what it has optimized for them. So every run would be a first one.
  let kept = await engine({ risk })
  for (let i = 0; i < 12; i++) {
    globalThis.gc?.()
    byHand = Math.min(
      byHand,
      time(() => handWritten(bars, cash, commission)),
    )
    let run = await engine()
    byEngine = Math.min(byEngine, await timeAsync(async () => (run = await engine())))
    withRules = Math.min(withRules, await timeAsync(async () => (kept = await engine({ risk }))))
    withRecord = Math.min(
      withRecord,
      time(() => run.record()),
    )
  }
  if (kept.record().digest !== record.digest) throw new Error('Rules that are never reached changed the run')
  console.log(
    `${count} bars, ${trades} trades: by hand ${byHand.toFixed(2)} ms, engine ${byEngine.toFixed(1)} ms = ${(byEngine / byHand).toFixed(1)} times; ten risk rules on ${withRules.toFixed(1)} ms = ${(withRules / byHand).toFixed(1)} times; its record and digest ${withRecord.toFixed(1)} ms more`,
  )
  if (Number(count) < 1_000_000) continue
  let dispatch = Infinity
  let plain = Infinity
  let asynchronous = Infinity
  const bare = { strategy: Plain, data, settings }
  for (let i = 0; i < 8; i++) {
    globalThis.gc?.()
    // A bare dispatch: the same engine and no handler that could be waited for.
    class Nothing extends BarStrategy {
      onBar() {}
    }
    dispatch = Math.min(
      dispatch,
      await timeAsync(() => createRun({ ...bare, strategy: Nothing }).complete(breathe)),
    )
    plain = Math.min(plain, await timeAsync(() => createRun(bare).complete(breathe)))
    asynchronous = Math.min(
      asynchronous,
      await timeAsync(() => createRun({ ...bare, strategy: Async }).complete(breathe)),
    )
  }
  console.log(
    `a handler call, ${count} bars: empty ${dispatch.toFixed(0)} ms, plain ${plain.toFixed(0)} ms = ${(plain / dispatch).toFixed(2)} times, async ${asynchronous.toFixed(0)} ms = ${(asynchronous / dispatch).toFixed(2)} times`,
  )
}
