import fc from 'fast-check'
import { expect, test } from 'vitest'
import { decodeColumns, encodeColumns } from '../src/app/columnar.ts'

test('data and columns come back from a file as they were, also what JSON has no word for', () => {
  const number = fc.double()
  const value = fc.record({
    name: fc.string(),
    figures: fc.dictionary(fc.stringMatching(/^[a-z]{1,8}$/), number),
    time: fc.float64Array(),
    order: fc.int32Array(),
    side: fc.int8Array(),
    nested: fc.array(
      fc.record({ type: fc.uint8Array(), missing: fc.constantFrom(NaN, Infinity, -Infinity) }),
    ),
  })
  fc.assert(
    fc.property(value, (given) => {
      const plain = (part: unknown): unknown =>
        JSON.parse(JSON.stringify(part, (_, x: unknown) => (Object.is(x, -0) ? 0 : x)))
      const read = decodeColumns(encodeColumns(given)) as typeof given
      expect([...read.time]).toEqual([...given.time])
      expect([...read.order]).toEqual([...given.order])
      expect(read.nested.map(({ missing }) => missing)).toEqual(given.nested.map(({ missing }) => missing))
      expect(plain(read.figures)).toEqual(plain(given.figures))
      expect(Object.values(read.figures).map(Number.isNaN)).toEqual(
        Object.values(given.figures).map(Number.isNaN),
      )
      expect(read.name).toBe(given.name)
    }),
  )
})
