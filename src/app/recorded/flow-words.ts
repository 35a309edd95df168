import { FlowKind } from '#data'
import type { FlowMessage } from '#exchange'

/** How prices and sizes of a recording are written. */
export interface FlowNumbers {
  price(steps: number): string
  size(lots: number): string
}

/** What a message tells, in words; undefined of one that only tells more of the one before it. */
export function happened({ kind, side, price, size }: FlowMessage, numbers: FlowNumbers): string | undefined {
  const order = side > 0 ? 'bid' : 'ask'
  const taker = side > 0 ? 'a seller takes' : 'a buyer takes'
  const what = `${numbers.size(size)} at ${numbers.price(price)}`
  switch (kind) {
    case FlowKind.OPEN:
      return `New ${order}: ${what}`
    case FlowKind.APPEAR:
      return `Comes into sight: ${order} ${what}`
    case FlowKind.CANCEL:
      return `Taken back: ${order} ${what}`
    case FlowKind.TRADE:
      return `Trade: ${taker} ${what}`
    case FlowKind.HIDDEN:
      return `Trade: ${taker} ${what}, from a hidden order`
    case FlowKind.CROSS:
      return `Auction: ${what} trade`
    case FlowKind.HALT:
      return 'Trading is halted'
    case FlowKind.RESUME:
      return 'Trading goes on'
    default:
      return undefined
  }
}
