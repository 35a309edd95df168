import { proxy } from 'comlink'
import type { DataStore } from './data-store.ts'

let opening: Promise<DataStore> | undefined

/** The library of imported data, whose code is fetched when it is first asked for. */
const opened = () => (opening ??= import('./data-store.ts').then(({ DataStore }) => new DataStore()))

/** A data set of the library by its address. */
export const loadImported = async (address: string) => (await opened()).load(address)

/** A large data set of the library in outline. */
const outline = async (address: string) => (await opened()).outline(address)

/** What the data worker lets the page ask of imported data: the library, and a desk for files on their way to it. */
export const libraryDoor = {
  outline,
  library: async () => proxy(await opened()),
  importer: async () => proxy(new (await import('../import/desk.ts')).ImportDesk(await opened())),
}
