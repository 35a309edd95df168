import { checkCosts, MarketStep } from '#exchange'
import type { DataSet } from '#data'
import { Bar, Event, EventType, type HandlerError, MarketOrder, Side, Trade, TradingType } from '#market'
import type { InputDeclaration, JobCallback, Strategy } from '#strategy'
import { Course } from './course.ts'
import { digest } from './digest.ts'
import { bookHandler, Handler, handlerNames, scheduledJob } from './handlers.ts'
import { Recorder } from './journal.ts'
import type { LogEntry } from './log.ts'
import type { RunRecord, RunSettings } from './record.ts'
import { Seat, type Turn } from './seat.ts'
import { StrategyError } from './strategy-error.ts'

/** Version of the engine: it changes whenever the same run could come out differently. */
export const engineVersion = '0.1.0'

/** Prices per side that `onBook` is given. */
const bookLevels = 10

/**
 * Turns of the promise queue that must pass without a request before a handler that has made one counts as over. What it
 * called and did not await goes on one turn after each answer, and up to three later for every function in between:
 * seven are enough for two functions that nobody waits for, one within the other.
 */
const quietTurns = 7

/** What a run is made of. */
export interface RunOptions {
  /** The class, not an object of it: the run makes the object. */
  readonly strategy: new () => Strategy
  readonly data: DataSet
  readonly settings: RunSettings
  /** Told of every line the strategy writes. */
  readonly log?: (entry: LogEntry) => void
}

const Stage = { START: 0, MARKET: 1, EXIT: 2, SETTLE: 3, DONE: 4 } as const
type Stage = (typeof Stage)[keyof typeof Stage]

/**
 * A strategy on a data set, from its first event to its last.
 *
 * All that happens stands in one queue, and a handler finishes before the next is called: a result depends on the
 * inputs alone, not on timing. The engine waits only where a handler returns a promise.
 */
export class Run {
  readonly #settings: RunSettings
  readonly #course: Course
  readonly #recorder: Recorder
  readonly #seats: readonly Seat[]

  #stage: Stage = Stage.START
  #tradeNumber = 0

  /** Handler calls that are due, from `#due` to `#dueEnd`: whose, which, and their events. Slots are used again. */
  readonly #dueSeats: Seat[] = []
  readonly #dueHandlers: (Handler | typeof scheduledJob)[] = []
  readonly #dueEvents: (Event | JobCallback | undefined)[] = []
  #due = 0
  #dueEnd = 0
  /** The handler that is called or waited for. */
  readonly #turn: { -readonly [Name in keyof Turn]: Turn[Name] } = {
    seat: undefined,
    handler: Handler.onStart,
    requests: 0,
  }
  /** Requests before the handler that is being called. */
  #requestsBefore = 0
  #busy = false
  #failure: unknown

  /**
   * @throws StrategyError when making the strategy throws
   * @throws RangeError when a setting or an input is not what it can be
   */
  constructor({ strategy, data, settings, log }: RunOptions) {
    checkSettings(settings)
    this.#settings = settings
    this.#course = new Course(data, settings)
    this.#recorder = new Recorder(this.#course)
    this.#seats = [
      new Seat({
        number: 0,
        strategy,
        inputs: settings.inputs,
        course: this.#course,
        recorder: this.#recorder,
        turn: this.#turn,
        tradingType: TradingType.BACKTEST,
        queue: (seat, handler, event) => this.#queue(seat, handler, event),
        log,
      }),
    ]
    this.#course.listen((handler) => this.#seats.some((seat) => seat.hears(handler)))
  }

  /** Bars to read in all. */
  get total(): number {
    return this.#course.total
  }
  /** The inputs that the strategy declares. */
  get declarations(): readonly InputDeclaration[] {
    return this.#seats[0]!.declarations
  }
  /** Bars read so far, over all instruments. */
  get bars(): number {
    return this.#course.bars
  }
  /** Engine time, microseconds UTC. */
  get time(): number {
    return this.#course.time
  }
  get finished(): boolean {
    return this.#stage === Stage.DONE
  }
  /** Rows of the equity curve so far. */
  get equityLength(): number {
    return this.#course.equityLength
  }
  /** Times of the equity curve, microseconds UTC; valid up to `equityLength`. Not to be written to. */
  get equityTime(): Float64Array {
    return this.#course.equityTime
  }
  /** Values of the equity curve; valid up to `equityLength`. Not to be written to. */
  get equityValue(): Float64Array {
    return this.#course.equity(0).value
  }

  /**
   * Goes on, reading up to `limit` more bars.
   *
   * @returns whether the run is finished; a promise of it where a handler made the engine wait
   * @throws StrategyError, or rejects with it, when a handler throws and the strategy has no `onError`
   */
  advance(limit = Infinity): boolean | Promise<boolean> {
    if (this.#busy) throw new Error('The run is advancing already; wait for the promise it returned')
    if (this.#failure) throw this.#failure
    const until = this.#course.bars + limit
    try {
      const result = this.#work(until)
      return typeof result === 'boolean' ? result : this.#workAndWait(result, until)
    } catch (error) {
      this.#failure = error
      throw error
    }
  }

  /**
   * What the run left behind.
   *
   * @throws Error when it is not finished
   */
  record(): RunRecord {
    const { bars, total } = this.#course
    if (this.#stage !== Stage.DONE)
      throw new Error(`The run has read ${bars} of ${total} bars; its record is complete only at the end`)
    const [seat] = this.#seats as [Seat]
    const record = {
      engine: engineVersion,
      settings: this.#settings,
      inputs: seat.inputs,
      declarations: [...seat.declarations],
      ...this.#course.record(0),
      plots: [...seat.plots],
      journal: this.#recorder.journal(),
    }
    return { ...record, digest: digest(record) }
  }

  async #workAndWait(pending: PromiseLike<unknown>, until: number): Promise<boolean> {
    this.#busy = true
    try {
      for (;;) {
        try {
          await pending
        } catch (error) {
          this.#fail(this.#turn.seat!, this.#turn.handler, error)
        }
        if (this.#turn.requests !== this.#requestsBefore) await this.#quiet()
        this.#turn.seat = undefined
        const result = this.#work(until)
        if (typeof result === 'boolean') return result
        pending = result
      }
    } catch (error) {
      this.#failure = error
      throw error
    } finally {
      this.#busy = false
    }
  }

  /** Delivers what is due and moves the market, until a handler makes it wait, `until` bars are read, or all is done. */
  #work(until: number): boolean | PromiseLike<unknown> {
    const course = this.#course
    for (;;) {
      while (this.#due < this.#dueEnd) {
        const pending = this.#deliver()
        if (pending !== undefined) return pending
      }
      this.#due = 0
      this.#dueEnd = 0
      switch (this.#stage) {
        case Stage.START:
          this.#stage = Stage.MARKET
          this.#tell(Handler.onStart, EventType.START)
          break
        case Stage.MARKET:
          if (course.between) {
            if (course.bars >= until) return false
            if (this.#takeJob(course.nextTime)) break
          }
          this.#moveMarket()
          break
        case Stage.EXIT:
          this.#stage = Stage.SETTLE
          this.#tell(Handler.onExit, EventType.EXIT)
          break
        case Stage.SETTLE:
          course.close()
          if (course.settle()) break
          course.finish()
          this.#stage = Stage.DONE
          break
        case Stage.DONE:
          return true
      }
    }
  }

  #deliver(): PromiseLike<unknown> | undefined {
    const turn = this.#turn
    const seat = this.#dueSeats[this.#due]!
    const handler = this.#dueHandlers[this.#due]!
    const event = this.#dueEvents[this.#due]!
    this.#dueEvents[this.#due++] = undefined
    turn.seat = seat
    turn.handler = handler
    this.#requestsBefore = turn.requests
    try {
      const result =
        handler === scheduledJob
          ? (event as JobCallback)(this.#course.time / 1000)
          : seat.call(handler, event as Event)
      if (result !== undefined && isPromiseLike(result)) return result
    } catch (error) {
      this.#fail(seat, handler, error)
    }
    if (turn.requests !== this.#requestsBefore) return answered
    turn.seat = undefined
    return undefined
  }

  /** Lets what a handler called without waiting for it go on with the answers it got, until it asks nothing more. */
  async #quiet(): Promise<void> {
    for (let turns = 0, known = this.#turn.requests; turns < quietTurns; turns++) {
      await undefined
      if (this.#turn.requests === known) continue
      known = this.#turn.requests
      turns = 0
    }
  }

  #queue(seat: Seat, handler: Handler | typeof scheduledJob, event: Event | JobCallback): void {
    this.#dueSeats[this.#dueEnd] = seat
    this.#dueHandlers[this.#dueEnd] = handler
    this.#dueEvents[this.#dueEnd++] = event
  }

  #tell(handler: Handler, type: EventType): void {
    for (const seat of this.#seats) seat.send(handler, type, undefined)
  }

  #fail(seat: Seat, number: Handler | typeof scheduledJob, error: unknown): void {
    const handler = number === scheduledJob ? 'scheduled job' : handlerNames[number]
    if (number === Handler.onError || !seat.hears(Handler.onError))
      throw new StrategyError(handler, this.#course.bars, this.#course.time, error)
    seat.send(Handler.onError, EventType.ERROR, { handler, error } satisfies HandlerError)
  }

  /**
   * Puts a job that is due before the market's next event into the queue and moves the clock there. After the last
   * event nothing is due any more.
   */
  #takeJob(nextTime: number): boolean {
    const seat = this.#nextAtWork()
    const due = seat.schedule.due * 1000
    if (!(due < nextTime) || nextTime === Infinity) return false
    this.#course.wait(due)
    this.#queue(seat, scheduledJob, seat.schedule.take())
    return true
  }

  /** The strategy whose next job comes first; the first of them where times are equal. */
  #nextAtWork(): Seat {
    let next = this.#seats[0]!
    for (let i = 1; i < this.#seats.length; i++)
      if (this.#seats[i]!.schedule.due < next.schedule.due) next = this.#seats[i]!
    return next
  }

  #moveMarket(): void {
    const course = this.#course
    switch (course.move(this.#nextAtWork().schedule.due * 1000)) {
      case MarketStep.BAR:
        this.#tellBar()
        break
      case MarketStep.TRADE:
        this.#tellTrade()
        break
      case MarketStep.ORDER:
        this.#tellOrder()
        break
      case MarketStep.BOOK:
        for (const seat of this.#seats)
          if (!seat.isDeaf(Handler.onBook, course.index))
            seat.send(Handler.onBook, EventType.BOOK, course.mover.book(course.detail.instrument, bookLevels))
        break
      case MarketStep.PHASE: {
        const { event } = course.detail
        const handler = event === EventType.HALT ? Handler.onHalt : Handler.onContinue
        for (const seat of this.#seats)
          if (!seat.isDeaf(handler, course.index)) seat.send(handler, event, course.instruments[course.index])
        break
      }
      case MarketStep.END:
        this.#stage = Stage.EXIT
        break
    }
  }

  #tellBar(): void {
    const { index, mover, time } = this.#course
    const { instrument: local, row } = this.#course.detail
    const instrument = this.#course.instruments[index]!
    const columns = mover.columns(local)
    // Bars of a market that goes on between them are made of trades that were told already.
    if (mover.immediate) this.#tradeNumber++
    for (let i = 0; i < this.#seats.length; i++) {
      const seat = this.#seats[i]!
      const bar = new Bar(instrument, columns, row)
      seat.update(index, bar, row)
      if (mover.immediate && !seat.isDeaf(Handler.onTrade, index))
        seat.send(
          Handler.onTrade,
          EventType.TRADE,
          new Trade({
            id: this.#tradeNumber,
            instrument,
            side: undefined,
            price: columns.close[row]!,
            volume: columns.volume[row]!,
            time,
          }),
        )
      if (!seat.isDeaf(Handler.onBar, index)) seat.send(Handler.onBar, EventType.BAR, bar)
    }
  }

  /** A trade of others: those of the strategies' own orders are told with their fills. */
  #tellTrade(): void {
    const { index, time } = this.#course
    const { side, price, volume } = this.#course.detail
    const id = ++this.#tradeNumber
    for (const seat of this.#seats) {
      if (seat.isDeaf(Handler.onTrade, index)) continue
      const instrument = this.#course.instruments[index]!
      const parts = { id, instrument, side: sideOf(side), price, volume, time }
      seat.send(Handler.onTrade, EventType.TRADE, new Trade(parts))
    }
  }

  #tellOrder(): void {
    const { index, detail } = this.#course
    const handler = bookHandler(detail.event)
    for (const seat of this.#seats) {
      if (seat.isDeaf(handler, index) && seat.isDeaf(Handler.onOrder, index)) continue
      const mine = detail.order && seat.ledger.owns(detail.order) ? detail.order : undefined
      const target = new MarketOrder(
        detail.bookOrder,
        this.#course.instruments[index]!,
        detail.side > 0 ? Side.BUY : Side.SELL,
        detail.price,
        detail.volume,
        mine,
      )
      seat.send(handler, detail.event, target)
      seat.send(Handler.onOrder, detail.event, target)
    }
  }
}

/** A run, ready to advance. See `Run`. */
export function createRun(options: RunOptions): Run {
  return new Run(options)
}

/** Runs a strategy from start to end. */
export async function run(options: RunOptions): Promise<RunRecord> {
  const run = new Run(options)
  await run.advance()
  return run.record()
}

/** The answers to a handler's requests are there at once. */
const answered = Promise.resolve()

function sideOf(sign: number): Side | undefined {
  return sign > 0 ? Side.BUY : sign < 0 ? Side.SELL : undefined
}

function isPromiseLike(value: unknown): value is PromiseLike<unknown> {
  return (
    typeof value === 'object' && value !== null && typeof (value as { then?: unknown }).then === 'function'
  )
}

function checkSettings({ cash, costs, fill, bars, leverage, seed }: RunSettings): void {
  const check = (name: string, value: number, fits: boolean, expected: string) => {
    if (!fits) throw new RangeError(`Setting ${name} is ${value}; expected ${expected}`)
  }
  check('cash', cash, cash > 0 && cash < Infinity, 'a finite amount above zero')
  checkCosts(costs)
  check('leverage', leverage, leverage > 0 && leverage <= 1000, 'a number above 0, at most 1000')
  check(
    'seed',
    seed,
    Number.isInteger(seed) && seed >= 0 && seed < 2 ** 32,
    'a whole number from 0 to 2^32 - 1',
  )
  if (fill !== 'next-open' && fill !== 'same-close')
    throw new RangeError(`Setting fill is '${String(fill)}'; expected 'next-open' or 'same-close'`)
  const { limits = 'through', volumeShare = 1 } = bars ?? {}
  if (limits !== 'through' && limits !== 'touch')
    throw new RangeError(`Setting limits is '${String(limits)}'; expected 'through' or 'touch'`)
  if (volumeShare !== null)
    check('volumeShare', volumeShare, volumeShare > 0 && volumeShare <= 1, 'a fraction above 0, at most 1')
}
