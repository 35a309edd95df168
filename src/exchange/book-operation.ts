import { OrderFlag, OrderType, Side } from '#market'

/** An operation on a book as a line of JSON gives it. */
export type Operation = Readonly<Record<string, unknown>>

/** What a field can hold: what it is called where it holds something else, and whether it does. */
interface Content {
  readonly expected: string
  holds(value: unknown): boolean
}

const isNumber = (value: unknown) => typeof value === 'number'

const flagged: Content = { expected: 'true or false', holds: (value) => typeof value === 'boolean' }
const number: Content = { expected: 'a number', holds: isNumber }
const name: Content = {
  expected: 'a number or a text',
  holds: (value) => typeof value === 'number' || typeof value === 'string',
}
const count: Content = {
  expected: 'a whole number from 0 up',
  holds: (value) => Number.isSafeInteger(value) && (value as number) >= 0,
}
/** One of several names, in any case. */
const oneOf = (names: Readonly<Record<string, unknown>>, expected: string): Content => ({
  expected,
  holds: (value) => typeof value === 'string' && Object.hasOwn(names, value.toUpperCase()),
})

/** Sides by the names that operations have for them. */
export const sides: Readonly<Record<string, Side>> = {
  BUY: Side.BUY,
  B: Side.BUY,
  BID: Side.BUY,
  SELL: Side.SELL,
  S: Side.SELL,
  ASK: Side.SELL,
}
/** Types of orders by theirs. */
export const types: Readonly<Record<string, OrderType>> = {
  ...OrderType,
  L: OrderType.LIMIT,
  M: OrderType.MARKET,
  S: OrderType.STOP,
  STOP_MARKET: OrderType.STOP,
}
/** Flags by theirs. */
export const flags: Readonly<Record<string, OrderFlag>> = {
  ...OrderFlag,
  '': OrderFlag.NONE,
  GTC: OrderFlag.NONE,
  FOK: OrderFlag.FILL_OR_KILL,
  AON: OrderFlag.ALL_OR_NONE,
  IOC: OrderFlag.IMMEDIATE_OR_CANCEL,
}

/** What a book is made of says itself what is wrong with it. */
const anything: Content = { expected: 'anything', holds: () => true }

/** The fields of every operation beside `op`; those that it cannot do without end with `!`. */
const operations: Readonly<Record<string, Readonly<Record<string, Content>>>> = {
  book: {
    symbol: name,
    tick: number,
    lot: number,
    lowestPrice: number,
    profile: anything,
    allocation: anything,
    selfTrade: anything,
    reachedStop: anything,
  },
  add: {
    'id!': name,
    owner: number,
    'side!': oneOf(sides, 'BUY or SELL'),
    type: oneOf(types, Object.values(OrderType).join(', ')),
    flag: oneOf(flags, Object.values(OrderFlag).join(', ')),
    price: number,
    stopPrice: number,
    quantity: number,
    cap: number,
    notional: number,
    toLimit: flagged,
    display: number,
    hidden: flagged,
    reduceOnly: flagged,
    trail: number,
    trailPercent: number,
    pairWith: name,
    selfTrade: anything,
  },
  cancel: { 'id!': name },
  change: { 'id!': name, quantity: number, price: number, stopPrice: number },
  levels: { n: count },
  find: { 'id!': name },
  massCancel: { 'owner!': number },
  position: { 'owner!': number, 'quantity!': number },
  endDay: {},
  halt: {},
  auction: {},
  resume: { reference: number },
}

/** Fields that any operation may have: when it was, and what its author wants to remember of it. */
const everywhere = ['op', 'time', 'note']

const show = (value: unknown) => {
  const text = JSON.stringify(value) ?? String(value)
  return text.length > 60 ? `${text.slice(0, 60)}…` : text
}

/**
 * What is wrong with an operation before a book is asked, in words that follow `Line 7`; undefined where it can be
 * carried out: a number that the book does not take is for the book to refuse. A field that nobody knows is a mistake: an order whose `price` is misspelt would be a market order. A
 * field that is null counts as left out.
 */
export function faultOf(given: Operation): string | undefined {
  const known = typeof given.op === 'string' && Object.hasOwn(operations, given.op) && operations[given.op]
  if (!known) {
    const { book: _, ...others } = operations
    const op = given.op === undefined ? 'no op' : `op ${show(given.op)}`
    return `has ${op}; expected ${Object.keys(others).join(', ')} or, first, book`
  }
  const names = Object.keys(known).map((field) => field.replace('!', ''))
  for (const field of Object.keys(given))
    if (!everywhere.includes(field) && !names.includes(field))
      return `has a field ${show(field)}; op ${given.op as string} has ${names.length > 0 ? names.join(', ') : 'none'}`
  for (const [field, { expected, holds }] of Object.entries(known)) {
    const value = given[field.replace('!', '')]
    if (value === undefined || value === null) {
      if (field.endsWith('!')) return `has no ${field.slice(0, -1)}; expected ${expected}`
    } else if (!holds(value)) return `has ${field.replace('!', '')} ${show(value)}; expected ${expected}`
  }
  return undefined
}
