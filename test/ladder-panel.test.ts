import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { DataSet } from '#data'
import type { BookColumns } from '#exchange'
import type { LiveLook } from '#session'
import { Glimpses } from '../src/app/book/glimpses.ts'
import { Live } from '../src/app/book/live.svelte.ts'
import { drawnQueue, inWords, type Ladder, ladderAt, type OwnOrder, waiting } from '../src/app/book/ladder.ts'
import { midOf } from '../src/app/chart/mid.ts'
import { useLocale } from '../src/app/format.ts'
import type { Playground } from '../src/app/playground.svelte.ts'
import type { Watching } from '../src/app/sandbox/sandbox.ts'

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

describe('a queue as it is drawn', () => {
  const others = (count: number, volume = 1) =>
    Array.from({ length: count }, () => ({ volume, own: undefined }))
  const own = (order: number, ahead: number): { volume: number; own: OwnOrder } => ({
    volume: 5,
    own: { order, side: 1, price: 10, volume: 5, ahead, shown: 5 },
  })
  const parts = (queue: Parameters<typeof drawnQueue>[0], most: number) =>
    drawnQueue(queue, most).map(({ volume, own }) =>
      own.length > 0 ? `[${volume} of ${own.length}]` : volume,
    )

  test('has every order of a short queue, and of a long one as many parts as there is room for', () => {
    expect(parts(others(3, 7), 24)).toEqual([7, 7, 7])
    expect(parts(others(1000), 4)).toEqual([250, 250, 250, 250])
    expect(parts(others(1000), 1)).toEqual([1000])
  })

  test('keeps all of the volume, and large orders apart from what stands before and behind them', () => {
    const queue = [...others(40), ...others(1, 900), ...others(60)]
    const drawn = parts(queue, 10)
    expect(drawn.reduce((sum: number, part) => sum + Number(part), 0)).toBe(1000)
    expect(drawn.length).toBeLessThanOrEqual(10)
    expect(drawn.at(-1)).toBe(60)
  })

  test('shows own orders where they stand, and takes those beyond the third together', () => {
    expect(parts([...others(50), own(1, 50), ...others(50)], 2)).toEqual([50, '[5 of 1]', 50])
    const many = Array.from({ length: 200 }, (_, i) => [own(i + 1, 10 * i), ...others(5)]).flat()
    const drawn = parts(many, 4)
    expect(drawn.filter((part) => typeof part === 'string')).toEqual(['[5 of 1]', '[5 of 1]', '[990 of 198]'])
    expect(drawn.length).toBeLessThanOrEqual(4 + 2 * 3)
  })
})

const look = (from: number, times: number[], bars: number[], own = 0): LiveLook => ({
  instrument: 0,
  spec: { name: 'A' },
  time: Float64Array.from(times),
  book: books(...times.map((time) => ({ bids: [[time, 1] as Level], asks: [[time + 2, 1] as Level] }))),
  trades: {
    time: Float64Array.from(times),
    price: Float64Array.from(times),
    volume: Float64Array.from(times, () => 1),
    side: Int8Array.from(times, () => 1),
    own: Int8Array.from(times, () => own),
  },
  from,
  bars: {
    time: Float64Array.from(bars),
    open: Float64Array.from(bars),
    high: Float64Array.from(bars),
    low: Float64Array.from(bars),
    close: Float64Array.from(bars),
    volume: Float64Array.from(bars),
  },
})

describe('what is remembered of the looks at a run', () => {
  test('is the middle, the trades and the bars up to the moment that is shown', () => {
    const glimpses = new Glimpses()
    glimpses.add(look(0, [1, 2, 3], [2]))
    glimpses.add(look(1, [4, 5], [4, 5]))
    const { mid, trades } = glimpses.until(4)
    expect(mid).toEqual([1, 2, 3, 4].map((time) => [time, time + 1]))
    expect(trades.map(({ time }) => time)).toEqual([1, 2, 3, 4])
    expect([...glimpses.bars(4).close]).toEqual([2, 4])
    expect([...glimpses.bars(9).time]).toEqual([2, 4, 5])
  })

  test('begins anew with the bars where all are told again, and takes none that leave a gap', () => {
    const glimpses = new Glimpses()
    glimpses.add(look(0, [1], [1, 2]))
    glimpses.add(look(5, [2], [9]))
    expect([...glimpses.bars(99).time]).toEqual([1, 2])
    glimpses.add(look(0, [3], [1, 2, 3]))
    expect([...glimpses.bars(99).time]).toEqual([1, 2, 3])
  })

  test('stays small however long the run, and keeps its beginning and the own trades', () => {
    const glimpses = new Glimpses()
    for (let i = 0; i < 100; i++)
      glimpses.add(
        look(
          0,
          Array.from({ length: 100 }, (_, j) => i * 100 + j + 1),
          [],
          i === 7 ? 1 : 0,
        ),
      )
    const { mid, trades } = glimpses.until(Infinity)
    expect(mid.length).toBeLessThanOrEqual(2000)
    expect(mid[0]![0]).toBe(1)
    expect(mid.at(-1)![0]).toBeGreaterThan(9900)
    expect(trades.length).toBeLessThanOrEqual(2000)
    expect(trades.filter(({ own }) => own === 1)).toHaveLength(100)
  })
})

describe('the live book', () => {
  /** A run under way that nobody but the test moves, and what it was told of how it is watched. */
  function watched() {
    const told: Watching[] = []
    const data: Partial<DataSet> = { id: 'made', instruments: [] }
    const run = {
      instrument: 0,
      paused: false,
      venue: {},
      data,
      watch: (watching: Watching) => told.push(watching),
    }
    return { live: new Live(run as unknown as Playground), told }
  }
  beforeEach(() => void vi.useFakeTimers())
  afterEach(() => void vi.useRealTimers())

  test('asks for one look at a time, at most fifteen a second, and for none once nobody watches', () => {
    const { live, told } = watched()
    live.begin()
    expect(told).toEqual([])
    const leave = live.watch()
    expect(told).toEqual([{ type: 'look', instrument: 0 }])
    vi.advanceTimersByTime(1000)
    expect(told).toHaveLength(1)
    for (let asked = 1; asked <= 15; asked++) {
      live.take(look(0, [asked], []))
      vi.advanceTimersByTime(60)
      expect(told).toHaveLength(asked)
      vi.advanceTimersByTime(10)
      expect(told).toHaveLength(asked + 1)
    }
    leave()
    live.take(look(0, [99], []))
    vi.advanceTimersByTime(1000)
    expect(told).toHaveLength(16)
  })

  test('tells every run its pace, and shows its pictures as far apart as they were taken', () => {
    const { live, told } = watched()
    live.speed = 10
    live.watch()
    live.begin()
    expect(told).toEqual([
      { type: 'pace', speed: 10 },
      { type: 'look', instrument: 0, every: expect.closeTo(666_667, -1) },
    ])
    // Ten pictures of a second each of market time are a second of the page's.
    live.take(
      look(
        0,
        Array.from({ length: 11 }, (_, i) => i * 1e6),
        [],
      ),
    )
    vi.advanceTimersByTime(350)
    const shown = live.frame!.look.time[live.frame!.row]! / 1e6
    expect(shown).toBeGreaterThanOrEqual(2)
    expect(shown).toBeLessThanOrEqual(4)
    vi.advanceTimersByTime(1000)
    expect(live.frame!.row).toBe(10)
    live.end()
    expect(live.frame).toBeUndefined()
  })

  test('draws the equity as far as the bars that are drawn, though the run is ahead of them', () => {
    const { live } = watched()
    live.speed = 1
    live.watch()
    live.begin()
    live.take(look(0, [20], [10, 20]))
    expect([...live.data!.instruments[0]!.bars.close]).toEqual([10, 20])
    const time = Float64Array.of(10, 20, 30, 40)
    expect([...live.upTo({ time, value: time })!.value]).toEqual([10, 20])
    expect(live.upTo(undefined)).toBeUndefined()
  })
})
