/**
 * Messages a second of the synthetic market with 1,000 agents on one instrument. A message is what the world processes in one
 * step: an agent that looks at the market, a request that reaches the book, a report that reaches an agent. Before
 * anything is timed, two runs and a fork made half way must come to the same digest.
 */
import { SyntheticWorld, type SyntheticOptions, type WorldListener } from '#exchange'

const options: SyntheticOptions = { agents: 1000, seconds: 3600, seed: 1 }
let heard = 0
const listener = Object.fromEntries(
  ['open', 'trade', 'fill', 'change', 'cancel', 'reject', 'trigger', 'phase'].map((kind) => [
    kind,
    () => void heard++,
  ]),
) as unknown as WorldListener

function ended(hears?: WorldListener): SyntheticWorld {
  const world = new SyntheticWorld(options, hears)
  world.advance(Infinity)
  return world
}

const first = ended(listener)
const halfway = new SyntheticWorld(options)
halfway.advance(halfway.sessionStart + 1800e6)
const fork = halfway.fork()
fork.advance(Infinity)
const expected = first.digest()
for (const [who, found] of [
  ['a second run', ended().digest()],
  ['a fork', fork.digest()],
])
  if (found !== expected) throw new Error(`${who} has the digest ${found}; expected ${expected}`)
if (heard !== first.events) throw new Error(`the listener heard ${heard} events; expected ${first.events}`)
console.log(
  `digest ${expected}: ${first.messages} messages, ${first.events} events; a second run and a fork agree`,
)

for (const [name, hears] of [
  ['alone', undefined],
  ['with a listener for every event', listener],
] as const) {
  let best = Infinity
  for (let i = 0; i < 5; i++) {
    globalThis.gc?.()
    const start = performance.now()
    ended(hears)
    best = Math.min(best, performance.now() - start)
  }
  const { messages, events } = first
  console.log(
    `an hour of 1,000 agents ${name}: ${best.toFixed(0)} ms, ${(messages / best / 1000).toFixed(2)} million messages/s, ${(events / best / 1000).toFixed(2)} million events/s`,
  )
}
const start = performance.now()
for (let i = 0; i < 10; i++) halfway.fork()
console.log(`a fork after half an hour: ${((performance.now() - start) / 10).toFixed(1)} ms`)
