import { existsSync, readFileSync } from 'node:fs'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type ImportOptions, loadImporter } from '#data'

const { importBars } = await loadImporter()

const bytesOf = (text: string) => new TextEncoder().encode(text)
const read = (text: string, options: ImportOptions = {}) =>
  importBars([bytesOf(text)], { name: 'file.csv', ...options })

const folder = '../shared/conformance/csv-formats'
interface Expected {
  file: string
  first_bar_after_sort: Record<string, number | string | null>
  expected_rows?: number
  expected_skipped?: number
}
const formats: Expected[] = existsSync(folder)
  ? (JSON.parse(readFileSync(`${folder}/expected.json`, 'utf8')) as { formats: Expected[] }).formats
  : [{ file: 'the shared layouts, which are absent here', first_bar_after_sort: {} }]

test.skipIf(!existsSync(folder)).each(formats)('$file is read as its vendor means it', async (expected) => {
  const result = await importBars([readFileSync(`${folder}/${expected.file}`)], { name: expected.file })
  expect(result.problems).toEqual([])
  const { first, symbol, adjustedClose, bars } = result.instruments[0]!
  const { t, ...prices } = first
  const found: Record<string, unknown> = { t_ms: t, ...prices, symbol, adjClose: adjustedClose?.[0] }
  for (const [key, value] of Object.entries(expected.first_bar_after_sort))
    expect([key, found[key]]).toEqual([key, value])
  if (expected.expected_rows !== undefined) expect(bars.time.length).toBe(expected.expected_rows)
  expect(result.skippedCount).toBe(expected.expected_skipped ?? 0)
})

// Any table in any layout

/** A bar as a file may have it: prices in ticks of `10 ** -decimals`, time in minutes since 1970. */
interface Row {
  minute: number
  open: number
  high: number
  low: number
  close: number
  volume: number
}

const tables = fc
  .record({
    start: fc.integer({ min: 17_000_000, max: 29_000_000 }),
    step: fc.constantFrom(1, 5, 60, 1440),
    rows: fc.array(
      fc.record({
        gap: fc.nat(3),
        base: fc.integer({ min: 100, max: 9_999_999 }),
        up: fc.nat(99),
        down: fc.nat(99),
        at: fc.nat(99),
        to: fc.nat(99),
        volume: fc.nat(5_000_000),
      }),
      {
        minLength: 3,
        maxLength: 40,
      },
    ),
  })
  .map(({ start, step, rows }) => {
    let minute = Math.floor(start / step) * step
    return rows.map(({ gap, base, up, down, at, to, volume }): Row => {
      minute += (gap === 0 ? 1 : gap) * step
      const low = base - down
      const high = base + up
      const between = (part: number) => low + Math.floor(((high - low) * part) / 99)
      return { minute, low, high, open: between(at), close: between(to), volume }
    })
  })

const two = (value: number) => String(value).padStart(2, '0')
const parts = (minute: number) => {
  const date = new Date(minute * 60_000)
  return {
    y: String(date.getUTCFullYear()),
    m: two(date.getUTCMonth() + 1),
    d: two(date.getUTCDate()),
    clock: `${two(date.getUTCHours())}:${two(date.getUTCMinutes())}`,
    month: 'Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec'.split(' ')[date.getUTCMonth()]!,
  }
}
/** Ticks as a decimal number with two digits after the mark. */
const decimal = (ticks: number, mark = '.', thousands = '') => {
  const whole = String(Math.floor(ticks / 100)).replace(/\B(?=(\d{3})+(?!\d))/g, thousands)
  return `${whole}${mark}${two(ticks % 100)}`
}

interface Way {
  header: string
  line: (row: Row) => string
  options?: ImportOptions
}
const ways: Record<string, Way> = {
  'ISO in UTC with commas': {
    header: 'timestamp,open,high,low,close,volume',
    line: ({ minute, open, high, low, close, volume }) =>
      `${new Date(minute * 60_000).toISOString()},${[open, high, low, close].map((price) => decimal(price)).join(',')},${volume}`,
  },
  'seconds since 1970 and a column more': {
    header: 'time,open,high,low,close,Volume,Volume MA',
    line: ({ minute, open, high, low, close, volume }) =>
      `${minute * 60},${[open, high, low, close].map((price) => decimal(price)).join(',')},${volume},`,
  },
  'nanoseconds, prices in another order, the symbol first': {
    header: 'ticker,volume,open,close,high,low,window_start,transactions',
    line: ({ minute, open, high, low, close, volume }) =>
      `AAPL,${volume},${[open, close, high, low].map((price) => decimal(price)).join(',')},${minute * 60}000000000,1`,
  },
  'European, semicolons, decimal comma and points between thousands': {
    header: 'Datum;Uhrzeit;Eröffnung;Hoch;Tief;Schlusskurs;Stück',
    line: ({ minute, open, high, low, close, volume }) => {
      const { y, m, d, clock } = parts(minute)
      return `${d}.${m}.${y};${clock};${[open, high, low, close].map((price) => decimal(price, ',', '.')).join(';')};${volume}`
    },
    options: { zone: 'UTC' },
  },
  'American, quoted, thousands with commas': {
    header: '"Date","Open","High","Low","Close","Volume"',
    line: ({ minute, open, high, low, close, volume }) => {
      const { y, month, d, clock } = parts(minute)
      return [
        `${month} ${d}, ${y} ${clock}`,
        ...[open, high, low, close].map((price) => decimal(price, '.', ',')),
        String(volume),
      ]
        .map((cell) => `"${cell}"`)
        .join(',')
    },
    options: { zone: 'UTC' },
  },
  'MetaTrader 5 with tabs': {
    header: '<DATE>\t<TIME>\t<OPEN>\t<HIGH>\t<LOW>\t<CLOSE>\t<TICKVOL>\t<VOL>\t<SPREAD>',
    line: ({ minute, open, high, low, close, volume }) => {
      const { y, m, d, clock } = parts(minute)
      return `${y}.${m}.${d}\t${clock}:00\t${[open, high, low, close].map((price) => decimal(price)).join('\t')}\t7\t${volume + 1}\t2`
    },
    options: { zone: 'UTC' },
  },
  'month first with AM and PM, Windows line ends': {
    header: 'Date,Close,Open,High,Low,Volume\r',
    line: ({ minute, open, high, low, close, volume }) => {
      const { y, m, d, clock } = parts(minute)
      const hour = Number(clock.slice(0, 2))
      return `${m}/${d}/${y} ${hour % 12 || 12}${clock.slice(2)}:00 ${hour < 12 ? 'AM' : 'PM'},${[close, open, high, low].map((price) => decimal(price)).join(',')},${volume}\r`
    },
    options: { zone: 'UTC', dateOrder: 'mdy' },
  },
}

test.each(Object.entries(ways))(
  'any table written %s comes back identical',
  async (name, { header, line, options }) => {
    await fc.assert(
      fc.asyncProperty(tables, fc.boolean(), async (rows, newestFirst) => {
        const lines = rows.map(line)
        if (newestFirst) lines.reverse()
        const { instruments, skipped, questions, problems } = await read(
          `${header}\n${lines.join('\n')}\n`,
          options,
        )
        expect([problems, skipped, questions]).toEqual([[], [], []])
        const { bars } = instruments[0]!
        const extra = name.startsWith('MetaTrader') ? 1 : 0
        expect([...bars.time]).toEqual(rows.map(({ minute }) => minute * 60e6))
        for (const column of ['open', 'high', 'low', 'close'] as const)
          expect([...bars[column]]).toEqual(rows.map((row) => row[column] / 100))
        expect([...bars.volume]).toEqual(rows.map(({ volume }) => volume + extra))
      }),
      { numRuns: 40 },
    )
  },
)

test('a row gives the same bar whether it is read from its bytes or by way of Papa Parse, and wherever the file is cut', async () => {
  const oddities = [
    '',
    'NaN',
    '1e3',
    '+5',
    '-5',
    '.5',
    '5.',
    '1,000',
    '"7"',
    ' 8 ',
    '007',
    '9007199254740993',
    '0.1234567890123456789',
    'x',
    '"a',
    'a"b"',
  ]
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...Object.values(ways)),
      tables,
      fc.array(fc.record({ row: fc.nat(39), at: fc.nat(200), text: fc.constantFrom(...oddities) }), {
        maxLength: 4,
      }),
      fc.integer({ min: 1, max: 97 }),
      async ({ header, line, options }, rows, changes, size) => {
        const lines = rows.map(line)
        for (const { row, at, text } of changes) {
          const chosen = lines[row % lines.length]!
          const place = at % (chosen.length + 1)
          lines[row % lines.length] = chosen.slice(0, place) + text + chosen.slice(place)
        }
        const bytes = bytesOf(`${header}\n${lines.join('\n')}`)
        const pieces = Array.from({ length: Math.ceil(bytes.length / size) }, (_, i) =>
          bytes.subarray(i * size, (i + 1) * size),
        )
        const outcome = async (chunks: Uint8Array[], direct: boolean) =>
          importBars(chunks, { ...options, direct })
        const plain = await outcome([bytes], false)
        expect(await outcome([bytes], true)).toEqual(plain)
        expect(await outcome(pieces, true)).toEqual(plain)
      },
    ),
    { numRuns: 150 },
  )
})

test('any bytes at all end in a report', async () => {
  const words = fc.constantFrom(
    'date',
    'open',
    'high',
    'low',
    'close',
    ',',
    ';',
    '\t',
    '"',
    '\n',
    '\r\n',
    '2020-01-02',
    '01/02/2020',
    '1.5',
    '1,5',
    '1577923200',
    '-',
    ' ',
    ':',
    '\ufeff',
    '[',
    '{',
    '}',
    ']',
    '"t":',
    'é',
  )
  await fc.assert(
    fc.asyncProperty(
      fc.oneof(
        fc.uint8Array({ maxLength: 2000 }),
        fc.array(words, { maxLength: 300 }).map((list) => bytesOf(list.join(''))),
      ),
      async (bytes) => {
        const { instruments, problems } = await importBars([bytes])
        expect(instruments.length > 0 || problems.length > 0).toBe(true)
      },
    ),
    { numRuns: 500 },
  )
})

test('rows of JSON lines are told by their lines, whatever is empty between them', async () => {
  const bar = (time: string, close = '2') =>
    `{"time":"${time}","open":1,"high":2,"low":1,"close":${close},"volume":5}`
  const times = ['30', '31', '32', '33', '34', '35'].map((minute) => bar(`2024-01-02T14:${minute}:00Z`))
  const lines = [times[0]!, bar('2024-01-02T14:30:30Z', '"x"'), '', ...times.slice(1), '', '', bar('soon')]
  const result = await importBars([new TextEncoder().encode(lines.join('\n'))])
  expect(result.instruments[0]!.bars.time).toHaveLength(6)
  expect(result.skipped.map(({ line }) => line)).toEqual([2, 11])
})

test('operations on a book are no trades, and it is said what takes them', async () => {
  const operations = [1, 2, 3].map(
    (id) => `{"op":"add","time":${1704205800000 + id},"id":${id},"side":"BUY","price":10,"quantity":5}`,
  )
  const { instruments, problems } = await importBars([new TextEncoder().encode(operations.join('\n'))])
  expect(instruments).toEqual([])
  expect(problems[0]).toMatch(
    /recorded orders \(operations on a book\), not prices\..*outcry book.*outcry run/,
  )
})

test('a first row that gives no bar is told with its line, as one in the middle is', async () => {
  const good = Array.from({ length: 12 }, (_, i) => [2020, i + 1, 13 + i] as const)
  const two = (part: number) => String(part).padStart(2, '0')
  const writings = [
    ([year, month, day]: readonly [number, number, number]) => `${year}-${two(month)}-${two(day)}`,
    ([year, month, day]: readonly [number, number, number]) => `${two(day)}.${two(month)}.${year}`,
    ([year, month, day]: readonly [number, number, number]) => `${year}${two(month)}${two(day)}`,
  ]
  for (const written of writings)
    for (const head of ['date,open,high,low,close,volume\n', ''])
      for (const odd of head === '' ? [written([2020, 2, 30])] : [written([2020, 2, 30]), '', 'soon'])
        for (const at of [0, 6]) {
          const rows = good.map((date) => `${written(date)},101,103,100,102,1000`)
          rows.splice(at, 0, `${odd},1,1,1,1,5`)
          const { instruments, skipped, layout } = await read(head + rows.join('\n'))
          expect([
            odd,
            instruments[0]?.bars.time.length,
            skipped.map(({ line }) => line),
            layout?.preamble.value,
            layout?.headerRows.value,
          ]).toEqual([odd, 12, [at + (head === '' ? 1 : 2)], 0, head === '' ? 0 : 1])
        }
})

test('the number that a decimal comma is told by stands in the file as it is quoted', async () => {
  const text =
    'Datum;Eröffnung;Hoch;Tief;Schlusskurs;Stück\n02.12.2022;2.247;2.271,52;2.238,25;2.262,47;2.234.188\n30.11.2022;2.225,06;2.255,31;2.216,16;2.246,32;2.464.488\n'
  const { layout } = await read(text)
  expect(layout!.numbers).toEqual({
    value: { decimal: ',', thousands: '.' },
    confidence: 0.97,
    reason: 'numbers such as 2.271,52 have a comma before the decimals',
  })
})
