import fc from 'fast-check'
import { expect, test } from 'vitest'
import { joinTables, loadImporter } from '#data'
import { guessSpec } from '../src/app/import/instrument.ts'
import { csvParts, jsonParts } from '../src/app/store/export.ts'
import { chunkOf, chunkRows, contentId } from '../src/app/store/imported-set.ts'
import {
  addressOf,
  checkHours,
  isInterval,
  look,
  readAddress,
  type StoredTable,
} from '../src/app/store/view.ts'

const { importBars, joinFiles } = await loadImporter()
const start = Date.UTC(2024, 0, 2) * 1000

/** Bars an interval apart, whose prices take small steps. */
function table(rows: number, step = 3600e6, from = start): StoredTable {
  const column = (value: (row: number) => number) =>
    Float64Array.from({ length: rows }, (_, row) => value(row))
  const base = (row: number) => 100 + ((row * 7) % 13) / 4
  return {
    bars: {
      time: column((row) => from + row * step),
      open: column(base),
      high: column((row) => base(row) + 1),
      low: column((row) => base(row) - 1),
      close: column((row) => base(row) + 0.5),
      volume: column((row) => 10 + row),
    },
  }
}

const bytes = (text: string) => [new TextEncoder().encode(text)]
const id = `imported:${'0123456789abcdef'.repeat(4)}`

test('an address names the content and all that is done to it, and is read as it was written', () => {
  const word = fc.constantFrom('keep-first', 'keep-last', 'widen-range', 'drop-impossible')
  const interval = fc.option(fc.constantFrom('1m', '5m', '4h', 'day', 'week', 'month', 'year'), {
    nil: undefined,
  })
  fc.assert(
    fc.property(fc.uniqueArray(word), fc.boolean(), interval, (repairs, adjusted, interval) => {
      const view = {
        ...(repairs.length > 0 ? { repairs } : {}),
        ...(adjusted ? { adjusted } : {}),
        ...(interval ? { interval } : {}),
      }
      expect(readAddress(addressOf(id, view))).toEqual({ id, view })
    }),
  )
  expect(addressOf(id, {})).toBe(id)
  expect(addressOf(id, { repairs: ['keep-first'], interval: '4h' })).toBe(`${id}+keep-first+4h`)
})

test('hours that somebody wrote down are in the address where they decide the bars, and others are refused', () => {
  const day: readonly [number, number] = [570, 960]
  const week = [null, day, day, day, day, day, null]
  const hours = { zone: 'America/New_York', week, special: [{ day: 18_000, session: null }] }
  const name = 'ACME'
  const own = { name, instruments: [{ hours }] }
  const address = addressOf(id, { interval: '4h' }, own.instruments)
  expect(address).toMatch(/^imported:[0-9a-f]{64}\+4h\+hours-[0-9a-f]{16}$/)
  expect(readAddress(address)).toEqual({ id, view: { interval: '4h' }, hours: address.slice(-16) })
  // Bars as they were stored, and those by volume, have nothing to do with hours; and a file has its usual address.
  expect(addressOf(id, {}, own.instruments)).toBe(id)
  expect(addressOf(id, { interval: 'volume-1000' }, own.instruments)).toBe(`${id}+volume-1000`)
  expect(addressOf(id, { interval: '4h' }, [{}])).toBe(`${id}+4h`)
  const asked = readAddress(address)!
  expect(() => checkHours(asked, own)).not.toThrow()
  expect(() =>
    checkHours(asked, {
      name,
      instruments: [{ hours: { special: [...hours.special], week: [...week], zone: hours.zone } }],
    }),
  ).not.toThrow()
  for (const other of [
    undefined,
    { ...hours, zone: 'Europe/Berlin' },
    { ...hours, special: [] },
    { ...hours, week: week.with(1, [600, 960]) },
  ])
    expect(() => checkHours(asked, { name, instruments: [{ hours: other }] })).toThrow(
      /trading hours written for “ACME”.*the library has others or none/,
    )
  // What was handed on before hours were in addresses goes on as it did.
  expect(() => checkHours(readAddress(`${id}+4h`)!, own)).not.toThrow()
})

test('what is no address is none', () => {
  for (const text of [
    'aapl',
    'imported:',
    `${id}x`,
    id.slice(0, -1),
    `${id}+`,
    `${id}+<b>`,
    id.toUpperCase(),
  ])
    expect(readAddress(text)).toBeUndefined()
})

test('bars can be joined to intervals that divide a day, and to those of the calendar', () => {
  expect(['1s', '5m', '90m', '24h', 'day', 'year'].map(isInterval)).toEqual([
    true,
    true,
    true,
    true,
    true,
    true,
  ])
  expect(['7m', '0m', '25h', 'fortnight', ''].map(isInterval)).toEqual([false, false, false, false, false])
})

test('the same prices have the same content wherever they come from, and any other price another', async () => {
  const one = await contentId([table(500)])
  expect(one).toMatch(/^imported:[0-9a-f]{64}$/)
  expect(await contentId([table(500)])).toBe(one)
  expect(await contentId([table(500), table(500)])).not.toBe(one)
  expect(await contentId([table(499)])).not.toBe(one)
  const other = table(500)
  other.bars.close[499]! += 0.25
  expect(await contentId([other])).not.toBe(one)
  expect(await contentId([{ ...table(500), adjustedClose: table(500).bars.close }])).not.toBe(one)
})

test("content is recognised by the browser's digests and by our own alike", async () => {
  const native = await contentId([table(70_000)])
  const { crypto } = globalThis
  Object.defineProperty(globalThis, 'crypto', { value: {}, configurable: true })
  try {
    expect(await contentId([table(70_000)])).toBe(native)
  } finally {
    Object.defineProperty(globalThis, 'crypto', { value: crypto, configurable: true })
  }
})

test('a table in chunks comes back as it was', () => {
  const rows = 2 * chunkRows + 1
  const whole = { ...table(rows, 60e6), adjustedClose: table(rows).bars.open }
  const chunks = [0, 1, 2].map((chunk) => chunkOf(whole, chunk))
  expect(chunks.map(({ bars }) => bars.time.length)).toEqual([chunkRows, chunkRows, 1])
  const bytesOf = (part: StoredTable) =>
    [...Object.values(part.bars), part.adjustedClose!].map((column: Float64Array) =>
      Buffer.from(column.buffer),
    )
  expect(bytesOf(joinTables(chunks)).every((column, at) => column.equals(bytesOf(whole)[at]!))).toBe(true)
})

test('a view repairs, adjusts and joins bars, and leaves those that are stored', async () => {
  const stored = table(48)
  stored.bars.time[1] = stored.bars.time[0]!
  const before = structuredClone(stored)
  expect((await look(stored, { repairs: ['keep-first'] })).time.length).toBe(47)
  const days = await look(stored, { repairs: ['keep-first'], interval: 'day' })
  expect([...days.time]).toEqual([start, start + 86_400e6])
  expect(days.open[0]).toBe(stored.bars.open[0])
  expect(days.close[1]).toBe(stored.bars.close[47])
  expect(stored).toEqual(before)
  const halved = { ...stored, adjustedClose: stored.bars.close.map((price) => price / 2) }
  expect((await look(halved, { adjusted: true })).high[5]).toBe(stored.bars.high[5]! / 2)
  await expect(look(stored, { repairs: ['gild'] })).rejects.toThrow(/no repair 'gild'.*keep-first/)
  await expect(look(stored, { interval: '7m' })).rejects.toThrow(/cannot be joined to '7m'/)
})

test('what is exported and imported again is the same content', async () => {
  const daily = { ...table(300, 86_400e6), adjustedClose: table(300).bars.low }
  daily.adjustedClose[7] = NaN
  const odd = table(50, 1_234_567)
  for (const parts of [csvParts, jsonParts])
    for (const tables of [
      [{ symbol: 'BTC', table: table(300), noVolume: false }],
      [{ symbol: 'BTC', table: daily, noVolume: false }],
      [{ symbol: 'BTC', table: odd, noVolume: false }],
      [
        { symbol: 'A,B "C"', table: table(300), noVolume: false },
        { symbol: 'BTC', table: table(200, 3600e6, start + 3600e6), noVolume: false },
      ],
    ]) {
      const text = [...parts(tables)].join('')
      const { instruments, skippedCount, questions } = await importBars(bytes(text), { name: 'BTC.csv' })
      expect(skippedCount).toBe(0)
      expect(questions).toEqual([])
      expect(await contentId(instruments.map(({ bars, adjustedClose }) => ({ bars, adjustedClose })))).toBe(
        await contentId(tables.map(({ table }) => table)),
      )
    }
})

test('files that each hold a part of one instrument make one table, in whatever order they come', async () => {
  const whole = table(300)
  const [header, ...rows] = [...csvParts([{ symbol: 'BTC', table: whole, noVolume: false }])]
    .join('')
    .trimEnd()
    .split('\n')
  const part = (from: number) => bytes([header, ...rows.slice(from, from + 100)].join('\n'))
  const results = await Promise.all(
    [part(200), part(0), part(100)].map((file) => importBars(file, { name: 'BTC.csv' })),
  )
  const [one, ...others] = joinFiles(results)
  expect(others).toEqual([])
  expect(one!.bars).toEqual(whole.bars)
  expect(one!.files).toEqual([0, 1, 2])
  expect([one!.first.t, one!.last.t]).toEqual([start / 1000, start / 1000 + 299 * 3_600_000])
})

test('files that overlap are sorted together, and what is there twice stays for their owner to decide', async () => {
  const text = (from: number) =>
    [...csvParts([{ symbol: 'BTC', table: table(10, 3600e6, start + from * 3600e6), noVolume: false }])].join(
      '',
    )
  const results = await Promise.all(
    [text(5), text(0)].map((part) => importBars(bytes(part), { name: 'BTC.csv' })),
  )
  const [one] = joinFiles([undefined, ...results])
  expect(one!.bars.time.length).toBe(20)
  expect([...one!.bars.time]).toEqual([...one!.bars.time].sort((a, b) => a - b))
  expect(one!.files).toEqual([1, 2])
})

test('bars of other lengths, or of other instruments, stay apart', async () => {
  const text = (symbol: string, step: number) =>
    [...csvParts([{ symbol, table: table(50, step), noVolume: false }])].join('')
  const results = await Promise.all([
    importBars(bytes(text('', 3600e6)), { name: 'BTC.csv' }),
    importBars(bytes(text('', 60e6)), { name: 'BTC.csv' }),
    importBars(bytes(text('', 60e6)), { name: 'ETH.csv' }),
  ])
  expect(joinFiles(results).map(({ symbol, interval }) => [symbol, interval])).toEqual([
    ['BTC', 3600e6],
    ['BTC', 60e6],
    ['ETH', 60e6],
  ])
})

test('what an instrument is follows from its name and its calendar, or is left open', () => {
  const spec = (symbol: string, calendar: string) => guessSpec(symbol, calendar, undefined).spec
  expect(spec('BTCUSDT', '24/7')).toMatchObject({ type: 'PAIR', currency: 'USDT' })
  expect(spec('ETH-BTC', '24/7')).toMatchObject({ type: 'PAIR', currency: 'BTC' })
  expect(spec('EUR/USD', 'forex')).toMatchObject({ type: 'PAIR', currency: 'USD' })
  expect(spec('AAPL', 'us-equities')).toMatchObject({
    type: 'EQUITY',
    lotSize: 1,
    timeZone: 'America/New_York',
  })
  expect(spec('DAX', 'weekdays')).toMatchObject({ type: 'OTHER' })
  expect(spec('DAX', 'weekdays').lotSize).toBeUndefined()
  expect(guessSpec('XYZ', 'weekdays', 'Europe/Berlin').spec.timeZone).toBe('Europe/Berlin')
})
