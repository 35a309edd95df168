import { FlowKind } from '#data'
import type { FlowMessage } from '#exchange'

/** How prices and sizes of a recording are written. */
export interface FlowNumbers {
  price(steps: number): string
  size(lots: number): string
}

/** Whether what a message is about is ours: the order that rests, or the one that took. */
export interface Ours {
  readonly resting: boolean
  readonly taking: boolean
}

/** What a message tells, in words; undefined of one that only tells more of the one before it. */
export function happened(
  { kind, side, price, size }: FlowMessage,
  numbers: FlowNumbers,
  ours: Ours = { resting: false, taking: false },
): string | undefined {
  const order = `${ours.resting ? 'your ' : ''}${side > 0 ? 'bid' : 'ask'}`
  const taker = ours.taking ? 'you take' : side > 0 ? 'a seller takes' : 'a buyer takes'
  const what = `${numbers.size(size)} at ${numbers.price(price)}`
  switch (kind) {
    case FlowKind.OPEN:
      return ours.resting ? `${capital(order)}: ${what}` : `New ${order}: ${what}`
    case FlowKind.APPEAR:
      return `Comes into sight: ${order} ${what}`
    case FlowKind.CANCEL:
      return `Taken back: ${order} ${what}`
    case FlowKind.TRADE:
      return `Trade: ${taker} ${what}${ours.resting ? `, from ${order}` : ''}`
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

const capital = (text: string) => text[0]!.toUpperCase() + text.slice(1)
