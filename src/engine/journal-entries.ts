import type { DataSet } from '#data'
import { MarketStep, type Terms } from '#exchange'
import {
  EventType,
  type Instrument,
  type Order,
  OrderFlag,
  OrderStatus,
  OrderType,
  Side,
  trailOf,
} from '#market'
import type { Course } from './course.ts'
import { handlerNames } from './handlers.ts'
import { type Journal, orderFlags, OrderMark, refusalCodes, RequestKind, selfTradeOf } from './journal.ts'
import type { LogEntry } from './log.ts'
import { orderStatuses, orderTypes } from './ledger.ts'
import { type RunRecord, type RunSettings, StepKind } from './record.ts'
import { Replay, type ReplayRecord, type Witness } from './replay.ts'

/** One line of the whole journal of a run: something that happened, or something that a strategy asked for. */
export interface JournalEntry {
  /** Moves that the market had made. */
  readonly move: number
  /** Milliseconds since 1970 UTC. */
  readonly time: number
  /** Microseconds since then, where that is no whole number: only a job can be due between two. */
  readonly microseconds?: number
  /**
   * `TIMER`, a scheduled job that was due; `LOG`, a line that a strategy wrote; `COST`, what one of its cost functions answered
   * about a fill, before that fill; `BAR`, `TRADE`, `OPEN`, `FILL`, `CANCEL`, `CHANGE`, `HALT` and `CONTINUE` of the market, as far as the strategy listened;
   * `NEW ORDER`, `CANCEL ORDER`, `CHANGE ORDER` and `KILL` that it asked for, a change with the terms that it asked for; and what
   * became of its orders: `ORDER` when it was entered, `RECEIVED`, `TRAILED` when a trailing stop has moved, `MY FILL`, `CHANGED`,
   * `REFUSED`, and its end, `FILLED`, `CANCELLED` or `REJECTED`. `NAMED` is an order that a request named before it was sent.
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
  /** Money that it goes by, instead of a volume. */
  readonly notional?: number
  /** Worst price that it may trade at as a market order. */
  readonly protectionPrice?: number
  /** It is market-to-limit. */
  readonly toLimit?: true
  /** A `SelfTrade`, where the order has one of its own. */
  readonly selfTrade?: string
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
  /** Of a line of the log. */
  readonly level?: LogEntry['level']
  readonly text?: string
  /** The cost function, and its answer; absent where there is no such function. */
  readonly function?: 'slippage' | 'transactionCost'
  readonly answer?: number
  /**
   * Of a request: number of its order, from 0, among those that requests have named; `-1 - id` of one that the risk rules made.
   */
  readonly named?: number
  /** The same of the order that it waits for, and of the one that it is a pair with. */
  readonly namedAfter?: number
  readonly namedPair?: number
  /** Exchange of the instrument, where the run has several of its name. */
  readonly exchange?: string
  /** Name of the instrument, where the run has none of it. */
  readonly unknownInstrument?: string
  /** The exchange that the order is for, where it is not the instrument's. */
  readonly onExchange?: string
  /** Why a rule of the strategy's own refused the order. */
  readonly objection?: string
}

/** Moves between two looks at what was found. */
const piece = 256

/** Levels of the log by their `AsideKind`, less one. */
const levels = ['debug', 'info', 'warn', 'error'] as const

/** What a line calls a request. */
export const requestWords: Readonly<Record<RequestKind, string>> = {
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
  { journal, settings, stoppedAt }: Pick<RunRecord, 'journal' | 'settings' | 'stoppedAt'>,
  data: DataSet | readonly DataSet[],
): Generator<JournalEntry> {
  yield* new Chronicle(journal, data, settings, stoppedAt).entries()
}

/** Makes the whole journal of a run: of one that is over, or along with one that goes on. */
export class Chronicle {
  readonly #replay: Replay
  readonly #found: JournalEntry[] = []

  /**
   * @param journal all of it, or the first part: see `follow`
   * @param data the data set that it runs on, or those, one per exchange
   * @param stop moves after which the run stopped; left out, it came to its end
   */
  constructor(journal: Journal, data: DataSet | readonly DataSet[], settings: RunSettings, stop = Infinity) {
    const writer = new Writer(this.#found, () => this.#replay)
    this.#replay = new Replay(journal, data, settings, writer, stop)
  }

  /** The journal is the first part of it: see `feed`. */
  follow(): void {
    this.#replay.follow()
  }

  /** Goes on with the next part, once there are no further entries of the one before. */
  feed(part: Journal): void {
    this.#replay.feed(part)
  }

  /**
   * No further part comes.
   *
   * @param stop moves after which the run stopped; left out, it came to its end
   */
  end(stop?: number): void {
    this.#replay.end(stop)
  }

  /**
   * Entries up to where the journal is known.
   *
   * @throws Error where the journal cannot be that of such a run
   */
  *entries(): Generator<JournalEntry> {
    for (let over = false; !over && !this.#replay.waits;) {
      let failure: { readonly error: unknown } | undefined
      try {
        over = this.#replay.advance(piece)
      } catch (error) {
        failure = { error }
      }
      yield* this.#found
      this.#found.length = 0
      // What came before is told first, and shows where it went astray.
      if (failure) throw failure.error
    }
  }

  /** What the run comes to, once all entries were taken. */
  record(): ReplayRecord {
    return this.#replay.record()
  }

  /** Moves of the market so far. */
  get moves(): number {
    return this.#replay.moves
  }
  /** The run's instruments, those of all exchanges one after the other. */
  get instruments(): readonly Instrument[] {
    return this.#replay.instruments
  }
}

const sideOf = (sign: number): 'buy' | 'sell' => (sign > 0 ? 'buy' : 'sell')

/** A price or another number, absent where there is none. */
const some = <Name extends string>(name: Name, value: number): { [Key in Name]?: number } =>
  Number.isNaN(value) ? {} : ({ [name]: value } as { [Key in Name]?: number })

/** When something happened. A time that is no whole number of microseconds is told in those as well. */
const timeOf = (time: number) => ({
  time: time / 1000,
  ...(Number.isFinite(time) && Math.round((time / 1000) * 1000) !== time ? { microseconds: time } : {}),
})

/** Whether a run has several instruments of a name. */
const isShared = (name: string, { instruments }: Course) =>
  instruments.filter((other) => other.name === name).length > 1

/** Name of an instrument of the run, and its exchange where the name alone does not say which. */
function placeOf(index: number, course: Course) {
  const { name, exchange } = course.instruments[index]!
  return { instrument: name, ...(isShared(name, course) ? { exchange } : {}) }
}

function namesOf(order: Order, course: Course) {
  const index = course.indexOf.get(order.instrument)
  return {
    ...(index === undefined ? {} : placeOf(index, course)),
    ...(order.id > 0 ? { order: order.id } : {}),
    side: sideOf(order.side === Side.BUY ? 1 : -1),
  }
}

const termsOf = ({ price, stopPrice, volume }: Terms) => ({
  ...some('price', price),
  ...some('stopPrice', stopPrice),
  ...some('volume', volume),
})

/** What a new order is, beside its terms. */
function kindOf(order: Order) {
  const { type, flag, display, hidden, reduceOnly, toLimit, selfTrade, after, pair } = order
  return {
    type,
    ...(flag === OrderFlag.NONE ? {} : { flag }),
    ...some('trail', order.trail),
    ...some('trailPercent', order.trailPercent),
    ...some('display', display),
    ...(hidden ? { hidden } : {}),
    ...(reduceOnly ? { reduceOnly } : {}),
    ...some('notional', order.notional),
    ...some('protectionPrice', order.protectionPrice),
    ...(toLimit ? { toLimit } : {}),
    ...(selfTrade ? { selfTrade } : {}),
    ...(after ? { after: after.id } : {}),
    ...(pair ? { pair: pair.id } : {}),
  }
}

/** Turns what a replay does into entries. */
class Writer implements Witness {
  readonly #found: JournalEntry[]
  readonly #replay: () => Replay
  /** Steps of the register that were written. */
  #steps = 0
  /** Orders of the journal that were written. */
  #named = 0
  /** Trailing stops that are under way, and where each was when it was last looked at. */
  readonly #trailing = new Map<Order, number>()

  constructor(found: JournalEntry[], replay: () => Replay) {
    this.#found = found
    this.#replay = replay
  }

  /** The market has made a move. */
  moved(step: MarketStep, course: Course): void {
    const { detail, index } = course
    const at = { move: course.moves, ...timeOf(course.time) }
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
      const taker = side === 0 ? {} : { side: sideOf(side) }
      this.#found.push({ ...at, event: 'TRADE', instrument, ...taker, price, volume })
    } else if (step === MarketStep.ORDER && !detail.order) {
      const { event, bookOrder, side, price, volume } = detail
      const order = { order: bookOrder, side: sideOf(side), ...some('price', price), volume }
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
    const { requests } = this.#replay().journal
    const handler = requests.handler[row]!
    const kind = requests.kind[row] as RequestKind
    const named = requests.order[row]!
    const isNew = kind === RequestKind.NEW
    const at = { move: course.moves, ...timeOf(course.time) }
    const strategy = requests.strategy[row]!
    for (; this.#named < named || (this.#named === named && !isNew); this.#named++)
      this.#found.push({ ...at, event: 'NAMED', strategy, ...this.#made(this.#named, course) })
    const isFirst = isNew && named === this.#named
    const made = isFirst ? this.#made(this.#named++, course) : {}
    const asked = isFirst ? undefined : (terms ?? order)
    const objection = refusalCodes[requests.objection[row]! - 1]
    this.#found.push({
      ...at,
      event: requestWords[kind],
      strategy,
      handler: handler < 0 ? 'scheduled job' : handlerNames[handler]!,
      ...(order ? namesOf(order, course) : {}),
      ...(order && isNew ? kindOf(order) : {}),
      ...(asked ? termsOf(asked) : {}),
      ...made,
      ...(order ? { named } : {}),
      ...(objection ? { objection } : {}),
    })
    if (order && !Number.isNaN(trailOf(order))) this.#trailing.set(order, order.stopPrice)
    this.#follow(course)
  }

  /** The journal has a job or a line of the log here. */
  told(row: number, course: Course): void {
    const replay = this.#replay()
    const { asides, texts } = replay.journal
    const { strategy, kind, text, time } = asides
    const at = { move: course.moves, ...timeOf(time[row]!) }
    const level = levels[kind[row]! - 1]
    this.#found.push({
      ...at,
      event: level ? 'LOG' : 'TIMER',
      strategy: strategy[row]!,
      ...(level ? { level, text: texts[text[row]! - replay.before.texts] ?? '' } : {}),
    })
  }

  /** A cost function was asked about a fill. */
  priced(strategy: number, name: 'slippage' | 'transactionCost', answer: number, course: Course): void {
    const at = { move: course.moves, ...timeOf(course.time) }
    this.#found.push({ ...at, event: 'COST', strategy, function: name, ...some('answer', answer) })
  }

  /** An order of the journal as its author made it. */
  #made(named: number, course: Course): Partial<JournalEntry> {
    const replay = this.#replay()
    const { orders } = replay.journal
    const row = named - replay.before.orders
    const index = orders.instrument[row]!
    const trail = orders.trail[row]!
    const flag = orderFlags[orders.flag[row]!]!
    const marks = orders.hidden[row]!
    const selfTrade = selfTradeOf(marks)
    const type = orderTypes[orders.type[row]!]!
    const after = orders.after[row]!
    const pair = orders.pair[row]!
    const exchange = orders.exchange[row]!
    return {
      ...(index < 0 ? { unknownInstrument: replay.names[-1 - index]! } : placeOf(index, course)),
      side: sideOf(orders.side[row]!),
      type,
      ...(flag === OrderFlag.NONE ? {} : { flag }),
      ...(trail < 0 ? { trailPercent: -trail } : some('trail', trail)),
      ...some('display', orders.display[row]!),
      ...(marks & OrderMark.HIDDEN ? { hidden: true } : {}),
      ...(marks & OrderMark.REDUCE_ONLY ? { reduceOnly: true } : {}),
      ...(marks & OrderMark.TO_LIMIT ? { toLimit: true } : {}),
      ...(selfTrade ? { selfTrade } : {}),
      ...some(type === OrderType.MARKET ? 'protectionPrice' : 'price', orders.price[row]!),
      ...some('stopPrice', orders.stopPrice[row]!),
      ...some(marks & OrderMark.NOTIONAL ? 'notional' : 'volume', orders.volume[row]!),
      named,
      ...(after === -1 ? {} : { namedAfter: after }),
      ...(pair === -1 ? {} : { namedPair: pair }),
      ...(exchange < 0 ? {} : { onExchange: replay.names[exchange]! }),
    }
  }

  /** Writes which trailing stops have moved; one that is no more is not looked at again. */
  #trail(course: Course): void {
    for (const [order, stopPrice] of this.#trailing) {
      if (order.stopPrice !== stopPrice) {
        this.#trailing.set(order, order.stopPrice)
        if (!Number.isNaN(stopPrice))
          this.#found.push({
            move: course.moves,
            ...timeOf(course.time),
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
      const kind = steps.kindOf(this.#steps)
      const row = steps.rowOf(this.#steps)
      const at = { move: course.moves, ...timeOf(course.time) }
      const ofOrder = (id: number) => {
        const { instrument, side } = register.orders.columns
        const index = instrument[id - 1]!
        return {
          strategy: owners.columns.strategy[id - 1]!,
          ...(index < 0 ? {} : { instrument: course.instruments[index]!.name }),
          order: id,
          side: sideOf(side[id - 1]!),
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
