import { stylisedFacts } from '#analysis'
import { OrderBook, Phase } from '#book'
import {
  type MarketRecording,
  recordMarket,
  SyntheticWorld,
  type SyntheticOptions,
  type SyntheticPreset,
  syntheticPresets,
  syntheticSettings,
  type WorldListener,
} from '#exchange'
import { OrderFlag, OrderType, random, Side } from '#market'
import { marketFacts } from '#session'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

const none: WorldListener = {
  open() {},
  trade() {},
  fill() {},
  change() {},
  cancel() {},
  reject() {},
  trigger() {},
  phase() {},
}
const small: SyntheticOptions = { seconds: 120, agents: 200 }
const minute = 60e6

/** A market that has run to its end. */
function ended(options: SyntheticOptions, listener?: WorldListener): SyntheticWorld {
  const world = new SyntheticWorld(options, listener)
  world.advance(Infinity)
  return world
}

/** Writes down every event as text, with the time of the world that `of` gives. */
function journal(of: () => SyntheticWorld): { lines: string[]; listener: WorldListener } {
  const lines: string[] = []
  const write =
    (kind: string) =>
    (...event: number[]) =>
      void lines.push(`${of().time} ${kind} ${event.join(' ')}`)
  const listener = Object.fromEntries(Object.keys(none).map((kind) => [kind, write(kind)]))
  return { lines, listener: listener as unknown as WorldListener }
}

describe('a synthetic market', () => {
  test.each(syntheticPresets)('%s is the same market for the same seed and another for another', (preset) => {
    const digest = (seed: number) => ended({ ...small, preset, seed }).digest()
    expect(digest(7)).toBe(digest(7))
    expect(digest(7)).not.toBe(digest(8))
  })

  test('has events in the order of their times, all of them within the session', () => {
    let world!: SyntheticWorld
    let last = 0
    let outside = 0
    const look = () => {
      if (world.time < last || world.time < world.sessionStart || world.time > world.sessionEnd) outside++
      last = world.time
    }
    const kinds = Object.fromEntries(Object.keys(none).map((kind) => [kind, look]))
    world = new SyntheticWorld(small, kinds as unknown as WorldListener)
    world.advance(Infinity)
    expect(outside).toBe(0)
    expect(last).toBe(world.sessionEnd)
    expect(world.nextTime).toBe(Infinity)
    expect(world.step()).toBe(false)
    expect(world.book(0).phase).toBe(Phase.HALTED)
  })

  test.each(syntheticPresets)('%s never shows a crossed book in continuous trading', (preset) => {
    const world = new SyntheticWorld({ ...small, preset, instruments: 2 })
    let crossed = 0
    while (world.step())
      for (let i = 0; i < 2; i++) {
        const spread = world.book(i).spread()
        if (world.book(i).phase === Phase.CONTINUOUS && spread !== null && spread <= 0) crossed++
      }
    expect(crossed).toBe(0)
  })

  test('loses no lot: what rests, has traded and was cancelled is what was sent', () => {
    const sent = new Map<number, number>()
    let traded = 0
    let cancelled = 0
    const world = ended(small, {
      ...none,
      open: (_, __, id, ___, ____, quantity) => void sent.set(id, Math.max(sent.get(id) ?? 0, quantity)),
      trade: (_, __, ___, taker, ____, _____, quantity, ______, takerLeft) => {
        traded += 2 * quantity
        sent.set(taker, Math.max(sent.get(taker) ?? 0, quantity + takerLeft))
      },
      cancel: (_, __, id, ___, quantity) => {
        cancelled += quantity
        sent.set(id, Math.max(sent.get(id) ?? 0, quantity))
      },
    })
    let resting = 0
    for (const { open } of world.book(0).everything()) resting += open
    const all = [...sent.values()].reduce((sum, quantity) => sum + quantity, 0)
    expect(traded).toBeGreaterThan(1000)
    expect(resting + cancelled + traded).toBe(all)
  })
})

describe('a fork', () => {
  test('without change goes on event for event as the original', () => {
    const first = journal(() => world)
    const world: SyntheticWorld = new SyntheticWorld(small, first.listener)
    world.advance(world.sessionStart + minute)
    first.lines.length = 0
    const second = journal(() => fork)
    const fork: SyntheticWorld = world.fork(second.listener)
    fork.advance(Infinity)
    world.advance(Infinity)
    expect(first.lines.length).toBeGreaterThan(300)
    expect(second.lines).toEqual(first.lines)
    expect(fork.digest()).toBe(world.digest())
  })

  test('at any message of any market comes to the same end as the original, requests on their way included', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...syntheticPresets),
        fc.nat(1000),
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.nat(5_000_000),
        (preset, seed, part, latency) => {
          const options = { preset, seed, seconds: 20, agents: 60, instruments: 2 }
          const order = { side: Side.BUY, type: OrderType.MARKET, quantity: 40 } as const
          const world = new SyntheticWorld(options)
          const messages = Math.floor(part * 1500)
          for (let i = 0; i < messages && world.nextTime < world.sessionEnd; i++) world.step()
          const sent = world.submit(1, order, latency)
          const fork = world.fork()
          // Going on in turns shows that neither touches the other.
          while (world.step()) fork.step()
          expect(fork.step()).toBe(false)
          expect(fork.digest()).toBe(world.digest())
          expect(fork.isOutside(1, sent)).toBe(true)
        },
      ),
      { numRuns: 60 },
    )
  })

  test('with one order more becomes another market, and leaves the original alone', () => {
    const plain = ended(small).digest()
    const world = new SyntheticWorld(small)
    world.advance(world.sessionStart + minute)
    const fork = world.fork()
    fork.submit(0, { side: Side.BUY, type: OrderType.MARKET, quantity: 300 }, 100)
    fork.advance(Infinity)
    world.advance(Infinity)
    expect(world.digest()).toBe(plain)
    expect(fork.digest()).not.toBe(plain)
  })
})

describe('an order from outside', () => {
  const market = (quantity: number) => ({ side: Side.BUY, type: OrderType.MARKET, quantity })

  test('meets the book one latency after it was sent, not before', () => {
    for (const latency of [0, 1, 500, 250_000]) {
      const { lines, listener } = journal(() => world)
      const world: SyntheticWorld = new SyntheticWorld(small, listener)
      world.advance(world.sessionStart + minute)
      const sent = world.time + 17
      const id = world.submit(0, market(5), latency, sent)
      world.advance(Infinity)
      const own = lines.filter((line) =>
        new RegExp(`^\\d+ (trade 0 \\d+ \\d+ ${id}|fill 0 \\d+ ${id}) `).test(`${line} `),
      )
      expect(own.length).toBeGreaterThan(1)
      expect(own.every((line) => line.startsWith(`${sent + latency} `))).toBe(true)
    }
  })

  test('that is large moves the price against itself', () => {
    const world = new SyntheticWorld(small)
    world.advance(world.sessionStart + minute)
    const { asks } = world.book(0).levels(3)
    const quantity = asks.reduce((sum, level) => sum + level.quantity, 0)
    world.submit(0, market(quantity), 0)
    world.advance(world.time)
    expect(world.book(0).topOfBook().ask!.price).toBeGreaterThan(asks[2].price)
  })

  test('ends at the latest when the market closes, and one that comes later is refused', () => {
    const { lines, listener } = journal(() => world)
    const world: SyntheticWorld = new SyntheticWorld(small, listener)
    world.advance(world.sessionStart + minute)
    const { bid } = world.book(0).topOfBook()
    const rest = { side: Side.BUY, type: OrderType.LIMIT, quantity: 5, price: bid!.price - 500 }
    const stop = { side: Side.SELL, type: OrderType.STOP, quantity: 5, stopPrice: bid!.price - 500 }
    const ids = [world.submit(0, rest, 10), world.submit(0, stop, 10)]
    const late = world.submit(0, market(5), 100, world.sessionEnd)
    world.advance(Infinity)
    for (const id of ids)
      expect(
        lines.some(
          (line) => line.startsWith(`${world.sessionEnd} cancel 0`) && line.split(' ')[4] === `${id}`,
        ),
      ).toBe(true)
    expect(lines.at(-1)).toMatch(new RegExp(`^${world.sessionEnd + 100} reject 0 \\d+ 0 ${late} `))
  })

  test('can be changed and cancelled, and nobody else’s can', () => {
    const world = new SyntheticWorld(small)
    world.advance(world.sessionStart + minute)
    const price = world.book(0).topOfBook().bid!.price - 100
    const id = world.submit(0, { side: Side.BUY, type: OrderType.LIMIT, quantity: 5, price }, 10)
    world.change(0, id, { price: price - 1 }, 20)
    world.advance(world.time + 20)
    expect(world.book(0).find(id)).toMatchObject({ price: price - 1, open: 5 })
    world.cancel(0, id, 10)
    world.advance(world.time + 10)
    expect(world.book(0).find(id)).toBe(null)
    expect(() => world.cancel(0, 1, 10)).toThrow(/1 is no order of the outside/)
    expect(() => world.submit(0, market(1), 10, world.time - 1)).toThrow(/not before the newest message/)
    expect(() => world.submit(1, market(1), 10)).toThrow(
      /instrument is 1; expected a whole number from 0 to 0/,
    )
  })
})

describe('orders of the outside that stand alone and far away', () => {
  const limit = (side: Side, quantity: number, price: number, flag: OrderFlag = OrderFlag.NONE) => ({
    ...{ side, type: OrderType.LIMIT, owner: 1, quantity, price: Math.round(price), flag },
  })
  /** Takes all that one side shows, of every order. */
  const sweep = (world: SyntheticWorld, side: Side, from: number) =>
    world.submit(0, limit(side, 1e6, side === Side.BUY ? 10 * from : 1, OrderFlag.IMMEDIATE_OR_CANCEL), 0)

  type Attack = (world: SyntheticWorld, from: number, round: number) => void
  const attacks: Record<string, Attack> = {
    'an ask above an emptied book': (world, from, round) => {
      sweep(world, Side.BUY, from)
      if (round === 0) world.submit(0, limit(Side.SELL, 500, 3 * from), 0)
    },
    'a bid below an emptied book': (world, from, round) => {
      sweep(world, Side.SELL, from)
      if (round === 0) world.submit(0, limit(Side.BUY, 500, from / 3), 0)
    },
    'a market of its own above an emptied book': (world, from) => {
      sweep(world, Side.BUY, from)
      world.submit(0, limit(Side.SELL, 1, 1.5 * from + 2), 0)
      world.submit(0, limit(Side.BUY, 1, 1.5 * from), 0)
    },
    'a market of its own that walks away': (world, from) => {
      sweep(world, Side.BUY, from)
      for (let step = 0.005; step < 0.5; step += 0.005) {
        const bid = world.submit(0, limit(Side.BUY, 1, from * (1 + step)), 0)
        const ask = world.submit(0, limit(Side.SELL, 1, from * (1 + step) + 2), 0)
        world.advance(world.time)
        for (const id of [bid, ask]) if (world.book(0).find(id)) world.cancel(0, id, 0)
      }
    },
  }

  test.each(Object.keys(attacks))('%s draws no agent to prices that are absurd', (name) => {
    let from = 0
    const absurd: string[] = []
    const pays = (id: number, side: number, price: number, what: string) => {
      if (from === 0 || world.sender(0, id) === 'outside') return
      if (side === 0 ? price > 1.06 * from : price < from / 1.06)
        absurd.push(`${world.sender(0, id)} ${what} ${side === 0 ? 'buys' : 'sells'} at ${price / from}`)
    }
    const world: SyntheticWorld = new SyntheticWorld(
      { ...small, seconds: 90, selfTrade: 'none' },
      {
        ...none,
        open: (_, __, id, side, price) => pays(id, side, price, 'rests and'),
        trade: (_, __, maker, taker, takerSide, price) => {
          pays(maker, takerSide ^ 1, price, 'is hit and')
          pays(taker, takerSide, price, 'takes and')
        },
      },
    )
    world.advance(world.sessionStart + minute)
    const { bid, ask } = world.book(0).topOfBook()
    from = (bid!.price + ask!.price) / 2
    for (let round = 0; round < 4; round++) {
      attacks[name]!(world, from, round)
      world.advance(world.sessionStart + minute + (round + 1) * 2e6)
    }
    expect(absurd).toEqual([])
    world.advance(world.sessionEnd - 1e6)
    const end = world.book(0).levels(1)
    expect(end.bids[0]!.price / from).toBeGreaterThan(0.95)
    expect(end.bids[0]!.price / from).toBeLessThan(1.05)
  })

  test('are believed where agents stand, and near where they stood', () => {
    const world = new SyntheticWorld(small)
    world.advance(world.sessionStart + minute)
    const { bid, ask } = world.book(0).topOfBook()
    const plain = world.fork()
    // A tick inside the spread or deep in the book: what the agents see of the best prices is what all see.
    const inside = world.submit(0, limit(Side.BUY, 3, bid!.price), 0)
    world.submit(0, limit(Side.SELL, 3, 3 * ask!.price), 0)
    world.advance(world.time)
    expect(world.book(0).topOfBook().bid!.quantity).toBe(plain.book(0).topOfBook().bid!.quantity + 3)
    world.cancel(0, inside, 0)
    // The far order changes nothing of what the others do: the market goes on like that without it, for all to see.
    world.advance(world.sessionStart + minute + 5e6)
    plain.advance(plain.sessionStart + minute + 5e6)
    expect(world.book(0).topOfBook().bid!.price).toBe(plain.book(0).topOfBook().bid!.price)
  })
})

test('an opening auction collects orders without a trade and opens with one price', () => {
  const prices = new Set<number>()
  const phases: number[] = []
  let early = 0
  const world: SyntheticWorld = new SyntheticWorld(
    { ...small, preset: 'opening-auction', auction: 60 },
    {
      ...none,
      phase: (_, __, phase) => void phases.push(phase),
      trade: (_, __, ___, ____, _____, price) => {
        if (world.time < world.sessionStart + minute) early++
        if (world.time === world.sessionStart + minute) prices.add(price)
      },
    },
  )
  world.advance(world.sessionStart + minute - 1)
  expect(world.book(0).phase).toBe(Phase.AUCTION)
  const clearing = world.book(0).indicative()!
  world.advance(Infinity)
  expect(early).toBe(0)
  expect([...prices]).toEqual([clearing.price])
  expect(phases).toEqual([Phase.AUCTION, Phase.CONTINUOUS, Phase.HALTED])
})

describe('options are held against their bounds', () => {
  test.each<[SyntheticOptions, RegExp]>([
    [{ preset: 'wild' as 'calm' }, /preset is 'wild'; expected one of calm, trending/],
    [{ instruments: 21 }, /instruments is 21; expected a whole number from 1 to 20/],
    [{ agents: 20_001 }, /agents is 20001; expected a whole number from 10 to 20000/],
    [{ instruments: 5, agents: 40 }, /agents is 40; expected a whole number from 50/],
    [{ seconds: 86_401 }, /seconds is 86401; expected a whole number from 1 to 86400/],
    [{ seconds: 1.5 }, /seconds is 1.5/],
    [{ seed: -1 }, /seed is -1/],
    [{ tick: 0 }, /tick is 0/],
    [{ volatility: NaN }, /volatility is NaN; expected 0 to 0.2/],
    [{ latency: { noise: 2e6 } }, /latency.noise is 2000000; expected a whole number from 2 to 1000000/],
    [{ rates: { maker: 0 } }, /rates.maker is 0/],
    [{ shares: { value: 0.5, maker: 0.5 } }, /shares add up to/],
    [{ auction: 3600 }, /auction is 3600/],
    [
      { agents: 20_000, seconds: 86_400 },
      /would send about \d+ orders to each of 1 instruments in 86400 seconds/,
    ],
  ])('%j', (options, message) => {
    expect(() => new SyntheticWorld(options)).toThrow(message)
    expect(() => new SyntheticWorld(options)).toThrow(RangeError)
  })
})

test('the world hands out its books to look at', () => {
  const world = new SyntheticWorld({ ...small, instruments: 3 })
  expect(
    world.instruments.map(({ name }) => name).every((name) => /^[A-Z]{1,4}\.[A-Z]{1,2}$/.test(name)),
  ).toBe(true)
  expect(world.book(2)).toBeInstanceOf(OrderBook)
})

describe('the stylised facts of real markets', () => {
  const failing = (recording: MarketRecording) =>
    stylisedFacts(recording)
      .filter(({ passes }) => !passes)
      .map(({ name, value, band }) => `${name}: ${value.toFixed(3)} not in ${band.join(' to ')}`)

  test.each([1, 2])('hold in four hours of the default market, seed %i', (seed) => {
    expect(failing(recordMarket({ seed, seconds: 4 * 3600 }))).toEqual([])
  })

  // Two hours each. What fails is what makes the preset: jumps drown the memory of volatility, two hundred agents are too few
  // for deep queues and long runs of orders, and one large seller is a trend that anybody could follow.
  test.each<[SyntheticPreset, string[]]>([
    ['trending', []],
    ['volatile', ['Volatility comes in clusters', 'that last']],
    [
      'thin',
      [
        'that last',
        'Orders are followed by orders of their side',
        'The book is deepest behind the best price',
        'Impact grows slower than size',
      ],
    ],
    ['flash-crash', ['Returns do not predict returns']],
    ['opening-auction', []],
  ])('hold in the %s market, but for %j', (preset, without) => {
    const recording = recordMarket({ preset, seed: 1, seconds: 7200 })
    expect(failing(recording).map((text) => text.slice(0, text.indexOf(':')))).toEqual(without)
  })

  test('most fail in a random walk with signs and sizes by chance', () => {
    const { next } = random(5)
    const count = 14_400
    let price = 10_000
    const mid = Float64Array.from({ length: count }, () => {
      for (let i = 0; i < 12; i++) price += (next() - 0.5) * 2
      return price
    })
    const quantity = Float64Array.from({ length: count }, () => Math.ceil(100 * next()))
    const walk: MarketRecording = {
      step: 1,
      mid,
      spread: new Float64Array(count).fill(1),
      depth: new Float64Array(40).fill(100),
      sign: Int8Array.from({ length: count }, () => (next() < 0.5 ? 1 : -1)),
      quantity,
      impact: quantity.map((size) => size / 50),
    }
    const passing = stylisedFacts(walk).filter(({ passes }) => passes)
    expect(passing.map(({ name }) => name)).toEqual([
      'Returns do not predict returns',
      'nor on average over longer times',
    ])
  })

  test('are looked for over four hours of what is asked for, or over all of it where it is longer', () => {
    const asked = { agents: 10, barSeconds: 5, latency: 700 }
    expect(marketFacts({ ...asked, seconds: 600 })).toMatchObject({ seconds: 14_400, warning: undefined })
    expect(marketFacts({ ...asked, seconds: 18_000 }).seconds).toBe(18_000)
    expect(marketFacts({ ...asked, seconds: 600 }).facts).toEqual(
      stylisedFacts(recordMarket({ agents: 10, seconds: 14_400 })),
    )
  })

  test('are no better told than by the session, where four hours would be more orders than a book holds', () => {
    const rates = { noise: 300 }
    expect(() => syntheticSettings({ agents: 20, seconds: 14_400, rates })).toThrow(RangeError)
    expect(marketFacts({ agents: 20, seconds: 20, rates })).toMatchObject({
      seconds: 20,
      warning: expect.stringMatching(
        /^These figures mean nothing: there is only 1 return over 10 s/,
      ) as string,
    })
  })

  test('cannot be taken from a market that was not recorded long enough', () => {
    expect(stylisedFacts(recordMarket({ seconds: 20, agents: 20 })).some(({ passes }) => !passes)).toBe(true)
    expect(() => stylisedFacts({ ...recordMarket({ seconds: 20, agents: 20 }, 3) })).toThrow(/step is 3 s/)
    expect(() => recordMarket({}, 0)).toThrow(/step is 0/)
  })
})

describe('the presets differ as their names say', () => {
  const facts = (options: SyntheticOptions) => recordMarket({ seconds: 1800, seed: 3, ...options })
  const mean = (values: Float64Array) => values.reduce((sum, value) => sum + value, 0) / values.length
  const change = ({ mid }: MarketRecording) => mid.at(-1)! / mid[0] - 1
  const restless = ({ mid }: MarketRecording) =>
    mean(mid.slice(1).map((price, i) => Math.abs(price - mid[i])))
  const calm = facts({})

  test('a calm market has a spread of about two ticks, deep queues, and goes nowhere in particular', () => {
    expect(mean(calm.spread)).toBeLessThan(2.5)
    expect(mean(calm.depth)).toBeGreaterThan(60)
    expect(Math.abs(change(calm))).toBeLessThan(0.02)
    const largest = calm.mid
      .slice(1)
      .reduce((most, mid, i) => Math.max(most, Math.abs(mid / calm.mid[i]! - 1)), 0)
    expect(largest).toBeLessThan(0.002)
  })

  test('an opening auction opens a market that is as calm as one without it', () => {
    const opened = facts({ preset: 'opening-auction' })
    expect(opened.mid.length).toBe(calm.mid.length - 180)
    expect(mean(opened.spread)).toBeLessThan(1.2 * mean(calm.spread))
    expect(mean(opened.depth)).toBeGreaterThan(0.8 * mean(calm.depth))
  })

  test('a volatile market moves more and has a wider spread', () => {
    const volatile = facts({ preset: 'volatile' })
    expect(restless(volatile)).toBeGreaterThan(1.3 * restless(calm))
    expect(mean(volatile.spread)).toBeGreaterThan(mean(calm.spread))
  })

  test('a trending market goes up where the calm one does not', () => {
    const trending = [1, 2, 3, 4].map((seed) => change(facts({ preset: 'trending', seed })))
    const plain = [1, 2, 3, 4].map((seed) => change(facts({ seed })))
    const sum = (values: number[]) => values.reduce((total, value) => total + value, 0)
    expect(sum(trending) - sum(plain)).toBeGreaterThan(4 * 0.005)
  })

  test('a thin market has a wide spread and little depth', () => {
    const thin = facts({ preset: 'thin' })
    expect(mean(thin.spread)).toBeGreaterThan(1.5 * mean(calm.spread))
    expect(mean(thin.depth)).toBeLessThan(0.4 * mean(calm.depth))
  })

  test('a flash crash falls by a multiple of what the same market does without it, and comes back', () => {
    const fall = ({ mid }: MarketRecording) => Math.min(...mid.slice(900, 1300)) / mid[890] - 1
    const crash = facts({ preset: 'flash-crash' })
    const { program, ...rest } = syntheticSettings({ preset: 'flash-crash', seconds: 1800, seed: 3 })
    const without = facts({ ...rest, startPrice: undefined, program: null })
    expect(program).toMatchObject({ start: 0.5, seconds: 180 })
    expect(fall(crash)).toBeLessThan(-0.01)
    expect(fall(crash)).toBeLessThan(4 * fall(without))
    expect(crash.mid.at(-1)! / crash.mid[890] - 1).toBeGreaterThan(fall(crash) / 2)
  })
})
