import { type Report, report } from '#analysis'
import {
  cutTo,
  type DataSet,
  joined,
  readJoint,
  readRange,
  syntheticData,
  type SyntheticRequest,
} from '#data'
import { Replay, type RunRecord, type Verdict, Verification } from '#engine'
import { catalogued, type MarketMessages, shapeOf } from '#exchange'
import { journalFile, type JournalFormat, type JournalSource } from './journal-file.ts'
import type { Pace } from './pace.ts'

/** A run's record with what it means. */
export interface ReportedRun {
  readonly record: RunRecord
  readonly report: Report
  /** What each of several strategies comes to; absent where there is one. */
  readonly parts?: readonly Report[]
}

/** Milliseconds of a check in one go, and in all before it is given up. */
const slice = 12
const patience = 60_000

/** Messages of a book that can be looked at one by one: some 70 MB. */
const mostMessages = 2_000_000

/** Of a thread that has nothing else to do. */
const unhurried: Omit<Pace, 'wait'> = { now: () => 0, breathe: async () => {} }

/** Data sets by id, and reports on runs over them. It lives in a worker, so that neither holds up the page. */
export class DataService {
  readonly #read: (file: string) => Promise<Uint8Array>
  readonly #imported: (id: string) => Promise<DataSet>
  readonly #loaded = new Map<string, Promise<DataSet>>()
  /** Of imported sets, which may be large, only the latest. */
  #latest: { readonly id: string; readonly data: Promise<DataSet> } | undefined
  readonly #pace: Omit<Pace, 'wait'>
  #checks = 0
  #tapes = 0

  /**
   * `read` gives the bytes of a bundled file by its package and path, `imported` a data set of the library by an id that
   * begins with `imported:`.
   */
  constructor(
    read: (file: string) => Promise<Uint8Array>,
    imported: (id: string) => Promise<DataSet> = async (id) => {
      throw new RangeError(`There is no library here to take '${id}' from`)
    },
    pace: Omit<Pace, 'wait'> = unhurried,
  ) {
    this.#read = read
    this.#imported = imported
    this.#pace = pace
  }

  /**
   * A data set of the catalogue, read once; `random-walk:7` is the random walk of seed 7, and `synthetic:` with a
   * `SyntheticRequest` as JSON that market; an id of `jointId` is those data sets, an exchange each; `imported:` and what follows is a data set of the library. An id of `inRange` is
   * that data set, cut. Its columns belong to the service: to send them elsewhere, copy them.
   *
   * @throws as `catalogued`, or RangeError for a market that cannot be made; a failed read is tried again at the next call
   */
  load(id: string): Promise<DataSet> {
    if (id.startsWith('synthetic:')) return this.#market(id.slice('synthetic:'.length))
    if (id.startsWith('imported:')) return this.#ofLibrary(id)
    const known = this.#loaded.get(id)
    if (known) return known
    const { id: whole, range } = readRange(id)
    if (range)
      return this.#keep(
        id,
        this.load(whole).then((data) => cutTo(data, range)),
      )
    const parts = readJoint(id)
    if (parts)
      return this.#keep(
        id,
        Promise.all(parts.map(async (part) => ({ ...(await this.load(part.id)), id: part.name }))).then(
          (sets) => joined(id, sets),
        ),
      )
    const [name, seed] = id.split(':') as [string, string?]
    return this.#keep(id, catalogued(name, this.#read, seed === undefined ? {} : { seed: Number(seed) }))
  }

  #keep(id: string, loading: Promise<DataSet>): Promise<DataSet> {
    this.#loaded.set(id, loading)
    loading.catch(() => this.#loaded.delete(id))
    return loading
  }

  /** Reads a data set of the library anew at the next call: it was changed. */
  forget(): void {
    this.#latest = undefined
  }

  #ofLibrary(id: string): Promise<DataSet> {
    if (this.#latest?.id === id) return this.#latest.data
    const { id: whole, range } = readRange(id)
    const data = this.#imported(whole).then((data) => (range ? cutTo(data, range) : data))
    const latest = (this.#latest = { id, data })
    data.catch(() => {
      if (this.#latest === latest) this.forget()
    })
    return data
  }

  async #market(request: string): Promise<DataSet> {
    const data = syntheticData(JSON.parse(request) as SyntheticRequest)
    shapeOf(data)
    return data
  }

  /** What a run on data set `id` means. The record is handed back, since its columns may have been moved here. */
  async report(record: RunRecord, id: string): Promise<ReportedRun> {
    const data = await this.load(id)
    const parts = record.strategies?.map((part) => report(part, data))
    return { record, report: report(record, data), ...(parts && { parts }) }
  }

  /** Gives the journal of a run on data set `id` as the pieces of a file, each taken before the next is made. */
  async journal(
    record: JournalSource,
    id: string,
    format: JournalFormat,
    take: (piece: Uint8Array) => void | Promise<void>,
  ): Promise<void> {
    for await (const piece of journalFile(record, await this.load(id), format)) {
      await take(piece)
      await this.#pace.breathe()
    }
  }

  /**
   * Whether a record is what its journal comes to on data set `id`, here, where no code of the strategy is. Other
   * questions go first, and only the newest check goes on.
   *
   * @throws Error when a newer check has begun, or this one takes too long
   */
  async verify(record: RunRecord, id: string): Promise<Verdict> {
    const number = ++this.#checks
    const verification = new Verification(record, await this.load(id))
    await this.#inSlices('Checking it', (moves) => {
      if (number !== this.#checks) throw new Error('A newer result is being checked instead.')
      return verification.advance(moves)
    })
    return verification.verdict()
  }

  /**
   * What the book of an instrument showed during a run on data set `id`, message by message: the run is made again from
   * its journal, as for a check.
   *
   * @param instrument index among those of the record
   * @throws RangeError where the run made no book, or one of more than 2,000,000 messages
   */
  async messages(record: RunRecord, id: string, instrument: number): Promise<MarketMessages> {
    const number = ++this.#tapes
    const { journal, settings, stoppedAt } = record
    const replay = new Replay(journal, await this.load(id), settings, undefined, stoppedAt)
    const tape = replay.tape(instrument)
    if (!tape) throw new RangeError('Only a market that is made for the run has messages to look at.')
    await this.#inSlices('Making it again', (moves) => {
      if (number !== this.#tapes) throw new Error('Another book is being made again instead.')
      if (tape.rows > mostMessages)
        throw new RangeError(
          `Its book had more than ${mostMessages.toLocaleString('en-US')} messages; choose a shorter session or fewer agents to look at each.`,
        )
      return replay.advance(moves)
    })
    return tape.messages()
  }

  /** Does what takes long a few moves at a time, so that other questions go first. */
  async #inSlices(what: string, advance: (moves: number) => boolean): Promise<void> {
    const begun = this.#pace.now()
    for (let moves = 64; ;) {
      const start = this.#pace.now()
      if (advance(moves)) return
      const spent = this.#pace.now() - start
      moves = Math.max(1, Math.min(Math.floor((moves * slice) / Math.max(spent, 1e-3)), moves * 4))
      await this.#pace.breathe()
      if (this.#pace.now() - begun > patience)
        throw new Error(`${what} took more than ${patience / 1000} seconds.`)
    }
  }
}

/** A copy of plain data, columns included: to be moved to another thread while this one keeps its own. */
export function copyOf<Value>(value: Value): Value {
  if (ArrayBuffer.isView(value)) return (value as unknown as Float64Array).slice() as Value
  if (Array.isArray(value)) return value.map((part: unknown) => copyOf(part)) as Value
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, copyOf<unknown>(part)])) as Value
}

/** The buffers of all columns in a record or report, each once: what to move rather than copy to another thread. */
export function buffersOf(value: unknown): ArrayBuffer[] {
  const found = new Set<ArrayBuffer>()
  const search = (part: unknown) => {
    if (ArrayBuffer.isView(part)) {
      if (part.buffer instanceof ArrayBuffer && part.buffer.byteLength > 0) found.add(part.buffer)
    } else if (typeof part === 'object' && part !== null) Object.values(part).forEach(search)
  }
  search(value)
  return [...found]
}
