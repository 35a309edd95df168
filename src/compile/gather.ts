import type { Source } from './diagnostic.ts'

/**
 * The main file of a strategy with the files that it imports, and those that they import. What lies outside its folder is
 * left out, and the compiler says that it is not there.
 *
 * @param entry name of the main file, in its folder
 * @param read text of a file by its name relative to that folder, with `/` between folders; undefined where there is none
 * @returns undefined where the main file is not there
 */
export function gather(entry: string, read: (name: string) => string | undefined): Source | undefined {
  const files: Record<string, string> = {}
  const add = (name: string): boolean => {
    if (Object.hasOwn(files, name)) return true
    const text = read(name)
    if (text === undefined) return false
    files[name] = text
    for (const [, target] of text.matchAll(/(?:from|import)\s*['"](\.\.?\/[^'"]+)['"]/g)) {
      const found = joined(name, target!)
      if (found !== undefined) ['', '.ts', '.js'].some((end) => add(found + end))
    }
    return true
  }
  return add(entry) ? { files, entry } : undefined
}

/** The name that a relative import means; undefined where it leads out of the folder. */
function joined(from: string, target: string): string | undefined {
  const parts = from.split('/').slice(0, -1)
  for (const part of target.split('/')) {
    if (part === '..') {
      if (parts.pop() === undefined) return undefined
    } else if (part !== '.' && part !== '') parts.push(part)
  }
  return parts.join('/')
}
