import { UsageError } from './cli-usage.ts'
import { meant } from './cli-words.ts'

/** Options that take a value: what stands for it, and what it does. */
export type Options = Readonly<Record<string, readonly [value: string, text: string]>>

/** What a command line was given. */
export interface GivenOptions<Option extends string = string> {
  /** What stands apart from the options. */
  readonly files: readonly string[]
  readonly given: ReadonlyMap<Option, string>
  /** The values of options that may be given several times, in their order. */
  readonly several: Readonly<Record<string, readonly string[]>>
  readonly json: boolean
}

/**
 * Reads the arguments of a command: `--name value` or `--name=value`, `--json`, and behind `--` only files.
 *
 * @param options all that the command knows and that takes a value
 * @param command its name, for what is said
 * @param several those that may be given several times
 * @throws UsageError where an option is not known, has no value, or is given twice
 */
export function readOptions<Known extends Options>(
  args: readonly string[],
  options: Known,
  command: string,
  several: readonly string[] = [],
): GivenOptions<string & keyof Known> {
  const files: string[] = []
  const given = new Map<string & keyof Known, string>()
  const lists: Record<string, string[]> = Object.fromEntries(several.map((name) => [name, []]))
  let json = false
  for (let i = 0; i < args.length; i++) {
    const arg = args[i]!
    if (arg === '--') {
      files.push(...args.slice(i + 1))
      break
    }
    if (!/^-./.test(arg)) {
      files.push(arg)
      continue
    }
    if (arg === '--json') {
      json = true
      continue
    }
    const equals = arg.indexOf('=')
    const name = (equals < 0 ? arg : arg.slice(0, equals)).replace(/^--?/, '')
    if (name === 'json' && arg.startsWith('--'))
      throw new UsageError(`--json takes no value, and has '${arg.slice(equals + 1)}'.`)
    if (!arg.startsWith('--') || !Object.hasOwn(options, name)) {
      const known = [...Object.keys(options), 'json', 'help'].map((other) => `--${other}`)
      throw new UsageError(
        `There is no option ${arg}.${meant(name, known)} outcry ${command} --help shows all.`,
      )
    }
    const value = equals < 0 ? args[++i] : arg.slice(equals + 1)
    if (value === undefined || value === '' || (equals < 0 && value.startsWith('--')))
      throw new UsageError(`--${name} needs a value: --${name} ${options[name]![0]}`)
    if (lists[name]) lists[name].push(value)
    else if (given.has(name)) throw new UsageError(`--${name} is given twice; give it once.`)
    else given.set(name, value)
  }
  return { files, given, several: lists, json }
}
