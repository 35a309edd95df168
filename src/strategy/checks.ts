import { Instrument, InstrumentType, Order, type OrderRequest, Side } from '#market'

/** A value as a message shows it. */
export function show(value: unknown): string {
  if (typeof value === 'string') return `'${value.length > 80 ? `${value.slice(0, 79)}…` : value}'`
  if (typeof value === 'function') return 'a function'
  if (Array.isArray(value)) return `a list of ${value.length}`
  return typeof value === 'object' && value !== null ? 'an object' : String(value)
}

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
 * Refuses what is no order that could have been sent.
 *
 * @throws TypeError
 */
export function checkSent(method: string, order: unknown): void {
  if (!(order instanceof Order))
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
  if (type !== undefined && !Object.hasOwn(InstrumentType, String(type)))
    throw new TypeError(
      `${method}: the type is ${show(type)}; expected one of ${Object.keys(InstrumentType).join(', ')}`,
    )
}

/**
 * Refuses options that are no object.
 *
 * @throws TypeError
 */
export function checkOptions(method: string, options: unknown): void {
  if (options !== undefined && (typeof options !== 'object' || options === null))
    throw new TypeError(`${method}: the options are ${show(options)}; expected an object, or nothing`)
}

/**
 * Refuses a field that means nothing, such as a misspelt one.
 *
 * @throws TypeError
 */
export function checkFields(method: string, object: object, known: readonly string[]): void {
  for (const name of Object.keys(object))
    if (!known.includes(name))
      throw new TypeError(`${method}: there is no field ${show(name)}; expected only ${known.join(', ')}`)
}
