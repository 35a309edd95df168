import { OrderBook, type BookListener } from '#book'
import { run, seededFlow } from './bench/order-flow.ts'

/** Writes a seeded market as a LOBSTER file of `depth` levels, begun after `from` events: only what changes the levels in sight is told, `pause` seconds apart. */
export function lobsterFile(
  depth: number,
  from: number,
  seed = 11,
  pause = 0.001,
): [message: string, row: string][] {
  const sizes = [new Map<number, number>(), new Map<number, number>()] as const
  const resting = new Map<number, [side: number, price: number]>()
  const best = (side: number) =>
    [...sizes[side]!]
      .filter(([, lots]) => lots > 0)
      .sort(([a], [b]) => (side === 0 ? b - a : a - b))
      .slice(0, depth)
  const row = () => {
    const [bids, asks] = [best(0), best(1)]
    return Array.from({ length: depth }, (_, i) => [
      ...(asks[i] ?? [9_999_999_999, 0]),
      ...(bids[i] ?? [-9_999_999_999, 0]),
    ]).join(',')
  }
  const rows: [string, string][] = []
  let time = 34_200
  let events = 0
  let before = row()
  const tell = (type: number, id: number, lots: number) => {
    const [side, price] = resting.get(id)!
    sizes[side]!.set(price, (sizes[side]!.get(price) ?? 0) + (type === 1 ? lots : -lots))
    if (++events < from) return
    const after = row()
    if (after !== before || events === from)
      rows.push([
        `${(time += pause).toFixed(3)},${type},${id},${lots},${price},${side === 0 ? 1 : -1}`,
        after,
      ])
    before = after
  }
  const left = new Map<number, number>()
  const listener: BookListener = {
    open: (_, id, side, price, quantity) => {
      resting.set(id, [side, price])
      left.set(id, quantity)
      tell(1, id, quantity)
    },
    trade: (_, maker, __, ___, ____, quantity, makerLeft) => {
      left.set(maker, makerLeft)
      tell(4, maker, quantity)
    },
    change: (_, id, __, ___, quantity) => {
      tell(2, id, left.get(id)! - quantity)
      left.set(id, quantity)
    },
    cancel: (_, id, __, quantity) => {
      if (left.get(id) === quantity) tell(3, id, quantity)
    },
    fill: () => {},
    reject: () => {},
    trigger: () => {},
    phase: () => {},
  }
  run(new OrderBook({ listener }), seededFlow('small', 6_000, 120, seed, 40))
  return rows
}
