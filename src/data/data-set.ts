import type { BarColumns, InstrumentSpec } from '#market'
import type { RecordedFlow } from './order-flow.ts'

/** Bars of one instrument, with what is known of it. Plain data: it crosses to a worker as it is. */
export interface InstrumentData {
  readonly instrument: InstrumentSpec
  readonly bars: BarColumns
  /** Where in its bar a stamp lies; `open` when left out. */
  readonly stamped?: 'open' | 'close'
  /** What the source has of a bar beside prices and volume, by name: one value per bar, NaN where it has none. */
  readonly columns?: Readonly<Record<string, Float64Array>>
}

/** One number for some kinds of a synthetic market's agents. */
export interface OfAgents {
  readonly noise?: number
  readonly value?: number
  readonly momentum?: number
  readonly maker?: number
  readonly informed?: number
  readonly executor?: number
}

/** A market to be made while the run goes on. What is left out is as the preset has it; the exchange says what can be asked for. */
export interface SyntheticRequest {
  readonly preset?: string
  /** Name of the instrument; where there are several, a number follows it. Drawn from the seed where it is left out. */
  readonly symbol?: string
  /** The same seed gives the same market to the last event. */
  readonly seed?: number
  readonly instruments?: number
  /** Length of the session in simulated seconds. */
  readonly seconds?: number
  readonly agents?: number
  /** Seconds of a bar. */
  readonly barSeconds?: number
  /** Microseconds that a strategy's request takes to the exchange. */
  readonly latency?: number
  /** When the session starts, microseconds UTC. */
  readonly sessionStart?: number
  /** Seconds for which orders are collected before the market opens with one price for all. */
  readonly auction?: number
  /** Smallest price step. */
  readonly tick?: number
  /** Price at the start; drawn from the seed where it is left out. */
  readonly startPrice?: number
  /** Relative change of the hidden value that is to be expected in an hour, and the standard deviation of its change. */
  readonly drift?: number
  readonly volatility?: number
  /** Multiplies the sizes of the orders that rest. */
  readonly liquidity?: number
  /** Fraction of the agents that is of a kind; noise traders are what the others leave. */
  readonly shares?: Omit<OfAgents, 'noise'>
  /** How often one agent of a kind looks at the market, a second. */
  readonly rates?: OfAgents
  /** Mean microseconds between an agent of a kind and the exchange, each way. */
  readonly agentLatency?: OfAgents
}

/** What a run runs on: bars, a market that is made while it goes on, or the recorded orders of one. */
export interface DataSet {
  /** Stable name in links and settings, such as `aapl`. */
  readonly id: string
  /** For people, such as `AAPL daily`. */
  readonly name: string
  /** Where the prices come from and what they are, in a sentence or two. */
  readonly provenance: string
  /** Empty where the run makes the bars, of a market of its own or of recorded orders; its record then has them. */
  readonly instruments: readonly InstrumentData[]
  readonly synthetic?: SyntheticRequest
  readonly recorded?: RecordedFlow
  /** Where it is of several exchanges, the data set of each: `instruments` are theirs, one after the other. */
  readonly exchanges?: readonly DataSet[]
}
