/** Into how many parts the journal of a run is divided by its bars, and rows with which there is one more. */
const parts = 64
const mostRows = 4096

/**
 * At which rests of a run its journal is told: after the first bars and then twice as many each, until that is a sixty-fourth
 * of the run, and whenever it has become long. So what ends a run from outside costs little of its journal, wherever it
 * happens. Counted in bars and rows, never in time.
 */
export class JournalPace {
  readonly #every: number
  #next = 1

  /** @param total bars of the run */
  constructor(total: number) {
    this.#every = Math.ceil(total / parts)
  }

  /**
   * @param bars read so far
   * @param waiting rows that were not told yet
   */
  isDue(bars: number, waiting: number): boolean {
    return bars >= this.#next || waiting >= mostRows
  }

  /** The journal is told. */
  told(bars: number): void {
    this.#next = Math.max(bars + 1, Math.min(2 * bars, bars + this.#every))
  }
}
