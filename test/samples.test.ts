import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { report } from '#analysis'
import { bundledData, cutTo, type DataSet, joined } from '#data'
import { OrderMark, selfTrades, verify } from '#engine'
import { SelfTrade, type Strategy } from 'outcry'
import { play } from './market.ts'

const modules = import.meta.glob<{ default: new () => Strategy }>('../sample-strategies/*.ts', {
  eager: true,
})
const sources = import.meta.glob<string>('../sample-strategies/*.ts', {
  query: '?raw',
  import: 'default',
  eager: true,
})
const samples = Object.entries(modules).map(
  ([path, module]) => [path.split('/').at(-1)!.replace('.ts', ''), module.default] as const,
)

/**
 * What every sample comes to on its data with the app's first settings: closed trades, return in per cent, and the
 * beginning of the digest. A change here is a change of what users see: it has to be meant.
 */
const recorded: Record<string, string> = {
  'bollinger-breakout': '25 trades 66.84 % 350279b7e12c',
  'bracket-pullback': '27 trades -1.82 % 50dd4ac1d9c9',
  'buy-and-hold': '0 trades 185.49 % ccf33fd04937',
  'cost-averaging': '65 trades 0.43 % b0f60d201349',
  'ema-crossover': '30 trades -9.44 % 8462472d6e6f',
  'macd-crossover': '40 trades 116.53 % ecd1c67a0c1b',
  'market-maker': '681 trades 0.09 % d9f7aaa0538f',
  'measured-risk': '78 trades 23.08 % 14eb85c64123',
  'monthly-rebalancing': '54 trades 120.77 % fd1dacb25631',
  'order-flow-momentum': '13 trades -0.55 % b8655166b890',
  'pair-ratio': '38 trades -6.45 % ca84093e5eeb',
  'rsi-reversion': '23 trades 44.89 % 0676ab490ecc',
  'sma-crossover': '26 trades 38.34 % 532808852feb',
  'triple-ma': '29 trades 2.77 % da8f0e9b5da7',
  'two-exchange-rotation': '45 trades 4.35 % 99a0e67ca479',
  'turn-of-the-month': '60 trades 14.38 % acdbdadc66b9',
  'weekly-trend': '23 trades 32.10 % 5d9eafe73541',
}

const settings = { cash: 10_000, costs: { commission: 0.001, slippage: 0.0005 } }
const onPairs = ['monthly-rebalancing', 'pair-ratio']
const onExchanges = ['two-exchange-rotation']
const onBooks = ['cost-averaging', 'market-maker', 'order-flow-momentum']
const synthetic: DataSet = {
  id: 'synthetic',
  name: 'Synthetic market',
  provenance: 'made while it runs',
  instruments: [],
  synthetic: { seed: 1, seconds: 1800, agents: 200, barSeconds: 10 },
}
const load = (id: string) =>
  bundledData(id, async (path) => new Uint8Array(readFileSync(`node_modules/${path}`)))

/** As the page runs it: an exchange each, cut to the dates of the first. */
async function onTwoExchanges() {
  const data = joined('joint', [
    { ...(await load('aapl')), id: 'nasdaq' },
    { ...(await load('sp500')), id: 'index' },
  ])
  return cutTo(data, { from: Date.UTC(2013, 4, 13) * 1000, to: Date.UTC(2018, 4, 12) * 1000 - 1 })
}

describe('every sample', () => {
  test.each(samples)(
    '%s does what is recorded of it, and its journal comes to the same',
    async (name, strategy) => {
      const data = onBooks.includes(name)
        ? synthetic
        : onExchanges.includes(name)
          ? await onTwoExchanges()
          : await load(onPairs.includes(name) ? 'aapl-sp500' : 'aapl')
      const record = await play(strategy, data, settings)
      const { all, account } = report(record, data)
      expect(record.lines.length).toBeLessThan(50)
      expect(
        `${all.trades} trades ${(account.totalReturn * 100).toFixed(2)} % ${record.digest.slice(0, 12)}`,
      ).toBe(recorded[name])
      expect(verify(record, data)).toEqual({ agrees: true })
    },
  )

  test('cost averaging buys for money within a bound, and gives up with what the best price leaves resting', async () => {
    const [, strategy] = samples.find(([name]) => name === 'cost-averaging')!
    const { journal, fills } = await play(strategy, synthetic, settings)
    const { hidden, price, volume } = journal.orders
    const isMarked = (order: number, mark: number) => (hidden[order]! & mark) !== 0
    const all = [...hidden.keys()]
    const purchases = all.filter((order) => isMarked(order, OrderMark.NOTIONAL))
    expect(purchases.length).toBeGreaterThan(20)
    for (const order of purchases) {
      expect(volume[order]).toBe(500)
      expect(price[order]).toBeGreaterThan(0)
      expect(selfTrades[((hidden[order]! / OrderMark.SELF_TRADE) & 7) - 1]).toBe(SelfTrade.CANCEL_OLDEST)
    }
    expect(all.filter((order) => isMarked(order, OrderMark.TO_LIMIT)).length).toBeGreaterThan(0)
    expect(fills.price.length).toBeGreaterThan(20)
  })

  test.each(Object.entries(sources))('%s opens with its title and its thesis', (_, source) => {
    const [, title, thesis] = /^\/\*\*\n \* (.+)\n \*\n((?: \* .+\n)+) (?:\*\n|\*\/)/.exec(source) ?? []
    expect(title).toMatch(/^\S.{2,40}[^.]$/)
    expect(thesis).toMatch(/^ \* [A-Z][^]{30,}\.\n$/)
  })

  const onBars = samples.filter(([name]) => !onBooks.includes(name))
  test.each(onBars)('%s runs on two instruments and on a few bars as well', async (_, strategy) => {
    await play(strategy, await load('aapl-sp500'), settings)
    const data = await load('sp500')
    const [{ instrument, bars }] = data.instruments as [(typeof data.instruments)[0]]
    const short = Object.fromEntries(
      Object.entries(bars).map(([name, column]) => [name, (column as Float64Array).slice(0, 3)]),
    ) as unknown as typeof bars
    await play(strategy, { ...data, instruments: [{ instrument, bars: short }] }, settings)
  })
})
