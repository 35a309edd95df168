import { beforeEach, expect, test } from 'vitest'
import type { BookColumns } from '#exchange'
import { inWords, type Ladder, ladderAt, waiting } from '../src/app/book/ladder.ts'
import { midOf } from '../src/app/chart/mid.ts'
import { useLocale } from '../src/app/format.ts'

beforeEach(() => useLocale('en-US'))

type Level = readonly [price: number, volume: number]
type Own = readonly [side: 1 | -1, price: number, volume: number, ahead: number, shown?: number]

/** A record of books with `levels` prices a side, one entry for each bar. */
function books(...rows: { bids: Level[]; asks: Level[]; own?: Own[] }[]): BookColumns {
  const levels = 4
  const column = (of: (row: (typeof rows)[number], level: number) => number | undefined) =>
    Float64Array.from({ length: rows.length * levels }, (_, i) => {
      return of(rows[Math.floor(i / levels)]!, i % levels) ?? NaN
    })
  const own = rows.flatMap(({ own = [] }, row) => own.map((order) => [row, ...order] as const))
  return {
    levels,
    bidPrice: column(({ bids }, i) => bids[i]?.[0]),
    bidVolume: column(({ bids }, i) => bids[i]?.[1]),
    askPrice: column(({ asks }, i) => asks[i]?.[0]),
    askVolume: column(({ asks }, i) => asks[i]?.[1]),
    ownRow: Int32Array.from(own, ([row]) => row),
    ownOrder: Int32Array.from(own, (_, i) => i + 1),
    ownSide: Int8Array.from(own, ([, side]) => side),
    ownPrice: Float64Array.from(own, ([, , price]) => price),
    ownVolume: Float64Array.from(own, ([, , , volume]) => volume),
    ownAhead: Float64Array.from(own, ([, , , , ahead]) => ahead),
    ownShown: Float64Array.from(own, ([, , , volume, , shown]) => shown ?? volume),
  }
}

/** The ladder as lines: price, side, volume, the queue with own orders in brackets; `--` is the middle. */
function drawn({ rungs, above }: Ladder): string[] {
  const lines = rungs.map(({ price, side, volume, queue, skipped, best }) =>
    [
      price.toFixed(2),
      side === 0 ? '.' : `${side > 0 ? 'B' : 'A'}${best ? '*' : ''} ${volume}`,
      queue.map((stretch) => (stretch.own ? `[${stretch.volume}]` : stretch.volume)).join(' '),
      skipped ? `(${skipped} empty)` : '',
    ]
      .filter(Boolean)
      .join(' '),
  )
  lines.splice(above, 0, '--')
  return lines
}

test('prices stand on the grid of the tick, those without an order too', () => {
  const book = books({
    bids: [
      [99.99, 10],
      [99.97, 20],
    ],
    asks: [
      [100, 5],
      [100.02, 7],
    ],
  })
  expect(drawn(ladderAt(book, 0, 0.01))).toEqual([
    '100.02 A 7 7',
    '100.01 .',
    '100.00 A* 5 5',
    '--',
    '99.99 B* 10 10',
    '99.98 .',
    '99.97 B 20 20',
  ])
})

test('an own order stands in its queue behind what came before it', () => {
  const book = books({
    bids: [[99.98, 45]],
    asks: [[100.01, 9]],
    own: [
      [1, 99.98, 5, 12],
      [1, 99.98, 3, 30],
      [-1, 100.01, 9, 0],
    ],
  })
  expect(drawn(ladderAt(book, 0, 0.01))).toEqual([
    '100.01 A* 9 [9]',
    '100.00 .',
    '--',
    '99.99 .',
    '99.98 B* 45 12 [5] 13 [3] 12',
  ])
})

test('a long stretch without orders is counted, not drawn', () => {
  const book = books({
    bids: [
      [50, 1],
      [40, 2],
    ],
    asks: [[51, 3]],
  })
  expect(drawn(ladderAt(book, 0, 1))).toEqual(['51.00 A* 3 3', '--', '50.00 B* 1 1 (9 empty)', '40.00 B 2 2'])
})

test('an own order beyond the prices that were kept still shows, its level unknown', () => {
  const book = books({ bids: [[10, 1]], asks: [[11, 1]], own: [[-1, 13, 4, 100]] })
  expect(drawn(ladderAt(book, 0, 1))).toEqual([
    '13.00 A NaN 100 [4]',
    '12.00 .',
    '11.00 A* 1 1',
    '--',
    '10.00 B* 1 1',
  ])
})

test('each bar has its own book and its own orders', () => {
  const book = books(
    { bids: [[10, 1]], asks: [[11, 1]], own: [[1, 10, 1, 0]] },
    { bids: [[11, 2]], asks: [[12, 6]] },
    { bids: [[12, 3]], asks: [[14, 1]], own: [[1, 12, 3, 0]] },
  )
  expect([0, 1, 2].map((row) => ladderAt(book, row, 1).own.map(({ price }) => price))).toEqual([
    [10],
    [],
    [12],
  ])
  const { mid, spread, spreadTicks, imbalance, most } = ladderAt(book, 1, 1)
  expect([mid, spread, spreadTicks, imbalance, most]).toEqual([11.5, 1, 1, -0.5, 6])
})

test('a side without orders is absent, not zero', () => {
  const ladder = ladderAt(books({ bids: [], asks: [[5, 2]] }), 0, 1)
  expect(drawn(ladder)).toEqual(['5.00 A* 2 2', '--'])
  expect([ladder.bid, ladder.mid, ladder.spread, ladder.imbalance]).toEqual([NaN, NaN, NaN, NaN])
  expect(inWords(ladder, 2)).toBe('no bids, ask 5.00 × 2; no order of yours rests.')
})

test('the book is told in words', () => {
  const book = books({
    bids: [[131.98, 340]],
    asks: [[131.99, 210]],
    own: [
      [1, 131.98, 5, 120],
      [-1, 131.99, 5, 0],
    ],
  })
  const ladder = ladderAt(book, 0, 0.01)
  expect(inWords(ladder, 2)).toBe(
    'bid 131.98 × 340, ask 131.99 × 210; your buy of 5 at 131.98 waits behind 120; your sell of 5 at 131.99 is first in its queue.',
  )
  expect(waiting(ladder.own[0]!, 2)).toBe('your buy of 5 at 131.98 waits behind 120')
})

test('the mid of every bar lies between the best prices, and nowhere where a side is empty', () => {
  const record = books(
    { bids: [[99.98, 10]], asks: [[100, 5]] },
    { bids: [[99.99, 10]], asks: [[100, 5]] },
    { bids: [], asks: [[100, 5]] },
  )
  expect([...midOf(record)].map((mid) => Number(mid.toFixed(6)))).toEqual([99.99, 99.995, NaN])
})

test('a hidden order stands behind all that is shown at its price, and is said to be hidden', () => {
  const book = books({
    bids: [[99.99, 10]],
    asks: [[100, 5]],
    own: [
      [1, 99.99, 4, 10, 0],
      [1, 99.98, 3, 0, 0],
    ],
  })
  const ladder = ladderAt(book, 0, 0.01)
  expect(drawn(ladder)).toEqual(['100.00 A* 5 5', '--', '99.99 B* 10 10 [4]', '99.98 B NaN [3]'])
  expect(ladder.own.map((order) => waiting(order, 2))).toEqual([
    'your hidden buy of 4 at 99.99 waits behind 10',
    'your hidden buy of 3 at 99.98 has nothing shown before it',
  ])
})

test('of an iceberg the queue has what it shows, and its author is told the whole', () => {
  const book = books({
    bids: [[99.99, 25]],
    asks: [[100, 5]],
    own: [[1, 99.99, 50, 12, 5]],
  })
  const ladder = ladderAt(book, 0, 0.01)
  expect(drawn(ladder)).toEqual(['100.00 A* 5 5', '--', '99.99 B* 25 12 [50] 8'])
  expect(waiting(ladder.own[0]!, 2)).toBe('your buy of 50 at 99.99, which shows 5, waits behind 12')
})
