import * as v from 'valibot'
import type { Source } from '#compile'
import type { InputValue } from '#engine'
import {
  configurationBounds,
  exactly,
  fields,
  inputsSchema,
  listOf,
  readAs,
  sharesProblem,
  type Schema,
  sourceSchema,
  text,
} from '#session'
import { cleanName } from '../documents/document.ts'

/** Where the code of a strategy beside the open one is: so it follows what becomes of it there. */
export type Origin =
  /** The open strategy once more. */
  | { readonly kind: 'open' }
  /** A sample as it came. */
  | { readonly kind: 'sample'; readonly id: string }
  /** A strategy of one's own, or a sample that one has changed. */
  | { readonly kind: 'document'; readonly id: string }
  /** Code that came with a link, a file or a snapshot. */
  | { readonly kind: 'text'; readonly source: Source }

/** A strategy that runs beside the open one. */
export interface Companion {
  /** Unlike any other's. */
  readonly id: string
  readonly name: string
  readonly origin: Origin
  /** What was chosen instead of the inputs' defaults. */
  readonly inputs: Readonly<Record<string, InputValue>>
  /** Fraction of the cash; an equal part of what is left where it is left out. */
  readonly share?: number
}

/** What runs beside a strategy. */
export interface Setup {
  /** Fraction of the cash that the strategy itself begins with. */
  readonly share?: number
  readonly beside: readonly Companion[]
}

/** Most strategies beside the open one. */
export const mostBeside = configurationBounds.strategies - 1

const id = text(80, { least: 1 })
const shareWords = 'a number above 0 and below 1'
const share = v.optional(
  v.pipe(
    v.number(shareWords),
    v.check((value) => value > 0 && value < 1, shareWords),
  ),
)
const companionSchema: Schema<Companion> = fields({
  id,
  name: text(200, { least: 1 }),
  origin: v.variant('kind', [
    exactly({ kind: v.literal('open') }),
    exactly({ kind: v.literal('sample'), id }),
    exactly({ kind: v.literal('document'), id }),
    exactly({ kind: v.literal('text'), source: sourceSchema }),
  ]),
  inputs: inputsSchema,
  share,
})
const setupSchema: Schema<Setup> = fields({ share, beside: listOf(companionSchema, mostBeside) })

/** A setup as an earlier visit left it; undefined where it is none. Its shares need not fit one another yet. */
export function readSetup(value: unknown): Setup | undefined {
  try {
    return readAs(setupSchema, value, 'setup')
  } catch {
    return undefined
  }
}

/** A name like the given one that none of the others is. */
export function freeName(name: string, others: readonly string[]): string {
  const base = cleanName(name)
  for (let number = 1; ; number++) {
    const end = number === 1 ? '' : ` ${number}`
    const candidate = [...base].slice(0, 80 - end.length).join('') + end
    if (!others.includes(candidate)) return candidate
  }
}

/**
 * Shares with one of them set to another value. Of two strategies the other has what is left; of more nobody's share
 * changes but that which is set, so they need not fit one another: `sharesMisfit` tells.
 *
 * @param value undefined for an equal part of what is left
 */
export const withShare = (
  shares: readonly (number | undefined)[],
  at: number,
  value: number | undefined,
): (number | undefined)[] =>
  shares.map((share, place) =>
    place === at ? value : shares.length === 2 && value !== undefined ? undefined : share,
  )

/** Why no run can be made with these shares of the cash, in words; undefined where one can. */
export function sharesMisfit(shares: readonly (number | undefined)[]): string | undefined {
  if (!sharesProblem(shares)) return undefined
  const sum = shares.reduce<number>((sum, share = 0) => sum + share, 0)
  const found = `The shares come to ${percent(sum)}`
  if (shares.includes(undefined))
    return `${found}, which leaves nothing for ${shares.filter((share) => share === undefined).length === 1 ? 'the strategy' : 'the strategies'} without a share set.`
  return sum > 1
    ? `${found} of the cash; expected 100 %.`
    : `${found}, so ${percent(1 - sum)} of the cash would belong to nobody.`
}

/** The places of the strategies that could have what the shares of the others leave. */
export const mayHaveRest = (shares: readonly (number | undefined)[]): number[] =>
  shares.flatMap((share, place) =>
    share === undefined || sharesMisfit(shares.with(place, undefined)) ? [] : [place],
  )

const percent = (fraction: number) => `${Number((fraction * 100).toPrecision(6))} %`
