import { type InstrumentSpec, usualCurrency } from '#market'
import { accountCurrency, type MoneyRules, otherCurrencies } from './money-rules.ts'

/** Bounds of what may be asked for, both ends included. */
export const moneyBounds = { rate: [1e-12, 1e12], cost: [0, 0.5] } as const

/**
 * Refuses rules for money that no run can have.
 *
 * @throws RangeError naming the setting, what was found and what was expected
 */
export function checkMoney({ currency, rates = {}, exchange, cost }: MoneyRules): void {
  const within = (name: string, value: number, [least, most]: readonly [number, number]) => {
    if (!(value >= least && value <= most))
      throw new RangeError(`Setting ${name} is ${value}; expected a number from ${least} to ${most}`)
  }
  if (currency === '') throw new RangeError("Setting money.currency is empty; expected a code such as 'EUR'")
  for (const [code, rate] of Object.entries(rates)) within(`money.rates.${code}`, rate, moneyBounds.rate)
  if (cost !== undefined) within('money.cost', cost, moneyBounds.cost)
  if (exchange !== undefined && exchange !== 'at-fill' && exchange !== 'never')
    throw new RangeError(`Setting money.exchange is '${String(exchange)}'; expected 'at-fill' or 'never'`)
  if (exchange === 'never' && cost)
    throw new RangeError(
      `Setting money.cost is ${cost}, but nothing is exchanged where money.exchange is 'never'; leave one of them out`,
    )
}

/** A pair among the instruments of a run that gives the rate of a currency. */
interface Pair {
  readonly instrument: number
  /** Whether its price is what the account's currency is worth in the other. */
  readonly inverse: boolean
}

/**
 * What the currencies of a run are worth in that of its account at a moment, for runs that have more than one.
 *
 * A rate comes from the settings or else from the first instrument whose name is the two codes one after the other, in
 * either order, such as EURUSD, EUR/USD or USD-EUR, and whose own currency is the second of them: its last price, or one
 * over that. On bars it is the close of the newest bar that was told, so a fill at the open of a day is exchanged at the
 * pair's last close, which is older; a daily pair beside hourly shares is told when its day has ended. Before the first bar there is no rate. Two rates are never combined: a pair has to
 * have the account's currency on one side.
 */
export class Rates {
  readonly account: string
  /** The other currencies, in the order of the instruments. Their places count from 1; the account's has place 0. */
  readonly others: readonly string[]
  /** Whether what a fill needs or brings is exchanged at once. */
  readonly exchanges: boolean
  /** Fraction of what is exchanged. */
  readonly cost: number
  /** By instrument, the place of its currency. */
  readonly #places: Int32Array
  /** By place, account currency per unit; NaN before the first. */
  readonly #rates: Float64Array
  /** By place, where the rate comes from; undefined where the settings have it. */
  readonly #pairs: readonly (Pair | undefined)[]
  /** By instrument, the place of the currency whose rate it gives; 0 for none. */
  readonly #gives: Int32Array

  private constructor(
    account: string,
    others: readonly string[],
    instruments: readonly InstrumentSpec[],
    money: MoneyRules,
  ) {
    this.account = account
    this.others = others
    this.exchanges = money.exchange !== 'never'
    this.cost = this.exchanges ? (money.cost ?? 0) : 0
    this.#places = Int32Array.from(
      instruments,
      ({ currency = usualCurrency }) => 1 + others.indexOf(currency),
    )
    const fixed = [1, ...others.map((code) => fixedRate(code, money) ?? NaN)]
    this.#rates = Float64Array.from(fixed)
    this.#pairs = fixed.map((rate, place) =>
      Number.isNaN(rate) ? pairFor(others[place - 1]!, account, instruments) : undefined,
    )
    this.#gives = new Int32Array(instruments.length)
    for (const [place, pair] of this.#pairs.entries()) if (pair) this.#gives[pair.instrument] = place
  }

  /**
   * The rates of a run; undefined where all is in one currency.
   *
   * @throws RangeError where the rate of a currency is missing
   */
  static of(instruments: readonly InstrumentSpec[], money: MoneyRules = {}): Rates | undefined {
    const account = accountCurrency(instruments, money)
    const own = fixedRate(account, money)
    if (own !== undefined && own !== 1)
      throw new RangeError(
        `Setting money.rates.${account} is ${own}, but ${account} is the account's own currency; leave it out, or name another money.currency`,
      )
    const others = otherCurrencies(instruments, money)
    if (others.length === 0) return undefined
    const missing = missingRates(instruments, money)
    if (missing.length > 0) throw new RangeError(missingInWords(missing, account, instruments))
    return new Rates(account, others, instruments, money)
  }

  /** Place of the currency of an instrument; 0 for the account's. */
  placeOf(instrument: number): number {
    return this.#places[instrument]!
  }

  /** Account currency per unit of the currency at a place; NaN before there is a rate. */
  at(place: number): number {
    return this.#rates[place]!
  }

  /** Account currency per unit of an instrument's currency; NaN before there is a rate. */
  of(instrument: number): number {
    return this.#rates[this.#places[instrument]!]!
  }

  /** What an amount of the currency at a place is worth in the account's. Nothing is worth nothing before there is a rate, too. */
  worth(place: number, amount: number): number {
    return amount === 0 ? 0 : amount * this.#rates[place]!
  }

  /** Place of a currency by its code; -1 where the run does not have it. */
  find(code: string): number {
    return code === this.account ? 0 : this.others.indexOf(code) + 1 || -1
  }

  /** Whether an instrument is a pair whose price gives a rate. */
  isPair(instrument: number): boolean {
    return this.#gives[instrument] !== 0
  }

  /** The pair that gives the rate of the currency at a place; undefined where the settings have it. */
  pairAt(place: number): Pair | undefined {
    return this.#pairs[place]
  }

  /** Notes the last price of an instrument, which may be a pair. */
  mark(instrument: number, price: number): void {
    const place = this.#gives[instrument]!
    if (place !== 0 && price > 0) this.#rates[place] = this.#pairs[place]!.inverse ? 1 / price : price
  }

  /** Takes a rate that was written down. */
  set(place: number, rate: number): void {
    if (place !== 0) this.#rates[place] = rate
  }
}

/** What it costs to exchange an amount of the account's currency, or as much of another. */
export const exchangeCost = (worth: number, cost: number): number => Math.abs(worth) * cost

function fixedRate(code: string, { rates }: MoneyRules): number | undefined {
  return rates && Object.hasOwn(rates, code) ? rates[code] : undefined
}

/** The name of an instrument without what stands between two codes, and without Yahoo's `=X`. */
const letters = (name: string) => name.replace(/=.*$/, '').replace(/[^\p{L}\p{N}]/gu, '')

/** Whether the name of an instrument is two codes one after the other. */
function isNamed({ name }: InstrumentSpec, base: string, quote: string): boolean {
  const said = letters(name)
  return said === base + quote || said.toUpperCase() === base + quote
}

/** The first of some instruments that gives the rate of a currency in an account's. */
export function pairFor(
  code: string,
  account: string,
  instruments: readonly InstrumentSpec[],
): Pair | undefined {
  for (const [instrument, spec] of instruments.entries()) {
    const { currency = usualCurrency } = spec
    if (currency === account && isNamed(spec, code, account)) return { instrument, inverse: false }
    if (currency === code && isNamed(spec, account, code)) return { instrument, inverse: true }
  }
  return undefined
}

/** The currencies of instruments that nothing gives a rate of: neither the settings nor a pair among the instruments. */
export function missingRates(instruments: readonly InstrumentSpec[], money: MoneyRules = {}): string[] {
  const account = accountCurrency(instruments, money)
  return otherCurrencies(instruments, money).filter(
    (code) => fixedRate(code, money) === undefined && !pairFor(code, account, instruments),
  )
}

function missingInWords(missing: readonly string[], account: string, instruments: readonly InstrumentSpec[]) {
  const lines = missing.map((code) => {
    const { name } = instruments.find(({ currency = usualCurrency }) => currency === code)!
    const odd = instruments.find((spec) => isNamed(spec, code, account) || isNamed(spec, account, code))
    const quote = odd && (isNamed(odd, code, account) ? account : code)
    const hint = odd
      ? ` The instrument ${odd.name} would give it, but its own currency is said to be ${odd.currency ?? usualCurrency}; a pair's is the second of its codes, ${quote}.`
      : ''
    return `${name} is in ${code}, the account in ${account}, and nothing says what ${code} is worth.${hint}`
  })
  const [code] = missing
  return `${lines.join(' ')} Add the pair ${code}${account} to the run's instruments, or give a rate, the ${account} that one ${code} is worth: in Costs and fills on the page, --rate ${code}=NUMBER on the command line, money.rates.${code} in a configuration. Rates are not combined: each pair needs ${account} on one side.`
}
