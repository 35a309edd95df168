import { CancelReason, Request } from '#book'
import { EventType, type Order } from '#market'
import { type MarketDetail, MarketStep, noDetail } from './exchange.ts'

/**
 * What has happened on an exchange with a book and nobody has been given yet, in its order. Its details stand in slots that are
 * used again.
 */
export class Steps {
  /** Details of steps that no event of the book led to: bars. */
  readonly own: MarketDetail = noDetail()
  #detail = this.own
  readonly #details: MarketDetail[] = []
  readonly #kinds: MarketStep[] = []
  #next = 0
  #end = 0

  /** Of the newest step that was given. */
  get detail(): MarketDetail {
    return this.#detail
  }

  /** Whether something waits to be given. */
  get isWaiting(): boolean {
    return this.#next < this.#end
  }

  /** Gives the next one; END where none waits. */
  take(): MarketStep {
    if (this.#next < this.#end) {
      const slot = this.#next++
      this.#detail = this.#details[slot]!
      return this.#kinds[slot]!
    }
    this.#next = this.#end = 0
    return MarketStep.END
  }

  /** Gives the step that stands in `own`. */
  takeOwn(kind: MarketStep): MarketStep {
    this.#detail = this.own
    return kind
  }

  /** Puts a step behind all others. What its kind has beside these is for the caller to write; the rest is of an older step. */
  put(kind: MarketStep, time: number, instrument: number, row: number, order?: Order): MarketDetail {
    const slot = this.#end++
    const step = (this.#details[slot] ??= { ...this.own })
    this.#kinds[slot] = kind
    step.time = time
    step.instrument = instrument
    step.row = row
    step.order = order
    step.valuedAt = NaN
    step.halfTold = false
    return step
  }
}

/** What a book calls the reason of a cancel, by its number. */
export const cancelReasons = Object.fromEntries(
  Object.entries(CancelReason).map(([name, number]) => [number, name]),
) as unknown as Readonly<Record<CancelReason, string>>

/** What a request was, as a REJECTED step says it. */
export const requestEvents = {
  [Request.ADD]: EventType.REJECTED,
  [Request.CANCEL]: EventType.CANCEL,
  [Request.CHANGE]: EventType.CHANGE,
} as const
