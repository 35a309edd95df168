/** How numbers, money, percentages and times are written: the reader's number format, one set of signs, ISO dates. */

import { writing } from './writing.svelte.ts'

const none = '–'
const thin = '\u202f'

const formats = new Map<string, Intl.NumberFormat>()

/** Writes numbers as the given locale does, the browser's own when left out. */
export function useLocale(tag?: string) {
  writing.locale = tag
}

function format(options: Intl.NumberFormatOptions): Intl.NumberFormat {
  const { locale } = writing
  const key = `${locale} ${JSON.stringify(options)}`
  let made = formats.get(key)
  if (!made) formats.set(key, (made = new Intl.NumberFormat(locale, options)))
  return made
}

/** Replaces the hyphen by the minus sign, which is as wide as a plus. */
const signed = (text: string) => text.replace('-', '\u2212')

/** A number with at most `digits` decimals, or exactly so many when `fixed`. NaN is a dash. */
export function number(value: number, digits = 0, fixed = true): string {
  if (Number.isNaN(value)) return none
  if (!Number.isFinite(value)) return value > 0 ? '∞' : '\u2212∞'
  return signed(
    format({
      maximumFractionDigits: digits,
      minimumFractionDigits: fixed ? digits : 0,
      signDisplay: 'negative',
    }).format(value),
  )
}

/** A count with what is counted: `1 row`, `1,200 rows`. */
export const counted = (value: number, one: string, many = `${one}s`): string =>
  `${number(value)} ${value === 1 ? one : many}`

/** A number with its sign in front, zero without. */
export function change(value: number, digits = 2): string {
  if (!Number.isFinite(value)) return number(value)
  return signed(
    format({
      maximumFractionDigits: digits,
      minimumFractionDigits: digits,
      signDisplay: 'exceptZero',
    }).format(value),
  )
}

/** A fraction as a percentage: one decimal, two when it is below one percent. */
export function percent(fraction: number, sign = false, digits?: number): string {
  if (!Number.isFinite(fraction)) return number(fraction)
  const value = fraction * 100
  const decimals = digits ?? (value !== 0 && Math.abs(value) < 1 ? 2 : Math.abs(value) >= 10_000 ? 0 : 1)
  return `${sign ? change(value, decimals) : number(value, decimals)}${thin}%`
}

/** A price with as many decimals as it needs to tell it from its neighbours. */
export function price(value: number): string {
  const size = Math.abs(value)
  return number(value, size >= 1000 || size === 0 ? 2 : size >= 1 ? 2 : size >= 0.01 ? 4 : 8)
}

/** A volume: whole where it is whole, else up to six decimals. */
export function volume(value: number): string {
  return number(value, 6, false)
}

/**
 * Money with its currency; whole units from 1,000 up unless `exact`. A code that is no ISO 4217 currency, such as
 * BTC, follows the number.
 */
export function money(value: number, currency: string, options: { sign?: boolean; exact?: boolean } = {}) {
  if (!Number.isFinite(value)) return number(value)
  const digits = !options.exact && Math.abs(value) >= 1000 ? 0 : 2
  const common: Intl.NumberFormatOptions = {
    maximumFractionDigits: digits,
    minimumFractionDigits: digits,
    signDisplay: options.sign ? 'exceptZero' : 'negative',
  }
  try {
    return signed(
      format({ ...common, style: 'currency', currency, currencyDisplay: 'narrowSymbol' }).format(value),
    )
  } catch {
    return `${signed(format(common).format(value))}${thin}${currency}`
  }
}

/** A span of time in words: `4 ms`, `1.2 s`, `3 min`. */
export function span(milliseconds: number): string {
  if (!Number.isFinite(milliseconds)) return none
  if (milliseconds < 10) return `${number(milliseconds, 1)} ms`
  if (milliseconds < 1000) return `${number(milliseconds)} ms`
  if (milliseconds < 60_000) return `${number(milliseconds / 1000, 1)} s`
  return `${number(milliseconds / 60_000, 1)} min`
}

/** A large count, shortened: `12,408`, `1.2 M`. */
export function count(value: number): string {
  return Math.abs(value) >= 1_000_000 ? `${number(value / 1_000_000, 1)} M` : number(value)
}

/** Writes the engine's microseconds as people of one zone read them. */
export interface Clock {
  readonly zone: string
  /** Whether the times are dates, which no zone moves. */
  readonly dates: boolean
  /** Date, and time of day unless the data is daily. */
  at(microseconds: number): string
  /** Date only. */
  day(microseconds: number): string
}

const dayLength = 86_400_000_000

/** The zone that times of an exchange are told in: its own, unless the reader has chosen another. */
export function zoneShown(exchange: string): string {
  if (writing.zone === 'utc') return 'UTC'
  return writing.zone === 'local' ? Intl.DateTimeFormat().resolvedOptions().timeZone : exchange
}

/** Swedish writes ISO 8601 dates. */
const dateLocale = () => (writing.dates === 'iso' ? 'sv-SE' : writing.locale)

/** A day of the reader's own calendar; milliseconds since 1970 UTC. */
export const writtenDay = (milliseconds: number) =>
  new Date(milliseconds).toLocaleDateString(dateLocale(), { dateStyle: 'short' })

/** A moment of an exchange with the zone that it is told in; microseconds UTC. */
export function writtenMoment(microseconds: number, exchange: string): string {
  const { at, zone } = clock([1], exchange)
  return `${at(microseconds)}, ${zone.replaceAll('_', ' ')}`
}

/**
 * Clock for bars at the given times, in the zone that the reader has chosen for times of the given one; `as-given` keeps
 * to the given one. Bars that all stand at midnight UTC carry dates, not moments: they are written as those dates
 * whatever the zone.
 */
export function clock(times: ArrayLike<number>, given: string, choice?: 'as-given'): Clock {
  const zone = choice ? given : zoneShown(given)
  let dates = times.length > 0
  for (let i = 0; i < times.length && dates; i += Math.max(1, Math.floor(times.length / 200)))
    dates = times[i]! % dayLength === 0
  const timeZone = dates ? 'UTC' : zone
  const day = new Intl.DateTimeFormat(dateLocale(), { timeZone, dateStyle: 'short' })
  const moment = new Intl.DateTimeFormat(dateLocale(), { timeZone, dateStyle: 'short', timeStyle: 'medium' })
  const write = (formatter: Intl.DateTimeFormat) => (microseconds: number) =>
    Number.isFinite(microseconds) ? formatter.format(microseconds / 1000) : none
  return { zone, dates, day: write(day), at: write(dates ? day : moment) }
}
