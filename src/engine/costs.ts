import type { Trade } from '#market'

/**
 * What a cost function answered about a fill.
 *
 * @throws RangeError where it is no number that a fill could cost
 */
export function checkCost(name: 'slippage' | 'transactionCost', cost: unknown, fill: Trade): number {
  const least = name === 'slippage' ? 0 : -Infinity
  if (typeof cost === 'number' && cost >= least && cost < Infinity && cost > -Infinity) return cost
  throw new RangeError(
    `${name} gave ${String(cost)} for ${fill.toString()}; expected a finite number${least === 0 ? ' of at least 0' : ''}`,
  )
}
