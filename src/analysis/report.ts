import type { DataSet } from '#data'
import { dataOf, type RunRecord } from '#engine'
import { Conversion } from './conversion.ts'
import { buyAndHold } from './hold.ts'
import {
  annualGrowth,
  dailyValues,
  DAY,
  drawdown,
  mean,
  periodsPerYear,
  returnsOf,
  sharpe,
  sortino,
  volatility,
} from './returns.ts'
import { tradesOf } from './joint-trades.ts'
import { verdict } from './verdict.ts'

/** Round trips, first in first out: each row is volume that one order entered and one order left, each at one time. */
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
  /** Account currency per unit of the instrument's at entry and at exit, the last one while open; absent where all is in one currency. */
  readonly entryRate?: Float64Array
  readonly exitRate?: Float64Array
  /** Place of the strategy; absent where there is one. Each has trades of its own, whatever the others hold. */
  readonly strategy?: Int32Array
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

/**
 * Figures of the whole account. Ratios are of the returns between consecutive UTC days' last values; the first day's counts
 * from the starting cash, where the account moved on it.
 */
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
   * and sells nothing. See `buyAndHold` for those in other currencies.
   */
  readonly buyAndHold: Float64Array
  /** One plain sentence on how the strategy fared against buy and hold after costs. */
  readonly verdict: string
}

/**
 * What a run means: round trips, figures, drawdown and the comparison with buy and hold.
 *
 * @throws RangeError when `data` is not what the run ran on
 */
export function report(record: RunRecord, dataSet: DataSet): Report {
  const data = dataOf(record, dataSet)
  const { equity, settings, fills } = record
  const trades = tradesOf(record, data)
  const falls = drawdown(equity.value, equity.time, settings.cash)
  const held = buyAndHold(record, data)
  const heldFalls = drawdown(held, equity.time, settings.cash)

  const times = equity.time.length
  const finalEquity = times > 0 ? equity.value[times - 1]! : NaN
  const ratio = finalEquity / settings.cash
  const heldRatio = times > 0 ? held[times - 1]! / settings.cash : NaN
  const span = times > 0 ? equity.time[times - 1]! - equity.time[0]! : 0
  // Growth over less than a month, told per year, would be a fiction.
  const years = span >= 30 * DAY ? span / (365.25 * DAY) : NaN
  const daily = dailyValues(equity.time, equity.value)
  const returns = returnsOf(daily.values, settings.cash)
  const perYear = periodsPerYear(daily.days)
  const annualReturn = annualGrowth(ratio, years)

  const conversion = new Conversion(record)
  let fees = 0
  let slippage = 0
  let traded = 0
  for (let i = 0; i < fills.time.length; i++) {
    const multiplier = record.instruments[fills.instrument[i]!]!.multiplier ?? 1
    const units = fills.volume[i]! * multiplier * conversion.rateOf(i)
    fees += conversion.feeOf(i)
    slippage += fills.slippage[i]! * units
    traded += fills.price[i]! * units
  }
  const account: AccountMetrics = {
    startEquity: settings.cash,
    finalEquity,
    totalReturn: ratio - 1,
    annualReturn,
    volatility: volatility(returns, perYear),
    sharpe: sharpe(returns, perYear),
    sortino: sortino(returns, perYear),
    calmar: falls.largest > 0 ? annualReturn / falls.largest : NaN,
    maxDrawdown: falls.largest,
    maxDrawdownDays: falls.longest / DAY,
    exposure: exposure(record),
    fees,
    slippage,
    turnover: traded / mean(equity.value),
    buyAndHoldReturn: heldRatio - 1,
    buyAndHoldAnnualReturn: annualGrowth(heldRatio, years),
    buyAndHoldMaxDrawdown: heldFalls.largest,
    periodsPerYear: perYear,
  }
  const all = tradeMetrics(trades, 0)
  return {
    account,
    all,
    long: tradeMetrics(trades, 1),
    short: tradeMetrics(trades, -1),
    trades,
    drawdown: falls.fall,
    buyAndHold: held,
    verdict: verdict(account, all, settings),
  }
}

/** Share of the recorded times at whose end there was a position. */
function exposure({ equity, fills, instruments }: RunRecord): number {
  const positions = new Float64Array(instruments.length)
  let held = 0
  let fill = 0
  let count = 0
  for (let i = 0; i < equity.time.length; i++) {
    for (; fill < fills.time.length && fills.time[fill]! <= equity.time[i]!; fill++) {
      const k = fills.instrument[fill]!
      const before = positions[k]!
      const after = before + fills.side[fill]! * fills.volume[fill]!
      // Less than half a lot is the rounding of sums of lots.
      positions[k] = Math.abs(after) < (instruments[k]!.lotSize ?? 1e-8) / 2 ? 0 : after
      held += Number(positions[k] !== 0) - Number(before !== 0)
    }
    if (held > 0) count++
  }
  return count / equity.time.length
}

/** Figures of the trades on one side: 1 long, -1 short, 0 both. */
function tradeMetrics(trades: TradeColumns, side: number): TradeMetrics {
  let closed = 0
  let open = 0
  let wins = 0
  let losses = 0
  let grossProfit = 0
  let grossLoss = 0
  let largestWin = NaN
  let largestLoss = NaN
  let bars = 0
  let fees = 0
  let openProfit = 0
  for (let row = 0; row < trades.pnl.length; row++) {
    if (side !== 0 && trades.side[row] !== side) continue
    const pnl = trades.pnl[row]!
    fees += trades.fees[row]!
    if (Number.isNaN(trades.exitTime[row]!)) {
      open++
      openProfit += pnl
      continue
    }
    closed++
    bars += trades.exitBar[row]! - trades.entryBar[row]!
    if (pnl > 0) {
      wins++
      grossProfit += pnl
      if (!(pnl <= largestWin)) largestWin = pnl
    } else if (pnl < 0) {
      losses++
      grossLoss += pnl
      if (!(pnl >= largestLoss)) largestLoss = pnl
    }
  }
  const averageWin = grossProfit / wins
  const averageLoss = grossLoss / losses
  return {
    trades: closed,
    openTrades: open,
    winRate: wins / closed,
    netProfit: grossProfit + grossLoss,
    grossProfit,
    grossLoss,
    profitFactor: grossProfit / Math.abs(grossLoss),
    averageTrade: (grossProfit + grossLoss) / closed,
    averageWin,
    averageLoss,
    payoff: averageWin / Math.abs(averageLoss),
    largestWin,
    largestLoss,
    averageBars: bars / closed,
    fees,
    openProfit,
  }
}
