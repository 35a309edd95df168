import { IndexOfIds } from './index-of-ids.ts'
import type { Orders } from './orders.ts'

/** Who owns the live orders: for each owner his orders in order of entry, and his position where the book was told it. */
export class Owners {
  readonly #orders: Orders
  readonly #index = new IndexOfIds()
  /** Outside number of each owner; owner 0 is nobody in particular. */
  readonly id = [0]
  readonly #first = [0]
  readonly #last = [0]
  /** Lots held, negative when short; NaN where the book was not told. */
  readonly position = [NaN]

  constructor(orders: Orders) {
    this.#orders = orders
  }

  /** The inside number of an owner, new where he was not known. */
  enter(id: number): number {
    if (id === 0) return 0
    const known = this.#index.get(id)
    if (known !== 0) return known
    const owner = this.id.push(id) - 1
    this.#first.push(0)
    this.#last.push(0)
    this.position.push(NaN)
    this.#index.set(id, owner)
    return owner
  }

  /** The inside number of an owner, 0 where he is not known. */
  find(id: number): number {
    return this.#index.get(id)
  }

  /** His oldest live order; `ownerNext` leads on. */
  first(owner: number): number {
    return this.#first[owner]!
  }

  add(owner: number, slot: number): void {
    const { ownerNext, ownerPrev } = this.#orders
    const last = this.#last[owner]!
    ownerNext[slot] = 0
    ownerPrev[slot] = last
    if (last === 0) this.#first[owner] = slot
    else ownerNext[last] = slot
    this.#last[owner] = slot
  }

  remove(owner: number, slot: number): void {
    const { ownerNext, ownerPrev } = this.#orders
    const before = ownerPrev[slot]!
    const after = ownerNext[slot]!
    if (before === 0) this.#first[owner] = after
    else ownerNext[before] = after
    if (after === 0) this.#last[owner] = before
    else ownerPrev[after] = before
  }

  /** How many lots an order of his may trade without opening or turning his position. */
  reducible(owner: number, side: number): number {
    return reducible(this.position[owner]!, side)
  }

  save(): OwnersImage {
    return {
      index: this.#index.save(),
      id: Float64Array.from(this.id),
      first: Int32Array.from(this.#first),
      last: Int32Array.from(this.#last),
      position: Float64Array.from(this.position),
    }
  }

  /** Takes the place of what was here: nobody yet. */
  load(image: OwnersImage): void {
    this.#index.load(image.index)
    for (let owner = 1; owner < image.id.length; owner++) {
      this.id.push(image.id[owner]!)
      this.#first.push(image.first[owner]!)
      this.#last.push(image.last[owner]!)
      this.position.push(image.position[owner]!)
    }
  }
}

/** Lots that an order on `side` may trade before a position is flat; 0 where the position is not known. */
export function reducible(position: number, side: number): number {
  const held = side === 0 ? -position : position
  return held > 0 ? held : 0
}

/** The owners as typed arrays that can be transferred. */
export interface OwnersImage {
  readonly index: { near: Int32Array; far: Float64Array }
  readonly id: Float64Array
  readonly first: Int32Array
  readonly last: Int32Array
  readonly position: Float64Array
}
