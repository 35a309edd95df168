/** What one uncrossing would do. */
export interface Clearing {
  readonly price: number
  /** Lots that trade. */
  readonly volume: number
  /** Lots bid at the price in excess of those offered; negative when more are offered. */
  readonly surplus: number
}

/** Lots wanted at each price of one side, best price first. */
export interface Interest {
  readonly price: readonly number[]
  readonly quantity: readonly number[]
  /** Lots wanted at any price. */
  readonly market: number
}

/**
 * The price at which a call auction trades: that of maximum volume, among those the one of minimum surplus, among
 * those the one nearest to the reference (the lower of two equally near); where there is no reference, the middle of
 * those left, rounded down, stands in. Null when nothing can trade. Every price between two limits behaves alike, so
 * it is enough to look at each limit, one tick either side of it, and the reference.
 */
export function clearing(
  bids: Interest,
  asks: Interest,
  reference: number,
  lowest: number,
  highest: number,
): Clearing | null {
  const around = (price: number) => [price - 1, price, price + 1]
  const limits = [...bids.price.flatMap(around), ...asks.price.flatMap(around)]
  if (!Number.isNaN(reference)) limits.push(reference)
  const prices = [...new Set(limits)]
    .filter((price) => price >= lowest && price <= highest)
    .sort((a, b) => a - b)
  const demand = cumulate(bids, prices.toReversed(), (limit, price) => limit >= price).reverse()
  const supply = cumulate(asks, prices, (limit, price) => limit <= price)
  let volume = 0
  let surplus = Infinity
  let tied: number[] = []
  for (let i = 0; i < prices.length; i++) {
    const trades = Math.min(demand[i]!, supply[i]!)
    const over = Math.abs(demand[i]! - supply[i]!)
    if (trades < volume || (trades === volume && over > surplus)) continue
    if (trades > volume || over < surplus) tied = []
    volume = trades
    surplus = over
    tied.push(i)
  }
  if (volume === 0) return null
  if (Number.isNaN(reference)) {
    const middle = Math.floor((prices[tied[0]!]! + prices[tied.at(-1)!]!) / 2)
    return clearing(bids, asks, middle, lowest, highest)
  }
  let best = tied[0]!
  for (const i of tied) if (Math.abs(prices[i]! - reference) < Math.abs(prices[best]! - reference)) best = i
  return { price: prices[best]!, volume, surplus: demand[best]! - supply[best]! }
}

/** Lots of a side at each of the prices, which run from that side's best to its worst. */
function cumulate(
  interest: Interest,
  prices: readonly number[],
  reaches: (limit: number, price: number) => boolean,
): number[] {
  let next = 0
  let sum = interest.market
  return prices.map((price) => {
    while (next < interest.price.length && reaches(interest.price[next]!, price))
      sum += interest.quantity[next++]!
    return sum
  })
}
