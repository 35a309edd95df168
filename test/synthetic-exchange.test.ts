import { describe, expect, test } from 'vitest'
import { Timeline } from '#analysis'
import type { SyntheticRequest } from '#data'
import { createRun, dataOf, verify } from '#engine'
import { buffersOf } from '#session'
import {
  type BarEvent,
  BarStrategy,
  type BookEvent,
  type Instrument,
  type MarketOrderEvent,
  type Order,
  type OrderEvent,
  OrderFlag,
  OrderType,
  type RejectionEvent,
  SelfTrade,
  Side,
  sma,
  Strategy,
  type TradeEvent,
} from 'outcry'
import { breathe, play, run, settings } from './market.ts'

const request = { seed: 1, seconds: 120, agents: 60, barSeconds: 10, latency: 1000 }
const world = (changes: SyntheticRequest = {}) => ({
  id: 'synthetic',
  name: 'Synthetic',
  provenance: 'made while it runs',
  instruments: [],
  synthetic: { ...request, ...changes },
})

describe('a strategy on a synthetic market', () => {
  test('can be stepped through before it is over, moment for moment as when it is', async () => {
    class Trades extends BarStrategy {
      average = this.indicator(sma(3))
      async onBar({ target: bar }: BarEvent) {
        if (bar.close > this.average.value) await this.buy(bar.instrument, 1)
        else
          await this.newOrder({
            instrument: bar.instrument,
            side: Side.SELL,
            type: OrderType.LIMIT,
            volume: 1,
            price: bar.close + 0.02,
          })
      }
    }
    for (const instruments of [1, 2]) {
      const data = world({ instruments })
      const record = await play(Trades, data)
      const whole = new Timeline(record, dataOf(record, data))
      const run = createRun({ strategy: Trades, data, settings: settings() })
      expect(run.soFar()!.bars).toBe(0)
      let looks = 0
      for (let over = false; !over;) {
        over = await run.toRest()
        await breathe()
        if (!run.between) continue
        const partial = run.soFar()!
        const { market } = partial
        expect(market.reduce((sum, { bars }) => sum + bars.time.length, 0)).toBe(partial.bars)
        market.forEach(({ bars }, i) =>
          expect([...bars.close]).toEqual([...record.market[i]!.bars.close.slice(0, bars.close.length)]),
        )
        const timeline = new Timeline(partial, dataOf(partial, data))
        for (let index = 0; index < timeline.length; index += 1 + Math.floor(timeline.length / 20)) {
          expect(timeline.moment(index)).toEqual(whole.moment(index))
          expect(timeline.standing(index)).toEqual(whole.standing(index))
        }
        // As on its way out of a worker, where what was sent is no longer there.
        structuredClone(partial, { transfer: buffersOf(partial) })
        looks++
      }
      expect(run.record().digest).toBe(record.digest)
      expect(run.record().books).toEqual(record.books)
      expect(looks).toBeGreaterThan(3)
    }
  })

  test('gets the bars that the trades make, each complete at its stamp', async () => {
    class Checks extends Strategy {
      high = -Infinity
      low = Infinity
      last = NaN
      volume = 0
      onTrade({ target }: TradeEvent) {
        this.high = Math.max(this.high, target.price)
        this.low = Math.min(this.low, target.price)
        this.last = target.price
        this.volume += target.volume
      }
      onBar({ target: bar }: BarEvent) {
        if (
          this.volume > 0 &&
          (bar.high !== this.high ||
            bar.low !== this.low ||
            bar.close !== this.last ||
            bar.volume !== this.volume)
        )
          throw new Error(`${bar}`)
        if (bar.time !== this.now()) throw new Error('told late')
        this.high = -Infinity
        this.low = Infinity
        this.volume = 0
        this.log(bar.close)
      }
    }
    const record = await play(Checks, world())
    expect(record.lines).toHaveLength(12)
    expect(record.bars).toBe(12)
    const [made] = dataOf(record, world()).instruments
    expect([...made!.bars.close].map(String)).toEqual(record.lines)
  })

  test('hears every order of the book from its opening to its end (EN-05)', async () => {
    class Follows extends Strategy {
      open = new Map<number, number>()
      counts: Record<string, number> = {}
      onTrade() {}
      onOrder({ type, target: { id, volume } }: MarketOrderEvent) {
        this.counts[type] = (this.counts[type] ?? 0) + 1
        if (type === 'OPEN') this.open.set(id, volume)
        else if (type === 'FILL' || type === 'CANCEL') this.open.delete(id)
        else this.open.set(id, volume)
        if ([...this.open.values()].some((left) => left <= 0)) throw new Error('an empty order stays')
      }
      onExit() {
        const book = this.book(this.instruments()[0]!, 1000)!
        const shown = [...book.bids, ...book.asks].reduce((sum, { orders }) => sum + orders, 0)
        this.log(
          Object.values(this.counts).every((count) => count > 10),
          this.open.size >= shown,
        )
      }
    }
    expect((await play(Follows, world())).lines).toEqual(['true true'])
  })

  test('sees a book whose best bid is below its best ask, whenever it changes', async () => {
    class Looks extends Strategy {
      seen = 0
      onTrade() {}
      onBook({ target: book }: BookEvent) {
        this.seen++
        if (book.bestBid >= book.bestAsk) throw new Error('crossed')
        if (book.bids.length > 0 && book.bids[0]!.price !== book.bestBid) throw new Error('not best first')
      }
      onExit() {
        this.log(this.seen > 100)
      }
    }
    expect((await play(Looks, world())).lines).toEqual(['true'])
  })

  test('buys at the asks that were there when its order arrived, one delay after it was sent, and is received once, before (EN-12)', async () => {
    class Takes extends BarStrategy {
      async onBar({ target: { instrument } }: BarEvent) {
        if (this.pastOrders().length > 0) return
        const { bestAsk } = this.book(instrument)!
        this.log(this.now(), bestAsk)
        await this.buy(instrument, 1)
        this.log('sent', this.orders().length)
      }
      onReceived({ target }: OrderEvent) {
        this.log('received', this.now(), target.status)
      }
      onBought({ target }: TradeEvent) {
        this.log('bought', this.now(), target.rule, target.myOrder!.status)
      }
    }
    const { lines, fills } = await play(Takes, world())
    const sent = Number(lines[0]!.split(' ')[0])
    expect(lines.slice(1)).toEqual([
      'sent 1',
      `received ${sent + 1} OPEN`,
      `bought ${sent + 1} book, taking FILLED`,
    ])
    expect(fills.slippage[0]).toBe(0)
  })

  test('moves the price when it buys a lot, and the others see it', async () => {
    class Quiet extends BarStrategy {
      onBar() {}
    }
    class Sweeps extends BarStrategy {
      async onBar({ target: { instrument } }: BarEvent) {
        if (this.pastOrders().length === 0) await this.buy(instrument, 3000)
      }
    }
    const rich = { cash: 1e7 }
    const [quiet, swept] = [await play(Quiet, world(), rich), await play(Sweeps, world(), rich)]
    const high = (record: typeof quiet) => record.market[0]!.bars.high
    expect(high(swept)[0]).toBe(high(quiet)[0])
    expect(high(swept)[1]!).toBeGreaterThan(high(quiet)[1]!)
  })

  test('waits in the queue with a limit order, and its cancel takes as long as an order', async () => {
    class Rests extends BarStrategy {
      async onBar({ target: { instrument } }: BarEvent) {
        const [order] = this.orders()
        if (order) this.log('cancel', (await this.cancelOrder(order)).accepted, order.status)
        else if (this.pastOrders().length === 0) await this.buy(instrument, 1, { price: 1 })
      }
      onCanceled({ target }: OrderEvent) {
        this.log(target.status, this.orders().length)
      }
    }
    expect((await play(Rests, world())).lines).toEqual(['cancel true OPEN', 'CANCELLED 0'])
  })

  test('is told of a refusal at the exchange when it comes, and a cancel that is too late leaves the trade (EN-09)', async () => {
    class Refused extends BarStrategy {
      async onBar({ target: { instrument } }: BarEvent) {
        if (this.pastOrders().length > 0) return
        const { bestAsk } = this.book(instrument)!
        const answer = await this.buy(instrument, 1, { price: bestAsk + 5, flag: 'POST_ONLY' })
        this.log(answer.accepted)
        const taken = await this.buy(instrument, 1)
        if (taken.accepted) await this.cancelOrder(taken.order)
      }
      onRejected({ target }: RejectionEvent) {
        const { kind, code, order, reason, numbers } = target
        this.log(kind, code, order.status, reason)
        if (code === 'WOULD_TRADE') this.log(numbers.price === order.price && numbers.best! < order.price!)
      }
    }
    expect((await play(Refused, world())).lines).toEqual([
      'true',
      expect.stringMatching(
        /^order WOULD_TRADE REJECTED A post-only order must rest: at [\d.]+ it would trade with the best ask of [A-Z.]+, [\d.]+\.$/,
      ),
      'true',
      'cancel ORDER_FINISHED FILLED The order had ended before the request arrived.',
    ])
  })

  test('is told while an auction collects that it takes only what can wait for its end', async () => {
    class Early extends BarStrategy {
      async onBar({ target: { instrument } }: BarEvent) {
        if (this.pastOrders().length > 0) return
        await this.buy(instrument, 1, { price: 50, flag: 'POST_ONLY' })
        await this.buy(instrument, 1, { price: 50 })
      }
      onReceived({ target }: OrderEvent) {
        this.log('received', target.flag)
      }
      onRejected({ target: { code, reason } }: RejectionEvent) {
        this.log(code, reason)
      }
    }
    expect((await play(Early, world({ auction: 60 }))).lines).toEqual([
      'HALTED Nothing trades now: while the exchange is halted it takes cancels alone, and while an auction collects only orders that can wait for its end.',
      'received NONE',
    ])
  })

  test('leaves a record of what the book showed at every bar, and where its own orders stood in the queue', async () => {
    class JoinsABid extends BarStrategy {
      async onBar({ target: { instrument } }: BarEvent) {
        const { bestBid, bids } = this.book(instrument)!
        if (this.pastOrders().length === 0) await this.buy(instrument, 3, { price: bids[4]!.price })
        this.log(bestBid, bids[0]!.volume)
      }
    }
    const record = await play(JoinsABid, world())
    const [book] = record.books
    const bests = record.lines.map(
      (_, i) => `${book!.bidPrice[i * book!.levels]} ${book!.bidVolume[i * book!.levels]}`,
    )
    expect(bests).toEqual(record.lines)
    expect(book!.ownVolume[0]).toBe(3)
    expect(book!.ownPrice[0]).toBe(record.orders.price[0])
    expect(book!.ownAhead[0]).toBeGreaterThanOrEqual(0)
  })

  test('changes a resting order, and its new terms hold when the exchange says so', async () => {
    class Changes extends BarStrategy {
      async onBar({ target: { instrument } }: BarEvent) {
        const [order] = this.orders()
        if (!order && this.pastOrders().length === 0) await this.buy(instrument, 5, { price: 1 })
        else if (order && order.price === 1) {
          await this.changeOrder(order, { price: 2, volume: 3 })
          this.log(order.price, order.volume)
        } else if (order) this.log(order.price, order.volume)
      }
    }
    expect((await play(Changes, world())).lines.slice(0, 2)).toEqual(['1 5', '2 3'])
  })

  test('keeps a bracket that works on the book: whichever exit trades, the other goes', async () => {
    class Brackets extends BarStrategy {
      async onBar({ target: { instrument, close } }: BarEvent) {
        if (this.orders().length === 0 && this.position(instrument).size === 0)
          await this.bracket(
            { instrument, side: Side.BUY, volume: 1 },
            {
              stop: instrument.tickSize * Math.round((close * 0.9995) / instrument.tickSize),
              target: instrument.tickSize * Math.round((close * 1.0005) / instrument.tickSize),
            },
          )
      }
      onExit() {
        this.log(this.orders().length <= 3, this.trades().length >= 2)
      }
    }
    const record = await play(Brackets, world({ seconds: 600 }))
    expect(record.lines).toEqual(['true true'])
    expect([...record.orders.status].every((status) => status >= 2)).toBe(true)
  })

  test('protects what an entry got that traded in part and was then taken back', async () => {
    class Partly extends BarStrategy {
      entry: Order | undefined
      async onBar({ target: { instrument } }: BarEvent) {
        if (this.entry) return
        const { asks } = this.book(instrument)!
        const volume = asks[0]!.volume + 100_000
        const flag = OrderFlag.IMMEDIATE_OR_CANCEL
        const entry = { instrument, side: Side.BUY, volume, price: asks[0]!.price, flag }
        const { entry: sent, stop } = await this.bracket(entry, { stop: asks[0]!.price - 10 })
        this.entry = sent.order
        // Works at the exchange only once the entry is over; until then it is changed here.
        const { accepted } = await this.changeOrder(stop!.order!, { stopPrice: asks[0]!.price - 11 })
        this.log(accepted, stop!.order!.stopPrice === asks[0]!.price - 11)
      }
      onReceived({ target: order }: OrderEvent) {
        const { entry } = this
        if (order !== entry)
          this.log(order.type, entry!.status, order.volume === entry!.filled, order.volume > 0)
      }
    }
    const record = await play(Partly, world(), { cash: 1e12 })
    expect(record.lines).toEqual(['true true', 'STOP CANCELLED true true'])
  })

  test('holds a target and closes once, also while its orders are still on their way', async () => {
    class Holds extends BarStrategy {
      seen = 0
      async onBar({ target: { instrument } }: BarEvent) {
        if (++this.seen > 6) return void (await this.closeAll())
        await this.target(instrument, 0.5)
        const { size, lastPrice } = this.position(instrument)
        const share = (size * lastPrice) / this.portfolio().equity
        if (share > 0.55) throw new Error(`holds ${share}`)
      }
      onExit() {
        this.log(this.position(this.instruments()[0]!).size)
      }
    }
    expect((await play(Holds, world({ latency: 15_000_000 }))).lines).toEqual(['0'])
  })

  test('takes the exits of an entry back that the exchange refuses', async () => {
    class Refused extends BarStrategy {
      async onBar({ target: { instrument } }: BarEvent) {
        if (this.pastOrders().length > 0) return void this.log(this.orders().length)
        const { bestAsk: price } = this.book(instrument)!
        const entry = { instrument, side: Side.BUY, volume: 1, price: price + 1, flag: OrderFlag.POST_ONLY }
        await this.bracket(entry, { stop: price - 10, target: price + 10 })
      }
    }
    expect(new Set((await play(Refused, world())).lines)).toEqual(new Set(['0']))
  })

  test('is called by its timers between two bars', async () => {
    class Timed extends BarStrategy {
      onStart() {
        this.periodic(() => this.log(this.now() % 10_000), { seconds: 4 })
      }
      onBar() {}
    }
    expect((await play(Timed, world({ seconds: 20 }))).lines).toEqual(['4000', '8000', '2000', '6000'])
  })

  test('comes to the same digest again, and to another with another seed or delay (EN-22)', async () => {
    class Trades extends BarStrategy {
      async onBar({ target: { instrument, close, open } }: BarEvent) {
        await this.target(instrument, close > open ? 0.5 : -0.5)
      }
    }
    const digest = async (changes: SyntheticRequest) => (await play(Trades, world(changes))).digest
    const first = await digest({})
    expect(await digest({})).toBe(first)
    expect(await digest({ seed: 8 })).not.toBe(first)
    expect(await digest({ latency: 50_000 })).not.toBe(first)
    const run = createRun({ strategy: Trades, data: world(), settings: settings() })
    await run.complete(breathe)
    expect(run.record().digest).toBe(first)
  })

  test('runs on several instruments at once', async () => {
    class Both extends BarStrategy {
      async onBar({ target: { instrument } }: BarEvent) {
        if (this.trades(instrument).length === 0 && this.orders(instrument).length === 0)
          await this.buy(instrument, 1)
      }
    }
    const record = await play(Both, world({ instruments: 3, agents: 120 }))
    expect([...record.fills.instrument].sort()).toEqual([0, 1, 2])
    expect(record.bars).toBe(36)
  })
})

test.each([
  [{ barSeconds: 0 }, /a bar is 0 seconds; expected whole seconds from 1/],
  [{ latency: -1 }, /latency is -1/],
  [{ agents: 1e9 }, /agents/],
  [{ preset: 'boring' }, /boring/],
])('a market cannot be made with %o', async (changes, message) => {
  class Idle extends BarStrategy {
    onBar() {}
  }
  await expect(play(Idle, world(changes))).rejects.toThrow(message)
})

describe('an iceberg on a synthetic market', () => {
  test('shows a part of itself, the whole of it trades, and its journal comes to the same', async () => {
    class Hides extends BarStrategy {
      async onBar({ target: { instrument } }: BarEvent) {
        if (this.pastOrders().length > 0) return
        const { bestBid, bestAsk } = this.book(instrument)!
        // Far below there is nobody else.
        const price = Math.round((bestBid - 1) * 100) / 100
        await this.buy(instrument, 500, { price, display: 20 })
        await this.buy(instrument, 60, { price: bestAsk, display: 7 })
      }
      onReceived({ target: order }: OrderEvent) {
        const level = this.book(order.instrument, 1000)!.bids.find(({ price }) => price === order.price)
        this.log(order.display, 'shown at a time,', level?.volume ?? 0, 'bid')
      }
    }
    const data = world({ seconds: 240, agents: 120 })
    const record = await play(Hides, data, { cash: 1e6 })
    expect(record.lines[0]).toBe('20 shown at a time, 20 bid')
    const bought = [...record.fills.volume].filter((_, i) => record.fills.order[i] === 2)
    expect(bought.reduce((sum, volume) => sum + volume, 0)).toBe(60)
    expect(verify(record, data)).toEqual({ agrees: true })
    expect([...record.journal.orders.display]).toEqual([20, 7])
  })

  test.each<readonly [string, object, string, object]>([
    ['more than the order has', { display: 101 }, 'CONTRADICTORY', { display: 101, volume: 100 }],
    ['no whole lots', { display: 2.5 }, 'OFF_LOT', { display: 2.5, lotSize: 1 }],
    [
      'a part in two thousand',
      { volume: 2000, display: 1 },
      'OUT_OF_RANGE',
      { display: 1, volume: 2000, parts: 1000 },
    ],
  ])('that shows %s is refused with the numbers', async (_, change, code, numbers) => {
    class Asks extends BarStrategy {
      async onBar({ target: { instrument } }: BarEvent) {
        if (this.pastOrders().length > 0) return
        const answer = await this.newOrder({ instrument, side: Side.BUY, volume: 100, price: 50, ...change })
        if (!answer.accepted) this.log(answer.code, JSON.stringify(answer.numbers))
      }
    }
    const record = await play(Asks, world(), { cash: 1e9 })
    expect(record.lines).toEqual([`${code} ${JSON.stringify(numbers)}`])
  })
})

describe('a hidden order on a synthetic market', () => {
  class Hides extends BarStrategy {
    heard = 0
    async onBar({ target: { instrument } }: BarEvent) {
      if (this.pastOrders().length > 0) return
      const { bestBid } = this.book(instrument)!
      await this.buy(instrument, 60, { price: bestBid, hidden: true })
      // Far below there is nobody else.
      await this.buy(instrument, 500, { price: Math.round((bestBid - 1) * 100) / 100, hidden: true })
    }
    onOrder({ target: { myOrder } }: MarketOrderEvent) {
      if (myOrder) this.heard++
    }
    onReceived({ target: order }: OrderEvent) {
      const level = this.book(order.instrument, 1000)!.bids.find(({ price }) => price === order.price)
      this.log(order.hidden, 'hidden,', order.id === 2 ? (level?.volume ?? 0) : 'some', 'bid')
    }
    onExit() {
      this.log(this.heard, 'heard')
    }
  }
  const data = world({ seconds: 240, agents: 120 })

  test('shows nothing of itself, waits behind all that is shown, and trades', async () => {
    const record = await play(Hides, data, { cash: 1e6 })
    expect(record.lines).toEqual(['true hidden, some bid', 'true hidden, 0 bid', '0 heard'])
    const bought = [...record.fills.volume].filter((_, i) => record.fills.order[i] === 1)
    expect(bought.reduce((sum, volume) => sum + volume, 0)).toBe(60)
    expect(verify(record, data)).toEqual({ agrees: true })
    expect([...record.journal.orders.hidden]).toEqual([1, 1])
    const [{ ownShown, ownOrder, ownAhead, ownVolume }] = record.books as [(typeof record.books)[0]]
    const at = ownOrder.indexOf(2)
    expect([ownShown[at], ownAhead[at], ownVolume[at]]).toEqual([0, 0, 500])
  })

  test('trades after one in the open that came later, at the same price', async () => {
    class Both extends BarStrategy {
      async onBar({ target: { instrument } }: BarEvent) {
        if (this.pastOrders().length > 0) return
        const price = this.book(instrument)!.bestBid
        await this.buy(instrument, 20, { price, hidden: true })
        await this.buy(instrument, 20, { price })
      }
    }
    const { fills } = await play(Both, data, { cash: 1e6 })
    expect(fills.order[0]).toBe(2)
    expect([...fills.order]).toContain(1)
  })
})

test('a market begins when and where it is asked to, on the tick that is asked for', async () => {
  class Looks extends BarStrategy {
    onBar({ target: { instrument, time } }: BarEvent) {
      const { bids, asks } = this.book(instrument)!
      const off = [...bids, ...asks].filter(
        ({ price }) => Math.abs(price / 0.05 - Math.round(price / 0.05)) > 1e-6,
      )
      this.log(time, off.length)
    }
  }
  const data = world({
    tick: 0.05,
    startPrice: 50,
    sessionStart: Date.UTC(2025, 2, 4, 9) * 1000,
    auction: 20,
  })
  const record = await play(Looks, data)
  expect(record.lines[0]).toBe(`${Date.UTC(2025, 2, 4, 9, 0, 10)} 0`)
  expect(record.instruments[0]!.tickSize).toBe(0.05)
  expect(Math.abs(record.market[0]!.bars.close.at(-1)! - 50)).toBeLessThan(2)
  expect(record.market[0]!.bars.volume[0]).toBe(0)
})

describe('a trade between two orders of the run', () => {
  const short = world({ seed: 3, seconds: 20, agents: 30, barSeconds: 2 })
  const rich = { cash: 1e7 }
  const far = 2000

  /** What a strategy does once, so many milliseconds after the start. */
  const once = (after: number, act: (strategy: Strategy, instrument: Instrument) => Promise<unknown>) =>
    class extends Strategy {
      onTrade() {}
      onStart() {
        const [instrument] = this.instruments()
        let ticks = 0
        this.every(5, async () => {
          if (++ticks === after / 5) await act(this, instrument!)
        })
      }
    }

  /** Takes all that is for sale ten milliseconds before the end; then it may offer one far away, and may take that itself. */
  const sweeps = (offers: boolean, takes: boolean) =>
    once(19_990, async (strategy, instrument) => {
      const terms = { instrument, volume: 1, price: far }
      await strategy.buy(instrument, 800, { price: 1000, flag: OrderFlag.IMMEDIATE_OR_CANCEL })
      if (offers) await strategy.newOrder({ ...terms, side: Side.SELL })
      if (takes) await strategy.newOrder({ ...terms, side: Side.BUY, selfTrade: SelfTrade.NONE })
    })

  test('fills both, makes nobody richer, and is in no bar', async () => {
    const honest = await play(sweeps(false, false), short, rich)
    const printed = await play(sweeps(true, true), short, rich)
    expect([...printed.fills.price]).toEqual([...honest.fills.price, far, far])
    expect(printed.market[0]!.bars).toEqual(honest.market[0]!.bars)
    expect(printed.equity.value.at(-1)!).toBeCloseTo(honest.equity.value.at(-1)!, 6)
    expect(verify(printed, short)).toEqual({ agrees: true })
  })

  test('changes nothing of what another strategy holds, whose drawdown halts it nowhere', async () => {
    const sells = once(4000, (strategy, instrument) => strategy.sell(instrument, 100))
    const beside = async (withItself: boolean) => {
      const { fills, refusals, strategies } = await run({
        strategies: [
          { name: 'A', strategy: sweeps(withItself, withItself) },
          { name: 'B', strategy: sells },
        ],
        data: short,
        settings: settings({ ...rich, risk: { perStrategy: { maxDrawdown: 0.02 } } }),
      })
      return { prices: [...fills.price], refusals, equity: strategies![1]!.equity.value }
    }
    const [honest, printed] = [await beside(false), await beside(true)]
    expect(printed).toEqual({ ...honest, prices: [...honest.prices, far, far] })
  })

  test('triggers no stop and pulls none that trails: nobody else has paid that price', async () => {
    const waits = once(4000, async (strategy, instrument) => {
      await strategy.newOrder({ instrument, side: Side.BUY, volume: 1, stopPrice: 500 })
      await strategy.newOrder({ instrument, side: Side.SELL, volume: 1, trail: 90 })
    })
    class Waits extends waits {
      onExit() {
        for (const { filled, stopPrice } of this.pastOrders()) this.log(filled, stopPrice < 500)
      }
    }
    const lines: string[] = []
    const record = await run({
      strategies: [
        { name: 'A', strategy: sweeps(true, true) },
        { name: 'B', strategy: Waits },
      ],
      data: short,
      settings: settings(rich),
      log: ({ text }) => lines.push(text),
    })
    expect([...record.fills.price].slice(-2)).toEqual([far, far])
    expect(lines).toEqual(['0 false', '0 true'])
  })

  test('that never comes about halts nobody either: an offer far above a book that was emptied', async () => {
    const sells = once(4000, (strategy, instrument) => strategy.sell(instrument, 1000))
    const empties = once(6000, async (strategy, instrument) => {
      await strategy.buy(instrument, 2000, { price: 1000, flag: OrderFlag.IMMEDIATE_OR_CANCEL })
      await strategy.newOrder({ instrument, side: Side.SELL, volume: 500, price: far })
    })
    const { refusals, market } = await run({
      strategies: [
        { name: 'A', strategy: empties },
        { name: 'B', strategy: sells },
      ],
      data: world({ seed: 3, seconds: 60, agents: 200, barSeconds: 2 }),
      settings: settings({ ...rich, risk: { perStrategy: { maxDrawdown: 0.002 } } }),
    })
    expect(refusals.filter(({ kind }) => kind === 'state')).toEqual([])
    const { high, close } = market[0]!.bars
    expect(Math.max(...high) / close[1]!).toBeLessThan(1.06)
  })

  test('is one also where the two are of two strategies', async () => {
    const takes = once(19_995, (strategy, instrument) =>
      strategy.buy(instrument, 1, { price: far, selfTrade: SelfTrade.NONE }),
    )
    const record = await run({
      strategies: [
        { name: 'A', strategy: sweeps(true, false) },
        { name: 'B', strategy: takes },
      ],
      data: short,
      settings: settings(rich),
    })
    const honest = await play(sweeps(false, false), short, rich)
    expect([...record.fills.price]).toEqual([...honest.fills.price, far, far])
    expect(record.market[0]!.bars).toEqual(honest.market[0]!.bars)
    const [, b] = record.strategies!
    const last = record.market[0]!.bars.close.at(-1)!
    expect(b!.equity.value.at(-1)! - b!.equity.value[0]!).toBeCloseTo(last - far, 6)
  })
})
