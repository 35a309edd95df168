import { expect } from 'vitest'
import {
  CancelReason,
  ChangeReason,
  OrderBook,
  Refused,
  type BookListener,
  type BookOptions,
  type BookOrder,
} from '#book'
import { OrderType, Side, type OrderFlag } from '#market'

const ticks = 10_000
const lots = 100

const nameOf = (table: Record<string, number>, value: number) =>
  Object.keys(table).find((key) => table[key] === value)!

/** An order as tests write it: decimals, and only what matters. */
export type Asked = Partial<Omit<BookOrder, 'id' | 'side' | 'pairWith'>> & { pairWith?: string }

/**
 * A book that tests draw. A line of a drawing is `bids | price | asks`; each order stands as `name:quantity`, the first in
 * the queue leftmost, and an iceberg's undisclosed part as `(+6)` behind it. Prices are decimals in steps of 0.0001, quantities in steps of 0.01.
 *
 * @example
 * const market = draw(`
 *            | 5.5 | a:1
 *   b1:1 b2:2 | 5   |
 * `)
 * market.sell('s', 1.5, 5)
 * market.shows(`…`)
 */
export class DrawnMarket {
  readonly book: OrderBook
  readonly #names: string[] = ['']
  #heard: string[] = []
  /** Every trade so far as `[quantity, price]`. */
  readonly trades: [number, number][] = []

  constructor(options: BookOptions = {}) {
    const name = (id: number) => this.#names[id] ?? String(id)
    const say = (text: string) => this.#heard.push(text)
    const size = (quantity: number) => String(quantity / lots)
    const at = (price: number) => (Number.isNaN(price) ? '?' : String(price / ticks))
    const listener: BookListener = {
      open: (_, id, side, price, quantity, shown) =>
        say(
          `OPEN ${name(id)} ${side === 0 ? 'B' : 'S'} ${size(quantity)}@${at(price)}${shown === quantity ? '' : ` shown ${size(shown)}`}`,
        ),
      trade: (_, maker, taker, __, price, quantity) => {
        this.trades.push([quantity / lots, price / ticks])
        say(`TRADE ${size(quantity)}@${at(price)} ${name(maker)} ${name(taker)}`)
      },
      fill: (_, id) => say(`FILL ${name(id)}`),
      change: (_, id, reason, price, quantity, shown) =>
        say(
          `CHANGE ${name(id)} ${nameOf(ChangeReason, reason)} ${size(quantity)}@${at(price)} shown ${size(shown)}`,
        ),
      cancel: (_, id, reason, quantity) =>
        say(`CANCEL ${name(id)} ${nameOf(CancelReason, reason)} ${size(quantity)}`),
      reject: (_, __, id, code) => say(`REJECT ${name(id)} ${nameOf(Refused, code)}`),
      trigger: (_, id, stopPrice) => say(`TRIGGER ${name(id)} ${at(stopPrice)}`),
      phase: (_, phase, price, quantity) =>
        say(
          ['CONTINUOUS', 'HALTED', 'AUCTION'][phase]! +
            (Number.isNaN(price) ? '' : ` ${size(quantity)}@${at(price)}`),
        ),
    }
    this.book = new OrderBook({ ...options, listener })
  }

  /** The number that a name stands for; a new one for a new name. */
  id(name: string): number {
    const known = this.#names.indexOf(name)
    return known > 0 ? known : this.#names.push(name) - 1
  }

  add(name: string, side: Side, quantity: number | undefined, asked: Asked = {}): Refused {
    const scaled = (price: number | undefined) => (price === undefined ? undefined : clean(price * ticks))
    const lot = (amount: number | undefined) => (amount === undefined ? undefined : clean(amount * lots))
    const type =
      asked.type ??
      (asked.stopPrice !== undefined || asked.trail !== undefined || asked.trailPercent !== undefined
        ? asked.price !== undefined
          ? OrderType.STOP_LIMIT
          : OrderType.STOP
        : asked.price !== undefined
          ? OrderType.LIMIT
          : OrderType.MARKET)
    return this.book.add({
      ...asked,
      id: this.id(name),
      side,
      type,
      quantity: lot(quantity),
      price: scaled(asked.price),
      stopPrice: scaled(asked.stopPrice),
      cap: scaled(asked.cap),
      trail: scaled(asked.trail),
      display: lot(asked.display),
      notional: asked.notional === undefined ? undefined : clean(asked.notional * ticks * lots),
      pairWith: asked.pairWith === undefined ? undefined : this.id(asked.pairWith),
    })
  }

  buy(name: string, quantity: number | undefined, price?: number, asked: Asked | OrderFlag = {}): Refused {
    return this.add(name, Side.BUY, quantity, {
      price,
      ...(typeof asked === 'string' ? { flag: asked } : asked),
    })
  }

  sell(name: string, quantity: number | undefined, price?: number, asked: Asked | OrderFlag = {}): Refused {
    return this.add(name, Side.SELL, quantity, {
      price,
      ...(typeof asked === 'string' ? { flag: asked } : asked),
    })
  }

  cancel(name: string): Refused {
    return this.book.cancel(this.id(name))
  }

  change(name: string, quantity?: number, price?: number, stopPrice?: number): Refused {
    return this.book.change(
      this.id(name),
      quantity === undefined ? undefined : clean(quantity * lots),
      price === undefined ? undefined : clean(price * ticks),
      stopPrice === undefined ? undefined : clean(stopPrice * ticks),
    )
  }

  /** What happened since this was last asked. */
  heard(): string[] {
    const heard = this.#heard
    this.#heard = []
    return heard
  }

  /** Checks what happened since last asked: one event per line. */
  tells(text: string): void {
    expect(this.heard()).toEqual(lines(text))
  }

  /** Checks the displayed ladder, whole. */
  shows(drawing: string): void {
    expect(this.drawn()).toBe(tidy(drawing))
  }

  /** The displayed ladder, highest price first. */
  drawn(): string {
    const rows = new Map<number, [string[], string[]]>()
    for (const order of this.book) {
      const price = order.price! / ticks
      const row = rows.get(price) ?? [[], []]
      rows.set(price, row)
      const undisclosed = order.open - order.shown
      row[order.side === Side.BUY ? 0 : 1].push(
        `${this.#names[order.id]}:${order.shown / lots}${undisclosed ? `(+${undisclosed / lots})` : ''}`,
      )
    }
    return [...rows]
      .sort(([a], [b]) => b - a)
      .map(([price, [bids, asks]]) => `${bids.join(' ')}|${price}|${asks.join(' ')}`)
      .join('\n')
  }

  /** `[price, quantity]` of each level of a side, best first. */
  side(side: Side): [number, number][] {
    const { bids, asks } = this.book.levels()
    return (side === Side.BUY ? bids : asks).map(({ price, quantity }) => [price / ticks, quantity / lots])
  }
}

/** A market in which the orders of a drawing rest, given from the best price of each side to the worst. */
export function draw(drawing: string, options: BookOptions = {}): DrawnMarket {
  const market = new DrawnMarket(options)
  const rows = tidy(drawing)
    .split('\n')
    .filter(Boolean)
    .map((line) => line.split('|') as [string, string, string])
  for (const [bids, price] of rows) place(market, Side.BUY, bids, Number(price))
  for (const [, price, asks] of rows.toReversed()) place(market, Side.SELL, asks, Number(price))
  market.heard()
  return market
}

function place(market: DrawnMarket, side: Side, orders: string, price: number): void {
  for (const order of orders.split(' ').filter(Boolean)) {
    const [, name, quantity, undisclosed] = /^(.+):([\d.]+)(?:\(\+([\d.]+)\))?$/.exec(order)!
    const shown = Number(quantity)
    market.add(name!, side, shown + Number(undisclosed ?? 0), {
      price,
      ...(undisclosed ? { display: shown } : {}),
    })
  }
}

const lines = (text: string) =>
  text
    .split('\n')
    .map((line) => line.trim())
    .filter(Boolean)

/** A drawing without its layout. */
const tidy = (drawing: string) =>
  lines(drawing)
    .map((line) =>
      line
        .split('|')
        .map((cell) => cell.trim().replace(/\s+/g, ' '))
        .join('|'),
    )
    .join('\n')

/** Decimal times scale, without the dust of binary fractions. */
const clean = (value: number) => {
  const rounded = Math.round(value)
  return Math.abs(value - rounded) < 1e-6 ? rounded : value
}
