import { type FlowBlock, FlowKind, isLobsterMessage } from '#data'
import { begins } from './flow-cursor.ts'
import { endsEarly, type FlowReader, LobsterReader, OperationsReader } from './flow-reader.ts'
import { longestLine, mostSeconds } from './lobster-message.ts'

/** What a file of recorded orders holds: LOBSTER messages, the book file that goes with such, or operations as JSON lines. */
export type RecordingLayout = 'lobster' | 'book' | 'operations'

/** Which of the layouts the first lines of a file have; undefined for any other file. */
export function recordingLayout(lines: readonly string[]): RecordingLayout | undefined {
  const first = lines.filter((line) => line.trim() !== '').slice(0, 20)
  if (first.length === 0) return undefined
  // A line in four may be spoilt: which ones is told when all are read.
  const messages = first.filter((line) => isLobsterMessage(line) && Number.parseFloat(line) <= mostSeconds)
  if (messages.length * 4 >= first.length * 3) return 'lobster'
  if (/^\s*\{.*"op"\s*:/.test(first[0]!)) return 'operations'
  return first.every(isBookRow) ? 'book' : undefined
}

/** Whether a line has groups of ask price, ask size, bid price and bid size in ten-thousandths, best first. */
function isBookRow(line: string): boolean {
  if (!/^(-?\d+,){3,}-?\d+\s*$/.test(line)) return false
  const cells = line.split(',').map(Number)
  const [ask, askSize, bid, bidSize] = cells as [number, number, number, number]
  return cells.length % 4 === 0 && ask > bid && askSize >= 0 && bidSize >= 0 && Math.abs(ask) >= 100
}

/** What the name of a LOBSTER file tells, such as `AAPL_2012-06-21_34200000_57600000_message_10.csv`. */
export interface LobsterName {
  readonly symbol: string
  /** The trading day, `YYYY-MM-DD`. */
  readonly date: string
}

/** What a file's name tells where it is as LOBSTER names files; undefined for another name. */
export function lobsterName(name: string): LobsterName | undefined {
  const match = /^([A-Za-z.]{1,10})_(\d{4}-\d{2}-\d{2})_/.exec(name)
  return match ? { symbol: match[1]!, date: match[2]! } : undefined
}

/** A line that could not be read. */
export interface UnreadableLine {
  /** Its number among the lines that are not empty, from 1. */
  readonly line: number
  readonly text: string
  readonly reason: string
}

/** What a file of recorded orders came to. Times in microseconds: of LOBSTER messages since midnight, of operations UTC. */
export interface FoundRecording {
  readonly messages: number
  readonly start: number
  readonly end: number
  /** Trades with shown orders, with hidden ones, and in auctions. */
  readonly trades: number
  readonly hiddenTrades: number
  readonly auctionTrades: number
  readonly halts: number
  /** What can be gone through one after the other, as `FlowCursor` counts: a message may make several, or none. */
  readonly changes: number
  /** Levels a side of the book file; 0 where there is none. */
  readonly levels: number
  /** Rows at which the book that the messages make differs from that of the book file, and the number of the first. */
  readonly rowsDiffering: number
  readonly firstDiffering: number | null
  /** Levels that were taken from the book file because they came into sight from outside it. */
  readonly adopted: number
  /** How many lines could not be read, and the first of them. */
  readonly unreadableCount: number
  readonly unreadable: readonly UnreadableLine[]
  /** Rows of the blocks. */
  readonly rows: number
  readonly blocks: readonly FlowBlock[]
}

/** What a recording that is held in memory as a whole may have; longer ones are read while they are replayed. */
export const recordingLimits = {
  messages: 2_000_000,
  /** Rows of columns: a message makes one or two, and levels that come into sight one each. */
  rows: 6_000_000,
  /** Letters of a line. */
  line: longestLine,
} as const

/** Unreadable lines that are kept, and how many there are before a file that has mostly such is given up. */
const keptUnreadable = 20
const mostUnreadable = 1000

/** Rows of a block. */
const blockRows = 65_536

/** Takes a recording in line by line and holds what comes of it, as columns. Lines that cannot be read are counted and left out. */
export class RecordingCollector {
  readonly #reader: FlowReader
  readonly #lobster: LobsterReader | undefined
  readonly #blocks: FlowBlock[] = []
  #block = emptyBlock()
  #length = 0
  readonly #kinds = new Float64Array(Object.keys(FlowKind).length + 1)
  readonly #unreadable: UnreadableLine[] = []
  #unreadableCount = 0
  #lines = 0
  #messages = 0
  #start = NaN
  #end = NaN
  #levels = 0

  constructor(layout: Exclude<RecordingLayout, 'book'>) {
    this.#lobster = layout === 'lobster' ? new LobsterReader(0, Infinity) : undefined
    this.#reader = this.#lobster ?? new OperationsReader()
  }

  /** Lines taken in so far. */
  get lines(): number {
    return this.#lines
  }

  /**
   * Takes the next line that is not empty, with the row of the book file that belongs to it.
   *
   * @throws RangeError where there is more than is held, SyntaxError where most lines are no messages
   */
  line(text: string, row?: string): void {
    this.#lines++
    if (this.#lines > recordingLimits.messages) throw tooLong('messages', recordingLimits.messages)
    try {
      this.#reader.line(text, row)
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error
      this.#leaveOut(text, error.message)
      return
    }
    const { time } = this.#reader
    if (Number.isNaN(time)) return
    this.#messages++
    if (Number.isNaN(this.#start)) this.#start = time
    this.#end = time
    if (row !== undefined && this.#levels === 0) this.#levels = row.split(',').length / 4
    if (this.#reader.full) this.#take()
  }

  /**
   * A message to which the book file has no row.
   *
   * @throws SyntaxError always
   */
  bookEnds(): never {
    throw endsEarly(this.#lines)
  }

  /** What was read. */
  found(): FoundRecording {
    this.#take()
    this.#close()
    const { rowsDiffering = 0, firstDiffering = null, adopted = 0 } = this.#lobster?.summary ?? {}
    const kinds = this.#kinds
    return {
      messages: this.#messages,
      start: this.#start,
      end: this.#end,
      trades: kinds[FlowKind.TRADE]!,
      hiddenTrades: kinds[FlowKind.HIDDEN]!,
      auctionTrades: kinds[FlowKind.CROSS]!,
      halts: kinds[FlowKind.HALT]!,
      changes: kinds.reduce((sum, rows, kind) => (begins(kind) ? sum + rows : sum), 0),
      levels: this.#levels,
      rowsDiffering,
      firstDiffering,
      adopted,
      unreadableCount: this.#unreadableCount,
      unreadable: this.#unreadable,
      rows: this.#blocks.reduce((sum, { length }) => sum + length, 0),
      blocks: this.#blocks,
    }
  }

  #leaveOut(text: string, reason: string): void {
    this.#unreadableCount++
    if (this.#unreadable.length < keptUnreadable)
      this.#unreadable.push({ line: this.#lines, text: text.slice(0, 120), reason })
    if (this.#unreadableCount > mostUnreadable && this.#unreadableCount > this.#messages)
      throw new SyntaxError(
        `Most of its first ${this.#lines} lines are no messages. The first of them: ${this.#unreadable[0]!.reason}`,
      )
  }

  #take(): void {
    const read = this.#reader.take()
    for (let from = 0; from < read.length;) {
      const count = Math.min(read.length - from, blockRows - this.#length)
      for (const name of columnNames)
        this.#block[name].set(read[name].subarray(from, from + count) as never, this.#length)
      from += count
      this.#length += count
      if (this.#length === blockRows) this.#close()
    }
    for (let row = 0; row < read.length; row++) this.#kinds[read.kind[row]!]!++
    if (this.#blocks.length * blockRows + this.#length > recordingLimits.rows)
      throw tooLong('changes of the book', recordingLimits.rows)
  }

  #close(): void {
    if (this.#length === 0) return
    const { time, kind, id, side, price, size } = this.#block
    const part = <Column extends { slice(from: number, to: number): Column }>(column: Column) =>
      column.slice(0, this.#length)
    this.#blocks.push({
      length: this.#length,
      time: part(time),
      kind: part(kind),
      id: part(id),
      side: part(side),
      price: part(price),
      size: part(size),
    })
    this.#block = emptyBlock()
    this.#length = 0
  }
}

const columnNames = ['time', 'kind', 'id', 'side', 'price', 'size'] as const

function emptyBlock() {
  return {
    time: new Float64Array(blockRows),
    kind: new Uint8Array(blockRows),
    id: new Float64Array(blockRows),
    side: new Int8Array(blockRows),
    price: new Float64Array(blockRows),
    size: new Float64Array(blockRows),
  }
}

const tooLong = (what: string, most: number) =>
  new RangeError(
    `There are more than ${most.toLocaleString('en-US')} ${what}; a page holds no more. The command line reads a file of any length: outcry run STRATEGY.ts --data FILE`,
  )
