import type { LogLevel } from '#strategy'

/** One line that a strategy wrote. */
export interface LogEntry {
  readonly level: LogLevel
  /** Engine time in microseconds UTC; NaN before the first bar. */
  readonly time: number
  /** Bars read so far. */
  readonly bar: number
  readonly text: string
  /** Place of the strategy among several; absent where there is one. */
  readonly strategy?: number
}

/** Longest text of one line; what goes beyond is cut and marked. */
const longest = 2000

/** What was written, as one line: texts as they are, everything else in short. */
export function formatLog(values: readonly unknown[]): string {
  const text = values.map((value) => (typeof value === 'string' ? value : format(value, 0))).join(' ')
  return text.length > longest ? `${text.slice(0, longest - 1)}…` : text
}

function format(value: unknown, depth: number): string {
  if (typeof value === 'string') return `'${value.length > 200 ? `${value.slice(0, 199)}…` : value}'`
  if (typeof value === 'bigint') return `${value}n`
  if (value === null || (typeof value !== 'object' && typeof value !== 'function')) return String(value)
  try {
    if (typeof value === 'function') return `function ${value.name}`
    if (value instanceof Error) return `${value.name}: ${value.message}`
    if (value instanceof Date) return Number.isNaN(value.getTime()) ? 'Invalid Date' : value.toISOString()
    if (Array.isArray(value) || ArrayBuffer.isView(value)) {
      const items = value as ArrayLike<unknown>
      if (depth > 1) return `array of ${items.length}`
      const shown = Array.from({ length: Math.min(items.length ?? 0, 20) }, (_, i) =>
        format(items[i], depth + 1),
      )
      return `[${shown.join(', ')}${items.length > 20 ? `, … ${items.length} in all` : ''}]`
    }
    if (typeof value.toString === 'function' && value.toString !== Object.prototype.toString)
      return String(value)
    if (depth > 1) return 'object'
    const entries = Object.entries(value)
    const shown = entries.slice(0, 20).map(([key, item]) => `${key}: ${format(item, depth + 1)}`)
    return `{ ${shown.join(', ')}${entries.length > 20 ? `, … ${entries.length} in all` : ''} }`
  } catch {
    return 'a value that cannot be shown'
  }
}
