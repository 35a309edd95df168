import { createReadStream, existsSync, readFileSync, statSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { basename, dirname, join, relative, resolve } from 'node:path'
import { constants, createContext, runInContext } from 'node:vm'
import * as outcry from 'outcry'
import { type Report, report, type TradeMetrics } from '#analysis'
import { type Bundler, compile, locate, type Position, type Program, type Source } from '#compile'
import {
  bundledData,
  calendars,
  catalogue,
  type DataSet,
  type ImportOptions,
  type ImportResult,
  loadImporter,
  parseCsv,
  type Quality,
} from '#data'
import type { createRun, FillRule, InputDeclaration, InputValue, RunRecord, RunSettings } from '#engine'
import { makesBars, shapeOf } from '#exchange'
import type { random } from '#market'
import { problemWith } from '#strategy'
import { book, bookHelp } from './cli-book.ts'
import {
  barFillWords,
  barRulesOf,
  commissionWords,
  type CostOption,
  costOptions,
  costsOf,
  costWords,
} from './cli-costs.ts'
import {
  bookOptions,
  type MarketOption,
  marketOptions,
  recordedData,
  RecordingFile,
  recordingFormat,
  recordingOptions,
  refuseOthers,
  syntheticMarket,
  syntheticOptions,
} from './cli-market.ts'
import { refusedWords, riskOf, riskOptions, riskWords } from './cli-risk.ts'
import { journalFormat, journalOptions, writeJournal } from './cli-journal.ts'
import { UsageError } from './cli-usage.ts'
import type { Failure, LogRow, Session, steady, strategyOf, strip } from '#session'

/** What the launcher gives the shell. */
export interface Installation {
  /** Folder of the package. */
  readonly root: string
  /** File with the engine as a script that leaves a `Realm` in a variable `engine`. */
  readonly engine: string
  readonly bundler: () => Promise<Bundler>
}

/** What the engine's script has. It runs in the realm of the strategy, so that both know the same classes. */
interface Realm {
  readonly outcry: typeof outcry
  readonly createRun: typeof createRun
  readonly random: typeof random
  readonly Session: typeof Session
  readonly steady: typeof steady
  readonly strategyOf: typeof strategyOf
  readonly strip: typeof strip
}

/** How the program ends: 0 when all went well, 2 when it was called wrongly, 3 when the strategy failed. */
const Exit = { DONE: 0, USAGE: 2, STRATEGY: 3 } as const

/** A strategy that does not compile or run; its lines say where and why. */
class StrategyFailure extends Error {}

/** Runs a command line and gives the exit code. */
export async function main(args: readonly string[], installation: Installation): Promise<number> {
  // Whoever reads may stop early, as `head` does; that is no error.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error
  })
  try {
    const [command, ...rest] = args
    if (command === '--version' || command === '-v') {
      const { version } = JSON.parse(readFileSync(join(installation.root, 'package.json'), 'utf8')) as {
        version: string
      }
      console.log(`outcry ${version}`)
    } else if (command === '--help' || command === '-h' || command === 'help') console.log(help)
    else if (command === 'run' && (rest.includes('--help') || rest.includes('-h'))) console.log(runHelp)
    else if (command === 'run') await run(rest, installation)
    else if (command === 'import' && (rest.includes('--help') || rest.includes('-h'))) console.log(importHelp)
    else if (command === 'import') await importFile(rest)
    else if (command === 'book' && (rest.includes('--help') || rest.includes('-h'))) console.log(bookHelp)
    else if (command === 'book') await book(rest)
    else if (command === undefined) throw new UsageError(`A command is missing.\n\n${help}`)
    else
      throw new UsageError(
        `There is no command '${command}'.${meant(command, ['run', 'import', 'book', '--help', '--version'])} outcry --help shows what there is.`,
      )
    return Exit.DONE
  } catch (error) {
    if (!(error instanceof UsageError || error instanceof StrategyFailure)) throw error
    console.error(error.message)
    return error instanceof UsageError ? Exit.USAGE : Exit.STRATEGY
  }
}

const help = `outcry: back-tests of trading strategies, the same as in the browser

  outcry run FILE.ts --data DATA   runs a strategy on prices and prints what it would have done
  outcry run --help                shows all options
  outcry import FILE               tells what a file of prices is and what is odd about it
  outcry import --help             shows all options
  outcry book FILE                 replays order-by-order messages on the order book
  outcry book -                    reads operations on the book, writes what happens
  outcry book --help               shows all options
  outcry --version`

/** Options of `outcry run` that take a value: what stands for it, and what it does. */
const options = {
  data: ['DATA', `prices or recorded orders: a file, or ${catalogue.map(({ id }) => id).join(', ')}`],
  symbol: ['NAME', "the instrument's name where the data have none, or the one to take"],
  cash: ['MONEY', 'cash at the start (10000)'],
  commission: ['FRACTION', 'of the value of each fill; 0.001 is 0.1 % (0.001)'],
  slippage: ['FRACTION', 'of the price that market and stop orders fill worse by (0)'],
  fill: ['RULE', 'next-open or same-close; the second is optimistic (next-open)'],
  leverage: ['MULTIPLE', 'gross exposure allowed, as a multiple of equity (1)'],
  seed: ['WHOLE', "seed of the strategy's Math.random, of the random walk and of a synthetic market (1)"],
  set: ['NAME=VALUE', 'an input of the strategy; may be given several times'],
  repair: ['NAME', 'what to do about odd rows of a file; may be given several times'],
} as const
type Option = keyof typeof options

/** What a file does not say, or says unclearly: options of `outcry import`, and of `outcry run` for its file. */
const fileOptions = {
  zone: ['ZONE', 'time zone of times that carry none, such as America/New_York'],
  'date-order': ['ORDER', 'dmy, mdy or ymd: what 01/02/2020 means'],
  epoch: ['UNIT', 's, ms, us or ns: what counts since 1970 count'],
  decimal: ['MARK', 'point or comma'],
  separator: ['MARK', 'comma, semicolon, tab, bar or space'],
  header: ['LINES', 'lines of the header, 0 for none'],
  scale: ['NUMBER', 'what prices are divided by'],
} as const
type FileOption = keyof typeof fileOptions

/** All that `outcry run` knows and that takes a value. */
const runOptions = {
  ...options,
  ...riskOptions,
  ...costOptions,
  ...fileOptions,
  ...marketOptions,
  ...journalOptions,
}

const optionLines = (all: Readonly<Record<string, readonly [string, string]>>) =>
  Object.entries(all)
    .map(([name, [value, text]]) => `  ${`--${name} ${value}`.padEnd(24)}${text}`)
    .join('\n')

const repairNames = {
  'skip-unreadable': 'go on without the rows that give no bar',
  'keep-first': 'of bars with the same time, keep the first',
  'keep-last': 'of bars with the same time, keep the last',
  'drop-impossible': 'leave out bars whose prices cannot be',
  sort: 'take the rows in the order of their times',
  'widen-range': 'set high and low so that they enclose open and close',
} as const
type RepairName = keyof typeof repairNames

const runHelp = `outcry run FILE.ts --data DATA [options]

${optionLines({ ...options, ...riskOptions, ...journalOptions })}
  ${'--json'.padEnd(24)}one JSON document instead of the report: times in milliseconds
                          UTC, undefined figures null, trades long or short; an open
                          trade has exitTime null and the last close as its exitPrice

Costs of other forms, which add up, and fills on bars:

${optionLines(costOptions)}

A file may be CSV in any of its ways, JSON or Parquet, packed or not; outcry import FILE
tells how it is read. A file that leaves something open, or has odd rows, is refused with
what to say about it; nothing is repaired unasked. What can be said:

${optionLines(fileOptions)}

and for --repair:

${Object.entries(repairNames)
  .map(([name, text]) => `  ${name.padEnd(24)}${text}`)
  .join('\n')}

For --data synthetic, a market that is made while the strategy runs on it, such as
outcry run FILE.ts --data synthetic --symbol ACME --preset volatile --seed 7:

${optionLines(syntheticOptions)}

A file may have recorded orders instead of prices: messages in the LOBSTER layout, or
operations as JSON lines as outcry book --help shows them, each with "time" in milliseconds
UTC or as an ISO text. The strategy's orders stand in the recorded queues; nobody reacts to
them. It is read while the run goes on and may be of any length:

${optionLines(recordingOptions)}

and for both:

${optionLines(bookOptions)}

What the strategy writes with console or this.log goes to the error stream.
Exit codes: 0 done, 2 wrong usage or data, 3 the strategy failed.

A strategy has the same clock, chance and names here as in the browser. In Node that
is no protection: run only strategies that you would run as a program of your own.`

const importHelp = `outcry import FILE [options]

Tells what a file of prices is, what its first and last bars are, and what is odd about
them. Nothing is changed.

  ${'--symbol NAME'.padEnd(24)}name of the instrument where the file has none, or the one to take
${optionLines(fileOptions)}
  ${'--calendar NAME'.padEnd(24)}${Object.values(calendars)
    .map(({ id }) => id)
    .join(', ')}: when it trades, for counting gaps
  ${'--json'.padEnd(24)}one JSON document instead: bars with t in milliseconds UTC`

interface Request {
  readonly file: string
  readonly data: string
  readonly symbol: string | undefined
  readonly reading: ImportOptions
  /** Every option as it was given. */
  readonly given: ReadonlyMap<string, string>
  readonly repairs: readonly RepairName[]
  readonly settings: Omit<RunSettings, 'inputs'>
  readonly set: readonly (readonly [name: string, value: string])[]
  readonly json: boolean
}

async function run(args: readonly string[], installation: Installation): Promise<void> {
  const request = parse(args)
  const risk = await riskOf(request.given.get('risk'))
  const journal = request.given.get('journal')
  if (journal !== undefined) journalFormat(journal)
  const source = readSource(request.file)
  const data = await readData(request, installation.root)
  const program = await compileStrategy(request.file, source, installation)
  const engine = readFileSync(installation.engine, 'utf8')
  const inputs =
    request.set.length > 0 ? inputsOf(request, declarationsOf(engine, program, data, request)) : {}
  const settings = { ...request.settings, ...(risk && { risk }), inputs }
  const record = await execute(engine, program, data, settings, (failure) =>
    tell(failure, request.file, source, program, data),
  )
  if (journal !== undefined) await writeJournal(journal, record, data)
  const result = report(record, data)
  const print = request.json ? json(request, data, record, result) : text(request, data, record, result)
  process.stdout.write(`${print}\n`)
}

// The command line

function parse(args: readonly string[]): Request {
  const files: string[] = []
  const given = new Map<keyof typeof runOptions, string>()
  const set: [string, string][] = []
  const repairs: RepairName[] = []
  let json = false
  for (let i = 0; i < args.length; i++) {
    const arg = args[i]!
    if (!/^-./.test(arg)) {
      files.push(arg)
      continue
    }
    const equals = arg.indexOf('=')
    const name = (equals < 0 ? arg : arg.slice(0, equals)).replace(/^--?/, '')
    if (arg === '--json') json = true
    else if (!arg.startsWith('--') || !Object.hasOwn(runOptions, name))
      throw new UsageError(
        `There is no option ${arg}.${meant(
          name,
          [...Object.keys(runOptions), 'json'].map((known) => `--${known}`),
        )} outcry run --help shows all.`,
      )
    else {
      const option = name as keyof typeof runOptions
      const value = equals < 0 ? args[++i] : arg.slice(equals + 1)
      if (value === undefined || value === '' || (equals < 0 && value.startsWith('--')))
        throw new UsageError(`--${option} needs a value: --${option} ${runOptions[option][0]}`)
      if (option === 'repair') {
        if (!Object.hasOwn(repairNames, value))
          throw new UsageError(
            `--repair is '${value}'; expected ${Object.keys(repairNames).join(', ')}.${meant(value, Object.keys(repairNames))}`,
          )
        repairs.push(value as RepairName)
      } else if (option === 'set') {
        const at = value.indexOf('=')
        if (at < 1)
          throw new UsageError(`--set is '${value}'; expected an input and its value, such as --set fast=5`)
        set.push([value.slice(0, at), value.slice(at + 1)])
      } else if (given.has(option)) throw new UsageError(`--${option} is given twice; give it once.`)
      else given.set(option, value)
    }
  }
  const [file] = files
  if (file === undefined) throw new UsageError('The strategy is missing: outcry run FILE.ts --data DATA')
  if (files.length > 1)
    throw new UsageError(
      `There are ${files.length} strategies: ${files.join(', ')}. Give one; options start with --.`,
    )
  const data = given.get('data')
  if (data === undefined)
    throw new UsageError(
      `--data is missing: give a file of prices or ${catalogue.map(({ id }) => id).join(', ')}, as in outcry run ${file} --data aapl`,
    )
  const number = (option: Option, otherwise: number, fits: (value: number) => boolean, expected: string) => {
    const value = given.get(option)
    if (value === undefined) return otherwise
    const parsed = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(value) ? Number(value) : NaN
    if (!fits(parsed)) throw new UsageError(`--${option} is '${value}'; expected ${expected}`)
    return parsed
  }
  const fraction = (value: number) => value >= 0 && value < 1
  const bars = barRulesOf(given)
  const fill = given.get('fill') ?? 'next-open'
  const rules: readonly FillRule[] = ['next-open', 'same-close']
  if (!rules.includes(fill as FillRule))
    throw new UsageError(`--fill is '${fill}'; expected ${rules.join(' or ')}.${meant(fill, rules)}`)
  return {
    file,
    data,
    symbol: given.get('symbol'),
    reading: readingOf(given),
    given,
    repairs,
    set,
    json,
    settings: {
      cash: number(
        'cash',
        10_000,
        (value) => value > 0 && value < Infinity,
        'an amount above zero, such as 10000',
      ),
      costs: {
        commission: number(
          'commission',
          0.001,
          fraction,
          'a fraction from 0 up to 1, such as 0.001 for 0.1 %',
        ),
        slippage: number('slippage', 0, fraction, 'a fraction from 0 up to 1, such as 0.0005 for 0.05 %'),
        ...costsOf(given),
      },
      fill: fill as FillRule,
      ...(bars === undefined ? {} : { bars }),
      leverage: number(
        'leverage',
        1,
        (value) => value > 0 && value <= 1000,
        'a number above 0, at most 1000',
      ),
      seed: number(
        'seed',
        1,
        (value) => Number.isInteger(value) && value >= 0 && value < 2 ** 32,
        'a whole number from 0 to 4294967295',
      ),
    },
  }
}

/** What the options say about a file. */
function readingOf(given: ReadonlyMap<string, string>): ImportOptions {
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
  return {
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

/** A question that names the candidate nearest to what was typed; empty when none is near. */
function meant(typed: string, candidates: readonly string[]): string {
  const plain = (name: string) => name.replace(/^-+/, '').toLowerCase()
  const ranked = candidates
    .map((name) => ({ name, apart: distance(plain(typed), plain(name)) }))
    .sort((a, b) => a.apart - b.apart)
  const [best] = ranked
  return best && best.apart <= Math.max(1, plain(best.name).length / 2.5) ? ` Did you mean ${best.name}?` : ''
}

/** The fewest letters to insert, remove, replace or swap with their neighbours (restricted Damerau and Levenshtein). */
function distance(a: string, b: string): number {
  const rows = [Array.from({ length: b.length + 1 }, (_, j) => j)]
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    for (let j = 1; j <= b.length; j++) {
      const replaced = rows[i - 1]![j - 1]! + Number(a[i - 1] !== b[j - 1])
      row.push(Math.min(rows[i - 1]![j]! + 1, row[j - 1]! + 1, replaced))
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        row[j] = Math.min(row[j]!, rows[i - 2]![j - 2]! + 1)
    }
    rows.push(row)
  }
  return rows[a.length]![b.length]!
}

// Prices

async function readData(request: Request, root: string): Promise<DataSet> {
  const { data: given, symbol, settings } = request
  if (given === 'synthetic') return syntheticMarket(request.given, settings.seed)
  if (!catalogue.some(({ id }) => id === given)) {
    const format = recordingFormat(given, request.given)
    if (format) return recordedData(given, format, request.given)
    refuseOthers(request.given, [], `${given}, which has no recorded orders in its first line`)
    return readFileData(request)
  }
  refuseOthers(request.given, [], `--data ${given}`)
  const read = async (file: string) => new Uint8Array(await readFile(join(root, 'node_modules', file)))
  const data = await bundledData(given, read, { seed: settings.seed })
  if (symbol === undefined) return data
  const instruments = data.instruments.filter(({ instrument }) => instrument.name === symbol)
  const names = data.instruments.map(({ instrument }) => instrument.name)
  if (instruments.length === 0)
    throw new UsageError(`--data ${given} has no instrument '${symbol}'; it has ${names.join(' and ')}.`)
  return { ...data, instruments }
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

/** What `outcry run` runs on: a file that is clear, or of which the user said what to do. */
async function readFileData({ data: path, reading, repairs }: Request): Promise<DataSet> {
  const result = await open(path, '--data', reading)
  const { inspect, sentence, repairs: known } = await loadImporter()
  const { layout } = result
  if (result.instruments.length === 0 || !layout)
    throw new UsageError(result.problems.map((problem) => `${path}: ${problem}`).join('\n'))
  const refusals: string[] = []
  let odd = false
  const steps: string[] = result.problems.map((problem) => `Not read: ${problem}`)
  const answers = { dateOrder: '--date-order', zone: '--zone', decimal: '--decimal', columns: '' }
  for (const { about, text, options } of result.questions)
    if (about === 'columns') steps.push(text)
    else if (about === 'zone') {
      // Bars come in the same order whatever the zone, so the run need not wait for the answer; it says what it took.
      steps.push('Its times carry no zone and were read as UTC; --zone says otherwise.')
    } else
      refusals.push(
        `${path}: ${text} Say it with ${options
          .slice(0, 3)
          .map(
            ({ value }) =>
              `${answers[about]} ${about === 'decimal' ? (value === ',' ? 'comma' : 'point') : value}`,
          )
          .join(' or ')}.`,
      )
  if (result.skippedCount > 0 && !repairs.includes('skip-unreadable')) {
    for (const { line, reason } of result.skipped.slice(0, 20)) refusals.push(`${path}:${line}: ${reason}`)
    if (result.skippedCount > 20) refusals.push(`and ${count(result.skippedCount - 20)} more.`)
    refusals.push('Mend these rows, or leave them out with --repair skip-unreadable.')
  } else if (result.skippedCount > 0)
    steps.push(`${count(result.skippedCount)} rows that give no bar were left out.`)
  const instruments = result.instruments.map((instrument) => {
    let table = instrument
    for (const name of repairs) {
      const repair = known[name]
      if (!repair) continue
      const { record, bars } = repair.apply(table)
      table = { ...table, bars }
      if (record.count > 0) steps.push(`${record.text}.`)
    }
    const quality = inspect(table)
    const newestFirst = layout.order.value === 'newest first'
    const mends: Partial<Record<Quality['findings'][number]['check'], string>> = {
      ...(newestFirst || repairs.includes('sort') ? {} : { outOfOrder: 'sort' }),
      duplicates: 'keep-first or --repair keep-last',
      nonPositivePrices: 'drop-impossible',
      highBelowLow: 'drop-impossible or --repair widen-range',
      outsideRange: 'drop-impossible or --repair widen-range',
    }
    for (const { check, text, count: found, examples } of quality.findings) {
      const mend = mends[check]
      if (mend === undefined) continue
      odd = true
      for (const { row, time, text } of examples)
        refusals.push(`${path}: bar ${count(row + 1)} of ${table.symbol}, ${instant(time * 1000)}: ${text}.`)
      if (found > examples.length) refusals.push(`and ${count(found - examples.length)} more.`)
      refusals.push(`${text}. Mend the file, or say --repair ${mend}.`)
    }
    steps.unshift(`${sentence(table, layout, quality)}.`)
    if (newestFirst) steps.push('Its rows run from newest to oldest and were read from the end.')
    const zone = layout.zone.value
    const { symbol, bars } = table
    // Repairs leave rows out, and what stands beside them no longer fits.
    const { adjustedClose } = bars === instrument.bars ? instrument : {}
    return {
      instrument: { name: symbol, ...(zone !== null && /^[A-Z]/.test(zone) ? { timeZone: zone } : {}) },
      bars,
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

async function importFile(args: readonly string[]): Promise<void> {
  const files: string[] = []
  const given = new Map<string, string>()
  let json = false
  const known = ['symbol', 'calendar', ...Object.keys(fileOptions)]
  for (let i = 0; i < args.length; i++) {
    const arg = args[i]!
    if (!/^-./.test(arg)) {
      files.push(arg)
      continue
    }
    const equals = arg.indexOf('=')
    const name = (equals < 0 ? arg : arg.slice(0, equals)).replace(/^--?/, '')
    if (arg === '--json') {
      json = true
      continue
    }
    if (!arg.startsWith('--') || !known.includes(name))
      throw new UsageError(
        `There is no option ${arg}.${meant(
          name,
          [...known, 'json'].map((other) => `--${other}`),
        )} outcry import --help shows all.`,
      )
    const value = equals < 0 ? args[++i] : arg.slice(equals + 1)
    if (value === undefined || value === '' || (equals < 0 && value.startsWith('--')))
      throw new UsageError(`--${name} needs a value.`)
    if (given.has(name)) throw new UsageError(`--${name} is given twice; give it once.`)
    given.set(name, value)
  }
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
  const result = await open(path, 'outcry import', readingOf(given))
  const { guesses, inspect, plainResult, sentence } = await loadImporter()
  const qualities = result.instruments.map((instrument) => inspect(instrument, calendar))
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

// The strategy

/** The strategy's file and, by their names relative to it, the files that it imports. */
function readSource(path: string): Source {
  if (!existsSync(path) || statSync(path).isDirectory())
    throw new UsageError(
      `There is no strategy ${resolve(path)}.${existsSync(`${path}.ts`) ? ` Did you mean ${path}.ts?` : ''}`,
    )
  const folder = dirname(resolve(path))
  const files: Record<string, string> = {}
  const add = (file: string) => {
    const name = relative(folder, file).replaceAll('\\', '/')
    if (Object.hasOwn(files, name)) return
    const code = readFileSync(file, 'utf8')
    files[name] = code
    for (const [, target] of code.matchAll(/(?:from|import)\s*['"](\.\.?\/[^'"]+)['"]/g)) {
      const found = ['', '.ts', '.js'].map((end) => resolve(dirname(file), target + end)).find(isFile)
      // What lies outside the strategy's folder is left out, and the compiler says that it is not there.
      if (found && !relative(folder, found).startsWith('..')) add(found)
    }
  }
  add(resolve(path))
  return { files, entry: basename(path) }
}

const isFile = (path: string) => existsSync(path) && statSync(path).isFile()

async function compileStrategy(path: string, source: Source, installation: Installation): Promise<Program> {
  const result = await compile(await installation.bundler(), source, Object.keys(outcry))
  for (const { file, line, column, message, severity } of result.diagnostics)
    if (result.ok) console.error(`${join(dirname(path), file)}:${line}:${column}: ${severity}: ${message}`)
  if (result.ok) return result.program
  throw new StrategyFailure(
    result.diagnostics.map(({ message, ...place }) => pointAt(path, source, place, message)).join('\n\n'),
  )
}

/** A message with its place, and the line of source it is about. */
function pointAt(path: string, source: Source, { file, line, column }: Position, message: string): string {
  const code = source.files[file]?.split('\n')[line - 1]
  const head = `${join(dirname(path), file)}:${line}:${column}: ${message}`
  if (code === undefined) return head
  const margin = `  ${line} | `
  const indent = code.slice(0, column - 1).replace(/[^\t]/g, ' ')
  return `${head}\n${margin}${code.trimEnd()}\n${' '.repeat(margin.length - 2)}| ${indent}^`
}

// The run

/** A realm with the engine in it, stripped and steadied as a browser's worker is. */
function createRealm(engine: string, sources: (realm: Realm) => Parameters<typeof steady>[1]) {
  const scope = createContext(constants.DONT_CONTEXTIFY, {
    codeGeneration: { strings: false, wasm: false },
  }) as Parameters<typeof steady>[0] & { TextEncoder: unknown; outcry: object }
  scope.TextEncoder = TextEncoder
  const realm = runInContext(`(() => {${engine}\nreturn engine})()`, scope, {
    filename: 'engine.js',
  }) as Realm
  realm.strip(scope)
  realm.steady(scope, sources(realm))
  scope.outcry = Object.freeze({ ...realm.outcry })
  /** The exports of a program; throws what the program throws. */
  const load = (program: Program): unknown => {
    runInContext(program.code, scope, { filename: 'strategy.js' })
    return runInContext('strategy', scope)
  }
  return { realm, load }
}

/** The inputs that a strategy declares; undefined where it fails on the way, which the run itself will tell. */
function declarationsOf(
  engine: string,
  program: Program,
  data: DataSet,
  { settings }: Request,
): readonly InputDeclaration[] | undefined {
  const quiet = { now: () => 0, random: () => 0.5, say: () => {} }
  const { realm, load } = createRealm(engine, () => quiet)
  try {
    const strategy = realm.strategyOf(load(program))
    return realm.createRun({ strategy, data, settings: { ...settings, inputs: {} } }).declarations
  } catch {
    return undefined
  }
}

/** The values of `--set`, read as the declarations say. */
function inputsOf(
  { set }: Request,
  declarations: readonly InputDeclaration[] | undefined,
): Record<string, InputValue> {
  const inputs: Record<string, InputValue> = {}
  if (declarations === undefined) return inputs
  const names = declarations.map(({ name }) => name)
  for (const [name, value] of set) {
    const declaration = declarations.find((other) => other.name === name)
    if (!declaration)
      throw new UsageError(
        `The strategy has no input '${name}'; it has ${names.join(', ') || 'none'}.${meant(name, names)}`,
      )
    const read: InputValue =
      declaration.kind === 'number' && value.trim() !== '' && Number.isFinite(Number(value))
        ? Number(value)
        : declaration.kind === 'boolean' && (value === 'true' || value === 'false')
          ? value === 'true'
          : value
    const problem = problemWith(declaration, read)
    if (problem) throw new UsageError(`--set ${name}=${value}: ${problem}.`)
    inputs[name] = read
  }
  return inputs
}

/** Runs the program; what it writes goes to the error stream. A failure is given to `fail`, which says it in words. */
async function execute(
  engine: string,
  program: Program,
  data: DataSet,
  settings: RunSettings,
  fail: (failure: Failure) => StrategyFailure,
): Promise<RunRecord> {
  let session: Session | undefined
  const { realm, load } = createRealm(engine, ({ random }) => {
    const chance = random(settings.seed)
    return {
      now: () => (session && session.time > 0 ? session.time / 1000 : 0),
      random: () => chance.next(),
      say: (level, values) => session?.say(level, values),
    }
  })
  const journal = new Journal()
  session = new realm.Session(
    (log) => realm.createRun({ strategy: realm.strategyOf(load(program)), data, settings, log }),
    {
      now: () => performance.now(),
      breathe: () => new Promise((resolve) => setImmediate(resolve)),
      onLog: (rows) => journal.add(rows),
    },
  )
  const reject = (reason: unknown) => session.reject(reason)
  process.on('unhandledRejection', reject)
  // Node ends without a word where nothing is left that could let a waiting handler go on.
  let idle = () => {}
  const stuck = new Promise<never>((_, refuse) => {
    idle = () =>
      refuse(
        new StrategyFailure(
          `The strategy waits for a promise that nothing will ever fulfil, ${session.bars > 0 ? `at bar ${count(session.bars)}, ${instant(session.time)}` : 'before the first bar'}.`,
        ),
      )
  })
  process.once('beforeExit', idle)
  try {
    return await Promise.race([session.run(), stuck])
  } catch (error) {
    const { failure } = error as { failure?: Failure }
    const file = data.recorded?.messages
    if (file instanceof RecordingFile && file.problem !== undefined)
      throw new UsageError(`${data.name}: ${file.problem}.`)
    throw failure ? fail(failure) : error
  } finally {
    journal.end()
    process.off('unhandledRejection', reject)
    process.off('beforeExit', idle)
  }
}

/** The run's log on the error stream. A row that may still be repeated waits for the next. */
class Journal {
  #last: LogRow | undefined

  add(rows: readonly LogRow[]): void {
    for (const row of rows) {
      if (this.#last && this.#last.index !== row.index) this.end()
      this.#last = row
    }
  }

  end(): void {
    if (!this.#last) return
    const { level, time, text, count } = this.#last
    console.error(
      `${Number.isNaN(time) ? 'start' : instant(time)} ${level} ${text}${count > 1 ? ` (${count} times)` : ''}`,
    )
    this.#last = undefined
  }
}

function tell(
  failure: Failure,
  path: string,
  source: Source,
  program: Program,
  data: DataSet,
): StrategyFailure {
  const { name, message, stack, handler, bar, time } = failure
  const total = shapeOf(data).bars
  const where =
    handler === 'promise'
      ? 'in a promise that nobody awaits'
      : handler === 'constructor' || handler === 'run'
        ? 'while the strategy was made'
        : `in ${handler}`
  const when =
    bar > 0 ? `, at bar ${count(bar)} of ${count(total)}, ${instant(time)}` : ', before the first bar'
  const position = locate(stack, program.map, 1)
  const text = `${name}: ${message}`
  const shown = position ? pointAt(path, source, position, text) : `${path}: ${text}`
  return new StrategyFailure(`${shown}\n${where}${when}`)
}

// What is printed

const instant = (time: number) =>
  new Date(time / 1000).toISOString().replace('T00:00:00.000Z', '').replace('.000Z', 'Z')
const count = (value: number) => value.toLocaleString('en-US')

function decimals(value: number, digits: number): string {
  if (Number.isNaN(value)) return '-'
  if (!Number.isFinite(value)) return value > 0 ? 'infinite' : '-infinite'
  // A value that rounds to zero has no sign.
  const rounded = Number(value.toFixed(digits)) === 0 ? 0 : value
  return rounded.toLocaleString('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits })
}

const money = (value: number) => decimals(value, 2)
const percent = (fraction: number) =>
  Number.isFinite(fraction) ? `${decimals(fraction * 100, 1)} %` : decimals(fraction, 0)

/** Rows of cells: the first column to the left, the others to the right. */
function table(rows: readonly (readonly string[])[]): string {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)))
  return rows
    .map((row) =>
      row
        .map((cell, column) => (column === 0 ? cell.padEnd(widths[0]!) : cell.padStart(widths[column]! + 3)))
        .join('')
        .trimEnd(),
    )
    .join('\n')
}

function text(request: Request, data: DataSet, record: RunRecord, result: Report): string {
  const { account, all, long, short } = result
  const { settings } = record
  const sides = (label: string, show: (metrics: TradeMetrics) => string) => [
    label,
    show(all),
    show(long),
    show(short),
  ]
  const first = record.equity.time[0]
  const last = record.equity.time.at(-1)
  const facts = (rows: readonly (readonly [string, string])[]) =>
    rows.map(([label, value]) => `${label.padEnd(10)}${value}`).join('\n')
  const inputs = Object.entries(record.inputs).map(([name, value]) => `${name} ${value}`)
  const refused = record.refusals.length
  return [
    `${basename(request.file)} on ${data.name}`,
    result.verdict,
    table([
      ['', 'strategy', 'buy and hold'],
      ['Return', percent(account.totalReturn), percent(account.buyAndHoldReturn)],
      ['Annual return', percent(account.annualReturn), percent(account.buyAndHoldAnnualReturn)],
      ['Largest drawdown', percent(account.maxDrawdown), percent(account.buyAndHoldMaxDrawdown)],
      ['Final equity', money(account.finalEquity), money(result.buyAndHold.at(-1) ?? NaN)],
      ['Longest drawdown', `${decimals(account.maxDrawdownDays, 0)} days`, ''],
      ['Volatility', percent(account.volatility), ''],
      ['Sharpe ratio', decimals(account.sharpe, 2), ''],
      ['Sortino ratio', decimals(account.sortino, 2), ''],
      ['Calmar ratio', decimals(account.calmar, 2), ''],
      ['Exposure', percent(account.exposure), ''],
      ['Turnover', decimals(account.turnover, 1), ''],
      ['Fees', money(account.fees), ''],
      ['Slippage', money(account.slippage), ''],
    ]),
    table([
      ['', 'all', 'long', 'short'],
      sides('Closed trades', (metrics) => count(metrics.trades)),
      sides('Open trades', (metrics) => count(metrics.openTrades)),
      sides('Winners', (metrics) => percent(metrics.winRate)),
      sides('Net profit', (metrics) => money(metrics.netProfit)),
      sides('Open profit', (metrics) => money(metrics.openProfit)),
      sides('Profit factor', (metrics) => decimals(metrics.profitFactor, 2)),
      sides('Average trade', (metrics) => money(metrics.averageTrade)),
      sides('Largest win', (metrics) => money(metrics.largestWin)),
      sides('Largest loss', (metrics) => money(metrics.largestLoss)),
      sides('Average bars', (metrics) => decimals(metrics.averageBars, 1)),
    ]),
    ...(refused > 0
      ? [
          `${refusedWords(record.refusals)}${refused === 1 ? ':' : '; the first:'} ${record.refusals[0]!.reason}`,
        ]
      : []),
    facts([
      [
        'Data',
        `${record.instruments.map(({ name }) => name).join(', ')}: ${count(record.bars)} ${record.bars === 1 ? 'bar' : 'bars'}` +
          (first === undefined || last === undefined ? '' : `, ${instant(first)} to ${instant(last)} UTC`),
      ],
      ['', data.provenance],
      [
        'Costs',
        makesBars(data)
          ? `${commissionWords(settings.costs)} of each fill unless the strategy sets its own; slippage is the book's`
          : costWords(settings.costs),
      ],
      [
        'Fills',
        data.synthetic
          ? 'on the order book, after a delay each way'
          : data.recorded
            ? 'among recorded orders, by place in the queue; nobody reacts to them, which is optimistic'
            : barFillWords(
                settings.fill,
                settings.bars,
                data.instruments.some(({ bars }) => bars.volume.some((volume) => volume > 0)),
              ),
      ],
      ...(riskWords(settings.risk) ? [['Risk', riskWords(settings.risk)!] as const] : []),
      [
        'Account',
        `${money(settings.cash)} at the start, leverage ${settings.leverage}, seed ${settings.seed}`,
      ],
      ['Inputs', inputs.join(', ') || 'none'],
      ['Engine', record.engine],
      ['Digest', record.digest],
    ]),
  ].join('\n\n')
}

/** The document of `--json`; figures that are undefined or infinite become null. */
function json(
  request: Request,
  data: DataSet,
  record: RunRecord,
  { account, all, trades, verdict }: Report,
): string {
  const { cash, costs, fill, bars, leverage, seed } = record.settings
  return JSON.stringify({
    engine: record.engine,
    settings: {
      strategy: basename(request.file),
      data: data.id,
      instruments: record.instruments.map(({ name }) => name),
      cash,
      ...costs,
      fill,
      ...bars,
      leverage,
      seed,
    },
    inputs: record.inputs,
    digest: record.digest,
    verdict,
    metrics: { ...all, ...account },
    trades: Array.from(trades.size, (size, row) => ({
      instrument: record.instruments[trades.instrument[row]!]!.name,
      side: trades.side[row]! > 0 ? 'long' : 'short',
      size,
      entryTime: trades.entryTime[row]! / 1000,
      exitTime: trades.exitTime[row]! / 1000,
      entryPrice: trades.entryPrice[row],
      exitPrice: trades.exitPrice[row],
      pnl: trades.pnl[row],
      fees: trades.fees[row],
    })),
    equity: {
      time: Array.from(record.equity.time, (time) => time / 1000),
      value: Array.from(record.equity.value),
    },
  })
}
