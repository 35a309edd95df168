/**
 * Monthly rebalancing
 *
 * Splits the account between two instruments and restores the split at the start of every month.
 *
 * Rebalancing sells some of what has done well to buy what has not. It needs a data set with two instruments; with one
 * it holds that one.
 */
import { BarStrategy, type BarEvent } from 'outcry'

export default class MonthlyRebalancing extends BarStrategy {
  first = this.input('first', 0.5, { min: 0, max: 1, step: 0.05, hint: 'Share of the first instrument' })

  month = -1

  async onBar({ target: bar }: BarEvent) {
    const instruments = this.instruments()
    // All bars of a day have happened when the last instrument's is told.
    if (bar.instrument !== instruments.at(-1)) return
    const month = new Date(bar.time).getUTCMonth()
    if (month === this.month) return
    this.month = month
    const [first, second] = instruments
    // What has to be sold goes first, and its money buys the other.
    await this.target(first!, second ? this.first * 0.98 : 0.98)
    if (second) await this.target(second, (1 - this.first) * 0.98)
  }
}
