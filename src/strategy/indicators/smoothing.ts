/**
 * Exponential smoothing: each number moves the level by `weight` of its distance. The first level is the mean of
 * the first `period` numbers. NaN in gives NaN out and leaves the level as it was.
 */
export class Smoothing {
  readonly #period: number
  readonly #weight: number
  #count = 0
  #level = 0

  constructor(period: number, weight: number) {
    this.#period = period
    this.#weight = weight
  }

  add(number: number): number {
    if (number !== number) return number
    if (this.#count === this.#period) return (this.#level += this.#weight * (number - this.#level))
    this.#level += number
    if (++this.#count < this.#period) return NaN
    return (this.#level /= this.#period)
  }
}

/** The smoothing of an exponential moving average: weight 2 / (period + 1). */
export function exponential(period: number): Smoothing {
  return new Smoothing(period, 2 / (period + 1))
}

/** Wilder's smoothing: weight 1 / period. */
export function wilder(period: number): Smoothing {
  return new Smoothing(period, 1 / period)
}

/** The smoothing of an exponential moving average that begins with the first number it is given. */
export function following(period: number): Smoothing {
  return new Smoothing(1, 2 / (period + 1))
}
