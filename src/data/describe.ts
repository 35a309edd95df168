import { monthNames } from './month-names.ts'
import type { ImportedInstrument, ImportResult } from './import/import.ts'
import type { Layout } from './import/layout.ts'
import { many, type Quality } from './quality.ts'

const unitNames = [
  [86_400e6 * 7, 'w', 'week', 'weekly'],
  [86_400e6, 'd', 'day', 'daily'],
  [3600e6, 'h', 'hour', 'hourly'],
  [60e6, 'm', 'minute', 'one-minute'],
  [1e6, 's', 'second', 'one-second'],
  [1e3, 'ms', 'millisecond', 'one-millisecond'],
] as const

/** Short name of an interval in microseconds: `1m`, `4h`, `1d`, `1w`, `1mo`; null where there is none. */
export function intervalName(interval: number | null): string | null {
  if (interval === null) return null
  if (interval >= 28 * 86_400e6) return `${Math.round(interval / (30.44 * 86_400e6))}mo`
  for (const [size, letter] of unitNames) if (interval % size === 0) return `${interval / size}${letter}`
  return `${interval}us`
}

/** What bars of an interval are called: `hourly bars`, `5-minute bars`. */
export function barsOf(interval: number | null): string {
  if (interval === null) return 'bars'
  if (interval >= 28 * 86_400e6) {
    const months = Math.round(interval / (30.44 * 86_400e6))
    return months === 1 ? 'monthly bars' : months === 12 ? 'yearly bars' : `${months}-month bars`
  }
  for (const [size, , name, word] of unitNames)
    if (interval % size === 0) return interval === size ? `${word} bars` : `${interval / size}-${name} bars`
  return 'bars'
}

/** A stretch of time as people say it: `January to December 2023`; both ends in milliseconds since 1970 UTC. */
export function span(from: number, to: number): string {
  const a = new Date(from)
  const b = new Date(to)
  const parts = (date: Date) => ({
    year: date.getUTCFullYear(),
    month: monthNames[date.getUTCMonth()]!,
    day: date.getUTCDate(),
  })
  const [x, y] = [parts(a), parts(b)]
  const days = (to - from) / 86_400_000
  if (days > 60)
    return x.year === y.year
      ? `${x.month} to ${y.month} ${x.year}`
      : `${x.month} ${x.year} to ${y.month} ${y.year}`
  if (x.day === y.day && x.month === y.month && x.year === y.year) return `${x.day} ${x.month} ${x.year}`
  return x.year === y.year
    ? x.month === y.month
      ? `${x.day} to ${y.day} ${y.month} ${y.year}`
      : `${x.day} ${x.month} to ${y.day} ${y.month} ${y.year}`
    : `${x.day} ${x.month} ${x.year} to ${y.day} ${y.month} ${y.year}`
}

/** The zone as part of a sentence. */
export function zoneWords({ zone, days, questions }: Pick<Layout, 'zone' | 'days' | 'questions'>): string {
  if (days) return 'days of the calendar'
  if (zone.value === 'UTC') return 'UTC'
  if (zone.value !== null) return `${placeOf(zone.value)} time`
  const likely = questions.find(({ about }) => about === 'zone')?.options[0]?.value
  return likely !== undefined && likely !== 'UTC'
    ? `time zone not told, perhaps ${placeOf(likely)}`
    : 'time zone not told'
}

const placeOf = (zone: string) =>
  /^[+-]/.test(zone) ? `UTC${zone}` : zone.replace(/^.*\//, '').replace(/_/g, ' ')

/** One instrument in a sentence: `8,760 hourly bars of BTCUSD, January to December 2023, UTC, 3 gaps, 1 duplicate`. */
export function sentence(instrument: ImportedInstrument, layout: Layout, quality: Quality): string {
  const { symbol, bars, interval, trades, first, last } = instrument
  const size = bars.time.length
  const nouns = trades ? 'trades' : barsOf(interval)
  const noun = size === 1 ? nouns.replace(/s$/, '') : nouns
  const told = quality.findings
    .filter(({ check }) => check !== 'zeroVolume' && check !== 'missingVolume')
    .map(({ check, count, text }) => (check === 'gaps' ? many(count, 'gap') : text.replace(/[;,].*$/, '')))
  return [
    `${size.toLocaleString('en-US')} ${noun} of ${symbol}`,
    span(first.t, last.t),
    zoneWords(layout),
    ...(told.length > 0 ? told : ['nothing odd found']),
  ].join(', ')
}

const delimiterNames: Readonly<Record<string, string>> = {
  ',': 'commas',
  ';': 'semicolons',
  '\t': 'tabs',
  '|': 'bars',
  ' ': 'spaces',
}

/** What was concluded from a file, each with how sure that is and what it rests on: label, finding, reason. */
export function guesses(
  layout: Layout,
): readonly { label: string; value: string; confidence: number; reason: string }[] {
  const row = (
    label: string,
    value: string,
    { confidence, reason }: { confidence: number; reason: string },
  ) => ({ label, value, confidence, reason })
  const columns = layout.columns.value
  const used = columns.flatMap(({ name, role, symbol }, at) =>
    role === 'ignored'
      ? []
      : [
          `${role === 'adjustedClose' ? 'adjusted close' : role} from ${name ? `'${name}'` : `field ${at + 1}`}${symbol ? ` of ${symbol}` : ''}`,
        ],
  )
  const ignored = columns.flatMap(({ name, role }, at) =>
    role === 'ignored' ? [name || `field ${at + 1}`] : [],
  )
  const time = layout.time.value
  const { decimal, thousands } = layout.numbers.value
  const list = (parts: readonly string[], limit: number) =>
    parts.slice(0, limit).join(', ') + (parts.length > limit ? ` and ${parts.length - limit} more` : '')
  const epochNames = { s: 'seconds', ms: 'milliseconds', us: 'microseconds', ns: 'nanoseconds' }
  const orders = {
    ymd: 'dates with the year first or the month as a word',
    dmy: 'dates with the day first',
    mdy: 'dates with the month first',
  }
  return [
    ...(layout.packed.length > 0
      ? [row('Packed', layout.packed.join(', '), { confidence: 1, reason: 'the first bytes say so' })]
      : []),
    ...(layout.container === 'csv'
      ? [
          row(
            'Encoding',
            layout.encoding.value + (layout.byteOrderMark ? ' with a byte order mark' : ''),
            layout.encoding,
          ),
          row(
            'Separator',
            delimiterNames[layout.delimiter.value] ?? layout.delimiter.value,
            layout.delimiter,
          ),
          row('Quotes', layout.quoted.value ? 'yes' : 'none', layout.quoted),
          ...(layout.preamble.value > 0
            ? [row('Preamble', many(layout.preamble.value, 'line'), layout.preamble)]
            : []),
          row(
            'Header',
            layout.headerRows.value === 0 ? 'none' : many(layout.headerRows.value, 'line'),
            layout.headerRows,
          ),
        ]
      : []),
    row(
      'Columns',
      list(used, 12) + (ignored.length > 0 ? `; not used: ${list(ignored, 12)}` : ''),
      layout.columns,
    ),
    row(
      'Shape',
      { rows: 'one instrument', symbols: 'instruments by a column', wide: 'instruments side by side' }[
        layout.shape.value
      ],
      layout.shape,
    ),
    ...(columns.some(({ role }) => role === 'open' || role === 'high' || role === 'low')
      ? []
      : [row('Rows', layout.rows.value === 'trades' ? 'single trades' : 'bars', layout.rows)]),
    row(
      'Numbers',
      `decimal ${decimal === '.' ? 'point' : 'comma'}${thousands === '' ? '' : `, thousands marked by ${thousands === ' ' ? 'spaces' : thousands === ',' ? 'commas' : thousands === '.' ? 'points' : 'apostrophes'}`}`,
      layout.numbers,
    ),
    row(
      'Times',
      time.form === 'epoch'
        ? `${epochNames[time.unit]} since 1970`
        : time.form === 'midnight'
          ? 'milliseconds since midnight'
          : time.form === 'serial'
            ? 'day numbers of a spreadsheet'
            : orders[time.order],
      layout.time,
    ),
    row(
      'Zone',
      layout.days
        ? layout.zone.value
          ? `days of the calendar in ${placeOf(layout.zone.value)}`
          : 'days of the calendar'
        : (layout.zone.value ?? 'not told; taken as UTC'),
      layout.zone,
    ),
    row('Order', layout.order.value, layout.order),
    row(
      'Stamped',
      layout.stamped.value === 'open' ? 'when a bar opens' : 'when a bar closes',
      layout.stamped,
    ),
    ...(layout.scale.value !== 1
      ? [row('Scale', `prices divided by ${layout.scale.value.toLocaleString('en-US')}`, layout.scale)]
      : []),
  ]
}

/** A quality report as plain data, for `outcry import --json`. */
function plainQuality(qualities: readonly Quality[]) {
  return qualities.map(({ symbol, calendar, calendarReason, findings }) => ({
    symbol,
    calendar: calendar.id,
    calendarReason,
    findings: findings.map(({ check, count, rows, text, examples, ranges }) => ({
      check,
      count,
      rows,
      text,
      examples,
      ranges,
    })),
  }))
}

/** The document of `outcry import --json`. */
export function plainResult(result: ImportResult, qualities: readonly Quality[]) {
  const unread = result.instruments.length === 0 ? result.problems.map((reason) => ({ line: 1, reason })) : []
  return {
    format: result.format,
    instruments: result.instruments.map(({ symbol, bars, interval, first, last }) => ({
      symbol,
      rows: bars.time.length,
      interval: intervalName(interval),
      zone: result.layout?.zone.value ?? null,
      first,
      last,
    })),
    skipped: [...unread, ...result.skipped.map(({ line, reason }) => ({ line, reason }))],
    quality: plainQuality(qualities),
    questions: result.questions,
  }
}
