import type { DataSet } from '#data'
import type { RunRecord } from '#engine'
import { commissionOf, type Costs, isPlain, slippageOf } from '#exchange'
import { Rates } from '#trading'
import { barTimes } from './bar-times.ts'
import { Conversion } from './conversion.ts'
import { instrumentOf } from './round-trips.ts'

/**
 * Value over the record's times of an account that splits the starting cash evenly over the instruments, buys each at
 * its first open on the terms of the run, as one market order in whole lots, and sells nothing. On bars it pays their
 * slippage; on a book, which has none, no more than that price: it is not sent through the book, so that it never moves the
 * market that it is held against, which is optimistic for large accounts.
 *
 * An instrument in another currency is bought at its first open at which there is a rate, at that of the same time, which
 * on bars is a little later than the open; what is bought is exchanged, or not, as the settings have it. Pairs that only
 * tell a rate, and were never traded, are not bought.
 */
export function buyAndHold(record: RunRecord, data: DataSet): Float64Array {
  const { settings, equity } = record
  const { costs } = settings
  const conversion = new Conversion(record)
  const exchangeCost = conversion.exchanges ? (settings.money?.cost ?? 0) : 0
  let cash = settings.cash
  const instruments = heldOf(record)
  const times = barTimes(record, data)
  const holdings = instruments
    .map((index) => record.instruments[index]!)
    .map((spec, at) => ({
      index: instruments[at]!,
      isOther: record.currencies?.some(({ currency }) => currency === spec.currency) ?? false,
      loan: 0,
      bars: instrumentOf(data, spec.name).bars,
      time: times[data.instruments.indexOf(instrumentOf(data, spec.name))]!,
      lot: spec.lotSize ?? 1e-8,
      tick: spec.tickSize ?? 0,
      multiplier: spec.multiplier ?? 1,
      hasBook: (record.books[instruments[at]!]?.levels ?? 0) > 0,
      next: 0,
      bought: false,
      volume: 0,
      value: 0,
    }))
  const budget = settings.cash / instruments.length
  const values = new Float64Array(equity.time.length)
  for (let i = 0; i < values.length; i++) {
    const now = equity.time[i]!
    let held = 0
    for (const holding of holdings) {
      const { bars, time, multiplier, isOther } = holding
      const before = holding.next
      while (holding.next < time.length && time[holding.next]! <= now) holding.next++
      const rate = isOther ? conversion.rateAt(holding.index, i) : 1
      if (!holding.bought && holding.next > before && rate > 0) {
        holding.bought = true
        const open = bars.open[before]!
        const slips = holding.hasBook ? 0 : slippageOf(costs, open, holding.tick)
        const price = (open + slips) * multiplier
        const worth = isOther ? rate * (1 + exchangeCost) : 1
        holding.volume = affordable(budget / worth, price, holding.lot, costs)
        const cost = costOf(holding.volume, price, costs)
        if (isOther && !conversion.exchanges) holding.loan = cost
        else cash -= cost * worth
      }
      if (holding.next > before) holding.value = holding.volume * bars.close[holding.next - 1]! * multiplier
      if (isOther && holding.volume > 0) held += (holding.value - holding.loan) * rate
      else held += holding.value
    }
    values[i] = cash + held
  }
  return values
}

/** What a volume costs as one market order, commission included. */
function costOf(volume: number, price: number, costs: Costs): number {
  if (volume === 0) return 0
  const taken = volume * price
  return taken + commissionOf(costs, { taken, made: 0, volume })
}

/** The largest volume in whole lots that money pays for; price per unit of volume, above zero. */
function affordable(money: number, price: number, lot: number, costs: Costs): number {
  // A hair above the quotient, so that 100 / 0.1 lots are 1,000 and not 999.
  const lotsFor = (paid: number) => Math.max(0, Math.floor((money / paid / lot) * (1 + 1e-12)))
  if (isPlain(costs)) return lotsFor(price * (1 + costs.commission)) * lot
  // What more costs more, so half of what is left is ruled out each time.
  let most = lotsFor(price)
  let least = 0
  while (least < most) {
    const middle = least + Math.ceil((most - least) / 2)
    if (costOf(middle * lot, price, costs) <= money * (1 + 1e-12)) least = middle
    else most = middle - 1
  }
  return least * lot
}

/** Indexes of the instruments that are bought. */
function heldOf({ instruments, settings, fills }: RunRecord): number[] {
  const all = [...instruments.keys()]
  const rates = Rates.of(instruments, settings.money)
  const held = all.filter((index) => !rates?.isPair(index) || fills.instrument.includes(index))
  return held.length > 0 ? held : all
}
