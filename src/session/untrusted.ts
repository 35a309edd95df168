import * as v from 'valibot'

/** One thing that is wrong with a value from outside. */
export interface Misfit {
  /** Where, such as `settings.costs.commission`. */
  readonly path: string
  /** What is there, shortened; `nothing` where it is absent. */
  readonly found: string
  readonly expected: string
  /** The names that could be meant, where one was found that is not known. */
  readonly known?: readonly string[]
}

/** A value from a link, a file or the browser's storage is not what it should be. */
export class Unreadable extends Error {
  override readonly name = 'Unreadable'
  readonly misfits: readonly Misfit[]

  constructor(misfits: readonly Misfit[]) {
    const [{ path, found, expected }] = misfits as [Misfit]
    const more = misfits.length > 1 ? ` And ${misfits.length - 1} more.` : ''
    super(`${path} is ${found}; expected ${expected}.${more}`)
    this.misfits = misfits
  }
}

/** A schema of what comes from outside, whose result is a `Value`. */
export type Schema<Value> = v.GenericSchema<unknown, Value>

/** Objects within objects, and values in all, beyond which nothing of ours goes. */
const deepest = 20
const mostValues = 20_000

/**
 * Checks a parsed JSON value field by field. What comes back is a copy that holds only what the schema names.
 *
 * @param name what the value is called in the words of an error
 * @throws Unreadable with every misfit that was found
 */
export function readAs<Value>(schema: Schema<Value>, value: unknown, name: string): Value {
  const { found, misfits } = examined(schema, value, name)
  if (misfits.length > 0) throw new Unreadable(misfits)
  return found as Value
}

/**
 * What a parsed JSON value is, and every misfit in it. Where there is none, what is found is a `Value`; where there are some,
 * that holds of the parts without.
 *
 * @throws Unreadable where it is too large or too deep to be gone through
 */
export function examined<Value>(
  schema: Schema<Value>,
  value: unknown,
  name: string,
): { readonly found: unknown; readonly misfits: readonly Misfit[] } {
  const misfits = namesThatCannotBe(value, name)
  const { issues = [], output } = v.safeParse(schema, value)
  const told = new Set<string>()
  for (const { path: keys, input, expected, message } of issues) {
    const path = keys?.reduce((path, { key }) => below(path, key), name) ?? name
    // Of a text that is too short and not of its form one is enough.
    if (typeof input !== 'object' && told.has(path)) continue
    told.add(path)
    misfits.push(
      expected === 'never'
        ? {
            path,
            found: 'there',
            expected: 'no field of this name',
            known: message === '' ? [] : message.split(' '),
          }
        : { path, found: shown(input), expected: message },
    )
  }
  return { found: output, misfits }
}

/**
 * Names that reach an object's prototype.
 *
 * @throws Unreadable where there are values within values, or one after the other, without end
 */
function namesThatCannotBe(root: unknown, name: string): Misfit[] {
  const misfits: Misfit[] = []
  const open: { readonly value: unknown; readonly path: string; readonly depth: number }[] = [
    { value: root, path: name, depth: 0 },
  ]
  let count = 0
  const tooMany = (): never => {
    throw new Unreadable([{ path: name, found: `more than ${mostValues} values`, expected: 'fewer' }])
  }
  for (let next = open.pop(); next; next = open.pop()) {
    const { value, path, depth } = next
    if (++count > mostValues) tooMany()
    if (typeof value !== 'object' || value === null) continue
    if (depth >= deepest)
      throw new Unreadable([{ path, found: `${deepest} levels deep`, expected: 'fewer levels' }])
    for (const key of Object.keys(value)) {
      if (key === '__proto__' || key === 'constructor' || key === 'prototype')
        misfits.push({
          path: below(path, key),
          found: 'there',
          expected: 'another name: JavaScript keeps this one for itself',
        })
      const child = (value as Record<string, unknown>)[key]
      if (typeof child === 'object') open.push({ value: child, path: below(path, key), depth: depth + 1 })
      else if (++count > mostValues) tooMany()
    }
  }
  return misfits
}

/** An object with these fields and no others: one that is not known might change what the others mean. */
export function fields<const Entries extends v.ObjectEntries>(entries: Entries) {
  return v.pipe(v.custom<object>(isPlain, 'an object with fields'), exactly(entries))
}

/** As `fields`, where it is known already that there is an object: for the choices of a variant. */
export function exactly<const Entries extends v.ObjectEntries>(entries: Entries) {
  // As a strict object, which stops at the first name that is not known: each is an issue here, and `examined` takes the
  // known names from its message.
  const schema: unknown = v.objectWithRest(
    entries,
    v.never(Object.keys(entries).join(' ')),
    ({ expected }) => {
      const missing = expected === 'Object' ? undefined : entries[JSON.parse(expected!) as string]
      return missing === undefined ? 'an object with fields' : wordsOf(missing)
    },
  )
  return schema as v.StrictObjectSchema<Entries, string>
}

/** What a field takes, where it is missing. */
const wordsOf = (schema: object) =>
  'message' in schema && typeof schema.message === 'string' ? schema.message : 'a value here'

/** Values of one kind by names of the caller's choosing, at most `most` of them. */
export function byName<Value>(name: v.GenericSchema<string, string>, value: Schema<Value>, most: number) {
  const words = `at most ${most} values by name`
  return v.pipe(
    v.custom<object>((found) => isPlain(found) && Object.keys(found).length <= most, words),
    v.record(name, value, words),
  )
}

/** At most `most` values of one kind. */
export function listOf<Value>(value: Schema<Value>, most: number, least = 0) {
  const words = least > 0 ? `a list of ${least} to ${most}` : `a list of at most ${most}`
  return v.pipe(
    v.custom<unknown[]>(
      (found) => Array.isArray(found) && found.length >= least && found.length <= most,
      words,
    ),
    v.array(value, words),
  )
}

/** A number from `least` to `most`, both included. */
export function within(least: number, most: number, unit = '') {
  const words = `a number from ${plain(least)} to ${plain(most)}${unit}`
  return v.pipe(v.number(words), v.minValue(least, words), v.maxValue(most, words))
}

/** A whole number from `least` to `most`, both included. */
export function whole(least: number, most: number, unit = '') {
  const words = `a whole number from ${plain(least)} to ${plain(most)}${unit}`
  return v.pipe(v.number(words), v.integer(words), v.minValue(least, words), v.maxValue(most, words))
}

/** One of a few texts. */
export function oneOf<const Choice extends string>(choices: readonly Choice[]) {
  return v.picklist(choices, choices.map((choice) => `'${choice}'`).join(' or '))
}

/** A text of `least` to `most` UTF-16 units; where a pattern is given, one that it fits, as `words` say. */
export function text(most: number, { least = 0, pattern = /^/, words = '' } = {}) {
  const length = least > 0 ? `a text of ${least} to ${most} letters` : `a text of at most ${most} letters`
  const all = words ? `${length}, ${words}` : length
  return v.pipe(v.string(all), v.minLength(least, all), v.maxLength(most, all), v.regex(pattern, all))
}

/** True or false. */
export const yesOrNo = v.boolean('true or false')

function isPlain(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

const plain = (bound: number) => (Number.isInteger(bound) ? bound.toLocaleString('en') : String(bound))

/** The path of what stands under a name or a number in what is at a path. */
export function below(path: string, key: unknown): string {
  if (typeof key === 'number' || /^\d{1,20}$/.test(String(key))) return `${path}[${String(key)}]`
  const name = String(key)
  return /^[\w$]{1,60}$/.test(name) ? `${path}.${name}` : `${path}[${shown(name)}]`
}

/** A value in a few words. Control characters and marks of direction are shown as what they are. */
function shown(value: unknown): string {
  if (value === undefined) return 'nothing'
  if (Array.isArray(value)) return `a list of ${value.length}`
  if (typeof value === 'object' && value !== null) return 'an object'
  if (typeof value !== 'string') return String(value)
  const start = value.length > 60 ? `${value.slice(0, 60)}…` : value
  return `'${start.replace(/[\p{C}\p{Zl}\p{Zp}]/gu, (letter) => `\\u{${letter.codePointAt(0)!.toString(16)}}`)}'`
}
