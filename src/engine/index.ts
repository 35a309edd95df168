export { handlerNames } from './handlers.ts'
export { formatLog, type LogEntry } from './log.ts'
export { orderStatuses, orderTypes } from './ledger.ts'
export type * from './record.ts'
export { dataOf, StepKind } from './record.ts'
export { type Journal, orderFlags, refusalCodes, RequestKind } from './journal.ts'
export { journalEntries, type JournalEntry } from './journal-entries.ts'
export { replay, Replay, type ReplayRecord } from './replay.ts'
export { verify, Verification, type Verdict } from './verify.ts'
export {
  createRun,
  engineVersion,
  type JointRunOptions,
  Run,
  run,
  type RunOptions,
  type StrategyOptions,
} from './run.ts'
export { StrategyError } from './strategy-error.ts'
