import { OrderBook, type BookListener, type BookOrder } from '#book'
import { random } from '#market'

/** Operations as columns: 1 limit, 2 cancel, 3 market, 4 amend down to `quantity` open lots, 5 the order of `orders` at the place that `price` gives. */
export interface OrderFlow {
  readonly name: string
  readonly count: number
  readonly op: Int32Array
  readonly id: Int32Array
  readonly side: Int32Array
  readonly price: Int32Array
  readonly quantity: Int32Array
  readonly orders?: readonly BookOrder[]
}

/** Check sums of a workload, where known. */
export const knownSums: Record<string, Sums> = {
  w4k: {
    trades: 375331,
    volume: 18004705,
    notional: 2360333275201,
    tradeHash: 3611367265,
    live: 5566,
    levels: 121,
    bookHash: 1192934157,
  },
  w64k: {
    trades: 337376,
    volume: 15246024,
    notional: 1998347426504,
    tradeHash: 2637325769,
    live: 81177,
    levels: 118,
    bookHash: 2142479194,
  },
}

export interface Sums {
  trades: number
  volume: number
  notional: number
  tradeHash: number
  live: number
  levels: number
  bookHash: number
}

/** A workload as it is stored: a header of 8 words, then its columns. */
export function decodeFlow(name: string, words: Int32Array): OrderFlow {
  const count = words[2]!
  const column = (i: number) => words.slice(8 + i * count, 8 + (i + 1) * count)
  return {
    name,
    count,
    op: column(0),
    id: column(1),
    side: column(2),
    price: column(3),
    quantity: column(4),
  }
}

/** A seeded flow of the same kind: limits around a wandering middle, cancels, markets and reductions, about `live` orders at a time. */
export function seededFlow(name: string, count: number, live: number, seed: number, spread = 64): OrderFlow {
  const { integer, next } = random(seed)
  const flow: OrderFlow = {
    name,
    count,
    op: new Int32Array(count),
    id: new Int32Array(count),
    side: new Int32Array(count),
    price: new Int32Array(count),
    quantity: new Int32Array(count),
  }
  let id = 0
  let middle = 100_000
  const given: number[] = []
  for (let i = 0; i < count; i++) {
    if (integer() % 1000 === 0) middle += (integer() % 3) - 1
    const draw = next()
    const side = integer() & 1
    const target = given.length > live ? 0.55 : 0.75
    if (draw < target || given.length === 0) {
      flow.op[i] = 1
      flow.id[i] = id
      given.push(id++)
      const away = Math.floor(next() * next() * spread) - 1
      flow.price[i] = side === 0 ? middle - away : middle + away
    } else if (draw < 0.93) {
      const at = integer() % given.length
      flow.op[i] = 2
      flow.id[i] = given[at]!
      given[at] = given[given.length - 1]!
      given.pop()
    } else if (draw < 0.98) {
      flow.op[i] = 3
      flow.id[i] = id++
    } else {
      flow.op[i] = 4
      flow.id[i] = given[integer() % given.length]!
    }
    flow.side[i] = side
    flow.quantity[i] = 1 + (integer() % 100)
  }
  return flow
}

/** Runs a flow through a book. */
export function run(book: OrderBook, flow: OrderFlow): void {
  const { op, id, side, price, quantity, count } = flow
  for (let i = 0; i < count; i++)
    switch (op[i]) {
      case 1:
        book.limit(id[i]!, side[i]!, price[i]!, quantity[i]!)
        break
      case 2:
        book.cancel(id[i]!)
        break
      case 3:
        book.market(id[i]!, side[i]!, quantity[i]!)
        break
      case 5:
        book.add(flow.orders![price[i]!]!)
        break
      default: {
        const open = book.open(id[i]!)
        if (quantity[i]! < open) book.reduce(id[i]!, open - quantity[i]!)
      }
    }
}

const mix = (hash: number, word: number) => Math.imul(hash ^ word, 0x01000193)

/** A listener that takes note of every event, so that none can be optimised away; `trades` and `hash` as the check sums want them. */
export class Notes implements BookListener {
  trades = 0
  volume = 0
  notional = 0
  hash = 0x811c9dc5 | 0
  events = 0
  other = 0
  open(sequence: number, id: number, side: number, price: number, quantity: number): void {
    this.events++
    this.other = (this.other + id + side + price + quantity) | 0
  }
  trade(_: number, maker: number, taker: number, __: number, price: number, quantity: number): void {
    this.events++
    this.trades++
    this.volume += quantity
    this.notional += price * quantity
    this.hash = mix(mix(mix(mix(this.hash, maker), taker), price), quantity)
  }
  fill(_: number, id: number): void {
    this.events++
    this.other = (this.other + id) | 0
  }
  change(_: number, id: number, reason: number, price: number, quantity: number): void {
    this.events++
    this.other = (this.other + id + reason + price + quantity) | 0
  }
  cancel(_: number, id: number, reason: number, quantity: number): void {
    this.events++
    this.other = (this.other + id + reason + quantity) | 0
  }
  reject(_: number, request: number, id: number, code: number): void {
    this.events++
    this.other = (this.other + id + code + request) | 0
  }
  trigger(_: number, id: number, stopPrice: number): void {
    this.events++
    this.other = (this.other + id + stopPrice) | 0
  }
  phase(): void {
    this.events++
  }
}

/** The check sums of a flow run through a fresh book. */
export function sums(flow: OrderFlow): Sums {
  const notes = new Notes()
  const book = new OrderBook({ listener: notes })
  run(book, flow)
  const { bids, asks } = book.levels()
  let hash = 0x811c9dc5 | 0
  for (const { price, quantity } of [...bids, ...asks]) hash = mix(mix(hash, price), quantity)
  return {
    trades: notes.trades,
    volume: notes.volume,
    notional: notes.notional,
    tradeHash: notes.hash >>> 0,
    live: book.size,
    levels: bids.length + asks.length,
    bookHash: hash >>> 0,
  }
}
