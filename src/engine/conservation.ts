import { type Order, OrderStatus } from '#market'

/** Of a volume: fills are counted in whole lots, and what was asked for may differ from them by rounding. */
const tolerance = 1e-9

/**
 * What rests, what has filled and what was taken back are together what was asked for. Called after everything that
 * changes an order, in every build.
 *
 * @param status what the order is now, or is about to become
 * @throws Error with the numbers where volume appeared or was lost: a fault of the engine, not of a strategy
 */
export function checkConserved(order: Order, status: OrderStatus): void {
  const { volume, filled } = order
  const slack = volume * tolerance
  const whole =
    status === OrderStatus.FILLED
      ? Math.abs(filled - volume) <= slack
      : status === OrderStatus.REJECTED
        ? filled === 0
        : filled >= 0 && filled <= volume + slack
  if (!whole)
    throw new Error(
      `Order ${order.id} of ${volume} is ${status} with ${filled} filled: its volume does not add up`,
    )
}
