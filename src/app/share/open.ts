import type { Imports } from '../import/imports.svelte.ts'
import type { Playground } from '../playground.svelte.ts'
import { BadLink, decodeLink } from './link.ts'
import { BadFile, decodeFile } from './shared-file.ts'

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

/** Opens a file as a link is opened. A configuration is such a file too. */
export async function openFile(playground: Playground, imports: Imports, file: File): Promise<void> {
  try {
    const text = await file.text()
    // Where it is needed: most files are none.
    const { isConfiguration, openConfiguration } = await import('../configuration/open.ts')
    if (isConfiguration(text)) await openConfiguration(playground, imports, [file])
    else await playground.openShared(decodeFile(text))
  } catch (error) {
    if (!(error instanceof BadFile)) throw error
    playground.tell({ tone: 'error', text: `${file.name.slice(0, 80)}: ${error.message}` })
  }
}
