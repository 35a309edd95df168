import { catalogue, cutTo, type DataSet, legible, readRange, syntheticData } from '#data'
import {
  differencesOf,
  type FileLine,
  type JournalHead,
  JournalFileError,
  readJournal,
  replayJournal,
} from '#session'
import { readData, type Request } from './cli.ts'
import { linesOfFile } from './cli-journal.ts'
import { marketOptions } from './cli-market.ts'
import { fileOptions, readingOf, type RepairName, repairNames } from './cli-prices.ts'
import { readOptions } from './cli-options.ts'
import { cutAsAsked, rangeOptions } from './cli-range.ts'
import { print } from './cli-report.ts'
import { StrategyFailure } from './cli-strategy.ts'
import { UsageError } from './cli-usage.ts'
import { meant, optionLines } from './cli-words.ts'

/** Options of `outcry replay`: those of `outcry run` that are about data. */
const options = {
  data: ['DATA', 'what the run was on, where the journal does not say it all'],
  symbol: ['NAME', "the instrument's name where the data have none, or the one to take"],
  repair: ['NAME', 'what to do about odd rows of a file; may be given several times'],
  seed: ['WHOLE', 'seed of the random walk or of a synthetic market (that of the journal)'],
  'priced-in': ['CODE', "currency that the file's prices are in"],
  config: ['FILE', 'a configuration that has the data'],
  despite: ['WHAT', 'engine or data: goes on although that is another; may be given several times'],
  ...rangeOptions,
  ...fileOptions,
  ...marketOptions,
} as const

/** What `outcry replay --help` prints. */
export const replayHelp = `outcry replay FILE.jsonl [--data DATA] [options]

Performs a run again from the journal that outcry run --journal FILE.jsonl wrote, or that the
page gave, without the strategy's code. Every line of the file is held against what happens;
the first that says something else is told. Then the result is printed, as outcry run does.
Where the engine or the checksum of the data is another than the journal says, nothing is
performed, unless --despite says so.

Settings are those of the journal. The data are those that it names where they come with
the program or are made for the run; a file is given again, with the options that it was
read with:

${optionLines(options)}
  ${'--json'.padEnd(24)}one JSON document instead of the report

Exit codes: 0 the journal is that of a complete run, 2 it is not, or is cut, or wrong usage,
3 it is that of a run that stopped because the strategy failed.`

/** Performs the run of a journal again. */
export async function replayFile(args: readonly string[], root: string): Promise<void> {
  const {
    files,
    given: options_,
    several,
    json,
  } = readOptions(args, options, 'replay', ['repair', 'despite'])
  const [path] = files
  if (path === undefined) throw new UsageError('The journal is missing: outcry replay FILE.jsonl')
  if (files.length > 1)
    throw new UsageError(`There are ${files.length} journals: ${files.join(', ')}. Give one.`)
  if (path.endsWith('.parquet'))
    throw new UsageError(`${path} is a table for other programs; a journal is read back from JSON lines.`)
  const given = new Map<string, string>(options_)
  const told = await complaining(path, () => readJournal(linesOfFile(path)))
  const { head, end, journal, lines } = told
  const repairs = several['repair']!.map((name) => {
    const names = Object.keys(repairNames)
    if (!Object.hasOwn(repairNames, name))
      throw new UsageError(`--repair is '${name}'; expected ${names.join(', ')}.${meant(name, names)}`)
    return name as RepairName
  })
  const despite = several['despite']!
  for (const what of despite)
    if (what !== 'engine' && what !== 'data')
      throw new UsageError(
        `--despite is '${what}'; expected engine or data.${meant(what, ['engine', 'data'])}`,
      )
  const sets = await setsOf(path, head, given, repairs, root)
  const data = sets.length === 1 ? sets[0]! : sets
  const differences = differencesOf(told, data)
  const barred = new Set(differences.map((difference) => difference.of))
  for (const what of despite as readonly ('engine' | 'data')[]) barred.delete(what)
  if (barred.size > 0)
    throw new UsageError(
      [
        ...differences.map(({ sentence }) => legible(sentence)),
        `Nothing was performed. To see how far the journal holds nevertheless, say ${[...barred].map((what) => `--despite ${what}`).join(' ')}.`,
      ].join('\n'),
    )
  for (const { sentence } of differences) console.error(legible(sentence))
  const source: () => AsyncIterable<FileLine> = () => linesOfFile(path)
  const record = await complaining(path, () => replayJournal(told, data, source()))
  const names = head.strategies.map(
    ({ name }, at) => name ?? (at > 0 ? `strategy ${at + 1}` : 'the strategy'),
  )
  print({ strategies: names, sets, json }, record)
  if (!end)
    throw new UsageError(
      `${path} ends with line ${lines + 1} and without its end line: the run was ended from outside, or the file was cut. This is what it comes to up to move ${journal.moves} of the market.`,
    )
  if (end.end === 'stopped')
    throw new StrategyFailure(
      `The journal says that the strategy failed and the run stopped after move ${end.moves} of the market: this is what it comes to until then.`,
    )
  if (end.end === 'cut')
    throw new UsageError('The run was ended from outside: this is what it comes to until then.')
}

/** The data of the run: those that were given, or those that the journal names. */
async function setsOf(
  path: string,
  head: JournalHead,
  given: Map<string, string>,
  repairs: readonly RepairName[],
  root: string,
): Promise<readonly DataSet[]> {
  const { settings } = head
  const seed = Number(given.get('seed') ?? settings.seed)
  if (!(Number.isInteger(seed) && seed >= 0 && seed < 2 ** 32))
    throw new UsageError(`--seed is '${given.get('seed')}'; expected a whole number from 0 to 4294967295`)
  const request = (data: string | undefined): Request => ({
    file: undefined,
    data,
    symbol: given.get('symbol'),
    reading: readingOf(given),
    given,
    repairs,
    settings,
    set: [],
    json: false,
  })
  if (given.has('config')) {
    const { dataOfConfiguration } = await import('./cli-config.ts')
    return dataOfConfiguration(request(given.get('data')), root)
  }
  if (given.has('data')) return [cutAsAsked(await readData(request(given.get('data')), seed, root), given)]
  const [idle] = given.keys()
  if (idle !== undefined && head.data.every(({ synthetic }) => synthetic))
    throw new UsageError(
      `--${idle} says nothing of ${path}: its market is made as the journal says. Leave it out, or give --data synthetic with all that its market is made of.`,
    )
  const sets: DataSet[] = []
  for (const { id: whole, synthetic } of head.data) {
    const { id, range } = synthetic ? { id: whole } : readRange(whole)
    if (synthetic) {
      sets.push({ ...syntheticData(synthetic), id })
      continue
    }
    const known = catalogue.find((one) => one.id === id || id.startsWith(`${one.id}:`))
    if (!known || head.data.length > 1)
      throw new UsageError(
        head.data.length > 1
          ? `${path} is of a run on ${head.data.length} exchanges; give the configuration that has their data: --config FILE`
          : `${path} is of a run on '${legible(id)}', which does not come with the program; give it as it was given then: --data FILE`,
      )
    const named = Number(id.slice(known.id.length + 1))
    const data = await readData(request(known.id), id === known.id ? seed : named, root)
    sets.push(cutAsAsked(range ? cutTo(data, range) : data, given))
  }
  return sets
}

/** What a reader of the journal finds wrong is told with the path of the file. */
async function complaining<Value>(path: string, read: () => Promise<Value>): Promise<Value> {
  try {
    return await read()
  } catch (error) {
    if (error instanceof JournalFileError) throw new UsageError(`${path}: ${legible(error.message)}`)
    throw error
  }
}
