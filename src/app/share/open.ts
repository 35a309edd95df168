import type { Imports } from '../import/imports.svelte.ts'
import { namedPlainly } from '../plain-names.ts'
import type { Playground } from '../playground.svelte.ts'
import { reasonOf } from '../reason.ts'
import type { PackedPrices } from '../store/packed.ts'
import { BadLink, decodeLink } from './link.ts'
import { BadFile, decodeFile } from './shared-file.ts'
import type { Shared } from './shared.ts'

/** Opens a link; one that cannot be opened is told of over what is open, or over what was open on the last visit. */
export async function openLink(playground: Playground, fragment: string): Promise<void> {
  try {
    await playground.openShared(await decodeLink(fragment))
  } catch (error) {
    if (!(error instanceof BadLink)) throw error
    if (!playground.started) await playground.start()
    playground.tell({ tone: 'error', text: error.message })
  }
}

/** Bytes of a file that is read: what decodes to more letters than any such file has is not. */
const mostBytes = 32_000_000

/** The text of a file. One that was moved since, or that the reader may not read, has none. */
async function textOf(file: File): Promise<string> {
  if (file.size > mostBytes)
    throw new BadFile(
      `The file has ${file.size.toLocaleString('en')} bytes; at most ${mostBytes.toLocaleString('en')} are read.`,
    )
  try {
    return await file.text()
  } catch (error) {
    throw new BadFile(`The file cannot be read: ${error instanceof Error ? error.message : String(error)}`)
  }
}

/** Opens a file as a link is opened. A configuration is such a file too. */
export async function openFile(playground: Playground, imports: Imports, given: File): Promise<void> {
  const file = namedPlainly([given])[0]!
  try {
    const text = await textOf(file)
    // Where it is needed: most files are none.
    const { isConfiguration, openConfiguration } = await import('../configuration/open.ts')
    if (isConfiguration(text)) await openConfiguration(playground, imports, [file])
    else {
      const { prices, ...shared } = decodeFile(text)
      if (prices) await lend(imports, shared, file.name.slice(0, 80), prices)
      await playground.openShared(shared)
    }
  } catch (error) {
    if (!(error instanceof BadFile)) throw error
    playground.tell({ tone: 'error', text: `${file.name.slice(0, 80)}: ${error.message}` })
  }
}

/** Has the prices that a file carries, for this visit. */
async function lend(imports: Imports, { data }: Shared, file: string, prices: PackedPrices): Promise<void> {
  if (data.kind !== 'imported') return
  try {
    await (await imports.wake()).lend(data.id, data.name, file, prices)
  } catch (error) {
    throw new BadFile(`It was not opened: ${reasonOf(error)}.`)
  }
}
