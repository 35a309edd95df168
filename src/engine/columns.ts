import type { ChangeColumns, FillColumns, OrderColumns } from './record.ts'

export type Column = Float64Array | Int32Array | Int8Array | Uint8Array

/** Rows that a table makes room for at a time are at least and at most so many times those that it has. */
const leastGrowth = 2
const mostGrowth = 16

/** Columns of typed arrays that grow together; rows beyond `length` are room to grow. */
export class Table<Row extends Record<keyof Row, Column>> {
  readonly #columns: { -readonly [Name in keyof Row]: Row[Name] }
  #capacity: number
  #length = 0
  readonly #progress: () => number

  /**
   * @param progress fraction of the run that is done, so that a table that grows makes room for all rows that are likely
   *   to come: doubled again and again, columns would be copied, and as much thrown away as they hold in the end
   */
  constructor(columns: Row, progress: () => number) {
    this.#columns = columns
    this.#progress = progress
    this.#capacity = (Object.values(columns) as Column[])[0]!.length
  }

  get length(): number {
    return this.#length
  }

  /** The columns to read from and write to; each is replaced when a row is added. */
  get columns(): Row {
    return this.#columns
  }

  /** Makes room for one more row, or for several that are always added together, and returns the number of the first. */
  add(rows = 1): number {
    const row = this.#length
    if (row + rows > this.#capacity) this.#grow()
    this.#length = row + rows
    return row
  }

  /** A copy of the rows there are. */
  snapshot(): Row {
    const entries = Object.entries(this.#columns) as [string, Column][]
    return Object.fromEntries(
      entries.map(([name, column]) => [name, column.slice(0, this.#length)]),
    ) as unknown as Row
  }

  /** The rows there are, which are no longer kept here: the next is row 0 again. */
  take(): Row {
    const rows = this.snapshot()
    this.#length = 0
    return rows
  }

  /** Within the same object: one with the same names that is made anew has another shape, and all who write rows know one. */
  #grow(): void {
    const progress = this.#progress()
    const likely = progress > 0 ? (1.05 * this.#length) / progress : 0
    const [least, most] = [leastGrowth * this.#capacity, mostGrowth * this.#capacity]
    this.#capacity = Math.ceil(Math.max(least, Math.min(likely, most)))
    for (const name of Object.keys(this.#columns) as (keyof Row)[]) {
      const column = this.#columns[name]
      const larger = new (column.constructor as new (length: number) => Row[keyof Row])(this.#capacity)
      larger.set(column)
      this.#columns[name] = larger
    }
  }
}

/** Rows there is room for at first. */
export const firstCapacity = 64

/** Orders as they come and go. Row `i` is the order with id `i + 1`. */
export function firstOrders(): OrderColumns {
  const real = () => new Float64Array(firstCapacity)
  const whole = () => new Int32Array(firstCapacity)
  const code = () => new Uint8Array(firstCapacity)
  return {
    time: real(),
    bar: whole(),
    instrument: whole(),
    side: new Int8Array(firstCapacity),
    type: code(),
    volume: real(),
    price: real(),
    stopPrice: real(),
    filled: real(),
    status: code(),
    ended: real(),
  }
}

/** Fills in the order they happened. */
export function firstFills(): Omit<FillColumns, 'rate'> {
  const real = () => new Float64Array(firstCapacity)
  const whole = () => new Int32Array(firstCapacity)
  return {
    time: real(),
    bar: whole(),
    order: whole(),
    instrument: whole(),
    side: new Int8Array(firstCapacity),
    price: real(),
    volume: real(),
    fee: real(),
    slippage: real(),
    rule: new Uint8Array(firstCapacity),
  }
}

/** Terms that orders had before they were changed. */
export function firstChanges(): ChangeColumns {
  const real = () => new Float64Array(firstCapacity)
  return {
    order: new Int32Array(firstCapacity),
    volume: real(),
    price: real(),
    stopPrice: real(),
  }
}
