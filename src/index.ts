/** The strategy API: all that `import { … } from 'outcry'` gives. */
export {
  type Acknowledgement,
  Bar,
  type BarEvent,
  type ErrorEvent,
  Event,
  EventType,
  type HandlerError,
  Instrument,
  InstrumentType,
  Order,
  type OrderEvent,
  OrderFlag,
  type OrderRequest,
  OrderStatus,
  OrderType,
  type Refusal,
  RefusalCode,
  type Rejection,
  type RejectionEvent,
  Side,
  Trade,
  type TradeEvent,
  TradingType,
} from '#market'
export {
  BarStrategy,
  type Handled,
  type InputValue,
  type Log,
  type NumberInput,
  type OrderOptions,
  type PlainInput,
  Strategy,
} from '#strategy'
export * from './strategy/indicators/index.ts'
export type { PortfolioView, Position } from '#trading'
