import { pairSpec } from '#data'
import { Instrument } from '#market'
import {
  configurationBounds,
  type FileExchange,
  fileInstrumentOf,
  parseConfiguration,
  readingOf,
  specOf,
  Unreadable,
} from '#session'
import { archiveLimits, BadArchive, textsOf } from '../documents/archive.ts'
import { download, fileNameOf } from '../hand-over.ts'
import type { Imports } from '../import/imports.svelte.ts'
import type { Message } from '../message.ts'
import type { Playground } from '../playground.svelte.ts'
import { sharedOf } from '../share/sharing.ts'
import type { ImportedSet } from '../store/imported-set.ts'
import { recordedExchange, recordedReference } from '../recorded/configured.ts'
import { BadConfiguration, configurationOf, findingOf, takenFrom } from './convert.ts'

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
    const differences: string[] = []
    const { shared, leftOut } = takenFrom(configuration, {
      files: beside,
      recorded: (exchange) => recordedReference(exchange, sets),
      imported: (exchange) => {
        const { file, imported } = exchange
        const [id] = imported?.split('+') ?? []
        const name = file.replace(/^.*[/\\]/, '')
        const set = sets.find((set) => (id === undefined ? isFrom(set, name) : set.id === id))
        if (!set) return undefined
        differences.push(...differencesIn(exchange, set))
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
    const said = [...leftOut, ...differences.slice(0, 3)]
    if (leftOut.some((sentence) => !sentence.includes('library')))
      said.push('npx outcry run --config runs all of it.')
    if (said.length > 0) playground.tell({ tone: 'warn', text: said.join(' ') })
  } catch (error) {
    const said = inWords(error, given)
    if (!said) throw error
    playground.tell({ tone: 'error', ...said })
  }
}

/** Findings that are listed; of so many the rest are only counted. */
const mostTold = 50

const isFrom = (set: ImportedSet, name: string) => set.sources.some((source) => source.name === name)

/** What is wrong with a configuration, in words; undefined for an error of our own. */
function inWords(error: unknown, given: readonly File[]): Pick<Message, 'text' | 'findings'> | undefined {
  const from = given.length === 1 ? given[0]!.name.slice(0, 80) : 'The configuration'
  const findings =
    error instanceof Unreadable
      ? error.misfits.map(findingOf)
      : error instanceof BadConfiguration
        ? error.findings
        : []
  if (findings.length > 1) {
    const rest = findings.length - mostTold
    const told = rest > 0 ? `, of which these are the first ${mostTold}` : ''
    return {
      text: `${from} cannot be opened: there are ${findings.length} things to mend${told}.`,
      findings: findings.slice(0, mostTold),
    }
  }
  const [finding] = findings
  if (finding) return { text: `${from}: ${finding.place ? `${finding.place} ` : ''}${finding.text}` }
  return error instanceof BadArchive ? { text: `${from}: ${error.message}` } : undefined
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

/** What a configuration says of imported prices: their file, what was said of reading it, and what its instruments are. */
function factsOf(set: ImportedSet | undefined): Omit<FileExchange, 'kind' | 'name' | 'imported'> {
  const [source] = set?.sources ?? []
  return {
    ...(source?.answers && readingOf(source.answers)),
    file: source?.name ?? 'prices.csv',
    ...(set && { instruments: set.instruments.map(({ spec }) => fileInstrumentOf(spec)) }),
  }
}

/** Where a library has an instrument otherwise than a configuration says, or than the command line takes what it leaves out. */
function differencesIn({ file, instruments }: FileExchange, set: ImportedSet): readonly string[] {
  return set.instruments.flatMap(({ spec }, at) => {
    const own = new Instrument(spec)
    const told = instruments?.find(({ name }) => name === spec.name) ?? instruments?.[at]
    const other = new Instrument(told ? specOf(told) : { name: spec.name, ...pairSpec(spec.name) })
    const rows = [
      ['lot', own.lotSize, other.lotSize],
      ['tick', own.tickSize, other.tickSize],
      ['currency', own.currency, other.currency],
      ['multiplier', own.multiplier, other.multiplier],
      // A zone that is left out is told by the times, as the library was.
      ...(told?.zone === undefined ? [] : [['zone', own.timeZone, other.timeZone] as const]),
    ] as const
    const differing = rows.filter(([, a, b]) => a !== b).map(([fact, a, b]) => `${fact} ${a} instead of ${b}`)
    return differing.length === 0
      ? []
      : [
          `The library has ${spec.name} with ${differing.join(', ')} as ${told ? 'the configuration says' : `the command line takes ${file}`}; change it under Details of the data, or save the configuration from here.`,
        ]
  })
}

/** Hands what is open to the reader as a configuration, code included. */
export async function saveConfiguration(playground: Playground, imports: Imports): Promise<void> {
  await imports.list()
  const setOf = (id: string) => imports.library?.sets?.find((set) => id.startsWith(set.id))
  await playground.together?.ready()
  const shared = sharedOf(playground)
  const content = `${JSON.stringify(
    configurationOf(shared, (id) => {
      const set = setOf(id)
      return set?.recording ? recordedExchange(set, id) : factsOf(set)
    }),
    null,
    2,
  )}\n`
  download(fileNameOf(shared.name, '.run.json'), content, 'application/json')
  const set = shared.data.kind === 'imported' ? setOf(shared.data.id) : undefined
  const files = set && !set.recording ? set.sources.length : 0
  if (files > 1)
    playground.tell({
      tone: 'warn',
      text: `These prices came from ${files} files, of which a configuration names the first: this page runs it, the command line would need one file with all of them.`,
    })
}
