import { expect, test } from 'vitest'
import { cashOf } from '#engine'
import { freeName, mayHaveRest, readSetup, sharesMisfit, withShare } from '../src/app/together/setup.ts'
import { decodeLink, encodeLink } from '../src/app/share/link.ts'
import { decodeFile, encodeFile } from '../src/app/share/shared-file.ts'
import { readShared, type Shared } from '../src/app/share/shared.ts'

const source = (text: string, entry = 'strategy.ts') => ({ files: { [entry]: text }, entry })
const companion = { id: 'a', name: 'A', origin: { kind: 'open' }, inputs: { fast: 3 } }

test('of two strategies the other has what a share leaves; of more none changes that was not set', () => {
  expect(withShare([undefined, undefined], 1, 0.25)).toEqual([undefined, 0.25])
  expect(withShare([0.6, undefined], 1, 0.25)).toEqual([undefined, 0.25])
  expect(withShare([undefined, 0.6, undefined], 0, 0.7)).toEqual([0.7, 0.6, undefined])
  expect(withShare([0.2, 0.3, undefined], 2, 0.1)).toEqual([0.2, 0.3, 0.1])
  expect(withShare([0.2, 0.3, undefined], 1, undefined)).toEqual([0.2, undefined, undefined])
  for (const share of [0.001, 0.5, 0.99])
    for (const at of [0, 1])
      expect(cashOf(withShare([0.2, undefined], at, share), 100)[at]).toBeCloseTo(100 * share, 9)
})

test('shares that no run can be made with are told with who could have the rest', () => {
  expect(sharesMisfit([0.2, 0.3, undefined])).toBeUndefined()
  expect(sharesMisfit([0.2, 0.3, 0.5])).toBeUndefined()
  expect(sharesMisfit([0.5, 0.3])).toBe(
    'The shares come to 80 %, so 20 % of the cash would belong to nobody.',
  )
  expect(mayHaveRest([0.5, 0.3])).toEqual([0, 1])
  expect(sharesMisfit([0.7, 0.6, undefined])).toBe(
    'The shares come to 130 %, which leaves nothing for the strategy without a share set.',
  )
  expect(mayHaveRest([0.7, 0.6, undefined])).toEqual([0, 1])
  expect(sharesMisfit([0.7, 0.6])).toBe('The shares come to 130 % of the cash; expected 100 %.')
  expect(sharesMisfit([0.7, 0.3, undefined])).toContain('100 %, which leaves nothing')
})

test('names beside one another are told apart by a number, and stay names', () => {
  expect(freeName('Trend', [])).toBe('Trend')
  expect(freeName('Trend', ['Trend', 'Trend 2'])).toBe('Trend 3')
  const long = 'x'.repeat(100)
  expect(freeName(long, ['x'.repeat(80)])).toBe(`${'x'.repeat(78)} 2`)
})

test('a setup of an earlier visit is taken as it was, and not where anything of it is no setup', () => {
  const setup = {
    share: 0.25,
    beside: [companion, { ...companion, id: 'b', origin: { kind: 'text', source: source('1') } }],
  }
  expect(readSetup(setup)).toEqual(setup)
  // Shares that do not fit are told of in the form.
  const unfit = { share: 0.6, beside: [{ ...companion, share: 0.6 }] }
  expect(readSetup(unfit)).toEqual(unfit)
  for (const wrong of [
    undefined,
    { beside: 'all' },
    { ...setup, share: 1 },
    { ...setup, share: 0 },
    { beside: [{ ...companion, origin: { kind: 'script' } }] },
    { beside: [{ ...companion, origin: { kind: 'text', source: { files: {}, entry: 'a.ts' } } }] },
    { beside: [{ ...companion, more: 1 }] },
    { beside: Array.from({ length: 100 }, () => companion) },
  ])
    expect(readSetup(wrong)).toBeUndefined()
})

const shared: Shared = {
  name: 'Trend',
  source: source('export default class A {}'),
  data: { kind: 'bundled', id: 'aapl' },
  settings: {
    cash: 10_000,
    costs: { commission: 0.001, slippage: 0.0005 },
    fill: 'next-open',
    leverage: 1,
    seed: 1,
    inputs: { fast: 5 },
  },
  share: 0.25,
  beside: [
    { name: 'Again', source: source('export default class A {}'), inputs: { fast: 9 }, share: 0.25 },
    {
      name: 'Other ~',
      source: { files: { 'main.ts': "import './b'", 'b.ts': '' }, entry: 'main.ts' },
      inputs: {},
    },
  ],
}

test('links and files carry the strategies beside one another with their inputs and shares', async () => {
  expect(await decodeLink(await encodeLink(shared))).toEqual(shared)
  expect(decodeFile(encodeFile(shared))).toEqual(shared)
  const { share: _, ...equal } = shared
  expect(await decodeLink(await encodeLink(equal))).toEqual(equal)
})

test.each<readonly [string, Partial<Record<keyof Shared, unknown>>]>([
  ['shares beyond the whole', { beside: [{ ...shared.beside![0]!, share: 0.9 }, shared.beside![1]!] }],
  ['a share of one that is alone', { beside: undefined }],
  ['nobody beside it', { beside: [] }],
  ['more than there may be', { beside: Array.from({ length: 100 }, () => shared.beside![1]) }],
  [
    'code that is none',
    { beside: [{ ...shared.beside![0]!, source: { files: { 'a.ts': 1 }, entry: 'a.ts' } }] },
  ],
  ['fields of their own', { beside: [{ ...shared.beside![0]!, run: true }] }],
])('a shared strategy with %s is refused', (_, change) => {
  expect(() => readShared(JSON.parse(JSON.stringify({ ...shared, ...change })), 'link')).toThrow(/link/)
})
