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

/** A name that fits a column and keeps its end, where the number stands that tells it from others of that name. */
export function shortened(name: string, most = 20): string {
  const letters = [...name]
  if (letters.length <= most) return name
  return `${letters
    .slice(0, most - 7)
    .join('')
    .trimEnd()}…${letters.slice(-6).join('')}`
}
