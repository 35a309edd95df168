import type { Report } from '#analysis'
import type { Compilation, Program, Source } from '#compile'
import { cashOf, type InputDeclaration, type InputValue, type StepColumns } from '#engine'
import { namesOf } from '#session'
import { cleanName, randomId, sameSource } from '../documents/document.ts'
import type { Library } from '../library.svelte.ts'
import { knownInputs } from '../known-inputs.ts'
import type { Result, Terms } from '../run.ts'
import type { OrderPlaces, SeatedProgram } from '../sandbox/sandbox.ts'
import type { Shared, SharedStrategy } from '../share/shared.ts'
import { keep, recall } from '../storage.ts'
import {
  type Companion,
  freeName,
  mostBeside,
  type Origin,
  readSetup,
  type Setup,
  sharesMisfit,
  withShare,
} from './setup.ts'

/** What was asked of a run of several strategies, apart from what is open. */
export interface Asked {
  /** Share and inputs of the open strategy. */
  readonly share?: number
  readonly inputs: Readonly<Record<string, InputValue>>
  readonly beside: readonly SharedStrategy[]
}

/** What a run of several strategies came to, beside what its record and report say of the account. */
export interface TogetherResult {
  readonly asked: Asked
  /** Of each strategy, in the order of the record's. */
  readonly parts: readonly Report[]
}

/** Several strategies ready to run. */
export interface Seating {
  readonly strategies: readonly SeatedProgram[]
  readonly asked: Asked
}

/** What the playground shows of itself here. */
interface Around {
  readonly library: Library
  readonly terms: Terms
  readonly inputs: Readonly<Record<string, InputValue>>
  readonly result: Result | undefined
  selectedTrade: number | undefined
}

/** What the playground does when it is asked. */
interface Means {
  readonly compile: (source: Source) => Promise<Compilation>
  /** Runs again: something was changed. */
  readonly changed: () => void
}

const nobody: Setup = { beside: [] }
/** Strategies whose company is kept, the latest. */
const mostKept = 20

/**
 * The strategies that run beside the open one, each with inputs and a share of the cash, and which of them is looked at.
 * They belong to the strategy that is open: another one has others, or none.
 */
export class Together {
  readonly #around: Around
  readonly #means: Means
  /** By the id of the open strategy, the latest changed last. */
  #setups = $state.raw<Readonly<Record<string, Setup>>>({})
  /** Code by the id of the companion, as far as it was read. */
  #sources = $state.raw<Readonly<Record<string, Source>>>({})
  readonly #programs: { readonly source: Source; readonly program: Program }[] = []
  /** By the ids of the companions, as their latest run declared them. */
  #declared = $state.raw<Readonly<Record<string, readonly InputDeclaration[]>>>({})
  #kept = true
  #edited = $state(0)
  #looked = $state<number>()

  constructor(around: Around, means: Means) {
    this.#around = around
    this.#means = means
    const setups: Record<string, Setup> = {}
    for (const [id, value] of Object.entries(recall<Record<string, unknown>>('together') ?? {})) {
      const setup = readSetup(value)
      if (setup) setups[id] = setup
    }
    this.#setups = setups
  }

  get setup(): Setup {
    return this.#setups[this.#around.library.id] ?? nobody
  }
  get several(): boolean {
    return this.setup.beside.length > 0
  }
  /** What all strategies are called, the open one first; those of one name by the inputs that differ, or by numbers. */
  get names(): readonly string[] {
    const { library, inputs } = this.#around
    const told = namesOf(
      [{ name: library.name, inputs }, ...this.setup.beside].map(({ name, inputs }) => ({
        name: undefined,
        className: name,
        file: '',
        inputs,
      })),
    )
    const names: string[] = []
    for (const name of told) names.push(freeName(name, names))
    return names
  }
  get shares(): readonly (number | undefined)[] {
    return [this.setup.share, ...this.setup.beside.map(({ share }) => share)]
  }
  /** Why the shares are none that a run can be made with, in words; undefined where they are. */
  get misfit(): string | undefined {
    return sharesMisfit(this.shares)
  }
  /** Cash of each at the start; undefined of those for which nothing is left. */
  get cash(): readonly (number | undefined)[] {
    const { shares } = this
    const { cash } = this.#around.terms
    return this.misfit ? shares.map((share) => share && share * cash) : cashOf(shares, cash)
  }
  /** Place of the strategy whose inputs are edited. */
  get edited(): number {
    return Math.min(this.#edited, this.setup.beside.length)
  }
  set edited(place: number) {
    this.#edited = place
  }
  /** The inputs that a strategy beside the open one declares; undefined before its first run. */
  declarationsOf({ id }: Companion): readonly InputDeclaration[] | undefined {
    return this.#declared[id]
  }
  /** The code of a strategy beside the open one; undefined until it was read. */
  sourceOf({ id, origin }: Companion): Source | undefined {
    return origin.kind === 'open' ? this.#around.library.source : this.#sources[id]
  }

  /** Place of the strategy whose results are looked at; undefined for the account. */
  get looked(): number | undefined {
    const { result } = this.#around
    return result?.together && this.#looked !== undefined && this.#looked < result.together.parts.length
      ? this.#looked
      : undefined
  }
  set looked(place: number | undefined) {
    this.#around.selectedTrade = undefined
    this.#looked = place
  }
  /** The results that are looked at: those of the account, or of one strategy as if it were alone. */
  readonly shown: Result | undefined = $derived.by(() => {
    const { result } = this.#around
    return result && this.looked !== undefined ? partOf(result, this.looked) : result
  })

  /** Adds a strategy, with inputs of its own. */
  add(origin: Origin, name: string) {
    const { setup } = this
    if (setup.beside.length >= mostBeside) return
    const companion = { id: randomId(), name: cleanName(name), origin, inputs: {} }
    this.#edited = setup.beside.length + 1
    this.#change({ ...setup, beside: [...setup.beside, companion] })
  }

  /** Takes one of the strategies beside the open one out of the run. */
  remove(id: string) {
    const beside = this.setup.beside.filter((companion) => companion.id !== id)
    this.#edited = 0
    this.#looked = undefined
    this.#change(withShares(beside, [this.shares[0], ...beside.map(({ share }) => share)]))
  }

  /** Sets the share of a strategy by its place; undefined is an equal part of what is left. */
  setShare(place: number, share: number | undefined) {
    this.#change(withShares(this.setup.beside, withShare(this.shares, place, share)))
  }

  /** Gives every strategy an equal part of the cash. */
  shareAlike() {
    this.#change(withShares(this.setup.beside, []))
  }

  setInput(id: string, name: string, value: InputValue) {
    this.#changeInputs(id, (inputs) => {
      const { [name]: _, ...others } = inputs
      const declared = this.#declared[id]?.find((declaration) => declaration.name === name)
      return declared && declared.value === value ? others : { ...others, [name]: value }
    })
  }

  resetInputs(id: string) {
    this.#changeInputs(id, () => ({}))
  }

  /** Takes over what came from elsewhere, or was in an earlier run; without it nothing is beside the open strategy. */
  adopt(asked: Pick<Shared, 'share' | 'beside'> | undefined) {
    const { library } = this.#around
    const beside = (asked?.beside ?? []).map(({ name, source, inputs, share }): Companion => ({
      id: randomId(),
      name,
      origin: sameSource(source, library.source) ? { kind: 'open' } : { kind: 'text', source },
      inputs,
      ...(share === undefined ? {} : { share }),
    }))
    this.#edited = 0
    this.#looked = undefined
    this.#set({ ...(asked?.share === undefined ? {} : { share: asked.share }), beside })
  }

  /** A copy of a strategy has the same beside it. */
  copy(from: string) {
    const setup = this.#setups[from]
    if (setup) this.#set(setup)
  }

  /** What goes along when the open strategy is handed on; call `ready` before. Shares that do not fit are left out. */
  shared(): Pick<Asked, 'share' | 'beside'> {
    const { names } = this
    const setup = this.misfit ? withShares(this.setup.beside, []) : this.setup
    return {
      ...(setup.share === undefined ? {} : { share: setup.share }),
      beside: setup.beside.flatMap((companion, at): SharedStrategy[] => {
        const source = this.sourceOf(companion)
        const { inputs, share } = companion
        return source
          ? [{ name: names[at + 1]!, source, inputs, ...(share === undefined ? {} : { share }) }]
          : []
      }),
    }
  }

  /** Reads the code of all of them. */
  async ready(): Promise<void> {
    for (const companion of this.setup.beside) await this.#read(companion)
  }

  /**
   * All strategies, compiled; undefined where there is only the open one.
   *
   * @param open program and inputs of the open one
   * @throws Error in words where one of the others cannot be run
   */
  async seating(open: Pick<SeatedProgram, 'program' | 'inputs'>): Promise<Seating | undefined> {
    if (!this.several) return undefined
    const { setup, names, misfit } = this
    if (misfit) throw new Error(`${misfit} Change them under Inputs, or make them equal.`)
    const strategies: SeatedProgram[] = [{ ...open, name: names[0]!, ...shareOf(setup) }]
    const beside: SharedStrategy[] = []
    for (const [at, companion] of setup.beside.entries()) {
      const name = names[at + 1]!
      const { source, program } = await this.#read(companion)
      const inputs = knownInputs(companion.inputs, source)
      const own = companion.origin.kind === 'open' ? open.program : program
      strategies.push({
        name,
        inputs,
        program: own ?? (await this.#compiled(name, source)),
        ...shareOf(companion),
      })
      beside.push({ name, source, inputs, ...shareOf(companion) })
    }
    return { strategies, asked: { ...shareOf(setup), inputs: open.inputs, beside } }
  }

  /** A run has told what its strategies declare. */
  started(declarations: readonly (readonly InputDeclaration[])[]) {
    const declared = { ...this.#declared }
    for (const [at, { id }] of this.setup.beside.entries())
      if (declarations[at + 1]) declared[id] = declarations[at + 1]!
    this.#declared = declared
  }

  /** Keeps what was changed, unless it is beside a strategy that is not kept itself. */
  remember() {
    if (this.#kept || this.#around.library.shared) return
    const { id } = this.#around.library
    const entries = Object.entries(this.#setups).filter(
      ([other, { beside }]) => other !== id && beside.length > 0,
    )
    const own = this.several ? [[id, this.setup] as const] : []
    // What does not fit lives as long as the page; the oldest go first.
    for (let first = Math.max(0, entries.length - mostKept + 1); first <= entries.length; first++)
      if ((this.#kept = keep('together', Object.fromEntries([...entries.slice(first), ...own])))) break
    this.#kept = true
  }

  async #read({ id, name, origin }: Companion): Promise<{ source: Source; program?: Program | undefined }> {
    const { library } = this.#around
    const found = await read(origin, library)
    if (!found)
      throw new Error(
        `${name} is no longer there: it was deleted. Take it out of this run, or bring it back.`,
      )
    const { files, entry } = found.source
    const known = this.#sources[id]
    if (!known || !sameSource(known, found.source))
      this.#sources = { ...this.#sources, [id]: { files, entry } }
    return found
  }

  async #compiled(name: string, source: Source): Promise<Program> {
    const known = this.#programs.find((one) => sameSource(one.source, source))
    if (known) return known.program
    const compilation = await this.#means.compile(source)
    if (!compilation.ok) {
      const [first] = compilation.diagnostics
      throw new Error(
        first
          ? `${name}, ${first.file} line ${first.line}: ${first.message}`
          : `${name} could not be compiled.`,
      )
    }
    this.#programs.push({ source, program: compilation.program })
    if (this.#programs.length > mostBeside) this.#programs.shift()
    return compilation.program
  }

  #changeInputs(id: string, change: (inputs: Companion['inputs']) => Companion['inputs']) {
    const { setup } = this
    const beside = setup.beside.map((companion) =>
      companion.id === id ? { ...companion, inputs: change(companion.inputs) } : companion,
    )
    this.#change({ ...setup, beside })
  }

  #change(setup: Setup) {
    this.#set(setup)
    // Until its shares fit, the form says what is to be done.
    if (!this.misfit) this.#means.changed()
  }

  #set(setup: Setup) {
    const { id } = this.#around.library
    const { [id]: _, ...others } = this.#setups
    this.#setups = { ...others, [id]: setup }
    this.#kept = false
    this.remember()
  }
}

/** The setup with these shares, the open strategy's first. */
function withShares(beside: readonly Companion[], [own, ...shares]: readonly (number | undefined)[]): Setup {
  return {
    ...(own === undefined || beside.length === 0 ? {} : { share: own }),
    beside: beside.map(({ share: _, ...companion }, place) => ({
      ...companion,
      ...shareOf({ share: shares[place] }),
    })),
  }
}

const shareOf = ({ share }: { readonly share?: number | undefined }) => (share === undefined ? {} : { share })

async function read(
  origin: Origin,
  library: Library,
): Promise<{ source: Source; program?: Program | undefined } | undefined> {
  switch (origin.kind) {
    case 'open':
      return { source: library.source }
    case 'text':
      return { source: origin.source }
    case 'sample': {
      const sample = library.samples.find(({ id }) => id === origin.id)
      const text = await sample?.load()
      return (
        text && {
          source: { files: { [sample!.file]: text.source }, entry: sample!.file },
          program: text.program,
        }
      )
    }
    case 'document': {
      const kept = await library.documentOf(origin.id)
      if (!kept || kept.deleted !== undefined) return undefined
      const { files, entry } = kept
      return { source: { files, entry } }
    }
  }
}

/** What one strategy of a run did, as a result like that of a run of its own. */
function partOf(result: Result, place: number): Result {
  const record = result.record.strategies![place]!
  const owners = result.record.owners!.orders
  const { together, ...whole } = result
  return {
    ...whole,
    record,
    report: together!.parts[place]!,
    name: record.name,
    logs: result.logs.filter(({ strategy }) => strategy === place).map((row, index) => ({ ...row, index })),
    ...(result.origins && { origins: originsOf(result.origins, owners, place) }),
  }
}

/** Where the orders of one strategy were sent, by their own numbers. */
function originsOf({ places, orders }: OrderPlaces, owners: StepColumns['row'], place: number): OrderPlaces {
  return { places, orders: orders.filter((_, row) => owners[row] === place) }
}
