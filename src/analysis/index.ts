export { report } from './report.ts'
export type { AccountMetrics, Report, TradeColumns, TradeMetrics } from './report.ts'
export { lasting, metricDescriptions, type MetricDescription } from './descriptions.ts'
export {
  annualGrowth,
  deviation,
  drawdown,
  mean,
  periodsPerYear,
  returnsOf,
  sharpe,
  sortino,
  volatility,
  type Drawdown,
} from './returns.ts'
export { moneyWords } from './money-words.ts'
export { shownParts } from './shown-parts.ts'
export { stylisedFacts, type StylisedFact, tooShort } from './stylised-facts.ts'
export {
  Timeline,
  type Moment,
  type PlotValue,
  type Search,
  type Standing,
  type WorkingOrder,
} from './timeline.ts'
