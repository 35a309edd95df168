import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import type { DataSet } from '#data'
import { Axis } from '../src/app/chart/axis.ts'
import { priceDecimals } from '../src/app/chart/price-decimals.ts'
import {
  type BarLevel,
  BarLevels,
  drawnBy,
  Line,
  runDrawnBy,
  withBarLevels,
  withLineLevels,
} from '../src/app/chart/levels.ts'
import type { Palette } from '../src/app/chart/palette.ts'
import { TradeLayer } from '../src/app/chart/trade-layer.ts'
import { brought, clamp, grown, serves, whole, windowFor } from '../src/app/chart/view.ts'
import { outlineOf } from '../src/app/store/outline.ts'
import { Zone } from '../src/app/chart/zone.ts'

const prices = fc
  .array(fc.double({ min: 1, max: 1000, noNaN: true }), { minLength: 1, maxLength: 200 })
  .map((values) => Float64Array.from(values))

/** What a group of bars comes to, the slow way; rows without a price are none. */
function aggregated(rows: BarLevel, from: number, to: number) {
  const at = Array.from({ length: to - from }, (_, i) => from + i).filter(
    (row) => row < rows.close.length && !Number.isNaN(rows.close[row]!),
  )
  if (at.length === 0) return [NaN, NaN, NaN, NaN, NaN]
  return [
    rows.open[at[0]!],
    Math.max(...at.map((row) => rows.high[row]!)),
    Math.min(...at.map((row) => rows.low[row]!)),
    rows.close[at.at(-1)!],
    at.reduce((sum, row) => sum + rows.volume[row]!, 0),
  ]
}

const candles = fc
  .array(fc.option(fc.tuple(...[1, 2, 3, 4, 5].map(() => fc.integer({ min: 1, max: 1000 })))), {
    minLength: 1,
    maxLength: 700,
  })
  .map((bars): BarLevel => {
    const column = (at: number) => Float64Array.from(bars, (bar) => bar?.[at] ?? NaN)
    return { open: column(0), high: column(1), low: column(2), close: column(3), volume: column(4) }
  })

test('at any zoom a candle is the first open, the extremes, the last close and all of the volume of its rows', () => {
  fc.assert(
    fc.property(candles, fc.nat(9), fc.nat(40), fc.nat(40), (rows, level, from, more) => {
      const size = 2 ** level
      const groups = Math.ceil(rows.close.length / size)
      const { open, high, low, close, volume } = new BarLevels(rows).groups(level, from, from + more)
      expect(close.length).toBe(Math.max(0, Math.min(groups - from, more)))
      for (let i = 0; i < close.length; i++)
        expect([open[i], high[i], low[i], close[i], volume[i]]).toEqual(
          aggregated(rows, (from + i) * size, (from + i + 1) * size),
        )
    }),
  )
})

test('levels that were made in another thread draw what those of the page would', () => {
  fc.assert(
    fc.property(candles, fc.nat(9), (rows, level) => {
      const time = rows.close.map((_, row) => row * 60e6)
      const bars = { time, ...rows }
      const data: DataSet = { ...dataSet(), instruments: [{ instrument: { name: 'A' }, bars }] }
      const equity = { time, value: rows.close, cash: rows.close }
      const plots = [{ name: 'High', pane: 'price', instrument: 0, values: rows.high }]
      const run = { record: { equity, plots }, report: { buyAndHold: rows.low, drawdown: rows.open } }
      const made = () => [
        new BarLevels(bars).groups(level, 0, 1000),
        ...[equity.value, rows.low, rows.open, rows.high].map((values) =>
          new Line(values).points(level, 0, 1000),
        ),
      ]
      const here = made()
      drawnBy(withBarLevels(data))
      runDrawnBy(withLineLevels(run))
      expect(made()).toEqual(here)
    }),
  )
})

test('the outline of a large data set is the same candles in larger groups, each at the time of its first bar', () => {
  const rows = 70_000
  const column = (value: (row: number) => number) =>
    Float64Array.from({ length: rows }, (_, row) => value(row))
  const close = column((row) => 100 + ((row * 7919) % 97))
  const bars = {
    time: column((row) => row * 60e6),
    open: column((row) => close[row]! - 1),
    high: column((row) => close[row]! + 2),
    low: column((row) => close[row]! - 3),
    close,
    volume: column(() => 1),
  }
  const outline = outlineOf([{ bars }])!
  expect(outline.close.length).toBe(Math.ceil(rows / 64))
  for (let group = 0; group < outline.close.length; group += 97) {
    expect(outline.time[group]).toBe(bars.time[group * 64])
    const { open, high, low, close, volume } = outline
    expect([open[group], high[group], low[group], close[group], volume[group]]).toEqual(
      aggregated(bars, group * 64, (group + 1) * 64),
    )
  }
  const few = { ...bars, time: bars.time.subarray(0, 60_000) }
  expect(outlineOf([{ bars: few }])).toBeUndefined()
})

test('a line that is thinned out keeps its highest, its lowest and its last value', () => {
  fc.assert(
    fc.property(prices, fc.integer({ min: 0, max: 5 }), (values, level) => {
      const points = new Line(values).points(level, 0, values.length)
      const drawn = points.map(({ value }) => value)
      expect(points.length).toBe(Math.ceil(values.length / 2 ** level))
      expect(drawn.at(-1)).toBe(values.at(-1))
      // The last pair gives up one extreme to the last value.
      const settled = values.subarray(0, Math.max(0, points.length - 2) * 2 ** level)
      if (settled.length) {
        expect(Math.max(...drawn)).toBeGreaterThanOrEqual(Math.max(...settled))
        expect(Math.min(...drawn)).toBeLessThanOrEqual(Math.min(...settled))
      }
    }),
  )
})

test('a line that grows value by value is drawn as one that is made at once', () => {
  fc.assert(
    fc.property(prices, fc.integer({ min: 0, max: 5 }), (values, level) => {
      const grown = new Line(new Float64Array(values.length).fill(NaN))
      expect(grown.points(level, 0, values.length)).toEqual([])
      values.forEach((value, row) => grown.set(row, value))
      const made = new Line(values)
      expect(grown.points(level, 0, values.length)).toEqual(made.points(level, 0, values.length))
    }),
  )
})

test('a part of a line is drawn as it is drawn with all of it', () => {
  fc.assert(
    fc.property(candles, fc.nat(7), fc.nat(60), fc.nat(60), ({ close }, level, from, more) => {
      const [start, end] = [from * 2 ** level, (from + more) * 2 ** level]
      const all = new Line(close).points(level, 0, close.length)
      expect(new Line(close).points(level, from, from + more)).toEqual(
        all.filter(({ time }) => time >= start && time < end),
      )
    }),
  )
})

test('a line that begins late has no points before', () => {
  const line = new Line(Float64Array.of(NaN, NaN, NaN, 4, 5, 6))
  expect(line.points(0, 0, 6).map(({ time }) => time)).toEqual([3, 4, 5])
  expect(line.points(1, 0, 3).map(({ value }) => value)).toEqual([4, 6])
})

test('what is on screen stays near the data, and a window serves the span that it was made for', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 2_000_000 }),
      fc.double({ min: -1e7, max: 1e7, noNaN: true }),
      fc.double({ min: 0, max: 1e7, noNaN: true }),
      fc.integer({ min: 50, max: 3000 }),
      (rows, from, length, width) => {
        const span = clamp({ from, to: from + length }, rows)
        expect(span.to).toBeGreaterThan(0)
        expect(span.from).toBeLessThan(rows)
        const window = windowFor(span, rows, width)
        expect(serves(window, span, rows, width)).toBe(true)
        expect((window.to - window.from) / 2 ** window.level).toBeLessThanOrEqual(50_000)
      },
    ),
  )
  expect(whole(1000).from).toBeLessThanOrEqual(0)
  expect(whole(1000).to).toBeGreaterThanOrEqual(1000)
})

test('of a market that goes on all is shown, or a part, as before it went on', () => {
  expect(grown(whole(20), 20, 30)).toEqual(whole(30))
  expect(grown({ from: 5, to: 15 }, 20, 30)).toEqual({ from: 5, to: 15 })
})

test('a bar that is on screen is brought there without moving what is seen, also the first and the last one', () => {
  const all = whole(1000)
  expect(brought(all, 0, 0, 1000)).toBe(all)
  expect(brought(all, 999, 999, 1000)).toBe(all)
  const near = { from: 100, to: 200 }
  expect(brought(near, 150, 160, 1000)).toBe(near)
  expect(brought(near, 101, 101, 1000)).toEqual({ from: 51.5, to: 151.5 })
  expect(brought(near, 400, 599, 1000)).toEqual({ from: 360, to: 640 })
})

test('a zone tells the wall clock on both sides of a change to summer time', () => {
  const zone = new Zone('America/New_York')
  const wall = (iso: string) => new Date(zone.local(Date.parse(iso))).toISOString().slice(0, 16)
  expect(wall('2024-03-10T06:59:00Z')).toBe('2024-03-10T01:59')
  expect(wall('2024-03-10T07:00:00Z')).toBe('2024-03-10T03:00')
  expect(wall('2024-11-03T05:30:00Z')).toBe('2024-11-03T01:30')
  expect(wall('2024-11-03T06:30:00Z')).toBe('2024-11-03T01:30')
  expect(new Zone('Asia/Kolkata').local(0)).toBe(5.5 * 3_600_000)
  expect(new Zone('nowhere').name).toBe('UTC')
})

function dataSet(...times: readonly (readonly string[])[]): DataSet {
  return {
    id: 'test',
    name: 'Test',
    provenance: 'Made for a test.',
    instruments: times.map((column, i) => {
      const time = Float64Array.from(column, (iso) => Date.parse(iso) * 1000)
      const price = new Float64Array(time.length).fill(10)
      return {
        instrument: { name: `I${i}` },
        bars: { time, open: price, high: price, low: price, close: price, volume: price },
      }
    }),
  }
}

test('daily bars are told by their date, whatever the zone', () => {
  const axis = new Axis(dataSet(['2018-03-21', '2018-03-22']), 0, 'America/New_York')
  expect(axis.daily).toBe(true)
  expect(axis.label(1)).toBe('2018-03-22')
})

test('bars within a day are told in the zone', () => {
  const axis = new Axis(dataSet(['2024-07-01T13:30Z', '2024-07-01T13:35Z']), 0, 'America/New_York')
  expect(axis.label(0)).toBe('2024-07-01 09:30')
})

test('the axis has a row for every time of every instrument', () => {
  const axis = new Axis(dataSet(['2018-01-01', '2018-01-03'], ['2018-01-02', '2018-01-03']), 1, 'UTC')
  expect(axis.length).toBe(3)
  expect([...axis.rowOfBar]).toEqual([1, 2])
  expect([...axis.barOfRow]).toEqual([-1, 0, 1])
  expect(axis.rowAt(Date.parse('2018-01-02T12:00Z') * 1000)).toBe(1)
})

test('a price shows the decimals of its tick, or about six digits', () => {
  expect(priceDecimals(0.25, 100)).toBe(2)
  expect(priceDecimals(0.00001, 1)).toBe(5)
  expect(priceDecimals(1, 100)).toBe(0)
  expect(priceDecimals(undefined, 188.59)).toBe(2)
  expect(priceDecimals(undefined, 0.0123)).toBe(7)
})

test('marks of trades stay below the legend, also over the highest bar', () => {
  const numbers = (...values: number[]) => Float64Array.from(values)
  const places = (...values: number[]) => Int32Array.from(values)
  const [at, left] = [numbers(10, 110, 210), numbers(60, 160, 260)]
  const trades = {
    ...{ instrument: places(0, 0, 0), side: Int8Array.of(1, 1, 1), size: numbers(1, 1, 1) },
    ...{ entryTime: at, exitTime: left, entryPrice: numbers(1, 1, 1), exitPrice: numbers(9, 9, 9) },
    ...{ pnl: numbers(8, 8, 8), fees: numbers(0, 0, 0), return: numbers(8, 8, 8) },
    ...{ entryBar: places(1, 11, 21), exitBar: places(6, 16, 26), entryOrder: at, exitOrder: left },
    ...{ worst: numbers(0, 0, 0), best: numbers(8, 8, 8) },
  }
  const time = Float64Array.from({ length: 30 }, (_, i) => i * 10)
  const bars = { time, open: time, high: time, low: time, close: time, volume: time }
  const data = { id: '', name: '', provenance: '', instruments: [{ instrument: { name: 'A' }, bars }] }
  // The highest bar reaches up to 4 pixels below the edge of the pane, into the legend.
  const projection = { x: (row: number) => row * 20, y: (price: number) => 4 + (9 - price) * 10, spacing: 20 }
  const colours = Object.fromEntries(
    ['gain', 'loss', 'bid', 'ask', 'panel', 'accent'].map((name) => [name, [0, 0, 0]]),
  )
  const layer = new TradeLayer<number>(
    { ...projection, low: () => 1, high: () => 9 },
    colours as unknown as Palette,
  )
  layer.set(
    { ...trades, entryOrder: places(1, 2, 3), exitOrder: places(4, 5, 6) },
    0,
    new Axis(data, 0, 'UTC'),
  )
  const paper = new Proxy({} as CanvasRenderingContext2D, {
    get: () => () => ({ width: 10 }),
    set: () => true,
  })
  const draw = () =>
    layer
      .paneViews()[0]!
      .renderer()!
      .draw({
        useMediaCoordinateSpace: (paint: (scope: object) => void) =>
          paint({ context: paper, mediaSize: { width: 600, height: 200 } }),
      } as never)
  // Beside the line of the trade, which ends at the bar.
  draw()
  expect(layer.find(126, 8)?.trades).toEqual([0])
  layer.keepBelow(28)
  draw()
  expect(layer.find(126, 8)).toBeUndefined()
  expect(layer.find(126, 24)).toBeUndefined()
  expect(layer.find(120, 38)?.trades).toEqual([0])
})
