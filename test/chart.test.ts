import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import type { DataSet } from '#data'
import { Axis } from '../src/app/chart/axis.ts'
import { priceDecimals } from '../src/app/chart/price-decimals.ts'
import { barLevels, Line } from '../src/app/chart/levels.ts'
import { brought, clamp, serves, whole, windowFor } from '../src/app/chart/view.ts'
import { Zone } from '../src/app/chart/zone.ts'

const prices = fc
  .array(fc.double({ min: 1, max: 1000, noNaN: true }), { minLength: 1, maxLength: 200 })
  .map((values) => Float64Array.from(values))

test('a coarser level of bars keeps the first open, the extremes, the last close and all of the volume', () => {
  fc.assert(
    fc.property(prices, fc.integer({ min: 0, max: 5 }), (close, level) => {
      const levels = barLevels({ open: close, high: close, low: close, close, volume: close })
      const coarse = levels.at(level)
      const group = 2 ** level
      for (let i = 0; i < Math.ceil(close.length / group); i++) {
        const rows = close.subarray(i * group, (i + 1) * group)
        expect(coarse.open[i]).toBe(rows[0])
        expect(coarse.close[i]).toBe(rows.at(-1))
        expect(coarse.high[i]).toBe(Math.max(...rows))
        expect(coarse.low[i]).toBe(Math.min(...rows))
        expect(coarse.volume[i]).toBeCloseTo(
          rows.reduce((sum, volume) => sum + volume, 0),
          6,
        )
      }
    }),
  )
})

test('days on which an instrument does not trade leave no hole in a coarser bar', () => {
  const column = Float64Array.of(NaN, 7, 8, NaN)
  const coarse = barLevels({ open: column, high: column, low: column, close: column, volume: column }).at(1)
  expect([...coarse.open]).toEqual([7, 8])
  expect([...coarse.high]).toEqual([7, 8])
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
