import { monthNames } from '../month-names.ts'
import type { TimeKind } from './cells.ts'
import { guess, told } from './guess.ts'
import type { Circumstances, Guess, Overrides, Question } from './layout.ts'
import { lettersOf } from './names.ts'
import { type DateOrder, type EpochUnit, readTime, type TimeForm } from './times.ts'

/** How the times of a column are written. */
export function findTimeForm(
  kind: TimeKind,
  cells: readonly string[],
  overrides: Overrides,
  questions: Question[],
  { whole, name }: Circumstances,
): Guess<TimeForm> {
  if (kind === 'serial')
    return guess({ form: 'serial' }, 0.8, 'the times are the day numbers of a spreadsheet')
  if (kind === 'midnight') {
    const digits = /(?:^|\D)((?:19|20)\d{6})(?:\D|$)/.exec(name ?? '')?.[1]
    const midnight = digits === undefined ? NaN : readTime(digits, { form: 'calendar', order: 'ymd' })
    if (Number.isNaN(midnight))
      questions.push({
        about: 'columns',
        text: `The first column counts milliseconds since midnight, as ${cells[0]} does, and nothing tells of which day; name the file after it, such as 20131007_trade.csv.`,
        options: [],
        assumed: '1970-01-01',
      })
    return guess(
      { form: 'midnight', day: Number.isNaN(midnight) ? 0 : midnight / 86_400e6 },
      Number.isNaN(midnight) ? 0.3 : 0.85,
      Number.isNaN(midnight)
        ? 'milliseconds since midnight of a day that is not told'
        : 'milliseconds since midnight of the day in the name of the file',
    )
  }
  if (kind === 'epoch') {
    if (overrides.epochUnit) return told({ form: 'epoch', unit: overrides.epochUnit })
    const values = cells
      .map((cell) => Number(cell.trim()))
      .filter((value) => value > 0)
      .sort((a, b) => a - b)
    const middle = values[values.length >> 1] ?? 0
    const unit: EpochUnit = middle < 1e11 ? 's' : middle < 1e14 ? 'ms' : middle < 1e17 ? 'us' : 'ns'
    const named = { s: 'seconds', ms: 'milliseconds', us: 'microseconds', ns: 'nanoseconds' }[unit]
    return guess(
      { form: 'epoch', unit },
      0.97,
      `counts of ${String(Math.trunc(middle)).length} digits are ${named} since 1970; in another unit the years would be out of reach`,
    )
  }
  if (overrides.dateOrder) return told({ form: 'calendar', order: overrides.dateOrder })
  if (cells.every((cell) => /^\s*\d{6}\s*$/.test(cell))) {
    const ranked = (['ymd', 'dmy', 'mdy'] as const)
      .map((order) => ({ order, times: cells.map((cell) => readTime(cell, { form: 'calendar', order })) }))
      .map(({ order, times }) => ({
        order,
        score: times.filter(Number.isNaN).length * 1e24 + disorder(times).score,
      }))
      .reduce((a, b) => (b.score < a.score ? b : a))
    return guess(
      { form: 'calendar', order: ranked.order },
      0.7,
      'so read, the dates of six digits lie closest together',
    )
  }
  if (cells.every((cell) => /^\s*(?:1[6-9]|2[01])\d\d/.test(cell)))
    return guess({ form: 'calendar', order: 'ymd' }, 0.99, 'the year comes first')
  // Dates that both orders read, each in its own way, decide nothing but by their distances.
  const read = (order: DateOrder) => cells.map((cell) => readTime(cell, { form: 'calendar', order }))
  const mdy = read('mdy')
  const dmy = read('dmy')
  const fails = (times: readonly number[]) => times.reduce((sum, time) => sum + Number(Number.isNaN(time)), 0)
  const same = cells.every(
    (_, at) => mdy[at] === dmy[at] || (Number.isNaN(mdy[at]!) && Number.isNaN(dmy[at]!)),
  )
  if (same) {
    if (fails(mdy) > cells.length / 2)
      return guess({ form: 'calendar', order: 'ymd' }, 0.7, 'the dates can only be read with the year first')
    if (fails(read('ymd')) <= fails(mdy))
      return guess({ form: 'calendar', order: 'ymd' }, 0.99, 'the year comes first, or the month is a word')
    // The fourth of April is the same either way; the days after it are not.
    const order: DateOrder = /^\d{1,2}\.\d{1,2}\.\d/.test(cells[0]!.trim()) ? 'dmy' : 'mdy'
    if (order === 'mdy' && !whole)
      questions.push({
        about: 'dateOrder',
        text: `The dates begin with ${cells[0]!.trim()}: does the day or the month come first?`,
        options: [
          { value: 'mdy', label: 'month first' },
          { value: 'dmy', label: 'day first' },
        ],
        assumed: order,
      })
    return guess({ form: 'calendar', order }, 0.6, 'day and month are the same number')
  }
  const example = cells.find(
    (cell, at) => !Number.isNaN(mdy[at]!) && !Number.isNaN(dmy[at]!) && mdy[at] !== dmy[at],
  )
  const impossible = (times: readonly number[]) => cells.find((_, at) => Number.isNaN(times[at]!))
  if (fails(dmy) !== fails(mdy)) {
    const order: DateOrder = fails(dmy) < fails(mdy) ? 'dmy' : 'mdy'
    const proof = impossible(order === 'dmy' ? mdy : dmy)
    return guess(
      { form: 'calendar', order },
      0.98,
      order === 'dmy'
        ? `${proof} can only be read with the day first`
        : `${proof} can only be read with the month first`,
    )
  }
  const dotted = /^\d{1,2}\.\d{1,2}\.\d/.test(example?.trim() ?? '')
  const turns = { mdy: disorder(mdy), dmy: disorder(dmy) }
  const better: DateOrder =
    turns.mdy.score < turns.dmy.score
      ? 'mdy'
      : turns.dmy.score < turns.mdy.score
        ? 'dmy'
        : dotted
          ? 'dmy'
          : 'mdy'
  const worse: DateOrder = better === 'mdy' ? 'dmy' : 'mdy'
  const words = { mdy: 'month first', dmy: 'day first', ymd: 'year first' }
  if (turns[worse].turns > turns[better].turns + 2)
    return guess(
      { form: 'calendar', order: better },
      0.9,
      `read with the ${words[better]} the times keep their order, read with the ${words[worse]} they do not`,
    )
  if (dotted) return guess({ form: 'calendar', order: 'dmy' }, 0.9, 'dates with points have the day first')
  questions.push({
    about: 'dateOrder',
    text: `Is ${example?.trim()} ${spoken(mdy[cells.indexOf(example!)]!)} or ${spoken(dmy[cells.indexOf(example!)]!)}?`,
    options: [
      { value: 'mdy', label: `month first: ${spoken(mdy[cells.indexOf(example!)]!)}` },
      { value: 'dmy', label: `day first: ${spoken(dmy[cells.indexOf(example!)]!)}` },
    ],
    assumed: better,
  })
  return guess(
    { form: 'calendar', order: better },
    0.55,
    turns.mdy.score === turns.dmy.score
      ? 'nothing tells day and month apart'
      : `read with the ${words[better]} the bars lie closer together`,
  )
}

/** A day as people write it: 2 January 2020. */
function spoken(time: number): string {
  const date = new Date(time / 1000)
  return `${date.getUTCDate()} ${monthNames[date.getUTCMonth()]} ${date.getUTCFullYear()}`
}

/** How often times change direction, and how far they travel in all. */
function disorder(times: readonly number[]): { turns: number; score: number } {
  let rises = 0
  let falls = 0
  let travel = 0
  for (let i = 1; i < times.length; i++) {
    const step = times[i]! - times[i - 1]!
    if (step > 0) rises++
    else if (step < 0) falls++
    if (!Number.isNaN(step)) travel += Math.abs(step)
  }
  const turns = Math.min(rises, falls)
  return { turns, score: turns * 1e18 + travel }
}

/** The most frequent distance; for months, whose lengths differ, the distances from 28 to 31 days count as one. */
export function usualStep(steps: ReadonlyMap<number, number>): number | null {
  const day = 86_400e6
  let best: number | null = null
  let most = 0
  let months = 0
  for (const [step, count] of steps) {
    if (step >= 28 * day && step <= 31 * day) months += count
    if (count > most || (count === most && best !== null && step < best)) {
      most = count
      best = step
    }
  }
  // Few rows of days around a weekend or a holiday.
  if (steps.size < 10 && most < 3 && best !== null && best > day && best <= 4 * day && best % day === 0)
    return day
  return months > most || (best !== null && best >= 28 * day && best <= 31 * day) ? 30 * day : best
}

/** Where in its bar a stamp lies. */
export function stampOf(
  name: string,
  times: readonly number[],
  interval: number | null,
  days: boolean,
): Guess<'open' | 'close'> {
  const letters = lettersOf(name)
  if (/^(open|start)|windowstart|begin/.test(letters))
    return guess('open', 0.97, `the column is named ${name}`)
  if (/^(close|end)time|timeclose/.test(letters)) return guess('close', 0.97, `the column is named ${name}`)
  if (days || interval === null || interval >= 86_400e6)
    return guess('open', 0.6, 'a day stands for its whole session')
  // A session that opens at a full or half hour is stamped there by its open, one interval later by its close.
  const firsts = new Map<number, number>()
  let day = NaN
  for (const time of [...times].sort((a, b) => a - b)) {
    const today = Math.floor(time / 86_400e6)
    if (today !== day && !Number.isNaN(day)) firsts.set(time % 1800e6, (firsts.get(time % 1800e6) ?? 0) + 1)
    day = today
  }
  const first = Math.min(...times) % 1800e6
  const late = [...firsts].reduce((sum, [rest, count]) => sum + (rest === interval % 1800e6 ? count : 0), 0)
  const all = [...firsts.values()].reduce((sum, count) => sum + count, 0)
  if (interval < 1800e6 && (all > 0 ? late > all / 2 : first === interval))
    return guess('close', 0.7, 'the first bar of a session is one interval after the half hour')
  return guess('open', 0.7, 'most sources stamp a bar when it opens')
}
