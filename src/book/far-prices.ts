/** Half the span of prices, in ticks: prices lie strictly between minus and plus this. */
export const priceBound = 2 ** 39

const depth = 8 // eight digits of five bits span 2^40 prices
const scale = Array.from({ length: depth + 1 }, (_, digit) => 32 ** digit)

/**
 * A sorted map from price to level for prices anywhere. It is a tree of 32-bit masks, one digit of the price per
 * step, so every operation takes at most eight steps each way, however many prices there are and however far apart.
 */
export class FarPrices {
  readonly #levels = new Map<number, number>()
  readonly #masks = Array.from({ length: depth }, () => new Map<number, number>())

  get size(): number {
    return this.#levels.size
  }

  get(price: number): number {
    return this.#levels.get(price) ?? 0
  }

  set(price: number, level: number): void {
    this.#levels.set(price, level)
    let value = price + priceBound
    for (const masks of this.#masks) {
      const parent = Math.floor(value / 32)
      const mask = masks.get(parent)
      masks.set(parent, (mask ?? 0) | (1 << (value % 32)))
      if (mask !== undefined) return
      value = parent
    }
  }

  delete(price: number): void {
    this.#levels.delete(price)
    let value = price + priceBound
    for (const masks of this.#masks) {
      const parent = Math.floor(value / 32)
      const mask = masks.get(parent)! & ~(1 << (value % 32))
      if (mask !== 0) {
        masks.set(parent, mask)
        return
      }
      masks.delete(parent)
      value = parent
    }
  }

  /** The level at the nearest price above (or below) the given one, 0 where there is none. */
  nearest(price: number, above: boolean): number {
    const value = price + priceBound
    for (let digit = 0; digit < depth; digit++) {
      const at = Math.floor(value / scale[digit]!)
      const parent = Math.floor(at / 32)
      const bit = at % 32
      const beyond = above ? (bit === 31 ? 0 : -1 << (bit + 1)) : (1 << bit) - 1
      const mask = (this.#masks[digit]!.get(parent) ?? 0) & beyond
      if (mask === 0) continue
      let found = parent * 32 + end(mask, above)
      for (let down = digit - 1; down >= 0; down--)
        found = found * 32 + end(this.#masks[down]!.get(found)!, above)
      return this.#levels.get(found - priceBound)!
    }
    return 0
  }
}

/** Lowest (or highest) bit that is set. */
const end = (mask: number, lowest: boolean) => 31 - Math.clz32(lowest ? mask & -mask : mask)
