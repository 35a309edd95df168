import { statSync } from 'node:fs'
import { basename, resolve } from 'node:path'
import { Temporal } from 'temporal-polyfill'
import type { DataSet, FlowBlock, RecordedFlow } from '#data'
import {
  flowDisorder,
  lobsterName,
  lobsterStep,
  lobsterTime,
  operationsHead,
  operationTime,
  readLobster,
  readOperations,
  type ReplaySummary,
  shapeOf,
} from '#exchange'
import type { InstrumentSpec } from '#market'
import { headOf, lastLine, linesOf } from './cli-lines.ts'
import {
  bookOptions,
  bookSettings,
  type Given,
  recordingOptions,
  refuseOthers,
  tickOf,
} from './cli-market.ts'
import { UsageError } from './cli-usage.ts'
import { count, counted } from './cli-words.ts'

type Format = 'lobster' | 'jsonl'

/**
 * Whether a file, packed or not, has recorded orders, and in which layout: as the options say, or as its first lines show.
 * Undefined for any other file.
 */
export function recordingFormat(path: string, given: Given): Format | undefined {
  const format = given.get('format')
  if (format !== undefined && format !== 'lobster' && format !== 'jsonl')
    throw new UsageError(`--format is '${format}'; expected lobster or jsonl`)
  if (!statSync(path, { throwIfNoEntry: false })?.isFile()) return undefined
  if (format !== undefined) return format
  const { layout } = headOf(path)
  if (layout === 'book')
    throw new UsageError(
      `${path} is the book file of some messages; expected the messages as --data, and this file as --orderbook.`,
    )
  if (layout === 'operations') return 'jsonl'
  return layout === 'lobster' || given.has('orderbook') ? 'lobster' : undefined
}

/** What a file of recorded orders is read by. */
interface RecordingSource {
  readonly path: string
  /** Microseconds UTC of its last line. */
  readonly end: number
  /** Microseconds of a line; NaN where it has none. */
  readonly timeOf: (line: string) => number
  readonly open: (compared: (summary: ReplaySummary) => void) => Iterator<FlowBlock>
  /** Name of the book file that is read along. */
  readonly bookFile?: string
}

/** A file of recorded orders, read anew each time that somebody goes through it. */
export class RecordingFile implements Iterable<FlowBlock> {
  readonly #source: RecordingSource
  #compared: ReplaySummary | undefined
  /** Why the file could not be read to its end. */
  problem: string | undefined

  constructor(source: RecordingSource) {
    this.#source = source
  }

  /** What the comparison with the book file came to; undefined where there is none. */
  get compared(): (ReplaySummary & { readonly file: string }) | undefined {
    const { bookFile } = this.#source
    return bookFile === undefined || !this.#compared ? undefined : { file: bookFile, ...this.#compared }
  }

  *[Symbol.iterator](): Generator<FlowBlock> {
    const { open, end } = this.#source
    const blocks = open((summary) => {
      if (summary.rows >= (this.#compared?.rows ?? 0)) this.#compared = summary
    })
    for (;;) {
      try {
        let next = blocks.next()
        // What is later than the last line shows that the order is lost: who reads on comes to where.
        while (!next.done && (next.value.time[next.value.length - 1] ?? end) > end) next = blocks.next()
        if (next.done) return
        yield next.value
      } catch (error) {
        if (error instanceof UsageError) this.problem = error.message
        if (error instanceof SyntaxError) {
          const { path, timeOf, bookFile } = this.#source
          this.problem = `${path}: ${withMend(path, error.message, bookFile, timeOf)}.`
        }
        throw error
      }
    }
  }

  /** Goes through the file for what cannot be read in it. */
  check(): void {
    try {
      for (const _ of this);
    } catch (error) {
      if (this.problem === undefined) throw error
    }
  }
}

/**
 * A complaint about a recording with what would mend it; where it is that times go back, with how far they are from their order.
 *
 * @param bookFile the book file that goes with it
 */
export function withMend(
  path: string,
  complaint: string,
  bookFile?: string,
  timeOf = (line: string) => lobsterTime(line, 0),
): string {
  const also = bookFile === undefined ? '' : `, and its rows in ${basename(bookFile)} likewise`
  if (!/^(Message|Line) \d+/.test(complaint)) return complaint
  if (!complaint.includes(', earlier than ')) return `${complaint}. Mend that line or leave it out${also}`
  const { count: late, lines, neighbours } = flowDisorder(timesOf(linesOf(path), timeOf))
  if (late === 0) return complaint
  const shown = `${lines.join(', ')}${late > lines.length ? ' and more' : ''}`
  if (neighbours)
    return late === 1
      ? `${complaint}. Nothing else is out of order: lines ${lines[0]! - 1} and ${lines[0]} have changed places; exchange them${also}`
      : `${complaint}. ${count(late)} lines are earlier than the line before them (${shown}), and each has only changed places with it; exchange each with the line before it${also}`
  const recipe = bookFile === undefined && path.endsWith('.csv') ? `: sort -s -t, -k1,1n '${path}'` : ''
  return `${complaint}. ${counted(late, 'line is', 'lines are')} earlier than the line before (${shown}), and not only neighbours have changed places; sort the file by time, equal times as they stand${also}${recipe}`
}

function* timesOf(
  lines: Iterable<string>,
  timeOf: (line: string) => number,
): Generator<readonly [number, number]> {
  let number = 0
  for (const line of lines) yield [++number, timeOf(line)]
}

/** What is told of a book file that differs from the book that the messages make; nothing where none does. */
export function differingRows(sets: readonly DataSet[]): string[] {
  return sets.flatMap(({ recorded }) => {
    const compared = recorded?.messages instanceof RecordingFile ? recorded.messages.compared : undefined
    if (!compared || compared.rowsDiffering === 0) return []
    const { file, rows, rowsDiffering, firstDiffering } = compared
    return [
      `${file}: ${count(rowsDiffering)} of ${counted(rows, 'row')} ${rowsDiffering === 1 ? 'differs' : 'differ'} from the book that the messages make, the first at row ${count(firstDiffering!)}; fills near such rows are less sure.`,
    ]
  })
}

/** Recorded orders that come with the program, with what the options say of the exchange that they are replayed on. */
export function recordedAsAsked(flow: RecordedFlow, given: Given, data: string): RecordedFlow {
  refuseOthers(given, [bookOptions], `--data ${data}`)
  const tickSize = recordedTick(given, flow.priceStep)
  const name = given.get('symbol')
  return {
    ...flow,
    instrument: {
      ...flow.instrument,
      ...(tickSize === undefined ? {} : { tickSize }),
      ...(name === undefined ? {} : { name }),
    },
    ...bookSettings(given),
  }
}

/** The tick that was asked for: orders can only stand at prices that the recorded book has. */
function recordedTick(given: Given, priceStep: number): number | undefined {
  const tick = tickOf(given)
  if (tick === undefined) return undefined
  const steps = tick / priceStep
  if (steps < 1 - 1e-9 || Math.abs(steps - Math.round(steps)) > 1e-9 * steps)
    throw new UsageError(
      `The tick (--tick) is ${tick}; expected a whole multiple of ${priceStep}, the step of the recorded prices.`,
    )
  return tick
}

/** Recorded orders as something to run on. The file is read while the run goes on. */
export function recordedData(path: string, format: Format, given: Given): DataSet {
  refuseOthers(given, [bookOptions, recordingOptions], 'recorded orders')
  const rows = given.get('orderbook')
  if (rows !== undefined && format === 'jsonl')
    throw new UsageError('--orderbook belongs to messages in the LOBSTER layout; operations need none.')
  if (rows !== undefined && !statSync(rows, { throwIfNoEntry: false })?.isFile())
    throw new UsageError(`There is no file ${resolve(rows)}.`)
  const { first } = headOf(path)
  if (first.length === 0) throw new UsageError(`${path} is empty.`)
  const lines = { first, last: lastLine(path) ?? '' }
  try {
    return format === 'lobster' ? lobster(path, rows, lines, given) : operations(path, lines, given)
  } catch (error) {
    if (error instanceof SyntaxError) throw new UsageError(`${path}: ${error.message}.`)
    if (error instanceof RangeError) throw new UsageError(`${error.message}.`)
    throw error
  }
}

interface Ends {
  readonly first: readonly string[]
  readonly last: string
}

function lobster(path: string, rows: string | undefined, { first, last }: Ends, given: Given): DataSet {
  const named = lobsterName(basename(path))
  const date = given.get('date') ?? named?.date
  const zone = given.get('zone') ?? (date === undefined ? 'UTC' : 'America/New_York')
  const midnight = midnightOf(date ?? '1970-01-01', zone)
  const instrument = instrumentOf(path, named?.symbol, given, {
    tickSize: recordedTick(given, lobsterStep) ?? 0.01,
    lotSize: 1,
    timeZone: zone,
  })
  const said =
    date === undefined
      ? 'Its day is not known and taken as 1970-01-01 UTC; --date says otherwise.'
      : `Its times count from midnight of ${date} in ${zone}.`
  const before =
    rows === undefined
      ? 'Orders from before its first message are unknown and left out; --orderbook brings them in.'
      : `Orders from before its first message are those of ${basename(rows)}.`
  return recording(path, given, {
    layout: `LOBSTER messages. ${said} ${before}`,
    instrument,
    priceStep: lobsterStep,
    times: [first[0]!, last].map((line) => lobsterTime(line, midnight)),
    timeOf: (line) => lobsterTime(line, midnight),
    ...(rows === undefined ? {} : { bookFile: basename(rows) }),
    open: (compared) =>
      readLobster({
        messages: linesOf(path),
        rows: rows === undefined ? undefined : linesOf(rows, ['book']),
        midnight,
        compared,
      }),
  })
}

function operations(path: string, { first, last }: Ends, given: Given): DataSet {
  for (const option of ['date', 'zone'])
    if (given.has(option))
      throw new UsageError(`--${option} means nothing to operations, whose times are UTC.`)
  const { symbol, tick, lot } = operationsHead(first[0]!)
  const timed = first.find((line) => !Number.isNaN(operationTime(line))) ?? first[0]!
  return recording(path, given, {
    layout: 'Operations as JSON lines, matched by our own book.',
    instrument: instrumentOf(path, symbol, given, {
      tickSize: recordedTick(given, tick) ?? tick,
      lotSize: lot,
    }),
    priceStep: tick,
    times: [operationTime(timed), operationTime(last)],
    timeOf: operationTime,
    open: () => readOperations(linesOf(path)),
  })
}

function recording(
  path: string,
  given: Given,
  parts: {
    readonly layout: string
    readonly instrument: InstrumentSpec
    readonly priceStep: number
    readonly times: readonly number[]
  } & Omit<RecordingSource, 'path' | 'end'>,
): DataSet {
  const [start = NaN, end = NaN] = parts.times
  const { instrument, priceStep } = parts
  const messages = new RecordingFile({ ...parts, path, end: Number.isNaN(end) ? Infinity : end })
  /** Lines that spoil the times of the whole are told by their numbers. */
  const refuse = (otherwise: string): never => {
    messages.check()
    throw new UsageError(messages.problem ?? `${path}: ${otherwise}.`)
  }
  if (Number.isNaN(start) || Number.isNaN(end) || end < start)
    refuse(
      `the ${Number.isNaN(start) ? 'first' : 'last'} line has no time that can be; expected recorded orders as outcry book --help shows them`,
    )
  const data: DataSet = {
    id: basename(path),
    name: basename(path),
    provenance: `Recorded orders from a file of yours: ${parts.layout} Nobody in the recording reacts to the strategy's orders.`,
    instruments: [],
    recorded: {
      ...{ instrument, priceStep, start, end },
      ...bookSettings(given),
      messages,
    },
  }
  try {
    shapeOf(data)
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
    refuse(error.message)
  }
  return data
}

function instrumentOf(
  path: string,
  named: string | undefined,
  given: Given,
  spec: Omit<InstrumentSpec, 'name'>,
) {
  const name = given.get('symbol') ?? named ?? basename(path).replace(/\..*$/, '')
  return { ...spec, name, exchange: 'replay' }
}

/** Microseconds UTC at which a day begins in a zone. */
function midnightOf(date: string, zone: string): number {
  try {
    return Temporal.PlainDate.from(date).toZonedDateTime(zone).epochMilliseconds * 1000
  } catch {
    throw new UsageError(
      `There is no day ${date} in ${zone}; expected --date YYYY-MM-DD and --zone such as America/New_York`,
    )
  }
}
