import type { DataSet, InstrumentData } from '#data'
import type { RunRecord } from '#engine'
import { barTimes } from './bar-times.ts'
import { Conversion } from './conversion.ts'
import type { TradeColumns } from './report.ts'

/** When in its bar a fill happened, told from the name of its rule. */
const Moment = { OPEN: 0, INSIDE: 1, CLOSE: 2 } as const
type Moment = (typeof Moment)[keyof typeof Moment]

/**
 * Pairs fills into round trips, first in first out, per instrument: a fill against the position closes the oldest
 * volume first and what is left of it opens the other way. Fees are shared by volume. What one order entered at one time
 * and one order left at one time is one trade at the average prices, however many fills each had. Rows come in the order of their
 * exits; trades that are still open follow in the order of their entries, marked at the last close that the run has read.
 *
 * `worst` and `best` look at the highs and lows of the bars from entry to exit and at the exit price. A fill at the
 * close leaves its own bar out at entry and counts it at exit; at the open it is the other way round. After an entry
 * inside a bar the whole bar counts, though part of it came before: both may be too large by that bar. Before an exit
 * inside a bar only the exit price counts: both may be too small.
 *
 * In an account of another currency a profit is the proceeds at the rate of the exit less the cost at the rate of the
 * entry, or where nothing is exchanged the profit at the rate of the exit; fees are at the rates of their fills, with what
 * exchanging cost. The highs and lows on the way are taken at the rate of the exit: what the rate did on the way is not
 * looked at.
 */
export function roundTrips(record: RunRecord, data: DataSet): TradeColumns {
  const { fills } = record
  const conversion = new Conversion(record)
  const sources = record.instruments.map(({ name }) => instrumentOf(data, name))
  const moments = record.rules.map((rule): Moment =>
    rule.endsWith('open') ? Moment.OPEN : rule.endsWith('close') ? Moment.CLOSE : Moment.INSIDE,
  )
  // Every row ends a lot or a fill, so there are at most two for each fill.
  const rows = new Rows(fills.time.length * 2, fills.rate !== undefined)
  const remaining = Float64Array.from(fills.volume)
  const queues = sources.map((): Queue => ({ lots: [], first: 0 }))
  const extremes = sources.map(({ bars }) => new Extremes(bars.low, bars.high))
  // A run that waits or has failed has not seen the rest of its data.
  const until = record.equity.time.at(-1) ?? -Infinity
  const times = barTimes(record, data)
  const lasts = sources.map((source) => countUpTo(times[data.instruments.indexOf(source)]!, until) - 1)

  const add = (entry: number, exit: number, size: number) => {
    const k = fills.instrument[entry]!
    const { bars } = sources[k]!
    const multiplier = record.instruments[k]!.multiplier ?? 1
    const open = exit < 0
    const last = open ? Math.max(lasts[k]!, fills.bar[entry]!) : -1
    const side = fills.side[entry]!
    const entryPrice = fills.price[entry]!
    const exitPrice = open ? bars.close[last]! : fills.price[exit]!
    const entryBar = fills.bar[entry]!
    const exitBar = open ? last : fills.bar[exit]!
    const fees =
      (conversion.feeOf(entry) * size) / fills.volume[entry]! +
      (open ? 0 : (conversion.feeOf(exit) * size) / fills.volume[exit]!)
    const entryRate = conversion.rateOf(entry)
    const exitRate = open ? conversion.lastRate(k) : conversion.rateOf(exit)
    const costRate = conversion.exchanges ? entryRate : exitRate
    const cost = entryPrice * costRate
    const pnl = side * (exitPrice * exitRate - cost) * size * multiplier - fees
    const from = moments[fills.rule[entry]!] === Moment.CLOSE ? entryBar + 1 : entryBar
    const to = open || moments[fills.rule[exit]!] === Moment.CLOSE ? exitBar + 1 : exitBar
    extremes[k]!.within(from, to)
    const low = Math.min(extremes[k]!.lowest, exitPrice)
    const high = Math.max(extremes[k]!.highest, exitPrice)
    const against = side > 0 ? low * exitRate - cost : cost - high * exitRate
    const inFavour = side > 0 ? high * exitRate - cost : cost - low * exitRate

    const exitTime = open ? NaN : fills.time[exit]!
    const entryOrder = fills.order[entry]!
    const exitOrder = open ? 0 : fills.order[exit]!
    const worst = Math.min(0, against) * size * multiplier
    const best = Math.max(0, inFavour) * size * multiplier
    const before = rows.length - 1
    // An order that met several others on a book has as many fills at once.
    if (
      before >= 0 &&
      rows.instrument[before] === k &&
      rows.entryOrder[before] === entryOrder &&
      rows.exitOrder[before] === exitOrder &&
      rows.entryTime[before] === fills.time[entry] &&
      (open || rows.exitTime[before] === exitTime)
    ) {
      const whole = rows.size[before]! + size
      const share = size / whole
      rows.size[before] = whole
      rows.entryPrice[before]! += (entryPrice - rows.entryPrice[before]!) * share
      rows.exitPrice[before]! += (exitPrice - rows.exitPrice[before]!) * share
      rows.pnl[before]! += pnl
      rows.fees[before]! += fees
      rows.worst[before]! += worst
      rows.best[before]! += best
      rows.return[before] = rows.pnl[before]! / (rows.entryPrice[before]! * whole * multiplier * costRate)
      return
    }

    const row = rows.length++
    rows.instrument[row] = k
    rows.side[row] = side
    rows.size[row] = size
    rows.entryTime[row] = fills.time[entry]!
    rows.exitTime[row] = exitTime
    rows.entryPrice[row] = entryPrice
    rows.exitPrice[row] = exitPrice
    rows.pnl[row] = pnl
    rows.fees[row] = fees
    rows.return[row] = pnl / (entryPrice * size * multiplier * costRate)
    if (rows.entryRate) rows.entryRate[row] = entryRate
    if (rows.exitRate) rows.exitRate[row] = exitRate
    rows.entryBar[row] = entryBar
    rows.exitBar[row] = exitBar
    rows.entryOrder[row] = entryOrder
    rows.exitOrder[row] = exitOrder
    rows.worst[row] = worst
    rows.best[row] = best
  }

  for (let fill = 0; fill < fills.time.length; fill++) {
    const k = fills.instrument[fill]!
    const queue = queues[k]!
    // Less than half a lot is the rounding of sums of lots.
    const dust = (record.instruments[k]!.lotSize ?? 1e-8) / 2
    while (remaining[fill]! > dust && queue.first < queue.lots.length) {
      const lot = queue.lots[queue.first]!
      if (fills.side[lot] === fills.side[fill]) break
      const size = remaining[lot]! - remaining[fill]! > dust ? remaining[fill]! : remaining[lot]!
      add(lot, fill, size)
      remaining[fill]! -= size
      remaining[lot]! -= size
      if (remaining[lot]! <= dust) queue.first++
    }
    if (remaining[fill]! > dust) queue.lots.push(fill)
  }
  const left = queues.flatMap(({ lots, first }) => lots.slice(first)).sort((a, b) => a - b)
  for (const lot of left) add(lot, -1, remaining[lot]!)
  return rows.columns()
}

/** Fills of one instrument that still have open volume, from `first` on; all are on the same side. */
interface Queue {
  readonly lots: number[]
  first: number
}

/**
 * The bars and facts of an instrument by its name.
 *
 * @throws RangeError when the data set has no such instrument
 */
export function instrumentOf(data: DataSet, name: string): InstrumentData {
  const found = data.instruments.find(({ instrument }) => instrument.name === name)
  if (!found)
    throw new RangeError(
      `The run traded ${name}, which data set '${data.id}' does not have; give the report the data of the run`,
    )
  return found
}

/** Number of times up to and with `time` in a column that rises. */
export function countUpTo(times: Float64Array, time: number): number {
  let low = 0
  let high = times.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (times[middle]! <= time) low = middle + 1
    else high = middle
  }
  return low
}

/** Trade columns being filled. */
class Rows {
  length = 0
  readonly instrument: Int32Array
  readonly side: Int8Array
  readonly size: Float64Array
  readonly entryTime: Float64Array
  readonly exitTime: Float64Array
  readonly entryPrice: Float64Array
  readonly exitPrice: Float64Array
  readonly pnl: Float64Array
  readonly fees: Float64Array
  readonly return: Float64Array
  readonly entryBar: Int32Array
  readonly exitBar: Int32Array
  readonly entryOrder: Int32Array
  readonly exitOrder: Int32Array
  readonly worst: Float64Array
  readonly best: Float64Array
  readonly entryRate: Float64Array | undefined
  readonly exitRate: Float64Array | undefined

  constructor(capacity: number, converts: boolean) {
    this.instrument = new Int32Array(capacity)
    this.side = new Int8Array(capacity)
    this.size = new Float64Array(capacity)
    this.entryTime = new Float64Array(capacity)
    this.exitTime = new Float64Array(capacity)
    this.entryPrice = new Float64Array(capacity)
    this.exitPrice = new Float64Array(capacity)
    this.pnl = new Float64Array(capacity)
    this.fees = new Float64Array(capacity)
    this.return = new Float64Array(capacity)
    this.entryBar = new Int32Array(capacity)
    this.exitBar = new Int32Array(capacity)
    this.entryOrder = new Int32Array(capacity)
    this.exitOrder = new Int32Array(capacity)
    this.worst = new Float64Array(capacity)
    this.best = new Float64Array(capacity)
    this.entryRate = converts ? new Float64Array(capacity) : undefined
    this.exitRate = converts ? new Float64Array(capacity) : undefined
  }

  columns(): TradeColumns {
    const n = this.length
    return {
      instrument: this.instrument.slice(0, n),
      side: this.side.slice(0, n),
      size: this.size.slice(0, n),
      entryTime: this.entryTime.slice(0, n),
      exitTime: this.exitTime.slice(0, n),
      entryPrice: this.entryPrice.slice(0, n),
      exitPrice: this.exitPrice.slice(0, n),
      pnl: this.pnl.slice(0, n),
      fees: this.fees.slice(0, n),
      return: this.return.slice(0, n),
      entryBar: this.entryBar.slice(0, n),
      exitBar: this.exitBar.slice(0, n),
      entryOrder: this.entryOrder.slice(0, n),
      exitOrder: this.exitOrder.slice(0, n),
      worst: this.worst.slice(0, n),
      best: this.best.slice(0, n),
      ...(this.entryRate && this.exitRate
        ? { entryRate: this.entryRate.slice(0, n), exitRate: this.exitRate.slice(0, n) }
        : {}),
    }
  }
}

/**
 * Lowest low and highest high of any stretch of bars. Blocks of 64 bars, and of 64 blocks, are known beforehand, so
 * that many long stretches that overlap stay cheap.
 */
class Extremes {
  /** Of the last stretch asked for; Infinity and -Infinity when it had no bars. */
  lowest = Infinity
  highest = -Infinity
  readonly #lows: Float64Array[] = []
  readonly #highs: Float64Array[] = []

  constructor(lows: Float64Array, highs: Float64Array) {
    this.#lows.push(lows)
    this.#highs.push(highs)
  }

  /** Looks at the bars from one row up to, not including, another. */
  within(from: number, to: number): void {
    this.lowest = Infinity
    this.highest = -Infinity
    if (to - from > 128 && this.#lows.length === 1) this.#build()
    this.#scan(from, to, 0)
  }

  #build(): void {
    for (let level = 0; level < 2; level++) {
      const blocks = Math.floor(this.#lows[level]!.length / 64)
      const lows = new Float64Array(blocks)
      const highs = new Float64Array(blocks)
      for (let block = 0; block < blocks; block++) {
        let low = Infinity
        let high = -Infinity
        for (let i = block * 64; i < block * 64 + 64; i++) {
          low = Math.min(low, this.#lows[level]![i]!)
          high = Math.max(high, this.#highs[level]![i]!)
        }
        lows[block] = low
        highs[block] = high
      }
      this.#lows.push(lows)
      this.#highs.push(highs)
    }
  }

  #scan(from: number, to: number, level: number): void {
    const lows = this.#lows[level]!
    const highs = this.#highs[level]!
    const firstBlock = Math.ceil(from / 64)
    const lastBlock = Math.floor(to / 64)
    const upper = level + 1 < this.#lows.length && lastBlock > firstBlock
    const headEnd = upper ? firstBlock * 64 : to
    for (let i = from; i < headEnd; i++) {
      if (lows[i]! < this.lowest) this.lowest = lows[i]!
      if (highs[i]! > this.highest) this.highest = highs[i]!
    }
    if (!upper) return
    this.#scan(firstBlock, lastBlock, level + 1)
    for (let i = lastBlock * 64; i < to; i++) {
      if (lows[i]! < this.lowest) this.lowest = lows[i]!
      if (highs[i]! > this.highest) this.highest = highs[i]!
    }
  }
}
