import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { DataSet } from '#data'
import { handlerNames, type RunRecord, verify } from '#engine'
import { type BarEvent, BarStrategy, Instrument, Order, OrderStatus, Side, Strategy } from 'outcry'
import { dataSet, play, series } from './market.ts'
import { candle, type Request, sends, steps } from './random-strategy.ts'

/** Writes over all that can be reached from a value: what it has itself, what its getters give, and what lies within. */
function vandalise(value: unknown, depth = 0, seen = new Set<unknown>()): void {
  if (typeof value !== 'object' || value === null || depth > 4 || seen.has(value)) return
  // A strategy's own object is its own affair.
  if (value instanceof Strategy) return
  seen.add(value)
  const names = new Set<PropertyKey>(Reflect.ownKeys(value))
  const prototype: unknown = Object.getPrototypeOf(value)
  if (prototype !== Object.prototype && prototype !== Array.prototype && prototype !== null)
    for (const name of Reflect.ownKeys(prototype as object)) if (name !== 'constructor') names.add(name)
  for (const name of names) {
    let part: unknown
    try {
      part = Reflect.get(value, name)
    } catch {
      continue
    }
    if (typeof part !== 'function') vandalise(part, depth + 1, seen)
    if (name === 'length') continue
    try {
      Reflect.set(value, name, -1e9)
      Reflect.defineProperty(value, name, { get: () => 1e9, configurable: true })
      Reflect.deleteProperty(value, name)
    } catch {
      // What is frozen stays.
    }
  }
  if (Array.isArray(value))
    try {
      value.length = 0
      value.push(1e9)
    } catch {
      // The same.
    }
  Reflect.setPrototypeOf(value, null)
}

/** The same strategy, which writes over every event, every order and every answer, when it gets them and at every event after. */
function vandal(plan: readonly (readonly Request[])[]): new () => Strategy {
  const kept: unknown[] = []
  class Vandal extends sends(plan) {
    override async send(instrument: Instrument, ...request: Request): Promise<void> {
      await super.send(instrument, ...request)
      this.ruin()
    }
    calls = 0
    /** What it asks for is written over now and then, for the sake of time. */
    ruin() {
      if (this.calls++ % 5 > 0) return
      const [instrument] = this.instruments() as [Instrument]
      kept.push(
        ...[this.trades(), this.positions(), this.portfolio(), this.risk(), this.accounts()],
        ...[this.instruments(), this.exchanges(), this.book(instrument), this.priceHistory(instrument, 3)],
        ...[this.orders(), this.pastOrders(), this.position(instrument)],
      )
      for (const value of kept.splice(0)) vandalise(value)
    }
  }
  for (const name of handlerNames) {
    const own = (Vandal.prototype as unknown as Record<string, ((event: unknown) => unknown) | undefined>)[
      name
    ]
    Object.defineProperty(Vandal.prototype, name, {
      value: async function (this: InstanceType<typeof Vandal>, event: unknown) {
        await own?.call(this, event)
        vandalise(event)
        this.ruin()
      },
    })
  }
  return Vandal
}

/** The same strategy with the same handlers, which leaves all as it is. */
function calm(plan: readonly (readonly Request[])[]): new () => Strategy {
  class Calm extends sends(plan) {}
  for (const name of handlerNames) {
    const own = (Calm.prototype as unknown as Record<string, ((event: unknown) => unknown) | undefined>)[name]
    Object.defineProperty(Calm.prototype, name, {
      value: async function (this: InstanceType<typeof Calm>, event: unknown) {
        await own?.call(this, event)
      },
    })
  }
  return Calm
}

/** All of a record that must be the same whoever watched. */
const facts = ({ digest, orders, fills, refusals, equity, changes, notes }: RunRecord) => ({
  ...{ digest, orders, fills, refusals, equity, changes, notes },
})

describe('a strategy that writes over all it is given', () => {
  test('on bars changes nothing of its run', async () => {
    await fc.assert(
      fc.asyncProperty(steps, fc.array(candle, { minLength: 3, maxLength: 20 }), async (plan, candles) => {
        const data = dataSet(series({ name: 'A', lotSize: 1 }, candles), series({ name: 'B' }, candles))
        const risk = { maxOpenOrders: 6, maxPosition: 60 }
        const calmly = await play(calm(plan), data, { risk })
        const record = await play(vandal(plan), data, { risk })
        expect(facts(record)).toEqual(facts(calmly))
        expect(verify(record, data)).toEqual({ agrees: true })
      }),
      { numRuns: 20 },
    )
  })

  test('on a book changes nothing of its run', async () => {
    const data: DataSet = {
      id: 'synthetic',
      name: 'Synthetic',
      provenance: 'made while it runs',
      instruments: [],
      synthetic: { seed: 3, seconds: 12, agents: 30, barSeconds: 4 },
    }
    await fc.assert(
      fc.asyncProperty(steps, async (plan) => {
        const calmly = await play(calm(plan), data, { cash: 1e6 })
        const record = await play(vandal(plan), data, { cash: 1e6 })
        expect(facts(record)).toEqual(facts(calmly))
        expect(verify(record, data)).toEqual({ agrees: true })
      }),
      { numRuns: 3 },
    )
  })
})

describe('an order', () => {
  const instrument = new Instrument({ name: 'X' })
  const order = () => new Order({ instrument, side: Side.BUY, volume: 3, price: 5, note: { why: ['a'] } })

  test('is frozen: nothing of it can be assigned, defined anew or taken away', () => {
    const mine = order()
    expect(Object.isFrozen(mine)).toBe(true)
    expect(() => Object.assign(mine, { volume: 1e9 })).toThrow(TypeError)
    expect(() => Object.defineProperty(mine, 'volume', { value: 1e9 })).toThrow(TypeError)
    expect(() => Object.setPrototypeOf(mine, { volume: 1e9 })).toThrow(TypeError)
    expect(() => ((mine.note as { why: string[] }).why[0] = 'b')).toThrow(TypeError)
    expect(mine.volume).toBe(3)
  })

  test('cannot be extended by a class that tells the engine something else', () => {
    class Sly extends Order {
      override get volume() {
        return 1e9
      }
    }
    expect(() => new Sly({ instrument, side: Side.BUY, volume: 3 })).toThrow(
      /Order cannot be extended by Sly/,
    )
  })

  test('is what it was when it was made, whatever becomes of what it was made from', async () => {
    class Reuses extends BarStrategy {
      async onBar({ target: { instrument } }: BarEvent) {
        const request = { instrument, side: Side.BUY as Side, volume: 2, note: { n: 1 } }
        const answer = this.newOrder(request)
        Object.assign(request, { volume: 1e9, side: Side.SELL })
        request.note.n = 2
        const { order } = await answer
        this.log(order!.side, order!.volume, JSON.stringify(order!.note))
      }
    }
    const record = await play(Reuses, dataSet(series({ name: 'A' }, [1, 2])))
    expect(record.lines).toEqual(['BUY 2 {"n":1}', 'BUY 2 {"n":1}'])
  })

  test('that is over cannot be sent, changed or cancelled again, however long it is kept', async () => {
    class Keeps extends BarStrategy {
      #first: Order | undefined
      async onBar({ target: { instrument } }: BarEvent) {
        if (!this.#first) this.#first = (await this.buy(instrument, 1)).order
        else if (this.#first.status === OrderStatus.FILLED)
          for (const answer of [
            await this.newOrder(this.#first),
            await this.changeOrder(this.#first, { volume: 5 }),
            await this.cancelOrder(this.#first),
          ])
            if (!answer.accepted) this.log(answer.code)
      }
    }
    const record = await play(Keeps, dataSet(series({ name: 'A' }, [1, 2])))
    expect(record.lines).toEqual(['DUPLICATE_ORDER', 'ORDER_FINISHED', 'ORDER_FINISHED'])
    expect(record.orders.volume.length).toBe(1)
  })

  test('of another run is no order of this one', async () => {
    let old: Order | undefined
    class Sends extends BarStrategy {
      async onBar({ target: { instrument } }: BarEvent) {
        old ??= (await this.buy(instrument, 1)).order
      }
    }
    class Takes extends BarStrategy {
      async onBar() {
        for (const call of [() => this.cancelOrder(old!), () => this.changeOrder(old!, { volume: 2 })])
          await Promise.resolve()
            .then(call)
            .then(
              (answer) => this.log(answer.accepted),
              (error: unknown) => this.log(error instanceof TypeError, String(error)),
            )
      }
    }
    const data = dataSet(series({ name: 'A' }, [1]))
    await play(Sends, data)
    const { lines } = await play(Takes, data)
    expect(lines).toEqual([
      expect.stringContaining('true TypeError: cancelOrder: order 1 was sent by another strategy'),
      expect.stringContaining('true TypeError: changeOrder: order 1 was sent by another strategy'),
    ])
  })
})
