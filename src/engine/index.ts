export { handlerNames } from './handlers.ts'
export { formatLog, type LogEntry } from './log.ts'
export { orderStatuses, orderTypes } from './ledger.ts'
export type * from './record.ts'
export { currencyOf, dataOf, StepKind } from './record.ts'
export { type SeatRecord, strategyRecords } from './joint-record.ts'
export { cashOf, checkCash } from './shares.ts'
export {
  AsideKind,
  type Journal,
  type JournalSize,
  orderFlags,
  OrderMark,
  selfTrades,
  refusalCodes,
  RequestKind,
} from './journal.ts'
export { Chronicle, journalEntries, type JournalEntry, requestWords } from './journal-entries.ts'
export { replay, Replay, type ReplayRecord } from './replay.ts'
export { verify, Verification, type Verdict } from './verify.ts'
export { createRun, type JointRunOptions, Run, run, type RunOptions, type StrategyOptions } from './run.ts'
export { checkSettings } from './check-settings.ts'
export { changesSince, engineVersion } from './version.ts'
export { StrategyError } from './strategy-error.ts'
