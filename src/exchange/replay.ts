import { BUY, type OrderBook, SELL } from '#book'
import { readMessage } from './lobster-message.ts'
import { ToldBook } from './told-book.ts'

/** How often a replay's book and the given one disagreed. */
export interface ReplaySummary {
  /** Messages read. */
  readonly rows: number
  /** Rows at which the book differs from the given one; 0 where none was given. */
  readonly rowsDiffering: number
  /** Number of the first such row, from 1; null where there is none. */
  readonly firstDiffering: number | null
  /** Levels taken from the given book because they came into sight from outside it. */
  readonly adopted: number
  /** Executions, visible and hidden, crosses included. */
  readonly trades: number
}

/** An execution in a replayed file. Price in the file's unit, 1/10,000. */
export interface ReplayTrade {
  /** Seconds after midnight. */
  readonly time: number
  readonly price: number
  readonly quantity: number
  /** Side of the order that took; null where the file does not say (crosses). */
  readonly taker: number | null
}

/** Hears what a replay does to its book, in its order. Prices in the file's unit, sides as the book's own door writes them. */
export interface ReplayListener {
  /** An order came to rest; `known` is false for quantity that the messages never told of. */
  open(id: number, side: number, price: number, lots: number, known: boolean): void
  /** Lots of an order left the book: traded, or taken back. */
  leave(id: number, side: number, price: number, lots: number, traded: boolean): void
  /** An execution of a message of type 4, 5 or 6; `maker` is an id only for type 4. It comes before what leaves the book. */
  trade(type: number, maker: number, side: number, price: number, lots: number): void
  halt(halted: boolean): void
}

/** A price of the book as LOBSTER files give it for an empty place: no real price is so large. */
const nowhere = 9_000_000_000

/** Ids from here up stand for quantity that rested before the file began or came into sight. */
const firstSeed = 2 ** 40

/**
 * Rebuilds a book from order-by-order messages in the LOBSTER layout: time, type, order id, size, price x 10,000, direction of
 * the resting order (1 buy, -1 sell). Types: 1 new limit order, 2 part of an order cancelled, 3 order deleted, 4 visible
 * execution, 5 hidden execution, 6 cross, 7 the beginning (price -1) and the end (price 1) of a halt, before which orders may be
 * taken again (price 0). One line at a time, so a file may have any length.
 *
 * The messages say what happened, so the book is told results and matches nothing itself. Orders that rested before the first message are
 * unknown; with a book file their levels come from its first row, and a later message about an unknown order is taken off the oldest unknown
 * quantity at its price. A message file of n levels is silent about what happens further out, so a level that comes into sight of the given
 * book is taken from there (adopted); a level that is in sight in two rows running must agree.
 */
export class LobsterReplay {
  readonly #told = new ToldBook()
  readonly #depth: number
  readonly #listener: ReplayListener | undefined
  /** Whether the message that is being applied is an execution. */
  #trading = false
  #rows = 0
  /** Whether a message has been applied. */
  #begun = false
  #rowsDiffering = 0
  #firstDiffering: number | null = null
  #adopted = 0
  #trades = 0
  #halted = false
  #nextSeed = firstSeed
  /** Lots of unknown orders by id, by side and price. */
  readonly #seeds: [Map<number, number[]>, Map<number, number[]>] = [new Map(), new Map()]
  /** Prices in sight at the row before, by side. */
  #seen: [Set<number>, Set<number>] = [new Set(), new Set()]
  /** Whether a book file is at hand. */
  #guided = false
  #time = NaN
  #lastTrade: ReplayTrade | null = null

  /** @param levels how many levels of each side are compared with the given book */
  constructor(levels = Infinity, listener?: ReplayListener) {
    this.#depth = levels
    this.#listener = listener
  }

  /** Prices in 1/10,000, quantities in shares. Not to be altered; after the next step it may be another. */
  get book(): OrderBook {
    return this.#told.book
  }

  /** Seconds after midnight of the last message; NaN before the first. */
  get time(): number {
    return this.#time
  }
  get halted(): boolean {
    return this.#halted
  }
  get summary(): ReplaySummary {
    return {
      rows: this.#rows,
      rowsDiffering: this.#rowsDiffering,
      firstDiffering: this.#firstDiffering,
      adopted: this.#adopted,
      trades: this.#trades,
    }
  }

  /** The execution that the last message told, if it told one. */
  get lastTrade(): ReplayTrade | null {
    return this.#lastTrade
  }

  /**
   * Takes one message and, where there is one, the row of the book file that belongs to it. Gives whether the two books agree.
   *
   * @throws SyntaxError with the message's number where its line, or the row, does not have the layout, or it goes back in
   * time; it counts, and nothing comes of it
   */
  step(message: string, row?: string): boolean {
    const { time, type, id, size, price, side } = readMessage(message, ++this.#rows, this.#time)
    const truth = row === undefined ? undefined : this.#read(row)
    this.#time = time
    this.#lastTrade = null
    this.#guided = truth !== undefined
    this.#told.makeRoom()
    if (type >= 4 && type <= 6) {
      const unknown = this.#seeds[side]!.get(price)?.[0] ?? id
      const maker = type !== 4 ? 0 : this.book.open(id) > 0 ? id : unknown
      this.#listener?.trade(type, maker, side, price, size)
    }
    this.#trading = type === 4
    const first = !this.#begun
    this.#begun = true
    if (truth && first) this.#begin(truth, type, id, side, price, size)
    else this.#apply(type, id, side, price, size)
    this.#trading = false
    if (type >= 4 && type <= 6) {
      this.#trades++
      this.#lastTrade = { time, price, quantity: size, taker: type === 6 ? null : side ^ 1 }
    }
    // Price 0 says that orders are taken again, not that they trade.
    if (type === 7 && price !== 0 && this.#halted !== (price === -1)) {
      this.#halted = price === -1
      this.#listener?.halt(this.#halted)
    }
    return truth === undefined || this.#compare(truth, type <= 4 ? price : NaN, side, first)
  }

  /** The book starts as the first row shows it; that row has the first message in it already. */
  #begin(truth: Truth, type: number, id: number, side: number, price: number, size: number): void {
    for (const of of [BUY, SELL]) for (const [at, lots] of truth[of]!) this.#add(of, at, lots)
    const here = truth[side]!.get(price) ?? 0
    if (type !== 1 || here < size) return
    this.#takeUnknown(side, price, size)
    this.#rest(id, side, price, size, true)
  }

  #apply(type: number, id: number, side: number, price: number, size: number): void {
    const open = this.book.open(id)
    if (type === 1) {
      if (open === 0) this.#rest(id, side, price, size, true)
    } else if (type === 2 || type === 3 || type === 4) {
      if (open > 0) this.#takeOff(id, side, price, type === 3 ? open : size)
      if (size > open) this.#takeUnknown(side, price, size - open)
      // Part of it was taken back while its price was out of sight: what the level held of it then belongs to others.
      else if (type === 3 && open > size && this.#guided) this.#add(side, price, open - size)
    }
  }

  /** Puts quantity of unknown orders at a price. */
  #add(side: number, price: number, lots: number): void {
    const id = this.#nextSeed++
    this.#rest(id, side, price, lots, false)
    const seeds = this.#seeds[side]!
    const there = seeds.get(price)
    if (there) there.push(id)
    else seeds.set(price, [id])
  }

  /**
   * Takes quantity off the unknown orders at a price, oldest first. Where they do not suffice and a book file tells what is
   * right, orders known there have gone while the price was out of sight, and are taken off in their place.
   */
  #takeUnknown(side: number, price: number, lots: number): void {
    const there = this.#seeds[side]!.get(price)
    while (there && there.length > 0 && lots > 0) {
      const part = this.#takeOff(there[0]!, side, price, lots)
      if (this.book.open(there[0]!) === 0) there.shift()
      lots -= part
    }
    if (there?.length === 0) this.#seeds[side]!.delete(price)
    if (lots === 0 || !this.#guided) return
    for (const id of this.#at(side, price)) if (lots > 0) lots -= this.#takeOff(id, side, price, lots)
  }

  /** Takes up to `lots` off an order. Gives how many. */
  #takeOff(id: number, side: number, price: number, lots: number): number {
    const part = Math.min(this.book.open(id), lots)
    if (part > 0) {
      this.book.reduce(id, part)
      this.#listener?.leave(id, side, price, part, this.#trading)
    }
    return part
  }

  #rest(id: number, side: number, price: number, lots: number, known: boolean): void {
    this.#told.rest(id, side, price, lots)
    this.#listener?.open(id, side, price, lots, known)
  }

  /** Ids of the orders at a price, first in the queue first. */
  #at(side: number, price: number): number[] {
    return [...this.book]
      .filter((order) => order.price === price && (order.side === 'BUY') === (side === BUY))
      .map(({ id }) => id)
  }

  /** Makes the quantity at a price what it should be. */
  #adopt(side: number, price: number, lots: number): void {
    this.#adopted++
    const view = this.book.levelAt(price)
    const level = side === BUY ? view.bid : view.ask
    const more = lots - (level?.quantity ?? 0)
    if (more > 0) return this.#add(side, price, more)
    for (const id of this.#at(side, price)) this.#takeOff(id, side, price, Infinity)
    this.#seeds[side]!.delete(price)
    if (lots > 0) this.#add(side, price, lots)
  }

  /** Compares the levels in sight, after taking over those that have just come into sight. */
  #compare(truth: Truth, touched: number, touchedSide: number, first: boolean): boolean {
    for (const side of [BUY, SELL]) {
      const given = truth[side]!
      const seen = this.#seen[side]!
      // The message itself may have made or ended a level; any other new one came from outside.
      if (!first)
        for (const [price, lots] of given) {
          if (seen.has(price) || (side === touchedSide && price === touched)) continue
          const view = this.book.levelAt(price)
          if ((side === BUY ? view.bid : view.ask)?.quantity !== lots) this.#adopt(side, price, lots)
        }
      // What the book holds among the prices in sight, and the given book did not show before either, is out of date.
      const worst = [...given.keys()].at(-1)
      for (;;) {
        const ours = this.book.levels(given.size + 1)
        const stale = (side === BUY ? ours.bids : ours.asks).find(
          ({ price }) =>
            (given.size < truth.places ||
              (worst !== undefined && (side === BUY ? price >= worst : price <= worst))) &&
            !given.has(price) &&
            !seen.has(price) &&
            price !== touched,
        )
        if (!stale) break
        this.#adopt(side, stale.price, 0)
      }
      this.#seen[side] = new Set(given.keys())
    }
    const count = Math.min(this.#depth, truth.places)
    const { bids, asks } = this.book.levels(count)
    const agrees = [bids, asks].every((ours, side) => {
      const theirs = [...truth[side as 0 | 1]!].slice(0, count)
      return (
        ours.length === theirs.length &&
        ours.every(({ price, quantity }, i) => price === theirs[i]![0] && quantity === theirs[i]![1])
      )
    })
    if (!agrees) {
      this.#rowsDiffering++
      this.#firstDiffering ??= this.#rows
    }
    return agrees
  }

  #read(row: string): Truth {
    const cells = row.split(',').map(Number)
    if (cells.length < 4 || cells.length % 4 !== 0 || !cells.every(Number.isFinite))
      throw new SyntaxError(
        `Book row ${this.#rows} is '${row.slice(0, 80)}'; expected groups of ask price, ask size, bid price, bid size`,
      )
    const bids = new Map<number, number>()
    const asks = new Map<number, number>()
    for (let i = 0; i < cells.length; i += 4) {
      const [ask, askSize, bid, bidSize] = cells.slice(i, i + 4) as [number, number, number, number]
      if (Math.abs(ask) < nowhere && askSize > 0) asks.set(ask, askSize)
      if (Math.abs(bid) < nowhere && bidSize > 0) bids.set(bid, bidSize)
    }
    return { 0: bids, 1: asks, places: cells.length / 4 }
  }
}

/** A row of a book file: quantity by price for bids (0) and asks (1), best first, and how many levels the file has room for. */
interface Truth {
  readonly [side: number]: Map<number, number>
  readonly places: number
}
