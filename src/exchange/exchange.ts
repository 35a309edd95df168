import type { BarColumns, Instrument, Order, Refusal } from '#market'

/** What `next` found. */
export const MarketStep = {
  /** Nothing is left. */
  END: 0,
  /** Part or all of one of our orders traded. */
  FILL: 1,
  /** The exchange took one of our orders back. */
  CANCEL: 2,
  /** A bar is complete. */
  BAR: 3,
  /** All that bears this time stamp has happened: time to value the account. */
  MARK: 4,
} as const
export type MarketStep = (typeof MarketStep)[keyof typeof MarketStep]

/** Details of the newest step. One object is reused for all steps: read it before the next. */
export interface MarketDetail {
  /** Microseconds UTC. */
  time: number
  /** Index into the exchange's instruments. */
  instrument: number
  /** Row in the instrument's bars. */
  row: number
  /** The order that filled or was taken back. */
  order: Order | undefined
  /** Price per unit of a fill, slippage included. */
  price: number
  /** How much worse than the market's price that is, per unit. */
  slippage: number
  /** Volume of a fill; the account may afford less. */
  volume: number
  /** Name of the fill rule, or the reason of a cancel. */
  rule: string
}

/** Where orders meet a market. It moves one step at a time, and only when asked: nothing here knows a clock. */
export interface Exchange {
  readonly name: string
  readonly instruments: readonly Instrument[]
  /** Bars it will give in all. */
  readonly bars: number
  /** Microseconds of what comes next; Infinity when nothing does. */
  readonly nextTime: number
  readonly detail: Readonly<MarketDetail>
  /** The columns that the rows of an instrument's bars point into. */
  columns(instrument: number): BarColumns
  /** Takes the next step in time and says what it was. */
  next(): MarketStep
  /** Takes an order that was given at `time`; it can trade only on what comes later. A refusal leaves nothing behind. */
  submit(order: Order, time: number): Refusal | undefined
  /** Takes an order back. False when it does not work here any more. */
  cancel(order: Order): boolean
  /**
   * After the last step: lets market orders that were given after it trade at the last price, because nothing follows
   * at which they could. Returns FILL steps, then END.
   */
  settle(): MarketStep
}
