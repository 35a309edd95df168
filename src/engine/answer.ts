import type { Turn } from './seat.ts'

/** The resolving function of the promise that is being made: taken from it without a closure for each. */
let settle: (value: never) => void

const keep = (resolve: (value: never) => void): void => {
  settle = resolve
}

/**
 * The answer to a request as a promise that has it as soon as anybody asks, and that counts who does: whoever awaits it or
 * calls `then` has to go on before the next event, and where nobody does nothing has to be waited for.
 *
 * The language reads `constructor` of every promise that is awaited or combined with others, and `then` of every one
 * that is returned or followed, at once in both cases (ECMAScript 27.2.4.7 PromiseResolve, 27.2.1.3.2, 27.2.5.4): so
 * nobody gets at the answer past these two.
 */
export class Answer<Value> extends Promise<Value> {
  readonly #turn: { heard: number }
  readonly #value: Value
  readonly #settle: (value: never) => void

  static {
    Object.defineProperty(this.prototype, 'constructor', {
      get(this: Answer<unknown>) {
        this.#hear()
        // What follows from it is an ordinary promise.
        return Promise
      },
    })
    Object.defineProperty(this.prototype, 'then', {
      get(this: Answer<unknown>) {
        this.#hear()
        return Promise.prototype.then
      },
    })
  }

  constructor(value: Value, turn: Turn) {
    super(keep as (resolve: (value: Value) => void) => void)
    this.#turn = turn
    this.#value = value
    this.#settle = settle
  }

  #hear(): void {
    this.#turn.heard++
    // Whoever asks again finds it settled: this does nothing then.
    this.#settle(this.#value as never)
  }
}
