import type { BarColumns } from '#market'
import { type Calendar, calendars, isTradingDay, sessionOf, weekdayOf } from './calendar.ts'
import type { ImportedInstrument } from './import/import.ts'
import { Marks, type Stretch } from './marks.ts'
import { Offsets } from './import/zone.ts'
import { ownHours } from './session-hours.ts'

/** What a check looks for. */
export type Check =
  | 'gaps'
  | 'outsideHours'
  | 'duplicates'
  | 'outOfOrder'
  | 'nonPositivePrices'
  | 'highBelowLow'
  | 'outsideRange'
  | 'outliers'
  | 'splits'
  | 'zeroVolume'
  | 'negativeVolume'
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
  /** Where it was found, oldest first; empty where it is so throughout. Their counts and rows add up to those above. */
  readonly ranges: readonly Stretch[]
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

/** What is looked at: the table of an instrument, and what is known of the rows in its file. */
export type Inspected = Pick<
  ImportedInstrument,
  'symbol' | 'trades' | 'bars' | 'interval' | 'missingVolumes' | 'missingRows' | 'outOfOrder' | 'clockChanges'
>

/** Looks for what is odd in a table. `calendar` is guessed from the bars when it is left out. */
export function inspect(
  instrument: Inspected,
  calendar?: Calendar,
  stamped: 'open' | 'close' = 'open',
): Quality {
  const { bars, interval, symbol, outOfOrder, clockChanges, missingVolumes } = instrument
  const { ambiguous, skipped } = clockChanges
  const guess = calendar ? undefined : guessCalendar(bars, interval)
  const by = calendar ?? guess!.calendar
  const size = bars.time.length
  const partly = missingVolumes > 0 && missingVolumes < size
  const findings = [
    gaps(bars, interval, by, stamped),
    outsideHours(bars, instrument.trades ? 'trade' : 'bar', interval, by, stamped),
    ...oddRows(instrument),
    ...outliers(bars, instrument.trades ? 'trade' : 'bar'),
    listed(
      'outOfOrder',
      bars,
      outOfOrder,
      `${many(outOfOrder.count, 'row')} stood behind later ones in the file; the table is sorted`,
      'stood behind a later bar',
    ),
    listed(
      'ambiguousTimes',
      bars,
      ambiguous,
      `${many(ambiguous.count, 'local time')} happened twice, when clocks went back; each was taken for the first that keeps the order`,
      'the clock showed this time twice',
    ),
    listed(
      'skippedTimes',
      bars,
      skipped,
      `${many(skipped.count, 'local time')} never happened, when clocks went forward; the zone may be another`,
      'the clock never showed this time',
    ),
    listed(
      'missingVolume',
      bars,
      { count: partly ? missingVolumes : 0, rows: partly ? instrument.missingRows : [] },
      `${many(missingVolumes, instrument.trades ? 'trade' : 'bar')} without volume in the source`,
    ),
  ]
  return {
    symbol,
    calendar: by,
    calendarReason: guess?.reason ?? 'you said so',
    findings: findings.filter(({ count }) => count > 0),
  }
}

/** Rows that the importer has noted, as a finding. */
function listed(
  check: Check,
  { time }: BarColumns,
  { count, rows }: { readonly count: number; readonly rows: ArrayLike<number> },
  text: string,
  each?: string,
): Finding {
  const marks = new Marks()
  const examples: Example[] = []
  for (let i = 0; i < rows.length; i++) {
    const row = rows[i]!
    marks.add(row, row, time[row]!, time[row]!)
    if (each !== undefined && i < shown) examples.push({ row, time: time[row]! / 1000, text: each })
  }
  return { check, count, rows: count, text, examples, ranges: marks.ranges() }
}

/** What one check finds, while it goes over the rows. */
class Search {
  readonly #time: Float64Array
  readonly #marks: Marks
  readonly #examples: Example[] = []
  count = 0
  rows = 0

  constructor(time: Float64Array, neighbours = 1) {
    this.#time = time
    this.#marks = new Marks(neighbours)
  }

  /** Notes a finding that goes from one row to another and affects so many; the example shows `at`. */
  add(text: () => string, row: number, last = row, rows = 1, at = row): void {
    const time = this.#time
    this.count++
    this.rows += rows
    this.#marks.add(row, last, time[row]!, time[last]!, 1, rows)
    if (this.#examples.length < shown) this.#examples.push({ row: at, time: time[at]! / 1000, text: text() })
  }

  finding(check: Check, text: string): Finding {
    const { count, rows } = this
    return { check, count, rows, text, examples: this.#examples, ranges: this.#marks.ranges() }
  }
}

/** A number with its noun. */
export const many = (count: number, noun: string) =>
  `${count.toLocaleString('en-US')} ${noun}${count === 1 ? '' : 's'}`

function gaps(
  { time }: BarColumns,
  interval: number | null,
  calendar: Calendar,
  stamped: 'open' | 'close',
): Finding {
  // Two gaps are one stretch only where they share a bar.
  const found = new Search(time, 0)
  if (interval !== null && time.length > 2) {
    const missingBetween = counter(calendar, interval, time[0]!, time[time.length - 1]!)
    // Slots are told by their opens.
    const late = stamped === 'close' && interval < DAY ? interval : 0
    for (let row = 1; row < time.length; row++) {
      const from = time[row - 1]!
      const to = time[row]!
      if (to - from <= interval * 1.5) continue
      const missing = missingBetween(from - late, to - late)
      if (missing > 0)
        found.add(() => `${many(missing, 'bar')} missing before this one`, row - 1, row, missing, row)
    }
  }
  return found.finding('gaps', `${many(found.count, 'gap')}, ${many(found.rows, 'bar')} missing`)
}

/** Bars at times when hours that somebody wrote down have no session. Calendars of our own are guesses. */
function outsideHours(
  { time }: BarColumns,
  noun: string,
  interval: number | null,
  calendar: Calendar,
  stamped: 'open' | 'close',
): Finding {
  const found = new Search(time)
  const daily = interval !== null && interval >= DAY
  if (calendar.id === ownHours && time.length > 0 && !(daily && interval >= 7 * DAY)) {
    const offsets = new Offsets(calendar.zone, time[0]!, time[time.length - 1]!)
    // Sessions may open on the evening before, or close after midnight.
    let around: readonly [day: number, session: ReturnType<typeof sessionOf>][] = []
    for (let row = 0; row < time.length; row++) {
      if (daily) {
        if (!isTradingDay(calendar, Math.floor(time[row]! / DAY)))
          found.add(() => 'there is no session on this day', row)
        continue
      }
      const opens = time[row]! - (stamped === 'close' ? (interval ?? 0) : 0)
      const local = opens + offsets.at(opens)
      const today = Math.floor(local / DAY)
      if (around[1]?.[0] !== today)
        around = [today - 1, today, today + 1].map((day) => [day, sessionOf(calendar, day)])
      const inside = around.some(([day, session]) => {
        const minute = (local - day * DAY) / 60e6
        return session !== undefined && minute >= session[0] && minute < session[1]
      })
      if (!inside) found.add(() => 'outside the hours that you gave', row)
    }
  }
  return found.finding('outsideHours', `${many(found.count, noun)} outside the hours that you gave`)
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
    // The session of the day after may open on the evening.
    for (let day = start; day <= end + 1; day++) {
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

/** What is odd about single rows and their neighbours. */
function oddRows({ bars, trades, missingVolumes, missingRows }: Inspected): Finding[] {
  const noun = trades ? 'trade' : 'bar'
  const { time, open, high, low, close, volume } = bars
  const size = time.length
  const search = () => new Search(time)
  const [duplicates, nonPositive, inverted, outside, idle, negative, stuck] = Array.from(
    { length: 7 },
    search,
  ) as [Search, Search, Search, Search, Search, Search, Search]
  // Without any volume in the source there is nothing to say of single bars.
  const volumes = missingVolumes < size
  let missed = 0
  let conflicts = 0
  let run = 1
  const endRun = (row: number) => {
    if (run < stuckRun) return
    const length = run
    stuck.add(() => `${length} bars at ${close[row - 1]}`, row - run, row - 1, run)
  }
  for (let row = 0; row < size; row++) {
    const o = open[row]!
    const h = high[row]!
    const l = low[row]!
    const c = close[row]!
    const same =
      row > 0 && o === open[row - 1] && h === high[row - 1] && l === low[row - 1] && c === close[row - 1]
    if (row > 0 && time[row] === time[row - 1]) {
      if (!same) conflicts++
      duplicates.add(
        () =>
          same
            ? 'the same bar again'
            : `another bar of the same time: close ${c} instead of ${close[row - 1]}`,
        row,
      )
    }
    if (!(o > 0 && h > 0 && l > 0 && c > 0))
      nonPositive.add(() => `open ${o}, high ${h}, low ${l}, close ${c}`, row)
    if (h < l) inverted.add(() => `high ${h} is below low ${l}`, row)
    else {
      const slack = Math.abs(h) * rounding
      if (o > h + slack || o < l - slack || c > h + slack || c < l - slack)
        outside.add(
          () =>
            o > h + slack || o < l - slack
              ? `open ${o} is outside low ${l} and high ${h}`
              : `close ${c} is outside low ${l} and high ${h}`,
          row,
        )
    }
    if (volumes && volume[row] === 0) {
      if (missed < missingRows.length && missingRows[missed] === row) missed++
      else idle.add(() => 'volume is 0', row)
    }
    if (volume[row]! < 0) negative.add(() => `volume is ${volume[row]}`, row)
    if (same) run++
    else if (row > 0) {
      endRun(row)
      run = 1
    }
  }
  endRun(size)
  const others = conflicts > 0 ? `, ${conflicts} with other prices` : ''
  const idleRows = idle.finding('zeroVolume', `${many(idle.count, noun)} with no volume`)
  return [
    // Trades of one time and one price are nothing odd.
    ...(trades ? [] : [duplicates.finding('duplicates', `${many(duplicates.count, 'duplicate')}${others}`)]),
    nonPositive.finding(
      'nonPositivePrices',
      `${many(nonPositive.count, noun)} with a price of zero or below`,
    ),
    inverted.finding('highBelowLow', `${many(inverted.count, 'bar')} whose high is below its low`),
    outside.finding(
      'outsideRange',
      `${many(outside.count, 'bar')} whose open or close is outside high and low`,
    ),
    ...(idle.count < size ? [idleRows] : []),
    negative.finding('negativeVolume', `${many(negative.count, noun)} with a volume below zero`),
    ...(trades
      ? []
      : [
          stuck.finding(
            'stuckPrices',
            `${many(stuck.count, 'stretch').replace('stretchs', 'stretches')} in which ${stuckRun} or more bars repeat the same prices`,
          ),
        ]),
  ]
}

/** Ratios of shares after to before that splits usually have. */
const splitRatios = [2, 3, 4, 5, 6, 7, 8, 10, 15, 20, 25, 30, 50, 100, 1.5]

/**
 * Prices that leave their neighbours by more than a tenth, and by more than twenty usual moves, and come back with the
 * next bar; and closes that jump by the ratio of a split and stay.
 */
function outliers({ time, open, high, low, close }: BarColumns, noun: string): Finding[] {
  const size = close.length
  if (size < 10) return []
  const moves: number[] = []
  const step = Math.max(1, Math.floor(size / 10_000))
  for (let row = 1; row < size; row += step) {
    const move = Math.abs(close[row]! / close[row - 1]! - 1)
    if (move > 0 && move < Infinity) moves.push(move)
  }
  moves.sort((a, b) => a - b)
  const usual = moves[moves.length >> 1] ?? 0
  const far = Math.max(0.1, usual * 20)
  const found = new Search(time)
  const splits = new Search(time)
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
      spike = row
      found.add(() => `close ${now} between ${before} and ${after}`, row)
    } else if (
      high[row]! > body * (1 + far) ||
      (low[row]! > 0 && low[row]! < floor * (1 - Math.min(0.9, far)))
    ) {
      found.add(() => `high ${high[row]} and low ${low[row]} around a close of ${now}`, row)
    } else if (jumped) {
      const ratio = change < 0 ? before / open[row]! : open[row]! / before
      const split = splitRatios.find(
        (whole) => Math.abs(ratio / whole - 1) < Math.max(0.02, Math.min(0.05, usual * 4)),
      )
      if (split !== undefined && Math.abs(change) > 0.3)
        splits.add(
          () =>
            `${before} to ${open[row]}, like a split of ${change < 0 ? `${split} for 1` : `1 for ${split}`}`,
          row,
        )
    }
  }
  return [
    found.finding('outliers', `${many(found.count, noun)} far from the ${noun}s around`),
    splits.finding(
      'splits',
      `${many(splits.count, 'jump')} as of a split that the prices are not adjusted for`,
    ),
  ]
}

/** The preset that the bars keep to. */
function guessCalendar(
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
