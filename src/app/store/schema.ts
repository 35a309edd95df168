import type { FlowBlock } from '#data'
import type { BarColumns } from '#market'
import type { DBSchema, IDBPDatabase, IDBPTransaction } from 'idb'
import type { ImportedSet } from './imported-set.ts'
import type { StoredTable } from './view.ts'

/** The library as the browser keeps it, in its newest form. */
export interface Schema extends DBSchema {
  /** Everything of a data set but its bars. */
  sets: { key: string; value: ImportedSet; indexes: { used: number } }
  /** Bars in chunks, by the id of the data set, the number of its instrument and the number of the chunk. */
  chunks: { key: [id: string, instrument: number, chunk: number]; value: StoredTable }
  /** Outlines of large data sets, by their ids; see `outlineOf`. */
  outlines: { key: string; value: BarColumns }
  /** Recorded orders in blocks, by the id of the data set and the number of the block. */
  blocks: { key: [id: string, block: number]; value: FlowBlock }
}

/** Name of the library's database. */
export const databaseName = 'outcry-data'

/** Where tabs of one browser tell one another that the library has changed. */
export const changesChannel = 'outcry-data'

/** What an upgrade may work on. */
type Upgrade = (
  database: IDBPDatabase<Schema>,
  transaction: IDBPTransaction<Schema, ('sets' | 'chunks')[], 'versionchange'>,
) => void | Promise<void>

/**
 * What leads from each version of the database to the next, the first from none at all. A version that has been given
 * out is never edited: a change of the form is one more at the end, and it brings what is stored along.
 */
const migrations: readonly Upgrade[] = [
  (database) => {
    database.createObjectStore('sets', { keyPath: 'id' })
    database.createObjectStore('chunks')
  },
  // Sets know when they were last run on, and are listed by it.
  async (_database, transaction) => {
    const sets = transaction.objectStore('sets')
    sets.createIndex('used', 'used')
    for (let cursor = await sets.openCursor(); cursor; cursor = await cursor.continue())
      await cursor.update({ ...cursor.value, used: cursor.value.created })
  },
  // Large sets have outlines. Those that are there already get theirs when they are next read.
  (database) => {
    database.createObjectStore('outlines')
  },
  // Instruments may have hours of their own or be trades. Those before are neither; a program that does not know them
  // would run on them as on bars, so that it must not open what this one has written.
  () => {},
  // Sets may be recorded orders, which lie in blocks of their own. Those before are bars.
  (database) => {
    database.createObjectStore('blocks')
  },
]

/** The newest version. */
export const databaseVersion = migrations.length

/** Brings a database of an older version to the newest. */
export async function migrate(from: number, ...upgrade: Parameters<Upgrade>): Promise<void> {
  for (const step of migrations.slice(from)) await step(...upgrade)
}
