/** Round trips, first in first out: each row is volume that was entered together and left together. */
export interface TradeColumns {
  readonly instrument: Int32Array
  /** 1 long, -1 short. */
  readonly side: Int8Array
  /** Volume, above zero. */
  readonly size: Float64Array
  /** Microseconds UTC. */
  readonly entryTime: Float64Array
  /** NaN while the trade is open. */
  readonly exitTime: Float64Array
  readonly entryPrice: Float64Array
  /** The last close while the trade is open. */
  readonly exitPrice: Float64Array
  /** After fees, in account currency; unrealised while the trade is open. */
  readonly pnl: Float64Array
  readonly fees: Float64Array
  /** `pnl` over the value at entry, a fraction. */
  readonly return: Float64Array
  /** Rows in the instrument's bars; the last bar while open. */
  readonly entryBar: Int32Array
  readonly exitBar: Int32Array
  /** Ids of the orders; `exitOrder` is 0 while open. */
  readonly entryOrder: Int32Array
  readonly exitOrder: Int32Array
  /** Worst and best open profit in account currency before fees, from the bars' lows and highs; at most and at least 0. */
  readonly worst: Float64Array
  readonly best: Float64Array
}

/** Figures of the trades of one side, or of all. Undefined figures are NaN, with the reason in the metric's description. */
export interface TradeMetrics {
  readonly trades: number
  readonly openTrades: number
  /** Closed trades that made money, as a fraction of the closed ones. */
  readonly winRate: number
  readonly netProfit: number
  readonly grossProfit: number
  /** Zero or negative. */
  readonly grossLoss: number
  /** Gross profit over gross loss, in money; Infinity without losses, NaN without trades. */
  readonly profitFactor: number
  readonly averageTrade: number
  readonly averageWin: number
  readonly averageLoss: number
  /** Average win over average loss, without sign. */
  readonly payoff: number
  readonly largestWin: number
  readonly largestLoss: number
  readonly averageBars: number
  readonly fees: number
  readonly openProfit: number
}

/** Figures of the whole account. Ratios are of the returns between consecutive UTC days' last values. */
export interface AccountMetrics {
  readonly startEquity: number
  readonly finalEquity: number
  readonly totalReturn: number
  /** Compound growth per calendar year of 365.25 days. */
  readonly annualReturn: number
  readonly volatility: number
  readonly sharpe: number
  readonly sortino: number
  readonly calmar: number
  /** Largest fall from a peak as a fraction of the peak: 0.25 lost a quarter. */
  readonly maxDrawdown: number
  /** Longest time from a peak until it is reached again, or the end; days. */
  readonly maxDrawdownDays: number
  /** Share of the recorded times with a position. */
  readonly exposure: number
  readonly fees: number
  /** Money given up to slippage. */
  readonly slippage: number
  /** Value traded over the average equity. */
  readonly turnover: number
  readonly buyAndHoldReturn: number
  readonly buyAndHoldAnnualReturn: number
  readonly buyAndHoldMaxDrawdown: number
  /** Periods per year that the ratios were scaled by, taken from the data's calendar. */
  readonly periodsPerYear: number
}

/** What a run means. Columns are aligned with the record's equity. */
export interface Report {
  readonly account: AccountMetrics
  readonly all: TradeMetrics
  readonly long: TradeMetrics
  readonly short: TradeMetrics
  readonly trades: TradeColumns
  /** Fall from the peak so far, as a fraction, zero or negative. */
  readonly drawdown: Float64Array
  /**
   * Value of an account that splits the starting cash evenly over the instruments at their first open after costs,
   * and sells nothing.
   */
  readonly buyAndHold: Float64Array
  /** One plain sentence on how the strategy fared against buy and hold after costs. */
  readonly verdict: string
}
