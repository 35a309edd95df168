/**
 * A strategy in the loop of a synthetic market: every event of the book and every trade is dispatched to it, and its
 * portfolio is valued. The world alone is timed beside it, so that what the dispatch costs can be told apart: making events
 * of what the book tells, handing them over and valuing. The session is long, since the rate is asked for and not how soon it is reached.
 */
import { SyntheticWorld } from '#exchange'
import { createRun, type Run } from '#engine'
import { type MarketOrderEvent, Strategy, type TradeEvent } from 'outcry'
import { breathe } from '../market.ts'

const request = { seed: 1, seconds: 7200, agents: 1000, barSeconds: 10 }
const data = { id: 'bench', name: 'bench', provenance: '', instruments: [], synthetic: request }
const settings = {
  cash: 1e6,
  costs: { commission: 0, slippage: 0 },
  fill: 'next-open' as const,
  seed: 1,
  leverage: 1,
  inputs: {},
}

/** How often each is run; the first rounds warm up and do not count. */
const rounds = 9
const warmUp = 2

let heard = 0

class Hears extends Strategy {
  onTrade(_: TradeEvent) {
    heard++
  }
  onOrder(_: MarketOrderEvent) {
    heard++
  }
}

const alone: number[] = []
const inLoop: number[] = []
let events = 0
let digest = ''
/** Milliseconds that this process was at work, on whatever thread: others take turns with it. */
const atWork = () => process.cpuUsage().user / 1000
// The world and the run before are kept until the next ones are over: with the last of them V8 collects the shapes of
// their objects, and throws away what it has optimized for them. So every one would be a first one.
let world: SyntheticWorld | undefined
let run: Run | undefined
for (let i = 0; i < rounds; i++) {
  globalThis.gc?.()
  let start = atWork()
  world = new SyntheticWorld({ seed: request.seed, seconds: request.seconds, agents: request.agents })
  world.advance(Infinity)
  alone.push(atWork() - start)
  events = world.events
  heard = 0
  globalThis.gc?.()
  start = atWork()
  run = createRun({ strategy: Hears, data, settings })
  await run.complete(breathe)
  inLoop.push(atWork() - start)
  const found = run.record().digest
  if (digest !== '' && found !== digest) throw new Error('two runs of one seed differ')
  digest = found
}
const million = (count: number, ms: number) => `${(count / ms / 1000).toFixed(2)} million a second`
for (const [name, pick] of Object.entries({ median, best })) {
  const [ofWorld, ofLoop] = [alone, inLoop].map((times) => pick(times.slice(warmUp))) as [number, number]
  console.log(
    `${name}: two hours, 1,000 agents, ${events} book events: world alone ${ofWorld.toFixed(0)} ms = ${million(events, ofWorld)}; ` +
      `with a strategy that hears of ${heard} trades and order events ${ofLoop.toFixed(0)} ms = ${million(heard, ofLoop)}; ` +
      `dispatch alone ${million(heard, ofLoop - ofWorld)}`,
  )
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1]!
}

function best(values: readonly number[]): number {
  return Math.min(...values)
}
