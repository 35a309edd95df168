import type { Report } from '#analysis'
import type { Source } from '#compile'
import { changesSince, type RunRecord, type RunSettings } from '#engine'
import { sameSource } from '../documents/document.ts'
import { change, counted, number, percent } from '../format.ts'
import type { Asked } from '../together/together.svelte.ts'
import { figuresOf, partingOf, type Parting } from './claims.ts'
import type { ClaimedFigures, Claims, DataReference, Shared } from './shared.ts'

/** A run to be held against what was shared. */
export interface Rerun {
  readonly source: Source
  readonly data: DataReference
  readonly record: RunRecord
  readonly report: Report
  /** Of a run of several strategies. */
  readonly asked?: Asked | undefined
}

/** Something that is not as the author had it, in a sentence. */
export interface Difference {
  readonly of: 'code' | 'data' | 'settings' | 'engine' | 'bars' | 'figures' | 'run'
  readonly text: string
}

/** What a run says of the author's figures. */
export interface Reproduction {
  /** The same orders, fills and equity to the last bit, and the figures that were claimed. */
  readonly exact: boolean
  /** What differs, what decides it first. */
  readonly differences: readonly Difference[]
  /** Where the trades part. */
  readonly parting?: Parting
}

const setOf = (data: DataReference) => (data.kind === 'synthetic' ? '' : data.id.split('+')[0])
/** The mark of hours that somebody wrote down for imported prices. */
const hoursOf = (data: DataReference) =>
  data.kind === 'synthetic' ? undefined : /\+hours-\w+/.exec(data.id)?.[0]

/** Holds a run against what its author claims of it. */
export function reproduction(shared: Shared & { readonly claims: Claims }, rerun: Rerun): Reproduction {
  const { claims } = shared
  const { record, report } = rerun
  const same = record.digest.startsWith(claims.digest)
  const figures = differentFigures(claims.figures, figuresOf(report))
  if (same && figures.length === 0) return { exact: true, differences: [] }
  const differences: Difference[] = []
  const say = (of: Difference['of'], text: string) => void differences.push({ of, text })
  if (!sameSource(shared.source, rerun.source)) say('code', 'You changed the code.')
  if (!same && !sameJson(shared.data, rerun.data, ['kind', 'id', 'market']))
    say(
      'data',
      hoursOf(shared.data) !== hoursOf(rerun.data) && setOf(shared.data) === setOf(rerun.data)
        ? 'The author runs these prices by trading hours written for them, which a link does not carry; here they have others or none. Write the same under Details of the data, or ask for the file with its prices.'
        : 'You chose other data than the author.',
    )
  if (!sameBeside(shared, rerun.asked))
    say('code', 'You changed the strategies beside it, or their inputs or shares.')
  const own = rerun.asked ? { ...record.settings, inputs: rerun.asked.inputs } : record.settings
  const settings = differentSettings(shared.settings, own)
  if (settings.length > 0) say('settings', `Not as the author has it: ${settings.join('; ')}.`)
  if (claims.engine !== record.engine) say('engine', engineInWords(claims.engine, record.engine))
  const unlike = differences.some(({ of }) => of === 'data')
  const held = !Object.is(claims.figures.buyAndHoldReturn, figuresOf(report).buyAndHoldReturn)
  if (!unlike && claims.bars !== record.bars)
    say('bars', `The author's data has ${counted(claims.bars, 'bar')}, this has ${number(record.bars)}.`)
  else if (!unlike && settings.length === 0 && held)
    say(
      'bars',
      `To buy and hold made ${percent(claims.figures.buyAndHoldReturn, true, 2)} at the author's and makes ${percent(figuresOf(report).buyAndHoldReturn, true, 2)} here, so ${claims.engine === record.engine ? 'the prices are others' : 'the prices are others, or the costs that it pays with the other engine'}.`,
    )
  if (same)
    say('figures', `The run is the same, but these figures are not what it comes to: ${figures.join('; ')}.`)
  else if (differences.length === 0)
    say(
      'run',
      'Code, data, settings and engine are the same, so the claimed figures are not what this code gives.',
    )
  const parting = same ? undefined : partingOf(claims, report.trades)
  return { exact: false, differences, ...(parting && { parting }) }
}

/** Whether the same strategies ran beside the shared one, whatever they are called. */
function sameBeside({ share, beside = [] }: Shared, asked: Asked | undefined): boolean {
  const others = asked?.beside ?? []
  return (
    beside.length === others.length &&
    (!asked || share === asked.share) &&
    beside.every(
      (one, at) =>
        sameSource(one.source, others[at]!.source) &&
        one.share === others[at]!.share &&
        sameJson(one.inputs, others[at]!.inputs, Object.keys({ ...one.inputs, ...others[at]!.inputs })),
    )
  )
}

/** That another engine made the claims, and what it did otherwise. */
function engineInWords(theirs: string, own: string): string {
  const changes = changesSince(theirs) ?? []
  const since = changes.length > 0 ? ` Since then, ${changes.join(', and ')}.` : ''
  return `The author's engine is ${theirs || 'not told'}, this one is ${own}.${since}`
}

/** Where trades part, in words. */
export function partingInWords({ from, to }: Parting): string {
  if (from === to) return `The first trade that differs is number ${number(from)}.`
  return `The first trade that differs is one of numbers ${number(from)} to ${number(to)}.`
}

function differentFigures(claimed: ClaimedFigures, own: ClaimedFigures): string[] {
  const words: Readonly<Record<keyof ClaimedFigures, (value: number) => string>> = {
    totalReturn: (value) => `return ${percent(value, true)}`,
    buyAndHoldReturn: (value) => `buy and hold ${percent(value, true)}`,
    sharpe: (value) => `Sharpe ${change(value)}`,
    maxDrawdown: (value) => `drawdown ${percent(value)}`,
    trades: (value) => counted(value, 'trade'),
    costs: (value) => `costs ${number(value, 2)}`,
  }
  return (Object.keys(words) as (keyof ClaimedFigures)[])
    .filter((figure) => !Object.is(claimed[figure], own[figure]))
    .map((figure) => `${words[figure](claimed[figure])} is claimed, it is ${words[figure](own[figure])}`)
}

/** Settings that are not the same, each as `name here, there`. */
function differentSettings(theirs: RunSettings, own: RunSettings): string[] {
  const flat = (settings: RunSettings) => {
    const all = new Map<string, unknown>()
    const walk = (value: unknown, path: string) => {
      if (typeof value === 'object' && value !== null)
        for (const [key, part] of Object.entries(value)) walk(part, path ? `${path}.${key}` : key)
      else if (value !== undefined) all.set(path.replace(/^inputs\./, ''), value)
    }
    walk(settings, '')
    return all
  }
  const [there, here] = [flat(theirs), flat(own)]
  const text = (value: unknown) => (value === undefined ? 'the usual' : String(value))
  return [...new Set([...there.keys(), ...here.keys()])]
    .filter((name) => there.get(name) !== here.get(name))
    .slice(0, 6)
    .map((name) => `${name} is ${text(here.get(name))} here, ${text(there.get(name))} there`)
}

function sameJson<Value extends object>(a: Value, b: Value, keys: readonly string[]): boolean {
  const text = (value: Value) => JSON.stringify(sorted(value), (_, part: unknown) => part)
  const sorted = (value: Value) =>
    keys.map((key) => {
      const part = (value as Record<string, unknown>)[key]
      return typeof part === 'object' && part !== null ? Object.entries(part).sort() : part
    })
  return text(a) === text(b)
}
