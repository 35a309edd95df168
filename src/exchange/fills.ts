import { type Order, OrderType, Side } from '#market'

/**
 * When market orders fill on bars.
 *
 * - `next-open`: at the open of the first bar after the one the order was given on. Condition: the open is a price
 *   at which the whole volume can be had. Bias: none from time; optimistic for volumes that are large against the bar's.
 * - `same-close`: at the close of the bar the order was given on. Bias: optimistic. The close is both the signal and
 *   the price, which nobody can act on; for comparison with tools that fill so. Risk rules act on it too: they look at the
 *   account once all bars of a stamp have closed, before a strategy hears of the last, and what they close trades at these
 *   closes. What only the fills at a close bring about is closed at the next open.
 */
export type FillRule = 'next-open' | 'same-close'

/** Finer rules of fills on bars. */
export interface BarRules {
  /**
   * When a bar fills a limit order that it reaches after its open: when it trades `through` its price (where this is left out), or on `touch`
   * too. Touch is optimistic: it takes our order for the first in the queue.
   */
  readonly limits?: 'through' | 'touch'
  /**
   * Fraction of a bar's volume that all our orders together may trade in it; 1 where this is left out, null for no limit.
   * What does not fit works on: the rest of a market or stop order fills at the next open. Bars before an
   * instrument's first one with a volume limit nothing: what was traded in them is not known. Bias: at 1 optimistic for whoever trades much of a bar, because nothing else moves the price.
   */
  readonly volumeShare?: number | null
}

/** A bar as the fill rules see it. */
export interface PriceRange {
  readonly open: number
  readonly high: number
  readonly low: number
}

/** When in a bar a fill happens, as far as the bar tells. What is against us comes before what is for us. */
export const FillMoment = { OPEN: 0, STOP: 1, LIMIT: 2 } as const
export type FillMoment = (typeof FillMoment)[keyof typeof FillMoment]

/** How a working order fares on a bar: at which price it fills, by which rule, and whether slippage is due. */
export interface BarFill {
  readonly price: number
  readonly rule: string
  /** True for orders that take whatever price there is. */
  readonly slips: boolean
  readonly moment: FillMoment
}

/**
 * The fill of an order on a bar that began after it was accepted, or undefined.
 *
 * - Market: the open (`open`). With a protection, the open where that is no worse, slippage included; what it cannot have there is
 *   taken back. Bias: pessimistic where the bar comes back within the protection. By notional: the volume that its money pays
 *   for at that price, for a sale without the slippage. Market-to-limit: what the bar has no volume for is a limit order at that open, without the slippage.
 * - Limit: the open where that is better (`limit at open`), else its price when the bar trades through it (`limit`).
 *   A bar that only touches the price does not fill it: others were first in the queue. Bias: pessimistic at the touch;
 *   with the rule `touch` it fills there too (`limit touched`), which is optimistic.
 * - Stop: its price when the bar reaches it (`stop`), the open when the bar opens beyond it (`stop at open`).
 *   Bias: optimistic where the market jumps inside the bar. What the volume of an earlier bar left of it is a market order
 *   by now (`stop carried over`).
 * - Stop-limit: once its stop price is reached it is a limit order. Where the limit lies on the near side of the stop,
 *   the order waits for the next bar, because the bar does not tell what came after the trigger. Bias: pessimistic. Post-only, it
 *   is taken back where it could trade when it triggers (`tradesWhenTriggered`).
 * - Trailing stop: follows the high (the low where it ends a short) of complete bars. What a bar takes back after its best price
 *   is met on the next bar, from the pulled price on. Bias: optimistic where the price comes back and then recovers inside
 *   one bar, pessimistic where it falls on and the next bar opens beyond the stop.
 *
 * Which of several orders fills first on a bar, and what is not known of that, is stated at `inTurn`: a stop before a limit, the
 * worse of the two paths, and of two stops or two limits the nearer.
 *
 * @param triggered whether an earlier bar reached its stop price
 * @param touch whether a limit order fills where the bar only touches its price
 */
export function fillOnBar(
  order: Order,
  triggered: boolean,
  bar: PriceRange,
  touch = false,
): BarFill | undefined {
  const sign = order.side === Side.BUY ? 1 : -1
  const { open } = bar
  switch (order.type) {
    case OrderType.MARKET:
      // What is left of a market-to-limit order.
      if (order.price === order.price) return fillLimit(order.price, sign, bar, 'limit', touch)
      return { price: open, rule: 'open', slips: true, moment: FillMoment.OPEN }
    case OrderType.LIMIT:
      return fillLimit(order.price, sign, bar, 'limit', touch)
    case OrderType.STOP:
      if (triggered) return { price: open, rule: 'stop carried over', slips: true, moment: FillMoment.OPEN }
      if (sign * (open - order.stopPrice) >= 0)
        return { price: open, rule: 'stop at open', slips: true, moment: FillMoment.OPEN }
      if (isTriggered(order, bar))
        return { price: order.stopPrice, rule: 'stop', slips: true, moment: FillMoment.STOP }
      return undefined
    case OrderType.STOP_LIMIT:
      if (triggered || sign * (open - order.stopPrice) >= 0)
        return fillLimit(order.price, sign, bar, 'stop limit', touch)
      if (isTriggered(order, bar) && sign * (order.stopPrice - order.price) <= 0)
        return { price: order.stopPrice, rule: 'stop limit', slips: false, moment: FillMoment.STOP }
      return undefined
  }
}

/** Whether a bar reaches the stop price of an order. */
export function isTriggered(order: Order, bar: PriceRange): boolean {
  return order.side === Side.BUY ? bar.high >= order.stopPrice : bar.low <= order.stopPrice
}

/**
 * Whether a stop-limit order that a bar triggers could trade at once: at the open where that lies beyond the stop, else at
 * the stop price. A post-only order is taken back then, as on a book: it is held against the market when it triggers, not
 * when it is sent.
 */
export function tradesWhenTriggered(order: Order, bar: PriceRange): boolean {
  const sign = order.side === Side.BUY ? 1 : -1
  const { open } = bar
  const at = sign * (open - order.stopPrice) >= 0 ? open : order.stopPrice
  return isTriggered(order, bar) && sign * (at - order.price) <= 0
}

function fillLimit(
  price: number,
  sign: number,
  bar: PriceRange,
  rule: string,
  touch: boolean,
): BarFill | undefined {
  if (sign * (bar.open - price) <= 0)
    return { price: bar.open, rule: `${rule} at open`, slips: false, moment: FillMoment.OPEN }
  const best = sign > 0 ? bar.low : bar.high
  if (sign * (best - price) < 0) return { price, rule, slips: false, moment: FillMoment.LIMIT }
  if (touch && best === price)
    return { price, rule: `${rule} touched`, slips: false, moment: FillMoment.LIMIT }
  return undefined
}
