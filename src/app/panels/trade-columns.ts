import type { TradeColumns } from '#analysis'
import { currencyOf, type RunRecord } from '#engine'
import { usualCurrency } from '#market'
import type { Column } from '../kit/table.ts'

/**
 * What a list of trades has to say once it has left the page, where nothing around it tells: whose they are, of what,
 * in which currencies and zones, and by which rules their orders filled.
 *
 * @param name of the strategy, where there is one
 */
export function copiedColumns(record: RunRecord, trades: TradeColumns, name: string): readonly Column[] {
  const rules = new Map<number, string>()
  const { fills } = record
  for (let row = 0; row < fills.time.length; row++) {
    const order = fills.order[row]!
    const rule = record.rules[fills.rule[row]!]!
    const known = rules.get(order)
    if (known === undefined) rules.set(order, rule)
    else if (!known.split('; ').includes(rule)) rules.set(order, `${known}; ${rule}`)
  }
  const of = (row: number) => record.instruments[trades.instrument[row]!]
  const column = (id: string, label: string, value: Column['value']): Column => ({
    id,
    label,
    value,
    onlyCopied: true,
  })
  return [
    ...(trades.strategy ? [] : [column('strategy', 'Strategy', () => name)]),
    ...(record.instruments.length > 1
      ? []
      : [column('instrument', 'Instrument', (row) => of(row)?.name ?? '')]),
    column('state', 'State', (row) => (Number.isNaN(trades.exitTime[row]!) ? 'open' : 'closed')),
    column('entryRule', 'Entry rule', (row) => rules.get(trades.entryOrder[row]!) ?? ''),
    column('exitRule', 'Exit rule', (row) => rules.get(trades.exitOrder[row]!) ?? ''),
    column('pricesIn', 'Prices in', (row) => of(row)?.currency ?? usualCurrency),
    column('moneyIn', 'P&L and fees in', () => currencyOf(record)),
    column('zone', 'Times in', (row) => of(row)?.timeZone ?? 'UTC'),
    column('run', 'Run', () => record.digest),
  ]
}
