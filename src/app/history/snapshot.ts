import type { AccountMetrics, TradeColumns, TradeMetrics } from '#analysis'
import type { Source } from '#compile'
import type { SyntheticRequest } from '#data'
import { currencyOf, type InputValue, type RunSettings } from '#engine'
import { sameSource } from '../documents/document.ts'
import type { Result } from '../run.ts'
import type { SharedStrategy } from '../share/shared.ts'

/** What a run was on, to be chosen again. */
export interface SnapshotData {
  readonly id: string
  readonly name: string
  /** What market was asked for, where the run made it. */
  readonly market?: SyntheticRequest | undefined
  /** Times of the first and the last value of the account, microseconds UTC; NaN where there is none. */
  readonly from: number
  readonly to: number
  readonly bars: number
}

/** What a list shows of a run. */
export interface RunSummary {
  readonly digest: string
  readonly engine: string
  readonly data: SnapshotData
  readonly settings: RunSettings
  /** Every declared input with the value it had. */
  readonly inputs: Readonly<Record<string, InputValue>>
  /** Share of the cash, where others were beside it and it had one. */
  readonly share?: number | undefined
  /** Strategies that ran beside it; absent where it was alone. */
  readonly beside?: readonly Omit<SharedStrategy, 'source'>[] | undefined
  readonly currency: string
  readonly totalReturn: number
  readonly maxDrawdown: number
  readonly sharpe: number
  readonly trades: number
  /** Equity from its low, 0, to its high, 255, evenly over time. */
  readonly thumbnail: Uint8Array
}

/** A moment of a strategy's history as a list needs it: a run, or a text that was kept before another took its place. */
export interface Snapshot {
  readonly id: string
  /** Id of the document. */
  readonly document: string
  /** Milliseconds since 1970 UTC. */
  readonly time: number
  /** Given by the user. */
  readonly name?: string | undefined
  /** A pinned one stays when older ones make room. */
  readonly pinned: boolean
  readonly run?: RunSummary | undefined
  /** About how many bytes it takes in the browser's storage. */
  readonly bytes: number
}

/** A trade as two runs are compared by it; instruments by name. */
export interface SnapshotTrade {
  readonly instrument: string
  /** 1 long, -1 short. */
  readonly side: number
  readonly size: number
  /** Microseconds UTC. */
  readonly entryTime: number
  /** NaN while it is open. */
  readonly exitTime: number
  readonly entryPrice: number
  readonly exitPrice: number
  readonly pnl: number
}

/** The part of a snapshot that is read when it is looked at. */
export interface SnapshotDetail {
  readonly id: string
  readonly source: Source
  /** Of the strategies that ran beside it. */
  readonly beside?: readonly Source[] | undefined
  readonly run?:
    | {
        /** At most {@link bounds.points} of the account's values, the last included. */
        readonly equity: { readonly time: Float64Array; readonly value: Float64Array }
        readonly account: AccountMetrics
        readonly all: TradeMetrics
        /** The first {@link bounds.trades}. */
        readonly trades: readonly SnapshotTrade[]
        /** How many there were. */
        readonly tradeCount: number
        /** Zone of the first instrument. */
        readonly zone: string
        /** Whether times are dates, so that no zone moves them. */
        readonly daily: boolean
      }
    | undefined
}

/** The strategies that ran beside that of a snapshot; undefined where it was alone. */
export function companyOf(
  { run }: Snapshot,
  { beside }: SnapshotDetail,
): { readonly share?: number; readonly beside: readonly SharedStrategy[] } | undefined {
  if (!run?.beside || !beside) return undefined
  return {
    ...(run.share === undefined ? {} : { share: run.share }),
    beside: run.beside.flatMap((one, at) => (beside[at] ? [{ ...one, source: beside[at] }] : [])),
  }
}

/** A snapshot, whole. */
export interface NewSnapshot {
  readonly head: Snapshot
  readonly detail: SnapshotDetail
}

/** How much is kept. */
export const bounds = {
  /** Snapshots of one strategy that are not pinned. */
  unpinned: 200,
  /** Pinned snapshots of one strategy. */
  pinned: 50,
  points: 600,
  thumbnail: 72,
  trades: 2000,
  /** Characters of a snapshot's name. */
  name: 60,
} as const

/** Runs that follow one another this closely, in milliseconds, on the same code and data, are one drag of a slider. */
export const dragPause = 1500

/** What stays of a run. `time` is milliseconds since 1970 UTC. */
export function snapshotOf(result: Result, id: string, time: number): NewSnapshot {
  const { record, report, asked, source, document, data, together } = result
  const company = together?.asked
  const { equity } = record
  const names = record.instruments.map(({ name }) => name)
  const last = equity.time.length - 1
  const detail: SnapshotDetail = {
    id,
    source,
    ...(company && { beside: company.beside.map(({ source }) => source) }),
    run: {
      equity: thinned(equity, bounds.points),
      account: report.account,
      all: report.all,
      trades: tradesOf(report.trades, names),
      tradeCount: report.trades.side.length,
      zone: record.instruments[0]?.timeZone ?? 'UTC',
      daily: isDaily(data.instruments[0]?.bars.time ?? equity.time),
    },
  }
  const run: RunSummary = {
    digest: record.digest,
    engine: record.engine,
    data: {
      id: asked.id,
      name: asked.name,
      market: asked.synthetic,
      from: last < 0 ? NaN : equity.time[0]!,
      to: last < 0 ? NaN : equity.time[last]!,
      bars: record.bars,
    },
    settings: company ? { ...record.settings, inputs: company.inputs } : record.settings,
    inputs: (record.strategies?.[0] ?? record).inputs,
    ...(company && {
      share: company.share,
      beside: company.beside.map(({ name, inputs, share }) => ({
        name,
        inputs,
        ...(share === undefined ? {} : { share }),
      })),
    }),
    currency: currencyOf(record),
    totalReturn: report.account.totalReturn,
    maxDrawdown: report.account.maxDrawdown,
    sharpe: report.account.sharpe,
    trades: report.all.trades + report.all.openTrades,
    thumbnail: thumbnailOf(equity.value),
  }
  return { head: { id, document, time, pinned: false, run, bytes: bytesOf(detail) }, detail }
}

/** What stays of a text that has not run. */
export function textSnapshot(source: Source, document: string, id: string, time: number): NewSnapshot {
  const detail = { id, source }
  return { head: { id, document, time, pinned: false, bytes: bytesOf(detail) }, detail }
}

/** Whether two runs were asked for the same and came to the same. */
export function sameRun(a: NewSnapshot, b: NewSnapshot): boolean {
  return (
    a.head.run !== undefined &&
    a.head.run.digest === b.head.run?.digest &&
    a.head.document === b.head.document &&
    sameSource(a.detail.source, b.detail.source) &&
    sameBeside(a.detail, b.detail) &&
    askedFor(a.head.run) === askedFor(b.head.run)
  )
}

/** Whether two runs are of the same code on the same data, whatever their inputs and settings. */
export function sameOrigin(a: NewSnapshot, b: NewSnapshot): boolean {
  return (
    a.head.document === b.head.document &&
    a.head.run?.data.id === b.head.run?.data.id &&
    sameSource(a.detail.source, b.detail.source) &&
    sameBeside(a.detail, b.detail)
  )
}

function sameBeside({ beside: a = [] }: SnapshotDetail, { beside: b = [] }: SnapshotDetail): boolean {
  return a.length === b.length && a.every((source, at) => sameSource(source, b[at]!))
}

/** Whether a run is the next step of a drag of a slider. */
export function sameDrag(a: NewSnapshot, b: NewSnapshot): boolean {
  const plain = !a.head.pinned && a.head.name === undefined
  return plain && b.head.time - a.head.time < dragPause && sameOrigin(a, b)
}

const askedFor = ({ data, settings, inputs, share, beside }: RunSummary) =>
  JSON.stringify([data.id, data.market, settings, inputs, share, beside], (_name, value: unknown) =>
    // What was kept may have its fields in another order.
    typeof value === 'object' && value !== null && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
      : value,
  )

/** The snapshots of one strategy that go to make room: the oldest of those that are not pinned. */
export function surplus(all: readonly Snapshot[], limit: number = bounds.unpinned): readonly Snapshot[] {
  return all
    .filter(({ pinned }) => !pinned)
    .sort((a, b) => b.time - a.time)
    .slice(limit)
}

/** Equity as bytes from its low to its high, each the last value of an even part of the rows. */
export function thumbnailOf(values: Float64Array): Uint8Array {
  const count = Math.min(bounds.thumbnail, values.length)
  const picked = Array.from(
    { length: count },
    (_, i) => values[Math.round((i / Math.max(1, count - 1)) * (values.length - 1))]!,
  )
  const low = Math.min(...picked)
  const high = Math.max(...picked)
  return Uint8Array.from(picked, (value) =>
    high > low ? Math.round(((value - low) / (high - low)) * 255) : 128,
  )
}

function thinned({ time, value }: Result['record']['equity'], points: number) {
  const rows = time.length
  if (rows <= points) return { time: time.slice(), value: value.slice() }
  const row = (i: number) => Math.round((i / (points - 1)) * (rows - 1))
  return {
    time: Float64Array.from({ length: points }, (_, i) => time[row(i)]!),
    value: Float64Array.from({ length: points }, (_, i) => value[row(i)]!),
  }
}

function tradesOf(trades: TradeColumns, names: readonly string[]): SnapshotTrade[] {
  return Array.from({ length: Math.min(trades.side.length, bounds.trades) }, (_, row) => ({
    instrument: names[trades.instrument[row]!] ?? '',
    side: trades.side[row]!,
    size: trades.size[row]!,
    entryTime: trades.entryTime[row]!,
    exitTime: trades.exitTime[row]!,
    entryPrice: trades.entryPrice[row]!,
    exitPrice: trades.exitPrice[row]!,
    pnl: trades.pnl[row]!,
  }))
}

function isDaily(times: ArrayLike<number>): boolean {
  const step = Math.max(1, Math.floor(times.length / 200))
  for (let i = 0; i < times.length; i += step) if (times[i]! % 86_400_000_000 !== 0) return false
  return times.length > 0
}

/** A trade is eight fields of about twelve bytes as the browser writes them; a head with its figures about two thousand. */
function bytesOf({ source, beside = [], run }: SnapshotDetail): number {
  const text = [source, ...beside].reduce(
    (sum, { files }) => Object.values(files).reduce((sum, file) => sum + file.length, sum),
    0,
  )
  return 2000 + text + (run ? run.equity.time.byteLength * 2 + run.trades.length * 160 : 0)
}
