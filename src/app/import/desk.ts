import {
  type Calendar,
  calendars,
  type CanonicalBar,
  type Check,
  type Finding,
  type ImportResult,
  type JoinedInstrument,
  type Layout,
  loadImporter,
  type Overrides,
  type Quality,
  type Question,
  type SessionHours,
  type SkippedRow,
} from '#data'
import type { InstrumentSpec } from '#market'
import { proxy } from 'comlink'
import type { DataStore } from '../store/data-store.ts'
import {
  contentId,
  type ImportedSet,
  keptFindings,
  keptLeftOut,
  type LeftOut,
  type NewInstrument,
  type NewSet,
  type Source,
} from '../store/imported-set.ts'
import type { View } from '../store/view.ts'
import { barsAround, type NumberedBar } from './numbered-bars.ts'
import { guessSpec } from './instrument.ts'

type Importer = Awaited<ReturnType<typeof loadImporter>>

/** What came of a file that was read whole. */
export interface FileReport {
  /** What wrote it, as far as its columns tell. */
  readonly format: string
  readonly layout: Layout | undefined
  /** What was concluded, in words. */
  readonly guesses: readonly {
    readonly label: string
    readonly value: string
    readonly confidence: number
    readonly reason: string
  }[]
  readonly questions: readonly Question[]
  /** Rows that gave no bar: the first of them, and how many there are. */
  readonly skipped: readonly SkippedRow[]
  readonly skippedCount: number
  /** Why there are no bars, or not all. */
  readonly problems: readonly string[]
}

/** A repair that would change something, and how many bars. */
export interface OfferedRepair {
  readonly repair: string
  readonly count: number
}

/** What trades come to in all. */
export interface TradeTotals {
  readonly count: number
  readonly volume: number
  /** Price times volume. */
  readonly money: number
  /** From the first to the last, microseconds. */
  readonly span: number
}

/** One instrument of the files as it would be stored, in short. */
export interface Survey {
  /** Stable while the files stay. */
  readonly key: string
  readonly symbol: string
  readonly interval: number | null
  /** What its bars are called, such as `hourly bars`. */
  readonly barsOf: string
  readonly rows: number
  /** What it is, in words. */
  readonly sentence: string
  /** What its rows come to where they are single trades. */
  readonly trades: TradeTotals | undefined
  /** Bars that are missing by the calendar. */
  readonly missing: number
  /** Times of the first and the last bar, microseconds UTC. */
  readonly from: number
  readonly to: number
  /** What was found odd before any repair. */
  readonly checks: readonly Check[]
  readonly offered: readonly OfferedRepair[]
  /** Whether adjusted closes came with it. */
  readonly adjusted: boolean
  readonly spec: InstrumentSpec
  readonly specReason: string
  /** The calendar that was said or guessed. */
  readonly calendar: string
  readonly calendarReason: string
  /** Numbers of its files. */
  readonly files: readonly number[]
}

/** All there is to see of one instrument. */
export interface Detail {
  readonly key: string
  /** Whether its times are days of a calendar. */
  readonly days: boolean
  /** Its first and its last bars. */
  readonly ends: readonly NumberedBar[]
  /** Times of the first and the last, milliseconds since 1970 UTC. */
  readonly from: number
  readonly to: number
  /** What is odd about it before any repair. */
  readonly findings: readonly Finding[]
  /** What was done, in words. */
  readonly done: readonly string[]
}

/** What the user says about instruments, by their keys. */
export interface Sayings {
  /** Ids of calendars, or hours that somebody wrote down. */
  readonly calendars: Readonly<Record<string, string | SessionHours>>
  readonly repairs: readonly string[]
}

/** A data set to be made of some instruments. */
export interface Plan {
  readonly name: string
  readonly summary: string
  readonly members: readonly { readonly key: string; readonly spec: InstrumentSpec }[]
}

/** Bytes that are taken from a file at a time. */
const piece = 1 << 20
/** Bytes from whose rows a first impression is made. */
const glanceSize = 1 << 18
/** Rows that gave no bar and are shown; all that the importer keeps can be saved as a file. */
const shownRows = 500
/**
 * Files on their way into the library: each is looked at, read whole into columns, surveyed, and stored. It lives in a
 * worker of its own beside the data worker, whose memory goes with it.
 */
export class ImportDesk {
  readonly #store: DataStore
  readonly #results: (ImportResult | undefined)[] = []
  readonly #files: File[] = []
  readonly #answers: Overrides[] = []
  #instruments: ReadonlyMap<string, JoinedInstrument> | undefined
  /** Findings by calendar and key, and contents by keys: none changes while the files stay. */
  readonly #inspections = new Map<string, Quality>()
  readonly #known = new Map<string, Promise<string>>()
  #reading: { aborted: boolean } | undefined

  constructor(store: DataStore) {
    this.#store = store
  }

  /** A desk for files of recorded orders, in the same worker. */
  async recordings() {
    return proxy(new (await import('../recorded/recording-desk.ts')).RecordingDesk(this.#store))
  }

  /** The layout of a file by its first part; undefined for one that can only be read whole or not at all. */
  async glance(file: File, overrides: Overrides): Promise<{ readonly layout: Layout | undefined }> {
    const { detect } = await loadImporter()
    const sample = new Uint8Array(await file.slice(0, glanceSize).arrayBuffer())
    const layout = await detect(sample, { ...overrides, name: file.name, whole: file.size <= glanceSize })
    return { layout: 'problem' in layout ? undefined : layout }
  }

  /**
   * Reads a file whole, as the file of this number. What was read of it before is let go.
   *
   * @throws ImportCancelled after `cancel`, and what the browser throws for a file that can no longer be read
   */
  async read(
    at: number,
    file: File,
    overrides: Overrides,
    onProgress: (bytes: number) => void,
  ): Promise<FileReport> {
    const signal = { aborted: false }
    this.#reading = signal
    this.#results[at] = undefined
    this.#forget()
    const importer = await loadImporter()
    let told = 0
    const result = await importer.importBars(pieces(file), {
      ...overrides,
      name: file.name,
      signal,
      onProgress: (bytes) => {
        if (bytes - told < 4 * piece && bytes < file.size) return
        told = bytes
        onProgress(bytes)
      },
    })
    this.#results[at] = result
    this.#files[at] = file
    this.#answers[at] = overrides
    return {
      format: result.format,
      layout: result.layout,
      guesses: result.layout ? importer.guesses(result.layout) : [],
      questions: result.questions,
      skipped: result.skipped.slice(0, shownRows),
      skippedCount: result.skippedCount,
      problems: result.problems,
    }
  }

  /** Ends the reading that is under way. */
  cancel(): void {
    if (this.#reading) this.#reading.aborted = true
  }

  /** Lets go of a file. */
  drop(at: number): void {
    this.#results[at] = undefined
    this.#forget()
  }

  /** What the files that were read come to. */
  async survey(sayings: Sayings): Promise<readonly Survey[]> {
    const importer = await loadImporter()
    return [...this.#joined(importer).values()].map((one) => this.#surveyOf(importer, one, sayings))
  }

  /** One instrument whole; undefined where there is none of that key. */
  async detail(key: string, sayings: Sayings): Promise<Detail | undefined> {
    const importer = await loadImporter()
    const one = this.#joined(importer).get(key)
    if (!one) return undefined
    let table = one
    const done: string[] = []
    for (const name of sayings.repairs) {
      const repaired = importer.repairs[name]!.apply(table)
      table = importer.withRepair(table, repaired)
      if (repaired.record.count > 0) done.push(repaired.record.text)
    }
    const rows = one.bars.time.length
    return {
      key,
      days: one.layout.days,
      ends: barsAround(one, 0, rows - 1, 0),
      from: one.first.t,
      to: one.last.t,
      findings: this.#inspected(importer, one, sayings).findings,
      done,
    }
  }

  /** Bars from one row of an instrument to another with some on both sides. */
  async around(key: string, firstRow: number, lastRow: number): Promise<readonly NumberedBar[]> {
    const one = this.#joined(await loadImporter()).get(key)
    return one ? barsAround(one, firstRow, lastRow) : []
  }

  #joined(importer: Importer): ReadonlyMap<string, JoinedInstrument> {
    return (this.#instruments ??= new Map(importer.joinFiles(this.#results).map((one) => [keyOf(one), one])))
  }

  #forget(): void {
    this.#instruments = undefined
    this.#inspections.clear()
    this.#known.clear()
  }

  /** What is odd about an instrument, looked for once by each calendar. */
  #inspected(importer: Importer, one: JoinedInstrument, { calendars: said }: Sayings): Quality {
    const key = keyOf(one)
    const by = `${JSON.stringify(said[key])} ${key}`
    let quality = this.#inspections.get(by)
    if (!quality) {
      quality = importer.inspect(one, calendarOf(importer, said[key]), one.layout.stamped.value)
      this.#inspections.set(by, quality)
    }
    return quality
  }

  #surveyOf(importer: Importer, one: JoinedInstrument, sayings: Sayings): Survey {
    const quality = this.#inspected(importer, one, sayings)
    const { layout } = one
    const zone = layout.zone.value
    const { spec, reason } = guessSpec(
      one.symbol,
      quality.calendar.id,
      zone !== null && /^[A-Z]/.test(zone) ? zone : undefined,
    )
    return {
      key: keyOf(one),
      symbol: one.symbol,
      interval: one.interval,
      barsOf: one.trades ? 'trades' : importer.barsOf(one.interval),
      rows: one.bars.time.length,
      sentence: importer.sentence(one, layout, quality),
      trades: one.trades ? totalsOf(one) : undefined,
      missing: quality.findings.find(({ check }) => check === 'gaps')?.rows ?? 0,
      from: one.first.t * 1000,
      to: one.last.t * 1000,
      checks: quality.findings.map(({ check }) => check),
      offered: offersFor(importer, one, quality),
      adjusted: one.adjustedClose !== undefined,
      spec,
      specReason: reason,
      calendar: quality.calendar.id,
      calendarReason: quality.calendarReason,
      files: one.files,
    }
  }

  /** For each group of instruments, the data set of the library that holds just their bars. */
  async known(groups: readonly (readonly string[])[]): Promise<readonly (ImportedSet | undefined)[]> {
    const importer = await loadImporter()
    return Promise.all(
      groups.map((keys) => {
        const name = keys.join('\n')
        let id = this.#known.get(name)
        if (!id) {
          id = contentId(keys.map((key) => this.#joined(importer).get(key)!))
          this.#known.set(name, id)
        }
        return id.then((id) => this.#store.get(id))
      }),
    )
  }

  /** Rows that gave no bar, of all files, as many as are kept. */
  leftOut(): readonly LeftOut[] {
    return this.#results.flatMap((result, at) =>
      (result?.skipped ?? []).map((row) => ({ file: this.#files[at]!.name, ...row })),
    )
  }

  /** Stores a data set. Its bars are stored as the file has them; the view says what is done to them. */
  async add(
    plan: Plan,
    sayings: Sayings,
    view: View,
  ): Promise<{ readonly set: ImportedSet; readonly known: boolean }> {
    return this.#store.add(await this.made(plan, sayings, view))
  }

  /** A data set as it would be stored. */
  async made(plan: Plan, sayings: Sayings, view: View): Promise<NewSet> {
    const importer = await loadImporter()
    const members = plan.members.map(({ key, spec }) => ({ one: this.#joined(importer).get(key)!, spec }))
    const instruments = members.map(({ one, spec }): NewInstrument => {
      const { calendar, findings } = this.#inspected(importer, one, sayings)
      const said = sayings.calendars[keyOf(one)]
      return {
        spec,
        calendar: calendar.id,
        ...(typeof said === 'object' && { hours: said }),
        ...(one.trades && { trades: totalsOf(one) }),
        interval: one.interval,
        stamped: one.layout.stamped.value,
        missingVolumes: one.missingVolumes,
        findings: keptFindings(findings, { missingVolumes: one.missingVolumes, rows: one.bars.time.length }),
        table: { bars: one.bars, ...(one.adjustedClose ? { adjustedClose: one.adjustedClose } : {}) },
      }
    })
    const files = [...new Set(members.flatMap(({ one }) => one.files))].sort((a, b) => a - b)
    const sources = files.map((at): Source => {
      const { format, layout } = this.#results[at]!
      return {
        name: this.#files[at]!.name,
        bytes: this.#files[at]!.size,
        format,
        readAs: layout
          ? importer.guesses(layout).map(({ label, value, reason }) => ({ label, value, reason }))
          : [],
        answers: this.#answers[at]!,
      }
    })
    const rows = files.flatMap((at) =>
      this.#results[at]!.skipped.map((row) => ({ file: this.#files[at]!.name, ...row })),
    )
    const count = files.reduce((sum, at) => sum + this.#results[at]!.skippedCount, 0)
    return {
      name: plan.name,
      tags: [],
      instruments,
      sources,
      summary: plan.summary,
      view,
      leftOut: { count, rows: rows.slice(0, keptLeftOut) },
    }
  }
}

async function* pieces(file: Blob): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < file.size; at += piece)
    yield new Uint8Array(await file.slice(at, at + piece).arrayBuffer())
}

const keyOf = ({ interval, symbol, trades }: JoinedInstrument) => `${trades ? 'trades' : interval} ${symbol}`

const calendarOf = (importer: Importer, said: string | SessionHours | undefined): Calendar | undefined =>
  typeof said === 'object'
    ? importer.calendarFrom(said)
    : Object.values(calendars).find(({ id }) => id === said)

function totalsOf({ bars, first, last }: JoinedInstrument): TradeTotals {
  let volume = 0
  let money = 0
  for (let row = 0; row < bars.time.length; row++) {
    volume += bars.volume[row]!
    money += bars.volume[row]! * bars.close[row]!
  }
  return { count: bars.time.length, volume, money, span: (last.t - first.t) * 1000 }
}

/** Which repairs answer which finding. */
const answers: Partial<Record<Quality['findings'][number]['check'], readonly string[]>> = {
  duplicates: ['keep-first', 'keep-last'],
  nonPositivePrices: ['drop-impossible'],
  highBelowLow: ['widen-range', 'drop-impossible'],
  outsideRange: ['widen-range', 'drop-impossible'],
  negativeVolume: ['drop-impossible'],
}

function offersFor(
  importer: Importer,
  one: JoinedInstrument,
  { findings }: Quality,
): readonly OfferedRepair[] {
  const names = [...new Set(findings.flatMap(({ check }) => answers[check] ?? []))]
  return names.map((repair) => ({ repair, count: importer.repairs[repair]!.apply(one).record.count }))
}
