/*
 * The moving windows that indicators are made of. Each takes one number at a time and gives its figure over the
 * newest `size` of them: NaN until there are that many. NaN in gives NaN out and leaves the window as it was, so
 * one can feed another without asking whether it is warm. Nothing is allocated after construction.
 *
 * Running sums are added up afresh each time the ring comes round: rounding cannot build up over a long run, and
 * the cost stays one addition per number.
 */

/** Sum of the newest `size` numbers. Exact where the numbers are multiples of a power of two, such as 1/64. */
export class MovingSum {
  readonly #values: Float64Array
  #slot = 0
  #sum = 0
  #full = false

  constructor(size: number) {
    this.#values = new Float64Array(size)
  }

  add(number: number): number {
    if (number !== number) return NaN
    const values = this.#values
    const slot = this.#slot
    this.#sum += number - values[slot]!
    values[slot] = number
    if (slot + 1 === values.length) this.#comeRound()
    else this.#slot = slot + 1
    return this.#full ? this.#sum : NaN
  }

  #comeRound(): void {
    this.#slot = 0
    this.#full = true
    let sum = 0
    for (const value of this.#values) sum += value
    this.#sum = sum
  }
}

/** The number given `size` numbers ago: 1 is the one before. */
export class Delay {
  readonly #values: Float64Array
  #slot = 0

  constructor(size: number) {
    this.#values = new Float64Array(size).fill(NaN)
  }

  add(number: number): number {
    if (number !== number) return NaN
    const values = this.#values
    const slot = this.#slot
    const delayed = values[slot]!
    values[slot] = number
    this.#slot = slot + 1 === values.length ? 0 : slot + 1
    return delayed
  }
}

/** Mean and population variance of the newest `size` numbers. `add` gives the mean. */
export class MovingVariance {
  readonly #values: Float64Array
  #slot = 0
  #full = false
  #sum = 0
  // Sums of distances from a number out of the window: small beside the prices, so that squares do not cancel.
  #origin = 0
  #distance = 0
  #square = 0
  #newest = NaN
  #repeats = 0

  constructor(size: number) {
    this.#values = new Float64Array(size)
  }

  add(number: number): number {
    if (number !== number) return NaN
    const values = this.#values
    const slot = this.#slot
    const oldest = values[slot]!
    this.#repeats = number === this.#newest ? this.#repeats + 1 : 1
    this.#newest = number
    this.#sum += number - oldest
    values[slot] = number
    if (slot + 1 === values.length) this.#comeRound(number)
    else {
      this.#slot = slot + 1
      if (this.#full) {
        const gone = oldest - this.#origin
        const come = number - this.#origin
        this.#distance += come - gone
        this.#square += come * come - gone * gone
      }
    }
    return this.mean
  }

  get mean(): number {
    return this.#full ? this.#sum / this.#values.length : NaN
  }

  /** Mean square distance from the mean; exactly 0 when all numbers are equal. */
  get variance(): number {
    if (!this.#full) return NaN
    const size = this.#values.length
    if (this.#repeats >= size) return 0
    return Math.max(0, (this.#square - (this.#distance * this.#distance) / size) / size)
  }

  #comeRound(origin: number): void {
    this.#slot = 0
    this.#full = true
    this.#origin = origin
    let sum = 0
    let distance = 0
    let square = 0
    for (const value of this.#values) {
      const away = value - origin
      sum += value
      distance += away
      square += away * away
    }
    this.#sum = sum
    this.#distance = distance
    this.#square = square
  }
}
