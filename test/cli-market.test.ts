import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'fflate'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { lobsterFile } from './recordings.ts'

/** Joins the best bid, is served there, and sells at the market. */
const strategy = `
import { Strategy, BookEvent, Side } from 'outcry'
export default class extends Strategy {
  onTrade() {}
  async onBook({ target: { instrument, bestBid } }: BookEvent) {
    if (bestBid > 0 && this.pastOrders().length === 0) await this.buy(instrument, 5, { price: bestBid })
  }
  async onBought() {
    await this.sell(this.instruments()[0]!, 5)
  }
}
`

/** A minute as operations: 5 and then ours are bid at 10, and a seller takes 7 there. */
const operations = [
  '{"op":"book","tick":0.01,"lot":1,"symbol":"ACME"}',
  '{"op":"add","time":"2024-01-02T14:30:00Z","id":1,"side":"SELL","price":10.1,"quantity":20}',
  '{"op":"add","time":"2024-01-02T14:30:01Z","id":2,"side":"BUY","price":10,"quantity":5}',
  '{"op":"add","time":"2024-01-02T14:30:02Z","id":3,"side":"BUY","price":10,"quantity":9}',
  '{"op":"add","time":"2024-01-02T14:30:20Z","id":4,"side":"SELL","quantity":12}',
  '{"op":"cancel","time":"2024-01-02T14:31:00Z","id":1}',
]

let folder = ''
const file = (name: string) => join(folder, name)
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'outcry market '))
  const recorded = lobsterFile(5, 1_500)
  const write = (name: string, lines: readonly string[]) =>
    writeFileSync(file(name), lines.map((line) => `${line}\n`).join(''))
  write('strategy.ts', [strategy])
  write(
    'messages.csv',
    recorded.map(([message]) => message),
  )
  write(
    'book.csv',
    recorded.map(([, row]) => row),
  )
  write(
    'ABC_2012-06-21_34200000_57600000_message_5.csv',
    recorded.map(([message]) => message),
  )
  write(
    'broken.csv',
    recorded.map(([message], i) => (i === 1000 ? 'nonsense' : message)),
  )
  write('operations.jsonl', operations)
  write('timeless.jsonl', operations.with(3, '{"op":"halt"}'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const outcry = (...args: string[]) =>
  spawnSync(process.execPath, ['src/outcry.mjs', 'run', file('strategy.ts'), ...args], { encoding: 'utf8' })
const run = (...args: string[]) =>
  JSON.parse(outcry(...args, '--json').stdout) as {
    settings: { instruments: string[] }
    digest: string
    trades: { entryPrice: number; exitPrice: number; entryTime: number; size: number }[]
    equity: { time: number[] }
  }

describe('outcry run on recorded orders', () => {
  test('takes messages with their book file, and comes to the same again', () => {
    const args = ['--data', file('messages.csv'), '--orderbook', file('book.csv'), '--tick', '0.0001']
    const first = run(...args)
    expect(first.trades).toHaveLength(1)
    expect(first.settings.instruments).toEqual(['messages'])
    expect(run(...args).digest).toBe(first.digest)
    const { stdout, status } = outcry(...args, '--bar', '1', '--symbol', 'X')
    expect(status).toBe(0)
    expect(stdout).toContain('X: 3 bars, 1970-01-01T09:30:01Z')
    expect(stdout).toContain('Its day is not known')
    expect(stdout).toContain('nobody reacts to them, which is optimistic')
  })

  test('knows instrument, day and zone from the name of a file', () => {
    const { stdout } = outcry('--data', file('ABC_2012-06-21_34200000_57600000_message_5.csv'))
    expect(stdout).toContain('ABC: ')
    expect(stdout).toContain('2012-06-21T13:30:')
    expect(
      outcry('--data', file('messages.csv'), '--date', '2024-01-02', '--zone', 'Asia/Tokyo').stdout,
    ).toContain('2024-01-02T00:30:')
  })

  test('takes operations, matches them and serves an order by its place in the queue', () => {
    const { trades, settings } = run('--data', file('operations.jsonl'), '--latency', '0')
    expect(settings.instruments).toEqual(['ACME'])
    // 12 are sold: 5 to the first order, and of the 7 that reach the one behind ours, ours is 5. That leaves 2 of it to sell to.
    const entry = { entryPrice: 10, entryTime: Date.UTC(2024, 0, 2, 14, 30, 20) }
    expect(trades).toMatchObject([
      { ...entry, size: 2, exitPrice: 10 },
      { ...entry, size: 3 },
    ])
  })

  test.each([
    [['--data', 'broken.csv'], /broken\.csv: Message 1001 is 'nonsense'/],
    [['--data', 'timeless.jsonl'], /timeless\.jsonl: Line 4 has no time/],
    [['--data', 'messages.csv', '--orderbook', 'nowhere.csv'], /There is no file .*nowhere\.csv/],
    [['--data', 'messages.csv', '--preset', 'thin'], /--preset means nothing to recorded orders/],
    [['--data', 'messages.csv', '--tick', '0'], /--tick is '0'; expected a price step above zero/],
    [['--data', 'messages.csv', '--date', 'noon'], /There is no day noon in America\/New_York/],
    [['--data', 'operations.jsonl', '--date', '2024-01-02'], /--date means nothing to operations/],
    [['--data', 'messages.csv', '--format', 'csv'], /--format is 'csv'; expected lobster or jsonl/],
  ])('%j is refused with exit code 2', (args, message) => {
    const { stderr, status } = outcry(...args.map((arg) => (/\.(csv|jsonl)$/.test(arg) ? file(arg) : arg)))
    expect(stderr).toMatch(message)
    expect(status).toBe(2)
  })
})

describe('outcry run on a synthetic market', () => {
  const small = ['--data', 'synthetic', '--agents', '60', '--minutes', '2', '--bar', '20']

  test('makes the market that the options ask for', () => {
    const plain = run(...small)
    expect(plain.equity.time).toHaveLength(6)
    expect(run(...small).digest).toBe(plain.digest)
    for (const other of [
      ['--seed', '2'],
      ['--preset', 'volatile'],
      ['--latency', '500'],
      ['--agents', '70'],
      ['--tick', '0.05'],
      ['--start-price', '50'],
      ['--volatility', '0.1'],
      ['--liquidity', '0.3'],
      ['--auction', '30'],
      ['--start', '2025-03-04T09:00Z'],
      ['--shares', 'maker=0.1,informed=0.05'],
      ['--rates', 'noise=1'],
      ['--agent-latency', 'noise=400'],
    ])
      expect(
        run(...small.filter((_, i) => other[0] !== '--agents' || (i !== 2 && i !== 3)), ...other).digest,
      ).not.toBe(plain.digest)
    expect(run(...small, '--symbol', 'ACME').settings.instruments).toEqual(['ACME'])
    expect(run(...small, '--symbol', 'ACME', '--instruments', '2').settings.instruments).toEqual([
      'ACME1',
      'ACME2',
    ])
  })

  test.each([
    [['--preset', 'wild'], /^--preset is 'wild'; expected one of calm, trending/],
    [['--shares', 'noise=0.5'], /--shares has 'noise=0.5'; expected such as maker=0.01, of value, momentum/],
    [['--rates', 'maker'], /--rates has 'maker'; expected such as maker=2, of noise, value/],
    [['--agent-latency', 'maker=9000'], /--agent-latency has 'maker=9000'; expected 0.002 to 1000$/m],
    [['--shares', 'maker=0.6'], /--shares has 'maker=0.6'; expected 0 to 0.5$/m],
    [['--shares', 'maker=0.5,value=0.45'], /shares add up to 0.97\d*; expected at most 0.9/],
    [['--drift', 'up'], /--drift is 'up'; expected a fraction/],
    [['--start', 'soon'], /--start is 'soon'; expected a time such as/],
    [['--volatility', '3'], /^--volatility is 3; expected 0 to 0.2/],
    [['--instruments', '0'], /--instruments is '0'; expected a whole number from 1 to 20/],
    [['--minutes', '2000'], /^--minutes is '2000'; expected minutes up to 1440, in whole seconds/],
    [['--bar', '999'], /a bar is 999 seconds; expected whole seconds from 1 to the session's 120/],
    [['--orderbook', 'x'], /--orderbook means nothing to a synthetic market/],
  ])('%j is refused with exit code 2', (args, message) => {
    const option = args[0]!
    const rest = small.filter((arg, i) => arg !== option && small[i - 1] !== option)
    const { stderr, status } = outcry(...rest, ...args)
    expect(stderr).toMatch(message)
    expect(status).toBe(2)
  })

  test('options of other markets are refused on prices', () => {
    const { stderr, status } = outcry('--data', 'aapl', '--preset', 'thin')
    expect(stderr).toMatch(/--preset means nothing to --data aapl/)
    expect(status).toBe(2)
  })
})

describe('outcry facts', () => {
  const facts = (...args: string[]) =>
    spawnSync(process.execPath, ['src/outcry.mjs', 'facts', ...args], { encoding: 'utf8' })

  test('holds a market against what is known of real ones', () => {
    const { stdout, stderr, status } = facts('--minutes', '61', '--agents', '50', '--seed', '3')
    expect([status, stderr]).toEqual([0, ''])
    expect(stdout).toMatch(/found +real markets/)
    expect(stdout).toMatch(/Fat tails +-?[\d.,]+ +1\.500 to 60\.000 +(as real markets|unlike them)/)
    const found = JSON.parse(facts('--minutes', '61', '--agents', '50', '--seed', '3', '--json').stdout) as {
      passes: boolean
    }[]
    expect(found.length).toBeGreaterThan(5)
  })

  test('says of a few minutes that they mean nothing, and why', () => {
    const { stdout, stderr } = facts('--minutes', '10', '--agents', '50')
    expect(stderr).toMatch(
      /mean nothing: there are only 59 returns over 10 s; .*kurtosis is off by 0\.64 and each autocorrelation by 0\.13 by chance/,
    )
    expect(stdout).toMatch(/Fat tails .* cannot be told\n/)
    expect(stdout).not.toContain('as real markets')
  })

  test('takes the returns of an hour for enough, and says how many it needs', () => {
    const hour = facts('--minutes', '60', '--agents', '50', '--seed', '3')
    expect([hour.status, hour.stderr]).toEqual([0, ''])
    expect(facts('--minutes', '59', '--agents', '50').stderr).toContain('only 353 returns over 10 s; ')
    expect(facts('--minutes', '59', '--agents', '50').stderr).toContain(
      'At least 359 are needed, as an hour of continuous trading gives; four hours to be sure.',
    )
  })

  test('makes as long a market as its help says', () => {
    expect(facts('--help').stdout).toMatch(
      /--minutes NUMBER +length of the session in simulated time, at most 1440 \(240\)/,
    )
    expect(facts('--help').stdout).toMatch(/Makes 4 hours of a market/)
    const of = (...args: string[]) => facts('--agents', '20', '--json', ...args).stdout
    expect(of()).toBe(of('--minutes', '240'))
  })

  test('holds recorded orders against it, packed too, and says where they cannot be read', () => {
    const recorded = facts(file('messages.csv'), '--orderbook', file('book.csv'), '--tick', '0.0001')
    expect(recorded.status).toBe(0)
    expect(recorded.stdout).toMatch(/The spread is a few ticks +\d+\.\d+ /)
    expect(recorded.stderr).toContain('mean nothing')
    writeFileSync(file('messages.csv.gz'), gzipSync(readFileSync(file('messages.csv'))))
    expect(facts(file('messages.csv.gz'), '--orderbook', file('book.csv'), '--tick', '0.0001')).toMatchObject(
      {
        stdout: recorded.stdout,
      },
    )
    expect(facts(file('broken.csv'))).toMatchObject({ status: 2 })
    expect(facts(file('broken.csv')).stderr).toMatch(/broken\.csv: Message 1001 is 'nonsense'/)
    expect(facts(file('messages.csv'), '--seed', '3').stderr).toMatch(/--seed is for a synthetic market/)
    expect(facts('--orderbook', file('book.csv')).stderr).toMatch(/is for a file of recorded orders/)
  })

  test.each([
    [['--preset', 'wild'], /preset is 'wild'/],
    [['--seed', 'x'], /--seed is 'x'/],
    [['--bar', '3'], /There is no option --bar\. .*outcry facts --help shows all/],
  ])('%j is refused with exit code 2', (args, message) => {
    const { stderr, status } = facts(...args)
    expect(stderr).toMatch(message)
    expect(status).toBe(2)
  })
})
