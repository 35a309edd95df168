import { expect, test } from 'vitest'

/** The layers of `src`, lowest first. A layer imports only from layers below it. */
const layers = [
  'market',
  'book',
  'data',
  'exchange',
  'trading',
  'strategy',
  'engine',
  'analysis',
  'compile',
  'session',
  'app',
]

const sources = import.meta.glob<string>('../src/*/**/*.{ts,svelte}', {
  query: '?raw',
  import: 'default',
  eager: true,
})
const workers = import.meta.glob<string>('../workers/*.ts', { query: '?raw', import: 'default', eager: true })
const layerOf = (path: string) => path.split('/')[2]!

/** Every import of every file below a layer, as `[file, specifier]`. */
const imports = Object.entries(sources).flatMap(([file, text]) =>
  [...text.matchAll(/(?:from|import\(?)\s*['"]([^'"]+)['"]/g)].map(
    ([, specifier]) => [file, specifier!] as const,
  ),
)

/** The code of a file without its comments, so that prose may name what code may not use. */
const code = (text: string) => text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/(^|\s)\/\/.*$/gm, '')

test('every folder of src is a layer', () => {
  expect([...new Set(Object.keys(sources).map(layerOf))].filter((layer) => !layers.includes(layer))).toEqual(
    [],
  )
})

test('a layer imports only from the layers below it', () => {
  const upward = imports.filter(
    ([file, specifier]) =>
      specifier.startsWith('#') && layers.indexOf(specifier.slice(1)) >= layers.indexOf(layerOf(file)),
  )
  expect(upward).toEqual([])
})

test('no import climbs out of its layer or reaches into another', () => {
  const climbing = imports.filter(([file, specifier]) => {
    if (!specifier.startsWith('.')) return /^#[^/]+\//.test(specifier)
    const path = new URL(specifier, `file:///${file.slice(3)}`).pathname
    const inOwnLayer = path.startsWith(`/src/${layerOf(file)}/`)
    const workerDoor = layerOf(file) === 'app' && /^\/workers\/[^/]+$/.test(path)
    return !inOwnLayer && !workerDoor
  })
  expect(climbing).toEqual([])
})

test('nothing below the app depends on the clock, on chance or on the last bit of a platform function', () => {
  const ambient =
    /\bDate\.now\b|\bnew Date\(\)|\bperformance\.now\b|\bMath\.(random|exp|expm1|log|log2|log10|log1p|pow|sin|cos|tan|asin|acos|atan|atan2|sinh|cosh|tanh|cbrt|hypot)\b/
  const offenders = Object.entries(sources)
    .filter(([file]) => layerOf(file) !== 'app')
    .flatMap(([file, text]) =>
      code(text)
        .split('\n')
        .filter((line) => ambient.test(line))
        .map((line) => `${file}: ${line.trim()}`),
    )
  expect(offenders).toEqual([])
})

test('a worker file is a door, not a house', () => {
  const long = Object.entries(workers).filter(
    ([, text]) => code(text).split('\n').filter(Boolean).length > 25,
  )
  expect(long.map(([file]) => file)).toEqual([])
})
