import { NumberTable } from './number-table.ts'

/** Half the span of prices, in ticks: prices lie strictly between minus and plus this. */
export const priceBound = 2 ** 39

const depth = 8 // eight digits of five bits span 2^40 prices

/**
 * A sorted map from price to level for prices anywhere. It is a tree of 32-bit masks, one digit of the price per
 * step, so every operation takes at most eight steps each way, however many prices there are and however far apart.
 */
export class FarPrices {
  readonly #levels = new NumberTable()
  /** The mask below a node, by the digits above it and, in the last three bits, their place. */
  readonly #masks = new NumberTable()

  get size(): number {
    return this.#levels.size
  }

  get(price: number): number {
    return this.#levels.get(price + priceBound)
  }

  set(price: number, level: number): void {
    let value = price + priceBound
    this.#levels.set(value, level)
    for (let digit = 0; digit < depth; digit++) {
      const parent = Math.floor(value / 32)
      const node = parent * depth + digit
      const mask = this.#masks.get(node)
      this.#masks.set(node, mask | (1 << (value - parent * 32)))
      if (mask !== 0) return
      value = parent
    }
  }

  delete(price: number): void {
    let value = price + priceBound
    this.#levels.delete(value)
    for (let digit = 0; digit < depth; digit++) {
      const parent = Math.floor(value / 32)
      const node = parent * depth + digit
      const mask = this.#masks.get(node) & ~(1 << (value - parent * 32))
      if (mask !== 0) return this.#masks.set(node, mask)
      this.#masks.delete(node)
      value = parent
    }
  }

  clear(): void {
    this.#levels.clear()
    this.#masks.clear()
  }

  /** The level at the nearest price above (or below) the given one, 0 where there is none. */
  nearest(price: number, above: boolean): number {
    let value = price + priceBound
    for (let digit = 0; digit < depth; digit++) {
      const parent = Math.floor(value / 32)
      const bit = value - parent * 32
      const beyond = above ? (bit === 31 ? 0 : -1 << (bit + 1)) : (1 << bit) - 1
      const mask = this.#masks.get(parent * depth + digit) & beyond
      if (mask !== 0) {
        let found = parent * 32 + end(mask, above)
        for (let down = digit - 1; down >= 0; down--)
          found = found * 32 + end(this.#masks.get(found * depth + down), above)
        return this.#levels.get(found)
      }
      value = parent
    }
    return 0
  }
}

/** Lowest (or highest) bit that is set. */
const end = (mask: number, lowest: boolean) => 31 - Math.clz32(lowest ? mask & -mask : mask)
