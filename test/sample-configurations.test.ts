import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'

const folder = 'sample-strategies'
const samples = readdirSync(folder, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name)

/** What every sample that is a configuration comes to: of each strategy its fills, and the beginning of the digest. */
const recorded: Record<string, string> = {
  'two-exchanges': 'rotation 78, hold 2 5291726c8b1a',
}

interface Document {
  digest: string
  strategies: { name: string; fills: number }[]
}

interface Entry {
  event: string
  strategy?: number
  handler?: string
  instrument?: string
  type?: string
  code?: string
}

/** Runs a configuration, and gives what it printed and what it wrote to its journal. */
function run(name: string) {
  const place = mkdtempSync(join(tmpdir(), 'outcry-sample-'))
  try {
    const journal = join(place, 'journal.jsonl')
    const path = join(folder, name, 'run.json')
    const { status, stdout } = spawnSync(
      process.execPath,
      ['src/outcry.mjs', 'run', '--config', path, '--json', '--journal', journal],
      { encoding: 'utf8', maxBuffer: 1 << 28 },
    )
    expect(status).toBe(0)
    // Writing it made the run again without the strategies' code, and would have failed had it come to something else.
    const lines = readFileSync(journal, 'utf8').trimEnd().split('\n')
    return {
      document: JSON.parse(stdout) as Document,
      entries: lines.map((line) => JSON.parse(line) as Entry),
    }
  } finally {
    rmSync(place, { recursive: true })
  }
}

test.each(samples)('the configuration %s does what is recorded of it', (name) => {
  const { document } = run(name)
  const parts = document.strategies.map(({ name, fills }) => `${name} ${fills}`).join(', ')
  expect(`${parts} ${document.digest.slice(0, 12)}`).toBe(recorded[name])
})

test('the rotation sends brackets from a timer to both exchanges, and the rules cut orders short', () => {
  const { entries } = run('two-exchanges')
  const sent = entries.filter(({ event, strategy }) => event === 'NEW ORDER' && strategy === 0)
  for (const instrument of ['AAPL', 'SPX'])
    for (const type of ['MARKET', 'STOP', 'LIMIT'])
      expect(sent.some((order) => order.instrument === instrument && order.type === type)).toBe(true)
  expect(sent.some(({ handler }) => handler === 'scheduled job')).toBe(true)
  expect(entries.some(({ code }) => code === 'SHARE_OF_FUNDS')).toBe(true)
})
