import { closeSync, fstatSync, openSync, readSync, statSync } from 'node:fs'
import { basename, resolve } from 'node:path'
import { Temporal } from 'temporal-polyfill'
import {
  type DataSet,
  type FlowBlock,
  isLobsterMessage,
  type OfAgents,
  syntheticData,
  type SyntheticRequest,
} from '#data'
import {
  agentKinds,
  lobsterName,
  lobsterStep,
  lobsterTime,
  operationsHead,
  operationTime,
  readLobster,
  readOperations,
  shapeOf,
  syntheticPresets,
} from '#exchange'
import type { InstrumentSpec } from '#market'
import { UsageError } from './cli-usage.ts'

/** Options of `outcry run` for a synthetic market. */
export const syntheticOptions = {
  preset: ['NAME', `${syntheticPresets.join(', ')} (calm)`],
  instruments: ['NUMBER', 'instruments, among which the agents are shared out (1)'],
  agents: ['NUMBER', 'agents that trade (1000; thin has 200)'],
  minutes: ['NUMBER', 'length of the session in simulated time (60)'],
  start: ['TIME', 'of the session, such as 2024-01-02T14:30Z'],
  auction: ['SECONDS', 'of collecting orders before the market opens with one price'],
  'start-price': ['PRICE', 'at the start (drawn from the seed)'],
  drift: ['FRACTION', 'change of the hidden value that is to be expected in an hour (0)'],
  volatility: ['FRACTION', "standard deviation of the hidden value's change in an hour (0.01)"],
  liquidity: ['NUMBER', 'multiplies the sizes of the orders that rest (1)'],
  shares: ['KIND=FRACTION,…', `of the agents that are of a kind: ${agentKinds.slice(1).join(', ')}`],
  rates: ['KIND=NUMBER,…', 'looks of one agent at the market, a second; of noise too'],
  'agent-latency': ['KIND=MILLISECONDS,…', 'between agents of a kind and the exchange'],
} as const

/** Options for every market that has a book: synthetic, or recorded orders. */
export const bookOptions = {
  bar: ['SECONDS', 'of the bars that are made of the trades (10)'],
  latency: ['MILLISECONDS', 'that an order takes to the exchange (1)'],
  tick: ['PRICE', 'smallest price step that orders may use (0.01)'],
} as const

/** Options for files of recorded orders. */
export const recordingOptions = {
  orderbook: ['FILE', 'LOBSTER book file of the same messages: orders from before them'],
  format: ['FORMAT', 'lobster or jsonl, where the file does not show it'],
  date: ['YYYY-MM-DD', "day of a LOBSTER file, where its name does not say it; --zone is the day's zone"],
} as const

export const marketOptions = { ...syntheticOptions, ...bookOptions, ...recordingOptions } as const
export type MarketOption = keyof typeof marketOptions

/** What was given of the options, with the symbol and the zone. */
export type Given = ReadonlyMap<string, string>

/** Refuses options that mean nothing to what a run is to be on. */
export function refuseOthers(given: Given, fitting: readonly object[], what: string): void {
  for (const option of Object.keys(marketOptions))
    if (given.has(option) && !fitting.some((options) => Object.hasOwn(options, option)))
      throw new UsageError(`--${option} means nothing to ${what}. outcry run --help says what it is for.`)
}

function number(given: Given, option: MarketOption, expected: string, fits: (value: number) => boolean) {
  const text = given.get(option)
  if (text === undefined) return undefined
  const value = /^(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text) ? Number(text) : NaN
  if (!fits(value)) throw new UsageError(`--${option} is '${text}'; expected ${expected}`)
  return value
}

/** A number that may be below zero. */
function signed(given: Given, option: MarketOption): number | undefined {
  const text = given.get(option)
  if (text === undefined) return undefined
  if (!/^-?(\d+\.?\d*|\.\d+)$/.test(text))
    throw new UsageError(`--${option} is '${text}'; expected a fraction, such as 0.02 or -0.02`)
  return Number(text)
}

/** Numbers by kinds of agents, such as `maker=3,informed=0.5`. */
function perKind(given: Given, option: MarketOption, scale: number): OfAgents | undefined {
  const text = given.get(option)
  if (text === undefined) return undefined
  const kinds = option === 'shares' ? agentKinds.slice(1) : agentKinds
  return Object.fromEntries(
    text.split(',').map((part) => {
      const [kind = '', value = ''] = part.split('=')
      if (!(kinds as readonly string[]).includes(kind) || !/^(\d+\.?\d*|\.\d+)$/.test(value))
        throw new UsageError(
          `--${option} has '${part}'; expected such as maker=${option === 'shares' ? '0.01' : '2'}, of ${kinds.join(', ')}`,
        )
      return [kind, Math.round(Number(value) * scale * 1e9) / 1e9]
    }),
  )
}

/** Seconds of a bar and microseconds of delay, as far as they were given. */
function bookSettings(given: Given) {
  const barSeconds = number(
    given,
    'bar',
    'whole seconds, such as 60',
    (value) => Number.isInteger(value) && value > 0,
  )
  const latency = number(
    given,
    'latency',
    'milliseconds up to 60000, such as 0.5',
    (value) => value >= 0 && value <= 60_000,
  )
  return {
    ...(barSeconds === undefined ? {} : { barSeconds }),
    ...(latency === undefined ? {} : { latency: Math.round(latency * 1000) }),
  }
}

/** The synthetic market that the options ask for. */
export function syntheticMarket(given: Given, seed: number): DataSet {
  refuseOthers(given, [syntheticOptions, bookOptions], 'a synthetic market')
  const whole = (value: number) => Number.isInteger(value) && value > 0
  const instruments = number(given, 'instruments', 'a whole number, such as 2', whole)
  const agents = number(given, 'agents', 'a whole number, such as 500', whole)
  const minutes = number(
    given,
    'minutes',
    'minutes, such as 30',
    (value) => Number.isInteger(value * 60) && value > 0,
  )
  const preset = given.get('preset')
  const symbol = given.get('symbol')
  const any = Number.isFinite
  const start = given.get('start')
  const sessionStart = start === undefined ? undefined : Date.parse(start) * 1000
  if (Number.isNaN(sessionStart))
    throw new UsageError(`--start is '${start}'; expected a time such as 2024-01-02T14:30Z`)
  const ofKinds = (option: MarketOption, scale = 1) => perKind(given, option, scale)
  const more = {
    sessionStart,
    auction: number(given, 'auction', 'whole seconds, such as 120', Number.isInteger),
    tick: tickOf(given),
    startPrice: number(given, 'start-price', 'a price above zero', (value) => value > 0),
    drift: signed(given, 'drift'),
    volatility: number(given, 'volatility', 'a fraction, such as 0.02', any),
    liquidity: number(given, 'liquidity', 'a number, such as 0.5', any),
    shares: ofKinds('shares'),
    rates: ofKinds('rates'),
    agentLatency: ofKinds('agent-latency', 1000),
  }
  const request: SyntheticRequest = {
    seed,
    ...(preset === undefined ? {} : { preset }),
    ...(symbol === undefined ? {} : { symbol }),
    ...(instruments === undefined ? {} : { instruments }),
    ...(agents === undefined ? {} : { agents }),
    ...(minutes === undefined ? {} : { seconds: minutes * 60 }),
    ...bookSettings(given),
    ...Object.fromEntries(Object.entries(more).filter(([, value]) => value !== undefined)),
  }
  const data = syntheticData(request)
  try {
    shapeOf(data)
  } catch (error) {
    throw new UsageError(`${(error as Error).message}.`)
  }
  return data
}

type Format = 'lobster' | 'jsonl'

/**
 * Whether a file has recorded orders, and in which layout: as the options say, or as its first line shows. Undefined for
 * any other file.
 */
export function recordingFormat(path: string, given: Given): Format | undefined {
  const format = given.get('format')
  if (format !== undefined && format !== 'lobster' && format !== 'jsonl')
    throw new UsageError(`--format is '${format}'; expected lobster or jsonl`)
  if (!statSync(path, { throwIfNoEntry: false })?.isFile()) return undefined
  if (format !== undefined) return format
  if (given.has('orderbook')) return 'lobster'
  const [first = ''] = firstLines(path)
  if (isLobsterMessage(first)) return 'lobster'
  return /^\s*\{.*"op"\s*:/.test(first) ? 'jsonl' : undefined
}

/** A file of recorded orders, read anew each time that somebody goes through it. */
export class RecordingFile implements Iterable<FlowBlock> {
  readonly #open: () => Iterator<FlowBlock>
  /** Why the file could not be read to its end. */
  problem: string | undefined

  constructor(open: () => Iterator<FlowBlock>) {
    this.#open = open
  }

  *[Symbol.iterator](): Generator<FlowBlock> {
    const blocks = this.#open()
    for (;;) {
      let next
      try {
        next = blocks.next()
      } catch (error) {
        if (error instanceof SyntaxError) this.problem = error.message
        throw error
      }
      if (next.done) return
      yield next.value
    }
  }
}

/** Recorded orders as something to run on. The file is read while the run goes on. */
export function recordedData(path: string, format: Format, given: Given): DataSet {
  refuseOthers(given, [bookOptions, recordingOptions], 'recorded orders')
  const rows = given.get('orderbook')
  if (rows !== undefined && format === 'jsonl')
    throw new UsageError('--orderbook belongs to messages in the LOBSTER layout; operations need none.')
  if (rows !== undefined && !statSync(rows, { throwIfNoEntry: false })?.isFile())
    throw new UsageError(`There is no file ${resolve(rows)}.`)
  const lines = { first: firstLines(path), last: lastLine(path) }
  if (lines.last === undefined) throw new UsageError(`${path} is empty.`)
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
  readonly last: string | undefined
}

function lobster(path: string, rows: string | undefined, { first, last }: Ends, given: Given): DataSet {
  const named = lobsterName(basename(path))
  const date = given.get('date') ?? named?.date
  const zone = given.get('zone') ?? (date === undefined ? 'UTC' : 'America/New_York')
  const midnight = midnightOf(date ?? '1970-01-01', zone)
  const instrument = instrumentOf(path, named?.symbol, given, {
    tickSize: tickOf(given) ?? 0.01,
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
    times: [first[0]!, last!].map((line) => lobsterTime(line, midnight)),
    open: () =>
      readLobster({
        messages: linesOf(path),
        rows: rows === undefined ? undefined : linesOf(rows),
        midnight,
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
    instrument: instrumentOf(path, symbol, given, { tickSize: tickOf(given) ?? tick, lotSize: lot }),
    priceStep: tick,
    times: [operationTime(timed), operationTime(last!)],
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
    readonly open: () => Iterator<FlowBlock>
  },
): DataSet {
  const [start = NaN, end = NaN] = parts.times
  if (Number.isNaN(start) || Number.isNaN(end))
    throw new UsageError(
      `${path}: the ${Number.isNaN(start) ? 'first' : 'last'} line has no time; expected recorded orders as outcry book --help shows them`,
    )
  const { instrument, priceStep } = parts
  const data: DataSet = {
    id: basename(path),
    name: basename(path),
    provenance: `Recorded orders from a file of yours: ${parts.layout} Nobody in the recording reacts to the strategy's orders.`,
    instruments: [],
    recorded: {
      ...{ instrument, priceStep, start, end },
      ...bookSettings(given),
      messages: new RecordingFile(parts.open),
    },
  }
  shapeOf(data)
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

function tickOf(given: Given): number | undefined {
  return number(
    given,
    'tick',
    'a price step above zero, such as 0.01',
    (value) => value > 0 && value < Infinity,
  )
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

const pieceBytes = 1 << 20

/** The lines of a file of any length, read piece by piece. */
function* linesOf(path: string): Generator<string> {
  const file = openSync(path, 'r')
  try {
    const piece = new Uint8Array(pieceBytes)
    const decoder = new TextDecoder()
    let rest = ''
    for (;;) {
      const read = readSync(file, piece)
      const text = rest + decoder.decode(piece.subarray(0, read), { stream: read > 0 })
      const lines = text.split(/\r?\n/)
      rest = read > 0 ? lines.pop()! : ''
      yield* lines.filter((line) => line !== '')
      if (read === 0) return
    }
  } finally {
    closeSync(file)
  }
}

/** The first two lines of a file that are not empty. */
function firstLines(path: string): string[] {
  const first: string[] = []
  for (const line of linesOf(path)) if (first.push(line) === 2) break
  return first
}

/** The last line of a file that is not empty. */
function lastLine(path: string): string | undefined {
  const file = openSync(path, 'r')
  try {
    const { size } = fstatSync(file)
    const end = new Uint8Array(Math.min(size, 1 << 16))
    readSync(file, end, 0, end.length, size - end.length)
    return new TextDecoder()
      .decode(end)
      .split(/\r?\n/)
      .findLast((line) => line.trim() !== '')
  } finally {
    closeSync(file)
  }
}
