/** Version of the engine: it changes whenever the same run could come out differently. */
export const engineVersion = '0.6.0'

/** What runs come out differently since each version, the newest last; the versions before the first are not known. */
const changes: readonly (readonly [version: string, what: string])[] = [
  ['0.1.0', ''],
  ['0.2.0', "an order of more than a bar's volume trades over several bars"],
  ['0.3.0', 'several strategies together have a digest of another form'],
  [
    '0.4.0',
    "on an order book one of a pair fills and not both, orders sent in onExit trade there, a strategy's own slippage spares limit orders, and prices below zero and pairs with an order that has ended are refused; what filled at a close is valued without its slippage, a halt closes at the close that it is about, and what nobody awaits goes on at places of its own; a trailing stop is not pulled by prices from before it began",
  ],
  [
    '0.5.0',
    "what an account cannot take of a fill uses up nothing of its bar's volume, and what nobody awaits goes on before and after onExit too; on a synthetic market a trade between orders of the run moves neither the last price nor the bars",
  ],
  [
    '0.6.0',
    'on recorded orders what only reduces trades with own orders as it does on a book, and a trade between own orders leaves what accounts are worth alone; a risk rule lets not one lot more than its limit pass, however small lots are; buy and hold pays every form of cost, and no slippage on an order book; of exchanges on bars that share a stamp all fill before any bar is told; a short target is sized to what the account carries with slippage; what orders of onExit take from a book is worth the last price; a market order trades on bars before the first that has a volume; volatility, Sharpe and Sortino ratio count what the first day brought; on bars the nearer of several prices fills first, not the one sent first, what is asked between the fills of a bar is answered without its close, and nothing sent during the first bar trades on it; on a synthetic market a trade between own orders triggers no stop, and nobody follows an order of the run that stands alone and far away; an order by notional is no more units on a book than the rules counted, and counts beside what is held at its last price; where a rule or the funds go by money, what trades at the market at once counts at the price of the market and not at its own, what works ties up what it was let pass at, and what is held counts at the last price; where bars differ in length each is told when it has ended, and orders on the longer ones enter with the first that opens afterwards',
  ],
]

/** What comes out differently here than it did with another version of the engine; undefined where that is not known. */
export function changesSince(version: string): readonly string[] | undefined {
  const at = changes.findIndex(([known]) => known === version)
  return at < 0 ? undefined : changes.slice(at + 1).map(([, what]) => what)
}
