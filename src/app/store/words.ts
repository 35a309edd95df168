import { number } from '../format.ts'
import type { View } from './view.ts'

/** Bytes as people read them: `812 KB`, `63.7 MB`. */
export function size(bytes: number): string {
  if (!Number.isFinite(bytes)) return number(bytes)
  if (bytes < 1000) return `${number(bytes)} bytes`
  if (bytes < 1e6) return `${number(bytes / 1e3)} KB`
  if (bytes < 1e9) return `${number(bytes / 1e6, bytes < 1e8 ? 1 : 0)} MB`
  return `${number(bytes / 1e9, 1)} GB`
}

/** Lengths that bars can be joined to: their names in a view, in words, and in microseconds. */
const lengths: readonly { readonly value: string; readonly label: string; readonly size: number }[] = [
  { value: '1m', label: '1 minute', size: 60e6 },
  { value: '5m', label: '5 minutes', size: 300e6 },
  { value: '15m', label: '15 minutes', size: 900e6 },
  { value: '30m', label: '30 minutes', size: 1800e6 },
  { value: '1h', label: '1 hour', size: 3600e6 },
  { value: '4h', label: '4 hours', size: 4 * 3600e6 },
  { value: 'day', label: '1 day', size: 86_400e6 },
  { value: 'week', label: '1 week', size: 7 * 86_400e6 },
  { value: 'month', label: '1 month', size: 28 * 86_400e6 },
  { value: 'year', label: '1 year', size: 365 * 86_400e6 },
]

/** The lengths that bars of all these intervals can be joined to; an interval that is not known allows none. */
export function joinable(
  intervals: readonly (number | null)[],
): readonly { readonly value: string; readonly label: string; readonly size: number }[] {
  return lengths.filter(({ size, value }) =>
    intervals.every(
      (interval) =>
        interval !== null && size > interval && (size % interval === 0 || ['month', 'year'].includes(value)),
    ),
  )
}

const repairWords: Readonly<Record<string, string>> = {
  'keep-first': 'the first of bars with the same time',
  'keep-last': 'the last of bars with the same time',
  'widen-range': 'ranges widened to open and close',
  'drop-impossible': 'bars left out that cannot be right',
}

/** What is done to the bars of a data set before it is run on, in words; empty where nothing is. */
export function viewInWords({ repairs = [], adjusted, interval, filled }: View): string {
  const length = lengths.find(({ value }) => value === interval)
  return [
    ...repairs.map((repair) => repairWords[repair] ?? repair),
    ...(adjusted ? ['prices adjusted for splits and dividends'] : []),
    ...(interval ? [length ? `bars of ${length.label}` : `bars by ${interval.replace('-', ' ')}`] : []),
    ...(filled ? ['empty slots filled'] : []),
  ].join(', ')
}
