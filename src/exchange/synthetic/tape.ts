/**
 * What an instrument's market looked like lately, so that each agent can see it as late as its wire makes it. A ring of records, one array per
 * field; it grows until it reaches back over the longest delay.
 */
export class Tape {
  /** Records written so far. */
  count = 0
  mask = 1023
  time = new Float64Array(1024)
  /** Ticks; 0 where a side is empty. */
  bid = new Float64Array(1024)
  ask = new Float64Array(1024)
  bidSize = new Float64Array(1024)
  askSize = new Float64Array(1024)
  /** Midpoint in ticks, the last one known where a side is empty. */
  mid = new Float64Array(1024)
  /** Mean sign of the latest takers, from -1 (all sold) to 1. */
  flow = new Float64Array(1024)
  /** How much the market moves, in its usual unit: 1 is an ordinary moment. */
  attention = new Float64Array(1024)
  /** Mean absolute change of the midpoint in a quarter of a second, over the last ten seconds or so; ticks. */
  motion = new Float64Array(1024)
  /** The hidden value, ticks. */
  worth = new Float64Array(1024)

  /** Writes a record of the present; the caller then fills in its fields. Gives its place. */
  write(time: number, reach: number): number {
    const newest = (this.count - 1) & this.mask
    // What happens within one microsecond is seen as one.
    if (this.count > 0 && this.time[newest] === time) return newest
    if (this.count > this.mask && this.time[(this.count + 1) & this.mask] > time - reach) this.grow()
    const at = this.count++ & this.mask
    this.time[at] = time
    return at
  }

  /** Place of the record that was the newest at a time; the oldest one kept where that is forgotten. */
  at(time: number): number {
    const oldest = this.count > this.mask ? this.count - this.mask - 1 : 0
    let record = this.count - 1
    while (record > oldest && this.time[record & this.mask] > time) record--
    return record & this.mask
  }

  grow(): void {
    const size = this.mask + 1
    for (const field of fields) {
      const old = this[field]
      const grown = new Float64Array(2 * size)
      for (let record = this.count - size; record < this.count; record++)
        grown[record & (2 * size - 1)] = old[record & this.mask]
      this[field] = grown
    }
    this.mask = 2 * size - 1
  }
}

const fields = [
  'time',
  'bid',
  'ask',
  'bidSize',
  'askSize',
  'mid',
  'flow',
  'attention',
  'motion',
  'worth',
] as const
