import { BUY } from '#book'
import { MarketRecorder, type MarketRecording } from '../market-recorder.ts'
import type { SyntheticOptions } from './options.ts'
import { SyntheticWorld, type WorldListener } from './world.ts'

/** Seconds between two looks at the depth. */
const depthEvery = 5

/** Seconds after an opening auction in which a market is still finding its price: studies of a day leave its opening out. */
const settling = 60

/** Runs one market to its end and records what its first instrument does; after an opening auction a minute later. */
export function recordMarket(options: SyntheticOptions, step = 1): MarketRecording {
  if (!(Number.isSafeInteger(step) && step > 0))
    throw new RangeError(`A recording's step is ${step}; expected whole seconds from 1 up`)
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
  const recorder = new MarketRecorder(() => book)
  const { auction } = world.settings
  const opening = world.sessionStart + (auction > 0 ? auction + settling : 0) * 1e6
  let next = opening + step * 1e6
  let nextDepth = opening + 60e6
  while (world.nextTime <= world.sessionEnd) {
    for (; world.nextTime > next && next < world.sessionEnd; next += step * 1e6) recorder.lookAtPrices()
    if (world.nextTime > nextDepth) {
      nextDepth += depthEvery * 1e6
      recorder.lookAtDepth()
    }
    const before = recorder.middle
    world.step()
    if (world.time > opening) recorder.took(taken, before)
    taken = 0
  }
  return recorder.recording(step)
}
