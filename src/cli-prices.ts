import { createReadStream, existsSync, statSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { basename, join, resolve } from 'node:path'
import {
  barNames,
  barRule,
  calendars,
  catalogue,
  type DataSet,
  type ImportOptions,
  type ImportResult,
  intervalOfBars,
  loadImporter,
  pairSpec,
  parseCsv,
  type Quality,
} from '#data'
import { catalogued } from '#exchange'
import { headOf } from './cli-lines.ts'
import { readOptions } from './cli-options.ts'
import { UsageError } from './cli-usage.ts'
import { count, counted, instant, meant, optionLines } from './cli-words.ts'

/** What a file does not say, or says unclearly: options of `outcry import`, and of `outcry run` for its file. */
export const fileOptions = {
  zone: ['ZONE', 'time zone of times that carry none, such as America/New_York'],
  'date-order': ['ORDER', 'dmy, mdy or ymd: what 01/02/2020 means'],
  epoch: ['UNIT', 's, ms, us or ns: what counts since 1970 count'],
  decimal: ['MARK', 'point or comma'],
  separator: ['MARK', 'comma, semicolon, tab, bar or space'],
  header: ['LINES', 'lines of the header, 0 for none'],
  scale: ['NUMBER', 'what prices are divided by'],
  rows: ['KIND', 'bars or trades: what rows with one price each are'],
  bars: ['BARS', 'what single trades are made to: 5m, day, ticks-500, volume-1000, dollars-50000'],
} as const
export type FileOption = keyof typeof fileOptions

export const repairNames = {
  'skip-unreadable': 'go on without the rows that give no bar',
  'keep-first': 'of bars with the same time, keep the first',
  'keep-last': 'of bars with the same time, keep the last',
  'drop-impossible': 'leave out bars whose prices or volume cannot be',
  sort: 'take the rows in the order of their times',
  'widen-range': 'set high and low so that they enclose open and close',
  'fill-gaps': 'add a bar that is not real for each slot in which nothing traded',
} as const
export type RepairName = keyof typeof repairNames

const importOptions = {
  symbol: ['NAME', 'name of the instrument where the file has none, or the one to take'],
  ...fileOptions,
  calendar: [
    'NAME',
    `${Object.values(calendars)
      .map(({ id }) => id)
      .join(', ')}: when it trades, for counting gaps`,
  ],
} as const

export const importHelp = `outcry import FILE [options]

Tells what a file of prices is, what its first and last bars are, and what is odd about
them. Nothing is changed.

${optionLines(importOptions)}
  ${'--json'.padEnd(24)}one JSON document instead: bars with t in milliseconds UTC`

/** How a file is read, and what its trades are made to. */
export type Reading = ImportOptions & { readonly bars?: string }

/** What the options say about a file. */
export function readingOf(given: ReadonlyMap<string, string>): Reading {
  const one = <T>(option: FileOption, values: Readonly<Record<string, T>>): T | undefined => {
    const value = given.get(option)
    if (value === undefined) return undefined
    if (!Object.hasOwn(values, value))
      throw new UsageError(
        `--${option} is '${value}'; expected ${Object.keys(values).join(', ')}.${meant(value, Object.keys(values))}`,
      )
    return values[value]
  }
  const whole = (option: FileOption, least: number) => {
    const value = given.get(option)
    if (value === undefined) return undefined
    if (!(Number(value) >= least && Number(value) < 1e12))
      throw new UsageError(`--${option} is '${value}'; expected a number, ${least} or above`)
    return Number(value)
  }
  const scale = whole('scale', 1e-9)
  const headerRows = whole('header', 0)
  const zone = given.get('zone')
  const symbol = given.get('symbol')
  const dateOrder = one('date-order', { dmy: 'dmy', mdy: 'mdy', ymd: 'ymd' } as const)
  const epochUnit = one('epoch', { s: 's', ms: 'ms', us: 'us', ns: 'ns' } as const)
  const decimal = one('decimal', { point: '.', comma: ',' } as const)
  const delimiter = one('separator', { comma: ',', semicolon: ';', tab: '\t', bar: '|', space: ' ' })
  const bars = given.get('bars')
  if (bars !== undefined && !barRule(bars)) throw new UsageError(`--bars is '${bars}'; expected ${barNames}`)
  const rows = one('rows', { bars: 'bars', trades: 'trades' } as const) ?? (bars && ('trades' as const))
  return {
    ...(bars === undefined ? {} : { bars }),
    ...(rows ? { rows } : {}),
    ...(zone === undefined ? {} : { zone }),
    ...(symbol === undefined ? {} : { symbol }),
    ...(dateOrder === undefined ? {} : { dateOrder }),
    ...(epochUnit === undefined ? {} : { epochUnit }),
    ...(decimal === undefined ? {} : { decimal }),
    ...(delimiter === undefined ? {} : { delimiter }),
    ...(headerRows === undefined ? {} : { headerRows }),
    ...(scale === undefined ? {} : { scale }),
  }
}

/** A data set that comes with the program; `root` is the folder of the package. */
export function readBundled(id: string, seed: number, root: string): Promise<DataSet> {
  const read = async (file: string) => new Uint8Array(await readFile(join(root, 'node_modules', file)))
  return catalogued(id, read, { seed })
}

/** A file of prices, in pieces as the disk gives them. */
async function open(path: string, option: string, options: ImportOptions): Promise<ImportResult> {
  if (!existsSync(path)) {
    const ids = option === '--data' ? catalogue.map(({ id }) => id) : []
    throw new UsageError(
      `There is no file ${resolve(path)}${ids.length > 0 ? `, and the bundled data are ${ids.join(', ')}` : ''}.${meant(path, ids)}`,
    )
  }
  if (statSync(path).isDirectory())
    throw new UsageError(`${path} is a folder; ${option} needs a file of prices.`)
  const { importBars } = await loadImporter()
  const stream = createReadStream(path, { highWaterMark: 1 << 18 }) as AsyncIterable<Uint8Array>
  return importBars(stream, { name: basename(path), ...options })
}

/** A file of prices that a run is to be on, how it is read, and what to do about its odd rows. */
export interface PriceFile {
  readonly data: string
  readonly reading: Reading
  readonly repairs: readonly RepairName[]
  /** What its prices are in; of a pair the second of its currencies, else that of an instrument without one, when left out. */
  readonly currency?: string
  /** How an option for the file is given there, with a value or in general; on the command line where it is left out. */
  readonly answer?: (option: FileOption | 'repair', value?: string) => string
}

const onCommandLine = (option: string, value?: string) =>
  `--${option}${value === undefined ? '' : ` ${value}`}`

/** What `outcry run` runs on: a file that is clear, or of which the user said what to do. */
export async function readFileData({
  data: path,
  reading,
  repairs,
  currency,
  answer = onCommandLine,
}: PriceFile): Promise<DataSet> {
  const result = await open(path, '--data', reading)
  const importer = await loadImporter()
  const { inspect, sentence, repairs: known, withRepair } = importer
  const { layout } = result
  if (result.instruments.length === 0 || !layout)
    throw new UsageError(result.problems.map((problem) => `${path}: ${problem}`).join('\n'))
  const refusals: string[] = []
  let odd = false
  const steps: string[] = result.problems.map((problem) => `Not read: ${problem}`)
  const answers = { dateOrder: 'date-order', decimal: 'decimal', rows: 'rows' } as const
  for (const { about, text, options } of result.questions)
    if (about === 'columns') steps.push(text)
    else if (about === 'zone') {
      // Bars come in the same order whatever the zone, so the run need not wait for the answer; it says what it took.
      steps.push(`Its times carry no zone and were read as UTC; ${answer('zone')} says otherwise.`)
    } else
      refusals.push(
        `${path}: ${text} Say it with ${options
          .slice(0, 3)
          .map(({ value }) =>
            answer(answers[about], about === 'decimal' ? (value === ',' ? 'comma' : 'point') : value),
          )
          .join(' or ')}.`,
      )
  if (result.skippedCount > 0 && !repairs.includes('skip-unreadable')) {
    for (const { line, reason } of result.skipped.slice(0, 20)) refusals.push(`${path}:${line}: ${reason}`)
    if (result.skippedCount > 20) refusals.push(`and ${count(result.skippedCount - 20)} more.`)
    refusals.push(`Mend these rows, or leave them out with ${answer('repair', 'skip-unreadable')}.`)
  } else if (result.skippedCount > 0)
    steps.push(
      `${counted(result.skippedCount, 'row that gives no bar was', 'rows that give no bar were')} left out.`,
    )
  const instruments = result.instruments.map((instrument) => {
    let table = instrument
    for (const name of repairs) {
      const repair = known[name]
      if (!repair) continue
      const repaired = repair.apply(table)
      table = withRepair(table, repaired)
      if (repaired.record.count > 0) steps.push(`${repaired.record.text}.`)
    }
    const quality = inspect(table, undefined, layout.stamped.value)
    const newestFirst = layout.order.value === 'newest first'
    const mends: Partial<Record<Quality['findings'][number]['check'], readonly RepairName[]>> = {
      ...(newestFirst || repairs.includes('sort') ? {} : { outOfOrder: ['sort'] }),
      duplicates: ['keep-first', 'keep-last'],
      nonPositivePrices: ['drop-impossible'],
      highBelowLow: ['drop-impossible', 'widen-range'],
      outsideRange: ['drop-impossible', 'widen-range'],
      negativeVolume: ['drop-impossible'],
    }
    for (const { check, text, count: found, examples } of quality.findings) {
      const mend = mends[check]
      if (mend === undefined) continue
      odd = true
      for (const { row, time, text } of examples)
        refusals.push(`${path}: bar ${count(row + 1)} of ${table.symbol}, ${instant(time * 1000)}: ${text}.`)
      if (found > examples.length) refusals.push(`and ${count(found - examples.length)} more.`)
      refusals.push(
        `${text}. Mend the file, or say ${mend.map((name) => answer('repair', name)).join(' or ')}.`,
      )
    }
    steps.unshift(`${sentence(table, layout, quality)}.`)
    if (newestFirst) steps.push('Its rows run from newest to oldest and were read from the end.')
    const zone = layout.zone.value
    const { symbol } = table
    let { bars } = table
    if (table.trades) {
      const rule = barRule(reading.bars ?? '')
      if (!rule)
        refusals.push(
          `${path}: These are single trades; say which bars they are made to, such as ${answer('bars', '1m')}, or take each row for a bar with ${answer('rows', 'bars')}.`,
        )
      else {
        const { time, close: price, volume } = bars
        bars = importer.barsFromTrades({ time, price, volume }, rule, quality.calendar)
        steps.push(`They were made to ${counted(bars.time.length, 'bar')} by ${reading.bars}.`)
      }
    }
    const length = intervalOfBars(table.interval)
    if (repairs.includes('fill-gaps') && length !== undefined) {
      const filled = importer.fillSlots(bars, length, {
        calendar: quality.calendar,
        stamped: layout.stamped.value,
      })
      const added = filled.time.length - bars.time.length
      if (added > 0) {
        bars = filled
        steps.push(
          added === 1
            ? '1 slot in which nothing traded has a bar that is not real.'
            : `${count(added)} slots in which nothing traded have a bar that is not real.`,
        )
      }
    }
    // Repairs leave rows out, and what stands beside them no longer fits.
    const { adjustedClose } = bars === instrument.bars ? instrument : {}
    return {
      instrument: {
        name: symbol,
        ...pairSpec(symbol),
        ...(currency === undefined ? {} : { currency }),
        ...(zone !== null && /^[A-Z]/.test(zone) ? { timeZone: zone } : {}),
      },
      bars,
      stamped: layout.stamped.value,
      ...(adjustedClose ? { columns: { 'adjusted close': adjustedClose } } : {}),
    }
  })
  if (odd) refusals.unshift(...(await oddLines(path)))
  if (refusals.length > 0) throw new UsageError(refusals.join('\n'))
  const noVolume = result.instruments.every(({ bars, missingVolumes }) => missingVolumes === bars.time.length)
  return {
    id: basename(path),
    name: basename(path),
    provenance: [
      'From a file of yours:',
      ...steps,
      ...(noVolume ? ['It has no volumes; every volume is 0.'] : []),
    ].join(' '),
    instruments,
  }
}

/** Where in a plain CSV file the rows are that cannot be right, by line; nothing for a file in another layout. */
async function oddLines(path: string): Promise<string[]> {
  if (statSync(path).size > 1 << 28) return []
  const strict = parseCsv(await readFile(path))
  if (strict.ok || strict.problems.some(({ line }) => line === 1)) return []
  const more = strict.total - strict.problems.length
  return [
    ...strict.problems.map(({ line, reason }) => `${path}:${line}: ${reason}`),
    ...(more > 0 ? [`and ${count(more)} more lines.`] : []),
  ]
}

/** Refuses a file that has orders instead of prices, with the command that takes it. */
function refuseOrders(path: string): void {
  let layout
  try {
    if (statSync(path, { throwIfNoEntry: false })?.isFile()) layout = headOf(path).layout
  } catch (error) {
    // What is damaged is told by whoever reads it for its prices.
    if (!(error instanceof UsageError)) throw error
  }
  if (layout === undefined) return
  const what = {
    lobster: 'LOBSTER messages',
    book: 'a LOBSTER book file',
    operations: 'operations on a book',
  }
  const how =
    layout === 'book'
      ? `give it with the messages it belongs to: outcry book MESSAGES --orderbook ${path}`
      : `outcry book ${path} shows the book that they make, outcry run STRATEGY.ts --data ${path} runs a strategy on them`
  throw new UsageError(`${path} has recorded orders (${what[layout]}), not prices; ${how}.`)
}

export async function importFile(args: readonly string[]): Promise<void> {
  const { files, given, json } = readOptions(args, importOptions, 'import')
  const [path] = files
  if (path === undefined) throw new UsageError('The file is missing: outcry import FILE')
  if (files.length > 1)
    throw new UsageError(
      `There are ${files.length} files: ${files.join(', ')}. Give one; options start with --.`,
    )
  const all = Object.values(calendars)
  const calendar = all.find(({ id }) => id === given.get('calendar'))
  if (given.has('calendar') && !calendar)
    throw new UsageError(
      `--calendar is '${given.get('calendar')}'; expected ${all.map(({ id }) => id).join(', ')}.`,
    )
  refuseOrders(path)
  const result = await open(path, 'outcry import', readingOf(given))
  const { guesses, inspect, plainResult, sentence } = await loadImporter()
  const qualities = result.instruments.map((instrument) =>
    inspect(instrument, calendar, result.layout?.stamped.value),
  )
  if (json) process.stdout.write(`${JSON.stringify(plainResult(result, qualities))}\n`)
  if (result.instruments.length === 0)
    throw new UsageError(result.problems.map((problem) => `${path}: ${problem}`).join('\n'))
  if (json) return
  const layout = result.layout!
  const facts = (rows: readonly (readonly [string, string])[]) =>
    rows.map(([label, value]) => `  ${label.padEnd(10)}${value}`).join('\n')
  const bar = ({ t, open, high, low, close, volume }: ImportResult['instruments'][number]['first']) =>
    `${instant(t * 1000)}  open ${open}  high ${high}  low ${low}  close ${close}  volume ${volume ?? 'none'}`
  const paragraphs = [
    result.instruments
      .slice(0, 20)
      .map((instrument, at) => `${basename(path)}: ${sentence(instrument, layout, qualities[at]!)}`)
      .join('\n') +
      (result.instruments.length > 20
        ? `\nand ${count(result.instruments.length - 20)} more instruments`
        : ''),
    `${result.format}. What it was read by, and how sure that is:\n${facts(
      guesses(layout).map(({ label, value, confidence, reason }) => [
        label,
        `${value} (${Math.round(confidence * 100)} %: ${reason})`,
      ]),
    )}`,
    ...result.questions.map(({ text, assumed }) => `Question: ${text} Until you say, ${assumed} is taken.`),
    ...result.instruments.slice(0, 5).flatMap(({ symbol, first, last }, at) => {
      const { calendar, calendarReason, findings } = qualities[at]!
      return [
        `${symbol}\n${facts([
          ['first', bar(first)],
          ['last', bar(last)],
          ['calendar', `${calendar.name}: ${calendarReason}`],
          ...findings.flatMap(({ text, examples }): [string, string][] => [
            ['found', text],
            ...examples.map(({ row, time, text }): [string, string] => [
              '',
              `bar ${count(row + 1)}, ${instant(time * 1000)}: ${text}`,
            ]),
          ]),
        ])}`,
      ]
    }),
    ...(result.skippedCount > 0
      ? [
          `${count(result.skippedCount)} ${result.skippedCount === 1 ? 'row gives' : 'rows give'} no bar:\n${result.skipped
            .slice(0, 10)
            .map(({ line, reason, text }) => `  ${path}:${line}: ${reason} ${text}`)
            .join('\n')}${result.skippedCount > 10 ? `\n  and ${count(result.skippedCount - 10)} more` : ''}`,
        ]
      : []),
  ]
  process.stdout.write(`${paragraphs.join('\n\n')}\n`)
}
