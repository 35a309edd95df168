import { lasting, moneyWords, type Report, report, type TradeMetrics } from '#analysis'
import { type DataSet, legible } from '#data'
import type { RunRecord } from '#engine'
import { makesBars } from '#exchange'
import { barCostWords, barFillWords, bookCostWords } from './cli-costs.ts'
import { currencyWords } from './cli-money.ts'
import { RecordingFile } from './cli-recorded.ts'
import { refusedWords, riskWords, stateLines } from './cli-risk.ts'
import { count, counted, decimals, instant, listed, money, percent, table } from './cli-words.ts'

/** What is printed of a run. */
export interface Printed {
  /** Names of the strategies. */
  readonly strategies: readonly string[]
  /** One data set per exchange. */
  readonly sets: readonly DataSet[]
  /** What was not as the configuration has it, in sentences. */
  readonly overridden?: readonly string[]
  readonly json: boolean
}

/** Prints what came of a run: a report for people, or one JSON document. */
export function print(printed: Printed, record: RunRecord): void {
  const data = together(printed.sets)
  const result = report(record, data)
  const all = printed.json ? json(printed, data, record, result) : text(printed, data, record, result)
  process.stdout.write(`${all}\n`)
}

/** Several data sets as one, for the figures of the whole account. */
function together(sets: readonly DataSet[]): DataSet {
  if (sets.length === 1) return sets[0]!
  return {
    id: sets.map(({ id }) => id).join(', '),
    name: sets.map(({ name }) => name).join(' and '),
    provenance: sets.map(({ id, provenance }) => `${id}: ${provenance}`).join('\n          '),
    instruments: sets.flatMap(({ instruments }) => instruments),
  }
}

/** What is taken from fills on a data set, and how orders fill there. */
function termsOn(data: DataSet, record: RunRecord) {
  const { fill, bars } = record.settings
  return {
    costs: makesBars(data) ? bookCostWords(record) : barCostWords(record),
    fills: data.synthetic
      ? 'on the order book, after a delay each way'
      : data.recorded
        ? 'among recorded orders, by place in the queue; nobody reacts to them, which is optimistic'
        : barFillWords(
            fill,
            bars,
            data.instruments.some(({ bars }) => bars.volume.some((volume) => volume > 0)),
          ),
  }
}

function text(
  { strategies, sets, overridden = [] }: Printed,
  data: DataSet,
  record: RunRecord,
  result: Report,
): string {
  const { account, all, long, short } = result
  const { settings } = record
  const sides = (label: string, show: (metrics: TradeMetrics) => string) => [
    label,
    show(all),
    show(long),
    show(short),
  ]
  const first = record.equity.time[0]
  const last = record.equity.time.at(-1)
  const facts = (rows: readonly (readonly [string, string])[]) =>
    rows.map(([label, value]) => `${label.padEnd(10)}${value}`).join('\n')
  const refused = record.refusals.length
  const longest = lasting(account.maxDrawdownDays)
  return [
    `${listed(strategies)} on ${data.name}`,
    result.verdict,
    table([
      ['', 'strategy', 'buy and hold'],
      ['Return', percent(account.totalReturn), percent(account.buyAndHoldReturn)],
      ['Annual return', percent(account.annualReturn), percent(account.buyAndHoldAnnualReturn)],
      ['Largest drawdown', percent(account.maxDrawdown), percent(account.buyAndHoldMaxDrawdown)],
      ['Final equity', money(account.finalEquity), money(result.buyAndHold.at(-1) ?? NaN)],
      [
        'Longest drawdown',
        `${decimals(longest.value, 0)} ${longest.value === 1 ? longest.unit : `${longest.unit}s`}`,
        '',
      ],
      ['Volatility', percent(account.volatility), ''],
      ['Sharpe ratio', decimals(account.sharpe, 2), ''],
      ['Sortino ratio', decimals(account.sortino, 2), ''],
      ['Calmar ratio', decimals(account.calmar, 2), ''],
      ['Exposure', percent(account.exposure), ''],
      ['Turnover', decimals(account.turnover, 1), ''],
      ['Fees', money(account.fees), ''],
      ['Slippage', money(account.slippage), ''],
    ]),
    table([
      ['', 'all', 'long', 'short'],
      sides('Closed trades', (metrics) => count(metrics.trades)),
      sides('Open trades', (metrics) => count(metrics.openTrades)),
      sides('Winners', (metrics) => percent(metrics.winRate)),
      sides('Net profit', (metrics) => money(metrics.netProfit)),
      sides('Open profit', (metrics) => money(metrics.openProfit)),
      sides('Profit factor', (metrics) => decimals(metrics.profitFactor, 2)),
      sides('Average trade', (metrics) => money(metrics.averageTrade)),
      sides('Largest win', (metrics) => money(metrics.largestWin)),
      sides('Largest loss', (metrics) => money(metrics.largestLoss)),
      sides('Average bars', (metrics) => decimals(metrics.averageBars, 1)),
    ]),
    ...(record.strategies
      ? [
          table([
            ['', 'begins with', 'return', 'fills', 'refused'],
            ...record.strategies.map((part) => [
              part.name,
              money(part.settings.cash),
              percent((part.equity.value.at(-1) ?? NaN) / part.settings.cash - 1),
              count(part.fills.time.length),
              count(part.refusals.length),
            ]),
          ]),
        ]
      : []),
    ...(refused > 0
      ? [
          `${refusedWords(record.refusals)}${refused === 1 ? ':' : '; the first:'} ${record.refusals[0]!.reason}`,
        ]
      : []),
    ...stateLines(record.refusals),
    facts([
      [
        'Data',
        `${record.instruments.map(({ name }) => name).join(', ')}: ${counted(record.bars, 'bar')}` +
          (first === undefined || last === undefined ? '' : `, ${instant(first)} to ${instant(last)} UTC`),
      ],
      ['', data.provenance],
      ...(['costs', 'fills'] as const).flatMap((of) =>
        sets.map((set, at): [string, string] => [
          at > 0 ? '' : of === 'costs' ? 'Costs' : 'Fills',
          (sets.length > 1 ? `${set.id}: ` : '') + termsOn(set, record)[of],
        ]),
      ),
      ...(riskWords(settings.risk) ? [['Risk', riskWords(settings.risk)!] as const] : []),
      [
        'Account',
        `${money(settings.cash)}${currencyWords(record)} at the start, leverage ${settings.leverage}, seed ${settings.seed}`,
      ],
      ...moneyWords(record).map((line, at): [string, string] => [at > 0 ? '' : 'Money', line]),
      ...(settings.tradingType && settings.tradingType !== 'BACKTEST'
        ? [['Type', settings.tradingType] as const]
        : []),
      ...(record.strategies
        ? record.strategies.map(({ name, inputs }, at): [string, string] => [
            at > 0 ? '' : 'Inputs',
            `${name}: ${inputWords(inputs)}`,
          ])
        : [['Inputs', inputWords(record.inputs)] as const]),
      ...overridden.map((sentence, at): [string, string] => [at > 0 ? '' : 'Changed', sentence]),
      ['Engine', record.engine],
      ['Digest', record.digest],
    ]),
  ].join('\n\n')
}

const inputWords = (inputs: RunRecord['inputs']) =>
  Object.entries(inputs)
    .map(([name, value]) => legible(`${name} ${value}`))
    .join(', ') || 'none'

/** How far book files that were read along agree: of the one exchange, or of each by its name. */
function orderbooks(sets: readonly DataSet[]) {
  const found = sets.flatMap(({ id, recorded }) => {
    const compared = recorded?.messages instanceof RecordingFile ? recorded.messages.compared : undefined
    if (!compared) return []
    const { file, rows, rowsDiffering, firstDiffering, adopted } = compared
    return [{ exchange: id, file, rows, rowsDiffering, firstDiffering, adopted }]
  })
  if (found.length === 0) return {}
  const [{ exchange: _, ...only }] = found as [(typeof found)[number]]
  return sets.length === 1 ? { orderbook: only } : { orderbooks: found }
}

/** JSON whose letters that are not seen, or turn the writing round, are written as their numbers: it says the same to who reads it. */
const escaped = (json: string) =>
  json.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, (letter) =>
    Array.from({ length: letter.length }, (_, at) => unitOf(letter.charCodeAt(at))).join(''),
  )
const unitOf = (unit: number) => `\\u${unit.toString(16).padStart(4, '0')}`

/** The document of `--json`; figures that are undefined or infinite become null. */
function json(
  { strategies, sets, overridden }: Printed,
  data: DataSet,
  record: RunRecord,
  { account, all, trades, verdict }: Report,
): string {
  const { cash, money, costs, fill, bars, leverage, seed, tradingType, risk } = record.settings
  const document = {
    engine: record.engine,
    settings: {
      strategy: strategies.join(', '),
      data: data.id,
      instruments: record.instruments.map(({ name }) => name),
      cash,
      ...(money && { money }),
      ...costs,
      fill,
      ...bars,
      leverage,
      seed,
      ...(tradingType && { tradingType }),
      ...(risk && { risk }),
    },
    ...(overridden && overridden.length > 0 ? { changed: overridden } : {}),
    ...orderbooks(sets),
    inputs: record.inputs,
    ...(record.strategies
      ? {
          strategies: record.strategies.map((part) => ({
            name: part.name,
            cash: part.settings.cash,
            inputs: part.inputs,
            finalEquity: part.equity.value.at(-1) ?? null,
            fills: part.fills.time.length,
            digest: part.digest,
          })),
        }
      : {}),
    ...(record.currencies
      ? {
          currencies: record.currencies.map(({ currency, rate, cash }) => ({
            currency,
            rate: rate.at(-1) ?? null,
            cash: cash.at(-1) ?? null,
          })),
        }
      : {}),
    digest: record.digest,
    verdict,
    metrics: { ...all, ...account },
    trades: Array.from(trades.size, (size, row) => ({
      ...(trades.strategy ? { strategy: strategies[trades.strategy[row]!] } : {}),
      instrument: record.instruments[trades.instrument[row]!]!.name,
      side: trades.side[row]! > 0 ? 'long' : 'short',
      size,
      entryTime: trades.entryTime[row]! / 1000,
      exitTime: trades.exitTime[row]! / 1000,
      entryPrice: trades.entryPrice[row],
      exitPrice: trades.exitPrice[row],
      ...(trades.entryRate && trades.exitRate
        ? { entryRate: trades.entryRate[row], exitRate: trades.exitRate[row] }
        : {}),
      pnl: trades.pnl[row],
      fees: trades.fees[row],
    })),
    refusals: record.refusals.map(({ kind = 'refused', time, order, code, reason, numbers }) => ({
      kind,
      time: time / 1000,
      ...(order > 0 && { order }),
      code,
      reason,
      numbers,
    })),
    equity: {
      time: Array.from(record.equity.time, (time) => time / 1000),
      value: Array.from(record.equity.value),
    },
  }
  return escaped(JSON.stringify(document))
}
