import { Bar, Instrument } from '#market'
import { bench, describe, expect } from 'vitest'
import {
  adx,
  atr,
  bollinger,
  ema,
  type Indicator,
  macd,
  rsi,
  sma,
  stochastic,
} from '../../src/strategy/indicators/index.ts'
import { workload } from './workload.ts'

const count = 100_000
const columns = workload(count)
const instrument = new Instrument({ name: 'BENCH' })
const bars = Array.from({ length: count }, (_, row) => new Bar(instrument, columns, row))

/** Feeds every bar and adds up the values, as a strategy that reads each once would. */
function run(indicator: Indicator): number {
  let total = 0
  for (let i = 0; i < count; i++) {
    indicator.update(bars[i]!)
    const { value } = indicator
    if (value === value) total += value
  }
  return total
}

/** The moving average of ten closes as a plain loop over the column. */
function byHand(): number {
  const close = columns.close
  let total = 0
  let sum = 0
  for (let i = 0; i < count; i++) {
    sum += close[i]!
    if (i >= 10) sum -= close[i - 10]!
    if (i >= 9) total += sum / 10
  }
  return total
}

expect(run(sma(10))).toBe(byHand())

describe('100,000 bars through one indicator, every value read', () => {
  bench('a plain loop for the average of 10', () => void byHand())
  bench('sma(10)', () => void run(sma(10)))
  bench('ema(10)', () => void run(ema(10)))
  bench('rsi(14)', () => void run(rsi(14)))
  bench('macd(12, 26, 9)', () => void run(macd()))
  bench('bollinger(20, 2)', () => void run(bollinger()))
  bench('atr(14)', () => void run(atr()))
  bench('stochastic(14, 3, 3)', () => void run(stochastic()))
  bench('adx(14)', () => void run(adx()))
})
