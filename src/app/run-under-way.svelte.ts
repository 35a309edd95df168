import type { DataSet } from '#data'
import { dataOf, type RunRecord } from '#engine'
import type { LiveLook, LogRow, ReportedRun, Started } from '#session'
import type { Machinery } from './machinery.ts'
import { reasonOf } from './reason.ts'
import type { Curve, Phase, RunProgress, Stepped } from './run.ts'
import type { OrderPlaces, Outcome, RunEvents, RunRequest, Silence, Watching } from './sandbox/sandbox.ts'

/** Runs that begin within this many milliseconds of one another are one drag of a slider, with one ghost. */
const dragPause = 700
/** A run that takes no longer than this shows no progress. */
const patience = 200
/** A run that takes longer than this is not waited for when a slider has moved on. */
const staleAfter = 400

/** Who hears what the newest run tells. */
interface Hears {
  onStart(started: Started): void
  /** Rows of the log so far, of a run that takes its time. */
  onLogs(logs: readonly LogRow[]): void
  onLook(look: LiveLook): void
  onSilent(): void
  /** A run that waits or has failed can be stepped through. */
  onPartial(): void
  /** What is left of a run cannot be looked at. */
  onTrouble(text: string): void
  /** Nothing is under way any more. */
  onRest(): void
}

/** The run under way, from the order to run until there is a record or it is known why there is none. */
export class RunUnderWay {
  readonly #machinery: Pick<Machinery, 'sandbox' | 'report' | 'now'>
  readonly #hears: Hears
  #phase = $state<Phase>('idle')
  #progress = $state.raw<RunProgress>()
  #silence = $state.raw<Silence>()
  #paused = $state(false)
  #partial = $state.raw<Stepped>()
  #slow = $state(false)
  #slowTimer: ReturnType<typeof setTimeout> | undefined
  #turn = 0
  /** The turn of the run that confirms a result which is shown already. */
  #confirming = -1
  /** Whether another run is to follow this one. */
  #again = false
  #hasFailed = false
  #startedAt = 0
  #endedAt = -Infinity
  /** What the run left behind when it last could be looked at. */
  #left: Stepped | undefined
  /** Tells who lets the run go on for some bars whether there is more to look at. */
  #advanced = (_more: boolean) => {}

  constructor(machinery: Pick<Machinery, 'sandbox' | 'report' | 'now'>, hears: Hears) {
    this.#machinery = machinery
    this.#hears = hears
  }

  get phase(): Phase {
    return this.#phase
  }
  /** Whether it is worth a Stop button: it has taken longer than a moment. */
  get busy(): boolean {
    return this.#phase !== 'idle' && this.#slow
  }
  /** Only of a run that takes its time. */
  get progress(): RunProgress | undefined {
    return this.#progress
  }
  get silence(): Silence | undefined {
    return this.#silence
  }
  /** Whether it waits. */
  get paused(): boolean {
    return this.#paused
  }
  /** What there is of a run that waits or has just failed. */
  get partial(): Stepped | undefined {
    return this.#partial
  }
  /** Milliseconds since it began, without compiling. */
  get milliseconds(): number {
    return this.#machinery.now() - this.#startedAt
  }
  /** Whether it began so soon after the one before that both are one drag of a slider. */
  get isDrag(): boolean {
    return this.#startedAt - this.#endedAt < dragPause
  }

  /** Begins, in place of a run under way. Gives what tells whether it is still the newest. */
  begin(): () => boolean {
    const turn = ++this.#turn
    this.#partial = this.#left = undefined
    this.#again = this.#hasFailed = false
    this.#progress = undefined
    this.#silence = undefined
    this.#startedAt = this.#machinery.now()
    clearTimeout(this.#slowTimer)
    this.#slowTimer = setTimeout(() => (this.#slow = true), patience)
    this.#phase = 'compiling'
    return () => turn === this.#turn
  }

  /** The next run only confirms what is shown already: it does not take its place half done. */
  confirmNext() {
    this.#confirming = this.#turn + 1
  }

  /** Whether a run may begin at once; where the one under way is waited for, it is owed. */
  mayBegin(): boolean {
    if (this.#phase === 'idle' || this.milliseconds > staleAfter) return true
    this.#again = true
    return false
  }

  /** Runs, and tells how that ended. */
  perform(request: RunRequest, address: string, current: () => boolean): Promise<Outcome> {
    this.#phase = 'running'
    this.#startedAt = this.#machinery.now()
    return this.#machinery.sandbox.run(request, this.#events(request.data, address, current))
  }

  /** What the record of the run means. */
  report(record: RunRecord, address: string): Promise<ReportedRun> {
    this.#phase = 'reporting'
    return this.#machinery.report(record, address)
  }

  /** It came to a result. */
  finished() {
    this.#advanced(true)
  }

  /** Its strategy failed: what there is of it can be stepped through. */
  failed() {
    this.#hasFailed = true
    this.#lookUntil('failed')
  }

  /** It is over. Whether another run is owed. */
  end(): boolean {
    this.rest()
    this.#endedAt = this.#machinery.now()
    return this.#again
  }

  /** Nothing is under way. */
  rest() {
    this.#advanced(false)
    this.#hears.onRest()
    this.#paused = false
    if (this.#partial?.until === 'paused') this.#partial = undefined
    clearTimeout(this.#slowTimer)
    this.#slow = false
    this.#phase = 'idle'
    this.#progress = undefined
    this.#silence = undefined
  }

  /** Gives it up: what it still tells is heard by nobody. */
  cancel() {
    this.#turn++
    this.#again = false
    if (this.#phase === 'running') void this.#machinery.sandbox.stop()
    this.rest()
  }

  /** Ends it. Whether it had begun: then its outcome tells the rest. */
  async stop(): Promise<boolean> {
    this.#again = false
    const began = this.#phase === 'running'
    if (began) await this.#machinery.sandbox.stop()
    else this.cancel()
    return began
  }

  /** Lets it wait, so that it can be looked at, or go on. */
  async pause(paused: boolean) {
    if (this.#phase !== 'running') return
    this.#paused = paused
    if (!paused) this.#partial = this.#left = undefined
    this.#advanced(false)
    await (paused ? this.#machinery.sandbox.pause() : this.#machinery.sandbox.goOn())
  }

  /** Lets it go on for some bars while it waits. Whether there is then more of it to look at, or all of it. */
  advance(bars: number): Promise<boolean> {
    this.#advanced(false)
    if (!this.#paused) return Promise.resolve(false)
    this.#left = undefined
    return new Promise((resolve) => {
      this.#advanced = resolve
      void this.#machinery.sandbox.goOn(bars)
    })
  }

  /** Tells it how it is watched. */
  watch(watching: Watching) {
    void this.#machinery.sandbox.watch(watching)
  }

  /** It may go on although it says nothing. */
  keepWaiting() {
    this.#silence = undefined
  }

  #events(asked: DataSet, address: string, current: () => boolean): RunEvents {
    const equity = new Growing()
    const logs: LogRow[] = []
    return {
      onStart: (started) => current() && this.#hears.onStart(started),
      onProgress: ({ bars, total, equity: more }) => {
        if (!current()) return
        equity.add(more)
        this.#silence = undefined
        const elapsed = this.milliseconds
        if (elapsed < patience || this.#turn === this.#confirming) return
        const barsPerSecond = (bars / elapsed) * 1000
        // What the run before had logged goes with the first that is shown of this one.
        if (!this.#progress) this.#hears.onLogs([...logs])
        this.#progress = {
          bars,
          total,
          barsPerSecond,
          left: ((total - bars) / barsPerSecond) * 1000,
          equity: equity.curve,
        }
      },
      onLog: (rows) => {
        if (!current()) return
        for (const row of rows) logs[row.index] = row
        if (this.milliseconds >= patience) this.#hears.onLogs([...logs])
      },
      onPartial: (record, origins) => {
        if (current()) void this.#look(record, origins, asked, address, current)
      },
      onLook: (look) => current() && this.#hears.onLook(look),
      onSilent: (silence) => {
        if (!current()) return
        this.#silence = silence
        this.#hears.onSilent()
      },
    }
  }

  /** Takes what a run that waits or has failed left behind, to be stepped through. */
  async #look(
    found: RunRecord,
    origins: OrderPlaces | undefined,
    asked: DataSet,
    address: string,
    current: () => boolean,
  ) {
    try {
      const { record, report } = await this.#machinery.report(found, address)
      if (!current()) return
      this.#left = { record, report, data: dataOf(record, asked), ...(origins && { origins }) }
      if (this.#paused) this.#lookUntil('paused')
      else if (this.#phase === 'idle' && this.#hasFailed) this.#lookUntil('failed')
      this.#advanced(true)
    } catch (error) {
      if (current()) this.#hears.onTrouble(`The run so far cannot be looked at: ${reasonOf(error)}`)
    }
  }

  #lookUntil(until: 'paused' | 'failed') {
    if (!this.#left) return
    this.#partial = { ...this.#left, until }
    this.#hears.onPartial()
  }
}

/** A curve that is being added to; its arrays double so that adding stays cheap. */
class Growing {
  #time = new Float64Array(1024)
  #value = new Float64Array(1024)
  #length = 0

  add({ time, value }: Curve) {
    const needed = this.#length + time.length
    if (needed > this.#time.length) {
      this.#time = enlarged(this.#time, needed)
      this.#value = enlarged(this.#value, needed)
    }
    this.#time.set(time, this.#length)
    this.#value.set(value, this.#length)
    this.#length = needed
  }

  get curve(): Curve {
    return { time: this.#time.subarray(0, this.#length), value: this.#value.subarray(0, this.#length) }
  }
}

function enlarged(array: Float64Array, needed: number): Float64Array<ArrayBuffer> {
  const larger = new Float64Array(Math.max(needed, array.length * 2))
  larger.set(array)
  return larger
}
