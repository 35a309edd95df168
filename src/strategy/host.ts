import type { BarStamps, Terms } from '#exchange'
import type {
  Acknowledgement,
  Bar,
  BookView,
  Instrument,
  Order,
  OrderRequest,
  Refusal,
  Side,
  Trade,
  TradingType,
} from '#market'
import type { Balance, PortfolioView, Position, RiskView } from '#trading'
import type { Indicator } from './indicators/index.ts'
import type { InputDeclaration, InputValue } from './inputs.ts'
import type { JobCallback, Schedule } from './schedule.ts'

/** How weighty a line of the log is. */
export type LogLevel = 'debug' | 'info' | 'warn' | 'error'

/** Narrows a query; what is left out is not filtered by. */
export interface Filter {
  readonly instrument?: Instrument
  readonly exchange?: string
  readonly side?: Side
}

/** What a strategy can do, as the engine provides it. Authors see it through the methods of `Strategy`. */
export interface StrategyHost {
  input(declaration: InputDeclaration): InputValue
  indicator(indicator: Indicator, instrument: Instrument | undefined): void
  /** @param method the one that the author called, for messages; as in the next */
  newOrder(method: string, request: OrderRequest | Order): Acknowledgement
  cancelOrder(method: string, order: Order): Acknowledgement
  changeOrder(order: Order, terms: Partial<Terms>): Acknowledgement
  target(instrument: Instrument, fraction: number): Acknowledgement | undefined
  orders(filter: Filter): Order[]
  pastOrders(filter: Filter): Order[]
  trades(filter: Filter): Trade[]
  positions(filter: Filter): Position[]
  position(instrument: Instrument): Position
  /**
   * Refuses an instrument that is not of this run.
   *
   * @throws RangeError naming the method
   */
  known(method: string, instrument: Instrument): void
  /** How the bars of an instrument are stamped. */
  stamps(instrument: Instrument): BarStamps
  priceHistory(instrument: Instrument, count: number): Bar[]
  portfolio(): PortfolioView
  /** The cash by currencies, the account's own first. */
  balances(): readonly Balance[]
  risk(): RiskView
  kill(reason: string): void
  instruments(): readonly Instrument[]
  exchanges(): readonly string[]
  book(instrument: Instrument, levels: number): BookView | undefined
  subscribe(instrument: Instrument): void
  /** Asks a rule of the strategy's own about every new order; a refusal of it is one like any other. */
  restrict(rule: (order: Order) => Refusal | undefined): void
  /** Calls a function of the strategy before its next handler, as a job is called. */
  call(job: JobCallback): void
  /** Number of the handler call that is going on, so that two things can be known to happen in the same. */
  turn(): number
  now(): number
  tradingType(): TradingType
  /** An answer as a promise; the engine lets whoever asks for it go on before anything else happens. */
  answer<Answer>(answer: Answer): Promise<Answer>
  log(level: LogLevel, values: readonly unknown[]): void
  readonly schedule: Schedule
}

let constructing: StrategyHost | undefined

/** Makes a strategy whose field initialisers can already declare inputs and indicators with its host. */
export function construct<T>(host: StrategyHost, make: () => T): T {
  const outer = constructing
  constructing = host
  try {
    return make()
  } finally {
    constructing = outer
  }
}

/** The host of the strategy that is being made. */
export function hostOfNewStrategy(): StrategyHost {
  if (!constructing)
    throw new Error(
      'A strategy is made by the run it belongs to: give the class itself, as in run({ strategy: MyStrategy, … }), not an object of it',
    )
  return constructing
}
