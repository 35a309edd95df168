import type { Event } from '#market'
import type { JobCallback } from '#strategy'
import type { Handler, newestBar, scheduledJob } from './handlers.ts'
import type { Seat } from './seat.ts'

/** A handler call that is due, or that of a job. */
export interface Call {
  readonly seat: Seat
  readonly handler: Handler | typeof scheduledJob | typeof newestBar
  /** What the handler is given, or the job itself; undefined for the newest bar. */
  readonly event: Event | JobCallback | undefined
}

/** Handler calls that are due, in their order. */
export class CallQueue {
  /**
   * Used again from the front once all are taken. What was called stays until then: V8 forgets the shape of events when
   * none is left, and with it the code that it optimized for them.
   */
  readonly #calls: { -readonly [Name in keyof Call]: Call[Name] }[] = []
  #next = 0
  #end = 0

  add(seat: Seat, handler: Call['handler'], event: Call['event']): void {
    if (this.#end === this.#calls.length) this.#calls.push({ seat, handler, event })
    else {
      const call = this.#calls[this.#end]!
      call.seat = seat
      call.handler = handler
      call.event = event
    }
    this.#end++
  }

  /** Forgets the calls that are due. */
  clear(): void {
    this.#next = this.#end
  }

  /** The next call, to be read before another is added; undefined where none is due. */
  take(): Call | undefined {
    if (this.#next < this.#end) return this.#calls[this.#next++]
    this.#next = 0
    this.#end = 0
    return undefined
  }
}
