/** Converts decimals to whole steps (ticks, lots) and back, exactly: a step is kept as a fraction, never multiplied as a binary decimal. */
export class Steps {
  /** Size of a step, as given. */
  readonly size: number
  readonly #over: number
  readonly #under: number

  /**
   * @param size a decimal above zero, such as 0.01, 0.25 or 5
   * @throws RangeError when it is not above zero or too fine to be exact
   */
  constructor(size: number) {
    this.size = size
    let under = 1
    while (under < 1e15 && !nearWhole(size * under)) under *= 10
    const over = Math.round(size * under)
    if (!(size > 0 && size < Infinity) || over / under !== size)
      throw new RangeError(`The step is ${size}; expected a decimal above zero with at most 15 places`)
    const common = divisor(over, under)
    this.#over = over / common
    this.#under = under / common
  }

  /** How many steps a decimal is; NaN when it lies between steps or is no finite number. */
  count(value: number): number {
    const steps = Math.round((value * this.#under) / this.#over)
    return this.value(steps) === value ? steps : NaN
  }

  /** The decimal that so many steps are, correctly rounded. */
  value(steps: number): number {
    return (steps * this.#over) / this.#under
  }
}

/** A price as text for people: seven digits, which no price of a market needs more of. */
export const roughly = (value: number): string => String(Number(value.toPrecision(7)))

/**
 * What rounding may have made of a volume, in either direction: a hair's breadth, so that the last bits decide nothing, and
 * never as much as a lot, so that no limit lets a lot more than itself pass.
 */
export const hairOf = (volume: number, lotSize: number): number =>
  Math.min(volume * 1e-9, Math.max(lotSize * 1e-6, volume * 8e-15))

const nearWhole = (value: number) => value >= 0.5 && Math.abs(value - Math.round(value)) < 1e-9 * value

function divisor(a: number, b: number): number {
  while (b !== 0) [a, b] = [b, a % b]
  return a
}
