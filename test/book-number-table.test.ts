import { expect, test } from 'vitest'
import fc from 'fast-check'
import { FarPrices, priceBound } from '../src/book/far-prices.ts'
import { NumberTable } from '../src/book/number-table.ts'

// Few keys, which often share a place, so that what is taken away leaves gaps that matter.
const key = fc.oneof(
  fc.integer({ min: 0, max: 40 }),
  fc.integer({ min: 0, max: 40 }).map((n) => n * 2 ** 32),
  fc.integer({ min: 0, max: 300 }).map((n) => n * 100_003),
  fc.constantFrom(2 ** 53 - 1, 2 ** 40, 2 ** 31),
)
const steps = fc.array(fc.tuple(key, fc.integer({ min: -3, max: 3 })), { maxLength: 400 })

test('a table keeps each number with its word, whatever is put in and taken out', () => {
  fc.assert(
    fc.property(steps, (steps) => {
      const table = new NumberTable()
      const map = new Map<number, number>()
      for (const [key, word] of steps) {
        if (word === 0) table.delete(key)
        else table.set(key, word)
        if (word === 0) map.delete(key)
        else map.set(key, word)
        expect(table.size).toBe(map.size)
      }
      for (const [key] of steps) expect(table.get(key)).toBe(map.get(key) ?? 0)
      for (const odd of [-1, 0.5, NaN, Infinity]) expect(table.get(odd)).toBe(0)
      const pairs = table.save()
      const saved = Array.from({ length: map.size }, (_, i) => [pairs[2 * i], pairs[2 * i + 1]])
      expect(new Map(saved as [number, number][])).toEqual(map)
      table.clear()
      expect(steps.every(([key]) => table.get(key) === 0)).toBe(true)
    }),
    { numRuns: 300 },
  )
})

test('of prices anywhere the nearest above and below is found', () => {
  const bound = priceBound - 1
  const price = fc.oneof(
    fc.integer({ min: -100, max: 100 }),
    fc.integer({ min: -50, max: 50 }).map((n) => n * 100_003),
    fc.constantFrom(-bound, bound, 2 ** 31, -(2 ** 33)),
  )
  fc.assert(
    fc.property(fc.array(fc.tuple(price, fc.boolean()), { maxLength: 200 }), price, (steps, from) => {
      const far = new FarPrices()
      const prices = new Set<number>()
      steps.forEach(([price, stays], i) => {
        if (stays) far.set(price, i + 1)
        else if (prices.has(price)) far.delete(price)
        if (stays) prices.add(price)
        else prices.delete(price)
      })
      const above = Math.min(...[...prices].filter((price) => price > from))
      const below = Math.max(...[...prices].filter((price) => price < from))
      const levelAt = (price: number) => (Number.isFinite(price) ? far.get(price) : 0)
      expect(far.size).toBe(prices.size)
      expect(far.nearest(from, true)).toBe(levelAt(above))
      expect(far.nearest(from, false)).toBe(levelAt(below))
      expect([...prices].every((price) => far.get(price) > 0)).toBe(true)
    }),
    { numRuns: 300 },
  )
})
