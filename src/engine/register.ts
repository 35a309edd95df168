import type { Order } from '#market'
import {
  changeJournal,
  type Column,
  fillJournal,
  firstCapacity,
  orderJournal,
  stepJournal,
  Table,
} from './columns.ts'
import { type CourseRecord, type RefusalEntry, StepKind } from './record.ts'

/** What a register keeps of a run: tables that point into each other. */
export type Registered = Pick<
  CourseRecord,
  'orders' | 'fills' | 'changes' | 'refusals' | 'steps' | 'rules' | 'owners'
>

/** All that happened to the orders of a run, of however many strategies, in the order in which it happened. */
export class Register {
  readonly orders = orderJournal()
  readonly fills = fillJournal()
  readonly changes = changeJournal()
  readonly steps = stepJournal()
  readonly refusals: RefusalEntry[] = []
  /** Names of the fill rules met so far; `FillColumns.rule` points into it. */
  readonly rules: string[] = []
  /** Every order that was asked for, refused ones too: place `i` has id `i + 1`. */
  readonly byId: Order[] = []
  /** The strategy of every order, and of every refusal. */
  readonly owners = new Table({ strategy: new Int32Array(firstCapacity) })
  readonly refused = new Table({ strategy: new Int32Array(firstCapacity) })

  snapshot(): Required<Registered> {
    return {
      orders: this.orders.snapshot(),
      fills: this.fills.snapshot(),
      changes: this.changes.snapshot(),
      refusals: [...this.refusals],
      steps: this.steps.snapshot(),
      rules: [...this.rules],
      owners: { orders: this.owners.snapshot().strategy, refusals: this.refused.snapshot().strategy },
    }
  }
}

/** What of a register is one strategy's, numbered anew. */
export function partOf(whole: Required<Registered>, strategy: number): Registered {
  const { orders, fills, changes, refusals, steps, rules, owners } = whole
  const own = rowsWhere(owners.orders.length, (row) => owners.orders[row] === strategy)
  const places = placesOf(own, owners.orders.length)
  const ownFills = rowsWhere(fills.order.length, (row) => places[fills.order[row]! - 1]! >= 0)
  const ownChanges = rowsWhere(changes.order.length, (row) => places[changes.order[row]! - 1]! >= 0)
  const ownRefusals = rowsWhere(refusals.length, (row) => owners.refusals[row] === strategy)
  const newId = (id: number) => (id === 0 ? 0 : places[id - 1]! + 1)
  const renumbered = <Row extends { readonly order: Int32Array }>(table: Row): Row => ({
    ...table,
    order: table.order.map(newId),
  })
  const placesIn = {
    [StepKind.ORDER]: places,
    [StepKind.END]: places,
    [StepKind.FILL]: placesOf(ownFills, fills.order.length),
    [StepKind.CHANGE]: placesOf(ownChanges, changes.order.length),
    [StepKind.REFUSAL]: placesOf(ownRefusals, refusals.length),
  }
  const placeOf = (step: number) => placesIn[steps.kind[step] as StepKind][steps.row[step]!]!
  const ownSteps = rowsWhere(steps.kind.length, (step) => placeOf(step) >= 0)
  const mine = pick(fills, ownFills)
  const met = [...new Set(mine.rule)]
  return {
    orders: pick(orders, own),
    fills: { ...renumbered(mine), rule: mine.rule.map((rule) => met.indexOf(rule)) },
    changes: renumbered(pick(changes, ownChanges)),
    refusals: Array.from(ownRefusals, (row) => ({ ...refusals[row]!, order: newId(refusals[row]!.order) })),
    steps: { ...pick(steps, ownSteps), row: ownSteps.map(placeOf) },
    rules: met.map((rule) => rules[rule]!),
  }
}

function rowsWhere(length: number, holds: (row: number) => boolean): Int32Array {
  const rows: number[] = []
  for (let row = 0; row < length; row++) if (holds(row)) rows.push(row)
  return Int32Array.from(rows)
}

/** For every row of a table its place among the picked ones; -1 where it was not picked. */
function placesOf(picked: Int32Array, length: number): Int32Array {
  const places = new Int32Array(length).fill(-1)
  picked.forEach((row, place) => (places[row] = place))
  return places
}

function pick<Row extends object>(table: Row, rows: Int32Array): Row {
  const entries = (Object.entries(table) as [string, Column][]).map(([name, column]) => {
    const picked = new (column.constructor as new (length: number) => Column)(rows.length)
    rows.forEach((row, place) => (picked[place] = column[row]!))
    return [name, picked] as const
  })
  return Object.fromEntries(entries) as Row
}
