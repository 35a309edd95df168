import { plain } from './times.ts'

/** What a column holds. `date` and `clock` are a time in two columns, `period` the interval of its row. */
export type Role =
  | 'time'
  | 'date'
  | 'clock'
  | 'open'
  | 'high'
  | 'low'
  | 'close'
  | 'adjustedClose'
  | 'volume'
  | 'symbol'
  | 'period'
  | 'ignored'

/** Names of each role, best first: letters only, in lower case, without accents. */
const names: Readonly<Record<Exclude<Role, 'ignored'>, readonly string[]>> = {
  time: [
    ...[
      'opentime',
      'opentimeutc',
      'starttime',
      'timestart',
      'windowstart',
      'barstart',
      'timestamp',
      'ts',
      'unix',
    ],
    ...['unixtimestamp', 'unixtime', 'epoch', 'timestamputc', 'timeperiodstart', 'datetime', 'datetimeutc'],
    ...[
      'dateandtime',
      'gmttime',
      'utctime',
      'timeutc',
      'dateutc',
      'dategmt',
      'localtime',
      'utc',
      'gmt',
      'begin',
    ],
    ...['bartime', 'bardate', 'datum', 'mts', 't', 'tradedate', 'tradingdate', 'tradingday', 'pricedate'],
    ...['dateexchange', 'time', 'zeit', 'closetime', 'endtime', 'timeclose', 'timeopen'],
  ],
  date: [
    ...[
      'date',
      'dt',
      'dtyyyymmdd',
      'dateyyyymmdd',
      'yyyymmdd',
      'day',
      'data',
      'fecha',
      'datos',
      'tarih',
      'дата',
      '日期',
    ],
    ...[
      '日付',
      '日付け',
      '交易日期',
      'tradedate',
      '날짜',
      'paiva',
      'dato',
      'dag',
      'dzien',
      'quotedate',
      'kursdatum',
    ],
    ...[
      'handelstag',
      'seance',
      'jour',
      'giorno',
      'dia',
      'ngay',
      'tanggal',
      'timedate',
      'eventdate',
      'barday',
    ],
  ],
  clock: [
    'time',
    'clock',
    'uhrzeit',
    'zeit',
    'hora',
    'heure',
    'ora',
    'czas',
    'время',
    '时间',
    '時刻',
    'saat',
    'hour',
    'hhmm',
    'hhmmss',
    'timehhmmss',
    'timeofday',
    'tid',
    'tijd',
  ],
  open: [
    ...[
      'open',
      'openprice',
      'priceopen',
      'o',
      'op',
      'first',
      'opening',
      'openingprice',
      'opn',
      'bidopen',
      'openbid',
    ],
    ...['eroffnung', 'eroeffnung', 'eroffnungskurs', 'eroeffnungskurs', 'erster', 'anfang', 'anfangskurs'],
    ...['ouverture', 'ouv', 'apertura', 'aper', 'abertura', 'otwarcie', 'acilis', 'открытие', 'откр'],
    ...[
      'opening',
      'openingskoers',
      'opkoers',
      'oppning',
      'oppningskurs',
      'apning',
      'avaus',
      'abert',
      'ultimoapertura',
    ],
    ...[
      '开盘',
      '开盘价',
      '開盤',
      '開盤價',
      '始値',
      '시가',
      'mo',
      'otevreni',
      'pembukaan',
      'giamocua',
      'openask',
    ],
  ],
  high: [
    ...[
      'high',
      'highprice',
      'pricehigh',
      'h',
      'hi',
      'max',
      'maximum',
      'dayhigh',
      'highest',
      'bidhigh',
      'highbid',
    ],
    ...['hoch', 'hochst', 'hoechst', 'hochstkurs', 'hoechstkurs', 'tageshoch', 'haut', 'plushaut', 'plhaut'],
    ...['maximo', 'massimo', 'maxima', 'alto', 'najwyzszy', 'maks', 'yuksek', 'enyuksek', 'макс', 'максимум'],
    ...[
      'hoog',
      'hoogste',
      'hogst',
      'hogsta',
      'hogstakurs',
      'hoy',
      'ylin',
      'max',
      '最高',
      '最高价',
      '最高價',
      '高値',
    ],
    ...['고가', 'nejvyssi', 'tertinggi', 'giacaonhat', 'highask', 'tradehigh'],
  ],
  low: [
    ...['low', 'lowprice', 'pricelow', 'l', 'lo', 'min', 'minimum', 'daylow', 'lowest', 'bidlow', 'lowbid'],
    ...[
      'tief',
      'tiefst',
      'tiefstkurs',
      'tagestief',
      'bas',
      'plusbas',
      'plbas',
      'minimo',
      'minima',
      'baixo',
      'bajo',
    ],
    ...[
      'najnizszy',
      'dusuk',
      'endusuk',
      'мин',
      'минимум',
      'laag',
      'laagste',
      'lagst',
      'lagsta',
      'lagstakurs',
      'lav',
    ],
    ...[
      'alin',
      '最低',
      '最低价',
      '最低價',
      '安値',
      '저가',
      'nejnizsi',
      'terendah',
      'giathapnhat',
      'lowask',
      'basso',
    ],
  ],
  close: [
    ...[
      'close',
      'closeprice',
      'priceclose',
      'closing',
      'closingprice',
      'c',
      'cl',
      'closelast',
      'closeorlast',
    ],
    ...[
      'bidclose',
      'closebid',
      'schluss',
      'schlusskurs',
      'schlussstand',
      'letzter',
      'schliessen',
      'cloture',
      'clot',
    ],
    ...[
      'cierre',
      'chiusura',
      'ultimo',
      'ultima',
      'fechamento',
      'fecho',
      'zamkniecie',
      'kapanis',
      'закрытие',
      'закр',
    ],
    ...[
      'slot',
      'slotkoers',
      'stangning',
      'slutkurs',
      'senast',
      'lukk',
      'paatos',
      '收盘',
      '收盘价',
      '收盤',
      '收盤價',
      '終値',
    ],
    ...[
      '종가',
      'zavreni',
      'penutupan',
      'giadongcua',
      'dernier',
      'kurs',
      'zuletzt',
      'цена',
      'terakhir',
      'simdi',
      'closeask',
    ],
    ...[
      'last',
      'lastprice',
      'lasttrade',
      'settle',
      'settlement',
      'settlementprice',
      'price',
      'prezzo',
      'precio',
      'preco',
      'cena',
      'value',
      'nav',
      'index',
      'ltp',
      'mid',
      'rate',
    ],
  ],
  adjustedClose: [
    ...[
      'adjclose',
      'adjustedclose',
      'adjustedcloseprice',
      'closeadj',
      'closeadjusted',
      'adjclosing',
      'adjustedclosingprice',
      'adjcloseprice',
      'adjclosed',
      'clsadj',
      '后复权收盘价',
    ],
  ],
  volume: [
    ...[
      'volume',
      'vol',
      'v',
      'totalvolume',
      'volumetraded',
      'tradedvolume',
      'basevolume',
      'volumebase',
      'shares',
    ],
    ...[
      'stucke',
      'stuecke',
      'stuck',
      'stueck',
      'umsatzinstuck',
      'volumebtc',
      'volumen',
      'wolumen',
      'volumenes',
    ],
    ...[
      'quantity',
      'qty',
      'totaltradequantity',
      'totaltradedquantity',
      'nosharestraded',
      'sharestraded',
      'noofshares',
      'ttltrdqnty',
    ],
    ...[
      'hacim',
      'hac',
      'объем',
      'обьем',
      'volym',
      'volumi',
      'omzet',
      'oms',
      'amount',
      '成交量',
      '出来高',
      '거래량',
    ],
    ...[
      'tickvolume',
      'tickvol',
      'tickqty',
      'ticks',
      'umsatz',
      'volumeusd',
      'volumeusdt',
      'klgiaodich',
      'contracts',
      'lots',
      'size',
    ],
  ],
  symbol: [
    ...[
      'symbol',
      'ticker',
      'sym',
      'instrument',
      'pair',
      'product',
      'tic',
      'code',
      'stockcode',
      'tradingsymbol',
      'symbolid',
    ],
    ...[
      'assetcode',
      'asset',
      'coin',
      'isin',
      'secid',
      'security',
      'stock',
      'contract',
      'market',
      'act',
      'permno',
      'name',
    ],
    ...['company', '股票代码', '代码', 'wkn', 'cryptoid', 'currency', 'currencypair', 'base', 'series'],
  ],
  period: ['per', 'period', 'timeframe', 'interval', 'resolution', 'granularity'],
}

/** Letters of a header's name, for looking up: `<OPEN>`, `1. open`, `Volume_(BTC)` and `Eröffnung ` become plain words. */
export function lettersOf(name: string): string {
  return plain(name)
    .replace(/[([{].*?[)\]}]/g, '')
    .replace(/ß/g, 'ss')
    .replace(/^\s*\d+[a-z]?\s*[.:]\s*/, '')
    .replace(/[^\p{L}\p{N}%+]/gu, '')
}

const table = new Map<string, { role: Role; rank: number }[]>()
for (const [role, words] of Object.entries(names) as [Exclude<Role, 'ignored'>, readonly string[]][])
  words.forEach((word, rank) => {
    const entries = table.get(word) ?? []
    if (!entries.some((entry) => entry.role === role)) entries.push({ role, rank })
    table.set(word, entries)
  })

/** What a column of this name may hold, and how well the name fits: 0 is best. */
export function rolesOf(name: string): readonly { role: Role; rank: number }[] {
  const letters = lettersOf(name)
  const known = table.get(letters)
  if (known) return known
  // `Volume BTC`, `Open (USD)`, `Close*`, `Adj Close**`, `close_usd`
  const currency = /^(.*?)(usdt?|usdc|busd|btc|eth|eur|gbp|jpy|cny|xbt|pln|inr|rub|chf|₽)$/.exec(letters)
  const stem = currency && table.get(currency[1]!)
  if (stem)
    return stem.map(({ role, rank }) => ({
      role,
      rank: rank + 10 + (/^(usd|eur)/.test(currency[2]!) ? 1 : 0),
    }))
  const adjusted = /^adj(?:usted)?(open|high|low|close|volume)/.exec(letters)
  if (adjusted) return adjusted[1] === 'close' ? [{ role: 'adjustedClose', rank: 20 }] : []
  return []
}
