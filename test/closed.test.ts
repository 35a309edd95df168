import { describe, expect, test } from 'vitest'
import * as outcry from 'outcry'
import { type BarEvent, BarStrategy, Order, Side, Strategy, type TradeEvent } from 'outcry'
import { fills, market, play } from './market.ts'

/** What a strategy can read from `outcry` that is shared with the engine. */
const shared = Object.entries(outcry).filter(([, value]) => typeof value === 'object' || isClass(value))

function isClass(value: unknown): value is { readonly prototype: object } {
  return typeof value === 'function' && /^class\b/.test(Function.prototype.toString.call(value))
}

describe('what strategies share with the engine', () => {
  test('is in the list that follows', () => {
    expect(shared.map(([name]) => name)).toEqual(
      expect.arrayContaining(['Bar', 'Event', 'Instrument', 'Order', 'Strategy', 'Side', 'OrderStatus']),
    )
  })

  test.each(shared)('cannot be written to: %s', (_, value) => {
    expect(Object.isFrozen(value)).toBe(true)
    if (isClass(value)) expect(Object.isFrozen(value.prototype)).toBe(true)
  })

  test.each(['side', 'volume', 'price', 'instrument', 'filled', 'status', 'remaining', 'type'] as const)(
    'keeps Order.prototype.%s as it is, and the account what it was',
    async (name) => {
      class Forges extends BarStrategy {
        async onBar({ target: bar }: BarEvent) {
          await this.buy(bar.instrument, 1)
          expect(() => Object.defineProperty(Order.prototype, name, { get: () => Side.SELL })).toThrow(
            /Cannot redefine property/,
          )
        }
      }
      class Honest extends BarStrategy {
        async onBar({ target: bar }: BarEvent) {
          await this.buy(bar.instrument, 1)
        }
      }
      const data = market(10, 11, 12, 13)
      const { digest } = await play(Honest, data)
      expect((await play(Forges, data)).digest).toBe(digest)
    },
  )

  test('keeps the prototypes behind answers', async () => {
    class Forges extends BarStrategy {
      onBar({ target: bar }: BarEvent) {
        const answer = this.buy(bar.instrument, 1)
        expect(Object.isFrozen(Object.getPrototypeOf(answer))).toBe(true)
      }
    }
    await play(Forges, market(10, 11))
  })
})

describe('an author can still', () => {
  test('write handlers and methods of a base class as fields', async () => {
    const heard: string[] = []
    class Fields extends Strategy {
      onBar = ({ target: bar }: BarEvent) => void this.buy(bar.instrument, 1)
      onTrade = ({ target }: TradeEvent) => void heard.push(`trade at ${target.price}`)
      override name = () => 'of my own'
      onExit = () => void heard.push(this.name())
    }
    const record = await play(Fields, market(10, 11))
    expect(fills(record)).toEqual(['buy 1 X at 11 on 1 by open'])
    expect(heard).toContain('of my own')
  })

  test('assign to a name that the base class has, as code without types does', async () => {
    class Assigns extends BarStrategy {
      constructor() {
        super()
        Object.assign(this, { name: 'mine', target: 5, onTrade: () => this.log('traded') })
      }
      onBar() {
        this.log(String(this.name), String(this.target))
      }
    }
    expect((await play(Assigns, market(10))).lines).toEqual(['traded', 'mine 5'])
  })

  test('call the method beneath the one that replaces it', async () => {
    class Doubles extends BarStrategy {
      override buy(...[instrument, volume, options]: Parameters<Strategy['buy']>) {
        return super.buy(instrument, volume * 2, options)
      }
      async onBar({ target: bar }: BarEvent) {
        await this.buy(bar.instrument, 1)
      }
    }
    const record = await play(Doubles, market(10, 11))
    expect(fills(record)[0]).toBe('buy 2 X at 11 on 1 by open')
  })
})
