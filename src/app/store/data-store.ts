import {
  type DataSet,
  type Finding,
  type FlowBlock,
  joinTables,
  loadImporter,
  mapTable,
  readRange,
} from '#data'
import { type IDBPDatabase, type IDBPTransaction, openDB } from 'idb'
import { type NewRecording, recordedData, recordedEntry } from '../recorded/recorded-set.ts'
import { barsAround, type NumberedBar } from '../import/numbered-bars.ts'
import {
  calendarOf,
  chunkOf,
  entryOf,
  type ImportedSet,
  keptFindings,
  type NewSet,
  ofTheFile,
  type SetInstrument,
} from './imported-set.ts'
import { outlineOf } from './outline.ts'
import type { PackedPrices } from './packed.ts'
import { csvParts, jsonParts } from './export.ts'
import { changesChannel, databaseName, databaseVersion, migrate, type Schema } from './schema.ts'
import { checkHours, look, readAddress, type StoredTable, tradeRule, type View } from './view.ts'

/** How full the browser's store is, in bytes. */
export interface Space {
  readonly used: number
  /** What the browser allows this page in all; infinite where it does not tell. */
  readonly quota: number
  /** Whether the browser has promised not to clear the store when the disk runs low. */
  readonly persisted: boolean
}

/** What may be changed of a data set without touching its bars. */
export type Change = Partial<Pick<ImportedSet, 'name' | 'tags' | 'view' | 'instruments'>>

/** What a data set does not fit into. Nothing was stored, and nothing that was there is lost. */
class NoSpace extends Error {
  override readonly name = 'NoSpace'
}

/** A data set that is asked for and is not in the library. */
class MissingSet extends Error {
  override readonly name = 'MissingSet'
}

const lockName = 'outcry-data'
/** Where a data set lies: its entry, its bars with their outline, or its recorded orders. */
const stores = ['sets', 'chunks', 'outlines', 'blocks'] as const
type Writing = IDBPTransaction<Schema, ('sets' | 'chunks' | 'outlines' | 'blocks')[], 'readwrite'>

/**
 * The library of imported data in this browser's IndexedDB. A data set is stored in one transaction, so that whatever
 * ends it early leaves the library as it was; tabs take turns at writing. Every method rejects when the browser keeps
 * nothing for this page.
 */
export class DataStore {
  readonly #name: string
  #database: Promise<IDBPDatabase<Schema>> | undefined
  #channel: BroadcastChannel | undefined
  /** Data sets that only this page holds, by their ids. */
  readonly #visit = new Map<string, { readonly made: NewSet | NewRecording; readonly set: ImportedSet }>()

  /** Another name than the usual keeps a library of its own. */
  constructor(name: string = databaseName) {
    this.#name = name
  }

  /** All data sets, the one that was used last first; those of this visit before all. */
  async list(): Promise<readonly ImportedSet[]> {
    const held = () => [...this.#visit.values()].map(({ set }) => set).reverse()
    try {
      const stored = (await (await this.#open()).getAllFromIndex('sets', 'used')).reverse()
      // What has been stored since, here or by another worker, need not be held.
      for (const { id } of stored) this.#visit.delete(id)
      return [...held(), ...stored]
    } catch (error) {
      if (this.#visit.size === 0) throw error
      return held()
    }
  }

  /** A data set by its id. */
  async get(id: string): Promise<ImportedSet | undefined> {
    return this.#visit.get(id)?.set ?? (await this.#stored(id))
  }

  async #stored(id: string): Promise<ImportedSet | undefined> {
    return (await this.#open()).get('sets', id)
  }

  /** Holds a data set for as long as the page is open, where the browser keeps nothing or has no room. */
  async hold(made: NewSet | NewRecording): Promise<ImportedSet> {
    const set = { ...(await ('blocks' in made ? recordedEntry(made) : entryOf(made))), visit: true }
    this.#visit.set(set.id, { made, set })
    this.#tell()
    return set
  }

  /**
   * Stores a data set. Where the same content is there already, what was said of its instruments takes the place of what
   * was known, and its name and tags stay.
   *
   * @throws NoSpace where the browser has no room for it
   */
  async add(set: NewSet): Promise<{ readonly set: ImportedSet; readonly known: boolean }> {
    const entry = await entryOf(set)
    const { id, instruments } = entry
    const outline = outlineOf(set.instruments.map(({ table }) => table))
    return this.#alone(async () => {
      const known = await this.#stored(id)
      if (known) return { set: await this.#put({ ...known, instruments, view: set.view }), known: true }
      return this.#write(entry, async (transaction) => {
        const chunks = transaction.objectStore('chunks')
        for (const [at, { table }] of set.instruments.entries())
          for (let chunk = 0; chunk < instruments[at]!.starts.length; chunk++)
            await chunks.put(chunkOf(table, chunk), [id, at, chunk])
        if (outline) await transaction.objectStore('outlines').put(outline, id)
      })
    })
  }

  /**
   * Stores recorded orders. Where the same are there already, what was said of their instrument takes the place of what was
   * known, and the name and tags stay.
   *
   * @throws NoSpace where the browser has no room for them
   */
  async addRecording(made: NewRecording): Promise<{ readonly set: ImportedSet; readonly known: boolean }> {
    const entry = await recordedEntry(made)
    const { id, recording } = entry
    return this.#alone(async () => {
      const known = await this.#stored(id)
      if (known?.recording && recording) return { set: await this.#put({ ...known, recording }), known: true }
      return this.#write(entry, async (transaction) => {
        const blocks = transaction.objectStore('blocks')
        for (const [at, block] of made.blocks.entries()) await blocks.put(block, [id, at])
      })
    })
  }

  /** Writes a data set that is not there yet, in one transaction with what `fill` puts beside it. */
  async #write(entry: ImportedSet, fill: (transaction: Writing) => Promise<void>) {
    const { id, bytes } = entry
    await this.#requireRoom(bytes)
    const transaction = (await this.#open()).transaction([...stores], 'readwrite', { durability: 'strict' })
    // Its failure is told by `done`; each write's own promise would tell it again.
    transaction.done.catch(() => {})
    try {
      await fill(transaction)
      await transaction.objectStore('sets').put(entry)
      await transaction.done
    } catch (error) {
      abort(transaction)
      // A write that fails because the transaction did says less than the transaction.
      throw isQuota(transaction.error) || isQuota(error) ? noSpace(bytes) : error
    }
    this.#visit.delete(id)
    this.#tell()
    return { set: entry, known: false }
  }

  /** Changes what is said of a data set; its bars stay. By another calendar they are looked through anew. */
  async change(id: string, change: Change): Promise<ImportedSet> {
    return this.#alone(async () => {
      const set = await this.get(id)
      if (!set) throw missing()
      const { name = set.name, tags = set.tags, view = set.view } = change
      const instruments = await Promise.all(
        (change.instruments ?? set.instruments).map(async (one, at) => {
          const before = set.instruments[at]!
          if (one.calendar === before.calendar && one.hours === before.hours) return one
          const same = JSON.stringify(one.hours) === JSON.stringify(before.hours)
          if (one.calendar === before.calendar && same) return one
          return { ...one, findings: keptFindings(await this.#findings(id, one, at), one) }
        }),
      )
      return this.#put({ ...set, name, tags, view, instruments })
    })
  }

  /** All that is odd about an instrument's bars, by the calendar that it has now, with the places. */
  async findings(id: string, instrument: number): Promise<readonly Finding[]> {
    const one = (await this.get(id))?.instruments[instrument]
    if (!one) throw missing()
    return this.#findings(id, one, instrument)
  }

  async #findings(id: string, one: SetInstrument, at: number): Promise<readonly Finding[]> {
    const { inspect } = await loadImporter()
    const { bars } = await this.table(id, at)
    const none = { count: 0, rows: [] }
    const { findings } = inspect(
      {
        symbol: one.spec.name,
        trades: one.trades !== undefined,
        bars,
        interval: one.interval,
        missingVolumes: one.missingVolumes,
        missingRows: new Uint32Array(0),
        outOfOrder: { count: 0, rows: new Uint32Array(0) },
        clockChanges: { ambiguous: none, skipped: none },
      },
      await calendarOf(one),
      one.stamped,
    )
    // How rows stood in the file, and which had no volume, the bars do not tell.
    const kept = one.findings.filter(({ check }) => ofTheFile(check, one))
    return [
      ...findings.filter(({ check }) => !ofTheFile(check, one)),
      ...kept.map((finding) => ({ rows: finding.count, examples: [], ranges: [], ...finding })),
    ]
  }

  /** Bars of an instrument from one row to another with some on both sides. */
  async around(
    id: string,
    instrument: number,
    firstRow: number,
    lastRow: number,
  ): Promise<readonly NumberedBar[]> {
    const { missingVolumes = 0 } = (await this.get(id))?.instruments[instrument] ?? {}
    return barsAround({ ...(await this.table(id, instrument)), missingVolumes }, firstRow, lastRow)
  }

  async #put(set: ImportedSet): Promise<ImportedSet> {
    const held = this.#visit.get(set.id)
    if (held) this.#visit.set(set.id, { ...held, set })
    else await (await this.#open()).put('sets', set)
    this.#tell()
    return set
  }

  /** Deletes a data set with its bars. */
  async delete(id: string): Promise<void> {
    if (this.#visit.delete(id)) {
      this.#tell()
      return
    }
    await this.#alone(async () => {
      const transaction = (await this.#open()).transaction([...stores], 'readwrite')
      await Promise.all([
        transaction.objectStore('sets').delete(id),
        transaction.objectStore('outlines').delete(id),
        transaction.objectStore('chunks').delete(IDBKeyRange.bound([id], [id, []])),
        transaction.objectStore('blocks').delete(IDBKeyRange.bound([id], [id, []])),
        transaction.done,
      ])
      this.#tell()
    })
  }

  /** Bars of an instrument as they were stored, all or from one time to another; microseconds UTC, both included. */
  async table(id: string, instrument: number, from = -Infinity, to = Infinity): Promise<StoredTable> {
    const made = this.#visit.get(id)?.made
    const held = made && 'instruments' in made ? made.instruments[instrument] : undefined
    if (held) return within(held.table, from, to)
    const set = await this.get(id)
    const { starts } = set?.instruments[instrument] ?? {}
    if (!starts) throw missing()
    let first = 0
    while (first + 1 < starts.length && starts[first + 1]! <= from) first++
    let last = starts.length - 1
    while (last > first && starts[last]! > to) last--
    const range = IDBKeyRange.bound([id, instrument, first], [id, instrument, last])
    const chunks = await (await this.#open()).getAll('chunks', range)
    if (chunks.length !== last - first + 1) throw missing()
    return within(joinTables(chunks), from, to)
  }

  /** Recorded orders as they were stored. */
  async #blocks({ id, recording }: ImportedSet): Promise<readonly FlowBlock[]> {
    const made = this.#visit.get(id)?.made
    if (made && 'blocks' in made) return made.blocks
    const blocks = await (await this.#open()).getAll('blocks', IDBKeyRange.bound([id], [id, []]))
    if (blocks.length !== recording?.blocks) throw missing()
    return blocks
  }

  /** A large data set in outline, which is there at once; undefined of others, and of bars that are looked at otherwise. */
  async outline(address: string): Promise<DataSet | undefined> {
    const asked = readAddress(address)
    if (asked?.id !== address || this.#visit.has(address)) return undefined
    const database = await this.#open()
    const [set, bars] = await Promise.all([database.get('sets', address), database.get('outlines', address)])
    if (!set || !bars || set.instruments[0]?.trades) return undefined
    const [{ spec, stamped }] = set.instruments as [SetInstrument]
    const instruments = [{ instrument: spec, bars, stamped }]
    return { id: address, name: set.name, provenance: provenanceOf(set, asked.view), instruments }
  }

  /** Keeps the outline of a data set that was stored before there were any. */
  async #keepOutline(id: string, tables: readonly StoredTable[]) {
    const database = await this.#open()
    if ((await database.getKey('outlines', id)) !== undefined) return
    const outline = outlineOf(tables)
    if (outline && (await this.get(id))) await database.put('outlines', outline, id)
  }

  /**
   * A data set by its address, as a run takes it.
   *
   * @throws MissingSet where it is not in the library
   */
  async load(address: string): Promise<DataSet> {
    const asked = readAddress(address)
    const set = asked && (await this.get(asked.id))
    if (!set) throw missing()
    const { view } = asked
    if (set.recording) {
      const data = recordedData(set, address, view, await this.#blocks(set))
      if (!set.visit) this.#useNow(set.id)
      return data
    }
    checkHours(asked, set)
    const tables = await Promise.all(set.instruments.map((_, at) => this.table(set.id, at)))
    if (!set.visit) this.#useNow(set.id, () => this.#keepOutline(set.id, tables))
    const instruments = await Promise.all(
      set.instruments.map(async (one, at) => {
        const { spec, stamped, interval } = one
        const trades = one.trades !== undefined
        const table = tables[at]!
        const calendar = await calendarOf(one)
        const bars = await look(table, view, { stamped, interval, trades, ...(calendar && { calendar }) })
        // Bars that were repaired or joined have other rows.
        const { adjustedClose } = bars === table.bars ? table : {}
        return {
          instrument: spec,
          bars,
          stamped,
          ...(adjustedClose ? { columns: { 'adjusted close': adjustedClose } } : {}),
        }
      }),
    )
    return { id: address, name: set.name, provenance: provenanceOf(set, view), instruments }
  }

  /** Notes that a data set is used, which is worth no failure: the disk may be full. */
  #useNow(id: string, also?: () => Promise<void>): void {
    void this.#alone(async () => {
      const now = await this.#stored(id)
      if (now) await (await this.#open()).put('sets', { ...now, used: Date.now() })
      await also?.()
    }).catch(() => {})
  }

  /** A stored or lent data set packed for a file, by any address of it; undefined where it is too large for that. */
  async packed(address: string): Promise<PackedPrices | undefined> {
    const set = await this.get(address.split('+')[0]!)
    if (!set) throw missing()
    // It could pack to as little as this, no less. Recorded orders are not packed.
    if (set.recording || set.bytes > 100 * 2 ** 20) return undefined
    const { packed } = await import('./packed.ts')
    return packed(set, await Promise.all(set.instruments.map((_, at) => this.table(set.id, at))))
  }

  /**
   * Takes in prices that came with a file, until this worker ends: nothing is stored. Gives `false` where the library has
   * them already, and uses those.
   *
   * @throws RangeError where they are no bars, or others than those of the address
   */
  async lend(address: string, name: string, file: string, prices: PackedPrices): Promise<boolean> {
    // The stretch of time that was run on is no part of what is kept.
    const asked = readAddress(readRange(address).id)
    if (!asked) throw new RangeError('the prices in it have no address')
    const { id, view } = asked
    const { unpacked } = await import('./packed.ts')
    const instruments = await unpacked(prices, id)
    // Where nothing can be stored nothing can be known.
    if (await this.#stored(id).catch(() => undefined)) return false
    await this.hold({
      name,
      tags: [],
      sources: [{ name: file, bytes: prices.columns.length, format: 'Outcry file', readAs: [] }],
      summary: prices.summary,
      view,
      leftOut: { count: 0, rows: [] },
      instruments,
    })
    return true
  }

  /** Stores what is held for this visit, as it is called now. */
  async keepLent(address: string): Promise<void> {
    const held = this.#visit.get(address.split('+')[0]!)
    if (!held) throw missing()
    const { name, tags, view, instruments, recording } = held.set
    if ('blocks' in held.made) {
      await this.addRecording({ ...held.made, name, recording: recording ?? held.made.recording })
      this.#visit.delete(held.set.id)
      return
    }
    const tables = held.made.instruments
    await this.add({
      ...held.made,
      name,
      tags,
      view,
      instruments: instruments.map((one, at) => ({ ...one, table: tables[at]!.table })),
    })
    this.#visit.delete(held.set.id)
  }

  /** A data set as a file: its bars as they were stored. */
  async exported(id: string, format: 'csv' | 'json'): Promise<Blob> {
    const set = await this.get(id)
    if (!set) throw missing()
    const tables = await Promise.all(
      set.instruments.map(async ({ spec, rows, missingVolumes }, at) => ({
        symbol: spec.name,
        table: await this.table(id, at),
        noVolume: missingVolumes === rows,
      })),
    )
    const parts = format === 'csv' ? csvParts(tables) : jsonParts(tables)
    return new Blob([...parts], { type: format === 'csv' ? 'text/csv' : 'application/json' })
  }

  /** How full the store is. */
  async space(): Promise<Space> {
    // Missing where the page was not served over HTTPS.
    const storage = navigator.storage as StorageManager | undefined
    const [{ usage = 0, quota = Infinity }, persisted] = await Promise.all([
      storage?.estimate() ?? ({} as StorageEstimate),
      storage?.persisted() ?? false,
    ])
    return { used: usage, quota, persisted }
  }

  /** Lets go of the database. */
  async close(): Promise<void> {
    const database = this.#database
    this.#database = undefined
    this.#channel?.close()
    ;(await database)?.close()
  }

  #open(): Promise<IDBPDatabase<Schema>> {
    const forget = () => (this.#database = undefined)
    this.#database ??= openDB<Schema>(this.#name, databaseVersion, {
      upgrade: (database, from, _to, transaction) =>
        // A step that fails takes back those before it; what is stored stays in its old form.
        migrate(from, database, transaction as never).catch(() => transaction.abort()),
      // Another tab has a newer program or deletes the library: it need not wait for this one.
      blocking: (_current, _blocked, event) => {
        forget()
        ;(event.target as IDBDatabase).close()
      },
      terminated: forget,
    }).catch((error: unknown) => {
      throw error instanceof DOMException && error.name === 'VersionError'
        ? new Error(
            'Another tab uses a newer version of Outcry, and so does the library. Reload this tab to go on.',
          )
        : error
    })
    this.#database.catch(forget)
    return this.#database
  }

  /** Writes while no other tab does. */
  #alone<Result>(work: () => Promise<Result>): Promise<Result> {
    const locks = navigator.locks as LockManager | undefined
    return locks ? locks.request(lockName, work) : work()
  }

  #tell() {
    this.#channel ??= new BroadcastChannel(changesChannel)
    this.#channel.postMessage('changed')
  }

  async #requireRoom(bytes: number) {
    const { used, quota } = await this.space()
    if (used + bytes > quota) throw noSpace(bytes, quota - used)
  }
}

/** The rows from one time to another, both included. */
function within(table: StoredTable, from: number, to: number): StoredTable {
  if (from === -Infinity && to === Infinity) return table
  const { time } = table.bars
  let start = 0
  let end = time.length
  while (start < end && time[start]! < from) start++
  while (end > start && time[end - 1]! > to) end--
  return mapTable(table, (column) => column.slice(start, end))
}

const megabytes = (bytes: number) => `${Math.max(0, bytes / 1e6).toFixed(bytes < 1e7 ? 1 : 0)} MB`

function noSpace(bytes: number, free?: number): NoSpace {
  const found = free === undefined ? 'and has no room for them' : `and allows ${megabytes(free)} more`
  return new NoSpace(
    `These data take ${megabytes(bytes)}; the browser keeps a limited amount for each page ${found}. Delete data sets that you no longer need, or free space on the disk, and try again.`,
  )
}

const missing = () =>
  new MissingSet(
    'They were imported in this browser or in another, and are not in this library. Drop the file that they came from.',
  )

function isQuota(error: unknown): boolean {
  return error instanceof DOMException && error.name === 'QuotaExceededError'
}

function abort(transaction: { abort(): void }) {
  try {
    transaction.abort()
  } catch {
    // It has ended by itself.
  }
}

function barsInWords(interval: string): string {
  const rule = tradeRule(interval)
  if (!rule) return `Joined to bars of a ${interval}.`
  if (rule.by === 'ticks') return `Made to bars of ${rule.count} trades.`
  return rule.by === 'volume'
    ? `Made to bars of a volume of ${rule.volume}.`
    : `Made to bars of ${rule.amount} in money.`
}

/** Where the prices come from and what was done to them, in some sentences. */
function provenanceOf({ sources, summary, leftOut }: ImportedSet, view: View): string {
  const [source] = sources
  const files = sources.length === 1 ? source!.name : `${source?.name} and ${sources.length - 1} more files`
  const { repairs = [], adjusted, interval, filled } = view
  return [
    `From ${files}: ${summary}.`,
    ...(leftOut.count > 0
      ? [
          leftOut.count === 1
            ? 'A row that gives no bar was left out.'
            : `${leftOut.count.toLocaleString('en-US')} rows that give no bar were left out.`,
        ]
      : []),
    ...(repairs.length > 0 ? [`Repaired: ${repairs.join(', ')}.`] : []),
    ...(adjusted ? ['Adjusted for splits and dividends by the adjusted close.'] : []),
    ...(interval ? [barsInWords(interval)] : []),
    ...(filled ? ['Slots in which nothing traded have a bar that is not real.'] : []),
  ].join(' ')
}
