import { OrderBook } from '#book'
import { OrderBook as Yardstick, Side as YardstickSide } from 'nodejs-order-book'
import { decodeFlow, knownSums, Notes, type OrderFlow, run, seededFlow, sums } from './order-flow.ts'

/** How often each case runs; the first rounds warm up and do not count. */
const rounds = 13
const warmUp = 4

/** Stored workloads, as far as they are there. */
export interface Workloads {
  readonly w4k?: Int32Array
  readonly w64k?: Int32Array
}

/** What a figure is taken with: a running count of milliseconds, and the bytes of the heap in use. */
export interface Machine {
  milliseconds(): number
  heapUsed(): number
}

/**
 * Measures the book on the million operations of each workload, once the check sums are right, and says so line by line. The cases take
 * turns, so that what else the machine does falls on all of them alike; each gives the median of its rounds.
 */
export function bookFigures(workloads: Workloads, machine: Machine): string[] {
  const w4k = workload('w4k', workloads.w4k, 4_000)
  const w64k = workload('w64k', workloads.w64k, 64_000)
  const timed = (work: () => void) => {
    const start = machine.milliseconds()
    work()
    return machine.milliseconds() - start
  }
  const lines = [`check sums: ${w4k.told}, ${w64k.told}`]
  const scattered = [100_003, 1_000_003].map((distance) => spread(w4k.flow, distance))
  for (const flow of scattered) {
    const [near, far] = [sums(w4k.flow), sums(flow)]
    if (near.trades !== far.trades || near.volume !== far.volume || near.levels !== far.levels)
      throw new Error(`${flow.name} trades otherwise: ${JSON.stringify(far)}`)
  }
  const heard = () => new OrderBook({ listener: new Notes() })
  const cases: [name: string, flow: OrderFlow, book: () => OrderBook][] = [
    ['w4k, every event heard', w4k.flow, heard],
    ['w4k, trades heard', w4k.flow, () => new OrderBook({ listener: new Notes(), events: 'tape' })],
    ['w4k, nothing heard', w4k.flow, () => new OrderBook()],
    ['w4k, 5,000 orders of other types in play', w4k.flow, populated],
    ['w64k, every event heard', w64k.flow, heard],
    ...scattered.map((flow): (typeof cases)[number] => [flow.name, flow, heard]),
  ]
  const times = cases.map((): number[] => [])
  for (let round = 0; round < rounds; round++)
    cases.forEach(([, flow, make], i) => {
      const book = make()
      const time = timed(() => run(book, flow))
      if (round >= warmUp) times[i]!.push(time)
    })
  const medians = times.map((all) => all.sort((a, b) => a - b)[all.length >> 1]!)
  const yardstick = timed(() => runYardstick(w4k.flow))
  const base = medians[0]!
  cases.forEach(([name, flow], i) => {
    const rate = (flow.count / medians[i]! / 1000).toFixed(1)
    const ratio = i === 0 ? '' : `, ${(medians[i]! / base).toFixed(2)} times the time of the first`
    const best = times[i]![0]!.toFixed(1)
    lines.push(`${name}: ${medians[i]!.toFixed(1)} ms (best ${best}), ${rate} million operations/s${ratio}`)
  })
  const rate = (w4k.flow.count / yardstick / 1000).toFixed(3)
  lines.push(
    `w4k on nodejs-order-book, nothing heard: ${yardstick.toFixed(0)} ms, ${rate} million operations/s`,
    `every event heard is ${(yardstick / base).toFixed(0)} times as fast as nodejs-order-book`,
    `heap allocated in the steady state of w4k: ${allocation(w4k.flow, machine).toFixed(3)} bytes an operation`,
  )
  return lines
}

function workload(
  name: string,
  words: Int32Array | undefined,
  live: number,
): { flow: OrderFlow; told: string } {
  if (!words)
    return {
      flow: seededFlow(name, 1_000_000, live, 7),
      told: `${name} is not here, a seeded workload stands in`,
    }
  const flow = decodeFlow(name, words)
  const found = JSON.stringify(sums(flow))
  const known = JSON.stringify(knownSums[name])
  if (found !== known) throw new Error(`${name} gives ${found}; expected ${known}`)
  return { flow, told: `${name} as known` }
}

/** The same flow with prices so many ticks apart. */
function spread(flow: OrderFlow, distance: number): OrderFlow {
  const middle = flow.price.find((price) => price > 0)!
  const price = flow.price.map((price) => (price === 0 ? 0 : 1_000_000_000 + (price - middle) * distance))
  return { ...flow, name: `w4k, prices ${distance.toLocaleString('en')} ticks apart`, price }
}

/** A book in which every kind of order is at work, away from the trading. */
function populated(): OrderBook {
  const book = new OrderBook({ listener: new Notes(), selfTrade: 'cancel-oldest' })
  const limit = { type: 'LIMIT', quantity: 5 } as const
  for (let i = 0; i < 1_000; i++) {
    const id = 700_600 + i * 8 // above the ids of the workload
    book.add({ id, side: 'SELL', type: 'STOP', quantity: 5, stopPrice: 1_000 + i })
    book.add({
      id: id + 1,
      side: 'BUY',
      type: 'STOP_LIMIT',
      quantity: 5,
      stopPrice: 300_000 + i,
      price: 300_010,
    })
    book.add({ ...limit, id: id + 2, side: 'BUY', quantity: 50, price: 2_000 + i, display: 5 })
    book.add({ ...limit, id: id + 3, side: 'SELL', price: 290_000 + i, hidden: true })
    book.add({ ...limit, id: id + 4, side: 'BUY', price: 500 + i, flag: 'DAY', owner: 1 + (i % 50) })
  }
  return book
}

/** Bytes that the second half of a workload allocates on the heap, per operation: the least of several attempts. */
function allocation(flow: OrderFlow, machine: Machine): number {
  const half = flow.count / 2
  const part = (from: number): OrderFlow => ({
    name: flow.name,
    count: half,
    op: flow.op.subarray(from, from + half),
    id: flow.id.subarray(from, from + half),
    side: flow.side.subarray(from, from + half),
    price: flow.price.subarray(from, from + half),
    quantity: flow.quantity.subarray(from, from + half),
  })
  let least = Infinity
  for (let attempt = 0; attempt < 5; attempt++) {
    const book = new OrderBook({ listener: new Notes() })
    run(book, part(0))
    const rest = part(half)
    const before = machine.heapUsed()
    run(book, rest)
    const grown = machine.heapUsed() - before
    // A collection in between makes it less than nothing.
    if (grown >= 0) least = Math.min(least, grown / half)
  }
  return least
}

/** The same workload on the yardstick, which wants ids as text: they are made beforehand. */
function runYardstick(flow: OrderFlow): void {
  const texts = Array.from(flow.id, String)
  const book = new Yardstick()
  const sides = [YardstickSide.BUY, YardstickSide.SELL] as const
  for (let i = 0; i < flow.count; i++) {
    const id = texts[i]!
    const size = flow.quantity[i]!
    const side = sides[flow.side[i]!]!
    if (flow.op[i] === 1) book.limit({ id, side, size, price: flow.price[i]! })
    else if (flow.op[i] === 2) book.cancel(id)
    else if (flow.op[i] === 3) book.market({ side, size })
    else {
      const order = book.order(id)
      if (order && size < order.size) book.modify(id, { size })
    }
  }
}
