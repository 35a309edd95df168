import type { BarColumns } from '#market'
import { dateOf, daysSince1970 } from './bytes.ts'
import { type Calendar, isTradingDay, sessionOf } from './calendar.ts'
import { Offsets } from './import/zone.ts'

/** What bars are joined to: a number of microseconds that divides a day, or days, weeks from Monday, months, years. */
export type Interval = number | 'day' | 'week' | 'month' | 'year'

/** How bars are joined. */
export interface ResampleOptions {
  /**
   * When the bars are stamped; `open` when left out. Joined bars are stamped the same way, but for those of a day and
   * more, which carry their first date at midnight UTC.
   */
  readonly stamped?: 'open' | 'close'
  /** Sessions: bars of hours begin with the session and days are those of its zone. UTC when left out. */
  readonly calendar?: Calendar
  /** Adds a bar for each slot of the calendar in which nothing traded, with the close before and no volume; `real` tells them apart. */
  readonly fill?: boolean
}

/** Joined bars; `real` is only there when `fill` was asked for. */
export type Resampled = BarColumns

const DAY = 86_400e6

/**
 * Joins bars to longer ones: the first open, the highest high, the lowest low, the last close and the sum of the
 * volumes. A bar goes where its own stamp lies, so that no joined bar holds a price from after its end.
 *
 * @throws RangeError for an interval that does not divide a day
 */
export function resample(bars: BarColumns, to: Interval, options: ResampleOptions = {}): Resampled {
  const { calendar, stamped = 'open' } = options
  if (typeof to === 'number' && !(to > 0 && (DAY % to === 0 || to % DAY === 0)))
    throw new RangeError(
      `The interval is ${to} microseconds; expected one that divides a day, such as 3600e6 for hours`,
    )
  const { time } = bars
  const size = time.length
  const builder = new Builder(size)
  if (size === 0) return builder.columns()
  const slotOf = slots(to, calendar, stamped, time)
  for (let row = 0; row < size; row++)
    builder.add(
      slotOf(time[row]!),
      bars.open[row]!,
      bars.high[row]!,
      bars.low[row]!,
      bars.close[row]!,
      bars.volume[row]!,
    )
  const joined = builder.columns()
  return options.fill ? fillSlots(joined, to, { ...(calendar && { calendar }), stamped }) : joined
}

/** Gives the stamp of the longer bar that a stamp belongs to. */
function slots(
  to: Interval,
  calendar: Calendar | undefined,
  stamped: 'open' | 'close',
  times: Float64Array,
): (time: number) => number {
  const offsets =
    calendar && calendar.zone !== 'UTC'
      ? new Offsets(calendar.zone, times[0]!, times[times.length - 1]!)
      : undefined
  const shift = (calendar?.dayStartsBefore ?? 0) * 60e6
  const sessions = calendar?.bySession
    ? new Sessions(calendar, times[0]!, times[times.length - 1]!)
    : undefined
  // A bar stamped when it closes at midnight is of the day before.
  const inside = stamped === 'close' ? 1 : 0
  // Dates without a time of day are those dates everywhere.
  const dates = times.every((time) => time % DAY === 0)
  const dayOf = (time: number) => {
    if (dates) return time / DAY
    const at = time - inside
    if (sessions) return sessions.day(at)
    return Math.floor((at + (offsets?.at(at) ?? 0) + shift) / DAY)
  }
  if (typeof to === 'number' && to < DAY) {
    const end = stamped === 'close' ? to : 0
    if (sessions)
      return (time) => {
        const { from, until } = sessions.stretch(time - inside)
        const slot = from + Math.floor((time - inside - from) / to) * to
        return stamped === 'close' ? Math.min(slot + to, until) : slot
      }
    if (!offsets || !calendar) return (time) => Math.floor((time - inside) / to) * to + end
    return (time) => {
      const at = time - inside
      const local = at + offsets.at(at)
      const hours = calendar.week[1] ?? [0, 1440]
      const open = calendar.dayStartsBefore !== undefined || hours[0] === 0 ? 0 : hours[0] * 60e6
      const start = Math.floor(local / DAY) * DAY + open
      return start + Math.floor((local - start) / to) * to - (local - at) + end
    }
  }
  if (to === 'day' || typeof to === 'number') {
    const count = typeof to === 'number' ? to / DAY : 1
    return (time) => Math.floor(dayOf(time) / count) * count * DAY
  }
  // 1970-01-05 was a Monday.
  if (to === 'week') return (time) => (Math.floor((dayOf(time) - 4) / 7) * 7 + 4) * DAY
  return (time) => {
    const { year, month } = dateOf(dayOf(time))
    return daysSince1970(year, to === 'month' ? month : 1, 1) * DAY
  }
}

/** The sessions of a calendar as moments, and what lies between them. */
class Sessions {
  readonly #calendar: Calendar
  readonly #offsets: Offsets
  /** The stretch that was found last: most bars share it with the bar before. */
  #from = NaN
  #until = NaN
  #day = NaN

  constructor(calendar: Calendar, first: number, last: number) {
    this.#calendar = calendar
    this.#offsets = new Offsets(calendar.zone, first, last)
  }

  /** Opening and closing of a day's session; undefined where it has none. */
  of(day: number): readonly [open: number, close: number] | undefined {
    const hours = sessionOf(this.#calendar, day)
    return hours && [this.#at(day, hours[0]), this.#at(day, hours[1])]
  }

  /** The day whose session a moment lies in; outside of sessions the date of the clock. */
  day(at: number): number {
    this.stretch(at)
    return this.#day
  }

  /** The session that a moment lies in or, outside of sessions, what lies between two of them within a date. */
  stretch(at: number): { readonly from: number; readonly until: number } {
    if (!(at >= this.#from && at < this.#until)) this.#find(at)
    return { from: this.#from, until: this.#until }
  }

  #find(at: number): void {
    const today = Math.floor((at + this.#offsets.at(at)) / DAY)
    this.#day = today
    this.#from = this.#at(today, 0)
    this.#until = this.#at(today + 1, 0)
    for (let day = today - 1; day <= today + 1; day++) {
      const session = this.of(day)
      if (!session) continue
      const [open, close] = session
      if (at >= open && at < close) {
        this.#day = day
        this.#from = open
        this.#until = close
        return
      }
      if (close <= at) this.#from = Math.max(this.#from, close)
      if (open > at) this.#until = Math.min(this.#until, open)
    }
  }

  #at(day: number, minute: number): number {
    return this.#offsets.utc(day * DAY + minute * 60e6)
  }
}

/** Bars that grow until their stamp changes. */
class Builder {
  readonly #time: Float64Array
  readonly #open: Float64Array
  readonly #high: Float64Array
  readonly #low: Float64Array
  readonly #close: Float64Array
  readonly #volume: Float64Array
  #rows = 0

  constructor(most: number) {
    this.#time = new Float64Array(most)
    this.#open = new Float64Array(most)
    this.#high = new Float64Array(most)
    this.#low = new Float64Array(most)
    this.#close = new Float64Array(most)
    this.#volume = new Float64Array(most)
  }

  add(time: number, open: number, high: number, low: number, close: number, volume: number): void {
    const last = this.#rows - 1
    if (last >= 0 && this.#time[last] === time) {
      if (high > this.#high[last]!) this.#high[last] = high
      if (low < this.#low[last]!) this.#low[last] = low
      this.#close[last] = close
      this.#volume[last]! += volume
      return
    }
    const row = this.#rows++
    this.#time[row] = time
    this.#open[row] = open
    this.#high[row] = high
    this.#low[row] = low
    this.#close[row] = close
    this.#volume[row] = volume
  }

  columns(): BarColumns {
    const cut = (column: Float64Array) => column.slice(0, this.#rows)
    return {
      time: cut(this.#time),
      open: cut(this.#open),
      high: cut(this.#high),
      low: cut(this.#low),
      close: cut(this.#close),
      volume: cut(this.#volume),
    }
  }
}

/** Bars that filling may come to; a calendar that is no fit could ask for any number. */
const mostFilled = 5_000_000

/**
 * Adds a bar for each slot of the calendar between the first bar and the last in which there is none: all its prices are
 * the close before, its volume is 0, and `real` is 0. Where the calendar's hours are not known, only slots between two
 * bars of one day are filled. Bars stay where they are stamped.
 *
 * @throws RangeError where there would be more than `mostFilled`
 */
export function fillSlots(
  bars: BarColumns,
  interval: Interval,
  { calendar, stamped = 'open' }: Pick<ResampleOptions, 'calendar' | 'stamped'> = {},
): Resampled {
  const { time } = bars
  if (time.length === 0) return bars
  const slotOf = slots(interval, calendar, stamped, time)
  const wanted = expected(interval, calendar, stamped, time)
  const most = time.length + wanted.length
  const column = () => new Float64Array(most)
  const [times, open, high, low, close, volume] = [column(), column(), column(), column(), column(), column()]
  const real = new Uint8Array(most)
  let size = 0
  let next = 0
  for (let row = 0; row < time.length; row++) {
    const stamp = time[row]!
    const slot = slotOf(stamp)
    for (; next < wanted.length && wanted[next]! < slot && wanted[next]! < stamp; next++) {
      times[size] = wanted[next]!
      open[size] = high[size] = low[size] = close[size] = bars.close[row - 1]!
      size++
    }
    while (next < wanted.length && wanted[next]! <= slot) next++
    times[size] = stamp
    open[size] = bars.open[row]!
    high[size] = bars.high[row]!
    low[size] = bars.low[row]!
    close[size] = bars.close[row]!
    volume[size] = bars.volume[row]!
    real[size] = 1
    size++
  }
  const cut = (values: Float64Array) => values.slice(0, size)
  return {
    time: cut(times),
    open: cut(open),
    high: cut(high),
    low: cut(low),
    close: cut(close),
    volume: cut(volume),
    real: real.slice(0, size),
  }
}

/** Stamps that a calendar expects between the first and the last of some, in order. */
function expected(
  to: Interval,
  calendar: Calendar | undefined,
  stamped: 'open' | 'close',
  times: Float64Array,
): number[] {
  const first = times[0]!
  const last = times[times.length - 1]!
  const stamps: number[] = []
  const tooMany = () =>
    new RangeError(
      `Filling would make more than ${mostFilled.toLocaleString('en-US')} bars. Join the bars to longer ones, or say the hours in which the instrument trades.`,
    )
  const add = (stamp: number) => {
    if (stamps.push(stamp) > mostFilled) throw tooMany()
  }
  // Stamps that no session holds are looked at too, so a step far too small is told before it is tried.
  if (typeof to === 'number' && !(last + to > last && (last - first) / to <= 20 * mostFilled)) throw tooMany()
  if (typeof to === 'number' && to < DAY) {
    if (calendar?.hoursUnknown) {
      for (let row = 1; row < times.length; row++) {
        const from = times[row - 1]!
        const until = times[row]!
        if (Math.floor(from / DAY) === Math.floor(until / DAY))
          for (let stamp = from + to; stamp < until; stamp += to) add(stamp)
      }
    } else if (!calendar || (calendar.zone === 'UTC' && !calendar.bySession)) {
      for (let time = first; time <= last; time += to)
        if (!calendar || isTradingDay(calendar, Math.floor(time / DAY))) add(time)
    } else {
      const sessions = new Sessions(calendar, first, last)
      // The session of the day after may open on the evening.
      const end = Math.floor(last / DAY) + 2
      for (let day = Math.floor(first / DAY) - 1; day <= end; day++) {
        const [open = 0, close = 0] = sessions.of(day) ?? []
        for (let time = open; time < close; time += to) {
          const stamp =
            stamped === 'open' ? time : calendar.bySession ? Math.min(time + to, close) : time + to
          if (stamp >= first && stamp <= last) add(stamp)
        }
      }
    }
    return stamps
  }
  const start = Math.floor(first / DAY)
  const stop = Math.floor(last / DAY)
  if (to === 'day' || to === DAY) {
    for (let day = start; day <= stop; day++) if (!calendar || isTradingDay(calendar, day)) add(day * DAY)
  } else if (to === 'week' || typeof to === 'number') {
    const step = typeof to === 'number' ? to : 7 * DAY
    for (let time = first; time <= last; time += step) add(time)
  } else
    for (let { year, month } = dateOf(start); daysSince1970(year, month, 1) <= stop;) {
      add(daysSince1970(year, month, 1) * DAY)
      if (to === 'year') year++
      else if (month === 12) [year, month] = [year + 1, 1]
      else month++
    }
  return stamps
}

/**
 * For each time, the row of the last bar of another table that was complete by then; -1 where there was none. A bar is
 * complete one interval after it opened, or at its stamp if it is stamped when it closes. Both in microseconds.
 */
export function completedBy(
  times: Float64Array,
  bars: BarColumns,
  interval: number,
  stamped: 'open' | 'close' = 'open',
): Int32Array {
  const wait = stamped === 'open' ? interval : 0
  const rows = new Int32Array(times.length)
  let row = -1
  for (let i = 0; i < times.length; i++) {
    while (row + 1 < bars.time.length && bars.time[row + 1]! + wait <= times[i]!) row++
    rows[i] = row
  }
  return rows
}

/** Trades as columns: microseconds since 1970 UTC not falling, price, volume. */
export interface TradeColumns {
  readonly time: Float64Array
  readonly price: Float64Array
  readonly volume: Float64Array
}

/** When a bar made of trades is complete. */
export type BarRule =
  | { readonly by: 'time'; readonly interval: Interval }
  | { readonly by: 'ticks'; readonly count: number }
  | { readonly by: 'volume'; readonly volume: number }
  /** Price times volume. */
  | { readonly by: 'dollars'; readonly amount: number }

/**
 * Bars made of trades. Bars of time are stamped when they open. Others end with the trade that reaches the count and
 * are stamped by it; a bar whose end would fall on the same microsecond as the one before goes on to the next trade.
 * The last bar may not have reached its count. (M. López de Prado, Advances in Financial Machine Learning, 2.3.)
 *
 * @throws RangeError for a count that is not above zero
 */
export function barsFromTrades(trades: TradeColumns, rule: BarRule, calendar?: Calendar): BarColumns {
  const { time, price, volume } = trades
  const size = time.length
  const builder = new Builder(size)
  if (size === 0) return builder.columns()
  if (rule.by === 'time') {
    const slotOf = slots(rule.interval, calendar, 'open', time)
    for (let i = 0; i < size; i++)
      builder.add(slotOf(time[i]!), price[i]!, price[i]!, price[i]!, price[i]!, volume[i]!)
    return builder.columns()
  }
  const full = rule.by === 'ticks' ? rule.count : rule.by === 'volume' ? rule.volume : rule.amount
  if (!(full > 0)) throw new RangeError(`The bar's size is ${full}; expected a number above zero`)
  let done = 0
  let start = 0
  let stamp = -Infinity
  for (let i = 0; i < size; i++) {
    done += rule.by === 'ticks' ? 1 : rule.by === 'volume' ? volume[i]! : price[i]! * volume[i]!
    if (i + 1 < size && (done < full || time[i]! <= stamp)) continue
    stamp = Math.max(time[i]!, stamp)
    for (let k = start; k <= i; k++)
      builder.add(stamp, price[k]!, price[k]!, price[k]!, price[k]!, volume[k]!)
    start = i + 1
    done = 0
  }
  return builder.columns()
}
