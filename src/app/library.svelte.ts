import type { Program } from '#compile'
import type { Draft, DraftStore } from './drafts.ts'

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

/** Whether what is on the screen is kept: `blocked` when the browser keeps nothing for this page. */
export type Saving = 'sample' | 'saving' | 'saved' | 'blocked'

/** The strategies at hand, and the one that is open. Every change of its text is kept within a second. */
export class Library {
  readonly samples: readonly Sample[]
  readonly #store: DraftStore
  /** As the open sample came. */
  #text = $state.raw<SampleText>()
  #drafts = $state.raw<readonly Draft[]>([])
  #id = $state('')
  #name = $state('')
  #source = $state.raw('')
  #saving = $state<Saving>('sample')
  #isOpen = false
  #program: { readonly source: string; readonly program: Program } | undefined
  /** The text that has run to its end. */
  #ran: string | undefined
  #timer: ReturnType<typeof setTimeout> | undefined

  /** Nothing is open yet; the first sample lends its name until something is. */
  constructor(samples: readonly Sample[], store: DraftStore) {
    this.samples = samples
    this.#store = store
    this.#id = `sample:${samples[0]!.id}`
    this.#name = samples[0]!.name
  }

  /** Stable name of the open strategy, kept to open it again on the next visit. */
  get id(): string {
    return this.#id
  }
  get name(): string {
    return this.#name
  }
  get source(): string {
    return this.#source
  }
  get saving(): Saving {
    return this.#saving
  }
  /** The sample that is open, changed or not. */
  get sample(): Sample | undefined {
    return this.samples.find((sample) => `sample:${sample.id}` === this.#id)
  }
  /** An open sample that is not as it came. */
  get edited(): boolean {
    return this.#text !== undefined && this.#source !== this.#text.source
  }
  /** Name of the open file. */
  get file(): string {
    return this.sample?.file ?? 'strategy.ts'
  }
  /** Strategies that are nobody's sample. */
  get own(): readonly Draft[] {
    return this.#drafts.filter((draft) => draft.id.startsWith('own:'))
  }
  /** Whether a sample has changes that are kept. */
  isEdited(sample: Sample): boolean {
    return sample === this.sample
      ? this.edited
      : this.#drafts.some((draft) => draft.id === `sample:${sample.id}`)
  }

  /** The program of the text as it stands, where one is known without compiling. */
  get program(): Program | undefined {
    if (this.#text && !this.edited) return this.#text.program
    return this.#program?.source === this.#source ? this.#program.program : undefined
  }

  /** Remembers what the text compiled to. */
  compiled(source: string, program: Program) {
    this.#program = { source, program }
  }

  /** The text ran to its end. Its program is kept with the draft, so it may run again unasked on the next visit. */
  async proven(source: string) {
    this.#ran = source
    if (this.#saving === 'saved' && source === this.#source) await this.#save()
  }

  /** Opens a sample, with its changes when there are any. Rejects when its text cannot be fetched. */
  async openSample(id: string) {
    const sample = this.samples.find((candidate) => candidate.id === id)
    if (!sample) throw new RangeError(`There is no sample '${id}'`)
    const text = await sample.load()
    const draft = this.#drafts.find((candidate) => candidate.id === `sample:${id}`)
    this.#open(draft ?? { id: `sample:${id}`, name: sample.name, source: text.source, changed: 0 }, text)
    if (!draft && this.#saving !== 'blocked') this.#saving = 'sample'
  }

  /** Opens a strategy of one's own. */
  openDraft(id: string) {
    const draft = this.#drafts.find((candidate) => candidate.id === id)
    if (draft) this.#open(draft)
  }

  /** Opens what was open on the last visit, or the first sample where that is no longer there. */
  async restore(id: string) {
    const sample = this.samples.find((candidate) => `sample:${candidate.id}` === id)
    const text = sample?.load()
    text?.catch(() => {})
    let draft: Draft | undefined
    try {
      draft = await this.#store.get(id)
    } catch {
      this.#saving = 'blocked'
    }
    if (draft) this.#open(draft, await text)
    else await this.openSample(sample?.id ?? this.samples[0]!.id)
  }

  /** Reads the list of drafts. */
  async list() {
    try {
      this.#drafts = await this.#store.all()
    } catch {
      this.#saving = 'blocked'
    }
  }

  /** Starts a blank strategy of one's own. */
  create() {
    this.#open({ id: `own:${randomId()}`, name: 'Untitled strategy', source: blank, changed: 0 })
    this.#changed()
  }

  /** Goes on with a copy of what is open. */
  duplicate() {
    const program = this.#text && !this.edited ? this.#text.program : this.#programThatRan
    const name = `${this.#name}, copy`
    this.#open({ id: `own:${randomId()}`, name, source: this.#source, changed: 0, program })
    this.#changed()
  }

  get #programThatRan(): Program | undefined {
    return this.#ran === this.#source ? this.program : undefined
  }

  edit(source: string) {
    if (!this.#isOpen || source === this.#source) return
    this.#source = source
    this.#changed()
  }

  rename(name: string) {
    this.#name = name.trim() || 'Untitled strategy'
    this.#changed()
  }

  /** Takes back all changes of the open sample. */
  async revert() {
    const { sample } = this
    if (!sample) return
    clearTimeout(this.#timer)
    this.#forget(this.#id)
    await this.openSample(sample.id)
    await this.#attempt(() => this.#store.delete(`sample:${sample.id}`))
  }

  /** Deletes the open strategy of one's own and opens the first sample. */
  async delete() {
    const id = this.#id
    clearTimeout(this.#timer)
    this.#forget(id)
    await this.openSample(this.samples[0]!.id)
    await this.#attempt(() => this.#store.delete(id))
  }

  /** Keeps at once what has not been kept yet; for a page that is about to go. */
  async flush() {
    if (this.#timer !== undefined) await this.#save()
  }

  #open(draft: Draft, text?: SampleText) {
    void this.flush()
    this.#text = text
    this.#isOpen = true
    this.#id = draft.id
    this.#name = draft.name
    this.#source = draft.source
    this.#program = draft.program && { source: draft.source, program: draft.program }
    this.#ran = draft.program && draft.source
    if (this.#saving !== 'blocked') this.#saving = 'saved'
  }

  #changed() {
    if (this.#saving !== 'blocked') this.#saving = 'saving'
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => void this.#save(), 500)
  }

  #forget(id: string) {
    this.#timer = undefined
    this.#drafts = this.#drafts.filter((draft) => draft.id !== id)
  }

  async #save() {
    clearTimeout(this.#timer)
    this.#timer = undefined
    const id = this.#id
    if (this.sample && !this.edited) {
      this.#forget(id)
      await this.#attempt(() => this.#store.delete(id))
      if (this.#id === id && this.#saving === 'saving') this.#saving = 'sample'
      return
    }
    const program = this.#programThatRan
    const draft: Draft = { id, name: this.#name, source: this.#source, changed: Date.now(), program }
    this.#drafts = [draft, ...this.#drafts.filter((other) => other.id !== id)]
    await this.#attempt(() => this.#store.put(draft))
    if (this.#id === id && this.#source === draft.source && this.#saving === 'saving') this.#saving = 'saved'
  }

  async #attempt(work: () => Promise<void>) {
    try {
      await work()
      if (this.#saving === 'blocked') this.#saving = this.sample && !this.edited ? 'sample' : 'saving'
    } catch {
      this.#saving = 'blocked'
    }
  }
}

/** `crypto.randomUUID` is missing where the page was not served over HTTPS. */
function randomId(): string {
  return [...crypto.getRandomValues(new Uint8Array(8))]
    .map((byte) => byte.toString(16).padStart(2, '0'))
    .join('')
}
