import type { RunRecord } from '#engine'
import { type Message, pack, type Reader, sumsOf } from '#session'

/** What a reader makes of a record that comes with its journal in one part. */
export function readRecord(reader: Reader, record: RunRecord): Message {
  const journalled = sumsOf(record.journal)
  reader.read(structuredClone(pack({ type: 'journal', part: record.journal })))
  return reader.read(structuredClone(pack({ type: 'finished', record, journalled })))
}
