import { BUY, OrderBook, SELL, type BookOrder } from '#book'
import { OrderBook as Yardstick, Side as YardstickSide } from 'nodejs-order-book'
import { decodeFlow, knownSums, Notes, type OrderFlow, run, seededFlow, sums } from './order-flow.ts'

/** How often each case runs; the first rounds warm up and do not count. */
const rounds = 19
const warmUp = 4

type Case = readonly [name: string, flow: OrderFlow, book: () => OrderBook]

/** Stored workloads, as far as they are there. */
export interface Workloads {
  readonly w4k?: Int32Array
  readonly w64k?: Int32Array
}

/** What a figure is taken with: a running count of milliseconds, the bytes of the heap in use, and a collection of what is not in use. */
export interface Machine {
  milliseconds(): number
  heapUsed(): number
  collect(): void
}

/**
 * Measures the book on the million operations of each workload, once the check sums are right, and says so line by line. The cases of a
 * group take turns, so that what else the machine does falls on all of them alike; each gives the median of its rounds. What earlier books
 * left is collected before a clock starts: clearing it away is no part of the case. What a book itself needs counts whole, from
 * empty arrays on. Groups follow one another, since what one kind of market teaches the compiler costs the next a little. One used book
 * of each case is kept, as whoever runs a market keeps one: once all are collected, V8 forgets what it knew of them.
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
  const heardInFull: Case = ['w4k, every event heard', w4k.flow, heard]
  const kept: OrderBook[] = []
  const measure = (cases: readonly Case[]): number => {
    const times = cases.map((): number[] => [])
    for (let round = 0; round < rounds; round++)
      cases.forEach(([, flow, make], i) => {
        const book = make()
        machine.collect()
        const time = timed(() => run(book, flow))
        if (round === 0) kept.push(book)
        if (round >= warmUp) times[i]!.push(time)
      })
    const medians = times.map((all) => all.sort((a, b) => a - b)[all.length >> 1]!)
    cases.forEach(([name, flow], i) => {
      const rate = (flow.count / medians[i]! / 1000).toFixed(1)
      const ratio = i === 0 ? '' : `, ${(medians[i]! / medians[0]!).toFixed(2)} times the time of the first`
      const each = flow.orders && ((medians[i]! - medians[0]!) / flow.orders.length) * 1e6
      const more = each === undefined ? '' : `, ${each.toFixed(0)} ns more for each of ${flow.orders!.length}`
      const best = times[i]![0]!.toFixed(1)
      lines.push(
        `${name}: ${medians[i]!.toFixed(1)} ms (best ${best}), ${rate} million operations/s${ratio}${more}`,
      )
    })
    return medians[0]!
  }
  const base = measure([
    heardInFull,
    ['w4k, trades heard', w4k.flow, () => new OrderBook({ listener: new Notes(), events: 'tape' })],
    ['w4k, nothing heard', w4k.flow, () => new OrderBook()],
    ['w64k, every event heard', w64k.flow, heard],
  ])
  const yardstick = timed(() => runYardstick(w4k.flow))
  const rate = (w4k.flow.count / yardstick / 1000).toFixed(3)
  const allocated = allocation(w4k.flow, machine)
  const byMeasuring = allocation({ ...w4k.flow, count: 0 }, machine)
  lines.push(
    `w4k on nodejs-order-book, nothing heard: ${yardstick.toFixed(0)} ms, ${rate} million operations/s`,
    `every event heard is ${(yardstick / base).toFixed(0)} times as fast as nodejs-order-book`,
    `heap allocated in the steady state of w4k: ${allocated} bytes in ${w4k.flow.count / 2} operations, ${byMeasuring} of them by measuring`,
    'what plain orders cost beside others at rest:',
  )
  measure([
    heardInFull,
    ['w4k, 5,000 plain orders more at rest', w4k.flow, crowded],
    ['w4k, 5,000 orders of ten other types at rest', w4k.flow, populated],
  ])
  lines.push('what others cost that take part, where one limit order in twenty comes through `add`:')
  measure([
    heardInFull,
    ['as it was', mixed(w4k.flow, [{}]), heard],
    ...otherTerms.map((terms): Case => [`as ${JSON.stringify(terms)}`, mixed(w4k.flow, [terms]), heard]),
    ['as one of these in turn', mixed(w4k.flow, otherTerms), heard],
  ])
  lines.push('prices far apart:')
  measure([heardInFull, ...scattered.map((flow): Case => [flow.name, flow, heard])])
  lines.push(`${kept.reduce((sum, book) => sum + book.size, 0)} orders live in the books kept`)
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

/** Above the ids of the workloads. */
const firstId = 710_000

/** A book in which 5,000 more plain orders rest, away from the trading: what the others are held against. */
function crowded(): OrderBook {
  const book = new OrderBook({ listener: new Notes() })
  for (let i = 0; i < 2_500; i++) {
    book.limit(firstId + 2 * i, BUY, 500 + i, 5)
    book.limit(firstId + 2 * i + 1, SELL, 290_000 + i, 5)
  }
  return book
}

/** A book in which 5,000 orders of every other kind rest or are armed, away from the trading. Matching has them in view all the time. */
function populated(): OrderBook {
  const book = new OrderBook({ listener: new Notes(), selfTrade: 'cancel-oldest' })
  book.setPosition(99, 1_000_000)
  const buy = { side: 'BUY', type: 'LIMIT', quantity: 5 } as const
  const sell = { side: 'SELL', type: 'LIMIT', quantity: 5 } as const
  for (let i = 0; i < 500; i++) {
    const id = firstId + i * 10
    book.add({ ...sell, id, type: 'STOP', stopPrice: 1_000 + i })
    book.add({ ...buy, id: id + 1, type: 'STOP_LIMIT', stopPrice: 300_000 + i, price: 300_010 })
    book.add({ ...sell, id: id + 2, type: 'STOP', stopPrice: 900 + i, trail: 130_000 })
    book.add({ ...buy, id: id + 3, quantity: 50, price: 2_000 + i, display: 5 })
    book.add({ ...sell, id: id + 4, price: 290_000 + i, hidden: true })
    book.add({ ...buy, id: id + 5, price: 500 + i, flag: 'DAY', owner: 1 + (i % 50) })
    book.add({ ...buy, id: id + 6, price: 1_500 + i, flag: 'ALL_OR_NONE' })
    book.add({ ...sell, id: id + 7, price: 280_000 + i, reduceOnly: true, owner: 99 })
    book.add({ ...buy, id: id + 8, price: 3_000 + i, owner: 70 })
    book.add({ ...sell, id: id + 9, type: 'STOP', stopPrice: 100 + i, owner: 70, pairWith: id + 8 })
  }
  if (book.size !== 5_000) throw new Error(`${book.size} orders of other types rest, expected 5,000`)
  return book
}

/** What a limit order can be beside a plain one. */
const otherTerms: readonly Partial<BookOrder>[] = [
  { display: 10 },
  { hidden: true },
  { flag: 'IMMEDIATE_OR_CANCEL' },
  { flag: 'FILL_OR_KILL' },
  { flag: 'ALL_OR_NONE' },
  { flag: 'POST_ONLY' },
  { flag: 'DAY', owner: 7 },
]

/**
 * The same flow, in which one limit order in twenty has other terms, in turn: what such orders cost. They trade otherwise, so the rest of
 * the flow does too; what the door alone costs is seen by terms that change nothing.
 */
function mixed(flow: OrderFlow, terms: readonly Partial<BookOrder>[]): OrderFlow {
  const orders: BookOrder[] = []
  const op = flow.op.slice()
  const place = flow.price.slice()
  let limits = 0
  for (let i = 0; i < flow.count; i++) {
    if (op[i] !== 1 || limits++ % 20 !== 0) continue
    op[i] = 5
    place[i] = orders.length
    orders.push({
      id: flow.id[i]!,
      side: flow.side[i] === BUY ? 'BUY' : 'SELL',
      type: 'LIMIT',
      price: flow.price[i]!,
      quantity: flow.quantity[i]!,
      ...terms[orders.length % terms.length],
    })
  }
  return { ...flow, op, price: place, orders }
}

/** Bytes that the second half of a flow allocates on the heap: the least of several attempts. */
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
  for (let attempt = 0; attempt < 9; attempt++) {
    const book = new OrderBook({ listener: new Notes() })
    run(book, part(0))
    const rest = part(half)
    const before = machine.heapUsed()
    run(book, rest)
    const grown = machine.heapUsed() - before
    // A collection in between makes it less than nothing.
    if (grown >= 0) least = Math.min(least, grown)
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
