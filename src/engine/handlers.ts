import { BarStrategy, type Strategy } from '#strategy'
import { type Event, EventType } from '#market'

/** The handlers of a strategy. */
export const handlerNames = [
  'onStart',
  'onExit',
  'onTrade',
  'onBar',
  'onReceived',
  'onBought',
  'onSold',
  'onTraded',
  'onRejected',
  'onCanceled',
  'onError',
  'onOpen',
  'onFill',
  'onCancel',
  'onChange',
  'onOrder',
  'onBook',
  'onHalt',
  'onContinue',
  'onData',
] as const

/** Number of a handler: its place in `handlerNames`. */
export const Handler = {
  onStart: 0,
  onExit: 1,
  onTrade: 2,
  onBar: 3,
  onReceived: 4,
  onBought: 5,
  onSold: 6,
  onTraded: 7,
  onRejected: 8,
  onCanceled: 9,
  onError: 10,
  onOpen: 11,
  onFill: 12,
  onCancel: 13,
  onChange: 14,
  onOrder: 15,
  onBook: 16,
  onHalt: 17,
  onContinue: 18,
  onData: 19,
} as const satisfies Record<(typeof handlerNames)[number], number>
/** What a handler call that is due can be, beside a handler: a job that was scheduled. */
export const scheduledJob = -1

/** The newest bar, of which nothing is made before its strategy is called: its indicators take it then, and `onBar`. */
export const newestBar = -2

export type Handler = (typeof Handler)[keyof typeof Handler]

export type HandlerFunction = (this: Strategy, event: Event<never>) => unknown

/** The handlers that a strategy wrote, by number; undefined where it did not. */
export function handlersOf(strategy: Strategy): (HandlerFunction | undefined)[] {
  return handlerNames.map((name) => {
    const handler: unknown = strategy[name]
    return typeof handler === 'function' && handler !== BarStrategy.prototype.onTrade
      ? (handler as HandlerFunction)
      : undefined
  })
}

/** The handlers that are told when an order of the strategy's own comes to work or trades. */
export const orderHandlers: readonly Handler[] = [
  Handler.onReceived,
  Handler.onTrade,
  Handler.onBought,
  Handler.onSold,
  Handler.onTraded,
  Handler.onOpen,
  Handler.onFill,
  Handler.onCancel,
  Handler.onChange,
  Handler.onOrder,
]

/** The handler of what happens to an order in the book. */
export function bookHandler(type: EventType): Handler {
  switch (type) {
    case EventType.OPEN:
      return Handler.onOpen
    case EventType.FILL:
      return Handler.onFill
    case EventType.CANCEL:
      return Handler.onCancel
    default:
      return Handler.onChange
  }
}
