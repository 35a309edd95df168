import { digest } from './digest.ts'
import type {
  CourseRecord,
  InputDeclaration,
  InputValue,
  OrderNote,
  PlotColumns,
  RunRecord,
  StrategyRecord,
} from './record.ts'
import { partsOf, type Registered } from './register.ts'

/** What one of several strategies left behind that the record of the account does not show. */
export interface SeatRecord {
  readonly name: string
  /** Cash that it began with. */
  readonly cash: number
  readonly inputs: Readonly<Record<string, InputValue>>
  readonly declarations: readonly InputDeclaration[]
  readonly plots: readonly PlotColumns[]
  /** Its part of the account, by the rows of the account's equity curve. */
  readonly curve: Curve
  /** Of its part; computed where it is left out. */
  readonly digest?: string
}

/** What an account, or a part of it, was worth. */
export interface Curve {
  readonly value: Float64Array
  readonly cash: Float64Array
  /** The cash in each of the other currencies than the account's, in itself; absent where there is none. */
  readonly others?: readonly Float64Array[]
}

/** Notes of all strategies, by the ids of the account's orders; the first `most`. */
export function notesTogether(
  owners: Int32Array,
  notes: readonly (readonly OrderNote[])[],
  most: number,
): OrderNote[] {
  const all: OrderNote[] = []
  const orders = notes.map(() => 0)
  const next = notes.map(() => 0)
  for (let row = 0; row < owners.length && all.length < most; row++) {
    const owner = owners[row]!
    const order = ++orders[owner]!
    const found = notes[owner]![next[owner]!]
    if (found?.order !== order) continue
    next[owner]!++
    all.push({ order: row + 1, note: found.note })
  }
  return all
}

/** What each of several strategies did within the account, its orders numbered from 1. */
export function coursesOf(account: CourseRecord, curves: readonly Curve[]): CourseRecord[] {
  const { owners, currencies, ...whole } = account
  return partsOf({ ...whole, owners: owners! }, curves.length).map((part: Registered, strategy) => {
    const { value, cash, others } = curves[strategy]!
    return {
      ...whole,
      ...part,
      equity: { time: whole.equity.time, value, cash },
      ...(currencies && others
        ? { currencies: currencies.map((currency, i) => ({ ...currency, cash: others[i]! })) }
        : {}),
    }
  })
}

/**
 * The records of several strategies, each with its part of the account.
 *
 * @param account the record of all of them together, with the owners of its orders
 */
export function strategyRecords(
  account: Omit<RunRecord, 'strategies' | 'digest'>,
  seats: readonly SeatRecord[],
): StrategyRecord[] {
  const { engine, settings, journal, notes = [] } = account
  const owners = account.owners!.orders
  const ownNotes = seats.map((): OrderNote[] => [])
  const orders = seats.map(() => 0)
  for (let row = 0, next = 0; row < owners.length && next < notes.length; row++) {
    const owner = owners[row]!
    const order = ++orders[owner]!
    if (notes[next]!.order === row + 1) ownNotes[owner]!.push({ order, note: notes[next++]!.note })
  }
  const courses = coursesOf(
    account,
    seats.map(({ curve }) => curve),
  )
  return seats.map(({ name, cash, inputs, declarations, plots, digest: known }, strategy) => {
    const { instruments, rules, orders, fills, changes, refusals, steps, equity, bars, market, books } =
      courses[strategy]!
    const { currencies } = courses[strategy]!
    const course = {
      instruments,
      rules,
      orders,
      fills,
      changes,
      refusals,
      steps,
      equity,
      ...(currencies ? { currencies } : {}),
      bars,
      market,
      books,
    }
    return {
      name,
      engine,
      settings: { ...settings, cash, inputs },
      inputs,
      declarations,
      ...course,
      plots,
      ...(ownNotes[strategy]!.length > 0 ? { notes: ownNotes[strategy]! } : {}),
      journal,
      digest: known ?? digest(course),
    }
  })
}
