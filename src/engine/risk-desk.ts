import {
  type Clip,
  EventType,
  hairOf,
  type Order,
  OrderFlag,
  OrderStatus,
  placeOf,
  type Refusal,
  RefusalCode,
  stateOf,
} from '#market'
import {
  checkRules,
  fundsOf,
  isWaiting,
  type Portfolio,
  type RiskChange,
  type RiskMarket,
  RiskScope,
  RiskState,
  type RiskView,
  type RuleSet,
} from '#trading'
import { Handler } from './handlers.ts'
import type { RefusalEntry, RunSettings } from './record.ts'

/** What the desk may do for one strategy; its ledger gives it. */
export interface Hands {
  readonly portfolio: Portfolio
  /** Working orders. */
  readonly open: readonly Order[]
  /** Takes a working order back, or asks its exchange to. */
  withdraw(order: Order): void
  /** Sends a market order past all rules. */
  close(instrument: number, signedVolume: number): Order
  note(entry: Pick<RefusalEntry, 'kind' | 'code' | 'reason' | 'numbers'>, order?: Order): void
  tell(handler: Handler, type: EventType, target: unknown): void
}

/**
 * The risk rules of a run at work: the account's and each strategy's. Every request passes here before it reaches an
 * exchange, and what the rules decide as time goes on is carried out here.
 *
 * They look at the accounts when a time stamp is complete, at every request and after every fill; where orders fill at the
 * close of a bar, before these do, so that a halt closes at this close whether anybody asks for anything at it or not.
 *
 * To halt is to take all working orders back, then to close all positions at the market, and to go on with that until
 * nothing is left. Until a halt is over nothing else is accepted.
 */
export class RiskDesk {
  readonly #market: RiskMarket
  readonly #settings: RunSettings
  readonly #account: RiskScope
  readonly #seats: RiskSeat[] = []
  /** Whether there are no rules but the account's, and no strategy has pulled its kill switch. */
  #onlyAccount = true
  /** Whether the newest look found that nothing changes, and nothing has moved since. */
  #isCalm = false

  /** @throws RangeError when a rule is not what it can be */
  constructor(market: RiskMarket, settings: RunSettings) {
    checkRules(settings.risk ?? {})
    this.#market = market
    this.#settings = settings
    this.#account = this.#scope(settings.risk ?? {})
  }

  /** Takes a strategy, and the cash that it begins with, under the account's rules and its own. All join before the first event. */
  join(hands: Hands, cash: number, rules: RuleSet = this.#settings.risk?.perStrategy ?? {}): RiskSeat {
    const own = this.#scope(rules)
    for (const scope of [this.#account, own]) scope.join(hands, cash)
    const seat = new RiskSeat(hands, this.#market, this.#account, own, (kills) => {
      if (kills) this.#onlyAccount = false
      this.watch()
    })
    this.#seats.push(seat)
    this.#onlyAccount &&= seat.isAsleep
    return seat
  }

  /** Looks at the accounts as they are now, and carries out what the rules decide. */
  watch(): void {
    if (this.#isAsleep()) return
    // Each strategy's own prices are up to date when it asks; the others' need not be.
    if (this.#seats.length > 1) this.#market.valueAll()
    if (this.#onlyAccount && (this.#isCalm || !this.#account.isWatching)) return
    if (this.#seats.length === 1) this.#market.valueAll()
    const { equity } = this.#account
    this.#isCalm = this.#onlyAccount && this.#account.isCalm(equity)
    if (!this.#isCalm) this.#look(equity)
  }

  /** Prices or the time are about to change: what was found so far holds no longer. */
  stir(): void {
    this.#isCalm = false
  }

  /**
   * A time stamp is complete: what could not be closed so far is tried again.
   *
   * @param worth of all accounts, by rows: the newest was written just now
   */
  mark(worth: { readonly value: Float64Array; readonly length: number }): void {
    if (this.#isAsleep()) return
    const equity = worth.value[worth.length - 1]!
    const isCalm = this.#onlyAccount && this.#account.isCalm(equity)
    // Where markets go on between bars the last prices are taken only when somebody asks.
    this.#isCalm = isCalm && this.#market.immediate
    if (isCalm) return
    this.#look(equity)
    for (let i = 0; i < this.#seats.length; i++) this.#seats[i]!.goOn(true)
  }

  /** The market has ended: what has not been closed trades at the last prices, where the exchange can. */
  end(): void {
    for (const seat of this.#seats) seat.closeAtEnd()
  }

  #look(equity: number): void {
    const change = this.#account.watch(equity)
    if (change) for (const seat of this.#seats) seat.carryOut(change)
    for (let i = 0; i < this.#seats.length; i++) this.#seats[i]!.watch()
  }

  #isAsleep(): boolean {
    return this.#onlyAccount && this.#account.isAsleep
  }

  #scope(rules: RuleSet): RiskScope {
    const { costs, leverage } = this.#settings
    const timeZone = this.#market.instruments[0]?.timeZone ?? 'UTC'
    return new RiskScope(rules, this.#market, { funds: fundsOf(leverage, costs), timeZone })
  }
}

/** One strategy at the desk. */
export class RiskSeat {
  readonly #hands: Hands
  readonly #market: RiskMarket
  readonly #account: RiskScope
  readonly #own: RiskScope
  readonly #watchAll: (kills: boolean) => void
  /** By instrument, what was realised when its position was last flat; undefined where nobody asks. */
  readonly #realized: Float64Array | undefined
  /** What the newest order was clipped to; undefined where it passed whole. */
  clip: Clip | undefined

  /** Whether closing orders have been sent since the last try. */
  #sent = false
  /** Whether this seat is closing or withdrawing: what that brings about comes back here. */
  #busy = false
  readonly #closing = new Set<Order>()

  constructor(
    hands: Hands,
    market: RiskMarket,
    account: RiskScope,
    own: RiskScope,
    watchAll: (kills: boolean) => void,
  ) {
    this.#hands = hands
    this.#market = market
    this.#account = account
    this.#own = own
    this.#watchAll = watchAll
    const counts = [account, own].some(({ rules }) => rules.lossStreak !== undefined)
    this.#realized = counts ? new Float64Array(market.instruments.length) : undefined
  }

  get isAsleep(): boolean {
    return this.#own.isAsleep
  }

  /**
   * Asks the rules about a new order. One that is too large is clipped where that is allowed: its volume is then what
   * was let pass.
   */
  admit(order: Order, instrument: number): Refusal | undefined {
    this.clip = undefined
    const account = this.#account
    const own = this.#own
    if (account.isIdle && own.isIdle) return undefined
    if (order.notional > 0) stateOf(order).bounded = account.countsUnits || own.countsUnits
    this.#round(order)
    const most = account.isIdle ? Infinity : account.most(order, instrument)
    const mostOfOwn = own.isIdle ? Infinity : own.most(order, instrument)
    return this.#decide(order, most, mostOfOwn, true)
  }

  /** Asks the rules about new terms of a working order; these are never clipped. */
  recheck(order: Order, terms: Order, instrument: number): Refusal | undefined {
    const account = this.#account
    const own = this.#own
    if (account.isIdle && own.isIdle) return undefined
    return this.#decide(
      terms,
      account.most(terms, instrument, order),
      own.most(terms, instrument, order),
      false,
    )
  }

  /** Asks the rules about an order that waited for another one and now begins to work. */
  begin(order: Order, instrument: number): Refusal | undefined {
    this.clip = undefined
    const account = this.#account
    const own = this.#own
    if (account.isIdle && own.isIdle) return undefined
    const [most, mostOfOwn] = [
      account.mostOfBeginning(order, instrument),
      own.mostOfBeginning(order, instrument),
    ]
    return this.#decide(order, most, mostOfOwn, true)
  }

  /** The order that was admitted last counts from here on: its exchange took it too. */
  accepted(): void {
    if (!this.#account.isIdle) this.#account.accepted()
    if (!this.#own.isIdle) this.#own.accepted()
  }

  /** Before a request is looked at: the account is as it is now, not as it was at the last event. */
  prepare(): void {
    this.#watchAll(false)
  }

  /** A request was made, whatever became of it. */
  requested(): void {
    this.#account.requested()
    this.#own.requested()
  }

  /** The most of a fill that the rules let be booked, where it can be cut. */
  mostOfFill(order: Order, instrument: number): number {
    if (this.#closing.size > 0 && this.#closing.has(order)) return Infinity
    return Math.min(this.#account.mostOfFill(order, instrument), this.#own.mostOfFill(order, instrument))
  }

  /**
   * A fill was booked.
   *
   * @param before signed volume held before it
   * @param isWhole whether all of its trade has been booked: half of one between two own orders is no loss
   */
  filled(instrument: number, before: number, isWhole = true): void {
    const realized = this.#realized
    if (realized) {
      const { portfolio } = this.#hands
      const after = portfolio.size(instrument)
      if (before !== 0 && (after === 0 || after > 0 !== before > 0)) {
        const now = portfolio.netRealized(instrument)
        this.#account.closed(now - realized[instrument]!)
        this.#own.closed(now - realized[instrument]!)
        realized[instrument] = now
      }
    }
    if (!isWhole) return
    this.#watchAll(false)
    this.goOn(false)
  }

  /** Halts the strategy for good: see `Strategy.kill`. */
  kill(reason: string): void {
    this.#own.kill(reason)
    this.#watchAll(true)
  }

  /** What may be done, why not everything, and how much of the limits is used. */
  view(): Pick<RiskView, 'state' | 'reason' | 'openOrders' | 'limits'> {
    const [account, own] = [this.#account, this.#own]
    const stricter = strictness.indexOf(own.state) > strictness.indexOf(account.state) ? own : account
    return {
      state: stricter.state,
      reason: stricter.cause?.reason,
      openOrders: this.#hands.open.length,
      limits: [...account.limits('account'), ...own.limits('strategy')],
    }
  }

  /** Looks at the strategy as it is now, and carries out what its rules decide. */
  watch(): void {
    const change = this.#own.watch()
    if (change) this.carryOut(change)
  }

  /** Makes of a decision what it says. */
  carryOut(change: RiskChange): void {
    const { state, code, reason, numbers } = change
    const hands = this.#hands
    hands.note({ kind: 'state', code, reason: `${stateWords[state]} ${reason}`, numbers })
    const handler = state === RiskState.ACTIVE ? Handler.onContinue : Handler.onHalt
    hands.tell(
      handler,
      state === RiskState.ACTIVE ? EventType.CONTINUE : EventType.HALT,
      Object.freeze(change),
    )
    if (state === RiskState.REDUCING) this.#withdrawOpening()
    if (state === RiskState.HALTED) this.goOn(true)
  }

  /**
   * Goes on with closing: takes back what works, and once nothing does, closes what is held.
   *
   * @param again whether to send closing orders again where some were sent before
   */
  goOn(again: boolean): void {
    if (!(this.#account.closing || this.#own.closing) || this.#busy) return
    this.#busy = true
    try {
      const { open, portfolio } = this.#hands
      let others = false
      for (const order of [...open]) {
        if (this.#closing.has(order)) continue
        others ||= true
        if (!stateOf(order).leaving) this.#hands.withdraw(order)
      }
      if (others && open.some((order) => !this.#closing.has(order))) return
      if (open.length > 0) return
      this.#closing.clear()
      if (portfolio.heldCount === 0) this.#isFlat()
      else if (again || !this.#sent) this.#closePositions()
    } finally {
      this.#busy = false
    }
  }

  /** After the last event: sends again what could not trade any more, so that it trades at the last price. */
  closeAtEnd(): void {
    if (!(this.#account.closing || this.#own.closing)) return
    this.#busy = true
    for (const order of [...this.#hands.open]) if (!stateOf(order).leaving) this.#hands.withdraw(order)
    this.#busy = false
    this.#closing.clear()
    this.goOn(true)
  }

  #isFlat(): void {
    this.#sent = false
    for (const scope of [this.#account, this.#own]) {
      if (!scope.closing || !scope.isFlat) continue
      const { code } = scope.cause!
      scope.closing = false
      this.#hands.note({
        kind: 'state',
        code,
        reason: 'Nothing is left: no order works and no position is held.',
        numbers: { orders: 0, positions: 0 },
      })
    }
  }

  #closePositions(): void {
    const { portfolio } = this.#hands
    this.#sent = true
    const held: number[] = []
    for (let i = 0; i < portfolio.heldCount; i++) held.push(portfolio.heldAt(i))
    for (const instrument of held.sort((a, b) => a - b)) {
      const order = this.#hands.close(instrument, -portfolio.size(instrument))
      if (order.status === OrderStatus.OPEN) this.#closing.add(order)
    }
  }

  /** Takes back what would make a position larger. */
  #withdrawOpening(): void {
    this.#busy = true
    const { open } = this.#hands
    for (let i = open.length - 1; i >= 0; i--) {
      const order = open[i]
      if (!order || stateOf(order).leaving || isWaiting(order)) continue
      const instrument = placeOf(order)
      if (!this.#account.onlyCloses(order, instrument) || !this.#own.onlyCloses(order, instrument))
        this.#hands.withdraw(order)
    }
    this.#busy = false
  }

  /** @param most what each scope lets pass; Infinity where it was not asked */
  #decide(order: Order, most: number, mostOfOwn: number, mayClip: boolean): Refusal | undefined {
    if (most === Infinity && mostOfOwn === Infinity) return undefined
    const scope = mostOfOwn < most ? this.#own : this.#account
    const passes = Math.min(most, mostOfOwn)
    const { request, decisive } = scope
    const { volume } = request
    const { instrument, flag } = order
    const room = passes + hairOf(passes, instrument.lotSize)
    const given = room >= volume ? volume : instrument.roundDown(room)
    if (given >= volume) return undefined
    const whole =
      flag === OrderFlag.FILL_OR_KILL || flag === OrderFlag.ALL_OR_NONE || !Number.isNaN(order.notional)
    const refusal = decisive ? { code: decisive.code, ...decisive.why(request) } : stateRefusal(scope)
    if (given <= 0 || !mayClip || whole || scope.rules.excess === 'refuse') return refusal
    this.#clipTo(order, given, refusal)
    return undefined
  }

  /** Rounds volume and prices to lots and ticks where a rule says so: prices to the side that trades later. */
  #round(order: Order): void {
    if (this.#account.rules.steps !== 'round' && this.#own.rules.steps !== 'round') return
    const { instrument, side } = order
    const state = stateOf(order)
    const volume = instrument.roundDown(order.volume)
    if (volume > 0 && volume < order.volume * (1 - 1e-12))
      this.#clipTo(order, volume, {
        code: RefusalCode.OFF_LOT,
        reason: `A volume of ${order.volume} is not a whole number of lots of ${instrument.lotSize} ${instrument.name}.`,
        numbers: { lotSize: instrument.lotSize },
      })
    if (instrument.tickSize === 0) return
    const buys = side === 'BUY'
    for (const [name, up] of [
      ['price', !buys],
      ['stopPrice', buys],
    ] as const) {
      const given = roundToTick(state[name], instrument.tickSize, up)
      if (Number.isNaN(given) || given === state[name]) continue
      this.#hands.note(
        {
          kind: 'clip',
          code: RefusalCode.OFF_TICK,
          reason: `The ${name} ${state[name]} is not a multiple of the tick ${instrument.tickSize} of ${instrument.name}; ${given} was taken.`,
          numbers: { asked: state[name], given, tickSize: instrument.tickSize },
        },
        order,
      )
      state[name] = given
    }
  }

  #clipTo(order: Order, given: number, { code, reason, numbers }: Refusal): void {
    const asked = this.clip?.asked ?? order.volume
    stateOf(order).volume = given
    const clip = {
      code,
      reason: `${reason} ${given} of ${asked} were taken.`,
      numbers: { ...numbers, asked, given },
    }
    this.clip = Object.freeze({ ...clip, asked, given })
    this.#hands.note({ kind: 'clip', ...clip }, order)
  }
}

const strictness: readonly RiskState[] = [RiskState.ACTIVE, RiskState.REDUCING, RiskState.HALTED]

const stateWords = {
  [RiskState.ACTIVE]: 'Trading goes on.',
  [RiskState.REDUCING]: 'Only what reduces is accepted.',
  [RiskState.HALTED]: 'Halted: all is being closed.',
} as const

/** Why the state of a scope does not let a request pass. */
function stateRefusal({ state, cause, request }: RiskScope): Refusal {
  return {
    code: state === RiskState.HALTED ? RefusalCode.HALTED : RefusalCode.NOT_REDUCING,
    reason: `${state === RiskState.HALTED ? 'Trading is halted.' : 'Only what makes a position smaller is accepted.'} ${cause!.reason}`,
    numbers: { volume: request.volume, closing: request.closing, ...cause!.numbers },
  }
}

function roundToTick(price: number, tick: number, up: boolean): number {
  const ticks = price / tick
  const nearest = Math.round(ticks)
  if (Math.abs(ticks - nearest) <= 1e-6) return price
  // A tick such as 0.01 is one over a whole number: dividing by that rounds correctly, multiplying would not.
  const whole = up ? Math.ceil(ticks) : Math.floor(ticks)
  const perUnit = Math.round(1 / tick)
  return Math.abs(perUnit * tick - 1) < 1e-9 ? whole / perUnit : whole * tick
}
