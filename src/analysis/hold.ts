import type { DataSet } from '#data'
import type { RunRecord } from '#engine'
import { instrumentOf } from './round-trips.ts'

/**
 * Value over the record's times of an account that splits the starting cash evenly over the instruments, buys each at
 * its first open with the run's slippage and commission, in whole lots, and sells nothing.
 */
export function buyAndHold(record: RunRecord, data: DataSet): Float64Array {
  const { settings, equity, instruments } = record
  const { commission, slippage } = settings.costs
  let cash = settings.cash
  const holdings = instruments.map((spec) => ({
    bars: instrumentOf(data, spec.name).bars,
    lot: spec.lotSize ?? 1e-8,
    multiplier: spec.multiplier ?? 1,
    next: 0,
    volume: 0,
    value: 0,
  }))
  const budget = settings.cash / instruments.length
  const values = new Float64Array(equity.time.length)
  for (let i = 0; i < values.length; i++) {
    const now = equity.time[i]!
    let held = 0
    for (const holding of holdings) {
      const { bars, multiplier } = holding
      const before = holding.next
      while (holding.next < bars.time.length && bars.time[holding.next]! <= now) holding.next++
      if (before === 0 && holding.next > 0) {
        const cost = bars.open[0]! * (1 + slippage) * multiplier * (1 + commission)
        // A hair above the quotient, so that 100 / 0.1 lots are 1,000 and not 999.
        holding.volume = Math.floor((budget / cost / holding.lot) * (1 + 1e-12)) * holding.lot
        cash -= holding.volume * cost
      }
      if (holding.next > before) holding.value = holding.volume * bars.close[holding.next - 1]! * multiplier
      held += holding.value
    }
    values[i] = cash + held
  }
  return values
}
