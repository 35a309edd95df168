/// <reference path="../src/app/virtual.d.ts" />
import ts from 'typescript'
import { describe, expect, test } from 'vitest'
import declarations from 'virtual:outcry-declarations'
import { entries, groups } from 'virtual:reference'
import { reference } from '#compile'
import { inWords, tradeNotes } from '../src/app/notes.ts'
import { placeIn } from '../src/app/reference/address.ts'
import { find, fragmentOf, paragraphs, placeOf } from '../src/app/reference/pages.ts'

const label = ({ entry, member }: ReturnType<typeof placeOf>) =>
  member ? `${entry.name}.${member.name}` : entry.name

describe('the reference', () => {
  test('has every name that the strategy API exports, values and types, each in a group of its list', async () => {
    const exported = [...declarations.matchAll(/^export (?:type )?\{([^}]*)\}/gm)].flatMap(([, names]) =>
      names!.split(',').map((name) => name.trim()),
    )
    const names = entries.map(({ name }) => name)
    expect(Object.keys(await import('outcry')).filter((name) => !names.includes(name))).toEqual([])
    expect(exported.length).toBeGreaterThan(100)
    expect([...names].sort()).toEqual([...exported].sort())
    expect(entries.filter(({ group }) => !groups.includes(group))).toEqual([])
    expect(names.slice(0, 2)).toEqual(['Strategy', 'BarStrategy'])
  })

  test('says of every name what it is, and shows an example of every function', () => {
    expect(entries.filter(({ text }) => !text).map(({ name }) => name)).toEqual([])
    expect(
      entries
        .filter(({ kind, examples }) => kind === 'function' && examples.length === 0)
        .map(({ name }) => name),
    ).toEqual([])
  })

  test('says of every method what it does, with an example', () => {
    const silent = entries.flatMap((entry) =>
      entry.members
        .filter(({ kind, text, examples }) => kind === 'method' && (!text || examples.length === 0))
        .map((member) => `${entry.name}.${member.name}`),
    )
    expect(silent).toEqual([])
    const strategy = placeOf(entries, 'Strategy').entry
    expect(strategy.members.length).toBeGreaterThan(50)
    expect(strategy.members.filter(({ examples }) => examples.length === 0).map(({ name }) => name)).toEqual(
      [],
    )
  })

  test('says of every field, event, order type and code of a refusal what it is', () => {
    const silent = entries.flatMap(({ name, members }) =>
      members.filter(({ text }) => !text).map((member) => `${name}.${member.name}`),
    )
    expect(silent).toEqual([])
  })

  test('shows what an author writes: signatures without what belongs to the engine', () => {
    expect(placeOf(entries, 'Strategy.target').member!.signature).toBe(
      'target(instrument: Instrument, fraction: number): Promise<Acknowledgement | undefined>',
    )
    expect(placeOf(entries, 'sma').entry.signature).toBe(
      'function sma(period: number, source?: Source): Indicator',
    )
    expect(placeOf(entries, 'Side').entry.members.map(({ name }) => name)).toEqual(['BUY', 'SELL'])
    const all = entries.flatMap(({ members }) => members.map(({ name, signature }) => `${name} ${signature}`))
    expect(all.filter((text) => /#|private|protected|constructor/.test(text))).toEqual([])
  })

  test('is read from any declarations: overloads are one entry, and tags go to their places', () => {
    const text = `
/** Adds.
 *
 * Twice.
 * @param a the first
 * @returns the sum
 * @throws RangeError never
 * @see Euclid
 * @example
 * add(1, 2)
 */
declare function add(a: number): number;
declare function add(a: number, b: number): number;
export { add };`
    expect(reference(ts, text, () => 'all')).toEqual([
      {
        name: 'add',
        group: 'all',
        kind: 'function',
        signature: 'function add(a: number): number\nfunction add(a: number, b: number): number',
        text: 'Adds.\n\nTwice.',
        parameters: [{ name: 'a', text: 'the first' }],
        returns: 'the sum',
        throws: ['RangeError never'],
        examples: ['add(1, 2)'],
        see: ['Euclid'],
        members: [],
      },
    ])
  })
})

describe('its addresses', () => {
  test('name a place and lead back to it, and are not mistaken for others', () => {
    for (const name of ['Strategy', 'Strategy.buy', 'sma', 'Side.BUY']) {
      const fragment = fragmentOf(placeOf(entries, name))
      expect(fragment).toBe(`#reference/${name}`)
      expect(placeIn(fragment)).toBe(name)
    }
    expect([placeIn('#reference'), placeIn('#reference/'), placeIn('#reference/%E0%')]).toEqual(['', '', ''])
    expect([placeIn(''), placeIn('#references'), placeIn('#1AbC')]).toEqual([undefined, undefined, undefined])
  })

  test('of names that there are not lead to the first page', () => {
    expect(label(placeOf(entries, 'Nothing.at'))).toBe('Strategy')
    expect(label(placeOf(entries, 'Strategy.nothing'))).toBe('Strategy')
  })
})

describe('its search', () => {
  const found = (words: string) => find(entries, words).map(label)

  test('puts the name itself first, then names that begin with it, then what speaks of it', () => {
    expect(found('buy')[0]).toBe('Strategy.buy')
    expect(found('this.buy')[0]).toBe('Strategy.buy')
    expect(found('Strategy.target')[0]).toBe('Strategy.target')
    expect(found('rsi').slice(0, 1)).toEqual(['rsi'])
    expect(found('cancel').slice(0, 3)).toContain('Strategy.cancelAll')
    expect(found('daylight trading hours end')).toEqual([])
    expect(found('takes orders within hours')).toContain('Strategy.restrictTradingHours')
    expect(found('  ')).toEqual([])
  })
})

describe('its prose', () => {
  test('sets code apart and links the names in it', () => {
    const { entry } = placeOf(entries, 'Strategy')
    const [pieces] = paragraphs(
      entries,
      'Called before `onTraded`,\nas `this.buy` or `sma` say; `nothing` else.',
      entry,
    )
    expect(pieces!.map(({ text, place }) => [text, place && label(place)])).toEqual([
      ['Called before ', undefined],
      ['onTraded', 'Strategy.onTraded'],
      [', as ', undefined],
      ['this.buy', 'Strategy.buy'],
      [' or ', undefined],
      ['sma', 'sma'],
      [' say; ', undefined],
      ['nothing', undefined],
      [' else.', undefined],
    ])
  })
})

describe('notes of orders', () => {
  test('read as a person would write them', () => {
    expect(
      ['"breakout"', '{"why":"breakout","atr":1.5,"at":[1]}', '[1,2]', '7', 'null'].map(inWords),
    ).toEqual(['breakout', 'why breakout, atr 1.5, at [1]', '[1,2]', '7', 'null'])
  })

  test('of a trade are the entry’s and what the exit says beside', () => {
    const notes = [
      { order: 1, note: '"in"' },
      { order: 2, note: '"out"' },
      { order: 3, note: '"in"' },
    ]
    const of = tradeNotes({ notes } as never)
    const trades = { entryOrder: [1, 1, 4, 1, 4], exitOrder: [2, 0, 2, 3, 5] } as never
    expect([0, 1, 2, 3, 4].map((row) => of(trades, row))).toEqual(['in → out', 'in', '→ out', 'in', ''])
    expect(tradeNotes({} as never)(trades, 0)).toBe('')
  })
})
