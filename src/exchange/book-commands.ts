import {
  BUY,
  CancelReason,
  ChangeReason,
  contradictionOf,
  OrderBook,
  Phase,
  Refused,
  Request,
  refusalCodes,
  type BookListener,
  type BookOptions,
  type BookOrder,
  type Contradiction,
  type Level,
  type OrderView,
  type SelfTradeRule,
} from '#book'
import { OrderType, Side, Steps } from '#market'
import { faultOf, flags, type Operation, sides, types } from './book-operation.ts'
import { longestLine } from './lobster-message.ts'

/**
 * A book that speaks JSON lines: one operation an object, answered by one event a line. Prices and quantities are decimals in the steps of `tick` and
 * `lot`, ids are numbers or strings and come back as given. Operations:
 *
 *     {"op":"book","tick":0.01,"lot":1,"profile":"exchange","allocation":"price-time","selfTrade":"none","reachedStop":"trigger","lowestPrice":0}   first line, optional
 *     {"op":"add","id":1,"side":"BUY","type":"LIMIT","price":10.5,"quantity":3,"flag":"NONE", …}   fields of BookOrder; type and flag may be left out
 *     {"op":"cancel","id":1}   {"op":"change","id":1,"quantity":2,"price":10.4}   {"op":"massCancel","owner":7}   {"op":"position","owner":7,"quantity":-3}
 *     {"op":"levels","n":5}    {"op":"find","id":1}   {"op":"endDay"}   {"op":"halt"}   {"op":"auction"}   {"op":"resume","reference":10.4}
 *
 * Any of them may have a `time` and a `note`, which the book does not look at; a field that the operation does not have is an error (`faultOf`).
 *
 * The quantity of a change counts what has traded already. Events: OPEN, TRADE, FILL, CHANGE, CANCEL, REJECT (with the code, and the numbers or the rule that decided),
 * TRIGGERED and PHASE with `sequence`, in the order they happen; LEVELS and FOUND answer questions; ERROR answers a line that is no operation.
 */
export class BookCommands {
  #book: OrderBook | undefined
  #tick = new Steps(0.0001)
  #lot = new Steps(0.0001)
  readonly #numbers = new Map<string | number, number>()
  readonly #names = new Map<number, string | number>()
  readonly #other: BookListener | undefined
  #out: string[] = []
  #line = 0
  #lowest = 0
  /** The operation that is being carried out, */
  #given: Operation = {}
  /** and the order that it adds. */
  #asked: BookOrder | undefined

  /** @param listener hears the events as numbers, in steps of `tick` and `lot`, instead of their being written */
  constructor(listener?: BookListener) {
    this.#other = listener
  }

  /** Step of the prices. */
  get tick(): number {
    return this.#tick.size
  }
  /** Step of the quantities. */
  get lot(): number {
    return this.#lot.size
  }

  /** Carries out one line. Gives the lines to write, none of them ended. */
  run(line: string): string[] {
    this.#out = []
    this.#line++
    if (line.length > longestLine) {
      this.#fail(`has more than ${longestLine.toLocaleString('en-US')} letters; no operation is as long`)
      return this.#out
    }
    if (line.trim() === '') return []
    let given: unknown
    try {
      given = JSON.parse(line)
    } catch (error) {
      this.#fail(`is no JSON: ${error instanceof Error ? error.message : String(error)}`)
      return this.#out
    }
    if (typeof given !== 'object' || given === null || Array.isArray(given)) this.#fail('is no object')
    else {
      const fault = faultOf(given as Operation)
      if (fault !== undefined) this.#fail(fault)
      else this.#carryOut(given as Operation)
    }
    return this.#out
  }

  /** The book now, as a LEVELS event. */
  levels(most = Infinity): string {
    const { bids, asks } = (this.#book ??= this.#make({})).levels(most)
    const pair = ({ price, quantity }: Level) => [this.#price(price), this.#quantity(quantity)]
    return JSON.stringify({ event: 'LEVELS', bids: bids.map(pair), asks: asks.map(pair) })
  }

  #carryOut(given: Operation): void {
    this.#given = given
    this.#asked = undefined
    if (given.op === 'book') return this.#open(given)
    const book = (this.#book ??= this.#make({}))
    switch (given.op) {
      case 'add':
        book.add((this.#asked = this.#order(given)))
        break
      case 'cancel':
        book.cancel(this.#number(given.id))
        break
      case 'change':
        book.change(
          this.#number(given.id),
          this.#lots(given.quantity),
          this.#ticks(given.price),
          this.#ticks(given.stopPrice),
        )
        break
      case 'levels':
        this.#out.push(this.levels(typeof given.n === 'number' ? given.n : Infinity))
        break
      case 'find': {
        const found = book.find(this.#number(given.id))
        this.#say({ event: 'FOUND', order: found && this.#view(found) })
        break
      }
      case 'massCancel':
        book.massCancel(number(given.owner))
        break
      case 'position':
        book.setPosition(number(given.owner), this.#lots(given.quantity) ?? NaN)
        break
      case 'endDay':
        book.endDay()
        break
      case 'halt':
        book.halt()
        break
      case 'auction':
        book.callAuction()
        break
      case 'resume':
        book.resume(this.#ticks(given.reference))
        break
    }
  }

  #open(given: Operation): void {
    if (this.#book) return this.#fail('comes too late: op book must be the first')
    const before = [this.#tick, this.#lot, this.#lowest] as const
    try {
      const { op: _, tick, lot, lowestPrice, ...options } = given
      if (!absent(tick)) this.#tick = stepsOf('tick', tick)
      if (!absent(lot)) this.#lot = stepsOf('lot', lot)
      this.#lowest = this.#ticks(lowestPrice) ?? 0
      this.#book = this.#make({ ...options, lowestPrice: this.#lowest })
    } catch (error) {
      ;[this.#tick, this.#lot, this.#lowest] = before
      this.#fail(`cannot make this book: ${error instanceof Error ? error.message : String(error)}`)
    }
  }

  #make(options: BookOptions): OrderBook {
    return new OrderBook({ ...options, events: 'all', listener: this.#other ?? this.#listener() })
  }

  #order(given: Operation): BookOrder {
    const price = this.#ticks(given.price)
    const stopPrice = this.#ticks(given.stopPrice)
    const stops = stopPrice !== undefined || !absent(given.trail) || !absent(given.trailPercent)
    const type = absent(given.type)
      ? stops
        ? price === undefined
          ? OrderType.STOP
          : OrderType.STOP_LIMIT
        : price === undefined
          ? OrderType.MARKET
          : OrderType.LIMIT
      : named(types, given.type)
    const money = (value: unknown) => {
      const steps = number(value) / this.#tick.size / this.#lot.size
      return Math.floor(steps * (1 + 1e-12))
    }
    return {
      id: this.#number(given.id),
      owner: absent(given.owner) ? undefined : number(given.owner),
      side: named(sides, given.side),
      type,
      flag: named(flags, given.flag ?? 'NONE'),
      quantity: this.#lots(given.quantity),
      price,
      stopPrice,
      cap: this.#ticks(given.cap),
      notional: absent(given.notional) ? undefined : money(given.notional),
      toLimit: given.toLimit === true,
      display: this.#lots(given.display),
      hidden: given.hidden === true,
      reduceOnly: given.reduceOnly === true,
      trail: this.#ticks(given.trail),
      trailPercent: absent(given.trailPercent) ? undefined : number(given.trailPercent),
      pairWith: absent(given.pairWith) ? undefined : this.#number(given.pairWith),
      selfTrade: absent(given.selfTrade) ? undefined : (given.selfTrade as SelfTradeRule),
    }
  }

  /** The book's number of an id; numbers stand for themselves, names and numbers among theirs are counted from 2^52 down. */
  #number(id: unknown): number {
    if (typeof id === 'number' && !(id >= lastName && Number.isSafeInteger(id))) return id
    const name = id as string | number
    const known = this.#numbers.get(name)
    if (known !== undefined) return known
    const number = 2 ** 52 - this.#numbers.size
    this.#numbers.set(name, number)
    this.#names.set(number, name)
    return number
  }

  #name(id: number): string | number {
    return this.#names.get(id) ?? id
  }

  #ticks(value: unknown): number | undefined {
    return absent(value) ? undefined : this.#tick.count(number(value))
  }
  #lots(value: unknown): number | undefined {
    return absent(value) ? undefined : this.#lot.count(number(value))
  }
  #price(ticks: number): number | null {
    return Number.isNaN(ticks) ? null : this.#tick.value(ticks)
  }
  #quantity(lots: number): number {
    return this.#lot.value(lots)
  }

  #view(order: OrderView) {
    return {
      ...order,
      id: this.#name(order.id),
      price: order.price === null ? null : this.#price(order.price),
      stopPrice: order.stopPrice === null ? null : this.#price(order.stopPrice),
      quantity: this.#quantity(order.quantity),
      filled: this.#quantity(order.filled),
      open: this.#quantity(order.open),
      shown: this.#quantity(order.shown),
    }
  }

  /** What decided a refusal: the numbers, in the units of the operation that was refused, and the rule where they do not show it. */
  #decided(request: Request, id: number, code: Refused, found: number, bound: number): Decided {
    // What a stop comes to when it triggers is not what this operation asked for.
    const asked = this.#asked?.id === id ? this.#asked : undefined
    if (code === Refused.CONTRADICTORY) return this.#contradiction(request, id, asked)
    if (Number.isNaN(found) && asked) {
      const lacking =
        code === Refused.OFF_LOT && asked.quantity === undefined && asked.notional === undefined
          ? 'quantity'
          : code !== Refused.OFF_TICK
            ? undefined
            : limits(asked) && asked.price === undefined
              ? 'price'
              : stops(asked) && asked.stopPrice === undefined
                ? 'stopPrice'
                : undefined
      if (lacking) return { reason: `the order has no ${lacking}` }
    }
    if (asked?.notional !== undefined && code === Refused.OFF_LOT)
      return { numbers: { notional: numberOrText(this.#given.notional) } }
    if (code === Refused.WOULD_TRADE && !Number.isNaN(bound))
      return { numbers: { price: this.#price(found), best: this.#price(bound) } }
    if (code === Refused.WOULD_TRIGGER)
      return { numbers: { stopPrice: this.#price(found), last: this.#price(bound) } }
    if (code === Refused.NOT_REDUCING)
      return Number.isNaN(found)
        ? { reason: `the position of owner ${asked?.owner ?? 0} is not known; op position tells it` }
        : { numbers: { position: this.#quantity(found) } }
    if (code === Refused.HALTED)
      return {
        reason:
          this.#book!.phase === Phase.HALTED
            ? 'trading is halted: nothing but cancels is taken until op resume'
            : 'an auction collects: it takes LIMIT and MARKET orders that can wait for op resume, and stops',
      }
    if (code === Refused.TOO_MANY_ORDERS) return { numbers: { orders: found, most: bound } }
    // What is no whole number of steps is NaN in the book: the caller's own number says more.
    const field = Object.keys(fields).find(
      (name) => this.#given[name] !== undefined && Object.is(this.#inSteps(name), found),
    )
    const named = code === Refused.OFF_LOT || code === Refused.OFF_TICK || code === Refused.OUT_OF_RANGE
    if (field === undefined || !named) return {}
    const unit = fields[field]
    const limit = unit === 'ticks' ? this.#price(bound) : unit === 'lots' ? this.#quantity(bound) : bound
    // Numbers that are no prices or volumes have an upper bound only; what is below zero or no whole number has no other.
    const known =
      Number.isNaN(bound) || (unit === 'itself' && !(found > bound))
        ? {}
        : { [found < bound ? 'least' : 'most']: limit }
    return { numbers: { [field]: numberOrText(this.#given[field]), ...known } }
  }

  /** Which terms exclude one another, with what they were, and why. */
  #contradiction(request: Request, id: number, asked: BookOrder | undefined): Decided {
    const given = this.#given
    if (request === Request.CHANGE && given.op === 'change') {
      const { type } = this.#book!.find(id)!
      const field = absent(given.stopPrice) || type === OrderType.STOP ? 'price' : 'stopPrice'
      return {
        numbers: { [field]: numberOrText(given[field]), type },
        reason: `a ${type} order has no ${field} to change`,
      }
    }
    if (!asked) return {}
    const { terms, rule } = contradictionOf(asked, this.#lowest) ?? notToPair
    const values = terms.map((term) => given[term] ?? asked[term] ?? null)
    return {
      numbers: Object.fromEntries(
        values.map((value, at) => [
          terms[at]!,
          typeof value === 'number' ? numberOrText(value) : (value as string | boolean | null),
        ]),
      ),
      reason: rule,
    }
  }

  #inSteps(field: string): number | undefined {
    const value = this.#given[field]
    return fields[field] === 'ticks'
      ? this.#ticks(value)
      : fields[field] === 'lots'
        ? this.#lots(value)
        : number(value)
  }

  #say(event: object): void {
    this.#out.push(JSON.stringify(event))
  }

  #fail(what: string): void {
    this.#say({ event: 'ERROR', line: this.#line, message: `Line ${this.#line} ${what}` })
  }

  #listener(): BookListener {
    const side = (of: number) => (of === BUY ? Side.BUY : Side.SELL)
    return {
      open: (sequence, id, of, price, quantity, shown) =>
        this.#say({
          event: 'OPEN',
          sequence,
          id: this.#name(id),
          side: side(of),
          price: this.#price(price),
          quantity: this.#quantity(quantity),
          shown: this.#quantity(shown),
        }),
      trade: (sequence, maker, taker, takerSide, price, quantity, makerLeft, takerLeft, queueLeft) =>
        this.#say({
          event: 'TRADE',
          sequence,
          maker: this.#name(maker),
          taker: this.#name(taker),
          takerSide: side(takerSide),
          price: this.#price(price),
          quantity: this.#quantity(quantity),
          makerLeft: this.#quantity(makerLeft),
          takerLeft: this.#quantity(takerLeft),
          queueLeft: this.#quantity(queueLeft),
        }),
      fill: (sequence, id) => this.#say({ event: 'FILL', sequence, id: this.#name(id) }),
      change: (sequence, id, reason, price, quantity, shown) =>
        this.#say({
          event: 'CHANGE',
          sequence,
          id: this.#name(id),
          reason: nameOf(ChangeReason, reason),
          price: this.#price(price),
          quantity: this.#quantity(quantity),
          shown: this.#quantity(shown),
        }),
      cancel: (sequence, id, reason, quantity) =>
        this.#say({
          event: 'CANCEL',
          sequence,
          id: this.#name(id),
          reason: nameOf(CancelReason, reason),
          quantity: this.#quantity(quantity),
        }),
      reject: (sequence, request, id, code, found, bound) =>
        this.#say({
          event: 'REJECT',
          sequence,
          request: nameOf(Request, request),
          id: this.#name(id),
          code: refusalCodes[code],
          ...this.#decided(request, id, code, found, bound),
        }),
      trigger: (sequence, id, stopPrice, last) =>
        this.#say({
          event: 'TRIGGERED',
          sequence,
          id: this.#name(id),
          stopPrice: this.#price(stopPrice),
          last: this.#price(last),
        }),
      phase: (sequence, phase, price, quantity) =>
        this.#say({
          event: 'PHASE',
          sequence,
          phase: nameOf(Phase, phase),
          price: this.#price(price),
          quantity: this.#quantity(quantity),
        }),
    }
  }
}

/** From here up the book's numbers stand for names, and for numbers as large. */
const lastName = 2 ** 51

function stepsOf(field: string, value: unknown): Steps {
  try {
    return new Steps(number(value))
  } catch {
    throw new RangeError(`${field} is ${String(value)}; expected a decimal above zero with at most 15 places`)
  }
}

/** What is told of a refusal beside its code. */
interface Decided {
  readonly numbers?: Readonly<Record<string, number | string | boolean | null>>
  readonly reason?: string
}

const notToPair: Contradiction = {
  terms: ['pairWith'],
  rule: 'the other order of a pair has the same owner, rests whole, and is in no pair yet',
}

/** What of an operation the book may find fault with, and what it counts it in. */
const fields: Record<string, 'ticks' | 'lots' | 'itself'> = {
  quantity: 'lots',
  price: 'ticks',
  stopPrice: 'ticks',
  cap: 'ticks',
  trail: 'ticks',
  trailPercent: 'itself',
  display: 'lots',
  id: 'itself',
  owner: 'itself',
}

/** The meaning of a name that is known to have one. */
const named = <Meaning>(meanings: Readonly<Record<string, Meaning>>, name: unknown) =>
  meanings[(name as string).toUpperCase()]!

const absent = (value: unknown) => value === undefined || value === null
const number = (value: unknown) => (typeof value === 'number' ? value : NaN)
/** A number as it was given; one that JSON cannot write, as a text. */
const numberOrText = (value: unknown) => (Number.isFinite(value) ? (value as number) : String(value))
const stops = ({ type }: BookOrder) => type === OrderType.STOP || type === OrderType.STOP_LIMIT
const limits = ({ type }: BookOrder) => type === OrderType.LIMIT || type === OrderType.STOP_LIMIT
const nameOf = (table: Record<string, number>, value: number) =>
  Object.keys(table).find((key) => table[key] === value)
