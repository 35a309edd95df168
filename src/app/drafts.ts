import type { Program } from '#compile'
import type { DBSchema, IDBPDatabase } from 'idb'

/** A strategy that somebody wrote or changed, as the browser keeps it. */
export interface Draft {
  /** `sample:{id}` for a changed sample, else `own:{random}`. */
  readonly id: string
  readonly name: string
  readonly source: string
  /** Milliseconds since 1970 UTC. */
  readonly changed: number
  /** The program that the text gave when it last ran to its end, so that it can run again before a compiler is there. */
  readonly program?: Program
}

/** Where drafts are kept. Every method rejects when the browser keeps nothing for this page. */
export interface DraftStore {
  all(): Promise<readonly Draft[]>
  get(id: string): Promise<Draft | undefined>
  put(draft: Draft): Promise<void>
  delete(id: string): Promise<void>
}

interface Schema extends DBSchema {
  drafts: { key: string; value: Draft }
}

/** The drafts in this browser's IndexedDB, opened on first use. */
export class BrowserDrafts implements DraftStore {
  #database: Promise<IDBPDatabase<Schema>> | undefined

  #open(): Promise<IDBPDatabase<Schema>> {
    this.#database ??= import('idb').then(({ openDB }) =>
      openDB<Schema>('outcry', 1, {
        upgrade: (database) => void database.createObjectStore('drafts', { keyPath: 'id' }),
        blocking: (_current, _blocked, event) => (event.target as IDBDatabase).close(),
        terminated: () => (this.#database = undefined),
      }),
    )
    this.#database.catch(() => (this.#database = undefined))
    return this.#database
  }

  async all(): Promise<readonly Draft[]> {
    return (await this.#open()).getAll('drafts')
  }
  async get(id: string): Promise<Draft | undefined> {
    return (await this.#open()).get('drafts', id)
  }
  async put(draft: Draft): Promise<void> {
    await (await this.#open()).put('drafts', draft)
  }
  async delete(id: string): Promise<void> {
    await (await this.#open()).delete('drafts', id)
  }
}
