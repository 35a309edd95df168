import type { DataSet } from './data-set.ts'

/**
 * Data sets of bars as one to run on, an exchange each, in the order in which the first goes first. Their ids are the tags of
 * their instruments.
 *
 * @throws RangeError where one of them makes its bars while it runs
 */
export function joined(id: string, sets: readonly DataSet[]): DataSet {
  for (const { name, synthetic, recorded } of sets)
    if (synthetic || recorded)
      throw new RangeError(`${name} makes its bars while it runs; only bars that are there can be joined`)
  const exchanges = sets.map((set) => ({
    ...set,
    instruments: set.instruments.map((data) => ({
      ...data,
      instrument: { ...data.instrument, exchange: data.instrument.exchange ?? set.id },
    })),
  }))
  return {
    id,
    name: sets.map((set) => `${set.id}: ${set.name}`).join('; '),
    provenance: sets.map((set) => `${set.id}: ${set.provenance}`).join(' '),
    instruments: exchanges.flatMap(({ instruments }) => instruments),
    exchanges,
  }
}
