import { expect, test } from 'vitest'
import { type ImportOptions, loadImporter } from '#data'

const { importBars, intervalName } = await loadImporter()

/** One file of a vendor, and its oldest bar as `[symbol, time, open, high, low, close, volume]`. */
interface Vendor {
  readonly text: string
  readonly first: readonly [string, string, number, number, number, number, number | null]
  readonly rows?: number
  readonly instruments?: number
  readonly skipped?: number
  readonly zone?: string | null
  readonly interval?: string | null
  readonly asks?: readonly string[]
  readonly name?: string
  readonly options?: ImportOptions
}

const lines = (...rows: string[]) => rows.join('\n') + '\n'
const vendors: Record<string, Vendor> = {
  'Yahoo with null rows': {
    text: lines(
      'Date,Open,High,Low,Close,Adj Close,Volume',
      '2020-01-02,74.059998,75.150002,73.797501,75.087502,73.059425,135480400',
      '2020-01-03,null,null,null,null,null,null',
      '2020-01-06,73.447502,74.989998,73.187500,74.949997,72.925621,118387200',
    ),
    first: ['AAPL', '2020-01-02', 74.059998, 75.150002, 73.797501, 75.087502, 135480400],
    skipped: 1,
    interval: null,
    name: 'AAPL.csv',
  },
  'Yahoo of the nineties, newest first with words': {
    text: lines(
      'Date,Open,High,Low,Close,Volume,Adj Close',
      '7-May-03,17.33,17.80,17.22,17.65,13208600,17.65',
      '6-May-03,16.12,17.90,16.10,17.50,27265400,17.50',
    ),
    first: ['AAPL', '2003-05-06', 16.12, 17.9, 16.1, 17.5, 27265400],
    name: 'AAPL.csv',
  },
  'Yahoo copied from the page': {
    text: lines(
      'Date\tOpen\tHigh\tLow\tClose*\tAdj Close**\tVolume',
      'Feb 12, 2024\t188.42\t188.67\t186.79\t187.15\t187.15\t41,781,900',
      'Feb 09, 2024\t0.24 Dividend',
      'Feb 09, 2024\t188.65\t189.99\t188.00\t188.85\t188.85\t45,155,200',
    ),
    first: ['CSV', '2024-02-09', 188.65, 189.99, 188, 188.85, 45155200],
    skipped: 1,
    name: undefined,
  },
  'Yahoo copied from the page with its explanations': {
    text: lines(
      'Date\tOpen\tHigh\tLow\tClose Close price adjusted for splits.\tAdj Close Adjusted close price adjusted for splits and dividend and/or capital gain distributions.\tVolume',
      'Feb 12, 2024\t188.42\t188.67\t186.79\t187.15\t186.15\t41,781,900',
      'Feb 9, 2024\t188.65\t189.99\t188.00\t188.85\t187.85\t45,155,200',
    ),
    first: ['FILE', '2024-02-09', 188.65, 189.99, 188, 188.85, 45155200],
  },
  'yfinance history with a zone': {
    text: lines(
      'Date,Open,High,Low,Close,Volume,Dividends,Stock Splits',
      '2023-03-10 00:00:00-05:00,150.2,150.9,147.6,148.5,68572400,0.0,0.0',
      '2023-03-13 00:00:00-04:00,147.8,153.1,147.7,150.4,84457100,0.0,0.0',
    ),
    first: ['AAPL', '2023-03-10T05:00', 150.2, 150.9, 147.6, 148.5, 68572400],
    zone: 'America/New_York',
    name: 'AAPL.csv',
  },
  'yfinance, several tickers side by side': {
    text: lines(
      'Price,Close,Close,High,High,Low,Low,Open,Open,Volume,Volume',
      'Ticker,AAPL,MSFT,AAPL,MSFT,AAPL,MSFT,AAPL,MSFT,AAPL,MSFT',
      'Date,,,,,,,,,,',
      '2024-01-02,185.64,370.87,188.44,375.9,183.89,366.77,187.15,373.86,82488700,25258600',
      '2024-01-03,184.25,370.6,185.88,373.26,183.43,368.51,184.22,369.01,58414500,23083500',
    ),
    first: ['AAPL', '2024-01-02', 187.15, 188.44, 183.89, 185.64, 82488700],
    instruments: 2,
  },
  'yfinance grouped by ticker': {
    text: lines(
      'Ticker,MSFT,MSFT,MSFT,MSFT,MSFT,AAPL,AAPL,AAPL,AAPL,AAPL',
      'Price,Open,High,Low,Close,Volume,Open,High,Low,Close,Volume',
      'Date,,,,,,,,,,',
      '2024-01-02,373.86,375.9,366.77,370.87,25258600,187.15,188.44,183.89,185.64,82488700',
      '2024-01-03,369.01,373.26,368.51,370.6,23083500,184.22,185.88,183.43,184.25,58414500',
    ),
    first: ['MSFT', '2024-01-02', 373.86, 375.9, 366.77, 370.87, 25258600],
    instruments: 2,
  },
  'pandas with two levels flattened': {
    text: lines(
      `Date,"('Open', 'SPY')","('High', 'SPY')","('Low', 'SPY')","('Close', 'SPY')","('Volume', 'SPY')"`,
      '2024-01-02,472.16,473.67,470.49,472.65,123623700',
      '2024-01-03,470.43,471.19,468.17,468.79,103585900',
    ),
    first: ['SPY', '2024-01-02', 472.16, 473.67, 470.49, 472.65, 123623700],
  },
  'quantmod, the ticker before each name': {
    text: lines(
      '"Index","AAPL.Open","AAPL.High","AAPL.Low","AAPL.Close","AAPL.Volume","AAPL.Adjusted"',
      '2007-01-03,12.327143,12.368571,11.7,11.971429,1238319600,10.090145',
      '2007-01-04,12.007143,12.278571,11.974286,12.237143,847260400,10.314103',
    ),
    first: ['AAPL', '2007-01-03', 12.327143, 12.368571, 11.7, 11.971429, 1238319600],
  },
  'closes side by side': {
    text: lines(
      'Date,AAPL,MSFT,GOOG',
      '2024-01-02,185.64,370.87,139.56',
      '2024-01-03,184.25,370.6,140.36',
      '2024-01-04,181.91,367.94,',
    ),
    first: ['AAPL', '2024-01-02', 185.64, 185.64, 185.64, 185.64, null],
    instruments: 3,
  },
  'pandas with a row number and a date': {
    text: lines(
      ',Date,Open,High,Low,Close,Volume',
      '0,2024-01-02,187.15,188.44,183.89,185.64,82488700',
      '1,2024-01-03,184.22,185.88,183.43,184.25,58414500',
    ),
    first: ['FILE', '2024-01-02', 187.15, 188.44, 183.89, 185.64, 82488700],
  },
  'Stooq in English': {
    text: lines(
      'Date,Open,High,Low,Close,Volume',
      '1984-09-07,0.100031,0.10126,0.0988043,0.100031,98752894',
      '1984-09-10,0.100031,0.100339,0.0973147,0.0994236,76848268',
    ),
    first: ['AAPL_US_D', '1984-09-07', 0.100031, 0.10126, 0.0988043, 0.100031, 98752894],
    name: 'aapl_us_d.csv',
  },
  'Stooq database, hourly': {
    text: lines(
      '<TICKER>,<PER>,<DATE>,<TIME>,<OPEN>,<HIGH>,<LOW>,<CLOSE>,<VOL>,<OPENINT>',
      'AAPL.US,60,20230102,160000,130.28,130.9,124.17,125.07,112117500,0',
      'AAPL.US,60,20230102,170000,126.89,128.66,125.08,126.36,89113600,0',
    ),
    first: ['AAPL.US', '2023-01-02T16:00', 130.28, 130.9, 124.17, 125.07, 112117500],
    asks: ['zone'],
    interval: '1h',
  },
  'MetaTrader 5, daily without a time': {
    text: lines(
      '<DATE>\t<OPEN>\t<HIGH>\t<LOW>\t<CLOSE>\t<TICKVOL>\t<VOL>\t<SPREAD>',
      '2020.01.02\t1.12124\t1.12247\t1.11641\t1.11710\t52487\t0\t1',
      '2020.01.03\t1.11711\t1.11797\t1.11247\t1.11588\t63201\t0\t1',
    ),
    first: ['EURUSD', '2020-01-02', 1.12124, 1.12247, 1.11641, 1.1171, 52487],
    name: 'EURUSD.csv',
  },
  'Binance with a header': {
    text: lines(
      'open_time,open,high,low,close,volume,close_time,quote_volume,count,taker_buy_volume,taker_buy_quote_volume,ignore',
      '1672531200000,16541.77,16545.70,16508.39,16529.67,4364.83570,1672534799999,72146293.57,149854,2179.94772,36032585.35,0',
      '1672534800000,16529.59,16556.80,16525.78,16551.47,3590.06669,1672538399999,59386297.53,126430,1834.95,30352843.5,0',
    ),
    first: ['BTCUSDT-1H', '2023-01-01', 16541.77, 16545.7, 16508.39, 16529.67, 4364.8357],
    zone: 'UTC',
    interval: '1h',
    name: 'BTCUSDT-1h.csv',
  },
  'Binance without a header': {
    text: lines(
      '1609459200000,28923.63,28961.66,28913.12,28961.66,27.457032,1609459259999,794382.04,1292,16.777195,485390.82,0',
      '1609459260000,28961.67,29017.50,28961.01,29009.91,58.477501,1609459319999,1695802.9,1651,33.733818,978176.47,0',
    ),
    first: ['FILE', '2021-01-01', 28923.63, 28961.66, 28913.12, 28961.66, 27.457032],
  },
  'Kraken without a header': {
    text: lines(
      '1381095240,122.0,122.0,122.0,122.0,0.1,1',
      '1381179000,123.61,123.61,123.61,123.61,0.1,1',
      '1381201080,123.91,123.91,123.9,123.9,1.9916,2',
    ),
    first: ['XBTUSD_1', '2013-10-06T21:34', 122, 122, 122, 122, 0.1],
    name: 'XBTUSD_1.csv',
  },
  'Coinbase: low and high come first': {
    text: lines(
      'time,low,high,open,close,volume',
      '1609462800,28950.18,29470,28990.08,29409.99,1989.05',
      '1609459200,28706,29031.34,28990.08,28990.08,1200.2',
    ),
    first: ['FILE', '2021-01-01', 28990.08, 29031.34, 28706, 28990.08, 1200.2],
  },
  'Coinbase without a header': {
    text: lines(
      ...Array.from(
        { length: 30 },
        (_, i) =>
          `${1609459200 + 3600 * i},${100 + 2 * i - 3},${100 + 2 * i + 4},${100 + 2 * i},${100 + 2 * i + 2},${5 + i}`,
      ),
    ),
    first: ['FILE', '2021-01-01', 100, 104, 97, 102, 5],
  },
  'CryptoDataDownload with the address above': {
    text: lines(
      'https://www.CryptoDataDownload.com',
      'unix,date,symbol,open,high,low,close,Volume BTC,Volume USD',
      '1646092800,2022-03-01 00:00:00,BTC/USD,43221.71,43626.49,43185.48,43312.27,52.05632,2254635.29',
      '1646089200,2022-02-28 23:00:00,BTC/USD,43085.3,43364.81,42892.37,43178.98,106.81910,4612337.51',
    ),
    first: ['BTC/USD', '2022-02-28T23:00', 43085.3, 43364.81, 42892.37, 43178.98, 106.8191],
    zone: 'UTC',
  },
  'CryptoDataDownload of old, with AM and PM': {
    text: lines(
      'https://www.CryptoDataDownload.com',
      'Date,Symbol,Open,High,Low,Close,Volume BTC,Volume USD',
      '2019-10-17 09-AM,BTCUSD,8051,8056.83,8021.23,8035.88,71.71,576657.31',
      '2019-10-17 08-AM,BTCUSD,7975.89,8070.48,7975.89,8051,105.3,847000',
    ),
    first: ['BTCUSD', '2019-10-17T08:00', 7975.89, 8070.48, 7975.89, 8051, 105.3],
    asks: ['zone'],
  },
  'Kaggle, five years of many stocks': {
    text: lines(
      'date,open,high,low,close,volume,Name',
      '2013-02-08,15.07,15.12,14.63,14.75,8407500,AAL',
      '2013-02-11,14.89,15.01,14.26,14.46,8882000,AAL',
      '2013-02-08,67.7142,68.4014,66.8928,67.8542,158168416,AAPL',
      '2013-02-11,68.0714,69.2771,67.6071,68.5614,129029425,AAPL',
    ),
    first: ['AAL', '2013-02-08', 15.07, 15.12, 14.63, 14.75, 8407500],
    instruments: 2,
  },
  'Alpha Vantage intraday, newest first': {
    text: lines(
      'timestamp,open,high,low,close,volume',
      '2023-06-09 19:55:00,181.1,181.15,181.05,181.1,2103',
      '2023-06-09 19:50:00,181.07,181.1,181.02,181.1,1540',
    ),
    first: ['FILE', '2023-06-09T19:50', 181.07, 181.1, 181.02, 181.1, 1540],
    asks: ['zone'],
    interval: '5m',
  },
  'Alpha Vantage adjusted': {
    text: lines(
      'timestamp,open,high,low,close,adjusted_close,volume,dividend_amount,split_coefficient',
      '2023-06-09,181.5,182.23,180.63,180.96,180.96,48899973,0.0000,1.0',
      '2023-06-08,177.9,180.84,177.46,180.57,180.57,50214881,0.0000,1.0',
    ),
    first: ['FILE', '2023-06-08', 177.9, 180.84, 177.46, 180.57, 50214881],
  },
  HistData: {
    text: lines(
      '20120201 000000;1.306600;1.306600;1.306560;1.306560;0',
      '20120201 000100;1.306570;1.306570;1.306470;1.306560;0',
    ),
    first: ['DAT_ASCII_EURUSD_M1_2012', '2012-02-01', 1.3066, 1.3066, 1.30656, 1.30656, 0],
    asks: ['zone'],
    interval: '1m',
    name: 'DAT_ASCII_EURUSD_M1_2012.csv',
  },
  'HistData for MetaTrader': {
    text: lines(
      '2012.02.01,00:00,1.306600,1.306600,1.306560,1.306560,0',
      '2012.02.01,00:01,1.306570,1.306570,1.306470,1.306560,0',
    ),
    first: ['FILE', '2012-02-01', 1.3066, 1.3066, 1.30656, 1.30656, 0],
    asks: ['zone'],
  },
  'Dukascopy in local time with its offset': {
    text: lines(
      'Local time,Open,High,Low,Close,Volume',
      '02.01.2020 00:00:00.000 GMT+0100,1.12124,1.12130,1.12120,1.12125,100.5',
      '02.01.2020 01:00:00.000 GMT+0100,1.12125,1.12150,1.12111,1.12140,200',
    ),
    first: ['FILE', '2020-01-01T23:00', 1.12124, 1.1213, 1.1212, 1.12125, 100.5],
  },
  'Nasdaq with dollars': {
    text: lines(
      'Date,Close/Last,Volume,Open,High,Low',
      '02/12/2024,$187.15,41781930,$188.415,$188.67,$186.79',
      '01/31/2024,$184.40,55467800,$187.04,$187.095,$184.35',
    ),
    first: ['FILE', '2024-01-31', 187.04, 187.095, 184.35, 184.4, 55467800],
  },
  'Investing.com in German': {
    text: lines(
      '"Datum","Zuletzt","Eröffn.","Hoch","Tief","Vol.","+/- %"',
      '"09.04.2020","10.564,74","10.459,14","10.605,02","10.411,45","138,45M","2,24%"',
      '"08.04.2020","10.332,89","10.234,05","10.377,39","10.189,63","108,04M","-0,23%"',
    ),
    first: ['FILE', '2020-04-08', 10234.05, 10377.39, 10189.63, 10332.89, 108040000],
  },
  'Investing.com in Spanish': {
    text: lines(
      '"Fecha","Último","Apertura","Máximo","Mínimo","Vol.","% var."',
      '"13.02.2024","9.916,60","9.893,20","9.957,50","9.850,10","130,38M","0,20%"',
      '"12.02.2024","9.896,60","9.921,90","9.949,10","9.886,10","120,66M","-0,01%"',
    ),
    first: ['FILE', '2024-02-12', 9921.9, 9949.1, 9886.1, 9896.6, 120660000],
  },
  'Investing.com in Portuguese, an index without decimals': {
    text: lines(
      '"Data","Último","Abertura","Máxima","Mínima","Vol.","Var%"',
      '"15.01.2024","131.521","130.988","131.684","130.860","6,52M","0,41%"',
      '"12.01.2024","130.988","130.649","131.620","130.572","9,61M","0,26%"',
    ),
    first: ['FILE', '2024-01-12', 130649, 131620, 130572, 130988, 9610000],
  },
  'OKX with the name of the instrument': {
    text: lines(
      'instrument_name,open,high,low,close,vol,vol_ccy,vol_quote,open_time,confirm',
      'BTC-USDT,42283.58,42554.57,42261.02,42475.23,1271.68,1271.68,53957228.1,1704067200000,1',
      'BTC-USDT,42475.23,42775,42431.65,42613.56,1196.37,1196.37,50984521.2,1704070800000,1',
    ),
    first: ['BTC-USDT', '2024-01-01', 42283.58, 42554.57, 42261.02, 42475.23, 1271.68],
  },
  'QuantConnect Lean, crypto with decimals': {
    text: lines(
      '20180104 00:00,14680.01,15443.99,14150.0,14919.51,17044.18',
      '20180105 00:00,14919.51,17234.99,14810.0,17059.56,23726.35',
    ),
    first: ['BTCUSD', '2018-01-04', 14680.01, 15443.99, 14150, 14919.51, 17044.18],
    name: 'btcusd.csv',
  },
  'QuantConnect Lean, minutes of the day in the name of the file': {
    text: lines(
      '34200000,1724800,1725000,1724200,1724500,1000',
      '34260000,1724500,1726000,1724400,1725500,900',
    ),
    first: ['20131007_TRADE', '2013-10-07T09:30', 172.48, 172.5, 172.42, 172.45, 1000],
    asks: ['zone'],
    interval: '1m',
    name: '20131007_trade.csv',
  },
  'dates of six digits': {
    text: lines(
      '<DATE>,<TIME>,<OPEN>,<HIGH>,<LOW>,<CLOSE>',
      '240102,100000,1,2,1,2',
      '240102,100500,1,2,1,2',
      '240103,100000,1,2,1,2',
    ),
    first: ['FILE', '2024-01-02T10:00', 1, 2, 1, 2, null],
    asks: ['zone'],
    interval: '5m',
  },
  'Quandl WIKI': {
    text: lines(
      'Date,Open,High,Low,Close,Volume,Ex-Dividend,Split Ratio,Adj. Open,Adj. High,Adj. Low,Adj. Close,Adj. Volume',
      '2018-03-27,173.68,175.15,166.92,168.34,38962839.0,0.0,1.0,173.68,175.15,166.92,168.34,38962839.0',
      '2018-03-26,168.07,173.1,166.44,172.77,36272617.0,0.0,1.0,168.07,173.1,166.44,172.77,36272617.0',
    ),
    first: ['FILE', '2018-03-26', 168.07, 173.1, 166.44, 172.77, 36272617],
  },
  'TradingView with an offset': {
    text: lines(
      'time,open,high,low,close,EMA,Volume',
      '2024-01-02T09:30:00-05:00,187.15,187.44,186.5,186.9,187,1000',
      '2024-01-02T09:35:00-05:00,186.9,187.1,186.1,186.2,187,900',
    ),
    first: ['FILE', '2024-01-02T14:30', 187.15, 187.44, 186.5, 186.9, 1000],
    zone: 'America/New_York',
  },
  'a European spreadsheet with spaces between thousands': {
    text: lines(
      'Date;Ouverture;Haut;Bas;Clôture;Volume',
      '02/01/2024;7\u202f543,18;7\u202f619,56;7\u202f501,03;7\u202f530,86;61\u202f238\u202f900',
      '31/01/2024;7\u202f667,99;7\u202f698,97;7\u202f638,70;7\u202f656,75;73\u202f100\u202f000',
    ),
    first: ['FILE', '2024-01-02', 7543.18, 7619.56, 7501.03, 7530.86, 61238900],
  },
  'a spreadsheet with day numbers': {
    text: lines('Date,Open,High,Low,Close', '43832,74.06,75.15,73.8,75.09', '43833,74.29,75.14,74.13,74.36'),
    first: ['FILE', '2020-01-02', 74.06, 75.15, 73.8, 75.09, null],
  },
  'GOOGLEFINANCE with a closing time': {
    text: lines(
      'Date,Open,High,Low,Close,Volume',
      '1/2/2024 16:00:00,187.15,188.44,183.89,185.64,82488674',
      '1/3/2024 16:00:00,184.22,185.88,183.43,184.25,58414460',
      '1/16/2024 16:00:00,182.16,184.26,180.93,183.63,65603041',
    ),
    first: ['FILE', '2024-01-02T16:00', 187.15, 188.44, 183.89, 185.64, 82488674],
  },
  'Chinese, open and close before high and low': {
    text: lines(
      '日期,股票代码,开盘,收盘,最高,最低,成交量,成交额',
      '2024-01-02,600519,1715.00,1685.01,1718.19,1678.10,32156,5440082512',
      '2024-01-03,600519,1681.11,1694.00,1695.22,1676.33,20229,3411400684',
    ),
    first: ['600519', '2024-01-02', 1715, 1718.19, 1678.1, 1685.01, 32156],
  },
  'Russian names': {
    text: lines(
      'Дата;Открытие;Макс;Мин;Закрытие;Объем',
      '03.01.2024;3108,86;3125,44;3097,00;3112,51;1000',
      '15.01.2024;3190,00;3199,00;3180,00;3195,00;1200',
    ),
    first: ['FILE', '2024-01-03', 3108.86, 3125.44, 3097, 3112.51, 1000],
  },
  'months by name': {
    text: lines('Month,Price', 'Jan 2020,1560.67', 'Feb 2020,1597.10', 'Mar 2020,1591.93'),
    first: ['FILE', '2020-01-01', 1560.67, 1560.67, 1560.67, 1560.67, null],
    interval: '1mo',
  },
  'NSE with words': {
    text: lines(
      '"Date ","series ","OPEN ","HIGH ","LOW ","PREV. CLOSE ","ltp ","close ","vwap ","52W H","52W L ","VOLUME ","VALUE "',
      '"02-Jan-2024","EQ","2,580.55","2,606.85","2,573.15","2,590.25","2,610.00","2,611.70","2,595.15","2,630.95","2,220.30","4,046,052","10,500,121,000.00"',
      '"01-Jan-2024","EQ","2,580.00","2,606.00","2,573.00","2,585.05","2,590.00","2,590.25","2,590.15","2,630.95","2,220.30","2,046,052","5,300,121,000.00"',
    ),
    first: ['EQ', '2024-01-01', 2580, 2606, 2573, 2590.25, 2046052],
  },
  'a comment and a footer around the table': {
    text: lines(
      '# source: my broker',
      '',
      'Date,Open,High,Low,Close,Volume',
      '2024-01-02,187.15,188.44,183.89,185.64,82488700',
      '2024-01-03,184.22,185.88,183.43,184.25,58414500',
      '',
      'End of data',
    ),
    first: ['FILE', '2024-01-02', 187.15, 188.44, 183.89, 185.64, 82488700],
    skipped: 1,
  },
  'an old Macintosh file': {
    text: 'Date,Open,High,Low,Close\r2024-01-02,1,2,1,2\r2024-01-03,2,3,2,3\r',
    first: ['FILE', '2024-01-02', 1, 2, 1, 2, null],
    rows: 2,
  },
  'fields in bars with dashes for the day first': {
    text: lines('date|open|high|low|close|volume', '13-01-2024|1|2|1|2|5', '14-01-2024|2|3|2|3|6'),
    first: ['FILE', '2024-01-13', 1, 2, 1, 2, 5],
  },
  'Barchart with a footer': {
    text: lines(
      'Time,Open,High,Low,Latest,Change,%Chg,Volume',
      '02/12/2024,188.42,188.67,186.79,187.15,-1.7,-0.90%,41781900',
      '01/31/2024,187.04,187.1,184.35,184.4,-3.64,-1.94%,55467800',
      '"Downloaded from Barchart.com as of 02-13-2024 05:12am CST"',
    ),
    first: ['FILE', '2024-01-31', 187.04, 187.1, 184.35, 184.4, 55467800],
    skipped: 1,
  },
  'Wall Street Journal with spaces and years of two digits': {
    text: lines(
      'Date, Open, High, Low, Close',
      '02/12/24, 5026.83, 5048.39, 5016.83, 5021.84',
      '01/31/24, 4899.19, 4906.75, 4845.15, 4845.65',
    ),
    first: ['FILE', '2024-01-31', 4899.19, 4906.75, 4845.15, 4845.65, null],
  },
  'Cboe with lines above': {
    text: lines(
      'VIX Historical Data,,,,',
      'DATE,OPEN,HIGH,LOW,CLOSE',
      '01/02/2004,17.96,18.68,17.54,18.22',
      '01/13/2004,18.45,18.49,17.44,17.49',
    ),
    first: ['FILE', '2004-01-02', 17.96, 18.68, 17.54, 18.22, null],
  },
  'FRED with a point for no value': {
    text: lines('DATE,SP500', '2024-01-01,.', '2024-01-02,4742.83', '2024-01-03,4704.81'),
    first: ['SP500', '2024-01-02', 4742.83, 4742.83, 4742.83, 4742.83, null],
    skipped: 1,
  },
  'Euronext with four lines above': {
    text: lines(
      '"Historical Data"',
      '"From 2024-01-02 to 2024-01-31"',
      'FR0000120271',
      'Date;Open;High;Low;Last;Close;"Number of Shares";"Number of Trades";Turnover;vwap',
      '31/01/2024;60.57;61.05;60.04;60.29;60.29;4343542;25441;262619392.8;60.4620',
      '02/01/2024;61.91;62.53;61.83;62.32;62.32;3021337;17826;188104424.2;62.2587',
    ),
    first: ['FILE', '2024-01-02', 61.91, 62.53, 61.83, 62.32, 3021337],
  },
  onvista: {
    text: lines(
      'Datum;Eröffnung;Hoch;Tief;Schluss;Volumen',
      '02.01.2024;153,40;155,20;152,90;154,10;12.345',
      '31.01.2024;1.153,40;1.155,20;1.152,90;1.154,10;8.901',
    ),
    first: ['FILE', '2024-01-02', 153.4, 155.2, 152.9, 154.1, 12345],
  },
  Tiingo: {
    text: lines(
      'date,close,high,low,open,volume,adjClose,adjHigh,adjLow,adjOpen,adjVolume,divCash,splitFactor',
      '2019-01-02,157.92,158.85,154.23,154.89,37039737,38.1,38.3,37.2,37.4,148158948,0.0,1.0',
      '2019-01-03,142.19,145.72,142.0,143.98,91312195,34.3,35.1,34.2,34.7,365248780,0.0,1.0',
    ),
    first: ['FILE', '2019-01-02', 154.89, 158.85, 154.23, 157.92, 37039737],
  },
  Alpaca: {
    text: lines(
      'symbol,timestamp,open,high,low,close,volume,trade_count,vwap',
      'AAPL,2024-01-02 05:00:00+00:00,187.15,188.44,183.885,185.64,82488700.0,1009074.0,185.93',
      'AAPL,2024-01-03 05:00:00+00:00,184.22,185.88,183.43,184.25,58414500.0,656956.0,184.32',
    ),
    first: ['AAPL', '2024-01-02T05:00', 187.15, 188.44, 183.885, 185.64, 82488700],
    zone: 'UTC',
  },
  'Databento, prices in units of a billionth': {
    text: lines(
      'ts_event,rtype,publisher_id,instrument_id,open,high,low,close,volume',
      '1609160400000000000,34,1,5482,3720250000000,3721500000000,3720250000000,3721000000000,353',
      '1609160460000000000,34,1,5482,3721250000000,3721500000000,3720750000000,3721000000000,152',
    ),
    first: ['FILE', '2020-12-28T13:00', 3720.25, 3721.5, 3720.25, 3721, 353],
  },
  'FirstRate without a header': {
    text: lines(
      '2005-01-03 08:00:00,4.6264,4.6264,4.6007,4.6179,1006341',
      '2005-01-03 08:01:00,4.6179,4.6200,4.6107,4.6150,200100',
    ),
    first: ['FILE', '2005-01-03T08:00', 4.6264, 4.6264, 4.6007, 4.6179, 1006341],
    asks: ['zone'],
  },
  'Kibot without a header': {
    text: lines('01/28/2009,09:30,82.33,82.5,82.1,82.4,10000', '01/28/2009,09:31,82.4,82.6,82.3,82.5,9000'),
    first: ['FILE', '2009-01-28T09:30', 82.33, 82.5, 82.1, 82.4, 10000],
    asks: ['zone'],
  },
  TradeStation: {
    text: lines(
      '"Date","Time","Open","High","Low","Close","Up","Down"',
      '01/31/2020,09:31,322.1,322.5,322.0,322.4,1000,900',
      '01/31/2020,09:32,322.4,322.6,322.3,322.5,800,700',
    ),
    first: ['FILE', '2020-01-31T09:31', 322.1, 322.5, 322, 322.4, null],
    asks: ['zone'],
  },
  'Sierra Chart': {
    text: lines(
      'Date, Time, Open, High, Low, Last, Volume, NumberOfTrades, BidVolume, AskVolume',
      '2020/1/2, 09:30:00.0, 3247.25, 3248.5, 3246.75, 3248, 5000, 1200, 2500, 2500',
      '2020/1/2, 09:31:00.0, 3248, 3249.5, 3247.75, 3249, 4000, 1100, 2000, 2000',
    ),
    first: ['FILE', '2020-01-02T09:30', 3247.25, 3248.5, 3246.75, 3248, 5000],
    asks: ['zone'],
  },
  'AmiBroker and MetaStock': {
    text: lines(
      '<TICKER>,<DTYYYYMMDD>,<OPEN>,<HIGH>,<LOW>,<CLOSE>,<VOL>',
      'KGHM,20240102,123.5,124.2,122.1,123.9,500000',
      'KGHM,20240103,123.9,125.0,123.0,124.4,450000',
      'PKOBP,20240102,50.5,51.2,50.1,50.9,1500000',
    ),
    first: ['KGHM', '2024-01-02', 123.5, 124.2, 122.1, 123.9, 500000],
    instruments: 2,
  },
  'days of digits without a header, with open interest': {
    text: lines(
      '20240102,4742.5,4788.25,4730.75,4745.25,1500000,2200000',
      '20240103,4745.25,4750.5,4699.0,4704.75,1600000,2210000',
    ),
    first: ['FILE', '2024-01-02', 4742.5, 4788.25, 4730.75, 4745.25, 1500000],
  },
  'Bitfinex: open and close before high and low': {
    text: lines(
      'MTS,OPEN,CLOSE,HIGH,LOW,VOLUME',
      '1704153600000,44210,44950,45250,44205,3000.5',
      '1704240000000,44950,42850,45500,40800,9000.25',
    ),
    first: ['FILE', '2024-01-02', 44210, 45250, 44205, 44950, 3000.5],
  },
  'columns named ticker_price': {
    text: lines(
      'Date,AAPL_Open,AAPL_High,AAPL_Low,AAPL_Close,AAPL_Volume,BRK.B_Open,BRK.B_High,BRK.B_Low,BRK.B_Close,BRK.B_Volume',
      '2024-01-02,187.15,188.44,183.89,185.64,82488700,355.5,361.9,355.1,361.8,4000000',
      '2024-01-03,184.22,185.88,183.43,184.25,58414500,361.5,364.7,360.9,363.7,3500000',
    ),
    first: ['AAPL', '2024-01-02', 187.15, 188.44, 183.89, 185.64, 82488700],
    instruments: 2,
  },
  'IB with a time zone in words': {
    text: lines(
      'date,open,high,low,close,volume,average,barCount',
      '20240102 09:30:00 US/Eastern,187.15,187.44,186.5,186.9,1000,187,100',
      '20240102 09:35:00 US/Eastern,186.9,187.1,186.1,186.2,900,186.6,90',
    ),
    first: ['FILE', '2024-01-02T14:30', 187.15, 187.44, 186.5, 186.9, 1000],
    zone: 'US/Eastern',
  },
  'hours with an offset of pandas over a change of clocks': {
    text: lines(
      'Datetime,Open,High,Low,Close,Volume',
      '2024-03-08 15:30:00-05:00,1,2,1,2,5',
      '2024-03-11 09:30:00-04:00,2,3,2,3,6',
      '2024-03-11 10:30:00-04:00,2,3,2,3,6',
    ),
    first: ['FILE', '2024-03-08T20:30', 1, 2, 1, 2, 5],
    zone: 'America/New_York',
  },
  'MOEX with its name above and Cyrillic of Windows': {
    text: lines(
      'history',
      '',
      'BOARDID;TRADEDATE;SHORTNAME;SECID;NUMTRADES;VALUE;OPEN;LOW;HIGH;WAPRICE;CLOSE;VOLUME',
      'TQBR;2024-01-03;Sber;SBER;66437;4780000000;271.9;271.0;274.7;273.67;274.56;17476890',
      'TQBR;2024-01-04;Sber;SBER;56437;4080000000;274.67;273.7;275.5;274.3;274.7;15476890',
    ),
    first: ['SBER', '2024-01-03', 271.9, 274.7, 271, 274.56, 17476890],
  },
  'a header that is repeated in the middle': {
    text: lines(
      'Date,Open,High,Low,Close',
      '2024-01-02,1,2,1,2',
      'Date,Open,High,Low,Close',
      '2024-01-03,2,3,2,3',
    ),
    first: ['FILE', '2024-01-02', 1, 2, 1, 2, null],
    skipped: 1,
  },
  'a last row that was cut off': {
    text: 'Date,Open,High,Low,Close,Volume\n2024-01-02,1,2,1,2,5\n2024-01-03,2,3,2,3,6\n2024-01-04,3,4',
    first: ['FILE', '2024-01-02', 1, 2, 1, 2, 5],
    skipped: 1,
  },
  'a delimiter at the end of each row': {
    text: lines('Date;Open;High;Low;Close', '2024-01-02;1;2;1;2;', '2024-01-03;2;3;2;3;'),
    first: ['FILE', '2024-01-02', 1, 2, 1, 2, null],
  },
}

test.each(Object.entries(vendors))('%s', async (_, { text, first, options, ...want }) => {
  const name = 'name' in want ? want.name : 'file.csv'
  const result = await importBars([new TextEncoder().encode(text)], { ...(name ? { name } : {}), ...options })
  expect(result.problems).toEqual([])
  const [instrument] = result.instruments
  const { t, open, high, low, close, volume } = instrument!.first
  expect([
    instrument!.symbol,
    new Date(t).toISOString().slice(0, first[1].length === 10 && t % 86_400_000 === 0 ? 10 : 16),
    open,
    high,
    low,
    close,
    volume,
  ]).toEqual(first)
  expect(result.instruments.length).toBe(want.instruments ?? 1)
  expect([
    result.skippedCount,
    result.skipped.map(({ text }) => text).slice(0, want.skipped ?? 0).length,
  ]).toEqual([want.skipped ?? 0, want.skipped ?? 0])
  expect(result.questions.map(({ about }) => about)).toEqual(want.asks ?? [])
  if (want.rows !== undefined) expect(instrument!.bars.time.length).toBe(want.rows)
  if (want.zone !== undefined) expect(result.layout!.zone.value).toBe(want.zone)
  if (typeof want.interval === 'string') expect(intervalName(instrument!.interval)).toBe(want.interval)
})

const bar = (t: number | string, scale = 1) => ({
  t,
  o: 1 * scale,
  h: 3 * scale,
  l: 0.5 * scale,
  c: 2 * scale,
  v: 7,
})
const day = 86_400_000
const t0 = Date.UTC(2024, 0, 2)
const documents: Record<string, unknown> = {
  'an array of objects': [bar(t0), bar(t0 + day)],
  'Binance candles, numbers as text': [
    [t0, '1', '3', '0.5', '2', '7', t0 + day - 1, '0', 1, '0', '0', '0'],
    [t0 + day, '1', '3', '0.5', '2', '7', t0 + 2 * day - 1, '0', 1, '0', '0', '0'],
  ],
  'Polygon results': {
    ticker: 'X',
    results: [
      { v: 7, vw: 1.5, o: 1, c: 2, h: 3, l: 0.5, t: t0, n: 9 },
      { v: 7, vw: 1.5, o: 1, c: 2, h: 3, l: 0.5, t: t0 + day, n: 9 },
    ],
  },
  'columns side by side': {
    s: 'ok',
    t: [t0 / 1000, t0 / 1000 + 86400],
    o: [1, 1],
    h: [3, 3],
    l: [0.5, 0.5],
    c: [2, 2],
    v: [7, 7],
  },
  'the chart of Yahoo': {
    chart: {
      result: [
        {
          meta: { symbol: 'X' },
          timestamp: [t0 / 1000, t0 / 1000 + 86400],
          indicators: {
            quote: [{ open: [1, 1], high: [3, 3], low: [0.5, 0.5], close: [2, 2], volume: [7, 7] }],
            adjclose: [{ adjclose: [2, 2] }],
          },
        },
      ],
      error: null,
    },
  },
  'Alpha Vantage by day': {
    'Meta Data': { '2. Symbol': 'X' },
    'Time Series (Daily)': {
      '2024-01-03': { '1. open': '1', '2. high': '3', '3. low': '0.5', '4. close': '2', '5. volume': '7' },
      '2024-01-02': { '1. open': '1', '2. high': '3', '3. low': '0.5', '4. close': '2', '5. volume': '7' },
    },
  },
  'pandas by columns': {
    Open: { [t0]: 1, [t0 + day]: 1 },
    High: { [t0]: 3, [t0 + day]: 3 },
    Low: { [t0]: 0.5, [t0 + day]: 0.5 },
    Close: { [t0]: 2, [t0 + day]: 2 },
    Volume: { [t0]: 7, [t0 + day]: 7 },
  },
  'pandas split': {
    columns: ['Open', 'High', 'Low', 'Close', 'Volume'],
    index: [t0, t0 + day],
    data: [
      [1, 3, 0.5, 2, 7],
      [1, 3, 0.5, 2, 7],
    ],
  },
}

test.each(Object.entries(documents))('JSON: %s', async (_, document) => {
  const { instruments, problems, layout } = await importBars(
    [new TextEncoder().encode(JSON.stringify(document))],
    { name: 'x.json' },
  )
  expect(problems).toEqual([])
  expect(layout!.container).toBe('json')
  expect(instruments.length).toBe(1)
  const { bars } = instruments[0]!
  expect([
    [...bars.time],
    [...bars.open],
    [...bars.high],
    [...bars.low],
    [...bars.close],
    [...bars.volume],
  ]).toEqual([
    [t0 * 1000, (t0 + day) * 1000],
    [1, 1],
    [3, 3],
    [0.5, 0.5],
    [2, 2],
    [7, 7],
  ])
})

test('JSON: one bar a line, and instruments by name', async () => {
  const rows = [bar('2024-01-02T00:00:00Z'), bar('2024-01-03T00:00:00Z')]
  const lines = await importBars([
    new TextEncoder().encode(rows.map((row) => JSON.stringify(row)).join('\n')),
  ])
  expect([...lines.instruments[0]!.bars.close]).toEqual([2, 2])
  const several = await importBars([
    new TextEncoder().encode(
      JSON.stringify({ bars: { AAPL: rows, MSFT: rows.map((row) => bar(row.t, 2)) } }),
    ),
  ])
  expect(several.instruments.map(({ symbol, bars }) => [symbol, ...bars.close])).toEqual([
    ['AAPL', 2, 2],
    ['MSFT', 4, 4],
  ])
})

test.each([
  [
    'Alpha Vantage',
    {
      'Meta Data': { '1. Information': 'Daily Prices', '2. Symbol': 'IBM' },
      'Time Series (Daily)': {
        '2024-01-03': { '1. open': '161.0', '2. high': '161.7', '3. low': '160.1', '4. close': '160.1' },
        '2024-01-02': { '1. open': '162.8', '2. high': '163.3', '3. low': '160.4', '4. close': '161.5' },
      },
    },
    'IBM',
  ],
  [
    'Oanda',
    {
      instrument: 'EUR_USD',
      candles: [0, 1].map((hour) => ({
        time: `2024-01-02T0${hour}:00:00.000000000Z`,
        volume: 7,
        mid: { o: '1.1', h: '1.2', l: '1.0', c: '1.15' },
      })),
    },
    'EUR_USD',
  ],
  ['Polygon', { ticker: 'AAPL', results: [bar(t0), bar(t0 + day)] }, 'AAPL'],
  [
    'a list that says one thing of every row',
    [
      { ...bar(t0), symbol: 'SPY' },
      { ...bar(t0 + day), symbol: 'SPY' },
    ],
    'SPY',
  ],
  [
    'a document with two symbols beside the table',
    { base: { symbol: 'A' }, quote: { symbol: 'B' }, bars: [bar(t0)] },
    'X',
  ],
])('the symbol in a JSON document of %s names the instrument', async (_, document, symbol) => {
  const bytes = new TextEncoder().encode(JSON.stringify(document))
  const { instruments } = await importBars([bytes], { name: 'x.json' })
  expect(instruments.map((instrument) => instrument.symbol)).toEqual([symbol])
})
