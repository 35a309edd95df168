/**
 * Monthly rebalancing
 *
 * Splits the account between two instruments and restores the
 * split at the start of every month.
 *
 * Rebalancing sells some of what has done well to buy what has
 * not. It needs a data set with two instruments; with one it
 * holds that one.
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
    const equity = this.portfolio().equity
    const shares = instruments.length === 1 ? [1] : [this.first, 1 - this.first]
    const changes = shares.map((share, i) => {
      const instrument = instruments[i]!
      return { instrument, share, excess: this.position(instrument).marketValue / equity - share }
    })
    // What has grown too large is sold first, and its money buys the other.
    for (const { instrument, share } of changes.sort((a, b) => b.excess - a.excess))
      await this.target(instrument, share * 0.98)
  }
}
