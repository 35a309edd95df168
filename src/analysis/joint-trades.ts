import type { DataSet } from '#data'
import type { RunRecord } from '#engine'
import type { TradeColumns } from './report.ts'
import { roundTrips } from './round-trips.ts'

/**
 * The trades of a run. Of several strategies each has trades of its own, so that theirs are together those of the account:
 * what one bought and another sold is no trade. Closed ones in the order of their exits, then open ones in that of their entries.
 */
export function tradesOf(record: RunRecord, data: DataSet): TradeColumns {
  const { strategies, owners } = record
  if (!strategies || !owners) return roundTrips(record, data)
  const ids = strategies.map((): number[] => [])
  owners.orders.forEach((owner, row) => ids[owner]!.push(row + 1))
  const parts = strategies.map((part) => roundTrips(part, data))
  const rows = parts.flatMap((trades, strategy) =>
    Array.from(trades.side, (_, row) => {
      const open = Number.isNaN(trades.exitTime[row]!)
      const time = (open ? trades.entryTime : trades.exitTime)[row]!
      const order = ids[strategy]![(open ? trades.entryOrder : trades.exitOrder)[row]! - 1]!
      return { strategy, row, open, time, order }
    }),
  )
  rows.sort((a, b) => Number(a.open) - Number(b.open) || a.time - b.time || a.order - b.order)
  const merged = Object.entries(parts[0]!).map(([name, column]) => {
    const values = new (column.constructor as new (length: number) => Float64Array)(rows.length)
    rows.forEach(({ strategy, row }, at) => {
      const value = (parts[strategy] as unknown as Record<string, Float64Array>)[name]![row]!
      const isOrder = name === 'entryOrder' || name === 'exitOrder'
      values[at] = isOrder && value > 0 ? ids[strategy]![value - 1]! : value
    })
    return [name, values] as const
  })
  return {
    ...(Object.fromEntries(merged) as unknown as TradeColumns),
    strategy: Int32Array.from(rows, ({ strategy }) => strategy),
  }
}
