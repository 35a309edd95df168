import type { Moment, WorkingOrder } from '#analysis'
import type { DataSet } from '#data'
import { orderStatuses, orderTypes, type RunRecord } from '#engine'
import { ZoneClock } from '#market'
import { type Clock, price, volume } from '../format.ts'

const types: Readonly<Record<string, string>> = {
  MARKET: 'market',
  LIMIT: 'limit',
  STOP: 'stop',
  STOP_LIMIT: 'stop limit',
}

const ends: Readonly<Record<string, string>> = {
  FILLED: 'is filled',
  CANCELLED: 'is cancelled',
  REJECTED: 'is refused',
}

const typeName = (type: number) => types[orderTypes[type]!] ?? String(orderTypes[type])

/** An order's terms, such as `buy 10 AAPL limit 12.5`, `hidden buy 10 …`, or `buy 100 AAPL limit 12.5, showing 10`. */
function terms(
  {
    side,
    type,
    price: limit,
    stopPrice,
  }: Pick<WorkingOrder, 'type' | 'price' | 'stopPrice'> & { side: number },
  size: number,
  name: string,
  shown?: number,
): string {
  const at = [
    Number.isFinite(stopPrice) ? `${typeName(type).includes('limit') ? 'stop ' : ''}${price(stopPrice)}` : '',
    Number.isFinite(limit) ? price(limit) : '',
  ].filter((part) => part !== '')
  const what = [side > 0 ? 'buy' : 'sell', volume(size), name, typeName(type), at.join(', limit ')]
    .join(' ')
    .trimEnd()
  return shown === undefined ? what : shown === 0 ? `hidden ${what}` : `${what}, showing ${volume(shown)}`
}

/** What kind of moment it is, in a word or two. */
export const kindNames: Readonly<Record<Moment['kind'], string>> = {
  bar: 'Bar',
  order: 'Order',
  fill: 'Fill',
  end: 'End of order',
  change: 'Change',
  refusal: 'Refusal',
}

/**
 * What happened at a moment, in one sentence.
 *
 * @param shown what the book shows of orders, as `shownParts` has it
 */
export function inWords(
  { kind, row, instrument, order }: Moment,
  record: RunRecord,
  data: DataSet,
  shown?: ReadonlyMap<number, number>,
): string {
  const name = record.instruments[instrument]?.name ?? 'an unknown instrument'
  const { orders, fills, changes, refusals } = record
  switch (kind) {
    case 'bar': {
      const { open, high, low, close } = data.instruments[instrument]!.bars
      return `${name} opens ${price(open[row]!)}, high ${price(high[row]!)}, low ${price(low[row]!)}, closes ${price(close[row]!)}`
    }
    case 'order':
      return `Order ${order + 1}: ${terms(
        {
          side: orders.side[order]!,
          type: orders.type[order]!,
          price: orders.price[order]!,
          stopPrice: orders.stopPrice[order]!,
        },
        orders.volume[order]!,
        name,
        shown?.get(order + 1),
      )}`
    case 'fill': {
      const verb = fills.side[row]! > 0 ? 'buys' : 'sells'
      return `Order ${order + 1} ${verb} ${volume(fills.volume[row]!)} ${name} at ${price(fills.price[row]!)}, by the rule “${record.rules[fills.rule[row]!]}”`
    }
    case 'end':
      return `Order ${order + 1} ${ends[orderStatuses[orders.status[order]!]!] ?? 'ends'}`
    case 'change':
      return `Order ${order + 1} gets other terms; before: volume ${volume(changes.volume[row]!)}${Number.isFinite(changes.price[row]!) ? `, limit ${price(changes.price[row]!)}` : ''}${Number.isFinite(changes.stopPrice[row]!) ? `, stop ${price(changes.stopPrice[row]!)}` : ''}`
    case 'refusal':
      return refusals[row]!.reason
  }
}

/** A working order in words, with what of it has filled. */
export function workingInWords(
  order: WorkingOrder,
  record: RunRecord,
  shown?: ReadonlyMap<number, number>,
): string {
  const { id, side, filled, volume: size } = order
  const name = record.instruments[order.instrument]?.name ?? ''
  const sign = side === 'BUY' ? 1 : -1
  const part = filled > 0 ? `, ${volume(filled)} of ${volume(size)} filled` : ''
  return `${id}: ${terms({ ...order, side: sign }, size, name, shown?.get(id))}${part}`
}

/**
 * The moment that somebody means by a day such as `2016-01-31` or a time such as `2016-01-31 14:30`, as the clock writes
 * them; microseconds UTC, undefined where it is neither. A day alone is its beginning.
 */
export function readMoment(text: string, { zone, dates }: Pick<Clock, 'zone' | 'dates'>): number | undefined {
  const parts = /^\s*(\d{4}-\d\d-\d\d)(?:[ T](\d\d:\d\d(?::\d\d)?))?\s*$/.exec(text)
  const shown = parts ? Date.parse(`${parts[1]}T${parts[2] ?? '00:00'}Z`) : NaN
  if (Number.isNaN(shown)) return undefined
  return (dates ? shown : new ZoneClock('Steps', zone).utc(shown, shown + 86_400_000)) * 1000
}
