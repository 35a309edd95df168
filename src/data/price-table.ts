import type { BarColumns } from '#market'

/** Bars of one instrument and, where the file has some, its closes adjusted for splits and dividends, NaN where a row has none. */
export interface PriceTable {
  readonly bars: BarColumns
  readonly adjustedClose?: Float64Array
}

/** The same change made to every column of a table. */
export function mapTable(
  { bars, adjustedClose }: PriceTable,
  change: (column: Float64Array) => Float64Array,
): PriceTable {
  const { time, open, high, low, close, volume } = bars
  return {
    bars: {
      time: change(time),
      open: change(open),
      high: change(high),
      low: change(low),
      close: change(close),
      volume: change(volume),
    },
    ...(adjustedClose ? { adjustedClose: change(adjustedClose) } : {}),
  }
}

/**
 * One table of several, one after the other. Where one of them has adjusted closes, those without have NaN there.
 *
 * @throws RangeError for no table
 */
export function joinTables(parts: readonly PriceTable[]): PriceTable {
  const [first] = parts
  if (!first) throw new RangeError('There is no table to join; expected at least one')
  if (parts.length === 1) return first
  const join = (pick: (part: PriceTable) => Float64Array) => {
    const column = new Float64Array(parts.reduce((sum, { bars }) => sum + bars.time.length, 0))
    let at = 0
    for (const part of parts) {
      const piece = pick(part)
      column.set(piece, at)
      at += piece.length
    }
    return column
  }
  return {
    bars: {
      time: join(({ bars }) => bars.time),
      open: join(({ bars }) => bars.open),
      high: join(({ bars }) => bars.high),
      low: join(({ bars }) => bars.low),
      close: join(({ bars }) => bars.close),
      volume: join(({ bars }) => bars.volume),
    },
    ...(parts.some(({ adjustedClose }) => adjustedClose)
      ? {
          adjustedClose: join(
            ({ bars, adjustedClose }) => adjustedClose ?? new Float64Array(bars.time.length).fill(NaN),
          ),
        }
      : {}),
  }
}
