import { BUY, type BookListener, SELL } from '#book'
import { type FlowBlock, FlowKind } from '#data'
import { Side } from '#market'
import { FlowWriter, shownBy } from './flow-reader.ts'
import type { SyntheticWorld } from './synthetic/world.ts'

/** All that the book of one instrument shows of what happened in it, message by message. */
export interface MarketMessages {
  readonly blocks: readonly FlowBlock[]
  /** What one unit of a message's price is worth. */
  readonly priceStep: number
  /** The strategies' own orders: the numbers that they have in the messages, and their ids in the run. Columns of equal length. */
  readonly own: { readonly number: Float64Array; readonly order: Int32Array }
  /** Messages, counted from 0, that are trades in which an own order took, and its id. Columns of equal length. */
  readonly taken: { readonly row: Float64Array; readonly order: Int32Array }
}

/** Writes down what a book shows, from the orders that rest in it when the tape begins. */
export class MarketTape {
  readonly #world: SyntheticWorld
  readonly #out = new FlowWriter()
  readonly #listener = shownBy(this.#out, (number, id) => this.#again.push([number, id]))
  readonly #blocks: FlowBlock[] = []
  readonly #priceStep: number
  /** Orders that got another number in the messages: that number, and the book's. */
  readonly #again: [number: number, id: number][] = []
  readonly #orderOf: (id: number) => number | undefined
  readonly #taken: [row: number, order: number][] = []
  #rows = 0

  /**
   * @param world whose book it is
   * @param instrument index of the instrument there
   * @param orderOf the id in the run of an order of the book, where it is one of ours
   */
  constructor(
    world: SyntheticWorld,
    instrument: number,
    priceStep: number,
    orderOf: (id: number) => number | undefined,
  ) {
    this.#world = world
    this.#priceStep = priceStep
    this.#orderOf = orderOf
    for (const { id, side, price, open, shown } of world.book(instrument))
      this.#now().open(0, id, side === Side.BUY ? BUY : SELL, price!, open, shown)
    world.tellToo(instrument, {
      open: (_, ...event) => this.#now().open(...event),
      trade: (_, sequence, maker, taker, ...rest) => {
        const listener = this.#now()
        const order = orderOf(taker)
        if (order !== undefined) this.#taken.push([this.#rows + this.#out.length, order])
        listener.trade(sequence, maker, taker, ...rest)
      },
      fill: (_, ...event) => this.#now().fill(...event),
      change: (_, ...event) => this.#now().change(...event),
      cancel: (_, ...event) => this.#now().cancel(...event),
      reject: (_, ...event) => this.#now().reject(...event),
      trigger: (_, ...event) => this.#now().trigger(...event),
      phase: (_, ...event) => this.#now().phase(...event),
    })
  }

  /** Messages so far. */
  get rows(): number {
    return this.#rows
  }

  /** The messages so far; the tape is over. */
  messages(): MarketMessages {
    this.#take()
    const own = new Map<number, number>()
    const claim = (number: number, id: number) => {
      const order = this.#orderOf(id)
      if (order !== undefined) own.set(number, order)
    }
    for (const { length, kind, id } of this.#blocks)
      for (let row = 0; row < length; row++) if (kind[row] === FlowKind.OPEN) claim(id[row]!, id[row]!)
    for (const [number, id] of this.#again) claim(number, id)
    return {
      blocks: this.#blocks,
      priceStep: this.#priceStep,
      own: { number: Float64Array.from(own.keys()), order: Int32Array.from(own.values()) },
      taken: {
        row: Float64Array.from(this.#taken, ([row]) => row),
        order: Int32Array.from(this.#taken, ([, order]) => order),
      },
    }
  }

  /** What hears of an event that happens now. */
  #now(): BookListener {
    if (this.#out.full) this.#take()
    this.#out.time = this.#world.time
    return this.#listener
  }

  #take(): void {
    const block = this.#out.take()
    this.#rows += block.length
    if (block.length > 0) this.#blocks.push(block)
  }
}
