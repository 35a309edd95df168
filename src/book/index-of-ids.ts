import { NumberTable } from './number-table.ts'

/** The slot noted for the id of an order that has ended. */
export const finished = -1

/** Numbers below this are looked up in an array, those above in a table. */
const direct = 1 << 24

/**
 * Finds a slot by an outside number. Small numbers cost one array read; the array grows with the largest seen.
 * 0 stands for a number never seen.
 */
export class IndexOfIds {
  /** The slots of small numbers, 0 where one was never seen; as long as a power of two. */
  near = new Int32Array(1024)
  readonly #far = new NumberTable()

  /** The slot of a number; 0 for one never seen, and for what is no whole number. */
  get(id: number): number {
    const near = this.near
    // `| 0` here and at other calls: the compiler then takes both for words and boxes neither.
    return id >>> 0 === id && id < near.length ? near[id]! : this.#far.get(id) | 0
  }

  /** Whether a number is known at a glance to be whole and never seen. False may mean that a closer look is needed. */
  isFree(id: number): boolean {
    const near = this.near
    return id >>> 0 === id && id < near.length && near[id] === 0
  }

  /** Notes a slot for a whole number from 0 up. */
  set(id: number, slot: number): void {
    if (id < this.near.length) this.near[id] = slot
    else this.#setBeyond(id, slot)
  }

  #setBeyond(id: number, slot: number): void {
    if (id < direct) {
      const grown = new Int32Array(
        Math.min(direct, Math.max(2 << (31 - Math.clz32(id)), this.near.length * 4)),
      )
      grown.set(this.near)
      this.near = grown
      this.near[id] = slot
    } else this.#far.set(id, slot)
  }

  /** Its contents as typed arrays: the near slots, and the far numbers and slots in pairs. */
  save(): { near: Int32Array; far: Float64Array } {
    return { near: this.near.slice(), far: this.#far.save() }
  }

  /** Takes the place of what was here. */
  load(saved: { near: Int32Array; far: Float64Array }): void {
    this.near = saved.near.slice()
    for (let i = 0; i < saved.far.length; i += 2) this.#far.set(saved.far[i]!, saved.far[i + 1]!)
  }
}
