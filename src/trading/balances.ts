import { exchangeCost, type Rates } from './rates.ts'

/** Cash in one currency. */
export interface Balance {
  /** ISO 4217 code, or the symbol of a crypto asset. */
  readonly currency: string
  /** In that currency; below zero it is a loan. */
  readonly cash: number
  /** Account currency per unit; 1 for the account's own, NaN before there is a rate. */
  readonly rate: number
}

/**
 * The money of an account in several currencies: a balance in each, what was exchanged between them, and what every
 * instrument has earned in the currency of the account.
 *
 * Where what a fill needs is exchanged at once, a profit is the proceeds at the rate of the exit less the cost at the
 * rate of the entry. Where nothing is exchanged neither of the two met the account's currency: the profit is that in the
 * instrument's currency at the rate of the exit, and what it gains or loses by the rate afterwards is `currencyPnl`.
 */
export class Balances {
  readonly rates: Rates
  readonly #start: number
  /** By place of the currency: what there is, and what exchanging has brought, below zero taken. */
  readonly #cash: Float64Array
  readonly #exchanged: Float64Array
  /** What was exchanged into the other currencies, in that of the account. */
  #given = 0
  /** By place: realised profits after fees, in the currency itself and in that of the account when they were made. */
  readonly #earned: Float64Array
  readonly #earnedWorth: Float64Array
  /** By place: money that has changed hands. */
  readonly #turnover: Float64Array
  #exchangeCosts = 0

  /** By instrument, in the currency of the account: price times rate of what is held, on average; profit; fees. */
  readonly #averageWorth: Float64Array
  readonly #realized: Float64Array
  readonly #fees: Float64Array

  constructor(rates: Rates, instruments: number, cash: number) {
    const places = rates.others.length + 1
    this.rates = rates
    this.#start = cash
    this.#cash = new Float64Array(places)
    this.#cash[0] = cash
    this.#exchanged = new Float64Array(places)
    this.#earned = new Float64Array(places)
    this.#earnedWorth = new Float64Array(places)
    this.#turnover = new Float64Array(places)
    this.#averageWorth = new Float64Array(instruments)
    this.#realized = new Float64Array(instruments)
    this.#fees = new Float64Array(instruments)
  }

  /** All balances at the rates of now. */
  get cash(): number {
    let cash = this.#cash[0]!
    for (let place = 1; place < this.#cash.length; place++)
      cash += this.rates.worth(place, this.#cash[place]!)
    return cash
  }

  /** What changes of the rates have made of profits that were left in their currencies. */
  get currencyPnl(): number {
    if (this.rates.exchanges) return 0
    let profit = 0
    for (let place = 1; place < this.#earned.length; place++)
      profit += this.rates.worth(place, this.#earned[place]!) - this.#earnedWorth[place]!
    return profit
  }

  /** What exchanging has cost; it is among the fees. */
  get exchangeCosts(): number {
    return this.#exchangeCosts
  }

  cashAt(place: number): number {
    return this.#cash[place]!
  }

  /** Before fees. */
  realized(instrument: number): number {
    return this.#realized[instrument]!
  }

  /** With what exchanging cost. */
  fees(instrument: number): number {
    return this.#fees[instrument]!
  }

  /** Profit of what is held: of `units` of money for one unit of price, below zero short. */
  unrealized(instrument: number, units: number, lastPrice: number, averagePrice: number): number {
    const rate = this.rates.of(instrument)
    return this.rates.exchanges
      ? (lastPrice * rate - this.#averageWorth[instrument]!) * units
      : (lastPrice - averagePrice) * units * rate
  }

  list(): Balance[] {
    return [this.rates.account, ...this.rates.others].map((currency, place) => ({
      currency,
      cash: this.#cash[place]!,
      rate: this.rates.at(place),
    }))
  }

  /**
   * Books a fill.
   *
   * @param before signed lots held before it
   * @param lots signed lots of it
   * @param unit money that one lot is worth for one unit of price
   * @param average price of what was held before it, in the currency of the instrument like `price` and `fee`
   */
  fill(
    instrument: number,
    before: number,
    lots: number,
    unit: number,
    price: number,
    average: number,
    fee: number,
  ): void {
    const { rates } = this
    const place = rates.placeOf(instrument)
    const rate = rates.at(place)
    const worth = price * rate
    const after = before + lots
    if (before === 0 || before > 0 === lots > 0) {
      const known = before === 0 ? worth : this.#averageWorth[instrument]!
      const [held, added] = [Math.abs(before), Math.abs(lots)]
      this.#averageWorth[instrument] = (known * held + worth * added) / (held + added)
    } else {
      const closed = Math.min(Math.abs(lots), Math.abs(before)) * (before > 0 ? unit : -unit)
      const profit = (price - average) * closed
      const made = rates.exchanges ? (worth - this.#averageWorth[instrument]!) * closed : profit * rate
      this.#realized[instrument]! += made
      this.#earned[place]! += profit
      this.#earnedWorth[place]! += made
      if (after !== 0 && after > 0 !== before > 0) this.#averageWorth[instrument] = worth
    }
    const needed = lots * unit * price + fee
    this.#cash[place]! -= needed
    this.#turnover[place]! += Math.abs(needed)
    this.#fees[instrument]! += fee * rate
    this.#earned[place]! -= fee
    this.#earnedWorth[place]! -= fee * rate
    if (place !== 0 && rates.exchanges) this.#exchange(instrument, place, needed, rate)
  }

  /** Exchanges into another currency what is needed of it, or back what is below zero. */
  #exchange(instrument: number, place: number, needed: number, rate: number): void {
    const worth = needed * rate
    const cost = exchangeCost(worth, this.rates.cost)
    this.#cash[place]! += needed
    this.#cash[0]! -= worth + cost
    this.#exchanged[place]! += needed
    this.#exchanged[0]! -= worth
    this.#given += worth
    this.#turnover[0]! += Math.abs(worth)
    this.#fees[instrument]! += cost
    this.#exchangeCosts += cost
  }

  /**
   * Checks the conservation laws: in every currency start, profit and what was exchanged are cash and positions; what one
   * currency gives the others get; and all profits in the account's currency are what it is worth more.
   *
   * @param profits by place: realised and unrealised profit after fees, in the currency itself
   * @param values by place: worth of the positions, in the currency itself
   * @param profit of all positions in the account's currency, after fees
   * @throws Error with the figures when they do not: a fault of the engine, never of a strategy
   */
  verify(profits: Float64Array, values: Float64Array, profit: number): void {
    const { rates } = this
    let equity = 0
    let turnover = this.#start
    for (let place = 0; place < profits.length; place++) {
      const cash = this.#cash[place]!
      const start = place === 0 ? this.#start - this.#exchangeCosts : 0
      const came = start + profits[place]! + this.#exchanged[place]!
      const moved = Math.abs(start) + this.#turnover[place]! + Math.abs(values[place]!)
      check(
        `in ${place === 0 ? rates.account : rates.others[place - 1]} start, profit and what was exchanged are ${came}, cash and positions ${cash + values[place]!}`,
        came - cash - values[place]!,
        moved,
      )
      equity += rates.worth(place, cash + values[place]!)
      turnover += rates.worth(place, moved)
    }
    check(
      `${-this.#exchanged[0]!} ${rates.account} were exchanged for what was worth ${this.#given}`,
      this.#exchanged[0]! + this.#given,
      turnover,
    )
    const gained = profit + this.currencyPnl
    check(
      `start ${this.#start} and profit ${gained} differ from an equity of ${equity} ${rates.account}`,
      this.#start + gained - equity,
      turnover,
    )
  }
}

/** Sums of many roundings: far above their size, far below a cent of a real mistake. */
function check(words: string, difference: number, moved: number): void {
  if (!(Math.abs(difference) <= 1e-9 * moved))
    throw new Error(`Conservation broken: ${words}; the difference is ${difference}`)
}
