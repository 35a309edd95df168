import { MarketStep, type MarketTape, type Terms } from '#exchange'
import type { DataSet } from '#data'
import { Instrument, Order, OrderType, type Refusal, Side, type Trade } from '#market'
import { checkCost } from './costs.ts'
import { Course, dataSets } from './course.ts'
import { digest, jointDigest } from './digest.ts'
import { coursesOf } from './joint-record.ts'
import { type Journal, orderFlags, OrderMark, refusalCodes, RequestKind, selfTradeOf } from './journal.ts'
import { type Ledger, orderTypes, trailRequested } from './ledger.ts'
import type { CourseRecord, RunSettings } from './record.ts'
import { checkCash } from './shares.ts'

/** A journal that is not one of a run on these data with these settings. */
export class JournalError extends Error {
  override readonly name = 'JournalError'
}

/** What a replay comes to. */
export interface ReplayRecord extends CourseRecord {
  /** As that of a `RunRecord`. */
  readonly digest: string
  /** What each of several strategies did in it; absent where there is one. */
  readonly strategies?: readonly (CourseRecord & { readonly digest: string })[]
}

/** Somebody who looks on while a run is made again. */
export interface Witness {
  /** The market has made a move, which is booked. */
  moved(step: MarketStep, course: Course): void
  /**
   * The request of a row of the journal was made.
   *
   * @param order what it was about; absent where it was about all
   * @param terms what a change asked for
   */
  asked(row: number, course: Course, order?: Order, terms?: Terms): void
  /** The journal has a job or a line of the log here. */
  told?(row: number, course: Course): void
  /** A cost function of a strategy was asked about a fill; NaN where it gave no answer. */
  priced?(strategy: number, name: 'slippage' | 'transactionCost', answer: number, course: Course): void
}

/**
 * A run made again from its journal: the same exchanges, accounts and rules, and of the strategies only what they asked
 * for, at the place in the stream of events where they did. No code of a strategy is called, so what it comes to is
 * what these requests come to, whoever wrote them down.
 */
export class Replay {
  /** The journal, or the newest part of it; rows of the parts before it are counted in `#before`. */
  #journal: Journal
  #before = { requests: 0, orders: 0, texts: 0 }
  readonly #names: string[]
  readonly #witness: Witness | undefined
  readonly #course: Course
  readonly #ledgers: readonly Ledger[]
  readonly #orders: Order[] = []
  /** Rows of the journal that are done. */
  #requests = 0
  #terms = 0
  #costs = 0
  #asides = 0
  /** When the newest job or line of the log that was passed was entered. */
  #entered = -Infinity
  #ended = false
  #over = false
  /** Moves after which the run stopped; Infinity where it came to its end. */
  #stop: number
  /** Moves beyond which more of the journal is needed; Infinity where all of it is here. */
  #known = Infinity
  #waits = false

  /**
   * @param stop moves after which the run stopped: `stoppedAt`, or the journal's own where it was cut off
   * @throws RangeError where there can be no such run
   */
  constructor(
    journal: Journal,
    data: DataSet | readonly DataSet[],
    settings: RunSettings,
    witness?: Witness,
    stop = Infinity,
  ) {
    this.#witness = witness
    this.#stop = stop
    checkCash(journal.strategies, settings)
    this.#journal = journal
    this.#names = [...journal.names]
    this.#course = new Course(dataSets(data), settings)
    this.#ledgers = journal.strategies.map(({ ownCosts, cash }, strategy) =>
      this.#course.open(
        {
          hears: () => false,
          followsOrders: false,
          send: () => {},
          hasOwnCosts: ownCosts,
          cost: (name, fill) => this.#cost(strategy, name, fill),
          object: () => this.#objection(),
        },
        cash,
      ),
    )
    const heard = new Set(journal.strategies.flatMap(({ handlers }) => handlers))
    this.#course.listen((handler) => heard.has(handler))
  }

  /** Writes down what the book of one of the run's instruments shows from now on; undefined where none is made here. */
  tape(instrument: number): MarketTape | undefined {
    return this.#course.tape(instrument)
  }

  /** Bars to read in all. */
  get total(): number {
    return this.#course.total
  }
  /** Bars read so far. */
  get bars(): number {
    return this.#course.bars
  }

  /** The newest part of the journal: rows that a witness hears of are rows of it. */
  get journal(): Journal {
    return this.#journal
  }
  /** Orders that the parts before the newest name, and texts that they have. */
  get before(): { readonly orders: number; readonly texts: number } {
    return this.#before
  }
  /** Moves of the market so far. */
  get moves(): number {
    return this.#course.moves
  }
  /** The run's instruments, those of all exchanges one after the other. */
  get instruments(): readonly Instrument[] {
    return this.#course.instruments
  }
  /** Names that the run does not have, of all parts so far. */
  get names(): readonly string[] {
    return this.#names
  }

  /** Whether the next part of the journal is needed. */
  get waits(): boolean {
    return this.#waits
  }

  /**
   * Goes along with a run that has not ended, up to where its journal is known: the one that the replay was made with was
   * its first part.
   */
  follow(): void {
    this.#known = this.#journal.moves
  }

  /**
   * Goes on with the next part of the journal, once all of the one before is done.
   *
   * @throws Error where that is not the case
   */
  feed(part: Journal): void {
    const { requests, orders, costs, terms, texts } = this.#journal
    if (
      !this.#waits ||
      this.#requests < requests.move.length ||
      this.#costs < costs.answer.length ||
      this.#terms < terms.volume.length
    )
      throw this.#astray()
    this.#before = {
      requests: this.#before.requests + requests.move.length,
      orders: this.#before.orders + orders.side.length,
      texts: this.#before.texts + texts.length,
    }
    this.#names.push(...part.names)
    this.#journal = part
    this.#requests = this.#terms = this.#costs = this.#asides = 0
    this.#known = part.moves
    this.#waits = false
  }

  /**
   * No further part of the journal comes.
   *
   * @param stop moves after which the run stopped; left out, it came to its end
   */
  end(stop = Infinity): void {
    this.#known = Infinity
    this.#waits = false
    this.#stop = stop
  }

  /**
   * Goes on by up to `limit` moves of the market, as far as the journal is known.
   *
   * @returns whether the replay is finished
   * @throws Error where the journal cannot be that of such a run
   */
  advance(limit = Infinity): boolean {
    const { requests } = this.#journal
    const course = this.#course
    for (let left = limit; left > 0 && !this.#over; left--) {
      while (this.#requests < requests.move.length && requests.move[this.#requests] === course.moves) {
        this.#tell(this.#requests)
        this.#waitFor(requests.time[this.#requests]!)
        this.#ask(this.#requests)
        this.#requests++
      }
      this.#tell(this.#requests)
      this.#waits = course.moves >= this.#known
      if (this.#waits) return false
      if (!this.#ended && course.moves < this.#stop) {
        const step = course.move(Infinity)
        this.#ended = step === MarketStep.END
        this.#witness?.moved(step, course)
      } else {
        // A run that a job stopped ends at the job's time.
        if (!this.#ended && this.#entered > course.time) this.#waitFor(this.#entered)
        course.close()
        const step = this.#ended && course.moves < this.#stop ? course.settle() : MarketStep.END
        if (step !== MarketStep.END) {
          this.#witness?.moved(step, course)
          continue
        }
        if (this.#requests < requests.move.length) throw this.#astray()
        course.finish()
        this.#witness?.moved(MarketStep.END, course)
        this.#over = true
      }
    }
    return this.#over
  }

  /** What the run comes to, once the replay is finished. */
  record(): ReplayRecord {
    if (!this.#over) throw new Error('The replay is not finished; its record is complete only at the end')
    const record = this.#course.record()
    if (!record.owners) return { ...record, digest: digest(record) }
    const strategies = coursesOf(record, this.#course.curves()).map((part) => ({
      ...part,
      digest: digest(part),
    }))
    const digests = strategies.map((part) => part.digest)
    return { ...record, digest: jointDigest(record, digests), strategies }
  }

  /** Tells of the jobs and the lines of the log that stand here before a request. */
  #tell(request: number): void {
    const { asides } = this.#journal
    const { moves } = this.#course
    const made = this.#before.requests + request
    for (
      ;
      this.#asides < asides.move.length &&
      asides.move[this.#asides]! <= moves &&
      asides.request[this.#asides]! <= made;
      this.#asides++
    ) {
      this.#entered = asides.time[this.#asides]!
      this.#witness?.told?.(this.#asides, this.#course)
    }
  }

  /** Lets the market go on up to the time of a request that a scheduled job made. */
  #waitFor(time: number): void {
    const course = this.#course
    if (time === course.time) return
    if (!(time > course.time)) throw this.#astray()
    while (!course.between || course.nextTime <= time)
      if (course.move(time) !== MarketStep.PAUSE) throw this.#astray()
    course.wait(time)
  }

  #ask(row: number): void {
    const { strategy, kind, order: number } = this.#journal.requests
    const ledger = this.#ledgers[strategy[row]!]
    if (!ledger) throw this.#astray()
    if (kind[row] === RequestKind.KILL) {
      this.#course.value(ledger)
      ledger.kill('')
      this.#witness?.asked(row, this.#course)
      return
    }
    const order = this.#order(number[row]!, ledger)
    for (const named of [order, order.after, order.pair]) if (named) ledger.checkOwn('journal', named)
    this.#course.value(ledger)
    let terms: Terms | undefined
    switch (kind[row]) {
      case RequestKind.NEW:
        ledger.newOrder(order)
        break
      case RequestKind.CANCEL:
        ledger.cancelOrder(order)
        break
      default: {
        const number = this.#terms++
        const { volume, price, stopPrice } = this.#journal.terms
        if (number >= volume.length) throw this.#astray()
        terms = { volume: volume[number]!, price: price[number]!, stopPrice: stopPrice[number]! }
        ledger.changeOrder(order, terms)
      }
    }
    this.#witness?.asked(row, this.#course, order, terms)
  }

  /** An order of the journal, made together with those before it, which it may name. */
  #order(row: number, ledger: Ledger): Order {
    if (row < -1) return this.#made(row, ledger)
    const { orders } = this.#journal
    const names = this.#names
    const first = this.#before.orders
    if (!(row < first + orders.side.length)) throw this.#astray()
    const some = (value: number) => (Number.isNaN(value) ? undefined : value)
    const earlier = (row: number) =>
      row < -1 ? this.#made(row, ledger) : row < 0 ? undefined : this.#orders[row]
    while (this.#orders.length <= row) {
      const i = this.#orders.length - first
      const index = orders.instrument[i]!
      const exchange = orders.exchange[i]!
      const marks = orders.hidden[i]!
      const type = orderTypes[orders.type[i]!]
      const price = type === OrderType.MARKET ? 'protectionPrice' : 'price'
      const size = (marks & OrderMark.NOTIONAL) !== 0 ? 'notional' : 'volume'
      this.#orders.push(
        new Order({
          instrument:
            index < 0 ? new Instrument({ name: names[-1 - index] ?? '' }) : this.#course.instruments[index]!,
          side: orders.side[i]! > 0 ? Side.BUY : Side.SELL,
          type,
          flag: orderFlags[orders.flag[i]!],
          [size]: orders.volume[i]!,
          [price]: some(orders.price[i]!),
          stopPrice: some(orders.stopPrice[i]!),
          trail: trailRequested(orders.trail[i]!),
          display: some(orders.display[i]!),
          hidden: (marks & OrderMark.HIDDEN) !== 0,
          reduceOnly: (marks & OrderMark.REDUCE_ONLY) !== 0,
          toLimit: (marks & OrderMark.TO_LIMIT) !== 0,
          selfTrade: selfTradeOf(marks),
          after: earlier(orders.after[i]!),
          pair: earlier(orders.pair[i]!),
          exchange: exchange < 0 ? undefined : names[exchange],
        }),
      )
    }
    return this.#orders[row]!
  }

  /** An order that the risk rules made, here as there. */
  #made(row: number, ledger: Ledger): Order {
    const order = ledger.order(-1 - row)
    if (!order) throw this.#astray()
    return order
  }

  /** What a rule of the strategy's own said against the order of the present request. */
  #objection(): Refusal | undefined {
    const code = refusalCodes[this.#journal.requests.objection[this.#requests]! - 1]
    return code && { code, reason: 'A rule of the strategy itself refused it.', numbers: {} }
  }

  #cost(strategy: number, name: 'slippage' | 'transactionCost', fill: Trade): number | undefined {
    const { answer } = this.#journal.costs
    if (this.#costs >= answer.length) throw this.#astray()
    const cost = answer[this.#costs++]!
    this.#witness?.priced?.(strategy, name, cost, this.#course)
    return Number.isNaN(cost) ? undefined : checkCost(name, cost, fill)
  }

  #astray(): JournalError {
    const { requests } = this.#journal
    return new JournalError(
      this.#requests < requests.move.length
        ? `Request ${this.#requests + 1} of ${requests.move.length} was written down for a place in the run that there is not`
        : 'The journal ends before the run that it is of',
    )
  }
}

/**
 * Makes a run again from its journal alone.
 *
 * @param data the data set that it ran on, or those, one per exchange
 * @param stop moves after which the run stopped: `stoppedAt`
 * @throws Error where the journal cannot be that of such a run
 */
export function replay(
  journal: Journal,
  data: DataSet | readonly DataSet[],
  settings: RunSettings,
  stop?: number,
): ReplayRecord {
  const replay = new Replay(journal, data, settings, undefined, stop)
  replay.advance()
  return replay.record()
}
