import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'

let folder: string
const sample = readFileSync('sample-strategies/sma-crossover.ts', 'utf8')

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'outcry-config-'))
  writeFileSync(join(folder, 'cross.ts'), sample)
})
afterAll(() => rmSync(folder, { recursive: true }))

const cross = { file: 'cross.ts' }
const aapl = { kind: 'bundled', data: 'aapl' }

function outcry(...args: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, ['src/outcry.mjs', 'run', ...args], {
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  })
  return { status, stdout, stderr }
}

/** Runs a configuration with these fields. */
function run(fields: object, ...args: string[]) {
  const path = join(folder, 'run.json')
  writeFileSync(path, JSON.stringify({ configuration: 1, exchanges: [aapl], strategies: [cross], ...fields }))
  return outcry('--config', path, ...args)
}

interface Document {
  digest: string
  changed?: string[]
  inputs: object
  settings: Record<string, unknown>
  trades: readonly { readonly size: number }[]
  strategies?: { name: string; cash: number; fills: number; digest: string }[]
}

function document(fields: object, ...args: string[]): Document {
  const { status, stdout, stderr } = run(fields, '--json', ...args)
  expect([status, stderr]).toEqual([0, ''])
  return JSON.parse(stdout) as Document
}

const plain = (...args: string[]) =>
  (JSON.parse(outcry(join(folder, 'cross.ts'), '--json', ...args).stdout) as Document).digest

test('a configuration runs what the options of the command line would', () => {
  const { digest, changed } = document({
    costs: { slippage: 0.0005 },
    cash: 20_000,
    strategies: [{ ...cross, inputs: { fast: 8 } }],
  })
  expect(changed).toBeUndefined()
  expect(digest).toBe(plain('--data', 'aapl', '--slippage', '0.0005', '--cash', '20000', '--set', 'fast=8'))
})

test('options go before what the configuration says, and the output tells which did', () => {
  const { digest, changed, inputs } = document(
    { cash: 20_000, strategies: [{ ...cross, inputs: { fast: 8 } }] },
    ...['--cash', '15000', '--data', 'sp500', '--set', 'fast=9', '--limits', 'touch'],
  )
  expect(changed).toEqual([
    '--cash 15000 instead of 20000 in the configuration.',
    '--limits touch.',
    '--data sp500 instead of aapl in the configuration.',
    '--set fast=9 instead of 8 in the configuration.',
  ])
  expect(inputs).toEqual({ fast: 9, slow: 30, stake: 0.95 })
  expect(digest).toBe(plain('--data', 'sp500', '--cash', '15000', '--set', 'fast=9', '--limits', 'touch'))
  expect(run({}, '--cash', '15000').stdout).toMatch(/^Changed +--cash 15000 instead of 10000 in the conf/m)
})

test('code may stand in the configuration, and the class be another than the default', () => {
  const two = sample.replace('export default class', 'export class')
  const source = { files: { 'cross.ts': two }, entry: 'cross.ts' }
  const { digest } = document({ strategies: [{ source, class: 'SmaCrossover' }] })
  expect(digest).toBe(plain('--data', 'aapl'))
  const { status, stderr } = run({ strategies: [{ source, class: 'Other' }] })
  expect(status).toBe(2)
  expect(stderr).toContain(
    "configuration.strategies[0].class is 'Other', which cross.ts does not export; expected SmaCrossover.",
  )
  expect(document({ strategies: [{ ...cross, class: 'SmaCrossover' }] }).digest).toBe(digest)
})

test('several strategies on several exchanges run together, each with its part', () => {
  const { strategies, settings } = document({
    exchanges: [
      { ...aapl, name: 'nasdaq' },
      { kind: 'bundled', data: 'sp500' },
    ],
    strategies: [
      { ...cross, name: 'a', share: 0.25 },
      { ...cross, name: 'b', inputs: { slow: 60 } },
    ],
  })
  expect(settings['data']).toBe('nasdaq, sp500')
  expect(strategies!.map(({ name, cash }) => [name, cash])).toEqual([
    ['a', 2500],
    ['b', 7500],
  ])
  expect(strategies!.every(({ fills }) => fills > 10)).toBe(true)
})

test('a strategy does beside others what it does alone, its chance included', () => {
  const code = sample
    .replace('async onBar(', 'luck = Math.random()\n\n  async onBar(')
    .replace('this.stake)', 'this.stake * (0.4 + 0.3 * this.luck + 0.3 * Math.random()))')
  const source = { files: { 'lucky.ts': code }, entry: 'lucky.ts' }
  const lucky = { source, name: 'lucky' }
  const alone = document({ strategies: [lucky] }).digest
  const beside = document({ cash: 20_000, strategies: [{ ...cross, name: 'other' }, lucky] })
  expect(beside.strategies![1]!.digest).toBe(alone)
})

test('a range cuts the bars, the whole of its last day included', () => {
  const { stdout } = run({ range: { from: '2014-01-01', to: '2014-06-30' } })
  expect(stdout).toMatch(/^Data +AAPL: 124 bars, 2014-01-02 to 2014-06-30 UTC$/m)
  const { status, stderr } = run({ range: { from: '1990-01-01', to: '1990-12-31' } })
  expect([status, stderr]).toEqual([
    2,
    'configuration.range: AAPL daily has no bars between the two ends of the range.\n',
  ])
})

test('prices in a file lie beside the configuration, read as it says', () => {
  const rows = Array.from({ length: 60 }, (_, i) => {
    const day = new Date(Date.UTC(2020, 0, 1 + i)).toISOString().slice(0, 10)
    const price = (10_000 + Math.round(Math.sqrt(i) * 300) * (i % 7 > 3 ? 1 : -1)).toString()
    return `${day};${price};${price};${price};${price};100`
  })
  writeFileSync(join(folder, 'prices.csv'), `date;open;high;low;close;volume\n${rows.join('\n')}\n`)
  const file = { kind: 'file', file: 'prices.csv', symbol: 'ACME', scale: 100, delimiter: ';' }
  expect(run({ exchanges: [file] }).stdout).toMatch(/^Data +ACME: 60 bars, 2020-01-01 to 2020-02-29 UTC$/m)
  const view = { ...file, imported: `imported:${'0'.repeat(64)}+4h` }
  expect(run({ exchanges: [view] }).stderr).toContain(
    'configuration.exchanges[0].imported has 4h, which the page',
  )
  expect(run({ exchanges: [{ ...file, file: 'nothing.csv' }] }).stderr).toContain('nothing.csv')
})

test('what a file does not tell of its instruments is taken from the configuration', () => {
  const rows = Array.from({ length: 120 }, (_, i) => {
    const day = new Date(Date.UTC(2020, 0, 1 + i)).toISOString().slice(0, 10)
    const price = (100 + 20 * Math.abs((i % 40) / 20 - 1)).toFixed(2)
    return `${day},${price},${price},${price},${price},1000`
  })
  writeFileSync(join(folder, 'facts.csv'), `date,open,high,low,close,volume\n${rows.join('\n')}\n`)
  const file = { kind: 'file', file: 'facts.csv', symbol: 'ACME' }
  const sizes = (exchange: object) => {
    const { digest, trades } = document({
      exchanges: [exchange],
      strategies: [{ ...cross, inputs: { fast: 3, slow: 9 } }],
    })
    return { digest, sizes: trades.map(({ size }) => size) }
  }
  const plain = sizes(file)
  expect(plain.sizes.some((size) => !Number.isInteger(size))).toBe(true)
  const told = sizes({ ...file, instruments: [{ name: 'ACME', lot: 1, tick: 0.01, currency: 'EUR' }] })
  expect(told.sizes.length).toBeGreaterThan(2)
  expect(told.sizes.every((size) => Number.isInteger(size))).toBe(true)
  // Of one instrument the name is what it is to be called.
  expect(sizes({ ...file, instruments: [{ name: 'Other', lot: 1, tick: 0.01 }] }).digest).toBe(told.digest)
  expect(sizes({ ...file, instruments: [{ name: 'ACME' }], stamped: 'open' }).digest).toBe(plain.digest)
  expect(run({ exchanges: [{ ...file, instruments: [{ name: 'A', zone: 'Mars/North' }] }] }).stderr).toBe(
    `${join(folder, 'run.json')}: configuration.exchanges[0].instruments[0].zone is 'Mars/North'; expected a time zone such as America/New_York.\n`,
  )
  const two = { ...file, instruments: [{ name: 'ACME' }, { name: 'B' }] }
  expect(run({ exchanges: [two] }).stderr).toBe(
    "configuration.exchanges[0].instruments[1].name is 'B'; expected an instrument of the file: ACME.\n",
  )
})

test('recorded orders and a made market can be two exchanges of one run', () => {
  const order = (id: number, time: number, side: string, price: number) =>
    JSON.stringify({ op: 'add', id, side, type: 'limit', price, quantity: 5, time })
  writeFileSync(
    join(folder, 'orders.jsonl'),
    [
      JSON.stringify({ op: 'book', symbol: 'REC', tick: 0.01, lot: 1, time: 1_704_205_800_000 }),
      ...Array.from({ length: 40 }, (_, i) =>
        order(i + 1, 1_704_205_800_000 + i * 1000, i % 2 ? 'buy' : 'sell', i % 2 ? 100.02 : 100),
      ),
    ].join('\n'),
  )
  const recorded = { kind: 'recorded', file: 'orders.jsonl', barSeconds: 5, latency: 500 }
  const made = { kind: 'synthetic', market: { preset: 'thin', seconds: 60, seed: 4 } }
  const { status, stdout, stderr } = run({ exchanges: [recorded, made] })
  expect([status, stderr]).toEqual([0, ''])
  expect(stdout).toMatch(/^Fills +orders\.jsonl: among recorded orders/m)
  expect(stdout).toMatch(/^ +synthetic: on the order book, after a delay each way$/m)
})

test('a failure names the strategy that failed and its line', () => {
  const code = sample.replace(
    'async onBar(',
    "onStart() {\n    throw new Error('enough')\n  }\n\n  async onBar(",
  )
  writeFileSync(join(folder, 'throws.ts'), code)
  const { status, stderr } = run({ strategies: [cross, { file: 'throws.ts' }] })
  expect(status).toBe(3)
  expect(stderr).toMatch(/throws\.ts:\d+:\d+: Error: enough\n.*throw new Error\('enough'\)/)
})

test('what is wrong is told with the file and the path, all at once', () => {
  const { status, stdout, stderr } = run({ cash: -1, exchanges: [{ ...aapl, data: 'AAPL' }] })
  expect([status, stdout]).toEqual([2, ''])
  expect(stderr.trimEnd().split('\n')).toEqual([
    expect.stringMatching(/run\.json: configuration\.cash is -1; expected a number from 1 to/),
    expect.stringMatching(/run\.json: configuration\.exchanges\[0\]\.data is 'AAPL'; expected/),
  ])
})

test('a venue that there is no way to and inputs that a strategy does not have are told with their paths', () => {
  const live = run({ tradingType: 'LIVE', strategies: [{ ...cross, file: 'gone.ts', share: 2 }] })
  expect(live).toMatchObject({ status: 2, stdout: '' })
  expect(live.stderr.trimEnd().split('\n')).toEqual([
    expect.stringMatching(/strategies\[0\]\.share is 2; expected a number above 0 and at most 1/),
    expect.stringMatching(/run\.json: configuration\.tradingType is 'LIVE'; expected 'BACKTEST', or/),
    expect.stringMatching(/run\.json: configuration\.strategies\[0\]\.file is 'gone\.ts'; expected a file/),
  ])
  const inputs = run({
    strategies: [
      { ...cross, name: 'a', inputs: { fsat: 3, fast: 0.5 } },
      { ...cross, name: 'b', inputs: { slow: 'x' } },
    ],
  })
  expect(inputs).toMatchObject({ status: 2, stdout: '' })
  expect(inputs.stderr.trimEnd().split('\n')).toEqual([
    expect.stringMatching(
      /run\.json: configuration\.strategies\[0\]\.inputs\.fsat is there.*Did you mean fast\?/,
    ),
    expect.stringMatching(
      /run\.json: configuration\.strategies\[0\]\.inputs: Input 'fast' is 0\.5; expected/,
    ),
    expect.stringMatching(
      /run\.json: configuration\.strategies\[1\]\.inputs: Input 'slow' is "x"; expected a number/,
    ),
  ])
})

test('files that are not there are told with all else that is wrong, unless the command line has something in their place', () => {
  const exchanges = [
    { kind: 'file', file: 'gone.csv' },
    { ...aapl, kind: 'bundeld' },
  ]
  const strategies = [{ file: 'gone' }, { file: '.' }, { file: 'cross' }, { file: 'cross.ts/in' }]
  const { status, stderr } = run({ exchanges, strategies })
  const at = (name: string) => join(folder, name)
  const wrong = `${at('run.json')}: configuration`
  expect(status).toBe(2)
  expect(stderr.trimEnd().split('\n')).toEqual([
    expect.stringContaining(`${wrong}.exchanges[1].kind is 'bundeld'; expected an exchange`),
    `${wrong}.exchanges[0].file is 'gone.csv'; expected a file: ${at('gone.csv')} is not there.`,
    `${wrong}.strategies[0].file is 'gone'; expected a file: ${at('gone')} is not there.`,
    `${wrong}.strategies[1].file is '.'; expected a file: ${folder} is a folder.`,
    `${wrong}.strategies[2].file is 'cross'; expected a file: ${at('cross')} is not there, but cross.ts is.`,
    `${wrong}.strategies[3].file is 'cross.ts/in'; expected a file: ${at('cross.ts/in')} is not there.`,
  ])
  expect(run({ exchanges: exchanges.slice(0, 1) }, '--data', 'aapl').status).toBe(0)
})

test('what a file of prices leaves open is answered in the configuration, and each exchange says its own', () => {
  writeFileSync(join(folder, 'twice.csv'), 'date,close\n2020-03-02,5\n2020-03-02,6\n')
  writeFileSync(join(folder, 'days.csv'), 'date,close\n01/02/2020,5\n02/02/2020,6\n')
  const files = ['twice.csv', 'days.csv'].map((file) => ({ kind: 'file', file, symbol: 'A' }))
  const { status, stderr } = run({ exchanges: files })
  expect(status).toBe(2)
  expect(stderr).toContain(
    'say "repair": ["keep-first"] in configuration.exchanges[0] or "repair": ["keep-last"] in configuration.exchanges[0].',
  )
  expect(stderr).toMatch(/Say it with "dateOrder": "[dm]{2}y" in configuration\.exchanges\[1\]/)
  expect(stderr).not.toContain('--')
})

test.each<readonly [string, readonly string[], string]>([
  [
    'an option of data without data',
    ['--symbol', 'ACME'],
    '--symbol is about data, and the configuration has',
  ],
  ['an option that there is not', ['--cahs', '1'], 'There is no option --cahs. Did you mean --cash?'],
  ['a value that cannot be', ['--cash', 'much'], "--cash is 'much'; expected an amount above zero"],
])('%s is refused', (_, args, expected) => {
  const { status, stderr } = run({}, ...args)
  expect(status).toBe(2)
  expect(stderr).toContain(expected)
})

test('an input of several strategies has no place on the command line', () => {
  const { status, stderr } = run({ strategies: [cross, cross] }, '--set', 'fast=3')
  expect(status).toBe(2)
  expect(stderr).toContain('--set does not say which of the 2 strategies it is for')
})

test('outcry config lists every field with its bounds and its default', () => {
  const { stdout } = spawnSync(process.execPath, ['src/outcry.mjs', 'config'], { encoding: 'utf8' })
  expect(stdout).toContain('\ncash (10000)\n    a number from 1 to 1,000,000,000,000\n')
  expect(stdout).toContain('\nrisk.perStrategy.maxDrawdown\n    a number from 0 to 1\n')
})

test('strategies of one class are told apart in the report, the document and the log', () => {
  const shouting = sample.replace(
    'async onBar(',
    "onStart() {\n    this.log('begins')\n  }\n\n  async onBar(",
  )
  writeFileSync(join(folder, 'shout.ts'), shouting)
  const strategies = [
    { file: 'shout.ts', inputs: { fast: 5 } },
    { file: 'shout.ts', inputs: { fast: 8 } },
    { file: 'cross.ts' },
  ]
  const names = [
    'SmaCrossover (shout.ts, fast 5)',
    'SmaCrossover (shout.ts, fast 8)',
    'SmaCrossover (cross.ts)',
  ]
  const { stdout, stderr } = run({ strategies })
  for (const name of names) expect(stdout.split(name).length).toBeGreaterThan(3)
  expect(stderr).toContain(`info ${names[0]}: begins`)
  expect(stderr).toContain(`info ${names[1]}: begins`)
  const found = JSON.parse(run({ strategies }, '--json').stdout) as Omit<Document, 'trades'> & {
    readonly trades: readonly { readonly strategy: string }[]
  }
  expect(found.strategies!.map(({ name }) => name)).toEqual(names)
  expect(new Set(found.trades.map(({ strategy }) => strategy))).toEqual(new Set(names))
})

test('a class that a file does not export is told by the configuration that asks for it', () => {
  writeFileSync(join(folder, 'all.ts'), "export * from './cross.ts'\n")
  writeFileSync(join(folder, 'none.ts'), '/* export class Nope */\nclass Nope {}\n')
  for (const file of ['all.ts', 'none.ts']) {
    const { stderr, status } = run({ strategies: [{ file, class: 'Nope' }] })
    expect(stderr).toMatch(new RegExp(`strategies\\[0\\]\\.class is 'Nope', which ${file} does not export`))
    expect(stderr).not.toContain('main-class')
    expect(status).toBe(2)
  }
})
