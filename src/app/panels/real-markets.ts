import type { SyntheticRequest } from '#data'
import type { MarketFacts } from '#session'
import type { FactsDoor } from '../../../workers/facts.ts'
import FactsWorker from '../../../workers/facts.ts?worker'

/** A question that goes on in a thread of its own. */
export interface FactsInTheMaking {
  readonly facts: Promise<MarketFacts>
  /** Ends it, answered or not; one that is not is never answered. */
  end(): void
}

/** Makes a market and holds it against real ones. */
export function factsOf(market: SyntheticRequest): FactsInTheMaking {
  const worker = new FactsWorker()
  const broken = new Promise<never>((_, reject) =>
    worker.addEventListener('error', ({ message }) =>
      reject(new Error(message || 'The part of the program that makes it could not be fetched')),
    ),
  )
  const facts = import('comlink').then(({ wrap }) => wrap<FactsDoor>(worker).facts(market))
  return {
    facts: Promise.race([facts, broken]).finally(() => worker.terminate()),
    end: () => worker.terminate(),
  }
}
