import { show } from '../checks.ts'

/** What an indicator is fed: the fields of a bar. */
export interface IndicatorInput {
  /** First price. */
  readonly open: number
  /** Highest price. */
  readonly high: number
  /** Lowest price. */
  readonly low: number
  /** Last price. */
  readonly close: number
  /** What was traded; 0 where the source gives none. */
  readonly volume: number
  /** Milliseconds since 1970 UTC. */
  readonly time: number
}

/** One line on the chart. `pane` is `'price'` when it lies over the candles. */
export interface IndicatorLine {
  /** What it is called on the chart, such as `SMA 20`. */
  readonly name: string
  /** The pane that it is drawn in; lines with the same name of a pane share it. */
  readonly pane: string
  /** Newest value, NaN where the line has none. */
  readonly value: number
}

/** A value and the one before it. An object of its own, so that the hot path is the same for every kind of indicator. */
class Newest {
  value = NaN
  previous = NaN
  /** Told when somebody reads a value that is not there. */
  missed: ((line: Indicator) => void) | undefined = undefined

  take(value: number): void {
    this.previous = this.value
    this.value = value
  }
}

/** Gives a line its value on the newest bar: the hand of the indicator that it belongs to. Not exported to authors. */
export let take: (line: Indicator, value: number) => void

/**
 * What has the newest value of a line, to be read after every bar without its being taken for read by the strategy: the
 * line itself where it has a way of its own to tell its value.
 */
export let figureOf: (line: IndicatorLine) => { readonly value: number }

/** Has a function called whenever the value of an indicator, or of one of its lines, is read before there is one. */
export let onUnreadyRead: (indicator: Indicator, read: ((line: Indicator) => void) | undefined) => void

/**
 * A streaming indicator: fed one bar at a time, it holds its newest value. `value` is NaN until it is warm, so
 * every comparison with it is false. Indicators with several lines have one `Indicator` per line, each with a
 * `value`, a `previous` and crossings of its own.
 *
 * @example
 * fast = this.indicator(ema(12))
 * if (this.fast.crossedAbove(this.slow)) await this.buy(bar.instrument, 10)
 */
export abstract class Indicator implements IndicatorLine {
  /** As shown in a legend, such as `SMA 20`. */
  readonly name: string
  /** `'price'` when it lies over the candles, else the name of a pane of its own, such as `'RSI'`. */
  readonly pane: string
  protected readonly newest = new Newest()
  readonly #lines: readonly IndicatorLine[] = [this]

  static {
    take = (line, value) => line.newest.take(value)
    figureOf = (line) => {
      if (!(line instanceof Indicator)) return line
      for (
        let part: object = line;
        part !== Indicator.prototype;
        part = Object.getPrototypeOf(part) as object
      )
        if (Object.hasOwn(part, 'value')) return line
      return line.newest
    }
    onUnreadyRead = (indicator, read) => {
      indicator.newest.missed = read
      for (const line of indicator.lines) if (line instanceof Indicator) line.newest.missed = read
    }
  }

  constructor(name: string, pane: string) {
    this.name = name
    this.pane = pane
  }

  /** Newest value, NaN until warm and where the definition gives none. */
  get value(): number {
    const { value, missed } = this.newest
    if (value !== value && missed !== undefined) missed(this)
    return value
  }

  /** Value one bar earlier, NaN until there is one. */
  get previous(): number {
    return this.newest.previous
  }

  /** Whether there is a value: for several lines, whether each has one. */
  get ready(): boolean {
    return this.newest.value === this.newest.value
  }

  /** The lines it draws: itself when it has one value. The same array every time. */
  get lines(): readonly IndicatorLine[] {
    return this.#lines
  }

  /**
   * Takes the next bar. The engine calls it; a test or an indicator of your own may too.
   *
   * @example
   * const average = sma(3)
   * for (const bar of bars) average.update(bar)
   */
  abstract update(bar: IndicatorInput): void

  /**
   * Whether it was at or below `other` before this bar and is above it now; false until both have two values.
   *
   * @example
   * if (this.fast.crossedAbove(this.slow)) await this.buy(bar.instrument, 10)
   */
  crossedAbove(other: Indicator | number): boolean {
    if (typeof other !== 'number') checkOther('crossedAbove', other)
    return typeof other === 'number'
      ? this.newest.previous <= other && this.newest.value > other
      : this.newest.previous <= other.newest.previous && this.newest.value > other.newest.value
  }

  /**
   * Whether it was at or above `other` before this bar and is below it now; false until both have two values.
   *
   * @example
   * if (this.strength.crossedBelow(30)) await this.buy(bar.instrument, 10)
   */
  crossedBelow(other: Indicator | number): boolean {
    if (typeof other !== 'number') checkOther('crossedBelow', other)
    return typeof other === 'number'
      ? this.newest.previous >= other && this.newest.value < other
      : this.newest.previous >= other.newest.previous && this.newest.value < other.newest.value
  }

  toString(): string {
    return `${this.name} ${this.newest.value}`
  }
}

/** @throws TypeError where it is neither an indicator nor a number */
function checkOther(method: string, other: unknown): void {
  if (!(other instanceof Indicator))
    throw new TypeError(`${method}: the other is ${show(other)}; expected an indicator or a number`)
}

/** One line of an indicator that has several. The indicator it belongs to feeds it. */
class Line extends Indicator {
  /** @throws Error always: a line has no bars of its own */
  override update(): void {
    throw new Error(
      `${this.name} is one line of an indicator and takes no bars itself. Update, or register, the whole indicator.`,
    )
  }
}

/** An indicator of several lines. Its own `value` is that of its main line. */
export abstract class MultiLineIndicator extends Indicator {
  readonly #drawn: Indicator[] = []

  override get lines(): readonly Indicator[] {
    return this.#drawn
  }

  /** True once every line it draws has a value. */
  override get ready(): boolean {
    for (const line of this.#drawn) if (!line.ready) return false
    return true
  }

  /** For subclasses, at construction: a line of this indicator, named after it. Feed it with `take`. */
  protected draw(suffix = ''): Indicator {
    const line = new Line(suffix ? `${this.name} ${suffix}` : this.name, this.pane)
    this.#drawn.push(line)
    return line
  }
}

/** Turns one number after another into another number; NaN while it has none to give. */
export interface Filter {
  add(number: number): number
}

/** An indicator of one value that is a filter over a source. */
export class FilteredSource extends Indicator {
  readonly #read: (bar: IndicatorInput) => number
  readonly #filter: Filter

  constructor(name: string, pane: string, source: Source, filter: Filter) {
    super(name, pane)
    this.#read = reader(source)
    this.#filter = filter
  }

  override update(bar: IndicatorInput): void {
    this.newest.take(this.#filter.add(this.#read(bar)))
  }
}

/**
 * What an indicator is computed from: a field of the bar, a mean of fields (`hl2` is (high + low) / 2, `hlc3` is
 * (high + low + close) / 3, `ohlc4` all four), a function of the bar, or another indicator, which must be updated
 * first on each bar, so register it first. NaN from a source is passed over: the indicator is NaN on that bar and keeps its state.
 */
export type Source =
  | 'open'
  | 'high'
  | 'low'
  | 'close'
  | 'volume'
  | 'hl2'
  | 'hlc3'
  | 'ohlc4'
  | Indicator
  | ((bar: IndicatorInput) => number)

const readers = {
  open: (bar: IndicatorInput) => bar.open,
  high: (bar: IndicatorInput) => bar.high,
  low: (bar: IndicatorInput) => bar.low,
  close: (bar: IndicatorInput) => bar.close,
  volume: (bar: IndicatorInput) => bar.volume,
  hl2: (bar: IndicatorInput) => (bar.high + bar.low) / 2,
  hlc3: (bar: IndicatorInput) => (bar.high + bar.low + bar.close) / 3,
  ohlc4: (bar: IndicatorInput) => (bar.open + bar.high + bar.low + bar.close) / 4,
}

/**
 * The function that reads a source from a bar.
 *
 * @throws RangeError when the source is none of those listed in `Source`
 */
export function reader(source: Source): (bar: IndicatorInput) => number {
  if (typeof source === 'function') return source
  if (source instanceof Indicator) return () => source.value
  if (Object.hasOwn(readers, source)) return readers[source]
  throw new RangeError(
    `Indicator source is ${show(source)}; expected one of ${Object.keys(readers).join(', ')}, an indicator or a function of the bar`,
  )
}

/** The pane where something in the units of `source` belongs. */
export function paneOf(source: Source): string {
  return source instanceof Indicator ? source.pane : source === 'volume' ? 'Volume' : 'price'
}

/** A legend such as `EMA 9`, `EMA 9 hl2` or `EMA 9 of RSI 14`; the usual source goes without saying. */
export function legend(
  name: string,
  settings: readonly number[],
  source: Source = 'close',
  usual: Source = 'close',
): string {
  const of =
    source instanceof Indicator
      ? ` of ${source.name}`
      : typeof source === 'string' && source !== usual
        ? ` ${source}`
        : ''
  return [name, ...settings].join(' ') + of
}

/** The longest window an indicator may look back over. */
const longest = 1_000_000

/**
 * Refuses a period that is not a whole number of bars.
 *
 * @throws RangeError
 */
export function checkPeriod(what: string, period: number, least = 1): void {
  if (!(Number.isInteger(period) && period >= least && period <= longest))
    throw new RangeError(`${what} is ${period}; expected a whole number of bars from ${least} to ${longest}`)
}

/**
 * Refuses a setting that is not a number in a range, its ends included.
 *
 * @throws RangeError
 */
export function checkNumber(what: string, value: number, least: number, most = Infinity): void {
  if (!(typeof value === 'number' && Number.isFinite(value) && value >= least && value <= most))
    throw new RangeError(
      `${what} is ${value}; expected a finite number of at least ${least}${most < Infinity ? ` and at most ${most}` : ''}`,
    )
}
