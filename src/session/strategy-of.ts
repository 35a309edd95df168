import { Strategy } from '#strategy'

/**
 * The strategy class that a program exports as default.
 *
 * @throws TypeError, in words for its author, when it exports something else
 */
export function strategyOf(exports: unknown): new () => Strategy {
  const found = (exports as { default?: unknown } | undefined)?.default
  if (typeof found === 'function' && found.prototype instanceof Strategy) return found as new () => Strategy
  const kind =
    found === undefined || found === null
      ? 'missing'
      : typeof found === 'function'
        ? `${found.name || 'a function'}, which does not extend Strategy`
        : Strategy.prototype.isPrototypeOf(found)
          ? 'a strategy object; the run makes the object itself'
          : `of type ${typeof found}`
  throw new TypeError(
    `The default export is ${kind}. Expected a class: export default class MyStrategy extends BarStrategy { … }`,
  )
}

/**
 * Runs a compiled program in this realm and gives its exports. It has every right of the process: only for code that is
 * trusted as the process is. In a stack its first line is line 3, so `locate(stack, map, 3)` finds the place.
 */
export function load(code: string, outcry: object): unknown {
  return new Function('outcry', `${code}\nreturn strategy\n//# sourceURL=strategy.js`)(outcry)
}
