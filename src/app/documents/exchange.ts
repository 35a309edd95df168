import { chooseFiles, download } from '../hand-over.ts'
import type { Library } from '../library.svelte.ts'
import type { Playground } from '../playground.svelte.ts'
import type { NewDocument } from './document.ts'

/** What came of an import, in words. */
export interface Said {
  readonly tone: 'info' | 'error'
  readonly text: string
}

/** Hands strategies to the reader as a zip. */
export async function exportDocuments(library: Library, ids: readonly string[], name: string): Promise<void> {
  const { pack } = await import('./archive.ts')
  const kept = await Promise.all(ids.map((id) => library.documentOf(id)))
  const documents: NewDocument[] = kept.filter((document) => document !== undefined)
  const plain = name.replace(/[^\p{L}\p{N} ,_-]+/gu, ' ').trim() || 'strategy'
  download(`${plain}.zip`, new Blob([pack(documents)], { type: 'application/zip' }))
}

/** Lets the reader choose files, and takes in the strategies in them. Undefined where he chose none. */
export async function chooseStrategies(playground: Playground): Promise<Said | undefined> {
  const files = await chooseFiles('.zip,.ts,.js,application/zip')
  return files.length > 0 ? importFiles(playground, files) : undefined
}

/** Takes in the strategies of files: each becomes a document of one's own, and the last is opened. Nothing runs by itself. */
async function importFiles(playground: Playground, files: readonly File[]): Promise<Said> {
  const { archiveLimits, BadArchive, fromFiles, unpack } = await import('./archive.ts')
  const leftOut: string[] = []
  const documents: NewDocument[] = []
  const plain: { name: string; bytes: Uint8Array }[] = []
  try {
    for (const file of files) {
      if (file.size > archiveLimits.packed)
        throw new BadArchive(`${file.name} is larger than ${archiveLimits.packed / 1024 / 1024} MB.`)
      const bytes = new Uint8Array(await file.arrayBuffer())
      // A zip begins with PK, whatever it is called.
      if (bytes[0] === 0x50 && bytes[1] === 0x4b) {
        const read = unpack(bytes, file.name)
        documents.push(...read.documents)
        leftOut.push(...read.leftOut)
      } else if (/\.zip$/i.test(file.name)) throw new BadArchive(`${file.name} is not a zip.`)
      else plain.push({ name: file.name, bytes })
    }
    if (plain.length > 0) {
      const read = fromFiles(plain)
      documents.push(...read.documents)
      leftOut.push(...read.leftOut)
    }
  } catch (error) {
    if (error instanceof BadArchive) return { tone: 'error', text: error.message }
    throw error
  }
  await playground.take(documents)
  const names = documents.map(({ name }) => name)
  const what = names.length === 1 ? `Imported ${names[0]}.` : `Imported ${names.length} strategies.`
  const missed = leftOut.length > 0 ? ` Left out: ${leftOut.slice(0, 5).join(' ')}` : ''
  return { tone: 'info', text: `${what} Read what is in it before you run it.${missed}` }
}
