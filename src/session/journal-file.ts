import { utf8ToBytes } from '@noble/hashes/utils.js'
import type { DataSet } from '#data'
import { journalEntries, type JournalEntry, type RunRecord } from '#engine'

/** What the journal of a run can be written as. */
export type JournalFormat = 'jsonl' | 'parquet'

/** Letters of a piece of JSON lines. */
const pieceLength = 1 << 18

/** Rows of a Parquet row group: what is held in memory at a time. */
const groupRows = 50_000

/** The columns of a Parquet journal, in their order, with their types. */
const columns = {
  move: 'INT32',
  time: 'DOUBLE',
  event: 'STRING',
  strategy: 'INT32',
  handler: 'STRING',
  instrument: 'STRING',
  order: 'INT32',
  side: 'STRING',
  type: 'STRING',
  price: 'DOUBLE',
  volume: 'DOUBLE',
  stopPrice: 'DOUBLE',
  flag: 'STRING',
  trail: 'DOUBLE',
  trailPercent: 'DOUBLE',
  display: 'DOUBLE',
  hidden: 'BOOLEAN',
  reduceOnly: 'BOOLEAN',
  after: 'INT32',
  pair: 'INT32',
  open: 'DOUBLE',
  high: 'DOUBLE',
  low: 'DOUBLE',
  close: 'DOUBLE',
  fee: 'DOUBLE',
  rate: 'DOUBLE',
  slippage: 'DOUBLE',
  rule: 'STRING',
  code: 'STRING',
  reason: 'STRING',
} as const satisfies Record<keyof JournalEntry, string>

/**
 * The whole journal of a run as the pieces of a file, none of them long: JSON lines, one entry a line, or Parquet with one
 * column per field, that of the rates only where there are several currencies. Times are milliseconds UTC.
 *
 * @throws Error where the record is not what its journal comes to
 */
export async function* journalFile(
  record: RunRecord,
  data: DataSet | readonly DataSet[],
  format: JournalFormat,
): AsyncGenerator<Uint8Array> {
  const entries = journalEntries(record, data)
  const names = (Object.keys(columns) as (keyof JournalEntry)[]).filter(
    (name) => name !== 'rate' || record.currencies,
  )
  yield* format === 'jsonl' ? jsonLines(entries) : parquet(entries, names)
}

function* jsonLines(entries: Iterable<JournalEntry>): Generator<Uint8Array> {
  let text = ''
  for (const entry of entries) {
    text += `${JSON.stringify(entry)}\n`
    if (text.length < pieceLength) continue
    yield utf8ToBytes(text)
    text = ''
  }
  if (text !== '') yield utf8ToBytes(text)
}

async function* parquet(
  entries: Iterable<JournalEntry>,
  names: readonly (keyof JournalEntry)[],
): AsyncGenerator<Uint8Array> {
  const { ByteWriter, ParquetWriter, schemaFromColumnData } = await import('hyparquet-writer')
  const sources = (rows: readonly JournalEntry[]) =>
    names.map((name) => ({
      name,
      type: columns[name],
      data: rows.map((row) => row[name]),
    }))
  const writer = new ByteWriter()
  const file = new ParquetWriter({ writer, schema: schemaFromColumnData({ columnData: sources([]) }) })
  const fresh = () => {
    const piece = writer.getBytes().slice()
    writer.index = 0
    return piece
  }
  let rows: JournalEntry[] = []
  const write = () => file.write({ columnData: sources(rows), rowGroupSize: groupRows })
  for (const entry of entries) {
    rows.push(entry)
    if (rows.length < groupRows) continue
    await write()
    rows = []
    yield fresh()
  }
  if (rows.length > 0) await write()
  await file.finish()
  yield fresh()
}
