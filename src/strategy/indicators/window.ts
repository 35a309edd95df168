/*
 * The moving windows that indicators are made of. Each takes one number at a time and gives its figure over the
 * newest `size` of them: NaN until there are that many. NaN in gives NaN out and leaves the window as it was, so
 * one can feed another without asking whether it is warm. Nothing is allocated after construction.
 *
 * It is the NaN that came in which goes out: the name `NaN` is looked up like any global, V8 knows nothing of what is
 * found there where no NaN ever came, and would box every figure for it.
 *
 * Beside each running sum a fresh one is added up and takes its place whenever the ring comes round: rounding cannot
 * build up over a long run, at the cost of one addition per number.
 */

/** Sum of the newest `size` numbers. Exact where the numbers are multiples of a power of two, such as 1/64. */
export class MovingSum {
  readonly #values: Float64Array
  #slot = 0
  #sum = NaN
  #fresh = 0

  constructor(size: number) {
    this.#values = new Float64Array(size)
  }

  add(number: number): number {
    if (number !== number) return number
    const values = this.#values
    const slot = this.#slot
    const sum = this.#sum + (number - values[slot]!)
    const fresh = this.#fresh + number
    values[slot] = number
    if (slot + 1 < values.length) {
      this.#slot = slot + 1
      this.#fresh = fresh
      return (this.#sum = sum)
    }
    this.#slot = 0
    this.#fresh = 0
    return (this.#sum = fresh)
  }
}

/** The number given `size` numbers ago: 1 is the one before. */
export class Delay {
  readonly #values: Float64Array
  #slot = 0

  constructor(size: number) {
    this.#values = new Float64Array(size).fill(NaN)
  }

  add(number: number): number {
    if (number !== number) return number
    const values = this.#values
    const slot = this.#slot
    const delayed = values[slot]!
    values[slot] = number
    this.#slot = slot + 1 === values.length ? 0 : slot + 1
    return delayed
  }
}

/** Mean and population variance of the newest `size` numbers. `add` gives the mean. */
export class MovingVariance {
  readonly #values: Float64Array
  #slot = 0
  #sum = NaN
  #freshSum = 0
  // Distances are from a number near the window, small beside the prices, so that their squares do not cancel.
  #origin = NaN
  #distance = NaN
  #square = NaN
  #freshOrigin = 0
  #freshDistance = 0
  #freshSquare = 0
  #newest = NaN
  #repeats = 0

  constructor(size: number) {
    this.#values = new Float64Array(size)
  }

  add(number: number): number {
    if (number !== number) return number
    const values = this.#values
    const slot = this.#slot
    const oldest = values[slot]!
    values[slot] = number
    this.#repeats = number === this.#newest ? this.#repeats + 1 : 1
    this.#newest = number
    if (slot === 0) this.#freshOrigin = number
    const away = number - this.#freshOrigin
    this.#freshSum += number
    this.#freshDistance += away
    this.#freshSquare += away * away
    if (slot + 1 < values.length) {
      const come = number - this.#origin
      const gone = oldest - this.#origin
      this.#slot = slot + 1
      this.#sum += number - oldest
      this.#distance += come - gone
      this.#square += come * come - gone * gone
    } else {
      this.#slot = 0
      this.#sum = this.#freshSum
      this.#origin = this.#freshOrigin
      this.#distance = this.#freshDistance
      this.#square = this.#freshSquare
      this.#freshSum = this.#freshDistance = this.#freshSquare = 0
    }
    return this.#sum / values.length
  }

  /** Mean square distance from the mean; exactly 0 when all numbers are equal. */
  get variance(): number {
    const size = this.#values.length
    if (this.#repeats >= size) return 0
    return Math.max(0, (this.#square - (this.#distance * this.#distance) / size) / size)
  }
}

/** Mean of the newest `size` numbers. */
export class MovingMean {
  readonly #size: number
  readonly #sum: MovingSum

  constructor(size: number) {
    this.#size = size
    this.#sum = new MovingSum(size)
  }

  add(number: number): number {
    return this.#sum.add(number) / this.#size
  }
}

/** Mean of the newest `size` numbers weighted 1 for the oldest up to `size` for the newest. */
export class WeightedMean {
  readonly #values: Float64Array
  readonly #weights: number
  #slot = 0
  #sum = NaN
  #weighted = NaN
  #freshSum = 0
  #freshWeighted = 0

  constructor(size: number) {
    this.#values = new Float64Array(size)
    this.#weights = (size * (size + 1)) / 2
  }

  add(number: number): number {
    if (number !== number) return number
    const values = this.#values
    const slot = this.#slot
    const oldest = values[slot]!
    values[slot] = number
    this.#freshSum += number
    this.#freshWeighted += (slot + 1) * number
    if (slot + 1 < values.length) {
      this.#slot = slot + 1
      this.#weighted += values.length * number - this.#sum
      this.#sum += number - oldest
    } else {
      this.#slot = 0
      this.#weighted = this.#freshWeighted
      this.#sum = this.#freshSum
      this.#freshSum = this.#freshWeighted = 0
    }
    return this.#weighted / this.#weights
  }
}

/** Largest of the newest `size` numbers, in constant time on average: a queue of the numbers that may yet be largest. */
export class MovingMaximum {
  readonly #size: number
  readonly #values: Float64Array
  readonly #times: Float64Array
  #front = 0
  #length = 0
  #time = 0

  constructor(size: number) {
    this.#size = size
    this.#values = new Float64Array(size)
    this.#times = new Float64Array(size)
  }

  add(number: number): number {
    if (number !== number) return number
    const size = this.#size
    const values = this.#values
    const times = this.#times
    const time = this.#time++
    let front = this.#front
    let length = this.#length
    if (length > 0 && times[front]! <= time - size) {
      front = front + 1 === size ? 0 : front + 1
      length--
    }
    let back = front + length
    if (back >= size) back -= size
    while (length > 0) {
      const last = back === 0 ? size - 1 : back - 1
      if (values[last]! >= number) break
      back = last
      length--
    }
    values[back] = number
    times[back] = time
    this.#front = front
    this.#length = length + 1
    return time + 1 >= size ? values[front]! : NaN
  }

  /** Largest of the numbers in the window so far, full or not. */
  get soFar(): number {
    return this.#length > 0 ? this.#values[this.#front]! : NaN
  }

  /** How many numbers ago the largest came; of equals the oldest. */
  get age(): number {
    return this.#time - 1 - this.#times[this.#front]!
  }
}

/** Smallest of the newest `size` numbers. */
export class MovingMinimum {
  readonly #maximum: MovingMaximum

  constructor(size: number) {
    this.#maximum = new MovingMaximum(size)
  }

  add(number: number): number {
    return -this.#maximum.add(-number)
  }

  /** Smallest of the numbers in the window so far, full or not. */
  get soFar(): number {
    return -this.#maximum.soFar
  }

  /** How many numbers ago the smallest came; of equals the oldest. */
  get age(): number {
    return this.#maximum.age
  }
}

/** The newest `size` numbers themselves, for figures that must look at each of them again. */
export class Window {
  readonly #values: Float64Array
  #slot = 0
  #count = 0

  constructor(size: number) {
    this.#values = new Float64Array(size)
  }

  /** Takes a number, which is not NaN. Returns whether the window is full. */
  push(number: number): boolean {
    const values = this.#values
    values[this.#slot] = number
    this.#slot = this.#slot + 1 === values.length ? 0 : this.#slot + 1
    if (this.#count < values.length) this.#count++
    return this.#count === values.length
  }

  /** The number at a place of a full window, 0 for the oldest. */
  at(place: number): number {
    const i = this.#slot + place
    return this.#values[i < this.#values.length ? i : i - this.#values.length]!
  }
}

/** Mean distance of the newest `size` numbers from their mean. Looks at the whole window for each number. */
export class MeanDeviation {
  readonly #window: Window
  readonly #mean: MovingMean
  readonly #size: number

  constructor(size: number) {
    this.#window = new Window(size)
    this.#mean = new MovingMean(size)
    this.#size = size
  }

  add(number: number): number {
    if (number !== number) return number
    const mean = this.#mean.add(number)
    if (!this.#window.push(number)) return NaN
    let sum = 0
    for (let i = 0; i < this.#size; i++) sum += Math.abs(this.#window.at(i) - mean)
    return sum / this.#size
  }
}

/** Where the newest number stands between the smallest and the largest of `size`: 0 to 100, 50 where they are equal. */
export class MovingRank {
  readonly #maximum: MovingMaximum
  readonly #minimum: MovingMinimum

  constructor(size: number) {
    this.#maximum = new MovingMaximum(size)
    this.#minimum = new MovingMinimum(size)
  }

  add(number: number): number {
    const highest = this.#maximum.add(number)
    const lowest = this.#minimum.add(number)
    return placeBetween(lowest, highest, number)
  }
}

/** Where a number stands between two others: 0 at the lower, 100 at the upper, 50 where they are equal. */
export function placeBetween(lower: number, upper: number, number: number): number {
  return upper === lower ? 50 : (100 * (number - lower)) / (upper - lower)
}

/** A number less the one before it. */
export class Change {
  #last = NaN

  add(number: number): number {
    if (number !== number) return number
    const change = number - this.#last
    this.#last = number
    return change
  }
}

/** Percent by which a number differs from the one `size` numbers ago; NaN where that was 0. */
export class PercentChange {
  readonly #delay: Delay

  constructor(size: number) {
    this.#delay = new Delay(size)
  }

  add(number: number): number {
    const before = this.#delay.add(number)
    return before === 0 ? NaN : (100 * (number - before)) / before
  }
}

/** Population variances and covariance of the newest `size` pairs of numbers. */
export class MovingCovariance {
  readonly #varianceX: MovingVariance
  readonly #varianceY: MovingVariance
  readonly #xs: Float64Array
  readonly #ys: Float64Array
  #slot = 0
  // Distances from a pair near the window, as in the variance.
  #originX = NaN
  #originY = NaN
  #sumX = NaN
  #sumY = NaN
  #product = NaN
  #freshX = 0
  #freshY = 0
  #freshProduct = 0

  constructor(size: number) {
    this.#varianceX = new MovingVariance(size)
    this.#varianceY = new MovingVariance(size)
    this.#xs = new Float64Array(size)
    this.#ys = new Float64Array(size)
  }

  /** Takes a pair, and passes over one with a NaN. Returns the covariance. */
  add(x: number, y: number): number {
    if (x !== x || y !== y) return NaN
    this.#varianceX.add(x)
    this.#varianceY.add(y)
    const xs = this.#xs
    const ys = this.#ys
    const size = xs.length
    const slot = this.#slot
    const goneX = xs[slot]! - this.#originX
    const goneY = ys[slot]! - this.#originY
    const comeX = x - this.#originX
    const comeY = y - this.#originY
    xs[slot] = x
    ys[slot] = y
    const awayX = x - xs[0]!
    const awayY = y - ys[0]!
    this.#freshX += awayX
    this.#freshY += awayY
    this.#freshProduct += awayX * awayY
    if (slot + 1 < size) {
      this.#slot = slot + 1
      this.#sumX += comeX - goneX
      this.#sumY += comeY - goneY
      this.#product += comeX * comeY - goneX * goneY
    } else {
      this.#slot = 0
      this.#originX = xs[0]!
      this.#originY = ys[0]!
      this.#sumX = this.#freshX
      this.#sumY = this.#freshY
      this.#product = this.#freshProduct
      this.#freshX = this.#freshY = this.#freshProduct = 0
    }
    return (this.#product - (this.#sumX * this.#sumY) / size) / size
  }

  get varianceX(): number {
    return this.#varianceX.variance
  }
  get varianceY(): number {
    return this.#varianceY.variance
  }
}
