import * as v from 'valibot'
import type { Overrides } from '#data'
import { type InstrumentSpec, InstrumentType, ZoneClock } from '#market'
import { byName, fields, listOf, oneOf, type Schema, text, whole, within } from './untrusted.ts'

/** What is said of an instrument that a file of prices does not tell. */
export interface FileInstrument {
  /** Its name in the file; where there is one on each side, what it is to be called. */
  readonly name: string
  readonly type?: InstrumentType
  readonly exchange?: string
  readonly currency?: string
  /** Smallest price step; 0 where any price is allowed. */
  readonly tick?: number
  /** Smallest volume. */
  readonly lot?: number
  readonly multiplier?: number
  /** Zone of its days and hours. */
  readonly zone?: string
}

/** How a file is to be read where it is not read rightly by itself, in the words of a configuration. */
export interface FileReading {
  readonly symbol?: string
  readonly zone?: string
  readonly dateOrder?: 'dmy' | 'mdy' | 'ymd'
  readonly epochUnit?: 's' | 'ms' | 'us' | 'ns'
  readonly decimal?: 'point' | 'comma'
  readonly thousands?: NonNullable<Overrides['thousands']>
  readonly delimiter?: string
  readonly headerRows?: number
  readonly preamble?: number
  /** Roles by the numbers of columns, from 0. */
  readonly columns?: Readonly<Record<string, Role>>
  readonly scale?: number
  readonly stamped?: 'open' | 'close'
}

type Role = NonNullable<Overrides['columns']>[number]
type EveryField<Type> = { readonly [Name in keyof Type]-?: Schema<Type[Name]> }

const word = text(60, { least: 1, pattern: /^[^\p{C}\p{Zl}\p{Zp}]+$/u, words: 'without control characters' })
const zoneWords = 'a time zone such as America/New_York'
const isZone = (name: string) => {
  try {
    return new ZoneClock('', name).zone === name
  } catch {
    return false
  }
}
const zoneText = text(60, { least: 1, pattern: /^[\w+:/-]+$/, words: zoneWords })
/** The name of a time zone. */
export const zoneName = v.pipe(zoneText, v.check(isZone, zoneWords))
/** Zone of the times in a file, which may be so many hours from UTC as well. */
export const fileZone = v.pipe(
  zoneText,
  v.check((name) => isZone(name) || /^[+-]\d/.test(name), zoneWords),
)
const sizes = within(1e-12, 1e12)

/** What is said of the instruments of a file; the bounds are those of the page's own. */
export const fileInstruments: Schema<readonly FileInstrument[]> = listOf(
  fields({
    name: word,
    type: v.optional(oneOf(Object.values(InstrumentType))),
    exchange: v.optional(word),
    currency: v.optional(word),
    tick: v.optional(within(0, 1e12)),
    lot: v.optional(sizes),
    multiplier: v.optional(sizes),
    zone: v.optional(zoneName),
  } satisfies EveryField<FileInstrument>),
  1000,
  1,
)

const roles = [
  ...['time', 'date', 'clock', 'open', 'high', 'low', 'close'],
  ...['adjustedClose', 'volume', 'symbol', 'period', 'ignored'],
] as readonly Role[]

/** The fields that only configurations which the page has written need as a rule. */
export const furtherReading = {
  thousands: v.optional(oneOf(['', ',', '.', ' ', "'"])),
  preamble: v.optional(whole(0, 1000)),
  columns: v.optional(
    byName(
      text(4, { least: 1, pattern: /^\d+$/, words: 'the number of a column, from 0' }),
      oneOf(roles),
      1000,
    ),
  ),
  stamped: v.optional(oneOf(['open', 'close'])),
} satisfies EveryField<Pick<FileReading, 'thousands' | 'preamble' | 'columns' | 'stamped'>>

/** What an instrument is, as a run takes it. */
export function specOf({ tick, lot, zone, ...spec }: FileInstrument): InstrumentSpec {
  return {
    ...spec,
    ...(tick === undefined ? {} : { tickSize: tick }),
    ...(lot === undefined ? {} : { lotSize: lot }),
    ...(zone === undefined ? {} : { timeZone: zone }),
  }
}

/** An instrument in the words of a configuration. */
export function fileInstrumentOf({ tickSize, lotSize, timeZone, ...spec }: InstrumentSpec): FileInstrument {
  return {
    ...spec,
    ...(tickSize === undefined ? {} : { tick: tickSize }),
    ...(lotSize === undefined ? {} : { lot: lotSize }),
    ...(timeZone === undefined ? {} : { zone: timeZone }),
  }
}

/** How a file is read, from the words of a configuration. */
export function overridesOf({ decimal, columns, ...reading }: FileReading): Overrides {
  return {
    ...reading,
    ...(decimal === undefined ? {} : { decimal: decimal === 'comma' ? ',' : '.' }),
    ...(columns === undefined ? {} : { columns }),
  }
}

/** The words of a configuration for how a file is read; whether rows are bars or trades is shown by what is made of them. */
export function readingOf({ decimal, columns, rows: _, ...reading }: Overrides): FileReading {
  return {
    ...reading,
    ...(decimal === undefined ? {} : { decimal: decimal === ',' ? 'comma' : 'point' }),
    ...(columns === undefined ? {} : { columns }),
  }
}
