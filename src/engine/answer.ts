import type { Turn } from './seat.ts'

/** The resolving function of the promise that is being made: taken from it without a closure for each. */
let settle: (value: never) => void

const keep = (resolve: (value: never) => void): void => {
  settle = resolve
}

/**
 * The answer to a request as a promise that has it already, and that counts who asks for it: whoever awaits it or calls
 * `then` has to go on before the next event, and where nobody does nothing has to be waited for.
 *
 * The language reads `constructor` of every promise that is awaited or combined with others, and `then` of every one
 * that is returned or followed, at once in both cases (ECMAScript 27.2.4.7 PromiseResolve, 27.2.1.3.2, 27.2.5.4): so
 * nobody gets at the answer past these two.
 */
export class Answer<Value> extends Promise<Value> {
  readonly #turn: { heard: number }

  static {
    Object.defineProperty(this.prototype, 'constructor', {
      get(this: Answer<unknown>) {
        this.#turn.heard++
        // What follows from it is an ordinary promise.
        return Promise
      },
    })
    Object.defineProperty(this.prototype, 'then', {
      get(this: Answer<unknown>) {
        this.#turn.heard++
        return Promise.prototype.then
      },
    })
  }

  constructor(value: Value, turn: Turn) {
    super(keep as (resolve: (value: Value) => void) => void)
    settle(value as never)
    this.#turn = turn
  }
}
