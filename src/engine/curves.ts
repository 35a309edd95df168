import type { Portfolio, Rates } from '#trading'
import type { Curve } from './joint-record.ts'
import type { CourseRecord, CurrencyColumns } from './record.ts'

interface Account extends Required<Curve> {
  readonly portfolio: Portfolio
  /** Highest value so far. */
  peak: number
}

/**
 * What the accounts of a run were worth, one row per distinct time, each and all together.
 *
 * Of several accounts those that hold nothing are left alone until they trade: then the rows in between, all alike, are
 * written at once.
 */
export class Curves {
  readonly #rows: number
  readonly #rates: Rates | undefined
  readonly #time: Float64Array
  /** What the currencies of the run were worth. */
  readonly #rateColumns: readonly Float64Array[]
  readonly #accounts: Account[] = []
  /** Of all accounts; of the only one where there is one. */
  #together: Required<Curve> = { value: new Float64Array(), cash: new Float64Array(), others: [] }
  #length = 0
  /** Whether no row follows: then the columns can be given away as they are. */
  #isClosed = false

  /** By account, 1 where it holds nothing and has not traded since its newest row. */
  #isStill = new Uint8Array(1)
  /** Of accounts that are still: their cash, and the first row that is not written. */
  #stillCash = new Float64Array(1)
  #stillFrom = new Int32Array(1)

  /** @param rows the most that there can be */
  constructor(rows: number, rates: Rates | undefined) {
    this.#rows = rows
    this.#rates = rates
    this.#time = new Float64Array(rows)
    this.#rateColumns = (rates?.others ?? []).map(() => new Float64Array(rows))
  }

  get length(): number {
    return this.#length
  }
  /** Valid up to `length`, as the next. */
  get time(): Float64Array {
    return this.#time
  }
  /** What the accounts were worth together. */
  get value(): Float64Array {
    return this.#together.value
  }

  /** Adds an account; all are added before the first row. */
  open(portfolio: Portfolio, cash: number): void {
    const account = { portfolio, ...this.#newCurve(), peak: cash }
    const count = this.#accounts.push(account)
    if (count === 1) this.#together = account
    else if (count === 2) this.#together = this.#newCurve()
    this.#isStill = new Uint8Array(count)
    this.#stillCash = new Float64Array(count)
    this.#stillFrom = new Int32Array(count)
  }

  /** Highest value of an account at a row so far, or the cash that it began with. */
  peakOf(account: number): number {
    return this.#accounts[account]!.peak
  }

  /** An account trades: told before its next row. */
  wake(account: number): void {
    if (this.#isStill[account] === 0) return
    this.#writeStill(account)
    this.#isStill[account] = 0
  }

  /** Values the accounts at the time of a clock, which may be that of the newest row again. */
  mark(clock: { readonly time: number }): void {
    const { time } = clock
    let row = this.#length
    if (row > 0 && this.#time[row - 1] === time) row--
    this.#time[row] = time
    this.#length = row + 1
    if (this.#rates) this.#markMoney(this.#rates, row)
    if (this.#accounts.length === 1) {
      const account = this.#accounts[0]!
      const { value, cash, portfolio } = account
      portfolio.writeTo(row, value, cash)
      if (value[row]! > account.peak) account.peak = value[row]!
      return
    }
    let equity = 0
    let cash = 0
    for (let i = 0; i < this.#accounts.length; i++) {
      if (this.#isStill[i] === 1) {
        equity += this.#stillCash[i]!
        cash += this.#stillCash[i]!
        continue
      }
      const account = this.#accounts[i]!
      const { portfolio } = account
      portfolio.writeTo(row, account.value, account.cash)
      const value = account.value[row]!
      const own = account.cash[row]!
      if (value > account.peak) account.peak = value
      equity += value
      cash += own
      // Cash in other currencies is worth something else at every rate.
      if (portfolio.heldCount === 0 && !this.#rates) {
        this.#isStill[i] = 1
        this.#stillCash[i] = own
        this.#stillFrom[i] = row + 1
      }
    }
    this.#together.value[row] = equity
    this.#together.cash[row] = cash
  }

  /** No row follows. */
  close(): void {
    this.#isClosed = true
  }

  /** Of all accounts together. */
  together(): CourseRecord['equity'] {
    const { value, cash } = this.#together
    return { time: this.#given(this.#time), value: this.#given(value), cash: this.#given(cash) }
  }

  /** The rates and the cash in other currencies than the account's; undefined where there is none. */
  currencies(): CurrencyColumns[] | undefined {
    return this.#rates?.others.map((currency, i) => ({
      currency,
      rate: this.#given(this.#rateColumns[i]!),
      cash: this.#given(this.#together.others[i]!),
    }))
  }

  /** Of each account. */
  parts(): Curve[] {
    return this.#accounts.map(({ value, cash, others }, i) => {
      if (this.#isStill[i] === 1) this.#writeStill(i)
      return {
        value: this.#given(value),
        cash: this.#given(cash),
        ...(this.#rates ? { others: others.map((column) => this.#given(column)) } : {}),
      }
    })
  }

  #given(column: Float64Array): Float64Array {
    return this.#isClosed && this.#length === this.#rows ? column : column.slice(0, this.#length)
  }

  #writeStill(account: number): void {
    const { value, cash } = this.#accounts[account]!
    const known = this.#stillCash[account]!
    const from = this.#stillFrom[account]!
    value.fill(known, from, this.#length)
    cash.fill(known, from, this.#length)
    this.#stillFrom[account] = this.#length
  }

  #newCurve(): Required<Curve> {
    const column = () => new Float64Array(this.#rows)
    return { value: column(), cash: column(), others: this.#rateColumns.map(column) }
  }

  /** Notes the rates and the cash in other currencies at a row. */
  #markMoney(rates: Rates, row: number): void {
    for (let i = 0; i < rates.others.length; i++) {
      this.#rateColumns[i]![row] = rates.at(i + 1)
      let cash = 0
      for (const { portfolio, others } of this.#accounts) cash += others[i]![row] = portfolio.cashAt(i + 1)
      this.#together.others[i]![row] = cash
    }
  }
}
