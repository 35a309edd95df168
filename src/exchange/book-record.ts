import type { OrderBook } from '#book'
import { type Order, Side } from '#market'
import type { BookColumns } from './exchange.ts'

/** Prices per side that are kept. */
const levels = 10

/** Most own orders that are kept over a run; later ones are left out of the record, not of the run. */
const mostOwn = 200_000

/** One of our orders that works and is not shown. Price in ticks. */
export interface HiddenOwn {
  readonly order: Order
  readonly price: number
  readonly lots: number
}

interface OwnRow {
  readonly row: number
  readonly order: Order
  readonly left: number
  readonly shown: number
  readonly ahead: number
}

/** Keeps what one instrument's book shows at the end of every bar. */
export class BookRecord {
  readonly #bidPrice: Float64Array
  readonly #bidVolume: Float64Array
  readonly #askPrice: Float64Array
  readonly #askVolume: Float64Array
  readonly #own: OwnRow[] = []
  readonly #ticksPerUnit: number
  readonly #lotsPerUnit: number

  constructor(rows: number, ticksPerUnit: number, lotsPerUnit: number) {
    const column = () => new Float64Array(rows * levels).fill(NaN)
    this.#bidPrice = column()
    this.#bidVolume = column()
    this.#askPrice = column()
    this.#askVolume = column()
    this.#ticksPerUnit = ticksPerUnit
    this.#lotsPerUnit = lotsPerUnit
  }

  /**
   * @param own our orders of this book by their numbers in it; those that it does not show are left out
   * @param openOf lots of one of them that may still trade, where the book knows no more than what it shows
   */
  keep(
    row: number,
    book: OrderBook,
    own: ReadonlyMap<number, Order>,
    hidden: readonly HiddenOwn[],
    openOf = (number: number) => book.open(number),
  ): void {
    const shown = book.levels(levels)
    for (const [side, prices, volumes] of [
      [shown.bids, this.#bidPrice, this.#bidVolume],
      [shown.asks, this.#askPrice, this.#askVolume],
    ] as const)
      side.forEach(({ price, quantity }, i) => {
        prices[row * levels + i] = price / this.#ticksPerUnit
        volumes[row * levels + i] = quantity / this.#lotsPerUnit
      })
    for (const [number, order] of own) {
      const ahead = book.ahead(number)
      if (!ahead || this.#own.length >= mostOwn) continue
      const units = (lots: number) => lots / this.#lotsPerUnit
      const shown = units(book.find(number)!.shown)
      this.#own.push({ row, order, left: units(openOf(number)), shown, ahead: units(ahead.quantity) })
    }
    for (const { order, price, lots } of hidden) {
      if (this.#own.length >= mostOwn) break
      const { bid, ask } = book.levelAt(price)
      const shownThere = (order.side === Side.BUY ? bid : ask)?.quantity ?? 0
      this.#own.push({
        row,
        order,
        left: lots / this.#lotsPerUnit,
        shown: 0,
        ahead: shownThere / this.#lotsPerUnit,
      })
    }
  }

  columns(): BookColumns {
    const own = this.#own
    return {
      levels,
      bidPrice: this.#bidPrice,
      bidVolume: this.#bidVolume,
      askPrice: this.#askPrice,
      askVolume: this.#askVolume,
      ownRow: Int32Array.from(own, ({ row }) => row),
      ownOrder: Int32Array.from(own, ({ order }) => order.id),
      ownSide: Int8Array.from(own, ({ order }) => (order.side === Side.BUY ? 1 : -1)),
      ownPrice: Float64Array.from(own, ({ order }) => order.price),
      ownVolume: Float64Array.from(own, ({ left }) => left),
      ownAhead: Float64Array.from(own, ({ ahead }) => ahead),
      ownShown: Float64Array.from(own, ({ shown }) => shown),
    }
  }
}
