/** What a message is about. */
export const Message = {
  /** An agent looks at the market. Its slot is the agent's number. */
  WAKE: 0,
  LIMIT: 1,
  MARKET: 2,
  CANCEL: 3,
  /** New price, quantity and stop price of an order; NaN for what stays. */
  CHANGE: 4,
  /** Any other order, as an object. */
  ADD: 5,
  /** An agent hears that an order of its own has traded. */
  REPORT: 6,
  /** A quarter of a second is over: an instrument's hidden value moves on. */
  NEWS: 7,
  /** An instrument's opening auction begins. */
  CALLING: 8,
  /** It is over. */
  OPENING: 9,
  /** The session is over, for all instruments. */
  CLOSING: 10,
} as const

/**
 * Messages under way, in a binary heap ordered by time and, within a microsecond, by when they were sent. What a
 * message says stands in arrays by its slot; the first slots are reserved, one for the standing wake-up of each agent.
 */
export class Messages {
  /** Microseconds of the earliest message; Infinity where there is none. */
  nextTime = Infinity
  sent = 0

  kind: Uint8Array
  /** Who sent it or is to hear it; -1 for the outside. */
  agent: Int32Array
  instrument: Int32Array
  id: Float64Array
  side: Int32Array
  price: Float64Array
  quantity: Float64Array
  /** What is left of an order, in a report; its stop price in a change. */
  extra: Float64Array
  /** The order of an ADD. */
  readonly order: (object | undefined)[] = []

  length = 0
  times: Float64Array
  numbers: Float64Array
  slots: Int32Array
  /** Slots that were used and are free again. */
  free: Int32Array
  freed = 0
  used: number

  constructor(reserved: number) {
    const capacity = 2 * reserved + 1024
    this.used = reserved
    this.kind = new Uint8Array(capacity)
    this.agent = new Int32Array(capacity)
    this.instrument = new Int32Array(capacity)
    this.id = new Float64Array(capacity)
    this.side = new Int32Array(capacity)
    this.price = new Float64Array(capacity)
    this.quantity = new Float64Array(capacity)
    this.extra = new Float64Array(capacity)
    this.times = new Float64Array(capacity)
    this.numbers = new Float64Array(capacity)
    this.slots = new Int32Array(capacity)
    this.free = new Int32Array(capacity)
  }

  /** A slot for a message that will be sent once. */
  allocate(): number {
    if (this.freed > 0) return this.free[--this.freed]
    if (this.used === this.kind.length) this.grow()
    return this.used++
  }

  release(slot: number): void {
    this.free[this.freed++] = slot
  }

  /** Sends what stands in a slot; it arrives at `time`. */
  send(time: number, slot: number): void {
    const { times, numbers, slots } = this
    const number = this.sent++
    let at = this.length++
    while (at > 0) {
      const parent = (at - 1) >> 1
      // Of two with the same time the one sent before is the smaller, so the new one never passes it.
      if (times[parent] <= time) break
      times[at] = times[parent]
      numbers[at] = numbers[parent]
      slots[at] = slots[parent]
      at = parent
    }
    times[at] = time
    numbers[at] = number
    slots[at] = slot
    this.nextTime = times[0]
  }

  /** Takes the earliest message. Gives its slot. */
  take(): number {
    const { times, numbers, slots } = this
    const slot = slots[0]
    const last = --this.length
    if (last === 0) {
      this.nextTime = Infinity
      return slot
    }
    const time = times[last]
    const number = numbers[last]
    const moved = slots[last]
    let at = 0
    for (;;) {
      let child = 2 * at + 1
      if (child >= last) break
      const right = child + 1
      if (
        right < last &&
        (times[right] < times[child] || (times[right] === times[child] && numbers[right] < numbers[child]))
      )
        child = right
      if (times[child] > time || (times[child] === time && numbers[child] > number)) break
      times[at] = times[child]
      numbers[at] = numbers[child]
      slots[at] = slots[child]
      at = child
    }
    times[at] = time
    numbers[at] = number
    slots[at] = moved
    this.nextTime = times[0]
    return slot
  }

  /** Drops all that is under way but requests from the outside. */
  keepOutside(): void {
    const kept: [time: number, slot: number][] = []
    while (this.length > 0) {
      const time = this.nextTime
      const slot = this.take()
      const kind = this.kind[slot]
      if (this.agent[slot] < 0 && kind >= Message.LIMIT && kind <= Message.ADD) kept.push([time, slot])
    }
    for (const [time, slot] of kept) this.send(time, slot)
  }

  grow(): void {
    const capacity = 2 * this.kind.length
    const longer = <Values extends { set(values: Values): void }>(values: Values, grown: Values) => {
      grown.set(values)
      return grown
    }
    this.kind = longer(this.kind, new Uint8Array(capacity))
    this.agent = longer(this.agent, new Int32Array(capacity))
    this.instrument = longer(this.instrument, new Int32Array(capacity))
    this.id = longer(this.id, new Float64Array(capacity))
    this.side = longer(this.side, new Int32Array(capacity))
    this.price = longer(this.price, new Float64Array(capacity))
    this.quantity = longer(this.quantity, new Float64Array(capacity))
    this.extra = longer(this.extra, new Float64Array(capacity))
    this.times = longer(this.times, new Float64Array(capacity))
    this.numbers = longer(this.numbers, new Float64Array(capacity))
    this.slots = longer(this.slots, new Int32Array(capacity))
    this.free = longer(this.free, new Int32Array(capacity))
  }
}
