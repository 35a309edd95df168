import { BarStrategy, type BarEvent, sma } from 'outcry'
import { afterEach, expect, test, vi } from 'vitest'
import { report } from '#analysis'
import { randomWalk } from '#data'
import type { RunSettings } from '#engine'
import {
  compareFigures,
  compareFiles,
  compareLines,
  compareTrades,
  differencesInWords,
} from '../src/app/history/compare.ts'
import { History, type SnapshotStore } from '../src/app/history/history.svelte.ts'
import { momentInWords, thumbnailPath } from '../src/app/history/moment.ts'
import {
  bounds,
  snapshotOf,
  surplus,
  thumbnailOf,
  type NewSnapshot,
  type Snapshot,
  type SnapshotTrade,
} from '../src/app/history/snapshot.ts'
import type { Result } from '../src/app/run.ts'
import { run } from './market.ts'

class Crossover extends BarStrategy {
  fast = this.input('fast', 5, { min: 2, max: 50, step: 1 })
  average = this.indicator(sma(this.fast))
  slow = this.indicator(sma(20))

  async onBar({ target: bar }: BarEvent) {
    if (this.average.crossedAbove(this.slow)) await this.target(bar.instrument, 0.9)
    if (this.average.crossedBelow(this.slow)) await this.closeAll(bar.instrument)
  }
}

const data = randomWalk({ bars: 2000 })
const settings: RunSettings = {
  cash: 10_000,
  costs: { commission: 0.001, slippage: 0.0005 },
  fill: 'next-open',
  leverage: 1,
  seed: 1,
  inputs: {},
}

async function result(
  change: Partial<RunSettings> = {},
  text = '// code',
  document = 'own:1',
): Promise<Result> {
  const record = await run({ strategy: Crossover, data, settings: { ...settings, ...change } })
  return {
    record,
    report: report(record, data),
    data,
    asked: data,
    logs: [],
    milliseconds: 5,
    name: 'Crossover',
    document,
    source: { files: { 'strategy.ts': text }, entry: 'strategy.ts' },
  }
}

/** Snapshots in memory; `refuse` is a store without room, or one that keeps nothing. */
class Shelf implements SnapshotStore {
  readonly all = new Map<string, NewSnapshot>()
  refuse: string | undefined
  room = Infinity
  of: SnapshotStore['of'] = async (document) =>
    [...this.all.values()].map(({ head }) => head).filter((head) => head.document === document)
  detail: SnapshotStore['detail'] = async (id) => this.all.get(id)?.detail
  put: SnapshotStore['put'] = async (snapshot) => {
    if (this.refuse || this.all.size >= this.room)
      throw new DOMException('no', this.refuse ?? 'QuotaExceededError')
    this.all.set(snapshot.head.id, snapshot)
  }
  mark: SnapshotStore['mark'] = async (head) =>
    void this.all.set(head.id, { head, detail: this.all.get(head.id)!.detail })
  delete: SnapshotStore['delete'] = async (ids) => ids.forEach((id) => this.all.delete(id))
  deleteOldest: SnapshotStore['deleteOldest'] = async (count) => {
    const oldest = [...this.all.keys()].slice(0, count)
    await this.delete(oldest)
    return oldest.length
  }
  size: SnapshotStore['size'] = async () => this.all.size
}

async function opened(shelf: Shelf): Promise<History> {
  const history = new History(shelf)
  await history.open('own:1')
  return history
}

afterEach(() => void vi.useRealTimers())

test('every run is a snapshot, the same run again is none, and a drag is one', async () => {
  vi.useFakeTimers()
  const shelf = new Shelf()
  const history = await opened(shelf)
  const first = await result()
  await history.record(first)
  await history.record(await result())
  expect(history.snapshots.length).toBe(1)
  for (const fast of [6, 7, 8, 9]) {
    await history.record(await result({ inputs: { fast } }))
    await vi.advanceTimersByTimeAsync(300)
  }
  expect(history.snapshots.map((snapshot) => snapshot.run?.inputs['fast'])).toEqual([9, 5])
  await vi.advanceTimersByTimeAsync(5000)
  await history.record(await result({ inputs: { fast: 9 } }, '// other code'))
  await history.flush()
  expect(history.snapshots.length).toBe(3)
  expect(shelf.all.size).toBe(3)
  const next = await opened(shelf)
  expect(next.snapshots.length).toBe(3)
  expect((await next.detail(next.snapshots[0]!.id))?.source.files['strategy.ts']).toBe('// other code')
  // The latest of the last visit is known, so that its run on opening is not a second one.
  await next.record(await result({ inputs: { fast: 9 } }, '// other code'))
  expect(next.snapshots.length).toBe(3)
})

test('of more than 200 the oldest go, and never a pinned one', async () => {
  const head = (id: number, pinned = false): Snapshot => ({
    id: String(id),
    document: 'own:1',
    time: id,
    pinned,
    bytes: 1,
  })
  const all = Array.from({ length: 210 }, (_, i) => head(i, i === 3))
  const gone = surplus(all).map(({ id }) => Number(id))
  expect(gone.length).toBe(9)
  expect(Math.max(...gone)).toBe(9)
  expect(gone).not.toContain(3)

  const shelf = new Shelf()
  const { head: run, detail } = snapshotOf(await result(), 'x', 1)
  for (let i = 0; i < bounds.unpinned; i++)
    shelf.all.set(`${i}`, { head: { ...run, id: `${i}`, time: i, pinned: i === 0 }, detail })
  const history = await opened(shelf)
  await history.record(await result({ cash: 5000 }))
  await history.flush()
  await history.record(await result({ cash: 6000 }))
  await history.flush()
  expect(shelf.all.has('0')).toBe(true)
  expect(shelf.all.has('1')).toBe(false)
  expect([...shelf.all.values()].filter(({ head: { pinned } }) => !pinned).length).toBe(bounds.unpinned)
})

test('a full store makes room of its oldest snapshots; one that keeps nothing leaves them in the page', async () => {
  const shelf = new Shelf()
  const history = await opened(shelf)
  shelf.room = 1
  for (const cash of [1000, 2000]) {
    await history.record(await result({ cash }))
    await history.flush()
  }
  expect([...shelf.all.values()].map(({ head }) => head.run?.settings.cash)).toEqual([2000])
  expect(history.kept).toBe(true)
  shelf.refuse = 'SecurityError'
  await history.record(await result({ cash: 3000 }))
  await history.flush()
  expect(history.kept).toBe(false)
  const [latest] = history.snapshots
  expect((await history.detail(latest!.id))?.run?.account.startEquity).toBe(3000)
})

test('a text that had not run is kept before another takes its place', async () => {
  const shelf = new Shelf()
  const history = await opened(shelf)
  await history.record(await result())
  const source = { files: { 'strategy.ts': '// half an idea' }, entry: 'strategy.ts' }
  expect(history.isLatest(source)).toBe(false)
  await history.keepText(source, 'own:1')
  const [text, before] = history.snapshots
  expect([text?.run, before?.run?.trades]).toEqual([undefined, expect.any(Number)])
  expect((await history.detail(text!.id))?.source).toEqual(source)
})

test('a snapshot is pinned and named, and says so after a reload', async () => {
  const shelf = new Shelf()
  const history = await opened(shelf)
  await history.record(await result())
  const { id } = history.snapshots[0]!
  await history.pin(id, true)
  await history.name(id, '  before the \n stop loss ')
  const [again] = (await opened(shelf)).snapshots
  expect([again?.pinned, again?.name]).toEqual([true, 'before the stop loss'])
  await history.name(id, '')
  expect((await opened(shelf)).snapshots[0]?.name).toBeUndefined()
})

test('a thumbnail goes from the low to the high of the equity, whatever its length', () => {
  expect([...thumbnailOf(Float64Array.of(10, 20, 15))]).toEqual([0, 255, 128])
  expect([...thumbnailOf(Float64Array.of(5, 5))]).toEqual([128, 128])
  expect(thumbnailOf(new Float64Array(0)).length).toBe(0)
  const long = thumbnailOf(Float64Array.from({ length: 100_000 }, (_, i) => i))
  expect([long.length, long[0], long.at(-1)]).toEqual([bounds.thumbnail, 0, 255])
  expect(thumbnailPath(Uint8Array.of(0, 255), 10, 10)).toBe('M0.0 8.0L10.0 2.0')
})

const day = 86_400_000_000
const trade = (entry: number, exit: number, change: Partial<SnapshotTrade> = {}): SnapshotTrade => ({
  instrument: 'AAPL',
  side: 1,
  size: 10,
  entryTime: entry * day,
  exitTime: exit * day,
  entryPrice: 100,
  exitPrice: 110,
  pnl: 100,
  ...change,
})

test('trades of two runs are told apart by instrument, side and entry', () => {
  const before = [trade(1, 3), trade(5, 8), trade(10, 12), trade(20, 22), trade(30, NaN), trade(40, 41)]
  const after = [
    trade(1, 3),
    trade(5, 9),
    trade(11, 13),
    trade(20, 22, { size: 12 }),
    trade(30, NaN),
    trade(40, 41, { side: -1 }),
    trade(50, 51),
  ]
  const fates = compareTrades(before, after).map(
    ({ fate, before, after }) => `${(after ?? before)!.entryTime / day} ${fate}`,
  )
  expect(fates).toEqual([
    '1 same',
    '5 moved',
    '11 moved',
    '20 changed',
    '30 same',
    '40 added',
    '40 removed',
    '50 added',
  ])
})

test('every trade of both runs is in the comparison once', async () => {
  const [a, b] = await Promise.all([result(), result({ inputs: { fast: 9 } })])
  const [before, after] = [a, b].map((each) => snapshotOf(each, 'x', 0).detail.run!.trades) as [
    readonly SnapshotTrade[],
    readonly SnapshotTrade[],
  ]
  const all = compareTrades(before, after)
  expect(all.filter((one) => one.before).length).toBe(before.length)
  expect(all.filter((one) => one.after).length).toBe(after.length)
  expect(new Set(all.map((one) => one.before).filter(Boolean)).size).toBe(before.length)
  expect(compareTrades(before, before).every(({ fate }) => fate === 'same')).toBe(true)
  const profit = all.reduce((sum, one) => sum + (one.after?.pnl ?? 0) - (one.before?.pnl ?? 0), 0)
  const total = (each: Result) => each.report.trades.pnl.reduce((sum, value) => sum + value, 0)
  expect(profit).toBeCloseTo(total(b) - total(a), 6)
})

test('figures change with a sign, and better is not always more', async () => {
  const [a, b] = (await Promise.all([result(), result({ costs: { commission: 0.01, slippage: 0 } })])).map(
    (each) => snapshotOf(each, 'x', 0).detail.run!,
  ) as [NonNullable<NewSnapshot['detail']['run']>, NonNullable<NewSnapshot['detail']['run']>]
  const rows = compareFigures(a, b, 'USD')
  const row = (label: string) => rows.find((one) => one.label === label)!
  expect(row('Return').tone).toBe('loss')
  expect(row('Return').change).toMatch(/^\u2212[\d.]+ points$/)
  expect(row('Fees').tone).toBe('loss')
  expect(row('Fees').change).toMatch(/^\+\$/)
  expect(compareFigures(a, a, 'USD').every(({ change }) => change === '')).toBe(true)
})

test('settings, inputs and data that differ are told in words, also those that nobody here has heard of', async () => {
  const before = snapshotOf(await result(), 'x', 0).head.run!
  const after = snapshotOf(
    await result({
      cash: 5000,
      fill: 'same-close',
      inputs: { fast: 9 },
      costs: { commission: 0, slippage: 0.0005 },
    }),
    'x',
    0,
  ).head.run!
  expect(differencesInWords(before, after)).toEqual([
    'Cash: 10,000 became 5,000.',
    'Commission: 0.1\u202f% became 0\u202f%.',
    'Fills: next open became same close.',
    'Input fast: 5 became 9.',
  ])
  expect(differencesInWords(before, before)).toEqual([])
  const risky = { ...after, settings: { ...after.settings, riskRules: { maxPosition: 3 } } }
  expect(differencesInWords(after, risky)).toEqual(['Risk rules, max position: 3, which was not set before.'])
  expect(
    differencesInWords(before, {
      ...before,
      data: { ...before.data, name: 'Other', bars: 3, to: before.data.to },
    }),
  ).toEqual(['Data: Random walk, hourly became Other.', 'Bars: 2,000 became 3.'])
})

test('lines are compared with as few as can be added and removed', () => {
  const kinds = (a: string, b: string) =>
    compareLines(a, b)
      .map(({ kind, text }) => `${kind === 'added' ? '+' : kind === 'removed' ? '-' : ' '}${text}`)
      .join('|')
  expect(kinds('a\nb\nc', 'a\nx\nc')).toBe(' a|-b|+x| c')
  expect(kinds('a\nb\nc\nd', 'b\nd\ne')).toBe('-a| b|-c| d|+e')
  expect(kinds('', 'a')).toBe('-|+a')
  expect(kinds('same', 'same')).toBe(' same')
  expect(
    compareFiles(
      { files: { 'a.ts': 'x\ny', 'b.ts': 'gone' }, entry: 'a.ts' },
      { files: { 'a.ts': 'x\nz', 'c.ts': 'new' }, entry: 'a.ts' },
    ).map(({ file, added, removed }) => [file, added, removed]),
  ).toEqual([
    ['a.ts', 1, 1],
    ['b.ts', 0, 1],
    ['c.ts', 1, 0],
  ])
})

test('a moment is told as people say it', () => {
  const now = new Date(2026, 10, 20, 15, 30).getTime()
  const ago = (minutes: number) => momentInWords({ time: now - minutes * 60_000 }, now)
  expect([ago(0.5), ago(1.5), ago(12), ago(87), ago(60 * 24)]).toEqual([
    'just now',
    'a minute ago',
    '12 minutes ago',
    'today 14:03',
    '2026-11-19 15:30',
  ])
})
