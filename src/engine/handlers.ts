import { BarStrategy, type Strategy } from '#strategy'
import type { Event } from '#market'

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
} as const satisfies Record<(typeof handlerNames)[number], number>
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
