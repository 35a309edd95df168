import { FarPrices } from './far-prices.ts'
import { Orders } from './orders.ts'

/** The ladders of a book. Even ones hold their best order at the highest price, odd ones at the lowest. */
export const Ladder = {
  BIDS: 0,
  ASKS: 1,
  DARK_BIDS: 2,
  DARK_ASKS: 3,
  SELL_STOPS: 4,
  BUY_STOPS: 5,
  /** Market orders waiting for an auction, all at price 0. */
  MARKET_BUYS: 6,
  MARKET_SELLS: 7,
} as const

const ladders = 8
/** Least number of looks outside the window before it moves. */
const leastPatience = 1024
/** Levels there is room for at first. */
const firstLevels = 256
const widthBits = 12
/** Ticks that the window spans. */
const width = 1 << widthBits
const wordBits = widthBits - 5
const words = 1 << wordBits

/**
 * The prices at which orders queue, one array per field; a level's number is the only pointer and level 0 is none.
 * The levels of a ladder are linked from best to worst, so the next price costs one read however far away it is. A window of
 * ticks around the market finds a price's level by one array read, and its bit masks a new level's neighbours; prices
 * outside are found through a tree. The window moves after the market once prices outside are asked for often.
 */
export class Levels {
  /** The orders that queue. */
  readonly orders = new Orders()
  price = new Float64Array(firstLevels)
  /** Lots open in the queue; without the undisclosed part of icebergs. */
  quantity = new Float64Array(firstLevels)
  /** Undisclosed lots of the icebergs in the queue. */
  reserve = new Float64Array(firstLevels)
  count = new Int32Array(firstLevels)
  head = new Int32Array(firstLevels)
  tail = new Int32Array(firstLevels)
  better = new Int32Array(firstLevels)
  worse = new Int32Array(firstLevels)
  ladder = new Int32Array(firstLevels)
  /** The best level of each ladder. */
  readonly best = new Int32Array(ladders)
  /** What it costs whoever trades with it, `costs` of its price; Infinity where a ladder is empty. */
  readonly cost = new Float64Array(ladders).fill(Infinity)
  /** What the best of a ladder would cost at most for an order that waits to trade with it; -Infinity where none waits. */
  readonly awaited = new Float64Array(ladders).fill(-Infinity)
  /** Whether a best level may have come within reach of an order that waits. */
  beckons = false

  /** The levels in the window, ladder by ladder, each at the last bits of its price, see `placeOf`; 0 where there is none. */
  readonly window = new Int32Array(ladders << widthBits)

  /** The lowest price in the window. */
  #base = 0
  #capacity = firstLevels
  #free = 0
  #used = 1
  #live = 0
  readonly #bits = new Int32Array(ladders << wordBits)
  readonly #far = Array.from({ length: ladders }, () => new FarPrices())
  #farLooks = 0
  /** Looks outside the window before it moves. */
  #patience = leastPatience

  /** The level at a price, 0 where no order is. */
  find(ladder: number, price: number): number {
    const offset = price - this.#base
    if (offset >= 0 && offset < width) return this.window[placeOf(ladder, price)]!
    this.#farLooks++
    return this.#far[ladder]!.get(price) | 0
  }

  /** Puts an order at the end of the queue at a price. Its `open` and `reserve` count from now on. */
  append(ladder: number, price: number, slot: number): void {
    this.enqueue(this.find(ladder, price) || this.create(ladder, price), slot)
  }

  /** The same at a level. By itself it is short enough for the compiler to lay it into what calls it, also where levels come and go. */
  enqueue(level: number, slot: number): void {
    const { next, prev } = this.orders
    const tail = this.tail[level]!
    next[slot] = 0
    prev[slot] = tail
    if (tail === 0) this.head[level] = slot
    else next[tail] = slot
    this.tail[level] = slot
    this.count[level] = this.count[level]! + 1
    this.quantity[level] = this.quantity[level]! + this.orders.open[slot >> 1]!
    this.orders.level[slot] = level
  }

  /** Takes an order out of its queue, and the level away when it was the last. */
  remove(slot: number): void {
    const level = this.orders.level[slot]!
    this.leave(level, slot)
    if (this.count[level] === 0) this.drop(level)
  }

  /** Takes an order out of its queue, at a level that stays. */
  leave(level: number, slot: number): void {
    const { next, prev } = this.orders
    const before = prev[slot]!
    const after = next[slot]!
    if (before === 0) this.head[level] = after
    else next[before] = after
    if (after === 0) this.tail[level] = before
    else prev[after] = before
    this.orders.level[slot] = 0
    this.count[level] = this.count[level]! - 1
    this.quantity[level] = this.quantity[level]! - this.orders.open[slot >> 1]!
  }

  /** Moves an order to the end of its queue. */
  requeue(slot: number): void {
    const { next, prev } = this.orders
    const level = this.orders.level[slot]!
    const after = next[slot]!
    if (after === 0) return
    const before = prev[slot]!
    if (before === 0) this.head[level] = after
    else next[before] = after
    prev[after] = before
    const tail = this.tail[level]!
    next[tail] = slot
    prev[slot] = tail
    next[slot] = 0
    this.tail[level] = slot
  }

  /** Takes an empty level off its ladder. */
  drop(level: number): void {
    const ladder = this.ladder[level]!
    const better = this.better[level]!
    const worse = this.worse[level]!
    if (better === 0) this.#lead(ladder, worse)
    else this.worse[better] = worse
    if (worse !== 0) this.better[worse] = better
    const price = this.price[level]!
    const offset = price - this.#base
    if (offset >= 0 && offset < width) {
      this.window[placeOf(ladder, price)] = 0
      const word = (ladder << wordBits) | (offset >> 5)
      this.#bits[word] = this.#bits[word]! & ~(1 << (offset & 31))
    } else this.#far[ladder]!.delete(price)
    this.head[level] = this.#free
    this.#free = level
    this.#live--
  }

  /** A level for orders at a price, where there is none. */
  create(ladder: number, price: number): number {
    if (this.#live === 0) this.#base = price - width / 2
    const level = this.#allocate()
    this.price[level] = price
    this.tail[level] = 0
    this.ladder[level] = ladder
    const leads = asked(ladder, price) < this.cost[ladder]!
    const better = leads ? 0 : this.#neighbour(ladder, price, (ladder & 1) === 0)
    const worse = leads ? this.best[ladder]! : this.worse[better]!
    this.better[level] = better
    this.worse[level] = worse
    if (better === 0) this.#lead(ladder, level)
    else this.worse[better] = level
    if (worse !== 0) this.better[worse] = level
    this.#register(level)
    if (this.#farLooks > this.#patience + 2 * this.#live) this.#follow()
    return level
  }

  /** Makes a level, or none, the best of its ladder. */
  #lead(ladder: number, level: number): void {
    this.best[ladder] = level
    const cost = level === 0 ? Infinity : asked(ladder, this.price[level]!)
    this.cost[ladder] = cost
    if (cost <= this.awaited[ladder]!) this.beckons = true
  }

  #register(level: number): void {
    const ladder = this.ladder[level]!
    const price = this.price[level]!
    const offset = price - this.#base
    if (offset >= 0 && offset < width) {
      this.window[placeOf(ladder, price)] = level
      const word = (ladder << wordBits) | (offset >> 5)
      this.#bits[word] = this.#bits[word]! | (1 << (offset & 31))
    } else this.#far[ladder]!.set(price, level)
  }

  /** The level at the nearest price above (or below) the given one. */
  #neighbour(ladder: number, price: number, above: boolean): number {
    const offset = price - this.#base
    const near = this.#nearNeighbour(ladder, offset, above)
    const far = this.#far[ladder]!
    // Seen from inside the window, nothing outside is nearer than what was found inside.
    if ((near !== 0 && offset >= 0 && offset < width) || far.size === 0) return near
    const other = far.nearest(price, above)
    if (near === 0 || other === 0) return near + other
    return this.price[near]! < this.price[other]! === above ? near : other
  }

  #nearNeighbour(ladder: number, offset: number, above: boolean): number {
    const bits = this.#bits
    const row = ladder << wordBits
    let from = above ? Math.max(0, offset + 1) : Math.min(width - 1, offset - 1)
    if (!(from >= 0 && from < width)) return 0
    from |= 0
    let word = from >> 5
    let mask = bits[row | word]! & (above ? -1 << (from & 31) : -1 >>> (31 - (from & 31)))
    while (mask === 0) {
      word += above ? 1 : -1
      if (word < 0 || word >= words) return 0
      mask = bits[row | word]!
    }
    const bit = 31 - Math.clz32(above ? mask & -mask : mask)
    return this.window[placeOf(ladder, this.#base + ((word << 5) | bit))]!
  }

  /**
   * Lays the window around the best price, if it has left the window's middle half. Where most levels are outside even so, the window is of
   * little use and moves half as often from then on.
   */
  #follow(): void {
    this.#farLooks = 0
    const best = this.best[0]! || this.best[1]!
    if (best === 0) return
    const base = this.price[best]! - width / 2
    if (Math.abs(base - this.#base) <= width / 4) return
    this.#base = base
    this.window.fill(0)
    this.#bits.fill(0)
    for (const far of this.#far) far.clear()
    this.#registerAll()
    const outside = this.#far.reduce((sum, far) => sum + far.size, 0)
    this.#patience = outside * 2 > this.#live ? Math.min(this.#patience * 2, 2 ** 30) : leastPatience
  }

  #registerAll(): void {
    for (let ladder = 0; ladder < ladders; ladder++)
      for (let level = this.best[ladder]!; level !== 0; level = this.worse[level]!) this.#register(level)
  }

  #allocate(): number {
    this.#live++
    const level = this.#free
    if (level !== 0) {
      this.#free = this.head[level]!
      return level
    }
    if (this.#used === this.#capacity) {
      this.#capacity *= 2
      for (const name of columns) lengthen(this, name, this.#capacity)
    }
    return this.#used++
  }

  save(): LevelsImage {
    return {
      live: this.#live,
      free: this.#free,
      base: this.#base,
      best: this.best.slice(),
      columns: columns.map((name) => this[name].slice(0, this.#used)),
    }
  }

  /** Takes the place of what was here. */
  load(image: LevelsImage): void {
    this.#used = image.columns[0]!.length
    while (this.#capacity < this.#used) this.#capacity *= 2
    columns.forEach((name, i) => {
      if (this[name].length < this.#capacity) lengthen(this, name, this.#capacity)
      this[name].set(image.columns[i]!)
    })
    image.best.forEach((level, ladder) => this.#lead(ladder, level))
    this.#live = image.live
    this.#free = image.free
    this.#base = image.base
    this.#registerAll()
  }
}

/** Where the window has the level of a ladder at a price, if it has it: wherever the window begins, no two of its prices meet there. */
export const placeOf = (ladder: number, price: number) => (ladder << widthBits) | (price & (width - 1))

/** What a price costs, per lot, an order of side 0 (buy) or 1 (sell): a buyer pays it, a seller is paid it. */
export const costs = (side: number, price: number) => (side === 0 ? price : -price)

/** What a price of a ladder costs whoever trades with it. Sides come at random, so a product is faster than a branch. */
const asked = (ladder: number, price: number) => (2 * (ladder & 1) - 1) * price

/** The levels as typed arrays that can be transferred. */
export interface LevelsImage {
  readonly live: number
  readonly free: number
  readonly base: number
  readonly best: Int32Array
  readonly columns: readonly (Float64Array | Int32Array)[]
}

const columns = [
  'price',
  'quantity',
  'reserve',
  'count',
  'head',
  'tail',
  'better',
  'worse',
  'ladder',
] as const

/** Replaces a typed array of `holder` by a longer one with the same beginning. */
function lengthen<Name extends string>(
  holder: Record<Name, Float64Array | Int32Array>,
  name: Name,
  length: number,
): void {
  const old = holder[name]
  const grown = old instanceof Float64Array ? new Float64Array(length) : new Int32Array(length)
  grown.set(old)
  holder[name] = grown
}
