import { jsonText } from '#market'
import { show } from './checks.ts'

/** Keys that a store may have, letters of a key, and letters of all its values as JSON. */
const mostKeys = 1000
const longestKey = 100
const mostText = 256_000

/**
 * A small memory of a strategy within one run: values by name. What is kept is a copy, so that changing a value after
 * it was set, or after it was got, changes nothing in the store. It begins empty with every run: nothing a run did can
 * reach another one.
 *
 * @example
 * this.store.set('entry', { price: bar.close, bars: 0 })
 * const entry = this.store.get<{ price: number }>('entry')
 */
export class Store {
  readonly #values = new Map<string, string>()
  #letters = 0

  /**
   * The value of a name, or what is given instead where there is none.
   *
   * @example
   * const losses = this.store.get('losses', 0)
   */
  get<Value = unknown>(key: string): Value | undefined
  get<Value>(key: string, instead: Value): Value
  get<Value>(key: string, instead?: Value): Value | undefined {
    const text = this.#values.get(checkKey('get', key))
    return text === undefined ? instead : (JSON.parse(text) as Value)
  }

  /**
   * Keeps a value under a name; `undefined` takes the name out.
   *
   * @throws TypeError where JSON cannot say the value, RangeError beyond 1,000 names or 256,000 letters of JSON
   * @example
   * this.store.set('losses', this.store.get('losses', 0) + 1)
   */
  set(key: string, value: unknown): void {
    checkKey('set', key)
    const before = this.#values.get(key)?.length ?? 0
    if (value === undefined) {
      this.#values.delete(key)
      this.#letters -= before
      return
    }
    const text = jsonText(`store.set: the value of '${key}'`, value)
    const letters = this.#letters - before + text.length
    if (letters > mostText)
      throw new RangeError(
        `store.set: with '${key}' the store would hold ${letters} letters of JSON; expected at most ${mostText}. Keep long series in fields of the strategy.`,
      )
    if (before === 0 && this.#values.size >= mostKeys)
      throw new RangeError(`store.set: '${key}' would be one name more than ${mostKeys}`)
    this.#values.set(key, text)
    this.#letters = letters
  }

  /**
   * The names that have a value, in the order in which they were first set.
   *
   * @example
   * for (const name of this.store.keys()) this.log(name, this.store.get(name))
   */
  keys(): string[] {
    return [...this.#values.keys()]
  }
}

function checkKey(method: string, key: unknown): string {
  if (typeof key !== 'string' || key === '' || key.length > longestKey)
    throw new TypeError(
      `store.${method}: the name is ${show(key)}; expected a text of 1 to ${longestKey} letters`,
    )
  return key
}
