import { Refused, refusalCodes } from '#book'
import { type Order, type Refusal, Side } from '#market'

/** What a book said of a request that it refused, in its own units. */
export interface BookRefusal {
  readonly code: Refused
  /** What it found, in ticks or lots; NaN where there is no number. */
  readonly found: number
  /** What that was held against, in the same unit; NaN where there is no number. */
  readonly bound: number
  readonly ticksPerUnit: number
}

/** A book's refusal as the author of the order is told it: in a sentence, and with prices as authors see them. */
export function refusalOf(order: Order, { code, found, bound, ticksPerUnit }: BookRefusal): Refusal {
  const name = order.instrument.name
  const opposite = order.side === Side.BUY ? 'ask' : 'bid'
  const price = found / ticksPerUnit
  const reached = bound / ticksPerUnit
  const [reason, numbers]: [string, Refusal['numbers']] =
    code === Refused.WOULD_TRADE
      ? Number.isFinite(reached)
        ? [
            `A post-only order must rest: at ${price} it would trade with the best ${opposite} of ${name}, ${reached}.`,
            { price, best: reached },
          ]
        : [`A post-only order must rest, and this one has no price to rest at.`, {}]
      : code === Refused.WOULD_TRIGGER
        ? [
            `The stop at ${price} would trigger at once: the last trade of ${name} was at ${reached}.`,
            { stopPrice: price, last: reached },
          ]
        : [
            sentences[code] ?? 'The exchange does not take what was asked for.',
            Object.fromEntries(
              Object.entries({ found, bound }).filter(([, value]) => Number.isFinite(value)),
            ),
          ]
  return { code: refusalCodes[code]!, reason, numbers }
}

const sentences: Partial<Record<Refused, string>> = {
  [Refused.ORDER_FINISHED]: 'The order had ended before the request arrived.',
  [Refused.UNKNOWN_ORDER]: 'The request arrived before the order itself, or the order never came to rest.',
  [Refused.HALTED]:
    'Nothing trades now: while the exchange is halted it takes cancels alone, and while an auction collects only orders that can wait for its end.',
  [Refused.NO_MARKET]: 'There is no price on the book that the order could follow.',
  [Refused.NOT_REDUCING]: 'The order may only reduce a position, and there is none on the other side.',
  [Refused.TOO_MANY_ORDERS]: 'The book is full: it holds as many orders as it can.',
  [Refused.OUT_OF_RANGE]: 'A price or volume is beyond what the book takes (counted in ticks or lots).',
}
