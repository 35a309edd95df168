import { describe, expect, test } from 'vitest'
import { type DataSet, randomWalk } from '#data'
import { createRun, journalEntries, type LogEntry, StrategyError } from '#engine'
import { type BarEvent, BarStrategy, type ErrorEvent, type Strategy } from 'outcry'
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
