import { zipSync, type Zippable } from 'fflate'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { NewDocument } from '../src/app/documents/document.ts'
import { archiveLimits, BadArchive, fromFiles, pack, unpack } from '../src/app/documents/archive.ts'

const bytes = (text: string) => new TextEncoder().encode(text)
const strategy = 'export default class Mine extends BarStrategy {}\n'
const zip = (files: Record<string, string | Uint8Array>) =>
  zipSync(
    Object.fromEntries(
      Object.entries(files).map(([name, text]) => [name, typeof text === 'string' ? bytes(text) : text]),
    ) as Zippable,
  )
const refusal = (packed: Uint8Array) => {
  try {
    unpack(packed, 'x.zip')
  } catch (error) {
    expect(error).toBeInstanceOf(BadArchive)
    return (error as Error).message
  }
  return 'taken'
}

test('what is exported is imported again, names, main files and all', () => {
  const documents: NewDocument[] = [
    { name: 'Momentum', files: { 'strategy.ts': strategy, 'a/levels.ts': '// é 📈' }, entry: 'strategy.ts' },
    { name: 'momentum', files: { 'x.ts': 'import "./y"', 'y.ts': strategy }, entry: 'x.ts' },
    { name: '__proto__', files: { 'x.ts': strategy }, entry: 'x.ts' },
    { name: 'CON', files: { 'x.ts': strategy }, entry: 'x.ts' },
    { name: '../../etc: <b>"; 統計', files: { 'x.ts': strategy }, entry: 'x.ts' },
  ]
  expect(unpack(pack(documents), 'x.zip')).toEqual({ documents, leftOut: [] })
  expect(pack(documents)).toEqual(pack(documents))
})

test('any strategies survive the way out and in', () => {
  const file = fc.stringMatching(/^[a-z]{1,8}(\/[a-z]{1,8})?\.ts$/)
  const one = fc.record({
    name: fc.string({ minLength: 1, maxLength: 40 }),
    files: fc.dictionary(
      file,
      fc.string({ unit: 'grapheme' }).map((text) => text.replaceAll('\0', '')),
      {
        minKeys: 1,
        maxKeys: 5,
        noNullPrototype: true,
      },
    ),
  })
  fc.assert(
    fc.property(fc.array(one, { minLength: 1, maxLength: 5 }), (given) => {
      const documents = given.map(({ name, files }) => ({ name, files, entry: Object.keys(files)[0]! }))
      const read = unpack(pack(documents), 'x.zip').documents
      expect(read.map(({ files }) => files)).toEqual(
        documents.map(({ files }) =>
          Object.fromEntries(
            Object.entries(files).map(([name, text]) => [
              name,
              text
                .replaceAll('\0', '')
                .replace(/\r\n?/g, '\n')
                .replace(/^\ufeff/, ''),
            ]),
          ),
        ),
      )
      expect(read.map(({ entry }) => entry)).toEqual(documents.map(({ entry }) => entry))
    }),
    { numRuns: 60 },
  )
})

test('a zip that somebody else made is read by its folders, and the main file is found', () => {
  const { documents, leftOut } = unpack(
    zip({
      'one/strategy.ts': strategy,
      'one/helper.js': 'export const x = 1',
      'one/README.md': '# hello',
      '__MACOSX/one/._strategy.ts': 'x',
      'one/.DS_Store': 'x',
      'two/deep/a.ts': 'export const y = 1',
      'two/deep/b.ts': strategy,
    }),
    'mine.zip',
  )
  expect(documents.map(({ name, entry, files }) => [name, entry, Object.keys(files)])).toEqual([
    ['one', 'strategy.ts', ['strategy.ts', 'helper.js']],
    ['two', 'deep/b.ts', ['deep/a.ts', 'deep/b.ts']],
  ])
  expect(leftOut).toEqual(["'one/README.md': not a .ts or .js file."])
  expect(unpack(zip({ 'strategy.ts': strategy }), 'My idea.zip').documents[0]?.name).toBe('My idea')
})

test('names that lead astray are refused before anything is unpacked', () => {
  for (const name of [
    '../x.ts',
    '/etc/x.ts',
    'a/../../x.ts',
    'a//x.ts',
    'C:x.ts',
    'a\\x.ts',
    'a/\u202ex.ts',
    '__proto__/x.ts',
  ])
    expect(refusal(zip({ [name]: strategy })), name).toMatch(/leads out of its folder or is no name/)
  const { documents } = unpack(zip({ 'constructor/toString.ts': strategy }), 'x.zip')
  expect(documents[0]).toEqual({
    name: 'constructor',
    files: { 'toString.ts': strategy },
    entry: 'toString.ts',
  })
  expect(({} as Record<string, unknown>)['toString.ts']).toBeUndefined()
})

/** Overwrites the size that the central directory and the local header give. */
function lying(packed: Uint8Array, size: number): Uint8Array {
  const view = new DataView(packed.buffer, packed.byteOffset)
  for (let i = 0; i + 46 <= packed.length; i++) {
    if (view.getUint32(i, true) === 0x02014b50) view.setUint32(i + 24, size, true)
    if (view.getUint32(i, true) === 0x04034b50) view.setUint32(i + 22, size, true)
  }
  return packed
}

test('a zip bomb is refused by its size, and one that lies about its size gets no more room than it said', () => {
  const huge = new Uint8Array(20_000_000).fill(32)
  const bomb = zip({ 'x.ts': huge })
  expect(bomb.length).toBeLessThan(50_000)
  const before = performance.now()
  expect(refusal(bomb)).toMatch(/unpacks to more than 8\.0 MB/)
  expect(performance.now() - before).toBeLessThan(100)
  // It is cut off or refused; in no case 20 MB come out of it.
  const small = refusal(lying(zip({ 'x.ts': huge }), 1000))
  expect(small).toMatch(/not a zip that can be read|holds no strategy|taken/)
  const many = zip(
    Object.fromEntries(Array.from({ length: 40 }, (_, i) => [`d${i}/x.ts`, huge.subarray(0, 400_000)])),
  )
  expect(refusal(many)).toMatch(/unpacks to more than/)
  expect(refusal(new Uint8Array(archiveLimits.packed + 1))).toMatch(/has 8\.0 MB; at most 8\.0 MB are read/)
  const entries = zip(Object.fromEntries(Array.from({ length: 2001 }, (_, i) => [`${i}.md`, ''])))
  expect(refusal(entries)).toMatch(/more than 2,000 entries/)
})

test('two entries of one name are refused', () => {
  const packed = zip({ 'a.ts': strategy, 'b.ts': strategy })
  for (let i = 0; i < packed.length; i++) if (packed[i] === 98 && packed[i + 1] === 46) packed[i] = 97
  expect(refusal(packed)).toMatch(/two entries called 'a\.ts'/)
})

test('what is damaged, encrypted, empty or no text is told in words', () => {
  const good = zip({ 'x.ts': strategy })
  expect(refusal(good.subarray(0, 40))).toMatch(/not a zip that can be read/)
  expect(refusal(bytes('hello'))).toMatch(/not a zip that can be read/)
  expect(refusal(new Uint8Array(0))).toMatch(/not a zip that can be read/)
  expect(refusal(zip({ 'a.md': 'x' }))).toMatch(/holds no strategy.*'a\.md': not a \.ts or \.js file/)
  expect(refusal(zip({ 'x.ts': Uint8Array.of(0xff, 0xfe, 0x00) }))).toMatch(/not text in UTF-8/)
  expect(refusal(zip({ 'x.ts': 'a\0b' }))).toMatch(/is not text/)
  expect(refusal(zip({ 'x.ts': 'const a = 1', 'y.ts': '' }))).toMatch(/no file exports a strategy/)
  expect(
    refusal(zip(Object.fromEntries(Array.from({ length: 9 }, (_, i) => [`${i}.ts`, strategy])))),
  ).toMatch(/has 9 files; a strategy has at most 8/)
  expect(refusal(zip({ 'x.ts': 'x'.repeat(300_000) }))).toMatch(/293 KB of text; a strategy has at most 256/)
})

test('a manifest says the name and the main file, and one that lies is not believed', () => {
  const manifest = (value: unknown) =>
    zip({ 'a/outcry.json': JSON.stringify(value), 'a/x.ts': strategy, 'a/y.ts': strategy })
  const read = (value: unknown) => unpack(manifest(value), 'x.zip').documents[0]
  expect(read({ outcry: 1, name: 'Said', entry: 'y.ts' })).toMatchObject({ name: 'Said', entry: 'y.ts' })
  expect(read({ outcry: 1, name: 'x'.repeat(500), entry: '../../z.ts' })).toMatchObject({
    name: 'x'.repeat(80),
    entry: 'x.ts',
  })
  expect(read({ outcry: 99, name: 7 })).toMatchObject({ name: 'a', entry: 'x.ts' })
  expect(read(null)).toMatchObject({ name: 'a' })
  expect(read({ outcry: 1, name: { toString: 'x' } })).toMatchObject({ name: 'a' })
})

test('any damage to a zip is either told or harmless', () => {
  const good = zip({ 'one/strategy.ts': strategy, 'one/levels.ts': 'export const x = 1' })
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.nat(good.length - 1), fc.nat(255)), { minLength: 1, maxLength: 8 }),
      (hits) => {
        const packed = good.slice()
        for (const [at, value] of hits) packed[at] = value
        const said = refusal(packed)
        expect(said.length).toBeGreaterThan(0)
      },
    ),
    { numRuns: 300 },
  )
})

test('plain files are one strategy', () => {
  const { documents } = fromFiles([
    { name: 'my idea.ts', bytes: bytes(strategy) },
    { name: 'levels.ts', bytes: bytes('export const x = 1') },
  ])
  expect(documents).toEqual([
    {
      name: 'These files',
      files: { 'my-idea.ts': strategy, 'levels.ts': 'export const x = 1' },
      entry: 'my-idea.ts',
    },
  ])
  expect(fromFiles([{ name: 'rsi.ts', bytes: bytes(strategy) }]).documents[0]?.name).toBe('rsi')
})
