/** What an order is, in bits. A plain limit order has none; its side, where it rests, is that of its ladder. */
export const Trait = {
  SELL: 1,
  /** Two bits: 0 limit, 1 market, 2 stop, 3 stop-limit. */
  TYPE: 3 << 1,
  MARKET: 1 << 1,
  STOP: 2 << 1,
  STOP_LIMIT: 3 << 1,
  /** Three bits: the place of its flag in `flags`. */
  FLAG: 7 << 3,
  FILL_OR_KILL: 1 << 3,
  ALL_OR_NONE: 2 << 3,
  IMMEDIATE_OR_CANCEL: 3 << 3,
  POST_ONLY: 4 << 3,
  DAY: 5 << 3,
  ICEBERG: 1 << 6,
  HIDDEN: 1 << 7,
  REDUCE_ONLY: 1 << 8,
  PAIRED: 1 << 9,
  TRAILING: 1 << 10,
  NOTIONAL: 1 << 11,
  TO_LIMIT: 1 << 12,
  /** Its stop price has been reached and it waits for its turn. */
  TRIGGERED: 1 << 13,
} as const

/** Most orders that may live at once. */
export const mostOrders = 1 << 24

/**
 * Every live order, one array per field. A slot is the only pointer; slot 0 is nobody. Freed slots are handed out
 * again, last freed first. Plain matching touches the first five fields and `total`. Every array is there from the field's
 * declaration on: a field that is declared empty and filled later costs a check at each read.
 */
export class Orders {
  capacity: number
  /** Live orders. */
  live = 0
  #free = 0
  #used = 1

  id = new Float64Array(0)
  /** Lots that may trade now: an iceberg's slice, all of any other order. */
  open = new Float64Array(0)
  level = new Int32Array(0)
  next = new Int32Array(0)
  prev = new Int32Array(0)
  traits = new Int32Array(0)
  owner = new Int32Array(0)
  /** Lots asked for, changes included. */
  total = new Float64Array(0)
  /** Iceberg: lots not shown yet. */
  reserve = new Float64Array(0)
  /** Iceberg: lots shown at a time. */
  display = new Float64Array(0)
  /** Limit price of an order that is on no price ladder: stop-limit. */
  limit = new Float64Array(0)
  /** Trailing distance: ticks above 0, per cent below. */
  trail = new Float64Array(0)
  /** Running number of arming, for stops, or of entry, for all-or-none orders. */
  entry = new Float64Array(0)
  /** The other order of a pair. */
  partner = new Int32Array(0)
  /** Its neighbours among its owner's orders. */
  ownerNext = new Int32Array(0)
  ownerPrev = new Int32Array(0)
  /** Number of the last rehearsal of a match in which its pair was used up. */
  mark = new Int32Array(0)

  constructor(capacity: number) {
    this.capacity = capacity
    for (const name of fields) lengthen(this, name, capacity)
  }

  allocate(): number {
    this.live++
    const slot = this.#free
    if (slot !== 0) {
      this.#free = this.next[slot]!
      return slot
    }
    if (this.#used === this.capacity) this.#grow()
    return this.#used++
  }

  free(slot: number): void {
    this.live--
    this.next[slot] = this.#free
    this.#free = slot
  }

  #grow(): void {
    // By four rather than two: memory not written to costs nothing, copying does.
    const capacity = Math.min(mostOrders + 1, this.capacity * 4)
    for (const name of fields) lengthen(this, name, capacity)
    this.capacity = capacity
  }

  save(): OrdersImage {
    const columns = fields.map((name) => this[name].slice(0, this.#used))
    return { live: this.live, free: this.#free, columns }
  }

  static load(image: OrdersImage): Orders {
    const used = image.columns[0]!.length
    const orders = new Orders(Math.max(64, used))
    fields.forEach((name, i) => orders[name].set(image.columns[i]!))
    orders.live = image.live
    orders.#free = image.free
    orders.#used = used
    return orders
  }
}

/** The orders as typed arrays that can be transferred. */
export interface OrdersImage {
  readonly live: number
  readonly free: number
  readonly columns: readonly (Float64Array | Int32Array)[]
}

const fields = [
  'id',
  'open',
  'level',
  'next',
  'prev',
  'traits',
  'owner',
  'total',
  'reserve',
  'display',
  'limit',
  'trail',
  'entry',
  'partner',
  'ownerNext',
  'ownerPrev',
  'mark',
] as const

/** Replaces a typed array of `holder` by a longer one with the same beginning. */
export function lengthen<Name extends string>(
  holder: Record<Name, Float64Array | Int32Array>,
  name: Name,
  length: number,
): void {
  const old = holder[name]
  const grown = old instanceof Float64Array ? new Float64Array(length) : new Int32Array(length)
  grown.set(old)
  holder[name] = grown
}
