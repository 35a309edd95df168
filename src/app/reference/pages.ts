import type { ReferenceEntry, ReferenceMember } from '#compile'
import { prefix } from './address.ts'

/** A place in the reference: a name, and perhaps one of its members. */
export interface Place {
  readonly entry: ReferenceEntry
  readonly member?: ReferenceMember
}

/** The fragment that leads to a place. */
export function fragmentOf({ entry, member }: Place): string {
  return `${prefix}/${encodeURIComponent(member ? `${entry.name}.${member.name}` : entry.name)}`
}

/** The place of a name; the first page where there is none of it. */
export function placeOf(entries: readonly ReferenceEntry[], name: string): Place {
  const [first, second] = name.split('.')
  const entry = entries.find((entry) => entry.name === first)
  if (!entry) return { entry: entries.find((entry) => entry.name === 'Strategy') ?? entries[0]! }
  const member = entry.members.find((member) => member.name === second)
  return member ? { entry, member } : { entry }
}

/**
 * The places that suit some words, the closest first: names that begin with them, then names that contain them, then
 * what is said about a name contains every one of them.
 */
export function find(entries: readonly ReferenceEntry[], words: string): Place[] {
  const wanted = words
    .trim()
    .toLowerCase()
    .replace(/^this\./, '')
  if (wanted === '') return []
  const parts = wanted.split(/\s+/)
  const found: { place: Place; rank: number }[] = []
  const look = (place: Place, name: string, text: string) => {
    const low = name.toLowerCase()
    const rank = low === wanted ? 0 : low.startsWith(wanted) ? 1 : low.includes(wanted) ? 2 : 3
    const said = `${name} ${text}`.toLowerCase()
    if (rank < 3 || parts.every((part) => said.includes(part))) found.push({ place, rank })
  }
  for (const entry of entries) {
    look({ entry }, entry.name, entry.text)
    for (const member of entry.members) {
      look({ entry, member }, member.name, member.text)
      if (`${entry.name}.${member.name}`.toLowerCase() === wanted)
        found.push({ place: { entry, member }, rank: 0 })
    }
  }
  return found.sort((a, b) => a.rank - b.rank).map(({ place }) => place)
}

/** A piece of prose: plain words, or code that was marked with backquotes; `place` where that is a name of the reference. */
export interface Piece {
  readonly text: string
  readonly code: boolean
  readonly place?: Place
}

/** Paragraphs of a doc comment, cut into words and code. */
export function paragraphs(entries: readonly ReferenceEntry[], text: string, of?: ReferenceEntry): Piece[][] {
  return text
    .split(/\n\s*\n/)
    .filter((paragraph) => paragraph.trim() !== '')
    .map((paragraph) =>
      paragraph
        .replace(/\s*\n\s*/g, ' ')
        .split('`')
        .map((text, i): Piece => {
          const code = i % 2 === 1
          if (!code) return { text, code }
          const name = /^(?:this\.)?(\w+(?:\.\w+)?)(?:\(.*\))?$/.exec(text)?.[1]
          const place = name === undefined ? undefined : named(entries, name, of, text.startsWith('this.'))
          return place ? { text, code, place } : { text, code }
        })
        .filter(({ text }) => text !== ''),
    )
}

/** The place that a name in the text about another one means: a member of the same, one of the strategy's, or an entry. */
function named(
  entries: readonly ReferenceEntry[],
  name: string,
  of: ReferenceEntry | undefined,
  ofThis: boolean,
): Place | undefined {
  const [first, second] = name.split('.')
  const strategy = entries.find((entry) => entry.name === 'Strategy')
  for (const owner of [of, ofThis || first?.startsWith('on') ? strategy : undefined]) {
    const member = owner?.members.find((member) => member.name === first)
    if (owner && member) return { entry: owner, member }
  }
  const entry = entries.find((entry) => entry.name === first)
  if (!entry) return undefined
  const member = entry.members.find((member) => member.name === second)
  return second === undefined ? { entry } : member ? { entry, member } : undefined
}
