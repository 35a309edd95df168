import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { DataSet } from '#data'
import { createRun, type JointRunOptions, type LogEntry, type RunOptions, verify } from '#engine'
import { Session, type SessionHost } from '#session'
import { type Bar, type BarEvent, BarStrategy, type Instrument, type Strategy } from 'outcry'
import { breathe, dataSet, series, settings } from './market.ts'

/** Sends orders in functions that nobody awaits, after waiting for one that asks nothing. */
class ThinksFirst extends BarStrategy {
  told = 0
  override onStart() {
    void this.watch()
  }
  override onBar({ target: { instrument } }: BarEvent) {
    void this.later(instrument).catch(() => {})
    if (++this.told % 20 === 0) return this.closeAll().then(() => {})
  }
  async think() {}
  async later(instrument: Instrument) {
    await this.think()
    await this.buy(instrument, 1)
  }
  /** Counts the bars that it sees without being told of them. */
  async watch() {
    for (let seen = 0; seen < 40; seen++) {
      for (let i = 0; i < 50; i++) await null
      this.log(this.told)
    }
  }
}

/** Trades once, and again after many things that it waits for without asking. */
class ThinksBetween extends BarStrategy {
  override onBar({ target }: BarEvent) {
    void this.trade(target).catch(({ message }: Error) => this.log(message))
  }
  async check(rule: number) {
    return rule >= 0
  }
  async trade({ instrument }: Bar) {
    await this.buy(instrument, 1)
    for (let rule = 0; rule < 10; rule++) if (!(await this.check(rule))) return
    await this.closeAll()
  }
}

/** Asks deep inside functions that nobody awaits. */
class AsksDeep extends BarStrategy {
  override onBar({ target }: BarEvent) {
    void this.trade(target).catch(({ message }: Error) => this.log(message))
  }
  async trade(bar: Bar) {
    if (!(await this.wanted(bar, 12))) return
    await this.buy(bar.instrument, 1)
    await this.closeAll()
  }
  async wanted(bar: Bar, depth: number): Promise<boolean> {
    if (depth > 0) return await this.wanted(bar, depth - 1)
    await this.buy(bar.instrument, 1)
    return true
  }
}

/** Decides by a number that changes behind its back. */
class CountsBehind extends BarStrategy {
  count = 0
  constructor() {
    super()
    void this.raise()
  }
  override onBar({ target: { instrument } }: BarEvent) {
    void this.raise()
    return this.target(instrument, (this.count % 7) / 10).then(() => {})
  }
  async raise() {
    for (let i = 0; i < 30; i++) {
      await null
      this.count++
    }
  }
}

const left = { ThinksFirst, ThinksBetween, AsksDeep, CountsBehind }

const bars = (count: number): DataSet =>
  dataSet(
    series(
      { name: 'X', lotSize: 1 },
      Array.from({ length: count }, (_, i) => 100 + ((i * 37) % 23)),
    ),
  )
const synthetic: DataSet = {
  ...{ id: 's', name: 'S', provenance: 'made', instruments: [] },
  synthetic: { seed: 4, seconds: 120, agents: 60, barSeconds: 5, latency: 20_000 },
}

type Asked = RunOptions | JointRunOptions

/** What a run leaves, and what it wrote. */
async function alone(asked: Asked) {
  const lines: string[] = []
  const run = createRun({ ...asked, log: ({ bar, text }: LogEntry) => void lines.push(`${bar} ${text}`) })
  await run.complete(breathe)
  return { digest: run.record().digest, lines, record: run.record() }
}

/** The same, driven by a session. */
async function inSession(asked: Asked, host: (session: () => Session) => Partial<SessionHost>) {
  const lines: string[] = []
  const log = ({ bar, text }: LogEntry) => void lines.push(`${bar} ${text}`)
  const session: Session = new Session(() => createRun({ ...asked, log }), {
    now: () => 0,
    breathe,
    ...host(() => session),
  })
  const { digest } = await session.run()
  return { digest, lines }
}

/** Hosts whose clocks, pauses and other work have nothing to do with one another. */
const hosts: Readonly<Record<string, (session: () => Session) => Partial<SessionHost>>> = {
  'a clock that stands still': () => ({}),
  'a clock that leaps': () => {
    let now = 0
    return { now: () => (now += 1e6), onProgress: () => {} }
  },
  'a clock that leaps now and then': () => {
    let now = 0
    return { now: () => (now += now % 3 === 0 ? 100 : 1) }
  },
  'long rests': () => ({
    breathe: async () => {
      for (let i = 0; i < 3; i++) await breathe()
    },
  }),
  'somebody who pauses': (session) => {
    let now = 0
    let pauses = 0
    return {
      now: () => (now += 20),
      onProgress: ({ bars }) => bars % 3 === 0 && session().pause(),
      onPause: () => void setImmediate(() => session().goOn(++pauses % 2 === 0 ? pauses : undefined)),
    }
  },
  'somebody who steps': (session) => ({
    onStart: () => {
      session().pause()
      session().goOn(1)
    },
    onPause: () => void setImmediate(() => session().goOn(2)),
  }),
}

describe('what a strategy begins and does not await comes at the same places', () => {
  for (const [market, data] of Object.entries({ bars: bars(300), 'many bars': bars(2500), synthetic }))
    for (const [name, strategy] of Object.entries(left))
      test(`of ${name} on ${market}, however its run is driven`, async () => {
        const asked = { strategy, data, settings: settings() }
        const { digest, lines, record } = await alone(asked)
        expect(record.orders.time.length).toBeGreaterThan(0)
        expect(verify(record, data)).toEqual({ agrees: true })
        for (const [how, host] of Object.entries(hosts)) {
          const driven = await inSession(asked, host)
          expect(driven.digest, how).toBe(digest)
          expect(driven.lines, how).toEqual(lines)
        }
      })

  test('of several strategies in one run', async () => {
    const strategies = Object.values(left).map((strategy) => ({ strategy }))
    for (const data of [bars(300), synthetic]) {
      const asked = { strategies, data, settings: settings({ cash: 40_000 }) }
      const { digest, lines } = await alone(asked)
      for (const [how, host] of Object.entries(hosts)) {
        const driven = await inSession(asked, host)
        expect(driven.digest, how).toBe(digest)
        expect(driven.lines, how).toEqual(lines)
      }
    }
  })

  test('whatever it is', async () => {
    const deed = fc.oneof(
      { depthSize: 'large' },
      fc.record({ kind: fc.constant('wait' as const), times: fc.integer({ min: 1, max: 60 }) }),
      fc.record({ kind: fc.constantFrom('buy' as const, 'close' as const, 'count' as const) }),
      fc.record({ kind: fc.constantFrom('thenable' as const, 'chain' as const), times: fc.nat(12) }),
      fc.record({ kind: fc.constant('nest' as const), times: fc.nat(12), awaits: fc.boolean() }),
    )
    type Deed = typeof deed extends fc.Arbitrary<infer Value> ? Value : never
    const strategyOf = (deeds: readonly Deed[], awaitsEach: number): new () => Strategy =>
      class extends BarStrategy {
        count = 0
        told = 0
        override onBar({ target: { instrument } }: BarEvent) {
          this.told++
          const all = this.do(instrument, 0).catch(({ message }: Error) => this.log(message.slice(0, 20)))
          this.log(this.count)
          if (this.count % 5 === 0) void this.target(instrument, (this.count % 9) / 10)
          if (this.told % awaitsEach === 0) return all
        }
        async do(instrument: Instrument, from: number): Promise<void> {
          for (let i = from; i < deeds.length; i++) {
            const next = deeds[i]!
            switch (next.kind) {
              case 'wait':
                for (let time = 0; time < next.times; time++) await null
                break
              case 'buy':
                await this.buy(instrument, 1)
                break
              case 'close':
                await this.closeAll()
                break
              case 'count':
                this.count++
                break
              case 'thenable': {
                const then = (done: () => void, left = next.times): unknown =>
                  left > 0 ? Promise.resolve().then(() => then(done, left - 1)) : done()
                await { then: (done: () => void) => void then(done) }
                break
              }
              case 'chain': {
                let chain = Promise.resolve()
                for (let time = 0; time < next.times; time++) chain = chain.then(() => void this.count++)
                await chain
                break
              }
              case 'nest': {
                const inner = this.nest(instrument, next.times, i + 1)
                if (next.awaits) return inner
                void inner.catch(() => this.count++)
                return
              }
            }
          }
        }
        async nest(instrument: Instrument, depth: number, from: number): Promise<void> {
          return depth > 0 ? await this.nest(instrument, depth - 1, from) : await this.do(instrument, from)
        }
      }
    await fc.assert(
      fc.asyncProperty(
        fc.array(deed, { minLength: 1, maxLength: 6 }),
        fc.array(deed, { minLength: 1, maxLength: 6 }),
        fc.constantFrom(1, 3, 10, 1e9),
        fc.constantFrom('bars', 'synthetic', 'several'),
        fc.constantFrom(...Object.values(hosts)),
        async (deeds, others, awaitsEach, market, host) => {
          const strategy = strategyOf(deeds, awaitsEach)
          const data = market === 'synthetic' ? synthetic : bars(60)
          const asked =
            market === 'several'
              ? {
                  strategies: [{ strategy }, { strategy: strategyOf(others, awaitsEach) }],
                  data,
                  settings: settings(),
                }
              : { strategy, data, settings: settings() }
          const { digest, lines } = await alone(asked)
          expect(await inSession(asked, host)).toEqual({ digest, lines })
        },
      ),
      { numRuns: 60 },
    )
  }, 120_000)
})

describe('a run rests', () => {
  class Idle extends BarStrategy {
    override onBar() {}
  }
  const rests = async (data: DataSet | readonly DataSet[], strategy: new () => Strategy = Idle) => {
    const run = createRun({ strategy, data, settings: settings() })
    const at: number[] = []
    while (!(await run.toRest())) at.push(run.bars)
    return at
  }

  test('after every bar where there are few, and some hundred times where there are many', async () => {
    expect(await rests(bars(5))).toEqual([0, 1, 2, 3, 4, 5, 5, 5, 5, 5])
    expect(await rests(bars(2048))).toHaveLength(2053)
    expect((await rests(bars(2050))).slice(0, 4)).toEqual([0, 9, 18, 27])
    const many = await rests(bars(100_000))
    expect(many.length).toBeLessThan(264)
    expect(many.length).toBeGreaterThan(250)
  })

  test('with all bars of a stamp together', async () => {
    const candles = Array<number>(600).fill(10)
    const three = dataSet(...['A', 'B', 'C'].map((name) => series({ name }, candles)))
    expect((await rests(three)).slice(0, 4)).toEqual([0, 3, 6, 9])
  })

  test('before it tells a strategy anything, and within a bar in which very much happens', async () => {
    const heard: number[] = []
    class Busy extends BarStrategy {
      override onStart() {
        heard.push(-1)
        this.periodic(() => {}, { seconds: 10 })
      }
      override onBar() {
        heard.push(this.now())
      }
    }
    const run = createRun({ strategy: Busy, data: bars(2), settings: settings() })
    expect([run.toRest(), heard.length]).toEqual([false, 0])
    const at: number[] = []
    while (!(await run.toRest())) at.push(run.bars)
    expect(at.filter((count) => count === 1).length).toBeGreaterThan(8)
    class Listens extends BarStrategy {
      override onBar() {}
      onOrder() {}
    }
    const within = await rests(
      { ...synthetic, synthetic: { ...synthetic.synthetic!, barSeconds: 60 } },
      Listens,
    )
    expect(new Set(within).size).toBeLessThan(within.length)
  })
})
