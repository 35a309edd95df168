/**
 * Pair ratio
 *
 * Sells what has become dear against the other of two
 * instruments, buys the other, and waits for the ratio to come
 * back.
 *
 * The z-score says how many standard deviations the ratio of the
 * two prices lies from its mean. A pair makes money only if the
 * ratio returns: two companies that part for good are a loss on
 * both sides. It needs a data set with two instruments.
 */
import { BarStrategy, type BarEvent, zScore } from 'outcry'

export default class PairRatio extends BarStrategy {
  period = this.input('period', 60, { min: 10, max: 250, step: 5, unit: 'bars' })
  enter = this.input('enter', 2, { min: 0.5, max: 4, step: 0.25, unit: 'deviations' })
  leave = this.input('leave', 0.5, { min: 0, max: 2, step: 0.25, unit: 'deviations' })
  share = this.input('share', 0.45, { min: 0.05, max: 0.5, step: 0.05, hint: 'Of equity, on each side' })

  /** Fed with the ratio below, so it is drawn nowhere. */
  score = zScore(this.period)
  /** 1 holds the first and is short of the second, -1 the other way round. */
  held = 0

  async onBar({ target: bar }: BarEvent) {
    const [first, second] = this.instruments()
    // All bars of a day have happened when the last instrument's is told.
    if (!second || bar.instrument !== second) return
    const [price] = this.priceHistory(first, 1)
    if (!price || price.time !== bar.time) return
    const ratio = price.close / bar.close
    this.score.update({ ...bar.toJSON(), open: ratio, high: ratio, low: ratio, close: ratio })
    if (!this.score.ready) return
    const score = this.score.value
    const wanted =
      score > this.enter ? -1 : score < -this.enter ? 1 : Math.abs(score) < this.leave ? 0 : this.held
    if (wanted === this.held) return
    this.held = wanted
    if (wanted === 0) await this.closeAll()
    else
      for (const [instrument, side] of [
        [first!, wanted],
        [second, -wanted],
      ] as const)
        await this.target(instrument, side * this.share)
  }
}
