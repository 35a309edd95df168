import type { BarColumns } from '#market'
import { groupedBars } from '../chart/levels.ts'
import { chunkRows } from './imported-set.ts'
import type { StoredTable } from './view.ts'

/** Groups of an outline at most: more than most screens have columns. */
const most = 2048

/**
 * A data set in outline, in groups of rows with the time of their first: enough for the first look at all of it. It is
 * kept beside the chunks, since to read a few thousand groups takes a moment and to read a million bars some hundred
 * milliseconds. Undefined where there is little to read, or several instruments with times of their own.
 */
export function outlineOf(tables: readonly StoredTable[]): BarColumns | undefined {
  const [table] = tables
  if (!table || tables.length > 1) return undefined
  const { time } = table.bars
  if (time.length <= chunkRows) return undefined
  let size = 2
  while (time.length / size > most) size *= 2
  const groups = groupedBars(table.bars, size)
  return { time: Float64Array.from(groups.close, (_, group) => time[group * size]!), ...groups }
}
