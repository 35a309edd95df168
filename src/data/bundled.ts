import { InstrumentType, type InstrumentSpec } from '#market'
import { aaplFile, catalogue, syntheticData } from './catalogue.ts'
import { parseCsv } from './csv.ts'
import type { DataSet, InstrumentData } from './data-set.ts'
import { between } from './range.ts'
import { randomWalk, type RandomWalkOptions } from './random-walk.ts'

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

/**
 * One of the catalogue's data sets. `read` gives the bytes of a file by its package and path: the app fetches the
 * address that its build gave the file, Node reads it from `node_modules`.
 *
 * Recorded orders are the exchange's to make: see its `catalogued`.
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
