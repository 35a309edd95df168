/**
 * SMA crossover
 *
 * Holds the market while its fast moving average is above its
 * slow one, and cash otherwise.
 *
 * The oldest trend rule there is: after a rise has lasted a
 * while, be in; after it has turned, be out. It sits out long
 * falls and pays for that with many small losses when prices go
 * sideways.
 */
import { BarStrategy, type BarEvent, sma } from 'outcry'

export default class SmaCrossover extends BarStrategy {
  fast = this.input('fast', 10, { min: 2, max: 50, step: 1, unit: 'bars' })
  slow = this.input('slow', 30, { min: 5, max: 200, step: 1, unit: 'bars' })
  stake = this.input('stake', 0.95, { min: 0.05, max: 1, step: 0.05, hint: 'Share of the account to invest' })

  fastAverage = this.indicator(sma(this.fast))
  slowAverage = this.indicator(sma(this.slow))

  async onBar({ target: bar }: BarEvent) {
    if (this.fastAverage.crossedAbove(this.slowAverage)) await this.target(bar.instrument, this.stake)
    if (this.fastAverage.crossedBelow(this.slowAverage)) await this.closeAll(bar.instrument)
  }
}
