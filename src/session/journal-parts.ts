import {
  AsideKind,
  handlerNames,
  type Journal,
  orderFlags,
  orderTypes,
  refusalCodes,
  RequestKind,
} from '#engine'
import { check, type Column, column, field, type Fields, finite, isRecord, list, Refused } from './check.ts'
import { rising, text, whole, within } from './check.ts'
import { limits } from './limits.ts'

/** Tables of a journal, in the order in which their columns travel, with the kinds of these and the most rows. */
const tables = {
  requests: {
    most: limits.requests,
    kinds: {
      move: Int32Array,
      time: Float64Array,
      strategy: Int32Array,
      handler: Int8Array,
      kind: Uint8Array,
      order: Int32Array,
      objection: Uint8Array,
    },
  },
  orders: {
    most: limits.namedOrders,
    kinds: {
      instrument: Int32Array,
      side: Int8Array,
      type: Uint8Array,
      flag: Uint8Array,
      volume: Float64Array,
      price: Float64Array,
      stopPrice: Float64Array,
      trail: Float64Array,
      display: Float64Array,
      hidden: Uint8Array,
      after: Int32Array,
      pair: Int32Array,
      exchange: Int32Array,
    },
  },
  terms: {
    most: limits.requests,
    kinds: { volume: Float64Array, price: Float64Array, stopPrice: Float64Array },
  },
  costs: { most: limits.costs, kinds: { answer: Float64Array } },
  asides: {
    most: limits.asides,
    kinds: {
      move: Int32Array,
      time: Float64Array,
      strategy: Int32Array,
      kind: Uint8Array,
      request: Int32Array,
      text: Int32Array,
    },
  },
} as const

type TableName = keyof typeof tables
const tableNames = Object.keys(tables) as readonly TableName[]

/** Rows of each table of a journal. */
export type JournalSums = Readonly<Record<TableName, number>>

/** Rows of each table of a part, added to those of the parts before. */
export const sumsOf = (part: Journal, before?: JournalSums): JournalSums =>
  Object.fromEntries(
    tableNames.map((name) => {
      const [first] = Object.values(part[name]) as Column[]
      return [name, (before?.[name] ?? 0) + first!.length]
    }),
  ) as unknown as JournalSums

type Kinds = Readonly<Record<string, new (length: number) => Column>>
type Rows = Readonly<Record<string, Column>>
const kindsOf = (table: TableName): Kinds => tables[table].kinds

/** How many columns a part of a journal has. */
export const partColumns = tableNames.reduce((sum, name) => sum + Object.keys(kindsOf(name)).length, 0)

/** A table of a journal without rows. */
const emptyRows = (table: TableName) =>
  Object.fromEntries(Object.entries(kindsOf(table)).map(([name, Kind]) => [name, new Kind(0)]))

/** A journal of these strategies in which nothing stands. */
export function emptyJournal(strategies: Journal['strategies'], moves: number): Journal {
  const rows = Object.fromEntries(tableNames.map((name) => [name, emptyRows(name)]))
  return { ...(rows as unknown as Pick<Journal, TableName>), strategies, names: [], texts: [], moves }
}

/** Rows of all tables of a part. */
export const rowsOf = ({ requests, orders, terms, costs, asides }: Journal): number =>
  requests.move.length + orders.side.length + terms.volume.length + costs.answer.length + asides.move.length

/** The head of a part of a journal; its columns are added to `columns`. */
export function packJournal(part: Journal, columns: Column[]): object {
  for (const table of tableNames)
    for (const name of Object.keys(kindsOf(table))) columns.push((part[table] as unknown as Rows)[name]!)
  const { strategies, names, texts, moves } = part
  return { strategies, names, texts, moves }
}

/** Columns that grow with the parts of a journal. */
class Growing {
  readonly #columns: Record<string, Column>
  readonly #kinds: Kinds
  #capacity = 0
  length = 0

  constructor(table: TableName) {
    this.#kinds = kindsOf(table)
    this.#columns = emptyRows(table)
  }

  append(rows: Rows, count: number): void {
    if (count === 0) return
    const length = this.length + count
    const grows = length > this.#capacity
    if (grows) this.#capacity = Math.max(64, length, 2 * this.#capacity)
    for (const [name, Kind] of Object.entries(this.#kinds)) {
      if (grows) {
        const larger = new Kind(this.#capacity)
        larger.set(this.#columns[name]!.subarray(0, this.length))
        this.#columns[name] = larger
      }
      this.#columns[name]!.set(rows[name]!, this.length)
    }
    this.length = length
  }

  /** The last value of a column; undefined where there is none. */
  last(name: string): number | undefined {
    return this.length > 0 ? this.#columns[name]![this.length - 1] : undefined
  }

  rows(): Rows {
    return Object.fromEntries(
      Object.entries(this.#columns).map(([name, values]) => [name, values.slice(0, this.length)]),
    )
  }
}

/**
 * Puts a journal together from the parts that the worker of a run sends, none of which is to be believed: every number
 * points at something, nothing goes back in time, and all together is no more than a run can have. Whether a run could have
 * had it is the replay's question.
 */
export class JournalAssembly {
  readonly #cash: readonly number[]
  readonly #instruments: number
  readonly #tables: Readonly<Record<TableName, Growing>>
  readonly #names: string[] = []
  readonly #texts: string[] = []
  #strategies: Journal['strategies'] | undefined
  #moves = 0

  /**
   * @param cash of each strategy at the start
   * @param instruments of the run
   */
  constructor(cash: readonly number[], instruments: number) {
    this.#cash = cash
    this.#instruments = instruments
    this.#tables = Object.fromEntries(
      tableNames.map((name) => [name, new Growing(name)]),
    ) as unknown as Readonly<Record<TableName, Growing>>
  }

  /** Whether a first part is there. */
  get begun(): boolean {
    return this.#strategies !== undefined
  }
  /** Moves of the market up to which it is known. */
  get moves(): number {
    return this.#moves
  }

  /**
   * Adds the next part.
   *
   * @throws Refused where it is none that a run sends
   */
  add(fields: Fields, columns: readonly unknown[]): Journal {
    check(columns.length === partColumns, `${partColumns} columns of a journal`, columns.length)
    let next = 0
    const read = (table: TableName): Rows => {
      const room = tables[table].most - this.#tables[table].length
      const names = Object.keys(kindsOf(table))
      const values = names.map((name) => column(columns, next++, kindsOf(table)[name]!, room))
      check(
        values.every(({ length }) => length === values[0]!.length),
        'columns of one length',
        values.map(({ length }) => length).join(', '),
      )
      return Object.fromEntries(names.map((name, i) => [name, values[i]!]))
    }
    const rows = Object.fromEntries(tableNames.map((name) => [name, read(name)])) as unknown as Pick<
      Journal,
      TableName
    >
    const names = list(fields, 'names', limits.names - this.#names.length).map((name) =>
      text({ name }, 'name', 200),
    )
    const texts = list(fields, 'texts', limits.texts - this.#texts.length).map((line) =>
      text({ line }, 'line', limits.text),
    )
    const moves = whole(fields, 'moves', Number.MAX_SAFE_INTEGER)
    const part = { ...rows, strategies: this.#readStrategies(fields), names, texts, moves }
    check(
      moves > this.#moves || !this.begun || rowsOf(part) + names.length + texts.length > 0,
      'a part of a journal with something in it',
      'nothing',
    )
    this.#check(part)
    this.#strategies = part.strategies
    this.#moves = moves
    this.#names.push(...names)
    for (const line of texts) this.#texts.push(line)
    for (const name of tableNames) {
      const added = part[name] as unknown as Rows
      this.#tables[name].append(added, Object.values(added)[0]!.length)
    }
    return part
  }

  /**
   * The journal so far.
   *
   * @throws Refused where no part has come
   */
  journal(): Journal {
    if (!this.#strategies) throw new Refused('a journal before anything of the run', 'none')
    const rows = Object.fromEntries(tableNames.map((name) => [name, this.#tables[name].rows()]))
    return {
      ...(rows as unknown as Pick<Journal, TableName>),
      strategies: this.#strategies,
      names: [...this.#names],
      texts: [...this.#texts],
      moves: this.#moves,
    }
  }

  /** Holds what a run says at its end that its journal has against what came. */
  checkSum(fields: Fields): void {
    const sums = field(fields, 'journal')
    check(isRecord(sums), 'how long the journal is', sums)
    for (const name of tableNames) {
      const said = whole(sums, name, tables[name].most)
      const { length } = this.#tables[name]
      check(said === length, `a journal of ${length} ${name}, as many as were sent`, said)
    }
  }

  #readStrategies(fields: Fields): Journal['strategies'] {
    const cash = this.#cash
    const strategies = list(fields, 'strategies', limits.strategies).map((strategy) => {
      check(isRecord(strategy), 'a strategy of the journal', strategy)
      const ownCosts = field(strategy, 'ownCosts')
      check(typeof ownCosts === 'boolean', 'ownCosts true or false', ownCosts)
      const handlers = list(strategy, 'handlers', handlerNames.length).map((handler) =>
        whole({ handler }, 'handler', handlerNames.length - 1),
      )
      return { handlers, ownCosts, cash: finite(strategy, 'cash') }
    })
    check(
      strategies.length === cash.length && strategies.every((strategy, at) => strategy.cash === cash[at]),
      `strategies that begin with ${cash.join(', ')}`,
      strategies.map(({ cash }) => cash).join(', '),
    )
    check(
      !this.#strategies || JSON.stringify(strategies) === JSON.stringify(this.#strategies),
      'the same strategies in every part of a journal',
      'others',
    )
    return strategies
  }

  #check({ requests, orders, terms, asides, names, texts, moves, strategies }: Journal): void {
    const before = this.#tables
    const known = before.orders.length
    const allNames = this.#names.length + names.length
    check(moves >= this.#moves, 'moves that only increase', moves)
    const inOrder = (what: string, table: 'requests' | 'asides', name: 'move' | 'time') => {
      const values = (table === 'requests' ? requests : asides)[name]
      rising(what, values, false)
      const last = before[table].last(name)
      if (values.length > 0 && last !== undefined)
        check(values[0]! >= last, `${what} times that rise`, values[0])
    }
    inOrder('request', 'requests', 'move')
    inOrder('request', 'requests', 'time')
    inOrder('aside', 'asides', 'move')
    inOrder('aside', 'asides', 'time')
    within('request', requests.move, 0, moves + 1)
    within('request', requests.strategy, 0, strategies.length)
    within('request', requests.handler, -1, handlerNames.length)
    within('request', requests.kind, 0, Object.keys(RequestKind).length)
    within('request', requests.order, -1 - limits.orders, known + orders.side.length)
    let changes = 0
    for (let row = 0; row < requests.order.length; row++) {
      const kind = requests.kind[row]
      if (kind === RequestKind.CHANGE) changes++
      check(
        (requests.order[row] === -1) === (kind === RequestKind.KILL),
        'an order in every request but a kill',
        requests.order[row],
      )
    }
    check(terms.volume.length === changes, `the terms of ${changes} changes`, terms.volume.length)
    within('request', requests.objection, 0, refusalCodes.length + 1)
    within('requested order', orders.instrument, -allNames, this.#instruments)
    within('requested order', orders.exchange, -1, allNames)
    within('requested order', orders.type, 0, orderTypes.length)
    within('requested order', orders.flag, 0, orderFlags.length)
    within('requested order', orders.volume, 0, Infinity)
    within('requested order', orders.hidden, 0, 128)
    for (const named of [orders.after, orders.pair])
      for (let row = 0; row < named.length; row++)
        if (!(named[row]! >= -1 - limits.orders && named[row]! < known + row))
          throw new Refused('an earlier order', named[row])
    within('aside', asides.move, 0, moves + 1)
    within('aside', asides.strategy, 0, strategies.length)
    within('aside', asides.kind, 0, Object.keys(AsideKind).length)
    within('aside', asides.request, before.asides.last('request') ?? 0, Infinity)
    within('aside', asides.request, 0, before.requests.length + requests.move.length + 1)
    within('aside', asides.text, -1, this.#texts.length + texts.length)
    for (let row = 0; row < asides.kind.length; row++)
      check(
        (asides.text[row] === -1) === (asides.kind[row] === AsideKind.JOB),
        'a text with every line of the log',
        asides.text[row],
      )
  }
}
