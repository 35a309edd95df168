import {
  barNames,
  barRule,
  type BarRule,
  type Calendar,
  intervalNamed,
  intervalOfBars,
  loadImporter,
  type PriceTable,
  type SessionHours,
} from '#data'
import type { BarColumns } from '#market'

/** How stored bars are looked at. What is stored stays as the file had it, so that every step can be taken back. */
export interface View {
  /** Names of repairs, in the order in which they are made. */
  readonly repairs?: readonly string[]
  /** Prices times adjusted close over close, where the file has adjusted closes. */
  readonly adjusted?: boolean
  /**
   * Longer bars that the stored ones are joined to: `5m`, `4h`, `day`, `week`, `month` or `year`; of trades also
   * `ticks-500`, `volume-1000` or `dollars-50000`, with a `p` for the decimal point.
   */
  readonly interval?: string
  /** Whether slots of the calendar in which nothing traded have a bar that is not real. */
  readonly filled?: boolean
  /** Only of recorded orders: seconds of the bars that are made of their trades, and microseconds that an order takes. */
  readonly barSeconds?: number
  readonly latency?: number
}

/** A table of one instrument as it is stored. */
export type StoredTable = PriceTable

/** What every address of an imported data set begins with. */
export const importedPrefix = 'imported:'

const addressForm = /^imported:([0-9a-f]{64})((?:\+[a-z0-9-]+)*)$/

/**
 * The id under which a view of a data set is run: `imported:`, 64 hexadecimal digits of its content, and what is done
 * to it, such as `+keep-first+adjusted+4h`. Hours that somebody wrote down are in it as a mark where they decide the
 * bars, such as `+hours-0f3c5a7799aa01c4`, so equal addresses give equal bars where the calendars are the same.
 */
export function addressOf(id: string, view: View, instruments: readonly WithHours[] = []): string {
  const { repairs = [], adjusted, interval, filled, barSeconds, latency } = view
  const hours = hoursMark(view, instruments)
  return [
    id,
    ...repairs,
    ...(adjusted ? ['adjusted'] : []),
    ...(interval ? [interval] : []),
    ...(filled ? ['filled'] : []),
    ...(barSeconds === undefined ? [] : [`bar-${barSeconds}`]),
    ...(latency === undefined ? [] : [`delay-${latency}`]),
    ...(hours === undefined ? [] : [`hours-${hours}`]),
  ].join('+')
}

/** An instrument as far as its hours go. */
interface WithHours {
  readonly hours?: SessionHours | undefined
}

/** A mark of the hours that somebody wrote down for instruments; undefined where there are none, or they decide no bar. */
function hoursMark({ interval, filled }: View, instruments: readonly WithHours[]): string | undefined {
  const decide = filled || (interval !== undefined && !tradeRule(interval))
  if (!decide || instruments.every(({ hours }) => !hours)) return undefined
  const text = JSON.stringify(
    instruments.map(({ hours }) =>
      hours ? [hours.zone, hours.week, hours.special.map(({ day, session }) => [day, session])] : null,
    ),
  )
  return fnv(text, 0x811c9dc5) + fnv(text, 0x9747b28c)
}

/** FNV-1a of a text's UTF-16 code units as eight hexadecimal digits: tells apart what nobody makes alike on purpose. */
function fnv(text: string, start: number): string {
  let hash = start
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193)
  return (hash >>> 0).toString(16).padStart(8, '0')
}

/**
 * Refuses to give bars by other hours than an address was made with.
 *
 * @throws RangeError
 */
export function checkHours(
  { view, hours }: Address,
  { name, instruments }: { readonly name: string; readonly instruments: readonly WithHours[] },
): void {
  if (hours !== undefined && hours !== hoursMark(view, instruments))
    throw new RangeError(
      `this run had trading hours written for “${name}” that decide which bars there are, and the library has others or none; write the same under Details of the data, or choose the data again to run by the hours that it has here.`,
    )
}

/** What an address names. */
export interface Address {
  readonly id: string
  readonly view: View
  /** The mark of the hours that it was made with, where these decide its bars. */
  readonly hours?: string
}

/** What an address names; undefined where it is no such address. */
export function readAddress(address: string): Address | undefined {
  const match = addressForm.exec(address)
  if (!match) return undefined
  const repairs: string[] = []
  let adjusted = false
  let filled = false
  let interval: string | undefined
  let hours: string | undefined
  const numbers: { barSeconds?: number; latency?: number } = {}
  for (const word of match[2]!.split('+').filter(Boolean)) {
    if (word === 'adjusted') adjusted = true
    else if (word === 'filled') filled = true
    else if (isInterval(word) || tradeRule(word)) interval = word
    else if (/^bar-[1-9]\d{0,4}$/.test(word)) numbers.barSeconds = Number(word.slice(4))
    else if (/^delay-\d{1,8}$/.test(word)) numbers.latency = Number(word.slice(6))
    else if (/^hours-[0-9a-f]{16}$/.test(word)) hours = word.slice(6)
    else repairs.push(word)
  }
  return {
    id: importedPrefix + match[1]!,
    view: {
      ...(repairs.length > 0 ? { repairs } : {}),
      ...(adjusted ? { adjusted } : {}),
      ...(interval === undefined ? {} : { interval }),
      ...(filled ? { filled } : {}),
      ...numbers,
    },
    ...(hours === undefined ? {} : { hours }),
  }
}

/** Whether bars can be joined to an interval of that name. */
export const isInterval = (name: string): boolean => intervalNamed(name) !== undefined

/** The rule of bars made of trades that a name such as `ticks-500` stands for; undefined where it is none. */
export function tradeRule(name: string): Exclude<BarRule, { by: 'time' }> | undefined {
  const rule = barRule(name)
  return rule?.by === 'time' ? undefined : rule
}

/** What is known of stored bars besides their prices. */
export interface Circumstances {
  readonly calendar?: Calendar
  readonly stamped?: 'open' | 'close'
  /** Microseconds from bar to bar; null where that is not known. */
  readonly interval?: number | null
  /** Whether the rows are single trades. */
  readonly trades?: boolean
}

/**
 * The bars that a view shows.
 *
 * @throws RangeError for a repair or an interval that is not known, and where slots cannot be filled
 */
export async function look(
  table: StoredTable,
  { repairs = [], adjusted, interval, filled, barSeconds, latency }: View,
  { calendar, stamped = 'open', interval: own = null, trades = false }: Circumstances = {},
): Promise<BarColumns> {
  if (barSeconds !== undefined || latency !== undefined)
    throw new RangeError('A length of bars in seconds and a delay are for recorded orders; these are bars')
  if (repairs.length === 0 && !adjusted && interval === undefined && !filled && !trades) return table.bars
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
  if (interval === undefined && trades)
    throw new RangeError('These are single trades; say which bars are to be made of them')
  const how = { stamped, ...(calendar && { calendar }) }
  const rule = interval === undefined ? undefined : tradeRule(interval)
  if (rule) {
    if (!trades) throw new RangeError(`Bars by '${interval}' can only be made of single trades`)
    const { time, close: price, volume } = bars
    return importer.barsFromTrades({ time, price, volume }, rule)
  }
  const length = interval === undefined ? intervalOfBars(own) : intervalNamed(interval)
  if (interval !== undefined && length === undefined)
    throw new RangeError(`Bars cannot be joined to '${interval}'; expected ${barNames}`)
  const joined = interval === undefined ? bars : importer.resample(bars, length!, how)
  if (!filled) return joined
  if (length === undefined)
    throw new RangeError(
      'There are too few bars to tell how far they are apart, so no slot between them can be filled',
    )
  return importer.fillSlots(joined, length, how)
}
