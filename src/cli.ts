import { readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { catalogue, type DataSet } from '#data'
import type { FillRule, RunSettings } from '#engine'
import { book, bookHelp } from './cli-book.ts'
import { barRulesOf, costOptions, costsOf } from './cli-costs.ts'
import { journalFormat, journalOptions, JournalOfRun } from './cli-journal.ts'
import {
  bookOptions,
  marketOptions,
  recordingOptions,
  refuseOthers,
  syntheticMarket,
  syntheticOptions,
} from './cli-market.ts'
import {
  fileOptions,
  importFile,
  importHelp,
  readBundled,
  readFileData,
  type Reading,
  readingOf,
  type RepairName,
  repairNames,
} from './cli-prices.ts'
import { facts, factsHelp } from './cli-facts.ts'
import { moneyOf, moneyOptions, pricedIn } from './cli-money.ts'
import { readOptions } from './cli-options.ts'
import { cutAsAsked, rangeOptions } from './cli-range.ts'
import { differingRows, recordedAsAsked, recordedData, recordingFormat } from './cli-recorded.ts'
import { print } from './cli-report.ts'
import { riskOf, riskOptions } from './cli-risk.ts'
import {
  compileStrategy,
  declarationsOf,
  execute,
  inputsOf,
  type Installation,
  readSource,
  StrategyFailure,
} from './cli-strategy.ts'
import { UsageError } from './cli-usage.ts'
import { meant, optionLines, visible } from './cli-words.ts'

/** How the program ends: 0 when all went well, 2 when it was called wrongly, 3 when the strategy failed. */
const Exit = { DONE: 0, USAGE: 2, STRATEGY: 3 } as const

/** Runs a command line and gives the exit code. */
export async function main(args: readonly string[], installation: Installation): Promise<number> {
  // Whoever reads may stop early, as `head` does; that is no error.
  process.stdout.on('error', ({ code, message }: NodeJS.ErrnoException) => {
    if (code === 'EPIPE') return
    console.error(`Standard output cannot be written: ${message}`)
    process.exit(Exit.USAGE)
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
    else if (command === 'replay') {
      const { replayFile, replayHelp } = await import('./cli-replay.ts')
      if (rest.includes('--help') || rest.includes('-h')) console.log(replayHelp)
      else await replayFile(rest, installation.root)
    } else if (command === 'facts' && (rest.includes('--help') || rest.includes('-h'))) console.log(factsHelp)
    else if (command === 'facts') facts(rest)
    else if (command === 'config') console.log((await import('./cli-config.ts')).configurationHelp())
    else if (command === undefined) throw new UsageError(`A command is missing.\n\n${help}`)
    else
      throw new UsageError(
        `There is no command '${command}'.${meant(command, ['run', 'replay', 'import', 'book', 'facts', 'config', '--help', '--version'])} outcry --help shows what there is.`,
      )
    return Exit.DONE
  } catch (error) {
    const { syscall, path, message } = error as NodeJS.ErrnoException
    if (syscall !== undefined) {
      console.error(visible(`${path ?? 'Standard input'} cannot be read or written: ${message}`))
      return Exit.USAGE
    }
    if (!(error instanceof UsageError || error instanceof StrategyFailure)) throw error
    console.error(visible(error.message))
    return error instanceof UsageError ? Exit.USAGE : Exit.STRATEGY
  }
}

const help = `outcry: back-tests of trading strategies, the same as in the browser

  outcry run FILE.ts --data DATA   runs a strategy on prices and prints what it would have done
  outcry run --config FILE         runs what a JSON file tells
  outcry config                    shows all that such a file can have
  outcry run --help                shows all options
  outcry replay FILE.jsonl         performs a run again from its journal, without the strategy
  outcry import FILE               tells what a file of prices is and what is odd about it
  outcry import --help             shows all options
  outcry book FILE                 replays order-by-order messages on the order book
  outcry book -                    reads operations on the book, writes what happens
  outcry book --help               shows all options
  outcry facts [FILE]              holds a synthetic market, or recorded orders, against what is
                                   known of real ones
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
  config: ['FILE', 'a run as a JSON file tells it; other options go before what stands there'],
} as const
type Option = keyof typeof options

/** All that `outcry run` knows and that takes a value. */
const runOptions = {
  ...options,
  ...rangeOptions,
  ...riskOptions,
  ...costOptions,
  ...moneyOptions,
  ...fileOptions,
  ...marketOptions,
  ...journalOptions,
}

const runHelp = `outcry run FILE.ts --data DATA [options]
outcry run --config FILE [options]

${optionLines({ ...options, ...rangeOptions, ...riskOptions, ...journalOptions })}
  ${'--json'.padEnd(24)}one JSON document instead of the report: times in milliseconds
                          UTC, undefined figures null, trades long or short; an open
                          trade has exitTime null and the last close as its exitPrice

Costs of other forms, which add up, and fills on bars:

${optionLines(costOptions)}

Instruments in several currencies need a rate for each: a pair among them tells it at its
last price, or --rate says it for the whole run. Without it the run is refused:

${optionLines(moneyOptions)}

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

What the strategy writes with console or this.log goes to the error stream, up to 10,000
lines; a journal has as many of them, and 1,000,000 scheduled jobs. More is said to be left out.
Exit codes: 0 done, 2 wrong usage or data, 3 the strategy failed.

A strategy has the same clock, chance and names here as in the browser. In Node that
is no protection: run only strategies that you would run as a program of your own.`

/** What a command line asks of a run. */
export interface Request {
  /** The strategy; undefined where a configuration has them. */
  readonly file: string | undefined
  /** What to run on; undefined where a configuration says so. */
  readonly data: string | undefined
  readonly symbol: string | undefined
  readonly reading: Reading
  /** Every option as it was given. */
  readonly given: ReadonlyMap<string, string>
  readonly repairs: readonly RepairName[]
  readonly settings: Omit<RunSettings, 'inputs'>
  readonly set: readonly (readonly [name: string, value: string])[]
  readonly json: boolean
}

async function run(args: readonly string[], installation: Installation): Promise<void> {
  const request = parse(args)
  const { file, given, json, set } = request
  const journal = given.get('journal')
  if (journal !== undefined) journalFormat(journal)
  if (given.has('config')) {
    // What checks a file is needed only where there is one.
    const { runConfiguration } = await import('./cli-config.ts')
    return runConfiguration(request, installation)
  }
  const risk = await riskOf(given.get('risk'))
  const source = readSource(file!)
  const sets = [cutAsAsked(await readData(request, request.settings.seed, installation.root), given)]
  const program = await compileStrategy(file!, source, installation)
  const engine = readFileSync(installation.engine, 'utf8')
  const ground = { sets, settings: { ...request.settings, ...(risk && { risk }) } }
  const inputs = set.length > 0 ? inputsOf(set, declarationsOf(engine, program, ground)) : {}
  const written = journal === undefined ? undefined : new JournalOfRun(journal, sets, [basename(file!)])
  const record = await execute(engine, [{ file: file!, source, program, inputs }], ground, written)
  print({ strategies: [basename(file!)], sets, json }, record)
  for (const sentence of differingRows(sets)) console.error(sentence)
}

// The command line

function parse(args: readonly string[]): Request {
  const options = readOptions(args, runOptions, 'run', ['repair', 'set', 'rate'])
  const { files, several, json } = options
  const given = new Map<keyof typeof runOptions, string>(options.given)
  const repairs = several['repair']!.map((name) => {
    const names = Object.keys(repairNames)
    if (!Object.hasOwn(repairNames, name))
      throw new UsageError(`--repair is '${name}'; expected ${names.join(', ')}.${meant(name, names)}`)
    return name as RepairName
  })
  const set = several['set']!.map((value): [string, string] => {
    const at = value.indexOf('=')
    if (at < 1)
      throw new UsageError(`--set is '${value}'; expected an input and its value, such as --set fast=5`)
    return [value.slice(0, at), value.slice(at + 1)]
  })
  if (several['rate']!.length > 0) given.set('rate', several['rate']!.join(','))
  const [file] = files
  const configured = given.has('config')
  if (file === undefined && !configured)
    throw new UsageError('The strategy is missing: outcry run FILE.ts --data DATA, or --config FILE')
  if (files.length > 1)
    throw new UsageError(
      `There are ${files.length} strategies: ${files.join(', ')}. Give one; options start with --.`,
    )
  const data = given.get('data')
  if (data === undefined && !configured)
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
  const money = moneyOf(given)
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
      ...(money === undefined ? {} : { money }),
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

/** What `--data` names. */
export async function readData(request: Request, seed: number, root: string): Promise<DataSet> {
  const { symbol, reading, repairs } = request
  const given = request.data!
  const currency = pricedIn(request.given, given)
  if (given === 'synthetic') return syntheticMarket(request.given, seed)
  if (!catalogue.some(({ id }) => id === given)) {
    const format = recordingFormat(given, request.given)
    if (format) return recordedData(given, format, request.given)
    refuseOthers(request.given, [], `${given}, which has no recorded orders in its first line`)
    return readFileData({ data: given, reading, repairs, ...(currency && { currency }) })
  }
  const data = await readBundled(given, seed, root)
  if (data.recorded) return { ...data, recorded: recordedAsAsked(data.recorded, request.given, given) }
  refuseOthers(request.given, [], `--data ${given}`)
  if (symbol === undefined) return data
  const instruments = data.instruments.filter(({ instrument }) => instrument.name === symbol)
  const names = data.instruments.map(({ instrument }) => instrument.name)
  if (instruments.length === 0)
    throw new UsageError(`--data ${given} has no instrument '${symbol}'; it has ${names.join(' and ')}.`)
  return { ...data, instruments }
}
