import { existsSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import fc from 'fast-check'
import { bundledData, catalogue, CsvReader, parseCsv, randomWalk } from '#data'
import { catalogued } from '#exchange'

const rows = (...lines: string[]) => ['date,open,high,low,close,volume', ...lines].join('\n') + '\n'

/** The bars of a file that must be readable. */
function bars(file: string | Uint8Array) {
  const result = parseCsv(file)
  if (!result.ok) throw new Error(result.problems.map(({ line, reason }) => `${line}: ${reason}`).join('\n'))
  return result.data.bars
}

/** The problems of a file that must not be readable, as `line: reason`. */
function problems(file: string | Uint8Array) {
  const result = parseCsv(file)
  if (result.ok) throw new Error('the file was read')
  return result.problems.map(({ line, reason }) => `${line}: ${reason}`)
}

const readPackage = async (file: string) => new Uint8Array(readFileSync(`node_modules/${file}`))

test('columns are found by name, in any order and case', () => {
  const { time, open, high, low, close, volume } = bars(
    'Volume,CLOSE,Low,High,Open,Timestamp\n7,1.5,1,2,1.25,2020-01-31\n',
  )
  expect([time[0], open[0], high[0], low[0], close[0], volume[0]]).toEqual([
    Date.UTC(2020, 0, 31) * 1000,
    1.25,
    2,
    1,
    1.5,
    7,
  ])
})

test('an ignored column and a missing volume are named', () => {
  const result = parseCsv('Date,Open,High,Low,Close,Adj Close\n2020-01-31,1,2,1,2,1.9\n', { symbol: 'X' })
  if (!result.ok) throw new Error('not read')
  expect(result.notes).toEqual([
    'Ignored column: Adj Close.',
    'There is no column volume; every volume is 0.',
  ])
  expect(result.data.instrument.name).toBe('X')
  expect([...result.data.bars.volume]).toEqual([0])
})

test('a time is the same instant however it is written', () => {
  const instant = Date.UTC(2021, 1, 19, 14, 30) * 1000
  for (const text of [
    '2021-02-19T14:30:00.000Z',
    '2021-02-19T14:30Z',
    '2021-02-19 14:30:00',
    '2021-02-19 16:30:00+02:00',
    '2021-02-19T09:30:00-0500',
    '2021-02-19T09:30:00.000000-05',
    '"2021-02-19 14:30"',
    '1613745000',
    '1613745000.0',
    '1613745000000',
    '1613745000000000',
  ])
    expect([text, bars(rows(`${text},1,2,1,2,0`)).time[0]]).toEqual([text, instant])
})

test('dates agree with the calendar from 1600 to 2400', () => {
  fc.assert(
    fc.property(fc.integer({ min: -135140, max: 157053 }), (day) => {
      const text = new Date(day * 86_400_000).toISOString().slice(0, 10)
      expect(bars(rows(`${text},1,2,1,2,0`)).time[0]).toBe(day * 86_400e6)
    }),
  )
})

test('a price is the double nearest to its decimal text', () => {
  fc.assert(
    fc.property(fc.double({ min: 1e-300, max: 1e300, noNaN: true }), fc.nat(17), (price, decimals) => {
      for (const text of [String(price), price.toPrecision(17), (price % 1e6).toFixed(decimals)])
        if (Number(text) > 0)
          expect(bars(rows(`2020-01-31,${text},${text},${text},${text},0`)).close[0]).toBe(Number(text))
    }),
  )
})

test('a file read in pieces of any size gives what it gives whole', () => {
  const file = readFileSync('node_modules/@observablehq/sample-datasets/aapl.csv')
  for (const size of [1, 7, 64, 1000, 1 << 20]) {
    const reader = new CsvReader({ symbol: 'AAPL' })
    const piece = Buffer.alloc(size)
    for (let at = 0; at < file.length; at += size)
      reader.push(piece.subarray(0, file.copy(piece, 0, at, at + size)))
    expect(reader.end()).toEqual(parseCsv(file, { symbol: 'AAPL' }))
  }
})

test('a byte order mark, Windows line ends and empty lines at the end do not matter', () => {
  const plain = bars(rows('2020-01-30,1,2,1,2,0', '2020-01-31,2,3,2,3,0'))
  const file =
    '\xef\xbb\xbf' + rows('2020-01-30,1,2,1,2,0', '2020-01-31,2,3,2,3,0', '').replace(/\n/g, '\r\n')
  expect(bars(file)).toEqual(plain)
})

test.each([
  ['an empty file', '', '1: The file is empty'],
  ['a header alone', 'date,open,high,low,close\n', '1: There are no rows below the header'],
  ['no header', '2020-01-31,1,2,1,2,0\n', '1: The first line holds values; expected a header'],
  [
    'no time',
    'when,open,high,low,close\n2020-01-31,1,2,1,2\n',
    '1: No column is named date, time or timestamp',
  ],
  ['two times', 'date,time,open,high,low,close\n', '1: Several columns could be the time: date, time'],
  ['no high', 'date,open,top,low,close\n', '1: No column is named high; found date, open, top, low, close'],
  ['a similar name', 'date,open,High price,low,close\n', "Rename 'High price' to high"],
  ['two closes', 'date,open,high,low,close,Close\n', '1: Two columns are named close'],
  ['semicolons', 'date;open;high;low;close\n', '1: The header is'],
  ['a spreadsheet', 'PK\x03\x04\x00\x00', '1: This is not UTF-8 text'],
  ['a short row', rows('2020-01-31,1,2,1,2'), '2: This row has 5 fields where the header has 6'],
  ['a quoted comma', rows('2020-01-31,1,2,1,2,"1,000"'), 'Commas inside quotes are not read'],
  ['a gap', rows('2020-01-30,1,2,1,2,0', '', '2020-01-31,1,2,1,2,0'), '3: This line is empty'],
  ['NaN', rows('2020-01-31,1,2,1,NaN,0'), "2: close is 'NaN'; expected a number. Delete the row"],
  ['null', rows('2020-01-31,null,2,1,2,0'), "2: open is 'null'"],
  ['an empty price', rows('2020-01-31,,2,1,2,0'), '2: open is empty'],
  ['a currency sign', rows('2020-01-31,$1,2,1,2,0'), "2: open is '$1'; expected a number such as 1234.5"],
  ['hexadecimal', rows('2020-01-31,0x1,2,1,2,0'), "2: open is '0x1'"],
  ['a negative price', rows('2020-01-31,1,2,-1,2,0'), "2: low is '-1'; expected a finite price above zero"],
  ['a zero price', rows('2020-01-31,1,2,0,2,0'), "2: low is '0'"],
  ['an endless price', rows('2020-01-31,1,1e999,1,2,0'), "2: high is '1e999'"],
  ['a negative volume', rows('2020-01-31,1,2,1,2,-5'), "2: volume is '-5'"],
  ['high below low', rows('2020-01-31,1,1,2,1,0'), '2: high 1 is below low 2'],
  ['open above high', rows('2020-01-31,3,2,1,2,0'), '2: open 3 is above high 2'],
  ['open below low', rows('2020-01-31,0.5,2,1,2,0'), '2: open 0.5 is below low 1'],
  ['close above high', rows('2020-01-31,1,2,1,2.1,0'), '2: close 2.1 is above high 2'],
  ['close below low', rows('2020-01-31,1,2,1,0.9,0'), '2: close 0.9 is below low 1'],
  [
    'a repeated time',
    rows('2020-01-30,1,2,1,2,0', '2020-01-30,1,2,1,2,0'),
    '3: The time 2020-01-30 is that of line 2',
  ],
  [
    'a step back',
    rows('2020-01-30,1,2,1,2,0', '2020-01-31,1,2,1,2,0', '2020-01-29,1,2,1,2,0'),
    '4: The time 2020-01-29 lies before that of line 3; sort the rows',
  ],
  [
    'newest first',
    rows('2020-01-31,1,2,1,2,0', '2020-01-30,1,2,1,2,0', '2020-01-29,1,2,1,2,0'),
    '3: The rows run from newest to oldest',
  ],
  ['a day that is none', rows('2019-02-29,1,2,1,2,0'), "2: The time is '2019-02-29', which is no day"],
  ['an American date', rows('01/31/2020,1,2,1,2,0'), 'Day and month cannot be told apart'],
  ['a date without dashes', rows('20200131,1,2,1,2,0'), 'Write it with dashes: 2020-01-31'],
  ['a row number', rows('1,1,2,1,2,0'), "2: The time is '1'; expected 2020-01-31"],
  ['hour 25', rows('2020-01-31T25:00:00Z,1,2,1,2,0'), "2: The time is '2020-01-31T25:00:00Z'"],
  [
    'mixed times',
    rows('2020-01-30,1,2,1,2,0', '1580428800,1,2,1,2,0'),
    "3: The time '1580428800' is seconds since 1970 where the rows above have a date",
  ],
])('%s is told by its line and is not repaired', (_, file, expected) => {
  expect(problems(file)[0]).toContain(expected)
})

test('every bad line is counted and the first twenty are told in order', () => {
  const bad = Array.from({ length: 50 }, (_, day) => `20${10 + day}-01-01,1,1,2,1,0`)
  const result = parseCsv(rows('2009-01-01,1,2,1,2,0', ...bad, '2011-01-01,1,2,1,2,0'))
  if (result.ok) throw new Error('read')
  expect(result.total).toBe(51)
  expect(result.problems.map(({ line }) => line)).toEqual(Array.from({ length: 20 }, (_, i) => i + 3))
})

test('rounding of one part in a billion is kept as it stands', () => {
  const { high, close } = bars(rows('2020-01-31,1,2,1,2.0000000004,0'))
  expect([high[0], close[0]]).toEqual([2, 2.0000000004])
})

test('the bundled series are whole', async () => {
  const read = async (id: string) => (await bundledData(id, readPackage)).instruments
  const [aapl] = await read('aapl')
  const [sp500] = await read('sp500')
  const both = await read('aapl-sp500')
  const last = (column: Float64Array) => column[column.length - 1]
  expect([aapl!.instrument.name, aapl!.bars.time.length, aapl!.bars.open[0], last(aapl!.bars.close)]).toEqual(
    ['AAPL', 1260, 64.501427, 188.589996],
  )
  expect([sp500!.bars.time.length, sp500!.bars.open[0], last(sp500!.bars.close)]).toEqual([
    5105, 1469.25, 2874.560059,
  ])
  expect(both.map(({ instrument }) => instrument.name)).toEqual(['AAPL', 'SPX'])
  expect(both[1]!.bars.time).toEqual(aapl!.bars.time)
})

test('every data set of the catalogue can be had, under its id and with its provenance', async () => {
  for (const { id, name } of catalogue) {
    const data = await catalogued(id, readPackage)
    expect([data.id, data.name]).toEqual([id, name])
    expect(data.provenance.length).toBeGreaterThan(40)
  }
  await expect(bundledData('gold', readPackage)).rejects.toThrow(
    "no bundled data set 'gold'; expected one of aapl",
  )
})

test('a random walk is the same for a seed, differs between seeds and moves as told', () => {
  const walk = (seed: number) =>
    randomWalk({ seed, bars: 20_000, volatility: 0.01, drift: 0 }).instruments[0]!.bars
  expect(walk(1)).toEqual(walk(1))
  expect(walk(1).close).not.toEqual(walk(2).close)
  const { open, high, low, close } = walk(3)
  let squares = 0
  for (let row = 1; row < close.length; row++) {
    squares += (close[row]! / close[row - 1]! - 1) ** 2
    expect(
      high[row]! >= Math.max(open[row]!, close[row]!) && low[row]! <= Math.min(open[row]!, close[row]!),
    ).toBe(true)
  }
  expect(Math.sqrt(squares / close.length)).toBeCloseTo(0.01, 3)
})

const minutes = '../shared/data/btcusdt-1m-2021-02-19.csv'
test.skipIf(!existsSync(minutes))(
  'a week of one-minute bars of BTC/USDT is read whole (skipped where ../shared is absent)',
  () => {
    const { time, volume } = bars(readFileSync(minutes))
    expect([time.length, time[0], time[10_079], volume[0]]).toEqual([
      10_080,
      Date.UTC(2021, 1, 19) * 1000,
      Date.UTC(2021, 1, 25, 23, 59) * 1000,
      134.989218,
    ])
  },
)
