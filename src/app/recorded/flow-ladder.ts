import type { OrderBook } from '#book'
import { Side } from '#market'
import { type Ladder, ladderAt } from '../book/ladder.ts'

/** Prices a side that are shown. */
const levels = 10

/** The ladder of a recorded book, every order in its queue, first come first. */
export function ladderOf(
  book: OrderBook,
  {
    tickSize,
    price,
    size,
  }: { tickSize: number; price: (steps: number) => number; size: (lots: number) => number },
): Ladder {
  const shown = book.levels(levels)
  const column = (of: (level: number) => number | undefined) =>
    Float64Array.from({ length: levels }, (_, level) => of(level) ?? NaN)
  const prices = (side: typeof shown.bids) => column((i) => side[i] && price(side[i].price))
  const volumes = (side: typeof shown.bids) => column((i) => side[i] && size(side[i].quantity))
  const ladder = ladderAt(
    {
      levels,
      bidPrice: prices(shown.bids),
      bidVolume: volumes(shown.bids),
      askPrice: prices(shown.asks),
      askVolume: volumes(shown.asks),
      ownRow: new Int32Array(),
      ownOrder: new Int32Array(),
      ownSide: new Int8Array(),
      ownPrice: new Float64Array(),
      ownVolume: new Float64Array(),
      ownAhead: new Float64Array(),
      ownShown: new Float64Array(),
    },
    0,
    tickSize,
  )
  const queues = new Map<string, { volume: number; own: undefined }[]>()
  for (const order of book) {
    const at = `${order.side === Side.BUY ? 1 : -1} ${price(order.price!)}`
    const queue = queues.get(at)
    const stretch = { volume: size(order.open), own: undefined }
    if (queue) queue.push(stretch)
    else queues.set(at, [stretch])
  }
  return {
    ...ladder,
    rungs: ladder.rungs.map((rung) => ({
      ...rung,
      queue: queues.get(`${rung.side} ${rung.price}`) ?? rung.queue,
    })),
  }
}
