import fc from 'fast-check'
import {
  type Acknowledgement,
  type BarEvent,
  BarStrategy,
  type Instrument,
  type Order,
  OrderFlag,
  type OrderRequest,
  SelfTrade,
  Side,
} from 'outcry'
import type { Candle } from './market.ts'

/** One request of a random strategy: numbers are turned into what they ask for when their turn comes. */
export type Request = readonly [kind: number, what: number, size: number, near: number, other: number]

const request = fc.tuple(
  fc.nat(15),
  fc.nat(3),
  fc.integer({ min: 1, max: 40 }),
  fc.integer({ min: -6, max: 6 }),
  fc.nat(5),
)
const flags = Object.values(OrderFlag)
const rules = Object.values(SelfTrade)

/** Sends what a list says, one step of it at every handler call. */
export function sends(steps: readonly (readonly Request[])[]) {
  return class extends BarStrategy {
    step = 0
    override onStart() {
      this.periodic(() => this.next(), { hours: 31 })
      return this.next()
    }
    onBar({ target }: BarEvent) {
      return this.next(target.instrument)
    }
    onReceived() {
      return this.next()
    }
    onTraded() {
      return this.next()
    }
    onCanceled() {
      return this.next()
    }
    onRejected() {}
    onExit() {
      return this.next()
    }
    async next(of = this.instruments()[this.step % this.instruments().length]!) {
      for (const order of this.orders())
        if (order.after && order.after.status !== 'OPEN' && order.after.filled === 0)
          throw new Error(`${order} waits for ${order.after}`)
      for (const request of steps[this.step++] ?? []) await this.send(of, ...request)
    }
    async send(instrument: Instrument, ...[kind, what, size, near, other]: Request): Promise<void> {
      const side = what % 2 === 0 ? Side.BUY : Side.SELL
      const tick = instrument.tickSize || 1
      const base = this.priceHistory(instrument, 1)[0]?.close ?? 10
      const price = Math.max(1, Math.round(base / tick) + near) * tick
      const volume = size * Math.max(1, instrument.lotSize)
      const known = this.pastOrders(instrument)
      const some: Order | undefined = known[known.length - 1 - other]
      const rule = near > 0 ? { selfTrade: rules[other % rules.length]! } : {}
      const send = (more: Partial<OrderRequest>): Promise<Acknowledgement> =>
        this.newOrder({ instrument, side, volume, ...more })
      if (kind === 0) await send({})
      else if (kind === 1) await send({ price, flag: flags[what]! })
      else if (kind === 2) await send({ stopPrice: price, reduceOnly: size % 4 === 0 })
      else if (kind === 3) await send({ stopPrice: price, price: Math.max(1, price - what * tick) })
      else if (kind === 4) await send({ trail: what > 1 ? { percent: size / 10 } : size * tick })
      else if (kind === 5) {
        const away = side === Side.BUY ? 2 * tick : -2 * tick
        await this.bracket(
          { instrument, side, volume, ...(what > 1 ? { price } : {}) },
          { stop: price - away, target: price + away, ...(size > 30 ? { trail: 3 * tick } : {}) },
        )
      } else if (kind === 6 && some) await this.cancelOrder(some)
      else if (kind === 7 && some && Number.isNaN(some.notional))
        await this.changeOrder(some, { volume, ...(what > 1 ? {} : some.price > 0 ? { price } : {}) })
      else if (kind === 8) await this.target(instrument, near / 4)
      else if (kind === 9) await this.closeAll(what > 1 ? instrument : undefined)
      else if (kind === 10) await send({ after: some, price })
      else if (kind === 11) await send({ pair: some, stopPrice: price, flag: flags[what]! })
      else if (kind === 13) {
        const bound = what > 1 ? { protectionPrice: price } : {}
        await send({ volume: undefined, notional: volume * base, ...bound, ...rule })
      } else if (kind === 14) await send({ protectionPrice: price, flag: flags[what]!, ...rule })
      else if (kind === 15) await send({ toLimit: true, ...rule })
      else if (kind === 12) await send({ price, ...(other > 2 ? { hidden: true } : { display: volume }) })
    }
  }
}

/** What a random strategy asks for, step by step. */
export const steps = fc.array(fc.array(request, { maxLength: 3, size: 'max' }), {
  maxLength: 60,
  size: 'max',
})
/** A bar that can be. */
export const candle: fc.Arbitrary<Candle> = fc
  .tuple(fc.integer({ min: 4, max: 20 }), fc.integer({ min: 4, max: 20 }), fc.nat(3), fc.nat(3))
  .map(([open, close, up, down]) => [open, Math.max(open, close) + up, Math.min(open, close) - down, close])
