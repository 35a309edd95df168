import { chooseFiles } from '../hand-over.ts'
import type { Imports } from '../import/imports.svelte.ts'
import type { Action } from '../palette/actions.ts'
import type { Playground } from '../playground.svelte.ts'

/** The commands about configurations. What reads and writes them is fetched when one is called. */
export function configurationActions(playground: Playground, imports: Imports): readonly Action[] {
  const fetched = () => import('./open.ts')
  const open = async () => {
    // Asked for at once: browsers open the dialog only while the reader's key or click is fresh.
    const files = await chooseFiles('.json,.ts,.js,.zip,application/json,application/zip')
    if (files.length > 0) await (await fetched()).openConfiguration(playground, imports, files)
  }
  const save = async () => (await fetched()).saveConfiguration(playground, imports)
  const words = 'json file run exchange strategy settings costs risk range'
  return [
    {
      id: 'open configuration',
      label: 'Open configuration…',
      group: 'Configuration',
      words,
      run: () => void open(),
    },
    {
      id: 'save configuration',
      label: 'Save configuration…',
      group: 'Configuration',
      words: `${words} download export`,
      run: () => void save(),
    },
  ]
}
