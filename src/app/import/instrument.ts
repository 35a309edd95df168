import { pairSpec } from '#data'
import { InstrumentType, type InstrumentSpec } from '#market'

/** A conclusion about an instrument and what it rests on. */
export interface SpecGuess {
  readonly spec: InstrumentSpec
  readonly reason: string
}

/** Codes of currencies and of assets that others are priced in, longest first so that USDT is not taken for USD. */
const quotes = [
  ...['USDT', 'USDC', 'BUSD', 'TUSD', 'FDUSD'],
  ...['USD', 'EUR', 'GBP', 'JPY', 'CHF', 'AUD', 'CAD', 'NZD', 'SEK', 'NOK', 'PLN', 'TRY', 'BRL', 'INR'],
  ...['BTC', 'ETH', 'BNB'],
]

/**
 * What an instrument probably is, by its name and by the calendar that its bars keep to. A share of US exchanges trades
 * in whole shares; a pair is priced in its second half; of everything else only the zone is taken. No tick is concluded:
 * past prices do not tell it, and none means that any price is allowed.
 */
export function guessSpec(symbol: string, calendar: string, zone: string | undefined): SpecGuess {
  const letters = symbol.toUpperCase().replace(/[^A-Z]/g, '')
  const named = { name: symbol, ...(zone === undefined ? {} : { timeZone: zone }) }
  const quote = quotes.find((code) => letters.endsWith(code) && letters.length > code.length + 1)
  const pair = pairSpec(symbol)
  if (pair.type) return { spec: { ...named, ...pair }, reason: `${symbol} names two currencies` }
  if (calendar === '24/7' && quote !== undefined)
    return {
      spec: { ...named, type: InstrumentType.PAIR, currency: quote },
      reason: `it trades around the clock, and its name ends in ${quote}`,
    }
  if (calendar === 'us-equities')
    return {
      spec: {
        ...named,
        type: InstrumentType.EQUITY,
        currency: 'USD',
        lotSize: 1,
        timeZone: 'America/New_York',
      },
      reason: 'its bars keep to the days of US exchanges',
    }
  return {
    spec: { ...named, type: InstrumentType.OTHER, currency: 'USD' },
    reason: 'nothing in the file says what it is',
  }
}
