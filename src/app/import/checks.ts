import type { Check } from '#data'

/** What a check is called on the strip, and the token of its colour there; its place and its name say the same. */
export const checks: Readonly<Record<Check, { readonly name: string; readonly colour: string }>> = {
  gaps: { name: 'Gaps', colour: '--series-1' },
  outsideHours: { name: 'Outside the hours', colour: '--warn' },
  duplicates: { name: 'Duplicates', colour: '--series-3' },
  outOfOrder: { name: 'Out of order', colour: '--series-7' },
  nonPositivePrices: { name: 'Zero or negative', colour: '--error' },
  highBelowLow: { name: 'High below low', colour: '--series-8' },
  outsideRange: { name: 'Outside the range', colour: '--series-5' },
  outliers: { name: 'Outliers', colour: '--series-2' },
  splits: { name: 'Like splits', colour: '--series-6' },
  zeroVolume: { name: 'Zero volume', colour: '--series-4' },
  negativeVolume: { name: 'Volume below zero', colour: '--gain' },
  missingVolume: { name: 'No volume told', colour: '--text-3' },
  stuckPrices: { name: 'Stuck prices', colour: '--text-2' },
  ambiguousTimes: { name: 'Times twice by clock', colour: '--info' },
  skippedTimes: { name: 'Times that never were', colour: '--loss' },
}
