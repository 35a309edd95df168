import { existsSync, readFileSync, statSync } from 'node:fs'
import { basename, dirname, isAbsolute, join, resolve } from 'node:path'
import { cutTo, type DataSet, syntheticData } from '#data'
import type { RunSettings } from '#engine'
import {
  below,
  type Configuration,
  configurationBounds,
  configurationFields,
  type ConfiguredExchange,
  type ConfiguredStrategy,
  exchangeNameOf,
  type FileInstrument,
  misfitSentence,
  overridesOf,
  parseConfiguration,
  rangeOf,
  sourceOfClass,
  specOf,
  Unreadable,
} from '#session'
import { problemWith } from '#strategy'
import { type Request, readData } from './cli.ts'
import { barRulesOf, costOptions, costsOf } from './cli-costs.ts'
import { JournalOfRun } from './cli-journal.ts'
import { marketOptions } from './cli-market.ts'
import { fileOptions, readBundled, readFileData, type RepairName, repairNames } from './cli-prices.ts'
import { moneyOf, moneyOptions } from './cli-money.ts'
import { cutAsAsked } from './cli-range.ts'
import { differingRows, recordedData, recordingFormat } from './cli-recorded.ts'
import { print } from './cli-report.ts'
import { riskOf } from './cli-risk.ts'
import {
  type AddedFile,
  compileStrategy,
  declarationsOf,
  execute,
  type Ground,
  inputsOf,
  type Installation,
  type Prepared,
  readSource,
  StrategyFailure,
} from './cli-strategy.ts'
import { UsageError } from './cli-usage.ts'
import { count, counted } from './cli-words.ts'

/** Every field of a configuration with its bounds, its default and its meaning. */
export function configurationHelp(): string {
  const fields = configurationFields().map(
    ({ path, takes, otherwise, meaning }) =>
      `${path}${otherwise === '' ? '' : otherwise === 'required' ? ' (required)' : ` (${otherwise})`}\n    ${takes}\n    ${meaning}`,
  )
  return `A configuration is a JSON file that outcry run --config FILE runs, with paths relative to it:

  {
    "configuration": 1,
    "exchanges": [{ "kind": "bundled", "data": "aapl" }],
    "strategies": [{ "file": "trend.ts", "inputs": { "period": 50 } }]
  }

${fields.join('\n')}`
}

/** Runs what a configuration tells, with whatever the command line says otherwise. */
export async function runConfiguration(request: Request, installation: Installation): Promise<void> {
  const { given, json, set } = request
  const path = given.get('config')!
  const configuration = readFile(request, path)
  const changed: string[] = []
  const settings = await settingsOf(request, configuration, changed)
  const [sets, strategies] = await together([
    () => setsOf(request, configuration, settings.seed, installation.root, changed),
    () => strategiesOf(request, configuration, installation, changed),
  ])
  const ground: Ground = { sets, settings }
  const engine = readFileSync(installation.engine, 'utf8')
  checkInputs(engine, strategies, ground, path)
  if (set.length > 0) {
    const [only] = strategies as [Prepared]
    if (strategies.length > 1)
      throw new UsageError(
        `--set does not say which of the ${strategies.length} strategies it is for; give inputs in ${path}, with each strategy.`,
      )
    const inputs = inputsOf(set, declarationsOf(engine, only.program, ground))
    strategies[0] = { ...only, inputs: { ...only.inputs, ...inputs } }
    for (const [name, value] of set)
      changed.push(`--set ${name}=${value} instead of ${before(only.inputs[name])}.`)
  }
  const journal = given.get('journal')
  const ownNames = strategies.map(({ name, file }) => name ?? basename(file))
  const written = journal === undefined ? undefined : new JournalOfRun(journal, sets, ownNames)
  const record = await execute(engine, strategies, ground, written)
  const names = record.strategies?.map(({ name }) => name) ?? ownNames
  print({ strategies: names, sets, overridden: changed, json }, record)
  for (const sentence of differingRows(sets)) console.error(sentence)
}

/**
 * Holds the inputs of a configuration against those that its strategies declare. What one declares that cannot be made, the
 * run will tell.
 *
 * @throws UsageError with every input that there is not, or that does not take its value
 */
function checkInputs(engine: string, strategies: readonly Prepared[], ground: Ground, path: string): void {
  const wrong = strategies.flatMap(({ program, inputs }, at) => {
    if (Object.keys(inputs).length === 0) return []
    const declarations = declarationsOf(engine, program, ground)
    if (!declarations) return []
    return Object.entries(inputs).flatMap(([name, value]) => {
      const where = `configuration.strategies[${at}].inputs`
      const declaration = declarations.find((other) => other.name === name)
      const problem = declaration && problemWith(declaration, value)
      if (problem) return [`${path}: ${where}: ${problem}.`]
      if (declaration) return []
      const known = declarations.map((other) => other.name)
      const expected =
        known.length > 0 ? 'an input that the strategy declares' : 'no inputs: the strategy declares none'
      return [`${path}: ${misfitSentence({ path: below(where, name), found: 'there', expected, known })}`]
    })
  })
  if (wrong.length > 0) throw new UsageError(wrong.join('\n'))
}

/** The data of the exchanges of a configuration. */
export function dataOfConfiguration(request: Request, root: string): Promise<readonly DataSet[]> {
  const configuration = readFile(request, request.given.get('config')!)
  return setsOf(request, configuration, request.settings.seed, root, [])
}

const before = (value: unknown) =>
  value === undefined ? 'nothing in the configuration' : `${JSON.stringify(value)} in the configuration`

function readFile({ file, given }: Request, path: string): Configuration {
  const size = statSync(path, { throwIfNoEntry: false })
  if (!size) throw new UsageError(`There is no configuration ${resolve(path)}.`)
  if (!size.isFile())
    throw new UsageError(
      `${path} is ${size.isDirectory() ? 'a folder' : 'a pipe or a device'}; expected the JSON file of a configuration.`,
    )
  // A letter takes up to four bytes.
  if (size.size > 4 * configurationBounds.length)
    throw new UsageError(
      `${path} has ${count(size.size)} bytes; a configuration has at most ${count(configurationBounds.length)} letters.`,
    )
  // What the command line has in its place is not looked for.
  const elsewhere = { exchanges: given.has('data'), strategies: file !== undefined }
  const insteadOf = (named: string, of: 'exchanges' | 'strategies') => {
    const at = resolve(dirname(path), named)
    const found = existsSync(at) ? statSync(at) : undefined
    if (elsewhere[of] || found?.isFile()) return undefined
    if (found) return `${at} is ${found.isDirectory() ? 'a folder' : 'a pipe or a device'}`
    return `${at} is not there${existsSync(`${at}.ts`) ? `, but ${named}.ts is` : ''}`
  }
  return readable(path, () => parseConfiguration(readFileSync(path, 'utf8'), { insteadOf }))
}

/** Findings of a configuration that are told; of so many the rest are only counted. */
const mostTold = 50

/** What a reader of the configuration gives; what it finds wrong is told with the path of the file. */
function readable<Value>(path: string, read: () => Value): Value {
  try {
    return read()
  } catch (error) {
    if (!(error instanceof Unreadable)) throw error
    const { misfits } = error
    const rest = misfits.length - mostTold
    throw new UsageError(
      [
        ...misfits.slice(0, mostTold).map((misfit) => `${path}: ${misfitSentence(misfit)}`),
        ...(rest > 0 ? [`${path}: and ${counted(rest, 'more finding')} of this kind.`] : []),
      ].join('\n'),
    )
  }
}

/** What several readers give, whose types stand in a list. */
type Together<Readers extends readonly (() => unknown)[]> = {
  -readonly [At in keyof Readers]: Awaited<ReturnType<Readers[At]>>
}

/**
 * What several readers give, one after the other.
 *
 * @throws UsageError with all that any of them has to say, a line or more of each
 */
async function together<const Readers extends readonly (() => unknown)[]>(
  readers: Readers,
): Promise<Together<Readers>> {
  const values: unknown[] = []
  const findings: (UsageError | StrategyFailure)[] = []
  for (const reader of readers)
    try {
      values.push(await reader())
    } catch (error) {
      if (!(error instanceof UsageError || error instanceof StrategyFailure)) throw error
      findings.push(error)
    }
  if (findings.length === 0) return values as Together<Readers>
  // What was called wrongly ends otherwise than a strategy that fails.
  const Kind = findings.some((error) => error instanceof UsageError) ? UsageError : StrategyFailure
  throw new Kind([...new Set(findings.map(({ message }) => message))].join('\n'))
}

/** The configuration's settings, with those of the command line in their place. */
async function settingsOf(
  { given, settings: asked }: Request,
  configuration: Configuration,
  changed: string[],
): Promise<Omit<RunSettings, 'inputs'>> {
  const { cash, costs, fill, bars, seed, leverage, tradingType, risk } = configuration
  const money = moneyOf(given, configuration.money)
  for (const option of Object.keys(moneyOptions))
    if (option !== 'priced-in' && given.has(option)) changed.push(`--${option} ${given.get(option)}.`)
  const instead = (option: string, value: unknown) =>
    void changed.push(`--${option} ${given.get(option)} instead of ${before(value)}.`)
  const otherwise = <Name extends 'cash' | 'fill' | 'seed' | 'leverage'>(
    name: Name,
    value: RunSettings[Name],
  ) => {
    if (!given.has(name)) return value
    instead(name, value)
    return asked[name] as RunSettings[Name]
  }
  const own = {
    cash: otherwise('cash', cash),
    fill: otherwise('fill', fill),
    seed: otherwise('seed', seed),
    leverage: otherwise('leverage', leverage),
  }
  for (const name of ['commission', 'slippage'] as const) if (given.has(name)) instead(name, costs[name])
  const otherCosts = costsOf(given)
  const otherBars = barRulesOf(given)
  for (const option of Object.keys(costOptions))
    if (given.has(option)) changed.push(`--${option} ${given.get(option)}.`)
  const rules = await riskOf(given.get('risk'))
  if (rules)
    changed.push(
      `The risk rules of ${given.get('risk')} instead of ${risk ? "the configuration's" : 'none'}.`,
    )
  const allBars = bars || otherBars ? { ...bars, ...otherBars } : undefined
  const allRules = rules ?? risk
  return {
    ...own,
    costs: {
      ...costs,
      ...(given.has('commission') ? { commission: asked.costs.commission } : {}),
      ...(given.has('slippage') ? { slippage: asked.costs.slippage } : {}),
      ...otherCosts,
    },
    ...(money && { money }),
    ...(allBars && { bars: allBars }),
    ...(tradingType && { tradingType }),
    ...(allRules && { risk: allRules }),
  }
}

/** The data of the exchanges: those of the configuration, or the one of the command line. */
async function setsOf(
  request: Request,
  { exchanges, range }: Configuration,
  seed: number,
  root: string,
  changed: string[],
): Promise<readonly DataSet[]> {
  const { given } = request
  let sets: DataSet[]
  if (given.has('data')) {
    changed.push(
      `--data ${given.get('data')} instead of ${exchanges.map(exchangeNameOf).join(' and ')} in the configuration.`,
    )
    sets = [await readData(request, seed, root)]
  } else {
    for (const option of [
      'symbol',
      'repair',
      'priced-in',
      ...Object.keys(fileOptions),
      ...Object.keys(marketOptions),
    ])
      if (given.has(option) || (option === 'repair' && request.repairs.length > 0))
        throw new UsageError(
          `--${option} is about data, and the configuration has those; give --data as well, or change it in ${given.get('config')}.`,
        )
    const folder = dirname(given.get('config')!)
    sets = await together(
      exchanges.map((exchange, at) => async (): Promise<DataSet> => {
        const data = await dataOf(exchange, `exchanges[${at}]`, folder, seed, root)
        // The one exchange of a run is untagged, as it is where no configuration is.
        return exchanges.length > 1 || exchange.name !== undefined
          ? { ...data, id: exchangeNameOf(exchange) }
          : data
      }),
    )
  }
  if (given.has('from') || given.has('to')) {
    const instead = [...Object.entries(range ?? {})].map(([end, time]) => `${end} ${time}`).join(' ')
    for (const end of ['from', 'to'])
      if (given.has(end))
        changed.push(`--${end} ${given.get(end)} instead of ${before(instead === '' ? undefined : instead)}.`)
    return sets.map((set) => cutAsAsked(set, given))
  }
  if (!range) return sets
  return sets.map((set) => {
    try {
      return cutTo(set, rangeOf(range))
    } catch (error) {
      if (error instanceof RangeError) throw new UsageError(`configuration.range: ${error.message}.`)
      throw error
    }
  })
}

/** The data of one exchange. Paths are relative to the configuration's folder. */
async function dataOf(
  exchange: ConfiguredExchange,
  where: string,
  folder: string,
  seed: number,
  root: string,
): Promise<DataSet> {
  if (exchange.kind === 'bundled') return readBundled(exchange.data, seed, root)
  if (exchange.kind === 'synthetic') return syntheticData({ seed, ...exchange.market })
  const path = resolve(folder, exchange.file)
  if (exchange.kind === 'file') {
    const { kind: _, name: __, file: ___, repair = [], imported, instruments, ...reading } = exchange
    const view = imported?.split('+').slice(1) ?? []
    const [repairs, others] = [
      view.filter((word) => Object.hasOwn(repairNames, word)),
      view.filter((word) => !Object.hasOwn(repairNames, word)),
    ]
    if (others.length > 0)
      throw new UsageError(
        `configuration.${where}.imported has ${others.join(' and ')}, which the page makes of the bars; the command line reads the file as it is. Leave imported out to run on that.`,
      )
    const data = await readFileData({
      data: path,
      reading: overridesOf(reading),
      repairs: [...repair, ...repairs] as readonly RepairName[],
      answer: (option, value) => answerOf(where, option, value),
    })
    return instruments ? toldOf(data, instruments, where) : data
  }
  const { orderbook, format, symbol, date, zone, tick, barSeconds, latency } = exchange
  const options = Object.entries({
    ...{ format, symbol, date, zone, tick, bar: barSeconds },
    orderbook: orderbook === undefined ? undefined : resolve(folder, orderbook),
    latency: latency === undefined ? undefined : latency / 1000,
  }).flatMap(([option, value]): [string, string][] => (value === undefined ? [] : [[option, String(value)]]))
  const given = new Map(options)
  const layout = recordingFormat(path, given)
  if (!layout)
    throw new UsageError(
      `configuration.${where}.file: ${path} has no recorded orders in its first line; for prices say "kind": "file".`,
    )
  return recordedData(path, layout, given)
}

/** The data of a file with those instruments that are told of, as they are told. */
function toldOf(data: DataSet, told: readonly FileInstrument[], where: string): DataSet {
  const names = data.instruments.map(({ instrument }) => instrument.name)
  return {
    ...data,
    instruments: told.map((one, at) => {
      const path = `configuration.${where}.instruments[${at}]`
      const place = told.length === 1 && names.length === 1 ? 0 : names.indexOf(one.name)
      const found = data.instruments[place]
      if (!found)
        throw new UsageError(
          `${path}.name is '${one.name}'; expected an instrument of the file: ${names.join(', ')}.`,
        )
      return { ...found, instrument: { ...found.instrument, ...specOf(one) } }
    }),
  }
}

/** How a configuration answers what a file of prices leaves open, in the place of an option of the command line. */
function answerOf(where: string, option: string, value?: string): string {
  if (option === 'bars' || option === 'rows')
    return `outcry run FILE.ts --data with --${option}${value === undefined ? '' : ` ${value}`}, as configurations are of bars only`
  const name = option.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase())
  const field = `"${name}"${value === undefined ? '' : `: ${option === 'repair' ? `["${value}"]` : `"${value}"`}`}`
  return `${field} in configuration.${where}`
}

/** The strategies: those of the configuration, or the file of the command line. */
async function strategiesOf(
  { file, given }: Request,
  { strategies }: Configuration,
  installation: Installation,
  changed: string[],
): Promise<Prepared[]> {
  const path = given.get('config')!
  if (file !== undefined) {
    changed.push(
      `${file} instead of the ${strategies.length === 1 ? 'strategy' : `${strategies.length} strategies`} of the configuration.`,
    )
    const source = readSource(file)
    const inputs = strategies.length === 1 ? (strategies[0]!.inputs ?? {}) : {}
    return [{ file, source, program: await compileStrategy(file, source, installation), inputs }]
  }
  return together(
    strategies.map((strategy, at) => async (): Promise<Prepared> => {
      const { name, inputs = {}, share } = strategy
      const { shown, source, added } = codeOf(strategy, `strategies[${at}]`, path)
      const program = await compileStrategy(shown, source, installation, added)
      return {
        file: shown,
        source,
        program,
        inputs,
        ...(name === undefined ? {} : { name }),
        ...(share === undefined ? {} : { share }),
        ...(added && { added }),
      }
    }),
  )
}

/** The code of a strategy, and the path that messages about it begin with. */
function codeOf(strategy: ConfiguredStrategy, where: string, path: string) {
  const { file, class: className } = strategy
  const shown =
    file === undefined
      ? join(path, strategy.source!.entry)
      : isAbsolute(file)
        ? file
        : join(dirname(path), file)
  const own = strategy.source ?? readSource(shown)
  const source = readable(path, () => sourceOfClass(own, className, where))
  const added: AddedFile | undefined =
    source.entry === own.entry
      ? undefined
      : {
          file: source.entry,
          complaint: `${path}: configuration.${where}.class is '${className}', which ${own.entry} does not export; expected a class that it exports.`,
        }
  return { shown, source, added }
}
