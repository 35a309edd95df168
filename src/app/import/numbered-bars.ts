import type { CanonicalBar } from '#data'
import type { BarColumns } from '#market'

/** A bar and its row in the table, from 0. */
export interface NumberedBar extends CanonicalBar {
  readonly row: number
}

/** Bars shown before and behind those that are meant, and at each end of a stretch that is too long to be shown. */
const beside = 3

/** The bars from one row to another with some on both sides; of a long stretch, its first and its last. */
export function barsAround(
  { bars, missingVolumes }: { readonly bars: BarColumns; readonly missingVolumes: number },
  firstRow: number,
  lastRow: number,
  outside = beside,
): readonly NumberedBar[] {
  const { time, open, high, low, close, volume } = bars
  const start = Math.max(0, firstRow - outside)
  const end = Math.min(time.length, lastRow + outside + 1)
  const list: NumberedBar[] = []
  for (let row = start; row < end; row++) {
    if (row >= firstRow + beside && row <= lastRow - beside) continue
    list.push({
      row,
      t: time[row]! / 1000,
      open: open[row]!,
      high: high[row]!,
      low: low[row]!,
      close: close[row]!,
      volume: missingVolumes === time.length ? null : volume[row]!,
    })
  }
  return list
}
