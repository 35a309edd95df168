import type { RecordedExchange } from '#session'
import type { DataReference } from '../share/shared.ts'
import type { ImportedSet } from '../store/imported-set.ts'
import { addressOf, readAddress } from '../store/view.ts'

/** What a configuration says of recorded orders of the library, so that the command line runs on the same. */
export function recordedExchange(set: ImportedSet, address: string): RecordedExchange {
  const { layout, spec, start } = set.recording!
  const { barSeconds, latency } = readAddress(address)?.view ?? {}
  const [messages, book] = set.sources
  return {
    kind: 'recorded',
    file: messages?.name ?? 'messages.csv',
    ...(book && { orderbook: book.name }),
    format: layout === 'lobster' ? 'lobster' : 'jsonl',
    ...(/^[\p{L}\p{N}][\p{L}\p{N}._/-]{0,39}$/u.test(spec.name) && { symbol: spec.name }),
    ...(layout === 'lobster' && { date: dayOf(start, spec.timeZone ?? 'UTC'), zone: spec.timeZone ?? 'UTC' }),
    tick: spec.tickSize ?? 0.01,
    ...(barSeconds === undefined ? {} : { barSeconds }),
    ...(latency === undefined ? {} : { latency }),
  }
}

/** The recorded orders of the library that a configuration means, by the name of their file; undefined where there are none. */
export function recordedReference(
  { file, barSeconds, latency }: RecordedExchange,
  sets: readonly ImportedSet[],
): DataReference | undefined {
  const name = file.replace(/^.*[/\\]/, '')
  const set = sets.find(({ recording, sources }) => recording && sources[0]?.name === name)
  if (!set) return undefined
  return {
    kind: 'imported',
    id: addressOf(set.id, {
      ...(barSeconds === undefined ? {} : { barSeconds }),
      ...(latency === undefined ? {} : { latency }),
    }),
    name: set.name.slice(0, 80),
    from: set.from,
    to: set.to,
    bars: set.rows,
  }
}

/** The day of a time in a zone, `YYYY-MM-DD`. */
function dayOf(time: number, timeZone: string): string {
  const parts = new Intl.DateTimeFormat('en-US', {
    timeZone,
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
  })
    .formatToParts(time / 1000)
    .reduce<Record<string, string>>((all, { type, value }) => ({ ...all, [type]: value }), {})
  return `${parts['year']}-${parts['month']}-${parts['day']}`
}
