import { beforeAll, expect, test } from 'vitest'
import { type FlowBlock, FlowKind } from '#data'
import { FlowCursor, recordedMarket } from '#exchange'

let blocks: readonly FlowBlock[] = []
beforeAll(() => {
  blocks = [...recordedMarket({ seed: 3, agents: 300, seconds: 600 }, 'X').messages]
})

/** All that rests, in the order of its queues. */
const shown = (cursor: FlowCursor) =>
  [...cursor.book.everything()].map(({ id, side, price, open }) => `${id} ${side} ${open}@${price}`).join(' ')

test('a recorded book is the same after a message, whichever way one comes there', () => {
  const on = new FlowCursor(blocks)
  const places = [1, 7_000, 19_999, 20_000, 20_001, on.length - 1, on.length]
  expect(on.length).toBeGreaterThan(25_000)
  const straight = places.map((rows) => {
    expect(on.seek(rows)).toBe(true)
    return shown(on)
  })
  const back = new FlowCursor(blocks)
  back.seek(back.length)
  for (const i of [5, 0, 3, 1, 6, 4, 2]) {
    back.seek(places[i]!)
    expect(shown(back)).toBe(straight[i])
  }
  back.seek(0)
  expect(shown(back)).toBe('')
})

test('a long way can be gone in pieces', () => {
  const cursor = new FlowCursor(blocks)
  let pieces = 1
  while (!cursor.seek(10_000, 3_000)) pieces++
  expect([pieces, cursor.rows]).toEqual([4, 10_000])
})

test('one steps from one thing that happened to the next, and back over the same', () => {
  const cursor = new FlowCursor(blocks)
  const places = [0]
  for (let i = 0; i < 300; i++) {
    cursor.seek(cursor.next())
    places.push(cursor.rows)
  }
  for (const place of places.slice(0, -1).reverse()) {
    cursor.seek(cursor.previous())
    expect(cursor.rows).toBe(place)
  }
})

test('the next trade is shown with what left the book by it', () => {
  const cursor = new FlowCursor(blocks)
  cursor.seek(5_000)
  const at = cursor.nextTrade()
  cursor.seek(at)
  const rows = Array.from({ length: 6 }, (_, i) => cursor.message(at - 6 + i).kind)
  expect(rows.lastIndexOf(FlowKind.TRADE)).toBeGreaterThanOrEqual(0)
  expect(rows.at(-1)).toBe(FlowKind.EXECUTE)
  const trade = cursor.message(at - 6 + rows.lastIndexOf(FlowKind.TRADE))
  expect(cursor.book.open(trade.id)).toBeGreaterThanOrEqual(0)
  cursor.seek(cursor.length)
  expect(cursor.nextTrade()).toBe(cursor.length)
})

test('a time leads to all that has happened by then', () => {
  const cursor = new FlowCursor(blocks)
  const { time } = cursor.message(12_345)
  const rows = cursor.rowsAt(time)
  expect(cursor.message(rows - 1).time).toBe(time)
  expect(cursor.message(rows).time).toBeGreaterThan(time)
  expect([cursor.rowsAt(0), cursor.rowsAt(Infinity)]).toEqual([0, cursor.length])
})

test('changes are counted, and each count leads to the rows after which so many have happened', () => {
  const cursor = new FlowCursor(blocks)
  expect(cursor.changes).toBeLessThan(cursor.length)
  const places = [0]
  for (let i = 0; i < 2_000; i++) {
    cursor.seek(cursor.next())
    places.push(cursor.rows)
  }
  expect(places.map((_, count) => cursor.rowsOf(count))).toEqual(places)
  expect(places.map((rows) => cursor.changesIn(rows))).toEqual(places.map((_, count) => count))
  expect([cursor.rowsOf(cursor.changes), cursor.changesIn(cursor.length)]).toEqual([
    cursor.length,
    cursor.changes,
  ])
})

test('what rested before the first change is there before it, wherever the columns are cut', () => {
  const { APPEAR, OPEN, TRADE, EXECUTE } = FlowKind
  const cut = (...kinds: FlowKind[]): FlowBlock => ({
    length: kinds.length,
    // Columns may be longer than the block.
    time: new Float64Array(8),
    kind: Uint8Array.from({ length: 8 }, (_, row) => kinds[row] ?? 0),
    id: Float64Array.from({ length: 8 }, (_, row) => row + 1),
    side: new Int8Array(8).fill(1),
    price: new Float64Array(8).fill(10),
    size: new Float64Array(8).fill(1),
  })
  const cursor = new FlowCursor([cut(APPEAR, APPEAR), cut(OPEN, TRADE), cut(EXECUTE), cut(APPEAR, OPEN)])
  expect(cursor.changes).toBe(3)
  expect([0, 1, 2, 3].map((count) => cursor.rowsOf(count))).toEqual([2, 3, 6, 7])
  expect([2, 3, 6, 7].map((rows) => cursor.changesIn(rows))).toEqual([0, 1, 2, 3])
})
