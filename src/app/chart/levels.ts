import type { Report } from '#analysis'
import type { DataSet } from '#data'
import type { RunRecord } from '#engine'

/** Prices and volume of rows or of groups of rows; NaN where nothing traded. */
export interface BarLevel {
  readonly open: Float64Array
  readonly high: Float64Array
  readonly low: Float64Array
  readonly close: Float64Array
  readonly volume: Float64Array
}

/** Least and greatest value of rows or of groups of rows; NaN where there is none. */
export interface LineLevel {
  readonly min: Float64Array
  readonly max: Float64Array
}

/**
 * The first level that is made of the whole data and kept, of groups of 16 rows; a screen at a finer one holds so few
 * rows that its groups are made as they are drawn.
 */
const firstKept = 4
/** A level of fewer groups than this is coarser than any screen. */
const fewest = 128

/** Levels that were made elsewhere, by the columns that they were made of. */
const givenBars = new WeakMap<object, BarLevel[]>()
const givenLines = new WeakMap<Float64Array, LineLevel[]>()

/** A data set with the kept levels of its bars, by instrument; made where they are read, so that no screen waits for it. */
export const withBarLevels = (data: DataSet) => ({
  data,
  levels: data.instruments.map(({ bars }) => keptBars(bars)),
})

/** A run with the kept levels of all its lines. */
export const withLineLevels = <Run extends DrawnRun>(run: Run) => ({
  run,
  levels: linesOf(run).map((values) => keptLine(values)),
})

/** What of a run is drawn. */
interface DrawnPart {
  readonly record: Pick<RunRecord, 'equity' | 'plots'>
  readonly report: Pick<Report, 'buyAndHold' | 'drawdown'>
}
interface DrawnRun extends DrawnPart {
  readonly record: DrawnPart['record'] & { readonly strategies?: readonly DrawnPart['record'][] }
  readonly parts?: readonly DrawnPart['report'][]
}

/** The data set, which from here on is drawn by levels that were made elsewhere. */
export function drawnBy({ data, levels }: ReturnType<typeof withBarLevels>): DataSet {
  data.instruments.forEach(({ bars }, at) => givenBars.set(bars, levels[at]!))
  return data
}

/** The run, which from here on is drawn by levels that were made elsewhere. */
export function runDrawnBy<Run extends DrawnRun>({ run, levels }: { run: Run; levels: LineLevel[][] }): Run {
  linesOf(run).forEach((values, at) => givenLines.set(values, levels[at]!))
  return run
}

const linesOfPart = ({ record: { equity, plots }, report: { buyAndHold, drawdown } }: DrawnPart) => [
  equity.value,
  buyAndHold,
  drawdown,
  ...plots.map(({ values }) => values),
]

/** Those of each of several strategies with them. */
const linesOf = ({ record, report, parts = [] }: DrawnRun) =>
  [{ record, report }, ...parts.map((report, at) => ({ record: record.strategies![at]!, report }))].flatMap(
    linesOfPart,
  )

function keptBars(rows: BarLevel): BarLevel[] {
  const levels = [groupedBars(rows, 2 ** firstKept)]
  while (levels.at(-1)!.close.length > fewest) levels.push(groupedBars(levels.at(-1)!, 2))
  return levels
}

function keptLine(values: Float64Array): LineLevel[] {
  const levels = [groupedLine({ min: values, max: values }, 2 ** firstKept)]
  while (levels.at(-1)!.min.length > fewest) levels.push(groupedLine(levels.at(-1)!, 2))
  return levels
}

/** Groups of `size` rows: first open, highest high, lowest low, last close, sum of volume. */
export function groupedBars(rows: BarLevel, size: number): BarLevel {
  const length = Math.ceil(rows.close.length / size)
  const open = new Float64Array(length)
  const high = new Float64Array(length)
  const low = new Float64Array(length)
  const close = new Float64Array(length)
  const volume = new Float64Array(length)
  for (let i = 0, row = 0; i < length; i++) {
    let first = NaN
    let highest = NaN
    let lowest = NaN
    let last = NaN
    let sum = 0
    for (const end = Math.min(rows.close.length, row + size); row < end; row++) {
      if (rows.close[row] !== rows.close[row]) continue
      if (first !== first) first = rows.open[row]!
      highest = larger(highest, rows.high[row]!)
      lowest = smaller(lowest, rows.low[row]!)
      last = rows.close[row]!
      sum += rows.volume[row]!
    }
    open[i] = first
    high[i] = highest
    low[i] = lowest
    close[i] = last
    volume[i] = last === last ? sum : NaN
  }
  return { open, high, low, close, volume }
}

function groupedLine(rows: LineLevel, size: number): LineLevel {
  const length = Math.ceil(rows.min.length / size)
  const level = { min: new Float64Array(length), max: new Float64Array(length) }
  regroup(level, rows, size, 0, length)
  return level
}

/** Makes the groups from and up to one anew. */
function regroup({ min, max }: LineLevel, rows: LineLevel, size: number, from: number, to: number): void {
  for (let i = from; i < to; i++) {
    let least = NaN
    let greatest = NaN
    const end = Math.min(rows.min.length, (i + 1) * size)
    for (let row = i * size; row < end; row++) {
      least = smaller(least, rows.min[row]!)
      greatest = larger(greatest, rows.max[row]!)
    }
    min[i] = least
    max[i] = greatest
  }
}

/**
 * Bars at 1, 2, 4, 8... rows a group, so that what is drawn never has many more points than the screen has columns and no
 * extreme is lost on the way.
 */
export class BarLevels {
  readonly rows: BarLevel
  #kept: BarLevel[] | undefined

  constructor(rows: BarLevel) {
    this.rows = rows
  }

  /** Groups of `2 ** level` rows, from and up to a group; fewer where the data ends. */
  groups(level: number, from: number, to: number): BarLevel {
    if (level === 0) return part(this.rows, from, to)
    if (level < firstKept) return groupedBars(part(this.rows, from << level, to << level), 1 << level)
    const kept = (this.#kept ??= givenBars.get(this.rows) ?? keptBars(this.rows))
    while (kept.length <= level - firstKept) kept.push(groupedBars(kept.at(-1)!, 2))
    return part(kept[level - firstKept]!, from, to)
  }
}

const part = ({ open, high, low, close, volume }: BarLevel, from: number, to: number): BarLevel => ({
  open: open.subarray(from, to),
  high: high.subarray(from, to),
  low: low.subarray(from, to),
  close: close.subarray(from, to),
  volume: volume.subarray(from, to),
})

/** A point for the chart: `time` is the first row of its group. */
export interface LinePoint {
  time: number
  value: number
}

/** A line over the rows of the axis, NaN where it has no value. It may still be growing. */
export class Line {
  /** One value a row; alter them with `set`. */
  readonly values: Float64Array
  #kept: LineLevel[] | undefined
  /** Rows that were set since the kept levels were made. */
  #first = Infinity
  #last = -1

  constructor(values: Float64Array) {
    this.values = values
  }

  /** Gives a row its value, or a row without one its first. */
  set(row: number, value: number): void {
    this.values[row] = value
    this.#first = Math.min(this.#first, row)
    this.#last = Math.max(this.#last, row)
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
    // Neighbours stay together: the window begins with the first of two and ends with the second.
    const start = from & ~1
    const { min, max } = this.#groups(level, start, to + (to & 1))
    for (let i = from; i < Math.min(to, groups); i++) {
      let value = min[i - start]!
      if (value !== value) continue
      const a = i & ~1
      if (level > 0 && a + 1 < groups) {
        const at = a - start
        const rising = min[at]! <= min[at + 1]! || !(max[at]! >= max[at + 1]!)
        value = rising === (i === a) ? smaller(min[at]!, min[at + 1]!) : larger(max[at]!, max[at + 1]!)
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

  #groups(level: number, from: number, to: number): LineLevel {
    if (level < firstKept) {
      const rows = this.values.subarray(from << level, to << level)
      return level === 0 ? { min: rows, max: rows } : groupedLine({ min: rows, max: rows }, 1 << level)
    }
    const kept = this.#upToDate()
    while (kept.length <= level - firstKept) kept.push(groupedLine(kept.at(-1)!, 2))
    const { min, max } = kept[level - firstKept]!
    return { min: min.subarray(from, to), max: max.subarray(from, to) }
  }

  #upToDate(): LineLevel[] {
    const { values } = this
    if (!this.#kept) this.#kept = givenLines.get(values) ?? keptLine(values)
    else if (this.#last >= 0) {
      let rows: LineLevel = { min: values, max: values }
      for (const [at, level] of this.#kept.entries()) {
        const shift = firstKept + at
        regroup(level, rows, at === 0 ? 1 << firstKept : 2, this.#first >> shift, (this.#last >> shift) + 1)
        rows = level
      }
    }
    this.#first = Infinity
    this.#last = -1
    return this.#kept
  }
}

const smaller = (a: number, b: number) => (a <= b || b !== b ? a : b)
const larger = (a: number, b: number) => (a >= b || b !== b ? a : b)
