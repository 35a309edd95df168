/** The columns that a row fills, in the order of a row's values. */
export const fields = ['time', 'open', 'high', 'low', 'close', 'volume', 'adjustedClose'] as const

const firstBlock = 1 << 6
const largestBlock = 1 << 16

/** Columns of one instrument while they grow: blocks that double up to 64 Ki rows, so that no growth copies what is there. */
export class Table {
  readonly symbol: string
  /** Blocks by field. */
  readonly #blocks: Float64Array<ArrayBuffer>[][] = fields.map(() => [])
  /** The block that is being filled, by field. */
  block: Float64Array<ArrayBuffer>[] = []
  /** Rows of that block. */
  used = 0
  capacity = 0
  /** Rows of the blocks before it. */
  #before = 0
  readonly #adjusted: boolean

  constructor(symbol: string, adjusted: boolean) {
    this.symbol = symbol
    this.#adjusted = adjusted
  }

  get rows(): number {
    return this.#before + this.used
  }

  /** Begins the next block; call it when `used` is `capacity`. */
  grow(): void {
    this.#before += this.used
    this.used = 0
    this.capacity = Math.min(largestBlock, Math.max(firstBlock, this.capacity * 2))
    this.block = fields.map(() => new Float64Array(0))
    for (let field = 0; field < fields.length; field++) {
      if (field === 6 && !this.#adjusted) continue
      const column = new Float64Array(this.capacity)
      this.block[field] = column
      this.#blocks[field]!.push(column)
    }
  }

  /** Adds a row: values in the order of `fields`. */
  add(values: Float64Array): void {
    if (this.used === this.capacity) this.grow()
    const { block, used } = this
    block[0]![used] = values[0]!
    block[1]![used] = values[1]!
    block[2]![used] = values[2]!
    block[3]![used] = values[3]!
    block[4]![used] = values[4]!
    block[5]![used] = values[5]!
    if (this.#adjusted) block[6]![used] = values[6]!
    this.used++
  }

  /** Every time so far, through a function: for when the day and the month prove to be the other way round. */
  mapTimes(change: (time: number) => number): void {
    let left = this.rows
    for (const block of this.#blocks[0]!) {
      const size = Math.min(block.length, left)
      for (let row = 0; row < size; row++) block[row] = change(block[row]!)
      left -= size
    }
  }

  /** The column as one array. Its blocks are let go, so that at no time more than one column exists twice. */
  take(field: (typeof fields)[number]): Float64Array<ArrayBuffer> {
    const at = fields.indexOf(field)
    const blocks = this.#blocks[at]!
    const column = new Float64Array(this.rows)
    let row = 0
    for (const block of blocks) {
      const size = Math.min(block.length, column.length - row)
      column.set(size === block.length ? block : block.subarray(0, size), row)
      row += size
    }
    this.#blocks[at] = []
    return column
  }
}
