import { newsStep } from './news.ts'

/** Seconds over which the motion of the midpoint is remembered. */
const memories = [4, 40, 400]
/** How much of the attention comes from each. */
const weights = [0.35, 0.35, 0.3]
/** Fraction of the old that the mean sign of the takers keeps at each of them. */
const flowKept = 0.9

/** How lively each market is, measured on what everybody can see. */
export class Pulse {
  readonly mid: Float64Array
  /** Midpoint at the last step. */
  readonly before: Float64Array
  readonly flow: Float64Array
  readonly attention: Float64Array
  readonly motion: Float64Array
  /** Mean absolute motion in a step, over each memory. */
  readonly motions: Float64Array
  /** Mean absolute motion in a step of an ordinary market, ticks. */
  readonly usual: Float64Array

  constructor(starts: Float64Array, usual: Float64Array) {
    const count = starts.length
    this.mid = starts.slice()
    this.before = starts.slice()
    this.flow = new Float64Array(count)
    this.attention = new Float64Array(count).fill(1)
    this.usual = usual
    this.motion = usual.slice()
    this.motions = Float64Array.from({ length: 3 * count }, (_, i) => usual[Math.floor(i / 3)])
  }

  taken(i: number, sign: number): void {
    this.flow[i] = this.flow[i] * flowKept + (1 - flowKept) * sign
  }

  step(i: number): void {
    const moved = Math.abs(this.mid[i] - this.before[i])
    this.before[i] = this.mid[i]
    let lively = 0
    for (let k = 0; k < 3; k++) {
      const forgets = newsStep / memories[k]
      const motion = this.motions[3 * i + k] * (1 - forgets) + moved * forgets
      this.motions[3 * i + k] = motion
      lively += weights[k] * motion
    }
    // Bounded, since those who see much motion leave gaps in which the next order moves the midpoint even more.
    this.motion[i] = Math.min(4 * this.usual[i], 0.5 * (this.motions[3 * i] + this.motions[3 * i + 1]))
    // Less than proportional, so that a market cannot excite itself without end.
    const ratio = lively / this.usual[i]
    this.attention[i] = Math.max(0.4, Math.min(5, 0.25 + 0.75 * ratio))
  }
}
