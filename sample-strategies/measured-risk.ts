/**
 * Measured risk
 *
 * Follows the trend with a position that may lose about the same
 * from one bar to the next, however wild prices are.
 *
 * The position is made smaller or larger so that its value at
 * risk stays near a share of the account. Past prices say little
 * of the next shock, so a kill switch closes everything once too
 * much of the highest equity is lost. Rules on the Risk tab hold
 * beside it, and its log tells what they are and how much is
 * used.
 */
import { BarStrategy, type BarEvent, sma } from 'outcry'

export default class MeasuredRisk extends BarStrategy {
  window = this.input('trend', 60, { min: 10, max: 200, step: 5, unit: 'bars' })
  budget = this.input('risk a bar', 1.5, {
    min: 0.2,
    max: 5,
    step: 0.1,
    unit: '%',
    hint: 'Value at risk to keep near, of the equity',
  })
  lost = this.input('give up at', 25, { min: 5, max: 60, step: 1, unit: '%', hint: 'Drawdown that ends it' })

  trend = this.indicator(sma(this.window))

  async onBar({ target: bar }: BarEvent) {
    const { state, drawdown, grossExposure, valueAtRisk } = this.risk()
    if (state === 'HALTED' || !(this.trend.value > 0)) return
    if (drawdown > this.lost / 100) {
      await this.kill(`${(drawdown * 100).toFixed(1)} % of the highest equity are lost.`)
      return
    }
    const { size } = this.position(bar.instrument)
    if (bar.close < this.trend.value) await this.target(bar.instrument, 0)
    else if (size === 0) await this.target(bar.instrument, 0.3)
    else if (valueAtRisk > 0) {
      const { equity } = this.portfolio()
      const share = ((grossExposure / valueAtRisk) * this.budget) / 100
      // Small changes are not worth their costs.
      if (Math.abs(share - grossExposure / equity) > 0.1)
        await this.target(bar.instrument, Math.min(0.95, share))
    }
  }

  onExit() {
    for (const { rule, used, limit } of this.risk().limits) this.log(rule, used, 'of', limit)
  }
}
