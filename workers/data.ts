import aapl from '@observablehq/sample-datasets/aapl.csv?url'
import { expose, transfer } from 'comlink'
import type { RunRecord } from '#engine'
import { buffersOf, DataService, paceOf, type PaceScope } from '#session'
import sp500 from '../node_modules/vega-datasets/data/sp500-2000.csv?url'
import { fetchFile } from '../src/app/fetch-file.ts'
import { libraryDoor, loadImported } from '../src/app/store/door.ts'

/** Addresses that the build gives the bundled files. */
const addresses: Readonly<Record<string, string>> = {
  '@observablehq/sample-datasets/aapl.csv': aapl,
  'vega-datasets/data/sp500-2000.csv': sp500,
}

const pace = paceOf(globalThis as unknown as PaceScope, performance.now.bind(performance))
const service = new DataService((file) => fetchFile(addresses[file]!, file), loadImported, pace)

/** What the page can ask of the data worker. */
export const door = {
  ...libraryDoor,
  load: (id: string) => service.load(id),
  /** An imported data set was changed. */
  forget: () => service.forget(),
  /** Move the record here with `transfer(record, buffersOf(record))`; it comes back with the report. */
  report: (record: RunRecord, id: string) =>
    service.report(record, id).then((result) => transfer(result, buffersOf(result))),
  verify: (record: RunRecord, id: string) => service.verify(record, id),
}
export type DataDoor = typeof door

expose(door)
