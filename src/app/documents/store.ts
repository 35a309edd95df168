import type { StoredDocument } from './document.ts'

/** Where documents are kept. Every method rejects when the browser keeps nothing for this page, or has no room. */
export interface DocumentStore {
  /** All that are kept, those deleted not long ago too. */
  all(): Promise<readonly StoredDocument[]>
  get(id: string): Promise<StoredDocument | undefined>
  /**
   * Keeps a document whose revision is one more than that of the kept one, or 1 where there is none. Returns false, and
   * keeps what there was, where somebody else has kept another revision meanwhile.
   */
  put(document: StoredDocument): Promise<boolean>
  delete(id: string): Promise<void>
}

/** A store whose code is fetched when it is first needed, so that it does not hold up the first chart. */
export class LateDocuments implements DocumentStore {
  readonly #fetch: () => Promise<DocumentStore>
  #store: Promise<DocumentStore> | undefined

  constructor(fetch: () => Promise<DocumentStore>) {
    this.#fetch = fetch
  }

  #made(): Promise<DocumentStore> {
    this.#store ??= this.#fetch()
    this.#store.catch(() => (this.#store = undefined))
    return this.#store
  }

  all = async () => (await this.#made()).all()
  get = async (id: string) => (await this.#made()).get(id)
  put = async (document: StoredDocument) => (await this.#made()).put(document)
  delete = async (id: string) => (await this.#made()).delete(id)
}

/** Documents as long as the page lives: for a page that is not to touch the browser's storage. */
export class PageDocuments implements DocumentStore {
  readonly #kept = new Map<string, StoredDocument>()

  async all(): Promise<readonly StoredDocument[]> {
    return [...this.#kept.values()]
  }
  async get(id: string): Promise<StoredDocument | undefined> {
    return this.#kept.get(id)
  }
  async put(document: StoredDocument): Promise<boolean> {
    const follows = (this.#kept.get(document.id)?.revision ?? 0) === document.revision - 1
    if (follows) this.#kept.set(document.id, document)
    return follows
  }
  async delete(id: string): Promise<void> {
    this.#kept.delete(id)
  }
}
