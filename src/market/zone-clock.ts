import { show } from './show.ts'
import { zoneOffset } from './zone-offset.ts'

const MINUTE = 60_000
const DAY = 86_400_000

/**
 * The clock of a time zone: how far it is from UTC at a moment. It asks the platform once a day, since clocks do not
 * change twice in one. Milliseconds throughout.
 */
export class ZoneClock {
  readonly zone: string
  readonly #ask: (time: number) => number = () => 0
  /** Offsets at the beginning of days since 1970 UTC that were asked for. */
  readonly #known = new Map<number, number>()

  /** @throws RangeError when there is no such zone; `method` is named in it */
  constructor(method: string, zone: string) {
    this.zone = zone
    if (zone === 'UTC') return
    // The platform takes numbers and lists for names.
    const ask = typeof zone === 'string' ? zoneOffset(zone) : undefined
    if (!ask)
      throw new RangeError(
        `${method}: there is no time zone ${show(zone)}; expected a name such as 'America/New_York' or 'UTC'`,
      )
    this.#ask = ask
  }

  /** What has to be added to UTC at a moment. */
  offset(time: number): number {
    if (this.zone === 'UTC') return 0
    const day = Math.floor(time / DAY)
    const from = this.#atStart(day)
    return from === this.#atStart(day + 1) ? from : this.#ask(time)
  }

  /** What the clock shows, as milliseconds since its own 1970. */
  local(time: number): number {
    return time + this.offset(time)
  }

  /** The last moment up to `time` at which the clock showed `local`; where it never did, what it would have been. */
  utc(local: number, time: number): number {
    const first = local - this.offset(time)
    if (first <= time && this.local(first) === local) return first
    const second = local - this.offset(first - MINUTE)
    return this.local(second) === local ? second : first
  }

  /** The first moment of the day after the one that a moment is in. */
  nextDay(time: number): number {
    const midnight = (Math.floor(this.local(time) / DAY) + 1) * DAY
    // The offset may change on the way: the first guess finds the one that holds then.
    return midnight - this.offset(midnight - this.offset(time))
  }

  #atStart(day: number): number {
    let offset = this.#known.get(day)
    if (offset === undefined) this.#known.set(day, (offset = this.#ask(day * DAY)))
    return offset
  }
}

/** Milliseconds since midnight of a text such as `'09:30'` or `'16:00:30'`; `'24:00'` is the end of the day. */
export function timeOfDay(method: string, what: string, text: unknown): number {
  const [, hours, minutes, seconds = '0'] =
    (typeof text === 'string' && /^(\d{1,2}):(\d{2})(?::(\d{2}))?$/.exec(text)) || []
  const time = (Number(hours) * 60 + Number(minutes)) * MINUTE + Number(seconds) * 1000
  if (!(time <= DAY && Number(minutes) < 60 && Number(seconds) < 60))
    throw new RangeError(
      `${method}: ${what} is ${typeof text === 'string' ? `'${text.slice(0, 40)}'` : show(text)}; expected a time of day such as '09:30'`,
    )
  return time
}

/** A time of day as text, without seconds where there are none. */
export function clockText(time: number): string {
  const part = (value: number) => String(value).padStart(2, '0')
  const seconds = Math.floor(time / 1000) % 60
  return `${part(Math.floor(time / 3_600_000))}:${part(Math.floor(time / MINUTE) % 60)}${seconds ? `:${part(seconds)}` : ''}`
}
