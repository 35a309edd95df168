import type { BarColumns } from '#market'

/** Bars that are made of trades as they happen. A bar without a trade repeats the last price, with no volume. */
export class TradeBars {
  readonly columns: BarColumns
  readonly #rows: number
  #row = 0
  #last: number
  #lastTime: number

  /**
   * @param start price before the first trade
   * @param time when that was so, microseconds UTC
   */
  constructor(rows: number, start: number, time: number) {
    const column = () => new Float64Array(rows)
    this.columns = {
      time: column(),
      open: column(),
      high: column(),
      low: column(),
      close: column(),
      volume: column(),
    }
    this.#rows = rows
    this.#last = start
    this.#lastTime = time
    this.#open()
  }

  /** Price of the newest trade, or of the start. */
  get last(): number {
    return this.#last
  }

  /** When that was, microseconds UTC. */
  get lastTime(): number {
    return this.#lastTime
  }

  /** Adds a trade to the bar under way; after the last bar it only gives the last price. */
  add(price: number, size: number, time: number): void {
    this.#last = price
    this.#lastTime = time
    const row = this.#row
    if (row >= this.#rows) return
    const { open, high, low, close, volume } = this.columns
    if (volume[row] === 0) open[row] = high[row] = low[row] = price
    if (price > high[row]!) high[row] = price
    if (price < low[row]!) low[row] = price
    close[row] = price
    volume[row]! += size
  }

  /** Ends the bar under way at a time, microseconds UTC. */
  stamp(time: number): void {
    this.columns.time[this.#row] = time
  }

  /** Begins the next bar. */
  next(): void {
    this.#row++
    this.#open()
  }

  #open(): void {
    const row = this.#row
    if (row >= this.#rows) return
    const { open, high, low, close } = this.columns
    open[row] = high[row] = low[row] = close[row] = this.#last
  }
}
