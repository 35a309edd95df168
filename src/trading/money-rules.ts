import { type InstrumentSpec, usualCurrency } from '#market'

/** How a run treats money in other currencies than the account's. All may be left out. */
export interface MoneyRules {
  /** Currency of the account; that of the run's first instrument when left out. */
  readonly currency?: string
  /**
   * What one unit of a currency is worth in the account's, for the whole run. Goes before a pair among the instruments.
   *
   * Bias: money abroad is then not exposed to the rate at all.
   */
  readonly rates?: Readonly<Record<string, number>>
  /**
   * `at-fill`, which is usual: what a fill needs or brings in another currency is exchanged at once, at the rate of that
   * moment, as most brokers do. A position abroad is exposed to the rate, and no balance abroad is left.
   *
   * `never`: money stays in its currency. What is bought without having any is bought on a loan in that currency, so only
   * profits are exposed to the rate. Bias: loans and balances bear no interest.
   */
  readonly exchange?: 'at-fill' | 'never'
  /** Fraction of what is exchanged that exchanging costs; 0 when left out. */
  readonly cost?: number
}

/** Currency of an account. */
export function accountCurrency(instruments: readonly InstrumentSpec[], money?: MoneyRules): string {
  return money?.currency ?? instruments[0]?.currency ?? usualCurrency
}

/** The currencies of instruments that are not the account's, in their order. */
export function otherCurrencies(instruments: readonly InstrumentSpec[], money?: MoneyRules): string[] {
  const codes = new Set(instruments.map(({ currency = usualCurrency }) => currency))
  codes.delete(accountCurrency(instruments, money))
  return [...codes]
}
