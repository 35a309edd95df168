import aapl from '@observablehq/sample-datasets/aapl.csv?url'
import sp500 from '../node_modules/vega-datasets/data/sp500-2000.csv?url'
import { fetchFile } from '../src/app/fetch-file.ts'

/** Addresses that the build gives the bundled files. */
const addresses: Readonly<Record<string, string>> = {
  '@observablehq/sample-datasets/aapl.csv': aapl,
  'vega-datasets/data/sp500-2000.csv': sp500,
}

/** The bytes of a bundled file by its package and path. */
export const fetchBundled = (file: string): Promise<Uint8Array> => fetchFile(addresses[file]!, file)
