import type { Remote } from 'comlink'
import type { DataWorkerLine } from '../browser-machinery.ts'
import type { DataLibrary, LibrarySource } from '../store/data-library.svelte.ts'
import type { ImportDesk } from './desk.ts'

/** What stands behind imports. */
export interface ImportSource extends LibrarySource {
  /** A data worker for one import. */
  importWorker(): DataWorkerLine
}

/** A worker with an import desk in it. */
export interface DeskLine {
  readonly desk: Promise<Remote<ImportDesk>>
  /** Rejects when the worker breaks. */
  readonly broken: Promise<never>
  end(): void
}

/** Files on their way in, the library that they go to, and which of its dialogs is open. */
export class Imports {
  readonly #source: ImportSource
  #library = $state.raw<DataLibrary>()
  #waking: Promise<DataLibrary> | undefined
  /** The dialog that is open. */
  dialog = $state<'import' | 'paste' | 'library'>()
  /** Files that were given, for the dialog to take. */
  files = $state.raw<readonly File[]>([])
  #line: DeskLine | undefined

  constructor(source: ImportSource) {
    this.#source = source
  }

  /** The library of imported data, once it has been fetched. */
  get library(): DataLibrary | undefined {
    return this.#library
  }

  /** Fetches the library. */
  wake(): Promise<DataLibrary> {
    this.#waking ??= import('../store/data-library.svelte.ts').then(
      ({ DataLibrary }) => (this.#library = new DataLibrary(this.#source)),
    )
    this.#waking.catch(() => (this.#waking = undefined))
    return this.#waking
  }

  /** Reads what is in the library. */
  async list(): Promise<void> {
    await (await this.wake()).refresh()
  }

  /** Starts the worker of an import ahead of its first file. */
  warm(): void {
    this.#line ??= this.#start()
  }

  /** Takes files that hold shared strategies or tell of runs, which are no prices. */
  onShared: ((file: File) => void) | undefined

  /** Opens files for import. A shared strategy among them goes where those go. */
  open(given: readonly File[]): void {
    const files = given.filter(({ name }) => !(this.onShared && /\.(outcry|run)\.json$/.test(name)))
    const shared = given.find((file) => !files.includes(file))
    if (shared) this.onShared?.(shared)
    if (files.length === 0) return
    this.files = files
    this.dialog = 'import'
  }

  /** Lets somebody choose files. */
  choose(): void {
    const input = document.createElement('input')
    input.type = 'file'
    input.multiple = true
    input.onchange = () => this.open([...(input.files ?? [])])
    this.warm()
    input.click()
  }

  /** The worker that was started ahead, or a new one; whoever takes it ends it. */
  take(): DeskLine {
    const line = this.#line ?? this.#start()
    this.#line = undefined
    return line
  }

  close(): void {
    this.dialog = undefined
    this.files = []
  }

  #start(): DeskLine {
    const { door, broken, end } = this.#source.importWorker()
    broken.catch(() => {})
    const desk = Promise.race([door.then((door) => door.importer()), broken])
    desk.catch(() => {})
    return { desk, broken, end }
  }
}
