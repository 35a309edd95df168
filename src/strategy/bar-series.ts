import type { BarStamps } from '#exchange'
import { Bar, type Instrument, timeOfDay, ZoneClock } from '#market'
import { checkCallback, checkFields, checkWhole, isBag, show } from './checks.ts'
import { Indicator } from './indicators/indicator.ts'
import { lengthOf } from './schedule.ts'

/** How longer bars are made. */
export interface BarSeriesOptions {
  /** Zone whose midnights begin a day, such as `America/New_York`; that of the instrument when left out. */
  readonly timeZone?: string
  /**
   * Hours of a session on that zone's clock, such as `{ open: '09:30', close: '16:00' }`: bars outside of them are left
   * out, bars of hours begin with the open, and a day is complete at the close.
   */
  readonly session?: { readonly open: string; readonly close: string }
}

/** What is called with every bar of a series that completes. */
export type BarCallback = (bar: Bar) => void | Promise<void>

/** A longer bar's place in time, milliseconds since 1970 UTC. */
interface Slot {
  readonly stamp: number
  /** When nothing of it can follow any more: its end, or that of the session. */
  readonly done: number
}

const HOUR = 3_600_000
const DAY = 86_400_000
/** Within the bar that ends at a time: a stamp at an end belongs to what ends there. */
const before = 0.001
const firstCapacity = 64

/** The hands of the strategy on a series. Not exported to authors. */
export let feederOf: (series: BarSeries) => Indicator
export let attach: (series: BarSeries, indicator: Indicator) => Indicator

/**
 * Longer bars of an instrument, made of the bars of the run while they come. A bar is in it only when it is complete:
 * when the last bar that can belong to it has been told, or else a later one. So nothing in it was unknown at the time.
 *
 * Bars of hours and minutes follow the clock of the zone, days begin at its midnight, weeks on Monday. They carry the
 * stamp of their beginning where those they are made of do, and of their end where those do; days and weeks carry their
 * first date at midnight UTC.
 *
 * @example
 * hours = this.bars('1h')
 * trend = this.indicator(sma(20), this.hours)
 * onBar() {
 *   const hour = this.hours.last
 *   if (hour && hour.close > this.trend.value) …
 * }
 */
export class BarSeries implements Iterable<Bar> {
  /** Whose bars they are. */
  readonly instrument: Instrument
  readonly #clock: ZoneClock
  readonly #stamps: BarStamps
  /** Milliseconds. */
  readonly #length: number
  readonly #open: number
  readonly #close: number
  readonly #weekly: boolean
  readonly #call: (job: () => void | Promise<void>) => void
  readonly #callbacks: BarCallback[] = []
  readonly #indicators: Indicator[] = []
  readonly #feeder: Indicator

  #columns = columnsOf(firstCapacity)
  /** Rows that are complete; the one after it is under way. */
  #rows = 0
  #slot: Slot | undefined

  static {
    feederOf = (series) => series.#feeder
    attach = (series, indicator) => {
      series.#indicators.push(indicator)
      return new Follower(indicator)
    }
  }

  /**
   * Made by `this.bars`.
   *
   * @throws RangeError naming what cannot be meant
   */
  constructor(
    instrument: Instrument,
    interval: string | number,
    options: BarSeriesOptions,
    stamps: BarStamps,
    call: (job: () => void | Promise<void>) => void,
  ) {
    this.instrument = instrument
    this.#stamps = stamps
    this.#call = call
    this.#length = lengthOf('bars', interval)
    this.#weekly = this.#length % (7 * DAY) === 0
    if (this.#length < DAY ? DAY % this.#length !== 0 : this.#length % DAY !== 0)
      throw new RangeError(
        `bars: the interval is ${show(interval)}; expected one that divides a day, such as '1h', or whole days, such as '1d' or '1w'`,
      )
    if (this.#length * 1000 < stamps.interval)
      throw new RangeError(
        `bars: the interval is ${show(interval)}; expected at least the ${inWords(stamps.interval / 1000)} between the bars of ${instrument.name}`,
      )
    if (!isBag(options))
      throw new TypeError(`bars: the options are ${show(options)}; expected some such as { timeZone: 'UTC' }`)
    checkFields('bars', options, ['timeZone', 'session'])
    const { session, timeZone = instrument.timeZone } = options
    if (session !== undefined && !isBag(session))
      throw new TypeError(
        `bars: the session is ${show(session)}; expected one such as { open: '09:30', close: '16:00' }`,
      )
    if (session) checkFields('bars', session, ['open', 'close'])
    this.#clock = new ZoneClock('bars', timeZone)
    this.#open = session ? timeOfDay('bars', 'session.open', session.open) : 0
    this.#close = session ? timeOfDay('bars', 'session.close', session.close) : DAY
    if (this.#open >= this.#close)
      throw new RangeError(
        `bars: the session is from ${show(session?.open)} to ${show(session?.close)}; expected an open before the close`,
      )
    this.#feeder = new Feeder(`${instrument.name} ${String(interval)}`, (bar) => this.#take(bar))
  }

  /** How many bars are complete. */
  get length(): number {
    return this.#rows
  }

  /** The newest complete bar; undefined before the first. */
  get last(): Bar | undefined {
    return this.at(-1)
  }

  /**
   * A complete bar by its place, 0 for the oldest and -1 for the newest; undefined where there is none.
   *
   * @example
   * const before = this.hours.at(-2)
   */
  at(place: number): Bar | undefined {
    if (!Number.isInteger(place))
      throw new RangeError(
        `at: the place is ${show(place)}; expected a whole number, below 0 from the newest`,
      )
    const row = place < 0 ? this.#rows + place : place
    return row >= 0 && row < this.#rows ? new Bar(this.instrument, this.#columns, row) : undefined
  }

  /**
   * The newest complete bars, oldest first.
   *
   * @example
   * const highest = Math.max(...this.hours.latest(24).map(({ high }) => high))
   */
  latest(count: number): Bar[] {
    checkWhole('latest', 'count', count, 0, Number.MAX_SAFE_INTEGER)
    const bars: Bar[] = []
    for (let row = Math.max(0, this.#rows - count); row < this.#rows; row++)
      bars.push(new Bar(this.instrument, this.#columns, row))
    return bars
  }

  /**
   * Calls a function with every bar that completes, before `onBar` is told of the bar that completed it. Its orders
   * trade on what follows, like those of any handler.
   *
   * @example
   * days = this.bars('1d').onBar((day) => this.log(day.close))
   */
  onBar(callback: BarCallback): this {
    checkCallback('bars.onBar', callback)
    this.#callbacks.push(callback)
    return this
  }

  *[Symbol.iterator](): Iterator<Bar> {
    for (let row = 0; row < this.#rows; row++) yield new Bar(this.instrument, this.#columns, row)
  }

  #take(bar: Bar): void {
    const { time } = bar
    const { at: stampedAt, interval, dates } = this.#stamps
    const within = stampedAt === 'close' && !dates ? time - before : time
    if (this.#slot !== undefined && within >= this.#slot.done) this.#complete()
    if (!dates && this.#isOutside(within)) return
    const row = this.#rows
    if (this.#slot === undefined) {
      this.#slot = this.#slotAt(within)
      if (row === this.#columns.time.length) this.#grow()
      const columns = this.#columns
      columns.time[row] = this.#slot.stamp * 1000
      columns.open[row] = bar.open
      columns.high[row] = bar.high
      columns.low[row] = bar.low
      columns.volume[row] = 0
    }
    const columns = this.#columns
    if (bar.high > columns.high[row]!) columns.high[row] = bar.high
    if (bar.low < columns.low[row]!) columns.low[row] = bar.low
    columns.close[row] = bar.close
    columns.volume[row]! += bar.volume
    const known = stampedAt === 'close' && !dates ? time : interval > 0 ? time + interval / 1000 : time
    if (known >= this.#slot.done) this.#complete()
  }

  #complete(): void {
    const bar = new Bar(this.instrument, this.#columns, this.#rows++)
    this.#slot = undefined
    for (let i = 0; i < this.#indicators.length; i++) this.#indicators[i]!.update(bar)
    for (let i = 0; i < this.#callbacks.length; i++) {
      const callback = this.#callbacks[i]!
      this.#call(() => callback(bar))
    }
  }

  /** Whether a moment lies outside of the session. */
  #isOutside(time: number): boolean {
    if (this.#open === 0 && this.#close === DAY) return false
    const local = this.#clock.local(time)
    const clock = local - Math.floor(local / DAY) * DAY
    return clock < this.#open || clock >= this.#close
  }

  #slotAt(time: number): Slot {
    const clock = this.#clock
    const length = this.#length
    if (length >= DAY) {
      const day = Math.floor((this.#stamps.dates ? time : clock.local(time)) / DAY)
      const days = length / DAY
      // 1970-01-05 was a Monday.
      const origin = this.#weekly ? 4 : 0
      const first = Math.floor((day - origin) / days) * days + origin
      const stamp = first * DAY
      if (this.#stamps.dates) return { stamp, done: stamp + length }
      return { stamp, done: this.#next(stamp + length - DAY + this.#close, clock.utc(stamp, time)) }
    }
    const local = clock.local(time)
    const open = Math.floor(local / DAY) * DAY + this.#open
    const begins = open + Math.floor((local - open) / length) * length
    const ends = Math.min(begins + length, open - this.#open + this.#close)
    const start = clock.utc(begins, time)
    // An hour that the clock shows twice is two bars; what is longer than an hour goes on over it.
    const end = length <= HOUR ? start + (ends - begins) : this.#next(ends, start)
    return { stamp: this.#stamps.at === 'open' ? start : end, done: end }
  }

  /** The first moment after another at which the clock shows a time. */
  #next(local: number, after: number): number {
    const first = local - this.#clock.offset(after)
    const second = local - this.#clock.offset(first)
    return this.#clock.local(second) === local ? second : first
  }

  #grow(): void {
    const larger = columnsOf(this.#columns.time.length * 2)
    for (const name of Object.keys(larger) as (keyof typeof larger)[]) larger[name].set(this.#columns[name])
    this.#columns = larger
  }
}

function columnsOf(rows: number) {
  const column = () => new Float64Array(rows)
  return {
    time: column(),
    open: column(),
    high: column(),
    low: column(),
    close: column(),
    volume: column(),
  }
}

function inWords(milliseconds: number): string {
  const [unit, name] = (
    [
      [DAY, 'day'],
      [HOUR, 'hour'],
      [60_000, 'minute'],
      [1000, 'second'],
    ] as const
  ).find(([unit]) => milliseconds % unit === 0) ?? [1, 'millisecond']
  return `${milliseconds / unit} ${name}${milliseconds === unit ? '' : 's'}`
}

/** Hands the bars of an instrument on; it draws nothing. */
class Feeder extends Indicator {
  readonly #take: (bar: Bar) => void

  constructor(name: string, take: (bar: Bar) => void) {
    super(name, 'price')
    this.#take = take
  }

  override get lines(): readonly Indicator[] {
    return []
  }

  override update(bar: Bar): void {
    this.#take(bar)
  }
}

/** Draws an indicator that a series feeds: between two of its bars the value stays. */
class Follower extends Indicator {
  readonly #indicator: Indicator

  constructor(indicator: Indicator) {
    super(indicator.name, indicator.pane)
    this.#indicator = indicator
  }

  override get lines() {
    return this.#indicator.lines
  }

  override update(): void {}
}
