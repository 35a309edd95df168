import { OrderFlag, OrderType } from '#market'

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
  /** Three bits: one more than the number of its own rule of self-trade prevention; 0 where it goes by the book's. */
  SELF_TRADE: 7 << 17,
} as const

/** Set on an order resting on a price ladder that plain matching cannot treat as a plain limit order. */
export const special = 1 << 14
/** Set on an order that has an owner. */
export const owned = 1 << 15
/** Set on an order whose owner's position the book keeps. */
export const tracked = 1 << 16
/** Traits that are about where an order is rather than what was asked for. */
export const internal = special | owned | tracked

/** Flags in the order of their numbers in `Trait.FLAG`. */
export const flags: readonly OrderFlag[] = [
  OrderFlag.NONE,
  OrderFlag.FILL_OR_KILL,
  OrderFlag.ALL_OR_NONE,
  OrderFlag.IMMEDIATE_OR_CANCEL,
  OrderFlag.POST_ONLY,
  OrderFlag.DAY,
]
/** Types in the order of their numbers in `Trait.TYPE`. */
export const types: readonly OrderType[] = [
  OrderType.LIMIT,
  OrderType.MARKET,
  OrderType.STOP,
  OrderType.STOP_LIMIT,
]

/** Fill-or-kill and immediate-or-cancel: over within the moment, outside the aat profile. */
export const isTerse = (flag: number) => flag === Trait.FILL_OR_KILL || flag === Trait.IMMEDIATE_OR_CANCEL

/** Whether an order takes part in auctions. */
export function auctions(traits: number): boolean {
  const flag = traits & Trait.FLAG
  return !isTerse(flag) && flag !== Trait.ALL_OR_NONE
}

/** Most orders that may live at once. */
export const mostOrders = 1 << 24
/** Largest quantity of one order, in lots. */
export const mostLots = 2 ** 52
/** Quantities below this are so small that even `mostOrders` of them at one price stay exact. */
export const fewLots = 2 ** 28

/** 32-bit words of a record: half a cache line. */
const record = 8
/** Words there is room for at first. */
const firstWords = 4096 * record
/** Stands for a number of more than 31 bits. */
const large = -1

/**
 * Every live order. A slot is the only pointer, slot 0 is nobody, and freed slots are handed out again, last freed first. One named array
 * per field, but what plain matching needs of an order lies together in a record of 32 bytes: each array is a view that begins at its
 * field in the first record. So a slot counts words, a whole number of records: a field of words stands at `slot`, one of doubles at
 * `slot >> 1`. More rows of such records hold what plain orders do without; they are shorter, as long as the highest slot that ever needed
 * them, so whoever reads them looks at an order's traits first. Every array is there from the field's declaration on: a field that is
 * declared empty and filled later costs a check at each read.
 */
export class Orders {
  /** Live orders. */
  live = 0
  /** The slot that was freed last, 0 where none is free; `next` leads on. */
  spare = 0
  #used = record
  #capacity = firstWords

  /** Lots that may trade now: an iceberg's slice, all of any other order. */
  open = new Float64Array(firstWords / 2)
  /** Its number as far as that is small, see `idOf`. */
  id = new Int32Array(this.open.buffer, 8)
  /** Lots asked for, changes included, as far as that is a small number, see `totalOf`. */
  total = new Int32Array(this.open.buffer, 12)
  level = new Int32Array(this.open.buffer, 16)
  next = new Int32Array(this.open.buffer, 20)
  prev = new Int32Array(this.open.buffer, 24)
  traits = new Int32Array(this.open.buffer, 28)

  /** Iceberg: lots not shown yet. */
  reserve = new Float64Array(firstWords / 2)
  /** Iceberg: lots shown at a time. */
  display = new Float64Array(this.reserve.buffer, 8)
  /** Inside number of whose it is, see `ownerOf`. */
  owner = new Int32Array(this.reserve.buffer, 16)
  /** The other order of a pair. */
  partner = new Int32Array(this.reserve.buffer, 20)
  /** Its neighbours among its owner's orders. */
  ownerNext = new Int32Array(this.reserve.buffer, 24)
  ownerPrev = new Int32Array(this.reserve.buffer, 28)

  /** Limit price of a stop-limit order; of an all-or-none order what it would have the other side cost at most. */
  limit = new Float64Array(firstWords / 2)
  /** Trailing distance: ticks above 0, per cent below. */
  trail = new Float64Array(this.limit.buffer, 8)
  /** Running number of arming, for stops, or of entry, for all-or-none orders. */
  entry = new Float64Array(this.limit.buffer, 16)

  /** The numbers that are too large for `id` and `total`. */
  largeId = new Float64Array(firstWords / 2)
  largeTotal = new Float64Array(this.largeId.buffer, 8)

  /** The number that the order was given from outside. */
  idOf(slot: number): number {
    const id = this.id[slot]!
    return id === large ? this.largeId[slot >> 1]! : id
  }

  setId(slot: number, id: number): void {
    const small = (id | 0) === id
    this.id[slot] = small ? id : large
    if (small) return
    this.#extend(largeRow, this.largeId, slot)
    this.largeId[slot >> 1] = id
  }

  /** Lots asked for, changes included. */
  totalOf(slot: number): number {
    const total = this.total[slot]!
    return total === large ? this.largeTotal[slot >> 1]! : total
  }

  setTotal(slot: number, total: number): void {
    const small = (total | 0) === total
    this.total[slot] = small ? total : large
    if (small) return
    this.#extend(largeRow, this.largeTotal, slot)
    this.largeTotal[slot >> 1] = total
  }

  /** Inside number of the owner, 0 where it has none. */
  ownerOf(slot: number): number {
    return (this.traits[slot]! & owned) === 0 ? 0 : this.owner[slot]!
  }

  /** Lots of an iceberg that are not shown yet, 0 for any other order. */
  reserveOf(slot: number): number {
    return (this.traits[slot]! & Trait.ICEBERG) === 0 ? 0 : this.reserve[slot >> 1]!
  }

  /** Makes room for what an order has that is not plain, or has an owner. */
  extend(slot: number): void {
    this.#extend(specialRow, this.reserve, slot)
  }

  /** Makes room for what an order has that waits for the market. */
  extendWaiting(slot: number): void {
    this.#extend(waitingRow, this.limit, slot)
  }

  allocate(): number {
    this.live++
    const slot = this.spare
    if (slot !== 0) {
      this.spare = this.next[slot]!
      return slot
    }
    if (this.#used === this.#capacity) this.#grow(this.#capacity * 4)
    const fresh = this.#used
    this.#used = fresh + record
    return fresh
  }

  free(slot: number): void {
    this.live--
    this.next[slot] = this.spare
    this.spare = slot
  }

  // By four rather than two: memory not written to costs nothing, copying does.
  #grow(words: number): void {
    this.#capacity = Math.min((mostOrders + 1) * record, words)
    this.#lengthen(plainRow, this.#capacity)
  }

  #extend(row: Row, field: Float64Array, slot: number): void {
    if (slot >> 1 >= field.length) this.#lengthen(row, this.#capacity)
  }

  #lengthen(row: Row, words: number): void {
    const grown = new Int32Array(words)
    grown.set(new Int32Array(this[row[0]].buffer))
    for (const field of row) lay(this, field, grown.buffer)
  }

  save(): OrdersImage {
    const image = rows.map((row) => new Int32Array(this[row[0]].buffer).slice(0, this.#used))
    return { live: this.live, free: this.spare, rows: image }
  }

  /** Takes the place of what was here. */
  load(image: OrdersImage): void {
    this.live = image.live
    this.spare = image.free
    this.#used = image.rows[0]!.length
    if (this.#used > this.#capacity) this.#grow(this.#used)
    rows.forEach((row, i) => {
      const saved = image.rows[i]!
      if (saved.byteLength > this[row[0]].buffer.byteLength) this.#lengthen(row, this.#capacity)
      new Int32Array(this[row[0]].buffer).set(saved)
    })
  }
}

/** The orders as typed arrays that can be transferred: their records, row by row. */
export interface OrdersImage {
  readonly live: number
  readonly free: number
  readonly rows: readonly Int32Array[]
}

/** The fields whose records stand in one buffer. */
const plainRow = ['open', 'id', 'total', 'level', 'next', 'prev', 'traits'] as const
const specialRow = ['reserve', 'display', 'owner', 'partner', 'ownerNext', 'ownerPrev'] as const
const waitingRow = ['limit', 'trail', 'entry'] as const
const largeRow = ['largeId', 'largeTotal'] as const
const rows = [plainRow, specialRow, waitingRow, largeRow]
type Row = (typeof rows)[number]

/** Lays a field's view over another buffer, at the same place. */
function lay<Field extends string>(
  holder: Record<Field, Float64Array | Int32Array>,
  field: Field,
  buffer: ArrayBuffer,
): void {
  const { byteOffset } = holder[field]
  const View = holder[field] instanceof Float64Array ? Float64Array : Int32Array
  holder[field] = new View(buffer, byteOffset)
}
