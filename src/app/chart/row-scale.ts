import type {
  ChartOptionsImpl,
  IHorzScaleBehavior,
  InternalHorzScaleItem,
  InternalHorzScaleItemKey,
  LocalizationOptions,
  TickMark,
  TickMarkWeightValue,
  TimeMark,
  TimeScalePoint,
} from 'lightweight-charts'
import { writing } from '../writing.svelte.ts'
import type { Axis } from './axis.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

const YEAR_MARK = 100
const MONTH_MARK = 90
const WEEK_MARK = 80
const DAY_MARK = 70
/** Marks within a day, longest first: a boundary every so many milliseconds and its weight. */
const clockMarks: readonly (readonly [number, number])[] = [
  [12 * HOUR, 60],
  [6 * HOUR, 55],
  [3 * HOUR, 50],
  [HOUR, 45],
  [30 * MINUTE, 40],
  [10 * MINUTE, 35],
  [5 * MINUTE, 30],
  [MINUTE, 25],
  [10_000, 20],
  [1000, 15],
]

const month = {
  format: (time: number) =>
    new Date(time).toLocaleDateString(writing.locale, { month: 'short', timeZone: 'UTC' }),
}

/**
 * A horizontal scale of rows. The chart library's own scale wants seconds and knows no zones; here an item is the
 * number of a row on the axis, so any two bars are told apart, a day without trading takes no room, and only labels
 * know of calendars.
 */
export class RowScale implements IHorzScaleBehavior<number> {
  axis: Axis
  /** The row that the crosshair stands for, where one point of the chart stands for several. */
  pointed: { readonly point: number; readonly row: number } | undefined
  #options: ChartOptionsImpl<number> | undefined

  constructor(axis: Axis) {
    this.axis = axis
  }

  options(): ChartOptionsImpl<number> {
    if (!this.#options)
      throw new Error('The chart asks its horizontal scale for options that it has not set.')
    return this.#options
  }
  setOptions(options: ChartOptionsImpl<number>): void {
    this.#options = options
  }
  preprocessData(): void {}
  updateFormatter(localization: LocalizationOptions<number>): void {
    if (this.#options) this.#options.localization = localization
  }
  createConverterToInternalObj(): (row: number) => InternalHorzScaleItem {
    return internal
  }
  convertHorzItemToInternal(row: number): InternalHorzScaleItem {
    return internal(row)
  }
  key(item: InternalHorzScaleItem | number): InternalHorzScaleItemKey {
    return item as unknown as InternalHorzScaleItemKey
  }
  cacheKey(item: InternalHorzScaleItem): number {
    return rowOf(item)
  }
  formatHorzItem(item: InternalHorzScaleItem): string {
    const row = rowOf(item)
    return this.axis.label(this.pointed?.point === row ? this.pointed.row : row)
  }

  formatTickmark(mark: TickMark): string {
    const time = this.axis.local(rowOf(mark.time))
    if (mark.weight >= YEAR_MARK) return String(new Date(time).getUTCFullYear())
    if (mark.weight >= MONTH_MARK) return month.format(time)
    if (mark.weight >= DAY_MARK) return String(new Date(time).getUTCDate())
    return new Date(time).toISOString().slice(11, mark.weight >= 25 ? 16 : 19)
  }
  /** Labels depend on the axis, which is replaced with the data; the few that are visible are made anew. */
  shouldResetTickmarkLabels(): boolean {
    return true
  }
  maxTickMarkWeight(marks: TimeMark[]): TickMarkWeightValue {
    let heaviest = marks[0]!
    for (const mark of marks) if (mark.weight > heaviest.weight) heaviest = mark
    return heaviest.weight
  }
  fillWeightsForPoints(points: readonly TimeScalePoint[], start: number): void {
    for (let i = start; i < points.length; i++) {
      const row = rowOf(points[i]!.time)
      const point = points[i] as { timeWeight: TickMarkWeightValue }
      point.timeWeight = this.#weight(
        row,
        i > 0 ? rowOf(points[i - 1]!.time) : row - 1,
      ) as TickMarkWeightValue
    }
  }

  #weight(row: number, previous: number): number {
    const { axis } = this
    if (row >= axis.length) return 0
    // Nothing came before the first row, so no boundary lies there.
    if (previous < 0) return 0
    const now = axis.local(row)
    const before = axis.local(previous)
    if (Math.floor(now / DAY) !== Math.floor(before / DAY)) {
      const a = new Date(now)
      const b = new Date(before)
      if (a.getUTCFullYear() !== b.getUTCFullYear()) return YEAR_MARK
      if (a.getUTCMonth() !== b.getUTCMonth()) return MONTH_MARK
      // 1970-01-01 was a Thursday: weeks are counted from the Monday before it.
      return Math.floor(now / DAY + 3) % 7 < Math.floor(before / DAY + 3) % 7 ? WEEK_MARK : DAY_MARK
    }
    for (const [step, weight] of clockMarks)
      if (Math.floor(now / step) !== Math.floor(before / step)) return weight
    return 10
  }
}

const internal = (row: number) => row as unknown as InternalHorzScaleItem
const rowOf = (item: InternalHorzScaleItem) => item as unknown as number
