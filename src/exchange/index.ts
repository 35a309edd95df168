export { type Exchange, type Interest, type MarketDetail, MarketStep, type Terms } from './exchange.ts'
export { type BarFill, type Costs, FillMoment, fillOnBar, type FillRule, type PriceRange } from './fills.ts'
export { HistoricalExchange, type HistoricalOptions } from './historical.ts'
