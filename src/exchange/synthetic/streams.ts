import { log, power, random } from '#market'

const cells = 4096
/** What is left of 32 random bits for the place within a cell. */
const fraction = 2 ** -20

/** -ln(1 - i / 4096). */
const exponentials = Float64Array.from({ length: cells }, (_, i) => -log(1 - i / cells))

/**
 * A Pareto distribution from 1 up: P(X > x) = x^-exponent. `scales[i]` is its quantile at i / 4096; beyond the last one it is
 * the same distribution again, so the tail is exact as far as it goes.
 */
export class Pareto {
  readonly quantiles: Float64Array
  constructor(exponent: number) {
    this.quantiles = Float64Array.from({ length: cells }, (_, i) => power(1 - i / cells, -1 / exponent))
    Object.freeze(this)
  }
}

/**
 * Independent streams of random numbers, one for each agent and one for each instrument's value, so that what one of
 * them draws never alters what another will: two forks that differ in one order still share all other chance. Each is
 * the generator sfc32 of `#market`, its state kept in an array.
 */
export class Streams {
  readonly state: Int32Array

  constructor(count: number, seed: number) {
    const source = random(seed)
    this.state = new Int32Array(4 * count)
    for (let stream = 0; stream < count; stream++) {
      for (let i = 0; i < 3; i++) this.state[4 * stream + i] = source.integer()
      this.state[4 * stream + 3] = 1
      for (let i = 0; i < 12; i++) this.integer(stream)
    }
  }

  /** A whole number from 0 to 2^32 - 1. */
  integer(stream: number): number {
    const { state } = this
    const at = stream << 2
    const b = state[at + 1]
    const c = state[at + 2]
    const counter = state[at + 3]
    const sum = (((state[at] + b) | 0) + counter) | 0
    state[at + 3] = counter + 1
    state[at] = b ^ (b >>> 9)
    state[at + 1] = c + (c << 3)
    state[at + 2] = ((c << 21) | (c >>> 11)) + sum
    return sum >>> 0
  }

  /** From 0 up to, not including, 1. */
  uniform(stream: number): number {
    return this.integer(stream) * 2 ** -32
  }

  /** Exponential with mean 1. */
  exponential(stream: number): number {
    for (let beyond = 0; ; beyond += exponentials[cells - 1]) {
      const drawn = this.integer(stream)
      const cell = drawn >>> 20
      if (cell === cells - 1) continue
      const from = exponentials[cell]
      return beyond + from + (exponentials[cell + 1] - from) * (drawn & 0xfffff) * fraction
    }
  }

  pareto(stream: number, { quantiles }: Pareto): number {
    for (let scale = 1; ; scale *= quantiles[cells - 1]) {
      const drawn = this.integer(stream)
      const cell = drawn >>> 20
      if (cell === cells - 1) continue
      const from = quantiles[cell]
      return scale * (from + (quantiles[cell + 1] - from) * (drawn & 0xfffff) * fraction)
    }
  }

  /** Standard normal, by G. Marsaglia's polar method. */
  normal(stream: number): number {
    for (;;) {
      const x = 2 * this.uniform(stream) - 1
      const y = 2 * this.uniform(stream) - 1
      const s = x * x + y * y
      if (s > 0 && s < 1) return x * Math.sqrt((-2 * log(s)) / s)
    }
  }
}
