import { closeSync, existsSync, openSync, readFileSync, readSync, statSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { basename, dirname, join, relative, resolve } from 'node:path'
import { constants, createContext, runInContext } from 'node:vm'
import * as outcry from 'outcry'
import { type Report, report, type TradeMetrics } from '#analysis'
import { type Bundler, compile, locate, type Position, type Program, type Source } from '#compile'
import { bundledData, catalogue, CsvReader, type CsvResult, type DataSet } from '#data'
import type { createRun, FillRule, InputDeclaration, InputValue, RunRecord, RunSettings } from '#engine'
import type { random } from '#market'
import { problemWith } from '#strategy'
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

/** A call that cannot be carried out; its lines are for the person who typed it. */
class UsageError extends Error {}

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
    else if (command === undefined) throw new UsageError(`A command is missing.\n\n${help}`)
    else
      throw new UsageError(
        `There is no command '${command}'.${meant(command, ['run', '--help', '--version'])} outcry --help shows what there is.`,
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
  outcry --version`

/** Options of `outcry run` that take a value: what stands for it, and what it does. */
const options = {
  data: ['DATA', `prices: a CSV file, or ${catalogue.map(({ id }) => id).join(', ')}`],
  symbol: ['NAME', "the instrument's name in a CSV file, or the one to take of bundled data"],
  cash: ['MONEY', 'cash at the start (10000)'],
  commission: ['FRACTION', 'of the value of each fill; 0.001 is 0.1 % (0.001)'],
  slippage: ['FRACTION', 'of the price that market and stop orders fill worse by (0)'],
  fill: ['RULE', 'next-open or same-close; the second is optimistic (next-open)'],
  leverage: ['MULTIPLE', 'gross exposure allowed, as a multiple of equity (1)'],
  seed: ['WHOLE', "seed of the strategy's Math.random and of the random walk (1)"],
  set: ['NAME=VALUE', 'an input of the strategy; may be given several times'],
} as const
type Option = keyof typeof options

const runHelp = `outcry run FILE.ts --data DATA [options]

${Object.entries(options)
  .map(([name, [value, text]]) => `  ${`--${name} ${value}`.padEnd(24)}${text}`)
  .join('\n')}
  ${'--json'.padEnd(24)}one JSON document instead of the report: times in milliseconds
                          UTC, undefined figures null, trades long or short; an open
                          trade has exitTime null and the last close as its exitPrice

A CSV file has a header with date (or time or timestamp), open, high, low, close and
perhaps volume. Whatever is wrong with it is told by line; nothing is repaired.

What the strategy writes with console or this.log goes to the error stream.
Exit codes: 0 done, 2 wrong usage or data, 3 the strategy failed.

A strategy has the same clock, chance and names here as in the browser. In Node that
is no protection: run only strategies that you would run as a program of your own.`

interface Request {
  readonly file: string
  readonly data: string
  readonly symbol: string | undefined
  readonly settings: Omit<RunSettings, 'inputs'>
  readonly set: readonly (readonly [name: string, value: string])[]
  readonly json: boolean
}

async function run(args: readonly string[], installation: Installation): Promise<void> {
  const request = parse(args)
  const source = readSource(request.file)
  const data = await readData(request, installation.root)
  const program = await compileStrategy(request.file, source, installation)
  const engine = readFileSync(installation.engine, 'utf8')
  const inputs =
    request.set.length > 0 ? inputsOf(request, declarationsOf(engine, program, data, request)) : {}
  const record = await execute(engine, program, data, { ...request.settings, inputs }, (failure) =>
    tell(failure, request.file, source, program, data),
  )
  const result = report(record, data)
  const print = request.json ? json(request, data, record, result) : text(request, data, record, result)
  process.stdout.write(`${print}\n`)
}

// The command line

function parse(args: readonly string[]): Request {
  const files: string[] = []
  const given = new Map<Option, string>()
  const set: [string, string][] = []
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
    else if (!arg.startsWith('--') || !Object.hasOwn(options, name))
      throw new UsageError(
        `There is no option ${arg}.${meant(
          name,
          [...Object.keys(options), 'json'].map((known) => `--${known}`),
        )} outcry run --help shows all.`,
      )
    else {
      const option = name as Option
      const value = equals < 0 ? args[++i] : arg.slice(equals + 1)
      if (value === undefined || value === '' || (equals < 0 && value.startsWith('--')))
        throw new UsageError(`--${option} needs a value: --${option} ${options[option][0]}`)
      if (option === 'set') {
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
      `--data is missing: give a CSV file or ${catalogue.map(({ id }) => id).join(', ')}, as in outcry run ${file} --data aapl`,
    )
  const number = (option: Option, otherwise: number, fits: (value: number) => boolean, expected: string) => {
    const value = given.get(option)
    if (value === undefined) return otherwise
    const parsed = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(value) ? Number(value) : NaN
    if (!fits(parsed)) throw new UsageError(`--${option} is '${value}'; expected ${expected}`)
    return parsed
  }
  const fraction = (value: number) => value >= 0 && value < 1
  const fill = given.get('fill') ?? 'next-open'
  const rules: readonly FillRule[] = ['next-open', 'same-close']
  if (!rules.includes(fill as FillRule))
    throw new UsageError(`--fill is '${fill}'; expected ${rules.join(' or ')}.${meant(fill, rules)}`)
  return {
    file,
    data,
    symbol: given.get('symbol'),
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
      },
      fill: fill as FillRule,
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
  if (!catalogue.some(({ id }) => id === given)) return readCsv(given, symbol)
  const read = async (file: string) => new Uint8Array(await readFile(join(root, 'node_modules', file)))
  const data = await bundledData(given, read, { seed: settings.seed })
  if (symbol === undefined) return data
  const instruments = data.instruments.filter(({ instrument }) => instrument.name === symbol)
  const names = data.instruments.map(({ instrument }) => instrument.name)
  if (instruments.length === 0)
    throw new UsageError(`--data ${given} has no instrument '${symbol}'; it has ${names.join(' and ')}.`)
  return { ...data, instruments }
}

function readCsv(path: string, symbol: string | undefined): DataSet {
  if (!existsSync(path)) {
    const ids = catalogue.map(({ id }) => id)
    throw new UsageError(
      `There is no file ${resolve(path)}, and the bundled data are ${ids.join(', ')}.${meant(path, ids)}`,
    )
  }
  if (statSync(path).isDirectory()) throw new UsageError(`${path} is a folder; --data needs a CSV file.`)
  const name = basename(path).replace(/\.[^.]*$/, '')
  const reader = new CsvReader({ symbol: symbol ?? name.toUpperCase() })
  const file = openSync(path, 'r')
  const piece = new Uint8Array(1 << 18)
  for (let length; (length = readSync(file, piece)) > 0;) reader.push(piece.subarray(0, length))
  closeSync(file)
  const result: CsvResult = reader.end()
  if (!result.ok) {
    const lines = result.problems.map(({ line, reason }) => `${path}:${line}: ${reason}`)
    const more = result.total - result.problems.length
    if (more > 0) lines.push(`and ${more} more.`)
    throw new UsageError(lines.join('\n'))
  }
  return {
    id: basename(path),
    name: basename(path),
    provenance: ['From a file of yours.', ...result.notes].join(' '),
    instruments: [result.data],
  }
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
  try {
    return await session.run()
  } catch (error) {
    const { failure } = error as { failure?: Failure }
    throw failure ? fail(failure) : error
  } finally {
    journal.end()
    process.off('unhandledRejection', reject)
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
  const total = data.instruments.reduce((sum, { bars }) => sum + bars.time.length, 0)
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
/** A fraction of a cost or an input's own number, in as many digits as it has. */
const exact = (value: number) => String(Number((value * 100).toPrecision(12)))

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
  const { commission, slippage } = settings.costs
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
          `${count(refused)} ${refused === 1 ? 'order was' : 'orders were'} refused; the first: ${record.refusals[0]!.reason}`,
        ]
      : []),
    facts([
      [
        'Data',
        `${record.instruments.map(({ name }) => name).join(', ')}: ${count(record.bars)} ${record.bars === 1 ? 'bar' : 'bars'}` +
          (first === undefined || last === undefined ? '' : `, ${instant(first)} to ${instant(last)} UTC`),
      ],
      ['', data.provenance],
      ['Costs', `commission ${exact(commission)} %, slippage ${exact(slippage)} % of each fill`],
      ['Fills', fillWords[settings.fill]],
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

const fillWords: Readonly<Record<FillRule, string>> = {
  'next-open': "market orders fill at the next bar's open",
  'same-close': 'market orders fill at the close they were decided on: optimistic, nobody can act on it',
}

/** The document of `--json`; figures that are undefined or infinite become null. */
function json(
  request: Request,
  data: DataSet,
  record: RunRecord,
  { account, all, trades, verdict }: Report,
): string {
  const { cash, costs, fill, leverage, seed } = record.settings
  return JSON.stringify({
    engine: record.engine,
    settings: {
      strategy: basename(request.file),
      data: data.id,
      instruments: record.instruments.map(({ name }) => name),
      cash,
      ...costs,
      fill,
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
