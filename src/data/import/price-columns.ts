import { type Role, rolesOf } from './names.ts'

/** Whether a column of a role belongs to one instrument. */
export const isPrice = (role: Role) =>
  role === 'open' ||
  role === 'high' ||
  role === 'low' ||
  role === 'close' ||
  role === 'volume' ||
  role === 'adjustedClose'

/** Names that carry an instrument beside the role of their column, as `AAPL_Open`, `Close MSFT` or `('High', 'SPY')`. */
export function wideNames(names: readonly string[]): {
  groups: number
  columns: readonly ({ role: Role; symbol: string } | undefined)[]
} {
  const columns = names.map((name) => {
    const tokens = name
      .split(/[\s,()'"|:]+|[_.](?=[\p{L}^])|(?<=[\p{L}\d])[_](?=\d)/u)
      .filter((token) => token !== '')
    if (tokens.length < 2) return undefined
    for (const [at, rest] of [
      [tokens.length - 1, 1],
      [0, -1],
    ] as const) {
      const role = rolesOf(tokens[at]!).find((entry) => isPrice(entry.role) && entry.rank < 12)?.role
      const before = at > 0 ? tokens[at - 1] : undefined
      const adjusted = role === 'close' && (/^adj/i.test(before ?? '') || /^adj/i.test(tokens[0]!))
      if (role && rest) {
        const others = tokens.filter((token, index) => index !== at && !/^adj(usted)?$/i.test(token))
        if (others.length > 0)
          return { role: adjusted ? ('adjustedClose' as const) : role, symbol: others.join('.') }
      }
    }
    return undefined
  })
  const closes = columns.filter((entry) => entry?.role === 'close' || entry?.role === 'adjustedClose')
  return { groups: new Set(closes.map((entry) => entry!.symbol)).size, columns }
}

const permutations: readonly (readonly Role[])[] = (() => {
  const all: Role[][] = []
  const four: Role[] = ['open', 'high', 'low', 'close']
  const extend = (done: Role[]) => {
    if (done.length === 4) all.push(done)
    else for (const role of four) if (!done.includes(role)) extend([...done, role])
  }
  extend([])
  return all
})()

/** Orders that exchanges and vendors write besides open, high, low, close, and that only values tell from it. */
const otherOrders: readonly (readonly Role[])[] = [
  ['open', 'close', 'high', 'low'],
  ['low', 'high', 'open', 'close'],
  ['close', 'open', 'high', 'low'],
  ['close', 'high', 'low', 'open'],
  ['high', 'low', 'open', 'close'],
]

/**
 * The order of four price columns: open, high, low, close unless highs and lows contradict it. What highs and lows
 * leave open, which of two is the open and which the close, is settled by each open being near the close before.
 */
export function priceOrder(rows: readonly (readonly number[])[]): readonly Role[] {
  const standard = permutations[0]!
  const judge = (order: readonly Role[]) => {
    const [open, high, low, close] = standard.map((role) => order.indexOf(role)) as [
      number,
      number,
      number,
      number,
    ]
    let wrong = 0
    let jump = 0
    let backJump = 0
    rows.forEach((row, at) => {
      const top = Math.max(row[open]!, row[close]!, row[low]!)
      if (row[high]! < top || row[low]! > Math.min(row[open]!, row[close]!)) wrong++
      if (at === 0) return
      const scale = Math.abs(row[close]!) || 1
      jump += Math.abs(row[open]! - rows[at - 1]![close]!) / scale
      // Newest first, the close before is in the row below.
      backJump += Math.abs(rows[at - 1]![open]! - row[close]!) / scale
    })
    return { order, fits: wrong <= rows.length * 0.02, jump: Math.min(jump, backJump) }
  }
  const usual = judge(standard)
  const known = [usual, ...otherOrders.map(judge)].filter(({ fits }) => fits)
  const fitting = known.length > 0 ? known : permutations.map(judge).filter(({ fits }) => fits)
  if (fitting.length === 0) return standard
  const nearest = fitting.reduce((a, b) => (b.jump < a.jump ? b : a))
  // Few rows, or a small difference, do not speak against the usual order.
  if (usual.fits && (rows.length < 20 || nearest.jump > usual.jump / 2)) return standard
  return nearest.order
}
