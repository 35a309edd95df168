/** What a first visit shows: a sample on its data, with these costs, fills and account. The build works it out ahead. */
export const first = {
  sample: 'sma-crossover',
  data: 'aapl',
  terms: {
    cash: 10_000,
    costs: { commission: 0.001, slippage: 0.0005 },
    fill: 'next-open',
    leverage: 1,
    seed: 1,
  },
} as const
