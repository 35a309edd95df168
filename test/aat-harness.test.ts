import { expect, test } from 'vitest'
import {
  type BarEvent,
  BarStrategy,
  type OrderEvent,
  type RejectionEvent,
  Side,
  Strategy,
  type TradeEvent,
} from 'outcry'
import { fills, market, play } from './market.ts'

test('a strategy that buys one whenever no order is out, over 64 daily bars: 64 are received (EN-16)', async () => {
  class BuysAgain extends Strategy {
    received = 0
    async onTrade({ target: trade }: TradeEvent) {
      if (trade.myOrder || this.orders(trade.instrument).length > 0) return
      await this.newOrder({ instrument: trade.instrument, side: Side.BUY, volume: 1 })
    }
    onReceived() {
      this.received++
    }
    onExit() {
      this.log(this.received)
    }
  }
  const prices = Array.from({ length: 64 }, (_, i) => 100 + (i % 7))
  const record = await play(BuysAgain, market(...prices), { cash: 1e6 })
  expect(record.lines).toEqual(['64'])
  expect(fills(record)).toHaveLength(63)
})

test('an order once more than an hour has passed, on 1,000 half-hourly ticks: 334, each filled a tick later but that of the last (EN-19)', async () => {
  const data = market(...Array.from({ length: 1000 }, (_, i) => i + 1))
  const { time } = data.instruments[0]!.bars
  for (let i = 0; i < time.length; i++) time[i] = time[0]! + i * 1800e6
  class Hourly extends BarStrategy {
    last = -Infinity
    async onBar({ target: { instrument, time } }: BarEvent) {
      if (time - this.last <= 3_600_000) return
      this.last = time
      await this.buy(instrument, 1)
    }
  }
  const { orders, fills } = await play(Hourly, data, { cash: 1e9 })
  expect(orders.time).toHaveLength(334)
  // Sent at 1, 4, 7 … 1,000, filled at the next price; after the last there is none.
  expect([...fills.price]).toEqual(Array.from({ length: 333 }, (_, i) => 3 * i + 2))
})

test('an order to an exchange that is none is refused, and does not stay open (EN-13)', async () => {
  class Elsewhere extends BarStrategy {
    async onBar({ target: { instrument } }: BarEvent) {
      const answer = await this.newOrder({ instrument, side: Side.BUY, volume: 1, exchange: 'nowhere' })
      this.log(answer.accepted, answer.order!.status, this.orders().length)
    }
    onReceived({ target }: OrderEvent) {
      this.log('received', target.id)
    }
    onRejected({ target: { kind, code, reason } }: RejectionEvent) {
      this.log(kind, code, reason)
    }
  }
  expect((await play(Elsewhere, market(10))).lines).toEqual([
    'false REJECTED 0',
    "order UNKNOWN_EXCHANGE X does not trade on 'nowhere'; it trades on 'historical'.",
  ])
})
