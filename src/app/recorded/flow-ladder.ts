import type { OrderBook } from '#book'
import { Side } from '#market'
import { type Ladder, ladderAt, type OwnOrder, type Stretch } from '../book/ladder.ts'

/** Prices a side that are shown. */
const levels = 10

/**
 * The ladder of a recorded book, every order in its queue, first come first.
 *
 * @param own ids of our orders by their numbers in the book; of an iceberg only the part shown is known
 */
export function ladderOf(
  book: OrderBook,
  {
    tickSize,
    price,
    size,
  }: { tickSize: number; price: (steps: number) => number; size: (lots: number) => number },
  own?: ReadonlyMap<number, number>,
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
  const queues = new Map<string, Stretch[]>()
  const ours: OwnOrder[] = []
  for (const order of book) {
    const side = order.side === Side.BUY ? 1 : -1
    const at = price(order.price!)
    const volume = size(order.open)
    const queue = queues.get(`${side} ${at}`) ?? []
    queues.set(`${side} ${at}`, queue)
    const id = own?.get(order.id)
    const ahead = id === undefined ? 0 : queue.reduce((sum, stretch) => sum + stretch.volume, 0)
    const mine: OwnOrder | undefined =
      id === undefined ? undefined : { order: id, side, price: at, volume, ahead, shown: volume }
    if (mine) ours.push(mine)
    queue.push({ volume, own: mine })
  }
  return {
    ...ladder,
    own: ours,
    rungs: ladder.rungs.map((rung) => ({
      ...rung,
      queue: queues.get(`${rung.side} ${rung.price}`) ?? rung.queue,
    })),
  }
}
