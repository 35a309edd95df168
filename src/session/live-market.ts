import { type LiveMarket, liveLimits } from '#exchange'
import type { InstrumentSpec } from '#market'
import {
  allFinite,
  allMoments,
  check,
  type Column,
  column,
  rising,
  whole,
  within,
  type Fields,
} from './check.ts'
import { limits } from './limits.ts'

/** What a book showed while its run goes on, as it is told to whoever asked. */
export interface LiveLook extends LiveMarket {
  /** Index of the instrument in the run. */
  readonly instrument: number
  readonly spec: InstrumentSpec
}

const bookNames = ['bidPrice', 'bidVolume', 'askPrice', 'askVolume'] as const
const ownNames = ['ownPrice', 'ownVolume', 'ownAhead', 'ownShown'] as const
const tradeNames = ['time', 'price', 'volume'] as const
const barNames = ['time', 'open', 'high', 'low', 'close', 'volume'] as const

/** The head of a look; its columns are added to `columns`. */
export function packLive({ instrument, spec, time, book, trades, from, bars }: LiveLook, columns: Column[]) {
  columns.push(
    time,
    ...bookNames.map((name) => book[name]),
    book.ownRow,
    book.ownOrder,
    book.ownSide,
    ...ownNames.map((name) => book[name]),
    ...tradeNames.map((name) => trades[name]),
    trades.side,
    trades.own,
    ...barNames.map((name) => bars[name]),
  )
  return { instrument, spec, levels: book.levels, from }
}

/**
 * Reads a look that is not to be believed.
 *
 * @param instruments of the run
 * @param rows most bars of one of them
 */
export function readLive(
  fields: Fields,
  columns: readonly unknown[],
  instruments: number,
  rows: number,
): Omit<LiveLook, 'spec'> {
  const { pictures, own, trades: mostTrades } = liveLimits
  const instrument = whole(fields, 'instrument', instruments - 1)
  const levels = whole(fields, 'levels', limits.levels)
  const from = whole(fields, 'from', rows)
  let next = 0
  const doubles = <Name extends string>(names: readonly Name[], most: number, length?: number) => {
    const read = names.map((name) => [name, column(columns, next++, Float64Array, most)] as const)
    for (const [, values] of read)
      check(
        values.length === (length ?? read[0]![1].length),
        `${length ?? read[0]![1].length} values`,
        values.length,
      )
    return Object.fromEntries(read) as Record<Name, Float64Array>
  }
  const { time } = doubles(['time'], pictures)
  const shown = doubles(bookNames, pictures * levels, time.length * levels)
  // A hidden order counts beside those that are shown.
  const most = 2 * own * pictures
  const ownRow = column(columns, next++, Int32Array, most)
  const ownOrder = column(columns, next++, Int32Array, most)
  const ownSide = column(columns, next++, Int8Array, most)
  const orders = doubles(ownNames, most, ownRow.length)
  check(
    ownOrder.length === ownRow.length && ownSide.length === ownRow.length,
    `${ownRow.length} own orders`,
    ownOrder.length,
  )
  const told = doubles(tradeNames, mostTrades)
  const side = column(columns, next++, Int8Array, mostTrades)
  const ours = column(columns, next++, Int8Array, mostTrades)
  check(
    side.length === told.time.length && ours.length === side.length,
    `${told.time.length} trades`,
    side.length,
  )
  const bars = doubles(barNames, rows - from)
  check(next === columns.length, `${next} columns`, columns.length)
  for (const times of [time, told.time, bars.time]) {
    allMoments('live', times)
    rising('live', times, times === bars.time)
  }
  for (const values of Object.values(shown))
    for (const value of values) check(Math.abs(value) !== Infinity, 'finite prices and volumes', value)
  within('own order', ownRow, 0, time.length)
  rising('own order', ownRow, false)
  within('own order', ownOrder, 1, limits.orders + 1)
  within('own order', ownSide, -1, 2)
  for (const values of [...Object.values(orders), told.price, told.volume, ...Object.values(bars)])
    allFinite('live', values)
  within('trade', side, -1, 2)
  within('trade', ours, -1, 2)
  return {
    instrument,
    time,
    book: { levels, ...shown, ownRow, ownOrder, ownSide, ...orders },
    trades: { ...told, side, own: ours },
    from,
    bars,
  }
}
