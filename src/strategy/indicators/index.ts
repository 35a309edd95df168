export { Indicator, type IndicatorInput, type IndicatorLine, type Source } from './indicator.ts'
export { ema, sma } from './averages.ts'
export { macd, rsi, type Macd } from './oscillators.ts'
export { atr, bollinger, type BollingerBands } from './volatility.ts'
