/**
 * Bollinger breakout
 *
 * Buys when the close leaves the upper band and sells when it
 * falls back to the middle.
 *
 * The bands lie a number of standard deviations around a moving
 * average: they are narrow when the market is calm. A close
 * outside them is a move larger than the recent past would
 * suggest, and this rule bets that it goes on.
 */
import { BarStrategy, type BarEvent, bollinger } from 'outcry'

export default class BollingerBreakout extends BarStrategy {
  period = this.input('period', 20, { min: 5, max: 100, step: 1, unit: 'bars' })
  width = this.input('width', 2, { min: 0.5, max: 4, step: 0.1, unit: 'deviations' })

  bands = this.indicator(bollinger(this.period, this.width))

  async onBar({ target: bar }: BarEvent) {
    const { size } = this.position(bar.instrument)
    if (size === 0 && bar.close > this.bands.upper.value) await this.target(bar.instrument, 0.95)
    if (size > 0 && bar.close < this.bands.middle.value) await this.closeAll(bar.instrument)
  }
}
