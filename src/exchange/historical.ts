import type { WhenTold } from '#data'
import {
  type BarColumns,
  beyondProtection,
  EventType,
  Instrument,
  type InstrumentSpec,
  isAtMarket,
  lotsFor,
  moneyLeft,
  type Order,
  OrderFlag,
  OrderStatus,
  OrderType,
  type Refusal,
  RefusalCode,
  Side,
  stateOf,
  ZoneClock,
  trailingStop,
  trailOf,
} from '#market'
import {
  type BarStamps,
  belowZero,
  type Exchange,
  type MarketDetail,
  MarketStep,
  noDetail,
  offTick,
  type Terms,
} from './exchange.ts'
import { inTurn, type Turn } from './bar-turns.ts'
import { type Costs, slippageOf } from './costs.ts'
import {
  type BarFill,
  type BarRules,
  FillMoment,
  fillOnBar,
  type FillRule,
  isTriggered,
  type PriceRange,
  tradesWhenTriggered,
} from './fills.ts'

/** What a historical exchange is made of. */
export interface HistoricalOptions {
  readonly instruments: readonly {
    readonly instrument: InstrumentSpec
    readonly bars: BarColumns
    /** Where in its bar a stamp lies; `open` when left out. */
    readonly stamped?: 'open' | 'close'
  }[]
  readonly fill: FillRule
  readonly costs: Costs
  readonly rules?: BarRules | undefined
  /** Exchange of the instruments that name none. */
  readonly tag?: string | undefined
  /** When its bars come, where the run has bars of several lengths; at their stamps when left out. */
  readonly told?: WhenTold | undefined
}

const Phase = { IDLE: 0, FILLS: 1, BARS: 2, CLOSE: 3, CLOSE_FILLS: 4 } as const
type Phase = (typeof Phase)[keyof typeof Phase]

interface Working {
  readonly order: Order
  /** Its number among those that began to work. */
  readonly entry: number
  /** Index of its instrument. */
  readonly instrument: number
  /** Microseconds at which it was given; it trades only on bars that come later: see `#enters`. */
  readonly given: number
  /** Row of the bar on which it began to work although that had opened, since it follows a fill at the open; -1 for none. */
  readonly joined: number
  /** Whether it was given after the last bar. */
  readonly final: boolean
  /** Whether its stop price was reached. */
  triggered: boolean
  /** Microseconds from which its stop price holds: only bars with a later stamp can reach it. */
  stopSince: number
  /** Day of the first bar that it met, in its instrument's zone; undefined before. Only of day orders. */
  day: number | undefined
}

/** A working order on the present bar: without a fill where its time in force ends here. */
interface Candidate extends Turn {
  readonly working: Working
}

/** A row of bars as the fill rules see it. Read only as far as a rule asks: most need the open alone. */
class RowRange implements PriceRange {
  #columns: BarColumns | undefined
  #row = 0

  at(columns: BarColumns, row: number): this {
    this.#columns = columns
    this.#row = row
    return this
  }

  get open(): number {
    return this.#columns!.open[this.#row]!
  }
  get high(): number {
    return this.#columns!.high[this.#row]!
  }
  get low(): number {
    return this.#columns!.low[this.#row]!
  }
}

const isOver = ({ order }: Working): boolean => order.status !== OrderStatus.OPEN

/**
 * An exchange made of bars. All bars with the same stamp happen together: first every order that works on them fills,
 * then every bar is told, so that no close can be used at an open of the same stamp. What is asked between these fills is
 * answered by what is known then, the bars before and the fills so far: the close, the volume and the stop prices that a
 * bar reached are part of an answer only when the bar has been told.
 *
 * Where the bars of a run differ in length each is told when it has ended (`whenTold`), and the fills on it with it: a daily
 * bar comes, and fills, together with the last hourly one of its day. An order enters with the first bar that
 * opens at or after the end of what was told when it was sent: the open of a bar that was under way is past by then, and
 * nobody knows which of its prices came later. It cannot be taken back or changed while a bar is under way on which it may
 * have filled. So orders on longer bars fill later than they would have, and what they brought is known later,
 * both of which is pessimistic.
 *
 * Assumptions: the volume that `BarRules` lets an order have is to be had at the fill's price, and our orders do not move the
 * market. Fill-or-kill and all-or-none orders fill whole in one bar: the first gives up after it, the second waits for one that
 * is large enough. Immediate-or-cancel orders keep what their one bar gives. Day orders are taken back when the instrument has a bar of a
 * later day, in its zone, than the first bar that they could trade on.
 */
export class HistoricalExchange implements Exchange {
  readonly name: string
  readonly instruments: readonly Instrument[]
  readonly bars: number
  readonly detail: MarketDetail = noDetail()
  readonly immediate = true
  readonly binding = false

  readonly #columns: readonly BarColumns[]
  readonly #stamped: readonly ('open' | 'close')[]
  /** By instrument and row, when the bars come. */
  readonly #times: readonly Float64Array[]
  /** By instrument and row, when the bars open that are longer than others of the run. */
  readonly #opens: readonly (Float64Array | undefined)[]
  /** What is told at a time was known so many microseconds after it. */
  readonly #ahead: number
  readonly #fill: FillRule
  readonly #costs: Costs
  readonly #touch: boolean
  /** Fraction of a bar's volume that may be traded; Infinity where nothing limits it. */
  readonly #share: number
  /** By instrument, the first row with a volume: what was traded in those before, as in all of many an index, is not known. */
  readonly #firstVolume: Int32Array
  /** Volume that was traded in each instrument's newest bar. */
  readonly #used: Float64Array
  readonly #clocks = new Map<Instrument, ZoneClock>()
  /** Newest row of each instrument; -1 before its first bar. */
  readonly #row: Int32Array
  /** Stamp of the newest bar that each instrument filled an order on; NaN before the first. */
  readonly #filled: Float64Array
  /** The first `#activeCount` are the instruments that have a bar at the present time. */
  readonly #active: Int32Array
  #activeCount = 0
  #activeIndex = 0
  #phase: Phase = Phase.IDLE
  #nextTime = Infinity
  /** Whether END was given. */
  #ended = false
  #working: Working[] = []
  /** Orders that began to work so far. */
  #entries = 0
  #candidates: Candidate[] = []
  #candidate = 0
  /** The order of the fill that was given last, until it is known how much of it the account took, its volume, and what had filled before. */
  #offered: Order | undefined
  #offeredOf = 0
  #offeredVolume = 0
  #filledBefore = 0
  readonly #range = new RowRange()

  constructor(options: HistoricalOptions) {
    const { tag } = options
    this.instruments = options.instruments.map(
      ({ instrument }) => new Instrument({ ...instrument, exchange: instrument.exchange ?? tag }),
    )
    this.#columns = options.instruments.map(({ bars }) => bars)
    this.#stamped = options.instruments.map(({ stamped }) => stamped ?? 'open')
    this.#times = this.#columns.map(({ time }, i) => options.told?.instruments[i]?.time ?? time)
    this.#opens = this.#columns.map((_, i) => options.told?.instruments[i]?.opens)
    this.#ahead = options.told?.ahead ?? 0
    this.name = this.instruments[0]?.exchange ?? 'historical'
    this.#fill = options.fill
    this.#costs = options.costs
    const { limits, volumeShare = 1 } = options.rules ?? {}
    this.#touch = limits === 'touch'
    this.#share = volumeShare ?? Infinity
    this.#firstVolume = Int32Array.from(this.#columns, ({ volume }) => {
      const first = volume.findIndex((size) => size > 0)
      return first < 0 ? volume.length : first
    })
    this.#used = new Float64Array(this.instruments.length)
    this.#row = new Int32Array(this.instruments.length).fill(-1)
    this.#filled = new Float64Array(this.instruments.length).fill(NaN)
    this.#active = new Int32Array(this.instruments.length)
    this.bars = this.#columns.reduce((sum, { time }) => sum + time.length, 0)
    this.#nextTime = this.#times.reduce((first, time) => Math.min(first, time[0] ?? Infinity), Infinity)
  }

  get nextTime(): number {
    return this.#nextTime
  }

  columns(instrument: number): BarColumns {
    return this.#columns[instrument]!
  }

  stamps(instrument: number): BarStamps {
    const { time } = this.#columns[instrument]!
    let interval = Infinity
    for (let row = 1; row < time.length; row++) interval = Math.min(interval, time[row]! - time[row - 1]!)
    // Bars of so many trades have no length, and the least one would tell when none is to come. A clock that is changed
    // makes a day longer or shorter by hours.
    const regular = time.every(
      (stamp, row) =>
        row === 0 || (stamp - time[row - 1]!) % interval === 0 || (stamp - time[row - 1]!) % 3600e6 === 0,
    )
    const dates = time.length > 0 && time.every((stamp) => stamp % 86_400e6 === 0)
    return {
      at: this.#stamped[instrument]!,
      interval: regular && interval !== Infinity ? interval : 0,
      dates,
    }
  }

  lastPrice(instrument: number): number {
    const row = this.#publicRow(instrument)
    return row < 0 ? NaN : this.#columns[instrument]!.close[row]!
  }

  lastTime(instrument: number): number {
    const row = this.#publicRow(instrument)
    if (this.#filled[instrument] === this.detail.time) return this.detail.time
    return row < 0 ? NaN : this.#times[instrument]![row]!
  }

  next(): MarketStep {
    const detail = this.detail
    if (this.#phase === Phase.IDLE && this.#nextTime === Infinity) {
      this.#ended = true
      return MarketStep.END
    }
    if (this.#phase === Phase.IDLE || this.#phase === Phase.FILLS) {
      const step = this.beforeBars()
      if (step !== MarketStep.END) return step
    }
    if (this.#phase === Phase.BARS) {
      const instrument = this.#active[this.#activeIndex++]!
      if (this.#working.length > 0) this.#trigger(instrument)
      detail.instrument = instrument
      detail.row = this.#row[instrument]!
      detail.complete = false
      detail.closes = false
      if (this.#activeIndex === this.#activeCount) {
        if (this.#working.length > 0) this.#trail()
        detail.closes = this.#fill === 'same-close'
        detail.complete = !detail.closes
        this.#phase = detail.complete ? Phase.IDLE : Phase.CLOSE
      }
      return MarketStep.BAR
    }
    // The handlers have heard of the bars: what they sent at the market fills at the close.
    if (this.#phase === Phase.CLOSE) {
      this.#findAtClose('close', false)
      this.#phase = Phase.CLOSE_FILLS
    }
    const step = this.#nextFill()
    if (step !== MarketStep.END) return step
    this.#phase = Phase.IDLE
    return MarketStep.MARK
  }

  beforeBars(): MarketStep {
    if (this.#phase === Phase.IDLE) this.#begin(this.#nextTime)
    if (this.#phase === Phase.FILLS) {
      const step = this.#nextFill()
      if (step !== MarketStep.END) return step
      this.#phase = Phase.BARS
    }
    return MarketStep.END
  }

  submit(order: Order, time: number, last: number): Refusal | undefined {
    const instrument = this.instruments.indexOf(order.instrument)
    const refusal =
      belowZero(order, order) ?? offTick(order, order) ?? this.#mustRest(order, order.price, last)
    if (refusal) return refusal
    // What was given before this stamp meets what is left of its bar.
    const joins = this.#phase === Phase.FILLS && time < this.detail.time
    const joined = joins ? this.#row[instrument]! : -1
    const final = this.#ended
    const working = {
      order,
      instrument,
      given: time,
      joined,
      final,
      triggered: false,
      entry: this.#entries++,
      stopSince: time,
      day: undefined,
    }
    this.#working.push(working)
    if (joins) {
      const candidate = this.#onBar(working)
      if (candidate) this.#candidates.push(candidate)
      this.#sortCandidates()
    }
    return undefined
  }

  underWay(order: Order, time: number): Refusal | undefined {
    const instrument = this.instruments.indexOf(order.instrument)
    const opens = this.#opens[instrument]
    const working = opens && this.#working.find((working) => working.order === order)
    if (!opens || !working) return undefined
    // A bar that comes now is under way until its fills are told.
    const row = this.#row[instrument]! + Number(!(this.#isFilling() && this.#isActive(instrument)))
    const opened = opens[row]
    if (opened === undefined || !(opened < time + this.#ahead)) return undefined
    if (!(opened >= working.given + this.#ahead || working.joined === row)) return undefined
    return {
      code: RefusalCode.ORDER_FINISHED,
      reason: `Order ${order.id} may have filled on the bar of ${order.instrument.name} that is under way, which is told when it has ended, since the run has shorter bars too; cancel or change it then.`,
      numbers: { order: order.id },
    }
  }

  cancel(order: Order): boolean {
    const index = this.#working.findIndex((working) => working.order === order)
    if (index < 0) return false
    this.#working.splice(index, 1)
    return true
  }

  change(order: Order, terms: Terms, _time: number, last: number): Refusal | undefined {
    const refusal =
      belowZero(order, terms) ?? offTick(order, terms) ?? this.#mustRest(order, terms.price, last)
    if (refusal) return refusal
    // How it was to fill on the present bar was found by its old terms: the new ones hold from the next bar on.
    this.#candidates = this.#candidates.filter(
      ({ working }, i) => i < this.#candidate || working.order !== order,
    )
    if (this.#isFilling() && terms.stopPrice !== order.stopPrice)
      for (const working of this.#working) if (working.order === order) working.stopSince = this.detail.time
    return undefined
  }

  /** Everything is told: a bar costs the same whoever listens. */
  listen(): void {}

  /** Bars have no book. */
  book(): undefined {}

  bookColumns(): [] {
    return []
  }

  settle(): MarketStep {
    if (this.#candidate >= this.#candidates.length) this.#findAtClose('last close', true)
    return this.#nextFill()
  }

  #begin(time: number): void {
    this.detail.time = time
    this.#activeCount = 0
    this.#activeIndex = 0
    let nextTime = Infinity
    for (let i = 0; i < this.#columns.length; i++) {
      const column = this.#times[i]!
      let row = this.#row[i]! + 1
      if (row < column.length && column[row] === time) {
        this.#row[i] = row++
        this.#used[i] = 0
        this.#active[this.#activeCount++] = i
      }
      if (row < column.length && column[row]! < nextTime) nextTime = column[row]!
    }
    this.#nextTime = nextTime
    this.#phase = Phase.BARS
    if (this.#working.length > 0) {
      this.#findOnBars(time)
      this.#phase = Phase.FILLS
    }
  }

  #mustRest(order: Order, price: number, last: number): Refusal | undefined {
    if (order.flag !== OrderFlag.POST_ONLY) return undefined
    const wouldTrade = order.side === Side.BUY ? price >= last : price <= last
    // Until it triggers a stop-limit order stands nowhere.
    const isLimit =
      order.type === OrderType.LIMIT || (order.type === OrderType.STOP_LIMIT && this.#isTriggered(order))
    if (isLimit ? !wouldTrade : order.type === OrderType.STOP_LIMIT) return undefined
    return {
      code: RefusalCode.WOULD_TRADE,
      reason: `A post-only order must be one with a limit price that rests; the last price of ${order.instrument.name} is ${last}.`,
      numbers: { price, last },
    }
  }

  /** Whether a working order has reached its stop price, as far as that is known. */
  #isTriggered(order: Order): boolean {
    return this.#working.some((working) => working.order === order && working.triggered)
  }

  /** Makes limit orders of the stop-limit orders whose stop price an instrument's newest bar has reached, now that it is told. */
  #trigger(instrument: number): void {
    const bar = this.#range.at(this.#columns[instrument]!, this.#row[instrument]!)
    for (const working of this.#working) {
      const { order } = working
      if (order.type !== OrderType.STOP_LIMIT || working.instrument !== instrument) continue
      if (working.stopSince < this.detail.time && this.#enters(working) && isTriggered(order, bar))
        working.triggered = true
    }
  }

  /** Whether an order was given before its instrument's newest bar opened, where such bars are longer than others of the run. */
  #enters({ given, instrument, joined }: Working): boolean {
    const row = this.#row[instrument]!
    const opens = this.#opens[instrument]?.[row]
    return opens === undefined || given === -Infinity || opens >= given + this.#ahead || joined === row
  }

  #isActive(instrument: number): boolean {
    const row = this.#row[instrument]!
    return row >= 0 && this.#times[instrument]![row] === this.detail.time
  }

  /** Newest row of an instrument that anybody may know of: between the fills on a bar that before it. */
  #publicRow(instrument: number): number {
    const row = this.#row[instrument]!
    return this.#isFilling() && this.#isActive(instrument) ? row - 1 : row
  }

  /** Whether none of the bars of this time is told yet: exchanges that share it fill one after the other before any is. */
  #isFilling(): boolean {
    return this.#phase === Phase.FILLS || (this.#phase === Phase.BARS && this.#activeIndex === 0)
  }

  /** Lists what the working orders do on the bars of this time, in the order it happens. */
  #findOnBars(time: number): void {
    // Most often there is one: taken off it leaves its room to the next.
    while (this.#candidates.length > 0) this.#candidates.pop()
    this.#candidate = 0
    // Of an order that filled in part the account may have taken back the rest.
    if (this.#working.some(isOver)) this.#working = this.#working.filter((working) => !isOver(working))
    for (let i = 0; i < this.#working.length; i++) {
      const working = this.#working[i]!
      const candidate = working.given < time && this.#enters(working) ? this.#onBar(working) : undefined
      if (candidate) this.#candidates.push(candidate)
    }
    this.#sortCandidates()
  }

  /** What a working order does on its instrument's bar of this time; undefined for nothing. */
  #onBar(working: Working): Candidate | undefined {
    const { order, instrument } = working
    if (!this.#isActive(instrument)) return undefined
    const columns = this.#columns[instrument]!
    const row = this.#row[instrument]!
    const bar = this.#range.at(columns, row)
    if (order.flag === OrderFlag.DAY && this.#isOver(working)) return this.#turn(working, undefined)
    const { flag } = order
    if (flag === OrderFlag.POST_ONLY && order.type === OrderType.STOP_LIMIT && !working.triggered)
      if (tradesWhenTriggered(order, bar)) return this.#turn(working, undefined)
    const fill = fillOnBar(order, working.triggered, bar, this.#touch)
    const expires = flag === OrderFlag.IMMEDIATE_OR_CANCEL || flag === OrderFlag.FILL_OR_KILL
    return fill || expires ? this.#turn(working, fill) : undefined
  }

  #turn(working: Working, fill: BarFill | undefined): Candidate {
    const { instrument, entry } = working
    return {
      working,
      entry,
      open: this.#columns[instrument]!.open[this.#row[instrument]!]!,
      fill,
    }
  }

  /** Whether the day of a day order is over on the bar of this time. */
  #isOver(working: Working): boolean {
    const { instrument } = working.order
    let clock = this.#clocks.get(instrument)
    if (!clock) this.#clocks.set(instrument, (clock = new ZoneClock(instrument.name, instrument.timeZone)))
    const day = Math.floor(clock.local(this.detail.time / 1000) / 86_400_000)
    working.day ??= day
    return day > working.day
  }

  /** Volume that may still be traded in an instrument's newest bar, in whole lots. */
  #available(instrument: number): number {
    // Nothing traded in a bar that only fills a slot.
    if (this.#columns[instrument]!.real?.[this.#row[instrument]!] === 0) return 0
    const row = this.#row[instrument]!
    if (this.#share === Infinity || row < this.#firstVolume[instrument]!) return Infinity
    const most = this.#share * this.#columns[instrument]!.volume[row]!
    return this.instruments[instrument]!.roundDown(most - this.#used[instrument]!)
  }

  /** Charges the newest fill to its bar: what the account did not take has not traded, and is there for others. */
  #charge(): void {
    const order = this.#offered
    if (!order) return
    const volume = this.#offeredVolume
    const taken = order.filled - this.#filledBefore
    this.#used[this.#offeredOf]! += taken > volume * (1 - 1e-9) ? volume : taken
    this.#offered = undefined
  }

  #remove(working: Working): void {
    if (this.#working.length === 1 && this.#working[0] === working) this.#working.pop()
    else this.#working.splice(this.#working.indexOf(working), 1)
  }

  /** Puts the candidates that are still to come into the order in which it happens. */
  #sortCandidates(): void {
    if (this.#candidates.length - this.#candidate < 2) return
    this.#candidates = inTurn(this.#candidates.slice(this.#candidate))
    this.#candidate = 0
  }

  /**
   * Lets trailing stops follow the bars of this time, now that they are complete: from the best price of the bar, which
   * is used from the next bar on.
   */
  #trail(): void {
    const { time } = this.detail
    for (const working of this.#working) {
      const { order, instrument, given } = working
      const trail = trailOf(order)
      if (trail !== trail || !this.#isActive(instrument)) continue
      // Of a bar that was over, or partly over, when the order began to work, nobody knows which prices came after it.
      if (!(given < time && this.#enters(working))) continue
      const { high, low } = this.#columns[instrument]!
      const row = this.#row[instrument]!
      const state = stateOf(order)
      state.stopPrice =
        order.side === Side.SELL
          ? Math.max(state.stopPrice, trailingStop(order, high[row]!))
          : Math.min(state.stopPrice, trailingStop(order, low[row]!))
    }
  }

  /** Lists the market orders that may fill at the close of the bars of this time: all, or those given after the last. */
  #findAtClose(rule: string, finalOnly: boolean): void {
    this.#candidates = []
    this.#candidate = 0
    for (const working of this.#working) {
      const { order, instrument } = working
      if (finalOnly && !working.final) continue
      if (!isAtMarket(order) || !this.#isActive(instrument)) continue
      const price = this.lastPrice(instrument)
      this.#candidates.push(this.#turn(working, { price, rule, slips: true, moment: FillMoment.OPEN }))
    }
  }

  #nextFill(): MarketStep {
    const detail = this.detail
    this.#charge()
    while (this.#candidate < this.#candidates.length) {
      const { working, fill } = this.#candidates[this.#candidate++]!
      const { order, instrument } = working
      // A handler may have taken it back since the list was made.
      if (order.status !== OrderStatus.OPEN) continue
      detail.order = order
      detail.instrument = instrument
      detail.row = this.#row[instrument]!
      const { flag, protectionPrice } = order
      const { tickSize } = order.instrument
      const slippage = fill?.slips ? slippageOf(this.#costs, fill.price, tickSize) : 0
      const price = fill ? (order.side === Side.BUY ? fill.price + slippage : fill.price - slippage) : NaN
      const money = moneyLeft(order)
      const remaining =
        money === money
          ? lotsFor(money, Math.max(price, fill?.price ?? NaN), order.instrument)
          : order.remaining
      const whole = flag === OrderFlag.FILL_OR_KILL || flag === OrderFlag.ALL_OR_NONE
      let volume = fill ? Math.min(remaining, this.#available(instrument)) : 0
      if ((whole && volume < remaining) || beyondProtection(order, price)) volume = 0
      detail.volume = volume
      // What has to trade now, and no later.
      const now =
        flag === OrderFlag.FILL_OR_KILL ||
        flag === OrderFlag.IMMEDIATE_OR_CANCEL ||
        protectionPrice === protectionPrice
      if (volume === 0) {
        // What this bar has no volume for works on, unless it had to trade now, or its money pays for no lot any more.
        if (fill && order.type === OrderType.STOP) working.triggered = true
        if (fill && !now && remaining > 0) continue
        this.#remove(working)
        detail.rule = fill && remaining === 0 ? 'BUDGET_SPENT' : flag
        return MarketStep.CANCEL
      }
      const { rule, moment } = fill!
      const part = volume < remaining
      // Whether money is left is known when the account has booked it: looked at again on the next bar, if at all.
      const ends = !part && money !== money
      if (ends) this.#remove(working)
      else if (order.type === OrderType.STOP || order.type === OrderType.STOP_LIMIT) working.triggered = true
      this.#filled[instrument] = detail.time
      // The rest of what had to trade at once is taken back next.
      if (!ends && now) this.#candidates.splice(this.#candidate, 0, this.#turn(working, undefined))
      this.#offered = order
      this.#offeredOf = instrument
      this.#offeredVolume = volume
      this.#filledBefore = order.filled
      detail.volume = volume
      detail.slippage = slippage
      detail.price = price
      detail.rule = part ? `${rule}, volume share` : rule
      detail.spent = false
      detail.atOpen = moment === FillMoment.OPEN
      detail.maker = moment === FillMoment.LIMIT
      return MarketStep.FILL
    }
    return MarketStep.END
  }
}
