import type { Terms } from './run.ts'

/** How many risk rules are on. */
export const rulesOn = (rules: Terms['risk']) =>
  Object.entries(rules ?? {}).filter(
    ([name, rule]) => rule !== undefined && rule !== false && !['excess', 'steps', 'timeZone'].includes(name),
  ).length
