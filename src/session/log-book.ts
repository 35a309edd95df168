import { limits, type LogLevel, type LogRow } from './protocol.ts'

/**
 * The log of a run. A line that repeats the one before is counted; after 10,000 lines new ones are only counted, so that
 * a strategy that writes on every bar costs no more than that.
 */
export class LogBook {
  readonly #rows: LogRow[] = []
  /** The first row that `changed` has not given yet, or has given with a smaller count. */
  #untold = 0
  #dropped = 0

  /** @param strategy place of the strategy among several */
  add(level: LogLevel, time: number, bar: number, text: string, strategy?: number): void {
    const last = this.#rows.at(-1)
    const whose = strategy === undefined ? {} : { strategy }
    if (last && last.text === text && last.level === level && last.strategy === strategy)
      this.#replaceLast({ ...last, count: last.count + 1 })
    else if (this.#rows.length < limits.logRows - 1)
      this.#rows.push({
        index: this.#rows.length,
        level,
        time,
        bar,
        text: text.slice(0, limits.text),
        count: 1,
        ...whose,
      })
    else {
      this.#dropped++
      const note = `The log is full: ${this.#dropped} further line${this.#dropped > 1 ? 's were' : ' was'} not kept.`
      const row = { level: 'warn', time, bar, text: note, count: 1, ...whose } as const
      if (this.#dropped === 1) this.#rows.push({ index: this.#rows.length, ...row })
      else this.#replaceLast({ index: this.#rows.length - 1, ...row })
    }
  }

  /** All rows so far. */
  get rows(): readonly LogRow[] {
    return this.#rows
  }

  /** The rows that are new or were repeated since the last call. */
  changed(): readonly LogRow[] {
    const rows = this.#rows.slice(this.#untold)
    this.#untold = this.#rows.length
    return rows
  }

  #replaceLast(row: LogRow): void {
    this.#rows[this.#rows.length - 1] = row
    this.#untold = Math.min(this.#untold, this.#rows.length - 1)
  }
}
