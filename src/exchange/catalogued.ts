import {
  bundledData,
  catalogue,
  type DataSet,
  type FlowBlock,
  type RandomWalkOptions,
  type RecordedFlow,
} from '#data'
import type { BookListener } from '#book'
import { lotsPerUnit } from '#market'
import { FlowWriter, shownBy } from './flow-reader.ts'
import type { SyntheticOptions } from './synthetic/options.ts'
import { SyntheticWorld, type WorldListener } from './synthetic/world.ts'

/** The market that the sample of recorded orders is a recording of. */
const sampled: SyntheticOptions = { preset: 'calm', seed: 12, agents: 400, seconds: 900 }

/**
 * A data set of the catalogue, with those that only an exchange can make.
 *
 * @throws as `bundledData`
 */
export async function catalogued(
  id: string,
  read: (file: string) => Promise<Uint8Array>,
  walk: RandomWalkOptions = {},
): Promise<DataSet> {
  if (id !== 'recorded-orders') return bundledData(id, read, walk)
  const { name, provenance } = catalogue.find((entry) => entry.id === id)!
  return { id, name, provenance, instruments: [], recorded: recordedMarket(sampled, 'ACME') }
}

/** Records the first instrument of a synthetic market from its beginning to its end: what its book shows, order by order. */
export function recordedMarket(options: SyntheticOptions, name: string): RecordedFlow {
  const out = new FlowWriter()
  const shown = shownBy(out)
  /** Passes on what the first instrument's book tells. */
  const heard =
    <Event extends keyof BookListener>(event: Event) =>
    (instrument: number, ...told: Parameters<BookListener[Event]>) => {
      if (instrument !== 0) return
      out.time = world.time
      ;(shown[event] as (...told: Parameters<BookListener[Event]>) => void)(...told)
    }
  const listener: WorldListener = {
    open: heard('open'),
    trade: heard('trade'),
    fill: heard('fill'),
    change: heard('change'),
    cancel: heard('cancel'),
    reject: heard('reject'),
    trigger: heard('trigger'),
    phase: heard('phase'),
  }
  const world = new SyntheticWorld(options, listener)
  const messages: FlowBlock[] = []
  while (world.nextTime <= world.sessionEnd) {
    world.step()
    if (out.full) messages.push(out.take())
  }
  messages.push(out.take())
  const instrument = { ...world.instruments[0]!, name, exchange: 'replay' }
  return {
    instrument,
    priceStep: 1 / lotsPerUnit(instrument.tickSize ?? 0.01),
    start: world.sessionStart,
    end: world.sessionEnd,
    messages,
  }
}
