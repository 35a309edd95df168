import { catalogue, type DataSet } from '#data'
import { currencyOf, type MoneyRules, type RunRecord } from '#engine'
import { moneyBounds, Rates } from '#trading'
import { UsageError } from './cli-usage.ts'

/** Options of `outcry run` about money in several currencies. */
export const moneyOptions = {
  currency: ['CODE', 'currency of the account; that of the first instrument where it is left out'],
  'priced-in': ['CODE', "currency that the file's prices are in; of a pair such as EURUSD it is the second"],
  rate: ['CODE=NUMBER', 'what one unit of a currency is worth in that of the account; several times'],
  exchange: ['WHEN', 'at-fill, or never: balances and loans then stay in their currencies (at-fill)'],
  'exchange-cost': ['FRACTION', 'of what is exchanged'],
} as const

const code = (option: string, value: string) => {
  if (!/^[\p{L}\p{N}]{1,12}$/u.test(value))
    throw new UsageError(`--${option} is '${value}'; expected the code of a currency such as EUR`)
  return value
}

const number = (option: string, text: string, [least, most]: readonly [number, number]) => {
  const value = /^\+?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text) ? Number(text) : NaN
  if (!(value >= least && value <= most))
    throw new UsageError(`--${option} is '${text}'; expected a number from ${least} to ${most}`)
  return value
}

/** The currency that was said of the prices of a file; others say themselves what they are in. */
export function pricedIn(given: ReadonlyMap<string, string>, data: string): string | undefined {
  const value = given.get('priced-in')
  if (value === undefined) return undefined
  if (catalogue.some(({ id }) => id === data))
    throw new UsageError(`--priced-in means nothing to --data ${data}; it says what a file's prices are in.`)
  return code('priced-in', value)
}

/** The rules for money that were asked for beside those of a configuration; undefined where there are none. */
export function moneyOf(given: ReadonlyMap<string, string>, known?: MoneyRules): MoneyRules | undefined {
  const [currency, rate, exchange, cost] = ['currency', 'rate', 'exchange', 'exchange-cost'].map((option) =>
    given.get(option),
  )
  if ([currency, rate, exchange, cost].every((value) => value === undefined)) return known
  if (exchange !== undefined && exchange !== 'at-fill' && exchange !== 'never')
    throw new UsageError(`--exchange is '${exchange}'; expected at-fill or never`)
  if (exchange === 'never' && cost !== undefined)
    throw new UsageError(
      '--exchange never exchanges nothing, so --exchange-cost has no meaning; leave it out',
    )
  const rates = (rate?.split(',') ?? []).map((text) => {
    const [name, value, more] = text.split('=')
    if (value === undefined || more !== undefined)
      throw new UsageError(`--rate is '${text}'; expected a currency and its rate, such as --rate EUR=1.08`)
    return [code('rate', name!), number('rate', value, moneyBounds.rate)] as const
  })
  return {
    ...known,
    ...(currency === undefined ? {} : { currency: code('currency', currency) }),
    ...(rate === undefined ? {} : { rates: { ...known?.rates, ...Object.fromEntries(rates) } }),
    ...(exchange === undefined ? {} : { exchange }),
    ...(cost === undefined ? {} : { cost: number('exchange-cost', cost, moneyBounds.cost) }),
  }
}

/** Refuses a run that has an instrument in a currency without a rate. */
export function checkRates(sets: readonly DataSet[], money: MoneyRules | undefined): void {
  try {
    Rates.of(
      sets.flatMap(({ instruments }) => instruments.map(({ instrument }) => instrument)),
      money,
    )
  } catch (error) {
    if (error instanceof RangeError) throw new UsageError(`${error.message}`)
    throw error
  }
}

/** The currency that the figures of a run are in where that has to be told, with a space before it. */
export function currencyWords(record: RunRecord): string {
  if (!record.currencies && record.settings.money?.currency === undefined) return ''
  return ` ${currencyOf(record)}`
}
