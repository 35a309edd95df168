import { BUY, OrderBook, SELL } from '#book'
import { FlowKind } from '#data'
import { Side } from '#market'

/** Orders that may have ended before the book is made anew. */
const mostFinished = 200_000

/**
 * A book that is told what happened and matches nothing itself. It remembers only orders that rest, so that a recording of
 * any length needs no more room than its open orders.
 */
export class ToldBook {
  #book = collecting()
  /** Orders entered since the book was made. */
  #entered = 0

  /** Not to be altered but through `reduce` and `cancel`; after `makeRoom` it may be another. */
  get book(): OrderBook {
    return this.#book
  }

  /** Puts an order behind all others at its price. Gives whether the book could take it. */
  rest(id: number, side: number, price: number, lots: number): boolean {
    this.#entered++
    return this.#book.limit(id, side, price, lots) === 0
  }

  /** What a message of a recording did to the orders that rest; other kinds of messages move none. */
  apply(kind: number, id: number, side: number, price: number, lots: number): void {
    switch (kind) {
      case FlowKind.OPEN:
      case FlowKind.APPEAR:
        this.makeRoom()
        this.rest(id, side, price, lots)
        break
      case FlowKind.CANCEL:
      case FlowKind.EXECUTE: {
        const gone = Math.min(this.#book.open(id), lots)
        if (gone > 0) this.#book.reduce(id, gone)
      }
    }
  }

  /** A book knows the id of every order that it ever had: from time to time what still rests moves to a new one. */
  makeRoom(): void {
    if (this.#entered < this.#book.size + mostFinished) return
    const book = collecting()
    for (const { id, side, price, open } of this.#book.everything())
      book.limit(id, side === Side.BUY ? BUY : SELL, price!, open)
    this.#book = book
    this.#entered = book.size
  }
}

function collecting(): OrderBook {
  const book = new OrderBook()
  // In an auction orders rest whatever they meet.
  book.callAuction()
  return book
}
