import { type LiveBook, MarketStep } from '#exchange'
import type { DataSet } from '#data'
import {
  Bar,
  Data,
  Event,
  EventType,
  type HandlerError,
  type Instrument,
  MarketOrder,
  Side,
  Trade,
  TradingType,
} from '#market'
import type { InputDeclaration, InputValue, JobCallback, Strategy } from '#strategy'
import { type Call, CallQueue } from './call-queue.ts'
import { checkSettings } from './check-settings.ts'
import { closeShared } from './closed.ts'
import { Course, dataSets } from './course.ts'
import { digest, jointDigest } from './digest.ts'
import { bookHandler, Handler, handlerNames, newestBar, scheduledJob } from './handlers.ts'
import { notesTogether, strategyRecords } from './joint-record.ts'
import { type Journal, type JournalSize, Recorder } from './journal.ts'
import { mostNotes } from './ledger.ts'
import type { LogEntry } from './log.ts'
import { answered, Quiet } from './quiet.ts'
import type { RunRecord, RunSettings } from './record.ts'
import { Rests } from './rests.ts'
import { Seat, type Turn } from './seat.ts'
import { cashOf } from './shares.ts'
import { StrategyError } from './strategy-error.ts'
import { engineVersion } from './version.ts'

/** Prices per side that `onBook` is given. */
const bookLevels = 10

/** What a run of one strategy is made of. */
export interface RunOptions {
  /** The class, not an object of it: the run makes the object. */
  readonly strategy: new () => Strategy
  /** One data set, or several: an exchange each. */
  readonly data: DataSet | readonly DataSet[]
  readonly settings: RunSettings
  /** Told of every line the strategy writes. */
  readonly log?: (entry: LogEntry) => void
  /** Told of every order that is sent: its id, and where in the code as the platform writes stacks. It costs time. */
  readonly trace?: (order: number, stack: string) => void
}

/** A strategy that runs beside others. */
export interface StrategyOptions {
  readonly strategy: new () => Strategy
  /** What it is called; the name of its class, with a number where that is taken, when left out. */
  readonly name?: string
  readonly inputs?: Readonly<Record<string, InputValue>>
  /** Fraction of the account's cash that it begins with; an equal part of what is left when left out. */
  readonly share?: number
}

/** What a run of several strategies is made of. Each trades with its part of the account; one queue serves all. */
export interface JointRunOptions extends Omit<RunOptions, 'strategy'> {
  /** In the order in which they are told of an event. */
  readonly strategies: readonly StrategyOptions[]
}

closeShared()

const Stage = { MADE: 0, START: 1, MARKET: 2, EXIT: 3, SETTLE: 4, DONE: 5 } as const
type Stage = (typeof Stage)[keyof typeof Stage]

/** Strategies that one run may have. */
const mostStrategies = 1000

/**
 * Strategies on exchanges, from their first event to their last; most often one on one.
 *
 * All that happens stands in one queue, and a handler finishes before the next is called: a result depends on the
 * inputs alone, not on timing. The engine waits only where a handler returns a promise.
 */
export class Run {
  /** What the data sets have beside prices, by the place of the instrument. */
  readonly #beside: readonly (Readonly<Record<string, Float64Array>> | undefined)[]
  readonly #settings: RunSettings
  readonly #course: Course
  /** As those of the course, but not frozen: an element of a frozen array is not read inline, and one is read at every bar. */
  readonly #instruments: readonly Instrument[]
  readonly #recorder: Recorder
  readonly #seats: readonly Seat[]
  readonly #names: readonly string[]

  #stage: Stage = Stage.MADE
  readonly #rests: Rests
  /** Why promises of the strategies were rejected that nobody handled, as far as it was not looked at. */
  readonly #rejections: unknown[] = []
  #look: (() => number) | undefined
  /** Bars after which somebody looks. */
  #lookAt = Infinity
  #tradeNumber = 0

  readonly #due = new CallQueue()
  /** The strategy whose next job comes first, and when, microseconds; NaN until it is looked for. */
  #earliest: Seat | undefined
  #jobTime = NaN
  /** The handler that is called or waited for. */
  readonly #turn: { -readonly [Name in keyof Turn]: Turn[Name] } = {
    seat: undefined,
    handler: Handler.onStart,
    number: 0,
    requests: 0,
    heard: 0,
  }
  readonly #quiet = new Quiet(this.#turn)
  /** `heard` of the turn before the handler that is being called. */
  #heardBefore = 0
  #busy = false
  #failure: unknown
  /** A failure that no `onError` took: the run stops, and throws it once `onExit` is done. */
  #fatal: { readonly error: StrategyError; readonly seat: Seat } | undefined
  /** Kept because V8 forgets the shape of events when none is left, and with it the code that it optimized for them. */
  #firstBar: Event | undefined
  /** The newest bar for those of several strategies to whom it comes to nothing but `onBar`; undefined until one is called. */
  #newestBar: Event<Bar> | undefined
  #firstTrade: Trade | undefined
  #firstOrder: MarketOrder | undefined

  /**
   * @throws StrategyError when making the strategy throws
   * @throws RangeError when a setting or an input is not what it can be
   */
  constructor(options: RunOptions | JointRunOptions) {
    const { data, settings, log, trace } = options
    checkSettings(settings)
    this.#settings = settings
    this.#course = new Course(dataSets(data), settings)
    this.#instruments = [...this.#course.instruments]
    this.#beside = dataSets(data).flatMap(({ instruments }, number) =>
      this.#course.exchanges[number]!.instruments.map((_, place) => instruments[place]?.columns),
    )
    this.#rests = new Rests(this.#course.total)
    this.#recorder = new Recorder(this.#course)
    const strategies = strategiesOf(options)
    const cash = cashOf(
      strategies.map(({ share }) => share),
      settings.cash,
    )
    this.#names = namesOf(strategies)
    this.#seats = strategies.map(
      ({ strategy, inputs }, number) =>
        new Seat({
          number,
          strategy,
          inputs: inputs ?? {},
          cash: cash[number]!,
          course: this.#course,
          recorder: this.#recorder,
          turn: this.#turn,
          tradingType: settings.tradingType ?? TradingType.BACKTEST,
          queue: this.#due,
          rescheduled: () => (this.#jobTime = NaN),
          failed: (seat, what, error) => this.#fail([seat], what, error),
          log: log && strategies.length > 1 ? (entry) => log({ ...entry, strategy: number }) : log,
          trace,
        }),
    )
    this.#course.listen((handler) => this.#seats.some((seat) => seat.hears(handler)))
  }

  /** Bars to read in all. */
  get total(): number {
    return this.#course.total
  }
  /** The inputs that the strategy declares; of several, the first. */
  get declarations(): readonly InputDeclaration[] {
    return this.#seats[0]!.declarations
  }
  /** The inputs that each strategy declares. */
  get allDeclarations(): readonly (readonly InputDeclaration[])[] {
    return this.#seats.map(({ declarations }) => declarations)
  }
  /** Every input that each strategy declares, with its value. */
  get allInputs(): readonly Readonly<Record<string, InputValue>>[] {
    return this.#seats.map(({ inputs }) => inputs)
  }
  /** What the strategies are called. */
  get names(): readonly string[] {
    return this.#names
  }
  /** Place of the strategy that is being called or made to wait; 0 where none is. */
  get atWork(): number {
    return this.#turn.seat?.number ?? 0
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
  /** Whether no time stamp is being worked through, so that all that is left behind so far is complete. */
  get between(): boolean {
    return this.#course.between
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
    return this.#course.equityValue
  }

  /**
   * Goes on to the next rest: see `Rests`. Before it is called again a task of the platform's own has to pass, so that
   * promises which no handler waits for have gone on as far as they can: a strategy that leaves some behind would come to
   * something else otherwise. `complete` and `Session` see to that.
   *
   * @param look called on the way between two time stamps, first after the next; gives the bars after which to call it again.
   * It can tell how far the run is, and nothing of the run depends on it
   * @returns whether the run is finished; a promise of it where a handler made the engine wait
   * @throws StrategyError, or rejects with it, when a strategy fails that has no `onError`
   */
  toRest(look?: () => number): boolean | Promise<boolean> {
    if (this.#busy) throw new Error('The run is going on already; wait for the promise it returned')
    if (this.#failure) throw this.#failure
    this.#rests.begin(this.#course.bars)
    this.#look = look
    this.#lookAt = look ? this.#course.bars + 1 : Infinity
    for (const reason of this.#rejections.splice(0)) this.#fail(this.#seats, 'promise', reason)
    try {
      const result = this.#work()
      return typeof result === 'boolean' ? result : this.#workAndWait(result)
    } catch (error) {
      this.#failure = error
      throw error
    }
  }

  /**
   * A promise of a strategy was rejected and nobody handled it. The run looks at that when it goes on from its next rest: of
   * several strategies nobody knows whose it was, so it stops unless all have an `onError`. To be told in the second task
   * after the rejection, as browsers do, so that it comes to the same everywhere; after the end the run is asked to go on
   * twice more for it, which it otherwise does nothing in.
   */
  reject(reason: unknown): void {
    this.#rejections.push(reason)
  }

  /**
   * Goes on to the end.
   *
   * @param breathe lets a task of the platform's own pass, such as `setImmediate` in Node: with a promise that is there at
   * once it does not do what it is for
   * @throws StrategyError when a strategy fails that has no `onError`
   */
  async complete(breathe: () => Promise<void>): Promise<void> {
    for (let over = false; !over;) {
      const step = this.toRest()
      over = typeof step === 'boolean' ? step : await step
      await breathe()
    }
  }

  /** Enters a line that the strategy at work has written otherwise than with `this.log`. */
  note(level: LogEntry['level'], text: string): void {
    this.#recorder.wrote(this.atWork, level, text)
  }

  /** Moves of the market so far. */
  get moves(): number {
    return this.#course.moves
  }
  /** Rows of the journal that `takeJournal` would give. */
  get journalWaiting(): number {
    return this.#recorder.waiting
  }
  /** Rows of the journal so far, taken or not. */
  get journalSize(): JournalSize {
    return this.#recorder.size
  }

  /**
   * What the journal has gained since it was last taken, at a rest; the run keeps it no longer, and its record has only what
   * is never taken. The first has what a replay needs to begin.
   */
  takeJournal(): Journal {
    return this.#recorder.take()
  }

  /**
   * Looks at an instrument's book from this rest on, in place of whatever was looked at before; undefined where there is
   * none. Nothing of the run depends on it.
   *
   * @param every microseconds of market time between two pictures
   */
  live(instrument: number, every: number): LiveBook | undefined {
    return this.#course.live(instrument, every)
  }

  /** What is traded. */
  get instruments(): readonly Instrument[] {
    return this.#course.instruments
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
    return this.#record()
  }

  /**
   * What the run has left behind so far: as `record`, but of orders that may still work, and of a market that it makes
   * itself the bars that are complete.
   */
  soFar(): RunRecord {
    const record = this.#record()
    const complete = ({ plots }: RunRecord) =>
      plots.map((plot) => ({
        ...plot,
        values: plot.values.slice(0, record.market[plot.instrument]?.bars.time.length),
      }))
    const { strategies } = record
    return {
      ...record,
      // What is sent away is lost to the sender, and the run goes on.
      market: record.market.map(({ instrument, bars }) => ({ instrument, bars: copied(bars) })),
      books: record.books.map(copied),
      equity: copied(record.equity),
      plots: complete(record),
      ...(strategies && {
        strategies: strategies.map((part) => ({
          ...part,
          equity: copied(part.equity),
          plots: complete(part),
        })),
      }),
    }
  }

  #record(): RunRecord {
    const journal = this.#recorder.journal()
    const course = this.#course.record()
    const [seat] = this.#seats as [Seat]
    const several = this.#seats.length > 1
    const notes = several
      ? notesTogether(
          course.owners!.orders,
          this.#seats.map(({ ledger }) => ledger.notes),
          mostNotes,
        )
      : [...seat.ledger.notes]
    const record = {
      engine: engineVersion,
      settings: this.#settings,
      inputs: several ? {} : seat.inputs,
      declarations: several ? [] : [...seat.declarations],
      ...course,
      plots: several ? [] : [...seat.plots],
      ...(notes.length > 0 ? { notes } : {}),
      journal,
      ...(this.#fatal ? { stoppedAt: this.#course.moves } : {}),
    }
    if (!several) return { ...record, digest: digest(course) }
    const curves = this.#course.curves()
    const strategies = strategyRecords(
      record,
      this.#seats.map(({ inputs, declarations, plots }, number) => ({
        name: this.#names[number]!,
        cash: journal.strategies[number]!.cash,
        inputs,
        declarations: [...declarations],
        plots: [...plots],
        curve: curves[number]!,
      })),
    )
    const digests = strategies.map(({ digest }) => digest)
    return { ...record, digest: jointDigest(course, digests), strategies }
  }

  async #workAndWait(pending: PromiseLike<unknown>): Promise<boolean> {
    this.#busy = true
    const found: { result: boolean | PromiseLike<unknown> } = { result: pending }
    const goOn = () => {
      this.#turn.seat = undefined
      found.result = this.#work()
      return found.result === answered
    }
    try {
      for (;;) {
        try {
          if (found.result !== answered) await found.result
        } catch (error) {
          this.#fail([this.#turn.seat!], nameOf(this.#turn.handler), error)
        }
        if (this.#turn.heard === this.#heardBefore) goOn()
        else await this.#quiet.wait(goOn)
        if (typeof found.result === 'boolean') return found.result
      }
    } catch (error) {
      this.#failure = error
      throw error
    } finally {
      this.#busy = false
    }
  }

  /** Delivers what is due and moves the market, until a handler makes it wait, a rest is due, or all is done. */
  #work(): boolean | PromiseLike<unknown> {
    const course = this.#course
    for (;;) {
      for (let call = this.#due.take(); call !== undefined; call = this.#due.take()) {
        const pending = this.#make(call)
        if (pending !== undefined) return pending
      }
      switch (this.#stage) {
        case Stage.MADE:
          // What was begun while the strategies were made goes on before they are told anything.
          this.#stage = Stage.START
          return false
        case Stage.START:
          this.#stage = Stage.MARKET
          this.#tell(Handler.onStart, EventType.START)
          break
        case Stage.MARKET:
          if (this.#rests.isDue(course.bars, course.between)) return false
          if (course.bars >= this.#lookAt && course.between) this.#lookAt = this.#look!()
          this.#rests.step()
          if (course.between && this.#nextJob() < Infinity && this.#takeJob(course.nextTime)) break
          this.#moveMarket()
          break
        case Stage.EXIT:
          // What was left behind before is heard of before the strategies are told that it is over, and what that leaves too.
          if (this.#rests.isOwed) return false
          this.#rests.owe()
          this.#stage = Stage.SETTLE
          this.#tell(Handler.onExit, EventType.EXIT)
          break
        case Stage.SETTLE:
          if (this.#rests.isOwed) return false
          course.close()
          // Where the run stops on the way there is no last price to trade at.
          if (this.#fatal === undefined && course.settle()) {
            if (this.#hasStopped()) this.#due.clear()
            break
          }
          course.finish()
          this.#stage = Stage.DONE
          break
        case Stage.DONE:
          if (this.#fatal === undefined) return true
          this.#turn.seat = this.#fatal.seat
          throw this.#fatal.error
      }
    }
  }

  /** Makes a call. What it has to be waited for is returned. */
  #make(call: Call): PromiseLike<unknown> | undefined {
    const { seat } = call
    const isBar = call.handler === newestBar
    const handler = isBar ? Handler.onBar : (call.handler as Exclude<Call['handler'], typeof newestBar>)
    const event = isBar ? this.#takeBar(seat) : call.event
    if (isBar && this.#hasStopped()) return undefined
    const turn = this.#turn
    turn.seat = seat
    turn.handler = handler
    turn.number++
    this.#heardBefore = turn.heard
    try {
      const result =
        handler === scheduledJob
          ? (event as JobCallback)(this.#course.time / 1000)
          : seat.call(handler, event as Event)
      if (result !== undefined && isPromiseLike(result)) return result
    } catch (error) {
      this.#fail([seat], nameOf(handler), error)
    }
    if (turn.heard !== this.#heardBefore) return answered
    turn.seat = undefined
    return undefined
  }

  /** Lets the indicators of a strategy take the newest bar, and gives the event of it. */
  #takeBar(seat: Seat): Event {
    const { index } = this.#course
    const { row } = this.#course.detail
    const event = this.#seats.length === 1 ? this.#makeBar() : (this.#newestBar ??= this.#makeSharedBar())
    seat.update(index, event.target, row)
    return event
  }

  #makeBar(): Event<Bar> {
    const { index, mover } = this.#course
    const { instrument: local, row } = this.#course.detail
    const event = new Event(EventType.BAR, new Bar(this.#instruments[index]!, mover.columns(local), row))
    this.#firstBar ??= event
    return event
  }

  /** Frozen, because what one strategy defined anew on it the others would read. */
  #makeSharedBar(): Event<Bar> {
    const event = this.#makeBar()
    Object.freeze(event.target)
    Object.freeze(event)
    return event
  }

  #tell(handler: Handler, type: EventType): void {
    for (const seat of this.#seats) seat.send(handler, type, undefined)
  }

  /**
   * Something of a strategy has failed: its `onError` is told, or the run stops.
   *
   * @param seats the strategy, or those of which it is one
   */
  #fail(seats: readonly Seat[], handler: string, error: unknown): void {
    const failure = new StrategyError(handler, this.#course.bars, this.#course.time, error)
    const goesOn = handler !== 'onError' && seats.every((seat) => seat.hears(Handler.onError))
    if (!goesOn) this.#stop(seats[0]!, failure)
    // Nobody can be told any more.
    else if (this.#stage === Stage.DONE) seats[0]!.say('error', `${handler} has failed: ${failure.message}`)
    else
      for (const seat of seats)
        seat.send(Handler.onError, EventType.ERROR, { handler, error } satisfies HandlerError)
  }

  /** Whether a failure has stopped the run. No getter: V8 reads a private one by a call into its runtime, and this is asked at every bar. */
  #hasStopped(): boolean {
    return this.#fatal !== undefined
  }

  /**
   * Stops the run because something failed: nothing more is told but `onExit`, once. What that throws in its turn goes into
   * the log.
   */
  #stop(seat: Seat, error: StrategyError): void {
    this.#due.clear()
    if (this.#fatal === undefined) this.#fatal = { error, seat }
    else seat.say('error', `${error.handler} has thrown too: ${error.message}`)
    if (this.#stage < Stage.EXIT) this.#stage = Stage.EXIT
  }

  /**
   * Puts a job that is due before the market's next event into the queue and moves the clock there. After the last
   * event nothing is due any more.
   */
  #takeJob(nextTime: number): boolean {
    const due = this.#nextJob()
    const seat = this.#earliest!
    if (!(due < nextTime) || nextTime === Infinity) return false
    this.#course.wait(due)
    const leftOut = this.#recorder.due(seat.number)
    if (leftOut !== undefined) seat.say('warn', leftOut)
    this.#due.add(seat, scheduledJob, seat.schedule.take())
    return true
  }

  /** When the next job of any strategy is due, microseconds; of the first of them where times are equal. */
  #nextJob(): number {
    if (this.#jobTime !== this.#jobTime) {
      this.#earliest = this.#seats.reduce((first, seat) =>
        seat.schedule.due < first.schedule.due ? seat : first,
      )
      this.#jobTime = this.#earliest.schedule.due * 1000
    }
    return this.#jobTime
  }

  #moveMarket(): void {
    const course = this.#course
    const due = this.#nextJob()
    switch (course.move(due === Infinity ? undefined : due)) {
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
        this.#rests.owe()
        break
    }
    if (this.#hasStopped()) this.#due.clear()
  }

  #tellBar(): void {
    const { index, mover } = this.#course
    // Bars of a market that goes on between them are made of trades that were told already.
    if (mover.immediate) this.#tradeNumber++
    this.#newestBar = undefined
    for (let i = 0; i < this.#seats.length; i++) {
      const seat = this.#seats[i]!
      if (seat.takesOnlyBars(index)) this.#due.add(seat, newestBar, undefined)
      else this.#tellAllOf(seat)
    }
  }

  /** Tells a strategy of the newest bar all that it listens to. */
  #tellAllOf(seat: Seat): void {
    const { index, mover } = this.#course
    const { instrument: local, row } = this.#course.detail
    const instrument = this.#instruments[index]!
    const columns = mover.columns(local)
    const beside = this.#beside[index]
    const bar = new Bar(instrument, columns, row)
    seat.update(index, bar, row)
    if (beside !== undefined && !seat.isDeaf(Handler.onData, index))
      seat.send(Handler.onData, EventType.DATA, new Data(instrument, columns.time[row]!, beside, row))
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
          time: this.#course.time,
        }),
      )
    if (!seat.isDeaf(Handler.onBar, index)) seat.send(Handler.onBar, EventType.BAR, bar)
  }

  /** A trade of others: those of the strategies' own orders are told with their fills. */
  #tellTrade(): void {
    const { index, time } = this.#course
    const { side, price, volume } = this.#course.detail
    const id = ++this.#tradeNumber
    for (const seat of this.#seats) {
      if (seat.isDeaf(Handler.onTrade, index)) continue
      const instrument = this.#course.instruments[index]!
      const trade = new Trade({ id, instrument, side: sideOf(side), price, volume, time })
      this.#firstTrade ??= trade
      seat.send(Handler.onTrade, EventType.TRADE, trade)
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
      this.#firstOrder ??= target
      seat.send(handler, detail.event, target)
      seat.send(Handler.onOrder, detail.event, target)
    }
  }
}

/** A run, ready to advance. See `Run`. */
export function createRun(options: RunOptions | JointRunOptions): Run {
  return new Run(options)
}

/** Runs a strategy, or several, from start to end: see `Run.complete` for `breathe`. */
export async function run(
  options: RunOptions | JointRunOptions,
  breathe: () => Promise<void>,
): Promise<RunRecord> {
  const run = new Run(options)
  await run.complete(breathe)
  return run.record()
}

/** A table with columns of its own. */
function copied<Table extends object>(table: Table): Table {
  const entries = Object.entries(table) as [string, unknown][]
  return Object.fromEntries(
    entries.map(([name, value]) => [
      name,
      ArrayBuffer.isView(value) ? (value as Float64Array).slice() : value,
    ]),
  ) as Table
}

/** The strategies that a run is asked for. */
function strategiesOf(options: RunOptions | JointRunOptions): readonly StrategyOptions[] {
  const { inputs } = options.settings
  if ('strategy' in options) return [{ strategy: options.strategy, inputs }]
  const { strategies } = options
  if (!(strategies.length > 0 && strategies.length <= mostStrategies))
    throw new RangeError(`The run has ${strategies.length} strategies; expected 1 to ${mostStrategies}`)
  if (Object.keys(inputs).length > 0)
    throw new RangeError(
      'A run of several strategies takes the inputs with each strategy, not in the settings',
    )
  return strategies
}

/** What the strategies are called, each by a name of its own. */
function namesOf(strategies: readonly StrategyOptions[]): string[] {
  const names: string[] = []
  for (const { name, strategy } of strategies) {
    if (name !== undefined && names.includes(name))
      throw new RangeError(`Two strategies are called '${name}'; give each a name of its own`)
    const base = name ?? (strategy.name || 'Strategy')
    let own = base
    for (let number = 2; names.includes(own); number++) own = `${base} ${number}`
    names.push(own)
  }
  return names
}

/** What a call is called that has failed. */
function nameOf(handler: Handler | typeof scheduledJob): string {
  return handler === scheduledJob ? 'scheduled job' : handlerNames[handler]
}

function sideOf(sign: number): Side | undefined {
  return sign > 0 ? Side.BUY : sign < 0 ? Side.SELL : undefined
}

function isPromiseLike(value: unknown): value is PromiseLike<unknown> {
  return (
    typeof value === 'object' && value !== null && typeof (value as { then?: unknown }).then === 'function'
  )
}
