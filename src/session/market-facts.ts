import { type StylisedFact, stylisedFacts, tooShort } from '#analysis'
import type { SyntheticRequest } from '#data'
import { recordMarket, type SyntheticOptions, syntheticSettings, worldOf } from '#exchange'

/** Seconds after which the statistics of a market have settled. */
const enough = 4 * 3600

/** A synthetic market beside real ones. */
export interface MarketFacts {
  readonly facts: readonly StylisedFact[]
  /** Seconds of simulated time over which the market was made. */
  readonly seconds: number
  /** Why the figures mean nothing, where the market was too short. */
  readonly warning?: string | undefined
}

/**
 * Makes a market without a strategy and holds its first instrument against what is known of real ones: over its own
 * session, or over four hours where that is shorter and so many orders can be held.
 *
 * @throws RangeError when the market cannot be made
 */
export function marketFacts(request: SyntheticRequest): MarketFacts {
  const options = longEnough(worldOf(request))
  const recording = recordMarket(options)
  return {
    facts: stylisedFacts(recording),
    seconds: syntheticSettings(options).seconds,
    warning: tooShort(recording),
  }
}

function longEnough(options: SyntheticOptions): SyntheticOptions {
  const { seconds } = syntheticSettings(options)
  if (seconds >= enough) return options
  try {
    const longer = { ...options, seconds: enough }
    syntheticSettings(longer)
    return longer
  } catch {
    return options
  }
}
