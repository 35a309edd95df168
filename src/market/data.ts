import type { Instrument } from './instrument.ts'

/**
 * What a data set has of a bar beside its prices and its volume, such as an adjusted close: one number by name. It is
 * told before the bar is.
 */
export class Data {
  readonly #instrument: Instrument
  readonly #time: number
  readonly #columns: Readonly<Record<string, Float64Array>>
  readonly #row: number

  constructor(
    instrument: Instrument,
    time: number,
    columns: Readonly<Record<string, Float64Array>>,
    row: number,
  ) {
    this.#instrument = instrument
    this.#time = time
    this.#columns = columns
    this.#row = row
  }

  /** Whose bar it belongs to. */
  get instrument(): Instrument {
    return this.#instrument
  }
  /** The tag of the instrument's exchange. */
  get exchange(): string {
    return this.#instrument.exchange
  }
  /** That of the bar, milliseconds since 1970 UTC. */
  get time(): number {
    return this.#time / 1000
  }
  /** Names of the columns, in the order of the data set. */
  get names(): readonly string[] {
    return Object.keys(this.#columns)
  }

  /**
   * The number in a column; NaN where the data set has none.
   *
   * @example
   * const adjusted = data.value('adjusted close')
   */
  value(name: string): number {
    if (typeof name !== 'string')
      throw new TypeError(
        `value: the name is of type ${typeof name}; expected a text, one of ${this.names.join(', ')}`,
      )
    return Object.hasOwn(this.#columns, name) ? this.#columns[name]![this.#row]! : NaN
  }

  toJSON() {
    const { instrument, time, names } = this
    return {
      instrument: instrument.name,
      time,
      ...Object.fromEntries(names.map((name) => [name, this.value(name)])),
    }
  }
  toString(): string {
    return `Data ${this.#instrument.name} ${new Date(this.time).toISOString()} ${this.names.map((name) => `${name} ${this.value(name)}`).join(' ')}`
  }
}
