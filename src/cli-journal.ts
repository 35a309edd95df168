import { createWriteStream } from 'node:fs'
import { finished } from 'node:stream/promises'
import type { DataSet } from '#data'
import type { RunRecord } from '#engine'
import { journalFile, type JournalFormat } from '#session'
import { UsageError } from './cli-usage.ts'

/** Options of `outcry run` about what it writes beside the report. */
export const journalOptions = {
  journal: ['FILE', 'writes every event and decision to FILE.jsonl or FILE.parquet'],
} as const

/** What a journal is to be written as, by the end of the file's name. */
export function journalFormat(file: string): JournalFormat {
  const [, end] = /\.(jsonl|parquet)$/.exec(file) ?? []
  if (end !== 'jsonl' && end !== 'parquet')
    throw new UsageError(`--journal is '${file}'; expected a name that ends in .jsonl or .parquet`)
  return end
}

/** Writes the journal of a run to a file, piece by piece. */
export async function writeJournal(file: string, record: RunRecord, data: readonly DataSet[]): Promise<void> {
  const stream = createWriteStream(file)
  const done = finished(stream)
  try {
    for await (const piece of journalFile(record, data, journalFormat(file)))
      if (!stream.write(piece))
        await Promise.race([new Promise<void>((resolve) => stream.once('drain', () => resolve())), done])
    stream.end()
    await done
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    if (code) throw new UsageError(`--journal ${file} could not be written: ${message}`)
    throw error
  }
}
