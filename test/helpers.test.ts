import { describe, expect, test } from 'vitest'
import { type DataSet, randomWalk } from '#data'
import {
  type BarEvent,
  BarStrategy,
  type BracketAnswers,
  type Event,
  type Instrument,
  type Order,
  OrderStatus,
  OrderType,
  Side,
  type TradeEvent,
} from 'outcry'
import { market, play } from './market.ts'

const synthetic = (changes: DataSet['synthetic'] = {}): DataSet => ({
  id: 'synthetic',
  name: 'Synthetic',
  provenance: 'made while it runs',
  instruments: [],
  synthetic: { seed: 5, preset: 'volatile', seconds: 900, agents: 120, barSeconds: 10, ...changes },
})

/** The same strategies on bars and on a book; `step` is about what the price moves by in a bar. */
const exchanges: readonly [string, DataSet, { step: number }][] = [
  ['bars', randomWalk({ bars: 400, seed: 11 }), { step: 0.5 }],
  ['a synthetic market', synthetic(), { step: 0.05 }],
]
const onTick = (price: number) => Math.round(price * 100) / 100

describe.each(exchanges)('on %s', (_, data, { step }) => {
  test('a bracket ends by its stop or by its target, never by both, and holds nothing after', async () => {
    class Brackets extends BarStrategy {
      sent: BracketAnswers[] = []
      side: Side = Side.BUY
      async onBar({ target: { instrument, close } }: BarEvent) {
        if (this.position(instrument).size !== 0 || this.orders(instrument).length > 0) return
        const sign = this.side === Side.BUY ? 1 : -1
        const exits = { stop: onTick(close - sign * 3 * step), target: onTick(close + sign * 3 * step) }
        this.sent.push(await this.bracket({ instrument, side: this.side, volume: 3 }, exits))
        this.side = sign > 0 ? Side.SELL : Side.BUY
      }
      onExit() {
        const over = this.sent.filter(
          ({ entry, stop }) => entry.accepted && stop!.order!.status !== OrderStatus.OPEN,
        )
        for (const { entry, stop, target } of over) {
          const [a, b] = [stop!.order!, target!.order!]
          if (entry.order!.filled !== 3) continue
          if (a.filled + b.filled !== 3 && this.position(a.instrument).size === 0)
            throw new Error(`${entry.order}: ${a}, ${b}`)
          if (a.filled > 0 && b.filled > 0) throw new Error(`both: ${a}, ${b}`)
        }
        const by = (pick: 'stop' | 'target') =>
          over.filter((answers) => answers[pick]!.order!.filled > 0).length
        this.log(by('stop') > 0, by('target') > 0, over.length > 4)
      }
    }
    expect((await play(Brackets, data)).lines).toEqual(['true true true'])
  })

  test('of a pair that was sent by hand one trades and the other is taken back', async () => {
    class Pairs extends BarStrategy {
      pairs: [Order, Order][] = []
      async onBar({ target: { instrument, close } }: BarEvent) {
        if (this.orders(instrument).length > 0) return
        const { size } = this.position(instrument)
        if (size === 0) await this.buy(instrument, 2)
        else {
          const high = await this.sell(instrument, size, { price: onTick(close + 2 * step) })
          const low = await this.sell(instrument, size, {
            stopPrice: onTick(close - 2 * step),
            pair: high.order,
          })
          if (high.accepted && low.accepted) this.pairs.push([high.order, low.order])
        }
      }
      onExit() {
        const over = this.pairs.filter((pair) => pair.every(({ status }) => status !== OrderStatus.OPEN))
        for (const [high, low] of over)
          if (high.filled > 0 === low.filled > 0) throw new Error(`${high}, ${low}`)
        this.log(
          over.length > 3,
          over.some(([high]) => high.filled > 0),
          over.some(([, low]) => low.filled > 0),
        )
      }
    }
    expect((await play(Pairs, data)).lines).toEqual(['true true true'])
  })

  test('a trailing stop follows a rising market and never falls, and ends what it guards', async () => {
    class Trails extends BarStrategy {
      stop: Order | undefined
      highest = -Infinity
      moved = 0
      done = 0
      async onBar({ target: { instrument } }: BarEvent) {
        const { stop } = this
        if (stop && Number.isFinite(stop.stopPrice)) {
          if (stop.stopPrice < this.highest - 1e-9) throw new Error(`${stop} fell from ${this.highest}`)
          if (stop.stopPrice > this.highest && this.highest > -Infinity) this.moved++
          this.highest = Math.max(this.highest, stop.stopPrice)
        }
        if (this.position(instrument).size !== 0 || this.orders(instrument).length > 0) return
        this.highest = -Infinity
        const answers = await this.bracket(
          { instrument, side: Side.BUY, volume: 2 },
          { trail: onTick(6 * step) },
        )
        this.stop = answers.stop?.order
      }
      onSold({ target: { myOrder } }: TradeEvent) {
        if (myOrder !== this.stop || myOrder!.type !== OrderType.STOP) throw new Error(String(myOrder))
        this.done++
      }
      onExit() {
        this.log(this.moved > 3, this.done > 1)
      }
    }
    expect((await play(Trails, data)).lines).toEqual(['true true'])
  })

  test('a target is reached and left again, long, short and flat, without a trade too many', async () => {
    class Targets extends BarStrategy {
      bar = 0
      async onBar({ target: { instrument } }: BarEvent) {
        const wanted = [0.5, 0.5, 0.8, -0.4, 0, 0][Math.floor(this.bar++ / 10)] ?? 0
        await this.target(instrument, wanted)
        if (this.bar % 10 !== 0) return
        const { size, lastPrice } = this.position(instrument)
        const share = (size * lastPrice) / this.portfolio().equity
        if (Math.abs(share - wanted) > 0.05) throw new Error(`${share} instead of ${wanted}`)
        this.log(wanted, Math.sign(size))
      }
    }
    const record = await play(Targets, data)
    expect(record.lines.slice(0, 6)).toEqual(['0.5 1', '0.5 1', '0.8 1', '-0.4 -1', '0 0', '0 0'])
    expect(record.refusals).toEqual([])
  })

  test('after closeAll and cancelAll nothing is held and nothing works', async () => {
    class Leaves extends BarStrategy {
      bar = 0
      async onBar({ target: { instrument, close } }: BarEvent) {
        this.bar++
        if (this.bar === 3) {
          await this.buy(instrument, 3)
          await this.buy(instrument, 1, { price: onTick(close * 0.5) })
          await this.sell(instrument, 1, { price: onTick(close * 1.5) })
        }
        if (this.bar === 8) {
          const answers = await this.closeAll()
          this.log(answers.map(({ accepted }) => accepted))
        }
        if (this.bar === 12) this.log(this.orders().length, this.position(instrument).size)
      }
    }
    expect((await play(Leaves, data)).lines).toEqual(['[true]', '0 0'])
  })
})

test('the end of a synthetic session halts the market, and its beginning after an auction lets it go on', async () => {
  class Hears extends BarStrategy {
    onHalt({ type, target }: Event<Instrument>) {
      this.log(type, target.name)
    }
    onContinue({ type, target }: Event<Instrument>) {
      this.log(type, target.name)
    }
    onBar() {}
  }
  const { lines, instruments } = await play(
    Hears,
    synthetic({ preset: 'opening-auction', seconds: 300, agents: 60 }),
  )
  const { name } = instruments[0]!
  expect(lines).toEqual([`CONTINUE ${name}`, `HALT ${name}`])
})

test('a short target of the whole account is sized to what it can carry, with slippage too', async () => {
  class Shorts extends BarStrategy {
    async onBar({ target: { instrument } }: BarEvent) {
      if (this.position(instrument).size !== 0) return
      const answer = await this.target(instrument, -1)
      this.log(answer?.accepted ? answer.order!.volume : answer?.reason)
    }
  }
  for (const slippage of [0, 0.0005]) {
    const record = await play(Shorts, market(100, 100, 100), { costs: { commission: 0.001, slippage } })
    expect(record.lines, String(slippage)).toEqual(['99'])
    expect([...record.fills.volume]).toEqual([99])
  }
})
