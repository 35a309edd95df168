import { Cron } from 'croner'
import { ZoneClock } from '#market'
import { checkCallback, checkFields, isBag, show } from './checks.ts'

/** What a scheduled job calls, with the engine's time in milliseconds. A promise is waited for. */
export type JobCallback = (time: number) => void | Promise<void>

/** Something that happens again and again, until it is stopped. */
export interface Job {
  /**
   * Ends it. It can be called from inside the job, and more than once.
   *
   * @example
   * const job = this.every('1h', () => {
   *   if (this.orders().length === 0) job.stop()
   * })
   */
  stop(): void
}

/** A length of time; the parts add up. */
export interface Duration {
  /** Seconds of the engine's time; parts add up. */
  readonly seconds?: number
  /** Minutes of 60 seconds. */
  readonly minutes?: number
  /** Hours of 60 minutes. */
  readonly hours?: number
}

/** A time of day; a part that is left out matches every value, the second only 0. */
export interface TimeOfDay {
  /** 0 to 23; every hour when left out. */
  readonly hour?: number
  /** 0 to 59; every minute when left out. */
  readonly minute?: number
  /** 0 to 59; 0 when left out. */
  readonly second?: number
  /** IANA name such as `America/New_York`; the zone of the run's first instrument when left out. */
  readonly timeZone?: string
}

/** Jobs that one strategy may have at a time. */
const mostJobs = 1000

/** Shortest time between two calls of one job, milliseconds. */
const shortest = 1

interface Entry {
  readonly callback: JobCallback
  /** Milliseconds of the next call after a time; Infinity when there is none. */
  readonly after: (time: number) => number
  due: number
}

/** The jobs of a strategy and when they are due. It knows no clock: the engine asks what is next. */
export class Schedule {
  readonly #jobs: Entry[] = []
  readonly #changed: () => void
  #due = Infinity

  /** @param changed called whenever `due` may be another */
  constructor(changed: () => void = () => {}) {
    this.#changed = changed
  }

  /** Milliseconds of the next call; Infinity when there is none. */
  get due(): number {
    return this.#due
  }

  /** The job that is due, which is then due again at its next time. Of several the one that was installed first. */
  take(): JobCallback {
    const job = this.#jobs.find(({ due }) => due === this.#due)!
    job.due = job.after(job.due)
    this.#settle()
    return job.callback
  }

  /**
   * Calls again and again after a length of time, counted exactly from now: every 30 seconds from 09:30:00 is 09:30:30,
   * 09:31:00 and so on, however the market's events lie.
   */
  periodic(now: number, callback: JobCallback, duration: Duration): Job {
    if (!isBag(duration))
      throw new TypeError(
        `periodic: the time between calls is ${show(duration)}; expected one such as { minutes: 5 }`,
      )
    const parts = Object.entries(duration) as [string, number][]
    for (const [unit, amount] of parts)
      if (
        !Object.hasOwn(milliseconds, unit) ||
        !(typeof amount === 'number' && amount >= 0 && amount < Infinity)
      )
        throw new RangeError(
          `periodic: ${unit} is ${show(amount)}; expected seconds, minutes or hours of at least 0`,
        )
    const length = parts.reduce((sum, [unit, amount]) => sum + amount * milliseconds[unit as Unit], 0)
    return this.#add('periodic', callback, now, grid('periodic', length, now))
  }

  /** Calls at every multiple of a length of time since 1970 UTC: `'15m'` is at :00, :15, :30 and :45. */
  every(now: number, interval: number | string, callback: JobCallback): Job {
    return this.#add('every', callback, now, grid('every', lengthOf('every', interval), 0))
  }

  /** Calls whenever the clock of a zone shows a time of day. */
  at(now: number, callback: JobCallback, time: TimeOfDay, zone: string): Job {
    checkCallback('at', callback)
    if (!isBag(time))
      throw new TypeError(
        `at: the time of day is ${show(time)}; expected one such as { hour: 15, minute: 55 }`,
      )
    checkFields('at', time, ['hour', 'minute', 'second', 'timeZone'])
    const { hour, minute, second = 0, timeZone = zone } = time
    if (timeZone !== zone) new ZoneClock('at', timeZone)
    const field = (name: string, value: number | undefined, most: number) => {
      if (value === undefined) return '*'
      if (Number.isInteger(value) && value >= 0 && value <= most) return String(value)
      throw new RangeError(`at: ${name} is ${show(value)}; expected a whole number from 0 to ${most}`)
    }
    const pattern = `${field('second', second, 59)} ${field('minute', minute, 59)} ${field('hour', hour, 23)} * * *`
    return this.cron(now, pattern, callback, timeZone)
  }

  /** Calls by a cron text of five fields, or six with seconds first, on the clock of a zone. */
  cron(now: number, pattern: string, callback: JobCallback, timeZone: string): Job {
    if (typeof pattern !== 'string')
      throw new TypeError(`cron: the text is ${show(pattern)}; expected one such as '0 16 * * MON-FRI'`)
    if (typeof timeZone !== 'string' || timeZone !== 'UTC') new ZoneClock('cron', timeZone)
    let cron: Cron
    try {
      cron = new Cron(pattern, { paused: true, timezone: timeZone })
      cron.nextRun(new Date(0))
    } catch (error) {
      throw new RangeError(
        `cron: '${String(pattern).slice(0, 100)}' in ${timeZone} cannot be read; expected five or six fields such as '0 16 * * MON-FRI': ${(error as Error).message.replace(/^Cron\w+: /, '')}`,
      )
    }
    return this.#add('cron', callback, now, (time) => cron.nextRun(new Date(time))?.getTime() ?? Infinity)
  }

  #add(method: string, callback: JobCallback, now: number, after: (time: number) => number): Job {
    checkCallback(method, callback)
    if (this.#jobs.length >= mostJobs)
      throw new RangeError(`${method}: ${mostJobs} jobs are scheduled already; stop some of them`)
    const entry: Entry = { callback, after, due: after(now) }
    this.#jobs.push(entry)
    this.#settle()
    return {
      stop: () => {
        const index = this.#jobs.indexOf(entry)
        if (index >= 0) this.#jobs.splice(index, 1)
        this.#settle()
      },
    }
  }

  #settle(): void {
    this.#due = Infinity
    for (const { due } of this.#jobs) if (due < this.#due) this.#due = due
    this.#changed()
  }
}

const milliseconds = { seconds: 1000, minutes: 60_000, hours: 3_600_000 } as const
type Unit = keyof typeof milliseconds

const units: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
}

/**
 * Milliseconds of an interval such as `'90s'`, `'15m'`, `'1h'`, `'1d'` or `'1w'`, or of a number of milliseconds.
 *
 * @throws RangeError when it is neither
 */
export function lengthOf(method: string, interval: number | string): number {
  const [, count, unit] =
    /^(\d+(?:\.\d+)?)\s*(ms|s|m|h|d|w)$/.exec(typeof interval === 'string' ? interval : '') ?? []
  const length = typeof interval === 'number' ? interval : Number(count) * (units[unit ?? ''] ?? NaN)
  if (!(length >= shortest && length < Infinity))
    throw new RangeError(
      `${method}: the interval is ${show(interval)}; expected milliseconds of at least ${shortest}, or a text such as '30s', '15m', '1h' or '1d'`,
    )
  return length
}

/** The points `start + n * length`, for whole numbers n. */
function grid(method: string, length: number, start: number): (time: number) => number {
  if (!(length >= shortest))
    throw new RangeError(
      `${method}: the time between calls is ${length} ms; expected at least ${shortest} ms`,
    )
  return (time) => start + (Math.floor((time - start) / length) + 1) * length
}
