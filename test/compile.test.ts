import { compile, locate, mapOfScript, type Compilation, type Diagnostic } from '#compile'
import * as native from 'esbuild'
import * as wasm from 'esbuild-wasm'
import { runInNewContext } from 'node:vm'
import { afterAll, describe, expect, test } from 'vitest'

const names = ['Strategy', 'BarStrategy', 'Order', 'Side']
const build = (files: string | Record<string, string>) =>
  compile(
    native,
    typeof files === 'string'
      ? { files: { 'strategy.ts': files }, entry: 'strategy.ts' }
      : { files, entry: 'strategy.ts' },
    names,
  )

/** What is said about a text: `line:column+length sentence`. */
async function said(files: string | Record<string, string>): Promise<string[]> {
  return (await build(files)).diagnostics.map(
    ({ file, line, column, length, message }: Diagnostic) =>
      `${file === 'strategy.ts' ? '' : file + ' '}${line}:${column}+${length} ${message}`,
  )
}

function program(compilation: Compilation) {
  if (!compilation.ok) throw new Error(compilation.diagnostics.map(({ message }) => message).join('\n'))
  return compilation.program
}

/** Runs a program as the worker does: the engine's line first, then the code from line 2. */
function run(code: string, outcry: object) {
  return runInNewContext(`void 0\n${code}\nstrategy.default`, { outcry }, { filename: 'strategy.js' })
}

const crossover = `import { BarStrategy, Side, type BarEvent } from 'outcry'
import { limit } from './levels'

export default class Crossover extends BarStrategy {
  side: Side = Side.BUY
  onBar(event: BarEvent) { if (limit(event.target.close) > 1) throw new Error('too high') }
}
`
const levels = `export function limit(price: number): number {\n  return price / 100\n}\n`

afterAll(() => wasm.stop())

describe('a strategy compiles', () => {
  test('to a script that takes outcry from a global and leaves its class in another', async () => {
    const { code } = program(await build({ 'strategy.ts': crossover, 'levels.ts': levels }))
    class BarStrategy {}
    const Class = run(code, { BarStrategy, Side: { BUY: 'BUY' } })
    expect(Class.name).toBe('Crossover')
    expect(new Class().side).toBe('BUY')
    expect(new Class()).toBeInstanceOf(BarStrategy)
  })

  test('to the same text by the native compiler and by the one of the browser', async () => {
    const source = { files: { 'strategy.ts': crossover, 'levels.ts': levels }, entry: 'strategy.ts' }
    expect(await compile(wasm, source, names)).toEqual(await compile(native, source, names))
  })

  test('with a class of its own that is called like one of ours, and keeps that name', async () => {
    const { code } = program(
      await build(`import { Strategy } from 'outcry'\nexport default class Order extends Strategy {}`),
    )
    expect(run(code, { Strategy: class {} }).name).toBe('Order')
  })

  test('and loads no other script: import() of a computed name is rewritten', async () => {
    const { code } = program(
      await build(
        `import { Strategy } from 'outcry'\nexport default class extends Strategy { onTrade(event: { target: string }) { return import(event.target) } }`,
      ),
    )
    expect(code).not.toMatch(/\bimport\s*\(/)
  })
})

describe('what is wrong is told in a sentence and at its place', () => {
  test.each([
    [
      '',
      '1:1+1 strategy.ts has no code. A strategy is a class: export default class MyStrategy extends BarStrategy { onBar(event) { … } }',
    ],
    [
      '// only a remark\n/* and another */\n',
      '1:1+1 strategy.ts has no code. A strategy is a class: export default class MyStrategy extends BarStrategy { onBar(event) { … } }',
    ],
    [
      'export const fast = 10',
      '1:1+1 strategy.ts exports no strategy. Expected export default class MyStrategy extends BarStrategy { … }',
    ],
    [
      "import { Strategy } from 'outcry'\n\nclass A extends Strategy {}\n  export class Bee extends A {}",
      "4:10+17 strategy.ts exports no strategy. Put 'export default' before class Bee.",
    ],
    [
      'export default 42',
      '1:1+14 The default export is a number. Expected a class that extends Strategy or BarStrategy.',
    ],
    [
      '\nexport default function run() {}',
      '2:1+14 The default export is a function. Expected a class that extends Strategy or BarStrategy.',
    ],
    [
      'const run = (a: number) => a\nexport default run',
      '2:1+14 The default export is a function. Expected a class that extends Strategy or BarStrategy.',
    ],
    [
      'export default { onBar() {} }',
      '1:1+14 The default export is an object. Expected a class that extends Strategy or BarStrategy.',
    ],
    [
      'export default class Mine {\n  onBar() {}\n}',
      '1:1+14 The default export is a class that extends nothing. Expected a class that extends Strategy or BarStrategy.',
    ],
    [
      "import { Strategy } from 'outcry'\nexport default class A extends Strategy {}\nexport default class B extends Strategy {}",
      "3:1+14 There are two default exports; the first is on line 2. Only the strategy to run is exported as default: remove 'default' from the other.",
    ],
    [
      "import { Strateg } from 'outcry'\nexport default class A extends Strateg {}",
      "1:10+7 'outcry' has no export called Strateg. Did you mean Strategy?",
    ],
    [
      "import Strategy from 'outcry'\nexport default class A extends Strategy {}",
      "1:8+8 'outcry' has no export called default. Write import { … } from 'outcry' with braces.",
    ],
    [
      "import { x } from 'lodash'\nexport default class A extends x {}",
      "1:19+8 'lodash' cannot be imported: a strategy has only 'outcry' and its own files, such as './levels'.",
    ],
    [
      "import { Strategy } from 'outcri'\nexport default class A extends Strategy {}",
      "1:26+8 'outcri' cannot be imported: a strategy has only 'outcry' and its own files, such as './levels'. Did you mean 'outcry'?",
    ],
    ["const é = '€', z = ;", '1:20+1 Unexpected ";": something before it is missing or is too much.'],
    [
      'export default class A {\n  onBar() {',
      '2:12+1 The file ends too early: a bracket, brace or quote is still open.',
    ],
    [
      'const a = await 1\nexport default class A {}',
      "1:11+5 A strategy's file cannot await outside a function. Await inside onStart.",
    ],
  ])('%j', async (text, expected) => {
    expect(await said(text)).toEqual([expected])
  })

  test('a file that is not there, with the one that was probably meant', async () => {
    const entry = crossover.replace('./levels', './level')
    expect(await said({ 'strategy.ts': entry, 'levels.ts': levels })).toEqual([
      `2:23+9 There is no file './level'. Did you mean './levels'?`,
    ])
  })

  test('a mistake in another file, at its place there', async () => {
    expect(await said({ 'strategy.ts': crossover, 'levels.ts': 'export const limit = (' })).toEqual([
      'levels.ts 1:23+1 The file ends too early: a bracket, brace or quote is still open.',
    ])
  })

  test('every mistake, not only the first', async () => {
    expect(await said(`import 'a'\nimport 'b'\nexport default class {}`)).toHaveLength(2)
  })
})

describe('an error of the run is found in the source', () => {
  const thrown = {
    file: 'strategy.ts',
    line: 6,
    column: crossover.split('\n')[5]!.indexOf('new Error') + 1,
  }

  test('by the stack of this engine', async () => {
    const { code, map } = program(await build({ 'strategy.ts': crossover, 'levels.ts': levels }))
    const Class = run(code, { BarStrategy: class {}, Side: {} })
    let stack = ''
    try {
      new Class().onBar({ target: { close: 500 } })
    } catch (error) {
      stack = (error as Error).stack!
    }
    expect(locate(stack, map)).toEqual(thrown)
  })

  test.each([
    ['V8', 'Error: too high\n    at onBar (strategy.js:LINE:COLUMN)\n    at b.advance (strategy.js:1:4711)'],
    ['V8 without a name', 'Error: too high\n    at strategy.js:LINE:COLUMN'],
    ['Gecko', 'onBar@strategy.js:LINE:COLUMN\nadvance@strategy.js:1:4711\n'],
    ['WebKit', 'onBar@blob:null/1a2b-3c4d:LINE:COLUMN\nadvance@blob:null/1a2b-3c4d:1:4711'],
    [
      'below the engine',
      'Error: refused\n    at Order (strategy.js:1:99)\n    at onBar (strategy.js:LINE:COLUMN)',
    ],
  ])('by a stack of %s', async (_, stack) => {
    const { code, map } = program(await build({ 'strategy.ts': crossover, 'levels.ts': levels }))
    const lines = code.split('\n')
    const row = lines.findIndex((line) => line.includes('too high'))
    const column = lines[row]!.indexOf('new Error')
    const text = stack.replace('LINE', String(row + 2)).replace('COLUMN', String(column + 1))
    expect(locate(text, map)).toEqual(thrown)
    expect(locate(text, mapOfScript(map), 1), "in the map for the browser's own tools").toEqual(thrown)
  })

  test('and is not found where only the engine was at work', async () => {
    const { map } = program(await build({ 'strategy.ts': crossover, 'levels.ts': levels }))
    expect(locate('Error: x\n    at advance (strategy.js:1:4711)', map)).toBeUndefined()
    expect(locate('', map)).toBeUndefined()
  })
})
