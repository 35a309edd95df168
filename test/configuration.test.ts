import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import {
  configurationFields,
  parseConfiguration,
  rangeOf,
  readConfiguration,
  sourceOfClass,
  Unreadable,
} from '#session'

const least = {
  configuration: 1,
  exchanges: [{ kind: 'bundled', data: 'aapl' }],
  strategies: [{ file: 'trend.ts' }],
}

/** What is said of a configuration with these fields changed, one misfit a line. */
function said(change: unknown): string {
  try {
    readConfiguration(
      typeof change === 'object' && change !== null && !Array.isArray(change)
        ? { ...least, ...change }
        : change,
    )
  } catch (error) {
    if (!(error instanceof Unreadable)) throw error
    return error.misfits
      .map(({ path, found, expected }) => `${path} is ${found}; expected ${expected}.`)
      .join('\n')
  }
  return 'taken'
}

test('what a configuration leaves out comes back as the usual value', () => {
  expect(readConfiguration(least)).toEqual({
    ...least,
    cash: 10_000,
    costs: { commission: 0.001, slippage: 0 },
    fill: 'next-open',
    seed: 1,
    leverage: 1,
  })
  expect(readConfiguration({ ...least, costs: { slippage: 0.002 } }).costs).toEqual({
    commission: 0.001,
    slippage: 0.002,
  })
})

test('a configuration with every field comes back as it was', () => {
  const full = {
    configuration: 1,
    name: 'All of it',
    cash: 50_000,
    costs: { commission: 0, slippage: 0, commissionPerOrder: 1, slippageTicks: 2 },
    fill: 'same-close',
    bars: { limits: 'touch', volumeShare: null },
    seed: 7,
    leverage: 2,
    tradingType: 'SIMULATION',
    risk: { maxDrawdown: 0.2, perStrategy: { maxOpenOrders: 3 } },
    exchanges: [
      { kind: 'bundled', data: 'aapl', name: 'nasdaq' },
      { kind: 'synthetic', market: { preset: 'thin', seed: 3, seconds: 600 } },
      { kind: 'file', file: '../prices.csv', zone: 'America/New_York', repair: ['sort'], scale: 100 },
      { kind: 'recorded', file: 'messages.csv', orderbook: 'book.csv', date: '2012-06-21', latency: 500 },
    ],
    strategies: [
      { file: 'a.ts', name: 'a', inputs: { fast: 5 }, share: 0.25 },
      { source: { files: { 'b.ts': 'export default 1' }, entry: 'b.ts' }, class: 'Trend' },
    ],
  }
  expect(readConfiguration(JSON.parse(JSON.stringify(full)))).toEqual(full)
})

test('all that is wrong is told at once, each with its path', () => {
  expect(
    said({
      cash: '10000',
      csh: 1,
      costs: { commission: 0.5 },
      exchanges: [{ kind: 'bundled', dta: 'aapl' }, { kind: 'ftp' }],
      strategies: [{ file: 'a.ts', inputs: { fast: [1] }, risk: {} }],
    }).split('\n'),
  ).toEqual([
    "configuration.cash is '10000'; expected a number from 1 to 1,000,000,000,000.",
    'configuration.costs.commission is 0.5; expected a number from 0 to 0.1.',
    'configuration.exchanges[0].data is nothing; expected a value here.',
    'configuration.exchanges[0].dta is there; expected no field of this name; a newer version may know it.',
    "configuration.exchanges[1].kind is 'ftp'; expected an exchange whose kind is 'bundled', 'synthetic', 'file' or 'recorded', with the fields of that kind.",
    'configuration.strategies[0].inputs.fast is a list of 1; expected a number, true, false, or a text of at most 2000 letters.',
    'configuration.strategies[0].risk is there; expected no field of this name; a newer version may know it.',
    'configuration.csh is there; expected no field of this name; a newer version may know it.',
  ])
})

const twice = [
  { kind: 'bundled', data: 'aapl' },
  { kind: 'bundled', data: 'aapl' },
]
test.each<readonly [string, unknown, string]>([
  ['nothing', null, 'configuration is null; expected an object with fields.'],
  ['a list', [least], 'configuration is a list of 1; expected'],
  ['another form', { configuration: 2 }, 'configuration.configuration is 2; expected 1, the only form'],
  ['no exchange', { exchanges: [] }, 'configuration.exchanges is a list of 0; expected a list of 1 to 16.'],
  ['too many', { exchanges: Array(17).fill(twice[0]) }, 'is a list of 17; expected a list of 1 to 16.'],
  [
    'no strategy',
    { strategies: [] },
    'configuration.strategies is a list of 0; expected a list of 1 to 100.',
  ],
  [
    'two exchanges of one name',
    { exchanges: twice },
    "configuration.exchanges[1].name is 'aapl', which exchanges[0] has too; expected a name that no other",
  ],
  [
    'two strategies of one name',
    {
      strategies: [
        { file: 'a.ts', name: 'a' },
        { file: 'b.ts', name: 'a' },
      ],
    },
    "configuration.strategies[1].name is 'a', which strategies[0] has too",
  ],
  [
    'no code',
    { strategies: [{ name: 'a' }] },
    'configuration.strategies[0] is without code; expected either',
  ],
  [
    'two codes',
    { strategies: [{ file: 'a.ts', source: { files: { 'a.ts': '' }, entry: 'a.ts' } }] },
    'configuration.strategies[0] is with a file and a source; expected either',
  ],
  [
    'more than all of the cash',
    {
      strategies: [
        { file: 'a.ts', share: 0.6 },
        { file: 'b.ts', share: 0.6 },
      ],
    },
    'configuration.strategies is with shares of 1.2 in all; expected shares of the cash that come to 1',
  ],
  [
    'less than all of the cash',
    { strategies: [{ file: 'a.ts', share: 0.5 }] },
    'configuration.strategies is with shares of 0.5 in all; expected shares of the cash that come to 1',
  ],
  [
    'nothing for one of them',
    { strategies: [{ file: 'a.ts', share: 1 }, { file: 'b.ts' }] },
    'shares of 1 in all; expected shares of the cash that come to less than 1',
  ],
  [
    'a share of nothing',
    { strategies: [{ file: 'a.ts', share: 0 }] },
    'configuration.strategies[0].share is 0; expected a number above 0 and at most 1.',
  ],
  [
    'a class that is code',
    { strategies: [{ file: 'a.ts', class: "x } from 'y'; import z" }] },
    'expected a text of 1 to 80 letters, the name of a class.',
  ],
  [
    'a path with a zero byte',
    { strategies: [{ file: 'a\0.ts' }] },
    "is 'a\\u{0}.ts'; expected a text of 1 to 400",
  ],
  [
    'a day that is none',
    { range: { from: '2015-02-30' } },
    "range.from is '2015-02-30'; expected a day that there is",
  ],
  [
    'a time without a zone',
    { range: { to: '2015-02-03T10:00' } },
    'expected a text of at most 30 letters, a day such',
  ],
  [
    'an end before the start',
    { range: { from: '2016-01-01', to: '2015-01-01' } },
    'expected an end after the beginning',
  ],
  [
    'a range of what is made',
    { range: {}, exchanges: [{ kind: 'synthetic' }] },
    "configuration.range is there beside exchanges[0] of kind 'synthetic'; expected no range",
  ],
  [
    'a field of another kind',
    { exchanges: [{ kind: 'bundled', data: 'aapl', file: 'a.csv' }] },
    'configuration.exchanges[0].file is there; expected no field of this name',
  ],
  [
    'a prototype',
    JSON.parse('{"configuration": 1, "__proto__": {"cash": 1}}'),
    'JavaScript keeps this one for itself',
  ],
])('a configuration with %s is refused', (_, change, expected) => {
  const value = Object.hasOwn(change ?? {}, '__proto__') ? change : undefined
  if (value !== undefined) expect(() => readConfiguration(value)).toThrow(expected)
  else expect(said(change)).toContain(expected)
})

test.each<readonly [string, string, RegExp]>([
  ['too long', ' '.repeat(4_000_001), /a file of 4,000,001 letters; expected at most 4,000,000/],
  ['no JSON', '{"configuration": 1,', /configuration is no JSON \(.*\); expected a JSON object/],
  ['empty', '', /configuration is no JSON/],
  ['nested without end', '['.repeat(1_000_000) + ']'.repeat(1_000_000), /levels deep|no JSON/],
  ['deep', `{"risk":${'{"a":'.repeat(30)}1${'}'.repeat(30)}}`, /20 levels deep; expected fewer levels/],
  ['wide', `{"exchanges":[${'0,'.repeat(30_000)}0]}`, /more than 20000 values/],
])('a file that is %s is refused', (_, text, expected) => {
  expect(() => parseConfiguration(text)).toThrow(Unreadable)
  expect(() => parseConfiguration(text)).toThrow(expected)
})

test('a file may begin with a byte order mark', () => {
  expect(parseConfiguration(`\ufeff${JSON.stringify(least)}`).exchanges).toEqual(least.exchanges)
})

test('a range takes in the whole of its last day, and a time to the millisecond', () => {
  expect(rangeOf({ from: '2016-01-31', to: '2016-02-29' })).toEqual({
    from: Date.UTC(2016, 0, 31) * 1000,
    to: Date.UTC(2016, 2, 1) * 1000 - 1,
  })
  expect(rangeOf({ to: '2016-01-31T14:30Z' })).toEqual({
    from: -Infinity,
    to: Date.UTC(2016, 0, 31, 14, 30) * 1000,
  })
})

describe('the class that a configuration names', () => {
  const source = (text: string) => ({ files: { 'a.ts': text }, entry: 'a.ts' })

  test.each([
    'export default class Trend {}',
    'class Trend {}\nexport default Trend',
    'class Trend {}; export default Trend;',
    'class Other {}\nclass Trend {}\nexport { Other, Trend as default }',
    'class Trend {} export default Trend // the usual one',
    '// export default class Other {}\nexport default class Trend {}',
    "const how = 'export default Other'\nexport default Trend",
  ])('may be the default export: %s', (text) => {
    expect(sourceOfClass(source(text), 'Trend', 'strategies[0]')).toEqual(source(text))
  })

  test.each(['export class Trend {}', 'class Trend {}\nexport { Trend }', "export { Trend } from './b.ts'"])(
    'may be another: %s',
    (text) => {
      expect(sourceOfClass(source(text), 'Trend', 'strategies[0]')).toEqual({
        files: { 'a.ts': text, 'main-class.ts': "export { Trend as default } from './a.ts'\n" },
        entry: 'main-class.ts',
      })
    },
  )

  test('is refused where there is none of that name', () => {
    expect(() =>
      sourceOfClass(source('class Trend {}\nexport default Other'), 'Trend', 'strategies[0]'),
    ).toThrow("configuration.strategies[0].class is 'Trend', which a.ts does not export; expected Other")
  })

  test.each(['/* export class Trend {} */', '// export class Trend {}', "'export { Trend }'"])(
    'is not there where only a comment or a text has it: %s',
    (text) => {
      expect(() => sourceOfClass(source(text), 'Trend', 'strategies[0]')).toThrow(
        'which a.ts does not export',
      )
    },
  )

  test('takes the place of no file, whatever the main one is called', () => {
    const files = { 'main-class.ts': 'export class Trend {}', 'main-class-2.js': '' }
    expect(sourceOfClass({ files, entry: 'main-class.ts' }, 'Trend', 'strategies[0]')).toEqual({
      files: { ...files, 'main-class-3.ts': "export { Trend as default } from './main-class.ts'\n" },
      entry: 'main-class-3.ts',
    })
  })
})

test('every field is described with its bounds and its default, as they are in the schema', async () => {
  const rows = configurationFields()
  expect(rows.length).toBeGreaterThan(100)
  const table = [['field', 'takes', 'otherwise', 'what it is']].concat(
    rows.map(({ path, takes, otherwise, meaning }) => [
      `\`${path}\``,
      takes.replaceAll('|', '\\|').replaceAll('\t', '\\t'),
      otherwise === '' || otherwise === 'required' ? otherwise : `\`${otherwise}\``,
      meaning,
    ]),
  )
  const widths = table[0]!.map((_, column) => Math.max(...table.map((row) => row[column]!.length)))
  const line = (cells: readonly string[], fill = ' ') =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column]!, fill)).join(' | ')} |`
  const [head, ...body] = table as [string[], ...string[][]]
  const text = [
    line(head),
    line(
      head.map(() => ''),
      '-',
    ),
    ...body.map((row) => line(row)),
  ].join('\n')
  const file = readFileSync('src/CONFIG.md', 'utf8')
  const mark = '<!-- made from the schema: npx vitest run test/configuration.test.ts -u -->\n'
  const before = file.slice(0, file.indexOf(mark) + mark.length)
  await expect(`${before}\n${text}\n`).toMatchFileSnapshot('../src/CONFIG.md')
})
