import { joinable } from '../store/words.ts'
import type { TradeTotals } from './desk.ts'

/** What ends a bar made of trades. */
export type TradeKind = 'time' | 'ticks' | 'volume' | 'dollars'

/** Bars that are enough to see something in, and few enough to be looked at. */
const wanted = 500

/** The name that a view has for bars of such a size. */
export function nameOfSize(kind: Exclude<TradeKind, 'time'>, size: number): string {
  // Numbers of a view have no exponent and at most eight decimals.
  const text =
    kind === 'ticks' ? String(Math.max(1, Math.round(size))) : size.toFixed(8).replace(/\.?0+$/, '')
  return `${kind}-${(text === '0' ? '0.00000001' : text).replace('.', 'p')}`
}

/** The largest of 1, 2 and 5 times a power of ten that is not above a number. */
function round(size: number): number {
  let power = 1e-8
  while (power * 10 <= size && power < 1e11) power *= 10
  const whole = size >= power * 5 ? power * 5 : size >= power * 2 ? power * 2 : power
  return Number(whole.toPrecision(1))
}

/** Bars of a kind of which trades give some hundreds. */
export function suggested(kind: TradeKind, { count, volume, money, span }: TradeTotals): string {
  if (kind === 'time') {
    const lengths = joinable([1e6])
    return (lengths.find(({ size }) => span / size <= wanted * 4) ?? lengths[lengths.length - 1]!).value
  }
  return nameOfSize(kind, round({ ticks: count, volume, dollars: money }[kind] / wanted))
}
