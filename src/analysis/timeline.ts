import type { DataSet } from '#data'
import { type RunRecord, StepKind } from '#engine'
import { Instrument, Side } from '#market'
import { type Balance, Portfolio, type PortfolioView, type Position, Rates } from '#trading'
import { barTimes } from './bar-times.ts'
import { countUpTo } from './round-trips.ts'

/** One thing that happened in a run. */
export interface Moment {
  /** `bar` when one was read; otherwise what happened to an order. */
  readonly kind: 'bar' | 'order' | 'fill' | 'end' | 'change' | 'refusal'
  /** Row of the instrument's bars, or of the record's table of that kind; of `orders` for an end. */
  readonly row: number
  /** Index into the record's instruments; -1 for an order of one that the run does not have. */
  readonly instrument: number
  /** Row of the record's orders, -1 for a bar. */
  readonly order: number
  /** Microseconds UTC; NaN before the first bar. */
  readonly time: number
  /** Bars read so far, over all instruments. */
  readonly bars: number
}

/** An order that worked at a moment, with the terms that it had then. */
export interface WorkingOrder {
  readonly id: number
  readonly instrument: number
  readonly side: Side
  /** Index into `orderTypes`. */
  readonly type: number
  readonly volume: number
  readonly filled: number
  /** NaN where the type has none. */
  readonly price: number
  readonly stopPrice: number
}

/** The value of a drawn line at a moment. */
export interface PlotValue {
  readonly name: string
  readonly instrument: number
  /** NaN where the line has no value. */
  readonly value: number
}

/** How things stood right after a moment, before anything that came later. */
export interface Standing {
  readonly moment: Moment
  readonly account: PortfolioView
  /** Cash by currencies, the account's first; absent where all is in one. */
  readonly balances?: readonly Balance[]
  /** Microseconds UTC of the newest bar that was told by then, NaN before the first: of an open alone no bar is told yet. */
  readonly told: number
  /** Fraction that the account's equity lies below its highest value so far, 0 or below. The first peak is the starting cash. */
  readonly drawdown: number
  /** Of the instruments that had been traded. */
  readonly positions: readonly Position[]
  readonly working: readonly WorkingOrder[]
  readonly plots: readonly PlotValue[]
}

/** What to look for: anything that happened to an order, or a fraction below the highest account value so far. */
export type Search =
  | { readonly kind: Moment['kind'] }
  | { readonly kind: 'flat' }
  | { readonly kind: 'order-from'; readonly places: ReadonlySet<number> }
  /** Whatever happens to one order, by its row in the record's orders. */
  | { readonly kind: 'of-order'; readonly order: number }
  | { readonly kind: 'drawdown'; readonly below: number }
  | { readonly kind: 'time'; readonly at: number }

const kinds: Readonly<Record<StepKind, Moment['kind']>> = {
  [StepKind.ORDER]: 'order',
  [StepKind.FILL]: 'fill',
  [StepKind.END]: 'end',
  [StepKind.CHANGE]: 'change',
  [StepKind.REFUSAL]: 'refusal',
}

/**
 * A run that is over, or waits, as a row of moments, bars and what happened to orders, to be looked at one by one in either direction.
 * Everything is computed from the record: nothing runs again. A moment costs one pass over what happened to orders, so a
 * step back costs what a step on costs.
 */
export class Timeline {
  /** Number of moments. */
  readonly length: number
  readonly #record: RunRecord
  readonly #data: DataSet
  readonly #instruments: readonly Instrument[]
  /** Instrument and row of every bar in the order of reading. */
  readonly #barInstrument: Uint16Array
  readonly #barRow: Int32Array
  /** By instrument and row, when the run was told of its bars. */
  readonly #times: readonly Float64Array[]
  /** Highest value so far, per row of the equity curve. */
  readonly #peak: Float64Array

  /** @param data with the bars that the run made, where it made its own market */
  constructor(record: RunRecord, data: DataSet) {
    this.#record = record
    this.#data = data
    this.#instruments = record.instruments.map((spec) => new Instrument(spec))
    this.length = record.bars + record.steps.kind.length
    this.#times = barTimes(record, data)
    const { instrument, row } = readingOrder(this.#times, record.bars)
    this.#barInstrument = instrument
    this.#barRow = row
    this.#peak = peaksOf(record.equity.value, record.settings.cash)
  }

  /**
   * @param index 0 to `length - 1`
   * @throws RangeError for any other
   */
  moment(index: number): Moment {
    if (!Number.isInteger(index) || index < 0 || index >= this.length)
      throw new RangeError(`Moment ${index} of a run that has ${this.length}`)
    const bars = this.#barsAt(index)
    const step = index - bars
    const { steps, orders, fills, changes, refusals } = this.#record
    // The last bar that was read comes before all steps that count it.
    if (bars > 0 && index === this.#indexOfBar(bars)) {
      const instrument = this.#barInstrument[bars - 1]!
      const row = this.#barRow[bars - 1]!
      const time = this.#times[instrument]![row]!
      return { kind: 'bar', row, instrument, order: -1, time, bars }
    }
    const kind = kinds[steps.kind[step] as StepKind]
    const row = steps.row[step]!
    const order =
      kind === 'fill'
        ? fills.order[row]! - 1
        : kind === 'change'
          ? changes.order[row]! - 1
          : kind === 'refusal'
            ? refusals[row]!.order - 1
            : row
    const time =
      kind === 'order'
        ? orders.time[row]!
        : kind === 'fill'
          ? fills.time[row]!
          : kind === 'end'
            ? orders.ended[row]!
            : kind === 'refusal'
              ? refusals[row]!.time
              : this.#timeAfter(bars)
    return { kind, row, instrument: orders.instrument[order] ?? -1, order, time, bars }
  }

  /** How things stood right after a moment. */
  standing(index: number): Standing {
    const moment = this.moment(index)
    const { bars } = moment
    const steps = index + 1 - bars
    const { cash, money } = this.#record.settings
    const rates = Rates.of(this.#instruments, money)
    const portfolio = new Portfolio(this.#instruments, cash, rates)
    const traded = this.#replayFills(portfolio, steps, rates)
    for (let i = 0; i < this.#instruments.length; i++) {
      const row = this.rowAfter(i, bars)
      // A fill that came after the newest bar is the newest price.
      if (row >= 0 && this.rowAfter(i, traded.get(i) ?? -1) < row)
        portfolio.mark(i, this.#data.instruments[i]!.bars.close[row]!)
      // And a rate at which something was exchanged after it is the newest rate.
      if (rates && row > this.rowAfter(i, barsAtExchange(rates, i, traded)))
        rates.mark(i, this.#data.instruments[i]!.bars.close[row]!)
    }
    const balances = portfolio.balances()
    const account = portfolio.view()
    return {
      moment,
      told: this.#timeAfter(bars),
      account,
      ...(balances ? { balances } : {}),
      drawdown: fall(account.equity, Math.max(account.equity, this.#peakBefore(moment.time))),
      positions: [...traded.keys()].sort((a, b) => a - b).map((instrument) => portfolio.position(instrument)),
      working: this.#working(steps),
      plots: this.#plots(bars),
    }
  }

  /** The newest row of an instrument's bars after `bars` were read, -1 before its first. */
  rowAfter(instrument: number, bars: number): number {
    const time = this.#times[instrument]!
    if (bars <= 0) return -1
    const last = bars - 1
    const now = this.#times[this.#barInstrument[last]!]![this.#barRow[last]!]!
    const row = countUpTo(time, now) - 1
    // Of bars with one stamp those of later instruments have not been read.
    return row >= 0 && time[row] === now && instrument > this.#barInstrument[last]! ? row - 1 : row
  }

  /** The last moment with a time of at most `time`, microseconds; 0 when there is none. */
  at(time: number): number {
    let low = 0
    let high = this.length
    while (low < high) {
      const middle = (low + high) >> 1
      if (!(this.moment(middle).time > time)) low = middle + 1
      else high = middle
    }
    return Math.max(0, low - 1)
  }

  /**
   * The nearest moment before or after one at which something holds, or undefined.
   *
   * @param from not looked at itself
   * @param direction 1 later, -1 earlier
   */
  find(search: Search, from: number, direction: 1 | -1): number | undefined {
    if (search.kind === 'time') {
      const index = this.at(search.at)
      return (index - from) * direction > 0 ? index : undefined
    }
    if (search.kind === 'bar') return this.#findBar(from, direction)
    if (search.kind === 'drawdown') return this.#findDrawdown(search.below, from, direction)
    const { kind, row, bars } = this.#record.steps
    const flat = search.kind === 'flat' ? this.#flatFills() : undefined
    const wanted =
      search.kind === 'flat' || search.kind === 'order-from' || search.kind === 'of-order'
        ? undefined
        : (Number(
            Object.keys(kinds).find((step) => kinds[Number(step) as StepKind] === search.kind),
          ) as StepKind)
    // The first step after the moment, or the last one before it.
    let step = direction > 0 ? this.#stepsBefore(from + 1) : this.#stepsBefore(from) - 1
    for (; step >= 0 && step < kind.length; step += direction) {
      const found =
        wanted !== undefined
          ? kind[step] === wanted
          : flat
            ? kind[step] === StepKind.FILL && flat[row[step]!] === 1
            : search.kind === 'of-order'
              ? this.moment(step + bars[step]!).order === search.order
              : kind[step] === StepKind.ORDER && search.kind === 'order-from' && search.places.has(row[step]!)
      if (found) return step + bars[step]!
    }
    return undefined
  }

  /** Steps among the moments below `index`. */
  #stepsBefore(index: number): number {
    if (index <= 0) return 0
    return index >= this.length ? this.#record.steps.kind.length : index - this.#barsAt(index - 1)
  }

  /** Bars among the moments up to and with `index`. */
  #barsAt(index: number): number {
    let low = 0
    let high = this.#record.bars
    while (low < high) {
      const middle = (low + high + 1) >> 1
      if (this.#indexOfBar(middle) <= index) low = middle
      else high = middle - 1
    }
    return low
  }

  /** The moment at which the `number`th bar was read, from 1. */
  #indexOfBar(number: number): number {
    return lowerBound(this.#record.steps.bars, number) + number - 1
  }

  #timeAfter(bars: number): number {
    if (bars === 0) return NaN
    return this.#times[this.#barInstrument[bars - 1]!]![this.#barRow[bars - 1]!]!
  }

  /** Books the fills among the first steps. Gives the bars that had been read at the last fill of every instrument. */
  #replayFills(portfolio: Portfolio, steps: number, rates: Rates | undefined): Map<number, number> {
    const { kind, row, bars } = this.#record.steps
    const { instrument, side, volume, price, slippage, fee, rate } = this.#record.fills
    const traded = new Map<number, number>()
    for (let step = 0; step < steps; step++) {
      if (kind[step] !== StepKind.FILL) continue
      const fill = row[step]!
      traded.set(instrument[fill]!, bars[step]!)
      if (rates && rate) rates.set(rates.placeOf(instrument[fill]!), rate[fill]!)
      const market = price[fill]! - side[fill]! * slippage[fill]!
      portfolio.fill(instrument[fill]!, side[fill]! * volume[fill]!, price[fill]!, fee[fill]!, market)
    }
    return traded
  }

  /** Highest value of the account before a time: the row of that time itself has what is still to happen at it. */
  #peakBefore(time: number): number {
    const { equity, settings } = this.#record
    const row = countUpTo(equity.time, time) - 1
    const before = equity.time[row] === time ? row - 1 : row
    return this.#peak[before] ?? settings.cash
  }

  #drawdownIn(row: number): number {
    return fall(this.#record.equity.value[row]!, this.#peak[row]!)
  }

  #working(steps: number): WorkingOrder[] {
    const { kind, row } = this.#record.steps
    const { orders, fills, changes } = this.#record
    const working = new Map<number, { filled: number }>()
    for (let step = 0; step < steps; step++) {
      const at = row[step]!
      if (kind[step] === StepKind.ORDER) working.set(at, { filled: 0 })
      else if (kind[step] === StepKind.END) working.delete(at)
      else if (kind[step] === StepKind.FILL) {
        const order = working.get(fills.order[at]! - 1)
        if (order) order.filled += fills.volume[at]!
      }
    }
    // The first change that is still to come kept the terms that hold now.
    const terms = new Map<number, number>()
    if (working.size > 0)
      for (let step = steps; step < kind.length; step++) {
        if (kind[step] !== StepKind.CHANGE) continue
        const order = changes.order[row[step]!]! - 1
        if (working.has(order) && !terms.has(order)) terms.set(order, row[step]!)
      }
    const standing = [...working].map(([order, { filled }]) => {
      const change = terms.get(order)
      const [from, at] = change === undefined ? [orders, order] : [changes, change]
      return {
        id: order + 1,
        instrument: orders.instrument[order]!,
        side: orders.side[order]! > 0 ? Side.BUY : Side.SELL,
        type: orders.type[order]!,
        volume: from.volume[at]!,
        filled,
        price: from.price[at]!,
        stopPrice: from.stopPrice[at]!,
      }
    })
    // Its end follows in the same instant. Parts of a volume need not add up to its last digit.
    return standing.filter(({ filled, volume }) => !(filled > 0 && filled >= volume * (1 - 1e-9)))
  }

  #plots(bars: number): PlotValue[] {
    return this.#record.plots.map(({ name, instrument, values }) => {
      const row = this.rowAfter(instrument, bars)
      return { name, instrument, value: row < 0 ? NaN : values[row]! }
    })
  }

  #findBar(from: number, direction: 1 | -1): number | undefined {
    const bars = from < 0 ? 0 : this.#barsAt(Math.min(from, this.length - 1))
    const isBar = bars > 0 && this.#indexOfBar(bars) === from
    const number = direction > 0 ? bars + 1 : isBar ? bars - 1 : bars
    return number >= 1 && number <= this.#record.bars ? this.#indexOfBar(number) : undefined
  }

  /** The bar that completes a mark of the equity curve at which the account has just fallen so far. */
  #findDrawdown(below: number, from: number, direction: 1 | -1): number | undefined {
    const { time } = this.#record.equity
    const falls = (row: number) =>
      this.#drawdownIn(row) <= -below && !(row > 0 && this.#drawdownIn(row - 1) <= -below)
    const now = from < 0 ? -Infinity : this.moment(Math.min(from, this.length - 1)).time
    const start = countUpTo(time, Number.isNaN(now) ? -Infinity : now) - (direction > 0 ? 0 : 1)
    for (let row = start; row >= 0 && row < time.length; row += direction) {
      if (!falls(row)) continue
      const index = this.#barWith(time[row]!)
      if (index !== undefined && (index - from) * direction > 0) return index
    }
    return undefined
  }

  /** The last bar that was read with a stamp of at most `time`. */
  #barWith(time: number): number | undefined {
    let low = 0
    let high = this.#record.bars
    while (low < high) {
      const middle = (low + high + 1) >> 1
      if (this.#timeAfter(middle) <= time) low = middle
      else high = middle - 1
    }
    return low === 0 ? undefined : this.#indexOfBar(low)
  }

  /** 1 for every fill that left its instrument without a position. */
  #flatFills(): Uint8Array {
    const { instrument, side, volume } = this.#record.fills
    const portfolio = new Portfolio(this.#instruments, this.#record.settings.cash)
    return Uint8Array.from(instrument, (index, fill) => {
      portfolio.fill(index, side[fill]! * volume[fill]!, 1, 0)
      return Number(portfolio.size(index) === 0)
    })
  }
}

/** Bars that had been read when something was last exchanged at the rate of a pair; -1 where nothing was. */
function barsAtExchange(rates: Rates, pair: number, traded: ReadonlyMap<number, number>): number {
  let last = -1
  for (const [instrument, bars] of traded)
    if (rates.pairAt(rates.placeOf(instrument))?.instrument === pair) last = Math.max(last, bars)
  return last
}

/** Instrument and row of every bar in the order in which a run reads them: by the time at which it is told of them, then as the data set lists them. */
function readingOrder(
  times: readonly Float64Array[],
  bars: number,
): { instrument: Uint16Array; row: Int32Array } {
  const instrument = new Uint16Array(bars)
  const row = new Int32Array(bars)
  const next = new Int32Array(times.length)
  for (let bar = 0; bar < bars; bar++) {
    let earliest = 0
    let time = Infinity
    for (let i = 0; i < times.length; i++) {
      const own = times[i]![next[i]!]
      if (own === undefined || own >= time) continue
      earliest = i
      time = own
    }
    instrument[bar] = earliest
    row[bar] = next[earliest]!++
  }
  return { instrument, row }
}

const fall = (value: number, peak: number) => (peak > 0 ? value / peak - 1 : 0)

function peaksOf(values: Float64Array, cash: number): Float64Array {
  let peak = cash
  return values.map((value) => (peak = Math.max(peak, value)))
}

/** Number of values below `value` in a column that rises. */
function lowerBound(column: Int32Array, value: number): number {
  let low = 0
  let high = column.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (column[middle]! < value) low = middle + 1
    else high = middle
  }
  return low
}
