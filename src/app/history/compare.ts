import { metricDescriptions, type MetricDescription } from '#analysis'
import type { Source } from '#compile'
import { change, clock, money, number, percent, price, volume } from '../format.ts'
import type { RunSummary, SnapshotDetail, SnapshotTrade } from './snapshot.ts'

/** How a trade of one run stands to the other run. */
export type TradeFate = 'added' | 'removed' | 'moved' | 'changed' | 'same'

/** A trade of either run, or one of each that belong together. */
export interface TradeDifference {
  readonly fate: TradeFate
  readonly before?: SnapshotTrade | undefined
  readonly after?: SnapshotTrade | undefined
}

/**
 * The trades of two runs side by side, in the order of their entries. Trades of the same instrument, side and entry time
 * are one: `same`; `moved` where they end at other times; `changed` where only volume or prices differ. Of the others,
 * those of the same instrument and side that were held at overlapping times are one that has `moved`; what is left was
 * `added` or `removed`.
 */
export function compareTrades(
  before: readonly SnapshotTrade[],
  after: readonly SnapshotTrade[],
): readonly TradeDifference[] {
  const differences: TradeDifference[] = []
  const left = new Map<string, SnapshotTrade[]>()
  for (const trade of before) {
    const key = keyOf(trade)
    const queue = left.get(key)
    if (queue) queue.push(trade)
    else left.set(key, [trade])
  }
  const added: SnapshotTrade[] = []
  for (const trade of after) {
    const match = left.get(keyOf(trade))?.shift()
    if (match) differences.push({ fate: fateOf(match, trade), before: match, after: trade })
    else added.push(trade)
  }
  const removed = [...left.values()].flat()
  const groups = new Map<string, SnapshotTrade[]>()
  for (const trade of removed) {
    const group = groups.get(groupOf(trade))
    if (group) group.push(trade)
    else groups.set(groupOf(trade), [trade])
  }
  for (const group of groups.values()) group.sort(byEntry)
  for (const trade of added.sort(byEntry)) {
    const group = groups.get(groupOf(trade)) ?? []
    const at = group.findIndex((other) => overlap(other, trade))
    if (at < 0) differences.push({ fate: 'added', after: trade })
    else differences.push({ fate: 'moved', before: group.splice(at, 1)[0], after: trade })
  }
  for (const group of groups.values())
    for (const trade of group) differences.push({ fate: 'removed', before: trade })
  return differences.sort((a, b) => byEntry((a.after ?? a.before)!, (b.after ?? b.before)!))
}

const groupOf = ({ instrument, side }: SnapshotTrade) => `${side} ${instrument}`
const keyOf = (trade: SnapshotTrade) => `${trade.entryTime} ${groupOf(trade)}`
const byEntry = (a: SnapshotTrade, b: SnapshotTrade) => a.entryTime - b.entryTime
const equal = (a: number, b: number) => a === b || (Number.isNaN(a) && Number.isNaN(b))
const endOf = ({ exitTime }: SnapshotTrade) => (Number.isNaN(exitTime) ? Infinity : exitTime)
const overlap = (a: SnapshotTrade, b: SnapshotTrade) => a.entryTime <= endOf(b) && b.entryTime <= endOf(a)

function fateOf(a: SnapshotTrade, b: SnapshotTrade): TradeFate {
  if (!equal(a.exitTime, b.exitTime)) return 'moved'
  const same = a.size === b.size && a.entryPrice === b.entryPrice && equal(a.exitPrice, b.exitPrice)
  return same ? 'same' : 'changed'
}

/** One figure of two runs. */
export interface FigureDifference {
  readonly label: string
  readonly formula: string
  readonly before: string
  readonly after: string
  readonly change: string
  /** Whether more is better, worse, or neither. */
  readonly tone: 'gain' | 'loss' | undefined
}

/** Which way a figure is good: 1 up, -1 down, 0 neither. */
const good: Readonly<Record<string, number>> = {
  finalEquity: 1,
  totalReturn: 1,
  annualReturn: 1,
  sharpe: 1,
  sortino: 1,
  calmar: 1,
  maxDrawdown: -1,
  maxDrawdownDays: -1,
  volatility: -1,
  fees: -1,
  slippage: -1,
  winRate: 1,
  profitFactor: 1,
  averageTrade: 1,
  payoff: 1,
  averageWin: 1,
  averageLoss: 1,
}

const accountFigures = [
  'finalEquity',
  'totalReturn',
  'annualReturn',
  'buyAndHoldReturn',
  'sharpe',
  'sortino',
  'maxDrawdown',
  'maxDrawdownDays',
  'volatility',
  'exposure',
  'turnover',
  'fees',
  'slippage',
] as const
const tradeFigures = [
  'trades',
  'openTrades',
  'winRate',
  'profitFactor',
  'averageTrade',
  'payoff',
  'averageBars',
] as const

type Run = NonNullable<SnapshotDetail['run']>

/** The figures of two runs with what changed from the first to the second. */
export function compareFigures(before: Run, after: Run, currency: string): readonly FigureDifference[] {
  const row = (name: string, { label, unit, formula }: MetricDescription, a: number, b: number) => {
    const difference = b - a
    const way = good[name] ?? 0
    const same = a === b || (Number.isNaN(a) && Number.isNaN(b))
    return {
      label,
      formula,
      before: written(a, unit, currency),
      after: written(b, unit, currency),
      change: same ? '' : Number.isFinite(difference) ? writtenChange(difference, unit, currency) : '–',
      tone:
        same || !Number.isFinite(difference) || way === 0
          ? undefined
          : difference * way > 0
            ? ('gain' as const)
            : ('loss' as const),
    }
  }
  return [
    ...accountFigures.map((name) =>
      row(name, metricDescriptions.account[name], before.account[name], after.account[name]),
    ),
    ...tradeFigures.map((name) =>
      row(name, metricDescriptions.trades[name], before.all[name], after.all[name]),
    ),
  ]
}

function written(value: number, unit: MetricDescription['unit'], currency: string): string {
  if (unit === 'money') return money(value, currency)
  if (unit === 'fraction') return percent(value)
  return number(value, unit === 'ratio' ? 2 : unit === 'bars' ? 1 : 0, unit === 'ratio')
}

function writtenChange(value: number, unit: MetricDescription['unit'], currency: string): string {
  if (unit === 'money') return money(value, currency, { sign: true })
  // Points: the difference of two percentages.
  if (unit === 'fraction') return `${change(value * 100, Math.abs(value) < 0.01 ? 2 : 1)} points`
  return change(value, unit === 'ratio' ? 2 : unit === 'bars' ? 1 : 0)
}

/** Names of settings for people, by their path. */
const settingNames: Readonly<Record<string, string>> = {
  cash: 'Cash',
  fill: 'Fills',
  seed: 'Seed',
  leverage: 'Leverage',
  'costs.commission': 'Commission',
  'costs.slippage': 'Slippage',
}
const fractions = new Set(['costs.commission', 'costs.slippage'])
const words: Readonly<Record<string, string>> = {
  'next-open': 'next open',
  'same-close': 'same close',
}

/** What was asked of two runs differently, each in a sentence; empty where nothing was. */
export function differencesInWords(before: RunSummary, after: RunSummary): readonly string[] {
  const sentences: string[] = []
  const { data: a } = before
  const { data: b } = after
  if (a.id !== b.id || a.name !== b.name) sentences.push(`Data: ${a.name} became ${b.name}.`)
  const markets = [leaves(a.market ?? {}), leaves(b.market ?? {})] as const
  sentences.push(...changes(...markets, (path) => `Market, ${spaced(path)}`))
  if (a.id === b.id && markets[0].size === 0) {
    if (a.bars !== b.bars) sentences.push(`Bars: ${number(a.bars)} became ${number(b.bars)}.`)
    const { day } = clock([a.from, b.from], 'UTC')
    if (a.from !== b.from) sentences.push(`First day: ${day(a.from)} became ${day(b.from)}.`)
    if (a.to !== b.to) sentences.push(`Last day: ${day(a.to)} became ${day(b.to)}.`)
  }
  const terms = ({ settings: { inputs: _, ...others } }: RunSummary) => leaves(others)
  sentences.push(...changes(terms(before), terms(after), (path) => settingNames[path] ?? spaced(path)))
  sentences.push(...changes(leaves(before.inputs), leaves(after.inputs), (path) => `Input ${path}`))
  sentences.push(
    ...changes(leaves(companyOf(before)), leaves(companyOf(after)), (path) => `Beside it, ${path}`),
  )
  if (before.engine !== after.engine)
    sentences.push(`Engine: version ${before.engine} became ${after.engine}.`)
  return sentences
}

/** The strategies beside that of a run by their names, with their shares and inputs. */
function companyOf({ share, beside }: RunSummary): object {
  if (!beside) return {}
  const others = beside.map(
    ({ name, inputs, share }) => [name, { share: share ?? 'an equal part', ...inputs }] as const,
  )
  return { 'its own share': share ?? 'an equal part', ...Object.fromEntries(others) }
}

type Leaves = ReadonlyMap<string, unknown>

/** Every value of a tree by the path to it. */
function leaves(tree: object, path = '', into = new Map<string, unknown>()): Map<string, unknown> {
  for (const [name, value] of Object.entries(tree)) {
    const here = path ? `${path}.${name}` : name
    if (typeof value === 'object' && value !== null) leaves(value as object, here, into)
    else if (value !== undefined) into.set(here, value)
  }
  return into
}

function changes(before: Leaves, after: Leaves, name: (path: string) => string): string[] {
  const paths = [...new Set([...before.keys(), ...after.keys()])]
  return paths
    .filter((path) => before.get(path) !== after.get(path))
    .map((path) => {
      const [a, b] = [inWords(path, before.get(path)), inWords(path, after.get(path))]
      if (!before.has(path)) return `${name(path)}: ${b}, which was not set before.`
      if (!after.has(path)) return `${name(path)}: was ${a}, and is no longer set.`
      return `${name(path)}: ${a} became ${b}.`
    })
}

function inWords(path: string, value: unknown): string {
  if (typeof value === 'number')
    return fractions.has(path) ? `${number(value * 100, 4, false)}\u202f%` : number(value, 6, false)
  if (typeof value === 'boolean') return value ? 'on' : 'off'
  return words[String(value)] ?? String(value)
}

/** `riskRules.maxPosition` as people read it: `Risk rules, max position`. */
function spaced(path: string): string {
  const text = path
    .split('.')
    .map((part) => part.replace(/([a-z])([A-Z])/g, '$1 $2').toLowerCase())
    .join(', ')
  return text.charAt(0).toUpperCase() + text.slice(1)
}

/** A line of two texts, in the order of reading. */
export interface LineDifference {
  readonly kind: 'same' | 'added' | 'removed'
  readonly text: string
  /** From 1; in the first text, or in the second where it was added. */
  readonly line: number
}

/**
 * The lines of two texts with the fewest added and removed, by the longest common subsequence. Beyond 4,000 lines that
 * differ the middle is taken as replaced altogether.
 */
export function compareLines(before: string, after: string): readonly LineDifference[] {
  const a = before.split('\n')
  const b = after.split('\n')
  let start = 0
  while (start < a.length && start < b.length && a[start] === b[start]) start++
  let end = 0
  while (end < a.length - start && end < b.length - start && a.at(-1 - end) === b.at(-1 - end)) end++
  const [m, n] = [a.length - start - end, b.length - start - end]
  const lines: LineDifference[] = a
    .slice(0, start)
    .map((text, index) => ({ kind: 'same', text, line: index + 1 }))
  const removed = (i: number) => lines.push({ kind: 'removed', text: a[start + i]!, line: start + i + 1 })
  const added = (j: number) => lines.push({ kind: 'added', text: b[start + j]!, line: start + j + 1 })
  let i = 0
  let j = 0
  if (m * n <= 4_000_000) {
    const width = n + 1
    const longest = new Uint16Array((m + 1) * width)
    for (let p = m - 1; p >= 0; p--)
      for (let q = n - 1; q >= 0; q--)
        longest[p * width + q] =
          a[start + p] === b[start + q]
            ? longest[(p + 1) * width + q + 1]! + 1
            : Math.max(longest[(p + 1) * width + q]!, longest[p * width + q + 1]!)
    while (i < m && j < n)
      if (a[start + i] === b[start + j]) {
        lines.push({ kind: 'same', text: a[start + i]!, line: start + i + 1 })
        i++
        j++
      } else if (longest[(i + 1) * width + j]! >= longest[i * width + j + 1]!) removed(i++)
      else added(j++)
  }
  while (i < m) removed(i++)
  while (j < n) added(j++)
  for (let k = a.length - end; k < a.length; k++) lines.push({ kind: 'same', text: a[k]!, line: k + 1 })
  return lines
}

/** What became of a file between two texts of a strategy. */
export interface FileDifference {
  readonly file: string
  readonly before: string | undefined
  readonly after: string | undefined
  readonly added: number
  readonly removed: number
}

/** The files of two texts of a strategy, with how many lines were added to each and removed from it. */
export function compareFiles(before: Source, after: Source): readonly FileDifference[] {
  const names = [...new Set([...Object.keys(before.files), ...Object.keys(after.files)])]
  return names.map((file) => {
    const [a, b] = [before.files[file], after.files[file]]
    const lines = a === b ? [] : compareLines(a ?? '', b ?? '')
    return {
      file,
      before: a,
      after: b,
      added: b === undefined ? 0 : lines.filter(({ kind }) => kind === 'added').length,
      removed: a === undefined ? 0 : lines.filter(({ kind }) => kind === 'removed').length,
    }
  })
}

/** A trade in few words: `Long 12 AAPL, 2014-03-03 75.10 to 2014-05-01 84.40`. The instrument is left out where there is one. */
export function tradeInWords(
  { side, size, instrument, entryTime, entryPrice, exitTime, exitPrice }: SnapshotTrade,
  at: (microseconds: number) => string,
  several: boolean,
): string {
  const what = `${side > 0 ? 'Long' : 'Short'} ${volume(size)}${several ? ` ${instrument}` : ''}`
  const end = Number.isNaN(exitTime) ? ', still open' : ` to ${at(exitTime)} ${price(exitPrice)}`
  return `${what}, ${at(entryTime)} ${price(entryPrice)}${end}`
}

/** What set a run apart from the one before it, in a word or two: `fast 16`, `Sine wave, hourly`, `other code`. */
export function changeInShort(before: RunSummary, after: RunSummary): string {
  if (before.data.id !== after.data.id) return after.data.name
  const parts = [
    ...differing(leaves(before.inputs), leaves(after.inputs)),
    ...differing(
      leaves({ ...before.settings, inputs: {} }),
      leaves({ ...after.settings, inputs: {} }),
      (path) => settingNames[path] ?? spaced(path),
    ),
    ...differing(leaves(before.data.market ?? {}), leaves(after.data.market ?? {})),
    ...besideInShort(before, after),
  ]
  if (parts.length === 0) return before.digest === after.digest ? 'the same result' : 'other code'
  return parts.length > 2 ? `${parts.slice(0, 2).join(', ')} …` : parts.join(', ')
}

/** What is beside a run that was not, or is not any more. */
function besideInShort({ beside: a = [] }: RunSummary, { beside: b = [] }: RunSummary): string[] {
  const names = (all: typeof a) => all.map(({ name }) => name)
  const added = names(b).filter((name) => !names(a).includes(name))
  const gone = names(a).filter((name) => !names(b).includes(name))
  return [...added.map((name) => `with ${name}`), ...gone.map((name) => `without ${name}`)]
}

function differing(before: Leaves, after: Leaves, name = (path: string) => path): string[] {
  return [...after]
    .filter(([path, value]) => before.get(path) !== value)
    .map(([path, value]) => `${name(path)} ${inWords(path, value)}`)
}
