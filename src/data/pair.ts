import { type InstrumentSpec, InstrumentType } from '#market'

const codes = 'USD|EUR|GBP|JPY|CHF|AUD|CAD|NZD|SEK|NOK|DKK|PLN|HUF|CZK|TRY|ZAR|MXN|SGD|HKD|CNH|XAU|XAG'
const pair = new RegExp(`^(${codes})(${codes})$`)

/** What the name of an instrument says of it where it names two currencies, such as EURUSD or eur/usd: it is priced in the second. */
export function pairSpec(name: string): Pick<InstrumentSpec, 'type' | 'currency'> {
  const quote = pair.exec(name.toUpperCase().replace(/=.*$|[^A-Z]/g, ''))?.[2]
  return quote === undefined ? {} : { type: InstrumentType.PAIR, currency: quote }
}
