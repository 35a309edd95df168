import { expect, test } from 'vitest'
import type { Imports } from '../src/app/import/imports.svelte.ts'
import type { Playground } from '../src/app/playground.svelte.ts'
import { openFile } from '../src/app/share/open.ts'

/** What is said of a file that somebody gives as a shared strategy. */
async function saidOf(file: Pick<File, 'name' | 'size' | 'text'>): Promise<string> {
  let said = ''
  const playground = { tell: ({ text }: { readonly text: string }) => (said = text) }
  await openFile(playground as unknown as Playground, {} as Imports, file as File)
  return said
}

test('a file that is far too large is refused before it is read', async () => {
  const text = () => Promise.reject(new Error('read'))
  expect(await saidOf({ name: 'a.outcry.json', size: 3e9, text })).toBe(
    'a.outcry.json: The file has 3,000,000,000 bytes; at most 32,000,000 are read.',
  )
})

test('a file that was moved since it was chosen is told of', async () => {
  const text = () => Promise.reject(new DOMException('A requested file could not be found.', 'NotFoundError'))
  expect(await saidOf({ name: 'a.run.json', size: 10, text })).toBe(
    'a.run.json: The file cannot be read: A requested file could not be found.',
  )
})
