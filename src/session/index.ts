export type { Failure, LogLevel, LogRow, Progress, Started } from './protocol.ts'
