import type { RunSettings } from '#engine'
import type { AccountMetrics, TradeMetrics } from './report.ts'

/** One plain sentence on how a strategy fared against buy and hold. */
export function verdict(account: AccountMetrics, all: TradeMetrics, settings: RunSettings): string {
  const { commission, slippage } = settings.costs
  // A strategy may charge itself, and a rebate is a cost as well.
  const charged = commission > 0 || slippage > 0 || account.fees !== 0 || account.slippage !== 0
  const costs = charged ? 'after costs' : 'with no costs counted'
  const own = account.totalReturn
  const held = account.buyAndHoldReturn
  if (Number.isNaN(own)) return 'There is nothing to judge: the data has no bars.'
  const isCompared = !Number.isNaN(held)
  const market = isCompared ? `buy and hold ${moved(held)}` : 'nothing had a price'
  if (all.trades + all.openTrades === 0)
    return `It never traded: the cash stayed as it was while ${market} ${costs}.`
  const trades = inTrades(account, all)
  if (own <= -0.99)
    return `Loses ${own < -1 ? 'more than it had' : 'everything'}: the account ${moved(own)} ${trades}, while ${market} ${costs}.`
  if (!isCompared) return `It ${moved(own)} ${trades} ${costs}; nothing had a price to hold it against.`
  const points = Math.abs(own - held) * 100
  const outcome =
    points < 0.05
      ? `Does the same as buy and hold ${costs}`
      : `${own < held ? 'Loses to' : 'Beats'} buy and hold by ${decimal(points)} ${decimal(points) === '1' ? 'point' : 'points'} ${costs}`
  return `${outcome}: it ${moved(own)} ${trades}, buy and hold ${moved(held)}.`
}

/** In how many trades it did so. What is still open is no gain of the closed ones, so both are told where there are both. */
function inTrades({ startEquity, totalReturn }: AccountMetrics, all: TradeMetrics): string {
  const { trades, openTrades, netProfit, openProfit } = all
  const count = (value: number) => (value === 1 ? 'one' : grouped(value))
  const closed = `${count(trades)} closed ${trades === 1 ? 'trade' : 'trades'}`
  if (trades === 0) return 'without closing a trade'
  if (openTrades === 0) return `in ${closed}`
  const open = `${count(openTrades)} still open`
  // What is exchanged between currencies can be worth something beside the trades.
  const [ofClosed, ofOpen] = [netProfit / startEquity, openProfit / startEquity]
  const isWhole = Math.abs(ofClosed + ofOpen - totalReturn) < 0.0005
  return isWhole ? `(${closed} ${made(ofClosed)}, ${open} ${made(ofOpen)})` : `in ${closed} and ${open}`
}

/** To a tenth of a percent, so that the parts of a return add up to it. */
function made(fraction: number): string {
  const tenths = Math.round(Math.abs(fraction) * 1000)
  return tenths === 0 ? 'made nothing' : `${fraction < 0 ? 'lost' : 'gained'} ${tenths / 10} %`
}

/** Whole above ten, else with one decimal. */
function decimal(value: number): string {
  return value >= 9.95 ? grouped(Math.round(value)) : String(Math.round(value * 10) / 10)
}

/** With commas between thousands. */
function grouped(count: number): string {
  return String(count).replace(/\B(?=(\d{3})+$)/g, ',')
}

function moved(fraction: number): string {
  const percent = decimal(Math.abs(fraction) * 100)
  return percent === '0' ? 'stayed where it was' : `${fraction < 0 ? 'lost' : 'gained'} ${percent} %`
}
