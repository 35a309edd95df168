import { describe, expect, test } from 'vitest'
import { type DataSet, randomWalk } from '#data'
import { createRun, journalEntries, type LogEntry, replay, Replay, StrategyError } from '#engine'
import { Session } from '#session'
import { type BarEvent, BarStrategy, type ErrorEvent, Indicator, type Strategy, type Trade } from 'outcry'
import { breathe, settings } from './market.ts'

const synthetic: DataSet = {
  id: 'synthetic',
  name: 'Synthetic',
  provenance: 'made while it runs',
  instruments: [],
  synthetic: { seed: 4, seconds: 120, agents: 60, barSeconds: 10 },
}

/** Runs a strategy that stops on the way. */
async function stopped(strategy: new () => Strategy, data: DataSet) {
  const lines: string[] = []
  const log = ({ level, text }: LogEntry) => void lines.push(`${level} ${text}`)
  const run = createRun({ strategy, data, settings: settings({ cash: 100_000 }), log })
  const error = await Promise.resolve()
    .then(() => run.complete(breathe))
    .catch((error: unknown) => error)
  expect(error).toBeInstanceOf(StrategyError)
  const { handler, bar, message } = error as StrategyError
  return { lines, failure: `${handler} at bar ${bar}: ${message}`, record: run.record() }
}

class Fails extends BarStrategy {
  seen = 0
  async onBar({ target: { instrument } }: BarEvent) {
    if (++this.seen % 2 === 0) await this.buy(instrument, 1)
    if (this.seen === 7) throw new Error('bang')
  }
  async onExit() {
    const answers = await this.closeAll()
    this.log('onExit', this.seen, answers.length)
  }
}

describe.each([
  ['bars', randomWalk({ bars: 20, seed: 3 })],
  ['a synthetic market', synthetic],
])('a handler that throws on %s', (_, data) => {
  test('stops the run there, onExit is called once, and what there is of the run is kept', async () => {
    const { lines, failure, record } = await stopped(Fails, data)
    expect(failure).toBe('onBar at bar 7: bang')
    expect(lines).toEqual(['info onExit 7 1'])
    expect(record.bars).toBe(7)
    expect(record.fills.volume.length).toBe(3)
    // What onExit sent is taken back: no market follows.
    expect([...record.orders.status]).toEqual([2, 2, 2, 3])
    expect(record.equity.time.length).toBe(7)
  })

  test('leaves a journal of what was before', async () => {
    const { record } = await stopped(Fails, data)
    const entries = [...journalEntries(record, data)]
    expect(entries.filter(({ event }) => event === 'BAR')).toHaveLength(7)
    expect(entries.filter(({ event }) => event === 'MY FILL')).toHaveLength(3)
    expect(entries.filter(({ handler }) => handler === 'onExit')).toHaveLength(1)
    expect(entries.at(-1)!.event).toBe('CANCELLED')
  })
})

test('an onError that throws in its turn stops the run as one that is not there', async () => {
  class Rethrows extends Fails {
    onError({ target: { handler, error } }: ErrorEvent) {
      this.log('onError', handler)
      throw error
    }
  }
  const { lines, failure } = await stopped(Rethrows, randomWalk({ bars: 20, seed: 3 }))
  expect(failure).toBe('onError at bar 7: bang')
  expect(lines).toEqual(['info onError onBar', 'info onExit 7 1'])
})

test('what onExit throws then is written to the log, and the first mistake is the one that is reported', async () => {
  class Twice extends Fails {
    override async onExit() {
      this.log('onExit')
      throw new Error('and again')
    }
  }
  const { lines, failure } = await stopped(Twice, randomWalk({ bars: 20, seed: 3 }))
  expect(failure).toBe('onBar at bar 7: bang')
  expect(lines).toEqual(['info onExit', 'error onExit has thrown too: and again'])
})

test('an onExit that throws at the end of the market leaves the whole run', async () => {
  class Last extends BarStrategy {
    onBar() {}
    onExit() {
      throw new Error('bang')
    }
  }
  const { failure, record } = await stopped(Last, randomWalk({ bars: 20, seed: 3 }))
  expect(failure).toBe('onExit at bar 20: bang')
  expect(record.bars).toBe(20)
})

class Breaks extends Indicator {
  #bars = 0
  constructor() {
    super('breaks', 'own')
  }
  override update() {
    if (++this.#bars === 5) throw new Error('bang')
    this.newest.take(this.#bars)
  }
}

/** Buys one at every second bar, and fails in a way that is none of a handler's. */
abstract class FailsBeside extends BarStrategy {
  seen = 0
  async onBar({ target: { instrument } }: BarEvent) {
    if (++this.seen % 2 === 0) await this.buy(instrument, 1)
  }
  async onExit() {
    const answers = await this.closeAll()
    this.log('onExit', this.seen, answers.length)
  }
}

class BadCosts extends FailsBeside {
  transactionCost() {
    if (this.trades().length === 1) throw new Error('bang')
    return 2
  }
}
class NoCosts extends FailsBeside {
  transactionCost() {
    return this.trades().length === 1 ? NaN : 2
  }
}
class BadSlippage extends FailsBeside {
  slippage(trade: Trade) {
    if (this.trades().length === 1) throw new Error(`bang at ${trade.volume}`)
    return 0.5
  }
}
class BadIndicator extends FailsBeside {
  own = this.indicator(new Breaks())
}
class Rejects extends FailsBeside {
  override async onBar(event: BarEvent) {
    await super.onBar(event)
    if (this.seen === 4) void Promise.reject(new Error('bang'))
  }
}

const failures = [
  ['a transaction cost', BadCosts, 'transactionCost at bar 4: bang', 2, 4],
  [
    'a transaction cost that is no number',
    NoCosts,
    /^transactionCost at bar 4: transactionCost gave NaN/,
    2,
    4,
  ],
  ['a slippage', BadSlippage, 'slippage at bar 4: bang at 1', 2, 4],
  ['an indicator', BadIndicator, 'indicator at bar 5: bang', 2, 4],
] as const

/** The same with an `onError` that goes on. */
const goingOn = (strategy: new () => FailsBeside) =>
  class extends strategy {
    onError({ target: { handler, error } }: ErrorEvent) {
      this.log('onError', handler, this.seen, String(error).slice(0, 25))
    }
  }

describe.each(failures)('%s that fails', (_, strategy, what, fills, seen) => {
  const data = randomWalk({ bars: 12, seed: 3 })

  test('stops the run as a handler does: onExit is called, and record and journal are kept', async () => {
    const { lines, failure, record } = await stopped(strategy, data)
    expect(failure).toMatch(what)
    expect(lines).toEqual([`info onExit ${seen} 1`])
    expect(record.fills.volume).toHaveLength(fills)
    expect(record.stoppedAt).toBeGreaterThan(0)
    const again = new Replay(record.journal, data, record.settings, undefined, record.stoppedAt)
    again.advance()
    expect(again.record().digest).toBe(record.digest)
    expect([...journalEntries(record, data)].filter(({ event }) => event === 'MY FILL')).toHaveLength(fills)
  })

  test('is told to onError, and the run goes on', async () => {
    const lines: string[] = []
    const log = ({ text }: LogEntry) => void lines.push(text)
    const run = createRun({ strategy: goingOn(strategy), data, settings: settings({ cash: 100_000 }), log })
    await run.complete(breathe)
    expect(lines[0]).toMatch(
      /^onError (transactionCost|slippage|indicator) [34] (Error: bang|RangeError: transactionCo)/,
    )
    expect(lines.at(-1)).toBe('onExit 12 1')
    const record = run.record()
    expect(record.bars).toBe(12)
    expect(record.stoppedAt).toBeUndefined()
    expect(replay(record.journal, data, record.settings).digest).toBe(record.digest)
  })
})

test('a fill whose cost function throws has happened, and costs what the settings say', async () => {
  const data = randomWalk({ bars: 12, seed: 3 })
  const costs = { commission: 0.001, slippage: 0 }
  const run = createRun({ strategy: goingOn(BadCosts), data, settings: settings({ cash: 100_000, costs }) })
  await run.complete(breathe)
  const { fee, price } = run.record().fills
  expect([...fee.slice(0, 3)]).toEqual([2, price[1]! * 0.001, 2])
})

test('an indicator that throws has no value at that bar, and others are kept up to date', async () => {
  class Two extends BadIndicator {
    other = this.indicator(new (class extends Breaks {})())
    onError() {}
  }
  const run = createRun({ strategy: Two, data: randomWalk({ bars: 12, seed: 3 }), settings: settings() })
  await run.complete(breathe)
  for (const { values } of run.record().plots) expect([values[3], values[4], values[5]]).toEqual([4, NaN, 6])
})

/** Runs in a session whose host hears of rejections one rest later than they are, as browsers do. */
async function inSession(strategy: new () => Strategy, bars: number, lines: string[] = []) {
  const known: unknown[] = []
  const later: unknown[] = []
  const hear = (reason: unknown) => void later.push(reason)
  process.prependListener('unhandledRejection', hear)
  const others = process.listeners('unhandledRejection').filter((listener) => listener !== hear)
  for (const other of others) process.off('unhandledRejection', other)
  const data = randomWalk({ bars, seed: 3 })
  const session = new Session(
    (log) =>
      createRun({
        ...{ strategy, data, settings: settings({ cash: 100_000 }) },
        log: (entry) => {
          lines.push(entry.text)
          log(entry)
        },
      }),
    {
      now: () => 0,
      breathe: async () => {
        await breathe()
        for (const reason of known.splice(0)) session.reject(reason)
        known.push(...later.splice(0))
      },
    },
  )
  try {
    return await session.run().then(
      (record) => ({ record, failure: undefined }),
      ({ failure }: { failure: { handler: string; bar: number; message: string } }) => ({
        record: session.soFar()!,
        failure: `${failure.handler} at bar ${failure.bar}: ${failure.message}`,
      }),
    )
  } finally {
    process.off('unhandledRejection', hear)
    for (const other of others) process.on('unhandledRejection', other)
  }
}

describe('a promise that is rejected and that nobody handles', () => {
  test('stops the run at the next rest but one, and onExit is called', async () => {
    const lines: string[] = []
    const { record, failure } = await inSession(Rejects, 12, lines)
    expect(failure).toBe('promise at bar 5: bang')
    expect(lines).toEqual(['onExit 5 1'])
    expect(record.fills.volume).toHaveLength(2)
    expect(record.stoppedAt).toBeGreaterThan(0)
  })

  test('is told to onError, and the run goes on', async () => {
    const lines: string[] = []
    const { record, failure } = await inSession(goingOn(Rejects), 12, lines)
    expect(failure).toBeUndefined()
    expect(lines).toEqual(['onError promise 5 Error: bang', 'onExit 12 1'])
    expect(record.bars).toBe(12)
  })

  test('is told before onExit where it was rejected at the last bar', async () => {
    const lines: string[] = []
    const { failure } = await inSession(goingOn(Rejects), 4, lines)
    expect(failure).toBeUndefined()
    expect(lines).toEqual(['onError promise 4 Error: bang', 'onExit 4 1'])
    const stops: string[] = []
    expect((await inSession(Rejects, 4, stops)).failure).toBe('promise at bar 4: bang')
    expect(stops).toEqual(['onExit 4 1'])
  })

  test('is told too where onExit leaves it behind', async () => {
    class AtEnd extends FailsBeside {
      override async onExit() {
        void Promise.reject(new Error('late'))
      }
    }
    const lines: string[] = []
    expect((await inSession(AtEnd, 4)).failure).toBe('promise at bar 4: late')
    expect((await inSession(goingOn(AtEnd), 4, lines)).failure).toBeUndefined()
    expect(lines).toEqual(['onError promise 4 Error: late'])
  })

  test('is nobody’s of several strategies, so that the run goes on only where all have an onError', async () => {
    const data = randomWalk({ bars: 6, seed: 3 })
    const failure = async (...strategies: (new () => Strategy)[]) => {
      const told: string[] = []
      const run = createRun({
        strategies: strategies.map((strategy) => ({ strategy })),
        ...{ data, settings: settings() },
        log: ({ text, strategy }) => void told.push(`${strategy} ${text}`),
      })
      await run.toRest()
      run.reject(new Error('whose'))
      const error: unknown = await run.complete(breathe).catch((error: unknown) => error)
      return [String(error), ...told]
    }
    expect(await failure(BadIndicator, goingOn(Rejects))).toEqual([
      'StrategyError: whose',
      ...['0 onExit 0 0', '1 onExit 0 0'],
    ])
    class Quiet extends BarStrategy {
      onBar() {}
    }
    const Calm = goingOn(class extends FailsBeside {})
    expect((await failure(Calm, Calm)).slice(0, 3)).toEqual([
      'undefined',
      '0 onError promise 0 Error: whose',
      '1 onError promise 0 Error: whose',
    ])
    expect((await failure(Quiet, Calm))[0]).toBe('StrategyError: whose')
  })
})
