import * as v from 'valibot'
import type { Source } from '#compile'
import { catalogue, syntheticData, type SyntheticRequest, type TimeRange } from '#data'
import type { InputValue, RunSettings } from '#engine'
import { shapeOf } from '#exchange'
import { TradingType } from '#market'
import {
  fileInstruments,
  type FileInstrument,
  type FileReading,
  fileZone,
  furtherReading,
} from './file-facts.ts'
import { readJson } from './json-text.ts'
import { inputsSchema, marketSchema, optionalSettings, symbol } from './settings.ts'
import { sourceSchema } from './source-schema.ts'
import {
  below,
  examined,
  exactly,
  fields,
  listOf,
  type Misfit,
  oneOf,
  type Schema,
  text,
  Unreadable,
  whole,
  within,
} from './untrusted.ts'

/** What stands in every exchange of a configuration. */
interface Named {
  /** The tag that its instruments carry where there are several exchanges. */
  readonly name?: string
}

/** Prices that come with the program. */
export interface BundledExchange extends Named {
  readonly kind: 'bundled'
  readonly data: string
}

/** A market that the run makes. */
export interface SyntheticExchange extends Named {
  readonly kind: 'synthetic'
  readonly market: SyntheticRequest
}

/** A file of prices, and what it does not say by itself. */
export interface FileExchange extends Named, FileReading {
  readonly kind: 'file'
  readonly file: string
  /** The instruments of the file that are traded, in this order; all where it is left out. */
  readonly instruments?: readonly FileInstrument[]
  readonly repair?: readonly string[]
  /** Where the page has these prices in its library. */
  readonly imported?: string
}

/** A file of recorded orders. */
export interface RecordedExchange extends Named {
  readonly kind: 'recorded'
  readonly file: string
  readonly orderbook?: string
  readonly format?: 'lobster' | 'jsonl'
  readonly symbol?: string
  readonly date?: string
  readonly zone?: string
  readonly tick?: number
  readonly barSeconds?: number
  /** Microseconds. */
  readonly latency?: number
}

/** One exchange of a configuration. */
export type ConfiguredExchange = BundledExchange | SyntheticExchange | FileExchange | RecordedExchange

/** One strategy of a configuration: its code in a file beside it, or in itself. */
export interface ConfiguredStrategy {
  readonly name?: string
  readonly file?: string
  readonly source?: Source
  /** The exported class, where it is not the default export. */
  readonly class?: string
  readonly inputs?: Readonly<Record<string, InputValue>>
  /** Fraction of the cash. */
  readonly share?: number
}

/** A run as a file tells it: what stands in it, with the usual value of every setting that it leaves out. */
export interface Configuration extends Omit<RunSettings, 'inputs'> {
  readonly configuration: 1
  readonly name?: string
  /** ISO dates or times. */
  readonly range?: { readonly from?: string; readonly to?: string }
  readonly exchanges: readonly ConfiguredExchange[]
  readonly strategies: readonly ConfiguredStrategy[]
}

/** A schema for every field of a type, a choice's `kind` included. */
type EveryField<Type> = { readonly [Name in keyof Type]-?: Schema<Type[Name]> }

/** Bounds of a configuration. */
export const configurationBounds = {
  /** Letters of the file. */
  length: 4_000_000,
  exchanges: 16,
  strategies: 100,
  path: 400,
} as const

const name = text(80, {
  least: 1,
  pattern: /^(?=.*\S)[^\p{C}\p{Zl}\p{Zp}]+$/u,
  words: 'without control characters',
})
const path = text(configurationBounds.path, {
  least: 1,
  pattern: /^[^\p{Cc}]+$/u,
  words: 'a path such as prices.csv',
})
const exchangeName = v.optional(
  text(40, { least: 1, pattern: /^[\w][\w.-]*$/, words: 'a name such as nyse' }),
)
const momentWords = 'a day such as 2016-01-31 or a time such as 2016-01-31T14:30Z, in UTC'
/** A day, or a time, in UTC, by its form: whether there is such a day is for `rangeOf` to say. */
export const moment = v.pipe(
  v.string(momentWords),
  v.regex(/^\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d(?:\.\d{1,3})?)?Z)?$/, momentWords),
)

const bundled = exactly({
  kind: v.literal('bundled'),
  name: exchangeName,
  // A market that the run makes is of another kind.
  data: oneOf(catalogue.map(({ id }) => id).filter((id) => id !== 'synthetic')),
} satisfies EveryField<BundledExchange>)

const synthetic = exactly({
  kind: v.literal('synthetic'),
  name: exchangeName,
  market: v.optional(marketSchema, {}),
} satisfies EveryField<SyntheticExchange>)

const file = exactly({
  kind: v.literal('file'),
  name: exchangeName,
  file: path,
  instruments: v.optional(fileInstruments),
  symbol: v.optional(symbol),
  zone: v.optional(fileZone),
  dateOrder: v.optional(oneOf(['dmy', 'mdy', 'ymd'])),
  epochUnit: v.optional(oneOf(['s', 'ms', 'us', 'ns'])),
  decimal: v.optional(oneOf(['point', 'comma'])),
  delimiter: v.optional(oneOf([',', ';', '\t', '|', ' '])),
  headerRows: v.optional(whole(0, 1000)),
  scale: v.optional(within(1e-9, 1e12)),
  ...furtherReading,
  repair: v.optional(
    listOf(
      oneOf(['skip-unreadable', 'keep-first', 'keep-last', 'drop-impossible', 'sort', 'widen-range']),
      6,
    ),
  ),
  imported: v.optional(
    text(400, {
      pattern: /^imported:[0-9a-f]{64}(?:\+[a-z0-9-]+)*$/,
      words: 'imported: and a hash of 64 hexadecimal digits',
    }),
  ),
} satisfies EveryField<FileExchange>)

const recorded = exactly({
  kind: v.literal('recorded'),
  name: exchangeName,
  file: path,
  orderbook: v.optional(path),
  format: v.optional(oneOf(['lobster', 'jsonl'])),
  symbol: v.optional(symbol),
  date: v.optional(text(10, { pattern: /^\d{4}-\d{2}-\d{2}$/, words: 'a day such as 2012-06-21' })),
  zone: v.optional(fileZone),
  tick: v.optional(within(1e-9, 1e6)),
  barSeconds: v.optional(whole(1, 86_400)),
  latency: v.optional(whole(0, 60e6, ' microseconds')),
} satisfies EveryField<RecordedExchange>)

const shareWords = 'a number above 0 and at most 1'
const strategy = fields({
  name: v.optional(name),
  file: v.optional(path),
  source: v.optional(sourceSchema),
  class: v.optional(
    text(80, { least: 1, pattern: /^[\p{L}_$][\p{L}\p{N}_$]*$/u, words: 'the name of a class' }),
  ),
  inputs: v.optional(inputsSchema),
  share: v.optional(
    v.pipe(
      v.number(shareWords),
      v.check((share) => share > 0 && share <= 1, shareWords),
    ),
  ),
} satisfies EveryField<ConfiguredStrategy>)

/** A configuration as it may come from anywhere, every field with its bounds. */
export const configurationSchema: Schema<Configuration> = fields({
  configuration: v.literal(1, '1, the only form of configurations there is'),
  name: v.optional(name),
  ...optionalSettings,
  range: v.optional(fields({ from: v.optional(moment), to: v.optional(moment) })),
  exchanges: listOf(
    v.variant(
      'kind',
      [bundled, synthetic, file, recorded],
      "an exchange whose kind is 'bundled', 'synthetic', 'file' or 'recorded', with the fields of that kind",
    ),
    configurationBounds.exchanges,
    1,
  ),
  strategies: listOf(strategy, configurationBounds.strategies, 1),
} satisfies EveryField<Configuration>)

/** What is known of the place that a configuration comes from. */
export interface Beside {
  /** What is at the path of a file instead of one, such as `not there`; undefined where there is one. */
  readonly insteadOf?: (path: string, of: 'exchanges' | 'strategies') => string | undefined
}

/**
 * Reads a configuration from untrusted JSON. What it leaves out comes back as the usual value.
 *
 * @param also what is known to be wrong with it already
 * @throws Unreadable saying of each misfit where it is, what was found and what was expected
 */
export function readConfiguration(
  value: unknown,
  beside: Beside = {},
  also: readonly Misfit[] = [],
): Configuration {
  const { found, misfits } = examined(configurationSchema, value, 'configuration')
  const all = [...also, ...misfits, ...contradictions(withoutMisfits(found, misfits), beside)]
  if (all.length > 0) throw new Unreadable(all)
  return found as Configuration
}

/**
 * Reads a configuration from the text of a file.
 *
 * @throws Unreadable as `readConfiguration`, and where the text is too long or no JSON
 */
export function parseConfiguration(text: string, beside?: Beside): Configuration {
  const { length } = configurationBounds
  if (text.length > length)
    throw new Unreadable([
      {
        path: 'configuration',
        found: `a file of ${text.length.toLocaleString('en')} letters`,
        expected: `at most ${length.toLocaleString('en')}`,
      },
    ])
  const { value, twice } = readJson(text, 'configuration')
  return readConfiguration(value, beside, twice)
}

/** A part of a configuration with those of its fields that fit by themselves. */
type Fitting<Part> = { readonly [Name in keyof Part]?: Part[Name] | undefined }

/** What of a configuration can be held against its other parts; undefined stands for what does not fit by itself. */
interface Sound extends Pick<Fitting<Configuration>, 'range' | 'tradingType'> {
  readonly seed: number
  readonly exchanges: readonly (Fitting<ConfiguredExchange> | undefined)[]
  readonly strategies: readonly (Fitting<ConfiguredStrategy> | undefined)[]
  /** Whether a field has a misfit, such as `configuration.strategies[0].share`. */
  readonly isMisfit: (path: string) => boolean
}

function withoutMisfits(found: unknown, misfits: readonly Misfit[]): Sound {
  const wrong = new Set(misfits.map(({ path }) => path))
  /** A value without what does not fit in it; a list keeps the places of its parts. */
  const fitting = (value: unknown, path: string): unknown => {
    if (wrong.has(path)) return undefined
    if (Array.isArray(value)) return value.map((part, at) => fitting(part, below(path, at)))
    if (typeof value !== 'object' || value === null) return value
    return Object.fromEntries(
      Object.entries(value)
        .map(([name, part]) => [name, fitting(part, below(path, name))] as const)
        .filter(([, part]) => part !== undefined),
    )
  }
  const {
    range,
    tradingType,
    seed = 1,
    exchanges = [],
    strategies = [],
  } = (fitting(found, 'configuration') ?? {}) as Partial<Omit<Sound, 'isMisfit'>>
  return { range, tradingType, seed, exchanges, strategies, isMisfit: (path) => wrong.has(path) }
}

/** What no single field shows. */
function* contradictions(
  { range, tradingType, seed, exchanges, strategies, isMisfit }: Sound,
  { insteadOf }: Beside,
): Generator<Misfit> {
  function* missing(of: 'exchanges' | 'strategies', at: number, files: object): Generator<Misfit> {
    for (const [field, file] of Object.entries(files) as [string, string | undefined][]) {
      const found = file === undefined ? undefined : insteadOf?.(file, of)
      if (found !== undefined)
        yield {
          path: `configuration.${of}[${at}].${field}`,
          found: `'${file}'`,
          expected: `a file: ${found}`,
        }
    }
  }
  if (tradingType === TradingType.SANDBOX || tradingType === TradingType.LIVE)
    yield {
      path: 'configuration.tradingType',
      found: `'${tradingType}'`,
      expected: `'${TradingType.BACKTEST}', or '${TradingType.SIMULATION}' to watch only, as there is no adapter to a venue yet`,
    }
  const names = exchanges.map((exchange) => exchange && nameOf(exchange))
  for (const [at, exchange] of exchanges.entries()) {
    if (!exchange) continue
    const path = `configuration.exchanges[${at}]`
    const twin = names[at] === undefined ? at : names.indexOf(names[at])
    if (twin < at && !isMisfit(`${path}.name`))
      yield {
        path: `${path}.name`,
        found: `'${names[at]}', which exchanges[${twin}] has too`,
        expected: 'a name that no other exchange has',
      }
    if (exchange.kind === 'synthetic') yield* marketProblems({ seed, ...exchange.market }, `${path}.market`)
    if (exchange.kind === 'file') yield* missing('exchanges', at, { file: exchange.file })
    if (exchange.kind === 'recorded')
      yield* missing('exchanges', at, { file: exchange.file, orderbook: exchange.orderbook })
    if (range && (exchange.kind === 'synthetic' || exchange.kind === 'recorded'))
      yield {
        path: 'configuration.range',
        found: `there beside exchanges[${at}] of kind '${exchange.kind}'`,
        expected: 'no range: such an exchange makes its bars while it runs',
      }
  }
  if (range) {
    const { from, to } = rangeOf(range)
    for (const [name, time] of [
      ['from', from],
      ['to', to],
    ] as const)
      if (Number.isNaN(time))
        yield {
          path: `configuration.range.${name}`,
          found: `'${range[name]}'`,
          expected: range[name]!.length > 10 ? 'a time that there is' : 'a day that there is',
        }
    if (from > to)
      yield {
        path: 'configuration.range',
        found: `from ${range.from} to ${range.to}`,
        expected: 'an end after the beginning',
      }
  }
  const strategyNames = strategies.map((strategy) => strategy?.name)
  for (const [at, strategy] of strategies.entries()) {
    if (!strategy) continue
    const { file, source, name } = strategy
    const path = `configuration.strategies[${at}]`
    const [hasFile, hasSource] = [file, source].map(
      (code, which) => code !== undefined || isMisfit(`${path}.${which === 0 ? 'file' : 'source'}`),
    )
    if (hasFile === hasSource)
      yield {
        path,
        found: hasFile ? 'with a file and a source' : 'without code',
        expected: 'either file, the path of its code, or source, the code itself',
      }
    yield* missing('strategies', at, { file })
    const twin = strategyNames.indexOf(name)
    if (name !== undefined && twin < at)
      yield {
        path: `${path}.name`,
        found: `'${name}', which strategies[${twin}] has too`,
        expected: 'a name that no other strategy has',
      }
  }
  const shares = strategies.map((strategy) => strategy?.share)
  const isKnown = strategies.every(
    (strategy, at) => strategy && !isMisfit(`configuration.strategies[${at}].share`),
  )
  // One that is not known leaves room for the others to come to 1 at the most, as one that is left out does.
  const problem =
    strategies.length > 0 && (isKnown || sumOf(shares) > 1 + rounding) ? sharesProblem(shares) : undefined
  if (problem) yield { path: 'configuration.strategies', ...problem }
}

/** Why there can be no such market, which its settings show only together: one setting after the other is left out. */
function* marketProblems(market: SyntheticRequest, path: string): Generator<Misfit> {
  for (let rest: SyntheticRequest | undefined = market; rest;)
    try {
      shapeOf(syntheticData(rest))
      return
    } catch (error) {
      if (!(error instanceof RangeError)) throw error
      const what = error.message.replace('Synthetic market: ', '')
      const [, field, found, expected] = /^([\w.]+) is (.*?); expected (.*)$/s.exec(what) ?? []
      yield field === undefined
        ? { path, found: `none that can be made (${what})`, expected: 'settings that fit together' }
        : { path: `${path}.${field}`, found: found!, expected: expected! }
      rest = field !== undefined && Object.hasOwn(rest, field) ? { ...rest, [field]: undefined } : undefined
    }
}

const rounding = 1e-9
const sumOf = (shares: readonly (number | undefined)[]) =>
  shares.reduce<number>((sum, share = 0) => sum + share, 0)

/** Why shares of the cash are none that strategies can have beside one another; undefined where they can. */
export function sharesProblem(shares: readonly (number | undefined)[]): Omit<Misfit, 'path'> | undefined {
  const sum = sumOf(shares)
  const all = shares.every((share) => share !== undefined)
  if (all ? Math.abs(sum - 1) <= rounding : sum <= 1 - rounding) return undefined
  return {
    found: `with shares of ${Number(sum.toPrecision(12))} in all`,
    expected: all
      ? 'shares of the cash that come to 1, or a strategy without one, which has the rest'
      : 'shares of the cash that come to less than 1, which leaves something for those without one',
  }
}

/** What an exchange is called: its own name, or what its data are called. */
export function exchangeNameOf(exchange: ConfiguredExchange): string {
  return nameOf(exchange)!
}

/** The same of one whose data may not fit by themselves; undefined where they do not. */
function nameOf(exchange: Fitting<ConfiguredExchange>): string | undefined {
  if (exchange.name !== undefined) return exchange.name
  if (exchange.kind === 'bundled') return exchange.data
  if (exchange.kind === 'synthetic') return 'synthetic'
  const { file } = exchange as Fitting<FileExchange>
  return file?.replace(/^.*[/\\]/, '')
}

/** The stretch of time that is meant. A day as its end is that whole day; what is left out has no end. NaN for no such day. */
export function rangeOf({ from, to }: NonNullable<Configuration['range']>): TimeRange {
  const time = (text: string, wholeDay: boolean) => {
    const day = Date.parse(text.slice(0, 10))
    // Some engines take the 30th of February for the 2nd of March.
    if (Number.isNaN(day) || new Date(day).toISOString().slice(0, 10) !== text.slice(0, 10)) return NaN
    if (text.length > 10) return Date.parse(text) * 1000
    return day * 1000 + (wholeDay ? 86_400e6 - 1 : 0)
  }
  return {
    from: from === undefined ? -Infinity : time(from, false),
    to: to === undefined ? Infinity : time(to, true),
  }
}
