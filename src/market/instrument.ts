import { InstrumentType } from './vocabulary.ts'

/** What is known of an instrument; only the name is required. */
export interface InstrumentSpec {
  readonly name: string
  readonly type?: InstrumentType
  readonly exchange?: string
  /** ISO 4217 code, or the symbol of a crypto asset. */
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
  readonly name: string
  readonly type: InstrumentType
  readonly exchange: string
  readonly currency: string
  readonly tickSize: number
  readonly lotSize: number
  readonly multiplier: number
  readonly timeZone: string

  constructor(spec: InstrumentSpec) {
    this.name = spec.name
    this.type = spec.type ?? InstrumentType.EQUITY
    this.exchange = spec.exchange ?? 'historical'
    this.currency = spec.currency ?? 'USD'
    this.tickSize = spec.tickSize ?? 0
    this.lotSize = spec.lotSize ?? 1e-8
    this.multiplier = spec.multiplier ?? 1
    this.timeZone = spec.timeZone ?? 'UTC'
    Object.freeze(this)
  }

  toString(): string {
    return this.name
  }
}
