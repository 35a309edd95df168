import { describe, expect, test } from 'vitest'
import { shownParts, Timeline } from '#analysis'
import { dataOf, type RiskRules } from '#engine'
import { type BarEvent, BarStrategy, OrderType, Side } from 'outcry'
import { useLocale } from '../src/app/format.ts'
import { inWords, workingInWords } from '../src/app/panels/moments.ts'
import { play } from './market.ts'

const data = {
  id: 'synthetic',
  name: 'Synthetic',
  provenance: 'made while it runs',
  instruments: [],
  synthetic: { seed: 1, seconds: 120, agents: 60, barSeconds: 10, latency: 1000 },
}

/** Buys at the market, then rests a plain order, an iceberg and a hidden one far below, and alters the iceberg later. */
class Rests extends BarStrategy {
  heard = 0
  async onBar({ target: { instrument } }: BarEvent) {
    this.heard++
    const { bestBid } = this.book(instrument)!
    const below = (ticks: number) => Math.round((bestBid - 1) * 100 - ticks) / 100
    if (this.heard === 1) await this.buy(instrument, 10)
    if (this.heard === 2) {
      const limit = { instrument, side: Side.BUY, type: OrderType.LIMIT, price: below(1) }
      await this.newOrder({ ...limit, volume: 50 })
      const iceberg = await this.newOrder({ ...limit, volume: 500, display: 20 })
      await this.newOrder({ ...limit, volume: 30, hidden: true })
      this.iceberg = iceberg.order
    }
    if (this.heard === 4) await this.changeOrder(this.iceberg!, { volume: 400 })
    if (this.heard === 5)
      await this.newOrder({ instrument, side: Side.BUY, price: below(3), volume: 40, hidden: true })
  }
  iceberg: Parameters<BarStrategy['changeOrder']>[0] | undefined
}

describe('of orders that the book does not show whole', () => {
  test('their journal tells what it shows, whatever they have been changed to', async () => {
    const record = await play(Rests, data, { cash: 1e6 })
    expect([...shownParts(record)]).toEqual([
      [3, 20],
      [4, 0],
      [5, 0],
    ])
  })

  test('the orders that risk rules make between them are not taken for them', async () => {
    const risk: RiskRules = { maxDrawdown: 0.000001 }
    const record = await play(Rests, data, { cash: 1e6, risk })
    const { type } = record.orders
    const shown = shownParts(record)
    for (const id of shown.keys()) expect(type[id - 1]).toBe(type[2])
    expect([...shown.values()].filter((part) => part === 20).length).toBeLessThanOrEqual(1)
  })

  test('the steps tell it in words', async () => {
    useLocale('en-US')
    const record = await play(Rests, data, { cash: 1e6 })
    const made = dataOf(record, data)
    const shown = shownParts(record)
    const timeline = new Timeline(record, made)
    const moments = Array.from({ length: timeline.length }, (_, i) => timeline.moment(i))
    const said = moments
      .filter(({ kind }) => kind === 'order')
      .map((moment) => inWords(moment, record, made, shown).replace(/[\d.]+(?=,|$)/, 'P'))
    expect(said[2]).toMatch(/^Order 3: buy 400 \S+ limit P, showing 20$/)
    expect(said[3]).toMatch(/^Order 4: hidden buy 30 \S+ limit P$/)
    const [plain, iceberg, hidden] = timeline.standing(timeline.find({ kind: 'change' }, 0, 1)!).working
    expect(workingInWords(plain!, record, shown)).not.toMatch(/hidden|showing/)
    expect(workingInWords(iceberg!, record, shown)).toMatch(/, showing 20$/)
    expect(workingInWords(hidden!, record, shown)).toMatch(/^4: hidden buy 30 /)
  })

  test('the record of the book has both what is shown of them and the whole', async () => {
    const record = await play(Rests, data, { cash: 1e6 })
    const [{ ownOrder, ownVolume, ownShown, ownAhead }] = record.books as [(typeof record.books)[0]]
    const of = (id: number) => {
      const at = ownOrder.indexOf(id)
      return [ownVolume[at], ownShown[at], ownAhead[at]]
    }
    expect(of(2)).toEqual([50, 50, 0])
    expect(of(3)).toEqual([500, 20, 50])
    expect(of(4)).toEqual([30, 0, 70])
  })
})
