import type { Turn } from './seat.ts'

/**
 * Turns of the promise queue that must pass without a request before a handler counts as over in which somebody asked
 * for an answer. What it called and did not await goes on one turn after each answer, and up to three later for every
 * function in between: seven are enough for two functions that nobody waits for, one within the other. One more is to
 * spare.
 */
const quietTurns = 8

/** What is there at once. */
export const answered = Promise.resolve()

/**
 * Lets what a handler called without waiting for it go on with the answers it got, until it asks nothing more.
 *
 * Every answer that somebody awaits comes to this, so the turns are callbacks, which take a third of the time of an
 * `await`, and there is one function for all of them: a new one for every wait would take more time than the turns.
 */
export class Quiet {
  readonly #turn: Turn
  #turns = 0
  /** Requests, and how often one's answer was asked for, that were known at the last turn. */
  #known = 0
  #goOn = (): boolean => false
  #resolve: () => void = () => {}
  #reject: (error: unknown) => void = () => {}

  constructor(turn: Turn) {
    this.#turn = turn
  }

  /**
   * Goes on whenever nothing more is asked, for as long as `goOn` says that there is nothing to wait for but this. Resolves
   * then, or rejects with what it throws.
   */
  wait(goOn: () => boolean): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#goOn = goOn
      this.#resolve = resolve
      this.#reject = reject
      this.#begin()
    })
  }

  #begin(): void {
    this.#turns = 0
    this.#known = this.#turn.requests + this.#turn.heard
    this.#next()
  }

  readonly #next = (): void => {
    const known = this.#turn.requests + this.#turn.heard
    if (known !== this.#known) {
      this.#known = known
      this.#turns = 0
    }
    if (this.#turns++ < quietTurns) void answered.then(this.#next)
    else this.#end()
  }

  #end(): void {
    try {
      if (this.#goOn()) this.#begin()
      else this.#resolve()
    } catch (error) {
      this.#reject(error)
    }
  }
}
