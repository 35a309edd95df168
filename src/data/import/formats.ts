import type { Layout } from './layout.ts'
import { lettersOf, type Role } from './names.ts'

/** What can be seen of a table when its format is named. */
interface Signs {
  readonly names: readonly string[]
  readonly named: boolean
  readonly body: readonly (readonly string[])[]
  readonly roles: readonly Role[]
  readonly delimiter: string
  readonly kind: string
  readonly clockDigits: number
  readonly symbolRow: readonly string[] | undefined
  readonly container: Layout['container']
}

/** A format's name, with what its maker documents and its files do not say. */
interface Format {
  readonly name: string
  /** Zone that the maker tells times in. It is offered, never assumed. */
  readonly zone?: string
  /** What prices are divided by. */
  readonly scale: number
  readonly scaleReason: string
}

/** Headers as `lettersOf` leaves them, joined by commas; the first that fits names the format. */
const headers: readonly (readonly [RegExp, name: string, zone?: string])[] = [
  [/^date,open,high,low,close\*?,adjclose\*{0,2},volume$/, 'Yahoo Finance download'],
  [/^ticker,per,date,time,open,high,low,close,vol,openint$/, 'Stooq database', 'Europe/Warsaw'],
  [/^ticker,(per,)?date,time,(open,high,low,)?close,vol$/, 'Finam export', 'Europe/Moscow'],
  [/^data,otwarcie,najwyzszy,najnizszy,zamkniecie(,wolumen)?$/, 'Stooq download'],
  [/^date,time,open,high,low,close,tickvol,vol,spread$/, 'MetaTrader 5 export'],
  [/^date,open,high,low,close,tickvol,vol,spread$/, 'MetaTrader 5 export'],
  [/^opentime,open,high,low,close,volume,closetime/, 'Binance candles'],
  [/^unix,date,symbol,open,high,low,close,volume/, 'CryptoDataDownload'],
  [/^date,symbol,open,high,low,close,volume\p{L}+,volume\p{L}+$/u, 'CryptoDataDownload'],
  [/^unixtimestamp,date,symbol,open/, 'CryptoDataDownload'],
  [/^gmttime,open,high,low,close,volume$/, 'Dukascopy export'],
  [/^localtime,open,high,low,close,volume$/, 'Dukascopy export'],
  [
    /^(date|data|fecha|datum|tarih|дата),(price|ultimo|zuletzt|dernier|cena|simdi|цена|terakhir)/,
    'Investing.com download',
  ],
  [/^date,closelast,volume,open,high,low$/, 'Nasdaq download'],
  [/^timestamp,open,high,low,close,volume,volume,weightedprice$/, 'Kaggle Bitstamp minutes'],
  [
    /^timestamp,open,high,low,close,(adjustedclose,)?volume,dividendamount,splitcoefficient$/,
    'Alpha Vantage',
    'America/New_York',
  ],
  [/^ticker,volume,open,close,high,low,windowstart,transactions$/, 'Polygon flat file'],
  [/^time,open,high,low,close(,(?!vwap).*)?$/, 'TradingView export'],
  [/^date,open,high,low,close,volume,exdividend,splitratio,adjopen/, 'Quandl WIKI'],
  [/^datum;?,?erster,hoch,tief,schlusskurs/, 'ariva.de download'],
  [/^date,open,high,low,close,volume,dividend,split$/, 'zipline csvdir'],
  [/^price,close,high,low,open,volume$/, 'yfinance'],
  [/^date,open,high,low,close,volume,dividends,stocksplits/, 'yfinance history'],
]

const isTradingView = (names: readonly string[]) =>
  names.slice(0, 5).every((name) => name === name.toLowerCase()) &&
  names.slice(5).some((name) => name !== name.toLowerCase())

const isPrice = (role: Role) => role === 'open' || role === 'high' || role === 'low' || role === 'close'

/** Names what wrote a file, as far as its columns tell. */
export function formatOf(signs: Signs): Format {
  const { names, named, body, roles, delimiter, kind } = signs
  const plain = (name: string, zone?: string): Format => ({ name, zone, scale: 1, scaleReason: '' })
  if (signs.container === 'json') return plain('JSON bars')
  if (signs.container === 'parquet') return plain('Parquet table')
  const row = body[0]!
  if (named) {
    const letters = names.map(lettersOf)
    const header = letters.join(',')
    if (signs.symbolRow) return plain('yfinance')
    if (letters.includes('tsevent')) {
      const whole = row.every((cell, column) => !isPrice(roles[column]!) || /^-?\d{7,}$/.test(cell.trim()))
      return whole
        ? {
            name: 'Databento',
            scale: 1e9,
            scaleReason: 'Databento writes prices in billionths, and all prices here are whole',
          }
        : plain('Databento')
    }
    for (const [pattern, name, zone] of headers)
      // TradingView writes time and prices in lower case, and what comes after them, such as Volume, in capitals.
      if (pattern.test(header) && !(name.startsWith('TradingView') && !isTradingView(names)))
        return plain(name, zone)
    return plain(letters[0] === '' && roles[0] === 'time' ? 'pandas with its index' : 'Table with a header')
  }
  const cells = row.map((cell) => cell.trim())
  if (delimiter === ',' && /^\d{4}\.\d\d\.\d\d$/.test(cells[0]!) && /^\d\d:\d\d$/.test(cells[1] ?? ''))
    return plain('MetaTrader 4 export')
  if (delimiter === ';' && /^\d{8} \d{6}$/.test(cells[0]!)) return plain('HistData', '-05:00')
  if (kind === 'epoch' && cells.length === 12) return plain('Binance candles')
  if (delimiter === ',' && (/^\d{8} \d\d:\d\d$/.test(cells[0]!) || kind === 'midnight')) {
    const prices = body.flatMap((cells) =>
      roles.flatMap((role, column) =>
        role === 'open' || role === 'high' || role === 'low' || role === 'close' ? [cells[column] ?? ''] : [],
      ),
    )
    if (prices.every((price) => /^\d{4,}$/.test(price.trim())))
      return {
        name: 'QuantConnect Lean',
        zone: 'America/New_York',
        scale: 10_000,
        scaleReason: 'Lean writes prices of shares times ten thousand, and all prices here are whole',
      }
    return plain('QuantConnect Lean')
  }
  return plain('Table without a header')
}
