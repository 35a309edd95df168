import type { Level, OrderBook } from '#book'
import type { BookView, Instrument } from '#market'

/** What a book's whole numbers stand for. */
export interface BookUnits {
  readonly instrument: Instrument
  /** Microseconds UTC. */
  readonly time: number
  readonly ticksPerUnit: number
  readonly lotsPerUnit: number
}

/** What can be seen of a book, up to a number of levels a side, as a strategy sees it. */
export function viewOf(
  book: OrderBook,
  levels: number,
  { instrument, time, ticksPerUnit, lotsPerUnit }: BookUnits,
): BookView {
  const shown = book.levels(levels)
  const decimal = ({ price, quantity, orders }: Level) =>
    Object.freeze({ price: price / ticksPerUnit, volume: quantity / lotsPerUnit, orders })
  const bids = Object.freeze(shown.bids.map(decimal))
  const asks = Object.freeze(shown.asks.map(decimal))
  const bestBid = bids[0]?.price ?? NaN
  const bestAsk = asks[0]?.price ?? NaN
  return Object.freeze({
    instrument,
    time: time / 1000,
    bids,
    asks,
    bestBid,
    bestAsk,
    mid: (bestBid + bestAsk) / 2,
    spread: bestAsk - bestBid,
  })
}
