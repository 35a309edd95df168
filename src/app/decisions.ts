import type { RefusalEntry } from '#engine'
import type { LogRow } from '#session'

/** What was done, in a word. */
export const kindWords = ({ kind }: Pick<RefusalEntry, 'kind'>) =>
  kind === 'clip' ? 'Clipped' : kind === 'state' ? 'Rules' : 'Refused'

/** A code such as `POSITION_LIMIT` for people. */
export const codeWords = (code: string) => {
  const words = code.toLowerCase().replaceAll('_', ' ')
  return words.charAt(0).toUpperCase() + words.slice(1)
}

/**
 * The log with what was refused, clipped and decided put in where it happened. What was decided comes before what the
 * strategy said at the same bar; the same again right after itself is counted.
 *
 * @param owners of several strategies the place of that of every refusal
 */
export function withDecisions(
  logs: readonly LogRow[],
  refusals: readonly RefusalEntry[],
  owners?: Int32Array,
): readonly LogRow[] {
  if (refusals.length === 0) return logs
  const merged: LogRow[] = []
  const add = (row: Omit<LogRow, 'index'>) => {
    const last = merged.at(-1)
    if (
      last &&
      last.text === row.text &&
      last.bar === row.bar &&
      last.level === row.level &&
      last.strategy === row.strategy
    )
      merged[merged.length - 1] = { ...last, count: last.count + row.count }
    else merged.push({ ...row, index: merged.length })
  }
  let at = 0
  for (const [row, entry] of refusals.entries()) {
    while (at < logs.length && logs[at]!.bar < entry.bar) add(logs[at++]!)
    const { time, bar, order, reason } = entry
    const of = order > 0 ? ` order ${order}` : ''
    const whose = owners ? { strategy: owners[row]! } : {}
    add({ level: 'warn', time, bar, text: `${kindWords(entry)}${of}: ${reason}`, count: 1, ...whose })
  }
  for (; at < logs.length; at++) add(logs[at]!)
  return merged
}
