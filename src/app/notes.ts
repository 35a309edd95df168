import type { TradeColumns } from '#analysis'
import type { RunRecord } from '#engine'

/** What a strategy noted on the orders of a trade, as one line: the entry's note, and the exit's where it says more. */
export function tradeNotes(record: RunRecord): (trades: TradeColumns, row: number) => string {
  const notes = new Map(record.notes?.map(({ order, note }) => [order, inWords(note)]))
  return ({ entryOrder, exitOrder }, row) => {
    const entry = notes.get(entryOrder[row]!) ?? ''
    const exit = notes.get(exitOrder[row]!) ?? ''
    return exit === '' || exit === entry ? entry : entry === '' ? `→ ${exit}` : `${entry} → ${exit}`
  }
}

/** JSON as a person would write it: a text as it is, an object as its names and values. */
export function inWords(note: string): string {
  const value = JSON.parse(note) as unknown
  if (typeof value === 'string') return value
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return note
  return Object.entries(value)
    .map(([name, part]) => `${name} ${typeof part === 'string' ? part : JSON.stringify(part)}`)
    .join(', ')
}
