import { countedVolume, isAtMarket, type Order, type Refusal, RefusalCode, roughly, Side } from '#market'
import { priceCounted } from './counted-value.ts'
import type { Funds, Portfolio } from './portfolio.ts'

/** Working orders that one account may have at a time. */
const maximumOpenOrders = 10_000

/**
 * What every order has to fulfil whatever the rules: whole lots, and funds. It accepts with `undefined` or refuses with
 * the numbers that decided; it never changes an order.
 */
export class Risk {
  readonly #portfolio: Portfolio
  readonly #funds: Funds
  readonly #asksFunds: boolean

  /** @param asksFunds whether to ask for funds here: not where a rule of the account asks more strictly */
  constructor(portfolio: Portfolio, funds: Funds, asksFunds: boolean) {
    this.#portfolio = portfolio
    this.#funds = funds
    this.#asksFunds = asksFunds
  }

  /**
   * @param instrument index of the order's instrument in the portfolio
   * @param open orders of the account that work already
   * @param pending signed volume per instrument of the market orders among them
   */
  check(
    order: Order,
    instrument: number,
    open: readonly Order[],
    pending: Float64Array,
  ): Refusal | undefined {
    if (open.length >= maximumOpenOrders)
      return {
        code: RefusalCode.TOO_MANY_ORDERS,
        reason: `${open.length} orders work already. Cancel some before sending more.`,
        numbers: { open: open.length, limit: maximumOpenOrders },
      }
    const { lotSize } = order.instrument
    const { volume } = order
    if (volume / lotSize > Number.MAX_SAFE_INTEGER)
      return {
        code: RefusalCode.OFF_LOT,
        reason: `A volume of ${volume} is more than can be counted in lots of ${lotSize}.`,
        numbers: { volume, lotSize },
      }
    if (order.instrument.roundDown(volume) < volume * (1 - 1e-9))
      return {
        code: RefusalCode.OFF_LOT,
        reason: `A volume of ${volume} is not a whole number of lots of ${lotSize} ${order.instrument.name}. instrument.roundDown(volume) gives ${order.instrument.roundDown(volume)}.`,
        numbers: { volume, lotSize },
      }
    return onlyReduces(order) || !this.#asksFunds
      ? undefined
      : this.#checkFunds(order, instrument, open, pending)
  }

  /** Buying power, with market orders that work taken as done and what rests on the same side counted beside it. */
  #checkFunds(
    order: Order,
    instrument: number,
    open: readonly Order[],
    pending: Float64Array,
  ): Refusal | undefined {
    const last = this.#portfolio.lastPrice(instrument)
    // Before the first price there is nothing to value an order with; the fill itself is checked again.
    const price = priceCounted(order, last)
    if (!(price > 0)) return undefined
    const sign = order.side === Side.BUY ? 1 : -1
    let working = 0
    for (const other of open)
      if (
        other.instrument === order.instrument &&
        other.side === order.side &&
        !isAtMarket(other) &&
        !onlyReduces(other)
      )
        working += other.remaining
    const byVolume = Number.isNaN(order.notional)
    // The margin of an order by notional makes nothing of what is held.
    const market = byVolume ? price : last
    const affordable = this.#portfolio.affordable(instrument, sign, price, this.#funds, pending, market)
    const volume = byVolume ? order.volume : countedVolume(order, price)
    if (working + volume <= affordable * (1 + 1e-9)) return undefined
    const available = Math.max(0, affordable - working)
    return {
      code: RefusalCode.INSUFFICIENT_FUNDS,
      reason: `${order.side === Side.BUY ? 'Buying' : 'Selling'} ${roughly(volume)} ${order.instrument.name} at ${roughly(price)} needs more than the account can carry: ${order.instrument.roundDown(available)} after costs.`,
      numbers: {
        volume,
        price,
        available,
        working,
        equity: this.#portfolio.equity,
        leverage: this.#funds.leverage,
      },
    }
  }
}

/** Most parts that an iceberg may show itself in, as the book has it. */
const mostParts = 1000

/** Why an order cannot show the part of itself that it says; undefined where it can, or shows all. */
export function refuseDisplay({ display, volume, instrument }: Order): Refusal | undefined {
  if (!(display > 0)) return undefined
  const { lotSize, name } = instrument
  if (display > volume * (1 + 1e-9))
    return {
      code: RefusalCode.CONTRADICTORY,
      reason: `The order shows ${display} of only ${volume} ${name}; expected at most its volume.`,
      numbers: { display, volume },
    }
  if (instrument.roundDown(display) < display * (1 - 1e-9))
    return {
      code: RefusalCode.OFF_LOT,
      reason: `A displayed volume of ${display} is not a whole number of lots of ${lotSize} ${name}. instrument.roundDown(volume) gives ${instrument.roundDown(display)}.`,
      numbers: { display, lotSize },
    }
  if (display * mostParts < volume)
    return {
      code: RefusalCode.OUT_OF_RANGE,
      reason: `Shown ${display} at a time, ${volume} ${name} would come in more than ${mostParts} parts; expected at least ${volume / mostParts} at a time.`,
      numbers: { display, volume, parts: mostParts },
    }
  return undefined
}

/** Whether an order can only take back what the order it waits for has done, or replaces one that was counted already. */
function onlyReduces({ side, volume, after, pair, reduceOnly }: Order): boolean {
  return (
    reduceOnly ||
    (after !== undefined && after.side !== side && volume <= after.volume) ||
    (pair !== undefined && pair.side === side && volume <= pair.volume)
  )
}
