import type { StoredTable } from './view.ts'

/** A stored instrument with its bars. */
export interface NamedTable {
  readonly symbol: string
  readonly table: StoredTable
  readonly noVolume: boolean
}

const rowsOfPart = 20_000

/** A time in microseconds as ISO 8601 in UTC; a date alone where all times of the table are midnights. */
function timeWriter({ bars: { time } }: StoredTable): (row: number) => string {
  const dates = time.every((at) => at % 86_400e6 === 0)
  return (row) => {
    const at = time[row]!
    const text = new Date(Math.floor(at / 1000)).toISOString()
    if (dates) return text.slice(0, 10)
    const below = at - Math.floor(at / 1000) * 1000
    if (below > 0) return `${text.slice(0, -1)}${String(below).padStart(3, '0')}Z`
    return text.endsWith('.000Z') ? `${text.slice(0, -5)}Z` : text
  }
}

/**
 * Tables as comma-separated text, in parts: a header, ISO times in UTC, plain decimals, a column of names where there are several
 * instruments. Imported again it gives the same content.
 */
export function* csvParts(tables: readonly NamedTable[]): Generator<string> {
  const several = tables.length > 1
  const adjusted = tables.some(({ table }) => table.adjustedClose)
  const cell = (text: string) => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text)
  yield `${several ? 'symbol,' : ''}time,open,high,low,close,volume${adjusted ? ',adj close' : ''}\n`
  for (const { symbol, table, noVolume } of tables) {
    const { open, high, low, close, volume, time } = table.bars
    const at = timeWriter(table)
    const name = several ? `${cell(symbol)},` : ''
    let part = ''
    for (let row = 0; row < time.length; row++) {
      part += `${name}${at(row)},${open[row]},${high[row]},${low[row]},${close[row]},${noVolume ? '' : volume[row]}`
      if (adjusted) {
        const value = table.adjustedClose?.[row] ?? NaN
        part += Number.isNaN(value) ? ',' : `,${value}`
      }
      part += '\n'
      if (row % rowsOfPart === rowsOfPart - 1) {
        yield part
        part = ''
      }
    }
    yield part
  }
}

/** Tables as a JSON array of bars, in parts; times as in the CSV. */
export function* jsonParts(tables: readonly NamedTable[]): Generator<string> {
  const several = tables.length > 1
  let before = '[\n'
  for (const { symbol, table, noVolume } of tables) {
    const { open, high, low, close, volume, time } = table.bars
    const at = timeWriter(table)
    let part = ''
    for (let row = 0; row < time.length; row++) {
      const adjusted = table.adjustedClose?.[row] ?? NaN
      part +=
        before +
        JSON.stringify({
          ...(several ? { symbol } : {}),
          time: at(row),
          open: open[row],
          high: high[row],
          low: low[row],
          close: close[row],
          ...(noVolume ? {} : { volume: volume[row] }),
          ...(Number.isNaN(adjusted) ? {} : { adjClose: adjusted }),
        })
      before = ',\n'
      if (row % rowsOfPart === rowsOfPart - 1) {
        yield part
        part = ''
      }
    }
    yield part
  }
  yield before === '[\n' ? '[]\n' : '\n]\n'
}
