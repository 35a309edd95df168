/// <reference path="../src/app/virtual.d.ts" />
import ts from 'typescript'
import { expect, test } from 'vitest'
import declarations from 'virtual:outcry-declarations'
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
