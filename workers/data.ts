import aapl from '@observablehq/sample-datasets/aapl.csv?url'
import { expose, transfer } from 'comlink'
import type { RunRecord } from '#engine'
import { buffersOf, DataService } from '#session'
import sp500 from '../node_modules/vega-datasets/data/sp500-2000.csv?url'

/** Addresses that the build gives the bundled files. */
const addresses: Readonly<Record<string, string>> = {
  '@observablehq/sample-datasets/aapl.csv': aapl,
  'vega-datasets/data/sp500-2000.csv': sp500,
}

const service = new DataService(async (file) => {
  const response = await fetch(addresses[file]!)
  if (!response.ok) throw new Error(`${file} could not be fetched: the server answered ${response.status}`)
  return new Uint8Array(await response.arrayBuffer())
})

/** What the page can ask of the data worker. */
export const door = {
  load: (id: string) => service.load(id),
  /** Move the record here with `transfer(record, buffersOf(record))`; it comes back with the report. */
  async report(record: RunRecord, id: string) {
    const result = await service.report(record, id)
    return transfer(result, buffersOf(result))
  },
}
export type DataDoor = typeof door

expose(door)
