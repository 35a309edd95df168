import type { AccountMetrics, TradeMetrics } from './report.ts'

/** What a figure is, for people who ask. */
export interface MetricDescription {
  /** A few words. */
  readonly label: string
  /** `fraction` is shown as a percentage; `money` is in the account's currency; `periods` are the ratios' periods. */
  readonly unit: 'money' | 'fraction' | 'ratio' | 'count' | 'days' | 'bars' | 'periods'
  /** How it is computed. */
  readonly formula: string
  /** Where the definition comes from; empty where it is only arithmetic. */
  readonly source: string
  /** Why it may be absent; empty where it never is. */
  readonly absent: string
}

/** A time in whole days, or below one in hours, below one in minutes: zero is no days. */
export function lasting(days: number): { readonly value: number; readonly unit: 'day' | 'hour' | 'minute' } {
  const minutes = Math.round(days * 24 * 60)
  const hours = Math.round(days * 24)
  if (minutes > 0 && minutes < 60) return { value: minutes, unit: 'minute' }
  if (minutes > 0 && hours < 24) return { value: hours, unit: 'hour' }
  return { value: Math.round(days), unit: 'day' }
}

const noBars = 'The data has no bars.'
const noTrades = 'No trade was closed.'
const shortRun = 'The run is shorter than 30 days, or the account ended below zero.'
const fewDays = 'There are fewer than three UTC days, the account never changed, or it fell to zero.'

/** Every figure of the account and of the trades, by its name in the report. */
export const metricDescriptions: {
  readonly account: { readonly [Name in keyof AccountMetrics]: MetricDescription }
  readonly trades: { readonly [Name in keyof TradeMetrics]: MetricDescription }
} = {
  account: {
    startEquity: {
      label: 'Starting cash',
      unit: 'money',
      formula: 'The cash that the settings give.',
      source: '',
      absent: '',
    },
    finalEquity: {
      label: 'Final equity',
      unit: 'money',
      formula: 'Cash and positions at the last close, after all fees; open positions are not sold.',
      source: '',
      absent: noBars,
    },
    totalReturn: {
      label: 'Return',
      unit: 'fraction',
      formula: 'Final equity over starting cash, less 1.',
      source: '',
      absent: noBars,
    },
    annualReturn: {
      label: 'Annual return',
      unit: 'fraction',
      formula:
        'Final equity over starting cash, to the power of 1 over the years between first and last bar (of 365.25 days), less 1.',
      source: 'Compound annual growth rate, calendar years',
      absent: shortRun,
    },
    volatility: {
      label: 'Volatility',
      unit: 'fraction',
      formula:
        'Sample standard deviation (n - 1) of daily returns, times the root of periods per year. The first day counts from the starting cash, where the account moved on it.',
      source: '',
      absent: 'There are fewer than three UTC days, or the account fell to zero.',
    },
    sharpe: {
      label: 'Sharpe ratio',
      unit: 'ratio',
      formula:
        'Mean of daily returns over their sample standard deviation (n - 1), times the root of periods per year; no risk-free rate.',
      source: 'W. F. Sharpe, The Sharpe Ratio, Journal of Portfolio Management 21(1), 1994',
      absent: fewDays,
    },
    sortino: {
      label: 'Sortino ratio',
      unit: 'ratio',
      formula:
        'Mean of daily returns over the root of the mean square of the losing ones (all days counted), times the root of periods per year. Infinite without a losing day.',
      source: 'F. A. Sortino and L. N. Price, Journal of Investing 3(3), 1994',
      absent: fewDays,
    },
    calmar: {
      label: 'Calmar ratio',
      unit: 'ratio',
      formula: 'Annual return over largest drawdown, of the whole run.',
      source: 'T. W. Young, Futures 20(1), 1991; there over 36 months',
      absent: `There was no drawdown. ${shortRun}`,
    },
    maxDrawdown: {
      label: 'Largest drawdown',
      unit: 'fraction',
      formula:
        'Largest fall of equity from its peak so far, as a fraction of the peak; the first peak is the starting cash.',
      source: '',
      absent: '',
    },
    maxDrawdownDays: {
      label: 'Longest drawdown',
      unit: 'days',
      formula: 'Longest time from a peak of equity until it is reached again, or the end of the data.',
      source: '',
      absent: '',
    },
    exposure: {
      label: 'Exposure',
      unit: 'fraction',
      formula: 'Share of the bar times at whose end there was a position.',
      source: '',
      absent: noBars,
    },
    fees: {
      label: 'Fees',
      unit: 'money',
      formula: 'Sum of the commissions of all fills.',
      source: '',
      absent: '',
    },
    slippage: {
      label: 'Slippage',
      unit: 'money',
      formula:
        'Sum over the fills of how much worse than the market the price was, times volume. It is in the prices already.',
      source: '',
      absent: '',
    },
    turnover: {
      label: 'Turnover',
      unit: 'ratio',
      formula: 'Value of all fills over the average equity: 2 is one purchase and one sale of everything.',
      source: '',
      absent: noBars,
    },
    buyAndHoldReturn: {
      label: 'Buy and hold',
      unit: 'fraction',
      formula:
        'Return of splitting the starting cash evenly over the instruments at their first open, in whole lots, with the commission of the run and its slippage where it has one (an order book has none), and selling nothing.',
      source: '',
      absent: noBars,
    },
    buyAndHoldAnnualReturn: {
      label: 'Buy and hold, annual',
      unit: 'fraction',
      formula: 'The annual return of buy and hold.',
      source: 'Compound annual growth rate, calendar years',
      absent: 'The run is shorter than 30 days.',
    },
    buyAndHoldMaxDrawdown: {
      label: 'Buy and hold, largest drawdown',
      unit: 'fraction',
      formula: 'Largest fall of buy and hold from its peak so far, as a fraction of the peak.',
      source: '',
      absent: '',
    },
    periodsPerYear: {
      label: 'Periods per year',
      unit: 'periods',
      formula:
        'Told from the days in the data: 252 for weekdays, 365 with Saturdays, 313 with Sundays alone; 52, 12, 4 or 1 for longer bars.',
      source: '',
      absent: 'There are fewer than two UTC days.',
    },
  },
  trades: {
    trades: {
      label: 'Closed trades',
      unit: 'count',
      formula:
        'Round trips, first in first out: volume that one order entered at one time and one order left at one time is one trade.',
      source: '',
      absent: '',
    },
    openTrades: {
      label: 'Open trades',
      unit: 'count',
      formula: 'Round trips that were not closed by the end.',
      source: '',
      absent: '',
    },
    winRate: {
      label: 'Winners',
      unit: 'fraction',
      formula:
        'Closed trades that made money after fees, over all closed trades; one that breaks even is no winner.',
      source: '',
      absent: noTrades,
    },
    netProfit: {
      label: 'Net profit',
      unit: 'money',
      formula: 'Sum of the results of closed trades, after fees.',
      source: '',
      absent: '',
    },
    grossProfit: {
      label: 'Gross profit',
      unit: 'money',
      formula: 'Sum of the results of winning trades, after fees.',
      source: '',
      absent: '',
    },
    grossLoss: {
      label: 'Gross loss',
      unit: 'money',
      formula: 'Sum of the results of losing trades, after fees.',
      source: '',
      absent: '',
    },
    profitFactor: {
      label: 'Profit factor',
      unit: 'ratio',
      formula: 'Gross profit over gross loss, in money. Infinite without a loss.',
      source: '',
      absent: noTrades,
    },
    averageTrade: {
      label: 'Average trade',
      unit: 'money',
      formula: 'Net profit over closed trades.',
      source: '',
      absent: noTrades,
    },
    averageWin: {
      label: 'Average win',
      unit: 'money',
      formula: 'Gross profit over winning trades.',
      source: '',
      absent: 'No trade won.',
    },
    averageLoss: {
      label: 'Average loss',
      unit: 'money',
      formula: 'Gross loss over losing trades.',
      source: '',
      absent: 'No trade lost.',
    },
    payoff: {
      label: 'Payoff',
      unit: 'ratio',
      formula: 'Average win over average loss.',
      source: '',
      absent: 'It takes both a win and a loss.',
    },
    largestWin: {
      label: 'Largest win',
      unit: 'money',
      formula: 'Best result of a closed trade, after fees.',
      source: '',
      absent: 'No trade won.',
    },
    largestLoss: {
      label: 'Largest loss',
      unit: 'money',
      formula: 'Worst result of a closed trade, after fees.',
      source: '',
      absent: 'No trade lost.',
    },
    averageBars: {
      label: 'Average length',
      unit: 'bars',
      formula: 'Mean number of bars from entry to exit of closed trades.',
      source: '',
      absent: noTrades,
    },
    fees: {
      label: 'Fees',
      unit: 'money',
      formula:
        'Commissions of these trades, open ones too; a fill that serves two trades is shared by volume.',
      source: '',
      absent: '',
    },
    openProfit: {
      label: 'Open profit',
      unit: 'money',
      formula: 'Result of the open trades at the last close, after the fees paid so far.',
      source: '',
      absent: '',
    },
  },
}
