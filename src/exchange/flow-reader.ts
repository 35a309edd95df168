import { BUY, type BookListener, ChangeReason, Phase } from '#book'
import { type FlowBlock, FlowKind } from '#data'
import { BookCommands } from './book-commands.ts'
import { longestLine } from './lobster-message.ts'
import { LobsterReplay, type ReplaySummary } from './replay.ts'

/** Rows after which a block is given away. */
const blockRows = 4096

/** What one unit of a price in a LOBSTER file is worth. */
export const lobsterStep = 0.0001

/** Reads recorded orders line by line, as they come. */
export interface FlowReader {
  /**
   * Takes the next line, and of a book file that goes with it the row of the same number.
   *
   * @throws SyntaxError where the line does not have the layout, or goes back in time; then it is left out, and the next may follow
   */
  line(text: string, row?: string): void
  /** Microseconds of the newest message; NaN before the first. */
  readonly time: number
  /** Whether enough has been read to be taken. */
  readonly full: boolean
  /** What has been read since the last take, as messages. */
  take(): FlowBlock
}

/** Fills columns with messages. */
export class FlowWriter {
  /** Microseconds UTC of what is written next. */
  time = NaN
  #block = emptyBlock()
  #length = 0

  get full(): boolean {
    return this.#length >= blockRows
  }
  /** Messages since the last take. */
  get length(): number {
    return this.#length
  }

  /** @param side as the book's own door writes it; it is turned into 1 and -1 */
  add(kind: FlowKind, id: number, side: number, price: number, size: number): void {
    if (this.#length === this.#block.time.length) this.#block = enlarged(this.#block)
    const row = this.#length++
    const { time, kind: kinds, id: ids, side: sides, price: prices, size: sizes } = this.#block
    time[row] = this.time
    kinds[row] = kind
    ids[row] = id
    sides[row] = side === BUY ? 1 : -1
    prices[row] = price
    sizes[row] = size
  }

  /** The messages since the last take. */
  take(): FlowBlock {
    const block = { ...this.#block, length: this.#length }
    this.#block = emptyBlock()
    this.#length = 0
    return block
  }
}

type Columns = Omit<FlowBlock, 'length'>

function emptyBlock(rows = blockRows + 64): Columns {
  const real = () => new Float64Array(rows)
  return {
    time: real(),
    kind: new Uint8Array(rows),
    id: real(),
    side: new Int8Array(rows),
    price: real(),
    size: real(),
  }
}

function enlarged(block: Columns): Columns {
  const larger = emptyBlock(2 * block.time.length)
  larger.time.set(block.time)
  larger.kind.set(block.kind)
  larger.id.set(block.id)
  larger.side.set(block.side)
  larger.price.set(block.price)
  larger.size.set(block.size)
  return larger
}

/** Where messages in the LOBSTER layout come from. */
export interface LobsterSource {
  readonly messages: Iterable<string>
  /** The lines of the book file that belongs to them, if it is at hand. */
  readonly rows?: Iterable<string> | undefined
  /** Microseconds UTC of the midnight from which the file's times count. */
  readonly midnight: number
  /** Hears now and then, and at the end, what the comparison with the book file has come to: all levels that it has. */
  compared?(summary: ReplaySummary): void
}

/** Reads messages in the LOBSTER layout: see `LobsterReplay` for what they mean and for what the book file adds. */
export class LobsterReader implements FlowReader {
  readonly #out = new FlowWriter()
  readonly #replay: LobsterReplay
  readonly #midnight: number
  #last = -Infinity

  /**
   * @param midnight microseconds UTC from which the file's times count
   * @param levels how many levels of each side are compared with the rows of a book file
   */
  constructor(midnight: number, levels = 0) {
    const out = this.#out
    this.#midnight = midnight
    this.#replay = new LobsterReplay(levels, {
      open: (id, side, price, lots, known) =>
        out.add(known ? FlowKind.OPEN : FlowKind.APPEAR, id, side, price, lots),
      leave: (id, side, price, lots, traded) =>
        out.add(traded ? FlowKind.EXECUTE : FlowKind.CANCEL, id, side, price, lots),
      trade: (type, maker, side, price, lots) =>
        out.add(
          type === 4 ? FlowKind.TRADE : type === 5 ? FlowKind.HIDDEN : FlowKind.CROSS,
          maker,
          side,
          price,
          lots,
        ),
      halt: (halted) => out.add(halted ? FlowKind.HALT : FlowKind.RESUME, 0, BUY, 0, 0),
    })
  }

  get full(): boolean {
    return this.#out.full
  }

  get time(): number {
    return this.#last === -Infinity ? NaN : this.#last
  }

  /** What the comparison with the book file has come to so far. */
  get summary(): ReplaySummary {
    return this.#replay.summary
  }

  line(text: string, row?: string): void {
    const before = this.#out.time
    // What is no time is for the replay to complain about.
    this.#out.time = lobsterTime(text, this.#midnight)
    try {
      this.#replay.step(text, row)
      this.#last = this.#out.time
    } catch (error) {
      this.#out.time = before
      throw error
    }
  }

  take(): FlowBlock {
    return this.#out.take()
  }
}

/**
 * Reads messages in the LOBSTER layout, line by line, as a recorded flow.
 *
 * @throws SyntaxError with the number of the line that does not have the layout, or goes back in time
 */
export function* readLobster(source: LobsterSource): Generator<FlowBlock> {
  const { messages, rows, midnight } = source
  const reader = new LobsterReader(midnight, Infinity)
  const truth = rows && notEmpty(rows)
  let empty = 0
  for (const line of messages) {
    if (line.trim() === '') {
      empty++
      continue
    }
    const row = truth?.next()
    if (row?.done) throw endsEarly(reader.summary.rows)
    try {
      reader.line(line, row?.value)
    } catch (error) {
      if (!(error instanceof SyntaxError) || empty === 0) throw error
      throw new SyntaxError(`Line ${reader.summary.rows + empty}: ${error.message}`)
    }
    if (!reader.full) continue
    source.compared?.(reader.summary)
    yield reader.take()
  }
  source.compared?.(reader.summary)
  yield reader.take()
}

function* notEmpty(lines: Iterable<string>): Generator<string> {
  for (const line of lines) if (line.trim() !== '') yield line
}

/** What is said of a book file that has fewer rows than there are messages. */
export const endsEarly = (rows: number) =>
  new SyntaxError(
    `The book file ends after ${rows} rows, before the messages do; expected one row for each message`,
  )

/** The file counts nanoseconds; decimals are cut, what is a hair below a whole microsecond is one. */
function microseconds(seconds: number, midnight: number): number {
  return midnight + Math.floor(seconds * 1e6 + 0.01)
}

/** Microseconds UTC of a LOBSTER message; NaN for a line that has none. */
export function lobsterTime(line: string, midnight: number): number {
  return microseconds(Number.parseFloat(line), midnight)
}

/** What a file of operations is about. */
export interface OperationsHead {
  /** The field `symbol` of the first line. */
  readonly symbol: string | undefined
  /** Steps of its prices and quantities. */
  readonly tick: number
  readonly lot: number
}

/** What the first line of a file of operations says of its instrument. */
export function operationsHead(line: string): OperationsHead {
  const commands = new BookCommands()
  const given = parsed(line, 1)
  if (given['op'] === 'book') {
    const [problem] = commands.run(line)
    if (problem !== undefined) throw new SyntaxError((JSON.parse(problem) as { message: string }).message)
  }
  const { tick, lot } = commands
  const { symbol } = given
  return { symbol: typeof symbol === 'string' && symbol !== '' ? symbol : undefined, tick, lot }
}

/**
 * When an operation was carried out: its field `time`, in milliseconds since 1970 UTC or as an ISO text. Microseconds UTC;
 * NaN where the line has none, or is no operation.
 */
export function operationTime(line: string): number {
  const { time } = objectOf(line) ?? {}
  return microsecondsOf(time)
}

function microsecondsOf(time: unknown): number {
  const milliseconds = typeof time === 'number' ? time : typeof time === 'string' ? Date.parse(time) : NaN
  return Math.floor(milliseconds * 1000 + 0.01)
}

/** Milliseconds since 1970 at which the year 2200 begins: what is later was counted in smaller parts of a second. */
const latest = 7_258_118_400_000

/**
 * The time of an operation in microseconds UTC.
 *
 * @param number of its line, for what is thrown
 */
function timeOf({ time }: Readonly<Record<string, unknown>>, number: number): number {
  const expected = 'expected "time" in milliseconds since 1970 UTC, or as "2024-01-02T14:30:00Z"'
  if (time === undefined || time === null) throw new SyntaxError(`Line ${number} has no time; ${expected}`)
  const found = microsecondsOf(time)
  const refuse = (why: string): never => {
    throw new SyntaxError(
      `Line ${number} has the time ${String(JSON.stringify(time)).slice(0, 40)}${why}; ${expected}`,
    )
  }
  if (Number.isNaN(found)) refuse('')
  if (found < 0) refuse(', before 1970')
  if (found >= latest * 1000)
    refuse(
      typeof time === 'number' && time < latest * 1e6
        ? `, after the year 2200: these look like ${time < latest * 1000 ? 'microseconds' : 'nanoseconds'}`
        : ', after the year 2200',
    )
  return found
}

const instant = (time: number) => new Date(time / 1000).toISOString()

function objectOf(line: string): Record<string, unknown> | undefined {
  try {
    const given: unknown = JSON.parse(line)
    return typeof given === 'object' && given !== null && !Array.isArray(given)
      ? (given as Record<string, unknown>)
      : undefined
  } catch {
    return undefined
  }
}

function parsed(line: string, number: number): Record<string, unknown> {
  if (line.length > longestLine)
    throw new SyntaxError(
      `Line ${number} has more than ${longestLine.toLocaleString('en-US')} letters; no operation is as long`,
    )
  const given = objectOf(line)
  if (given) return given
  throw new SyntaxError(`Line ${number} is '${line.slice(0, 80)}'; expected one JSON object a line`)
}

/**
 * Reads operations as JSON lines as a recorded flow. They are those of `BookCommands`, each with the field `time`; the book
 * matches them by its own rules, and what comes of it is the flow: only what the book shows, so that of an iceberg the
 * part shown, and of a hidden order nothing until it trades. While an auction is called the flow counts as halted.
 *
 * @throws SyntaxError with the number of the line that is no operation, has no time, or goes back in time
 */
export function* readOperations(lines: Iterable<string>): Generator<FlowBlock> {
  const reader = new OperationsReader()
  for (const line of lines) {
    reader.line(line)
    if (reader.full) yield reader.take()
  }
  yield reader.take()
}

/** Reads operations as JSON lines: see `readOperations`. */
export class OperationsReader implements FlowReader {
  readonly #out = new FlowWriter()
  readonly #commands = new BookCommands(shownBy(this.#out))
  #number = 0
  #last = -Infinity

  get time(): number {
    return this.#last === -Infinity ? NaN : this.#last
  }

  get full(): boolean {
    return this.#out.full
  }

  line(text: string): void {
    const number = ++this.#number
    if (text.trim() === '') return
    const given = parsed(text, number)
    if (given['op'] !== 'book') {
      const time = timeOf(given, number)
      if (time < this.#last)
        throw new SyntaxError(
          `Line ${number} is at ${instant(time)}, earlier than the operation before it at ${instant(this.#last)}; expected operations in the order of their times`,
        )
      this.#out.time = this.#last = time
    }
    for (const answer of this.#commands.run(text)) {
      const { message, event } = JSON.parse(answer) as { message?: string; event: string }
      if (event === 'ERROR') throw new SyntaxError(message)
    }
  }

  take(): FlowBlock {
    return this.#out.take()
  }
}

/** Numbers from here up are of orders that went to the end of a queue again. */
const firstAgain = 2 ** 45

/**
 * What a book shows of what happens in it, as messages.
 *
 * @param renumbered told when an order goes to the end of a queue, where it is another one: its number from there on, and its id
 */
export function shownBy(out: FlowWriter, renumbered?: (number: number, id: number) => void): BookListener {
  /**
   * Orders on the ladder, and how many of their lots it shows. One that goes to the end of a queue is another order there:
   * it gets a number that nothing had before.
   */
  const shown = new Map<number, { number: number; side: number; price: number; lots: number }>()
  /** Orders that live and have been on the ladder. */
  const known = new Set<number>()
  let again = firstAgain
  let phase: Phase = Phase.CONTINUOUS
  const leave = (id: number, lots: number, kind: FlowKind) => {
    const order = shown.get(id)
    if (!order) return
    const part = Math.min(lots, order.lots)
    if (part > 0) out.add(kind, order.number, order.side, order.price, part)
    order.lots -= part
    if (order.lots === 0) shown.delete(id)
  }
  const enter = (id: number, side: number, price: number, lots: number) => {
    const number = known.has(id) ? again++ : id
    if (number !== id) renumbered?.(number, id)
    known.add(id)
    shown.set(id, { number, side, price, lots })
    out.add(FlowKind.OPEN, number, side, price, lots)
  }
  const sides = new Map<number, number>()
  return {
    open: (_, id, side, price, quantity, lots) => {
      // An armed stop or a hidden order: nothing of it is shown now, and some may be later.
      if (lots < quantity) sides.set(id, side)
      if (lots > 0) enter(id, side, price, lots)
    },
    trade: (_, maker, taker, takerSide, price, quantity) => {
      const side = takerSide ^ 1
      const kind =
        phase === Phase.AUCTION ? FlowKind.CROSS : shown.has(maker) ? FlowKind.TRADE : FlowKind.HIDDEN
      out.add(kind, kind === FlowKind.TRADE ? shown.get(maker)!.number : 0, side, price, quantity)
      leave(maker, quantity, FlowKind.EXECUTE)
      leave(taker, quantity, FlowKind.EXECUTE)
    },
    fill: (_, id) => {
      leave(id, Infinity, FlowKind.EXECUTE)
      sides.delete(id)
      known.delete(id)
    },
    change: (_, id, reason, price, __, lots) => {
      const order = shown.get(id)
      const side = order?.side ?? sides.get(id) ?? BUY
      if (order && order.price === price && lots <= order.lots && reason !== ChangeReason.REPLENISHED)
        leave(id, order.lots - lots, FlowKind.CANCEL)
      else {
        leave(id, Infinity, FlowKind.CANCEL)
        if (lots > 0) enter(id, side, price, lots)
      }
    },
    cancel: (_, id) => {
      leave(id, Infinity, FlowKind.CANCEL)
      sides.delete(id)
      known.delete(id)
    },
    reject: () => {},
    trigger: () => {},
    phase: (_, now) => {
      const stood = phase !== Phase.CONTINUOUS
      phase = now
      const stands = now !== Phase.CONTINUOUS
      if (stood !== stands) out.add(stands ? FlowKind.HALT : FlowKind.RESUME, 0, BUY, 0, 0)
    },
  }
}
