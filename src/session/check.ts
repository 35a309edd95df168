/** Something arrived from a run's worker that our engine does not send. */
export class Refused extends Error {
  override readonly name = 'Refused'

  constructor(expected: string, found: unknown) {
    super(`The strategy's worker sent what no run sends: expected ${expected}, found ${show(found)}.`)
  }
}

/** Fields of a parsed JSON object, of which nothing is known. */
export type Fields = Readonly<Record<string, unknown>>

export function check(condition: boolean, expected: string, found: unknown): asserts condition {
  if (!condition) throw new Refused(expected, found)
}

export function isRecord(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** An own field: what a prototype offers is not part of a message. */
export function field(fields: Fields, name: string): unknown {
  return Object.hasOwn(fields, name) ? fields[name] : undefined
}

export function finite(fields: Fields, name: string): number {
  const value = field(fields, name)
  check(typeof value === 'number' && Number.isFinite(value), `a finite ${name}`, value)
  return value
}

/** A whole number from 0 to `most`. */
export function whole(fields: Fields, name: string, most: number): number {
  const value = field(fields, name)
  check(
    typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 && value <= most,
    `${name} from 0 to ${most}`,
    value,
  )
  return value
}

export function text(fields: Fields, name: string, longest: number): string {
  const value = field(fields, name)
  check(typeof value === 'string' && value.length <= longest, `${name} of up to ${longest} characters`, value)
  return value
}

/** A short text that is not empty and, where choices are given, is one of them. */
export function named(fields: Fields, name: string, choices?: readonly string[]): string {
  const value = text(fields, name, 200)
  check(value !== '' && (choices?.includes(value) ?? true), choices?.join(' or ') ?? `a ${name}`, value)
  return value
}

export function list(fields: Fields, name: string, longest: number): readonly unknown[] {
  const value = field(fields, name)
  check(Array.isArray(value) && value.length <= longest, `a list of up to ${longest} ${name}`, value)
  return value
}

/** One of a packet's columns, of the exact kind, at most `longest` long. */
export function column<Kind extends { readonly length: number }>(
  columns: readonly unknown[],
  index: number,
  kind: new (length: number) => Kind,
  longest: number,
): Kind {
  const value = columns[index]
  check(value instanceof kind && value.length <= longest, `column ${index} of up to ${longest} values`, value)
  return value
}

export function short(name: string): string {
  check(name.length <= 200, 'a short name', name)
  return name
}

export type Column = Float64Array | Int32Array | Int8Array | Uint8Array

/** A number that travels as `null` where it is NaN. */
export function orNaN(fields: Fields, name: string): number {
  return field(fields, name) === null ? NaN : finite(fields, name)
}

/** The furthest from 1970 that a calendar goes, as JavaScript has it; microseconds. */
const furthest = 8.64e18

/** A time in microseconds that a calendar can tell, or NaN, which travels as `null`. */
export function moment(fields: Fields, name: string): number {
  const time = orNaN(fields, name)
  check(!(Math.abs(time) > furthest), `a ${name} that a calendar has`, time)
  return time
}

/** Throws where a value is no time in microseconds that a calendar can tell. */
export function allMoments(what: string, times: Float64Array): void {
  for (let i = 0; i < times.length; i++)
    // Written so that NaN does not pass.
    if (!(Math.abs(times[i]!) <= furthest)) throw new Refused(`${what} times that a calendar has`, times[i])
}

/** Throws where a value is not from `least` to below `below`. */
export function within(what: string, values: Column, least: number, below: number): void {
  for (let i = 0; i < values.length; i++)
    // Written so that NaN does not pass.
    if (!(values[i]! >= least && values[i]! < below))
      throw new Refused(`${what} values from ${least} to below ${below}`, values[i])
}

/** Throws where a value is NaN or infinite. */
export function allFinite(what: string, values: Float64Array): void {
  // x - x is 0 for a finite number and NaN for any other: one addition per value, and no branch.
  let sum = 0
  for (let i = 0; i < values.length; i++) sum += values[i]! - values[i]!
  check(sum === 0, `finite ${what} values`, 'others')
}

/** Throws where a time is earlier than the one before it. */
export function rising(what: string, times: Float64Array | Int32Array, strictly: boolean): void {
  for (let i = 1; i < times.length; i++)
    if (!(strictly ? times[i]! > times[i - 1]! : times[i]! >= times[i - 1]!))
      throw new Refused(`${what} times that rise`, times[i])
}

function show(value: unknown): string {
  if (typeof value === 'string') return `'${value.length > 60 ? `${value.slice(0, 60)}…` : value}'`
  if (Array.isArray(value)) return `a list of ${value.length}`
  if (ArrayBuffer.isView(value)) return `${value.constructor.name} of ${value.byteLength} bytes`
  return typeof value === 'object' && value ? 'an object' : String(value)
}
