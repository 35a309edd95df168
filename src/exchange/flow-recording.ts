import { BUY, SELL } from '#book'
import { FlowKind, type RecordedFlow } from '#data'
import { MarketRecorder, type MarketRecording } from './market-recorder.ts'
import { ToldBook } from './told-book.ts'

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
  const told = new ToldBook()
  const recorder = new MarketRecorder(
    () => told.book,
    (flow.instrument.tickSize ?? flow.priceStep) / flow.priceStep,
  )
  let halted = false
  let next = flow.start + step * 1e6
  let nextDepth = flow.start + depthEvery

  /** The order that takes at the moment: what it took, and the midpoint before it. */
  let taking = { time: NaN, side: 0, lots: 0, before: NaN }
  const tellTaken = () => {
    recorder.took(taking.side * taking.lots, taking.before)
    taking = { time: NaN, side: 0, lots: 0, before: NaN }
  }
  const look = (time: number) => {
    for (; time > next; next += step * 1e6) recorder.lookAtPrices(halted)
    if (time <= nextDepth || halted) return
    nextDepth = time + depthEvery
    recorder.lookAtDepth()
  }

  for (const block of flow.messages)
    for (let row = 0; row < block.length; row++) {
      const time = block.time[row]!
      const kind = block.kind[row] as FlowKind
      const side = block.side[row]! > 0 ? BUY : SELL
      const of = block.size[row]!
      const taker = side === BUY ? -1 : 1
      if (time !== taking.time && taking.lots > 0) tellTaken()
      look(time)
      if ((kind === FlowKind.TRADE || kind === FlowKind.HIDDEN) && !halted) {
        if (taking.side !== taker) {
          if (taking.lots > 0) tellTaken()
          taking = { time, side: taker, lots: 0, before: recorder.middle }
        }
        taking.lots += of
      } else if (kind === FlowKind.HALT || kind === FlowKind.RESUME) halted = kind === FlowKind.HALT
      else told.apply(kind, block.id[row]!, side, block.price[row]!, of)
    }
  tellTaken()
  return recorder.recording(step)
}
