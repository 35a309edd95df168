/**
 * Rotation over two exchanges
 *
 * Once a week it takes what rose most, wherever that trades.
 *
 * Whatever exchange an instrument is of, orders for it find their
 * way there. The entry is a bracket: stop and target begin to
 * work when it has filled, and when one of them trades the other
 * is taken back. What falls is not held. Past strength says
 * little of the next week, and two instruments are hardly a
 * choice. sample-strategies/two-exchanges/run.json runs it beside
 * another strategy and under risk rules.
 */
import { BarStrategy, type Instrument, roc, Side } from 'outcry'

export default class Rotation extends BarStrategy {
  period = this.input('look back', 60, { min: 10, max: 250, step: 5, unit: 'bars' })
  stake = this.input('stake', 0.9, { min: 0.1, max: 1, step: 0.05, hint: 'Share of the account to invest' })
  stop = this.input('stop', 8, { min: 1, max: 30, step: 1, unit: '%' })
  reward = this.input('target', 25, { min: 2, max: 100, step: 1, unit: '%' })

  strength = this.instruments().map((instrument) => ({
    instrument,
    rise: this.indicator(roc(this.period), instrument),
  }))

  /** What is to be bought when all else has been sold. */
  next: Instrument | undefined

  onStart() {
    for (const exchange of this.exchanges())
      this.log(exchange, this.instruments(undefined, exchange).map(String).join(', '))
    // Between two bars: orders of Monday noon trade at the next open, each on its own exchange.
    this.cron('0 12 * * MON', () => this.rotate(), 'UTC')
  }

  async rotate() {
    const [best] = this.strength
      .filter(({ rise }) => rise.ready && rise.value > 0)
      .sort((a, b) => b.rise.value - a.rise.value)
    const held = this.positions().filter(({ size }) => size !== 0)
    if (held.some(({ instrument }) => instrument === best?.instrument)) return
    this.next = best?.instrument
    if (held.length > 0) await this.closeAll()
    else await this.enterNext()
  }

  /** What is sold on one exchange pays for what is bought on the other, once it has been sold. */
  async onSold() {
    if (this.positions().every(({ size }) => size === 0)) await this.enterNext()
  }

  async enterNext() {
    const instrument = this.next
    this.next = undefined
    if (instrument) await this.enter(instrument)
  }

  async enter(instrument: Instrument) {
    const [bar] = this.priceHistory(instrument, 1)
    if (!bar || this.orders(instrument).length > 0) return
    const volume = instrument.roundDown((this.portfolio().equity * this.stake) / bar.close)
    if (volume === 0) return
    await this.bracket(
      { instrument, side: Side.BUY, volume, note: { rise: 'strongest of the week' } },
      { stop: bar.close * (1 - this.stop / 100), target: bar.close * (1 + this.reward / 100) },
    )
  }

  onBar() {}
}
