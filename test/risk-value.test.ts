import { describe, expect, test } from 'vitest'
import type { DataSet } from '#data'
import type { RiskRules } from '#engine'
import { type BarEvent, BarStrategy, type OrderRequest, RefusalCode, Side } from 'outcry'
import { dataSet, play, series } from './market.ts'

type Ask = Omit<OrderRequest, 'instrument' | 'side' | 'volume'> & { readonly on?: string }

/** Sends orders on the second bar, when all instruments have a price. */
abstract class Sends extends BarStrategy {
  abstract act(): Promise<void>
  bar = 0
  async onBar({ target: { instrument } }: BarEvent) {
    if (instrument === this.instruments()[0] && ++this.bar === 2) await this.act()
  }
  async send(side: Side, volume: number, { on = 'X', ...rest }: Ask = {}) {
    const instrument = this.instruments().find(({ name }) => name === on)!
    const answer = await this.newOrder({ ...rest, instrument, side, volume })
    this.log(!answer.accepted ? answer.code : answer.clip ? `given ${answer.clip.given}` : 'ok')
    return answer.order!
  }
}

const flat = new Array<number>(6).fill(10)
const two = dataSet(series({ name: 'X', lotSize: 1 }, flat), series({ name: 'Y', lotSize: 1 }, flat))
const one = dataSet(series({ name: 'X', lotSize: 1 }, flat))

/** What became of orders in a market at 10, with 10,000 that may be carried ten times over. */
async function asked(risk: RiskRules, act: (this: Sends) => Promise<unknown>, data: DataSet = one) {
  class Acts extends Sends {
    async act() {
      await act.call(this)
    }
  }
  return play(Acts, data, { risk, leverage: 10 })
}

const ways: readonly (readonly [string, Side, Ask, number])[] = [
  ['a buy limit below the market at its price', Side.BUY, { price: 5 }, 5],
  ['a buy limit at the market', Side.BUY, { price: 10 }, 10],
  ['a buy limit above the market at what it may pay', Side.BUY, { price: 20 }, 20],
  ['a sell limit below the market at the last price', Side.SELL, { price: 1 }, 10],
  ['a sell limit at the market', Side.SELL, { price: 10 }, 10],
  ['a sell limit above the market at its price', Side.SELL, { price: 20 }, 20],
  ['a buy stop that is reached at the last price', Side.BUY, { stopPrice: 1 }, 10],
  ['a buy stop at the market', Side.BUY, { stopPrice: 10 }, 10],
  ['a buy stop above the market at its stop price', Side.BUY, { stopPrice: 20 }, 20],
  ['a sell stop that is reached at the last price', Side.SELL, { stopPrice: 1000 }, 10],
  ['a sell stop at the market', Side.SELL, { stopPrice: 10 }, 10],
  ['a sell stop below the market at its stop price', Side.SELL, { stopPrice: 5 }, 5],
  ['a buy stop-limit that is reached as the limit it is', Side.BUY, { stopPrice: 1, price: 5 }, 5],
  ['a sell stop-limit that is reached as the limit it is', Side.SELL, { stopPrice: 1000, price: 1 }, 10],
  ['a sell stop-limit that is reached, high', Side.SELL, { stopPrice: 1000, price: 20 }, 20],
  ['a buy stop-limit at its limit above its stop', Side.BUY, { stopPrice: 16, price: 20 }, 20],
  ['a buy stop-limit at its stop above its limit', Side.BUY, { stopPrice: 20, price: 16 }, 20],
  ['a sell stop-limit at its stop above its limit', Side.SELL, { stopPrice: 8, price: 5 }, 8],
  ['a sell stop-limit at its limit above its stop', Side.SELL, { stopPrice: 5, price: 8 }, 8],
  ['a buy stop that trails, from the last price', Side.BUY, { trail: 2, type: 'STOP' }, 12],
  ['a sell stop that trails, from the last price', Side.SELL, { trail: 2, type: 'STOP' }, 8],
  ['one that trails by per cent', Side.SELL, { trail: { percent: 20 }, type: 'STOP' }, 8],
  ['one that trails from a stop price that is reached', Side.BUY, { trail: 2, stopPrice: 1 }, 10],
  ['a market order', Side.SELL, {}, 10],
]

describe.each<readonly [keyof RiskRules, RiskRules, number]>([
  ['maxOrderValue', { maxOrderValue: 1000 }, 1000],
  ['maxGross', { maxGross: 1000 }, 1000],
  ['maxNet', { maxNet: 1000 }, 1000],
  ['maxShareOfFunds', { maxShareOfFunds: 0.1 }, 1000],
  ['maxLeverage', { maxLeverage: 0.1 }, 1000],
  ['buyingPower', { buyingPower: true }, 100_000],
])('under %s counts', (_, risk, money) => {
  test.each(ways)('%s', async (_, side, ask, price) => {
    const most = Math.floor(money / price)
    const whole = await asked(risk, function () {
      return this.send(side, most, ask)
    })
    expect(whole.lines).toEqual(['ok'])
    const more = await asked(risk, function () {
      return this.send(side, most + 1, ask)
    })
    expect(more.lines).toEqual([`given ${most}`])
    const refused = await asked({ ...risk, excess: 'refuse' }, function () {
      return this.send(side, most + 1, ask)
    })
    // The numbers of the refusal are those that the clip went by.
    const { value, unit, available } = refused.refusals[0]!.numbers
    if (available !== undefined) expect(Math.floor(available)).toBe(most)
    else expect(Math.abs(value!)).toBeCloseTo((most + 1) * price, 9)
    if (unit !== undefined) expect(unit).toBe(price)
  })
})

test('the funds that every account is asked for count an order alike', async () => {
  const { lines, refusals } = await asked({}, async function () {
    await this.send(Side.SELL, 10_001, { price: 1 })
    await this.send(Side.BUY, 10_001, { stopPrice: 1 })
    await this.send(Side.SELL, 10_000, { price: 1 })
  })
  expect(lines).toEqual(['INSUFFICIENT_FUNDS', 'INSUFFICIENT_FUNDS', 'ok'])
  expect(refusals[0]!.numbers).toMatchObject({ price: 10, available: 10_000 })
})

describe('what works ties up what it was let pass at', () => {
  const pairs: readonly (readonly [string, RiskRules])[] = [
    ['gross exposure', { maxGross: 1000 }],
    ['net exposure', { maxNet: 1000 }],
    ['the share of funds', { maxShareOfFunds: 0.1 }],
    ['leverage', { maxLeverage: 0.1 }],
    ['buying power', { buyingPower: true, maxShareOfFunds: 0.1 }],
  ]

  test.each(pairs)('beside another order of the instrument and of another one: %s', async (_, risk) => {
    for (const on of ['X', 'Y']) {
      const { lines } = await asked(
        risk,
        async function () {
          // 600 at 20, of which 10 each would leave more room.
          await this.send(Side.SELL, 30, { price: 20 })
          await this.send(Side.SELL, 41, { price: 1, on })
          await this.send(Side.SELL, 1, { on })
        },
        two,
      )
      expect(lines).toEqual(['ok', 'given 40', lines[2]])
      expect(lines[2]).toMatch(/^[A-Z_]+$/)
    }
  })

  test.each(pairs)('and what it was changed to: %s', async (_, risk) => {
    const { lines } = await asked(
      risk,
      async function () {
        const order = await this.send(Side.SELL, 30, { price: 20 })
        for (const price of [33.4, 30]) {
          const answer = await this.changeOrder(order, { price })
          this.log(answer.accepted)
        }
        await this.send(Side.SELL, 11, { price: 1, on: 'Y' })
      },
      two,
    )
    expect(lines).toEqual(['ok', 'false', 'true', 'given 10'])
  })

  test('a buy limit far below the market does not make what is held cheaper', async () => {
    const { lines } = await asked({ maxGross: 1000 }, async function () {
      await this.send(Side.BUY, 90)
      await this.send(Side.BUY, 101, { price: 1 })
    })
    expect(lines).toEqual(['ok', 'given 100'])
  })

  test('of two orders of a pair the dearer', async () => {
    for (const [first, second] of [
      [{ price: 5 }, { stopPrice: 20 }],
      [{ stopPrice: 20 }, { price: 5 }],
    ]) {
      const { lines } = await asked(
        { maxGross: 1000 },
        async function () {
          const pair = await this.send(Side.BUY, 40, first)
          await this.send(Side.BUY, 40, { ...second, pair })
          await this.send(Side.BUY, 21, { on: 'Y' })
        },
        two,
      )
      expect(lines).toEqual(['ok', 'ok', 'given 20'])
    }
  })

  test('that which closes a short may be the cheaper, and what opens the dearer', async () => {
    const { lines } = await asked({ maxGross: 1000 }, async function () {
      await this.send(Side.SELL, 50)
      await this.send(Side.BUY, 50, { stopPrice: 40 })
      await this.send(Side.BUY, 50, { price: 5 })
    })
    expect(lines).toEqual(['ok', 'ok', 'given 25'])
  })
})

describe('where requests take their time to the exchange', () => {
  const data: DataSet = {
    id: 'synthetic',
    name: 'Synthetic',
    provenance: 'made while it runs',
    instruments: [],
    synthetic: { seed: 1, seconds: 40, agents: 20, barSeconds: 2, latency: 300_000 },
  }

  test('a dearer price that is still on its way counts already', async () => {
    const { lines } = await asked(
      { maxGross: 10_000 },
      async function () {
        const instrument = this.instruments()[0]!
        const on = instrument.name
        const last = Math.round(this.position(instrument).lastPrice)
        const volume = instrument.roundDown(4000 / last)
        const order = await this.send(Side.SELL, volume, { price: 1.5 * last, on })
        this.log((await this.changeOrder(order, { price: 2 * last })).accepted)
        // 6,000 were tied up before, and 8,000 are now.
        await this.send(Side.SELL, instrument.roundDown(2500 / last), { on })
      },
      data,
    )
    expect(lines.slice(0, 2)).toEqual(['ok', 'true'])
    expect(lines[2]).toMatch(/^given/)
  })

  test('what trades at once counts at the best price on the other side of the book, where that is above the last', async () => {
    let above = 0
    class Probes extends BarStrategy {
      async onBar({ target: { instrument } }: BarEvent) {
        const { lastPrice } = this.position(instrument)
        const { bestAsk, bestBid } = this.book(instrument)!
        for (const [side, best, ask] of [
          [Side.BUY, bestAsk, {}],
          [Side.SELL, bestBid, {}],
          [Side.SELL, bestBid, { price: 1 }],
        ] as const) {
          const answer = await this.newOrder({ ...ask, instrument, side, volume: 1000 })
          if (answer.accepted) throw new Error('accepted')
          // Trading pauses now and then.
          if (answer.code !== RefusalCode.ORDER_TOO_LARGE) continue
          expect(answer.numbers['unit']).toBe(Math.max(lastPrice, best!))
          if (best! > lastPrice) above++
        }
      }
    }
    await play(Probes, data, { risk: { maxOrderValue: 1, excess: 'refuse' }, leverage: 1000 })
    expect(above).toBeGreaterThan(0)
  })
})
