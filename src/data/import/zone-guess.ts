import { guess, told } from './guess.ts'
import type { Guess, Overrides, Question } from './layout.ts'

interface ZoneEvidence {
  readonly zoned: boolean
  /** IANA names that stand behind the times. */
  readonly places: ReadonlySet<string>
  readonly offsets: ReadonlySet<number>
  readonly times: readonly number[]
  readonly days: boolean
  readonly sameClock: boolean
  readonly names: readonly string[]
  readonly sample: string
  readonly interval: number | null
  readonly suggested: string | undefined
  readonly overrides: Overrides
  readonly questions: Question[]
  readonly epoch: boolean
}

/** The zone of the times, and a question where nothing tells it. */
export function findZone(evidence: ZoneEvidence): Guess<string | null> {
  const { overrides, questions, times, days, names, suggested } = evidence
  if (evidence.epoch) return guess('UTC', 1, 'counts since 1970 are in UTC')
  if (evidence.zoned) {
    const offsets = [...evidence.offsets].sort((a, b) => a - b)
    if (offsets.length === 1 && offsets[0] === 0) return guess('UTC', 1, 'the times say that they are UTC')
    const pair = offsets.join(',')
    const zones: Readonly<Record<string, string>> = {
      '-300,-240': 'America/New_York',
      '-300': 'America/New_York',
      '-240': 'America/New_York',
      '-360,-300': 'America/Chicago',
      '0,60': 'Europe/London',
      '60,120': 'Europe/Berlin',
      '330': 'Asia/Kolkata',
      '540': 'Asia/Tokyo',
      '480': 'Asia/Hong_Kong',
    }
    const zone = zones[pair]
    return guess(
      zone ?? offsetName(offsets[0]!),
      zone ? 0.8 : 0.6,
      `the times say how far they are from UTC: ${offsets.map(offsetName).join(' and ')}`,
    )
  }
  if (overrides.zone !== undefined) return told(overrides.zone)
  if (evidence.places.size === 1) return guess([...evidence.places][0]!, 1, 'the times name it')
  const words = names.join(' ').toLowerCase()
  if (/utc|gmt|zulu/.test(words))
    return guess('UTC', 0.95, `the column is named ${names.filter(Boolean).join(' ')}`)
  if (/\b(est|edt|et|eastern|new.?york)\b/.test(words))
    return guess('America/New_York', 0.85, `the column is named ${names.filter(Boolean).join(' ')}`)
  if (days || evidence.sameClock)
    return suggested
      ? guess(suggested, 0.6, 'files like this tell the time of that place')
      : guess(null, 0.9, 'the times are days of a calendar')
  const session = likelySession(times, evidence.interval)
  const likely = suggested ?? session?.zone
  const reason = suggested ? 'files like this tell the time of that place' : session?.reason
  questions.push({
    about: 'zone',
    text: `Which time zone is ${evidence.sample.trim()} told in? The file does not say.${likely ? ` It looks like ${likely}: ${reason}.` : ''}`,
    options: [
      ...new Set([...(likely ? [likely] : []), 'UTC', 'America/New_York', 'Europe/London', 'Europe/Berlin']),
    ].map((value) => ({
      value,
      label: value === 'UTC' ? 'UTC' : value.replace(/^.*\//, '').replace('_', ' '),
    })),
    assumed: 'UTC',
  })
  return guess(null, 0.3, 'the times carry no zone; they were taken as UTC')
}

/** Minutes east of UTC as `+01:00`. */
function offsetName(minutes: number): string {
  const size = Math.abs(minutes)
  return `${minutes < 0 ? '-' : '+'}${String(Math.trunc(size / 60)).padStart(2, '0')}:${String(size % 60).padStart(2, '0')}`
}

/** The place whose exchange hours the clock times keep to. */
function likelySession(
  times: readonly number[],
  interval: number | null,
): { zone: string; reason: string } | undefined {
  if (interval === null || interval > 3600e6 || times.length < 2) return undefined
  const clocks = times.map((time) => (((time % 86_400e6) + 86_400e6) % 86_400e6) / 60e6)
  const first = Math.min(...clocks)
  const last = Math.max(...clocks)
  const span = (hour: number, minute: number) => hour * 60 + minute
  if (first >= span(9, 30) && first <= span(9, 31) && last <= span(16, 0))
    return { zone: 'America/New_York', reason: 'the bars lie between 9:30 and 16:00' }
  if (first >= span(9, 15) && first <= span(9, 16) && last <= span(15, 30))
    return { zone: 'Asia/Kolkata', reason: 'the bars lie between 9:15 and 15:30' }
  if (first >= span(8, 0) && first <= span(8, 1) && last <= span(16, 30) && last > span(15, 0))
    return { zone: 'Europe/London', reason: 'the bars lie between 8:00 and 16:30' }
  if (first >= span(9, 0) && first <= span(9, 5) && last <= span(17, 40) && last > span(16, 30))
    return { zone: 'Europe/Berlin', reason: 'the bars lie between 9:00 and 17:30' }
  return undefined
}
