import { expect, test } from 'vitest'
import { loadImporter } from '#data'
import { nameOfSize, suggested } from '../src/app/import/trade-bars.ts'
import { addressOf, look, readAddress, tradeRule } from '../src/app/store/view.ts'

const { guesses, importBars, inspect, joinFiles, sentence } = await loadImporter()
const read = (text: string, options = {}) => importBars([new TextEncoder().encode(text)], options)
const id = `imported:${'0123456789abcdef'.repeat(4)}`

/** Trades some milliseconds apart, every fifth at the time of the one before. */
function trades(count: number, columns: (row: number, time: number) => string): string {
  let time = Date.UTC(2024, 0, 2, 9)
  const lines: string[] = []
  for (let row = 0; row < count; row++) {
    if (row % 5 > 0) time += 137 + ((row * 7919) % 4001)
    lines.push(columns(row, time))
  }
  return lines.join('\n')
}
const price = (row: number) => (100 + ((row * 7) % 13) / 4).toFixed(2)

test('a file of trades is known by columns that only trades have, and nothing odd is seen in trades of one time', async () => {
  const text = `id,price,qty,quote_qty,time,is_buyer_maker\n${trades(200, (row, time) => `${1000 + row},${price(row)},${1 + (row % 3)},1,${time},${row % 2 === 0}`)}`
  const result = await read(text, { name: 'BTCUSDT-trades.csv' })
  const [one] = result.instruments
  expect([result.layout!.rows.value, result.questions, one!.trades, one!.interval]).toEqual([
    'trades',
    [],
    true,
    null,
  ])
  const quality = inspect(one!)
  expect(quality.findings).toEqual([])
  expect(sentence(one!, result.layout!, quality)).toMatch(/^200 trades of BTCUSDT-TRADES, 2 January 2024/)
  expect(guesses(result.layout!).find(({ label }) => label === 'Rows')).toMatchObject({
    value: 'single trades',
  })
})

test('rows of a price and a volume that keep no distance are asked about, and taken for bars until they are told', async () => {
  const text = trades(100, (row, time) => `${(time / 1000).toFixed(3)},${price(row)},${1 + (row % 3)}`)
  const asked = await read(text, { name: 'xbt.csv' })
  expect([asked.layout!.rows.value, asked.questions.map(({ about }) => about)]).toEqual(['bars', ['rows']])
  const told = await read(text, { name: 'xbt.csv', rows: 'trades' })
  expect([told.instruments[0]!.trades, told.questions]).toEqual([true, []])
})

test('closes of every hour, of days, or of several prices a row are no trades', async () => {
  const hours = Array.from(
    { length: 60 },
    (_, row) => `${new Date(Date.UTC(2024, 0, 1, row)).toISOString()},${price(row)},5`,
  )
  const closes = await read(`time,close,volume\n${hours.join('\n')}`)
  expect([closes.layout!.rows.value, closes.questions]).toEqual(['bars', []])
  const days = trades(60, (row) => `2024-0${1 + (row % 9)}-1${row % 7},${price(row)},5`)
  expect((await read(`date,close,volume\n${days}`)).layout!.rows.value).toBe('bars')
})

test('files that each hold some trades of one instrument are one, in whatever order they come', async () => {
  const lines = trades(
    100,
    (row, time) => `${new Date(time).toISOString()},${price(row)},1,${row % 2 ? 'buy' : 'sell'}`,
  ).split('\n')
  const file = (part: readonly string[]) =>
    read(`time,price,size,side\n${part.join('\n')}`, { name: 'ETH.csv' })
  const joined = joinFiles([await file(lines.slice(60)), await file(lines.slice(0, 60))])
  expect(joined.map(({ trades, bars }) => [trades, bars.time.length])).toEqual([[true, 100]])
  expect(joined[0]!.bars.close.slice(0, 3)).toEqual(Float64Array.from([100, 101.75, 100.25]))
})

test('a view makes bars of trades by time, trades, volume and money, and its address says which', async () => {
  const time = Float64Array.from([1, 2, 3, 4, 5, 6, 7], (second) => second * 1e6)
  const close = Float64Array.from([10, 11, 9, 12, 10, 10, 13])
  const bars = {
    time,
    open: close,
    high: close,
    low: close,
    close,
    volume: Float64Array.from([1, 2, 3, 1, 5, 1, 1]),
  }
  const closes = async (interval: string) => [
    ...(await look({ bars }, readAddress(addressOf(id, { interval }))!.view, { trades: true })).close,
  ]
  expect(await closes('3s')).toEqual([11, 10, 13])
  expect(await closes('ticks-3')).toEqual([9, 10, 13])
  expect(await closes('volume-6')).toEqual([9, 10, 13])
  expect(await closes('volume-0p5')).toEqual([...close])
  expect(await closes('dollars-59')).toEqual([9, 10, 13])
  await expect(look({ bars }, {}, { trades: true })).rejects.toThrow('say which bars are to be made of them')
  await expect(look({ bars }, { interval: 'ticks-3' })).rejects.toThrow('can only be made of single trades')
  for (const name of ['ticks-0', 'ticks-1p5', 'volume-', 'ticks--3', 'volume-1e5'])
    expect(tradeRule(name)).toBeUndefined()
})

test('slots are filled by a view, after bars were joined, and its address says so', async () => {
  const time = Float64Array.from([0, 1, 4, 9], (hour) => hour * 3600e6)
  const bars = { time, open: time, high: time, low: time, close: time, volume: time }
  const address = addressOf(id, { interval: '2h', filled: true })
  expect(address).toBe(`${id}+2h+filled`)
  const { view } = readAddress(address)!
  const shown = await look({ bars }, view, { interval: 3600e6 })
  expect([[...shown.time].map((at) => at / 3600e6), [...shown.real!]]).toEqual([
    [0, 2, 4, 6, 8],
    [1, 0, 1, 0, 1],
  ])
  const plain = await look({ bars }, { filled: true }, { interval: 3600e6 })
  expect(plain.time.length).toBe(10)
  await expect(look({ bars }, { filled: true }, { interval: null })).rejects.toThrow('too few bars')
})

test('bars that are suggested for trades are round, and of some hundreds', () => {
  const totals = { count: 1_234_567, volume: 8765.4, money: 3.2e8, span: 86_400e6 }
  expect((['time', 'ticks', 'volume', 'dollars'] as const).map((kind) => suggested(kind, totals))).toEqual([
    '1m',
    'ticks-2000',
    'volume-10',
    'dollars-500000',
  ])
  expect(suggested('volume', { ...totals, volume: 1.7 })).toBe('volume-0p002')
  expect([nameOfSize('ticks', 0.2), nameOfSize('volume', 1e-12), nameOfSize('dollars', 1e12)]).toEqual([
    'ticks-1',
    'volume-0p00000001',
    'dollars-1000000000000',
  ])
})
