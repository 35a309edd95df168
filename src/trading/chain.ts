import {
  DailyHours,
  type Instrument,
  type Order,
  OrderStatus,
  OrderType,
  RefusalCode,
  roughly,
  Side,
  stateOf,
  trailOf,
} from '#market'
import type { Funds } from './portfolio.ts'
import type { RuleName, RuleSet } from './rules.ts'

/**
 * What the rules read about a request. One object is filled in again for every request, so that a request that passes
 * leaves nothing behind. Volumes in units of the instrument, money in account currency, times in microseconds UTC.
 */
export interface Request {
  order: Order
  /** 1 buys, -1 sells. */
  sign: 1 | -1
  volume: number
  /** The most money that one unit of the order can come to, see `priceCounted`; NaN where there is no price. */
  unit: number
  /**
   * The same of one unit that opens: not what the order has closed by then. Where what is held is on the other side, orders that
   * work may close it first and leave theirs to open, so the dearest of them counts.
   */
  openUnit: number
  /** Money that one unit held is worth: at the last price, or before the first at that of the order. */
  heldUnit: number
  /** What the account may carry of the instrument by its settings. */
  funds: Funds
  /** NaN before the first. */
  lastPrice: number
  /** When the last price was made; NaN before the first. */
  priceTime: number
  time: number
  equity: number
  /** Position in the instrument, with the orders counted as done that cannot fail to be. */
  held: number
  /** What works in the instrument on the order's side. */
  working: number
  /** Money that `held` with `working` filled is worth where that is a position on the order's side, otherwise 0. */
  kept: number
  /** How much of the volume only closes what is held. */
  closing: number
  /** What other instruments are worth with all that works filled, without regard to direction. */
  othersGross: number
  /** What other instruments are worth in the order's direction with all that works on that side filled. */
  othersNet: number
  /** Orders that work already. */
  openOrders: number
  /** Working orders of the same account, one list per strategy. */
  readonly open: (readonly Order[])[]
  /** Whether new terms are asked for of an order that was accepted before. */
  isChange: boolean
}

/** Why a request did not pass. */
export interface Why {
  readonly reason: string
  readonly numbers: Readonly<Record<string, number>>
}

/** One rule. Its piece below says when it lets pass how much; what it does not read in the request it keeps itself. */
export interface Rule {
  readonly name: RuleName
  readonly code: RefusalCode
  /** The most volume that passes: all of the request's accepts it, less clips it, 0 or less refuses it. */
  most(request: Request): number
  /** Asked only about what did not pass whole. */
  why(request: Request): Why
  /** Told of every order that was accepted by all rules and by the exchange. */
  accepted?(request: Request): void
  /** Told of every request, whatever became of it. */
  requested?(time: number): void
}

/** What rules need beyond requests. */
export interface Surroundings {
  /** What the account may carry by its settings; money in the currency of the instrument. */
  readonly funds: Funds
  /** Zone of days and hours where the rules name none. */
  readonly timeZone: string
}

/** Let all pass. */
const all = Infinity
const refused = 0

const what = ({ order }: Request) =>
  `${order.side === Side.BUY ? 'Buying' : 'Selling'} ${order.notional > 0 ? `${roughly(order.notional)} worth of` : order.volume} ${order.instrument.name}`
const percent = (fraction: number) => `${roughly(fraction * 100)} %`
const noPrice = ({ order }: Request): Why => ({
  reason: `${order.instrument.name} has no price yet that the order could be valued at; send it after the first bar, or with a price.`,
  numbers: { volume: order.volume },
})

/** Volume that takes a position to a limit in the order's direction. */
const roomUpTo = (limit: number, { sign, held, working }: Request) => limit - sign * held - working

/** Volume that takes what a position is worth to so much money in the order's direction. */
function roomFor(money: number, request: Request): number {
  const { openUnit, heldUnit, sign, held, working, kept } = request
  const free = money - kept
  // What the order closes is worth what is held; what it opens, its own money.
  return Math.max(0, -(sign * held + working)) + free / (free > 0 ? openUnit : heldUnit)
}

/** What a position would be worth in the order's direction with it and all that works filled. */
function worthWith({ openUnit, heldUnit, sign, held, working, kept, volume }: Request): number {
  const before = sign * held + working
  if (before + volume < 0) return (before + volume) * heldUnit
  return kept + (volume - Math.max(0, -before)) * openUnit
}

/** Orders of at most so many units; what closes passes. */
function orderVolume(limit: number): Rule {
  return {
    name: 'maxOrderVolume',
    code: RefusalCode.ORDER_TOO_LARGE,
    most: ({ volume, closing }) => (closing >= volume ? all : Math.max(limit, closing)),
    why: (request) => ({
      reason: `${what(request)} is more than the ${limit} units that one order may have.`,
      numbers: { volume: request.volume, limit },
    }),
  }
}

/** Orders worth at most so much money, see `priceCounted`; what closes passes. */
function orderValue(limit: number): Rule {
  return {
    name: 'maxOrderValue',
    code: RefusalCode.ORDER_TOO_LARGE,
    most: ({ volume, closing, unit }) =>
      closing >= volume ? all : unit > 0 ? Math.max(limit / unit, closing) : closing,
    why: (request) =>
      request.unit > 0
        ? {
            reason: `${what(request)}, counted at ${roughly(request.unit)}, is worth ${roughly(request.volume * request.unit)}; one order may be worth ${limit}.`,
            numbers: { value: request.volume * request.unit, limit, unit: request.unit },
          }
        : noPrice(request),
  }
}

/** A position of at most so many units, long or short, with all that works on the order's side filled. */
function position(limit: number): Rule {
  return {
    name: 'maxPosition',
    code: RefusalCode.POSITION_LIMIT,
    most: (request) => Math.max(roomUpTo(limit, request), request.closing),
    why: (request) => {
      const { held, working, volume, sign } = request
      return {
        reason: `${what(request)} would make the position ${roughly(held + sign * (working + volume))} units; it may be ${limit}.`,
        numbers: { held, working, volume, limit },
      }
    },
  }
}

/** Positions and working orders of all instruments worth at most a sum, which may depend on the equity. */
function gross(
  name: RuleName,
  code: RefusalCode,
  limit: (request: Request) => number,
  words: (limit: number, request: Request) => string,
): Rule {
  return {
    name,
    code,
    most(request) {
      const { unit, othersGross, closing, volume } = request
      if (closing >= volume) return all
      if (!(unit > 0)) return closing
      return Math.max(roomFor(limit(request) - othersGross, request), closing)
    },
    why(request) {
      const { unit, othersGross, equity } = request
      if (!(unit > 0)) return noPrice(request)
      const value = othersGross + Math.abs(worthWith(request))
      return {
        reason: `${what(request)} would bring positions and working orders to ${roughly(value)}; ${words(limit(request), request)}.`,
        numbers: { value, limit: limit(request), equity },
      }
    },
  }
}

/** Positions worth at most so much money without regard to direction, with all that works filled. */
const grossExposure = (limit: number): Rule =>
  gross(
    'maxGross',
    RefusalCode.GROSS_EXPOSURE,
    () => limit,
    () => `the gross limit is ${limit}`,
  )

/** Positions and working orders worth at most a fraction of the equity. */
const shareOfFunds = (share: number): Rule =>
  gross(
    'maxShareOfFunds',
    RefusalCode.SHARE_OF_FUNDS,
    ({ equity }) => share * equity,
    (limit, { equity }) => `${percent(share)} of the equity of ${roughly(equity)} is ${roughly(limit)}`,
  )

/** Positions and working orders worth at most a multiple of the equity. */
const leverage = (multiple: number): Rule =>
  gross(
    'maxLeverage',
    RefusalCode.LEVERAGE,
    ({ equity }) => multiple * equity,
    (limit) => `${multiple} times the equity is ${roughly(limit)}`,
  )

/**
 * What positions and working orders of all instruments tie up, together with the commission of what is opened, is at
 * most the leverage of the settings times the equity. Unlike the check that always holds it counts what works in other
 * instruments too.
 */
function buyingPower(): Rule {
  const available = (request: Request) => {
    const { unit, openUnit, kept, othersGross, closing, equity, funds } = request
    const { leverage, commission, perUnit = 0, perOrder = 0, least = 0 } = funds
    const paid = (commission * unit + perUnit) * closing + Math.max(perOrder, least)
    const cost = commission * openUnit + perUnit
    return (leverage * (equity - paid) - othersGross - kept) / (openUnit + leverage * cost)
  }
  return {
    name: 'buyingPower',
    code: RefusalCode.INSUFFICIENT_FUNDS,
    most(request) {
      const { unit, closing, volume } = request
      if (closing >= volume) return all
      return unit > 0 ? closing + Math.max(0, available(request)) : closing
    },
    why(request) {
      if (!(request.unit > 0)) return noPrice(request)
      const { equity, volume, closing } = request
      const free = closing + Math.max(0, available(request))
      return {
        reason: `${what(request)}, counted at ${roughly(request.unit)}, needs more than is free beside positions and working orders: ${roughly(free)} units.`,
        numbers: { volume, available: free, equity, leverage: request.funds.leverage },
      }
    },
  }
}

/** Longs worth at most so much more than shorts, and the other way round, with all on the order's side filled. */
function netExposure(limit: number): Rule {
  return {
    name: 'maxNet',
    code: RefusalCode.NET_EXPOSURE,
    most(request) {
      const { unit, othersNet, closing, volume } = request
      if (closing >= volume) return all
      return unit > 0 ? Math.max(roomFor(limit - othersNet, request), closing) : closing
    },
    why(request) {
      const { unit, othersNet, sign } = request
      if (!(unit > 0)) return noPrice(request)
      const value = sign * (othersNet + worthWith(request))
      return {
        reason: `${what(request)} would bring the net exposure to ${roughly(value)}; it may be ${limit} either way.`,
        numbers: { value, limit },
      }
    },
  }
}

/**
 * A limit that pays at most so much more than the last price, or sells for so much less. Against the last price, or for
 * a stop-limit order against its stop price. Limits that wait for a better price pass, and so do orders without one.
 */
function priceBand(fraction: number): Rule {
  const from = ({ order, lastPrice }: Request) =>
    order.type === OrderType.STOP_LIMIT ? order.stopPrice : lastPrice
  return {
    name: 'priceBand',
    code: RefusalCode.PRICE_BAND,
    most(request) {
      const { order, sign } = request
      if (order.type !== OrderType.LIMIT && order.type !== OrderType.STOP_LIMIT) return all
      // Compared with a hair's breadth, so that 1 % above 100 is 101 also in binary.
      const bound = from(request) * (1 + sign * (fraction + 1e-12))
      return sign * order.price <= sign * bound ? all : refused
    },
    why(request) {
      const { order, sign } = request
      const last = from(request)
      if (Number.isNaN(last)) return noPrice(request)
      return {
        reason: `A limit of ${order.price} is ${percent(Math.abs(order.price / last - 1))} worse than ${roughly(last)}; ${percent(fraction)} are allowed.`,
        numbers: { price: order.price, last, bound: last * (1 + sign * fraction) },
      }
    },
  }
}

/** Times of the newest events, as many as a rate counts up to: the oldest of them says whether one more is too many. */
class Recent {
  readonly #most: number
  readonly #window: number
  #times = new Float64Array(16).fill(-Infinity)
  #next = 0
  #count = 0

  constructor({ most, seconds }: { readonly most: number; readonly seconds: number }) {
    this.#most = most
    this.#window = seconds * 1e6
  }

  isFull(time: number): boolean {
    if (this.#most === 0) return true
    if (this.#count < this.#most) return false
    const oldest = this.#times[this.#next % this.#most]!
    return oldest > time - this.#window
  }

  add(time: number): void {
    if (this.#most === 0) return
    if (this.#count < this.#most && this.#count === this.#times.length) {
      const larger = new Float64Array(Math.min(this.#most, 2 * this.#times.length))
      larger.set(this.#times)
      this.#times = larger
    }
    this.#times[this.#next] = time
    this.#next = (this.#next + 1) % this.#most
    this.#count++
  }
}

/** At most so many accepted orders in any such stretch of the engine's time. */
function orderRate(rate: { readonly most: number; readonly seconds: number }): Rule {
  const recent = new Recent(rate)
  return {
    name: 'orderRate',
    code: RefusalCode.ORDER_RATE,
    most: ({ time, isChange }) => (!isChange && recent.isFull(time) ? refused : all),
    why: () => ({
      reason: `${rate.most === 1 ? '1 order was' : `${rate.most} orders were`} accepted in the last ${rate.seconds} s of the market's time, and no more ${rate.most === 1 ? 'is' : 'are'} allowed.`,
      numbers: { limit: rate.most, seconds: rate.seconds },
    }),
    accepted: ({ time }) => recent.add(time),
  }
}

/** At most so many orders, changes and cancels in any such stretch of the engine's time; cancels pass all the same. */
function messageRate(rate: { readonly most: number; readonly seconds: number }): Rule {
  const recent = new Recent(rate)
  return {
    name: 'messageRate',
    code: RefusalCode.MESSAGE_RATE,
    most: ({ time }) => (recent.isFull(time) ? refused : all),
    why: () => ({
      reason: `${rate.most} requests were made in the last ${rate.seconds} s of the market's time; only cancels are taken beyond that.`,
      numbers: { limit: rate.most, seconds: rate.seconds },
    }),
    requested: (time) => recent.add(time),
  }
}

/** No order with the instrument, side, type, volume and prices of one that was accepted so many seconds ago or less. */
function duplicates(seconds: number): Rule {
  const window = seconds * 1e6
  // Accepted orders as a ring: those that are too old make room, and it grows only when all are young.
  let orders = new Array<Order | undefined>(16).fill(undefined)
  let volumes = new Float64Array(16)
  let times = new Float64Array(16)
  let first = 0
  let count = 0
  const same = (a: Order, b: Order) =>
    a.instrument === b.instrument &&
    a.side === b.side &&
    a.type === b.type &&
    Object.is(a.price, b.price) &&
    Object.is(a.stopPrice, b.stopPrice) &&
    Object.is(trailOf(a), trailOf(b)) &&
    Object.is(a.protectionPrice, b.protectionPrice) &&
    Object.is(a.notional, b.notional) &&
    a.toLimit === b.toLimit &&
    a.reduceOnly === b.reduceOnly
  const find = ({ order, volume, time }: Request) => {
    for (let i = count - 1; i >= 0; i--) {
      const at = (first + i) % orders.length
      if (times[at]! < time - window) return -1
      // Of two for the same money the volumes go with the price.
      if ((volumes[at] === volume || order.notional > 0) && same(orders[at]!, order)) return at
    }
    return -1
  }
  return {
    name: 'duplicateSeconds',
    code: RefusalCode.DUPLICATE_ORDER,
    most: (request) => (!request.isChange && find(request) >= 0 ? refused : all),
    why(request) {
      const ago = (request.time - times[find(request)]!) / 1e6
      return {
        reason: `The same order was accepted ${roughly(ago)} s of the market's time ago; it is not taken again within ${seconds} s.`,
        numbers: { ago, seconds },
      }
    },
    accepted({ order, volume, time }) {
      while (count > 0 && times[first]! < time - window) {
        orders[first] = undefined
        first = (first + 1) % orders.length
        count--
      }
      if (count === orders.length) {
        const size = 2 * count
        const from = first
        const ring = orders
        const [oldVolumes, oldTimes] = [volumes, times]
        orders = new Array<Order | undefined>(size).fill(undefined)
        volumes = new Float64Array(size)
        times = new Float64Array(size)
        for (let i = 0; i < count; i++) {
          const at = (from + i) % ring.length
          orders[i] = ring[at]
          volumes[i] = oldVolumes[at]!
          times[i] = oldTimes[at]!
        }
        first = 0
      }
      const at = (first + count++) % orders.length
      orders[at] = order
      volumes[at] = volume
      times[at] = time
    },
  }
}

/** The worst price that an order may trade at: what it pays at most, or takes at least. */
function worst(order: Order): number {
  for (const price of [order.price, order.protectionPrice]) if (Number.isFinite(price)) return price
  return order.side === Side.BUY ? Infinity : -Infinity
}

/**
 * No order that could trade with one of the same account. One of the two has to rest for that, so a market or stop
 * order is refused while any limit order of the other side works, and a limit order where the two prices meet.
 */
function selfTrade(): Rule {
  const partner = ({ order, open }: Request): Order | undefined => {
    for (let i = 0; i < open.length; i++)
      for (let j = 0; j < open[i]!.length; j++) {
        const other = open[i]![j]!
        if (other.side === order.side || other.instrument !== order.instrument || isWaiting(other)) continue
        if (order.pair === other || other.pair === order) continue
        const mine = worst(order)
        const theirs = worst(other)
        if (!Number.isFinite(mine) && !Number.isFinite(theirs)) continue
        if (order.side === Side.BUY ? mine >= theirs : mine <= theirs) return other
      }
    return undefined
  }
  return {
    name: 'noSelfTrade',
    code: RefusalCode.SELF_TRADE,
    most: (request) => (partner(request) ? refused : all),
    why(request) {
      const other = partner(request)!
      return {
        reason: `${what(request)} could trade with order ${other.id}, which ${other.side === Side.BUY ? 'buys' : 'sells'} at ${Number.isFinite(other.price) ? other.price : 'any price'}. Cancel that one first.`,
        numbers: { order: other.id, price: other.price },
      }
    },
  }
}

/** Some instruments may only be closed. */
function restricted(names: readonly string[]): Rule {
  return {
    name: 'restricted',
    code: RefusalCode.RESTRICTED,
    most: ({ order, closing }) => (names.includes(order.instrument.name) ? closing : all),
    why: ({ order, closing }) => ({
      reason: `${order.instrument.name} is restricted: it may only be closed.`,
      numbers: { volume: order.volume, closing },
    }),
  }
}

/** Orders only during some hours of some days on the clock of a zone; what closes passes. */
function hours(limit: NonNullable<RuleSet['hours']>, timeZone: string): Rule {
  const open = new DailyHours('risk.hours', limit, timeZone)
  return {
    name: 'hours',
    code: RefusalCode.OUTSIDE_HOURS,
    most: ({ time, closing }) => (open.isOpen(time / 1000) ? all : closing),
    why({ time, volume }) {
      const { words, numbers } = open.tell(time / 1000, 'orders are taken')
      return { reason: words, numbers: { ...numbers, volume } }
    },
  }
}

/** No more is sold than is held, counting what is being sold already. */
function longOnly(): Rule {
  return {
    name: 'longOnly',
    code: RefusalCode.SHORT_NOT_ALLOWED,
    most: (request) => (request.sign > 0 ? all : roomUpTo(0, request)),
    why: (request) => ({
      reason: `${what(request)} would go short; ${roughly(Math.max(0, request.held - request.working))} can be sold.`,
      numbers: { held: request.held, working: request.working, volume: request.volume },
    }),
  }
}

/** A short position of at most what can be borrowed. */
function shortable(volumes: Readonly<Record<string, number>>): Rule {
  const available = ({ name }: Instrument) => (Object.hasOwn(volumes, name) ? volumes[name]! : 0)
  return {
    name: 'shortable',
    code: RefusalCode.SHORT_NOT_AVAILABLE,
    most: (request) => (request.sign > 0 ? all : roomUpTo(available(request.order.instrument), request)),
    why: (request) => ({
      reason: `${what(request)} needs more than the ${available(request.order.instrument)} ${request.order.instrument.name} that can be borrowed to go short.`,
      numbers: {
        held: request.held,
        working: request.working,
        volume: request.volume,
        available: available(request.order.instrument),
      },
    }),
  }
}

/** A last price that is at most so many seconds old. */
function stale(seconds: number): Rule {
  return {
    name: 'staleSeconds',
    code: RefusalCode.STALE_DATA,
    most: ({ time, priceTime }) => (time - priceTime <= seconds * 1e6 ? all : refused),
    why(request) {
      if (Number.isNaN(request.priceTime)) return noPrice(request)
      const age = (request.time - request.priceTime) / 1e6
      return {
        reason: `The last price of ${request.order.instrument.name} is ${roughly(age)} s old; it may be ${seconds} s.`,
        numbers: { age, limit: seconds },
      }
    },
  }
}

/** At most so many working orders; what closes passes. */
function openOrders(limit: number): Rule {
  return {
    name: 'maxOpenOrders',
    code: RefusalCode.TOO_MANY_ORDERS,
    most: ({ openOrders, isChange, closing }) => (isChange || openOrders < limit ? all : closing),
    why: ({ openOrders }) => ({
      reason: `${openOrders === 1 ? '1 order works' : `${openOrders} orders work`} already, and ${limit} ${limit === 1 ? 'is' : 'are'} allowed.`,
      numbers: { open: openOrders, limit },
    }),
  }
}

/** Whether an order waits for another one and does not work yet, or would wait if it were sent. */
export function isWaiting(order: Order): boolean {
  return order.status === OrderStatus.NEW ? order.after?.status === OrderStatus.OPEN : stateOf(order).waits
}

/** The rules of a set that look at requests. */
export interface Chain {
  /** Those about the request itself: asked when it is made. */
  readonly asked: readonly Rule[]
  /** Those about what it does to the account: asked when it begins to work, which is at once where it waits for nothing. */
  readonly working: readonly Rule[]
}

/** Makes the rules of a set, in the order in which they are asked: first those that only say yes or no. */
export function chainOf(rules: RuleSet, around: Surroundings): Chain {
  const rule = <Limit>(limit: Limit | undefined, make: (limit: Limit) => Rule) =>
    limit === undefined || limit === false ? [] : [make(limit)]
  return {
    asked: [
      ...rule(rules.hours, (limit) => hours(limit, rules.timeZone ?? around.timeZone)),
      ...rule(rules.staleSeconds, stale),
      ...rule(rules.messageRate, messageRate),
      ...rule(rules.orderRate, orderRate),
      ...rule(rules.duplicateSeconds, duplicates),
      ...rule(rules.priceBand, priceBand),
      ...rule(rules.maxOpenOrders, openOrders),
      ...rule(rules.maxOrderVolume, orderVolume),
      ...rule(rules.maxOrderValue, orderValue),
    ],
    working: [
      ...rule(rules.noSelfTrade, selfTrade),
      ...rule(rules.restricted, restricted),
      ...rule(rules.longOnly, longOnly),
      ...rule(rules.shortable, shortable),
      ...rule(rules.maxPosition, position),
      ...rule(rules.maxGross, grossExposure),
      ...rule(rules.maxNet, netExposure),
      ...rule(rules.maxShareOfFunds, shareOfFunds),
      ...rule(rules.maxLeverage, leverage),
      ...rule(rules.buyingPower, buyingPower),
    ],
  }
}
