import { describe, expect, test } from 'vitest'
import type { DataSet } from '#data'
import { createRun, type RunRecord } from '#engine'
import { liveLimits } from '#exchange'
import { DataService, type LiveLook, type Message, pack, Reader, Session } from '#session'
import { type BarEvent, BarStrategy } from 'outcry'
import { breathe, run as runWhole, settings } from './market.ts'

/** Quotes both sides around the last price, so that its orders rest in their queues. */
class Quotes extends BarStrategy {
  async onBar({ target: { instrument, close } }: BarEvent) {
    const tick = instrument.tickSize
    await this.cancelAll()
    await this.buy(instrument, 30, { price: Math.round((close - 2 * tick) / tick) * tick, display: 5 })
    await this.sell(instrument, 10, { price: Math.round((close + 2 * tick) / tick) * tick })
    if (this.position(instrument).size > 20) await this.closeAll()
  }
}

const bar = 10e6
const synthetic: DataSet = {
  id: 'made',
  name: 'Made',
  provenance: '',
  instruments: [],
  synthetic: { seed: 5, seconds: 240, agents: 80, barSeconds: 10, instruments: 2 },
}

class Watches extends BarStrategy {
  override onBar() {}
}

/** The messages of such a market as a recording. */
async function recording(): Promise<DataSet> {
  const service = new DataService(() => Promise.reject(new Error('no files')))
  const id = 'synthetic:{"seed":5,"seconds":240,"agents":80,"barSeconds":10}'
  const data = await service.load(id)
  const record = await runWhole({ strategy: Watches, data, settings: settings() })
  const { blocks, priceStep } = await service.messages(record, id, 0)
  const { instrument } = record.market[0]!
  const last = blocks.at(-1)!
  const times = { start: blocks[0]!.time[0]!, end: last.time[last.length - 1]! }
  const recorded = { instrument, priceStep, ...times, messages: blocks, barSeconds: 10 }
  return { id: 'told', name: 'Told', provenance: '', instruments: [], recorded }
}

interface Watched {
  readonly record: RunRecord
  readonly looks: LiveLook[]
  readonly waited: number
}

/** A run that is looked at as often as it answers, by a clock that only waiting moves. */
async function watched(
  data: DataSet,
  { every, speed, instrument = 0 }: { every?: number; speed?: number; instrument?: number } = {},
): Promise<Watched> {
  const looks: LiveLook[] = []
  let clock = 0
  const session: Session = new Session(
    (log) => createRun({ strategy: Quotes, data, settings: settings({ cash: 1e6 }), log }),
    {
      now: () => clock,
      breathe,
      wait: async (milliseconds) => {
        clock += milliseconds
        await breathe()
      },
      onStart: () => {
        if (speed) session.pace(speed)
        session.look(instrument, every)
      },
      onLook: (look) => {
        looks.push(look)
        session.look(instrument, every)
      },
    },
  )
  const record = await session.run()
  return { record, looks, waited: clock }
}

const whole = (data: DataSet) =>
  runWhole({ strategy: Quotes, data, settings: settings({ cash: 1e6 }) }).then(({ digest }) => digest)

/** The levels of a picture without those that the book did not have. */
const shown = (column: Float64Array, row: number, levels: number) =>
  [...column.subarray(row * levels, (row + 1) * levels)].filter((value) => !Number.isNaN(value))

describe.each([
  ['a market that is made', synthetic, 1],
  ['a recorded market', await recording(), 0],
] as const)('the live look at %s', (_, data, instrument) => {
  test('changes nothing of the run, however often it is taken and however slowly the run goes', async () => {
    const digest = await whole(data)
    for (const watching of [{}, { every: bar / 50 }, { speed: 10 }, { every: bar / 100, speed: 1 }])
      expect((await watched(data, { ...watching, instrument })).record.digest).toBe(digest)
  })

  test('shows at the end of a bar the very book that the run keeps of it, own orders in their queues', async () => {
    const { record, looks } = await watched(data, { instrument })
    const kept = record.books[instrument]!
    const times = record.market[instrument]!.bars.time
    let compared = 0
    let own = 0
    for (const { time, book } of looks) {
      const row = times.indexOf(time.at(-1)!)
      if (row < 0) continue
      compared++
      const last = time.length - 1
      for (const name of ['bidPrice', 'bidVolume', 'askPrice', 'askVolume'] as const)
        expect(shown(book[name], last, book.levels)).toEqual(shown(kept[name], row, kept.levels))
      const ahead = (columns: typeof book, at: number) =>
        [...columns.ownAhead].filter((_, i) => columns.ownRow[i] === at)
      expect(ahead(book, last)).toEqual(ahead(kept, row))
      own += ahead(book, last).length
    }
    expect(compared).toBeGreaterThan(15)
    expect(own).toBeGreaterThan(5)
  })

  test('gives every bar once and in its order, as the record has it', async () => {
    const { record, looks } = await watched(data, { instrument })
    const close = looks.flatMap(({ bars }) => [...bars.close])
    const { bars } = record.market[instrument]!
    expect(close.length).toBeGreaterThan(20)
    expect(close).toEqual([...bars.close.subarray(0, close.length)])
    for (const { from, bars } of looks.filter(({ bars }) => bars.time.length > 0))
      expect(bars.time[0]).toBe(record.market[instrument]!.bars.time[from])
  })

  test('takes pictures between two rests, at even distances, and marks the own trades', async () => {
    const { record, looks } = await watched(data, { instrument, every: bar / 20 })
    const counts = looks.map(({ time }) => time.length)
    expect(Math.max(...counts)).toBeGreaterThan(5)
    expect(Math.max(...counts)).toBeLessThanOrEqual(22)
    const times = looks.flatMap(({ time }) => [...time])
    expect(times).toEqual([...new Set(times)].sort((a, b) => a - b))
    const trades = looks.flatMap(({ trades }) => [...trades.own].filter((own) => own !== 0))
    const fills = [...record.fills.instrument].filter((of) => of === instrument).length
    expect(fills).toBeGreaterThan(3)
    // What trades after the last rest is not looked at any more.
    expect(trades.length).toBeGreaterThan(fills / 2)
    expect(trades.length).toBeLessThanOrEqual(fills)
  })
})

describe('the pace of a run', () => {
  test('lets its market take as long as it would, or a tenth of that', async () => {
    const length = 240_000 - 2 * 10_000
    const once = await watched(synthetic, { speed: 1 })
    expect(once.waited).toBeGreaterThan(length)
    expect(once.waited).toBeLessThan(240_000)
    expect((await watched(synthetic, { speed: 10 })).waited).toBeCloseTo(once.waited / 10, -2)
    expect((await watched(synthetic)).waited).toBe(0)
  })

  test('can be changed, and the run told to stop, while it waits', async () => {
    let clock = 0
    const session: Session = new Session(
      (log) => createRun({ strategy: Quotes, data: synthetic, settings: settings(), log }),
      {
        now: () => clock,
        breathe,
        wait: async (milliseconds) => {
          clock += milliseconds
          if (clock > 20_000 && clock < 20_100) session.pace(1000)
          if (clock > 20_200) session.stop()
          await breathe()
        },
        onStart: () => session.pace(1),
      },
    )
    await expect(session.run()).rejects.toThrow(/^Stopped after \d+ of 48 bars/)
    expect(clock).toBeLessThan(20_400)
  })
})

describe('what arrives of a look', () => {
  // Every bar of the second takes back the quotes of the first.
  const look = async (): Promise<LiveLook> =>
    (await watched(synthetic, { every: bar / 20, instrument: 1 })).looks.find(
      ({ book }) => book.ownRow.length > 3,
    )!
  const reader = (asked = 1) => {
    const made = new Reader({ data: synthetic, settings: settings() })
    made.read(pack({ type: 'started', declarations: [], total: 48 }))
    for (let i = 0; i < asked; i++) made.ask()
    return made
  }

  test('is what was sent', async () => {
    const sent = await look()
    const read = reader().read(pack({ type: 'market', ...sent })) as Message & { type: 'market' }
    expect(read.spec.name).toBe(sent.spec.name)
    expect({ ...read, spec: 0 }).toEqual({ type: 'market', ...sent, spec: 0 })
  })

  test('is refused where nobody asked for it', async () => {
    const sent = { type: 'market', ...(await look()) } as const
    expect(() => reader(0).read(pack(sent))).toThrow(/a look that was asked for/)
    const once = reader()
    once.read(pack(sent))
    expect(() => once.read(pack(sent))).toThrow(/a look that was asked for/)
  })

  test.each<[what: string, spoil: (look: LiveLook) => LiveLook]>([
    ['an instrument that is not there', (look) => ({ ...look, instrument: 2 })],
    ['bars after the last', (look) => ({ ...look, from: 25 })],
    ['times that go back', (look) => ({ ...look, time: look.time.toReversed() })],
    ['a time that is none', (look) => ({ ...look, time: look.time.map(() => NaN) })],
    [
      'more pictures than a look has',
      (look) => ({ ...look, time: new Float64Array(liveLimits.pictures + 1) }),
    ],
    [
      'an own order in a picture that is not there',
      (look) => ({ ...look, book: { ...look.book, ownRow: look.book.ownRow.map(() => 5000) } }),
    ],
    [
      'levels that are missing',
      (look) => ({ ...look, book: { ...look.book, bidVolume: look.book.bidVolume.slice(1) } }),
    ],
    [
      'a price without end',
      (look) => ({ ...look, book: { ...look.book, bidPrice: look.book.bidPrice.map(() => Infinity) } }),
    ],
    [
      'more trades than a look has',
      (look) => ({ ...look, trades: { ...look.trades, own: new Int8Array(201) } }),
    ],
    [
      'an own order without a volume',
      (look) => ({ ...look, book: { ...look.book, ownVolume: look.book.ownVolume.map(() => NaN) } }),
    ],
    ['a tick of nothing', (look) => ({ ...look, spec: { ...look.spec, tickSize: 0 } })],
    ['a name that is none', (look) => ({ ...look, spec: { ...look.spec, name: '' } })],
  ])('is refused with %s', async (_, spoil) => {
    const spoilt = spoil(await look())
    expect(() => reader().read(pack({ type: 'market', ...spoilt }))).toThrow(/sent what no run sends/)
  })
})
