import type { Source } from '#compile'
import { Unreadable } from './untrusted.ts'

/**
 * The source with the class that is meant as its default export.
 *
 * @param where path of the strategy within the configuration
 * @throws Unreadable where the main file shows no export of that name
 */
export function sourceOfClass({ files, entry }: Source, name: string | undefined, where: string): Source {
  const text = withoutComments(files[entry]!)
  const own = [
    /\bexport\s+default\s+(?:abstract\s+)?class\s+([\p{L}\p{N}_$]+)/u,
    // A name that a statement ends with, and one of a list.
    /\bexport\s+default\s+(?!class\b|abstract\b|function\b|async\b|new\b)([\p{L}_$][\p{L}\p{N}_$]*)\s*(?:;|$)/mu,
    /\bexport\s*\{[^}]*?([\p{L}\p{N}_$]+)\s+as\s+default\b/u,
  ].flatMap((pattern) => pattern.exec(text)?.[1] ?? [])
  if (name === undefined || name === 'default' || own.includes(name)) return { files, entry }
  const exported = exportsOf(text)
  // What another file gives is left to the compiler.
  if (!exported.includes(name) && !/\bexport\s*\*/.test(text))
    throw new Unreadable([
      {
        path: `configuration.${where}.class`,
        found: `'${name}', which ${entry} does not export`,
        expected: [...exported, ...own].join(' or ') || 'a class that it exports',
      },
    ])
  let main = 'main-class.ts'
  for (
    let number = 2;
    [main, main.replace('.ts', '.js')].some((file) => Object.hasOwn(files, file));
    number++
  )
    main = `main-class-${number}.ts`
  return { files: { ...files, [main]: `export { ${name} as default } from './${entry}'\n` }, entry: main }
}

/** Names that a file exports, but for its default. */
const exportsOf = (text: string): string[] =>
  [
    ...[...text.matchAll(/\bexport\s+(?:abstract\s+)?(?:class|const|let|var)\s+([\p{L}\p{N}_$]+)/gu)],
    ...[...text.matchAll(/\bexport\s*\{([^}]*)\}/g)].flatMap(([, list]) => [
      ...list!.matchAll(/([\p{L}\p{N}_$]+)\s*(?:,|$)/gu),
    ]),
  ]
    .map(([, found]) => found!)
    .filter((found) => found !== 'default')

/** Code with a space for each comment, and its texts left empty, so that only what is code names anything. */
const withoutComments = (text: string): string =>
  text.replace(
    /\/\*[^]*?\*\/|\/\/[^\n]*|'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"|`(?:\\[^]|[^`\\])*`/g,
    (found) => (found.startsWith('/') ? ' ' : found[0]!.repeat(2)),
  )
