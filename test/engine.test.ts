import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createRun, StepKind, StrategyError } from '#engine'
import {
  type BarEvent,
  BarStrategy,
  type Event,
  Indicator,
  type IndicatorInput,
  Instrument,
  type MarketOrderEvent,
  type OrderEvent,
  OrderType,
  type RejectionEvent,
  Side,
  sma,
  Strategy,
  type TradeEvent,
} from 'outcry'
import { handWritten, workload } from './bench/workload.ts'
import { breathe, dataSet, fills, market, play, series, settings } from './market.ts'

const tick = () => new Promise<void>((resolve) => setTimeout(resolve, 1))

describe('an order that nobody waits for', () => {
  test('sent again and again by a job, is answered before the market goes on', async () => {
    const heard: string[] = []
    class Hourly extends BarStrategy {
      override onStart() {
        this.every('12h', () => void this.again(2))
      }
      async again(left: number) {
        const [instrument] = this.instruments()
        const { accepted } = await this.buy(instrument!, 1)
        heard.push(`${left} ${accepted} ${this.orders().length}`)
        if (left > 1) void this.again(left - 1)
      }
      override onBar() {
        heard.push('bar')
      }
    }
    await play(Hourly, market(10, 11, 12))
    expect(heard.slice(0, 6)).toEqual(['bar', '2 true 1', '1 true 2', 'bar', '2 true 1', '1 true 2'])
  })

  test('does not hide what a later handler throws', async () => {
    class Throws extends BarStrategy {
      override onBar({ target: { instrument, close } }: BarEvent) {
        if (close === 12) throw new Error('at twelve')
        void this.buy(instrument, 1).then(() => {})
      }
    }
    const run = createRun({ strategy: Throws, data: market(10, 11, 12, 13), settings: settings() })
    await expect(run.complete(breathe)).rejects.toThrow('at twelve')
    expect(() => run.toRest()).toThrow('at twelve')
  })

  test('and whose answer nobody asks for, keeps nothing waiting', () => {
    class Careless extends BarStrategy {
      override onBar({ target: { instrument } }: BarEvent) {
        void this.buy(instrument, 1)
        void this.closeAll()
        void this.bracket({ instrument, side: Side.BUY, volume: 1 }, { stop: 1 })
        void this.target(instrument, 0.5)
      }
    }
    const run = createRun({ strategy: Careless, data: market(10, 11, 12, 13), settings: settings() })
    const rests: unknown[] = []
    while (!run.finished) rests.push(run.toRest())
    expect(rests).toEqual([...Array<boolean>(9).fill(false), true])
    expect(run.record().fills.order.length).toBeGreaterThan(0)
  })

  test.each<[how: string, ask: (answer: Promise<unknown>, goOn: () => void) => unknown]>([
    ['awaits', async (answer, goOn) => (await answer, goOn())],
    ['follows with then', (answer, goOn) => answer.then(goOn)],
    ['follows with then of all promises', (answer, goOn) => Promise.prototype.then.call(answer, goOn)],
    ['follows with finally', (answer, goOn) => answer.finally(goOn)],
    ['returns from a function that is followed', (answer, goOn) => (async () => answer)().then(goOn)],
    ['waits for with others', (answer, goOn) => Promise.all([1, answer]).then(goOn)],
    ['lets race', (answer, goOn) => Promise.race([answer, new Promise(() => {})]).then(goOn)],
    ['wraps', (answer, goOn) => Promise.resolve(answer).then(goOn)],
    ['resolves another with', (answer, goOn) => new Promise((resolve) => resolve(answer)).then(goOn)],
    [
      'iterates over',
      async (answer, goOn) => {
        for await (const _ of [answer]) goOn()
      },
    ],
  ])('is answered before the market goes on whoever %s its answer', async (_, ask) => {
    const heard: string[] = []
    class Asks extends BarStrategy {
      override onBar({ target: { instrument, close } }: BarEvent) {
        heard.push(`bar ${close}`)
        const answer = this.buy(instrument, 1)
        expect(answer).toBeInstanceOf(Promise)
        void ask(answer, () => void this.sell(instrument, 1).then(() => heard.push(`sold ${close}`)))
      }
    }
    await play(Asks, market(10, 11))
    expect(heard).toEqual(['bar 10', 'sold 10', 'bar 11', 'sold 11'])
  })
})

describe('what a strategy is told, and when', () => {
  /** Writes down every handler call with what can be seen from inside it. */
  class Witness extends Strategy {
    seen(what: string) {
      this.log(what, `orders ${this.orders().length}`, `trades ${this.trades().length}`)
    }
    async onStart() {
      this.seen('start')
    }
    async onTrade({ target: trade }: TradeEvent) {
      this.seen(trade.myOrder ? 'my trade' : 'trade')
      if (this.pastOrders().length > 0) return
      const answer = await this.newOrder({ instrument: trade.instrument, side: Side.BUY, volume: 1 })
      this.seen(answer.accepted ? 'accepted' : 'refused')
    }
    onReceived() {
      this.seen('received')
    }
    onBought() {
      this.seen('bought')
    }
    onTraded() {
      this.seen('traded')
    }
    onExit() {
      this.seen('exit')
    }
  }

  test('one market buy, from the order to the end (EN-01)', async () => {
    expect((await play(Witness, market(10, 11))).lines).toEqual([
      'start orders 0 trades 0',
      'trade orders 0 trades 0',
      'accepted orders 1 trades 0',
      'received orders 1 trades 0',
      'my trade orders 0 trades 1',
      'bought orders 0 trades 1',
      'traded orders 0 trades 1',
      'trade orders 0 trades 1',
      'exit orders 0 trades 1',
    ])
  })

  test('a refused order is gone before its promise resolves, and onRejected has the code (EN-02)', async () => {
    class Refused extends BarStrategy {
      async onBar() {
        const stranger = new Instrument({ name: 'NOPE' })
        const answer = await this.newOrder({ instrument: stranger, side: Side.BUY, volume: 1 })
        this.log(answer.accepted, `orders ${this.orders().length}`)
      }
      onRejected({ target }: RejectionEvent) {
        this.log(target.kind, target.code, target.reason)
      }
    }
    expect((await play(Refused, market(10))).lines).toEqual([
      'false orders 0',
      'order UNKNOWN_INSTRUMENT NOPE is not an instrument of this run. Use one of this.instruments(), or the one of the event: X.',
    ])
  })

  test('a cancel that comes too late is told apart from a refused order (EN-09)', async () => {
    class TooLate extends BarStrategy {
      async onBar({ target: bar }: BarEvent) {
        const [order] = this.pastOrders()
        if (!order) await this.buy(bar.instrument, 1)
        else this.log((await this.cancelOrder(order)).accepted)
      }
      onRejected({ target }: RejectionEvent) {
        this.log(target.kind, target.code)
      }
    }
    expect((await play(TooLate, market(10, 10))).lines).toEqual(['false', 'cancel ORDER_FINISHED'])
  })

  test('cancelAll takes back five resting sells, tells of each, and leaves none (EN-11)', async () => {
    class Cancels extends BarStrategy {
      async onBar({ target: { instrument } }: BarEvent) {
        for (let i = 0; i < 5; i++) await this.sell(instrument, 1, { price: 1e7 })
        const answers = await this.cancelAll(instrument)
        this.log(
          answers.map(({ accepted }) => accepted),
          this.orders().length,
        )
      }
      onCanceled({ target: order }: OrderEvent) {
        this.log(order.status, order.id)
      }
    }
    expect((await play(Cancels, market(10), { cash: 1e8 })).lines).toEqual([
      '[true, true, true, true, true] 0',
      ...[1, 2, 3, 4, 5].map((id) => `CANCELLED ${id}`),
    ])
  })

  test('on bars the book is made of its own orders: it hears of each change, then onOrder (EN-03)', async () => {
    class Listens extends BarStrategy {
      async onBar({ target: { instrument, close } }: BarEvent) {
        if (close === 10) await this.buy(instrument, 2, { price: 5 })
        const [order] = this.orders()
        if (close === 11) await this.changeOrder(order!, { volume: 1, price: 8 })
        if (close === 12) await this.buy(instrument, 3, { price: 1 })
        if (close === 13) await this.cancelAll()
      }
      tell({ type, target }: MarketOrderEvent) {
        this.log(type, target.id, target.price, target.volume, target.myOrder!.status)
      }
      onOpen = this.tell
      onChange = this.tell
      onFill = this.tell
      onCancel = this.tell
      onOrder({ type }: MarketOrderEvent) {
        this.log('order', type)
      }
    }
    expect((await play(Listens, market(10, 11, [12, 12, 7, 12], 13))).lines).toEqual([
      'OPEN 1 5 2 OPEN',
      'order OPEN',
      'CHANGE 1 8 1 OPEN',
      'order CHANGE',
      'FILL 1 8 0 FILLED',
      'order FILL',
      'OPEN 2 1 3 OPEN',
      'order OPEN',
      'CANCEL 2 1 3 CANCELLED',
      'order CANCEL',
    ])
  })

  test('a change is refused where it cannot be, and the order stays as it was', async () => {
    class Changes extends BarStrategy {
      async onBar({ target: { instrument } }: BarEvent) {
        await this.buy(instrument, 10, { price: 5 })
        const [order] = this.orders()
        for (const terms of [{ volume: 1.5 }, { volume: 1e6 }, { price: 6 }]) {
          const answer = await this.changeOrder(order!, terms)
          this.log(answer.accepted || answer.code, order!.volume, order!.price)
        }
        await this.cancelOrder(order!)
        const late = await this.changeOrder(order!, { volume: 1 })
        this.log(late.accepted || late.code)
      }
    }
    expect((await play(Changes, market(10))).lines).toEqual([
      'OFF_LOT 10 5',
      'INSUFFICIENT_FUNDS 10 5',
      'true 10 6',
      'ORDER_FINISHED',
    ])
  })

  test('closeAll sells what is long and buys back what is short (EN-10)', async () => {
    const data = dataSet(
      series({ name: 'A', lotSize: 1 }, [10, 10, 10, 10]),
      series({ name: 'B', lotSize: 1 }, [10, 10, 10, 10]),
    )
    class Closes extends BarStrategy {
      days = 0
      async onBar({ target: { instrument } }: BarEvent) {
        if (this.days++ === 0) {
          await this.buy(this.instruments()[0]!, 2)
          await this.sell(this.instruments()[1]!, 3)
        } else if (this.positions().length === 2 && instrument.name === 'B') await this.closeAll()
      }
    }
    expect(fills(await play(Closes, data)).slice(2, 4)).toEqual([
      'sell 2 A at 10 on 2 by open',
      'buy 3 B at 10 on 2 by open',
    ])
  })

  test('after subscribing to one instrument it hears nothing of the other (EN-04)', async () => {
    const data = dataSet(series({ name: 'A' }, [1, 2]), series({ name: 'B' }, [3, 4]))
    class OnlyB extends Strategy {
      onStart() {
        this.subscribe(this.instruments()[1]!)
      }
      onTrade({ target }: TradeEvent) {
        this.log(target.instrument.name, target.price)
      }
      onBar({ target }: BarEvent) {
        this.log(target.instrument.name, target.close)
      }
    }
    expect((await play(OnlyB, data)).lines).toEqual(['B 3', 'B 3', 'B 4', 'B 4'])
  })

  test('bars of different calendars arrive in the order of their times', async () => {
    const data = dataSet(series({ name: 'A' }, [1, 2, 3, 4, 5]), series({ name: 'B' }, [6, 7, 8], 3))
    class Order extends BarStrategy {
      onBar({ target }: BarEvent) {
        this.log(target.instrument.name + target.close)
      }
    }
    expect((await play(Order, data)).lines.join(' ')).toBe('A1 A2 A3 A4 B6 A5 B7 B8')
  })

  test('the clock stands at the event being handled and never goes back (EN-14, EN-15)', async () => {
    class Clock extends Strategy {
      last = -Infinity
      check(time: number) {
        if (this.now() !== time || time < this.last) throw new Error(`clock at ${this.now()}`)
        this.last = time
      }
      onTrade({ target }: TradeEvent) {
        this.check(target.time)
        if (!target.myOrder) void this.buy(target.instrument, 1)
      }
      onReceived({ target }: OrderEvent) {
        this.check(target.time)
      }
    }
    await play(Clock, market(10, 11, 12, 13))
  })
})

describe('handlers that take their time', () => {
  test('a slow onStart is over before the first bar (EN-07)', async () => {
    class Slow extends BarStrategy {
      async onStart() {
        await tick()
        this.log('started')
      }
      onBar() {
        this.log('bar')
      }
    }
    expect((await play(Slow, market(10))).lines).toEqual(['started', 'bar'])
  })

  test('each finishes before the next is called, whatever it waits for', async () => {
    class Slow extends Strategy {
      async onTrade({ target }: TradeEvent) {
        this.log('in', target.price)
        await tick()
        this.log('out', target.price)
      }
      async onBar({ target }: BarEvent) {
        await null
        this.log('bar', target.close)
      }
    }
    expect((await play(Slow, market(1, 2))).lines).toEqual([
      'in 1',
      'out 1',
      'bar 1',
      'in 2',
      'out 2',
      'bar 2',
    ])
  })

  test('onExit is waited for, and what it sends at the market trades at the last price (EN-07)', async () => {
    class ClosesAtTheEnd extends BarStrategy {
      async onBar({ target: { instrument } }: BarEvent) {
        if (this.pastOrders().length === 0) await this.buy(instrument, 1)
      }
      async onExit() {
        await tick()
        await this.closeAll()
      }
      async onSold({ target }: TradeEvent) {
        const answer = await this.buy(target.instrument, 1)
        this.log(answer.accepted || answer.code)
      }
    }
    const record = await play(ClosesAtTheEnd, market(10, 11, 12))
    expect(fills(record)).toEqual(['buy 1 X at 11 on 1 by open', 'sell 1 X at 12 on 2 by last close'])
    expect(record.lines).toEqual(['RUN_ENDED'])
    expect(record.equity.value.at(-1)).toBe(10_001)
  })

  test('plain and async handlers come to the same digest', async () => {
    class Plain extends BarStrategy {
      onBar({ target: { instrument, close } }: BarEvent) {
        void this.target(instrument, close > 12 ? 0.5 : 0)
      }
    }
    class Async extends BarStrategy {
      async onBar({ target: { instrument, close } }: BarEvent) {
        await tick()
        await this.target(instrument, close > 12 ? 0.5 : 0)
      }
    }
    const data = market(10, 12, 14, 13, 11, 15, 16, 9)
    expect((await play(Plain, data)).digest).toBe((await play(Async, data)).digest)
  })
})

describe('mistakes of a strategy', () => {
  test('stop the run with the handler, the bar and the time', async () => {
    class Throws extends BarStrategy {
      onBar({ target }: BarEvent) {
        if (target.close === 12) throw new TypeError('no such thing')
      }
    }
    const failure = await play(Throws, market(10, 11, 12, 13)).catch((error: unknown) => error)
    expect(failure).toBeInstanceOf(StrategyError)
    expect(failure).toMatchObject({
      handler: 'onBar',
      bar: 3,
      time: Date.UTC(2024, 0, 3) * 1000,
      message: 'no such thing',
    })
  })

  test('of an async handler do the same', async () => {
    class Rejects extends BarStrategy {
      async onBar() {
        await tick()
        throw new Error('later')
      }
    }
    await expect(play(Rejects, market(10))).rejects.toMatchObject({
      handler: 'onBar',
      bar: 1,
      message: 'later',
    })
  })

  test('reach onError where there is one, and the run goes on to its end (EN-06)', async () => {
    class GoesOn extends BarStrategy {
      onBar({ target }: BarEvent) {
        if (target.close === 11) throw new Error('at 11')
        this.log(target.close)
      }
      onError({ target }: Event<{ handler: string; error: unknown }>) {
        this.log(target.handler, target.error)
      }
      onExit() {
        this.log('exit')
      }
    }
    expect((await play(GoesOn, market(10, 11, 12))).lines).toEqual(['10', 'onBar Error: at 11', '12', 'exit'])
  })

  test('in onError itself stop the run', async () => {
    class Worse extends BarStrategy {
      onBar() {
        throw new Error('first')
      }
      onError() {
        throw new Error('second')
      }
    }
    await expect(play(Worse, market(10))).rejects.toMatchObject({ handler: 'onError', message: 'second' })
  })

  test('while it is made are told as such, and orders have to wait for onStart', () => {
    class Early extends BarStrategy {
      order = this.buy(this.instruments()[0]!, 1)
      onBar() {}
    }
    expect(() => createRun({ strategy: Early, data: market(10), settings: settings() })).toThrow(
      expect.objectContaining({
        handler: 'constructor',
        message: expect.stringContaining('from onStart on'),
      }),
    )
  })

  test('cannot alter an event, an order that was sent, or what the engine keeps', async () => {
    class Tampers extends BarStrategy {
      kept: unknown[] = []
      async onBar(event: BarEvent) {
        const bar = event.target
        this.kept.push(bar)
        for (const [thing, key] of [
          [event, 'target'],
          [bar, 'close'],
          [bar.instrument, 'name'],
        ] as const)
          try {
            ;(thing as unknown as Record<string, unknown>)[key] = 0
          } catch {}
        const request = { instrument: bar.instrument, side: Side.BUY as Side, volume: 1 }
        const answer = await this.newOrder(request)
        request.volume = 500
        try {
          ;(answer.order as unknown as { volume: number }).volume = 500
        } catch {}
        this.orders().length = 0
        Object.assign(this.portfolio(), { cash: 1e9 })
      }
    }
    const record = await play(Tampers, market(10, 11))
    expect(fills(record)).toEqual(['buy 1 X at 11 on 1 by open'])
    expect(record.equity.cash.at(-1)).toBe(9989)
  })
})

describe('inputs', () => {
  class Declares extends BarStrategy {
    fast = this.input('fast', 10, { min: 2, max: 50, step: 2 })
    side = this.input('side', 'both', { choices: ['long', 'both'] })
    loud = this.input('loud', false)
    onStart() {
      this.log(this.fast, this.side, this.loud)
    }
    onBar() {}
  }

  test('have the defaults of the code, or the values that were set', async () => {
    expect((await play(Declares, market(10))).lines).toEqual(['10 both false'])
    const inputs = { fast: 20, side: 'long', loud: true }
    const record = await play(Declares, market(10), { inputs })
    expect(record.lines).toEqual(['20 long true'])
    expect(record.inputs).toEqual(inputs)
  })

  test.each([
    [{ fast: 1 }, /'fast' is 1; expected at least 2/],
    [{ fast: 60 }, /'fast' is 60; expected at most 50/],
    [{ fast: 11 }, /'fast' is 11; expected steps of 2 from 2/],
    [{ fast: NaN }, /'fast' is NaN; expected a finite number/],
    [{ fast: '10' }, /'fast' is "10"; expected a number/],
    [{ side: 'short' }, /'side' is 'short'; expected one of long, both/],
    [{ slow: 10 }, /Unknown input 'slow'; the strategy declares fast, side, loud/],
  ])('refuse %o', async (inputs, message) => {
    await expect(play(Declares, market(10), { inputs: inputs as never })).rejects.toThrow(message)
  })
})

test.each([
  [{ cash: 0 }, /cash is 0/],
  [{ costs: { commission: -1, slippage: 0 } }, /commission is -1/],
  [{ costs: { commission: 0, slippage: 1 } }, /slippage is 1/],
  [{ leverage: NaN }, /leverage is NaN/],
  [{ seed: 0.5 }, /seed is 0.5/],
  [{ fill: 'yesterday' as never }, /fill is 'yesterday'; expected 'next-open'/],
])('a run refuses the setting %o', async (changes, message) => {
  class Idle extends BarStrategy {
    onBar() {}
  }
  await expect(play(Idle, market(10), changes)).rejects.toThrow(message)
})

describe('indicators of a strategy', () => {
  test('know the bar that is being told, are NaN until warm, and are drawn bar by bar', async () => {
    class Average extends BarStrategy {
      average = this.indicator(sma(2))
      onBar() {
        this.log(this.average.value)
      }
    }
    const record = await play(Average, market(1, 3, 5))
    expect(record.lines).toEqual(['NaN', '2', '4'])
    expect(record.plots).toMatchObject([{ name: 'SMA 2', pane: 'price', instrument: 0 }])
    expect([...record.plots[0]!.values]).toEqual([NaN, 2, 4])
  })

  test('are drawn as they tell their value, where they have a way of their own to tell it', async () => {
    class Doubled extends Indicator {
      close = NaN
      override update(bar: IndicatorInput) {
        this.close = bar.close
      }
      override get value() {
        return 2 * this.close
      }
    }
    class Draws extends BarStrategy {
      doubled = this.indicator(new Doubled('doubled', 'price'))
      onBar() {
        this.log(this.doubled.value)
      }
    }
    const record = await play(Draws, market(1, 3, 5))
    expect(record.lines).toEqual(['2', '6', '10'])
    expect([...record.plots[0]!.values]).toEqual([2, 6, 10])
  })

  test('can be worked out by hand from the price history, which ends with the bar being told', async () => {
    class ByHand extends BarStrategy {
      onBar({ target: bar }: BarEvent) {
        this.log(this.priceHistory(bar.instrument, 2).map(({ close }) => close))
      }
    }
    expect((await play(ByHand, market(1, 3, 5))).lines).toEqual(['[1]', '[1, 3]', '[3, 5]'])
  })

  test('follow the instrument they were given', async () => {
    class OfB extends BarStrategy {
      average = this.indicator(sma(1), this.instruments()[1])
      onBar({ target }: BarEvent) {
        this.log(target.instrument.name, this.average.value)
      }
    }
    const data = dataSet(series({ name: 'A' }, [1, 2]), series({ name: 'B' }, [5, 6]))
    expect((await play(OfB, data)).lines).toEqual(['A NaN', 'B 5', 'A 5', 'B 6'])
  })
})

describe('the same run', () => {
  class Crossover extends BarStrategy {
    fast = this.indicator(sma(10))
    slow = this.indicator(sma(20))

    async onBar({ target: bar }: BarEvent) {
      const { size } = this.position(bar.instrument)
      if (this.fast.value > this.slow.value && size === 0)
        await this.newOrder({ instrument: bar.instrument, side: Side.BUY, volume: 1 })
      if (this.fast.value < this.slow.value && size > 0)
        await this.newOrder({ instrument: bar.instrument, side: Side.SELL, volume: 1 })
    }
  }
  const bars = workload(10_000)
  const data = dataSet({ instrument: { name: 'W', lotSize: 1 }, bars })
  const costly = { cash: 1_000_000, costs: { commission: 0.002, slippage: 0 } }

  test('of the shared workload comes to the published trades and equity, at every bar', async () => {
    const record = await play(Crossover, data, costly)
    expect(record.fills.side.filter((side) => side < 0).length).toBe(261)
    expect(record.equity.value.at(-1)).toBeCloseTo(999890.684969, 6)
    expect([...record.equity.value]).toEqual([...handWritten(bars, 1_000_000, 0.002).equity])
  })

  test('has the same digest when it is looked at wherever it rests, and another with other costs (EN-22)', async () => {
    const { digest } = await play(Crossover, data, costly)
    const run = createRun({ strategy: Crossover, data, settings: settings(costly) })
    while (!(await run.toRest())) {
      expect(run.soFar().bars).toBe(run.bars)
      await breathe()
    }
    expect(run.record().digest).toBe(digest)
    expect((await play(Crossover, data)).digest).not.toBe(digest)
  })

  test('does not know what comes later: cutting the future off changes nothing before', async () => {
    const whole = await play(Crossover, data, costly)
    for (const cut of [500, 5_000]) {
      const columns = Object.fromEntries(
        Object.entries(bars).map(([name, column]) => [name, (column as Float64Array).slice(0, cut)]),
      ) as unknown as typeof bars
      const part = await play(
        Crossover,
        dataSet({ instrument: { name: 'W', lotSize: 1 }, bars: columns }),
        costly,
      )
      expect([...part.equity.value]).toEqual([...whole.equity.value.slice(0, cut)])
    }
  })
})

test('any orders at any prices: every order ends, nothing fills before it was given, and the books balance', async () => {
  const price = fc.integer({ min: 50, max: 150 })
  const candle = fc.tuple(price, price, price, price).map(([open, a, b, close]) => {
    const all = [open, a, b, close]
    return [open, Math.max(...all), Math.min(...all), close] as const
  })
  const request = fc.record({
    side: fc.constantFrom(Side.BUY, Side.SELL),
    volume: fc.integer({ min: 1, max: 300 }),
    price: fc.option(price, { nil: undefined }),
    stopPrice: fc.option(price, { nil: undefined }),
    flag: fc.constantFrom('NONE', 'IMMEDIATE_OR_CANCEL', 'POST_ONLY', 'FILL_OR_KILL'),
    cancel: fc.boolean(),
  })
  await fc.assert(
    fc.asyncProperty(
      fc.array(candle, { minLength: 1, maxLength: 30 }),
      fc.array(request, { maxLength: 60 }),
      fc.constantFrom('next-open', 'same-close'),
      async (candles, requests, fill) => {
        class Random extends BarStrategy {
          next = 0
          async onBar({ target: { instrument } }: BarEvent) {
            for (const { cancel, ...rest } of requests.slice(this.next, (this.next += 2))) {
              if (cancel && this.orders()[0]) await this.cancelOrder(this.orders()[0]!)
              await this.newOrder({ instrument, ...rest } as never)
            }
          }
        }
        const costs = { commission: 0.001, slippage: 0.001 }
        const record = await play(Random, market(...candles), { costs, fill: fill as never, leverage: 2 })
        const { orders, fills } = record
        expect([...orders.status].every((status) => status >= 2)).toBe(true)
        for (let i = 0; i < fills.time.length; i++) {
          const given = orders.time[fills.order[i]! - 1]!
          const atOnce = fill === 'same-close' && record.rules[fills.rule[i]!] === 'close'
          expect(atOnce ? fills.time[i]! >= given : fills.time[i]! > given).toBe(true)
          const [, high, low] = candles[fills.bar[i]!]!
          expect(fills.price[i]! - fills.slippage[i]!).toBeLessThanOrEqual(high)
          expect(fills.price[i]! + fills.slippage[i]!).toBeGreaterThanOrEqual(low)
        }
        const filled = orders.filled.reduce((sum, volume) => sum + volume, 0)
        expect(fills.volume.reduce((sum, volume) => sum + volume, 0)).toBe(filled)
      },
    ),
    { numRuns: 300 },
  )
})

test('the steps of a run tell what happened to orders in its order, and the terms they had before', async () => {
  class Changes extends BarStrategy {
    #bars = 0
    async onBar({ target: { instrument } }: BarEvent) {
      if (++this.#bars !== 1) return
      await this.newOrder({ instrument, side: Side.SELL, volume: 1.5 })
      const limit = { instrument, side: Side.BUY, type: OrderType.LIMIT, volume: 2 }
      const { order } = await this.newOrder({ ...limit, price: 5 })
      await this.changeOrder(order!, { price: 9 })
    }
  }
  const record = await play(Changes, market(10, [10, 10, 8, 8]))
  const { kind, row, bars } = record.steps
  const names = Object.keys(StepKind)
  expect([...kind].map((step, i) => `${names[step]} ${row[i]} after ${bars[i]}`)).toEqual([
    'ORDER 0 after 1',
    'END 0 after 1',
    'REFUSAL 0 after 1',
    'ORDER 1 after 1',
    'CHANGE 0 after 1',
    'FILL 0 after 1',
    'END 1 after 1',
  ])
  expect([record.changes.order[0], record.changes.price[0], record.orders.price[1]]).toEqual([2, 5, 9])
})
