/**
 * Turn of the month
 *
 * Holds the market over the last and the first days of every
 * month, and cash between.
 *
 * Prices have risen more on those days than on others in many
 * markets and decades, perhaps because wages and funds are
 * invested then (Ariel, "A monthly effect in stock returns",
 * 1987). The days are kept by two clocks: what they send trades
 * at the next open.
 */
import { BarStrategy } from 'outcry'

export default class TurnOfTheMonth extends BarStrategy {
  enter = this.input('enter', 26, { min: 15, max: 28, step: 1, hint: 'Day of the month from which it holds' })
  leave = this.input('leave', 4, {
    min: 1,
    max: 14,
    step: 1,
    hint: 'Day of the next month on which it sells',
  })

  onStart() {
    const [instrument] = this.instruments()
    this.cron(`0 0 ${this.enter} * *`, async () => void (await this.target(instrument!, 0.95)), 'UTC')
    this.cron(`0 0 ${this.leave} * *`, async () => void (await this.closeAll()), 'UTC')
  }

  onBar() {}
}
