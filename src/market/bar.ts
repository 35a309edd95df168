import type { Instrument } from './instrument.ts'

/** Bars of one instrument as columns of equal length, oldest first, times strictly rising. */
export interface BarColumns {
  /** Microseconds since 1970-01-01 UTC of the stamp that the source gives the bar. */
  readonly time: Float64Array
  readonly open: Float64Array
  readonly high: Float64Array
  readonly low: Float64Array
  readonly close: Float64Array
  /** Zero where the source gives none. */
  readonly volume: Float64Array
  /** 1 for bars of the source, 0 for those that fill a slot in which nothing traded; left out where all are of the source. */
  readonly real?: Uint8Array
}

/** One bar. It is a window on the market's columns, fixed to its row: keeping it is cheap and it never changes. */
export class Bar {
  readonly #instrument: Instrument
  readonly #columns: BarColumns
  readonly #row: number

  constructor(instrument: Instrument, columns: BarColumns, row: number) {
    this.#instrument = instrument
    this.#columns = columns
    this.#row = row
  }

  /** Whose prices they are. */
  get instrument(): Instrument {
    return this.#instrument
  }
  /** Where it traded: the exchange's tag. */
  get exchange(): string {
    return this.#instrument.exchange
  }
  /** Milliseconds since 1970 UTC as the source stamps the bar; `new Date(bar.time)` works. */
  get time(): number {
    return this.#columns.time[this.#row]! / 1000
  }
  /** Its first price, in the instrument's currency, as the next ones. */
  get open(): number {
    return this.#columns.open[this.#row]!
  }
  /** Its highest price. */
  get high(): number {
    return this.#columns.high[this.#row]!
  }
  /** Its lowest price. */
  get low(): number {
    return this.#columns.low[this.#row]!
  }
  /** Its last price. */
  get close(): number {
    return this.#columns.close[this.#row]!
  }
  /** What was traded in it, in units of the instrument; 0 where the source gives none. */
  get volume(): number {
    return this.#columns.volume[this.#row]!
  }
  /** False for a bar that only fills a slot in which nothing traded: its prices are the close before, and nothing trades in it. */
  get real(): boolean {
    return this.#columns.real?.[this.#row] !== 0
  }

  toJSON() {
    const { instrument, time, open, high, low, close, volume } = this
    return { instrument: instrument.name, time, open, high, low, close, volume }
  }
  toString(): string {
    return `Bar ${this.instrument.name} ${new Date(this.time).toISOString()} open ${this.open} high ${this.high} low ${this.low} close ${this.close} volume ${this.volume}`
  }
}
