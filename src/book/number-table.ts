/** Stands where no key is. */
const empty = -1

/**
 * A table from whole numbers from 0 up (to 2^53) to 32-bit words other than 0; 0 stands for what is not in it. Nothing is allocated but
 * when it grows: keys and words stand in two arrays, each at or after the place that its key's hash gives (linear probing),
 * at most half of the places taken.
 */
export class NumberTable {
  #keys = new Float64Array(64).fill(empty)
  #words = new Int32Array(64)
  #size = 0

  get size(): number {
    return this.#size
  }

  get(key: number): number {
    const keys = this.#keys
    const last = keys.length - 1
    for (let at = hash(key) & last; ; at = (at + 1) & last) {
      const found = keys[at]!
      if (found === empty) return 0
      if (found === key) return this.#words[at]!
    }
  }

  set(key: number, word: number): void {
    const keys = this.#keys
    const last = keys.length - 1
    let at = hash(key) & last
    while (keys[at] !== empty && keys[at] !== key) at = (at + 1) & last
    this.#words[at] = word
    if (keys[at] === key) return
    keys[at] = key
    this.#size++
    if (this.#size * 2 > keys.length) this.#grow()
  }

  delete(key: number): void {
    const keys = this.#keys
    const last = keys.length - 1
    let gap = hash(key) & last
    while (keys[gap] !== key) {
      if (keys[gap] === empty) return
      gap = (gap + 1) & last
    }
    this.#size--
    // What follows without a gap moves up, unless it stands where it belongs.
    for (let at = (gap + 1) & last; keys[at] !== empty; at = (at + 1) & last) {
      const home = hash(keys[at]!) & last
      if (((at - home) & last) < ((at - gap) & last)) continue
      keys[gap] = keys[at]!
      this.#words[gap] = this.#words[at]!
      gap = at
    }
    keys[gap] = empty
  }

  clear(): void {
    if (this.#size !== 0) this.#keys.fill(empty)
    this.#size = 0
  }

  /** Its keys and words in pairs. */
  save(): Float64Array {
    const pairs = new Float64Array(2 * this.#size)
    let count = 0
    this.#keys.forEach((key, at) => {
      if (key === empty) return
      pairs[count++] = key
      pairs[count++] = this.#words[at]!
    })
    return pairs
  }

  #grow(): void {
    const [keys, words] = [this.#keys, this.#words]
    this.#keys = new Float64Array(keys.length * 2).fill(empty)
    this.#words = new Int32Array(keys.length * 2)
    this.#size = 0
    keys.forEach((key, at) => {
      if (key !== empty) this.set(key, words[at]!)
    })
  }
}

/** Spreads a number over 32 bits: by the golden ratio (Knuth, TAOCP 3, 6.4), its upper half first. */
function hash(key: number): number {
  const upper = Math.floor(key / 4294967296) | 0
  const mixed = Math.imul(key | 0, 0x9e3779b1) ^ Math.imul(upper, 0x85ebca6b)
  return mixed ^ (mixed >>> 15)
}
