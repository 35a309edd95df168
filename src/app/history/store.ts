import { BrowserDatabase } from '../documents/database.ts'
import type { SnapshotStore } from './history.svelte.ts'
import type { NewSnapshot, Snapshot, SnapshotDetail } from './snapshot.ts'

/** The snapshots in this browser's IndexedDB: what lists need, and beside it what is read when one is looked at. */
export class BrowserSnapshots implements SnapshotStore {
  readonly #database = new BrowserDatabase()

  async of(document: string): Promise<readonly Snapshot[]> {
    return (await this.#database.open()).getAllFromIndex('runs', 'document', document)
  }

  async detail(id: string): Promise<SnapshotDetail | undefined> {
    return (await this.#database.open()).get('details', id)
  }

  async put({ head, detail }: NewSnapshot): Promise<void> {
    const transaction = (await this.#database.open()).transaction(['runs', 'details'], 'readwrite')
    void transaction
      .objectStore('runs')
      .put(head)
      .catch(() => {})
    void transaction
      .objectStore('details')
      .put(detail)
      .catch(() => {})
    await transaction.done
  }

  async mark(head: Snapshot): Promise<void> {
    await (await this.#database.open()).put('runs', head)
  }

  async delete(ids: readonly string[]): Promise<void> {
    const transaction = (await this.#database.open()).transaction(['runs', 'details'], 'readwrite')
    for (const id of ids) {
      void transaction
        .objectStore('runs')
        .delete(id)
        .catch(() => {})
      void transaction
        .objectStore('details')
        .delete(id)
        .catch(() => {})
    }
    await transaction.done
  }

  async deleteOldest(count: number): Promise<number> {
    const all = await (await this.#database.open()).getAll('runs')
    const oldest = all
      .filter(({ pinned }) => !pinned)
      .sort((a, b) => a.time - b.time)
      .slice(0, count)
    await this.delete(oldest.map(({ id }) => id))
    return oldest.length
  }

  async size(): Promise<number> {
    const all = await (await this.#database.open()).getAll('runs')
    return all.reduce((sum, { bytes }) => sum + bytes, 0)
  }
}
