/** Different places that are told of at most, and letters of each. */
export const mostPlaces = 64
const longestStack = 2000

/** Where in the code the orders of a run were sent: the stack of each place, and for every order its place. */
export interface Origins {
  /** As the engine of the browser writes stacks. */
  readonly stacks: readonly string[]
  /** Row `i` is of the order with id `i + 1`: index into `stacks`, -1 where it is not known. */
  readonly orders: Int32Array
}

/** Keeps where orders were sent while a run is traced. */
export class OriginBook {
  readonly #places = new Map<string, number>()
  readonly #orders: number[] = []

  /** @param order id of the order, from 1 */
  add(order: number, stack: string): void {
    const text = stack.slice(0, longestStack)
    let place = this.#places.get(text)
    if (place === undefined && this.#places.size < mostPlaces) {
      place = this.#places.size
      this.#places.set(text, place)
    }
    while (this.#orders.length < order - 1) this.#orders.push(-1)
    this.#orders[order - 1] = place ?? -1
  }

  get origins(): Origins {
    return { stacks: [...this.#places.keys()], orders: Int32Array.from(this.#orders) }
  }
}
