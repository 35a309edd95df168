import type { LiveBook } from '#exchange'
import type { LiveLook } from './live-market.ts'
import { formatLog, type Journal, type LogEntry, type Run, type RunRecord, StrategyError } from '#engine'
import { JournalPace } from './journal-pace.ts'
import { LogBook } from './log-book.ts'
import { type Failure, limits, type LogLevel, type LogRow, type Progress, type Started } from './protocol.ts'

/** What a session needs of the place it runs in, and whom it tells. */
export interface SessionHost {
  /** Real time in milliseconds, from any start. It paces what is told and never reaches the run. */
  now(): number
  /**
   * Lets other work of the thread go first, in a task of its own, and all promises that wait for nothing else. The run
   * takes such a rest at places of its own: see `Run.toRest`.
   */
  breathe(): Promise<void>
  /** Resolves after so many milliseconds of real time; left out, no pace can be kept. */
  wait?(milliseconds: number): Promise<void>
  /** Whether whoever listens keeps up; left out, they do. Progress is told only then. */
  ready?(): boolean
  onStart?(started: Started): void
  onProgress?(progress: Progress): void
  /** What somebody asked to look at. */
  onLook?(look: LiveLook): void
  /** The run waits for a promise that it returns. */
  onLog?(rows: readonly LogRow[]): void | Promise<void>
  /**
   * What the journal has gained, at a rest; the run waits for a promise that it returns. The record then has what was never
   * told, which at the end is nothing. Left out, the run keeps its journal and the record has all of it.
   */
  onJournal?(part: Journal): void | Promise<void>
  /** The run waits, and can be looked at. */
  onPause?(): void | Promise<void>
}

/** Shortest between two words of progress; milliseconds: 60 a second. */
const INTERVAL = 1000 / 60

/** The same where the run does not rest: whoever listens cannot say there that they keep up. */
const LONG_INTERVAL = 500

/** Longest that a run which keeps a pace hears nothing; milliseconds. */
const NAP = 40

/** A run that did not come to its end. */
export class RunFailed extends Error {
  override readonly name = 'RunFailed'
  readonly failure: Failure

  constructor(failure: Failure) {
    super(failure.message)
    this.failure = failure
  }
}

/**
 * One run as an object: drives the engine from rest to rest, so that whoever started it hears how far it is and can let it
 * wait or stop it. The run decides where it rests; real time decides only at which rests anything is told.
 */
export class Session {
  readonly #host: SessionHost
  readonly #begin: (log: (entry: LogEntry) => void) => Run | Promise<Run>
  readonly #logs = new LogBook()
  #run: Run | undefined
  #stopped = false
  /** While the run is to wait: what lets it go on. */
  #paused: { readonly until: Promise<void>; readonly goOn: () => void } | undefined
  /** Bars after which the run waits again. */
  #pauseAt = Infinity
  /** Why promises of the strategy were rejected that nobody handled, as far as the run was not told. */
  readonly #rejections: unknown[] = []
  #pointsTold = 0
  /** What somebody wants to look at, and has not been given yet. */
  #asked: { readonly instrument: number; readonly every: number } | undefined
  #live:
    { readonly book: LiveBook | undefined; readonly instrument: number; readonly every: number } | undefined
  /** Whether the run is at a rest and stays there: then it can be looked at at any time. */
  #still = false
  #speed = Infinity
  /** Where the pace is counted from: market time in microseconds, real time in milliseconds. */
  #paceFrom: { readonly market: number; readonly real: number } | undefined
  /** Moves up to which the journal was told; NaN before the first. */
  #movesTold = NaN

  /** `begin` makes the run and gives its log away: `(log) => createRun({ strategy, data, settings, log })`. */
  constructor(begin: (log: (entry: LogEntry) => void) => Run | Promise<Run>, host: SessionHost) {
    this.#begin = begin
    this.#host = host
  }

  /** Bars read so far. */
  get bars(): number {
    return this.#run?.bars ?? 0
  }
  /** The engine's clock, microseconds UTC; NaN before the first bar. */
  get time(): number {
    return this.#run && this.#run.bars > 0 ? this.#run.time : NaN
  }
  get logs(): readonly LogRow[] {
    return this.#logs.rows
  }

  /**
   * Runs to the end.
   *
   * @throws RunFailed when the strategy fails, or is stopped
   */
  async run(): Promise<RunRecord> {
    const host = this.#host
    try {
      const run = (this.#run = await this.#begin(({ level, time, bar, text, strategy }) =>
        this.#logs.add(level, time, bar, text, strategy),
      ))
      const all = run.allDeclarations
      const strategies = all.length > 1 ? { strategies: all } : {}
      host.onStart?.({ declarations: run.declarations, ...strategies, total: run.total })
      const parts = new JournalPace(run.total)
      let told = host.now()
      // A run of many slow bars is heard of between its rests too. The less a bar takes, the more pass between two looks.
      let looked = told
      let stride = 1
      const look = () => {
        const now = host.now()
        if (now - told >= LONG_INTERVAL && (host.ready?.() ?? true)) {
          this.#tellProgress(run)
          told = now
        }
        stride = now - looked < INTERVAL ? Math.min(stride * 2, 1024) : Math.max(1, stride >> 2)
        looked = now
        return run.bars + stride
      }
      // After the end the run is asked twice more: a rejection that nobody handles is known only in the task after the next.
      for (let over = 0; over < 3;) {
        const step = run.toRest(host.onProgress && look)
        const finished = typeof step === 'boolean' ? step : await step
        if (finished) over++
        await host.breathe()
        // What came while the run was looked at or went at a pace would have come by now without that too.
        for (const reason of this.#rejections.splice(0)) run.reject(reason)
        if (!finished) {
          if (host.onJournal && parts.isDue(run.bars, run.journalWaiting)) {
            parts.told(run.bars)
            await this.#tellJournal(run)
          }
          if (run.bars >= this.#pauseAt) this.pause()
          const now = host.now()
          if (now - told >= INTERVAL) {
            if (host.ready?.() ?? true) await this.#tell(run)
            told = now
          }
          this.#show(run)
          if (this.#speed < Infinity) await this.#keepPace(run)
          if (this.#paused && run.between && run.bars > 0) await this.#pause(run)
        }
        if (this.#stopped) throw new Error(`Stopped after ${run.bars} of ${run.total} bars.`)
      }
      checkJournal(run)
      if (host.onJournal) await this.#tellJournal(run)
      const record = run.record()
      checkSize(record)
      return record
    } catch (error) {
      throw error instanceof RunFailed ? error : new RunFailed(this.#describe(error))
    } finally {
      // What a run that failed still has of its journal is told too, unless that is why it failed.
      if (host.onJournal && this.#run) await this.#tellJournal(this.#run).catch(() => {})
      await this.#tellLogs()
    }
  }

  /** Lets the run wait at the next rest between two time stamps, after the first bar at the earliest, until `goOn` or `stop`. */
  pause(): void {
    if (this.#paused) return
    let goOn = () => {}
    const until = new Promise<void>((resolve) => (goOn = resolve))
    this.#pauseAt = Infinity
    this.#paused = { until, goOn }
  }

  /**
   * Asks once for what the book of an instrument shows: it is told at a rest, as soon as there is any news.
   *
   * @param every microseconds of market time between two pictures of it; left out, there is one
   */
  look(instrument: number, every = Infinity): void {
    this.#asked = { instrument, every }
    if (this.#still) this.#show(this.#run!)
  }

  /** Lets the market's time go so many times as fast as real time at the most. The run waits at its rests alone. */
  pace(speed: number): void {
    this.#speed = speed > 0 ? speed : Infinity
    this.#paceFrom = undefined
  }

  /**
   * Lets a run that waits go on: to its end, or for a number of bars above 0, after which it waits again at the next rest.
   * Of up to 2,048 bars every time stamp is followed by one.
   */
  goOn(bars = Infinity): void {
    this.#pauseAt = this.bars + bars
    this.#paused?.goOn()
    this.#paused = undefined
  }

  /** What the run has left behind so far; undefined where nobody can look at it yet. */
  soFar(): RunRecord | undefined {
    try {
      if (this.#run) checkJournal(this.#run)
      const record = this.#run?.soFar()
      if (record) checkSize(record)
      return record
    } catch {
      return undefined
    }
  }

  async #pause(run: Run): Promise<void> {
    await this.#tell(run)
    await this.#host.onPause?.()
    this.#still = true
    this.#show(run)
    await this.#paused?.until
    this.#still = false
    this.#paceFrom = undefined
  }

  /** Tells what was asked for, if there is anything new. */
  #show(run: Run): void {
    const asked = this.#asked
    if (!asked) return
    const { instrument, every } = asked
    if (this.#live?.instrument !== instrument || this.#live.every !== every)
      this.#live = { book: run.live(instrument, every), instrument, every }
    const { book } = this.#live
    const spec = run.instruments[instrument]
    if (!book?.hasNews || !spec) return
    this.#asked = undefined
    this.#host.onLook?.({ ...book.take(), instrument, spec: { ...spec } })
  }

  /** Waits until the market's time is due. Meanwhile it can be looked at, told to wait, to go on at another pace, or to stop. */
  async #keepPace(run: Run): Promise<void> {
    const { wait, now, ready } = this.#host
    if (!wait || !(run.bars > 0)) return
    this.#still = true
    let told = now()
    for (;;) {
      const from = (this.#paceFrom ??= { market: run.time, real: now() })
      const left = from.real + (run.time - from.market) / 1000 / this.#speed - now()
      if (!(left >= 1) || this.#stopped || this.#paused) break
      await wait(Math.min(left, NAP))
      if (now() - told < LONG_INTERVAL || !(ready?.() ?? true)) continue
      await this.#tell(run)
      told = now()
    }
    this.#still = false
  }

  /** Ends the run at the next rest. A handler that never returns can only be ended from outside its thread. */
  stop(): void {
    this.#stopped = true
    this.goOn()
  }

  /**
   * Writes to the run's log, as `console` does.
   *
   * @param strategy place of the strategy among several, where it is known
   */
  say(level: LogLevel, values: readonly unknown[], strategy?: number): void {
    const text = formatLog(values)
    this.#run?.note(level, text)
    this.#logs.add(level, this.time, this.bars, text, strategy)
  }

  /** A promise of the strategy was rejected and nobody handled it: see `Run.reject` for when this is to be told. */
  reject(reason: unknown): void {
    this.#rejections.push(reason)
  }

  async #tell(run: Run): Promise<void> {
    this.#tellProgress(run)
    await this.#tellLogs()
    if (this.#host.onJournal) await this.#tellJournal(run)
  }

  async #tellJournal(run: Run): Promise<void> {
    checkJournal(run)
    if (run.moves === this.#movesTold && run.journalWaiting === 0) return
    this.#movesTold = run.moves
    await this.#host.onJournal!(run.takeJournal())
  }

  #tellProgress(run: Run): void {
    const { equityLength: length, total, bars, time } = run
    const from = this.#pointsTold
    this.#pointsTold = length
    this.#host.onProgress?.({
      bars,
      total,
      time,
      equity: { time: run.equityTime.slice(from, length), value: run.equityValue.slice(from, length) },
    })
  }

  async #tellLogs(): Promise<void> {
    const rows = this.#logs.changed()
    if (rows.length > 0) await this.#host.onLog?.(rows)
  }

  #describe(error: unknown): Failure {
    if (error instanceof StrategyError) {
      const { handler, bar, time, cause } = error
      return { ...describeError(cause, handler, bar, time), ...this.#atWork }
    }
    return { ...describeError(error, 'run', this.bars, this.time), ...this.#atWork }
  }

  /** Which of several strategies is called; nothing of one alone, or before they are made. */
  get #atWork(): { readonly strategy?: number } {
    const run = this.#run
    return run && run.names.length > 1 ? { strategy: run.atWork } : {}
  }
}

/** Any thrown value as a failure; reading a hostile one may itself throw. */
export function describeError(error: unknown, handler: string, bar: number, time: number): Failure {
  const read = (get: () => unknown, longest: number) => {
    try {
      const value = get()
      return typeof value === 'string' ? value.slice(0, longest) : ''
    } catch {
      return ''
    }
  }
  const thrown = typeof error === 'object' && error !== null ? (error as Partial<Error>) : {}
  const name = read(() => thrown.name, 200) || 'Error'
  let message = read(() => thrown.message, limits.text)
  if (!message)
    message =
      read(() => (error instanceof Error ? name : `Thrown: ${formatLog([error])}`), limits.text) ||
      'What was thrown cannot be shown.'
  // V8 and WebKit throw a RangeError, Gecko an InternalError.
  if (/call stack|too much recursion/i.test(message))
    message = 'Functions called each other too deeply: one of them calls itself without end.'
  const missing = /^(?:Can't find variable: )?(\w+)(?: is not defined)?$/.exec(
    name === 'ReferenceError' ? message : '',
  )
  if (missing) message += absence(missing[1]!)
  return { name, message, stack: read(() => thrown.stack, limits.stack), handler, bar, time }
}

const absent: readonly (readonly [RegExp, string])[] = [
  [
    /^(set|clear)(Timeout|Interval|Immediate)$|^requestAnimationFrame$/,
    "A strategy runs on the engine's clock: use this.every or this.at.",
  ],
  [
    /^(fetch|XMLHttpRequest|WebSocket|EventSource)$/,
    'A strategy has no network: it sees its data and its inputs.',
  ],
  [
    /^(localStorage|sessionStorage|indexedDB|caches)$/,
    'A strategy has no storage: what it keeps in its fields lasts for one run.',
  ],
  [
    /^(window|document|alert|process|require|Buffer)$/,
    'A strategy sees neither the page nor the machine; this.log writes to the log.',
  ],
]

/** Why a strategy does not have a name that other programs have. */
function absence(name: string): string {
  const found = absent.find(([names]) => names.test(name))
  return found ? `. ${found[1]}` : ''
}

function most(what: string, count: number, limit: number): void {
  if (count > limit)
    throw new Error(
      `The run made ${count} ${what}; at most ${limit} can be shown. Trade less often, or run a shorter stretch of data.`,
    )
}

function checkJournal({ journalSize: { requests, orders, costs } }: Run): void {
  most('requests', requests, limits.requests)
  most('orders named by others', orders, limits.namedOrders)
  most('answers of cost functions', costs, limits.costs)
}

function checkSize(record: RunRecord): void {
  const { orders, fills, changes, steps, refusals, plots, declarations } = record
  most('orders', orders.time.length, limits.orders)
  most('fills', fills.time.length, limits.fills)
  most('changes of orders', changes.order.length, limits.changes)
  most('steps', steps.kind.length, limits.steps)
  most('refused requests', refusals.length, limits.refusals)
  most('plotted lines', plots.length, limits.plots)
  const together = record.strategies?.reduce((sum, part) => sum + part.plots.length, 0) ?? 0
  most('lines plotted by all strategies', together, limits.plotsTogether)
  most('inputs', declarations.length, limits.declarations)
}
