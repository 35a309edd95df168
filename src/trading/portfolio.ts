import type { Costs } from '#exchange'
import { type Instrument, lotsPerUnit } from '#market'
import { type Balance, Balances } from './balances.ts'
import type { Rates } from './rates.ts'

/**
 * What is held of one instrument, as a strategy sees it. A copy: later fills do not change it. Prices are in the currency
 * of the instrument; profit, value and fees are in that of the account.
 */
export interface Position {
  /** What is held. */
  readonly instrument: Instrument
  /** Above zero long, below zero short, 0 flat. */
  readonly size: number
  /** Average price of what is held, in the instrument's currency; NaN when flat. */
  readonly averagePrice: number
  /** Last price seen, in the instrument's currency; NaN before the first. */
  readonly lastPrice: number
  /**
   * Profit of what was closed, before fees, in account currency: of an instrument in another one the proceeds at the rate
   * of the exit less the cost at the rate of the entry.
   */
  readonly realizedPnl: number
  /** Profit of what is held at the last price and the present rate, before fees, in account currency. */
  readonly unrealizedPnl: number
  /** Value at the last price and the present rate, in account currency; negative when short. */
  readonly marketValue: number
  /** In account currency, with what exchanging cost. */
  readonly fees: number
}

/** What an account is worth, as a strategy sees it. All money is in the currency of the account. */
export interface PortfolioView {
  /** Of all currencies together, at the rates of now. */
  readonly cash: number
  /** Cash and positions at their last prices. */
  readonly equity: number
  /** Value of all positions without regard to their direction. */
  readonly grossExposure: number
  /** Value of the positions, shorts negative. */
  readonly netExposure: number
  /** Profit of what was closed, at average cost and before fees, since the run began. */
  readonly realizedPnl: number
  /** Profit of what is held, at its last price, before fees. */
  readonly unrealizedPnl: number
  /** All fees that were paid since the run began. */
  readonly fees: number
  /** What changes of rates have made of profits that were left in their currencies; 0 where all is exchanged at once. */
  readonly currencyPnl: number
}

/**
 * Positions at average cost and their cash. Volumes are kept as whole lots, so that a position that was closed is exactly
 * flat. Where instruments are in several currencies `Balances` has the money, and asks `Rates` what it is worth.
 *
 * Two ledgers are kept side by side, one of cash and one of profit; `verify` compares them after every fill.
 */
export class Portfolio {
  readonly #instruments: readonly Instrument[]
  readonly #startCash: number
  #cash = 0
  readonly #lotsPerUnit: Float64Array
  readonly #multiplier: Float64Array
  /** Signed lots held, and the signed volume that they are: made at fills, because it is read at every bar. */
  readonly #lots: Float64Array
  readonly #size: Float64Array
  readonly #averagePrice: Float64Array
  readonly #lastPrice: Float64Array
  readonly #realized: Float64Array
  readonly #fees: Float64Array
  /** Signed lots summed over the fills, kept apart from `#lots`. */
  readonly #filledLots: Float64Array
  /** The money of several currencies; undefined where all is in one. */
  readonly #balances: Balances | undefined
  #turnover = 0
  #gross = 0
  /** Instruments with a position, to value the account without looking at all of them. */
  readonly #held: number[] = []

  /** @param rates of the run's currencies; undefined where all is in one */
  constructor(instruments: readonly Instrument[], cash: number, rates?: Rates) {
    const count = instruments.length
    this.#instruments = instruments
    this.#startCash = cash
    this.#cash = cash
    this.#lotsPerUnit = Float64Array.from(instruments, ({ lotSize }) => lotsPerUnit(lotSize))
    this.#multiplier = Float64Array.from(instruments, ({ multiplier }) => multiplier)
    this.#lots = new Float64Array(count)
    this.#size = new Float64Array(count)
    this.#averagePrice = new Float64Array(count).fill(NaN)
    this.#lastPrice = new Float64Array(count).fill(NaN)
    this.#realized = new Float64Array(count)
    this.#fees = new Float64Array(count)
    this.#filledLots = new Float64Array(count)
    this.#balances = rates && new Balances(rates, count, cash)
  }

  /** Account currency. */
  get cash(): number {
    return this.#balances ? this.#balances.cash : this.#cash
  }

  /** Cash and positions at their last prices, account currency. */
  get equity(): number {
    const rates = this.#balances?.rates
    let equity = this.cash
    let gross = 0
    for (let i = 0; i < this.#held.length; i++) {
      const held = this.#held[i]!
      let value = this.#size[held]! * this.#lastPrice[held]! * this.#multiplier[held]!
      if (rates) value *= rates.of(held)
      equity += value
      gross += value < 0 ? -value : value
    }
    this.#gross = gross
    return equity
  }

  /** Writes equity and cash into a row of columns: what a call gives back is boxed, and this one is made at every bar. */
  writeTo(row: number, equity: Float64Array, cash: Float64Array): void {
    const held = this.#held.length
    const own = this.cash
    cash[row] = own
    equity[row] = held === 0 ? own : this.equity
    if (held === 0) this.#gross = 0
  }

  /** Value of all positions without regard to their direction, when `equity` was last asked for. */
  get grossThen(): number {
    return this.#gross
  }

  /** Instruments with a position; `heldAt` gives them, in no particular order. */
  get heldCount(): number {
    return this.#held.length
  }

  heldAt(place: number): number {
    return this.#held[place]!
  }

  /** Profit of what was closed of an instrument, after its fees, account currency. */
  netRealized(instrument: number): number {
    const balances = this.#balances
    if (balances) return balances.realized(instrument) - balances.fees(instrument)
    return this.#realized[instrument]! - this.#fees[instrument]!
  }

  /** Money of the account's currency that one unit is worth at the last price; NaN before the first. */
  unitValue(instrument: number): number {
    const value = this.#lastPrice[instrument]! * this.#multiplier[instrument]!
    return this.#balances ? value * this.#balances.rates.of(instrument) : value
  }

  /** Account currency per unit of an instrument's; NaN before there is a rate, 1 where all is in one currency. */
  rate(instrument: number): number {
    return this.#balances ? this.#balances.rates.of(instrument) : 1
  }

  /** What an account may carry of an instrument, in account currency and with the cost of exchanging among its fees. */
  fundsFor(instrument: number, funds: Funds): Funds {
    const rates = this.#balances?.rates
    if (!rates || rates.placeOf(instrument) === 0) return funds
    const { commission, perUnit = 0, perOrder = 0, least = 0 } = funds
    // The fees are exchanged too.
    const fee = rates.of(instrument) * (1 + rates.cost)
    return {
      leverage: funds.leverage,
      commission: commission + rates.cost * (1 + commission),
      perUnit: perUnit * fee,
      perOrder: perOrder * fee,
      least: least * fee,
    }
  }

  /** The cash by currencies, the account's first; undefined where all is in one. */
  balances(): Balance[] | undefined {
    return this.#balances?.list()
  }

  /** Cash in the currency at a place of `Rates`, in that currency. */
  cashAt(place: number): number {
    return this.#balances ? this.#balances.cashAt(place) : this.#cash
  }

  /** Signed volume held. */
  size(instrument: number): number {
    return this.#size[instrument]!
  }

  lastPrice(instrument: number): number {
    return this.#lastPrice[instrument]!
  }

  /** Notes that the market traded at a price. */
  mark(instrument: number, price: number): void {
    this.#lastPrice[instrument] = price
  }

  /**
   * Books a fill: it moves money in the instrument's currency.
   *
   * @param signedVolume above zero bought, below zero sold
   * @param fee money taken from the cash, in the instrument's currency
   * @param market what the market traded at, by which what is held is valued from here on: the price without our slippage
   */
  fill(instrument: number, signedVolume: number, price: number, fee: number, market = price): void {
    const perUnit = this.#lotsPerUnit[instrument]!
    const multiplier = this.#multiplier[instrument]!
    const lots = Math.round(signedVolume * perUnit)
    const before = this.#lots[instrument]!
    const after = before + lots
    const average = this.#averagePrice[instrument]!
    this.#balances?.fill(instrument, before, lots, multiplier / perUnit, price, average, fee)
    if (before === 0 || before > 0 === lots > 0) {
      const known = before === 0 ? price : average
      const held = Math.abs(before)
      const added = Math.abs(lots)
      this.#averagePrice[instrument] = (known * held + price * added) / (held + added)
      if (before === 0) this.#held.push(instrument)
    } else {
      const closed = Math.min(Math.abs(lots), Math.abs(before)) / perUnit
      const direction = before > 0 ? 1 : -1
      this.#realized[instrument]! += (price - average) * closed * direction * multiplier
      if (after === 0) {
        this.#averagePrice[instrument] = NaN
        // In the order in which they were opened: in another one the equity could round in another way.
        if (this.#held.at(-1) === instrument) this.#held.pop()
        else this.#held.splice(this.#held.indexOf(instrument), 1)
      } else if (after > 0 !== before > 0) this.#averagePrice[instrument] = price
    }
    this.#lots[instrument] = after
    this.#size[instrument] = after / perUnit
    this.#filledLots[instrument]! += lots
    const value = (lots / perUnit) * price * multiplier
    this.#cash -= value + fee
    this.#fees[instrument]! += fee
    this.#turnover += Math.abs(value)
    this.#lastPrice[instrument] = market
  }

  /**
   * Checks the conservation laws: the fills add up to the position, and the cash ledger agrees with the profit ledger, in
   * each currency by itself where there are several.
   *
   * @throws Error with the figures when they do not: a fault of the engine, never of a strategy
   */
  verify(): void {
    if (this.#balances) {
      this.#verifyEach(this.#balances)
      return
    }
    let profit = 0
    let value = 0
    for (let i = 0; i < this.#lots.length; i++) {
      const lots = this.#lots[i]!
      if (lots !== this.#filledLots[i]) throw this.#wrongLots(i)
      const size = lots / this.#lotsPerUnit[i]!
      profit += this.#realized[i]! - this.#fees[i]!
      if (lots !== 0) {
        profit += (this.#lastPrice[i]! - this.#averagePrice[i]!) * size * this.#multiplier[i]!
        value += size * this.#lastPrice[i]! * this.#multiplier[i]!
      }
    }
    const difference = this.#startCash + profit - (this.#cash + value)
    // Sums of many roundings: far above their size, far below a cent of a real mistake.
    const tolerance = 1e-9 * (Math.abs(this.#startCash) + this.#turnover)
    if (!(Math.abs(difference) <= tolerance))
      throw new Error(
        `Conservation broken: start ${this.#startCash} and profit ${profit} differ from cash ${this.#cash} and positions ${value} by ${difference}`,
      )
  }

  #verifyEach(balances: Balances): void {
    const { rates } = balances
    const profits = new Float64Array(rates.others.length + 1)
    const values = new Float64Array(rates.others.length + 1)
    let profit = 0
    for (let i = 0; i < this.#lots.length; i++) {
      const lots = this.#lots[i]!
      if (lots !== this.#filledLots[i]) throw this.#wrongLots(i)
      const place = rates.placeOf(i)
      profits[place]! += this.#realized[i]! - this.#fees[i]!
      profit += this.netRealized(i)
      if (lots === 0) continue
      const units = (lots / this.#lotsPerUnit[i]!) * this.#multiplier[i]!
      profits[place]! += (this.#lastPrice[i]! - this.#averagePrice[i]!) * units
      values[place]! += this.#lastPrice[i]! * units
      profit += balances.unrealized(i, units, this.#lastPrice[i]!, this.#averagePrice[i]!)
    }
    balances.verify(profits, values, profit)
  }

  #wrongLots(instrument: number): Error {
    return new Error(
      `Conservation broken: the fills of ${this.#instruments[instrument]!.name} add up to ${this.#filledLots[instrument]} lots, the position is ${this.#lots[instrument]}`,
    )
  }

  /**
   * The largest volume of an order that the account can carry at a price, after fees. See `Funds`.
   *
   * @param price in the instrument's currency
   * @param sign 1 to buy, -1 to sell
   * @param pending signed volume per instrument that is on its way to the market and is taken as done at the last
   *   prices; so what is being sold makes room for what is to be bought
   * @param market price that what is held is worth; that of the order when left out
   */
  affordable(
    instrument: number,
    sign: 1 | -1,
    price: number,
    funds: Funds,
    pending?: Float64Array,
    market = price,
  ): number {
    const unit = price * this.#multiplier[instrument]! * this.rate(instrument)
    const heldUnit = market * this.#multiplier[instrument]! * this.rate(instrument)
    const held = this.size(instrument)
    const size = held + (pending ? pending[instrument]! : 0)
    const closing = sign * size < 0 ? Math.abs(size) : 0
    let others = 0
    // Without a rate there is no value; nothing is held then either.
    if (Number.isNaN(unit) && this.#balances) return 0
    let equity = this.cash + held * heldUnit
    for (let i = 0; i < this.#lots.length; i++) {
      if (i === instrument || (this.#lots[i] === 0 && !pending?.[i])) continue
      const value = this.unitValue(i)
      // Ordered before its first bar: its fill is checked when there is a price.
      if (Number.isNaN(value)) continue
      equity += this.size(i) * value
      others += Math.abs(this.size(i) + (pending ? pending[i]! : 0)) * value
    }
    const kept = closing > 0 ? 0 : Math.abs(size)
    const { leverage, commission, perUnit = 0, perOrder = 0, least = 0 } = this.fundsFor(instrument, funds)
    const closingFee = commission * closing * unit
    const room = leverage * (equity - closingFee - perUnit * closing - perOrder) - kept * heldUnit - others
    const opening = room / (unit * (1 + leverage * commission) + leverage * perUnit)
    if (least === 0) return closing + Math.max(0, opening)
    // Whichever commission is the larger one bounds the volume.
    const openingAtLeast = (leverage * (equity - least) - kept * heldUnit - others) / unit
    return closing + Math.max(0, Math.min(opening, openingAtLeast))
  }

  position(instrument: number): Position {
    const size = this.size(instrument)
    const multiplier = this.#multiplier[instrument]!
    const lastPrice = this.#lastPrice[instrument]!
    const averagePrice = this.#averagePrice[instrument]!
    const balances = this.#balances
    const unrealized = balances
      ? balances.unrealized(instrument, size * multiplier, lastPrice, averagePrice)
      : (lastPrice - averagePrice) * size * multiplier
    return {
      instrument: this.#instruments[instrument]!,
      size,
      averagePrice,
      lastPrice,
      realizedPnl: balances ? balances.realized(instrument) : this.#realized[instrument]!,
      unrealizedPnl: size === 0 ? 0 : unrealized,
      marketValue: size === 0 ? 0 : size * lastPrice * multiplier * this.rate(instrument),
      fees: balances ? balances.fees(instrument) : this.#fees[instrument]!,
    }
  }

  view(): PortfolioView {
    const positions = this.#instruments.map((_, i) => this.position(i))
    const sum = (pick: (position: Position) => number) => positions.reduce((total, p) => total + pick(p), 0)
    return {
      cash: this.cash,
      equity: this.equity,
      grossExposure: sum(({ marketValue }) => Math.abs(marketValue)),
      netExposure: sum(({ marketValue }) => marketValue),
      realizedPnl: sum(({ realizedPnl }) => realizedPnl),
      unrealizedPnl: sum(({ unrealizedPnl }) => unrealizedPnl),
      fees: sum(({ fees }) => fees),
      currencyPnl: this.#balances?.currencyPnl ?? 0,
    }
  }
}

/**
 * What an account may carry: gross exposure, valued at the price in question, of at most `leverage` times the equity
 * that is left after the commission. Volume that closes a position is always allowed. The amounts of money are in the
 * currency of the instrument, as brokers have them.
 */
export interface Funds {
  readonly leverage: number
  /** Fraction of the traded value. */
  readonly commission: number
  /** Money for each unit of volume, for each order, and what an order pays at least; 0 where it is left out. */
  readonly perUnit?: number
  readonly perOrder?: number
  readonly least?: number
}

/** What an account may carry at these costs. Nobody knows beforehand whether an order will take or make: the dearer of the two counts. */
export function fundsOf(leverage: number, costs: Costs): Funds {
  const { commission, makerCommission = commission } = costs
  return {
    leverage,
    commission: Math.max(commission, makerCommission),
    perUnit: costs.commissionPerUnit ?? 0,
    perOrder: costs.commissionPerOrder ?? 0,
    least: costs.leastCommission ?? 0,
  }
}
