import type { Report, TradeColumns } from '#analysis'
import type { RunRecord } from '#engine'
import { bounds, type ClaimedFigures, type ClaimedTrade, type Claims } from './shared.ts'

/** Marks that a link has room for. */
const mostMarks = 16

/** What a run is claimed to have come to: its headline figures, its digest, and marks of its trades. */
export function claimsOf(record: RunRecord, report: Report): Claims {
  const { trades } = report
  return {
    engine: record.engine,
    digest: record.digest,
    bars: record.bars,
    figures: figuresOf(report),
    marks: marksOf(trades),
    trades: Array.from({ length: Math.min(trades.side.length, bounds.trades) }, (_, row) =>
      tradeAt(trades, row),
    ),
  }
}

/** The headline figures of a run, rounded to seven digits. */
export function figuresOf({ account, all }: Report): ClaimedFigures {
  return {
    totalReturn: rounded(account.totalReturn),
    buyAndHoldReturn: rounded(account.buyAndHoldReturn),
    sharpe: rounded(account.sharpe),
    maxDrawdown: rounded(account.maxDrawdown),
    trades: all.trades + all.openTrades,
    costs: rounded(account.fees + account.slippage),
  }
}

const rounded = (value: number) => Number(value.toPrecision(7))

function tradeAt(trades: TradeColumns, row: number): ClaimedTrade {
  return {
    instrument: trades.instrument[row]!,
    side: trades.side[row]!,
    size: trades.size[row]!,
    entryTime: trades.entryTime[row]!,
    exitTime: trades.exitTime[row]!,
    entryPrice: trades.entryPrice[row]!,
    exitPrice: trades.exitPrice[row]!,
  }
}

/**
 * Marks of the trades: up to 16, each of two hexadecimal digits over all trades from the first to its own, so that the
 * first mark that differs tells between which trades two runs part. One in 256 differing marks is the same by chance;
 * the next then tells.
 */
export function marksOf(trades: TradeColumns): string {
  const count = trades.side.length
  return markedAt(trades, placesOf(count))
    .map((mark) => mark.toString(16).padStart(2, '0'))
    .join('')
}

/** After how many trades each mark stands. */
function placesOf(count: number): number[] {
  const marks = Math.min(count, mostMarks)
  return Array.from({ length: marks }, (_, at) => Math.ceil(((at + 1) * count) / marks))
}

/** FNV-1a over what a trade is, prices and sizes to seven digits. */
function markedAt(trades: TradeColumns, places: readonly number[]): number[] {
  const { instrument, side, size, entryTime, exitTime, entryPrice, exitPrice } = trades
  const short = new Float32Array(3)
  const long = new Float64Array(2)
  const words = [new Uint32Array(short.buffer), new Uint32Array(long.buffer)]
  const marks: number[] = []
  let hash = 0x811c9dc5
  let row = 0
  for (const place of places) {
    for (; row < Math.min(place, side.length); row++) {
      short.set([size[row]!, entryPrice[row]!, exitPrice[row]!])
      long.set([entryTime[row]!, exitTime[row]!])
      hash = Math.imul(hash ^ (instrument[row]! * 3 + side[row]!), 0x01000193)
      for (const part of words) for (const word of part) hash = Math.imul(hash ^ word, 0x01000193)
    }
    // The high bits of the product are the well mixed ones.
    marks.push(place <= side.length ? (hash >>> 24) ^ ((hash >>> 16) & 0xff) : NaN)
  }
  return marks
}

/** Trades, counted from 1, among which is the first that differs. */
export interface Parting {
  readonly from: number
  readonly to: number
}

/** Where a run's trades part from the claimed ones, as far as the claims tell; undefined where they are the same. */
export function partingOf(
  { figures, marks, trades: claimed }: Claims,
  trades: TradeColumns,
): Parting | undefined {
  const count = trades.side.length
  if (claimed) {
    const both = Math.min(claimed.length, count)
    for (let row = 0; row < both; row++)
      if (!sameTrade(claimed[row]!, tradeAt(trades, row))) return { from: row + 1, to: row + 1 }
    if (claimed.length === figures.trades || both < claimed.length)
      return claimed.length === count ? undefined : { from: both + 1, to: both + 1 }
  }
  const places = placesOf(figures.trades)
  const own = markedAt(trades, places)
  const at = places.findIndex((_, at) => parseInt(marks.slice(2 * at, 2 * at + 2), 16) !== own[at])
  if (at >= 0) return { from: (places[at - 1] ?? 0) + 1, to: places[at]! }
  return count > figures.trades ? { from: figures.trades + 1, to: figures.trades + 1 } : undefined
}

const sameTrade = (a: ClaimedTrade, b: ClaimedTrade) =>
  (Object.keys(a) as (keyof ClaimedTrade)[]).every((key) => Object.is(a[key], b[key]))
