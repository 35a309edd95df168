import { Instrument, type InstrumentSpec, InstrumentType, ZoneClock } from '#market'
import { makesBars, type Shape, shapeOf } from '#exchange'
import type {
  CurrencyColumns,
  InputDeclaration,
  InputValue,
  Journal,
  OrderNote,
  RefusalEntry,
  RunRecord,
  RunSettings,
  StepColumns,
} from '#engine'
import { cashOf, strategyRecords } from '#engine'
import type { DataSet } from '#data'
import { otherCurrencies } from '#trading'
import { declarations, inputsOf } from './declared.ts'
import { JournalAssembly, type JournalSums, packJournal, partColumns } from './journal-parts.ts'
import { limits } from './limits.ts'
import { type LiveLook, packLive, readLive } from './live-market.ts'
import { mostPlaces, type Origins } from './origins.ts'
import { packPart, type Part, readPart } from './parts.ts'
import {
  allFinite,
  allMoments,
  check,
  type Column,
  column,
  field,
  finite,
  isRecord,
  list,
  moment,
  named,
  orNaN,
  Refused,
  rising,
  short,
  text,
  whole,
  within,
  type Fields,
} from './check.ts'

export { limits }
export type { Column }

export type LogLevel = 'debug' | 'info' | 'warn' | 'error'

/** A line of the run's log. A line that is said again right after itself is counted, not repeated. */
export interface LogRow {
  /** Place in the log, from 0. A row that is told again with the same index replaces the earlier one. */
  readonly index: number
  readonly level: LogLevel
  /** The engine's clock, microseconds UTC; NaN before the first bar. */
  readonly time: number
  /** Bars read so far. */
  readonly bar: number
  readonly text: string
  /** How often it was said in a row. */
  readonly count: number
  /** Place of the strategy among several; absent where there is one. */
  readonly strategy?: number
}

/** What is known of a run once its strategy has been constructed. */
export interface Started {
  /** Of several strategies, those of the first. */
  readonly declarations: readonly InputDeclaration[]
  /** The inputs of each of several strategies; absent where there is one. */
  readonly strategies?: readonly (readonly InputDeclaration[])[]
  /** Bars that the run will read. */
  readonly total: number
}

/** How far a run has come. */
export interface Progress {
  /** Bars read so far. */
  readonly bars: number
  readonly total: number
  /** The engine's clock, microseconds UTC. */
  readonly time: number
  /** The points that the equity curve has gained since the last progress; microseconds UTC and account currency. */
  readonly equity: { readonly time: Float64Array; readonly value: Float64Array }
}

/** An error that ended a run. */
export interface Failure {
  readonly name: string
  readonly message: string
  /** As the engine of the browser or of Node wrote it; may be empty. */
  readonly stack: string
  /** The handler that threw, such as `onBar`; `module` while the file itself was being read, `promise` for a rejection nobody caught. */
  readonly handler: string
  /** Bars read when it happened. */
  readonly bar: number
  /** The engine's clock, microseconds UTC; NaN before the first bar. */
  readonly time: number
  /** Place of the strategy among several; absent where there is one. */
  readonly strategy?: number
}

/** One of several strategies in a run that was asked for. */
export interface StrategyRequest {
  readonly name: string
  readonly inputs: Readonly<Record<string, InputValue>>
  /** Fraction of the cash; an equal part of what is left where it is left out. */
  readonly share?: number
}

/** All that the worker of a run ever says. */
export type Message =
  | ({ readonly type: 'started' } & Started)
  | ({ readonly type: 'progress' } & Progress)
  | { readonly type: 'log'; readonly rows: readonly LogRow[] }
  /** Part of the finished run's record, ahead of it, so that no single message is long. */
  | { readonly type: 'refusals'; readonly rows: readonly RefusalEntry[] }
  /** Where its orders were sent, ahead of the end of a run that is traced. */
  | ({ readonly type: 'origins' } & Origins)
  | { readonly type: 'notes'; readonly rows: readonly OrderNote[] }
  /** What one of several strategies left behind, in their order and ahead of the record. */
  | { readonly type: 'part'; readonly part: Part }
  /** What the journal has gained, while the run goes on and ahead of its record, which comes without. */
  | { readonly type: 'journal'; readonly part: Journal }
  /** What a book shows while the run goes on: one for every time that somebody asked. */
  | ({ readonly type: 'market' } & LiveLook)
  /** What a run that waits or has failed left behind until then. */
  | { readonly type: 'partial'; readonly record: RunRecord; readonly journalled?: undefined }
  /** With how many rows of each of its tables the journal has had. */
  | { readonly type: 'finished'; readonly record: RunRecord; readonly journalled?: JournalSums }
  | { readonly type: 'failed'; readonly failure: Failure }

/**
 * A message as it crosses the wall: one text of JSON without NaN (it is `null`), and the columns beside it, transferred.
 * Anything else that arrives is not from our engine.
 */
export interface Packet {
  readonly head: string
  readonly columns: readonly Column[]
}

/** What the worker is told: the data, then to run, once, and for each of its messages that it was read. */
export type Command =
  | { readonly type: 'data'; readonly data: DataSet }
  /** With `trace` it also tells where orders were sent. */
  | {
      readonly type: 'run'
      readonly settings: RunSettings
      readonly trace?: boolean
      /** Where there are several: one for each program of the script. */
      readonly strategies?: readonly StrategyRequest[]
    }
  | { readonly type: 'pause' }
  /** For so many bars, after which it waits again; left out, to its end. */
  | { readonly type: 'go on'; readonly bars?: number }
  /**
   * Asks once for what the book of an instrument shows: the answer comes at the next rest that brings news.
   * `every` microseconds of market time lie between two of its pictures; left out, there is one.
   */
  | { readonly type: 'look'; readonly instrument: number; readonly every?: number }
  /** How many times as fast as the clock on the wall the market's may go at the most; left out, as fast as it can. */
  | { readonly type: 'pace'; readonly speed?: number }
  | { readonly type: 'read' }

const levels: readonly string[] = ['debug', 'info', 'warn', 'error']

/** Kinds of a record's columns, in the order in which they travel. */
const orderColumns = {
  time: Float64Array,
  bar: Int32Array,
  instrument: Int32Array,
  side: Int8Array,
  type: Uint8Array,
  volume: Float64Array,
  price: Float64Array,
  stopPrice: Float64Array,
  filled: Float64Array,
  status: Uint8Array,
  ended: Float64Array,
} as const
const fillColumns = {
  time: Float64Array,
  bar: Int32Array,
  order: Int32Array,
  instrument: Int32Array,
  side: Int8Array,
  price: Float64Array,
  volume: Float64Array,
  fee: Float64Array,
  slippage: Float64Array,
  rule: Uint8Array,
} as const
const changeColumns = {
  order: Int32Array,
  volume: Float64Array,
  price: Float64Array,
  stopPrice: Float64Array,
} as const
const stepColumns = { kind: Uint8Array, row: Int32Array, bars: Int32Array } as const
const barColumns = {
  time: Float64Array,
  open: Float64Array,
  high: Float64Array,
  low: Float64Array,
  close: Float64Array,
  volume: Float64Array,
} as const
const bookColumns = {
  bidPrice: Float64Array,
  bidVolume: Float64Array,
  askPrice: Float64Array,
  askVolume: Float64Array,
} as const
const ownColumns = {
  ownRow: Int32Array,
  ownOrder: Int32Array,
  ownSide: Int8Array,
  ownPrice: Float64Array,
  ownVolume: Float64Array,
  ownAhead: Float64Array,
  ownShown: Float64Array,
} as const
const currencyColumns = { rate: Float64Array, cash: Float64Array } as const
const equityColumns = { time: Float64Array, value: Float64Array, cash: Float64Array } as const

/** What comes once with a record, and what for every instrument of a market that the run made. */
const recordColumns = [orderColumns, fillColumns, changeColumns, stepColumns, equityColumns] as const
const madeColumns = [barColumns, bookColumns, ownColumns] as const
const countOf = (groups: readonly Kinds[]) =>
  groups.reduce((count, kinds) => count + Object.keys(kinds).length, 0)

type Kinds = Readonly<Record<string, new (length: number) => Column>>
type Columns<K extends Kinds> = { readonly [Name in keyof K]: InstanceType<K[Name]> }

/** Makes a message ready to cross. Its columns no longer belong to the sender afterwards. */
export function pack(message: Message): Packet {
  const columns: Column[] = []
  const head = (value: object) => ({
    head: JSON.stringify(value),
    columns: columns.map(whollyOwned),
  })
  switch (message.type) {
    case 'progress': {
      const { type, bars, total, time, equity } = message
      columns.push(equity.time, equity.value)
      return head({ type, bars, total, time })
    }
    case 'part':
      return head({ type: 'part', ...packPart(message.part, columns) })
    case 'market':
      return head({ type: 'market', ...packLive(message, columns) })
    case 'journal':
      return head({ type: 'journal', ...packJournal(message.part, columns) })
    case 'origins': {
      columns.push(message.orders)
      return head({ type: 'origins', stacks: message.stacks })
    }
    case 'partial':
    case 'finished': {
      const {
        engine,
        inputs,
        declarations,
        rules,
        orders,
        fills,
        changes,
        steps,
        equity,
        bars,
        plots,
        digest,
        market,
        books,
        currencies = [],
      } = message.record
      for (const [kinds, group] of [
        [orderColumns, orders],
        [fillColumns, fills],
        [changeColumns, changes],
        [stepColumns, steps],
        [equityColumns, equity],
      ] as const)
        for (const name of Object.keys(kinds)) columns.push((group as unknown as Columns<Kinds>)[name]!)
      const made = market.map(({ instrument, bars }) => {
        for (const name of Object.keys(barColumns)) columns.push((bars as unknown as Columns<Kinds>)[name]!)
        return instrument
      })
      const depths = books.map(({ levels, ...book }) => {
        for (const name of Object.keys(bookColumns)) columns.push((book as unknown as Columns<Kinds>)[name]!)
        for (const name of Object.keys(ownColumns)) columns.push((book as unknown as Columns<Kinds>)[name]!)
        return levels
      })
      const { owners } = message.record
      if (owners) columns.push(owners.orders, owners.refusals)
      for (const plot of plots) columns.push(plot.values)
      if (fills.rate) columns.push(fills.rate)
      for (const { rate, cash } of currencies) columns.push(rate, cash)
      const lines = plots.map(({ name, pane, instrument }) => ({ name, pane, instrument }))
      return head({
        type: message.type,
        engine,
        inputs,
        declarations,
        rules,
        bars,
        market: made,
        books: depths,
        plots: lines,
        ...(message.journalled && { journal: message.journalled }),
        digest,
      })
    }
    default:
      return head(message)
  }
}

/** A column alone in its buffer, as transferring demands. */
function whollyOwned(values: Column): Column {
  return values.byteLength === values.buffer.byteLength ? values : values.slice()
}

/** Cuts rows into lists whose JSON stays well below what one message may hold. */
export function* batches<Row>(rows: readonly Row[]): Generator<readonly Row[]> {
  let start = 0
  let size = 0
  for (let i = 0; i < rows.length; i++) {
    size += JSON.stringify(rows[i]).length + 1
    if (size < limits.head / 4) continue
    yield rows.slice(start, i + 1)
    start = i + 1
    size = 0
  }
  if (start < rows.length) yield rows.slice(start)
}

/** What the page knows of a run by itself, and therefore does not take from the worker. */
export interface Expectation {
  readonly data: DataSet
  readonly settings: RunSettings
  /** Where there are several. */
  readonly strategies?: readonly StrategyRequest[]
  /** Whether it is to tell where its orders were sent. */
  readonly trace?: boolean
}

/**
 * Reads what arrived from the worker of one run, which is not to be believed: the shape, the size and the order of every
 * message, every index, every number. Throws `Refused` at the first thing that our engine would not have sent.
 */
export class Reader {
  readonly #expected: Expectation
  readonly #shape: Shape
  readonly #total: number
  #started = false
  #ended = false
  #bars = 0
  #points = 0
  /** Time of the last of them. */
  #lastPoint = -Infinity
  #rows = 0
  readonly #refusals: RefusalEntry[] = []
  readonly #notes: OrderNote[] = []
  /** Cash of each strategy at the start. */
  readonly #cash: readonly number[]
  #parts: Part[] = []
  /** Looks that were asked for and not given yet. */
  #looks = 0
  /** How often it may still tell what it left behind until then: once where it fails, and for every time that it is to wait. */
  #partials = 1
  /** How often it may still tell where its orders were sent, which it does ahead of every record. */
  #origins = 0
  readonly #journal: JournalAssembly

  constructor(expected: Expectation) {
    this.#expected = expected
    const { settings, strategies = [{ share: 1 }], trace = false } = expected
    if (trace) this.#origins = 2
    this.#cash = cashOf(
      strategies.map(({ share }) => share),
      settings.cash,
    )
    this.#shape = shapeOf(expected.data)
    this.#total = this.#shape.bars
    this.#journal = new JournalAssembly(this.#cash, this.#shape.instruments)
  }

  /** What has come of the journal; undefined before its first part. */
  get journal(): Journal | undefined {
    return this.#journal.begun ? this.#journal.journal() : undefined
  }

  /** A look was asked for: one more may come. */
  ask(): void {
    this.#looks++
  }

  /** The run is to wait: it may tell once more what it has left behind until then. */
  mayWait(): void {
    this.#partials++
    if (this.#expected.trace) this.#origins++
  }

  read(packet: unknown): Message {
    try {
      return this.#read(packet)
    } catch (error) {
      // What the engine's own classes refuse of what it says is refused as well.
      throw error instanceof Refused ? error : new Refused('what a run sends', String(error))
    }
  }

  #read(packet: unknown): Message {
    check(isRecord(packet), 'a message', packet)
    const { head, columns } = packet
    check(typeof head === 'string' && head.length <= limits.head, 'the head of a message', head)
    const ofInstrument = countOf(madeColumns) + countOf([currencyColumns])
    const ofRecord = countOf(recordColumns) + this.#shape.instruments * ofInstrument + limits.plots + 3
    const most = Math.max(ofRecord, partColumns)
    check(Array.isArray(columns) && columns.length <= most, 'the columns of a message', columns)
    check(!this.#ended, 'nothing after the end of a run', head)
    let fields: unknown
    try {
      fields = JSON.parse(head)
    } catch {
      throw new Refused('JSON', head)
    }
    check(isRecord(fields), 'a message', fields)
    const type = fields['type']
    const withColumns = ['progress', 'finished', 'partial', 'origins', 'part', 'market', 'journal']
    const bare = !withColumns.includes(String(type))
    check(!bare || columns.length === 0, 'no columns', columns)
    if (type === 'failed') {
      this.#ended = true
      return { type, failure: this.#failure(fields['failure']) }
    }
    if (type === 'log') return { type, rows: this.#log(fields) }
    if (type === 'started') {
      check(!this.#started, 'one start', type)
      this.#started = true
      const total = whole(fields, 'total', this.#total)
      return { type, declarations: declarations(fields), ...this.#declared(fields), total }
    }
    check(this.#started, 'a start before anything else', type)
    if (type === 'progress') return { type, ...this.#progress(fields, columns) }
    if (type === 'market') {
      check(this.#looks > 0, 'a look that was asked for', 'another')
      this.#looks--
      const { instruments, rows } = this.#shape
      const look = readLive(fields, columns, instruments, rows)
      return { type, spec: instrumentSpec(field(fields, 'spec')), ...look }
    }
    if (type === 'refusals') {
      const rows = list(fields, 'rows', limits.refusals - this.#refusals.length).map((row) =>
        this.#refusal(row),
      )
      for (const row of rows) this.#refusals.push(row)
      return { type, rows }
    }
    if (type === 'origins') {
      check(this.#origins > 0, 'places of orders that were asked for', 'others')
      this.#origins--
      return { type, ...originsOf(fields, columns) }
    }
    if (type === 'notes') {
      const rows = list(fields, 'rows', limits.notes - this.#notes.length)
      for (const row of rows) this.#notes.push(this.#note(row))
      return { type, rows: this.#notes.slice(-rows.length) }
    }
    if (type === 'part') {
      const { strategies = [] } = this.#expected
      check(this.#parts.length < strategies.length, `parts of ${strategies.length} strategies`, 'another')
      const room = limits.plotsTogether - this.#parts.reduce((sum, { plots }) => sum + plots.length, 0)
      const part = readPart(fields, columns, this.#total, Math.min(room, limits.plots))
      this.#parts.push(part)
      return { type, part }
    }
    if (type === 'journal') return { type, part: this.#journal.add(fields, columns) }
    if (type === 'partial') {
      check(this.#partials > 0, 'a record that was asked for', 'another')
      this.#partials--
      return { type, record: this.#record(fields, columns) }
    }
    check(type === 'finished', 'a message of a known type', type)
    this.#ended = true
    this.#journal.checkSum(fields)
    return { type, record: this.#record(fields, columns) }
  }

  /** The declarations of each of several strategies. */
  #declared(fields: Fields): Pick<Started, 'strategies'> {
    const { strategies } = this.#expected
    if (!strategies) return {}
    const all = list(fields, 'strategies', strategies.length)
    check(all.length === strategies.length, `the inputs of ${strategies.length} strategies`, all.length)
    return { strategies: all.map((rows) => declarations({ declarations: rows })) }
  }

  /** Place of a strategy, where there are several. */
  #strategy(fields: Fields): { strategy?: number } {
    const { strategies } = this.#expected
    return strategies && field(fields, 'strategy') !== undefined
      ? { strategy: whole(fields, 'strategy', strategies.length - 1) }
      : {}
  }

  #progress(fields: Fields, columns: readonly unknown[]): Progress {
    const bars = whole(fields, 'bars', this.#total)
    check(bars >= this.#bars, 'bars that only increase', bars)
    this.#bars = bars
    const room = this.#total - this.#points
    const time = column(columns, 0, Float64Array, room)
    const value = column(columns, 1, Float64Array, room)
    check(columns.length === 2 && time.length === value.length, 'two columns of one length', columns.length)
    this.#points += time.length
    allMoments('equity', time)
    rising('equity', time, true)
    check(!(time[0]! <= this.#lastPoint), 'equity times that rise', time[0])
    this.#lastPoint = time.at(-1) ?? this.#lastPoint
    allFinite('equity', value)
    return { bars, total: this.#total, time: moment(fields, 'time'), equity: { time, value } }
  }

  #log(fields: Fields): LogRow[] {
    return list(fields, 'rows', limits.logRows).map((row) => {
      check(isRecord(row), 'a log row', row)
      const index = whole(row, 'index', Math.min(this.#rows, limits.logRows - 1))
      this.#rows = Math.max(this.#rows, index + 1)
      return {
        index,
        level: named(row, 'level', levels) as LogLevel,
        time: moment(row, 'time'),
        bar: whole(row, 'bar', this.#total),
        text: text(row, 'text', limits.text),
        count: whole(row, 'count', Number.MAX_SAFE_INTEGER),
        ...this.#strategy(row),
      }
    })
  }

  #failure(value: unknown): Failure {
    check(isRecord(value), 'a failure', value)
    return {
      name: text(value, 'name', 200),
      message: text(value, 'message', limits.text),
      stack: text(value, 'stack', limits.stack),
      handler: text(value, 'handler', 200),
      bar: whole(value, 'bar', this.#total),
      time: moment(value, 'time'),
      ...this.#strategy(value),
    }
  }

  #refusal(row: unknown): RefusalEntry {
    check(isRecord(row), 'a refusal', row)
    const kind = row['kind'] === undefined ? {} : { kind: named(row, 'kind', ['clip', 'state']) as 'clip' }
    const numbers = field(row, 'numbers')
    check(isRecord(numbers) && Object.keys(numbers).length <= 20, 'numbers by name', numbers)
    return {
      ...kind,
      order: whole(row, 'order', limits.orders),
      time: moment(row, 'time'),
      bar: whole(row, 'bar', this.#total),
      code: text(row, 'code', 50),
      reason: text(row, 'reason', limits.text),
      numbers: Object.fromEntries(Object.keys(numbers).map((name) => [short(name), orNaN(numbers, name)])),
    }
  }

  #note(row: unknown): OrderNote {
    check(isRecord(row), 'a note', row)
    const order = whole(row, 'order', limits.orders)
    check(order > (this.#notes.at(-1)?.order ?? 0), 'notes by rising orders', order)
    const note = text(row, 'note', limits.note)
    try {
      JSON.parse(note)
    } catch {
      throw new Refused('a note of JSON', note)
    }
    return { order, note }
  }

  #record(fields: Fields, columns: readonly unknown[]): RunRecord {
    const { data, settings } = this.#expected
    const { instruments, rows: longest } = this.#shape
    const bars = whole(fields, 'bars', this.#total)
    const rules = list(fields, 'rules', 50).map((rule) => named({ rule }, 'rule'))
    let next = 0
    const group = <K extends Kinds>(kinds: K, most: number): Columns<K> => {
      const names = Object.keys(kinds)
      const values = names.map((name) => column(columns, next++, kinds[name]!, most))
      check(
        values.every(({ length }) => length === values[0]!.length),
        'columns of one length',
        values.map(({ length }) => length).join(', '),
      )
      return Object.fromEntries(names.map((name, i) => [name, values[i]])) as Columns<K>
    }
    const orders = group(orderColumns, limits.orders)
    const fills = group(fillColumns, limits.fills)
    const changes = group(changeColumns, limits.changes)
    const steps = group(stepColumns, limits.steps)
    const equity = group(equityColumns, this.#total)
    const journal = this.#journal.journal()
    const count = orders.time.length
    // -1 is before the first bar, and an instrument that the run does not have.
    within('order', orders.bar, -1, longest)
    within('order', orders.instrument, -1, instruments)
    within('order', orders.volume, 0, Infinity)
    within('order', orders.filled, 0, Infinity)
    within('fill', fills.bar, 0, longest)
    within('fill', fills.instrument, 0, instruments)
    within('fill', fills.order, 1, count + 1)
    within('fill', fills.rule, 0, rules.length)
    within('change', changes.order, 1, count + 1)
    within('change', changes.volume, 0, Infinity)
    checkSteps(steps, bars, [count, fills.time.length, count, changes.order.length, this.#refusals.length])
    for (const values of [fills.price, fills.volume, fills.fee, fills.slippage]) allFinite('fill', values)
    for (const values of [equity.value, equity.cash]) allFinite('equity', values)
    allMoments('fill', fills.time)
    allMoments('equity', equity.time)
    rising('fill', fills.time, false)
    rising('equity', equity.time, true)
    for (const side of [orders.side, fills.side])
      check(
        side.every((value) => value === 1 || value === -1),
        'sides of 1 and -1',
        'another',
      )
    const made = makesBars(data)
    const market = made
      ? list(fields, 'market', instruments).map((spec) => {
          const bars = group(barColumns, longest)
          for (const values of Object.values(bars)) allFinite('bar', values)
          allMoments('bar', bars.time)
          rising('bar', bars.time, true)
          return { instrument: instrumentSpec(spec), bars }
        })
      : []
    check(!made || market.length === instruments, `${instruments} instruments`, market.length)
    const books = made
      ? list(fields, 'books', instruments).map((depth) => {
          const levels = whole({ depth }, 'depth', limits.levels)
          const shown = group(bookColumns, longest * levels)
          check(shown.bidPrice.length === longest * levels, 'levels of every bar', shown.bidPrice.length)
          const own = group(ownColumns, limits.orders)
          within('own order', own.ownRow, 0, longest)
          allFinite('own order', own.ownShown)
          return { levels, ...shown, ...own }
        })
      : []
    const traded = made ? market : data.instruments
    const owners = this.#expected.strategies && {
      orders: column(columns, next++, Int32Array, limits.orders),
      refusals: column(columns, next++, Int32Array, limits.refusals),
    }
    if (owners) {
      const lengths = `${owners.orders.length} and ${owners.refusals.length}`
      check(
        owners.orders.length === count && owners.refusals.length === this.#refusals.length,
        `owners of ${count} orders and ${this.#refusals.length} refusals`,
        lengths,
      )
      within('owner', owners.orders, 0, this.#cash.length)
      within('owner', owners.refusals, 0, this.#cash.length)
    }
    const plots = list(fields, 'plots', limits.plots).map((plot) => {
      check(isRecord(plot), 'a plot', plot)
      const instrument = whole(plot, 'instrument', instruments - 1)
      const values = column(columns, next++, Float64Array, traded[instrument]!.bars.time.length)
      return { name: named(plot, 'name'), pane: named(plot, 'pane'), instrument, values }
    })
    const others = otherCurrencies(
      traded.map(({ instrument }) => instrument),
      settings.money,
    )
    const rate = others.length > 0 ? column(columns, next++, Float64Array, limits.fills) : undefined
    const currencies = others.map((currency) => ({ currency, ...group(currencyColumns, this.#total) }))
    checkCurrencies(rate, fills.time.length, currencies, equity.time.length)
    check(next === columns.length, `${next} columns`, columns.length)
    const digest = text(fields, 'digest', 64)
    check(/^[0-9a-f]{64}$/.test(digest), 'a digest of 64 hexadecimal digits', digest)
    const declared = declarations(fields)
    const record: RunRecord = {
      engine: named(fields, 'engine'),
      settings,
      inputs: inputsOf(fields, declared),
      declarations: declared,
      instruments: traded.map(({ instrument }) => ({ ...new Instrument(instrument) })),
      rules,
      orders,
      fills: rate ? { ...fills, rate } : fills,
      changes,
      refusals: [...this.#refusals],
      ...(this.#notes.length > 0 ? { notes: [...this.#notes] } : {}),
      steps,
      equity,
      ...(rate ? { currencies } : {}),
      bars,
      market,
      books,
      plots,
      journal,
      digest,
      ...(owners && { owners }),
    }
    return this.#expected.strategies ? this.#joint(record, this.#expected.strategies) : record
  }

  /** The record with those of the strategies, whose orders and fills are taken from it. */
  #joint(record: RunRecord, strategies: readonly StrategyRequest[]): RunRecord {
    const parts = this.#parts
    this.#parts = []
    check(parts.length === strategies.length, `parts of ${strategies.length} strategies`, parts.length)
    const rows = record.equity.time.length
    const traded = record.market.length > 0 ? record.market : this.#expected.data.instruments
    return {
      ...record,
      strategies: strategyRecords(
        record,
        parts.map((part, at) => {
          const { curve, plots } = part
          check(
            curve.value.length === rows && curve.cash.length === rows,
            `${rows} values of every strategy`,
            curve.value.length,
          )
          const { others = [] } = curve
          check(
            others.length === (record.currencies?.length ?? 0) &&
              others.every(({ length }) => length === rows),
            'balances of every strategy in every currency',
            others.length,
          )
          for (const { instrument, values } of plots)
            check(
              values.length <= (traded[instrument]?.bars.time.length ?? -1),
              'a line along the bars of its instrument',
              values.length,
            )
          return { name: strategies[at]!.name, cash: this.#cash[at]!, ...part }
        }),
      ),
    }
  }
}

/** Rates above zero, one for every fill, and for every row of the equity one with a balance; NaN before the first. */
function checkCurrencies(
  ofFills: Float64Array | undefined,
  fills: number,
  currencies: readonly CurrencyColumns[],
  rows: number,
): void {
  const rates = (values: Float64Array, length: number, first: boolean) =>
    check(
      values.length === length &&
        values.every((rate) => (rate > 0 && rate < Infinity) || (first && Number.isNaN(rate))),
      `${length} rates above 0`,
      values.length,
    )
  if (ofFills) rates(ofFills, fills, false)
  for (const { rate, cash } of currencies) {
    rates(rate, rows, true)
    allFinite('balance', cash)
  }
}

/** An instrument that a run made: its name and the sizes of its steps. */
function instrumentSpec(value: unknown): InstrumentSpec {
  check(isRecord(value), 'an instrument', value)
  const step = (name: string) => {
    const size = finite(value, name)
    check(size >= 1e-12 && size <= 1e12, `a ${name} from 1e-12 to 1e12`, size)
    return size
  }
  const timeZone = named(value, 'timeZone')
  try {
    new ZoneClock('', timeZone)
  } catch {
    throw new Refused('a time zone', timeZone)
  }
  return {
    name: named(value, 'name'),
    type: named(value, 'type', Object.values(InstrumentType)) as InstrumentType,
    exchange: named(value, 'exchange'),
    currency: named(value, 'currency'),
    timeZone,
    tickSize: step('tickSize'),
    lotSize: step('lotSize'),
    multiplier: step('multiplier'),
  }
}

function originsOf(fields: Fields, columns: readonly unknown[]): Origins {
  const stacks = list(fields, 'stacks', mostPlaces).map((stack) => text({ stack }, 'stack', limits.stack))
  const orders = column(columns, 0, Int32Array, limits.orders)
  check(columns.length === 1, 'one column', columns.length)
  within('origin', orders, -1, stacks.length)
  return { stacks, orders }
}

/** Steps of a known kind, each pointing into its table, while bars only increase. */
function checkSteps({ kind, row, bars }: StepColumns, read: number, tables: readonly number[]): void {
  within('step', kind, 0, tables.length)
  within('step', bars, 0, read + 1)
  rising('step', bars, false)
  for (let i = 0; i < row.length; i++)
    if (!(row[i]! >= 0 && row[i]! < tables[kind[i]!]!))
      throw new Refused(`a step's row below ${tables[kind[i]!]}`, row[i])
}
