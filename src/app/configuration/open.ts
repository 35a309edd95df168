import { configurationBounds, parseConfiguration, Unreadable } from '#session'
import { archiveLimits, BadArchive, textsOf } from '../documents/archive.ts'
import { download } from '../hand-over.ts'
import type { Imports } from '../import/imports.svelte.ts'
import type { Playground } from '../playground.svelte.ts'
import { fileNameOf } from '../share/shared-file.ts'
import { sharedOf } from '../share/sharing.ts'
import type { ImportedSet } from '../store/imported-set.ts'
import { BadConfiguration, configurationOf, takenFrom } from './convert.ts'

/** Opens a configuration to be read; what is wrong with it, or left out of it, is told above the results. */
export async function openConfiguration(
  playground: Playground,
  imports: Imports,
  given: readonly File[],
): Promise<void> {
  try {
    const { path, files } = await textsIn(given)
    const configuration = parseConfiguration(files.get(path)!)
    const folder = path.replace(/[^/]*$/, '')
    const beside = new Map<string, string>()
    for (const [name, text] of files)
      if (name !== path && name.startsWith(folder)) beside.set(name.slice(folder.length), text)
    await imports.list()
    const sets = imports.library?.sets ?? []
    const { shared, leftOut } = takenFrom(configuration, {
      files: beside,
      imported: ({ file, imported }) => {
        const [id] = imported?.split('+') ?? []
        const name = file.replace(/^.*[/\\]/, '')
        const set = sets.find((set) => (id === undefined ? isFrom(set, name) : set.id === id))
        if (!set) return undefined
        const { from, to, rows } = set
        return {
          kind: 'imported',
          id: imported ?? imports.library!.addressOf(set),
          name: set.name.slice(0, 80),
          ...{ from, to, bars: rows },
        }
      },
    })
    await playground.openShared(shared)
    if (leftOut.length > 0)
      playground.tell({
        tone: 'warn',
        text: `${leftOut.join(' ')}${leftOut.length > 1 || !leftOut[0]!.includes('library') ? ' npx outcry run --config runs all of it.' : ''}`,
      })
  } catch (error) {
    const text = inWords(error, given)
    if (text === undefined) throw error
    playground.tell({ tone: 'error', text })
  }
}

const isFrom = (set: ImportedSet, name: string) => set.sources.some((source) => source.name === name)

/** What is wrong with a configuration, in words; undefined for an error of our own. */
function inWords(error: unknown, given: readonly File[]): string | undefined {
  const from = given.length === 1 ? given[0]!.name.slice(0, 80) : 'The configuration'
  if (error instanceof Unreadable) {
    const all = error.misfits.map(({ path, found, expected }) => `${path} is ${found}; expected ${expected}.`)
    return `${from}: ${all.slice(0, 8).join(' ')}${all.length > 8 ? ` And ${all.length - 8} more.` : ''}`
  }
  if (error instanceof BadConfiguration || error instanceof BadArchive) return `${from}: ${error.message}`
  return undefined
}

/** The texts of files, and which of them is the configuration. */
async function textsIn(
  given: readonly File[],
): Promise<{ path: string; files: ReadonlyMap<string, string> }> {
  const files = new Map<string, string>()
  for (const file of given) {
    const most = Math.max(archiveLimits.packed, 4 * configurationBounds.length)
    if (file.size > most) throw new BadConfiguration(`${file.name} is larger than ${most / 1024 / 1024} MB.`)
    const bytes = new Uint8Array(await file.arrayBuffer())
    // A zip begins with PK, whatever it is called.
    if (bytes[0] === 0x50 && bytes[1] === 0x4b)
      for (const [name, text] of textsOf(bytes, file.name, /\.(?:json|[jt]s)$/).files) files.set(name, text)
    else files.set(file.name, new TextDecoder().decode(bytes))
  }
  const paths = [...files.keys()].filter((name) => /\.json$/i.test(name) && isConfiguration(files.get(name)!))
  if (paths.length === 1) return { path: paths[0]!, files }
  const json = [...files.keys()].filter((name) => /\.json$/i.test(name))
  // A single file is meant to be one, and is told what is wrong with it.
  if (paths.length === 0 && json.length === 1) return { path: json[0]!, files }
  throw new BadConfiguration(
    paths.length > 1
      ? `There are ${paths.length} configurations: ${paths.slice(0, 5).join(', ')}. Choose one.`
      : `There is no configuration among ${[...files.keys()].slice(0, 5).join(', ')}: a JSON file with "configuration": 1 is expected.`,
  )
}

/** Whether a text says that it is a configuration; one that is no JSON is told so when it is read. */
export function isConfiguration(text: string): boolean {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null && Object.hasOwn(value, 'configuration')
  } catch {
    return /^\s*\{\s*"configuration"\s*:/.test(text)
  }
}

/** Hands what is open to the reader as a configuration, code included. */
export async function saveConfiguration(playground: Playground, imports: Imports): Promise<void> {
  await imports.list()
  const fileOf = (id: string) => {
    const set = imports.library?.sets?.find((set) => id.startsWith(set.id))
    return set?.sources[0]?.name ?? 'prices.csv'
  }
  await playground.together?.ready()
  const shared = sharedOf(playground)
  const content = `${JSON.stringify(configurationOf(shared, fileOf), null, 2)}\n`
  download(fileNameOf(shared.name, '.run.json'), content, 'application/json')
}
