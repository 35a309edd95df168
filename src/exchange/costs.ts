/**
 * Costs that are taken from every fill. What is left out costs nothing. Where a strategy has cost functions of its own they
 * take the place of these: its `slippage` of what slips, its `transactionCost` of the commission.
 */
export interface Costs {
  /** Fraction of the traded value: 0.001 is 0.1 %. */
  readonly commission: number
  /** Fraction of the price that a market or stop order fills worse by: 0.0005 is 0.05 %. Limit orders keep their price. */
  readonly slippage: number
  /**
   * Fraction of the traded value for makers: orders that waited in the market until another took them. `commission` is then for
   * takers. Below zero is a rebate. On bars the limit orders are makers that fill inside a bar.
   */
  readonly makerCommission?: number
  /** Money for each order that trades, however many fills it has. */
  readonly commissionPerOrder?: number
  /** Money for each share, or other unit of volume. */
  readonly commissionPerUnit?: number
  /** Least commission of an order that trades, money. Its fills share it. */
  readonly leastCommission?: number
  /** Most commission of an order, as a fraction of its traded value; it goes before the least. */
  readonly mostCommission?: number
  /** How much worse a market or stop order fills, in price. */
  readonly slippagePrice?: number
  /** How many ticks worse it does; a tick is `usualTick` where the instrument has none. */
  readonly slippageTicks?: number
}

/** A tick where an instrument has none: a cent. */
export const usualTick = 0.01

/** Bounds of the costs that may be asked for, both ends included. */
export const costBounds: Readonly<Record<keyof Costs, readonly [least: number, most: number]>> = {
  commission: [0, 0.1],
  slippage: [0, 0.1],
  makerCommission: [-0.1, 0.1],
  commissionPerOrder: [0, 1e6],
  commissionPerUnit: [0, 1e6],
  leastCommission: [0, 1e6],
  mostCommission: [0, 1],
  slippagePrice: [0, 1e6],
  slippageTicks: [0, 1e6],
}

/**
 * Holds costs against their bounds.
 *
 * @throws RangeError saying what was found and what was expected
 */
export function checkCosts(costs: Costs): void {
  for (const [name, value] of Object.entries(costs) as [keyof Costs, number | undefined][]) {
    const bounds = costBounds[name]
    if (!bounds)
      throw new RangeError(
        `Setting ${name} is ${value}; there is no such cost, only ${Object.keys(costBounds).join(', ')}`,
      )
    // Fractions that nobody is offered can still be reckoned with.
    const fraction = name === 'commission' || name === 'slippage'
    const [least, most] = bounds
    const fits = typeof value === 'number' && value >= least && (fraction ? value < 1 : value <= most)
    if (value !== undefined && !fits)
      throw new RangeError(
        `Setting ${name} is ${value}; expected ${fraction ? 'a fraction from 0 up to 1' : `a number from ${least} to ${most}`}`,
      )
  }
}

/** How much worse than a price an order fills that takes any price, per unit. A sale never slips to less than a hundredth of the price. */
export function slippageOf(costs: Costs, price: number, tickSize: number): number {
  return Math.min(price * costs.slippage + fixedSlippage(costs, tickSize), 0.99 * price)
}

/** The part of the slippage that does not depend on the price. */
export function fixedSlippage({ slippagePrice = 0, slippageTicks = 0 }: Costs, tickSize: number): number {
  return slippagePrice + slippageTicks * (tickSize > 0 ? tickSize : usualTick)
}

/** Whether the commission is a fraction of the traded value and nothing else. */
export function isPlain({ commission, slippage, slippagePrice, slippageTicks, ...others }: Costs): boolean {
  return Object.values(others).every((value) => value === undefined)
}

/** What an order has traded so far. */
export interface Traded {
  /** Money that changed hands where it took, and where it made. */
  readonly taken: number
  readonly made: number
  readonly volume: number
}

/** The commission on all that an order has traded so far: a further fill costs the difference. */
export function commissionOf(costs: Costs, { taken, made, volume }: Traded): number {
  const {
    commission,
    makerCommission = commission,
    commissionPerOrder = 0,
    commissionPerUnit = 0,
    leastCommission = -Infinity,
    mostCommission = Infinity,
  } = costs
  const full = taken * commission + made * makerCommission + commissionPerOrder + volume * commissionPerUnit
  return Math.min(mostCommission * (taken + made), Math.max(leastCommission, full))
}

/** What a venue charges, as an example to begin with. */
export interface CostExample {
  readonly id: string
  readonly name: string
  /** Whose prices, of when, and where they stand. */
  readonly source: string
  readonly costs: Partial<Costs>
}

/** Examples of what venues charge. They change: the source says of when they are. */
export const costExamples: readonly CostExample[] = [
  {
    id: 'us-shares-fixed',
    name: 'US shares, fixed price each (example)',
    source:
      "Interactive Brokers' fixed prices for US shares as published in 2024: USD 0.005 a share, at least USD 1 and at most 1 % of the value of an order, without the fees of authorities (interactivebrokers.co.uk, Commissions: Stocks).",
    costs: { commission: 0, commissionPerUnit: 0.005, leastCommission: 1, mostCommission: 0.01 },
  },
]
