/**
 * Two time frames
 *
 * Trades crossings of daily averages, but only in the direction
 * of the weeks.
 *
 * The weeks are made of the days while they come, and one counts
 * only when it is over: on a Wednesday the newest week is the
 * one before. A filter that looked at the week under way would
 * look into the future in every backtest.
 */
import { BarStrategy, type BarEvent, ema, sma } from 'outcry'

export default class WeeklyTrend extends BarStrategy {
  fast = this.input('fast', 10, { min: 2, max: 50, step: 1, unit: 'days' })
  slow = this.input('slow', 30, { min: 5, max: 150, step: 1, unit: 'days' })
  long = this.input('weeks', 20, { min: 4, max: 60, step: 1, unit: 'weeks' })

  weeks = this.bars('1w')
  fastAverage = this.indicator(sma(this.fast))
  slowAverage = this.indicator(sma(this.slow))
  weeklyAverage = this.indicator(ema(this.long), this.weeks)

  async onBar({ target: bar }: BarEvent) {
    if (bar.instrument !== this.weeks.instrument || !this.weeklyAverage.ready) return
    const rising = this.weeks.last!.close > this.weeklyAverage.value
    const { size } = this.position(bar.instrument)
    if (size === 0 && rising && this.fastAverage.value > this.slowAverage.value)
      await this.target(bar.instrument, 0.95)
    if (size > 0 && this.fastAverage.crossedBelow(this.slowAverage)) await this.closeAll(bar.instrument)
  }
}
