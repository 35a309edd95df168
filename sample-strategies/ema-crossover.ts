/**
 * EMA crossover
 *
 * Long while the fast exponential average is above the slow one,
 * short while it is below.
 *
 * Exponential averages forget the past smoothly and turn earlier
 * than simple ones. This version is always in the market, so in
 * a rising one it pays for every short it tries: set "shorts"
 * off to see how much.
 */
import { BarStrategy, type BarEvent, ema } from 'outcry'

export default class EmaCrossover extends BarStrategy {
  fast = this.input('fast', 12, { min: 2, max: 60, step: 1, unit: 'bars' })
  slow = this.input('slow', 48, { min: 5, max: 200, step: 1, unit: 'bars' })
  shorts = this.input('shorts', true, { hint: 'Go short when the fast average is below' })

  fastAverage = this.indicator(ema(this.fast))
  slowAverage = this.indicator(ema(this.slow))

  async onBar({ target: bar }: BarEvent) {
    if (this.fastAverage.crossedAbove(this.slowAverage)) await this.target(bar.instrument, 0.9)
    if (this.fastAverage.crossedBelow(this.slowAverage))
      await this.target(bar.instrument, this.shorts ? -0.9 : 0)
  }
}
