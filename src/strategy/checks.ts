import { Instrument, InstrumentType, isOrder, Order, type OrderRequest, OrderType, Side, show } from '#market'

export { show }

/**
 * Refuses what is no instrument.
 *
 * @throws TypeError naming the method, what was given and what was expected
 */
export function checkInstrument(method: string, value: unknown): asserts value is Instrument {
  if (!(value instanceof Instrument))
    throw new TypeError(
      `${method}: the instrument is ${show(value)}; expected an instrument such as bar.instrument or one of this.instruments()${typeof value === 'string' ? `. this.lookup(${show(value)}) finds one by its name` : ''}`,
    )
}

/**
 * Refuses a filter of a query that could never match, because it is nothing of its kind.
 *
 * @throws TypeError
 */
export function checkFilter(method: string, instrument: unknown, exchange: unknown, side: unknown): void {
  if (instrument !== undefined) checkInstrument(method, instrument)
  if (exchange !== undefined && typeof exchange !== 'string')
    throw new TypeError(
      `${method}: the exchange is ${show(exchange)}; expected its tag, one of this.exchanges()`,
    )
  if (side !== undefined && side !== Side.BUY && side !== Side.SELL)
    throw new TypeError(`${method}: the side is ${show(side)}; expected Side.BUY or Side.SELL`)
}

/**
 * Refuses a number that is not whole or outside a range, its ends included.
 *
 * @throws RangeError
 */
export function checkWhole(method: string, what: string, value: unknown, least: number, most: number): void {
  if (!(typeof value === 'number' && Number.isInteger(value) && value >= least && value <= most))
    throw new RangeError(
      `${method}: ${what} is ${show(value)}; expected a whole number from ${least} to ${most}`,
    )
}

/**
 * Refuses what is no function.
 *
 * @throws TypeError
 */
export function checkCallback(method: string, value: unknown): void {
  if (typeof value !== 'function')
    throw new TypeError(
      `${method}: the callback is ${show(value)}; expected a function such as () => this.closeAll()`,
    )
}

/**
 * Refuses what is neither an order nor what one is made from; the order itself looks at the rest.
 *
 * @throws TypeError
 */
export function checkOrder(method: string, order: unknown): Order | OrderRequest {
  if (typeof order !== 'object' || order === null)
    throw new TypeError(
      `${method}: the order is ${show(order)}; expected an Order or { instrument, side, volume }`,
    )
  return order as Order | OrderRequest
}

/**
 * Refuses an entry that goes by an amount of money.
 *
 * @throws RangeError
 */
export function checkByVolume(method: string, entry: Order | OrderRequest): void {
  // A Proxy of an order has nothing of it; it is told so where it is sent.
  const notional = isOrder(entry) || !(entry instanceof Order) ? entry.notional : undefined
  if (notional !== undefined && !Number.isNaN(notional))
    throw new RangeError(
      `${method}: the entry goes by a notional of ${show(notional)}; expected a volume, which its exits are to end`,
    )
}

/**
 * Refuses what is no order that could have been sent.
 *
 * @throws TypeError
 */
export function checkSent(method: string, order: unknown): asserts order is Order {
  if (!isOrder(order))
    throw new TypeError(
      `${method}: the order is ${show(order)}; expected one such as those of this.orders(), or of an answer`,
    )
}

/**
 * Refuses what is no type of instruments.
 *
 * @throws TypeError
 */
export function checkType(method: string, type: unknown): void {
  if (type !== undefined && !(typeof type === 'string' && Object.hasOwn(InstrumentType, type)))
    throw new TypeError(
      `${method}: the type is ${show(type)}; expected one of ${Object.keys(InstrumentType).join(', ')}`,
    )
}

/**
 * Whether a value can hold named fields that mean something: no list, `Date` or `Map`, which have none of their own and
 * would be taken for an object that leaves all out, and no order, whose fields mean another thing.
 */
export function isBag(value: unknown): value is object {
  return Object.prototype.toString.call(value) === '[object Object]' && !(value instanceof Order)
}

/**
 * Refuses options that are no object.
 *
 * @throws TypeError
 */
function checkOptions(method: string, options: unknown): void {
  if (options !== undefined && !isBag(options))
    throw new TypeError(`${method}: the options are ${show(options)}; expected an object, or nothing`)
}

/**
 * Refuses a field that means nothing, such as a misspelt one.
 *
 * @param within the field whose own fields these are
 * @throws TypeError
 */
export function checkFields(method: string, object: object, known: readonly string[], within?: string): void {
  for (const name of Object.keys(object))
    if (!known.includes(name))
      throw new TypeError(
        `${method}: ${within === undefined ? 'there is no' : `${within} has a`} field ${show(name)}; expected only ${known.join(', ')}`,
      )
}

/**
 * Refuses options of an order that are not its to say.
 *
 * @throws TypeError
 */
export function checkOrderOptions(method: string, options: unknown): void {
  checkOptions(method, options)
  for (const name of ['instrument', 'side', 'volume', 'notional'])
    if (options !== undefined && name in (options as object))
      throw new TypeError(
        `${method}: the options have a field ${show(name)}; expected only what ${method} does not say itself, such as price or stopPrice. this.newOrder takes all of an order`,
      )
}

/**
 * Refuses changes of an order that it cannot have, whatever the market does.
 *
 * @throws TypeError or RangeError
 */
export function checkChanges(method: string, order: Order, changes: unknown): void {
  if (!isBag(changes))
    throw new TypeError(`${method}: the changes are ${show(changes)}; expected some such as { price: 99.5 }`)
  const fields = ['volume', 'price', 'stopPrice'] as const
  checkFields(method, changes, fields)
  const { type } = order
  const has: Readonly<Record<(typeof fields)[number], boolean>> = {
    volume: Number.isNaN(order.notional),
    price: type === OrderType.LIMIT || type === OrderType.STOP_LIMIT || Number.isFinite(order.price),
    stopPrice: type === OrderType.STOP || type === OrderType.STOP_LIMIT,
  }
  for (const name of fields) {
    const value: unknown = Reflect.get(changes, name)
    if (value !== undefined && !has[name])
      throw new RangeError(
        `${method}: ${name} is ${show(value)} on a ${type} order; expected only ${fields.filter((field) => has[field]).join(' and ') || 'a cancel'}, which it has`,
      )
  }
}
