import type { ShownZone } from '../writing.svelte.ts'

/** Number formats to choose from: the tag of a locale, '' for the browser's own, and an example. */
export const numberFormats: readonly (readonly [string, string])[] = [
  ['', "as the browser's language"],
  ['en-US', '1,234.5 (English)'],
  ['de-DE', '1.234,5 (German)'],
  ['fr-FR', '1\u202f234,5 (French)'],
  ['de-CH', '1’234.5 (Swiss)'],
  ['en-IN', '12,34,567.5 (Indian)'],
]

/** Zones that times can be told in. */
export const zones: readonly (readonly [ShownZone, string])[] = [
  ['exchange', 'Exchange'],
  ['utc', 'UTC'],
  ['local', 'Mine'],
]
