import type { BookColumns } from '#exchange'
import { number, volume } from '../format.ts'

/** One of the strategy's own orders in the queue of its price. */
export interface OwnOrder {
  /** Id of the order. */
  readonly order: number
  readonly side: 1 | -1
  readonly price: number
  /** What of it may still trade. */
  readonly volume: number
  /** Volume that trades before it. */
  readonly ahead: number
  /** What of it others see: less than its volume of an iceberg, 0 of a hidden order. */
  readonly shown: number
}

/** A stretch of the queue at a price: an own order, or what others have between. */
export interface Stretch {
  readonly volume: number
  readonly own: OwnOrder | undefined
}

/** One price of the ladder. */
export interface Rung {
  readonly price: number
  /** 1 where bids rest, -1 where asks do, 0 where nobody quotes. */
  readonly side: 1 | -1 | 0
  /** Volume at the price; NaN where an own order rests beyond the prices that were kept. */
  readonly volume: number
  /** Whether no price of its side is better. */
  readonly best: boolean
  /** First come first. */
  readonly queue: readonly Stretch[]
  /** Prices without an order that follow below and are not shown one by one. */
  readonly skipped: number
}

/** What a book showed at one time, on the grid of its ticks. */
export interface Ladder {
  /** From the highest price down. */
  readonly rungs: readonly Rung[]
  /** How many rungs lie above the middle between best bid and best ask. */
  readonly above: number
  /** Best bid, NaN where there is none; so with all that follow. */
  readonly bid: number
  readonly ask: number
  readonly bidVolume: number
  readonly askVolume: number
  readonly mid: number
  readonly spread: number
  /** The spread in ticks. */
  readonly spreadTicks: number
  /** Bids less asks over both, of the volume at the best prices: -1 to 1. */
  readonly imbalance: number
  /** The same over all prices that were kept. */
  readonly deepImbalance: number
  /** How many prices a side that is. */
  readonly levels: number
  /** Largest volume at a price. */
  readonly most: number
  readonly own: readonly OwnOrder[]
}

/** Prices without an order that are shown one by one; longer stretches are counted. */
const fewEmpty = 3

/** The book at the end of bar `row`, with every price between the outermost ones. */
export function ladderAt(book: BookColumns, row: number, tickSize: number): Ladder {
  const { levels } = book
  const ticksOf = (price: number) => Math.round(price / tickSize)
  const shown = new Map<number, { readonly side: 1 | -1; readonly volume: number; readonly price: number }>()
  const totals = { 1: 0, [-1]: 0 }
  for (const [side, prices, volumes] of [
    [1, book.bidPrice, book.bidVolume],
    [-1, book.askPrice, book.askVolume],
  ] as const)
    for (let i = row * levels; i < (row + 1) * levels; i++) {
      const price = prices[i]!
      if (Number.isNaN(price)) break
      shown.set(ticksOf(price), { side, volume: volumes[i]!, price })
      totals[side] += volumes[i]!
    }

  const own = ownOrders(book, row)
  for (const { side, price } of own)
    if (!shown.has(ticksOf(price))) shown.set(ticksOf(price), { side, volume: NaN, price })

  const [bid, ask] = [book.bidPrice[row * levels]!, book.askPrice[row * levels]!]
  const [bidVolume, askVolume] = [book.bidVolume[row * levels]!, book.askVolume[row * levels]!]
  const mid = (bid + ask) / 2
  const ordered = [...shown.keys()].sort((a, b) => b - a)
  const rungs: Rung[] = []
  ordered.forEach((ticks, at) => {
    const { side, volume, price } = shown.get(ticks)!
    const empty = at + 1 < ordered.length ? ticks - ordered[at + 1]! - 1 : 0
    const skipped = empty > fewEmpty ? empty : 0
    const best = price === (side === 1 ? bid : ask)
    const queue = queueOf(
      volume,
      own.filter((order) => ticksOf(order.price) === ticks),
    )
    rungs.push({ price, side, volume, best, queue, skipped })
    for (let below = 1; below <= empty - skipped; below++)
      rungs.push({
        price: (ticks - below) * tickSize,
        side: 0,
        volume: 0,
        best: false,
        queue: [],
        skipped: 0,
      })
  })
  // A quarter of a tick of slack: prices are decimals.
  const below = rungs.findIndex(({ price, side }) => side === 1 || (side === 0 && price < mid + tickSize / 4))
  return {
    rungs,
    above: below < 0 ? rungs.length : below,
    bid,
    ask,
    bidVolume,
    askVolume,
    mid,
    spread: ask - bid,
    spreadTicks: ticksOf(ask) - ticksOf(bid),
    imbalance: (bidVolume - askVolume) / (bidVolume + askVolume),
    deepImbalance: (totals[1] - totals[-1]) / (totals[1] + totals[-1]),
    levels,
    most: rungs.reduce((most, { volume }) => (volume > most ? volume : most), 0),
    own,
  }
}

function ownOrders(book: BookColumns, row: number): OwnOrder[] {
  const found: OwnOrder[] = []
  for (let i = firstAtLeast(book.ownRow, row); book.ownRow[i] === row; i++)
    found.push({
      order: book.ownOrder[i]!,
      side: book.ownSide[i]! > 0 ? 1 : -1,
      price: book.ownPrice[i]!,
      volume: book.ownVolume[i]!,
      ahead: book.ownAhead[i]!,
      shown: book.ownShown[i]!,
    })
  return found
}

/** The queue at a price, cut where own orders stand in it. What an iceberg hides is not in the volume at the price. */
function queueOf(volume: number, own: readonly OwnOrder[]): Stretch[] {
  const queue: Stretch[] = []
  let passed = 0
  for (const order of [...own].sort((a, b) => a.ahead - b.ahead)) {
    if (order.ahead > passed) queue.push({ volume: order.ahead - passed, own: undefined })
    queue.push({ volume: order.volume, own: order })
    passed = Math.max(passed, order.ahead) + order.shown
  }
  if (volume > passed) queue.push({ volume: volume - passed, own: undefined })
  return queue
}

/** Own orders of a queue that are drawn one by one. */
const fewOwn = 3

/** A stretch of a queue as it is drawn: an own order, several of them, or what others have between. */
export interface DrawnStretch {
  readonly volume: number
  /** Empty where it is of others. */
  readonly own: readonly OwnOrder[]
}

/**
 * A queue in as many parts as can be told apart: orders of others are taken together where more than `most` parts of them
 * would be drawn, and own orders beyond the first few become one.
 */
export function drawnQueue(queue: readonly Stretch[], most: number): DrawnStretch[] {
  const others = queue.reduce((sum, { volume, own }) => (own ? sum : sum + volume), 0)
  const drawn: { volume: number; readonly own: OwnOrder[] }[] = []
  let mine = 0
  let passed = 0
  /** The part of the others' volume in which the newest stretch begins; NaN after an own order. */
  let part = NaN
  for (const { volume, own } of queue) {
    const before = drawn.at(-1)
    if (own) {
      const gathering = ++mine > fewOwn ? drawn.findLast((stretch) => stretch.own.length > 0) : undefined
      if (gathering) {
        gathering.own.push(own)
        gathering.volume += volume
      } else {
        drawn.push({ volume, own: [own] })
        part = NaN
      }
      continue
    }
    const begins = Math.floor((passed / others) * most)
    passed += volume
    if (before && begins === part) before.volume += volume
    else drawn.push({ volume, own: [] })
    part = begins
  }
  return drawn
}

/** The first place of a rising column whose value is at least the one asked for. */
export function firstAtLeast(column: ArrayLike<number>, value: number): number {
  let low = 0
  let high = column.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (column[middle]! < value) low = middle + 1
    else high = middle
  }
  return low
}

/** Such as `your buy of 5 at 131.98 waits behind 120`, `your hidden buy of …`, or `your buy of 50 at …, which shows 5, waits …`. */
export function waiting(order: OwnOrder, decimals: number): string {
  const { side, volume: size, price, ahead, shown } = order
  const hidden = shown === 0
  const part = isIceberg(order) ? `, which shows ${volume(shown)},` : ''
  const what = `your ${hidden ? 'hidden ' : ''}${side > 0 ? 'buy' : 'sell'} of ${volume(size)} at ${number(price, decimals)}${part}`
  if (ahead > 0) return `${what} waits behind ${volume(ahead)}`
  return hidden ? `${what} has nothing shown before it` : `${what} is first in its queue`
}

/** Whether others see a part of an order, and not all of it. */
export const isIceberg = ({ shown, volume }: OwnOrder) => shown > 0 && shown < volume

/** The top of the book and the own orders in a sentence, to follow a time. */
export function inWords(ladder: Ladder, decimals: number): string {
  const best = (name: string, price: number, size: number) =>
    Number.isNaN(price) ? `no ${name}s` : `${name} ${number(price, decimals)} × ${volume(size)}`
  const quotes = `${best('bid', ladder.bid, ladder.bidVolume)}, ${best('ask', ladder.ask, ladder.askVolume)}`
  const [first, second, ...more] = ladder.own
  if (!first) return `${quotes}; no order of yours rests.`
  const others = more.length > 0 ? `; ${number(more.length)} more of yours` : ''
  return `${quotes}; ${waiting(first, decimals)}${second ? `; ${waiting(second, decimals)}` : ''}${others}.`
}
