import { expect, test } from 'vitest'
import { stateOf } from '#market'
import { type BarEvent, BarStrategy } from 'outcry'
import { market, play } from './market.ts'

/** An engine that loses count: before an order ends, what is known of it is written over. */
const miscounting = (write: (state: ReturnType<typeof stateOf>) => void) =>
  class extends BarStrategy {
    async onBar({ target: { instrument } }: BarEvent) {
      const [order] = this.orders()
      if (order) {
        write(stateOf(order))
        await this.cancelOrder(order)
      } else await this.buy(instrument, 5, { price: 5 })
    }
  }

test('an order that ends with more filled than was asked for stops the run, in every build', async () => {
  await expect(
    play(
      miscounting((state) => (state.filled = 6)),
      market(10, 10),
    ),
  ).rejects.toThrow('Order 1 of 5 is CANCELLED with 6 filled: its volume does not add up')
})

test('so does one that lost what had filled', async () => {
  await expect(
    play(
      miscounting((state) => (state.filled = -1)),
      market(10, 10),
    ),
  ).rejects.toThrow(/with -1 filled: its volume does not add up/)
})

test('one that was taken back with a part of it filled adds up', async () => {
  const record = await play(
    miscounting(() => {}),
    market(10, 10, 10),
  )
  expect(record.orders.status).toHaveLength(2)
})
