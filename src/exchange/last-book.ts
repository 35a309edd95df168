import {
  type BookView,
  lotsFor,
  lotsPerUnit,
  moneyLeft,
  mostVolume,
  type Order,
  OrderStatus,
  OrderType,
  type Refusal,
  RefusalCode,
  Side,
} from '#market'
import { MarketStep } from './exchange.ts'
import type { Steps } from './steps.ts'

/** The fill rule of orders that are sent when the market has ended. */
const rule = 'last book'

/** What is left of a price of the last book, in lots. */
interface Left {
  readonly price: number
  lots: number
}

/**
 * Where market orders trade that are sent after the end of a market with a book, in `onExit` or by the risk rules (`last book`):
 * with what the book showed when it closed, best price first, each price for no more than it showed and once only. What
 * the book does not hold is taken back. A protection, money instead of a volume and market-to-limit hold here as before. Orders of other types find no market any more.
 *
 * Conditions: all that was shown is still to be had, and the order arrives without a delay, also where the market has been halted
 * by then. Bias: optimistic, since at a real close others want the same volume and orders are taken away; pessimistic
 * for what the book kept hidden. What is held after that is worth the last price that the market made, whatever these trades went through.
 */
export class LastBook {
  readonly #show: (instrument: number) => BookView
  readonly #last: (instrument: number) => number
  readonly #orders: { readonly order: Order; readonly instrument: number }[] = []
  /** By instrument and side of the taker. */
  readonly #left = new Map<string, Left[]>()

  /**
   * @param show what the book of an instrument shows, all of it
   * @param last last price of an instrument
   */
  constructor(show: (instrument: number) => BookView, last: (instrument: number) => number) {
    this.#show = show
    this.#last = last
  }

  /** Takes an order. */
  enter(order: Order, instrument: number): void {
    if (order.type === OrderType.MARKET) this.#orders.push({ order, instrument })
  }

  /** Takes an order back. */
  withdraw(order: Order): void {
    const place = this.#orders.findIndex((entered) => entered.order === order)
    if (place >= 0) this.#orders.splice(place, 1)
  }

  /** Why an order is not altered any more. */
  refuseChange({ instrument }: Order): Refusal {
    return {
      code: RefusalCode.HALTED,
      reason: `The market of ${instrument.name} has ended: cancel the order and send another.`,
      numbers: {},
    }
  }

  /** Puts what becomes of the oldest order into the steps. False when there is none. */
  settle(steps: Steps, time: number, row: number): boolean {
    const next = this.#orders.shift()
    if (!next) return false
    const { order, instrument } = next
    if (order.status !== OrderStatus.OPEN) return this.settle(steps, time, row)
    const perUnit = lotsPerUnit(order.instrument.lotSize)
    const { multiplier } = order.instrument
    let wanted = Math.round(order.remaining * perUnit)
    let money = moneyLeft(order)
    let most = Math.round(mostVolume(order) * perUnit)
    let bound = order.protectionPrice
    steps.put(MarketStep.RECEIVED, time, instrument, row, order)
    for (const level of this.#side(instrument, order.side, perUnit)) {
      if (level.lots === 0) continue
      if (order.side === Side.BUY ? level.price > bound : level.price < bound) break
      if (money === money)
        wanted = Math.min(most, Math.round(lotsFor(money, level.price, order.instrument) * perUnit))
      if (wanted === 0) break
      const lots = Math.min(level.lots, wanted)
      level.lots -= lots
      wanted -= lots
      most -= lots
      money -= (lots / perUnit) * level.price * multiplier
      // Market-to-limit: the first price is the worst.
      if (order.toLimit) bound = level.price
      const step = steps.put(MarketStep.FILL, time, instrument, row, order)
      step.price = level.price
      step.volume = lots / perUnit
      step.maker = false
      step.spent = false
      step.rule = rule
      step.valuedAt = this.#last(instrument)
      if (wanted === 0) break
    }
    const reason =
      wanted > 0 ? 'NO_LIQUIDITY' : most === 0 ? 'MOST_TRADED' : money === money ? 'BUDGET_SPENT' : undefined
    if (reason) steps.put(MarketStep.CANCEL, time, instrument, row, order).rule = reason
    return true
  }

  #side(instrument: number, side: Side, perUnit: number): Left[] {
    const key = `${instrument} ${side}`
    let left = this.#left.get(key)
    if (!left) {
      const { asks, bids } = this.#show(instrument)
      left = (side === Side.BUY ? asks : bids).map(({ price, volume }) => ({
        price,
        lots: Math.round(volume * perUnit),
      }))
      this.#left.set(key, left)
    }
    return left
  }
}
