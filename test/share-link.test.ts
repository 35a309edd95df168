import { readdirSync, readFileSync } from 'node:fs'
import { inflateRawSync } from 'node:zlib'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { initialTerms } from '../src/app/run.ts'
import { abbreviated, spelledOut } from '../src/app/share/abbreviations.ts'
import { isLink } from '../src/app/share/address.ts'
import { BadLink, decodeLink, encodeLink } from '../src/app/share/link.ts'
import { unseenLetters, type Claims, type Shared } from '../src/app/share/shared.ts'
import { linkUpgrades, newest, upgraded } from '../src/app/share/upgrades.ts'
import { hostileLinks, packed } from './hostile-links.ts'

const claims: Claims = {
  engine: '0.1.0',
  digest: '3f9c2b7a1e8d4c6b',
  bars: 1258,
  figures: {
    totalReturn: 0.4123187,
    buyAndHoldReturn: 1.634259,
    sharpe: 0.8121344,
    maxDrawdown: 0.2311561,
    trades: 37,
    costs: 412.3179,
  },
  marks: '5b1f0c77aa9031e4d2c86b0f1a3e9d42',
}
const shared = (change: Partial<Shared> = {}): Shared => ({
  name: 'EMA crossover',
  source: { files: { 'strategy.ts': 'export default class {}' }, entry: 'strategy.ts' },
  data: { kind: 'bundled', id: 'aapl' },
  settings: { ...initialTerms, inputs: {} },
  ...change,
})

const sma = readFileSync('sample-strategies/sma-crossover.ts', 'utf8')

test('what is shared comes back as it was', async () => {
  const all = shared({
    name: 'Momentum “two”, ~ 3 €',
    source: { files: { 'helper.ts': 'export const a = 1', 'main.ts': sma }, entry: 'main.ts' },
    settings: {
      ...initialTerms,
      cash: 25_000,
      costs: { commission: 0, slippage: 0.001 },
      fill: 'same-close',
      inputs: { fast: 12, short: true, kind: 'ema' },
    },
    view: { instrument: 1, from: 1_368_403_200_000_000, to: 1_525_996_800_000_001 },
    claims,
  })
  expect(await decodeLink(await encodeLink(all))).toEqual(all)
})

test('each kind of data is told without its rows', async () => {
  for (const data of [
    { kind: 'bundled', id: 'random-walk' },
    { kind: 'bundled', id: 'aapl+from-1388534400000000+to-1483228799999999' },
    { kind: 'bundled', id: 'joint:nasdaq=aapl,index=sp500+from--5' },
    { kind: 'synthetic', market: {} },
    { kind: 'synthetic', market: { preset: 'thin', seed: 7, seconds: 600, latency: 500 } },
    {
      kind: 'imported',
      id: `imported:${'0123456789abcdef'.repeat(4)}+keep-first+4h`,
      name: 'BTCUSD hourly',
      from: 1_640_995_200_000_000,
      to: 1_704_067_200_000_000,
      bars: 17_520,
    },
  ] as const)
    expect((await decodeLink(await encodeLink(shared({ data })))).data).toEqual(data)
})

test('figures that are not there stay so', async () => {
  const figures = { ...claims.figures, sharpe: NaN }
  const back = await decodeLink(await encodeLink(shared({ claims: { ...claims, figures } })))
  expect(back.claims?.figures.sharpe).toBeNaN()
})

test('any text of a strategy survives the link', async () => {
  const text = fc.string({
    unit: fc.oneof(fc.constant('~'), fc.constant('import { '), fc.string({ unit: 'binary' })),
  })
  await fc.assert(
    fc.asyncProperty(text, async (code) => {
      const source = { files: { 'strategy.ts': code }, entry: 'strategy.ts' }
      expect((await decodeLink(await encodeLink(shared({ source })))).source).toEqual(source)
      expect(spelledOut(abbreviated(code), 1e6)).toBe(code)
    }),
    { numRuns: 60 },
  )
})

test('a link is deflate-raw JSON in base64url, without anything that is usual', async () => {
  const link = await encodeLink(shared({ name: 'Shared strategy' }))
  expect(link).toMatch(/^#s1\.[\w-]+$/)
  const json = inflateRawSync(Buffer.from(link.slice(4), 'base64url')).toString()
  expect(Object.keys(JSON.parse(json) as object)).toEqual(['f'])
})

/** 664 bytes: two averages and a sentence, as somebody would send to a friend. */
const short = `/** Holds the market while its fast average is above its slow one. */
import { BarStrategy, type BarEvent, ema } from 'outcry'

export default class EmaCross extends BarStrategy {
  fast = this.input('fast', 12, { min: 2, max: 50 })
  slow = this.input('slow', 26, { min: 5, max: 200 })

  quick = this.indicator(ema(this.fast)) // The fast line follows prices, the slow one remembers where they have be
  steady = this.indicator(ema(this.slow))

  async onBar({ target: bar }: BarEvent) {
    if (this.quick.crossedAbove(this.steady)) await this.target(bar.instrument, 0.95)
    if (this.quick.crossedBelow(this.steady)) await this.closeAll(bar.instrument)
  }
}
`

test('a strategy of 664 bytes makes a link of fewer than 450 characters, claims and digest included', async () => {
  expect(Buffer.byteLength(short)).toBe(664)
  const source = { files: { 'strategy.ts': short }, entry: 'strategy.ts' }
  const link = await encodeLink(shared({ source, claims }))
  console.log(
    `664 bytes: ${link.length} characters, ${(await encodeLink(shared({ source }))).length} without claims`,
  )
  expect(link.length).toBeLessThan(450)
})

test('20 KB of code are encoded and decoded in less than 30 ms', async () => {
  const files = readdirSync('sample-strategies').filter((file) => file.endsWith('.ts'))
  let code = ''
  for (const file of files) code += readFileSync(`sample-strategies/${file}`, 'utf8')
  for (let i = 0; code.length < 20_480; i++)
    code += `const level${i} = ${(i * 7919) % 1000} // of ${i * 31}\n`
  code = code.slice(0, 20_480)
  const big = shared({ source: { files: { 'strategy.ts': code }, entry: 'strategy.ts' }, claims })
  const times: number[] = []
  for (let i = 0; i < 9; i++) {
    const start = performance.now()
    const link = await encodeLink(big)
    const back = await decodeLink(link)
    times.push(performance.now() - start)
    expect(back.source).toEqual(big.source)
  }
  times.sort((a, b) => a - b)
  console.log(
    `20 KB of code, there and back: median ${times[4]!.toFixed(1)} ms, first or worst ${times[8]!.toFixed(1)} ms`,
  )
  expect(times[4]).toBeLessThan(30)
})

test('links that were given out open to what they were made of', async () => {
  for (const [link, meant] of recorded) expect(await decodeLink(link)).toEqual(meant)
})

test('what an older version holds goes through every step to the newest, from wherever it starts', () => {
  const steps = [
    (old: unknown) => ({ ...(old as object), second: true }),
    (old: unknown) => ({ ...(old as object), third: true }),
  ]
  expect(upgraded({ v: 1 }, 1, steps)).toEqual({ v: 1, second: true, third: true })
  expect(upgraded({ v: 2 }, 2, steps)).toEqual({ v: 2, third: true })
  expect(upgraded({ v: 3 }, 3, steps)).toEqual({ v: 3 })
  expect(upgraded('kept', newest(linkUpgrades), linkUpgrades)).toBe('kept')
})

test('only what begins like a link is taken for one', () => {
  expect(['#s1.AA', 's1.AA', '#s99.'].map(isLink)).toEqual([true, true, true])
  expect(['', '#', '#kit', '#s1', '#settings', '#sx.1', '#S1.AA'].some(isLink)).toBe(false)
})

test('at least forty malformed and malicious links are known', () => {
  expect(hostileLinks.length).toBeGreaterThanOrEqual(40)
})

test.each(hostileLinks)(
  '%s is refused in words, quickly, and leaves nothing behind',
  async (_, link, told) => {
    const start = performance.now()
    const refusal = await decodeLink(link).then(
      (opened) => `opened: ${JSON.stringify(opened).slice(0, 300)}`,
      (error: unknown) => (error instanceof BadLink ? error.message : error),
    )
    const took = performance.now() - start
    expect(refusal).toMatch(told)
    // One screen of words at most, nothing that could stand for markup of ours.
    expect((refusal as string).length).toBeLessThan(500)
    expect(took).toBeLessThan(250)
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined()
  },
)

test('invisible letters in the code are found, and told by file and line', async () => {
  const link = packed({
    f: "// fine\nif (role !== 'admin\u202e \u2066// only\u2069') {}\n\u200bdone()\ttab\r\n",
  })
  const { source } = await decodeLink(link)
  expect(unseenLetters(source)).toEqual([
    { file: 'strategy.ts', line: 2, letter: 'U+202E' },
    { file: 'strategy.ts', line: 2, letter: 'U+2066' },
    { file: 'strategy.ts', line: 2, letter: 'U+2069' },
    { file: 'strategy.ts', line: 3, letter: 'U+200B' },
  ])
  expect(unseenLetters({ files: { 'a.ts': sma }, entry: 'a.ts' })).toEqual([])
})

/** Links as they were on the day this form was first given out. They must open for ever. */
const recorded: readonly (readonly [string, Shared])[] = [
  [
    '#s1.q1ZKU7JSqiurrlWqBQA',
    {
      name: 'Shared strategy',
      source: { files: { 'strategy.ts': 'export default class {}' }, entry: 'strategy.ts' },
      data: { kind: 'bundled', id: 'aapl' },
      settings: {
        cash: 10000,
        costs: { commission: 0.001, slippage: 0.0005 },
        fill: 'next-open',
        leverage: 1,
        seed: 1,
        inputs: {},
      },
    },
  ],
  [
    '#s1.RZDBTuMwEIZfxZpLiWSsGTtOk9yAI9pTjwsHx3XaQhKXOnSFUOfZVw5QLmPP9_0jj_wJE7Sw-XMn_CmmFM_hBBJ6aD8hje72CtWcoAV2aXTcbUb38CPYC9G7NPMu15UUhDxqnixyJD4KkYb4j3e5rqQwyKPlSePVzu418G45VlKgaiyPqNDyRByXy9tm705BxJ7ReR_fp1nMURymc0jzSlyKp-lp-t7hkfdpdDf8kbuiyHx5_spzlzkHPn1PvH4likLwgT-WRXLgRw-_-oXv4SJhCy2ko0UECSl_VH8YhszcGG79EFPIqeNiXJqhJX2RcIb2L0oyVV2i0YiSrLZNU9WIzxJ8tqokbUiSqkypJaqaNBmJShsiK81alqRVDmhbP0vYQQumb7zu1o5CvS191dmOevTrtXMNGgrlVvu66rAnZ0KzLTVICNACKlIIl_8',
    {
      name: 'SMA crossover',
      source: {
        files: {
          'sma-crossover.ts':
            "import { BarStrategy, type BarEvent, sma } from 'outcry'\n\nexport default class SmaCrossover extends BarStrategy {\n  fast = this.input('fast', 10, { min: 2, max: 50, step: 1, unit: 'bars' })\n  slow = this.input('slow', 30, { min: 5, max: 200, step: 1, unit: 'bars' })\n  stake = this.input('stake', 0.95, { min: 0.05, max: 1, step: 0.05, hint: 'Share of the account to invest' })\n\n  fastAverage = this.indicator(sma(this.fast))\n  slowAverage = this.indicator(sma(this.slow))\n\n  async onBar({ target: bar }: BarEvent) {\n    if (this.fastAverage.crossedAbove(this.slowAverage)) await this.target(bar.instrument, this.stake)\n    if (this.fastAverage.crossedBelow(this.slowAverage)) await this.closeAll(bar.instrument)\n  }\n}\n",
        },
        entry: 'sma-crossover.ts',
      },
      data: { kind: 'bundled', id: 'sp500' },
      settings: {
        cash: 10000,
        costs: { commission: 0.001, slippage: 0.0005 },
        fill: 'same-close',
        leverage: 1,
        seed: 1,
        inputs: { fast: 12 },
      },
      view: { instrument: 0, from: 1368403200000000, to: 1525996800000000 },
      claims: {
        engine: '0.1.0',
        digest: '3f9c2b7a1e8d4c6b',
        bars: 1258,
        figures: {
          totalReturn: 0.41231,
          buyAndHoldReturn: 1.6342,
          sharpe: 0.81213,
          maxDrawdown: 0.23115,
          trades: 37,
          costs: 412.31,
        },
        marks: '5b1f0c77aa9031e4d2c86b0f1a3e9d42',
      },
    },
  ],
  [
    '#s1.NY1NasMwEIWvMrxNNsI2hTQw0EN0741rTbBILBnPpC4x0tmLHLKb9zPv2xHB-H4kE3VUCtmWyMJ4U9qCFzhcwTvmIcTGFIxiW_A2UabrmmY6Ne2hG9NTH8vva4n23Ec4vCMw5G9Jq1F5vt6_6IPa9gBWWB-RHeaKWlZRMTBsCnVDRTz4Uo8xRa_gz67LDlrL46AT-Nx1h7VU6y5DBNv6EIc5eQHjJ9mEnP8B',
    {
      name: 'Quotes, ~ two ticks wide',
      source: {
        files: {
          'main.ts': "import { width } from './width.ts'\nexport default class Quotes {}\n",
          'width.ts': 'export const width = 2 // ~ ticks\n',
        },
        entry: 'main.ts',
      },
      data: { kind: 'synthetic', market: { preset: 'thin', seed: 7, seconds: 600 } },
      settings: {
        cash: 50000,
        costs: { commission: 0.001, slippage: 0.0005 },
        fill: 'next-open',
        leverage: 1,
        seed: 1,
        inputs: { lean: true, mode: 'both' },
      },
    },
  ],
  [
    '#s1.lclLToRAFEbhrZB_6g19b1FAU8NuExegjloGPIqmEl4BmsQQ3IoT1-AG2JjxsQFn58tZ0cHg5Oaidx15D-P-ub9bT0CoYHA4eN3-UdvxpXtb1g2EEgauHfpxtqVhUYEOo_iYZHlR2uq_vtM1CA7mgtPT-fnx3qv729i8giTSnCShYiaJWXMU_2aoOCVMMCuKfpr_om3dNLm-g2HC1LhhyK4WhjdCYxc7_khthAXmIimhgLmwr0UFQuJHgVbU3ZqG2FeBSEhMWpT_PVV4TAlXGARVUqg8zsQeS11EOQgWBuyLz9i-AA',
    {
      name: 'Bitcoin, Größe 1',
      source: { files: { 'strategy.ts': '// näher\nexport default class {}' }, entry: 'strategy.ts' },
      data: {
        kind: 'imported',
        id: 'imported:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef+4h',
        name: 'BTCUSD hourly',
        from: 1640995200000000,
        to: 1704067200000000,
        bars: 17520,
      },
      settings: {
        cash: 10000,
        costs: { commission: 0, slippage: 0 },
        fill: 'next-open',
        leverage: 2,
        seed: 1,
        inputs: {},
      },
      view: { instrument: 1 },
      claims: {
        engine: '0.1.0',
        digest: '3f9c2b7a1e8d4c6b',
        bars: 1258,
        figures: {
          totalReturn: 0.41231,
          buyAndHoldReturn: 1.6342,
          sharpe: NaN,
          maxDrawdown: 0.23115,
          trades: 0,
          costs: 412.31,
        },
        marks: '',
      },
    },
  ],
]
