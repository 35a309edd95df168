/** Whether what stands behind the `#` means to be a link to a strategy; anything else there is not ours. */
export const isLink = (fragment: string) => /^#?s\d+\./.test(fragment)

/** What a page within another's shows. */
export type EmbedView = 'chart' | 'split' | 'code' | 'book'

/** The view that `?embed=` asks for, `chart` where it asks for one that there is not; undefined without it. */
export function embedView(search: string): EmbedView | undefined {
  const asked = new URLSearchParams(search).get('embed')
  if (asked === null) return undefined
  return asked === 'split' || asked === 'code' || asked === 'book' ? asked : 'chart'
}

/** The sample that `?sample=` names, and its data, as a visit; undefined where it names none. */
export function sampleOf(
  search: string,
  samples: readonly { readonly id: string; readonly data?: string }[],
): { readonly document: string; readonly data: string } | undefined {
  const asked = new URLSearchParams(search).get('sample')
  const sample = samples.find(({ id }) => id === asked)
  return sample && { document: `sample:${sample.id}`, data: sample.data ?? 'aapl' }
}
