import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'

let folder: string
beforeAll(() => (folder = mkdtempSync(join(tmpdir(), 'outcry-journal-'))))
afterAll(() => rmSync(folder, { recursive: true }))

const run = (journal: string, strategy = 'sample-strategies/sma-crossover.ts') =>
  spawnSync(process.execPath, ['src/outcry.mjs', 'run', strategy, '--data', 'aapl', '--journal', journal], {
    encoding: 'utf8',
  })

test('a run writes its journal beside the report, in the form that the name of the file asks for', () => {
  const lines = join(folder, 'run.jsonl')
  expect(run(lines).status).toBe(0)
  const entries = readFileSync(lines, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as { event: string })
  const count = (event: string) => entries.filter((entry) => entry.event === event).length
  expect([count('BAR'), count('MY FILL')]).toEqual([1260, 53])
  expect(run(join(folder, 'run.parquet')).status).toBe(0)
  expect(readFileSync(join(folder, 'run.parquet')).subarray(0, 4).toString()).toBe('PAR1')
})

test('a journal in another form, or where nothing can be written, is refused', () => {
  expect(run(join(folder, 'run.txt'))).toMatchObject({
    status: 2,
    stderr: expect.stringContaining('expected a name that ends in .jsonl or .parquet'),
  })
  expect(run(join(folder, 'nowhere', 'run.jsonl'))).toMatchObject({
    status: 2,
    stderr: expect.stringContaining('could not be written'),
  })
})

test('a run that fails leaves the journal of what was before', () => {
  const strategy = join(folder, 'fails.ts')
  const code = `
    import { BarStrategy } from 'outcry'
    export default class Fails extends BarStrategy {
      seen = 0
      onBar() { if (++this.seen === 5) throw new Error('bang') }
      onExit() { this.log('the end') }
    }`
  writeFileSync(strategy, code)
  const lines = join(folder, 'failed.jsonl')
  const { status, stderr } = run(lines, strategy)
  expect(status).toBe(3)
  expect(stderr).toMatch(/the end[^]*bang[^]*in onBar, at bar 5 of 1,260/)
  const entries = readFileSync(lines, 'utf8').trimEnd().split('\n')
  expect(entries.filter((line) => line.includes('"event":"BAR"'))).toHaveLength(5)
  expect(entries.at(-2)).toContain('"text":"the end"')
  expect(JSON.parse(entries.at(-1)!)).toMatchObject({ end: 'stopped', moves: 5, lines: entries.length - 2 })
})

const replay = (...args: readonly string[]) =>
  spawnSync(process.execPath, ['src/outcry.mjs', 'replay', ...args], { encoding: 'utf8' })

test('a run is performed again from its journal, and prints the very same', () => {
  const journal = join(folder, 'again.jsonl')
  const before = run(journal)
  expect(replay(journal)).toMatchObject({ status: 0, stdout: before.stdout, stderr: '' })
  expect(replay(journal, '--data', 'aapl', '--json')).toMatchObject({ status: 0 })
  const other = replay(journal, '--data', 'sp500')
  expect(other).toMatchObject({ status: 2 })
  expect(other.stderr).toMatch(/^The data are not those.*\nNothing was performed\..*say --despite data\.\n$/)
  const despite = replay(journal, '--data', 'sp500', '--despite', 'data')
  expect(despite).toMatchObject({ status: 2 })
  expect(despite.stderr).toMatch(
    /^The data are not those.*\n.*again\.jsonl: Line 1: instruments are AAPL; expected/,
  )
  const cut = replay(journal, '--from', '2014-01-01', '--despite', 'data')
  expect(cut).toMatchObject({ status: 2 })
  expect(cut.stderr).toMatch(/^The data are not those.*\n.*again\.jsonl: Line 2: time is/)
  expect(replay(journal, '--despite', 'date').stderr).toMatch(/expected engine or data\. Did you mean data\?/)
})

test('of a market that makes itself and of two exchanges likewise', () => {
  const journal = join(folder, 'made.jsonl')
  const market = ['--data', 'synthetic', '--minutes', '2', '--agents', '60', '--seed', '5']
  const made = spawnSync(
    process.execPath,
    ['src/outcry.mjs', 'run', 'sample-strategies/market-maker.ts', ...market, '--journal', journal],
    { encoding: 'utf8' },
  )
  expect(replay(journal)).toMatchObject({ status: 0, stdout: made.stdout })
  expect(replay(journal, '--seed', '9')).toMatchObject({
    status: 2,
    stderr: expect.stringMatching(/^--seed says nothing of .*made\.jsonl: its market is made as the journal/),
  })
  const configuration = ['--config', 'sample-strategies/two-exchanges/run.json']
  const several = spawnSync(
    process.execPath,
    ['src/outcry.mjs', 'run', ...configuration, '--journal', journal],
    { encoding: 'utf8' },
  )
  expect(replay(journal, ...configuration)).toMatchObject({ status: 0, stdout: several.stdout })
  expect(replay(journal)).toMatchObject({
    status: 2,
    stderr: expect.stringContaining('give the configuration that has their data: --config FILE'),
  })
})

test('what is no journal, and one that was altered, is told with its line', () => {
  expect(replay(join(folder, 'nothing.jsonl'))).toMatchObject({
    status: 2,
    stderr: expect.stringContaining('There is no file'),
  })
  expect(replay('README.md').stderr).toMatch(/^README\.md: Line 1: .*; expected the head of a journal/)
  expect(replay('--dat', 'aapl').stderr).toContain('Did you mean --data?')
  const journal = join(folder, 'altered.jsonl')
  run(journal)
  const lines = readFileSync(journal, 'utf8').split('\n')
  const at = lines.findIndex((line) => line.includes('"event":"MY FILL"'))
  lines[at] = lines[at]!.replace(/"fee":[\d.]+/, '"fee":0')
  writeFileSync(journal, lines.join('\n'))
  expect(replay(journal)).toMatchObject({
    status: 2,
    stdout: '',
    stderr: expect.stringMatching(
      `altered.jsonl: Line ${at + 1}: fee is 0; expected [\\d.]+, what the run comes to`,
    ),
  })
})

test('data or an engine of another checksum or version are refused, and gone on with where that is said', () => {
  const journal = join(folder, 'other.jsonl')
  const before = run(journal)
  const lines = readFileSync(journal, 'utf8').split('\n')
  const altered = (change: (head: string) => string) => {
    writeFileSync(journal, [change(lines[0]!), ...lines.slice(1)].join('\n'))
  }
  altered((head) =>
    head.replace(/"sha256":"./, (found) => `${found.slice(0, -1)}${found.endsWith('0') ? 1 : 0}`),
  )
  const refused = replay(journal)
  expect(refused).toMatchObject({ status: 2, stdout: '' })
  expect(refused.stderr).toMatch(
    /^The data are not those that the journal was made with.*\nNothing was performed/,
  )
  expect(replay(journal, '--despite', 'engine')).toMatchObject({ status: 2, stdout: '' })
  expect(replay(journal, '--despite', 'data')).toMatchObject({ status: 0, stdout: before.stdout })
  altered((head) => head.replace('"engine":"0.', '"engine":"9.'))
  expect(replay(journal)).toMatchObject({ status: 2, stdout: '' })
  expect(replay(journal, '--despite', 'data', '--despite', 'engine')).toMatchObject({
    status: 0,
    stdout: before.stdout,
    stderr: expect.stringMatching(/^The journal was made by engine 9/),
  })
})

test('a journal that ends as one of a run that stopped or was ended is told by the exit code as well', () => {
  const journal = join(folder, 'ends.jsonl')
  run(journal)
  const text = readFileSync(journal, 'utf8')
  const ends = (end: string) => {
    writeFileSync(journal, text.replace('"end":"complete"', `"end":"${end}"`))
    return replay(journal)
  }
  expect(ends('stopped')).toMatchObject({
    status: 3,
    stderr: expect.stringContaining(
      'The journal says that the strategy failed and the run stopped after move',
    ),
  })
  expect(ends('cut')).toMatchObject({
    status: 2,
    stderr: expect.stringContaining('The run was ended from outside'),
  })
})

test('a run that is killed leaves a journal of what it did until then', async () => {
  const strategy = join(folder, 'hangs.ts')
  const code = `
    import { BarStrategy } from 'outcry'
    export default class Hangs extends BarStrategy {
      seen = 0
      async onBar({ target: { instrument } }) {
        if (++this.seen === 2) await this.buy(instrument, 1)
        while (this.seen === 700);
      }
    }`
  writeFileSync(strategy, code)
  const journal = join(folder, 'killed.jsonl')
  const child = spawn(
    process.execPath,
    ['src/outcry.mjs', 'run', strategy, '--data', 'aapl', '--journal', journal],
    { stdio: 'ignore' },
  )
  const ended = once(child, 'exit')
  const length = () => (existsSync(journal) ? readFileSync(journal, 'utf8').length : 0)
  await expect.poll(length, { timeout: 30_000 }).toBeGreaterThan(60_000)
  child.kill('SIGKILL')
  await ended
  const { status, stdout, stderr } = replay(journal)
  expect(status).toBe(2)
  const [, bars] = /AAPL: (\d+) bars/.exec(stdout)!
  expect(Number(bars)).toBeGreaterThan(600)
  expect(stderr).toContain('without its end line: the run was ended from outside, or the file was cut')
})
