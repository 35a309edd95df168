import { type Calendar, loadImporter, type PriceTable } from '#data'
import type { BarColumns } from '#market'

/** How stored bars are looked at. What is stored stays as the file had it, so that every step can be taken back. */
export interface View {
  /** Names of repairs, in the order in which they are made. */
  readonly repairs?: readonly string[]
  /** Prices times adjusted close over close, where the file has adjusted closes. */
  readonly adjusted?: boolean
  /** Longer bars that the stored ones are joined to: `5m`, `4h`, `day`, `week`, `month` or `year`. */
  readonly interval?: string
}

/** A table of one instrument as it is stored. */
export type StoredTable = PriceTable

/** What every address of an imported data set begins with. */
export const importedPrefix = 'imported:'

const addressForm = /^imported:([0-9a-f]{64})((?:\+[a-z0-9-]+)*)$/
const shortInterval = /^([1-9]\d{0,3})([smh])$/
const longIntervals = ['day', 'week', 'month', 'year'] as const

/**
 * The id under which a view of a data set is run: `imported:`, 64 hexadecimal digits of its content, and what is done
 * to it, such as `+keep-first+adjusted+4h`. Equal addresses give equal bars.
 */
export function addressOf(id: string, { repairs = [], adjusted, interval }: View): string {
  return [id, ...repairs, ...(adjusted ? ['adjusted'] : []), ...(interval ? [interval] : [])].join('+')
}

/** The id of the data set and the view that an address names; undefined where it is no such address. */
export function readAddress(address: string): { readonly id: string; readonly view: View } | undefined {
  const match = addressForm.exec(address)
  if (!match) return undefined
  const repairs: string[] = []
  let adjusted = false
  let interval: string | undefined
  for (const word of match[2]!.split('+').filter(Boolean)) {
    if (word === 'adjusted') adjusted = true
    else if (isInterval(word)) interval = word
    else repairs.push(word)
  }
  return {
    id: importedPrefix + match[1]!,
    view: {
      ...(repairs.length > 0 ? { repairs } : {}),
      ...(adjusted ? { adjusted } : {}),
      ...(interval === undefined ? {} : { interval }),
    },
  }
}

/** Whether bars can be joined to an interval of that name. */
export function isInterval(name: string): boolean {
  return longIntervals.some((long) => long === name) || 86_400e6 % microseconds(name) === 0
}

/** Microseconds of a short interval, NaN where the name is none. */
function microseconds(name: string): number {
  const match = shortInterval.exec(name)
  return match ? Number(match[1]) * { s: 1e6, m: 60e6, h: 3600e6 }[match[2] as 's' | 'm' | 'h'] : NaN
}

/**
 * The bars that a view shows.
 *
 * @throws RangeError for a repair or an interval that is not known
 */
export async function look(
  table: StoredTable,
  { repairs = [], adjusted, interval }: View,
  how: { readonly calendar?: Calendar; readonly stamped?: 'open' | 'close' } = {},
): Promise<BarColumns> {
  if (repairs.length === 0 && !adjusted && interval === undefined) return table.bars
  const importer = await loadImporter()
  let repaired = table
  for (const name of repairs) {
    const repair = importer.repairs[name]
    if (!repair)
      throw new RangeError(
        `There is no repair '${name}'; expected ${Object.keys(importer.repairs).join(', ')}`,
      )
    repaired = repair.apply(repaired)
  }
  const bars = adjusted ? importer.adjusted(repaired) : repaired.bars
  if (interval === undefined) return bars
  const long = longIntervals.find((long) => long === interval)
  if (!isInterval(interval))
    throw new RangeError(`Bars cannot be joined to '${interval}'; expected such as 5m, 4h, day or week`)
  return importer.resample(bars, long ?? microseconds(interval), how)
}
