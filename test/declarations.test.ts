/// <reference path="../src/app/virtual.d.ts" />
import ts from 'typescript'
import { expect, test, vi } from 'vitest'
import declarations from 'virtual:outcry-declarations'
import { alwaysTrue, alwaysTrueInText } from '#compile'
import { globals } from '../src/app/editor/globals.ts'

const samples = import.meta.glob<string>('../sample-strategies/**/*.ts', {
  query: '?raw',
  import: 'default',
  eager: true,
})

/** A program of these files alone, with the options of the editor. */
function program(files: Readonly<Record<string, string>>): ts.Program {
  const options: ts.CompilerOptions = {
    target: ts.ScriptTarget.ES2022,
    lib: ['lib.es2022.d.ts'],
    types: [],
    module: ts.ModuleKind.ESNext,
    moduleResolution: ts.ModuleResolutionKind.Bundler,
    allowImportingTsExtensions: true,
    strict: true,
    noEmit: true,
    useDefineForClassFields: true,
  }
  const host = ts.createCompilerHost(options)
  const all: Readonly<Record<string, string>> = {
    ...files,
    '/node_modules/outcry/index.d.ts': declarations,
    '/globals.d.ts': globals,
  }
  const { getSourceFile, fileExists, readFile } = host
  host.getSourceFile = (name, version, ...rest) =>
    all[name] === undefined
      ? getSourceFile.call(host, name, version, ...rest)
      : ts.createSourceFile(name, all[name], version)
  host.fileExists = (name) => all[name] !== undefined || fileExists.call(host, name)
  host.readFile = (name) => all[name] ?? readFile.call(host, name)
  host.getCurrentDirectory = () => '/'
  host.directoryExists = () => true
  return ts.createProgram([...Object.keys(files), '/globals.d.ts'], options, host)
}

const problems = (checked: ts.Program) =>
  ts.getPreEmitDiagnostics(checked).map((diagnostic) => {
    const at = diagnostic.file && ts.getLineAndCharacterOfPosition(diagnostic.file, diagnostic.start ?? 0)
    const place = at ? `${diagnostic.file!.fileName}:${at.line + 1}: ` : ''
    return place + ts.flattenDiagnosticMessageText(diagnostic.messageText, ' ')
  })

test('every name that the strategy API exports is declared for the editor, with a doc comment', async () => {
  const checked = program({ '/probe.ts': "import * as outcry from 'outcry'\noutcry" })
  const checker = checked.getTypeChecker()
  const module = checker.getSymbolAtLocation(checked.getSourceFile('/node_modules/outcry/index.d.ts')!)!
  const declared = checker.getExportsOfModule(module)
  const comment = (symbol: ts.Symbol) => {
    const target = symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol
    return ts.displayPartsToString(target.getDocumentationComment(checker))
  }
  const names = declared.map(({ name }) => name)
  const real = Object.keys(await import('outcry'))
  expect(real.length).toBeGreaterThan(10)
  expect(real.filter((name) => !names.includes(name))).toEqual([])
  expect(declared.filter((symbol) => !comment(symbol)).map(({ name }) => name)).toEqual([])
})

test('every sample strategy fits the declarations, without a browser or Node around it', () => {
  const files = Object.fromEntries(
    Object.entries(samples).map(([path, text]) => [path.replace('../sample-strategies', ''), text]),
  )
  expect(Object.keys(files).length).toBeGreaterThan(0)
  expect(problems(program(files))).toEqual([])
})

test('a strategy cannot name what the sandbox takes away', () => {
  const found = problems(
    program({ '/s.ts': 'export const a = document.title\nexport const b = process.env' }),
  )
  expect(found).toHaveLength(2)
})

test('an input has the type of its default', () => {
  const text = `import { BarStrategy } from 'outcry'
export default class S extends BarStrategy {
  fast = this.input('fast', 10)
  on = this.input('on', true)
  onBar() {
    const wrong: string = this.fast
    const right: boolean = this.on
    return void [wrong, right]
  }
}`
  expect(problems(program({ '/s.ts': text }))).toEqual([
    "/s.ts:6: Type 'number' is not assignable to type 'string'.",
  ])
})

/** Of each of these pieces of a handler: what is said of its conditions, and the piece once they are mended. */
function conditions(pieces: readonly string[]): { said: string[]; mended: string }[] {
  const before = `import { BarStrategy, type Bar, type Acknowledgement } from 'outcry'
declare const bar: Bar
export default class Test extends BarStrategy {
  async onBar() {
`
  const after = '\n  }\n}\n'
  const files = Object.fromEntries(pieces.map((piece, at) => [`/${at}.ts`, before + piece + after]))
  const checked = program(files)
  return Object.entries(files).map(([name, text]) => {
    const found = alwaysTrue(ts, checked, name)
    let mended = text
    for (const { start, length, mend } of [...found].reverse())
      if (mend) mended = mended.slice(0, start) + mend.text + mended.slice(start + length)
    return {
      said: found.map(({ start, length }) => text.slice(start, start + length)),
      mended: mended.slice(before.length, -after.length),
    }
  })
}

test('a condition on an answer as a whole is told of, wherever it stands, and mended', () => {
  const buy = 'await this.buy(bar.instrument, 1)'
  const cases = [
    [`if (${buy}) this.log('bought')`, `if ((${buy}).accepted) this.log('bought')`],
    [`;(${buy}) && this.log('bought')`, `;((${buy}).accepted) && this.log('bought')`],
    [`if (!(${buy})) return`, `if (!((${buy}).accepted)) return`],
    [`const ok = !${buy}`, `const ok = !(${buy}).accepted`],
    [`const ok = Boolean(${buy})`, `const ok = Boolean((${buy}).accepted)`],
    [`const ack = ${buy}; if (!ack) return`, `const ack = ${buy}; if (!ack.accepted) return`],
    [`const ack = ${buy}; return ack ? 1 : 2`, `const ack = ${buy}; return ack.accepted ? 1 : 2`],
    [
      `const ack = ${buy}; while (bar.close > 1 && ack) break`,
      `const ack = ${buy}; while (bar.close > 1 && ack.accepted) break`,
    ],
    [
      `const ack = this.buy(bar.instrument, 1); if (!ack) return`,
      `const ack = this.buy(bar.instrument, 1); if (!(await ack).accepted) return`,
    ],
    [
      `if (await this.target(bar.instrument, 1)) return`,
      `if ((await this.target(bar.instrument, 1))?.accepted) return`,
    ],
    [
      `if (await this.closeAll()) return`,
      `if ((await this.closeAll()).every(({ accepted }) => accepted)) return`,
    ],
    [
      `const both = await this.bracket({ instrument: bar.instrument, side: 'BUY', volume: 1 }, { stop: 1 }); if (both) return`,
      `const both = await this.bracket({ instrument: bar.instrument, side: 'BUY', volume: 1 }, { stop: 1 }); if (both.entry.accepted) return`,
    ],
  ] as const
  const found = conditions(cases.map(([written]) => written))
  for (const [at, [written, mended]] of cases.entries()) {
    expect(found[at]!.said, written).toHaveLength(1)
    expect(found[at]!.mended).toBe(mended)
  }
  expect(conditions(cases.map(([, mended]) => mended)).flatMap(({ said }) => said)).toEqual([])

  // The command line has the text alone, in which the one beside `&&` is not sure to be a condition.
  const inText = (files: Readonly<Record<string, string>>) =>
    alwaysTrueInText({ files, entry: 'strategy.ts' }).map(({ line, column, message }) => [
      line,
      column,
      message,
    ])
  for (const [at, [written, mended]] of cases.entries()) {
    if (written.includes('> 1 && ack')) continue
    const [told] = inText({ 'strategy.ts': `\n${written}` })
    expect(told?.slice(0, 2), written).toEqual([2, written.lastIndexOf(found[at]!.said[0]!) + 1])
    expect(inText({ 'strategy.ts': mended }), mended).toEqual([])
  }
})

test('a question that an answer can say no to is left alone', () => {
  const [asked] = conditions([
    `const ack = await this.buy(bar.instrument, 1)
if (!ack.accepted) return
let last: Acknowledgement | undefined
for (const one of await this.cancelAll()) last = one
if (last) this.log(last.accepted)
const target = await this.target(bar.instrument, 1)
if (target && !target.accepted) this.log(target.reason)
const { stop } = await this.bracket({ instrument: bar.instrument, side: 'BUY', volume: 1 }, { stop: 1 })
if (stop) this.log(stop.accepted)
if (bar.close > 1 && this.positions().length) return
const other: { accepted: boolean } | undefined = undefined as { accepted: boolean } | undefined
if (other) return`,
  ])
  expect(asked!.said).toEqual([])
  const files = Object.fromEntries(
    Object.entries(samples).map(([path, text]) => [path.replace('../sample-strategies', ''), text]),
  )
  const checked = program(files)
  for (const name of Object.keys(files)) expect(alwaysTrue(ts, checked, name), name).toEqual([])
  expect(alwaysTrueInText({ files, entry: '' })).toEqual([])
  expect(
    alwaysTrueInText({
      files: {
        'strategy.ts': `// if (await this.buy(a, 1))
const ack = await this.buy(instrument, volume)
if (!ack.accepted) this.log('if (await this.buy(a, 1))')
for (const one of await this.cancelAll()) this.log(one.accepted)
const target = await this.target(instrument, 1)
if (target && !target.accepted) this.tell(await this.sell(instrument, 1))
const order = (await this.buy(instrument, 1)).order ?? this.orders()[0]
if (other.ack) return ack?.order`,
      },
      entry: 'strategy.ts',
    }),
  ).toEqual([])
})

test('the command line tells each condition once, by the nearest declaration, and of many how many more there are', () => {
  const told = (text: string) => alwaysTrueInText({ files: { 's.ts': text }, entry: 's.ts' })
  const line = 'const a=await this.buy(x);if(a){};\n'
  expect(told(line.repeat(50)).map(({ line }) => line)).toEqual(Array.from({ length: 50 }, (_, at) => at + 1))
  const many = told(line.repeat(20_000))
  expect(many).toHaveLength(51)
  expect(many[50]).toMatchObject({
    line: 51,
    message: 'And 19,950 more conditions like these, from here on.',
  })
  expect(told(line.repeat(51))[50]!.message).toBe('And 1 more condition like these, from here on.')

  const near = told(`const a = await this.buy(x)
{ const a = await this.cancelAll()
  if (a) {} }
{ const a = await this.target(x, 1)
  if (a) {} }
if (a) {}`)
  expect(near.map(({ line, message }) => [line, message.split(' ', 2).join(' ')])).toEqual([
    [3, 'A list'],
    [6, 'An answer'],
  ])
})

test('no text makes the command line look at its letters again and again', () => {
  for (const one of ['/* ', "\\'", '`\\', '(', '{', 'const a=this.buy(', 'await ', '((a))', 'if(('])
    expect(
      alwaysTrueInText({ files: { 's.ts': `const a = '${one.repeat(100_000)}` }, entry: 's.ts' }),
    ).toEqual([])
  const deep = `if (${'('.repeat(100_000)}this.buy(x)${')'.repeat(100_000)}) {}`
  expect(alwaysTrueInText({ files: { 's.ts': deep }, entry: 's.ts' })).toHaveLength(1)
})

test('the editor tells of the first fifty conditions, and asks for the type of each part of a chain once', () => {
  const [many, sum] = conditions([
    'if (await this.buy(bar.instrument, 1)) {}\n'.repeat(60),
    `const sum = 1${' + 1'.repeat(10_000)}
if (await this.buy(bar.instrument, sum)) {}`,
  ])
  expect(many!.said).toHaveLength(50)
  expect(sum!.said).toEqual(['await this.buy(bar.instrument, sum)'])

  const checked = program({ '/s.ts': `declare const on: boolean\nif (${'on && '.repeat(300)}!!!!on) {}` })
  const asked = vi.spyOn(checked.getTypeChecker(), 'getTypeAtLocation')
  expect(alwaysTrue(ts, checked, '/s.ts')).toEqual([])
  expect(asked).toHaveBeenCalledTimes(301)
})
