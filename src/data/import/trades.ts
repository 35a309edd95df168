import type { Guess, Overrides, Question } from './layout.ts'
import { lettersOf, type Role } from './names.ts'

/** What the rows of a file are: bars, or single trades that bars can be made of. */
export type RowKind = 'bars' | 'trades'

/** Names that only a column of single trades has, as `lettersOf` leaves them. */
const tradeNames =
  /^(agg)?trade(id|no|number)$|^trd(match)?id$|^trdmatchid$|^(is)?buyermaker$|^isbestmatch$|^aggressor(side)?$|^(taker|maker|trade)side$|^side$|^tickdirection$|^buysell$/

interface Signs {
  readonly names: readonly string[]
  readonly roles: readonly Role[]
  readonly shape: 'rows' | 'symbols' | 'wide'
  /** Whether the times are days of a calendar. */
  readonly days: boolean
  /** How often each distance from row to row occurs in the sample, microseconds; those of zero apart. */
  readonly steps: ReadonlyMap<number, number>
  /** Rows with the time of the row before. */
  readonly still: number
  readonly overrides: Overrides
  readonly questions: Question[]
}

/** Rows from which distances tell anything. */
const enough = 20

/**
 * Whether rows are trades: one price and a volume each, at times that keep no distance. Columns that only trades have
 * settle it; without them it is asked.
 */
export function rowKind(signs: Signs): Guess<RowKind> {
  const { names, roles, shape, days, steps, still, overrides, questions } = signs
  if (overrides.rows) return { value: overrides.rows, confidence: 1, reason: 'you said so' }
  const priced = roles.filter((role) => role === 'open' || role === 'high' || role === 'low').length
  const bars = (confidence: number, reason: string): Guess<RowKind> => ({ value: 'bars', confidence, reason })
  if (priced > 0) return bars(1, 'each row has more prices than one')
  if (shape === 'wide' || days || !roles.includes('volume'))
    return bars(0.9, 'each row is one price of a time')
  const telling = names.find((name) => tradeNames.test(lettersOf(name)))
  if (telling !== undefined)
    return {
      value: 'trades',
      confidence: 0.97,
      reason: `each row has one price and a volume, and a column named ${telling}`,
    }
  let rows = still
  let usual = 0
  for (const count of steps.values()) {
    rows += count
    usual = Math.max(usual, count)
  }
  if (rows < enough || usual > rows / 2) return bars(0.9, 'the rows keep a distance in time')
  questions.push({
    about: 'rows',
    text: 'Each row has one price and a volume, and the rows keep no distance in time. Are they single trades, to make bars of?',
    options: [
      { value: 'trades', label: 'Yes, trades' },
      { value: 'bars', label: 'No, each row is a bar' },
    ],
    assumed: 'bars',
  })
  return bars(0.5, 'nothing tells whether the rows are bars or trades')
}
