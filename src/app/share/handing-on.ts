import { copy, download, fileNameOf } from '../hand-over.ts'
import type { Action } from '../palette/actions.ts'
import type { Playground } from '../playground.svelte.ts'
import { assumptions } from '../terms.ts'
import type { EmbedView } from './address.ts'
import { sharing } from './asked.svelte.ts'
import { htmlReport } from './html-report.ts'
import { encodeLink } from './link.ts'
import { bounds, type Shared } from './shared.ts'
import { encodeFile, type SharedFile, sharedFileName } from './shared-file.ts'
import { sharedOf } from './sharing.ts'

/** The address of this page without what stands behind it. */
const page = () => `${location.origin === 'null' ? '' : location.origin}${location.pathname}`

/** A link to what is shared. */
export const linkTo = async (shared: Shared): Promise<string> => page() + (await encodeLink(shared))

/** Whether a link is longer than any that is read. */
export const isTooLong = (link: string) => link.slice(link.indexOf('#')).length > bounds.encoded

/**
 * The element that shows a link within another page: a frame of this origin, which works on hosts that let no other
 * origin read their files, and which can neither open windows nor leave its place.
 */
export function embedCode(link: string, view: EmbedView, name: string): string {
  const [address, fragment] = [link.slice(0, link.indexOf('#')), link.slice(link.indexOf('#'))]
  const title = `${name} in Outcry`.replaceAll('&', '&amp;').replaceAll('"', '&quot;').replaceAll('<', '&lt;')
  return `<iframe src="${address}?embed=${view}${fragment}" title="${title}" sandbox="allow-scripts allow-same-origin" loading="lazy" style="width:100%;height:480px;border:0"></iframe>`
}

/** Why what is open cannot be shown within another page; undefined where it can. */
export function embedProblem({ dataId }: Playground): string | undefined {
  return dataId.startsWith('imported:')
    ? 'A page within another has no library, so your own prices would be missing there. Choose prices that come with Outcry.'
    : undefined
}

/** Hands what is shared to the reader as a file, perhaps with the prices that it ran on. */
export function saveFile(shared: SharedFile): void {
  download(sharedFileName(shared), encodeFile(shared), 'application/json')
}

/** Hands the latest result to the reader as one HTML file, with the link where there is one. */
export function saveReport({ result, library }: Playground, link: string): void {
  if (!result) return
  const { costs, fill } = result.record.settings
  const report = htmlReport({
    name: library.name,
    source: result.source,
    result,
    assumptions: assumptions({ costs, fill }, result.asked.synthetic ?? result.asked.recorded, result.record),
    link,
  })
  download(fileNameOf(library.name, '.html'), report, 'text/html')
}

const tooLong = 'This is too long for a link. Save it as a file instead.'
const views: readonly (readonly [EmbedView, string])[] = [
  ['split', 'code beside chart'],
  ['chart', 'chart'],
  ['code', 'code'],
]

/** The ways to hand on what is open, as commands. */
export function shareActions(playground: Playground): readonly Action[] {
  const { library } = playground
  const link = async () => {
    const made = await linkTo(sharedOf(playground))
    return isTooLong(made) ? undefined : made
  }
  const copied = async (text: string | undefined, what: string) => {
    if (text === undefined) playground.tell({ tone: 'warn', text: tooLong })
    else if (await copy(text)) playground.tell({ tone: 'info', text: `${what} copied.` })
    else
      playground.tell({
        tone: 'warn',
        text: 'This browser did not let the page copy. Open Share, and copy the link there.',
      })
  }
  const embed = async (view: EmbedView) => {
    const problem = embedProblem(playground)
    if (problem !== undefined) return playground.tell({ tone: 'warn', text: problem })
    const made = await link()
    await copied(made && embedCode(made, view, library.name), 'Embed code')
  }
  const group = 'Share'
  return [
    { id: 'share', label: 'Share…', group, words: 'link qr send', run: () => void sharing.asked++ },
    {
      id: 'share link',
      label: 'Copy a link to this strategy',
      group,
      words: 'share url',
      run: () => void link().then((made) => copied(made, 'Link')),
    },
    ...views.map(([view, words]) => ({
      id: `share ${view}`,
      label: `Copy embed code: ${words}`,
      group,
      words: 'share iframe html teaching page',
      run: () => void embed(view),
    })),
    {
      id: 'share file',
      label: 'Save as an Outcry file',
      group,
      words: 'share download json',
      run: () => saveFile(sharedOf(playground)),
    },
    ...(playground.result
      ? [
          {
            id: 'share report',
            label: 'Save a report of the run',
            group,
            words: 'share download html',
            run: () => void link().then((made) => saveReport(playground, made ?? '')),
          },
        ]
      : []),
  ]
}
