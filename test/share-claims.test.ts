import { readdirSync, readFileSync } from 'node:fs'
import * as esbuild from 'esbuild'
import { BarStrategy, type BarEvent, sma } from 'outcry'
import { expect, test } from 'vitest'
import { report } from '#analysis'
import { compile } from '#compile'
import { type DataSet, randomWalk } from '#data'
import { changesSince, engineVersion, type RunSettings } from '#engine'
import { initialTerms } from '../src/app/run.ts'
import type { Playground } from '../src/app/playground.svelte.ts'
import { claimsOf, marksOf, partingOf } from '../src/app/share/claims.ts'
import { partingInWords, reproduction, type Rerun } from '../src/app/share/reproduction.ts'
import type { Claims, Shared } from '../src/app/share/shared.ts'
import { sharedOf } from '../src/app/share/sharing.ts'
import { stripComments } from '../src/app/share/strip-comments.ts'
import { run } from './market.ts'

class Crossover extends BarStrategy {
  fast = this.input('fast', 5, { min: 2, max: 50, step: 1 })
  fastAverage = this.indicator(sma(this.fast))
  slowAverage = this.indicator(sma(20))

  async onBar({ target: bar }: BarEvent) {
    if (this.fastAverage.crossedAbove(this.slowAverage)) await this.target(bar.instrument, 0.9)
    if (this.fastAverage.crossedBelow(this.slowAverage)) await this.closeAll(bar.instrument)
  }
}

const source = { files: { 'strategy.ts': 'crossover' }, entry: 'strategy.ts' }
const walk = randomWalk({ bars: 1500 })

async function rerun(change: Partial<RunSettings> = {}, data: DataSet = walk): Promise<Rerun> {
  const settings = { ...initialTerms, inputs: {}, ...change }
  const record = await run({ strategy: Crossover, data, settings })
  return { source, data: { kind: 'bundled', id: data.id }, record, report: report(record, data) }
}

async function shared(): Promise<Shared & { claims: Claims }> {
  const { record, report, data } = await rerun()
  return { name: 'Crossover', source, data, settings: record.settings, claims: claimsOf(record, report) }
}

/** As it comes out of a link: with the beginning of the digest and without the trades. */
function linked({ claims: { trades: _, ...claims }, ...rest }: Shared & { claims: Claims }) {
  return { ...rest, claims: { ...claims, digest: claims.digest.slice(0, 16) } }
}

test('the same run is reproduced exactly, from a link and from a file', async () => {
  const author = await shared()
  const exact = { exact: true, differences: [] }
  expect(reproduction(author, await rerun())).toEqual(exact)
  expect(reproduction(linked(author), await rerun())).toEqual(exact)
})

test('another input, other costs and other code are named, and where the trades part', async () => {
  const author = linked(await shared())
  const inputs = reproduction(author, await rerun({ inputs: { fast: 7 } }))
  expect(inputs.exact).toBe(false)
  expect(inputs.differences).toEqual([
    { of: 'settings', text: 'Not as the author has it: fast is 7 here, the usual there.' },
  ])
  expect(inputs.parting!.from).toBeLessThanOrEqual(inputs.parting!.to)
  const costs = reproduction(author, await rerun({ costs: { commission: 0, slippage: 0 } }))
  expect(costs.differences[0]!.text).toContain('costs.commission is 0 here, 0.001 there')
  const code = { files: { 'strategy.ts': 'changed' }, entry: 'strategy.ts' }
  const changed = reproduction(author, { ...(await rerun({ seed: 2, inputs: { fast: 6 } })), source: code })
  expect(changed.differences.map(({ of }) => of)).toEqual(['code', 'settings'])
})

test('other prices under the same name show in what it made to hold them, or in their number', async () => {
  const author = linked(await shared())
  const { bars } = walk.instruments[0]!
  const dearer = {
    ...walk,
    instruments: [
      {
        ...walk.instruments[0]!,
        bars: {
          ...bars,
          close: bars.close.map((p, i) => (i > 1450 ? p * 1.01 : p)),
          high: bars.high.map((p) => p * 1.02),
        },
      },
    ],
  }
  expect(reproduction(author, await rerun({}, dearer)).differences[0]).toMatchObject({ of: 'bars' })
  const longer = await rerun({}, { ...randomWalk({ bars: 1501 }) })
  expect(reproduction(author, longer).differences[0]!.text).toBe(
    "The author's data has 1,500 bars, this has 1,501.",
  )
  const other = {
    ...(await rerun({}, longer.record.bars ? randomWalk({ bars: 1600 }) : walk)),
    data: { kind: 'bundled', id: 'aapl' } as const,
  }
  expect(reproduction(author, other).differences.map(({ of }) => of)).toEqual(['data'])
})

test('another engine is told by its version', async () => {
  const author = linked(await shared())
  const by = async (engine: string) => {
    const other = { ...author, claims: { ...author.claims, engine, digest: '0'.repeat(16) } }
    return reproduction(other, await rerun()).differences
  }
  expect(await by('0.0.9')).toEqual([
    { of: 'engine', text: `The author's engine is 0.0.9, this one is ${engineVersion}.` },
  ])
  const { text } = (await by('0.1.0'))[0]!
  expect(text).toMatch(
    /^The author's engine is 0\.1\.0, this one is \S+\. Since then, an order of more than a bar's volume trades over several bars, and .+\.$/,
  )
  // Every change since is told, in order, and those of later versions to whom only these are news.
  for (const what of changesSince('0.1.0')!) expect(text).toContain(what)
  const since = (await by('0.5.0'))[0]!.text
  expect(since).toContain('an order by notional is no more units on a book than the rules counted')
  expect(since).not.toContain("an order of more than a bar's volume")
  expect(changesSince(engineVersion)).toEqual([])
})

test('a run that the versions do not differ in is reproduced, whichever made it', async () => {
  const author = linked(await shared())
  const older = { ...author, claims: { ...author.claims, engine: '0.1.0' } }
  expect(reproduction(older, await rerun())).toEqual({ exact: true, differences: [] })
})

test('figures that were made up are found out, with the right digest and with a wrong one', async () => {
  const author = linked(await shared())
  const figures = { ...author.claims.figures, totalReturn: 9.99 }
  const boasting = { ...author, claims: { ...author.claims, figures } }
  const [boast] = reproduction(boasting, await rerun()).differences
  expect(boast!.of).toBe('figures')
  expect(boast!.text).toMatch(
    /these figures are not what it comes to: return \+999\.0\s%.* is claimed, it is return/,
  )
  const forged = { ...boasting, claims: { ...boasting.claims, digest: 'f'.repeat(16) } }
  expect(reproduction(forged, await rerun()).differences.map(({ of }) => of)).toEqual(['run'])
})

test('the first trade that differs is named exactly by a file, and within a few by a link', async () => {
  const author = await shared()
  const { trades } = author.claims
  const { report: own } = await rerun()
  const count = own.trades.side.length
  expect(count).toBeGreaterThan(16)
  for (const row of [0, 1, 7, count - 1]) {
    const changed = { ...own.trades, entryPrice: own.trades.entryPrice.slice() }
    changed.entryPrice[row]! += 0.01
    expect(partingOf(author.claims, changed)).toEqual({ from: row + 1, to: row + 1 })
    const near = partingOf({ ...author.claims, trades: undefined }, changed)!
    expect(near.from).toBeLessThanOrEqual(row + 1)
    expect(near.to).toBeGreaterThanOrEqual(row + 1)
    expect(near.to - near.from).toBeLessThan(Math.ceil(count / 16) + 1)
  }
  expect(partingOf(author.claims, own.trades)).toBeUndefined()
  expect(partingOf({ ...author.claims, trades: undefined }, own.trades)).toBeUndefined()
  expect(trades!.length).toBe(count)
  expect(marksOf(own.trades)).toMatch(/^[0-9a-f]{32}$/)
  expect(partingInWords({ from: 3, to: 3 })).toBe('The first trade that differs is number 3.')
  expect(partingInWords({ from: 3, to: 5 })).toBe('The first trade that differs is one of numbers 3 to 5.')
})

test('one trade more or less is a difference too', async () => {
  const author = await shared()
  const { report: own } = await rerun()
  const count = own.trades.side.length
  const cut = Object.fromEntries(
    Object.entries(own.trades).map(([name, column]) => [name, (column as Float64Array).slice(0, count - 1)]),
  ) as unknown as typeof own.trades
  expect(partingOf(author.claims, cut)).toEqual({ from: count, to: count })
  expect(partingOf({ ...author.claims, trades: undefined }, cut)!.to).toBe(count)
  const fewer = claimsOf((await rerun()).record, {
    ...own,
    trades: cut,
    all: { ...own.all, openTrades: 0, trades: count - 1 },
  })
  expect(partingOf(fewer, own.trades)).toEqual({ from: count, to: count })
})

test('code without its comments compiles to the same program', async () => {
  const names = Object.keys(await import('../src/index.ts'))
  for (const file of readdirSync('sample-strategies').filter((name) => name.endsWith('.ts'))) {
    const text = readFileSync(`sample-strategies/${file}`, 'utf8')
    const stripped = stripComments(text)
    expect(stripped.length).toBeLessThan(text.length)
    const programs = await Promise.all(
      [text, stripped].map((code) => compile(esbuild, { files: { [file]: code }, entry: file }, names)),
    )
    const [before, after] = programs.map((program) => program.ok && bare(program.program.code))
    expect(after, file).toBe(before)
    expect(stripped, file).not.toMatch(/\/\*|\/\//)
  }
})

/** A program without the comments that the compiler keeps, and without space. */
const bare = (code: string) => code.replace(/^\s*\/\/.*$|\/\*[\s\S]*?\*\//gm, '').replace(/\s+/g, '')

test.each([
  ["const a = 'http://x' // real", "const a = 'http://x'\n"],
  ['const a = "a\\"// not" /* real */ + 1', 'const a = "a\\"// not"   + 1\n'],
  ['const r = /[/*]/.test(x) // real', 'const r = /[/*]/.test(x)\n'],
  ['return /\\/\\/x/g // real', 'return /\\/\\/x/g\n'],
  ['const half = a / 2 // b / c', 'const half = a / 2\n'],
  [
    'const t = `// not ${a /* real */ + `/* not ${b}`} // not` // real',
    'const t = `// not ${a   + `/* not ${b}`} // not` ',
  ],
  ['const o = `${{ a: 1 /* real */ }.a}`', 'const o = `${{ a: 1   }.a}`'],
  ['return /* over\ntwo lines */ 5', 'return\n 5\n'],
  ['/* never closed', '\n'],
  ['', '\n'],
])('of %s only comments go', (code, left) => {
  expect(stripComments(code)).toBe(left)
})

test('figures are claimed only of just what is handed on, not of a run before that was not finished', async () => {
  const { record, report } = await rerun()
  const page = {
    library: { id: 'one', name: 'Crossover', source },
    result: { record, report, document: 'one', source },
    outdated: false,
    terms: initialTerms,
    inputs: {},
    instrument: 0,
    dataId: walk.id,
    seen: () => undefined,
  }
  const claimsOfPage = (change: object) => sharedOf({ ...page, ...change } as unknown as Playground).claims
  expect(claimsOfPage({})?.digest).toBe(record.digest)
  expect(claimsOfPage({ terms: { ...initialTerms, cash: 20_000 } })).toBeUndefined()
  const beside = [{ name: 'Other', source, inputs: {} }]
  const together = { several: true, shared: () => ({ beside }) }
  expect(claimsOfPage({ together })).toBeUndefined()
  const had = (asked: object) => ({
    ...page.result,
    together: { asked: { inputs: {}, ...asked }, parts: [] },
  })
  expect(claimsOfPage({ together, result: had({ beside }) })).toBeDefined()
  expect(claimsOfPage({ together, result: had({ beside, share: 0.4 }) })).toBeUndefined()
  expect(claimsOfPage({ together, result: had({ beside: [...beside, ...beside] }) })).toBeUndefined()
  expect(claimsOfPage({ result: had({ beside }) })).toBeUndefined()
})
