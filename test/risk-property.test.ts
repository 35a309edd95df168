import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { DataSet } from '#data'
import { createRun, type RiskRules, type RunRecord, StepKind, verify } from '#engine'
import { breathe, dataSet, series, settings } from './market.ts'
import { candle, type Request, sends, steps } from './random-strategy.ts'

const seconds = fc.constantFrom(86_400, 3 * 86_400, 30)
const rate = fc.record({ most: fc.nat(4), seconds })
const rules: fc.Arbitrary<RiskRules> = fc.record(
  {
    maxOrderVolume: fc.integer({ min: 1, max: 30 }),
    maxPosition: fc.nat(40),
    longOnly: fc.boolean(),
    shortable: fc.record({ X: fc.nat(20) }),
    maxOpenOrders: fc.nat(6),
    orderRate: rate,
    messageRate: rate,
    duplicateSeconds: seconds,
    noSelfTrade: fc.boolean(),
    maxDrawdown: fc.constantFrom(0.05, 0.3),
    maxDailyLoss: fc.constantFrom(0.02, 0.2),
    maxLeverage: fc.constantFrom(0.5, 1, 3),
    maxGross: fc.integer({ min: 0, max: 400 }),
    maxShareOfFunds: fc.constantFrom(0.3, 1),
    lossStreak: fc.record({ losses: fc.integer({ min: 1, max: 3 }), seconds }),
    excess: fc.constantFrom('clip' as const, 'refuse' as const),
  },
  { requiredKeys: [] },
)

async function play(
  asked: readonly (readonly Request[])[],
  data: DataSet,
  risk: RiskRules,
  killsAt: number,
): Promise<{ record: RunRecord; kinds: readonly string[] }> {
  /** By row of the orders, what of them no column has. */
  const kinds: string[] = []
  class Kills extends sends(asked) {
    override async onExit() {
      await super.onExit()
      for (const { id, protectionPrice, notional, toLimit } of [...this.pastOrders(), ...this.orders()])
        kinds[id - 1] = `${protectionPrice} ${notional} ${toLimit}`
    }
    override async next() {
      if (this.step === killsAt) await this.kill()
      await super.next()
    }
  }
  const run = createRun({ strategy: Kills, data, settings: settings({ cash: 300, leverage: 10, risk }) })
  await run.complete(breathe)
  return { record: run.record(), kinds }
}

/**
 * Goes through what happened to orders, in order, and holds it against the rules.
 *
 * @param cuts whether orders that are on their way when trading is halted can still be stopped
 * @returns rows of the orders that the strategy sent and that were accepted
 */
function check({ orders, fills, steps, refusals }: RunRecord, risk: RiskRules, cuts: boolean): number[] {
  const held = new Map<number, number>()
  const working = new Set<number>()
  const accepted: number[] = []
  let halted = false
  let flat = false
  for (let i = 0; i < steps.kind.length; i++) {
    const row = steps.row[i]!
    switch (steps.kind[i]) {
      case StepKind.ORDER:
        working.add(row)
        // What is sent while trading is halted, and taken, is what closes everything.
        if (orders.status[row] !== 4 && !halted) accepted.push(row)
        break
      case StepKind.END:
        working.delete(row)
        break
      case StepKind.FILL: {
        if (flat) throw new Error('something traded after nothing was left')
        const instrument = fills.instrument[row]!
        const before = held.get(instrument) ?? 0
        const after = before + fills.side[row]! * fills.volume[row]!
        held.set(instrument, after)
        const grows = Math.abs(after) > Math.abs(before) || after * before < 0
        if (halted && grows && cuts) throw new Error('a position grew while trading was halted')
        if (!grows) break
        if (risk.maxPosition !== undefined)
          expect(Math.abs(after)).toBeLessThanOrEqual(risk.maxPosition + 1e-9)
        if (risk.longOnly) expect(after).toBeGreaterThanOrEqual(-1e-9)
        if (risk.shortable) expect(after).toBeGreaterThanOrEqual(-(risk.shortable['X'] ?? 0) - 1e-9)
        break
      }
      case StepKind.REFUSAL: {
        const { kind, reason } = refusals[row]!
        if (kind !== 'state') break
        flat = reason.startsWith('Nothing is left')
        halted = flat || reason.startsWith('Halted')
        if (!flat) break
        expect(working.size).toBe(0)
        for (const size of held.values()) expect(size).toBeCloseTo(0, 9)
        break
      }
    }
  }
  return accepted
}

const bars = fc.array(candle, { minLength: 2, maxLength: 16, size: 'max' })

test('no sequence of requests on bars gets past a rule, and a kill switch leaves nothing', async () => {
  await fc.assert(
    fc.asyncProperty(
      steps,
      bars,
      rules,
      fc.integer({ min: 0, max: 90 }),
      async (asked, candles, risk, killsAt) => {
        const data = dataSet(series({ name: 'X', lotSize: 1, tickSize: 1 }, candles))
        const { record, kinds } = await play(asked, data, risk, killsAt)
        const accepted = check(record, risk, true)
        const { orders, changes, refusals } = record
        const { duplicateSeconds, orderRate, maxOpenOrders } = risk
        const asAsked = changes.order.length === 0 && refusals.every(({ kind }) => kind !== 'clip')
        const columns = [orders.side, orders.type, orders.volume, orders.price, orders.stopPrice, kinds]
        for (const [i, row] of accepted.entries()) {
          const since = (seconds: number) =>
            accepted.slice(0, i).filter((other) => orders.time[row]! - orders.time[other]! < seconds * 1e6)
          if (orderRate) expect(since(orderRate.seconds).length).toBeLessThan(Math.max(1, orderRate.most))
          if (orderRate?.most === 0 || maxOpenOrders === 0) throw new Error('an order passed that may not')
          if (duplicateSeconds !== undefined && asAsked)
            for (const other of since(duplicateSeconds))
              expect(columns.every((column) => Object.is(column[other], column[row]))).toBe(false)
        }
        expect(verify(record, data)).toEqual({ agrees: true })
      },
    ),
    { numRuns: 400 },
  )
}, 60_000)

/** Kinds of requests that race nothing: a pair's other half, or an order that is being taken back, may still trade. */
const racing = [5, 6, 9, 11]

test('no sequence of orders and changes on a synthetic market gets past the position rules, and a kill switch leaves nothing', async () => {
  const positionRules: fc.Arbitrary<RiskRules> = fc.record(
    {
      maxPosition: fc.constantFrom(0, 10, 25),
      longOnly: fc.boolean(),
      maxDrawdown: fc.constantFrom(0.001, 0.2),
    },
    { requiredKeys: [] },
  )
  await fc.assert(
    fc.asyncProperty(
      steps,
      positionRules,
      fc.nat(5),
      fc.integer({ min: 3, max: 60 }),
      async (asked, risk, seed, killsAt) => {
        const data: DataSet = {
          id: 'synthetic',
          name: 'Synthetic',
          provenance: 'made while it runs',
          instruments: [],
          synthetic: { seed, seconds: 40, agents: 20, barSeconds: 2, latency: 300_000 },
        }
        const calm = asked.map((list) => list.filter(([kind]) => !racing.includes(kind)))
        const { record } = await play(calm, data, risk, killsAt)
        check(record, risk, false)
        expect(verify(record, data)).toEqual({ agrees: true })
      },
    ),
    { numRuns: 30 },
  )
}, 60_000)
