import { numberLike } from './numbers.ts'
import { type DateOrder, readClock, readTime } from './times.ts'

/** A date in some form; counts and dates of digits alone only where `digits` allows them. */
export function isTimeLike(cell: string, digits = false): boolean {
  const text = cell.trim()
  if (text.length < 6 || text.length > 60 || !/\d/.test(text)) return false
  if (/^[+-]?[\d.,\s]+$/.test(text) && !/^\d{1,4}[./]\d{1,2}[./]\d{1,4}$/.test(text))
    return digits && (isCompactDate(text) || isEpoch(text) || /^\d{8}[ ]\d{4,9}$/.test(text))
  return orders.some((order) => !Number.isNaN(readTime(text, { form: 'calendar', order })))
}

const orders: readonly DateOrder[] = ['mdy', 'dmy', 'ymd']
const isCompactDate = (text: string) =>
  /^(?:1[6-9]|2[01])\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])(?:\d{4}|\d{6})?$/.test(text)
const isEpoch = (text: string) =>
  /^[+]?\d{9,19}(?:\.\d+)?$/.test(text) || /^\d(?:\.\d+)?e\+?\d\d?$/i.test(text)

/** How many of some cells must be readable for their column to be: a few that are not do not unmake it. */
export const most = (count: number) => (count < 3 ? count : Math.min(count * 0.7, count - 1))

/** How the values of a column are times, if they are. */
export type TimeKind = 'epoch' | 'compact' | 'calendar' | 'clock' | 'serial' | 'midnight'

/** What the values of a column are, where they are times. `named` is whether the column's name says so. */
export function timeKind(values: readonly string[], named: boolean): TimeKind | undefined {
  const texts = values.map((value) => value.trim()).filter((value) => value !== '')
  if (texts.length === 0) return undefined
  // A few unreadable cells do not unmake a column of times.
  const mostly = (test: (text: string) => boolean) => {
    let count = 0
    for (const text of texts) if (test(text)) count++
    return count >= most(texts.length)
  }
  if (mostly(isCompactDate)) return 'compact'
  if (mostly(isEpoch)) return 'epoch'
  if (mostly((text) => /^\d{1,2}:\d\d/.test(text) && !Number.isNaN(readClock(text)))) return 'clock'
  if (mostly((text) => isTimeLike(text, true))) return 'calendar'
  if (named && mostly((text) => /^\d{5}([.,]\d+)?$/.test(text) && Number(text.replace(',', '.')) > 20_000))
    return 'serial'
  if (named && mostly((text) => /^\d{6}$/.test(text))) return 'calendar'
  if (named && mostly((text) => /^\d{4}$/.test(text) && Number(text) >= 1700 && Number(text) < 2200))
    return 'calendar'
  return undefined
}

/** Whether a time has a time of day. */
export const hasClock = (cell: string) => {
  const text = cell.trim()
  if (/:/.test(text) || /[ap]m\b/i.test(text)) return true
  return (
    /^\d{12}(\d\d)?$/.test(text) ||
    /^\d{8}[T _-]\d{4,}/.test(text) ||
    (/^\d{5}[.,]\d+$/.test(text) && !/^\d{5}[.,]0+$/.test(text))
  )
}

/** Whether a row has a time and numbers. */
export function isDataRow(row: readonly string[]): boolean {
  if (!row.some((cell) => isTimeLike(cell, true) || /^\d{5}([.,]\d+)?$/.test(cell.trim()))) return false
  return (
    row.filter((cell) => numberLike(cell) === 'number').length >=
    (row.some((cell) => isTimeLike(cell)) ? 1 : 2)
  )
}
