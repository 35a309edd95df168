import type { RunRecord } from '#engine'
import { accountCurrency, exchangeCost } from '#trading'

/**
 * What the figures of a run's fills are in the currency of its account, which has one rate, 1, where all is in one
 * currency.
 */
export class Conversion {
  /** Whether what a fill needs or brings is exchanged at once. */
  readonly exchanges: boolean
  readonly #record: RunRecord
  readonly #cost: number
  readonly #account: string

  constructor(record: RunRecord) {
    const { money } = record.settings
    this.#record = record
    this.exchanges = money?.exchange !== 'never'
    this.#cost = (record.currencies && this.exchanges && money?.cost) || 0
    this.#account = accountCurrency(record.instruments, money)
  }

  /** Account currency per unit of the instrument's when a fill was made. */
  rateOf(fill: number): number {
    return this.#record.fills.rate?.[fill] ?? 1
  }

  /** Account currency per unit of an instrument's at a row of the equity; NaN before there is a rate. */
  rateAt(instrument: number, row: number): number {
    return this.#ratesOf(instrument)?.[row] ?? 1
  }

  /** Account currency per unit of an instrument's at the end. */
  lastRate(instrument: number): number {
    return this.#ratesOf(instrument)?.at(-1) ?? 1
  }

  /** What a fill cost in account currency: its commission, and the exchanging of what it needed or brought. */
  feeOf(fill: number): number {
    const { instruments, fills } = this.#record
    const spec = instruments[fills.instrument[fill]!]!
    const fee = fills.fee[fill]! * this.rateOf(fill)
    if (this.#cost === 0 || spec.currency === this.#account) return fee
    const value = fills.price[fill]! * fills.volume[fill]! * (spec.multiplier ?? 1)
    return fee + exchangeCost((fills.side[fill]! * value + fills.fee[fill]!) * this.rateOf(fill), this.#cost)
  }

  #ratesOf(instrument: number): Float64Array | undefined {
    const { currencies, instruments } = this.#record
    return currencies?.find(({ currency }) => currency === instruments[instrument]!.currency)?.rate
  }
}
