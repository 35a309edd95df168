/**
 * A strategy in the loop of a synthetic market: every event of the book and every trade is dispatched to it, and its
 * portfolio is valued. The world alone is timed beside it, so that what the dispatch costs can be told apart.
 */
import { SyntheticWorld } from '#exchange'
import { createRun, type Run } from '#engine'
import { type MarketOrderEvent, Strategy, type TradeEvent } from 'outcry'

const request = { seed: 1, seconds: 1800, agents: 1000, barSeconds: 10 }
const data = { id: 'bench', name: 'bench', provenance: '', instruments: [], synthetic: request }
const settings = {
  cash: 1e6,
  costs: { commission: 0, slippage: 0 },
  fill: 'next-open' as const,
  seed: 1,
  leverage: 1,
  inputs: {},
}

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
for (let i = 0; i < 16; i++) {
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
  run.advance()
  inLoop.push(atWork() - start)
  const found = run.record().digest
  if (digest !== '' && found !== digest) throw new Error('two runs of one seed differ')
  digest = found
}
const [ofWorld, ofLoop] = [alone, inLoop].map((times) => median(times.slice(4)))
const million = (count: number, ms: number) => `${(count / ms / 1000).toFixed(2)} million a second`
console.log(
  `half an hour, 1,000 agents: ${events} book events; world alone ${ofWorld!.toFixed(0)} ms = ${million(events, ofWorld!)}`,
)
console.log(
  `with a strategy that hears of ${heard} trades and order events: ${ofLoop!.toFixed(0)} ms = ${million(heard, ofLoop!)}; dispatch alone ${million(heard, ofLoop! - ofWorld!)}`,
)

function median(values: number[]): number {
  return values.sort((a, b) => a - b)[values.length >> 1]!
}
