import type { DataSet, SyntheticRequest } from './data-set.ts'

/** A data set that comes with the program. */
export interface CatalogueEntry {
  /** Stable name in links and settings. */
  readonly id: string
  /** For people. */
  readonly name: string
  /** Where the prices come from and what they are. */
  readonly provenance: string
  /** Licence of the package that carries the file, by its SPDX name; empty for generated data. */
  readonly licence: string
  /** Files it is read from, by package and path. */
  readonly files: readonly string[]
}

/** Files of the packages that carry bundled prices. */
export const aaplFile = '@observablehq/sample-datasets/aapl.csv'
const sp500File = 'vega-datasets/data/sp500-2000.csv'

const aaplProvenance =
  'Apple, daily bars from 2013-05-13 to 2018-05-11, in USD: Yahoo Finance, as packaged in @observablehq/sample-datasets 1.0.1. Adjusted for the 7-for-1 split of 2014; dividends are not included.'
const sp500Provenance =
  'S&P 500 index, daily bars from 2000-01-03 to 2020-04-17: Yahoo Finance, as packaged in vega-datasets 3.2.1. An index cannot itself be bought and pays no dividends here; it stands for a fund without costs.'

/** The data sets that come with the program, the one shown first leading. */
export const catalogue: readonly CatalogueEntry[] = [
  { id: 'aapl', name: 'AAPL daily', provenance: aaplProvenance, licence: 'ISC', files: [aaplFile] },
  {
    id: 'sp500',
    name: 'S&P 500 daily',
    provenance: sp500Provenance,
    licence: 'BSD-3-Clause',
    files: [sp500File],
  },
  {
    id: 'aapl-sp500',
    name: 'AAPL and S&P 500 daily',
    provenance: `${aaplProvenance} ${sp500Provenance} Cut to the dates of the first.`,
    licence: 'ISC AND BSD-3-Clause',
    files: [aaplFile, sp500File],
  },
  {
    id: 'random-walk',
    name: 'Random walk, hourly',
    provenance: 'Made by the program from a seed; no strategy has an edge on it, so any profit is luck.',
    licence: '',
    files: [],
  },
  {
    id: 'synthetic',
    name: 'Synthetic market',
    provenance:
      "Simulated agents trade with one another and with the strategy on a real order book, while the run goes on. Nobody's history: a seed makes it.",
    licence: '',
    files: [],
  },
  {
    id: 'recorded-orders',
    name: 'Recorded orders (sample)',
    provenance: 'All orders of 15 minutes of a synthetic market. They do not react to yours.',
    licence: '',
    files: [],
  },
]

/** A market that the run makes, as a data set without bars. The exchange says what can be asked for. */
export function syntheticData(synthetic: SyntheticRequest): DataSet {
  const { id, name, provenance } = catalogue.find((entry) => entry.id === 'synthetic')!
  return { id, name, provenance, instruments: [], synthetic }
}
