import fc from 'fast-check'
import type { DataSet } from '#data'
import {
  type BarRules,
  type Costs,
  createRun,
  orderStatuses,
  orderTypes,
  type RunRecord,
  verify,
} from '#engine'
import { expect, test } from 'vitest'
import { lobsterTime, readLobster } from '#exchange'
import { dataSet, run, series, settings } from './market.ts'
import { lobsterFile } from './recordings.ts'
import { candle, type Request, sends, steps } from './random-strategy.ts'

/** What must hold of any run, whatever was asked for. */
function check({ orders, fills, equity, changes }: RunRecord) {
  const filled = new Float64Array(orders.time.length)
  // The worst limit that an order ever had: what filled before a change did so by the terms of then.
  const limit = Float64Array.from(orders.price)
  changes.order.forEach((order, i) => {
    const row = order - 1
    const worst = orders.side[row]! > 0 ? Math.max : Math.min
    if (changes.price[i]! > 0) limit[row] = worst(limit[row]!, changes.price[i]!)
  })
  for (let i = 0; i < fills.time.length; i++) {
    const row = fills.order[i]! - 1
    filled[row]! += fills.volume[i]!
    expect(fills.volume[i]).toBeGreaterThan(0)
    expect(fills.side[i]).toBe(orders.side[row])
    expect(fills.time[i]).toBeGreaterThanOrEqual(orders.time[row]!)
    expect(fills.time[i]).toBeLessThanOrEqual(orders.ended[row]!)
    if (orderTypes[orders.type[row]!] === 'LIMIT' && orders.status[row] === 2)
      expect(fills.side[i]! * (fills.price[i]! - limit[row]!)).toBeLessThanOrEqual(1e-9)
    if (fills.bar[i]! < orders.bar[row]!) throw new Error('filled on a bar that was over when it was given')
  }
  for (let row = 0; row < filled.length; row++) {
    const status = orderStatuses[orders.status[row]!]!
    expect(orders.filled[row]).toBeCloseTo(filled[row]!, 6)
    expect(orders.filled[row]).toBeLessThanOrEqual(orders.volume[row]! * (1 + 1e-9))
    expect(['FILLED', 'CANCELLED', 'REJECTED']).toContain(status)
    // One by notional that was refused has no volume.
    const whole = orders.volume[row]! > 0 && orders.filled[row]! >= orders.volume[row]! * (1 - 1e-9)
    expect(status === 'FILLED').toBe(whole)
    if (status === 'REJECTED') expect(filled[row]).toBe(0)
  }
  for (const value of equity.value) expect(Number.isFinite(value)).toBe(true)
}

/** No bar traded more than its share of the volume, from the first on that has any. */
function checkVolumes({ fills, settings }: RunRecord, { instruments }: DataSet) {
  const share = settings.bars?.volumeShare === undefined ? 1 : settings.bars.volumeShare
  const traded = instruments.map(({ bars }) => new Float64Array(bars.time.length))
  fills.volume.forEach((volume, i) => {
    traded[fills.instrument[i]!]![fills.bar[i]!]! += volume
  })
  if (share === null) return
  instruments.forEach(({ bars }, of) => {
    if (bars.volume.every((volume) => volume === 0)) return
    const first = bars.volume.findIndex((volume) => volume > 0)
    traded[of]!.slice(first).forEach((volume, i) =>
      expect(volume).toBeLessThanOrEqual(share * bars.volume[first + i]! * (1 + 1e-9)),
    )
  })
}

/** Bars whose volumes are those of a list, over and over. */
function withVolumes(one: DataSet['instruments'][0], volumes: readonly number[]): DataSet['instruments'][0] {
  const volume = one.bars.volume.map((_, i) => volumes[i % volumes.length]!)
  return { ...one, bars: { ...one.bars, volume } }
}

async function play(
  steps: readonly (readonly Request[])[],
  options: Omit<Parameters<typeof createRun>[0], 'strategy'>,
) {
  return run({ ...options, strategy: sends(steps) })
}

test('whatever is asked for on bars, nothing fills before it was given, all volumes add up, and the journal comes to the same', async () => {
  await fc.assert(
    fc.asyncProperty(
      steps,
      fc.array(candle, { maxLength: 16, size: 'max' }),
      fc.array(candle, { maxLength: 10, size: 'max' }),
      fc.record({
        lotSize: fc.constantFrom(1, 0.01, 5, 1e-8),
        multiplier: fc.constantFrom(1, 50, 0.1),
        tickSize: fc.constantFrom(0, 1),
      }),
      fc.record({
        fill: fc.constantFrom('next-open' as const, 'same-close' as const),
        leverage: fc.constantFrom(1, 4, 0.5),
        cash: fc.constantFrom(100, 10_000),
        costs: fc.constantFrom<Costs>(
          { commission: 0, slippage: 0 },
          { commission: 0.01, slippage: 0.02 },
          { commission: 0, slippage: 0, commissionPerUnit: 0.05, leastCommission: 2, mostCommission: 0.1 },
          { commission: 0.02, slippage: 0, makerCommission: -0.01, slippagePrice: 0.5, slippageTicks: 1 },
        ),
        bars: fc.constantFrom<BarRules>({}, { limits: 'touch', volumeShare: 0.1 }, { volumeShare: null }),
      }),
      fc.array(fc.constantFrom(0, 3, 7.5, 40, 1000), { minLength: 1, maxLength: 7 }),
      async (steps, first, second, spec, changes, volumes) => {
        const data = dataSet(
          withVolumes(series({ name: 'X', ...spec }, first), volumes),
          withVolumes(series({ name: 'Y', ...spec, lotSize: 1 }, second, 2), volumes),
        )
        const options = { data, settings: settings(changes) }
        const record = await play(steps, options)
        check(record)
        checkVolumes(record, data)
        expect(verify(record, data)).toEqual({ agrees: true })
        expect((await play(steps, options)).digest).toBe(record.digest)
      },
    ),
    { numRuns: 250 },
  )
}, 240_000)

test('whatever is asked for on a synthetic market, all volumes add up, the same run comes again, and the journal comes to it', async () => {
  await fc.assert(
    fc.asyncProperty(
      steps,
      fc.constantFrom(0, 1000, 5_000_000, 60_000_000),
      fc.nat(1000),
      async (steps, latency, seed) => {
        const synthetic = { seed, seconds: 20, agents: 30, barSeconds: 2, latency }
        const data = { id: 's', name: 'S', provenance: 'made', instruments: [], synthetic }
        const options = { data, settings: settings({ cash: 1e6, leverage: 4 }) }
        const record = await play(steps, options)
        check(record)
        expect(verify(record, data)).toEqual({ agrees: true })
        expect((await play(steps, options)).digest).toBe(record.digest)
      },
    ),
    { numRuns: 60 },
  )
}, 240_000)

test('whatever is asked for on recorded orders, all volumes add up, the same run comes again, and the journal comes to it', async () => {
  const recorded = recordedFile()
  await fc.assert(
    fc.asyncProperty(steps, fc.constantFrom(0, 1000, 300_000), async (steps, latency) => {
      const data = { ...recorded, recorded: { ...recorded.recorded!, latency } }
      const options = { data, settings: settings({ cash: 1e6, leverage: 4 }) }
      const record = await play(steps, options)
      check(record)
      expect(verify(record, data)).toEqual({ agrees: true })
      expect((await play(steps, options)).digest).toBe(record.digest)
    }),
    {
      numRuns: 40,
      examples: [
        // A request that leaves the price alone comes when a market-to-limit order has got one.
        [
          [
            [[0, 1, 2, 0, 0]],
            [[15, 1, 14, 0, 0]],
            [[8, 0, 1, -1, 0]],
            [
              [0, 0, 1, 0, 0],
              [0, 0, 1, 0, 0],
              [7, 0, 14, 0, 3],
            ],
          ],
          0,
        ],
      ],
    },
  )
}, 240_000)

/** Two seconds of recorded orders, with bars of a tenth of the usual length. */
function recordedFile(): DataSet {
  const file = lobsterFile(3, 1_500)
  const [messages, rows] = [file.map(([message]) => message), file.map(([, row]) => row)]
  const [start, end] = [messages[0]!, messages.at(-1)!].map((line) => lobsterTime(line, 0))
  return {
    ...{ id: 'r', name: 'R', provenance: 'made', instruments: [] },
    recorded: {
      ...{ instrument: { name: 'X', exchange: 'replay', tickSize: 0.0001, lotSize: 1 }, priceStep: 0.0001 },
      ...{ start: start!, end: end!, barSeconds: 1 },
      messages: [...readLobster({ messages, rows, midnight: 0 })],
    },
  }
}
