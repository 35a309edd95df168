import type { BarColumns } from '#market'
import type { LiveLook } from '#session'

/** A trade that was looked at. */
export interface Glimpsed {
  /** Microseconds UTC. */
  readonly time: number
  readonly price: number
  readonly volume: number
  /** Of the taker; 0 where it is not known. */
  readonly side: number
  /** 1 where the strategy bought, -1 where it sold, 0 where it was not part of it. */
  readonly own: number
}

/** The middle of the book and the trades up to a moment, to be drawn. */
export interface Course {
  /** Microseconds UTC and the price in the middle, NaN where a side was empty. */
  readonly mid: readonly (readonly [time: number, price: number])[]
  readonly trades: readonly Glimpsed[]
}

/** Points of the middle, and trades, that are kept: more than any screen shows. */
const most = 2000

type Prices = Pick<BarColumns, 'time' | 'open' | 'high' | 'low' | 'close' | 'volume'>

/** All that was looked at of one run: the middle of its book, its trades and its bars, growing. */
export class Glimpses {
  #mid: (readonly [time: number, price: number])[] = []
  #trades: Glimpsed[] = []
  #bars: Prices[] = []
  #rows = 0

  add({ time, book, trades, from, bars }: LiveLook) {
    const newest = this.#mid.at(-1)?.[0] ?? -Infinity
    const { levels, bidPrice, askPrice } = book
    time.forEach((at, row) => {
      if (at > newest) this.#mid.push([at, (bidPrice[row * levels]! + askPrice[row * levels]!) / 2])
    })
    trades.time.forEach((at, i) => {
      const [price, volume] = [trades.price[i]!, trades.volume[i]!]
      this.#trades.push({ time: at, price, volume, side: trades.side[i]!, own: trades.own[i]! })
    })
    // Halved along all of its length, so that the beginning stays in sight.
    while (this.#mid.length > most) this.#mid = this.#mid.filter((_, i) => i % 2 === 0)
    while (this.#trades.length > most) {
      const others = this.#trades.filter(({ own }) => own === 0)
      const dropped = new Set(others.length > most / 4 ? others : this.#trades)
      let count = 0
      this.#trades = this.#trades.filter((trade) => !dropped.has(trade) || count++ % 2 === 0)
    }
    // Whoever looks anew is told all bars again.
    if (from === 0) {
      this.#bars = []
      this.#rows = 0
    }
    if (from !== this.#rows) return
    if (bars.time.length > 0) this.#bars.push(bars)
    this.#rows += bars.time.length
  }

  /** The middle and the trades up to a time, microseconds UTC. */
  until(time: number): Course {
    const before = (at: number) => at <= time
    return {
      mid: this.#mid.filter(([at]) => before(at)),
      trades: this.#trades.filter((trade) => before(trade.time)),
    }
  }

  /** The bars that end no later than a time, microseconds UTC. */
  bars(time: number): Prices {
    if (this.#bars.length > 1) this.#bars = [joined(this.#bars)]
    const [all = joined([])] = this.#bars
    const end = all.time.findLastIndex((at) => at <= time) + 1
    return columns((name) => all[name].slice(0, end))
  }
}

const columns = (of: (name: keyof Prices) => Float64Array): Prices => ({
  time: of('time'),
  open: of('open'),
  high: of('high'),
  low: of('low'),
  close: of('close'),
  volume: of('volume'),
})

function joined(parts: readonly Prices[]): Prices {
  const length = parts.reduce((sum, { time }) => sum + time.length, 0)
  return columns((name) => {
    const whole = new Float64Array(length)
    let at = 0
    for (const part of parts) {
      whole.set(part[name], at)
      at += part[name].length
    }
    return whole
  })
}
