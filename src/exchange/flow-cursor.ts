import { BUY, type OrderBook, SELL } from '#book'
import { type FlowBlock, FlowKind } from '#data'
import { Side } from '#market'
import { ToldBook } from './told-book.ts'

/** One message of a recording. Prices in its steps, sizes in lots; see `FlowBlock`. */
export interface FlowMessage {
  /** Microseconds UTC. */
  readonly time: number
  readonly kind: FlowKind
  readonly id: number
  readonly side: 1 | -1
  readonly price: number
  readonly size: number
}

/** Rows between two states that are kept to come back to. */
const between = 20_000

/** The orders that rest after so many rows, first in their queues first. */
interface Kept {
  readonly rows: number
  readonly orders: readonly {
    readonly id: number
    readonly side: number
    readonly price: number
    readonly lots: number
  }[]
}

/**
 * A recorded book that can be looked at after any of its messages. It stands after some of the rows, moves on and back, and
 * keeps its state now and then, so that going back costs little. Nobody's orders but the recording's are in it.
 */
export class FlowCursor {
  readonly #blocks: readonly FlowBlock[]
  /** Rows before each block. */
  readonly #starts: readonly number[]
  /** Changes that began before each block, and before the end. */
  readonly #begun: readonly number[]
  /** Rows in all. */
  readonly length: number
  #told = new ToldBook()
  #rows = 0
  readonly #kept: Kept[] = [{ rows: 0, orders: [] }]

  constructor(blocks: readonly FlowBlock[]) {
    this.#blocks = blocks
    const starts: number[] = []
    const begun = [0]
    let rows = 0
    for (const { length, kind } of blocks) {
      starts.push(rows)
      rows += length
      begun.push(begun.at(-1)! + begunWithin(kind, length))
    }
    this.#starts = starts
    this.#begun = begun
    this.length = rows
  }

  /** Changes in all: things that happened, however many rows tell of each. */
  get changes(): number {
    return this.#begun.at(-1)!
  }

  /** Changes that the first so many rows tell of. */
  changesIn(rows: number): number {
    if (rows >= this.length) return this.changes
    const block = this.#blockOf(rows)
    return this.#begun[block]! + begunWithin(this.#blocks[block]!.kind, rows - this.#starts[block]!)
  }

  /** Rows after which so many changes have happened whole; after none, what rested before the first is there. */
  rowsOf(changes: number): number {
    if (changes >= this.changes) return this.length
    const block = this.#begun.findLastIndex((begun) => begun <= changes)
    const { kind } = this.#blocks[block]!
    let row = 0
    for (let left = changes - this.#begun[block]!; left > 0 || !begins(kind[row]!); row++)
      if (begins(kind[row]!)) left--
    return this.#starts[block]! + row
  }

  /** Rows that have happened. */
  get rows(): number {
    return this.#rows
  }
  /** The book after them. Not to be altered; after the next move it may be another. */
  get book(): OrderBook {
    return this.#told.book
  }

  /** The message of a row, from 0. */
  message(row: number): FlowMessage {
    const [block, at] = this.#place(row)
    return {
      time: block.time[at]!,
      kind: block.kind[at] as FlowKind,
      id: block.id[at]!,
      side: block.side[at]! > 0 ? 1 : -1,
      price: block.price[at]!,
      size: block.size[at]!,
    }
  }

  /**
   * The rows after which something has happened whole: with a trade comes what left the book by it, with a message what
   * came into sight.
   */
  whole(rows: number): number {
    let end = Math.min(Math.max(Math.round(rows), 0), this.length)
    while (end > 0 && end < this.length && this.#belongs(end)) end++
    return end
  }

  /** Rows after the next thing that happens, or after the one before. */
  next(): number {
    return this.whole(this.#rows + 1)
  }
  previous(): number {
    let end = this.#rows - 1
    while (end > 0 && this.#belongs(end)) end--
    return Math.max(0, end)
  }

  /** Rows after the next trade, or after the last message where none follows. */
  nextTrade(): number {
    for (let row = this.#rows; row < this.length; row++) {
      const [block, at] = this.#place(row)
      const kind = block.kind[at]!
      if (kind === FlowKind.TRADE || kind === FlowKind.HIDDEN || kind === FlowKind.CROSS)
        return this.whole(row + 1)
    }
    return this.length
  }

  /** Rows that have happened at a time, microseconds UTC. */
  rowsAt(time: number): number {
    let low = 0
    let high = this.length
    while (low < high) {
      const middle = (low + high) >> 1
      const [block, at] = this.#place(middle)
      if (block.time[at]! <= time) low = middle + 1
      else high = middle
    }
    return low
  }

  /**
   * Moves to stand after so many rows, or as near to it as `most` rows of work allow.
   *
   * @returns whether it stands there
   */
  seek(rows: number, most = Infinity): boolean {
    const target = Math.min(Math.max(rows, 0), this.length)
    const kept = this.#kept.findLast((state) => state.rows <= target)!
    if (target < this.#rows || kept.rows > this.#rows) this.#restore(kept)
    for (let left = most; this.#rows < target; left--) {
      if (left <= 0) return false
      this.#apply()
    }
    return true
  }

  #apply(): void {
    const [{ kind, id, side, price, size }, at] = this.#place(this.#rows)
    this.#told.apply(kind[at]!, id[at]!, side[at]! > 0 ? BUY : SELL, price[at]!, size[at]!)
    this.#rows++
    if (this.#rows - this.#kept.at(-1)!.rows >= between)
      this.#kept.push({
        rows: this.#rows,
        orders: [...this.book.everything()].map(({ id, side, price, open }) => ({
          id,
          side: side === Side.BUY ? BUY : SELL,
          price: price!,
          lots: open,
        })),
      })
  }

  #restore({ rows, orders }: Kept): void {
    this.#told = new ToldBook()
    for (const { id, side, price, lots } of orders) this.#told.rest(id, side, price, lots)
    this.#rows = rows
  }

  #belongs(row: number): boolean {
    const [block, at] = this.#place(row)
    return !begins(block.kind[at]!)
  }

  #place(row: number): readonly [FlowBlock, number] {
    const block = this.#blockOf(row)
    return [this.#blocks[block]!, row - this.#starts[block]!]
  }

  #blockOf(row: number): number {
    let low = 0
    let high = this.#starts.length - 1
    while (low < high) {
      const middle = (low + high + 1) >> 1
      if (this.#starts[middle]! <= row) low = middle
      else high = middle - 1
    }
    return low
  }
}

/** Whether a row of this kind tells of something new, and not more of what the one before it told. */
export const begins = (kind: number) => kind !== FlowKind.EXECUTE && kind !== FlowKind.APPEAR

function begunWithin(kind: Uint8Array, rows: number): number {
  let begun = 0
  for (let row = 0; row < rows; row++) if (begins(kind[row]!)) begun++
  return begun
}
