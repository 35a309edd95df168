import { openDB, type DBSchema, type IDBPDatabase } from 'idb'
import type { Snapshot, SnapshotDetail } from '../history/snapshot.ts'
import { keptAfterDeletion, type StoredDocument } from './document.ts'
import type { DocumentStore } from './store.ts'

interface Schema extends DBSchema {
  documents: { key: string; value: StoredDocument }
  runs: { key: string; value: Snapshot; indexes: { document: string } }
  details: { key: string; value: SnapshotDetail }
  /** Of version 1. */
  drafts: { key: string; value: unknown }
}

/** Name and version of the database. Version 1 had drafts of one file each. */
export const database = { name: 'outcry', version: 2 } as const

/** A draft of version 1 as a document; undefined where it is not what version 1 wrote. */
export function fromDraft(draft: unknown): StoredDocument | undefined {
  const { id, name, source, changed, program } = (draft ?? {}) as Record<string, unknown>
  if (typeof id !== 'string' || typeof source !== 'string') return undefined
  const entry = id.startsWith('sample:') ? `${id.slice('sample:'.length)}.ts` : 'strategy.ts'
  const at = typeof changed === 'number' && Number.isFinite(changed) ? changed : 0
  const { code, map } = (program ?? {}) as Record<string, unknown>
  return {
    id,
    name: typeof name === 'string' && name ? name : 'Untitled strategy',
    files: { [entry]: source },
    entry,
    created: at,
    changed: at,
    revision: 1,
    ...(typeof code === 'string' && typeof map === 'string' && { program: { code, map } }),
  }
}

/** This browser's IndexedDB, opened on first use, brought to the present version where it is older. */
export class BrowserDatabase {
  #database: Promise<IDBPDatabase<Schema>> | undefined

  open(): Promise<IDBPDatabase<Schema>> {
    this.#database ??= openDB<Schema>(database.name, database.version, {
      upgrade: async (database, from, _to, transaction) => {
        const documents = database.createObjectStore('documents', { keyPath: 'id' })
        database.createObjectStore('runs', { keyPath: 'id' }).createIndex('document', 'document')
        database.createObjectStore('details', { keyPath: 'id' })
        if (from < 1) return
        // In the one transaction of the upgrade: either all drafts are documents, or nothing has changed.
        for (const draft of await transaction.objectStore('drafts').getAll()) {
          const document = fromDraft(draft)
          if (document) void documents.put(document)
        }
        database.deleteObjectStore('drafts')
      },
      blocking: (_current, _blocked, event) => {
        ;(event.target as IDBDatabase).close()
        this.#database = undefined
      },
      terminated: () => (this.#database = undefined),
    })
    this.#database.catch(() => (this.#database = undefined))
    return this.#database
  }
}

/** The documents in this browser's IndexedDB. */
export class BrowserDocuments implements DocumentStore {
  readonly #database: BrowserDatabase

  constructor(database: BrowserDatabase) {
    this.#database = database
  }

  async all(): Promise<readonly StoredDocument[]> {
    const database = await this.#database.open()
    const all = await database.getAll('documents')
    const long = (document: StoredDocument) => Date.now() - (document.deleted ?? Infinity) > keptAfterDeletion
    for (const document of all.filter(long)) void this.delete(document.id).catch(() => {})
    return all.filter((document) => !long(document))
  }

  async get(id: string): Promise<StoredDocument | undefined> {
    return (await this.#database.open()).get('documents', id)
  }

  async put(document: StoredDocument): Promise<boolean> {
    const transaction = (await this.#database.open()).transaction('documents', 'readwrite')
    const kept = await transaction.store.get(document.id)
    const follows = (kept?.revision ?? 0) === document.revision - 1
    if (follows) void transaction.store.put(document).catch(() => {})
    await transaction.done
    return follows
  }

  async delete(id: string): Promise<void> {
    const transaction = (await this.#database.open()).transaction(
      ['documents', 'runs', 'details'],
      'readwrite',
    )
    const runs = await transaction.objectStore('runs').index('document').getAllKeys(id)
    for (const run of runs) {
      void transaction.objectStore('runs').delete(run)
      void transaction.objectStore('details').delete(run)
    }
    void transaction.objectStore('documents').delete(id)
    await transaction.done
  }
}
