import { sha256 } from '@noble/hashes/sha2.js'
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js'
import type { DataSet, SyntheticRequest } from '#data'
import {
  Chronicle,
  engineVersion,
  handlerNames,
  type InputValue,
  type Journal,
  type JournalEntry,
  type RunRecord,
  type RunSettings,
} from '#engine'
import type { InstrumentSpec } from '#market'
import { otherCurrencies } from '#trading'

/** What the journal of a run can be written as. */
export type JournalFormat = 'jsonl' | 'parquet'

/** Letters of a piece of JSON lines. */
const pieceLength = 1 << 18

/** Rows of a Parquet row group: what is held in memory at a time. */
const groupRows = 50_000

/** What a data set was, so that it is known again. */
export interface DataIdentity {
  readonly id: string
  /** Bars over all instruments, and SHA-256 of the columns of all. */
  readonly bars?: number
  readonly sha256?: string
  /** The market that was made for the run. */
  readonly synthetic?: SyntheticRequest
  /** Of recorded orders, microseconds UTC of the first and the last, and how they were run with. */
  readonly recorded?: {
    readonly start: number
    readonly end: number
    readonly priceStep: number
    readonly barSeconds?: number
    readonly latency?: number
  }
}

/** What is known of a strategy of a run without its code. */
export interface JournalledStrategy {
  readonly name?: string
  /** The handlers that it has. */
  readonly handlers: readonly string[]
  readonly ownCosts: boolean
  /** Cash that it began with. */
  readonly cash: number
  readonly inputs?: Readonly<Record<string, InputValue>>
}

/** The first line of a journal: what it takes to run it again. */
export interface JournalHead {
  /** Version of the layout. */
  readonly journal: 1
  readonly engine: string
  readonly settings: RunSettings
  /** One per exchange. */
  readonly data: readonly DataIdentity[]
  readonly instruments: readonly Required<InstrumentSpec>[]
  readonly strategies: readonly JournalledStrategy[]
}

/** The last line of a journal. Without it, the run was ended from outside, or the file was cut. */
export interface JournalEnd {
  /** `stopped` where a handler threw; `cut` where the run was ended from outside, or the page knew no more of it. */
  readonly end: 'complete' | 'stopped' | 'cut'
  /** Moves of the market in all. */
  readonly moves: number
  /** Lines between the first and this one. */
  readonly lines: number
  /** What it comes to, as that of a `RunRecord`. */
  readonly digest: string
}

/** How a run ended: `moves` is where it did not come to its end. */
export type JournalEnding =
  { readonly end: 'complete' } | { readonly end: 'stopped' | 'cut'; readonly moves: number }

/** What is known of a run apart from its journal. */
export interface JournalledRun {
  readonly settings: RunSettings
  readonly engine?: string
  /** Of each strategy, where it is known. */
  readonly names?: readonly string[]
  readonly inputs?: readonly Readonly<Record<string, InputValue>>[]
}

/** What the whole journal of a run is made of: its record, or what is left of one that came to none. */
export interface JournalSource extends Pick<RunRecord, 'journal' | 'settings' | 'stoppedAt'> {
  readonly engine?: string
  readonly inputs?: RunRecord['inputs']
  readonly strategies?: readonly { readonly name: string; readonly inputs: RunRecord['inputs'] }[]
  /** Whether the journal was cut off where it ends. */
  readonly isCut?: boolean
}

/** The columns of a Parquet journal, in their order, with their types. */
const columns = {
  move: 'INT32',
  time: 'DOUBLE',
  microseconds: 'DOUBLE',
  event: 'STRING',
  strategy: 'INT32',
  handler: 'STRING',
  instrument: 'STRING',
  exchange: 'STRING',
  unknownInstrument: 'STRING',
  order: 'INT32',
  side: 'STRING',
  type: 'STRING',
  price: 'DOUBLE',
  volume: 'DOUBLE',
  stopPrice: 'DOUBLE',
  flag: 'STRING',
  trail: 'DOUBLE',
  trailPercent: 'DOUBLE',
  display: 'DOUBLE',
  hidden: 'BOOLEAN',
  reduceOnly: 'BOOLEAN',
  notional: 'DOUBLE',
  protectionPrice: 'DOUBLE',
  toLimit: 'BOOLEAN',
  selfTrade: 'STRING',
  after: 'INT32',
  pair: 'INT32',
  named: 'INT32',
  namedAfter: 'INT32',
  namedPair: 'INT32',
  onExchange: 'STRING',
  objection: 'STRING',
  open: 'DOUBLE',
  high: 'DOUBLE',
  low: 'DOUBLE',
  close: 'DOUBLE',
  fee: 'DOUBLE',
  rate: 'DOUBLE',
  slippage: 'DOUBLE',
  rule: 'STRING',
  code: 'STRING',
  reason: 'STRING',
  function: 'STRING',
  answer: 'DOUBLE',
  level: 'STRING',
  text: 'STRING',
} as const satisfies Record<keyof JournalEntry, string>

/** The names of the fields of an entry. */
export const entryFields = Object.keys(columns) as readonly (keyof JournalEntry)[]

/**
 * The whole journal of a run as the pieces of a file, none of them long: JSON lines, one entry a line between a head and an
 * end, or Parquet with one column per field and head and end among its metadata. Times are milliseconds UTC.
 *
 * @throws Error where the record is not what its journal comes to
 */
export async function* journalFile(
  record: JournalSource,
  data: DataSet | readonly DataSet[],
  format: JournalFormat,
): AsyncGenerator<Uint8Array> {
  const { journal, settings, stoppedAt, strategies, engine, inputs, isCut } = record
  const moves = stoppedAt ?? (isCut ? journal.moves : undefined)
  const chronicle = new Chronicle(journal, data, settings, moves)
  const run = {
    settings,
    ...(engine === undefined ? {} : { engine }),
    ...(strategies
      ? { names: strategies.map(({ name }) => name), inputs: strategies.map(({ inputs }) => inputs) }
      : inputs && { inputs: [inputs] }),
  }
  const writing = new JournalWriting(format, chronicle, journal, data, run)
  for (let over = false; !over;) {
    over = await writing.advance()
    const piece = writing.take()
    if (piece.length > 0) yield piece
  }
  await writing.end(moves === undefined ? { end: 'complete' } : { end: isCut ? 'cut' : 'stopped', moves })
  yield writing.take()
}

/** Writes the journal of a run, over or under way, as its `Chronicle` tells it. */
export class JournalWriting {
  readonly #chronicle: Chronicle
  readonly #form: Form
  #entries: Iterator<JournalEntry> | undefined
  #lines = 0

  /** @param journal all of it or its first part, with which the chronicle began */
  constructor(
    format: JournalFormat,
    chronicle: Chronicle,
    journal: Journal,
    data: DataSet | readonly DataSet[],
    run: JournalledRun,
  ) {
    this.#chronicle = chronicle
    const head = headOf(chronicle, journal, data, run)
    const names = entryFields.filter((name) => name !== 'rate' || hasRates(head))
    this.#form = format === 'jsonl' ? new JsonLines(head) : new Parquet(head, names)
  }

  /**
   * Writes entries until there is a piece to take.
   *
   * @returns whether there are none left for now
   */
  async advance(): Promise<boolean> {
    const entries = (this.#entries ??= this.#chronicle.entries())
    for (;;) {
      const { value, done } = entries.next()
      if (done) {
        this.#entries = undefined
        return true
      }
      this.#lines++
      if (this.#form.add(value)) {
        await this.#form.settle()
        return false
      }
    }
  }

  /** Writes what the run came to, once all entries are. */
  async end(ending: JournalEnding): Promise<void> {
    const { end } = ending
    const moves = ending.end === 'complete' ? this.#chronicle.moves : ending.moves
    const { digest } = this.#chronicle.record()
    await this.#form.end({ end, moves, lines: this.#lines, digest })
  }

  /** The bytes that were written since. */
  take(): Uint8Array {
    return this.#form.take()
  }
}

function headOf(
  chronicle: Chronicle,
  journal: Journal,
  data: DataSet | readonly DataSet[],
  { settings, engine = engineVersion, names, inputs }: JournalledRun,
): JournalHead {
  return {
    journal: 1,
    engine,
    settings,
    data: identitiesOf(data),
    instruments: chronicle.instruments.map((instrument) => ({ ...instrument })),
    strategies: journal.strategies.map(({ handlers, ownCosts, cash }, at) => ({
      ...(names?.[at] === undefined ? {} : { name: names[at] }),
      handlers: handlers.map((handler) => handlerNames[handler]!),
      ownCosts,
      cash,
      ...(inputs?.[at] === undefined ? {} : { inputs: inputs[at] }),
    })),
  }
}

const hasRates = ({ instruments, settings }: JournalHead) =>
  otherCurrencies(instruments, settings.money).length > 0

/** What the data sets of a run are. */
export function identitiesOf(data: DataSet | readonly DataSet[]): DataIdentity[] {
  const sets = Array.isArray(data) ? (data as readonly DataSet[]) : [data as DataSet]
  return sets.flatMap((set) => set.exchanges ?? [set]).map(identityOf)
}

function identityOf({ id, instruments, synthetic, recorded }: DataSet): DataIdentity {
  if (synthetic) return { id, synthetic }
  if (recorded) {
    const { start, end, priceStep, barSeconds, latency } = recorded
    return {
      id,
      recorded: {
        start,
        end,
        priceStep,
        ...(barSeconds === undefined ? {} : { barSeconds }),
        ...(latency === undefined ? {} : { latency }),
      },
    }
  }
  const hash = sha256.create()
  let bars = 0
  for (const { instrument, bars: columns } of instruments) {
    bars += columns.time.length
    hash.update(utf8ToBytes(`${instrument.name} ${columns.time.length};`))
    for (const name of ['time', 'open', 'high', 'low', 'close', 'volume'] as const) {
      const { buffer, byteOffset, byteLength } = columns[name]
      hash.update(new Uint8Array(buffer, byteOffset, byteLength))
    }
  }
  return { id, bars, sha256: bytesToHex(hash.digest()) }
}

/** A way to write entries. */
interface Form {
  /** Whether there is enough to be taken. */
  add(entry: JournalEntry): boolean
  settle(): void | Promise<void>
  end(end: JournalEnd): void | Promise<void>
  take(): Uint8Array
}

class JsonLines implements Form {
  #text: string

  constructor(head: JournalHead) {
    this.#text = `${JSON.stringify(head)}\n`
  }

  add(entry: JournalEntry): boolean {
    this.#text += `${lineOf(entry)}\n`
    return this.#text.length >= pieceLength
  }

  settle(): void {}

  end(end: JournalEnd): void {
    this.#text += `${JSON.stringify(end)}\n`
  }

  take(): Uint8Array {
    const bytes = utf8ToBytes(this.#text)
    this.#text = ''
    return bytes
  }
}

/** Entries whose numbers have to be read back to the last bit, and so with the sign of a zero, which JSON can say. */
const exact: readonly string[] = ['NEW ORDER', 'CHANGE ORDER', 'NAMED', 'COST']

/** An entry as a line. */
export function lineOf(entry: JournalEntry): string {
  if (!exact.includes(entry.event) || !Object.values(entry).some((value) => Object.is(value, -0)))
    return JSON.stringify(entry)
  const fields = Object.entries(entry).map(
    ([name, value]) => `${JSON.stringify(name)}:${Object.is(value, -0) ? '-0' : JSON.stringify(value)}`,
  )
  return `{${fields.join()}}`
}

class Parquet implements Form {
  readonly #names: readonly (keyof JournalEntry)[]
  readonly #head: JournalHead
  #rows: JournalEntry[] = []
  #open: ReturnType<Parquet['start']> | undefined
  #fresh = new Uint8Array()

  constructor(head: JournalHead, names: readonly (keyof JournalEntry)[]) {
    this.#head = head
    this.#names = names
  }

  add(entry: JournalEntry): boolean {
    return this.#rows.push(entry) >= groupRows
  }

  async settle(): Promise<void> {
    const { file, fresh } = await (this.#open ??= this.start())
    await file.write({ columnData: this.#sources(this.#rows), rowGroupSize: groupRows })
    this.#rows = []
    this.#fresh = fresh()
  }

  async end(end: JournalEnd): Promise<void> {
    if (this.#rows.length > 0) await this.settle()
    const { file, fresh, metadata } = await (this.#open ??= this.start())
    metadata.push({ key: 'outcry.end', value: JSON.stringify(end) })
    await file.finish()
    const before = this.#fresh
    const last = fresh()
    this.#fresh = new Uint8Array(before.length + last.length)
    this.#fresh.set(before)
    this.#fresh.set(last, before.length)
  }

  take(): Uint8Array {
    const bytes = this.#fresh
    this.#fresh = new Uint8Array()
    return bytes
  }

  async start() {
    const { ByteWriter, ParquetWriter, schemaFromColumnData } = await import('hyparquet-writer')
    const writer = new ByteWriter()
    const metadata = [{ key: 'outcry.head', value: JSON.stringify(this.#head) }]
    const file = new ParquetWriter({
      writer,
      schema: schemaFromColumnData({ columnData: this.#sources([]) }),
      kvMetadata: metadata,
    })
    const fresh = () => {
      const piece = writer.getBytes().slice()
      writer.index = 0
      return piece
    }
    return { file, fresh, metadata }
  }

  #sources(rows: readonly JournalEntry[]) {
    return this.#names.map((name) => ({ name, type: columns[name], data: rows.map((row) => row[name]) }))
  }
}
