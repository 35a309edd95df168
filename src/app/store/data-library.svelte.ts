import type { Finding } from '#data'
import { download } from '../hand-over.ts'
import { reasonOf } from '../reason.ts'
import type { NewRecording } from '../recorded/recorded-set.ts'
import type { Change, DataStore, Space } from './data-store.ts'
import type { ImportedSet, NewSet, SetInstrument } from './imported-set.ts'
import type { PackedPrices } from './packed.ts'
import { changesChannel } from './schema.ts'
import { addressOf } from './view.ts'

/** The library as the page sees it, wherever it lives. */
export type LibraryDoor = Pick<
  DataStore,
  | 'list'
  | 'change'
  | 'delete'
  | 'space'
  | 'exported'
  | 'packed'
  | 'lend'
  | 'keepLent'
  | 'findings'
  | 'around'
  | 'hold'
>

/** The id of a data set without what is done to its bars. */
const idOf = (address: string) => address.split('+')[0]!

/** What stands behind the list. */
export interface LibrarySource {
  library(): Promise<LibraryDoor>
  /** Data that was read of the library before is out of date. */
  forget(): void
}

/** The list of imported data sets, as it is in all tabs of this browser. */
export class DataLibrary {
  readonly #source: LibrarySource
  readonly #channel: BroadcastChannel
  #sets = $state.raw<readonly ImportedSet[]>()
  #space = $state.raw<Space>()
  #problem = $state<string>()
  #asked = false
  #looked: { readonly by: string; readonly findings: Promise<readonly Finding[]> } | undefined
  /** Id of the data set that came with a file. */
  #lent = $state<string>()

  constructor(source: LibrarySource) {
    this.#source = source
    this.#channel = new BroadcastChannel(changesChannel)
    this.#channel.onmessage = () => {
      this.#source.forget()
      if (this.#asked) void this.refresh()
    }
  }

  /** The newest first; undefined until they have been read. */
  get sets(): readonly ImportedSet[] | undefined {
    return this.#sets
  }
  /** How full the browser's store is. */
  get space(): Space | undefined {
    return this.#space
  }
  /** Why there is no list, or why the last thing asked for was not done. */
  get problem(): string | undefined {
    return this.#problem
  }

  /** Reads the list. */
  async refresh(): Promise<void> {
    this.#asked = true
    await this.#attempt(async (library) => {
      const [sets, space] = await Promise.all([library.list(), library.space()])
      this.#sets = sets
      this.#space = space
    })
  }

  /** The id under which a data set is run. */
  addressOf({ id, view, instruments }: ImportedSet): string {
    return addressOf(id, view, instruments)
  }

  /** Changes what is said of a data set. */
  async change(id: string, change: Change): Promise<void> {
    await this.#attempt(async (library) => {
      const changed = await library.change(id, change)
      this.#source.forget()
      this.#sets = this.#sets?.map((set) => (set.id === id ? changed : set))
    })
  }

  async delete(id: string): Promise<void> {
    await this.#attempt(async (library) => {
      await library.delete(id)
      this.#sets = this.#sets?.filter((set) => set.id !== id)
      this.#space = await library.space()
    })
  }

  /** Holds a data set for as long as the page is open. */
  async hold(set: NewSet | NewRecording): Promise<ImportedSet> {
    const held = await (await this.#source.library()).hold(set)
    this.#source.forget()
    return held
  }

  /** What is odd about the bars of an instrument, by its number in the data set; looked for again where its hours have changed. */
  findings(id: string, instrument: number, { calendar, hours }: SetInstrument): Promise<readonly Finding[]> {
    const by = JSON.stringify([id, instrument, calendar, hours])
    if (this.#looked?.by !== by) {
      const findings = this.#source.library().then((library) => library.findings(id, instrument))
      this.#looked = { by, findings }
      findings.catch(() => (this.#looked = undefined))
    }
    return this.#looked.findings
  }

  /** Bars of an instrument from one row to another with some on both sides. */
  async around(id: string, instrument: number, firstRow: number, lastRow: number) {
    return (await this.#source.library()).around(id, instrument, firstRow, lastRow)
  }

  /** Hands a data set to the reader as a file, as it was stored. */
  async export(set: ImportedSet, format: 'csv' | 'json'): Promise<void> {
    await this.#attempt(async (library) => {
      const name = set.name.replace(/[^\p{L}\p{N} ._-]/gu, '').trim() || 'bars'
      download(`${name}.${format}`, await library.exported(set.id, format))
    })
  }

  /** A data set packed for a file, by its address; undefined where it is too large for that. */
  async packed(address: string): Promise<PackedPrices | undefined> {
    return (await this.#source.library()).packed(address)
  }

  /** Takes in prices that came with a file, for this visit, unless they are in the library. */
  async lend(address: string, name: string, file: string, prices: PackedPrices): Promise<void> {
    const library = await this.#source.library()
    if (await library.lend(address, name, file, prices)) this.#lent = idOf(address)
  }

  /** Whether the data set at an address is here for this visit only. */
  isLent(address: string): boolean {
    return this.#lent !== undefined && this.#lent === idOf(address)
  }

  /** Keeps what is here for this visit. */
  async keepLent(address: string): Promise<void> {
    await this.#attempt(async (library) => {
      await library.keepLent(address)
      this.#lent = undefined
    })
    if (!this.#problem) await this.refresh()
  }

  /** Asks the browser not to clear the store when the disk runs low. */
  async persist(): Promise<void> {
    const storage = navigator.storage as StorageManager | undefined
    await storage?.persist().catch(() => false)
    await this.refresh()
  }

  dismiss() {
    this.#problem = undefined
  }

  async #attempt(work: (library: LibraryDoor) => Promise<void>): Promise<void> {
    try {
      this.#problem = undefined
      await work(await this.#source.library())
    } catch (error) {
      this.#problem = `The library of imported data could not be used: ${reasonOf(error)}`
    }
  }
}
