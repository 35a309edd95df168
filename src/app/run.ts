import type { Report } from '#analysis'
import type { Source } from '#compile'
import type { DataSet } from '#data'
import type { RunRecord, RunSettings } from '#engine'
import type { JournalSource, LogRow } from '#session'
import { first } from './first.ts'
import type { OrderPlaces } from './sandbox/sandbox.ts'
import type { TogetherResult } from './together/together.svelte.ts'

/** Settings apart from the inputs, which belong to the strategy. */
export type Terms = Omit<RunSettings, 'inputs'>

/** What a run costs and how it fills until somebody says otherwise. */
export const initialTerms: Terms = first.terms

/** What is being done. */
export type Phase = 'idle' | 'compiling' | 'running' | 'reporting'

/** A line of the account's value over time; microseconds UTC and account currency. */
export interface Curve {
  readonly time: Float64Array
  readonly value: Float64Array
}

/** How far a run that takes its time has come. */
export interface RunProgress {
  readonly bars: number
  readonly total: number
  readonly barsPerSecond: number
  /** Milliseconds that are left at this speed. */
  readonly left: number
  readonly equity: Curve
}

/** What a run was made from and what came of it. */
export interface Result {
  readonly record: RunRecord
  readonly report: Report
  /** With the bars that the run made, where it made its own market. */
  readonly data: DataSet
  /** The data set that was asked for. */
  readonly asked: DataSet
  readonly logs: readonly LogRow[]
  /** Where its orders were sent, where the run was traced. */
  readonly origins?: OrderPlaces
  /** From the order to run until the record was there, without compiling. */
  readonly milliseconds: number
  /** Name of the strategy. */
  readonly name: string
  readonly document: string
  readonly source: Source
  /** Of a run of several strategies, of which `name`, `document` and `source` are the first's. */
  readonly together?: TogetherResult
}

/** A run that can be stepped through: one that is over, or what there is of one that waits or has failed. */
export interface Stepped {
  readonly record: RunRecord
  readonly report: Report
  readonly data: DataSet
  readonly origins?: OrderPlaces
  /** Why it is not the whole run. */
  readonly until?: 'paused' | 'failed'
}

/** What is left of the latest run where it came to no result. */
export interface Remains {
  /** What became of it, in a sentence. */
  readonly text: string
  readonly name: string
  readonly source: JournalSource
  readonly address: string
}

/** Whether two runs were asked for the same and came to the same. */
export function sameRun(a: RunRecord, b: RunRecord): boolean {
  const asked = ({ settings, inputs, strategies }: RunRecord) =>
    JSON.stringify([settings, inputs, strategies?.map(({ name, settings }) => [name, settings])])
  return a.digest === b.digest && asked(a) === asked(b)
}
