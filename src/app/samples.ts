import { samples as built } from 'virtual:samples'
import { first } from './first.ts'
import type { Sample } from './library.svelte.ts'

/** Data sets of the samples that need a certain one. */
const data: Readonly<Record<string, string>> = {
  'cost-averaging': 'synthetic',
  'market-maker': 'synthetic',
  'monthly-rebalancing': 'aapl-sp500',
  'order-flow-momentum': 'synthetic',
  'pair-ratio': 'aapl-sp500',
  'two-exchange-rotation': 'joint:nasdaq=aapl,index=sp500+from-1368403200000000+to-1526083199999999',
}

/** The samples that come with the program, the one shown first leading. */
export const samples: readonly Sample[] = built
  .map(({ id, title, thesis, load }) => ({
    id,
    file: `${id}.ts`,
    name: title,
    thesis,
    data: data[id],
    load,
  }))
  .sort((a, b) => Number(b.id === first.sample) - Number(a.id === first.sample))
