import type { InputValue } from '#engine'

/** What a strategy can be told from another of the same name by. */
export interface Named {
  /** As it was called; undefined where nothing calls it. */
  readonly name: string | undefined
  /** Of its class. */
  readonly className: string
  readonly file: string
  readonly inputs: Readonly<Record<string, InputValue>>
}

/** Letters of a value that are shown. */
const mostLetters = 20

/**
 * Names of strategies that run together, no two alike: what they were called, or else their classes. Classes of one name are
 * told apart by their files where those differ, by the inputs that do, and at last by numbers.
 */
export function namesOf(strategies: readonly Named[]): string[] {
  const taken = new Set(strategies.flatMap(({ name }) => name ?? []))
  return strategies.map((strategy) => {
    const { name, className, file, inputs } = strategy
    if (name !== undefined) return name
    const like = strategies.filter((other) => other.name === undefined && other.className === className)
    const differing = [...new Set(like.flatMap((other) => Object.keys(other.inputs)))].filter((input) =>
      like.some((other) => other.inputs[input] !== inputs[input]),
    )
    const files = new Set(like.map((other) => other.file))
    const folders = new Set([...files].map(lastOf)).size < files.size
    const words = [
      ...(files.size > 1 ? [folders ? file : lastOf(file)] : []),
      ...differing
        .filter((input) => inputs[input] !== undefined)
        .map((input) => `${input} ${String(inputs[input]).slice(0, mostLetters)}`),
    ]
    const telling = words.length > 0 ? `${className} (${words.join(', ')})` : className
    let own = telling
    for (let number = 2; taken.has(own); number++) own = `${telling} ${number}`
    taken.add(own)
    return own
  })
}

/** The last part of a path, on every system. */
const lastOf = (path: string) => path.split(/[\\/]/).at(-1)!
