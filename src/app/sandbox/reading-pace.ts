/** Fraction of the time that the page gives to what a run says. */
const share = 0.5
/** What it may take at once beyond that; milliseconds. A run that tells what runs tell never comes to it. */
const slack = 120
/** What a message counts at most, as where the machine slept while it was read; milliseconds. */
const longest = 500

/**
 * How soon a run may hear that its words were read. Eight may be unread, so whoever makes each as long to read as can be waits
 * here, and the page has time for whoever types.
 */
export class ReadingPace {
  /** Up to when the time is taken: what was read takes as much as it needed, and as much again for everything else. */
  #taken = -Infinity

  /**
   * Something was read.
   *
   * @param from when that began, real time in milliseconds
   * @param to when it was over
   * @returns milliseconds after which it may be told; 0 is at once
   */
  read(from: number, to: number): number {
    this.#taken = Math.max(this.#taken, from) + Math.min(to - from, longest) / share
    return Math.max(0, this.#taken - slack - to)
  }
}
