import { InstrumentType, random } from '#market'
import type { DataSet } from './data-set.ts'

/** What a random walk is made from. */
export interface RandomWalkOptions {
  readonly seed?: number
  /** Number of bars, one an hour. */
  readonly bars?: number
  /** Standard deviation of the return from one close to the next, a fraction. */
  readonly volatility?: number
  /** Mean of that return. */
  readonly drift?: number
  /** The first open. */
  readonly start?: number
}

const stepsPerBar = 8
const firstTime = Date.UTC(2020, 0, 1) * 1000

/**
 * Bars of a walk whose relative steps are independent and about normal: no strategy can have an edge on it beyond the
 * drift. Each bar is eight steps; its high and low are the extremes among them. Prices lie on a grid of 0.01.
 * The same options give the same bars on every machine.
 */
export function randomWalk(options: RandomWalkOptions = {}): DataSet {
  const { seed = 1, bars = 10_000, volatility = 0.005, drift = 0, start = 100 } = options
  const source = random(seed)
  const time = new Float64Array(bars)
  const open = new Float64Array(bars)
  const high = new Float64Array(bars)
  const low = new Float64Array(bars)
  const close = new Float64Array(bars)
  const volume = new Float64Array(bars)
  const stepDrift = drift / stepsPerBar
  const stepVolatility = volatility / Math.sqrt(stepsPerBar)
  const toGrid = (price: number) => Math.max(1, Math.round(price * 100)) / 100
  let price = start
  for (let row = 0; row < bars; row++) {
    let highest = price
    let lowest = price
    const first = price
    for (let step = 0; step < stepsPerBar; step++) {
      // Twelve uniforms less six have mean 0, variance 1 and nearly a normal's shape out to three deviations.
      let normal = -6
      for (let i = 0; i < 12; i++) normal += source.next()
      price = Math.max(0.01, price * (1 + stepDrift + stepVolatility * normal))
      if (price > highest) highest = price
      if (price < lowest) lowest = price
    }
    time[row] = firstTime + row * 3600e6
    open[row] = toGrid(first)
    high[row] = toGrid(highest)
    low[row] = toGrid(lowest)
    close[row] = toGrid(price)
    volume[row] = 100 + (source.integer() % 900)
  }
  return {
    id: 'random-walk',
    name: 'Random walk, hourly',
    provenance: `Made by the program from seed ${seed}: ${bars} hourly bars with independent returns of ${100 * volatility} % standard deviation and ${100 * drift} % mean. No strategy has an edge on it, so any profit is luck.`,
    instruments: [
      {
        instrument: {
          name: 'WALK',
          type: InstrumentType.OTHER,
          tickSize: 0.01,
          lotSize: 0.01,
          timeZone: 'UTC',
        },
        bars: { time, open, high, low, close, volume },
      },
    ],
  }
}
