/**
 * MACD crossover
 *
 * In the market while the MACD line is above its signal line,
 * out of it otherwise.
 *
 * The MACD line is the distance between two exponential
 * averages, its signal line an average of that distance: the
 * rule buys when a rise gathers pace, and leaves when it slows
 * down rather than when it turns.
 */
import { BarStrategy, type BarEvent, macd } from 'outcry'

export default class MacdCrossover extends BarStrategy {
  fast = this.input('fast', 12, { min: 2, max: 40, step: 1, unit: 'bars' })
  slow = this.input('slow', 26, { min: 5, max: 100, step: 1, unit: 'bars' })
  smoothing = this.input('signal', 9, { min: 2, max: 40, step: 1, unit: 'bars' })

  macd = this.indicator(macd(this.fast, this.slow, this.smoothing))

  async onBar({ target: bar }: BarEvent) {
    if (this.macd.line.crossedAbove(this.macd.signal)) await this.target(bar.instrument, 0.95)
    if (this.macd.line.crossedBelow(this.macd.signal)) await this.closeAll(bar.instrument)
  }
}
