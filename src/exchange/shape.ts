import type { DataSet, RecordedFlow, SyntheticRequest } from '#data'
import { type SyntheticOptions, syntheticSettings } from './synthetic/options.ts'

/** Seconds of a bar of a market that makes its own where nothing else is asked for. */
export const usualBar = 10

/** How much a run on a data set can give, known before it runs. */
export interface Shape {
  readonly instruments: number
  /** Most bars of one instrument. */
  readonly rows: number
  /** Bars of all instruments. */
  readonly bars: number
}

/** What a request asks of the world that is made for it; the rest is about the exchange in it. */
export function worldOf(request: SyntheticRequest): SyntheticOptions {
  const { barSeconds: _, latency: __, symbol: ___, agentLatency, ...options } = request
  return { ...(options as SyntheticOptions), ...(agentLatency && { latency: agentLatency }) }
}

/**
 * The shape of a data set.
 *
 * @throws RangeError when it asks for a market that cannot be made
 */
export function shapeOf({ instruments, synthetic, recorded }: DataSet): Shape {
  if (recorded) {
    const { rows } = flowGrid(recorded)
    return { instruments: 1, rows, bars: rows }
  }
  if (synthetic) {
    const { barSeconds = usualBar } = synthetic
    const settings = syntheticSettings(worldOf(synthetic))
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

/** Whether a run makes the bars of a data set itself, and its record has them. */
export function makesBars({ synthetic, recorded }: DataSet): boolean {
  return synthetic !== undefined || recorded !== undefined
}

/** The bars of a recording: how many, when the first begins and how long they are, in microseconds. */
export interface FlowGrid {
  readonly rows: number
  readonly origin: number
  readonly barLength: number
}

/** Most bars that a recording may be cut into: each keeps its book. */
const mostRows = 250_000

/**
 * Cuts a recording into bars that begin at whole multiples of their length from midnight UTC.
 *
 * @throws RangeError when its times or its bars cannot be
 */
export function flowGrid({ start, end, barSeconds = usualBar }: RecordedFlow): FlowGrid {
  if (!(Number.isSafeInteger(start) && Number.isSafeInteger(end) && end >= start))
    throw new RangeError(
      `Recorded orders: they begin at ${start} and end at ${end}; expected whole microseconds, the end not before the start`,
    )
  if (!(Number.isInteger(barSeconds) && barSeconds >= 1 && barSeconds <= 86_400))
    throw new RangeError(
      `Recorded orders: a bar is ${barSeconds} seconds; expected whole seconds from 1 to 86400`,
    )
  const barLength = barSeconds * 1e6
  const origin = Math.floor(start / barLength) * barLength
  const rows = Math.max(1, Math.ceil((end - origin) / barLength))
  if (rows > mostRows)
    throw new RangeError(
      `Recorded orders: bars of ${barSeconds} seconds would be ${rows}; expected at most ${mostRows}. Take longer bars.`,
    )
  return { rows, origin, barLength }
}
