/** Bars of which each may be followed by a rest. A rest costs some microseconds, most of all in a browser. */
const few = 2048

/** Parts into which more bars are divided, each with a rest at its end. */
const parts = 256

/** Most bars between two rests. */
const mostBars = 4096

/** Most moves of the market and jobs between two rests, beside those that each bar brings of itself. */
const mostSteps = 1024

/** Moves that a bar brings of itself at the most: it is told, completes its stamp, and lets a few orders fill. */
const stepsPerBar = 8

/**
 * Where a run rests. What handlers called and did not await goes on there to where it can go, before the run does; so where
 * the rests are belongs to the result, and they are counted in bars and steps, never in time. Of up to 2,048 bars each
 * that completes a time stamp is followed by one; of more there are about 256 rests, or one every 4,096 bars. Where much
 * happens between two bars there is one about every 1,024 steps, so that a run can always be stopped. There are two after the
 * last event and two after `onExit`.
 */
export class Rests {
  readonly #every: number
  #until = 0
  #left = 0
  #owed = 0

  /** @param total bars of the run */
  constructor(total: number) {
    this.#every = total <= few ? 1 : Math.min(mostBars, Math.ceil(total / parts))
  }

  /** The run goes on from a rest. */
  begin(bars: number): void {
    this.#until = (Math.floor(bars / this.#every) + 1) * this.#every
    this.#left = mostSteps + stepsPerBar * this.#every
  }

  /** Two rests are due whatever happens: after these a rejection that nobody handled is known everywhere. */
  owe(): void {
    this.#owed = 2
  }

  /** Whether one of them is due; asked once for each. */
  get isOwed(): boolean {
    return this.#owed > 0 && this.#owed-- > 0
  }

  /** The market has moved, or a job is due. */
  step(): void {
    this.#left--
  }

  /**
   * Whether the run has come to a rest.
   *
   * @param between whether no time stamp is being worked through
   */
  isDue(bars: number, between: boolean): boolean {
    return this.#left <= 0 || (between && bars >= this.#until)
  }
}
