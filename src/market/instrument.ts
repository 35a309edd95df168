import { show } from './show.ts'
import { InstrumentType } from './vocabulary.ts'

/** The lot of an instrument that has no rule of its own: volumes are kept to 8 decimals. */
export const finestLot = 1e-8

/** The currency of an instrument that names none. */
export const usualCurrency = 'USD'

/** What is known of an instrument; only the name is required. */
export interface InstrumentSpec {
  readonly name: string
  readonly type?: InstrumentType
  readonly exchange?: string
  /** Currency that its prices are in, and what its trades cost: ISO 4217 code, or the symbol of a crypto asset. */
  readonly currency?: string
  /** Smallest price step; 0 where any price is allowed. */
  readonly tickSize?: number
  /** Smallest volume step. */
  readonly lotSize?: number
  /** Money that one unit of price is worth for one unit of volume; 1 for shares. */
  readonly multiplier?: number
  /** IANA name of the zone its sessions are told in. */
  readonly timeZone?: string
}

/** Something that trades. Within a run there is one object per instrument, so `===` compares. */
export class Instrument {
  /** Its symbol, such as `AAPL`; unlike any other of the run. */
  readonly name: string
  /** What kind of thing it is; a share where nobody said otherwise. */
  readonly type: InstrumentType
  /** Tag of the exchange that it trades on, `historical` for bars. */
  readonly exchange: string
  /** What its prices and fees are in; profits and values of positions are told in the account's currency. */
  readonly currency: string
  /** Smallest step of its price; 0 where any price is allowed. */
  readonly tickSize: number
  /** Smallest step of a volume. */
  readonly lotSize: number
  /** Money that one unit of price is worth for one unit of volume; 1 for shares. */
  readonly multiplier: number
  /** IANA name of the zone that its sessions are told in, such as `America/New_York`. */
  readonly timeZone: string

  /** @throws TypeError or RangeError naming what of an instrument it cannot be */
  constructor(spec: InstrumentSpec) {
    checkSpec(spec)
    this.name = spec.name
    this.type = spec.type ?? InstrumentType.EQUITY
    this.exchange = spec.exchange ?? 'historical'
    this.currency = spec.currency ?? usualCurrency
    this.tickSize = spec.tickSize ?? 0
    this.lotSize = spec.lotSize ?? finestLot
    this.multiplier = spec.multiplier ?? 1
    this.timeZone = spec.timeZone ?? 'UTC'
    Object.freeze(this)
  }

  /**
   * The largest volume of whole lots that is not above `volume`; 0 when there is none, as for NaN.
   *
   * @example
   * const volume = bar.instrument.roundDown(1000 / bar.close)
   */
  roundDown(volume: number): number {
    if (typeof volume !== 'number')
      throw new TypeError(`roundDown: the volume is ${show(volume)}; expected a number`)
    const perUnit = lotsPerUnit(this.lotSize)
    // A volume that is a whole number of lots but for rounding keeps all of them.
    const lots = Math.floor(volume * perUnit * (1 + 1e-12))
    return lots > 0 ? lots / perUnit : 0
  }

  toString(): string {
    return this.name
  }
}

function checkSpec(spec: InstrumentSpec): void {
  if (typeof spec !== 'object' || spec === null)
    throw new TypeError(`Instrument is made from ${show(spec)}; expected some such as { name: 'AAPL' }`)
  if (typeof spec.name !== 'string')
    throw new TypeError(`Instrument name is ${show(spec.name)}; expected a text such as 'AAPL'`)
  for (const name of ['type', 'exchange', 'currency', 'timeZone'] as const)
    if (spec[name] !== undefined && typeof spec[name] !== 'string')
      throw new TypeError(`Instrument ${name} is ${show(spec[name])}; expected a text, or none`)
  for (const name of ['tickSize', 'lotSize', 'multiplier'] as const) {
    const value: unknown = spec[name]
    if (value === undefined || (typeof value === 'number' && value >= 0 && value < Infinity)) continue
    throw new RangeError(`Instrument ${name} is ${show(value)}; expected a finite number of at least 0`)
  }
}

/** How many lots make one unit: an exact whole number for lots such as 0.01, so that `lots / lotsPerUnit` is correctly rounded. */
export function lotsPerUnit(lotSize: number): number {
  const perUnit = 1 / lotSize
  const whole = Math.round(perUnit)
  return whole > 0 && Math.abs(perUnit - whole) < 1e-9 * whole ? whole : perUnit
}
