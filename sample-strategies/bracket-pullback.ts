/**
 * Pullback with brackets
 *
 * Buys a dip in a rising market and sends the stop and the
 * target along with the order.
 *
 * Both exits lie a number of average true ranges from the close,
 * so that they are wide when the market is. One cancels the
 * other. Every entry carries a note of why it was made: see the
 * column Note of the trades.
 */
import { atr, BarStrategy, type BarEvent, rsi, Side, sma } from 'outcry'

export default class BracketPullback extends BarStrategy {
  trendBars = this.input('trend', 100, { min: 20, max: 200, step: 5, unit: 'bars' })
  dip = this.input('dip', 40, {
    min: 10,
    max: 60,
    step: 5,
    hint: 'Strength index of 5 bars below which it buys',
  })
  stop = this.input('stop', 2, { min: 0.5, max: 6, step: 0.5, unit: 'ranges' })
  reach = this.input('target', 4, { min: 0.5, max: 12, step: 0.5, unit: 'ranges' })
  stake = this.input('risk', 2, {
    min: 0.25,
    max: 5,
    step: 0.25,
    unit: '%',
    hint: 'Of equity, lost at the stop',
  })

  trend = this.indicator(sma(this.trendBars))
  strength = this.indicator(rsi(5))
  range = this.indicator(atr(14))

  async onBar({ target: bar }: BarEvent) {
    const { instrument, close } = bar
    if (!this.trend.ready || this.position(instrument).size !== 0 || this.orders(instrument).length > 0)
      return
    if (close < this.trend.value || this.strength.value > this.dip) return
    const range = this.range.value
    const { equity, cash } = this.portfolio()
    // As many shares as lose the chosen part of equity at the stop, and no more than can be paid.
    const wanted = (equity * this.stake) / 100 / (this.stop * range)
    const volume = instrument.roundDown(Math.min(wanted, (0.95 * cash) / close))
    if (volume === 0) return
    const note = { strength: Math.round(this.strength.value), range: Number(range.toFixed(2)) }
    await this.bracket(
      { instrument, side: Side.BUY, volume, note },
      { stop: close - this.stop * range, target: close + this.reach * range },
    )
  }
}
