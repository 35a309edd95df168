export {
  importBars,
  detect,
  ImportCancelled,
  type CanonicalBar,
  type ImportedInstrument,
  type ImportOptions,
  type ImportResult,
} from './import.ts'
export { entries } from './unpack.ts'
export { joinFiles, type JoinedInstrument } from './join.ts'
export { isZone } from './zone.ts'
export { barsOf, guesses, intervalName, plainResult, sentence, span } from '../describe.ts'
export { inspect } from '../quality.ts'
export * from '../repair.ts'
export { calendars } from '../calendar.ts'
export { calendarFrom } from '../session-hours.ts'
export {
  barsFromTrades,
  completedBy,
  fillSlots,
  resample,
  type BarRule,
  type Interval,
  type Resampled,
  type ResampleOptions,
  type TradeColumns,
} from '../resample.ts'
