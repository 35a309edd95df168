import { type DataSet, whenTold } from '#data'
import type { RunRecord } from '#engine'

/**
 * By instrument of the data and row, when the run was told of its bars: at their stamps, or later where the run has bars
 * of several lengths.
 *
 * @param data as the run had them, with the bars that it made
 */
export function barTimes({ books }: RunRecord, { instruments }: DataSet): readonly Float64Array[] {
  const isMade = (index: number) => (books[index]?.levels ?? 0) > 0
  const onBars = instruments.filter((_, index) => !isMade(index))
  const told = whenTold(onBars, onBars.length < instruments.length)
  let next = 0
  return instruments.map(({ bars }, index) => (isMade(index) ? bars.time : told.instruments[next++]!.time))
}
