/**
 * Triple moving average
 *
 * Long when three averages stand in rising order, out as soon as
 * the fastest breaks it.
 *
 * The third average keeps the rule out of weak trends that two
 * would take. A stop order rests below the entry, so that a fall
 * inside a bar ends the trade at the stop's price and not at the
 * next signal.
 */
import { BarStrategy, type BarEvent, sma, type TradeEvent } from 'outcry'

export default class TripleMovingAverage extends BarStrategy {
  fast = this.input('fast', 8, { min: 2, max: 30, step: 1, unit: 'bars' })
  middle = this.input('middle', 21, { min: 5, max: 80, step: 1, unit: 'bars' })
  slow = this.input('slow', 55, { min: 20, max: 200, step: 1, unit: 'bars' })
  stop = this.input('stop', 8, {
    min: 1,
    max: 30,
    step: 1,
    unit: '%',
    hint: 'Distance of the stop below the entry',
  })

  fastAverage = this.indicator(sma(this.fast))
  middleAverage = this.indicator(sma(this.middle))
  slowAverage = this.indicator(sma(this.slow))

  async onBar({ target: bar }: BarEvent) {
    const { size } = this.position(bar.instrument)
    const [fast, middle, slow] = [this.fastAverage.value, this.middleAverage.value, this.slowAverage.value]
    if (size === 0 && fast > middle && middle > slow) await this.target(bar.instrument, 0.95)
    if (size > 0 && fast < middle) await this.closeAll(bar.instrument)
  }

  async onBought({ target: trade }: TradeEvent) {
    const stopPrice = trade.price * (1 - this.stop / 100)
    await this.sell(trade.instrument, trade.volume, { stopPrice })
  }
}
