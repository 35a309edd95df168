export { type BarCallback, BarSeries, type BarSeriesOptions } from './bar-series.ts'
export { construct, type Filter, type LogLevel, type StrategyHost } from './host.ts'
export {
  type InputDeclaration,
  type InputValue,
  type NumberInput,
  type PlainInput,
  problemWith,
} from './inputs.ts'
export * from './indicators/index.ts'
export { figureOf } from './indicators/indicator.ts'
export { type Duration, type Job, type JobCallback, Schedule, type TimeOfDay } from './schedule.ts'
export { Store } from './store.ts'
export { ExitRoutine, type TradingHoursOptions } from './trading-hours.ts'
export {
  type Account,
  BarStrategy,
  type BracketAnswers,
  type Exits,
  type HaltEvent,
  type Handled,
  type Log,
  type OrderOptions,
  Strategy,
} from './strategy.ts'
