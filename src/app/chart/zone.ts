import { zoneOffset } from '#market'

const DAY = 86_400_000

/**
 * A time zone as a table of its offsets. `Intl` is asked a few dozen times a year of data rather than once a bar.
 * A name that the platform does not know is read as UTC.
 */
export class Zone {
  readonly name: string
  readonly #ask: ((time: number) => number) | undefined
  /** Offsets in milliseconds and where each begins, by year of 366 days since 1970. */
  readonly #years = new Map<number, { from: number[]; offset: number[] }>()

  constructor(name: string) {
    this.#ask = name === 'UTC' ? undefined : zoneOffset(name)
    this.name = this.#ask ? name : 'UTC'
  }

  /** Milliseconds that a wall clock in the zone shows, as if it were UTC. */
  local(time: number): number {
    return time + this.#offset(time)
  }

  #offset(time: number): number {
    if (!this.#ask) return 0
    const key = Math.floor(time / (366 * DAY))
    let year = this.#years.get(key)
    if (!year) this.#years.set(key, (year = surveyed(this.#ask, key * 366 * DAY, (key + 1) * 366 * DAY)))
    let i = year.from.length - 1
    while (i > 0 && year.from[i]! > time) i--
    return year.offset[i]!
  }
}

/** The offsets between two moments and where each begins. */
function surveyed(ask: (time: number) => number, start: number, end: number) {
  const from = [start]
  const offset = [ask(start)]
  const step = (end - start) / 14
  for (let a = start; a < end; a += step) {
    const before = offset.at(-1)!
    let low = a
    let high = Math.min(end, a + step)
    if (ask(high) === before) continue
    while (high - low > 60_000) {
      const middle = (low + high) / 2
      if (ask(middle) === before) low = middle
      else high = middle
    }
    const at = Math.round(high / 60_000) * 60_000
    from.push(at)
    offset.push(ask(at))
  }
  return { from, offset }
}
