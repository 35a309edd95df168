import { show } from './show.ts'
import { clockText, timeOfDay, ZoneClock } from './zone-clock.ts'

/** A part of the day, on some days of the week. */
export interface HoursOfDay {
  /** The first moment of the day, such as `'09:35'`. */
  readonly start: string
  /** The moment at which it is over, such as `'15:55'`. Before `start` it lies on the next day. */
  readonly end: string
  /** Days on which the hours begin, such as `'MON-FRI'` or `'MON,WED'`; every day when left out. */
  readonly days?: string
}

const MINUTE = 60_000
const DAY = 86_400_000
const dayNames = ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT']

/** Hours of the day on the clock of a zone. */
export class DailyHours {
  readonly timeZone: string
  /** Milliseconds since midnight. */
  readonly start: number
  readonly end: number
  readonly #days: ReadonlySet<number>
  readonly #clock: ZoneClock

  /**
   * @param method named in what is thrown
   * @throws RangeError naming what cannot be meant
   */
  constructor(method: string, { start, end, days = 'SUN-SAT' }: HoursOfDay, timeZone: string) {
    this.start = timeOfDay(method, 'start', start)
    this.end = timeOfDay(method, 'end', end)
    if (this.start === this.end)
      throw new RangeError(`${method}: start and end are both '${start}'; expected two times`)
    this.#days = readDays(method, days)
    this.#clock = new ZoneClock(method, timeZone)
    this.timeZone = timeZone
  }

  /** Whether a moment, milliseconds since 1970 UTC, lies within the hours. */
  isOpen(time: number): boolean {
    const local = this.#clock.local(time)
    const day = Math.floor(local / DAY)
    const clock = local - day * DAY
    if (this.start < this.end) return clock >= this.start && clock < this.end && this.#begins(day)
    return (clock >= this.start && this.#begins(day)) || (clock < this.end && this.#begins(day - 1))
  }

  /**
   * A moment outside the hours in words and numbers, for whoever is turned away.
   *
   * @param what that which happens during the hours, such as `orders are taken`
   */
  tell(
    time: number,
    what: string,
  ): {
    readonly words: string
    readonly numbers: { minute: number; start: number; end: number }
  } {
    const local = this.#clock.local(time)
    const clock = ((local % DAY) + DAY) % DAY
    const daily =
      time % DAY === 0
        ? ' Midnight UTC is where daily bars are stamped, which have no time of day to restrict.'
        : ''
    return {
      words: `It is ${dayNames[weekday(Math.floor(local / DAY))]} ${clockText(clock)} in ${this.timeZone}; ${what} from ${clockText(this.start)} to ${clockText(this.end)}. Outside of it only what closes a position is taken.${daily}`,
      numbers: { minute: Math.floor(clock / MINUTE), start: this.start / MINUTE, end: this.end / MINUTE },
    }
  }

  #begins(day: number): boolean {
    return this.#days.has(weekday(day))
  }
}

/** Sunday 0. The first of 1970 was a Thursday. */
function weekday(day: number): number {
  return (((day + 4) % 7) + 7) % 7
}

function readDays(method: string, text: unknown): ReadonlySet<number> {
  const days = new Set<number>()
  const wrong = () =>
    new RangeError(
      `${method}: days is ${typeof text === 'string' ? `'${text.slice(0, 40)}'` : show(text)}; expected names such as 'MON-FRI' or 'MON,WED,FRI'`,
    )
  if (typeof text !== 'string') throw wrong()
  for (const part of text.toUpperCase().split(',')) {
    const [from, to = from] = part
      .trim()
      .split('-')
      .map((name) => dayNames.indexOf(name))
    if (from === undefined || from < 0 || to! < 0) throw wrong()
    for (let day = from; ; day = (day + 1) % 7) {
      days.add(day)
      if (day === to) break
    }
  }
  return days
}
