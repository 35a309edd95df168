import { loadImporter } from '#data'
import {
  type FoundRecording,
  type LobsterName,
  lobsterName,
  lobsterStep,
  operationsHead,
  RecordingCollector,
  type RecordingLayout,
  recordingLayout,
  shapeOf,
} from '#exchange'
import type { InstrumentSpec } from '#market'
import { Temporal } from 'temporal-polyfill'
import type { DataStore } from '../store/data-store.ts'
import { keptLeftOut, type ImportedSet } from '../store/imported-set.ts'
import { linesOf, pieces } from './lines.ts'
import type { NewRecording } from './recorded-set.ts'
import { firstLines } from './sniff.ts'
import { countsOf, shortCounts } from './counts.ts'

/** What came of files of recorded orders, in short. */
export interface RecordingReport extends Omit<FoundRecording, 'blocks'> {
  readonly layout: 'lobster' | 'operations'
  readonly file: string
  /** Name of the book file that was read along. */
  readonly bookFile: string | undefined
  /** Names of files that were given and are left out. */
  readonly others: readonly string[]
  /** Instrument and day as far as a name or the file tells. */
  readonly symbol: string
  readonly date: string | undefined
  readonly tick: number
}

/** What is to be made of them. */
export interface RecordingPlan {
  readonly name: string
  readonly symbol: string
  readonly tick: number
  /** Of messages, whose times count from midnight: the day, and the zone whose day it is. */
  readonly date: string
  readonly zone: string
}

/** Bytes that packed files may unpack to. */
const mostUnpacked = 1.5e9

interface Read {
  readonly report: RecordingReport
  readonly found: FoundRecording
  readonly priceStep: number
  readonly lot: number
  readonly sources: NewRecording['sources']
}

/** Files of recorded orders on their way into the library. It lives in a worker, which is ended to stop it. */
export class RecordingDesk {
  readonly #store: DataStore
  #read: Read | undefined

  constructor(store: DataStore) {
    this.#store = store
  }

  /**
   * Reads messages or operations whole, with the book file that belongs to them where it is among the files.
   *
   * @throws Error where there is nothing to read, or more than a page holds
   */
  async read(
    given: readonly File[],
    onProgress: (bytes: number, total: number) => void,
  ): Promise<RecordingReport> {
    this.#read = undefined
    const files = await Promise.all(
      (await unpacked(given)).map(async (file) => ({ file, ...(await headOf(file)) })),
    )
    const chosen = files.find(({ layout }) => layout === 'lobster' || layout === 'operations')
    if (!chosen) throw new Error('There are no messages or operations in these files.')
    const layout = chosen.layout as 'lobster' | 'operations'
    const books = layout === 'lobster' ? files.filter((other) => other.layout === 'book') : []
    const stem = ({ name }: File) => name.replace(/_(message|orderbook)_/, '_')
    const book = books.find(({ file }) => stem(file) === stem(chosen.file)) ?? books[0]
    const found = await collect(layout, chosen.file, book?.file, onProgress)
    if (found.messages > 0) requireTimes(found)
    else
      throw new Error(
        `${chosen.file.name} has no message that can be read. ${found.unreadable[0]?.reason ?? ''}`,
      )
    const named: Partial<LobsterName> = lobsterName(chosen.file.name) ?? {}
    const head = layout === 'operations' ? operationsHead(chosen.lines[0]!) : undefined
    const { blocks: _, ...counts } = found
    const report: RecordingReport = {
      ...counts,
      layout,
      file: chosen.file.name,
      bookFile: book?.file.name,
      others: files.filter((other) => other !== chosen && other !== book).map(({ file }) => file.name),
      symbol: (head?.symbol ?? named.symbol ?? chosen.file.name.replace(/\..*$/, '')).slice(0, 60),
      date: named.date,
      tick: head?.tick ?? 0.01,
    }
    const used = [chosen.file, ...(book ? [book.file] : [])]
    this.#read = {
      report,
      found,
      priceStep: head?.tick ?? lobsterStep,
      lot: head?.lot ?? 1,
      sources: used.map(({ name, size }, at) => ({
        name,
        bytes: size,
        format:
          at > 0
            ? 'LOBSTER book file'
            : layout === 'lobster'
              ? 'LOBSTER messages'
              : 'operations as JSON lines',
        readAs: [],
      })),
    }
    return report
  }

  /** Stores what was read. */
  async add(plan: RecordingPlan): Promise<ImportedSet> {
    return (await this.#store.addRecording(this.made(plan))).set
  }

  /** What was read, as it would be stored. */
  made(plan: RecordingPlan): NewRecording {
    if (!this.#read) throw new Error('Nothing has been read.')
    const { report, found, priceStep, lot, sources } = this.#read
    const { layout } = report
    const midnight = layout === 'lobster' ? midnightOf(plan.date, plan.zone) : 0
    const spec: InstrumentSpec = {
      name: plan.symbol,
      exchange: 'replay',
      tickSize: plan.tick,
      lotSize: lot,
      ...(layout === 'lobster' && { timeZone: plan.zone }),
    }
    const { start, end, messages, unreadable, unreadableCount } = found
    return {
      name: plan.name,
      summary: shortCounts(report),
      sources,
      recording: {
        layout,
        spec,
        priceStep,
        start: start + midnight,
        end: end + midnight,
        messages,
        trades: countsOf(report).trades,
        said: saidOf(report, plan),
      },
      blocks:
        midnight === 0
          ? found.blocks
          : found.blocks.map((block) => ({ ...block, time: block.time.map((time) => time + midnight) })),
      leftOut: {
        count: unreadableCount,
        rows: unreadable.slice(0, keptLeftOut).map((row) => ({ file: report.file, ...row })),
      },
    }
  }
}

function saidOf({ layout, bookFile, rowsDiffering }: RecordingReport, { date, zone }: RecordingPlan): string {
  if (layout === 'operations') return 'Operations as JSON lines, matched by our own book.'
  const before = bookFile
    ? `Orders from before the first message are those of ${bookFile}, ${rowsDiffering === 0 ? 'with which every row agrees' : `from which ${rowsDiffering === 1 ? '1 row differs' : `${rowsDiffering.toLocaleString('en-US')} rows differ`}`}.`
    : 'Orders from before the first message are unknown and left out.'
  return `LOBSTER messages, whose times count from midnight of ${date} in ${zone}. ${before}`
}

/** Microseconds UTC at which a day begins in a zone. */
function midnightOf(date: string, zone: string): number {
  try {
    return Temporal.PlainDate.from(date).toZonedDateTime(zone).epochMilliseconds * 1000
  } catch {
    throw new RangeError(`There is no day ${date} in ${zone}; expected a day such as 2012-06-21`)
  }
}

/** Times that no calendar has, or that would make too many bars, come to light before anything is shown of them. */
function requireTimes({ start, end }: FoundRecording): void {
  const instrument = { name: 'X' }
  const recorded = { instrument, priceStep: 1, start, end, messages: [] }
  shapeOf({ id: '', name: '', provenance: '', instruments: [], recorded })
}

async function headOf(
  file: Blob,
): Promise<{ readonly layout: RecordingLayout | undefined; readonly lines: readonly string[] }> {
  const head = new Uint8Array(await file.slice(0, 1 << 14).arrayBuffer())
  const lines = firstLines(head).filter((line) => line.trim() !== '')
  return { layout: recordingLayout(lines), lines }
}

/** The files, those that were packed as what they hold. */
async function unpacked(files: readonly File[]): Promise<File[]> {
  const found: File[] = []
  let bytes = 0
  for (const file of files) {
    const [a, b] = new Uint8Array(await file.slice(0, 2).arrayBuffer())
    if (!((a === 0x1f && b === 0x8b) || (a === 0x50 && b === 0x4b))) {
      found.push(file)
      continue
    }
    const { entries } = await loadImporter()
    const source = pieces(file)
    for await (const entry of entries(source, file.name)) {
      const parts: BlobPart[] = []
      for await (const chunk of entry.chunks) {
        bytes += chunk.length
        if (bytes > mostUnpacked)
          throw new RangeError(
            'These files unpack to more than 1.5 GB. Unpack them first, or use the command line: outcry run STRATEGY.ts --data FILE',
          )
        parts.push(chunk as Uint8Array<ArrayBuffer>)
      }
      found.push(new File([new Blob(parts)], (entry.name ?? file.name).replace(/^.*\//, '')))
    }
  }
  return found
}

/** Reads a file line by line, with the rows of the book file beside it. */
async function collect(
  layout: 'lobster' | 'operations',
  file: File,
  book: File | undefined,
  onProgress: (bytes: number, total: number) => void,
): Promise<FoundRecording> {
  const collector = new RecordingCollector(layout)
  const total = file.size + (book?.size ?? 0)
  const rows = book && linesOf(book)
  let batch: readonly string[] = []
  let next = 0
  let bookBytes = 0
  for await (const { lines, bytes } of linesOf(file)) {
    for (const line of lines) {
      while (rows && next === batch.length) {
        const { done, value } = await rows.next()
        if (done) collector.bookEnds()
        batch = value!.lines
        bookBytes = value!.bytes
        next = 0
        onProgress(bytes + bookBytes, total)
      }
      collector.line(line, rows ? batch[next++] : undefined)
    }
    onProgress(bytes + bookBytes, total)
  }
  return collector.found()
}
