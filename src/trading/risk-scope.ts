import {
  countedVolume,
  hairOf,
  type Instrument,
  isAtMarket,
  type Order,
  OrderStatus,
  placeOf,
  RefusalCode,
  roughly,
  Side,
  stateOf,
  ZoneClock,
} from '#market'
import {
  type Chain,
  chainOf,
  isWaiting,
  type Request,
  type Rule,
  type Surroundings,
  type Why,
} from './chain.ts'
import { priceCounted } from './counted-value.ts'
import type { Funds, Portfolio } from './portfolio.ts'
import { RiskState, type RuleName, type RuleSet } from './rules.ts'

/** What one strategy has: an account of several strategies has several of these. */
export interface Holding {
  readonly portfolio: Portfolio
  /** Orders that work, those that wait for another one too. */
  readonly open: readonly Order[]
}

/** What a scope needs to know of the market. */
export interface RiskMarket {
  readonly instruments: readonly Instrument[]
  /** Microseconds UTC. */
  readonly time: number
  /** Whether fills of an instrument happen on a market that others see: then none of them can be cut. */
  isBinding(instrument: number): boolean
  /** Best price on the other side of an instrument's book than an order's; NaN where there is none. */
  bestOpposite(instrument: number, side: Side): number
  /** When the last price of an instrument was made; NaN before the first. */
  priceTime(instrument: number): number
  /** Whether prices change with the market's moves alone, so that those of the holdings are always the last. */
  readonly immediate: boolean
  /** Brings the last prices of all holdings up to date. */
  valueAll(): void
}

/** Why a state is what it is. */
export interface Cause extends Why {
  readonly code: RefusalCode
}

/** What the risk rules decided about what a strategy may do: the target of `onHalt` and `onContinue` beside an instrument. */
export interface RiskChange extends Cause {
  /** The state that holds from now on. */
  readonly state: RiskState
  /** The state before. */
  readonly previous: RiskState
}

/** A risk rule's limit and how much of it is used, both in the rule's own unit. */
export interface RiskLimit {
  /** As the rule is called in the settings. */
  readonly rule: RuleName
  /** Whether it is a rule of the whole account or of the strategy. */
  readonly scope: 'account' | 'strategy'
  /** What the rule allows, in its own unit. */
  readonly limit: number
  /** How much of that is in use. */
  readonly used: number
}

/** How much a strategy risks, and what it may risk. Money in account currency. */
export interface RiskView {
  /** What may be done at the moment. */
  readonly state: RiskState
  /** Why that is not everything; undefined where it is. */
  readonly reason: string | undefined
  /** Value of all positions without regard to their direction. */
  readonly grossExposure: number
  /** Value of the positions, shorts negative. */
  readonly netExposure: number
  /** Gross exposure as a multiple of the equity. */
  readonly leverage: number
  /** Fall of the equity from its highest at the end of a bar, as a fraction of that. */
  readonly drawdown: number
  /**
   * The loss over one bar that the positions of now would have kept below on 95 % of the last 250 bars (historical
   * simulation, at least 20 bars); NaN before.
   */
  readonly valueAtRisk: number
  /** Working orders. */
  readonly openOrders: number
  /** Rules with a limit that is used in part, the account's first. */
  readonly limits: readonly RiskLimit[]
}

/** What works on one side, by instrument; all zero between requests. */
interface SideWorth {
  /** Money that it can come to. */
  readonly money: Float64Array
  /** Money of the dearest unit of it. */
  readonly dearest: Float64Array
  /** Best price that it could trade at on a book, NaN where there is none; 0 before it was asked for. */
  readonly best: Float64Array
}

const sideWorth = (count: number): SideWorth => ({
  money: new Float64Array(count),
  dearest: new Float64Array(count),
  best: new Float64Array(count),
})

function forget({ money, dearest, best }: SideWorth, instrument: number): void {
  money[instrument] = dearest[instrument] = best[instrument] = 0
}

/** A hair's breadth, so that rounding in the last bit decides nothing. */
const tolerance = 1e-9

/**
 * The rules of one account, or of one strategy, and the state they have brought it to.
 *
 * A working order counts as if it were filled, on the side that it makes worse; what waits for another order counts
 * from when it begins to work, and is asked about again then. On a market whose fills can be cut, market orders count
 * as done already, so that what is being sold makes room for what is to be bought; elsewhere they count like any other.
 *
 * Two orders of a pair count as one, and a market order does not wait for one that is being taken back, so that a
 * position can be closed at once. Where requests take time to their exchange both may trade all the same; the rules
 * then let only pass what brings the position back.
 */
export class RiskScope {
  readonly rules: RuleSet
  readonly #chain: Chain
  /** Rules that keep count of what was accepted, and of what was asked for. */
  readonly #counting: readonly Rule[]
  readonly #countingRequests: readonly Rule[]
  /** The newest request; filled in again for the next. */
  readonly request: Request
  /** The rule that let the least of the newest request pass, where that was not all. */
  decisive: Rule | undefined

  readonly #funds: Funds
  readonly #holdings: Holding[] = []
  readonly #market: RiskMarket
  readonly #clock: ZoneClock | undefined
  /** Whether any rule asks about other instruments. */
  readonly #needsOthers: boolean
  readonly #maxLeverage: number
  /** Whether any rule looks at the account as time goes on. */
  readonly #watches: boolean
  #startEquity = 0

  /** Of the newest request, by instrument: what is held, and what works on either side; zero between requests. */
  readonly #base: Float64Array
  readonly #buying: Float64Array
  readonly #selling: Float64Array
  readonly #onBuys: SideWorth
  readonly #onSells: SideWorth
  readonly #touched: Int32Array
  #touchedCount = 0
  readonly #isTouched: Uint8Array

  #state: RiskState = RiskState.ACTIVE
  #cause: Cause | undefined
  /** When a halt ends, microseconds; `-Infinity` where there is none. */
  #haltedUntil = -Infinity
  /** When a pause of a losing streak ends. */
  #pausedUntil = -Infinity
  #drifting = false
  /** Whether all is being closed, and something is left of it. */
  closing = false

  #peak = 0
  /** When it was looked at last. */
  #equity = 0
  /** When the day began. */
  #dayEquity = 0
  /** When the next day begins; never where no rule asks. */
  #nextDay = Infinity
  /**
   * The equity below which the account has to be looked at closely: above everything before the first look, and while the state
   * is another than ACTIVE or may become one.
   */
  #floor = Infinity
  #losses = 0

  constructor(rules: RuleSet, market: RiskMarket, around: Surroundings) {
    this.rules = rules
    this.#funds = around.funds
    this.#chain = chainOf(rules, around)
    this.#counting = this.#chain.asked.filter(({ accepted }) => accepted)
    this.#countingRequests = this.#chain.asked.filter(({ requested }) => requested)
    this.#market = market
    const { maxGross, maxNet, maxShareOfFunds, maxLeverage, buyingPower } = rules
    this.#needsOthers =
      [maxGross, maxNet, maxShareOfFunds, maxLeverage].some((rule) => rule !== undefined) || !!buyingPower
    const { maxDailyLoss, maxDrawdown, equityStop } = rules
    this.#maxLeverage = maxLeverage ?? Infinity
    this.#watches = [maxDailyLoss, maxDrawdown, equityStop, maxLeverage, rules.lossStreak].some(
      (rule) => rule !== undefined,
    )
    this.#clock =
      maxDailyLoss === undefined ? undefined : new ZoneClock('risk', rules.timeZone ?? around.timeZone)
    this.#nextDay = this.#clock ? -Infinity : Infinity
    const count = market.instruments.length
    this.#base = new Float64Array(count)
    this.#buying = new Float64Array(count)
    this.#selling = new Float64Array(count)
    this.#onBuys = sideWorth(count)
    this.#onSells = sideWorth(count)
    this.#touched = new Int32Array(count)
    this.#isTouched = new Uint8Array(count)
    this.request = {
      order: undefined as unknown as Order,
      sign: 1,
      volume: 0,
      unit: NaN,
      openUnit: NaN,
      heldUnit: NaN,
      funds: around.funds,
      lastPrice: NaN,
      priceTime: NaN,
      time: NaN,
      equity: 0,
      held: 0,
      working: 0,
      kept: 0,
      closing: 0,
      othersGross: 0,
      othersNet: 0,
      openOrders: 0,
      open: [],
      isChange: false,
    }
  }

  /** Adds what a strategy has to what the rules are about; all is added before the first request. */
  join(holding: Holding, cash: number): void {
    this.#holdings.push(holding)
    this.request.open.push(holding.open)
    this.#startEquity += cash
    this.#peak = this.#equity = this.#dayEquity = this.#startEquity
  }

  get state(): RiskState {
    return this.#state
  }
  /** Why the state is not ACTIVE. */
  get cause(): Cause | undefined {
    return this.#cause
  }
  /** Whether any rule, or a kill switch that was pulled, looks at the account as time goes on. */
  get isWatching(): boolean {
    return this.#watches || this.#haltedUntil !== -Infinity
  }
  /** Whether there is no rule at all, and nothing that a kill switch has begun. */
  get isAsleep(): boolean {
    return !this.#watches && this.#haltedUntil === -Infinity && this.isIdle
  }
  /** Whether requests need not be looked at. */
  get isIdle(): boolean {
    const { asked, working } = this.#chain
    if (this.#state !== RiskState.ACTIVE || this.rules.steps === 'round') return false
    return asked.length + working.length === 0
  }

  /** Whether any rule, or the state, goes by units: what money comes to then has to be known before it trades. */
  get countsUnits(): boolean {
    const { maxOrderVolume, maxPosition, longOnly, shortable } = this.rules
    const any = maxOrderVolume !== undefined || maxPosition !== undefined || shortable !== undefined
    return any || !!longOnly || this.#state !== RiskState.ACTIVE
  }

  /** Whether nothing works and nothing is held. */
  get isFlat(): boolean {
    return this.#holdings.every(({ portfolio, open }) => open.length === 0 && portfolio.heldCount === 0)
  }

  get equity(): number {
    let equity = 0
    for (let i = 0; i < this.#holdings.length; i++) equity += this.#holdings[i]!.portfolio.equity
    return equity
  }

  /**
   * How much of an order the state and all rules let pass: its volume or more accepts it. `decisive` names the rule that
   * let least pass; it is undefined where the state did.
   *
   * @param instead the working order that this one takes the place of: its new terms are being asked for
   */
  most(order: Order, instrument: number, instead?: Order): number {
    this.decisive = undefined
    this.#fillIn(order, instrument, instead)
    if (this.#state === RiskState.HALTED) return 0
    const most = this.#ask(this.#chain.asked, Infinity)
    return isWaiting(order) ? most : this.#askWorking(most)
  }

  /** How much the state and the rules let pass of an order that waited for another one and now begins to work. */
  mostOfBeginning(order: Order, instrument: number): number {
    this.decisive = undefined
    this.#fillIn(order, instrument, order)
    return this.#askWorking(Infinity)
  }

  #askWorking(most: number): number {
    if (this.#state === RiskState.HALTED) return 0
    const closing = this.#state === RiskState.REDUCING ? this.request.closing : Infinity
    if (closing < most) this.decisive = undefined
    return this.#ask(this.#chain.working, Math.min(most, closing))
  }

  #ask(rules: readonly Rule[], most: number): number {
    const { request } = this
    const enough = request.volume - hairOf(request.volume, request.order.instrument.lotSize)
    for (let i = 0; i < rules.length; i++) {
      const rule = rules[i]!
      const passes = rule.most(request)
      if (passes >= most || passes >= enough) continue
      // Written so that NaN does not pass.
      most = passes > 0 ? passes : 0
      this.decisive = rule
    }
    return most
  }

  /** How much of a fill the position rules let pass; only where fills can be cut. */
  mostOfFill(order: Order, instrument: number): number {
    const { maxPosition, longOnly, shortable } = this.rules
    // What one by notional comes to is known only now.
    const largest = order.notional > 0 ? this.rules.maxOrderVolume : undefined
    if (maxPosition === undefined && !longOnly && shortable === undefined && largest === undefined)
      return Infinity
    let held = 0
    for (const { portfolio } of this.#holdings) held += portfolio.size(instrument)
    const sign = order.side === Side.BUY ? 1 : -1
    let most = maxPosition === undefined ? Infinity : maxPosition - sign * held
    if (largest !== undefined) most = Math.min(most, largest - order.filled)
    if (sign < 0 && longOnly) most = Math.min(most, held)
    if (sign < 0 && shortable) {
      const { name } = order.instrument
      most = Math.min(most, held + (Object.hasOwn(shortable, name) ? shortable[name]! : 0))
    }
    return Math.max(most, -sign * held)
  }

  /** Whether all of a working order only closes. */
  onlyCloses(order: Order, instrument: number): boolean {
    const { closing, volume } = this.#fillIn(order, instrument, order)
    return closing >= volume - hairOf(volume, order.instrument.lotSize)
  }

  /** An order was accepted by all: it counts from here on. Called right after `most`, before anything else is asked. */
  accepted(): void {
    for (let i = 0; i < this.#counting.length; i++) this.#counting[i]!.accepted!(this.request)
  }

  /** A request was made, whatever became of it. */
  requested(): void {
    const rules = this.#countingRequests
    for (let i = 0; i < rules.length; i++) rules[i]!.requested!(this.#market.time)
  }

  /** A position was closed, or turned over, for a profit after fees. */
  closed(profit: number): void {
    const { lossStreak } = this.rules
    if (!lossStreak) return
    this.#losses = profit < 0 ? this.#losses + 1 : 0
    if (this.#losses < lossStreak.losses) return
    this.#pausedUntil = this.#market.time + lossStreak.seconds * 1e6
    this.#floor = Infinity
  }

  /** Halts for good. */
  kill(reason: string): void {
    this.#halt(Infinity, { code: RefusalCode.KILLED, reason, numbers: {} })
  }

  /**
   * Looks at the account as it is now.
   *
   * @param equity what `equity` gave a moment ago
   * @returns what it changed; undefined for nothing
   */
  watch(equity?: number): RiskChange | undefined {
    if (!this.#watches && this.#haltedUntil === -Infinity) return undefined
    equity ??= this.equity
    if (this.isCalm(equity)) return undefined
    const { time } = this.#market
    if (this.#clock && time >= this.#nextDay) {
      this.#dayEquity = this.#equity
      this.#nextDay = this.#clock.nextDay(time / 1000) * 1000
    }
    this.#equity = equity
    if (equity > this.#peak) this.#peak = equity
    if (this.#watches) this.#judge(time, equity)
    const change = this.#settle(time)
    this.#floor = this.#state === RiskState.ACTIVE && !this.closing ? this.#lowest() : Infinity
    return change
  }

  /**
   * Whether surely nothing changes and nothing is being closed: what most looks at an account come to.
   *
   * @param equity what `equity` gave a moment ago
   */
  isCalm(equity: number): boolean {
    const calm =
      equity >= this.#floor &&
      equity <= this.#peak &&
      !(this.#market.time >= this.#nextDay) &&
      !this.#isOverLeverage(equity)
    if (calm) this.#equity = equity
    return calm
  }

  /** The equity below which a rule closes all, for as long as the peak and the day stay as they are. */
  #lowest(): number {
    const { maxDrawdown, equityStop, maxDailyLoss } = this.rules
    const start = this.#startEquity
    const profit = this.#peak - start
    let floor = -Infinity
    if (maxDrawdown !== undefined) floor = this.#peak * (1 - maxDrawdown)
    if (maxDailyLoss !== undefined) floor = Math.max(floor, this.#dayEquity * (1 - maxDailyLoss))
    if (equityStop && profit >= equityStop.gain * start)
      floor = Math.max(floor, start + profit * (1 - equityStop.giveBack))
    return floor
  }

  #isOverLeverage(equity: number): boolean {
    if (this.#maxLeverage === Infinity) return false
    const gross = this.#gross()
    return gross > 0 && gross > this.#maxLeverage * equity * (1 + tolerance)
  }

  /** How far the equity is below its highest, as a fraction of that. */
  get drawdown(): number {
    return Math.max(0, 1 - this.equity / Math.max(this.#peak, this.equity))
  }

  /** The rules with a measurable use, as they are now. */
  limits(scope: 'account' | 'strategy'): RiskLimit[] {
    const limits: RiskLimit[] = []
    const { rules } = this
    const equity = this.equity
    const add = (rule: RuleName, limit: number | undefined, used: () => number) => {
      if (limit !== undefined) limits.push({ rule, scope, limit, used: used() })
    }
    let gross = 0
    let net = 0
    let largest = 0
    for (let i = 0; i < this.#market.instruments.length; i++) {
      let size = 0
      let unit = NaN
      for (const { portfolio } of this.#holdings) {
        size += portfolio.size(i)
        unit = portfolio.unitValue(i)
      }
      if (size === 0) continue
      gross += Math.abs(size) * unit
      net += size * unit
      largest = Math.max(largest, Math.abs(size))
    }
    add('maxPosition', rules.maxPosition, () => largest)
    add('maxGross', rules.maxGross, () => gross)
    add('maxNet', rules.maxNet, () => Math.abs(net))
    add('maxShareOfFunds', rules.maxShareOfFunds, () => gross / equity)
    add('maxLeverage', rules.maxLeverage, () => gross / equity)
    add('maxOpenOrders', rules.maxOpenOrders, () => this.#openOrders())
    add('maxDailyLoss', rules.maxDailyLoss, () => Math.max(0, 1 - equity / this.#dayEquity))
    add('maxDrawdown', rules.maxDrawdown, () => this.drawdown)
    add('lossStreak', rules.lossStreak?.losses, () => this.#losses)
    return limits
  }

  #openOrders(): number {
    let count = 0
    for (let i = 0; i < this.#holdings.length; i++) count += this.#holdings[i]!.open.length
    return count
  }

  #judge(time: number, equity: number): void {
    const { maxDrawdown, equityStop, maxDailyLoss } = this.rules
    const start = this.#startEquity
    const below = (floor: number) => equity < floor - tolerance * Math.abs(floor)
    if (this.#haltedUntil < Infinity) {
      const peak = this.#peak
      if (maxDrawdown !== undefined && below(peak * (1 - maxDrawdown)))
        this.#halt(Infinity, {
          code: RefusalCode.DRAWDOWN,
          reason: `The equity fell from ${roughly(peak)} to ${roughly(equity)}, by ${roughly((1 - equity / peak) * 100)} %; a drawdown of ${roughly(maxDrawdown * 100)} % is allowed.`,
          numbers: { equity, peak, limit: maxDrawdown },
        })
      else if (
        equityStop &&
        peak - start >= equityStop.gain * start &&
        below(start + (peak - start) * (1 - equityStop.giveBack))
      )
        this.#halt(Infinity, {
          code: RefusalCode.EQUITY_STOP,
          reason: `Of a profit of ${roughly(peak - start)} only ${roughly(equity - start)} is left; ${roughly(equityStop.giveBack * 100)} % of it may be given back.`,
          numbers: { equity, peak, start, giveBack: equityStop.giveBack },
        })
    }
    if (
      maxDailyLoss !== undefined &&
      !(this.#haltedUntil > time) &&
      below(this.#dayEquity * (1 - maxDailyLoss))
    )
      this.#halt(this.#nextDay, {
        code: RefusalCode.DAILY_LOSS,
        reason: `The equity fell from ${roughly(this.#dayEquity)} at the beginning of the day to ${roughly(equity)}; ${roughly(maxDailyLoss * 100)} % may be lost in a day.`,
        numbers: { equity, dayEquity: this.#dayEquity, limit: maxDailyLoss },
      })
    this.#drifting = this.#isOverLeverage(equity)
  }

  /** Value of all positions without regard to their direction. With one holding as of when the equity was asked for. */
  #gross(): number {
    if (this.#holdings.length === 1) return this.#holdings[0]!.portfolio.grossThen
    this.#sumUp(undefined, undefined)
    let gross = 0
    for (let i = 0; i < this.#touchedCount; i++) {
      const instrument = this.#touched[i]!
      const size = this.#base[instrument]!
      if (size !== 0) gross += Math.abs(size) * this.#holdings[0]!.portfolio.unitValue(instrument)
    }
    this.#forget()
    return gross
  }

  #halt(until: number, cause: Cause): void {
    this.#haltedUntil = until
    this.#cause = cause
    this.closing = true
    this.#floor = Infinity
  }

  /** Brings the state in line with what holds now. */
  #settle(time: number): RiskChange | undefined {
    const { maxLeverage, lossStreak } = this.rules
    const previous = this.#state
    const known = this.#cause
    let state: RiskState = RiskState.ACTIVE
    if (this.#haltedUntil > time || this.closing) state = RiskState.HALTED
    else if (this.#pausedUntil > time) {
      state = RiskState.REDUCING
      if (known?.code !== RefusalCode.LOSS_STREAK)
        this.#cause = {
          code: RefusalCode.LOSS_STREAK,
          reason: `${this.#losses === 1 ? 'The last trade' : `${this.#losses} trades in a row`} lost, which pauses trading for ${lossStreak!.seconds} s of the market's time.`,
          numbers: { losses: this.#losses, seconds: lossStreak!.seconds },
        }
      this.#losses = 0
    } else if (this.#drifting) {
      state = RiskState.REDUCING
      if (known?.code !== RefusalCode.LEVERAGE)
        this.#cause = {
          code: RefusalCode.LEVERAGE,
          reason: `Positions are worth ${roughly(this.#gross() / this.#equity)} times the equity; ${maxLeverage} times is allowed.`,
          numbers: { gross: this.#gross(), equity: this.#equity, limit: maxLeverage! },
        }
    }
    if (state !== RiskState.HALTED) this.#haltedUntil = -Infinity
    this.#state = state
    const cause = this.#cause
    if (state === RiskState.ACTIVE) {
      this.#cause = undefined
      if (previous === RiskState.ACTIVE) return undefined
      return {
        code: cause!.code,
        reason: 'The rules let everything pass again.',
        numbers: {},
        state,
        previous,
      }
    }
    return cause === known && state === previous ? undefined : { ...cause!, state, previous }
  }

  #fillIn(order: Order, instrument: number, instead: Order | undefined): Request {
    const { request } = this
    const { portfolio } = this.#holdings[0]!
    const sign = (request.sign = order.side === Side.BUY ? 1 : -1)
    request.order = order
    const lastPrice = portfolio.lastPrice(instrument)
    const counted = this.#price(order, instrument)
    // New terms count without what has filled of the old ones.
    request.volume =
      instead && instead !== order ? order.volume - instead.filled : countedVolume(order, counted)
    request.unit = counted * order.instrument.multiplier * portfolio.rate(instrument)
    const held = portfolio.unitValue(instrument)
    request.heldUnit = held === held ? held : request.unit
    request.funds = portfolio.fundsFor(instrument, this.#funds)
    request.lastPrice = lastPrice
    if (this.rules.staleSeconds !== undefined) request.priceTime = this.#market.priceTime(instrument)
    request.time = this.#market.time
    request.openOrders = this.#openOrders()
    request.isChange = instead !== undefined
    this.#sumUp(order, instead)
    request.held = this.#base[instrument]!
    request.working = sign > 0 ? this.#buying[instrument]! : this.#selling[instrument]!
    const { dearest } = sign > 0 ? this.#onBuys : this.#onSells
    const turns = sign * request.held < 0 && dearest[instrument]! > request.unit
    request.openUnit = turns ? dearest[instrument]! : request.unit
    request.kept = Math.max(0, this.#worth(instrument, sign, request.heldUnit))
    // What waits takes back what the order before it has done.
    const closable = isWaiting(order)
      ? order.after!.side === order.side
        ? 0
        : order.after!.volume
      : -sign * request.held - request.working
    request.closing = Math.max(0, Math.min(request.volume, closable))
    if (this.#needsOthers) {
      request.equity = this.equity
      let gross = 0
      let net = 0
      for (let i = 0; i < this.#touchedCount; i++) {
        const other = this.#touched[i]!
        if (other === instrument) continue
        const unit = portfolio.unitValue(other)
        const long = this.#worth(other, 1, unit)
        const short = this.#worth(other, -1, unit)
        gross += Math.max(Math.abs(long), Math.abs(short))
        net += sign > 0 ? long : short
      }
      request.othersGross = gross
      request.othersNet = net
    }
    this.#forget()
    return request
  }

  /**
   * Adds up what is held and what works.
   *
   * @param asking the order in question, which may be a pair with one of those that work
   * @param instead an order that is left out
   */
  #sumUp(asking: Order | undefined, instead: Order | undefined): void {
    for (let i = 0; i < this.#holdings.length; i++) {
      const { portfolio, open } = this.#holdings[i]!
      for (let k = 0; k < portfolio.heldCount; k++) {
        const instrument = portfolio.heldAt(k)
        this.#touch(instrument)
        this.#base[instrument]! += portfolio.size(instrument)
      }
      for (let k = 0; k < open.length; k++) {
        const order = open[k]!
        if (order === instead || order === asking || isWaiting(order)) continue
        // What is being taken back is not waited for by an order that closes at once; both may trade on the way.
        const { leaving, asked } = stateOf(order)
        if (leaving && asking && isAtMarket(asking) && asking.instrument === order.instrument) continue
        const whole = Math.max(order.remaining, asked - order.filled)
        const beside = this.#countedBeside(order, open, asking, instead)
        const volume = whole - (beside === undefined ? 0 : this.#volume(beside, asking))
        const instrument = placeOf(order)
        if (this.#needsOthers) this.#addMoney(order, instrument, whole, beside, asking)
        if (volume <= 0) continue
        this.#touch(instrument)
        if (isAtMarket(order) && !this.#market.isBinding(instrument))
          this.#base[instrument]! += order.side === Side.BUY ? volume : -volume
        else if (order.side === Side.BUY) this.#buying[instrument]! += volume
        else this.#selling[instrument]! += volume
      }
    }
    // Two orders of a pair do not both fill: only what the one in question has more of counts besides the other.
    if (asking?.pair) {
      const { pair } = asking
      const instrument = placeOf(pair)
      const works =
        pair.status === OrderStatus.OPEN && pair !== instead && !isWaiting(pair) && !stateOf(pair).leaving
      if (works && pair.side === asking.side && !pair.pair && !this.#isPaired(pair, asking, instead)) {
        const working = asking.side === Side.BUY ? this.#buying : this.#selling
        working[instrument] = Math.max(0, working[instrument]! - Math.min(pair.remaining, asking.remaining))
        const { money } = this.#sideOf(asking)
        const either = Math.min(
          pair.remaining * this.#unit(pair, instrument),
          asking.remaining * this.request.unit,
        )
        if (this.#needsOthers) money[instrument] = Math.max(0, money[instrument]! - either)
      }
    }
  }

  /** Adds the money that a working order can come to, as far as that is more than what counts of its pair. */
  #addMoney(
    order: Order,
    instrument: number,
    volume: number,
    beside: Order | undefined,
    asking: Order | undefined,
  ): void {
    if (isAtMarket(order) && !this.#market.isBinding(instrument)) return
    this.#touch(instrument)
    const { money, dearest } = this.#sideOf(order)
    const unit = this.#unit(order, instrument)
    const counted =
      beside === undefined
        ? 0
        : this.#volume(beside, asking) *
          (beside === asking ? this.request.unit : this.#unit(beside, instrument))
    money[instrument]! += Math.max(0, volume * unit - counted)
    if (unit > dearest[instrument]!) dearest[instrument] = unit
  }

  /** Money of the account that a unit of an order counts as. */
  #unit(order: Order, instrument: number): number {
    const { portfolio } = this.#holdings[0]!
    // One by notional counts beside others at the last price.
    const price = order.notional > 0 ? portfolio.lastPrice(instrument) : this.#price(order, instrument)
    return price * order.instrument.multiplier * portfolio.rate(instrument)
  }

  /** The price that an order counts at, see `priceCounted`. */
  #price(order: Order, instrument: number): number {
    const last = this.#holdings[0]!.portfolio.lastPrice(instrument)
    if (!this.#market.isBinding(instrument)) return priceCounted(order, last)
    const { best } = this.#sideOf(order)
    if (best[instrument] === 0) {
      this.#touch(instrument)
      best[instrument] = this.#market.bestOpposite(instrument, order.side)
    }
    return priceCounted(order, last, best[instrument]! > last ? best[instrument] : last)
  }

  #sideOf({ side }: Order): SideWorth {
    return side === Side.BUY ? this.#onBuys : this.#onSells
  }

  /**
   * What an instrument is worth in a direction with all filled that works on that side; below zero where what is held on the
   * other side is more than that.
   *
   * @param heldUnit money that one unit held is worth
   */
  #worth(instrument: number, sign: 1 | -1, heldUnit: number): number {
    const held = sign * this.#base[instrument]!
    const after = held + (sign > 0 ? this.#buying : this.#selling)[instrument]!
    const { money, dearest } = sign > 0 ? this.#onBuys : this.#onSells
    // Without a price nothing is known of what is held; of nothing, all.
    if (held >= 0) return (held === 0 ? 0 : held * heldUnit) + money[instrument]!
    // Nobody knows which of them closes: the dearest may be what opens.
    return after > 0 ? Math.min(money[instrument]!, after * dearest[instrument]!) : after * heldUnit
  }

  /** The order that a working one is a pair with and counts only beside, where there is one that counts itself. */
  #countedBeside(
    order: Order,
    open: readonly Order[],
    asking: Order | undefined,
    instead: Order | undefined,
  ): Order | undefined {
    const { pair } = order
    if (!pair || pair.pair || pair.side !== order.side) return undefined
    for (let i = 0; open[i] !== order; i++)
      if (open[i]!.pair === pair && open[i] !== instead) return undefined
    if (pair === instead || pair === asking) return asking
    if (pair.status !== OrderStatus.OPEN || isWaiting(pair) || stateOf(pair).leaving) return undefined
    return pair
  }

  /** Volume of an order beside another: of the one in question that which is asked for. */
  #volume(order: Order, asking: Order | undefined): number {
    return order === asking ? this.request.volume : order.remaining
  }

  /** Whether another working order than the one in question counts as the pair of an order already. */
  #isPaired(pair: Order, asking: Order, instead: Order | undefined): boolean {
    for (let i = 0; i < this.#holdings.length; i++) {
      const { open } = this.#holdings[i]!
      for (let k = 0; k < open.length; k++)
        if (open[k]!.pair === pair && open[k] !== asking && open[k] !== instead && !isWaiting(open[k]!))
          return true
    }
    return false
  }

  #touch(instrument: number): void {
    if (this.#isTouched[instrument]) return
    this.#isTouched[instrument] = 1
    this.#touched[this.#touchedCount++] = instrument
  }

  #forget(): void {
    for (let i = 0; i < this.#touchedCount; i++) {
      const instrument = this.#touched[i]!
      this.#base[instrument] = 0
      this.#buying[instrument] = 0
      this.#selling[instrument] = 0
      forget(this.#onBuys, instrument)
      forget(this.#onSells, instrument)
      this.#isTouched[instrument] = 0
    }
    this.#touchedCount = 0
  }
}
