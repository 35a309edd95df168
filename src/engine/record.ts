import type { DataSet, InstrumentData } from '#data'
import type { BarRules, BookColumns, Costs, FillRule } from '#exchange'
import type { InstrumentSpec, TradingType } from '#market'
import type { InputDeclaration, InputValue } from '#strategy'
import { accountCurrency, type MoneyRules, type RiskRules } from '#trading'
import type { Journal } from './journal.ts'

export type { BarRules, BookColumns, Costs, FillRule, InputDeclaration, InputValue, MoneyRules, RiskRules }

/** What a run was asked to do, apart from its code and data. */
export interface RunSettings {
  /** Account currency at the start. */
  readonly cash: number
  /**
   * The currency of the account and what others are worth in it. Needed where instruments are in several currencies and no
   * pair among them gives the rate.
   */
  readonly money?: MoneyRules
  readonly costs: Costs
  readonly fill: FillRule
  /** How limit orders fill on bars, and how much of a bar's volume may be traded. */
  readonly bars?: BarRules
  readonly seed: number
  /** Gross exposure allowed, as a multiple of equity; 1 is an account without borrowing. */
  readonly leverage: number
  /** A back-test when left out. In a simulation every order is refused; the other two have no adapter yet. */
  readonly tradingType?: TradingType
  /** Rules for what may be traded; none but the leverage when left out. */
  readonly risk?: RiskRules
  /** Values that replace the defaults of the inputs the strategy declares. */
  readonly inputs: Readonly<Record<string, InputValue>>
}

/** Fills in the order they happened. Columns of equal length; prices and volumes as decimals, money in the instrument's currency. */
export interface FillColumns {
  /** Microseconds UTC. */
  readonly time: Float64Array
  /** Row in the instrument's bars at which it happened. */
  readonly bar: Int32Array
  /** Id of the order, from 1. */
  readonly order: Int32Array
  /** Index into the record's instruments. */
  readonly instrument: Int32Array
  /** 1 bought, -1 sold. */
  readonly side: Int8Array
  /** Price per unit, slippage included. */
  readonly price: Float64Array
  readonly volume: Float64Array
  readonly fee: Float64Array
  /** How much worse than the market's price, per unit; never negative. */
  readonly slippage: Float64Array
  /** Index into the record's `rules`. */
  readonly rule: Uint8Array
  /** Account currency per unit of the instrument's at that moment; absent where all is in one currency. */
  readonly rate?: Float64Array
}

/** Every order that was asked for, refused ones too, in order of asking. Row `i` has id `i + 1`. */
export interface OrderColumns {
  readonly time: Float64Array
  readonly bar: Int32Array
  readonly instrument: Int32Array
  readonly side: Int8Array
  /** Index into `orderTypes`. */
  readonly type: Uint8Array
  readonly volume: Float64Array
  /** NaN where the type has none. */
  readonly price: Float64Array
  readonly stopPrice: Float64Array
  readonly filled: Float64Array
  /** Index into `orderStatuses` at the end of the run. */
  readonly status: Uint8Array
  /** Microseconds at which it was filled, cancelled or refused; NaN while it works. */
  readonly ended: Float64Array
}

/** What a step of a run was; `StepColumns.row` is a row of the table named here. */
export const StepKind = {
  /** An order was asked for: `orders`. */
  ORDER: 0,
  /** One filled, in part or whole: `fills`. */
  FILL: 1,
  /** One was filled, cancelled or refused, and is no more: `orders`. */
  END: 2,
  /** One got other terms: `changes`. */
  CHANGE: 3,
  /** Something was refused or taken back: `refusals`. */
  REFUSAL: 4,
} as const
export type StepKind = (typeof StepKind)[keyof typeof StepKind]

/** All that happened to orders, in the order in which it happened. */
export interface StepColumns {
  /** A `StepKind`. */
  readonly kind: Uint8Array
  readonly row: Int32Array
  /** Bars that had been read when it happened, over all instruments. */
  readonly bars: Int32Array
}

/** Terms that an order had until it was changed. */
export interface ChangeColumns {
  /** Id of the order. */
  readonly order: Int32Array
  readonly volume: Float64Array
  /** NaN where the type has none. */
  readonly price: Float64Array
  readonly stopPrice: Float64Array
}

/**
 * What the gate did about a request or to the account, with the numbers that decided: it refused a request or took an
 * order back, where `kind` is absent; it let an order pass only in part (`clip`); or it changed what the account may do
 * (`state`).
 */
export interface RefusalEntry {
  readonly kind?: 'clip' | 'state'
  /** Id of the order; 0 where none was made. */
  readonly order: number
  /** Microseconds UTC. */
  readonly time: number
  readonly bar: number
  readonly code: string
  readonly reason: string
  readonly numbers: Readonly<Record<string, number>>
}

/** What a strategy wrote on an order. */
export interface OrderNote {
  /** Id of the order. */
  readonly order: number
  /** JSON of at most 500 letters. */
  readonly note: string
}

/** A line that a strategy draws: one value per bar of its instrument, NaN where there is none. */
export interface PlotColumns {
  readonly name: string
  /** `price` lies over the candles; any other name is a pane of its own. */
  readonly pane: string
  readonly instrument: number
  readonly values: Float64Array
}

/** What money of another currency than the account's was worth, and how much there was of it: a row per row of the equity. */
export interface CurrencyColumns {
  readonly currency: string
  /** Account currency per unit; NaN before the first. */
  readonly rate: Float64Array
  /** Balance in the currency itself; below zero it is a loan. */
  readonly cash: Float64Array
}

/** What happened in a run, whoever asked for it. */
export interface CourseRecord {
  readonly instruments: readonly InstrumentSpec[]
  /** Names of the fill rules that made fills. */
  readonly rules: readonly string[]
  readonly orders: OrderColumns
  readonly fills: FillColumns
  readonly changes: ChangeColumns
  readonly refusals: readonly RefusalEntry[]
  readonly steps: StepColumns
  /** Place of the strategy of every order and every refusal; absent where there is one strategy. */
  readonly owners?: { readonly orders: Int32Array; readonly refusals: Int32Array }
  /** Account value after every distinct time in the data, microseconds UTC. */
  readonly equity: {
    readonly time: Float64Array
    readonly value: Float64Array
    /** Cash part of the value, of all currencies together. */
    readonly cash: Float64Array
  }
  /** The currencies beside the account's, in the order of the instruments; absent where there is none. */
  readonly currencies?: readonly CurrencyColumns[]
  /** Bars that were read, over all instruments. */
  readonly bars: number
  /** The bars themselves where the run made its own market; empty where the data set has them. */
  readonly market: readonly InstrumentData[]
  /** The books of those instruments; empty where there were none. */
  readonly books: readonly BookColumns[]
}

/** All that a finished run leaves behind: plain data from which every figure can be computed anew. */
export interface RunRecord extends CourseRecord {
  /** Version of the engine that made it. */
  readonly engine: string
  readonly settings: RunSettings
  /** Every declared input with the value it had. */
  readonly inputs: Readonly<Record<string, InputValue>>
  readonly declarations: readonly InputDeclaration[]
  readonly plots: readonly PlotColumns[]
  /** The strategies one by one, each with its part of the account; absent where there is one. */
  readonly strategies?: readonly StrategyRecord[]
  /** Notes of the orders that have one, the first ten thousand, by rising ids; absent where none has. No part of the digest. */
  readonly notes?: readonly OrderNote[]
  /** What the strategy asked for, and where: all that is needed to come to the same without its code. */
  readonly journal: Journal
  /**
   * Moves of the market after which something of the strategy failed and the run stopped: the record is of what was before.
   * Absent where it came to its end.
   */
  readonly stoppedAt?: number
  /** 64 hexadecimal digits: SHA-256 over orders, fills, refusals and equity. Equal digests mean equal runs. */
  readonly digest: string
}

/** What one of several strategies left behind: its orders numbered from 1, and its part of the account. */
export interface StrategyRecord extends RunRecord {
  readonly name: string
}

/** Currency of the account of a run. */
export const currencyOf = ({ instruments, settings }: RunRecord): string =>
  accountCurrency(instruments, settings.money)

/** The data a run ran on, with the bars that it made itself where it did. */
export function dataOf(record: RunRecord, data: DataSet): DataSet {
  return record.market.length > 0 ? { ...data, instruments: record.market } : data
}
