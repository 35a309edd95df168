import {
  type Calendar,
  calendars,
  type CanonicalBar,
  type ImportResult,
  type JoinedInstrument,
  type Layout,
  loadImporter,
  type Overrides,
  type Quality,
  type Question,
  type SkippedRow,
} from '#data'
import type { InstrumentSpec } from '#market'
import type { DataStore } from '../store/data-store.ts'
import {
  type ImportedSet,
  keptLeftOut,
  type LeftOut,
  type NewInstrument,
  type Source,
} from '../store/imported-set.ts'
import type { View } from '../store/view.ts'
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

/** One instrument of the files as it would be stored. */
export interface Survey {
  /** Stable while the files stay. */
  readonly key: string
  readonly symbol: string
  readonly interval: number | null
  /** What its bars are called, such as `hourly bars`. */
  readonly barsOf: string
  /** Whether its times are days of a calendar. */
  readonly days: boolean
  readonly rows: number
  /** What it is, in words. */
  readonly sentence: string
  /** Its first and its last bars. */
  readonly head: readonly CanonicalBar[]
  readonly tail: readonly CanonicalBar[]
  /** What is odd about it before any repair, by the calendar that was said or guessed. */
  readonly quality: Omit<Quality, 'calendar'> & { readonly calendar: string }
  readonly offered: readonly OfferedRepair[]
  /** What is odd after the repairs that were chosen; undefined where none was. */
  readonly after: Quality['findings'] | undefined
  /** What was done, in words. */
  readonly done: readonly string[]
  /** Whether adjusted closes came with it. */
  readonly adjusted: boolean
  /** Whether no bar has a volume. */
  readonly noVolume: boolean
  readonly spec: InstrumentSpec
  readonly specReason: string
  /** Numbers of its files. */
  readonly files: readonly number[]
}

/** What the user says about instruments, by their keys. */
export interface Sayings {
  /** Ids of calendars. */
  readonly calendars: Readonly<Record<string, string>>
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
/** Instruments that are surveyed one by one. */
export const surveyed = 200

/**
 * Files on their way into the library: each is looked at, read whole into columns, surveyed, and stored. It lives in a
 * worker of its own beside the data worker, whose memory goes with it.
 */
export class ImportDesk {
  readonly #store: DataStore
  readonly #results: (ImportResult | undefined)[] = []
  readonly #files: File[] = []
  #instruments: readonly JoinedInstrument[] | undefined
  #reading: { aborted: boolean } | undefined

  constructor(store: DataStore) {
    this.#store = store
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
    this.#instruments = undefined
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
    this.#instruments = undefined
  }

  /** What the files that were read come to, the first instruments of it, and how many there are in all. */
  async survey(
    sayings: Sayings,
  ): Promise<{ readonly instruments: readonly Survey[]; readonly count: number }> {
    const importer = await loadImporter()
    const all = this.#joined(importer)
    return {
      instruments: all.slice(0, surveyed).map((one) => this.#surveyOf(importer, one, sayings)),
      count: all.length,
    }
  }

  #joined(importer: Importer): readonly JoinedInstrument[] {
    return (this.#instruments ??= importer.joinFiles(this.#results))
  }

  #surveyOf(importer: Importer, one: JoinedInstrument, { calendars: said, repairs }: Sayings): Survey {
    const key = keyOf(one)
    const quality = importer.inspect(one, calendarOf(said[key]))
    let table = one
    const done: string[] = []
    for (const name of repairs) {
      const { record, ...repaired } = importer.repairs[name]!.apply(table)
      table = { ...table, ...repaired }
      if (record.count > 0) done.push(record.text)
    }
    const { layout, bars } = one
    const zone = layout.zone.value
    const { spec, reason } = guessSpec(
      one.symbol,
      quality.calendar.id,
      zone !== null && /^[A-Z]/.test(zone) ? zone : undefined,
    )
    const rows = bars.time.length
    return {
      key,
      symbol: one.symbol,
      interval: one.interval,
      barsOf: importer.barsOf(one.interval),
      days: layout.days,
      rows,
      sentence: importer.sentence(one, layout, quality),
      head: rowsOf(one, 0, Math.min(3, rows)),
      tail: rowsOf(one, Math.max(3, rows - 3), rows),
      quality: { ...quality, calendar: quality.calendar.id },
      offered: offersFor(importer, one, quality),
      after: repairs.length > 0 ? importer.inspect(table, quality.calendar).findings : undefined,
      done,
      adjusted: one.adjustedClose !== undefined,
      noVolume: one.missingVolumes === rows,
      spec,
      specReason: reason,
      files: one.files,
    }
  }

  /** For each group of instruments, the data set of the library that holds just their bars. */
  async known(groups: readonly (readonly string[])[]): Promise<readonly (ImportedSet | undefined)[]> {
    const importer = await loadImporter()
    return Promise.all(groups.map((keys) => this.#store.known(keys.map((key) => this.#one(importer, key)))))
  }

  #one(importer: Importer, key: string): JoinedInstrument {
    return this.#joined(importer).find((one) => keyOf(one) === key)!
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
    const importer = await loadImporter()
    const members = plan.members.map(({ key, spec }) => ({ one: this.#one(importer, key), key, spec }))
    const instruments = members.map(({ one, key, spec }): NewInstrument => {
      const { calendar, findings } = importer.inspect(one, calendarOf(sayings.calendars[key]))
      return {
        spec,
        calendar: calendar.id,
        interval: one.interval,
        stamped: one.layout.stamped.value,
        missingVolumes: one.missingVolumes,
        findings: findings.map(({ check, count, text }) => ({ check, count, text })),
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
      }
    })
    const rows = files.flatMap((at) =>
      this.#results[at]!.skipped.map((row) => ({ file: this.#files[at]!.name, ...row })),
    )
    const count = files.reduce((sum, at) => sum + this.#results[at]!.skippedCount, 0)
    return this.#store.add({
      name: plan.name,
      tags: [],
      instruments,
      sources,
      summary: plan.summary,
      view,
      leftOut: { count, rows: rows.slice(0, keptLeftOut) },
    })
  }
}

async function* pieces(file: Blob): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < file.size; at += piece)
    yield new Uint8Array(await file.slice(at, at + piece).arrayBuffer())
}

const keyOf = ({ interval, symbol }: JoinedInstrument) => `${interval} ${symbol}`

const calendarOf = (id: string | undefined): Calendar | undefined =>
  Object.values(calendars).find((calendar) => calendar.id === id)

function rowsOf({ bars, missingVolumes }: JoinedInstrument, from: number, to: number): CanonicalBar[] {
  const { time, open, high, low, close, volume } = bars
  const list: CanonicalBar[] = []
  for (let row = from; row < to; row++)
    list.push({
      t: time[row]! / 1000,
      open: open[row]!,
      high: high[row]!,
      low: low[row]!,
      close: close[row]!,
      volume: missingVolumes === time.length ? null : volume[row]!,
    })
  return list
}

/** Which repairs answer which finding. */
const answers: Partial<Record<Quality['findings'][number]['check'], readonly string[]>> = {
  duplicates: ['keep-first', 'keep-last'],
  nonPositivePrices: ['drop-impossible'],
  highBelowLow: ['widen-range', 'drop-impossible'],
  outsideRange: ['widen-range', 'drop-impossible'],
}

function offersFor(
  importer: Importer,
  one: JoinedInstrument,
  { findings }: Quality,
): readonly OfferedRepair[] {
  const names = [...new Set(findings.flatMap(({ check }) => answers[check] ?? []))]
  return names.map((repair) => ({ repair, count: importer.repairs[repair]!.apply(one).record.count }))
}
