/*
 * A page with nothing but the classes that the app itself uses, built in the same way and under the same policy, so that
 * a test can run any strategy in the real sandbox.
 */
import type { DataSet } from '#data'
import type { RunSettings } from '#engine'
import { Compiler } from '../../../src/app/compiler.ts'
import { type Outcome, type RunEvents, Sandbox } from '../../../src/app/sandbox/sandbox.ts'

const day = 86_400_000_000

/** Daily bars of one instrument, by the same formula as in `sandbox.spec.ts`. */
function data(bars: number): DataSet {
  const price = Float64Array.from({ length: bars }, (_, i) => 100 + Math.abs((i % 40) - 20) + (i % 7) / 8)
  const time = Float64Array.from({ length: bars }, (_, i) => (i + 1) * day)
  const columns = { time, open: price, high: price, low: price, close: price, volume: price }
  return {
    id: 'test',
    name: 'Test',
    provenance: 'Made for a test.',
    instruments: [{ instrument: { name: 'AAA' }, bars: columns }],
  }
}

const settings: RunSettings = {
  cash: 10_000,
  costs: { commission: 0.001, slippage: 0.0005 },
  fill: 'next-open',
  seed: 7,
  leverage: 1,
  inputs: {},
}

const compiler = new Compiler()
const sandbox = new Sandbox()
const known = new Map<number, DataSet>()

/** The data set of so many bars, always the same object. */
function dataOf(bars: number): DataSet {
  const set = known.get(bars) ?? data(bars)
  known.set(bars, set)
  return set
}

/** Compiles a strategy, or throws its first diagnostic. */
async function program(text: string) {
  const result = await compiler.compile({ files: { 'strategy.ts': text }, entry: 'strategy.ts' })
  if (!result.ok) throw new Error(result.diagnostics[0]!.message)
  return result.program
}

/** Runs a strategy's text on so many bars. */
async function run(text: string, bars: number, events: RunEvents = {}): Promise<Outcome> {
  return await sandbox.run({ program: await program(text), data: dataOf(bars), settings }, events)
}

/** How a run ends whose engine is a text of the test's own: what a strategy could do that broke the prelude. */
async function runBroken(engine: string): Promise<Outcome> {
  const broken = new Sandbox(() => Promise.resolve(engine))
  try {
    return await broken.run({ program: { code: '', map: '' }, data: dataOf(10), settings })
  } finally {
    broken.dispose()
  }
}

/** Longest time, in milliseconds, that the page's thread was held up while something went on. */
async function stall(work: () => Promise<unknown>): Promise<number> {
  let longest = 0
  let last = performance.now()
  const { port1, port2 } = new MessageChannel()
  port1.onmessage = () => {
    const now = performance.now()
    longest = Math.max(longest, now - last)
    last = now
    port2.postMessage(null)
  }
  port2.postMessage(null)
  await work()
  port1.close()
  return longest
}

const lab = { compiler, sandbox, Sandbox, settings, dataOf, program, run, runBroken, stall }
export type Lab = typeof lab
Object.assign(globalThis, { lab })
