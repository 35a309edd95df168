import fc from 'fast-check'
import { gzipSync, strToU8, zipSync } from 'fflate'
import { parquetWriteBuffer } from 'hyparquet-writer'
import { existsSync, readFileSync } from 'node:fs'
import { Temporal } from 'temporal-polyfill'
import { expect, test } from 'vitest'
import { calendars, type ImportOptions, isTradingDay, loadImporter } from '#data'
import { workload } from './bench/workload.ts'

const {
  adjusted,
  barsFromTrades,
  completedBy,
  detect,
  dropImpossible,
  importBars,
  ImportCancelled,
  inspect,
  joinFiles,
  keepFirst,
  keepLast,
  resample,
  sentence,
  widenRange,
  withRepair,
} = await loadImporter()

const bytesOf = (text: string) => new TextEncoder().encode(text)
const read = (text: string, options: ImportOptions = {}) => importBars([bytesOf(text)], options)
const day = 86_400_000
const header = 'date,open,high,low,close,volume\n'
const iso = (time: number) => new Date(time).toISOString()

// Ways in which files come

const table = `${header}2024-01-02,1,2,1,2,5\n2024-01-03,2,3,2,3,6\n`

test('a file in gzip, in zip, in both, or in UTF-16 is read as it is without', async () => {
  const plain = (await read(table, { name: 'spy.csv' })).instruments[0]!
  const utf16 = (text: string, little: boolean) =>
    Uint8Array.from(
      `\ufeff${text}`
        .split('')
        .flatMap((letter) =>
          little
            ? [letter.charCodeAt(0) & 255, letter.charCodeAt(0) >> 8]
            : [letter.charCodeAt(0) >> 8, letter.charCodeAt(0) & 255],
        ),
    )
  const packed: [string, Uint8Array][] = [
    ['spy.csv.gz', gzipSync(bytesOf(table))],
    ['data.zip', zipSync({ 'folder/spy.csv': bytesOf(table), '__MACOSX/spy.csv': bytesOf('x') })],
    ['data.zip', zipSync({ 'spy.csv.gz': gzipSync(bytesOf(table)) })],
    ['spy.csv', utf16(table, true)],
    ['spy.csv', utf16(table, false)],
    ['spy.csv', utf16(table, true).subarray(2)],
  ]
  for (const [name, bytes] of packed)
    for (const size of [1, 7, 1000]) {
      const pieces = Array.from({ length: Math.ceil(bytes.length / size) }, (_, i) =>
        bytes.subarray(i * size, (i + 1) * size),
      )
      const { instruments, problems } = await importBars(pieces, { name })
      expect([problems, instruments]).toEqual([[], [plain]])
    }
})

test('every file of a zip is read by its own layout, and named after itself', async () => {
  const zip = zipSync({
    'AAPL.csv': bytesOf(table),
    'msft.txt': bytesOf('20240102;5;6;5;6;7\n20240103;6;7;6;7;8\n'),
    'readme.md': bytesOf('about these files'),
  })
  const { instruments, problems } = await importBars([zip])
  expect(instruments.map(({ symbol, bars }) => [symbol, ...bars.close])).toEqual([
    ['AAPL', 2, 3],
    ['MSFT', 6, 7],
  ])
  expect(problems).toEqual([expect.stringContaining('readme.md: No row has a time and a price') as string])
})

test('a Parquet file is read, with dates, whole counts and missing values', async () => {
  const time = [Date.UTC(2024, 0, 2), Date.UTC(2024, 0, 3)]
  const buffer = parquetWriteBuffer({
    columnData: [
      { name: 'Date', data: time.map((value) => new Date(value)), type: 'TIMESTAMP' },
      { name: 'Open', data: [1, 2], type: 'DOUBLE' },
      { name: 'High', data: [2, 3], type: 'DOUBLE' },
      { name: 'Low', data: [1, 2], type: 'DOUBLE' },
      { name: 'Close', data: [2, 3], type: 'DOUBLE' },
      { name: 'Volume', data: [5n, null], type: 'INT64' },
    ],
  })
  const { instruments, layout } = await importBars([new Uint8Array(buffer)], { name: 'spy.parquet' })
  expect([layout!.container, layout!.days]).toEqual(['parquet', true])
  expect([...instruments[0]!.bars.time]).toEqual(time.map((value) => value * 1000))
  expect([instruments[0]!.first.volume, instruments[0]!.last.volume, instruments[0]!.last.close]).toEqual([
    5,
    null,
    3,
  ])
})

test('what is no table is told by what it is', async () => {
  const files: [string, Uint8Array, RegExp][] = [
    ['nothing', new Uint8Array(0), /^The file is empty/],
    [
      'a web page',
      bytesOf('<!DOCTYPE html><html><body>Too many requests</body></html>'),
      /^This is a web page/,
    ],
    ['a PDF', bytesOf('%PDF-1.7\n%âã'), /^This is a PDF/],
    [
      'a workbook',
      zipSync({ '[Content_Types].xml': strToU8('<?xml?>'), 'xl/workbook.xml': strToU8('<x/>') }),
      /^This is an Excel workbook/,
    ],
    ['a damaged gzip file', gzipSync(bytesOf(table)).subarray(0, 30), /damaged|empty|ends too early/],
    ['prose', bytesOf('No data available.\n'), /^No row has a time and a price/],
    ['a header alone', bytesOf(header), /no row below it has a time and a price/],
    [
      'recorded orders',
      bytesOf('34200.1,1,11,100,1000000,1\n34200.2,3,11,100,1000000,1\n'),
      /^These are rec/,
    ],
    ['numbers', bytesOf('1,2,3\n4,5,6\n'), /No column holds a time/],
    ['JSON of something else', bytesOf('{"error":"limit reached"}'), /holds no table/],
  ]
  for (const [name, bytes, reason] of files) {
    const { instruments, problems } = await importBars([bytes])
    expect([name, instruments.length, problems[0]]).toEqual([name, 0, expect.stringMatching(reason)])
  }
})

test('an import tells how far it is, and stops when it is told to', async () => {
  const piece = bytesOf(table)
  const heard: number[] = []
  const signal = { aborted: false }
  let given = 0
  function* endless() {
    for (;;) {
      given++
      yield piece
    }
  }
  const importing = importBars(endless(), {
    signal,
    onProgress: (bytes) => {
      heard.push(bytes)
      if (heard.length === 3) signal.aborted = true
    },
  })
  await expect(importing).rejects.toBeInstanceOf(ImportCancelled)
  expect(heard).toEqual([1, 2, 3].map((count) => count * piece.length))
  expect(given).toBeLessThan(6)
})

test('letters of a name that are not seen, or that turn the writing round, are marked', async () => {
  const names = ['\u202eLPAA', 'A\u0007B', '\u001b[31mRED', 'Ω-שקל']
  const rows = names.flatMap((name) => [2, 3, 4].map((day) => `2024-01-0${day},${name},1,2,1,2,5`))
  const { instruments } = await read(`date,symbol,open,high,low,close,volume\n${rows.join('\n')}`)
  expect(instruments.map(({ symbol }) => symbol)).toEqual([
    '\ufffdLPAA',
    'A\ufffdB',
    '\ufffd[31mRED',
    'Ω-שקל',
  ])
})

test('ten thousand columns beside one of days are as many instruments', async () => {
  const count = 10_000
  const columns = Array.from({ length: count }, (_, i) => `S${i}`)
  const rows = [2, 3, 4].map(
    (day) => `2024-01-0${day},${columns.map((_, i) => 100 + ((i * day) % 7)).join(',')}`,
  )
  const { instruments, questions } = await read(`date,${columns.join(',')}\n${rows.join('\n')}`)
  expect([instruments.length, instruments[count - 1]!.symbol, questions]).toEqual([count, 'S9999', []])
  expect([...instruments[5]!.bars.close]).toEqual([103, 101, 106])
})

test('what is said instead of a guess holds', async () => {
  const dates = `${header}01/02/2020,1,2,1,2,5\n01/03/2020,1,2,1,2,5\n`
  const open = await read(dates)
  expect(open.questions.map(({ about, text }) => [about, text])).toEqual([
    ['dateOrder', 'Is 01/02/2020 2 January 2020 or 1 February 2020?'],
  ])
  const first = async (options: ImportOptions, text = dates) =>
    iso((await read(text, options)).instruments[0]!.first.t).slice(0, 10)
  expect([await first({}), await first({ dateOrder: 'dmy' }), await first({ dateOrder: 'mdy' })]).toEqual([
    '2020-01-02',
    '2020-02-01',
    '2020-01-02',
  ])
  expect((await read(dates, { dateOrder: 'dmy' })).questions).toEqual([])
  const swapped = await read(`${header}2020-01-02,1,2,1,2,5\n`, {
    columns: { 1: 'close', 4: 'open' },
    scale: 2,
  })
  expect([swapped.instruments[0]!.first.open, swapped.instruments[0]!.first.close]).toEqual([1, 0.5])
  const three = await read('Date;Close\n2020-01-02;"1,234"\n2020-01-03;"1,240"\n')
  expect(three.questions.map(({ about }) => about)).toEqual(['decimal'])
  expect((await read('Date;Close\n2020-01-02;1,234\n', { decimal: '.' })).instruments[0]!.first.close).toBe(
    1234,
  )
  const layout = await detect(bytesOf(dates), { whole: true })
  if ('problem' in layout) throw new Error(layout.problem)
  for (const { confidence, reason } of [
    layout.delimiter,
    layout.time,
    layout.zone,
    layout.columns,
    layout.order,
    layout.numbers,
  ])
    expect(confidence > 0 && confidence <= 1 && reason.length > 5).toBe(true)
})

test('when a later row shows which of day and month comes first, all rows are read so and nothing is asked', async () => {
  // One day of minutes with a long remark is more than the sample.
  const remark = 'x'.repeat(200)
  const minutes = (date: string) =>
    Array.from(
      { length: 1440 },
      (_, i) =>
        `${date} ${String(Math.floor(i / 60)).padStart(2, '0')}:${String(i % 60).padStart(2, '0')},1,2,1,2,5,${remark}`,
    )
  for (const first of [1, 3]) {
    const rows = Array.from({ length: 15 - first }, (_, i) =>
      minutes(`${String(first + i).padStart(2, '0')}/03/2020`),
    ).flat()
    const { instruments, questions, skippedCount } = await read(
      'date,open,high,low,close,volume,remark\n' + rows.join('\n'),
      { zone: 'UTC' },
    )
    expect([questions, skippedCount]).toEqual([[], 0])
    const { time } = instruments[0]!.bars
    expect(time.every((value, row) => value === (Date.UTC(2020, 2, first) + row * 60_000) * 1000)).toBe(true)
  }
})

// Time zones

test('times of a zone become UTC as Temporal has them, over both changes of the clocks', async () => {
  for (const zone of ['America/New_York', 'Europe/Berlin', 'Australia/Lord_Howe', 'Asia/Kolkata', '+05:30']) {
    const rows: string[] = []
    const instants: number[] = []
    let at = Temporal.Instant.from('2023-10-20T00:00:00Z').toZonedDateTimeISO(zone)
    for (let i = 0; i < 24 * 365; i++) {
      rows.push(`${at.toPlainDateTime().toString().replace('T', ' ').slice(0, 16)},1,2,1,2,5`)
      instants.push(at.epochMilliseconds * 1000)
      at = at.add({ minutes: 60 })
    }
    const { instruments } = await read(header + rows.join('\n'), { zone })
    expect([zone, [...instruments[0]!.bars.time]]).toEqual([zone, instants])
    const newest = await read(header + rows.reverse().join('\n'), { zone })
    expect([zone, [...newest.instruments[0]!.bars.time]]).toEqual([zone, instants])
  }
})

test('local times that happened twice or never are counted and shown', async () => {
  const clocks = [
    '2024-03-10 01:30',
    '2024-03-10 02:30',
    '2024-03-10 03:30',
    '2024-11-03 00:30',
    '2024-11-03 01:30',
    '2024-11-03 01:30',
    '2024-11-03 02:30',
  ]
  const { instruments } = await read(header + clocks.map((clock) => `${clock},1,2,1,2,5`).join('\n'), {
    zone: 'America/New_York',
  })
  const [instrument] = instruments
  expect([...instrument!.bars.time].map((time) => iso(time / 1000).slice(5, 16))).toEqual([
    '03-10T06:30',
    '03-10T07:30',
    '03-10T07:30',
    '11-03T04:30',
    '11-03T05:30',
    '11-03T06:30',
    '11-03T07:30',
  ])
  expect([instrument!.clockChanges.skipped.count, instrument!.clockChanges.ambiguous.count]).toEqual([1, 2])
  const { findings } = inspect(instrument!)
  expect(findings.map(({ check }) => check)).toEqual(
    expect.arrayContaining(['ambiguousTimes', 'skippedTimes', 'duplicates']),
  )
})

// Calendars and quality

test('US holidays fall on the days that the exchange published', () => {
  const closed = (year: number) => {
    const days: string[] = []
    for (let at = Date.UTC(year, 0, 1); at < Date.UTC(year + 1, 0, 1); at += day)
      if (!isTradingDay(calendars.usEquities, at / day) && isTradingDay(calendars.weekdays, at / day))
        days.push(iso(at).slice(5, 10))
    return days.join(' ')
  }
  expect(closed(2024)).toBe('01-01 01-15 02-19 03-29 05-27 06-19 07-04 09-02 11-28 12-25')
  expect(closed(2021)).toBe('01-01 01-18 02-15 04-02 05-31 07-05 09-06 11-25 12-24')
  expect(closed(2022)).toBe('01-17 02-21 04-15 05-30 06-20 07-04 09-05 11-24 12-26')
  expect(closed(2018)).toBe('01-01 01-15 02-19 03-30 05-28 07-04 09-03 11-22 12-05 12-25')
})

test('the bundled series have no gap by the calendar of US exchanges that is guessed for them', async () => {
  for (const [file, name] of [
    ['@observablehq/sample-datasets/aapl.csv', 'aapl.csv'],
    ['vega-datasets/data/sp500-2000.csv', 'spx.csv'],
  ] as const) {
    const { instruments, problems } = await importBars([readFileSync(`node_modules/${file}`)], { name })
    expect(problems).toEqual([])
    const { calendar, findings } = inspect(instruments[0]!)
    expect([
      name,
      calendar.id,
      findings.filter(({ check }) => check === 'gaps').map(({ text }) => text),
    ]).toEqual([name, 'us-equities', []])
  }
})

const minutes = '../shared/data/btcusdt-1m-2021-02-19.csv'
test.skipIf(!existsSync(minutes))(
  'a week of minutes is one sentence, and joins to hours and days that agree with it',
  async () => {
    const { instruments, layout } = await importBars([readFileSync(minutes)], { name: 'btcusdt.csv' })
    const [week] = instruments
    expect(sentence(week!, layout!, inspect(week!))).toMatch(
      /^10,080 one-minute bars of BTCUSDT, 19 to 25 February 2021, UTC/,
    )
    const { bars } = week!
    for (const [to, size] of [
      [3600e6, 60],
      ['day', 1440],
    ] as const) {
      const joined = resample(bars, to)
      expect(joined.time.length).toBe(10_080 / size)
      joined.time.forEach((time, row) => {
        const rows = Array.from({ length: size }, (_, i) => row * size + i)
        expect(time).toBe(bars.time[row * size])
        expect([joined.open[row], joined.close[row]]).toEqual([
          bars.open[row * size],
          bars.close[row * size + size - 1],
        ])
        expect([joined.high[row], joined.low[row]]).toEqual([
          Math.max(...rows.map((at) => bars.high[at]!)),
          Math.min(...rows.map((at) => bars.low[at]!)),
        ])
        expect(joined.volume[row]).toBe(rows.reduce((sum, at) => sum + bars.volume[at]!, 0))
      })
    }
  },
)

test('what is odd is counted with its first rows, and the table stays as it is', async () => {
  const rows = Array.from({ length: 400 }, (_, i) => {
    const close = 100 + (i % 7)
    return [iso(Date.UTC(2024, 0, 1) + i * 3_600_000), close, close + 1, close - 1, close, 10] as (
      string | number
    )[]
  })
  rows[50]![2] = 1
  rows[60]![1] = 0
  rows[70]![4] = 150
  rows[80]![4] = 1000
  rows[90]![5] = 0
  rows[95]![5] = -1000
  for (let i = 100; i < 115; i++) rows[i] = [rows[i]![0]!, 103, 103, 103, 103, 10]
  rows.splice(200, 3)
  rows.splice(300, 0, [...rows[300]!])
  const [late] = rows.splice(20, 1)
  rows.splice(25, 0, late!)
  const { instruments } = await read(header + rows.map((row) => row.join(',')).join('\n'))
  const [instrument] = instruments
  const before = structuredClone(instrument!.bars)
  const { calendar, findings } = inspect(instrument!)
  expect(calendar.id).toBe('24/7')
  expect(Object.fromEntries(findings.map(({ check, count, rows }) => [check, [count, rows]]))).toEqual({
    gaps: [1, 3],
    duplicates: [1, 1],
    outOfOrder: [1, 1],
    nonPositivePrices: [1, 1],
    highBelowLow: [1, 1],
    outsideRange: [3, 3],
    outliers: [expect.any(Number), expect.any(Number)],
    zeroVolume: [1, 1],
    negativeVolume: [1, 1],
    stuckPrices: [1, 15],
  })
  const inverted = findings.find(({ check }) => check === 'highBelowLow')!
  expect(inverted.examples).toEqual([
    { row: 50, time: Date.UTC(2024, 0, 3, 2), text: 'high 1 is below low 100' },
  ])
  expect(findings.find(({ check }) => check === 'outliers')!.examples.map(({ row }) => row)).toEqual(
    expect.arrayContaining([70, 80]),
  )
  expect(instrument!.bars).toEqual(before)

  const first = keepFirst(instrument!)
  expect([first.record.repair, first.record.count, first.bars.time.length]).toEqual([
    'keep-first',
    1,
    instrument!.bars.time.length - 1,
  ])
  expect(keepLast(instrument!).record.count).toBe(1)
  expect(findings.find(({ check }) => check === 'negativeVolume')!.examples).toEqual([
    { row: 95, time: Date.UTC(2024, 0, 4, 23), text: 'volume is -1000' },
  ])
  const possible = dropImpossible(instrument!)
  expect([possible.record.count, Math.min(...possible.bars.volume)]).toEqual([5, 0])
  const widened = widenRange(instrument!)
  expect([widened.record.count, widened.bars.high[50], widened.bars.low[60]]).toEqual([4, 101, 0])
  expect(instrument!.bars).toEqual(before)
})

test('a volume below zero is told of; -1 in every bar, as Interactive Brokers writes for quotes, is no volume', async () => {
  const volumes = (...each: number[]) =>
    read(header + each.map((volume, day) => `2024-01-0${day + 1},1,2,1,2,${volume}`).join('\n'))
  const odd = await volumes(-5, 1, 1)
  expect(sentence(odd.instruments[0]!, odd.layout!, inspect(odd.instruments[0]!))).toMatch(
    /, 1 bar with a volume below zero$/,
  )
  const never = (await volumes(-1, -1, -1)).instruments[0]!
  expect([never.missingVolumes, [...never.bars.volume], never.first.volume, inspect(never).findings]).toEqual(
    [3, [0, 0, 0], null, []],
  )
})

test('every finding is told with its place: counts and rows add up, and every odd row lies in a stretch', async () => {
  const hour = 3_600_000
  await fc.assert(
    fc.asyncProperty(
      fc.array(
        fc.record({
          skip: fc.constantFrom(1, 1, 1, 1, 0, 2, 30, -3),
          close: fc.constantFrom(100, 100, 101, 0, -1, 5000),
          high: fc.constantFrom(1, 1, 1, -300),
          volume: fc.constantFrom('5', '5', '0', '', '-2'),
          times: fc.constantFrom(1, 1, 1, 12),
        }),
        { minLength: 3, maxLength: 60 },
      ),
      async (steps) => {
        let at = Date.UTC(2024, 0, 1)
        const lines = steps.flatMap(({ skip, close, high, volume, times }) =>
          Array.from({ length: times }, () => {
            at += skip * hour
            return `${iso(at)},${close},${close + high},${close - 1},${close},${volume}`
          }),
        )
        const { instruments } = await read(header + lines.join('\n'))
        const [instrument] = instruments
        if (!instrument) return
        const { bars, missingVolumes } = instrument
        for (const { check, count, rows, ranges, examples } of inspect(instrument, calendars.always)
          .findings) {
          expect([check, sum(ranges.map(({ count }) => count)), sum(ranges.map(({ rows }) => rows))]).toEqual(
            [check, count, rows],
          )
          ranges.forEach(({ firstRow, lastRow, from, to }, i) => {
            expect([bars.time[firstRow]! / 1000, bars.time[lastRow]! / 1000]).toEqual([from, to])
            if (i > 0) expect(firstRow).toBeGreaterThanOrEqual(ranges[i - 1]!.lastRow)
          })
          for (const { row } of examples)
            expect(ranges.some(({ firstRow, lastRow }) => row >= firstRow && row <= lastRow)).toBe(true)
          if (check === 'nonPositivePrices')
            expect(ranges.flatMap(({ firstRow, lastRow }) => span(firstRow, lastRow))).toEqual(
              span(0, bars.time.length - 1).filter(
                (row) => Math.min(bars.open[row]!, bars.high[row]!, bars.low[row]!, bars.close[row]!) <= 0,
              ),
            )
          if (check === 'negativeVolume')
            expect(count).toBe([...bars.volume].filter((volume) => volume < 0).length)
          if (check === 'zeroVolume')
            expect(count).toBe([...bars.volume].filter((volume) => volume === 0).length - missingVolumes)
        }
      },
    ),
    { numRuns: 100 },
  )
})

const sum = (numbers: readonly number[]) => numbers.reduce((total, number) => total + number, 0)
const span = (first: number, last: number) => Array.from({ length: last - first + 1 }, (_, i) => first + i)

test('however many findings there are, their places are few and their counts exact', async () => {
  const rows = Array.from({ length: 50_000 }, (_, i) => {
    const odd = i % 3 === 0
    return `${iso(Date.UTC(2020, 0, 1) + i * 60_000)},10,${odd ? 8 : 11},9,10,${i % 5}`
  })
  const { instruments } = await read(header + rows.join('\n'))
  const { findings } = inspect(instruments[0]!)
  const found = (check: string) => findings.find((finding) => finding.check === check)!
  for (const [check, count] of [
    ['highBelowLow', 16_667],
    ['zeroVolume', 10_000],
  ] as const) {
    const { ranges } = found(check)
    expect(ranges.length).toBeLessThanOrEqual(2000)
    expect([found(check).count, sum(ranges.map(({ rows }) => rows))]).toEqual([count, count])
  }
})

test('a row that stood behind later ones is shown where it stands now, also where files are joined or bars left out', async () => {
  const line = (hour: number, close = 10) =>
    `${iso(Date.UTC(2024, 0, 1, hour))},${close},${close + 1},${close - 1},${close},5`
  const late = await read(header + [0, 1, 2, 4, 3, 5].map((hour) => line(hour)).join('\n'), { name: 'A.csv' })
  const place = (table: Parameters<typeof inspect>[0]) =>
    inspect(table, calendars.always)
      .findings.filter(({ check }) => check === 'outOfOrder')
      .flatMap(({ ranges }) => ranges.map(({ from }) => new Date(from).getUTCHours()))
  expect(place(late.instruments[0]!)).toEqual([3])
  const early = await read(header + [-3, -2, -1].map((hour) => line(hour)).join('\n'), { name: 'A.csv' })
  expect(place(joinFiles([late, early])[0]!)).toEqual([3])
  const twice = await read(header + [0, 0, 1, 2, 4, 3, 5].map((hour) => line(hour)).join('\n'))
  expect(place(withRepair(twice.instruments[0]!, keepFirst(twice.instruments[0]!)))).toEqual([3])
})

test('bars of a session that are stamped when they close have no gap at its beginning', async () => {
  const rows: string[] = []
  for (const day of [2, 3, 4, 5])
    for (let minute = 571; minute <= 960; minute++)
      rows.push(
        `2024-01-0${day} ${String(Math.floor(minute / 60)).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')},10,11,9,${10 + (minute % 3) / 4},5`,
      )
  const { instruments, layout } = await read(header + rows.join('\n'), { zone: 'America/New_York' })
  expect(layout!.stamped.value).toBe('close')
  const gaps = (stamped: 'open' | 'close') =>
    inspect(instruments[0]!, calendars.usEquities, stamped).findings.filter(({ check }) => check === 'gaps')
  expect(gaps('close')).toEqual([])
  expect(gaps('open')).toEqual([expect.objectContaining({ count: 3, rows: 3 })])
})

test('a fall by the ratio of a split is told as one, and adjusted closes undo it at the view', async () => {
  const rows = Array.from({ length: 40 }, (_, i) => {
    const close = i < 20 ? 400 + i : (400 + i) / 4
    return `${iso(Date.UTC(2024, 0, 1) + i * day).slice(0, 10)},${close},${close + 1},${close - 1},${close},${(400 + i) / 4},8`
  })
  const { instruments } = await read(`Date,Open,High,Low,Close,Adj Close,Volume\n${rows.join('\n')}`)
  const finding = inspect(instruments[0]!).findings.find(({ check }) => check === 'splits')!
  expect([finding.count, finding.examples[0]!.row, finding.examples[0]!.text]).toEqual([
    1,
    20,
    '419 to 105, like a split of 4 for 1',
  ])
  const view = adjusted(instruments[0]!)
  expect([view.close[0], view.open[0], view.volume[0], view.close[39]]).toEqual([100, 100, 32, 109.75])
})

// Joining

test('days join to weeks from Monday, months and years', () => {
  const size = 400
  const column = (value: (row: number) => number) =>
    Float64Array.from({ length: size }, (_, row) => value(row))
  const bars = {
    time: column((row) => (Date.UTC(2023, 0, 2) + row * day) * 1000),
    open: column((row) => row),
    high: column((row) => row + 1),
    low: column((row) => row - 1),
    close: column((row) => row + 0.5),
    volume: column(() => 2),
  }
  const weeks = resample(bars, 'week')
  expect([
    weeks.time.length,
    iso(weeks.time[1]! / 1000).slice(0, 10),
    weeks.open[1],
    weeks.close[1],
    weeks.high[1],
    weeks.low[1],
    weeks.volume[1],
  ]).toEqual([58, '2023-01-09', 7, 13.5, 14, 6, 14])
  const months = resample(bars, 'month')
  expect([
    iso(months.time[0]! / 1000).slice(0, 10),
    months.volume[0],
    iso(months.time[1]! / 1000).slice(0, 10),
    months.open[1],
    months.volume[1],
  ]).toEqual(['2023-01-01', 60, '2023-02-01', 30, 56])
  expect(resample(bars, 'year').time.length).toBe(2)
})

test('no joined bar holds a price from after its end, however long it is and wherever the data stop', () => {
  const bars = workload(3000)
  const cut = (end: number) =>
    Object.fromEntries(
      Object.entries(bars).map(([name, column]) => [name, column.slice(0, end)]),
    ) as unknown as typeof bars
  for (const to of [300e6, 3600e6, 86_400e6, 'day'] as const) {
    const whole = resample(bars, to)
    for (const end of [500, 1234, 2999]) {
      const part = resample(cut(end), to)
      const last = part.time.length - 1
      for (const name of ['time', 'open', 'high', 'low', 'close', 'volume'] as const)
        expect(part[name].slice(0, last)).toEqual(whole[name].slice(0, last))
    }
  }
  const hours = resample(bars, 3600e6)
  const rows = completedBy(bars.time, hours, 3600e6)
  rows.forEach((row, at) => {
    if (row >= 0) expect(hours.time[row]! + 3600e6 <= bars.time[at]!).toBe(true)
    expect(hours.time[row + 1] === undefined || hours.time[row + 1]! + 3600e6 > bars.time[at]!).toBe(true)
  })
})

test('hours of a session begin when it opens, in summer and winter, and a bar stamped at its close belongs to the hour that ends there', () => {
  const open = (month: number, day: number, hour: number) =>
    Array.from({ length: 390 }, (_, i) => (Date.UTC(2024, month, day, hour, 30) + i * 60_000) * 1000)
  const times = [...open(2, 8, 14), ...open(2, 11, 13)]
  const same = Float64Array.from(times, (_, i) => i)
  const bars = {
    time: Float64Array.from(times),
    open: same,
    high: same,
    low: same,
    close: same,
    volume: same.map(() => 1),
  }
  const hours = resample(bars, 3600e6, { calendar: calendars.usEquities })
  expect([...hours.time].map((time) => iso(time / 1000).slice(11, 16))).toEqual([
    '14:30',
    '15:30',
    '16:30',
    '17:30',
    '18:30',
    '19:30',
    '20:30',
    '13:30',
    '14:30',
    '15:30',
    '16:30',
    '17:30',
    '18:30',
    '19:30',
  ])
  expect([...hours.volume]).toEqual([60, 60, 60, 60, 60, 60, 30, 60, 60, 60, 60, 60, 60, 30])
  const days = resample(bars, 'day', { calendar: calendars.usEquities })
  expect([...days.time].map((time) => iso(time / 1000).slice(0, 10))).toEqual(['2024-03-08', '2024-03-11'])
  const late = { ...bars, time: bars.time.map((time) => time + 60e6) }
  const closing = resample(late, 3600e6, { calendar: calendars.usEquities, stamped: 'close' })
  expect([...closing.volume]).toEqual([...hours.volume])
  expect([...closing.time].slice(0, 2).map((time) => iso(time / 1000).slice(11, 16))).toEqual([
    '15:30',
    '16:30',
  ])
})

test("missing slots are filled only on request, flagged, and never by the calendar's closed hours", () => {
  const bars = workload(120)
  const drop = (column: Float64Array) => column.filter((_, row) => row < 50 || row >= 53)
  const gappy = {
    time: drop(bars.time),
    open: drop(bars.open),
    high: drop(bars.high),
    low: drop(bars.low),
    close: drop(bars.close),
    volume: drop(bars.volume),
  }
  expect(resample(gappy, 60e6)).toEqual(gappy)
  const filled = resample(gappy, 60e6, { fill: true })
  expect([
    filled.time.length,
    [...filled.real!].filter((real) => real === 0).length,
    filled.real![50],
    filled.close[52],
    filled.volume[51],
  ]).toEqual([120, 3, 0, bars.close[49], 0])
})

test('bars of ticks, volume and dollars end with the trade that reaches their size', () => {
  const trades = {
    time: Float64Array.from([1, 2, 3, 4, 5, 6, 7]),
    price: Float64Array.from([10, 11, 9, 12, 10, 10, 13]),
    volume: Float64Array.from([1, 2, 3, 1, 5, 1, 1]),
  }
  const shape = (rule: Parameters<typeof barsFromTrades>[1]) => {
    const { time, open, high, low, close, volume } = barsFromTrades(trades, rule)
    return [...time].map((at, row) => [at, open[row], high[row], low[row], close[row], volume[row]])
  }
  expect(shape({ by: 'ticks', count: 3 })).toEqual([
    [3, 10, 11, 9, 9, 6],
    [6, 12, 12, 10, 10, 7],
    [7, 13, 13, 13, 13, 1],
  ])
  expect(shape({ by: 'volume', volume: 6 })).toEqual([
    [3, 10, 11, 9, 9, 6],
    [5, 12, 12, 10, 10, 6],
    [7, 10, 13, 10, 13, 2],
  ])
  expect(shape({ by: 'dollars', amount: 59 })).toEqual([
    [3, 10, 11, 9, 9, 6],
    [5, 12, 12, 10, 10, 6],
    [7, 10, 13, 10, 13, 2],
  ])
  expect(shape({ by: 'time', interval: 60e6 })).toEqual([[0, 10, 13, 9, 13, 14]])
})
