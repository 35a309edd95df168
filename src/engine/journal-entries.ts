import type { DataSet } from '#data'
import { MarketStep, type Terms } from '#exchange'
import { EventType, type Order, OrderFlag, OrderStatus, Side, trailOf } from '#market'
import type { Course } from './course.ts'
import { handlerNames } from './handlers.ts'
import { RequestKind } from './journal.ts'
import { orderStatuses, orderTypes } from './ledger.ts'
import { type RunRecord, StepKind } from './record.ts'
import { Replay } from './replay.ts'

/** One line of the whole journal of a run: something that happened, or something that a strategy asked for. */
export interface JournalEntry {
  /** Moves that the market had made. */
  readonly move: number
  /** Milliseconds since 1970 UTC. */
  readonly time: number
  /**
   * `BAR`, `TRADE`, `OPEN`, `FILL`, `CANCEL`, `CHANGE`, `HALT` and `CONTINUE` of the market, as far as the strategy listened;
   * `NEW ORDER`, `CANCEL ORDER`, `CHANGE ORDER` and `KILL` that it asked for, a change with the terms that it asked for; and what
   * became of its orders: `ORDER` when it was entered, `RECEIVED`, `TRAILED` when a trailing stop has moved, `MY FILL`, `CHANGED`,
   * `REFUSED`, and its end, `FILLED`, `CANCELLED` or `REJECTED`.
   */
  readonly event: string
  /** Place of the strategy. */
  readonly strategy?: number
  /** The handler that asked. */
  readonly handler?: string
  readonly instrument?: string
  /** Id of the order; of the market's orders their number in the book. */
  readonly order?: number
  readonly side?: 'buy' | 'sell'
  readonly type?: string
  readonly price?: number
  readonly volume?: number
  readonly stopPrice?: number
  /** An `OrderFlag`, where the order has one. */
  readonly flag?: string
  /** Distance of a trailing stop. */
  readonly trail?: number
  /** The same in per cent of the price. */
  readonly trailPercent?: number
  /** What the book shows of it at a time. */
  readonly display?: number
  /** The book shows nothing of it. */
  readonly hidden?: true
  /** It only reduces. */
  readonly reduceOnly?: true
  /** Id of the order that it waits for, and of the one that it is a pair with. */
  readonly after?: number
  readonly pair?: number
  readonly open?: number
  readonly high?: number
  readonly low?: number
  readonly close?: number
  readonly fee?: number
  /** Account currency per unit of the instrument's, where there are several. */
  readonly rate?: number
  readonly slippage?: number
  readonly rule?: string
  readonly code?: string
  readonly reason?: string
}

/** Moves between two looks at what was found. */
const piece = 256

const requestWords: Readonly<Record<RequestKind, string>> = {
  [RequestKind.NEW]: 'NEW ORDER',
  [RequestKind.CANCEL]: 'CANCEL ORDER',
  [RequestKind.CHANGE]: 'CHANGE ORDER',
  [RequestKind.KILL]: 'KILL',
}

/**
 * The whole journal of a run, every event and every decision in the order in which they happened. It is made anew by a
 * replay, so it costs a run's time and no memory.
 *
 * @param data the data set that it ran on, or those, one per exchange
 * @throws Error where the record is not what its journal comes to
 */
export function* journalEntries(
  record: RunRecord,
  data: DataSet | readonly DataSet[],
): Generator<JournalEntry> {
  const found: JournalEntry[] = []
  const replay = new Replay(
    record.journal,
    data,
    record.settings,
    new Writer(record, found),
    record.stoppedAt,
  )
  for (let over = false; !over;) {
    over = replay.advance(piece)
    yield* found
    found.length = 0
  }
}

const sideOf = (sign: number) => (sign > 0 ? 'buy' : 'sell')

/** A price or another number, absent where there is none. */
const some = <Name extends string>(name: Name, value: number): { [Key in Name]?: number } =>
  Number.isNaN(value) ? {} : ({ [name]: value } as { [Key in Name]?: number })

function namesOf(order: Order, course: Course) {
  const index = course.indexOf.get(order.instrument)
  return {
    ...(index === undefined ? {} : { instrument: course.instruments[index]!.name }),
    ...(order.id > 0 ? { order: order.id } : {}),
    side: sideOf(order.side === Side.BUY ? 1 : -1) as 'buy',
  }
}

const termsOf = ({ price, stopPrice, volume }: Terms) => ({
  ...some('price', price),
  ...some('stopPrice', stopPrice),
  volume,
})

/** What a new order is, beside its terms. */
const kindOf = ({ type, flag, trail, trailPercent, display, hidden, reduceOnly, after, pair }: Order) => ({
  type,
  ...(flag === OrderFlag.NONE ? {} : { flag }),
  ...some('trail', trail),
  ...some('trailPercent', trailPercent),
  ...some('display', display),
  ...(hidden ? { hidden } : {}),
  ...(reduceOnly ? { reduceOnly } : {}),
  ...(after ? { after: after.id } : {}),
  ...(pair ? { pair: pair.id } : {}),
})

/** Turns what a replay does into entries. */
class Writer {
  readonly #record: RunRecord
  readonly #found: JournalEntry[]
  /** Steps of the register that were written. */
  #steps = 0
  /** Trailing stops that are under way, and where each was when it was last looked at. */
  readonly #trailing = new Map<Order, number>()

  constructor(record: RunRecord, found: JournalEntry[]) {
    this.#record = record
    this.#found = found
  }

  /** The market has made a move. */
  moved(step: MarketStep, course: Course): void {
    const { detail, index } = course
    const at = { move: course.moves, time: course.time / 1000 }
    const instrument = course.instruments[index]!.name
    if (step === MarketStep.BAR) {
      const { open, high, low, close, volume } = course.mover.columns(detail.instrument)
      const { row } = detail
      this.#found.push({
        ...at,
        event: 'BAR',
        instrument,
        open: open[row]!,
        high: high[row]!,
        low: low[row]!,
        close: close[row]!,
        volume: volume[row]!,
      })
    } else if (step === MarketStep.TRADE) {
      const { side, price, volume } = detail
      const taker = side === 0 ? {} : { side: sideOf(side) as 'buy' }
      this.#found.push({ ...at, event: 'TRADE', instrument, ...taker, price, volume })
    } else if (step === MarketStep.ORDER && !detail.order) {
      const { event, bookOrder, side, price, volume } = detail
      const order = { order: bookOrder, side: sideOf(side) as 'buy', ...some('price', price), volume }
      this.#found.push({ ...at, event, instrument, ...order })
    } else if (step === MarketStep.PHASE)
      this.#found.push({
        ...at,
        event: detail.event === EventType.HALT ? 'HALT' : 'CONTINUE',
        instrument,
      })
    else if (step === MarketStep.RECEIVED)
      this.#found.push({ ...at, event: 'RECEIVED', instrument, order: detail.order!.id })
    if (this.#trailing.size > 0) this.#trail(course)
    this.#follow(course)
  }

  /** A request of the journal was made. */
  asked(row: number, course: Course, order?: Order, terms?: Terms): void {
    const { requests, orders } = this.#record.journal
    const handler = requests.handler[row]!
    const kind = requests.kind[row] as RequestKind
    const made = requests.order[row]!
    const asked =
      kind === RequestKind.NEW && made >= 0
        ? { price: orders.price[made]!, stopPrice: orders.stopPrice[made]!, volume: orders.volume[made]! }
        : (terms ?? order)
    this.#found.push({
      move: course.moves,
      time: course.time / 1000,
      event: requestWords[kind],
      strategy: requests.strategy[row]!,
      handler: handler < 0 ? 'scheduled job' : handlerNames[handler]!,
      ...(order ? namesOf(order, course) : {}),
      ...(order && kind === RequestKind.NEW ? kindOf(order) : {}),
      ...(asked ? termsOf(asked) : {}),
    })
    if (order && !Number.isNaN(trailOf(order))) this.#trailing.set(order, order.stopPrice)
    this.#follow(course)
  }

  /** Writes which trailing stops have moved; one that is no more is not looked at again. */
  #trail(course: Course): void {
    for (const [order, stopPrice] of this.#trailing) {
      if (order.stopPrice !== stopPrice) {
        this.#trailing.set(order, order.stopPrice)
        if (!Number.isNaN(stopPrice))
          this.#found.push({
            move: course.moves,
            time: course.time / 1000,
            event: 'TRAILED',
            strategy: course.register.owners.columns.strategy[order.id - 1]!,
            ...namesOf(order, course),
            stopPrice: order.stopPrice,
          })
      }
      if (order.status !== OrderStatus.NEW && order.status !== OrderStatus.OPEN) this.#trailing.delete(order)
    }
  }

  /** Writes what has become of orders since. */
  #follow(course: Course): void {
    const { register } = course
    const { steps, owners, refused } = register
    for (; this.#steps < steps.length; this.#steps++) {
      const kind = steps.columns.kind[this.#steps] as StepKind
      const row = steps.columns.row[this.#steps]!
      const at = { move: course.moves, time: course.time / 1000 }
      const ofOrder = (id: number) => {
        const { instrument, side } = register.orders.columns
        const index = instrument[id - 1]!
        return {
          strategy: owners.columns.strategy[id - 1]!,
          ...(index < 0 ? {} : { instrument: course.instruments[index]!.name }),
          order: id,
          side: sideOf(side[id - 1]!) as 'buy',
        }
      }
      if (kind === StepKind.ORDER || kind === StepKind.END) {
        const { type, price, stopPrice, volume, status } = register.orders.columns
        const event = kind === StepKind.ORDER ? 'ORDER' : orderStatuses[status[row]!]!
        const terms = {
          type: orderTypes[type[row]!]!,
          ...some('price', price[row]!),
          ...some('stopPrice', stopPrice[row]!),
          volume: volume[row]!,
        }
        this.#found.push({ ...at, event, ...ofOrder(row + 1), ...(kind === StepKind.ORDER ? terms : {}) })
      } else if (kind === StepKind.FILL) {
        const { order, price, volume, fee, slippage, rule } = register.fills.columns
        this.#found.push({
          ...at,
          event: 'MY FILL',
          ...ofOrder(order[row]!),
          price: price[row]!,
          volume: volume[row]!,
          fee: fee[row]!,
          ...some('rate', register.rates?.columns.rate[row] ?? NaN),
          slippage: slippage[row]!,
          rule: register.rules[rule[row]!]!,
        })
      } else if (kind === StepKind.CHANGE) {
        const id = register.changes.columns.order[row]!
        this.#found.push({ ...at, event: 'CHANGED', ...ofOrder(id) })
      } else {
        const { order, code, reason } = register.refusals[row]!
        const whose = order === 0 ? { strategy: refused.columns.strategy[row]! } : ofOrder(order)
        this.#found.push({ ...at, event: 'REFUSED', ...whose, code, reason })
      }
    }
  }
}
