/** A stretch of a table in which a check found something. */
export interface Stretch {
  /** Its first and its last row, from 0, both included. */
  readonly firstRow: number
  readonly lastRow: number
  /** Times of those rows, milliseconds since 1970 UTC. */
  readonly from: number
  readonly to: number
  /** How often something was found in it. */
  readonly count: number
  /** How many rows that affects; for gaps, how many bars are missing. */
  readonly rows: number
}

/** Stretches that are kept of one check. More would neither be told apart on a screen nor be read. */
const mostStretches = 2000

/**
 * Places in a table, in order, in bounded room: findings of neighbouring rows are one stretch, and where there are too
 * many stretches those that lie closest together in time become one. Counts stay exact.
 */
export class Marks {
  #stretches: { -readonly [Key in keyof Stretch]: Stretch[Key] }[] = []
  /** Milliseconds between two stretches up to which they are one; none as long as there are few. */
  #reach = -1
  /** Rows up to which they are. */
  readonly #neighbours: number

  /** `neighbours`: how far the next finding may begin behind the last row of one to belong to it. */
  constructor(neighbours = 1) {
    this.#neighbours = neighbours
  }

  /** Adds a finding; rows and times (microseconds) must not lie before those of the finding before. */
  add(firstRow: number, lastRow: number, from: number, to: number, count = 1, rows = 1): void {
    const last = this.#stretches[this.#stretches.length - 1]
    const start = from / 1000
    if (last && (firstRow <= last.lastRow + this.#neighbours || start - last.to <= this.#reach)) {
      last.lastRow = Math.max(last.lastRow, lastRow)
      last.to = Math.max(last.to, to / 1000)
      last.count += count
      last.rows += rows
      return
    }
    this.#stretches.push({ firstRow, lastRow, from: start, to: to / 1000, count, rows })
    if (this.#stretches.length > 2 * mostStretches) this.#merge()
  }

  /** At most `mostStretches` of them, oldest first. */
  ranges(): readonly Stretch[] {
    if (this.#stretches.length > mostStretches) this.#merge()
    return this.#stretches
  }

  /** Joins the closest, so that at most `mostStretches` are left. */
  #merge(): void {
    const all = this.#stretches
    const distances = Float64Array.from(
      { length: all.length - 1 },
      (_, at) => all[at + 1]!.from - all[at]!.to,
    )
    distances.sort()
    this.#reach = Math.max(this.#reach, distances[all.length - mostStretches - 1]!)
    const [first, ...others] = all
    this.#stretches = [first!]
    for (const { firstRow, lastRow, from, to, count, rows } of others)
      this.add(firstRow, lastRow, from * 1000, to * 1000, count, rows)
  }
}
