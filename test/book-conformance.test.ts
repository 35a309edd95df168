import { existsSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { OrderFlag, OrderType, Side } from '#market'
import { DrawnMarket } from './ladder.ts'

type Pair = [number, number]
type Add = [
  op: 'add',
  name: string,
  side: 'B' | 'S',
  quantity: number,
  price: number,
  type?: 'L' | 'M' | 'S',
  flag?: '' | 'FOK' | 'AON' | 'IOC',
  target?: [side: 'B' | 'S', quantity: number, price: number, type: 'L' | 'M'],
]
type Operation = Add | ['cancel', string] | ['change', string, number]
interface Case {
  id: string
  tag: 'OK' | 'BUG' | 'VAR' | 'aat-profile'
  seed: 'plain' | 'FOK' | 'AON' | 'IOC' | null
  want?: { bids?: Pair[]; asks?: Pair[]; tob?: Pair[]; trades?: Pair[]; filled?: Record<string, number> }
  steps: {
    op: Operation
    aat: {
      book: { bids: Pair[]; asks: Pair[]; bidsTruncated?: boolean; asksTruncated?: boolean }
      events: { type: string; order?: string; volume?: number; price?: number }[]
      error?: string
    }
  }[]
}

const flags = {
  '': OrderFlag.NONE,
  FOK: OrderFlag.FILL_OR_KILL,
  AON: OrderFlag.ALL_OR_NONE,
  IOC: OrderFlag.IMMEDIATE_OR_CANCEL,
}
const sideOf = (side: 'B' | 'S') => (side === 'B' ? Side.BUY : Side.SELL)

function perform(market: DrawnMarket, operation: Operation): void {
  if (operation[0] === 'cancel') market.cancel(operation[1])
  else if (operation[0] === 'change') market.change(operation[1], operation[2])
  else {
    const [, name, side, quantity, price, type = 'L', flag = '', target] = operation
    if (target) {
      const [targetSide, targetQuantity, targetPrice, targetType] = target
      market.add(name, sideOf(targetSide), targetQuantity, {
        stopPrice: price,
        ...(targetType === 'L' ? { price: targetPrice } : {}),
      })
    } else
      market.add(name, sideOf(side), quantity, {
        price,
        flag: flags[flag],
        type: type === 'M' ? OrderType.MARKET : OrderType.LIMIT,
      })
  }
}

/** 19 orders of one lot at 0.5, 1.0 … 9.5; those up to 5.0 bid. */
function seed(market: DrawnMarket, flag: 'plain' | 'FOK' | 'AON' | 'IOC'): void {
  for (let i = 1; i <= 19; i++) {
    const price = i / 2
    const side = price <= 5 ? 'B' : 'S'
    const name = `${side === 'B' ? 'b' : 'a'}${price.toFixed(1)}`
    market.add(name, sideOf(side), 1, { price, flag: flags[flag === 'plain' ? '' : flag] })
  }
  market.heard()
}

const file = new URL('../../shared/conformance/orderbook.json', import.meta.url)
const cases: Case[] = existsSync(file)
  ? (JSON.parse(readFileSync(file, 'utf8')) as { cases: Case[] }).cases
  : []
if (cases.length === 0) console.log(`skipped: no conformance cases at ${file.pathname}`)

const started = (event: string, kind: string) => event.startsWith(`${kind} `)
const target = (name: string) => name.replace(/\.target$/, '')

describe.skipIf(cases.length === 0)('the conformance cases', () => {
  test.each(cases.map((each) => [each.id, each.tag, each] as const))('%s (%s)', (_, tag, each) => {
    const market = new DrawnMarket({ profile: tag === 'aat-profile' ? 'aat' : 'exchange' })
    if (each.seed) seed(market, each.seed)
    const agrees = tag === 'OK' || tag === 'aat-profile' || (tag === 'VAR' && !each.want)
    for (const { op, aat } of each.steps) {
      const from = market.trades.length
      perform(market, op)
      const heard = market.heard()
      if (!agrees) continue
      const shown = (side: Side, truncated: boolean | undefined) =>
        market.side(side).slice(0, truncated ? 4 : undefined)
      expect(shown(Side.BUY, aat.book.bidsTruncated)).toEqual(aat.book.bids)
      expect(shown(Side.SELL, aat.book.asksTruncated)).toEqual(aat.book.asks)
      if (op[0] === 'cancel') continue // aat tells of a cancel later, if ever
      const filled = aat.events.filter(({ type }) => type === 'FILL').map(({ order }) => target(order!))
      expect(
        heard
          .filter((event) => started(event, 'FILL'))
          .map((event) => event.slice(5))
          .sort(),
      ).toEqual(filled.sort())
      const cancelled = aat.events.filter(({ type }) => type === 'CANCEL').map(({ order }) => order!)
      expect(
        heard
          .filter((event) => started(event, 'CANCEL'))
          .map((event) => event.split(' ')[1])
          .sort(),
      ).toEqual(cancelled.sort())
      const prints = aat.events.filter(({ type }) => type === 'TRADE')
      if (prints.length === 0) continue // aat tells of no trade when the taker rests
      const volume = (pairs: Pair[]) => pairs.reduce((sum, [quantity]) => sum + quantity, 0)
      const value = (pairs: Pair[]) => pairs.reduce((sum, [quantity, price]) => sum + quantity * price, 0)
      const ours = market.trades.slice(from)
      const theirs = prints.map(({ volume, price }): Pair => [volume!, price!])
      expect(volume(ours)).toBeCloseTo(volume(theirs), 7)
      expect(value(ours)).toBeCloseTo(value(theirs), 7)
    }
    const { want } = each
    if (want?.bids) expect(market.side(Side.BUY)).toEqual(want.bids)
    if (want?.asks) expect(market.side(Side.SELL)).toEqual(want.asks)
    if (want?.tob) expect([market.side(Side.BUY)[0], market.side(Side.SELL)[0]]).toEqual(want.tob)
    if (want?.trades) expect(market.trades.slice(0, want.trades.length)).toEqual(want.trades)
    if (want?.filled)
      for (const [name, quantity] of Object.entries(want.filled))
        expect(
          market.trades.reduce((sum, [traded]) => sum + traded, 0),
          name,
        ).toBe(quantity)
  })
})
