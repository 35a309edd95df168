import { commissionOf, type Costs, isPlain } from '#exchange'
import type { Order } from '#market'

/** What each fill costs: what an order pays as a whole, such as a least commission, is spread over its fills as they come. */
export class Commissions {
  readonly #costs: Costs
  readonly #plain: boolean
  /** Orders that work and have traded. */
  readonly #orders = new Map<Order, { taken: number; made: number; volume: number; paid: number }>()

  constructor(costs: Costs) {
    this.#costs = costs
    this.#plain = isPlain(costs)
  }

  /** Money that a fill costs; below zero where a maker is paid. */
  charge(order: Order, value: number, volume: number, maker: boolean): number {
    if (this.#plain) return value * this.#costs.commission
    const sums = this.#orders.get(order) ?? { taken: 0, made: 0, volume: 0, paid: 0 }
    this.#orders.set(order, sums)
    if (maker) sums.made += value
    else sums.taken += value
    sums.volume += volume
    const before = sums.paid
    sums.paid = commissionOf(this.#costs, sums)
    return sums.paid - before
  }

  /** Nothing more of an order trades. */
  end(order: Order): void {
    if (!this.#plain) this.#orders.delete(order)
  }
}
