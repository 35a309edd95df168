export { buffersOf, copyOf, DataService, type ReportedRun } from './data-service.ts'
export {
  type DataIdentity,
  type JournalEnd,
  type JournalEnding,
  journalFile,
  type JournalFormat,
  type JournalHead,
  type JournalSource,
  JournalWriting,
} from './journal-file.ts'
export { type Pace, paceOf, type PaceScope } from './pace.ts'
export type { LiveLook } from './live-market.ts'
export { type MarketFacts, marketFacts } from './market-facts.ts'
export {
  limits,
  pack,
  Reader,
  type Command,
  type Expectation,
  type Failure,
  type LogLevel,
  type LogRow,
  type Message,
  type Packet,
  type Progress,
  type Started,
  type StrategyRequest,
} from './protocol.ts'
export {
  differencesOf,
  type JournalDifference,
  type FileLine,
  JournalFileError,
  longestHead,
  readJournal,
  type ReadJournal,
  replayJournal,
} from './journal-reading.ts'
export { partOf } from './parts.ts'
export { emptyJournal, sumsOf } from './journal-parts.ts'
export { Refused } from './check.ts'
export { RunFailed, Session, type SessionHost } from './session.ts'
export { load, strategyOf } from './strategy-of.ts'
export { steady, strip, type Realm, type Sources } from './prelude.ts'
export { script, serve, type WorkerScope } from './serve.ts'
export { readRisk } from './risk-rules.ts'
export {
  type Configuration,
  configurationBounds,
  type ConfiguredExchange,
  type ConfiguredStrategy,
  exchangeNameOf,
  type FileExchange,
  type RecordedExchange,
  parseConfiguration,
  readConfiguration,
  rangeOf,
  sharesProblem,
} from './configuration.ts'
export { type JsonText, readJson } from './json-text.ts'
export { misfitSentence, nearest } from './misfit-words.ts'
export { sourceOfClass } from './source-of-class.ts'
export { namesOf, type Named } from './strategy-names.ts'
export {
  type FileInstrument,
  fileInstrumentOf,
  type FileReading,
  overridesOf,
  readingOf,
  specOf,
} from './file-facts.ts'
export { type ConfigurationField, configurationFields } from './configuration-fields.ts'
export { type RangeWords, rangeWords, readRangeWords } from './range-words.ts'
export { sourceBounds, sourceSchema } from './source-schema.ts'
export { inputsSchema, marketSchema, readMarket, readSettings, settingsSchema } from './settings.ts'
export {
  below,
  byName,
  exactly,
  fields,
  listOf,
  type Misfit,
  oneOf,
  readAs,
  type Schema,
  text,
  Unreadable,
  whole,
  within,
  yesOrNo,
} from './untrusted.ts'
