import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { pairSpec } from '#data'
import { moneyOf, pricedIn } from '../src/cli-money.ts'

let folder: string
const path = (name: string) => join(folder, name)

const run = (...args: string[]) => {
  const all = ['src/outcry.mjs', 'run', path('hold.ts'), ...args]
  const { status, stdout, stderr } = spawnSync(process.execPath, all, { encoding: 'utf8' })
  return { status, stdout, stderr }
}

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'outcry-money-'))
  const rows = (prices: readonly number[]) =>
    prices.map((price, day) => `2024-01-0${day + 1},${price},${price},${price},${price},1000`)
  const file = (name: string, prices: readonly number[]) =>
    writeFileSync(path(name), ['Date,Open,High,Low,Close,Volume', ...rows(prices)].join('\n'))
  file('SAP.csv', [100, 100, 110, 110])
  file('EURUSD.csv', [1.1, 1.1, 1.2, 1.2])
  file('USDJPY.csv', [160, 160, 150, 150])
  writeFileSync(
    path('hold.ts'),
    `import { BarStrategy, type BarEvent } from 'outcry'
export default class Hold extends BarStrategy {
  async onBar({ target: bar }: BarEvent) {
    if (this.position(bar.instrument).size === 0) await this.buy(bar.instrument, 10)
  }
}
`,
  )
})
afterAll(() => rmSync(folder, { recursive: true }))

test('a file in another currency than the account needs a rate, and the report says what it was', () => {
  const file = ['--data', path('SAP.csv'), '--priced-in', 'EUR', '--currency', 'USD']
  const missing = run(...file)
  expect([missing.status, missing.stdout]).toEqual([2, ''])
  expect(missing.stderr).toBe(
    "SAP is in EUR, the account in USD, and nothing says what EUR is worth. Add the pair EURUSD to the run's instruments, or give a rate, the USD that one EUR is worth: in Costs and fills on the page, --rate EUR=NUMBER on the command line, money.rates.EUR in a configuration. Rates are not combined: each pair needs USD on one side.\n",
  )
  const { status, stdout } = run(...file, '--rate', 'EUR=1.08', '--exchange-cost', '0.002')
  expect(status).toBe(0)
  expect(stdout).toContain('Account   10,000.00 USD at the start, leverage 1, seed 1\n')
  expect(stdout).toContain(
    'Money     EUR at 1.08 throughout: what it gains or loses is not counted\n          exchanged with each fill, at the last rate told before it, at 0.2 % of what is exchanged\n',
  )
})

test('a file that is a pair is priced in its second currency and tells its own rate', () => {
  const { stdout } = run('--data', path('USDJPY.csv'), '--currency', 'USD', '--exchange', 'never')
  expect(stdout).toContain(
    'Money     JPY at 0.00625 at first and 0.00666667 at the end by USDJPY, turned round',
  )
  expect(stdout).toMatch(/balance -1,60\d\.\d\d JPY\n +never exchanged: .+ no interest, which flatters loans/)
})

test('a configuration can put shares and the pair that tells their rate on two exchanges', () => {
  const fx = { kind: 'file', file: 'EURUSD.csv', name: 'fx' }
  const xetra = {
    ...{ kind: 'file', file: 'SAP.csv', name: 'xetra' },
    instruments: [{ name: 'SAP', currency: 'EUR' }],
  }
  const content = { configuration: 1, exchanges: [fx, xetra], strategies: [{ file: 'hold.ts' }] }
  writeFileSync(path('two.json'), JSON.stringify(content))
  const all = ['src/outcry.mjs', 'run', '--config', path('two.json'), '--exchange-cost', '0.001']
  const { stdout, status } = spawnSync(process.execPath, all, { encoding: 'utf8' })
  expect(status).toBe(0)
  expect(stdout).toContain('Account   10,000.00 USD at the start')
  expect(stdout).toContain('Money     EUR at 1.1 at first and 1.2 at the end by EURUSD\n')
  expect(stdout).toContain('at 0.1 % of what is exchanged')
  expect(stdout).toContain('--exchange-cost 0.001.')
})

test('the JSON document has the rules, the rates at the end and those of every trade', () => {
  const asked = ['--data', path('SAP.csv'), '--priced-in', 'EUR', '--currency', 'USD', '--rate', 'EUR=2']
  const document = JSON.parse(run(...asked, '--commission', '0', '--json').stdout) as Record<string, unknown>
  expect(document).toMatchObject({
    settings: { money: { currency: 'USD', rates: { EUR: 2 } } },
    currencies: [{ currency: 'EUR', rate: 2, cash: 0 }],
    trades: [{ entryRate: 2, exitRate: 2, pnl: 200 }],
  })
})

test('a run in one currency says nothing of rates', () => {
  const { stdout } = run('--data', path('SAP.csv'))
  expect(stdout).toContain('Account   10,000.00 at the start, leverage 1, seed 1\n')
  expect(stdout).not.toContain('Money')
})

test('the command line adds its rates to those of a configuration', () => {
  const given = (all: Record<string, string>) =>
    moneyOf(new Map(Object.entries(all)), { rates: { GBP: 1.3 } })
  expect(given({})).toEqual({ rates: { GBP: 1.3 } })
  expect(given({ rate: 'EUR=1.08,GBP=1.25', exchange: 'never' })).toEqual({
    rates: { GBP: 1.25, EUR: 1.08 },
    exchange: 'never',
  })
})

test.each([
  [{ rate: 'EUR' }, "--rate is 'EUR'; expected a currency and its rate, such as --rate EUR=1.08"],
  [{ rate: 'EUR=0' }, "--rate is '0'; expected a number from 1e-12 to 1000000000000"],
  [{ rate: 'E R=1' }, "--rate is 'E R'; expected the code of a currency such as EUR"],
  [{ currency: '€' }, "--currency is '€'; expected the code of a currency such as EUR"],
  [{ exchange: 'daily' }, "--exchange is 'daily'; expected at-fill or never"],
  [{ 'exchange-cost': '60 %' }, "--exchange-cost is '60 %'; expected a number from 0 to 0.5"],
  [{ exchange: 'never', 'exchange-cost': '0.1' }, '--exchange never exchanges nothing'],
])('%j is refused', (given, message) => {
  expect(() => moneyOf(new Map(Object.entries(given)))).toThrow(message)
})

test('what bundled prices are in is known', () => {
  const given = new Map([['priced-in', 'EUR']])
  expect(pricedIn(given, 'mine.csv')).toBe('EUR')
  expect(() => pricedIn(given, 'aapl')).toThrow('--priced-in means nothing to --data aapl')
})

test('a name of two currencies is that of a pair in the second', () => {
  for (const name of ['EURUSD', 'eur/usd', 'EUR-USD', 'EURUSD=X'])
    expect(pairSpec(name)).toEqual({ type: 'PAIR', currency: 'USD' })
  for (const name of ['SAP', 'EUR', 'EURUSDX', 'BTCUSDT']) expect(pairSpec(name)).toEqual({})
})
