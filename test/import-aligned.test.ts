import { expect, test } from 'vitest'
import { detect, importBars } from '../src/data/import/index.ts'

const bytes = (text: string) => new TextEncoder().encode(text)
const read = (text: string, piece = 1 << 20) => {
  const all = bytes(text)
  return importBars(
    Array.from({ length: Math.ceil(all.length / piece) }, (_, at) => all.slice(at * piece, (at + 1) * piece)),
  )
}

/** A table as people print it: every column as wide as its widest cell. */
function printed(rows: readonly (readonly string[])[], newline = '\n', gap = 2): string {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)))
  return rows
    .map(
      (row) =>
        row
          .map((cell, column) => (column === 0 ? cell.padEnd(widths[0]!) : cell.padStart(widths[column]!)))
          .join(' '.repeat(gap)) + newline,
    )
    .join('')
}
const header = ['Date', 'Open', 'High', 'Low', 'Close', 'Volume']
const days = [
  ['2024-01-02', '187.15', '188.44', '183.89', '185.64', '82488700'],
  ['2024-01-03', '84.22', '185.88', '83.43', '184.25', '58414500'],
  ['2024-01-04', '9.1', '10.09', '8.88', '9.91', '500'],
]

test.each([
  ['two spaces between columns', printed([header, ...days])],
  ['a space between the widest', printed([header, ...days], '\n', 1)],
  ['lines that end as on Windows', printed([header, ...days], '\r\n')],
  ['lines that end as on an old Mac', printed([header, ...days], '\r')],
  ['no header', printed(days)],
  ['spaces in front', printed([header, ...days]).replace(/^/gm, '   ')],
])('a table that is printed for the eye is read, with %s', async (_, text) => {
  const { instruments, skippedCount, layout } = await read(text)
  expect(skippedCount).toBe(0)
  expect([...instruments[0]!.bars.close]).toEqual([185.64, 184.25, 9.91])
  expect([...instruments[0]!.bars.volume]).toEqual([82488700, 58414500, 500])
  expect(layout!.delimiter.reason).toMatch(/^runs of spaces cut the lines into 6 fields/)
})

test('a time and a name keep the single space inside them, wherever the file is cut', async () => {
  const rows = Array.from({ length: 40 }, (_, minute) => [
    `2024-01-02 09:${String(minute + 10)}`,
    String(100 + minute),
    String(minute * 10 ** (minute % 5)),
  ])
  const text = printed([['Time', 'Last Price', 'Total Volume'], ...rows])
  const whole = await read(text)
  expect(whole.instruments[0]!.bars.time.length).toBe(40)
  for (const piece of [1, 7, 64]) expect((await read(text, piece)).instruments).toEqual(whole.instruments)
})

test('a printed table that is longer than the sample is read to its end', async () => {
  const rows = Array.from({ length: 8000 }, (_, minute) => [
    new Date(1.7e12 + minute * 60_000).toISOString().slice(0, 19) + 'Z',
    ...['1', '3', '0.5', '2'],
    String(10 ** (minute % 7)),
  ])
  const text = printed([header, ...rows])
  expect(text.length).toBeGreaterThan(300_000)
  const { instruments, skippedCount } = await read(text, 50_000)
  expect([instruments[0]!.bars.time.length, skippedCount]).toEqual([8000, 0])
})

test('a list of the trades that a run made is told from prices, with what to drop instead', async () => {
  for (const columns of ['Side,Size', 'Side,Instrument,Size']) {
    const text = `${columns},Entered,Left,Entry,Exit,P&L,Return,Bars,Fees,Worst,Best\r\n${columns.replace('Side', 'Long').replace('Instrument', 'AAPL').replace('Size', '151')},2013-07-11,2013-08-01,60.1,65.2,10,0.01,15,0.2,-3,12\r\n`
    const { problems, instruments } = await read(text)
    expect(instruments).toEqual([])
    expect(problems[0]).toMatch(/^This is a list of trades that Outcry has exported, not prices/)
    expect(problems[0]).toMatch(/Drop the file of prices/)
  }
})

test('a line without an end is said to be one', async () => {
  const bar = '2024-01-01T00:00:00Z,1,2,0.5,1.5,10 '
  const { problems } = await read(`time,open,high,low,close,volume\n${bar.repeat(10_000)}`)
  expect(problems[0]).toMatch(
    /^Line 2 goes on for more than \d{3},\d{3} characters: '2024-01-01T00:00:00Z,1,2.*Expected a line for each bar/,
  )
})

test.each([
  ['time,open,high,low,close,volume', 'Table with a header'],
  ['time,open,high,low,close', 'Table with a header'],
  ['time,open,high,low,close,Volume', 'TradingView export'],
  ['timestamp,open,high,low,close,volume', 'Table with a header'],
  ['timestamp,open,high,low,close,volume,dividend_amount,split_coefficient', 'Alpha Vantage'],
  ['date,symbol,open,high,low,close,volume', 'Table with a header'],
  ['Date,Symbol,Open,High,Low,Close,Volume BTC,Volume USD', 'CryptoDataDownload'],
])('a vendor is named only where its layout is its own: %s', async (names, format) => {
  const row = names
    .split(',')
    .map((name) => (/^(time|date)/i.test(name) ? '2024-01-02' : /symbol/i.test(name) ? 'BTC' : '10'))
  const layout = await detect(bytes(`${names}\n${row}\n${row.join(',').replace('02', '03')}\n`))
  expect('format' in layout && layout.format).toBe(format)
})
