/**
 * Brings what a link or a file of one version holds to the next. The first leads from version 1 to 2, and so on; one that
 * has been given out is never edited, and what it makes is checked only after the last. Version 1 is the newest so far.
 */
export const upgrades: readonly ((old: unknown) => unknown)[] = []

/** The version that is written. */
export const newest = upgrades.length + 1

/** Brings something of an older version to the newest, step by step. */
export function upgraded(value: unknown, version: number, steps = upgrades): unknown {
  return steps.slice(version - 1).reduce((older, step) => step(older), value)
}
