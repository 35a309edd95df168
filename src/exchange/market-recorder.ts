import { BUY, type OrderBook, SELL } from '#book'

/** Distances from the best price, in ticks, over which depth is recorded: 0 is the best price itself. */
const reach = 40

/** What a market did, in the form in which its statistics are taken. Prices are ticks, quantities lots. */
export interface MarketRecording {
  /** Seconds between two of the `mid` and `spread`. */
  readonly step: number
  /** Midpoint at each step of continuous trading. */
  readonly mid: Float64Array
  /** Best ask less best bid at each step; NaN where a side was empty. */
  readonly spread: Float64Array
  /** Mean number of lots shown at each distance from the best price of their side, both sides together. */
  readonly depth: Float64Array
  /** For each order that took: 1 for a buyer, -1 for a seller, */
  readonly sign: Int8Array
  /** what it took in all, */
  readonly quantity: Float64Array
  /** and by how much the midpoint moved with it, in its direction. */
  readonly impact: Float64Array
}

/** Takes down what a market does, whenever whoever goes through it says that it is time to. */
export class MarketRecorder {
  readonly #book: () => OrderBook
  readonly #tick: number
  readonly #mid: number[] = []
  readonly #spread: number[] = []
  readonly #depth = new Float64Array(reach)
  readonly #sign: number[] = []
  readonly #quantity: number[] = []
  readonly #impact: number[] = []
  readonly #price = new Float64Array(1)
  readonly #size = new Float64Array(1)
  readonly #levels: Float64Array
  readonly #lots: Float64Array
  #last = NaN
  #looks = 0

  /** @param tick steps of the book's prices in a tick */
  constructor(book: () => OrderBook, tick = 1) {
    this.#book = book
    this.#tick = tick
    // A level may lie at every step.
    const places = Math.ceil(reach * Math.max(1, tick))
    this.#levels = new Float64Array(places)
    this.#lots = new Float64Array(places)
  }

  /** The midpoint now; NaN where a side is empty. */
  get middle(): number {
    return (this.#best(SELL) + this.#best(BUY)) / 2
  }

  /** Looks at the best prices. Where a side is empty the midpoint is the last that there was; while trading stands still nothing is taken down. */
  lookAtPrices(standsStill = false): void {
    const width = this.#best(SELL) - this.#best(BUY)
    if (!Number.isNaN(width)) this.#last = this.middle
    if (Number.isNaN(this.#last) || standsStill) return
    this.#mid.push(this.#last)
    this.#spread.push(width)
  }

  /** Looks at what rests at each distance from the best prices. */
  lookAtDepth(): void {
    this.#looks++
    for (const side of [BUY, SELL]) {
      const count = this.#book().depth(side, this.#levels, this.#lots)
      for (let i = 0; i < count; i++) {
        const distance = Math.round(Math.abs(this.#levels[i]! - this.#levels[0]!) / this.#tick)
        if (distance < reach) this.#depth[distance] += this.#lots[i]!
      }
    }
  }

  /** An order has taken so many lots, below zero for a seller. It moved the midpoint from where that was before to where it is. */
  took(lots: number, before: number): void {
    if (lots === 0 || Number.isNaN(before)) return
    const after = this.middle
    if (Number.isNaN(after)) return
    const direction = lots > 0 ? 1 : -1
    this.#sign.push(direction)
    this.#quantity.push(Math.abs(lots))
    this.#impact.push(direction * (after - before))
  }

  /** What has been taken down, with so many seconds between two looks at the prices. */
  recording(step: number): MarketRecording {
    return {
      step,
      mid: Float64Array.from(this.#mid),
      spread: Float64Array.from(this.#spread),
      depth: this.#depth.map((sum) => (this.#looks > 0 ? sum / this.#looks : NaN)),
      sign: Int8Array.from(this.#sign),
      quantity: Float64Array.from(this.#quantity),
      impact: Float64Array.from(this.#impact),
    }
  }

  #best(side: number): number {
    return this.#book().depth(side, this.#price, this.#size) > 0 ? this.#price[0]! / this.#tick : NaN
  }
}
