import ChartPanel from '../ChartPanel.svelte'
import PlainEditor from '../editor/PlainEditor.svelte'
import { panels } from '../panels.ts'
import Results, { hasBook } from '../Results.svelte'
import { isLink, sampleOf } from './address.ts'

/**
 * What the page within another's shares with the whole page. It is handed over rather than imported there: the build
 * would otherwise cut the first load into many files, which pack worse by 5 KB.
 */
export const embedParts = {
  ChartPanel,
  PlainEditor,
  Results,
  panels,
  hasBook,
  isLink,
  sampleOf,
} as const
export type EmbedParts = typeof embedParts
