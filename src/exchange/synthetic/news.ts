import { exp } from '#market'
import type { SyntheticSettings } from './options.ts'
import { Pareto, type Streams } from './streams.ts'

/** Seconds between two steps of the hidden value. */
export const newsStep = 0.25

/** The logarithm of the value's volatility is the sum of three processes that forget at these times, in seconds. */
const memories = [60, 500, 2400]
/** Standard deviation of each. */
const unrest = 0.5
const jump = new Pareto(3)
/** Seconds by which the informed know of a jump in advance, on average. */
const advance = 12

/**
 * What the instruments are worth, which the market does not know. Each value is a walk that is pulled towards a drifting
 * level, with a volatility that comes in waves, and jumps at random times. A jump moves the level too.
 */
export class News {
  /** Ticks. */
  readonly worth: Float64Array
  /** Worth at the start, ticks. */
  readonly start: Float64Array
  /** Logarithm of the value and of its level, relative to the start. */
  readonly place: Float64Array
  readonly level: Float64Array
  readonly waves: Float64Array
  readonly jumpTime: Float64Array
  /** Logarithm of the next jump. */
  readonly jumpSize: Float64Array
  /** Since when the informed know of it. */
  readonly jumpKnown: Float64Array

  constructor(settings: SyntheticSettings, starts: Float64Array, streams: Streams, firstStream: number) {
    const count = starts.length
    this.start = starts
    this.worth = starts.slice()
    this.place = new Float64Array(count)
    this.level = new Float64Array(count)
    this.waves = new Float64Array(3 * count)
    this.jumpTime = new Float64Array(count).fill(Infinity)
    this.jumpSize = new Float64Array(count)
    this.jumpKnown = new Float64Array(count).fill(Infinity)
    for (let i = 0; i < count; i++) {
      const stream = firstStream + i
      for (let k = 0; k < 3; k++) this.waves[3 * i + k] = unrest * streams.normal(stream)
      this.plan(i, settings, settings.sessionStart, streams, stream)
      if (settings.auction === 0) continue
      // Much has happened since the last close.
      this.place[i] = this.level[i] = 2 * settings.volatility * streams.normal(stream)
      this.worth[i] = starts[i] * exp(this.place[i])
    }
  }

  /** What the value will be once the next jump has happened, as things stand. */
  after(i: number): number {
    return this.worth[i] * exp(this.jumpSize[i])
  }

  step(i: number, settings: SyntheticSettings, time: number, streams: Streams, stream: number): void {
    let waves = 0
    for (let k = 0; k < 3; k++) {
      const forgets = newsStep / memories[k]
      const wave =
        this.waves[3 * i + k] * (1 - forgets) + unrest * Math.sqrt(2 * forgets) * streams.normal(stream)
      this.waves[3 * i + k] = wave
      waves += wave
    }
    // E exp(2 waves) = exp(2 variance), which is taken off so that the volatility is what was asked for.
    const volatility = settings.volatility * exp(waves - 3 * unrest * unrest)
    const hours = newsStep / 3600
    this.level[i] += settings.drift * hours
    this.place[i] +=
      (this.level[i] - this.place[i]) * Math.min(1, settings.reversion * hours) +
      settings.drift * hours +
      volatility * Math.sqrt(hours) * streams.normal(stream)
    if (time >= this.jumpTime[i]) {
      this.place[i] += this.jumpSize[i]
      this.level[i] += this.jumpSize[i]
      this.plan(i, settings, time, streams, stream)
    }
    this.worth[i] = Math.max(2, this.start[i] * exp(this.place[i]))
  }

  plan(i: number, settings: SyntheticSettings, time: number, streams: Streams, stream: number): void {
    if (settings.jumps === 0) return
    this.jumpTime[i] = time + (3600e6 / settings.jumps) * streams.exponential(stream)
    this.jumpKnown[i] = Math.max(time, this.jumpTime[i] - 2e6 * advance * streams.uniform(stream))
    // The mean of this Pareto distribution is 1.5.
    const size = Math.min(20, streams.pareto(stream, jump)) / 1.5
    this.jumpSize[i] = (streams.integer(stream) & 1 ? 1 : -1) * settings.jumpSize * size
  }
}
