import { describe, expect, test } from 'vitest'
import { type DataSet, type FlowBlock, FlowKind, type SyntheticRequest } from '#data'
import { createRun, type RunRecord } from '#engine'
import { FlowCursor, type MarketMessages } from '#exchange'
import { DataService } from '#session'
import { type BarEvent, BarStrategy, Strategy } from 'outcry'
import { breathe, settings } from './market.ts'

const nothing = () => Promise.reject(new Error('no files'))

async function taped(strategy: new () => Strategy, request: Partial<SyntheticRequest>, instrument = 0) {
  const id = `synthetic:${JSON.stringify({ seed: 5, seconds: 240, agents: 80, barSeconds: 10, ...request })}`
  const service = new DataService(nothing)
  const data: DataSet = await service.load(id)
  const run = createRun({ strategy, data, settings: settings({ cash: 1e6 }) })
  await run.complete(breathe)
  const record = run.record()
  return { record, messages: await service.messages(record, id, instrument) }
}

/** Quotes both sides, an iceberg among them, trades now and then, and takes back what has not filled. */
class Quotes extends BarStrategy {
  async onBar({ target: { instrument, close } }: BarEvent) {
    const tick = instrument.tickSize ?? 0.01
    await this.cancelAll()
    await this.buy(instrument, 30, { price: Math.round((close - 2 * tick) / tick) * tick, display: 5 })
    await this.sell(instrument, 10, { price: Math.round((close + 2 * tick) / tick) * tick })
    await this.buy(instrument, 3, { price: Math.round((close + tick) / tick) * tick, hidden: true })
    if (this.position(instrument).size > 20) await this.closeAll()
  }
}

/** What the ladder shows by the tape at the end of every bar, beside what the run kept of it. */
function ladders(record: RunRecord, { blocks, priceStep }: MarketMessages, instrument = 0) {
  const cursor = new FlowCursor(blocks as FlowBlock[])
  const { levels, bidPrice, bidVolume, askPrice, askVolume } = record.books[instrument]!
  const lot = record.market[instrument]!.instrument.lotSize ?? 1
  const kept = (column: Float64Array, bar: number) =>
    [...column.subarray(bar * levels, (bar + 1) * levels)].filter((value) => !Number.isNaN(value))
  return [...record.market[instrument]!.bars.time].map((time, bar) => {
    cursor.seek(cursor.rowsAt(time))
    const { bids, asks } = cursor.book.levels(levels)
    const price = (side: typeof bids) => side.map((level) => Math.round(level.price * priceStep * 1e8) / 1e8)
    const volume = (side: typeof bids) => side.map((level) => level.quantity * lot)
    return {
      shown: [price(bids), volume(bids), price(asks), volume(asks)],
      kept: [bidPrice, bidVolume, askPrice, askVolume].map((column) => kept(column, bar)),
    }
  })
}

describe('the messages of a market that a run has made', () => {
  test.each([
    ['calm', {}],
    ['an opening auction', { preset: 'opening-auction' }],
    ['a flash crash', { preset: 'flash-crash', seconds: 600 }],
    ['the second of two instruments', { instruments: 2 }, 1],
  ] as const)(
    'show at the end of every bar the book that the run kept: %s',
    async (_, request, instrument: number = 0) => {
      const { record, messages } = await taped(Quotes, request as Partial<SyntheticRequest>, instrument)
      const all = ladders(record, messages, instrument)
      expect(all.length).toBeGreaterThan(20)
      for (const { shown, kept } of all) expect(shown).toEqual(kept)
    },
  )

  test('know which of the orders are our own, also after they went to the end of their queue again', async () => {
    const { record, messages } = await taped(Quotes, {})
    const { number, order } = messages.own
    const { price } = record.orders
    const owned = new Map([...number].map((of, i) => [of, order[i]!]))
    const seen = new Set<number>()
    for (const block of messages.blocks)
      for (let row = 0; row < block.length; row++) {
        const id = owned.get(block.id[row]!)
        if (id === undefined) continue
        seen.add(id)
        expect(block.price[row]! * messages.priceStep).toBeCloseTo(price[id - 1]!, 6)
      }
    expect(seen.size).toBeGreaterThan(20)
    // An iceberg that showed its parts one after the other has several numbers.
    expect(number.length).toBeGreaterThan(new Set(order).size)
  })

  test('know the trades in which an order of ours took', async () => {
    const { record, messages } = await taped(Quotes, {})
    const cursor = new FlowCursor(messages.blocks as FlowBlock[])
    const bought = new Map<number, number>()
    messages.taken.row.forEach((row, i) => {
      const { kind, size } = cursor.message(row)
      expect([FlowKind.TRADE, FlowKind.HIDDEN]).toContain(kind)
      const order = messages.taken.order[i]!
      bought.set(order, (bought.get(order) ?? 0) + size)
    })
    const filled = new Map<number, number>()
    record.fills.order.forEach((order, fill) => {
      if (record.rules[record.fills.rule[fill]!] !== 'book, taking') return
      filled.set(order, (filled.get(order) ?? 0) + record.fills.volume[fill]!)
    })
    expect(filled.size).toBeGreaterThan(0)
    expect([...bought]).toEqual([...filled])
  })

  test('are those of a run that came out the same, so looking at them changes nothing', async () => {
    const { record, messages } = await taped(Quotes, {})
    const again = await taped(Quotes, {})
    expect(again.record.digest).toBe(record.digest)
    expect(again.messages.blocks.map(({ length }) => length)).toEqual(
      messages.blocks.map(({ length }) => length),
    )
  })

  test('end where a strategy that failed has stopped the run', async () => {
    let seen = 0
    class Fails extends Quotes {
      override async onBar(event: BarEvent) {
        await super.onBar(event)
        if (++seen === 9) throw new Error('bang')
      }
    }
    const request = { seed: 5, seconds: 240, agents: 80, barSeconds: 10 }
    const id = `synthetic:${JSON.stringify(request)}`
    const service = new DataService(nothing)
    const run = createRun({
      strategy: Fails,
      data: await service.load(id),
      settings: settings({ cash: 1e6 }),
    })
    await expect(run.complete(breathe)).rejects.toThrow('bang')
    const record = run.soFar()!
    expect(record.stoppedAt).toBeGreaterThan(0)
    const { blocks } = await service.messages(record, id, 0)
    const last = blocks.at(-1)!
    const told = last.time[last.length - 1]!
    const at = record.market[0]!.bars.time[8]!
    // What strategy and market did at that very moment is the last.
    expect([told <= at, told > at - 2e6]).toEqual([true, true])
  })

  test('there are none of bars, and a reason is given', async () => {
    const service = new DataService(nothing)
    const data = await service.load('random-walk:4')
    const run = createRun({ strategy: Quotes, data, settings: settings() })
    await run.complete(breathe)
    await expect(service.messages(run.record(), 'random-walk:4', 0)).rejects.toThrow(
      'Only a market that is made for the run has messages to look at.',
    )
  })
})
