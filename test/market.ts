import type { DataSet, RecordedFlow } from '#data'
import {
  type JointRunOptions,
  type LogEntry,
  type RunOptions,
  type RunRecord,
  type RunSettings,
  run as runWhole,
} from '#engine'
import { lobsterTime, readLobster } from '#exchange'
import type { InstrumentSpec } from '#market'
import type { Strategy } from 'outcry'

const day = 86_400e6
const monday = Date.UTC(2024, 0, 1) * 1000

/** One bar as `[open, high, low, close]`, or a price at which all four lie. */
export type Candle = number | readonly [open: number, high: number, low: number, close: number]

/** Daily bars of one instrument, from 2024-01-01 on or from a day after it. */
export function series(spec: InstrumentSpec, candles: readonly Candle[], firstDay = 0) {
  const rows = candles.map((candle) =>
    typeof candle === 'number' ? ([candle, candle, candle, candle] as const) : candle,
  )
  const column = (pick: number) => Float64Array.from(rows, (row) => row[pick]!)
  return {
    instrument: spec,
    bars: {
      time: Float64Array.from(rows, (_, i) => monday + (firstDay + i) * day),
      open: column(0),
      high: column(1),
      low: column(2),
      close: column(3),
      volume: new Float64Array(rows.length).fill(1e6),
    },
  }
}

/** A data set of daily bars of `X`, lot 1. */
export function market(...candles: Candle[]): DataSet {
  return dataSet(series({ name: 'X', lotSize: 1 }, candles))
}

export function dataSet(...instruments: DataSet['instruments']): DataSet {
  return { id: 'test', name: 'Test', provenance: 'made for a test', instruments }
}

/** A data set of recorded messages of `X` in the LOBSTER layout, on 1970-01-01. Requests arrive at once. */
export function recordedMessages(lines: readonly string[], changes: Partial<RecordedFlow> = {}): DataSet {
  return {
    id: 'recording',
    name: 'Recording',
    provenance: 'made for a test',
    instruments: [],
    recorded: {
      instrument: { name: 'X', exchange: 'venue', tickSize: 0.01, lotSize: 1 },
      priceStep: 0.0001,
      start: lobsterTime(lines[0]!, 0),
      end: lobsterTime(lines.at(-1)!, 0),
      latency: 0,
      messages: [...readLobster({ messages: lines, midnight: 0 })],
      ...changes,
    },
  }
}

/** Settings of a run without costs, where nothing else is asked for. */
export function settings(changes: Partial<RunSettings> = {}): RunSettings {
  return {
    cash: 10_000,
    costs: { commission: 0, slippage: 0 },
    fill: 'next-open',
    seed: 1,
    leverage: 1,
    inputs: {},
    ...changes,
  }
}

/** The platform's own, also where a test takes its timers away. */
const immediate = setImmediate

/** Lets a task of the platform pass, and with it every promise that waits for nothing else. */
export const breathe = () => new Promise<void>((resolve) => immediate(resolve))

/** Runs strategies to the end. */
export const run = (options: RunOptions | JointRunOptions): Promise<RunRecord> => runWhole(options, breathe)

/** Runs a strategy to its end and gives what it left and what it wrote. */
export async function play(
  strategy: new () => Strategy,
  data: DataSet,
  changes: Partial<RunSettings> = {},
): Promise<RunRecord & { lines: string[] }> {
  const lines: string[] = []
  const log = ({ text }: LogEntry) => void lines.push(text)
  return { ...(await run({ strategy, data, settings: settings(changes), log })), lines }
}

/** Fills as `buy 2 X at 10 on 1 by open`: the bar's row and the rule that made them. */
export function fills(record: RunRecord): string[] {
  const { side, volume, price, bar, rule, instrument } = record.fills
  return [...side].map(
    (s, i) =>
      `${s > 0 ? 'buy' : 'sell'} ${volume[i]} ${record.instruments[instrument[i]!]!.name} at ${price[i]} on ${bar[i]} by ${record.rules[rule[i]!]}`,
  )
}
