import fc from 'fast-check'
import { spawnSync } from 'node:child_process'
import { expect, test } from 'vitest'
import { bundledData, cutTo, inRange, readRange } from '#data'
import { DataService, rangeWords, readRangeWords } from '#session'
import SmaCrossover from '../sample-strategies/sma-crossover.ts'
import { readFile } from 'node:fs/promises'
import { run } from './market.ts'

const read = async (file: string) => new Uint8Array(await readFile(`node_modules/${file}`))
const day = 86_400e6

test('a day as the end of a stretch counts whole, a time counts as it is', () => {
  const start = Date.UTC(2016, 0, 31) * 1000
  expect(readRangeWords({ from: '2016-01-31', to: '2016-01-31' }, 'range')).toEqual({
    from: start,
    to: start + day - 1,
  })
  for (const time of ['2016-01-31 14:30', '2016-01-31T14:30Z', ' 2016-01-31 14:30:00 '])
    expect(readRangeWords({ to: time }, 'range')).toEqual({ from: -Infinity, to: start + 14.5 * 3600e6 })
})

test('what is no time, or ends before it begins, is told with what was expected', () => {
  expect(() => readRangeWords({ from: '2016-02-30' }, 'range')).toThrow(/range\.from is '2016-02-30'/)
  expect(() => readRangeWords({ to: 'yesterday' }, 'range')).toThrow(/a day such as 2016-01-31/)
  expect(() => readRangeWords({ from: '2017-01-01', to: '2016-12-31' }, 'range')).toThrow(
    /an end after the beginning/,
  )
})

test('a stretch that was put into words is the same stretch when it is read', () => {
  const moment = fc.integer({ min: 0, max: 4e12 }).map((milliseconds) => milliseconds * 1000)
  const end = fc.oneof(
    moment,
    moment.map((time) => Math.floor(time / day) * day + day - 1),
  )
  fc.assert(
    fc.property(fc.option(moment), fc.option(end), (first, last) => {
      const from = first ?? -Infinity
      const to = last ?? Infinity
      fc.pre(from <= to)
      expect(readRangeWords(rangeWords({ from, to }), 'range')).toEqual({ from, to })
      expect(readRange(inRange('aapl', { from, to })).id).toBe('aapl')
    }),
  )
})

test('the command line, the page and the engine run on the same bars of a stretch, to the same digest', async () => {
  const words = { from: '2015-01-01', to: '2016-12-31' }
  const range = readRangeWords(words, 'range')
  const settings = {
    cash: 10_000,
    costs: { commission: 0.001, slippage: 0 },
    fill: 'next-open',
    seed: 1,
    leverage: 1,
    inputs: {},
  } as const
  const { digest } = await run({
    strategy: SmaCrossover,
    data: cutTo(await bundledData('aapl', read), range),
    settings,
  })
  const data = await new DataService(read).load(inRange('aapl', range))
  expect(data.instruments[0]!.bars.time.length).toBe(504)
  expect(data.id).toBe(inRange('aapl', range))
  expect((await run({ strategy: SmaCrossover, data, settings })).digest).toBe(digest)
  const outcry = (...args: string[]) =>
    spawnSync(process.execPath, ['src/outcry.mjs', 'run', 'sample-strategies/sma-crossover.ts', ...args], {
      encoding: 'utf8',
    })
  const { stdout } = outcry('--data', 'aapl', '--from', words.from, '--to', words.to, '--json')
  expect((JSON.parse(stdout) as { digest: string }).digest).toBe(digest)
  for (const [args, words] of [
    [['--from', '2016-13-01'], /^--from: '2016-13-01'; expected a day that there is/],
    [
      ['--from', '2017-01-01', '--to', '2016-01-01'],
      /^--from and --to: from 2017-01-01 to 2016-01-01; expected/,
    ],
    [['--from', '2030-01-01'], /^--from and --to: AAPL daily has no bars/],
  ] as const) {
    const { status, stderr } = outcry('--data', 'aapl', ...args)
    expect(stderr).toMatch(words)
    expect(status).toBe(2)
  }
})
