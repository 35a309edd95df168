import type { BarColumns, InstrumentSpec } from '#market'

/** Bars of one instrument, with what is known of it. Plain data: it crosses to a worker as it is. */
export interface InstrumentData {
  readonly instrument: InstrumentSpec
  readonly bars: BarColumns
}

/** What a run runs on. */
export interface DataSet {
  /** Stable name in links and settings, such as `aapl`. */
  readonly id: string
  /** For people, such as `AAPL daily`. */
  readonly name: string
  /** Where the prices come from and what they are, in a sentence or two. */
  readonly provenance: string
  readonly instruments: readonly InstrumentData[]
}
