import * as v from 'valibot'
import type { TimeRange } from '#data'
import { moment, rangeOf } from './configuration.ts'
import { fields, readAs, Unreadable } from './untrusted.ts'

/** The two ends of a stretch of time as people write them, each of which may be left out. */
export interface RangeWords {
  readonly from?: string
  readonly to?: string
}

const wordsSchema = fields({ from: v.optional(moment), to: v.optional(moment) })

const second = 1e6
const day = 86_400 * second

/**
 * The stretch of time that is meant by days such as `2016-01-31` or times such as `2016-01-31 14:30`, in UTC. A day as its
 * end is that whole day.
 *
 * @param name what the words are called in an error
 * @throws Unreadable where an end is no time, or comes before the beginning
 */
export function readRangeWords(words: RangeWords, name: string): TimeRange {
  const spelled = Object.fromEntries(
    Object.entries(words).map(([end, text]: [string, string]) => [
      end,
      text.trim().replace(/^(\S+)[ T](\d\d:\d\d[\d:.]*)Z?$/, '$1T$2Z'),
    ]),
  )
  const read = readAs(wordsSchema, spelled, name) as RangeWords
  const range = rangeOf(read)
  for (const end of ['from', 'to'] as const)
    if (Number.isNaN(range[end]))
      throw new Unreadable([
        {
          path: `${name}.${end}`,
          found: `'${words[end]}'`,
          expected: read[end]!.length > 10 ? 'a time that there is' : 'a day that there is',
        },
      ])
  if (range.from > range.to)
    throw new Unreadable([
      { path: name, found: `from ${read.from} to ${read.to}`, expected: 'an end after the beginning' },
    ])
  return range
}

/** A stretch of time in words that `readRangeWords` reads, to the millisecond. */
export function rangeWords({ from, to }: TimeRange): RangeWords {
  const text = (time: number, isWholeDay: boolean) => {
    const iso = new Date(time / 1000).toISOString()
    if (isWholeDay) return iso.slice(0, 10)
    return `${iso.slice(0, 10)} ${iso.slice(11, time % second !== 0 ? 23 : time % (60 * second) !== 0 ? 19 : 16)}`
  }
  return {
    ...(from > -Infinity && { from: text(from, from % day === 0) }),
    ...(to < Infinity && { to: text(to, (to + 1) % day === 0) }),
  }
}
