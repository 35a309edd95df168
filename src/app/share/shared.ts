import * as v from 'valibot'
import type { Source } from '#compile'
import type { SyntheticRequest } from '#data'
import type { RunSettings } from '#engine'
import {
  configurationBounds,
  exactly,
  fields,
  inputsSchema,
  listOf,
  marketSchema,
  readAs,
  type Schema,
  settingsSchema,
  sharesProblem,
  sourceBounds,
  sourceSchema,
  text,
  whole,
  within,
} from '#session'

/** What a shared run was run on. The rows are never part of it. */
export type DataReference =
  /** A data set that comes with the program; the random walk is of the settings' seed. */
  | { readonly kind: 'bundled'; readonly id: string }
  /** A market that the run makes. */
  | { readonly kind: 'synthetic'; readonly market: SyntheticRequest }
  /** A data set that the author imported, told by the hash of its content. */
  | {
      readonly kind: 'imported'
      /** `imported:`, 64 hexadecimal digits, and what is done to the bars. */
      readonly id: string
      readonly name: string
      /** Times of the first and the last bar, microseconds UTC. */
      readonly from: number
      readonly to: number
      /** Of all instruments. */
      readonly bars: number
    }

/** What was on the author's screen. */
export interface SharedView {
  /** Index of the instrument that was looked at. */
  readonly instrument: number
  /** The part of the chart that was seen, microseconds UTC; absent where all of it was. */
  readonly from?: number
  readonly to?: number
}

/** Headline figures, rounded to seven digits. NaN where there is none. */
export interface ClaimedFigures {
  readonly totalReturn: number
  readonly buyAndHoldReturn: number
  readonly sharpe: number
  readonly maxDrawdown: number
  readonly trades: number
  readonly costs: number
}

/** One trade as its author had it. */
export interface ClaimedTrade {
  readonly instrument: number
  readonly side: number
  readonly size: number
  /** Microseconds UTC. */
  readonly entryTime: number
  /** NaN while it is open. */
  readonly exitTime: number
  readonly entryPrice: number
  readonly exitPrice: number
}

/** What the author's run came to, as he says. Nothing of it is believed: running again shows whether it holds. */
export interface Claims {
  /** Version of the engine. */
  readonly engine: string
  /** The first 16 hexadecimal digits of the run's digest, or all 64. */
  readonly digest: string
  /** Bars that the run read. */
  readonly bars: number
  readonly figures: ClaimedFigures
  /** Marks of the trades, by which the first one that differs is found; see `marksOf`. */
  readonly marks: string
  /** The first trades themselves; only a file has room for them. */
  readonly trades?: readonly ClaimedTrade[]
}

/** A strategy that runs beside the shared one. */
export interface SharedStrategy {
  readonly name: string
  readonly source: Source
  readonly inputs: RunSettings['inputs']
  /** Fraction of the cash; an equal part of what is left where it is left out. */
  readonly share?: number
}

/** A strategy with all that its run needs, as it travels in a link or a file. */
export interface Shared {
  readonly name: string
  readonly source: Source
  readonly data: DataReference
  readonly settings: RunSettings
  /** Fraction of the cash of the strategy itself, where others are beside it. */
  readonly share?: number
  /** Strategies beside it, told of every event after it and in this order; absent where it is alone. */
  readonly beside?: readonly SharedStrategy[]
  readonly view?: SharedView
  /** Absent where it was shared without having run. */
  readonly claims?: Claims
}

/** Bounds of what is shared. */
export const bounds = {
  /** Characters of an encoded link. */
  encoded: 32 * 1024,
  /** Bytes that it may unpack to, and characters of all files together. */
  inflated: sourceBounds.length,
  files: sourceBounds.files,
  name: 80,
  fileName: sourceBounds.fileName,
  /** Trades that a file claims one by one. */
  trades: 2000,
} as const

/** Control characters, halves of characters, and marks that turn the direction of what follows. */
const unseen = /[\p{Cc}\p{Cs}\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff]/u
/** Nothing of {@link unseen}, and something that is seen. */
const plainText = new RegExp(`^(?!.*${unseen.source})(?=.*\\S).*$`, 'su')
const name = text(bounds.name, {
  least: 1,
  pattern: plainText,
  words: 'without control characters and turns of direction',
})

/** Years 1 to 9999 or so, in microseconds: a number beyond is no time. */
const time = whole(-62e15, 253e15)
const anyTime = v.union([time, v.nan()], 'a time in microseconds')
const figure = v.custom<number>(
  (value) => typeof value === 'number' && !(Math.abs(value) > 1e15),
  'a figure, at most 1,000,000,000,000,000',
)

/** Letters of a data set's id, in a link as in a file. */
export const longestId = 400

const dataSchema: Schema<DataReference> = v.variant(
  'kind',
  [
    exactly({
      kind: v.literal('bundled'),
      id: text(longestId, {
        least: 1,
        pattern:
          /^(?:joint:[\w.-]+=[a-z0-9-]+(?:,[\w.-]+=[a-z0-9-]+){1,15}|[a-z0-9-]+)(?:\+(?:from|to)--?\d{1,18})*$/,
        words: 'a name such as aapl',
      }),
    }),
    exactly({ kind: v.literal('synthetic'), market: marketSchema }),
    exactly({
      kind: v.literal('imported'),
      id: text(longestId, {
        pattern: /^imported:[0-9a-f]{64}(?:\+[a-z0-9-]+)*$/,
        words: 'imported: and a hash of 64 hexadecimal digits',
      }),
      name,
      from: time,
      to: time,
      bars: whole(0, 1e9),
    }),
  ],
  "'bundled', 'synthetic' or 'imported' data",
)

const tradeSchema: Schema<ClaimedTrade> = fields({
  instrument: whole(0, 10_000),
  side: v.picklist([1, -1], '1 or -1'),
  size: figure,
  entryTime: time,
  exitTime: anyTime,
  entryPrice: figure,
  exitPrice: figure,
})

const claimsSchema: Schema<Claims> = fields({
  engine: text(40, { pattern: /^[\w.+-]*$/, words: 'a version such as 0.1.0' }),
  digest: text(64, { pattern: /^(?:[0-9a-f]{16}|[0-9a-f]{64})$/, words: '16 or 64 hexadecimal digits' }),
  bars: whole(0, 1e9),
  figures: fields({
    totalReturn: figure,
    buyAndHoldReturn: figure,
    sharpe: figure,
    maxDrawdown: figure,
    trades: whole(0, 1e9),
    costs: figure,
  }),
  marks: text(64, { pattern: /^(?:[0-9a-f]{2})*$/, words: 'hexadecimal digits in pairs' }),
  trades: v.optional(listOf(tradeSchema, bounds.trades)),
})

const share = v.optional(
  v.pipe(
    within(0, 1),
    v.check((value) => value > 0, 'a share above 0'),
  ),
)

const strategySchema: Schema<SharedStrategy> = fields({
  name,
  source: sourceSchema,
  inputs: inputsSchema,
  share,
})

/** A shared strategy, every field with its bounds. */
const sharedSchema: Schema<Shared> = v.pipe(
  fields({
    name,
    source: sourceSchema,
    data: dataSchema,
    settings: settingsSchema,
    share,
    beside: v.optional(listOf(strategySchema, configurationBounds.strategies - 1, 1)),
    view: v.optional(fields({ instrument: whole(0, 10_000), from: v.optional(time), to: v.optional(time) })),
    claims: v.optional(claimsSchema),
  }),
  v.check(
    ({ share, beside }) =>
      beside ? !sharesProblem([share, ...beside.map(({ share }) => share)]) : share === undefined,
    'shares of the cash that come to 1 in all, or less where a strategy has none',
  ),
)

/**
 * Reads a shared strategy from anything.
 *
 * @param from what it is called in the words of an error, such as `link`
 * @throws Unreadable saying of each misfit where it is, what was found and what was expected
 */
export const readShared = (value: unknown, from: string): Shared => readAs(sharedSchema, value, from)

/** A letter of the code that is not seen, and may make it read otherwise than it runs. */
export interface UnseenLetter {
  readonly file: string
  /** From 1. */
  readonly line: number
  /** Such as `U+202E`. */
  readonly letter: string
}

/** The first letters in the code that are not seen; tabs and line breaks are no such letters. */
export function unseenLetters({ files }: Source): readonly UnseenLetter[] {
  const found: UnseenLetter[] = []
  for (const [file, text] of Object.entries(files))
    for (const match of text.matchAll(new RegExp(unseen, 'gu'))) {
      if (/[\t\r\n]/.test(match[0])) continue
      const line = text.slice(0, match.index).split('\n').length
      const code = match[0].codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0')
      found.push({ file, line, letter: `U+${code}` })
      if (found.length === 20) return found
    }
  return found
}
