/**
 * RSI reversion
 *
 * Buys after sharp falls, when the relative strength index is
 * low, and sells once it has recovered.
 *
 * Wilder's index compares the rises of the last bars with the
 * falls. The rule wins often and a little, and loses seldom and
 * a lot: look at the largest loss beside the share of winners.
 */
import { BarStrategy, type BarEvent, rsi } from 'outcry'

export default class RsiReversion extends BarStrategy {
  period = this.input('period', 7, { min: 2, max: 30, step: 1, unit: 'bars' })
  buyBelow = this.input('buy below', 30, { min: 5, max: 50, step: 1 })
  sellAbove = this.input('sell above', 60, { min: 40, max: 95, step: 1 })

  strength = this.indicator(rsi(this.period))

  async onBar({ target: bar }: BarEvent) {
    const { size } = this.position(bar.instrument)
    if (size === 0 && this.strength.value < this.buyBelow) await this.target(bar.instrument, 0.95)
    if (size > 0 && this.strength.value > this.sellAbove) await this.closeAll(bar.instrument)
  }
}
