/** How the reference's addresses begin. */
export const prefix = '#reference'

/**
 * What an address' fragment names in the reference: a name such as `Strategy.buy`, empty for its first page; undefined
 * where it is about something else.
 */
export function placeIn(fragment: string): string | undefined {
  if (fragment !== prefix && !fragment.startsWith(`${prefix}/`)) return undefined
  try {
    return decodeURIComponent(fragment.slice(prefix.length + 1))
  } catch {
    return ''
  }
}
