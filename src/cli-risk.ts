import { readFileSync, statSync } from 'node:fs'
import type { RiskRules, RunRecord } from '#engine'
import { UsageError } from './cli-usage.ts'
import { counted, instant } from './cli-words.ts'

/** Option of `outcry run` for risk rules. */
export const riskOptions = {
  risk: ['FILE', 'risk rules as JSON, such as {"maxDrawdown": 0.2, "longOnly": true}'],
} as const

/** The rules of the file that was named; undefined where none was. */
export async function riskOf(path: string | undefined): Promise<RiskRules | undefined> {
  if (path === undefined) return undefined
  if (!statSync(path, { throwIfNoEntry: false })?.isFile())
    throw new UsageError(`--risk: there is no file ${path}; expected risk rules as JSON.`)
  // What checks a file is needed only where there is one.
  const { misfitSentence, readJson, readRisk, Unreadable } = await import('#session')
  try {
    const { value, twice } = readJson(readFileSync(path, 'utf8'), 'risk')
    if (twice.length > 0) throw new Unreadable(twice)
    return readRisk(value)
  } catch (error) {
    if (!(error instanceof Unreadable)) throw error
    throw new UsageError(error.misfits.map((misfit) => `${path}: ${misfitSentence(misfit)}`).join('\n'))
  }
}

/** Rules in words, as they stand in the file; undefined where there are none. */
export function riskWords(rules: RiskRules | undefined): string | undefined {
  const words = Object.entries(rules ?? {}).map(([name, rule]) =>
    rule === true ? name : `${name} ${JSON.stringify(rule).replace(/^"|"$/g, '')}`,
  )
  return words.length > 0 ? words.join(', ') : undefined
}

/** Changes of state that are told one by one. */
const mostStates = 12

/** When the rules, or a kill switch, changed what the account may do, and that nothing was left: a block of lines, or none. */
export function stateLines(refusals: RunRecord['refusals']): string[] {
  const states = refusals.filter(({ kind }) => kind === 'state')
  if (states.length === 0) return []
  const lines = states.slice(0, mostStates).map(({ time, reason }) => `${instant(time)}  ${reason}`)
  const rest = states.length - mostStates
  return [[...lines, ...(rest > 0 ? [`and ${counted(rest, 'more change')} of this kind`] : [])].join('\n')]
}

/** How many orders were refused, and how many were clipped or cut to what the account could carry. */
export function refusedWords(refusals: RunRecord['refusals']): string {
  const orders = refusals.filter(({ kind }) => kind !== 'state')
  const cut = orders.filter(
    ({ kind, numbers }) => kind === 'clip' || ((numbers['offered'] ?? 0) > 0 && (numbers['filled'] ?? 0) > 0),
  ).length
  const halts = refusals.filter(({ kind, reason }) => kind === 'state' && reason.startsWith('Halted')).length
  const words = (count: number, what: string, thing = 'order') =>
    count > 0 ? [`${count.toLocaleString('en')} ${thing}${count === 1 ? ' was' : 's were'} ${what}`] : []
  return [
    ...words(orders.length - cut, 'refused'),
    ...words(cut, 'cut short'),
    ...(halts > 0 ? [`trading was halted${halts > 1 ? ` ${halts} times` : ''}`] : []),
  ].join(', ')
}
