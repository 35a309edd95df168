/** Prices and volume of rows or of groups of rows; NaN where nothing traded. */
export interface BarLevel {
  readonly open: Float64Array
  readonly high: Float64Array
  readonly low: Float64Array
  readonly close: Float64Array
  readonly volume: Float64Array
}

/**
 * The same data at 1, 2, 4, 8... rows a group, each level made from the one below when it is first asked for, so that
 * what is drawn never has many more points than the screen has columns and no extreme is lost on the way.
 * Plain arrays and no DOM: the constructors and `at` run as well in a worker.
 */
export class Levels<Level> {
  readonly #levels: Level[]
  readonly #halve: (level: Level) => Level

  constructor(base: Level, halve: (level: Level) => Level) {
    this.#levels = [base]
    this.#halve = halve
  }

  /** Groups of `2 ** level` rows. */
  at(level: number): Level {
    while (this.#levels.length <= level) this.#levels.push(this.#halve(this.#levels.at(-1)!))
    return this.#levels[level]!
  }
}

/** Levels of bars: first open, highest high, lowest low, last close, sum of volume. */
export function barLevels(base: BarLevel): Levels<BarLevel> {
  return new Levels(base, (fine) => {
    const rows = fine.close.length
    const length = Math.ceil(rows / 2)
    const open = new Float64Array(length)
    const high = new Float64Array(length)
    const low = new Float64Array(length)
    const close = new Float64Array(length)
    const volume = new Float64Array(length)
    for (let i = 0; i < length; i++) {
      const a = 2 * i
      const b = a + 1 < rows ? a + 1 : a
      open[i] = either(fine.open[a]!, fine.open[b]!)
      close[i] = either(fine.close[b]!, fine.close[a]!)
      high[i] = larger(fine.high[a]!, fine.high[b]!)
      low[i] = smaller(fine.low[a]!, fine.low[b]!)
      volume[i] = fine.volume[a]! + (b > a ? fine.volume[b]! : 0)
    }
    return { open, high, low, close, volume }
  })
}

/** A point for the chart: `time` is the first row of its group. */
export interface LinePoint {
  time: number
  value: number
}

/** A line over the rows of the axis, NaN where it has no value. It may still be growing. */
export class Line {
  /** One value a row; alter them with `set`. */
  readonly values: Float64Array
  /** Least and greatest value of every group, for the levels that were asked for. */
  readonly #levels = new Map<number, { readonly min: Float64Array; readonly max: Float64Array }>()

  constructor(values: Float64Array) {
    this.values = values
  }

  /** Gives a row its value, or a row without one its first. */
  set(row: number, value: number): void {
    this.values[row] = value
    for (const [level, { min, max }] of this.#levels) {
      const i = Math.floor(row / 2 ** level)
      min[i] = smaller(min[i]!, value)
      max[i] = larger(max[i]!, value)
    }
  }

  /**
   * A window of the line in groups of `2 ** level` rows, from and up to a group, one point a group. Of each two
   * neighbours one point carries the least and the other the greatest value, in the order in which they came; the last
   * point carries the line's last value.
   */
  points(level: number, from: number, to: number): LinePoint[] {
    const { values } = this
    const groups = Math.ceil(values.length / 2 ** level)
    const points: LinePoint[] = []
    const { min, max } = level > 0 ? this.#at(level) : { min: values, max: values }
    for (let i = from; i < Math.min(to, groups); i++) {
      let value = min[i]!
      if (value !== value) continue
      const a = i & ~1
      if (level > 0 && a + 1 < groups) {
        const rising = min[a]! <= min[a + 1]! || !(max[a]! >= max[a + 1]!)
        value = rising === (i === a) ? smaller(min[a]!, min[a + 1]!) : larger(max[a]!, max[a + 1]!)
      }
      points.push({ time: i * 2 ** level, value })
    }
    const last = points.at(-1)
    if (last && level > 0 && to >= groups) {
      let row = values.length - 1
      while (Number.isNaN(values[row]!)) row--
      last.value = values[row]!
    }
    return points
  }

  #at(level: number): { readonly min: Float64Array; readonly max: Float64Array } {
    let made = this.#levels.get(level)
    if (!made) {
      const { values } = this
      const group = 2 ** level
      const length = Math.ceil(values.length / group)
      made = { min: new Float64Array(length), max: new Float64Array(length) }
      for (let i = 0, row = 0; i < length; i++) {
        let least = NaN
        let greatest = NaN
        for (const end = Math.min(values.length, row + group); row < end; row++) {
          least = smaller(least, values[row]!)
          greatest = larger(greatest, values[row]!)
        }
        made.min[i] = least
        made.max[i] = greatest
      }
      this.#levels.set(level, made)
    }
    return made
  }
}

const either = (a: number, b: number) => (a === a ? a : b)
const smaller = (a: number, b: number) => (a <= b || b !== b ? a : b)
const larger = (a: number, b: number) => (a >= b || b !== b ? a : b)
