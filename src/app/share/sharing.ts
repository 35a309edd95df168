import type { Source } from '#compile'
import { sameSource } from '../documents/document.ts'
import { knownInputs } from '../known-inputs.ts'
import type { Playground } from '../playground.svelte.ts'
import type { Result } from '../run.ts'
import { claimsOf } from './claims.ts'
import type { DataReference, Shared } from './shared.ts'
import { stripComments } from './strip-comments.ts'
import type { Together } from '../together/together.svelte.ts'

/** Characters from which on a link does not go into one message everywhere: Discord takes 2,000, with words beside it. */
export const longLink = 1900

/** The data that the playground has chosen, as it is told to others. */
export function dataOf({ dataId, data, market }: Playground): DataReference {
  if (market) return { kind: 'synthetic', market }
  if (!dataId.startsWith('imported:')) return { kind: 'bundled', id: dataId }
  const times = data?.instruments.map(({ bars }) => bars.time).filter(({ length }) => length > 0) ?? []
  return {
    kind: 'imported',
    id: dataId,
    name: data?.name.slice(0, 80) ?? 'Imported prices',
    from: Math.min(...times.map((time) => time[0]!), Infinity) || 0,
    to: Math.max(...times.map((time) => time[time.length - 1]!), -Infinity) || 0,
    bars: times.reduce((sum, { length }) => sum + length, 0),
  }
}

/** What is on the screen, to be shared: with figures where the latest run was of just this. */
export function sharedOf(playground: Playground, stripped = false): Shared {
  const { library, result, terms, inputs, instrument, together } = playground
  const seen = playground.seen()
  const source = library.source
  const ran =
    result && !playground.outdated && result.document === library.id && isOfScreen(result, playground)
  return {
    name: library.name,
    source: stripped ? withoutComments(source) : source,
    data: dataOf(playground),
    settings: { ...terms, inputs: ran && !together?.several ? result.record.settings.inputs : inputs },
    ...(together?.several && besideOf(together, stripped)),
    ...((instrument > 0 || seen) && { view: { instrument, ...seen } }),
    ...(ran && { claims: claimsOf(result.record, result.report) }),
  }
}

/** Whether a result is of the settings and the company on the screen: a run that was stopped leaves the one before it. */
function isOfScreen({ record, together: had }: Result, { terms, together }: Playground): boolean {
  const same = (one: unknown, other: unknown) => JSON.stringify(one) === JSON.stringify(other)
  const settings: Readonly<Record<string, unknown>> = { ...record.settings }
  if (!Object.entries(terms).every(([name, value]) => same(value, settings[name]))) return false
  if (!together?.several || !had) return !together?.several && !had
  const { share, beside } = together.shared()
  return (
    share === had.asked.share &&
    beside.length === had.asked.beside.length &&
    beside.every(({ name, share, source, inputs }, at) => {
      const other = had.asked.beside[at]!
      return (
        name === other.name &&
        share === other.share &&
        sameSource(source, other.source) &&
        same(knownInputs(inputs, source), other.inputs)
      )
    })
  )
}

/** What goes along of the strategies beside the open one. */
function besideOf(together: Together, stripped: boolean): Pick<Shared, 'share' | 'beside'> {
  const { beside, ...share } = together.shared()
  return {
    ...share,
    beside: stripped ? beside.map((one) => ({ ...one, source: withoutComments(one.source) })) : beside,
  }
}

/** The source with the comments of all its files left out. */
export function withoutComments({ files, entry }: Source): Source {
  return {
    files: Object.fromEntries(Object.entries(files).map(([file, text]) => [file, stripComments(text)])),
    entry,
  }
}

/** Whether leaving out comments would make it shorter. */
export const hasComments = (source: Source) => !sameSource(source, withoutComments(source))
