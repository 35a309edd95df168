import { unzipSync, zipSync, type UnzipFileInfo } from 'fflate'
import { cleanName, limits, type NewDocument } from './document.ts'
import { fileNameProblem } from './names.ts'

/** Bounds of what is read from a file that is not ours to trust. */
export const archiveLimits = {
  /** Bytes of the file itself. */
  packed: 8 * 1024 * 1024,
  /** Bytes of all that is in it. */
  unpacked: 8 * 1024 * 1024,
  /** Files and folders in it. */
  entries: 2000,
  strategies: 200,
} as const

/** A file that cannot be read as strategies; its message says what was found, what was expected and what helps. */
export class BadArchive extends Error {
  override readonly name = 'BadArchive'
}

/** What was read from files. */
export interface Unpacked {
  readonly documents: readonly NewDocument[]
  /** What was left out, each with the reason. */
  readonly leftOut: readonly string[]
}

/** Name of the file that says which strategy a folder holds. */
const manifestName = 'outcry.json'

interface Manifest {
  readonly outcry: 1
  readonly name: string
  readonly entry: string
}

/** Strategies as a zip: one folder each, with its files and a manifest that names it and its main file. */
export function pack(documents: readonly NewDocument[]): Uint8Array<ArrayBuffer> {
  const encoder = new TextEncoder()
  const folders: string[] = []
  const files: Record<string, Uint8Array> = {}
  for (const { name, files: texts, entry } of documents) {
    const folder = folderName(name, folders)
    folders.push(folder.toLowerCase())
    const manifest: Manifest = { outcry: 1, name, entry }
    files[`${folder}/${manifestName}`] = encoder.encode(`${JSON.stringify(manifest, null, 2)}\n`)
    for (const [file, text] of Object.entries(texts)) files[`${folder}/${file}`] = encoder.encode(text)
  }
  // The same strategies make the same file, whenever they are exported; a zip cannot tell times before 1980.
  return zipSync(files, { level: 9, mtime: new Date(1980, 0, 2) })
}

/** A folder's name that every file system takes and no other folder has. */
function folderName(name: string, taken: readonly string[]): string {
  const plain =
    name
      .normalize('NFC')
      .replace(/[^\p{L}\p{N} ,_-]+/gu, ' ')
      .replace(/\s+/g, ' ')
      // Names with underscores in front mean something to systems and to languages.
      .replace(/^[\s_]+/, '')
      .slice(0, 60)
      .trim() || 'strategy'
  // Names that Windows keeps for devices.
  const base = /^(?:con|prn|aux|nul|com\d|lpt\d)$/i.test(plain) ? `${plain} strategy` : plain
  for (let number = 1; ; number++) {
    const candidate = number === 1 ? base : `${base} ${number}`
    if (!taken.includes(candidate.toLowerCase())) return candidate
  }
}

/**
 * The strategies of a zip that anybody may have made: every folder with TypeScript or JavaScript files in it is one. Nothing
 * is unpacked before its size is known to be within bounds.
 *
 * @throws BadArchive
 */
export function unpack(bytes: Uint8Array, fileName: string): Unpacked {
  const { files, leftOut } = textsOf(bytes, fileName, /\.[jt]s$|(?:^|\/)outcry\.json$/)
  return strategiesOf(files, fileName, [...leftOut])
}

/**
 * The texts in a zip that anybody may have made, by their paths: of files whose names are wanted. Nothing is unpacked before
 * its size is known to be within bounds.
 *
 * @throws BadArchive
 */
export function textsOf(
  bytes: Uint8Array,
  fileName: string,
  wantedNames: RegExp,
): { readonly files: ReadonlyMap<string, string>; readonly leftOut: readonly string[] } {
  if (bytes.length > archiveLimits.packed)
    throw new BadArchive(
      `${fileName} has ${megabytes(bytes.length)}; at most ${megabytes(archiveLimits.packed)} are read. Strategies are text: take out what is not.`,
    )
  const leftOut: string[] = []
  const seen = new Set<string>()
  let entries = 0
  let total = 0
  const wanted = ({ name, originalSize, size, compression }: UnzipFileInfo): boolean => {
    if (++entries > archiveLimits.entries)
      throw new BadArchive(
        `${fileName} has more than ${archiveLimits.entries.toLocaleString('en-US')} entries.`,
      )
    if (name.endsWith('/') || isLitter(name)) return false
    if (!wantedNames.test(name)) {
      if (leftOut.length < 20) leftOut.push(`${shown(name)}: not a .ts or .js file.`)
      return false
    }
    if (!isPlainPath(name))
      throw new BadArchive(
        `${fileName} has an entry called ${shown(name)}, which leads out of its folder or is no name for a file.`,
      )
    if (seen.has(name)) throw new BadArchive(`${fileName} has two entries called ${shown(name)}.`)
    seen.add(name)
    total += compression === 0 ? size : originalSize
    if (total > archiveLimits.unpacked)
      throw new BadArchive(
        `${fileName} unpacks to more than ${megabytes(archiveLimits.unpacked)}; strategies are far smaller.`,
      )
    return true
  }
  let files: Record<string, Uint8Array>
  try {
    files = unzipSync(bytes, { filter: wanted })
  } catch (error) {
    if (error instanceof BadArchive) throw error
    throw new BadArchive(
      `${fileName} is not a zip that can be read: it is damaged, encrypted or something else.`,
    )
  }
  return { files: texts(files, fileName), leftOut }
}

/**
 * Strategies from files that were given one by one: all files of TypeScript or JavaScript are one strategy.
 *
 * @throws BadArchive
 */
export function fromFiles(given: readonly { readonly name: string; readonly bytes: Uint8Array }[]): Unpacked {
  const files: Record<string, Uint8Array> = {}
  for (const { name, bytes } of given) {
    if (bytes.length > limits.length * 4)
      throw new BadArchive(
        `${shown(name)} has ${megabytes(bytes.length)}; a strategy has at most 256 KB of text.`,
      )
    files[name.replace(/[^\w.-]+/g, '-')] = bytes
  }
  const only = given.length === 1 ? given[0]!.name : 'These files'
  return strategiesOf(texts(files, only), only, [])
}

/** Names as they may stand in a folder: no step up, no root, no drive, nothing that cannot be seen. */
function isPlainPath(name: string): boolean {
  return (
    name.length <= 300 &&
    !/[\\:\p{Cc}\p{Cf}]/u.test(name) &&
    name.split('/').every((part) => part !== '' && part !== '.' && part !== '..' && part !== '__proto__')
  )
}

/** What systems put into zips without being asked. */
const isLitter = (name: string) => /(?:^|\/)(?:__MACOSX|\.[^./][^/]*|Thumbs\.db)(?:\/|$)/.test(name)

const shown = (name: string) => `'${cleanName(name)}'`
const megabytes = (bytes: number) => `${(bytes / 1024 / 1024).toFixed(1)} MB`

function texts(files: Record<string, Uint8Array>, from: string): Map<string, string> {
  const decoder = new TextDecoder('utf-8', { fatal: true })
  return new Map(
    Object.entries(files).map(([name, bytes]) => {
      let text: string
      try {
        text = decoder.decode(bytes)
      } catch {
        throw new BadArchive(`${shown(name)} in ${from} is not text in UTF-8.`)
      }
      if (text.includes('\0')) throw new BadArchive(`${shown(name)} in ${from} is not text.`)
      return [name, text.replace(/\r\n?/g, '\n')]
    }),
  )
}

function strategiesOf(files: ReadonlyMap<string, string>, from: string, leftOut: string[]): Unpacked {
  const manifests = new Map<string, Partial<Manifest>>()
  for (const [name, text] of files) {
    if (!/(?:^|\/)outcry\.json$/.test(name)) continue
    manifests.set(name.slice(0, -manifestName.length), manifestOf(text))
  }
  /** The folder that a file belongs to: the one with a manifest, else the topmost; '' where there is none. */
  const folderOf = (name: string) =>
    [...manifests.keys()]
      .filter((folder) => name.startsWith(folder))
      .sort((a, b) => b.length - a.length)[0] ??
    /^[^/]+\//.exec(name)?.[0] ??
    ''
  const groups = new Map<string, Record<string, string>>()
  for (const [name, text] of files) {
    if (!/\.[jt]s$/.test(name)) continue
    const folder = folderOf(name)
    const group = groups.get(folder) ?? {}
    group[name.slice(folder.length)] = text
    groups.set(folder, group)
  }
  const documents: NewDocument[] = []
  for (const [folder, texts] of groups) {
    const given = manifests.get(folder)
    const called = given?.name ?? (folder ? folder.slice(0, -1) : from.replace(/\.(?:zip|[jt]s)$/i, ''))
    const made = strategyOf(texts, called, given?.entry)
    if (typeof made === 'string') leftOut.push(made)
    else if (documents.length < archiveLimits.strategies) documents.push(made)
    else leftOut.push(`${shown(called)}: at most ${archiveLimits.strategies} strategies are taken at once.`)
  }
  if (documents.length === 0)
    throw new BadArchive(
      `${from} holds no strategy: a file ending in .ts or .js with 'export default class' is expected. ${leftOut.slice(0, 3).join(' ')}`.trim(),
    )
  return { documents, leftOut }
}

function manifestOf(text: string): Partial<Manifest> {
  try {
    const value: unknown = JSON.parse(text.slice(0, 10_000))
    const { outcry, name, entry } = (value ?? {}) as Record<string, unknown>
    if (outcry !== 1) return {}
    return {
      ...(typeof name === 'string' && { name }),
      ...(typeof entry === 'string' && { entry }),
    }
  } catch {
    return {}
  }
}

/** The files as a strategy, or why they are none. */
function strategyOf(files: Record<string, string>, called: string, wanted?: string): NewDocument | string {
  const names = Object.keys(files)
  const name = cleanName(called)
  if (names.length > limits.files)
    return `'${name}': it has ${names.length} files; a strategy has at most ${limits.files}.`
  for (const file of names) {
    const problem = fileNameProblem(
      file,
      names.filter((other) => other !== file),
    )
    if (problem) return `'${name}', ${shown(file)}: ${problem}`
  }
  const length = Object.values(files).reduce((sum, text) => sum + text.length, 0)
  if (length > limits.length)
    return `'${name}': it has ${Math.ceil(length / 1024)} KB of text; a strategy has at most ${limits.length / 1024}.`
  const exporting = names.filter((file) => /\bexport\s+default\b|\bas\s+default\b/.test(files[file]!))
  const entry =
    (wanted !== undefined && names.includes(wanted) ? wanted : undefined) ??
    exporting.find((file) => /^(?:strategy|index|main)\.[jt]s$/.test(file)) ??
    exporting[0] ??
    (names.length === 1 ? names[0] : undefined)
  if (entry === undefined) return `'${name}': no file exports a strategy as default.`
  return { name, files, entry }
}
