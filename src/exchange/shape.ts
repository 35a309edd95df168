import type { DataSet } from '#data'
import { type SyntheticOptions, syntheticSettings } from './synthetic/options.ts'

/** Seconds of a synthetic market's bar where nothing else is asked for. */
export const usualBar = 10

/** How much a run on a data set can give, known before it runs. */
export interface Shape {
  readonly instruments: number
  /** Most bars of one instrument. */
  readonly rows: number
  /** Bars of all instruments. */
  readonly bars: number
}

/**
 * The shape of a data set.
 *
 * @throws RangeError when it asks for a market that cannot be made
 */
export function shapeOf({ instruments, synthetic }: DataSet): Shape {
  if (synthetic) {
    const { barSeconds = usualBar, latency: _, ...options } = synthetic
    const settings = syntheticSettings(options as SyntheticOptions)
    if (!(Number.isInteger(barSeconds) && barSeconds >= 1 && barSeconds <= settings.seconds))
      throw new RangeError(
        `Synthetic market: a bar is ${barSeconds} seconds; expected whole seconds from 1 to the session's ${settings.seconds}`,
      )
    const rows = Math.ceil(settings.seconds / barSeconds)
    return { instruments: settings.instruments, rows, bars: rows * settings.instruments }
  }
  const lengths = instruments.map(({ bars }) => bars.time.length)
  return {
    instruments: instruments.length,
    rows: Math.max(0, ...lengths),
    bars: lengths.reduce((sum, length) => sum + length, 0),
  }
}
