import { BUY, SELL } from '#book'
import { type WorldListener, SyntheticWorld } from './world.ts'
import type { SyntheticOptions } from './options.ts'

/** Distances from the best price, in ticks, over which depth is recorded: 0 is the best price itself. */
const reach = 40
/** Seconds between two looks at the depth. */
const depthEvery = 5

/** What a market did, in the form in which its statistics are taken. Prices are ticks, quantities lots. */
export interface MarketRecording {
  /** Seconds between two of the `mid` and `spread`. */
  readonly step: number
  /** Midpoint at each step of continuous trading. */
  readonly mid: Float64Array
  /** Best ask less best bid at each step; NaN where a side was empty. */
  readonly spread: Float64Array
  /** Mean number of lots shown at each distance from the best price of their side, both sides together. */
  readonly depth: Float64Array
  /** For each order that took: 1 for a buyer, -1 for a seller, */
  readonly sign: Int8Array
  /** what it took in all, */
  readonly quantity: Float64Array
  /** and by how much the midpoint moved with it, in its direction. */
  readonly impact: Float64Array
}

/** Runs one market to its end and records what its first instrument does. */
export function recordMarket(options: SyntheticOptions, step = 1): MarketRecording {
  if (!(Number.isSafeInteger(step) && step > 0))
    throw new RangeError(`A recording's step is ${step}; expected whole seconds from 1 up`)
  const mid: number[] = []
  const spread: number[] = []
  const depth = new Float64Array(reach)
  const sign: number[] = []
  const quantity: number[] = []
  const impact: number[] = []
  let taken = 0
  const listener: WorldListener = {
    open() {},
    trade(instrument, _sequence, _maker, _taker, takerSide, _price, lots) {
      if (instrument === 0) taken += takerSide === BUY ? lots : -lots
    },
    fill() {},
    change() {},
    cancel() {},
    reject() {},
    trigger() {},
    phase() {},
  }
  const world = new SyntheticWorld(options, listener)
  const book = world.book(0)
  const prices = new Float64Array(1)
  const sizes = new Float64Array(1)
  const best = (side: number) => (book.depth(side, prices, sizes) > 0 ? prices[0] : NaN)
  const levels = new Float64Array(reach)
  const lots = new Float64Array(reach)
  const opening = world.sessionStart + world.settings.auction * 1e6
  let last = NaN
  let looks = 0
  let next = opening + step * 1e6
  let nextDepth = opening + 60e6
  while (world.nextTime <= world.sessionEnd) {
    while (world.nextTime > next && next < world.sessionEnd) {
      const width = best(SELL) - best(BUY)
      if (!Number.isNaN(width)) last = (best(SELL) + best(BUY)) / 2
      if (!Number.isNaN(last)) {
        mid.push(last)
        spread.push(width)
      }
      next += step * 1e6
    }
    if (world.nextTime > nextDepth) {
      nextDepth += depthEvery * 1e6
      looks++
      for (const side of [BUY, SELL]) {
        const count = book.depth(side, levels, lots)
        for (let i = 0; i < count; i++) {
          const distance = Math.abs(levels[i] - levels[0])
          if (distance < reach) depth[distance] += lots[i]
        }
      }
    }
    const before = (best(SELL) + best(BUY)) / 2
    world.step()
    if (taken === 0) continue
    if (world.time > opening && !Number.isNaN(before)) {
      const after = (best(SELL) + best(BUY)) / 2
      if (!Number.isNaN(after)) {
        const direction = taken > 0 ? 1 : -1
        sign.push(direction)
        quantity.push(Math.abs(taken))
        impact.push(direction * (after - before))
      }
    }
    taken = 0
  }
  return {
    step,
    mid: Float64Array.from(mid),
    spread: Float64Array.from(spread),
    depth: depth.map((sum) => (looks > 0 ? sum / looks : NaN)),
    sign: Int8Array.from(sign),
    quantity: Float64Array.from(quantity),
    impact: Float64Array.from(impact),
  }
}
