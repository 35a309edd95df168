import type { Program, Source } from '#compile'

/** A strategy that somebody wrote or changed, as the browser keeps it. */
export interface StoredDocument extends Source {
  /** `sample:{id}` for a changed sample, else `own:{random}`. */
  readonly id: string
  readonly name: string
  /** Milliseconds since 1970 UTC. */
  readonly created: number
  /** Milliseconds since 1970 UTC. */
  readonly changed: number
  /** Counts how often it was kept. Who keeps it again says which revision he changed, so that nobody's work is written over. */
  readonly revision: number
  /** The program that the text gave when it last ran to its end, so that it can run again before a compiler is there. */
  readonly program?: Program | undefined
  /** Milliseconds since 1970 UTC at which it was deleted; it can be brought back for a while. */
  readonly deleted?: number | undefined
}

/** What a list of documents shows of one. */
export interface DocumentHead {
  readonly id: string
  readonly name: string
  readonly changed: number
  /** Names of its files. */
  readonly files: readonly string[]
  /** Characters of all files. */
  readonly length: number
  readonly deleted?: number | undefined
}

/** A strategy to be opened: its name and its files. */
export interface NewDocument extends Source {
  readonly name: string
  readonly program?: Program | undefined
}

/** Bounds of a document, the same as those of a link: whatever can be written can be shared. */
export const limits = {
  files: 8,
  /** Characters of all files together. */
  length: 256 * 1024,
  /** Characters of a document's name. */
  name: 80,
  /** Characters of a file's name. */
  fileName: 60,
} as const

/** How long a deleted document can be brought back, in milliseconds. */
export const keptAfterDeletion = 30 * 86_400_000

/** What a list shows of a document. */
export function headOf({ id, name, changed, files, deleted }: StoredDocument): DocumentHead {
  return {
    id,
    name,
    changed,
    files: Object.keys(files),
    length: Object.values(files).reduce((sum, text) => sum + text.length, 0),
    deleted,
  }
}

/** Whether two strategies are the same text in the same files with the same main file. */
export function sameSource(a: Source, b: Source): boolean {
  if (a === b) return true
  const names = Object.keys(a.files)
  return (
    a.entry === b.entry &&
    names.length === Object.keys(b.files).length &&
    names.every((name) => a.files[name] === b.files[name])
  )
}

/** A document's name without what a name cannot have: control characters, line breaks, more than 80 characters. */
export function cleanName(name: string): string {
  const plain = name
    // Control characters, and the marks that turn the direction of what follows.
    .replace(/[\p{Cc}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]+/gu, ' ')
    .replace(/\s+/g, ' ')
    .trim()
  return [...plain].slice(0, limits.name).join('').trim() || 'Untitled strategy'
}

/** Name of a copy that no other document has: `Momentum, copy`, `Momentum, copy 2`. */
export function copyName(name: string, others: readonly string[]): string {
  const base = name.replace(/, copy(?: \d+)?$/, '')
  for (let number = 1; ; number++) {
    const end = number === 1 ? ', copy' : `, copy ${number}`
    const candidate = [...base].slice(0, limits.name - end.length).join('') + end
    if (!others.includes(candidate)) return candidate
  }
}

/** `crypto.randomUUID` is missing where the page was not served over HTTPS. */
export function randomId(): string {
  return [...crypto.getRandomValues(new Uint8Array(8))]
    .map((byte) => byte.toString(16).padStart(2, '0'))
    .join('')
}
