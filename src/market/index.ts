export * from './vocabulary.ts'
export { finestLot, Instrument, lotsPerUnit, type InstrumentSpec, usualCurrency } from './instrument.ts'
export { Bar, type BarColumns } from './bar.ts'
export { Data } from './data.ts'
export {
  isAtMarket,
  isOrder,
  Order,
  orderFor,
  placeOf,
  stateOf,
  trailOf,
  type OrderRequest,
} from './order.ts'
export { beyondProtection, countedPrice, countedVolume, lotsFor, moneyLeft, mostVolume } from './notional.ts'
export { show } from './show.ts'
export { trailingStop } from './trailing.ts'
export { Trade, type TradeParts } from './trade.ts'
export { type BookLevel, type BookView, MarketOrder } from './book-view.ts'
export * from './event.ts'
export { random, type Random } from './random.ts'
export { hairOf, roughly, Steps } from './units.ts'
export { jsonText } from './json.ts'
export { exp, log, power } from './math.ts'
export { DailyHours, type HoursOfDay } from './daily-hours.ts'
export { clockText, timeOfDay, ZoneClock } from './zone-clock.ts'
export { zoneOffset } from './zone-offset.ts'
