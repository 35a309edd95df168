import { InstrumentType, type BarColumns, type InstrumentSpec } from '#market'
import { parseCsv } from './csv.ts'
import type { DataSet, InstrumentData, SyntheticRequest } from './data-set.ts'
import { randomWalk, type RandomWalkOptions } from './random-walk.ts'

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

const aaplFile = '@observablehq/sample-datasets/aapl.csv'
const sp500File = 'vega-datasets/data/sp500-2000.csv'

const aapl: InstrumentSpec = {
  name: 'AAPL',
  type: InstrumentType.EQUITY,
  currency: 'USD',
  lotSize: 1,
  timeZone: 'America/New_York',
}
const sp500: InstrumentSpec = {
  name: 'SPX',
  type: InstrumentType.INDEX,
  currency: 'USD',
  lotSize: 0.01,
  timeZone: 'America/New_York',
}

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
]

/** A market that the run makes, as a data set without bars. The exchange says what can be asked for. */
export function syntheticData(synthetic: SyntheticRequest): DataSet {
  const { id, name, provenance } = catalogue.find((entry) => entry.id === 'synthetic')!
  return { id, name, provenance, instruments: [], synthetic }
}

/**
 * One of the catalogue's data sets. `read` gives the bytes of a file by its package and path: the app fetches the
 * address that its build gave the file, Node reads it from `node_modules`.
 *
 * @throws RangeError for an id that the catalogue does not have, Error when a file is not what it should be
 */
export async function bundledData(
  id: string,
  read: (file: string) => Promise<Uint8Array>,
  walk: RandomWalkOptions = {},
): Promise<DataSet> {
  const entry = catalogue.find((other) => other.id === id)
  if (!entry)
    throw new RangeError(
      `There is no bundled data set '${id}'; expected one of ${catalogue.map((other) => other.id).join(', ')}`,
    )
  if (id === 'random-walk') return randomWalk(walk)
  if (id === 'synthetic') return syntheticData(walk.seed === undefined ? {} : { seed: walk.seed })
  const load = async (file: string, instrument: InstrumentSpec): Promise<InstrumentData> => {
    const result = parseCsv(await read(file), { symbol: instrument.name })
    if (!result.ok) {
      const { line, reason } = result.problems[0]!
      throw new Error(
        `${file}, line ${line}: ${reason} The installed package may be another version; run npm ci.`,
      )
    }
    return { instrument, bars: result.data.bars }
  }
  const instruments = await Promise.all(
    entry.files.map((file) => load(file, file === aaplFile ? aapl : sp500)),
  )
  const times = instruments[0]!.bars.time
  return {
    id,
    name: entry.name,
    provenance: entry.provenance,
    instruments: instruments.map(({ instrument, bars }) => ({
      instrument,
      bars: between(bars, times[0]!, times[times.length - 1]!),
    })),
  }
}

/** The bars from one time to another, both included. */
function between(bars: BarColumns, from: number, to: number): BarColumns {
  let start = 0
  let end = bars.time.length
  while (start < end && bars.time[start]! < from) start++
  while (end > start && bars.time[end - 1]! > to) end--
  return {
    time: bars.time.slice(start, end),
    open: bars.open.slice(start, end),
    high: bars.high.slice(start, end),
    low: bars.low.slice(start, end),
    close: bars.close.slice(start, end),
    volume: bars.volume.slice(start, end),
  }
}
