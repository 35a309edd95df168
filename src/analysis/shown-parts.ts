import { RequestKind, type RunRecord } from '#engine'

/**
 * What the book shows at a time of those orders of a run that it does not show whole: of an iceberg its display, of a hidden
 * order 0. By the ids of the orders; any other order is absent.
 *
 * The record has no column for it. Orders stand there in the order in which the journal's requests were made, with those
 * between them that the risk rules made, and of a part of a run without those of the other strategies.
 */
export function shownParts({ journal, orders }: RunRecord): ReadonlyMap<number, number> {
  const { requests, orders: made } = journal
  const shown = new Map<number, number>()
  if (!made.display.some((display) => display > 0) && !made.hidden.includes(1)) return shown
  const sent = new Set<number>()
  let next = 0
  for (let request = 0; request < requests.kind.length; request++) {
    const row = requests.order[request]!
    if (requests.kind[request] !== RequestKind.NEW || row < 0 || sent.has(row)) continue
    sent.add(row)
    const time = requests.time[request]!
    const entered = (at: number) =>
      orders.time[at] === time &&
      orders.instrument[at] === made.instrument[row] &&
      orders.side[at] === made.side[row] &&
      orders.type[at] === made.type[row]
    let at = next
    while (at < orders.time.length && orders.time[at]! <= time && !entered(at)) at++
    if (!entered(at)) continue
    next = at + 1
    if (made.hidden[row] === 1) shown.set(next, 0)
    else if (made.display[row]! > 0) shown.set(next, made.display[row]!)
  }
  return shown
}
