import type { MoneyRules } from '#engine'
import { type InstrumentSpec, usualCurrency } from '#market'
import { accountCurrency, missingRates } from '#trading'
import type { Message } from './message.ts'

/** What is said instead of a run whose currencies lack rates; undefined where none does. */
export function withoutRates(
  instruments: readonly InstrumentSpec[],
  money: MoneyRules | undefined,
  kept: string,
): Message | undefined {
  const missing = missingRates(instruments, money)
  if (missing.length === 0) return undefined
  const account = accountCurrency(instruments, money)
  const found = missing.map((code) => {
    const names = instruments.filter(({ currency = usualCurrency }) => currency === code)
    return `${code} (${names[0]!.name}${names.length > 1 ? ` and ${names.length - 1} more` : ''})`
  })
  const one = missing.length === 1
  return {
    tone: 'warn',
    text: `Nothing ran: the account is in ${account}, and there ${one ? 'is no rate' : 'are no rates'} for ${listed(found)}.${kept}`,
    action: { label: one ? 'Set the rate' : 'Set the rates', tab: 'terms', focus: 'rates' },
  }
}

/** One after the other, as a sentence has them. */
export const listed = (items: readonly string[]): string =>
  items.length < 2 ? items.join('') : `${items.slice(0, -1).join(', ')} and ${items.at(-1)!}`
