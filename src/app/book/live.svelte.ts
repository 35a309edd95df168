import type { DataSet } from '#data'
import type { LiveLook } from '#session'
import type { Curve } from '../run.ts'
import type { Playground } from '../playground.svelte.ts'
import { Glimpses, type Course } from './glimpses.ts'
import { firstAtLeast } from './ladder.ts'

/** What stands on the ladder of a run under way. */
export interface Frame {
  readonly look: LiveLook
  /** Which of the look's pictures. */
  readonly row: number
}

/** Milliseconds from one look to the next that is asked for: at most 15 a second. */
const pause = 1000 / 15
/** Market time between two pictures of a paced run, in milliseconds of the page: what is smooth enough for numbers. */
const stride = 1000 / 15
/** Milliseconds of a run at full speed before its book takes the place of what was looked at. */
const patience = 500
/** Milliseconds between two drawings of the bars so far. */
const slowly = 500

/** The book of the run under way, for as long as somebody watches it. */
export class Live {
  readonly #playground: Playground
  /** How many times as fast as the clock on the wall runs go; 0 is as fast as they can. */
  #speed = $state(0)
  #frame = $state.raw<Frame>()
  #course = $state.raw<Course>()
  #data = $state.raw<DataSet>()
  #long = $state(false)
  /** The run that is looked at: another number, another run. */
  run = $state(0)

  #watchers = 0
  /** Real time in milliseconds; undefined while there is no run. */
  #begun: number | undefined
  #drawn = -Infinity
  #asked: number | undefined
  #timer: ReturnType<typeof setTimeout> | undefined
  #player: ReturnType<typeof setInterval> | undefined
  /** Pictures that are still to be shown, in the order of their times. */
  #waiting: Frame[] = []
  /** Market time in microseconds that was shown at a real time in milliseconds. */
  #from = { market: 0, real: 0 }
  #glimpses = new Glimpses()

  constructor(playground: Playground) {
    this.#playground = playground
  }

  /** Whether there is a run under way to look at, and it takes its time. */
  get shows(): boolean {
    return this.#frame !== undefined && (this.#long || this.#speed > 0 || this.#playground.paused)
  }
  get frame(): Frame | undefined {
    return this.#frame
  }
  /** Mid and trades so far. */
  get course(): Course | undefined {
    return this.#course
  }
  /** The bars so far, to be drawn. */
  get data(): DataSet | undefined {
    return this.shows && this.#watchers > 0 ? this.#data : undefined
  }

  /** The part of a curve that the bars so far reach: the run itself is ahead of them. */
  upTo(curve: Curve | undefined): Curve | undefined {
    const last = this.#data?.instruments[0]?.bars.time.at(-1)
    if (!curve || last === undefined) return undefined
    const end = firstAtLeast(curve.time, last + 1)
    return { time: curve.time.subarray(0, end), value: curve.value.subarray(0, end) }
  }

  get speed(): number {
    return this.#speed
  }
  set speed(speed: number) {
    this.#speed = speed
    this.#waiting = []
    this.#tellPace()
    // The distance between pictures is another now.
    if (this.#asked !== undefined) this.#ask()
  }

  /** Looks from now on; gives what ends it. */
  watch(): () => void {
    this.#watchers++
    if (this.#watchers === 1 && this.#begun !== undefined) this.#ask()
    return () => {
      if (--this.#watchers === 0) this.#rest()
    }
  }

  /** Another instrument is to be looked at. */
  turn() {
    if (this.#begun === undefined) return
    this.#glimpses = new Glimpses()
    this.#waiting = []
    if (this.#watchers > 0) this.#ask()
  }

  /** Shows at once all that is there: a run that waits is not to be seen where it no longer is. */
  catchUp() {
    const last = this.#waiting.at(-1) ?? this.#frame
    this.#forget()
    this.#drawn = -Infinity
    if (last) this.#show(last)
  }

  /** A run has begun. */
  begin() {
    this.end()
    this.run++
    this.#begun = performance.now()
    this.#glimpses = new Glimpses()
    if (this.#speed > 0) this.#tellPace()
    if (this.#watchers > 0) this.#ask()
  }

  /** It is over. */
  end() {
    this.#rest()
    this.#begun = undefined
    this.#asked = undefined
    this.#long = false
    this.#drawn = -Infinity
    this.#frame = this.#course = this.#data = undefined
  }

  /** What was asked for has come. */
  take(look: LiveLook) {
    if (this.#begun === undefined || look.instrument !== this.#instrument) return
    this.#asked = undefined
    this.#long ||= performance.now() - this.#begun > patience
    this.#glimpses.add(look)
    const frames = Array.from(look.time, (_, row) => ({ look, row }))
    if (this.#speed > 0 && frames.length > 1) this.#play(frames)
    else if (frames.length > 0) this.#show(frames.at(-1)!)
    if (this.#playground.paused) this.catchUp()
    clearTimeout(this.#timer)
    if (this.#watchers > 0) this.#timer = setTimeout(() => this.#ask(), pause)
  }

  get #instrument(): number {
    return Math.max(0, this.#playground.instrument)
  }

  #tellPace() {
    if (this.#begun !== undefined)
      this.#playground.watch({ type: 'pace', ...(this.#speed > 0 && { speed: this.#speed }) })
  }

  #ask() {
    clearTimeout(this.#timer)
    const instrument = (this.#asked = this.#instrument)
    if (this.#speed === 0) return this.#playground.watch({ type: 'look', instrument })
    const bar = (this.#playground.venue?.barSeconds ?? 10) * 1e6
    // A bar has room for 240 pictures.
    const every = Math.max(stride * 1000 * this.#speed, bar / 200)
    this.#playground.watch({ type: 'look', instrument, every })
  }

  #rest() {
    clearTimeout(this.#timer)
    this.#forget()
  }

  /** What is still to be shown is not shown. */
  #forget() {
    clearInterval(this.#player)
    this.#player = undefined
    this.#waiting = []
  }

  /** Shows pictures one after the other, as far apart as they were taken. What has fallen far behind is left out. */
  #play(frames: readonly Frame[]) {
    const time = ({ look, row }: Frame) => look.time[row]!
    const [first] = frames as readonly [Frame, ...Frame[]]
    const span = time(frames.at(-1)!) - time(first)
    const behind = this.#waiting.length > 0 ? time(first) - time(this.#waiting[0]!) : 0
    if (behind > span) this.#waiting = []
    if (this.#waiting.length === 0) this.#from = { market: time(first), real: performance.now() }
    this.#waiting.push(...frames)
    this.#player ??= setInterval(() => {
      const now = this.#from.market + (performance.now() - this.#from.real) * 1000 * this.#speed
      const later = this.#waiting.findIndex((frame) => time(frame) > now)
      const due = later < 0 ? this.#waiting.length : later
      if (due > 0) this.#show(this.#waiting.splice(0, due).at(-1)!)
      if (this.#waiting.length > 0) return
      clearInterval(this.#player)
      this.#player = undefined
    }, stride)
  }

  #show(frame: Frame) {
    this.#frame = frame
    const until = frame.look.time[frame.row]!
    this.#course = this.#glimpses.until(until)
    const now = performance.now()
    if (now - this.#drawn < slowly) return
    this.#drawn = now
    const { data } = this.#playground
    const bars = this.#glimpses.bars(until)
    if (data && bars.time.length > 1)
      this.#data = { ...data, instruments: [{ instrument: frame.look.spec, bars }] }
  }
}
