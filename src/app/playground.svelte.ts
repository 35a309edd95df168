import type { Compilation, Diagnostic, Position, Program, Source } from '#compile'
import type { DataSet, RecordedFlow, SyntheticRequest } from '#data'
import { dataOf, type InputDeclaration, type InputValue, type RunSettings } from '#engine'
import type { MarketMessages } from '#exchange'
import type { InstrumentSpec } from '#market'
import type { JournalFormat, LogRow } from '#session'
import { accountCurrency, otherCurrencies } from '#trading'
import type { Live } from './book/live.svelte.ts'
import { sameSource, type NewDocument } from './documents/document.ts'
import type { FirstRun } from './first-run.ts'
import { first } from './first.ts'
import type { History } from './history/history.svelte.ts'
import { knownInputs } from './known-inputs.ts'
import type { Library, Sample } from './library.svelte.ts'
import type { Machinery } from './machinery.ts'
import type { Message, Wanted } from './message.ts'
import { madeData, Prices, seededData } from './prices.svelte.ts'
import { reasonOf } from './reason.ts'
import { ResultCheck } from './result-check.svelte.ts'
import {
  type Curve,
  initialTerms,
  type Phase,
  type Remains,
  type Result,
  type RunProgress,
  sameRun,
  type Stepped,
  type Terms,
} from './run.ts'
import type { Asked } from './run-failure.ts'
import { type Problem, refusals } from './run-problems.ts'
import { RunUnderWay } from './run-under-way.svelte.ts'
import type { Outcome, Silence, Watching } from './sandbox/sandbox.ts'
import type { Shared } from './share/shared.ts'
import { recall } from './storage.ts'
import type { Together } from './together/together.svelte.ts'
import { isFirst, keepVisit, lastVisit, settingsOf, type Visit } from './visit.ts'

/** A change of data that a sample brought with it. */
export interface Switched {
  readonly sample: string
  /** Ids of the data. */
  readonly from: string
  readonly to: string
  /** Name of the data before, where they had been loaded. */
  readonly fromName: string | undefined
}

const noStops: Readonly<Record<string, readonly number[]>> = {}

/** The playground's state: a strategy, what it runs on, the run under way, and the latest result. */
export class Playground {
  readonly library: Library
  readonly #machinery: Machinery
  readonly #prices: Prices
  readonly #underWay: RunUnderWay

  #terms = $state.raw<Terms>(initialTerms)
  #switched = $state.raw<Switched>()
  #inputs = $state.raw<Readonly<Record<string, InputValue>>>({})
  #declarations = $state.raw<readonly InputDeclaration[]>()

  #result = $state.raw<Result>()
  #ghost = $state.raw<Curve>()
  #message = $state.raw<Message>()
  /** What was said while a run was under way, about something else than that run: its end does not take it back. */
  #said: Message | undefined
  /** What is left of the latest run where it came to no result. */
  remains = $state.raw<Remains>()
  #logs = $state.raw<readonly LogRow[]>([])
  #compileProblems = $state.raw<readonly Diagnostic[]>([])
  #typeProblems = $state.raw<readonly Diagnostic[]>([])
  #failure = $state.raw<Problem>()

  /** Index of the instrument that is looked at. */
  instrument = $state(0)
  #selectedTrade = $state<number>()
  /** The moment at which the order book is looked at, microseconds UTC, and what led there; undefined is the end of the run. */
  bookAt = $state.raw<{
    readonly time: number
    readonly by: 'chart' | 'trade' | 'steps' | 'book' | 'messages'
  }>()
  /** The bar that was last pointed at on the chart, microseconds UTC. */
  pointedAt = $state<number>()
  /** Whether somebody points at it still. */
  points = $state(false)
  /** The moment of the run that is stepped through, microseconds UTC; undefined while nobody does. */
  lookedAt = $state<number>()
  /** Lines at whose orders stepping stops, by file, of each strategy. */
  #stops = $state.raw<Readonly<Record<string, Playground['stops']>>>({})
  /** Whether runs are to tell where in the code their orders were sent. */
  #tracing = $state(false)
  /** Which moment of the latest run is stepped to; undefined is its end. */
  step = $state<number>()
  /** What the open strategy was and came to; it comes after the first screen. */
  history = $state.raw<History>()
  /** The latest results that came before it, for it to begin with. */
  early: readonly Result[] = []
  /** What runs beside the open strategy; it comes when there is any, or is to be. */
  together = $state.raw<Together>()
  /** The book of the run under way; it comes with the panel that shows it. */
  live = $state.raw<Live>()
  /** A panel to show, asked for from elsewhere; a new object asks again. */
  wanted = $state.raw<Wanted>()
  /** A moment for the chart's crosshair, microseconds UTC; a new object points again. */
  pointTo = $state.raw<{ readonly time: number }>()
  /** Whether the order book is that of the bar under the chart's crosshair. */
  bookFollows = $state(true)
  /** Tells the part of the chart that is seen, microseconds UTC; undefined while it is all of it. */
  seen: () => { readonly from: number; readonly to: number } | undefined = () => undefined
  /** A part of the chart to show, microseconds UTC; a new object shows it again. */
  toSee = $state.raw<{ readonly from: number; readonly to: number }>()
  /** A place in the code to show; another nonce asks again. */
  place = $state.raw<Position & { readonly nonce: number }>()
  /** A moment on the chart to show, microseconds UTC; a new object shows it again. */
  moment = $state.raw<{ readonly time: number }>()

  #received = $state.raw<Shared>()
  /** What had been chosen before something from elsewhere was opened, to come back to. */
  #mine: Pick<Visit, 'data' | 'terms' | 'market'> | undefined

  #started = $state(false)
  /** What the data of the latest result were loaded as. */
  #ranOn = ''

  /** Whether what is shown is what the strategy's requests come to. */
  readonly check: ResultCheck

  constructor(library: Library, machinery: Machinery) {
    this.library = library
    this.#machinery = machinery
    this.#prices = new Prices(machinery, {
      seed: () => this.#terms.seed,
      onLoaded: (data) => {
        // What another market gave stays until this one has been made.
        const asked = this.#result?.asked
        if (!data || !(asked === data || (asked?.synthetic && data.synthetic))) this.#result = undefined
      },
    })
    this.#underWay = new RunUnderWay(machinery, {
      onStart: ({ declarations, strategies }) => {
        this.#declarations = declarations
        if (strategies) this.together?.started(strategies)
        this.live?.begin()
      },
      onLogs: (logs) => (this.#logs = logs),
      onLook: (look) => this.live?.take(look),
      onSilent: () => (this.#failure = undefined),
      onPartial: () => (this.step = undefined),
      onTrouble: (text) => (this.#message = { tone: 'error', text }),
      onRest: () => this.live?.end(),
    })
    this.check = new ResultCheck((record, address) => machinery.verify(record, address))
  }

  get dataId(): string {
    return this.#prices.id
  }
  /** Undefined while it loads. Of bars that a run makes, what the latest run made; without instruments before the first. */
  get data(): DataSet | undefined {
    const { data } = this.#prices
    return data?.instruments.length === 0 && this.#result ? this.#result.data : data
  }
  /** Where orders meet a book of orders rather than bars: the market that is made, or recorded orders. */
  get venue(): SyntheticRequest | RecordedFlow | undefined {
    return this.#prices.venue
  }
  /** What is traded; of a market that no run has made yet, what there is to say of it. */
  get instruments(): readonly InstrumentSpec[] {
    const { data } = this
    const known = data?.instruments.map(({ instrument }) => instrument) ?? []
    return known.length > 0 || !data ? known : [data.recorded?.instrument ?? { name: data.name }]
  }
  /** Currency of the account. */
  get currency(): string {
    return accountCurrency(this.instruments, this.#terms.money)
  }
  /** Data that are on their way, in groups of bars: to look at, not to run on. */
  get outline(): DataSet | undefined {
    return this.#prices.outline
  }
  /** Whether the result is of another market than the one that is being made: their times need not be the same. */
  get remaking(): boolean {
    const { data } = this.#prices
    return data?.synthetic !== undefined && this.#result !== undefined && this.#result.asked !== data
  }
  /** What market is asked for, where the run makes it. */
  get market(): SyntheticRequest | undefined {
    return this.#prices.market
  }
  /** Other data than before, because the open sample needs them. */
  get switched(): Switched | undefined {
    return this.#switched
  }
  /** Why there is no data. */
  get dataProblem(): string | undefined {
    return this.#prices.problem
  }
  get terms(): Terms {
    return this.#terms
  }
  /** Inputs as the latest run of this strategy declared them; undefined before the first. */
  get declarations(): readonly InputDeclaration[] | undefined {
    return this.#declarations
  }
  /** What was chosen instead of the inputs' defaults. */
  get inputs(): Readonly<Record<string, InputValue>> {
    return this.#inputs
  }
  /** What came in a link or a file, as long as it or what was made of it is open. */
  get received(): Shared | undefined {
    return this.#received
  }
  /** Whether the first screen is complete: the first run has ended, or there is nothing to run. */
  get started(): boolean {
    return this.#started
  }
  get phase(): Phase {
    return this.#underWay.phase
  }
  /** Whether something is under way that is worth a Stop button: it has taken longer than a moment. */
  get busy(): boolean {
    return this.#underWay.busy
  }
  /** Only of a run that takes its time. */
  get progress(): RunProgress | undefined {
    return this.#underWay.progress
  }
  get silence(): Silence | undefined {
    return this.#underWay.silence
  }
  get result(): Result | undefined {
    return this.#result
  }
  /** The result, or that of the one of its strategies that is looked at. */
  get shown(): Result | undefined {
    return this.together ? this.together.shown : this.#result
  }
  /** Row of the report's trades that is looked at. Its instrument and its entry come with it. */
  get selectedTrade(): number | undefined {
    return this.#selectedTrade
  }
  set selectedTrade(trade: number | undefined) {
    this.#selectedTrade = trade
    const trades = this.shown?.report.trades
    if (trade === undefined || !trades) return
    this.instrument = trades.instrument[trade]!
    const time = this.#result!.data.instruments[this.instrument]?.bars.time[trades.entryBar[trade]!]
    if (time !== undefined) this.bookAt = { time, by: 'trade' }
  }
  /** Equity of the run before this one, on the same strategy and data. */
  get ghost(): Curve | undefined {
    return this.shown === this.#result ? this.#ghost : undefined
  }
  get message(): Message | undefined {
    return this.#message
  }
  /** Whether there may be something to say above the results. */
  get saysSomething(): boolean {
    return this.#started || !!(this.#message ?? this.silence ?? this.dataProblem)
  }
  get logs(): readonly LogRow[] {
    return this.#logs
  }
  /** Whether the result is of other code than the code on the screen. */
  get outdated(): boolean {
    const { id, source } = this.library
    return this.#result?.document === id && !sameSource(this.#result.source, source)
  }

  /** What the compiler, the types, the latest run and its refused orders have to say; errors first. */
  readonly problems: readonly Problem[] = $derived.by(() => {
    const all: Problem[] = [...this.#compileProblems, ...this.#typeProblems]
    if (this.#failure) all.unshift(this.#failure)
    if (this.#result && !this.#failure) all.push(...refusals(this.#result, this.library.source.entry))
    return all.sort((a, b) => Number(a.severity !== 'error') - Number(b.severity !== 'error'))
  })

  /** The marks for the editor. */
  readonly markers: readonly Diagnostic[] = $derived.by(() => {
    const own: Diagnostic[] = [...this.#compileProblems]
    if (this.#failure && this.#failure.line > 0) own.push({ ...this.#failure, source: 'run' })
    return own
  })

  /** Opens what was open on the last visit, or what is given; loads its prices, and runs it where that needs no compiler. */
  async start(visit: Partial<Visit> | undefined = lastVisit()) {
    const besides = recall('together')
    if (besides) await this.beside()
    const ahead = isFirst(visit) && !besides ? this.#machinery.firstRun().catch(() => undefined) : undefined
    if (visit) await this.#recall(visit)
    const loading = ahead ? undefined : this.#prices.load()
    await this.#attempt(() => this.#restore(visit))
    const run = await ahead
    if (run && this.library.id === `sample:${first.sample}`) {
      this.#show(run)
      this.#underWay.confirmNext()
    } else await (loading ?? this.#prices.load())
    // What is there is drawn first.
    await new Promise((resolve) => setTimeout(resolve))
    if (this.#prices.data && this.library.program) await this.run()
    else if (this.#prices.data && !this.#message)
      this.#message = {
        tone: 'info',
        text: 'This is your strategy as you left it. Run it to see what it does.',
      }
    this.#started = true
    await this.library.list()
  }

  /** Takes from an earlier visit what can be read of it. */
  async #recall(visit: Partial<Visit>) {
    if (typeof visit.data === 'string') this.#prices.id = visit.data
    const { terms, inputs, market } = await settingsOf(visit)
    if (terms) this.#terms = terms
    if (inputs) this.#inputs = inputs
    if (market) this.#prices.request = market
  }

  /** Shows the result that the build worked out; the run that follows comes to the same, here. */
  #show({ data, record, report }: FirstRun) {
    const { name, id, source } = this.library
    this.#prices.show(data)
    this.#ranOn = this.#prices.address
    this.#declarations = record.declarations
    this.#result = {
      record,
      report,
      data,
      asked: data,
      logs: [],
      milliseconds: NaN,
      name,
      document: id,
      source,
    }
  }

  async #restore(visit: Partial<Visit> | undefined) {
    const { library } = this
    await library.takeUp()
    const [first] = library.samples
    const id = typeof visit?.document === 'string' ? visit.document : `sample:${first!.id}`
    const sample = library.samples.find((candidate) => `sample:${candidate.id}` === id)
    if (sample && !visit?.edited) await library.openSample(sample.id)
    else await library.restore(id)
    if (library.id !== id) this.#inputs = {}
  }

  /** Opens a sample and runs it. */
  async openSample(id: string) {
    if (await this.#attempt(() => this.library.openSample(id))) await this.#opened(this.library.sample?.data)
  }

  /** Opens a strategy of one's own; it runs at once when it has run to its end before. */
  async openDocument(id: string) {
    if (await this.library.openDocument(id)) await this.#opened()
    else
      this.#message = { tone: 'warn', text: 'This strategy is no longer there: another tab has deleted it.' }
  }

  /**
   * Opens what came in a link or a file, to be read. It does not run by itself, nothing of it is kept, and nothing that is
   * kept changes; afterwards the choices of before are back.
   */
  async openShared(shared: Shared) {
    const visit = this.#started ? undefined : lastVisit()
    if (visit) await this.#recall(visit)
    this.#mine ??= { data: this.#prices.id, terms: this.#terms, market: this.#prices.request }
    const { name, source, data, settings, view } = shared
    const { inputs, ...terms } = settings
    this.library.openShared({ name, ...source })
    this.#begin()
    if (shared.beside) (await this.beside()).adopt(shared)
    this.#received = shared
    this.#terms = terms
    this.#inputs = inputs
    this.#prices.id = data.kind === 'synthetic' ? madeData : data.id
    if (data.kind === 'synthetic') this.#prices.request = data.market
    this.instrument = view?.instrument ?? 0
    await this.#prices.load()
    if (this.#received !== shared) return
    if (view?.from !== undefined && view.to !== undefined) this.toSee = { from: view.from, to: view.to }
    if (!this.#started) {
      await this.library.takeUp()
      await this.library.list()
    }
    this.#started = true
  }

  /** Opens again what came from elsewhere, as it came, and runs it. */
  async asReceived() {
    if (!this.#received) return
    await this.openShared(this.#received)
    await this.run()
  }

  /** Keeps what came from elsewhere as a strategy of one's own. */
  keepReceived() {
    this.library.keepShared()
    this.#kept()
  }

  #kept() {
    this.#mine = undefined
    this.#remember()
  }

  /** What came from elsewhere is left: the choices of before hold again. */
  #leave() {
    this.#received = undefined
    if (!this.#mine) return
    this.#prices.id = this.#mine.data
    this.#terms = this.#mine.terms
    this.#prices.request = this.#mine.market
    this.#mine = undefined
  }

  /** Starts a blank strategy of one's own. */
  async create() {
    this.library.create()
    await this.#opened()
  }

  /** Takes in strategies from files, and opens the last. Nothing of them runs by itself. */
  async take(documents: readonly NewDocument[]) {
    for (const document of documents) this.library.add(document)
    await this.#opened()
  }

  /** Goes on with a copy of what is open. */
  async duplicate() {
    if (this.library.shared) return this.keepReceived()
    const { id } = this.library
    const { stops } = this
    this.library.duplicate()
    this.#stops = { ...this.#stops, [this.library.id]: stops }
    this.together?.copy(id)
    await this.#opened()
  }

  /** Takes back all changes of the open sample and runs it. */
  async revert() {
    if (await this.#attempt(() => this.library.revert())) await this.#opened()
  }

  /** Deletes the open strategy and opens the first sample. */
  async delete() {
    const { id } = this.library
    if ((await this.#attempt(() => this.library.delete())) && this.library.id !== id) await this.#opened()
  }

  /** Takes the library's way back from what was taken away last. */
  async takeBack() {
    const { id } = this.library
    if ((await this.#attempt(() => this.library.takeBack())) && this.library.id !== id) await this.#opened()
  }

  async #attempt(work: () => Promise<void>): Promise<boolean> {
    try {
      await work()
      return true
    } catch (error) {
      this.#message = { tone: 'error', text: `The strategy could not be opened: ${reasonOf(error)}` }
      return false
    }
  }

  async #opened(data?: string) {
    this.#begin()
    this.#leave()
    const prices = this.#prices
    // Who has loaded recorded orders wants to see a strategy for books on them.
    const serves = data === madeData && prices.isLoaded && prices.data?.recorded
    if (data !== undefined && data !== prices.id && !serves) {
      this.#switched = { sample: this.library.name, from: prices.id, fromName: prices.data?.name, to: data }
      prices.id = data
    }
    if (!prices.isLoaded) {
      // Who reloads meanwhile comes back to what he has opened.
      this.#remember()
      await prices.load()
    }
    this.#remember()
    if (this.library.program) await this.run()
  }

  /** Another strategy is open: what was of the one before goes. */
  #begin() {
    this.#underWay.cancel()
    this.#inputs = {}
    this.#declarations = undefined
    this.#compileProblems = []
    this.#typeProblems = []
    this.#failure = undefined
    this.#message = undefined
    this.#logs = []
    this.#ghost = undefined
    this.selectedTrade = undefined
    this.place = undefined
    this.moment = undefined
    this.instrument = 0
    // What can run at once takes the place of the old result; anything else begins without one.
    if (!this.library.program) this.#result = undefined
    this.#switched = undefined
  }

  /** Chooses other prices and runs on them. */
  async chooseData(id: string) {
    this.#switched = undefined
    const wanted = this.#received?.data
    // The file that was asked for: it is looked at as its author did.
    if (wanted?.kind === 'imported' && !this.#prices.data && wanted.id.split('+')[0] === id.split('+')[0])
      // Unless by hours that are not the author's: those are no part of what came.
      if (id.includes(/\+hours-\w+/.exec(wanted.id)?.[0] ?? '')) id = wanted.id
    if (id === this.#prices.id && this.#prices.data) return
    this.#prices.id = id
    this.#remember()
    await this.#reload()
  }

  async #reload() {
    this.#underWay.cancel()
    this.#ghost = undefined
    this.selectedTrade = undefined
    await this.#prices.load()
    if (this.#prices.data && this.library.program) await this.run()
  }

  /** Loads the prices again after they could not be loaded. */
  async retryData() {
    await this.#reload()
  }

  /** Sets an input and runs again. While it is dragged only the newest value counts. */
  setInput(name: string, value: InputValue) {
    const declared = this.#declarations?.find((declaration) => declaration.name === name)
    const { [name]: _, ...others } = this.#inputs
    this.#inputs = declared && declared.value === value ? others : { ...others, [name]: value }
    this.#remember()
    this.#rerun()
  }

  /** Gives every input its default again. */
  resetInputs() {
    this.#inputs = {}
    this.#remember()
    this.#rerun()
  }

  /** Sets costs, fills or the account, and runs again. */
  setTerms(change: Partial<Terms>) {
    const seeded = change.seed !== undefined && change.seed !== this.#terms.seed
    this.#terms = { ...this.#terms, ...change }
    this.#remember()
    if (seeded && this.#prices.id === seededData) void this.#reload()
    else this.#rerun()
  }

  /** Asks for another synthetic market and runs on it. While a setting is dragged only the newest counts. */
  setMarket(market: SyntheticRequest) {
    this.#prices.request = market
    this.#remember()
    if (!this.market) return
    void this.#prices.load()
    this.#rerun()
  }

  /** The strategies beside the open one, fetched when they are first needed. */
  async beside(): Promise<Together> {
    const { Together } = await import('./together/together.svelte.ts')
    return (this.together ??= new Together(this, {
      compile: (source) => this.#machinery.compile(source),
      changed: () => this.#rerun(),
    }))
  }

  /** Chooses data, settings, inputs and company at once, as an earlier run had them, and runs. */
  async adopt(
    data: string,
    market: SyntheticRequest | undefined,
    { inputs, ...terms }: RunSettings,
    company?: Pick<Shared, 'share' | 'beside'>,
  ) {
    this.#underWay.cancel()
    if (company?.beside || this.together) (await this.beside()).adopt(company)
    this.#switched = undefined
    this.#prices.id = data
    if (market) this.#prices.request = market
    this.#terms = terms
    this.#inputs = inputs
    this.#remember()
    if (!this.#prices.isLoaded) await this.#prices.load()
    if (this.#prices.data) await this.run()
  }

  /** The text of the open strategy was changed. */
  edit(text: string, file?: string) {
    const { edited, shared } = this.library
    this.library.edit(text, file)
    this.#compileProblems = []
    if (shared && !this.library.shared) this.#kept()
    else if (edited !== this.library.edited) this.#remember()
  }

  /**
   * Runs every sample as it came, one after the other, and tells of each its equity or, as text, why there is none.
   * Goes on while `tell` returns true.
   */
  async preview(tell: (sample: Sample, outcome: Curve | string) => boolean) {
    const { preview } = await import('./preview.ts')
    await preview(this.#machinery, this.library.samples, this.#terms, tell)
  }

  /**
   * Every event and decision of the latest run, or of what is left of one, as a file; undefined where that fails, which is
   * told.
   */
  async journal(format: JournalFormat, left?: Remains): Promise<Blob | undefined> {
    try {
      if (left) return await this.#machinery.journal(left.source, left.address, format)
      return this.#result && (await this.#machinery.journal(this.#result.record, this.#ranOn, format))
    } catch (error) {
      this.#message = { tone: 'error', text: `The journal could not be written: ${reasonOf(error)}` }
      return undefined
    }
  }

  /** What the book of an instrument showed in the latest run, where that made its own market. */
  messages(instrument: number): Promise<MarketMessages> {
    return this.#machinery.messages(this.#result!.record, this.#ranOn, instrument)
  }

  /** What the editor's type checker found. */
  set typeProblems(problems: readonly Diagnostic[]) {
    this.#typeProblems = problems
  }

  /** Shows a problem's line in the code and, where it has one, its moment on the chart. */
  show(problem: Pick<Problem, 'file' | 'line' | 'column' | 'time'>) {
    if (problem.line > 0) {
      const { file, line, column } = problem
      this.library.show(file)
      this.place = { file, line, column: Math.max(1, column), nonce: (this.place?.nonce ?? 0) + 1 }
    }
    if (problem.time !== undefined && Number.isFinite(problem.time)) this.moment = { time: problem.time }
  }

  /** Whether the run under way waits. */
  get paused(): boolean {
    return this.#underWay.paused
  }
  /** Why the latest run came to no result, where its strategy failed. */
  get failure(): Problem | undefined {
    return this.#failure
  }
  /** What is stepped through: a run that waits or has just failed, else the latest result. */
  get stepped(): Stepped | undefined {
    return this.#underWay.partial ?? this.shown
  }

  /** Tells the run under way how it is watched. */
  watch(watching: Watching) {
    this.#underWay.watch(watching)
  }

  /** Lets the run under way wait, so that it can be looked at, or go on. */
  pause(paused: boolean): Promise<void> {
    return this.#underWay.pause(paused)
  }

  /** Lets a run that waits go on for some bars. Whether there is then more of it to look at, or all of it. */
  advance(bars: number): Promise<boolean> {
    return this.#underWay.advance(bars)
  }

  get stops(): Readonly<Record<string, readonly number[]>> {
    return this.#stops[this.library.id] ?? noStops
  }
  /** Stops at the orders of these lines of a file of the open strategy, and of no others of it. */
  stopAt(file: string, lines: readonly number[]) {
    this.#stops = { ...this.#stops, [this.library.id]: { ...this.stops, [file]: lines } }
  }

  /** From here on runs tell where their orders were sent; the latest is run again for that where its code is still there. */
  trace() {
    this.#tracing = true
    if (this.phase === 'idle' && this.#result && !this.#result.origins && !this.outdated) void this.run()
  }

  /** Says something above the results. */
  tell(message: Message) {
    this.#message = message
    this.#said = this.phase === 'idle' ? undefined : message
  }

  dismiss() {
    this.#message = undefined
  }

  dismissSwitch() {
    this.#switched = undefined
  }

  /** A strategy that says nothing may go on. */
  keepWaiting() {
    this.#underWay.keepWaiting()
  }

  /** Ends the run under way. */
  async stop() {
    if (this.phase !== 'idle' && !(await this.#underWay.stop()))
      this.#message = { tone: 'info', text: 'Stopped before the run began.' }
  }

  #rerun() {
    if ((this.library.program || this.#result) && this.#underWay.mayBegin()) void this.run()
  }

  /** Compiles where that is needed, and runs. Takes the place of a run under way. */
  async run() {
    const current = this.#underWay.begin()
    this.remains = undefined
    try {
      const { source, id, name } = this.library
      const program = this.library.program ?? (await this.#compile(source, current))
      if (!current()) return
      if (!program) return this.#underWay.rest()
      const inputs = knownInputs(this.#inputs, source)
      const seating = this.together && (await this.together.seating({ program, inputs }))
      if (!current()) return
      const ready = await this.#prices.ready(current)
      if (!current()) return
      if (!ready) return this.#underWay.rest()
      const { data, address } = ready
      if (otherCurrencies(this.instruments, this.#terms.money).length > 0) {
        const { withoutRates } = await import('./no-rates.ts')
        if (!current()) return
        const message = withoutRates(this.instruments, this.#terms.money, this.#before())
        if (message) {
          this.#failure = undefined
          this.#message = message
          return this.#underWay.rest()
        }
      }

      const settings = { ...this.#terms, inputs: seating ? {} : inputs }
      const strategies = seating && { strategies: seating.strategies }
      const request = { program, data, settings, trace: this.#tracing, ...strategies }
      const outcome = await this.#underWay.perform(request, address, current)
      if (!current()) return
      const { milliseconds } = this.#underWay
      if (outcome.kind === 'finished') {
        const { record, report, parts } = await this.#underWay.report(outcome.record, address)
        if (!current()) return
        this.#finish({
          record,
          report,
          data: dataOf(record, data),
          asked: data,
          logs: outcome.logs,
          ...(outcome.origins && { origins: outcome.origins }),
          milliseconds,
          name,
          document: id,
          source,
          ...(seating && parts && { together: { asked: seating.asked, parts } }),
        })
        this.#ranOn = address
        this.check.begin(record, address)
        this.library.compiled(source, program)
        void this.library.proven(source)
      } else {
        await this.#end(outcome, { settings, address, name, ...seating }, current)
        if (!current()) return
      }
    } catch (error) {
      if (!current()) return
      this.#message = { tone: 'error', text: reasonOf(error) }
    }
    if (this.#underWay.end()) await this.run()
  }

  async #compile(source: Source, current: () => boolean): Promise<Program | undefined> {
    const compilation = await this.#machinery.compile(source)
    if (!current()) return undefined
    this.#compileProblems = compilation.diagnostics
    if (compilation.ok) {
      this.library.compiled(source, compilation.program)
      return compilation.program
    }
    const [first] = compilation.diagnostics
    this.#failure = undefined
    this.#message = {
      tone: 'error',
      text: first ? first.message : 'The strategy could not be compiled.',
      place: first && { file: first.file, line: first.line, column: first.column },
    }
    return undefined
  }

  #finish(result: Result) {
    const before = this.#result
    const comparable = before?.document === result.document && before.asked === result.asked
    if (!comparable) this.#ghost = undefined
    else if (!this.#underWay.isDrag && before.record.digest !== result.record.digest)
      this.#ghost = before.record.equity
    if (before?.record.digest !== result.record.digest) {
      this.selectedTrade = undefined
      this.moment = undefined
      this.step = undefined
    }
    // The same again changes nothing that is drawn, so that nobody's pointing at it is disturbed.
    this.#result =
      before && comparable && sameRun(before.record, result.record)
        ? { ...result, record: before.record, report: before.report, data: before.data }
        : result
    this.#declarations = (result.record.strategies?.[0] ?? result.record).declarations
    this.#logs = result.logs
    this.#failure = undefined
    if (this.#message !== this.#said) this.#message = undefined
    this.#said = undefined
    if (!this.history) this.early = [...this.early.slice(-7), this.#result]
    this.#underWay.finished()
  }

  /** What is said of the results when a run brought none; those of another strategy go. */
  #before(): string {
    if (this.#result?.document !== this.library.id) this.#result = undefined
    return this.#result ? ' The results are of the run before.' : ''
  }

  async #end(outcome: Exclude<Outcome, { kind: 'finished' }>, asked: Asked, current: () => boolean) {
    if (outcome.kind === 'superseded') return
    this.#logs = outcome.logs
    // What failed earlier was other code than what ran now.
    this.#failure = undefined
    const { ended } = await import('./run-failure.ts')
    if (!current()) return
    const [first] = this.data?.instruments ?? []
    const { message, failure, remains } = ended(outcome, {
      asked,
      file: this.library.source.entry,
      names: this.together?.names,
      times: first?.bars.time ?? new Float64Array(),
      zone: first?.instrument.timeZone ?? 'UTC',
      kept: this.#before(),
    })
    this.#message = message
    this.remains = remains
    if (!failure) return
    this.#failure = failure
    this.#underWay.failed()
    if (Number.isFinite(failure.time)) this.moment = { time: failure.time! }
  }

  #remember() {
    if (this.library.shared) return
    this.together?.remember()
    keepVisit({
      document: this.library.id,
      edited: this.library.edited,
      data: this.#prices.id,
      terms: this.#terms,
      inputs: this.#inputs,
      market: this.#prices.request,
    })
  }
}
