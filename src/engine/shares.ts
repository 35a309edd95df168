import type { RunSettings } from './record.ts'

/** Difference from the whole that rounding may make. */
const rounding = 1e-9

/**
 * The cash that each of several strategies begins with: its share of the account's, or an equal part of what the shares
 * of the others leave.
 *
 * @param shares fractions of the whole; undefined where none is asked for
 * @throws RangeError where they do not come to the whole
 */
export function cashOf(shares: readonly (number | undefined)[], cash: number): number[] {
  const given = shares.reduce<number>((sum, share) => sum + (share ?? 0), 0)
  const without = shares.filter((share) => share === undefined).length
  for (const share of shares)
    if (share !== undefined && !(share > 0 && share <= 1))
      throw new RangeError(`A share of the cash is ${share}; expected a fraction above 0 and at most 1`)
  if (without === 0 ? Math.abs(given - 1) > rounding : given > 1 - rounding)
    throw new RangeError(
      `The shares of the cash come to ${given}; expected ${without === 0 ? '1' : 'less than 1, which leaves something for the others'}`,
    )
  return shares.map((share) => cash * (share ?? (1 - given) / without))
}

/**
 * Refuses strategies that have more cash than the account.
 *
 * @throws RangeError
 */
export function checkCash(strategies: readonly { readonly cash: number }[], { cash }: RunSettings): void {
  const sum = strategies.reduce((sum, strategy) => sum + strategy.cash, 0)
  if (!(strategies.every((strategy) => strategy.cash > 0) && Math.abs(sum - cash) <= rounding * cash))
    throw new RangeError(`The strategies begin with ${sum} in all; the account has ${cash}`)
}
