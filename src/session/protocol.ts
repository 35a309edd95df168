import type { InputDeclaration } from '#engine'

export type LogLevel = 'debug' | 'info' | 'warn' | 'error'

/** A line of the run's log. A line that is said again right after itself is counted, not repeated. */
export interface LogRow {
  /** Place in the log, from 0. A row that is told again with the same index replaces the earlier one. */
  readonly index: number
  readonly level: LogLevel
  /** The engine's clock, microseconds UTC; NaN before the first bar. */
  readonly time: number
  /** Bars read so far. */
  readonly bar: number
  readonly text: string
  /** How often it was said in a row. */
  readonly count: number
}

/** What is known of a run once its strategy has been constructed. */
export interface Started {
  readonly declarations: readonly InputDeclaration[]
  /** Bars that the run will read. */
  readonly total: number
}

/** How far a run has come. */
export interface Progress {
  /** Bars read so far. */
  readonly bars: number
  readonly total: number
  /** The engine's clock, microseconds UTC. */
  readonly time: number
  /** The points that the equity curve has gained since the last progress; microseconds UTC and account currency. */
  readonly equity: { readonly time: Float64Array; readonly value: Float64Array }
}

/** An error that ended a run. */
export interface Failure {
  readonly name: string
  readonly message: string
  /** As the engine of the browser or of Node wrote it; may be empty. */
  readonly stack: string
  /** The handler that threw, such as `onBar`; `module` while the file itself was being read, `promise` for a rejection nobody caught. */
  readonly handler: string
  /** Bars read when it happened. */
  readonly bar: number
  /** The engine's clock, microseconds UTC; NaN before the first bar. */
  readonly time: number
}
