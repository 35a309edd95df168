import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { bundledData } from '#data'
import { random } from '#market'
import { handWritten, workload } from './bench/workload.ts'
import SmaCrossover from '../sample-strategies/sma-crossover.ts'
import { run } from './market.ts'

const sample = 'sample-strategies/sma-crossover.ts'
let folder: string

/** Puts a file into the folder of the test and gives its path. */
function file(name: string, content: string): string {
  const path = join(folder, name)
  mkdirSync(join(path, '..'), { recursive: true })
  writeFileSync(path, content)
  return path
}

/** Runs a command line and gives what came of it. */
function outcry(...args: string[]) {
  return shell(process.execPath, 'src/outcry.mjs', ...args)
}

function shell(command: string, ...args: string[]) {
  const { status, stdout, stderr } = spawnSync(command, args, { encoding: 'utf8', maxBuffer: 1 << 28 })
  return { status, stdout, stderr }
}

interface Document {
  engine: string
  inputs: Record<string, unknown>
  digest: string
  metrics: Record<string, number | null>
  trades: Record<string, unknown>[]
  equity: { time: number[]; value: number[] }
}

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'outcry-test-'))
})
afterAll(() => rmSync(folder, { recursive: true }))

const onBar = (body: string, top = '') => `import { BarStrategy, type BarEvent, type Bar } from 'outcry'
${top}
export default class Mine extends BarStrategy {
  onBar({ target: bar }: BarEvent) {
    ${body}
  }
}
`

test('a condition that no refusal makes false is warned of, and the run goes on', () => {
  const path = file(
    'hopeful.ts',
    onBar('')
      .replace('onBar(', 'async onBar(')
      .replace('    \n', '    if (await this.buy(bar.instrument, 1)) this.log(1)\n'),
  )
  const { status, stderr } = outcry('run', path, '--data', 'aapl')
  expect(status).toBe(0)
  expect(stderr).toContain(
    `${path}:5:9: warning: An answer is an object, so this is true for refused orders too. Test its .accepted.`,
  )
})

test('a run prints a report that states its verdict, data, costs, fill rule and digest', () => {
  const { status, stdout, stderr } = outcry('run', sample, '--data', 'aapl', '--slippage', '0.0005')
  expect([status, stderr]).toEqual([0, ''])
  for (const part of [
    /^sma-crossover\.ts on AAPL daily\n\n(Loses to|Beats) buy and hold by \d+ points after costs: it gained/,
    /^Return +[\d.]+ % +190\.\d %$/m,
    /^Closed trades +26 +26 +0$/m,
    /^Data +AAPL: 1,260 bars, 2013-05-13 to 2018-05-11 UTC$/m,
    /^Costs +commission 0\.1 %, slippage 0\.05 % of each fill$/m,
    /^Fills +market orders fill at the next bar's open$/m,
    /^Inputs +fast 10, slow 30, stake 0\.95$/m,
    /^Digest +[0-9a-f]{64}$/m,
  ])
    expect(stdout).toMatch(part)
})

test('no text of an input turns the writing of --json round', () => {
  const path = file(
    'note.ts',
    `import { BarStrategy } from 'outcry'
export default class Note extends BarStrategy {
  note = this.input('note', 'plain')
}
`,
  )
  const { stdout } = outcry('run', path, '--data=aapl', '--json', '--set', 'note=a\u202eb')
  expect(stdout).not.toContain('\u202e')
  expect((JSON.parse(stdout) as Document).inputs).toEqual({ note: 'a\u202eb' })
})

test('a run through the shell is the run of the engine, bit for bit', async () => {
  const document = JSON.parse(
    outcry('run', sample, '--data=aapl', '--json', '--set', 'fast=5', '--set', 'slow=20').stdout,
  ) as Document
  const record = await run({
    strategy: SmaCrossover,
    data: await bundledData('aapl', async (path) => new Uint8Array(readFileSync(`node_modules/${path}`))),
    settings: {
      cash: 10_000,
      costs: { commission: 0.001, slippage: 0 },
      fill: 'next-open',
      seed: 1,
      leverage: 1,
      inputs: { fast: 5, slow: 20 },
    },
  })
  expect(document.digest).toBe(record.digest)
  expect([document.engine, document.inputs]).toEqual([record.engine, { fast: 5, slow: 20, stake: 0.95 }])
  expect(document.equity.value).toEqual([...record.equity.value])
  expect(document.equity.time[0]).toBe(Date.UTC(2013, 4, 13))
  expect(document.metrics.finalEquity).toBe(record.equity.value.at(-1))
  const closed = document.trades.filter(({ exitTime }) => exitTime !== null)
  expect(document.metrics.trades).toBe(closed.length)
  expect(Object.keys(document.trades[0]!)).toEqual([
    'instrument',
    'side',
    'size',
    'entryTime',
    'exitTime',
    'entryPrice',
    'exitPrice',
    'pnl',
    'fees',
  ])
  expect(document.trades[0]).toMatchObject({ instrument: 'AAPL', side: 'long' })
})

test('prices come from a file, and the crossover of the shared workload comes to its published figures', () => {
  const bars = workload(10_000)
  const lines = Array.from(bars.time, (time, row) =>
    [
      new Date(time / 1000).toISOString(),
      ...[bars.open, bars.high, bars.low, bars.close, bars.volume].map((column) => column[row]),
    ].join(','),
  )
  const data = file('minutes.csv', `timestamp,open,high,low,close,volume\n${lines.join('\n')}\n`)
  const strategy = file(
    'crossover.ts',
    `import { BarStrategy, type BarEvent, sma } from 'outcry'
export default class Crossover extends BarStrategy {
  fast = this.indicator(sma(10))
  slow = this.indicator(sma(20))
  async onBar({ target: bar }: BarEvent) {
    const { size } = this.position(bar.instrument)
    if (this.fast.value > this.slow.value && size === 0) await this.buy(bar.instrument, 1)
    if (this.fast.value < this.slow.value && size > 0) await this.sell(bar.instrument, size)
  }
}`,
  )
  const args = ['--data', data, '--symbol', 'W', '--cash', '1000000', '--commission', '0.002', '--json']
  const { metrics, equity, trades } = JSON.parse(outcry('run', strategy, ...args).stdout) as Document
  expect(metrics.trades).toBe(261)
  expect(metrics.finalEquity).toBeCloseTo(999890.684969, 6)
  expect(equity.value).toEqual([...handWritten(bars, 1_000_000, 0.002).equity])
  expect(trades[0]!.instrument).toBe('W')
})

test('figures that are undefined are null in the document', () => {
  const { metrics, trades } = JSON.parse(
    outcry('run', file('idle.ts', onBar('')), '--data', 'aapl', '--json').stdout,
  ) as Document
  expect([metrics.trades, metrics.winRate, metrics.sharpe, metrics.profitFactor]).toEqual([
    0,
    null,
    null,
    null,
  ])
  expect(trades).toEqual([])
})

test('a strategy has the clock, chance and names of the browser, and its words go to the error stream', () => {
  const body = `if (bar.time > Date.UTC(2013, 4, 14)) return
    const names = [typeof fetch, typeof setTimeout, typeof process, typeof eval, typeof WebAssembly]
    console.warn(new Date().toISOString(), new Date().getHours(), [...new Set(names)])
    this.log('tick')
    this.log('tick')
    console.log(Math.random())`
  const strategy = file('clock.ts', onBar(body))
  const say = (...args: string[]) => outcry('run', strategy, '--data', 'aapl', '--json', ...args)
  const first = say()
  expect(JSON.parse(first.stdout)).toHaveProperty('digest')
  const lines = first.stderr.split('\n')
  expect(lines[0]).toBe("2013-05-13 warn 2013-05-13T00:00:00.000Z 0 ['undefined']")
  expect(lines[1]).toBe('2013-05-13 info tick (2 times)')
  expect(lines[2]).toMatch(/^2013-05-13 info 0\.\d+$/)
  expect(lines[3]).toBe("2013-05-14 warn 2013-05-14T00:00:00.000Z 0 ['undefined']")
  expect(say().stderr).toBe(first.stderr)
  expect(say('--seed', '2').stderr).not.toBe(first.stderr)
})

test('what a program does while it is read is over before its run begins, as in a browser, and leaves its chance alone', () => {
  const path = file(
    'early.ts',
    `import { BarStrategy } from 'outcry'
    let early = Math.random()
    void Promise.resolve().then(() => (early = -early))
    export default class extends BarStrategy {
      made = early
      count = 0
      constructor() {
        super()
        void (async () => {
          for (let i = 0; i < 30; i++) await null
          this.count = 30
        })()
      }
      onStart() {
        this.log(this.made === early && this.made < 0, this.count, Math.random())
      }
      onBar() {}
    }`,
  )
  const said = (seed: string) => outcry('run', path, '--data', 'aapl', '--json', '--seed', seed).stderr
  const chance = new RegExp(`^start info true 30 ${String(random(7).next()).replace('.', '\\.')}$`, 'm')
  expect(said('7')).toMatch(chance)
})

test('a syntax error is told by file, line and column, with the line', () => {
  const path = file('syntax.ts', onBar('const x = ;'))
  const { status, stdout, stderr } = outcry('run', path, '--data', 'aapl')
  expect([status, stdout]).toEqual([3, ''])
  expect(stderr).toContain(`${path}:5:15: Unexpected ";"`)
  expect(stderr).toContain('  5 |     const x = ;\n    |               ^')
})

test('a handler that waits for what never comes fails the run, and says since when it waits', () => {
  const strategy = file('waits.ts', onBar('return new Promise<void>(() => {})'))
  const { status, stdout, stderr } = outcry('run', strategy, '--data', 'aapl')
  expect([status, stdout]).toEqual([3, ''])
  expect(stderr).toBe(
    'The strategy waits for a promise that nothing will ever fulfil, at bar 1, 2013-05-13.\n',
  )
})

test('a name that only other programs have is told with what stands for it', () => {
  const path = file('timer.ts', onBar('setTimeout(() => {}, 10)'))
  const { status, stderr } = outcry('run', path, '--data', 'aapl')
  expect(status).toBe(3)
  expect(stderr).toContain(
    "ReferenceError: setTimeout is not defined. A strategy runs on the engine's clock: use this.every or this.at.",
  )
})

test('risk rules come from a file, stand in the report, and a file that is none is refused by field', () => {
  const path = join(folder, 'risk.json')
  writeFileSync(path, '{"maxShareOfFunds": 0.5, "maxDrawdown": 0.05}')
  const { status, stdout, stderr } = outcry('run', sample, '--data', 'aapl', '--risk', path)
  expect([status, stderr]).toEqual([0, ''])
  expect(stdout).toMatch(/^Risk +maxShareOfFunds 0.5, maxDrawdown 0.05$/m)
  expect(stdout).toMatch(
    /orders? (was|were) cut short, trading was halted; the first: Buying \d+ AAPL would bring/,
  )
  expect(stdout).toMatch(/^\d{4}-\d\d-\d\d  Halted: all is being closed\. The equity fell from/m)
  expect(stdout).toMatch(/^\d{4}-\d\d-\d\d  Nothing is left: no order works and no position is held\.$/m)
  const { settings, refusals } = JSON.parse(
    outcry('run', sample, '--data', 'aapl', '--risk', path, '--json').stdout,
  ) as { settings: object; refusals: { kind: string; code: string; time: number; order?: number }[] }
  expect(settings).toMatchObject({ risk: { maxShareOfFunds: 0.5, maxDrawdown: 0.05 } })
  expect(refusals[0]).toMatchObject({ kind: 'clip', code: 'SHARE_OF_FUNDS', order: 1 })
  expect(refusals.filter(({ kind }) => kind === 'state').map(({ code }) => code)).toEqual([
    'DRAWDOWN',
    'DRAWDOWN',
  ])
  writeFileSync(path, '{"maxDrawdown": 0.1, "maxDrawdown": 0.9}')
  expect(outcry('run', sample, '--data', 'aapl', '--risk', path)).toMatchObject({
    status: 2,
    stderr: expect.stringMatching(/risk\.maxDrawdown is there twice/),
  })
  writeFileSync(path, '{"maxDrawdown": 5, "maxFun": 1}')
  const refused = outcry('run', sample, '--data', 'aapl', '--risk', path)
  expect(refused.status).toBe(2)
  expect(refused.stderr).toContain('risk.maxDrawdown is 5; expected a number from 0 to 1.')
  expect(refused.stderr).toContain('risk.maxFun is there; expected no field of this name')
})

test('orders that were cut to what the account could carry are told apart from those that were refused', () => {
  const prices = file(
    'gap.csv',
    'date,open,high,low,close\n2020-01-01,10,10,10,10\n2020-01-02,10.5,10.5,10.5,10.5\n2020-01-03,10.5,10.5,10.5,10.5\n',
  )
  const path = file(
    'cut.ts',
    onBar(
      `return this.newOrder({ instrument: bar.instrument, side: Side.BUY, volume: 990 })`,
      `import { Side } from 'outcry'`,
    ),
  )
  const { stdout } = outcry('run', path, '--data', prices)
  expect(stdout).toMatch(
    /^2 orders were refused, 1 order was cut short; the first: At 10\.5 the account could carry 951\.\d+ of 990 GAP; the rest was taken back\.$/m,
  )
})

test('an error in a handler is told by the line of the author, the bar and its time', () => {
  file(
    'lib/level.ts',
    `import type { Bar } from 'outcry'\n\nexport const level = (bar?: Bar) => bar!.close\n`,
  )
  const path = file(
    'throws.ts',
    onBar(`if (bar.time > Date.UTC(2013, 5, 24)) level()`, `import { level } from './lib/level'`),
  )
  const { status, stderr } = outcry('run', path, '--data', 'aapl')
  expect(status).toBe(3)
  expect(stderr).toContain(`${join(folder, 'lib/level.ts')}:3:`)
  expect(stderr).toContain('TypeError: Cannot read properties of undefined')
  expect(stderr).toContain('  3 | export const level = ')
  expect(stderr).toContain('in onBar, at bar 31 of 1,260, 2013-06-25')
})

test('an error in a promise that nobody awaits fails the run', () => {
  const path = file('promise.ts', onBar(`void Promise.reject(new Error('lost'))`))
  const { status, stderr } = outcry('run', path, '--data', 'aapl')
  expect(status).toBe(3)
  expect(stderr).toContain(`${path}:5:`)
  expect(stderr).toContain('Error: lost')
  // It is looked at from the next rest but one on, as in a browser, which knows of it later.
  expect(stderr).toContain('in a promise that nobody awaits, at bar 2 of 1,260')
})

test('what is thrown and is no error is told by the line where its handler begins', () => {
  const path = file('thrown.ts', onBar(`if (bar.close > 0) throw 'early'`))
  const { status, stderr } = outcry('run', path, '--data', 'aapl')
  expect(status).toBe(3)
  expect(stderr).toContain(`${path}:4:`)
  expect(stderr).toContain('Error: Thrown: early')
  expect(stderr).toContain('in onBar, which begins there, at bar 1 of 1,260')
})

test('a file that exports no strategy, or is empty, is told so', () => {
  for (const content of ['export const x = 1\n', ''])
    expect(outcry('run', file('none.ts', content), '--data', 'aapl')).toMatchObject({
      status: 3,
      stderr: expect.stringContaining('export default class MyStrategy extends BarStrategy') as string,
    })
})

test('every problem of a file of prices is told by its line, and nothing runs', () => {
  const path = file('bad.csv', 'date,open,high,low,close\n2020-01-01,1,2,1,2\n2020-01-01,1,0.5,1,2\n')
  const { status, stdout, stderr } = outcry('run', sample, '--data', path)
  expect([status, stdout]).toEqual([2, ''])
  expect(stderr).toContain(`${path}: bar 2 of BAD, 2020-01-01: high 0.5 is below low 1.`)
  expect(stderr).toContain(`${path}: bar 2 of BAD, 2020-01-01: another bar of the same time`)
  expect(stderr).toContain('say --repair keep-first or --repair keep-last.')
})

test('a file that leaves its time zone open runs in UTC and says so, until it is told', () => {
  const rows = Array.from({ length: 120 }, (_, i) => {
    const clock = `${String(9 + Math.floor((30 + i) / 60)).padStart(2, '0')}:${String((30 + i) % 60).padStart(2, '0')}`
    return `2021-02-19 ${clock},1,2,1,2,5`
  })
  const path = file('naive.csv', `date,open,high,low,close,volume\n${rows.join('\n')}\n`)
  const untold = outcry('run', sample, '--data', path)
  expect(untold.status).toBe(0)
  expect(untold.stdout).toContain('Its times carry no zone and were read as UTC; --zone says otherwise.')
  const asked = outcry('import', path)
  expect(asked.stdout).toContain('It looks like America/New_York: the bars lie between 9:30 and 16:00.')
  const { status, stdout } = outcry('run', sample, '--data', path, '--zone', 'America/New_York', '--json')
  expect(status).toBe(0)
  expect((JSON.parse(stdout) as Document).equity.time[0]).toBe(Date.UTC(2021, 1, 19, 14, 30))
})

test('rows that are not in order are refused by line, unless the user says to sort them', () => {
  const rows = ['2020-01-02', '2020-01-06', '2020-01-03', '2020-01-07', '2020-01-08'].map(
    (day) => `${day},10,11,9,10.5,100`,
  )
  const path = file('mixed.csv', `date,open,high,low,close,volume\n${rows.join('\n')}\n`)
  const refused = outcry('run', sample, '--data', path)
  expect(refused.status).toBe(2)
  expect(refused.stderr).toContain('mixed.csv:4: The time 2020-01-03 lies before that of line 3')
  const { status, stdout } = outcry('run', sample, '--data', path, '--repair', 'sort', '--json')
  expect(status).toBe(0)
  expect((JSON.parse(stdout) as Document).equity.time[1]).toBe(Date.UTC(2020, 0, 3))
})

test('a file that runs from newest to oldest is read from its end, and the report says so', () => {
  const rows = ['2020-01-06', '2020-01-03', '2020-01-02'].map((day) => `${day},10,11,9,10.5,100`)
  const path = file('newest.csv', `date,open,high,low,close,volume\n${rows.join('\n')}\n`)
  const { status, stdout } = outcry('run', sample, '--data', path)
  expect(status).toBe(0)
  expect(stdout).toContain('Its rows run from newest to oldest and were read from the end.')
})

test('a file of trades runs on the bars that are said, and is refused without', () => {
  const rows = Array.from(
    { length: 100 },
    (_, row) => `${1_700_000_000_000 + row * 3000 + ((row * 791) % 2000)},${100 + (row % 9)},2,buy`,
  )
  const path = file('trades.csv', `time,price,size,side\n${rows.join('\n')}\n`)
  const refused = outcry('run', sample, '--data', path)
  expect([refused.status, refused.stderr]).toEqual([
    2,
    expect.stringContaining('These are single trades; say which bars they are made to, such as --bars 1m'),
  ])
  const { status, stdout } = outcry('run', sample, '--data', path, '--bars', 'ticks-10')
  expect([status, stdout]).toEqual([0, expect.stringContaining('They were made to 10 bars by ticks-10.')])
  expect(outcry('run', sample, '--data', path, '--bars', 'ten').stderr).toContain(
    "--bars is 'ten'; expected 5m",
  )
})

test('slots in which nothing traded are filled only when it is said, and their bars say that they are not real', () => {
  const rows = [2, 3, 5, 8, 9].map((day) => `2024-01-0${day},10,11,9,10.5,100`)
  const path = file('gap.csv', `date,open,high,low,close,volume\n${rows.join('\n')}\n`)
  const code = file('real.ts', onBar('console.log(new Date(bar.time).getUTCDate(), bar.real)'))
  expect(outcry('run', code, '--data', path).stderr).not.toContain('false')
  const { stdout, stderr } = outcry('run', code, '--data', path, '--repair', 'fill-gaps')
  expect(stderr.match(/\d+ (true|false)/g)).toEqual([
    '2 true',
    '3 true',
    '4 false',
    '5 true',
    '8 true',
    '9 true',
  ])
  expect(stdout).toContain('1 slot in which nothing traded has a bar that is not real.')
})

test('what a file is and what is odd about it is told in words, and as one document of exactly its keys', () => {
  const path = file(
    'spy.csv',
    'Date;Open;High;Low;Close;Volume\n03.01.2023;384,37;386,43;377,83;380,82;74.850.700\n04.01.2023;383,18;385,88;380,00;383,76;85.934.100\n04.01.2023;383,18;385,88;380,00;383,76;85.934.100\n06.01.2023;-;388,25;379,41;388,08;104.189.600\n09.01.2023;390,37;393,70;387,67;387,86;73.978.100\n',
  )
  const { status, stdout } = outcry('import', path)
  expect(status).toBe(0)
  expect(stdout).toMatch(
    /^spy\.csv: 4 daily bars of SPY, 3 to 9 January 2023, days of the calendar, 1 gap, 1 duplicate\n/,
  )
  expect(stdout).toContain('decimal comma, thousands marked by points')
  expect(stdout).toContain(`${path}:5: The open is '-': the source has no price there.`)
  const document = JSON.parse(outcry('import', path, '--json', '--symbol', 'SPY').stdout) as Record<
    string,
    unknown
  >
  expect(Object.keys(document)).toEqual(['format', 'instruments', 'skipped', 'quality', 'questions'])
  expect(document.instruments).toEqual([
    {
      symbol: 'SPY',
      rows: 4,
      interval: '1d',
      zone: null,
      first: {
        t: Date.UTC(2023, 0, 3),
        open: 384.37,
        high: 386.43,
        low: 377.83,
        close: 380.82,
        volume: 74850700,
      },
      last: {
        t: Date.UTC(2023, 0, 9),
        open: 390.37,
        high: 393.7,
        low: 387.67,
        close: 387.86,
        volume: 73978100,
      },
    },
  ])
  expect(document.skipped).toEqual([{ line: 5, reason: "The open is '-': the source has no price there." }])
  expect(outcry('import', file('soup.csv', '\x00\x01\x02'))).toMatchObject({ status: 2, stdout: '' })
})

test.each([
  [[], 'A command is missing.'],
  [['rnu'], "There is no command 'rnu'. Did you mean run?"],
  [['run'], 'The strategy is missing'],
  [['run', sample], '--data is missing'],
  [['run', sample, '--data'], '--data needs a value'],
  [['run', sample, '--dta', 'aapl'], 'There is no option --dta. Did you mean --data?'],
  [['run', sample, '--data', 'appl'], 'Did you mean aapl?'],
  [['run', sample, '--data', 'aapl', '--repair', 'keep-frist'], 'Did you mean keep-first?'],
  [['import'], 'The file is missing'],
  [['import', 'package.json', '--date-order', 'dym'], "--date-order is 'dym'; expected dmy, mdy, ymd."],
  [
    ['run', 'sample-strategies/sma-crossover', '--data', 'aapl'],
    'Did you mean sample-strategies/sma-crossover.ts?',
  ],
  [['run', sample, '--data', 'aapl', '--cash', 'much'], "--cash is 'much'; expected an amount above zero"],
  [['run', sample, '--data', 'aapl', '--commission', '1'], "--commission is '1'; expected a fraction"],
  [['run', sample, '--data', 'aapl', '--fill', 'next-opne'], 'Did you mean next-open?'],
  [
    ['run', sample, '--data', 'aapl', '--symbol', 'MSFT'],
    "--data aapl has no instrument 'MSFT'; it has AAPL.",
  ],
  [
    ['run', sample, '--data', 'aapl', '--set', 'fats=5'],
    "no input 'fats'; it has fast, slow, stake. Did you mean fast?",
  ],
  [['run', sample, '--data', 'aapl', '--set', 'fast=500'], "Input 'fast' is 500; expected at most 50"],
  [['run', sample, '--data', 'aapl', '--set', 'fast=x'], 'expected a number'],
])('%j is refused with what is wrong and the likely mend', (args, message) => {
  const { status, stdout, stderr } = outcry(...args)
  expect([status, stdout]).toEqual([2, ''])
  expect(stderr).toContain(message)
})

test('a reader that stops early is no error', () => {
  const command = `"${process.execPath}" src/outcry.mjs run ${sample} --data random-walk --json | head -c 20`
  expect(shell('sh', '-c', command)).toEqual({
    status: 0,
    stdout: expect.stringMatching(/^\{"engine":"/) as string,
    stderr: '',
  })
})

test('npx outcry and npm run outcry work in a clone, and tell help and version', () => {
  const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string }
  expect(shell('npx', 'outcry', '--version')).toMatchObject({ status: 0, stdout: `outcry ${version}\n` })
  const help = shell('npm', 'run', '-s', 'outcry', '--', 'run', '--help')
  expect(help.status).toBe(0)
  expect(help.stdout).toMatch(/--commission FRACTION.*\(0\.001\)/)
  expect(outcry('--help').stdout).toContain('outcry run FILE.ts --data DATA')
})
