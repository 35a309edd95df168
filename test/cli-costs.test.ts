import { spawnSync } from 'node:child_process'
import { expect, test } from 'vitest'
import { barFillWords, barRulesOf, commissionWords, costsOf, costWords } from '../src/cli-costs.ts'

const outcry = (...args: string[]) =>
  spawnSync(
    process.execPath,
    ['src/outcry.mjs', 'run', 'sample-strategies/sma-crossover.ts', '--data', 'aapl', ...args],
    { encoding: 'utf8' },
  )

test('outcry run takes every form of cost, and says beside the figures what was taken', () => {
  const { stdout, status } = outcry(
    ...['--commission', '0', '--per-unit', '0.005', '--least-commission', '1', '--most-commission', '0.01'],
    ...['--slippage-ticks', '2', '--limits', 'touch', '--volume-share', '0.01'],
  )
  expect(status).toBe(0)
  expect(stdout).toContain(
    "commission 0.005 a unit, at least 1, at most 1 % of an order's value; slippage 2 ticks\n",
  )
  expect(stdout).toContain(
    "next bar's open; limit orders where a bar only touches their price: optimistic; up to 1 % of a bar's volume\n",
  )
  const { settings } = JSON.parse(
    outcry('--maker', '-0.0001', '--volume-share', 'none', '--json').stdout,
  ) as {
    settings: Record<string, unknown>
  }
  expect(settings).toMatchObject({ commission: 0.001, makerCommission: -0.0001, volumeShare: null })
})

test.each([
  [['--per-unit', '-1'], /--per-unit is '-1'; expected a number from 0 to 1000000/],
  [['--most-commission', '1 %'], /--most-commission is '1 %'; expected a number from 0 to 1/],
  [['--limits', 'always'], /--limits is 'always'; expected through or touch/],
  [['--volume-share', '0'], /--volume-share is '0'; expected a number from 0.0001 to 1/],
  [['--per-share', '1'], /There is no option --per-share.*/],
])('%j is refused with exit code 2', (args, message) => {
  const { stderr, status } = outcry(...args)
  expect(stderr).toMatch(message)
  expect(status).toBe(2)
})

test('options that were not given leave the settings as they are', () => {
  expect(costsOf(new Map())).toEqual({})
  expect(barRulesOf(new Map())).toBeUndefined()
})

test('costs and fills are told in words, each part that is there and no other', () => {
  const costs = { commission: 0.001, slippage: 0.0005 }
  expect(costWords(costs)).toBe('commission 0.1 %, slippage 0.05 % of each fill')
  expect(costWords({ ...costs, makerCommission: -0.0002, slippagePrice: 0.01 })).toBe(
    'commission 0.1 % for takers and -0.02 % for makers; slippage 0.05 % and 0.01 in price',
  )
  expect(commissionWords({ commission: 0, slippage: 0, commissionPerOrder: 5, leastCommission: 7 })).toBe(
    'commission 5 an order, at least 7',
  )
  expect(barFillWords('next-open', undefined, true)).toBe("market orders fill at the next bar's open")
  expect(barFillWords('next-open', undefined, false)).toContain('the data have no volume')
  expect(barFillWords('same-close', { volumeShare: null }, true)).toContain(
    "whatever a bar's volume: optimistic",
  )
})

test('what a strategy charges itself is told instead of the commission that it replaces', () => {
  const outcry = (...args: string[]) =>
    spawnSync(process.execPath, ['src/outcry.mjs', 'run', ...args], { encoding: 'utf8' })
  const maker = 'sample-strategies/market-maker.ts'
  const { stdout } = outcry(maker, '--data', 'synthetic', '--minutes', '3', '--agents', '100')
  expect(stdout).toMatch(
    /^Costs +commission set by the strategy: 0\.00\d+ % of all fills together; slippage is the book's$/m,
  )
  const { stderr, status } = outcry(maker, '--data', 'aapl')
  expect(stderr).toContain('bars have none: choose the synthetic market or recorded orders')
  expect(status).toBe(3)
})
