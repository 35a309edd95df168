import type { InstrumentData, RecordedFlow } from '#data'
import type { MarketMessages } from '#exchange'
import type { Ours } from '../recorded/flow-words.ts'

/** Which of the messages of a run's market are about orders of the run. */
export class OwnMessages {
  /** Ids of our orders by their numbers in the messages. */
  readonly orders: ReadonlyMap<number, number>
  readonly #taken: ReadonlySet<number>

  constructor({ own, taken }: MarketMessages) {
    this.orders = new Map([...own.number].map((number, i) => [number, own.order[i]!]))
    this.#taken = new Set(taken.row)
  }

  /** What is ours of the message of a row that is about the order of a number. */
  at(row: number, number: number): Ours {
    return { resting: this.orders.has(number), taking: this.#taken.has(row) }
  }
}

/** The messages of a run's own market in the form of a recording, and what of them is ours. */
export function madeFlow(
  messages: MarketMessages,
  { instrument, bars }: InstrumentData,
): { readonly flow: RecordedFlow; readonly own: OwnMessages } {
  const { blocks, priceStep } = messages
  const last = blocks.at(-1)
  const flow: RecordedFlow = {
    instrument,
    priceStep,
    start: blocks[0]?.time[0] ?? bars.time[0]!,
    end: last ? last.time[last.length - 1]! : bars.time.at(-1)!,
    messages: blocks,
  }
  return { flow, own: new OwnMessages(messages) }
}
