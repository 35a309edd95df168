import { strToU8, zipSync } from 'fflate'
import { expect, test } from 'vitest'
import { cutTo, inRange, joined, readJoint, readRange } from '#data'
import { readConfiguration } from '#session'
import { BadConfiguration, configurationOf, takenFrom } from '../src/app/configuration/convert.ts'
import { isConfiguration } from '../src/app/configuration/open.ts'
import { BadArchive, textsOf } from '../src/app/documents/archive.ts'
import { recordedExchange, recordedReference } from '../src/app/recorded/configured.ts'
import { readShared } from '../src/app/share/shared.ts'
import type { ImportedSet } from '../src/app/store/imported-set.ts'
import { dataSet, series } from './market.ts'

const code = "import { a } from './lib/a.ts'\nexport default class T {}\n"
const files = new Map([
  ['trend.ts', code],
  ['lib/a.ts', "import './b'\nexport const a = 1\n"],
  ['lib/b.ts', ''],
  ['other.ts', ''],
])
const nothing = { files: new Map<string, string>(), imported: () => undefined, recorded: () => undefined }
const least = {
  configuration: 1,
  exchanges: [{ kind: 'bundled', data: 'aapl' }],
  strategies: [{ file: 'trend.ts' }],
}
const taken = (change: object, surroundings: Partial<Parameters<typeof takenFrom>[1]> = { files }) =>
  takenFrom(readConfiguration({ ...least, ...change }), { ...nothing, ...surroundings })

test('the page takes code from the files beside a configuration, with what they import and no more', () => {
  const { shared, leftOut } = taken({ strategies: [{ file: './trend.ts', inputs: { fast: 3 } }] })
  expect(Object.keys(shared.source.files)).toEqual(['trend.ts', 'lib/a.ts', 'lib/b.ts'])
  expect(shared).toMatchObject({ name: 'trend', data: { kind: 'bundled', id: 'aapl' } })
  expect(shared.settings).toMatchObject({ cash: 10_000, inputs: { fast: 3 } })
  expect(leftOut).toEqual([])
  expect(readShared(shared, 'configuration')).toEqual(shared)
})

test('files that were chosen one by one are found without their folders', () => {
  expect(taken({ strategies: [{ file: '../strategies/other.ts' }] }).shared.source.entry).toBe('other.ts')
})

test('what the page cannot run it leaves out and says so', () => {
  const { shared, leftOut } = taken({
    exchanges: [{ kind: 'synthetic' }, { kind: 'bundled', data: 'sp500', name: 'index' }],
    seed: 5,
  })
  expect(leftOut).toEqual([
    'Of exchanges it runs on one, or on several of bundled prices: it took synthetic, and left out index.',
  ])
  expect(shared.data).toEqual({ kind: 'synthetic', market: { seed: 5 } })
})

test('several strategies come with their code, inputs and shares, and are saved with all of it', () => {
  const { shared, leftOut } = taken({
    strategies: [
      { file: 'trend.ts', name: 'one', share: 0.5 },
      { file: 'other.ts', inputs: { fast: 3 } },
      { file: 'other.ts' },
    ],
  })
  expect(leftOut).toEqual([])
  expect(shared).toMatchObject({
    name: 'one',
    share: 0.5,
    beside: [
      { name: 'other', source: { entry: 'other.ts' }, inputs: { fast: 3 } },
      { name: 'other 2', inputs: {} },
    ],
  })
  expect(readShared(shared, 'configuration')).toEqual(shared)
  const saved = readConfiguration(JSON.parse(JSON.stringify(configurationOf(shared, () => ({ file: '' })))))
  expect(saved.strategies.map(({ name, share, inputs }) => [name, share, inputs])).toEqual([
    ['one', 0.5, {}],
    ['other', undefined, { fast: 3 }],
    ['other 2', undefined, {}],
  ])
  expect(takenFrom(saved, nothing)).toEqual({ shared, leftOut: [] })
})

test.each<readonly [string, object, string]>([
  [
    'code that is not there',
    { strategies: [{ file: 'gone.ts' }] },
    'stands in gone.ts, which was not chosen with it (there was trend.ts',
  ],
  [
    'prices that are not there',
    { exchanges: [{ kind: 'file', file: 'a/p.csv' }] },
    'Its prices stand in a/p.csv, which is not in the library',
  ],
  [
    'recorded orders',
    { exchanges: [{ kind: 'recorded', file: 'm.csv' }] },
    'runs on the recorded orders of m.csv, which are not in the library of this page',
  ],
])('a configuration with %s is refused in words', (_, change, expected) => {
  expect(() => taken(change)).toThrow(BadConfiguration)
  expect(() => taken(change)).toThrow(expected)
})

test('all that the page lacks for a configuration is told at once', () => {
  const change = {
    exchanges: [{ kind: 'file', file: 'prices.csv' }],
    strategies: [
      { file: 'gone.ts' },
      { file: 'trend.ts', class: 'Nope' },
      { file: 'gone-too.ts', name: 'b' },
    ],
  }
  let said = ''
  try {
    taken(change)
  } catch (error) {
    said = (error as BadConfiguration).message
  }
  expect(said).toMatch(
    /^Its prices stand in prices\.csv, which.* The code of gone stands in gone\.ts, which.* configuration\.strategies\[1\]\.class is 'Nope', which trend\.ts does not export; expected .*\. The code of b stands in gone-too\.ts/,
  )
})

test('a range comes along as part of what the data are called, and back', () => {
  const { shared } = taken({ range: { from: '2014-01-01', to: '2016-12-31' } })
  expect(shared.data).toEqual({ kind: 'bundled', id: 'aapl+from-1388534400000000+to-1483228799999999' })
  expect(readShared(shared, 'configuration')).toEqual(shared)
  expect(configurationOf(shared, () => ({ file: '' }))).toMatchObject({
    range: { from: '2014-01-01', to: '2016-12-31' },
    exchanges: [{ kind: 'bundled', data: 'aapl' }],
  })
})

test('several exchanges of bundled prices are one data set with an id that links can carry', () => {
  const bundled = (name: string) => ({ kind: 'bundled', data: 'aapl', name })
  const { shared, leftOut } = taken({
    exchanges: [bundled('nasdaq'), { kind: 'bundled', data: 'sp500' }],
    range: { from: '2014-01-01' },
  })
  expect(leftOut).toEqual([])
  expect(shared.data.kind === 'bundled' && shared.data.id).toBe(
    'joint:nasdaq=aapl,sp500=sp500+from-1388534400000000',
  )
  expect(readShared(shared, 'configuration')).toEqual(shared)
  expect(configurationOf(shared, () => ({ file: '' }))).toMatchObject({
    exchanges: [bundled('nasdaq'), { kind: 'bundled', data: 'sp500', name: 'sp500' }],
  })
  const many = Array.from({ length: 16 }, (_, i) => bundled(`exchange-with-a-long-name-${i}`))
  expect(taken({ exchanges: many }).leftOut).toHaveLength(1)
  expect(taken({ exchanges: [bundled('a'), { kind: 'synthetic' }] }).leftOut).toHaveLength(1)
})

test('data sets that are joined keep their instruments apart by their exchanges', () => {
  const [a, b] = ['one', 'two'].map((id) => ({ ...dataSet(series({ name: 'A' }, [1, 2])), id }))
  const data = joined('joint:one=a,two=b', [a!, b!])
  expect(data.instruments.map(({ instrument }) => instrument.exchange)).toEqual(['one', 'two'])
  expect(data.exchanges?.map(({ id }) => id)).toEqual(['one', 'two'])
  expect(() => joined('x', [a!, { ...b!, synthetic: {} }])).toThrow(/only bars that are there can be joined/)
  expect(readJoint('aapl')).toBeUndefined()
})

test('what the page saves is a configuration that it opens as the same run', () => {
  for (const change of [
    { exchanges: [{ kind: 'synthetic', market: { preset: 'thin', seed: 9 } }], risk: { maxDrawdown: 0.1 } },
    {
      costs: { commission: 0, slippageTicks: 1 },
      bars: { volumeShare: null },
      range: { from: '2015-06-01T10:00Z' },
    },
    { tradingType: 'SIMULATION', strategies: [{ file: 'trend.ts', inputs: { fast: 3, kind: 'ema' } }] },
  ]) {
    const { shared } = taken(change)
    const saved: unknown = JSON.parse(JSON.stringify(configurationOf(shared, () => ({ file: '' }))))
    const again = takenFrom(readConfiguration(saved), nothing)
    expect(again).toEqual({ shared, leftOut: [] })
  }
})

test('imported prices are saved by the name of their file and found by their content', () => {
  const id = `imported:${'a'.repeat(64)}+keep-first`
  const data = { kind: 'imported', id, name: 'Mine', from: 0, to: 1, bars: 2 } as const
  const { shared } = taken({})
  const saved = configurationOf({ ...shared, data }, () => ({ file: 'mine.csv' }))
  expect(saved).toMatchObject({ exchanges: [{ kind: 'file', file: 'mine.csv', imported: id }] })
  const again = takenFrom(readConfiguration(saved), {
    ...nothing,
    imported: ({ imported }) => (imported === id ? data : undefined),
  })
  expect(again.shared.data).toEqual(data)
  expect(again.leftOut).toEqual([])
})

test('data sets are cut with what they have beside prices, and their ids say so', () => {
  const { bars, ...rest } = series({ name: 'A' }, [1, 2, 3, 4])
  const columns = { extra: new Float64Array([10, 20, 30, 40]) }
  const data = { ...dataSet({ bars, ...rest }), instruments: [{ ...rest, bars, columns }] }
  const cut = cutTo(data, { from: bars.time[1]!, to: bars.time[2]! })
  expect([...cut.instruments[0]!.bars.close]).toEqual([2, 3])
  expect([...cut.instruments[0]!.columns!['extra']!]).toEqual([20, 30])
  expect(() => cutTo(data, { from: 1e18, to: 2e18 })).toThrow(/has no bars between/)
  expect(() => cutTo({ ...data, synthetic: {} }, { from: 0, to: 1 })).toThrow(/makes its bars while it runs/)
  expect(readRange('aapl')).toEqual({ id: 'aapl' })
  expect(readRange(inRange('aapl', { from: -5, to: Infinity }))).toEqual({
    id: 'aapl',
    range: { from: -5, to: Infinity },
  })
  expect(inRange(inRange('aapl', { from: 1, to: 2 }), { from: 3, to: 4 })).toBe('aapl+from-3+to-4')
})

test('a zip gives the texts that are wanted and nothing that leads out of it', () => {
  const zip = zipSync({ 'run/run.json': strToU8('{}'), 'run/a.ts': strToU8('x'), 'run/b.csv': strToU8('y') })
  const { files, leftOut } = textsOf(zip, 'run.zip', /\.(?:json|[jt]s)$/)
  expect([...files]).toEqual([
    ['run/run.json', '{}'],
    ['run/a.ts', 'x'],
  ])
  expect(leftOut.length).toBe(1)
  const hostile = zipSync({ '../run.json': strToU8('{}') })
  expect(() => textsOf(hostile, 'run.zip', /\.json$/)).toThrow(BadArchive)
})

test('an end of a range is written as a day only where the range has all of that day', () => {
  const { shared } = taken({ exchanges: [{ kind: 'bundled', data: 'aapl', name: 'a' }] })
  const saved = (from: number, to: number) =>
    (
      configurationOf(
        {
          ...shared,
          data: { kind: 'bundled', id: inRange('aapl', { from: from * 1000, to: to * 1000 + 999 }) },
        },
        () => ({ file: '' }),
      ) as { range: unknown }
    ).range
  const day = Date.UTC(2014, 0, 1)
  expect(saved(day, day + 86_399_999)).toEqual({ from: '2014-01-01', to: '2014-01-01' })
  expect(saved(day + 86_399_999, day + 86_400_000)).toEqual({
    from: '2014-01-01T23:59:59.999Z',
    to: '2014-01-02T00:00:00.000Z',
  })
})

test('a text is a configuration only where the field stands at its top', () => {
  expect(isConfiguration('{"configuration": 1}')).toBe(true)
  expect(isConfiguration('{"configuration": 1, // what it is')).toBe(true)
  expect(isConfiguration('{"outcry": 2, "settings": {"inputs": {"configuration": 3}}}')).toBe(false)
})

test('recorded orders of the library are named with all that the command line needs, and found by their file', () => {
  const id = `imported:${'0123456789abcdef'.repeat(4)}`
  const spec = { name: 'ABC', exchange: 'replay', tickSize: 0.05, lotSize: 1, timeZone: 'America/New_York' }
  const set: ImportedSet = {
    ...{ id, name: 'ABC orders', tags: [], instruments: [], rows: 12, bytes: 408, summary: '', view: {} },
    ...{ from: 1_340_285_400e6, to: 1_340_308_800e6, created: 1, used: 1 },
    leftOut: { count: 0, rows: [] },
    sources: ['m.csv', 'b.csv'].map((name) => ({ name, bytes: 1, format: '', readAs: [] })),
    recording: {
      ...{ layout: 'lobster', spec, priceStep: 0.0001, messages: 12, trades: 3, said: '', blocks: 1 },
      ...{ start: 1_340_285_400e6, end: 1_340_308_800e6 },
    },
  }
  const address = `${id}+bar-60+delay-500`
  const shared = {
    ...taken({ strategies: [{ file: 'other.ts' }] }).shared,
    data: { kind: 'imported', id: address, name: 'ABC orders', from: 0, to: 1, bars: 1 },
  } as const
  const saved = configurationOf(shared, (id) => recordedExchange(set, id)) as { exchanges: unknown[] }
  expect(saved.exchanges).toEqual([
    {
      ...{ kind: 'recorded', file: 'm.csv', orderbook: 'b.csv', format: 'lobster', symbol: 'ABC' },
      ...{ date: '2012-06-21', zone: 'America/New_York', tick: 0.05, barSeconds: 60, latency: 500 },
    },
  ])
  const again = takenFrom(readConfiguration(saved), {
    ...nothing,
    recorded: (exchange) => recordedReference(exchange, [set]),
  })
  expect(again.shared.data).toMatchObject({ kind: 'imported', id: address })
  expect(again.leftOut).toEqual(['m.csv is taken as it stands in the library of the page.'])
})
