import { lasting, type MetricDescription } from '#analysis'
import { counted, number } from '../format.ts'

/** A time given in days: `12 days`, `3 hours`, `5 minutes`. */
export function duration(days: number): string {
  if (!Number.isFinite(days)) return number(days)
  const { value, unit } = lasting(days)
  return counted(value, unit)
}

/** How a figure is computed, where that comes from, and why it is absent when it is. */
export function explain({ formula, source, absent }: MetricDescription, value: number): string {
  return [formula, source && `${source}.`, Number.isNaN(value) && absent].filter(Boolean).join(' ')
}
