import type { FillRule } from '#engine'
import { percent } from './format.ts'
import type { Terms } from './playground.svelte.ts'

/** The fill rules in words: what a market order gets, and where that errs. */
export const fillRules: readonly { readonly id: FillRule; readonly name: string; readonly bias: string }[] = [
  {
    id: 'next-open',
    name: 'Next open',
    bias: "At the next bar's open. No look-ahead; optimistic only for orders that are large against the bar's volume.",
  },
  {
    id: 'same-close',
    name: 'Same close',
    bias: 'At the close that gave the signal. Optimistic: nobody can trade at a price that is known only once it is past. For comparison with other tools.',
  },
]

/** Costs and fills of a run in one sentence. */
export function assumptions({ fill, costs }: Pick<Terms, 'fill' | 'costs'>): string {
  const when =
    fill === 'next-open'
      ? "Market orders fill at the next bar's open."
      : 'Market orders fill at the close that gave the signal, which is optimistic.'
  return `${when} ${costsInWords(costs)}.`
}

/** Such as `Commission 0.1 %, slippage 0.05 %`. */
export function costsInWords({ commission, slippage }: Terms['costs']): string {
  if (commission === 0 && slippage === 0) return 'No costs are taken, which is optimistic'
  const short = (fraction: number) => percent(fraction, false, decimals(fraction))
  return `Commission ${short(commission)}, slippage ${short(slippage)}`
}

/** As few decimals as the percentage needs, up to four. */
function decimals(fraction: number): number {
  const digits = (fraction * 100).toFixed(4).replace(/0+$/, '')
  return digits.length - digits.indexOf('.') - 1
}
