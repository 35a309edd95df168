import fc from 'fast-check'
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import {
  configurationFields,
  misfitSentence,
  parseConfiguration,
  rangeOf,
  readConfiguration,
  sourceOfClass,
  type Misfit,
  Unreadable,
} from '#session'
import { readJson } from '../src/session/json-text.ts'

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
    return error.misfits.map(misfitSentence).join('\n')
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
      sede: 2,
      costs: { commission: 0.5 },
      exchanges: [{ kind: 'bundled', dta: 'aapl' }, { kind: 'ftp' }, { kind: 'bundled', data: 'appl' }],
      strategies: [{ file: 'a.ts', inputs: { fast: [1] }, risk: {} }],
    }).split('\n'),
  ).toEqual([
    "configuration.cash is '10000'; expected a number from 1 to 1,000,000,000,000.",
    'configuration.costs.commission is 0.5; expected a number from 0 to 0.1.',
    `configuration.exchanges[0].data is nothing; expected ${bundled}.`,
    'configuration.exchanges[0].dta is there; expected no field of this name. Did you mean data?',
    "configuration.exchanges[1].kind is 'ftp'; expected an exchange whose kind is 'bundled', 'synthetic', 'file' or 'recorded', with the fields of that kind.",
    `configuration.exchanges[2].data is 'appl'; expected ${bundled}.`,
    'configuration.strategies[0].inputs.fast is a list of 1; expected a number, true, false, or a text of at most 2000 letters.',
    'configuration.strategies[0].risk is there; expected no field of this name. There are name, file, source, class, inputs, share.',
    'configuration.csh is there; expected no field of this name. Did you mean cash?',
    'configuration.sede is there; expected no field of this name. Did you mean seed?',
  ])
})

const bundled = "'aapl' or 'sp500' or 'aapl-sp500' or 'random-walk' or 'recorded-orders'"

test('what fits by itself is held against the rest, whatever is wrong elsewhere', () => {
  const missing = {
    insteadOf: (path: string) => (path.includes('gone') ? `${path} is not there` : undefined),
  }
  const found = () =>
    readConfiguration(
      {
        ...least,
        cash: 'much',
        range: { from: '2015-02-30' },
        exchanges: [
          { kind: 'file', file: 'gone.csv' },
          { kind: 'recorded', file: 'here.csv', orderbook: 'gone-too.csv' },
          { kind: 'file', file: 'folder/gone.csv', zone: 'Mars/North' },
          { kind: 'synthetic', market: { preset: 'clam' } },
          { kind: 'synthetic', name: 'b', market: { seconds: 60, barSeconds: 61 } },
          'aapl',
          { kind: 'bundled', data: 'sp500', name: 'b' },
          { kind: 'synthetic', name: 'c', market: { preset: 'clam', agents: 5, instruments: 30 } },
        ],
        strategies: [
          { file: 'gone.ts', name: 'a', share: 1.5 },
          null,
          { name: 'a', share: 0.7 },
          { file: 5, name: 'd', share: 0.6 },
        ],
        tradingType: 'LIVE',
      },
      missing,
    )
  let all: readonly Misfit[] = []
  try {
    found()
  } catch (error) {
    all = (error as Unreadable).misfits
  }
  expect(all.map(misfitSentence)).toEqual([
    "configuration.cash is 'much'; expected a number from 1 to 1,000,000,000,000.",
    "configuration.exchanges[2].zone is 'Mars/North'; expected a time zone such as America/New_York.",
    "configuration.exchanges[5] is 'aapl'; expected an exchange whose kind is 'bundled', 'synthetic', 'file' or 'recorded', with the fields of that kind.",
    'configuration.exchanges[7].market.instruments is 30; expected a whole number from 1 to 20.',
    'configuration.strategies[0].share is 1.5; expected a number above 0 and at most 1.',
    'configuration.strategies[1] is null; expected an object with fields.',
    'configuration.strategies[3].file is 5; expected a text of 1 to 400 letters, a path such as prices.csv.',
    "configuration.tradingType is 'LIVE'; expected 'BACKTEST', or 'SIMULATION' to watch only, as there is no adapter to a venue yet.",
    "configuration.exchanges[0].file is 'gone.csv'; expected a file: gone.csv is not there.",
    "configuration.exchanges[1].orderbook is 'gone-too.csv'; expected a file: gone-too.csv is not there.",
    "configuration.range is there beside exchanges[1] of kind 'recorded'; expected no range: such an exchange makes its bars while it runs.",
    "configuration.exchanges[2].name is 'gone.csv', which exchanges[0] has too; expected a name that no other exchange has.",
    "configuration.exchanges[2].file is 'folder/gone.csv'; expected a file: folder/gone.csv is not there.",
    "configuration.exchanges[3].market.preset is 'clam'; expected one of calm, trending, volatile, thin, flash-crash, opening-auction.",
    "configuration.range is there beside exchanges[3] of kind 'synthetic'; expected no range: such an exchange makes its bars while it runs.",
    "configuration.exchanges[4].market is none that can be made (a bar is 61 seconds; expected whole seconds from 1 to the session's 60); expected settings that fit together.",
    "configuration.range is there beside exchanges[4] of kind 'synthetic'; expected no range: such an exchange makes its bars while it runs.",
    "configuration.exchanges[6].name is 'b', which exchanges[4] has too; expected a name that no other exchange has.",
    "configuration.exchanges[7].market.preset is 'clam'; expected one of calm, trending, volatile, thin, flash-crash, opening-auction.",
    'configuration.exchanges[7].market.agents is 5; expected a whole number from 10 to 20000, ten or more for each instrument.',
    "configuration.range is there beside exchanges[7] of kind 'synthetic'; expected no range: such an exchange makes its bars while it runs.",
    "configuration.range.from is '2015-02-30'; expected a day that there is.",
    "configuration.strategies[0].file is 'gone.ts'; expected a file: gone.ts is not there.",
    'configuration.strategies[2] is without code; expected either file, the path of its code, or source, the code itself.',
    "configuration.strategies[2].name is 'a', which strategies[0] has too; expected a name that no other strategy has.",
    'configuration.strategies is with shares of 1.3 in all; expected shares of the cash that come to less than 1, which leaves something for those without one.',
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
    'a month that is none',
    { range: { from: '2017-13-01' } },
    "range.from is '2017-13-01'; expected a day that there is",
  ],
  [
    'an hour that is none',
    { range: { to: '2017-12-01T29:00Z' } },
    "range.to is '2017-12-01T29:00Z'; expected a time that there is",
  ],
  [
    'a time without a zone',
    { range: { to: '2015-02-03T10:00' } },
    "range.to is '2015-02-03T10:00'; expected a day such as 2016-01-31 or a time such as 2016-01-31T14:30Z, in UTC.",
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
  ['empty', '', /configuration is no JSON at line 1, column 1: nothing/],
  ['nested without end', '['.repeat(1_000_000) + ']'.repeat(1_000_000), /levels deep|no JSON/],
  ['deep', `{"risk":${'{"a":'.repeat(30)}1${'}'.repeat(30)}}`, /20 levels deep; expected fewer levels/],
  ['wide', `{"exchanges":[${'0,'.repeat(30_000)}0]}`, /more than 20000 values/],
])('a file that is %s is refused', (_, text, expected) => {
  expect(() => parseConfiguration(text)).toThrow(Unreadable)
  expect(() => parseConfiguration(text)).toThrow(expected)
})

test.each<readonly [string, string, string, string]>([
  [
    'ends early',
    '{"cash": 1,\n "costs": {"commission": 0.1',
    'configuration.costs',
    'line 2, column 29: the end of the file, within the { of line 2, column 11; expected } before it; part of the file may be missing',
  ],
  [
    'has a comment',
    '{\r\n  // mine\r\n  "cash": 1}',
    'configuration',
    'line 2, column 3: a comment; expected none, as JSON has no comments; leave it out',
  ],
  [
    'has a comma too many',
    '{"exchanges": [{"kind": "bundled",}]}',
    'configuration.exchanges[0]',
    'line 1, column 34: a comma before }; expected no comma after the last field',
  ],
  [
    'has a comma too many in a list',
    '[1,\n]',
    'configuration',
    'line 1, column 3: a comma before ]; expected no comma after the last value',
  ],
  [
    'lacks a comma',
    '{"cash": 1\n"seed": 2}',
    'configuration',
    'line 2, column 1: a text; expected a comma, or } at the end',
  ],
  ['lacks a colon', '{"cash" 1}', 'configuration', 'line 1, column 9: 1; expected a colon after "cash"'],
  [
    'has a name in no quotes',
    '{cash: 1}',
    'configuration',
    'line 1, column 2: cash; expected a name in double quotes',
  ],
  [
    'has a text in single quotes',
    '{"name": \'a\'}',
    'configuration',
    "line 1, column 10: 'a'; expected a number, true, false, null, a text in double quotes, { or [",
  ],
  [
    'has a number with a comma',
    '{"cash": 10,000}',
    'configuration',
    'line 1, column 13: 000; expected a name in double quotes, or }',
  ],
  [
    'has a bare point',
    '{"share": .5}',
    'configuration',
    'line 1, column 11: .5; expected a number such as 0.5 or 1e6, without +, leading zeros or a bare point',
  ],
  [
    'has a capital',
    '{"longOnly": True}',
    'configuration',
    'line 1, column 14: True; expected true in lower case',
  ],
  [
    'has a path with backslashes',
    '{"file": "C:\\data\\x.csv"}',
    'configuration',
    'line 1, column 13: \\d within a text; expected \\\\ for a backslash, or / between the folders of a path',
  ],
  [
    'has a text over two lines',
    '{"name": "a\nb"}',
    'configuration',
    'line 1, column 10: a text that does not end in its line; expected a double quote at its end, and \\n for a new line',
  ],
  [
    'goes on after its end',
    '{} {}',
    'configuration',
    'line 1, column 4: { after its end; expected one JSON object and no more',
  ],
  [
    'is in another encoding',
    '\ufffd\ufffd{\0}\0',
    'configuration',
    'line 1, column 1: a file in another encoding; expected a file that was saved as UTF-8',
  ],
])('a file that %s is told where, and what would mend it', (_, text, path, expected) => {
  expect(() => parseConfiguration(text)).toThrow(`${path} is no JSON at ${expected}.`)
})

test('a field that stands twice is told with both places, beside all else', () => {
  const text = `{"configuration": 1, "cash": 5,\n"exchanges": [], "costs": {"slippage": 0, "slippage": 0}, "cash": -1}`
  let all: readonly Misfit[] = []
  try {
    parseConfiguration(text)
  } catch (error) {
    all = (error as Unreadable).misfits
  }
  expect(all.map(misfitSentence)).toEqual([
    'configuration.costs.slippage is there twice, at line 2, column 28 and at line 2, column 43; expected one field of this name; leave one of them out.',
    'configuration.cash is there twice, at line 1, column 22 and at line 2, column 59; expected one field of this name; leave one of them out.',
    'configuration.cash is -1; expected a number from 1 to 1,000,000,000,000.',
    'configuration.exchanges is a list of 0; expected a list of 1 to 16.',
    'configuration.strategies is nothing; expected a list of 1 to 100.',
  ])
})

test('names that JavaScript keeps for itself are told with all else', () => {
  const text = '{"configuration": 2, "__proto__": {"cash": 1}, "costs": {"constructor": 1}}'
  expect(() => parseConfiguration(text)).toThrow('And 4 more.')
  expect(() => parseConfiguration(text)).toThrow('configuration.__proto__ is there; expected another name')
})

test('JSON is read as the platform reads it, and refused where that refuses it', () => {
  fc.assert(
    fc.property(
      fc.json({ maxDepth: 4 }),
      fc.nat(),
      fc.constantFrom(...'{}[],:"\\/0-.e t\n\u0001\''),
      (text, at, letter) => {
        const place = at % (text.length + 1)
        for (const one of [text, text.slice(0, place) + letter + text.slice(place + 1)]) {
          let value: unknown
          try {
            value = JSON.parse(one)
          } catch {
            const refusal = () => readJson(one, 'text')
            expect(refusal).toThrow(/^text.* is no JSON at line \d+, column \d+: /s)
            continue
          }
          expect(readJson(one, 'text').value).toEqual(value)
        }
      },
    ),
    { numRuns: 3000 },
  )
})

test('however deep JSON is nested, what is said of it is short and tells both ends of the path', () => {
  const said = (text: string) => {
    try {
      return readJson(text, 'text').twice.map(({ path }) => path)
    } catch (error) {
      if (!(error instanceof Unreadable)) throw error
      return error.message
    }
  }
  const deep = 200_000
  const name = 'n'.repeat(60)
  const open = `{"first":${`{"${name}":`.repeat(deep)}`
  const cut = said(`${open}{"last":{"x" 1`)
  expect(cut).toContain(`text.first.${name}`)
  expect(cut).toContain('….')
  expect(cut).toContain('.last is no JSON')
  expect(cut.length).toBeLessThan(1000)
  const twice = said(`${open}{"x":1,"x":2}${'}'.repeat(deep + 1)}`)
  expect(twice).toHaveLength(1)
  expect(twice[0]).toMatch(/^text\.first\..*….*\.x$/)
  expect(twice[0]!.length).toBeLessThan(1000)
  expect(said(`${'['.repeat(deep)}${']'.repeat(deep)}`)).toEqual([])
  expect(said('['.repeat(deep)).length).toBeLessThan(300)
  // A name of digits is no number of an entry, and is shortened as others are.
  expect(said(`{"${'1'.repeat(100_000)}":{x`).length).toBeLessThan(300)
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
