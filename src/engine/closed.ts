import * as market from '#market'
import * as strategy from '#strategy'
import * as trading from '#trading'
import { Answer } from './answer.ts'

/** Authors write their own fields and handlers on objects of these. */
const extended: ReadonlySet<unknown> = new Set([strategy.Strategy, strategy.BarStrategy])

/**
 * Closes what strategies share with the engine against being written to: the classes and constants that `outcry` exports.
 * Whoever could define `Order.prototype.side` anew would have the engine book fills that never were.
 *
 * Called when the engine is read, which is before any strategy is.
 */
export function closeShared(): void {
  for (const layer of [market, strategy, trading]) for (const shared of Object.values(layer)) close(shared)
  close(Answer)
}

function close(shared: unknown): void {
  if (typeof shared === 'function') {
    const prototype = (shared as { prototype?: object }).prototype
    if (prototype && extended.has(shared)) makeOwnable(prototype)
    if (prototype) Object.freeze(prototype)
    Object.freeze(shared)
  } else if (typeof shared === 'object' && Object.getPrototypeOf(shared) === Object.prototype)
    Object.freeze(shared)
}

/**
 * Lets `this.target = 5` of an author make a field of the object even though the prototype is frozen: the language refuses
 * that where the prototype has a plain property of the name (ECMAScript 10.1.9.2 OrdinarySetWithOwnDescriptor).
 */
function makeOwnable(prototype: object): void {
  for (const [name, { value }] of Object.entries(Object.getOwnPropertyDescriptors(prototype)))
    if (typeof value === 'function' && name !== 'constructor')
      Object.defineProperty(prototype, name, {
        get: () => value as unknown,
        set(this: object, own: unknown) {
          Object.defineProperty(this, name, {
            value: own,
            writable: true,
            enumerable: true,
            configurable: true,
          })
        },
      })
}
