import { expect, test } from 'vitest'
import { FlowKind } from '#data'
import { verify } from '#engine'
import { catalogued, recordedMarket } from '#exchange'
import { type BarEvent, BarStrategy } from 'outcry'
import { play } from './market.ts'

/** Writes what the book shows at the end of every bar. */
class Watches extends BarStrategy {
  onBar({ target: { instrument, time, volume } }: BarEvent) {
    const { bids, asks } = this.book(instrument, 1000)!
    const side = (levels: typeof bids) => levels.map(({ price, volume }) => `${price} ${volume}`).join(' ')
    this.log(time, volume, side(bids), '|', side(asks))
  }
}

test('a recording of a synthetic market has its trades, and shows its book at every moment', async () => {
  const options = { seed: 5, agents: 150, seconds: 240, preset: 'opening-auction' } as const
  const nothing = { id: 'x', name: 'X', provenance: 'made for a test', instruments: [] }
  const live = await play(Watches, { ...nothing, synthetic: { ...options } })
  const again = await play(Watches, { ...nothing, recorded: recordedMarket(options, 'X') })
  expect(again.lines).toHaveLength(24)
  expect(again.lines).toEqual(live.lines)
})

test('the sample of recorded orders says what it is, and a strategy trades in its queues', async () => {
  const data = await catalogued('recorded-orders', () => Promise.reject(new Error('there is no file')))
  expect(data.provenance).toMatch(/synthetic market.*do not react to yours/)
  const { messages } = data.recorded!
  const kinds = new Set([...messages].flatMap(({ kind, length }) => [...kind.subarray(0, length)]))
  for (const kind of [FlowKind.OPEN, FlowKind.CANCEL, FlowKind.TRADE]) expect(kinds).toContain(kind)
  class Joins extends BarStrategy {
    async onBar({ target: { instrument } }: BarEvent) {
      if (this.pastOrders().length === 0)
        await this.buy(instrument, 5, { price: this.book(instrument)!.bestBid })
    }
  }
  const record = await play(Joins, data, { cash: 1e5 })
  expect(record.rules.join()).toMatch(/replay, /)
  expect(record.fills.volume.reduce((sum, volume) => sum + volume, 0)).toBe(5)
  expect(verify(record, data)).toEqual({ agrees: true })
})
