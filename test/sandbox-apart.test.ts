import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import { putTogether, takenApart } from '../src/app/sandbox/apart.ts'
import { joined, randomWalk } from '#data'

const bytesOf = (columns: readonly ArrayBufferView[]) =>
  columns.reduce((sum, { byteLength }) => sum + byteLength, 0)

/** All that is in it, of columns a digest. */
const told = (value: unknown) =>
  JSON.stringify(value, (_, part: unknown) =>
    ArrayBuffer.isView(part)
      ? createHash('sha1')
          .update(new Uint8Array(part.buffer, part.byteOffset, part.byteLength))
          .digest('hex')
      : part,
  )

test('a large data set travels in messages of at most 8 MB and is the same when it is put together', () => {
  const data = randomWalk({ bars: 300_000 })
  const { data: outline, messages } = takenApart(data)
  expect(JSON.stringify(outline).length).toBeLessThan(2000)
  expect(messages.map(bytesOf)).toEqual([7_200_000, 7_200_000])
  const there = putTogether(structuredClone(outline), structuredClone(messages).flat())
  expect(told(there)).toBe(told(data))
})

test('a column that is longer than a message goes alone', () => {
  const { messages } = takenApart(randomWalk({ bars: 1_100_000 }))
  expect(messages.map(bytesOf)).toEqual(Array(6).fill(8_800_000))
})

test('a small data set travels whole', () => {
  const data = randomWalk({ bars: 1000 })
  const apart = takenApart(data)
  expect(apart.messages).toEqual([])
  expect(told(apart.data)).toBe(told(data))
})

test('bars that two parts of a data set share travel once', () => {
  const one = randomWalk({ bars: 20_000 })
  const data = joined('both', [
    { ...one, id: 'first' },
    { ...randomWalk({ bars: 20_000, seed: 2 }), id: 'second' },
  ])
  const { data: outline, messages } = takenApart(data)
  expect(messages.flat()).toHaveLength(12)
  expect(told(putTogether(structuredClone(outline), structuredClone(messages).flat()))).toBe(told(data))
})

test('a column that a file calls like our mark is a column', () => {
  const [instrument] = randomWalk({ bars: 10_000 }).instruments
  const data = [{ ...instrument, columns: { columnApart: new Float64Array(10_000).fill(3) } }]
  const { data: outline, messages } = takenApart(data)
  expect(told(putTogether(structuredClone(outline), structuredClone(messages).flat()))).toBe(told(data))
})
