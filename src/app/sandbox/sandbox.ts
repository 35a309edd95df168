import { frameOfHandler, type Position, type Program } from '#compile'
import type { DataSet } from '#data'
import type { InputDeclaration, Journal, RunRecord, RunSettings } from '#engine'
import { shapeOf } from '#exchange'
import {
  type Expectation,
  type Command,
  type Failure,
  type LiveLook,
  type LogRow,
  type Packet,
  type Progress,
  Reader,
  Refused,
  type Started,
  type StrategyRequest,
} from '#session'
import { boot, bootHash, engineUrl } from 'virtual:sandbox'
import { takenApart } from './apart.ts'
import { placeOf, type Script, scriptOf, withMap } from './joint-script.ts'
import { ReadingPace } from './reading-pace.ts'

/** One of several strategies that run beside one another. */
export interface SeatedProgram extends StrategyRequest {
  readonly program: Program
}

/** What to run. Data that is the same object as in the last run is not sent again. */
export interface RunRequest {
  readonly program: Program
  readonly data: DataSet
  readonly settings: RunSettings
  /** Whether to tell where in the code its orders were sent, which costs some time. */
  readonly trace?: boolean
  /** Where there are several: all of them, the one of `program` first. The settings then have no inputs. */
  readonly strategies?: readonly SeatedProgram[]
}

/** Where in the author's files the orders of a run were sent. */
export interface OrderPlaces {
  /** Undefined where a place lies in none of them. Of several strategies those of the first alone are told. */
  readonly places: readonly (Position | undefined)[]
  /** Row `i` is of the order with id `i + 1`: index into `places`, -1 where it is not known. */
  readonly orders: Int32Array
}

/** A strategy that has said nothing for a while: in an endless loop, out of memory, or only slow. */
export interface Silence {
  /** Bars it had read when it was last heard. */
  readonly bar: number
  readonly total: number
  readonly seconds: number
  /** The same in a sentence for people. */
  readonly text: string
}

/** What a run tells while it runs. */
export interface RunEvents {
  onStart?(started: Started): void
  /** At most 60 times a second. */
  onProgress?(progress: Progress): void
  /** What a book shows, once for every time that `tell` asked. */
  onLook?(look: LiveLook): void
  /** New rows, and the last row again when it was repeated. */
  onLog?(rows: readonly LogRow[]): void
  /** What a run that waits or has failed left behind until then. */
  onPartial?(record: RunRecord, origins: OrderPlaces | undefined): void
  /**
   * Two seconds of silence. With this handler the run goes on until it is heard again (`onProgress`) or `stop()` is
   * called; without it the run is ended as `silent`.
   */
  onSilent?(silence: Silence): void
}

/** A failure with its place in the author's files, where the browser told one. */
export interface RunFailure extends Failure {
  readonly position?: Position
}

/** What is left of a run that came to no result. */
interface Left {
  readonly logs: readonly LogRow[]
  readonly journal?: Journal
  /** The inputs that each of its strategies declared; absent where none had been made yet. */
  readonly declared?: readonly (readonly InputDeclaration[])[]
}

/** How a run ended. */
export type Outcome =
  | {
      readonly kind: 'finished'
      readonly record: RunRecord
      readonly logs: readonly LogRow[]
      /** Of a run that was traced. */
      readonly origins?: OrderPlaces
    }
  | (Left & { readonly kind: 'failed'; readonly error: RunFailure })
  /** `stop()` ended it after `bar` bars. */
  | (Left & { readonly kind: 'stopped'; readonly bar: number })
  /** It stopped answering, and nobody was there to ask whether to wait. */
  | (Left & { readonly kind: 'silent'; readonly bar: number; readonly text: string })
  /** What it sent was not what a run sends, or far too much of it; it was ended. */
  | (Left & { readonly kind: 'refused'; readonly bar: number; readonly reason: string })
  /** A newer run took its place. */
  | { readonly kind: 'superseded' }

/** How the run under way is to be watched: what is to be shown of it, once, and at what pace it is to go. */
export type Watching = Extract<Command, { type: 'look' | 'pace' }>

/** What the page tells the frame. */
export type Order =
  | { readonly type: 'engine'; readonly engine: string }
  | { readonly type: 'program'; readonly script: string }
  /** Columns of the data that follow. */
  | { readonly type: 'columns'; readonly columns: readonly ArrayBufferView[] }
  | { readonly type: 'data'; readonly data: unknown }
  | { readonly type: 'prepare' }
  | {
      readonly type: 'run'
      readonly run: number
      readonly settings: RunSettings
      readonly trace: boolean
      readonly strategies?: readonly StrategyRequest[]
    }
  | { readonly type: 'read' | 'pause'; readonly run: number }
  | { readonly type: 'go on'; readonly run: number; readonly bars?: number }
  | (Watching & { readonly run: number })
  | { readonly type: 'done'; readonly run: number }
  | { readonly type: 'stop' }

/** What the frame tells the page: what a run's worker said, unread, or what became of the worker. */
export type Answer =
  | { readonly run: number; readonly packet: { readonly head: string; readonly columns: unknown } }
  | {
      readonly run: number
      readonly ended: 'ready' | 'stopped' | 'flood' | 'error'
      readonly detail: string
    }

/** Silence after which a run is told to be silent; milliseconds. */
const PATIENCE = 2000
/** Looks at the silence in that time. A machine that slept looks once, and hears the rest of the messages first. */
const LOOKS = 4
/** How long the frame may take to start, and to end a worker, before it is given up; milliseconds. */
const START = 10_000
const STOP = 500

/**
 * Runs strategies that are not to be trusted: each in a fresh worker of a hidden frame that has no origin, no network and
 * no storage. One run at a time; a new one supersedes the one before.
 */
export class Sandbox {
  readonly #engine: () => Promise<string>
  #frame: Promise<Frame> | undefined
  #active: Active | undefined
  #halting: Promise<void> | undefined
  #runs = 0
  #sentCode: string | undefined
  #sentData: DataSet | undefined
  #sending: Promise<void> = Promise.resolve()

  /** `engine` gives the text that is put before the program; left out, the one that the build made. */
  constructor(engine: () => Promise<string> = builtEngine) {
    this.#engine = engine
  }

  /**
   * Starts the frame and, given a program and data, makes a worker ready for them, so that the first run need not wait.
   * That reads the program's file: not for a program that nobody has asked to run yet.
   */
  async prepare(program?: Program, data?: DataSet): Promise<void> {
    const frame = await this.#start()
    if (!program || !data || this.#active) return
    await this.#send(frame, scriptOf([program]), data)
    frame.tell({ type: 'prepare' })
  }

  /** Never rejects for what a strategy does: see `Outcome`. Rejects when the sandbox itself cannot be started. */
  async run(
    { program, data, settings, trace = false, strategies }: RunRequest,
    events: RunEvents = {},
  ): Promise<Outcome> {
    this.#active?.settle({ kind: 'superseded' })
    const script = scriptOf(strategies?.map(({ program }) => program) ?? [program])
    const seats = strategies?.map(({ program: _, ...request }) => request)
    const expected = { data, settings, trace, ...(seats && { strategies: seats }) }
    const active = new Active(++this.#runs, script, expected, events)
    this.#active = active
    try {
      await this.#halting
      const frame = await this.#start()
      if (!active.settled) await this.#send(frame, script, data)
      if (!active.settled) {
        frame.tell({ type: 'run', run: active.id, settings, trace, ...(seats && { strategies: seats }) })
        active.watch(() => this.#silence(active))
      }
      return await active.outcome
    } finally {
      active.settle({ kind: 'superseded' })
      if (this.#active === active) this.#active = undefined
    }
  }

  /** Lets the run wait as soon as its handler has returned. */
  async pause(): Promise<void> {
    const active = this.#active
    if (!active || active.settled) return
    active.waits()
    const frame = await this.#start()
    frame.tell({ type: 'pause', run: active.id })
  }

  /** Lets a run that waits go on, to its end or for so many bars, after which it waits again. */
  async goOn(bars?: number): Promise<void> {
    const active = this.#active
    if (!active || active.settled) return
    active.goesOn(bars !== undefined)
    const frame = await this.#start()
    frame.tell({ type: 'go on', run: active.id, ...(bars !== undefined && { bars }) })
  }

  /** Tells the run under way how it is watched. One that has not started yet does not hear it. */
  async watch(watching: Watching): Promise<void> {
    const active = this.#active
    if (!active || active.settled) return
    if (watching.type === 'look') active.ask()
    const frame = await this.#start()
    frame.tell({ ...watching, run: active.id })
  }

  /** Ends the run, if there is one, whatever it is doing. */
  async stop(): Promise<void> {
    const active = this.#active
    const halted = this.#halt()
    active?.settle({ kind: 'stopped', bar: active.bar, logs: active.logs }, halted)
    await halted
  }

  /** Ends everything and takes the frame away. */
  dispose(): void {
    this.#active?.settle({ kind: 'stopped', bar: this.#active.bar, logs: this.#active.logs })
    void this.#frame?.then((frame) => this.#discard(frame))
  }

  /** Ends the worker, and where the frame itself is dead or held up, takes it away. A run that begins meanwhile waits. */
  #halt(): Promise<void> {
    this.#halting ??= (async () => {
      const frame = await this.#frame?.catch(() => undefined)
      if (frame && !(await frame.stop())) this.#discard(frame)
      this.#halting = undefined
    })()
    return this.#halting
  }

  #start(): Promise<Frame> {
    this.#frame ??= this.#open().catch((error: unknown) => {
      this.#frame = undefined
      throw error
    })
    return this.#frame
  }

  async #open(): Promise<Frame> {
    const opening = Frame.open((answer) => this.#hear(answer))
    try {
      const [frame, engine] = await Promise.all([opening, this.#engine()])
      frame.tell({ type: 'engine', engine })
      return frame
    } catch (error) {
      void opening.then((frame) => frame.close())
      throw error
    }
  }

  /** Tells what the frame does not have yet, after all that is being told. */
  #send(frame: Frame, script: Script, data: DataSet): Promise<void> {
    this.#sending = this.#sending.then(() => this.#sendNow(frame, script, data))
    return this.#sending
  }

  async #sendNow(frame: Frame, script: Script, data: DataSet): Promise<void> {
    if (this.#sentCode !== script.text) {
      frame.tell({ type: 'program', script: withMap(script) })
      this.#sentCode = script.text
    }
    if (this.#sentData !== data) {
      this.#sentData = data
      const apart = takenApart(data)
      for (const columns of apart.messages) {
        frame.tell({ type: 'columns', columns })
        // Each is copied in a task of its own.
        await new Promise((resolve) => setTimeout(resolve))
      }
      frame.tell({ type: 'data', data: apart.data })
    }
  }

  #discard(frame: Frame): void {
    frame.close()
    this.#frame = undefined
    this.#sentCode = this.#sentData = undefined
  }

  async #hear(answer: Answer): Promise<void> {
    const frame = await this.#start()
    const active = this.#active
    if ('packet' in answer) {
      // Late words of a run that is over, or that a newer one superseded.
      if (!active || answer.run !== active.id || active.settled) return
      try {
        const from = performance.now()
        const last = active.hear(answer.packet)
        if (last) return frame.tell({ type: 'done', run: active.id })
        // What the page shows of it is made ready in a microtask, which counts too.
        await null
        // Where nobody looks nobody types, and timers are slow.
        const wait = document.hidden ? 0 : active.pace.read(from, performance.now())
        const told = () => frame.tell({ type: 'read', run: active.id })
        if (wait < 1) told()
        else setTimeout(told, wait)
      } catch (error) {
        if (!(error instanceof Refused)) throw error
        const { bar, logs } = active
        active.settle({ kind: 'refused', bar, reason: error.message, logs }, this.#halt())
      }
    } else if (active && answer.run === active.id && !active.settled) {
      if (answer.ended === 'flood')
        active.settle({
          kind: 'refused',
          bar: active.bar,
          logs: active.logs,
          reason: `The strategy's worker was ended: it sent ${answer.detail}.`,
        })
      if (answer.ended === 'error')
        active.fail({
          name: 'Error',
          message: answer.detail || 'The worker of this run could not go on.',
          stack: '',
          handler: 'module',
          bar: active.bar,
          time: NaN,
        })
    }
  }

  #silence(active: Active): void {
    const { bar, total, logs, events } = active
    const seconds = PATIENCE / 1000
    const text = `The strategy stopped answering at bar ${bar.toLocaleString('en-US')} of ${total.toLocaleString('en-US')}: it is in an endless loop, waits for what never comes, has used up its memory, or is very slow.`
    if (events.onSilent) events.onSilent({ bar, total, seconds, text })
    else active.settle({ kind: 'silent', bar, text, logs }, this.#halt())
  }
}

/** The run that is going on. */
class Active {
  readonly id: number
  readonly events: RunEvents
  readonly outcome: Promise<Outcome>
  readonly pace = new ReadingPace()
  readonly total: number
  readonly logs: LogRow[] = []
  bar = 0
  settled = false
  /** Whether it was told to wait: then it says nothing. */
  paused = false
  readonly #script: Script
  readonly #reader: Reader
  #resolve!: (outcome: Outcome | Promise<Outcome>) => void
  #origins: OrderPlaces | undefined
  #declared: Left['declared']
  #looks = 0
  #timer = 0
  /** Whether it goes on for some bars only. */
  #waitsAgain = false

  constructor(id: number, script: Script, expected: Expectation, events: RunEvents) {
    this.id = id
    this.events = events
    this.total = shapeOf(expected.data).bars
    this.#script = script
    this.#reader = new Reader(expected)
    this.outcome = new Promise((resolve) => (this.#resolve = resolve))
  }

  /** Listens no more, and tells the outcome, once `after` is over. */
  settle(outcome: Outcome, after?: Promise<void>): void {
    if (this.settled) return
    this.settled = true
    clearInterval(this.#timer)
    const isWhole = outcome.kind === 'finished' || outcome.kind === 'superseded'
    const journal = isWhole ? undefined : this.#reader.journal
    const declared = isWhole ? undefined : this.#declared
    const whole = { ...outcome, ...(journal && { journal }), ...(declared && { declared }) }
    this.#resolve(after ? after.then(() => whole) : whole)
  }

  fail(failure: Failure): void {
    const { stack, handler, strategy = 0 } = failure
    const { text, programs } = this.#script
    const place =
      placeOf(stack, this.#script) ??
      (stack === ''
        ? placeOf(frameOfHandler(text, handler, programs[strategy]?.firstLine), this.#script)
        : undefined)
    const several = this.#script.programs.length > 1
    const error = place
      ? { ...failure, position: place.position, ...(several && { strategy: place.program }) }
      : failure
    this.settle({ kind: 'failed', error, logs: this.logs })
  }

  /** It is told to wait. */
  waits(): void {
    this.paused = true
    this.#reader.mayWait()
  }

  goesOn(waitsAgain: boolean): void {
    this.paused = false
    if (waitsAgain) this.#reader.mayWait()
    this.#looks = 0
    this.#waitsAgain = waitsAgain
  }

  ask(): void {
    this.#reader.ask()
  }

  /** Calls back once for every time that nothing was heard for `PATIENCE`. */
  watch(onSilence: () => void): void {
    this.#timer = window.setInterval(() => {
      if (!this.paused && ++this.#looks === LOOKS) onSilence()
    }, PATIENCE / LOOKS)
  }

  /** A place in the files of the first strategy, or of one that is the same. */
  #ownPlace(stack: string): Position | undefined {
    const { programs } = this.#script
    const place = placeOf(stack, this.#script)
    return place && programs[place.program]!.map === programs[0]!.map ? place.position : undefined
  }

  /** Reads what the worker said. Whether it was its last word. */
  hear(packet: unknown): boolean {
    const message = this.#reader.read(packet as Packet)
    this.#looks = 0
    switch (message.type) {
      case 'started':
        this.#declared = message.strategies ?? [message.declarations]
        this.events.onStart?.(message)
        break
      case 'progress':
        this.bar = message.bars
        this.events.onProgress?.(message)
        break
      case 'market':
        this.events.onLook?.(message)
        break
      case 'log':
        for (const row of message.rows) this.logs[row.index] = row
        this.events.onLog?.(message.rows)
        break
      case 'origins':
        this.#origins = {
          places: message.stacks.map((stack) => this.#ownPlace(stack)),
          orders: message.orders,
        }
        break
      case 'partial':
        this.paused ||= this.#waitsAgain
        this.events.onPartial?.(message.record, this.#origins)
        break
      case 'finished':
        this.settle({
          kind: 'finished',
          record: message.record,
          logs: this.logs,
          ...(this.#origins && { origins: this.#origins }),
        })
        return true
      case 'failed':
        this.fail(message.failure)
        return true
    }
    return false
  }
}

/** The hidden frame and the port to it. */
class Frame {
  readonly #element: HTMLIFrameElement
  readonly #port: MessagePort
  #stopping: ((stopped: boolean) => void) | undefined

  static async open(hear: (answer: Answer) => void): Promise<Frame> {
    const element = document.createElement('iframe')
    element.setAttribute('sandbox', 'allow-scripts')
    element.setAttribute('allow', "camera 'none'; microphone 'none'; geolocation 'none'")
    element.referrerPolicy = 'no-referrer'
    element.hidden = true
    element.tabIndex = -1
    element.title = 'Strategies run in here'
    element.setAttribute('aria-hidden', 'true')
    const policy = `default-src 'none'; script-src '${bootHash}'; worker-src blob:; base-uri 'none'; form-action 'none'`
    element.srcdoc = `<!doctype html><meta http-equiv="Content-Security-Policy" content="${policy}"><script>${boot}</script>`
    const { port1, port2 } = new MessageChannel()
    try {
      await within(START, (done) => {
        element.addEventListener('load', () => {
          port1.onmessage = done
          element.contentWindow!.postMessage(null, '*', [port2])
        })
        document.body.append(element)
      })
    } catch {
      element.remove()
      throw new Error('The frame in which strategies run could not be started. Reload the page to try again.')
    }
    return new Frame(element, port1, hear)
  }

  constructor(element: HTMLIFrameElement, port: MessagePort, hear: (answer: Answer) => void) {
    this.#element = element
    this.#port = port
    port.onmessage = ({ data: answer }: MessageEvent<Answer>) => {
      if ('ended' in answer && answer.ended === 'stopped') this.#stopping?.(true)
      else hear(answer)
    }
  }

  tell(order: Order): void {
    this.#port.postMessage(order)
  }

  /** Ends the worker. False when the frame did not answer. */
  async stop(): Promise<boolean> {
    try {
      await within(STOP, (done) => {
        this.#stopping = done
        this.tell({ type: 'stop' })
      })
      return true
    } catch {
      return false
    }
  }

  close(): void {
    this.#port.close()
    this.#element.remove()
  }
}

function within(milliseconds: number, start: (done: () => void) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error('too late')), milliseconds)
    start(() => {
      clearTimeout(timer)
      resolve()
    })
  })
}

let engineText: Promise<string> | undefined

function builtEngine(): Promise<string> {
  engineText ??= fetch(engineUrl).then((response) => {
    if (!response.ok) throw new Error(`The engine could not be loaded: ${response.status} for ${engineUrl}.`)
    return response.text()
  })
  engineText.catch(() => (engineText = undefined))
  return engineText
}
