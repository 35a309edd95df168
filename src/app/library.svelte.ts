import type { Program, Source } from '#compile'
import {
  cleanName,
  copyName,
  headOf,
  limits,
  randomId,
  sameSource,
  type DocumentHead,
  type NewDocument,
  type StoredDocument,
} from './documents/document.ts'
import { alone, type Holder, type HoldEvents } from './documents/hold.ts'
import { nowhere, type LeftWork, type LeftWorks } from './documents/left.ts'
import type { DocumentStore } from './documents/store.ts'

/** What a sample consists of. */
export interface SampleText {
  readonly source: string
  /** The same, compiled by the build. */
  readonly program: Program
}

/** A strategy that comes with the program. */
export interface Sample {
  readonly id: string
  /** Such as `sma-crossover.ts`. */
  readonly file: string
  readonly name: string
  /** What it does, in one sentence. */
  readonly thesis: string
  /** The data set it is meant for, where it needs a certain one. */
  readonly data?: string
  load(): Promise<SampleText>
}

/** How a new strategy begins. */
const blank = `import { BarStrategy, type BarEvent } from 'outcry'

/** Says in one sentence what the strategy does. */
export default class MyStrategy extends BarStrategy {
  onBar({ target: bar }: BarEvent) {
    // Called once for every bar, oldest first.
  }
}
`

/** How a new file begins. */
const blankModule = (
  name: string,
  entry: string,
) => `// In ${entry}: import { levels } from './${name.replace(/\.[jt]s$/, '')}'
export const levels = [0.02, 0.05]
`

/**
 * Whether what is on the screen is kept. `sample`: it is a sample as it came; `shared`: it came from elsewhere and is kept
 * once it is changed; `elsewhere`: another tab has it, so it cannot be changed here; `full`: the browser's storage is full;
 * `blocked`: the browser keeps nothing for this page.
 */
export type Saving = 'sample' | 'shared' | 'saving' | 'saved' | 'elsewhere' | 'full' | 'blocked'

/** Why the browser does not keep what it is given. */
export type Trouble = 'full' | 'blocked'

/** Something that was taken away, and the way back. */
export interface Undo {
  readonly text: string
  readonly act: () => Promise<void> | void
}

/** The longest time in milliseconds for which a change may wait before it is kept. */
const patience = 500

/**
 * The strategies at hand, and the one that is open. Every change of its text is kept within a second; what the browser does
 * not keep lives as long as the page. Nothing that another tab has kept is ever written over.
 */
export class Library {
  readonly samples: readonly Sample[]
  readonly #store: DocumentStore
  readonly #holder: Holder
  readonly #leftWorks: LeftWorks
  /** As the open sample came. */
  #text = $state.raw<SampleText>()
  #heads = $state.raw<readonly DocumentHead[]>([])
  #id = $state('')
  #name = $state('')
  #source = $state.raw<Source>({ files: {}, entry: '' })
  #file = $state('')
  #created = 0
  /** Of what the store has, as far as this tab knows, by document. */
  readonly #revisions = new Map<string, number>()
  #isShared = $state(false)
  #unsaved = $state(false)
  #elsewhere = $state(false)
  #trouble = $state<Trouble>()
  #undo = $state.raw<Undo>()
  #conflict = $state(false)
  #isOpen = false
  #program: { readonly source: Source; readonly program: Program } | undefined
  /** The text that has run to its end. */
  #ran: Source | undefined
  #timer: ReturnType<typeof setTimeout> | undefined
  #hold: Promise<boolean> = Promise.resolve(true)
  #keeping: Promise<void> = Promise.resolve()
  /** What waits for its turn to be kept, by document. */
  readonly #waiting = new Map<string, LeftWork>()
  /** Whether something is left for the next page, see {@link leave}. */
  #isLeft = false
  /** What the store did not take; it is offered again with the next change. */
  readonly #unkept = new Map<string, StoredDocument>()
  /** Gives room in a full store, and tells whether there was any to give. */
  makeRoom: () => Promise<boolean> = async () => false

  /**
   * Nothing is open yet; the first sample lends its name until something is. `holder` is given what this tab wants to hear
   * and gives the way to agree with other tabs; without one there are no others. In `left` a page that goes leaves what is
   * not kept yet.
   */
  constructor(
    samples: readonly Sample[],
    store: DocumentStore,
    holder: (events: HoldEvents, onKept: (id: string) => void) => Holder = () => alone,
    left: LeftWorks = nowhere,
  ) {
    this.samples = samples
    this.#store = store
    this.#leftWorks = left
    this.#id = `sample:${samples[0]!.id}`
    this.#name = samples[0]!.name
    this.#holder = holder(
      {
        onHeld: () => void this.#held(),
        onElsewhere: () => this.#lost(),
        onAsked: () => this.flush(),
      },
      (id) => void this.#hear(id),
    )
  }

  /** Stable name of the open strategy, kept to open it again on the next visit. */
  get id(): string {
    return this.#id
  }
  get name(): string {
    return this.#name
  }
  /** The files of the open strategy and which is the main one. A change makes another object. */
  get source(): Source {
    return this.#source
  }
  /** Name of the file that is shown. */
  get file(): string {
    return this.#file || this.sample?.file || 'strategy.ts'
  }
  /** Text of the file that is shown. */
  get text(): string {
    return this.#source.files[this.#file] ?? ''
  }
  get saving(): Saving {
    if (this.#elsewhere) return 'elsewhere'
    if (this.#trouble && (this.#unsaved || this.#trouble === 'blocked')) return this.#trouble
    if (this.#unsaved) return 'saving'
    if (this.#isShared) return 'shared'
    return this.sample && !this.edited ? 'sample' : 'saved'
  }
  /** Whether the text can be changed here: not while another tab has it. */
  get readOnly(): boolean {
    return this.#elsewhere
  }
  /** Whether something would be lost if the page were closed now. */
  get atRisk(): boolean {
    return this.#trouble !== undefined && (this.#unkept.size > 0 || this.#unsaved)
  }
  /** What was taken away last, and how to get it back. */
  get undo(): Undo | undefined {
    return this.#undo
  }
  /** Whether this is a copy because another tab had kept other text of the same strategy. */
  get conflict(): boolean {
    return this.#conflict
  }
  /** The sample that is open, changed or not. */
  get sample(): Sample | undefined {
    return this.samples.find((sample) => `sample:${sample.id}` === this.#id)
  }
  /** An open sample that is not as it came. */
  get edited(): boolean {
    return this.#text !== undefined && !sameSource(this.#source, this.#pristine(this.#text))
  }
  /** Strategies that are nobody's sample, the latest first. */
  get own(): readonly DocumentHead[] {
    return this.#heads.filter((head) => head.id.startsWith('own:') && head.deleted === undefined)
  }
  /** What was deleted not long ago, the latest first. */
  get deleted(): readonly DocumentHead[] {
    return this.#heads.filter((head) => head.deleted !== undefined)
  }
  /** Whether a sample has changes that are kept. */
  isEdited(sample: Sample): boolean {
    return sample === this.sample
      ? this.edited
      : this.#heads.some((head) => head.id === `sample:${sample.id}` && head.deleted === undefined)
  }

  /** The program of the text as it stands, where one is known without compiling. */
  get program(): Program | undefined {
    if (this.#text && !this.edited) return this.#text.program
    const known = this.#program
    return known && sameSource(known.source, this.#source) ? known.program : undefined
  }

  /** Remembers what a text compiled to. */
  compiled(source: Source, program: Program) {
    this.#program = { source, program }
  }

  /** The text ran to its end. Its program is kept with the document, so it may run again unasked on the next visit. */
  async proven(source: Source) {
    this.#ran = source
    if (this.saving === 'saved' && sameSource(source, this.#source)) await this.#keep()
  }

  /** Opens a sample, with its changes when there are any. Rejects when its text cannot be fetched. */
  async openSample(id: string) {
    const sample = this.samples.find((candidate) => candidate.id === id)
    if (!sample) throw new RangeError(`There is no sample '${id}'`)
    const text = await sample.load()
    const known = this.#heads.some((head) => head.id === `sample:${id}`) || this.#unkept.size > 0
    const kept = known ? await this.#read(`sample:${id}`) : undefined
    this.#show(kept ?? this.#fresh(sample, text), text)
    if (kept) this.#take()
  }

  /** Opens a strategy of one's own. Tells whether it is there. */
  async openDocument(id: string): Promise<boolean> {
    const kept = await this.#read(id)
    if (!kept || kept.deleted !== undefined) return false
    this.#show(kept)
    this.#take()
    return true
  }

  /** Opens what was open on the last visit, or the first sample where that is no longer there. */
  async restore(id: string) {
    const sample = this.samples.find((candidate) => `sample:${candidate.id}` === id)
    const text = sample?.load()
    text?.catch(() => {})
    const kept = await this.#read(id)
    if (kept && kept.deleted === undefined) {
      this.#show(kept, await text)
      this.#take()
    } else await this.openSample(sample?.id ?? this.samples[0]!.id)
  }

  /** Reads the list of documents. */
  async list() {
    try {
      const kept = (await this.#store.all()).filter(({ id }) => !this.#unkept.has(id))
      this.#heads = newestFirst([...kept, ...this.#unkept.values()].map(headOf))
    } catch (error) {
      this.#failed(error)
    }
  }

  /** Starts a blank strategy of one's own. */
  create() {
    const entry = 'strategy.ts'
    this.#begin({ name: 'Untitled strategy', files: { [entry]: blank }, entry })
  }

  /** Goes on with a copy of what is open. */
  duplicate() {
    const program = this.#text && !this.edited ? this.#text.program : this.#programThatRan
    const names = this.#heads.map(({ name }) => name)
    this.#begin({ name: copyName(this.#name, names), ...this.#source, program })
  }

  /** Opens what came in a file as a document of one's own, kept at once. */
  add(given: NewDocument) {
    this.#begin(given)
  }

  /** Opens what came from elsewhere. It is kept only once it is changed, or {@link keepShared} is asked for. */
  openShared(given: NewDocument) {
    this.#show(this.#new(given))
    this.#isShared = true
  }

  /** Keeps what came from elsewhere, as it is. */
  keepShared() {
    if (this.#isShared) this.#changed()
  }

  /** Whether what is open came from elsewhere and is not kept. */
  get shared(): boolean {
    return this.#isShared
  }

  /** The text of a file was changed; of the file that is shown when none is named. */
  edit(text: string, file: string = this.#file) {
    if (!this.#isOpen || this.#elsewhere || text === this.#source.files[file]) return
    if (!(file in this.#source.files)) return
    this.#replace({ ...this.#source, files: { ...this.#source.files, [file]: text } })
  }

  /** Puts other files in place of all of them. */
  replace(source: Source) {
    if (!this.#isOpen || this.#elsewhere || sameSource(source, this.#source)) return
    this.#replace(source)
  }

  rename(name: string) {
    if (this.#elsewhere) return
    this.#name = cleanName(name)
    this.#changed()
  }

  /** Shows a file of the open strategy. */
  show(file: string) {
    if (file in this.#source.files) this.#file = file
  }

  /** Adds a file, and shows it. `text` is a first line or two when left out. */
  async addFile(name: string, text?: string) {
    const { freeFileName } = await import('./documents/names.ts')
    const { files, entry } = this.#source
    if (this.#elsewhere || Object.keys(files).length >= limits.files) return
    const free = freeFileName(name, Object.keys(files))
    this.#replace({ entry, files: { ...files, [free]: text ?? blankModule(free, entry) } })
    this.#file = free
  }

  /** Renames a file; what imports it follows. */
  async renameFile(from: string, to: string) {
    const { renameFile } = await import('./documents/names.ts')
    if (this.#elsewhere || from === to || !(from in this.#source.files)) return
    const shown = this.#file
    this.#replace(renameFile(this.#source, from, to))
    if (shown === from) this.#file = to
  }

  /** Deletes a file that is not the main one. It can be brought back. */
  deleteFile(name: string) {
    const { files, entry } = this.#source
    const { [name]: text, ...others } = files
    if (this.#elsewhere || name === entry || text === undefined) return
    const { id } = this
    this.#replace({ entry, files: others })
    this.#undo = {
      text: `Deleted ${name}.`,
      act: () => {
        if (this.#id === id) return this.addFile(name, text)
      },
    }
  }

  /** Makes a file the one that exports the strategy. */
  setEntry(entry: string) {
    if (!this.#elsewhere && entry in this.#source.files) this.#replace({ ...this.#source, entry })
  }

  /** Takes back all changes of the open sample; they can be brought back. */
  async revert() {
    const { sample } = this
    if (!sample || this.#elsewhere) return
    const changed = this.#document()
    const { files, entry } = changed
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#unsaved = false
    const away: StoredDocument = {
      ...changed,
      id: `own:${randomId()}`,
      name: copyName(changed.name, []),
      revision: 1,
      deleted: Date.now(),
    }
    this.#forget(changed.id)
    this.#revisions.set(changed.id, 0)
    await this.#attempt(() => this.#put(away))
    await this.#attempt(() => this.#store.delete(changed.id))
    this.#holder.tell(changed.id)
    await this.openSample(sample.id)
    this.#undo = {
      text: `${changed.name} is as it came.`,
      act: async () => {
        if (this.#id !== changed.id) await this.openSample(sample.id)
        this.replace({ files, entry })
        await this.#attempt(() => this.#store.delete(away.id))
        this.#forget(away.id)
      },
    }
  }

  /** Deletes a strategy of one's own, the open one unless another is named. It can be brought back. */
  async delete(id: string = this.#id) {
    if (id === this.#id) {
      if (this.#elsewhere) return
      await this.flush()
    }
    const kept = await this.documentOf(id)
    if (!kept || !id.startsWith('own:')) return
    if (id === this.#id) await this.openSample(this.samples[0]!.id)
    const deleted = { ...kept, deleted: Date.now(), revision: kept.revision + 1 }
    await this.#attempt(() => this.#put(deleted))
    this.#holder.tell(id)
    this.#undo = { text: `Deleted ${kept.name}.`, act: () => this.undelete(id) }
  }

  /** Brings back a strategy that was deleted, and opens it. */
  async undelete(id: string) {
    const kept = await this.#read(id)
    if (!kept) return
    const { deleted: _, ...back } = kept
    await this.#attempt(() => this.#put({ ...back, revision: kept.revision + 1 }))
    this.#holder.tell(id)
    await this.openDocument(id)
  }

  /** Deletes for good what can still be brought back. */
  async forgetDeleted() {
    for (const { id } of this.deleted) {
      this.#forget(id)
      this.#unkept.delete(id)
      await this.#attempt(() => this.#store.delete(id))
      this.#holder.tell(id)
    }
    this.#undo = undefined
  }

  /** Takes the way back that is offered. */
  async takeBack() {
    const undo = this.#undo
    this.#undo = undefined
    await undo?.act()
  }

  /** Does without the way back. */
  dismissUndo() {
    this.#undo = undefined
    this.#conflict = false
  }

  /** Gets the open strategy from the tab that has it. */
  async takeOver() {
    await this.#holder.takeOver()
  }

  /** A document as it is kept, for a file. */
  async documentOf(id: string): Promise<StoredDocument | undefined> {
    return id === this.#id ? this.#document() : this.#read(id)
  }

  /** Keeps at once what has not been kept yet; for a page that is about to go. */
  async flush() {
    if (this.#timer !== undefined) await this.#keep()
    else await this.#keeping
  }

  /**
   * Leaves at once what is not kept yet, for a page that is about to go and cannot wait for the store. The next page takes it
   * up. False where it would be lost with the page.
   */
  leave(): boolean {
    const works = new Map<string, LeftWork>()
    for (const [id, document] of this.#unkept)
      works.set(id, { document: { ...document, revision: document.revision - 1 } })
    for (const [id, work] of this.#waiting) works.set(id, this.#over(work))
    if (this.#unsaved && !this.#elsewhere)
      works.set(this.#id, this.#over({ document: this.#document(), pristine: this.#isPristine }))
    this.#isLeft = works.size > 0
    return this.#leftWorks.leave([...works.values()])
  }

  /** A text with what is told to know it again: the revision that the store has, and the text on its way there. */
  #over({ document, pristine }: LeftWork): LeftWork {
    const { id } = document
    const revision = this.#revisions.get(id) ?? 0
    return { document: { ...document, revision }, underWay: this.#unkept.get(id)?.changed, pristine }
  }

  /** Takes up what pages that are gone left, before anything is opened. */
  async takeUp() {
    try {
      await this.#leftWorks.take((work) => this.#takeUp(work))
    } catch (error) {
      // It stays where it is, for the next page.
      console.error(error)
    }
  }

  async #takeUp({ document, underWay, pristine }: LeftWork): Promise<boolean> {
    const { id, revision } = document
    try {
      // The page that left it may still be writing.
      for (let attempt = 0; attempt < 3; attempt++) {
        const kept = await this.#store.get(id)
        if (kept && sameDocument(kept, document)) return true
        const follows = kept
          ? kept.revision === revision || kept.changed === underWay
          : revision === 0 || id.startsWith('own:')
        if (!follows) break
        if (pristine) await this.#store.delete(id)
        else if (!(await this.#put({ ...document, revision: (kept?.revision ?? 0) + 1 }))) continue
        this.#holder.tell(id)
        return true
      }
      if (pristine || document.deleted !== undefined) return true
      const names = (await this.#store.all()).map(({ name }) => name)
      const copy = this.#new({ ...document, name: copyName(document.name, names) })
      return await this.#put({ ...copy, revision: 1 })
    } catch (error) {
      this.#failed(error)
      if (![...this.#unkept.values()].some((other) => sameSource(other, document)))
        this.#unkept.set(id, { ...document, revision: revision + 1 })
      return this.leave()
    }
  }

  get #revision(): number {
    return this.#revisions.get(this.#id) ?? 0
  }

  get #programThatRan(): Program | undefined {
    return this.#ran && sameSource(this.#ran, this.#source) ? this.program : undefined
  }

  #pristine({ source }: SampleText): Source {
    const file = this.sample?.file ?? 'strategy.ts'
    return { files: { [file]: source }, entry: file }
  }

  #fresh(sample: Sample, text: SampleText): StoredDocument {
    const source: Source = { files: { [sample.file]: text.source }, entry: sample.file }
    return { id: `sample:${sample.id}`, name: sample.name, ...source, created: 0, changed: 0, revision: 0 }
  }

  #new({ name, files, entry, program }: NewDocument): StoredDocument {
    const created = Date.now()
    return {
      id: `own:${randomId()}`,
      name: cleanName(name),
      files,
      entry,
      created,
      changed: created,
      revision: 0,
      program,
    }
  }

  /** Opens a new document and keeps it. */
  #begin(given: NewDocument) {
    this.#show(this.#new(given))
    this.#take()
    this.#changed()
  }

  /** The open strategy as it would be kept now. */
  #document(): StoredDocument {
    return {
      id: this.#id,
      name: this.#name,
      ...this.#source,
      created: this.#created,
      changed: Date.now(),
      revision: this.#revision,
      program: this.#programThatRan,
    }
  }

  #show(document: StoredDocument, text?: SampleText) {
    if (this.#isOpen) void this.flush()
    this.#holder.release()
    this.#hold = Promise.resolve(true)
    this.#text = text
    this.#isOpen = true
    this.#id = document.id
    this.#name = document.name
    this.#created = document.created
    this.#elsewhere = false
    this.#isShared = false
    this.#unsaved = this.#unkept.has(document.id)
    this.#undo = undefined
    this.#conflict = false
    this.#adopt(document)
    this.#file = document.entry
    this.#ran = document.program && this.#source
  }

  /** Takes over the text of a document that is open already. */
  #adopt({ id, files, entry, revision, program }: StoredDocument) {
    this.#source = { files, entry }
    this.#revisions.set(id, revision)
    this.#program = program && { source: this.#source, program }
    if (!(this.#file in files)) this.#file = entry
  }

  #replace(source: Source) {
    this.#source = source
    if (!(this.#file in source.files)) this.#file = source.entry
    this.#changed()
  }

  #changed() {
    // A sample is nobody's until it is changed.
    if (!this.#unsaved && this.sample && this.#revision === 0) this.#take()
    this.#unsaved = true
    this.#isShared = false
    this.#conflict = false
    // Not put off by further changes: what is typed without a pause is kept too.
    this.#timer ??= setTimeout(() => void this.#keep(), patience)
  }

  /** Asks the other tabs for the open document. */
  #take() {
    const id = this.#id
    this.#hold = this.#holder.hold(id).then((mine) => {
      if (!mine && this.#id === id) this.#lost()
      return mine
    })
  }

  async #held() {
    this.#hold = Promise.resolve(true)
    const id = this.#id
    await this.takeUp()
    const kept = await this.#read(id)
    if (this.#id !== id) return
    this.#elsewhere = false
    if (kept && !this.#unsaved) this.#follow(kept)
  }

  /** The document is another tab's. What was written here and is not kept goes on as a copy. */
  #lost() {
    if (this.#unsaved) this.#branch(this.#document())
    else this.#elsewhere = true
  }

  /** Another tab has kept a document, or deleted it. */
  async #hear(id: string) {
    const kept = await this.#read(id)
    const others = this.#heads.filter((head) => head.id !== id)
    this.#heads = newestFirst(kept ? [headOf(kept), ...others] : others)
    if (kept && id === this.#id && this.#elsewhere) this.#follow(kept)
  }

  /** Shows what another tab has made of the open document. */
  #follow(kept: StoredDocument) {
    if (kept.revision === this.#revision) return
    this.#name = kept.name
    this.#adopt(kept)
  }

  async #read(id: string): Promise<StoredDocument | undefined> {
    const here = this.#unkept.get(id)
    if (here) return { ...here, revision: here.revision - 1 }
    try {
      return await this.#store.get(id)
    } catch (error) {
      this.#failed(error)
      return undefined
    }
  }

  #forget(id: string) {
    this.#heads = this.#heads.filter((head) => head.id !== id)
  }

  /** Keeps the open document as it is now; one after the other, so that revisions follow one another. */
  #keep(): Promise<void> {
    clearTimeout(this.#timer)
    this.#timer = undefined
    const document = this.#document()
    const work = { document, pristine: this.#isPristine }
    const hold = this.#hold
    this.#waiting.set(document.id, work)
    return (this.#keeping = this.#keeping.then(async () => {
      await this.#keepThis(document, work.pristine, hold)
      if (this.#waiting.get(document.id) === work) this.#waiting.delete(document.id)
      if (this.#isLeft) this.leave()
    }))
  }

  get #isPristine(): boolean {
    return this.sample !== undefined && !this.edited
  }

  async #keepThis(given: StoredDocument, pristine: boolean, hold: Promise<boolean>) {
    const { id } = given
    const mine = await hold
    const open = () => id === this.#id
    // One that was left meanwhile is held by nobody; its revision protects it.
    if (open() && (!mine || this.#elsewhere)) return
    if (pristine) {
      this.#forget(id)
      this.#unkept.delete(id)
      this.#revisions.set(id, 0)
      if (open() && !this.edited) this.#unsaved = false
      await this.#attempt(() => this.#store.delete(id))
    } else {
      const document = { ...given, revision: (this.#revisions.get(id) ?? 0) + 1 }
      const kept = await this.#attempt(() => this.#put(document))
      if (kept === undefined) return
      // The next page may have kept for this one what it had left.
      const there = kept ? document : await this.#read(id)
      if (!there || !sameDocument(there, document)) return this.#branch(document)
      this.#revisions.set(id, there.revision)
      if (open() && this.#source.files === document.files && this.#name === document.name)
        this.#unsaved = this.#timer !== undefined
    }
    this.#holder.tell(id)
  }

  /** Another tab has kept other text of this document: what was written here goes on as a copy. */
  #branch({ id, name, files, entry, program }: StoredDocument) {
    const names = this.#heads.map((head) => head.name)
    const copy = this.#new({ name: copyName(name, names), files, entry, program })
    if (id !== this.#id) return void this.#attempt(() => this.#put({ ...copy, revision: 1 }))
    clearTimeout(this.#timer)
    this.#timer = undefined
    const file = this.#file
    this.#show({ ...copy, ...this.#source })
    this.show(file)
    this.#take()
    this.#changed()
    this.#conflict = true
  }

  /** Keeps a document, here where the browser does not. False where the store has another revision. */
  async #put(document: StoredDocument): Promise<boolean> {
    this.#unkept.set(document.id, document)
    this.#heads = newestFirst([headOf(document), ...this.#heads.filter((head) => head.id !== document.id)])
    let kept: boolean
    try {
      kept = await this.#store.put(document)
    } catch (error) {
      if (!isFull(error) || !(await this.makeRoom().catch(() => false))) throw error
      kept = await this.#store.put(document)
    }
    if (this.#unkept.get(document.id) === document) this.#unkept.delete(document.id)
    if (this.#isLeft) this.leave()
    return kept
  }

  /** What the work gives; undefined where the browser did not let it happen. */
  async #attempt<Answer>(work: () => Promise<Answer>): Promise<Answer | undefined> {
    try {
      const answer = await work()
      const mended = this.#trouble !== undefined
      this.#trouble = undefined
      // What could not be kept before can be kept now.
      if (mended)
        for (const document of [...this.#unkept.values()])
          if (document.id !== this.#id)
            await this.#put(document).catch((error: unknown) => this.#failed(error))
      return answer
    } catch (error) {
      this.#failed(error)
      return undefined
    }
  }

  #failed(error: unknown) {
    this.#trouble = isFull(error) ? 'full' : 'blocked'
  }
}

const sameDocument = (a: StoredDocument, b: StoredDocument) =>
  sameSource(a, b) && a.name === b.name && a.deleted === b.deleted

/** Whether a store refused because there is no room. */
export function isFull(error: unknown): boolean {
  return error instanceof Error && error.name === 'QuotaExceededError'
}

function newestFirst(heads: readonly DocumentHead[]): DocumentHead[] {
  return [...heads].sort((a, b) => (b.deleted ?? b.changed) - (a.deleted ?? a.changed))
}
