import type { Moment } from '#analysis'
import type { RunRecord } from '#engine'

/** What the strategy of a moment is called in a run of several; nothing of a bar. Undefined where there is one strategy. */
export function whoseMoment({ strategies, owners }: RunRecord): ((moment: Moment) => string) | undefined {
  if (!strategies || !owners) return undefined
  return ({ kind, row, order }) => {
    const place = kind === 'refusal' ? owners.refusals[row] : owners.orders[order]
    return strategies[place ?? -1]?.name ?? ''
  }
}
