import type { SyntheticRequest } from '#data'
import type { InputValue } from '#engine'
import { first } from './first.ts'
import type { Terms } from './run.ts'
import { keep, recall } from './storage.ts'

/** What is open and chosen, kept to begin with on the next visit. */
export interface Visit {
  readonly document: string
  readonly edited: boolean
  readonly data: string
  readonly terms: Terms
  readonly inputs: Readonly<Record<string, InputValue>>
  readonly market: SyntheticRequest
}

/** The last visit; this program wrote it, perhaps in another version. */
export const lastVisit = () => recall<Partial<Visit>>('visit')

/** Keeps what is open and chosen now. */
export const keepVisit = (visit: Visit) => keep('visit', visit)

/** Whether a visit is to what a first one shows. */
export function isFirst(visit: Partial<Visit> | undefined): boolean {
  if (!visit) return true
  const { document, edited, data, terms, inputs } = visit
  return (
    document === `sample:${first.sample}` &&
    !edited &&
    data === first.data &&
    JSON.stringify(terms) === JSON.stringify(first.terms) &&
    JSON.stringify(inputs) === '{}'
  )
}

/** What can be read of a visit's settings. What cannot is absent: the usual ones then stand beside the result. */
export async function settingsOf({
  terms,
  inputs,
  market,
}: Partial<Visit>): Promise<Partial<Pick<Visit, 'terms' | 'inputs' | 'market'>>> {
  const { readMarket, readSettings } = await import('#session')
  let read: Partial<Pick<Visit, 'terms' | 'inputs' | 'market'>> = {}
  try {
    const { inputs: values, ...rest } = readSettings({ ...terms, inputs })
    read = { terms: rest, inputs: values }
  } catch {
    // Absent.
  }
  try {
    if (market) read = { ...read, market: readMarket(market) }
  } catch {
    // Absent.
  }
  return read
}
