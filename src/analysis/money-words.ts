import type { RunRecord } from '#engine'
import { Rates } from '#trading'

/** Money to the cent, with commas between thousands. */
function amount(value: number): string {
  const [whole, cents] = Math.abs(value).toFixed(2).split('.') as [string, string]
  return `${value < 0 && Number(whole) + Number(cents) > 0 ? '-' : ''}${whole.replace(/\B(?=(\d{3})+$)/g, ',')}.${cents}`
}

/** A rate, in as many digits as tell it. */
const rateWords = (rate: number) => (Number.isNaN(rate) ? 'no rate' : String(Number(rate.toPrecision(6))))

/** What the other currencies of a run were worth, where that came from, and how money was exchanged: a line each. */
export function moneyWords({ currencies, instruments, settings: { money } }: RunRecord): string[] {
  if (!currencies) return []
  const rates = Rates.of(instruments, money)!
  const lines = currencies.map(({ currency, rate, cash }, i) => {
    const pair = rates.pairAt(i + 1)
    const name = pair && instruments[pair.instrument]!.name
    const left = cash.at(-1) ?? 0
    const balance = left === 0 ? '' : `; balance ${amount(left)} ${currency}`
    return pair
      ? `${currency} at ${rateWords(rate.find((value) => value > 0) ?? NaN)} at first and ${rateWords(rate.at(-1) ?? NaN)} at the end by ${name}${pair.inverse ? ', turned round' : ''}${balance}`
      : `${currency} at ${rateWords(rate.at(-1) ?? NaN)} throughout: what it gains or loses is not counted${balance}`
  })
  const cost = money?.cost ? `, at ${Number((money.cost * 100).toPrecision(12))} % of what is exchanged` : ''
  const how = rates.exchanges
    ? `exchanged with each fill, at the last rate told before it${cost}`
    : 'never exchanged: balances and loans stay in their currencies and bear no interest, which flatters loans'
  return [...lines, how]
}
