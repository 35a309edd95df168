import { exp, log, power } from '#market'
import type { LogLevel } from './protocol.ts'

/** Where the time, the chance and the log of a strategy come from. */
export interface Sources {
  /** The engine's clock, milliseconds UTC. */
  now(): number
  /** From 0 up to 1; the same numbers in every run of the same seed. */
  random(): number
  say(level: LogLevel, values: readonly unknown[]): void
}

/** Language that is left to a strategy: all of ECMAScript but shared memory, weak references and code from text. */
const language = new Set([
  ...[
    'Object',
    'Function',
    'Array',
    'Number',
    'Boolean',
    'String',
    'Symbol',
    'BigInt',
    'Math',
    'JSON',
    'Reflect',
  ],
  ...[
    'Proxy',
    'Promise',
    'Date',
    'RegExp',
    'Map',
    'Set',
    'WeakMap',
    'WeakSet',
    'Intl',
    'Iterator',
    'globalThis',
  ],
  ...[
    'Error',
    'AggregateError',
    'EvalError',
    'RangeError',
    'ReferenceError',
    'SyntaxError',
    'TypeError',
    'URIError',
  ],
  ...[
    'InternalError',
    'SuppressedError',
    'ArrayBuffer',
    'DataView',
    'Int8Array',
    'Uint8Array',
    'Uint8ClampedArray',
  ],
  ...[
    'Int16Array',
    'Uint16Array',
    'Int32Array',
    'Uint32Array',
    'BigInt64Array',
    'BigUint64Array',
    'Float16Array',
  ],
  ...[
    'Float32Array',
    'Float64Array',
    'Infinity',
    'NaN',
    'undefined',
    'parseFloat',
    'parseInt',
    'isFinite',
    'isNaN',
  ],
  ...[
    'decodeURI',
    'decodeURIComponent',
    'encodeURI',
    'encodeURIComponent',
    'escape',
    'unescape',
    'TextEncoder',
    'TextDecoder',
    'console',
  ],
])

/**
 * Takes everything from a worker's global scope, and from the prototypes behind it, that is not the language: network,
 * storage, timers, messages, clocks, threads. What the engine needs of it must be held before.
 *
 * It is the second fence: the first is the policy of the frame, under which these names reach nothing anyway.
 */
export function strip(scope: object): void {
  const { deleteProperty, getPrototypeOf, ownKeys, set } = Reflect
  // The last of the chain is Object.prototype, which is the language's.
  for (let level = scope, next; (next = getPrototypeOf(level)); level = next)
    for (const key of ownKeys(level)) {
      if (typeof key === 'symbol' || language.has(key)) continue
      if (!deleteProperty(level, key)) set(level, key, undefined)
    }
}

/**
 * Makes a realm's clock, calendar, chance, locale and elementary functions the same on every machine, and its console
 * part of the run's log.
 */
export function steady(scope: Realm, sources: Sources): void {
  const math = scope.Math
  define(math, { random: () => sources.random(), exp, log, pow: power })
  steadyDate(scope, sources)
  steadyIntl(scope, sources)
  define(scope, { console: quietConsole(sources) })
}

/** The parts of a realm that `steady` changes. */
export interface Realm {
  Date: DateConstructor
  Math: Math
  Intl: typeof Intl
  Number: NumberConstructor
  String: StringConstructor
  BigInt: BigIntConstructor
  Object: ObjectConstructor
}

function define(target: object, values: Readonly<Record<string, unknown>>): void {
  for (const [name, value] of Object.entries(values))
    Object.defineProperty(target, name, { value, writable: true, configurable: true })
}

/** Replaces methods by functions that are given the method they replace. */
function wrap<Target extends object>(
  target: Target,
  name: keyof Target & string,
  make: (native: (...values: unknown[]) => unknown) => (this: unknown, ...values: never[]) => unknown,
): void {
  const native: unknown = target[name]
  if (typeof native === 'function') define(target, { [name]: make(native as () => unknown) })
}

const zones = /(?:Z|:\d\d(?:\.\d+)?\s*[+-]\d\d:?\d\d|\b(?:GMT|UTC|UT|[ECMP][SD]T)\b.*)\s*$/i
const days = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat']
const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

/** A `Date` whose now is the engine's and whose local zone is UTC. */
function steadyDate(scope: Realm, { now }: Sources): void {
  const Native = scope.Date
  const prototype = Native.prototype
  const { construct } = Reflect

  /** Without a zone, text means UTC here; natively it means the machine's zone, except for a bare ISO date. */
  const parse = (text: unknown) => {
    const written = String(text)
    const iso = /^[+-]?\d{4,6}-\d\d-\d\dT/.test(written)
    if (/^[+-]?\d{4,6}(-\d\d){0,2}$/.test(written) || zones.test(written)) return Native.parse(written)
    return Native.parse(iso ? `${written}Z` : `${written} UTC`)
  }
  function SteadyDate(...values: number[]): unknown {
    if (!new.target) return new (SteadyDate as unknown as DateConstructor)(now()).toString()
    const [first] = values as [unknown]
    const time =
      values.length === 0
        ? now()
        : values.length > 1
          ? Native.UTC(...(values as Parameters<typeof Native.UTC>))
          : typeof first === 'string'
            ? parse(first)
            : first
    return construct(Native, [time], new.target)
  }
  define(SteadyDate, { now: () => now(), parse, UTC: Native.UTC, name: 'Date', length: 7 })
  Object.defineProperty(SteadyDate, 'prototype', { value: prototype, writable: false })
  define(prototype, { constructor: SteadyDate, getTimezoneOffset: () => 0 })
  for (const name of [
    'FullYear',
    'Month',
    'Date',
    'Day',
    'Hours',
    'Minutes',
    'Seconds',
    'Milliseconds',
  ] as const) {
    define(prototype, { [`get${name}`]: prototype[`getUTC${name}`] })
    if (name !== 'Day') define(prototype, { [`set${name}`]: prototype[`setUTC${name}`] })
  }
  const two = (value: number) => String(value).padStart(2, '0')
  const day = (date: Date) =>
    `${days[date.getUTCDay()]} ${months[date.getUTCMonth()]} ${two(date.getUTCDate())} ${String(date.getUTCFullYear()).padStart(4, '0')}`
  const time = (date: Date) =>
    `${two(date.getUTCHours())}:${two(date.getUTCMinutes())}:${two(date.getUTCSeconds())} GMT+0000 (UTC)`
  const written = (write: (date: Date) => string) =>
    function (this: Date) {
      return Number.isNaN(this.getTime()) ? 'Invalid Date' : write(this)
    }
  define(prototype, {
    toDateString: written(day),
    toTimeString: written(time),
    toString: written((date) => `${day(date)} ${time(date)}`),
    toTemporalInstant: undefined,
  })
  for (const name of ['toLocaleString', 'toLocaleDateString', 'toLocaleTimeString'] as const)
    wrap(
      prototype,
      name,
      (native) =>
        function (locales: unknown = LOCALE, options: object = {}) {
          return native.call(this, locales, { timeZone: 'UTC', ...options })
        },
    )
  define(scope, { Date: SteadyDate })
}

const LOCALE = 'en-US'

/** An `Intl` whose default locale is American English and whose default zone is UTC. */
function steadyIntl(scope: Realm, { now }: Sources): void {
  const intl = scope.Intl as unknown as Record<string, unknown>
  const { construct } = Reflect
  for (const name of Object.getOwnPropertyNames(intl)) {
    const Native = intl[name]
    if (typeof Native !== 'function' || !Native.prototype || name === 'Locale') continue
    const defaults = name === 'DateTimeFormat' ? { timeZone: 'UTC' } : {}
    const Steady = function (locales: unknown = LOCALE, options: object | undefined = undefined) {
      const settings =
        options === undefined && name !== 'DateTimeFormat' ? undefined : { ...defaults, ...options }
      return construct(Native, [locales, settings], new.target ?? Steady)
    }
    define(Steady, {
      name,
      supportedLocalesOf: (Native as unknown as typeof Intl.NumberFormat).supportedLocalesOf,
    })
    Object.defineProperty(Steady, 'prototype', { value: Native.prototype, writable: false })
    define(Native.prototype as object, { constructor: Steady })
    define(intl, { [name]: Steady })
  }
  const format = scope.Intl.DateTimeFormat.prototype
  const getter = Object.getOwnPropertyDescriptor(format, 'format')!.get!
  Object.defineProperty(format, 'format', {
    configurable: true,
    get() {
      const native = getter.call(this) as (date: unknown) => string
      return (date: unknown = now()) => native(date)
    },
  })
  wrap(
    format,
    'formatToParts',
    (native) =>
      function (date: unknown = now()) {
        return native.call(this, date)
      },
  )
  for (const prototype of [scope.Number.prototype, scope.BigInt.prototype])
    wrap(
      prototype,
      'toLocaleString',
      (native) =>
        function (locales: unknown = LOCALE, options: unknown = undefined) {
          return native.call(this, locales, options)
        },
    )
  wrap(
    scope.String.prototype,
    'localeCompare',
    (native) =>
      function (other: unknown, locales: unknown = LOCALE, options: unknown = undefined) {
        return native.call(this, other, locales, options)
      },
  )
  for (const name of ['toLocaleLowerCase', 'toLocaleUpperCase'] as const)
    wrap(
      scope.String.prototype,
      name,
      (native) =>
        function (locales: unknown = LOCALE) {
          return native.call(this, locales)
        },
    )
}

/** A console that writes to the run's log. */
function quietConsole({ say }: Sources): object {
  const counts = new Map<string, number>()
  const write =
    (level: LogLevel) =>
    (...values: unknown[]) =>
      say(level, values)
  const nothing = () => {}
  return Object.freeze({
    log: write('info'),
    info: write('info'),
    debug: write('debug'),
    trace: write('debug'),
    dir: write('info'),
    table: write('info'),
    group: write('info'),
    groupCollapsed: write('info'),
    groupEnd: nothing,
    warn: write('warn'),
    error: write('error'),
    assert: (condition: unknown, ...values: unknown[]) => {
      if (!condition) say('error', ['Assertion failed:', ...values])
    },
    count: (label: unknown = 'default') => {
      const name = String(label)
      const count = (counts.get(name) ?? 0) + 1
      if (counts.size < 1000) counts.set(name, count)
      say('info', [`${name}: ${count}`])
    },
    countReset: (label: unknown = 'default') => void counts.delete(String(label)),
    clear: nothing,
    // There is no time to measure: the only clock is the market's.
    time: nothing,
    timeEnd: nothing,
    timeLog: nothing,
  })
}
