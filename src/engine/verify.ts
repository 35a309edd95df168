import type { DataSet } from '#data'
import type { CourseRecord, CurrencyColumns, RunRecord } from './record.ts'
import { Replay, type ReplayRecord } from './replay.ts'

/** Whether a result is what its requests come to; if not, the first difference in words. */
export type Verdict = { readonly agrees: true } | { readonly agrees: false; readonly difference: string }

/** Columns of a record that a replay makes again, with what a row and several rows of them are called. */
const tables = {
  orders: ['Order', 'orders'],
  fills: ['Fill', 'fills'],
  changes: ['Change', 'changes of orders'],
  steps: ['Step', 'steps'],
  equity: ['Value', 'values of the account'],
} as const

/** What the columns that people know are called. */
const words: Readonly<Record<string, string>> = {
  ended: 'end',
  stopPrice: 'stop price',
  bars: 'count of bars',
}

/**
 * Compares a record with what its journal comes to without the strategy's code. A result whose orders, fills or equity
 * were made up does not agree; where the requests themselves were made with knowledge that no strategy can have, this
 * does not show.
 *
 * @param data the data set that it ran on, or those, one per exchange
 */
export function verify(record: RunRecord, data: DataSet | readonly DataSet[]): Verdict {
  const verification = new Verification(record, data)
  verification.advance()
  return verification.verdict()
}

/** A verification in steps, so that its thread can do other things in between. */
export class Verification {
  readonly #claimed: RunRecord
  #replay: Replay | undefined
  #difference: string | undefined

  constructor(record: RunRecord, data: DataSet | readonly DataSet[]) {
    this.#claimed = record
    this.#try(() => {
      this.#replay = new Replay(record.journal, data, record.settings, undefined, record.stoppedAt)
    })
  }

  /**
   * Goes on by up to `limit` moves of the market.
   *
   * @returns whether the verdict is there
   */
  advance(limit = Infinity): boolean {
    let over = true
    this.#try(() => {
      over = this.#replay?.advance(limit) ?? true
    })
    return over
  }

  /** The verdict, once `advance` has returned true. */
  verdict(): Verdict {
    if (this.#difference === undefined)
      this.#try(() => (this.#difference = differenceOf(this.#claimed, this.#replay!.record())))
    const difference = this.#difference
    return difference === undefined ? { agrees: true } : { agrees: false, difference }
  }

  #try(work: () => void): void {
    if (this.#difference !== undefined) return
    try {
      work()
    } catch (error) {
      this.#difference = `Its requests are none that a run could have had: ${(error as Error).message}.`
    }
  }
}

function differenceOf(claimed: RunRecord, replayed: ReplayRecord): string | undefined {
  if (claimed.bars !== replayed.bars)
    return `It says that ${claimed.bars} bars were read; its requests come to ${replayed.bars}.`
  for (const [table, called] of Object.entries(tables) as [keyof typeof tables, Words][]) {
    const difference = differentRow(called, columnsOf(claimed[table]), columnsOf(replayed[table]), replayed)
    if (difference) return difference
  }
  const ofBalances = differentBalance('Balance', claimed.currencies, replayed.currencies, replayed)
  if (ofBalances) return ofBalances
  if (claimed.rules.join() !== replayed.rules.join())
    return `It says that fills were made by the rules ${claimed.rules.join(', ')}; they are ${replayed.rules.join(', ')}.`
  for (let i = 0; i < Math.max(claimed.refusals.length, replayed.refusals.length); i++) {
    const said = claimed.refusals[i]
    const found = replayed.refusals[i]
    if (said?.code !== found?.code || said?.order !== found?.order || said?.time !== found?.time)
      return `Refusal ${i + 1}: the result says ${refusal(said)}; its requests come to ${refusal(found)}.`
  }
  for (const [i, { instrument, bars }] of replayed.market.entries()) {
    const said = claimed.market[i]
    const difference = differentRow(
      [`Bar of ${instrument.name}`, `bars of ${instrument.name}`],
      said ? columnsOf(said.bars) : {},
      columnsOf(bars),
      replayed,
    )
    if (difference) return difference
  }
  for (const [i, { levels: _, ...columns }] of replayed.books.entries()) {
    const { levels: __, ...said } = claimed.books[i] ?? { levels: 0 }
    const difference = differentRow(
      ['Level of the book', 'levels of the book'],
      columnsOf(said),
      columnsOf(columns),
      replayed,
    )
    if (difference) return difference
  }
  const ofStrategies = differentPart(claimed, replayed)
  if (ofStrategies) return ofStrategies
  return claimed.digest === replayed.digest
    ? undefined
    : `It says that its digest is ${claimed.digest.slice(0, 12)}; its requests come to ${replayed.digest.slice(0, 12)}.`
}

/** The first difference in what is said of single strategies. Their orders, fills and refusals are those of the account. */
function differentPart(claimed: RunRecord, replayed: ReplayRecord): string | undefined {
  for (const [table, called] of [
    ['orders', ['Owner of order', 'owners of orders']],
    ['refusals', ['Owner of refusal', 'owners of refusals']],
  ] as const) {
    const said = { strategy: claimed.owners?.[table] ?? [] }
    const difference = differentRow(called, said, { strategy: replayed.owners?.[table] ?? [] }, replayed)
    if (difference) return difference
  }
  const { strategies = [] } = replayed
  if ((claimed.strategies?.length ?? 0) !== strategies.length)
    return `It says that there were ${claimed.strategies?.length ?? 0} strategies beside one another; its requests come to ${strategies.length}.`
  for (const [at, { equity, currencies, digest }] of strategies.entries()) {
    const said = claimed.strategies![at]!
    const called = [`Of ${said.name}, value`, 'values of its account'] as const
    const difference =
      differentRow(called, columnsOf(said.equity), columnsOf(equity), replayed) ??
      differentBalance(`Of ${said.name}, balance`, said.currencies, currencies, replayed)
    if (difference) return difference
    if (said.digest !== digest)
      return `It says that the digest of ${said.name} is ${said.digest.slice(0, 12)}; its requests come to ${digest.slice(0, 12)}.`
  }
  return undefined
}

/** The first difference in the balances of an account by currencies. */
function differentBalance(
  what: string,
  claimed: readonly CurrencyColumns[] = [],
  replayed: readonly CurrencyColumns[] = [],
  course: CourseRecord,
): string | undefined {
  for (const [i, { currency, ...columns }] of replayed.entries()) {
    const { currency: named, ...said } = claimed[i] ?? { currency: 'none' }
    if (named !== currency) return `It says that currency ${i + 1} is ${named}; it is ${currency}.`
    const called = [`${what} in ${currency}`, `balances in ${currency}`] as const
    const difference = differentRow(called, columnsOf(said), columnsOf(columns), course)
    if (difference) return difference
  }
  return undefined
}

type Words = readonly [row: string, rows: string]
type Columns = Readonly<Record<string, ArrayLike<number>>>

function columnsOf(table: object): Columns {
  return table as Columns
}

/** The first row in which two tables differ, in words. */
function differentRow(
  [what, several]: Words,
  claimed: Columns,
  replayed: Columns,
  { rules, instruments }: CourseRecord,
): string | undefined {
  const names = Object.keys(replayed)
  const said = claimed[names[0]!]?.length ?? 0
  const found = replayed[names[0]!]!.length
  let row = Math.min(said, found)
  let different: string | undefined
  for (const name of names) {
    const left = claimed[name] ?? []
    const right = replayed[name]!
    for (let i = 0; i < row; i++)
      if (left[i] !== right[i] && !(Number.isNaN(left[i]) && Number.isNaN(right[i]))) {
        row = i
        different = name
        break
      }
  }
  if (different === undefined) {
    if (said === found) return undefined
    return `The result has ${said} ${several}; its requests come to ${found}.`
  }
  const word = (value: number) =>
    different === 'rule'
      ? (rules[value] ?? value)
      : different === 'instrument'
        ? (instruments[value]?.name ?? value)
        : different === 'side'
          ? value > 0
            ? 'buys'
            : 'sells'
          : different === 'time' || different === 'ended'
            ? Number.isFinite(value)
              ? new Date(value / 1000).toISOString()
              : 'never'
            : String(value)
  return `${what} ${row + 1}: the result says ${words[different] ?? different} ${word(claimed[different]?.[row] ?? NaN)}; its requests come to ${word(replayed[different]![row]!)}.`
}

function refusal(entry: { readonly order: number; readonly code: string } | undefined): string {
  return entry ? `${entry.code} for order ${entry.order}` : 'none'
}
