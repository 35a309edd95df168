export type { Failure, LogLevel, LogRow, Progress, Started } from './protocol.ts'
export { buffersOf, DataService, type ReportedRun } from './data-service.ts'
