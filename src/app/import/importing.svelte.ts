import type { Layout, Overrides, Question, SessionHours } from '#data'
import type { InstrumentSpec } from '#market'
import { proxy, type Remote } from 'comlink'
import { reasonOf } from '../reason.ts'
import type { ImportedSet, NewSet } from '../store/imported-set.ts'
import { addressOf, type View } from '../store/view.ts'
import type { Detail, FileReport, ImportDesk, Plan, Survey, TradeTotals } from './desk.ts'
import type { DeskLine } from './imports.svelte.ts'
import type { NumberedBar } from './numbered-bars.ts'
import { suggested } from './trade-bars.ts'

/** A file on its way in. */
export interface Incoming {
  readonly file: File
  /** What was said instead of the guesses. */
  readonly overrides: Overrides
  readonly phase: 'waiting' | 'reading' | 'read' | 'failed'
  /** Bytes read so far. */
  readonly bytes: number
  /** What its first part tells, there before the rest has been read. */
  readonly glance: Layout | undefined
  readonly report: FileReport | undefined
  /** Why it could not be read. */
  readonly problem: string | undefined
}

/** What is done about bars that cannot be as they are; `keep` leaves them. */
export interface RepairChoices {
  readonly times?: 'keep-first' | 'keep-last'
  readonly ranges?: 'widen-range' | 'drop-impossible' | 'keep'
  readonly prices?: 'drop-impossible' | 'keep'
}

/** Instruments that become one data set. */
export interface Proposed {
  readonly name: string
  readonly summary: string
  readonly members: readonly Survey[]
}

/** A question, with the numbers of the files that ask it. */
export interface Asked extends Question {
  readonly files: readonly number[]
}

/** One import, from the files to the data sets in the library. */
export class Importing {
  readonly #line: DeskLine
  readonly #hold: (set: NewSet) => Promise<ImportedSet>
  #files = $state.raw<readonly Incoming[]>([])
  #instruments = $state.raw<readonly Survey[]>([])
  /** Key of the instrument that is looked at, and what there is to see of it. */
  #shown = $state<string>()
  #detail = $state.raw<Detail>()
  /** Keys of the instruments that are taken; undefined for all. */
  #taken = $state.raw<ReadonlySet<string>>()
  /** What the library has already of what is proposed. */
  #known = $state.raw<readonly (ImportedSet | undefined)[]>([])
  #repairs = $state.raw<RepairChoices>({})
  #calendars = $state.raw<Readonly<Record<string, string | SessionHours>>>({})
  #specs = $state.raw<Readonly<Record<string, InstrumentSpec>>>({})
  #names = $state.raw<Readonly<Record<number, string>>>({})
  /** Texts of questions without options that were confirmed. */
  #confirmed = $state.raw<readonly string[]>([])
  #surveying = $state(false)
  #adding = $state(false)
  #problem = $state<string>()
  /** Whether adjusted prices are run on. */
  adjusted = $state(false)
  /** Whether slots in which nothing traded are filled. */
  filled = $state(false)
  /** Bars that are made of trades, as a view names them; undefined for those that are suggested. */
  #tradeBars = $state<string>()
  /** Why nothing can be stored, where the page can still hold it. */
  #blocked = $state<string>()
  #shut = $state(false)
  /** Counts the orders to read, so that an older one knows that it is out of date. */
  #turn = 0
  #working: Promise<void> | undefined
  #ended = false

  /** `hold` gives a data set to the page for this visit. */
  constructor(line: DeskLine, hold: (set: NewSet) => Promise<ImportedSet>) {
    this.#line = line
    this.#hold = hold
    line.broken.catch((error: unknown) => {
      if (!this.#ended) this.#problem = `The import broke off: ${reasonOf(error)}. Drop the files again.`
    })
  }

  get files(): readonly Incoming[] {
    return this.#files
  }
  /** What the files come to so far. */
  get instruments(): readonly Survey[] {
    return this.#instruments
  }
  /** The instrument that is looked at. */
  readonly one: Survey | undefined = $derived(
    this.#instruments.find(({ key }) => key === this.#shown) ?? this.#instruments[0],
  )
  /** What there is to see of it, once that has come. */
  get detail(): Detail | undefined {
    return this.#detail?.key === this.one?.key ? this.#detail : undefined
  }
  /** The instruments that would be added. */
  readonly taken: readonly Survey[] = $derived.by(() => {
    const keys = this.#taken
    return keys ? this.#instruments.filter(({ key }) => keys.has(key)) : this.#instruments
  })
  get repairs(): RepairChoices {
    return this.#repairs
  }
  get problem(): string | undefined {
    return this.#problem
  }
  /** Data sets that the library has already of the bars of each proposed one. */
  get known(): readonly (ImportedSet | undefined)[] {
    return this.#known
  }
  /** Whether files are being read or looked through. */
  get busy(): boolean {
    return this.#surveying || this.#files.some(({ phase }) => phase === 'waiting' || phase === 'reading')
  }
  get adding(): boolean {
    return this.#adding
  }

  /** What only the owner of the files can tell. Files that are offered the same answers ask together. */
  readonly questions: readonly Asked[] = $derived.by(() => {
    const asked = new Map<string, { question: Question; files: number[] }>()
    this.#files.forEach(({ report }, at) => {
      for (const question of report?.questions ?? []) {
        const { about, text, options } = question
        if (this.#confirmed.includes(text)) continue
        const key = options.length > 0 ? [about, ...options.map(({ value }) => value)].join('\n') : text
        const known = asked.get(key)
        if (known) known.files.push(at)
        else asked.set(key, { question, files: [at] })
      }
    })
    return [...asked.values()].map(({ question, files }) => ({ ...question, files }))
  })

  /** Bars that cannot be as they are, and what is offered about them. */
  readonly wounds: readonly (keyof RepairChoices)[] = $derived.by(() => {
    const found = new Set(this.taken.flatMap(({ checks }) => checks))
    return [
      ...(found.has('duplicates') ? ['times' as const] : []),
      ...(found.has('highBelowLow') || found.has('outsideRange') ? ['ranges' as const] : []),
      ...(found.has('nonPositivePrices') || found.has('negativeVolume') ? ['prices' as const] : []),
    ]
  })

  /** The data sets that come of the files: instruments whose bars have one length are one. */
  readonly proposed: readonly Proposed[] = $derived.by(() => {
    const groups = new Map<string, Survey[]>()
    for (const one of this.taken) {
      const kind = one.trades ? 'trades' : String(one.interval)
      const group = groups.get(kind)
      if (group) group.push(one)
      else groups.set(kind, [one])
    }
    return [...groups.values()].map((members, at) => ({
      name: this.#names[at] ?? nameOf(members),
      summary: summaryOf(members),
      members,
    }))
  })

  /** What still has to be answered before the data can be added; undefined where nothing. */
  readonly open: string | undefined = $derived.by(() => {
    if (this.busy) return 'Still reading.'
    if (this.taken.length === 0) return 'There are no bars to add.'
    if (this.questions.length > 0) return 'A question above is open.'
    if (this.wounds.some((wound) => this.#repairs[wound] === undefined))
      return 'Say what to do about the bars that cannot be right.'
    return undefined
  })

  spec(one: Survey): InstrumentSpec {
    return this.#specs[one.key] ?? one.spec
  }
  calendar(one: Survey): string {
    const said = this.#calendars[one.key]
    return typeof said === 'object' ? 'own' : (said ?? one.calendar)
  }
  /** Hours that were written down for it. */
  hours(one: Survey): SessionHours | undefined {
    const said = this.#calendars[one.key]
    return typeof said === 'object' ? said : undefined
  }
  /** Why the browser keeps nothing, or no more, for this page; what is imported can be used for this visit. */
  get blocked(): string | undefined {
    return this.#blocked
  }
  /** Whether it keeps nothing at all. */
  get shut(): boolean {
    return this.#shut
  }
  /** The trades among the instruments that are taken: what they come to, on average; undefined where there are none. */
  readonly trades: TradeTotals | undefined = $derived.by(() => {
    const all = this.taken.flatMap(({ trades }) => trades ?? [])
    if (all.length === 0) return undefined
    const mean = (pick: (totals: TradeTotals) => number) =>
      all.reduce((sum, totals) => sum + pick(totals), 0) / all.length
    return {
      count: mean(({ count }) => count),
      volume: mean(({ volume }) => volume),
      money: mean(({ money }) => money),
      span: mean(({ span }) => span),
    }
  })
  /** Bars that are made of them. */
  get tradeBars(): string {
    return this.#tradeBars ?? (this.trades ? suggested('time', this.trades) : '')
  }
  set tradeBars(name: string) {
    this.#tradeBars = name
  }
  /** Bars that are missing by the calendars, of the instruments that are taken. */
  readonly missing: number = $derived(this.taken.reduce((sum, { missing }) => sum + missing, 0))

  /** Takes more files in and reads them one after the other. */
  add(files: readonly File[]): void {
    this.#files = [
      ...this.#files,
      ...files.map((file): Incoming => ({
        file,
        overrides: {},
        phase: 'waiting',
        bytes: 0,
        glance: undefined,
        report: undefined,
        problem: undefined,
      })),
    ]
    void this.#work()
  }

  /** Reads files by other rules; without numbers all of them. */
  override(change: Overrides, files?: readonly number[]): void {
    this.#files = this.#files.map((incoming, index) =>
      files === undefined || files.includes(index)
        ? { ...incoming, overrides: { ...incoming.overrides, ...change }, phase: 'waiting', bytes: 0 }
        : again(incoming),
    )
    this.#turn++
    this.#repairs = {}
    void this.#desk((desk) => desk.cancel())
    void this.#work()
  }

  /** Answers a question, for the files that ask it. */
  answer({ options, text, about, files }: Asked, value: string): void {
    if (options.length === 0) this.#confirmed = [...this.#confirmed, text]
    else if (about !== 'columns') this.override({ [about]: value }, files)
  }

  /** Leaves a file out. */
  remove(at: number): void {
    if (this.#files.length === 1) return
    this.#turn++
    void this.#desk((desk) => desk.cancel())
    // The desk numbers files as they are here: those behind move up and are read again.
    this.#files = this.#files
      .filter((_, index) => index !== at)
      .map((incoming, index) => (index < at ? again(incoming) : { ...incoming, phase: 'waiting', bytes: 0 }))
    void this.#desk((desk) => desk.drop(this.#files.length))
    void this.#work()
  }

  repair(choices: RepairChoices): void {
    this.#repairs = { ...this.#repairs, ...choices }
    void this.#look()
  }

  /** Looks at an instrument. */
  show(key: string): void {
    this.#shown = key
    void this.#look()
  }

  /** Takes only these instruments; without keys, all. */
  take(keys?: readonly string[]): void {
    this.#taken = keys && new Set(keys)
    void this.#compare()
  }

  /** Bars of the instrument that is looked at. */
  async around(firstRow: number, lastRow: number): Promise<readonly NumberedBar[]> {
    const { one } = this
    return one ? this.#desk((desk) => desk.around(one.key, firstRow, lastRow)) : []
  }

  setCalendar(one: Survey, calendar: string | SessionHours): void {
    this.#calendars = { ...this.#calendars, [one.key]: calendar }
    void this.#survey()
  }

  setSpec(one: Survey, spec: InstrumentSpec): void {
    this.#specs = { ...this.#specs, [one.key]: spec }
  }

  rename(at: number, name: string): void {
    this.#names = { ...this.#names, [at]: name }
  }

  /** All rows that gave no bar and are kept. */
  async leftOut() {
    return this.#desk((desk) => desk.leftOut())
  }

  /** Stores the data sets and gives the address of the first; undefined where that was not possible, and `problem` says why. */
  async store(): Promise<string | undefined> {
    return this.#place(
      async (plan, view) => (await this.#desk((desk) => desk.add(plan, this.#sayings, view))).set,
    )
  }

  /** Hands the data sets to the page, which holds them for this visit, and gives the address of the first. */
  async hold(): Promise<string | undefined> {
    return this.#place(async (plan, view) =>
      this.#hold(await this.#desk((desk) => desk.made(plan, this.#sayings, view))),
    )
  }

  async #place(put: (plan: Plan, view: View) => Promise<ImportedSet>): Promise<string | undefined> {
    if (this.open !== undefined || this.#adding) return undefined
    this.#adding = true
    this.#problem = undefined
    try {
      let address: string | undefined
      for (const { name, summary, members } of this.proposed) {
        const view: View = {
          repairs: this.#chosen,
          adjusted: this.adjusted,
          ...(members[0]!.trades ? { interval: this.tradeBars } : this.filled ? { filled: true } : {}),
        }
        const plan = {
          name: name.trim() || nameOf(members),
          summary,
          members: members.map((one) => ({ key: one.key, spec: { ...this.spec(one) } })),
        }
        const { id, instruments } = await put(plan, view)
        address ??= addressOf(id, view, instruments)
      }
      return address
    } catch (error) {
      this.#problem = this.#blocked = reasonOf(error)
      return undefined
    } finally {
      this.#adding = false
    }
  }

  /** Ends the worker, whatever it is doing; nothing half done stays behind. */
  end(): void {
    this.#ended = true
    this.#turn++
    this.#line.end()
  }

  get #chosen(): string[] {
    const { times, ranges, prices } = this.#repairs
    return [
      ...(times ? [times] : []),
      ...(ranges === 'widen-range' ? ['widen-range'] : []),
      ...(ranges === 'drop-impossible' || prices === 'drop-impossible' ? ['drop-impossible'] : []),
    ]
  }

  get #sayings() {
    // What a component was given may be wrapped, and cannot be sent to another thread so.
    return { calendars: $state.snapshot(this.#calendars), repairs: this.#chosen }
  }

  async #desk<Answer>(question: (desk: Remote<ImportDesk>) => Promise<Answer>): Promise<Answer> {
    return Promise.race([question(await this.#line.desk), this.#line.broken])
  }

  /** Reads what waits to be read. */
  #work(): Promise<void> {
    return (this.#working ??= this.#readAll().finally(() => (this.#working = undefined)))
  }

  async #readAll(): Promise<void> {
    for (;;) {
      const at = this.#files.findIndex(({ phase }) => phase === 'waiting')
      if (at < 0 || this.#ended) break
      await this.#read(at)
    }
    await this.#survey()
  }

  async #read(at: number): Promise<void> {
    const turn = this.#turn
    const { file, overrides } = this.#files[at]!
    const update = (change: Partial<Incoming>) => {
      if (turn !== this.#turn || this.#ended) return
      this.#files = this.#files.map((incoming, index) =>
        index === at ? { ...incoming, ...change } : incoming,
      )
    }
    update({ phase: 'reading', bytes: 0 })
    const given = { ...overrides }
    try {
      const { layout: glance } = await this.#desk((desk) => desk.glance(file, given))
      if (turn !== this.#turn) return
      update({ glance })
      const report = await this.#desk((desk) =>
        desk.read(
          at,
          file,
          given,
          proxy((bytes: number) => update({ bytes })),
        ),
      )
      const { layout, problems } = report
      update({
        phase: layout ? 'read' : 'failed',
        bytes: file.size,
        glance: layout,
        report,
        problem: layout ? undefined : problems[0],
      })
    } catch (error) {
      if (error instanceof Error && error.name === 'ImportCancelled') {
        // Told to stop because it is to be read by other rules: then it waits again.
        if (turn === this.#turn) update({ phase: 'failed', problem: 'It was not read to its end.' })
        return
      }
      update({ phase: 'failed', problem: reasonOf(error) })
    }
  }

  async #survey(): Promise<void> {
    const turn = this.#turn
    this.#surveying = true
    try {
      const instruments = await this.#desk((desk) => desk.survey(this.#sayings))
      if (turn !== this.#turn) return
      this.#instruments = instruments
      await Promise.all([this.#look(), this.#compare()])
    } catch (error) {
      if (!this.#ended) this.#problem = reasonOf(error)
    } finally {
      this.#surveying = false
    }
  }

  /** Asks for what there is to see of the instrument that is looked at. */
  async #look(): Promise<void> {
    const { one } = this
    if (!one) return
    try {
      const detail = await this.#desk((desk) => desk.detail(one.key, this.#sayings))
      if (this.one?.key === one.key) this.#detail = detail
    } catch (error) {
      if (!this.#ended) this.#problem = reasonOf(error)
    }
  }

  /** Asks which of the proposed data sets the library has already. */
  async #compare(): Promise<void> {
    const turn = this.#turn
    const groups = this.proposed.map(({ members }) => members.map(({ key }) => key))
    try {
      const known = await this.#desk((desk) => desk.known(groups))
      if (turn === this.#turn) this.#known = known
    } catch (error) {
      // Without a library nothing is known; the bars can be used all the same.
      if (this.#ended) return
      this.#blocked = reasonOf(error)
      this.#shut = true
    }
  }
}

/** A file whose reading is broken off waits again. */
const again = (incoming: Incoming): Incoming =>
  incoming.phase === 'reading' ? { ...incoming, phase: 'waiting', bytes: 0 } : incoming

/** What a data set is called until it is given another name: its instrument, or the first of several, and its bars. */
export function nameOf(members: readonly Pick<Survey, 'symbol' | 'barsOf'>[]): string {
  const [first] = members
  if (!first) return 'Bars'
  const kind = first.barsOf.replace(/ ?bars$/, '')
  const whose =
    members.length <= 3
      ? members.map(({ symbol }) => symbol).join(', ')
      : `${first.symbol} and ${members.length - 1} more`
  return kind ? `${whose} ${kind}` : whose
}

/** One sentence on a data set. */
function summaryOf(members: readonly Pick<Survey, 'symbol' | 'barsOf' | 'rows' | 'sentence'>[]): string {
  const [first] = members
  if (members.length === 1) return first!.sentence
  const rows = members.reduce((sum, { rows }) => sum + rows, 0)
  return `${rows.toLocaleString('en-US')} ${first!.barsOf} of ${members.length} instruments`
}
