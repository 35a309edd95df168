import { type Order, OrderFlag, OrderStatus, OrderType, type Refusal, RefusalCode } from '#market'

const lasting: ReadonlySet<OrderFlag> = new Set([OrderFlag.NONE, OrderFlag.DAY, OrderFlag.POST_ONLY])

/**
 * Which orders are pairs on an exchange with a book, of which one cancels the other. The book itself ends the other, together
 * with the first fill of one, in part too, or with its trigger where it is a stop: nothing can trade both.
 *
 * An order that arrives after the one it is a pair with has traded is ended at the door. One that arrives after the other
 * ended without a fill works alone.
 */
export class Pairs {
  readonly #others = new WeakMap<Order, Order>()
  #any = false

  /** Notes the pair that an order asks for, or says why a book cannot hold it. */
  enter(order: Order): Refusal | undefined {
    if (order.pair) {
      const refusal = order.pair.status === OrderStatus.OPEN ? this.#refuse(order, order.pair) : undefined
      if (refusal) return refusal
      this.#others.set(order.pair, order)
      this.#others.set(order, order.pair)
      this.#any = true
    }
    return undefined
  }

  /** The other of an order's pair; undefined where there is none. */
  of(order: Order): Order | undefined {
    return this.#any ? this.#others.get(order) : undefined
  }

  #refuse(order: Order, other: Order): Refusal | undefined {
    const third = this.#others.get(other)
    if (third !== undefined && third !== order && third.status === OrderStatus.OPEN)
      return {
        code: RefusalCode.CONTRADICTORY,
        reason: `Order ${other.id} is a pair with order ${third.id} already; on an order book a pair is two orders.`,
        numbers: { order: other.id, pair: third.id },
      }
    const unfit = mayWait(order) ? (diesOnArrival(other) || mayWait(other) ? undefined : other) : order
    return (
      unfit && {
        code: RefusalCode.CONTRADICTORY,
        reason: `A ${unfit.type} order${unfit.flag === OrderFlag.NONE ? '' : ` with the flag ${unfit.flag}`}${unfit.display > 0 ? ' with a display' : ''} cannot be one of a pair on an order book; expected limit, stop or stop-limit orders that may wait and show all of their volume.`,
        numbers: { order: unfit.id },
      }
    )
  }
}

/** Whether a book can hold an order as one of a pair. */
const mayWait = ({ type, flag, display }: Order): boolean =>
  type !== OrderType.MARKET && lasting.has(flag) && !(display > 0)

/** Whether an order is over as soon as it has arrived: whatever comes later finds it traded or gone. */
const diesOnArrival = ({ type, flag }: Order): boolean =>
  type === OrderType.MARKET ||
  (type === OrderType.LIMIT && (flag === OrderFlag.IMMEDIATE_OR_CANCEL || flag === OrderFlag.FILL_OR_KILL))
