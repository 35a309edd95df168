import type { DataSet } from '#data'
import type { RunRecord } from '#engine'
import { Rates } from '#trading'
import { Conversion } from './conversion.ts'
import { instrumentOf } from './round-trips.ts'

/**
 * Value over the record's times of an account that splits the starting cash evenly over the instruments, buys each at
 * its first open with the run's slippage and commission, in whole lots, and sells nothing.
 *
 * An instrument in another currency is bought at its first open at which there is a rate, at that of the same time, which
 * on bars is a little later than the open; what is bought is exchanged, or not, as the settings have it. Pairs that only
 * tell a rate, and were never traded, are not bought.
 */
export function buyAndHold(record: RunRecord, data: DataSet): Float64Array {
  const { settings, equity } = record
  const { commission, slippage } = settings.costs
  const conversion = new Conversion(record)
  const exchangeCost = conversion.exchanges ? (settings.money?.cost ?? 0) : 0
  let cash = settings.cash
  const instruments = heldOf(record)
  const holdings = instruments
    .map((index) => record.instruments[index]!)
    .map((spec, at) => ({
      index: instruments[at]!,
      isOther: record.currencies?.some(({ currency }) => currency === spec.currency) ?? false,
      loan: 0,
      bars: instrumentOf(data, spec.name).bars,
      lot: spec.lotSize ?? 1e-8,
      multiplier: spec.multiplier ?? 1,
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
      const { bars, multiplier, isOther } = holding
      const before = holding.next
      while (holding.next < bars.time.length && bars.time[holding.next]! <= now) holding.next++
      const rate = isOther ? conversion.rateAt(holding.index, i) : 1
      if (!holding.bought && holding.next > before && rate > 0) {
        holding.bought = true
        const cost = bars.open[before]! * (1 + slippage) * multiplier * (1 + commission)
        const paid = isOther ? cost * rate * (1 + exchangeCost) : cost
        // A hair above the quotient, so that 100 / 0.1 lots are 1,000 and not 999.
        holding.volume = Math.floor((budget / paid / holding.lot) * (1 + 1e-12)) * holding.lot
        if (isOther && !conversion.exchanges) holding.loan = holding.volume * cost
        else cash -= holding.volume * paid
      }
      if (holding.next > before) holding.value = holding.volume * bars.close[holding.next - 1]! * multiplier
      if (isOther && holding.volume > 0) held += (holding.value - holding.loan) * rate
      else held += holding.value
    }
    values[i] = cash + held
  }
  return values
}

/** Indexes of the instruments that are bought. */
function heldOf({ instruments, settings, fills }: RunRecord): number[] {
  const all = [...instruments.keys()]
  const rates = Rates.of(instruments, settings.money)
  const held = all.filter((index) => !rates?.isPair(index) || fills.instrument.includes(index))
  return held.length > 0 ? held : all
}
