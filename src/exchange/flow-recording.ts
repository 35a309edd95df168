import { BUY, SELL } from '#book'
import { FlowKind, type RecordedFlow } from '#data'
import type { MarketRecording } from './synthetic/recording.ts'
import { ToldBook } from './told-book.ts'

/** Distances from the best price, in ticks, over which depth is recorded: 0 is the best price itself. */
const reach = 40
/** Microseconds between two looks at the depth. */
const depthEvery = 5e6

/**
 * What a recorded order flow did, in the form in which a market's statistics are taken. Prices are ticks of the instrument;
 * what trades at one microsecond on one side counts as one order that took. While trading stands still nothing is taken down.
 *
 * A file that tells only the levels in sight, as those of LOBSTER do, leaves what lies behind them out: depth is too small there.
 *
 * @param step whole seconds between two looks at the best prices
 */
export function recordFlow(flow: RecordedFlow, step = 1): MarketRecording {
  const tick = (flow.instrument.tickSize ?? flow.priceStep) / flow.priceStep
  const told = new ToldBook()
  const mid: number[] = []
  const spread: number[] = []
  const depth = new Float64Array(reach)
  const sign: number[] = []
  const quantity: number[] = []
  const impact: number[] = []
  const price = new Float64Array(1)
  const size = new Float64Array(1)
  const best = (side: number) => (told.book.depth(side, price, size) > 0 ? price[0]! / tick : NaN)
  const middle = () => (best(SELL) + best(BUY)) / 2
  // A level may lie at every step of the recording.
  const places = Math.ceil(reach * Math.max(1, tick))
  const levels = new Float64Array(places)
  const lots = new Float64Array(places)
  let halted = false
  let looks = 0
  let last = NaN
  let next = flow.start + step * 1e6
  let nextDepth = flow.start + depthEvery

  /** The order that takes at the moment: what it took, and the midpoint before it. */
  let taking = { time: NaN, side: 0, lots: 0, before: NaN }
  const tellTaken = () => {
    const after = middle()
    if (taking.lots > 0 && !Number.isNaN(taking.before) && !Number.isNaN(after)) {
      sign.push(taking.side)
      quantity.push(taking.lots)
      impact.push(taking.side * (after - taking.before))
    }
    taking = { time: NaN, side: 0, lots: 0, before: NaN }
  }
  const look = (time: number) => {
    while (time > next) {
      const width = best(SELL) - best(BUY)
      if (!Number.isNaN(width)) last = middle()
      if (!Number.isNaN(last) && !halted) {
        mid.push(last)
        spread.push(width)
      }
      next += step * 1e6
    }
    if (time <= nextDepth || halted) return
    nextDepth = time + depthEvery
    looks++
    for (const side of [BUY, SELL]) {
      const count = told.book.depth(side, levels, lots)
      for (let i = 0; i < count; i++) {
        const distance = Math.round(Math.abs(levels[i]! - levels[0]!) / tick)
        if (distance < reach) depth[distance] += lots[i]!
      }
    }
  }

  for (const block of flow.messages)
    for (let row = 0; row < block.length; row++) {
      const time = block.time[row]!
      const kind = block.kind[row] as FlowKind
      const side = block.side[row]! > 0 ? BUY : SELL
      const [id, at, of] = [block.id[row]!, block.price[row]!, block.size[row]!]
      const trades = kind === FlowKind.TRADE || kind === FlowKind.HIDDEN
      const taker = side === BUY ? -1 : 1
      if (time !== taking.time && taking.lots > 0) tellTaken()
      look(time)
      if (trades && !halted) {
        if (taking.side !== taker) {
          if (taking.lots > 0) tellTaken()
          taking = { time, side: taker, lots: 0, before: middle() }
        }
        taking.lots += of
      } else if (kind === FlowKind.OPEN || kind === FlowKind.APPEAR) {
        told.makeRoom()
        told.rest(id, side, at, of)
      } else if (kind === FlowKind.CANCEL || kind === FlowKind.EXECUTE) {
        const open = Math.min(told.book.open(id), of)
        if (open > 0) told.book.reduce(id, open)
      } else if (kind === FlowKind.HALT || kind === FlowKind.RESUME) halted = kind === FlowKind.HALT
    }
  if (taking.lots > 0) tellTaken()
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
