/**
 * The book beside the npm package `nodejs-order-book`, on the same million operations in the same run:
 *
 *     npx vitest bench --run --project unit test/bench/book.bench.ts
 *
 * One iteration is the whole workload on a fresh book, so `hz` reads as million operations a second. The book is bundled first, as it ships. Every
 * workload must give its known check sums before anything is timed. Without the stored workloads, seeded ones of the same kind run.
 */
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { build } from 'esbuild'
import { OrderBook as Yardstick, Side as YardstickSide } from 'nodejs-order-book'
import { bench, describe } from 'vitest'
import type * as Subject from './order-flow.ts'

const bundle = join(mkdtempSync(join(tmpdir(), 'book-bench-')), 'order-flow.mjs')
await build({
  entryPoints: [fileURLToPath(new URL('order-flow.ts', import.meta.url))],
  bundle: true,
  platform: 'node',
  format: 'esm',
  outfile: bundle,
  define: { 'import.meta.url': JSON.stringify(new URL('order-flow.ts', import.meta.url).href) },
  logLevel: 'error',
})
const { storedFlow, seededFlow, sums, knownSums, run, Notes, OrderBook } = (await import(
  /* @vite-ignore */ pathToFileURL(bundle).href
)) as typeof Subject

type Flow = Subject.OrderFlow

function workload(name: 'w4k' | 'w64k', live: number): Flow {
  const flow = storedFlow(name)
  if (!flow) {
    console.log(`${name} is not here: a seeded workload stands in`)
    return seededFlow(name, 1_000_000, live, 7)
  }
  const found = JSON.stringify(sums(flow))
  const known = JSON.stringify(knownSums[name])
  if (found !== known) throw new Error(`${name} gives ${found}; expected ${known}`)
  return flow
}

const w4k = workload('w4k', 4_000)
const w64k = workload('w64k', 64_000)

/** Bytes that the second half of a workload allocates on the heap, per operation. */
function allocation(flow: Flow): number {
  const halves = [0, flow.count / 2].map((from): Flow => {
    const part = (column: Int32Array) => column.subarray(from, from + flow.count / 2)
    return {
      name: flow.name,
      count: flow.count / 2,
      op: part(flow.op),
      id: part(flow.id),
      side: part(flow.side),
      price: part(flow.price),
      quantity: part(flow.quantity),
    }
  })
  let least = Infinity
  for (let attempt = 0; attempt < 5; attempt++) {
    const book = new OrderBook({ listener: new Notes() })
    run(book, halves[0]!)
    const before = process.memoryUsage().heapUsed
    run(book, halves[1]!)
    const grown = process.memoryUsage().heapUsed - before
    if (grown >= 0) least = Math.min(least, grown / halves[1]!.count)
  }
  return least
}
console.log(`heap allocated in the steady state of w4k: ${allocation(w4k).toFixed(3)} bytes an operation`)

const warm = { time: 0, iterations: 15, warmupTime: 0, warmupIterations: 4 }
const once = { time: 0, iterations: 1, warmupTime: 0, warmupIterations: 0 }

/** A book in which every kind of order is at work, away from the trading. */
function populated(): Subject.OrderBook {
  const book = new OrderBook({ listener: new Notes(), selfTrade: 'cancel-oldest' })
  const base = 700_600 // above the ids of the workload
  for (let i = 0; i < 1_000; i++) {
    const id = base + i * 8
    book.add({ id, side: 'SELL', type: 'STOP', quantity: 5, stopPrice: 1_000 + i })
    book.add({
      id: id + 1,
      side: 'BUY',
      type: 'STOP_LIMIT',
      quantity: 5,
      stopPrice: 300_000 + i,
      price: 300_010,
    })
    book.add({ id: id + 2, side: 'BUY', type: 'LIMIT', quantity: 50, price: 2_000 + i, display: 5 })
    book.add({ id: id + 3, side: 'SELL', type: 'LIMIT', quantity: 5, price: 290_000 + i, hidden: true })
    book.add({
      id: id + 4,
      side: 'BUY',
      type: 'LIMIT',
      quantity: 5,
      price: 500 + i,
      flag: 'DAY',
      owner: 1 + (i % 50),
    })
  }
  return book
}

describe('w4k, a million operations', () => {
  bench('every event heard', () => run(new OrderBook({ listener: new Notes() }), w4k), warm)
  bench('trades heard', () => run(new OrderBook({ listener: new Notes(), events: 'tape' }), w4k), warm)
  bench('nothing heard', () => run(new OrderBook(), w4k), warm)
  bench('every event heard, 5,000 orders of other types in play', () => run(populated(), w4k), warm)
  bench('nodejs-order-book, nothing heard', () => yardstick(w4k), once)
})

describe('w64k, a million operations', () => {
  bench('every event heard', () => run(new OrderBook({ listener: new Notes() }), w64k), warm)
})

const scattered: Flow = {
  ...w4k,
  name: 'scattered',
  price: w4k.price.map((price) => 20_000_000 + (price - 131_090) * 100_003),
}
describe('w4k with prices 100,003 ticks apart', () => {
  bench('every event heard', () => run(new OrderBook({ listener: new Notes() }), scattered), warm)
})

/** The same workload on the yardstick. It wants ids as text, made beforehand here. */
function yardstick(flow: Flow): void {
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
const texts = Array.from(w4k.id, String)
