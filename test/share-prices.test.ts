import fc from 'fast-check'
import { deflateRawSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { contentId, factsOf, type NewInstrument } from '../src/app/store/imported-set.ts'
import { mostPacked, packed, type PackedPrices, unpacked } from '../src/app/store/packed.ts'
import type { StoredTable } from '../src/app/store/view.ts'
import { BadFile, decodeFile, encodeFile } from '../src/app/share/shared-file.ts'
import type { Shared } from '../src/app/share/shared.ts'

const start = Date.UTC(2024, 0, 2) * 1000

/** Hourly bars whose prices take small steps. */
function table(rows: number, change: (bars: StoredTable['bars']) => void = () => {}): StoredTable {
  const column = (value: (row: number) => number) =>
    Float64Array.from({ length: rows }, (_, row) => value(row))
  const base = (row: number) => 100 + ((row * 7) % 13) / 4
  const bars = {
    time: column((row) => start + row * 3600e6),
    open: column(base),
    high: column((row) => base(row) + 1),
    low: column((row) => base(row) - 1),
    close: column((row) => base(row) + 0.5),
    volume: column((row) => 10 + row),
  }
  change(bars)
  return { bars }
}

const instrument = (table: StoredTable, name = 'ACME'): NewInstrument => ({
  spec: { name, currency: 'USD', lotSize: 1, timeZone: 'America/New_York' },
  calendar: 'us-equities',
  interval: 3600e6,
  stamped: 'open',
  missingVolumes: 0,
  findings: [],
  table,
})

/** Prices as a file carries them, with the id of their content. */
async function enclosed(...tables: StoredTable[]): Promise<readonly [PackedPrices, string]> {
  const instruments = tables.map((table, at) => factsOf(instrument(table, `I${at}`)))
  const prices = await packed({ summary: 'hourly bars', instruments }, tables)
  return [prices!, await contentId(tables)]
}

function shared(id: string): Shared {
  return {
    name: 'Mine',
    source: { files: { 'strategy.ts': 'export default 1' }, entry: 'strategy.ts' },
    data: { kind: 'imported', id, name: 'ACME hourly', from: start, to: start + 1, bars: 3 },
    settings: {
      cash: 10_000,
      costs: { commission: 0, slippage: 0 },
      fill: 'next-open',
      seed: 1,
      leverage: 1,
      inputs: {},
    },
  }
}

test('prices come out of a file as they went in, adjusted closes and prices of any kind among them', async () => {
  const price = fc.double({ min: -1e9, max: 1e9, noNaN: true })
  const row = fc.tuple(price, price, price, price, price, fc.option(price))
  await fc.assert(
    fc.asyncProperty(fc.array(row, { minLength: 1, maxLength: 50 }), fc.boolean(), async (rows, adjusted) => {
      const column = (at: number) => Float64Array.from(rows, (values) => values[at] ?? NaN)
      const time = Float64Array.from(rows, (_, at) => start + at * 60e6)
      const bars = {
        time,
        open: column(0),
        high: column(1),
        low: column(2),
        close: column(3),
        volume: column(4),
      }
      const one = adjusted ? { bars, adjustedClose: column(5) } : { bars }
      const [prices, id] = await enclosed(one, table(7))
      const file = decodeFile(encodeFile({ ...shared(id), prices }))
      const back = await unpacked(file.prices!, id)
      expect(back.map(({ table }) => table)).toEqual([one, table(7)])
      expect(back[0]!.spec).toEqual({ ...instrument(one).spec, name: 'I0' })
    }),
    { numRuns: 30 },
  )
})

test('a year of hourly bars takes a small part of what a file carries, and what takes more is not packed', async () => {
  const [prices] = await enclosed(table(8760))
  expect(prices.columns.length).toBeLessThan(60_000)
  let state = 1
  const noise = table(150_000, ({ open, high, low, close, volume }) => {
    for (const column of [open, high, low, close, volume])
      column.forEach((_, row) => {
        state = (Math.imul(state, 1664525) + 1013904223) >>> 0
        column[row] = state / 7
      })
  })
  const instruments = [factsOf(instrument(noise))]
  expect((await packed({ summary: '', instruments }, [noise])) === undefined).toBe(true)
  expect(mostPacked).toBe(2_000_000)
})

test('prices that were changed on their way are told from those that the file names', async () => {
  const [prices, id] = await enclosed(table(100))
  const [others] = await enclosed(table(100, ({ close }) => (close[50] = 7)))
  await expect(unpacked({ ...prices, columns: others.columns }, id)).rejects.toThrow(
    /not those that it names/,
  )
  await expect(unpacked({ ...prices, columns: prices.columns.slice(0, -8) }, id)).rejects.toThrow(/not whole/)
  await expect(unpacked({ ...prices, columns: 'A' }, id)).rejects.toThrow(/not whole/)
})

test('what unpacks to more than its rows is given up, whatever it would come to', async () => {
  const [prices, id] = await enclosed(table(100))
  const bomb = deflateRawSync(new Uint8Array(300_000_000), { level: 9 }).toString('base64')
  expect(bomb.length).toBeLessThan(mostPacked)
  await expect(unpacked({ ...prices, columns: bomb }, id)).rejects.toThrow(/not whole/)
  const many = { ...prices, instruments: Array(3).fill({ ...prices.instruments[0], rows: 900_000 }) }
  await expect(unpacked(many, id)).rejects.toThrow(/2700000 rows/)
})

test('bars that are none are refused, even where their hash is right', async () => {
  const wrong: Record<string, (bars: StoredTable['bars']) => void> = {
    'go backwards': ({ time }) => (time[3] = time[1]!),
    'that are none': ({ time }) => (time[3] = 0.5),
    'are no numbers': ({ high }) => (high[2] = NaN),
    'beyond any market': ({ open }) => (open[2] = 1e300),
    'or volumes': ({ volume }) => (volume[2] = Infinity),
  }
  for (const [words, change] of Object.entries(wrong)) {
    const [prices, id] = await enclosed(table(10, change))
    await expect(unpacked(prices, id)).rejects.toThrow(words)
  }
})

test('a hostile description of prices is refused field by field', async () => {
  const [prices, id] = await enclosed(table(5))
  const [first] = prices.instruments
  const wrong: Record<string, object> = {
    'prices.columns': { columns: '<script>' },
    'prices.instruments': { instruments: [] },
    'prices.more': { more: 1 },
    'instruments[0].rows': { instruments: [{ ...first, rows: 1e12 }] },
    'instruments[0].calendar': { instruments: [{ ...first, calendar: 'lunar' }] },
    'instruments[0].spec.timeZone': {
      instruments: [{ ...first, spec: { name: 'A', timeZone: 'Mars/Base' } }],
    },
    'instruments[0].spec.name': { instruments: [{ ...first, spec: { name: 'A\u202eB' } }] },
    'instruments[0].spec.lotSize': { instruments: [{ ...first, spec: { name: 'A', lotSize: 0 } }] },
  }
  for (const [path, change] of Object.entries(wrong)) {
    const text = JSON.stringify({ outcry: 2, ...shared(id), prices: { ...prices, ...change } })
    expect(() => decodeFile(text), path).toThrow(BadFile)
    expect(() => decodeFile(text), path).toThrow(path)
  }
})

test('files of the first version, which had no prices, open as before', async () => {
  const [, id] = await enclosed(table(5))
  expect(decodeFile(JSON.stringify({ outcry: 1, ...shared(id) }))).toEqual(shared(id))
})

test('hours that were written down and trades come with the prices, and hours that are none are refused', async () => {
  const own = instrument(table(50))
  const hours = {
    zone: 'America/Chicago',
    week: [null, [-420, 960], [-420, 960], [-420, 960], [-420, 960], [-420, 960], null] as const,
    special: [{ day: 19_722, session: null }],
  }
  const trades = { volume: 12, money: 1234.5 }
  const known = factsOf({ ...own, calendar: 'own', hours, trades })
  const prices = (await packed({ summary: 'trades', instruments: [known] }, [own.table]))!
  const id = await contentId([own.table])
  const file = (carried: PackedPrices) => encodeFile({ ...shared(id), prices: carried })
  const { prices: read } = decodeFile(file(prices))
  expect(
    (await unpacked(read!, id)).map(({ calendar, hours, trades }) => ({ calendar, hours, trades })),
  ).toEqual([{ calendar: 'own', hours, trades }])
  for (const wrong of [
    { ...hours, week: [] },
    { ...hours, zone: 'Mars/Olympus' },
    { ...hours, special: [{ day: 1 }] },
  ]) {
    const one = { ...prices.instruments[0]!, hours: wrong as unknown as typeof hours }
    expect(() => decodeFile(file({ ...prices, instruments: [one] }))).toThrow(BadFile)
  }
})

test('prices whose instruments say more than a reader takes are not put into a file', async () => {
  const hours = {
    zone: 'America/New_York',
    week: [null, ...Array.from({ length: 5 }, () => [570, 960] as const), null],
    special: Array.from({ length: 5000 }, (_, day) => ({ day, session: [570, 780] as const })),
  }
  const one = table(10)
  const facts = factsOf(instrument(one))
  const known = { summary: 'hourly bars', instruments: [{ ...facts, calendar: 'own', hours }] }
  expect(await packed(known, [one])).toBeUndefined()
  const few = { ...hours, special: hours.special.slice(0, 500) }
  expect(
    await packed({ ...known, instruments: [{ ...facts, calendar: 'own', hours: few }] }, [one]),
  ).toBeDefined()
})
