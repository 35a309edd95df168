import type { Acknowledgement } from '#market'
import type { StrategyHost } from './host.ts'
import type { Indicator } from './indicators/index.ts'
import { onUnreadyRead } from './indicators/indicator.ts'

/**
 * Tells once per line of an indicator that an order was sent in a handler that had read it before it had a value. It
 * cannot know whether the value decided: only that it was looked at first.
 */
export class Unready {
  readonly #host: StrategyHost
  /** The handler call in which `#read` was read. */
  #turn = -1
  readonly #read = new Set<Indicator>()

  constructor(host: StrategyHost) {
    this.#host = host
  }

  /** Notes from now on when a line of an indicator is read that has no value. */
  watch(indicator: Indicator): void {
    onUnreadyRead(indicator, (line) => {
      const turn = this.#host.turn()
      if (turn !== this.#turn) this.#read.clear()
      this.#turn = turn
      this.#read.add(line)
    })
  }

  /** Told of every answer to an order. */
  tell(answer: Acknowledgement | undefined): void {
    if (this.#read.size === 0 || !answer?.accepted || this.#turn !== this.#host.turn()) return
    for (const line of this.#read) {
      this.#host.log('warn', [
        `Order ${answer.order.id} was sent after ${line.name} had been read, which has no value yet. It is NaN, and every comparison with NaN is false, also one that was meant to wait: ask ready first.`,
      ])
      onUnreadyRead(line, undefined)
    }
    this.#read.clear()
  }
}
