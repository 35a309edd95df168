import type { MetricDescription } from '#analysis'

/** How a figure is computed, where that comes from, and why it is absent when it is. */
export function explain({ formula, source, absent }: MetricDescription, value: number): string {
  return [formula, source && `${source}.`, Number.isNaN(value) && absent].filter(Boolean).join(' ')
}
