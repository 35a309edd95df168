import { statSync } from 'node:fs'
import { type StylisedFact, stylisedFacts, tooShort } from '#analysis'
import { type MarketRecording, recordFlow, recordMarket, worldOf } from '#exchange'
import { bookOptions, type Given, recordingOptions, syntheticMarket, syntheticOptions } from './cli-market.ts'
import { readOptions } from './cli-options.ts'
import { RecordingFile, recordedData, recordingFormat } from './cli-recorded.ts'
import { UsageError } from './cli-usage.ts'
import { decimals, optionLines, table } from './cli-words.ts'

/** What a market has to run for before its statistics settle. */
const usualMinutes = 240

const { minutes, ...others } = syntheticOptions
const synthetic = {
  ...others,
  minutes: [minutes[0], minutes[1].replace(/\(\d+\)/, `(${usualMinutes})`)],
  seed: ['NUMBER', 'the same seed makes the same market (1)'],
  tick: bookOptions.tick,
} as const
const recorded = {
  ...recordingOptions,
  zone: ['ZONE', 'time zone of the day of a LOBSTER file (America/New_York)'],
  tick: bookOptions.tick,
} as const

/** How `outcry facts` is called. */
export const factsHelp = `outcry facts [options]         holds a synthetic market against what is known of real ones
outcry facts FILE [options]    holds recorded orders against it

For a synthetic market:

${optionLines(synthetic)}

For recorded orders, packed or not:

${optionLines(recorded)}

and for both:

  --json                  one JSON document

Makes ${usualMinutes / 60} hours of a market without a strategy, unless --minutes says otherwise, or reads a file, and
measures the first instrument: tails and memory of returns, memory of volatility and of the signs of
orders, spread, depth and the impact of orders. Each figure stands beside the band in which real markets
lie. Some presets leave a band by what makes them: a flash crash is no ordinary day. After an opening
auction they begin a minute later, when the market has found its price. Figures of less than an hour
are chance for the most part, which is said.`

/**
 * Carries out `outcry facts`.
 *
 * @throws UsageError when it was called wrongly
 */
export function facts(args: readonly string[]): void {
  const { files, given, json } = readOptions(args, { ...synthetic, ...recorded }, 'facts')
  if (files.length > 1)
    throw new UsageError(`There are ${files.length} files: ${files.join(', ')}. Give one, or none.`)
  const [file] = files
  const recording = file === undefined ? made(given) : read(file, given)
  const found = stylisedFacts(recording)
  const warning = tooShort(recording)
  if (json) console.log(JSON.stringify(found))
  else print(found, warning === undefined)
  if (warning !== undefined) console.error(warning)
}

function made(given: Given): MarketRecording {
  for (const option of Object.keys(recorded))
    if (given.has(option) && !Object.hasOwn(synthetic, option))
      throw new UsageError(`--${option} is for a file of recorded orders: outcry facts FILE`)
  const { seed: _, ...options } = Object.fromEntries(given)
  const seed = given.get('seed') ?? '1'
  if (!/^\d{1,10}$/.test(seed))
    throw new UsageError(`--seed is '${seed}'; expected a whole number, such as 7`)
  const asked = new Map(Object.entries({ minutes: String(usualMinutes), ...options }))
  const { synthetic: request } = syntheticMarket(asked, Number(seed))
  return recordMarket(worldOf(request!))
}

function read(file: string, given: Given): MarketRecording {
  for (const option of Object.keys(synthetic))
    if (given.has(option) && !Object.hasOwn(recorded, option))
      throw new UsageError(
        `--${option} is for a synthetic market; ${file} is held against real ones as it is.`,
      )
  if (!statSync(file, { throwIfNoEntry: false })?.isFile())
    throw new UsageError(`There is no file ${file}; without one, facts holds a synthetic market.`)
  const format = recordingFormat(file, given)
  if (!format)
    throw new UsageError(
      `${file} has no recorded orders in its first lines; expected messages or operations as outcry book --help shows them.`,
    )
  const { recorded: flow } = recordedData(file, format, given)
  try {
    return recordFlow(flow!)
  } catch (error) {
    const { messages } = flow!
    if (messages instanceof RecordingFile && messages.problem !== undefined)
      throw new UsageError(messages.problem)
    throw error
  }
}

function print(found: readonly StylisedFact[], telling: boolean): void {
  const rows = found.map(({ name, value, band, passes }) => [
    name,
    decimals(value, 3),
    `${decimals(band[0], 3)} to ${decimals(band[1], 3)}`,
    !telling || Number.isNaN(value) ? 'cannot be told' : passes ? 'as real markets' : 'unlike them',
  ])
  console.log(table([['', 'found', 'real markets', ''], ...rows]))
  console.log('')
  for (const { name, measure } of found) console.log(`${name}: ${measure}.`)
}
