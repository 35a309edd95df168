import type { DataSet } from '#data'
import { moneyWords } from '#analysis'
import type { Source } from '#compile'
import { currencyOf } from '#engine'
import { change, clock, counted, money, number, percent, price, volume } from '../format.ts'
import type { Result } from '../run.ts'
import { partFigures } from '../together/parts.ts'
import { span } from '../kit/line.ts'
import { pathOf } from './curve.ts'

/** What a report tells. */
export interface Reported {
  readonly name: string
  readonly source: Source
  readonly result: Pick<Result, 'record' | 'report' | 'data' | 'asked' | 'together'>
  /** Costs and fills in a sentence or two. */
  readonly assumptions: string
  /** The address that opens all of this in Outcry; empty where it is too long for one. */
  readonly link: string
}

/** Trades that a report lists. */
const mostTrades = 2000
const [width, height] = [960, 240]

/**
 * A run as one page that stands for itself: figures, equity, trades, code and assumptions. It has no script, loads nothing,
 * and may be opened from a disk or a mail.
 */
export function htmlReport({ name, source, result, assumptions, link }: Reported): string {
  const { record, report, data, asked } = result
  const { account, all } = report
  const currency = currencyOf(record)
  const figures: readonly (readonly [string, string])[] = [
    ['Return', percent(account.totalReturn, true)],
    ['Annual return', percent(account.annualReturn, true)],
    ['Buy and hold', percent(account.buyAndHoldReturn, true)],
    ['Sharpe', number(account.sharpe, 2)],
    ['Max drawdown', percent(-Math.abs(account.maxDrawdown), true)],
    ['Trades', number(all.trades + all.openTrades)],
    ['Won', percent(all.winRate, false, 0)],
    ['Costs', money(account.fees + account.slippage, currency)],
    ['Final equity', money(account.finalEquity, currency)],
  ]
  const { files, entry } = source
  const names = [entry, ...Object.keys(files).filter((file) => file !== entry)]
  const inputsOf = ({ inputs }: Pick<typeof record, 'inputs'>) =>
    Object.entries(inputs)
      .map(([input, value]) => `${input} ${String(value)}`)
      .join(', ')
  const inputs = (record.strategies ?? [record])
    .map((one) => ('name' in one ? `${one.name}: ${inputsOf(one) || 'none'}` : inputsOf(one)))
    .filter(Boolean)
  const beside = result.together?.asked.beside ?? []
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${text(name)} · Outcry</title>
<style>${style}</style>
</head>
<body>
<main>
<h1>${text(name)}</h1>
<p class="verdict">${text(report.verdict)}</p>
<p>${text(data.name)}: ${text(periodOf(data))}. ${text(data.provenance)}</p>
<dl class="figures">${figures.map(([label, value]) => `<div><dt>${text(label)}</dt><dd>${text(value)}</dd></div>`).join('')}</dl>
${strategies(result, currency)}<h2>Equity</h2>
${equity(result, currency)}
<h2>Assumptions</h2>
<ul>
<li>${text(assumptions)}</li>
<li>Starting cash ${text(money(record.settings.cash, currency))}, leverage ${text(number(record.settings.leverage, 1, false))}, seed ${text(String(asked.synthetic?.seed ?? record.settings.seed))}.</li>${moneyWords(
    record,
  )
    .map((words) => `\n<li>${text(words[0]!.toUpperCase() + words.slice(1))}.</li>`)
    .join('')}
${inputs.length > 0 ? `<li>Inputs: ${text(inputs.join('; '))}.</li>` : ''}
<li>Engine ${text(record.engine)}. Run digest <code>${text(record.digest)}</code>: equal digests mean equal runs.</li>
<li>These results were produced by the code below, on past or simulated prices. They say nothing certain about the future.</li>
</ul>
${link ? `<p><a href="${text(link)}" rel="noopener noreferrer">Open it in Outcry and run it yourself</a></p>` : ''}
<h2>Trades</h2>
${trades(result)}
<h2>Code</h2>
${names.map((file) => `<h3>${text(file)}</h3>\n<pre><code>${text(files[file]!)}</code></pre>`).join('\n')}
${beside
  .flatMap(({ name, source: { files } }) =>
    Object.entries(files).map(
      ([file, code]) => `<h3>${text(`${name}, ${file}`)}</h3>\n<pre><code>${text(code)}</code></pre>`,
    ),
  )
  .join('\n')}
</main>
</body>
</html>
`
}

/** What each of several strategies made; nothing of one alone. */
function strategies({ record, report, together }: Reported['result'], currency: string): string {
  if (!together) return ''
  const { parts, account } = partFigures({ record, report, together })
  const rows = [...parts, account].map((one) =>
    [
      one.name,
      one.open || 'none',
      percent(one.share),
      money(one.cash, currency, { exact: true }),
      money(one.equity, currency, { exact: true }),
      percent(one.return, true),
      percent(-Math.abs(one.drawdown), true),
      number(one.trades),
      money(one.fees, currency, { exact: true }),
    ]
      .map((cell) => `<td>${text(cell)}</td>`)
      .join(''),
  )
  const heads = [
    'Strategy',
    'Held at the end',
    'Share',
    'From',
    'To',
    'Return',
    'Max drawdown',
    'Trades',
    'Fees',
  ]
  return `<h2>Strategies</h2>
<div class="scroll"><table>
<thead><tr>${heads.map((head) => `<th scope="col">${head}</th>`).join('')}</tr></thead>
<tbody>${rows.map((row) => `<tr>${row}</tr>`).join('')}</tbody>
</table></div>
`
}

function equity({ record, report }: Reported['result'], currency: string): string {
  const { value, time } = record.equity
  if (value.length === 0) return '<p>The data has no bars.</p>'
  const { low, high } = span(value, report.buyAndHold)
  const plane = { width, height, low, high }
  const lines = [
    `<path class="hold" d="${pathOf(report.buyAndHold, plane)}"/>`,
    `<path class="equity" d="${pathOf(value, plane)}"/>`,
  ].join('')
  const falls = span(report.drawdown)
  const fall = pathOf(report.drawdown, { width, height: 70, low: Math.min(falls.low, -1e-9), high: 0 })
  const { day } = clock(time, 'UTC')
  return `<figure>
<svg viewBox="0 0 ${width} ${height}" role="img" aria-label="${text(`Equity from ${money(value[0]!, currency)} to ${money(value[value.length - 1]!, currency)}, and buy and hold`)}">${lines}</svg>
<figcaption><span class="equity">Equity</span> <span class="hold">Buy and hold (dashed)</span> ${text(`from ${money(low, currency)} to ${money(high, currency)}, ${day(time[0]!)} to ${day(time[time.length - 1]!)}`)}</figcaption>
<svg viewBox="0 0 ${width} 70" role="img" aria-label="${text(`Drawdown, at most ${percent(-falls.low)}`)}"><path class="fall" d="${fall}"/></svg>
<figcaption>Drawdown, at most ${text(percent(-falls.low))}</figcaption>
</figure>`
}

function trades({ record, report, data }: Reported['result']): string {
  const { trades } = report
  const count = trades.side.length
  if (count === 0) return '<p>The strategy made no trades.</p>'
  const clocks = data.instruments.map(({ bars, instrument }) =>
    clock(bars.time, instrument.timeZone ?? 'UTC'),
  )
  const rows = Array.from({ length: Math.min(count, mostTrades) }, (_, row) => {
    const k = trades.instrument[row]!
    const at = (time: number) => (Number.isNaN(time) ? 'open' : (clocks[k]?.at(time) ?? ''))
    const pnl = trades.pnl[row]!
    const cells = [
      number(row + 1),
      trades.side[row]! > 0 ? '▲ Long' : '▼ Short',
      [record.strategies?.[trades.strategy?.[row] ?? -1]?.name, record.instruments[k]?.name]
        .filter(Boolean)
        .join(', '),
      volume(trades.size[row]!),
      at(trades.entryTime[row]!),
      price(trades.entryPrice[row]!),
      at(trades.exitTime[row]!),
      price(trades.exitPrice[row]!),
    ]
    const tone = pnl > 0 ? ' class="gain"' : pnl < 0 ? ' class="loss"' : ''
    return `<tr>${cells.map((cell) => `<td>${text(cell)}</td>`).join('')}<td${tone}>${text(change(pnl))}</td><td>${text(percent(trades.return[row]!, true))}</td></tr>`
  })
  const heads = ['#', 'Side', 'Instrument', 'Size', 'Entered', 'At', 'Left', 'At', 'Profit', 'Return']
  return `<div class="scroll"><table>
<thead><tr>${heads.map((head) => `<th scope="col">${head}</th>`).join('')}</tr></thead>
<tbody>
${rows.join('\n')}
</tbody>
</table></div>
${count > mostTrades ? `<p>The first ${number(mostTrades)} of ${number(count)} trades.</p>` : ''}`
}

/** First and last bar and how many there are, in words. */
function periodOf({ instruments }: DataSet): string {
  const [first] = instruments
  if (!first || first.bars.time.length === 0) return 'no bars'
  const { time } = first.bars
  const zone = first.instrument.timeZone ?? 'UTC'
  const { at } = clock(time, zone)
  const bars = instruments.reduce((sum, { bars }) => sum + bars.time.length, 0)
  return `${at(time[0]!)} to ${at(time[time.length - 1]!)}, ${counted(bars, 'bar')}, ${zone}`
}

/** Text as it may stand in a page and in its attributes, whatever it is. */
function text(value: string): string {
  const names: Readonly<Record<string, string>> = {
    '&': 'amp',
    '<': 'lt',
    '>': 'gt',
    '"': 'quot',
    "'": '#39',
  }
  return value
    .replace(/[&<>"']/g, (letter) => `&${names[letter]!};`)
    .replace(/[\p{Cs}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]|(?![\t\r\n])\p{Cc}/gu, '\ufffd')
}

const style = `
:root { color-scheme: light dark; --text: light-dark(#16191d, #e7eaee); --muted: light-dark(#5f6874, #8f99a6); --line: light-dark(#e1e4e8, #252b32); --page: light-dark(#fff, #14181c); --sunken: light-dark(#eff1f3, #0b0e11); --accent: light-dark(#2f5bea, #7c9cff); --gain: light-dark(#0b7f78, #3cc4b8); --loss: light-dark(#c2410c, #ff8a5c); }
body { margin: 0; background: var(--page); color: var(--text); font: 14px/1.5 ui-sans-serif, system-ui, sans-serif; font-variant-numeric: tabular-nums; }
main { max-width: 960px; margin: 0 auto; padding: 24px 16px 64px; }
h1 { margin: 0; font-size: 24px; overflow-wrap: anywhere; } h2 { margin: 32px 0 8px; font-size: 16px; } h3 { font-size: 13px; color: var(--muted); }
.verdict { font-size: 16px; }
.figures { display: flex; flex-wrap: wrap; margin: 16px 0; border: solid var(--line); border-width: 1px 0 0 1px; }
.figures div { flex: 1 0 110px; padding: 8px 12px; border: solid var(--line); border-width: 0 1px 1px 0; } dt { font-size: 12px; color: var(--muted); } dd { margin: 0; font-size: 18px; }
figure { margin: 0; } svg { display: block; width: 100%; height: auto; overflow: visible; border-bottom: 1px solid var(--line); } figcaption { padding: 4px 0 12px; color: var(--muted); font-size: 12px; }
path { fill: none; stroke-width: 1.5; vector-effect: non-scaling-stroke; } path.equity { stroke: var(--accent); } path.hold { stroke: var(--muted); stroke-dasharray: 4 3; } path.fall { stroke: var(--loss); } span.equity { color: var(--accent); }
a { color: var(--accent); } .scroll { overflow-x: auto; } table { width: 100%; border-collapse: collapse; font-size: 12px; } th, td { padding: 4px 8px; text-align: right; white-space: nowrap; border-top: 1px solid var(--line); } th { color: var(--muted); font-weight: 400; } th:nth-child(2), td:nth-child(2), th:nth-child(3), td:nth-child(3) { text-align: left; }
.gain { color: var(--gain); } .loss { color: var(--loss); }
pre { padding: 12px; overflow-x: auto; background: var(--sunken); border-radius: 6px; font: 12px/1.5 ui-monospace, monospace; tab-size: 2; } code { font-family: ui-monospace, monospace; overflow-wrap: anywhere; } pre code { overflow-wrap: normal; }
`
