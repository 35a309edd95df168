import type { BarColumns } from '#market'
import { type Calendar, calendars, isTradingDay, sessionOf, weekdayOf } from './calendar.ts'
import type { ImportedInstrument } from './import/import.ts'
import { Offsets } from './import/zone.ts'

/** What a check looks for. */
export type Check =
  | 'gaps'
  | 'duplicates'
  | 'outOfOrder'
  | 'nonPositivePrices'
  | 'highBelowLow'
  | 'outsideRange'
  | 'outliers'
  | 'splits'
  | 'zeroVolume'
  | 'missingVolume'
  | 'stuckPrices'
  | 'ambiguousTimes'
  | 'skippedTimes'

/** A row that shows what a check found. */
export interface Example {
  /** Row of the table, from 0. */
  readonly row: number
  /** Milliseconds since 1970 UTC. */
  readonly time: number
  /** What is there, in words. */
  readonly text: string
}

/** What one check found. */
export interface Finding {
  readonly check: Check
  /** How often. */
  readonly count: number
  /** How many rows it affects; for gaps, how many bars are missing. */
  readonly rows: number
  /** In words, such as `3 gaps, 12 bars missing`. */
  readonly text: string
  /** The first five. */
  readonly examples: readonly Example[]
}

/** What is odd about the bars of an instrument. Nothing is changed by looking. */
export interface Quality {
  readonly symbol: string
  /** The calendar that gaps were counted by. */
  readonly calendar: Calendar
  readonly calendarReason: string
  /** Only what was found; empty when nothing was. */
  readonly findings: readonly Finding[]
}

const DAY = 86_400e6
const shown = 5
/** Bars in a row without any change of price from which they count as stuck. */
const stuckRun = 10
/** How far open or close may lie outside high and low, relative to the price: adjusted prices carry rounding of this order. */
const rounding = 1e-6

/** Looks for what is odd in a table. `calendar` is guessed from the bars when it is left out. */
export function inspect(instrument: ImportedInstrument, calendar?: Calendar): Quality {
  const { bars, interval, symbol } = instrument
  const guess = guessCalendar(bars, interval)
  const by = calendar ?? guess.calendar
  const findings: Finding[] = []
  const add = (check: Check, count: number, rows: number, text: string, examples: readonly Example[]) => {
    if (count > 0) findings.push({ check, count, rows, text, examples })
  }
  const example = (row: number, text: string): Example => ({ row, time: bars.time[row]! / 1000, text })
  gaps(bars, interval, by, add, example)
  rows(instrument, add, example)
  outliers(bars, add, example)
  const { outOfOrder, clockChanges, missingVolumes } = instrument
  add(
    'outOfOrder',
    outOfOrder.count,
    outOfOrder.count,
    `${many(outOfOrder.count, 'row')} stood behind later ones in the file; the table is sorted`,
    outOfOrder.rows.map((row) => example(row, 'stood behind a later bar')),
  )
  add(
    'ambiguousTimes',
    clockChanges.ambiguous.count,
    clockChanges.ambiguous.count,
    `${many(clockChanges.ambiguous.count, 'local time')} happened twice, when clocks went back; each was taken for the first that keeps the order`,
    clockChanges.ambiguous.rows.map((row) => example(row, 'the clock showed this time twice')),
  )
  add(
    'skippedTimes',
    clockChanges.skipped.count,
    clockChanges.skipped.count,
    `${many(clockChanges.skipped.count, 'local time')} never happened, when clocks went forward; the zone may be another`,
    clockChanges.skipped.rows.map((row) => example(row, 'the clock never showed this time')),
  )
  if (missingVolumes < bars.time.length)
    add(
      'missingVolume',
      missingVolumes,
      missingVolumes,
      `${many(missingVolumes, 'bar')} without volume in the source`,
      [],
    )
  return { symbol, calendar: by, calendarReason: calendar ? 'you said so' : guess.reason, findings }
}

type Add = (check: Check, count: number, rows: number, text: string, examples: readonly Example[]) => void
type Show = (row: number, text: string) => Example

/** A number with its noun. */
export const many = (count: number, noun: string) =>
  `${count.toLocaleString('en-US')} ${noun}${count === 1 ? '' : 's'}`

function gaps(
  { time }: BarColumns,
  interval: number | null,
  calendar: Calendar,
  add: Add,
  example: Show,
): void {
  if (interval === null || time.length < 3) return
  const examples: Example[] = []
  let count = 0
  let missing = 0
  const missingBetween = counter(calendar, interval, time[0]!, time[time.length - 1]!)
  for (let row = 1; row < time.length; row++) {
    const from = time[row - 1]!
    const to = time[row]!
    if (to - from <= interval * 1.5) continue
    const bars = missingBetween(from, to)
    if (bars === 0) continue
    count++
    missing += bars
    if (examples.length < shown) examples.push(example(row, `${many(bars, 'bar')} missing before this one`))
  }
  add('gaps', count, missing, `${many(count, 'gap')}, ${many(missing, 'bar')} missing`, examples)
}

/** Gives how many bars a calendar expects between two times, both left out. */
export function counter(
  calendar: Calendar,
  interval: number,
  first: number,
  last: number,
): (from: number, to: number) => number {
  if (interval >= 7 * DAY) return (from, to) => Math.max(0, Math.round((to - from) / interval) - 1)
  if (interval >= DAY)
    return (from, to) => {
      let count = 0
      const end = Math.floor(to / DAY)
      for (let day = Math.floor(from / DAY) + 1; day < end; day++) if (isTradingDay(calendar, day)) count++
      return interval === DAY ? count : Math.floor(count / Math.round(interval / DAY))
    }
  if (calendar.hoursUnknown)
    return (from, to) => {
      const today = Math.floor(from / DAY)
      const then = Math.floor(to / DAY)
      if (today === then) return Math.max(0, Math.round((to - from) / interval) - 1)
      let days = 0
      for (let day = today + 1; day < then; day++) if (isTradingDay(calendar, day)) days++
      return days
    }
  const offsets = new Offsets(calendar.zone, first, last)
  return (from, to) => {
    let count = 0
    const start = Math.floor((from + offsets.at(from)) / DAY)
    const end = Math.floor((to + offsets.at(to)) / DAY)
    for (let day = start; day <= end; day++) {
      const hours = sessionOf(calendar, day)
      if (!hours) continue
      const open = offsets.utc(day * DAY + hours[0] * 60e6)
      const close = offsets.utc(day * DAY + hours[1] * 60e6)
      // Bars at open, open + interval and so on before the close; those after `from` and before `to`.
      const slots = Math.ceil((close - open) / interval)
      const after = Math.floor((from - open) / interval) + 1
      const before = Math.ceil((to - open) / interval)
      count += Math.max(0, Math.min(slots, before) - Math.max(0, after))
    }
    return count
  }
}

function rows({ bars, missingVolumes }: ImportedInstrument, add: Add, example: Show): void {
  const { time, open, high, low, close, volume } = bars
  const size = time.length
  const duplicates: Example[] = []
  const nonPositive: Example[] = []
  const inverted: Example[] = []
  const outside: Example[] = []
  const idle: Example[] = []
  const stuck: Example[] = []
  const counts = {
    duplicates: 0,
    conflicts: 0,
    nonPositive: 0,
    inverted: 0,
    outside: 0,
    idle: 0,
    stuckRuns: 0,
    stuckRows: 0,
  }
  const note = (list: Example[], row: number, text: () => string) => {
    if (list.length < shown) list.push(example(row, text()))
  }
  let run = 1
  const endRun = (row: number) => {
    if (run < stuckRun) return
    counts.stuckRuns++
    counts.stuckRows += run
    const length = run
    note(stuck, row - run, () => `${length} bars at ${close[row - 1]}`)
  }
  for (let row = 0; row < size; row++) {
    const o = open[row]!
    const h = high[row]!
    const l = low[row]!
    const c = close[row]!
    if (row > 0 && time[row] === time[row - 1]) {
      counts.duplicates++
      const same = o === open[row - 1] && h === high[row - 1] && l === low[row - 1] && c === close[row - 1]
      if (!same) counts.conflicts++
      note(duplicates, row, () =>
        same ? 'the same bar again' : `another bar of the same time: close ${c} instead of ${close[row - 1]}`,
      )
    }
    if (!(o > 0 && h > 0 && l > 0 && c > 0)) {
      counts.nonPositive++
      note(nonPositive, row, () => `open ${o}, high ${h}, low ${l}, close ${c}`)
    }
    if (h < l) {
      counts.inverted++
      note(inverted, row, () => `high ${h} is below low ${l}`)
    } else {
      const slack = Math.abs(h) * rounding
      if (o > h + slack || o < l - slack || c > h + slack || c < l - slack) {
        counts.outside++
        note(outside, row, () =>
          o > h + slack || o < l - slack
            ? `open ${o} is outside low ${l} and high ${h}`
            : `close ${c} is outside low ${l} and high ${h}`,
        )
      }
    }
    if (volume[row] === 0) {
      counts.idle++
      note(idle, row, () => 'volume is 0')
    }
    if (row > 0) {
      if (o === open[row - 1] && h === high[row - 1] && l === low[row - 1] && c === close[row - 1]) run++
      else {
        endRun(row)
        run = 1
      }
    }
  }
  endRun(size)
  const conflicts = counts.conflicts > 0 ? `, ${counts.conflicts} with other prices` : ''
  add(
    'duplicates',
    counts.duplicates,
    counts.duplicates,
    `${many(counts.duplicates, 'duplicate')}${conflicts}`,
    duplicates,
  )
  add(
    'nonPositivePrices',
    counts.nonPositive,
    counts.nonPositive,
    `${many(counts.nonPositive, 'bar')} with a price of zero or below`,
    nonPositive,
  )
  add(
    'highBelowLow',
    counts.inverted,
    counts.inverted,
    `${many(counts.inverted, 'bar')} whose high is below its low`,
    inverted,
  )
  add(
    'outsideRange',
    counts.outside,
    counts.outside,
    `${many(counts.outside, 'bar')} whose open or close is outside high and low`,
    outside,
  )
  // Without any volume in the source there is nothing to say of single bars.
  const idleRows = counts.idle - missingVolumes
  if (idleRows > 0 && idleRows < size)
    add('zeroVolume', idleRows, idleRows, `${many(idleRows, 'bar')} with no volume`, idle)
  add(
    'stuckPrices',
    counts.stuckRuns,
    counts.stuckRows,
    `${many(counts.stuckRuns, 'stretch').replace('stretchs', 'stretches')} in which ${stuckRun} or more bars repeat the same prices`,
    stuck,
  )
}

/** Ratios of shares after to before that splits usually have. */
const splitRatios = [2, 3, 4, 5, 6, 7, 8, 10, 15, 20, 25, 30, 50, 100, 1.5]

/**
 * Prices that leave their neighbours by more than a tenth, and by more than twenty usual moves, and come back with the
 * next bar; and closes that jump by the ratio of a split and stay.
 */
function outliers({ open, high, low, close }: BarColumns, add: Add, example: Show): void {
  const size = close.length
  if (size < 10) return
  const moves: number[] = []
  const step = Math.max(1, Math.floor(size / 10_000))
  for (let row = 1; row < size; row += step) {
    const move = Math.abs(close[row]! / close[row - 1]! - 1)
    if (move > 0 && move < Infinity) moves.push(move)
  }
  moves.sort((a, b) => a - b)
  const usual = moves[moves.length >> 1] ?? 0
  const far = Math.max(0.1, usual * 20)
  const examples: Example[] = []
  const splits: Example[] = []
  let count = 0
  let splitCount = 0
  let spike = -1
  for (let row = 1; row < size; row++) {
    // The way back from a lone close is no jump of its own.
    if (spike === row - 1) continue
    const before = close[row - 1]!
    const now = close[row]!
    if (!(before > 0 && now > 0)) continue
    const change = now / before - 1
    const after = row + 1 < size ? close[row + 1]! : NaN
    const jumped = Math.abs(change) > far
    const body = Math.max(before, now, open[row]!)
    const floor = Math.min(before, now, open[row]!)
    if (jumped && Math.abs(after / before - 1) < Math.abs(change) / 3) {
      count++
      spike = row
      if (examples.length < shown) examples.push(example(row, `close ${now} between ${before} and ${after}`))
    } else if (
      high[row]! > body * (1 + far) ||
      (low[row]! > 0 && low[row]! < floor * (1 - Math.min(0.9, far)))
    ) {
      count++
      if (examples.length < shown)
        examples.push(example(row, `high ${high[row]} and low ${low[row]} around a close of ${now}`))
    } else if (jumped) {
      const ratio = change < 0 ? before / open[row]! : open[row]! / before
      const split = splitRatios.find(
        (whole) => Math.abs(ratio / whole - 1) < Math.max(0.02, Math.min(0.05, usual * 4)),
      )
      if (split !== undefined && Math.abs(change) > 0.3) {
        splitCount++
        if (splits.length < shown)
          splits.push(
            example(
              row,
              `${before} to ${open[row]}, like a split of ${change < 0 ? `${split} for 1` : `1 for ${split}`}`,
            ),
          )
      }
    }
  }
  add('outliers', count, count, `${many(count, 'bar')} far from the bars around`, examples)
  add(
    'splits',
    splitCount,
    splitCount,
    `${many(splitCount, 'jump')} as of a split that the prices are not adjusted for`,
    splits,
  )
}

/** The preset that the bars keep to. */
export function guessCalendar(
  { time }: BarColumns,
  interval: number | null,
): { calendar: Calendar; reason: string } {
  const { always, usEquities, forex, weekdays } = calendars
  if (interval === null || time.length < 2)
    return { calendar: weekdays, reason: 'there are too few bars to tell' }
  const size = time.length
  const step = Math.max(1, Math.floor(size / 20_000))
  const ofWeek = new Float64Array(7)
  const hours = new Set<number>()
  let looked = 0
  for (let row = 0; row < size; row += step) {
    ofWeek[weekdayOf(Math.floor(time[row]! / DAY))]!++
    hours.add(Math.floor((time[row]! % DAY) / 3600e6))
    looked++
  }
  if (interval >= 7 * DAY) return { calendar: weekdays, reason: 'the bars span weeks' }
  if (ofWeek[6]! > looked * 0.05) return { calendar: always, reason: 'there are bars on Saturdays' }
  const first = Math.floor(time[0]! / DAY)
  const last = Math.floor(time[size - 1]! / DAY)
  if (interval >= DAY) {
    if (ofWeek[0]! > looked * 0.05)
      return { calendar: forex, reason: 'there are bars on Sundays and none on Saturdays' }
    let expected = 0
    let holidays = 0
    const present = new Set<number>()
    for (let row = 0; row < size; row++) present.add(Math.floor(time[row]! / DAY))
    let onHolidays = 0
    let held = 0
    for (let day = first; day <= last; day++) {
      if (isTradingDay(usEquities, day)) {
        expected++
        if (present.has(day)) held++
      } else if (isTradingDay(weekdays, day)) {
        holidays++
        if (present.has(day)) onHolidays++
      }
    }
    if (holidays > 2 && onHolidays <= holidays * 0.05 && held >= expected * 0.9)
      return {
        calendar: usEquities,
        reason: `there is no bar on ${holidays - onHolidays} of ${holidays} holidays of US exchanges`,
      }
    return { calendar: weekdays, reason: 'the bars are of weekdays' }
  }
  const offsets = new Offsets('America/New_York', time[0]!, time[size - 1]!)
  let inSession = 0
  for (let row = 0; row < size; row += step) {
    const local = time[row]! + offsets.at(time[row]!)
    const minute = (local % DAY) / 60e6
    if (minute >= 570 && minute <= 960) inSession++
  }
  if (inSession >= looked * 0.95)
    return { calendar: usEquities, reason: 'the bars lie between 9:30 and 16:00 in New York' }
  if (hours.size >= 22 || last - first < 2)
    return last - first < 2
      ? { calendar: weekdays, reason: 'there are too few days to tell' }
      : { calendar: forex, reason: 'the bars run around the clock from Sunday evening to Friday' }
  return { calendar: weekdays, reason: 'the bars are of weekdays' }
}
