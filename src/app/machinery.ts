import type { Compilation, Source } from '#compile'
import type { DataSet } from '#data'
import type { RunRecord, Verdict } from '#engine'
import type { MarketMessages } from '#exchange'
import type { JournalFormat, JournalSource, ReportedRun } from '#session'
import type { FirstRun } from './first-run.ts'
import type { Sandbox } from './sandbox/sandbox.ts'

/** The sandbox as the playground uses it. */
export type Runner = Pick<Sandbox, 'prepare' | 'run' | 'pause' | 'goOn' | 'watch' | 'stop' | 'dispose'>

/** What stands behind the page: prices and reports, the compiler, and the sandbox. */
export interface Machinery {
  /** A data set by its id; `random-walk:7` is the random walk of seed 7, `synthetic:{…}` the market of a request. */
  load(id: string): Promise<DataSet>
  /** A large data set of the library in groups of bars, well before all of it is there; undefined where that is no gain. */
  outline?(id: string): Promise<DataSet | undefined>
  /** What a first visit shows, worked out before. */
  firstRun(): Promise<FirstRun>
  /** What a run on the data set means. The record is moved there and handed back. */
  report(record: RunRecord, id: string): Promise<ReportedRun>
  /** Whether the record is what its requests come to without the strategy's code. */
  verify(record: RunRecord, id: string): Promise<Verdict>
  /** Every event and decision of a run on the data set, as a file. */
  journal(record: JournalSource, id: string, format: JournalFormat): Promise<Blob>
  /** What the book of an instrument showed in a run that made its own market. */
  messages(record: RunRecord, id: string, instrument: number): Promise<MarketMessages>
  compile(source: Source): Promise<Compilation>
  readonly sandbox: Runner
  /** Another sandbox beside the first, to be disposed of. */
  spare(): Runner
  /** Milliseconds from any fixed point. */
  now(): number
}
