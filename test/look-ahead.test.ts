import fc from 'fast-check'
import {
  type Acknowledgement,
  type BarEvent,
  BarStrategy,
  type Instrument,
  InstrumentType,
  type Order,
  type OrderEvent,
  OrderFlag,
  type OrderRequest,
  OrderType,
  Side,
  type TradeEvent,
} from 'outcry'
import { describe, expect, test } from 'vitest'
import type { DataSet } from '#data'
import type { RunSettings } from '#engine'
import { type Candle, dataSet, fills, market, play, run, series, settings } from './market.ts'
import { candle, type Request, sends, steps } from './random-strategy.ts'

const { POST_ONLY } = OrderFlag

describe('between the fills of a stamp', () => {
  test('a post-only order is held against the price of the fill, not against a close that nobody has been told', async () => {
    class Probes extends BarStrategy {
      async onBar({ target: { instrument } }: BarEvent) {
        if (this.pastOrders().length === 0) await this.buy(instrument, 1)
      }
      async onBought({ target: { instrument } }: TradeEvent) {
        for (const price of [100, 101, 106]) {
          const answer = await this.newOrder({
            instrument,
            side: Side.SELL,
            volume: 1,
            price,
            flag: POST_ONLY,
          })
          this.log(price, answer.accepted ? 'rests' : answer.numbers.last)
          const { order } = answer
          if (!answer.accepted || !order) continue
          const { accepted } = await this.changeOrder(order, { price: 100 })
          this.log('changed', accepted)
          await this.cancelOrder(order)
        }
        this.log(this.position(instrument).lastPrice)
      }
    }
    const { lines } = await play(Probes, market(99, [100, 110, 90, 107], 107))
    expect(lines).toEqual(['100 100', '101 rests', 'changed false', '106 rests', 'changed false', '100'])
  })

  test('a stop-limit order has not been triggered by what comes later in the bar', async () => {
    class Changes extends BarStrategy {
      stop: Order | undefined
      async onBar({ target: { instrument, close } }: BarEvent) {
        if (this.pastOrders().length > 0) return
        await this.buy(instrument, 1)
        const terms = { instrument, side: Side.BUY, volume: 1, stopPrice: 105, price: 103 } as const
        this.stop = (await this.newOrder({ ...terms, flag: POST_ONLY, note: close })).order
      }
      async onBought() {
        const { stop } = this
        if (stop?.status !== 'OPEN') return
        // Were it triggered, a limit above the last price would be refused.
        this.log((await this.changeOrder(stop, { price: 104 })).accepted)
        this.log((await this.changeOrder(stop, { stopPrice: 120 })).accepted)
      }
    }
    for (const high of [104, 106]) {
      const record = await play(Changes, market(100, [100, high, 99, 100], [100, 101, 99, 100], 100))
      expect(record.lines).toEqual(['true', 'true'])
      expect(fills(record)).toEqual(['buy 1 X at 100 on 1 by open'])
    }
  })

  test('an order that is sent inside the first bar does not trade on that bar', async () => {
    class Early extends BarStrategy {
      async onStart() {
        await this.buy(this.instruments()[0]!, 1, { stopPrice: 105 })
      }
      onBar() {}
      async onBought({ target: { instrument, price } }: TradeEvent) {
        if (price === 105) await this.buy(instrument, 2)
      }
    }
    expect(fills(await play(Early, market([100, 110, 99, 109], 108)))).toEqual([
      'buy 1 X at 105 on 0 by stop',
      'buy 2 X at 108 on 1 by open',
    ])
  })

  test('a last price is as old as the bar that was told, or as new as the fill', async () => {
    const bars: Candle[] = [100, 100, 100]
    class Two extends BarStrategy {
      async onBar({ target: { instrument } }: BarEvent) {
        if (this.pastOrders().length === 0) await this.buy(instrument, 1)
      }
      async onBought() {
        for (const instrument of this.instruments()) {
          const answer = await this.sell(instrument, 1, { price: 200 })
          this.log(instrument.name, answer.accepted ? 'taken' : answer.code)
        }
      }
    }
    const data = dataSet(series({ name: 'A', lotSize: 1 }, bars), series({ name: 'B', lotSize: 1 }, bars))
    const { lines } = await play(Two, data, { risk: { staleSeconds: 3600 } })
    expect(lines).toEqual(['A taken', 'B STALE_DATA'])
  })
})

/** What a strategy was told, what it saw and what it was answered, in order. What the market told begins with `told`. */
type Transcript = string[]

/** Sends at random, asks everything of everything between the fills of a stamp, and writes down what it learns. */
function asks(requests: readonly (readonly Request[])[], transcript: Transcript, changes: boolean) {
  const tell = (what: string, ...values: unknown[]) =>
    void transcript.push(
      `${what} ${JSON.stringify(values, (key, value: unknown) => (key === 'instrument' ? undefined : value))}`,
    )
  return class extends sends(requests) {
    probing = new Set<Order>()

    override newOrder(request: Order | OrderRequest) {
      return this.#heard('new', super.newOrder(request))
    }
    override cancelOrder(order: Order) {
      return this.#heard('cancel', super.cancelOrder(order))
    }
    override changeOrder(...terms: Parameters<BarStrategy['changeOrder']>) {
      return this.#heard('change', super.changeOrder(...terms))
    }
    override async target(instrument: Instrument, fraction: number) {
      const answer = await super.target(instrument, fraction)
      tell('target', answer?.accepted, answer?.order?.volume)
      return answer
    }
    async #heard(what: string, asked: Promise<Acknowledgement>) {
      const answer = await asked
      if (answer.accepted) tell(what, 'accepted', answer.clip)
      else tell(what, answer.code, answer.reason, answer.numbers)
      return answer
    }

    override async onBar(event: BarEvent) {
      const { instrument, open, high, low, close, volume } = event.target
      tell('told a bar', instrument.name, open, high, low, close, volume)
      // So that there is something to be told at the next open.
      await this[this.position(instrument).size > 0 ? 'sell' : 'buy'](instrument, 1)
      await super.onBar(event)
    }
    override async onTrade() {}
    async onBought({ target }: TradeEvent) {
      await this.hear(target)
    }
    async onSold({ target }: TradeEvent) {
      await this.hear(target)
    }
    async hear({ instrument, side, price, volume, rule, myOrder }: TradeEvent['target']) {
      tell('told a fill', instrument.name, side, price, volume, rule, myOrder?.id)
      await this.ask()
    }
    override async onTraded() {
      await super.onTraded()
      this.look()
    }
    override async onReceived() {
      if (this.probing.size === 0) await super.onReceived()
    }
    override async onCanceled(event?: OrderEvent) {
      const order = event!.target
      if (this.probing.delete(order)) return
      tell('told of a cancel', order.id, order.filled)
      await this.ask()
      await super.onCanceled()
    }

    /** Everything that a strategy can look at. */
    look() {
      tell('looks', this.now(), this.portfolio(), this.risk())
      for (const order of this.orders()) {
        const { id, type, volume, filled, price, stopPrice } = order
        tell('order', id, type, volume, filled, price, stopPrice)
      }
      for (const instrument of this.instruments()) {
        const bars = this.priceHistory(instrument, 2).map(({ close, high, low }) => [close, high, low])
        tell(instrument.name, this.position(instrument), bars, this.book(instrument) === undefined)
      }
      tell('worth', this.accounts()[0].cash, this.#converted())
    }
    #converted() {
      try {
        return this.convert(100, 'EUR')
      } catch (error) {
        return String(error)
      }
    }

    async ask() {
      this.look()
      for (const instrument of this.instruments())
        for (const side of [Side.BUY, Side.SELL])
          for (const price of [5, 10, 11, 14]) {
            for (const more of [
              { price, flag: POST_ONLY },
              { stopPrice: price, price, flag: POST_ONLY },
              { price },
              { stopPrice: price },
            ])
              await this.probe({ instrument, side, volume: 1, ...more })
            if (price !== 10) continue
            for (const flag of Object.values(OrderFlag))
              await this.probe({ instrument, side, volume: 1, flag })
            await this.probe({ instrument, side, volume: 1, trail: 1 })
            await this.probe({ instrument, side, volume: 1, trail: { percent: 5 } })
            await this.probe({ instrument, side, volume: 1, protectionPrice: 11 })
            await this.probe({ instrument, side, volume: 1, toLimit: true })
            await this.probe({ instrument, side, volume: 1, reduceOnly: true })
            await this.probe({ instrument, side, notional: 50 })
          }
      if (!changes) return
      for (const order of this.orders())
        if (order.type === OrderType.LIMIT || order.type === OrderType.STOP_LIMIT)
          for (const price of [6, 9, 11, 13, order.price]) await this.changeOrder(order, { price })
    }
    async probe(request: OrderRequest) {
      const { order, accepted } = await this.newOrder(request)
      if (!accepted || !order) return
      tell('probe', order.stopPrice, order.volume)
      this.probing.add(order)
      await this.cancelOrder(order)
    }
  }
}

const bars = (spec: { name: string; currency?: string; type?: InstrumentType }, rows: readonly Candle[]) =>
  series({ lotSize: 1, ...spec }, rows)

/** The same bars, but that of a row has other prices after its open, and another volume. */
function after(one: DataSet['instruments'][0], row: number, prices: Candle, volume: number) {
  const copy = (column: Float64Array, value: number) => column.map((old, i) => (i === row ? value : old))
  const open = one.bars.open[row]!
  const [, high, low, close] = typeof prices === 'number' ? [0, prices, prices, prices] : prices
  return {
    ...one,
    bars: {
      ...one.bars,
      high: copy(one.bars.high, Math.max(open, high)),
      low: copy(one.bars.low, Math.min(open, low)),
      close: copy(one.bars.close, close),
      volume: copy(one.bars.volume, volume),
    },
  }
}

test('markets that part after the open of a bar part for a strategy in a fill, a cancel or a bar that it is told, and never in an answer or in what it sees', async () => {
  let asked = 0
  await fc.assert(
    fc.asyncProperty(
      steps,
      fc.array(candle, { minLength: 8, maxLength: 8 }),
      fc.array(candle, { minLength: 8, maxLength: 8 }),
      fc.array(fc.tuple(fc.nat(4), candle, fc.constantFrom(5, 20, 1e6)), { minLength: 3, maxLength: 3 }),
      fc.boolean(),
      fc.record<Partial<RunSettings>>({
        fill: fc.constantFrom('next-open', 'same-close'),
        leverage: fc.constantFrom(1, 4),
        costs: fc.constantFrom({ commission: 0, slippage: 0 }, { commission: 0.001, slippage: 0.02 }),
        bars: fc.constantFrom({}, { limits: 'touch', volumeShare: 0.1 }),
        risk: fc.constantFrom(
          {},
          { priceBand: 0.3, staleSeconds: 3600, maxLeverage: 2, maxShareOfFunds: 0.7, noSelfTrade: true },
          { buyingPower: true, maxPosition: 30, maxNet: 500, maxDrawdown: 0.5 },
        ),
      }),
      async (requests, first, second, others, changes, more) => {
        const one = dataSet(
          bars({ name: 'X', currency: 'USD' }, first),
          bars({ name: 'Y', currency: 'EUR' }, second),
          bars(
            { name: 'EURUSD', currency: 'USD', type: InstrumentType.PAIR },
            second.map((_, i) => 1 + i / 10),
          ),
        )
        const parted = {
          ...one,
          instruments: one.instruments.map((instrument, i) => {
            const [row, prices, volume] = others[i]!
            return after(instrument, row, prices, volume)
          }),
        }
        const told = async (data: DataSet) => {
          const transcript: Transcript = []
          await run({
            strategy: asks(requests, transcript, changes),
            data,
            settings: settings({ cash: 2000, money: { currency: 'USD' }, ...more }),
          })
          return transcript
        }
        const [before, then] = [await told(one), await told(parted)]
        const at = before.findIndex((line, i) => line !== then[i])
        if (at < 0) return
        expect([before[at], then[at]]).toEqual([
          expect.stringMatching(/^told/),
          expect.stringMatching(/^told/),
        ])
        const bar = before.findLastIndex((line, i) => i < at && line.startsWith('told a bar'))
        if (before.slice(bar + 1, at).some((line) => /^told (a fill|of a cancel)/.test(line))) asked++
      },
    ),
    { numRuns: 20 },
  )
  // Where nothing fills between the bars nobody can ask.
  expect(asked).toBeGreaterThan(0)
}, 240_000)
