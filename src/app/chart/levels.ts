/** Prices and volume of rows or of groups of rows; NaN where nothing traded. */
export interface BarLevel {
  readonly open: Float64Array
  readonly high: Float64Array
  readonly low: Float64Array
  readonly close: Float64Array
  readonly volume: Float64Array
}

/** A line over rows or groups of rows; NaN where it has no value. */
export interface LineLevel {
  readonly min: Float64Array
  readonly max: Float64Array
  readonly last: Float64Array
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

  /** Levels that exist so far. */
  get made(): number {
    return this.#levels.length
  }

  /** Makes all levels up to one. */
  through(level: number): this {
    this.at(level)
    return this
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

/** Levels of a line: least, greatest and last value. */
export function lineLevels(values: Float64Array): Levels<LineLevel> {
  return new Levels<LineLevel>({ min: values, max: values, last: values }, (fine) => {
    const rows = fine.last.length
    const length = Math.ceil(rows / 2)
    const min = new Float64Array(length)
    const max = new Float64Array(length)
    const last = new Float64Array(length)
    for (let i = 0; i < length; i++) {
      const a = 2 * i
      const b = a + 1 < rows ? a + 1 : a
      min[i] = smaller(fine.min[a]!, fine.min[b]!)
      max[i] = larger(fine.max[a]!, fine.max[b]!)
      last[i] = either(fine.last[b]!, fine.last[a]!)
    }
    return { min, max, last }
  })
}

/** A line without values yet, with every level ready for {@link growLine}. */
export function growingLine(rows: number): Levels<LineLevel> {
  return lineLevels(new Float64Array(rows).fill(NaN)).through(Math.ceil(Math.log2(Math.max(2, rows))))
}

/** Adds a value to a growing line, at or after the last row that has one. */
export function growLine(line: Levels<LineLevel>, row: number, value: number): void {
  for (let level = 0; level < line.made; level++) {
    const { min, max, last } = line.at(level)
    const i = row >> level
    if (level > 0) {
      min[i] = smaller(min[i]!, value)
      max[i] = larger(max[i]!, value)
    }
    last[i] = value
  }
}

/** A point for the chart: `time` is the first row of its group. */
export interface LinePoint {
  time: number
  value: number
}

/**
 * A window of a line, one point a group. Of each two neighbouring groups one point carries the least and the other the
 * greatest value, in the order in which they came; the last group carries the line's last value.
 */
export function linePoints(level: LineLevel, log2: number, from: number, to: number): LinePoint[] {
  const points: LinePoint[] = []
  const { min, max, last } = level
  const end = Math.min(to, last.length)
  for (let i = from; i < end; i++) {
    let value = last[i]!
    if (log2 > 0 && i < last.length - 1) {
      const a = i & ~1
      const rising = min[a]! <= min[a + 1]! || !(max[a]! >= max[a + 1]!)
      value = rising === (i === a) ? smaller(min[a]!, min[a + 1]!) : larger(max[a]!, max[a + 1]!)
    }
    if (value === value) points.push({ time: i * 2 ** log2, value })
  }
  return points
}

const either = (a: number, b: number) => (a === a ? a : b)
const smaller = (a: number, b: number) => (a <= b || b !== b ? a : b)
const larger = (a: number, b: number) => (a >= b || b !== b ? a : b)
