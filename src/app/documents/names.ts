import type { Source } from '#compile'
import { limits } from './document.ts'

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
