import {
  beyondProtection,
  countedPrice,
  countedVolume,
  lotsFor,
  moneyLeft,
  type Order,
  type Refusal,
  RefusalCode,
  roughly,
  stateOf,
} from '#market'

/**
 * Sizes an order that goes by an amount of money by the last price, so that everything else can treat it as one by volume.
 * What it comes to is known only as it trades: see `resize`.
 *
 * @param opposite best price on the other side of the book; NaN where none is known
 * @returns why it cannot be sized; undefined where it can, and for orders by volume
 */
export function sizeByNotional(order: Order, last: number, opposite: number): Refusal | undefined {
  const { notional, instrument } = order
  if (notional !== notional) return undefined
  const { name, lotSize } = instrument
  if (!(last > 0))
    return {
      code: RefusalCode.NO_MARKET,
      reason: `${name} has no price above zero yet that an order by notional could be sized by.`,
      numbers: { notional },
    }
  const volume = lotsFor(notional, last, instrument)
  const state = stateOf(order)
  state.volume = volume
  if (opposite > 0) state.opposite = opposite
  if (volume === 0)
    return {
      code: RefusalCode.OFF_LOT,
      reason: `A notional of ${roughly(notional)} does not pay for one lot of ${lotSize} ${name} at ${roughly(last)}.`,
      numbers: { notional, price: last, lotSize },
    }
  // While it works it counts as what the rules take it for.
  state.asked = countedVolume(order, countedPrice(order, last))
  return undefined
}

/**
 * Gives an order by notional that has just traded the volume that it comes to as far as is known.
 *
 * @param goesOn whether its market may still have a price that the rest pays for, and tells when it has not
 */
export function resize(order: Order, price: number, goesOn: boolean): void {
  const money = moneyLeft(order)
  if (money !== money) return
  const more = lotsFor(money, price, order.instrument)
  const state = stateOf(order)
  state.volume = state.filled + (goesOn ? Math.max(order.instrument.lotSize, more) : more)
}

/**
 * What of a volume an order may trade at a price: none beyond its protection, no more than its money pays for there, or for a
 * sale without its slippage.
 */
export function withinTerms(order: Order, price: number, market: number, volume: number): number {
  if (beyondProtection(order, price)) return 0
  const money = moneyLeft(order)
  return money === money
    ? Math.min(volume, lotsFor(money, Math.max(price, market), order.instrument))
    : volume
}

/** Why an order that has come to as many units as the rules counted it as trades no more. */
export function boundReached({ filled, notional, averagePrice, instrument, id }: Order): Refusal {
  return {
    code: RefusalCode.POSITION_LIMIT,
    reason: `Order ${id} has come to the ${roughly(filled)} ${instrument.name} that the rules counted for a notional of ${roughly(notional)}, since the book had fallen to ${roughly(averagePrice)}; the rest was taken back.`,
    numbers: { order: id, filled, notional, price: averagePrice },
  }
}

/** Volume that a working market order is taken to trade: of one by notional what is left of whole lots is reserved too. */
export function reservedVolume({ remaining, notional, instrument }: Order): number {
  return notional > 0 && remaining > 0 ? remaining + instrument.lotSize : remaining
}

/** Why an order has nothing that could be changed. */
export const notChangeable = ({ id, notional }: Order): Refusal | undefined =>
  notional > 0
    ? {
        code: RefusalCode.CONTRADICTORY,
        reason: `Order ${id} goes by a notional of ${roughly(notional)}, which cannot be changed; cancel it and send another.`,
        numbers: { order: id, notional },
      }
    : undefined
