import { decompressSync } from 'fflate'
import { parquetMetadata, parquetReadObjects, parquetSchema } from 'hyparquet/src/index.js'

/** A Parquet file as rows of cells, the names first; a sentence where it cannot be read. */
export async function parquetTable(bytes: Uint8Array): Promise<string[][] | string> {
  const buffer = bytes.slice().buffer
  try {
    const metadata = parquetMetadata(buffer)
    const names = parquetSchema(metadata).children.map(({ element }) => element.name)
    const rows = await parquetReadObjects({
      file: { byteLength: buffer.byteLength, slice: (start, end) => buffer.slice(start, end) },
      metadata,
      compressors: { GZIP: (input) => decompressSync(input) },
    })
    // Where all are midnights they are days.
    const days = new Set(
      names.filter((name) =>
        rows.every((row) => !(row[name] instanceof Date) || row[name].getTime() % 86_400_000 === 0),
      ),
    )
    return [names, ...rows.map((row) => names.map((name) => cellOf(row[name], days.has(name))))]
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    return /compression/i.test(message)
      ? `This Parquet file is compressed in a way that is not supported (${message}); write it with snappy, gzip or none.`
      : `This Parquet file cannot be read: ${message}.`
  }
}

function cellOf(value: unknown, day: boolean): string {
  if (value === null || value === undefined) return ''
  if (value instanceof Date)
    return Number.isNaN(value.getTime()) ? '' : day ? value.toISOString().slice(0, 10) : value.toISOString()
  return String(value)
}
