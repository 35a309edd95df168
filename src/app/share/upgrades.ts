/** Brings what one version holds to the next. One that has been given out is never edited. */
export type Upgrade = (old: unknown) => unknown

/**
 * The first leads from version 1 of links to version 2, and so on; what they make is checked only after the last. Version 1
 * of links is the newest so far.
 */
export const linkUpgrades: readonly Upgrade[] = []

/** The same for files. Those of version 2 may carry prices; there was nothing to change. */
export const fileUpgrades: readonly Upgrade[] = [(old) => old]

/** The version that is written where these are the upgrades. */
export const newest = (steps: readonly Upgrade[]) => steps.length + 1

/** Brings something of an older version to the newest, step by step. */
export function upgraded(value: unknown, version: number, steps: readonly Upgrade[]): unknown {
  return steps.slice(version - 1).reduce((older, step) => step(older), value)
}
