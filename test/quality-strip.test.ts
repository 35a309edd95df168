import fc from 'fast-check'
import { expect, test } from 'vitest'
import { barsAround } from '../src/app/import/numbered-bars.ts'
import { across, marksOf, nearest, outline } from '../src/app/import/strip.ts'

const range = (firstRow: number, from: number, lastRow = firstRow, to = from) => ({
  firstRow,
  lastRow,
  from,
  to,
  count: 1,
  rows: lastRow - firstRow + 1,
})

test('the outline of any stretches lies within the strip, each at least as wide as can be seen and none over another', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(1000), fc.nat(50)), { minLength: 1, maxLength: 200 }), (list) => {
      const ranges = list
        .sort(([a], [b]) => a - b)
        .map(([from, length]) => ({ from, to: Math.min(1000, from + length) }))
      const parts = [...outline(ranges, 0, 1000, 14, 666).matchAll(/M([\d.]+) 0H([\d.]+)V14H/g)].map(
        ([, left, right]) => [Number(left), Number(right)] as const,
      )
      expect(parts.length).toBeGreaterThan(0)
      parts.forEach(([left, right], i) => {
        expect(left).toBeGreaterThanOrEqual(i === 0 ? 0 : parts[i - 1]![1])
        expect(right).toBeLessThanOrEqual(across)
        expect(right - left).toBeGreaterThanOrEqual(2.8)
      })
      for (const { from, to } of ranges)
        expect(parts.some(([left, right]) => left <= from + 3 && right >= to - 3)).toBe(true)
    }),
    { numRuns: 200 },
  )
})

test('all bars at one moment are drawn in the middle', () => {
  expect(outline([{ from: 5, to: 5 }], 5, 5, 14, 500)).toBe('M498.0 0H502.0V14H498.0Z')
})

test('the pointer means the nearest mark, of two the narrower, and none that is far', () => {
  const marks = marksOf([
    { check: 'gaps', ranges: [range(10, 100, 50, 500)] },
    { check: 'duplicates', ranges: [range(30, 300), range(90, 900)] },
  ])
  expect(marks.map(({ from }) => from)).toEqual([100, 300, 900])
  expect(nearest(marks, 301, 0, 1000)?.check).toBe('gaps')
  expect(nearest(marks, 300, 0, 1000)?.check).toBe('duplicates')
  expect(nearest(marks, 895, 0, 1000)?.from).toBe(900)
  expect(nearest(marks, 700, 0, 1000)).toBeUndefined()
})

test('the bars around a stretch are those before and behind it, and of a long one its ends', () => {
  const column = Float64Array.from({ length: 100 }, (_, row) => row)
  const bars = { time: column, open: column, high: column, low: column, close: column, volume: column }
  const rows = (first: number, last: number) =>
    barsAround({ bars, missingVolumes: 0 }, first, last).map(({ row }) => row)
  expect(rows(50, 50)).toEqual([47, 48, 49, 50, 51, 52, 53])
  expect(rows(0, 1)).toEqual([0, 1, 2, 3, 4])
  expect(rows(20, 80)).toEqual([17, 18, 19, 20, 21, 22, 78, 79, 80, 81, 82, 83])
})
