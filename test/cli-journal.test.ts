import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
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
