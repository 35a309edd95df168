export type { DataSet, InstrumentData, OfAgents, SyntheticRequest } from './data-set.ts'
export { type FlowBlock, FlowKind, isLobsterMessage, type RecordedFlow } from './order-flow.ts'
export { parseCsv, CsvReader, type CsvOptions, type CsvProblem, type CsvResult } from './csv.ts'
export { catalogue, syntheticData, type CatalogueEntry } from './catalogue.ts'
export { bundledData } from './bundled.ts'
export { randomWalk, type RandomWalkOptions } from './random-walk.ts'
export { inRange, jointId, type JointPart, readJoint, readRange, type TimeRange } from './address.ts'
export { joined } from './joint.ts'
export { cutTo } from './range.ts'
export { type Told, type WhenTold, whenTold } from './when-told.ts'
export { pairSpec } from './pair.ts'
export { joinTables, mapTable, type PriceTable } from './price-table.ts'
export { calendars, isTradingDay, sessionOf, type Calendar } from './calendar.ts'
export type { CanonicalBar, ImportedInstrument, ImportOptions, ImportResult } from './import/import.ts'
export { legible } from './import/guess.ts'
export type { JoinedInstrument } from './import/join.ts'
export type { Column, Guess, Layout, Overrides, Question, Unreadable } from './import/layout.ts'
export type { RowKind } from './import/trades.ts'
export type { Role } from './import/names.ts'
export type { SkippedRow } from './import/reader.ts'
export { barNames, barRule, intervalNamed, intervalOfBars } from './bar-names.ts'
export type { BarRule, Interval } from './resample.ts'
export {
  calendarFrom,
  clockText,
  hoursOf,
  isSessionHours,
  ownHours,
  problemWithHours,
  readSession,
  readSpecial,
  sessionText,
  specialText,
  type Session,
  type SessionHours,
  type SpecialDay,
} from './session-hours.ts'
export type { Check, Example, Finding, Quality } from './quality.ts'
export type { Stretch } from './marks.ts'
export type { Repairable, Repaired, RepairRecord } from './repair.ts'

/**
 * The importer of files: `importBars`, `detect`, `inspect`, repairs, and words for what they find. It is loaded when it
 * is first asked for, so that a page that shows the bundled prices does without it.
 */
export const loadImporter = () => import('./import/index.ts')
