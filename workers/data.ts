import { expose, transfer } from 'comlink'
import type { RunRecord } from '#engine'
import { buffersOf, copyOf, DataService, paceOf, type PaceScope } from '#session'
import { fetchBundled } from './bundled.ts'
import { withBarLevels, withLineLevels } from '../src/app/chart/levels.ts'
import { libraryDoor, loadImported } from '../src/app/store/door.ts'

const pace = paceOf(globalThis as unknown as PaceScope, performance.now.bind(performance))
const moved = <Value extends object>(value: Value) => transfer(value, buffersOf(value))
const service = new DataService(fetchBundled, loadImported, pace)

/** What the page can ask of the data worker. */
export const door = {
  ...libraryDoor,
  load: (id: string) => service.load(id).then((data) => moved(withBarLevels(copyOf(data)))),
  /** An imported data set was changed. */
  forget: () => service.forget(),
  /** Move the record here with `transfer(record, buffersOf(record))`; it comes back with the report. */
  report: (record: RunRecord, id: string) =>
    service.report(record, id).then((run) => moved(withLineLevels(run))),
  verify: (record: RunRecord, id: string) => service.verify(record, id),
  messages: (record: RunRecord, id: string, instrument: number) =>
    service.messages(record, id, instrument).then(moved),
  journal: service.journal.bind(service),
}
export type DataDoor = typeof door

expose(door)
