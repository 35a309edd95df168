import type { BuildFailure, BuildOptions, BuildResult, Message, Plugin } from 'esbuild'
import type { Compilation, Diagnostic, Source } from './diagnostic.ts'
import { NAMESPACE } from './source-map.ts'

/** What is needed of esbuild: the native one in Node, or `esbuild-wasm` in a browser. */
export interface Bundler {
  build(options: BuildOptions): Promise<BuildResult>
}

/**
 * Compiles a strategy to one classic script that takes the names of `outcry` from a global of that name and leaves the
 * entry's exports in a global `strategy`. `names` are those that `outcry` exports: `Object.keys` of the module.
 *
 * A strategy may import from `outcry` and from its own files, nothing else. `import()` is rewritten so that no script
 * loads another. What is wrong with the strategy is in the result; throws only when esbuild itself fails.
 */
export async function compile(
  bundler: Bundler,
  source: Source,
  names: readonly string[],
): Promise<Compilation> {
  const text = source.files[source.entry]
  if (text === undefined)
    throw new Error(
      `There is no file '${source.entry}' to start from; the files are ${Object.keys(source.files).join(', ') || 'none'}.`,
    )
  if (!text.replace(/\/\*[\s\S]*?\*\/|\/\/.*/g, '').trim())
    return refuse(
      at(
        source.entry,
        1,
        1,
        1,
        `${source.entry} has no code. A strategy is a class: export default class MyStrategy extends BarStrategy { onBar(event) { … } }`,
      ),
    )
  let result: BuildResult
  try {
    result = await bundler.build({
      entryPoints: [ENTRY],
      outfile: 'strategy.js',
      bundle: true,
      write: false,
      format: 'iife',
      globalName: 'strategy',
      target: 'es2022',
      supported: { 'dynamic-import': false },
      sourcemap: 'external',
      sourcesContent: false,
      charset: 'utf8',
      legalComments: 'none',
      tsconfigRaw: '{}',
      logLevel: 'silent',
      plugins: [modules(source, names)],
    })
  } catch (error) {
    const messages = (error as Partial<BuildFailure>).errors
    if (!messages?.length) throw error
    return refuse(...messages.map((message) => explain(message, 'error', source)))
  }
  const output = (end: string) => result.outputFiles!.find((file) => file.path.endsWith(end))!.text
  const code = output('strategy.js')
  const wrong = notStrategy(code, source)
  if (wrong) return refuse(wrong)
  return {
    ok: true,
    program: { code, map: output('.map') },
    diagnostics: result.warnings.map((message) => explain(message, 'warning', source)),
  }
}

const ENTRY = 'entry'
const LIBRARY = 'outcry'

const refuse = (...diagnostics: Diagnostic[]): Compilation => ({ ok: false, diagnostics })

function at(file: string, line: number, column: number, length: number, message: string): Diagnostic {
  return { file, line, column, length, message, severity: 'error', source: 'compile' }
}

/** Gives esbuild its three kinds of modules: the entry, the author's files and the names of `outcry`. */
function modules(source: Source, names: readonly string[]): Plugin {
  const paths = Object.keys(source.files)
  return {
    name: 'strategy',
    setup(build) {
      build.onResolve({ filter: /.*/ }, ({ path, importer, kind, namespace }) => {
        if (kind === 'entry-point') return { path: ENTRY, namespace: ENTRY }
        if (namespace === ENTRY) return { path: source.entry, namespace: NAMESPACE }
        if (path === LIBRARY) return { path: LIBRARY, namespace: LIBRARY }
        if (!/^\.\.?\//.test(path)) return { errors: [{ text: unknownModule(path) }] }
        const target = join(importer, path)
        const found =
          paths.find((name) => name === target || name.replace(/\.[jt]s$/, '') === target) ??
          // TypeScript names a file by what it becomes.
          paths.find((name) => name.endsWith('.ts') && name.replace(/\.ts$/, '.js') === target)
        if (found) return { path: found, namespace: NAMESPACE }
        const others = paths.filter((name) => name !== importer)
        const near = nearest(
          target,
          others.map((name) => name.replace(/\.[jt]s$/, '')),
        )
        const known = others.length
          ? `The other files are ${others.join(', ')}.`
          : 'There are no other files.'
        return {
          errors: [{ text: `There is no file '${path}'. ${near ? `Did you mean './${near}'?` : known}` }],
        }
      })
      build.onLoad({ filter: /.*/, namespace: ENTRY }, () => ({
        contents: `export { default } from ${JSON.stringify(`./${source.entry}`)}`,
      }))
      build.onLoad({ filter: /.*/, namespace: NAMESPACE }, ({ path }) => ({
        contents: source.files[path]!,
        loader: path.endsWith('.js') ? 'js' : 'ts',
      }))
      // The prefix keeps a class of the author's that is called like one of ours from being renamed.
      build.onLoad({ filter: /.*/, namespace: LIBRARY }, () => ({
        contents: names
          .map((name) => `const outcry_${name} = outcry.${name}; export { outcry_${name} as ${name} }`)
          .join('\n'),
        loader: 'js',
      }))
    },
  }
}

function unknownModule(path: string): string {
  const start = `'${path}' cannot be imported: a strategy has only 'outcry' and its own files, such as './levels'.`
  if (nearest(path, [LIBRARY])) return `${start} Did you mean 'outcry'?`
  return /^https?:/.test(path) ? `${start} Nothing is loaded from the network.` : start
}

/** Resolves `./` and `../` steps of a path against the file that imports it. */
function join(importer: string, path: string): string {
  const parts = importer.split('/').slice(0, -1)
  for (const part of path.split('/'))
    if (part === '..') parts.pop()
    else if (part !== '.') parts.push(part)
  return parts.join('/')
}

/** Says an esbuild message in our words where esbuild's suppose a reader who knows bundlers. */
function explain(message: Message, severity: 'error' | 'warning', source: Source): Diagnostic {
  const place = message.location
  const strip = (name: string) => name.replace(/^[a-z]+:/, '')
  const file = place ? strip(place.file) : source.entry
  const own = place && file in source.files
  const line = own ? place.line : 1
  const column = own ? units(place.lineText, place.column) + 1 : 1
  const length = own ? Math.max(1, units(place.lineText, place.column + place.length) - column + 1) : 1
  const here = { file: own ? file : source.entry, line, column, length, severity, source: 'compile' } as const

  const missing = /^No matching export in "(.+)" for import "(.+)"/.exec(message.text)
  if (missing) {
    const [, from, name] = missing
    if (!own) return noDefault(source)
    const suggestion = place.suggestion ? ` Did you mean ${place.suggestion}?` : ''
    const module = strip(from!) === LIBRARY ? `'${LIBRARY}'` : strip(from!)
    const mend =
      name === 'default' && module === `'${LIBRARY}'`
        ? ` Write import { … } from 'outcry' with braces.`
        : suggestion
    return { ...here, message: `${module} has no export called ${name}.${mend}` }
  }
  if (message.text.startsWith('Multiple exports with the same name "default"')) {
    // esbuild points at the start of the file.
    const [first, second] = defaultExports(source.files[here.file]!)
    return {
      ...here,
      ...second,
      message: `There are two default exports${first && second ? `; the first is on line ${first.line}` : ''}. Only the strategy to run is exported as default: remove 'default' from the other.`,
    }
  }
  if (message.text.startsWith('Top-level await'))
    return { ...here, message: `A strategy's file cannot await outside a function. Await inside onStart.` }
  if (message.id === 'direct-eval')
    return { ...here, message: `eval does nothing here: a strategy cannot run code made from text.` }
  const found = /^Unexpected (.+)$/.exec(message.text)?.[1]
  if (found === 'end of file')
    return { ...here, message: `The file ends too early: a bracket, brace or quote is still open.` }
  if (found)
    return { ...here, message: `Unexpected ${found}: something before it is missing or is too much.` }
  return { ...here, message: /[.?!]$/.test(message.text) ? message.text : `${message.text}.` }
}

/** UTF-16 units that lie before a byte offset of a line in UTF-8: esbuild counts bytes. */
function units(text: string, bytes: number): number {
  let offset = 0
  let count = 0
  for (const char of text) {
    if (offset >= bytes) break
    const code = char.codePointAt(0)!
    offset += code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4
    count += char.length
  }
  return count
}

function noDefault({ files, entry }: Source): Diagnostic {
  const text = files[entry]!
  const match = [...text.matchAll(/^[ \t]*(?:export[ \t]+)?(class[ \t]+(\w+)[ \t]+extends\b)/gm)].at(-1)
  if (!match)
    return at(
      entry,
      1,
      1,
      1,
      `${entry} exports no strategy. Expected export default class MyStrategy extends BarStrategy { … }`,
    )
  const start = match.index + match[0].indexOf(match[1]!)
  const { line, column } = position(text, start)
  return at(
    entry,
    line,
    column,
    match[1]!.length,
    `${entry} exports no strategy. Put 'export default' before class ${match[2]}.`,
  )
}

/** The default exports of a text, as far as they start a statement. */
function defaultExports(text: string): { line: number; column: number; length: number }[] {
  return [...text.matchAll(/(?<=^[ \t]*|[;}][ \t]*)export(?:\s+default\b|\s*\{[^}]*\bas\s+default\b)/gm)].map(
    (match) => ({ ...position(text, match.index), length: match[0].length }),
  )
}

/** Line and column, from 1, of an offset in a text. */
function position(text: string, offset: number): { line: number; column: number } {
  const before = text.slice(0, offset).split('\n')
  return { line: before.length, column: before.at(-1)!.length + 1 }
}

/** The default export where the code shows at a glance that it is no strategy. What cannot be seen here is told by the run. */
function notStrategy(code: string, { files, entry }: Source): Diagnostic | undefined {
  let name = /^ {4}default: \(\) => ([\w$]+)$/m.exec(code)?.[1]
  let kind: string | undefined
  for (let hops = 0; name && hops < 8; hops++) {
    const escaped = name.replaceAll('$', '\\$')
    if (new RegExp(`^  (?:async )?function\\*? ${escaped}\\(`, 'm').test(code)) kind = 'a function'
    const value = new RegExp(`^  (?:var|let|const) ${escaped} = (.*)`, 'm').exec(code)?.[1]
    name = value && /^([\w$]+);$/.exec(value)?.[1]
    kind ??= value && describe(value)
  }
  if (!kind) return undefined
  const place = defaultExports(files[entry]!)[0]
  return at(
    entry,
    place?.line ?? 1,
    place?.column ?? 1,
    place?.length ?? 1,
    `The default export is ${kind}. Expected a class that extends Strategy or BarStrategy.`,
  )
}

function describe(value: string): string | undefined {
  if (/^class(?: [\w$]+)? \{/.test(value)) return 'a class that extends nothing'
  if (/^-?[\d.]+;$/.test(value)) return 'a number'
  if (/^(["'`]).*\1;$/.test(value)) return 'text'
  if (/^(?:true|false);$/.test(value)) return 'a truth value'
  if (/^(?:null|void 0);$/.test(value)) return 'nothing'
  if (/^\{(?!.*\}[.([])/.test(value)) return 'an object'
  if (/^\[(?:.*\];)?$/.test(value)) return 'a list'
  if (/^(?:async )?(?:function\b|(?:\([^()]*\)|[\w$]+) =>)/.test(value)) return 'a function'
  if (/^new /.test(value)) return 'an object, not its class'
  return undefined
}

/** The candidate that is at most two letters (of at least four) away from what was written. */
function nearest(written: string, candidates: readonly string[]): string | undefined {
  const scored = candidates.map(
    (name) => [distance(written.toLowerCase(), name.toLowerCase()), name] as const,
  )
  const best = scored.sort((a, b) => a[0] - b[0])[0]
  return best && best[0] <= Math.min(2, written.length / 2) ? best[1] : undefined
}

/** Levenshtein's distance: the fewest letters to insert, remove or replace. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++)
      next[j] = Math.min(row[j]! + 1, next[j - 1]! + 1, row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1))
    row = next
  }
  return row[b.length]!
}
