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

/** A file's name as it may stand: relative, with the ending `.ts` or `.js`, and no step out of the strategy. */
const fileName = /^(?:[A-Za-z0-9_][\w-]*(?:\.[\w-]+)*\/)*[A-Za-z0-9_][\w-]*(?:\.[\w-]+)*\.[jt]s$/

/** Why a file cannot be called so, or undefined where it can. `others` are the names that are taken. */
export function fileNameProblem(name: string, others: readonly string[]): string | undefined {
  if (!name) return 'Give the file a name, such as levels.ts.'
  if (name.length > limits.fileName)
    return `The name has ${name.length} characters; at most ${limits.fileName} are allowed.`
  if (!/\.[jt]s$/.test(name)) return `A file ends in .ts or .js, such as ${name.replace(/\.\w*$/, '')}.ts.`
  if (!fileName.test(name))
    return 'A name has letters without accents, digits, - and _, and / between folders, such as signals/levels.ts.'
  const same = others.find((other) => stem(other) === stem(name))
  if (same) return `There is ${same} already: './${name.replace(/\.[jt]s$/, '')}' would mean both.`
  return undefined
}

/** Names that some file systems, or an import without ending, cannot tell apart have the same stem. */
const stem = (name: string) => name.replace(/\.[jt]s$/, '').toLowerCase()

/** A name like the given one that is not taken: `levels.ts`, `levels-2.ts`. */
export function freeFileName(name: string, others: readonly string[]): string {
  const [, start, end] = /^(.*?)(\.[jt]s)$/.exec(name)!
  for (let number = 1; ; number++) {
    const candidate = number === 1 ? name : `${start}-${number}${end}`
    if (!others.some((other) => stem(other) === stem(candidate))) return candidate
  }
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

/**
 * The files with one of them renamed and every relative import of it following. Where the imports are is read from the
 * text; one that is made of pieces is left as it is.
 */
export function renameFile(source: Source, from: string, to: string): Source {
  const files = Object.fromEntries(
    Object.entries(source.files).map(([name, text]) => {
      const renamed = name === from ? to : name
      return [renamed, name === from ? moved(text, from, to) : pointed(text, renamed, from, to)]
    }),
  )
  return { files, entry: source.entry === from ? to : source.entry }
}

const relativeImport = /(\b(?:from|import)\s*\(?\s*)(['"])(\.\.?\/[^'"\n]*)\2/g

/** Imports of `from` in the file `name`, pointed to `to`. */
function pointed(text: string, name: string, from: string, to: string): string {
  return text.replace(relativeImport, (all, start: string, quote: string, path: string) => {
    const target = resolve(name, path)
    if (target !== from && target !== from.replace(/\.[jt]s$/, '')) return all
    const written = target === from ? to : to.replace(/\.[jt]s$/, '')
    return `${start}${quote}${relative(name, written)}${quote}`
  })
}

/** Imports of a file that has moved to another folder, pointed to where they pointed. */
function moved(text: string, from: string, to: string): string {
  if (folder(from) === folder(to)) return text
  return text.replace(
    relativeImport,
    (_all, start: string, quote: string, path: string) =>
      `${start}${quote}${relative(to, resolve(from, path))}${quote}`,
  )
}

const folder = (name: string) => name.split('/').slice(0, -1).join('/')

/** The path that `path`, written in the file `name`, leads to. */
function resolve(name: string, path: string): string {
  const parts = name.split('/').slice(0, -1)
  for (const part of path.split('/'))
    if (part === '..') parts.pop()
    else if (part !== '.') parts.push(part)
  return parts.join('/')
}

/** How the file `name` names `target`. */
function relative(name: string, target: string): string {
  const here = name.split('/').slice(0, -1)
  const there = target.split('/')
  while (here.length > 0 && there.length > 1 && here[0] === there[0]) {
    here.shift()
    there.shift()
  }
  return (here.length > 0 ? '../'.repeat(here.length) : './') + there.join('/')
}

/** `crypto.randomUUID` is missing where the page was not served over HTTPS. */
export function randomId(): string {
  return [...crypto.getRandomValues(new Uint8Array(8))]
    .map((byte) => byte.toString(16).padStart(2, '0'))
    .join('')
}
