import type { Source } from '#compile'
import { cleanName, randomId, sameSource } from '../documents/document.ts'
import type { Result } from '../run.ts'
import {
  bounds,
  sameDrag,
  sameOrigin,
  sameRun,
  snapshotOf,
  surplus,
  textSnapshot,
  type NewSnapshot,
  type Snapshot,
  type SnapshotDetail,
} from './snapshot.ts'

/** Where snapshots are kept. Every method rejects when the browser keeps nothing for this page, or has no room. */
export interface SnapshotStore {
  of(document: string): Promise<readonly Snapshot[]>
  detail(id: string): Promise<SnapshotDetail | undefined>
  put(snapshot: NewSnapshot): Promise<void>
  /** Changes what a list shows of one. */
  mark(head: Snapshot): Promise<void>
  delete(ids: readonly string[]): Promise<void>
  /** Deletes the oldest that are not pinned, of whatever strategy; tells how many. */
  deleteOldest(count: number): Promise<number>
  /** Bytes of all snapshots of all strategies, about. */
  size(): Promise<number>
}

/** How long a snapshot waits for the drag that it may belong to, in milliseconds. */
const patience = 1200

/** What a strategy was and came to, at every run. Where the browser keeps nothing it lives as long as the page. */
export class History {
  readonly #store: SnapshotStore
  readonly #changed: (document: string) => void
  #document = $state('')
  #reading: Promise<void> = Promise.resolve()
  #snapshots = $state.raw<readonly Snapshot[]>([])
  #kept = $state(true)
  #size = $state(0)
  #latest: NewSnapshot | undefined
  #waiting: NewSnapshot | undefined
  /** Whether what waits differs from the one before only in inputs and settings: then the next may take its place. */
  #isStep = false
  #timer: ReturnType<typeof setTimeout> | undefined
  /** What the store did not take. */
  readonly #unkept = new Map<string, NewSnapshot>()

  /** `changed` is told the document whose history is another in the store now. */
  constructor(store: SnapshotStore, changed: (document: string) => void = () => {}) {
    this.#store = store
    this.#changed = changed
  }

  /** The snapshots of the open strategy, the latest first. */
  get snapshots(): readonly Snapshot[] {
    return this.#snapshots
  }
  /** Whether the browser keeps them. */
  get kept(): boolean {
    return this.#kept
  }
  /** Bytes of all snapshots of all strategies, about. */
  get size(): number {
    return this.#size
  }

  /** Turns to the history of a strategy. */
  async open(document: string) {
    if (document === this.#document) return
    void this.flush()
    this.#document = document
    this.#snapshots = []
    this.#latest = undefined
    await (this.#reading = this.read(document))
  }

  /** Reads the history again where it is that of the open strategy. */
  async read(document: string) {
    if (document !== this.#document) return
    try {
      const all = await this.#store.of(document)
      if (document !== this.#document) return
      this.#snapshots = newestFirst([...this.#here(document, all), ...all])
      const [newest] = this.#snapshots
      if (newest?.run && !this.#latest) {
        const detail = await this.detail(newest.id)
        if (detail) this.#latest ??= { head: newest, detail }
      }
      this.#size = await this.#store.size()
    } catch {
      this.#kept = false
      if (document === this.#document) this.#snapshots = newestFirst(this.#here(document, []))
    }
  }

  /** The snapshots of a strategy that only this page has. */
  #here(document: string, kept: readonly Snapshot[]): readonly Snapshot[] {
    const all = [...this.#unkept.values(), ...(this.#waiting ? [this.#waiting] : [])].map(({ head }) => head)
    return all.filter((head) => head.document === document && !kept.some(({ id }) => id === head.id))
  }

  /**
   * A run has come to its end. The steps of a drag are one snapshot, and the same run again is none. `keep` is false for a
   * strategy that is not kept itself: its history lives as long as the page.
   */
  async record(result: Result, keep = true) {
    const made = snapshotOf(result, randomId(), Date.now())
    await this.#reading
    if (result.document !== this.#document) return keep ? this.#put(made) : undefined
    const latest = this.#latest
    if (latest && sameRun(latest, made)) return
    const replaced =
      this.#waiting && this.#isStep && sameDrag(this.#waiting, made) ? this.#waiting.head.id : undefined
    if (!replaced) await this.flush()
    this.#isStep = latest !== undefined && sameOrigin(latest, made)
    this.#latest = made
    if (keep) this.#waiting = made
    else this.#unkept.set(made.head.id, made)
    this.#snapshots = [made.head, ...this.#snapshots.filter(({ id }) => id !== replaced)]
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => void this.flush(), patience)
  }

  /** Keeps a text that has not run, before another takes its place. */
  async keepText(source: Source, document: string) {
    await this.flush()
    const made = textSnapshot(source, document, randomId(), Date.now())
    this.#snapshots = [made.head, ...this.#snapshots]
    await this.#put(made)
  }

  /** Whether a text is that of one of the snapshots that were looked at last. */
  isLatest(source: Source): boolean {
    return this.#latest !== undefined && sameSource(this.#latest.detail.source, source)
  }

  /** Keeps at once what waits. */
  async flush() {
    clearTimeout(this.#timer)
    const made = this.#waiting
    this.#waiting = undefined
    if (made) await this.#put(made)
  }

  async detail(id: string): Promise<SnapshotDetail | undefined> {
    if (this.#waiting?.head.id === id) return this.#waiting.detail
    if (this.#latest?.head.id === id) return this.#latest.detail
    return this.#unkept.get(id)?.detail ?? (await this.#store.detail(id))
  }

  /** Pins a snapshot, or lets it go with the others; false where too many are pinned. */
  async pin(id: string, pinned: boolean): Promise<boolean> {
    if (pinned && this.#snapshots.filter((one) => one.pinned).length >= bounds.pinned) return false
    await this.#mark(id, { pinned })
    return true
  }

  /** Gives a snapshot a name, or takes it. */
  async name(id: string, name: string) {
    const words = [...cleanName(name)].slice(0, bounds.name).join('')
    await this.#mark(id, { name: name.trim() ? words : undefined })
  }

  /** Deletes snapshots for good. */
  async delete(ids: readonly string[]) {
    if (ids.includes(this.#waiting?.head.id ?? '')) await this.flush()
    const gone = this.#snapshots.filter(({ id }) => ids.includes(id))
    this.#size -= gone.reduce((sum, { bytes }) => sum + bytes, 0)
    this.#snapshots = this.#snapshots.filter(({ id }) => !ids.includes(id))
    if (ids.includes(this.#latest?.head.id ?? '')) this.#latest = undefined
    for (const id of ids) this.#unkept.delete(id)
    await this.#attempt(() => this.#store.delete(ids))
  }

  /** Deletes the oldest snapshots of all strategies that are not pinned; tells how many. */
  async dropOldest(count: number): Promise<number> {
    await this.flush()
    let dropped = 0
    await this.#attempt(async () => {
      dropped = await this.#store.deleteOldest(count)
      this.#size = await this.#store.size()
    })
    this.#snapshots = []
    await this.read(this.#document)
    return dropped
  }

  async #mark(id: string, change: Pick<Partial<Snapshot>, 'pinned' | 'name'>) {
    if (this.#waiting?.head.id === id) await this.flush()
    this.#snapshots = this.#snapshots.map((one) => (one.id === id ? { ...one, ...change } : one))
    const head = this.#snapshots.find((one) => one.id === id)
    if (head && this.#latest?.head.id === id) this.#latest = { ...this.#latest, head }
    const unkept = this.#unkept.get(id)
    if (head && unkept) this.#unkept.set(id, { ...unkept, head })
    else if (head) await this.#attempt(() => this.#store.mark(head))
  }

  async #put(made: NewSnapshot) {
    const { document } = made.head
    this.#unkept.set(made.head.id, made)
    await this.#attempt(async () => {
      try {
        await this.#store.put(made)
      } catch (error) {
        // A full store makes room of its own oldest ones.
        if ((await this.#store.deleteOldest(20).catch(() => 0)) === 0) throw error
        await this.#store.put(made)
      }
      this.#unkept.delete(made.head.id)
      const all = await this.#store.of(document)
      const old = surplus(all).map(({ id }) => id)
      if (old.length > 0) await this.#store.delete(old)
      if (document === this.#document) this.#snapshots = this.#snapshots.filter(({ id }) => !old.includes(id))
      this.#size += made.head.bytes
    })
    this.#changed(document)
  }

  async #attempt(work: () => Promise<void>) {
    try {
      await work()
      this.#kept = true
    } catch {
      this.#kept = false
    }
  }
}

const newestFirst = (all: readonly Snapshot[]) => [...all].sort((a, b) => b.time - a.time)
