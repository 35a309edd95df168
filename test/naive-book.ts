import type { BookOptions, BookOrder } from '#book'

/**
 * A book that is slow and obviously right: one array of orders, filtered and sorted whenever somebody asks who is next.
 * "Can this fill whole?" is answered by trying it on a copy. It tells the same events as the fast book, as arrays.
 */

type Where = 'lit' | 'dark' | 'stop' | 'auction'

interface Order {
  id: number
  owner: number
  /** 0 buys, 1 sells. */
  side: number
  type: string
  flag: string
  price: number
  stopPrice: number
  total: number
  open: number
  reserve: number
  display: number
  hidden: boolean
  reduceOnly: boolean
  trail: number
  trails: boolean
  notional: boolean
  /** Lots that it may still trade by notional. */
  most: number
  toLimit: boolean
  /** Its own rule of self-trade prevention; undefined where it goes by the book's. */
  selfTrade: string | undefined
  /** Id of the other of its pair, -1 for none. */
  pair: number
  where: Where
  /** Place in its queue; less is earlier. */
  place: number
  /** When it came into the book, for its owner's list. */
  entered: number
  /** When it was armed or began to wait. */
  since: number
}

interface Taker extends Order {
  bound: number
  left: number
  budget: number
  traded: boolean
  stopped: string
}

export type Told = (string | number)[]

const biggest = 2 ** 52
const selfTradeRules = ['none', 'cancel-newest', 'cancel-oldest', 'cancel-both']
const widest = 2 ** 39

export class NaiveBook {
  orders: Order[] = []
  ended = new Set<number>()
  positions = new Map<number, number>()
  phase = 0
  last = NaN
  prints: number[] = []
  counter = 0
  pending: Order[] = []
  told: Told[] = []
  killed: number[] = []
  readonly options: Required<Omit<BookOptions, 'listener' | 'events'>>

  constructor(options: BookOptions) {
    this.options = {
      profile: options.profile ?? 'exchange',
      allocation: options.allocation ?? 'price-time',
      selfTrade: options.selfTrade ?? 'none',
      reachedStop: options.reachedStop ?? 'trigger',
      ownPrints: options.ownPrints ?? 'seen',
      lowestPrice: options.lowestPrice ?? 0,
    }
  }

  copy(): NaiveBook {
    const copy = new NaiveBook(this.options)
    copy.orders = this.orders.map((order) => ({ ...order }))
    copy.ended = new Set(this.ended)
    copy.positions = new Map(this.positions)
    copy.phase = this.phase
    copy.last = this.last
    copy.counter = this.counter
    return copy
  }

  tell(...event: Told): void {
    if (this.told.push(event) > 10_000) throw new Error('no end to it')
  }

  refuse(request: string, id: number, code: string): string {
    this.tell('reject', request, id, code)
    return code
  }

  // ---- requests

  add(asked: BookOrder): string {
    const { id, owner = 0, type, notional, cap, display, trail, trailPercent } = asked
    const flag = asked.flag ?? 'NONE'
    const no = (code: string) => this.refuse('add', id, code)
    const side = asked.side === 'BUY' ? 0 : asked.side === 'SELL' ? 1 : -1
    if (side < 0 || !types.includes(type) || !flags.includes(flag)) return no('CONTRADICTORY')
    const quantity = notional ?? asked.quantity ?? NaN
    if (this.ended.has(id) || this.orders.some((order) => order.id === id)) return no('DUPLICATE_ORDER')
    if (!Number.isSafeInteger(id) || id < 0) return no('OUT_OF_RANGE')
    if (!Number.isSafeInteger(owner) || owner < 0) return no('OUT_OF_RANGE')
    if (!Number.isInteger(quantity) || quantity <= 0) return no('OFF_LOT')
    if (quantity > biggest) return no('OUT_OF_RANGE')
    const market = type === 'MARKET'
    const stop = type === 'STOP' || type === 'STOP_LIMIT'
    const limit = type === 'LIMIT' || type === 'STOP_LIMIT'
    const trails = trail !== undefined || trailPercent !== undefined
    const lasts = ['NONE', 'DAY', 'POST_ONLY'].includes(flag)
    const paired = asked.pairWith !== undefined
    const iceberg = display !== undefined
    const excluded = [
      !market && notional !== undefined,
      asked.most !== undefined && notional === undefined,
      !market && cap !== undefined,
      !market && asked.toLimit,
      !limit && flag === 'POST_ONLY',
      !limit && iceberg,
      !limit && asked.hidden,
      asked.toLimit && (notional !== undefined || cap !== undefined || !lasts),
      notional !== undefined && (asked.quantity !== undefined || asked.reduceOnly),
      notional !== undefined && this.options.lowestPrice < 0,
      notional !== undefined && (flag === 'FILL_OR_KILL' || flag === 'ALL_OR_NONE'),
      (iceberg || asked.hidden || paired) && !lasts,
      iceberg && (asked.hidden || asked.reduceOnly || paired),
      asked.reduceOnly && owner === 0,
      asked.reduceOnly && flag === 'ALL_OR_NONE',
      paired && market,
      trails && !stop,
      trail !== undefined && trailPercent !== undefined,
      trails && type === 'STOP_LIMIT' && asked.stopPrice === undefined,
      asked.selfTrade !== undefined && !selfTradeRules.includes(asked.selfTrade),
    ]
    if (excluded.some(Boolean)) return no('CONTRADICTORY')
    const priceFault = (price: number) =>
      !Number.isInteger(price)
        ? 'OFF_TICK'
        : price < this.options.lowestPrice || price >= widest
          ? 'OUT_OF_RANGE'
          : ''
    const price = limit ? (asked.price ?? NaN) : 0
    if (limit && priceFault(price)) return no(priceFault(price))
    const flaggedCap = flag === 'FILL_OR_KILL' || flag === 'IMMEDIATE_OR_CANCEL' || flag === 'ALL_OR_NONE'
    const worst = market ? (cap ?? (flaggedCap ? asked.price : undefined)) : undefined
    if (worst !== undefined && priceFault(worst)) return no(priceFault(worst))
    if (asked.most !== undefined && !(Number.isSafeInteger(asked.most) && asked.most > 0))
      return no('OFF_LOT')
    if (iceberg && !(Number.isSafeInteger(display) && display > 0)) return no('OFF_LOT')
    if (iceberg && display * 1000 < quantity) return no('OUT_OF_RANGE')
    if (trail !== undefined && !(Number.isSafeInteger(trail) && trail > 0)) return no('OFF_TICK')
    if (trailPercent !== undefined && !(trailPercent > 0 && trailPercent < 100)) return no('OUT_OF_RANGE')
    if (stop && (!trails || asked.stopPrice !== undefined) && priceFault(asked.stopPrice ?? NaN))
      return no(priceFault(asked.stopPrice ?? NaN))
    if (this.phase === 1) return no('HALTED')
    if (this.phase === 2 && !stop) {
      const waits = (flag === 'NONE' || flag === 'DAY') && !asked.toLimit
      if (!waits || notional !== undefined || cap !== undefined) return no('HALTED')
    }
    if (paired) {
      const other = this.orders.find((order) => order.id === asked.pairWith)
      if (!other) return no(this.ended.has(asked.pairWith!) ? 'ORDER_FINISHED' : 'UNKNOWN_ORDER')
      const fits =
        other.owner === owner &&
        other.pair < 0 &&
        other.display === 0 &&
        other.type !== 'MARKET' &&
        ['NONE', 'DAY', 'POST_ONLY'].includes(other.flag)
      if (!fits) return no('CONTRADICTORY')
    }
    if (asked.reduceOnly && this.reducible(owner, side) === 0) return no('NOT_REDUCING')
    const order: Order = {
      id,
      owner,
      side,
      type,
      flag,
      price,
      stopPrice: NaN,
      total: notional === undefined ? quantity : 0,
      open: quantity,
      reserve: 0,
      display: iceberg && display < quantity ? display : 0,
      hidden: asked.hidden ?? false,
      reduceOnly: asked.reduceOnly ?? false,
      trail: trail ?? -(trailPercent ?? 0),
      trails,
      notional: notional !== undefined,
      most: asked.most ?? biggest,
      toLimit: asked.toLimit ?? false,
      selfTrade: asked.selfTrade,
      pair: asked.pairWith ?? -1,
      where: 'lit',
      place: 0,
      entered: 0,
      since: 0,
    }
    if (stop) {
      order.stopPrice = asked.stopPrice ?? this.behind(order, this.last)
      if (Number.isNaN(order.stopPrice)) return no('NO_MARKET')
      if (priceFault(order.stopPrice)) return no(priceFault(order.stopPrice))
      const reached = this.phase === 0 && this.reached(side, order.stopPrice)
      if (reached && this.options.reachedStop === 'reject') return no('WOULD_TRIGGER')
      if (this.crowded(order, 'stop', order.stopPrice, quantity)) return no('OUT_OF_RANGE')
      this.settle() // nothing is outstanding; arming must not see older prints
      order.where = 'stop'
      order.place = order.entered = order.since = ++this.counter
      this.orders.push(order)
      this.tell('open', id, side, order.stopPrice, quantity, 0)
      if (order.pair >= 0) this.get(order.pair)!.pair = id
      if (reached) this.fire([order])
      this.settle()
      return ''
    }
    if (flag === 'POST_ONLY' && this.phase === 0 && this.crosses(side, price)) return no('WOULD_TRADE')
    if (limit || this.phase === 2)
      if (this.crowded(order, limit ? (order.hidden ? 'dark' : 'lit') : 'auction', price, quantity))
        return no('OUT_OF_RANGE')
    this.enter({
      ...order,
      bound: limit ? price : (worst ?? (side === 0 ? Infinity : -Infinity)),
      left: notional === undefined ? quantity : 0,
      budget: notional ?? 0,
      traded: false,
      stopped: '',
    })
    this.settle()
    return ''
  }

  crowded(order: Order, where: Where, price: number, quantity: number): boolean {
    if (quantity <= 2 ** 28) return false
    const there = this.orders.filter(
      (other) => other.side === order.side && other.where === where && keyPrice(other) === price,
    )
    return there.reduce((sum, { open, reserve }) => sum + open + reserve, quantity) > biggest
  }

  get(id: number): Order | undefined {
    return this.orders.find((order) => order.id === id)
  }

  missing(request: string, id: number): string {
    return this.refuse(request, id, this.ended.has(id) ? 'ORDER_FINISHED' : 'UNKNOWN_ORDER')
  }

  cancel(id: number): string {
    const order = this.get(id)
    if (!order) return this.missing('cancel', id)
    this.end(order, 'REQUESTED')
    this.settle()
    return ''
  }

  reduce(id: number, by: number): string {
    const order = this.get(id)
    if (!order) return this.missing('change', id)
    if (!Number.isSafeInteger(by) || by <= 0) return this.refuse('change', id, 'OFF_LOT')
    if (this.phase === 1) return this.refuse('change', id, 'HALTED')
    const left = order.open + order.reserve
    if (by > left) return this.refuse('change', id, 'OUT_OF_RANGE')
    if (by === left) this.end(order, 'AMENDED')
    else this.shrink(order, by)
    this.settle()
    return ''
  }

  change(id: number, quantity?: number, price?: number, stopPrice?: number): string {
    const order = this.get(id)
    if (!order) return this.missing('change', id)
    const no = (code: string) => this.refuse('change', id, code)
    const wanted = quantity ?? order.total
    const filled = order.total - order.open - order.reserve
    if (!Number.isSafeInteger(wanted) || wanted <= 0) return no('OFF_LOT')
    if (wanted > biggest || wanted < filled) return no('OUT_OF_RANGE')
    if (order.display > 0 && order.display * 1000 < wanted) return no('OUT_OF_RANGE')
    const stop = order.where === 'stop'
    if (price !== undefined && (order.type === 'STOP' || order.type === 'MARKET')) return no('CONTRADICTORY')
    if (stopPrice !== undefined && !stop) return no('CONTRADICTORY')
    for (const given of [price, stopPrice]) {
      if (given === undefined) continue
      if (!Number.isInteger(given)) return no('OFF_TICK')
      if (given < this.options.lowestPrice || given >= widest) return no('OUT_OF_RANGE')
    }
    if (this.phase === 1) return no('HALTED')
    if (wanted === filled) {
      this.end(order, 'AMENDED')
      this.settle()
      return ''
    }
    const newPrice = price ?? order.price
    const newStop = stopPrice ?? order.stopPrice
    const samePlace = newPrice === order.price && (!stop || newStop === order.stopPrice)
    if (wanted <= order.total && samePlace) {
      this.shrink(order, order.total - wanted)
      this.settle()
      return ''
    }
    if (this.crowded(order, order.where, stop ? newStop : newPrice, wanted - filled))
      return no('OUT_OF_RANGE')
    if (stop) {
      const reached = newStop !== order.stopPrice && this.phase === 0 && this.reached(order.side, newStop)
      if (reached && this.options.reachedStop === 'reject') return no('WOULD_TRIGGER')
      order.open = order.total = wanted
      order.price = newPrice
      order.stopPrice = newStop
      order.place = order.entered = order.since = ++this.counter
      this.tell('change', id, 'REQUESTED', newStop, wanted, 0)
      if (reached) this.fire([order])
      this.settle()
      return ''
    }
    if (order.flag === 'POST_ONLY' && this.phase === 0 && this.crosses(order.side, newPrice))
      return no('WOULD_TRADE')
    this.remove(order)
    this.ended.delete(id)
    const market = order.type === 'MARKET'
    const left = wanted - filled
    this.tell('change', id, 'REQUESTED', market ? NaN : newPrice, left, 0)
    const other = this.get(order.pair)
    if (other) other.pair = -1
    this.enter({
      ...order,
      price: newPrice,
      total: wanted,
      bound: market ? (order.side === 0 ? Infinity : -Infinity) : newPrice,
      left,
      budget: 0,
      traded: false,
      stopped: '',
    })
    this.settle()
    return ''
  }

  massCancel(owner: number): number {
    if (owner === 0) return 0
    const mine = this.orders.filter((order) => order.owner === owner).sort((a, b) => a.entered - b.entered)
    for (const order of mine) this.end(order, 'REQUESTED')
    this.settle()
    return mine.length
  }

  endDay(): number {
    const day = this.everything().filter((order) => order.flag === 'DAY')
    for (const order of day) this.end(order, 'DAY_ENDED')
    this.settle()
    return day.length
  }

  setPosition(owner: number, lots: number): void {
    if (Number.isSafeInteger(owner) && owner > 0 && Number.isSafeInteger(lots))
      this.positions.set(owner, lots)
  }

  setPhase(phase: number): void {
    this.phase = phase
    this.tell('phase', phase, NaN, 0)
  }

  // ---- order of things

  /** Every order by ladder, price and place. */
  everything(): Order[] {
    const ladder = (order: Order) =>
      ({ lit: 0, dark: 2, stop: 4, auction: 6 })[order.where] +
      (order.where === 'stop' ? order.side ^ 1 : order.side)
    const rank = (order: Order) => (ladder(order) % 2 === 0 ? -keyPrice(order) : keyPrice(order))
    return this.orders.toSorted((a, b) => ladder(a) - ladder(b) || rank(a) - rank(b) || a.place - b.place)
  }

  /** Shown levels of a side, best first, as price, lots, orders. */
  levels(side: number): number[][] {
    const levels: number[][] = []
    for (const order of this.everything()) {
      if (order.where !== 'lit' || order.side !== side) continue
      const level = levels.at(-1)
      if (level?.[0] === order.price) {
        level[1]! += order.open
        level[2]! += 1
      } else levels.push([order.price, order.open, 1])
    }
    return levels
  }

  /** Those a taker can meet, in the order it meets them. */
  makers(taker: { side: number; bound: number }): Order[] {
    const reaches = (price: number) => (taker.side === 0 ? price <= taker.bound : price >= taker.bound)
    const rank = (order: Order) => (taker.side === 0 ? order.price : -order.price)
    return this.orders
      .filter(
        (order) =>
          (order.where === 'lit' || order.where === 'dark') &&
          order.side !== taker.side &&
          reaches(order.price),
      )
      .sort(
        (a, b) =>
          rank(a) - rank(b) || Number(a.where === 'dark') - Number(b.where === 'dark') || a.place - b.place,
      )
  }

  crosses(side: number, price: number): boolean {
    return this.makers({ side, bound: price }).some(
      (maker) => maker.where === 'lit' || this.options.profile === 'aat' || maker.flag !== 'ALL_OR_NONE',
    )
  }

  best(side: number): number {
    return this.levels(side)[0]?.[0] ?? NaN
  }

  reducible(owner: number, side: number): number {
    const position = this.positions.get(owner) ?? 0
    return Math.max(0, side === 0 ? -position : position)
  }

  // ---- entering

  enter(taker: Taker): void {
    if (this.phase === 2) return this.rest(taker)
    const aat = this.options.profile === 'aat'
    const limit = taker.type === 'LIMIT'
    const whole = taker.flag === 'FILL_OR_KILL' || taker.flag === 'ALL_OR_NONE'
    const crosses = !limit || this.crosses(taker.side, taker.price)
    if (aat && !crosses && (whole || taker.flag === 'IMMEDIATE_OR_CANCEL')) return this.rest(taker)
    if (!aat && !crosses && taker.flag === 'ALL_OR_NONE') return this.rest(taker)
    if (whole && !this.fillable(taker)) return this.finish(taker, 'NOT_FILLABLE')
    this.match(taker)
    if (taker.notional) {
      if (taker.budget === 0) this.ended.add(taker.id)
      else {
        const done = taker.most === 0 ? 'MOST_TRADED' : taker.left === 0 ? 'BUDGET_SPENT' : 'NO_LIQUIDITY'
        this.finish(taker, taker.stopped || done)
      }
    } else if (taker.left === 0) this.ended.add(taker.id)
    else if (taker.stopped) this.finish(taker, taker.stopped)
    else if (taker.reduceOnly && this.reducible(taker.owner, taker.side) === 0)
      this.finish(taker, 'POSITION_CLOSED')
    else if (limit && taker.flag === 'IMMEDIATE_OR_CANCEL') this.finish(taker, 'IMMEDIATE_ONLY')
    else if (limit) this.rest(taker)
    else if (taker.toLimit && taker.traded) this.rest({ ...taker, type: 'LIMIT', toLimit: false })
    else this.finish(taker, 'NO_LIQUIDITY')
  }

  finish(taker: Taker, reason: string): void {
    this.ended.add(taker.id)
    this.tell('cancel', taker.id, reason, taker.notional ? 0 : taker.left)
  }

  /** Tries it on a copy. In the aat profile it is tried by time, and what was taken off on the way is taken off here too. */
  fillable(taker: Taker): boolean {
    const aat = this.options.profile === 'aat'
    const trial = this.copy()
    const trier = { ...taker }
    trial.match(trier, aat, aat && taker.flag === 'ALL_OR_NONE')
    for (const id of trial.killed) this.end(this.get(id)!, 'NOT_FILLABLE')
    return trier.left === 0
  }

  match(taker: Taker, byTime = false, single = false): void {
    const { profile, allocation } = this.options
    const selfTrade = taker.selfTrade ?? this.options.selfTrade
    const passed = new Set<number>()
    const shared = new Set<number>()
    let met = -1
    for (;;) {
      const maker = this.makers(taker).find((candidate) => !passed.has(candidate.id))
      if (!maker) return
      if (single && met >= 0 && met !== maker.place) return // another order, or another slice
      if (taker.notional) {
        const lots = maker.price === 0 ? biggest : exactQuotient(taker.budget, maker.price)
        taker.left = Math.min(lots, taker.most)
      }
      if (taker.left === 0 || taker.stopped) return
      if (allocation === 'pro-rata' && maker.where === 'lit' && !shared.has(maker.price)) {
        shared.add(maker.price)
        this.shareOut(taker, maker.price, byTime)
        if (taker.left === 0 || taker.stopped) return
        continue
      }
      if (maker.id === taker.pair) {
        taker.pair = -1
        this.end(maker, 'OTHER_OF_PAIR')
        continue
      }
      if (taker.owner !== 0 && maker.owner === taker.owner && selfTrade !== 'none') {
        if (selfTrade !== 'cancel-oldest') taker.stopped = 'SELF_TRADE'
        if (selfTrade !== 'cancel-newest') this.end(maker, 'SELF_TRADE')
        continue
      }
      const mustBeWhole = maker.flag === 'ALL_OR_NONE' || (profile === 'aat' && maker.flag === 'FILL_OR_KILL')
      if (mustBeWhole && maker.open > taker.left) {
        passed.add(maker.id)
        if (profile === 'aat') {
          this.killed.push(maker.id)
          this.end(maker, 'NOT_FILLABLE')
        }
        continue
      }
      let quantity = Math.min(maker.open, taker.left)
      if (maker.reduceOnly) quantity = Math.min(quantity, this.reducible(maker.owner, maker.side))
      if (quantity === 0) {
        this.end(maker, 'POSITION_CLOSED')
        continue
      }
      if (taker.reduceOnly) quantity = Math.min(quantity, this.reducible(taker.owner, taker.side))
      if (quantity === 0) {
        taker.stopped = 'POSITION_CLOSED'
        return
      }
      met = maker.place
      this.hit(taker, maker, quantity)
      if (maker.open === 0) this.used(maker)
      else if (profile === 'aat' && maker.flag === 'IMMEDIATE_OR_CANCEL') this.end(maker, 'IMMEDIATE_ONLY')
    }
  }

  /** An order whose shown part has traded: the next slice, or the end. */
  used(order: Order): void {
    if (order.reserve === 0) return this.remove(order)
    order.open = Math.min(order.display, order.reserve)
    order.reserve -= order.open
    order.place = ++this.counter
    this.tell('change', order.id, 'REPLENISHED', order.price, order.open + order.reserve, this.shown(order))
  }

  shown(order: Order): number {
    return order.where === 'lit' ? order.open : 0
  }

  hit(taker: Taker, maker: Order, quantity: number): void {
    maker.open -= quantity
    taker.left -= quantity
    if (taker.notional) {
      taker.budget -= quantity * maker.price
      taker.most -= quantity
    }
    if (!taker.traded && taker.toLimit) taker.price = taker.bound = maker.price
    taker.traded = true
    const seen = this.options.ownPrints === 'seen' || taker.owner === 0 || taker.owner !== maker.owner
    if (seen) this.print(maker.price)
    const level = this.levels(maker.side).find(([price]) => price === maker.price)
    const takerLeft = taker.notional ? taker.budget : taker.left
    const makerLeft = maker.open + maker.reserve
    const queue = maker.where === 'lit' ? level![1]! : 0
    this.tell('trade', maker.id, taker.id, taker.side, maker.price, quantity, makerLeft, takerLeft, queue)
    if (makerLeft === 0) this.tell('fill', maker.id)
    if (takerLeft === 0) this.tell('fill', taker.id)
    this.book(maker.owner, maker.side, quantity)
    this.book(taker.owner, taker.side, quantity)
    this.endPair(maker)
    this.endPair(taker)
  }

  print(price: number): void {
    this.last = price
    this.prints.push(price)
  }

  book(owner: number, side: number, quantity: number): void {
    const position = this.positions.get(owner)
    if (position !== undefined) this.positions.set(owner, position + (side === 0 ? quantity : -quantity))
  }

  /** Ends the other of a pair. */
  endPair(order: Order): void {
    const other = this.get(order.pair)
    order.pair = -1
    if (!other) return
    other.pair = -1
    this.end(other, 'OTHER_OF_PAIR')
  }

  shareOut(taker: Taker, price: number, byTime: boolean): void {
    const selfTrade = taker.selfTrade ?? this.options.selfTrade
    const level = () => this.makers(taker).filter((maker) => maker.where === 'lit' && maker.price === price)
    if (level().some((maker) => maker.id === taker.pair)) this.endPair(taker)
    const queue = level()
    if (taker.owner !== 0 && selfTrade !== 'none')
      for (const own of queue.filter(({ owner }) => owner === taker.owner)) {
        if (selfTrade !== 'cancel-oldest') taker.stopped = 'SELF_TRADE'
        if (selfTrade !== 'cancel-newest') this.end(own, 'SELF_TRADE')
        if (taker.stopped) return
      }
    if (byTime) return
    const sharing = queue.filter(
      (maker) =>
        this.get(maker.id) &&
        !maker.reduceOnly &&
        maker.pair < 0 &&
        !['FILL_OR_KILL', 'ALL_OR_NONE', 'IMMEDIATE_OR_CANCEL'].includes(maker.flag),
    )
    const sum = sharing.reduce((total, { open }) => total + BigInt(open), 0n)
    let wanted = taker.left
    if (taker.reduceOnly) wanted = Math.min(wanted, this.reducible(taker.owner, taker.side))
    if (BigInt(wanted) >= sum) return
    const parts = sharing.map(({ open }) => Number((BigInt(wanted) * BigInt(open)) / sum))
    sharing.forEach((maker, i) => {
      if (parts[i]! > 0) this.hit(taker, maker, parts[i]!)
    })
  }

  rest(taker: Taker): void {
    const { bound: _bound, left, budget: _budget, traded: _traded, stopped: _stopped, ...order } = taker
    order.where = order.type === 'MARKET' ? 'auction' : order.hidden ? 'dark' : 'lit'
    if (this.crowded(order, order.where, order.price, left)) return this.finish(taker, 'NO_ROOM')
    if (order.where === 'lit' && this.phase === 0) {
      for (const maker of this.makers({ side: order.side, bound: order.price }))
        if (maker.where === 'lit') this.withdraw(maker)
    }
    order.open = order.display > 0 ? Math.min(order.display, left) : left
    order.reserve = left - order.open
    order.place = order.entered = order.since = ++this.counter
    this.orders.push(order)
    const other = this.get(order.pair)
    if (other) other.pair = order.id
    else order.pair = -1
    this.tell(
      'open',
      order.id,
      order.side,
      order.type === 'MARKET' ? NaN : order.price,
      left,
      this.shown(order),
    )
  }

  withdraw(order: Order): void {
    if (this.options.profile === 'aat') return this.end(order, 'NOT_FILLABLE')
    order.where = 'dark'
    order.place = ++this.counter
    this.tell('change', order.id, 'WITHDRAWN', order.price, order.open, 0)
  }

  shrink(order: Order, by: number): void {
    const unseen = Math.min(by, order.reserve)
    order.total -= by
    order.reserve -= unseen
    order.open -= by - unseen
    const price = order.where === 'auction' ? NaN : keyPrice(order)
    this.tell('change', order.id, 'REQUESTED', price, order.open + order.reserve, this.shown(order))
  }

  remove(order: Order): void {
    this.orders = this.orders.filter((other) => other !== order)
    this.ended.add(order.id)
  }

  end(order: Order, reason: string): void {
    this.remove(order)
    const other = this.get(order.pair)
    if (other?.pair === order.id) other.pair = -1
    this.tell('cancel', order.id, reason, order.open + order.reserve)
  }

  // ---- stops and waiting orders

  reached(side: number, stopPrice: number): boolean {
    if (!Number.isNaN(this.last)) return side === 0 ? this.last >= stopPrice : this.last <= stopPrice
    const touch = this.best(side ^ 1)
    return side === 0 ? touch > stopPrice : touch < stopPrice
  }

  behind(order: { side: number; trail: number }, price: number): number {
    const distance =
      order.trail > 0 ? order.trail : Math.max(1, Math.floor((Math.abs(price) * -order.trail) / 100))
    return order.side === 0 ? price + distance : price - distance
  }

  settle(): void {
    if (this.phase !== 0) {
      this.prints = []
      return
    }
    for (;;) {
      if (this.prints.length > 0) this.watch()
      const stop = this.pending.shift()
      if (stop) {
        this.activate(stop)
        continue
      }
      if (!this.fillWaiting()) return
    }
  }

  /** Shows the first and the last of a run of prints to the stops. */
  watch(): void {
    const first = this.prints[0]!
    const last = this.prints.at(-1)!
    this.prints = []
    const fired: Order[] = []
    for (const price of first === last ? [first] : [first, last]) {
      const stops = this.orders.filter((order) => order.where === 'stop' && !fired.includes(order))
      for (const stop of stops)
        if (stop.side === 0 ? price >= stop.stopPrice : price <= stop.stopPrice) fired.push(stop)
      for (const stop of stops.filter((order) => order.trails && !fired.includes(order)).sort(bySince)) {
        const to = this.behind(stop, price)
        if (stop.side === 0 ? to >= stop.stopPrice : to <= stop.stopPrice) continue
        stop.price = Math.min(
          Math.max(stop.price + to - stop.stopPrice, this.options.lowestPrice),
          widest - 1,
        )
        stop.stopPrice = to
        stop.place = ++this.counter
        this.tell('change', stop.id, 'TRAILED', to, stop.open, 0)
      }
    }
    this.fire(fired.sort(bySince))
  }

  fire(stops: Order[]): void {
    for (const stop of stops) {
      if (!this.orders.includes(stop)) continue
      this.orders = this.orders.filter((order) => order !== stop)
      this.tell('trigger', stop.id, stop.stopPrice, this.last)
      this.endPair(stop)
      this.pending.push(stop)
    }
  }

  activate(stop: Order): void {
    const limit = stop.type === 'STOP_LIMIT'
    const taker: Taker = {
      ...stop,
      type: limit ? 'LIMIT' : 'MARKET',
      stopPrice: NaN,
      trails: false,
      bound: limit ? stop.price : stop.side === 0 ? Infinity : -Infinity,
      left: stop.open,
      budget: 0,
      traded: false,
      stopped: '',
    }
    if (stop.reduceOnly && this.reducible(stop.owner, stop.side) === 0) this.finish(taker, 'POSITION_CLOSED')
    else if (stop.flag === 'POST_ONLY' && this.crosses(stop.side, stop.price))
      this.finish(taker, 'WOULD_TRADE')
    else this.enter(taker)
  }

  fillWaiting(): boolean {
    if (this.options.profile === 'aat') return false
    const waiting = this.orders.filter(
      (order) => (order.where === 'lit' || order.where === 'dark') && order.flag === 'ALL_OR_NONE',
    )
    for (const order of waiting.sort(bySince)) {
      const taker: Taker = {
        ...order,
        bound: order.price,
        left: order.open,
        budget: 0,
        traded: false,
        stopped: '',
      }
      if (!this.fillable(taker)) continue
      this.remove(order)
      this.match(taker)
      return true
    }
    return false
  }

  // ---- auction

  /** Lots of a side that would trade at a price. */
  wanted(side: number, price: number): number {
    return this.orders
      .filter((order) => order.side === side && order.where !== 'stop' && takesPart(order))
      .filter(
        (order) => order.where === 'auction' || (side === 0 ? order.price >= price : order.price <= price),
      )
      .reduce((sum, { open, reserve }) => sum + open + reserve, 0)
  }

  /** Looks at every price between the limits (at those beside the limits where they are far apart) and picks the best. */
  clearing(reference: number): { price: number; volume: number } | null {
    const limits = this.orders
      .filter((order) => (order.where === 'lit' || order.where === 'dark') && takesPart(order))
      .map(({ price }) => price)
    const prices = new Set(limits.flatMap((price) => [price - 1, price, price + 1]))
    if (!Number.isNaN(reference)) prices.add(reference)
    const [low, high] = [Math.min(...limits), Math.max(...limits)]
    if (high - low < 200) for (let price = low; price <= high; price++) prices.add(price)
    const outcomes = [...prices]
      .filter((price) => price >= this.options.lowestPrice && price < widest)
      .map((price) => {
        const [bought, sold] = [this.wanted(0, price), this.wanted(1, price)]
        return { price, volume: Math.min(bought, sold), surplus: Math.abs(bought - sold) }
      })
      .filter(({ volume }) => volume > 0)
    if (outcomes.length === 0) return null
    const most = Math.max(...outcomes.map(({ volume }) => volume))
    const fullest = outcomes.filter(({ volume }) => volume === most)
    const least = Math.min(...fullest.map(({ surplus }) => surplus))
    const tied = fullest.filter(({ surplus }) => surplus === least).map(({ price }) => price)
    if (Number.isNaN(reference)) return this.clearing(Math.floor((Math.min(...tied) + Math.max(...tied)) / 2))
    tied.sort((a, b) => Math.abs(a - reference) - Math.abs(b - reference) || a - b)
    return { price: tied[0]!, volume: most }
  }

  resume(reference: number): void {
    if (this.phase === 0) return
    let now = this.clearing(reference)
    this.phase = 0
    this.tell('phase', 0, now?.price ?? NaN, now?.volume ?? 0)
    for (; now; now = this.clearing(reference)) while (this.crossAt(now.price));
    for (const side of [0, 1])
      for (const order of this.everything())
        if (order.where === 'auction' && order.side === side) this.end(order, 'AUCTION_ENDED')
    for (;;) {
      const lit = this.everything().filter((order) => order.where === 'lit')
      const [bid, ask] = [this.best(0), this.best(1)]
      if (!(bid >= ask)) break
      const apart = (side: number, price: number) =>
        lit.find((order) => order.side === side && order.price === price && !takesPart(order))
      this.withdraw((apart(0, bid) ?? apart(1, ask))!)
    }
    this.settle()
  }

  crossAt(price: number): boolean {
    const next = (side: number) =>
      this.orders
        .filter((order) => order.side === side && order.where !== 'stop' && takesPart(order))
        .filter(
          (order) => order.where === 'auction' || (side === 0 ? order.price >= price : order.price <= price),
        )
        .sort((a, b) => {
          const rank = (order: Order) =>
            order.where === 'auction' ? -Infinity : side === 0 ? -order.price : order.price
          const [x, y] = [rank(a), rank(b)]
          return x < y
            ? -1
            : x > y
              ? 1
              : Number(a.where === 'dark') - Number(b.where === 'dark') || a.place - b.place
        })[0]
    const [buy, sell] = [next(0), next(1)]
    if (!buy || !sell) return false
    if (buy.pair === sell.id) {
      this.end(sell, 'OTHER_OF_PAIR')
      return true
    }
    let quantity = Math.min(buy.open, sell.open)
    for (const order of [buy, sell]) {
      if (order.reduceOnly) quantity = Math.min(quantity, this.reducible(order.owner, order.side))
      if (quantity > 0) continue
      this.end(order, 'POSITION_CLOSED')
      return true
    }
    buy.open -= quantity
    sell.open -= quantity
    this.print(price)
    const left = (order: Order) => order.open + order.reserve
    const level = this.levels(1).find(([at]) => at === sell.price)
    const queue = sell.where === 'lit' ? level![1]! : 0
    this.tell('trade', sell.id, buy.id, 0, price, quantity, left(sell), left(buy), queue)
    for (const order of [sell, buy]) if (left(order) === 0) this.tell('fill', order.id)
    for (const order of [sell, buy]) this.book(order.owner, order.side, quantity)
    for (const order of [sell, buy]) this.endPair(order)
    for (const order of [sell, buy]) if (order.open === 0) this.used(order)
    return true
  }
}

const types = ['LIMIT', 'MARKET', 'STOP', 'STOP_LIMIT']
const flags = ['NONE', 'FILL_OR_KILL', 'ALL_OR_NONE', 'IMMEDIATE_OR_CANCEL', 'POST_ONLY', 'DAY']

const keyPrice = (order: Order) =>
  order.where === 'stop' ? order.stopPrice : order.where === 'auction' ? 0 : order.price
const bySince = (a: Order, b: Order) => a.since - b.since
const takesPart = (order: Order) =>
  !['FILL_OR_KILL', 'ALL_OR_NONE', 'IMMEDIATE_OR_CANCEL'].includes(order.flag)
const exactQuotient = (money: number, price: number) => Number(BigInt(money) / BigInt(price))
