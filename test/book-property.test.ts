import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  CancelReason,
  ChangeReason,
  OrderBook,
  Refused,
  type BookListener,
  type BookOptions,
  type BookOrder,
} from '#book'
import { OrderFlag, OrderType, Side } from '#market'
import { NaiveBook, type Told } from './naive-book.ts'

const names = (table: Record<string, number>) => Object.keys(table)
const cancelNames = names(CancelReason)
const changeNames = names(ChangeReason)
const refusedNames = names(Refused)
const requestNames = ['add', 'cancel', 'change']

/** Writes the fast book's events the way the naive book tells them, and keeps the ladder that they alone describe. */
class Scribe implements BookListener {
  told: Told[] = []
  sequence = 0
  /** Displayed lots by order: side, price, lots. */
  readonly shown = new Map<number, [number, number, number]>()
  readonly ended = new Set<number>()

  #tell(sequence: number, ...event: Told): void {
    if (sequence !== ++this.sequence) throw new Error(`event ${sequence} follows ${this.sequence - 1}`)
    if (this.told.push(event) > 10_000) throw new Error('no end to it')
  }
  #end(id: number): void {
    if (this.ended.has(id)) throw new Error(`order ${id} ended twice`)
    this.ended.add(id)
    this.shown.delete(id)
  }
  #traded(id: number, quantity: number): void {
    const entry = this.shown.get(id)
    if (entry) entry[2] -= quantity
  }
  open(sequence: number, id: number, side: number, price: number, quantity: number, shown: number): void {
    this.#tell(sequence, 'open', id, side, price, quantity, shown)
    if (shown > 0) this.shown.set(id, [side, price, shown])
  }
  trade(sequence: number, maker: number, taker: number, ...rest: number[]): void {
    this.#tell(sequence, 'trade', maker, taker, ...rest)
    this.#traded(maker, rest[2]!)
    this.#traded(taker, rest[2]!)
  }
  fill(sequence: number, id: number): void {
    this.#tell(sequence, 'fill', id)
    this.#end(id)
  }
  change(sequence: number, id: number, reason: number, price: number, quantity: number, shown: number): void {
    this.#tell(sequence, 'change', id, changeNames[reason]!, price, quantity, shown)
    const side = this.shown.get(id)?.[0]
    if (side === undefined) return
    if (shown > 0) this.shown.set(id, [side, price, shown])
    else this.shown.delete(id)
  }
  cancel(sequence: number, id: number, reason: number, quantity: number): void {
    this.#tell(sequence, 'cancel', id, cancelNames[reason]!, quantity)
    this.#end(id)
  }
  reject(sequence: number, request: number, id: number, code: number): void {
    this.#tell(sequence, 'reject', requestNames[request]!, id, refusedNames[code]!)
  }
  trigger(sequence: number, id: number, stopPrice: number, last: number): void {
    this.#tell(sequence, 'trigger', id, stopPrice, last)
  }
  phase(sequence: number, phase: number, price: number, quantity: number): void {
    this.#tell(sequence, 'phase', phase, price, quantity)
  }

  /** The displayed levels of a side as the events tell them. */
  levels(side: number): number[][] {
    const levels = new Map<number, number[]>()
    for (const [of, price, lots] of this.shown.values()) {
      if (of !== side) continue
      const level = levels.get(price) ?? [price, 0, 0]
      levels.set(price, level)
      level[1]! += lots
      level[2]! += 1
    }
    return [...levels.values()].sort((a, b) => (side === 0 ? b[0]! - a[0]! : a[0]! - b[0]!))
  }
}

type Operation =
  | { do: 'add'; order: Omit<BookOrder, 'id' | 'pairWith'>; pairWith?: number; again?: number }
  | { do: 'limit'; side: number; price: number; quantity: number; owner: number }
  | { do: 'market'; side: number; quantity: number; owner: number }
  | { do: 'cancel'; which: number }
  | { do: 'reduce'; which: number; by: number }
  | { do: 'change'; which: number; quantity?: number; price?: number; stopPrice?: number }
  | { do: 'massCancel'; owner: number }
  | { do: 'position'; owner: number; lots: number }
  | { do: 'phase'; phase: number; reference: number | null }
  | { do: 'endDay' }
  | { do: 'clone' }

const side = fc.constantFrom(Side.BUY, Side.SELL)
const sideNumber = fc.constantFrom(0, 1)
const owner = fc.constantFrom(0, 0, 1, 2, 3)
const which = fc.nat(999)
const lots = fc.integer({ min: 1, max: 12 })
const wrong = fc.constantFrom(NaN, -1, 0, 0.5, Infinity, -Infinity, 2 ** 39, 2 ** 53, 2 ** 52 + 1)
const usually = <T>(value: fc.Arbitrary<T>, rarely: fc.Arbitrary<T>, weight = 60) =>
  fc.oneof({ weight, arbitrary: value }, { weight: 1, arbitrary: rarely })
const far = fc.constantFrom(0, 5_000, 9_000, 9_001, 1_000_000, 2 ** 31, 2 ** 39 - 1)
const price = usually(usually(fc.integer({ min: 45, max: 58 }), far, 40), wrong, 150)
const quantity = usually(usually(lots, fc.constantFrom(2 ** 52, 2 ** 51, 2 ** 40), 150), wrong, 150)
const flag = fc.oneof(
  { weight: 6, arbitrary: fc.constant(OrderFlag.NONE) },
  { weight: 4, arbitrary: fc.constantFrom(...Object.values(OrderFlag)) },
)

const plain = fc.record({ side, type: fc.constant(OrderType.LIMIT), price, quantity, flag, owner })
const market = fc.record({ side, type: fc.constant(OrderType.MARKET), quantity, flag, owner })
const capped = fc.record({
  side,
  type: fc.constant(OrderType.MARKET),
  quantity: lots,
  flag,
  owner,
  price,
})
const ownRule = fc.record({
  owner: fc.constantFrom(1, 2),
  selfTrade: usually(
    fc.constantFrom('none', 'cancel-newest', 'cancel-oldest', 'cancel-both'),
    fc.constant('cancel-all' as 'none'),
  ),
})
const special = fc.oneof(
  fc.record({ display: usually(fc.integer({ min: 1, max: 4 }), wrong) }),
  fc.constant({ hidden: true }),
  fc.constant({ reduceOnly: true, owner: 1 }),
  fc.constant({ reduceOnly: true, owner: 2 }),
  ownRule,
)
const marketSpecial = fc.oneof(
  fc.record({ cap: price }),
  fc.constant({ toLimit: true }),
  fc.record({ notional: usually(fc.integer({ min: 1, max: 900 }), wrong), quantity: fc.constant(undefined) }),
  fc.constant({ reduceOnly: true, owner: 1 }),
  fc.record({ notional: fc.integer({ min: 1, max: 900 }) }),
  fc.record({
    notional: fc.integer({ min: 1, max: 900 }),
    quantity: fc.constant(undefined),
    most: usually(fc.integer({ min: 1, max: 12 }), wrong),
  }),
  fc.record({ most: fc.integer({ min: 1, max: 12 }) }),
  ownRule,
)
const calm = fc.oneof({ weight: 5, arbitrary: fc.constant(OrderFlag.NONE) }, { weight: 1, arbitrary: flag })
const stop = fc.record({
  side,
  type: fc.constantFrom(OrderType.STOP, OrderType.STOP_LIMIT),
  quantity: lots,
  stopPrice: price,
  price,
  flag: calm,
  owner,
})
const trailing = fc
  .tuple(
    stop,
    fc.oneof(
      fc.record({ trail: usually(fc.integer({ min: 1, max: 4 }), wrong) }),
      fc.record({ trailPercent: usually(fc.constantFrom(0.5, 2, 7.5), wrong) }),
    ),
    fc.boolean(),
  )
  .map(([order, trail, free]) => ({ ...order, ...trail, ...(free ? { stopPrice: undefined } : {}) }))
const order = fc.oneof(
  { weight: 12, arbitrary: plain },
  { weight: 4, arbitrary: fc.tuple(plain, calm, special).map(([a, flag, b]) => ({ ...a, flag, ...b })) },
  { weight: 2, arbitrary: market },
  { weight: 2, arbitrary: fc.tuple(plain, ownRule).map(([a, b]) => ({ ...a, ...b })) },
  { weight: 1, arbitrary: capped },
  {
    weight: 2,
    arbitrary: fc.tuple(market, calm, marketSpecial).map(([a, flag, b]) => ({ ...a, flag, ...b })),
  },
  { weight: 3, arbitrary: stop },
  { weight: 1, arbitrary: fc.tuple(stop, special).map(([a, b]) => ({ ...a, ...b })) },
  { weight: 2, arbitrary: trailing },
  // Whatever terms together, sensible or not.
  {
    weight: 1,
    arbitrary: fc
      .tuple(stop, fc.constantFrom(...Object.values(OrderType)), flag, special, marketSpecial)
      .map(([a, type, flag, b, c]) => ({ ...a, ...b, ...c, type, flag })),
  },
)

const operation: fc.Arbitrary<Operation> = fc.oneof(
  { weight: 28, arbitrary: fc.record({ do: fc.constant('add' as const), order }) },
  {
    weight: 4,
    arbitrary: fc.record({ do: fc.constant('add' as const), order: fc.oneof(plain, stop), pairWith: which }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('add' as const), order, again: which }) },
  {
    weight: 10,
    arbitrary: fc.record({ do: fc.constant('limit' as const), side: sideNumber, price, quantity, owner }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ do: fc.constant('market' as const), side: sideNumber, quantity, owner }),
  },
  { weight: 8, arbitrary: fc.record({ do: fc.constant('cancel' as const), which }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('reduce' as const), which, by: quantity }) },
  {
    weight: 8,
    arbitrary: fc.record(
      { do: fc.constant('change' as const), which, quantity, price, stopPrice: price },
      { requiredKeys: ['do', 'which'] },
    ),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('massCancel' as const), owner }) },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('position' as const),
      owner: fc.constantFrom(1, 2),
      lots: fc.integer({ min: -15, max: 15 }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('phase' as const),
      phase: fc.constantFrom(0, 0, 0, 1, 2, 2),
      reference: fc.constantFrom(null, 50, 53, NaN),
    }),
  },
  { weight: 1, arbitrary: fc.constant({ do: 'endDay' as const }) },
  { weight: 1, arbitrary: fc.constant({ do: 'clone' as const }) },
)

const options: fc.Arbitrary<BookOptions> = fc.record({
  profile: fc.constantFrom('exchange', 'exchange', 'aat'),
  allocation: fc.constantFrom('price-time', 'price-time', 'pro-rata'),
  selfTrade: fc.constantFrom('none', 'cancel-newest', 'cancel-oldest', 'cancel-both'),
  reachedStop: fc.constantFrom('trigger', 'reject'),
  ownPrints: fc.constantFrom('seen', 'unseen'),
  lowestPrice: fc.constantFrom(0, 1, -10),
})

let operations = 0

function play(settings: BookOptions, script: readonly Operation[]): void {
  const scribe = new Scribe()
  let fast = new OrderBook({ ...settings, listener: scribe })
  const naive = new NaiveBook(settings)
  const ids: number[] = []
  let submitted = 0
  let traded = 0
  let cancelled = 0
  const spenders = new Set<number>()
  const known = (which: number) => {
    const live = naive.orders
    return which % 3 !== 0 && live.length > 0
      ? live[which % live.length]!.id
      : ids.length > 0 && which % 7 !== 0
        ? ids[which % ids.length]!
        : 1_000_000 + which
  }
  for (const step of script) {
    operations++
    scribe.told = []
    naive.told = []
    let outcome: [unknown, unknown] = [0, 0]
    const refused = (code: number) => (code === 0 ? '' : refusedNames[code]!)
    const fresh = () => {
      // Now and then an id far beyond the directly indexed ones, and beyond 32 bits.
      const id = ids.length + (ids.length % 11 === 10 ? 2 ** 30 : ids.length % 13 === 12 ? 2 ** 40 : 0)
      ids.push(id)
      return id
    }
    switch (step.do) {
      case 'add': {
        const again = step.again !== undefined
        const id = again ? known(step.again!) : fresh()
        const order = {
          ...step.order,
          id,
          ...(step.pairWith === undefined ? {} : { pairWith: known(step.pairWith) }),
        } as BookOrder
        outcome = [refused(fast.add(order)), naive.add(order)]
        if (outcome[1] === '')
          if (order.notional === undefined) submitted += order.quantity!
          else spenders.add(id)
        break
      }
      case 'limit': {
        const { price, quantity, owner } = step
        const id = fresh()
        outcome = [
          refused(fast.limit(id, step.side, price, quantity, owner)),
          naive.add({
            id,
            side: step.side === 0 ? 'BUY' : 'SELL',
            type: 'LIMIT',
            price,
            quantity,
            owner,
          }),
        ]
        if (outcome[1] === '') submitted += quantity
        break
      }
      case 'market': {
        const { quantity, owner } = step
        const id = fresh()
        outcome = [
          refused(fast.market(id, step.side, quantity, owner)),
          naive.add({ id, side: step.side === 0 ? 'BUY' : 'SELL', type: 'MARKET', quantity, owner }),
        ]
        if (outcome[1] === '') submitted += quantity
        break
      }
      case 'cancel': {
        const id = known(step.which)
        outcome = [refused(fast.cancel(id)), naive.cancel(id)]
        break
      }
      case 'reduce': {
        const id = known(step.which)
        const left = fast.open(id)
        outcome = [refused(fast.reduce(id, step.by)), naive.reduce(id, step.by)]
        if (outcome[1] === '' && step.by < left) submitted -= step.by
        break
      }
      case 'change': {
        const id = known(step.which)
        const before = naive.get(id)?.total ?? 0
        const filled = before - fast.open(id)
        const { quantity, price, stopPrice } = step
        outcome = [
          refused(fast.change(id, quantity, price, stopPrice)),
          naive.change(id, quantity, price, stopPrice),
        ]
        if (outcome[1] === '' && quantity !== undefined && quantity !== filled) submitted += quantity - before
        break
      }
      case 'massCancel':
        outcome = [fast.massCancel(step.owner), naive.massCancel(step.owner)]
        break
      case 'position':
        fast.setPosition(step.owner, step.lots)
        naive.setPosition(step.owner, step.lots)
        break
      case 'phase': {
        const reference = step.reference ?? naive.last
        if (step.phase === 0) {
          fast.resume(step.reference ?? undefined)
          naive.resume(reference)
        } else {
          if (step.phase === 1) fast.halt()
          else fast.callAuction()
          naive.setPhase(step.phase)
        }
        break
      }
      case 'endDay':
        outcome = [fast.endDay(), naive.endDay()]
        break
      case 'clone':
        fast = new OrderBook({ ...settings, listener: scribe }, structuredClone(fast.snapshot()))
    }
    agree(outcome[0], outcome[1], 'answer')
    agree(scribe.told, naive.told, 'events')

    const rows = [...fast.everything()].map((o) => [
      o.id,
      o.owner,
      o.type,
      o.flag,
      o.price,
      o.stopPrice,
      o.quantity,
      o.open,
      o.shown,
    ])
    const expected = naive
      .everything()
      .map((o) => [
        o.id,
        o.owner,
        o.type,
        o.flag,
        o.type === 'STOP' || o.type === 'MARKET' ? null : o.price,
        o.where === 'stop' ? o.stopPrice : null,
        o.total,
        o.open + o.reserve,
        o.where === 'lit' ? o.open : 0,
      ])
    agree(rows, expected, 'orders')
    agree([fast.last ?? NaN, fast.phase], [naive.last, naive.phase], 'state')
    agree(
      [fast.position(1), fast.position(2)],
      [naive.positions.get(1) ?? null, naive.positions.get(2) ?? null],
      'positions',
    )

    // The invariants of OB-47, which hold whatever the rules.
    const { bids, asks } = fast.levels()
    const flat = (levels: typeof bids) => levels.map((level) => [level.price, level.quantity, level.orders])
    agree(flat(bids), naive.levels(0), 'bids')
    agree(flat(asks), naive.levels(1), 'asks')
    agree(scribe.levels(0), flat(bids), 'bids told')
    agree(scribe.levels(1), flat(asks), 'asks told')
    for (const level of [...bids, ...asks]) if (!(level.quantity > 0)) throw new Error('an empty level')
    const spread = fast.spread()
    if (fast.phase === 0 && spread !== null && spread <= 0) throw new Error(`the spread is ${spread}`)
    for (const event of naive.told)
      if (event[0] === 'trade') {
        traded += event[5] as number
        if (spenders.has(event[2] as number)) submitted += event[5] as number
      } else if (event[0] === 'cancel') cancelled += event[3] as number
    // Each trade fills its quantity twice. Sums beyond the safe integers are not compared.
    const resting = rows.reduce((sum, row) => sum + (row[7] as number), 0)
    if (submitted < 2 ** 52 && submitted !== 2 * traded + cancelled + resting)
      throw new Error(`submitted ${submitted}, traded ${traded}, cancelled ${cancelled}, resting ${resting}`)
  }
}

const agree = (ours: unknown, theirs: unknown, what: string) => {
  if (!alike(ours, theirs)) expect(ours, what).toEqual(theirs)
}

function alike(a: unknown, b: unknown): boolean {
  if (Array.isArray(a) && Array.isArray(b)) return a.length === b.length && a.every((x, i) => alike(x, b[i]))
  return Object.is(a, b)
}

test(
  'the fast book and the obviously right one agree on every answer, event and order, and its invariants hold after each (OB-47)',
  { timeout: 300_000 },
  () => {
    const scale = Number(process.env.BOOK_RUNS ?? 1)
    fc.assert(
      fc.property(
        options,
        fc.array(operation, { minLength: 0, maxLength: Number(process.env.BOOK_LENGTH ?? 330), size: 'max' }),
        (settings, script) => play(settings, script),
      ),
      {
        numRuns: Math.round(1400 * scale),
        seed: process.env.BOOK_SEED ? Number(process.env.BOOK_SEED) : 20_261_120,
      },
    )
    console.log(`${operations} operations compared`)
  },
)
