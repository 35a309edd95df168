import type { Position, Program } from '#compile'
import type { DataSet } from '#data'
import type { RunRecord, RunSettings } from '#engine'
import type { Failure, LogRow, Progress, Started } from '#session'

/** What to run. Data that is the same object as in the last run is not sent again. */
export interface RunRequest {
  readonly program: Program
  readonly data: DataSet
  readonly settings: RunSettings
}

/** A strategy that has said nothing for a while: in an endless loop, out of memory, or only slow. */
export interface Silence {
  /** Bars it had read when it was last heard. */
  readonly bar: number
  readonly total: number
  readonly seconds: number
  /** The same in a sentence for people. */
  readonly text: string
}

/** What a run tells while it runs. */
export interface RunEvents {
  onStart?(started: Started): void
  /** At most 60 times a second. */
  onProgress?(progress: Progress): void
  /** New rows, and the last row again when it was repeated. */
  onLog?(rows: readonly LogRow[]): void
  /**
   * Two seconds of silence. With this handler the run goes on until it is heard again (`onProgress`) or `stop()` is
   * called; without it the run is ended as `silent`.
   */
  onSilent?(silence: Silence): void
}

/** A failure with its place in the author's files, where the browser told one. */
export interface RunFailure extends Failure {
  readonly position?: Position
}

/** How a run ended. */
export type Outcome =
  | { readonly kind: 'finished'; readonly record: RunRecord; readonly logs: readonly LogRow[] }
  | { readonly kind: 'failed'; readonly error: RunFailure; readonly logs: readonly LogRow[] }
  /** `stop()` ended it after `bar` bars. */
  | { readonly kind: 'stopped'; readonly bar: number; readonly logs: readonly LogRow[] }
  /** It stopped answering, and nobody was there to ask whether to wait. */
  | {
      readonly kind: 'silent'
      readonly bar: number
      readonly text: string
      readonly logs: readonly LogRow[]
    }
  /** What it sent was not what a run sends, or far too much of it; it was ended. */
  | {
      readonly kind: 'refused'
      readonly bar: number
      readonly reason: string
      readonly logs: readonly LogRow[]
    }
  /** A newer run took its place. */
  | { readonly kind: 'superseded' }

/**
 * Runs strategies that are not to be trusted: each in a fresh worker of a hidden frame that has no origin, no network and
 * no storage. One run at a time; a new one supersedes the one before.
 */
export declare class Sandbox {
  constructor()
  /** Starts the frame and, given a program and data, makes a worker ready for them, so that the first run need not wait. */
  prepare(program?: Program, data?: DataSet): Promise<void>
  /** Never rejects for what a strategy does: see `Outcome`. Rejects when the sandbox itself cannot be started. */
  run(request: RunRequest, events?: RunEvents): Promise<Outcome>
  /** Ends the run, if there is one, whatever it is doing. */
  stop(): Promise<void>
  /** Ends everything and takes the frame away. */
  dispose(): void
}
