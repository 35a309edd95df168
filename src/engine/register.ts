import type { Order } from '#market'
import { firstChanges, type Column, firstFills, firstCapacity, firstOrders, Table } from './columns.ts'
import {
  type ChangeColumns,
  type CourseRecord,
  type FillColumns,
  type OrderColumns,
  type RefusalEntry,
  StepKind,
} from './record.ts'
import { Steps } from './steps.ts'

/** What a register keeps of a run: tables that point into each other. */
export type Registered = Pick<
  CourseRecord,
  'orders' | 'fills' | 'changes' | 'refusals' | 'steps' | 'rules' | 'owners'
>

/** All that happened to the orders of a run, of however many strategies, in the order in which it happened. */
export class Register {
  readonly orders: Table<OrderColumns>
  readonly fills: Table<Omit<FillColumns, 'rate'>>
  /** Rates of the fills, row by row; undefined where all is in one currency. */
  readonly rates: Table<{ readonly rate: Float64Array }> | undefined
  readonly changes: Table<ChangeColumns>
  readonly steps: Steps
  readonly refusals: RefusalEntry[] = []
  /** Names of the fill rules met so far; `FillColumns.rule` points into it. */
  readonly rules: string[] = []
  /** Every order that was asked for, refused ones too: place `i` has id `i + 1`. */
  readonly byId: Order[] = []
  /** The strategy of every order, and of every refusal. */
  readonly owners: Table<{ readonly strategy: Int32Array }>
  readonly refused: Table<{ readonly strategy: Int32Array }>
  readonly #progress: () => number

  /**
   * @param converts whether fills have rates
   * @param progress fraction of the run that is done
   */
  constructor(converts: boolean, progress: () => number) {
    this.#progress = progress
    this.orders = this.table(firstOrders())
    this.fills = this.table(firstFills())
    this.changes = this.table(firstChanges())
    this.steps = new Steps(progress)
    this.owners = this.table({ strategy: new Int32Array(firstCapacity) })
    this.refused = this.table({ strategy: new Int32Array(firstCapacity) })
    this.rates = converts ? this.table({ rate: new Float64Array(firstCapacity) }) : undefined
  }

  /** A table of something else that grows with the run. */
  table<Row extends Record<keyof Row, Column>>(columns: Row): Table<Row> {
    return new Table(columns, this.#progress)
  }

  snapshot(): Required<Registered> {
    return {
      orders: this.orders.snapshot(),
      fills: { ...this.fills.snapshot(), ...this.rates?.snapshot() },
      changes: this.changes.snapshot(),
      refusals: [...this.refusals],
      steps: this.steps.snapshot(),
      rules: [...this.rules],
      owners: { orders: this.owners.snapshot().strategy, refusals: this.refused.snapshot().strategy },
    }
  }
}

/** What of a register is each strategy's, numbered anew. */
export function partsOf(whole: Required<Registered>, strategies: number): Registered[] {
  const { orders, fills, changes, refusals, steps, rules, owners } = whole
  const ownerOf = (id: number) => owners.orders[id - 1]!
  const ofOrders = shareOut(owners.orders.length, (row) => owners.orders[row]!, strategies)
  const ofFills = shareOut(fills.order.length, (row) => ownerOf(fills.order[row]!), strategies)
  const ofChanges = shareOut(changes.order.length, (row) => ownerOf(changes.order[row]!), strategies)
  const ofRefusals = shareOut(refusals.length, (row) => owners.refusals[row]!, strategies)
  const tables = {
    [StepKind.ORDER]: ofOrders,
    [StepKind.END]: ofOrders,
    [StepKind.FILL]: ofFills,
    [StepKind.CHANGE]: ofChanges,
    [StepKind.REFUSAL]: ofRefusals,
  }
  const tableOf = (step: number) => tables[steps.kind[step] as StepKind]
  const ofSteps = shareOut(steps.kind.length, (step) => tableOf(step).owner(steps.row[step]!), strategies)
  const newId = (id: number) => (id === 0 ? 0 : ofOrders.place[id - 1]! + 1)
  return Array.from({ length: strategies }, (_, strategy) => {
    const mine = pick(fills, ofFills.rows[strategy]!)
    const met = [...new Set(mine.rule)]
    const changed = pick(changes, ofChanges.rows[strategy]!)
    const stepRows = ofSteps.rows[strategy]!
    return {
      orders: pick(orders, ofOrders.rows[strategy]!),
      fills: { ...mine, order: mine.order.map(newId), rule: mine.rule.map((rule) => met.indexOf(rule)) },
      changes: { ...changed, order: changed.order.map(newId) },
      refusals: Array.from(ofRefusals.rows[strategy]!, (row) => ({
        ...refusals[row]!,
        order: newId(refusals[row]!.order),
      })),
      steps: {
        ...pick(steps, stepRows),
        row: stepRows.map((step) => tableOf(step).place[steps.row[step]!]!),
      },
      rules: met.map((rule) => rules[rule]!),
    }
  })
}

/** The rows of a table by their owners. */
interface Shares {
  readonly rows: readonly Int32Array[]
  /** For every row its place among those of its owner. */
  readonly place: Int32Array
  readonly owner: (row: number) => number
}

function shareOut(length: number, owner: (row: number) => number, strategies: number): Shares {
  const counts = new Int32Array(strategies)
  const place = new Int32Array(length)
  for (let row = 0; row < length; row++) place[row] = counts[owner(row)]!++
  const rows = Array.from(counts, (count) => new Int32Array(count))
  for (let row = 0; row < length; row++) rows[owner(row)]![place[row]!] = row
  return { rows, place, owner }
}

function pick<Row extends object>(table: Row, rows: Int32Array): Row {
  const entries = (Object.entries(table) as [string, Column][]).map(([name, column]) => {
    const picked = new (column.constructor as new (length: number) => Column)(rows.length)
    for (let place = 0; place < rows.length; place++) picked[place] = column[rows[place]!]!
    return [name, picked] as const
  })
  return Object.fromEntries(entries) as Row
}
