import { cutTo, type DataSet } from '#data'
import { readRangeWords, Unreadable } from '#session'
import { UsageError } from './cli-usage.ts'

/** Options of `outcry run` about the stretch of time that is run on. */
export const rangeOptions = {
  from: ['TIME', 'the first bar is at this time or later: 2016-01-31, or with a time 2016-01-31T14:30Z'],
  to: ['TIME', 'the last bar is at this time or earlier; of a day, the whole day counts'],
} as const

/** The data with only the bars that the command line asks for. */
export function cutAsAsked(data: DataSet, given: ReadonlyMap<string, string>): DataSet {
  const words = Object.fromEntries(
    Object.keys(rangeOptions).flatMap((end) => (given.has(end) ? [[end, given.get(end)!]] : [])),
  )
  if (Object.keys(words).length === 0) return data
  try {
    return cutTo(data, readRangeWords(words, 'range'))
  } catch (error) {
    if (error instanceof Unreadable) {
      const { path, found, expected } = error.misfits[0]!
      const option = path === 'range' ? '--from and --to' : path.replace('range.', '--')
      throw new UsageError(`${option}: ${found}; expected ${expected}.`)
    }
    if (error instanceof RangeError) throw new UsageError(`--from and --to: ${error.message}.`)
    throw error
  }
}
