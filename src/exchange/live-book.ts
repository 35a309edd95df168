import type { BarColumns, Order } from '#market'
import type { BookRecord } from './book-record.ts'
import type { BookColumns } from './exchange.ts'

/** What one look at a book may hold. */
export const liveLimits = {
  /** Pictures of the book since the look before. */
  pictures: 240,
  /** Own orders in a picture: the newest. */
  own: 100,
  /** Trades since the look before: the newest. */
  trades: 200,
} as const

/** What an instrument's market showed since the last look at it. */
export interface LiveMarket {
  /** When each picture of the book was taken, microseconds UTC; none where nothing has happened since. */
  readonly time: Float64Array
  /** A row for every picture. */
  readonly book: BookColumns
  readonly trades: LiveTrades
  /** Row of the first of `bars`. */
  readonly from: number
  /** The bars that were completed since. */
  readonly bars: BarColumns
}

/** Columns of equal length, first come first. */
export interface LiveTrades {
  /** Microseconds UTC. */
  readonly time: Float64Array
  readonly price: Float64Array
  readonly volume: Float64Array
  /** Of the taker: 1 bought, -1 sold, 0 where the data do not tell. */
  readonly side: Int8Array
  /** 1 where an own order bought, -1 where one sold, 0 where none was part of it. */
  readonly own: Int8Array
}

/** The market that is looked at, as its exchange knows it. */
export interface LiveSource {
  /** Index of the instrument at its exchange. */
  readonly instrument: number
  /** Microseconds UTC. */
  readonly time: number
  /** Bars that are complete. */
  readonly rows: number
  readonly columns: BarColumns
  /** An empty record with room for so many pictures. */
  record(pictures: number): BookRecord
  /** Writes down what the book shows now. */
  keep(record: BookRecord, row: number): void
}

/**
 * Looks at one instrument's book while a run goes on: pictures at even distances of market time, the trades, and the bars
 * that are complete. It only reads, so nothing of the run depends on whether it is there.
 */
export class LiveBook {
  readonly #source: LiveSource
  readonly #every: number
  #record: BookRecord
  #times: number[] = []
  #newest = -Infinity
  #due = Infinity
  #trades: [time: number, price: number, volume: number, side: number, own: number][] = []
  #rows = 0

  /** @param every microseconds of market time between two pictures; Infinity takes one at every look only */
  constructor(source: LiveSource, every: number) {
    this.#source = source
    this.#every = every
    this.#record = this.#empty()
  }

  get instrument(): number {
    return this.#source.instrument
  }
  /** Market time from which on a picture is due, microseconds UTC. */
  get due(): number {
    return this.#due
  }
  /** Whether anything has happened since the last look. */
  get hasNews(): boolean {
    return this.#times.length > 0 || this.#source.time > this.#newest
  }

  /** Takes a picture, where there is room for it beside the one at the next look. */
  picture(): void {
    if (this.#times.length < liveLimits.pictures - 1) this.#keep()
    else this.#due = Infinity
  }

  trade(time: number, price: number, volume: number, side: number, own: number): void {
    this.#trades.push([time, price, volume, side, own])
    if (this.#trades.length > 2 * liveLimits.trades) this.#trades = this.#trades.slice(-liveLimits.trades)
  }

  /** What there was since the last look, with a picture of the book as it stands now. */
  take(): LiveMarket {
    const { time, rows, columns } = this.#source
    if (time > this.#newest) this.#keep()
    const { levels, bidPrice, bidVolume, askPrice, askVolume, ...own } = this.#record.columns()
    const end = this.#times.length * levels
    const trades = this.#trades.slice(-liveLimits.trades)
    const of = (place: 0 | 1 | 2) => Float64Array.from(trades, (trade) => trade[place])
    const from = this.#rows
    const since = (column: Float64Array) => column.slice(from, rows)
    const found = {
      time: Float64Array.from(this.#times),
      book: {
        levels,
        bidPrice: bidPrice.slice(0, end),
        bidVolume: bidVolume.slice(0, end),
        askPrice: askPrice.slice(0, end),
        askVolume: askVolume.slice(0, end),
        ...own,
      },
      trades: {
        time: of(0),
        price: of(1),
        volume: of(2),
        side: Int8Array.from(trades, (trade) => trade[3]),
        own: Int8Array.from(trades, (trade) => trade[4]),
      },
      from,
      bars: {
        time: since(columns.time),
        open: since(columns.open),
        high: since(columns.high),
        low: since(columns.low),
        close: since(columns.close),
        volume: since(columns.volume),
      },
    }
    this.#record = this.#empty()
    this.#times = []
    this.#trades = []
    this.#rows = rows
    this.#due = this.#newest + this.#every
    return found
  }

  #empty(): BookRecord {
    return this.#source.record(this.#every === Infinity ? 1 : liveLimits.pictures)
  }

  #keep(): void {
    const { time } = this.#source
    this.#source.keep(this.#record, this.#times.length)
    this.#times.push(time)
    this.#newest = time
    this.#due = time + this.#every
  }
}

/** The newest of our orders by their numbers. */
export function newest(own: ReadonlyMap<number, Order>, most: number): ReadonlyMap<number, Order> {
  return own.size > most ? new Map([...own].slice(-most)) : own
}
