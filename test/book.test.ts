import { describe, expect, test } from 'vitest'
import { BUY, OrderBook, Phase, Refused, SELL, mostLots, refusalCodes } from '#book'
import { OrderFlag, OrderType, RefusalCode, Side } from '#market'
import { DrawnMarket, draw } from './ladder.ts'

const { FILL_OR_KILL, ALL_OR_NONE, IMMEDIATE_OR_CANCEL, POST_ONLY, DAY } = OrderFlag

/** Ten bids of one lot at 5.0 … 0.5 and nine asks at 5.5 … 9.5. */
const steps = `
        | 9.5 | a9.5:1
        | 9   | a9.0:1
        | 8.5 | a8.5:1
        | 8   | a8.0:1
        | 7.5 | a7.5:1
        | 7   | a7.0:1
        | 6.5 | a6.5:1
        | 6   | a6.0:1
        | 5.5 | a5.5:1
 b5.0:1 | 5   |
 b4.5:1 | 4.5 |
 b4.0:1 | 4   |
 b3.5:1 | 3.5 |
 b3.0:1 | 3   |
 b2.5:1 | 2.5 |
 b2.0:1 | 2   |
 b1.5:1 | 1.5 |
 b1.0:1 | 1   |
 b0.5:1 | 0.5 |
`
const upTo = (...prices: string[]) =>
  steps
    .split('\n')
    .filter((line) => !prices.some((price) => line.includes(price)))
    .join('\n')

describe('an empty book', () => {
  test('has no best bid, no best ask and no spread (OB-01)', () => {
    const { book } = draw('')
    expect(book.topOfBook()).toEqual({ bid: null, ask: null })
    expect(book.spread()).toBeNull()
    expect(book.level(0)).toEqual({ bid: null, ask: null })
    expect(book.bids(2)).toEqual([null, null])
    expect(book.asks(2)).toEqual([null, null])
    expect(book.last).toBeNull()
  })

  test('cancels a market order that finds nobody (OB-06)', () => {
    const market = draw('')
    market.buy('b', 1)
    market.shows('')
    market.tells('CANCEL b NO_LIQUIDITY 1')
  })
})

describe('limit and market orders', () => {
  test('rest on both sides of the spread (OB-02)', () => {
    const market = draw(steps)
    market.shows(steps)
    expect([market.side(Side.BUY)[0], market.side(Side.SELL)[0]]).toEqual([
      [5, 1],
      [5.5, 1],
    ])
  })

  test('walk through the levels and rest with what is left (OB-03)', () => {
    const market = draw(`
            | 6   | a2:1
            | 5.5 | a1:1
       b1:1 | 5   |
       b2:1 | 4.5 |
       b3:1 | 4   |`)
    market.sell('s', 5, 4.5)
    market.shows(`
            | 6   | a2:1
            | 5.5 | a1:1
            | 4.5 | s:3
       b3:1 | 4   |`)
    market.tells(`
      TRADE 1@5 b1 s
      FILL b1
      TRADE 1@4.5 b2 s
      FILL b2
      OPEN s S 3@4.5`)
    market.buy('b', 4, 5.5)
    market.shows(`
            | 6   | a2:1
       b3:1 | 4   |`)
    market.tells(`
      TRADE 3@4.5 s b
      FILL s
      TRADE 1@5.5 a1 b
      FILL a1
      FILL b`)
  })

  test('at price zero sell to every bid and rest there (OB-04)', () => {
    const market = draw(steps)
    market.sell('s', 100, 0)
    expect(market.side(Side.BUY)).toEqual([])
    expect(market.side(Side.SELL)[0]).toEqual([0, 90])
  })

  test('without a price sell to every bid and lose the rest (OB-05)', () => {
    const market = draw(steps)
    market.sell('s', 100)
    expect(market.side(Side.BUY)).toEqual([])
    expect(market.side(Side.SELL)[0]).toEqual([5.5, 1])
    expect(market.trades).toHaveLength(10)
    expect(market.heard().at(-1)).toBe('CANCEL s NO_LIQUIDITY 90')
  })

  test('trade at the price that stood there first (OB-07)', () => {
    const market = draw('b:1 | 5 |')
    market.sell('s', 1, 4)
    market.shows('')
    market.tells(`
      TRADE 1@5 b s
      FILL b
      FILL s`)
  })

  test('at one price trade in the order they came (OB-08)', () => {
    const market = draw(`
           b3:1 | 5.5 |
      b1:1 b2:1 | 5   |`)
    market.sell('s', 1.5, 5)
    market.shows('b1:0.5 b2:1 | 5 |')
    expect(market.trades).toEqual([
      [1, 5.5],
      [0.5, 5],
    ])
  })

  test('tell every trade, also when the taker comes to rest (OB-09)', () => {
    const market = draw(`
      b1:1 b2:2 | 5 |
           b3:1 | 4 |`)
    market.sell('s', 1.5, 5)
    market.tells(`
      TRADE 1@5 b1 s
      FILL b1
      TRADE 0.5@5 b2 s
      FILL s`)
    market.sell('s2', 5, 4)
    market.shows('| 4 | s2:2.5')
    market.tells(`
      TRADE 1.5@5 b2 s2
      FILL b2
      TRADE 1@4 b3 s2
      FILL b3
      OPEN s2 S 2.5@4`)
  })

  test('trade when prices are equal and rest when they are one tick apart (OB-25)', () => {
    const equal = draw('| 5 | a:1')
    equal.buy('b', 1, 5)
    equal.shows('')
    const apart = draw('| 5.0001 | a:1')
    apart.buy('b', 1, 5)
    apart.shows(`
          | 5.0001 | a:1
      b:1 | 5      |`)
    expect(apart.book.spread()).toBe(1)
  })

  test('leave no dust: lots are whole numbers (OB-29)', () => {
    const market = draw('b1:0.1 b2:0.2 | 5 |')
    market.sell('s', 0.3, 5)
    market.shows('')
    const other = draw('b1:0.91 b2:0.04 b3:0.04 | 5 |')
    other.sell('s', 0.99, 5)
    other.shows('')
    expect(other.trades).toEqual([
      [0.91, 5],
      [0.04, 5],
      [0.04, 5],
    ])
  })

  test('stay right at prices far from the market and from each other', () => {
    const book = new OrderBook()
    const far = [3, 70_000, 70_001, 9_000_000, 2 ** 33, 2 ** 39 - 1]
    far.forEach((price, i) => book.limit(i, SELL, price, i + 1))
    expect(book.levels().asks.map(({ price }) => price)).toEqual(far)
    book.cancel(2)
    book.limit(10, BUY, 2 ** 34, 12)
    expect(book.topOfBook()).toEqual({
      bid: null,
      ask: { price: 2 ** 39 - 1, quantity: 6, orders: 1 },
    })
    book.limit(11, BUY, 100, 1)
    expect(book.spread()).toBe(2 ** 39 - 101)
  })

  test('keep queues apart whose prices end in the same bits', () => {
    for (const middle of [5_000, 2 ** 32 + 5_000]) {
      const book = new OrderBook()
      book.limit(1, SELL, middle, 1)
      book.limit(2, SELL, middle, 1)
      book.cancel(1) // leaves a slot for the next
      const alike = [middle + 2 ** 12, middle + 2 ** 16, 5_000 + 2 ** 31, 5_000].filter(
        (price) => price !== middle,
      )
      alike.forEach((price, i) => book.limit(10 + i, SELL, price, 1))
      expect(book.levels().asks.map(({ price, orders }) => [price, orders])).toEqual(
        [middle, ...alike].sort((one, other) => one - other).map((price) => [price, 1]),
      )
    }
  })

  test('stay right while the market wanders far away', () => {
    const book = new OrderBook()
    for (let i = 0; i < 20_000; i++) {
      const middle = 1_000 + i * 7
      book.limit(3 * i, BUY, middle - 1, 2)
      book.limit(3 * i + 1, SELL, middle + 1, 1)
      book.market(3 * i + 2, BUY, 1)
      if (i >= 50) book.cancel(3 * (i - 50))
    }
    expect(book.size).toBe(50)
    expect(book.levels().bids.map(({ price }) => price)).toEqual(
      Array.from({ length: 50 }, (_, i) => 1_000 + (19_999 - i) * 7 - 1),
    )
  })
})

describe('fill-or-kill', () => {
  for (const type of [OrderType.MARKET, OrderType.LIMIT])
    test(`${type}: trades whole within its price or not at all (OB-10, OB-11)`, () => {
      const market = draw(steps)
      market.sell('f1', 2, 5, { type, flag: FILL_OR_KILL })
      market.shows(steps)
      market.tells('CANCEL f1 NOT_FILLABLE 2')
      market.sell('f2', 2, 4.5, { type, flag: FILL_OR_KILL })
      market.shows(upTo('b5.0', 'b4.5'))
    })

  test('trades against several orders at one price (OB-23)', () => {
    const market = draw('b1:1 b2:1 | 5 |')
    market.sell('s', 2, 5, FILL_OR_KILL)
    market.shows('')
  })

  test('walks prices up to its cap (OB-24)', () => {
    const filled = draw(steps)
    filled.buy('m', 2, 6, { type: OrderType.MARKET, flag: FILL_OR_KILL })
    filled.shows(upTo('a5.5', 'a6.0'))
    const killed = draw(steps)
    killed.buy('m', 3, 6, { type: OrderType.MARKET, flag: FILL_OR_KILL })
    killed.shows(steps)
  })

  test('that fails leaves partly filled orders as they were (OB-26, OB-27)', () => {
    const market = draw('b1:1 | 5 |')
    market.sell('s', 0.5, 5)
    market.sell('f', 2, 5, FILL_OR_KILL)
    market.sell('a', 1.5, 5, ALL_OR_NONE)
    market.shows('b1:0.5 | 5 |')
  })

  test('never rests (OB-17)', () => {
    const market = draw(steps)
    market.sell('f', 1, 5.25, FILL_OR_KILL)
    market.shows(steps)
    market.tells('CANCEL f NOT_FILLABLE 1')
  })
})

describe('all-or-none', () => {
  for (const type of [OrderType.MARKET, OrderType.LIMIT])
    test(`${type}: one that meets too little is taken back (OB-12, OB-13)`, () => {
      const market = draw(steps)
      market.sell('f1', 1.5, 5, { type, flag: ALL_OR_NONE })
      market.shows(steps)
      market.tells('CANCEL f1 NOT_FILLABLE 1.5')
      market.sell('f2', 0.5, 5, { type, flag: ALL_OR_NONE })
      expect(market.side(Side.BUY)[0]).toEqual([5, 0.5])
    })

  test('fills against several makers (OB-14)', () => {
    const market = draw('b1:1 b2:1 | 5 |')
    market.sell('s', 2, 5, ALL_OR_NONE)
    market.shows('')
  })

  test('rests where it meets nobody, and is passed over by who is too small for it (OB-17, OB-19)', () => {
    const market = draw('b2:1 | 4.5 |')
    market.buy('b1', 1, 5, ALL_OR_NONE)
    market.shows(`
      b1:1 | 5   |
      b2:1 | 4.5 |`)
    market.heard()
    market.sell('s', 0.5, 5)
    market.tells(`
      CHANGE b1 WITHDRAWN 1@5 shown 0
      OPEN s S 0.5@5`)
    market.shows(`
           | 5   | s:0.5
      b2:1 | 4.5 |`)
  })

  test('out of sight still waits and trades when enough has gathered', () => {
    const market = draw('')
    market.buy('b', 1, 5, ALL_OR_NONE)
    market.sell('s1', 0.5, 5)
    market.heard()
    market.sell('s2', 0.7, 5)
    market.shows('| 5 | s2:0.2')
    market.tells(`
      OPEN s2 S 0.7@5
      TRADE 0.5@5 s1 b
      FILL s1
      TRADE 0.5@5 s2 b
      FILL b`)
  })
})

describe('immediate-or-cancel', () => {
  for (const type of [OrderType.MARKET, OrderType.LIMIT])
    test(`${type}: trades what it can and loses the rest (OB-15, OB-16)`, () => {
      const market = draw(steps)
      market.sell('f1', 2, 5, { type, flag: IMMEDIATE_OR_CANCEL })
      market.shows(upTo('b5.0'))
      expect(market.heard()[0]).toBe('TRADE 1@5 b5.0 f1')
      market.sell('f2', 2, 4, { type, flag: IMMEDIATE_OR_CANCEL })
      market.shows(upTo('b5.0', 'b4.5', 'b4.0'))
      expect(market.trades).toEqual([
        [1, 5],
        [1, 4.5],
        [1, 4],
      ])
    })

  test('never rests (OB-17)', () => {
    const market = draw(steps)
    market.sell('f', 1, 5.25, IMMEDIATE_OR_CANCEL)
    market.shows(steps)
    market.tells('CANCEL f IMMEDIATE_ONLY 1')
  })
})

describe('post-only and day', () => {
  test('post-only is refused where it would trade', () => {
    const market = draw('| 5 | a:1')
    market.buy('p', 1, 5, POST_ONLY)
    market.buy('q', 1, 4.9, POST_ONLY)
    market.shows(`
          | 5   | a:1
      q:1 | 4.9 |`)
    market.tells(`
      REJECT p WOULD_TRADE
      OPEN q B 1@4.9`)
  })

  test('post-only is refused where it would meet a hidden order, too', () => {
    const market = draw('')
    market.sell('h', 1, 5, { hidden: true })
    market.buy('p', 1, 5, POST_ONLY)
    expect(market.heard().at(-1)).toBe('REJECT p WOULD_TRADE')
  })

  test('day orders and day stops end with the day', () => {
    const market = draw('b:1 | 5 |')
    market.buy('d', 1, 5, DAY)
    market.sell('t', 1, undefined, { stopPrice: 4, flag: DAY })
    market.heard()
    expect(market.book.endDay()).toBe(2)
    market.tells(`
      CANCEL d DAY_ENDED 1
      CANCEL t DAY_ENDED 1`)
    market.shows('b:1 | 5 |')
  })
})

describe('the aat profile lets flagged orders rest', () => {
  const profile = { profile: 'aat' } as const
  const flagged = (flag: OrderFlag) => {
    const market = new DrawnMarket(profile)
    market.buy('b5.0', 1, 5, flag)
    market.buy('b4.5', 1, 4.5, flag)
    market.buy('b4.0', 1, 4, flag)
    market.heard()
    return market
  }

  for (const flag of [FILL_OR_KILL, ALL_OR_NONE])
    test(`${flag}: who is too small for one kills it (OB-18, OB-19)`, () => {
      const market = flagged(flag)
      market.sell('s1', 0.5, 5)
      market.shows(`
               | 5   | s1:0.5
        b4.5:1 | 4.5 |
        b4.0:1 | 4   |`)
      market.tells(`
        CANCEL b5.0 NOT_FILLABLE 1
        OPEN s1 S 0.5@5`)
      market.sell('s2', 1.5, 4)
      market.shows(`
        | 5 | s1:0.5
        | 4 | s2:0.5`)
    })

  test('a resting immediate-or-cancel order loses its rest when hit (OB-20, OB-45)', () => {
    const market = flagged(IMMEDIATE_OR_CANCEL)
    market.buy('b2', 1, 5)
    market.sell('s1', 0.5, 5)
    market.shows(`
          b2:1 | 5   |
        b4.5:1 | 4.5 |
        b4.0:1 | 4   |`)
    expect(market.heard()).toContain('CANCEL b5.0 IMMEDIATE_ONLY 0.5')
  })

  test('all-or-none takers kill what is too large and trade with one order (OB-21)', () => {
    const market = new DrawnMarket(profile)
    market.buy('b1', 3, 5, ALL_OR_NONE)
    market.buy('b2', 2, 5)
    market.sell('s', 2, 5, ALL_OR_NONE)
    market.shows('')
    expect(market.trades).toEqual([[2, 5]])
  })

  test('an all-or-none order that fits trades whole (OB-22)', () => {
    const market = new DrawnMarket(profile)
    market.buy('b1', 1, 5, ALL_OR_NONE)
    market.sell('s', 2, 5)
    market.shows('| 5 | s:1')
  })

  test('a killed maker stays killed when its killer fails (OB-28)', () => {
    const market = new DrawnMarket(profile)
    market.buy('b1', 1, 5, FILL_OR_KILL)
    market.heard()
    market.sell('f', 0.5, 5, FILL_OR_KILL)
    market.shows('')
    market.tells(`
      CANCEL b1 NOT_FILLABLE 1
      CANCEL f NOT_FILLABLE 0.5`)
  })
})

describe('stops', () => {
  test('fire in the order they came, once their price has printed (OB-30)', () => {
    const market = draw(`
           | 5.5 | a:1
      b1:1 | 5   |
      b2:1 | 4.5 |`)
    market.sell('st1', 1, undefined, { stopPrice: 5 })
    market.sell('st2', 0.5, 5, { stopPrice: 5 })
    market.heard()
    market.sell('s', 0.5, 5)
    market.shows(`
             | 5.5 | a:1
             | 5   | st2:0.5
      b2:0.5 | 4.5 |`)
    market.tells(`
      TRADE 0.5@5 b1 s
      FILL s
      TRIGGER st1 5
      TRIGGER st2 5
      TRADE 0.5@5 b1 st1
      FILL b1
      TRADE 0.5@4.5 b2 st1
      FILL st1
      OPEN st2 S 0.5@5`)
  })

  test('become limit orders that trade at the better price (OB-31)', () => {
    const market = draw('b1:1 | 5 |')
    market.sell('st', 0.5, 4.5, { stopPrice: 5 })
    market.sell('s', 0.5, 5)
    market.shows('')
    expect(market.trades).toEqual([
      [0.5, 5],
      [0.5, 5],
    ])
  })

  test('wait for a print at or through their own price (OB-32, OB-33)', () => {
    const market = draw(`
           | 5.5 | a1:1
      b1:1 | 5   |`)
    market.sell('low', 1, undefined, { stopPrice: 4 })
    market.buy('high', 1, undefined, { stopPrice: 6 })
    market.sell('s', 0.25, 5)
    market.buy('b', 0.25, 5.5)
    market.shows(`
              | 5.5 | a1:0.75
      b1:0.75 | 5   |`)
    expect([market.book.open(market.id('low')), market.book.open(market.id('high'))]).toEqual([100, 100])
  })

  test('whose price is reached on arrival fire at once, or are refused (OB-34)', () => {
    const drawing = `
           | 5.5 | a1:1
      b1:1 | 5   |`
    const firing = draw(drawing)
    firing.sell('st', 1, undefined, { stopPrice: 6 })
    firing.tells(`
      OPEN st S 1@6 shown 0
      TRIGGER st 6
      TRADE 1@5 b1 st
      FILL b1
      FILL st`)
    const refusing = draw(drawing, { reachedStop: 'reject' })
    refusing.sell('st', 1, undefined, { stopPrice: 6 })
    refusing.buy('bt', 1, undefined, { stopPrice: 5 })
    refusing.tells(`
      REJECT st WOULD_TRIGGER
      REJECT bt WOULD_TRIGGER`)
    const empty = draw('')
    empty.sell('st', 1, undefined, { stopPrice: 6 })
    expect(empty.book.find(1)).toMatchObject({
      type: OrderType.STOP,
      stopPrice: 60_000,
      price: null,
      open: 100,
    })
  })

  test('outlive the orders that stood at their price (OB-35)', () => {
    const market = draw(`
      b1:1 | 5 |
      b2:1 | 4 |`)
    market.sell('st', 0.5, undefined, { stopPrice: 5 })
    market.cancel('b1')
    market.buy('b3', 1, 5)
    market.sell('s', 0.5, 5)
    market.shows('b2:1 | 4 |')
  })

  test('trade on within the operation that set them off (OB-36)', () => {
    const market = draw(`
      b1:1 | 5 |
      b2:1 | 4 |
      b3:5 | 3 |`)
    market.sell('st', 1, undefined, { stopPrice: 5 })
    market.sell('s', 1, 5)
    market.shows('b3:5 | 3 |')
  })

  test('cascade: the print of one sets off the next', () => {
    const market = draw(`
      b1:1 | 5 |
      b2:1 | 4 |
      b3:1 | 3 |
      b4:1 | 2 |`)
    market.sell('late', 1, undefined, { stopPrice: 3 })
    market.sell('next', 1, undefined, { stopPrice: 4 })
    market.sell('first', 1, undefined, { stopPrice: 5 })
    market.heard()
    market.sell('s', 1, 5)
    market.shows('')
    market.tells(`
      TRADE 1@5 b1 s
      FILL b1
      FILL s
      TRIGGER first 5
      TRADE 1@4 b2 first
      FILL b2
      FILL first
      TRIGGER next 4
      TRADE 1@3 b3 next
      FILL b3
      FILL next
      TRIGGER late 3
      TRADE 1@2 b4 late
      FILL b4
      FILL late`)
  })

  test('do not fire on a fill-or-kill order that fails (OB-37)', () => {
    const market = draw(`
      b1:1 | 5   |
      b2:1 | 4.5 |`)
    market.sell('st', 1, undefined, { stopPrice: 5 })
    market.sell('f', 3, 5, FILL_OR_KILL)
    market.shows(`
      b1:1 | 5   |
      b2:1 | 4.5 |`)
    market.sell('s', 0.5, 5)
    market.shows('b2:0.5 | 4.5 |')
  })

  test('that trail by ticks follow the market one way only', () => {
    const market = draw(`
           | 6   | a3:1
           | 5.5 | a2:1
           | 5.1 | a1:1
      b1:9 | 5   |`)
    market.buy('x', 1, 5.1)
    market.sell('t', 1, undefined, { trail: 0.3 })
    market.buy('y', 1, 5.5)
    market.heard()
    market.sell('z', 1, 5.3)
    market.buy('w', 1, 5.3)
    market.tells(`
      OPEN z S 1@5.3
      TRADE 1@5.3 z w
      FILL z
      FILL w`)
    market.sell('v', 1, 5)
    market.tells(`
      TRADE 1@5 b1 v
      FILL v
      TRIGGER t 5.2
      TRADE 1@5 b1 t
      FILL t`)
  })

  test('that trail by per cent keep that distance, limit price included', () => {
    const market = draw(`
           | 12 | a2:1
           | 10 | a1:1
      b1:9 | 5  |`)
    market.buy('x', 1, 10)
    market.sell('t', 1, 8.5, { stopPrice: 9, trailPercent: 10 })
    market.heard()
    market.buy('y', 1, 12)
    expect(market.heard()).toContain('CHANGE t TRAILED 1@10.8 shown 0')
    expect(market.book.find(market.id('t'))).toMatchObject({ stopPrice: 108_000, price: 103_000 })
  })

  test('that trail need a price to start from', () => {
    const market = draw('b:1 | 5 |')
    market.sell('t', 1, undefined, { trail: 1 })
    market.tells('REJECT t NO_MARKET')
  })
})

describe('undisclosed quantity', () => {
  test('an iceberg shows slice after slice, each at the end of the queue', () => {
    const market = draw('| 5 | ice:1(+2) a:1')
    market.buy('b', 2.5, 5)
    market.shows('| 5 | ice:0.5(+1)')
    market.tells(`
      TRADE 1@5 ice b
      CHANGE ice REPLENISHED 2@5 shown 1
      TRADE 1@5 a b
      FILL a
      TRADE 0.5@5 ice b
      FILL b`)
  })

  test('a hidden order trades after what is shown at its price, and before worse prices', () => {
    const market = draw('| 6 | a2:1')
    market.sell('h', 1, 5, { hidden: true })
    market.sell('a1', 1, 5)
    market.shows(`
      | 6 | a2:1
      | 5 | a1:1`)
    market.heard()
    market.buy('b', 2.5, 6)
    market.shows('| 6 | a2:0.5')
    market.tells(`
      TRADE 1@5 a1 b
      FILL a1
      TRADE 1@5 h b
      FILL h
      TRADE 0.5@6 a2 b
      FILL b`)
  })

  test('counts for fill-or-kill', () => {
    const market = draw('| 5 | ice:1(+2)')
    market.sell('h', 1, 5, { hidden: true })
    market.buy('f', 4, 5, FILL_OR_KILL)
    expect(market.book.size).toBe(0)
  })
})

describe('other ways to trade at the market', () => {
  test('market-to-limit trades at the best price and rests there', () => {
    const market = draw(`
      | 6 | a2:1
      | 5 | a1:1`)
    market.buy('m', 3, undefined, { toLimit: true })
    market.shows(`
          | 6 | a2:1
      m:2 | 5 |`)
  })

  test('a price cap holds a market order back', () => {
    const market = draw(`
      | 6 | a2:1
      | 5 | a1:1`)
    market.buy('m', 3, undefined, { cap: 5.5 })
    market.shows('| 6 | a2:1')
    expect(market.heard().at(-1)).toBe('CANCEL m NO_LIQUIDITY 2')
  })

  test('a market order by notional buys the whole lots its money pays for', () => {
    const market = draw(`
      | 6 | a2:1
      | 5 | a1:1`)
    market.buy('m', undefined, undefined, { notional: 8.03 })
    expect(market.trades).toEqual([
      [1, 5],
      [0.5, 6],
    ])
    expect(market.heard().at(-1)).toBe('CANCEL m BUDGET_SPENT 0')
  })
})

describe('one cancels the other', () => {
  test('a fill, even in part, ends the other of the pair', () => {
    const market = draw('b:1 | 5 |')
    market.sell('profit', 2, 6)
    market.sell('loss', 2, undefined, { stopPrice: 4, pairWith: 'profit' })
    market.heard()
    market.buy('x', 0.5, 6)
    market.tells(`
      TRADE 0.5@6 profit x
      FILL x
      CANCEL loss OTHER_OF_PAIR 2`)
  })

  test('a trigger ends the other of the pair', () => {
    const market = draw('b:3 | 4 |')
    market.sell('profit', 2, 6)
    market.sell('loss', 2, undefined, { stopPrice: 4, pairWith: 'profit' })
    market.heard()
    market.sell('x', 0.5, 4)
    market.tells(`
      TRADE 0.5@4 b x
      FILL x
      TRIGGER loss 4
      CANCEL profit OTHER_OF_PAIR 2
      TRADE 2@4 b loss
      FILL loss`)
  })

  test('of two stops that one print reaches the older triggers, and the other follows the market no more', () => {
    const market = draw('b:9 | 5 |')
    market.sell('still', 1, undefined, { stopPrice: 5 })
    market.sell('trailing', 1, undefined, { stopPrice: 5, trail: 1, pairWith: 'still' })
    market.heard()
    market.sell('x', 1, 5)
    market.tells(`
      TRADE 1@5 b x
      FILL x
      TRIGGER still 5
      CANCEL trailing OTHER_OF_PAIR 1
      TRADE 1@5 b still
      FILL still`)
    for (const name of ['one', 'two', 'three', 'four']) market.sell(name, 1, undefined, { stopPrice: 3 })
    market.sell('later', 1, 8)
    market.heard()
    market.buy('y', 1, 8)
    market.tells(`
      TRADE 1@8 later y
      FILL later
      FILL y`)
  })

  test('a cancel leaves the other working alone', () => {
    const market = draw('')
    market.sell('one', 1, 6)
    market.sell('two', 1, 7, { pairWith: 'one' })
    market.cancel('one')
    market.buy('b', 1, 7)
    market.shows('')
  })
})

describe('owners', () => {
  const mine = (selfTrade: 'none' | 'cancel-newest' | 'cancel-oldest' | 'cancel-both') => {
    const market = new DrawnMarket({ selfTrade })
    market.buy('mine', 1, 5, { owner: 7 })
    market.buy('other', 1, 5, { owner: 8 })
    market.heard()
    market.sell('mine2', 1, 5, { owner: 7 })
    return market
  }

  test('may trade with themselves where nothing prevents it (OB-44)', () => {
    mine('none').shows('other:1 | 5 |')
  })
  test('cancel newest stops the order that comes', () => {
    const market = mine('cancel-newest')
    market.shows('mine:1 other:1 | 5 |')
    market.tells('CANCEL mine2 SELF_TRADE 1')
  })
  test('cancel oldest takes the resting order off and goes on', () => {
    const market = mine('cancel-oldest')
    market.shows('')
    expect(market.heard()[0]).toBe('CANCEL mine SELF_TRADE 1')
  })
  test('cancel both takes both off', () => {
    const market = mine('cancel-both')
    market.shows('other:1 | 5 |')
    market.tells(`
      CANCEL mine SELF_TRADE 1
      CANCEL mine2 SELF_TRADE 1`)
  })

  test('go by the rule of the order that comes, where it has one of its own', () => {
    const market = new DrawnMarket({ selfTrade: 'cancel-newest' })
    market.buy('mine', 1, 5, { owner: 7, selfTrade: 'cancel-both' })
    market.buy('other', 1, 5, { owner: 8 })
    market.sell('free', 1, 5, { owner: 7, selfTrade: 'none' })
    market.shows('other:1 | 5 |')
    market.sell('mine2', 1, 6, { owner: 7, selfTrade: 'cancel-oldest' })
    market.heard()
    market.buy('mine3', 1, 6, { owner: 7 })
    market.tells('CANCEL mine3 SELF_TRADE 1')
    // Also a stop that has waited, and an order that enters anew at another price.
    market.buy('stop', 1, undefined, { owner: 7, stopPrice: 5, selfTrade: 'cancel-oldest' })
    expect(market.heard()).toContain('CANCEL mine2 SELF_TRADE 1')
  })

  test('can take back everything at once, oldest first', () => {
    const market = draw('x:1 | 5 |')
    market.sell('b', 1, 6, { owner: 7 })
    market.sell('c', 1, undefined, { stopPrice: 4, owner: 7 })
    market.buy('a', 1, 5, { owner: 7 })
    market.heard()
    expect(market.book.massCancel(7)).toBe(3)
    market.tells(`
      CANCEL b REQUESTED 1
      CANCEL c REQUESTED 1
      CANCEL a REQUESTED 1`)
    market.shows('x:1 | 5 |')
  })

  test('with reduce-only never trade beyond flat', () => {
    const market = draw('b:9 | 5 |')
    market.sell('unknown', 1, 5, { owner: 7, reduceOnly: true })
    market.book.setPosition(7, 150)
    market.buy('wrong', 1, 4, { owner: 7, reduceOnly: true })
    market.sell('right', 4, 5, { owner: 7, reduceOnly: true })
    market.tells(`
      REJECT unknown NOT_REDUCING
      REJECT wrong NOT_REDUCING
      TRADE 1.5@5 b right
      CANCEL right POSITION_CLOSED 2.5`)
    expect(market.book.position(7)).toBe(0)
  })
})

describe('a change', () => {
  test('to more, or to another price, loses the place; to less keeps it (OB-39)', () => {
    const market = draw('b1:1 b2:2 b3:1 | 5 |')
    market.change('b2', 1)
    market.shows('b1:1 b2:1 b3:1 | 5 |')
    market.change('b1', 3)
    market.shows('b2:1 b3:1 b1:3 | 5 |')
    market.change('b2', undefined, 4)
    market.change('b2', undefined, 5)
    market.shows('b3:1 b1:3 b2:1 | 5 |')
    expect(market.heard().slice(0, 3)).toEqual([
      'CHANGE b2 REQUESTED 1@5 shown 1',
      'CHANGE b1 REQUESTED 3@5 shown 0',
      'OPEN b1 B 3@5',
    ])
  })

  test('down to what has traded ends the order, below is refused (OB-40)', () => {
    const market = draw('b1:2 | 5 |')
    market.sell('s', 1.5, 5)
    expect(market.change('b1', 1)).toBe(Refused.OUT_OF_RANGE)
    market.shows('b1:0.5 | 5 |')
    market.change('b1', 1.5)
    market.shows('')
    expect(market.heard().at(-1)).toBe('CANCEL b1 AMENDED 0.5')
    market.sell('s2', 1, 5)
    market.shows('| 5 | s2:1')
  })

  test('to a price that meets the other side trades', () => {
    const market = draw(`
          | 6 | a:1
      b:1 | 5 |`)
    market.change('b', 2, 6)
    market.shows('b:1 | 6 |')
  })

  test('of an order that is not there is refused (OB-43)', () => {
    const market = draw('b:1 | 5 |')
    expect(market.book.change(99, 1)).toBe(Refused.UNKNOWN_ORDER)
    expect(market.book.find(99)).toBeNull()
    expect(market.book.levelAt(60_000)).toEqual({ bid: null, ask: null })
  })
})

describe('a cancel', () => {
  test('takes the order off, and the level with the last; twice is refused alike (OB-41)', () => {
    const market = draw('b1:1 b2:1 | 5 |')
    market.cancel('b1')
    market.shows('b2:1 | 5 |')
    expect(market.cancel('b1')).toBe(Refused.ORDER_FINISHED)
    market.cancel('b2')
    market.shows('')
    expect(market.cancel('b2')).toBe(Refused.ORDER_FINISHED)
  })

  test('is told at once (OB-42)', () => {
    const market = draw(`
      b1:1 | 5 |
      b2:1 | 4 |`)
    market.cancel('b2')
    market.tells('CANCEL b2 REQUESTED 1')
    market.sell('f', 5, 5, FILL_OR_KILL)
    market.tells('CANCEL f NOT_FILLABLE 5')
  })
})

describe('pro-rata allocation', () => {
  const allocation = 'pro-rata' as const

  test('gives each order its part, rounded down, and the rest by time', () => {
    const market = draw('| 5 | a:1 b:2 c:4', { allocation })
    market.buy('t', 1, 5)
    market.shows('| 5 | a:0.85 b:1.72 c:3.43')
    expect(market.trades).toEqual([
      [0.14, 5],
      [0.28, 5],
      [0.57, 5],
      [0.01, 5],
    ])
  })

  test('keeps price priority', () => {
    const market = draw(
      `
      | 6 | c:9
      | 5 | a:1 b:1`,
      { allocation },
    )
    market.buy('t', 3, 6)
    market.shows('| 6 | c:8')
  })
})

describe('a halt', () => {
  test('lets nothing in but cancels, until trading resumes', () => {
    const market = draw(`
           | 6 | a:1
      b1:1 | 5 |
      b2:1 | 4 |`)
    market.book.halt()
    market.buy('x', 1, 7)
    market.change('b1', 0.5)
    market.cancel('b2')
    market.tells(`
      HALTED
      REJECT x HALTED
      REJECT b1 HALTED
      CANCEL b2 REQUESTED 1`)
    market.book.resume()
    market.buy('x', 1, 7)
    market.shows('b1:1 | 5 |')
    expect(market.book.phase).toBe(Phase.CONTINUOUS)
  })
})

describe('a call auction', () => {
  const called = () => {
    const market = new DrawnMarket()
    market.book.callAuction()
    return market
  }

  test('collects orders without trading and uncrosses at the price of most volume', () => {
    const market = called()
    market.buy('b1', 3, 6)
    market.buy('b2', 2, 5)
    market.sell('s1', 2, 4)
    market.sell('s2', 2, 5)
    market.sell('s3', 2, 6)
    market.shows(`
      b1:3 | 6 | s3:2
      b2:2 | 5 | s2:2
           | 4 | s1:2`)
    expect(market.book.indicative()).toEqual({ price: 50_000, volume: 400, surplus: 100 })
    market.heard()
    market.book.resume()
    market.shows(`
           | 6 | s3:2
      b2:1 | 5 |`)
    market.tells(`
      CONTINUOUS 4@5
      TRADE 2@5 s1 b1
      FILL s1
      TRADE 1@5 s2 b1
      FILL b1
      TRADE 1@5 s2 b2
      FILL s2`)
  })

  test('of several prices with most volume takes the one with the least left over', () => {
    const market = called()
    market.buy('b1', 2, 6)
    market.buy('b2', 3, 5)
    market.sell('s1', 2, 5)
    market.book.resume(50_000) // at 5 itself three more would be bid; a tick above, none
    expect(market.trades).toEqual([[2, 5.0001]])
  })

  test('of those takes the one nearest to the reference', () => {
    for (const [reference, price] of [
      [4.2, 4.5],
      [5.2, 5.2],
      [9, 6],
    ] as const) {
      const market = called()
      market.buy('b', 1, 6)
      market.sell('s', 1, 4.5)
      market.book.resume(reference * 10_000)
      expect(market.trades).toEqual([[1, price]])
    }
  })

  test('without any reference takes the middle', () => {
    const market = called()
    market.buy('b', 1, 6)
    market.sell('s', 1, 5)
    market.book.resume()
    expect(market.trades).toEqual([[1, 5.5]])
  })

  test('lets market orders trade first and ends them', () => {
    const market = called()
    market.buy('limit', 1, 5)
    market.buy('market', 2)
    market.sell('s', 2.5, 5)
    market.sell('late', 1, 5)
    market.book.resume()
    market.shows('| 5 | late:0.5')
    expect(market.trades).toEqual([
      [2, 5],
      [0.5, 5],
      [0.5, 5],
    ])
    const unmatched = called()
    unmatched.buy('market', 2)
    unmatched.heard()
    unmatched.book.resume()
    unmatched.tells(`
      CONTINUOUS
      CANCEL market AUCTION_ENDED 2`)
  })

  test('lets orders of one owner trade with each other, whatever prevents it in continuous trading', () => {
    const market = new DrawnMarket({ selfTrade: 'cancel-both' })
    market.book.callAuction()
    market.buy('mine', 1, 5, { owner: 7 })
    market.sell('mine2', 1, 5, { owner: 7, selfTrade: 'cancel-newest' })
    market.book.resume()
    market.shows('')
    expect(market.trades).toEqual([[1, 5]])
  })

  test('refuses what cannot wait for its end', () => {
    const market = called()
    const terms = [
      ...[
        OrderFlag.IMMEDIATE_OR_CANCEL,
        OrderFlag.FILL_OR_KILL,
        OrderFlag.ALL_OR_NONE,
        OrderFlag.POST_ONLY,
      ].map((flag) => ({ price: 5, flag })),
      { type: OrderType.MARKET, cap: 50_000 },
      { type: OrderType.MARKET, toLimit: true },
    ]
    terms.forEach((each, i) => market.add(`b${i}`, Side.BUY, 1, each))
    market.add('notional', Side.BUY, undefined, { notional: 50_000 * 100 })
    market.buy('day', 1, 5, { flag: OrderFlag.DAY })
    market.shows('day:1 | 5 |')
    expect(market.heard().filter((event) => event.startsWith('REJECT'))).toEqual(
      [...terms.map((_, i) => `b${i}`), 'notional'].map((name) => `REJECT ${name} HALTED`),
    )
  })

  test('sets off stops with its print', () => {
    const market = called()
    market.buy('b', 1, 5)
    market.buy('deep', 1, 4)
    market.sell('st', 1, undefined, { stopPrice: 5 })
    market.sell('s', 1, 5)
    market.book.resume()
    market.shows('')
  })
})

describe('questions', () => {
  test('iterate over asks upwards, then bids upwards (OB-46)', () => {
    const { book } = draw(`
           | 6   | a2:1
           | 5.5 | a1:1
      b1:1 | 5   |
      b2:1 | 4.5 |`)
    expect([...book].map(({ price }) => price)).toEqual([55_000, 60_000, 45_000, 50_000])
    expect(book.levelAt(50_000)).toEqual({ bid: { price: 50_000, quantity: 100, orders: 1 }, ask: null })
    expect(book.level(20)).toEqual({ bid: null, ask: null })
    expect(book.level(1)).toEqual({
      bid: { price: 45_000, quantity: 100, orders: 1 },
      ask: { price: 60_000, quantity: 100, orders: 1 },
    })
  })

  test('tell what stands before an order', () => {
    const market = draw('b1:1 b2:2 b3:1 | 5 |')
    expect(market.book.ahead(market.id('b3'))).toEqual({ orders: 2, quantity: 300 })
    expect(market.book.ahead(99)).toBeNull()
  })

  test('fill depth into arrays of the caller', () => {
    const { book } = draw(steps)
    const [prices, quantities] = [new Float64Array(2), new Float64Array(2)]
    expect(book.depth(SELL, prices, quantities)).toBe(2)
    expect([...prices, ...quantities]).toEqual([55_000, 60_000, 100, 100])
  })

  test('a clone goes on alone', () => {
    const market = draw(steps)
    const clone = market.book.clone()
    clone.market(1000, BUY, 500)
    market.shows(steps)
    expect(clone.topOfBook().ask).toEqual({ price: 80_000, quantity: 100, orders: 1 })
  })

  test('orders of other types keep their terms behind any number of plain ones, and in a clone', () => {
    const book = new OrderBook()
    for (let id = 1; id <= 20_000; id++) book.limit(id, BUY, 100 + (id % 50), 1)
    const sell = { side: Side.SELL, type: OrderType.LIMIT, price: 200, quantity: 9 }
    const large = Number.MAX_SAFE_INTEGER
    book.add({ ...sell, id: 30_001, display: 2 })
    book.add({ ...sell, id: 30_002, owner: 7, price: 201 })
    book.add({ ...sell, id: 30_003, type: OrderType.STOP_LIMIT, price: 90, stopPrice: 95 })
    book.add({ ...sell, id: large, price: 202, quantity: mostLots })
    for (let id = 40_001; id <= 80_000; id++) book.limit(id, BUY, 100 + (id % 50), 1)
    book.add({ ...sell, id: 30_004, pairWith: 30_002, owner: 7, price: 203 })
    for (const each of [book, book.clone()]) {
      expect(each.find(20_000)).toMatchObject({ owner: 0, open: 1, price: 100 })
      expect(each.find(30_001)).toMatchObject({ open: 9, shown: 2, owner: 0 })
      expect(each.find(30_003)).toMatchObject({ price: 90, stopPrice: 95, open: 9 })
      expect(each.find(large)).toMatchObject({ quantity: mostLots, open: mostLots })
      each.market(90_001, BUY, 10)
      expect(each.find(30_001)).toBeNull()
      expect(each.find(30_002)).toMatchObject({ owner: 7, filled: 1 })
      expect(each.find(30_004)).toBeNull()
      expect(each.massCancel(7)).toBe(1)
    }
  })

  test('a snapshot crosses to another thread and back', () => {
    const market = draw(steps)
    const copy = new OrderBook({}, structuredClone(market.book.snapshot()))
    expect([...copy.everything()]).toEqual([...market.book.everything()])
    expect(copy.cancel(99)).toBe(Refused.UNKNOWN_ORDER)
  })
})

test('asked for more levels than could be, a book gives those that there are', () => {
  const { book } = draw('b:1 | 5 |')
  for (const count of [Infinity, Number.MAX_SAFE_INTEGER])
    expect([book.bids(count).length, book.asks(count)]).toEqual([1, []])
  expect(book.bids(3)).toEqual([expect.objectContaining({ quantity: 100 }), null, null])
})

describe('bad input is refused and changes nothing (OB-38)', () => {
  const refused = (act: (market: DrawnMarket) => Refused): RefusalCode => {
    const market = draw('b:1 | 5 |')
    const code = act(market)
    market.shows('b:1 | 5 |')
    const heard = market.heard()
    expect(heard).toHaveLength(1)
    expect(heard[0]).toMatch(/^REJECT /)
    return refusalCodes[code]!
  }

  test.each([
    ['a price between ticks', 49_999.5, 1, RefusalCode.OFF_TICK],
    ['a price that is no number', NaN, 1, RefusalCode.OFF_TICK],
    ['an infinite price', Infinity, 1, RefusalCode.OFF_TICK],
    ['a negative price', -1, 1, RefusalCode.OUT_OF_RANGE],
    ['a price beyond the range', 2 ** 39, 1, RefusalCode.OUT_OF_RANGE],
    ['a quantity between lots', 50_000, 0.5, RefusalCode.OFF_LOT],
    ['no quantity', 50_000, 0, RefusalCode.OFF_LOT],
    ['a negative quantity', 50_000, -1, RefusalCode.OFF_LOT],
    ['a quantity that is no number', 50_000, NaN, RefusalCode.OFF_LOT],
    ['an infinite quantity', 50_000, Infinity, RefusalCode.OFF_LOT],
    ['a quantity beyond exactness', 50_000, 2 ** 53, RefusalCode.OUT_OF_RANGE],
    ['more at one price than stays exact', 50_000, mostLots, RefusalCode.OUT_OF_RANGE],
  ])('%s', (_, price, quantity, code) => {
    expect(refused(({ book }) => book.limit(9, BUY, price, quantity))).toBe(code)
    expect(
      refused(({ book }) => book.add({ id: 9, side: Side.BUY, type: OrderType.LIMIT, price, quantity })),
    ).toBe(code)
  })

  test.each([
    ['an id used before', 1, RefusalCode.DUPLICATE_ORDER],
    ['an id that is no whole number', 1.5, RefusalCode.OUT_OF_RANGE],
    ['an id that is no number', NaN, RefusalCode.OUT_OF_RANGE],
    ['a negative id', -1, RefusalCode.OUT_OF_RANGE],
  ])('%s', (_, id, code) => {
    expect(refused(({ book }) => book.limit(id, BUY, 40_000, 1))).toBe(code)
  })

  test('terms that exclude each other', () => {
    const contradictory: Parameters<DrawnMarket['add']>[3][] = [
      { flag: POST_ONLY },
      { price: 4, cap: 5 },
      { price: 4, display: 1, hidden: true },
      { price: 4, display: 1, flag: IMMEDIATE_OR_CANCEL },
      { price: 4, trail: 1, type: OrderType.LIMIT },
      { notional: 5 },
      { toLimit: true, cap: 5 },
      { price: 4, reduceOnly: true },
    ]
    for (const asked of contradictory)
      expect(
        refused((market) => market.add('x', Side.BUY, 1, asked)),
        JSON.stringify(asked),
      ).toBe(RefusalCode.CONTRADICTORY)
  })

  test('every refusal has a name of its own', () => {
    expect(new Set(refusalCodes.slice(1)).size).toBe(refusalCodes.length - 1)
    expect(refusalCodes).toHaveLength(Object.keys(Refused).length)
  })
})
